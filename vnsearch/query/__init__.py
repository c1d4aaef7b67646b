"""From the text a person typed to what the index is asked.

`parse` reads the query language into a tree (`vnsearch.query.ast`); `understand` weighs what its
words were meant to be by the index's own `Statistics`; `did_you_mean` and `complete` suggest.
"""

"""From the text a person typed to what the index is asked.

`parse` reads the query language into a tree (`vnsearch.query.ast`); `understand` weighs what its
words were meant to be by the index's own `Statistics`; `did_you_mean` and `complete` suggest.
"""

from vnsearch.query.parse import parse
from vnsearch.query.statistics import IndexStatistics, Statistics, TextStatistics
from vnsearch.query.suggest import Completion, complete, did_you_mean
from vnsearch.query.understand import Understanding, understand

__all__ = [
    "Completion",
    "IndexStatistics",
    "Statistics",
    "TextStatistics",
    "Understanding",
    "complete",
    "did_you_mean",
    "parse",
    "understand",
]

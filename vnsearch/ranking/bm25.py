"""The weights of the ranking recipe and the two formulas behind every score.

The recipe scores a document by its syllables, its words and its pairs of adjacent syllables::

    score(q, d) = syllables + word_weight * words + pair_weight * pairs

    each sum:  weight * information * (BM25's saturated frequency + lead_weight * lead)
    lead       = lead_length / (lead_length + tokens before the first occurrence)

The saturated frequency is Robertson's (Robertson & Zaragoza, "The Probabilistic Relevance
Framework: BM25 and Beyond", 2009). The information is Lucene's idf, which is never negative; that
of a syllable common in Vietnamese is at most what it would be with general texts in the collection
(`background_idf`); that of a pair is what it says beyond its rarer syllable,
idf(pair) - pair_overlap * idf(syllable).
docs/RANKING.md has the measurements.
"""

from __future__ import annotations

import math

from vnsearch.record import Record

__all__ = ["Parameters", "background_idf", "idf"]


class Parameters(Record, frozen=True):
    """What a caller may tune; the defaults won on held-out sets (docs/RANKING.md).

    ``k1`` (> 0) is how soon repetitions stop counting, ``b`` (0 to 1) how much long documents are
    discounted. ``word_weight`` and ``pair_weight`` (>= 0) weigh whole words and adjacent syllables
    against single syllables; ``pair_overlap`` (0 to 1) is the share of its rarer syllable's idf
    that a pair's is reduced by, ``near_pairs`` (0 to 1) what a pair counts whose syllables stand
    the other way round or with one between. Standing at the very beginning counts ``lead_weight``
    (>= 0; one occurrence in an average text counts 1), half of it after ``lead_length`` tokens (>
    0), and nothing where neither words nor pairs weigh. The best ``window`` documents by syllables
    (>= 1) are scored again with words, pairs and beginnings; of them, those after the first
    ``window_least`` (>= 1) only where they score over ``window_share`` (0 to 1) of what the very
    best does. ``unmarked_weight`` (0 to 1) is what
    an occurrence counts in a text written without marks when the query has them. ``fold_weight``
    weighs, for a query typed without marks, the spellings that restoration did not choose.
    ``background`` (>= 0) is how many general Vietnamese texts a syllable's idf takes into account
    for each document of the collection, which makes common syllables no rarer than they are in
    general.
    """

    k1: float = 0.9
    b: float = 0.9
    word_weight: float = 0.5
    pair_weight: float = 0.7
    pair_overlap: float = 0.75
    near_pairs: float = 0.3
    lead_weight: float = 0.5
    lead_length: float = 100.0
    window: int = 250
    window_least: int = 50
    window_share: float = 0.5
    unmarked_weight: float = 0.5
    fold_weight: float = 0.5
    background: float = 0.5

    def __post_init__(self) -> None:
        limits = {
            "k1": (1e-6, 100.0),
            "b": (0.0, 1.0),
            "word_weight": (0.0, 100.0),
            "pair_weight": (0.0, 100.0),
            "pair_overlap": (0.0, 1.0),
            "near_pairs": (0.0, 1.0),
            "lead_weight": (0.0, 100.0),
            "lead_length": (1e-6, 1e9),
            "window": (1, 100_000),
            "window_least": (1, 100_000),
            "window_share": (0.0, 1.0),
            "unmarked_weight": (0.0, 1.0),
            "fold_weight": (0.0, 100.0),
            "background": (0.0, 100.0),
        }
        for name, (low, high) in limits.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise TypeError(f"{name} takes a number, not {type(value).__name__}")
            if name in {"window", "window_least"} and not isinstance(value, int):
                raise TypeError(f"{name} takes a whole number, not {value!r}")
            if not low <= value <= high:
                raise ValueError(f"{name} must lie between {low:g} and {high:g}, not {value!r}")


def idf(df: float, doc_count: float) -> float:
    """Return ``ln(1 + (N - df + 1/2)/(df + 1/2))``, N documents of which ``df`` have the unit."""
    return math.log(1.0 + (doc_count - df + 0.5) / (df + 0.5))


def background_idf(df: int, doc_count: int, share: float, background: float) -> float:
    """Return the idf in the collection, or with other texts added where that is less.

    For each document there are ``background`` of these; ``share`` (0..1) of them have the unit, as
    `vnsearch.text.background` tells.
    """
    own = idf(df, doc_count)
    if not share or not background:
        return own
    texts = background * doc_count
    return min(own, idf(df + share * texts, doc_count + texts))

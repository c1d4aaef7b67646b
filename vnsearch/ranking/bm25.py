"""The weights of the ranking recipe and the two formulas behind every score.

The recipe scores a document by its syllables, its words and its pairs of adjacent syllables::

    score(q, d) = BM25_syllables + word_weight * BM25_words + pair_weight * BM25_pairs

Each BM25 is Robertson's (Robertson & Zaragoza, "The Probabilistic Relevance Framework: BM25 and
Beyond", 2009) with Lucene's idf, which is never negative; docs/RANKING.md has the measurements.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = ["Parameters", "idf", "rate"]


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a caller may tune; the defaults won on held-out sets (docs/RANKING.md).

    ``k1`` (> 0) is how soon repetitions stop counting, ``b`` (0 to 1) how much long documents are
    discounted. ``word_weight`` and ``pair_weight`` (>= 0) weigh whole words and adjacent
    syllables against single syllables. The best ``window`` documents by syllables (>= 1) are
    scored again with words and pairs. ``unmarked_weight`` (0 to 1) is what an occurrence counts
    in a text written without marks when the query has them. ``fold_weight`` weighs, for a query
    typed without marks, the spellings that restoration did not choose.
    """

    k1: float = 0.9
    b: float = 0.9
    word_weight: float = 0.5
    pair_weight: float = 0.5
    window: int = 300
    unmarked_weight: float = 0.5
    fold_weight: float = 0.5

    def __post_init__(self) -> None:
        limits = {
            "k1": (1e-6, 100.0),
            "b": (0.0, 1.0),
            "word_weight": (0.0, 100.0),
            "pair_weight": (0.0, 100.0),
            "window": (1, 100_000),
            "unmarked_weight": (0.0, 1.0),
            "fold_weight": (0.0, 100.0),
        }
        for name, (low, high) in limits.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise TypeError(f"{name} takes a number, not {type(value).__name__}")
            if not low <= value <= high:
                raise ValueError(f"{name} must lie between {low:g} and {high:g}, not {value!r}")


def idf(df: int, doc_count: int) -> float:
    """Return ``ln(1 + (N - df + 1/2)/(df + 1/2))``, N documents of which ``df`` have the unit."""
    return math.log(1.0 + (doc_count - df + 0.5) / (df + 0.5))


def rate(length: int, average: float, b: float) -> float:
    """Return what one occurrence counts in a text of ``length`` units: 1/(1 - b + b*len/avg)."""
    return 1.0 / (1.0 - b + b * length / average)

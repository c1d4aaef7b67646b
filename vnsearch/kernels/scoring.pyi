from array import array

from typing_extensions import Buffer

from vnsearch.kernels.postings import Cursor, Words

class Term:
    cursor: Cursor
    def __init__(
        self,
        cursor: Cursor,
        weight: float,
        rates: Buffer,
        drift: float = 1.0,
        shrink: float = 0.0,
        flat: bool = False,
    ) -> None:
        """Bind a posting list to its weight in the group and its field's rates ("d", per document).

        Block impacts were written with another average length: a rate is now at most ``drift``
        times (at least 1), and at least ``shrink`` times (at most 1) what it was. Both are 0 where
        the impacts say nothing (another b): then nothing is skipped. ``flat`` says that every
        document scores the same.
        """

class Group:
    size: int
    def __init__(self, terms: list[Term], weight: float) -> None: ...
    def rewind(self) -> None: ...

def flat_score(weight: float, k1: float) -> float:
    """Return what a group of this weight adds to a document where its term counts 1."""

def fill_rates(lengths: Words, less: int, average: float, b: float, out: array[float]) -> None: ...
def sum_counts(ordinals: Words, df: Words) -> int:
    """Return the sum of ``df[ordinal]``; `IndexCorruptError` for an ordinal that is not there."""

from array import array
from collections.abc import Sequence as _Sequence

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
        flat: bool = False,
    ) -> None:
        """Bind a posting list to its weight in the group and its field's rates ("d", per document).

        ``drift`` is how much larger a rate may be now than when the block impacts were written
        (the ratio of the average lengths, at least 1), or 0 where the impacts say nothing (other
        k1 or b): then nothing is skipped. ``flat`` says that every document scores the same.
        """

class Group:
    size: int
    def __init__(self, terms: list[Term], weight: float) -> None: ...
    def rewind(self) -> None: ...

class Search:
    def __init__(
        self,
        groups: list[Group],
        k1: float,
        doc_count: int,
        k: int,
        mask: bytes | bytearray | None = None,
        required: bool = False,
        prune: bool = True,
        floor: float = -1.0,
    ) -> None:
        """Prepare a pass over a segment of ``doc_count`` documents.

        Only documents with ``mask[doc] != 0`` are taken; with ``required``, only those that every
        group stands in. ``prune=False`` scores everything. Documents that do not score over
        ``floor`` are left out.
        """

    def top(self) -> tuple[list[int], list[float]]:
        """Return (documents, scores) of the best ``k``, best first, ties to the lower document."""

class Places:
    def __init__(self, cursors: list[Cursor]) -> None: ...

class Sequence:
    def __init__(
        self,
        places: list[Places],
        weight: float,
        rates: Buffer | None,
        joined: Words | None = None,
        bases: Words | None = None,
        slop: int = 0,
    ) -> None: ...

class Unit:
    def __init__(self, sequences: list[Sequence], weight: float) -> None: ...

class Rescorer:
    def __init__(self, groups: list[Group], units: list[Unit], k1: float) -> None: ...
    def rewind(self) -> None: ...
    def scores(self, docs: _Sequence[int], floor: float = -1.0) -> list[float]: ...
    def parts(self, doc: int) -> list[float]: ...

def phrase_postings(sequence: Sequence, limit: int) -> tuple[array[int], array[int]]: ...
def mark(cursors: _Sequence[Cursor], out: bytearray) -> None: ...
def mark_terms(
    cursor: Cursor, ordinals: Words, doc_offsets: Words, df: Words, out: bytearray
) -> None: ...
def intersect(cursor: Cursor, docs: Words) -> tuple[array[int], array[int]]:
    """Return (documents, frequencies) of the postings whose document is in ``docs`` (ascending)."""

def mask_docs(mask: bytes | bytearray) -> array[int]:
    """Return the documents whose byte in the mask is set."""

def combine(into: bytearray, other: bytes | bytearray, how: int) -> None: ...
def expand_bits(bits: Buffer, count: int, value_of_set: int) -> bytearray: ...
def mark_docs(docs: Words, out: bytearray) -> None: ...
def mark_range(
    values: Buffer, present: Buffer | None, low: float, high: float, out: bytearray
) -> None: ...
def fill_rates(lengths: Words, less: int, average: float, b: float, out: array[float]) -> None: ...

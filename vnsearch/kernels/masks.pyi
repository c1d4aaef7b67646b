from array import array
from collections.abc import Sequence

from typing_extensions import Buffer

from vnsearch.kernels.postings import Cursor, Words

def mark(cursors: Sequence[Cursor], out: bytearray) -> None: ...
def mark_terms(
    cursor: Cursor, ordinals: Words, doc_offsets: Words, df: Words, out: bytearray
) -> None: ...
def postings_among(cursor: Cursor, docs: Words) -> tuple[array[int], array[int]]:
    """Return (documents, frequencies) of the postings whose document is in ``docs`` (ascending)."""

def first_docs(
    cursor: Cursor,
    ordinals: Words,
    doc_offsets: Words,
    df: Words,
    k: int,
    mask: bytes | bytearray | None = None,
) -> array[int]:
    """Return the ``k`` lowest documents with any of the terms of these ordinals, ascending.

    ``cursor`` is one over any list of the field's streams. Documents whose byte in ``mask`` is 0
    are passed over.
    """

def docs_of(mask: bytes | bytearray) -> array[int]:
    """Return the documents whose byte in the mask is set."""

def intersect(mask: bytearray, other: bytes | bytearray) -> None: ...
def unite(mask: bytearray, other: bytes | bytearray) -> None: ...
def subtract(mask: bytearray, other: bytes | bytearray) -> None: ...
def expand_bits(bits: Buffer, count: int, value_of_set: int) -> bytearray: ...
def mark_docs(docs: Words, out: bytearray) -> None: ...
def mark_range(
    values: Buffer, present: Buffer | None, low: float, high: float, out: bytearray
) -> None: ...

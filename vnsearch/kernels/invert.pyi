from array import array
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from vnsearch.kernels.counts import CountTable

Numbers: TypeAlias = array[int] | memoryview[int]

def tally(
    tokens: Numbers, bases: Numbers, cf: array[int], df: array[int], lengths: array[int]
) -> None:
    """Count into ``cf`` and ``df`` ('I', by term number) and ``lengths`` ('I', by document)."""

def scatter(
    tokens: Numbers,
    bases: Numbers,
    ranks: Numbers,
    bounds: Numbers,
    place_bounds: Numbers,
    docs: Numbers,
    freqs: Numbers,
    occurrences: Numbers,
) -> int:
    """Sort the tokens by the rank ('I') of their term; return the number of adjacent pairs.

    Fills the postings (``docs``, ``freqs`` 'I'; rank r has ``bounds[r]:bounds[r+1]``) and, at
    ``place_bounds[r]:place_bounds[r+1]``, ``occurrences`` ('Q'): the position, and above it (<< 32)
    the rank of the token before (0xFFFFFFFF: none).
    """

def renumber(tokens: array[int], numbers: Numbers) -> None:
    """Replace every token ('i', none below 0) by ``numbers[token]`` ('i'), in place."""

def positions_of(occurrences: Numbers, start: int, stop: int) -> array[int]:
    """Return the positions ('I') of the occurrences from ``start`` to ``stop``."""

def pair_counts(
    bounds: Numbers, docs: Numbers, freqs: Numbers, occurrences: Numbers
) -> tuple[memoryview[int], memoryview[int]]:
    """Return (keys 'Q', documents 'I') of the ordered adjacent pairs (a, b): a * terms + b.

    ``occurrences`` is used up: what is returned lies in it if there is room.
    """

def union_counts(
    starts: Numbers, members: Numbers, bounds: Numbers, docs: Numbers, doc_count: int
) -> array[int]:
    """Return, per group ``members[starts[g]:starts[g+1]]``, the documents with any member."""

def hash_terms(terms: Iterable[bytes]) -> array[int]:
    """Return each term's 64-bit FNV-1a ('Q')."""

def word_key(hashes: Iterable[int]) -> int:
    """Return the 40-bit key of the word made of terms with these hashes."""

def word_documents(
    tables: list[CountTable], head: Sequence[str], lasts: Sequence[str]
) -> list[int]: ...
def word_counts(
    tokens: Numbers,
    joined: bytearray | memoryview[int],
    bases: Numbers,
    hashes: Numbers,
    word_lengths: array[int],
    memory: Numbers | None = None,
) -> tuple[memoryview[int], memoryview[int]]:
    """Return (keys 'Q', documents 'I') of the words; fill the lengths.

    What is returned lies in ``memory`` ('Q'), which is used up, if there is room.
    """

def plain_documents(tokens: Numbers, bases: Numbers, marked: bytearray) -> array[int]:
    """Return the documents ('I') with tokens, none of whose terms is ``marked`` (0 or 1 each)."""

def stray_joins(tokens: Numbers, joined: bytearray | memoryview[int], bases: Numbers) -> bool:
    """Return whether anything is ``joined`` that has no token before it, or is none."""

def pack_bits(flags: bytearray | memoryview[int]) -> array[int]:
    """Return the flags (one byte each, 0 or 1) as bits of an array of 'I', lowest bit first."""

def unpack_bits(words: Numbers, start: int, count: int) -> bytearray:
    """Return ``count`` bits from bit ``start`` on as flags, one byte each."""

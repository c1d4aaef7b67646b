from array import array
from collections.abc import Sequence
from typing import TypeAlias

from vnsearch.kernels.counts import CountsEncoder, CountTable

Numbers: TypeAlias = array[int] | memoryview[int]

class PostingSource:
    """The posting lists of one segment's field.

    The first five arguments are those of a text field; ``bases`` has one entry more than there are
    documents. ``ranks`` ('I') numbers the terms in the union, ``doc_map`` ('I') the documents in
    the merged segment (0xFFFFFFFF: deleted). ``file`` is named in errors.
    """

    def __init__(
        self,
        postings: Numbers,
        positions: Numbers,
        doc_offsets: Numbers,
        pos_offsets: Numbers,
        df: Numbers,
        bases: Numbers,
        ranks: Numbers,
        doc_map: Numbers,
        file: str,
    ) -> None: ...

def restore(
    source: PostingSource,
    wanted: bytearray,
    first: int,
    last: int,
    bases: Numbers,
    tokens: array[int],
) -> None:
    """Put the terms of documents back where they stand.

    Of the documents ``first`` to ``last`` those with ``wanted[doc - first]`` are put back: the
    ordinal of the term at position p of a document becomes ``tokens[bases[doc - first] + p]``.
    ``tokens`` has room for all positions of them. Raises `IndexCorruptError`.
    """

class PostingMerger:
    """Reads the lists of several sources side by side, in the order of the union's terms."""

    def __init__(self, sources: list[PostingSource], terms: int) -> None: ...
    def gather(
        self, limit: int
    ) -> tuple[array[int], array[int], array[int], array[int], memoryview[int], array[int]] | None:
        """Return (terms, bounds, docs, freqs, places, cf) of the next terms, None at the end.

        About ``limit`` positions are gathered; the arrays are overwritten by the next call.
        """

class CountSource:
    """The entries of one count table; ``sign`` -1 takes its counts away.

    With ``ranks`` (ordinal -> number in the union of ``new_terms`` terms) the keys are pairs.
    """

    def __init__(
        self, table: CountTable, sign: int = 1, ranks: Numbers | None = None, new_terms: int = 0
    ) -> None: ...

def merge_counts(
    sources: Sequence[CountSource], old_terms: int, kept: Numbers | None
) -> CountsEncoder:
    """Return the sums of the sources' entries, those of 0 left out.

    With ``kept`` (number in the union -> ordinal, or 0xFFFFFFFF for a term that is gone), keys are
    pairs ``a * old_terms + b`` and renumbered. Raises `IndexCorruptError` where sums cannot be.
    """

def copy_bits(source: Numbers, start: int, count: int, target: array[int], at: int) -> None:
    """Copy ``count`` bits from bit ``start`` of ``source`` to bit ``at`` of zeroed ``target``."""

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
    """Reads the lists of several sources side by side, in the order of the union's terms.

    ``kept`` ('I', 0xFFFFFFFF for each term of the union) gets the ordinals of those terms that some
    document still has.
    """

    def __init__(self, sources: list[PostingSource], kept: array[int]) -> None: ...
    def gather(
        self, limit: int
    ) -> (
        tuple[
            memoryview[int],
            array[int],
            array[int],
            memoryview[int],
            memoryview[int],
            memoryview[int],
        ]
        | None
    ):
        """Return (bounds, docs, freqs, places, cf, df) of the next kept terms, None at the end.

        About ``limit`` positions are gathered; the arrays are overwritten by the next call.
        """

class FoldMerger:
    """Gathers which terms have each fold key, and in how many documents one of them stands.

    ``itself`` ('I') is, of each fold key of the union, the number of the ASCII term that it is
    (0xFFFFFFFF: none) among ``terms``. ``file`` is named in errors.
    """

    def __init__(self, itself: Numbers, terms: int, file: str) -> None: ...
    def add(
        self,
        ranks: Numbers,
        df: Numbers,
        folds: Numbers,
        starts: Numbers,
        members: Numbers,
        counts: Numbers,
    ) -> None:
        """Add a segment's fold table, checked: its terms' numbers in the union and documents, its
        fold keys' numbers in theirs, and each key's ``members[starts[i]:starts[i+1]]`` and count.
        """

    def subtract(self, losses: Numbers) -> None:
        """Take away the documents ('I') of each fold key that are deleted."""

    def groups(self) -> tuple[array[int], array[int]]:
        """Return (starts, members): the numbers of the terms of each fold key, ascending."""

    def finish(self, kept: Numbers) -> tuple[array[int], array[int], array[int], array[int]]:
        """Return (fold keys, starts, members, documents): what the merged segment lists.

        Fold keys are numbers in the union; members are ordinals, by ``kept`` (see
        `PostingMerger`). Raises `IndexCorruptError` where documents do not add up.
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

from array import array
from typing import TypeAlias

Words: TypeAlias = array[int] | memoryview[int]

BLOCK_SIZE: int
PADDING_WORDS: int

class PostingsEncoder:
    def __init__(self, positions: bool = True) -> None: ...
    def add_terms(
        self,
        bounds: Words,
        docs: Words,
        freqs: Words,
        positions: Words,
        lengths: Words,
        average: float,
        doc_offsets: array[int],
        pos_offsets: array[int],
    ) -> None:
        """Append one posting list per term.

        Term ``t`` has the postings ``docs[bounds[t]:bounds[t+1]]`` (ascending, ``bounds`` holding
        one entry more than there are terms) with ``freqs`` beside them; ``positions`` holds every
        posting's positions (``freqs`` many, ascending), posting after posting from 0.
        ``lengths[doc]`` is the field's number of tokens in a document, ``average`` its mean.
        Where the list begins is written to ``doc_offsets[t]`` (in words) and ``pos_offsets[t]``
        (in bytes). All arrays are of type "I". Raises OverflowError past 2**32 words of postings,
        2**32 bytes of positions or 2**31 documents.
        """

    def take(self) -> tuple[memoryview[int], memoryview[int]]:
        """Return the bytes (postings, positions) added since the last call, without padding.

        Positions are filled up to a word. They are good until more is added.
        """

    def finish(self) -> tuple[array[int], array[int]]:
        """Return the streams (postings, positions), each padded by two words."""

class PostingLists:
    def __init__(
        self,
        postings: Words | None,
        positions: Words | None,
        doc_offsets: Words,
        pos_offsets: Words,
        df: Words,
        doc_count: int,
    ) -> None: ...
    def cursor(self, ordinal: int) -> Cursor:
        """Return a cursor over a term's postings; `IndexCorruptError` where there is none."""

class Cursor:
    df: int
    def __init__(
        self,
        postings: Words,
        positions: Words | None,
        doc_offset: int,
        pos_offset: int,
        df: int,
        doc_count: int,
    ) -> None: ...
    def rewind(self) -> None: ...
    def frequency(self, doc: int) -> int: ...
    def block_count(self) -> int: ...
    def block_last(self, block: int) -> int: ...
    def read_block(self, block: int) -> tuple[list[int], list[int]]: ...
    def read_positions(self) -> list[list[int]]: ...
    def decode(
        self, with_positions: bool = False
    ) -> tuple[array[int], array[int], array[int] | None]: ...

def listed_cursor(docs: Words, freqs: Words, doc_count: int) -> Cursor: ...
def lists_fit(doc_offsets: Words, pos_offsets: Words, df: Words, words: int, places: int) -> bool:
    """Return whether every list of a field has room of its own before the next one begins.

    ``words`` and ``places`` are the sizes of the two streams.
    """

def misstated_impact(lists: PostingLists, lengths: Words, average: float) -> int:
    """Return the first term with a block whose highest impact is not that of its postings, or -1.

    ``lengths`` and ``average`` are those that the lists were written with.
    """

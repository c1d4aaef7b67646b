from array import array
from collections.abc import Callable, Sequence
from typing import TypeVar

from vnsearch.kernels.postings import PostingLists

_Text = TypeVar("_Text", bound=Sentences)

class Wanted:
    def __init__(self) -> None: ...
    def add_term(self, number: int, weight: float) -> None: ...
    def add_phrase(self, slots: list[int | frozenset[int]], weight: float) -> None: ...
    def without(self, keys: set[int]) -> Wanted: ...

def line(
    text: str,
    passages: tuple[tuple[int, int], ...],
    marks: tuple[tuple[int, int], ...],
    cuts: tuple[tuple[bool, bool], ...],
    before: str,
    after: str,
    html: bool,
    terminal: bool,
) -> str: ...
def best_lines(
    texts: Sequence[_Text | None],
    wanted: Wanted,
    length: int,
    early: float,
    fit: Callable[[_Text, tuple[int, int, int, int], int], tuple[int, int]],
    before: str,
    after: str,
    html: bool,
    terminal: bool,
) -> list[str | None]:
    """Return the best passage of each text as a line with its marks (see `line`).

    None for no text, and where nothing matches. A passage longer than ``length`` is cut by ``fit``,
    called with the text, what `Matches.best` says, and ``length``.
    """

class Sentences:
    def __init__(
        self,
        text: str,
        numbers: array[int],
        starts: array[int],
        ends: array[int],
        cut: bool = True,
    ) -> None: ...
    def spans(self) -> list[tuple[int, int]]: ...
    def tokens_beside(self, token: int) -> tuple[int, int]: ...
    def cuts(self, start: int, end: int) -> tuple[bool, bool]: ...

def outline(text: str, starts: array[int]) -> bytes: ...

class Outline:
    """Where the sentences of a stored text are, before any of it is read.

    ``data`` is the text in UTF-8; ``stored`` begins with what `outline` returned of it. Raises
    ValueError where they do not fit each other.
    """

    def __init__(self, data: bytes, stored: bytes) -> None: ...
    def __len__(self) -> int: ...
    def tokens(self, first: int, stop: int) -> int: ...
    def stored_size(self) -> int: ...
    def span(self, first: int, stop: int) -> tuple[int, int]: ...

class Occurrences:
    """Where what is `Wanted` stands in documents of one field of a segment.

    Terms and phrases are added in the same order, by the ordinals of their terms in the field.
    """

    def __init__(self, lists: PostingLists) -> None: ...
    def add(self, slots: list[list[int]]) -> None: ...

def best_sentences(
    outline: Outline,
    wanted: Wanted,
    occurrences: Occurrences,
    doc: int,
    length: int,
    early: float,
    read_part: Callable[[int, int], Sentences],
) -> tuple[int, int] | None:
    """Return the first sentence of the best passage and the one after its last, by the outline.

    None where nothing of what is wanted stands in the document. ``read_part(first, stop)`` reads
    sentences where that is needed.

    Raises ValueError where the outline does not fit the text, and where only the text tells.
    """

class Matches:
    def __init__(self, read: Sentences, wanted: Wanted) -> None: ...
    def __len__(self) -> int: ...
    def keys(self, start: int, end: int) -> set[int]: ...
    def drop(self, start: int, end: int) -> None: ...
    def marks(self, start: int, end: int) -> list[tuple[int, int]]: ...
    def best(self, length: int, early: float) -> tuple[int, int, int, int]: ...
    def line(
        self, start: int, end: int, before: str, after: str, html: bool, terminal: bool
    ) -> str | None:
        """Return a passage as a line with its marks (see `line`), None if nothing in it matches."""

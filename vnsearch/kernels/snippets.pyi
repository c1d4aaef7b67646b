from array import array

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
def best_line(
    read: Sentences,
    wanted: Wanted,
    length: int,
    early: float,
    before: str,
    after: str,
    html: bool,
    terminal: bool,
) -> str | tuple[Matches, tuple[int, int, int, int]] | None:
    """Return the best passage of a text as a line with its marks (see `line`).

    Nothing matches: None. A passage longer than ``length``, which the caller cuts: the matches, and
    what `Matches.best` says.
    """

class Sentences:
    def __init__(
        self, text: str, numbers: array[int], starts: array[int], ends: array[int]
    ) -> None: ...
    def spans(self) -> list[tuple[int, int]]: ...
    def cuts(self, start: int, end: int) -> tuple[bool, bool]: ...

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

from array import array
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol, TypeVar

_Pair = TypeVar("_Pair", bound=tuple[Any, Any, float])
_Variant = TypeVar("_Variant", bound=tuple[Any, float, str])
_Position = TypeVar("_Position", bound=tuple[Any, ...])
_Change = TypeVar("_Change", bound=tuple[Any, ...])

def cased(typed: str, meant: str) -> str:
    """Return ``meant`` in the letter case of ``typed``: all capitals, a capital first, or none."""

class Channel:
    def __init__(
        self,
        tones: dict[str, tuple[str, int]],
        split: Callable[[str], tuple[str, int]],
        weights: list[list[float]],
        swap: float,
        mark: float,
    ) -> None: ...
    def slips(self, typed: str, meant: Iterable[str]) -> list[float]:
        """Return how readily ``typed`` is written for each of some spellings of the same fold."""

class Numbers:
    def __init__(self, values: array[float]) -> None: ...
    def __len__(self) -> int: ...
    def __getitem__(self, place: int) -> float: ...
    def above_zero(self) -> list[int]: ...

class Candidates:
    def __init__(
        self, unigram: array[float], following: array[float], kinds: array[float]
    ) -> None: ...

class Column(Protocol):
    @property
    def forms(self) -> tuple[tuple[Any, ...], ...]: ...
    @property
    def fold(self) -> str: ...

class Lattice:
    trust: list[float]
    fixed: list[bool]
    best: list[int]
    weights: list[float]
    def __init__(
        self,
        columns: list[Candidates],
        emissions: list[Numbers],
        counts: Numbers,
        typed: list[int],
        doubts: Sequence[float] | None = None,
        search_term: bool = False,
    ) -> None: ...
    def weigh(self, emissions: list[Numbers], doubts: Sequence[float] | None = None) -> None: ...
    def terms(self, typed: list[Any], columns: Sequence[Column]) -> list[Any]: ...
    def positions(
        self,
        words: Sequence[tuple[Any, int, int, Any, str, Any, Any]],
        columns: Sequence[Column],
        bare: list[bool],
        least: float,
        as_typed: float,
        sure: float,
        variant: type[_Variant],
        position: type[_Position],
    ) -> tuple[tuple[_Position, ...], bool]: ...
    def neighbours(
        self, least: float, terms: list[Any], columns: Sequence[Column], kind: type[_Pair]
    ) -> tuple[tuple[_Pair, ...], ...]: ...
    def changes(
        self,
        query: str,
        tokens: tuple[tuple[str, int, int, Any], ...],
        words: Sequence[tuple[Any, int, int, Any, str, Any, Any]],
        terms: list[str],
        bare: list[bool],
        misplaced: set[int],
        change: type[_Change],
    ) -> list[_Change]: ...

from array import array
from collections.abc import Sequence
from typing import Any, TypeVar

_Pair = TypeVar("_Pair", bound=tuple[Any, Any, float])

class Numbers:
    def __init__(self, values: array[float]) -> None: ...
    def __len__(self) -> int: ...
    def __getitem__(self, place: int) -> float: ...
    def above_zero(self) -> list[int]: ...

class Candidates:
    def __init__(
        self, unigram: array[float], following: array[float], kinds: array[float]
    ) -> None: ...

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
    def spellings(self, least: float) -> list[list[tuple[float, int]] | None]: ...
    def neighbours(
        self,
        least: float,
        terms: list[Any],
        forms: Sequence[tuple[tuple[Any, ...], ...]],
        kind: type[_Pair],
    ) -> tuple[tuple[_Pair, ...], ...]: ...

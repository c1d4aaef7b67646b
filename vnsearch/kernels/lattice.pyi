from array import array
from collections.abc import Sequence

from vnsearch.kernels.counts import CountTable

def add_pairs(
    table: CountTable,
    terms: int,
    left: array[int],
    right: array[int],
    places: array[int],
    counts: array[float],
) -> None: ...

class Candidates:
    def __init__(
        self, unigram: array[float], following: array[float], kinds: array[float]
    ) -> None: ...

class Lattice:
    trust: list[float]
    fixed: list[bool]
    best: list[int]
    def __init__(
        self,
        columns: list[Candidates],
        emissions: list[array[float]],
        counts: list[array[float]],
        typed: list[int],
        doubts: Sequence[float] | None = None,
    ) -> None: ...
    def weight(self, i: int, place: int) -> float: ...
    def spellings(self, i: int, least: float) -> list[tuple[float, int]]: ...
    def neighbours(self, i: int, least: float) -> list[tuple[float, int, int]]: ...

from array import array

from vnsearch.kernels.counts import CountTable
from vnsearch.kernels.lattice import Numbers
from vnsearch.kernels.postings import Words

class PairRows:
    def __init__(
        self, table: CountTable, terms: int, folds: tuple[Words, Words] | None = None
    ) -> None: ...
    def summary(self, a: int) -> tuple[int, int]: ...

class Places:
    kinds: array[float]
    following: array[float]
    def __init__(
        self, terms: list[list[int]], fields: list[PairRows], last: bool = False
    ) -> None: ...

def counts_after(fields: list[PairRows], left: list[int], rights: list[list[int]]) -> list[int]: ...
def pair_counts(fields: list[PairRows], columns: list[Places]) -> Numbers: ...
def documents_together(field: PairRows, lefts: list[int], rights: list[int]) -> int: ...

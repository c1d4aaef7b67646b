from array import array

from vnsearch.kernels.counts import CountTable
from vnsearch.kernels.lattice import Numbers

class PairRows:
    def __init__(self, table: CountTable, terms: int) -> None: ...
    def summary(self, a: int) -> tuple[int, int]: ...

class Places:
    kinds: array[float]
    following: array[float]
    def __init__(self, terms: list[list[int]], fields: list[PairRows]) -> None: ...

def counts_after(
    fields: list[PairRows], left: list[int], rights: list[list[int]]
) -> list[int]: ...
def pair_counts(fields: list[PairRows], columns: list[Places]) -> Numbers: ...

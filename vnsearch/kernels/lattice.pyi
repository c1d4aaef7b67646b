from array import array

from vnsearch.kernels.counts import CountTable

def add_pairs(
    table: CountTable,
    terms: int,
    left: array[int],
    right: array[int],
    places: array[int],
    counts: array[float],
) -> None: ...
def solve(
    sizes: array[int],
    emission: array[float],
    unigram: array[float],
    following: array[float],
    kinds: array[float],
    pairs: array[float],
    posterior: array[float],
    joint: array[float],
    path: array[int],
    work: array[float],
) -> None: ...

from array import array

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

from array import array

def find_terms(
    numbers: array[int], starts: array[int], ends: array[int], wanted: dict[int, int]
) -> tuple[array[int], array[int], array[int], array[int]]: ...
def sentence_bounds(text: str) -> tuple[array[int], array[int]]: ...
def best_passage(
    text: str,
    sentence_starts: array[int],
    sentence_ends: array[int],
    starts: array[int],
    ends: array[int],
    firsts: array[int],
    lasts: array[int],
    keys: array[int],
    weights: array[float],
    seen: array[int],
    length: int,
    early: float,
) -> tuple[int, int, int, int]: ...

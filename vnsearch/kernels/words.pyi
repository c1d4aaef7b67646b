from array import array
from collections.abc import Collection

def hash_set(keys: Collection[int]) -> array[int]: ...
def decode(
    forms: array[int],
    flags: bytearray,
    count: int,
    state: memoryview[float] | array[float],
    shared: memoryview[float] | array[float],
    pairs: memoryview[int] | array[int],
    triples: memoryview[int] | array[int],
    labels: bytearray,
) -> None: ...

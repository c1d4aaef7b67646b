from array import array
from typing import Final

LAST: Final = 0x7FFFFFFFFFFFFFFF

def count_ordinals(
    docs: array[int],
    ordinals: memoryview[int],
    starts: memoryview[int] | None,
    counts: array[int],
) -> bool: ...
def first_ordinals(
    docs: array[int], ordinals: memoryview[int], starts: memoryview[int] | None, size: int
) -> array[int] | None: ...
def gather(
    docs: array[int], values: memoryview[int], present: memoryview[int] | None
) -> array[int]: ...
def order_keys(
    docs: array[int], values: memoryview[int], present: memoryview[int] | None, floats: bool
) -> array[int]: ...
def reverse(keys: array[int]) -> None: ...
def first_places(columns: list[array[int]], count: int) -> list[int]: ...

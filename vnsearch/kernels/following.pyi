from array import array
from typing import TypeAlias

from vnsearch.kernels.counts import CountTable

Numbers: TypeAlias = array[int] | memoryview[int]

def most_documents(
    df: Numbers, members: Numbers, low: int, high: int, room: int
) -> list[tuple[int, int]]: ...
def mark_members(mask: bytearray, members: Numbers, low: int, high: int) -> None: ...
def best_followers(
    table: CountTable, df: Numbers, term: int, mask: bytes | bytearray | None, room: int
) -> list[tuple[int, int, int]]: ...

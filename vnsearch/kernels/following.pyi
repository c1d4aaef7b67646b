from array import array
from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar

from vnsearch.kernels.counts import CountTable
from vnsearch.kernels.postings import PostingLists

Numbers: TypeAlias = array[int] | memoryview[int]
_Follower = TypeVar("_Follower", bound=tuple[Any, ...])

def most_documents(
    df: Numbers, members: Numbers, low: int, high: int, room: int
) -> list[tuple[int, int]]: ...
def mark_members(mask: bytearray, members: Numbers, low: int, high: int) -> None: ...
def best_followers(
    table: CountTable, df: Numbers, term: int, mask: bytes | bytearray | None, room: int
) -> list[tuple[int, int, int]]: ...
def followers(
    best: list[tuple[int, int, int]],
    texts: dict[int, str],
    read: Callable[[list[int]], dict[int, str]],
    kind: type[_Follower],
) -> list[_Follower]: ...

class Trail:
    @property
    def documents(self) -> int: ...
    def places(self) -> list[tuple[int, int]]: ...
    def go_on(self, lists: PostingLists, ordinals: list[int]) -> list[Trail]: ...
    def reaches(self, lists: PostingLists, ordinals: list[int]) -> bool: ...

def trail_of(lists: PostingLists, first: int, second: int, room: int, patience: int) -> Trail: ...

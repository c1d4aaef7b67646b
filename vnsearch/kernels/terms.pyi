from array import array
from collections.abc import Iterable, Sequence
from typing import TypeVar

_Form = TypeVar("_Form", bound=tuple[str, int, int])

def encode_terms(terms: Iterable[bytes]) -> tuple[bytearray, array[int]]:
    """Return (blob, block offsets 'I') of sorted, distinct byte strings.

    Raises ValueError where they are not, or one is longer than 64 KiB.
    """

class TermList:
    """Reads what `encode_terms` wrote: ``blob`` 'B', ``offsets`` 'I', ``count`` strings.

    ``file`` and ``origin`` (the blob's offset in it) are named by the `IndexCorruptError` raised
    where a length or an offset cannot be.
    """

    def __init__(
        self,
        blob: memoryview[int] | bytearray,
        offsets: memoryview[int] | array[int],
        count: int,
        file: str = "",
        origin: int = 0,
    ) -> None: ...
    def __len__(self) -> int: ...
    def find(self, key: bytes) -> int:
        """Return the ordinal of ``key``, or -1."""

    def find_all(self, keys: Sequence[bytes]) -> array[int]:
        """Return the ordinals ('q') of ascending keys, -1 for those that are not there."""

    def lower_bound(self, key: bytes) -> int:
        """Return the ordinal of the first string >= ``key``, or the number of strings."""

    def get(self, ordinal: int) -> bytes:
        """Return one string; raises IndexError for an ordinal out of range."""

    def get_all(self, ordinals: Sequence[int]) -> list[bytes]:
        """Return the strings of some ordinals; raises IndexError for one out of range."""

    def slice(self, start: int, stop: int) -> list[bytes]:
        """Return the strings of ordinals ``start`` to ``stop``, in order."""

class FoldTable:
    def __init__(
        self,
        terms: TermList,
        folds: TermList,
        starts: memoryview[int] | array[int],
        members: memoryview[int] | array[int],
        documents: memoryview[int] | array[int],
        df: memoryview[int] | array[int],
        cf: memoryview[int] | array[int],
    ) -> None: ...
    def find(self, key: bytes) -> tuple[list[int], int]: ...
    def spellings(self, key: bytes) -> tuple[tuple[str, int, int, int], ...]: ...

def gather(
    fields: list[tuple[tuple[str, int, int, int], ...]], kind: type[_Form]
) -> tuple[list[_Form], dict[str, list[int]]]: ...
def union(lists: Sequence[TermList]) -> tuple[list[bytes], list[array[int]]]:
    """Return (the distinct strings of several lists in order, each list's places in them ('I')).

    Raises `IndexCorruptError` where a list does not ascend.
    """

def ascii_places(strings: Sequence[bytes], among: list[bytes]) -> array[int]:
    """Return the places ('I') of ascending strings among other ascending ones.

    A string that is not there, or not ASCII, has the place 0xFFFFFFFF.
    """

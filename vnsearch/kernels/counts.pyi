from array import array
from collections.abc import Iterable
from typing import TypeAlias

Numbers: TypeAlias = array[int] | memoryview[int]

class CountsEncoder:
    entries: int
    def extend(self, keys: Numbers, counts: Numbers) -> None:
        """Append entries: ascending ``keys`` ('Q'), ``counts`` ('I') of at least 1."""

    def finish(self) -> tuple[array[int], array[int], array[int]]:
        """Return (words 'I', keys 'Q', starts 'Q'); the encoder is done."""

class CountTable:
    """Reads what `CountsEncoder` wrote.

    ``file`` and ``origin`` (the stream's offset in it) are named by the `IndexCorruptError` raised
    where a header cannot be.
    """

    def __init__(
        self, words: Numbers, keys: Numbers, starts: Numbers, file: str = "", origin: int = 0
    ) -> None: ...
    def __len__(self) -> int: ...
    def get(self, key: int) -> int:
        """Return the count of ``key``, 0 if it is not there."""

    def range(self, start: int, stop: int) -> tuple[array[int], array[int]]:
        """Return (keys less ``start`` 'Q', counts 'I') of the entries in [start, stop)."""

    def new_windows(
        self, rows: Iterable[int], size: int, shift: int, known: bytearray
    ) -> list[int]:
        """Return the windows of ``1 << shift`` bytes of ``words`` where entries of rows lie, but
        for those marked in ``known``; the entries of row ``a`` have the keys ``a * size`` to
        ``(a + 1) * size``."""

    def check(self) -> int:
        """Return the number of entries after reading all; keys must ascend."""

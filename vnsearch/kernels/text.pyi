from array import array
from collections.abc import Callable, Sequence
from typing import Final

SPACE: Final = 1
WORD: Final = 2
DIGIT: Final = 4
CAPITAL: Final = 8
ODD: Final = 16
CLASSES: Final = 0x3001
UPPER: Final = 1
TITLE: Final = 2
NUMBER: Final = 4
FIRST_DIGIT: Final = 8
FIRST_TITLE: Final = 16
SIGN: Final = 32
LONGEST: Final = 64

def decode(
    forms: array[int],
    flags: bytearray,
    state: array[float],
    shared: array[float],
    pairs: array[int],
    triples: array[int],
    inside: int,
) -> bytearray: ...
def glue(labels: bytearray, flags: bytearray) -> None: ...

class Scanner:
    def __init__(
        self,
        classes: bytearray,
        learn: Callable[[str], tuple[Sequence[tuple[int, int]], Sequence[tuple[int, ...]]]],
        state: array[float],
        shared: array[float],
        pairs: array[int],
        triples: array[int],
        inside: int,
        limit: int = ...,
    ) -> None: ...
    def scan(self, text: str) -> None: ...
    def decode(self) -> None: ...
    def joined(self) -> bytearray: ...
    def copied_labels(self) -> bytearray: ...
    def terms_found(self) -> array[int]: ...
    def spans_found(self) -> tuple[array[int], array[int]]: ...

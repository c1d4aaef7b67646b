from array import array
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

SIGNS: Final[str]
DIGITS: Final[str]
CAPITALS: Final[str]
LETTERS: Final[str]
ALPHABET: Final[str]
SPACES: Final[str]
UPPER: Final = 1
TITLE: Final = 2
NUMBER: Final = 4
FIRST_DIGIT: Final = 8
FIRST_TITLE: Final = 16
SIGN: Final = 32
FORM_BITS: Final = 16
LONGEST: Final = 64

def character_codes() -> bytearray: ...
def decode(
    packed: array[int],
    state: array[float],
    shared: array[float],
    pairs: array[int],
    triples: array[int],
    inside: int,
) -> bytearray: ...
def features(syllable: str, forms: dict[str, int]) -> int:
    """Return a syllable's form number (``forms``, by its lower case) and above it its flags."""

def holds_surrogate(text: str) -> bool: ...
def glue(labels: bytearray, packed: array[int]) -> None: ...

class Numbering:
    def __len__(self) -> int: ...
    def term(self, number: int) -> str: ...
    def terms(self, start: int) -> list[str]: ...
    def find(self, text: str) -> int: ...
    def add(self, text: str) -> int: ...
    def forget(self) -> None: ...

_Tuple = TypeVar("_Tuple", bound=tuple[str, int, int, bool])

class Scanner:
    def __init__(
        self,
        learn: Callable[[str], tuple[Sequence[int], Sequence[tuple[int, ...]]]],
        state: array[float],
        shared: array[float],
        pairs: array[int],
        triples: array[int],
        inside: int,
        limit: int = ...,
        spell: Callable[[str], str] | None = ...,
        forms: dict[str, int] | None = ...,
        ids: dict[str, int] | None = ...,
        listed: list[str] | None = ...,
    ) -> None: ...
    def scan(self, text: str) -> None: ...
    def labels(self) -> bytearray: ...
    def joined(self) -> bytearray: ...
    def numbered(self, numbering: Numbering, texts: list[str]) -> array[int]: ...
    def tokens(self, kind: type[_Tuple], texts: list[str]) -> list[_Tuple]: ...
    def terms_found(self) -> array[int]: ...
    def spans_found(self) -> tuple[array[int], array[int]]: ...

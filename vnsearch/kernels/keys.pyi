from collections.abc import Callable, Set
from typing import Any, TypeVar

_Token = TypeVar("_Token", bound=tuple[Any, ...])
_Word = TypeVar("_Word", bound=tuple[Any, ...])

class Decoder:
    """Reads rows of keys.

    ``beginnings(letter)`` is the set of the beginnings of all unmarked syllables that begin with a
    letter, ``compose(letters, tone)`` the syllable of letters without their tone, None where there
    is none.
    """

    def __init__(
        self,
        beginnings: Callable[[str], Set[str]],
        compose: Callable[[str, int], str | None],
    ) -> None: ...
    def decode(self, keys: str, telex: bool) -> tuple[str, str, int, int, int, int] | None:
        """Return (the syllable, its letters, tone, tone keys, mark keys, marks put on letters
        before the last) of the likeliest way to read some keys that has a key for a tone or a mark,
        None if there is none. ``telex``, or VNI."""

def place_rows(
    text: str,
    runs: list[str],
    spelled: list[tuple[str, Any, str] | None],
    tokens: tuple[_Token, ...],
    word: type[_Word],
) -> tuple[list[_Word], list[_Token]]:
    """Return (a ``word`` for each of the ``runs`` of a text that is a row of keys, the tokens that
    are in none of them).

    ``spelled`` holds for each run None or a tuple of what it spells, if anything, what is known of
    that, and the run as it stands. A token is a tuple (text, start, end, _), a word (text, start,
    end, what is known of it, "keys", "word", the run as it stands).
    """

def ascii_runs(text: str) -> list[str]:
    """Return the runs of ASCII letters and digits of a text."""

from collections.abc import Sequence as _Sequence

from typing_extensions import Buffer

from vnsearch.kernels.postings import Cursor, Words

class Places:
    df: int
    def __init__(self, cursors: list[Cursor]) -> None: ...

class Surroundings:
    def __init__(
        self, rates: Buffer, joined: Words | None = None, bases: Words | None = None
    ) -> None:
        """Bind the rates of one field's units; ``joined`` and ``bases`` where these are words."""

class Sequence:
    first: int
    second: int
    def __init__(
        self,
        places: list[Places],
        weight: float,
        field: Surroundings,
        slop: int = 0,
        pairs: _Sequence[int] = (),
        near: float = 0.0,
    ) -> None:
        """Bind the places of tokens that stand in a row, each with its place in the list.

        ``pairs`` says in how many documents each two adjacent tokens of a phrase stand so, if that
        is known: it is looked for by the two tokens that promise least work, ``first`` and
        ``second``. ``near`` is what a pair counts that stands the other way round or with one token
        between.
        """

from array import array
from collections.abc import Sequence as _Sequence

from vnsearch.kernels.scoring import Group
from vnsearch.kernels.sequences import Places, Sequence

class Lead:
    def __init__(self, places: list[Places], shares: list[float], weight: float) -> None: ...

class Unit:
    def __init__(
        self,
        sequences: list[Sequence],
        weight: float,
        lead: float = 0.0,
        pairs: _Sequence[Unit] = (),
    ) -> None: ...

class Rescorer:
    def __init__(
        self,
        groups: list[Group],
        leads: list[Lead],
        units: list[Unit],
        k1: float,
        length: float = 1.0,
    ) -> None: ...
    def rewind(self) -> None: ...
    def best(
        self,
        docs: array[int],
        scores: array[float],
        k: int,
        floor: float = -1.0,
        present: array[int] | None = None,
    ) -> tuple[array[int], array[float]]:
        """Return (documents, scores) of the best ``k``, best first.

        ``docs`` and ``scores`` are what `Search.top` returned for the same groups, ``present`` is
        what it noted before this was made. Documents that leads and units provably cannot lift over
        ``floor`` are left out.
        """

    def parts(self, doc: int) -> list[float]: ...
    def beginnings(self, doc: int) -> list[float]: ...

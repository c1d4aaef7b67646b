from array import array

from vnsearch.kernels.rescoring import Unit
from vnsearch.kernels.scoring import Group
from vnsearch.kernels.sequences import Sequence

class Search:
    present: array[int] | None
    def __init__(
        self,
        groups: list[Group],
        k1: float,
        doc_count: int,
        k: int,
        mask: bytes | bytearray | None = None,
        required: bool = False,
        prune: bool = True,
        floor: float = -1.0,
        gone: int = 0,
        noted: bool = False,
        sure: int = 0,
        share: float = 0.0,
    ) -> None:
        """Prepare a pass over a segment of ``doc_count`` documents.

        Only documents with ``mask[doc] != 0`` are taken (``gone``: at most so many are not,
        0 if that is not known); with ``required``, only those that every group stands in.
        ``prune=False`` scores everything. Documents that do not score over ``floor`` are left out.
        With ``noted``, ``present`` says afterwards of each document found which groups stand in it,
        by a bit for each of the first 32; where all are set, any may. With a ``share``, of the best
        ``k`` only those are wanted that are among the ``sure`` best, or score over ``share`` of
        what the very best does.
        """

    def top(self) -> tuple[array[int], array[float]]:
        """Return (documents, scores) of the best ``k``, best first, ties to the lower document.

        The groups are walked from their start.
        """

    def top_unit(self, unit: Unit, drift: float) -> tuple[array[int], array[float]]:
        """Return the best ``k`` by a unit of one sequence without slop, and nothing else.

        ``drift`` is that of its field (see `Term`).
        """

def phrase_postings(sequence: Sequence, limit: int) -> tuple[array[int], array[int]]: ...
def highest_of(scores: array[float], others: array[float], count: int) -> array[float]:
    """Return the ``count`` highest of two arrays of falling scores, as one."""

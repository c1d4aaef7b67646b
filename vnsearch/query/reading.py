"""The spellings of a row of words, weighed together."""

from __future__ import annotations

from collections.abc import Sequence

from vnsearch.kernels.lattice import Lattice, Numbers
from vnsearch.query.statistics import Column, Statistics

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    _Pair = TypeVar("_Pair", bound=tuple[str, str, float])

__all__ = ["Reading"]


class Reading:
    """The probability of each candidate spelling of each word, given the words beside it.

    ``columns[i]`` holds the candidates of the word ``typed[i]``, which is the one at ``places[i]``
    (-1: none of them); ``emissions[i]`` is how readily each is typed so. With ``doubts`` only a
    word less probable as typed (its `trust`) than its doubt is questioned; the others are `fixed`
    and the doubtful ones weighed again beside them. A ``search_term`` is a few words that belong
    together, and begins with what it is about.
    """

    __slots__ = (
        "_counts",
        "_lattice",
        "_places",
        "_stats",
        "_typed",
        "columns",
        "fixed",
        "terms",
        "trust",
    )

    def __init__(
        self,
        typed: Sequence[str],
        places: list[int],
        columns: Sequence[Column],
        emissions: list[Numbers],
        stats: Statistics,
        doubts: Sequence[float] | None = None,
        search_term: bool = False,
    ) -> None:
        self.columns = columns
        self._stats = stats
        self._typed = typed
        self._places = places
        self._counts = stats.pairs_and_words(columns) if search_term else stats.pairs(columns)
        self._weigh(emissions, doubts, search_term)

    def again(self, emissions: list[Numbers], doubts: Sequence[float]) -> Reading:
        """Return the same words weighed in another way."""
        other = object.__new__(Reading)
        other.columns = self.columns
        other._stats = self._stats
        other._typed = self._typed
        other._places = self._places
        other._counts = self._counts
        other._weigh(emissions, doubts, False)
        return other

    def _weigh(
        self, emissions: list[Numbers], doubts: Sequence[float] | None, search_term: bool
    ) -> None:
        stats = self._stats
        columns = self.columns
        lattice = self._lattice = Lattice(
            [column.numbers or stats.numbers(column) for column in columns],
            emissions,
            self._counts,
            self._places,
            doubts,
            search_term,
        )
        self.trust = lattice.trust
        """How probable each word is as typed, before any was fixed."""
        self.fixed = lattice.fixed
        self.terms = [
            word if fixed else column.forms[place][0]
            for word, column, place, fixed in zip(
                self._typed, columns, lattice.best, lattice.fixed, strict=True
            )
        ]
        """The most probable spelling of each word."""

    @property
    def weights(self) -> list[float]:
        """The probability of each of the `terms`."""
        return self._lattice.weights

    def spellings(self, least: float) -> list[list[tuple[float, int]] | None]:
        """Return for each word its candidates of probability ``least`` or more as (-probability,
        place in the column), the most probable first; None for a fixed word."""
        return self._lattice.spellings(least)

    def pairs(self, least: float, kind: type[_Pair]) -> tuple[tuple[_Pair, ...], ...]:
        """Return for each two adjacent words the spellings that were together meant with a
        probability over ``least``, the most probable first, each a ``kind`` of tuple (left, right,
        probability). Two fixed words have one such pair, of probability 1."""
        forms = [column.forms for column in self.columns]
        return self._lattice.neighbours(least, self.terms, forms, kind)

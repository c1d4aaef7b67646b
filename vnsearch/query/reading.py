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

    ``columns[i]`` holds the candidates of the word ``typed[i]``, ``emissions[i]`` how readily each
    is typed so. With ``doubts`` only a word less probable as typed (its `trust`) than its doubt
    is questioned; the others are `fixed` and the doubtful ones weighed again beside them. A
    ``search_term`` is a few words that belong together, and begins with what it is about.
    """

    __slots__ = ("_lattice", "columns", "fixed", "terms", "trust")

    def __init__(
        self,
        typed: Sequence[str],
        columns: Sequence[Column],
        emissions: list[Numbers],
        stats: Statistics,
        doubts: Sequence[float] | None = None,
        search_term: bool = False,
    ) -> None:
        self.columns = columns
        lattice = self._lattice = Lattice(
            [column.numbers or stats.numbers(column) for column in columns],
            emissions,
            stats.pairs_and_words(columns) if search_term else stats.pairs(columns),
            [column.places.get(word, -1) for column, word in zip(columns, typed, strict=True)],
            doubts,
            search_term,
        )
        self.trust = lattice.trust
        """How probable each word is as typed, before any was fixed."""
        self.fixed = lattice.fixed
        self.terms = [
            column.forms[place].term for column, place in zip(columns, lattice.best, strict=True)
        ]
        """The most probable spelling of each word."""

    def weight(self, at: int, term: str) -> float:
        """Return the probability that word ``at`` was meant to be ``term``."""
        place = self.columns[at].places.get(term)
        return 0.0 if place is None else self._lattice.weight(at, place)

    def spellings(self, least: float) -> list[list[tuple[float, int]] | None]:
        """Return for each word its candidates of probability ``least`` or more as (-probability,
        place in the column), the most probable first; None for a fixed word."""
        return self._lattice.spellings(least)

    def pairs(self, least: float, kind: type[_Pair]) -> tuple[tuple[_Pair, ...], ...]:
        """Return for each two adjacent words the spellings that were together meant with a
        probability over ``least``, the most probable first, each a ``kind`` of tuple (left, right,
        probability). Two fixed words have one such pair, of probability 1."""
        return self._lattice.neighbours(least, [column.forms for column in self.columns], kind)

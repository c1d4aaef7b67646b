"""The spellings of a row of words, weighed together."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from itertools import pairwise

from vnsearch.kernels.lattice import Lattice
from vnsearch.query.statistics import Column, Statistics

__all__ = ["Reading"]


class Reading:
    """The probability of each candidate spelling of each word, given the words beside it.

    ``columns[i]`` holds the candidates of the word ``typed[i]``, ``emissions[i]`` how readily each
    is typed so. With ``doubts`` only a word less probable as typed (its `trust`) than its doubt
    is questioned; the others are `fixed` and the doubtful ones weighed again beside them.
    """

    __slots__ = ("_lattice", "columns", "fixed", "terms", "trust")

    def __init__(
        self,
        typed: Sequence[str],
        columns: Sequence[Column],
        emissions: list[array[float]],
        stats: Statistics,
        doubts: Sequence[float] | None = None,
    ) -> None:
        self.columns = columns
        pairs = stats.pairs
        lattice = self._lattice = Lattice(
            [column.numbers for column in columns],
            emissions,
            [pairs(left, right) for left, right in pairwise(columns)],
            [column.places.get(word, -1) for column, word in zip(columns, typed, strict=True)],
            doubts,
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

    def weights(self, at: int, least: float) -> dict[str, float]:
        """Return the candidates of word ``at`` of probability ``least`` or more, with it."""
        forms = self.columns[at].forms
        return {forms[place].term: weight for weight, place in self._lattice.spellings(at, least)}

    def pairs(self, at: int, least: float) -> list[tuple[float, str, str]]:
        """Return (probability, left, right) of the spellings of words ``at`` and ``at + 1`` that
        were together meant with a probability over ``least``, the most probable first."""
        left, right = self.columns[at].forms, self.columns[at + 1].forms
        found = self._lattice.neighbours(at, least)
        if len(found) > 1:
            found.sort(key=_by_weight)
        return [(weight, left[a].term, right[b].term) for weight, a, b in found]


def _by_weight(found: tuple[float, int, int]) -> float:
    return -found[0]

"""The spellings of a row of words, weighed together."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from itertools import accumulate, chain

from vnsearch.kernels import lattice
from vnsearch.query.statistics import Column, Statistics

__all__ = ["Reading"]


class Reading:
    """The probability of each candidate spelling of each word, given the words beside it.

    ``columns[i]`` holds the candidates of the word ``typed[i]``, ``emissions[i]`` how readily each
    is typed so. With ``doubts`` only a word less probable as typed (its `trust`) than its doubt
    is questioned; the others are `fixed` and the doubtful ones weighed again beside them.
    """

    def __init__(
        self,
        typed: Sequence[str],
        columns: Sequence[Column],
        emissions: Sequence[array[float]],
        stats: Statistics,
        doubts: Sequence[float] | None = None,
    ) -> None:
        self.typed = typed
        self.columns = columns
        self.fixed = [False] * len(typed)
        self._sizes = array("i", [len(column.forms) for column in columns])
        self._firsts = list(accumulate(self._sizes, initial=0))
        self._emission = array("d", chain.from_iterable(emissions))
        self._unigram = array("d")
        self._following = array("d")
        self._kinds = array("d")
        self._counts = array("d")
        self._matrices = [0]
        for at, column in enumerate(columns):
            self._unigram.extend(column.unigram)
            self._following.extend(column.following)
            self._kinds.extend(column.kinds)
            if at:
                self._counts.extend(stats.pairs(columns[at - 1], column))
                self._matrices.append(len(self._counts))
        self._solve()
        self.trust = [self.weight(at, word) for at, word in enumerate(typed)]
        if doubts is not None:
            self.fixed = [trust >= doubt for trust, doubt in zip(self.trust, doubts, strict=True)]
            if any(self.fixed) and not all(self.fixed):
                self._hold()
                self._solve()

    def _solve(self) -> None:
        total = len(self._unigram)
        self._posterior = array("d", bytes(8 * total))
        self._joint = array("d", bytes(8 * len(self._counts)))
        self._path = array("i", bytes(4 * len(self._sizes)))
        lattice.solve(
            self._sizes,
            self._emission,
            self._unigram,
            self._following,
            self._kinds,
            self._counts,
            self._posterior,
            self._joint,
            self._path,
            array("d", bytes(8 * (total + 2 * max(self._sizes, default=0)))),
        )

    def _hold(self) -> None:
        """Let the words that are not in doubt stand as typed."""
        for at, (word, column) in enumerate(zip(self.typed, self.columns, strict=True)):
            if self.fixed[at]:
                first = self._firsts[at]
                for place in range(len(column.forms)):
                    self._emission[first + place] = float(place == column.places[word])

    @property
    def terms(self) -> list[str]:
        """The most probable spelling of each word."""
        return [
            word if fixed else column.forms[place].term
            for word, fixed, column, place in zip(
                self.typed, self.fixed, self.columns, self._path, strict=True
            )
        ]

    def weight(self, at: int, term: str) -> float:
        """Return the probability that word ``at`` was meant to be ``term``."""
        place = self.columns[at].places.get(term)
        return 0.0 if place is None else self._posterior[self._firsts[at] + place]

    def weights(self, at: int, least: float) -> list[tuple[str, float]]:
        """Return the candidates of word ``at`` of probability ``least`` or more, with it."""
        first = self._firsts[at]
        forms = self.columns[at].forms
        return [
            (forms[place].term, weight)
            for place, weight in enumerate(self._posterior[first : first + len(forms)])
            if weight >= least
        ]

    def pair_weight(self, at: int, left: str, right: str) -> float:
        """Return the probability that words ``at`` and ``at + 1`` were meant to be these two."""
        a, b = self.columns[at], self.columns[at + 1]
        return self._joint[self._matrices[at] + a.places[left] * len(b.forms) + b.places[right]]

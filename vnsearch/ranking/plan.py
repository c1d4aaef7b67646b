"""The plan of a search: what is scored, with which weight, and which documents may answer.

A plan knows fields and terms but no segment: `search` carries it out on each. Its pieces:

- a `Clause` becomes one term group of the first pass (BM25F): a token in its weighted spellings,
  a phrase, the words of a prefix;
- a `UnitClause` becomes one part of the second look: a pair of adjacent syllables, a whole word;
- a condition says which documents match, as a small tree over clauses and filters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from vnsearch.record import NamedTuple, Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

__all__ = [
    "AllOf",
    "AnyOf",
    "Clause",
    "Condition",
    "Everything",
    "Except",
    "HasValue",
    "InRange",
    "Member",
    "NothingAtAll",
    "OneOf",
    "PhraseMember",
    "PlainMember",
    "Plan",
    "TermMember",
    "UnitClause",
]


class TermMember(NamedTuple):
    """One term in one field; ``weight`` scales its frequency."""

    field: str
    term: str
    weight: float = 1.0


class PhraseMember(NamedTuple):
    """Terms in a row in one field; each slot offers its spellings.

    ``plain`` ones are unmarked spellings, where the whole field is written without marks.
    """

    field: str
    slots: tuple[tuple[str, ...], ...]
    weight: float = 1.0
    slop: int = 0
    plain: bool = False


class PlainMember(NamedTuple):
    """An unmarked spelling, where the whole field is written without marks.

    Elsewhere ``gia`` is another word than ``giá``; in a text without marks it may be either.
    """

    field: str
    term: str
    weight: float = 1.0


Member: TypeAlias = TermMember | PhraseMember | PlainMember


GRID = 2.0**32
"""Scores are multiples of one by so much: they add up to the same in any order."""

_NOWHERE: Mapping[str, float] = {}
_UnitKey: TypeAlias = tuple[str, tuple[tuple[str, ...], ...], object]


class Clause:
    """Members whose weighted frequencies add up, scored together: weight * idf * saturation.

    ``lookup`` instead of members makes a set of terms chosen per segment and field; each document
    with any of them scores the same (a prefix or fuzzy word says nothing of frequency), and one
    with any of ``plain_lookup`` in a field without marks as if it had ``plain_weight`` of it.
    ``fields`` are those it looks in; none given: those of its members. ``fold``
    is set when the clause counts every spelling of this fold key, whose frequency it then takes.
    Clauses of one ``key`` have the same members and fold (None: not known).
    """

    __slots__ = (
        "boost",
        "fields",
        "fold",
        "key",
        "label",
        "lookup",
        "members",
        "plain_lookup",
        "plain_weight",
        "reason",
        "weight",
    )

    def __init__(
        self,
        label: str,
        members: Sequence[Member] = (),
        weight: float = 1.0,
        lookup: Callable[[str, int], Sequence[int]] | None = None,
        fields: Mapping[str, float] = _NOWHERE,
        reason: str = "",
        fold: str = "",
        boost: float = 1.0,
        key: tuple[str, str, str] | None = None,
        plain_lookup: Callable[[str, int], Sequence[int]] | None = None,
        plain_weight: float = 0.0,
    ) -> None:
        self.label = label
        self.members = members
        self.weight = weight
        self.lookup = lookup
        self.plain_lookup = plain_lookup
        self.plain_weight = plain_weight
        self.fields = fields
        self.reason = reason
        self.fold = fold
        self.boost = boost
        self.key = key


class UnitClause:
    """A pair of adjacent syllables or a whole word, scored over ``fields`` like a term.

    Units of one ``key`` have the same kind, slots and fields (None: not known).
    """

    __slots__ = ("fields", "key", "kind", "reason", "slots", "weight")

    def __init__(
        self,
        kind: str,
        slots: tuple[tuple[str, ...], ...],
        weight: float,
        fields: Mapping[str, float],
        reason: str = "",
        key: _UnitKey | None = None,
    ) -> None:
        self.kind = kind
        self.slots = slots
        self.weight = weight
        self.fields = fields
        self.reason = reason
        self.key = key

    @property
    def label(self) -> str:
        """The unit as a reader would write it."""
        return " ".join(slot[0] for slot in self.slots)


class AnyOf(Record):
    """Documents with any of the parts."""

    parts: tuple[Condition, ...]


class AllOf(Record):
    """Documents with all of the parts."""

    parts: tuple[Condition, ...]


class Except(Record):
    """Documents without the part."""

    part: Condition


class Everything:
    """Every document."""


class NothingAtAll:
    """No document."""


class HasValue(Record):
    """Documents with a value in the field."""

    field: str


class InRange(Record):
    """Documents whose number or date lies between the bounds (None is open)."""

    field: str
    low: float | datetime | None
    high: float | datetime | None
    include_low: bool = True
    include_high: bool = True


class OneOf(Record):
    """Documents whose keyword or boolean is one of the values."""

    field: str
    values: tuple[str | bool, ...]
    prefix: bool = False


Condition: TypeAlias = (
    Clause | AnyOf | AllOf | Except | Everything | NothingAtAll | HasValue | InRange | OneOf
)


class Plan:
    """A whole search: ``clauses`` and ``units`` are scored, ``condition`` decides what matches.

    ``filters`` restrict the answers further without being part of the query. A plan of what the
    query may be ``read_as`` has its scores ``stretched`` (`vnsearch.ranking.readings`).
    """

    def __init__(
        self,
        clauses: list[Clause],
        units: list[UnitClause],
        condition: Condition,
        filters: Sequence[Condition] = (),
        read_as: str = "",
        factor: float = 1.0,
    ) -> None:
        self.clauses = clauses
        self.units = units
        self.condition = condition
        self.filters = filters
        self.read_as = read_as
        self.factor = factor
        self.layout: object = None
        """How the one collection that it is made for lays it out, where that is kept."""
        self.is_known = False
        """Whether it was searched before."""

    def without_units(self) -> Plan:
        """Return the plan as far as the first pass goes."""
        return Plan(self.clauses, [], self.condition, self.filters, self.read_as, self.factor)

    def stretched(self, scores: Sequence[float]) -> Sequence[float]:
        """Return scores times the factor, on the grid of all scores."""
        factor = self.factor
        return scores if factor == 1.0 else [round(one * factor * GRID) / GRID for one in scores]

    def is_any(self) -> bool:
        """Return whether a document matches exactly when any clause does."""
        if isinstance(self.condition, Clause):
            return self._are_clauses((self.condition,))
        return isinstance(self.condition, AnyOf) and self._are_clauses(self.condition.parts)

    def is_all(self) -> bool:
        """Return whether a document matches exactly when every clause does."""
        return isinstance(self.condition, AllOf) and self._are_clauses(self.condition.parts)

    def _are_clauses(self, parts: tuple[Condition, ...]) -> bool:
        if parts == tuple(self.clauses):  # clauses are equal only to themselves
            return True
        return {id(part) for part in parts} == {id(clause) for clause in self.clauses}

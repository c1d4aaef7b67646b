"""The plan of a search: what is scored, with which weight, and which documents may answer.

A plan knows fields and terms but no segment: `search` carries it out on each. Its pieces:

- a `Clause` becomes one term group of the first pass (BM25F): a token in its weighted spellings,
  a phrase, the words of a prefix;
- a `UnitClause` becomes one part of the second look: a pair of adjacent syllables, a whole word;
- a condition says which documents match, as a small tree over clauses and filters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, TypeAlias

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
    """Terms in a row in one field; each slot offers its spellings."""

    field: str
    slots: tuple[tuple[str, ...], ...]
    weight: float = 1.0
    slop: int = 0


class PlainMember(NamedTuple):
    """An unmarked spelling, where the whole field is written without marks.

    Elsewhere ``gia`` is another word than ``giá``; in a text without marks it may be either.
    """

    field: str
    term: str
    weight: float = 1.0


Member: TypeAlias = TermMember | PhraseMember | PlainMember


@dataclass(eq=False, slots=True)
class Clause:
    """Members whose weighted frequencies add up, scored together: weight * idf * saturation.

    ``lookup`` instead of members makes a set of terms chosen per segment and field; each document
    with any of them scores the same (a prefix or fuzzy word says nothing of frequency).
    """

    label: str
    members: list[Member] = field(default_factory=list)
    weight: float = 1.0
    lookup: Callable[[str, int], Sequence[int]] | None = None
    fields: Mapping[str, float] = field(default_factory=dict)
    reason: str = ""
    fold: str = ""
    """Set when the clause counts every spelling of this fold key, whose frequency it then takes."""
    boost: float = 1.0


@dataclass(eq=False, slots=True)
class UnitClause:
    """A pair of adjacent syllables or a whole word, scored over ``fields`` like a term."""

    kind: str
    slots: tuple[tuple[str, ...], ...]
    weight: float
    fields: Mapping[str, float]
    reason: str = ""

    @property
    def label(self) -> str:
        """The unit as a reader would write it."""
        return " ".join(slot[0] for slot in self.slots)


@dataclass(slots=True)
class AnyOf:
    """Documents with any of the parts."""

    parts: tuple[Condition, ...]


@dataclass(slots=True)
class AllOf:
    """Documents with all of the parts."""

    parts: tuple[Condition, ...]


@dataclass(slots=True)
class Except:
    """Documents without the part."""

    part: Condition


class Everything:
    """Every document."""


class NothingAtAll:
    """No document."""


@dataclass(slots=True)
class HasValue:
    """Documents with a value in the field."""

    field: str


@dataclass(slots=True)
class InRange:
    """Documents whose number or date lies between the bounds (None is open)."""

    field: str
    low: float | datetime | None
    high: float | datetime | None
    include_low: bool = True
    include_high: bool = True


@dataclass(slots=True)
class OneOf:
    """Documents whose keyword or boolean is one of the values."""

    field: str
    values: tuple[str | bool, ...]
    prefix: bool = False


Condition: TypeAlias = (
    Clause | AnyOf | AllOf | Except | Everything | NothingAtAll | HasValue | InRange | OneOf
)


@dataclass(slots=True)
class Plan:
    """A whole search: ``clauses`` and ``units`` are scored, ``condition`` decides what matches.

    ``filters`` restrict the answers further without being part of the query.
    """

    clauses: list[Clause]
    units: list[UnitClause]
    condition: Condition
    filters: list[Condition] = field(default_factory=list)

    def is_any(self) -> bool:
        """Return whether a document matches exactly when any clause does."""
        return isinstance(self.condition, AnyOf) and self._are_clauses(self.condition.parts)

    def is_all(self) -> bool:
        """Return whether a document matches exactly when every clause does."""
        return isinstance(self.condition, AllOf) and self._are_clauses(self.condition.parts)

    def _are_clauses(self, parts: tuple[Condition, ...]) -> bool:
        if parts == tuple(self.clauses):  # clauses are equal only to themselves
            return True
        return {id(part) for part in parts} == {id(clause) for clause in self.clauses}

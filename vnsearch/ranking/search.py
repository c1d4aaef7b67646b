"""Carries out a plan on every segment of a generation."""

from __future__ import annotations

import math
import unicodedata
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from itertools import chain, pairwise, repeat
from operator import neg

from vnsearch.kernels import masks, matching, rescoring, scoring, sequences
from vnsearch.kernels.layout import LayoutBuilder
from vnsearch.kernels.postings import Cursor, listed_cursor
from vnsearch.ranking.bm25 import idf
from vnsearch.ranking.collection import Collection, FieldView, Listed, UnitKind
from vnsearch.ranking.plan import (
    AllOf,
    AnyOf,
    Clause,
    Condition,
    Everything,
    Except,
    HasValue,
    InRange,
    Member,
    NothingAtAll,
    OneOf,
    PhraseMember,
    PlainMember,
    Plan,
    TermMember,
    UnitClause,
)
from vnsearch.recent import Recent
from vnsearch.record import NamedTuple, Record, cached_property
from vnsearch.schema import microseconds
from vnsearch.text.background import background_share

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from vnsearch.kernels.layout import FieldTerms

__all__ = ["Found", "Searcher"]

_FIRST = 256
"""So many first documents, at most, are kept in order while a prefix's lists are read: to put one
in its place takes longer the more there are."""
_LEAST_PART = 2.0**-31
"""A part of a score that does not round to nothing."""
_LIGHT = 8192
"""A plan whose unmarked spellings stand in more documents without marks is not kept laid out."""
_KEPT_CURSORS = 4096
"""So many cursors, of some four kilobytes with their terms, are kept for plans asked again."""
_NONE = array("I")
_NOTHING: _Ranked = (_NONE, array("d"), None)


class Found(NamedTuple):
    """A document that answers: its score, its segment's number and its number there.

    The score is of the clauses alone where units might count but the document came after the
    window: it is not ``rescored``. Of several plans, ``plan`` is the number of the one it answers.
    """

    score: float
    segment: int
    doc: int
    rescored: bool = True
    plan: int = 0


_found: Callable[[Iterable[object]], Found] = partial(tuple.__new__, Found)


class _Execution:
    """One plan on one collection: what is worked out once and used by every step.

    Its cursors are moved: it carries out one search at a time.
    """

    def __init__(self, collection: Collection, plan: Plan) -> None:
        self.collection = collection
        self.plan = plan
        self.parameters = collection.parameters
        self.is_any = plan.is_any()
        self.is_all = plan.is_all()
        self._listed: dict[tuple[int, PhraseMember], Listed] = {}
        self._ordinals: dict[tuple[int, int, str], array[int]] = {}
        self._sets: dict[tuple[int, int, str], array[int]] = {}
        self._plain_sets: dict[tuple[int, int, str], array[int]] = {}
        self._weights: dict[int, float] = {}
        self._groups: dict[int, list[scoring.Group]] = {}
        self.walks: dict[int, list[scoring.Group]] = {}
        """Where all documents are allowed: the groups to walk, if any match or all must."""
        self._rescorers: dict[int, rescoring.Rescorer] = {}
        self._layout: _Layout | None = None
        self._cursors: dict[int, list[Cursor | None]] = {}
        self._terms: dict[int, list[FieldTerms | None]] = {}
        self._pairs: dict[int, list[int]] = {}

    @cached_property
    def size(self) -> int:
        """How many cursors it has, as good as, once a search is done; 0 if it is not to be kept, as
        it lists documents or looked words up."""
        if self._layout is not None and not self._layout.is_light:
            return 0
        if self._ordinals or self._sets or self.plan.filters:
            return 0
        plain = sum([len(groups) for groups in self._groups.values()])
        return plain + sum([len(cursors) for cursors in self._cursors.values()])

    # Document frequencies and weights

    def df(self, clause: Clause) -> int:
        """Return the clause's document frequency: the highest of its fields'.

        Of a set of terms it is the sum of theirs, of a phrase that of its rarest pair: neither
        takes reading a posting list, but where unmarked spellings stand in texts without marks.
        """
        collection = self.collection
        if clause.lookup is not None:
            return max((self._set_df(clause, name) for name in clause.fields), default=0)
        if len(clause.members) == 1 and not clause.fold:
            return self._member_df(clause.members[0])
        by_field: dict[str, int] = {}
        for member in clause.members:
            name = member.field
            if clause.fold:
                by_field[name] = collection.forms(name, clause.fold)[1]
            else:
                by_field[name] = max(by_field.get(name, 0), self._member_df(member))
        return max(by_field.values(), default=0)

    def _member_df(self, member: Member) -> int:
        if isinstance(member, TermMember):
            return self.collection.df(member.field, member.term)
        if isinstance(member, PhraseMember):
            return self.phrase_df(member)
        return sum(
            len(self.listed(number, member)[0]) for number in range(len(self.collection.segments))
        )

    def phrase_df(self, member: PhraseMember) -> int:
        """Return the document frequency of a phrase's rarest pair (with slop, rarest term)."""
        collection = self.collection
        if member.slop or len(member.slots) == 1:
            df = min(
                sum(collection.df(member.field, term) for term in slot) for slot in member.slots
            )
        else:
            df = min(self._pair_dfs(member))
        return min(df, collection.doc_count)

    def _pair_dfs(self, member: PhraseMember) -> list[int]:
        """Return in how many documents each two adjacent tokens of a phrase stand so."""
        known = self._pairs.get(id(member))
        if known is None:
            df = self.collection.pairs_df
            known = self._pairs[id(member)] = [
                df(member.field, left, right) for left, right in pairwise(member.slots)
            ]
        return known

    def _set_df(self, clause: Clause, name: str) -> int:
        collection = self.collection
        df = 0
        for number in range(len(collection.segments)):
            view = collection.view(number, name)
            if view is not None:
                df += scoring.sum_counts(self.ordinals(number, clause, name), view.field.df)
                df += len(self.plain_set_docs(number, clause, name))
        return min(df, collection.doc_count)

    def weight(self, clause: Clause) -> float:
        """Return what the clause's saturated frequency is multiplied by."""
        alone = _only_term(clause)
        if alone is not None:
            name, term, _ = alone
            return clause.weight * clause.boost * self.collection.term(name, term)[2]
        known = self._weights.get(id(clause))
        if known is None:
            rarity = self._rarity(clause)
            known = self._weights[id(clause)] = clause.weight * clause.boost * rarity
        return known

    def _rarity(self, clause: Clause) -> float:
        """Return the idf of a clause that is not one term."""
        collection = self.collection
        members = clause.members
        # of a phrase the counts of its pairs are kept, which is enough
        if len(members) == 1 and isinstance(members[0], PhraseMember):
            return idf(self.phrase_df(members[0]), collection.doc_count)
        if clause.lookup is not None:
            return idf(self.df(clause), collection.doc_count)
        # members of different kinds may be equal as tuples
        key = clause.key or (clause.fold, *members, *map(type, members))
        known = collection.rarities.get(key)
        if known is None:
            known = collection.idf(self.df(clause), self.share(clause))
            collection.keep_rarity(key, known)
        return known

    def share(self, clause: Clause) -> float:
        """Return in what share of Vietnamese texts a clause of single terms stands, at least; 0 if
        that is not known."""
        highest = 0.0
        for member in clause.members:
            if isinstance(member, PhraseMember):
                return 0.0
            if isinstance(member, TermMember):  # unmarked, the word may be another
                highest = max(highest, background_share(member.term))
        return highest

    def unit_df(self, unit: UnitClause) -> int:
        """Return the unit's document frequency: the highest of its fields'."""
        collection = self.collection
        highest = 0
        for name in unit.fields:
            if unit.kind == "word":
                df = collection.word_df(name, tuple(slot[0] for slot in unit.slots))
            else:
                df = collection.pairs_df(name, *unit.slots)
            highest = max(highest, df)
        return min(highest, collection.doc_count)

    # Posting lists

    def listed(self, number: int, member: PhraseMember | PlainMember) -> Listed:
        """Return the (documents, frequencies) of what has no posting list of its own."""
        if isinstance(member, PlainMember):
            return self.collection.plain(member.field, member.term)[number] or (_NONE, _NONE)
        key = (number, member)
        known = self._listed.get(key)
        if known is None:
            known = self.collection.listed.get(key)
            if known is None:
                known = self._find_phrase(number, member)
                self.collection.keep_listed(number, member, known)
            self._listed[key] = known
        return known

    def _find_phrase(self, number: int, member: PhraseMember) -> Listed:
        view = self.collection.view(number, member.field)
        places = [] if view is None else self._slot_places(number, view, member)
        field = self.collection.surroundings(number, member.field, "syllable")
        if field is None or not places:
            return _NONE, _NONE
        pairs = () if member.slop else self._pair_dfs(member)
        sequence = sequences.Sequence(places, 1.0, field, slop=member.slop, pairs=pairs)
        doc_count = self.collection.segments[number].doc_count
        found = matching.phrase_postings(sequence, doc_count)
        if member.plain and view is not None:
            found = masks.postings_among(listed_cursor(*found, doc_count), view.field.plain_docs)
        return found

    def phrase_unit(
        self, number: int, clause: Clause, member: PhraseMember
    ) -> tuple[rescoring.Unit, float] | None:
        """Return a clause that is one phrase as a unit, and its field's drift; None: nowhere."""
        view = self.collection.view(number, member.field)
        if view is None:
            return None
        field = self.collection.surroundings(number, member.field, "syllable")
        places = self._slot_places(number, view, member)
        if field is None or not places:
            return None
        sequence = sequences.Sequence(places, member.weight, field, pairs=self._pair_dfs(member))
        return rescoring.Unit([sequence], self.weight(clause)), view.drift

    def _slot_places(
        self, number: int, view: FieldView, member: PhraseMember
    ) -> list[sequences.Places]:
        """Return the places of a phrase's slots, equal ones shared; none if one is nowhere."""
        name = member.field
        term_of = self.collection.term
        slots = []
        for slot in member.slots:
            if len(slot) == 1:
                slots.append([term_of(name, slot[0])[0][number]])
            else:
                slots.append([term_of(name, term)[0][number] for term in slot])
        return view.terms.row(slots)

    def ordinals(self, number: int, clause: Clause, name: str) -> array[int]:
        """Return the terms of a segment that a looked-up clause stands for."""
        key = (number, id(clause), name)
        known = self._ordinals.get(key)
        if known is None:
            assert clause.lookup is not None
            view = self.collection.view(number, name)
            if view is not None:
                view.field.check_lists()
            known = self._ordinals[key] = array("I", clause.lookup(name, number))
        return known

    def set_docs(self, number: int, clause: Clause, name: str) -> array[int]:
        """Return the documents of a segment with any of a looked-up clause's terms."""
        key = (number, id(clause), name)
        known = self._sets.get(key)
        if known is None:
            ordinals = self.ordinals(number, clause, name)
            known = self._sets[key] = masks.docs_of(self._mask_of(number, name, ordinals))
        return known

    def plain_set_docs(self, number: int, clause: Clause, name: str) -> array[int]:
        """Return the documents of a segment that have any of a looked-up clause's unmarked terms in
        a field without marks."""
        view = self.collection.view(number, name)
        if clause.plain_lookup is None or view is None or not view.has_plain:
            return _NONE
        key = (number, id(clause), name)
        known = self._plain_sets.get(key)
        if known is None:
            view.field.check_lists()
            ordinals = array("I", clause.plain_lookup(name, number))
            mask = self._mask_of(number, name, ordinals)
            plain = bytearray(len(mask))
            masks.mark_docs(view.field.plain_docs, plain)
            masks.intersect(mask, plain)
            known = self._plain_sets[key] = masks.docs_of(mask)
        return known

    def _mask_of(self, number: int, name: str, ordinals: array[int]) -> bytearray:
        """Return a mask of the documents with any of some terms."""
        mask = bytearray(self.collection.segments[number].doc_count)
        view = self.collection.view(number, name)
        if ordinals and view is not None:
            cursor = view.lists.cursor(ordinals[0])
            masks.mark_terms(cursor, ordinals, view.field.doc_offsets, view.field.df, mask)
        return mask

    def _set_terms(self, number: int, clause: Clause) -> list[scoring.Term]:
        doc_count = self.collection.segments[number].doc_count
        docs = _together([self.set_docs(number, clause, name) for name in clause.fields], doc_count)
        sets = [(docs, 1.0)] if docs else []
        if clause.plain_lookup is not None:
            found = [self.plain_set_docs(number, clause, name) for name in clause.fields]
            plain = _together(found, doc_count, docs)
            if plain:
                sets.append((plain, clause.plain_weight))
        flat = array("d", [1.0]) * doc_count if sets else array("d")
        return [
            scoring.Term(
                listed_cursor(docs, array("I", [1]) * len(docs), doc_count),
                weight,
                flat,
                flat=len(sets) == 1,
            )
            for docs, weight in sets
        ]

    def groups(self, number: int) -> list[scoring.Group]:
        """Return the term groups of a segment, in the plan's order; empty ones stand too.

        They are made once: who walks them begins at their start.
        """
        found = self._groups.get(number)
        if found is None:
            found = self._groups_of_terms(number)
            if found is None:
                layout = self.layout
                for row, member in layout.phrases:
                    row[number] = self.listed(number, member)
                sets = {
                    at: self._set_terms(number, clause)
                    for at, clause in enumerate(self.plan.clauses)
                    if clause.lookup is not None
                }
                cursors = self._cursors[number] = [None] * layout.terms
                found = layout.parts.groups(number, self._field_terms(number), sets, cursors)
            self._groups[number] = found
        return found

    def _groups_of_terms(self, number: int) -> list[scoring.Group] | None:
        """Return the groups of a plain search for single terms, None of any other plan: the same
        as by its layout, in one go. Nothing of such a search takes longer."""
        if self.plan.units:
            return None
        found = []
        for clause in self.plan.clauses:
            alone = _only_term(clause)
            view = None if alone is None else self.collection.view(number, alone.field)
            if alone is None or view is None:
                return None
            name, term, boost = alone
            ordinals, _, rarity = self.collection.term(name, term)
            weight = clause.weight * clause.boost * rarity
            found.append(view.terms.group(ordinals[number], boost, weight))
        return found

    def _field_terms(self, number: int) -> list[FieldTerms | None]:
        found = self._terms.get(number)
        if found is None:
            views = [self.collection.view(number, name) for name in self.layout.fields]
            found = self._terms[number] = [None if view is None else view.terms for view in views]
        return found

    @property
    def layout(self) -> _Layout:
        """How the plan's parts are made of terms, the same for all segments."""
        known = self._layout
        if known is None:
            kept = self.plan.layout
            known = self._layout = kept if isinstance(kept, _Layout) else _Layout(self)
            if known.is_light:
                self.plan.layout = known
        return known

    def rescorer(self, number: int) -> rescoring.Rescorer:
        """Return what scores single documents of a segment."""
        found = self._rescorers.get(number)
        if found is None:
            groups = self.groups(number)
            layout = self.layout
            parameters = self.parameters
            found = self._rescorers[number] = layout.parts.rescorer(
                number,
                self._field_terms(number),
                groups,
                self._cursors.get(number) or [None] * layout.terms,
                self._around(number, "pair"),
                self._around(number, "word"),
                parameters.k1,
                parameters.lead_length,
                parameters.near_pairs,
            )
        return found

    def _around(self, number: int, kind: UnitKind) -> list[sequences.Surroundings | None]:
        """Return what counting units takes in each field, None where the plan has none of them."""
        used = self.layout.kinds[kind]
        surroundings = self.collection.surroundings
        return [
            surroundings(number, name, kind) if name in used else None
            for name in self.layout.fields
        ]

    def expect_words(self, number: int, docs: array[int]) -> None:
        """Have the system fetch what units need to know of documents to tell whole words."""
        for name in self.layout.kinds["word"]:
            view = self.collection.view(number, name)
            if view is not None:
                view.field.expect_words(docs)

    def information(self, unit: UnitClause) -> float:
        """Return the unit's idf; a pair's less the share its rarer syllable tells already."""
        key = unit.key or (unit.kind, unit.slots, tuple(unit.fields))
        known = self.collection.information.get(key)
        if known is None:
            known = idf(self.unit_df(unit), self.collection.doc_count)
            if unit.kind == "pair" and self.parameters.pair_overlap:
                known -= self.parameters.pair_overlap * self.rarer_idf(unit)
            self.collection.keep_information(key, known)
        return known

    def rarer_idf(self, unit: UnitClause) -> float:
        """Return the idf of the rarest of a unit's syllables, any of a slot's spellings taken."""
        collection = self.collection
        total = collection.doc_count
        rarest = total
        for slot in unit.slots:
            df = max(
                (sum(collection.df(name, term) for term in slot) for name in unit.fields),
                default=0,
            )
            rarest = min(rarest, df)
        return idf(rarest, total)

    def unit_weight(self, unit: UnitClause) -> float:
        """Return what the unit's saturated frequency is multiplied by."""
        return unit.weight * self.information(unit)

    # Masks

    def allowed(self, number: int) -> tuple[bytes | bytearray | None, int]:
        """Return the mask of the live documents that pass the filters, None for all, and how many
        are masked out, 0 if that is not known."""
        live = self.collection.live(number)
        if not self.plan.filters:
            return (None, 0) if live is None else live
        mask = None if live is None else bytearray(live[0])
        for condition in self.plan.filters:
            other = self.mask(number, condition)
            if mask is None:
                mask = other
            else:
                masks.intersect(mask, other)
        return mask, 0

    def mask(self, number: int, condition: Condition) -> bytearray:
        """Return the mask of the documents that match a condition (deleted ones included)."""
        segment = self.collection.segments[number]
        out = bytearray(segment.doc_count)
        if isinstance(condition, Clause):
            masks.mark(self.cursors(number, condition), out)
        elif isinstance(condition, AnyOf):
            leaves = [part for part in condition.parts if isinstance(part, Clause)]
            masks.mark(
                [cursor for clause in leaves for cursor in self.cursors(number, clause)], out
            )
            for part in condition.parts:
                if not isinstance(part, Clause):
                    masks.unite(out, self.mask(number, part))
        elif isinstance(condition, AllOf):
            out = bytearray(b"\1") * segment.doc_count
            for part in condition.parts:
                masks.intersect(out, self.mask(number, part))
        elif isinstance(condition, Except):
            masks.unite(out, b"\1" * segment.doc_count)
            masks.subtract(out, self.mask(number, condition.part))
        elif isinstance(condition, Everything):
            out = bytearray(b"\1") * segment.doc_count
        elif isinstance(condition, InRange):
            self._mark_range(number, condition, out)
        elif isinstance(condition, OneOf):
            self._mark_values(number, condition, out)
        elif isinstance(condition, HasValue):
            self._mark_present(number, condition.field, out)
        elif not isinstance(condition, NothingAtAll):
            raise AssertionError(f"no such condition: {condition!r}")
        return out

    def cursors(self, number: int, clause: Clause) -> list[Cursor]:
        """Return fresh cursors over everything a clause matches in a segment."""
        doc_count = self.collection.segments[number].doc_count
        found = []
        if clause.lookup is not None:
            for name in clause.fields:
                docs = self.set_docs(number, clause, name)
                found.append(listed_cursor(docs, docs, doc_count))
                docs = self.plain_set_docs(number, clause, name)
                if docs:
                    found.append(listed_cursor(docs, docs, doc_count))
            return found
        for member in clause.members:
            if isinstance(member, TermMember):
                cursor = self.collection.cursor(number, member.field, member.term)
                if cursor is not None:
                    found.append(cursor)
            else:
                found.append(listed_cursor(*self.listed(number, member), doc_count))
        return found

    def _mark_range(self, number: int, condition: InRange, out: bytearray) -> None:
        column = self.collection.segments[number].column(condition.field)
        if column is None:
            return
        low = _bound(condition.low, -math.inf, condition.include_low, math.inf)
        high = _bound(condition.high, math.inf, condition.include_high, -math.inf)
        if low <= high:
            masks.mark_range(column.values, column.present, low, high, out)

    def _mark_values(self, number: int, condition: OneOf, out: bytearray) -> None:
        segment = self.collection.segments[number]
        column = segment.column(condition.field)
        if column is not None:
            for value in condition.values:
                truth = 1.0 if value else 0.0
                masks.mark_range(column.values, column.present, truth, truth, out)
            return
        keywords = segment.keyword(condition.field)
        if keywords is None:
            return
        for value in chain.from_iterable(map(_composed_or_not, condition.values)):
            if condition.prefix:
                low, high = keywords.prefix(value)
                ordinals: Iterable[int] = range(low, high)
            else:
                ordinal = keywords.lookup(value)
                ordinals = [ordinal] if ordinal >= 0 else []
            for ordinal in ordinals:
                masks.mark_docs(keywords.postings(ordinal), out)

    def _mark_present(self, number: int, name: str, out: bytearray) -> None:
        segment = self.collection.segments[number]
        column = segment.column(name)
        keywords = segment.keyword(name)
        text = segment.text(name)
        if column is not None:
            masks.mark_range(column.values, column.present, -math.inf, math.inf, out)
        elif keywords is not None:
            for ordinal in range(len(keywords)):
                masks.mark_docs(keywords.postings(ordinal), out)
        elif text is not None:
            for doc, length in enumerate(text.lengths):
                if length:
                    out[doc] = 1


class _Layout:
    """How the parts of a plan are made of terms, the same for all segments.

    ``fields`` are the names of its fields, in the order of their numbers, ``terms`` is how many
    terms it has; ``kinds`` says in which fields it has pairs, and in which words. ``phrases`` are
    rows of what has to be listed in each segment.
    """

    def __init__(self, run: _Execution) -> None:
        self.phrases: list[tuple[list[Listed | None], PhraseMember]] = []
        self._listed_docs = 0
        self._collection = run.collection
        plan = run.plan
        # what standing at the very beginning counts: nothing where nothing is looked at twice
        lead = run.parameters.lead_weight if plan.units else 0.0
        builder = LayoutBuilder(run.collection.term, lead)
        for clause in plan.clauses:
            builder.clause(clause.members, TermMember, self._listed, run.weight(clause))
        for unit in plan.units:
            builder.unit(unit.kind == "word", unit.slots, unit.fields, run.unit_weight(unit))
        self.fields = builder.fields
        self.kinds = builder.kinds
        self.parts, self.terms = builder.build()

    @property
    def is_light(self) -> bool:
        """Whether it may be kept: documents are hardly listed in it."""
        return self._listed_docs <= _LIGHT and not self.phrases

    def _listed(self, member: PhraseMember | PlainMember) -> list[Listed | None]:
        if isinstance(member, PlainMember):
            plain = self._collection.plain(member.field, member.term)
            self._listed_docs += sum([len(one[0]) for one in plain if one is not None])
            return plain
        row: list[Listed | None] = [None] * len(self._collection.segments)
        self.phrases.append((row, member))
        return row


def _composed_or_not(value: str | bool) -> set[str]:
    """Return a keyword with its marks composed and apart: the same to who reads it."""
    text = str(value)
    if text.isascii():
        return {text}
    return {text, unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text)}


def _together(
    sets: Sequence[array[int]], doc_count: int, without: array[int] | None = None
) -> array[int]:
    """Return the documents that are in any of some sets, but for those of another."""
    if len(sets) == 1 and not without:
        return sets[0]
    mask = bytearray(doc_count)
    for one in sets:
        masks.mark_docs(one, mask)
    if without:
        others = bytearray(doc_count)
        masks.mark_docs(without, others)
        masks.subtract(mask, others)
    return masks.docs_of(mask)


def _only_term(clause: Clause) -> TermMember | None:
    """Return the term of a clause that stands for just one, as it is written, in one field."""
    members = clause.members
    if len(members) == 1 and not clause.fold and isinstance(members[0], TermMember):
        return members[0]
    return None


def _bound(
    value: float | datetime | None, unbounded: float, included: bool, towards: float
) -> float:
    if value is None:
        return unbounded
    number = float(microseconds(value)) if isinstance(value, datetime) else float(value)
    return number if included else math.nextafter(number, towards)


_Ranked: TypeAlias = "tuple[array[int], array[float], array[int] | None]"
"""Documents of one segment and their scores, best first; and which clauses stand in them, if that
was noted."""


def _best(candidates: list[_Ranked], tops: array[float], count: int) -> list[_Ranked]:
    """Return the best ``count`` candidates, by segment; equal scores in index order.

    ``tops`` are the highest scores of all, falling.
    """
    if sum([len(docs) for docs, _, _ in candidates]) <= count:
        return candidates
    last = tops[count - 1]
    # scores fall: those over the last one's are at the front
    over = [bisect_left(scores, -last, key=neg) for _, scores, _ in candidates]
    left = count - sum(over)
    best: list[_Ranked] = []
    for (docs, scores, present), size in zip(candidates, over, strict=True):
        stop = min(bisect_right(scores, -last, key=neg), size + left)
        left -= stop - size
        best.append((docs[:stop], scores[:stop], present and present[:stop]))
    return best


def _entries(
    candidates: Sequence[_Ranked], without: Sequence[_Ranked] = ()
) -> list[tuple[float, int, int]]:
    """Return (-score, segment, document) of candidates, best first, but for those ``without``."""
    done = [len(docs) for docs, _, _ in without] or [0] * len(candidates)
    return sorted(
        [
            (-score, number, doc)
            for number, (docs, scores, _) in enumerate(candidates)
            for doc, score in zip(docs[done[number] :], scores[done[number] :], strict=True)
        ]
    )


def _in_order(ranked: Sequence[_Ranked], k: int) -> list[Found]:
    """Return the best ``k`` documents of all segments, equal scores in index order."""
    if len(ranked) == 1:  # in order already
        docs, scores, _ = ranked[0]
        rows = zip(scores[:k], repeat(0), docs, repeat(True), repeat(0))
        return list(map(_found, rows))
    entries = _entries(ranked)[:k]
    return [_found((-score, number, doc, True, 0)) for score, number, doc in entries]


class Searcher:
    """Answers plans on one collection."""

    def __init__(self, collection: Collection) -> None:
        self.collection = collection
        # what is made anew has memory that was just in use: better than what was made long ago
        self._runs = Recent(_KEPT_CURSORS, admits=16)

    def top(self, plan: Plan, k: int) -> list[Found]:
        """Return the best ``k`` documents, best first; equal scores in index order.

        With units, the best ``window`` by the clauses alone are scored again with them, as far as
        they are not too far from the very best; what comes after these keeps its order.
        """
        k = min(k, self.collection.doc_count)
        if not k:
            return []
        run: _Execution = self._runs.take(plan) or _Execution(self.collection, plan)
        parameters = run.parameters
        if not plan.units:
            candidates, _ = self._candidates(run, k, k, 0.0)
            found = _in_order(candidates, k)
        else:
            window, least = parameters.window, parameters.window_least
            share = parameters.window_share
            candidates, tops = self._candidates(run, max(k, window), max(k, least), share)
            best = candidates
            if len(best) > 1 or k > min(window, least):  # else the first pass has seen to it
                if share and len(tops) > least:
                    near = bisect_left(tops, -share * tops[0], key=neg)
                    window = min(window, max(near, least))
                best = _best(candidates, tops, window)
            found = _in_order(self._second_look(run, best, k), k)
            if k > window:
                rest = _entries(candidates, best)[: k - len(found)]
                found += [Found(-score, number, doc, False) for score, number, doc in rest]
        if len(found) < k and not ((run.is_any or run.is_all) and self._all_score(run)):
            found += self._unscored(run, found, k - len(found))
        if plan.is_known and run.size:  # it came again, and may once more
            self._runs.keep(plan, run, run.size)
        plan.is_known = True
        return found

    def _candidates(
        self, run: _Execution, k: int, sure: int, share: float
    ) -> tuple[list[_Ranked], array[float]]:
        """Return the best ``k`` by the plan's clauses, segment by segment, and the scores of all,
        falling.

        With a ``share``, those after the ``sure`` best need not be there that do not score over
        that share of what the very best does; where there is one segment, they are not.
        """
        numbers = range(len(self.collection.segments) if run.plan.clauses else 0)
        if len(numbers) == 1:
            found = self._first_pass(run, 0, k, -1.0, sure, share)
            return [found], found[1]
        candidates: list[_Ranked] = []
        tops = array("d")
        for number in numbers:
            # an equal score in a later segment comes after: it must be over the last one's
            floor = tops[k - 1] if len(tops) >= k else -1.0
            if share and len(tops) >= sure:
                floor = max(floor, min(tops[sure - 1], share * tops[0]))
            candidates.append(self._first_pass(run, number, k, floor, sure, share))
            tops = matching.highest_of(tops, candidates[-1][1], k)
        return candidates, tops

    def _all_score(self, run: _Execution) -> bool:
        """Return whether no clause's part of a score can be so small that it rounds to nothing."""
        # no document is longer than all of them together: its rate is at least this
        rate = 1.0 / (1.0 + self.collection.doc_count)
        for clause in run.plan.clauses:
            share = min([1.0, *[one.weight for one in clause.members]])
            if clause.plain_lookup is not None:
                share = min(share, clause.plain_weight)
            if run.weight(clause) * share * rate <= _LEAST_PART:
                return False
        return True

    def _first_pass(
        self,
        run: _Execution,
        number: int,
        k: int,
        floor: float,
        sure: int,
        share: float,
    ) -> _Ranked:
        """Return a segment's best ``k`` by the plan's clauses, as far as they are wanted."""
        known = run.walks.get(number)
        if known is not None:
            return self._walk(run, number, known, k, floor, sure, share)
        plan = run.plan
        mask, gone = run.allowed(number)
        is_any = run.is_any
        required = not is_any and run.is_all
        doc_count = self.collection.segments[number].doc_count
        k1 = run.parameters.k1
        if len(plan.clauses) == 1 and (is_any or required):
            clause = plan.clauses[0]
            if clause.lookup is not None and len(clause.fields) == 1 and not clause.plain_lookup:
                return self._first_of_set(run, number, clause, k, floor, mask)
            member = clause.members[0] if len(clause.members) == 1 else None
            if isinstance(member, PhraseMember) and not member.slop:
                found = run.phrase_unit(number, clause, member)
                if found is None:
                    return _NOTHING
                unit, drift = found
                search = matching.Search(
                    [], k1, doc_count, k, mask, False, True, floor, 0, False, sure, share
                )
                return (*search.top_unit(unit, drift), None)
        if not required and not is_any:
            matched = run.mask(number, plan.condition)
            if mask is not None:
                masks.intersect(matched, mask)
            mask = matched
        groups = run.groups(number)
        present = [group for group in groups if group.size]
        if required and len(present) < len(groups):
            return _NOTHING
        if mask is None:
            run.walks[number] = present
        gone = gone if is_any else 0
        return self._walk(run, number, present, k, floor, sure, share, mask, gone)

    def _walk(
        self,
        run: _Execution,
        number: int,
        groups: list[scoring.Group],
        k: int,
        floor: float,
        sure: int,
        share: float,
        mask: bytes | bytearray | None = None,
        gone: int = 0,
    ) -> _Ranked:
        """Return the best ``k`` that any of some term groups stands in, or each where all must."""
        required = run.is_all and not run.is_any
        doc_count = self.collection.segments[number].doc_count
        k1 = run.parameters.k1
        noted = not required and len(groups) > 1 and bool(run.plan.units)
        search = matching.Search(
            groups, k1, doc_count, k, mask, required, True, floor, gone, noted, sure, share
        )
        return (*search.top(), search.present)

    def _first_of_set(
        self,
        run: _Execution,
        number: int,
        clause: Clause,
        k: int,
        floor: float,
        mask: bytes | bytearray | None,
    ) -> _Ranked:
        """Return the first documents with any of a set of terms: all score the same."""
        (name,) = clause.fields
        view = self.collection.view(number, name)
        score = scoring.flat_score(run.weight(clause), run.parameters.k1)
        ordinals = run.ordinals(number, clause, name)
        if view is None or not ordinals or score <= floor:
            return _NOTHING
        if k > _FIRST:
            marked = bytearray(self.collection.segments[number].doc_count)
            masks.mark_docs(run.set_docs(number, clause, name), marked)
            if mask is not None:
                masks.intersect(marked, mask)
            docs = masks.docs_of(marked)[:k]
        else:
            lists, cursor = view.field, view.lists.cursor(ordinals[0])
            docs = masks.first_docs(cursor, ordinals, lists.doc_offsets, lists.df, k, mask)
        return docs, array("d", [score]) * len(docs), None

    def _unscored(self, run: _Execution, found: list[Found], k: int) -> list[Found]:
        """Return documents that match without any clause standing in them, in index order."""
        seen = {(one.segment, one.doc) for one in found}
        result: list[Found] = []
        for number in range(len(self.collection.segments)):
            for doc in masks.docs_of(self._matched(run, number)):
                if (number, doc) not in seen:
                    result.append(Found(0.0, number, doc, False))
                    if len(result) == k:
                        return result
        return result

    def _matched(self, run: _Execution, number: int) -> bytearray:
        mask = run.mask(number, run.plan.condition)
        allowed, _ = run.allowed(number)
        if allowed is not None:
            masks.intersect(mask, allowed)
        return mask

    def _second_look(self, run: _Execution, candidates: list[_Ranked], k: int) -> list[_Ranked]:
        """Return the candidates with their exact scores, at least those that belong to the best
        ``k``."""
        if len(candidates) == 1:
            docs, scores, present = candidates[0]
            run.expect_words(0, docs)
            return [(*run.rescorer(0).best(docs, scores, k, -1.0, present), None)]
        looked = [_NOTHING] * len(candidates)
        # the segment with the best candidate first, so that others must be over what it has
        order = [number for number, (docs, _, _) in enumerate(candidates) if docs]
        order.sort(key=lambda number: -candidates[number][1][0])
        for number in order:
            run.expect_words(number, candidates[number][0])
        tops = array("d")
        for number in order:
            docs, scores, present = candidates[number]
            floor = tops[k - 1] if len(tops) >= k else -1.0
            docs, scores = run.rescorer(number).best(docs, scores, k, floor, present)
            looked[number] = docs, scores, None
            tops = matching.highest_of(tops, scores, k)
        return looked

    def matches(self, plan: Plan) -> list[bytearray]:
        """Return, per segment, the mask of every document that answers."""
        run = _Execution(self.collection, plan)
        return [self._matched(run, number) for number in range(len(self.collection.segments))]

    def is_match(self, plan: Plan, segment: int, doc: int) -> bool:
        """Whether a document of a segment answers."""
        return bool(self._matched(_Execution(self.collection, plan), segment)[doc])

    def score(self, plan: Plan, segment: int, doc: int) -> Scored:
        """Return every part of one document's score, for an explanation."""
        run = _Execution(self.collection, plan)
        rescorer = run.rescorer(segment)
        return Scored(run, segment, doc, rescorer.parts(doc), rescorer.beginnings(doc))


class Scored(Record, frozen=True):
    """The parts of a document's score: first the plan's clauses, then its units.

    ``beginnings`` is how much of each part comes from standing near the beginning.
    """

    run: _Execution
    segment: int
    doc: int
    parts: Sequence[float]
    beginnings: Sequence[float]

    def frequencies(self, clause: Clause) -> dict[str, int]:
        """Return how often a clause's members stand in each field of the document."""
        found: dict[str, int] = {}
        doc_count = self.run.collection.segments[self.segment].doc_count
        for member in clause.members:
            if isinstance(member, TermMember):
                cursor = self.run.collection.cursor(self.segment, member.field, member.term)
                if cursor is None:
                    continue
            else:
                cursor = listed_cursor(*self.run.listed(self.segment, member), doc_count)
            frequency = cursor.frequency(self.doc)
            if frequency:
                found[member.field] = found.get(member.field, 0) + frequency
        return found

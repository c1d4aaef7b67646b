"""From a query tree and how its words were understood to a plan."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, groupby, pairwise

from vnsearch.errors import IndexCorruptError
from vnsearch.query.ast import (
    And,
    Boost,
    Field,
    Fuzzy,
    Group,
    MatchAll,
    Node,
    Not,
    Nothing,
    Or,
    Phrase,
    Prefix,
    Range,
    Require,
    Terms,
    Value,
    walk,
)
from vnsearch.query.understand import Alternative, Position, Understanding
from vnsearch.ranking.collection import Collection
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
from vnsearch.schema import Keyword, Schema, Text
from vnsearch.text import Token, fold_key
from vnsearch.text.syllable import begins_like

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["Planned", "Planner"]

_MAX_TOKENS = 1_024
"""Words of a query beyond this are read past, as with Lucene's limit of clauses."""

_MAX_EXPANSIONS = 4_096
"""A prefix or fuzzy word stands for at most so many terms of a segment's field."""


_MAX_ROW = 64
"""So many words or phrases with signs between them, at most, are read together."""


class _Scope:
    """Where a node looks and how it counts; ``key`` names the fields and their boosts."""

    __slots__ = ("boost", "fields", "key")

    def __init__(self, fields: Mapping[str, float], boost: float = 1.0) -> None:
        self.fields = fields
        self.boost = boost
        self.key = " ".join([f"{name}^{boost!r}" for name, boost in fields.items()])


class Planner:
    """Builds the plan of one query.

    ``read`` understands a run of tokens (the index's statistics behind it), ``decode`` the
    beginning of a word typed as keys (None: it is not); ``operator`` joins plain words ("or" or
    "and").
    """

    def __init__(
        self,
        collection: Collection,
        schema: Schema,
        fields: Mapping[str, float],
        operator: str,
        read: Callable[[str], Understanding],
        decode: Callable[[str], str | None],
        query: str,
    ) -> None:
        self.collection = collection
        self.schema = schema
        self.fields = fields
        self.operator = operator
        self.read = read
        self.decode = decode
        self.query = query
        self.readings: list[tuple[int, Understanding]] = []
        """Where in the query each run of words that counts begins, and how it was read."""
        self._taken = 0
        self._parts: dict[tuple[int, int], Understanding] = {}
        self._clauses: dict[object, Clause] = {}
        self._units: dict[object, UnitClause] = {}

    def plan(self, node: Node, filters: Sequence[Condition] = ()) -> Plan:
        """Return the plan of a whole query."""
        self._read_together(node)
        condition = self._condition(node, _Scope(self.fields))
        clauses = list(self._clauses.values())
        return Plan(clauses, list(self._units.values()), condition, filters)

    def _read_together(self, node: Node) -> None:
        """Read words that stand side by side, but for the signs between them, as one text."""
        for group in walk(node):
            if not isinstance(group, Group):
                continue
            rows: list[list[tuple[int, int]]] = [[]]
            for child in group.nodes:
                leaf = _leaf(child)
                if leaf is None:
                    rows.append([])
                elif leaf.tokens:
                    start = leaf.start if isinstance(leaf, Terms) else leaf.tokens[0].start
                    rows[-1].append((start, leaf.tokens[-1].end))
            for row in rows:
                if 1 < len(row) <= _MAX_ROW:
                    begin = row[0][0]
                    text, done = "", begin
                    for start, end in row:
                        text += " " * (start - done) + self.query[start:end]
                        done = end
                    reading = self.read(text)
                    for start, end in row:
                        self._parts[start, end] = reading.part(start - begin, end - begin)

    def _read(self, start: int, end: int) -> Understanding:
        """Return how the words from ``start`` to ``end`` of the query were read."""
        reading = self._parts.get((start, end)) or self.read(self.query[start:end])
        self.readings.append((start, reading))
        return reading

    def apart(self, node: Node, filters: Sequence[Condition] = ()) -> Iterator[tuple[float, Plan]]:
        """Yield the plans of what a query, planned before, may be read as where that is not sure,
        each with its probability; none for more than plain words, in one field or all."""
        if not isinstance(_leaf(node), Terms):
            return
        for probability, reading in self.readings[0][1].readings():
            yield probability, self._read_as(reading, node, filters)

    def _read_as(self, reading: Understanding, node: Node, filters: Sequence[Condition]) -> Plan:
        planner = Planner(
            self.collection,
            self.schema,
            self.fields,
            self.operator,
            lambda _: reading,
            self.decode,
            self.query,
        )
        plan = planner.plan(node, filters)
        plan.read_as = reading.text
        return plan

    def _condition(self, node: Node, scope: _Scope) -> Condition:
        if isinstance(node, Terms):
            return self._terms(node, scope)
        if isinstance(node, Phrase):
            return self._phrase(node, scope)
        if isinstance(node, Prefix):
            return self._prefix(node, scope)
        if isinstance(node, Fuzzy):
            return self._fuzzy(node, scope)
        if isinstance(node, Value):
            return AnyOf(tuple(OneOf(name, (node.value,)) for name in scope.fields))
        if isinstance(node, Range):
            return AnyOf(
                tuple(
                    InRange(name, node.low, node.high, node.include_low, node.include_high)
                    for name in scope.fields
                )
            )
        if isinstance(node, Field):
            kind = self.schema[node.name]
            boost = kind.boost if isinstance(kind, Text) else 1.0
            return self._condition(node.node, _Scope({node.name: boost}, scope.boost))
        if isinstance(node, Boost):
            return self._condition(node.node, _Scope(scope.fields, scope.boost * node.factor))
        if isinstance(node, Not):
            return Except(self._unscored(node.node, scope))
        if isinstance(node, Require):
            return self._condition(node.node, scope)
        if isinstance(node, And):
            glued = self._glued_prefix(node)
            if glued is not None:
                return self._prefix(glued, scope, glued.text)
            return _all(self._condition(child, scope) for child in node.nodes)
        if isinstance(node, Or):
            return _any(self._condition(child, scope) for child in node.nodes)
        if isinstance(node, Group):
            return self._group(node, scope)
        if isinstance(node, MatchAll):
            if scope.fields is self.fields:
                return Everything()
            return AnyOf(tuple(HasValue(name) for name in scope.fields))
        assert isinstance(node, Nothing)
        return NothingAtAll()

    def _unscored(self, node: Node, scope: _Scope) -> Condition:
        """Plan a node whose clauses decide what matches and never score."""
        kept = dict(self._clauses), dict(self._units), list(self.readings)
        self._clauses, self._units = {}, {}
        condition = self._condition(node, scope)
        self._clauses, self._units, self.readings = kept
        return condition

    def _group(self, node: Group, scope: _Scope) -> Condition:
        required: list[Condition] = []
        optional: list[Condition] = []
        excluded: list[Condition] = []
        plain = sum(not isinstance(child, Not | Require) for child in node.nodes)
        for child in node.nodes:
            condition = self._condition(child, scope)
            if isinstance(child, Phrase) and plain > 1 and child.tokens:
                # beside other words a phrase also counts by its own: where it does not stand
                # word for word, its words still tell which article is meant
                self._terms(Terms(child.tokens, *_span(child.tokens)), scope)
            if isinstance(child, Require):
                required.append(condition)
            elif isinstance(child, Not):
                excluded.append(condition)
            else:
                optional.append(condition)
        if self.operator == "and":
            required += optional
        elif not required and optional:
            required.append(_any(optional))
        return _all(required + excluded)

    # Words

    def _terms(self, node: Terms, scope: _Scope) -> Condition:
        tokens = node.tokens[: _MAX_TOKENS - self._taken]
        if not tokens:
            return NothingAtAll()
        self._taken += len(tokens)
        parameters = self.collection.parameters
        reading = self._read(node.start, tokens[-1].end)
        meant: list[list[Condition]] = []
        for position in reading.positions:
            clauses: list[Condition] = []
            for term, weight, reason in position.variants:
                clauses.append(self._term(term, weight, reason, scope))
            if position.bare:
                clauses.append(self._folded(position.fold, parameters.fold_weight, scope))
            meant.append(clauses)
        for (first, stop, _), alternatives in groupby(reading.alternatives, key=_what):
            clause = self._alternatives(list(alternatives), scope)
            for at in range(first, stop):
                meant[at].append(clause)
        if parameters.pair_weight > 0:
            self._pairs(reading, scope)
        if parameters.word_weight > 0:
            self._words(reading, scope)
        if self.operator == "and":
            return _all([_any(clauses) for clauses in meant])
        return _any(chain.from_iterable(meant))

    def _term(self, term: str, weight: float, reason: str, scope: _Scope) -> Clause:
        key = ("term", term, scope.key)
        clause = self._clauses.get(key)
        if clause is not None:
            clause.weight += weight * scope.boost
            return clause
        members = self.collection.members.get(key)
        if members is None:
            members = self.collection.keep_members(key, self._term_members(term, scope))
        fields = scope.fields
        clause = Clause(term, members, weight * scope.boost, None, fields, reason, key=key)
        self._clauses[key] = clause
        return clause

    def _term_members(self, term: str, scope: _Scope) -> list[Member]:
        unmarked = fold_key(term)
        share = self.collection.parameters.unmarked_weight
        members: list[Member] = []
        for name, boost in scope.fields.items():
            members.append(TermMember(name, term, boost))
            if unmarked != term and share > 0:
                members.append(PlainMember(name, unmarked, boost * share))
        return members

    def _folded(self, fold: str, weight: float, scope: _Scope) -> Clause:
        key = ("fold", fold, scope.key)
        clause = self._clauses.get(key)
        if clause is not None:
            clause.weight += weight * scope.boost
            return clause
        members = self.collection.members.get(key)
        if members is None:
            members = self.collection.keep_members(key, self._fold_members(fold, scope))
        weight *= scope.boost
        clause = Clause(fold, members, weight, None, scope.fields, "folded", fold, key=key)
        self._clauses[key] = clause
        return clause

    def _fold_members(self, fold: str, scope: _Scope) -> list[Member]:
        return [
            TermMember(name, term, boost)
            for name, boost in scope.fields.items()
            for term in self.collection.likely_forms(name, fold)
        ]

    def _alternatives(self, alternatives: list[Alternative], scope: _Scope) -> Clause:
        """Return the clause of all other ways to say the same words: who says it twice, in two
        ways, says it twice and not something else besides."""
        most = max([alternative.weight for alternative in alternatives])
        label = ", ".join([" ".join(alternative.terms) for alternative in alternatives])
        shares = [alternative.weight / most for alternative in alternatives]
        key = (f"alternatives {shares}", label, scope.key)
        clause = self._clauses.get(key)
        if clause is not None:
            return clause
        members = self.collection.members.get(key)
        if members is None:
            made: list[Member] = []
            for (_, _, terms, _, _), share in zip(alternatives, shares, strict=True):
                for name, boost in scope.fields.items():
                    if len(terms) == 1:
                        made.append(TermMember(name, terms[0], boost * share))
                    else:
                        slots = tuple((term,) for term in terms)
                        made.append(PhraseMember(name, slots, boost * share))
            members = self.collection.keep_members(key, made)
        weight = most * scope.boost
        reason = alternatives[0].reason
        clause = Clause(label, members, weight, None, scope.fields, reason, key=key)
        self._clauses[key] = clause
        return clause

    def _pairs(self, reading: Understanding, scope: _Scope) -> None:
        collection = self.collection
        parameters = collection.parameters
        positions = reading.positions
        plain: list[str] = []  # the fields of which some text is written without marks
        if parameters.unmarked_weight > 0:
            plain = [name for name in scope.fields if collection.has_plain(name)]
        for (first, second), pairs in zip(pairwise(positions), reading.pairs, strict=True):
            also = False
            for name in plain:
                if collection.pair_df(name, first.fold, second.fold):
                    also = True
                    break
            for left, right, weight in pairs:
                slots: tuple[tuple[str, ...], ...] = ((left,), (right,))
                if also:
                    spelled = ((left, first.fold), (right, second.fold))
                    slots = tuple([tuple(dict.fromkeys(two)) for two in spelled])
                self._unit("pair", slots, parameters.pair_weight * weight, scope, "pair")
        if not any(position.bare for position in positions):
            return
        weight = parameters.fold_weight * parameters.pair_weight
        spellings = [self._spellings(position, scope) for position in positions]
        for at, (first, second) in enumerate(pairwise(positions)):
            if (first.bare or second.bare) and spellings[at] and spellings[at + 1]:
                self._unit("pair", (spellings[at], spellings[at + 1]), weight, scope, "folded")

    def _spellings(self, position: Position, scope: _Scope) -> tuple[str, ...]:
        """Return the likely spellings of a position and, if it is bare, all others."""
        spellings = [variant.term for variant in position.variants]
        if position.bare:
            for name in scope.fields:
                spellings += self.collection.likely_forms(name, position.fold)
        return tuple(dict.fromkeys(spellings))

    def _words(self, reading: Understanding, scope: _Scope) -> None:
        word_weight = self.collection.parameters.word_weight
        for slots, count in self.collection.words(reading):
            self._unit("word", slots, word_weight * count, scope, "word")

    def _unit(
        self,
        kind: str,
        slots: tuple[tuple[str, ...], ...],
        weight: float,
        scope: _Scope,
        reason: str,
    ) -> None:
        key = (kind, slots, scope.key)
        unit = self._units.get(key)
        if unit is None:
            weight *= scope.boost
            self._units[key] = UnitClause(kind, slots, weight, scope.fields, reason, key)
        else:
            unit.weight += weight * scope.boost

    # Phrases, prefixes, near spellings

    def _phrase(self, node: Phrase, scope: _Scope) -> Condition:
        tokens = node.tokens[: _MAX_TOKENS - self._taken]
        if not tokens:
            return NothingAtAll()
        self._taken += len(tokens)
        reading = self._read(*_span(tokens))
        exact = tuple(
            tuple(variant.term for variant in position.variants) for position in reading.positions
        )
        apart = _same_letters(reading, exact)
        loose = tuple(self._spellings(position, scope) for position in reading.positions)
        bare = tuple((position.fold,) for position in reading.positions)
        is_sought = all(fold in slot for (fold,), slot in zip(bare, loose, strict=True))
        members: list[Member] = []
        parameters = self.collection.parameters
        for name, boost in scope.fields.items():
            members.append(PhraseMember(name, exact, boost, node.slop))
            members += [PhraseMember(name, slots, boost, node.slop) for slots in apart]
            share = parameters.fold_weight
            if loose != exact and share > 0:
                members.append(PhraseMember(name, loose, boost * share, node.slop))
            share = parameters.unmarked_weight
            if share > 0 and not is_sought and self._may_stand_bare(name, bare, node.slop):
                members.append(PhraseMember(name, bare, boost * share, node.slop, True))
        self.collection.expect(members)
        key = ("phrase", exact, loose, node.slop, scope.key)
        label = '"' + " ".join(token.text for token in tokens) + '"'
        clause = self._clauses.setdefault(
            key, Clause(label, members, 0.0, None, scope.fields, "phrase")
        )
        clause.weight += scope.boost
        return clause

    def _may_stand_bare(self, name: str, bare: Sequence[tuple[str]], slop: int) -> bool:
        """Whether unmarked spellings may stand in a row in a text without marks."""
        collection = self.collection
        if not collection.has_plain(name):
            return False
        if slop:
            return all(collection.df(name, fold) for (fold,) in bare)
        return all(collection.pair_df(name, *left, *right) for left, right in pairwise(bare))

    def _glued_prefix(self, node: And) -> Prefix | None:
        """Return the one beginning of a word that the parts of a chunk (``vang2*``: vang and 2*)
        are as keys, None where they are two things."""
        first, last = node.nodes[0], node.nodes[-1]
        if not (isinstance(first, Terms) and isinstance(last, Prefix)) or first.end != last.start:
            return None
        meant = self.decode(self.query[first.start : last.end - 1])
        return None if meant is None else Prefix(meant, first.start, last.end)

    def _prefix(self, node: Prefix, scope: _Scope, meant: str | None = None) -> Condition:
        """Return what words that begin so match; ``meant`` is what was decoded already."""
        keywords = [name for name in scope.fields if isinstance(self.schema[name], Keyword)]
        texts = {name: boost for name, boost in scope.fields.items() if name not in keywords}
        parts: list[Condition] = [OneOf(name, (node.text,), prefix=True) for name in keywords]
        if texts:
            collection = self.collection
            text = meant or self.decode(self.query[node.start : node.end - 1]) or node.text

            def lookup(name: str, number: int) -> Sequence[int]:
                found = collection.segments[number].text(name)
                if found is None:
                    return ()
                members, low, high = found.fold_prefix(fold_key(text))
                if max(members, default=0) >= max(len(found), 1):
                    raise IndexCorruptError("a fold key's terms are not there")
                ordinals = [*range(low, high), *(one for one in members if not low <= one < high)]
                if text.isascii():
                    return ordinals
                return [one for one in ordinals if begins_like(found.term(one), text)]

            def lookup_unmarked(name: str, number: int) -> Sequence[int]:
                found = collection.segments[number].text(name)
                return () if found is None else range(*found.prefix(fold_key(text)))

            share = collection.parameters.unmarked_weight
            in_plain = share > 0 and not text.isascii() and any(map(collection.has_plain, texts))
            plain_lookup = lookup_unmarked if in_plain else None
            parts.append(self._chosen(f"{text}*", lookup, texts, scope.boost, plain_lookup, share))
        return _any(parts)

    def _fuzzy(self, node: Fuzzy, scope: _Scope) -> Condition:
        from vnsearch.kernels import edits

        collection = self.collection
        token = node.token.text

        def lookup(name: str, number: int) -> Sequence[int]:
            found = collection.segments[number].text(name)
            if found is None:
                return ()
            near = dict(edits.near_terms(found.keys(), token, node.distance))
            if token.isascii():  # typed without marks: what is near without them
                for place, distance in edits.near_terms(found.fold_keys(), token, node.distance):
                    for member in found.fold_members(place):
                        near[member] = min(distance, near.get(member, distance))
            ranked = sorted(near, key=lambda one: (near[one], -found.df[one], one))
            return ranked[:_MAX_EXPANSIONS]

        texts = {
            name: boost
            for name, boost in scope.fields.items()
            if isinstance(self.schema[name], Text)
        }
        return self._chosen(f"{token}~{node.distance}", lookup, texts, scope.boost)

    def _chosen(
        self,
        label: str,
        lookup: Callable[[str, int], Sequence[int]],
        fields: Mapping[str, float],
        boost: float,
        plain_lookup: Callable[[str, int], Sequence[int]] | None = None,
        plain_weight: float = 0.0,
    ) -> Condition:
        key = ("lookup", label, tuple(fields))
        clause = self._clauses.get(key)
        if clause is None:
            clause = Clause(
                label,
                [],
                0.0,
                _once(lookup),
                fields,
                "expansion",
                plain_lookup=plain_lookup,
                plain_weight=plain_weight,
            )
            self._clauses[key] = clause
        clause.weight += boost
        return clause


class Planned:
    """A query's plan, and what is kept beside it for when the query is asked again."""

    def __init__(self, planner: Planner, node: Node, filters: Sequence[Condition]) -> None:
        self.plan = planner.plan(node, filters)
        self.readings = planner.readings
        self.seekers: Sequence[tuple[str, Any]] = ()
        """What its snippets look for, by field (`vnsearch.results.Show`)."""
        self._made: list[tuple[float, Plan]] = []
        self._more: Iterable[tuple[float, Plan]] = planner.apart(node, filters)

    @property
    def is_light(self) -> bool:
        """Whether it holds no lists of words, as of prefixes."""
        return all(clause.lookup is None for clause in self.plan.clauses)

    def apart(self) -> Iterator[tuple[float, Plan]]:
        """Yield what `Planner.apart` does; once settled, what was wanted of it before."""
        yield from self._made
        for one in self._more:
            self._made.append(one)
            yield one

    def settle(self) -> None:
        """Let go of the planner, after a search that found something: the next one wants as many
        readings, and what keeps this must not be kept by it."""
        self._more = ()


def _once(lookup: Callable[[str, int], Sequence[int]]) -> Callable[[str, int], Sequence[int]]:
    """Return a function that looks a field of a segment up once and remembers what it found."""
    known: dict[tuple[str, int], Sequence[int]] = {}

    def look(name: str, number: int) -> Sequence[int]:
        found = known.get((name, number))
        if found is None:
            found = known[name, number] = lookup(name, number)
        return found

    return look


def _leaf(node: Node) -> Terms | Phrase | None:
    """Return the words of a clause without what is said of them: a field, a sign, a weight."""
    while isinstance(node, Field | Boost | Not | Require):
        node = node.node
    return node if isinstance(node, Terms | Phrase) else None


def _same_letters(
    reading: Understanding, slots: tuple[tuple[str, ...], ...]
) -> list[tuple[tuple[str, ...], ...]]:
    """Return the slots of a phrase with a part of it in more tokens or fewer, but of the same
    letters and digits: 5 000 is 5.000, and TPHCM is TP.HCM, word for word."""
    found = []
    for first, stop, terms, _, _ in reading.alternatives:
        typed = tuple([one.text for one in reading.positions[first:stop]])
        if terms != typed and "".join(terms) == "".join(typed):
            found.append((*slots[:first], *[(term,) for term in terms], *slots[stop:]))
    return list(dict.fromkeys(found))


def _what(alternative: Alternative) -> tuple[int, int, str]:
    return alternative.first, alternative.stop, alternative.reason


def _span(tokens: Sequence[Token]) -> tuple[int, int]:
    return tokens[0].start, tokens[-1].end


def _any(parts: Iterable[Condition]) -> Condition:
    flat: dict[int, Condition] = {}
    for part in parts:
        for one in part.parts if isinstance(part, AnyOf) else (part,):
            flat.setdefault(id(one), one)
    found = tuple(flat.values())
    return found[0] if len(found) == 1 else AnyOf(found)


def _all(parts: Iterable[Condition]) -> Condition:
    flat: dict[int, Condition] = {}
    for part in parts:
        if isinstance(part, AnyOf) and len(part.parts) == 1:
            part = part.parts[0]
        for one in part.parts if isinstance(part, AllOf) else (part,):
            flat.setdefault(id(one), one)
    found = tuple(flat.values())
    return found[0] if len(found) == 1 else AllOf(found)

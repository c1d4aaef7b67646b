"""What a ranking needs to know of the documents: counts over all segments, rates per document."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from itertools import chain

from vnsearch.kernels import layout, masks, scoring, sequences
from vnsearch.kernels.pairs import documents_together
from vnsearch.kernels.postings import Cursor
from vnsearch.query.statistics import MAX_FORMS, RARE_FORM
from vnsearch.ranking.bm25 import Parameters, background_idf
from vnsearch.ranking.plan import Member, PhraseMember, PlainMember
from vnsearch.text.background import background_share

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal, TypeAlias, TypeVar

    from vnsearch.codec import Segment, Snapshot, TextField
    from vnsearch.query.understand import Understanding

    _Key = TypeVar("_Key")
    _Value = TypeVar("_Value")

__all__ = ["Collection", "FieldView", "Listed", "UnitKind"]

UnitKind: TypeAlias = "Literal['syllable', 'word', 'pair']"

_CACHED_TERMS = 50_000
_CACHED_LISTS = 8 << 20  # bytes
_LIST_OVERHEAD = 400  # bytes of a kept list beside its numbers

_Words: TypeAlias = "list[tuple[tuple[tuple[str], ...], float]]"
_Unit: TypeAlias = tuple[str, tuple[tuple[str, ...], ...], object]

Listed: TypeAlias = "tuple[array[int], array[int]]"
"""The documents where something stands, ascending, and how often in each."""


class FieldView:
    """A text field of one segment as ranking sees it.

    ``rates`` has ``1/(1-b+b*len/avg)`` per document ('d'). The block impacts on disk were computed
    with k1 = b = 0.9 and the segment's own average length: with another average a rate is at most
    ``drift`` times and at least ``shrink`` times what it was (both 0 where b is another).
    """

    __slots__ = ("drift", "field", "has_plain", "lists", "rates", "terms")

    def __init__(self, field: TextField, rates: array[float], drift: float, shrink: float) -> None:
        self.field = field
        self.rates = rates
        self.drift = drift
        self.has_plain = len(field.plain_docs) > 0
        self.lists = field.posting_lists
        self.terms = layout.FieldTerms(self.lists, rates, drift, shrink)


class Collection:
    """The statistics of one generation of an index.

    Counts include documents that are deleted but not yet merged away, as in Lucene: scores are
    the same for every query of the generation, and `optimize` settles them.
    """

    def __init__(self, snapshot: Snapshot, parameters: Parameters | None = None) -> None:
        self.snapshot = snapshot
        self.parameters = parameters or Parameters()
        self.segments: list[Segment] = snapshot.segments
        self.doc_count = sum(segment.doc_count for segment in self.segments)
        self.starts: list[int] = []
        start = 0
        for segment in self.segments:
            self.starts.append(start)
            start += segment.doc_count
        self._rates: dict[tuple[int, str, UnitKind], array[float]] = {}
        self._terms: dict[tuple[str, str], tuple[list[int], int, float]] = {}
        self._forms: dict[tuple[str, str], tuple[list[tuple[str, int]], int]] = {}
        self._averages: dict[tuple[str, UnitKind], float] = {}
        self._fields: dict[str, list[tuple[int, TextField]]] = {}
        self._views: dict[str, list[FieldView | None]] = {}
        self._likely: dict[tuple[str, str], list[str]] = {}
        self.members: dict[tuple[str, str, str], list[Member]] = {}
        self.information: dict[_Unit, float] = {}
        self._words: dict[tuple[str, str], int] = {}
        self._pairs: dict[tuple[str, str, str], int] = {}
        self._has_plain: dict[str, bool] = {}
        self._cuts: dict[str, _Words] = {}
        self._live: dict[int, tuple[bytes, int]] = {}
        self._surroundings: dict[tuple[int, str, UnitKind], sequences.Surroundings | None] = {}
        self.rarities: dict[tuple[object, ...], float] = {}
        self.listed: dict[tuple[int, PhraseMember], Listed] = {}
        self._plain: dict[tuple[str, str], list[Listed | None]] = {}
        self._listed_size = 0

    def fields(self, name: str) -> list[tuple[int, TextField]]:
        """Return (segment number, field) wherever the text field ``name`` stands."""
        found = self._fields.get(name)
        if found is None:
            found = self._fields[name] = [
                (number, field)
                for number, segment in enumerate(self.segments)
                if (field := segment.text(name)) is not None
            ]
        return found

    def term(self, name: str, term: str) -> tuple[list[int], int, float]:
        """Return a term's ordinal in each segment (-1: not there), document frequency and idf."""
        key = (name, term)
        found = self._terms.get(key)
        if found is None:
            ordinals = [-1] * len(self.segments)
            df = 0
            for number, field in self.fields(name):
                ordinals[number] = ordinal = field.lookup(term)
                if ordinal >= 0:
                    df += field.df[ordinal]
            found = (ordinals, df, self.idf(df, background_share(term)))
            _keep(self._terms, key, found)
        return found

    def idf(self, df: int, share: float) -> float:
        """Return the idf of what ``df`` documents have, and ``share`` of Vietnamese texts."""
        return background_idf(df, self.doc_count, share, self.parameters.background)

    def ordinals(self, name: str, term: str) -> list[int]:
        """Return the ordinal of a term in each segment, -1 where it is not."""
        return self.term(name, term)[0]

    def live(self, number: int) -> tuple[bytes, int] | None:
        """Return the mask of a segment's documents that are not deleted and how many are; None when
        all are there."""
        segment = self.segments[number]
        if segment.deleted is None:
            return None
        known = self._live.get(number)
        if known is None:
            mask = bytes(masks.expand_bits(segment.deleted, segment.doc_count, 0))
            known = self._live[number] = mask, mask.count(0)
        return known

    def view(self, number: int, name: str) -> FieldView | None:
        """Return a text field of a segment, None where no document has it."""
        views = self._views.get(name)
        if views is None:
            views = [None] * len(self.segments)
            for at, field in self.fields(name):
                ratio = 0.0
                if self.parameters.b == 0.9:
                    written = field.total_length / field.doc_count or 1.0
                    ratio = self.average(name, "syllable") / written
                views[at] = FieldView(
                    field,
                    self.rates(at, name, "syllable"),
                    max(ratio, 1.0) if ratio else 0.0,
                    min(ratio, 1.0),
                )
            self._views[name] = views  # only now: other threads take what stands here as whole
        return views[number]

    def average(self, name: str, kind: UnitKind) -> float:
        """Return the mean number of syllables, words or pairs of a field (at least a tiny one)."""
        key = (name, kind)
        known = self._averages.get(key)
        if known is None:
            total = 0
            for _, field in self.fields(name):
                if kind == "syllable":
                    total += field.total_length
                elif kind == "word":
                    total += field.total_words
                else:
                    total += field.total_pairs
            known = self._averages[key] = total / self.doc_count if total else 1.0
        return known

    def rates(self, number: int, name: str, kind: UnitKind) -> array[float]:
        """Return ``1/(1-b+b*len/avg)`` per document of a segment, for a field that stands there."""
        key = (number, name, kind)
        known = self._rates.get(key)
        if known is None:
            field = self.segments[number].text(name)
            assert field is not None
            known = array("d", [0.0]) * self.segments[number].doc_count
            scoring.fill_rates(
                field.word_lengths if kind == "word" else field.lengths,
                1 if kind == "pair" else 0,
                self.average(name, kind),
                self.parameters.b,
                known,
            )
            self._rates[key] = known
        return known

    def surroundings(self, number: int, name: str, kind: UnitKind) -> sequences.Surroundings | None:
        """Return what counting units in a field of a segment takes, None without it."""
        key = (number, name, kind)
        if key not in self._surroundings:
            field = self.segments[number].text(name)
            made = None
            if field is not None:
                rates = self.rates(number, name, kind)
                if kind == "word":
                    made = sequences.Surroundings(rates, field.joined_bits, field.bases)
                else:
                    made = sequences.Surroundings(rates)
            self._surroundings[key] = made
        return self._surroundings[key]

    def df(self, name: str, term: str) -> int:
        """Return the number of documents whose field ``name`` has ``term``."""
        return self.term(name, term)[1]

    def forms(self, name: str, fold: str) -> tuple[list[tuple[str, int]], int]:
        """Return the terms with a fold key and their documents, those of most first, and how many
        documents have any."""
        key = (name, fold)
        known = self._forms.get(key)
        if known is None:
            counts: dict[str, int] = {}
            total = 0
            for _, field in self.fields(name):
                total += field.forms(fold)[1]
                for term, _, df, _ in field.spellings(fold):  # as query understanding read them
                    counts[term] = counts.get(term, 0) + df
            forms = sorted(counts.items(), key=lambda form: (-form[1], form[0]))
            known = (forms, total)
            _keep(self._forms, key, known)
        return known

    def likely_forms(self, name: str, fold: str) -> list[str]:
        """Return the terms with a fold key that are worth reading for it: see `RARE_FORM`."""
        key = (name, fold)
        known = self._likely.get(key)
        if known is None:
            forms, total = self.forms(name, fold)
            known = [term for term, df in forms[:MAX_FORMS] if df * RARE_FORM >= total]
            _keep(self._likely, key, known)
        return known

    def has_plain(self, name: str) -> bool:
        """Return whether any text of a field is written without marks."""
        known = self._has_plain.get(name)
        if known is None:
            known = any(field.plain_docs for _, field in self.fields(name))
            self._has_plain[name] = known
        return known

    def words(self, reading: Understanding) -> _Words:
        """Return the words of what a query was read as, each as slots of one spelling, and their
        counts: the same for every page."""
        known = self._cuts.get(reading.text)
        if known is None:
            words = reading.words.items()
            known = [(tuple([(term,) for term in terms]), count) for terms, count in words]
            _keep(self._cuts, reading.text, known)
        return known

    def keep_members(self, key: tuple[str, str, str], made: list[Member]) -> list[Member]:
        """Keep the members of a clause (its kind, its word, its fields) for other plans, and
        return them, but for unmarked spellings that no text without marks has. Whoever uses
        `members` leaves them as they are."""
        self.expect(made)
        made = [
            member
            for member in made
            if not isinstance(member, PlainMember) or any(self.plain(member.field, member.term))
        ]
        _keep(self.members, key, made)
        return made

    def expect(self, members: Iterable[Member]) -> None:
        """Have the system fetch the posting lists of what is about to be looked for."""
        for member in members:
            slots = member.slots if isinstance(member, PhraseMember) else ((member.term,),)
            for term in chain.from_iterable(slots):
                ordinals = self.ordinals(member.field, term)
                for number, field in self.fields(member.field):
                    if ordinals[number] >= 0:
                        field.expect(ordinals[number])

    def keep_information(self, unit: _Unit, weight: float) -> None:
        """Keep how much a unit (its key) tells, for other plans."""
        _keep(self.information, unit, weight)

    def word_df(self, name: str, terms: tuple[str, ...]) -> int:
        """Return the number of documents where the segmenter's word stands."""
        word = " ".join(terms)
        key = (name, word)
        known = self._words.get(key)
        if known is None:
            known = sum(field.word_df(word) for _, field in self.fields(name))
            _keep(self._words, key, known)
        return known

    def pair_df(self, name: str, first: str, second: str) -> int:
        """Return the number of documents where ``first`` is followed by ``second``."""
        key = (name, first, second)
        known = self._pairs.get(key)
        if known is None:
            left, right = self.ordinals(name, first), self.ordinals(name, second)
            known = sum(
                field.pair_df(left[number], right[number])
                for number, field in self.fields(name)
                if left[number] >= 0 and right[number] >= 0
            )
            _keep(self._pairs, key, known)
        return known

    def pairs_df(self, name: str, firsts: Sequence[str], seconds: Sequence[str]) -> int:
        """Return the `pair_df` of every two of some spellings side by side, added up."""
        if len(firsts) == len(seconds) == 1:
            return self.pair_df(name, firsts[0], seconds[0])
        lefts = [self.ordinals(name, first) for first in firsts]
        rights = [self.ordinals(name, second) for second in seconds]
        return sum(
            [
                documents_together(
                    field.pair_rows,
                    [ordinals[number] for ordinals in lefts],
                    [ordinals[number] for ordinals in rights],
                )
                for number, field in self.fields(name)
            ]
        )

    def keep_rarity(self, clause: tuple[object, ...], rarity: float) -> None:
        """Keep the idf of a clause (its key), for other plans."""
        _keep(self.rarities, clause, rarity)

    def plain(self, name: str, term: str) -> list[Listed | None]:
        """Return where a term stands in each segment's documents whose field is written without
        marks; None where it stands in none."""
        key = (name, term)
        known = self._plain.get(key)
        if known is None:
            known = [None] * len(self.segments)
            for number, field in self.fields(name):
                cursor = self.cursor(number, name, term) if len(field.plain_docs) else None
                if cursor is not None:
                    found = masks.postings_among(cursor, field.plain_docs)
                    known[number] = found if found[0] else None
            if self._has_room(*filter(None, known)):
                self._plain[key] = known
        return known

    def keep_listed(self, number: int, member: PhraseMember, found: Listed) -> None:
        """Keep where a phrase stands in a segment for other plans: abbreviations come again."""
        if self._has_room(found):
            self.listed[number, member] = found

    def _has_room(self, *found: Listed) -> bool:
        """Make room for what is to be kept beside posting lists; return whether there can be."""
        size = _LIST_OVERHEAD + sum(len(one) * one.itemsize for one in chain.from_iterable(found))
        if self._listed_size + size > _CACHED_LISTS:
            self.listed.clear()
            self._plain.clear()
            self._listed_size = 0
        if size > _CACHED_LISTS:
            return False
        self._listed_size += size
        return True

    def cursor(self, number: int, name: str, term: str) -> Cursor | None:
        """Return a cursor over a term's postings in one segment, None where it has none."""
        ordinal = self.ordinals(name, term)[number]
        view = self.view(number, name) if ordinal >= 0 else None
        return None if view is None else view.lists.cursor(ordinal)


def _keep(cache: dict[_Key, _Value], key: _Key, value: _Value) -> None:
    if len(cache) >= _CACHED_TERMS:
        cache.clear()
    cache[key] = value

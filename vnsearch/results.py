"""What a search gives back: a page of hits, and what there is to say about all that matched."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from heapq import nlargest
from itertools import chain, count, repeat

from vnsearch import snippets
from vnsearch.documents import Document, joined
from vnsearch.errors import IndexCorruptError
from vnsearch.kernels import masks
from vnsearch.kernels.snippets import Occurrences
from vnsearch.query.understand import Understanding
from vnsearch.ranking.collection import Collection
from vnsearch.ranking.plan import Clause, PhraseMember, PlainMember, Plan
from vnsearch.ranking.planner import Planned
from vnsearch.ranking.search import Found
from vnsearch.ranking.view import View
from vnsearch.record import cached_property
from vnsearch.schema import Boolean, Date, Field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn, TypeAlias

    from vnsearch.ranking.explain import Explanation

_SPELLED = 500
"""A longer text than this is no slip of the keyboard: nothing else is offered for it."""

_EXPANDED = 256
"""At most so many words of a prefix are sought for a snippet, the most frequent of each field."""

_AHEAD = 10
"""So many hits of a page are read and shown together."""

_LOOKED_UP = 64
"""At most so many terms and phrases are looked up in the index for snippets."""

_DAY = 86_400_000_000  # microseconds

__all__ = ["Answer", "Hit", "Results", "Show"]

_Row: TypeAlias = "tuple[str | tuple[str, ...], ...]"
_Lookup: TypeAlias = "Callable[[str, int], Sequence[int]]"
_Weights: TypeAlias = "tuple[dict[str, float], dict[str, float], dict[_Row, float]]"


class Show:
    """Chooses the passage of an article that answers, and marks in it what the plan matched."""

    _seekers: Sequence[tuple[str, _Seeker]] = ()

    def __init__(
        self,
        plan: Plan,
        collection: Collection,
        fields: Mapping[str, float],
        highlight: snippets.Format | None,
        planned: Planned | None = None,
    ) -> None:
        self.highlight = highlight
        self._planned = planned
        if planned is not None and planned.seekers and planned.seekers[0][1].sure.is_current:
            self._seekers = planned.seekers
        self._plan = plan
        self._collection = collection
        self._fields = fields
        self._occurring: dict[tuple[snippets.Sought, int, str], Occurrences | None] = {}

    def _seek(self) -> None:
        """Prepare what is sought in each field, the body first: as a rule the same in all."""
        fields = self._fields
        everywhere = set(fields)
        clauses = self._plan.clauses
        apart = [
            clause
            for clause in clauses
            if clause.fields is not fields and not everywhere.issubset(clause.fields or fields)
        ]
        seeker = None
        seekers = []
        for name in list(fields)[::-1]:
            if seeker is None or apart:
                sought = [
                    clause for clause in clauses if clause not in apart or name in clause.fields
                ]
                seeker = _Seeker(sought, self._collection)
            seekers.append((name, seeker))
        self._seekers = seekers
        if self._planned is not None:
            self._planned.seekers = seekers

    def lines(self, documents: Sequence[Document], found: Sequence[Found]) -> list[str]:
        """Return a snippet of each document found: of the body where it matches, else of the first
        field that does."""
        if not self._seekers:
            self._seek()
        first, seeker = self._seekers[0]
        # each step for all: it finds the processor's caches full of the one before, rather than of
        # what another document takes
        sure = seeker.sure
        key = first, sure.vocabulary
        readings = [one.readings.get(key) or one.reading(key) for one in documents]
        lines: list[Any] = sure.lines(readings, self.highlight)
        if None not in lines:
            return lines
        others = [place for place, line in enumerate(lines) if line is None]
        chosen = [self._choose(documents[place], found[place]) for place in others]
        for one in chosen:
            if isinstance(one, snippets.Passage):
                try:
                    one.read()
                except ValueError:
                    break  # told again below
        for place, one in zip(others, chosen, strict=True):
            lines[place] = self._written(documents[place], found[place], one)
        return lines

    def _written(
        self, document: Document, found: Found, chosen: snippets.Passage | str | None
    ) -> str:
        """Return what was chosen of a document as a line."""
        if isinstance(chosen, snippets.Passage):
            try:
                return chosen.line(self.highlight)
            except ValueError:
                return self._written(document, found, self._choose(document, found, whole=True))
        return chosen or ""

    def _choose(
        self, document: Document, found: Found, whole: bool = False
    ) -> snippets.Passage | str | None:
        """Return a passage by what restoration chose, else by any spelling, else the beginning.

        With ``whole`` no text is looked at by its outline.
        """
        texts = []
        for name, seeker in self._seekers:
            text = document.text(name)
            if whole and isinstance(text, snippets.StoredText):
                text = text.whole
            if text is not None:
                # in a text without marks the search takes every spelling for what was meant
                loose = seeker.loose() if text.is_plain else None
                shown = self._best(loose or seeker.sure, text, name, found)
                if shown is not None:
                    return shown
                texts.append((text, name, seeker))
        for text, name, seeker in texts:
            loose = seeker.loose()
            if loose is not None:
                shown = self._best(loose, text, name, found)
                if shown is not None:
                    return shown
        for text, _, seeker in texts:
            if isinstance(text, snippets.StoredText):
                text = text.whole
            return snippets.render(seeker.sure.snippet(text), text.text, self.highlight)
        return None

    def _best(
        self,
        sought: snippets.Sought,
        text: snippets.Text | snippets.StoredText,
        name: str,
        found: Found,
    ) -> snippets.Passage | str | None:
        """Return the best passage of a text, None where nothing of what is sought is in it."""
        if isinstance(text, snippets.StoredText):
            occurrences = self._occurrences(sought, found.segment, name)
            if occurrences is not None:
                try:
                    return sought.passage(text, occurrences, found.doc)
                except ValueError:
                    pass
            text = text.whole
        return sought.line(text, self.highlight)

    def _occurrences(self, sought: snippets.Sought, number: int, name: str) -> Occurrences | None:
        """Return where in a segment's field stands what is sought; None if that is not asked: to
        look for many terms takes longer than to read the texts."""
        key = sought, number, name
        if key not in self._occurring:
            made = None
            view = self._collection.view(number, name)
            if view is not None and len(sought.rows) <= _LOOKED_UP:
                term_of = self._collection.term
                made = Occurrences(view.lists)
                for row in sought.rows:
                    slots = []
                    for slot in row:
                        terms = (slot,) if isinstance(slot, str) else slot
                        ordinals = [term_of(name, term)[0][number] for term in terms]
                        slots.append([ordinal for ordinal in ordinals if ordinal >= 0])
                    made.add(slots)
            self._occurring[key] = made
        return self._occurring[key]


class _Seeker:
    """What clauses seek in a text: ``sure`` is what restoration chose."""

    _loose: snippets.Sought | None = None
    _is_loose_made = False

    def __init__(self, clauses: Sequence[Clause], collection: Collection) -> None:
        self._clauses = clauses
        self._collection = collection
        self._weights = self._weigh()
        sure, _, phrases = self._weights
        self.sure = snippets.Sought(sure, phrases)

    def loose(self) -> snippets.Sought | None:
        """Return every spelling of the typed syllables; None if restoration chose them all."""
        if not self._is_loose_made:
            self._is_loose_made = True
            sure, loose, phrases = self._weights
            if loose.keys() - sure:
                self._loose = snippets.Sought(loose | sure, phrases)
        return self._loose

    def _weigh(self) -> _Weights:
        """Return what the sure and the other spellings weigh, and what phrases do."""
        sure: dict[str, float] = {}
        loose: dict[str, float] = {}
        phrases: dict[_Row, float] = {}
        counted = self._collection.term
        for clause in self._clauses:
            if clause.lookup is not None:
                for term in self._expansion(clause, clause.lookup):
                    sure.setdefault(term, clause.weight)
                for term in self._expansion(clause, clause.plain_lookup):
                    loose.setdefault(term, clause.weight)
            for member in clause.members:
                if isinstance(member, PhraseMember):
                    if member.slop:
                        for term in chain.from_iterable(member.slots):
                            sure.setdefault(term, 1.0)
                        continue
                    row = tuple([slot[0] if len(slot) == 1 else slot for slot in member.slots])
                    rarity = sum(
                        [min([counted(member.field, term)[2] for term in s]) for s in member.slots]
                    )
                    phrases[row] = max(phrases.get(row, 0.0), clause.weight * rarity)
                elif clause.fold or isinstance(member, PlainMember):
                    loose.setdefault(member.term, clause.weight)
                else:
                    name, term, _ = member
                    weight = clause.weight * counted(name, term)[2]
                    sure[term] = max(sure.get(term, 0.0), weight)
        return sure, loose, phrases

    def _expansion(self, clause: Clause, lookup: _Lookup | None) -> Iterator[str]:
        """Return the words of a prefix or a fuzzy word, the most frequent ones."""
        if lookup is None:
            return
        for name in clause.fields:
            for number, field in self._collection.fields(name):
                ordinals = lookup(name, number)
                for ordinal in nlargest(_EXPANDED, ordinals, key=field.df.__getitem__):
                    yield field.term(ordinal)


class Answer:
    """A search carried out: what its hits and its later questions share.

    ``found`` are the documents of its page. What is shown of one is worked out for the next ones
    too: who looks at a hit looks at those after it, and together they take less. The first of the
    ``plans`` is that of the whole query, the others those of its readings.
    ``again`` understands a run of words of the query that was only taken as typed.
    """

    def __init__(
        self,
        view: View,
        query: str,
        plans: Sequence[Plan],
        show: Show,
        found: Sequence[Found],
        facets: Sequence[tuple[str, Field]] = (),
        readings: Sequence[tuple[int, Understanding]] = (),
        again: Callable[[str], Understanding] | None = None,
    ) -> None:
        self.view = view
        self.query = query
        self.plans = plans
        self.show = show
        self.found = found
        self.documents: dict[int, Document] = {}
        self._read: tuple[int, list[Document]] = (0, [])  # those read last, from which place on
        self.snippets: dict[int, str] = {}
        self._facets = facets
        self._readings = readings
        self._again = again

    def document(self, place: int) -> Document:
        """Read the document of a hit, by its place on the page, into ``documents``."""
        ahead = self.found[place : place + _AHEAD]
        try:
            read = self.view.documents(ahead)
        except IndexCorruptError:  # which is said of a hit when that is asked for
            read = self.view.documents(ahead[:1])
        self.documents.update(enumerate(read, place))
        self._read = place, read
        return read[0]

    def snippet(self, place: int) -> str:
        """Make the snippet of a hit, by its place on the page, in ``snippets``."""
        start, read = self._read
        if not start <= place < start + len(read):
            self.document(place)
            start, read = self._read
        read = read[place - start :]
        lines = self.show.lines(read, self.found[place : place + len(read)])
        self.snippets.update(enumerate(lines, place))
        return lines[0]

    @cached_property
    def masks(self) -> list[bytearray]:
        """Per segment, which documents match."""
        return self.view.searcher.matches(self.plans[0])

    def total(self) -> int:
        """Return how many documents match."""
        return sum(mask.count(1) for mask in self.masks)

    def facets(self) -> dict[str, dict[str, int]]:
        """Return the counted values of each facet, most frequent first."""
        return {name: self._facet(name, field) for name, field in self._facets}

    def _facet(self, name: str, field: Field) -> dict[str, int]:
        counts: Counter[str] = Counter()
        for number, mask in enumerate(self.masks):
            segment = self.view.collection.segments[number]
            docs = masks.docs_of(mask)
            keywords = segment.keyword(name)
            column = segment.column(name)
            if keywords is not None:
                having = keywords.counts(docs)
                alike: dict[str, list[int]] = {}
                for ordinal, count in enumerate(having):
                    if count:
                        label = unicodedata.normalize("NFC", keywords.value(ordinal))
                        alike.setdefault(label, []).append(ordinal)
                for label, (first, *others) in alike.items():
                    counts[label] += having[first]
                    if others:  # an article may have several
                        marked = bytearray(len(mask))
                        for ordinal in (first, *others):
                            masks.mark_docs(keywords.postings(ordinal), marked)
                        masks.intersect(marked, mask)
                        counts[label] += marked.count(1) - having[first]
            elif column is not None:
                found: Iterable[Any] = column.of(docs)
                if isinstance(field, Date):  # few days make up many moments
                    found = [value // _DAY for value in found]
                try:
                    for value, count in Counter(found).items():
                        counts[_label(field, value)] += count
                except OverflowError:
                    raise segment.file.corrupt(f"a date of {name!r} is not one") from None
        return dict(sorted(counts.items(), key=lambda one: (-one[1], one[0])))

    def did_you_mean(self) -> str | None:
        """Return the query in the spelling that was probably meant.

        Only plain words and phrases are respelt; operators, fields and values stay as typed.
        """
        from vnsearch.query.suggest import did_you_mean

        query = self.query
        if len(query) > _SPELLED:
            return None
        parts: list[str] = []
        done = 0
        for start, reading in sorted(self._readings, key=lambda one: one[0]):
            if start < done or reading.rule == "off":
                continue
            if self._again is not None:
                reading = self._again(reading.query)
            meant = did_you_mean(reading.query, self.view.statistics, reading)
            if meant is not None:
                parts += query[done:start], meant
                done = start + len(reading.query)
        return "".join((*parts, query[done:])) if parts else None

    def explain(self, found: Found) -> Explanation:
        """Return how a document's score came about."""
        from vnsearch.ranking.explain import explain

        identifier = self.view.collection.segments[found.segment].doc_id(found.doc)
        plan = self.plans[found.plan]
        if not found.rescored:
            plan = plan.without_units()
        return explain(self.view.searcher.score(plan, found.segment, found.doc), identifier)


def _label(field: Field, value: Any) -> str:
    """Return a facet's value as text; dates, given in days, are counted by year."""
    if isinstance(field, Boolean):
        return "true" if value else "false"
    if isinstance(field, Date):
        return str((datetime(1970, 1, 1) + timedelta(days=value)).year)
    return repr(value + 0.0).removesuffix(".0")  # -0.0 is 0


class Hit:
    """One article that answers.

    ``rank`` counts from 1 over all pages.
    """

    def __init__(self, rank: int, place: int, answer: Answer) -> None:
        self.rank = rank
        self._place = place
        self._answer = answer

    @property
    def score(self) -> float:
        """What the order comes from, 0 where the search is sorted by a field."""
        return self._answer.found[self._place].score

    @property
    def _document(self) -> Document:
        known = self._answer.documents.get(self._place)
        return self._answer.document(self._place) if known is None else known

    @cached_property
    def fields(self) -> dict[str, Any]:
        """The article's fields as they were given."""
        return self._document.copy()

    @property
    def id(self) -> str:
        """The article's id."""
        return str(self._document.get("id"))

    @property
    def title(self) -> str:
        """The title as written, empty where there is none."""
        return joined(self._document.get("title"))

    @property
    def published(self) -> datetime | None:
        """When the article was published (naive, UTC where its source gave a zone)."""
        moment = self._document.get("published")
        return moment if isinstance(moment, datetime) else None

    @property
    def snippet(self) -> str:
        """The passage that answers best, matched words marked as ``highlight`` said."""
        known = self._answer.snippets.get(self._place)
        return self._answer.snippet(self._place) if known is None else known

    def explain(self) -> Explanation:
        """Return how the score came about; its parts add up to it.

        Where the search is sorted by a field, how the score of the whole query would.
        """
        return self._answer.explain(self._answer.found[self._place])

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "a hit is read from its open index and cannot be pickled or copied: "
            "keep its fields, score and snippet"
        )

    def __repr__(self) -> str:
        return f"<Hit {self.rank} {self.id!r} {self.score:.3f} {self.title[:40]!r}>"


class Results:
    """A page of hits: iterate over it, index it.

    ``query`` is the text as given, ``took`` the seconds the search took. ``total``, ``facets`` and
    ``did_you_mean`` cost extra: they are worked out when first asked for, on the same generation
    of the index.
    """

    def __init__(self, answer: Answer, took: float, limit: int, offset: int) -> None:
        self.query = answer.query
        self.hits = list(map(Hit, count(offset + 1), range(len(answer.found)), repeat(answer)))
        self.took = took
        self.limit = limit
        self.offset = offset
        self._answer = answer

    @cached_property
    def total(self) -> int:
        """How many articles match in all."""
        return self._answer.total()

    @cached_property
    def facets(self) -> dict[str, dict[str, int]]:
        """For each field asked for, its values and how many matching articles have them."""
        return self._answer.facets()

    @cached_property
    def did_you_mean(self) -> str | None:
        """The query in the spelling that was probably meant, None when it is right."""
        return self._answer.did_you_mean()

    @property
    def pages(self) -> int:
        """How many pages of ``limit`` hits there are."""
        return -(-self.total // self.limit) if self.limit else 0

    def __len__(self) -> int:
        return len(self.hits)

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.hits)

    def __getitem__(self, place: int) -> Hit:
        return self.hits[place]

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "results are read from their open index and cannot be pickled or copied: "
            "keep the fields, scores and snippets of the hits"
        )

    def __repr__(self) -> str:
        return f"<Results for {self.query[:60]!r}: {len(self.hits)} hits from {self.offset}>"

"""What a ranking needs to know of the documents: counts over all segments, rates per document."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Literal, TypeAlias

from vnsearch.kernels import matching
from vnsearch.kernels.postings import Cursor
from vnsearch.ranking.bm25 import Parameters

if TYPE_CHECKING:
    from vnsearch.codec import Segment, Snapshot, TextField

__all__ = ["Collection", "UnitKind"]

UnitKind: TypeAlias = Literal["syllable", "word", "pair"]

_CACHED_TERMS = 50_000


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
        self._df: dict[tuple[str, str], int] = {}
        self._forms: dict[tuple[str, str], tuple[tuple[str, ...], int]] = {}
        self._averages: dict[tuple[str, UnitKind], float] = {}

    def fields(self, name: str) -> list[tuple[int, TextField]]:
        """Return (segment number, field) wherever the text field ``name`` stands."""
        found = []
        for number, segment in enumerate(self.segments):
            field = segment.text(name)
            if field is not None:
                found.append((number, field))
        return found

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
            known = array("d", bytes(8 * self.segments[number].doc_count))
            matching.fill_rates(
                field.word_lengths if kind == "word" else field.lengths,
                1 if kind == "pair" else 0,
                self.average(name, kind),
                self.parameters.b,
                known,
            )
            self._rates[key] = known
        return known

    def drift(self, number: int, name: str) -> float:
        """Return how much the stored block impacts may understate now, or 0 where they don't hold.

        They were computed with k1 = b = 0.9 and the segment's own average length; a larger
        average now raises each rate by at most the ratio of the two.
        """
        if self.parameters.b != 0.9:
            return 0.0
        field = self.segments[number].text(name)
        assert field is not None
        written = field.total_length / field.doc_count or 1.0
        return max(1.0, self.average(name, "syllable") / written)

    def df(self, name: str, term: str) -> int:
        """Return the number of documents whose field ``name`` has ``term``."""
        key = (name, term)
        known = self._df.get(key)
        if known is None:
            known = 0
            for _, field in self.fields(name):
                ordinal = field.lookup(term)
                if ordinal >= 0:
                    known += field.df[ordinal]
            if len(self._df) >= _CACHED_TERMS:
                self._df.clear()
            self._df[key] = known
        return known

    def forms(self, name: str, fold: str) -> tuple[tuple[str, ...], int]:
        """Return the terms with a fold key, most documents first, and how many have any."""
        key = (name, fold)
        known = self._forms.get(key)
        if known is None:
            counts: dict[str, int] = {}
            total = 0
            for _, field in self.fields(name):
                ordinals, df = field.forms(fold)
                total += df
                for ordinal in ordinals:
                    term = field.term(ordinal)
                    counts[term] = counts.get(term, 0) + field.df[ordinal]
            terms = tuple(sorted(counts, key=lambda term: (-counts[term], term)))
            if len(self._forms) >= _CACHED_TERMS:
                self._forms.clear()
            known = self._forms[key] = (terms, total)
        return known

    def word_df(self, name: str, terms: tuple[str, ...]) -> int:
        """Return the number of documents where the segmenter's word stands."""
        word = " ".join(terms)
        return sum(field.word_df(word) for _, field in self.fields(name))

    def pair_df(self, name: str, first: str, second: str) -> int:
        """Return the number of documents where ``first`` is followed by ``second``."""
        total = 0
        for _, field in self.fields(name):
            a = field.lookup(first)
            if a < 0:
                continue
            b = field.lookup(second)
            if b >= 0:
                total += field.pair_df(a, b)
        return total

    def cursor(self, number: int, name: str, term: str) -> Cursor | None:
        """Return a cursor over a term's postings in one segment, None where it has none."""
        field = self.segments[number].text(name)
        if field is None:
            return None
        ordinal = field.lookup(term)
        if ordinal < 0:
            return None
        return self.cursor_at(number, name, ordinal)

    def cursor_at(self, number: int, name: str, ordinal: int) -> Cursor:
        """Return a cursor over the postings of a term given by its ordinal in the segment."""
        segment = self.segments[number]
        field = segment.text(name)
        assert field is not None
        return Cursor(
            field.postings,
            field.positions,
            field.doc_offsets[ordinal],
            field.pos_offsets[ordinal],
            field.df[ordinal],
            segment.doc_count,
        )

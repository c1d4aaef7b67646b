"""What the index knows of its own language, as query understanding asks for it.

`Statistics` is four questions about one generation of an index; the answers are kept, since
queries ask about the same syllables over and over. `TextStatistics` answers from texts in
memory.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from vnsearch.text import fold_key, syllables

__all__ = ["MAX_FORMS", "Column", "Form", "Statistics", "TextStatistics"]

MAX_FORMS = 24
"""At most so many spellings of one unmarked syllable are weighed, the most frequent ones."""

_KEPT_COLUMNS = 20_000
_KEPT_PAIRS = 4_096


class Form(NamedTuple):
    """One spelling the index holds.

    ``kinds`` is how many different terms stand right after it somewhere, ``following`` the sum
    over them of the documents where they do.
    """

    term: str
    df: int
    cf: int
    kinds: int
    following: int


class Column:
    """Spellings of one fold key, with their counts in the shape the lattice takes.

    ``forms`` are the `MAX_FORMS` most frequent ones, ``rest`` the others; ``unigram`` is how
    probable each form is on its own.
    """

    __slots__ = ("fold", "following", "forms", "key", "kinds", "places", "rest", "unigram")

    def __init__(self, key: str, fold: str, forms: Iterable[Form], total_length: int) -> None:
        ranked = sorted(forms, key=lambda form: (-form.cf, form.term))
        self.key = key
        self.fold = fold
        self.forms = tuple(ranked[:MAX_FORMS])
        self.rest = {form.term: form for form in ranked[MAX_FORMS:]}
        self.places = {form.term: place for place, form in enumerate(self.forms)}
        self.unigram = array("d", [(form.cf + 0.5) / (total_length + 1) for form in self.forms])
        self.following = array("d", [form.following for form in self.forms])
        self.kinds = array("d", [form.kinds for form in self.forms])

    def get(self, term: str) -> Form | None:
        """Return the form spelled so, or None."""
        place = self.places.get(term)
        return self.rest.get(term) if place is None else self.forms[place]


class Statistics(ABC):
    """Counts of one generation of an index, summed over its segments and text fields."""

    def __init__(self) -> None:
        self._columns: dict[str, Column] = {}
        self._candidates: dict[str, Column] = {}
        self._pairs: dict[tuple[str, str], array[float]] = {}

    @property
    @abstractmethod
    def doc_count(self) -> int:
        """The number of documents."""

    @property
    @abstractmethod
    def total_length(self) -> int:
        """The number of tokens."""

    @abstractmethod
    def read_forms(self, key: str) -> list[Form]:
        """Return every spelling with this fold key."""

    @abstractmethod
    def read_pairs(self, left: Sequence[Form], right: Sequence[Form]) -> array[float]:
        """Return, row by row, the documents where each left form stands right before each right."""

    @abstractmethod
    def followers(self, term: str) -> Iterable[tuple[str, int]]:
        """Return the terms that stand right after ``term``, with the documents where they do."""

    @abstractmethod
    def keys_with_prefix(self, prefix: str, limit: int) -> list[str]:
        """Return at most ``limit`` fold keys that begin so, in order."""

    def column(self, fold: str) -> Column:
        """Return every spelling with this fold key."""
        column = self._columns.get(fold)
        if column is None:
            column = Column(fold, fold, self.read_forms(fold), self.total_length)
            self._keep(fold, column)
        return column

    def candidates(self, term: str) -> Column:
        """Return the spellings with the fold key of ``term``; itself alone if there are none."""
        column = self._candidates.get(term)
        if column is None:
            column = self.column(fold_key(term))
            if not column.forms:
                column = self.only(term)
            self._candidates[term] = column
        return column

    def only(self, term: str) -> Column:
        """Return a column of this one term, known to the index or not."""
        key = "=" + term
        column = self._columns.get(key)
        if column is None:
            fold = fold_key(term)
            form = self.column(fold).get(term) or Form(term, 0, 0, 0, 0)
            column = Column(key, fold, [form], self.total_length)
            self._keep(key, column)
        return column

    def _keep(self, key: str, column: Column) -> None:
        if len(self._columns) >= _KEPT_COLUMNS:
            self._columns.clear()
            self._candidates.clear()
        self._columns[key] = column

    def pairs(self, left: Column, right: Column) -> array[float]:
        """Return the matrix of pair counts between two columns, row by row."""
        key = left.key, right.key
        found = self._pairs.get(key)
        if found is None:
            found = self.read_pairs(left.forms, right.forms)
            if len(self._pairs) >= _KEPT_PAIRS:
                self._pairs.clear()
            self._pairs[key] = found
        return found

    def df(self, term: str) -> int:
        """Return the number of documents with the term."""
        form = self.candidates(term).get(term)
        return form.df if form else 0


class TextStatistics(Statistics):
    """Statistics counted from texts, all in memory: for tests and for measuring."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        super().__init__()
        self._df: Counter[str] = Counter()
        self._cf: Counter[str] = Counter()
        self._followers: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._doc_count = 0
        for text in texts:
            self.add(syllables(text))

    def add(self, terms: Sequence[str]) -> None:
        """Count one document of canonical terms."""
        self._doc_count += 1
        self._df.update(set(terms))
        self._cf.update(terms)
        for left, right in set(pairwise(terms)):
            self._followers[left][right] += 1
        self.__dict__.pop("_forms", None)
        self.__dict__.pop("total_length", None)
        self._columns.clear()
        self._candidates.clear()
        self._pairs.clear()

    @property
    def doc_count(self) -> int:
        """The number of texts."""
        return self._doc_count

    @cached_property
    def total_length(self) -> int:
        """The number of tokens."""
        return self._cf.total()

    @cached_property
    def _forms(self) -> dict[str, list[str]]:
        forms: defaultdict[str, list[str]] = defaultdict(list)
        for term in sorted(self._df):
            forms[fold_key(term)].append(term)
        return dict(sorted(forms.items()))

    def read_forms(self, key: str) -> list[Form]:
        """Return every spelling with this fold key."""
        return [
            Form(
                term,
                self._df[term],
                self._cf[term],
                len(self._followers[term]),
                self._followers[term].total(),
            )
            for term in self._forms.get(key, ())
        ]

    def read_pairs(self, left: Sequence[Form], right: Sequence[Form]) -> array[float]:
        """Return the pair counts, row by row."""
        return array("d", [self._followers[a.term][b.term] for a in left for b in right])

    def followers(self, term: str) -> list[tuple[str, int]]:
        """Return the terms seen right after ``term``."""
        return list(self._followers[term].items())

    def keys_with_prefix(self, prefix: str, limit: int) -> list[str]:
        """Return the first fold keys that begin so."""
        return [key for key in self._forms if key.startswith(prefix)][:limit]

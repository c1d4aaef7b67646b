"""What `IndexStatistics` answers, counted from texts in the plainest way."""

from __future__ import annotations

import math
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import pairwise, product

from vnsearch.kernels.lattice import Numbers
from vnsearch.query.statistics import MAX_FOLLOWERS, Column, Follower, Form, Statistics, Trail
from vnsearch.text import analyze, fold_key


def _best(followers: Iterable[Follower]) -> list[Follower]:
    def weight(one: Follower) -> float:
        return one.together * math.sqrt(one.together / max(one.df, 1))

    return sorted(followers, key=lambda one: (-weight(one), one.term))[:MAX_FOLLOWERS]


class TextStatistics(Statistics):
    """Statistics counted from texts, all in memory."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        super().__init__()
        self._df: Counter[str] = Counter()
        self._plain_df: Counter[str] = Counter()
        self._cf: Counter[str] = Counter()
        self._followers: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._segmented: Counter[str] = Counter()
        self._texts: list[list[str]] = []
        self._doc_count = 0
        for text in texts:
            self.add(text)

    def add(self, text: str) -> None:
        """Count one document."""
        analysis = analyze(text)
        terms = [token.text for token in analysis.tokens]
        self._doc_count += 1
        self._texts.append(terms)
        self._segmented.update({word.text for word in analysis.words})
        self._df.update(set(terms))
        if "".join(terms).isascii():
            self._plain_df.update(set(terms))
        self._cf.update(terms)
        for left, right in set(pairwise(terms)):
            self._followers[left][right] += 1
        self.__dict__.pop("_forms", None)
        self.__dict__.pop("total_length", None)
        self.forget()

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
        return [Form(term, self._df[term], self._cf[term]) for term in self._forms.get(key, ())]

    def read_df(self, term: str) -> int:
        """Return the number of texts with the term."""
        return self._df[term]

    def holds(self, term: str) -> bool:
        """Whether any text has the term."""
        return term in self._df

    def read_plain_df(self, term: str) -> int:
        """Return the number of texts with the term that are written without marks."""
        return self._plain_df[term]

    def read_held(self, keys: Iterable[str]) -> set[str]:
        """Return those of the fold keys that any spelling has."""
        return self._forms.keys() & keys

    def read_following(self, column: Column) -> tuple[array[float], array[float]]:
        """Return what follows the forms."""
        followers = [self._followers[form.term] for form in column.forms]
        return (
            array("d", [len(counts) for counts in followers]),
            array("d", [counts.total() for counts in followers]),
        )

    def pairs(self, columns: Sequence[Column]) -> Numbers:
        """Return the pair counts, matrix after matrix."""
        followers = self._followers
        counts = [
            followers[a.term][b.term]
            for left, right in pairwise(columns)
            for a, b in product(left.forms, right.forms)
        ]
        return Numbers(array("d", counts))

    def read_pair(self, left: str, right: str) -> int:
        """Return the documents where ``left`` stands right before ``right``."""
        return self._followers[left][right]

    def read_followers(self, term: str, prefix: str) -> list[Follower]:
        """Return the terms that belong most to ``term`` before them."""
        return _best(
            Follower(follower, together, self._df[follower])
            for follower, together in self._followers.get(term, {}).items()
            if fold_key(follower).startswith(prefix)
        )

    def read_word(self, terms: tuple[str, ...]) -> int:
        """Return the documents where the segmenter made one word of these terms."""
        return self._segmented[" ".join(terms)]

    def pair_dfs(self, left: str, rights: list[str]) -> list[int]:
        """Return for each of ``rights`` the documents where it stands right after ``left``."""
        return [self._followers[left][right] for right in rights]

    def word_dfs(self, head: tuple[str, ...], lasts: list[str]) -> list[int]:
        """Return the documents of each word that is ``head`` and one of ``lasts``."""
        return [self._segmented[" ".join((*head, last))] for last in lasts]

    def read_trail(self, left: str, right: str) -> Trail:
        """Return where ``left`` stands right before ``right``."""
        places = [
            (terms, at + 2)
            for terms in self._texts
            for at, pair in enumerate(pairwise(terms))
            if pair == (left, right)
        ]
        return _TextTrail(self, right, places)

    def long_df(self, term: str) -> int:
        """Return the number of texts with the term."""
        return self._df[term]

    def read_prefix(self, prefix: str) -> list[tuple[str, int]]:
        """Return the terms of most documents whose fold key begins so."""
        counted = [
            (term, self._df[term])
            for key, terms in self._forms.items()
            if key.startswith(prefix)
            for term in terms
        ]
        return sorted(counted, key=lambda pair: (-pair[1], pair[0]))[:MAX_FOLLOWERS]


class _TextTrail(Trail):
    """A trail in texts: each with the place behind the row, as often as it stands there."""

    def __init__(
        self, stats: TextStatistics, last: str, places: list[tuple[list[str], int]]
    ) -> None:
        self.documents = len({id(terms) for terms, _ in places})
        self._stats = stats
        self._last = last
        self._places = places

    def read_longer(self, term: str) -> Trail:
        """Return where the row goes on with a term."""
        places = [(terms, at + 1) for terms, at in self._places if terms[at : at + 1] == [term]]
        return _TextTrail(self._stats, term, places)

    def read_followers(self, prefix: str) -> list[Follower]:
        """Return the terms that the row goes on with."""
        counted = [
            (one, self.go_on(one.term).documents)
            for one in self._stats.followers(self._last, prefix)
        ]
        return _best(Follower(one.term, count, one.df) for one, count in counted if count)

    def read_whether_reached(self, terms: tuple[str, ...]) -> bool:
        """Whether the row goes on with some terms anywhere."""
        row = list(terms)
        return any(text[at : at + len(row)] == row for text, at in self._places)

"""What query understanding asks of an index, answered from its segments."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from heapq import merge
from itertools import islice
from typing import TYPE_CHECKING

from vnsearch.query.statistics import Form, Statistics

if TYPE_CHECKING:
    from vnsearch.codec import TextField
    from vnsearch.ranking.collection import Collection

__all__ = ["IndexStatistics"]


class IndexStatistics(Statistics):
    """Counts summed over the text fields of one generation."""

    def __init__(self, collection: Collection) -> None:
        super().__init__()
        self._collection = collection
        self._fields: list[TextField] = [
            field
            for name in collection.snapshot.schema.text_fields()
            for _, field in collection.fields(name)
        ]

    @property
    def doc_count(self) -> int:
        """The number of documents."""
        return self._collection.doc_count

    @property
    def total_length(self) -> int:
        """The number of tokens."""
        return sum(field.total_length for field in self._fields)

    def read_forms(self, key: str) -> list[Form]:
        """Return every spelling with this fold key."""
        counts: dict[str, list[int]] = {}
        for field in self._fields:
            for ordinal in field.forms(key)[0]:
                kinds, following = field.followers(ordinal)
                one = counts.setdefault(field.term(ordinal), [0, 0, 0, 0])
                one[0] += field.df[ordinal]
                one[1] += field.cf[ordinal]
                # the followers of several segments overlap: the largest is near enough
                one[2] = max(one[2], kinds)
                one[3] += following
        return [Form(term, *found) for term, found in counts.items()]

    def read_pairs(self, left: Sequence[Form], right: Sequence[Form]) -> array[float]:
        """Return, row by row, the documents where each left form stands right before each right."""
        matrix = array("d", bytes(8 * len(left) * len(right)))
        for field in self._fields:
            columns = [
                (at, ordinal)
                for at, form in enumerate(right)
                if (ordinal := field.lookup(form.term)) >= 0
            ]
            for row, form in enumerate(left):
                first = field.lookup(form.term)
                if first < 0:
                    continue
                base = row * len(right)
                for at, second in columns:
                    matrix[base + at] += field.pair_df(first, second)
        return matrix

    def followers(self, term: str) -> Iterable[tuple[str, int]]:
        """Return the terms that stand right after ``term``, with the documents where they do."""
        counts: Counter[str] = Counter()
        for field in self._fields:
            first = field.lookup(term)
            if first < 0:
                continue
            ordinals, dfs = field.pairs.row(first)
            for ordinal, df in zip(ordinals, dfs, strict=True):
                counts[field.term(ordinal)] += df
        return counts.items()

    def keys_with_prefix(self, prefix: str, limit: int) -> list[str]:
        """Return at most ``limit`` fold keys that begin so, in order."""
        streams = [(key for key, _ in field.fold_prefix(prefix)) for field in self._fields]
        keys: dict[str, None] = {}
        for key in islice(merge(*streams), limit * max(1, len(streams))):
            keys[key] = None
            if len(keys) == limit:
                break
        return list(keys)

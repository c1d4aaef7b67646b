"""One generation of an index with everything that searches keep of it."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence

from vnsearch.documents import Document, Documents
from vnsearch.kernels import columns, masks
from vnsearch.query.statistics import IndexStatistics, Kept
from vnsearch.ranking.bm25 import Parameters
from vnsearch.ranking.collection import Collection
from vnsearch.ranking.plan import Plan
from vnsearch.ranking.search import Found, Searcher

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from vnsearch.codec import Snapshot

__all__ = ["View"]

_PLANNED = 256


class View:
    """One generation with all that searches keep of it."""

    def __init__(
        self,
        snapshot: Snapshot,
        stamp: object,
        parameters: Parameters,
        documents: Documents | None = None,
    ) -> None:
        self.stamp = stamp
        self.planned = Kept(_PLANNED)
        """The queries asked last, by all that their plans hang on."""
        self._documents = documents or Documents()
        self.collection = Collection(snapshot, parameters)
        self.searcher = Searcher(self.collection)
        self._ids = [segment.id for segment in snapshot.segments]
        self._segments = dict(zip(self._ids, snapshot.segments, strict=True))
        self.statistics = IndexStatistics(
            (
                field
                for name in snapshot.schema.text_fields()
                for _, field in self.collection.fields(name)
            ),
            self.collection.doc_count,
        )

    def find(self, identifier: str) -> tuple[int, int] | None:
        """Return (segment number, document) of an id."""
        for number in range(len(self.collection.segments) - 1, -1, -1):
            doc = self.collection.segments[number].find_id(identifier)
            if doc >= 0:
                return number, doc
        return None

    def stored(self, number: int, doc: int) -> dict[str, Any]:
        """Return a document's fields, those outside the schema among them."""
        return self.collection.segments[number].stored(doc)

    def documents(self, found: Sequence[Found]) -> list[Document]:
        """Return documents to be shown."""
        _, numbers, docs, _, _ = zip(*found, strict=True)
        return self._documents.get(
            list(zip(map(self._ids.__getitem__, numbers), docs, strict=True)), self._segments
        )

    def sorted(
        self, plan: Plan, keys: Sequence[tuple[str, bool]], limit: int, offset: int
    ) -> list[Found]:
        """Return a page of matching documents ordered by fields, those without a value last."""
        limit = min(limit, self.collection.doc_count)
        offset = min(offset, self.collection.doc_count)
        entries = []
        for number, mask in enumerate(self.searcher.matches(plan)):
            readers = [self.value_reader(number, name) for name, _ in keys]
            for doc in self._first(number, masks.docs_of(mask), keys, offset + limit):
                entries.append((number, doc, [read(doc) for read in readers]))
        for place in range(len(keys) - 1, -1, -1):
            down = keys[place][1]
            present = [entry for entry in entries if entry[2][place] is not None]
            absent = [entry for entry in entries if entry[2][place] is None]
            present.sort(key=lambda entry: entry[2][place], reverse=down)
            entries = present + absent
        page = entries[offset : offset + limit]
        return [Found(0.0, number, doc) for number, doc, _ in page]

    def _first(
        self, number: int, docs: array[int], keys: Sequence[tuple[str, bool]], count: int
    ) -> list[int]:
        """Return the documents of a segment that come first by fields, ascending."""
        segment = self.collection.segments[number]
        orders = []
        for name, down in keys:
            field = segment.column(name) or segment.keyword(name)
            if field is not None:  # else none has a value here
                order = field.order(docs)
                if down:
                    columns.reverse(order)
                orders.append(order)
        if not orders:
            return list(docs[:count])
        return [docs[place] for place in columns.first_places(orders, count)]

    def value_reader(self, number: int, name: str) -> Callable[[int], Any]:
        """Return a function from a document to its (first) value in a field, or None."""
        segment = self.collection.segments[number]
        column = segment.column(name)
        if column is not None:
            return column.get
        keywords = segment.keyword(name)
        if keywords is None:
            return lambda doc: None

        def read(doc: int) -> str | None:
            ordinals = keywords.ordinals(doc)
            return keywords.value(ordinals[0]) if ordinals else None

        return read

# mypy: allow-untyped-calls
"""Our index as a `whoosh.index.Index`, for Whoosh's searchers and in Whoosh's way of writing."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import Any

from whoosh.fields import Schema as WhooshSchema
from whoosh.fields import UnknownFieldError
from whoosh.index import Index, LockError
from whoosh.reading import IndexReader
from whoosh.writing import IndexingError, IndexWriter

from vnsearch.codec.format import COMMIT_NAME, SegmentEntry, count_bits
from vnsearch.codec.store import Snapshot, Store
from vnsearch.errors import IndexLockedError, SchemaError
from vnsearch.whoosh.reading import SnapshotReader, whoosh_schema

__all__ = ["StoreIndex", "StoreWriter", "whoosh_index"]


def whoosh_index(store: Store) -> StoreIndex:
    """Return the Whoosh index that reads and writes a store of ours."""
    return StoreIndex(store)


class StoreIndex(Index):
    """An index of ours behind Whoosh's interface.

    Every reader and searcher sees the generation that was the latest when it was opened, whole;
    ``searcher.refresh()`` gives one for the latest. The schema is fixed when the index is made.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._schema = whoosh_schema(store.schema)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self._store.path)!r})"

    @property
    def schema(self) -> WhooshSchema:
        """The Whoosh schema."""
        return self._schema

    def latest_generation(self) -> int:
        """Return the generation on disk."""
        return self._store.read().generation

    def is_empty(self) -> bool:
        """Return whether nothing was ever written."""
        return not self._store.read().segments

    def last_modified(self) -> int:
        """Return when the last commit was made, in seconds since 1970."""
        return int((self._store.path / COMMIT_NAME).stat().st_mtime)

    def reader(self, reuse: IndexReader | None = None) -> SnapshotReader:
        """Return a reader of the latest generation; ``reuse`` is closed, as Whoosh may."""
        reader = SnapshotReader(self._store.snapshot(), self._schema)
        if reuse is not None:
            reuse.close()
        return reader

    def writer(self, timeout: float = 0.0, **kwargs: Any) -> StoreWriter:
        """Return a writer, waiting up to ``timeout`` seconds for the lock.

        Raises `whoosh.index.LockError` when another writer holds it for longer. Whoosh's other
        options (``procs``, ``limitmb``, ``codec`` ...) are for its own writer and raise TypeError.
        """
        if kwargs:
            raise TypeError(f"a vnsearch index takes no writer option {next(iter(kwargs))!r}")
        return StoreWriter(self, self._store, timeout)

    def optimize(self) -> None:
        """Merge all segments into one and drop deleted documents."""
        self.writer().commit(optimize=True)

    def add_field(self, fieldname: str, fieldspec: Any) -> None:
        """Raise SchemaError: the schema is fixed."""
        raise SchemaError("an index keeps the schema it was made with")

    def remove_field(self, fieldname: str) -> None:
        """Raise SchemaError: the schema is fixed."""
        raise SchemaError("an index keeps the schema it was made with")


class StoreWriter(IndexWriter):
    """Whoosh's writer interface before our writer.

    A document needs an ``id``, and replaces the one that has the same. Deletions by number, term
    or query take the documents committed when the writer was opened, as in Whoosh; the writer's own
    readers and searchers no longer have what it deleted or replaced, nor yet what it added.
    """

    def __init__(self, index: StoreIndex, store: Store, timeout: float = 0.0) -> None:
        self.schema = index.schema
        self.is_closed = False
        self._own_schema = store.schema
        try:
            self._writer = store.writer(timeout=timeout)
        except IndexLockedError as error:
            raise LockError(str(error)) from error
        try:
            self._snapshot = store.snapshot()
        except BaseException:
            self._writer.close()
            raise
        self._index = index
        counts = (segment.doc_count for segment in self._snapshot.segments)
        self._bases = list(accumulate(counts, initial=0))
        self._gone: dict[int, bytearray] = {}
        """Segment number -> bitmap of what is deleted there, committed or by this writer."""
        self._added: set[str] = set()
        self._replacing: list[str] = []
        """Ids that were added, and whose committed documents are not yet in the bitmaps."""

    def _check_state(self) -> None:
        if self.is_closed:
            raise IndexingError("This writer is closed")

    def reader(self, **kwargs: Any) -> SnapshotReader:
        """Return a reader of what was committed before, without what this writer deleted since."""
        self._check_state()
        self._mark_replaced()
        segments = list(self._snapshot.segments)
        for number, bitmap in self._gone.items():
            segment = segments[number]
            entry = SegmentEntry(segment.id, segment.doc_count, count_bits(bitmap))
            segments[number] = segment.with_deletions(entry, memoryview(bytes(bitmap)))
        now = Snapshot(self._snapshot.generation, self._snapshot.schema, segments)
        return SnapshotReader(now, self.schema)

    def _mark(self, number: int, doc: int) -> None:
        bitmap = self._gone.get(number)
        if bitmap is None:
            segment = self._snapshot.segments[number]
            bitmap = bytearray(segment.deleted or bytes((segment.doc_count + 7) // 8))
            self._gone[number] = bitmap
        bitmap[doc >> 3] |= 1 << (doc & 7)

    def _mark_replaced(self) -> None:
        for identifier in self._replacing:
            for number, segment in enumerate(self._snapshot.segments):
                if (doc := segment.find_id(identifier)) >= 0:
                    self._mark(number, doc)
        self._replacing.clear()

    def add_document(self, **fields: Any) -> None:
        """Add a document; one of the same ``id`` is replaced.

        Raises whoosh's UnknownFieldError, or `SchemaError` for a value that does not fit.
        """
        self._check_state()
        for name in fields:
            if name.startswith("_"):
                raise SchemaError(f"a vnsearch index has no {name!r}: values are stored as given")
            if name not in self.schema:
                raise UnknownFieldError(f"No field named {name!r} in {self.schema}")
        document = self._own_schema.check(fields)
        self._writer.add(document)
        self._added.add(document["id"])
        self._replacing.append(document["id"])

    def update_document(self, **fields: Any) -> None:
        """Add a document in place of the one with the same ``id``, as `add_document` does."""
        self.add_document(**fields)

    def delete_document(self, docnum: int, delete: bool = True) -> None:
        """Delete a committed document by its number."""
        self._check_state()
        if not delete:
            raise IndexingError("a vnsearch index does not take deletions back; use cancel()")
        if self.is_deleted(docnum):  # another may have its id
            return
        segment, doc = self._place(docnum)
        identifier = self._snapshot.segments[segment].doc_id(doc)
        if identifier not in self._added:  # else another is in its place already
            self._writer.delete([identifier])
        self._mark(segment, doc)

    def _place(self, docnum: int) -> tuple[int, int]:
        """Return the segment of a committed document, and its number there."""
        if not 0 <= docnum < self._bases[-1]:
            raise IndexingError(f"No document ID {docnum!r} in this index")
        number = bisect_right(self._bases, docnum) - 1
        return number, docnum - self._bases[number]

    def is_deleted(self, docnum: int) -> bool:
        """Return whether a committed document is deleted, also by this writer."""
        self._check_state()
        self._mark_replaced()
        segment, doc = self._place(docnum)
        bitmap = self._gone.get(segment)
        if bitmap is None:
            return self._snapshot.segments[segment].is_deleted(doc)
        return bool(bitmap[doc >> 3] >> (doc & 7) & 1)

    def add_reader(self, reader: IndexReader) -> None:
        """Add the stored documents of another index."""
        for _, stored in reader.iter_docs():
            self.add_document(**stored)

    def add_field(self, fieldname: str, fieldtype: Any, **kwargs: Any) -> None:
        """Raise SchemaError: the schema is fixed."""
        self._index.add_field(fieldname, fieldtype)

    def remove_field(self, fieldname: str, **kwargs: Any) -> None:
        """Raise SchemaError: the schema is fixed."""
        self._index.remove_field(fieldname)

    def commit(self, optimize: bool = False, merge: bool = True, **kwargs: Any) -> None:
        """Make all changes lasting and visible; ``optimize`` merges all segments into one.

        When segments are merged otherwise is our writer's to decide: ``merge`` changes nothing.
        """
        self._check_state()
        try:
            if optimize:
                self._writer.optimize()
            else:
                self._writer.commit()
        finally:
            self._finish()

    def cancel(self, **kwargs: Any) -> None:
        """Drop all changes."""
        self._check_state()
        self._finish()

    def _finish(self) -> None:
        self._writer.close()
        self._snapshot.close()
        self.is_closed = True

# mypy: allow-untyped-calls
"""A Whoosh reader over a snapshot of our index."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

from whoosh.analysis.tokenizers import IDTokenizer
from whoosh.codec import base
from whoosh.columns import ColumnReader, VarBytesColumn
from whoosh.fields import BOOLEAN, DATETIME, ID, KEYWORD, NUMERIC, STORED, TEXT
from whoosh.fields import Schema as WhooshSchema
from whoosh.reading import MultiReader, SegmentReader
from whoosh.util.numeric import float_to_sortable_long
from whoosh.util.times import datetime_to_long, long_to_datetime

from vnsearch import schema as ours
from vnsearch.analysis import VietnameseAnalyzer
from vnsearch.codec.format import SegmentFile
from vnsearch.codec.segment import KeywordField, NumericColumn, Segment, TextField
from vnsearch.codec.store import Snapshot
from vnsearch.kernels.postings import Cursor
from vnsearch.whoosh.terms import (
    Docs,
    FieldTerms,
    FlagTerms,
    ListedTerms,
    NumberTerms,
    PostedTerms,
    SegmentTerms,
)

__all__ = ["SnapshotReader", "whoosh_schema"]

TERMS_AT_A_TIME = 512

_EPOCH = datetime_to_long(datetime(1970, 1, 1))
"""Microseconds from the year 1, where Whoosh counts dates from, to 1970, where we do."""


# The schema


def whoosh_schema(schema: ours.Schema) -> WhooshSchema:
    """Return the Whoosh schema of an index with ours.

    Names beginning with an underscore are left out: Whoosh keeps them to itself.
    """
    known = {name: _field(name, field) for name, field in schema.items() if name[0] != "_"}
    return WhooshSchema(**{ours.EXTRA_FIELD: STORED(), **known})


def _field(name: str, field: ours.Field) -> Any:
    match field:
        case ours.Text(boost=boost, stored=stored):
            # a word of several tokens (12/3, TP.HCM) is looked for as it stands
            return TEXT(
                VietnameseAnalyzer(),
                stored=stored,
                field_boost=float(boost),
                multitoken_query="phrase",
            )
        case ours.Keyword(multi=True):
            return KEYWORD(analyzer=IDTokenizer(), stored=True)
        case ours.Keyword():
            column: Any = _KeywordColumn()
            return ID(stored=True, unique=name == ours.ID_FIELD, sortable=column)
        case ours.Number():
            return NUMERIC(float, stored=True, sortable=True)
        case ours.Date():
            return _Date(stored=True, sortable=True)
        case ours.Boolean():
            return BOOLEAN(stored=True)
        case _:
            return STORED()


class _Date(DATETIME):
    """Whoosh's DATETIME, whose facets do not fail on documents without a date."""

    def from_column_value(self, x: Any) -> Any:
        """Return the date, or None for the value of documents without one."""
        column: Any = self.column_type
        return None if x == column.default_value() else long_to_datetime(x)


class _KeywordColumn(VarBytesColumn):
    """A column of bytes that can also be sorted downwards as it stands."""

    reversible = True


class _Downwards(bytes):
    """Bytes in descending order."""

    def __lt__(self, other: bytes) -> bool:
        return bytes.__gt__(self, other)

    def __gt__(self, other: bytes) -> bool:
        return bytes.__lt__(self, other)


# Terms


class _TextTerms(PostedTerms):
    """The terms of a text field."""

    def __init__(self, field: TextField, boost: float, deleted: frozenset[int]) -> None:
        super().__init__(field.lengths, deleted, boost)
        self._field = field

    def __len__(self) -> int:
        return len(self._field)

    def key(self, handle: int) -> bytes:
        """Return a term's bytes."""
        return self._field.term(handle).encode()

    def find(self, key: bytes) -> int | None:
        """Return the term's ordinal, or None."""
        at = self._field.lookup(key.decode("utf-8", "replace"))
        return at if at >= 0 else None

    def items_from(self, key: bytes) -> Iterator[tuple[bytes, int]]:
        """Yield (term, ordinal) from ``key`` on."""
        return _items(self._field.terms, self.first_from(key), len(self))

    def cursor(self, handle: int) -> Cursor:
        """Return a cursor over a term's postings."""
        field = self._field
        return Cursor(
            field.postings,
            field.positions,
            field.doc_offsets[handle],
            field.pos_offsets[handle],
            field.df[handle],
            field.doc_count,
        )

    def doc_frequency(self, handle: int) -> int:
        """Return the number of documents with the term."""
        return self._field.df[handle]

    def frequency(self, handle: int) -> float:
        """Return the term's total weight."""
        return self._field.cf[handle] * self.boost


class _KeywordTerms(ListedTerms[int]):
    """The values of a keyword field."""

    def __init__(self, field: KeywordField, deleted: frozenset[int]) -> None:
        super().__init__(field.doc_count, deleted)
        self._field = field

    def docs(self, handle: int) -> Docs:
        """Return the documents with a value."""
        return array("I", self._field.postings(handle))

    def doc_frequency(self, handle: int) -> int:
        """Return the number of documents with a value."""
        return self._field.df(handle)

    def find(self, key: bytes) -> int | None:
        """Return the value's ordinal, or None."""
        at = self._field.lookup(key.decode("utf-8", "replace"))
        return at if at >= 0 else None

    def items_from(self, key: bytes) -> Iterator[tuple[bytes, int]]:
        """Yield (value, ordinal) from ``key`` on."""
        first, _ = self._field.range(key.decode("utf-8", "replace"), None)
        return _items(self._field.values, first, len(self._field))


def _items(
    read: Callable[[int, int], list[str]], first: int, last: int
) -> Iterator[tuple[bytes, int]]:
    """Yield (term, ordinal), reading some at a time."""
    for start in range(first, last, TERMS_AT_A_TIME):
        for at, term in enumerate(read(start, min(start + TERMS_AT_A_TIME, last)), start):
            yield term.encode(), at


def _order(kind: ours.Field) -> Callable[[Any], int]:
    """Return the function from a column's value to the number Whoosh's field sorts by."""
    if isinstance(kind, ours.Date):
        return lambda value: int(value) + _EPOCH
    return lambda value: float_to_sortable_long(value, True)


_ORDERED: WeakKeyDictionary[SegmentFile, dict[str, tuple[Docs, Docs]]] = WeakKeyDictionary()


def _ordered(segment: Segment, name: str, column: NumericColumn) -> tuple[Docs, Docs]:
    """Return (sortable numbers ascending, their documents); worked out once for a segment."""
    columns = _ORDERED.setdefault(segment.file, {})
    if name not in columns:
        # as terms, Whoosh's dates are signed integers too
        shift = 1 << 63 if isinstance(segment.schema[name], ours.Date) else 0
        order = _order(segment.schema[name])
        pairs = sorted(
            (order(value) + shift, doc)
            for doc in range(segment.doc_count)
            if (value := column.get(doc)) is not None
        )
        columns[name] = (
            array("Q", (number for number, _ in pairs)),
            array("I", (doc for _, doc in pairs)),
        )
    return columns[name]


def _terms_of(
    segment: Segment, name: str, fieldobj: Any, deleted: frozenset[int]
) -> FieldTerms[Any] | None:
    """Return a field's terms in a segment, None where it has none there."""
    if (text := segment.text(name)) is not None:
        return _TextTerms(text, fieldobj.format.field_boost, deleted)
    if (keyword := segment.keyword(name)) is not None:
        return _KeywordTerms(keyword, deleted)
    if (column := segment.column(name)) is None:
        return None
    if isinstance(segment.schema[name], ours.Boolean):
        return FlagTerms(column.get, segment.doc_count, deleted)
    return NumberTerms(
        partial(_ordered, segment, name, column), fieldobj.shift_step, segment.doc_count, deleted
    )


# Documents


class _KeywordColumnReader(ColumnReader):
    """A document's value as bytes, empty where it has none."""

    def __init__(self, field: KeywordField | None, doc_count: int) -> None:
        self._field = field
        self._doccount = doc_count
        self._downwards = False

    def __getitem__(self, docnum: int) -> bytes:
        ordinals = self._field.ordinals(docnum) if self._field is not None else []
        return self._field.value(ordinals[0]).encode() if self._field and ordinals else b""

    def sort_key(self, docnum: int) -> bytes:
        """Return what to sort a document by."""
        return _Downwards(self[docnum]) if self._downwards else self[docnum]

    def set_reverse(self) -> None:
        """Sort downwards."""
        self._downwards = True


class _NumberColumnReader(ColumnReader):
    """A document's number in the form Whoosh's field sorts by."""

    def __init__(
        self, column: NumericColumn | None, doc_count: int, kind: ours.Field, default: int
    ) -> None:
        self._column = column
        self._doccount = doc_count
        self._order = _order(kind)
        self._default = default
        self._sign = 1

    def __getitem__(self, docnum: int) -> int:
        value = self._column.get(docnum) if self._column is not None else None
        return self._default if value is None else self._order(value)

    def sort_key(self, docnum: int) -> int:  # type: ignore[override]
        """Return what to sort a document by."""
        return self._sign * self[docnum]

    def set_reverse(self) -> None:
        """Sort downwards."""
        self._sign = -1


class _Documents(base.PerDocumentReader):
    """What a segment knows of its documents one by one."""

    def __init__(self, segment: Segment, deleted: frozenset[int]) -> None:
        self._segment = segment
        self._deleted = deleted

    def doc_count(self) -> int:
        """Return the number of living documents."""
        return self._segment.live_count

    def doc_count_all(self) -> int:
        """Return the number of documents, deleted ones too."""
        return self._segment.doc_count

    def has_deletions(self) -> bool:
        """Return whether a document is deleted."""
        return bool(self._deleted)

    def is_deleted(self, docnum: int) -> bool:
        """Return whether a document is deleted."""
        return docnum in self._deleted

    def deleted_docs(self) -> Iterable[int]:
        """Return the deleted documents."""
        return self._deleted

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        """Return a document as it was added."""
        return self._segment.stored(docnum)

    def supports_columns(self) -> bool:
        """Return True."""
        return True

    def has_column(self, fieldname: str) -> bool:
        """Return True; Whoosh asks only for the fields whose type has one."""
        return True

    def column_reader(self, fieldname: str, column: Any) -> ColumnReader:
        """Return a reader of a keyword, number or date per document."""
        segment, kind = self._segment, self._segment.schema[fieldname]
        if isinstance(kind, ours.Keyword):
            return _KeywordColumnReader(segment.keyword(fieldname), segment.doc_count)
        numbers = segment.column(fieldname)
        return _NumberColumnReader(numbers, segment.doc_count, kind, column.default_value())

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        """Return the number of tokens of a field in a document."""
        field = self._segment.text(fieldname)
        return default if field is None else field.lengths[docnum] or default

    def field_length(self, fieldname: str) -> int:
        """Return the number of tokens of a field in all documents, deleted ones too."""
        field = self._segment.text(fieldname)
        return 0 if field is None else field.total_length

    def min_field_length(self, fieldname: str) -> int:
        """Return the shortest length of a field."""
        field = self._segment.text(fieldname)
        return 0 if field is None else min(field.lengths)

    def max_field_length(self, fieldname: str) -> int:
        """Return the longest length of a field."""
        field = self._segment.text(fieldname)
        return 0 if field is None else max(field.lengths)


# Readers


class _StoreSegment(base.Segment):
    """What Whoosh asks of a segment; it reads itself."""

    def __init__(self, segment: Segment, schema: WhooshSchema) -> None:
        super().__init__("vnsearch")
        self.segid = segment.id
        self.data = segment
        self._schema = schema
        self.deleted: frozenset[int] = frozenset()
        if segment.deleted is not None:
            self.deleted = frozenset(
                8 * place + bit
                for place, bits in enumerate(segment.deleted)
                if bits
                for bit in range(8)
                if bits >> bit & 1
            )

    def terms(self) -> SegmentTerms:
        """Return the segment's terms."""
        found = {
            name: _terms_of(self.data, name, self._schema[name], self.deleted)
            for name in self._schema.names()
            if name in self.data.schema
        }
        return SegmentTerms({name: terms for name, terms in found.items() if terms is not None})

    def doc_count_all(self) -> int:
        """Return the number of documents, deleted ones too."""
        return self.data.doc_count

    def deleted_count(self) -> int:
        """Return the number of deleted documents."""
        return len(self.deleted)

    def deleted_docs(self) -> Iterable[int]:
        """Return the deleted documents."""
        return self.deleted

    def is_deleted(self, docnum: int) -> bool:
        """Return whether a document is deleted."""
        return docnum in self.deleted

    def delete_document(self, docnum: int, delete: bool = True) -> None:
        """Raise TypeError: a segment of ours does not change."""
        raise TypeError("documents are deleted through the index's writer()")


class _StoreCodec:
    """The reading half of a `whoosh.codec.base.Codec`; `vnsearch.codec` writes."""

    def automata(self, storage: None, segment: _StoreSegment) -> base.Automata:
        """Return Whoosh's automata over our terms."""
        return base.Automata()

    def terms_reader(self, storage: None, segment: _StoreSegment) -> SegmentTerms:
        """Return a segment's terms."""
        return segment.terms()

    def per_document_reader(self, storage: None, segment: _StoreSegment) -> _Documents:
        """Return a segment's documents."""
        return _Documents(segment.data, segment.deleted)


class SnapshotReader(MultiReader):
    """A Whoosh reader over one generation, which it keeps open; closing it lets go of the files."""

    def __init__(self, snapshot: Snapshot, schema: WhooshSchema) -> None:
        self.snapshot = snapshot
        nowhere: Any = None  # our segments need no Whoosh storage
        codec: Any = _StoreCodec()
        readers = [
            SegmentReader(nowhere, schema, _StoreSegment(s, schema), snapshot.generation, codec)
            for s in snapshot.segments
        ]
        super().__init__(list(readers), snapshot.generation)
        self.schema = schema

    def close(self) -> None:
        """Let go of the files."""
        super().close()
        self.snapshot.close()

    def min_field_length(self, fieldname: str) -> int:
        """Return the shortest length of a field, 0 where there are no documents."""
        return min((reader.min_field_length(fieldname) for reader in self.readers), default=0)

    def max_field_length(self, fieldname: str) -> int:
        """Return the longest length of a field, 0 where there are no documents."""
        return max((reader.max_field_length(fieldname) for reader in self.readers), default=0)

    def terms_within(
        self, fieldname: str, text: str, maxdist: int, prefix: int = 0
    ) -> Iterator[str]:
        """Yield the terms within ``maxdist`` edits, by each segment's automaton."""
        seen: set[str] = set()
        for reader in self.readers:
            for term in reader.terms_within(fieldname, text, maxdist, prefix):
                if term not in seen:
                    seen.add(term)
                    yield term

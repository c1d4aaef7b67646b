# mypy: allow-untyped-calls
"""The terms of a segment as Whoosh asks for them, over whatever keeps them.

A field's terms are bytes in ascending order, each with a posting list. Text and keywords have
real lists; the terms of numbers, dates and booleans are worked out from their column, in the
tiers Whoosh's range queries look for.
"""

from __future__ import annotations

import struct
from abc import abstractmethod
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Generic, TypeAlias, TypeVar

from whoosh.codec.base import FieldCursor, TermsReader
from whoosh.reading import TermInfo, TermNotFound

from vnsearch.kernels.postings import Cursor, listed_cursor
from vnsearch.whoosh.matching import LazyTermInfo, PostingMatcher

__all__ = ["FieldTerms", "FlagTerms", "ListedTerms", "NumberTerms", "PostedTerms", "SegmentTerms"]

Docs: TypeAlias = "array[int]"
"""Document numbers, typecode I."""

Handle = TypeVar("Handle")
"""How a field names one of its terms to itself: an ordinal, a slice of a sorted column."""

MAX_CACHED_INFOS = 4_096


class FieldTerms(Generic[Handle]):
    """The terms of one field in one segment."""

    @abstractmethod
    def find(self, key: bytes) -> Handle | None:
        """Return the term's handle, or None."""

    @abstractmethod
    def items_from(self, key: bytes) -> Iterator[tuple[bytes, Handle]]:
        """Yield the terms from ``key`` on, ascending."""

    @abstractmethod
    def doc_frequency(self, handle: Handle) -> int:
        """Return the number of documents with the term, deleted ones included."""

    @abstractmethod
    def frequency(self, handle: Handle) -> float:
        """Return the term's total weight in those documents."""

    @abstractmethod
    def info(self, handle: Handle) -> TermInfo:
        """Return the term's statistics."""

    @abstractmethod
    def matcher(self, handle: Handle, term: tuple[str, bytes], format_: Any, scorer: Any) -> Any:
        """Return a Whoosh matcher over the term's living documents."""


class PostedTerms(FieldTerms[int]):
    """Terms with posting lists, named by their ordinal; a subclass says where they are.

    ``lengths`` gives the field's tokens per document (None for fields without), ``boost`` is the
    weight of one occurrence.
    """

    def __init__(self, lengths: Any, deleted: frozenset[int], boost: float) -> None:
        self.lengths = lengths
        self.deleted = deleted
        self.boost = boost
        self._infos: dict[int, tuple[int, int, float, int, int]] = {}

    @abstractmethod
    def __len__(self) -> int:
        """Return the number of terms."""

    @abstractmethod
    def key(self, handle: int) -> bytes:
        """Return a term's bytes; they ascend."""

    @abstractmethod
    def cursor(self, handle: int) -> Cursor:
        """Return a cursor over a term's postings."""

    def find(self, key: bytes) -> int | None:
        """Return the term's ordinal, or None."""
        at = self.first_from(key)
        return at if at < len(self) and self.key(at) == key else None

    def items_from(self, key: bytes) -> Iterator[tuple[bytes, int]]:
        """Yield (term, ordinal) from ``key`` on."""
        return ((self.key(at), at) for at in range(self.first_from(key), len(self)))

    def first_from(self, key: bytes) -> int:
        """Return the ordinal of the first term at or after ``key``."""
        return bisect_left(range(len(self)), key, key=self.key) if key else 0

    def info(self, handle: int) -> TermInfo:
        """Return the term's statistics; the costlier ones are worked out when asked for."""
        return LazyTermInfo(
            self.frequency(handle), self.doc_frequency(handle), lambda: self._details(handle)
        )

    def _details(self, handle: int) -> tuple[int, int, float, int, int]:
        details = self._infos.get(handle)
        if details is None:
            docs, freqs, _ = self.cursor(handle).decode()
            sizes = [0] if self.lengths is None else [self.lengths[doc] for doc in docs]
            weight = self.highest_weight(handle, freqs)
            details = (min(sizes), max(sizes), weight, docs[0], docs[-1])
            if len(self._infos) >= MAX_CACHED_INFOS:
                self._infos.clear()
            self._infos[handle] = details
        return details

    def highest_weight(self, handle: int, freqs: Sequence[int]) -> float:
        """Return the term's highest weight in a document, given all its frequencies."""
        return max(freqs) * self.boost

    def matcher(self, handle: int, term: tuple[str, bytes], format_: Any, scorer: Any) -> Any:
        """Return a matcher over the term's postings."""
        return PostingMatcher(
            self.cursor(handle), term, format_, scorer, self.lengths, self.deleted
        )


class ListedTerms(FieldTerms[Handle]):
    """Terms whose documents come as plain arrays; each stands once in a document."""

    def __init__(self, doc_count: int, deleted: frozenset[int]) -> None:
        self.doc_count = doc_count
        self.deleted = deleted

    @abstractmethod
    def docs(self, handle: Handle) -> Docs:
        """Return the documents with the term, ascending, deleted ones included."""

    def doc_frequency(self, handle: Handle) -> int:
        """Return the number of documents with the term."""
        return len(self.docs(handle))

    def frequency(self, handle: Handle) -> float:
        """Return the same: one occurrence each."""
        return float(self.doc_frequency(handle))

    def info(self, handle: Handle) -> TermInfo:
        """Return the term's statistics."""
        docs = self.docs(handle)
        first, last = (docs[0], docs[-1]) if docs else (0, 0)  # none: in a damaged index
        return TermInfo(float(len(docs)), len(docs), 0, 0, 1.0, first, last)

    def matcher(self, handle: Handle, term: tuple[str, bytes], format_: Any, scorer: Any) -> Any:
        """Return a matcher over the living documents with the term."""
        docs = self.docs(handle)
        cursor = listed_cursor(docs, array("I", [1]) * len(docs), self.doc_count)
        return PostingMatcher(cursor, term, format_, scorer, None, self.deleted)


class NumberTerms(ListedTerms[tuple[int, int]]):
    """The terms Whoosh's NUMERIC and DATETIME would have written for a column.

    A term is a tier's shift (one byte) and the sortable form of the number shifted right by it
    (8 bytes, big-endian): `whoosh.query.NumericRange` covers a range by few of them. ``ordered``
    gives the sortable forms ascending ("Q") and, beside them, their documents ("I"); a handle is
    a slice of these.
    """

    def __init__(
        self,
        ordered: Callable[[], tuple[Docs, Docs]],
        shift_step: int,
        doc_count: int,
        deleted: frozenset[int],
    ) -> None:
        super().__init__(doc_count, deleted)
        self._ordered = ordered
        self._shifts = range(0, 64, shift_step)

    def docs(self, handle: tuple[int, int]) -> Docs:
        """Return the documents of a slice."""
        return array("I", sorted(self._ordered()[1][slice(*handle)]))

    def doc_frequency(self, handle: tuple[int, int]) -> int:
        """Return the number of documents in a slice."""
        return handle[1] - handle[0]

    def find(self, key: bytes) -> tuple[int, int] | None:
        """Return the documents whose number has the term, or None."""
        if len(key) != 9 or key[0] not in self._shifts:
            return None
        shift, number = struct.unpack(">BQ", key)
        numbers, _ = self._ordered()
        low = bisect_left(numbers, number << shift)
        high = bisect_left(numbers, (number + 1) << shift, low)
        return (low, high) if low < high else None

    def items_from(self, key: bytes) -> Iterator[tuple[bytes, tuple[int, int]]]:
        """Yield the terms from ``key`` on: tier by tier, numbers ascending."""
        numbers, _ = self._ordered()
        first, floor = struct.unpack(">BQ", key[:9].ljust(9, b"\0"))
        for shift in self._shifts:
            if shift < first:
                continue
            low = bisect_left(numbers, floor << shift) if shift == first else 0
            while low < len(numbers):
                number = numbers[low] >> shift
                high = bisect_left(numbers, (number + 1) << shift, low)
                yield struct.pack(">BQ", shift, number), (low, high)
                low = high


class FlagTerms(ListedTerms[int]):
    """The two terms of a boolean field, ``f`` and ``t`` as Whoosh's BOOLEAN writes them.

    ``values`` gives a document's value: 0, 1 or None.
    """

    KEYS = (b"f", b"t")

    def __init__(
        self,
        values: Callable[[int], int | None],
        doc_count: int,
        deleted: frozenset[int],
    ) -> None:
        super().__init__(doc_count, deleted)
        self._values = values
        self._docs: tuple[Docs, Docs] | None = None

    def docs(self, handle: int) -> Docs:
        """Return the documents that are false (0) or true (1)."""
        known = self._docs
        if known is None:
            known = (array("I"), array("I"))
            for doc in range(self.doc_count):
                value = self._values(doc)
                if value is not None:
                    known[bool(value)].append(doc)
            self._docs = known  # complete: another thread may be looking
        return known[handle]

    def find(self, key: bytes) -> int | None:
        """Return 0 or 1 where some document has the value."""
        return next((at for term, at in self.items_from(key) if term == key), None)

    def items_from(self, key: bytes) -> Iterator[tuple[bytes, int]]:
        """Yield the values some document has."""
        return ((term, at) for at, term in enumerate(self.KEYS) if term >= key and self.docs(at))


class _UnknownTermError(TermNotFound, KeyError):
    """What Whoosh's reader catches in some methods and its callers in others."""


class SegmentTerms(TermsReader):
    """All fields of a segment behind Whoosh's interface; names ascending."""

    def __init__(self, fields: Mapping[str, FieldTerms[Any]]) -> None:
        self._fields = dict(sorted(fields.items()))

    def _find(self, fieldname: str, key: bytes) -> tuple[FieldTerms[Any], Any]:
        field = self._fields.get(fieldname)
        handle = field.find(key) if field is not None else None
        if field is None or handle is None:
            raise _UnknownTermError(f"No term {fieldname}:{key!r}")
        return field, handle

    def __contains__(self, term: tuple[str, bytes]) -> bool:
        field = self._fields.get(term[0])
        return field is not None and field.find(term[1]) is not None

    def indexed_field_names(self) -> Iterable[str]:
        """Return the names of the fields with terms."""
        return self._fields.keys()

    def cursor(self, fieldname: str, fieldobj: Any) -> FieldCursor:
        """Return a cursor over a field's terms."""
        return TermCursor(self._fields.get(fieldname), fieldobj)

    def _walk(self, fieldname: str, key: bytes) -> Iterator[tuple[str, bytes, Any]]:
        """Yield (field, term, handle) from a term on, through all later fields."""
        for name, field in self._fields.items():
            if name >= fieldname:
                for term, handle in field.items_from(key if name == fieldname else b""):
                    yield name, term, handle

    def terms(self) -> Iterator[tuple[str, bytes]]:
        """Yield every (field, term)."""
        return self.terms_from("", b"")

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[str, bytes]]:
        """Yield every (field, term) from the given one on."""
        return ((name, term) for name, term, _ in self._walk(fieldname, prefix))

    def items(self) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        """Yield ((field, term), statistics) for all."""
        return self.items_from("", b"")

    def items_from(
        self, fieldname: str, prefix: bytes
    ) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        """Yield ((field, term), statistics) from the given term on."""
        return (
            ((name, term), self._fields[name].info(handle))
            for name, term, handle in self._walk(fieldname, prefix)
        )

    def term_info(self, fieldname: str, text: bytes) -> TermInfo:
        """Return a term's statistics; raises TermNotFound."""
        field, handle = self._find(fieldname, text)
        return field.info(handle)

    def frequency(self, fieldname: str, text: bytes) -> float:
        """Return a term's total weight; raises TermNotFound."""
        field, handle = self._find(fieldname, text)
        return field.frequency(handle)

    def doc_frequency(self, fieldname: str, text: bytes) -> int:
        """Return a term's number of documents; raises TermNotFound."""
        field, handle = self._find(fieldname, text)
        return field.doc_frequency(handle)

    def matcher(self, fieldname: str, text: bytes, format_: Any, scorer: Any = None) -> Any:
        """Return a matcher over a term's postings; raises TermNotFound."""
        field, handle = self._find(fieldname, text)
        return field.matcher(handle, (fieldname, text), format_, scorer)


class TermCursor(FieldCursor):
    """Walks a field's terms; Whoosh's spelling automaton jumps with `find`."""

    def __init__(self, field: FieldTerms[Any] | None, fieldobj: Any) -> None:
        self._field = field
        self._fieldobj = fieldobj
        self._now: tuple[bytes, Any] | None = None
        self.first()

    def first(self) -> str | None:
        """Go to the first term; return its text."""
        return self.find(b"")

    def find(self, string: str | bytes) -> str | None:
        """Go to the first term at or after ``string``; return its text."""
        key = string if isinstance(string, bytes) else self._fieldobj.to_bytes(string)
        self._rest = self._field.items_from(key) if self._field is not None else iter(())
        return self.next()

    def next(self) -> str | None:
        """Go to the next term; return its text, None at the end."""
        self._now = next(self._rest, None)
        return self.text()

    def text(self) -> str | None:
        """Return the term's text."""
        return None if self._now is None else self._fieldobj.from_bytes(self._now[0])

    term = text

    def term_info(self) -> TermInfo | None:
        """Return the term's statistics."""
        if self._now is None or self._field is None:
            return None
        return self._field.info(self._now[1])

    def is_valid(self) -> bool:
        """Return whether the cursor stands on a term."""
        return self._now is not None

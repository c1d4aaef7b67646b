"""Reading a segment: terms, posting lists, pair and word counts, columns, stored documents.

A segment never changes. Everything here is a view of its memory-mapped file; what a number from
the file points at is checked before it is followed, and `IndexCorruptError` names file and byte.
"""

from __future__ import annotations

import json
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from vnsearch.codec.format import SegmentEntry, SegmentFile
from vnsearch.errors import IndexCorruptError
from vnsearch.kernels import columns
from vnsearch.kernels.counts import CountTable
from vnsearch.kernels.invert import hash_terms, word_key
from vnsearch.kernels.pairs import PairRows
from vnsearch.kernels.postings import PostingLists, lists_fit
from vnsearch.kernels.snippets import Outline
from vnsearch.kernels.terms import FoldTable, TermList
from vnsearch.record import cached_property
from vnsearch.schema import (
    EXTRA_FIELD,
    ID_FIELD,
    Boolean,
    Date,
    Field,
    Keyword,
    Number,
    Schema,
    Text,
    mend,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    import zstandard

__all__ = [
    "KeywordField",
    "NumericColumn",
    "PairTable",
    "Segment",
    "StoredDocument",
    "TextField",
]

NO_VALUE = 0xFFFFFFFF
"""In a keyword's column: the document has no value."""

_KEPT_FOLDS = 20_000
_WINDOW = 14
"""What is read here and there is fetched by so many bytes (as a power of two): 16 KiB."""
_RUN = 64
"""So many windows at once."""
_DECODER = json.JSONDecoder()
_MAX_WINDOW = 8 << 20
"""Bytes that are held beside what is decompressed, at most; our frames need none."""

_KINDS: dict[type[Field], tuple[str, str | None]] = {
    Text: ("text", None),
    Keyword: ("keyword", None),
    Number: ("column", "d"),
    Date: ("column", "q"),
    Boolean: ("column", "q"),
}
"""What the directory says of a field of each kind: its kind and its column's type."""

_TYPES: dict[type[Field], tuple[type, ...]] = {
    Text: (str, list),
    Keyword: (str, list),
    Number: (int, float),
    Date: (datetime,),
    Boolean: (bool,),
}
"""What a stored document has of a field of each kind; a list is one of text."""


def _term_list(file: SegmentFile, name: str, count: int) -> TermList:
    return TermList(
        file.view(name, "B"),
        file.view(name + ".blocks", "I"),
        count,
        file.name,
        file.offset(name),
    )


def _count_table(file: SegmentFile, name: str) -> CountTable:
    return CountTable(
        file.view(name, "I"),
        file.view(name + ".keys", "Q"),
        file.view(name + ".starts", "Q"),
        file.name,
        file.offset(name),
    )


def _starts(file: SegmentFile, name: str, groups: int, members: int) -> memoryview[int]:
    """Return where each of some groups begins among its members, and the end; they ascend."""
    starts: memoryview[int] = file.view(name, "I", groups + 1)
    if starts[groups] > members or not columns.ascends(starts):
        raise file.corrupt(f"section {name!r} does not ascend", file.offset(name))
    return starts


def _windows(file: SegmentFile, name: str) -> bytearray:
    """Return a mark for each window of a section, 1 once it was asked for; none of a section that
    comes whole."""
    return bytearray((file.section(name).length >> _WINDOW) + 1 if file.is_long(name) else 0)


def _number(file: SegmentFile, described: dict[str, Any], key: str) -> int:
    """Return a count the directory states."""
    value = described.get(key)
    if not isinstance(value, int) or value < 0 or value >= 1 << 62:
        raise file.corrupt(f"the directory states no {key}")
    return value


def _prefix_end(prefix: bytes) -> bytes:
    """Return the least byte string after all that begin with a prefix of UTF-8."""
    return prefix[:-1] + bytes([prefix[-1] + 1])


class PairTable:
    """The ordered pairs of adjacent terms of a field and the documents each stands in, in
    ``table``."""

    def __init__(self, table: CountTable, terms: int) -> None:
        self.table = table
        self._terms = terms

    def df(self, a: int, b: int) -> int:
        """Return the number of documents in which ordinal ``b`` stands right after ``a``."""
        if not (0 <= a < self._terms and 0 <= b < self._terms):
            return 0
        return self.table.get(a * self._terms + b)

    def new_windows(self, ordinals: Iterable[int], known: bytearray) -> list[int]:
        """Return the windows of the table, but for those ``known``, with what follows terms."""
        return self.table.new_windows(ordinals, self._terms, _WINDOW, known)

    def row(self, a: int) -> tuple[array[int], array[int]]:
        """Return (ordinals that follow ``a``, ascending; documents of each pair)."""
        return self.table.range(a * self._terms, (a + 1) * self._terms)

    def __len__(self) -> int:
        return len(self.table)


class TextField:
    """One text field of a segment.

    ``df``, ``cf``, ``doc_offsets``, ``pos_offsets`` have one item per term; ``lengths`` (tokens),
    ``word_lengths`` (words) and ``bases`` one per document; ``spans`` is ``bases`` and the end of
    the last document. ``postings`` and ``positions`` are the streams of
    `vnsearch.kernels.postings`; ``doc_offsets`` (words) and ``pos_offsets`` (bytes) lead into them.
    Bit ``bases[doc] + position`` of ``joined_bits`` says that the token continues the word before
    it. ``plain_docs``, ascending, are the documents whose field has terms but none with a mark:
    text typed without marks, or in another language. ``df`` and all other counts include deleted
    documents until a merge drops them.
    """

    def __init__(self, file: SegmentFile, name: str, doc_count: int) -> None:
        described = file.description["fields"][name]
        self.name = name
        self.doc_count = doc_count
        self.total_length = _number(file, described, "tokens")
        self.total_words = _number(file, described, "words")
        self.total_pairs = _number(file, described, "pairs")
        count = _number(file, described, "terms")
        self._terms = _term_list(file, name + ".terms", count)
        self.df: memoryview[int] = file.view(name + ".df", "I", count)
        self.cf: memoryview[int] = file.view(name + ".cf", "I", count)
        self._checked = False
        self.doc_offsets: memoryview[int] = file.view(name + ".doc_offsets", "I", count)
        self.pos_offsets: memoryview[int] = file.view(name + ".pos_offsets", "I", count)
        self.postings: memoryview[int] = file.view(name + ".postings", "I")
        self.positions: memoryview[int] = file.view(name + ".positions", "I")
        self.lengths: memoryview[int] = file.view(name + ".lengths", "I", doc_count, whole=True)
        self.word_lengths: memoryview[int] = file.view(
            name + ".word_lengths", "I", doc_count, whole=True
        )
        self.spans: memoryview[int] = file.view(name + ".bases", "I", doc_count + 1)
        self.bases = self.spans[:doc_count]
        bits = self.spans[doc_count]
        self.joined_bits: memoryview[int] = file.view(name + ".joined", "I", (bits + 31) // 32)
        self.plain_docs: memoryview[int] = file.view(name + ".plain", "I")
        self._spellings: dict[str, tuple[tuple[str, int, int, int], ...]] = {}
        self._file = file
        self._expected: set[int] = set()
        self._pair_windows = _windows(file, name + ".pairs")
        self._word_windows = _windows(file, name + ".joined")

    def __len__(self) -> int:
        return len(self._terms)

    def lookup(self, term: str) -> int:
        """Return the ordinal of a term, or -1."""
        return self._terms.find(_encode(term))

    def term(self, ordinal: int) -> str:
        """Return the term of an ordinal."""
        return _decode(self._terms.get(ordinal), self._file)

    def terms_of(self, ordinals: Sequence[int]) -> list[str]:
        """Return the terms of some ordinals."""
        return _decode_all(self._terms.get_all(ordinals), self._file)

    def terms(self, start: int = 0, stop: int | None = None) -> list[str]:
        """Return the terms of the ordinals ``start`` to ``stop``, in order."""
        return _decode_all(self.keys(start, stop), self._file)

    def keys(self, start: int = 0, stop: int | None = None) -> list[bytes]:
        """Return the terms of the ordinals ``start`` to ``stop`` as UTF-8."""
        return self._terms.slice(start, len(self) if stop is None else stop)

    def lists(self) -> tuple[TermList, TermList]:
        """Return the dictionary, and the fold keys that are listed."""
        return self._terms, self._folds

    def prefix(self, prefix: str) -> tuple[int, int]:
        """Return (lo, hi): the terms that begin with ``prefix`` have the ordinals lo <= o < hi."""
        key = _encode(prefix)
        if not key:
            return 0, len(self)
        return self._terms.lower_bound(key), self._terms.lower_bound(_prefix_end(key))

    def expect(self, ordinal: int) -> None:
        """Have the system fetch a term's posting list and positions, which are about to be read."""
        if ordinal in self._expected:
            return
        self._expected.add(ordinal)
        last = ordinal + 1 == len(self)
        for name, size, offsets, stream in (
            (".postings", 4, self.doc_offsets, self.postings),
            (".positions", 1, self.pos_offsets, self.positions),
        ):
            stop = stream.nbytes if last else size * offsets[ordinal + 1]
            self._file.expect(self.name + name, size * offsets[ordinal], stop)

    def expect_pairs(self, ordinals: Iterable[int]) -> None:
        """Have the system fetch what follows some terms, which is about to be read."""
        if 0 in self._pair_windows:
            name = self.name + ".pairs"
            self._expect_windows(name, self.pairs.new_windows(ordinals, self._pair_windows))

    def expect_words(self, docs: Sequence[int]) -> None:
        """Have the system fetch what tells the words of documents that are about to be read."""
        if 0 in self._word_windows:
            name = self.name + ".joined"
            found = columns.new_windows(docs, self.spans, _WINDOW + 3, self._word_windows)
            self._expect_windows(name, found)

    def _expect_windows(self, name: str, windows: list[int]) -> None:
        """Fetch windows of a section in runs, over single ones that are not needed as well."""
        runs: list[list[int]] = []
        for window in sorted(windows):
            if runs and window <= runs[-1][1] + 2 and window < runs[-1][0] + _RUN:
                runs[-1][1] = window
            else:
                runs.append([window, window])
        length = self._file.section(name).length
        for first, last in runs:
            self._file.expect(name, first << _WINDOW, min(last + 1 << _WINDOW, length))

    # The fold table lists every fold key but those of a lone ASCII term, which is its own key.

    def check_lists(self) -> None:
        """Refuse posting lists that overlap, and documents whose places do not ascend.

        Whoever walks many lists asks for it, once: together they take no longer then than the
        file is long. A search for single terms needs not, and an index opens in constant time.
        """
        if self._checked:
            return
        if not columns.ascends(self.spans):
            where = self._file.offset(self.name + ".bases")
            raise self._file.corrupt(f"the bases of field {self.name!r} do not ascend", where)
        offsets = self.doc_offsets, self.pos_offsets
        if not lists_fit(*offsets, self.df, len(self.postings), len(self.positions)):
            where = self._file.offset(self.name + ".doc_offsets")
            raise self._file.corrupt(f"the posting lists of field {self.name!r} overlap", where)
        self._checked = True

    @cached_property
    def posting_lists(self) -> PostingLists:
        """The posting lists of the terms."""
        return PostingLists(
            self.postings,
            self.positions,
            self.doc_offsets,
            self.pos_offsets,
            self.df,
            self.doc_count,
        )

    @cached_property
    def _folds(self) -> TermList:
        described = self._file.description["fields"][self.name]
        return _term_list(self._file, self.name + ".folds", _number(self._file, described, "folds"))

    @cached_property
    def _fold_lists(self) -> tuple[memoryview[int], memoryview[int]]:
        """Where each key's terms begin, and the terms: no term has two keys."""
        name = self.name + ".folds.terms"
        members: memoryview[int] = self._file.view(name, "I")
        starts = _starts(self._file, self.name + ".folds.starts", len(self._folds), len(members))
        if not columns.distinct(members, len(self)):
            raise self._file.corrupt("a fold key's terms are not there", self._file.offset(name))
        return starts, members

    @cached_property
    def _fold_df(self) -> memoryview[int]:
        return self._file.view(self.name + ".folds.df", "I", len(self._folds))

    def fold_keys(self) -> list[bytes]:
        """Return the fold keys that are listed, in order, as UTF-8."""
        return self._folds.slice(0, len(self._folds))

    def fold_members(self, fold: int) -> list[int]:
        """Return the ordinals of the terms with one of `fold_keys`, given by its place."""
        starts, members = self._fold_lists
        return members[starts[fold] : starts[fold + 1]].tolist()

    @cached_property
    def _fold_table(self) -> FoldTable:
        starts, members = self._fold_lists
        return FoldTable(self._terms, self._folds, starts, members, self._fold_df, self.df, self.cf)

    def forms(self, fold_key: str) -> tuple[list[int], int]:
        """Return (ordinals of the terms with this fold key, documents with any of them)."""
        return self._fold_table.find(_encode(fold_key))

    def fold_keys_held(self, fold_keys: Sequence[bytes]) -> list[bytes]:
        """Return those of ascending fold keys, as UTF-8, that any term has."""
        listed = self._folds.find_all(fold_keys)
        terms = self._terms.find_all(fold_keys)
        return [
            key
            for key, fold, term in zip(fold_keys, listed, terms, strict=True)
            if fold >= 0 or (term >= 0 and key.isascii())
        ]

    def spellings(self, fold_key: str) -> tuple[tuple[str, int, int, int], ...]:
        """Return (term, ordinal, documents, occurrences) of the terms with this fold key.

        What was read is kept as long as the segment is open: it outlives a generation.
        """
        found = self._spellings.get(fold_key)
        if found is None:
            found = self._fold_table.spellings(_encode(fold_key))
            if len(self._spellings) >= _KEPT_FOLDS:
                self._spellings.clear()
            self._spellings[fold_key] = found
        return found

    def fold_prefix(self, prefix: str) -> tuple[memoryview[int], int, int]:
        """Return (ordinals, lo, hi): the terms whose fold key begins with ``prefix`` are the
        ordinals and those from ``lo`` to ``hi``; some come twice.

        The ordinals are in the order of their keys.
        """
        low, high = self.prefix(prefix)
        key = _encode(prefix)
        first = self._folds.lower_bound(key) if key else 0
        last = self._folds.lower_bound(_prefix_end(key)) if key else len(self._folds)
        starts, members = self._fold_lists
        # a term that begins with ASCII letters has a key that does; others have other keys
        return members[starts[first] : starts[last]], low, high if key.isascii() else low

    def fold_lists(self) -> tuple[memoryview[int], memoryview[int], memoryview[int]]:
        """Return (starts, ordinals, documents) of `fold_keys`: key ``i`` has the ordinals
        ``starts[i]`` to ``starts[i + 1]``."""
        return *self._fold_lists, self._fold_df

    def fold_table(self) -> list[tuple[bytes, list[int], int]]:
        """Return (fold key, ordinals, documents) of the keys that are listed, in order."""
        starts, members, counts = self.fold_lists()
        return [
            (key, members[start:stop].tolist(), count)
            for key, start, stop, count in zip(
                self.fold_keys(), starts[:-1], starts[1:], counts, strict=True
            )
        ]

    def pair_table(self) -> CountTable:
        """Return a new reader of the pair counts (key ``a * len(self) + b``)."""
        return _count_table(self._file, self.name + ".pairs")

    def word_table(self) -> CountTable:
        """Return a new reader of the word counts (key: `vnsearch.kernels.invert.word_key`)."""
        return _count_table(self._file, self.name + ".words")

    @cached_property
    def pairs(self) -> PairTable:
        """The pair counts."""
        return PairTable(self.pair_table(), len(self))

    @cached_property
    def pair_rows(self) -> PairRows:
        """What has been read of the pair counts so far, kept as long as the segment is open."""
        return PairRows(self.pairs.table, len(self), self._fold_lists)

    def pair_df(self, a: int, b: int) -> int:
        """Return the number of documents in which ordinal ``b`` stands right after ``a``."""
        return self.pairs.df(a, b)

    def followers(self, a: int) -> tuple[int, int]:
        """Return (number of distinct ordinals that follow ``a``, sum of their documents)."""
        return self.pair_rows.summary(a)

    @cached_property
    def words(self) -> CountTable:
        """The word counts, by `key_of_word`."""
        return self.word_table()

    @staticmethod
    def key_of_word(terms: Iterable[str]) -> int:
        """Return the key of the word made of some terms, the same in every segment."""
        return word_key(hash_terms([_encode(term) for term in terms]))

    def word_df(self, word: str) -> int:
        """Return the number of documents where a word stands, its terms apart."""
        return self.words.get(self.key_of_word(word.split(" ")))


class KeywordField:
    """The exact values of a keyword field; ordinals follow the values' sorted order."""

    def __init__(self, file: SegmentFile, name: str, doc_count: int) -> None:
        described = file.description["fields"][name]
        self.name = name
        self.doc_count = doc_count
        count = _number(file, described, "values")
        self._file = file
        self._values = _term_list(file, name + ".values", count)
        self._docs: memoryview[int] = file.view(name + ".docs", "I")
        self._ordinals: memoryview[int] = file.view(name + ".ordinals", "I", whole=True)
        # without starts, every value stands in one document, every document has at most one value
        self._value_starts: memoryview[int] | None = None
        self._doc_starts: memoryview[int] | None = None
        if name + ".docs.starts" in file:
            self._value_starts = _starts(file, name + ".docs.starts", count, len(self._docs))
        elif len(self._docs) != count:
            raise file.corrupt("a keyword's documents do not match its values")
        if name + ".ordinals.starts" in file:
            self._doc_starts = _starts(
                file, name + ".ordinals.starts", doc_count, len(self._ordinals)
            )
        elif len(self._ordinals) != doc_count:
            raise file.corrupt("a keyword's column does not match the documents")

    def __len__(self) -> int:
        return len(self._values)

    def dictionary(self) -> TermList:
        """Return the values as they are kept."""
        return self._values

    def lookup(self, value: str) -> int:
        """Return the ordinal of a value, or -1."""
        return self._values.find(_encode(value))

    def lookup_all(self, keys: Sequence[bytes]) -> array[int]:
        """Return the ordinals ('q') of ascending values as UTF-8, -1 for those not there."""
        return self._values.find_all(keys)

    def value(self, ordinal: int) -> str:
        """Return the value of an ordinal."""
        return _decode(self._values.get(ordinal), self._file)

    def values(self, start: int = 0, stop: int | None = None) -> list[str]:
        """Return the values of the ordinals ``start`` to ``stop``, in order."""
        return _decode_all(self.keys(start, stop), self._file)

    def keys(self, start: int = 0, stop: int | None = None) -> list[bytes]:
        """Return the values of the ordinals ``start`` to ``stop`` as UTF-8."""
        return self._values.slice(start, len(self) if stop is None else stop)

    def prefix(self, prefix: str) -> tuple[int, int]:
        """Return (lo, hi): the values that begin with ``prefix`` have the ordinals lo <= o < hi."""
        key = _encode(prefix)
        if not key:
            return 0, len(self)
        return self._values.lower_bound(key), self._values.lower_bound(_prefix_end(key))

    def range(self, low: str | None, high: str | None) -> tuple[int, int]:
        """Return (lo, hi): the values low <= v <= high have the ordinals lo <= o < hi."""
        first = 0 if low is None else self._values.lower_bound(_encode(low))
        last = len(self) if high is None else self._values.lower_bound(_encode(high) + b"\0")
        return first, max(first, last)

    def df(self, ordinal: int) -> int:
        """Return the number of documents with a value (deleted ones too, until a merge)."""
        return len(self.postings(ordinal))

    def postings(self, ordinal: int) -> memoryview[int]:
        """Return the documents with a value, ascending ('I')."""
        if not 0 <= ordinal < len(self):
            raise IndexError(f"ordinal {ordinal} of {len(self)}")
        if self._value_starts is None:
            return self._docs[ordinal : ordinal + 1]
        return self._docs[self._value_starts[ordinal] : self._value_starts[ordinal + 1]]

    def ordinals(self, doc: int) -> list[int]:
        """Return the ordinals of a document's values, ascending."""
        if not 0 <= doc < self.doc_count:
            raise IndexError(f"document {doc} of {self.doc_count}")
        if self._doc_starts is not None:
            return self._ordinals[self._doc_starts[doc] : self._doc_starts[doc + 1]].tolist()
        ordinal = self._ordinals[doc]
        return [] if ordinal == NO_VALUE else [ordinal]

    def counts(self, docs: array[int]) -> array[int]:
        """Return for each ordinal how many of the documents ('I', of this segment) have it."""
        found = array("I", bytes(4 * len(self)))
        if not columns.count_ordinals(docs, self._ordinals, self._doc_starts, found):
            raise self._file.corrupt(f"a value of keyword {self.name!r} is not there")
        return found

    def order(self, docs: array[int]) -> array[int]:
        """Return numbers ('q') that order documents as their (first) values; see `columns.LAST`."""
        found = columns.first_ordinals(docs, self._ordinals, self._doc_starts, len(self))
        if found is None:
            raise self._file.corrupt(f"a value of keyword {self.name!r} is not there")
        return found

    @property
    def column(self) -> memoryview[int] | None:
        """One ordinal per document ('I', 0xFFFFFFFF: none), or None if some have several."""
        return self._ordinals if self._doc_starts is None else None


class NumericColumn:
    """A number per document: ``values`` ('q' or 'd'), and which are there.

    Dates are microseconds since 1970-01-01 ('q'), booleans 0 and 1 ('q'), numbers floats ('d').
    ``present`` is a bitmap ('B', bit d & 7 of byte d >> 3), None when every document has a value;
    an absent value is 0.
    """

    def __init__(self, file: SegmentFile, name: str, doc_count: int) -> None:
        typecode = file.description["fields"][name].get("type")
        if typecode not in ("q", "d"):
            raise file.corrupt("a column is of no known type")
        self.name = name
        self.typecode: str = typecode
        self.values: memoryview[Any] = file.view(name + ".column", typecode, doc_count, whole=True)
        self.present: memoryview[int] | None = None
        if name + ".present" in file:
            self.present = file.view(name + ".present", "B", (doc_count + 7) // 8)

    def get(self, doc: int) -> Any:
        """Return a document's value, or None."""
        if self.present is not None and not self.present[doc >> 3] >> (doc & 7) & 1:
            return None
        return self.values[doc]

    @property
    def _words(self) -> memoryview[int]:
        """The values, as the 64-bit words they are."""
        return self.values.cast("B").cast("q")

    def of(self, docs: array[int]) -> array[Any]:
        """Return the values of those of the documents ('I', of this segment) that have one."""
        found = columns.gather(docs, self._words, self.present)
        return found if self.typecode == "q" else array("d", found.tobytes())

    def order(self, docs: array[int]) -> array[int]:
        """Return numbers ('q') that order documents as their values; see `columns.LAST`."""
        return columns.order_keys(docs, self._words, self.present, self.typecode == "d")


class StoredFields:
    """The documents as they were given, compressed in blocks of one or several."""

    def __init__(self, file: SegmentFile, doc_count: int) -> None:
        self._file = file
        self._blob = file.view("stored", "B")
        self._firsts: memoryview[int] = file.view("stored.docs", "I")
        self._blocks = len(self._firsts)
        self._starts: memoryview[int] = file.view("stored.starts", "Q", self._blocks + 1)
        self._sizes: memoryview[int] = file.view("stored.sizes", "I", self._blocks)
        self._doc_count = doc_count
        self._last: tuple[int, bytes] = (-1, b"")
        # those not in use: making one has the processor asked what it can do, which virtual
        # machines answer slowly
        self._decompressors: list[zstandard.ZstdDecompressor] = []

    @cached_property
    def dictionary(self) -> bytes:
        """What blocks are compressed by besides, b"" if nothing."""
        name = "stored.dictionary"
        if name not in self._file:
            return b""
        try:
            data = self._file.view(name, "B")  # which has it fetched
            self._file.check_section(name)
        except IndexCorruptError:
            data = self._file.view("stored.spare", "B")
            self._file.check_section("stored.spare")
        return bytes(data)

    @property
    def size(self) -> int:
        """Bytes of all blocks when decompressed."""
        return sum(self._sizes)

    @cached_property
    def _zstd(self) -> ModuleType:
        """What decompresses. It takes milliseconds to import: who shows nothing does without."""
        import zstandard

        return zstandard

    @cached_property
    def _shared(self) -> zstandard.ZstdCompressionDict | None:
        """The same as blocks are decompressed by."""
        if not self.dictionary:
            return None
        made: zstandard.ZstdCompressionDict = self._zstd.ZstdCompressionDict(
            self.dictionary, self._zstd.DICT_TYPE_FULLDICT
        )
        if not made.dict_id():
            offset = self._file.offset("stored.dictionary")
            raise self._file.corrupt("the stored dictionary is not one", offset)
        return made

    def _decompressed(self, frame: memoryview[int], size: int) -> bytes:
        """Return what is in a frame that says it holds ``size`` bytes; `ZstdError` if not."""
        if self._zstd.frame_content_size(frame) != size:
            raise self._zstd.ZstdError("it is not as long as is stated")
        try:
            decompressor = self._decompressors.pop()
        except IndexError:
            decompressor = self._zstd.ZstdDecompressor(self._shared, max_window_size=_MAX_WINDOW)
        try:
            data: bytes = decompressor.decompress(frame, allow_extra_data=False)
        finally:
            self._decompressors.append(decompressor)
        return data

    def _block(self, block: int) -> bytes:
        """Return a block decompressed; the one last read is kept."""
        kept, data = self._last
        if kept == block:
            return data
        start, stop, size = self._starts[block], self._starts[block + 1], self._sizes[block]
        if not start <= stop <= len(self._blob):
            offset = self._file.offset("stored") + start
            raise self._file.corrupt("a stored block lies outside its section", offset)
        try:
            data = self._decompressed(self._blob[start:stop], size)
        except self._zstd.ZstdError as error:
            offset = self._file.offset("stored") + start
            raise self._file.corrupt(f"a stored block is damaged: {error}", offset) from None
        self._last = (block, data)
        return data

    def blocks(self) -> Iterator[tuple[int, int, memoryview[int], int]]:
        """Yield (first document, end, compressed block, bytes when decompressed) of each block."""
        for block in range(self._blocks):
            start, stop = self._starts[block], self._starts[block + 1]
            if not start <= stop <= len(self._blob):
                offset = self._file.offset("stored") + start
                raise self._file.corrupt("a stored block lies outside its section", offset)
            last = self._firsts[block + 1] if block + 1 < self._blocks else self._doc_count
            yield self._firsts[block], last, self._blob[start:stop], self._sizes[block]

    def document(self, doc: int) -> bytes:
        """Return a document as it is stored."""
        if not 0 <= doc < self._doc_count:
            raise IndexError(f"document {doc} of {self._doc_count}")
        block = bisect_right(self._firsts, doc) - 1
        if block < 0:
            raise self._file.corrupt("a document is in no stored block")
        data = self._block(block)
        first = self._firsts[block]
        last = self._firsts[block + 1] if block + 1 < self._blocks else self._doc_count
        place = doc - first
        head = 4 * (last - first)
        if place >= last - first or head > len(data):
            raise self._file.corrupt("a stored block holds too few documents")
        ends = memoryview(data)[:head].cast("I")
        start = ends[place - 1] if place else 0
        stop = ends[place]
        if not start <= stop <= len(data) - head:
            raise self._file.corrupt("a stored document lies outside its block")
        return data[head + start : head + stop]


class StoredDocument:
    """A document as it is stored, and how its texts are read.

    ``fields`` are its fields; of those in ``texts`` they have only the number of bytes, until
    `text` was asked for them.
    """

    __slots__ = ("_behind", "_doc", "_file", "fields", "texts")

    def __init__(
        self,
        file: SegmentFile,
        doc: int,
        fields: dict[str, Any],
        texts: dict[str, bytes],
        behind: bytes,
    ) -> None:
        self._file = file
        self._doc = doc
        self.fields = fields
        self.texts = texts
        self._behind = behind  # the outlines of all texts, one after the other

    def whole(self) -> dict[str, Any]:
        """Return ``fields`` with all texts decoded."""
        for name in self.texts:
            self.text(name)
        return self.fields

    def text(self, name: str) -> str:
        """Return one of ``texts``, decoded; so it stands in ``fields`` from now on."""
        value = self.fields[name]
        if isinstance(value, int):
            try:
                value = self.texts[name].decode("utf-8", "surrogatepass")
            except ValueError:
                raise self._file.corrupt(
                    f"field {name!r} of stored document {self._doc} is not text"
                ) from None
            self.fields[name] = value
        return value  # type: ignore[no-any-return]

    def outline(self, wanted: str) -> Outline | None:
        """Return where the sentences of one of ``texts`` are, None if that is not stored."""
        behind = self._behind
        for name, data in self.texts.items():
            try:
                outline = Outline(data, behind)
            except ValueError as error:
                raise self._file.corrupt(
                    f"the outline of field {name!r} of stored document {self._doc} is not one: "
                    f"{error}"
                ) from None
            if name == wanted:
                return outline if len(outline) else None
            behind = behind[outline.stored_size() :]
        return None


class Segment:
    """One segment of a generation: immutable data, and which documents are deleted by now."""

    def __init__(self, file: SegmentFile, entry: SegmentEntry, schema: Schema) -> None:
        self.id = entry.id
        self.file = file
        self.schema = schema
        self.doc_count = entry.documents
        self.live_count = entry.live
        self.deleted: memoryview[int] | None = None
        self._base: Segment | None = None
        fields = file.description.get("fields")
        if (
            file.description.get("id") != entry.id
            or file.description.get("documents") != entry.documents
            or not isinstance(fields, dict)
            or not all(isinstance(described, dict) for described in fields.values())
        ):
            raise file.corrupt("the directory does not fit the commit")
        for name, described in fields.items():
            stated = described.get("kind"), described.get("type")
            if name in schema and stated != _KINDS.get(type(schema[name])):
                raise file.corrupt(f"field {name!r} is not of the kind that the schema says")
        # nothing is made as large as the number of documents before the file is
        if entry.documents and file.section("id.ordinals").length < 4 * entry.documents:
            raise file.corrupt("there are fewer ids than documents")
        self._kinds = {name: described.get("kind") for name, described in fields.items()}
        self._open: dict[str, Any] = {}
        self.stored_fields = StoredFields(file, entry.documents)
        self._text_fields = frozenset(schema.text_fields())
        self._dates = [name for name, kind in schema.items() if isinstance(kind, Date)]
        self._types = {
            name: _TYPES[type(kind)] for name, kind in schema.items() if type(kind) in _TYPES
        }
        if EXTRA_FIELD not in schema:
            self._types[EXTRA_FIELD] = (dict,)

    def with_deletions(self, entry: SegmentEntry, deleted: memoryview[int] | None) -> Segment:
        """Return the same segment in another generation; both share what is open."""
        other = object.__new__(Segment)
        other.__dict__.update(self.__dict__)
        other._base = self  # stays open, and shared, as long as any generation's view of it
        other.live_count = entry.live
        other.deleted = deleted
        return other

    def _field(self, name: str, kind: str, opener: Any) -> Any:
        if self._kinds.get(name) != kind:
            return None
        found = self._open.get(name)
        if found is None:
            found = self._open[name] = opener(self.file, name, self.doc_count)
        return found

    def text(self, name: str) -> TextField | None:
        """Return a text field, None if no document of the segment has it."""
        return self._field(name, "text", TextField)  # type: ignore[no-any-return]

    def keyword(self, name: str) -> KeywordField | None:
        """Return a keyword field, None if no document of the segment has it."""
        return self._field(name, "keyword", KeywordField)  # type: ignore[no-any-return]

    def column(self, name: str) -> NumericColumn | None:
        """Return a number, date or boolean field, None if no document of the segment has it."""
        return self._field(name, "column", NumericColumn)  # type: ignore[no-any-return]

    def has_text(self, doc: int, name: str) -> bool:
        """Return whether any word of a document stands in a text field."""
        field = self.text(name)
        return field is not None and field.lengths[doc] > 0

    def is_deleted(self, doc: int) -> bool:
        """Return whether a document is deleted in this generation."""
        return self.deleted is not None and bool(self.deleted[doc >> 3] >> (doc & 7) & 1)

    def stored(self, doc: int) -> dict[str, Any]:
        """Return a document as it was added (dates as datetimes)."""
        return self.read_stored(doc).whole()

    def read_stored(self, doc: int) -> StoredDocument:
        """Return a document as it is stored, its texts not decoded yet."""
        return self.parse_stored(doc, self.stored_fields.document(doc))

    def parse_stored(self, doc: int, data: bytes) -> StoredDocument:
        """Return what the bytes of a stored document are, its texts not decoded yet."""
        head = 4 + int.from_bytes(data[:4], "little")
        try:
            text = data[4:head].decode("utf-8", "surrogatepass")
            fields, end = _DECODER.raw_decode(text)
            if end != len(text) or head > len(data):
                raise ValueError
            for name in self._dates:
                if name in fields:
                    fields[name] = datetime.fromisoformat(fields[name])
        except (ValueError, TypeError, RecursionError):
            raise self.file.corrupt(f"stored document {doc} is not one") from None
        if not isinstance(fields, dict) or ID_FIELD not in fields:
            raise self.file.corrupt(f"stored document {doc} is not one")
        texts: dict[str, bytes] = {}
        for name, value in fields.items():
            types = self._types.get(name)
            if types is None:
                continue
            if type(value) is int and name in self._text_fields:
                texts[name] = data[head : head + value]
                head += value
                if value >= 0 and head <= len(data):
                    continue
            if not _is_of(value, types):
                raise self.file.corrupt(f"field {name!r} of stored document {doc} is not one")
        return StoredDocument(self.file, doc, fields, texts, data[head:])

    def find_id(self, identifier: str) -> int:
        """Return the live document with an id, or -1."""
        ids = self.keyword("id")
        ordinal = ids.lookup(identifier) if ids is not None else -1
        if ids is None or ordinal < 0:
            return -1
        for doc in ids.postings(ordinal):
            if doc >= self.doc_count:
                raise self.file.corrupt("an id's document is not there")
            if not self.is_deleted(doc):
                return doc
        return -1

    def doc_id(self, doc: int) -> str:
        """Return a document's id."""
        ids = self.keyword("id")
        ordinals = ids.ordinals(doc) if ids is not None else []
        if ids is None or len(ordinals) != 1 or ordinals[0] >= len(ids):
            raise self.file.corrupt(f"document {doc} has no id")
        return ids.value(ordinals[0])


def _is_of(value: Any, types: tuple[type, ...]) -> bool:
    if isinstance(value, list):
        return list in types and all(isinstance(one, str) for one in value)
    return isinstance(value, types)


def _encode(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        return mend(text).encode()


def _decode(data: bytes, file: SegmentFile) -> str:
    return _decode_all([data], file)[0]


def _decode_all(strings: list[bytes], file: SegmentFile) -> list[str]:
    try:
        return [data.decode() for data in strings]
    except UnicodeDecodeError:
        raise IndexCorruptError("a term is not UTF-8", file.name) from None

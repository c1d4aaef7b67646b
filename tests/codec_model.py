"""An index as a plain dictionary, and every number of it counted the obvious way."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from vnsearch.codec import KeywordField, Segment, Snapshot, Store, TextField, Writer
from vnsearch.codec import verify as verifying
from vnsearch.codec.verify import Report
from vnsearch.kernels.postings import Cursor
from vnsearch.schema import Keyword, Stored, Text

VALUE_GAP = 100


class PlainTerms:
    """Terms by spaces; one written with a leading ``+`` continues the word before it."""

    def __init__(self) -> None:
        self._terms: list[str] = []
        self._numbers: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._terms)

    def terms(self, start: int) -> list[str]:
        return self._terms[start:]

    def encode(self, text: str, _: bool = False) -> tuple[array[int], bytearray, bytes]:
        numbers, joined = array("i"), bytearray()
        for token in text.split():
            joined.append(token.startswith("+") and bool(numbers))
            numbers.append(self.add(token.lstrip("+")))
        return numbers, joined, b""

    def add(self, term: str) -> int:
        if term not in self._numbers:
            self._numbers[term] = len(self._terms)
            self._terms.append(term)
        return self._numbers[term]


def plain_fold(term: str) -> str:
    """Fold a handful of marked letters."""
    return term.translate(str.maketrans("ạảãăâđ", "aaaaad"))


def writer(store: Store, **options: Any) -> Writer:
    """Return a writer that analyses as this module does."""
    return store.writer(terms=PlainTerms, fold_key=plain_fold, **options)


def verify(path: Path) -> Report:
    """Verify an index that `writer` wrote."""
    return verifying.verify(path, fold_key=plain_fold)


class TextModel:
    """What a text field should say of documents given as lists of values."""

    def __init__(self, documents: Sequence[Sequence[str]]) -> None:
        self.postings: dict[str, dict[int, list[int]]] = defaultdict(dict)
        self.joined: list[list[bool]] = []
        self.lengths: list[int] = []
        self.word_lengths: list[int] = []
        pairs: dict[tuple[str, str], set[int]] = defaultdict(set)
        words: dict[str, set[int]] = defaultdict(set)
        folds: dict[str, set[int]] = defaultdict(set)
        self.total_pairs = 0
        for doc, values in enumerate(documents):
            position, flags, count, word_count = 0, [], 0, 0
            for number, value in enumerate(values):
                if number:
                    position += VALUE_GAP
                    flags += [False] * VALUE_GAP
                word: list[str] = []
                previous = None
                for token in [*value.split(), None]:
                    if token is None or not token.startswith("+") or not word:
                        if word:
                            words[" ".join(word)].add(doc)
                        word_count += bool(word)
                        word = []
                    if token is None:
                        continue
                    term = token.lstrip("+")
                    flags.append(bool(word))
                    word.append(term)
                    self.postings[term].setdefault(doc, []).append(position)
                    folds[plain_fold(term)].add(doc)
                    if previous is not None:
                        pairs[previous, term].add(doc)
                        self.total_pairs += 1
                    previous = term
                    position += 1
                    count += 1
            self.joined.append(flags)
            self.lengths.append(count)
            self.word_lengths.append(word_count)
        self.pairs = {pair: len(found) for pair, found in pairs.items()}
        self.words = {word: len(found) for word, found in words.items()}
        self.folds = {key: len(found) for key, found in folds.items()}

    def check(self, field: TextField | None) -> None:
        """Compare with a field, number by number."""
        if field is None:
            assert not any(self.lengths)
            return
        terms = sorted(self.postings, key=str.encode)
        assert field.terms() == terms
        assert field.lengths.tolist() == self.lengths
        assert field.word_lengths.tolist() == self.word_lengths
        assert field.total_length == sum(self.lengths)
        assert field.total_words == sum(self.word_lengths)
        assert field.total_pairs == self.total_pairs
        marked = {doc for term in terms if not term.isascii() for doc in self.postings[term]}
        plain = [doc for doc, count in enumerate(self.lengths) if count and doc not in marked]
        assert field.plain_docs.tolist() == plain
        for ordinal, term in enumerate(terms):
            expected = self.postings[term]
            assert field.lookup(term) == ordinal
            assert field.term(ordinal) == term
            assert field.df[ordinal] == len(expected)
            assert field.cf[ordinal] == sum(map(len, expected.values()))
            assert decode(field, ordinal) == expected
        for doc, flags in enumerate(self.joined):
            base = field.bases[doc]
            bits = [
                bool(field.joined_bits[at >> 5] >> (at & 31) & 1)
                for at in range(base, base + len(flags))
            ]
            assert bits == flags
        for a, first in enumerate(terms):
            row = {
                b: self.pairs[first, term]
                for b, term in enumerate(terms)
                if (first, term) in self.pairs
            }
            followers, counts = field.pairs.row(a)
            assert dict(zip(followers, counts, strict=True)) == row
            assert list(followers) == sorted(row)
            assert field.followers(a) == (len(row), sum(row.values()))
            for b in range(len(terms)):
                assert field.pair_df(a, b) == row.get(b, 0)
        assert len(field.pairs) == len(self.pairs)
        assert len(field.word_table()) == len(self.words)
        for word, count in self.words.items():
            assert field.word_df(word) == count
        groups: dict[str, list[int]] = defaultdict(list)
        for ordinal, term in enumerate(terms):
            groups[plain_fold(term)].append(ordinal)
        for key, ordinals in groups.items():
            assert field.forms(key) == (ordinals, self.folds[key])
        assert field.word_df("no where") == 0
        assert field.forms("nowhere") == ([], 0)
        for prefix in ("", "a", "d", "đ", "zz"):
            low, high = field.prefix(prefix)
            assert terms[low:high] == [term for term in terms if term.startswith(prefix)]
            members, low, high = field.fold_prefix(prefix)
            assert {*members, *range(low, high)} == {
                member
                for key, members in groups.items()
                if key.startswith(prefix)
                for member in members
            }


def decode(field: TextField, ordinal: int) -> dict[int, list[int]]:
    """Return document -> positions of a term."""
    cursor = Cursor(
        field.postings,
        field.positions,
        field.doc_offsets[ordinal],
        field.pos_offsets[ordinal],
        field.df[ordinal],
        field.doc_count,
    )
    found: dict[int, list[int]] = {}
    for block in range(cursor.block_count()):
        docs, _ = cursor.read_block(block)
        found.update(zip(docs, cursor.read_positions(), strict=True))
    return found


def values_of(document: Mapping[str, Any], name: str) -> list[str]:
    """Return a field's values as a list."""
    value = document.get(name, [])
    return [value] if isinstance(value, str) else list(value)


def check_keyword(keyword: KeywordField | None, documents: Sequence[Sequence[str]]) -> None:
    """Compare a keyword field with the documents' values."""
    values = sorted({value for one in documents for value in one}, key=str.encode)
    if keyword is None:
        assert not values
        return
    assert keyword.values() == values
    for doc, one in enumerate(documents):
        assert keyword.ordinals(doc) == sorted({values.index(value) for value in one})
    for ordinal, value in enumerate(values):
        expected = [doc for doc, one in enumerate(documents) if value in one]
        assert keyword.postings(ordinal).tolist() == expected
        assert keyword.df(ordinal) == len(expected)
        assert keyword.lookup(value) == ordinal
        assert keyword.value(ordinal) == value


def check_segment(segment: Segment, documents: Sequence[Mapping[str, Any]]) -> None:
    """Compare a segment with all documents in it, the deleted ones too."""
    assert segment.doc_count == len(documents)
    for name, kind in segment.schema.items():
        if isinstance(kind, Text):
            plain = [values_of(document, name) for document in documents]
            TextModel(plain).check(segment.text(name))
        elif isinstance(kind, Keyword):
            plain = [values_of(document, name) for document in documents]
            check_keyword(segment.keyword(name), plain)
        elif not isinstance(kind, Stored):
            column = segment.column(name)
            for doc, document in enumerate(documents):
                expected = document.get(name)
                if isinstance(expected, datetime):
                    expected = (expected - datetime(1970, 1, 1)) // timedelta(microseconds=1)
                assert (column.get(doc) if column else None) == expected
    for doc, document in enumerate(documents):
        assert segment.stored(doc) == document
        assert segment.doc_id(doc) == document["id"]


def live_documents(snapshot: Snapshot) -> dict[str, dict[str, Any]]:
    """Return id -> document of what a snapshot holds, in its order."""
    found: dict[str, dict[str, Any]] = {}
    for segment in snapshot.segments:
        for doc in range(segment.doc_count):
            if not segment.is_deleted(doc):
                identifier = segment.doc_id(doc)
                assert identifier not in found
                assert segment.find_id(identifier) == doc
                found[identifier] = segment.stored(doc)
    assert len(found) == snapshot.doc_count
    return found

"""Proving an index whole, and mending one that is not.

`verify` reads everything: every checksum, and every number that can be derived from others is
derived and compared. `repair` gives up only what is broken: a damaged segment's documents are read
back from their stored form and indexed again.
"""

from __future__ import annotations

import contextlib
import os
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import accumulate
from operator import add, ge
from pathlib import Path
from typing import Any

from vnsearch.codec.build import average_length
from vnsearch.codec.format import (
    COMMIT_NAME,
    SegmentEntry,
    SegmentFile,
    has_segments,
    read_deletions,
    unreadable,
)
from vnsearch.codec.merge import Restored, batches, check_blocks, count_table
from vnsearch.codec.recover import recover_commit
from vnsearch.codec.segment import KeywordField, NumericColumn, Segment, TextField
from vnsearch.codec.store import Lock, Store, check_timeout, path_name
from vnsearch.codec.writer import Terms, Writer
from vnsearch.errors import IndexCorruptError, SchemaError
from vnsearch.kernels.invert import plain_documents, stray_joins, union_counts
from vnsearch.kernels.merging import CountSource, merge_counts
from vnsearch.kernels.postings import PostingLists, misstated_impact
from vnsearch.schema import Boolean, Date, Keyword, Number, microseconds

__all__ = ["Problem", "Repair", "Report", "repair", "verify"]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is wrong with a file."""

    file: str
    offset: int | None
    """Byte offset in the file, where there is one."""
    message: str

    def __str__(self) -> str:
        where = self.file if self.offset is None else f"{self.file} at byte {self.offset}"
        return f"{where}: {self.message}"


@dataclass(frozen=True, slots=True)
class Report:
    """What `verify` found."""

    path: str
    generation: int
    segments: int
    documents: int
    """Live documents, as the commit states them."""
    files: int
    bytes: int
    problems: list[Problem] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


@dataclass(frozen=True, slots=True)
class Repair:
    """What `repair` did."""

    problems: list[Problem]
    """What was wrong."""
    segments: int
    """How many segments were given up and indexed again from their stored documents."""
    kept: int
    """How many of their documents were saved."""
    lost: list[str]
    """The documents that could not be, by id where it is known, else by segment and number."""
    notes: list[str] = field(default_factory=list)


def verify(
    path: str | os.PathLike[str],
    progress: Callable[[float], None] | None = None,
    *,
    fold_key: Callable[[str], str] | None = None,
) -> Report:
    """Read a whole index and report all that is wrong with it.

    ``progress`` is called with the fraction done; ``fold_key`` is what the index was written with
    (see `Store.writer`). Damage is reported, not raised. Raises `IndexNotFoundError`,
    `IndexVersionError`, or `SearchIndexError` for a file that the system does not let be read.
    """
    directory = Path(path_name(path))
    try:
        store = Store(directory)
        commit, opened = store.open_all(partial(_open, store))
    except IndexCorruptError as error:
        return Report(str(directory), -1, 0, 0, 0, 0, [_problem(error)])
    problems: list[Problem] = []
    size = 0
    for name in commit.files():
        with contextlib.suppress(OSError):  # missing, or removed by a writer meanwhile
            size += (directory / name).stat().st_size
    for number, segment in enumerate(opened):
        problems += _check(segment, fold_key)
        if progress is not None:
            progress((number + 1) / len(opened))
    problems += _check_ids(directory, opened)
    return Report(
        str(directory),
        commit.generation,
        len(commit.segments),
        sum(entry.live for entry in commit.segments),
        len(commit.files()),
        size,
        problems,
    )


def repair(
    path: str | os.PathLike[str],
    *,
    timeout: float = 0.0,
    terms: Callable[[], Terms] | None = None,
    fold_key: Callable[[str], str] | None = None,
) -> Repair:
    """Make an index whole again, giving up only what is broken.

    The live documents of damaged segments are read back from their stored form and added again (at
    the end of the index's order), in one commit: a crash on the way leaves the index as it was.
    Fields that are not stored cannot be read back: the documents come without, and a note says so.
    Where the commit file itself is damaged or missing, it is first made anew from the segment files
    (see `recover_commit`); what was wrong with it is raised (`IndexCorruptError`,
    `IndexNotFoundError`) only where there are none. Raises `IndexLockedError`, and
    `SearchIndexError` for a file that the system does not let be read: it is not given up for that.
    """
    broken: list[SegmentEntry] = []
    problems: list[Problem] = []
    lost: list[str] = []
    notes: list[str] = []
    check_timeout(timeout)
    try:
        store = Store(path)
    except IndexCorruptError as error:
        if not has_segments(path):
            raise
        with Lock(Path(path), timeout):
            if not recover_commit(Path(path), lost, notes):
                raise
        problems.append(_problem(error))
        store = Store(path)
    commit, opened = store.open_all(partial(_open, store))
    for entry, segment in zip(commit.segments, opened, strict=True):
        found = _check(segment, fold_key)
        if found:
            broken.append(entry)
            problems += found
    if not broken:
        return Repair(problems, 0, 0, lost, notes)
    kept = 0
    without = {entry.id for entry in broken}
    with Writer(store, timeout=timeout, terms=terms, fold_key=fold_key, without=without) as writer:
        if store.read().generation != commit.generation:
            raise IndexCorruptError("another writer changed it; repair it again", str(store.path))
        if unstored := sorted(store.schema.unstored()):
            notes.append(f"not stored, so gone from what is kept: {', '.join(unstored)}")
        intact = [store.open_segment(e) for e in commit.segments if e.id not in without]
        for entry in broken:
            for document in _salvage(store, entry, lost, notes):
                if all(segment.find_id(document["id"]) < 0 for segment in intact):
                    writer.add(document)
                    kept += 1
    return Repair(problems, len(broken), kept, lost, notes)


def _salvage(
    store: Store, entry: SegmentEntry, lost: list[str], notes: list[str]
) -> Iterator[dict[str, Any]]:
    """Yield the live documents of a damaged segment that can still be read."""
    try:
        segment = Segment(SegmentFile(store.path / entry.name), entry, store.schema)
    except (FileNotFoundError, IndexCorruptError) as error:
        reason = "the file is missing" if isinstance(error, FileNotFoundError) else error
        lost.append(f"all {entry.live} documents of {entry.name}: {reason}")
        return
    except OSError as error:
        raise unreadable(store.path / entry.name, error) from error
    if entry.deletions is not None:
        try:
            deleted = read_deletions(store.path / entry.deletions, entry.documents, entry.deleted)
            segment = segment.with_deletions(entry, deleted)
        except (FileNotFoundError, IndexCorruptError):
            notes.append(
                f"{entry.deletions} is damaged: {entry.deleted} deleted documents of {entry.name} "
                "come back, unless they were replaced"
            )
        except OSError as error:
            raise unreadable(store.path / entry.deletions, error) from error
    for doc in range(segment.doc_count):
        if segment.is_deleted(doc):
            continue
        try:
            yield store.schema.check(segment.stored(doc))
        except (IndexCorruptError, SchemaError):
            try:
                lost.append(segment.doc_id(doc))
            except (IndexCorruptError, IndexError):
                lost.append(f"document {doc} of {entry.name}")


def _problem(error: IndexCorruptError) -> Problem:
    message = str(error)
    prefix = error.file if error.offset is None else f"{error.file} at byte {error.offset}"
    return Problem(error.file, error.offset, message.removeprefix(prefix + ": "))


def _open(store: Store, entry: SegmentEntry) -> Segment | Problem:
    """Return a segment of the present commit; instead of one that cannot be opened, why."""
    try:
        return store.open_segment(entry)
    except FileNotFoundError as error:
        if entry not in store.read().segments:
            raise
        return Problem(str(error.filename), None, "the file is missing")
    except IndexCorruptError as error:
        return _problem(error)


def _check(segment: Segment | Problem, fold_key: Callable[[str], str] | None) -> list[Problem]:
    """Return all that is wrong with a segment of a commit."""
    if isinstance(segment, Problem):
        return [segment]
    if fold_key is None:
        from vnsearch import text

        fold_key = text.fold_key
    try:
        segment.file.expect_all()
    except IndexCorruptError as error:
        return [_problem(error)]
    problems = [_problem(error) for error in segment.file.check()]
    fields = segment.file.description["fields"]
    problems += [
        Problem(segment.file.name, None, f"the directory leaves out field {name!r}")
        for name in segment.schema
        if name not in fields and name + ".terms" in segment.file
    ]
    checks = [
        partial(_check_stored, segment),
        *(
            partial(_check_field, segment, name, fold_key)
            for name in segment.schema
            if name in fields
        ),
    ]
    for check in checks:
        try:
            problems += [Problem(segment.file.name, None, message) for message in check()]
        except IndexCorruptError as error:
            problem = _problem(error)
            if not problem.file:
                problem = Problem(segment.file.name, None, problem.message)
            problems.append(problem)
        except (ValueError, IndexError, OverflowError, UnicodeError) as error:
            problems.append(Problem(segment.file.name, None, f"numbers do not fit: {error}"))
    return problems


def _check_field(segment: Segment, name: str, fold_key: Callable[[str], str]) -> Iterator[str]:
    if (text := segment.text(name)) is not None:
        yield from _check_text(segment, text, fold_key)
    elif (keyword := segment.keyword(name)) is not None:
        yield from _check_keyword(keyword)
    elif (column := segment.column(name)) is not None:
        yield from _check_column(column)


def _check_text(segment: Segment, text: TextField, fold_key: Callable[[str], str]) -> Iterator[str]:
    """Count everything again from the posting lists and compare."""
    name = text.name
    keys = text.keys()
    if any(map(ge, keys, keys[1:])):
        yield f"the terms of field {name!r} do not ascend"
        return
    text.check_lists()
    fold_starts, fold_members, fold_counts = text.fold_lists()
    if [fold[:2] for fold in text.fold_table()] != _folds(keys, text.terms(), fold_key):
        yield f"the fold keys of field {name!r} do not fit its terms"
        return
    lists = PostingLists(
        text.postings, None, text.doc_offsets, text.pos_offsets, text.df, text.doc_count
    )
    term = misstated_impact(lists, text.lengths, average_length(text.lengths))
    if term >= 0:
        yield f"the impacts of term {text.term(term)!r} of field {name!r} do not fit its postings"
    ranks = array("I", range(len(keys)))
    df, cf = array("I", bytes(4 * len(keys))), array("I", bytes(4 * len(keys)))
    fold_df = array("I", bytes(4 * len(fold_counts)))
    pair_batches = [CountSource(text.pair_table(), 1, ranks, len(keys))]
    word_batches = [CountSource(text.word_table())]
    marked = bytearray(not key.isascii() for key in keys)
    words = pairs = plains = 0
    for documents in batches(text, range(text.doc_count)):
        first, stop = documents[0], documents[-1] + 1
        restored = Restored(text, documents, segment.file)
        inverted = restored.inverted
        sizes = array("I", bytes(4 * len(keys)))
        for number, documents_with, times in zip(
            inverted.order, inverted.df, inverted.cf, strict=True
        ):
            sizes[number] = documents_with
            cf[number] += times
        df = array("I", map(add, df, sizes))
        if inverted.lengths != array("I", text.lengths[first:stop]):
            yield f"the lengths of field {name!r} do not fit its posting lists"
        bounds = array("I", accumulate(sizes, initial=0))
        unions = union_counts(fold_starts, fold_members, bounds, inverted.docs, len(documents))
        fold_df = array("I", map(add, fold_df, unions))
        table, word_lengths = restored.word_table(keys)
        if word_lengths != array("I", text.word_lengths[first:stop]):
            yield f"the word lengths of field {name!r} do not fit its posting lists"
        if stray_joins(restored.tokens, restored.joined, restored.bases):
            yield f"field {name!r} has words that begin with no token"
        plain = plain_documents(restored.tokens, restored.bases, marked)
        expected = array("I", (first + doc for doc in plain))
        place = bisect_left(text.plain_docs, first)
        if expected != array("I", text.plain_docs[place : place + len(expected)]):
            yield f"the unmarked documents of field {name!r} do not fit its posting lists"
        plains += len(expected)
        words += sum(word_lengths)
        pairs += inverted.pairs
        word_batches.append(CountSource(table, -1))
        pair_batches.append(
            CountSource(
                count_table(*inverted.pair_counts()), -1, array("I", inverted.order), len(keys)
            )
        )
    if df != array("I", text.df) or cf != array("I", text.cf):
        yield f"df or cf of field {name!r} do not fit its posting lists"
    if (sum(cf), words, pairs) != (text.total_length, text.total_words, text.total_pairs):
        yield f"the totals of field {name!r} do not fit its posting lists"
    if text.spans[-1] & 31 and text.joined_bits[-1] >> (text.spans[-1] & 31):
        yield f"field {name!r} has words behind its last document"
    if plains != len(text.plain_docs):
        yield f"the unmarked documents of field {name!r} do not fit its posting lists"
    if fold_df != array("I", fold_counts):
        yield f"the fold table of field {name!r} miscounts documents"
    for what, tables, terms in (
        ("pair", pair_batches, len(keys)),
        ("word", word_batches, 0),
    ):
        try:
            fit = not merge_counts(tables, terms, ranks if terms else None).entries
        except IndexCorruptError as error:
            if error.file:
                raise
            fit = False  # more was counted than the table says
        if not fit:
            yield f"the {what} counts of field {name!r} do not fit its posting lists"


def _folds(
    keys: list[bytes], terms: list[str], fold_key: Callable[[str], str]
) -> list[tuple[bytes, list[int]]]:
    """Return the fold keys that a field with these terms lists, in order, and their ordinals."""
    groups: dict[bytes, list[int]] = {}
    for ordinal, (key, term) in enumerate(zip(keys, terms, strict=True)):
        groups.setdefault(key if term.isascii() else fold_key(term).encode(), []).append(ordinal)
    return sorted(
        (key, members)
        for key, members in groups.items()
        if len(members) > 1 or keys[members[0]] != key or not key.isascii()
    )


def _check_keyword(keyword: KeywordField) -> Iterator[str]:
    name = keyword.name
    keys = keyword.keys()
    if any(map(ge, keys, keys[1:])):
        yield f"the values of field {name!r} do not ascend"
        return
    by_value: list[list[int]] = [[] for _ in keys]
    for doc in range(keyword.doc_count):
        for ordinal in keyword.ordinals(doc):
            if ordinal >= len(keys):
                yield f"document {doc} has a value of field {name!r} that is not there"
                return
            by_value[ordinal].append(doc)
    for ordinal, docs in enumerate(by_value):
        if not docs or keyword.postings(ordinal).tolist() != docs:
            yield f"field {name!r} says different things by document and by value"
            return


def _check_stored(segment: Segment) -> Iterator[str]:
    """Compare what is indexed of documents with what is stored of them."""
    check_blocks(segment)
    kept: list[tuple[str, Callable[[int], Any], Callable[[Any], Any]]] = []
    for name, kind in segment.schema.items():
        if isinstance(kind, Keyword):
            kept.append((name, _values_of(segment.keyword(name)), _sorted_values))
        elif isinstance(kind, Number | Date | Boolean):
            column = segment.column(name)
            convert: Callable[[Any], float] = microseconds if isinstance(kind, Date) else float
            kept.append((name, column.get if column is not None else _nothing, convert))
    wrong: set[str] = set()
    for doc in range(segment.doc_count):
        document = segment.read_stored(doc)
        for name in document.texts:
            outline = document.outline(name)
            field = segment.text(name)
            length = field.lengths[doc] if field is not None else 0
            if outline is not None and outline.tokens(0, len(outline)) != length:
                yield f"field {name!r} of document {doc} has not as many tokens as its outline says"
                return
        stored = document.whole()
        for name, get, convert in kept:
            value = stored.get(name)
            try:
                same = get(doc) == (None if value is None else convert(value))
            except (TypeError, ValueError, OverflowError):
                same = False
            if not same and name not in wrong:
                wrong.add(name)
                yield f"field {name!r} of document {doc} is not what is stored"


def _values_of(keyword: KeywordField | None) -> Callable[[int], list[str] | None]:
    """Return what gives a document's values, ascending (None for none)."""
    if keyword is None:
        return _nothing
    names, ordinals = keyword.values(), keyword.ordinals

    def get(doc: int) -> list[str] | None:
        return [names[ordinal] for ordinal in ordinals(doc)] or None

    return get


def _nothing(_: int) -> None:
    return None


def _sorted_values(value: str | list[str]) -> list[str] | None:
    return [value] if isinstance(value, str) else sorted(set(value)) or None


def _check_column(column: NumericColumn) -> Iterator[str]:
    for doc, value in enumerate(column.values):
        if column.get(doc) is None and value != 0:
            yield f"column {column.name!r} has a number where it has no value"
            return


def _check_ids(directory: Path, segments: Iterable[Segment | Problem]) -> list[Problem]:
    """Return a problem for each id that two live documents have."""
    seen: set[str] = set()
    twice: set[str] = set()
    for segment in segments:
        if isinstance(segment, Problem):
            continue
        try:
            get = _values_of(segment.keyword("id"))
            for doc in range(segment.doc_count):
                if not segment.is_deleted(doc):
                    for identifier in get(doc) or ():
                        (twice if identifier in seen else seen).add(identifier)
        except (IndexCorruptError, IndexError):
            continue  # reported with its segment
    where = str(directory / COMMIT_NAME)
    return [Problem(where, None, f"two documents are {one!r}") for one in sorted(twice)]

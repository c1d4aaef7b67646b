"""Adding, replacing and deleting documents: gathered in arrays, inverted, written as segments.

A document's text becomes term numbers at once (`vnsearch.text.Vocabulary`); a batch of documents is
inverted in compiled loops and written as a segment when the memory limit is reached or the writer
commits. Segments are merged when they are many (see `merge`). Nothing a writer does shows before
`Writer.commit`, and a writer that dies leaves the index as it was.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from array import array
from bisect import bisect_left, insort
from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from math import inf
from operator import not_
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from vnsearch.codec import merge
from vnsearch.codec.build import (
    Inverted,
    PostingStreams,
    Scratch,
    StoredWriter,
    TextTotals,
    encode_document,
    flatten,
    room,
    stored_dictionary,
    take_memory,
    write_column,
    write_counts,
    write_folds,
    write_keyword,
    write_terms,
    zeros,
)
from vnsearch.codec.format import (
    COMMIT_NAME,
    DELETIONS_SUFFIX,
    SEGMENT_SUFFIX,
    Commit,
    SegmentEntry,
    SegmentWriter,
    files_of_segments,
    write_commit,
    write_deletions,
)
from vnsearch.codec.segment import Segment
from vnsearch.codec.workers import Encoded, Workers
from vnsearch.errors import IndexClosedError, IndexCorruptError, SearchIndexError
from vnsearch.kernels.counts import CountsEncoder
from vnsearch.kernels.invert import (
    hash_terms,
    pack_bits,
    plain_documents,
    word_counts,
)
from vnsearch.schema import ID_FIELD, Boolean, Date, Keyword, Number, Schema, microseconds

if TYPE_CHECKING:
    from vnsearch.codec.store import Store

__all__ = ["VALUE_GAP", "Terms", "Writer"]

VALUE_GAP = 100
"""Positions left free between two values of one text field, so that no phrase spans them."""

_GAP = array("i", [-1]) * VALUE_GAP
# What a gathered token takes while its batch is inverted, in bytes; and a keyword or number.
_TOKEN_COST = 28
_VALUE_COST = 200
MAX_WORKERS = 64  # many more than one process can keep busy
_BUSY_WORKERS = 3  # as many as it can
# After so many characters it is likely that as many follow, and workers are worth their start.
_MUCH = 10_000_000
# Documents go to a worker in chunks of about so many characters, and at most so many documents.
_CHUNK = 200_000
_CHUNK_DOCS = 256
# Room for this many tokens of a field is kept from the start, if the memory limit is that high.
_MOST_ROOM = 1 << 24
# The system is asked for the memory of so many tokens at a time, after as many.
_STEP = 1 << 18


class Terms(Protocol):
    """A growing table of terms, numbered from 0 in order of first sight."""

    def __len__(self) -> int: ...
    def terms(self, start: int, /) -> list[str]:
        """Return the terms from a number on."""

    def add(self, term: str, /) -> int:
        """Return a term's number, giving it the next one if it is new."""

    def encode(self, text: str, outlined: bool, /) -> Encoded:
        """Return a text's term numbers ('i'), which tokens continue a word (0 or 1), and its
        outline (see `vnsearch.kernels.snippets`; b"" unless ``outlined``, or if there is none)."""


def _texts(value: str | list[str]) -> Sequence[str]:
    """Return the texts of a text field's value."""
    return (value,) if isinstance(value, str) else value


def _cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class _TextBuffer:
    """The tokens of one text field, document after document.

    There is room for ``size`` tokens, more is made when needed. Room costs nothing until it is
    used; growing bit by bit would copy the tokens many times.
    """

    def __init__(self, size: int) -> None:
        self._tokens = room("i", size)
        self._joined = room("B", size)
        self._taken = _STEP
        self.bases = array("I")
        self.used = 0

    @property
    def tokens(self) -> memoryview[int]:
        """Term numbers ('i'), -1 between two values of a document."""
        return self._tokens[: self.used]

    @property
    def joined(self) -> memoryview[int]:
        """1 for each token that continues a word, else 0 ('B')."""
        return self._joined[: self.used]

    def clear(self) -> None:
        """Forget the documents, not the room."""
        self.bases = array("I")
        self.used = 0

    def add(self, doc: int, values: list[Encoded]) -> None:
        if doc > len(self.bases):
            self.pad(doc)
        self.bases.append(self.used)
        for number, (tokens, joined, _) in enumerate(values):
            if number:
                self._append(_GAP, bytes(VALUE_GAP))
            self._append(tokens, joined)

    def _append(self, tokens: array[int], joined: bytes | bytearray) -> None:
        end = self.used + len(tokens)
        if end > len(self._joined):
            bigger = _TextBuffer(2 * end)
            bigger._tokens[: self.used] = self.tokens
            bigger._joined[: self.used] = self.joined
            self._tokens, self._joined = bigger._tokens, bigger._joined
            self._taken = self.used + _STEP
        elif end > self._taken:
            stop = min(self._taken + _STEP, len(self._joined))
            take_memory(self._tokens, self._taken, stop)
            take_memory(self._joined, self._taken, stop)
            self._taken = stop
        self._tokens[self.used : end] = tokens
        self._joined[self.used : end] = joined
        self.used = end

    def pad(self, docs: int) -> None:
        """Give the documents up to ``docs`` that lack the field an empty place."""
        missing = docs - len(self.bases)
        if missing > 0:
            self.bases.extend([self.used] * missing)


class _KeywordBuffer:
    """The values of one keyword field."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self.starts = array("I")
        self.values = array("I")

    def add(self, doc: int, value: str | list[str]) -> None:
        self.pad(doc + 1)
        numbers = self.numbers
        for one in (value,) if isinstance(value, str) else value:
            self.values.append(numbers.setdefault(one, len(numbers)))

    def pad(self, docs: int) -> None:
        """Have the documents up to ``docs`` begin that did not, where the values end now."""
        self.starts.extend([len(self.values)] * (docs - len(self.starts)))


class _ColumnBuffer:
    """The values of one number, date or boolean field."""

    def __init__(self, typecode: str, convert: Callable[[Any], Any]) -> None:
        self.typecode = typecode
        self.convert = convert
        self.docs = array("I")
        self.values = array(typecode)

    def add(self, doc: int, value: Any) -> None:
        self.values.append(self.convert(value))
        self.docs.append(doc)


class _Batch:
    """Documents gathered in memory."""

    def __init__(
        self, schema: Schema, text: dict[str, _TextBuffer], dictionary: Callable[[], bytes]
    ) -> None:
        """Begin an empty batch that gathers its tokens in ``text``.

        ``dictionary`` returns what stored documents are compressed by elsewhere in the index.
        """
        self.docs = 0
        self.text = text
        self.keywords: dict[str, _KeywordBuffer] = {}
        self.columns: dict[str, _ColumnBuffer] = {}
        for name, kind in schema.items():
            if isinstance(kind, Keyword):
                self.keywords[name] = _KeywordBuffer()
            elif isinstance(kind, Number):
                self.columns[name] = _ColumnBuffer("d", float)
            elif isinstance(kind, Date):
                self.columns[name] = _ColumnBuffer("q", microseconds)
            elif isinstance(kind, Boolean):
                self.columns[name] = _ColumnBuffer("q", int)
        self.stored = StoredWriter(known=dictionary)
        self.unstored = schema.unstored()
        self.live: dict[str, int] = {}
        """Id -> the document that has it now."""
        self.deleted: set[int] = set()

    def memory(self) -> int:
        """Return about how many bytes writing the batch will take."""
        tokens = sum(buffer.used for buffer in self.text.values())
        values = sum(len(buffer.values) for buffer in self.keywords.values())
        return tokens * _TOKEN_COST + values * _VALUE_COST + self.stored.bytes


class _Member:
    """A segment as the writer sees it: what is committed, and what is deleted since."""

    def __init__(self, entry: SegmentEntry, segment: Segment) -> None:
        self.entry = entry
        self.segment = segment
        self.changed = False
        self._bitmap = bytearray(segment.deleted or bytes((entry.documents + 7) // 8))

    def delete(self, doc: int) -> None:
        """Mark a live document deleted, here and in `segment`."""
        self._bitmap[doc >> 3] |= 1 << (doc & 7)
        documents, deleted = self.entry.documents, self.entry.deleted + 1
        self.entry = SegmentEntry(self.entry.id, documents, deleted, self.entry.deletions or "")
        if not self.changed:
            self.changed = True
            self.segment = self.segment.with_deletions(self.entry, memoryview(self._bitmap))
        self.segment.live_count = self.entry.live

    def write_deletions(self, store: Store, generation: int) -> None:
        """Write the bitmap if it changed."""
        if self.changed:
            entry = self.entry
            name = f"{entry.id}.{generation}{DELETIONS_SUFFIX}"
            write_deletions(store.path / name, self._bitmap, entry.documents)
            self.entry = SegmentEntry(entry.id, entry.documents, entry.deleted, name)
            self.changed = False


class Writer:
    """The one writer of an index; made by `Store.writer`.

    A context manager: commits at the end of the block, rolls back when the block raises. Not for
    use from several threads at once.
    """

    def __init__(
        self,
        store: Store,
        *,
        timeout: float = 0.0,
        memory_limit: int = 256 << 20,
        terms: Callable[[], Terms] | None = None,
        fold_key: Callable[[str], str] | None = None,
        workers: int | None = 0,
        without: Collection[str] = (),
    ) -> None:
        """Open the index for writing; see `Store.writer`.

        The segments whose ids are in ``without`` are left out of the next commit.
        """
        from vnsearch.codec.store import Lock

        if workers is not None and not 0 <= workers <= MAX_WORKERS:
            raise ValueError(f"workers is between 0 and {MAX_WORKERS}, not {workers}")
        if workers != 0 and terms is not None:
            raise ValueError("workers analyse as vnsearch.text does, without terms of your own")
        if terms is None or fold_key is None:
            from vnsearch import text

            terms = terms or text.Vocabulary
            fold_key = fold_key or text.fold_key
        self._store = store
        self._memory_limit = memory_limit
        self._new_terms = terms
        self._fold_key = fold_key
        self._without = without
        self._worker_count = workers or 0
        # the characters to analyse here before workers are started; for ever, if not asked to
        self._alone: float = _MUCH if workers is None else inf
        self._workers: Workers | None = None
        self._lock: Lock | None = Lock(store.path, timeout)
        try:
            self._start()
            self._clean()
        except BaseException:
            self._lock.release()
            raise

    def _start(self) -> None:
        """Begin from what is committed."""
        # whether there may be files that the commit does not name: a dead writer's, at first
        self._untidy = True
        self._commit = self._store.read()
        self._schema = self._store.schema
        try:
            self._members = [
                _Member(entry, self._store.open_segment(entry))
                for entry in self._commit.segments
                if entry.id not in self._without
            ]
        except FileNotFoundError as error:  # no other writer can have removed it
            raise IndexCorruptError("the file is missing", str(error.filename)) from None
        self._terms = self._new_terms()
        # of each term: its bytes, their hash, whether it has marks, and its fold key if so
        self._keys: list[bytes] = []
        self._hashes = array("Q")
        self._marked = bytearray()
        self._folds: list[bytes] = []
        # the segments written since the last commit, but for merged ones
        self._fresh: set[str] = set()
        self._scratch = Scratch()
        size = min(self._memory_limit // _TOKEN_COST, _MOST_ROOM)
        self._text = {name: _TextBuffer(size) for name in self._schema.text_fields()}
        self._batch = self._new_batch()
        # documents not yet handed to a worker, and their texts; chunks that were
        self._chunk: list[Mapping[str, Any]] = []
        self._chunk_texts: list[tuple[str, bool]] = []
        self._chunk_size = 0
        self._handed: deque[list[Mapping[str, Any]]] = deque()
        self._whole = True

    def _stop_workers(self) -> None:
        workers, self._workers = self._workers, None
        if workers is not None:
            workers.close()

    def _new_batch(self) -> _Batch:
        for buffer in self._text.values():
            buffer.clear()
        return _Batch(self._schema, self._text, self._dictionary)

    def _dictionary(self) -> bytes:
        """Return the stored dictionary of the longest segment that has one, b"" if none has."""
        return stored_dictionary([member.segment for member in self._members])

    def _clean(self) -> None:
        """Remove the files that the committed generation does not need: a dead writer's, or old."""
        needed = self._commit.files()
        directory = self._store.path
        found = files_of_segments(directory, SEGMENT_SUFFIX)
        found += files_of_segments(directory, ".*" + DELETIONS_SUFFIX)
        for name in [*found, COMMIT_NAME + ".tmp"]:
            if name not in needed:
                self._remove(directory / name)
        self._untidy = False

    @staticmethod
    def _remove(path: Path) -> None:
        with contextlib.suppress(OSError):  # a reader may hold it where that forbids it
            path.unlink()

    def _check_open(self) -> None:
        if self._lock is None:
            raise IndexClosedError("the writer is closed")
        if not self._whole:
            raise SearchIndexError(
                "the writer was interrupted while it took a document; roll it back"
            )

    # -- documents ------------------------------------------------------------------------------

    def add(self, doc: Mapping[str, Any]) -> None:
        """Take a document, checked by the schema; one with the same id is replaced.

        Raises `SearchIndexError` when the disk is full; the writer then stands rolled back. With
        workers it raises that too when one has died, and the writer must be rolled back.
        """
        self._check_open()
        if self._worker_count:
            self._hand_out(doc)
            return
        encode = self._terms.encode
        encoded = {}
        for name in self._text:
            if (v := doc.get(name)) is not None:
                texts = _texts(v)
                outlined = self._is_outlined(name, v)
                encoded[name] = [encode(text, outlined) for text in texts]
                self._alone -= sum(map(len, texts))
        self._take(doc, encoded)
        if self._alone <= 0:
            self._alone = inf
            self._worker_count = min(_cores() - 1, _BUSY_WORKERS)

    def _is_outlined(self, name: str, value: str | list[str]) -> bool:
        """Return whether a field's value is stored with its outline: one text that is stored."""
        return isinstance(value, str) and name not in self._batch.unstored

    def _take(self, doc: Mapping[str, Any], encoded: Mapping[str, list[Encoded]]) -> None:
        """Gather a document whose texts are term numbers by now."""
        batch = self._batch
        identifier = doc["id"]
        outlines = {
            name: values[0][2] for name, values in encoded.items() if isinstance(doc[name], str)
        }
        stored = encode_document(doc, outlines, batch.unstored)
        # from here on an interrupted document would leave the arrays out of step
        whole, self._whole = self._whole, False
        number = batch.docs
        for name, values in encoded.items():
            self._text[name].add(number, values)
        for name, keywords in batch.keywords.items():
            if (v := doc.get(name)) is not None:
                keywords.add(number, v)
        for name, column in batch.columns.items():
            if (v := doc.get(name)) is not None:
                column.add(number, v)
        batch.stored.add(stored)
        if identifier in batch.live:
            batch.deleted.add(batch.live[identifier])
        batch.live[identifier] = number
        batch.docs = number + 1
        self._whole = whole
        if number & 15 == 0 and batch.memory() > self._memory_limit:
            with self._undone():
                self._flush()
                self._merge(merge.next_run)

    def _hand_out(self, doc: Mapping[str, Any]) -> None:
        """Have a document analysed by a worker; take those that are."""
        self._chunk.append(doc)
        for name in self._text:
            if (v := doc.get(name)) is not None:
                texts = _texts(v)
                outlined = self._is_outlined(name, v)
                self._chunk_texts += [(text, outlined) for text in texts]
                self._chunk_size += sum(map(len, texts))
        if self._chunk_size > _CHUNK or len(self._chunk) >= _CHUNK_DOCS:
            self._collect(wait=False)

    def _collect(self, wait: bool) -> None:
        """Give the gathered chunk to a worker; take what comes back, with ``wait`` all of it."""
        if not self._chunk and not self._handed:
            return
        self._whole = False  # until every document that was handed out is taken
        if self._workers is None:
            self._workers = Workers(self._worker_count, self._terms.add)
        if self._chunk:
            self._workers.ask(self._chunk_texts)
            self._handed.append(self._chunk)
            self._chunk, self._chunk_texts, self._chunk_size = [], [], 0
        while self._handed and (wait or self._workers.busy):
            encoded = iter(self._workers.answer())
            for doc in self._handed.popleft():
                self._take(
                    doc,
                    {
                        name: [next(encoded) for _ in _texts(v)]
                        for name in self._text
                        if (v := doc.get(name)) is not None
                    },
                )
        self._whole = True

    @property
    def gathered(self) -> int:
        """How many documents were taken that are not written to a segment yet."""
        return self._batch.docs

    def find(self, identifier: str) -> tuple[Segment, int] | None:
        """Return the segment and the number of a live document that is written, if need be since
        the last commit."""
        for member in reversed(self._members):
            if (doc := member.segment.find_id(identifier)) >= 0:
                return member.segment, doc
        return None

    def delete(self, ids: Iterable[str]) -> int:
        """Delete the documents with these ids; return how many there were."""
        self._check_open()
        self._collect(wait=True)
        batch = self._batch
        deleted = 0
        for identifier in ids:
            found = False
            if identifier in batch.live:
                batch.deleted.add(batch.live.pop(identifier))
                found = True
            found |= self._delete_older(identifier, self._members)
            deleted += found
        return deleted

    @staticmethod
    def _delete_older(identifier: str, members: list[_Member]) -> bool:
        for member in members:
            doc = member.segment.find_id(identifier)
            if doc >= 0:
                member.delete(doc)
                return True
        return False

    @contextlib.contextmanager
    def _undone(self) -> Any:
        """Go back to what is committed when the block fails."""
        try:
            yield
        except BaseException as error:
            self.rollback()
            if isinstance(error, OverflowError):
                raise SearchIndexError(f"a segment cannot hold that much: {error}") from error
            raise

    # -- writing a segment ----------------------------------------------------------------------

    def _flush(self) -> None:
        """Write the gathered documents as a segment."""
        batch = self._batch
        if not batch.docs:
            return
        self._untidy = True
        segment_id = secrets.token_hex(8)
        out = SegmentWriter(self._store.path / (segment_id + SEGMENT_SUFFIX))
        try:
            fields: dict[str, Any] = {}
            for name, buffer in batch.text.items():
                if buffer.used:
                    fields[name] = self._write_text(out, name, buffer)
            for name, keywords in batch.keywords.items():
                if keywords.values:
                    keywords.pad(batch.docs + 1)
                    names = list(keywords.numbers)
                    order = sorted(range(len(names)), key=names.__getitem__)
                    ranks = array("I", order)
                    for rank, number in enumerate(order):
                        ranks[number] = rank
                    fields[name] = write_keyword(
                        out,
                        name,
                        (names[number].encode() for number in order),
                        len(names),
                        keywords.starts,
                        array("I", map(ranks.__getitem__, keywords.values)),
                    )
            for name, column in batch.columns.items():
                if column.docs:
                    fields[name] = write_column(
                        out, name, column.typecode, column.docs, column.values, batch.docs
                    )
            out.add_parts("stored", "B", batch.stored.finish())
            batch.stored.write_directory(out)
            out.finish(
                {
                    "id": segment_id,
                    "documents": batch.docs,
                    "schema": self._schema.to_json(),
                    "fields": fields,
                }
            )
        except BaseException:
            out.abandon()
            raise
        entry = SegmentEntry(segment_id, batch.docs)
        member = _Member(entry, self._store.open_segment(entry))
        older = self._members
        for doc in sorted(batch.deleted):
            member.delete(doc)
        self._replace(batch.live, older)
        self._members = [*older, member]
        self._fresh.add(segment_id)
        self._batch = self._new_batch()

    @staticmethod
    def _replace(identifiers: Iterable[str], members: list[_Member]) -> None:
        """Delete the documents of older segments that have one of these ids."""
        keys = sorted(identifier.encode() for identifier in identifiers) if members else []
        for member in members:
            ids = member.segment.keyword(ID_FIELD)
            if ids is None:
                continue
            for key, ordinal in zip(keys, ids.lookup_all(keys), strict=True):
                if ordinal >= 0 and (doc := member.segment.find_id(key.decode())) >= 0:
                    member.delete(doc)

    def _write_text(self, out: SegmentWriter, name: str, buffer: _TextBuffer) -> dict[str, Any]:
        """Invert a field and write it; return its description."""
        buffer.pad(self._batch.docs)
        bases = array("I", buffer.bases)
        bases.append(buffer.used)
        self._extend_terms()
        # by their bytes, as a dictionary is sorted
        inverted = Inverted.of(
            buffer.tokens, bases, len(self._keys), self._keys.__getitem__, self._scratch
        )
        terms = list(map(self._keys.__getitem__, inverted.order))
        write_terms(out, name + ".terms", terms)
        out.add(name + ".df", "I", inverted.df)
        out.add(name + ".cf", "I", inverted.cf)
        streams = PostingStreams(self._store.path, inverted.lengths)
        streams.add_all(inverted)
        streams.write(out, name)

        encoder = CountsEncoder()
        encoder.extend(*inverted.pair_counts())
        write_counts(out, name + ".pairs", encoder)
        word_lengths = zeros("I", self._batch.docs)
        words = word_counts(
            buffer.tokens,
            buffer.joined,
            bases,
            self._hashes,
            word_lengths,
            inverted.occurrences,  # by now nothing but memory
        )
        encoder = CountsEncoder()
        encoder.extend(*words)
        write_counts(out, name + ".words", encoder)
        groups = self._fold_groups(inverted.order, terms)
        starts, members = flatten(groups.values())
        write_folds(
            out, name, list(groups), starts, members, inverted.union_counts(starts, members)
        )

        out.add(name + ".lengths", "I", inverted.lengths)
        out.add(name + ".word_lengths", "I", word_lengths)
        out.add(name + ".bases", "I", bases)
        out.add(name + ".joined", "I", pack_bits(buffer.joined))
        out.add(name + ".plain", "I", plain_documents(buffer.tokens, bases, self._marked))
        return TextTotals(
            len(terms), len(groups), sum(inverted.lengths), sum(word_lengths), inverted.pairs
        ).describe()

    def _extend_terms(self) -> None:
        """Work out, once, what is written of the terms that came since the last batch."""
        fold_key = self._fold_key
        texts = self._terms.terms(len(self._keys))
        fresh = [text.encode() for text in texts]
        self._keys += fresh
        self._hashes.extend(hash_terms(fresh))
        self._marked.extend(map(not_, map(str.isascii, texts)))
        self._folds += [b"" if text.isascii() else fold_key(text).encode() for text in texts]

    def _fold_groups(self, order: list[int], terms: list[bytes]) -> dict[bytes, list[int]]:
        """Return fold key -> ranks, in the keys' order, without the keys of lone ASCII terms."""
        groups: dict[bytes, list[int]] = {}
        for rank, key in enumerate(map(self._folds.__getitem__, order)):
            if key:
                groups.setdefault(key, []).append(rank)
        for key in groups.keys() & terms:
            # (a marked term that is its own key is in its group)
            if key.isascii():
                insort(groups[key], bisect_left(terms, key))
        return {key: groups[key] for key in sorted(groups)}

    # -- generations ----------------------------------------------------------------------------

    def commit(self, progress: Callable[[float], None] | None = None) -> None:
        """Make everything since the last commit visible and durable.

        ``progress`` is called with the fraction done, 0.0 to 1.0. Raises `SearchIndexError` when
        the disk is full; the index is then as before and the writer rolled back.
        """
        self._check_open()
        with self._undone():
            self._collect(wait=True)
            self._flush()
            self._publish(progress)

    def optimize(self, progress: Callable[[float], None] | None = None) -> None:
        """Commit, and merge everything into one segment without deleted documents.

        Where the format's limits forbid that, into as few as can hold it.
        """
        self._check_open()
        with self._undone():
            self._collect(wait=True)
            self._flush()
            self._publish(progress, everything=True)

    def _publish(self, progress: Callable[[float], None] | None, everything: bool = False) -> None:
        old = self._commit
        self._untidy = True
        if everything:
            self._merge(merge.whole_run, progress)
        else:
            self._merge_fresh(progress)
            self._merge(merge.next_run, progress)
        self._fresh.clear()
        generation = old.generation + 1
        for member in self._members:
            member.write_deletions(self._store, generation)
        entries = tuple(member.entry for member in self._members)
        if entries != old.segments:
            self._commit = Commit(generation, old.schema, entries)
            write_commit(self._store.path, self._commit, self._commit.files() - old.files())
            self._store.keep([member.segment for member in self._members])
        self._clean()
        if progress is not None:
            progress(1.0)

    def _merge_fresh(self, progress: Callable[[float], None] | None) -> None:
        """Make one segment of those written since the last commit that were not merged yet.

        A search asks every segment, and what is loaded once is searched for long.
        """
        self._drop_empty()
        start = len(self._members)
        while start and self._members[start - 1].entry.id in self._fresh:
            start -= 1
        while start < len(self._members):
            stop = merge.longest_run(start, len(self._members), self._fit)
            if stop - start > 1:
                self._merge_run(start, stop, progress)
            start += 1

    def _fit(self, start: int, stop: int) -> bool:
        """Return whether one segment can hold adjacent ones."""
        return merge.fits([member.segment for member in self._members[start:stop]])

    def _merge(
        self,
        choose: Callable[[Sequence[SegmentEntry], merge.Fits], tuple[int, int] | None],
        progress: Callable[[float], None] | None = None,
    ) -> None:
        """Merge the runs of adjacent segments that a policy chooses, until it is content."""
        self._drop_empty()
        while run := choose([member.entry for member in self._members], self._fit):
            self._merge_run(*run, progress)

    def _drop_empty(self) -> None:
        self._members = [member for member in self._members if member.entry.live]

    def _merge_run(self, start: int, stop: int, progress: Callable[[float], None] | None) -> None:
        """Put one segment in the place of adjacent ones."""
        merged = self._members[start:stop]
        self._scratch = Scratch()
        segment_id = secrets.token_hex(8)
        documents = merge.merge_segments(
            self._store.path, segment_id, [member.segment for member in merged], progress
        )
        entry = SegmentEntry(segment_id, documents)
        self._members[start:stop] = [_Member(entry, self._store.open_segment(entry))]
        committed = self._commit.files()
        for member in merged:
            if member.entry.name not in committed:
                self._remove(self._store.path / member.entry.name)

    def rollback(self) -> None:
        """Forget everything since the last commit."""
        if self._lock is None:
            raise IndexClosedError("the writer is closed")
        self._members = []
        self._stop_workers()
        self._start()
        self._clean()

    def close(self) -> None:
        """Give the lock back; what was not committed is forgotten."""
        if self._lock is not None:
            try:
                self._members = []
                self._stop_workers()
                if self._untidy:
                    self._commit = self._store.read()
                    self._clean()
            finally:
                self._lock.release()
                self._lock = None
                # a batch asks its writer for the stored dictionary: without this, all that was
                # gathered would wait for the garbage collector to find the circle
                del self._batch

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None and self._lock is not None:
                self.commit()
        finally:
            self.close()

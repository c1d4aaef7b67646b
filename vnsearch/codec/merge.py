"""Merging segments: which, and how.

**Which.** Only neighbours are merged, so documents keep the order they were added in. A segment's
level is 0 below 100 live documents, 1 below 1,000, 2 below 10,000, and so on. Ten segments of one
level, with nothing of a higher level between them, are merged, and with them the smaller ones that
lie between (Lucene's ``LogMergePolicy``). Of the ten of level 0 the first stays as it is if it is
more than twice as long as all after it together, and so may the second: else ninety documents would
be rewritten for every ten that come singly. No more than two can, so such a merge adds at least
seven documents to a document's segment; above level 0 every merge lifts a document by a level.
Among N documents each is rewritten at most ``14 + log10(N)`` times, and hardly ever more than half
as often. A segment more than a third deleted is rewritten alone. Where one segment cannot hold that
many (`fits`), the first five or more that it can are merged, or none.

**How.** On the encoded arrays, never by analysing again: dictionaries are merged and terms
renumbered, posting lists decoded, freed of deleted documents and encoded again, count tables added
up. What deleted documents counted in pairs, words and fold keys is counted again from their tokens
(which the posting lists hold) and taken away: after a merge every number is that of the documents
that live. Until then ``df``, ``cf`` and the counts include deleted documents, as in Lucene.

Memory: a few arrays per document, per distinct term and per distinct pair, chunks of the posting
lists, and the tokens of some deleted documents at a time.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import compress, pairwise
from pathlib import Path
from typing import Any, TypeAlias

from vnsearch.codec.build import (
    CHUNK_POSITIONS,
    Inverted,
    PostingStreams,
    StoredWriter,
    TextTotals,
    flatten,
    write_column,
    write_counts,
    write_folds,
    write_keyword,
    write_terms,
    zeros,
)
from vnsearch.codec.format import (
    MAX_DOCUMENTS,
    SEGMENT_SUFFIX,
    SegmentEntry,
    SegmentFile,
    SegmentWriter,
)
from vnsearch.codec.segment import NO_VALUE, Segment, TextField
from vnsearch.kernels.counts import CountsEncoder, CountTable
from vnsearch.kernels.invert import hash_terms, unpack_bits, word_counts
from vnsearch.kernels.merging import (
    CountSource,
    FoldMerger,
    PostingMerger,
    PostingSource,
    copy_bits,
    merge_counts,
    restore,
)
from vnsearch.kernels.terms import ascii_places, union
from vnsearch.schema import Field, Keyword, Text

__all__ = ["fits", "longest_run", "merge_segments", "next_run", "whole_run"]

FACTOR = 10
"""How many segments of a level are merged into one of the next."""
SMALLEST = 100
"""Below this many documents all segments are of level 0."""
LONG = 2
"""A segment of level 0 that is so many times as long as all after it is not merged with them."""
FEWEST = 5
"""Fewer segments of a level than this are not merged where ten do not fit into one."""

LIMIT = 1 << 32
"""What 32 bits can lead into: places of tokens, words, bytes or items of a section."""
_ITEMS: dict[type[Field], tuple[tuple[str, float], ...]] = {
    Text: ((".joined", 8), (".postings", 1 / 4), (".positions", 1), (".terms", 1), (".folds", 1)),
    Keyword: ((".values", 1), (".docs", 1 / 4)),
}
"""Of a field of each kind: the sections that 32 bits lead into, and how many items make a byte."""

Fits: TypeAlias = Callable[[int, int], bool]
"""Whether one segment can hold the segments from a number to another."""


def fits(segments: Sequence[Segment]) -> bool:
    """Return whether the format lets one segment hold what several hold; one always fits.

    Lists and dictionaries put together may come out a little longer: an eighth is left for that.
    """
    if len(segments) < 2:
        return True
    if sum(segment.live_count for segment in segments) > MAX_DOCUMENTS:
        return False
    most = LIMIT - LIMIT // 8
    filled: Counter[str] = Counter()
    for segment in segments:
        fields = segment.file.description["fields"]
        for name, kind in segment.schema.items():
            for part, items in _ITEMS.get(type(kind), ()) if name in fields else ():
                length = segment.file.section(name + part).length
                filled[name + part] += int(length * items)
    return max(filled.values(), default=0) <= most


def longest_run(start: int, count: int, fits: Fits) -> int:
    """Return the end of the longest run from ``start`` on that one segment can hold."""
    if fits(start, count):
        return count
    return next(stop for stop in range(start + 1, count) if not fits(start, stop + 1))


def _level(documents: int) -> int:
    level = 0
    while documents >= SMALLEST:
        documents //= FACTOR
        level += 1
    return level


def next_run(entries: Sequence[SegmentEntry], fits: Fits) -> tuple[int, int] | None:
    """Return (start, stop) of the segments to merge next, or None."""
    levels = [_level(entry.live) for entry in entries]
    for level in range(max(levels, default=0) + 1):
        members: list[int] = []
        for number, here in enumerate([*levels, level + 1]):
            if here == level:
                members.append(number)
            elif here > level:
                if len(members) >= FACTOR:
                    start, stop = members[0], members[-1] + 1
                    if level == 0:
                        start = _first_to_merge([entry.live for entry in entries], start, stop)
                    if fits(start, stop):
                        return start, stop
                    if run := _some([one for one in members if one >= start], fits):
                        return run
                members = []
    for number, entry in enumerate(entries):
        if entry.deleted * 3 > entry.documents:
            return number, number + 1
    return None


def _first_to_merge(sizes: Sequence[int], start: int, stop: int) -> int:
    """Return where a run of level 0 begins without the long ones that stand before it."""
    rest = sum(sizes[start:stop])
    while True:
        rest -= sizes[start]
        if sizes[start] <= LONG * rest:
            return start
        start += 1


def _some(members: Sequence[int], fits: Fits) -> tuple[int, int] | None:
    """Return the first run of segments that fit into one and are worth it, None if none are."""
    for number, start in enumerate(members):
        stop = number
        while stop < len(members) and fits(start, members[stop] + 1):
            stop += 1
        if stop - number >= FEWEST:
            return start, members[stop - 1] + 1
    return None


def whole_run(entries: Sequence[SegmentEntry], fits: Fits) -> tuple[int, int] | None:
    """Return the next run that makes everything one segment without deletions, or as few as can
    hold it; None where it is."""
    start = 0
    while start < len(entries):
        stop = longest_run(start, len(entries), fits)
        if stop - start > 1 or entries[start].deleted:
            return start, stop
        start = stop
    return None


@dataclass(frozen=True, slots=True)
class _Part:
    """One segment in a merge: its documents' new numbers and the runs that live."""

    segment: Segment
    doc_map: array[int]
    runs: list[tuple[int, int]]
    deleted: list[int]


def _parts(segments: Sequence[Segment]) -> tuple[list[_Part], int]:
    parts = []
    new = 0
    for segment in segments:
        segment.file.expect_all()
        check_blocks(segment)
        count = segment.doc_count
        if segment.deleted is None:
            doc_map = array("I", range(new, new + count))
            parts.append(_Part(segment, doc_map, [(0, count)], []))
            new += count
            continue
        doc_map = array("I", [NO_VALUE]) * count
        runs: list[tuple[int, int]] = []
        deleted = []
        for doc in range(count):
            if segment.is_deleted(doc):
                deleted.append(doc)
                continue
            doc_map[doc] = new
            new += 1
            if runs and runs[-1][1] == doc:
                runs[-1] = (runs[-1][0], doc + 1)
            else:
                runs.append((doc, doc + 1))
        parts.append(_Part(segment, doc_map, runs, deleted))
    return parts, new


def merge_segments(
    directory: Path,
    segment_id: str,
    segments: Sequence[Segment],
    progress: Callable[[float], None] | None = None,
) -> int:
    """Write the live documents of ``segments`` as one segment; return their number.

    ``progress`` is called with the fraction done. Raises `IndexCorruptError` where a segment's
    numbers do not fit each other, `SearchIndexError` where the file cannot be written.
    """
    parts, documents = _parts(segments)
    out = SegmentWriter(directory / (segment_id + SEGMENT_SUFFIX))
    schema = segments[0].schema
    try:
        fields: dict[str, Any] = {}
        for number, name in enumerate(schema):
            described = None
            if any(part.segment.text(name) for part in parts):
                described = _TextMerge(directory, name, parts).write(out)
            elif any(part.segment.keyword(name) for part in parts):
                described = _merge_keyword(out, name, parts)
            elif any(part.segment.column(name) for part in parts):
                described = _merge_column(out, name, parts, documents)
            if described is not None:
                fields[name] = described
            if progress is not None:
                progress((number + 1) / (len(schema) + 2))
        stored = StoredWriter.merging(segments)
        out.add_parts("stored", "B", _merge_stored(stored, parts))
        stored.write_directory(out)
        out.finish(
            {
                "id": segment_id,
                "documents": documents,
                "schema": schema.to_json(),
                "fields": fields,
            }
        )
    except BaseException:
        out.abandon()
        raise
    return documents


class _TextMerge:
    """Merges one text field. Terms are numbered through the union of the dictionaries."""

    def __init__(self, directory: Path, name: str, parts: list[_Part]) -> None:
        self._directory = directory
        self._name = name
        self._parts = parts
        self._fields = [
            (part, field) for part in parts if (field := part.segment.text(name)) is not None
        ]
        self._files = ", ".join(part.segment.file.name for part, _ in self._fields)
        for _, field in self._fields:
            field.check_lists()
        self._union, self._ranks = union([field.lists()[0] for _, field in self._fields])
        self._kept = array("I", [NO_VALUE]) * len(self._union)
        """Number in the union -> ordinal in the merged segment."""
        self._count_folds()
        self._count_deleted()

    def _count_folds(self) -> None:
        """Gather the fold keys: their terms and documents, deleted too."""
        self._fold_keys, folds = union([field.lists()[1] for _, field in self._fields])
        itself = ascii_places(self._fold_keys, self._union)
        self._folds = FoldMerger(itself, len(self._union), self._files)
        for (_, field), ranks, one in zip(self._fields, self._ranks, folds, strict=True):
            self._folds.add(ranks, field.df, one, *field.fold_lists())

    def _count_deleted(self) -> None:
        """Count what deleted documents count in pairs, words and fold keys, some at a time."""
        terms = len(self._union)
        self._gone_pairs: CountTable | None = None
        self._gone_words: CountTable | None = None
        self._gone_pair_total = 0
        if not any(part.deleted for part, _ in self._fields):
            return
        whole = array("I", range(terms))
        starts, members = self._folds.groups()
        for (part, field), ranks in zip(self._fields, self._ranks, strict=True):
            for documents in batches(field, part.deleted):
                gone = Restored(field, documents, part.segment.file)
                inverted = gone.inverted
                if not inverted.order:
                    continue
                self._gone_pair_total += inverted.pairs
                numbers = array("I", map(ranks.__getitem__, inverted.order))
                sources = [CountSource(count_table(*inverted.pair_counts()), 1, numbers, terms)]
                if self._gone_pairs is not None:
                    sources.append(CountSource(self._gone_pairs, 1, whole, terms))
                self._gone_pairs = CountTable(*merge_counts(sources, 0, None).finish())
                sources = [CountSource(gone.word_table(field.keys())[0])]
                if self._gone_words is not None:
                    sources.append(CountSource(self._gone_words))
                self._gone_words = CountTable(*merge_counts(sources, 0, None).finish())
                local = dict(zip(numbers, range(len(numbers)), strict=True))
                groups = flatten(
                    [local[number] for number in members[start:stop] if number in local]
                    for start, stop in pairwise(starts)
                )
                self._folds.subtract(inverted.union_counts(*groups))

    def write(self, out: SegmentWriter) -> dict[str, Any] | None:
        """Write the field; return its description, None if no document is left that has it."""
        name = self._name
        lengths = self._per_document("lengths")
        if not any(lengths):
            return None
        word_lengths = self._per_document("word_lengths")
        cf, df = self._write_postings(out, lengths)
        write_terms(out, name + ".terms", compress(self._union, map(NO_VALUE.__ne__, self._kept)))
        out.add(name + ".df", "I", df)
        out.add(name + ".cf", "I", cf)
        write_counts(out, name + ".pairs", self._merge_pairs())
        write_counts(out, name + ".words", self._merge_words())
        folds, starts, members, counts = self._folds.finish(self._kept)
        fold_keys = list(map(self._fold_keys.__getitem__, folds))
        write_folds(out, name, fold_keys, starts, members, counts)
        bases, joined = self._merge_bits()
        out.add(name + ".lengths", "I", lengths)
        out.add(name + ".word_lengths", "I", word_lengths)
        out.add(name + ".bases", "I", bases)
        out.add(name + ".joined", "I", joined)
        out.add(name + ".plain", "I", self._merge_plain())
        return TextTotals(
            terms=len(df),
            folds=len(folds),
            tokens=sum(lengths),
            words=sum(word_lengths),
            pairs=sum(field.total_pairs for _, field in self._fields) - self._gone_pair_total,
        ).describe()

    def _merge_plain(self) -> array[int]:
        """Return the documents without a marked term, by their new numbers."""
        merged = array("I")
        base = 0
        for part in self._parts:
            field = part.segment.text(self._name)
            for start, stop in part.runs:
                if field is not None:
                    plain = field.plain_docs
                    first, last = bisect_left(plain, start), bisect_left(plain, stop)
                    if any(not start <= doc < stop for doc in plain[first:last]):
                        raise part.segment.file.corrupt("the unmarked documents do not ascend")
                    merged.extend(doc - start + base for doc in plain[first:last])
                base += stop - start
        return merged

    def _per_document(self, attribute: str) -> array[int]:
        """Return an array of the segments, without the deleted documents."""
        merged = array("I")
        for part in self._parts:
            field = part.segment.text(self._name)
            for start, stop in part.runs:
                if field is None:
                    merged.frombytes(bytes(4 * (stop - start)))
                else:
                    merged.frombytes(getattr(field, attribute)[start:stop].cast("B"))
        return merged

    def _write_postings(
        self, out: SegmentWriter, lengths: array[int]
    ) -> tuple[array[int], array[int]]:
        """Write the posting lists; return cf and df. Fills `_kept`."""
        sources = [
            _posting_source(field, ranks, part.doc_map, part.segment.file)
            for (part, field), ranks in zip(self._fields, self._ranks, strict=True)
        ]
        merger = PostingMerger(sources, self._kept)
        streams = PostingStreams(self._directory, lengths)
        cf, df = array("I"), array("I")
        try:
            while (chunk := merger.gather(CHUNK_POSITIONS)) is not None:
                bounds, docs, freqs, places, chunk_cf, chunk_df = chunk
                cf.frombytes(chunk_cf.cast("B"))
                df.frombytes(chunk_df.cast("B"))
                streams.add(bounds, docs, freqs, places)
            streams.write(out, self._name)
        finally:
            streams.close()
        return cf, df

    def _merge_pairs(self) -> CountsEncoder:
        terms = len(self._union)
        sources = [
            CountSource(field.pair_table(), 1, ranks, terms)
            for (_, field), ranks in zip(self._fields, self._ranks, strict=True)
        ]
        if self._gone_pairs is not None:
            whole = array("I", range(terms))
            sources.append(CountSource(self._gone_pairs, -1, whole, terms))
        return merge_counts(sources, terms, self._kept)

    def _merge_words(self) -> CountsEncoder:
        sources = [CountSource(field.word_table()) for _, field in self._fields]
        if self._gone_words is not None:
            sources.append(CountSource(self._gone_words, -1))
        return merge_counts(sources, 0, None)

    def _merge_bits(self) -> tuple[array[int], array[int]]:
        """Return (bases, the bits that say which tokens continue a word)."""
        bases = array("I", [0])
        runs: list[tuple[TextField, int, int, int]] = []
        for part in self._parts:
            field = part.segment.text(self._name)
            for start, stop in part.runs:
                if field is None:
                    bases.extend([bases[-1]] * (stop - start))
                    continue
                first, last = field.spans[start], field.spans[stop]
                shift = bases[-1] - first
                runs.append((field, first, last - first, bases[-1]))
                bases.extend([at + shift for at in field.spans[start + 1 : stop + 1]])
        joined = zeros("I", (bases[-1] + 31) // 32)
        for field, first, count, at in runs:
            copy_bits(field.joined_bits, first, count, joined, at)
        return bases, joined


BATCH_POSITIONS = 1 << 22
"""About so many positions of documents are put back at a time."""


def batches(field: TextField, documents: Sequence[int]) -> Iterator[Sequence[int]]:
    """Cut ascending documents into runs of few enough positions to be put back together."""
    start = size = 0
    for place, doc in enumerate(documents):
        span = field.spans[doc + 1] - field.spans[doc]
        if size + span > BATCH_POSITIONS and place > start:
            yield documents[start:place]
            start, size = place, 0
        size += span
    if start < len(documents):
        yield documents[start:]


class Restored:
    """Documents of a field put back from the posting lists: which term stands at which position.

    Raises `IndexCorruptError` where the lists do not fit the documents.
    """

    def __init__(self, field: TextField, documents: Sequence[int], file: SegmentFile) -> None:
        first, last = documents[0], documents[-1] + 1
        wanted = bytearray(last - first)
        starts = zeros("I", last - first)
        self.bases = array("I", [0])
        self.joined = bytearray()
        for doc in documents:
            wanted[doc - first] = 1
            starts[doc - first] = self.bases[-1]
            start, stop = field.spans[doc], field.spans[doc + 1]
            self.joined += unpack_bits(field.joined_bits, start, stop - start)
            self.bases.append(self.bases[-1] + stop - start)
        self.tokens = array("i", [-1]) * self.bases[-1]
        nowhere = array("I", [NO_VALUE]) * field.doc_count
        source = _posting_source(field, array("I"), nowhere, file)
        restore(source, wanted, first, last, starts, self.tokens)
        self.inverted = Inverted.of(self.tokens, self.bases, len(field))

    def word_table(self, terms: Iterable[bytes]) -> tuple[CountTable, array[int]]:
        """Return the counts of the documents' words, and every document's number of words."""
        lengths = zeros("I", len(self.bases) - 1)
        counts = word_counts(self.tokens, self.joined, self.bases, hash_terms(terms), lengths)
        return count_table(*counts), lengths


def check_blocks(segment: Segment) -> None:
    """Refuse a segment whose stored blocks do not hold its documents, each once."""
    following = 0
    for first, last, _, _ in segment.stored_fields.blocks():
        if first != following or last <= first:
            raise segment.file.corrupt("the stored blocks do not follow each other")
        following = last
    if following != segment.doc_count:
        raise segment.file.corrupt("the stored blocks do not hold all documents")


def _posting_source(
    field: TextField, ranks: array[int], doc_map: array[int], file: SegmentFile
) -> PostingSource:
    return PostingSource(
        field.postings,
        field.positions,
        field.doc_offsets,
        field.pos_offsets,
        field.df,
        field.spans,
        ranks,
        doc_map,
        file.name,
    )


def count_table(keys: memoryview[int], counts: memoryview[int]) -> CountTable:
    """Return a table of the given entries, in memory."""
    encoder = CountsEncoder()
    encoder.extend(keys, counts)
    return CountTable(*encoder.finish())


def _merge_keyword(out: SegmentWriter, name: str, parts: list[_Part]) -> dict[str, Any] | None:
    fields = [part.segment.keyword(name) for part in parts]
    values, ranks = union([field.dictionary() for field in fields if field is not None])
    following = iter(ranks)
    starts, ordinals = array("I", [0]), array("I")
    for part, field in zip(parts, fields, strict=True):
        places = next(following) if field is not None else array("I")
        for start, stop in part.runs:
            for doc in range(start, stop):
                for ordinal in field.ordinals(doc) if field is not None else ():
                    if ordinal >= len(places):
                        raise part.segment.file.corrupt(f"a value of field {name!r} is not there")
                    ordinals.append(places[ordinal])
                starts.append(len(ordinals))
    return write_keyword(out, name, values, len(values), starts, ordinals) if ordinals else None


def _merge_column(
    out: SegmentWriter, name: str, parts: list[_Part], documents: int
) -> dict[str, Any] | None:
    docs = array("I")
    values: array[Any] | None = None
    for part in parts:
        column = part.segment.column(name)
        if column is None:
            continue
        if values is None:
            values = array(column.typecode)
        elif values.typecode != column.typecode:
            raise part.segment.file.corrupt(f"column {name!r} is of another type than before")
        for start, stop in part.runs:
            for doc in range(start, stop):
                if (value := column.get(doc)) is not None:
                    docs.append(part.doc_map[doc])
                    values.append(value)
    if not values:
        return None
    return write_column(out, name, values.typecode, docs, values, documents)


def _merge_stored(stored: StoredWriter, parts: list[_Part]) -> Iterator[bytes | memoryview[int]]:
    """Yield the stored blocks: whole ones as they are, others taken apart and made anew."""
    for part in parts:
        fields = part.segment.stored_fields
        fits = fields.dictionary == stored.dictionary
        for first, last, block, size in fields.blocks():
            kept = [doc for doc in range(first, last) if part.doc_map[doc] != NO_VALUE]
            whole = fits and len(kept) == last - first
            if not (whole and stored.add_block(block, size, len(kept))):
                for doc in kept:
                    stored.add(fields.document(doc))
            yield from stored.take()
    yield from stored.finish()

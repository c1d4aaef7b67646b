"""Writing the parts of a segment from sorted arrays: what a flush and a merge have in common."""

from __future__ import annotations

import contextlib
import json
import mmap
import sys
import tempfile
from array import array
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import accumulate, chain, compress, islice, pairwise
from operator import ne
from pathlib import Path
from typing import Any

import zstandard

from vnsearch.codec.format import SegmentWriter, writing
from vnsearch.codec.segment import NO_VALUE, Segment
from vnsearch.kernels.columns import transpose
from vnsearch.kernels.counts import CountsEncoder
from vnsearch.kernels.invert import pair_counts, positions_of, scatter, tally, union_counts
from vnsearch.kernels.postings import PADDING_WORDS, PostingsEncoder
from vnsearch.kernels.terms import encode_terms

__all__ = ["PostingStreams", "StoredWriter", "TextTotals", "encode_document"]

BLOCK_BYTES = 8 << 10
"""A stored block is closed once it holds this much: what one document costs to read."""
SHORT_BLOCK_BYTES = 2 << 10
"""The same where there is a dictionary: a block need not be long to have something to repeat."""
ENOUGH_BYTES = 4 << 20
"""From this much stored on a segment has a dictionary."""
DICTIONARY_BYTES = 64 << 10
NO_OUTLINE = b"\0\0"
SAMPLE_BYTES = 10 * DICTIONARY_BYTES
"""What a dictionary is made of; ten times as much makes one that saves a hundredth more."""
LONGEST_SAMPLE = 8 << 10
CHUNK_POSITIONS = 1 << 18
"""Posting lists are encoded in chunks of about this many positions, which stay in the cache."""
SPOOL_BYTES = 64 << 20
LEVEL, LEVEL_WITH_DICTIONARY = 1, 3  # a dictionary has been searched through beforehand

_LARGE = 1 << 20
"""From so many bytes on, memory is had from the system in one go."""
_POPULATE_WRITE = 23  # Linux's MADV_POPULATE_WRITE, which the mmap module names from 3.14 on


def zeros(typecode: str, items: int) -> array[Any]:
    """Return an array of zeros, each page of it touched once."""
    return array(typecode, [0]) * items


def room(typecode: str, items: int) -> memoryview[int]:
    """Return zeros that take no memory until they are written to."""
    size = max(items, 1) * array(typecode).itemsize
    if sys.platform == "win32":
        pages = mmap.mmap(-1, size)
    else:
        pages = mmap.mmap(-1, size, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    return memoryview(pages).cast(typecode)  # type: ignore[call-overload, no-any-return]


def take_memory(view: memoryview[int], start: int, stop: int) -> None:
    """Have the items of a `room` that are about to be written to in memory, where that is cheaper.

    Each page that is met by itself costs a call of the system. (Large pages cost fewer, but where
    the system is a virtual machine's, each may first have to be had from the host.)
    """
    pages = view.obj
    if sys.platform == "linux" and isinstance(pages, mmap.mmap):
        first = start * view.itemsize // mmap.PAGESIZE * mmap.PAGESIZE
        with contextlib.suppress(OSError):  # a kernel before 5.14
            pages.madvise(_POPULATE_WRITE, first, stop * view.itemsize - first)


class Scratch:
    """Arrays kept from one use to the next: a page asked of the system again must be cleared."""

    def __init__(self) -> None:
        self._kept: dict[str, memoryview[int]] = {}

    def take(self, name: str, typecode: str, items: int) -> memoryview[int]:
        """Return ``items`` numbers of any value; they are taken back at the next call."""
        kept = self._kept.get(name)
        if kept is None or len(kept) < items:
            self._kept.pop(name, None)
            if items * array(typecode).itemsize <= _LARGE:
                kept = memoryview(zeros(typecode, items))
            else:
                kept = room(typecode, items)
                take_memory(kept, 0, items)
            self._kept[name] = kept
        return kept[:items]


def write_terms(out: SegmentWriter, name: str, terms: Iterable[bytes]) -> None:
    """Write sorted, distinct byte strings."""
    blob, blocks = encode_terms(terms)
    out.add(name, "B", blob)
    out.add(name + ".blocks", "I", blocks)


def write_counts(out: SegmentWriter, name: str, encoder: CountsEncoder) -> None:
    """Write a table of counts."""
    words, keys, starts = encoder.finish()
    out.add(name, "I", words)
    out.add(name + ".keys", "Q", keys)
    out.add(name + ".starts", "Q", starts)


@dataclass(frozen=True, slots=True)
class TextTotals:
    """The sums over a text field that the directory states."""

    terms: int
    folds: int
    tokens: int
    words: int
    pairs: int

    def describe(self) -> dict[str, Any]:
        """Return the field's entry in the directory."""
        return {
            "kind": "text",
            "terms": self.terms,
            "folds": self.folds,
            "tokens": self.tokens,
            "words": self.words,
            "pairs": self.pairs,
        }


def _spool(directory: Path) -> tempfile.SpooledTemporaryFile[bytes]:
    return tempfile.SpooledTemporaryFile(SPOOL_BYTES, dir=str(directory))


def average_length(lengths: Sequence[int]) -> float:
    """Return the average of a field's lengths, with which a block's impact is worked out."""
    return sum(lengths) / max(len(lengths), 1) or 1.0


class PostingStreams:
    """Takes a field's posting lists, chunk after chunk, and writes them as sections."""

    def __init__(self, directory: Path, lengths: array[int] | memoryview[int]) -> None:
        self._lengths = lengths
        self._average = average_length(lengths)
        self._directory = directory
        self._postings = _spool(directory)
        self._positions = _spool(directory)
        self._encoder = PostingsEncoder()
        self._doc_offsets = array("I")
        self._pos_offsets = array("I")

    def add(
        self,
        bounds: memoryview[int] | array[int],
        docs: memoryview[int] | array[int],
        freqs: memoryview[int] | array[int],
        places: memoryview[int] | array[int],
    ) -> None:
        """Append the lists of consecutive terms (see `PostingsEncoder.add_terms`)."""
        encoder = self._encoder
        terms = len(bounds) - 1
        doc_offsets, pos_offsets = zeros("I", terms), zeros("I", terms)
        encoder.add_terms(
            bounds, docs, freqs, places, self._lengths, self._average, doc_offsets, pos_offsets
        )
        postings, positions = encoder.take()
        self._doc_offsets.extend(doc_offsets)
        self._pos_offsets.extend(pos_offsets)
        with writing(self._directory):
            self._postings.write(postings)
            self._positions.write(positions)

    def add_all(self, inverted: Inverted) -> None:
        """Append all terms of an inverted field, in chunks."""
        place_bounds = inverted.place_bounds
        terms = len(inverted.order)
        low = 0
        while low < terms:
            high = bisect_right(place_bounds, place_bounds[low] + CHUNK_POSITIONS) - 1
            high = min(max(high, low + 1), terms)
            self.add(
                memoryview(inverted.bounds)[low : high + 1],
                inverted.docs,
                inverted.freqs,
                positions_of(inverted.occurrences, place_bounds[low], place_bounds[high]),
            )
            low = high

    def write(self, out: SegmentWriter, name: str) -> None:
        """Write the streams and the offsets."""
        padding = bytes(4 * PADDING_WORDS)
        for part, stream in (("postings", self._postings), ("positions", self._positions)):
            with stream, writing(out.path):
                stream.write(padding)
                out.add_file(f"{name}.{part}", "I", stream)
        out.add(name + ".doc_offsets", "I", self._doc_offsets)
        out.add(name + ".pos_offsets", "I", self._pos_offsets)

    def close(self) -> None:
        """Let go of the temporary files."""
        self._postings.close()
        self._positions.close()


def write_keyword(
    out: SegmentWriter,
    name: str,
    values: Iterable[bytes],
    size: int,
    starts: array[int],
    ordinals: array[int],
) -> dict[str, Any]:
    """Write a keyword field: document ``d`` has the values ``ordinals[starts[d]:starts[d + 1]]``,
    in any order, of the ``size`` ascending ``values``. Those that none has are left out."""
    documents = len(starts) - 1
    value_starts, docs = transpose(starts, ordinals, size)
    held = bytearray(map(ne, value_starts, islice(value_starts, 1, None)))
    if 0 in held:
        values = compress(values, held)
        value_starts = array("I", [0, *compress(islice(value_starts, 1, None), held)])
        size = len(value_starts) - 1
    write_terms(out, name + ".values", values)
    starts, ordinals = transpose(value_starts, docs, documents)
    single = all(stop - start < 2 for start, stop in pairwise(starts))
    if not single:
        out.add(name + ".ordinals", "I", ordinals)
        out.add(name + ".ordinals.starts", "I", starts)
    elif len(ordinals) == documents:
        out.add(name + ".ordinals", "I", ordinals)
    else:
        column = array("I", [NO_VALUE]) * documents
        for doc, (start, stop) in enumerate(pairwise(starts)):
            if start < stop:
                column[doc] = ordinals[start]
        out.add(name + ".ordinals", "I", column)
    out.add(name + ".docs", "I", docs)
    if not single or len(docs) != size:
        out.add(name + ".docs.starts", "I", value_starts)
    return {"kind": "keyword", "values": size}


def write_column(
    out: SegmentWriter,
    name: str,
    typecode: str,
    docs: Sequence[int],
    values: Sequence[Any],
    doc_count: int,
) -> dict[str, Any]:
    """Write a numeric column: ``docs[i]`` has the value ``values[i]``; docs ascend."""
    column = zeros(typecode, doc_count)
    present = bytearray((doc_count + 7) // 8)
    for doc, value in zip(docs, values, strict=True):
        column[doc] = value
        present[doc >> 3] |= 1 << (doc & 7)
    out.add(name + ".column", typecode, column)
    if len(docs) < doc_count:
        out.add(name + ".present", "B", present)
    return {"kind": "column", "type": typecode}


def _plain(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is not a JSON value")


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_plain)
_CONTROLS = bytes(range(32))


def _json_bytes(value: Any) -> bytes:
    if type(value) is str:
        # what the json module would write, several times as fast for long text
        data = value.encode("utf-8", "surrogatepass")
        if data.isalnum():
            return b'"' + data + b'"'
        data = data.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n")
        if len(data.translate(None, _CONTROLS)) == len(data):
            return b'"' + data + b'"'
    return _ENCODER.encode(value).encode("utf-8", "surrogatepass")


@lru_cache(maxsize=256)
def _member_name(name: str) -> bytes:
    return _json_bytes(name) + b":"


def encode_document(
    document: Mapping[str, Any], outlines: Mapping[str, bytes], without: Collection[str] = ()
) -> bytes:
    """Return a document's stored form (see docs/FORMAT.md); some fields left out.

    ``outlines`` has those of the fields that are one text.
    """
    members, texts, behind = [], [], []
    for name, value in document.items():
        if name in without:
            continue
        if name in outlines:
            text = value.encode("utf-8", "surrogatepass")
            texts.append(text)
            behind.append(outlines[name] or NO_OUTLINE)
            members.append(_member_name(name) + b"%d" % len(text))
        else:
            members.append(_member_name(name) + _json_bytes(value))
    head = b"{" + b",".join(members) + b"}"
    return b"".join((len(head).to_bytes(4, "little"), head, *texts, *behind))


@dataclass(frozen=True, slots=True)
class Inverted:
    """A field's documents sorted by term; rank r is the term number ``order[r]``.

    Rank r has the postings ``docs[bounds[r]:bounds[r+1]]``, its occurrences at
    ``place_bounds[r]:place_bounds[r+1]`` (see `vnsearch.kernels.invert.scatter`). ``pairs`` is the
    number of adjacent pairs, each counted as often as it stands.
    """

    order: list[int]
    cf: array[int]
    df: array[int]
    lengths: array[int]
    bounds: array[int]
    place_bounds: array[int]
    docs: memoryview[int]
    freqs: memoryview[int]
    occurrences: memoryview[int]
    pairs: int

    @classmethod
    def of(
        cls,
        tokens: array[int] | memoryview[int],
        bases: array[int],
        terms: int,
        key: Callable[[int], Any] | None = None,
        scratch: Scratch | None = None,
    ) -> Inverted:
        """Invert ``tokens`` (see `vnsearch.kernels.invert`); terms are ranked by ``key``.

        What is returned is good until ``scratch`` is used again.
        """
        scratch = scratch or Scratch()
        cf, df = zeros("I", terms), zeros("I", terms)
        lengths = zeros("I", len(bases) - 1)
        tally(tokens, bases, cf, df, lengths)
        order = [number for number, count in enumerate(cf) if count]
        if key is not None:
            order.sort(key=key)
        ranks = zeros("I", terms)
        for rank, number in enumerate(order):
            ranks[number] = rank
        df = array("I", map(df.__getitem__, order))
        cf = array("I", map(cf.__getitem__, order))
        bounds = array("I", accumulate(df, initial=0))
        place_bounds = array("I", accumulate(cf, initial=0))
        docs = scratch.take("docs", "I", bounds[-1])
        freqs = scratch.take("freqs", "I", bounds[-1])
        occurrences = scratch.take("occurrences", "Q", place_bounds[-1])
        pairs = scatter(tokens, bases, ranks, bounds, place_bounds, docs, freqs, occurrences)
        return cls(order, cf, df, lengths, bounds, place_bounds, docs, freqs, occurrences, pairs)

    def pair_counts(self) -> tuple[memoryview[int], memoryview[int]]:
        """Return the pairs' keys and documents (see `vnsearch.kernels.invert.pair_counts`).

        The occurrences are used up.
        """
        return pair_counts(self.bounds, self.docs, self.freqs, self.occurrences)

    def union_counts(self, starts: array[int], members: array[int]) -> array[int]:
        """Return the number of documents with any rank of a group, group by group."""
        return union_counts(starts, members, self.bounds, self.docs, len(self.lengths))


def flatten(groups: Iterable[Collection[int]]) -> tuple[array[int], array[int]]:
    """Return (where each group begins, and the end; all members)."""
    groups = list(groups)
    starts = array("I", accumulate(map(len, groups), initial=0))
    return starts, array("I", chain.from_iterable(groups))


def write_folds(
    out: SegmentWriter,
    name: str,
    keys: Sequence[bytes],
    starts: array[int],
    members: array[int],
    df: array[int],
) -> None:
    """Write a field's fold table: sorted fold keys, each with its terms and documents."""
    write_terms(out, name + ".folds", keys)
    out.add(name + ".folds.starts", "I", starts)
    out.add(name + ".folds.terms", "I", members)
    out.add(name + ".folds.df", "I", df)


class StoredWriter:
    """Gathers documents as `encode_document` makes them into compressed blocks.

    With a ``dictionary`` (b"" is none) blocks are compressed by it. With None that is decided when
    there is enough for one: until then documents are held as they are. It is what ``known`` returns
    then, or is made of the documents where that is b"".
    """

    def __init__(self, dictionary: bytes | None = None, known: Callable[[], bytes] = bytes) -> None:
        self._known = known
        self._held: list[bytes] = []
        self._firsts = array("I")
        self._starts = array("Q", [0])
        self._sizes = array("I")
        self._blocks: list[bytes | memoryview[int]] = []
        self._ends = array("I")
        self._texts: list[bytes] = []
        self._gathered = 0
        self._docs = 0
        self.bytes = 0
        """What is held, or compressed and not yet written."""
        self.dictionary: bytes | None = None
        """What blocks are compressed by; None until that is decided."""
        if dictionary is not None:
            self._decide(dictionary)

    @classmethod
    def merging(cls, segments: Sequence[Segment]) -> StoredWriter:
        """Return one for what segments hold: with a dictionary if one has it, or all are enough."""
        known = stored_dictionary(segments)
        if not known and sum(one.stored_fields.size for one in segments) >= ENOUGH_BYTES:
            return cls()
        return cls(known)

    def _decide(self, dictionary: bytes) -> None:
        if dictionary:
            try:
                made = zstandard.ZstdCompressionDict(dictionary, zstandard.DICT_TYPE_FULLDICT)
                made.precompute_compress(LEVEL_WITH_DICTIONARY)
                self._compressor = zstandard.ZstdCompressor(
                    LEVEL_WITH_DICTIONARY, made, write_checksum=True, write_dict_id=False
                )
            except zstandard.ZstdError:  # that of a damaged segment
                dictionary = b""
        if not dictionary:
            self._compressor = zstandard.ZstdCompressor(LEVEL, write_checksum=True)
        self._block_bytes = SHORT_BLOCK_BYTES if dictionary else BLOCK_BYTES
        self.dictionary = dictionary
        held, self._held, self.bytes = self._held, [], 0
        for document in held:
            self.add(document)

    def add(self, document: bytes) -> None:
        """Append one document."""
        if self.dictionary is None:
            self._held.append(document)
            self.bytes += len(document)
            if self.bytes >= ENOUGH_BYTES:
                self._decide(self._known() or train(self._held))
            return
        self._texts.append(document)
        self._gathered += len(document)
        self._ends.append(self._gathered)
        if self._gathered >= self._block_bytes:
            self._close_block()

    def add_block(self, block: memoryview[int], size: int, docs: int) -> bool:
        """Append a block as a segment with the same dictionary has it, if it is not too short.

        It has ``docs`` documents, ``size`` bytes when decompressed.
        """
        if 2 * size < self._block_bytes:
            return False
        self._close_block()
        self._append(block, size, docs)
        return True

    def _close_block(self) -> None:
        if self._ends:
            data = b"".join([self._ends.tobytes(), *self._texts])
            block = self._compressor.compress(data)
            self._append(block, len(data), len(self._ends))
            self._ends = array("I")
            self._texts = []
            self._gathered = 0

    def _append(self, block: bytes | memoryview[int], size: int, docs: int) -> None:
        self._blocks.append(block)
        self._firsts.append(self._docs)
        self._starts.append(self._starts[-1] + len(block))
        self._sizes.append(size)
        self._docs += docs
        self.bytes += len(block)

    def take(self) -> Iterator[bytes | memoryview[int]]:
        """Yield the blocks that are compressed and forget them."""
        blocks, self._blocks = self._blocks, []
        if self.dictionary is not None:
            self.bytes = 0
        yield from blocks

    def finish(self) -> Iterator[bytes | memoryview[int]]:
        """Close the last block and yield what is left."""
        if self.dictionary is None:
            self._decide(b"")
        self._close_block()
        return self.take()

    def write_directory(self, out: SegmentWriter) -> None:
        """Write the sections that say where the documents are in ``stored``, and how to read it."""
        out.add("stored.docs", "I", self._firsts)
        out.add("stored.starts", "Q", self._starts)
        out.add("stored.sizes", "I", self._sizes)
        if self.dictionary:
            out.add("stored.dictionary", "B", self.dictionary)
            out.add("stored.spare", "B", self.dictionary)  # without it no document can be read


def stored_dictionary(segments: Iterable[Segment]) -> bytes:
    """Return the stored dictionary of the longest segment that has one, b"" if none has."""
    having = [one for one in segments if one.stored_fields.dictionary]
    if not having:
        return b""
    return max(having, key=lambda one: one.doc_count).stored_fields.dictionary


def train(documents: Sequence[bytes]) -> bytes:
    """Return a zstd dictionary of what documents have in common, b"" if that is next to nothing.

    It is made of a sample, drawn evenly.
    """
    total = sum(min(len(document), LONGEST_SAMPLE) for document in documents)
    step = max(1, total // SAMPLE_BYTES)
    try:
        sample: list[bytes | bytearray | memoryview[int]] = [
            document[:LONGEST_SAMPLE] for document in documents[::step]
        ]
        return zstandard.train_dictionary(DICTIONARY_BYTES, sample).as_bytes()
    except (zstandard.ZstdError, ValueError):
        return b""

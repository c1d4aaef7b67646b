# mypy: allow-untyped-calls
"""`VnCodec`: packed posting lists for any Whoosh index.

::

    writer = ix.writer(codec=VnCodec())

Terms, postings and field lengths are kept in our packed arrays instead of Whoosh's pickled
blocks; stored fields, columns and term vectors stay as Whoosh's own codec writes them. Segments
of both codecs may stand side by side in one index: Whoosh asks each segment for its own.

A posting list is kept as documents, frequencies and, by the field's format, positions
(`whoosh.formats.Positions`) or positions and both ends in characters (`Characters`), each an
ascending list. Formats with more to say, and postings these lists cannot hold (two tokens of one
text at one position), keep Whoosh's bytes beside the documents.

Two files for a segment, ``.vnt`` (terms) and ``.vnd`` (documents)::

    magic "VNWHOOSH" | format version u32 | directory length u32 | directory crc32 u32 | 0 u32
    directory: JSON, {"about": {...}, "sections": {name: [offset, length]}}
    sections, each at a multiple of 8 bytes from the file's start

All numbers are little-endian. See docs/WHOOSH.md for the sections.
"""

from __future__ import annotations

import json
import mmap
import struct
import sys
import zlib
from array import array
from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise
from typing import Any

from whoosh import formats
from whoosh.codec import base
from whoosh.codec.whoosh3 import W3Codec, W3PerDocReader, W3PerDocWriter, W3Segment
from whoosh.system import pack_uint

from vnsearch.errors import IndexCorruptError, IndexVersionError
from vnsearch.kernels.postings import BLOCK_SIZE, Cursor, PostingsEncoder
from vnsearch.whoosh.matching import PostingMatcher
from vnsearch.whoosh.terms import PostedTerms, SegmentTerms

__all__ = ["VnCodec"]

TERMS = ".vnt"
DOCUMENTS = ".vnd"

_MAGIC = b"VNWHOOSH"
_VERSION = 1
_HEADER = struct.Struct("<8sIIII")
# What is no larger is read: a file that is mapped stays open until its reader is forgotten, and
# Whoosh's writers leave readers to the garbage collector.
_SMALL = 1 << 20

_STREAMS: dict[type[formats.Format], tuple[str, ...]] = {
    formats.Existence: (),
    formats.Frequency: (),
    formats.Positions: ("positions",),
    formats.Characters: ("positions", "starts", "ends"),
}
"""The ascending lists each format's postings consist of, besides documents and frequencies."""


class VnCodec(W3Codec):
    """A codec to hand to ``ix.writer(codec=...)``; the index then reads itself.

    Keyword arguments are those of `whoosh.codec.whoosh3.W3Codec` and concern term vectors only.
    """

    def per_document_writer(self, storage: Any, segment: Any) -> W3PerDocWriter:
        """Return a writer of stored fields, columns, vectors and lengths."""
        return _DocumentWriter(self, storage, segment)

    def field_writer(self, storage: Any, segment: Any) -> base.FieldWriter:
        """Return a writer of terms and postings."""
        return _FieldWriter(storage, segment)

    def terms_reader(self, storage: Any, segment: Any) -> SegmentTerms:
        """Return a reader of terms and postings."""
        about, sections = _read(storage, segment, TERMS)
        lengths = _lengths(*_read(storage, segment, DOCUMENTS))
        deleted = frozenset(segment.deleted_docs())
        doc_count = segment.doc_count_all()
        return SegmentTerms(
            {
                name: _StoredTerms(number, field, sections, lengths.get(name), deleted, doc_count)
                for number, (name, field) in enumerate(about["fields"].items())
            }
        )

    def per_document_reader(self, storage: Any, segment: Any) -> W3PerDocReader:
        """Return a reader of stored fields, columns, vectors and lengths."""
        return _DocumentReader(storage, segment)

    def new_segment(self, storage: Any, indexname: str) -> W3Segment:
        """Return an empty segment."""
        return VnSegment(self, indexname)


class VnSegment(W3Segment):
    """A segment whose files stay apart, so that each can be mapped into memory."""

    def should_assemble(self) -> bool:
        """Return False: no compound file."""
        return False


# Files


def _write(storage: Any, segment: Any, extension: str, about: Any, sections: Any) -> None:
    """Write one file: see the module for its layout."""
    directory: dict[str, Any] = {"about": about, "sections": {}}
    sizes = {name: len(memoryview(data).cast("B")) for name, data in sections.items()}

    def text(start: int) -> bytes:
        at = start
        for name, size in sizes.items():
            directory["sections"][name] = [at, size]
            at += (size + 7) & ~7
        return json.dumps(directory).encode()

    # offsets are as wide as they get, so that the directory's own length is known beforehand
    room = (len(text(1 << 62)) + _HEADER.size + 7) & ~7
    packed = text(room).ljust(room - _HEADER.size)
    with segment.create_file(storage, extension) as file:
        file.write(_HEADER.pack(_MAGIC, _VERSION, len(packed), zlib.crc32(packed), 0))
        file.write(packed)
        for name, data in sections.items():
            if isinstance(data, array) and data.itemsize > 1 and sys.byteorder == "big":
                data = array(data.typecode, data)
                data.byteswap()
            file.write(bytes(data))
            file.write(bytes(-sizes[name] % 8))


def _read(storage: Any, segment: Any, extension: str) -> tuple[Any, dict[str, memoryview]]:
    """Return what `_write` was given; raises IndexCorruptError or IndexVersionError."""
    name = segment.make_filename(extension)
    size = storage.file_length(name)
    if size < _HEADER.size:
        raise IndexCorruptError("the file is cut short", name, size)
    with segment.open_file(storage, extension) as file:
        if file.is_real and size > _SMALL:
            data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        else:
            data = memoryview(file.read())
    magic, version, length, crc, _ = _HEADER.unpack_from(data)
    if magic != _MAGIC:
        raise IndexCorruptError("not a file of this codec", name, 0)
    if version != _VERSION:
        raise IndexVersionError(f"{name}: format version {version} is not known to this release")
    packed = bytes(data[_HEADER.size : _HEADER.size + length])
    if zlib.crc32(packed) != crc:
        raise IndexCorruptError("the directory does not match its checksum", name, _HEADER.size)
    directory = json.loads(packed)
    sections = {}
    for section, (start, size) in directory["sections"].items():
        sections[section] = data[start : start + size]
        if len(sections[section]) != size:
            raise IndexCorruptError(f"section {section} runs over the end", name, start)
    return directory["about"], sections


def _lengths(about: Mapping[str, Any], sections: Mapping[str, memoryview]) -> dict[str, Any]:
    """Return each field's tokens per document."""
    return {name: _array(sections, f"{at}.lengths") for at, name in enumerate(about["fields"])}


def _array(sections: Mapping[str, memoryview], name: str, typecode: str = "I") -> Any:
    data: Any = sections[name]
    if sys.byteorder == "little":
        return data.cast(typecode)
    values = array(typecode, bytes(data))
    values.byteswap()
    return values


# Documents


class _DocumentWriter(W3PerDocWriter):
    """Whoosh's writer, with exact lengths where it keeps one byte for each."""

    def __init__(self, codec: VnCodec, storage: Any, segment: Any) -> None:
        super().__init__(codec, storage, segment)
        self._lengths: dict[str, array[int]] = {}

    def add_field(self, fieldname: str, fieldobj: Any, value: Any, length: int) -> None:
        """Keep a field's stored value and number of tokens."""
        super().add_field(fieldname, fieldobj, value, 0)
        if length:
            lengths = self._lengths.setdefault(fieldname, array("I"))
            lengths.extend([0] * (self._doccount - 1 - len(lengths)))
            lengths.append(length)
            self._fieldlengths[fieldname] += length

    def cancel_doc(self) -> None:
        """Forget the document begun last."""
        super().cancel_doc()
        for name, lengths in self._lengths.items():
            if len(lengths) > self._doccount:
                self._fieldlengths[name] -= lengths.pop()

    def close(self) -> None:
        """Write everything."""
        super().close()
        for lengths in self._lengths.values():
            lengths.extend([0] * (self._doccount - len(lengths)))
        sections = {f"{at}.lengths": data for at, data in enumerate(self._lengths.values())}
        _write(self._storage, self._segment, DOCUMENTS, {"fields": list(self._lengths)}, sections)


class _DocumentReader(W3PerDocReader):
    """Whoosh's reader over exact lengths."""

    def __init__(self, storage: Any, segment: Any) -> None:
        super().__init__(storage, segment)
        self._lengths = _lengths(*_read(storage, segment, DOCUMENTS))

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        """Return the number of tokens of a field in a document."""
        lengths = self._lengths.get(fieldname)
        return default if lengths is None else lengths[docnum] or default

    def doc_field_length_reader(self, fieldname: str, default: int = 0) -> Any:
        """Return a function from document to `doc_field_length`."""
        return lambda docnum: self.doc_field_length(docnum, fieldname, default)

    def min_field_length(self, fieldname: str) -> int:
        """Return the shortest length of the field."""
        return min(self._lengths.get(fieldname) or (0,))

    def max_field_length(self, fieldname: str) -> int:
        """Return the longest length of the field."""
        return max(self._lengths.get(fieldname) or (0,))


# Terms and postings


class _FieldLists:
    """The posting lists of one field while they are gathered."""

    def __init__(self, format_: formats.Format) -> None:
        self.format = format_
        self.streams = _STREAMS.get(type(format_))
        self.keys: list[bytes] = []
        self.bounds = array("I", [0])
        self.docs = array("I")
        self.freqs = array("I")
        self.weights = array("d")
        self.places = [array("I") for _ in self.streams or ()]
        self.values: list[bytes] = []
        self.boost = format_.field_boost

    def add(self, doc: int, weight: float, value: bytes) -> None:
        """Append a posting to the last term's list."""
        if len(self.docs) > self.bounds[-1] and self.docs[-1] == doc:
            weight, value = self._again(weight, value)
        places = self._places(value) if self.streams is not None else None
        if places is None:
            self._keep_bytes()
            self.values.append(value)
            freq = 1
        else:
            for stream, place in zip(self.places, places, strict=True):
                stream.extend(place)
            freq = len(places[0]) if places else self._frequency(value)
        self.docs.append(doc)
        self.freqs.append(freq)
        self.weights.append(weight)

    def _frequency(self, value: bytes) -> int:
        return self.format.decode_frequency(value)  # type: ignore[attr-defined, no-any-return]

    def _places(self, value: bytes) -> list[list[int]] | None:
        """Return the value's ascending lists; None where it does not consist of such."""
        if not self.streams:
            return []
        if len(self.streams) == 1:
            places = [self.format.decode_positions(value)]  # type: ignore[attr-defined]
        else:
            characters = self.format.decode_characters(value)  # type: ignore[attr-defined]
            places = [list(column) for column in zip(*characters, strict=True)]
        fits = all(
            place and place[0] >= 0 and all(a < b for a, b in pairwise(place)) for place in places
        )
        return places if fits and places else None

    def _again(self, weight: float, value: bytes) -> tuple[float, bytes]:
        """Take back the last posting, for a document that comes twice, and join it to this one."""
        previous = self._value(len(self.docs) - 1)
        freq = self.freqs.pop()
        self.docs.pop()
        weight += self.weights.pop()
        if self.streams is None:
            self.values.pop()
        for stream in self.places:
            del stream[-freq:]
        if type(self.format) is formats.Existence:
            return self.boost, value
        return weight, self.format.combine([previous, value])  # type: ignore[attr-defined]

    def _value(self, last: int) -> bytes:
        """Return the bytes of the last posting."""
        if self.streams is None:
            return self.values[last]
        freq = self.freqs[last]
        return _encode(self.format, freq, [list(stream[-freq:]) for stream in self.places])

    def _keep_bytes(self) -> None:
        """Go over to keeping Whoosh's bytes."""
        if self.streams is None:
            return
        at = 0
        for freq in self.freqs:
            places = [list(stream[at : at + freq]) for stream in self.places]
            self.values.append(_encode(self.format, freq, places))
            at += freq
        self.freqs = array("I", [1]) * len(self.docs)
        self.streams, self.places = None, []

    def sections(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return (what to know of the field, its sections)."""
        terms = len(self.keys)
        sizes = array("I", bytes(4 * (max(self.docs, default=0) + 1)))
        sections: dict[str, Any] = {
            "keys": b"".join(self.keys),
            "key_offsets": array("I", [0, *accumulate(map(len, self.keys))]),
            "bounds": self.bounds,
        }
        streams: list[array[int] | None] = [*self.places] or [None]
        for name, places in zip(self.streams or ("docs",), streams, strict=True):
            encoder = PostingsEncoder(positions=places is not None)
            offsets = array("I", bytes(4 * terms))
            place_offsets = array("I", bytes(4 * terms))
            encoder.add_terms(
                self.bounds, self.docs, self.freqs, places or array("I"), sizes, 1.0,
                offsets, place_offsets,
            )  # fmt: skip
            lists, places_lists = encoder.finish()
            sections |= {f"{name}.offsets": offsets, f"{name}.postings": lists}
            if places is not None:
                sections |= {f"{name}.place_offsets": place_offsets, f"{name}.places": places_lists}
        plain = all(
            weight == freq * self.boost
            for weight, freq in zip(self.weights, self.freqs, strict=True)
        )
        if not plain:
            sections["weights"] = self.weights
        totals = (sum(self.weights[a:b]) for a, b in pairwise(self.bounds))
        sections["totals"] = array("d", totals)
        if self.streams is None:
            sections["values"] = b"".join(self.values)
            sections["value_offsets"] = array("Q", [0, *accumulate(map(len, self.values))])
        about = {"streams": self.streams, "boost": self.boost, "weighted": not plain}
        return about, sections


def _encode(format_: Any, freq: int, places: list[list[int]]) -> bytes:
    """Return a posting's bytes as ``format_`` would have written them."""
    if len(places) == 1:
        return format_.encode(places[0])  # type: ignore[no-any-return]
    if places:
        return format_.encode(list(zip(*places, strict=True)))  # type: ignore[no-any-return]
    return b"" if isinstance(format_, formats.Existence) else pack_uint(freq)


class _FieldWriter(base.FieldWriter):
    """Gathers a segment's posting lists field by field and writes them when closed."""

    def __init__(self, storage: Any, segment: Any) -> None:
        self._storage = storage
        self._segment = segment
        self._about: dict[str, Any] = {}
        self._sections: dict[str, Any] = {}
        self.is_closed = False

    def start_field(self, fieldname: str, fieldobj: Any) -> None:
        """Begin a field."""
        self._name = fieldname
        self._lists = _FieldLists(fieldobj.format)

    def start_term(self, text: bytes) -> None:
        """Begin a term."""
        self._lists.keys.append(text)

    def add(self, docnum: int, weight: float, vbytes: bytes, length: int) -> None:
        """Add a posting."""
        self._lists.add(docnum, weight, vbytes)

    def finish_term(self) -> None:
        """End a term."""
        self._lists.bounds.append(len(self._lists.docs))

    def finish_field(self) -> None:
        """End a field."""
        number = len(self._about)
        self._about[self._name], sections = self._lists.sections()
        self._sections |= {f"{number}.{name}": data for name, data in sections.items()}
        del self._lists

    def close(self) -> None:
        """Write the file."""
        _write(self._storage, self._segment, TERMS, {"fields": self._about}, self._sections)
        self.is_closed = True


class _StoredTerms(PostedTerms):
    """One field of the terms file."""

    def __init__(
        self,
        number: int,
        about: Mapping[str, Any],
        sections: Mapping[str, memoryview],
        lengths: Any,
        deleted: frozenset[int],
        doc_count: int,
    ) -> None:
        super().__init__(lengths, deleted, about["boost"])

        def numbers(name: str, typecode: str = "I") -> Any:
            return _array(sections, f"{number}.{name}", typecode)

        self._doc_count = doc_count
        self._keys = sections[f"{number}.keys"]
        self._key_offsets = numbers("key_offsets")
        self._totals = numbers("totals", "d")
        self.bounds = numbers("bounds")
        self.streams: list[str] | None = about["streams"]
        self._lists = [
            (
                numbers(f"{name}.offsets"),
                numbers(f"{name}.postings"),
                numbers(f"{name}.place_offsets") if self.streams else None,
                numbers(f"{name}.places") if self.streams else None,
            )
            for name in self.streams or ["docs"]
        ]
        self.weights = numbers("weights", "d") if about["weighted"] else None
        if self.streams is None:
            self._values = sections[f"{number}.values"]
            self._value_offsets = numbers("value_offsets", "Q")
        sizes = {
            len(self._key_offsets) - 1,
            len(self.bounds) - 1,
            *(len(t[0]) for t in self._lists),
        }
        if sizes != {len(self)}:
            raise IndexCorruptError(f"field {number} has tables of different lengths")

    def __len__(self) -> int:
        return len(self._totals)

    def key(self, handle: int) -> bytes:
        """Return a term's bytes."""
        return bytes(self._keys[self._key_offsets[handle] : self._key_offsets[handle + 1]])

    def cursor(self, handle: int, stream: int = 0) -> Cursor:
        """Return a cursor over one of a term's lists."""
        offsets, postings, place_offsets, places = self._lists[stream]
        place_offset = place_offsets[handle] if place_offsets is not None else 0
        df = self.doc_frequency(handle)
        return Cursor(postings, places, offsets[handle], place_offset, df, self._doc_count)

    def doc_frequency(self, handle: int) -> int:
        """Return the number of documents with the term."""
        return int(self.bounds[handle + 1] - self.bounds[handle])

    def frequency(self, handle: int) -> float:
        """Return the term's total weight."""
        return float(self._totals[handle])

    def highest_weight(self, handle: int, freqs: Sequence[int]) -> float:
        """Return the term's highest weight in a document."""
        if self.weights is None:
            return super().highest_weight(handle, freqs)
        return float(max(self.weights[self.bounds[handle] : self.bounds[handle + 1]]))

    def value(self, posting: int) -> bytes:
        """Return the bytes of a posting, counted through the whole field."""
        return bytes(self._values[self._value_offsets[posting] : self._value_offsets[posting + 1]])

    def matcher(self, handle: int, term: tuple[str, bytes], format_: Any, scorer: Any) -> Any:
        """Return a matcher over the term's postings."""
        return _StoredMatcher(self, handle, term, format_, scorer)


class _StoredMatcher(PostingMatcher):
    """A matcher that also knows characters, weights of their own, and Whoosh's bytes."""

    def __init__(
        self, terms: _StoredTerms, at: int, term: tuple[str, bytes], format_: Any, scorer: Any
    ) -> None:
        self._terms = terms
        self._at = at
        super().__init__(terms.cursor(at), term, format_, scorer, terms.lengths, terms.deleted)

    def _posting(self, i: int) -> int:
        """Return the number, in the field, of the block's ``i``-th posting."""
        in_block = i if self._kept is None else self._kept[i]
        return int(self._terms.bounds[self._at]) + BLOCK_SIZE * self._block + in_block

    def weight(self) -> float:
        """Return the posting's weight."""
        if self._terms.weights is None:
            return super().weight()
        return float(self._terms.weights[self._posting(self._i)])

    def block_max_weight(self) -> float:
        """Return the highest weight in the block."""
        if self._terms.weights is None:
            return super().block_max_weight()
        weights = (self._terms.weights[self._posting(i)] for i in range(len(self._docs)))
        return float(max(weights, default=0.0))

    def value(self) -> bytes:
        """Return the posting as the field's Whoosh format writes it."""
        if self._terms.streams is None:
            return self._terms.value(self._posting(self._i))
        if len(self._terms.streams) > 1:
            return self.format.encode(self.value_as("characters"))  # type: ignore[no-any-return]
        return super().value()

    def value_as(self, astype: str) -> Any:
        """Return the posting as the given type."""
        streams = self._terms.streams
        if streams is None:
            return self.format.decoder(astype)(self.value())
        if astype == "characters" and len(streams) > 1:
            lists = (
                self._read_places(self._terms.cursor(self._at, stream))[self._i]
                for stream in range(len(streams))
            )
            return list(zip(*lists, strict=True))
        return super().value_as(astype)

"""A reader written from docs/FORMAT.md alone: struct, json, zlib and zstd, none of our code."""

from __future__ import annotations

import json
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
import zstandard
from codec_model import writer

from vnsearch import codec, create_index
from vnsearch.codec import Store, build
from vnsearch.schema import Keyword, Number, Schema, Text

SCHEMA = Schema(body=Text(), section=Keyword(), tags=Keyword(multi=True), price=Number())
DOCUMENTS = [
    {
        "id": f"d{number:03}",
        "body": " ".join(
            ["a", "+b"] * (number % 3) + ["đa", f"t{number % 40}"] * (number % 7) + ["a"]
        ),
        "section": "s",
        **({"tags": ["x", "y"]} if number % 5 == 0 else {}),
        **({"price": number / 8} if number % 2 else {}),
    }
    for number in range(300)
]


class Bits:
    """Reads numbers from words, lowest bits first."""

    def __init__(self, words: memoryview) -> None:
        self.bits = number_of(words)
        self.at = 0

    def take(self, width: int) -> int:
        value = self.bits >> self.at & (1 << width) - 1
        self.at += width
        return value

    def zeros(self) -> int:
        """Count zeros up to a one, which is passed over too."""
        count = 0
        while not self.take(1):
            count += 1
        return count


class Reader:
    """Reads one segment file."""

    def __init__(self, data: bytes) -> None:
        magic, version, mark, at, length, crc, head_crc = struct.unpack_from("<8sIIQQII", data)
        assert (magic, version, mark) == (b"VNSEARCH", 4, 0x01020304)
        assert zlib.crc32(data[:36]) == head_crc
        assert zlib.crc32(data[at : at + length]) == crc
        self.about: dict[str, Any] = json.loads(data[at : at + length])
        self.texts = {name for name, one in self.about["fields"].items() if one["kind"] == "text"}
        self.outlines: dict[str, list[tuple[str, int, bool]]] = {}
        self.sections: dict[str, Any] = {}
        for name, code, offset, size, section_crc in self.about["sections"]:
            part = data[offset : offset + size]
            assert offset % 8 == 0
            assert zlib.crc32(part) == section_crc
            self.sections[name] = part if code == "B" else memoryview(part).cast(code)

    def strings(self, name: str) -> list[bytes]:
        found: list[bytes] = []
        blob = self.sections[name]
        ends = [*self.sections[name + ".blocks"][1:], len(blob)]
        for at, end in zip(self.sections[name + ".blocks"], ends, strict=True):
            previous = b""
            first = True
            while at < end:
                shared = 0
                if not first:
                    shared, at = varint(blob, at)
                length, at = varint(blob, at)
                previous = previous[:shared] + blob[at : at + length]
                at += length
                found.append(previous)
                first = False
        return found

    def counts(self, name: str) -> dict[int, int]:
        stream = Bits(self.sections[name])
        found: dict[int, int] = {}
        for key, start in zip(
            self.sections[name + ".keys"], self.sections[name + ".starts"], strict=True
        ):
            stream.at = start & (1 << 40) - 1
            n, w, c = start >> 40 & 255, start >> 48 & 255, start >> 56
            lows = [stream.take(w) for _ in range(n - 1)] + [stream.take(c) for _ in range(n)]
            for i in range(n - 1):
                lows[i] |= stream.zeros() << w
            for i in range(n - 1, 2 * n - 1):
                lows[i] |= stream.zeros() << c
            found[key] = lows[n - 1] + 1
            for gap, count in zip(lows[: n - 1], lows[n:], strict=True):
                key += gap + 1
                found[key] = count + 1
        return found

    def postings(self, field: str, ordinal: int) -> dict[int, list[int]]:
        words = self.sections[field + ".postings"][self.sections[field + ".doc_offsets"][ordinal] :]
        places = Bits(self.sections[field + ".positions"])
        origin = 8 * self.sections[field + ".pos_offsets"][ordinal]
        df = self.sections[field + ".df"][ordinal]
        found: dict[int, list[int]] = {}
        blocks = (df + 127) // 128
        doc = -1
        for block in range(blocks):
            n = min(128, df - 128 * block)
            last, at, place_at, head = 0, 1, 0, words[0]
            if blocks > 1:
                last, at, place_at, head = words[4 * block : 4 * block + 4]
            gap_bits, tf_bits, low_bits = head & 31, head >> 5 & 31, head >> 10 & 31
            exceptions = 0
            if head >> 15 & 1:
                exceptions = words[at]
                at += 1
            gaps = packed(words[at:], n, gap_bits)
            at += (n * gap_bits + 31) // 32
            tfs = packed(words[at:], n, tf_bits)
            at += (n * tf_bits + 31) // 32
            for values, width, about in (
                (gaps, gap_bits, exceptions & 0xFFFF),
                (tfs, tf_bits, exceptions >> 16),
            ):
                count, high = about & 255, about >> 8
                stream = Bits(words[at:])
                for _ in range(count):
                    place = stream.take(7)
                    values[place] |= stream.take(high) << width
                at += (count * (7 + high) + 31) // 32 if count else 0
            places.at = origin + place_at
            lows = []
            for tf in tfs:  # tf is the frequency minus one
                width = max(0, low_bits - (tf > 0) - (tf > 2))
                lows.append((width, [places.take(width) for _ in range(tf + 1)]))
            for gap, (width, low) in zip(gaps, lows, strict=True):
                doc += gap + 1
                position, found[doc] = -1, []
                for value in low:
                    position += (places.zeros() << width | value) + 1
                    found[doc].append(position)
            assert blocks == 1 or last == doc
        return found

    def documents(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        starts, firsts = self.sections["stored.starts"], self.sections["stored.docs"]
        shared = self.sections.get("stored.dictionary")
        dictionary = zstandard.ZstdCompressionDict(bytes(shared)) if shared else None
        decompressor = zstandard.ZstdDecompressor(dictionary)
        count = self.about["documents"]
        for block, (first, last) in enumerate(zip(firsts, [*firsts[1:], count], strict=True)):
            frame = self.sections["stored"][starts[block] : starts[block + 1]]
            data = decompressor.decompress(frame)
            assert len(data) == self.sections["stored.sizes"][block]
            n = last - first
            ends = struct.unpack_from(f"<{n}I", data)
            for start, end in zip((0, *ends), ends, strict=False):
                found.append(self.document(data[4 * n + start : 4 * n + end]))
        return found

    def document(self, data: bytes) -> dict[str, Any]:
        at = 4 + int.from_bytes(data[:4], "little")
        fields: dict[str, Any] = json.loads(data[4:at])
        texts = {}
        for name, value in fields.items():
            if name in self.texts and isinstance(value, int):
                texts[name] = data[at : at + value]
                at += value
        self.outlines = {}
        for name, text in texts.items():
            count, at = varint(data, at)
            place, at = varint(data, at)
            sentences = []
            for _ in range(count):
                about, at = varint(data, at)
                size, at = varint(data, at)
                gap, newline = min(about & 3, 1), about & 3 == 2
                if about & 3 == 3:
                    gap, at = varint(data, at)
                    gap, newline = gap >> 1, bool(gap & 1)
                sentences.append((text[place : place + size].decode(), about >> 2, newline))
                assert not text[place + size : place + size + gap].strip()
                place += size + gap
            assert place == len(text) or not count
            self.outlines[name] = sentences
            fields[name] = text.decode()
        assert at == len(data)
        return fields


def varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        value |= (data[at] & 127) << shift
        shift += 7
        at += 1
        if data[at - 1] < 128:
            return value, at


def number_of(words: memoryview) -> int:
    return int.from_bytes(words.tobytes(), "little")


def packed(words: memoryview, n: int, width: int) -> list[int]:
    mask = (1 << width) - 1
    if n < 128:
        bits = number_of(words[: (n * width + 31) // 32])
        return [bits >> i * width & mask for i in range(n)]
    lanes = [number_of(words[: 4 * width][lane::4]) for lane in range(4)]
    return [lanes[i % 4] >> i // 4 * width & mask for i in range(128)]


def mix(value: int) -> int:
    value = value * 0x9E3779B97F4A7C15 & (1 << 64) - 1
    return value ^ value >> 29


def word_key(word: list[str]) -> int:
    value = 0
    for term in word:
        h = 0xCBF29CE484222325
        for byte in term.encode():
            h = (h ^ byte) * 0x100000001B3 & (1 << 64) - 1
        value = mix(value) + h & (1 << 64) - 1
    return mix(value) >> 24


def test_outlines(tmp_path: Path) -> None:
    create_index(tmp_path).add(
        [
            {
                "id": "a",
                "title": " Hai từ",
                "body": "Một câu. Hai\nCâu ba ở TP. HCM!\n\nCâu bốn。Năm…  ",
            }
        ]
    )
    [name] = tmp_path.glob("*.seg")
    reader = Reader(name.read_bytes())
    [document] = reader.documents()
    assert document["title"] == " Hai từ"
    assert reader.outlines == {
        "title": [("Hai từ", 2, False)],
        "body": [
            ("Một câu.", 2, False),
            ("Hai", 1, True),
            ("Câu ba ở TP. HCM!", 5, True),
            ("Câu bốn。", 2, False),
            ("Năm…", 1, False),
        ],
    }


@pytest.mark.parametrize("enough", [1_000, build.ENOUGH_BYTES], ids=["dictionary", "none"])
def test_a_reader_written_from_the_document(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, enough: int
) -> None:
    monkeypatch.setattr(build, "ENOUGH_BYTES", enough)
    codec.create(tmp_path, SCHEMA)
    with writer(Store(tmp_path)) as w:
        for document in DOCUMENTS:
            w.add(document)
    with writer(Store(tmp_path)) as w:
        w.delete(["d007", "d100"])

    outer = json.loads((tmp_path / "vnsearch.json").read_text())
    assert outer["vnsearch"] == 4
    plain = json.dumps(outer["commit"], sort_keys=True, separators=(",", ":"))
    assert zlib.crc32(plain.encode()) == outer["crc"]
    [[name, documents, deleted, deletions]] = outer["commit"]["segments"]
    assert (documents, deleted) == (300, 2)
    data = (tmp_path / deletions).read_bytes()
    assert struct.unpack_from("<8s5I", data)[3:5] == (300, 2)
    bitmap = int.from_bytes(data[32:], "little")
    assert [doc for doc in range(300) if bitmap >> doc & 1] == [7, 100]

    reader = Reader((tmp_path / f"{name}.seg").read_bytes())
    assert ("stored.dictionary" in reader.sections) == (enough == 1_000)
    assert reader.documents() == DOCUMENTS
    terms = [term.decode() for term in reader.strings("body.terms")]
    texts = [str(document["body"]).split() for document in DOCUMENTS]
    assert terms == sorted({term.lstrip("+") for text in texts for term in text})
    for ordinal, term in enumerate(terms):
        assert reader.postings("body", ordinal) == {
            doc: [p for p, t in enumerate(text) if t.lstrip("+") == term]
            for doc, text in enumerate(texts)
            if term in text or f"+{term}" in text
        }
    bases, joined = reader.sections["body.bases"], number_of(reader.sections["body.joined"])
    for doc, text in enumerate(texts):
        flags = [token.startswith("+") for token in text]
        assert [bool(joined >> bases[doc] + p & 1) for p in range(len(text))] == flags
    pairs = reader.counts("body.pairs")
    a, b = terms.index("đa"), terms.index("t39")
    assert pairs[a * len(terms) + b] == sum("đa t39" in " ".join(text) for text in texts)
    words = reader.counts("body.words")
    assert words[word_key(["a", "b"])] == sum("+b" in text for text in texts)
    assert words[word_key(["t39"])] == sum("t39" in text for text in texts)
    assert reader.strings("body.folds") == [b"da"]
    assert list(reader.sections["body.folds.terms"]) == [a]

    ids = reader.strings("id.values")
    assert ids == [str(document["id"]).encode() for document in DOCUMENTS]
    assert list(reader.sections["id.docs"]) == list(range(300))
    starts, ordinals = reader.sections["tags.ordinals.starts"], reader.sections["tags.ordinals"]
    assert list(ordinals[starts[5] : starts[6]]) == [0, 1]
    assert starts[6] == starts[7]
    assert reader.sections["price.column"][9] == 9 / 8
    assert reader.sections["price.present"][1] == 0b10101010

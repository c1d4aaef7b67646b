"""What a damaged, hostile, locked or half-written index does, and what survives."""

from __future__ import annotations

import _thread
import contextlib
import errno
import json
import os
import pickle
import random
import shutil
import signal
import struct
import subprocess
import sys
import textwrap
import time
import zlib
from array import array
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from codec_model import PlainTerms, live_documents, plain_fold, verify, writer

import vnsearch
from vnsearch import codec
from vnsearch.codec import Segment, Store, Writer, build, format
from vnsearch.codec import verify as verifying
from vnsearch.codec.format import SegmentEntry
from vnsearch.codec.segment import NO_VALUE
from vnsearch.codec.verify import repair
from vnsearch.errors import (
    IndexClosedError,
    IndexCorruptError,
    IndexExistsError,
    IndexLockedError,
    IndexNotFoundError,
    IndexVersionError,
    SearchIndexError,
    VnsearchError,
)
from vnsearch.kernels.counts import CountsEncoder, CountTable
from vnsearch.schema import Date, Keyword, Number, Schema, Text

SCHEMA = Schema(
    body=Text(), tags=Keyword(multi=True), section=Keyword(), price=Number(), published=Date()
)


def document(number: int) -> dict[str, Any]:
    words = ["a", "+b", "đa", "da", f"t{number}", "a"]
    return SCHEMA.check(
        {
            "id": f"d{number}",
            "body": " ".join(words[number % 3 :] * (1 + 70 * (number == 4))),
            "tags": ["x", "y"][: number % 3],
            "section": f"s{number % 2}",
            "price": number / 4,
            "published": "2021-03-01" if number % 2 else None,
        }
    )


@pytest.fixture
def index(tmp_path: Path) -> Path:
    path = tmp_path / "index"
    codec.create(path, SCHEMA)
    with writer(Store(path)) as w:
        for number in range(6):
            w.add(document(number))
    with writer(Store(path)) as w:
        w.delete(["d1"])
        w.add(document(7))
    return path


def everything(path: Path) -> list[object]:
    """Read all that an index says, in whatever state it is; return it."""
    said: list[object] = []
    with Store(path).snapshot() as snapshot:
        for segment in snapshot.segments:
            for name in segment.schema:
                if (text := segment.text(name)) is not None:
                    said.append(text.terms())
                    for o, term in enumerate(text.terms()):
                        said += [text.lookup(term), text.df[o], text.cf[o], text.forms(term)]
                        said += [text.pairs.row(o), text.followers(o), text.word_df(term)]
                    members, low, high = text.fold_prefix("d")
                    said += [text.fold_table(), members.tolist(), low, high, text.prefix("a")]
                    said += [text.lengths.tolist(), text.word_lengths.tolist()]
                    said += [text.spans.tolist(), text.joined_bits.tolist()]
                    said += [text.postings.tolist(), text.positions.tolist()]
                    said += [text.total_length, text.total_pairs, text.total_words]
                elif (keyword := segment.keyword(name)) is not None:
                    said.append(keyword.values())
                    said += [keyword.postings(o).tolist() for o in range(len(keyword))]
                    said += [keyword.ordinals(doc) for doc in range(segment.doc_count)]
                elif (column := segment.column(name)) is not None:
                    said += [column.get(doc) for doc in range(segment.doc_count)]
            for doc in range(segment.doc_count):
                said += [segment.stored(doc), segment.is_deleted(doc), segment.doc_id(doc)]
                said.append(segment.find_id(segment.doc_id(doc)))
    return said


def merged(path: Path) -> None:
    """Merge an index, in whatever state it is."""
    with writer(Store(path)) as w:
        w.optimize()


def announced(path: Path, truth: list[object]) -> bool:
    """Read and verify a damaged index: either it says the truth, or it is told."""
    said = None
    with contextlib.suppress(VnsearchError):
        said = everything(path)
    try:
        whole = verify(path).ok
    except (IndexVersionError, IndexNotFoundError):
        return True
    return not whole or said == truth


def index_files(index: Path) -> list[Path]:
    return sorted(path for path in index.iterdir() if path.name != "vnsearch.lock")


def test_a_whole_index_verifies(index: Path) -> None:
    report = verify(index)
    assert report.problems == []
    assert report.ok
    assert (report.segments, report.documents, report.generation) == (2, 6, 2)


def test_no_flipped_byte_goes_unnoticed(index: Path) -> None:
    truth = everything(index)
    dice = random.Random(5)
    for path in index_files(index):
        data = path.read_bytes()
        for at in range(0, len(data), 1 + len(data) // 150):
            bad = bytearray(data)
            bad[at] ^= 1 << dice.randrange(8)
            path.write_bytes(bad)
            assert announced(index, truth), f"{path.name} at byte {at}"
        path.write_bytes(data)
    assert everything(index) == truth


def test_no_truncated_file_goes_unnoticed(index: Path) -> None:
    truth = everything(index)
    for path in index_files(index):
        data = path.read_bytes()
        for length in range(0, len(data), 1 + len(data) // 60):
            path.write_bytes(data[:length])
            assert announced(index, truth), f"{path.name} cut to {length}"
        path.unlink()
        assert announced(index, truth), f"{path.name} gone"
        path.write_bytes(data)


def test_a_damaged_file_is_named_with_the_byte(index: Path) -> None:
    [first, _] = Store(index).snapshot().segments
    path = first.file.path
    data = bytearray(path.read_bytes())
    at = first.file.offset("body.postings")
    data[at] ^= 1
    path.write_bytes(data)
    [problem, *_] = verify(index).problems
    assert problem.file == str(path)
    assert problem.offset == at
    assert "body.postings" in problem.message
    path.write_bytes(data[:40])
    with pytest.raises(IndexCorruptError, match="shorter than its header") as caught:
        Store(index).snapshot()
    assert caught.value.file == str(path)
    assert caught.value.offset == 40


Sections = dict[str, bytearray]
Change = Callable[[Sections, dict[str, Any]], object]


def craft(path: Path, change: Change) -> None:
    """Change a segment's sections and description and make every checksum right again."""
    file = format.SegmentFile(path)
    sections = {
        name: bytearray(file.view(name, part.typecode).cast("B"))
        for name, part in file.sections().items()
    }
    codes = {name: part.typecode for name, part in file.sections().items()}
    description = {key: v for key, v in file.description.items() if key != "sections"}
    change(sections, description)
    path.unlink()
    out = format.SegmentWriter(path)
    for name, data in sections.items():
        out.add(name, codes[name], data)
    out.finish(description)


def test_hostile_sections_raise_and_nothing_worse(index: Path) -> None:
    dice = random.Random(11)
    [first, _] = Store(index).snapshot().segments
    path = first.file.path
    whole = path.read_bytes()
    names = sorted(first.file.sections())
    for _ in range(120):
        name = dice.choice(names)

        def change(sections: dict[str, bytearray], _: dict[str, Any], name: str = name) -> None:
            data = sections[name]
            if not data:
                return
            at = dice.randrange(len(data))
            kind = dice.randrange(3)
            if kind == 0:
                data[at] = dice.randrange(256)
            elif kind == 1:
                word = at & ~3
                data[word : word + 4] = struct.pack("<I", dice.choice([0, 1, 2**31, 2**32 - 1]))
            else:
                data[:] = dice.randbytes(len(data))

        craft(path, change)
        with contextlib.suppress(VnsearchError):
            everything(index)
        copy = index.with_name("copy")
        shutil.copytree(index, copy)
        with contextlib.suppress(VnsearchError):
            verify(copy)
        with contextlib.suppress(VnsearchError):
            merged(copy)
        shutil.rmtree(copy)
        path.write_bytes(whole)


def numbers(name: str, code: str, change: Callable[[Any], None]) -> Change:
    """Return a change of a section's numbers."""

    def changed(sections: Sections, _: dict[str, Any]) -> None:
        values = array(code, bytes(sections[name]))
        before = list(values)
        change(values)
        assert list(values) != before
        sections[name][:] = values.tobytes()

    return changed


def stated(name: str, key: str, value: object) -> Change:
    """Return a change of what the directory says of a field."""

    def changed(_: Sections, description: dict[str, Any]) -> None:
        assert description["fields"][name][key] != value
        description["fields"][name][key] = value

    return changed


def text_bytes(name: str, old: bytes, new: bytes) -> Change:
    """Return a change of a string in a sorted list."""

    def changed(sections: Sections, _: dict[str, Any]) -> None:
        assert sections[name].count(old) == 1
        sections[name][:] = sections[name].replace(old, new)

    return changed


def counted(name: str, change: Callable[[dict[int, int]], None]) -> Change:
    """Return a change of the entries of a count table."""

    def changed(sections: Sections, _: dict[str, Any]) -> None:
        parts = {"": "I", ".keys": "Q", ".starts": "Q"}
        words, firsts, starts = (array(c, bytes(sections[name + p])) for p, c in parts.items())
        table = CountTable(words, firsts, starts)
        entries = dict(zip(*table.range(0, 1 << 62), strict=True))
        change(entries)
        encoder = CountsEncoder()
        keys = sorted(entries)
        encoder.extend(array("Q", keys), array("I", (entries[key] for key in keys)))
        for part, data in zip(parts, encoder.finish(), strict=True):
            sections[name + part][:] = data.tobytes()

    return changed


def less_impact(sections: Sections, _: dict[str, Any]) -> None:
    """Lower the bound by which a search passes over a list."""
    words = array("I", bytes(sections["body.postings"]))
    words[array("I", bytes(sections["body.doc_offsets"]))[2]] -= 1 << 16
    sections["body.postings"][:] = words.tobytes()


def put(place: int, value: int) -> Callable[[Any], None]:
    def change(values: Any) -> None:
        values[place] = value

    return change


def add(place: int, value: int) -> Callable[[Any], None]:
    def change(values: Any) -> None:
        values[place] += value

    return change


def swap(a: int, b: int) -> Callable[[Any], None]:
    def change(values: Any) -> None:
        values[a], values[b] = values[b], values[a]

    return change


def drop(values: Any) -> None:
    """Forget an entry."""
    del values[next(iter(values))]


def more(values: dict[int, int]) -> None:
    """Count one more of an entry."""
    values[next(iter(values))] += 1


CRAFTED: dict[str, tuple[Change, str]] = {
    "impacts": (less_impact, "impacts of term 'da'"),
    "df": (numbers("body.df", "I", swap(0, 1)), ""),
    "no df": (numbers("body.df", "I", put(0, 0)), "overlap"),
    "cf": (numbers("body.cf", "I", add(0, 1)), "df or cf"),
    "lists that overlap": (numbers("body.doc_offsets", "I", put(1, 0)), "overlap"),
    "positions that overlap": (numbers("body.pos_offsets", "I", put(1, 0)), "overlap"),
    "lengths": (numbers("body.lengths", "I", swap(0, 1)), "the lengths"),
    "word lengths": (numbers("body.word_lengths", "I", put(0, 9)), "word lengths"),
    "bases": (numbers("body.bases", "I", swap(1, 2)), "bases"),
    "words": (numbers("body.joined", "I", add(0, 4)), "word lengths"),
    "a word of a first token": (numbers("body.joined", "I", add(0, 1)), "begin with no token"),
    "a word behind the last": (numbers("body.joined", "I", add(-1, 1 << 31)), "behind its last"),
    "plain documents": (numbers("body.plain", "I", lambda docs: docs.append(0)), "unmarked"),
    "pair counts": (counted("body.pairs", more), "pair counts"),
    "missing pairs": (counted("body.pairs", drop), "pair counts"),
    "word counts": (counted("body.words", more), "word counts"),
    "missing words": (counted("body.words", drop), "word counts"),
    "counts of nothing": (counted("body.words", lambda entries: entries.update({1: 0})), "nothing"),
    "fold keys": (text_bytes("body.folds", b"da", b"dz"), "fold keys"),
    "fold terms": (numbers("body.folds.terms", "I", put(0, 0)), "fold keys"),
    "a fold term twice": (numbers("body.folds.terms", "I", put(1, 2)), "not there"),
    "fold starts": (numbers("body.folds.starts", "I", put(0, 9)), "does not ascend"),
    "fold df": (numbers("body.folds.df", "I", add(0, 1)), "fold table"),
    "terms": (text_bytes("body.terms", b"a\0\1b", b"a\0\1c"), ""),
    "tokens": (stated("body", "tokens", 7), "totals"),
    "sum of words": (stated("body", "words", 7), "totals"),
    "sum of pairs": (stated("body", "pairs", 7), "totals"),
    "number of terms": (stated("body", "terms", 3), "3 belong"),
    "kind": (stated("body", "kind", "keyword"), "kind"),
    "type": (stated("published", "type", "d"), "kind"),
    "a field left out": (lambda _, d: d["fields"].pop("section"), "not what is stored"),
    "text left out": (lambda _, d: d["fields"].pop("body"), "leaves out field 'body'"),
    "fewer ids": (lambda s, _: s["id.ordinals"].__delitem__(slice(4)), "fewer ids"),
    "ids by document": (numbers("id.ordinals", "I", swap(0, 1)), "by document and by value"),
    "ids by value": (numbers("id.docs", "I", swap(0, 1)), "by document and by value"),
    "id values": (text_bytes("id.values", b"d0", b"c0"), "'id' of document 0"),
    "value starts": (numbers("section.docs.starts", "I", put(1, 9)), "does not ascend"),
    "value by document": (numbers("section.ordinals", "I", put(0, 9)), "not there"),
    "no value": (numbers("section.ordinals", "I", put(0, NO_VALUE)), "by document and by value"),
    "document starts": (numbers("tags.ordinals.starts", "I", put(1, 9)), "does not ascend"),
    "order of values": (numbers("tags.ordinals", "I", swap(1, 2)), "not what is stored"),
    "values of the wrong documents": (numbers("tags.docs", "I", swap(0, 1)), "document and by"),
    "numbers": (numbers("price.column", "d", swap(0, 1)), "'price' of document 0"),
    "dates": (numbers("published.column", "q", add(1, 1)), "'published' of document 1"),
    "presence": (numbers("published.present", "B", add(0, 1)), "'published' of document 0"),
}


@pytest.mark.parametrize(("change", "message"), CRAFTED.values(), ids=CRAFTED)
def test_no_number_that_a_search_trusts_is_left_unproved(
    index: Path, change: Change, message: str
) -> None:
    """Whoever makes the checksums right again is told by what the other numbers say."""
    [first, _] = Store(index).snapshot().segments
    craft(first.file.path, change)
    problems = verify(index).problems
    assert any(message in problem.message for problem in problems), problems
    assert problems


def test_the_bounds_of_every_block_are_proved(tmp_path: Path) -> None:
    """Block maxima that are too low would hide documents; nothing else shows it."""
    path = tmp_path / "index"
    codec.create(path, SCHEMA)
    with writer(Store(path)) as w:
        for number in range(700):
            w.add(document(number) | {"body": "a " * (1 + number % 7) + "b"})
    assert verify(path).ok
    [segment] = Store(path).snapshot().segments
    text = segment.text("body")
    assert text is not None
    whole = segment.file.path.read_bytes()
    for block in range(6):
        for step in (-1, 1):
            head = text.doc_offsets[0] + 4 * block + 3
            craft(segment.file.path, numbers("body.postings", "I", add(head, step << 16)))
            [problem] = verify(path).problems
            assert "impacts of term 'a'" in problem.message
            segment.file.path.write_bytes(whole)


def test_sections_must_not_share_bytes(index: Path) -> None:
    [first, _] = Store(index).snapshot().segments
    path = first.file.path
    data = bytearray(path.read_bytes())
    at, length = struct.unpack_from("<QQ", data, 16)
    directory = json.loads(data[at : at + length])
    longest = max(directory["sections"], key=lambda section: section[3])
    for section in directory["sections"]:
        if section[0].startswith("body."):
            section[2:] = longest[2:]
    text = json.dumps(directory).encode()
    data[at:] = text
    struct.pack_into("<QI", data, 24, len(text), zlib.crc32(text))
    struct.pack_into("<I", data, 36, zlib.crc32(data[:36]))
    path.write_bytes(data)
    [problem] = verify(index).problems
    assert "longer than the file" in problem.message
    with pytest.raises(IndexCorruptError, match=r"(longer than|outside) the file"):
        merged(index)


def test_a_stored_document_of_other_types_is_refused(index: Path) -> None:
    segment = Store(index).snapshot().segments[0]
    whole = {"id": "d0", "body": "a", "tags": ["x"], "price": 1.5, "published": "2021-03-01"}

    def parsed(head: dict[str, Any], behind: bytes = b"") -> dict[str, Any]:
        text = json.dumps(head).encode()
        return segment.parse_stored(0, struct.pack("<I", len(text)) + text + behind).whole()

    assert parsed(whole) == whole | {"published": datetime(2021, 3, 1)}
    assert parsed(whole | {"body": 3}, "ạ\0\0".encode())["body"] == "ạ"
    for name, value in (
        ("id", 5),
        ("body", {}),
        ("body", None),
        ("tags", ["x", 1]),
        ("price", "1"),
        ("published", 5),
        ("extra", []),
        ("body", -1),
        ("body", True),
        ("body", 5),  # longer than what is there
        ("body", 2),  # inside a letter
    ):
        with pytest.raises(IndexCorruptError, match="stored document 0"):
            parsed(whole | {name: value}, "ạ\0".encode())
    for data in (b"", b"{}", b"\2\0\0\0{}", b"\x09\0\0\0" + b'{"id":""}'[:-1]):
        with pytest.raises(IndexCorruptError, match="stored document 0"):
            segment.parse_stored(0, data)


def test_an_outline_that_does_not_fit_is_refused(index: Path) -> None:
    segment = Store(index).snapshot().segments[0]
    head = b'{"id":"d0","body":6}'
    for outline in (b"", b"\1", b"\1\0\4\7", b"\1\7\0\0", b"\2\0\4\3\4\2", b"\xff" * 9):
        data = struct.pack("<I", len(head)) + head + b"a b. c" + outline
        document = segment.parse_stored(0, data)
        assert document.text("body") == "a b. c"
        with pytest.raises(IndexCorruptError, match="outline of field 'body' of stored document 0"):
            document.outline("body")
    data = struct.pack("<I", len(head)) + head + b"a b. c" + b"\2\0\x09\4\4\1"
    fits = segment.parse_stored(0, data).outline("body")
    assert fits is not None
    assert (fits.span(0, 1), fits.span(0, 2), fits.tokens(0, 2)) == ((0, 4), (0, 6), 3)


def with_outline(path: Path, outline: bytes) -> None:
    """Make an index of one document, of two and three tokens, with another outline."""
    vnsearch.create_index(path).add([{"id": "a", "body": "Một câu. Hai câu nữa."}])
    [segment] = Store(path).snapshot().segments
    data = segment.stored_fields.document(0)
    right = b"\2\0\x09\x0b\x0c\x0f"
    assert data.endswith(right)
    crafted = build.StoredWriter(b"")
    crafted.add(data[: -len(right)] + outline)
    blocks = b"".join(crafted.finish())

    def change(sections: dict[str, bytearray], _: object) -> None:
        sections["stored"] = bytearray(blocks)
        sections["stored.starts"] = bytearray(struct.pack("<QQ", 0, len(blocks)))

    craft(segment.file.path, change)


@pytest.mark.parametrize(
    ("outline", "problem"),
    [
        (b"\2\0\x0d\x0b\x0c\x0f", "has not as many tokens as its outline says"),
        (b"\3\0\x09\x0b\x0c\x0f", "the outline of field 'body' of stored document 0 is not one"),
    ],
)
def test_verify_checks_outlines(tmp_path: Path, outline: bytes, problem: str) -> None:
    with_outline(tmp_path, outline)
    [told] = verifying.verify(tmp_path).problems
    assert problem in told.message


def test_where_an_outline_misleads_the_text_is_read(tmp_path: Path) -> None:
    with_outline(tmp_path, b"\2\0\x05\x0b\x10\x0f")  # one and four tokens
    for query, shown in (("hai", "«Hai» câu nữa."), ("một", "«Một» câu. Hai câu nữa.")):
        hit = vnsearch.open_index(tmp_path).search(query)[0]
        assert hit.snippet == shown


def test_a_deletion_of_no_document_is_refused(index: Path) -> None:
    [path] = index.glob("*.del")
    data = bytearray(path.read_bytes())
    data[-1] = data[-1] << 6  # document 7 of six in the place of document 1
    struct.pack_into("<II", data, 24, zlib.crc32(data[32:]), 0)
    struct.pack_into("<I", data, 28, zlib.crc32(data[:28]))
    path.write_bytes(data)
    [problem] = verify(index).problems
    assert "not there is deleted" in problem.message


def rewrite_commit(index: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the commit file and make its checksum right again."""
    path = index / "vnsearch.json"
    outer = json.loads(path.read_text())
    change(outer)
    body = json.dumps(outer["commit"], sort_keys=True, separators=(",", ":"))
    outer["crc"] = zlib.crc32(body.encode())
    path.write_text(json.dumps(outer))


def test_a_commit_cannot_name_files_elsewhere(index: Path) -> None:
    for name in ("../evil", "/etc/passwd", ".hidden", "", "a/b"):

        def rename(outer: dict[str, Any], name: str = name) -> None:
            outer["commit"]["segments"][0][0] = name

        rewrite_commit(index, rename)
        with pytest.raises(IndexCorruptError):
            Store(index)


@pytest.mark.parametrize(
    "change",
    [
        lambda commit: commit["segments"].append(commit["segments"][0]),
        lambda commit: commit.update(generation=1.5),
        lambda commit: commit.update(generation=-1),
        lambda commit: commit.update(generation=float("inf")),
        lambda commit: commit.update(segments=[[]]),
    ],
    ids=["a segment twice", "half a generation", "a negative one", "an endless one", "no segment"],
)
def test_a_commit_says_what_it_can(index: Path, change: Callable[[dict[str, Any]], None]) -> None:
    rewrite_commit(index, lambda outer: change(outer["commit"]))
    with pytest.raises(IndexCorruptError):
        Store(index)


def test_other_formats_are_refused(index: Path) -> None:
    [first, _] = Store(index).snapshot().segments
    path = first.file.path
    data = bytearray(path.read_bytes())
    struct.pack_into("<I", data, 8, 99)
    struct.pack_into("<I", data, 36, zlib.crc32(data[:36]))
    path.write_bytes(data)
    with pytest.raises(IndexVersionError, match="version 99"):
        Store(index).snapshot()
    rewrite_commit(index, lambda outer: outer.update(vnsearch=99))
    with pytest.raises(IndexVersionError, match=r"version 99.* a newer vnsearch"):
        Store(index)
    rewrite_commit(index, lambda outer: outer.update(vnsearch=1))
    with pytest.raises(IndexVersionError, match=r"version 1; .* an older vnsearch"):
        Store(index)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="a system without pipes in directories")
@pytest.mark.parametrize("name", ["vnsearch.json", "*.seg", "*.del", "vnsearch.lock"])
def test_a_pipe_in_the_place_of_a_file_is_not_waited_at(index: Path, name: str) -> None:
    before = len(live_documents(Store(index).snapshot()))
    path = min(index.glob(name))
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(SearchIndexError, match=path.name):
        writer(Store(index))
    if name == "vnsearch.lock":
        return
    with pytest.raises(IndexCorruptError, match="a pipe or a device"):
        Store(index).snapshot()
    assert "a pipe or a device" in str(verify(index).problems[0])
    repair(index, terms=PlainTerms, fold_key=plain_fold)
    assert verify(index).ok
    if name == "vnsearch.json":
        assert len(live_documents(Store(index).snapshot())) == before


@pytest.mark.parametrize("name", ["*.seg", "*.del"])
def test_a_missing_file_is_named_to_who_reads_and_who_writes(index: Path, name: str) -> None:
    path = min(index.glob(name))
    path.unlink()
    for ask in (lambda: Store(index).snapshot(), lambda: writer(Store(index))):
        with pytest.raises(IndexCorruptError, match="the file is missing") as caught:
            ask()
        assert caught.value.file == str(path)


def test_a_directory_in_the_place_of_a_file_is_named(index: Path) -> None:
    path = min(index.glob("*.seg"))
    path.unlink()
    path.mkdir()
    assert "a directory, not a file" in str(verify(index).problems[0])


@pytest.mark.skipif(os.name != "posix", reason="links need a right elsewhere")
def test_a_device_is_not_read_for_ever(index: Path) -> None:
    path = index / "vnsearch.json"
    path.unlink()
    path.symlink_to("/dev/zero")
    with pytest.raises(IndexCorruptError, match="a pipe or a device"):
        Store(index)


def test_a_commit_of_absurd_length_is_not_read(index: Path) -> None:
    os.truncate(index / "vnsearch.json", 1 << 40)  # a hole: it takes no room
    with pytest.raises(IndexCorruptError, match="no commit file is as long"):
        Store(index)


@pytest.mark.skipif(os.name != "posix", reason="links need a right elsewhere")
def test_a_link_in_the_place_of_the_next_commit_is_not_followed(index: Path) -> None:
    precious = index.parent / "precious"
    precious.write_text("as it was")
    (index / "vnsearch.json.tmp").symlink_to(precious)
    (index / "vnsearch.json").write_text("lost")
    repair(index, terms=PlainTerms, fold_key=plain_fold)
    (index.parent / "new").mkdir()
    (index.parent / "new" / "vnsearch.json.tmp").symlink_to(precious)
    codec.create(index.parent / "new", SCHEMA)
    assert precious.read_text() == "as it was"
    assert verify(index).ok


@pytest.mark.parametrize("name", ["vnsearch.json", "*.seg", "*.del"])
@pytest.mark.parametrize("lost", [False, True], ids=["the commit whole", "the commit lost"])
def test_what_the_system_does_not_let_be_read_is_not_given_up(
    index: Path, monkeypatch: pytest.MonkeyPatch, name: str, lost: bool
) -> None:
    """Too many open files, or a file of another user: nothing is known of what is in it."""
    if lost:
        if name == "vnsearch.json":
            return
        (index / "vnsearch.json").write_text("lost")
    before = {path: path.read_bytes() for path in index_files(index)}
    closed = str(min(index.glob(name)))
    opener = format.opener

    def refuse(path: str, flags: int) -> int:
        if os.fspath(path) == closed:
            raise OSError(errno.EMFILE, "Too many open files", path)
        return opener(path, flags)

    with monkeypatch.context() as patch:
        patch.setattr(format, "opener", refuse)
        for ask in (repair, verify, lambda path: Store(path).snapshot()):
            if lost and ask is not repair:
                continue
            with pytest.raises(SearchIndexError, match=r"cannot read .*Too many") as caught:
                ask(index)
            assert not isinstance(caught.value, IndexCorruptError | IndexNotFoundError)
    assert {path: path.read_bytes() for path in index_files(index)} == before
    repair(index, terms=PlainTerms, fold_key=plain_fold)
    assert verify(index).ok


@pytest.mark.skipif(os.name != "posix", reason="the lock is another elsewhere")
def test_a_file_system_without_locks_is_told(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import fcntl

    def no_locks(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", no_locks)
    with pytest.raises(SearchIndexError, match=r"cannot lock .*No locks available"):
        writer(Store(index))


def test_a_whoosh_index_is_refused(tmp_path: Path) -> None:
    (tmp_path / "_MAIN_1.toc").write_bytes(pickle.dumps({"schema": 1}))
    with pytest.raises(IndexVersionError, match="vnsearch convert"):
        Store(tmp_path)
    (tmp_path / "vnsearch.json").write_bytes(pickle.dumps({"schema": 1}))
    with pytest.raises(IndexVersionError, match="vnsearch convert"):
        Store(tmp_path)


def test_what_is_no_index(tmp_path: Path) -> None:
    with pytest.raises(IndexNotFoundError, match="no directory"):
        Store(tmp_path / "nowhere")
    with pytest.raises(IndexNotFoundError, match="no index"):
        Store(tmp_path)
    (tmp_path / "file").write_text("x")
    with pytest.raises(SearchIndexError, match="is a file, not a directory"):
        codec.create(tmp_path / "file", SCHEMA)
    with pytest.raises(IndexNotFoundError, match="is a file, not a directory"):
        Store(tmp_path / "file")
    codec.create(tmp_path / "index", SCHEMA)
    assert codec.exists(tmp_path / "index")
    with pytest.raises(IndexExistsError):
        codec.create(tmp_path / "index", SCHEMA)


def test_one_writer_at_a_time(index: Path) -> None:
    store = Store(index)
    with writer(store):
        with pytest.raises(IndexLockedError, match="another writer"):
            writer(Store(index))
        with pytest.raises(IndexLockedError):
            writer(Store(index), timeout=0.03)
    with writer(store) as w:
        pass
    with pytest.raises(IndexClosedError):
        w.add(document(1))


PROGRAM = """
import os, signal, sys
sys.path.insert(0, {tests!r})
from codec_model import writer
from test_codec_safety import document
from vnsearch.codec import Store
w = writer(Store({index!r}), memory_limit=1)
for number in range(100, 140):
    w.add(document(number))
w.delete(["d0", "d2"])
{last}
"""


def run_writer(index: Path, last: str) -> subprocess.Popen[str]:
    program = PROGRAM.format(tests=str(Path(__file__).parent), index=str(index), last=last)
    root = str(Path(codec.__file__).parents[2])
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)],
        stdout=subprocess.PIPE,
        stdin=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": root},
    )


def test_a_killed_writer_leaves_the_index_and_the_lock(index: Path) -> None:
    before = everything(index)
    with run_writer(index, "print('ready', flush=True); sys.stdin.read()") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        with pytest.raises(IndexLockedError):
            writer(Store(index))
        assert len(list(index.glob("*.seg"))) > 2
        process.send_signal(signal.SIGKILL)
    assert everything(index) == before
    with writer(Store(index)):
        assert len(list(index.glob("*.seg"))) == 2
    assert everything(index) == before
    assert verify(index).ok


def test_a_snapshot_stays_as_it_is_while_a_process_writes(index: Path) -> None:
    store = Store(index)
    snapshot = store.snapshot()
    before = live_documents(snapshot)
    with run_writer(index, "w.commit(); w.optimize()") as process:
        assert process.wait() == 0
    assert live_documents(snapshot) == before
    after = live_documents(store.snapshot())
    assert set(after) == set(before) - {"d0", "d2"} | {f"d{n}" for n in range(100, 140)}
    assert len(list(index.glob("*.seg"))) == 1
    snapshot.close()
    with pytest.raises(IndexClosedError):
        _ = snapshot.segments


class InterruptedTerms(PlainTerms):
    """Is interrupted in the middle of one text."""

    def encode(self, text: str, _: bool = False) -> tuple[array[int], bytearray, bytes]:
        if text == "now":
            raise KeyboardInterrupt
        return super().encode(text)


def change_until_interrupted(w: Writer) -> None:
    w.delete(["d3"])
    w.add(document(50))
    w.add({"id": "d51", "body": "now"})


def test_an_interrupted_writer_leaves_the_index(index: Path) -> None:
    before = everything(index)
    store = Store(index)
    with (
        pytest.raises(KeyboardInterrupt),
        store.writer(terms=InterruptedTerms, fold_key=plain_fold) as w,
    ):
        change_until_interrupted(w)
    assert everything(index) == before
    # caught by the caller, the document is not there and the others are
    with store.writer(terms=InterruptedTerms, fold_key=plain_fold) as w:
        w.add(document(50))
        with pytest.raises(KeyboardInterrupt):
            w.add({"id": "d51", "body": "now"})
        w.add(document(52))
    assert {"d50", "d52"} < live_documents(store.snapshot()).keys()
    assert verify(index).ok


def test_an_interrupt_between_the_fields_of_a_document_is_refused(index: Path) -> None:
    store = Store(index)
    before = everything(index)
    with contextlib.closing(writer(store)) as w:
        with pytest.raises(TypeError):
            w.add({"id": "d9", "published": "not a datetime"})  # stands in for an interrupt
        with pytest.raises(SearchIndexError, match="roll it back"):
            w.commit()
        w.rollback()
        w.add(document(9))
        w.commit()
    assert len(everything(index)) > len(before)


@pytest.mark.parametrize("step", ["write", "fsync", "replace"])
def test_a_full_disk_leaves_the_index(
    index: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    before = everything(index)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with contextlib.closing(writer(Store(index))) as w:
        w.add(document(60))
        with monkeypatch.context() as patch:
            if step == "write":
                patch.setattr(format.SegmentWriter, "_write", full)
            elif step == "fsync":
                patch.setattr(os, "fsync", full)
            else:
                patch.setattr(os, "replace", full)
            with pytest.raises(SearchIndexError, match="No space left"):
                w.commit()
        assert everything(index) == before
        w.add(document(61))
        w.commit()
    assert "d61" in live_documents(Store(index).snapshot())
    assert len(list(index.glob("*.seg"))) == 3
    assert verify(index).ok


def test_repair_gives_up_only_what_is_broken(index: Path) -> None:
    before = live_documents(Store(index).snapshot())
    [first, second] = Store(index).snapshot().segments
    path = first.file.path
    data = bytearray(path.read_bytes())
    data[first.file.offset("body.positions")] ^= 0x10
    path.write_bytes(data)
    assert not verify(index).ok
    done = repair(index, terms=PlainTerms, fold_key=plain_fold)
    assert (done.segments, done.kept, done.lost) == (1, 5, [])
    assert "body.positions" in str(done.problems[0])
    assert verify(index).ok
    assert live_documents(Store(index).snapshot()) == before
    assert second.file.path.exists()
    assert repair(index).problems == []


def test_repair_names_what_is_lost(index: Path) -> None:
    [first, second] = Store(index).snapshot().segments
    data = bytearray(first.file.path.read_bytes())
    data[first.file.offset("stored") + 30] ^= 0x10
    first.file.path.write_bytes(data)
    second.file.path.write_bytes(second.file.path.read_bytes()[:100])
    done = repair(index, terms=PlainTerms, fold_key=plain_fold)
    assert done.segments == 2
    assert done.lost[:5] == ["d0", "d2", "d3", "d4", "d5"]
    assert "all 1 documents" in done.lost[5]
    assert verify(index).ok
    assert live_documents(Store(index).snapshot()) == {}


def test_a_commit_syncs_everything_without_threads(
    index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    sync = format._sync

    def noted(path: Path) -> None:
        synced.append(path.name)
        sync(path)

    def no_thread(*_: object) -> int:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(format, "_sync", noted)
    monkeypatch.setattr(_thread, "start_new_thread", no_thread)
    before = set(index.glob("*.seg"))
    with writer(Store(index)) as w:
        w.add(document(8))
    [segment] = set(index.glob("*.seg")) - before
    assert sorted(synced) == sorted([segment.name, "index", "index", "vnsearch.json.tmp"])


@pytest.mark.parametrize("failing", [".seg", ".tmp"])
def test_a_commit_that_cannot_be_synced_fails_whatever_the_reason(
    index: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    def sync(path: Path) -> None:
        if path.suffix == failing:
            raise MemoryError

    before = live_documents(Store(index).snapshot())
    monkeypatch.setattr(format, "_sync", sync)
    with pytest.raises(MemoryError), writer(Store(index)) as w:
        w.add(document(8))
    assert live_documents(Store(index).snapshot()) == before


@pytest.mark.parametrize("damage", ["missing", "a flipped bit", "cut short", "not JSON"])
def test_repair_makes_a_commit_file_anew(index: Path, damage: str) -> None:
    before = live_documents(Store(index).snapshot())
    order = [segment.id for segment in Store(index).snapshot().segments]
    commit = index / "vnsearch.json"
    data = bytearray(commit.read_bytes())
    if damage == "missing":
        commit.unlink()
    elif damage == "a flipped bit":
        data[data.index(b"generation") + 3] ^= 1
        commit.write_bytes(data)
    elif damage == "cut short":
        commit.write_bytes(data[:-30])
    else:
        commit.write_bytes(b"\0" * 50)
    done = repair(index, terms=PlainTerms, fold_key=plain_fold)
    assert len(done.problems) == 1
    assert "vnsearch.json" in done.problems[0].file
    assert (done.segments, done.lost) == (0, [])
    assert "made anew from the headers of 2 segment files: 6 documents" in done.notes[0]
    assert verify(index).ok
    assert live_documents(Store(index).snapshot()) == before
    assert Store(index).schema == SCHEMA
    if damage == "a flipped bit":
        assert [segment.id for segment in Store(index).snapshot().segments] == order
    with writer(Store(index)) as w:
        w.add(document(9))
    assert len(live_documents(Store(index).snapshot())) == len(before) + 1
    assert repair(index).problems == []


def test_repair_goes_on_from_a_generation_that_no_reader_has(
    index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = index / "vnsearch.json"
    seen = [Store(index).read().generation]

    def again() -> int:
        repair(index, terms=PlainTerms, fold_key=plain_fold)
        seen.append(Store(index).read().generation)
        return seen[-1]

    for number in range(3):  # generations that no deletion file names
        with writer(Store(index)) as w:
            w.add(document(20 + number))
    seen.append(Store(index).read().generation)
    commit.unlink()
    again()
    with writer(Store(index)) as w:
        w.add(document(30))
    seen.append(Store(index).read().generation)
    commit.unlink()
    again()
    # with a clock that is wrong, what is left of the commit file still tells
    monkeypatch.setattr(time, "time_ns", lambda: 0)
    commit.write_bytes(commit.read_bytes()[:-30])
    assert again() == seen[-2] + 1
    assert seen == sorted(set(seen))


def test_repair_syncs_the_segments_it_takes_up(
    index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[set[str]] = []
    (index / "vnsearch.json").unlink()
    monkeypatch.setattr(format, "sync", lambda paths: synced.append({p.name for p in paths}))
    repair(index, terms=PlainTerms, fold_key=plain_fold)
    assert synced[0] > {path.name for path in index.glob("*.seg")}


def test_an_index_without_its_commit_is_damaged_and_not_written_over(index: Path) -> None:
    segments = set(index.glob("*.seg"))
    (index / "vnsearch.json").unlink()
    with pytest.raises(IndexCorruptError, match=r"vnsearch.json: the file is missing; .*repair"):
        Store(index)
    with pytest.raises(IndexExistsError):
        codec.create(index, SCHEMA)
    assert not verify(index).ok
    assert set(index.glob("*.seg")) == segments


def test_repair_says_what_it_cannot_know_of_a_lost_commit(index: Path) -> None:
    [first, second] = Store(index).snapshot().segments
    shutil.copy(second.file.path, index / "spare")
    with writer(Store(index)) as w:  # a newer d7; the older one's deletion is lost below
        w.add(document(7) | {"body": "mới"})
    [newest] = set(index.glob("*.seg")) - {first.file.path, second.file.path}
    os.utime(newest, ns=(2**62, 2**62))
    shutil.move(index / "spare", second.file.path)
    for path in index.glob("*.del"):
        data = bytearray(path.read_bytes())
        data[-1] ^= 2
        path.write_bytes(data)
    (index / ("f" * 16 + ".seg")).write_bytes(b"nothing")
    (index / "vnsearch.json").unlink()
    done = repair(index, terms=PlainTerms, fold_key=plain_fold)
    assert any("is damaged: what it says is deleted may come back" in note for note in done.notes)
    assert any("there twice" in note for note in done.notes)
    assert len(done.lost) == 1
    assert "ffffffffffffffff.seg" in done.lost[0]
    assert verify(index).ok
    documents = live_documents(Store(index).snapshot())
    assert set(documents) == {"d0", "d1", "d2", "d3", "d4", "d5", "d7"}
    assert documents["d7"]["body"] == "mới"


def test_repair_does_not_make_an_index_where_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(IndexNotFoundError):
        repair(tmp_path)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "vnsearch.json").write_text("{}")
    with pytest.raises(IndexCorruptError):
        repair(tmp_path)


def test_a_writer_that_is_not_closed_gives_the_lock_back(index: Path) -> None:
    w: Writer | None = writer(Store(index))
    assert w is not None
    w.add(document(70))
    w.close()
    w.close()
    del w
    with writer(Store(index)) as again:
        assert again.delete(["d70"]) == 0


def test_readers_see_one_generation_through_a_hundred_commits_and_their_merges(
    index: Path,
) -> None:
    """And are not held up: the writer holds its lock all the while."""
    readers = Store(index)
    held = [(readers.snapshot(), live_documents(readers.snapshot()))]
    expected = dict(held[0][1])
    segments = set()
    with writer(Store(index)) as w:
        for number in range(100):
            expected[f"d{number}"] = document(number)
            w.add(document(number))
            if number % 3 == 0:
                expected.pop(f"d{number // 2}", None)
                w.delete([f"d{number // 2}"])
            w.commit()
            snapshot = readers.snapshot()
            segments.add(len(snapshot.segments))
            if number % 20 == 7:
                held.append((snapshot, live_documents(snapshot)))
                assert held[-1][1] == expected
    assert max(segments) - min(segments) >= 8
    for snapshot, documents in held:
        assert live_documents(snapshot) == documents
    assert verify(index).ok


def test_verify_reads_one_generation_while_a_writer_merges(
    index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    truth = verify(index)
    open_segment = Store.open_segment

    def overtaken(store: Store, entry: SegmentEntry) -> Segment:
        found = open_segment(store, entry)
        monkeypatch.undo()
        merged(index)
        return found

    monkeypatch.setattr(Store, "open_segment", overtaken)
    report = verify(index)
    assert report.problems == []
    assert (report.generation, report.segments) == (truth.generation + 1, 1)
    assert report.documents == truth.documents


def test_verify_keeps_what_it_reads(index: Path) -> None:
    report = verifying.verify(index, lambda _: merged(index), fold_key=plain_fold)
    assert report.problems == []
    assert report.segments == 2
    assert verify(index).segments == 1
    [segment] = index.glob("*.seg")
    segment.unlink()
    assert [problem.message for problem in verify(index).problems] == ["the file is missing"]


def test_a_merge_refuses_counts_that_do_not_add_up(index: Path) -> None:
    [first, _] = Store(index).snapshot().segments
    path = first.file.path
    whole = path.read_bytes()

    def forget_folds(sections: dict[str, bytearray], _: dict[str, Any]) -> None:
        sections["body.folds.df"][:] = bytes(len(sections["body.folds.df"]))

    def misplace_plain(sections: dict[str, bytearray], _: dict[str, Any]) -> None:
        sections["body.plain"][:] = array("I", [2, 0, 5]).tobytes()

    def move_stored(sections: dict[str, bytearray], _: dict[str, Any]) -> None:
        sections["stored.docs"][:] = array("I", [9]).tobytes()

    def rename_term(sections: dict[str, bytearray], _: dict[str, Any]) -> None:
        terms = sections["body.terms"]
        terms[terms.index(b"b")] = ord("z")

    for change, message in (
        (forget_folds, "add up"),
        (misplace_plain, "documents do not ascend"),
        (move_stored, "do not follow each other"),
        (rename_term, "terms do not ascend"),
    ):
        craft(path, change)
        with pytest.raises(IndexCorruptError, match=message):
            merged(index)
        path.write_bytes(whole)

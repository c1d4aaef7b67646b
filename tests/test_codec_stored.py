"""Stored documents: blocks, and the dictionary that those of a large segment are compressed by."""

from __future__ import annotations

import contextlib
import random
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from codec_model import PlainTerms, plain_fold, verify, writer
from test_codec_safety import craft

from vnsearch import codec
from vnsearch.codec import Segment, Store, build
from vnsearch.codec.verify import repair
from vnsearch.errors import IndexCorruptError, VnsearchError
from vnsearch.schema import Schema, Text

SCHEMA = Schema(body=Text())
WORDS = ["một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín", "mười", "trăm", "nghìn"]
Document = dict[str, Any]


def document(number: int, words: int = 60) -> Document:
    dice = random.Random(number)
    return SCHEMA.check({"id": f"d{number}", "body": " ".join(dice.choices(WORDS, k=words))})


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """An empty index where a segment of 40 documents is large."""
    monkeypatch.setattr(build, "ENOUGH_BYTES", 12_000)
    codec.create(tmp_path / "index", SCHEMA)
    return Store(tmp_path / "index")


def add(store: Store, documents: Sequence[Document]) -> None:
    with writer(store) as w:
        for one in documents:
            w.add(one)


def segments(store: Store) -> list[Segment]:
    return store.snapshot().segments


def stored(store: Store) -> list[Document]:
    return [
        segment.stored(doc)
        for segment in segments(store)
        for doc in range(segment.doc_count)
        if not segment.is_deleted(doc)
    ]


def dictionaries(store: Store) -> list[bytes]:
    return [segment.stored_fields.dictionary for segment in segments(store)]


def frames(segment: Segment) -> list[bytes]:
    return [bytes(block) for _, _, block, _ in segment.stored_fields.blocks()]


def test_a_large_segment_has_a_dictionary_and_a_small_one_none(store: Store) -> None:
    large, small = [document(n) for n in range(200)], [document(n) for n in range(200, 210)]
    add(store, large)
    add(store, small)
    assert stored(store) == large + small
    first, second = dictionaries(store)
    assert first
    assert not second
    assert verify(store.path).ok
    longest = max(size for *_, size in segments(store)[0].stored_fields.blocks())
    assert longest < 2 * build.SHORT_BLOCK_BYTES


def test_a_dictionary_saves_more_than_it_takes(tmp_path: Path) -> None:
    documents = [document(n, 400) for n in range(2_300)]
    codec.create(tmp_path, SCHEMA)
    add(Store(tmp_path), documents)
    [segment] = segments(Store(tmp_path))
    assert segment.stored_fields.size > build.ENOUGH_BYTES
    with_it = len(segment.stored_fields.dictionary) + sum(map(len, frames(segment)))
    plain = build.StoredWriter(b"")
    for doc in range(segment.doc_count):
        plain.add(segment.stored_fields.document(doc))
    assert with_it < sum(map(len, plain.finish()))


def test_an_index_has_one_dictionary(store: Store) -> None:
    first, second = [document(n) for n in range(200)], [document(n) for n in range(200, 300)]
    add(store, first)
    add(store, second)
    one, other = dictionaries(store)
    assert one == other != b""
    before = [frame for segment in segments(store) for frame in frames(segment)]
    with writer(store) as w:
        w.optimize()
    assert dictionaries(store) == [one]
    after = frames(segments(store)[0])
    assert stored(store) == first + second
    # all but the last blocks of the two are as they were
    assert len(set(before) - set(after)) <= 2
    assert verify(store.path).ok


def test_a_merge_brings_small_segments_to_the_dictionary(store: Store) -> None:
    large, small = [document(n) for n in range(100)], [document(n) for n in range(100, 120)]
    add(store, large)
    add(store, small)
    [one, _] = dictionaries(store)
    with writer(store) as w:
        w.delete(["d3", "d50", "d101"])
        w.optimize()
    assert dictionaries(store) == [one]
    gone = {"d3", "d50", "d101"}
    assert stored(store) == [one for one in large + small if one["id"] not in gone]
    assert verify(store.path).ok


def test_small_segments_that_become_a_large_one_get_a_dictionary(store: Store) -> None:
    documents = [document(n) for n in range(90)]
    for start in range(0, 90, 30):
        add(store, documents[start : start + 30])
    assert dictionaries(store) == [b"", b"", b""]
    with writer(store) as w:
        w.optimize()
    [made] = dictionaries(store)
    assert made
    assert stored(store) == documents
    assert verify(store.path).ok


def test_small_segments_are_merged_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "BLOCK_BYTES", 500)
    codec.create(tmp_path, SCHEMA)
    store = Store(tmp_path)
    documents = [document(n) for n in range(20)]
    add(store, documents[:10])
    add(store, documents[10:])
    before = [frame for segment in segments(store) for frame in frames(segment)]
    with writer(store) as w:
        w.optimize()
    assert set(before) <= set(frames(segments(store)[0]))
    assert dictionaries(store) == [b""]
    assert stored(store) == documents


@pytest.mark.parametrize(
    "documents",
    [
        [{"id": "one", "body": "chữ " * 9_000}],
        [{"id": f"{n}", "body": random.Random(n).randbytes(300).hex()} for n in range(30)],
        [{"id": f"{n}", "body": "chữ " * 3_000} for n in range(3)],
    ],
    ids=["a single one", "nothing in common", "long ones"],
)
def test_documents_that_make_no_good_dictionary(store: Store, documents: list[Document]) -> None:
    add(store, [SCHEMA.check(one) for one in documents])
    assert stored(store) == documents
    assert verify(store.path).ok


def test_documents_that_are_held_count_as_memory(store: Store) -> None:
    gathered = build.StoredWriter()
    for size in (700, 800):
        gathered.add(b"x" * size)
    assert gathered.bytes == 1_500
    assert not list(gathered.take())
    assert gathered.bytes == 1_500
    assert sum(map(len, gathered.finish())) < 200
    assert gathered.bytes == 0


@pytest.mark.parametrize("piece", [b"", b"\0" * 8, b"no dictionary of zstd at all"])
def test_a_dictionary_that_is_none_is_told(store: Store, piece: bytes) -> None:
    add(store, [document(n) for n in range(100)])
    craft(
        segments(store)[0].file.path,
        lambda sections, _: sections.__setitem__("stored.dictionary", bytearray(piece)),
    )
    again = Store(store.path)
    [segment] = segments(again)
    with pytest.raises(IndexCorruptError) as caught:
        segment.stored(0)
    assert caught.value.file == str(segment.file.path)
    assert caught.value.offset
    assert not verify(store.path).ok
    add(again, [document(n) for n in range(100, 200)])  # goes on without it
    assert [one["id"] for one in stored_of(segments(again)[1])] == [
        f"d{n}" for n in range(100, 200)
    ]


def stored_of(segment: Segment) -> list[Document]:
    return [segment.stored(doc) for doc in range(segment.doc_count)]


def test_a_damaged_dictionary_loses_nothing(store: Store) -> None:
    documents = [document(n) for n in range(100)]
    add(store, documents)
    [segment] = segments(store)
    path = segment.file.path
    data = bytearray(path.read_bytes())
    first, second = (segment.file.offset(f"stored.{name}") for name in ("dictionary", "spare"))
    data[first + 50] ^= 1
    path.write_bytes(data)
    assert stored(Store(store.path)) == documents
    [problem] = verify(store.path).problems
    assert "stored.dictionary" in problem.message
    copy = store.path.with_name("copy")
    shutil.copytree(store.path, copy)
    assert not repair(copy, terms=PlainTerms, fold_key=plain_fold).lost
    assert stored(Store(copy)) == documents
    assert verify(copy).ok
    data[second + 50] ^= 1
    path.write_bytes(data)
    with pytest.raises(IndexCorruptError, match=r"stored\.spare"):
        stored(Store(store.path))


def test_a_crafted_dictionary_never_makes_other_documents(store: Store) -> None:
    documents = [document(n) for n in range(60)]
    add(store, documents)
    path = segments(store)[0].file.path
    whole = path.read_bytes()
    dice = random.Random(3)
    for _ in range(150):

        def change(sections: dict[str, bytearray], _: dict[str, Any]) -> None:
            shared = sections["stored.dictionary"]
            for _change in range(dice.choice([1, 3, 40])):
                shared[dice.randrange(len(shared))] = dice.randrange(256)
            if dice.random() < 0.2:
                del shared[dice.randrange(len(shared)) :]

        craft(path, change)
        with contextlib.suppress(VnsearchError):
            # every frame has a checksum of what it decompresses to
            assert stored(Store(store.path)) == documents
        with contextlib.suppress(VnsearchError), writer(Store(store.path)) as w:
            w.add(document(60))
            w.rollback()
        path.write_bytes(whole)

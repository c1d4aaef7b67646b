"""Adding, replacing, deleting, merging: held to a dictionary and to counting by hand."""

from __future__ import annotations

import contextlib
import gc
import random
import tracemalloc
import weakref
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from codec_model import check_segment, live_documents, writer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vnsearch import codec
from vnsearch.codec import Store, Writer, merge
from vnsearch.codec.format import SegmentEntry, SegmentFile
from vnsearch.errors import SearchIndexError
from vnsearch.schema import Boolean, Date, Keyword, Number, Schema, Stored, Text

SCHEMA = Schema(
    title=Text(boost=2.0),
    body=Text(),
    tags=Keyword(multi=True),
    section=Keyword(),
    price=Number(),
    published=Date(),
    free=Boolean(),
    note=Stored(),
)
TERMS = ["a", "ạ", "ả", "da", "đa", "đá", "b", "c1", "abc", "z"]

tokens = st.builds("{}{}".format, st.sampled_from(["", "", "+"]), st.sampled_from(TERMS))
texts = st.lists(tokens, max_size=8).map(" ".join)
documents = st.fixed_dictionaries(
    {"id": st.integers(0, 12).map(str)},
    optional={
        "title": texts,
        "body": st.one_of(texts, st.lists(texts, max_size=3)),
        "tags": st.lists(st.sampled_from(["x", "y", "ạ"]), min_size=1, max_size=3),
        "section": st.sampled_from(["s", "t"]),
        "price": st.floats(-5, 5),
        "published": st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)),
        "free": st.booleans(),
        "note": st.just({"k": [1, None, "đ\ud800"]}),
    },
)
steps = st.one_of(
    st.tuples(st.just("add"), documents),
    st.tuples(st.just("add"), documents),
    st.tuples(st.just("delete"), st.lists(st.integers(0, 14).map(str), max_size=3)),
    st.tuples(st.just("commit"), st.none()),
    st.tuples(st.just("rollback"), st.none()),
    st.tuples(st.just("merge"), st.none()),
)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    codec.create(tmp_path / "index", SCHEMA)
    return Store(tmp_path / "index")


def test_one_batch_says_what_counting_says(store: Store) -> None:
    given_documents: list[dict[str, Any]] = [
        {"id": "1", "title": "a +b c1", "body": ["a ạ a", "b"], "tags": ["y", "x", "x"]},
        {"id": "2", "title": "đa a +b", "published": datetime(2020, 3, 12, 18, 51)},
        {"id": "3"},
        {"id": "4", "body": "z " * 300, "price": 2.5, "free": False, "section": "s"},
        {"id": "5", "body": ["", ""]},
    ]
    with writer(store) as w:
        for document in given_documents:
            w.add(document)
    [segment] = store.snapshot().segments
    check_segment(segment, given_documents)
    price = segment.column("price")
    assert price is not None
    assert [price.get(doc) for doc in range(5)] == [None, None, None, 2.5, None]
    published = segment.column("published")
    assert published is not None
    assert published.get(1) == 1584039060000000
    free = segment.column("free")
    assert free is not None
    assert [free.get(doc) for doc in range(5)] == [None, None, None, 0, None]


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(
    plan=st.lists(steps, max_size=25),
    limit=st.sampled_from([1, 1 << 20]),
    restored=st.sampled_from([1, 1 << 20]),
)
def test_any_sequence_of_changes(
    tmp_path_factory: pytest.TempPathFactory,
    plan: list[tuple[str, Any]],
    limit: int,
    restored: int,
) -> None:
    directory = tmp_path_factory.mktemp("index")
    codec.create(directory, SCHEMA)
    store = Store(directory)
    with (
        mock.patch.object(merge, "BATCH_POSITIONS", restored),
        contextlib.closing(writer(store, memory_limit=limit)) as w,
    ):
        committed = follow(w, store, plan)
    assert live_documents(store.snapshot()) == committed


def follow(w: Writer, store: Store, plan: list[tuple[str, Any]]) -> dict[str, dict[str, Any]]:
    """Carry out a plan on a writer and on a dictionary; return what is committed at the end."""
    committed: dict[str, dict[str, Any]] = {}
    now = dict(committed)
    for step, value in plan:
        if step == "add":
            now.pop(value["id"], None)
            now[value["id"]] = value
            w.add(value)
        elif step == "delete":
            gone = {identifier for identifier in value if identifier in now}
            assert w.delete(value) == len(gone)
            now = {key: document for key, document in now.items() if key not in gone}
        elif step == "rollback":
            w.rollback()
            now = dict(committed)
        else:
            if step == "commit":
                w.commit()
            else:
                w.optimize()
            committed = dict(now)
        found = live_documents(store.snapshot())
        assert found == committed
        assert list(found) == list(committed)
        if step == "merge":
            segments = store.snapshot().segments
            assert len(segments) == bool(committed)
            for segment in segments:
                assert segment.deleted is None
                check_segment(segment, list(committed.values()))
    return committed


def test_counts_include_deleted_documents_until_a_merge(store: Store) -> None:
    with writer(store) as w:
        for number in range(8):
            w.add({"id": str(number), "body": "a +b"})
    with writer(store) as w:
        assert w.delete(["3", "nobody"]) == 1
    [segment] = store.snapshot().segments
    body = segment.text("body")
    assert body is not None
    assert (segment.live_count, segment.doc_count, body.df[0]) == (7, 8, 8)
    with writer(store) as w:
        w.optimize()
    [segment] = store.snapshot().segments
    body = segment.text("body")
    assert body is not None
    assert (segment.doc_count, body.df[0], body.pair_df(0, 1), body.word_df("a b")) == (7, 7, 7, 7)


def test_a_long_add_stays_few_segments_on_disk_too(store: Store) -> None:
    with writer(store, memory_limit=1) as w:
        for number in range(0, 2000):
            w.add({"id": str(number % 1500), "body": f"a t{number % 7}"})
            assert len(list(store.path.glob("*.seg"))) <= 20
    snapshot = store.snapshot()
    assert list(live_documents(snapshot)) == [
        str(number) for number in [*range(500, 1500), *range(500)]
    ]


def test_what_a_commit_brings_is_one_segment(store: Store) -> None:
    """Also where the memory limit had it written bit by bit; an older segment stays as it is."""
    with writer(store) as w:
        for number in range(4):
            w.add({"id": str(number), "body": "a +b"})
    [old] = store.snapshot().segments
    with writer(store, memory_limit=2_000) as w:
        for number in range(3, 115):  # one is replaced
            w.add({"id": str(number), "body": f"a t{number % 7}"})
        assert len(list(store.path.glob("*.seg"))) > 3
    snapshot = store.snapshot()
    first, second = snapshot.segments
    assert (first.id, first.live_count) == (old.id, 3)
    assert (second.doc_count, second.live_count) == (112, 112)
    assert list(live_documents(snapshot)) == [str(number) for number in range(115)]


@pytest.mark.parametrize("most", [1, 3, 40])
def test_few_segments_and_few_documents_rewritten(most: int) -> None:
    """Whatever comes at a time: one document, or up to ``most``."""
    chance = random.Random(most)
    segments: list[list[int]] = []  # of each document, how often it was rewritten
    added = 0
    while added < 12_000:
        size = chance.randint(1, most)
        added += size
        segments.append([0] * size)
        while (
            run := merge.next_run(
                [SegmentEntry("x", len(one)) for one in segments], lambda *_: True
            )
        ) is not None:
            start, stop = run
            assert stop - start >= 8
            segments[start:stop] = [[times + 1 for one in segments[start:stop] for times in one]]
        assert len(segments) <= 9 * 5
    rewritten = [times for one in segments for times in one]
    assert max(rewritten) <= 14 + 4
    assert sum(rewritten) / added < 7


@pytest.mark.parametrize(
    "document",
    [
        {"body": "a " * 100},  # tokens
        {"body": "a #" + "b" * 100},  # bytes of terms
        {"section": "#" + "s" * 100},  # bytes of keywords
        {},  # documents
    ],
)
def test_no_merge_makes_more_than_a_segment_can_hold(
    store: Store, monkeypatch: pytest.MonkeyPatch, document: dict[str, Any]
) -> None:
    def grown(number: int) -> dict[str, Any]:
        text = str(number * 7 % 1000)
        return {"id": str(number), **{k: v.replace("#", text) for k, v in document.items()}}

    if document:
        monkeypatch.setattr(merge, "LIMIT", 2800)
    else:
        monkeypatch.setattr(merge, "MAX_DOCUMENTS", 20)
    for number in range(150):
        with writer(store) as w:
            w.add(grown(number))
        segments = store.snapshot().segments
        assert max(segment.doc_count for segment in segments) <= 26
        assert len(segments) <= 9 + 150 // 5
    assert max(segment.doc_count for segment in segments) >= 15
    with writer(store, memory_limit=1) as w:
        for number in range(150, 200):
            w.add(grown(number))
    assert len(store.snapshot().segments) < len(segments) + 20
    with writer(store) as w:
        w.delete(map(str, range(0, 200, 10)))
        w.optimize()
    snapshot = store.snapshot()
    sizes = [segment.doc_count for segment in snapshot.segments]
    assert all(a + b > 18 for a, b in pairwise(sizes))
    assert max(sizes) <= 26
    assert list(live_documents(snapshot)) == [str(n) for n in range(200) if n % 10]
    with writer(store) as w:
        w.optimize()
    assert store.read().segments == tuple(
        SegmentEntry(segment.id, segment.doc_count) for segment in snapshot.segments
    )


def test_merging_ids_takes_few_numbers_each(store: Store) -> None:
    count = 6000
    for first in range(2):
        with writer(store) as w:
            for number in range(first, count, 2):
                w.add({"id": f"{number:012}"})
    segments = store.snapshot().segments
    tracemalloc.start()
    merge.merge_segments(store.path, "0" * 16, segments)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak / count < 200


def test_what_no_segment_can_hold_is_told(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def overflowing(*_: object) -> int:
        raise OverflowError("too long")

    for number in range(2):
        with writer(store) as w:
            w.add({"id": str(number)})
    monkeypatch.setattr(merge, "merge_segments", overflowing)
    with writer(store) as w, pytest.raises(SearchIndexError, match="cannot hold that much"):
        w.optimize()
    assert len(store.snapshot().segments) == 2


def test_single_adds_stay_few_segments_in_order(store: Store) -> None:
    for number in range(130):
        with writer(store) as w:
            w.add({"id": str(number), "body": f"a t{number % 7}"})
    snapshot = store.snapshot()
    assert len(snapshot.segments) <= 20
    assert list(live_documents(snapshot)) == [str(number) for number in range(130)]


def test_a_closed_writer_is_forgotten_at_once(store: Store) -> None:
    """What it gathered does not wait for the garbage collector: it may be a quarter gigabyte."""
    gc.collect()
    gc.disable()
    try:
        with writer(store) as w:
            w.add({"id": "1", "body": "a b"})
        forgotten = weakref.ref(w)
        del w
        assert forgotten() is None
    finally:
        gc.enable()


def test_a_segment_just_written_is_opened_once(store: Store) -> None:
    opened = mock.Mock(wraps=SegmentFile)
    with mock.patch("vnsearch.codec.store.SegmentFile", opened):
        with writer(store) as w:
            w.add({"id": "1", "body": "a b"})
        assert list(live_documents(store.snapshot())) == ["1"]
    assert opened.call_count == 1

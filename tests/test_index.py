"""The front door: filling an index, searching it, and what goes wrong."""

from __future__ import annotations

import copy
import gc
import json
import mmap
import multiprocessing
import os
import pickle
import random
import signal
import threading
import time
import unicodedata
import weakref
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta, timezone
from functools import partial
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vnsearch
import vnsearch.ranking.collection
import vnsearch.ranking.search
import vnsearch.recent
import vnsearch.results
import vnsearch.text.analyzer
from vnsearch import Boolean, Date, Keyword, Number, Schema, Stored, Text, codec
from vnsearch.codec import format
from vnsearch.codec.format import SegmentFile
from vnsearch.codec.verify import verify
from vnsearch.query.understand import understand
from vnsearch.ranking.plan import Plan

ARTICLES: list[dict[str, Any]] = [
    {
        "id": "a",
        "title": "Giá vàng tăng mạnh",
        "body": "Giá vàng trong nước tăng mạnh. Người dân xếp hàng mua vàng từ sáng sớm.",
        "published": "2021-05-03",
        "section": "Kinh doanh",
        "tags": ["vàng", "tài chính"],
        "views": 120,
    },
    {
        "id": "b",
        "title": "Đội tuyển bóng đá về nước",
        "body": "Đội tuyển bóng đá quốc gia về nước sau trận thắng. Huy chương vàng thuộc về họ.",
        "published": "2021-12-20",
        "section": "Thể thao",
        "tags": ["bóng đá"],
        "views": 900,
    },
    {
        "id": "c",
        "title": "Lịch nghỉ Tết",
        "body": "Học sinh được nghỉ Tết hai tuần. Đường sắt tăng thêm tàu.",
        "published": "2022-01-10T08:30:00+07:00",
        "section": "Thời sự",
        "tags": ["tết", "đường sắt"],
    },
]


@pytest.fixture
def index(tmp_path: Path) -> vnsearch.Index:
    opened = vnsearch.create_index(tmp_path / "index")
    opened.add(ARTICLES)
    return opened


def ids(results: vnsearch.Results) -> list[str]:
    return [hit.id for hit in results]


# Filling


def test_an_index_counts_holds_and_gives_back(index: vnsearch.Index) -> None:
    assert len(index) == 3
    assert "a" in index
    assert "z" not in index
    assert 7 not in index
    document = index.document("a")
    assert document is not None
    assert document["title"] == "Giá vàng tăng mạnh"
    assert document["published"] == datetime(2021, 5, 3)
    assert document["extra"] == {"views": 120}
    assert index.document("z") is None
    assert [one["id"] for one in index.documents()] == ["a", "b", "c"]


def test_one_article_need_not_stand_in_a_list(index: vnsearch.Index) -> None:
    assert index.add({"id": "x", "body": "mưa"}) == 1
    assert index.add(vnsearch.Article(id="y", title="", body="mưa")) == 1
    assert index.update(vnsearch.Article(id="y", title="gió", body="mưa")) == 1
    assert ids(index.search("mưa", sort="id")) == ["x", "y"]
    assert ids(index.search("gió")) == ["y"]


def test_the_same_id_replaces(index: vnsearch.Index) -> None:
    index.add([{"id": "a", "title": "Mới", "body": "mới"}, {"id": "a", "title": "Mới hơn"}])
    assert len(index) == 3
    assert index.document("a") == {"id": "a", "title": "Mới hơn"}
    assert ids(index.search("giá vàng tăng mạnh", operator="and")) == []


def test_lone_surrogates_are_replaced_in_extra(index: vnsearch.Index) -> None:
    index.add([{"id": "d", "k\ud800": ["\udfff", "\ud83d\ude00"], "extra": {"\ud800": 1}}])
    assert index.document("d") == {
        "id": "d",
        "extra": {"k\ufffd": ["\ufffd", "😀"], "\ufffd": 1},
    }


def test_what_is_refused_is_told_with_the_place_it_was_read_from(
    index: vnsearch.Index, tmp_path: Path
) -> None:
    long = "x" * 9000
    rows: list[dict[str, object]] = [{"id": "good"}, {"id": "s", "section": long}, {"id": long}]
    source = tmp_path / "a.jsonl"
    source.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    with pytest.raises(
        vnsearch.SchemaError, match=r"a\.jsonl:2: article 's': field 'section' takes at most"
    ):
        index.add(vnsearch.read_articles(source))
    refused: list[Exception] = []
    read = (article for article in vnsearch.read_articles(source))  # as a caller may pick some
    assert index.add(read, on_error=refused.append) == 1
    assert [getattr(error, "place", "") for error in refused] == [f"{source}:2", f"{source}:3"]
    assert all(str(error).startswith(f"{source}:") for error in refused)


def test_what_is_refused_may_be_skipped(index: vnsearch.Index, tmp_path: Path) -> None:
    rows = [{"id": "a", "title": "mới"}, {"id": "s", "section": "x" * 9000}, {"id": "b"}]
    source = tmp_path / "a.jsonl"
    source.write_text("\n".join(map(json.dumps, rows)) + "\n{", "utf-8")
    with vnsearch.read_articles(source, on_error="skip") as reader:
        assert index.add(reader, on_error="skip") == 2
    assert [place for place, _ in reader.report.skipped] == [f"{source}:2", f"{source}:4"]
    assert reader.report.skipped[0][1].startswith("article 's': field 'section' takes at most")
    assert "s" not in index
    assert len(index) == 3
    bad = {"id": "a", "title": "đổi", "published": "hôm qua"}
    assert index.add([bad, {"id": "d"}], on_error="skip") == 1
    assert index.update([bad, {"id": "d", "title": "đổi"}, 7], on_error="skip") == 1  # type: ignore[list-item]
    assert [(index.document(one) or {}).get("title") for one in "ad"] == ["mới", "đổi"]
    seen: list[Exception] = []
    assert index.update([{"id": "d", "title": "nữa"}, bad], on_error=seen.append) == 1
    assert [str(error)[:22] for error in seen] == ["no. 2: article 'a': fi"]
    with vnsearch.read_articles(source, on_error="skip") as reader:
        assert index.add(reader, on_error=seen.append) == 2
    assert (reader.report.skipped_count, len(seen)) == (2, 2)
    assert verify(index.path).ok


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        ({"id": "a", "published": "hôm qua"}, "no. 2: article 'a': field 'published' takes"),
        ({"title": "Vàng"}, "no. 2: an article needs an 'id'"),
        ({"id": 10**5000}, "no. 2: article of a long number: field 'id' takes no number of so"),
        (7, "no. 2: an article is an Article or a mapping, not int"),
    ],
)
@pytest.mark.parametrize("method", ["add", "update"])
def test_what_is_refused_is_told_with_its_number_among_others(
    index: vnsearch.Index, method: str, bad: Any, told: str
) -> None:
    given = [{"id": "d", "title": "Một"}, bad]
    with pytest.raises((vnsearch.ArticleError, vnsearch.SchemaError)) as caught:
        getattr(index, method)(given)
    assert str(caught.value).startswith(told)
    assert caught.value.place == ""
    assert "d" not in index


def test_update_finds_an_id_however_it_is_given(index: vnsearch.Index) -> None:
    index.add([{"id": 7, "title": "Bảy"}, {"id": "x\ud800", "title": "Lạ"}])
    index.update({"id": 7, "section": "Số"} for _ in range(2))
    index.update([{"id": "x\ud800", "a": 1}, {"id": "x\ufffd", "b": 2}])
    assert index.document("7") == {"id": "7", "title": "Bảy", "section": "Số"}
    assert index.document("x\ufffd") == {
        "id": "x\ufffd",
        "title": "Lạ",
        "extra": {"a": 1, "b": 2},
    }
    assert 10**5000 not in index


def test_update_keeps_what_it_does_not_name(index: vnsearch.Index) -> None:
    assert index.update([{"id": "a", "section": "Vàng"}, {"id": "d", "title": "Thêm"}]) == 2
    document = index.document("a")
    assert document is not None
    assert document["section"] == "Vàng"
    assert document["title"] == "Giá vàng tăng mạnh"
    assert document["extra"] == {"views": 120}
    assert ids(index.search("giá vàng", operator="and")) == ["a"]
    assert "d" in index


def test_update_keeps_no_more_than_the_writer(
    index: vnsearch.Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And an article that is changed twice keeps both changes, whatever was written between."""
    alive: list[int] = []
    kept: weakref.WeakSet[dict[str, Any]] = weakref.WeakSet()

    class Fields(dict[str, Any]):
        __hash__ = object.__hash__  # type: ignore[assignment]

    def check(schema: Schema, document: Mapping[str, Any]) -> dict[str, Any]:
        fields = Fields(original(schema, document))
        kept.add(fields)
        return fields

    def changes() -> Iterator[dict[str, Any]]:
        for round in range(2):
            for number in range(60):
                alive.append(len(kept))
                yield {"id": str(number), f"r{round}": number}

    index.add({"id": str(number), "body": "giá vàng"} for number in range(60))
    original = Schema.check
    monkeypatch.setattr(Schema, "check", check)
    monkeypatch.setattr(index, "_store", small := codec.Store(index.path))
    monkeypatch.setattr(small, "writer", partial(small.writer, memory_limit=1))
    assert index.update(changes()) == 120
    assert max(alive) <= 17
    assert max(alive[60:]) > 0
    for number in range(60):
        assert index.document(str(number)) == {
            "id": str(number),
            "body": "giá vàng",
            "extra": {"r0": number, "r1": number},
        }


def test_reading_all_documents_leaves_files_to_be_read_here_and_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    advised: list[str] = []

    def advise(_: object, advice: str, *__: object) -> None:
        if advice != "MADV_WILLNEED":
            advised.append(advice)

    monkeypatch.setattr(format, "_SMALL", 0)
    monkeypatch.setattr(format, "_advise", advise)
    with vnsearch.create_index(tmp_path / "index") as index:
        index.add(ARTICLES)
        assert len(list(index.documents())) == len(ARTICLES)
        assert advised[-2:] == ["MADV_NORMAL", "MADV_RANDOM"]
        reading = index.documents()
        next(reading)
        assert advised[-1] == "MADV_NORMAL"
        del reading
        assert advised[-1] == "MADV_RANDOM"


def test_update_removes_what_is_none(index: vnsearch.Index) -> None:
    given = {"more": 1, "other": 2}
    index.add([{"id": "d", "title": "Một", "section": "Vàng", "views": 5, "extra": given}])
    index.update([{"id": "d", "section": None, "views": None, "more": None}])
    assert index.document("d") == {"id": "d", "title": "Một", "extra": {"other": 2}}
    index.update([{"id": "d", "other": None}])
    assert index.document("d") == {"id": "d", "title": "Một"}
    assert given == {"more": 1, "other": 2}


@pytest.mark.parametrize("field", [Text(), Keyword(), Stored()])
def test_a_field_named_extra_is_not_written_over(
    tmp_path: Path, field: Text | Keyword | Stored
) -> None:
    with vnsearch.create_index(tmp_path / "index", Schema(extra=field)) as index:
        index.add([{"id": "a", "extra": "giá vàng"}])
        with pytest.raises(vnsearch.SchemaError, match="there is no field 'more'"):
            index.add([{"id": "a", "extra": "giá bạc", "more": 1}])
        assert index.document("a") == {"id": "a", "extra": "giá vàng"}


def test_text_that_is_not_stored_is_found_but_not_shown(tmp_path: Path) -> None:
    schema = Schema(title=Text(), body=Text(boost=0.5, stored=False))
    given = {"id": "a", "title": "Giá vàng", "body": ["Người dân", "xếp hàng mua"], "more": 1}
    with vnsearch.create_index(tmp_path / "index", schema) as index:
        index.add([given, {"id": "b", "title": "Xếp hàng"}])
    with vnsearch.open_index(tmp_path / "index") as index:
        assert index.schema["body"] == Text(boost=0.5, stored=False)
        [hit] = index.search('"hàng mua"')
        assert hit.fields == {"id": "a", "title": "Giá vàng", "extra": {"more": 1}}
        assert hit.snippet == "Giá vàng"
        with pytest.raises(vnsearch.SchemaError, match="'body' is not stored"):
            index.update([{"id": "a", "title": "Khác"}])
        assert index.update([{"id": "a", "title": "Khác", "body": "đứng đợi"}]) == 1
        assert index.update([{"id": "c", "title": "Mới"}]) == 1
        assert index.update([{"id": "b", "title": "Đợi chờ"}]) == 1  # it never had a body
        assert ids(index.search("khác đợi", operator="and")) == ["a"]
        index.optimize()
    assert verify(tmp_path / "index").ok
    with pytest.raises(vnsearch.SchemaError, match="stored must be true or false"):
        Schema(body=Text(stored=0))  # type: ignore[arg-type]


def test_delete_and_optimize(index: vnsearch.Index) -> None:
    assert index.delete(["a", "nowhere"]) == 1
    assert len(index) == 2
    assert index.search("vàng").total == 1
    index.optimize()
    stats = index.stats()
    assert (stats["articles"], stats["deleted"], stats["segments"]) == (2, 0, 1)
    assert ids(index.search("vàng")) == ["b"]
    assert index.delete("b") == 1


def test_an_article_in_an_exception_leaves_the_index_as_it_was(index: vnsearch.Index) -> None:
    def broken() -> Any:
        yield {"id": "x", "title": "x"}
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        index.add(broken())
    with pytest.raises(vnsearch.SchemaError, match=r"'y'.*'title'"):
        index.add([{"id": "x"}, {"id": "y", "title": 5}])
    assert len(index) == 3
    assert "x" not in index


def nested(lists: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(lists - 1):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("article", "says"),
    [
        ({"title": "không có id"}, "id"),
        ({"id": ""}, "id"),
        ({"id": "x", "title": 3.5}, "title"),
        ({"id": "x", "published": "hôm qua"}, "published"),
        ({"id": "x", "tags": [1.5]}, "tags"),
        ({"id": "x", "other": object()}, "other"),
        ({"id": "x", "other": nested(102)}, "more than 100 lists"),
        ({"id": 10**5000}, "so many digits"),
        ({"id": "x", "tags": [10**5000]}, "tags.* so many digits"),
        ("một chuỗi", "str"),
    ],
    ids=lambda value: value if isinstance(value, str) else "article",
)
def test_a_bad_article_is_named(index: vnsearch.Index, article: Any, says: str) -> None:
    with pytest.raises(vnsearch.VnsearchError, match=says):
        index.add([article])
    assert len(index) == 3
    seen: list[Exception] = []
    assert index.add([article, {"id": "ok"}], on_error=seen.append) == 1
    assert len(seen) == 1


def test_odd_characters_are_kept_harmless(index: vnsearch.Index) -> None:
    index.add([{"id": "odd", "title": "a\x00b \ud800 c", "body": "lạ \udfff lùng \x00"}])
    document = index.document("odd")
    assert document is not None
    assert "\x00" in document["title"]
    assert document["title"] == "a\x00b \ufffd c"
    assert ids(index.search("lạ lùng")) == ["odd"]
    index.add([{"id": "lạ \ud800", "title": "\ud83d\ude00"}])
    document = index.document("lạ \ud800")
    assert document is not None
    assert (document["id"], document["title"]) == ("lạ \ufffd", "😀")


def test_progress_counts(index: vnsearch.Index) -> None:
    seen: list[int] = []
    index.add([{"id": str(number)} for number in range(5)], progress=seen.append)
    assert seen == [1, 2, 3, 4, 5]


def test_create_and_open_say_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(vnsearch.IndexNotFoundError):
        vnsearch.open_index(tmp_path / "nowhere")
    with pytest.raises(vnsearch.IndexNotFoundError):
        vnsearch.open_index(tmp_path)
    vnsearch.create_index(tmp_path / "index").close()
    with pytest.raises(vnsearch.IndexExistsError):
        vnsearch.create_index(tmp_path / "index")


def test_a_closed_index_says_so(index: vnsearch.Index) -> None:
    with index:
        pass
    with pytest.raises(vnsearch.IndexClosedError):
        index.search("vàng")


def test_files_are_let_go_of_without_the_garbage_collector(
    tmp_path: Path, seed_articles: list[vnsearch.Article]
) -> None:
    vnsearch.create_index(tmp_path / "index").add(seed_articles)
    gc.disable()
    try:
        index = vnsearch.open_index(tmp_path / "index")
        hit = index.search('"phong chong" dich* covid~1')[0]
        assert hit.snippet
        assert hit.explain()
        assert index.more_like(hit.id)
        assert index.suggest("phong ch")
        assert index.suggest("công tác phòng ch")
        file = weakref.ref(index._current().collection.segments[0].file)
        del hit
        index.close()
        assert file() is None
    finally:
        gc.enable()


def test_a_second_writer_is_refused_or_waits(index: vnsearch.Index) -> None:
    other = vnsearch.open_index(index.path)
    started, go_on = threading.Event(), threading.Event()

    def slow() -> Any:
        yield {"id": "slow"}
        started.set()
        assert go_on.wait(30)

    thread = threading.Thread(target=lambda: index.add(slow()))
    thread.start()
    assert started.wait(30)
    with pytest.raises(vnsearch.IndexLockedError):
        other.add([{"id": "late"}])
    assert len(other) == 3  # readers see the generation before
    threading.Timer(0.2, go_on.set).start()
    assert other.add([{"id": "late"}], timeout=30) == 1
    thread.join()
    assert {"slow", "late"} <= {one["id"] for one in other.documents()}
    assert "late" in index


def test_commits_between_two_ticks_of_the_clock_are_seen(
    index: vnsearch.Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their files may have the same time, length and even inode number."""
    stat, commit = os.stat, str(index.path / "vnsearch.json")
    same = stat(commit)

    def coarse(path: Any, **options: Any) -> os.stat_result:
        return same if path == commit else stat(path, **options)

    monkeypatch.setattr(os, "stat", coarse)
    assert len(index) == 3
    with vnsearch.open_index(index.path) as other:
        other.delete("a")
        assert len(index) == 2
        other.delete("b")
        assert len(index) == 1


def test_a_commit_of_a_while_ago_is_not_read_again(
    index: vnsearch.Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.utime(index.path / "vnsearch.json", (0, 0))
    assert len(index) == 3
    assert len(index) == 3

    def read(store: codec.Store) -> None:
        raise AssertionError("read again")

    monkeypatch.setattr(codec.Store, "read", read)
    assert len(index) == 3


def _read_all(path: str, stop: Any, answers: Any) -> None:
    with vnsearch.open_index(path) as index:
        seen = 0
        while True:
            last = stop.is_set()
            count = len(index)
            found = index.search("bài", limit=1000)
            if not seen <= count <= found.total or found.total % 10:
                answers.put(f"{seen} {count} {found.total}")
                return
            seen = count
            if last:
                answers.put(seen)
                return


def test_readers_in_other_processes_see_whole_generations(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    stop, answers = context.Event(), context.Queue()
    with vnsearch.create_index(tmp_path / "index") as index:
        readers = [
            context.Process(target=_read_all, args=(str(index.path), stop, answers))
            for _ in range(2)
        ]
        for reader in readers:
            reader.start()
        for batch in range(12):
            index.add({"id": f"{batch}-{n}", "body": f"bài số {n}"} for n in range(10))
        stop.set()
        assert [answers.get(timeout=60) for _ in readers] == [120, 120]
        for reader in readers:
            reader.join()


def _forked(answer: Callable[[], object]) -> object:
    """Return what a function answers in a process forked now, None if it never does."""
    ends = os.pipe()
    child = os.fork()
    if child == 0:
        signal.alarm(20)  # and no handler: it ends the process
        os.write(ends[1], pickle.dumps(answer()))
        os._exit(0)
    os.close(ends[1])
    with open(ends[0], "rb") as answers:
        said = answers.read()
    os.waitpid(child, 0)
    return pickle.loads(said) if said else None


fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")


@fork
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork")
def test_a_process_forked_while_threads_search_may_search(
    index: vnsearch.Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = vnsearch.results.Answer.total
    counting, go_on = threading.Event(), threading.Event()

    def slowly(answer: vnsearch.results.Answer) -> int:
        if threading.current_thread() is not threading.main_thread():
            with vnsearch.text.analyzer._lock, vnsearch.recent._lock:
                counting.set()
                go_on.wait(60)
        return count(answer)

    monkeypatch.setattr(vnsearch.results.Answer, "total", slowly)
    thread = threading.Thread(target=lambda: index.search("vàng").total)
    thread.start()
    assert counting.wait(60)

    def search() -> tuple[int, str]:
        results = index.search("huy chuong")
        return results.total, results[0].snippet

    found = _forked(search)
    go_on.set()
    thread.join()
    assert found == search()


@fork
def test_a_process_forked_while_another_writes_holds_no_lock(index: vnsearch.Index) -> None:
    asleep: list[int] = []

    def articles() -> Iterator[dict[str, str]]:
        asleep.append(os.fork())
        if asleep[0] == 0:
            time.sleep(60)
            os._exit(0)
        yield {"id": "new", "body": "một"}

    try:
        index.add(articles())
        index.add([{"id": "newer", "body": "hai"}])
    finally:
        os.kill(asleep[0], signal.SIGKILL)
        os.waitpid(asleep[0], 0)
    assert len(index) == len(ARTICLES) + 2


@fork
def test_a_forked_process_does_not_give_its_parents_lock_back(index: vnsearch.Index) -> None:
    with index.store.writer() as writer:
        assert _forked(writer.close) is None
        with pytest.raises(vnsearch.IndexLockedError):
            index.delete(["a"])


def test_another_directory_becomes_the_current_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path)
    with vnsearch.create_index("index") as index:
        monkeypatch.chdir("other")
        vnsearch.create_index("index").close()
        index.add(ARTICLES)
        assert index.search("vàng").total == 2
        assert index.whoosh.doc_count() == index.stats()["articles"] == len(ARTICLES)
        assert index.path == tmp_path / "index"
    assert len(vnsearch.open_index("index")) == 0


def test_an_index_is_pickled_as_its_place(index: vnsearch.Index) -> None:
    index.parameters = vnsearch.Parameters(k1=1.2)
    again = pickle.loads(pickle.dumps(index))
    assert again.path == index.path
    assert again.parameters == index.parameters
    assert [hit.id for hit in again.search("vàng")] == [hit.id for hit in index.search("vàng")]
    results = index.search("vàng")
    for tied in (results, results[0]):
        for copied in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(TypeError, match="open index"):
                copied(tied)
    index.close()
    with pytest.raises(vnsearch.IndexClosedError):
        pickle.dumps(index)


# Searching


QUERIES = {
    "vàng": {"a", "b"},
    "gia vang": {"a", "b"},
    "GIÁ VÀNG": {"a", "b"},
    '"giá vàng"': {"a"},
    '"gia vang"': {"a"},
    "vàng -giá": {"b"},
    "vàng NOT giá": {"b"},
    "+vàng +bóng": {"b"},
    "vàng AND bóng": {"b"},
    "tết OR bóng": {"b", "c"},
    "(tết OR bóng) AND nghỉ": {"c"},
    "title:vàng": {"a"},
    'section:"Thể thao"': {"b"},
    "published:[2021-01-01 TO 2021-12-31]": {"a", "b"},
    "published:2022": {"c"},
    "published:>2021-06-01": {"b", "c"},
    "vàng published:2021-05": {"a", "b"},
    "+vàng +published:2021-05": {"a"},
    "tuy*": {"b"},
    "tuyể*": {"b"},
    "tuyến~1": {"b"},
    "*": {"a", "b", "c"},
    "-vàng": {"c"},
    "xylophone-zebra": set(),
    "ddường sắt": {"c"},
    "dduwowngf sawts": {"c"},
    "d9uo7ng2 sa81t": {"c"},
    "hoc sinh": {"c"},
}


def test_the_first_of_many_that_begin_so(tmp_path: Path) -> None:
    """However many are asked for: a few are found in another way than all."""
    with vnsearch.create_index(tmp_path / "i") as index:
        index.add({"id": str(number), "title": f"t{number % 7} x"} for number in range(700))
        index.delete([str(number) for number in range(0, 700, 5)])
        for query, wanted in ("t*", range(7)), ("t2~1", range(7)):
            every = [str(n) for n in range(700) if n % 5 and n % 7 in wanted]
            for limit in (1, 255, 256, 257, 400, 700):
                assert [hit.id for hit in index.search(query, limit=limit)] == every[:limit]


@pytest.mark.parametrize("query", QUERIES)
def test_queries_find(index: vnsearch.Index, query: str) -> None:
    results = index.search(query)
    found = {hit.id for hit in results}
    if query in ("gia vang", "vàng published:2021-05", "tuyến~1"):
        assert found >= QUERIES[query]
    else:
        assert found == QUERIES[query]
    assert results.total == len(found)


def test_nfd_is_nfc(index: vnsearch.Index) -> None:
    import unicodedata

    for form in ("NFC", "NFD", "NFKD"):
        assert ids(index.search(unicodedata.normalize(form, '"giá vàng"'))) == ["a"]


@pytest.mark.parametrize("space", ["\n", "\r\n", "\t", "\u2028", "\u00a0", "  "])
@pytest.mark.parametrize("query", ["công tác phòng chống dịch", "cong tac phong chong dich"])
def test_a_query_of_several_lines_is_one_query(
    seed_index: vnsearch.Index, query: str, space: str
) -> None:
    found = [(hit.id, hit.score) for hit in seed_index.search(query)]
    apart = seed_index.search(query.replace(" ", space))
    assert [(hit.id, hit.score) for hit in apart] == found


def test_operator_and(index: vnsearch.Index) -> None:
    assert ids(index.search("vàng nước")) == ["a", "b"] or index.search("vàng nước").total == 2
    assert ids(index.search("vàng bóng", operator="and")) == ["b"]
    for ask in (index.document, index.more_like, lambda one: index.delete([one])):
        with pytest.raises(TypeError, match="id is text"):
            ask(5.0)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({"section": "Thể thao"}, {"b"}),
        ({"section": ["Thể thao", "Thời sự"]}, {"b", "c"}),
        ({"published": (date(2021, 6, 1), None)}, {"b", "c"}),
        ({"published": (None, "2021-06-01")}, {"a"}),
        ({"published": (None, date(2022, 1, 10))}, {"a", "b", "c"}),  # the day is whole
        ({"published": ("2021-05-04", "2022-01-10")}, {"b", "c"}),
        ({"published": (None, "2022-01-10T01:29")}, {"a", "b"}),
        ({"published": (None, datetime(2022, 1, 10, 1, 30))}, {"a", "b", "c"}),
        ({"published": "2022-01-10"}, {"c"}),
        ({"published": [date(2022, 1, 10), date(2021, 5, 3)]}, {"a", "c"}),
        ({"published": (None, date(9999, 12, 31))}, {"a", "b", "c"}),
        ({"tags": "bóng đá"}, {"b"}),
        (["section=Thời sự"], {"c"}),
        (['section="Thời sự"'], {"c"}),
        (["section!=Thời sự"], {"a", "b"}),
        (["published>=2021-12-20", "section=Thể thao"], {"b"}),
        ("published<2021-06-01", {"a"}),
        (["published=2021"], {"a", "b"}),
        ({"section": []}, set()),
    ],
)
def test_where(index: vnsearch.Index, where: Any, expected: set[str]) -> None:
    assert set(ids(index.search("*", where=where))) == expected
    assert {hit.id for hit in index.search("vàng nghỉ", where=where)} == expected


@pytest.mark.parametrize(
    "options",
    [
        {"where": {"nothing": 1}},
        {"where": {"body": "x"}},
        {"where": ["published"]},
        {"where": ["published>=tomorrow"]},
        {"where": ["section>a"]},
        {"where": {"published": (1, 2, 3)}},
        {"sort": "nothing"},
        {"sort": "body"},
        {"facets": ["body"]},
        {"fields": ["section"]},
        {"fields": []},
        {"fields": {}},
        {"fields": {"body": 0}},
        {"fields": {"body": float("inf")}},
        {"fields": {"body": "2"}},
    ],
)
def test_fields_that_do_not_fit_are_named(index: vnsearch.Index, options: dict[str, Any]) -> None:
    with pytest.raises(vnsearch.SchemaError):
        index.search("vàng", **options)


def test_sort_and_pages(index: vnsearch.Index) -> None:
    assert ids(index.search("*", sort="published")) == ["a", "b", "c"]
    assert ids(index.search("*", sort="-published")) == ["c", "b", "a"]
    assert ids(index.search("*", sort=["section", "-published"])) == ["a", "b", "c"]
    assert ids(index.search("*", sort="-published", limit=1, offset=1)) == ["b"]
    assert len(index.search("*", sort="id", limit=10**30)) == 3
    for no_names in ([5], [None], 5):
        with pytest.raises(vnsearch.SchemaError, match="to sort by"):
            index.search("*", sort=no_names)  # type: ignore[arg-type]
        with pytest.raises(vnsearch.SchemaError, match="to count by"):
            index.search("*", facets=no_names)  # type: ignore[arg-type]
        with pytest.raises(vnsearch.SchemaError, match="a filter is written field=value, not"):
            index.search("*", where=no_names)  # type: ignore[arg-type]
    results = index.search("*", limit=2)
    assert (len(results), results.total, results.pages) == (2, 3, 2)
    assert [hit.rank for hit in index.search("*", limit=2, offset=2)] == [3]
    assert index.search("vàng", limit=0).total == 2
    with pytest.raises(ValueError, match="limit"):
        index.search("vàng", limit=-1)
    with pytest.raises(TypeError, match="limit"):
        index.search("vàng", limit=None)  # type: ignore[arg-type]
    for wrong in ({"understand": "x"}, {"highlight": "bold"}, {"operator": "xor"}):
        with pytest.raises(ValueError, match="one of"):
            index.search("vàng", **wrong)  # type: ignore[arg-type]


def test_a_field_called_score_is_one_to_sort_by(tmp_path: Path) -> None:
    schema = Schema(body=Text(), score=Number())
    with vnsearch.create_index(tmp_path / "index", schema) as index:
        index.add({"id": str(n), "body": "mưa " * (3 - n), "score": n} for n in range(3))
        assert ids(index.search("mưa", sort="-score")) == ["2", "1", "0"]
        assert ids(index.search("mưa", sort="score")) == ["0", "1", "2"]


def test_facets(index: vnsearch.Index) -> None:
    facets = index.search("vàng", facets=["section", "tags", "published"]).facets
    assert facets["section"] == {"Kinh doanh": 1, "Thể thao": 1}
    assert facets["tags"] == {"bóng đá": 1, "tài chính": 1, "vàng": 1}
    assert facets["published"] == {"2021": 2}
    assert index.search("vàng", facets="section", limit=0).facets["section"]["Thể thao"] == 1


def test_two_changes_in_one_call_do_what_two_calls_do(tmp_path: Path) -> None:
    changes: list[dict[str, Any]] = [
        {"id": "2", "foo": 5},
        {"id": "2", "extra": {"foo": 7}},
        {"id": "2", "bar": 1},
    ]
    for name, calls in ("one", [changes]), ("many", [[change] for change in changes]):
        with vnsearch.create_index(tmp_path / name) as made:
            made.add([{"id": "2", "foo": 1, "title": "giữ"}])
            for call in calls:
                made.update(call)
            extra = {"foo": 7, "bar": 1}
            assert made.document("2") == {"id": "2", "title": "giữ", "extra": extra}


def test_an_article_with_a_keyword_in_two_forms_is_counted_once(tmp_path: Path) -> None:
    both = ["tiếng", unicodedata.normalize("NFD", "tiếng")]
    schema = vnsearch.Schema(tags=vnsearch.Keyword(multi=True))
    with vnsearch.create_index(tmp_path / "i", schema) as made:
        made.add([{"id": "1", "tags": both}, {"id": "2", "tags": both[1:]}, {"id": "3"}])
        made.add([{"id": "4", "tags": both}, {"id": "5", "tags": both}])
        made.delete(["5"])
        assert made.search("*", facets=["tags"]).facets == {"tags": {"tiếng": 3}}


def test_keywords_are_the_same_with_their_marks_composed_or_apart(tmp_path: Path) -> None:
    composed = "Thời sự"
    apart = unicodedata.normalize("NFD", composed)
    with vnsearch.create_index(tmp_path / "index") as made:
        made.add([{"id": "c", "section": composed}, {"id": "a", "section": apart}])
        for value in (composed, apart):
            for found in (
                made.search(f'section:"{value}"'),
                made.search(f"section:{value.split()[0]}*"),
                made.search("*", where={"section": value}),
                made.search("*", where=f"section={value}"),
            ):
                assert [hit.id for hit in found] == ["c", "a"]
        assert made.search("*", facets=["section"]).facets == {"section": {composed: 2}}
        assert [hit.fields["section"] for hit in made.search("*")] == [composed, apart]


def test_facets_of_numbers_are_exact(tmp_path: Path) -> None:
    values = [1234567, 1234568, 1234568.0, 2**53, 0, -0.0, 1.5, -3, 1e20, 0.1]
    with vnsearch.create_index(tmp_path, Schema(views=Number())) as index:
        index.add({"id": str(n), "views": value} for n, value in enumerate(values))
        assert index.search("*", facets=["views"]).facets["views"] == {
            "0": 2,
            "1234568": 2,
            "-3": 1,
            "0.1": 1,
            "1.5": 1,
            "1234567": 1,
            "1e+20": 1,
            "9007199254740992": 1,
        }


def test_threads_see_a_new_generation_whole(
    index: vnsearch.Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.add([{"id": "d", "body": "Giá vàng hôm nay"}])
    made = vnsearch.ranking.collection.FieldView

    def search() -> int:
        return len(index.search("vàng", fields=["body"]))

    seen: list[int] = []

    def slow(*arguments: Any) -> Any:
        if not seen:  # another thread searches while this one gets the fields ready
            seen.append(-1)
            thread = threading.Thread(target=lambda: seen.append(search()))
            thread.start()
            thread.join()
        return made(*arguments)

    monkeypatch.setattr(vnsearch.ranking.collection, "FieldView", slow)
    assert search() == 3
    assert seen == [-1, 3]


def test_hits(index: vnsearch.Index) -> None:
    hit = index.search("gia vang tang")[0]
    assert (hit.rank, hit.id, hit.title) == (1, "a", "Giá vàng tăng mạnh")
    assert hit.published == datetime(2021, 5, 3)
    assert hit.score > 0
    assert "«Giá" in hit.snippet
    assert hit.fields["section"] == "Kinh doanh"
    assert "hit" in repr(hit).lower()
    html = index.search("gia vang tang", highlight="html")[0].snippet
    assert "<mark>" in html
    assert "<mark>" not in index.search("gia vang", highlight=None)[0].snippet


@pytest.mark.parametrize(
    ("query", "snippet"),
    [
        ("title:phòng", "«phòng» dịch"),
        ("title:phò*", "«phòng» dịch"),
        ("title:phòng~", "«phòng» dịch"),
        ("title:phòng body:bệnh", "Bàn về dịch «bệnh» ở phòng khám."),
        ("title:phong benh", "Bàn về dịch «bệnh» ở phòng khám."),
        ('title:"phòng dịch" bàn', "«Bàn» về dịch bệnh ở phòng khám."),
        ("body:phòng title:dịch", "Bàn về dịch bệnh ở «phòng» khám."),
        ("phòng title:dịch", "Bàn về dịch bệnh ở «phòng» khám."),
        ("phòng", "Bàn về dịch bệnh ở «phòng» khám."),
        ("title:phòng phòng", "Bàn về dịch bệnh ở «phòng» khám."),
        ("ph*", "Bàn về dịch bệnh ở «phòng» khám."),
    ],
)
def test_what_is_asked_of_a_field_is_marked_there_only(
    tmp_path: Path, query: str, snippet: str
) -> None:
    with vnsearch.create_index(tmp_path) as index:
        index.add([{"id": "1", "title": "phòng dịch", "body": "Bàn về dịch bệnh ở phòng khám."}])
        assert [hit.snippet for hit in index.search(query)] == [snippet]
        only = index.search("phòng", fields=["title"])
        assert [hit.snippet for hit in only] == ["«phòng» dịch"]


@pytest.mark.parametrize("query", ["đườ*", "duongf~1", "đường", '"đường sắt"'])
def test_the_same_passage_is_shown_without_marks(tmp_path: Path, query: str) -> None:
    with vnsearch.create_index(tmp_path / "index") as index:
        body = "Trời mưa to. " * 40 + "Ga nằm bên đường sắt cũ. " + "Trời lại nắng. " * 40
        index.add({"id": "a", "title": "Ga Vinh", "body": body})
        marked = index.search(query)[0].snippet
        assert "«đường" in marked
        bare = index.search(query, highlight=None)[0].snippet
        assert bare == marked.replace("«", "").replace("»", "")


def test_a_loose_phrase_is_marked_in_snippets(index: vnsearch.Index) -> None:
    before = "Nhà báo viết bài hay. " * 40
    index.add([{"id": "l", "body": before + "Lũ quét sáng nay ở miền núi."}])
    (hit,) = index.search('"lũ ở miền"~5')
    assert "«Lũ» quét sáng nay «ở» «miền»" in hit.snippet


def test_what_a_word_may_stand_for_counts_less_in_snippets_than_what_was_typed(
    tmp_path: Path,
) -> None:
    between = "Hôm nay trời mưa to, gió lớn ở nhiều nơi. " * 6
    body = f"Toàn quận có 8.646 F0. {between}Công an huyện họp."
    with vnsearch.create_index(tmp_path / "index", vnsearch.Schema(body=Text())) as index:
        index.add({"id": str(n), "body": "Hôm nay trời mưa."} for n in range(9))
        index.add([{"id": "a", "body": body}])
        assert "«F0»" in index.search("F0 của CA")[0].snippet  # "CA" may mean "công an"
        assert index.search("của CA")[0].snippet == "«Công an» huyện họp."


@pytest.mark.parametrize("query", ["vàng", '"giá vàng"', "và*", "*", "-nghỉ"])
def test_pages_of_any_size(index: vnsearch.Index, query: str) -> None:
    index.add([{"id": "d", "body": "Giá vàng hôm nay"}])  # a second segment
    found = ids(index.search(query, limit=100))
    assert found
    assert ids(index.search(query, limit=10**30)) == found
    assert ids(index.search(query, offset=10**30)) == []
    assert ids(index.search(query, limit=0)) == []


def test_what_weighs_nothing_still_answers(index: vnsearch.Index) -> None:
    for query, total in (("vàng^0", 2), ("và*^0", 2), ('"giá vàng"^0', 1), ("nghỉ vàng^0", 3)):
        results = index.search(query)
        assert (len(results), results.total) == (total, total)
        assert [hit.explain().value for hit in results] == [hit.score for hit in results]
    assert ids(index.search("nghỉ vàng^0")) == ["c", "a", "b"]


def test_wrong_arguments_are_refused(index: vnsearch.Index, tmp_path: Path) -> None:
    with pytest.raises(TypeError):
        index.understand(None)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="mode"):
        index.understand("vàng", mode="x")  # type: ignore[arg-type]
    for wrong in ({"understand": "x"}, {"operator": "xor"}):
        with pytest.raises(ValueError, match="one of"):
            index.explain("vàng", "a", **wrong)  # type: ignore[arg-type]
    for write in (index.add, index.update):
        with pytest.raises(ValueError, match="on_error is 'raise', 'skip' or a function"):
            write([], on_error="ignore")  # type: ignore[arg-type]
    for workers in (1.5, "2", True):
        with pytest.raises(TypeError, match="workers is a whole number"):
            index.add([], workers=workers)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="limit"):
        index.suggest("v", limit=-1)
    with pytest.raises(vnsearch.SchemaError, match="boost"):
        index.search("v", fields={"title": 10**400})
    with pytest.raises(ValueError, match="limit"):
        index.more_like("a", limit=-1)
    with pytest.raises(ValueError, match="highlight"):
        index.more_like("a", highlight="bold")  # type: ignore[arg-type]
    assert ids(index.more_like("a", limit=0)) == []
    with pytest.raises(vnsearch.SchemaError, match="dict"):
        vnsearch.create_index(tmp_path / "other", {"a": Text()})  # type: ignore[arg-type]


@pytest.mark.parametrize("path", ["", "a\0b", "\ud800", b"index", 3, None, [], True])
@pytest.mark.parametrize(
    "use",
    [
        vnsearch.create_index,
        vnsearch.open_index,
        vnsearch.verify_index,
        vnsearch.repair_index,
        partial(vnsearch.convert_index, path="other"),
    ],
)
def test_what_can_be_no_directory_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, use: Callable[[Any], object], path: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    vnsearch.create_index(".").close()  # which an empty path is not short for
    if isinstance(path, str):
        with pytest.raises(vnsearch.SearchIndexError, match="is no path of a directory"):
            use(path)
    else:
        with pytest.raises(TypeError, match=f"path of a directory, not {type(path).__name__}"):
            use(path)


@pytest.mark.parametrize("timeout", [float("nan"), -1, -float("inf"), "5", None])
def test_a_timeout_is_a_length_of_time(index: vnsearch.Index, timeout: Any) -> None:
    writing: list[Callable[[], object]] = [
        lambda: index.add([{"id": "d"}], timeout=timeout),
        lambda: index.update([{"id": "d"}], timeout=timeout),
        lambda: index.delete(["a"], timeout=timeout),
        lambda: index.optimize(timeout=timeout),
        lambda: index.whoosh.writer(timeout=timeout),
        lambda: vnsearch.repair_index(index.path, timeout=timeout),
    ]
    with index.store.writer():
        for write in writing:
            with pytest.raises((TypeError, ValueError), match="timeout takes"):
                write()


@pytest.mark.parametrize("timeout", [float("inf"), 10**400])
def test_a_timeout_may_be_for_ever(index: vnsearch.Index, timeout: float) -> None:
    writer = index.store.writer()
    threading.Timer(0.05, writer.close).start()
    assert index.delete(["a"], timeout=timeout) == 1


def test_did_you_mean_and_suggest(index: vnsearch.Index) -> None:
    index.add({"id": f"d{n}", "body": "đường sắt bắc nam"} for n in range(5))
    assert index.search("duong sat").did_you_mean == "đường sắt"
    assert index.search("đường sắt").did_you_mean is None
    assert "đường sắt" in index.suggest("duong s")
    assert index.suggest("đườ")[0].startswith("đường")
    understood = index.understand("duong sat")
    assert understood.text == "đường sắt"
    assert understood.reasons("vi")
    assert index.search("duong sat", understand="off").total == 0


@pytest.mark.parametrize(
    ("query", "meant"),
    [("dduowngf sawts", "đường sắt"), ("duongsat", "đường sắt"), ("dduowngf", "đường")],
)
def test_did_you_mean_is_the_same_when_it_is_only_suggested(
    index: vnsearch.Index, query: str, meant: str
) -> None:
    index.add({"id": f"d{n}", "body": "đường sắt bắc nam"} for n in range(5))
    for mode in ("auto", "suggest"):
        assert index.search(query, understand=mode).did_you_mean == meant
    assert index.search("bắc nam", understand="suggest").did_you_mean is None


def test_what_is_only_suggested_is_not_read_before_it_is_asked_for(
    index: vnsearch.Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.add({"id": f"d{n}", "body": "đường sắt bắc nam"} for n in range(5))
    modes: list[str] = []

    def spy(text: str, stats: Any, mode: Any, table: Any) -> Any:
        modes.append(mode)
        return understand(text, stats, mode, table)

    monkeypatch.setattr("vnsearch.index.understand", spy)
    results = index.search("duong sat", understand="suggest")
    assert modes == ["suggest"]
    assert results.did_you_mean == "đường sắt"
    assert modes == ["suggest", "auto"]


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        ("duong sat", "đường sắt"),
        ("duong sat -covid", "đường sắt -covid"),
        ('title:x AND "duong sat"', 'title:x AND "đường sắt"'),
        ("published:[2020-01-01 TO 2021-12-31]", None),
        ("section:duong", None),
        ("id:a AND source:b", None),
        ("duo*", None),
        ("+(duong sat) NOT nam", "+(đường sắt) NOT nam"),
    ],
)
def test_only_words_are_respelt(index: vnsearch.Index, query: str, meant: str | None) -> None:
    index.add({"id": f"d{n}", "body": "đường sắt bắc nam"} for n in range(5))
    assert index.search(query).did_you_mean == meant


def test_explain_adds_up(index: vnsearch.Index) -> None:
    for query in ("giá vàng", "gia vang", '"giá vàng" nước', "vàng published:2021", "và*"):
        for hit in index.search(query):
            explanation = index.explain(query, hit.id)
            assert explanation.value == hit.score
            assert explanation.value == pytest.approx(sum(p.value for p in explanation.parts))
            assert str(explanation).count("\n") == len(explanation.parts)
            assert explanation.render("vi") != str(explanation)
    with pytest.raises(vnsearch.SchemaError):
        index.explain("vàng", "nowhere")


def test_explain_says_what_does_not_match(tmp_path: Path) -> None:
    with vnsearch.create_index(tmp_path) as index:
        index.add(
            [
                {"id": "1", "title": "phòng dịch", "body": "dịch bệnh"},
                {"id": "2", "title": "vàng", "body": "giá vàng phòng"},
            ]
        )
        operators: dict[str, Literal["or", "and"]] = {"vàng phòng": "and"}
        queries = ("vàng", "phòng -dịch", "vàng AND dịch", "+vàng phòng", '"bệnh vàng"', "", "*:*")
        for query in (*queries, *operators):
            operator = operators.get(query, "or")
            hits = ids(index.search(query, operator=operator))
            for name in ("1", "2"):
                said = index.explain(query, name, operator=operator)
                assert ("does not match" in said.text) == (name not in hits)
                assert ("không khớp" in said.text_vi) == (name not in hits)
                assert name in hits or (said.value, said.parts) == (0.0, ())


def test_explain_adds_up_after_the_window(tmp_path: Path) -> None:
    with vnsearch.create_index(tmp_path, parameters=vnsearch.Parameters(window=2)) as index:
        index.add({"id": str(n), "body": "giá vàng " * n + "tăng"} for n in range(1, 7))
        for query in ("giá vàng", "gia vang", "giá vàng -nghỉ", "giá (vàng AND tăng)"):
            hits = index.search(query).hits
            assert len(hits) == 6
            for hit in hits:
                explanation = hit.explain()
                assert explanation.value == hit.score
                assert sum(part.value for part in explanation.parts) == hit.score
            # asked of the article itself, everything counts
            assert index.explain(query, hits[-1].id).value > hits[-1].score


def test_more_like(index: vnsearch.Index) -> None:
    index.add([{"id": "d", "title": "Vàng", "body": "Giá vàng hôm nay tăng, dân mua vàng."}])
    assert ids(index.more_like("a"))[0] == "d"
    assert "a" not in ids(index.more_like("a"))
    with pytest.raises(vnsearch.SchemaError):
        index.more_like("nowhere")


@pytest.mark.parametrize(
    "query",
    [
        "", " ", "*", "***", '"', '"""', "field:", "title:", "published:", "published:[", "((((",
        "))))", "AND", "OR OR", "NOT", "-", "+", "--", "^", "~", "a~", "a^", "[", "{a TO", "😀",
        "مرحبا بالعالم", "\x00", "\ud800", "a" * 100_000, "vàng " * 20_000, "(" * 5_000 + "vàng",
        "-" * 3_000, "vàng~9", "published:[2021 TO]", "title:(", "*:*", "a:b:c:d", "\u200b",
        "e\u0301" * 50, "vàng^99999999",
    ],
)  # fmt: skip
def test_whatever_is_typed_is_a_query(index: vnsearch.Index, query: str) -> None:
    results = index.search(query)
    assert results.total >= len(results)
    for hit in results:
        assert isinstance(hit.snippet, str)
    assert results.did_you_mean is None or isinstance(results.did_you_mean, str)
    with pytest.raises(TypeError):
        index.search(query.encode("utf-8", "replace"))  # type: ignore[arg-type]


@given(st.text(max_size=60))
@settings(max_examples=150)
def test_any_text_is_a_query(seed_index: vnsearch.Index, query: str) -> None:
    results = seed_index.search(query, limit=5)
    assert len(results) <= 5
    assert results.total >= len(results)


def test_strict_queries_point_at_the_character(index: vnsearch.Index) -> None:
    with pytest.raises(vnsearch.QueryError) as caught:
        index.search("vàng (bóng", strict=True)
    assert caught.value.position == 5
    assert index.search("vàng AND bóng", strict=True).total == 1


# Schemas


def test_custom_schema(tmp_path: Path) -> None:
    schema = Schema(
        name=Text(boost=3.0),
        notes=Text(),
        price=Number(),
        sold=Boolean(),
        made=Date(),
        kind=Keyword(),
        raw=Stored(),
    )
    with vnsearch.create_index(tmp_path / "index", schema) as index:
        index.add(
            [
                {"id": 1, "name": "Xe đạp", "price": 1.5, "sold": True, "raw": {"a": [1, None]}},
                {"id": 2, "name": "Xe máy", "price": 20, "sold": False, "kind": "máy"},
                {"id": 3, "notes": ["xe cũ", "còn tốt"], "price": -3, "made": date(1999, 1, 2)},
            ]
        )
        assert set(ids(index.search("xe"))) == {"1", "2", "3"}
        assert ids(index.search("price:[0 TO 10]")) == ["1"]
        assert ids(index.search("*", sort="-price")) == ["2", "1", "3"]
        assert ids(index.search("*", where={"sold": True})) == ["1"]
        assert ids(index.search("*", where=["sold=false"])) == ["2"]
        assert ids(index.search("sold:true")) == ["1"]
        assert ids(index.search("kind:máy")) == ["2"]
        assert ids(index.search("made:1999")) == ["3"]
        assert ids(index.search('"cũ còn"')) == []  # no phrase runs from one value into the next
        assert index.search("*", facets=["sold", "price"]).facets["sold"] == {"false": 1, "true": 1}
        document = index.document("1")
        assert document is not None
        assert document["raw"] == {"a": [1, None]}
    with vnsearch.open_index(tmp_path / "index") as again:
        assert dict(again.schema) == dict(schema)


@pytest.mark.parametrize(
    "fields",
    [{"a b": Text()}, {"x": 5}, {"x": Text}, {"x": Text(boost=0)}, {"id": Text()}, {"1a": Text()}]
    + [{"x": Text(boost=wrong)} for wrong in (float("nan"), float("inf"), 10**400, -1)]
    + [{"x": Keyword(multi="no")}],  # type: ignore[arg-type]
)
def test_schemas_that_make_no_sense_are_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(vnsearch.SchemaError):
        Schema(fields)


@pytest.mark.parametrize("text", ["", "[]", '{"a": 1}', '{"a": {"kind": "code"}}', "[" * 9_999])
def test_schemas_that_are_no_json_of_ours_are_refused(text: str) -> None:
    with pytest.raises(vnsearch.SchemaError):
        Schema.from_json(text)


def test_a_field_may_have_any_name_but_one(tmp_path: Path) -> None:
    """Sections are called by their field: none may be called as another is."""
    names = ["stored", "docs", "terms", "starts", "pairs", "sections", "fields", "schema", "NOT"]
    kinds = Text(), Keyword(), Number(), Date(), Boolean(), Stored()
    values = "xin chào", "xin chào", 5, "2020-01-01", True, {"a": 1}
    for number, (kind, value) in enumerate(zip(kinds, values, strict=True)):
        schema = Schema(dict.fromkeys(names, kind))
        path = tmp_path / f"index{number}"
        if isinstance(kind, Keyword):
            with pytest.raises(vnsearch.SchemaError, match="'stored'"):
                vnsearch.create_index(path, schema)
            assert not path.exists()
            schema = Schema({name: kind for name in names if name != "stored"})
        with vnsearch.create_index(path, schema) as index:
            index.add([{"id": "1"} | dict.fromkeys(schema.keys() - {"id"}, value)])
            index.add([{"id": "2"}])
            index.optimize()
            assert vnsearch.verify_index(path).ok
            document = index.document("1")
            assert document is not None
            assert document.keys() == schema.keys()


@pytest.mark.parametrize(
    "number", [10**400, 10**5000, float("inf"), float("nan")], ids=["long", "longer", "inf", "nan"]
)
def test_a_number_of_no_size_is_refused(tmp_path: Path, number: float) -> None:
    with (
        vnsearch.create_index(tmp_path / "index", Schema(size=Number())) as index,
        pytest.raises(vnsearch.SchemaError, match="article 'x': field 'size'"),
    ):
        index.add([{"id": "x", "size": number}])


def test_a_date_of_another_library_is_kept_as_a_date(tmp_path: Path) -> None:
    class Moment(datetime):
        def isoformat(self, sep: str = "T", timespec: str = "auto") -> str:
            return "a moment"

    class Never(datetime):
        def date(self) -> date:
            raise ValueError("no day")

    with vnsearch.create_index(tmp_path / "index", Schema(made=Date())) as index:
        zone = timezone(timedelta(hours=7))
        index.add([{"id": "x", "made": Moment(2020, 1, 2, 3, tzinfo=zone)}])
        assert index.document("x") == {"id": "x", "made": datetime(2020, 1, 1, 20)}
        with pytest.raises(vnsearch.SchemaError, match="no day"):
            index.add([{"id": "y", "made": Never(2020, 1, 1)}])
        assert vnsearch.verify_index(index.path).ok


# Many small changes


def test_a_life_of_small_changes(tmp_path: Path) -> None:
    """Adds, replacements, deletions and merges in any order leave what a dictionary would."""
    rnd = random.Random(11)
    words = ["nhà", "hà", "nội", "học", "sinh", "đường", "sắt"]
    kept: dict[str, str] = {}
    with vnsearch.create_index(tmp_path / "index") as index:
        for _ in range(60):
            step = rnd.random()
            if step < 0.6:
                batch = {
                    str(rnd.randrange(40)): " ".join(rnd.choices(words, k=rnd.randint(1, 9)))
                    for _ in range(rnd.randint(1, 4))
                }
                index.add({"id": key, "body": body} for key, body in batch.items())
                kept.update(batch)
            elif step < 0.9 and kept:
                gone = rnd.sample(sorted(kept), min(2, len(kept)))
                assert index.delete(gone) == len(gone)
                for key in gone:
                    del kept[key]
            else:
                index.optimize()
            word = rnd.choice(words)
            expected = {key for key, body in kept.items() if word in body.split()}
            results = index.search(word, limit=50, understand="off")
            assert {hit.id for hit in results} == expected
            assert results.total == len(expected)
        assert {one["id"]: one["body"] for one in index.documents()} == kept
        assert vnsearch.verify_index(index.path).ok


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs POSIX permissions")
def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    with pytest.raises(vnsearch.SearchIndexError, match="File name too long"):
        vnsearch.create_index(tmp_path / ("x" * 300))
    with pytest.raises(vnsearch.SearchIndexError):
        vnsearch.create_index(blocked / "index")


# What the system is told


@pytest.mark.skipif(not hasattr(mmap, "MADV_RANDOM"), reason="this system takes no advice")
def test_reading_is_announced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[int, int, int]] = []

    class Mapped(mmap.mmap):
        def madvise(self, option: int, start: int = 0, length: int = 0) -> None:
            told.append((option, start, length))
            super().madvise(option, start, length)

    vnsearch.create_index(tmp_path / "index").add(ARTICLES)
    monkeypatch.setattr(mmap, "mmap", Mapped)
    index = vnsearch.open_index(tmp_path / "index")
    assert ids(index.search("giá vàng"))[:1] == ["a"]
    size = next((tmp_path / "index").glob("*.seg")).stat().st_size
    assert told == [(mmap.MADV_WILLNEED, 0, size)]
    told.clear()
    monkeypatch.setattr("vnsearch.codec.format._SMALL", 1000)  # less than the file
    index = vnsearch.open_index(tmp_path / "index")
    assert ids(index.search("giá vàng"))[:1] == ["a"]
    assert told[0] == (mmap.MADV_RANDOM, 0, size)
    fetched = told[1:]
    assert {option for option, _, _ in fetched} == {mmap.MADV_WILLNEED}
    for _, start, length in fetched:
        assert start % mmap.PAGESIZE == 0
        assert start + length <= size
    told.clear()
    assert len(list(index.documents())) == 3
    assert told[0] == (mmap.MADV_NORMAL, 0, size)
    told.clear()
    assert verify(tmp_path / "index").ok
    assert (mmap.MADV_NORMAL, 0, size) in told


def test_what_a_query_reads_is_announced_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(5)
    words = "giá vàng tăng mạnh bóng đá nghỉ tết học sinh đường sắt người dân nước nhà"
    with vnsearch.create_index(tmp_path / "index") as index:
        index.add(
            {"id": str(number), "body": " ".join(chance.choices(words.split(), k=20))}
            for number in range(400)
        )
        expected = [(hit.id, hit.score) for hit in index.search("học sinh", limit=50)]
    # as if the file were long
    monkeypatch.setattr("vnsearch.codec.format._SMALL", 200)
    monkeypatch.setattr("vnsearch.codec.segment._WINDOW", 1)
    told: list[tuple[str, int, int]] = []
    expect = SegmentFile.expect

    def listening(self: SegmentFile, name: str, start: int, stop: int) -> None:
        told.append((name, start, stop))
        expect(self, name, start, stop)

    monkeypatch.setattr(SegmentFile, "expect", listening)
    index = vnsearch.open_index(tmp_path / "index")
    page = index.search("học sinh", limit=50)
    assert [(hit.id, hit.score) for hit in page] == expected
    (segment,) = index.store.snapshot().segments
    field = segment.text("body")
    assert field is not None
    lists = [
        (name, size * offsets[ordinal], size * offsets[ordinal + 1])
        for ordinal in map(field.lookup, ("học", "sinh"))
        for name, offsets, size in (
            ("body.postings", field.doc_offsets, 4),
            ("body.positions", field.pos_offsets, 1),
        )
    ]
    assert set(lists) <= set(told)
    assert "body.pairs" in {name for name, _, _ in told}
    asked = [(start, stop) for name, start, stop in told if name == "body.joined"]
    for hit in expected:
        base = field.spans[int(hit[0])] // 8
        assert any(start <= base < stop for start, stop in asked)
    told.clear()
    assert [(hit.id, hit.score) for hit in index.search("học sinh", limit=50)] == expected
    assert told == []
    index.search('"đường sắt" tăng')
    assert {name for name, _, _ in told} >= {"body.postings", "body.positions"}


def test_a_system_that_takes_no_advice_answers_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("MADV_RANDOM", "MADV_NORMAL", "MADV_WILLNEED"):
        monkeypatch.delattr(mmap, name, raising=False)
    index = vnsearch.create_index(tmp_path / "index")
    index.add(ARTICLES)
    assert ids(index.search("giá vàng"))[:1] == ["a"]
    assert len(list(index.documents())) == 3


@pytest.mark.parametrize("bodies", [[], [""], ["", ""], ["!!!"]])
def test_an_index_without_a_word_answers(tmp_path: Path, bodies: list[str]) -> None:
    with vnsearch.create_index(tmp_path / "index") as index:
        index.add({"id": str(number), "body": body} for number, body in enumerate(bodies))
        for query in (
            "phòng chống dịch",
            "phong chong dich",
            "phogn",
            "tieesng vieejt",
            "tphcm",
            '"phong chong"',
            "duong*",
            "duong~",
            "+a -b",
            "",
        ):
            results = index.search(query)
            assert (len(results), results.total) == (0, 0)
            assert results.did_you_mean is None
            assert index.understand(query).query == query
            assert index.suggest(query) == []
        assert index.search("*").total == len(bodies)


def test_tuning_of_a_wrong_type_is_refused_when_an_index_is_opened(
    tmp_path: Path, index: vnsearch.Index
) -> None:
    with pytest.raises(TypeError, match=r"parameters are vnsearch\.Parameters, not dict"):
        vnsearch.open_index(index.path, parameters={"k1": 1.2})  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"abbreviations are vnsearch\.Abbreviations, not dict"):
        vnsearch.open_index(index.path, abbreviations={"tp": "thành phố"})  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="parameters are"):
        vnsearch.create_index(tmp_path / "new", parameters=5)  # type: ignore[arg-type]
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        ("title:duong sat", "title:đường sắt"),
        ("duong^2 sat", "đường^2 sắt"),
        ("+duong +sat", "+đường +sắt"),
        ('"duong" sat', '"đường" sắt'),
        ("duong -sat", "đường -sat"),  # what is left out is not respelt, but it tells
        ("duong (sat bac)", "đường (sắt bắc)"),
        ("duong OR sat", "dưỡng OR sát"),  # these do not stand side by side
    ],
)
def test_signs_do_not_part_words_from_their_neighbours(
    index: vnsearch.Index, query: str, meant: str
) -> None:
    index.add({"id": f"d{n}", "body": "đường sắt bắc nam"} for n in range(5))
    index.add({"id": f"e{n}", "body": "dưỡng sinh. dưỡng da, an dưỡng; sát hạch"} for n in range(9))
    index.add({"id": f"f{n}", "body": "sát, sát và sát"} for n in range(9))
    assert index.search(query).did_you_mean == meant


@pytest.mark.parametrize("piece", ["+vàng ", "-vàng ", "vàng^2 ", "title:vàng ", '"giá vàng" '])
def test_a_query_of_many_signs_takes_linear_time(index: vnsearch.Index, piece: str) -> None:
    started = time.thread_time()
    index.search(piece * (10_000 // len(piece))).did_you_mean  # noqa: B018
    assert time.thread_time() - started < 4


def test_a_long_prefix_is_completed_at_its_end(index: vnsearch.Index) -> None:
    before = "gia  vang, " * 100_000
    started = time.thread_time()
    offered = index.suggest(before + "gia v")
    assert index.suggest("v" * 1_000_000) == []
    assert time.thread_time() - started < 1
    assert offered[0].endswith("giá  vàng, giá vàng")
    assert all(one.startswith(before[:-1000]) for one in offered)


def test_a_whole_number_is_an_id_wherever_one_is_taken(tmp_path: Path) -> None:
    with vnsearch.create_index(tmp_path / "index") as index:
        index.add([{"id": 7, "body": "giá vàng"}, {"id": 8, "body": "giá vàng"}])
        assert [one in index for one in (7, "7", 9, True)] == [True, True, False, False]
        assert index.document(7) == {"id": "7", "body": "giá vàng"}
        assert index.explain("giá", 7).value > 0
        assert [hit.id for hit in index.more_like(7)] == ["8"]
        assert index.update([{"id": 7, "title": "Vàng"}]) == 1
        with pytest.raises(TypeError, match="not bytes"):
            index.delete(b"\x07")
        assert index.delete([7, "8"]) == 2
        with pytest.raises(TypeError, match="an id is text"):
            index.document(1.5)  # type: ignore[arg-type]


# -- asked again -------------------------------------------------------------------------------


def page(index: vnsearch.Index, query: str, **options: Any) -> list[tuple[str, float, str]]:
    found = index.search(query, **options)
    return [(hit.id, hit.score, hit.snippet) for hit in found]


ASKED: list[tuple[str, dict[str, Any]]] = [
    ("gia vang", {}),
    ("gia vang", {"understand": "off"}),
    ("gia vang", {"understand": "suggest"}),
    ("gia vang", {"operator": "and"}),
    ("gia vang", {"fields": ["title"]}),
    ("gia vang", {"fields": {"title": 3.0, "body": 1.0}}),
    ("gia vang", {"where": {"section": "Thể thao"}}),
    ("gia vang", {"sort": "-published"}),
    ("gia vang", {"limit": 0}),
    ("gia vang", {"limit": 1, "offset": 1}),
    ("vang", {}),  # read in several ways
    ("vang", {"limit": 1}),
    ('"giá vàng" OR bóng', {}),
    ("bo* vàng", {}),
    ('vàng section:"Thể thao"', {}),
    ("nothing of it", {}),
]


def test_a_query_asked_again_is_answered_as_the_first_time(index: vnsearch.Index) -> None:
    first = [page(vnsearch.open_index(index.path), query, **options) for query, options in ASKED]
    for _ in range(2):
        for (query, options), expected in zip(ASKED, first, strict=True):
            assert page(index, query, **options) == expected
            explained = [hit.explain().value for hit in index.search(query, **options)]
            if "sort" not in options:
                assert explained == pytest.approx([score for _, score, _ in expected])


def test_a_query_asked_again_is_not_planned_again(
    index: vnsearch.Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = page(index, "gia vang")
    with monkeypatch.context() as patch:
        patch.setattr(vnsearch.index, "Planned", None)
        assert page(index, "gia vang", limit=5) == expected
        assert index.search("gia vang").did_you_mean == "giá vàng"
        with pytest.raises(TypeError):
            index.search("gia vang", understand="off")
        with pytest.raises(TypeError):
            index.search("bo* vàng")  # its words are not kept
    index.add([{"id": "new", "title": "Giá vàng", "body": "Giá vàng."}])
    assert "new" in {hit.id for hit in index.search("gia vang")}


def test_what_carried_out_a_plan_carries_it_out_again(index: vnsearch.Index) -> None:
    expected = page(index, "gia vang")
    assert page(index, "gia vang") == expected
    kept: dict[Plan, object] = index._current().searcher._runs._kept  # type: ignore[assignment]
    (plan,) = kept
    run = kept[plan]
    assert page(index, "gia vang", limit=3) == expected[:3]
    assert page(index, "gia vang") == expected
    assert kept[plan] is run
    page(index, "bo* vàng")  # of which the words are looked up
    assert list(kept) == [plan]


def test_a_query_asked_by_several_threads_at_once_is_carried_out_apart(
    index: vnsearch.Index,
) -> None:
    index.add(
        {"id": f"{n}", "title": f"Giá {n}", "body": "giá vàng " * (n % 7)} for n in range(400)
    )
    asked = ["gia vang", "giá vàng", "vang", '"giá vàng" vàng']
    expected = {query: page(vnsearch.open_index(index.path), query) for query in asked}
    wrong: list[str] = []

    def ask() -> None:
        for _ in range(40):
            wrong.extend(query for query in asked if page(index, query) != expected[query])

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_plans_that_list_many_documents_are_not_kept_laid_out(
    index: vnsearch.Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.add({"id": f"{n}", "title": "gia vang", "body": "gia vang hom nay"} for n in range(30))
    expected = page(index, "giá vàng")
    assert [plan.layout for plan in plans_kept(index)] != [None]
    monkeypatch.setattr(vnsearch.ranking.search, "_LIGHT", 29)
    again = vnsearch.open_index(index.path)
    for _ in range(2):
        assert page(again, "giá vàng") == expected
        assert [plan.layout for plan in plans_kept(again)] == [None]
        assert not again._current().searcher._runs._kept


def plans_kept(index: vnsearch.Index) -> list[Plan]:
    return [planned.plan for planned in index._current().planned.values()]


def test_plans_kept_are_few_and_short(index: vnsearch.Index) -> None:
    for number in range(600):
        index.search(f"vàng {number}")
    index.search("vàng " * 100)
    view = index._view
    assert view is not None
    assert len(view.planned) <= 256
    assert all(len(key[0]) <= 200 for key in view.planned)


def test_a_table_of_abbreviations_that_grew_is_asked(tmp_path: Path) -> None:
    table = vnsearch.Abbreviations(builtin=False)
    index = vnsearch.create_index(tmp_path, abbreviations=table)
    index.add([{"id": "1", "title": "", "body": "xa yêu zô"}])
    assert not page(index, "XYZ")
    table.add("XYZ", "xa yêu zô")
    assert page(index, "XYZ")


@pytest.mark.parametrize("query", ["gia vang", "vang", '"giá vàng"', "nothing of it", "bo* vàng"])
def test_plans_kept_do_not_keep_files_open(index: vnsearch.Index, query: str) -> None:
    gc.disable()
    try:
        opened = vnsearch.open_index(index.path)
        for _ in range(2):
            assert all(hit.snippet for hit in opened.search(query))
        file = weakref.ref(opened._current().collection.segments[0].file)
        opened.close()
        assert file() is None
    finally:
        gc.enable()

"""Documents shown again: kept ready, within bounds, and never mixed up."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

import vnsearch
from vnsearch import codec, documents
from vnsearch.documents import Documents

TEXT = "Các phường phát khẩu trang miễn phí cho người dân."


@pytest.fixture
def index(tmp_path: Path) -> vnsearch.Index:
    made = vnsearch.create_index(tmp_path / "index")
    made.add({"id": str(number), "title": f"Tin {number}", "body": TEXT} for number in range(8))
    return made


def test_a_document_shown_last_is_not_read_again(index: vnsearch.Index) -> None:
    segment = codec.Store(index.path).snapshot().segments[0]
    kept = Documents()
    first = kept.get(segment, 3)
    assert kept.get(segment, 3) is first
    assert first.fields == segment.stored(3)
    assert kept.get(segment, 4) is not first


def test_the_one_shown_longest_ago_is_forgotten_first(index: vnsearch.Index) -> None:
    segment = codec.Store(index.path).snapshot().segments[0]
    size = documents._GROWTH * len(segment.stored_fields.json(0))
    kept = Documents(8 * size)
    shown = [kept.get(segment, doc) for doc in range(8)]
    assert kept.get(segment, 0) is shown[0]
    other = codec.Store(index.path).snapshot().segments[0]
    other.id = "another"
    kept.get(other, 0)
    assert kept.get(segment, 0) is shown[0]
    assert kept.get(segment, 2) is shown[2]
    assert kept.get(segment, 1) is not shown[1]


def test_a_huge_document_does_not_push_out_all_others(index: vnsearch.Index) -> None:
    segment = codec.Store(index.path).snapshot().segments[0]
    kept = Documents(documents._GROWTH * len(segment.stored_fields.json(0)))
    assert kept.get(segment, 0) is not kept.get(segment, 0)


def test_what_a_caller_changes_in_a_hit_stays_there(index: vnsearch.Index) -> None:
    index.add([{"id": "x", "body": TEXT, "tags": ["a"], "more": {"deep": [1]}}])
    first = index.search("khẩu trang", where={"id": "x"})[0]
    first.fields["body"] = "khác"
    first.fields["tags"].append("b")
    first.fields["extra"]["more"]["deep"].append(2)
    again = index.search("khẩu trang", where={"id": "x"})[0]
    assert again.fields["body"] == TEXT
    assert again.fields["tags"] == ["a"]
    assert again.fields["extra"] == {"more": {"deep": [1]}}


def test_a_replaced_article_is_shown_as_it_is_now(index: vnsearch.Index) -> None:
    assert "«khẩu»" in index.search("khẩu trang", where={"id": "5"})[0].snippet
    index.add([{"id": "5", "body": "Khẩu hiệu mới."}])
    assert index.search("khẩu", where={"id": "5"})[0].snippet == "«Khẩu» hiệu mới."


def test_threads_share_what_is_kept(index: vnsearch.Index) -> None:
    expected = {query: [hit.snippet for hit in index.search(query)] for query in ("khẩu", "dân")}
    index.close()
    shared = vnsearch.open_index(index.path)
    wrong: list[str] = []

    def ask(query: str) -> None:
        for _ in range(30):
            if [hit.snippet for hit in shared.search(query)] != expected[query]:
                wrong.append(query)

    threads = [threading.Thread(target=ask, args=(query,)) for query in (*expected, *expected)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong

"""Documents shown again: kept ready, within bounds, and never mixed up."""

from __future__ import annotations

import random
import threading
import unicodedata
from collections.abc import Iterable
from pathlib import Path

import pytest

import vnsearch
from vnsearch import codec, documents
from vnsearch.codec.segment import Segment, StoredDocument
from vnsearch.documents import Document, Documents
from vnsearch.errors import IndexCorruptError
from vnsearch.snippets import Sought, StoredText

TEXT = "Các phường phát khẩu trang miễn phí cho người dân."


@pytest.fixture
def index(tmp_path: Path) -> vnsearch.Index:
    made = vnsearch.create_index(tmp_path / "index")
    made.add({"id": str(number), "title": f"Tin {number}", "body": TEXT} for number in range(8))
    return made


def get(kept: Documents, segment: Segment, doc: int) -> Document:
    (document,) = kept.get([(segment.id, doc)], {segment.id: segment})
    return document


def test_a_document_shown_last_is_not_read_again(index: vnsearch.Index) -> None:
    segment = codec.Store(index.path).snapshot().segments[0]
    kept = Documents()
    first = get(kept, segment, 3)
    assert get(kept, segment, 3) is first
    assert first.fields == segment.stored(3)
    assert get(kept, segment, 4) is not first


def test_the_one_shown_longest_ago_is_forgotten_first(index: vnsearch.Index) -> None:
    segment = codec.Store(index.path).snapshot().segments[0]
    size = documents._GROWTH * len(segment.stored_fields.document(0))
    kept = Documents(8 * size)
    shown = [get(kept, segment, doc) for doc in range(8)]
    assert get(kept, segment, 0) is shown[0]
    other = codec.Store(index.path).snapshot().segments[0]
    other.id = "another"
    get(kept, other, 0)
    assert get(kept, segment, 0) is shown[0]
    assert get(kept, segment, 2) is shown[2]
    assert get(kept, segment, 1) is not shown[1]


def test_a_huge_document_does_not_push_out_all_others(index: vnsearch.Index) -> None:
    segment = codec.Store(index.path).snapshot().segments[0]
    kept = Documents(documents._GROWTH * len(segment.stored_fields.document(0)))
    assert get(kept, segment, 0) is not get(kept, segment, 0)


def test_several_are_read_together_and_come_in_order(index: vnsearch.Index) -> None:
    segment = codec.Store(index.path).snapshot().segments[0]
    kept = Documents()
    first = get(kept, segment, 3)
    several = kept.get([(segment.id, doc) for doc in (5, 3, 0)], {segment.id: segment})
    assert [document.fields["id"] for document in several] == ["5", "3", "0"]
    assert several[1] is first
    assert kept.get([], {}) == []


def test_a_hit_tells_nothing_of_a_damaged_one_after_it(
    index: vnsearch.Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = [(hit.id, hit.snippet) for hit in index.search("khẩu trang")]
    parse = Segment.parse_stored

    def damaged(segment: Segment, doc: int, data: bytes) -> StoredDocument:
        if doc == 4:
            raise IndexCorruptError("damaged")
        return parse(segment, doc, data)

    monkeypatch.setattr(Segment, "parse_stored", damaged)
    index.close()
    results = vnsearch.open_index(index.path).search("khẩu trang")
    for place, (identifier, snippet) in enumerate(expected):
        if place == 4:
            with pytest.raises(IndexCorruptError):
                _ = results[place].snippet
        else:
            assert (results[place].snippet, results[place].id) == (snippet, identifier)


PIECES = (
    "Sáng 12/3, Quận ủy Lê Chân họp bàn phòng chống dịch. ",
    "Tham dự có lãnh đạo 15 phường.\n\n",
    "Ông nói: “Phòng dịch là việc của mọi người!” ",
    "TP. Hồ Chí Minh và TP.HCM là một; xem a@b.vn, 0912 345 678 hay C++… ",
    "phong chong dich o quan Le Chan. ",
    "Quận Lê Chân, nơi có đông dân cư, đã yêu cầu các phường phát khẩu trang miễn phí cho người "
    "dân, đo thân nhiệt ở mọi cổng vào, lập đường dây nóng, bố trí chỗ cách ly, và báo cáo hằng "
    "ngày về quận trước 16 giờ để quận báo cáo thành phố phòng chống dịch bệnh theo đúng chỉ đạo "
    "của Thủ tướng. ",
    "漢字。次の文。\u3000Dịch\u00a0bệnh！ ",
    unicodedata.normalize("NFD", "Phường phát khẩu trang. "),
    "Không chấm câu\ndòng sau viết hoa\n ",
    "dịch Quận\n",
    "\U0001f637 khẩu trang? ",
    "\ud800 lẻ. ",
)


@pytest.mark.parametrize("seed", range(3))
def test_a_snippet_by_the_outline_is_that_of_the_whole_text(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    index = vnsearch.create_index(tmp_path / "index")
    for part in range(3):  # segments
        index.add(
            {
                "id": f"{part}-{number}",
                "title": dice.choice(PIECES)[:40],
                "body": "".join(dice.choices(PIECES, k=dice.randrange(1, 15))),
            }
            for number in range(12)
        )
    queries = [
        "phòng chống dịch",
        "phong chong dich",
        '"phòng chống dịch"',
        '"bệnh theo" OR "dịch Quận"~3',
        "khẩu trang cách ly",
        "kh*",
        "quận -tphcm",
        "title:họp body:phường",
        "lê chân 15 phường",
        "phuong~1",
    ]
    vocabulary = Sought({}).vocabulary
    outlines = 0
    for query in queries:
        for highlight in ("text", "html", None):
            found = index.search(query, limit=40, highlight=highlight)
            fresh = vnsearch.open_index(index.path)  # has shown nothing yet
            first = fresh.search(query, limit=40, highlight=highlight)
            expected = []
            for hit in found:
                known = hit._document
                for _ in range(2):  # shown again it is read as a whole
                    known.reading(("body", vocabulary))
                assert not any(isinstance(known.text(name), StoredText) for name in known.fields)
                expected.append(hit.snippet)
            assert [hit.snippet for hit in first] == expected
            outlines += sum(isinstance(hit._document.text("body"), StoredText) for hit in first)
            fresh.close()
    assert outlines > 500


@pytest.mark.parametrize("order", [range(25), range(24, -1, -1), (3, 20, 0, 13, 12, 2, 24)])
def test_hits_may_be_looked_at_in_any_order(tmp_path: Path, order: Iterable[int]) -> None:
    index = vnsearch.create_index(tmp_path / "more")
    index.add({"id": f"{number:02}", "body": f"khẩu trang số {number}"} for number in range(25))
    results = index.search("khẩu", limit=25)
    for place in order:
        hit = results[place]
        if place % 3:
            assert hit.id == f"{place:02}"
        assert hit.snippet == f"«khẩu» trang số {place}"
        assert hit.id == f"{place:02}"


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

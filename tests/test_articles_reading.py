"""Reading articles from files of every kind, and every way a file can be wrong."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import sys
import threading
import unicodedata
from collections.abc import Callable, Iterator
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from vnsearch.articles import Article, ReadReport, read_articles
from vnsearch.articles.records import Fault, Record, csv_records, json_records, jsonl_records
from vnsearch.errors import (
    ArticleError,
    MissingExtraError,
    SourceFormatError,
    SourceNotFoundError,
)

ROWS = [
    {"id": "a1", "title": "Bài một", "body": "Thân bài một"},
    {"id": "a2", "title": "Bài hai", "body": "Thân bài hai\nhai dòng", "views": 3},
]
ARTICLES = [
    Article("a1", "Bài một", "Thân bài một"),
    Article("a2", "Bài hai", "Thân bài hai\nhai dòng", extra={"views": 3}),
]
JSONL = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS)
COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".xz": lzma.compress,
    ".bz2": bz2.compress,
}


def write(path: Path, text: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def ids(*sources: str | Path, **options: object) -> list[str]:
    return [article.id for article in read_articles(*sources, **options)]  # type: ignore[arg-type]


# --- kinds of files -------------------------------------------------------------------------------


@pytest.mark.parametrize("compression", ["", *COMPRESS])
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("x.jsonl", JSONL),
        ("x.NDJSON", "\ufeff" + JSONL.replace("\n", "\r\n\r\n")),
        ("x.json", json.dumps(ROWS)),
        ("x.json", json.dumps(ROWS, indent=2, ensure_ascii=False)),
        ("x.json", json.dumps({"count": 2, "articles": ROWS, "next": None})),
        ("x.json", JSONL),
        ("x.dat", JSONL),
        ("x.dat", json.dumps(ROWS)),
    ],
)
def test_records_of_json(tmp_path: Path, name: str, text: str, compression: str) -> None:
    data = COMPRESS.get(compression, bytes)(text.encode())
    path = write(tmp_path / (name + compression), data)
    assert list(read_articles(path)) == ARTICLES
    assert list(read_articles(str(path))) == ARTICLES


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_rows_of_csv(tmp_path: Path, delimiter: str) -> None:
    cells = [["id", "Tiêu đề", "body", "views"], ["a1", "Bài một", "Thân bài một", ""]]
    text = "\n".join(delimiter.join(row) for row in cells)
    text += delimiter.join(["\na2", "Bài hai", '"Thân ""bài"" hai\nhai dòng"', "3"])
    path = write(tmp_path / "x.csv", text)
    pytest.importorskip("vnsearch.text.encodings")
    assert list(read_articles(path)) == [
        ARTICLES[0],
        Article("a2", "Bài hai", 'Thân "bài" hai\nhai dòng', extra={"views": "3"}),
    ]


def test_a_single_json_object_is_one_article(tmp_path: Path) -> None:
    path = write(tmp_path / "x.json", json.dumps({"id": 7, "title": "t", "data": [1, 2]}))
    assert list(read_articles(path)) == [Article("7", "t", extra={"data": [1, 2]})]


@pytest.mark.parametrize("list_first", [True, False])
@pytest.mark.parametrize("items", [[], [{"type": "image", "src": "1.jpg"}], ["1.jpg"]])
@pytest.mark.parametrize(
    "own",
    [
        {"title": "Giá vàng tăng", "url": "u", "body": "Giá vàng hôm nay"},
        {"Nội dung": "Giá vàng hôm nay"},
        {"id": "a1"},
        {"title": "Giá vàng tăng"},
        {"sapo": "Giá vàng hôm nay"},
    ],
)
def test_an_article_may_have_a_list_of_its_own(
    tmp_path: Path, own: dict[str, str], items: list[object], list_first: bool
) -> None:
    row = {"items": items, **own} if list_first else {**own, "items": items}
    path = write(tmp_path / "x.json", json.dumps(row))
    read = list(read_articles(path))
    assert read == list(read_articles(write(tmp_path / "x.jsonl", json.dumps(row))))
    assert read[0].extra["items"] == items


@pytest.mark.parametrize("items", [ROWS, [{"title": "Bài một"}], [{"description": "Bài một"}]])
def test_a_feed_with_a_title_holds_articles(tmp_path: Path, items: list[object]) -> None:
    about = {"title": "Báo", "description": "Tin mới", "home_page_url": "u"}
    for feed in ({**about, "items": items}, {"items": items, **about}):
        path = write(tmp_path / "x.json", json.dumps(feed))
        assert list(read_articles(path)) == list(
            read_articles(write(tmp_path / "x.jsonl", "\n".join(map(json.dumps, items))))
        )


def test_articles_before_the_damage_of_a_json_document_are_read(tmp_path: Path) -> None:
    damaged = json.dumps({"articles": ROWS})[:-2] + ", {"
    report = ReadReport()
    path = write(tmp_path / "x.json", damaged)
    assert list(read_articles(path, on_error="skip", report=report)) == ARTICLES
    assert report.skipped_count == 1
    path = write(tmp_path / "y.json", '{"body": "Thân bài", "tags": [], "items": [{"id": "a"}, {')
    assert list(read_articles(path, on_error="skip", report=report)) == []
    assert report.skipped_count == 2


def test_a_long_list_is_streamed_and_what_it_hides_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vnsearch.articles.records.HELD", 100)
    rows = [{"id": f"a{number}", "body": "Thân bài"} for number in range(20)]
    path = write(tmp_path / "x.json", json.dumps({"title": "Báo", "data": rows, "next": None}))
    assert ids(path) == [row["id"] for row in rows]
    path = write(tmp_path / "x.json", json.dumps({"data": rows, "body": "Thân bài"}))
    report = ReadReport()
    read = list(read_articles(path, on_error="skip", report=report))
    assert [article.id for article in read] == [row["id"] for row in rows]
    assert [name for name, _ in report.skipped] == [f"{path}:1"]
    assert "'data' holds a long list" in report.skipped[0][1]


def test_a_text_file_is_one_cleaned_article(tmp_path: Path) -> None:
    body = (
        "Sáng 12/3, thành phố họp bàn về công tác phòng chống dịch trên địa bàn các quận nội thành."
    )
    path = write(tmp_path / "bai.viet.txt", f"Thành phố họp khẩn\n12/03/2020 18:51\n{body}\n")
    assert list(read_articles(path)) == [
        Article("bai.viet", "Thành phố họp khẩn", body, published=datetime(2020, 3, 12, 18, 51))
    ]
    (raw,) = read_articles(path, clean=False)
    assert raw.body == path.read_text(encoding="utf-8")
    assert raw.title == ""


def test_the_kind_of_a_nameless_stream_is_told_from_its_beginning() -> None:
    kinds = {
        JSONL: ["a1", "a2"],
        json.dumps(ROWS): ["a1", "a2"],
        "id,title\na1,Bài một\n": ["a1"],
        "Xin chào, các bạn": ["stream"],
        "{không phải json": None,
    }
    for text, expected in kinds.items():
        for stream in (io.StringIO(text), io.BytesIO(text.encode())):
            if expected is None:
                with pytest.raises(SourceFormatError, match="stream:1: not valid JSON"):
                    list(read_articles(stream))
            else:
                assert [article.id for article in read_articles(stream)] == expected
            assert not stream.closed


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    stdin = io.TextIOWrapper(io.BytesIO(gzip.compress(JSONL.encode())))
    monkeypatch.setattr(sys, "stdin", stdin)
    reader = read_articles("-")
    assert reader.bytes_total is None
    assert list(reader) == ARTICLES
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("Một bài viết".encode())))
    assert ids("-") == ["stdin"]
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(SourceNotFoundError, match="standard input is closed"):
        read_articles("-")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"tieu de\nabc")))
    assert [a.id for a in read_articles("-", format="csv")] == ["stdin:2"]


def test_a_format_given_outranks_the_name(tmp_path: Path) -> None:
    path = write(tmp_path / "x.txt", JSONL)
    assert ids(path, format="ndjson") == ["a1", "a2"]


def test_records_stream(tmp_path: Path) -> None:
    """The first article comes before most of the file is read."""
    rows = ({"id": number, "body": "x" * 1000} for number in range(5000))
    path = write(tmp_path / "x.json", json.dumps(list(rows)))
    with read_articles(path) as reader:
        assert next(reader).id == "0"
        assert reader.bytes_total == path.stat().st_size
        assert 0 < reader.bytes_read < reader.bytes_total / 4
        assert sum(1 for _ in reader) == 4999
        assert reader.bytes_read == reader.bytes_total
    assert list(reader) == []


# --- folders, globs, ids --------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path / "b.txt", "Bài b")
    write(tmp_path / "a.txt", "Bài a")
    write(tmp_path / "c" / "a.txt.gz", gzip.compress("Bài a trong c".encode()))
    write(tmp_path / "c" / "d.jsonl", '{"title": "không có id"}\n\n{"title": "cũng không"}\n')
    write(tmp_path / ".hidden" / "e.txt", "ẩn")
    write(tmp_path / ".f.txt", "ẩn")
    write(tmp_path / "picture.png", b"\x89PNG\r\n\x1a\n")
    return tmp_path


def test_a_folder_is_read_in_order_without_hidden_files(folder: Path) -> None:
    report = ReadReport()
    assert ids(folder, report=report) == ["a", "b", "c/a", "d:1", "d:3"]
    assert (report.articles, report.files, report.ignored) == (5, 4, 1)


def test_a_glob(folder: Path) -> None:
    assert ids(f"{folder}/*.txt") == ["a", "b"]
    assert ids(f"{folder}/**/*.jsonl") == ["d:1", "d:3"]
    with pytest.raises(SourceNotFoundError, match="nothing matches"):
        read_articles(f"{folder}/*.csv")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_pipes_and_linked_folders_are_passed_over_and_counted(folder: Path) -> None:
    os.mkfifo(folder / "a-pipe.txt")  # to open it would be to wait for ever
    os.mkfifo(folder / "c" / "pipe.jsonl")
    (folder / "c" / "round").symlink_to(folder, target_is_directory=True)
    (folder / "e.txt").symlink_to(folder / "a.txt")
    (folder / "gone.txt").symlink_to(folder / "nowhere")
    report = ReadReport()
    found = ids(folder, report=report, on_error="skip")
    assert found == ["a", "b", "e", "c/a", "d:1", "d:3"]
    assert report.ignored == 4
    assert [name for name, _ in report.skipped] == [str(folder / "gone.txt")]
    report = ReadReport()
    assert ids(f"{folder}/a*", report=report) == ["a"]
    assert report.ignored == 1


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_a_pipe_that_is_named_is_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.txt"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=("Một bài",))
    writer.start()
    assert ids(pipe) == ["pipe"]
    writer.join()


def test_a_file_named_like_a_glob(tmp_path: Path) -> None:
    assert ids(write(tmp_path / "bài [1].txt", "Một bài")) == ["bài [1]"]


def test_an_id_is_composed_whatever_its_file_name_is(tmp_path: Path) -> None:
    names = [unicodedata.normalize(form, "tin/bài số một") for form in ("NFC", "NFD")]
    for number, name in enumerate(names):
        write(tmp_path / f"{number}" / f"{name}.txt", "Một bài")
    assert ids(tmp_path / "1") == ["bài số một"]
    assert ids(tmp_path) == [f"{number}/{names[0]}" for number in (0, 1)]


def test_a_file_reached_twice_is_read_once(folder: Path) -> None:
    assert ids(folder / "a.txt", folder, f"{folder}/b*")[:2] == ["a", "b"]


def test_stems_that_clash_take_more_of_the_path(tmp_path: Path) -> None:
    write(tmp_path / "a.txt", "Bài")
    write(tmp_path / "a.txt.gz", gzip.compress("Bài".encode()))
    assert ids(tmp_path) == ["a.txt", "a.txt.gz"]
    other = write(tmp_path / "x" / "a.txt", "Bài")
    assert len(set(ids(tmp_path / "a.txt", other))) == 2


def test_bytes_total_is_the_bytes_on_disk(folder: Path) -> None:
    inside = [folder / "a.txt", folder / "b.txt", *(folder / "c").iterdir()]
    assert read_articles(folder).bytes_total == sum(path.stat().st_size for path in inside)
    assert read_articles(io.BytesIO()).bytes_total is None


# --- what cannot be read --------------------------------------------------------------------------


def broken(tmp_path: Path) -> Iterator[tuple[Path, type[ArticleError], str]]:
    """Yield files that hold no article, the error each gives and a word of its message."""
    noise = bytes(range(256)) * 40
    cases: list[tuple[str, str | bytes, str]] = [
        ("cut.jsonl.gz", gzip.compress(JSONL.encode() * 50)[:-20], "damaged or cut short"),
        ("cut.jsonl.xz", lzma.compress(JSONL.encode())[:-20], "damaged or cut short"),
        ("cut.jsonl.bz2", bz2.compress(JSONL.encode())[:-20], "damaged or cut short"),
        ("flip.txt.gz", gzip.compress(b"abc")[:10] + b"\xff\xff\xff", "damaged or cut short"),
        ("lie.txt.gz", "Bài viết", "not a .gz file"),
        ("binary.txt", noise, "binary"),
        ("picture.jsonl", b"\x89PNG\r\n\x1a\n" + noise, "binary"),
        ("empty.txt", " \n", "holds no text"),
        ("headless.csv", "1,2,3\n4,5,6\n", "headless.csv:1: the first line must name"),
        ("twice.csv", "id,id\n1,2\n", "twice.csv:1: two columns are named 'id'"),
        ("quoted.csv", 'id,"ti"tle\n1,2\n', "quoted.csv:1: the first line does not name"),
        ("mac.csv", "id,title\r1,2\r", "mac.csv:1: the first line does not name"),
        ("open.json", '[{"id": 1}', "open.json:1: not valid JSON: expected ','"),
        ("cut.json", '[\n{"id": 1,\n"title": "', "cut.json:3: not valid JSON"),
        ("word.json", "[1]", "word.json:1: an article must be a JSON object, not a number"),
        ("deep.json", "[" * 100_000, "deep.json:1: JSON nested too deeply"),
        ("deep.jsonl", "[" * 100_000, "deep.jsonl:1: JSON nested too deeply"),
        ("list.jsonl", "[1]", "list.jsonl:1: a line must be a JSON object, not an array"),
        ("idless.jsonl", '\n{"id": null}', "idless.jsonl:2: an article's id is empty"),
        ("empty-id.jsonl", '{"id": ""}', "empty-id.jsonl:1: an article's id is empty"),
        ("type.jsonl", '{"id": 1, "title": [2]}', "type.jsonl:1: article '1': title takes text"),
    ]
    for name, content, message in cases:
        yield write(tmp_path / name, content), ArticleError, message


def test_what_is_broken_is_one_clear_error(tmp_path: Path) -> None:
    for path, kind, message in broken(tmp_path):
        with pytest.raises(kind, match=message.replace("'", ".")) as caught:
            list(read_articles(path))
        assert path.name in str(caught.value)
        assert isinstance(caught.value, SourceFormatError) or "id" in message or "type" in message


def test_what_is_broken_is_skipped_and_reported(tmp_path: Path) -> None:
    paths = [path for path, _, _ in broken(tmp_path)]
    heard: list[ArticleError] = []
    report = ReadReport()
    found = list(read_articles(*paths, tmp_path / "none", on_error="skip", report=report))
    assert {article.id for article in found} <= {"a1", "a2", "1"}
    assert report.skipped_count == len(report.skipped) == len(paths) + 1
    assert report.articles == len(found)
    list(read_articles(*paths, on_error=heard.append))
    assert len(heard) == len(paths)


def test_a_malformed_line_is_skipped_alone(tmp_path: Path) -> None:
    path = write(tmp_path / "x.jsonl", '{"id": 1}\n{"id": 2\n{"id": 3}\n')
    with pytest.raises(SourceFormatError, match=r"x\.jsonl:2: not valid JSON"):
        list(read_articles(path))
    report = ReadReport()
    assert ids(path, on_error="skip", report=report) == ["1", "3"]
    assert report.skipped == [(f"{path}:2", "not valid JSON: Expecting ',' delimiter")]


@pytest.mark.parametrize("name", ["x.jsonl", "x.json"])
@pytest.mark.parametrize("number", ["NaN", "-Infinity", "1e999", "-1e999"])
def test_a_number_that_is_none_is_no_value(tmp_path: Path, name: str, number: str) -> None:
    path = write(tmp_path / name, f'{{"id": 1, "n": {number}, "e": 1.5e3}}')
    (article,) = read_articles(path)
    assert article.extra == {"n": None, "e": 1500.0}


def test_an_article_knows_where_it_was_read(tmp_path: Path) -> None:
    rows = write(tmp_path / "x.jsonl", '{"id": 1}\n\n{"id": 2}\n')
    text = write(tmp_path / "y.txt", "Bài")
    places = [article.place for article in read_articles(rows, text)]
    assert places == [f"{rows}:1", f"{rows}:3", str(text)]


def test_a_malformed_row_is_skipped_alone(tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", 'id,title\n1,a\n2,"b"c\n3,d,e\n4,f\n')
    report = ReadReport()
    assert ids(path, on_error="skip", report=report) == ["1", "4"]
    assert [name for name, _ in report.skipped] == [f"{path}:3", f"{path}:4"]


def test_missing_sources_are_found_at_once(tmp_path: Path) -> None:
    with pytest.raises(SourceNotFoundError, match="no such file"):
        read_articles(tmp_path / "none.txt")
    with pytest.raises(SourceNotFoundError, match="no articles in this folder"):
        read_articles(tmp_path)
    with pytest.raises(SourceNotFoundError, match="no such file"):
        read_articles("")
    with pytest.raises(SourceNotFoundError):
        read_articles("a\0b")


def test_a_file_that_may_not_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "x.txt", "Bài")

    def denied(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", denied)
    with pytest.raises(SourceNotFoundError, match=r"x\.txt.*Permission denied"):
        list(read_articles(path))


def test_wrong_use_is_told_at_once(tmp_path: Path) -> None:
    path = write(tmp_path / "x.txt", "Bài")
    with pytest.raises(ValueError, match="on_error"):
        read_articles(path, on_error="ignore")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="format is one of"):
        read_articles(path, format="pdf")
    for name in ("vn9", "rot13", "zlib"):
        with pytest.raises(ValueError, match=f"unknown encoding '{name}'"):
            read_articles(path, encoding=name)
    with pytest.raises(ValueError, match="no field 'headline'"):
        read_articles(path, aliases={"headline": "title"})
    with pytest.raises(TypeError, match="a source is"):
        read_articles(3)  # type: ignore[arg-type]


def test_aliases_reach_the_records(tmp_path: Path) -> None:
    path = write(tmp_path / "x.jsonl", '{"id": 1, "sapo": "Mở", "body": "Thân"}')
    (article,) = read_articles(path, aliases={"body": "sapo+body"})
    assert article == Article("1", body="Mở\n\nThân")


# --- encodings ------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_tells_the_encoding(tmp_path: Path, encoding: str) -> None:
    path = write(tmp_path / "x.jsonl", JSONL.encode(encoding))
    report = ReadReport()
    assert list(read_articles(path, report=report)) == ARTICLES
    assert report.converted == ({} if encoding == "utf-8-sig" else {str(path): (encoding, 0)})


def test_an_encoding_given_is_used_and_reported(tmp_path: Path) -> None:
    path = write(tmp_path / "x.txt", "Đây là tiếng Việt".encode("utf-16-le"))
    report = ReadReport()
    (article,) = read_articles(path, encoding="utf-16-le", report=report)
    assert article.body == "Đây là tiếng Việt"
    assert report.converted == {str(path): ("utf-16-le", 0)}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_a_file_in_another_encoding_than_the_one_given_is_named(
    tmp_path: Path, encoding: str
) -> None:
    bad = write(tmp_path / "a.txt", "Giá vàng hôm nay".encode("utf-16-le") + b"\xff\xff")
    good = write(tmp_path / "b.txt", "Bai".encode(encoding))
    with pytest.raises(SourceFormatError, match=r"a\.txt.*cannot be read as"):
        list(read_articles(bad, encoding=encoding))
    report = ReadReport()
    assert ids(bad, good, encoding=encoding, on_error="skip", report=report) == ["b"]
    assert [name for name, _ in report.skipped] == [str(bad)]
    with bad.open(encoding="utf-16") as stream:
        assert ids(stream, on_error="skip") == []  # type: ignore[arg-type]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("name", ["a.txt", "a.jsonl"])
def test_utf16_is_read_without_its_mark(tmp_path: Path, encoding: str, name: str) -> None:
    row = {"id": "a", "body": "Giá vàng hôm nay tăng mạnh 😀. " * 9}
    text = json.dumps(row, ensure_ascii=False)
    path = write(tmp_path / name, text.encode(encoding))
    report = ReadReport()
    (article,) = read_articles(path, report=report)
    assert "Giá vàng hôm nay tăng mạnh 😀." in article.body
    assert report.converted == {str(path): (encoding, 0)}
    numbers = write(tmp_path / "b.txt", bytes(range(1, 31)).decode("latin-1").encode(encoding) * 9)
    with pytest.raises(SourceFormatError, match="binary"):
        list(read_articles(numbers))


def test_utf8_cut_between_pieces_is_whole(tmp_path: Path) -> None:
    body = "ệ" * 300_000
    path = write(tmp_path / "x.jsonl", json.dumps({"id": 1, "body": body}, ensure_ascii=False))
    assert next(read_articles(path)).body == body


def test_a_damaged_utf8_file_stays_utf8_and_says_what_it_lost(tmp_path: Path) -> None:
    text = "Một bài viết tiếng Việt có đủ dấu\n".encode()
    path = write(tmp_path / "x.txt", text + b"h\xffng\n" + text)
    report = ReadReport()
    (article,) = read_articles(path, report=report)
    assert "h\ufffdng" in article.body
    assert report.converted == {str(path): ("utf-8", 1)}


SENTENCE = "Thường trực Quận ủy tổ chức cuộc họp để chỉ đạo công tác phòng, chống dịch bệnh.\n"
LEGACY = {
    # cp1258 keeps the tone apart from the letter, and all of ASCII as it is.
    "cp1258": unicodedata.normalize("NFD", SENTENCE)
    .replace("a\u0302", "â").replace("e\u0302", "ê").replace("o\u0302", "ô")
    .replace("a\u0323\u0302", "â\u0323").replace("e\u0323\u0302", "ê\u0323")
    .replace("o\u0323\u0302", "ô\u0323").replace("o\u031b", "ơ").replace("u\u031b", "ư")
    .encode("cp1258"),
    "tcvn3": b"Th\xad\xeang tr\xf9c Qu\xcbn \xf1y t\xe6 ch\xf8c cu\xe9c h\xe4p \xae\xd3 ch\xd8 "
    b"\xae\xb9o c\xabng t\xb8c ph\xdfng, ch\xe8ng d\xdech b\xd6nh.\n",
}  # fmt: skip


@pytest.mark.parametrize("encoding", LEGACY)
@pytest.mark.parametrize("copies", [1, 4000])
@pytest.mark.parametrize("kind", ["txt", "jsonl"])
def test_a_legacy_encoding_is_detected_and_reported(
    tmp_path: Path, encoding: str, copies: int, kind: str
) -> None:
    line = LEGACY[encoding]
    if kind == "jsonl":
        line = b'{"id": 1, "body": "' + line.strip() + b'\\n"}\n'
    path = write(tmp_path / f"x.{kind}", line * copies)
    for given_encoding in (None, encoding):
        report = ReadReport()
        bodies = [
            article.body
            for article in read_articles(path, report=report, clean=False, encoding=given_encoding)
        ]
        assert unicodedata.normalize("NFC", "".join(bodies)) == SENTENCE * copies
        assert report.converted == {str(path): (encoding, 0)}


def test_legacy_bytes_late_in_a_file_of_ascii(tmp_path: Path) -> None:
    start = b'{"id": 1, "body": "' + b"x " * 200_000 + b'"}\n'
    path = write(
        tmp_path / "x.jsonl", start + b'{"id": 2, "body": "' + LEGACY["tcvn3"].strip() + b'"}\n'
    )
    assert [article.body for article in read_articles(path)][1] == SENTENCE.strip()


def test_viqr_and_mojibake_pages_are_mended_but_records_left_alone(tmp_path: Path) -> None:
    viqr = "Vie^.t Nam co^.ng ho`a xa~ ho^.i chu? nghi~a, ddo^.c la^.p tu+. do ha.nh phu'c"
    report = ReadReport()
    (article,) = read_articles(write(tmp_path / "x.txt", viqr), report=report)
    assert article.body == "Việt Nam cộng hòa xã hội chủ nghĩa, độc lập tự do hạnh phúc"
    assert list(report.converted.values()) == [("viqr", 0)]
    (article,) = read_articles(write(tmp_path / "x.json", json.dumps({"id": 1, "body": viqr})))
    assert article.body == viqr


# --- HTML -----------------------------------------------------------------------------------------

HTML = """<!DOCTYPE html><html><head><title>Giá vàng hôm nay tăng mạnh - Báo Thử</title>
<meta property="article:published_time" content="2020-03-12T18:51:00+07:00">
<meta property="og:site_name" content="Báo Thử"><meta name="author" content="Nguyễn Hải">
<meta name="keywords" content="vàng, giá vàng"></head><body><nav><a href="/">Trang chủ</a></nav>
<article><h1>Giá vàng hôm nay tăng mạnh</h1>
<p>Sáng 12/3, giá vàng miếng tại các cửa hàng trong nước tăng thêm 500.000 đồng mỗi lượng.</p>
<p>Các chuyên gia nhận định giá vàng sẽ còn biến động mạnh trong những ngày tới vì dịch bệnh.</p>
<p>Trên thế giới, giá vàng giao ngay đứng ở mức 1.640 USD một ounce, giảm so với phiên trước.</p>
</article><div>Tin liên quan</div><ul><li><a href="x">Giá dầu giảm</a></li></ul></body></html>"""


def test_an_html_page(tmp_path: Path) -> None:
    pytest.importorskip("trafilatura")
    (article,) = read_articles(write(tmp_path / "vang.html", HTML))
    assert (article.id, article.title) == ("vang", "Giá vàng hôm nay tăng mạnh")
    assert article.published is not None
    assert article.published.isoformat() == "2020-03-12T18:51:00+07:00"
    assert (article.author, article.source) == ("Nguyễn Hải", "Báo Thử")
    assert article.tags == ("vàng", "giá vàng")
    assert article.body.startswith("Sáng 12/3")
    assert article.body.endswith("so với phiên trước.")
    assert "Giá dầu" not in article.body


def test_html_with_no_article_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("trafilatura")
    with pytest.raises(SourceFormatError, match="no article found"):
        list(read_articles(write(tmp_path / "x.htm", "<html><body></body></html>")))


def test_html_without_the_extra_is_told_plainly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "trafilatura", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'vnsearch\[html\]'"):
        list(read_articles(write(tmp_path / "x.html", HTML)))


# --- the record readers, cut anywhere -------------------------------------------------------------

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
ROWS_OF_ANYTHING = st.lists(st.dictionaries(st.text(max_size=5), VALUES, max_size=4), max_size=5)


def cut(text: str, at: list[int]) -> Iterator[str]:
    places = sorted({0, len(text), *(place % (len(text) + 1) for place in at)})
    return (text[start:end] for start, end in pairwise(places))


@given(ROWS_OF_ANYTHING, st.lists(st.integers(0, 10_000), max_size=30), st.booleans())
def test_json_is_read_alike_however_it_is_cut(
    rows: list[dict[str, object]], at: list[int], indent: bool
) -> None:
    text = json.dumps({"articles": rows}, ensure_ascii=False, indent=2 if indent else None)
    records = list(json_records(cut(text, at)))
    assert [record.fields for record in records if isinstance(record, Record)] == rows
    for record in records:
        assert text.split("\n")[record.line - 1].lstrip().startswith("{")


@given(ROWS_OF_ANYTHING, st.lists(st.integers(0, 10_000), max_size=30))
def test_json_lines_are_read_alike_however_they_are_cut(
    rows: list[dict[str, object]], at: list[int]
) -> None:
    text = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    records = list(jsonl_records(cut(text, at)))
    assert records == [Record(line, row) for line, row in enumerate(rows, 1)]


@given(st.text(alphabet='[]{}",:\\1e-. \nntuda', max_size=40), st.lists(st.integers(0, 40)))
@example("111:\n", [4])
def test_json_faults_are_found_alike_however_it_is_cut(text: str, at: list[int]) -> None:
    whole = list(json_records(iter([text])))
    assert list(json_records(cut(text, at))) == whole
    try:
        json.loads(text)
    except ValueError:
        return
    assert not any(isinstance(record, Fault) and record.fatal for record in whole)


@given(st.text(max_size=200), st.lists(st.integers(0, 200)))
def test_no_text_breaks_the_csv_reader(text: str, at: list[int]) -> None:
    for record in csv_records(cut("id,title\n" + text, at)):
        assert record.line >= 2


def test_a_date_stays_a_date(tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", "id,title,date\n1,a,12/3/2020\n2,b,hôm qua\n")
    first, second = read_articles(path)
    assert first.published == date(2020, 3, 12)
    assert second.published is None
    assert second.extra == {"date": "hôm qua"}


@pytest.mark.parametrize("suffix", ["gz", "xz", "bz2"])
@pytest.mark.parametrize("rows", [40, 4_000])
def test_articles_before_the_damage_of_a_compressed_file_are_read(
    tmp_path: Path, suffix: str, rows: int
) -> None:
    lines = [json.dumps({"id": f"a{n}", "body": f"bài {n * n}"}) for n in range(rows)]
    text = "\n".join(lines).encode()
    # a second stream that breaks off right where it begins
    ways: dict[str, Callable[[bytes], bytes]]
    ways = {"gz": gzip.compress, "xz": lzma.compress, "bz2": bz2.compress}
    compress = ways[suffix]
    path = tmp_path / f"cut.jsonl.{suffix}"
    path.write_bytes(compress(text + b"\n") + compress(text)[:20])
    report = ReadReport()
    found = [article.id for article in read_articles(path, on_error="skip", report=report)]
    assert found == [f"a{n}" for n in range(rows)]
    assert [message for _, message in report.skipped] == [
        "the compressed data is damaged or cut short"
    ]
    with pytest.raises(SourceFormatError, match="damaged or cut short"):
        list(read_articles(path))

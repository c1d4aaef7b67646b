"""Whoosh's own indexes copied into ours."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from whoosh import fields
from whoosh.index import create_in

from vnsearch.errors import (
    IndexCorruptError,
    IndexExistsError,
    IndexNotFoundError,
    SchemaError,
)
from vnsearch.index import open_index
from vnsearch.whoosh.convert import convert_index

ARTICLE = {
    "title": "Phòng dịch",
    "views": 12,
    "made": datetime(2021, 2, 3),
    "open": True,
    "tags": "y-tế, hải phòng",
    "note": {"a": 1},
    "unkept": "không giữ",
}


def whoosh_index(folder: Path, documents: list[dict[str, Any]], **ids: Any) -> Path:
    folder.mkdir()
    schema = fields.Schema(
        title=fields.TEXT(stored=True, field_boost=2.0),
        views=fields.NUMERIC(stored=True),
        made=fields.DATETIME(stored=True),
        open=fields.BOOLEAN(stored=True),
        tags=fields.KEYWORD(stored=True, commas=True),
        note=fields.STORED,
        unkept=fields.TEXT,
        **ids,
    )
    writer = create_in(str(folder), schema).writer()
    for document in documents:
        writer.add_document(**document)
    writer.commit()
    return folder


def test_every_stored_field_is_copied_with_its_kind(tmp_path: Path) -> None:
    documents: list[dict[str, Any]] = [{**ARTICLE, "id": "a"}, {"title": "Hai", "id": "b"}]
    old = whoosh_index(tmp_path / "old", documents, id=fields.ID(unique=True, stored=True))
    assert convert_index(old, tmp_path / "new") == 2
    with open_index(tmp_path / "new") as index:
        assert index.document("b") == {"id": "b", "title": "Hai"}
        copied = index.document("a")
        kept = {name: value for name, value in ARTICLE.items() if name != "unkept"}
        assert copied == {**kept, "id": "a", "tags": ["y-tế", "hải phòng"]}
        assert [hit.id for hit in index.search("phong dich")] == ["a"]
        assert {name: field.kind for name, field in index.schema.items()} == {
            "id": "keyword",
            "title": "text",
            "views": "number",
            "made": "date",
            "open": "boolean",
            "tags": "keyword",
            "note": "stored",
        }


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        ({"path": fields.ID(unique=True, stored=True)}, ["x/y"]),
        ({"path": fields.ID(stored=True)}, ["0"]),
        ({"id": fields.NUMERIC(stored=True)}, ["7"]),
    ],
)
def test_ids(tmp_path: Path, ids: dict[str, Any], expected: list[str]) -> None:
    values = {"path": "x/y", "id": 7}
    document = {"title": "Một", **{name: values[name] for name in ids}}
    convert_index(whoosh_index(tmp_path / "old", [document], **ids), tmp_path / "new")
    with open_index(tmp_path / "new") as index:
        assert [article["id"] for article in index.documents()] == expected


def test_ids_that_repeat_replace_nothing(tmp_path: Path) -> None:
    given = [{"id": "2", "title": "Một"}, {"id": "2", "title": "Hai"}, {"title": "Ba"}]
    old = whoosh_index(tmp_path / "old", given, id=fields.ID(stored=True))
    assert convert_index(old, tmp_path / "new") == 3
    with open_index(tmp_path / "new") as index:
        found = {article["id"]: article["title"] for article in index.documents()}
    assert found == {"2": "Một", "2#1": "Hai", "2#2": "Ba"}


@pytest.mark.parametrize(
    ("kind", "given", "kept"),
    [
        (fields.NUMERIC(Decimal, decimal_places=2, stored=True), Decimal("1.25"), 1.25),
        (fields.NUMERIC(int, stored=True), "12", 12),
        (fields.NUMERIC(float, stored=True), 3, 3),
        (fields.BOOLEAN(stored=True), "yes", True),
        (fields.BOOLEAN(stored=True), "no", False),
        (fields.BOOLEAN(stored=True), 0, False),
        (fields.DATETIME(stored=True), "2020-02", datetime(2020, 2, 1)),
        (fields.DATETIME(stored=True), "20200203", datetime(2020, 2, 3)),
        (fields.DATETIME(stored=True), datetime(2020, 2, 3, 4, 5), datetime(2020, 2, 3, 4, 5)),
    ],
)
def test_values_are_read_as_whoosh_reads_them(
    tmp_path: Path, kind: Any, given: object, kept: object
) -> None:
    """It stores them as they were given."""
    old = whoosh_index(tmp_path / "old", [{"value": given}, {}], value=kind)
    assert convert_index(old, tmp_path / "new") == 2
    with open_index(tmp_path / "new") as index:
        assert list(index.documents()) == [{"id": "0", "value": kept}, {"id": "1"}]


def test_fields_named_by_a_pattern_are_kept(tmp_path: Path) -> None:
    schema: Any = fields.Schema(id=fields.ID(stored=True))
    schema.add("*_t", fields.TEXT(stored=True), glob=True)
    (tmp_path / "old").mkdir()
    with create_in(str(tmp_path / "old"), schema).writer() as writer:
        writer.add_document(id="a", note_t="xin chào")
    assert convert_index(tmp_path / "old", tmp_path / "new") == 1
    with open_index(tmp_path / "new") as index:
        assert index.document("a") == {"id": "a", "extra": {"note_t": "xin chào"}}


def test_what_fails_midway_leaves_nothing_behind(tmp_path: Path) -> None:
    old = whoosh_index(tmp_path / "old", [{"title": "Một", "_stored_title": 5}])
    with pytest.raises(SchemaError, match="'title' takes text"):
        convert_index(old, tmp_path / "new")
    assert not (tmp_path / "new").exists()


# Whoosh leaves a damaged table of contents open.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_what_cannot_be_converted(tmp_path: Path) -> None:
    with pytest.raises(IndexNotFoundError, match="no Whoosh index"):
        convert_index(tmp_path / "none", tmp_path / "new")
    (tmp_path / "empty").mkdir()
    with pytest.raises(IndexNotFoundError, match="no Whoosh index"):
        convert_index(tmp_path / "empty", tmp_path / "new")
    old = whoosh_index(tmp_path / "old", [{"title": "Một"}])
    convert_index(old, tmp_path / "new")
    with pytest.raises(IndexExistsError):
        convert_index(old, tmp_path / "new")
    for toc in old.glob("_MAIN_*.toc"):
        toc.write_bytes(toc.read_bytes()[:40])
    with pytest.raises(IndexCorruptError, match="cannot be opened by Whoosh"):
        convert_index(old, tmp_path / "newer")

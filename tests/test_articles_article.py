"""What an article is, what it refuses, and how one is made of somebody else's record."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vnsearch.articles import Article, article, parse_date
from vnsearch.errors import ArticleError

NESTED: list[object] = []
for _ in range(sys.getrecursionlimit()):
    NESTED = [NESTED]


def test_an_article_needs_only_an_id() -> None:
    assert Article("a") == Article("a", "", "", None, "", "", "", "", (), {})
    assert Article(7).id == "7"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"id": None}, "an article needs an 'id'"),
        ({"id": ""}, "an article's id is empty"),
        ({"id": "  "}, "an article's id is empty"),
        ({"id": 1.5}, "id is text or a whole number, not float"),
        ({"id": True}, "id is text or a whole number, not bool"),
        ({"id": b"a"}, "id is text or a whole number, not bytes"),
        ({"id": "a", "title": 5}, "article 'a': title takes text, not int"),
        ({"id": "a", "body": b"x"}, "article 'a': body takes text, not bytes"),
        ({"id": "a", "published": 5}, "article 'a': published takes a date or datetime, not int"),
        ({"id": "a", "published": "hôm qua"}, "article 'a': published: 'hôm qua' is not a date"),
        ({"id": "a", "tags": "x"}, "article 'a': tags takes a list of text, not str"),
        ({"id": "a", "tags": [1]}, "article 'a': tags takes text, not int"),
        ({"id": "a", "extra": []}, "article 'a': extra takes a mapping, not list"),
        ({"id": "a", "extra": {1: 2}}, "article 'a': extra takes names that are text, not int"),
        ({"id": "a", "extra": {"title": 2}}, "article 'a': extra cannot hold 'title'"),
        ({"id": "a", "extra": {"k": NESTED}}, "article 'a': extra is nested too deeply"),
        ({"id": "a", "published": "0001-01-01T00:00:00+07:00"}, "article 'a': published: "),
    ],
)
def test_a_wrong_value_names_the_article_and_the_field(
    fields: dict[str, object], message: str
) -> None:
    with pytest.raises(ArticleError) as caught:
        Article(**fields)  # type: ignore[arg-type]
    assert message in str(caught.value)


def test_a_long_text_is_taken_and_a_longer_one_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert article.MAX_TEXT_BYTES == 64 * 1024 * 1024
    monkeypatch.setattr(article, "MAX_TEXT_BYTES", 2**20)
    body = "ệ" * (2**20 // 3)
    assert Article("a", body=body).body == body
    with pytest.raises(ArticleError, match=r"article 'a': body has 1 MiB of text, over the limit"):
        Article("a", body=body + "ệệ")


def test_lone_surrogates_are_replaced_and_nul_is_kept() -> None:
    taken = Article("a\ud800", title="x\udfffy", body="\x00\ud83d\ude00", tags=("\ud800",))
    assert (taken.id, taken.title, taken.body) == ("a\ufffd", "x\ufffdy", "\x00😀")
    assert taken.tags == ("\ufffd",)
    given = {"k\ud800": ["\udfff", {"\ud800": 1, "b": "\ud83d\ude00"}], "n": 2}
    assert Article("a", extra=given).extra == {
        "k\ufffd": ["\ufffd", {"\ufffd": 1, "b": "😀"}],
        "n": 2,
    }


def test_none_means_nothing() -> None:
    nothing = dict.fromkeys(("title", "body", "published", "author", "url", "tags", "extra"))
    assert Article("a", **nothing) == Article("a")  # type: ignore[arg-type]


def test_articles_are_immutable_and_hashable() -> None:
    one = Article("a", tags=["x"])  # type: ignore[arg-type]
    assert hash(one) == hash(Article("a", tags=("x",)))
    with pytest.raises(AttributeError):
        one.title = "t"  # type: ignore[misc]


# --- from a mapping -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mapping", "expected"),
    [
        ({"_id": 3, "headline": "t", "content": "b"}, Article("3", "t", "b")),
        ({"id": "a", "Tiêu đề": "t", "Nội dung": "b"}, Article("a", "t", "b")),
        ({"id": "a", "text": "b", "body": "c"}, Article("a", body="c", extra={"text": "b"})),
        ({"id": "a", "text": "b", "body": ""}, Article("a", body="b")),
        ({"id": "a", "Publish-Date": "12/3/2020"}, Article("a", published=date(2020, 3, 12))),
        (
            {"id": "a", "timestamp": 1584013860},
            Article("a", published=datetime(2020, 3, 12, 11, 51, tzinfo=UTC)),
        ),
        (
            {"id": "a", "timestamp": 1584013860000},
            Article("a", published=datetime(2020, 3, 12, 11, 51, tzinfo=UTC)),
        ),
        ({"id": "a", "date": "hôm qua"}, Article("a", extra={"date": "hôm qua"})),
        ({"id": "a", "published": "hôm qua"}, Article("a", extra={"published_raw": "hôm qua"})),
        (
            {"id": "a", "published": "9999-12-31T23:59:59-12:00"},
            Article("a", extra={"published_raw": "9999-12-31T23:59:59-12:00"}),
        ),
        (
            {"id": "a", "published": "?", "date": "12/3/2020"},
            Article("a", published=date(2020, 3, 12), extra={"published_raw": "?"}),
        ),
        ({"id": "a", "tags": "x; y,z"}, Article("a", tags=("x", "y", "z"))),
        ({"id": "a", "keywords": ["x"]}, Article("a", tags=("x",))),
        ({"id": "a", "authors": ["x", "y"]}, Article("a", author="x, y")),
        (
            {"id": "a", "source": {"id": 1, "name": "x"}},
            Article("a", source="x", extra={"source_raw": {"id": 1, "name": "x"}}),
        ),
        ({"id": "a", "link": "u", "category": "s"}, Article("a", url="u", section="s")),
        ({"id": "a", "views": 3, "extra": {"k": 1}}, Article("a", extra={"views": 3, "k": 1})),
        ({"id": "a", "title": None, "tags": []}, Article("a")),
    ],
)
def test_fields_go_by_many_names(mapping: dict[str, object], expected: Article) -> None:
    assert Article.from_mapping(mapping) == expected


def test_a_lead_is_the_body_only_where_there_is_no_other() -> None:
    lead = {"id": "a", "abstract": "Mở đầu", "captions": "Ảnh"}
    assert Article.from_mapping({**lead, "body": "Thân"}) == Article(
        "a", body="Thân", extra={"abstract": "Mở đầu", "captions": "Ảnh"}
    )
    assert Article.from_mapping(lead) == Article("a", body="Mở đầu", extra={"captions": "Ảnh"})
    assert Article.from_mapping({"id": "a", "captions": ["x", "y"]}).body == "x\n\ny"


def test_the_callers_aliases_come_first_and_can_join() -> None:
    mapping = {"id": "a", "ma": "b", "abstract": "Mở", "body": "Thân", "x": "y"}
    assert Article.from_mapping(
        mapping, aliases={"id": "ma", "body": "abstract+body", "title": ("none", "x")}
    ) == Article("b", "y", "Mở\n\nThân", extra={"id_raw": "a"})


def test_a_mapping_without_an_id() -> None:
    assert Article.from_mapping({"title": "t"}, default_id="x:3") == Article("x:3", "t")
    with pytest.raises(ArticleError, match="needs an 'id'"):
        Article.from_mapping({"title": "t"})
    with pytest.raises(ArticleError, match="id is empty"):
        Article.from_mapping({"id": None}, default_id="x:3")


@pytest.mark.parametrize("wrong", [False, 0, 5])
def test_a_body_that_is_no_text_is_refused(wrong: object) -> None:
    with pytest.raises(ArticleError, match="body takes text"):
        Article.from_mapping({"id": "a", "body": wrong, "abstract": "sapo"})


def test_what_is_no_mapping_is_refused() -> None:
    with pytest.raises(ArticleError, match="an article is a mapping, not list"):
        Article.from_mapping([1])  # type: ignore[arg-type]
    with pytest.raises(ArticleError, match="keys are text, not int"):
        Article.from_mapping({1: 2})  # type: ignore[dict-item]


JSON_VALUES = st.none() | st.booleans() | st.integers() | st.text(max_size=8)
KEYS = st.sampled_from(
    ["id", "title", "text", "body", "abstract", "date", "published", "tags", "author", "source",
     "extra", "views", "Tiêu đề", "captions"]
) | st.text(max_size=5)  # fmt: skip


@given(st.dictionaries(KEYS, JSON_VALUES | st.lists(JSON_VALUES, max_size=2), max_size=8))
def test_any_mapping_makes_an_article_or_one_error(mapping: dict[str, object]) -> None:
    try:
        made = Article.from_mapping(mapping, default_id="d")
    except ArticleError:
        return
    assert Article.from_mapping(made.to_dict()) == made
    json.dumps(made.to_dict())


def test_to_dict_is_flat_and_plain() -> None:
    full = Article(
        "a", "t", "b", datetime(2020, 3, 12, 18, 51), "w", "s", "u", "c", ("x",), {"views": 3}
    )
    assert full.to_dict() == {
        "views": 3,
        "id": "a",
        "title": "t",
        "body": "b",
        "published": "2020-03-12T18:51:00",
        "author": "w",
        "source": "s",
        "url": "u",
        "section": "c",
        "tags": ["x"],
    }
    assert Article("a").to_dict() == {"id": "a", "title": "", "body": ""}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2020-03-12", date(2020, 3, 12)),
        ("2020-03-12T18:51:00Z", datetime(2020, 3, 12, 18, 51, tzinfo=UTC)),
        ("Thu, 12 Mar 2020 18:51:00 GMT", datetime(2020, 3, 12, 18, 51, tzinfo=UTC)),
        ("March 12, 2020 6:51 PM", datetime(2020, 3, 12, 18, 51)),
        ("12/03/2020 - 18h51", datetime(2020, 3, 12, 18, 51)),
        ("12 Tháng Mười Hai, 2020", date(2020, 12, 12)),
        ("1584013860", datetime(2020, 3, 12, 11, 51, tzinfo=UTC)),
        ("31/02/2020", None),
        ("12/03/20", None),
        ("3/2020", None),
        ("hôm qua", None),
        ("", None),
        ("12/03/2020" + " " * 200 + "x", None),
    ],
)
def test_dates(text: str, expected: date | None) -> None:
    found = parse_date(text)
    assert (type(found), found) == (type(expected), expected)


@given(st.text(alphabet="0123456789/-.: hngàytháng năm+ZTAM", max_size=30))
def test_no_text_breaks_the_date_reader(text: str) -> None:
    parse_date(text)


def test_importing_articles_is_light() -> None:
    code = (
        "import sys, vnsearch.articles;"
        "print(sorted({m.partition('.')[0] for m in sys.modules} &"
        " {'whoosh', 'numpy', 'sklearn', 'pyvi', 'rich', 'prompt_toolkit', 'trafilatura', 'lxml'}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        cwd=Path(__file__).parent.parent,
    )  # fmt: skip
    assert done.stdout.strip() == "[]"

"""The line-by-line search: each command, and lines from a pipe."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest

from vnsearch.cli import repl
from vnsearch.cli.terminal import Terminal
from vnsearch.errors import QueryError
from vnsearch.schema import ARTICLE_SCHEMA


@dataclass
class FakeHit:
    rank: int
    score: float = 1.5
    snippet: str = "cuộc họp «phòng» dịch"
    published: datetime = datetime(2020, 3, 12, 18, 51)

    @property
    def id(self) -> str:
        return f"bài-{self.rank}"

    @property
    def title(self) -> str:
        return f"Tựa {self.rank}"

    @property
    def fields(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "title": self.title,
            "body": f"Thân bài {self.rank}.\nHết.",
            "source": "báo",
            "tags": ["a", "b"],
            "published": self.published,
            "extra": {"lead": "Mở\nđầu", "media": [{"kind": "ảnh"}], "score": 0.5},
        }

    def explain(self) -> str:
        return f"score {self.score}"


@dataclass
class FakeResults:
    hits: list[FakeHit]
    total: int
    took: float = 0.001
    did_you_mean: str | None = None
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def __iter__(self) -> Iterator[FakeHit]:
        return iter(self.hits)

    def __len__(self) -> int:
        return len(self.hits)


class FakeIndex:
    """Finds twelve articles for any query but a few."""

    schema = ARTICLE_SCHEMA

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def __len__(self) -> int:
        return 12

    def suggest(self, prefix: str) -> list[str]:
        if prefix == "broken":
            raise RuntimeError
        return [prefix + "ng"]

    def search(self, query: str, *, limit: int, offset: int = 0, **options: Any) -> FakeResults:
        self.asked.append({"query": query, "limit": limit, "offset": offset, **options})
        if query == "wrong":
            raise QueryError("no such field")
        if query == "broken":
            raise RuntimeError("oh no")
        if query == "slow":
            raise KeyboardInterrupt
        if query == "không":
            return FakeResults([], 0, did_you_mean="khống")
        ranks = range(offset + 1, min(12, offset + limit) + 1)
        facets = {name: {"Y tế": 7} for name in options.get("facets") or ()}
        return FakeResults([FakeHit(rank) for rank in ranks], 12, facets=facets)


@pytest.fixture
def index() -> FakeIndex:
    return FakeIndex()


@pytest.fixture
def session(index: FakeIndex) -> repl.Repl:
    return repl.Repl(index, Terminal())  # type: ignore[arg-type]


def answer(session: repl.Repl, capsys: pytest.CaptureFixture[str], *lines: str) -> str:
    """Give lines and return what the last one wrote."""
    for line in lines:
        capsys.readouterr()
        assert session.handle(line)
    return capsys.readouterr().out


def test_a_query_lists_numbered_hits(
    session: repl.Repl, capsys: pytest.CaptureFixture[str]
) -> None:
    out = answer(session, capsys, "phong dich")
    assert out.splitlines()[0] == "12 articles in 1.0 ms"
    assert "  1. Tựa 1\n     12/03/2020 18:51 · báo · bài-1\n     cuộc họp «phòng» dịch\n" in out
    assert out.endswith("7 more: :more\n")


def test_more_goes_on_and_then_ends(session: repl.Repl, capsys: pytest.CaptureFixture[str]) -> None:
    out = answer(session, capsys, "x", ":more")
    assert "6. Tựa 6" in out
    assert "5. Tựa 5" not in out
    assert "12. Tựa 12" in answer(session, capsys, ":more")
    assert answer(session, capsys, ":more") == "That was all.\n"
    assert "Tựa 2" in answer(session, capsys, ":open 2")


def test_open_shows_the_article(session: repl.Repl, capsys: pytest.CaptureFixture[str]) -> None:
    out = answer(session, capsys, "x", ":open 3")
    assert out == (
        "\nTựa 3\nid: bài-3\npublished: 12/03/2020 18:51\nsource: báo\ntags: a, b\n"
        'lead: Mở đầu\nmedia: [{"kind": "ảnh"}]\nscore: 0.5\n\n'
        "Thân bài 3.\nHết.\n"
    )


def test_explain_and_facets(
    session: repl.Repl, index: FakeIndex, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "score 1.5" in answer(session, capsys, "x", ":explain 1")
    assert answer(session, capsys, ":facets section") == "\nsection\n      7  Y tế\n"
    answer(session, capsys, ":facets")
    assert index.asked[-1]["facets"] == ["author", "source", "section", "tags"]


def test_where_nothing_has_a_value_that_is_said(
    session: repl.Repl,
    index: FakeIndex,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    empty = FakeResults([], 12, facets={"tags": {}})
    answer(session, capsys, "x")
    monkeypatch.setattr(index, "search", lambda query, **options: empty)
    assert answer(session, capsys, ":facets tags") == "Nothing to count.\n"


def test_lines_are_wrapped_to_the_width_of_the_moment(
    session: repl.Repl, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    explained = "1.5  article 'a' answers with 2 parts\n  0.5  “giá”, as typed: weight 1 × idf 2"
    monkeypatch.setattr(FakeHit, "explain", lambda self: explained)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    for width, shown in [
        (60, "     1.5  article 'a' answers with 2 parts\n       0.5  “giá”, as typed: weight 1"),
        (36, "     1.5  article 'a' answers with 2\n          parts\n       0.5  “giá”, as typed:"),
    ]:
        monkeypatch.setenv("COLUMNS", str(width))
        assert answer(session, capsys, "x", ":explain 1").startswith(shown)


def test_analyze_shows_the_tokens(session: repl.Repl, capsys: pytest.CaptureFixture[str]) -> None:
    out = answer(session, capsys, ":analyze Học sinh TP.HCM")
    assert "học sinh" in out
    assert "0-3" in out
    assert "hcm   (HCM)" in out


@pytest.mark.parametrize(
    ("line", "option", "value"),
    [
        (":set limit 3", "limit", 3),
        (":set where section=Y tế & author=A", "where", ["section=Y tế", "author=A"]),
        (":set sort -published", "sort", "-published"),
        (":set fields title, body", "fields", ["title", "body"]),
        (":set operator and", "operator", "and"),
        (":set understand off", "understand", "off"),
    ],
)
def test_settings_reach_the_search(
    session: repl.Repl,
    index: FakeIndex,
    capsys: pytest.CaptureFixture[str],
    line: str,
    option: str,
    value: object,
) -> None:
    answer(session, capsys, line, "x")
    assert index.asked[-1][option] == value
    assert f"{option:<11} {line.split(' ', 2)[2]}   (" in answer(session, capsys, ":set")
    answer(session, capsys, f":set {option}", "x")
    assert index.asked[-1].get(option, repl.LIMIT) == repl.LIMIT  # gone, or the usual limit


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (":open 1", ":open takes the number of a hit"),
        (":open " + "9" * 5000, ":open takes the number of a hit"),
        (":explain x", ":explain takes the number of a hit"),
        (":more", "Search for something first."),
        (":facets", "Search for something first."),
        (":set limit " + "9" * 5000, "limit takes a number above zero"),
        (":set limit none", "limit takes a number above zero"),
        (":set operator xor", "operator takes or, and"),
        (":set colour red", "No such setting: colour"),
        (":bogus", "No such command: :bogus"),
        (":analyze", ":analyze takes a text"),
        (":set", "limit       5   (a number above zero)"),
        ("wrong", "Sorry: no such field"),
        ("broken", "Sorry: this is a fault of ours: RuntimeError: oh no"),
        ("slow", "Stopped."),
        ("không", "Did you mean: khống\nNothing found."),
        (":help", ":open N"),
        ("", ""),
    ],
)
def test_whatever_is_typed_is_answered_in_words(
    session: repl.Repl, capsys: pytest.CaptureFixture[str], line: str, told: str
) -> None:
    assert told in answer(session, capsys, line)


def test_open_past_the_hits_says_how_many(
    session: repl.Repl, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "1 to 5" in answer(session, capsys, "x", ":open 6")


@pytest.mark.parametrize("line", [":quit", ":q", "  :exit "])
def test_quit_leaves(session: repl.Repl, line: str) -> None:
    assert not session.handle(line)


def test_a_pipe_is_read_line_by_line_without_prompts(
    index: FakeIndex, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("phong\n:open 1\n:quit\nnever\n"))
    repl.run(index, Terminal())  # type: ignore[arg-type]
    out = capsys.readouterr().out
    assert repl.PROMPT not in out
    assert "Thân bài 1." in out
    assert [asked["query"] for asked in index.asked] == ["phong"]


def test_a_person_at_a_plain_terminal_is_prompted(
    index: FakeIndex, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stdin = io.StringIO("phong\n")
    monkeypatch.setattr(stdin, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdin", stdin)
    repl.run(index, Terminal(), plain=True)  # type: ignore[arg-type]
    assert capsys.readouterr().out.count(repl.PROMPT) == 2


def test_history_is_kept_in_the_state_directory(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    kept = repl._history()
    kept.store_string("phòng dịch \ud800")
    assert repl.history_path() == tmp_path / "state" / "vnsearch" / "history"
    assert list(repl._history().load_history_strings()) == ["phòng dịch ?"]


def test_history_that_cannot_be_kept_is_done_without(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    repl._history().store_string("x")
    (tmp_path / "vnsearch" / "history").mkdir(parents=True)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert list(repl._history().load_history_strings()) == []


def typed(index: FakeIndex, keys: str) -> list[str]:
    """Return the lines read when a terminal sends exactly these characters."""
    from prompt_toolkit.application import create_app_session
    from prompt_toolkit.input import create_pipe_input
    from prompt_toolkit.output import DummyOutput

    with create_pipe_input() as pipe, create_app_session(input=pipe, output=DummyOutput()):
        pipe.send_text(keys)
        return list(repl._edited_lines(index))  # type: ignore[arg-type]


@pytest.fixture
def _no_history(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


@pytest.mark.usefixtures("_no_history")
@pytest.mark.parametrize(
    ("keys", "line"),
    [
        ("tiee\x7f\x7fê\x7fếng việt\r", "tiếng việt"),  # backspaces and text in one chunk
        ("tiees\x7f\x7f\x7f\x7f\x7ftiếng\r", "tiếng"),
        ("tie\u0302\u0301ng\r", "tie\u0302\u0301ng"),  # NFD stays as typed
        ("\x1b[200~phòng chống\x1b[201~\r", "phòng chống"),  # bracketed paste
        ("half\x03xong\r", "xong"),  # Ctrl-C leaves the line only
    ],
)
def test_input_methods_and_keys(index: FakeIndex, keys: str, line: str) -> None:
    assert typed(index, keys + "\x04") == [line]


@pytest.mark.usefixtures("_no_history")
@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("duo", [("duong", -3)]),
        ("title:duong sa", [("duong sang", -8)]),
        ('covid -"duo', [("duong", -3)]),
        (":open", []),
        ("broken", []),
        ("a ", [("a ng", -2)]),
        ("", []),
    ],
)
def test_terms_are_completed_from_the_index(
    index: FakeIndex, typed: str, offered: list[tuple[str, int]]
) -> None:
    from prompt_toolkit.application import create_app_session
    from prompt_toolkit.completion import CompleteEvent
    from prompt_toolkit.document import Document
    from prompt_toolkit.input import create_pipe_input
    from prompt_toolkit.output import DummyOutput

    with create_pipe_input() as pipe, create_app_session(input=pipe, output=DummyOutput()):
        completer = repl._session(index).completer  # type: ignore[arg-type]
        assert completer is not None
        found = completer.get_completions(Document(typed), CompleteEvent())
        assert [(completion.text, completion.start_position) for completion in found] == offered

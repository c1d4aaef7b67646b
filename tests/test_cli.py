"""The command line: what it prints, its exit codes, and that no traceback leaves it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from vnsearch import articles
from vnsearch import index as front_door
from vnsearch.cli import main
from vnsearch.cli.arguments import build_parser
from vnsearch.cli.reference import reference
from vnsearch.cli.terminal import columns
from vnsearch.schema import ARTICLE_SCHEMA, Number, Schema

ROOT = Path(__file__).parent.parent
SEEDS = ROOT / "seeds"


class Shell:
    """Runs commands in this process and keeps what they wrote."""

    def __init__(self, capsys: pytest.CaptureFixture[str], index: Path) -> None:
        self.capsys = capsys
        self.index = str(index)
        self.out = self.err = ""

    def __call__(self, *arguments: str) -> int:
        self.capsys.readouterr()
        code = main(arguments)
        self.out, self.err = self.capsys.readouterr()
        assert "Traceback" not in self.err
        return code


@pytest.fixture(scope="session")
def seeds_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cli") / "index"
    with front_door.create_index(path) as index:
        index.add(articles.read_articles(SEEDS))
    return path


@pytest.fixture
def shell(
    capsys: pytest.CaptureFixture[str],
    seeds_index: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Shell:
    monkeypatch.delenv("VNSEARCH_INDEX", raising=False)
    monkeypatch.chdir(tmp_path)
    return Shell(capsys, seeds_index)


def run(*arguments: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
    """Run the command line in a process of its own."""
    options.setdefault("env", {**os.environ, "PYTHONPATH": str(ROOT)})
    return subprocess.run(
        [sys.executable, "-m", "vnsearch", *arguments], capture_output=True, timeout=60, **options
    )


# -- help --------------------------------------------------------------------------------------


def test_the_reference_is_what_the_commands_say() -> None:
    written = (ROOT / "docs" / "CLI.md").read_text("utf-8")
    assert written.split() == reference().split(), (
        "write it anew: python -m vnsearch.cli.reference > docs/CLI.md"
    )


def test_every_command_and_option_is_documented() -> None:
    written = (ROOT / "docs" / "CLI.md").read_text("utf-8")
    commands = re.findall(r"add_parser|command\(\s*\"(\w+)\"", _source("arguments.py"))
    for name in filter(None, commands):
        assert f"## vnsearch {name}\n" in written
    for option in re.findall(r"\"(--[\w-]+)\"", _source("arguments.py")):
        assert option in written


def _source(name: str) -> str:
    return (ROOT / "vnsearch" / "cli" / name).read_text("utf-8")


def test_every_command_has_help_and_a_function() -> None:
    from vnsearch.cli.commands import COMMANDS

    helped = re.findall(r"^    (\w+)  ", build_parser().format_help(), re.MULTILINE)
    assert helped == list(COMMANDS)


@pytest.mark.parametrize("arguments", [["--help"], ["search", "--help"], ["--version"]])
def test_help_is_no_error(shell: Shell, arguments: list[str]) -> None:
    assert shell(*arguments) == 0
    assert "vnsearch" in shell.out
    assert shell.err == ""


# -- search ------------------------------------------------------------------------------------


def test_search_shows_hits_with_marked_snippets(shell: Shell) -> None:
    assert shell("search", "phong chong dich quan le chan", "--index", shell.index) == 0
    assert re.search(r"^  1\. .*Lê Chân", shell.out, re.MULTILINE)
    assert "«phòng»" in shell.out
    assert "\x1b" not in shell.out
    assert shell.err == ""


def test_search_prints_the_promised_json(shell: Shell) -> None:
    query = "phòng chống dịch"
    assert shell("search", query, "--json", "--limit", "2", "--index", shell.index) == 0
    page = json.loads(shell.out)
    assert list(page) == ["query", "total", "took", "did_you_mean", "hits"]
    assert page["query"] == query
    assert page["total"] == 5
    assert [hit["rank"] for hit in page["hits"]] == [1, 2]
    for hit in page["hits"]:
        assert list(hit) == ["rank", "id", "score", "title", "snippet", "fields"]
        assert isinstance(hit["score"], float)
        assert hit["fields"]["body"]


def test_words_of_the_query_may_be_given_apart(shell: Shell) -> None:
    assert shell("search", "trạm", "y", "tế", "lưu", "động", "--index", shell.index) == 0
    assert "Kiến An" in shell.out.splitlines()[2]


def test_nothing_found_is_exit_code_1(shell: Shell) -> None:
    assert shell("search", "xyzzyplugh", "--index", shell.index) == 1
    assert "Nothing found." in shell.out
    assert shell("search", "xyzzyplugh", "--json", "--index", shell.index) == 1
    assert json.loads(shell.out)["hits"] == []


def test_search_goes_through_the_pages(shell: Shell) -> None:
    ids = []
    for offset in range(0, 6, 2):
        shell("search", "dịch", "--json", "--limit=2", f"--offset={offset}", "--index", shell.index)
        ids += [hit["id"] for hit in json.loads(shell.out)["hits"]]
    assert len(ids) == len(set(ids)) == 5


def test_where_sort_facet_fields_all_and_explain(shell: Shell) -> None:
    page = ["--json", "--index", shell.index]
    shell("search", "dịch", "--where", "published>=2021-01-01", *page)
    later = json.loads(shell.out)["total"]
    assert 0 <= later < 5
    assert shell("search", "dịch", "--sort=-published", *page) == 0
    moments = [hit["fields"].get("published") for hit in json.loads(shell.out)["hits"]]
    dated = [moment for moment in moments if moment]
    assert dated == sorted(dated, reverse=True)
    assert shell("search", "dịch", "--facet", "source", *page) == 0
    assert "source" in json.loads(shell.out)["facets"]
    assert shell("search", "zalo", "--fields", "title", *page) == 1
    assert shell("search", "zalo xyzzyplugh", *page) == 0
    assert shell("search", "zalo xyzzyplugh", "--all", *page) == 1
    assert shell("search", "zalo", "--explain", *page) == 0
    hit = json.loads(shell.out)["hits"][0]
    assert hit["explanation"]["value"] == pytest.approx(hit["score"])
    assert shell("search", "zalo", "--explain", "--facet", "source", "--index", shell.index) == 0


def test_search_in_articles_leaves_nothing_behind(shell: Shell, tmp_path: Path) -> None:
    assert shell("search", "zalo nhom", "--articles", str(SEEDS)) == 0
    assert "«Zalo» «nhóm»" in shell.out
    assert list(tmp_path.iterdir()) == []


def test_the_index_may_come_from_the_environment(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VNSEARCH_INDEX", shell.index)
    assert shell("search", "zalo") == 0


@pytest.mark.parametrize(
    "query", ["***", '"""', "field:", "((", "😀", "\u202eשלום", "a" * 100_000, "", "\ud800"]
)
def test_whatever_is_typed_is_a_query(shell: Shell, query: str) -> None:
    assert shell("search", query, "--index", shell.index) in (0, 1)
    assert shell.err == ""


def test_a_strict_query_that_does_not_parse_is_refused(shell: Shell) -> None:
    assert shell("search", '"phòng', "--strict", "--index", shell.index) == 2
    assert len(shell.err.splitlines()) == 1


# -- index and the rest ------------------------------------------------------------------------


def test_index_search_delete(shell: Shell, tmp_path: Path) -> None:
    index = ["--index", str(tmp_path / "made")]
    assert shell("index", str(SEEDS), *index) == 0
    assert re.match(r"5 articles of 5 files read; 5 in ", shell.out)
    assert shell.err == ""
    assert shell("index", str(SEEDS), "--optimize", *index) == 0
    assert re.match(r"5 articles of 5 files read; 5 in ", shell.out)
    assert shell("index", str(SEEDS), "--json", *index) == 0
    told = json.loads(shell.out)
    assert (told["added"], told["files"], told["total"], told["skipped"]) == (5, 5, 5, [])
    assert shell("search", "zalo", "--json", *index) == 0
    found = json.loads(shell.out)["hits"][0]["id"]
    assert shell("delete", found, "no-such-id", *index) == 0
    assert shell.out == "1 of 2 deleted\n"
    assert shell("delete", found, "--json", *index) == 1
    assert json.loads(shell.out) == {"asked": 1, "deleted": 0}
    assert shell("search", "zalo", *index) == 1
    assert shell("stats", "--json", *index) == 0
    assert json.loads(shell.out)["articles"] == 4
    assert shell("stats", *index) == 0
    assert "articles: 4" in shell.out


def test_how_many_workers_pay_is_left_to_the_index(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int | None] = []
    add = front_door.Index.add

    def counted(self: front_door.Index, *given: Any, **options: Any) -> int:
        asked.append(options.pop("workers"))
        return add(self, *given, **options)

    monkeypatch.setattr(front_door.Index, "add", counted)
    index = ["--index", str(tmp_path / "made")]
    assert shell("index", str(SEEDS), *index) == 0
    assert shell("index", str(SEEDS), "--workers", "1", *index) == 0
    assert shell("search", "dịch", "--articles", str(SEEDS)) == 0
    assert asked == [None, 1, None]


def test_a_bad_article_stops_the_indexing_or_is_named_and_skipped(
    shell: Shell, tmp_path: Path
) -> None:
    source = tmp_path / "bài.jsonl"
    source.write_text('{"id": "1", "body": "một"}\n{"id": \n{"id": "3", "body": "ba"}\n', "utf-8")
    index = tmp_path / "made"
    assert shell("index", str(source), "--index", str(index)) == 2
    assert re.search(r"bài\.jsonl:2", shell.err)
    assert len(shell.err.splitlines()) == 1
    assert not index.exists()  # an index that never came to be leaves nothing behind
    assert shell("index", str(source), "--skip-bad", "--index", str(index)) == 0
    assert "2 articles of 1 file read; 2 in" in shell.out
    assert "(1 thing could not be read)" in shell.out
    assert "bài.jsonl:2" in shell.err


def test_what_was_committed_stays_when_merging_it_fails(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(self: front_door.Index, **options: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(front_door.Index, "optimize", interrupted)
    index = tmp_path / "made"
    assert shell("index", str(SEEDS), "--optimize", "--index", str(index)) == 130
    with front_door.open_index(index) as opened:
        assert len(opened) == 5


def test_what_the_index_refuses_is_not_counted_as_read(shell: Shell, tmp_path: Path) -> None:
    schema = {**ARTICLE_SCHEMA, "views": Number()}
    front_door.create_index(tmp_path / "index", Schema(schema)).close()
    lines = ['{"id": "a", "body": "một", "views": 5}', '{"id": "b", "body": "hai", "views": "?"}']
    (tmp_path / "a.jsonl").write_text("\n".join(lines), "utf-8")
    index = ["--index", str(tmp_path / "index"), "--skip-bad"]
    assert shell("index", str(tmp_path / "a.jsonl"), *index) == 0
    assert shell.out.startswith("1 article of 1 file read; 1 in ")
    assert "(1 thing could not be read)" in shell.out
    assert "a.jsonl:2: article 'b'" in shell.err
    assert shell("index", str(tmp_path / "a.jsonl"), *index, "--json") == 0
    said = json.loads(shell.out)
    assert (said["added"], said["skipped_count"]) == (1, 1)
    reason = "article 'b': field 'views' takes a number, not str"
    assert said["skipped"] == [[f"{tmp_path / 'a.jsonl'}:2", reason]]


def test_articles_that_nothing_can_be_found_in_are_told(shell: Shell, tmp_path: Path) -> None:
    lines = ['{"id": "a", "heading": "một"}', '{"id": "b", "body": "hai"}', '{"id": "c"}']
    (tmp_path / "a.jsonl").write_text("\n".join(lines), "utf-8")
    assert shell("index", str(tmp_path / "a.jsonl"), "--index", str(tmp_path / "i")) == 0
    assert "(2 with neither title nor body)" in shell.out
    assert shell("index", str(tmp_path / "a.jsonl"), "--index", str(tmp_path / "i"), "--json") == 0
    assert json.loads(shell.out)["textless"] == 2


def test_files_in_other_encodings_are_told(shell: Shell, tmp_path: Path) -> None:
    text = "Học sinh trường này được nghỉ học để phòng dịch bệnh, theo lời thầy hiệu trưởng.\n"
    (tmp_path / "old.txt").write_bytes(text.encode("utf-16"))
    assert shell("index", str(tmp_path / "old.txt"), "--index", str(tmp_path / "index")) == 0
    assert "(1 file converted from utf-16" in shell.out


def test_ids_to_delete_may_come_from_standard_input(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import io

    index = ["--index", str(tmp_path / "made")]
    shell("index", str(SEEDS), *index)
    monkeypatch.setattr("sys.stdin", io.StringIO("000_536307628812c79b\n\nkhông có\n"))
    assert shell("delete", "-", *index) == 0
    assert shell.out == "1 of 2 deleted\n"


def test_ctrl_c_while_indexing_leaves_the_index_as_it_was(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = tmp_path / "made"
    shell("index", str(SEEDS), "--index", str(index))
    before = {path.name: path.read_bytes() for path in index.iterdir()}

    def stopped(*arguments: object, **options: object) -> Any:
        reader = read_articles(SEEDS)
        given = iter([next(reader)])

        def until_stopped() -> Any:
            yield from given
            raise KeyboardInterrupt

        reader._articles = until_stopped()
        return reader

    read_articles = articles.read_articles
    monkeypatch.setattr(articles, "read_articles", stopped)
    assert shell("index", "x", "--index", str(index)) == 130
    assert shell.err == "vnsearch: stopped\n"
    after = {path.name: path.read_bytes() for path in index.iterdir()}
    assert {name: data for name, data in after.items() if name in before} == before
    monkeypatch.undo()
    assert shell("search", "zalo", "--index", str(index)) == 0
    new = tmp_path / "new"
    monkeypatch.setattr(articles, "read_articles", stopped)
    assert shell("index", "x", "--index", str(new)) == 130
    assert not new.exists()


def test_verify_and_repair(shell: Shell, tmp_path: Path) -> None:
    index = tmp_path / "made"
    shell("index", str(SEEDS), "--index", str(index))
    assert shell("verify", "--index", str(index)) == 0
    assert "is whole" in shell.out
    assert shell("repair", "--index", str(index)) == 0
    assert "nothing to repair" in shell.out
    segment = max(index.iterdir(), key=lambda path: path.stat().st_size)
    data = bytearray(segment.read_bytes())
    data[len(data) // 2] ^= 0xFF
    segment.write_bytes(data)
    assert shell("verify", "--index", str(index)) == 2
    assert segment.name in shell.out
    assert shell("verify", "--json", "--index", str(index)) == 2
    assert json.loads(shell.out)["whole"] is False
    assert shell("repair", "--json", "--index", str(index)) == 0
    done = json.loads(shell.out)
    assert done["problems"]
    assert done["kept"] + len(done["lost"]) == 5
    assert shell("verify", "--index", str(index)) == 0
    for path in index.glob("*.seg"):
        path.unlink()
    assert shell("repair", "--index", str(index)) == 0
    assert "lost: all 5 documents" in shell.out
    assert "the file is missing" in shell.out
    assert "0 articles of broken segments saved\n" in shell.out


def test_a_hit_without_a_title_shows_its_id_once(shell: Shell, tmp_path: Path) -> None:
    chats = tmp_path / "chats.jsonl"
    chats.write_text('{"id": "c8", "body": "co ai biet sua may giat khong"}\n')
    assert shell("search", "sửa máy giặt", "--articles", str(chats)) == 0
    assert shell.out.endswith("\n\n  1. c8\n     co ai biet «sua» «may» «giat» khong\n")
    assert "Did you mean" not in shell.out


def test_convert_copies_a_whoosh_index(shell: Shell, tmp_path: Path) -> None:
    from whoosh import fields, index

    (tmp_path / "old").mkdir()
    schema = fields.Schema(id=fields.ID(stored=True), body=fields.TEXT(stored=True))
    writer = index.create_in(str(tmp_path / "old"), schema).writer()
    writer.add_document(id="a", body="phòng chống dịch")
    writer.commit()
    new = ["--index", str(tmp_path / "new")]
    assert shell("convert", str(tmp_path / "old"), "--json", *new) == 0
    assert json.loads(shell.out)["copied"] == 1
    assert shell("search", "phong", *new) == 0


def test_analyze(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    import io

    assert shell("analyze", "Học sinh", "TP.HCM") == 0
    assert "học sinh" in shell.out
    assert shell("analyze", "--json", "Học sinh") == 0
    assert [token["text"] for token in json.loads(shell.out)["tokens"]] == ["học", "sinh"]
    monkeypatch.setattr("sys.stdin", io.StringIO("Học sinh"))
    assert shell("analyze", "-", "--json") == 0
    assert json.loads(shell.out)["text"] == "Học sinh"
    assert shell("analyze", "...") == 1


@pytest.mark.parametrize(
    "arguments", [[], ["repl"], ["repl", "--plain"], ["analyze", "-"], ["delete", "-"]]
)
def test_closed_standard_input_is_told(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.setenv("VNSEARCH_INDEX", shell.index)
    monkeypatch.setattr("sys.stdin", None)
    assert shell(*arguments) == 2
    assert shell.err == "vnsearch: standard input is closed\n"


# -- being stopped -----------------------------------------------------------------------------


@pytest.fixture
def hang_up() -> Iterator[None]:
    """Have a hang-up do what it does by itself: under nohup it is ignored."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.skipif(os.name != "posix", reason="there are no such signals")
@pytest.mark.usefixtures("hang_up")
@pytest.mark.parametrize(
    ("command", "signals", "code"),
    [
        ("index", ["SIGTERM"], 143),
        ("search", ["SIGTERM"], 143),
        ("index", ["SIGHUP", "SIGHUP"], 129),  # of the terminal, and of the shell in it
    ],
)
def test_what_is_stopped_leaves_nothing_behind(
    tmp_path: Path, command: str, signals: list[str], code: int
) -> None:
    arguments = {
        "index": ["index", "-", "--index", "made", "--workers", "1"],
        "search": ["search", "giá", "--articles", "-"],
    }
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-m", "vnsearch", *arguments[command], "--format", "jsonl"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(temporary)},
    )
    assert process.stdin is not None
    assert process.stderr is not None
    for number in range(2000):
        process.stdin.write(b'{"id": %d, "body": "gi\xc3\xa1 v\xc3\xa0ng"}\n' % number)
    process.stdin.flush()
    for _ in range(600):
        if (tmp_path / "made").exists() or list(temporary.iterdir()):
            break
        time.sleep(0.1)
    for name in signals:
        process.send_signal(getattr(signal, name))
    with suppress(BrokenPipeError):  # who has just begun to wait notices when there is more
        while process.poll() is None:
            process.stdin.write(b"\n")
            process.stdin.flush()
            time.sleep(0.01)
    assert process.wait(60) == code
    assert process.stderr.read() == b""
    assert list(tmp_path.iterdir()) == [temporary]
    assert list(temporary.iterdir()) == []
    process.communicate()


@pytest.mark.skipif(os.name != "posix", reason="there are no such signals")
@pytest.mark.usefixtures("hang_up")
def test_signals_are_given_back(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []

    def opened(path: Path) -> front_door.Index:
        seen.append(signal.getsignal(signal.SIGHUP))
        return open_index(path)

    open_index = front_door.open_index
    monkeypatch.setattr(front_door, "open_index", opened)
    assert shell("stats", "--index", shell.index) == 0
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_DFL
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup has it
    assert shell("stats", "--index", shell.index) == 0
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    assert callable(seen[0])
    assert seen[1] is signal.SIG_IGN


def test_workers_beyond_all_use_are_refused(shell: Shell) -> None:
    assert shell("index", str(SEEDS), "--workers", "100000") == 2
    assert "100000 is over 64" in shell.err


# -- wrong use ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["bogus"], "bogus"),
        (["search"], "QUERY"),
        (["search", "x", "--limit", "-1"], "below zero"),
        (["index", "x.txt", "--encoding", "vn9"], "unknown encoding 'vn9'"),
        (["search", "x", "--limit", "ten"], "invalid number value: 'ten'"),
        (["search", "x", "--index", "no-such"], "no-such"),
        (["search", "x", "--index", ""], "'' is no path of a directory"),
        (["index", str(SEEDS), "--index", ""], "'' is no path of a directory"),
        (["search", "x", "--index", "a", "--articles", "b"], "not allowed with"),
        (["search", "x"], "vnsearch index SOURCE"),
        (["search", "x", "--articles", "no-such"], "no-such"),
        (["index", "no-such"], "no-such"),
        (["stats"], "vnsearch-index"),
        (["delete", "x"], "vnsearch-index"),
        (["verify"], "vnsearch-index"),
        (["repair"], "vnsearch-index"),
        (["convert", "no-such"], "no-such"),
        ([], "--articles"),
    ],
)
def test_wrong_use_is_exit_code_2_and_told_in_a_line(
    shell: Shell, arguments: list[str], told: str, tmp_path: Path
) -> None:
    assert shell(*arguments) == 2
    assert told in shell.err
    assert shell.out == ""
    assert list(tmp_path.iterdir()) == []
    if "usage:" not in shell.err:
        assert len(shell.err.splitlines()) == 1


def test_an_unknown_field_is_told(shell: Shell) -> None:
    assert shell("search", "dịch", "--fields=", "--index", shell.index) == 2
    assert "fields names no field" in shell.err
    for option in ("--sort=bogus", "--facet=bogus", "--fields=bogus", "--where=bogus=1"):
        assert shell("search", "dịch", option, "--index", shell.index) == 2
        assert "bogus" in shell.err
        assert len(shell.err.splitlines()) == 1


def test_a_fault_of_ours_is_a_line_too(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*arguments: object) -> None:
        raise RuntimeError("oh\nno")

    monkeypatch.setattr(front_door, "open_index", broken)
    assert shell("stats") == 2
    assert shell.err.startswith("vnsearch: this is a fault of ours: RuntimeError: oh no")
    monkeypatch.setenv("VNSEARCH_DEBUG", "1")
    with pytest.raises(RuntimeError):
        main(["stats"])


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        (["stats", "--index", "no-such"], "IndexNotFoundError", "there is no directory"),
        (["stats", "--index", ""], "SearchIndexError", "'' is no path of a directory"),
        (["search", "x", "--articles", "no-such"], "SourceNotFoundError", "'no-such': no such"),
        (["search"], "UsageError", "the following arguments are required: QUERY"),
        (["search", "x", "--limit=-1"], "UsageError", "argument --limit: -1 is below zero"),
        (["bogus"], "UsageError", "argument COMMAND: invalid choice: 'bogus'"),
        (["delete", "-"], "SourceNotFoundError", "standard input is closed"),
    ],
)
def test_programs_are_told_of_errors_in_json(
    shell: Shell,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    kind: str,
    message: str,
) -> None:
    monkeypatch.setattr("sys.stdin", None)
    assert shell(*arguments, "--json") == 2
    assert shell.out == ""
    assert len(shell.err.splitlines()) == 1
    told = json.loads(shell.err)
    assert list(told) == ["error"]
    assert told["error"] == {"type": kind, "message": told["error"]["message"]}
    assert told["error"]["message"].startswith(message)
    assert shell(*arguments, "--", "--json") == 2  # where it is no option
    assert not shell.err.startswith("{")


def test_programs_are_told_of_what_is_skipped_and_of_being_stopped_in_json(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "a.jsonl"
    source.write_text('{"id": "1", "body": "một"}\n{"id": \n', "utf-8")
    (tmp_path / "b.txt").write_bytes("được “tiếng”\n".encode("utf-16"))
    given = ["index", str(source), str(tmp_path / "b.txt"), "--index", str(tmp_path / "made")]
    assert shell(*given, "--skip-bad", "--json", "--encoding", "utf-8") == 0
    warnings = [json.loads(line) for line in shell.err.splitlines()]
    kinds = [one["warning"]["type"] for one in warnings]
    assert kinds == ["SourceFormatError", "UnicodeWarning"]
    assert warnings[0]["warning"]["message"].startswith(f"{source}:2: ")
    assert warnings[1]["warning"]["message"].endswith(" characters lost")
    assert json.loads(shell.out)["skipped_count"] == 1

    def stopped(path: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(front_door, "open_index", stopped)
    assert shell("stats", "--json") == 130
    assert json.loads(shell.err) == {"error": {"type": "KeyboardInterrupt", "message": "stopped"}}


def test_a_full_disk_is_told(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device", "/index/segment")

    monkeypatch.setattr(front_door, "open_index", full)
    assert shell("stats") == 2
    assert shell.err == "vnsearch: /index/segment: No space left on device\n"


# -- processes, pipes and locales ----------------------------------------------------------------


def test_a_reader_that_goes_away_is_met_in_silence(seeds_index: Path) -> None:
    command = f'"{sys.executable}" -m vnsearch analyze - | head -1'
    done = subprocess.run(
        command,
        shell=True,
        input=("chữ " * 200_000).encode(),
        capture_output=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert done.stderr == b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_output_that_cannot_be_written_is_told() -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "vnsearch", "analyze", "--json", "chữ"],
            cwd=ROOT,
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 2
    told = {"type": "OSError", "message": "No space left on device"}
    assert json.loads(done.stderr) == {"error": told}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_an_error_that_cannot_be_written_is_told_by_the_exit_code() -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "vnsearch", "stats", "--index", "nowhere"],
            cwd=ROOT,
            stderr=full,
            check=False,
        )
    assert done.returncode == 2


def test_no_output_at_all_is_no_error() -> None:
    command = f'"{sys.executable}" -m vnsearch analyze chữ >&-'
    done = subprocess.run(command, shell=True, cwd=ROOT, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_errors_stay_out_of_standard_output_where_there_is_no_other() -> None:
    command = f'"{sys.executable}" -m vnsearch stats --index nowhere --json 2>&-'
    done = subprocess.run(command, shell=True, cwd=ROOT, stdout=subprocess.PIPE, check=False)
    assert (done.returncode, done.stdout) == (2, b"")


def test_any_locale_can_be_written_to(seeds_index: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "ascii"}
    arguments = ["search", "zalo nhom", "--index", str(seeds_index)]
    done = run(*arguments, env=environment)
    assert done.returncode == 0
    assert b"?Zalo? ?nh?m?" in done.stdout
    assert done.stderr == b""
    done = run(*arguments, "--json", env=environment)
    assert "«Zalo» «nhóm»" in json.loads(done.stdout)["hits"][0]["snippet"]


def test_letters_are_read_in_any_locale() -> None:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("LC_")}
    ascii = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONPATH": str(ROOT)}
    for arguments, given in [(["học sinh"], b""), (["-"], "học sinh".encode())]:
        answer = run("analyze", *arguments, "--json", env={**plain, **ascii}, input=given)
        assert json.loads(answer.stdout)["words"][0]["text"] == "học sinh"
    answer = run("analyze", "-", "--json", input=b"h\xffc sinh")
    assert answer.returncode == 0


@pytest.mark.skipif(os.name != "posix", reason="arguments are text there")
def test_bytes_that_are_no_letters_are_told_apart(seeds_index: Path) -> None:
    answer = run("analyze", b"h\xe0 n\xe1ng", "--json")  # type: ignore[arg-type]
    assert answer.returncode == 0
    assert json.loads(answer.stdout)["text"] == "h\ufffd n\ufffdng"
    answer = run("stats", "--index", b"no-such-\xff", "--json")  # type: ignore[arg-type]
    assert b"no-such-?" in answer.stderr
    assert json.loads(answer.stderr)["error"]["type"] == "IndexNotFoundError"


def test_another_writer_may_be_waited_for(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "index"
    with front_door.create_index(path) as index, index.store.writer():
        assert shell("delete", "x", "--index", str(path), "--timeout", "0.05") == 2
        assert "another writer" in shell.err
    assert shell("delete", "x", "--index", str(path), "--timeout", "inf") == 1
    for wrong in ("-1", "nan", "-inf", "soon"):
        assert shell("delete", "x", "--index", str(path), "--timeout", wrong) == 2


def test_bare_vnsearch_reads_queries_from_a_pipe(seeds_index: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "VNSEARCH_INDEX": str(seeds_index)}
    done = run(input=b"zalo nhom\n:open 1\n:quit\n", env=environment)
    assert done.returncode == 0
    assert "PHƯỜNG 3" in done.stdout.decode()
    assert done.stderr == b""


def test_help_does_not_wait_for_the_library() -> None:
    script = (
        "import sys; from vnsearch.cli import main; main(['--help'])\n"
        "slow = {'whoosh', 'rich', 'prompt_toolkit', 'pyvi', 'sklearn', 'numpy', 'trafilatura',"
        " 'vnsearch.index'}\n"
        "assert not slow & set(sys.modules), slow & set(sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("text", "width"),
    [("abc", 3), ("tiếng", 5), ("tie\u0302\u0301ng", 5), ("漢字", 4), ("\x1b[1mab\x1b[0m", 2)],
)
def test_columns(text: str, width: int) -> None:
    assert columns(text) == width

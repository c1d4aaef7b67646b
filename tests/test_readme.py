"""The documents say what is so: links lead somewhere, and the README's Python runs as printed."""

import lzma
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from vnsearch.cli import main, repl

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", document.read_text(), flags=re.MULTILINE | re.DOTALL)
    for target in LINK.findall(text):
        if "://" in target or target.startswith(("#", "mailto:")):
            continue
        assert (document.parent / target.partition("#")[0]).exists(), target


@pytest.mark.skipif(not README.exists(), reason="a source tree without its README")
def test_python_of_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = BLOCK.findall(README.read_text())
    assert blocks
    shutil.copytree(ROOT / "seeds", tmp_path / "seeds")
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, object] = {"__name__": "readme"}
    for number, block in enumerate(blocks, 1):
        exec(compile(block, f"README.md, Python block {number}", "exec"), namespace)


@pytest.mark.skipif(not README.exists(), reason="a source tree without its README")
def test_the_session_of_the_readme_is_what_is_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    [session] = re.findall(r"^\$ (vnsearch repl .*?)^```$", README.read_text(), re.M | re.S)
    command, _, shown = session.partition("\n")

    def typed(index: object) -> Iterator[str]:
        for line in re.findall(r"^vnsearch> (.*)$", shown, re.M):
            print(repl.PROMPT + line)
            yield line

    monkeypatch.chdir(ROOT)
    for name, value in {"TERM": "xterm", "NO_COLOR": "1", "COLUMNS": "1000"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(repl, "_edited_lines", typed)
    for stream in (sys.stdin, sys.stdout):
        monkeypatch.setattr(stream, "isatty", lambda: True)
    assert main(command.split()[1:]) == 0
    took = re.compile(r"[\d.]+ ms")
    assert took.sub("", capsys.readouterr().out) == took.sub("", shown)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_what_the_documents_import_is_there(document: Path) -> None:
    for block in BLOCK.findall(document.read_text()):
        for line in re.findall(r"^(?:from|import) .*", block, re.MULTILINE):
            exec(line, {})


def test_the_python_of_articles_md_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    [block] = BLOCK.findall((ROOT / "docs/ARTICLES.md").read_text())
    shutil.copytree(ROOT / "seeds", tmp_path / "news")
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "one.jsonl.xz").write_bytes(lzma.compress(b'{"id": "1", "body": "x"}'))
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, Any] = {}
    exec(block, namespace)
    assert namespace["report"].articles == 6

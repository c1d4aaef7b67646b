"""The examples of docs/TEXT.md and of the text modules' docstrings are run."""

from __future__ import annotations

import doctest
import importlib
import re
from pathlib import Path

import pytest


def test_the_guide() -> None:
    path = Path(__file__).parent.parent / "docs/TEXT.md"
    # A closing fence right after an example would be taken for its output.
    text = re.sub(r"^```.*$", "", path.read_text("utf-8"), flags=re.MULTILINE)
    guide = doctest.DocTestParser().get_doctest(text, {}, path.name, str(path), 0)
    assert len(guide.examples) > 20
    assert doctest.DocTestRunner().run(guide).failed == 0


@pytest.mark.parametrize("module", ["abbreviations", "joined"])
def test_docstrings(module: str) -> None:
    failed, tried = doctest.testmod(importlib.import_module(f"vnsearch.text.{module}"))
    assert tried > 0
    assert failed == 0

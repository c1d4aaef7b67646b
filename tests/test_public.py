"""What the package offers, and what importing it costs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import vnsearch


def test_every_exported_name_is_there() -> None:
    assert vnsearch.__all__ == sorted(vnsearch.__all__)
    for name in vnsearch.__all__:
        assert getattr(vnsearch, name) is not None
        assert name in dir(vnsearch)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="serch"):
        vnsearch.serch  # noqa: B018


def test_every_public_name_is_documented() -> None:
    for name in vnsearch.__all__:
        value = getattr(vnsearch, name)
        if callable(value):
            assert value.__doc__, name


HEAVY = [
    "whoosh",
    "numpy",
    "sklearn",
    "sklearn_crfsuite",
    "pycrfsuite",
    "pyvi",
    "rich",
    "trafilatura",
]


def imported(code: str) -> set[str]:
    """Return the modules that running ``code`` in a new interpreter brings in."""
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys\nprint(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


def test_importing_brings_in_nothing_heavy() -> None:
    assert not imported("import vnsearch") & {*HEAVY, "vnsearch.index", "vnsearch.text"}


def test_searching_brings_in_nothing_heavy(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("cold") / "index"
    with vnsearch.create_index(path) as index:
        index.add([{"id": "1", "title": "đường sắt", "body": "ga tàu"}])
    code = f"import vnsearch\nassert vnsearch.open_index({str(path)!r}).search('duong sat').hits"
    assert not imported(code) & set(HEAVY)


# What a search does without: it would be a fifth of a new process's way to its first answer.
UNUSED = [
    "contextlib",
    "dataclasses",
    "importlib.util",
    "inspect",
    "ipaddress",
    "pathlib",
    "tempfile",
    "threading",
    "typing",
    "urllib",
    "vnsearch.articles",
    "vnsearch.codec.build",
    "vnsearch.codec.merge",
    "vnsearch.codec.verify",
    "vnsearch.codec.writer",
    "vnsearch.query.suggest",
    "vnsearch.ranking.explain",
]


def test_a_first_answer_brings_in_only_what_it_needs(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    path = tmp_path_factory.mktemp("first") / "index"
    with vnsearch.create_index(path) as index:
        index.add([{"id": "1", "title": "đường sắt", "body": "ga tàu"}])
    search = f"import vnsearch\nfound = vnsearch.open_index({str(path)!r}).search('duong sat')"
    assert not (imported(search) - imported("pass")) & set(UNUSED)
    shown = f"{search}\nassert [hit.snippet for hit in found]"
    assert not (imported(shown) - imported("import zstandard")) & set(UNUSED)


def test_what_is_not_shown_is_not_decompressed(tmp_path: Path) -> None:
    with vnsearch.create_index(tmp_path / "index") as index:
        index.add([{"id": "1", "title": "đường sắt", "body": "ga tàu"}])
    code = f"import vnsearch\nassert vnsearch.open_index({str(tmp_path / 'index')!r}).search('ga')"
    assert "zstandard" not in imported(code)
    assert "zstandard" in imported(f"{code}[0].id")


def test_analysing_brings_in_no_machine_learning() -> None:
    code = "import vnsearch\nvnsearch.segment('học sinh đi học'); vnsearch.fold('Đường')"
    assert not imported(code) & set(HEAVY)

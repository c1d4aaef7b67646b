"""Texts analysed in other processes: the same index, and a clear end when one dies."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import vnsearch
from vnsearch import Schema, Text, create_index, text
from vnsearch.codec import Store, workers
from vnsearch.codec.verify import verify
from vnsearch.errors import SearchIndexError

SEEDS = Path(__file__).parent.parent / "seeds"


def articles() -> list[dict[str, Any]]:
    lines = [
        line
        for path in sorted(SEEDS.glob("*.txt"))
        for line in path.read_text(encoding="utf-8").split("\n")
    ]
    documents: list[dict[str, Any]] = []
    for number, line in enumerate(lines):
        documents.append({"id": str(number % 70), "title": line[:40], "body": [line, "", line[9:]]})
    return [*documents, {"id": "no text"}, {"id": "ngược", "body": "ho\u0300a\u0301 \ud800 12/03"}]


def contents(path: Path) -> list[dict[str, bytes]]:
    """Return the bytes of every section of every segment."""
    with Store(path).snapshot() as snapshot:
        return [
            {
                name: bytes(segment.file.view(name, part.typecode))
                for name, part in segment.file.sections().items()
            }
            for segment in snapshot.segments
        ]


@pytest.mark.parametrize("count", [1, 2])
def test_the_index_is_the_same_with_workers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    monkeypatch.setattr("vnsearch.codec.writer._CHUNK_DOCS", 7)
    schema = Schema(title=Text(boost=2.0), body=Text())
    given = articles()
    with create_index(tmp_path / "alone", schema) as alone:
        assert alone.add(given) == len(given)
    with create_index(tmp_path / "helped", schema) as helped:
        assert helped.add(given, workers=count) == len(given)
        assert helped.document("ngược") == {"id": "ngược", "body": "ho\u0300a\u0301 \ufffd 12/03"}
    assert contents(tmp_path / "helped") == contents(tmp_path / "alone")
    assert contents(tmp_path / "helped")


@pytest.mark.parametrize(("cores", "started"), [(1, []), (3, [2]), (64, [3])])
def test_the_other_cores_help_once_there_is_much_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cores: int, started: list[int]
) -> None:
    counts: list[int] = []

    class Counted(workers.Workers):
        def __init__(self, count: int, add_term: Callable[[str], int]) -> None:
            counts.append(count)
            super().__init__(count, add_term)

    monkeypatch.setattr("vnsearch.codec.writer.Workers", Counted)
    monkeypatch.setattr("vnsearch.codec.writer._cores", lambda: cores)
    given = articles()
    with create_index(tmp_path / "alone") as alone:
        alone.add(given, workers=None)
        assert counts == []
    monkeypatch.setattr("vnsearch.codec.writer._MUCH", 5_000)
    with create_index(tmp_path / "helped") as helped:
        assert helped.add(given, workers=None) == len(given)
    assert counts == started
    assert contents(tmp_path / "helped") == contents(tmp_path / "alone")


def test_deleting_sees_what_was_handed_out(tmp_path: Path) -> None:
    create_index(tmp_path / "index").close()
    with Store(tmp_path / "index").writer(workers=1) as writer:
        writer.add({"id": "a", "body": "một hai"})
        assert writer.delete(["a"]) == 1
        writer.add({"id": "b", "body": "ba"})
    with vnsearch.open_index(tmp_path / "index") as index:
        assert len(index) == 1


def test_a_dead_worker_is_told_and_nothing_is_lost(tmp_path: Path) -> None:
    create_index(tmp_path / "index").close()
    store = Store(tmp_path / "index")
    writer = store.writer(workers=1)
    writer.add({"id": "1", "body": "còn"})
    writer.commit()
    writer.add({"id": "2", "body": "mất"})
    assert writer._workers is not None
    writer._workers._workers[0].process.kill()
    with pytest.raises(SearchIndexError, match="has died"):
        writer.commit()
    writer.add({"id": "3", "body": "lại còn"})  # rolled back: new workers, nothing half taken
    writer.commit()
    writer.close()
    with vnsearch.open_index(tmp_path / "index") as index:
        assert [document["id"] for document in index.documents()] == ["1", "3"]
    assert verify(store.path).ok


def test_an_interrupted_add_ends_the_workers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[subprocess.Popen[bytes]] = []
    answer = workers.Workers.answer

    def interrupted(self: workers.Workers) -> list[workers.Encoded]:
        started.extend(worker.process for worker in self._workers)
        answer(self)
        raise KeyboardInterrupt

    monkeypatch.setattr(workers.Workers, "answer", interrupted)
    with create_index(tmp_path / "index") as index:
        with pytest.raises(KeyboardInterrupt):
            index.add(articles(), workers=2)
        assert len(started) == 2
        assert all(process.poll() is not None for process in started)
        assert len(index) == 0
        monkeypatch.undo()
        assert index.add([{"id": "1", "body": "sau đó"}]) == 1


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("import sys; sys.exit(3)", "has died"),
        (
            "import os; os.write(1, b'cno_such_module\\nname\\n.'); open(0, 'rb').read()",
            "cannot be read .*no_such_module",
        ),
    ],
)
def test_what_goes_wrong_in_a_worker_goes_wrong_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, message: str
) -> None:
    monkeypatch.setattr(workers, "_CODE", code + " # {!r}")
    with create_index(tmp_path / "index") as index:
        with pytest.raises(SearchIndexError, match=message):
            index.add(articles(), workers=1)
        assert len(index) == 0


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks in /proc")
def test_workers_end_with_the_process_that_has_them(tmp_path: Path) -> None:
    code = (
        "import os, sys, time; from vnsearch.codec.workers import Workers\n"
        "workers = Workers(1, lambda term: 0); workers.ask([('một', True)])\n"
        "workers._asked[0].answers.get()\n"
        "print(workers._workers[0].process.pid, flush=True); os._exit(9)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, env=environment)
    assert done.returncode == 9, done.stderr.decode()
    pid = int(done.stdout)
    status = Path(f"/proc/{pid}/stat")
    for _ in range(400):
        # a zombie has ended too, where nobody collects it
        if not status.exists() or status.read_text().rpartition(")")[2].split()[0] == "Z":
            return
        time.sleep(0.05)
    pytest.fail("the worker goes on")


@pytest.mark.parametrize("told", [pickle.dumps(["một hai"]), pickle.dumps(["một " * 99])[:-9]])
def test_a_worker_that_nobody_hears_ends_quietly(told: bytes) -> None:
    read, write = os.pipe()
    os.close(read)
    code = "from vnsearch.codec.workers import serve; serve()"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=told,
        stdout=write,
        stderr=subprocess.PIPE,
        env=environment,
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (0, b"")


def test_workers_analyse_as_the_library_does_only(tmp_path: Path) -> None:
    create_index(tmp_path / "index").close()
    store = Store(tmp_path / "index")
    with pytest.raises(ValueError, match="terms of your own"):
        store.writer(workers=1, terms=text.Vocabulary)
    for count in (-1, 65, 100_000):
        with pytest.raises(ValueError, match=f"between 0 and 64, not {count}"):
            store.writer(workers=count)
    store.writer().close()

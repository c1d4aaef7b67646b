"""Does an index survive kill -9, damaged files, a full disk and eight readers at a writer's side?

Everything is drawn from ``--seed``. The index under torture holds a ledger: a document that lists
all others and their versions, written anew with every commit. A reader that finds the ledger and
the documents apart, or a term in the wrong document, has seen a mixed or stale index.

kills     a writer is killed at a random moment of add, delete, commit, merge or rollback while two
          readers read; the index must verify, hold the last acknowledged commit (or the one that
          was under way) and let the next writer in
damage    every byte of a small index is changed and every file cut at every length; what can still
          be read must be the truth, or `verify` must say that something is wrong
crafted   numbers of a small index are changed and every checksum made right again, as who means
          harm would; the same must hold, nothing may take longer than a few seconds, and a merge
          must refuse what is wrong or leave a whole index
full      every single write, sync, rename and removal fails in turn with "no space left on device";
          the index must be as it was, and the writer go on
readers   eight reader processes and a writer for ``--seconds``
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from mmap import mmap
from pathlib import Path
from typing import Any

from _common import Table, parser, read_articles, report

from vnsearch import codec
from vnsearch.codec.format import ITEM_SIZES, SegmentFile, SegmentWriter
from vnsearch.codec.verify import verify
from vnsearch.errors import IndexNotFoundError, IndexVersionError, SearchIndexError, VnsearchError
from vnsearch.kernels.postings import Cursor
from vnsearch.schema import Date, Keyword, Number, Schema, Stored, Text

SCHEMA = Schema(body=Text(), version=Stored(), state=Stored())
CRAFTED = Schema(body=Text(), tags=Keyword(multi=True), price=Number(), day=Date())
LEDGER = "ledger"
IDS = 30
LOCK_PATIENCE = 20.0
PATIENCE = 20.0

State = dict[str, int]


class TortureError(Exception):
    """The index did what it must not."""


def marker(identifier: str, version: int) -> str:
    """Return a term that only this version of a document has."""
    return "zq" + f"{identifier}{version}".translate(str.maketrans("0123456789", "abcdefghij"))


def check(snapshot: codec.Snapshot) -> State:
    """Return the state a snapshot is in; raise `TortureError` where its parts disagree."""
    found: State = {}
    ledger: State = {}
    places = {}
    for number, segment in enumerate(snapshot.segments):
        for doc in range(segment.doc_count):
            if segment.is_deleted(doc):
                continue
            stored = segment.stored(doc)
            if stored["id"] == LEDGER:
                ledger = stored["state"]
            elif stored["id"] in found:
                raise TortureError(f"{stored['id']} is there twice")
            else:
                found[stored["id"]] = stored["version"]
                places[stored["id"]] = (number, doc)
    if ledger != found:
        raise TortureError(f"generation {snapshot.generation}: the ledger and the documents differ")
    for identifier, version in found.items():
        number, doc = places[identifier]
        if doc not in documents_with(snapshot.segments[number], marker(identifier, version)):
            raise TortureError(f"{identifier} is not found by its own term")
    return found


def documents_with(segment: codec.Segment, term: str) -> list[int]:
    """Return the documents of a segment that have a term."""
    body = segment.text("body")
    ordinal = body.lookup(term) if body is not None else -1
    if body is None or ordinal < 0:
        return []
    offset = body.doc_offsets[ordinal]
    cursor = Cursor(body.postings, None, offset, 0, body.df[ordinal], body.doc_count)
    return list(cursor.decode()[0])


class Mayhem:
    """Changes an index at random, one commit after the other."""

    def __init__(self, path: Path, dice: random.Random, texts: Sequence[str]) -> None:
        self.dice = dice
        self.texts = texts
        store = codec.Store(path)
        memory = dice.choice([1, 1 << 28])
        self.writer = store.writer(timeout=LOCK_PATIENCE, memory_limit=memory)
        with store.snapshot() as snapshot:
            self.state = check(snapshot)

    def step(self, begin: Callable[[State], None]) -> bool:
        """Make some changes and commit them; return False where they were rolled back.

        ``begin`` is told the state that the commit will make before it begins.
        """
        dice, state = self.dice, dict(self.state)
        for _ in range(dice.randint(1, 4)):
            if dice.random() < 0.3 and state:
                gone = dice.choice(sorted(state))
                del state[gone]
                self.writer.delete([gone])
            else:
                identifier = f"d{dice.randrange(IDS)}"
                state[identifier] = version = dice.randrange(1 << 30)
                text = dice.choice(self.texts)
                self.writer.add(
                    {
                        "id": identifier,
                        "body": f"{marker(identifier, version)} {text}",
                        "version": version,
                    }
                )
        self.writer.add({"id": LEDGER, "state": state})
        if dice.random() < 0.1:
            self.writer.rollback()
            return False
        begin(state)
        if dice.random() < 0.1:
            self.writer.optimize()
        else:
            self.writer.commit()
        self.state = state
        return True


def fresh_index(folder: Path, dice: random.Random, texts: Sequence[str], steps: int) -> Path:
    """Make an index that has seen some commits."""
    path = folder / "index"
    codec.create(path, SCHEMA)
    mayhem = Mayhem(path, dice, texts)
    for _ in range(steps):
        mayhem.step(lambda _: None)
    mayhem.writer.close()
    return path


@contextlib.contextmanager
def child(work: Callable[[], None]) -> Iterator[int]:
    """Run ``work`` in a forked process; it is killed at the end of the block if need be.

    Raises `TortureError` where it failed of itself.
    """
    sys.stdout.flush()
    process = os.fork()
    if process == 0:
        status = 1
        try:
            work()
            status = 0
        except BaseException as error:  # the parent sees the status, the reader the reason
            print(f"{type(error).__name__}: {error}", file=sys.stderr)
        finally:
            os._exit(status)
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
        _, status = os.waitpid(process, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        raise TortureError("a process failed")


def read_on(path: Path, shared: mmap) -> None:
    """Take snapshots without end: whole ones, never one older than what was acknowledged."""
    store = codec.Store(path)
    last = 0
    while True:
        acknowledged = int.from_bytes(shared[:8], "little")
        with store.snapshot() as snapshot:
            if snapshot.generation < max(last, acknowledged):
                raise TortureError(
                    f"generation {snapshot.generation} after {max(last, acknowledged)}"
                )
            last = snapshot.generation
            check(snapshot)
        shared[8:16] = (int.from_bytes(shared[8:16], "little") + 1).to_bytes(8, "little")


def kills(
    folder: Path, dice: random.Random, texts: Sequence[str], count: int
) -> dict[str, int | float]:
    """Kill a writer ``count`` times; return what happened."""
    path = fresh_index(folder, dice, texts, 3)
    counts: Counter[str] = Counter()
    slowest = 0.0
    shared = mmap(-1, 16)
    with contextlib.ExitStack() as readers:
        for _ in range(2):
            readers.enter_context(child(lambda: read_on(path, shared)))
        for _ in range(count):
            with codec.Store(path).snapshot() as snapshot:
                acknowledged = check(snapshot)
            under_way: State | None = None
            seed = dice.randrange(1 << 60)
            reading, writing = os.pipe()

            def write_on(seed: int = seed, writing: int = writing) -> None:
                mayhem = Mayhem(path, random.Random(seed), texts)
                while True:
                    done = mayhem.step(lambda s: say(writing, "begin", s))
                    say(writing, "done" if done else "rolled back", mayhem.state)

            with child(write_on):
                os.close(writing)
                time.sleep(dice.random() ** 2 * 0.4)
            with os.fdopen(reading) as lines:
                for line in lines:
                    if not line.endswith("\n"):
                        break
                    event, state = json.loads(line)
                    counts[event] += 1
                    if event == "begin":
                        under_way = state
                    else:
                        acknowledged, under_way = state, None
            with codec.Store(path).snapshot() as snapshot:
                state = check(snapshot)
                shared[:8] = snapshot.generation.to_bytes(8, "little")
            if state not in (acknowledged, under_way):
                raise TortureError("an acknowledged commit is gone, or something else is there")
            counts["killed in a commit"] += under_way is not None
            counts["which was then whole"] += under_way is not None and state == under_way
            if problems := verify(path).problems:
                raise TortureError(f"after a kill: {problems[0]}")
            start = time.perf_counter()
            codec.Store(path).writer(timeout=LOCK_PATIENCE).close()
            slowest = max(slowest, time.perf_counter() - start)
            leftovers = len(list(path.glob("*.seg"))) - len(codec.Store(path).read().segments)
            if leftovers:
                raise TortureError(f"{leftovers} files of a dead writer were not removed")
    return {
        "kills": count,
        "commits acknowledged": counts["done"],
        "rollbacks": counts["rolled back"],
        "killed in a commit": counts["killed in a commit"],
        "which was then whole": counts["which was then whole"],
        "snapshots read meanwhile": int.from_bytes(shared[8:16], "little"),
        "longest wait for the lock, s": slowest,
    }


def say(pipe: int, event: str, state: State) -> None:
    """Tell the parent; one line, written at once."""
    os.write(pipe, (json.dumps([event, state]) + "\n").encode())


def all_said(path: Path) -> list[object]:
    """Return what an index says, read through its public face."""
    said: list[object] = []
    with codec.Store(path).snapshot() as snapshot:
        for segment in snapshot.segments:
            for doc in range(segment.doc_count):
                said += [segment.is_deleted(doc), segment.stored(doc), segment.doc_id(doc)]
                said.append(segment.find_id(segment.doc_id(doc)))
            docs = array("I", range(segment.doc_count))
            for name in segment.schema:
                if (keyword := segment.keyword(name)) is not None:
                    said += [keyword.values(), keyword.counts(docs), keyword.order(docs)]
                    said += [keyword.postings(o).tolist() for o in range(len(keyword))]
                elif (column := segment.column(name)) is not None:
                    said += [column.of(docs), column.order(docs)]
            if (body := segment.text("body")) is None:
                continue
            for ordinal, term in enumerate(body.terms()):
                said += [term, body.lookup(term), body.df[ordinal], body.cf[ordinal]]
                said += [body.forms(term), body.word_df(term), body.pairs.row(ordinal)]
                offsets = body.doc_offsets[ordinal], body.pos_offsets[ordinal]
                cursor = Cursor(
                    body.postings, body.positions, *offsets, body.df[ordinal], body.doc_count
                )
                said.append(cursor.decode(True))
            said += [body.fold_table(), body.lengths.tolist(), body.spans.tolist()]
            said += [body.word_lengths.tolist(), body.joined_bits.tolist(), body.total_pairs]
    return said


def damage(folder: Path, dice: random.Random, texts: Sequence[str]) -> dict[str, int | float]:
    """Change every byte and cut at every length; return how often that told or changed nothing."""
    path = folder / "index"
    codec.create(path, SCHEMA)
    with codec.Store(path).writer() as writer:
        for number in range(3):
            body = f"{dice.choice(texts)[:60]} học sinh"
            writer.add({"id": f"d{number}", "body": body, "version": number})
    with codec.Store(path).writer() as writer:
        writer.delete(["d1"])
    truth = all_said(path)
    counts: Counter[str] = Counter()
    for file in sorted(path.iterdir()):
        data = file.read_bytes()
        for at in range(len(data)):
            changed = bytearray(data)
            changed[at] ^= dice.randrange(1, 256)
            file.write_bytes(changed)
            counts["bytes changed"] += 1
            judge(path, truth, counts, f"byte {at} of {file.name}")
        for length in range(len(data)):
            file.write_bytes(data[:length])
            counts["cuts"] += 1
            judge(path, truth, counts, f"{file.name} cut to {length} bytes")
        file.write_bytes(data)
    return dict(counts)


def crafted(
    folder: Path, dice: random.Random, texts: Sequence[str], count: int
) -> dict[str, int | float]:
    """Change a segment ``count`` times, checksums and all; return how often that told."""
    path = folder / "index"
    codec.create(path, CRAFTED)
    with codec.Store(path).writer() as writer:
        for number in range(150):  # more than a block of posting lists
            document = {
                "id": f"d{number}",
                "body": f"{dice.choice(texts)[: dice.randrange(40, 200)]} học sinh",
                "tags": ["a", "b", "c"][: number % 4],
                "price": number / 3,
                "day": datetime(2020, 1, 1 + number % 28) if number % 5 else None,
            }
            writer.add({name: value for name, value in document.items() if value is not None})
    truth = all_said(path)
    counts: Counter[str] = Counter()
    slowest = 0.0
    [file] = path.glob("*.seg")
    whole = file.read_bytes()
    for _ in range(count):
        segment = SegmentFile(file)
        parts = segment.sections()
        sections = {name: bytearray(segment.view(name, parts[name].typecode)) for name in parts}
        description = {key: v for key, v in segment.description.items() if key != "sections"}
        changed = [dice.choice(sorted(parts)) for _ in range(dice.choice([1, 1, 1, 3]))]
        for name in changed:
            change(dice, sections[name], ITEM_SIZES[parts[name].typecode])
        file.unlink()
        out = SegmentWriter(file)
        for name, part in parts.items():
            out.add(name, part.typecode, sections[name])
        out.finish(description)
        what = f"{', '.join(changed)} changed"
        start = time.perf_counter()
        told = judge(path, truth, counts, what)
        copy = folder / "copy"
        shutil.copytree(path, copy)
        try:
            with codec.Store(copy).writer() as writer:
                writer.delete(["d3"])
                writer.optimize()
            if not told and (problems := verify(copy).problems):
                raise TortureError(f"{what}: merged, {problems[0]}")
        except VnsearchError as error:
            if not told:
                raise TortureError(f"{what}: {error}, and verify says nothing") from error
        shutil.rmtree(copy)
        slowest = max(slowest, time.perf_counter() - start)
        if slowest > PATIENCE:
            raise TortureError(f"{what}: it takes {slowest:.0f} seconds")
        file.write_bytes(whole)
    return {"changes": count, **counts, "slowest, s": slowest}


def change(dice: random.Random, data: bytearray, size: int) -> None:
    """Change an array of items of ``size`` bytes in some way."""
    items = len(data) // size
    kind = dice.randrange(6)
    if items == 0 or kind == 0:
        data += dice.randbytes(size)
        return
    at, other = (size * dice.randrange(items) for _ in range(2))
    value = int.from_bytes(data[at : at + size], "little")
    if kind == 1:
        del data[-size:]
        return
    if kind == 2:
        value ^= 1 << dice.randrange(8 * size)
    elif kind == 3:
        value = dice.choice([0, 1, value - 1, value + 1, 2 * value, (1 << 8 * size) - 1, items])
    else:  # two change places, or become the same
        if kind == 4:
            data[at : at + size] = data[other : other + size]
        at = other
    data[at : at + size] = (value & (1 << 8 * size) - 1).to_bytes(size, "little")


def judge(path: Path, truth: list[object], counts: Counter[str], what: str) -> bool:
    """Read and verify a damaged index; return whether `verify` tells.

    Raises `TortureError` where it says what is not the truth, and nothing tells.
    """
    said: list[object] | None = None
    try:
        said = all_said(path)
    except VnsearchError:
        counts["an error on reading"] += 1
    try:
        whole = verify(path).ok
    except (IndexVersionError, IndexNotFoundError):
        whole = False
    counts["told by verify"] += not whole
    counts["harmless"] += whole and said == truth
    if whole and said != truth:
        raise TortureError(f"{what}: a wrong answer, and verify says nothing")
    return not whole


def full(folder: Path, dice: random.Random, texts: Sequence[str]) -> dict[str, int | float]:
    """Let every call that needs the disk fail once; return how many there were."""
    path = fresh_index(folder, dice, texts, 3)
    counts: Counter[str] = Counter()
    calls = {
        (SegmentWriter, "_write"): SegmentWriter._write,
        (os, "fsync"): os.fsync,
        (os, "replace"): os.replace,
        (os, "open"): os.open,
        (Path, "open"): Path.open,
    }
    for seed in range(3):
        failing = 0
        while True:
            failing += 1
            with codec.Store(path).snapshot() as snapshot:
                before = check(snapshot)
            mayhem = Mayhem(path, random.Random(seed), texts)
            states = [before]
            left = [failing]
            for (owner, name), call in calls.items():
                setattr(owner, name, _failing(call, left))
            try:
                mayhem.step(states.append)
                survived = True
            except SearchIndexError:
                survived = False
            finally:
                for (owner, name), call in calls.items():
                    setattr(owner, name, call)
            counts["failures"] += not survived
            with codec.Store(path).snapshot() as snapshot:
                # where only the last sync of the directory failed, the commit may stand
                if check(snapshot) not in states:
                    raise TortureError(f"a failed call, number {failing}, changed the index")
                mayhem.state = check(snapshot)
            mayhem.step(lambda _: None)
            mayhem.writer.close()
            if problems := verify(path).problems:
                raise TortureError(f"after a failed call: {problems[0]}")
            if left[0] > 0:
                break
    return dict(counts)


def _failing(call: Any, left: list[int]) -> Any:
    """Return ``call``, which fails the ``left[0]``-th time any of its kind is used."""

    def instead(*arguments: Any, **options: Any) -> Any:
        left[0] -= 1
        if left[0] == 0:
            raise OSError(28, "No space left on device")
        return call(*arguments, **options)

    return instead


def readers(
    folder: Path, dice: random.Random, texts: Sequence[str], seconds: float
) -> dict[str, int | float]:
    """Write for ``seconds`` while eight processes read; return how much was done."""
    path = fresh_index(folder, dice, texts, 3)
    commits = 0
    shared = [mmap(-1, 16) for _ in range(8)]
    with contextlib.ExitStack() as stack:
        for memory in shared:
            stack.enter_context(child(lambda memory=memory: read_on(path, memory)))  # type: ignore[misc]
        mayhem = Mayhem(path, dice, texts)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            commits += mayhem.step(lambda _: None)
            generation = codec.Store(path).read().generation.to_bytes(8, "little")
            for memory in shared:
                memory[:8] = generation
        mayhem.writer.close()
    snapshots = sum(int.from_bytes(memory[8:16], "little") for memory in shared)
    return {"seconds": seconds, "commits": commits, "snapshots read": snapshots}


def main(arguments: Sequence[str] | None = None) -> None:
    options = parser(__doc__)
    options.add_argument("--kills", type=int, default=200)
    options.add_argument("--seconds", type=float, default=20.0, help="how long the readers read")
    options.add_argument("--changes", type=int, default=300, help="changes to the crafted index")
    options.add_argument("--seed", type=int, default=1)
    tortures = ("kills", "damage", "crafted", "full", "readers")
    options.add_argument("--only", nargs="+", choices=tortures, default=tortures)
    chosen = options.parse_args(arguments)
    if not hasattr(os, "fork"):
        raise SystemExit("this benchmark forks: it needs a POSIX system")

    texts = [article.text[:400] for article in read_articles(chosen.articles, chosen.limit)]
    table = Table("Torture", ["torture", "figure", "value"])
    for name in chosen.only:
        print(f"torture: {name}", file=sys.stderr)
        folder = Path(tempfile.mkdtemp())
        dice = random.Random(f"{chosen.seed} {name}")
        try:
            if name == "kills":
                figures = kills(folder, dice, texts, chosen.kills)
            elif name == "damage":
                figures = damage(folder, dice, texts)
            elif name == "crafted":
                figures = crafted(folder, dice, texts, chosen.changes)
            elif name == "full":
                figures = full(folder, dice, texts)
            else:
                figures = readers(folder, dice, texts, chosen.seconds)
        except TortureError as failure:
            raise SystemExit(f"FAILED ({name}, seed {chosen.seed}): {failure}") from failure
        finally:
            shutil.rmtree(folder)
        for figure, value in figures.items():
            table.add(name, figure, value)
    report(chosen, [table], seed=chosen.seed)


if __name__ == "__main__":
    main()

"""An index directory: its generations, its lock, its snapshots and its one writer."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from weakref import WeakValueDictionary

from vnsearch.codec.format import (
    COMMIT_NAME,
    Commit,
    SegmentEntry,
    SegmentFile,
    has_segments,
    opener,
    read_commit,
    read_deletions,
    sync,
    unreadable,
    write_commit,
    writing,
)
from vnsearch.codec.segment import Segment
from vnsearch.errors import (
    IndexClosedError,
    IndexCorruptError,
    IndexExistsError,
    IndexLockedError,
    SchemaError,
    SearchIndexError,
)
from vnsearch.schema import Keyword, Schema

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO, TypeVar

    from vnsearch.codec.writer import Terms, Writer

    _Opened = TypeVar("_Opened")

__all__ = ["Lock", "Snapshot", "Store", "check_timeout", "create", "discard", "exists", "path_name"]

LOCK_NAME = "vnsearch.lock"
_LOCK_POLL = 0.01
_LONGEST = 1e9  # seconds: whoever waits longer, waits for ever
_OPEN_ATTEMPTS = 50


def path_name(path: str | os.PathLike[str]) -> str:
    """Return an index directory's path as text; raise `SearchIndexError` where it can be none.

    An empty one would be the present directory, which is ``.`` where it is meant.
    """
    name: object = os.fspath(path) if isinstance(path, os.PathLike) else path
    if not isinstance(name, str):
        raise TypeError(f"an index is the path of a directory, not {type(name).__name__}")
    try:
        encoded = os.fsencode(name)
    except UnicodeEncodeError:  # a surrogate that stands for no byte
        encoded = b""
    if not encoded or 0 in encoded:
        raise SearchIndexError(f"{name!r} is no path of a directory")
    return name


def exists(path: str | os.PathLike[str]) -> bool:
    """Return whether there is an index at ``path``, whatever its state."""
    return os.path.exists(os.path.join(path, COMMIT_NAME)) or has_segments(path)


def create(path: str | os.PathLike[str], schema: Schema) -> None:
    """Make an empty index at ``path``; the directory is made if it is not there.

    Raises `IndexExistsError` where there is one, `SearchIndexError` where it cannot be written,
    `SchemaError` for a keyword field called ``stored``.
    """
    from pathlib import Path

    if isinstance(schema.get("stored"), Keyword):
        # a segment's sections of it would be called as those of the stored documents are
        raise SchemaError("a keyword field cannot be called 'stored'")
    directory = Path(path_name(path))
    with writing(directory):
        if directory.exists() and not directory.is_dir():
            raise SearchIndexError(f"{directory} is a file, not a directory")
        directory.mkdir(parents=True, exist_ok=True)
    with Lock(directory, 0.0):
        if exists(directory):
            raise IndexExistsError(f"there is already an index in {directory}")
        write_commit(directory, Commit(0, schema.to_json()))
        with writing(directory):
            sync([directory.resolve().parent])


def discard(path: str | os.PathLike[str]) -> None:
    """Remove the directory of an index that nothing was ever committed to; leave any other."""
    import shutil
    from contextlib import suppress
    from pathlib import Path

    directory = Path(path)
    with suppress(SearchIndexError), Lock(directory, 0.0):
        if read_commit(str(directory)).generation == 0:
            shutil.rmtree(directory, ignore_errors=True)


class Lock:
    """The right to write an index: one holder at a time, given back when its process ends.

    The lock is the operating system's, on an open file; the file itself stays. Raises
    `IndexLockedError` when another holds it for longer than ``timeout`` seconds, which may be
    ``math.inf``.
    """

    def __init__(self, directory: Path, timeout: float) -> None:
        check_timeout(timeout)
        path = directory / LOCK_NAME
        with writing(path):
            self._file: BinaryIO = open(path, "ab", opener=opener)  # noqa: SIM115
        deadline = time.monotonic() + min(timeout, _LONGEST)
        try:
            while not self._try(path):
                if time.monotonic() >= deadline:
                    raise IndexLockedError(
                        f"another writer is at work on {directory}; wait for it to finish, or give "
                        "a longer timeout"
                    )
                time.sleep(_LOCK_POLL)
        except BaseException:
            self._file.close()
            raise
        self._owner = os.getpid()

    def _try(self, path: Path) -> bool:
        try:
            return _try_lock(self._file)
        except OSError as error:  # some network file systems know no locks
            raise SearchIndexError(f"cannot lock {path}: {error.strerror}") from error

    def release(self) -> None:
        """Give the lock back."""
        if os.getpid() == self._owner:  # a process forked meanwhile has the file open, too
            _unlock(self._file)
        self._file.close()

    def __enter__(self) -> Lock:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def check_timeout(timeout: float) -> None:
    """Raise where ``timeout`` is no length of time."""
    try:
        valid = timeout >= 0
    except TypeError:
        raise TypeError(f"timeout takes seconds, not {type(timeout).__name__}") from None
    if not valid:  # below zero, or not a number
        raise ValueError(f"timeout takes zero seconds or more, not {timeout!r}")


if os.name == "posix":
    import fcntl

    def _try_lock(handle: BinaryIO) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _unlock(handle: BinaryIO) -> None:
        fcntl.flock(handle, fcntl.LOCK_UN)

else:
    import msvcrt

    def _try_lock(handle: BinaryIO) -> bool:
        handle.seek(0)
        try:
            msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        except OSError:
            return False
        return True

    def _unlock(handle: BinaryIO) -> None:
        handle.seek(0)
        msvcrt.locking(handle.fileno(), msvcrt.LK_UNLCK, 1)  # type: ignore[attr-defined]


class Snapshot:
    """One generation of an index, whole and unchanging whatever a writer does meanwhile."""

    def __init__(self, generation: int, schema: Schema, segments: list[Segment]) -> None:
        self.generation = generation
        self.schema = schema
        self._segments: list[Segment] | None = segments
        self.doc_count = sum(segment.live_count for segment in segments)

    @property
    def segments(self) -> list[Segment]:
        """The segments, oldest first; raises `IndexClosedError` after `close`."""
        if self._segments is None:
            raise IndexClosedError("the snapshot is closed")
        return self._segments

    def close(self) -> None:
        """Let go of the files."""
        self._segments = None

    def __enter__(self) -> Snapshot:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Store:
    """An index directory.

    Raises `IndexNotFoundError`, `IndexVersionError` or `IndexCorruptError`. Any number of processes
    may hold one and take snapshots while one of them writes.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.name = os.path.abspath(path_name(path))  # the process may go to another directory
        self._schema_text = ""
        self._schema = Schema()
        self._opened: WeakValueDictionary[str, Segment] = WeakValueDictionary()
        self._bitmaps: WeakValueDictionary[str, memoryview[int]] = WeakValueDictionary()
        self._kept: list[Segment] = []
        self.read()

    @property
    def path(self) -> Path:
        """Where the index is."""
        from pathlib import Path

        return Path(self.name)

    def file(self, name: str) -> str:
        """Return where one of the index's files is."""
        return os.path.join(self.name, name)

    @property
    def schema(self) -> Schema:
        """The schema, as last read."""
        return self._schema

    def read(self) -> Commit:
        """Return the present commit."""
        commit = read_commit(self.name)
        if commit.schema != self._schema_text:
            try:
                self._schema = Schema.from_json(commit.schema)
            except SchemaError as error:
                raise IndexCorruptError(str(error), self.file(COMMIT_NAME)) from None
            self._schema_text = commit.schema
        return commit

    def snapshot(self) -> Snapshot:
        """Return the present generation."""
        commit, segments = self.open_all(self.open_segment)
        self._kept = []
        return Snapshot(commit.generation, self._schema, segments)

    def open_all(self, opened: Callable[[SegmentEntry], _Opened]) -> tuple[Commit, list[_Opened]]:
        """Return the present commit, and each of its segments as ``opened``.

        All are opened before any is read, which may take long: a writer who goes on meanwhile
        removes what only older generations need. Where a file is gone for that (FileNotFoundError),
        all begins anew.
        """
        commit = self.read()
        for _ in range(_OPEN_ATTEMPTS):
            try:
                return commit, [opened(entry) for entry in commit.segments]
            except FileNotFoundError as error:
                newer = self.read()
                if newer.generation == commit.generation:
                    raise IndexCorruptError("the file is missing", str(error.filename)) from None
                commit = newer
        raise IndexCorruptError("a writer replaces the files faster than they open", self.name)

    def keep(self, segments: list[Segment]) -> None:
        """Keep the segments of a new commit open until the next snapshot, which asks for them."""
        self._kept = segments

    def open_segment(self, entry: SegmentEntry) -> Segment:
        """Return a segment as a commit names it; one that is open already is shared.

        Raises FileNotFoundError where a newer generation did away with it, `SearchIndexError` where
        the system does not let it be read.
        """
        try:
            return self._open_segment(entry)
        except FileNotFoundError:
            raise
        except OSError as error:
            raise unreadable(self.file(entry.name), error) from error

    def _open_segment(self, entry: SegmentEntry) -> Segment:
        opened = self._opened.get(entry.id)
        if opened is None:
            opened = Segment(SegmentFile(self.file(entry.name)), entry, self._schema)
            self._opened[entry.id] = opened
        if entry.deletions is None:
            return opened
        bitmap = self._bitmaps.get(entry.deletions)
        if bitmap is None:
            path = self.file(entry.deletions)
            bitmap = read_deletions(path, entry.documents, entry.deleted)
            self._bitmaps[entry.deletions] = bitmap
        return opened.with_deletions(entry, bitmap)

    def writer(
        self,
        timeout: float = 0.0,
        memory_limit: int = 256 << 20,
        terms: Callable[[], Terms] | None = None,
        fold_key: Callable[[str], str] | None = None,
        workers: int | None = 0,
    ) -> Writer:
        """Return the index's writer, waiting up to ``timeout`` seconds for the lock.

        ``memory_limit`` (bytes) bounds what is gathered before it is written as a segment.
        ``terms`` makes the writer's term table, ``fold_key`` a term's fold key; those of
        `vnsearch.text` if not given. Texts are analysed in ``workers`` other processes, in this
        one if that is 0, as `Index.add` says; the index comes out the same. Raises
        `IndexLockedError`.
        """
        from vnsearch.codec.writer import Writer

        return Writer(
            self,
            timeout=timeout,
            memory_limit=memory_limit,
            terms=terms,
            fold_key=fold_key,
            workers=workers,
        )

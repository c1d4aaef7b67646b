"""The bytes on disk: segment files, deletion files, the commit file, and how they are made durable.

``docs/FORMAT.md`` describes them for someone who writes a reader of their own. Everything is little
endian. Nothing read from a file is used as an offset, a length or a count before it is checked;
what does not fit raises `IndexCorruptError` with the file's name and the byte.
"""

from __future__ import annotations

import _thread
import json
import mmap
import os
import stat
import struct
import sys
import zlib
from collections.abc import Iterable, Iterator
from functools import lru_cache

from vnsearch.errors import (
    IndexCorruptError,
    IndexNotFoundError,
    IndexVersionError,
    SearchIndexError,
)
from vnsearch.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:  # (who only searches needs no pathlib, nor the 5 ms its import takes)
    from pathlib import Path
    from typing import IO, Any, BinaryIO

    from _typeshed import ReadableBuffer as Buffer

__all__ = [
    "COMMIT_NAME",
    "FORMAT_VERSION",
    "Commit",
    "Section",
    "SegmentEntry",
    "SegmentFile",
    "SegmentWriter",
    "read_commit",
    "read_deletions",
    "sync",
    "write_commit",
    "write_deletions",
    "writing",
]

FORMAT_VERSION = 4
MAX_DOCUMENTS = 1 << 31
"""How many documents a segment can have."""
COMMIT_NAME = "vnsearch.json"
SEGMENT_SUFFIX = ".seg"
DELETIONS_SUFFIX = ".del"

ITEM_SIZES = {"B": 1, "I": 4, "Q": 8, "q": 8, "d": 8}
"""The types a section may have, as the `array` and `struct` modules name them."""

_SEGMENT_MAGIC = b"VNSEARCH"
_DELETIONS_MAGIC = b"VNDELETE"
_ENDIAN_MARK = 0x01020304
# magic, version, endian mark, directory offset, length and crc32, crc32 of what comes before
_HEADER = struct.Struct("<8sIIQQII")
_HEADER_SIZE = 64
# magic, version, endian mark, documents, deleted documents, crc32 of the bitmap
_DELETIONS_HEADER = struct.Struct("<8sIIIII")
_COPY = 1 << 20
_BUFFER = 1 << 16  # bytes of a segment that are written in one go
_SMALL = 1 << 20  # bytes of a section, or a file, that are fetched in one go
_LONGEST_COMMIT = 1 << 28


class writing:  # noqa: N801 (a generator would take four times as long, and each section asks)
    """Turn an OSError while writing ``path`` into a `SearchIndexError` that says what happened."""

    __slots__ = ("_path",)

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError):
            reason = error.strerror or str(error)
            raise SearchIndexError(f"cannot write {self._path}: {reason}") from error


def sync(paths: Iterable[Path]) -> None:
    """Make files and directories durable: what is in them, which names are.

    They are synced side by side, so that a journalling file system writes its journal once for all.
    """
    import threading  # takes a millisecond, and who only searches needs it not

    failures: list[tuple[Path, BaseException]] = []

    def one(path: Path) -> None:
        try:
            _sync(path)
        except BaseException as error:  # whatever it is, a thread would keep it to itself
            failures.append((path, error))

    done = threading.Semaphore(0)

    def aside(path: Path) -> None:
        try:
            one(path)
        finally:
            done.release()

    first, *others = paths
    for path in others:  # (a threading.Thread would be waited for until it runs)
        try:
            _thread.start_new_thread(aside, (path,))
        except RuntimeError:  # the system has no more threads
            aside(path)
    one(first)
    for _ in others:
        done.acquire()
    for path, failure in failures:
        with writing(path):
            raise failure


def _sync(path: Path) -> None:
    """Make one file or directory durable."""
    if path.is_dir():
        if os.name != "posix":  # elsewhere a directory cannot be opened
            return
        descriptor = os.open(path, os.O_RDONLY)
    else:
        descriptor = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
    try:
        if sys.platform == "darwin":
            import fcntl

            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
        else:
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _check_version(version: object, file: str) -> None:
    if not isinstance(version, int) or isinstance(version, bool):
        raise IndexCorruptError("there is no format version", file, 0)
    if version != FORMAT_VERSION:
        age = "a newer" if version > FORMAT_VERSION else "an older"
        raise IndexVersionError(
            f"{file} is of format version {version}; this release reads version "
            f"{FORMAT_VERSION}. Open it with {age} vnsearch, or index the articles again"
        )


def _check_endian(mark: int, file: str) -> None:
    if mark != _ENDIAN_MARK:
        raise IndexCorruptError("the byte order mark is wrong", file, 12)
    if sys.byteorder != "little":
        raise SearchIndexError("vnsearch reads and writes indexes on little-endian machines only")


def opener(name: str, flags: int) -> int:
    """Open a file as `open` does, but do not wait where a pipe is in its place."""
    return os.open(name, flags | getattr(os, "O_NONBLOCK", 0), 0o666)


def open_file(name: str) -> tuple[BinaryIO, int]:
    """Open a file to read; return it and its length.

    A directory, a pipe or a device is refused: who made the index may mean harm, and these are
    waited at or read for ever.
    """
    try:
        handle = open(name, "rb", opener=opener)  # noqa: SIM115 (closed by whoever asked)
    except IsADirectoryError:
        raise IndexCorruptError("this is a directory, not a file", name) from None
    status = os.fstat(handle.fileno())
    if not stat.S_ISREG(status.st_mode):
        handle.close()
        raise IndexCorruptError("this is a pipe or a device, not a file", name)
    return handle, status.st_size


def unreadable(path: str | os.PathLike[str], error: OSError) -> SearchIndexError:
    """Return what to raise where the system does not let a file be read.

    That says nothing of the file: it must not be taken for damaged, and given up.
    """
    return SearchIndexError(f"cannot read {os.fspath(path)}: {error.strerror or error}")


def _advise(mapped: mmap.mmap, advice: str, start: int = 0, length: int | None = None) -> None:
    """Say how a mapped file will be read, where the system listens."""
    option = getattr(mmap, advice, None)
    if option is not None:
        mapped.madvise(option, start, len(mapped) - start if length is None else length)


# -- segment files -------------------------------------------------------------------------------


class Section(NamedTuple):
    """Where one array lies in a segment file: bytes from the file's start."""

    typecode: str
    offset: int
    length: int
    crc: int


class SegmentWriter:
    """Writes a segment file, section after section.

    The file has its final name from the start: no commit names it until it is whole.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._sections: dict[str, Section] = {}
        self._at = 0
        with writing(path):
            self._file = path.open("xb", buffering=_BUFFER)
        try:
            with writing(path):
                self._write(bytes(_HEADER_SIZE))
        except BaseException:
            self.abandon()
            raise

    def add(self, name: str, typecode: str, data: Buffer) -> None:
        """Write one section."""
        self.add_parts(name, typecode, (data,))

    def add_parts(self, name: str, typecode: str, parts: Iterable[Buffer]) -> None:
        """Write one section made of ``parts``, in order."""
        if name in self._sections:
            raise ValueError(f"section {name!r} is there already")
        offset = self._at
        crc = 0
        with writing(self.path):
            for part in parts:
                view = memoryview(part).cast("B")
                crc = zlib.crc32(view, crc)
                self._write(view)
            self._sections[name] = Section(typecode, offset, self._at - offset, crc)
            if self._at & 7:
                self._write(bytes(-self._at & 7))

    def _write(self, data: Buffer) -> None:
        self._at += self._file.write(data)

    def add_file(self, name: str, typecode: str, source: IO[bytes]) -> None:
        """Write one section with all that ``source`` holds."""
        source.seek(0)
        self.add_parts(name, typecode, iter(lambda: source.read(_COPY), b""))

    def finish(self, description: dict[str, Any]) -> None:
        """Write the directory and the header; ``description`` is kept beside the sections."""
        at = self._at
        directory = json.dumps(
            {
                **description,
                "sections": [
                    [name, part.typecode, part.offset, part.length, part.crc]
                    for name, part in self._sections.items()
                ],
            },
            ensure_ascii=False,
            separators=(",", ":"),
        ).encode()
        head = struct.pack(
            "<8sIIQQI",
            _SEGMENT_MAGIC,
            FORMAT_VERSION,
            _ENDIAN_MARK,
            at,
            len(directory),
            zlib.crc32(directory),
        )
        with writing(self.path):
            self._write(directory)
            self._file.seek(0)
            self._file.write(head + struct.pack("<I", zlib.crc32(head)))
            self._file.close()

    def abandon(self) -> None:
        """Close and remove the file."""
        import contextlib

        with contextlib.suppress(OSError):  # a full disk shows here too
            self._file.close()
        self.path.unlink(missing_ok=True)


class SegmentFile:
    """A segment file, memory-mapped: its description and its sections as memoryviews.

    Opening takes constant time: the header and the directory are checked (crc32), a section's
    place when it is used, its contents only by `check`. Raises `IndexCorruptError`,
    `IndexVersionError` or FileNotFoundError.

    The system is told that little of the file will be read: else it reads up to megabytes round
    every byte that is looked at. Small sections are fetched whole when they are first used, and a
    small file when it is opened.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.name = os.fspath(path)
        handle, size = open_file(self.name)
        with handle:
            if size < _HEADER_SIZE:
                raise IndexCorruptError("the file is shorter than its header", self.name, size)
            self._map = mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ)
        self._small = size <= _SMALL
        _advise(self._map, "MADV_WILLNEED" if self._small else "MADV_RANDOM")
        self._view = memoryview(self._map)
        self.size = size
        magic, version, mark, at, length, directory_crc, crc = _HEADER.unpack_from(self._view)
        if magic != _SEGMENT_MAGIC:
            raise self.corrupt("this is not a vnsearch segment", 0)
        if zlib.crc32(self._view[: _HEADER.size - 4]) != crc:
            raise self.corrupt("the header does not match its checksum", 0)
        _check_version(version, self.name)
        _check_endian(mark, self.name)
        if at < _HEADER_SIZE or at > size or length > size - at:
            raise self.corrupt("the directory lies outside the file", 16)
        data = self._view[at : at + length]
        if zlib.crc32(data) != directory_crc:
            raise self.corrupt("the directory does not match its checksum", at)
        try:
            self.description: dict[str, Any] = json.loads(str(data, "utf-8"))
            self._listed = {str(name): numbers for name, *numbers in self.description["sections"]}
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            raise self.corrupt("the directory is not one", at) from None
        self._end = at
        self._sections: dict[str, Section] = {}

    @property
    def path(self) -> Path:
        """Where the file is."""
        from pathlib import Path

        return Path(self.name)

    def corrupt(self, message: str, offset: int | None = None) -> IndexCorruptError:
        """Return the error that names this file."""
        return IndexCorruptError(message, self.name, offset)

    def __contains__(self, name: str) -> bool:
        return name in self._listed

    def section(self, name: str) -> Section:
        """Return where a section lies; refused where it cannot."""
        known = self._sections.get(name)
        if known is not None:
            return known
        found = self._listed.get(name)
        if found is None:
            raise self.corrupt(f"section {name!r} is missing", self._end)
        try:
            typecode, offset, length, _ = found
            lies = (
                type(offset) is int
                and type(length) is int
                and offset >= _HEADER_SIZE
                and offset & 7 == 0
                and 0 <= length <= self._end - offset
                and length % ITEM_SIZES[typecode] == 0
            )
        except (TypeError, ValueError, KeyError):
            lies = False
        if not lies:
            raise self.corrupt(f"section {name!r} lies outside the file", self._end)
        part = tuple.__new__(Section, found)  # (its own would count again; a merge asks for 500)
        self._sections[name] = part
        return part

    def sections(self) -> dict[str, Section]:
        """Return where all sections lie, in the file's order."""
        return {name: self.section(name) for name in self._listed}

    def offset(self, name: str) -> int:
        """Return where a section begins, in bytes."""
        return self.section(name).offset

    def expect_all(self) -> None:
        """Tell the system that the file is about to be read from end to end.

        Sections that share bytes, and so are longer than the file, are refused: a small file could
        name one long section a thousand times.
        """
        try:
            fit = sum([abs(numbers[2]) for numbers in self._listed.values()]) <= self._end
        except (TypeError, IndexError):
            fit = False
        if not fit:
            raise self.corrupt("the sections are longer than the file", self._end)
        if not self._small:
            _advise(self._map, "MADV_NORMAL")

    def expect_little(self) -> None:
        """Tell the system that little of the file will be read from now on, as when it opened."""
        if not self._small:
            _advise(self._map, "MADV_RANDOM")

    def view(
        self, name: str, typecode: str, items: int | None = None, whole: bool = False
    ) -> memoryview[Any]:
        """Return a section as a memoryview; refused if not of this type and number of items.

        ``whole`` says that all of it will be read, however long it is.
        """
        stated, offset, length, _ = self.section(name)
        if stated != typecode:
            raise self.corrupt(f"section {name!r} is of the wrong type", offset)
        view = self._view[offset : offset + length].cast(typecode)  # type: ignore[call-overload]
        if items is not None and len(view) != items:
            raise self.corrupt(
                f"section {name!r} has {len(view)} items where {items} belong", offset
            )
        if not self._small and (whole or length <= _SMALL):
            self._fetch(offset, length)
        return view  # type: ignore[no-any-return]

    def is_long(self, name: str) -> bool:
        """Return whether a section is longer than 1 MiB: the others come whole."""
        return not self._small and self.section(name).length > _SMALL

    def expect(self, name: str, start: int, stop: int) -> None:
        """Have the system fetch bytes of a section that are about to be read, without waiting.

        Each page that is missed is waited for by itself; several that are asked for come together.
        More than 1 MiB is left to be read as it is needed.
        """
        _, offset, length, _ = self.section(name)
        if self.is_long(name) and 0 <= start < stop <= min(length, start + _SMALL):
            self._fetch(offset + start, stop - start)

    def _fetch(self, offset: int, length: int) -> None:
        start = offset - offset % mmap.PAGESIZE
        _advise(self._map, "MADV_WILLNEED", start, offset + length - start)

    def check(self) -> Iterator[IndexCorruptError]:
        """Compare every section with its checksum; yield an error for each that differs."""
        for name in self._listed:
            try:
                self.check_section(name)
            except IndexCorruptError as error:
                yield error

    def check_section(self, name: str) -> None:
        """Compare a section with its checksum; refused if it differs."""
        part = self.section(name)
        if zlib.crc32(self._view[part.offset : part.offset + part.length]) != part.crc:
            raise self.corrupt(f"section {name!r} does not match its checksum", part.offset)


# -- deletion files ------------------------------------------------------------------------------


def write_deletions(path: Path, bitmap: bytearray, documents: int) -> None:
    """Write which documents of a segment are deleted."""
    head = _DELETIONS_HEADER.pack(
        _DELETIONS_MAGIC,
        FORMAT_VERSION,
        _ENDIAN_MARK,
        documents,
        count_bits(bitmap),
        zlib.crc32(bitmap),
    )
    with writing(path), path.open("xb") as handle:
        handle.write(head)
        handle.write(struct.pack("<I", zlib.crc32(head)))
        handle.write(bitmap)


def read_deletions(
    path: str | os.PathLike[str], documents: int, deleted: int | None
) -> memoryview[int]:
    """Return the bitmap ('B', document d is bit d & 7 of byte d >> 3) of a deletion file.

    ``deleted`` is how many the commit says are deleted, None where there is no commit to ask.
    """
    head_size = _DELETIONS_HEADER.size + 4
    bitmap_size = (documents + 7) // 8
    name = os.fspath(path)
    handle, size = open_file(name)
    with handle:
        if size != head_size + bitmap_size:
            raise IndexCorruptError("the file's length does not fit its segment", name, size)
        data = handle.read()
    magic, version, mark, stated, stated_deleted, crc = _DELETIONS_HEADER.unpack_from(data)
    if magic != _DELETIONS_MAGIC:
        raise IndexCorruptError("this is not a deletion file", name, 0)
    head_crc = struct.unpack_from("<I", data, _DELETIONS_HEADER.size)[0]
    if zlib.crc32(data[: _DELETIONS_HEADER.size]) != head_crc:
        raise IndexCorruptError("the header does not match its checksum", name, 0)
    _check_version(version, name)
    _check_endian(mark, name)
    bitmap = data[head_size:]
    if zlib.crc32(bitmap) != crc:
        raise IndexCorruptError("the bitmap does not match its checksum", name, head_size)
    if deleted is None:
        deleted = stated_deleted
    if stated != documents or stated_deleted != deleted or count_bits(bitmap) != deleted:
        raise IndexCorruptError("the counts do not fit the commit", name, 16)
    if documents & 7 and bitmap[-1] >> (documents & 7):
        raise IndexCorruptError("a document that is not there is deleted", name, size - 1)
    return memoryview(bitmap)


def count_bits(bitmap: Buffer) -> int:
    """Return the number of bits set."""
    return int.from_bytes(bitmap, "little").bit_count()


# -- the commit file -----------------------------------------------------------------------------


class SegmentEntry(NamedTuple):
    """A segment as a commit names it."""

    id: str
    documents: int
    deleted: int = 0
    deletions: str | None = None
    """Name of the deletion file, None when nothing is deleted."""

    @property
    def live(self) -> int:
        """The number of documents that are not deleted."""
        return self.documents - self.deleted

    @property
    def name(self) -> str:
        """Name of the segment's file."""
        return self.id + SEGMENT_SUFFIX


class Commit(NamedTuple):
    """One generation of an index: the schema and the segments, oldest first."""

    generation: int
    schema: str
    """The schema as JSON text."""
    segments: tuple[SegmentEntry, ...] = ()

    def files(self) -> set[str]:
        """Return the names of the files that this generation needs."""
        names = {COMMIT_NAME}
        for entry in self.segments:
            names.add(entry.name)
            if entry.deletions:
                names.add(entry.deletions)
        return names


def _commit_body(commit: Commit) -> dict[str, Any]:
    return {
        "generation": commit.generation,
        "schema": commit.schema,
        "segments": [[s.id, s.documents, s.deleted, s.deletions] for s in commit.segments],
    }


def _body_crc(body: object) -> int:
    return zlib.crc32(json.dumps(body, sort_keys=True, separators=(",", ":")).encode())


def write_commit(directory: Path, commit: Commit, fresh: Iterable[str] = ()) -> None:
    """Make ``commit`` the index's generation: durable, and either wholly there or not at all.

    ``fresh`` are the names of the files it needs that were written since the last one.
    """
    body = _commit_body(commit)
    text = json.dumps({"vnsearch": FORMAT_VERSION, "crc": _body_crc(body), "commit": body})
    path = directory / COMMIT_NAME
    temporary = directory / (COMMIT_NAME + ".tmp")
    with writing(path):
        # whoever made the index may have left a link here that leads to another file
        temporary.unlink(missing_ok=True)
        with temporary.open("x", encoding="ascii") as handle:
            handle.write(text)
        # everything the commit is made of comes before the name that makes it so
        sync([temporary, directory, *(directory / name for name in fresh)])
        os.replace(temporary, path)
        sync([directory])


def files_of_segments(directory: str | os.PathLike[str], suffix: str) -> list[str]:
    """Return the names of files that belong to segments: an id, and what ends with ``suffix``."""
    import glob

    return glob.glob("[0-9a-f]" * 16 + suffix, root_dir=directory)


def has_segments(directory: str | os.PathLike[str]) -> bool:
    """Return whether there are segment files, by their names."""
    return bool(files_of_segments(directory, SEGMENT_SUFFIX))


def read_commit(directory: str) -> Commit:
    """Return the index's present generation.

    Raises `IndexNotFoundError`, `IndexVersionError` (also for a Whoosh index, which is pickled),
    `IndexCorruptError` (also where there are segments but no commit), or `SearchIndexError` where
    the system does not let it be read.
    """
    path = os.path.join(directory, COMMIT_NAME)
    try:
        handle, size = open_file(path)
        with handle:
            if size > _LONGEST_COMMIT:
                raise IndexCorruptError("no commit file is as long", path, _LONGEST_COMMIT)
            data = handle.read()
    except (FileNotFoundError, NotADirectoryError):
        import glob

        if glob.glob("_*_*.toc", root_dir=directory):
            raise _whoosh_error(directory) from None
        if has_segments(directory):
            raise IndexCorruptError(
                "the file is missing; 'vnsearch repair' makes it anew from the segment files", path
            ) from None
        if os.path.isdir(directory):
            raise IndexNotFoundError(f"there is no index in {directory}") from None
        if os.path.exists(directory):
            raise IndexNotFoundError(f"{directory} is a file, not a directory") from None
        raise IndexNotFoundError(f"there is no directory {directory}") from None
    except OSError as error:
        raise unreadable(path, error) from error
    if data[:1] == b"\x80":  # how a pickle begins
        raise _whoosh_error(directory)
    return _parse_commit(data, path)


@lru_cache(maxsize=8)
def _parse_commit(data: bytes, path: str) -> Commit:
    """Return what a commit file says. One is read three times when an article is added."""
    try:
        outer = json.loads(data.decode("ascii"))
    except (ValueError, RecursionError) as error:
        offset = getattr(error, "pos", getattr(error, "start", 0))
        raise IndexCorruptError("this is not a commit file", path, offset) from None
    if not isinstance(outer, dict) or "vnsearch" not in outer:
        raise IndexCorruptError("this is not a commit file", path, 0)
    _check_version(outer["vnsearch"], path)
    body: Any = outer.get("commit")
    if _body_crc(body) != outer.get("crc"):
        raise IndexCorruptError("the commit does not match its checksum", path, 0)
    try:
        commit = Commit(
            body["generation"],
            str(body["schema"]),
            tuple(SegmentEntry(*entry) for entry in body["segments"]),
        )
        if not isinstance(commit.generation, int) or not 0 <= commit.generation < 1 << 62:
            raise ValueError("the generation is not a number")
        for entry in commit.segments:
            _check_entry(entry)
        if len({entry.id for entry in commit.segments}) < len(commit.segments):
            raise ValueError("a segment is there twice")
    except (KeyError, TypeError, ValueError):
        raise IndexCorruptError("the commit is not one", path, 0) from None
    return commit


def _check_entry(entry: SegmentEntry) -> None:
    """Refuse what could name a file elsewhere, or counts that cannot be."""
    names = [entry.id] if entry.deletions is None else [entry.id, entry.deletions]
    if not all(
        isinstance(name, str) and name.replace(".", "").isalnum() and not name.startswith(".")
        for name in names
    ):
        raise ValueError("a file's name is not one")
    numbers = (entry.documents, entry.deleted)
    if (
        not all(isinstance(n, int) for n in numbers)
        or not 0 <= entry.deleted <= entry.documents <= MAX_DOCUMENTS
    ):
        raise ValueError("a segment's counts cannot be")
    if (entry.deleted > 0) != (entry.deletions is not None):
        raise ValueError("a segment's deletions have no file, or a file for nothing")


def _whoosh_error(directory: str) -> IndexVersionError:
    return IndexVersionError(
        f"{directory} holds a Whoosh index. Its table of contents is a pickle, which can run any "
        "code when it is opened, so vnsearch does not open it. If you trust where it comes from, "
        "import it with `vnsearch convert`"
    )

"""Making the commit file anew, where it is damaged or missing, from the files it named."""

from __future__ import annotations

import contextlib
import re
import time
from pathlib import Path

from vnsearch.codec.format import (
    COMMIT_NAME,
    DELETIONS_SUFFIX,
    MAX_DOCUMENTS,
    SEGMENT_SUFFIX,
    Commit,
    SegmentEntry,
    SegmentFile,
    count_bits,
    files_of_segments,
    open_file,
    read_deletions,
    unreadable,
    write_commit,
    write_deletions,
)
from vnsearch.codec.segment import Segment
from vnsearch.errors import IndexCorruptError, SchemaError
from vnsearch.schema import Schema

__all__ = ["recover_commit"]


def recover_commit(directory: Path, lost: list[str], notes: list[str]) -> bool:
    """Write a commit of the segments that lie in ``directory``; return whether there are any.

    Segments and the schema are read from the segment files' own headers, which are checksummed;
    what is left of the commit file says only in which order they stood. Deletions are those of the
    newest deletion file that can be read. Where several segments have a document of one id, the
    last one stays. ``lost`` and ``notes`` are told what could not be had back, and what is not
    certain. The caller holds the index's lock.
    """
    left = _left(directory)
    files: list[SegmentFile] = []
    schema: Schema | None = None
    for path in _in_order(directory, left):
        try:
            file = SegmentFile(path)
            schema = _schema(file)
            files.append(file)
        except (FileNotFoundError, ValueError, IndexCorruptError) as error:
            lost.append(f"all documents of {path.name}: {error}")
        except OSError as error:
            raise unreadable(path, error) from error
    if schema is None:
        lost.clear()
        return False
    generation = _next_generation(directory, left)
    entries: list[SegmentEntry] = []
    found: list[tuple[Segment, bytearray]] = []
    for file in files:
        entry = SegmentEntry(file.path.stem, file.description["documents"])
        try:
            segment = Segment(file, entry, schema)
        except IndexCorruptError as error:
            lost.append(f"all {entry.documents} documents of {entry.name}: {error}")
            continue
        found.append((segment, _deletions(directory, entry, notes)))
    twice = _delete_older(found)
    for segment, bitmap in found:
        deleted = count_bits(bitmap)
        name = f"{segment.id}.{generation}{DELETIONS_SUFFIX}" if deleted else None
        if name is not None:
            write_deletions(directory / name, bitmap, segment.doc_count)
        entries.append(SegmentEntry(segment.id, segment.doc_count, deleted, name))
    commit = Commit(generation, schema.to_json(), tuple(entries))
    # a segment that a dead writer left may never have been synced
    write_commit(directory, commit, commit.files() - {COMMIT_NAME})
    live = sum(entry.live for entry in entries)
    notes.append(
        f"{COMMIT_NAME} was made anew from the headers of {len(entries)} segment files: {live} "
        "documents. Deletions are those of the newest deletion files that could be read. What a "
        "writer had not committed, or a merge had replaced, may be among them"
    )
    if twice:
        notes.append(f"{twice} documents were there twice, and the older of each was deleted")
    return True


def _left(directory: Path) -> bytes:
    """Return what is left of the commit file."""
    try:
        handle, _ = open_file(str(directory / COMMIT_NAME))
        with handle:
            return handle.read()
    except (OSError, IndexCorruptError):
        return b""


def _next_generation(directory: Path, left: bytes) -> int:
    """Return a generation that no reader can have seen: at an equal one it would stay as it is.

    Where the commit file is lost, nothing tells the last one for certain. The microseconds since
    1970 are more than commits were ever made, and more than where an earlier repair began and the
    commits after it, which take longer than a microsecond each. What is left of the commit file,
    and the names of deletion files, count where the clock is wrong.
    """
    stated = [int(number) for number in re.findall(rb'"generation": *([0-9]{1,18})\b', left)]
    named = map(_generation, directory.glob("*" + DELETIONS_SUFFIX))
    return max(time.time_ns() // 1000, 1 + max([*stated, *named], default=0))


def _in_order(directory: Path, left: bytes) -> list[Path]:
    """Return the segment files: those the commit file still names last, in its order."""
    paths = [directory / name for name in files_of_segments(directory, SEGMENT_SUFFIX)]

    def place(path: Path) -> tuple[int, int, str]:
        return left.find(path.stem.encode()), path.stat().st_mtime_ns, path.name

    return sorted(paths, key=place)


def _schema(file: SegmentFile) -> Schema:
    """Return the schema a segment was written with."""
    documents, text = file.description.get("documents"), file.description.get("schema")
    if not isinstance(documents, int) or not 0 <= documents <= MAX_DOCUMENTS:
        raise file.corrupt("the directory states no documents")
    try:
        return Schema.from_json(str(text))
    except SchemaError as error:
        raise file.corrupt(str(error)) from None


def _generation(path: Path) -> int:
    """Return the generation in a deletion file's name, 0 if there is none."""
    part = path.name.removesuffix(DELETIONS_SUFFIX).rpartition(".")[2]
    return int(part) if part.isascii() and part.isdigit() and len(part) < 19 else 0


def _deletions(directory: Path, entry: SegmentEntry, notes: list[str]) -> bytearray:
    """Return the bitmap of the newest deletion file of a segment that can be read."""
    paths = directory.glob(f"{entry.id}.*{DELETIONS_SUFFIX}")
    for path in sorted(paths, key=_generation, reverse=True):
        try:
            return bytearray(read_deletions(path, entry.documents, None))
        except (FileNotFoundError, IndexCorruptError):
            notes.append(f"{path.name} is damaged: what it says is deleted may come back")
        except OSError as error:
            raise unreadable(path, error) from error
    return bytearray((entry.documents + 7) // 8)


def _delete_older(found: list[tuple[Segment, bytearray]]) -> int:
    """Mark all but the last document of each id deleted; return how many were."""
    seen: set[str] = set()
    twice = 0
    for segment, bitmap in reversed(found):
        for doc in reversed(range(segment.doc_count)):
            if bitmap[doc >> 3] >> (doc & 7) & 1:
                continue
            with contextlib.suppress(IndexCorruptError, IndexError):  # for `repair` to see to
                identifier = segment.doc_id(doc)
                if identifier in seen:
                    bitmap[doc >> 3] |= 1 << (doc & 7)
                    twice += 1
                seen.add(identifier)
    return twice

"""Making the commit file anew, where it is damaged or missing, from the files it named."""

from __future__ import annotations

import contextlib
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
    read_deletions,
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
    files: list[SegmentFile] = []
    schema: Schema | None = None
    for path in _in_order(directory):
        try:
            file = SegmentFile(path)
            schema = _schema(file)
            files.append(file)
        except (OSError, ValueError, IndexCorruptError) as error:
            lost.append(f"all documents of {path.name}: {error}")
    if schema is None:
        lost.clear()
        return False
    generation = 1 + max(map(_generation, directory.glob("*" + DELETIONS_SUFFIX)), default=0)
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
    fresh = []
    for segment, bitmap in found:
        deleted = count_bits(bitmap)
        name = f"{segment.id}.{generation}{DELETIONS_SUFFIX}" if deleted else None
        if name is not None:
            write_deletions(directory / name, bitmap, segment.doc_count)
            fresh.append(name)
        entries.append(SegmentEntry(segment.id, segment.doc_count, deleted, name))
    write_commit(directory, Commit(generation, schema.to_json(), tuple(entries)), fresh)
    live = sum(entry.live for entry in entries)
    notes.append(
        f"{COMMIT_NAME} was made anew from the headers of {len(entries)} segment files: {live} "
        "documents. Deletions are those of the newest deletion files that could be read. What a "
        "writer had not committed, or a merge had replaced, may be among them"
    )
    if twice:
        notes.append(f"{twice} documents were there twice, and the older of each was deleted")
    return True


def _in_order(directory: Path) -> list[Path]:
    """Return the segment files: those the commit file still names last, in its order."""
    try:
        left = (directory / COMMIT_NAME).read_bytes()
    except OSError:
        left = b""
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
        except (OSError, IndexCorruptError):
            notes.append(f"{path.name} is damaged: what it says is deleted may come back")
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

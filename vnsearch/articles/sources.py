"""Finding the files behind the sources a caller names, and opening them as text.

A source is a path, a glob, a folder, ``-`` (standard input) or an open file. What comes out is a
stream of text pieces: compression is told by the file's first bytes, the encoding by what
decodes.
"""

from __future__ import annotations

import bz2
import codecs
import glob
import gzip
import io
import lzma
import os
import stat
import sys
import unicodedata
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import IO, Any, AnyStr, cast

from vnsearch.errors import ArticleError, SourceFormatError, SourceNotFoundError

__all__ = ["FORMATS", "Source", "check_encoding", "find_sources", "open_text"]

STDIN = "-"
PIECE_BYTES = 256 * 1024

FORMATS = {
    ".txt": "text",
    ".html": "html",
    ".htm": "html",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".csv": "csv",
    ".tsv": "csv",
}
_COMPRESSED = {".gz", ".xz", ".bz2"}
_MAGIC: tuple[tuple[bytes, Callable[[IO[bytes]], object]], ...] = (
    (b"\x1f\x8b", gzip.open),
    (b"\xfd7zXZ\x00", lzma.open),
    (b"BZh", bz2.open),
)
_BINARY_MAGIC = (
    b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"%PDF", b"PK\x03\x04", b"\x7fELF", b"SQLite format 3",
    b"\xd0\xcf\x11\xe0", b"RIFF", b"7z\xbc\xaf", b"\x28\xb5\x2f\xfd", b"{\\rtf",
)  # fmt: skip
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Those that vnsearch.text.encodings decodes (Python leaves the marks of cp1258 apart).
_LEGACY = {"tcvn3", "vni", "viscii", "vps", "viqr", "cp1258", "mojibake"}
_DAMAGED = "the compressed data is damaged or cut short"
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\f\x1b"))


@dataclass(slots=True)
class Source:
    """One file to read.

    ``name`` is what errors call it, ``stem`` what ids are made of, ``format`` a value of
    `FORMATS` or None where only the content can tell, ``size`` its bytes on disk (None unknown).
    """

    name: str
    path: Path | None = None
    stream: IO[Any] | None = None
    relative: str = ""
    stem: str = ""
    format: str | None = None
    size: int | None = None


def find_sources(
    given: Sequence[object], fault: Callable[[str, ArticleError], None]
) -> tuple[list[Source], int]:
    """Return the files behind the sources, in the order given, and how many were passed over.

    A folder gives its files of known kinds, sorted; hidden ones, other kinds, pipes, devices and
    links to folders are passed over. A file reached twice is taken once. ``fault`` gets the name
    and the error of each source that is not there.
    """
    found: list[Source] = []
    seen: set[str] = set()
    ignored = 0

    def add(path: Path, relative: str) -> None:
        place = os.path.abspath(path)
        if place not in seen:
            seen.add(place)
            found.append(_file_source(path, relative))

    for item in given:
        if isinstance(item, str) and item == STDIN:
            if sys.stdin is None:
                fault("-", SourceNotFoundError("standard input is closed"))
                continue
            stream = getattr(sys.stdin, "buffer", sys.stdin)
            found.append(Source("standard input", stream=stream, stem="stdin"))
        elif isinstance(item, str | os.PathLike):
            name = os.fspath(item)
            if isinstance(name, bytes):
                name = os.fsdecode(name)
            try:
                paths = _expand(name)
                for path in paths:
                    if path.is_dir():
                        inside, passed = _walk(path, fault)
                        ignored += passed
                        for child in inside:
                            add(child, child.relative_to(path).as_posix())
                    elif _is_special(path) and paths != [Path(name).expanduser()]:
                        ignored += 1
                    else:
                        add(path, path.name)
            except SourceNotFoundError as error:
                fault(name, error)
            except (OSError, ValueError) as error:  # ValueError: a NUL in the name
                fault(name, SourceNotFoundError(f"{name!r}: {_reason(error)}"))
        elif hasattr(item, "read"):
            found.append(_stream_source(cast("IO[Any]", item)))
        else:
            raise TypeError(
                f"a source is a path, a glob, '-' or an open file, not {type(item).__name__}"
            )
    _name_stems(found)
    return found, ignored


def _expand(name: str) -> list[Path]:
    path = Path(name).expanduser()
    if name and path.exists():
        return [path]
    if glob.has_magic(name):
        matches = sorted(glob.glob(str(path), recursive=True))
        if not matches:
            raise SourceNotFoundError(f"{name!r}: nothing matches this pattern")
        return [Path(match) for match in matches]
    raise SourceNotFoundError(f"{name!r}: no such file or folder")


def _walk(folder: Path, fault: Callable[[str, ArticleError], None]) -> tuple[list[Path], int]:
    files: list[Path] = []
    passed = 0

    def unreadable(error: OSError) -> None:
        name = str(error.filename)
        fault(name, SourceNotFoundError(f"{name!r}: {_reason(error)}"))

    for place, folders, names in os.walk(folder, onerror=unreadable):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        passed += sum(os.path.islink(os.path.join(place, name)) for name in folders)
        for name in sorted(names):
            if name.startswith("."):
                continue
            path = Path(place, name)
            if _format_of(name)[1] is None or _is_special(path):
                passed += 1
            else:
                files.append(path)
    if not files:
        kinds = " ".join(FORMATS)
        raise SourceNotFoundError(
            f"{str(folder)!r}: no articles in this folder (looked for {kinds})"
        )
    return files, passed


def _is_special(path: Path) -> bool:
    """Whether this is there and no file, such as a pipe, which is waited at for ever."""
    try:
        return not stat.S_ISREG(os.stat(path).st_mode)
    except OSError:  # which is told when it is opened
        return False


def _format_of(name: str) -> tuple[str, str | None]:
    """Return a file name's stem and the format its suffix names, under any compression suffix."""
    stem, suffix = os.path.splitext(name)
    if suffix.lower() in _COMPRESSED:
        name = stem
        stem, suffix = os.path.splitext(stem)
    kind = FORMATS.get(suffix.lower())
    return (stem, kind) if kind else (name, None)


def _file_source(path: Path, relative: str) -> Source:
    stem, kind = _format_of(path.name)
    try:
        size = path.stat().st_size if path.is_file() else None
    except OSError:
        size = None
    return Source(str(path), path=path, relative=relative, stem=stem, format=kind, size=size)


def _stream_source(stream: IO[Any]) -> Source:
    given = getattr(stream, "name", None)
    name = os.path.basename(given) if isinstance(given, str) and given else "stream"
    stem, kind = _format_of(name)
    return Source(str(given or "stream"), stream=stream, relative=name, stem=stem, format=kind)


def _name_stems(sources: list[Source]) -> None:
    """Make the stems differ: by the path inside the folder given, then by the whole path.

    They are composed (NFC), as who types an id does: some systems keep the marks of names apart.
    """
    steps: tuple[Callable[[Source], str], ...] = (
        lambda source: (
            source.relative[: -len(Path(source.relative).name)] + source.stem
            if source.relative
            else source.stem
        ),
        lambda source: source.relative or source.stem,
        lambda source: Path(source.name).as_posix(),
    )
    for source in sources:
        source.stem = unicodedata.normalize("NFC", source.stem)
    for step in steps:
        counts: dict[str, int] = {}
        for source in sources:
            counts[source.stem] = counts.get(source.stem, 0) + 1
        clashing = [source for source in sources if counts[source.stem] > 1]
        if not clashing:
            return
        for source, stem in [(source, step(source)) for source in clashing]:
            source.stem = unicodedata.normalize("NFC", stem)
    taken: dict[str, int] = {}
    for source in sources:
        number = taken[source.stem] = taken.get(source.stem, 0) + 1
        if number > 1:
            source.stem = f"{source.stem}-{number}"


class CountingFile(io.RawIOBase):
    """A raw reader that tells ``count`` how many bytes were taken from ``raw``."""

    def __init__(self, raw: IO[bytes], count: Callable[[int], None]) -> None:
        # a buffered stream's read waits until it has all, deaf to signals meanwhile
        self._read = getattr(raw, "read1", raw.read)
        self._count = count

    def readable(self) -> bool:
        """Say that this can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill ``buffer`` from the file beneath."""
        data = self._read(len(buffer)) or b""
        buffer[: len(data)] = data
        self._count(len(data))
        return len(data)


@contextmanager
def open_text(
    source: Source,
    *,
    encoding: str | None,
    count: Callable[[int], None],
    converted: Callable[[str, int], None],
) -> Iterator[Iterator[str]]:
    """Open a source as an iterator over its text in pieces of some 256 KiB.

    ``encoding`` is a codec of Python's or of `vnsearch.text.encodings`; None means: the byte
    order mark's, else UTF-8, else what `vnsearch.text.encodings.detect` says. ``count`` gets the
    bytes taken from the disk; ``converted`` the name of an encoding that is not UTF-8, and how
    many characters were lost, again for every piece that lost some. A stream given by the caller
    is read and left open.

    Raises `SourceNotFoundError` for a file that cannot be opened, `SourceFormatError` for a
    binary file, a damaged compressed one, or one that is not in the ``encoding`` given.
    """
    if source.stream is not None:
        stream = source.stream
        if hasattr(stream, "encoding"):  # a text stream, wrapped or not
            yield _checked(source, iter(lambda: stream.read(PIECE_BYTES), ""))
        else:
            file = _decompressed(source, CountingFile(stream, count))
            yield _decoded(source, _checked(source, _blocks(file)), encoding, converted)
        return
    assert source.path is not None
    try:
        raw = source.path.open("rb", buffering=0)
    except (OSError, ValueError) as error:
        raise SourceNotFoundError(f"{source.name!r}: {_reason(error)}") from None
    with raw:
        file = _decompressed(source, CountingFile(raw, count))
        yield _decoded(source, _checked(source, _blocks(file)), encoding, converted)


def _decompressed(source: Source, raw: CountingFile) -> IO[bytes]:
    file = io.BufferedReader(raw, PIECE_BYTES)
    try:
        head = file.peek(16)
    except OSError as error:
        raise SourceNotFoundError(f"{source.name!r}: {_reason(error)}") from None
    for magic, opener in _MAGIC:
        if head.startswith(magic) and (magic != b"BZh" or head[3:4].isdigit()):
            return cast("IO[bytes]", opener(file))
    promised = os.path.splitext(source.name)[1].lower()
    if promised in _COMPRESSED:
        raise SourceFormatError(f"{source.name!r}: not a {promised} file")
    return file


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    """Yield blocks of `PIECE_BYTES`, and what stands before an error before it is raised."""
    held = bytearray()
    failure: Exception | None = None
    while failure is None:
        try:
            read = file.read1(PIECE_BYTES - len(held))  # type: ignore[attr-defined]
        except Exception as error:
            failure, read = error, b""
        held += read
        if held and (not read or len(held) == PIECE_BYTES):
            yield bytes(held)
            held.clear()
        if not read and failure is None:
            return
    raise failure


def _checked(source: Source, pieces: Iterator[AnyStr]) -> Iterator[AnyStr]:
    """Pass pieces on, turning what reading can raise into this library's errors."""
    try:
        yield from pieces
    except (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile):
        raise SourceFormatError(f"{source.name!r}: {_DAMAGED}") from None
    except UnicodeError as error:
        raise SourceFormatError(f"{source.name!r}: {error}") from None
    except OSError as error:
        if error.errno is None:  # bz2 reports damage as a bare OSError
            raise SourceFormatError(f"{source.name!r}: {_DAMAGED}") from None
        raise SourceNotFoundError(f"{source.name!r}: {_reason(error)}") from None


def _failing(error: Exception) -> Iterator[bytes]:
    raise error
    yield


def _decoded(
    source: Source,
    blocks: Iterator[bytes],
    encoding: str | None,
    converted: Callable[[str, int], None],
) -> Iterator[str]:
    first = next(blocks, b"")
    try:
        second = next(blocks, b"")
    except SourceFormatError as error:  # the damage is told after what stands before it
        second, blocks = b"", _failing(error)
    mark = next((name for bom, name in _BOMS if first.startswith(bom)), None)
    if encoding is None and mark is None and _is_binary(first):
        mark = _utf16(first)
        if mark is None:
            raise SourceFormatError(f"{source.name!r}: a binary file, not text")
    stream = chain([first, second], blocks)
    name = (encoding or mark or "utf-8").lower()
    if encoding is None and name.startswith("utf-8"):
        if second or not _may_be_page(source, first):
            yield from _utf8_pieces(stream, name, converted)
        else:
            yield from _decode_legacy(first, None, converted)
    elif name in _LEGACY:
        converted(name, 0)
        yield from _legacy_pieces(stream, name, converted)
    else:
        if not name.startswith("utf-8"):
            converted(name, 0)
        decoder = codecs.getincrementaldecoder(name)("replace")
        for block in chain(stream, [b""]):
            try:
                piece = decoder.decode(block, not block)
            except UnicodeError as error:  # not every codec can replace what it cannot read
                reason = f"cannot be read as {name}: {error}"
                raise SourceFormatError(f"{source.name!r}: {reason}") from None
            if "\ufffd" in piece:
                converted(name, piece.count("\ufffd"))
            yield piece


def _may_be_page(source: Source, head: bytes) -> bool:
    """Whether text that is valid UTF-8 may still be converted: VIQR, mojibake.

    Records are left alone: their syntax is full of what VIQR takes for marks.
    """
    return source.format in (None, "text", "html") and head.lstrip()[:1] not in (b"{", b"[")


def _utf8_pieces(
    blocks: Iterator[bytes], name: str, converted: Callable[[str, int], None]
) -> Iterator[str]:
    """Decode UTF-8, and change to a legacy encoding at the first piece that cannot be UTF-8."""
    from vnsearch.text import encodings

    decoder = codecs.getincrementaldecoder(name)("strict")
    is_utf8 = name != "utf-8"  # a byte order mark, or a letter beyond ASCII, has said so
    for block in chain(filter(None, blocks), [b""]):
        pending = decoder.getstate()[0]
        try:
            piece = decoder.decode(block, not block)
        except UnicodeDecodeError as error:
            damaged = pending + block
            if len(damaged) < encodings.SAMPLE:
                damaged += next(blocks, b"")  # more to judge by
            around = max(0, error.start - encodings.SAMPLE // 2)
            found = encodings.detect(damaged[around : around + encodings.SAMPLE]).encoding
            if not is_utf8 and not found.startswith("utf-8"):
                converted(found, 0)
                yield from _legacy_pieces(chain([damaged], blocks), found, converted)
                return
            # UTF-8 with damage in it: go on, marking what is lost.
            decoder = codecs.getincrementaldecoder(name)("replace")
            piece = decoder.decode(damaged, not block)
        if not piece.isascii():
            is_utf8 = True
            if decoder.errors == "replace" and "\ufffd" in piece:
                converted("utf-8", piece.count("\ufffd"))
        yield piece


def _legacy_pieces(
    blocks: Iterator[bytes], name: str, converted: Callable[[str, int], None]
) -> Iterator[str]:
    held = b""
    for block in blocks:
        whole, held = _cut(held + block)
        yield from _decode_legacy(whole, name, converted)
    yield from _decode_legacy(held, name, converted)


def _cut(data: bytes) -> tuple[bytes, bytes]:
    """Cut where no letter of several bytes (VNI, VIQR) can stand: after a line end or space."""
    at = max(data.rfind(b"\n"), data.rfind(b" ")) + 1
    return data[:at], data[at:]


def _decode_legacy(
    data: bytes, name: str | None, converted: Callable[[str, int], None]
) -> Iterator[str]:
    from vnsearch.text import encodings

    if not data:
        return
    text, detection = encodings.decode(data, name)
    told = name or detection.encoding
    if detection.lost or told not in ("ascii", "utf-8", "utf-8-sig", name):
        converted(told, detection.lost)
    yield text


def _is_binary(head: bytes) -> bool:
    if head.startswith(_BINARY_MAGIC):
        return True
    sample = head[:8192]
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    return controls * 10 > len(sample)


def _utf16(head: bytes) -> str | None:
    """Return which UTF-16 without a byte order mark this is, None for what is no text."""
    from vnsearch.text import encodings

    if head.startswith(_BINARY_MAGIC):
        return None
    text, found = encodings.decode(head[: encodings.SAMPLE])
    # a letter of two units may be cut at the end of the sample
    is_text = found.encoding.startswith("utf-16") and found.lost < 2
    return found.encoding if is_text and not _is_binary(text.encode()) else None


def check_encoding(name: str) -> None:
    """Raise ValueError for the name of an encoding that neither Python nor vnsearch knows."""
    if name.lower() in _LEGACY:
        return
    try:
        b"a".decode(name, "replace")  # the lookup alone takes rot13 and zlib too
    except (LookupError, UnicodeError):
        raise ValueError(f"unknown encoding {name!r}") from None


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)

"""Where the commands write: a terminal with colour and a width, or a pipe with neither."""

from __future__ import annotations

import codecs
import io
import json
import os
import re
import shutil
import sys
import time
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import date
from typing import TYPE_CHECKING, Any, TextIO

from vnsearch.cli.arguments import UsageError
from vnsearch.errors import SourceNotFoundError, VnsearchError

if TYPE_CHECKING:
    from vnsearch.articles import Article, Reader
    from vnsearch.snippets import Format

__all__ = ["Terminal", "clean", "columns", "counted", "describe", "standard_input"]

PATIENCE = 0.5  # seconds of work before a progress bar is worth showing
_STYLES = {"bold": "1", "dim": "2", "title": "1;36", "warn": "33"}
_ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class Terminal:
    """Standard output and error, and what they can show.

    ``colour`` is on only where output is a terminal and neither ``NO_COLOR`` nor ``TERM=dumb``
    says otherwise; ``width`` is the number of columns, or None on a pipe, where lines are
    never wrapped. What the locale cannot encode is written as ``?``, what it cannot decode is
    read as U+FFFD. ``as_json`` is for programs: what goes wrong is told in JSON, too.
    """

    def __init__(self, *, as_json: bool = False) -> None:
        self.as_json = as_json
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="replace")
        if isinstance(sys.stdin, io.TextIOWrapper):
            ascii = codecs.lookup(sys.stdin.encoding).name == "ascii"  # as in the C locale
            sys.stdin.reconfigure(encoding="utf-8" if ascii else None, errors="replace")
        dumb = os.environ.get("TERM") == "dumb"
        self.colour = _isatty(sys.stdout) and not dumb and not os.environ.get("NO_COLOR")

    @property
    def width(self) -> int | None:
        """Return the number of columns now: a window may be made narrower meanwhile."""
        return shutil.get_terminal_size().columns if _isatty(sys.stdout) else None

    @property
    def highlight(self) -> Format:
        """Return the snippet format that suits: colours, or guillemets."""
        return "ansi" if self.colour else "text"

    def style(self, text: str, name: str) -> str:
        """Return ``text`` without control characters, coloured where there is colour."""
        text = clean(text)
        return f"\x1b[{_STYLES[name]}m{text}\x1b[0m" if self.colour and text else text

    def write(self, text: str = "", indent: int = 0, label: str = "") -> None:
        """Write lines, wrapped to the width behind ``indent`` spaces, ``label`` in the first."""
        margin = label.ljust(indent)
        for line in text.split("\n"):
            for row in self._wrapped(line, indent):
                print((margin + row).rstrip(" "), file=sys.stdout)
                margin = " " * indent

    def fail(self, error: BaseException) -> None:
        """Write a line to standard error that says what stopped the command."""
        self._tell("error", error)

    def warn(self, error: Exception) -> None:
        """Write a line to standard error about what was passed over."""
        self._tell("warning", error)

    def _tell(self, kind: str, error: BaseException) -> None:
        if sys.stderr is None:  # `print` would take it for standard output
            return
        message = describe(error)
        if self.as_json:
            told = {kind: {"type": type(error).__name__, "message": message}}
            line = _dumped(told, sys.stderr)
        elif isinstance(error, UsageError):
            line = clean(error.usage)
        else:
            line = "vnsearch: " + clean(" ".join(message.split()))
        with suppress(OSError):  # a terminal that was closed, a full disk
            print(line, file=sys.stderr)

    def json(self, value: Any) -> None:
        """Write a value as JSON, in the reader's letters where the locale has them."""
        print(_dumped(value, sys.stdout, indent=2), file=sys.stdout)

    @contextmanager
    def progress(self, reader: Reader) -> Iterator[Iterable[Article]]:
        """Give the reader's articles, counting them on standard error as they pass.

        Nothing is shown where that is no terminal, nor before half a second of work; what is
        shown stays until the block ends and is then wiped.
        """
        if not _isatty(sys.stderr):
            yield reader
            return
        articles = _Counted(reader)
        try:
            yield articles
        finally:
            if articles.bar is not None:
                with suppress(OSError):  # its terminal was closed
                    articles.bar.stop()

    def _wrapped(self, line: str, indent: int) -> Iterator[str]:
        width = self.width
        if width is None:
            yield line
            return
        room = max(20, width - indent)
        row: list[str] = []
        used = 0
        for word in line.split(" "):
            size = columns(word)
            if row and used + 1 + size > room:
                yield " ".join(row)
                row, used = [], 0
            used += size + (1 if row else 0)
            row.append(word)
        yield " ".join(row)


class _Counted:
    """A reader's articles, counted by a bar that is there once it is worth it."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.report = reader.report
        self.bar: Any = None

    def __iter__(self) -> Iterator[Article]:
        reader = self.reader
        started = time.monotonic()
        for count, article in enumerate(reader, 1):
            yield article
            elapsed = time.monotonic() - started
            if self.bar is None and elapsed > PATIENCE:
                self.bar = _bar(reader.bytes_total)
            if self.bar is not None and count & 63 == 0:
                told = f"{count:,} articles, {count / elapsed:,.0f} a second"
                self.bar.update(0, description=told, completed=reader.bytes_read)
        if self.bar is not None:
            self.bar.update(0, description="writing the index", total=None)


def standard_input() -> TextIO:
    """Return standard input, or raise `SourceNotFoundError` where there is none."""
    if sys.stdin is None:
        raise SourceNotFoundError("standard input is closed")
    return sys.stdin


def describe(error: BaseException) -> str:
    """Return what to tell a reader of an error."""
    if isinstance(error, VnsearchError | UsageError | Warning):
        return str(error)
    if isinstance(error, KeyboardInterrupt):
        return "stopped"
    if isinstance(error, OSError):
        told = error.strerror or str(error)
        return f"{error.filename}: {told}" if error.filename else told
    return (
        f"this is a fault of ours: {type(error).__name__}: {error} (VNSEARCH_DEBUG=1 shows where)"
    )


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: ``1 article``, ``2,000 articles``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def clean(text: str) -> str:
    """Return text without the control characters that could steer a terminal."""
    return _CONTROL.sub("", text)


def columns(text: str) -> int:
    """Return how many columns text takes: none for marks and colours, two for wide letters."""
    text = _ESCAPE.sub("", text)
    if text.isascii():
        return len(text)
    return sum(
        0
        if unicodedata.category(c) in {"Mn", "Me", "Cf"}
        else 1 + (unicodedata.east_asian_width(c) in {"W", "F"})
        for c in text
    )


def _bar(total: int | None) -> Any:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    bar = Progress(
        BarColumn(bar_width=20),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    bar.add_task("reading", total=total)
    bar.start()
    return bar


def _isatty(stream: Any) -> bool:
    try:
        return bool(stream.isatty())
    except (AttributeError, ValueError):  # no stream, or one that is closed
        return False


def _dumped(value: Any, stream: TextIO | None, indent: int | None = None) -> str:
    """Return a value as JSON that the stream can encode, without halves of characters."""
    text = json.dumps(value, ensure_ascii=False, indent=indent, default=_plain)
    text = text.encode("utf-8", "replace").decode("utf-8")
    try:
        text.encode(getattr(stream, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(json.loads(text), indent=indent)
    return text


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return str(value)

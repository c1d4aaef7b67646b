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
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from typing import TYPE_CHECKING, Any, TextIO

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
    read as U+FFFD.
    """

    def __init__(self) -> None:
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="replace")
        if isinstance(sys.stdin, io.TextIOWrapper):
            ascii = codecs.lookup(sys.stdin.encoding).name == "ascii"  # as in the C locale
            sys.stdin.reconfigure(encoding="utf-8" if ascii else None, errors="replace")
        terminal = _isatty(sys.stdout)
        dumb = os.environ.get("TERM") == "dumb"
        self.colour = terminal and not dumb and not os.environ.get("NO_COLOR")
        self.width = shutil.get_terminal_size().columns if terminal else None

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

    def note(self, text: str) -> None:
        """Write one line to standard error, if there is one that can be written."""
        if sys.stderr is None:  # `print` would take it for standard output
            return
        with suppress(OSError):  # a terminal that was closed, a full disk
            print("vnsearch: " + clean(" ".join(text.split())), file=sys.stderr)

    def json(self, value: Any) -> None:
        """Write a value as JSON, in the reader's letters where the locale has them."""
        text = json.dumps(value, ensure_ascii=False, indent=2, default=_plain)
        try:
            text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
        except UnicodeEncodeError:
            text = json.dumps(value, indent=2, default=_plain)
        print(text, file=sys.stdout)

    @contextmanager
    def progress(self, reader: Reader) -> Iterator[Iterator[Article]]:
        """Give the reader's articles, counting them on standard error as they pass.

        Nothing is shown where that is no terminal, nor before half a second of work; what is
        shown stays until the block ends and is then wiped.
        """
        if not _isatty(sys.stderr):
            yield reader
            return
        bar: Any = None

        def counted() -> Iterator[Article]:
            nonlocal bar
            started = time.monotonic()
            for count, article in enumerate(reader, 1):
                yield article
                elapsed = time.monotonic() - started
                if bar is None and elapsed > PATIENCE:
                    bar = _bar(reader.bytes_total)
                if bar is not None and count & 63 == 0:
                    told = f"{count:,} articles, {count / elapsed:,.0f} a second"
                    bar.update(0, description=told, completed=reader.bytes_read)
            if bar is not None:
                bar.update(0, description="writing the index", total=None)

        try:
            yield counted()
        finally:
            if bar is not None:
                with suppress(OSError):  # its terminal was closed
                    bar.stop()

    def _wrapped(self, line: str, indent: int) -> Iterator[str]:
        if self.width is None:
            yield line
            return
        room = max(20, self.width - indent)
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


def standard_input() -> TextIO:
    """Return standard input, or raise `SourceNotFoundError` where there is none."""
    if sys.stdin is None:
        raise SourceNotFoundError("standard input is closed")
    return sys.stdin


def describe(error: Exception) -> str:
    """Return what to tell a reader of an error."""
    if isinstance(error, VnsearchError):
        return str(error)
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


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return str(value)

"""The records inside a text of many: JSON lines, JSON documents, comma-separated values.

Each reader takes the text as an iterator of pieces cut anywhere, keeps no more of it than the
record at hand, and yields `Record`s, or a `Fault` for a record that does not parse.
"""

from __future__ import annotations

import csv
import json
import math
import re
from collections.abc import Iterator
from itertools import chain
from types import NoneType
from typing import Any

from vnsearch.articles.article import FIELD_ALIASES, LEAD_ALIASES, MAX_TEXT_BYTES, key_name
from vnsearch.record import NamedTuple

__all__ = ["Fault", "Record", "csv_delimiter", "csv_records", "json_records", "jsonl_records"]

MAX_RECORD = 4 * MAX_TEXT_BYTES
"""Longest single record, in characters: what is longer is no record but a broken file."""

HELD = 1 << 20
"""So many characters of a list are held back until the keys after it tell whose it is."""

_ENVELOPES = ("articles", "data", "docs", "documents", "items", "results")
# Keys of an article; of an article or a file of them.
_CERTAIN = frozenset({*FIELD_ALIASES["id"], *FIELD_ALIASES["body"]})
_LIKELY = frozenset({*FIELD_ALIASES["title"], *LEAD_ALIASES})
_TELLING = _CERTAIN | _LIKELY
_DELIMITERS = ",;\t|"
_WHITESPACE = re.compile(r"[ \t\n\r\ufeff]*")
# An error this near to the end of what was read may be due to what was not: -Infinity, \ud83d\ude00
_UNSURE = 16


class Record(NamedTuple):
    """A record and the 1-based line it begins on."""

    line: int
    fields: dict[str, Any]


class Fault(NamedTuple):
    """Why there is no record at this line; ``fatal`` when nothing after it can be read."""

    line: int
    reason: str
    fatal: bool = False


def lines_of(pieces: Iterator[str]) -> Iterator[str]:
    """Cut pieces into lines, each with its line feed."""
    held: list[str] = []
    size = 0
    for piece in pieces:
        first, *rest = piece.split("\n")
        held.append(first)
        size += len(first)
        if rest:
            yield "".join(held) + "\n"
            for line in rest[:-1]:
                yield line + "\n"
            held, size = [rest[-1]], len(rest[-1])
        elif size > MAX_RECORD:
            break
    if size:
        yield "".join(held)


def jsonl_records(pieces: Iterator[str]) -> Iterator[Record | Fault]:
    """Yield the object on each line; blank lines are passed over."""
    for number, line in enumerate(lines_of(pieces), 1):
        line = line.strip(" \t\r\n\ufeff")
        if not line:
            continue
        try:
            value = _DECODER.decode(line)
        except (ValueError, RecursionError) as error:
            yield Fault(number, _json_reason(error))
            continue
        if isinstance(value, dict):
            yield Record(number, value)
        else:
            yield Fault(number, f"a line must be a JSON object, not {_json_kind(value)}")


def json_records(pieces: Iterator[str]) -> Iterator[Record | Fault]:
    """Yield the objects of a JSON document, one at a time.

    The document is an array of objects, one object, several one after the other, or an object
    with such an array under ``articles``, ``data``, ``docs``, ``documents``, ``items`` or
    ``results`` (whose other keys are about the file, and are passed over). An object with an id
    or a body, or with a title where the array holds no articles, is an article with a list of
    its own.
    """
    scanner = _Scanner(pieces)
    try:
        while (char := scanner.peek()) != "":
            if char == "[":
                yield from _array(scanner)
            elif char == "{":
                yield from _object(scanner)
            else:
                line = scanner.line()
                yield Fault(
                    line, f"an article must be a JSON object, not {_json_kind(scanner.value())}"
                )
    except (ValueError, RecursionError) as error:
        yield Fault(scanner.line(), _json_reason(error), fatal=True)


def _array(scanner: _Scanner) -> Iterator[Record | Fault]:
    return (_record(line, value) for line, value in _elements(scanner))


def _elements(scanner: _Scanner) -> Iterator[tuple[int, Any]]:
    """Yield the elements of an array with the lines they begin on."""
    scanner.take("[")
    if scanner.peek() == "]":
        scanner.take("]")
        return
    while True:
        scanner.peek()
        yield scanner.line(), scanner.value()
        if scanner.peek() == "]":
            scanner.take("]")
            return
        scanner.take(",")


def _record(line: int, value: Any) -> Record | Fault:
    if isinstance(value, dict):
        return Record(line, value)
    return Fault(line, f"an article must be a JSON object, not {_json_kind(value)}")


def _object(scanner: _Scanner) -> Iterator[Record | Fault]:
    line = scanner.line()
    scanner.take("{")
    fields: dict[str, Any] = {}
    held: dict[str, list[tuple[int, Any]]] = {}  # lists that may be the object's own
    streamed = ""  # the name of one that is too long for that
    try:
        while scanner.peek() != "}":
            if scanner.peek() != '"':
                raise ValueError("expected a name in double quotes")
            name = scanner.value()
            scanner.take(":")
            if scanner.peek() == "[" and name in _ENVELOPES and not _has(fields, _CERTAIN):
                start = scanner.place()
                for element in _elements(scanner):
                    if streamed:
                        yield _record(*element)
                        continue
                    held.setdefault(name, []).append(element)
                    if scanner.place() - start > HELD:
                        streamed = name
                        yield from _held_records(held)
                        held = {}
                if not streamed:
                    held.setdefault(name, [])
            else:
                fields[name] = scanner.value()
            if scanner.peek() != "}":
                scanner.take(",")
                if scanner.peek() == "}":
                    raise ValueError("a comma before the closing bracket")
        scanner.take("}")
    except (ValueError, RecursionError):
        if not _is_article(fields, held):  # what stands before the damage is good
            yield from _held_records(held)
        raise
    if streamed:
        if _has(fields, _CERTAIN):
            reason = f"{streamed!r} holds a long list of articles, and the object an id or body too"
            yield Fault(line, reason)
    elif held and not _is_article(fields, held):
        yield from _held_records(held)
    else:
        own = {name: [value for _, value in elements] for name, elements in held.items()}
        yield Record(line, {**fields, **own})


def _held_records(held: dict[str, list[tuple[int, Any]]]) -> Iterator[Record | Fault]:
    return (_record(*element) for elements in held.values() for element in elements)


def _is_article(fields: dict[str, Any], held: dict[str, list[tuple[int, Any]]]) -> bool:
    """Whether an object is an article with lists of its own, rather than one list of articles."""
    if _has(fields, _CERTAIN):
        return True
    if not _has(fields, _LIKELY):
        return False
    # the title may be that of a feed
    values = chain.from_iterable(held.values())
    return not any(isinstance(value, dict) and _has(value, _TELLING) for _, value in values)


def _has(fields: dict[str, Any], names: frozenset[str]) -> bool:
    return any(key_name(key) in names for key, value in fields.items() if value not in (None, ""))


class _Scanner:
    """Reads JSON values one at a time from pieces of text, keeping only the value at hand."""

    def __init__(self, pieces: Iterator[str]) -> None:
        self._pieces = pieces
        self._text = ""
        self._at = 0
        self._gone = 0  # characters before those of the text
        self._line = 1  # that of the character at _counted
        self._counted = 0
        self._ended = False

    def line(self) -> int:
        """Return the 1-based line of the next character."""
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._line

    def place(self) -> int:
        """Return how many characters stand before the next one."""
        return self._gone + self._at

    def peek(self) -> str:
        """Return the next character that is not white space, or "" at the end."""
        while True:
            match = _WHITESPACE.match(self._text, self._at)
            assert match is not None
            self._at = match.end()
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more(1):
                return ""

    def take(self, char: str) -> None:
        """Step over ``char``; anything else is a ValueError."""
        found = self.peek()
        if found != char:
            what = repr(found) if found else "the end of the file"
            raise ValueError(f"expected {char!r}, found {what}")
        self._at += 1

    def value(self) -> Any:
        """Return the next value, reading on until it is whole."""
        self.peek()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                unsure = error.msg.startswith("Unterminated") or (
                    error.pos >= len(self._text) - _UNSURE
                )
                into = error.pos - self._at  # reading on moves the text
                # Twice as much each time, or a long value would be scanned again and again.
                if not unsure or not self._more(len(self._text) - self._at):
                    self._at = min(self._at + into, len(self._text))
                    raise
            else:
                # A number at the very end may have more digits to come.
                if end < len(self._text) or not self._more(1):
                    self._at = end
                    return value

    def _more(self, wanted: int) -> bool:
        if self._ended:
            return False
        parts = []
        while wanted > 0:
            piece = next(self._pieces, None)
            if piece is None:
                self._ended = True
                break
            parts.append(piece)
            wanted -= len(piece)
        self.line()
        self._gone += self._at
        self._text = self._text[self._at :] + "".join(parts)
        self._at = self._counted = 0
        if len(self._text) > MAX_RECORD:
            raise ValueError(f"one value is longer than {MAX_RECORD // 2**20} MiB")
        return bool(parts)


def csv_records(pieces: Iterator[str]) -> Iterator[Record | Fault]:
    """Yield the rows under a header line; an empty cell is no value.

    The delimiter (comma, semicolon, tab or bar) is the one the header has most of.
    """
    lines = lines_of(pieces)
    above = 0
    for line in lines:
        header = line.strip("\ufeff\r\n ")
        if header:
            break
        above += 1
    else:
        return
    delimiter = csv_delimiter(header)
    if delimiter is None:
        reason = "the first line must name the columns (id, title, body, ...)"
        yield Fault(above + 1, reason, fatal=True)
        return
    # The limit is the csv module's, for the whole process; articles outgrow its default.
    csv.field_size_limit(max(csv.field_size_limit(), MAX_RECORD))
    rows = csv.reader(chain([header + "\n"], lines), delimiter=delimiter, strict=True)
    try:
        columns = next(rows)
    except csv.Error as error:
        yield Fault(above + 1, f"the first line does not name the columns: {error}", fatal=True)
        return
    names = [name.strip() or f"column_{number}" for number, name in enumerate(columns, 1)]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        yield Fault(above + 1, f"two columns are named {twice!r}", fatal=True)
        return
    while True:
        number = above + rows.line_num + 1
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield Fault(number, f"not a row of comma-separated values: {error}")
            continue
        if len(row) > len(names):
            yield Fault(number, f"{len(row)} cells under {len(names)} columns")
        elif any(row):
            yield Record(
                number, {name: cell for name, cell in zip(names, row, strict=False) if cell}
            )


def csv_delimiter(header: str) -> str | None:
    """Return the delimiter of a header line, or None where no column has a name we know."""
    outside = re.sub(r'"[^"]*"', "", header)
    delimiter = max(_DELIMITERS, key=outside.count)
    cells = header.split(delimiter)
    if any(key_name(cell.strip(' "\ufeff\r\n')) in _TELLING for cell in cells):
        return delimiter
    return None


def _json_kind(value: object) -> str:
    return {list: "an array", str: "a string", bool: "true or false", NoneType: "null"}.get(
        type(value), "a number"
    )


def _json_reason(error: ValueError | RecursionError) -> str:
    if isinstance(error, RecursionError):
        return "JSON nested too deeply"
    if isinstance(error, json.JSONDecodeError):
        return f"not valid JSON: {error.msg}"
    return f"not valid JSON: {error}"


def _finite(text: str) -> float | None:
    value = float(text)
    return value if math.isfinite(value) else None


# NaN and the infinities are no JSON; who writes them, or 1e999, means "no value".
_DECODER = json.JSONDecoder(parse_constant=lambda _: None, parse_float=_finite)

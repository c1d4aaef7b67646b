"""From what a person typed to a query tree; docs/QUERY.md describes the language.

One pass over the text, a stack for the brackets. Adjacent words bind tighter than AND, and AND
tighter than OR, since one Vietnamese word is often several written syllables: ``giá vàng OR giá
bạc`` offers the two words, not the two middle syllables.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from vnsearch import schema
from vnsearch.errors import QueryError
from vnsearch.query.ast import (
    And,
    Boost,
    Field,
    Fuzzy,
    Group,
    MatchAll,
    Node,
    Not,
    Nothing,
    Or,
    Phrase,
    Prefix,
    Range,
    Require,
    Terms,
    Value,
)
from vnsearch.text import Token
from vnsearch.text.analyzer import query_tokens

__all__ = ["MAX_DEPTH", "parse"]

MAX_DEPTH = 32
"""Brackets inside brackets beyond this are read past (an error in strict parsing)."""

MAX_BOOST = 1_000.0
MAX_SLOP = 100

# Most queries are nothing but words: patterns are compiled when one first needs them.
_SIGNS = frozenset('()"“”„«*~^:<>+-&|')
_SPACE = r"\s*"
# A straight quotation mark right after a letter or digit (15") closes or is an inch, never opens.
_CHUNK = r'(?:[^\s()"“„«]|(?<=\w)")+'
_FIELD = r"([^\W\d]\w*)(:|(?=[<>]))"
# Chunks in a row that are nothing but words: no sign before one or inside, no operator.
_WORDS = (
    r"(?:(?!(?:AND|OR|NOT)(?:[\s()]|\Z))"
    r'[^\s()"“”„«*~^:<>+\-&|][^\s()"“„«*~^:<>]*+(?=[\s()]|\Z)\s*+)+'
)
_EVERYTHING = r"\*(?=[\s)^]|\Z)"
_BOOST = r"\^(\d{1,9}(?:\.\d{1,9})?)"
# Whatever may be more than a plain word: signs and operators only where they may begin something.
_LANGUAGE = r'[()"“”„«*~^:<>]|(?:^|(?<=\s))(?:[+-]|(?:AND|OR|NOT|&&|\|\|)(?:\s|$))'
_NO_OPERAND = r"\s*+(?:\Z|\)|(?:AND|OR|&&|\|\|)(?=[\s()]|\Z))"
_NOTHING_TO_NEGATE = r"\s*+(?:\Z|\)|(?:AND|OR|NOT|&&|\|\|)(?=[\s()]|\Z))"
_OPERATORS = {"AND": "AND", "&&": "AND", "OR": "OR", "||": "OR", "NOT": "NOT"}
_CLOSERS = {'"': '"', "“": '[”“"]', "„": '[“”"]', "«": "»"}
_SLOP = r"~(\d*)"
_COMPARISON = r"[<>]=?|="
_RANGE = r"([\[{])\s*([^\s\]}]+)\s+[Tt][Oo]\s+([^\s\]}]+)\s*([\]}])"
_NUMBER = r"[+-]?\d+(?:[.,]\d+)?(?:[eE][+-]?\d{1,3})?"
_DATES = (
    r"(?P<year>\d{4})(?:[-/.](?P<month>\d{1,2})(?:[-/.](?P<day>\d{1,2}))?)?",
    r"(?:(?P<day>\d{1,2})[-/.])?(?P<month>\d{1,2})[-/.](?P<year>\d{4})",
)
_CLOCK = r"[^T ]*[T ]\d\d:\d\d(?P<second>:\d\d(?P<fraction>[.,]\d+)?)?"


def parse(
    query: str,
    *,
    fields: Collection[str] | None = None,
    strict: bool = False,
    kinds: Mapping[str, schema.Field] | None = None,
) -> Node:
    """Return the tree of ``query``; `Nothing` when there is no word in it.

    ``kinds`` maps field names to their kinds (a `Schema` serves); ``fields`` are the names that
    may be written before a colon, all of ``kinds`` unless given. What does not fit the language
    is read as plain text, so that whatever a person types is a query; with ``strict`` it raises
    `QueryError` pointing at the character. Time is linear in the length of ``query``.
    """
    if not isinstance(query, str):
        raise TypeError(f"a query is a str, not {type(query).__name__}")
    if not _is_language(query):
        return _plain(query)
    if query.count('"') == 2:  # one quotation and nothing else, as most of the others are
        start, end = query.index('"'), query.rindex('"') + 1
        if not query[:start].strip() and not query[end:].strip():
            tokens = _shifted(query[start + 1 : end - 1], start + 1)
            return Phrase(tokens, 0, start, end) if tokens else Nothing()
    known = dict(kinds or {})
    if fields is not None:
        known = {name: known.get(name, schema.Text()) for name in fields}
    return _Parser(query, known, strict).parse()


def _is_language(query: str) -> bool:
    """Whether anything in the query may be more than a plain word."""
    if not _SIGNS.isdisjoint(query) or "AND" in query or "OR" in query or "NOT" in query:
        return re.search(_LANGUAGE, query) is not None
    return False


def _plain(query: str) -> Node:
    """Return the tree of a query that is nothing but words."""
    start, end = len(query) - len(query.lstrip()), len(query.rstrip())
    tokens = _shifted(query[start:end], start)
    return Terms(tokens, start, end) if tokens else Nothing()


def _shifted(text: str, start: int) -> tuple[Token, ...]:
    """Return the tokens of ``text``, which stands at ``start`` of the query."""
    if not start:
        return query_tokens(text)
    return tuple(
        Token(token, first + start, end + start, joined)
        for token, first, end, joined in query_tokens(text)
    )


class _MisfitError(Exception):
    """Something that is no query language at ``position``: text, or an error when strict."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.position = position


class _Run:
    """Plain words between ``start`` and ``end``, to be analysed in one piece."""

    __slots__ = ("end", "start")

    def __init__(self, start: int, end: int) -> None:
        self.start = start
        self.end = end


_Item = _Run | Node


class _Frame:
    """What has been read inside one pair of brackets.

    ``alternatives`` are joined by OR, the parts of each by AND, the items of a part stand side
    by side.
    """

    __slots__ = ("alternatives", "kind", "name", "sign", "start")

    def __init__(self, start: int, sign: str, name: str | None, kind: schema.Field) -> None:
        self.start = start
        self.sign = sign
        self.name = name
        self.kind = kind
        self.alternatives: list[list[list[_Item]]] = [[[]]]

    @property
    def items(self) -> list[_Item]:
        return self.alternatives[-1][-1]

    def add(self, item: _Item) -> None:
        items = self.items
        if isinstance(item, _Run) and items and isinstance(items[-1], _Run):
            items[-1].end = item.end
        else:
            items.append(item)


class _Parser:
    def __init__(self, query: str, kinds: Mapping[str, schema.Field], strict: bool) -> None:
        self.query = query
        self.kinds = kinds
        self.strict = strict
        self.position = 0
        self.stack = [_Frame(0, "", None, schema.Text())]
        self.too_deep = 0
        self.unclosed: set[str] = set()  # quotation marks known to have no partner further on

    def parse(self) -> Node:
        query, end = self.query, len(self.query)
        negated = False
        while True:
            self.position = self._skip(_SPACE)
            if self.position >= end:
                break
            if query[self.position] == ")":
                self._close()
                continue
            start = self.position
            if not negated and self._words():
                continue
            sign = self._sign()
            if not sign and self._operator():
                negated = self.query[start : self.position] == "NOT"
                continue
            if negated:
                if sign:
                    self._complain("NOT and a sign before the same word", start)
                sign, negated = "-", False
            self._operand(sign)
        while len(self.stack) > 1:
            self._complain("this bracket is never closed", self.stack[-1].start)
            self._close()
        return self._alternatives(self.stack[0]) or Nothing()

    # -- reading --------------------------------------------------------------------------------

    def _skip(self, pattern: str) -> int:
        match = re.compile(pattern).match(self.query, self.position)
        return match.end() if match else self.position

    def _words(self) -> bool:
        """Step over plain words of a text, if any come next: what `_operand` makes of each."""
        frame = self.stack[-1]
        if not isinstance(frame.kind, schema.Text):
            return False
        words = re.compile(_WORDS).match(self.query, self.position)
        if words is None:
            return False
        frame.add(_Run(self.position, self.position + len(words[0].rstrip())))
        self.position = words.end()
        return True

    def _complain(self, message: str, position: int) -> None:
        """Raise in strict parsing, else let it pass."""
        if self.strict:
            position = max(0, min(position, len(self.query) - 1))
            raise QueryError(f"{message} (character {position + 1})", self.query, position)

    def _sign(self) -> str:
        """Step over a + or - that stands before a word, not inside one and not alone.

        Before a digit it belongs to a number or a name: -5 độ, +84 912…, tiêm kích F -35.
        """
        at, query = self.position, self.query
        if query[at] not in "+-" or at + 1 >= len(query):
            return ""
        follows = query[at + 1]
        # (an ideograph newer than Python's tables is a word, but not alphanumeric)
        word = follows.isalnum() or follows in '_("“„«' or query_tokens(follows)
        if not word and re.compile(_EVERYTHING).match(query, at + 1) is None:
            return ""
        if follows.isdigit() and isinstance(self.stack[-1].kind, schema.Text):
            return ""
        if at and not (query[at - 1].isspace() or query[at - 1] == "("):
            return ""
        self.position += 1
        return query[at]

    def _operator(self) -> bool:
        """Step over AND, OR, NOT with words to work on; a dangling one is text."""
        match = re.compile(_CHUNK).match(self.query, self.position)
        operator = _OPERATORS.get(match[0]) if match else None
        if match is None or operator is None:
            return False
        frame = self.stack[-1]
        nothing = _NOTHING_TO_NEGATE if operator == "NOT" else _NO_OPERAND
        if re.compile(nothing).match(self.query, match.end()):
            self._complain(f"nothing follows {match[0]}", match.start())
            return False
        if operator != "NOT":
            if not frame.items:
                self._complain(f"nothing stands before {match[0]}", match.start())
                return False
            if operator == "AND":
                frame.alternatives[-1].append([])
            else:
                frame.alternatives.append([[]])
        self.position = match.end()
        return True

    def _operand(self, sign: str) -> None:
        """Read a bracket, a field, a quotation or a word and add it to the frame."""
        query, start = self.query, self.position
        frame = self.stack[-1]
        try:
            named = re.compile(_FIELD).match(query, start)
            if named and self._is_field(named):
                self._field(named, sign)
            elif query[start] == "(":
                self._open(sign, None, frame.kind)
            else:
                self._value(sign, frame.kind, None)
        except _MisfitError as misfit:
            self._complain(str(misfit), misfit.position)
            self.position = start
            if isinstance(frame.kind, schema.Text):
                self._word(sign, frame.kind)
            else:
                self._chunk()

    def _is_field(self, named: re.Match[str]) -> bool:
        name, colon = named[1], named[2]
        if name in self.kinds:
            return bool(colon) or isinstance(self.kinds[name], schema.Number | schema.Date)
        if colon and not self.query.startswith("//", named.end()):
            self._complain(f"there is no field {name!r}", named.start())
        return False

    def _field(self, named: re.Match[str], sign: str) -> None:
        name, at = named[1], named.end()
        kind = self.kinds[name]
        if isinstance(kind, schema.Stored):
            raise _MisfitError(f"field {name!r} is stored, not searched", named.start())
        follows = self.query[at : at + 1]
        if not follows or follows.isspace() or follows == ")":
            raise _MisfitError(f"nothing follows {name}:", named.start())
        self.position = at
        if follows == "(":
            self._open(sign, name, kind)
            return
        self._value(sign, kind, name)

    def _value(self, sign: str, kind: schema.Field, name: str | None) -> None:
        """Read a range, comparison, quotation or word for a field of this kind."""
        start = self.position
        node: Node | None = None
        if isinstance(kind, schema.Number | schema.Date):
            node = self._range(kind) or self._comparison(kind)
        elif name and re.compile(_RANGE).match(self.query, start):
            raise _MisfitError("ranges are for numbers and dates", start)
        if node is None:
            node = self._quoted(kind)
        if node is not None:
            self._add(node, sign, name)
        elif self.position == start:
            self._word(sign, kind, name)

    def _chunk(self) -> tuple[str, int]:
        """Step over characters up to a space, bracket or opening quotation mark."""
        start = self.position
        self.position = self._skip(_CHUNK)
        if self.position == start:  # an opening mark with no partner
            self.position += 1
            return "", start
        return self.query[start : self.position], start

    def _quoted(self, kind: schema.Field) -> Node | None:
        """Read a quotation, or step over an opening mark that is never closed."""
        start = self.position
        closer = _CLOSERS.get(self.query[start])
        if closer is None:
            return None
        mark = self.query[start]
        close = None if mark in self.unclosed else re.compile(closer).search(self.query, start + 1)
        self.position = start + 1
        if close is None:
            self.unclosed.add(mark)
            self._complain("this quotation mark is never closed", start)
            return None
        self.position = close.end()
        node = self._content(kind, self.query[start + 1 : close.start()], start + 1)
        if isinstance(node, Terms):
            slop = re.compile(_SLOP).match(self.query, self.position)
            if slop:
                self.position = slop.end()
            wanted = min(int(slop[1][:4] or 0), MAX_SLOP) if slop else 0
            node = Phrase(node.tokens, wanted, start, self.position)
        return node

    def _word(self, sign: str, kind: schema.Field, name: str | None = None) -> None:
        """Read one chunk: a word, pre*, fuzz~, or a value of the field's kind."""
        text, start = self._chunk()
        text, factor = _split_boost(text)
        special: Node | None = None
        if text == "*":
            special = MatchAll()
        elif isinstance(kind, schema.Text | schema.Keyword) and text.count("*") == 1:
            special = self._prefix(kind, text, start)
        elif isinstance(kind, schema.Text) and "~" in text:
            special = self._fuzzy(text, start)
        plain = isinstance(kind, schema.Text) and not sign and not name and factor is None
        if special is None and plain:
            self.stack[-1].add(_Run(start, self.position))
            return
        if special is None:
            special = self._content(kind, text, start)
        if isinstance(special, Terms) and sign and len(special.tokens) > 1:
            special = Phrase(special.tokens, 0, special.start, special.end)  # -covid-19
        self._add(special, sign, name, factor)

    def _prefix(self, kind: schema.Field, text: str, start: int) -> Node | None:
        if not text.endswith("*"):
            return None
        end = start + len(text)
        if isinstance(kind, schema.Keyword):
            return Prefix(text[:-1], start, end)
        tokens = self._tokens(start, end - 1)
        if not tokens or tokens[-1].end != end - 1:
            return None
        return _after(tokens[:-1], Prefix(tokens[-1].text, tokens[-1].start, end))

    def _fuzzy(self, text: str, start: int) -> Node | None:
        stem, _, number = text.rpartition("~")
        if number and not (number.isdecimal() and len(number) == 1):
            return None
        distance = int(number or 1)
        if distance > 2:
            self._complain("a fuzzy word is at most 2 edits away", start + len(stem))
        tokens = self._tokens(start, start + len(stem))
        if not tokens or tokens[-1].end != start + len(stem) or distance == 0:
            return None
        last = tokens[-1]
        fuzzy = Fuzzy(last, min(distance, 2), last.start, start + len(text))
        return _after(tokens[:-1], fuzzy)

    def _range(self, kind: schema.Field) -> Node | None:
        start = self.position
        if self.query[start] not in "[{":
            return None
        match = re.compile(_RANGE).match(self.query, start)
        if match is None:
            raise _MisfitError("a range is written [low TO high]", start)
        self.position = match.end()
        low = Range(None, None)
        high = Range(None, None)
        if match[2] != "*":
            operator = ">=" if match[1] == "[" else ">"
            low = _compare(kind, operator, match[2], match.start(2))
        if match[3] != "*":
            operator = "<=" if match[4] == "]" else "<"
            high = _compare(kind, operator, match[3], match.start(3))
        if low.low is None and high.high is None:
            return MatchAll()
        return Range(low.low, high.high, low.include_low, high.include_high, start, match.end())

    def _comparison(self, kind: schema.Field) -> Node | None:
        match = re.compile(_COMPARISON).match(self.query, self.position)
        if match is None:
            return None
        self.position = match.end()
        text, start = self._chunk()
        text, _ = _split_boost(text)
        self.position = start + len(text)  # a weight comes next
        return _compare(kind, match[0], text, start)

    def _content(self, kind: schema.Field, text: str, start: int) -> Node | None:
        """Return what ``text``, standing at ``start``, asks of a field of this kind."""
        end = start + len(text)
        if isinstance(kind, schema.Text):
            tokens = self._tokens(start, end)
            return Terms(tokens, start, end) if tokens else None
        if not text.strip():
            return None
        if isinstance(kind, schema.Keyword):
            return Value(text.strip(), start, end)
        if isinstance(kind, schema.Boolean):
            if text.lower() not in ("true", "false"):
                raise _MisfitError("true or false expected", start)
            return Value(text.lower() == "true", start, end)
        return _compare(kind, "=", text, start)

    def _tokens(self, start: int, end: int) -> tuple[Token, ...]:
        return _shifted(self.query[start:end], start)

    # -- brackets -------------------------------------------------------------------------------

    def _open(self, sign: str, name: str | None, kind: schema.Field) -> None:
        if len(self.stack) > MAX_DEPTH:
            self._complain(f"brackets nest deeper than {MAX_DEPTH}", self.position)
            self.too_deep += 1
        else:
            self.stack.append(_Frame(self.position, sign, name, kind))
        self.position += 1

    def _close(self) -> None:
        """Step over a closing bracket (or stand at the end) and add what the bracket held."""
        at = self.position
        self.position = min(at + 1, len(self.query))
        if self.too_deep:
            self.too_deep -= 1
            return
        if len(self.stack) == 1:
            self._complain("this bracket was never opened", at)
            return
        frame = self.stack.pop()
        factor = self._boost()
        if frame.items and factor is None and not (frame.sign or frame.name) and _is_plain(frame):
            for item in frame.items:
                self.stack[-1].add(item)
            return
        node = self._alternatives(frame)
        if node is None:
            self._complain("nothing stands in this bracket", frame.start)
        self._add(node, frame.sign, frame.name, factor)

    def _boost(self) -> float | None:
        boost = re.compile(_BOOST).match(self.query, self.position)
        if boost is None:
            return None
        self.position = boost.end()
        return float(boost[1])

    def _add(
        self, node: Node | None, sign: str, name: str | None, factor: float | None = None
    ) -> None:
        if factor is None:
            factor = self._boost()
        if node is None:
            return
        if isinstance(node, MatchAll) and name is None:
            if sign != "-":  # excluding everything says nothing, nor does weighing it
                self.stack[-1].add(node)
            return
        if name is not None:
            if isinstance(node, Boost):
                factor = node.factor * (1.0 if factor is None else factor)
                node = node.node
            if not isinstance(node, Field):
                node = Field(name, node)
        if factor is not None:
            if isinstance(node, Boost):
                factor *= node.factor
                node = node.node
            node = Boost(node, min(factor, MAX_BOOST))
        if sign:
            node = Not(node) if sign == "-" else Require(node)
        self.stack[-1].add(node)

    # -- building -------------------------------------------------------------------------------

    def _alternatives(self, frame: _Frame) -> Node | None:
        nodes = [
            node for parts in frame.alternatives if (node := self._all(frame, parts)) is not None
        ]
        if len(nodes) < 2:
            return nodes[0] if nodes else None
        return Or(tuple(nodes))

    def _all(self, frame: _Frame, parts: list[list[_Item]]) -> Node | None:
        sides = [side for part in parts if (side := self._side_by_side(part))]
        if len(sides) < 2:
            return _grouped(sides[0]) if sides else None
        nodes: list[Node] = []
        for side in sides:
            if all(isinstance(node, Not) for node in side):
                nodes.extend(side)
            elif (node := _grouped(side)) is not None:
                nodes.append(node)
        nodes = _with_something_positive(nodes)
        return And(tuple(nodes)) if len(nodes) > 1 else nodes[0]

    def _side_by_side(self, items: list[_Item]) -> list[Node]:
        nodes: list[Node] = []
        for item in items:
            if isinstance(item, _Run):
                tokens = self._tokens(item.start, item.end)
                if tokens:
                    nodes.append(Terms(tokens, item.start, item.end))
            else:
                nodes.append(item)
        return nodes


def _is_plain(frame: _Frame) -> bool:
    """Whether brackets around the frame's items change nothing: (2021), (-a -b)."""
    if len(frame.alternatives) > 1 or len(frame.alternatives[0]) > 1:
        return False
    signed = [isinstance(item, Not | Require) for item in frame.items]
    return not any(signed) or all(isinstance(item, Not) for item in frame.items)


def _with_something_positive(nodes: list[Node]) -> list[Node]:
    """Give exclusions something to exclude from; drop a `*` that adds nothing."""
    positive = [node for node in nodes if not isinstance(node, Not | MatchAll)]
    if positive:
        return [node for node in nodes if not isinstance(node, MatchAll)]
    return [MatchAll(), *(node for node in nodes if isinstance(node, Not))]


def _grouped(nodes: list[Node]) -> Node | None:
    nodes = _with_something_positive(nodes)
    if len(nodes) > 1:
        return Group(tuple(nodes))
    return nodes[0].node if isinstance(nodes[0], Require) else nodes[0]


def _after(tokens: tuple[Token, ...], node: Node) -> Node:
    """Put the earlier tokens of one chunk (covid-1*) before its special last one."""
    if not tokens:
        return node
    return And((Terms(tokens, tokens[0].start, tokens[-1].end), node))


def _split_boost(text: str) -> tuple[str, float | None]:
    at = text.rfind("^")
    boost = re.compile(_BOOST).fullmatch(text, at) if at > 0 else None
    return (text[:at], float(boost[1])) if boost else (text, None)


def _compare(kind: schema.Field, operator: str, text: str, position: int) -> Range:
    """Return the range ``operator`` (one of = > >= < <=) and ``text`` ask of a number or date."""
    end = position + len(text)
    if isinstance(kind, schema.Date):
        first, after = _date_span(text, position)
        low, high = {
            "=": (first, after),
            ">": (after, None),
            ">=": (first, None),
            "<": (None, first),
            "<=": (None, after),
        }[operator]
        return Range(low, high, True, high is None, position, end)
    if not re.fullmatch(_NUMBER, text):
        raise _MisfitError(f"{text[:40]!r} is not a number", position)
    number = float(text.replace(",", "."))
    if not math.isfinite(number):
        raise _MisfitError(f"{text[:40]!r} is too large", position)
    return Range(
        None if operator.startswith("<") else number,
        None if operator.startswith(">") else number,
        operator != ">",
        operator != "<",
        position,
        end,
    )


def _date_span(text: str, position: int) -> tuple[datetime, datetime]:
    """Return the first moment of the year, month, day or minute named and the first after it."""
    named = next((match for pattern in _DATES if (match := re.fullmatch(pattern, text))), None)
    try:
        if named is None:
            first = schema.date_value(text)
        else:
            first = datetime(int(named["year"]), int(named["month"] or 1), int(named["day"] or 1))
    except (TypeError, ValueError):
        raise _MisfitError(f"{text[:40]!r} is not a date", position) from None
    try:
        if named and not named["month"]:
            return first, datetime(first.year + 1, 1, 1)
        if named and not named["day"]:
            return first, datetime(first.year + first.month // 12, first.month % 12 + 1, 1)
        return first, first + (_clock_step(text) if named is None else timedelta(days=1))
    except (OverflowError, ValueError):  # nothing comes after the year 9999
        return first, datetime.max


def _clock_step(text: str) -> timedelta:
    clock = re.match(_CLOCK, text)
    if clock is None:
        return timedelta(days=1)
    if clock["fraction"]:
        return timedelta(microseconds=1)
    return timedelta(seconds=1) if clock["second"] else timedelta(minutes=1)

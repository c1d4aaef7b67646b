"""The query tree: what a person asked for, before anything is looked up.

Leaves hold the tokens of the query with their spans in its text; the other nodes combine them.
``str(node)`` is the query written out plainly, and parses back to the same tree (spans aside).

How a tree matches a document:

==================  =====================================================================
`Terms`             plain words: any or all of them, as the search's ``operator`` says
`Phrase`            the words in order, at most ``slop`` other words between them in all
`Prefix`            a word that begins so
`Fuzzy`             a word within ``distance`` edits
`Value`             a keyword or true/false value, exactly
`Range`             a number or date between two bounds
`Field`             ``node``, looked for in one field
`Boost`             ``node``, its score multiplied
`Not`               none of ``node``; stands only in an `And` or `Group` with another child
`Require`           ``node``, which must match; stands only in a `Group`
`And`, `Or`         every child; any child
`Group`             clauses side by side: every `Require`, no `Not`, and of the rest any (all,
                    with ``operator="and"``; none need match beside a `Require` otherwise)
`MatchAll`          every document; inside a `Field`, every document with a value there
`Nothing`           no document
==================  =====================================================================
"""

from __future__ import annotations

from datetime import datetime, time

from vnsearch.record import Record
from vnsearch.text import Token

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = [
    "And",
    "Boost",
    "Field",
    "Fuzzy",
    "Group",
    "MatchAll",
    "Node",
    "Not",
    "Nothing",
    "Or",
    "Phrase",
    "Prefix",
    "Range",
    "Require",
    "Terms",
    "Value",
    "walk",
]


class Node(Record):
    """Base of every node; ``children`` is empty for a leaf. Where nodes stand makes none differ."""

    @property
    def children(self) -> tuple[Node, ...]:
        """The nodes directly below."""
        return ()

    def _key(self) -> tuple[Any, ...]:
        fields = self.to_fields()
        return tuple([fields[name] for name in fields if name not in ("start", "end")])


class Terms(Node):
    """A run of plain words; ``start`` and ``end`` are code points of the query."""

    tokens: tuple[Token, ...]
    start: int = 0
    end: int = 0

    def __str__(self) -> str:
        return " ".join(token.text for token in self.tokens)


class Phrase(Node):
    """Words that stand together, with at most ``slop`` others between them in all."""

    tokens: tuple[Token, ...]
    slop: int = 0
    start: int = 0
    end: int = 0

    def __str__(self) -> str:
        words = " ".join(token.text for token in self.tokens)
        return f'"{words}"~{self.slop}' if self.slop else f'"{words}"'


class Prefix(Node):
    """A word beginning with ``text`` (canonical in a text field, as typed in a keyword field)."""

    text: str
    start: int = 0
    end: int = 0

    def __str__(self) -> str:
        return f"{self.text}*"


class Fuzzy(Node):
    """A word like ``token``, at most ``distance`` (1 or 2) edits away."""

    token: Token
    distance: int = 1
    start: int = 0
    end: int = 0

    def __str__(self) -> str:
        return f"{self.token.text}~{self.distance}"


class Value(Node):
    """The exact value of a `Keyword` field (str) or of a `Boolean` one (bool)."""

    value: str | bool
    start: int = 0
    end: int = 0

    def __str__(self) -> str:
        if isinstance(self.value, bool):
            return str(self.value).lower()
        if '"' not in self.value:
            return f'"{self.value}"'
        return f"«{self.value.replace('»', ' ')}»"


class Range(Node):
    """Numbers, or dates as naive datetimes, between two bounds; None is no bound.

    A date typed as a day, month or year stands for all of it, so the bounds of dates are always
    "from" (included) and "before" (excluded).
    """

    low: float | datetime | None
    high: float | datetime | None
    include_low: bool = True
    include_high: bool = True
    start: int = 0
    end: int = 0

    def __str__(self) -> str:
        opening = "[" if self.include_low else "{"
        closing = "]" if self.include_high else "}"
        return f"{opening}{_bound(self.low)} TO {_bound(self.high)}{closing}"


def _bound(value: float | datetime | None) -> str:
    if value is None:
        return "*"
    if isinstance(value, datetime):
        return (value.date() if value.time() == time() else value).isoformat()
    return repr(value).removesuffix(".0")


class Field(Node):
    """``node`` looked for in the field ``name``; an inner `Field` overrules an outer one."""

    name: str
    node: Node

    @property
    def children(self) -> tuple[Node, ...]:
        """The node looked for."""
        return (self.node,)

    def __str__(self) -> str:
        return f"{self.name}:{_bracketed(self.node)}"


class Boost(Node):
    """``node`` with its score multiplied by ``factor`` (zero or more)."""

    node: Node
    factor: float

    @property
    def children(self) -> tuple[Node, ...]:
        """The node boosted."""
        return (self.node,)

    def __str__(self) -> str:
        return f"{_bracketed(self.node)}^{self.factor:g}"


class Not(Node):
    """Documents ``node`` matches are left out."""

    node: Node

    @property
    def children(self) -> tuple[Node, ...]:
        """The node left out."""
        return (self.node,)

    def __str__(self) -> str:
        return f"-{_signed(self.node)}"


class Require(Node):
    """``node`` must match."""

    node: Node

    @property
    def children(self) -> tuple[Node, ...]:
        """The node required."""
        return (self.node,)

    def __str__(self) -> str:
        return f"+{_signed(self.node)}"


class _Several(Node):
    nodes: tuple[Node, ...]

    @property
    def children(self) -> tuple[Node, ...]:
        """The nodes joined."""
        return self.nodes


class And(_Several):
    """Every child matches."""

    def __str__(self) -> str:
        return " AND ".join(
            f"({node})" if isinstance(node, And | Or) else str(node) for node in self.nodes
        )


class Or(_Several):
    """Any child matches."""

    def __str__(self) -> str:
        return " OR ".join(
            f"({node})" if isinstance(node, Or) else str(node) for node in self.nodes
        )


class Group(_Several):
    """Clauses side by side, joined by the search's own operator."""

    def __str__(self) -> str:
        return " ".join(
            f"({node})" if isinstance(node, _Several) else str(node) for node in self.nodes
        )


class MatchAll(Node):
    """Every document; inside a `Field`, every document with a value there."""

    def __str__(self) -> str:
        return "*"


class Nothing(Node):
    """No document: a query without a word in it."""

    def __str__(self) -> str:
        return ""


def _bracketed(node: Node) -> str:
    several = isinstance(node, _Several) or (isinstance(node, Terms) and len(node.tokens) > 1)
    return f"({node})" if several else str(node)


def _signed(node: Node) -> str:
    written = _bracketed(node)
    return f"({written})" if written[:1].isdigit() else written  # a sign before a digit is text


def walk(node: Node) -> list[Node]:
    """Return ``node`` and every node below it, in the order of the query."""
    found: list[Node] = []
    waiting = [node]
    while waiting:
        node = waiting.pop()
        found.append(node)
        waiting.extend(reversed(node.children))
    return found

"""Filters, sort orders and facets as callers write them, checked against the schema."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from vnsearch.errors import QueryError, SchemaError
from vnsearch.query.ast import Field as FieldNode
from vnsearch.query.ast import Range
from vnsearch.query.parse import parse
from vnsearch.ranking.plan import AllOf, Condition, Except, InRange, NothingAtAll, OneOf
from vnsearch.schema import Boolean, Date, Field, Keyword, Number, Schema

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeAlias

__all__ = ["Where", "conditions", "facet_fields", "sort_keys"]

Where: TypeAlias = "Mapping[str, Any] | str | Sequence[str]"

_CONDITION = r"(?s)\s*([^\W\d]\w*)\s*(>=|<=|!=|=|>|<|:)\s*(.*?)\s*"
_TRUTHS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def conditions(schema: Schema, where: Where | None) -> list[Condition]:
    """Return the conditions of a ``where``, all of which must hold.

    A mapping gives per field a value, a list of values (any of them) or a tuple ``(low, high)``
    (both included, None open); a date without a time is its whole day. Text is ``field=value``,
    ``!=``, or a comparison; a keyword may stand in quotation marks.

    Raises `SchemaError` for a field that cannot be filtered or a value that does not fit it.
    """
    if where is None:
        return []
    if isinstance(where, Mapping):
        return [_from_value(schema, name, value) for name, value in where.items()]
    if isinstance(where, str) or not isinstance(where, Iterable):
        where = [where]
    return [_from_text(schema, text) for text in where]


def _with_values(schema: Schema, name: str, use: str = "filter") -> Field:
    """Return a field whose values are kept apart, which filters, orders and facets need."""
    field = schema.get(name)
    if field is None:
        raise SchemaError(f"there is no field {name!r} to {use} by")
    if not isinstance(field, Keyword | Number | Date | Boolean):
        raise SchemaError(f"field {name!r} is {field.kind}: there are no values to {use} by")
    return field


def _from_value(schema: Schema, name: str, value: Any) -> Condition:
    field = _with_values(schema, name)
    if isinstance(value, tuple):
        if len(value) != 2:
            raise SchemaError(f"a range of {name!r} is (low, high), not {len(value)} values")
        if not isinstance(field, Number | Date):
            raise SchemaError(f"field {name!r} is {field.kind}: it has no ranges")
        low, high = value
        first = InRange(name, None, None) if low is None else _equal(field, name, low)
        last = InRange(name, None, None) if high is None else _equal(field, name, high)
        return InRange(name, first.low, last.high, True, last.include_high)
    if isinstance(value, list | set | frozenset):
        return _any_value(field, name, value)
    return _any_value(field, name, [value])


def _any_value(field: Field, name: str, values: Iterable[Any]) -> Condition:
    if isinstance(field, Keyword | Boolean):
        checked = [field.check(name, value) for value in values]
        flat = [one for value in checked for one in (value if isinstance(value, list) else [value])]
        return OneOf(name, tuple(flat)) if flat else NothingAtAll()
    ranges = [_equal(field, name, value) for value in values]
    excluded = AllOf(tuple(Except(one) for one in ranges))
    return ranges[0] if len(ranges) == 1 else Except(excluded)


def _equal(field: Field, name: str, value: Any) -> InRange:
    """Return the range of what equals a number or a date: of a date without a time, its day."""
    first = field.check(name, value)
    if not isinstance(field, Date):
        return InRange(name, first, first)
    if isinstance(value, str):
        whole = len(value.strip()) <= len("2021-12-31")
    else:
        whole = not isinstance(value, datetime)
    if not whole:
        return InRange(name, first, first)
    try:
        return InRange(name, first, first + timedelta(days=1), True, False)
    except OverflowError:  # the last day there is
        return InRange(name, first, None)


def _from_text(schema: Schema, text: str) -> Condition:
    match = re.fullmatch(_CONDITION, text) if isinstance(text, str) else None
    if match is None:
        raise SchemaError(f"a filter is written field=value, not {text!r}")
    name, operator, value = match.groups()
    field = _with_values(schema, name)
    equal = operator in ("=", ":", "!=")
    condition: Condition
    if isinstance(field, Keyword) and equal:
        quoted = re.fullmatch('"(.*)"', value, re.DOTALL)  # as a query has it
        condition = _any_value(field, name, [value, quoted[1]] if quoted else [value])
    elif isinstance(field, Boolean) and equal:
        if value.lower() not in _TRUTHS:
            raise SchemaError(f"field {name!r} takes true or false, not {value!r}")
        condition = OneOf(name, (_TRUTHS[value.lower()],))
    elif isinstance(field, Number | Date):
        try:
            node = parse(f"{name}{':' if equal else operator}{value}", strict=True, kinds=schema)
        except QueryError as error:
            raise SchemaError(f"filter {text!r}: {error}") from None
        inner = node.node if isinstance(node, FieldNode) else node
        if not isinstance(inner, Range):
            raise SchemaError(f"filter {text!r}: {value!r} is no {field.kind}")
        condition = InRange(name, inner.low, inner.high, inner.include_low, inner.include_high)
    else:
        raise SchemaError(f"field {name!r} is {field.kind}: it cannot be compared with {operator}")
    return Except(condition) if operator == "!=" else condition


def sort_keys(schema: Schema, sort: str | Sequence[str] | None) -> list[tuple[str, bool]]:
    """Return (field, descending) for each name of a ``sort``; "score" alone stands for the ranking
    where that is no field.

    Raises `SchemaError` for a field that cannot be sorted by.
    """
    if not sort:
        return []
    names = _names(sort, "sort")
    if [name.lstrip("-") for name in names] == ["score"] and "score" not in schema:
        return []
    keys = []
    for name in names:
        descending = name.startswith("-")
        _with_values(schema, name.removeprefix("-"), "sort")
        keys.append((name.removeprefix("-"), descending))
    return keys


def facet_fields(schema: Schema, facets: str | Sequence[str] | None) -> list[tuple[str, Field]]:
    """Return (name, field) of the fields to count values of; `SchemaError` for any other."""
    if facets is None:
        return []
    return [(name, _with_values(schema, name, "count")) for name in _names(facets, "count")]


def _names(given: object, use: str) -> list[str]:
    """Return the names of fields given, one or several; `SchemaError` for what is no name."""
    names: list[Any] = []
    if isinstance(given, Iterable) and not isinstance(given, str):
        names = list(given)
    elif given is not None:
        names = [given]
    for name in names:
        if not isinstance(name, str):
            raise SchemaError(f"there is no field {name!r} to {use} by")
    return names

"""The fields of an index and how a value of each is taken.

A schema is a mapping from field name to field. It is stored as JSON with the index; nothing in
it can carry code. The field kinds are those of Lucene and Whoosh under their plain names:

========  =========================  ==============================================
kind      value                      what it gives
========  =========================  ==============================================
Text      str or list of str         words, ranked and highlighted
Keyword   str (or list, ``multi``)   exact match, facets, sorting
Number    int or float               ranges, sorting
Date      date, datetime, ISO text   ranges, sorting
Boolean   bool                       filters, facets
Stored    any JSON value             shown with the hit, never searched
========  =========================  ==============================================
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime

from vnsearch.errors import SchemaError
from vnsearch.kernels.text import holds_surrogate
from vnsearch.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, ClassVar

__all__ = [
    "ARTICLE_SCHEMA",
    "Boolean",
    "Date",
    "Field",
    "Keyword",
    "Number",
    "Schema",
    "Stored",
    "Text",
    "date_value",
    "is_weight",
    "mend",
    "microseconds",
]

ID_FIELD = "id"
EXTRA_FIELD = "extra"
_EPOCH = datetime(1970, 1, 1)
MAX_KEYWORD_LENGTH = 8_192
MAX_NESTING = 100  # what can be written with little left of the stack must be read with less
_SEVERAL = (list, tuple, set, frozenset)  # (a union would be made anew for each value)


def is_weight(value: object) -> bool:
    """Return whether a value is a number above zero that a float can be."""
    return isinstance(value, int | float) and 0 < value <= sys.float_info.max


def mend(text: str) -> str:
    """Join surrogate pairs and replace lone surrogates, which no file can hold, by U+FFFD."""
    if not holds_surrogate(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


class Field(Record, frozen=True):
    """Base of the field kinds."""

    kind: ClassVar[str] = ""

    def check(self, name: str, value: Any) -> Any:
        """Return ``value`` as the index keeps it, or raise `SchemaError` naming the field."""
        raise NotImplementedError


class Text(Field, frozen=True):
    """Analysed text; ``boost`` weighs the field's term frequencies in BM25F.

    With ``stored=False`` the text is searched but not kept: a hit does not show it and has no
    snippet of it, `Index.more_like` cannot look at it, and nothing can give it back when a damaged
    index is repaired.
    """

    kind: ClassVar[str] = "text"
    boost: float = 1.0
    stored: bool = True

    def check(self, name: str, value: Any) -> str | list[str]:
        """Take a str or a sequence of str."""
        if isinstance(value, str):
            return mend(value)
        if isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
            return [mend(item) for item in value]
        raise SchemaError(f"field {name!r} takes text, not {type(value).__name__}")


class Keyword(Field, frozen=True):
    """An exact value: an identifier, a section, tags (``multi=True``)."""

    kind: ClassVar[str] = "keyword"
    multi: bool = False

    def check(self, name: str, value: Any) -> str | list[str]:
        """Take a str (an int is written out), or a sequence of them when ``multi``."""
        if isinstance(value, _SEVERAL):
            if not self.multi:
                raise SchemaError(f"field {name!r} takes one value, not {type(value).__name__}")
            return [self._one(name, item) for item in value]
        single = self._one(name, value)
        return [single] if self.multi else single

    def _one(self, name: str, value: Any) -> str:
        if type(value) is str and value.isascii() and len(value) <= MAX_KEYWORD_LENGTH:
            return value
        if isinstance(value, int) and not isinstance(value, bool):
            try:
                value = str(value)
            except ValueError:  # Python writes out no number as long
                raise SchemaError(f"field {name!r} takes no number of so many digits") from None
        if not isinstance(value, str):
            raise SchemaError(f"field {name!r} takes text, not {type(value).__name__}")
        if len(value) > MAX_KEYWORD_LENGTH:
            raise SchemaError(
                f"field {name!r} takes at most {MAX_KEYWORD_LENGTH} characters, got {len(value)}"
            )
        return mend(value)


class Number(Field, frozen=True):
    """A number, kept as a 64-bit float (exact for integers up to 2**53)."""

    kind: ClassVar[str] = "number"

    def check(self, name: str, value: Any) -> int | float:
        """Take a finite int or float."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise SchemaError(f"field {name!r} takes a number, not {type(value).__name__}")
        try:
            finite = math.isfinite(float(value))
        except OverflowError:
            raise SchemaError(f"field {name!r} takes no number of so many digits") from None
        if not finite:
            raise SchemaError(f"field {name!r} takes a finite number, not {value!r}")
        return value


class Date(Field, frozen=True):
    """A moment. Text is ISO 8601; a zone is turned to UTC, no zone is taken as it stands."""

    kind: ClassVar[str] = "date"

    def check(self, name: str, value: Any) -> datetime:
        """Take a datetime, a date (midnight) or ISO 8601 text."""
        try:
            return date_value(value)
        except (TypeError, ValueError) as error:
            raise SchemaError(f"field {name!r} takes a date: {error}") from None


class Boolean(Field, frozen=True):
    """True or false."""

    kind: ClassVar[str] = "boolean"

    def check(self, name: str, value: Any) -> bool:
        """Take a bool."""
        if not isinstance(value, bool):
            raise SchemaError(f"field {name!r} takes true or false, not {type(value).__name__}")
        return value


class Stored(Field, frozen=True):
    """Any JSON value, shown with a hit and never searched."""

    kind: ClassVar[str] = "stored"

    def check(self, name: str, value: Any) -> Any:
        """Take what JSON can say."""
        try:
            text = json.dumps(value, ensure_ascii=False, allow_nan=False, default=_isoformat)
            kept = json.loads(mend(text))
        except (TypeError, ValueError, RecursionError) as error:
            raise SchemaError(f"field {name!r} takes a JSON value: {error}") from None
        inside = [kept]
        for _ in range(MAX_NESTING + 1):
            inside = [inner for one in inside for inner in _members(one)]
            if not inside:
                return kept
        raise SchemaError(f"field {name!r} nests more than {MAX_NESTING} lists or objects")


def _members(value: Any) -> Iterable[Any]:
    """Return what stands in a JSON list or object."""
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _isoformat(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is not a JSON value")


def date_value(value: Any) -> datetime:
    """Return a naive datetime (UTC where a zone was given) for a date, datetime or ISO text.

    Raises TypeError or ValueError with a sentence for anything else.
    """
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            raise ValueError(f"{value[:40]!r} is not an ISO 8601 date") from None
    if isinstance(value, datetime):
        moment: datetime = value
        if type(value) is not datetime:  # one of another library's, which may be written otherwise
            moment = datetime.combine(value.date(), value.timetz())
        if moment.tzinfo is None:
            return moment
        try:
            return moment.astimezone(UTC).replace(tzinfo=None)
        except OverflowError:
            raise ValueError(f"{value} is out of range") from None
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    raise TypeError(f"{type(value).__name__} is not a date")


def microseconds(moment: datetime) -> int:
    """Return a naive datetime as microseconds since 1970, as date columns keep it."""
    delta = moment - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


def _shown(identifier: Any) -> str:
    try:
        return repr(str(identifier)[:80])
    except ValueError:  # a number that Python does not write out
        return "of a long number"


_KINDS: dict[str, type[Field]] = {
    kind.kind: kind for kind in (Text, Keyword, Number, Date, Boolean, Stored)
}


class Schema(Mapping[str, Field]):
    """An immutable mapping of field names to fields; ``id`` is always a `Keyword`.

    Raises `SchemaError` for a name that is no identifier, or a field of no known kind.
    """

    def __init__(self, fields: Mapping[str, Field] | None = None, **named: Field) -> None:
        merged: dict[str, Field] = {ID_FIELD: Keyword(), **(fields or {}), **named}
        for name, field in merged.items():
            if not isinstance(name, str) or not name.isidentifier():
                raise SchemaError(f"{name!r} cannot be a field name: use letters, digits and _")
            if isinstance(field, type) and issubclass(field, Field):
                raise SchemaError(f"field {name!r}: write {field.__name__}(), with brackets")
            if not isinstance(field, Field):
                raise SchemaError(f"field {name!r} is of no known kind: {field!r}")
            if isinstance(field, Text) and not is_weight(field.boost):
                raise SchemaError(f"field {name!r}: boost must be a number above zero")
            if isinstance(field, Text) and not isinstance(field.stored, bool):
                raise SchemaError(f"field {name!r}: stored must be true or false")
            if isinstance(field, Keyword) and not isinstance(field.multi, bool):
                raise SchemaError(f"field {name!r}: multi must be true or false")
        if merged[ID_FIELD] != Keyword():
            raise SchemaError("field 'id' must be a Keyword() with one value")
        self._fields = merged
        self._texts = {name: field for name, field in merged.items() if isinstance(field, Text)}

    def __getitem__(self, name: str) -> Field:
        return self._fields[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def __repr__(self) -> str:
        inside = ", ".join(f"{name}={field!r}" for name, field in self._fields.items())
        return f"Schema({inside})"

    def text_fields(self) -> dict[str, Text]:
        """Return the analysed fields, in order."""
        return dict(self._texts)

    def unstored(self) -> frozenset[str]:
        """Return the names of the fields that are searched but not kept."""
        return frozenset(name for name, field in self.text_fields().items() if not field.stored)

    def check(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """Return a document as the index keeps it; None and absent values are left out.

        Keys that are no field of the schema are gathered under ``extra`` (and refused where that
        is a field itself). Raises `SchemaError` naming the document and the field.
        """
        checked: dict[str, Any] = {}
        extra: dict[str, Any] = {}
        identifier = document.get(ID_FIELD)
        if identifier is None or identifier == "":
            raise SchemaError("an article needs an 'id'")
        for name, value in document.items():
            if value is None:
                continue
            field = self._fields.get(name)
            try:
                if field is None:
                    if name == EXTRA_FIELD and isinstance(value, Mapping):
                        extra.update(Stored().check(name, dict(value)))
                    else:
                        extra[mend(str(name))] = Stored().check(str(name), value)
                else:
                    checked[name] = field.check(name, value)
            except SchemaError as error:
                raise SchemaError(f"article {_shown(identifier)}: {error}") from None
        if extra:
            if EXTRA_FIELD in self._fields:
                raise SchemaError(
                    f"article {_shown(identifier)}: there is no field {min(extra)!r}, and "
                    f"{EXTRA_FIELD!r}, which takes what is no field, is one of the schema's own"
                )
            checked[EXTRA_FIELD] = extra
        return checked

    def to_json(self) -> str:
        """Return the schema as JSON text."""
        return json.dumps(
            {
                name: {"kind": field.kind, **field.to_fields()}
                for name, field in self._fields.items()
            }
        )

    @classmethod
    def from_json(cls, text: str) -> Schema:
        """Read what `to_json` wrote; raises `SchemaError` for anything else."""
        try:
            described = json.loads(text)
            fields = {}
            for name, options in described.items():
                kind = _KINDS[options.pop("kind")]
                fields[name] = kind(**options)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise SchemaError(f"not a schema: {error}") from None
        return cls(fields)


ARTICLE_SCHEMA = Schema(
    id=Keyword(),
    title=Text(boost=2.0),
    body=Text(),
    published=Date(),
    author=Keyword(),
    source=Keyword(),
    url=Keyword(),
    section=Keyword(),
    tags=Keyword(multi=True),
)

"""One article, checked, whatever it came from."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from vnsearch.articles.dates import parse_date
from vnsearch.errors import ArticleError
from vnsearch.schema import mend

__all__ = ["FIELD_ALIASES", "MAX_TEXT_BYTES", "Article"]

MAX_TEXT_BYTES = 64 * 1024 * 1024
"""Longest text of one field, in bytes of UTF-8."""

FIELD_ALIASES: dict[str, tuple[str, ...]] = {
    "id": ("id", "_id", "article_id", "doc_id", "docid", "guid", "uuid"),
    "title": ("title", "headline", "tieu_de"),
    "body": (
        "body", "content", "text", "noi_dung", "article_body", "articlebody", "full_text",
        "maintext", "article",
    ),
    "published": (
        "published", "published_at", "published_date", "publish_date", "publishdate",
        "date_published", "datepublished", "date_publish", "pubdate", "pub_date", "date",
        "datetime", "created_at", "timestamp", "time", "ngay_dang", "ngay",
    ),
    "author": ("author", "authors", "byline", "tac_gia"),
    "source": ("source", "sitename", "site", "source_name", "publisher", "nguon"),
    "url": ("url", "link", "permalink", "canonical_url", "duong_dan"),
    "section": ("section", "category", "categories", "topic", "chuyen_muc", "the_loai"),
    "tags": ("tags", "keywords", "tag", "tu_khoa"),
}  # fmt: skip
"""The keys a mapping's fields are looked for under, the first that has a value wins.

Keys are compared in lower case, without marks, with ``_`` for spaces and hyphens: a column
"Tiêu đề" is ``tieu_de``.
"""

_ALIASES = {
    alias: (name, rank) for name, names in FIELD_ALIASES.items() for rank, alias in enumerate(names)
}

LEAD_ALIASES = ("abstract", "description", "summary", "sapo", "lead", "tom_tat", "captions")
"""Keys that stay in ``extra``, unless there is no body: then the first with text is the body."""

_TEXT_FIELDS = ("title", "body", "author", "source", "url", "section")
_TAG_SEPARATORS = re.compile(r"[,;|\n]")
_MILLISECONDS_FROM = 100_000_000_000  # seconds reach this in the year 5138


@dataclass(frozen=True, slots=True)
class Article:
    """An article as the index takes it; immutable.

    ``id`` may be given as an int and ``published`` as text, ``tags`` as any iterable of text;
    None stands for "nothing" in every field but ``id``. A lone surrogate, which no file can hold,
    becomes U+FFFD; NUL and other control characters stay as they are. ``place`` is where the
    article was read from (``FILE:LINE``), which is told where an index refuses it, and not kept.

    Raises `ArticleError`, naming the article and the field, for a missing id, a value of the
    wrong type, and a text over `MAX_TEXT_BYTES`.
    """

    id: str
    title: str = ""
    body: str = ""
    published: datetime | date | None = None
    author: str = ""
    source: str = ""
    url: str = ""
    section: str = ""
    tags: tuple[str, ...] = ()
    extra: dict[str, object] = field(default_factory=dict, hash=False)
    place: str = field(default="", compare=False, repr=False, kw_only=True)

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "id", _checked_id(self.id))
        for name in _TEXT_FIELDS:
            value = getattr(self, name)
            put(self, name, "" if value is None else self._checked_text(name, value))
        put(self, "published", self._checked_date(self.published))
        put(self, "tags", self._checked_tags(self.tags))
        put(self, "extra", self._checked_extra(self.extra))

    def _fault(self, message: str) -> ArticleError:
        return ArticleError(f"article {self.id[:80]!r}: {message}")

    def _checked_text(self, name: str, value: object) -> str:
        if not isinstance(value, str):
            raise self._fault(f"{name} takes text, not {type(value).__name__}")
        try:
            size = len(value.encode())
        except UnicodeEncodeError:
            value = mend(value)
            size = len(value.encode())
        if size > MAX_TEXT_BYTES:
            raise self._fault(
                f"{name} has {size / 2**20:.0f} MiB of text, over the limit of "
                f"{MAX_TEXT_BYTES // 2**20} MiB: split it into several articles"
            )
        return value

    def _checked_date(self, value: object) -> datetime | date | None:
        if isinstance(value, str):
            parsed = parse_date(value)
            if parsed is None and value.strip():
                raise self._fault(f"published: {value[:60]!r} is not a date")
            return parsed
        if value is None or isinstance(value, date):
            return value
        raise self._fault(f"published takes a date or datetime, not {type(value).__name__}")

    def _checked_tags(self, value: object) -> tuple[str, ...]:
        if value is None:
            return ()
        if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
            raise self._fault(f"tags takes a list of text, not {type(value).__name__}")
        return tuple(self._checked_text("tags", tag) for tag in value)

    def _checked_extra(self, value: object) -> dict[str, object]:
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            raise self._fault(f"extra takes a mapping, not {type(value).__name__}")
        for key in value:
            if not isinstance(key, str):
                raise self._fault(f"extra takes names that are text, not {type(key).__name__}")
            if key in FIELD_ALIASES:
                raise self._fault(f"extra cannot hold {key!r}: that is a field of every article")
        try:
            return {mend(key): _mended(inside) for key, inside in value.items()}
        except RecursionError:
            raise self._fault("extra is nested too deeply") from None

    @classmethod
    def from_mapping(
        cls,
        mapping: Mapping[str, Any],
        *,
        aliases: Mapping[str, str | Iterable[str]] | None = None,
        default_id: str | None = None,
        place: str = "",
    ) -> Article:
        """Make an article of a mapping whose keys may go by other names (`FIELD_ALIASES`).

        Nothing is lost: every key that becomes no field lands in ``extra`` (a nested ``extra``
        is merged in), and so do a second key for the same field and a date that cannot be
        understood. A field's own name is not free there: such a value goes to ``published_raw``,
        and an object given as author or source, of which the field has the name, to
        ``author_raw``, ``source_raw``.

        ``aliases`` maps a field to the key, or keys in order of preference, to take it from
        before the known ones; ``"abstract+body"`` joins several keys' text by blank lines.
        ``default_id`` is used when no key for an id is there. An empty or null id is refused.

        Raises `ArticleError` as `Article` does, and for a mapping that is none; ValueError for an
        alias of a field that articles do not have.
        """
        if not isinstance(mapping, Mapping):
            raise ArticleError(f"an article is a mapping, not {type(mapping).__name__}")
        picker = _Picker(mapping, aliases or {})
        identifier = picker.take_id()
        if identifier is None:
            if default_id is None:
                raise ArticleError("an article needs an 'id'")
            identifier = default_id
        fields: dict[str, Any] = {}
        rest: dict[str, object] = {}
        for name in _TEXT_FIELDS:
            fields[name], whole = _text_value(name, picker.take(name))
            if whole is not None:
                rest[f"{name}_raw"] = whole
        if fields["body"] in (None, ""):  # not False or 0, which are mistakes to be told
            fields["body"] = picker.take_lead()
        fields["published"] = picker.take("published", _date_value)
        tags = picker.take("tags")
        fields["tags"] = split_tags(tags) if isinstance(tags, str) else tags
        return cls(id=identifier, **fields, extra={**picker.rest(), **rest}, place=place)

    def to_dict(self) -> dict[str, object]:
        """Return the article as plain values: dates as ISO 8601 text, extra fields beside the rest.

        Empty fields are left out, but for ``id``, ``title`` and ``body``.
        `Article.from_mapping` makes the same article of it.
        """
        plain: dict[str, object] = {"id": self.id, "title": self.title, "body": self.body}
        if self.published is not None:
            plain["published"] = self.published.isoformat()
        for name in ("author", "source", "url", "section"):
            value = getattr(self, name)
            if value:
                plain[name] = value
        if self.tags:
            plain["tags"] = list(self.tags)
        return {**self.extra, **plain}


class _Picker:
    """Takes the fields of one mapping by their aliases and remembers which keys were used."""

    def __init__(
        self, mapping: Mapping[str, Any], aliases: Mapping[str, str | Iterable[str]]
    ) -> None:
        check_aliases(aliases)
        self._mapping = mapping
        self._used: set[str] = set()
        self._keys: dict[str, str] = {}
        ranked: list[tuple[int, str, str]] = []
        for key in mapping:
            if not isinstance(key, str):
                raise ArticleError(f"an article's keys are text, not {type(key).__name__}")
            name = key_name(key)
            self._keys.setdefault(name, key)
            known = _ALIASES.get(name)
            if known is not None:
                ranked.append((known[1], known[0], key))
        # For each field the keys to take it from, in order; several in one step are joined.
        self._steps: dict[str, list[list[str]]] = {}
        for field_name, own in aliases.items():
            for alias in (own,) if isinstance(own, str) else own:
                keys = [key for key in map(self._key, alias.split("+")) if key is not None]
                if keys:
                    self._steps.setdefault(field_name, []).append(keys)
        for _, field_name, key in sorted(ranked):
            self._steps.setdefault(field_name, []).append([key])

    def _key(self, alias: str) -> str | None:
        return alias if alias in self._mapping else self._keys.get(key_name(alias))

    def take_id(self) -> Any:
        """Return the id as given, "" for a null one, None where no key for one is there."""
        if "id" not in self._steps:
            return None
        (key, *_), *_ = self._steps["id"]
        self._used.add(key)
        return "" if self._mapping[key] is None else self._mapping[key]

    def take(self, field_name: str, read: Callable[[Any], Any] = lambda value: value) -> Any:
        """Return the first value that is there and that ``read`` makes something of, or None."""
        for keys in self._steps.get(field_name, ()):
            values = [self._mapping[key] for key in keys]
            if len(values) > 1 and all(isinstance(value, str) for value in values):
                self._used.update(keys)
                return "\n\n".join(value for value in values if value)
            if not _is_empty(values[0]):
                value = read(values[0])
                if value is not None:
                    self._used.add(keys[0])
                    return value
        return None

    def take_lead(self) -> str:
        for alias in LEAD_ALIASES:
            key = self._keys.get(alias)
            if key is None:
                continue
            value = self._mapping[key]
            if isinstance(value, list) and all(isinstance(item, str) for item in value):
                value = "\n\n".join(value)
            if isinstance(value, str) and value:
                self._used.add(key)
                return value
        return ""

    def rest(self) -> dict[str, object]:
        """Return what no field took; empty values under a field's own name mean nothing."""
        left: dict[str, object] = {}
        for key, value in self._mapping.items():
            if key in self._used or (key in FIELD_ALIASES and _is_empty(value)):
                continue
            if key == "extra" and (value is None or isinstance(value, Mapping)):
                left.update(value or {})
            elif key in FIELD_ALIASES:
                # Another key outranked the field's own, or this is a date nobody understands.
                left[f"{key}_raw"] = value
            else:
                left[key] = value
        return left


def check_aliases(aliases: Mapping[str, object]) -> None:
    """Raise ValueError for an alias of a field that articles do not have."""
    for name in aliases:
        if name not in FIELD_ALIASES:
            raise ValueError(f"aliases: an article has no field {name!r}")


def split_tags(text: str) -> tuple[str, ...]:
    """Split tags written in one text by commas, semicolons, bars or lines."""
    return tuple(tag for tag in map(str.strip, _TAG_SEPARATORS.split(text)) if tag)


@lru_cache(maxsize=1024)
def key_name(key: str) -> str:
    """Return a key as aliases are written: lower case, no marks, ``_`` between words."""
    if not key.isascii():
        from vnsearch.text import fold

        key = fold(key)
    return re.sub(r"[\s_-]+", "_", key.strip().lower())


def _mended(value: object) -> object:
    """Return a value of plain data with its lone surrogates replaced."""
    if isinstance(value, str):
        return mend(value)
    if isinstance(value, dict):
        return {_mended(key): _mended(inside) for key, inside in value.items()}
    return [_mended(one) for one in value] if isinstance(value, list) else value


def _is_empty(value: object) -> bool:
    return value is None or (isinstance(value, str | list | tuple | dict) and not value)


def _checked_id(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if value is None:
        raise ArticleError("an article needs an 'id'")
    if not isinstance(value, str):
        raise ArticleError(f"an article's id is text or a whole number, not {type(value).__name__}")
    if not value.strip():
        raise ArticleError("an article's id is empty")
    return mend(value)


def _text_value(name: str, value: Any) -> tuple[Any, object]:
    """Return a field's text, and the value as given where the text does not say all of it."""
    if name in ("author", "source", "section"):
        people = value if isinstance(value, list | tuple) else [value]
        given = [item.get("name") if isinstance(item, Mapping) else item for item in people]
        names = [item for item in given if isinstance(item, str)]
        if names and len(names) == len(given):
            whole = any(isinstance(item, Mapping) for item in people)
            return ", ".join(names), value if whole else None
    return value, None


def _date_value(value: Any) -> datetime | date | None:
    if isinstance(value, str):
        return parse_date(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return datetime.fromtimestamp(
                value / 1000 if abs(value) >= _MILLISECONDS_FROM else value, UTC
            )
        except (ValueError, OverflowError, OSError):
            return None
    return value if isinstance(value, date) else None

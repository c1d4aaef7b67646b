"""Copying an index that Whoosh wrote into one of ours."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from vnsearch.codec import discard
from vnsearch.codec.store import path_name
from vnsearch.errors import IndexCorruptError, IndexNotFoundError
from vnsearch.schema import ID_FIELD, Boolean, Date, Field, Keyword, Number, Schema, Stored, Text

__all__ = ["convert_index"]


def convert_index(source: str | os.PathLike[str], path: str | os.PathLike[str]) -> int:
    """Copy the stored fields of the Whoosh index in ``source`` into a new one; return how many.

    A Whoosh index is made of pickles, and opening one runs what it says: convert only what you
    trust. Ids are the field ``id``, else the first unique field, else the number of the document;
    one that was there before gets that number too (``7#12``), for nothing is replaced. Numbers,
    dates and booleans that were given as text are read as Whoosh reads them. Fields that a pattern
    of Whoosh's schema named (``*_t``) are kept under ``extra``. What Whoosh did not store is not
    there to copy.

    Raises `IndexNotFoundError` or `IndexCorruptError` for the source, `IndexExistsError` for the
    path, and `SchemaError` for a field name that is no identifier.
    """
    from vnsearch.index import create_index

    reader = _open(source)
    try:
        stored = {
            name: _field(kind)
            for name, kind in reader.schema.items()
            if kind.stored and name != ID_FIELD
        }
        unique = [name for name, kind in reader.schema.items() if kind.unique and kind.stored]
        named = ID_FIELD if ID_FIELD in reader.schema else next(iter(unique), None)
        is_new = not os.path.exists(path)
        with create_index(path, Schema(stored)) as index:
            try:
                return index.add(_documents(reader, stored, named))
            except BaseException:
                if is_new:  # an index that never came to be leaves nothing behind
                    discard(path)
                raise
    finally:
        reader.close()


def _open(source: str | os.PathLike[str]) -> Any:
    from whoosh.index import EmptyIndexError, open_dir

    where = path_name(source)
    try:
        found: Any = open_dir(where, readonly=True)
        return found.reader()
    except (EmptyIndexError, FileNotFoundError, NotADirectoryError):
        raise IndexNotFoundError(f"there is no Whoosh index in {where}") from None
    except Exception as error:  # a damaged pickle may raise anything
        told = f"cannot be opened by Whoosh ({type(error).__name__}: {error})"
        raise IndexCorruptError(told, where) from None


def _field(kind: Any) -> Field:
    from whoosh import fields

    if isinstance(kind, fields.TEXT):
        form: Any = kind.format
        return Text(boost=form.field_boost)
    if isinstance(kind, fields.KEYWORD):
        return Keyword(multi=True)
    if isinstance(kind, fields.ID):
        return Keyword()
    if isinstance(kind, fields.DATETIME):  # before NUMERIC, which it is one of
        return Date()
    if isinstance(kind, fields.NUMERIC):
        return Number()
    if isinstance(kind, fields.BOOLEAN):
        return Boolean()
    return Stored()


def _value(kind: Any, field: Field, value: Any) -> Any:
    """Return a stored value as our field takes it; Whoosh stores what was given."""
    if isinstance(field, Boolean) and not isinstance(value, bool):
        return kind.to_bytes(value) == kind.to_bytes(True)
    number = isinstance(field, Number) and type(value) not in (int, float)
    if number or (isinstance(field, Date) and isinstance(value, str)):
        try:
            read = kind.from_bytes(kind.to_bytes(value))
            return float(read) if number and not isinstance(read, int) else read
        except Exception:  # Whoosh raises that very class; our schema says what is wrong
            return value
    return value


def _documents(
    reader: Any, fields: dict[str, Field], named: str | None
) -> Iterator[dict[str, Any]]:
    seen: set[str] = set()
    for number, values in reader.iter_docs():
        document: dict[str, Any] = {}
        for name, value in values.items():
            field = fields.get(name)
            if field is None:
                if name != ID_FIELD and name in reader.schema:  # by a pattern
                    document[name] = value
                continue
            document[name] = _value(reader.schema[name], field, value)
            if isinstance(field, Keyword) and field.multi and isinstance(value, str):
                commas = getattr(reader.schema[name], "commas", False) or "," in value
                parts = value.split(",") if commas else value.split()
                document[name] = [part.strip() for part in parts if part.strip()]
        given = values.get(named) if named else None
        identifier = str(number) if given in (None, "") else str(given)
        while identifier in seen:
            identifier += f"#{number}"
        seen.add(identifier)
        document[ID_FIELD] = identifier
        yield document

"""Every error vnsearch raises on purpose.

::

    VnsearchError
    ├── ArticleError          an article, or the source it came from, cannot be used
    │   ├── SourceNotFoundError   a file, folder or glob that is not there or cannot be opened
    │   └── SourceFormatError     a file that is there but is not what it says (names file and line)
    ├── SchemaError           a schema, or a value that does not fit its field
    ├── QueryError            a strict query that does not parse (has .query and .position)
    ├── SearchIndexError
    │   ├── IndexNotFoundError    no index at the path
    │   ├── IndexExistsError      an index is there already
    │   ├── IndexVersionError     written by a newer (or unknown) format
    │   ├── IndexCorruptError     bytes that break the format (has .file and .offset)
    │   ├── IndexLockedError      another writer holds the lock
    │   └── IndexClosedError      used after close()
    ├── WordModelError        pyvi's model cannot be found or read
    └── MissingExtraError     an optional dependency is not installed
"""

from __future__ import annotations

__all__ = [
    "ArticleError",
    "IndexClosedError",
    "IndexCorruptError",
    "IndexExistsError",
    "IndexLockedError",
    "IndexNotFoundError",
    "IndexVersionError",
    "MissingExtraError",
    "QueryError",
    "SchemaError",
    "SearchIndexError",
    "SourceFormatError",
    "SourceNotFoundError",
    "VnsearchError",
    "WordModelError",
]


class VnsearchError(Exception):
    """Base of every error this library raises on purpose.

    ``place`` is where the article it is about was read from, ``FILE:LINE`` or FILE, else empty.
    """

    place = ""


class ArticleError(VnsearchError):
    """An article, or the source it came from, cannot be used."""


class SourceNotFoundError(ArticleError):
    """A file, folder or glob that does not exist or cannot be opened."""


class SourceFormatError(ArticleError):
    """A source that is not in the format it claims; the message names file and line."""


class SchemaError(VnsearchError):
    """A schema that makes no sense, or a value that does not fit its field."""


class QueryError(VnsearchError):
    """A query that strict parsing refuses.

    ``query`` is the text as given, ``position`` the 0-based character the message points at.
    """

    def __init__(self, message: str, query: str = "", position: int = 0) -> None:
        super().__init__(message)
        self.query = query
        self.position = position


class SearchIndexError(VnsearchError):
    """Base of the errors about an index directory."""


class IndexNotFoundError(SearchIndexError):
    """There is no vnsearch index at the path."""


class IndexExistsError(SearchIndexError):
    """There is already an index at the path."""


class IndexVersionError(SearchIndexError):
    """The index was written by a format version this release does not know."""


class IndexCorruptError(SearchIndexError):
    """The bytes of an index file break its format.

    ``file`` is the file's path or name, ``offset`` the byte offset of what is wrong (or None).
    """

    def __init__(self, message: str, file: str = "", offset: int | None = None) -> None:
        where = f"{file}" if offset is None else f"{file} at byte {offset}"
        super().__init__(f"{where}: {message}" if file else message)
        self.file = file
        self.offset = offset


class IndexLockedError(SearchIndexError):
    """Another writer holds the index's lock."""


class IndexClosedError(SearchIndexError):
    """The index, reader or writer was used after it was closed."""


class WordModelError(VnsearchError):
    """pyvi's model cannot be found, or is not of the structure this release can read."""


class MissingExtraError(VnsearchError):
    """An optional dependency is needed and not installed; the message says what to install."""

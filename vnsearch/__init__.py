"""Full-text search for Vietnamese.

>>> import vnsearch
>>> with vnsearch.create_index("news") as index:                    # doctest: +SKIP
...     index.add(vnsearch.read_articles("seeds"))
...     for hit in index.search("phong chong dich"):
...         print(hit.rank, hit.title, hit.snippet)

Names are imported when first used, so that importing the package costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from vnsearch._version import __version__

if TYPE_CHECKING:
    from vnsearch.analysis import VietnameseAnalyzer
    from vnsearch.articles import Article, read_articles
    from vnsearch.errors import (
        ArticleError,
        IndexClosedError,
        IndexCorruptError,
        IndexExistsError,
        IndexLockedError,
        IndexNotFoundError,
        IndexVersionError,
        MissingExtraError,
        QueryError,
        SchemaError,
        SearchIndexError,
        SourceFormatError,
        SourceNotFoundError,
        VnsearchError,
    )
    from vnsearch.index import Index, create_index, open_index
    from vnsearch.ranking import Explanation, Parameters
    from vnsearch.results import Hit, Results
    from vnsearch.schema import (
        ARTICLE_SCHEMA,
        Boolean,
        Date,
        Keyword,
        Number,
        Schema,
        Stored,
        Text,
    )
    from vnsearch.text import analyze, fold, segment, syllables

_HOMES = {
    "analysis": ["VietnameseAnalyzer"],
    "articles": ["Article", "read_articles"],
    "errors": [
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
    ],
    "index": ["Index", "create_index", "open_index"],
    "ranking": ["Explanation", "Parameters"],
    "results": ["Hit", "Results"],
    "schema": [
        "ARTICLE_SCHEMA",
        "Boolean",
        "Date",
        "Keyword",
        "Number",
        "Schema",
        "Stored",
        "Text",
    ],
    "text": ["analyze", "fold", "segment", "syllables"],
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}

__all__ = sorted([*_HOME, "__version__"])  # noqa: PLE0605


def __getattr__(name: str) -> Any:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module 'vnsearch' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"vnsearch.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})

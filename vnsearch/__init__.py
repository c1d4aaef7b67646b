"""Full-text search for Vietnamese.

::

    import vnsearch

    with vnsearch.create_index("news") as index:
        index.add(vnsearch.read_articles("seeds"))
        for hit in index.search("phong chong dich"):
            print(hit.rank, hit.title, hit.snippet)

Names are imported when first used, so that importing the package costs next to nothing.
"""

from __future__ import annotations

import importlib

from vnsearch._version import __version__ as __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from vnsearch.analysis import VietnameseAnalyzer as VietnameseAnalyzer
    from vnsearch.articles import Article as Article
    from vnsearch.articles import read_articles as read_articles
    from vnsearch.codec.verify import repair as repair_index
    from vnsearch.codec.verify import verify as verify_index
    from vnsearch.errors import ArticleError as ArticleError
    from vnsearch.errors import IndexClosedError as IndexClosedError
    from vnsearch.errors import IndexCorruptError as IndexCorruptError
    from vnsearch.errors import IndexExistsError as IndexExistsError
    from vnsearch.errors import IndexLockedError as IndexLockedError
    from vnsearch.errors import IndexNotFoundError as IndexNotFoundError
    from vnsearch.errors import IndexVersionError as IndexVersionError
    from vnsearch.errors import MissingExtraError as MissingExtraError
    from vnsearch.errors import QueryError as QueryError
    from vnsearch.errors import SchemaError as SchemaError
    from vnsearch.errors import SearchIndexError as SearchIndexError
    from vnsearch.errors import SourceFormatError as SourceFormatError
    from vnsearch.errors import SourceNotFoundError as SourceNotFoundError
    from vnsearch.errors import VnsearchError as VnsearchError
    from vnsearch.errors import WordModelError as WordModelError
    from vnsearch.index import Index as Index
    from vnsearch.index import create_index as create_index
    from vnsearch.index import open_index as open_index
    from vnsearch.ranking.bm25 import Parameters as Parameters
    from vnsearch.ranking.explain import Explanation as Explanation
    from vnsearch.results import Hit as Hit
    from vnsearch.results import Results as Results
    from vnsearch.schema import ARTICLE_SCHEMA as ARTICLE_SCHEMA
    from vnsearch.schema import Boolean as Boolean
    from vnsearch.schema import Date as Date
    from vnsearch.schema import Keyword as Keyword
    from vnsearch.schema import Number as Number
    from vnsearch.schema import Schema as Schema
    from vnsearch.schema import Stored as Stored
    from vnsearch.schema import Text as Text
    from vnsearch.text import analyze as analyze
    from vnsearch.text import fold as fold
    from vnsearch.text import segment as segment
    from vnsearch.text import syllables as syllables
    from vnsearch.text.abbreviations import Abbreviations as Abbreviations
    from vnsearch.whoosh.convert import convert_index as convert_index

__all__ = [
    "ARTICLE_SCHEMA",
    "Abbreviations",
    "Article",
    "ArticleError",
    "Boolean",
    "Date",
    "Explanation",
    "Hit",
    "Index",
    "IndexClosedError",
    "IndexCorruptError",
    "IndexExistsError",
    "IndexLockedError",
    "IndexNotFoundError",
    "IndexVersionError",
    "Keyword",
    "MissingExtraError",
    "Number",
    "Parameters",
    "QueryError",
    "Results",
    "Schema",
    "SchemaError",
    "SearchIndexError",
    "SourceFormatError",
    "SourceNotFoundError",
    "Stored",
    "Text",
    "VietnameseAnalyzer",
    "VnsearchError",
    "WordModelError",
    "__version__",
    "analyze",
    "convert_index",
    "create_index",
    "fold",
    "open_index",
    "read_articles",
    "repair_index",
    "segment",
    "syllables",
    "verify_index",
]

_MODULES = {
    "Abbreviations": "text.abbreviations",
    "Article": "articles",
    "Explanation": "ranking.explain",
    "Hit": "results",
    "Index": "index",
    "Parameters": "ranking.bm25",
    "Results": "results",
    "VietnameseAnalyzer": "analysis",
    "analyze": "text",
    "convert_index": "whoosh.convert",
    "create_index": "index",
    "fold": "text",
    "open_index": "index",
    "read_articles": "articles",
    "repair_index": "codec.verify:repair",
    "segment": "text",
    "syllables": "text",
    "verify_index": "codec.verify:verify",
    **dict.fromkeys([name for name in __all__ if name.endswith("Error")], "errors"),
    **dict.fromkeys(
        [
            "ARTICLE_SCHEMA",
            "Boolean",
            "Date",
            "Keyword",
            "Number",
            "Schema",
            "Stored",
            "Text",
        ],
        "schema",
    ),
}


def __getattr__(name: str) -> Any:
    place = _MODULES.get(name)
    if place is None:
        raise AttributeError(f"module 'vnsearch' has no attribute {name!r}")
    module, _, attribute = place.partition(":")
    value = getattr(importlib.import_module(f"vnsearch.{module}"), attribute or name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

"""Articles: what they are, and how they are read from files of many kinds."""

from typing import TYPE_CHECKING, Any

from vnsearch.articles.article import FIELD_ALIASES, MAX_TEXT_BYTES, Article
from vnsearch.articles.dates import parse_date
from vnsearch.articles.reader import Reader, ReadReport, read_articles

if TYPE_CHECKING:
    from vnsearch.articles.cleaning import CleanedPage, clean_news_text

__all__ = [
    "FIELD_ALIASES",
    "MAX_TEXT_BYTES",
    "Article",
    "CleanedPage",
    "ReadReport",
    "Reader",
    "clean_news_text",
    "parse_date",
    "read_articles",
]


def __getattr__(name: str) -> Any:
    # Compiling the patterns of news pages takes as long as importing all the rest.
    if name in ("CleanedPage", "clean_news_text"):
        from vnsearch.articles import cleaning

        return getattr(cleaning, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

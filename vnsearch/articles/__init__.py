"""Articles: what they are, and how they are read from files of many kinds."""

from vnsearch.articles.article import FIELD_ALIASES, MAX_TEXT_BYTES, Article
from vnsearch.articles.cleaning import CleanedPage, clean_news_text
from vnsearch.articles.dates import parse_date
from vnsearch.articles.reader import Reader, ReadReport, count_hint, read_articles

__all__ = [
    "FIELD_ALIASES",
    "MAX_TEXT_BYTES",
    "Article",
    "CleanedPage",
    "ReadReport",
    "Reader",
    "clean_news_text",
    "count_hint",
    "parse_date",
    "read_articles",
]

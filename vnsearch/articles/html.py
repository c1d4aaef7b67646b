"""The article inside an HTML page, found by trafilatura (the extra ``html``)."""

from __future__ import annotations

import logging
import re
from datetime import date, datetime
from html import unescape

from vnsearch.articles.article import Article, split_tags
from vnsearch.articles.cleaning import CleanedPage, clean_news_text
from vnsearch.articles.dates import parse_date
from vnsearch.errors import MissingExtraError, SourceFormatError

__all__ = ["html_article"]

# trafilatura's own guess knows the day only, and may take it from a list of other articles.
_PUBLISHED = (
    re.compile(
        r"""<meta\b[^>]*\b(?:property|name|itemprop)\s*=\s*["'](?:article:published_time|datePublished"""
        r"""|pubdate|publishdate|dc\.date(?:\.issued)?|DC\.date(?:\.issued)?|og:published_time)["'][^>]*>""",
        re.IGNORECASE,
    ),
    re.compile(r"""["']datePublished["']\s*:\s*["'](?P<value>[^"']+)["']"""),
    re.compile(r"""<time\b[^>]*\bdatetime\s*=\s*["'](?P<value>[^"']+)["']""", re.IGNORECASE),
)
_CONTENT = re.compile(r"""\bcontent\s*=\s*["'](?P<value>[^"']+)["']""", re.IGNORECASE)


def html_article(markup: str, identifier: str, name: str, *, clean: bool = True) -> Article:
    """Return the article of one HTML page under the id given.

    Title, date, author, site and tags are the page's metadata's, else those printed in the text;
    the page's description goes to ``extra``. ``clean`` takes the furniture of news pages out of
    the text that trafilatura found.

    Raises `MissingExtraError` where trafilatura is not installed, `SourceFormatError`, naming
    the file, where the page holds no article.
    """
    try:
        import trafilatura
        from trafilatura.settings import Document
    except ImportError:
        raise MissingExtraError(
            "reading HTML needs trafilatura: pip install 'vnsearch[html]'"
        ) from None
    # What trafilatura cannot use it logs, and we raise; without a handler it goes to stderr.
    logging.getLogger("trafilatura").addHandler(logging.NullHandler())
    found = trafilatura.bare_extraction(
        markup,
        with_metadata=True,
        include_comments=False,
        date_extraction_params={"original_date": True, "extensive_search": False},
    )
    if not isinstance(found, Document) or not found.text:
        raise SourceFormatError(f"{name!r}: no article found in this HTML")
    page = clean_news_text(found.text, title=found.title) if clean else CleanedPage(body=found.text)
    published = _published(markup) or page.published or parse_date(found.date or "")
    return Article(
        identifier,
        title=found.title or page.title,
        body=page.body,
        published=published,
        author=(found.author or "").replace("; ", ", ") or page.author,
        source=found.sitename or page.source,
        url=found.url or "",
        section=page.section or ", ".join(found.categories or ()),
        tags=tuple(tag for tags in found.tags or () for tag in split_tags(tags)) or page.tags,
        extra={"description": found.description} if found.description else {},
    )


def _published(markup: str) -> datetime | date | None:
    for pattern in _PUBLISHED:
        for match in pattern.finditer(markup):
            value = match if "value" in match.groupdict() else _CONTENT.search(match[0])
            published = parse_date(unescape(value["value"])) if value else None
            if published is not None:
                return published
    return None

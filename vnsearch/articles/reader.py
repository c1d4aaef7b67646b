"""Reading articles from files, folders, globs and streams, one at a time."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain
from os import PathLike
from typing import IO, Any, Literal

from vnsearch.articles.article import MAX_TEXT_BYTES, Article, check_aliases
from vnsearch.articles.records import (
    Fault,
    Record,
    csv_delimiter,
    csv_records,
    json_records,
    jsonl_records,
)
from vnsearch.articles.sources import FORMATS, Source, check_encoding, find_sources, open_text
from vnsearch.errors import ArticleError, SourceFormatError

__all__ = ["ReadReport", "Reader", "read_articles"]

OnError = Literal["raise", "skip"] | Callable[[ArticleError], None]
SourceLike = str | PathLike[str] | IO[Any]

MAX_NOTES = 1000
"""How many skipped things a report names; the rest are only counted."""

_FORMAT_NAMES = {suffix[1:]: kind for suffix, kind in FORMATS.items()} | {
    kind: kind for kind in FORMATS.values()
}
_RECORDS = {"jsonl": jsonl_records, "json": json_records, "csv": csv_records}
_SNIFF_CHARS = 64 * 1024
_HTML_START = re.compile(r"<(?:!doctype|html|head|body|\?xml|meta|div|article|p\b)", re.IGNORECASE)


@dataclass(slots=True)
class ReadReport:
    """What a reading came to.

    ``skipped`` names what was left out, with the reason (the first thousand; ``skipped_count``
    counts them all); ``converted`` the files that were not UTF-8, with their encoding and the
    number of characters lost; ``ignored`` counts what was passed over in folders: files of no
    known kind, pipes, links to folders; ``textless`` articles without title and body, in which
    plain words find nothing.
    """

    articles: int = 0
    textless: int = 0
    files: int = 0
    ignored: int = 0
    skipped_count: int = 0
    skipped: list[tuple[str, str]] = field(default_factory=list)
    converted: dict[str, tuple[str, int]] = field(default_factory=dict)

    def add_skipped(self, name: str, reason: str) -> None:
        """Note one thing left out."""
        self.skipped_count += 1
        if len(self.skipped) < MAX_NOTES:
            self.skipped.append((name, _without_name(reason, name)))

    def add_converted(self, name: str, encoding: str, lost: int) -> None:
        """Note that a file was converted, and characters lost in it (they add up)."""
        self.converted[name] = (encoding, self.converted.get(name, (encoding, 0))[1] + lost)


class Reader(Iterator[Article]):
    """An iterator over the articles of some sources, that can say how far it is.

    ``report`` is what happened so far, ``bytes_read`` the bytes taken from disk or stream
    (compressed ones as they lie there), ``bytes_total`` how many there are, or None where a
    stream does not tell. A context manager; ``close()`` closes the file being read.
    """

    def __init__(
        self,
        sources: Iterable[SourceLike],
        *,
        on_error: OnError = "raise",
        format: str | None = None,
        encoding: str | None = None,
        clean: bool = True,
        aliases: Mapping[str, str | Iterable[str]] | None = None,
        report: ReadReport | None = None,
    ) -> None:
        if on_error not in ("raise", "skip") and not callable(on_error):
            raise ValueError(f"on_error is 'raise', 'skip' or a function, not {on_error!r}")
        if format is not None and format.lower() not in _FORMAT_NAMES:
            raise ValueError(f"format is one of {' '.join(sorted(_FORMAT_NAMES))}, not {format!r}")
        check_aliases(aliases or {})
        if encoding is not None:
            check_encoding(encoding)
        self.report = ReadReport() if report is None else report
        self.bytes_read = 0
        self._on_error = on_error
        self._format = None if format is None else _FORMAT_NAMES[format.lower()]
        self._encoding = encoding
        self._clean = clean
        self._aliases = aliases
        self._sources, ignored = find_sources(list(sources), self._fault)
        self.report.ignored += ignored
        sizes = [source.size for source in self._sources]
        self.bytes_total = None if None in sizes else sum(size for size in sizes if size)
        self._articles = self._read()

    def __iter__(self) -> Reader:
        return self

    def __next__(self) -> Article:
        return next(self._articles)

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop reading and close the file being read."""
        self._articles.close()

    def _fault(self, name: str, error: ArticleError) -> None:
        """Do what the caller chose with something that cannot be read."""
        error.place = name
        if self._on_error == "raise":
            raise error
        self.report.add_skipped(name, str(error))
        if callable(self._on_error):
            self._on_error(error)

    def _count(self, size: int) -> None:
        self.bytes_read += size

    def _read(self) -> Generator[Article, None, None]:
        for source in self._sources:
            try:
                with open_text(
                    source,
                    encoding=self._encoding,
                    count=self._count,
                    converted=partial(self.report.add_converted, source.name),
                ) as pieces:
                    yield from self._articles_of(source, pieces)
            except ArticleError as error:
                self._fault(source.name, error)
            else:
                self.report.files += 1

    def _articles_of(self, source: Source, pieces: Iterator[str]) -> Iterator[Article]:
        kind = self._format or source.format
        if kind is None:
            head = _head(pieces)
            kind = _sniff(head)
            pieces = chain([head], pieces)
        if kind in _RECORDS:
            for record in _RECORDS[kind](pieces):
                article = self._article_of(source, record)
                if article is not None:
                    yield self._counted(article)
        else:
            page = self._page(source, kind, _whole(source, pieces))
            yield self._counted(replace(page, place=source.name))

    def _counted(self, article: Article) -> Article:
        self.report.articles += 1
        self.report.textless += not (article.title or article.body)
        return article

    def _article_of(self, source: Source, record: Record | Fault) -> Article | None:
        place = f"{source.name}:{record.line}"
        if isinstance(record, Fault):
            self._fault(place, SourceFormatError(f"{place}: {record.reason}"))
            return None
        try:
            return Article.from_mapping(
                record.fields,
                aliases=self._aliases,
                default_id=f"{source.stem}:{record.line}",
                place=place,
            )
        except ArticleError as error:
            self._fault(place, ArticleError(f"{place}: {error}"))
            return None

    def _page(self, source: Source, kind: str, text: str) -> Article:
        if not text.strip():
            raise SourceFormatError(f"{source.name!r}: holds no text")
        if kind == "html":
            from vnsearch.articles.html import html_article

            return html_article(text, source.stem, source.name, clean=self._clean)
        if not self._clean:
            return Article(source.stem, body=text)
        from vnsearch.articles.cleaning import clean_news_text  # its patterns take a while

        page = clean_news_text(text)
        return Article(
            source.stem,
            title=page.title,
            body=page.body,
            published=page.published,
            author=page.author,
            source=page.source,
            section=page.section,
            tags=page.tags,
        )


def read_articles(
    *sources: SourceLike,
    on_error: OnError = "raise",
    format: str | None = None,
    encoding: str | None = None,
    clean: bool = True,
    aliases: Mapping[str, str | Iterable[str]] | None = None,
    report: ReadReport | None = None,
) -> Reader:
    """Read articles one at a time from files, folders, globs, ``"-"`` or open files.

    ``.txt`` and ``.html`` hold one article each, ``.jsonl``/``.ndjson``, ``.json``, ``.csv`` and
    ``.tsv`` many; each may be compressed (``.gz``, ``.xz``, ``.bz2``). Folders are read with
    all below them, in sorted order. Where neither ``format`` nor the name says what a source is,
    its first characters do. No file of many articles is ever held in memory as a whole.

    An article's id is the one its record has, else ``NAME:LINE`` with the file's name without
    suffix; a text or HTML file's id is that name, with the folder before it where two would be
    the same.

    ``on_error``: ``"raise"`` stops at the first thing that cannot be read; ``"skip"`` goes on and
    lists it in ``report.skipped``; a function does the same and is called with each error.
    ``encoding`` is told from the bytes unless given. ``clean=False`` leaves text as it stands
    (``docs/ARTICLES.md`` tells what cleaning does). ``aliases`` as in `Article.from_mapping`.

    Raises `SourceNotFoundError`, `SourceFormatError` (naming file and line), `ArticleError` and,
    for HTML without its extra, `MissingExtraError`. A missing source is found at once, the rest
    while reading. ValueError for an option that is none.
    """
    return Reader(
        sources,
        on_error=on_error,
        format=format,
        encoding=encoding,
        clean=clean,
        aliases=aliases,
        report=report,
    )


def _head(pieces: Iterator[str]) -> str:
    head = io.StringIO()
    for piece in pieces:
        head.write(piece)
        if head.tell() >= _SNIFF_CHARS:
            break
    return head.getvalue()


def _sniff(head: str) -> str:
    """Tell a text's format from its beginning; what is nothing else is plain text."""
    start = head.lstrip("\ufeff \t\r\n")
    if start.startswith("{"):
        first_line = start.partition("\n")[0]
        faulty = any(isinstance(record, Fault) for record in jsonl_records(iter([first_line])))
        return "json" if faulty else "jsonl"
    if re.match(r"\[\s*[{\]]", start):
        return "json"
    if _HTML_START.match(start):
        return "html"
    first_line = start.partition("\n")[0]
    delimiter = csv_delimiter(first_line)
    if delimiter is not None and delimiter in first_line:
        return "csv"
    return "text"


def _whole(source: Source, pieces: Iterator[str]) -> str:
    text = io.StringIO()
    for piece in pieces:
        text.write(piece)
        if text.tell() > MAX_TEXT_BYTES:
            raise SourceFormatError(
                f"{source.name!r}: over {MAX_TEXT_BYTES // 2**20} MiB of text for one article"
            )
    return text.getvalue()


def _without_name(message: str, name: str) -> str:
    for start in (f"{name!r}: ", f"{name}: "):
        with suppress(ValueError):
            if message.startswith(start):
                return message[len(start) :]
    return message

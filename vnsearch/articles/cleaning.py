"""Telling an article from the page around it, in the plain text of Vietnamese news pages.

Every line has a kind from its own words (`vnsearch.articles.furniture`); where it stands decides
whether that kind counts: "Chia sẻ" is a button above and below the article, and words of it in
between. A text with no paragraph of prose, or with nothing on it that only pages have, is left
whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from itertools import takewhile

from vnsearch.articles.furniture import (
    LONG_PROSE,
    Kind,
    Line,
    Said,
    has_surname,
    page_lines,
    split_site,
)

__all__ = ["CleanedPage", "clean_news_text"]

_EVIDENCE = {
    Kind.HEADING: 2,
    Kind.END: 2,
    Kind.JUNK: 2,
    Kind.CAPTION: 2,
    Kind.CRUMBS: 2,
    Kind.DATE: 2,
    Kind.SOURCE: 2,
    Kind.BYLINE: 2,
    Kind.TAGS: 1,
    Kind.LINK: 1,
    Kind.WEAK_HEADING: 1,
}
"""How much a line of each kind says that the text is a news page; two are enough."""
_ENOUGH = 2
_AT_EDGES = frozenset({Kind.DATE, Kind.SOURCE, Kind.BYLINE, Kind.TAGS})
_LIST_HEADINGS = frozenset({Kind.HEADING, Kind.WEAK_HEADING})

_TITLE_LINES = 6
"""How many of the first lines may repeat the title."""
_BYLINE_LINES = 4
"""How many of the last lines may be names."""
_KICKER_WORDS = 4
_TAG_WORDS = 6


@dataclass(frozen=True, slots=True)
class CleanedPage:
    """What a page says, told apart; ``removed`` are the lines that went into nothing else."""

    title: str = ""
    body: str = ""
    published: datetime | date | None = None
    author: str = ""
    source: str = ""
    section: str = ""
    tags: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


def clean_news_text(text: str, *, title: str | None = None) -> CleanedPage:
    """Tell title, date, byline, source, tags and body of a news page's plain text apart.

    ``title`` is the page's title where it is known from elsewhere: its line is then taken out of
    the body, and no other for it. Never raises for any str. Every line of the body is one of
    ``text``, in order, without space and table bars around it; blank lines in a row become one.
    A text with no prose, or with nothing on it that only pages have, keeps its lines as they are,
    but for a title set apart from what follows.
    """
    return _Page(list(page_lines(text)), title).cleaned()


class _Page:
    """The lines of one page on their way to a `CleanedPage`."""

    def __init__(self, lines: list[Line], title: str | None) -> None:
        self._lines = lines
        self._gone: set[int] = set()  # lines that are no part of the body
        self._used: set[int] = set()  # those of them that became a field
        self._title = title or ""
        self._title_known = bool(title)
        self._published: datetime | date | None = None
        self._authors: list[str] = []
        self._source = ""
        self._section = ""
        self._tags: list[str] = []

    def cleaned(self) -> CleanedPage:
        prose = self._prose()
        is_page = bool(prose) and self._evidence(prose) >= _ENOUGH
        if is_page:
            self._cut_lists()
            self._cut_furniture()
        if prose:
            self._find_title(is_page)
            self._find_bylines(is_page)
        body = self._body(is_page)
        if not body:
            self._gone.clear()
            body = self._body(is_page=False)
        return CleanedPage(
            self._title,
            body,
            self._published,
            ", ".join(dict.fromkeys(self._authors)),
            self._source,
            self._section,
            tuple(dict.fromkeys(self._tags)),
            tuple(self._lines[at].text for at in sorted(self._gone - self._used)),
        )

    def _prose(self) -> list[int]:
        return [at for at in self._left() if self._lines[at].kind is Kind.PROSE]

    def _left(self) -> list[int]:
        """Return where lines stand that are not blank and still of the body."""
        return [
            at
            for at, line in enumerate(self._lines)
            if line.kind is not Kind.BLANK and at not in self._gone
        ]

    def _next(self, at: int) -> int:
        """Return the next line that is not blank, or the number of lines."""
        at += 1
        while at < len(self._lines) and self._lines[at].kind is Kind.BLANK:
            at += 1
        return at

    def _kind(self, at: int) -> Kind:
        return self._lines[at].kind if at < len(self._lines) else Kind.BLANK

    def _evidence(self, prose: list[int]) -> int:
        head = prose[min(1, len(prose) - 1)]
        last = self._left()[-1]
        signed = self._kind(last) is Kind.NAME and has_surname(self._lines[last].key)
        return signed + sum(
            _EVIDENCE.get(line.kind, 0)
            for at, line in enumerate(self._lines)
            if line.kind not in _AT_EDGES or not head < at < prose[-1]
        )

    # --- lists of other articles, comments, the footer

    def _cut_lists(self) -> None:
        total = sum(len(line.key) for line in self._lines if line.kind is Kind.PROSE)
        before = paragraphs = 0
        at = 0
        while at < len(self._lines):
            line = self._lines[at]
            end = at + 1
            if line.kind is Kind.PROSE:
                before += len(line.key)
                paragraphs += 1
            elif line.kind in _LIST_HEADINGS:
                # Above the article such a heading is a button: what follows may be the title.
                end = self._list_end(at) if before else end
                self._drop(at, end)
            elif line.kind is Kind.END:
                end = len(self._lines) if 2 * before >= total or paragraphs >= 3 else end
                self._drop(at, end)
            at = end

    def _drop(self, start: int, end: int) -> None:
        self._gone.update(at for at in range(start, end) if self._lines[at].kind is not Kind.BLANK)

    def _list_end(self, heading: int) -> int:
        """Return the line on which the article goes on after a list, or the number of lines.

        It goes on with a long paragraph, or a shorter one that another, or a writer's name,
        follows. A paragraph with a date under it is a teaser.
        """
        at = first = self._next(heading)
        while at < len(self._lines):
            if self._kind(at) is Kind.PROSE:
                after = self._next(at)
                kind = self._kind(after)
                goes_on = (
                    at == first
                    or len(self._lines[at].key) >= LONG_PROSE
                    or kind in (Kind.BYLINE, Kind.SOURCE)
                    or (kind is Kind.NAME and has_surname(self._lines[after].key))
                    or (kind is Kind.PROSE and self._kind(self._next(after)) is not Kind.DATE)
                )
                if goes_on and kind is not Kind.DATE:
                    return at
            at = self._next(at)
        return len(self._lines)

    # --- single lines

    def _cut_furniture(self) -> None:
        prose = self._prose()
        first, last = prose[0], prose[-1]
        head = prose[min(1, len(prose) - 1)]
        sections = [at for at in range(first) if self._kind(at) is Kind.SECTION]
        for at, line in enumerate(self._lines):
            in_list = at in self._gone
            at_edge = at < first or at > last
            match line.kind:
                case Kind.JUNK | Kind.LINK:
                    self._gone.add(at)
                case Kind.BUTTON | Kind.RULE if at_edge:
                    self._gone.add(at)
                case Kind.SECTION if at_edge:
                    self._gone.add(at)
                    if sections == [at]:
                        self._take(at)
                case Kind.CAPTION:
                    self._take(at)
                case Kind.CRUMBS if at < first and not in_list:
                    self._take(at)
                case Kind.DATE if not in_list and (at < head or at > last):
                    self._take(at)
                case Kind.SOURCE | Kind.TAGS if at_edge:
                    self._take(at)
                case Kind.TAGS_HEADING if at_edge:
                    self._take_tags_below(at)

    def _mark_used(self, at: int) -> None:
        self._gone.add(at)
        self._used.add(at)

    def _take(self, at: int) -> None:
        """Turn a line into the fields it tells; the first line to tell a field is believed."""
        self._mark_used(at)
        said: Said = self._lines[at].said
        if not self._title_known:
            self._title = self._title or said.title
        self._published = self._published or said.published
        self._source = self._source or said.source
        self._section = self._section or said.section
        self._tags += said.tags
        if said.author:
            self._authors.append(said.author)

    def _take_tags_below(self, at: int) -> None:
        self._gone.add(at)
        at = self._next(at)
        while self._kind(at) in (Kind.TEXT, Kind.NAME) and self._lines[at].words <= _TAG_WORDS:
            self._mark_used(at)
            self._tags.append(self._lines[at].text.strip("#,; "))
            at = self._next(at)

    # --- title and names

    def _find_title(self, is_page: bool) -> None:
        left = self._left()
        if not self._title and len(left) > 1:
            at, after = left[0], left[1]
            follower = self._lines[after]
            set_apart = at + 1 < after or follower.kind is Kind.PROSE or follower.is_sentence
            if self._lines[at].is_headline and (is_page or set_apart):
                if (
                    is_page
                    and self._lines[at].words <= _KICKER_WORDS < follower.words
                    and follower.is_headline
                    and follower.kind is not Kind.PROSE
                    and len(left) > 2
                ):
                    self._section = self._section or self._lines[at].text
                    self._mark_used(at)
                    at = after
                self._title = self._lines[at].text.lstrip("# ")
                self._mark_used(at)
        if not self._title_known:
            self._title, site = split_site(self._title)
            self._source = self._source or site
        # Pages print their title again above the picture, or have it in a caption only.
        for at in self._left()[:_TITLE_LINES]:
            if self._title and _same(self._lines[at].text.lstrip("# "), self._title):
                self._mark_used(at)

    def _find_bylines(self, is_page: bool) -> None:
        if not is_page and not self._title:
            return
        left = self._left()
        # Between the title and the first paragraph; names without a title above may be anything.
        signed = [
            at
            for at in takewhile(lambda at: self._kind(at) is not Kind.PROSE, left)
            if is_page and self._is_byline(at, surname=not self._title)
        ]
        signed += reversed(
            list(
                takewhile(
                    lambda at: self._is_byline(at, surname=not is_page),
                    reversed(left[1:][-_BYLINE_LINES:]),
                )
            )
        )
        for at in signed:
            self._take(at)

    def _is_byline(self, at: int, *, surname: bool) -> bool:
        line = self._lines[at]
        return line.kind is Kind.BYLINE or (
            line.kind is Kind.NAME and (has_surname(line.key) or not surname)
        )

    def _body(self, is_page: bool) -> str:
        body: list[str] = []
        for at, line in enumerate(self._lines):
            if at in self._gone:
                continue
            if not is_page:
                body.append(line.raw)
            elif line.kind is not Kind.BLANK or (body and body[-1]):
                body.append(line.text)
        return "\n".join(body).strip("\n")


def _same(one: str, other: str) -> bool:
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()

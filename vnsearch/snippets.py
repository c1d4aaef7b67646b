"""Choose the passage of a text that answers a query, and mark the words that matched.

Everything here is a pure function over the reader's own text: spans are ``[start, end)`` in its
code points, whatever its normalisation, and what is shown is what was written.

A passage is whole sentences where they fit. A sentence longer than the snippet is cut at a
clause or a syllable, never inside one. Passages are scored by ::

    score = (cover + near) of the passage + (cover + near) of its best sentence
    cover = sum of the weights of the distinct terms in it
    near  = for each distinct term that stands right after another, half the lighter weight

and a passage loses up to a tenth of its score the later it stands: news tells the matter first.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple
from unicodedata import category

from vnsearch.kernels.snippets import best_passage, find_terms, sentence_bounds
from vnsearch.text import Vocabulary

__all__ = ["Format", "Snippet", "highlight", "mark", "render", "snippet"]

Format = Literal["text", "html", "ansi"]
Span = tuple[int, int]

EARLY = 0.1
CHUNK = 1 << 16  # characters looked at in one go; a longer text is read until something matches
REMEMBERED = 1 << 17  # terms

_MARKERS: dict[str, tuple[str, str]] = {
    "text": ("«", "»"),
    "html": ("<mark>", "</mark>"),
    "ansi": ("\x1b[1;33m", "\x1b[0m"),
}
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")
# As html.escape does; that module loads every named entity.
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;"})
# format -> what must not be shown as it stands, and what to do with a piece that has it.
_MENDING: dict[str, tuple[re.Pattern[str], Callable[[str], str]]] = {
    "html": (re.compile(r"[&<>\"']"), lambda piece: piece.translate(_ENTITIES)),
    "ansi": (_CONTROL, lambda piece: _CONTROL.sub("", piece)),
}
_SPACES = re.compile(r"\s+")
_CLAUSE = re.compile(r"[,;:–—](?=\s)")
_OPENERS = "\"'“‘«([{#@$"
_CLOSERS = "\"'”’»)]}.!?…%₫"


class Snippet(NamedTuple):
    """Where to look in a text.

    ``passages`` are spans in reading order; ``marks`` are the spans of the words that matched,
    each inside one passage. ``cuts`` says for each passage whether its start and its end cut a
    sentence, where `render` writes an ellipsis.
    """

    passages: tuple[Span, ...]
    marks: tuple[Span, ...]
    cuts: tuple[tuple[bool, bool], ...]


class _Matches(NamedTuple):
    """What was found, in the order of the text: characters, tokens (first..last) and term."""

    starts: array[int]
    ends: array[int]
    firsts: array[int]
    lasts: array[int]
    keys: array[int]
    weights: array[float]  # by key

    def inside(self, start: int, end: int) -> set[int]:
        """Return the keys of the matches that lie between two characters."""
        return {
            key
            for low, high, key in zip(self.starts, self.ends, self.keys, strict=True)
            if low >= start and high <= end
        }

    def without(self, spans: Sequence[Span], spent: set[int]) -> _Matches:
        """Return the matches that touch none of ``spans``; keys in ``spent`` weigh nothing."""
        free = [
            i
            for i, (low, high) in enumerate(zip(self.starts, self.ends, strict=True))
            if not any(low < end and high > start for start, end in spans)
        ]

        def kept(column: array[int]) -> array[int]:
            return array("i", [column[i] for i in free])

        return _Matches(
            kept(self.starts),
            kept(self.ends),
            kept(self.firsts),
            kept(self.lasts),
            kept(self.keys),
            array("d", [0.0 if k in spent else w for k, w in enumerate(self.weights)]),
        )


def snippet(
    text: str,
    weights: Mapping[str, float],
    phrases: Iterable[Sequence[str]] = (),
    *,
    length: int = 240,
    passages: int = 1,
) -> Snippet:
    """Return the best passage(s) of ``text`` for what a query matched.

    ``weights`` maps the canonical text of every token that counts as a match to its weight
    (an idf, say; zero or more); ``phrases`` are sequences of canonical texts that match only as
    a whole, and weigh as their tokens together. ``length`` is the number of characters shown in
    all; ``passages`` the most passages it may be spent on: more than one are taken only where
    they show terms that one cannot. Where nothing matches, the text's beginning is returned.

    Raises ValueError when ``length`` or ``passages`` is below 1.
    """
    if length < 1 or passages < 1:
        raise ValueError("a snippet needs length >= 1 and passages >= 1")
    exact = [tuple(phrase) for phrase in phrases if phrase]
    offset, reader, matches = _find(text, weights, exact)
    chosen = reader.best_of(matches, length, passages) if matches.keys else [reader.lead(length)]
    marks = [span for passage in chosen for span in reader.marks(matches, *passage)]
    cuts = [reader.cuts(*passage) for passage in chosen]
    if offset:
        chosen = [(start + offset, end + offset) for start, end in chosen]
        marks = [(start + offset, end + offset) for start, end in marks]
    return Snippet(tuple(chosen), tuple(marks), tuple(cuts))


def mark(
    text: str, weights: Mapping[str, float], phrases: Iterable[Sequence[str]] = ()
) -> list[Span]:
    """Return the spans of everything in ``text`` that matches, as `snippet` would mark it."""
    reader = _Reader(text)
    matches = reader.match(weights, [tuple(phrase) for phrase in phrases if phrase])
    return reader.marks(matches, 0, len(text))


def highlight(
    text: str,
    weights: Mapping[str, float],
    phrases: Iterable[Sequence[str]] = (),
    *,
    format: Format | None = "text",
    markers: tuple[str, str] | None = None,
) -> str:
    """Return a whole field, a title say, with everything that matches marked; see `render`."""
    found = mark(text, weights, phrases)
    whole = Snippet(((0, len(text)),), tuple(found), ((False, False),))
    return render(whole, text, format, markers)


def render(
    found: Snippet,
    text: str,
    format: Format | None = "text",
    markers: tuple[str, str] | None = None,
) -> str:
    """Return a snippet as one line to show: each run of white space is one space.

    ``"text"`` sets matched words in «guillemets», ``"html"`` escapes the text and wraps them in
    ``<mark>``, ``"ansi"`` colours them for a terminal and drops control characters, and None
    leaves them unmarked. ``markers`` replaces what is written before and after a matched word.

    Raises ValueError for an unknown format.
    """
    if format is not None and format not in _MARKERS:
        known = ", ".join(repr(name) for name in _MARKERS)
        raise ValueError(f"no such snippet format: {format!r} (use {known} or None)")
    before, after = markers or _MARKERS.get(format or "", ("", ""))
    unsafe, mend = _MENDING.get(format or "", (None, str))
    parts: list[str] = []
    marks = iter(found.marks)
    span = next(marks, None)
    for (start, end), (cut_start, _) in zip(found.passages, found.cuts, strict=True):
        if parts:
            parts.append(" … ")
        elif cut_start:
            parts.append("… ")
        pieces: list[str] = []  # plain, marked, plain, marked, ... plain
        at = start
        while span is not None and span[1] <= end:
            low, high = span
            pieces += text[at:low], text[low:high]
            at = high
            span = next(marks, None)
        pieces.append(text[at:end])
        if unsafe and unsafe.search(text, start, end):
            pieces = [mend(piece) for piece in pieces]
        for i in range(1, len(pieces), 2):
            pieces[i] = f"{before}{pieces[i]}{after}"
        parts += pieces
    if found.cuts and found.cuts[-1][1]:
        parts.append(" …")
    return " ".join("".join(parts).split())


_terms = Vocabulary()


def _vocabulary() -> Vocabulary:
    """Return the numbers of terms that snippets go by, begun anew when they have grown many."""
    global _terms
    if len(_terms) > REMEMBERED:
        _terms = Vocabulary()
    return _terms


class _Reader:
    """A text with its tokens and its sentences."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.vocabulary = _vocabulary()
        self.numbers, self.starts, self.ends = self.vocabulary.locate(text)
        self.sentences = sentence_bounds(text)

    def match(self, weights: Mapping[str, float], phrases: Sequence[tuple[str, ...]]) -> _Matches:
        """Return every token that has a weight and every phrase, in the order of the text."""
        number_of = self.vocabulary.id
        terms: Iterable[str] = weights
        if len(weights) > len(self.numbers):  # a prefix may stand for thousands
            terms = filter(weights.__contains__, map(self.vocabulary.term, set(self.numbers)))
        wanted: dict[int, int] = {}
        values = array("d")
        for term in terms:
            number = number_of(term)
            if number >= 0:  # else no text so far had it
                wanted[number] = len(values)
                values.append(weights[term])
        starts, ends, firsts, keys = find_terms(self.numbers, self.starts, self.ends, wanted)
        lasts = firsts
        if phrases:
            rows = list(zip(firsts, lasts, keys, strict=True))
            usual = max(weights.values(), default=1.0)
            for key, phrase in enumerate(phrases, len(values)):
                values.append(sum(weights.get(term, usual) for term in phrase))
                sought = array("i", map(number_of, phrase))
                at = -1
                for _ in range(self.numbers.count(sought[0])):
                    at = self.numbers.index(sought[0], at + 1)
                    if self.numbers[at : at + len(sought)] == sought:
                        rows.append((at, at + len(sought) - 1, key))
            rows.sort()
            firsts, lasts, keys = (array("i", [row[i] for row in rows]) for i in range(3))
            starts = array("i", [self.starts[i] for i in firsts])
            ends = array("i", [self.ends[i] for i in lasts])
        return _Matches(starts, ends, firsts, lasts, keys, values)

    def best(self, matches: _Matches, length: int) -> Span:
        """Return the best passage of at most ``length`` characters."""
        start, end, low, high = best_passage(
            self.text,
            *self.sentences,
            matches.starts,
            matches.ends,
            matches.firsts,
            matches.lasts,
            matches.keys,
            matches.weights,
            array("i", bytes(8 * len(matches.weights))),
            min(length, len(self.text)),
            EARLY,
        )
        if end - start <= length:
            return start, end
        return self._cut(start, end, matches.starts[low], matches.ends[high - 1], length)

    def best_of(self, matches: _Matches, length: int, passages: int) -> list[Span]:
        """Return the best passage, or several where they show more terms than it can."""
        one = self.best(matches, length)
        if passages > 1:
            shown = matches.inside(*one)
            if not shown.issuperset(matches.keys):
                several = self._several(matches, length, passages)
                if len(set().union(*(matches.inside(*span) for span in several))) > len(shown):
                    return several
        return [one]

    def _several(self, matches: _Matches, length: int, passages: int) -> list[Span]:
        """Return up to ``passages`` passages sharing the length, each showing new terms."""
        chosen: list[Span] = []
        spent: set[int] = set()
        while len(chosen) < passages:
            free = matches.without(chosen, spent)
            if spent.issuperset(free.keys):
                break
            start, end = self.best(free, max(1, length // passages))
            if any(start < old_end and old_start < end for old_start, old_end in chosen):
                break
            chosen.append((start, end))
            spent |= matches.inside(start, end)
        return sorted(chosen)

    def lead(self, length: int) -> Span:
        """Return the beginning of the text, whole sentences where they fit."""
        starts, ends = self.sentences
        if not starts:
            return 0, 0
        fitting = bisect_right(ends, starts[0] + length)
        if fitting:
            return starts[0], ends[fitting - 1]
        return starts[0], self._cut_end(starts[0], starts[0] + 1, ends[0], length)

    def _cut(self, start: int, end: int, first: int, last: int, length: int) -> Span:
        """Return a piece of a sentence that is too long, with its characters first..last."""
        if last - start > length:
            if end - first <= length:
                start = self._cut_start(end - length, first)
            else:
                room = max(0, length - (last - first))
                start = self._cut_start(first - room * 2 // 3, first)
        return start, self._cut_end(start, last, end, length)

    def _cut_start(self, lowest: int, first: int) -> int:
        """Return a start in [lowest, first]: after a comma or the like, else at a token."""
        clause = _CLAUSE.search(self.text, max(0, lowest - 1), first)
        token = bisect_right(self.starts, clause.start() if clause else lowest - 1)
        start: int = min(self.starts[token], first)
        while start > max(0, lowest) and self.text[start - 1] in _OPENERS:
            start -= 1
        return start

    def _cut_end(self, start: int, last: int, end: int, length: int) -> int:
        """Return an end in [last, end], at most ``length`` after ``start`` where that can be."""
        highest = start + length
        if end <= highest:
            return end
        clauses = list(_CLAUSE.finditer(self.text, max(last, start + length * 3 // 4), highest))
        if clauses:
            return clauses[-1].start()
        token = bisect_right(self.ends, highest)
        if token and self.ends[token - 1] > start:
            cut = _whole(self.text, self.ends[token - 1])
            while cut < highest and self.text[cut] in _CLOSERS:
                cut += 1
            return cut
        if token < len(self.starts) and self.starts[token] < highest:
            highest = self.ends[token]  # one token is longer than the whole passage may be
        return _whole(self.text, min(highest, end))

    def marks(self, matches: _Matches, start: int, end: int) -> list[Span]:
        """Return the spans to mark between ``start`` and ``end``, apart and in order.

        Tokens of a phrase share a mark when only white space lies between them, and any two
        matches that touch do.
        """
        found: list[Span] = []
        open_until = -1  # end of the mark that may still grow
        low, high = bisect_left(matches.starts, start), bisect_left(matches.starts, end)
        for first, last in zip(matches.firsts[low:high], matches.lasts[low:high], strict=True):
            for token in range(first, last + 1):
                at, stop = self.starts[token], self.ends[token]
                if stop > end:
                    break
                if at <= open_until or (token > first and self.text[open_until:at].isspace()):
                    at = found.pop()[0]
                    stop = max(stop, open_until)
                found.append((at, stop))
                open_until = stop
        return found

    def cuts(self, start: int, end: int) -> tuple[bool, bool]:
        """Say whether a passage starts and ends inside a sentence."""
        starts, ends = self.sentences
        if not starts:
            return False, False
        first = bisect_right(starts, start) - 1
        last = bisect_right(starts, max(start, end - 1)) - 1
        return start > starts[first], end < ends[last]


def _find(
    text: str, weights: Mapping[str, float], phrases: Sequence[tuple[str, ...]]
) -> tuple[int, _Reader, _Matches]:
    """Return the first piece of the text that has a match, or its first piece, with its offset."""
    first = None
    for offset, piece in _chunks(text):
        reader = _Reader(piece)
        found = offset, reader, reader.match(weights, phrases)
        if found[2].keys:
            return found
        first = first or found
    assert first is not None
    return first


def _chunks(text: str) -> Iterator[tuple[int, str]]:
    """Yield (offset, piece): pieces of at most about `CHUNK` characters, parted at white space."""
    start = 0
    while True:
        end = start + CHUNK
        if end >= len(text):
            yield start, text[start:]
            return
        spaces = list(_SPACES.finditer(text, end - CHUNK // 16, end))
        end = spaces[-1].end() if spaces else _whole(text, end)
        yield start, text[start:end]
        start = end


def _whole(text: str, cut: int) -> int:
    """Move a cut forward over what belongs to the character before it.

    That is marks, joiners with what they join, and skin tones.
    """
    while 0 < cut < len(text) and (
        text[cut - 1] == "\u200d"
        or category(text[cut]) in {"Mn", "Mc", "Me", "Cf"}
        or "\U0001f3fb" <= text[cut] <= "\U0001f3ff"
    ):
        cut += 1
    return cut

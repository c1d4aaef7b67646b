"""Choose the passage of a text that answers a query, and mark the words that matched.

Everything here is a pure function over the reader's own text: spans are ``[start, end)`` in its
code points, whatever its normalisation, and what is shown is what was written.

A passage is whole sentences where they fit. A sentence longer than the snippet is cut at a
clause or a word of several syllables, never inside one. Passages are scored by ::

    score = (cover + near) of the passage + (cover + near) of its best sentence
    cover = sum of the weights of the distinct terms in it
    near  = for each distinct term that stands right after another, half the lighter weight

and a passage loses up to a tenth of its score the later it stands: news tells the matter first.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from unicodedata import category

from vnsearch.kernels.snippets import (
    Matches,
    Occurrences,
    Outline,
    Sentences,
    Wanted,
    best_lines,
    best_sentences,
    line,
)
from vnsearch.record import NamedTuple, cached_property
from vnsearch.text import Vocabulary, tokenize
from vnsearch.text.analyzer import LONG

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal, TypeAlias

__all__ = [
    "FORMATS",
    "Format",
    "Passage",
    "Phrases",
    "Reading",
    "Snippet",
    "Sought",
    "StoredText",
    "Text",
    "highlight",
    "mark",
    "render",
    "snippet",
]

Format: TypeAlias = "Literal['text', 'html', 'ansi']"
Span = tuple[int, int]
_Style = tuple[str, str, bool, bool]
Phrases: TypeAlias = "Mapping[tuple[str | tuple[str, ...], ...], float]"
"""What each phrase weighs: its words in a row, several spellings of a word as a tuple."""

_NONE: Phrases = {}

EARLY = 0.1
CHUNK = LONG  # characters looked at in one go
PIECES = 16  # of a longer text the best of so many is taken; it is read on until something matches
REMEMBERED = 1 << 17  # terms
BESIDE = 6  # tokens on either side that tell where a word of several syllables begins and ends

# What stands before and after a match, and whether the line is HTML or for a terminal.
_STYLES: dict[str | None, tuple[str, str, bool, bool]] = {
    "text": ("«", "»", False, False),
    "html": ("<mark>", "</mark>", True, False),
    "ansi": ("\x1b[1;33m", "\x1b[0m", False, True),
    None: ("", "", False, False),
}
FORMATS = tuple(_STYLES)
# Compiled when first used.
_MARKED = r"[^\W\x00-\x7f]|[\u0300-\u036f]"
# In UTF-8, of U+0100 to 01BF and 1E80 to 1EFF: letters, most of ours among them.
_SURELY_MARKED = rb"[\xc4-\xc6]|\xe1[\xba\xbb]"
_SPACES = r"\s+"
_CLAUSE = r"[,;:–—](?=\s)"
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


class Text:
    """A text to choose passages of; what was worked out for one query serves the next.

    A long text is read piece by piece each time.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.is_long = len(text) >= CHUNK
        self._reading: Reading | None = None

    @cached_property
    def is_plain(self) -> bool:
        """Whether no letter in it has a mark: typed without, or in another language."""
        return _is_plain(self.text)

    @cached_property
    def is_ready(self) -> bool:
        """Whether it is read as one piece, and a search finds in it only what was surely meant."""
        return not self.is_long and not self.is_plain

    def reading(self, vocabulary: Vocabulary) -> Reading:
        """Return the text as one piece, which is kept: it is not long."""
        reading = self._reading
        if reading is None or reading.vocabulary is not vocabulary:
            reading = self._reading = Reading(self.text, vocabulary)
        return reading

    def readings(self, vocabulary: Vocabulary) -> Iterable[tuple[int, Reading]]:
        """Return the text's pieces with their offsets; of a short text there is one."""
        if self.is_long:
            return ((offset, Reading(piece, vocabulary)) for offset, piece in _chunks(self.text))
        return ((0, self.reading(vocabulary)),)

    def find(
        self, wanted: Wanted, weights: Sequence[float], vocabulary: Vocabulary, length: int
    ) -> tuple[int, Reading, Matches]:
        """Return the piece with the passage of ``length`` characters that shows most of what is
        wanted, with its offset; the first of all where nothing matches."""
        first = best = None
        most = -1.0
        everything = math.fsum(weights)
        for number, (offset, reading) in enumerate(self.readings(vocabulary)):
            if best is not None and (number >= PIECES or most >= everything):
                break
            found = offset, reading, Matches(reading, wanted)
            first = first or found
            if len(found[2]):
                keys = found[2].keys(*reading.best(found[2], length))
                shown = math.fsum([weights[key] for key in keys])
                if shown > most:
                    best, most = found, shown
        assert first is not None
        return best or first


class StoredText:
    """A text as it is stored, in UTF-8, of which only what is shown is read.

    ``whole`` decodes it.
    """

    def __init__(self, data: bytes, outline: Outline, whole: Callable[[], str]) -> None:
        self._data = data
        self.outline = outline
        self._whole = whole
        self._readings: dict[tuple[int, int], Reading] = {}

    @cached_property
    def whole(self) -> Text:
        """The text as one that is read as a whole."""
        return Text(self._whole())

    @cached_property
    def is_plain(self) -> bool:
        """As `Text.is_plain`."""
        if _compiled(_SURELY_MARKED).search(self._data):
            return False
        return self._data.isascii() or _is_plain(self._whole())

    def reading(self, vocabulary: Vocabulary, first: int, stop: int) -> Reading:
        """Return its sentences first..stop-1 as a piece.

        Raises ValueError where they are no text, or have not as many tokens as the outline says.
        """
        reading = self._readings.get((first, stop))
        if reading is None:
            start, end = self.outline.span(first, stop)
            piece = self._data[start:end].decode("utf-8", "surrogatepass")
            # shown whole or cut inside a sentence: where several begin does not matter
            reading = Reading(piece, vocabulary, cut=False)
            if len(reading.starts) != self.outline.tokens(first, stop):
                raise ValueError("there are not as many tokens as an outline says")
            self._readings[first, stop] = reading
        return reading


class Sought:
    """What a query looks for: prepared once, then found in one text after another.

    ``weights`` maps the canonical text of every token that counts as a match to its weight
    (an idf, say; zero or more); ``phrases`` maps sequences of canonical texts that match only as
    a whole to theirs; a word of a phrase may be a tuple of spellings.
    """

    def __init__(self, weights: Mapping[str, float], phrases: Phrases = _NONE) -> None:
        self.vocabulary = _vocabulary()
        self._wanted = Wanted()
        self.rows: list[Sequence[str | tuple[str, ...]]] = [
            *((term,) for term in weights),
            *(phrase for phrase in phrases if phrase),
        ]
        """The terms and phrases, each as the words that stand side by side."""
        self._weights = [*weights.values(), *(phrases[phrase] for phrase in phrases if phrase)]
        number_of = self.vocabulary.add
        for term, weight in weights.items():
            self._wanted.add_term(number_of(term), weight)
        for phrase, weight in phrases.items():
            if phrase:
                self._wanted.add_phrase(
                    [
                        number_of(slot)
                        if isinstance(slot, str)
                        else frozenset(map(number_of, slot))
                        for slot in phrase
                    ],
                    weight,
                )

    @property
    def is_current(self) -> bool:
        """Whether texts are read by the same numbers of terms now."""
        return self.vocabulary is _vocabulary()

    def snippet(self, text: Text, *, length: int = 240, passages: int = 1) -> Snippet:
        """Return the best passage(s) of ``text``.

        ``length`` is the number of characters shown in all; ``passages`` the most passages it may
        be spent on: more than one are taken only where they show terms that one cannot. Where
        nothing matches, the text's beginning is returned.

        Raises ValueError when ``length`` or ``passages`` is below 1.
        """
        if length < 1 or passages < 1:
            raise ValueError("a snippet needs length >= 1 and passages >= 1")
        offset, reading, matches = self._find(text, length)
        if not len(matches):
            chosen = [reading.lead(length)]
        elif passages == 1:
            chosen = [reading.best(matches, length)]
        else:
            chosen = self._several(reading, matches, length, passages)
        marks = [span for passage in chosen for span in matches.marks(*passage)]
        cuts = [reading.cuts(*passage) for passage in chosen]
        if offset:
            chosen = [(start + offset, end + offset) for start, end in chosen]
            marks = [(start + offset, end + offset) for start, end in marks]
        return Snippet(tuple(chosen), tuple(marks), tuple(cuts))

    def _several(
        self, reading: Reading, matches: Matches, length: int, passages: int
    ) -> list[Span]:
        """Return the best passage, or several sharing the length where they show more terms."""
        one = reading.best(matches, length)
        chosen: list[Span] = []
        spent: set[int] = set()
        size = len(reading.text)
        while len(chosen) < passages:
            free = Matches(reading, self._wanted.without(spent))
            for span in chosen:
                free.drop(*span)
            if spent.issuperset(free.keys(0, size)):
                break
            start, end = reading.best(free, max(1, length // passages))
            if any(start < old_end and old_start < end for old_start, old_end in chosen):
                break
            chosen.append((start, end))
            spent |= matches.keys(start, end)
        return sorted(chosen) if len(spent) > len(matches.keys(*one)) else [one]

    def line(self, text: Text, format: Format | None = "text", *, length: int = 240) -> str | None:
        """Return the best passage as `render` writes it, None where nothing in it matches.

        Raises ValueError for an unknown format, and when ``length`` is below 1.
        """
        if length < 1:
            raise ValueError("a snippet needs length >= 1")
        style = _style(format)
        if text.is_long:
            _, reading, matches = self._find(text, length)
            if not len(matches):
                return None
            start, end = reading.best(matches, length)
            return matches.line(start, end, *style)
        return self.lines([text.reading(self.vocabulary)], format, length=length)[0]

    def lines(
        self,
        readings: Sequence[Reading | None],
        format: Format | None = "text",
        *,
        length: int = 240,
    ) -> list[str | None]:
        """Return `line` of each text, read by the same vocabulary; None where there is none."""
        if length < 1:
            raise ValueError("a snippet needs length >= 1")
        return best_lines(readings, self._wanted, length, EARLY, Reading.fit, *_style(format))

    def passage(
        self, text: StoredText, occurrences: Occurrences, doc: int, *, length: int = 240
    ) -> Passage | None:
        """Return the best passage of a stored text, None where nothing in it matches.

        ``occurrences`` are those of ``rows`` in its field, ``doc`` the document it is of. Raises
        ValueError where only the whole text tells, where its outline does not fit it, and when
        ``length`` is below 1.
        """
        if length < 1:
            raise ValueError("a snippet needs length >= 1")
        vocabulary = self.vocabulary

        def read(first: int, stop: int) -> Sentences:
            return text.reading(vocabulary, first, stop)

        found = best_sentences(text.outline, self._wanted, occurrences, doc, length, EARLY, read)
        return None if found is None else Passage(self, text, *found, length)

    def _whole_line(self, reading: Reading, format: Format | None, length: int) -> str | None:
        """Return a passage as a line, cut only where it is too long."""
        size = len(reading.text)
        if size <= length:
            return Matches(reading, self._wanted).line(0, size, *_style(format))
        return self.lines([reading], format, length=length)[0]

    def _find(self, text: Text, length: int) -> tuple[int, Reading, Matches]:
        """Return the piece of a text to choose passages of (see `Text.find`)."""
        return text.find(self._wanted, self._weights, self.vocabulary, length)

    def mark(self, text: str) -> list[Span]:
        """Return the spans of everything in ``text`` that matches, as `snippet` would mark it."""
        reading = Reading(text, self.vocabulary)
        return Matches(reading, self._wanted).marks(0, len(text))


class Passage:
    """Sentences of a stored text, chosen but not read yet; made by `Sought.passage`."""

    def __init__(self, sought: Sought, text: StoredText, first: int, stop: int, length: int):
        self._sought = sought
        self._text = text
        self._first = first
        self._stop = stop
        self._length = length

    def read(self) -> Reading:
        """Read the sentences, once.

        Raises ValueError where they are not what the text's outline says.
        """
        return self._text.reading(self._sought.vocabulary, self._first, self._stop)

    def line(self, format: Format | None = "text") -> str:
        """Return what `Sought.line` does of the whole text.

        Raises ValueError also where the index and the text do not fit each other.
        """
        written = self._sought._whole_line(self.read(), format, self._length)
        if written is None:
            raise ValueError("what the index has is not in the text")
        return written


def snippet(
    text: str,
    weights: Mapping[str, float],
    phrases: Phrases = _NONE,
    *,
    length: int = 240,
    passages: int = 1,
) -> Snippet:
    """Return the best passage(s) of one text; see `Sought` and `Sought.snippet`."""
    return Sought(weights, phrases).snippet(Text(text), length=length, passages=passages)


def mark(text: str, weights: Mapping[str, float], phrases: Phrases = _NONE) -> list[Span]:
    """Return the spans of everything in ``text`` that matches, as `snippet` would mark it."""
    return Sought(weights, phrases).mark(text)


def highlight(
    text: str,
    weights: Mapping[str, float],
    phrases: Phrases = _NONE,
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
    before, after, html, terminal = _style(format)
    if markers:
        before, after = markers
    return line(text, *found, before, after, html, terminal)


def _style(format: Format | None) -> _Style:
    """Return what stands round a match, and whether it is HTML or for a terminal."""
    style = _STYLES.get(format)
    if style is None:
        known = ", ".join(repr(name) for name in _STYLES if name)
        raise ValueError(f"no such snippet format: {format!r} (use {known} or None)")
    return style


_terms = Vocabulary()


def _vocabulary() -> Vocabulary:
    """Return the numbers of terms that snippets go by, begun anew when they have grown many."""
    global _terms
    if len(_terms) > REMEMBERED:
        _terms = Vocabulary()
    return _terms


class Reading(Sentences):
    """A text with its tokens and its sentences (without ``cut`` it is taken as one)."""

    def __init__(self, text: str, vocabulary: Vocabulary, cut: bool = True) -> None:
        self.text = text
        self.vocabulary = vocabulary
        numbers, self.starts, self.ends = vocabulary.locate(text)
        super().__init__(text, numbers, self.starts, self.ends, cut)
        self._continuing: dict[int, bool] = {}

    def best(self, matches: Matches, length: int) -> Span:
        """Return the best passage of at most ``length`` characters."""
        return self.fit(matches.best(min(length, len(self.text)), EARLY), length)

    def fit(self, best: tuple[int, int, int, int], length: int) -> Span:
        """Return a passage, cut to ``length`` characters round its first and last match."""
        start, end, low, high = best
        if end - start <= length:
            return start, end
        return self._cut(start, end, low, high, length)

    def lead(self, length: int) -> Span:
        """Return the beginning of the text, whole sentences where they fit."""
        sentences = self.spans()
        if not sentences:
            return 0, 0
        start, end = sentences[0]
        fitting = [stop for _, stop in sentences if stop - start <= length]
        if fitting:
            return start, fitting[-1]
        return start, self._cut_end(start, start + 1, end, length)

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
        """Return a start in [lowest, first]: after a comma or the like, else at a word."""
        clause = _compiled(_CLAUSE).search(self.text, max(0, lowest - 1), first)
        token = bisect_right(self.starts, clause.start() if clause else lowest - 1)
        if not clause:
            while token < len(self.starts) and self.starts[token] < first and self._joined(token):
                token += 1
        start: int = min(self.starts[token], first)
        while start > max(0, lowest) and self.text[start - 1] in _OPENERS:
            start -= 1
        return start

    def _joined(self, token: int) -> bool:
        """Whether a token continues the word before it."""
        known = self._continuing.get(token)
        if known is None:
            known = self._continuing[token] = self._continues(token)
        return known

    def _continues(self, token: int) -> bool:
        low, high = self.tokens_beside(token)
        low, high = max(low, token - BESIDE), min(high, token + BESIDE)
        if not low < token < high:
            return False
        found = tokenize(self.text[self.starts[low] : self.ends[high - 1]])
        return len(found) == high - low and found[token - low].joined

    def _cut_end(self, start: int, last: int, end: int, length: int) -> int:
        """Return an end in [last, end], at most ``length`` after ``start`` where that can be."""
        highest = start + length
        if end <= highest:
            return end
        early = max(last, start + length * 3 // 4)
        clauses = list(_compiled(_CLAUSE).finditer(self.text, early, highest))
        if clauses:
            return clauses[-1].start()
        token = bisect_right(self.ends, highest)
        whole = token
        while whole > 1 and self.ends[whole - 1] > last and self._joined(whole):
            whole -= 1
        if whole and self.ends[whole - 1] >= max(last, start + 1):
            token = whole
        if token and self.ends[token - 1] > start:
            cut = _whole(self.text, self.ends[token - 1])
            while cut < highest and self.text[cut] in _CLOSERS:
                cut += 1
            return cut
        if token < len(self.starts) and self.starts[token] < highest:
            # before the token, unless that is what is to be shown, longer though it may be
            before = self.starts[token]
            highest = before if before >= max(last, start + 1) else self.ends[token]
        return _whole(self.text, min(highest, end))


_compiled = cache(re.compile)  # which looks longer for what it has compiled already


def _is_plain(text: str) -> bool:
    return text.isascii() or not _compiled(_MARKED).search(text)


def _chunks(text: str) -> Iterator[tuple[int, str]]:
    """Yield (offset, piece): pieces of at most about `CHUNK` characters, parted at white space."""
    start = 0
    while True:
        end = start + CHUNK
        if end >= len(text):
            yield start, text[start:]
            return
        spaces = list(_compiled(_SPACES).finditer(text, end - CHUNK // 16, end))
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

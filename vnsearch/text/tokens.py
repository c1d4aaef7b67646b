"""What a token is, and where in the reader's own text it stands."""

from __future__ import annotations

import re
import unicodedata
from array import array
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from vnsearch.text.canonical import fold_form, mend, spell
from vnsearch.text.words import SYLLABLE, word_model

__all__ = [
    "Analysis",
    "Token",
    "Vocabulary",
    "Word",
    "analyze",
    "canonical",
    "fold_key",
    "segment",
    "spans",
    "syllables",
    "tokenize",
]

# A run of letters or digits longer than this many code points is cut into pieces of it.
MAX_TOKEN = 64


class Token(NamedTuple):
    """A token: its canonical text, its span in the text as given, and whether it continues
    the word begun by the token before it.
    """

    text: str
    start: int
    end: int
    joined: bool


class Word(NamedTuple):
    """A word: canonical syllables joined by spaces, span, first and last token index."""

    text: str
    start: int
    end: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Analysis:
    """A text, its tokens and its words."""

    text: str
    tokens: list[Token]
    words: list[Word]

    def to_dict(self) -> dict[str, Any]:
        """Return plain lists and dicts, ready for JSON."""
        return {
            "text": self.text,
            "tokens": [token._asdict() for token in self.tokens],
            "words": [word._asdict() for word in self.words],
        }


# --- one chunk, in plain Python: the definition ---------------------------------------------

_LETTER, _DIGIT, _ALONE, _EXTEND, _VANISH, _BREAK = "a", "d", "h", "m", "z", " "

_VANISHING = frozenset("\u00ad\u034f\u061c\u180e\u200b\u200c\u200d\u2060\ufeff")
_ALONE_RANGES = re.compile(
    "[\u3005-\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u3400-\u4dbf"
    "\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9d\U0001b000-\U0001b16f\U00020000-\U000323af]"
)
# Conjoining vowels and finals of Hangul, and half-width voicing marks, compose like marks.
_COMPOSING = re.compile("[\u1160-\u11ff\ud7b0-\ud7ff\uff9e\uff9f]")

_PLACE = re.compile(
    r"h"
    r"|(?P<number>(?<![ad])d+(?:[.,]d+)+)"  # 319.035 97,58 30.12.2021
    r"|(?<![ad])a{1,2}(?:\+\+|\#)(?![ad])"  # c++ c# f#
    r"|(?<![ad])a-(?=d)(?:d|(?<!a)a(?!a))+"  # U-23 S-400
    r"|(?:d|(?<!a)a(?!a))+"  # 5K F0 18h00 2021
    r"|a+"
)
_THOUSANDS = re.compile(r"d{1,3}(?:[.,]ddd)+(?!d)")


@lru_cache(maxsize=8_192)
def _kind(char: str) -> str:
    """Return the class of a character; the signs ``+ - # . ,`` are their own class."""
    if char in "+-#.,":
        return char
    if char in _VANISHING or "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef":
        return _VANISH
    category = unicodedata.category(char)
    if category[0] == "M" or _COMPOSING.match(char):
        return _EXTEND
    if _ALONE_RANGES.match(char):
        return _ALONE
    if category[0] == "L":
        return _LETTER
    if category == "Nd":
        return _DIGIT
    if category[0] == "N":
        plain = unicodedata.normalize("NFKC", char)
        if plain.isascii() and plain.isdigit():
            return _DIGIT
        return _LETTER if plain.isascii() and plain.isalpha() else _ALONE
    return _BREAK


def _units(chunk: str) -> tuple[str, list[str], list[int], list[int]]:
    """Return classes (one character each), mended texts, starts and ends of a chunk's letters.

    A letter with its marks is one unit; a ligature gives several, the later ones empty spans.
    """
    classes: list[str] = []
    texts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at, size = 0, len(chunk)
    while at < size:
        start = at
        kind = _kind(chunk[at])
        at += 1
        if kind == _EXTEND and _COMPOSING.match(chunk[start]):
            kind = _LETTER
        if kind in (_EXTEND, _VANISH):
            continue
        if kind not in (_LETTER, _DIGIT, _ALONE):
            classes.append(kind)
            texts.append("")
            starts.append(start)
            ends.append(at)
            continue
        end = at
        while at < size and (follow := _kind(chunk[at])) in (_EXTEND, _VANISH):
            at += 1
            if follow == _EXTEND:
                end = at
        if kind == _DIGIT:
            letters = list(_digits(chunk[start]))
        else:
            letters = _letters(chunk[start:end])
        for letter in letters:
            classes.append(kind)
            texts.append(letter)
            starts.append(start)
            ends.append(end)
            start = end
    return "".join(classes), texts, starts, ends


def _digits(char: str) -> str:
    value = unicodedata.decimal(char, None)
    return str(value) if value is not None else unicodedata.normalize("NFKC", char)


def _letters(cluster: str) -> list[str]:
    """Return the mended letters of a cluster, each with its marks."""
    if len(cluster) > 1:
        cluster = "".join(char for char in cluster if _kind(char) != _VANISH)
    mended = mend(cluster)
    if len(mended) == 1:
        return [mended]
    letters: list[str] = []
    for char in mended:
        kind = _kind(char)
        if kind == _EXTEND and letters:
            letters[-1] += char
        elif kind in (_LETTER, _DIGIT, _ALONE, _EXTEND):
            letters.append(char)
    return letters or [cluster[0]]


def _pieces(chunk: str) -> list[tuple[str, int, int]]:
    """Return (canonical text, start, end) of every token of a text without white space."""
    classes, texts, starts, ends = _units(chunk)
    pieces: list[tuple[str, int, int]] = []
    for match in _PLACE.finditer(classes):
        first, last = match.span()
        if match["number"] is not None:
            grouped = _THOUSANDS.match(classes, first, last)
            if grouped and texts[first] != "0":
                digits = "".join(texts[first : grouped.end()])
                pieces.extend(_cut(texts, starts, ends, first, grouped.end()))
                first = grouped.end()
            for part in re.finditer("d+", classes[first:last]):
                pieces.extend(
                    _cut(texts, starts, ends, first + part.start(), first + part.end())
                )
        elif classes[last - 1] in "+#":
            sign = "#" if classes[last - 1] == "#" else "++"
            word = spell("".join(texts[first : last - len(sign)]))
            pieces.append((word + sign, starts[first], ends[last - 1]))
        else:
            pieces.extend(_cut(texts, starts, ends, first, last))
    return pieces


def _cut(
    texts: list[str], starts: list[int], ends: list[int], first: int, last: int
) -> list[tuple[str, int, int]]:
    """Return the units first..last as one token, or as several of at most `MAX_TOKEN`."""
    text = "".join(texts[first:last])
    if len(text) <= MAX_TOKEN:
        return [(_written(text), starts[first], ends[last - 1])]
    pieces = []
    while first < last:
        stop, size = first, 0
        while stop < last and size + len(texts[stop]) <= MAX_TOKEN:
            size += len(texts[stop])
            stop += 1
        pieces.append((_written("".join(texts[first:stop])), starts[first], ends[stop - 1]))
        first = stop
    return pieces


def _written(text: str) -> str:
    """Return the canonical spelling of a run; a lone 03 is 3, as in 12/03 and 12/3."""
    if len(text) == 2 and text[0] == "0" and text[1] in "123456789":
        return text[1]
    return spell(text)


# --- public face ----------------------------------------------------------------------------


def _check(text: object) -> None:
    if not isinstance(text, str):
        raise TypeError(
            f"text must be str, not {type(text).__name__}"
            + (": decode it first" if isinstance(text, bytes | bytearray) else "")
        )


_CHUNK = re.compile(r"\S+|\n")


def _nfc_positions(chunk: str) -> tuple[str, list[int]]:
    """Return the NFC form and, for every character of the chunk, its position there."""
    parts: list[str] = []
    positions: list[int] = []
    at = 0
    for match in re.finditer(r"(?s).[^\W\d_]?", ""):
        del match
    start = 0
    size = len(chunk)
    while start < size:
        end = start + 1
        while end < size and _kind_composes(chunk[end]):
            end += 1
        part = unicodedata.normalize("NFC", chunk[start:end])
        positions.extend([at] * (end - start))
        parts.append(part)
        at += len(part)
        start = end
    return "".join(parts), positions


def _kind_composes(char: str) -> bool:
    return unicodedata.category(char)[0] == "M" or _COMPOSING.match(char) is not None


def _chunk(chunk: str) -> tuple[list[str], list[tuple[str, int, int, int, int]]]:
    """Return pyvi's syllables of a chunk, and its tokens with their first and last syllable."""
    if unicodedata.is_normalized("NFC", chunk):
        normal, positions = chunk, None
    else:
        normal, positions = _nfc_positions(chunk)
    theirs: list[str] = []
    owner: list[int] = []
    for match in SYLLABLE.finditer(normal):
        owner.extend([len(theirs)] * (match.end() - match.start()))
        theirs.append(match[0])
    ours = []
    for text, start, end in _pieces(chunk):
        first, last = start, max(end - 1, start)
        if start == len(chunk):
            first = last = start - 1
        if positions is not None:
            first, last = positions[first], positions[last]
        ours.append((text, start, end, owner[first], owner[last]))
    return theirs, ours


def tokenize(text: str) -> list[Token]:
    """Return the tokens of a text, in order; ``joined`` follows pyvi's words.

    Raises TypeError for anything but str.
    """
    _check(text)
    theirs: list[str] = []
    found: list[tuple[str, int, int, int, int]] = []
    for match in _CHUNK.finditer(text):
        base, at = len(theirs), match.start()
        syllables, ours = _chunk(match[0])
        theirs.extend(syllables)
        for piece, start, end, first, last in ours:
            found.append((piece, at + start, at + end, base + first, base + last))
    glue = _glue(theirs)
    word = 0
    words = []
    for joins in glue:
        word += not joins
        words.append(word)
    tokens = []
    before = -1
    for piece, start, end, first, last in found:
        tokens.append(Token(piece, start, end, before >= 0 and words[first] == words[before]))
        before = last
    return tokens


def _glue(syllables: list[str]) -> list[bool]:
    """Return, for every syllable of pyvi's, whether pyvi glues it to the one before."""
    model = word_model()
    labels = model.labels(syllables)
    glue = [False] * len(syllables)
    for i in range(1, len(syllables)):
        left, right = syllables[i - 1], syllables[i]
        glue[i] = bool(
            labels[i]
            and not _is_mark(left)
            and not _is_mark(right)
            and not left[0].isdigit()
            and not right[0].isdigit()
            and not (right[0].istitle() and not left[0].istitle())
        )
    return glue


def _is_mark(syllable: str) -> bool:
    return len(syllable) == 1 and syllable in "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"


def segment(text: str) -> list[str]:
    """Return pyvi's words of a text: ``" ".join(segment(t))`` is ``ViTokenizer.tokenize(t)``.

    The syllables of a word are joined by ``_``. A text of nothing but white space has no words
    (pyvi hands it back as it is). Raises TypeError for anything but str.
    """
    _check(text)
    syllables = SYLLABLE.findall(unicodedata.normalize("NFC", text))
    words: list[str] = []
    for syllable, joins in zip(syllables, _glue(syllables), strict=True):
        if joins:
            words[-1] += "_" + syllable
        else:
            words.append(syllable)
    return words


def spans(text: str) -> tuple[array[int], array[int], list[str]]:
    """Return starts, ends and canonical texts of the tokens, without segmenting words."""
    _check(text)
    starts, ends = array("i"), array("i")
    texts: list[str] = []
    for match in _CHUNK.finditer(text):
        at = match.start()
        for piece, start, end in _pieces(match[0]):
            starts.append(at + start)
            ends.append(at + end)
            texts.append(piece)
    return starts, ends, texts


def syllables(text: str) -> list[str]:
    """Return the canonical texts of a text's tokens."""
    return spans(text)[2]


def canonical(text: str) -> str:
    """Return a text as the index sees it: its tokens' canonical forms joined by spaces.

    ``canonical(canonical(t)) == canonical(t)``, and NFD and NFC of a text give the same.
    """
    return " ".join(syllables(text))


def fold_key(token: str) -> str:
    """Return the canonical form of what an unmarked typist types for a token.

    ``fold_key("Hoà") == fold_key("hoa") == "hoa"``; idempotent; of several tokens, the keys
    joined by spaces.
    """
    return " ".join(fold_form(piece) for piece in syllables(token))


def analyze(text: str) -> Analysis:
    """Return a text's tokens and words with their spans."""
    tokens = tokenize(text)
    words: list[Word] = []
    first = 0
    for last, token in enumerate(tokens):
        if last + 1 == len(tokens) or not tokens[last + 1].joined:
            inside = tokens[first : last + 1]
            words.append(
                Word(
                    " ".join(part.text for part in inside),
                    inside[0].start,
                    token.end,
                    first,
                    last,
                )
            )
            first = last + 1
    return Analysis(text, tokens, words)


class Vocabulary:
    """Canonical terms and their numbers, dense from 0 in order of first sight."""

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}
        self._terms: list[str] = []

    def __len__(self) -> int:
        return len(self._terms)

    def id(self, term: str) -> int:
        """Return a term's number, -1 when it was never seen."""
        return self._ids.get(term, -1)

    def add(self, term: str) -> int:
        """Return a term's number, giving it the next one if it is new."""
        number = self._ids.setdefault(term, len(self._terms))
        if number == len(self._terms):
            self._terms.append(term)
        return number

    def term(self, number: int) -> str:
        """Return the term of a number; IndexError when there is none."""
        return self._terms[number]

    def terms(self) -> list[str]:
        """Return all terms, in the order of their numbers."""
        return list(self._terms)

    def encode(self, text: str) -> tuple[array[int], bytearray]:
        """Return the numbers of a text's tokens ('i') and 1 for each that continues a word."""
        tokens = tokenize(text)
        return (
            array("i", [self.add(token.text) for token in tokens]),
            bytearray(token.joined for token in tokens),
        )

"""Texts to tokens and term numbers, at compiled speed.

The scanning kernel meets each distinct spelling once and asks here what it is; here the answer
is put together from `tokens` (what is a token), `canonical` (how it is spelled) and `words`
(what pyvi makes of it).
"""

from __future__ import annotations

import os
import unicodedata
from _thread import RLock  # (threading takes a millisecond to import)
from functools import lru_cache

from vnsearch.kernels.snippets import outline
from vnsearch.kernels.text import Numbering, Scanner
from vnsearch.record import NamedTuple
from vnsearch.text.canonical import check_text, fold, is_vietnamese, spell
from vnsearch.text.tokens import MAX_TOKEN, nfc_positions, pieces
from vnsearch.text.words import cut, word_model

TYPE_CHECKING = False
if TYPE_CHECKING:
    from array import array
    from typing import Any

__all__ = [
    "Analysis",
    "Token",
    "Vocabulary",
    "Word",
    "analyze",
    "canonical",
    "fold_key",
    "query_tokens",
    "spans",
    "syllables",
    "tokenize",
]

# Characters from which on a text is read piece by piece where a passage of it is looked for.
LONG = 1 << 16

# Spellings a scanner remembers, and terms the reader below does.
_REMEMBERED = 1 << 17

# Characters of a query whose tokens are kept, at most.
_LONG_QUERY = 1_000


class Token(NamedTuple):
    """One token of a text.

    ``text`` is its canonical form, ``start`` and ``end`` its span in code points of the text
    as given, ``joined`` whether it continues pyvi's word begun by the token before it.
    """

    text: str
    start: int
    end: int
    joined: bool


class Word(NamedTuple):
    """One word: canonical syllables joined by spaces, span, indexes of first and last token."""

    text: str
    start: int
    end: int
    first: int
    last: int


class Analysis(NamedTuple):
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


class Vocabulary:
    """Canonical terms and their numbers, dense from 0 in order of first sight.

    Safe to share between threads. What spellings are is remembered for the whole process, so a
    new vocabulary costs little.
    """

    def __init__(self) -> None:
        self._reader: _Reader | None = None
        self._numbering = Numbering()

    def __len__(self) -> int:
        return len(self._numbering)

    def id(self, term: str) -> int:
        """Return a term's number, -1 when it was never seen."""
        with _lock:
            return self._numbering.find(term)

    def add(self, term: str) -> int:
        """Return a term's number, giving it the next one if it is new."""
        with _lock:
            return self._numbering.add(term)

    def term(self, number: int) -> str:
        """Return the term of a number; IndexError when there is none."""
        return self._numbering.term(number)

    def terms(self, start: int = 0) -> list[str]:
        """Return the terms from a number on, in the order of their numbers."""
        return self._numbering.terms(start)

    def encode(self, text: str, outlined: bool = False) -> tuple[array[int], bytearray, bytes]:
        """Return the numbers of a text's tokens ('i'), 1 for each that continues a word, and, if it
        is to be ``outlined`` and not long, its outline (`vnsearch.kernels.snippets.outline`).

        New terms are added. Raises TypeError for anything but str.
        """
        with _lock:
            reader = _read(text)
            numbers, joined = self._numbered(reader), reader.scanner.joined()
            outlined = outlined and len(text) < LONG
            starts = reader.scanner.spans_found()[0] if outlined else None
        return numbers, joined, b"" if starts is None else outline(text, starts)

    def locate(self, text: str) -> tuple[array[int], array[int], array[int]]:
        """Return numbers, starts and ends of a text's tokens ('i'), without cutting words.

        New terms are added. Raises TypeError for anything but str.
        """
        with _lock:
            reader = _read(text)
            return (self._numbered(reader), *reader.scanner.spans_found())

    def _numbered(self, reader: _Reader) -> array[int]:
        """Return our numbers of the tokens a reader has just found."""
        if reader is not self._reader:
            self._reader = reader
            self._numbering.forget()
        return reader.scanner.numbered(self._numbering, reader.terms)


def _number(ids: dict[str, int], terms: list[str], term: str) -> int:
    number = ids.setdefault(term, len(terms))
    if number == len(terms):
        terms.append(term)
    return number


# --- what the process has read ---------------------------------------------------------------


class _Reader:
    """A scanner, and the terms it has met."""

    def __init__(self) -> None:
        self.ids: dict[str, int] = {}
        self.terms: list[str] = []
        model = word_model()
        self._features = model.features
        self.scanner = Scanner(
            self._learn,
            model.state,
            model.shared,
            model.pairs,
            model.triples,
            model.inside,
            _REMEMBERED,
            # so that it learns plain words by itself: as `read_chunk` would say they are
            spell,
            model.forms,
            self.ids,
            self.terms,
        )

    def _learn(self, spelling: str) -> tuple[list[int], list[tuple[int, int, int, int, int]]]:
        ids, terms = self.ids, self.terms
        syllables, tokens = read_chunk(spelling)
        return (
            list(map(self._features, syllables)),
            [
                (_number(ids, terms, text), start, end, first, last)
                for text, start, end, first, last in tokens
            ],
        )


_reader: _Reader | None = None
_lock = RLock()


def _forget() -> None:
    """Begin anew in a forked process: a thread that is not there may have been reading a text."""
    global _reader, _lock
    _reader, _lock = None, RLock()


if os.name == "posix":
    os.register_at_fork(after_in_child=_forget)


def _read(text: str) -> _Reader:
    """Scan a text, under the lock, and return the reader that has."""
    global _reader
    check_text(text)
    if _reader is None or len(_reader.terms) > _REMEMBERED:
        _reader = _Reader()
    _reader.scanner.scan(text)
    return _reader


def read_chunk(chunk: str) -> tuple[list[str], list[tuple[str, int, int, int, int]]]:
    """Return pyvi's syllables of a text without white space, and its tokens.

    A token is (canonical text, start, end, first syllable, last syllable).
    """
    normal = unicodedata.normalize("NFC", chunk)
    if len(normal) <= MAX_TOKEN and is_vietnamese(lower := normal.lower()):
        # what `cut` and `pieces` say of a plain word, as most are
        return [normal], [(spell(lower), 0, len(chunk), 0, 0)]
    theirs = cut(chunk)
    if len(theirs) == 1:
        return theirs, [(text, start, end, 0, 0) for text, start, end in pieces(chunk)]
    owner = [number for number, syllable in enumerate(theirs) for _ in syllable]
    positions = None
    if not chunk.isascii():  # what composes with a letter stands where the letter does
        positions = nfc_positions(chunk)
    ours = []
    for text, start, end in pieces(chunk):
        first, last = start, end - 1
        if positions is not None:
            first, last = positions[first], positions[last]
        ours.append((text, start, end, owner[first], owner[last]))
    return theirs, ours


def tokenize(text: str) -> list[Token]:
    """Return the tokens of a text, in order; ``joined`` follows pyvi's words.

    Raises TypeError for anything but str.
    """
    with _lock:
        reader = _read(text)
        return reader.scanner.tokens(Token, reader.terms)


def query_tokens(text: str) -> tuple[Token, ...]:
    """Return what `tokenize` does. A search asks for the tokens of its query when it is parsed,
    understood and cut into words: those of the last few are kept."""
    return _kept_tokens(text) if len(text) <= _LONG_QUERY else tuple(tokenize(text))


@lru_cache(maxsize=8)
def _kept_tokens(text: str) -> tuple[Token, ...]:
    return tuple(tokenize(text))


def spans(text: str) -> tuple[array[int], array[int], list[str]]:
    """Return starts ('i'), ends ('i') and canonical texts of a text's tokens, words not cut."""
    with _lock:
        reader = _read(text)
        texts = list(map(reader.terms.__getitem__, reader.scanner.terms_found()))
        return (*reader.scanner.spans_found(), texts)


def word_labels(text: str) -> bytearray:
    """Return, for each of pyvi's syllables, 1 if pyvi's model tags it ``I_W``, else 0."""
    with _lock:
        return _read(text).scanner.labels()


def syllables(text: str) -> list[str]:
    """Return the canonical texts of a text's tokens."""
    return spans(text)[2]


def canonical(text: str) -> str:
    """Return a text as the index sees it: its tokens' canonical forms joined by spaces.

    ``canonical(canonical(t)) == canonical(t)``, and NFD and NFC of a text give the same.
    """
    check_text(text)
    return _plain(text) or " ".join(syllables(text))


def _plain(text: str) -> str:
    """Return the canonical form of a plain word, as most are; nothing of another text."""
    if 0 < len(text) <= MAX_TOKEN and is_vietnamese(lower := text.lower()):
        return spell(lower)
    return ""


@lru_cache(maxsize=_REMEMBERED)
def fold_key(token: str) -> str:
    """Return the canonical form of what an unmarked typist types for a token.

    ``fold_key("Hoà") == fold_key("hoa") == "hoa"``; idempotent. Of several tokens, their keys
    joined by spaces; a token that has no ASCII rendering is its own key.
    """
    plain = _plain(token)
    return _fold_key(plain) if plain else " ".join(map(_fold_key, syllables(token)))


def _fold_key(term: str) -> str:
    if term.isascii():
        return term
    if is_vietnamese(term):
        return spell(fold(term))
    return canonical("".join(filter(str.isalnum, fold(term)))) or term


def analyze(text: str) -> Analysis:
    """Return a text's tokens and words with their spans."""
    tokens = tokenize(text)
    words: list[Word] = []
    first = 0
    for last, token in enumerate(tokens):
        if last + 1 == len(tokens) or not tokens[last + 1].joined:
            written = " ".join(part.text for part in tokens[first : last + 1])
            words.append(Word(written, tokens[first].start, token.end, first, last))
            first = last + 1
    return Analysis(text, tokens, words)

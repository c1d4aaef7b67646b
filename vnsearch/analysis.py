"""Vietnamese analysis as Whoosh composes it: one analyzer, and filters to put behind it with ``|``.

`VietnameseAnalyzer` finds the tokens of `vnsearch.text.tokenize` and hands them on as Whoosh
tokens, so any Whoosh schema can use them::

    from whoosh.fields import Schema, TEXT, ID
    from vnsearch.analysis import FoldFilter, VietnameseAnalyzer, WordFilter

    Schema(id=ID(unique=True, stored=True),
           body=TEXT(analyzer=VietnameseAnalyzer() | FoldFilter(), stored=True))

Every token carries, besides what Whoosh asks for:

``original``  the token as the reader wrote it
``joined``    whether it continues the pyvi word begun by the token before it
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import repeat
from typing import Any

from whoosh.analysis.acore import Token
from whoosh.analysis.analyzers import Analyzer
from whoosh.analysis.filters import Filter

from vnsearch.text import fold_key, spans, tokenize
from vnsearch.text.abbreviations import builtin_abbreviations

__all__ = ["AbbreviationFilter", "FoldFilter", "VietnameseAnalyzer", "WordFilter"]


class VietnameseAnalyzer(Analyzer):
    """Yield the syllables, numbers and codes of a Vietnamese text in canonical form.

    ``startchar`` and ``endchar`` are code points of the text as given, whatever its
    normalisation. ``words=False`` leaves segmentation out (``joined`` is then always False):
    cheaper, for fields that neither use `WordFilter` nor look at ``joined``.

    Raises TypeError for anything but a str.
    """

    def __init__(self, words: bool = True) -> None:
        self.words = words

    def __repr__(self) -> str:
        return f"{type(self).__name__}(words={self.words})"

    def __call__(
        self,
        value: str,
        positions: bool = False,
        chars: bool = False,
        keeporiginal: bool = True,
        removestops: bool = True,
        start_pos: int = 0,
        start_char: int = 0,
        tokenize: bool = True,
        mode: str = "",
        **kwargs: Any,
    ) -> Iterator[Token]:
        """Yield one `whoosh.analysis.Token`, changed from token to token as Whoosh does.

        The arguments are those of Whoosh's tokenizers: ``positions`` and ``chars`` ask for
        ``pos`` (from ``start_pos``) and ``startchar``/``endchar`` (from ``start_char``), and
        ``tokenize=False`` takes the whole value as one token, unchanged.
        """
        if not isinstance(value, str):
            raise TypeError(f"VietnameseAnalyzer takes str, not {type(value).__name__}")
        token = Token(positions, chars, removestops=removestops, mode=mode, **kwargs)
        found = self._tokens(value) if tokenize else [(value, 0, len(value), False)]
        for position, (text, start, end, joined) in enumerate(found, start_pos):
            token.text = text
            token.boost = 1.0
            token.stopped = False
            token.joined = joined  # type: ignore[attr-defined]
            if keeporiginal:
                token.original = value[start:end]  # type: ignore[attr-defined]
            if positions:
                token.pos = position
            if chars:
                token.startchar = start_char + start
                token.endchar = start_char + end
            yield token

    def _tokens(self, value: str) -> Iterable[tuple[str, int, int, bool]]:
        if self.words:
            return tokenize(value)
        starts, ends, texts = spans(value)
        return zip(texts, starts, ends, repeat(False))


class FoldFilter(Filter):
    """Let unmarked text find marked text: ``duong`` finds ``đường``.

    With ``keep`` (the default) the index holds each token and, at the same position, its fold
    key where that differs; a query stays as typed, so a marked query finds only what is so
    marked and an unmarked one finds all. Without ``keep`` the fold key replaces the token on
    both sides and marks count for nothing.
    """

    def __init__(self, keep: bool = True) -> None:
        self.keep = keep

    def __call__(self, tokens: Iterable[Token]) -> Iterator[Token]:  # type: ignore[override]
        """Yield the tokens with, or replaced by, their fold keys."""
        for token in tokens:
            if self.keep:
                yield token
                if token.mode == "query":
                    continue
            key = fold_key(token.text)
            if not self.keep or key != token.text:
                token.text = key
                yield token


class AbbreviationFilter(Filter):
    """Index abbreviations under what they mean, and meanings under their abbreviations.

    ``TP.HCM`` is found as ``tphcm``, ``TP HCM`` and ``"thành phố Hồ Chí Minh"``, and each of these
    as the others. The other spellings stand where the text has the first, token after token, so
    that phrases find them; a query stays as typed. ``least`` (0..1) leaves out rows of the table
    `vnsearch.text.abbreviations` that mean this less often.
    """

    def __init__(self, least: float = 0.9) -> None:
        self.least = least

    def __call__(self, tokens: Iterable[Token]) -> Iterator[Token]:  # type: ignore[override]
        """Yield the tokens and their other spellings, in order of position."""
        text = [token.copy() for token in tokens]
        if not text or text[0].mode == "query":
            yield from text
            return
        added: dict[int, list[Token]] = {}
        table = builtin_abbreviations()
        for start, stop, others in table.expand([token.text for token in text], self.least):
            for spelling in others:
                for place, part in enumerate(spelling):
                    respelt = _respelt(part, place, text[start], text[stop - 1])
                    added.setdefault(start + place, []).append(respelt)
        for at in range(max(len(text), max(added, default=0) + 1)):
            here: dict[str, Token] = {}  # one token of a text at a place
            for token in [*text[at : at + 1], *added.get(at, ())]:
                here.setdefault(token.text, token)
            yield from here.values()


def _respelt(text: str, place: int, first: Token, last: Token) -> Token:
    """Return the token at ``place`` of another spelling of what ``first`` to ``last`` say."""
    token = first.copy()
    token.text = text
    token.joined = place > 0  # type: ignore[attr-defined]
    if token.positions:
        token.pos = first.pos + place
    if token.chars:
        token.endchar = last.endchar
    return token


class WordFilter(Filter):
    """Turn syllables into pyvi's words, their syllables joined by ``separator``.

    Without ``keep`` words take the place of syllables and are numbered anew. With ``keep`` the
    syllables stay and each word of several syllables is added at the position of its first.
    A filter before this one may change or drop syllables; a word ends where one is missing.
    """

    def __init__(self, keep: bool = False, separator: str = "_") -> None:
        self.keep = keep
        self.separator = separator

    def __call__(self, tokens: Iterable[Token]) -> Iterator[Token]:  # type: ignore[override]
        """Yield words, or syllables and words."""
        dropped = 0
        for word in _words(tokens):
            if self.keep:
                yield from word
                if len(word) == 1:
                    continue
            joint = word[0]
            if joint.positions and not self.keep:
                joint.pos -= dropped
                dropped += len(word) - 1
            if joint.chars:
                joint.endchar = word[-1].endchar
            if hasattr(joint, "original"):
                joint.original = " ".join(token.original for token in word)  # type: ignore[attr-defined]
            joint.text = self.separator.join(token.text for token in word)
            yield joint


def _words(tokens: Iterable[Token]) -> Iterator[list[Token]]:
    """Group a stream into words, as copies that outlive the stream's own token."""
    word: list[Token] = []
    for token in tokens:
        continues = (
            word
            and getattr(token, "joined", False)
            and not (token.stopped or word[-1].stopped)
            and (not token.positions or token.pos == word[-1].pos + 1)
        )
        if not continues and word:
            yield word
            word = []
        word.append(token.copy())
    if word:
        yield word

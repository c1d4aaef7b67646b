"""What the words of a query were meant to be: keys decoded, marks restored, slips repaired.

One step from the text as typed to weighted spellings, position by position, with the reasons;
docs/QUERY.md tells the rules and their sources. But for abbreviations spelled out there is no
dictionary: the candidates are the index's own spellings, the evidence its own counts of adjacent
pairs.
"""

from __future__ import annotations

import math
import re
import unicodedata
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import pairwise
from operator import add, eq, itemgetter

from vnsearch.kernels.keys import ascii_runs, place_rows
from vnsearch.kernels.lattice import Channel, Lattice, Numbers
from vnsearch.query.statistics import WHOLE, Column, Statistics, is_latin_1
from vnsearch.record import NamedTuple, Record
from vnsearch.text import Token, canonical, fold_key
from vnsearch.text.abbreviations import Abbreviations, builtin_abbreviations
from vnsearch.text.analyzer import query_tokens
from vnsearch.text.canonical import is_vietnamese
from vnsearch.text.chat import CHAT
from vnsearch.text.joined import cut_candidates, join_candidates
from vnsearch.text.keys import (
    Evidence,
    decode_keys,
    decode_telex,
    encode_telex,
    evidence_for_keys,
    read_keys,
    typed_as_keys,
)
from vnsearch.text.syllable import (
    TONED_LETTERS,
    TONES,
    base,
    ends_like_syllable,
    is_english,
    is_misplaced,
    is_syllable,
    is_unmarked_syllable,
    may_be_syllable,
    split_tone,
)
from vnsearch.text.tokens import MAX_TOKEN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal, TypeAlias

__all__ = [
    "Alternative",
    "Change",
    "Mode",
    "PairVariant",
    "Position",
    "Understanding",
    "Variant",
    "understand",
]

MODES = ("auto", "suggest", "off")
Mode: TypeAlias = "Literal['auto', 'suggest', 'off']"
Reason: TypeAlias = "Literal['typed', 'keys', 'restored', 'repaired', 'split', 'joined', 'short']"
Kind: TypeAlias = "Literal['word', 'acronym', 'literal', 'foreign', 'phrase']"
_Phrases: TypeAlias = "list[tuple[int, int, list[tuple[str, ...]]]]"
_Spelled: TypeAlias = "tuple[str, _Spelling, str]"
Rule: TypeAlias = "Literal['off', 'as typed', 'keys', 'restored', 'repaired']"

MIN_WEIGHT = 0.01
"""Spellings and pairs less probable than this are left out."""

MAX_WORDS = 512
"""Words of one query beyond this many are taken as typed."""

LONG_QUERY = 200
"""Queries of more characters are not kept."""

MIN_GLUED = 4
"""Shortest word that may be several (``wifi`` for ``wi-fi``)."""

CLEAR = 0.8
"""A row in capitals is an acronym unless so surely keys (VAR is not *vả*)."""

LIKELY_KEYS = 0.4
"""Among other keys, a row that neither stands in the index nor spells what does is read as keys
where it is so surely one."""

UNHELD = 0.6
"""How much less a row of keys says where the index has neither it nor what it spells."""

SURELY_KEYS = 0.95
"""A row with a tone and the mark of a vowel is no word of another language."""

ACRONYM = 0.005
"""A word in capitals that no syllable is written like is an acronym where the index has it so in
such a share of the documents of its fold."""

LOAN_WORD: Evidence = 0.7, True, False
"""What keys that spell a word of two syllables (``ootoo``) say for a text in keys, where the index
has that word and not the row."""

MAX_GLUED = 20
"""Longest row of keys that is tried as two syllables in one."""

CLOSE, CLOSE_TO_HELD = 0.035, 0.1
"""Glued words are cut where their parts belong together so much (`_closeness`): those the index
does not hold, and those it does."""

STRAY = 100
"""A word that its parts stand together so many times more often than is no word by itself."""

LEAST_PART = 2.5
"""Letters of a part, on average, where only marks tell of them."""

BESIDE = 0.02
"""And so much each part must belong to the word on its other side, where only these tell of it."""

LONGEST_SYLLABLE = 7
"""Letters of *nghiêng*."""

UNLIKE = 10
"""What is written together so many times more often than apart is one word."""

RARELY_TOGETHER = 1 / 5_000
"""Parts that stand side by side in so few of the documents may do so by chance."""

MIN_NUMBER, MAX_NUMBER = 6, 16
"""Shortest and longest number that may be written in groups."""

MIN_PRICE = 4
"""Shortest number that may be a sum of money."""

MAX_GROUP = 4
"""Digits of a group."""

ALTERNATIVE = 0.5
"""Weight of another way to say the same; times that of the meaning for an abbreviation."""

LIKELY_MEANING = 0.2
"""An abbreviation that means something less often than this is not taken for it."""

LIKELY_READING = 0.1
"""Nor is a word taken for parts that are read so less often than this."""

DOUBT = 0.2
"""A syllable of a marked query is questioned only where its own probability is below this."""

DOUBT_ALONE = 0.02
"""The same where many others of the query are typed right and none is not."""

CARE = 0.75
"""How much less a lone syllable is doubted for each other one that is right."""

SLIPPED = 0.9
"""The others seem mistyped where so many of them are expected to be."""

LEFT_OUT = 0.2
"""Where so large a share of the marks seems left out, every unmarked syllable is restored."""

SELDOM_ALONE = 0.1
"""A syllable is a word by itself seldom where it is one in so few of its documents."""

UNUSUAL, DOUBT_UNUSUAL = 0.5, 0.7
"""One without marks that is one here may lack them if it is less probable than the first, and is
questioned below the second, times `CARE` for each other word that is right."""

SEARCH_TERM = 4
"""An unmarked query of no more words is a term that is looked up: words that belong together."""

HASHTAG = 6
"""A query of so many words, at most, may stand in one."""

MAX_READINGS = 6
"""A search term is looked up in so many readings at most."""

READ_APART = 2
"""A search term of more words has seldom more than one likely reading."""

SURE = 0.9
"""A spelling restored with so much probability needs no other ones beside it."""

FOREIGN = 20.0
"""An unmarked word among mostly foreign ones is so much likelier to be meant as it stands."""

TYPED_WEIGHT = 0.3
"""Least weight of a marked syllable as typed, if the index holds it: a rare name may be right."""

# How often a marked syllable as typed stands for another one (docs/QUERY.md).
HOI_NGA = 0.2
DROPPED_TONE = 0.1
I_FOR_Y = 0.05
OTHER_TONE = 0.02
OTHER_MARK = 0.02

_NGANG, _HOI, _NGA = 0, 3, 4

_TONE_SLIPS = [
    [
        1.0
        if typed == meant
        else HOI_NGA
        if {typed, meant} == {_HOI, _NGA}
        else DROPPED_TONE
        if typed == _NGANG
        else OTHER_TONE
        for meant in range(len(TONES))
    ]
    for typed in range(len(TONES))
]

_CHANNEL = Channel(TONED_LETTERS, split_tone, _TONE_SLIPS, I_FOR_Y, OTHER_MARK)

_TONE = "[\u0300\u0301\u0303\u0309\u0323]"
_LATIN = "[a-z\u00df-\u024f\u1e00-\u1eff]+"
# Compiled when first used, as `_LITERAL` is.
_TONE_FIRST = rf"(?i)(o|(?<!q)u(?=.y))({_TONE})([aey])(?!\w|{_TONE})"
_TONE_LAST = rf"(?i)(o|(?<!q)u(?=y))([aey])({_TONE})(?!\w|{_TONE})"
# Where one of these may match the decomposed text, one of these pairs stands in the composed one.
_PLACED = frozenset(
    first + second
    for firsts, seconds in (
        ("oòóỏõọOÒÓỎÕỌ", "àáảãạèéẻẽẹÀÁẢÃẠÈÉẺẼẸ"),
        ("òóỏõọÒÓỎÕỌ", "aeAE"),
        ("uU", "ỳýỷỹỵỲÝỶỸỴ"),
        ("ùúủũụÙÚỦŨỤ", "yY"),
    )
    for first in firsts
    for second in seconds
)

_SENTENCES: dict[Reason, dict[str, str]] = {
    "typed": {"en": "as typed", "vi": "giữ như đã gõ"},
    "keys": {
        "en": "“{typed}” was read as Telex or VNI keys for “{meant}”",
        "vi": "“{typed}” được đọc là phím Telex hoặc VNI của “{meant}”",
    },
    "restored": {
        "en": "“{typed}” has no marks; “{meant}” fits the words beside it ({weight:.0%})",
        "vi": "“{typed}” gõ không dấu; “{meant}” hợp với các chữ bên cạnh ({weight:.0%})",
    },
    "repaired": {
        "en": "“{typed}” looks mistyped; “{meant}” fits the words beside it ({weight:.0%})",
        "vi": "“{typed}” có vẻ gõ sai dấu; “{meant}” hợp với các chữ bên cạnh ({weight:.0%})",
    },
    "split": {
        "en": "“{typed}” is written apart in the index: “{meant}”",
        "vi": "“{typed}” được viết rời trong kho: “{meant}”",
    },
    "joined": {
        "en": "“{typed}” is written together in the index: “{meant}”",
        "vi": "“{typed}” được viết liền trong kho: “{meant}”",
    },
    "short": {
        "en": "“{typed}” is short for “{meant}” in messages",
        "vi": "“{typed}” là cách viết tắt của “{meant}” khi nhắn tin",
    },
}


class Variant(NamedTuple):
    """One spelling a position may stand for; the weights of a position add up to at most 1."""

    term: str
    weight: float
    reason: Reason


class PairVariant(NamedTuple):
    """Two adjacent spellings, ``weight`` the probability that both were meant."""

    left: str
    right: str
    weight: float


class Position(NamedTuple):
    """One word of the query: as typed (canonical), its span in the query, what it may mean.

    ``bare`` words were typed without their marks, and it is not sure which: beside the variants,
    every spelling with the fold key ``fold`` counts, lightly.
    """

    text: str
    start: int
    end: int
    fold: str
    variants: tuple[Variant, ...]
    bare: bool = False


class Alternative(NamedTuple):
    """Another way to say positions ``first`` to ``stop`` (excluded): an abbreviation spelled out,
    a name written in one word. ``terms`` stand side by side."""

    first: int
    stop: int
    terms: tuple[str, ...]
    weight: float
    reason: Literal["abbreviation", "joined", "split"]


class Change(NamedTuple):
    """A correction of the text between ``start`` and ``end``, in the reader's own letter case."""

    start: int
    end: int
    typed: str
    meant: str
    weight: float
    reason: Reason

    def sentence(self, language: str = "en") -> str:
        """Return the reason as a sentence, in English (``en``) or Vietnamese (``vi``)."""
        template = _SENTENCES[self.reason][language]
        return template.format(typed=self.typed, meant=self.meant, weight=self.weight)


class Understanding(Record, frozen=True):
    """A query understood.

    ``positions`` hold the weighted spellings and ``pairs[i]`` those of positions i and i + 1
    together. ``text`` is the query in its most probable spelling, ``terms`` the same as canonical
    terms. With mode ``suggest`` only ``text`` and ``changes`` tell of corrections; the positions
    are as typed.
    """

    query: str
    rule: Rule
    tokens: tuple[Token, ...]
    positions: tuple[Position, ...]
    pairs: tuple[tuple[PairVariant, ...], ...]
    alternatives: tuple[Alternative, ...]
    text: str
    terms: tuple[str, ...]
    changes: tuple[Change, ...]

    @property
    def corrected(self) -> str | None:
        """The query in proper spelling, None when it was right as typed."""
        return self.text if self.changes else None

    @property
    def words(self) -> dict[tuple[str, ...], float]:
        """The segmenter's words of the proper spelling, as rows of terms, and their counts.

        The segmenter may cut ``hoạ`` and ``họa`` differently, and keys do not say which would
        have been typed: where it does, both cuts count half.
        """
        text = self.text
        if _PLACED.isdisjoint(map(add, text, text[1:])) and unicodedata.is_normalized("NFC", text):
            return _add_words({}, query_tokens(text), 1.0)
        tone_last = re.sub(_TONE_FIRST, r"\1\3\2", unicodedata.normalize("NFD", text))
        tone_first = re.sub(_TONE_LAST, r"\1\3\2", tone_last)
        texts = sorted({unicodedata.normalize("NFC", one) for one in (tone_last, tone_first)})
        found: dict[tuple[str, ...], float] = {}
        for one in texts:
            _add_words(found, query_tokens(one), 1 / len(texts))
        return found

    def readings(self) -> list[tuple[float, Understanding]]:
        """Return what a search term without marks may be read as, where that is not sure: the
        likeliest readings, each with its probability and with one spelling of every word."""
        unsure = any(position.bare for position in self.positions)
        if self.rule != "restored" or len(self.positions) > READ_APART or not unsure:
            return []
        rows: list[tuple[float, tuple[str, ...]]]
        rows = [(one.weight, (one.term,)) for one in self.positions[0].variants]
        for position, pairs in zip(self.positions, self.pairs, strict=False):
            alone = {one.term: one.weight for one in position.variants}
            rows = [
                (share * pair.weight / alone[pair.left], (*terms, pair.right))
                for share, terms in rows
                for pair in pairs
                if pair.left == terms[-1] and pair.left in alone
            ]
        rows.sort(key=lambda row: (-row[0], row[1]))
        return [(share, self._read_as(terms)) for share, terms in rows[:MAX_READINGS]]

    def _read_as(self, terms: tuple[str, ...]) -> Understanding:
        positions = [
            Position(text, start, end, fold, (Variant(term, 1.0, "restored"),), False)
            for (text, start, end, fold, _, _), term in zip(self.positions, terms, strict=True)
        ]
        pairs = [(PairVariant(*pair, 1.0),) for pair in pairwise(terms)]
        return Understanding(
            self.query,
            self.rule,
            self.tokens,
            tuple(positions),
            tuple(pairs),
            (),
            " ".join(terms),
            terms,
            self.changes,
        )

    def part(self, start: int, end: int) -> Understanding:
        """Return what the characters ``start`` to ``end`` (excluded) of the query were read as,
        beside the others."""

        def inside(one: Any) -> bool:
            return bool(start <= one.start < end)

        def shifted(some: Iterable[Any]) -> tuple[Any, ...]:
            return tuple(
                [
                    one._replace(start=one.start - start, end=one.end - start)
                    for one in some
                    if inside(one)
                ]
            )

        positions = self.positions
        first = next((at for at, one in enumerate(positions) if inside(one)), len(positions))
        stop = first + sum(map(inside, positions))
        query, changes = self.query[start:end], shifted(self.changes)
        return self.replace(
            query=query,
            tokens=shifted(self.tokens),
            positions=shifted(positions),
            pairs=self.pairs[first : max(first, stop - 1)],
            alternatives=tuple(
                [
                    one._replace(first=one.first - first, stop=one.stop - first)
                    for one in self.alternatives
                    if first <= one.first and one.stop <= stop
                ]
            ),
            text=_rewritten(query, changes),
            terms=self.terms[first:stop],
            changes=changes,
        )

    def reasons(self, language: str = "en") -> list[str]:
        """Return a sentence for each correction, in English (``en``) or Vietnamese (``vi``)."""
        return [change.sentence(language) for change in self.changes]

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain JSON-able values."""
        found = self.to_fields()
        return {**found, **{name: _plainly(found[name]) for name in _TUPLES}}


_TUPLES = ("tokens", "positions", "pairs", "alternatives", "terms", "changes")


def _plainly(value: Any) -> Any:
    """Return named tuples as dicts, other tuples as lists, through and through."""
    if not isinstance(value, tuple):
        return value
    names = getattr(value, "_fields", None)
    if names is None:
        return [_plainly(one) for one in value]
    return {name: _plainly(one) for name, one in zip(names, value, strict=True)}


def _add_words(
    found: dict[tuple[str, ...], float], tokens: Sequence[Token], count: float
) -> dict[tuple[str, ...], float]:
    """Add to ``found`` the words that tokens make."""
    word: tuple[str, ...] = ()
    for text, _, _, joined in tokens:
        if joined:
            word = (*word, text)
            continue
        if word:
            found[word] = found.get(word, 0.0) + count
        word = (text,)
    if word:
        found[word] = found.get(word, 0.0) + count
    return found


def understand(
    query: str,
    stats: Statistics,
    mode: Mode = "auto",
    abbreviations: Abbreviations | None = None,
    *,
    whole: bool = True,
) -> Understanding:
    """Return what the words of ``query`` were meant to be.

    ``query`` is plain words (one `Terms` or `Phrase` of a parsed query). Mode ``auto`` weighs the
    spellings, ``suggest`` only says what it would have read, ``off`` takes every word as typed.
    ``abbreviations`` are those the library comes with unless given. A few words that are not the
    ``whole`` query are no search term, and neither their pairs nor other ways to say them are
    wanted. What was understood is kept for the next page, and for who asks the same.
    """
    table = builtin_abbreviations() if abbreviations is None else abbreviations
    if len(query) > LONG_QUERY:
        return _understand(query, stats, mode, table, whole)
    key = query, mode, whole, table, table.revision
    known: Understanding | None = stats.understood.get(key)
    if known is None:
        known = stats.understood.keep(key, _understand(query, stats, mode, table, whole))
    return known


def _understand(
    query: str, stats: Statistics, mode: Mode, table: Abbreviations, whole: bool
) -> Understanding:
    tokens = query_tokens(query)
    if mode == "off" or not tokens:
        return _taken_as_typed(query, tokens, "off" if mode == "off" else "as typed")
    terms = [token[0] for token in tokens]
    plain = "".join(terms).isascii()
    words = _decoded(query, tokens, stats, table) if plain else []
    rule: Rule = "keys" if words else "as typed"
    words = words or _as_words(query, tokens, stats)
    if not plain and True in [
        word[3].may_be_keys and _is_unknown(word, query, stats) for word in words
    ]:
        among = _decoded_among_marks(query, tokens, stats)
        rule, words = ("keys", among) if among else (rule, words)
    if not plain and True in [word[3].is_foreign and not word[3].is_plain for word in words]:
        finished = [_with_last_key(word, stats) for word in words]
        rule, words = ("keys", finished) if finished != words else (rule, words)
    if not CHAT.keys().isdisjoint(terms):
        words = _in_full(query, _mended(query, words, stats), stats)
    if "acronym" in [word[5] for word in words]:
        words = _without_emphasis(words, table)
    foreign = True in [word[3].is_foreign for word in words]
    if foreign:
        if rule == "as typed" and _is_foreign_text([word.known for word in words], stats):
            words = [
                word._replace(kind="acronym" if word.known.may_lack_bar else "foreign")
                if word.kind == "word" and not _is_held_accented(word.known, stats, len(words) == 1)
                else word
                for word in words
            ]
        words = _split(query, _mended(query, words, stats), stats, table)
    elif 1 in map(len, terms):
        words = _mended(query, words, stats)
    restore = plain and rule == "as typed"
    reading, columns, bare = _read(words, stats, restore, whole)
    meant = likely = reading.terms([word[0] for word in words], columns)
    phrases: _Phrases = []
    if restore or True in bare or 0 in [column.df for column in columns]:
        phrases = table.find_unmarked([column.fold for column in columns])
    spelled_out = False
    if phrases:
        fixed = _spelled_out(words, likely, phrases, bare, stats, table)
        spelled_out = fixed is not words
        if spelled_out:
            words = fixed
            reading, columns, bare = _read(words, stats, restore, whole)
            meant = likely = reading.terms([word[0] for word in words], columns)
    positions, as_typed = reading.positions(
        words, columns, bare, MIN_WEIGHT, TYPED_WEIGHT, SURE, Variant, Position
    )
    if as_typed:
        bare = [False] * len(words)
    if rule == "as typed" and (spelled_out or not as_typed):
        rule = "restored" if restore else "repaired"
    changes: tuple[Change, ...] = ()
    misplaced = set() if plain or query.lower() == " ".join(terms) else _misplaced(query, tokens)
    if misplaced and rule == "as typed":
        rule = "repaired"
    if meant != terms or misplaced:
        if not restore:
            meant = [
                with_its_marks(word[0], term, stats) if term.isascii() else term
                for word, term in zip(words, likely, strict=True)
            ]
        found = reading.changes(query, tokens, words, meant, bare, misplaced, Change)
        changes = tuple([one for one in found if one[5] != "split" or _is_written_apart(one[3])])
    text = _rewritten(query, changes) if changes else query
    if mode == "suggest":
        return _taken_as_typed(query, tokens, rule).replace(text=text, changes=changes)
    return Understanding(
        query,
        rule,
        tokens,
        positions,
        reading.neighbours(MIN_WEIGHT, likely, columns, PairVariant) if whole else (),
        _alternatives(query, words, meant, stats, table, phrases, foreign) if whole else (),
        text,
        tuple(meant),
        changes,
    )


def _taken_as_typed(query: str, tokens: tuple[Token, ...], rule: Rule) -> Understanding:
    terms = tuple([token.text for token in tokens])
    positions = tuple(
        [
            Position(text, start, end, fold_key(text), (Variant(text, 1.0, "typed"),))
            for text, start, end, _ in tokens
        ]
    )
    pairs = tuple([(PairVariant(*pair, 1.0),) for pair in pairwise(terms)])
    return Understanding(query, rule, tokens, positions, pairs, (), query, terms, ())


# -- before the spellings are weighed -----------------------------------------------------------


_NO_NUMBERS = Numbers(array("d"))


class _Spelling:
    """One canonical word as it may be typed, and what the statistics have to say of it.

    Filled in when first asked for: ``column``, the spellings with the same fold key (`find`), and
    ``or_itself``, the same and, where it is a possible syllable, the word itself, with its
    ``place`` there (-1: none), and ``slips``, how readily each is typed like the word
    (`find_or_itself`).
    """

    __slots__ = (
        "column",
        "is_foreign",
        "is_plain",
        "is_word",
        "kind",
        "may_be_acronym",
        "may_be_glued",
        "may_be_keys",
        "may_lack_bar",
        "or_itself",
        "place",
        "slips",
        "text",
    )

    def __init__(self, text: str) -> None:
        self.text = text
        self.is_plain = text.isascii()
        self.is_word = is_word(text)
        self.kind: Kind = "word" if self.is_word else "literal"
        self.is_foreign = self.is_word and not is_unmarked_syllable(base(text))
        # (what is longer is cut: no word, but a piece of something else)
        self.may_be_glued = self.is_foreign and MIN_GLUED <= len(text) < MAX_TOKEN
        """Whether the word may be several syllables in one."""
        self.may_lack_bar = "d" in text and re.search("[aeiouy]", text) is None
        """Whether the word is none of any language, and an acronym without the bar of its đ."""
        self.may_be_acronym = self.is_plain and self.is_word and len(text) > 1
        self.may_be_keys = self.is_plain and (self.is_foreign or not self.is_word or "oo" in text)
        """Whether the word may be a row of keys, or a part of one, rather than a syllable."""
        self.column: Column | None = None
        self.or_itself: Column | None = None
        self.place = -1
        self.slips = _NO_NUMBERS

    def find(self, stats: Statistics) -> Column:
        """Return ``column``."""
        found = self.column
        if found is None:
            found = stats.candidates(self.text) if self.is_word else stats.only(self.text)
            self.column = found
        return found

    def find_or_itself(self, stats: Statistics) -> Column:
        """Return ``or_itself``, with its ``place`` and ``slips``."""
        found = self.or_itself
        if found is None:
            found = stats.candidates_or(self.text) if self.is_word else stats.only(self.text)
            self.place = found.places.get(self.text, -1)
            self.slips = _slips(self.text, "", found)
            self.or_itself = found
        return found


def is_word(term: str) -> bool:
    """Whether a canonical term may have been meant for another: numbers, codes and words in other
    letters than Latin ones are always as typed."""
    return term.isalpha() and (
        term.isascii() or is_vietnamese(term) or re.fullmatch(_LATIN, term) is not None
    )


def _spelling(text: str, stats: Statistics) -> _Spelling:
    known: _Spelling | None = stats.words.get(text)
    return stats.words.keep(text, _Spelling(text)) if known is None else known


class _Word(NamedTuple):
    """One word to be understood: canonical text, span in the query, how it came about.

    A ``literal`` (part of an address, a number) stands as typed, and so does a word of ``foreign``
    text; an ``acronym`` may only lack the bar of its đ (HDND, IT), unless it is a possible
    syllable; a word of a set ``phrase`` is what the table of abbreviations says. A row of keys may
    have been meant as it stands: ``other``.
    """

    text: str
    start: int
    end: int
    known: _Spelling
    reason: Reason = "typed"
    kind: Kind = "word"
    other: str = ""


_word: Callable[[Iterable[object]], _Word] = partial(tuple.__new__, _Word)


def is_foreign_text(terms: Iterable[str], stats: Statistics) -> bool:
    """Whether canonical words are text in another language, and not to be accented."""
    return _is_foreign_text([_spelling(term, stats) for term in terms], stats)


def _is_foreign_text(words: Sequence[_Spelling], stats: Statistics) -> bool:
    """Whether unmarked words are in another language, and not to be accented.

    Some are no syllable, and but for one word in five the others are common in English too. But
    where the index holds one of them accented beside a foreign word (``the visa``: thẻ Visa), more
    often than as it stands, the text is Vietnamese that names something.
    """
    foreign = [word.is_foreign for word in words]
    if True not in foreign or False in [word.is_plain for word in words]:
        return False
    native = [word for word in words if word.is_word and not word.is_foreign]
    if len(native) > (sum(foreign) + len(native)) * (1 - _MOSTLY) + sum(
        is_english(word.text) for word in native
    ):
        return False
    for left, right in pairwise(words):
        beside = left.is_foreign != right.is_foreign and left.is_word and right.is_word
        if beside and _is_accented_beside(left, right, stats):
            return False
    return True


def _is_accented_beside(left: _Spelling, right: _Spelling, stats: Statistics) -> bool:
    """Whether two words stand side by side more often with marks than as typed."""
    as_typed = int(stats.pair_df(left.text, right.text))
    return _together(left, right, stats) >= 2 * (as_typed + 1)


def _is_held_accented(word: _Spelling, stats: Statistics, alone: bool) -> bool:
    """Whether the index has a word that is no syllable with marks, and hardly without (``oto``:
    ôtô): among others with such as other languages have, too (``kylian mbappe``: Mbappé)."""
    if not word.is_foreign:
        return False
    column = word.find(stats)
    form = column.get(word.text)
    if FOREIGN * (0 if form is None else form.df) >= column.df:
        return False
    return alone or is_latin_1(max(column.forms, key=itemgetter(1)).term)


_MOSTLY = 0.8
_VOWELS = frozenset("aeiouy")
_FIXED = ("literal", "foreign", "phrase")
_WORDS = ("word", "foreign")

_ENDINGS = r"\.(?:vn|com|net|org|edu|gov|info|io|html?|php|pdf)\b"
# What could begin earlier is not tried again from every later character: time stays linear.
_LITERAL = (
    r"(?i)(?<!\S)\S*@\S+|(?<!\S)\S+://\S+|www\.\S+"
    rf"|(?<![\w-])(?<![\w-]\.)[\w-]+(?:\.[\w-]+)*{_ENDINGS}\S*"
)
_MAY_BE_LITERAL = rf"(?i)www\.|{_ENDINGS}"
_MARK_KEYS = r"(?i)aa|ee|oo|dd|[aou]w|[aeou][678]|d9"
_TONE_KEYS = frozenset("sfrxj")
_STANDS_ALONE = frozenset(" ,;:.!?…\"'()“”")
_DONG = ("đ", "đồng")
_NOT_ASCII = r"[^\x00-\x7f]"


def literal_spans(query: str) -> list[tuple[int, int]]:
    """Return where in a query addresses stand, of mail or the web: no words to be understood."""
    if "@" in query or "://" in query or ("." in query and re.search(_MAY_BE_LITERAL, query)):
        return [match.span() for match in re.finditer(_LITERAL, query)]
    return []


def begin_within(starts: Iterable[int], spans: Iterable[tuple[int, int]]) -> list[bool]:
    """Return which words of a query, by where they start, begin in one of the spans."""
    found: list[bool] = []
    left = sorted(spans, reverse=True)
    end = 0
    for start in starts:
        while left and left[-1][0] <= start:
            end = max(end, left.pop()[1])
        found.append(start < end)
    return found


def _as_words(
    query: str, tokens: Sequence[Token], stats: Statistics, chosen: Sequence[Token] | None = None
) -> list[_Word]:
    """Return the words of a query, or the ``chosen`` ones of its tokens, as they were typed."""
    may_be_acronyms = _may_have_acronyms(query)
    words: list[_Word] = []
    kept = stats.words
    for text, start, end, _ in tokens if chosen is None else chosen:
        known = kept.get(text) or kept.keep(text, _Spelling(text))
        kind = known.kind
        if may_be_acronyms and known.may_be_acronym and query[start:end].isupper():
            kind = "acronym"
        words.append(_word((text, start, end, known, "typed", kind, "")))
    literal = literal_spans(query)
    if literal:
        within = begin_within([word.start for word in words], literal)
        words = [
            word._replace(kind="literal") if inside else word
            for word, inside in zip(words, within, strict=True)
        ]
    if len(tokens) > MAX_WORDS:
        last = tokens[MAX_WORDS].start
        words = [word._replace(kind="literal") if word.start >= last else word for word in words]
    return words


class _Row:
    """A row of ASCII letters and digits, as keys.

    ``evidence`` is what it says for a text in keys by ``method``, ``counts`` unless it is a number
    and no more; what it ``spells`` by that is a word whether the index holds it or not. ``spelled``
    holds what it is by a method, once asked for (`read`). A ``plain`` row is of letters that no
    method reads as keys; one that is ``only_keys`` is nothing else that the index holds.
    """

    __slots__ = (
        "confidence",
        "counts",
        "evidence",
        "method",
        "only_keys",
        "plain",
        "spelled",
        "spells",
        "text",
    )

    def __init__(self, text: str, stats: Statistics) -> None:
        self.text = text
        self.method = self.spells = ""
        self.evidence: Evidence | None = None
        self.confidence = 1.0
        self.counts = not text.isdigit()
        self.spelled: dict[str, _Spelled] = {}
        keys = read_keys(text)
        lowered = text.lower()
        self.plain = keys is None and text.isalpha() and not any(map(eq, lowered, lowered[1:]))
        self.only_keys = False
        if keys is None:
            self._read_two(stats)
            return
        spells, method, confidence = keys
        meant = canonical(spells)
        plain, typed, other = _as_it_stands(text, stats)
        if confidence >= CLEAR:  # then the spellings of the same fold will be asked for
            form = stats.candidates(meant).get(meant)
            spelled = 0 if form is None else form.df
        else:
            spelled = stats.df(meant)
        bare = fold_key(meant)
        if not spelled and stats.is_unmarked(bare):
            spelled = stats.df(bare)
        if spelled > typed and _is_rather_glued(plain, spelled, stats):
            return
        self.confidence = confidence
        if spelled or typed:
            self.evidence = evidence_for_keys(keys, spelled, typed)
        elif confidence >= LIKELY_KEYS and self.counts:
            self.evidence = (UNHELD * confidence, False, False)
        self.method = method
        self.spells = meant
        if spelled and meant != plain:
            self.spelled[method] = (meant, _spelling(meant, stats), other)
            self.only_keys = not typed and confidence >= LIKELY_KEYS

    def _read_two(self, stats: Statistics) -> None:
        """Read keys that spell two syllables in one, or with a letter over, of which the index has
        only what they spell (``ootoo``: ôtô)."""
        if re.search(_MARK_KEYS, self.text) is None or stats.fold_df(self.text):
            return
        method = "telex" if self.text.isalpha() else "vni"
        meant = _in_two(self.text, stats)
        if meant:
            self.evidence = LOAN_WORD
            self.method = method
            self.spells = meant
            self.spelled[method] = (meant, _spelling(meant, stats), "")
            self.only_keys = True

    def read(self, method: str, stats: Statistics) -> _Spelled:
        """Return what the row is by a method: the word (empty where the index holds nothing that it
        may spell), all that is known of it, and the row as it stands if the index holds that too.
        """
        found = self.spelled.get(method)
        if found is None:
            plain, typed, other = _as_it_stands(self.text, stats)
            meant = ""
            if not (self.plain and typed):
                meant = _decoded_loosely(self.text, plain, typed, method, stats)
            if not (meant or typed) and method == self.method and self.confidence >= LIKELY_KEYS:
                meant = self.spells  # among other keys; the index has no such word either way
            found = (meant, _spelling(meant, stats), other)
            self.spelled[method] = found
        return found


def _row(run: str, stats: Statistics) -> _Row:
    """Return a run of letters and digits as keys; one longer than any word is like none at all."""
    run = run if len(run) <= MAX_TOKEN else ""
    row: _Row | None = stats.rows.get(run)
    return row or stats.rows.keep(run, _Row(run, stats))


def _as_it_stands(row: str, stats: Statistics) -> tuple[str, int, str]:
    """Return a row of keys as plain tokens, perhaps two (co 2), how many documents have it so, and
    the token that it is if it is one and the index holds it."""
    plain = canonical(row)
    parts = plain.split(" ")
    if len(parts) == 2:
        return plain, stats.pair_df(*parts), ""
    df = stats.read_df(plain)
    return plain, df, plain if df and len(parts) == 1 else ""


def _is_rather_glued(text: str, spelled: int, stats: Statistics) -> bool:
    """Whether a row of keys is two syllables that stand together in more documents than the
    ``spelled`` ones of what the keys spell (``hoso``: *hồ sơ* and not *hố*)."""
    if not ends_like_syllable(text):  # as hardly any row with the key of a tone
        return False
    for cut in range(2, len(text) - 1):
        if is_unmarked_syllable(text[cut:]) and is_unmarked_syllable(text[:cut]):
            break
    else:
        return False
    parts = _parts(text, stats)
    closeness, together = _closeness(parts, stats) if parts else (0.0, 0)
    return closeness >= CLOSE_TO_HELD and together > spelled


def _decoded(
    query: str, tokens: tuple[Token, ...], stats: Statistics, table: Abbreviations
) -> list[_Word]:
    """Read the query, without marks, as Telex or VNI keys; return nothing if it is not typed so."""
    text = query if query.isascii() else _ascii_tokens(query, tokens)
    runs = ascii_runs(text)
    rows = [_row(run, stats) for run in runs]
    evidence = [row.evidence for row in rows]
    if not any(evidence):
        return []  # as most queries
    barred: set[int] = set()
    if _may_have_acronyms(query):
        for at, row in enumerate(rows):
            if row.confidence < CLEAR and runs[at].isupper():
                barred.add(at)
                evidence[at] = None
    places = typed_as_keys(evidence, [row.counts for row in rows].count(True))
    unheld = not places
    if unheld:
        places = [at for at, one in enumerate(evidence) if one and not rows[at].spelled]
    if not places:
        return []
    methods = [rows[place].method for place in places]
    method = "vni" if 2 * methods.count("vni") > len(methods) else "telex"  # nobody types in both
    spelled = [
        None if at in barred else row.spelled.get(method) or row.read(method, stats)
        for at, row in enumerate(rows)
    ]
    words = _placed(query, text, runs, spelled, tokens, stats)
    decoded = _places_of_keys(words)
    if unheld:  # quaanj 1, where the index has Q.1
        return words if _is_said_otherwise(words, decoded, stats, table) else []
    by_chance = len(decoded) == 1 and _is_row_by_chance(query, words, decoded[0], stats)
    return [] if by_chance else words


def _placed(
    query: str,
    text: str,
    runs: list[str],
    spelled: list[_Spelled | None],
    tokens: tuple[Token, ...],
    stats: Statistics,
) -> list[_Word]:
    """Return the words that the rows of keys among the ``runs`` of a text spell, and the others."""
    words, others = place_rows(text, runs, spelled, tokens, _Word)
    if others:
        words += _as_words(query, tokens, stats, others)
        words.sort(key=itemgetter(1))
    return words


def _is_said_otherwise(
    words: list[_Word], places: list[int], stats: Statistics, table: Abbreviations
) -> bool:
    """Whether the index has what words at some places are part of as an abbreviation."""
    return any(
        first <= at < stop and any(_documents(other, stats) for other in others)
        for first, stop, others in table.find([word.text for word in words], LIKELY_MEANING)
        for at in places
    )


def _places_of_keys(words: list[_Word]) -> list[int]:
    return [at for at, word in enumerate(words) if word[4] == "keys"]


def _is_unknown(word: _Word, query: str, stats: Statistics) -> bool:
    """Whether the index does not hold a word, or it may be a piece of a row of VNI keys."""
    text, start, _, known, *_ = word
    if known.is_word:
        form = known.find(stats).get(text)
        return form is None or not form.df
    return text[0].isalpha() or query[start - 1 : start].isalpha()


def _decoded_among_marks(query: str, tokens: tuple[Token, ...], stats: Statistics) -> list[_Word]:
    """Read the rows of keys in a query with marks, whose typist uses another method or switched it
    on too late; return nothing if there are none.

    Each must be nothing else to the index, and surely keys or what the index has beside what
    stands beside it here: others are foreign words.
    """
    text = _ascii_tokens(query, tokens)
    runs = ascii_runs(text)
    may_be_acronyms = _may_have_acronyms(query)
    spelled: list[_Spelled | None] = [None] * len(runs)
    rows: dict[int, _Row] = {}
    for place, run in enumerate(runs):
        if run.isdigit() or len(run) > MAX_TOKEN:
            continue
        if not _spelling(run.lower(), stats).may_be_keys:
            continue
        row = _row(run, stats)
        if row.only_keys and (row.confidence >= CLEAR or not (may_be_acronyms and run.isupper())):
            spelled[place] = row.spelled[row.method]
            rows[place] = row
    if not rows:
        return []
    words = _placed(query, text, runs, spelled, tokens, stats)
    within = begin_within([word.start for word in words], literal_spans(query))
    for (place, row), at in zip(rows.items(), _places_of_keys(words), strict=True):
        sure = row.confidence >= SURELY_KEYS or any(
            stats.pair_df(left.text, right.text)
            for left, right in pairwise(words[max(at - 1, 0) : at + 2])
        )
        if not sure or within[at]:
            spelled[place] = None
    return _placed(query, text, runs, spelled, tokens, stats) if any(spelled) else []


def _with_last_key(word: _Word, stats: Statistics) -> _Word:
    """Read the key of a tone at the end of a word with other marks (``nhâtj``), where the index has
    what it spells and not the word."""
    text, known = word.text, word.known
    if known.is_plain or not known.is_foreign or text[-1] not in _TONE_KEYS or stats.df(text):
        return word
    rest = text[:-1]
    if split_tone(rest)[0] != rest or not is_unmarked_syllable(base(rest)):
        return word
    meant = canonical(decode_keys(encode_telex(rest) + text[-1]) or "")
    if not stats.df(meant):
        return word
    return word._replace(text=meant, known=_spelling(meant, stats), reason="keys")


def _is_row_by_chance(query: str, words: list[_Word], at: int, stats: Statistics) -> bool:
    """Whether the only row of keys of a query is rather a foreign word (``rust macros``, ``var``).

    It spells a syllable that the index has beside none of the foreign words there, or, alone, one
    that would itself be taken for a slip."""
    text, start, end, *_ = words[at]
    keys = read_keys(query[start:end])
    if keys is None or keys.confidence >= SURELY_KEYS:
        return False
    if len(words) == 1:
        reading, columns, _ = _read([words[at]], stats, False, True)
        return reading.terms([text], columns) != [text]
    if not all(word.known.is_foreign for word in words[:at] + words[at + 1 :]):
        return False
    before = [stats.pair_df(word.text, text) for word in words[max(at - 1, 0) : at]]
    return not any(before) and not any(
        stats.pair_df(text, word.text) for word in words[at + 1 : at + 2]
    )


def _ascii_tokens(query: str, tokens: Sequence[Token]) -> str:
    """Return the query with spaces for what is no ASCII (curly quotes and dashes), and for tokens
    with such characters in them (full width, invisible spaces): they are no keys."""
    characters = list(re.sub(_NOT_ASCII, " ", query))
    for _, start, end, _ in tokens:
        if not query[start:end].isascii():
            characters[start:end] = " " * (end - start)
    return "".join(characters)


def _may_have_acronyms(query: str) -> bool:
    """Whether capitals tell anything: some letters are none."""
    return not query.islower() and query.upper() != query


def _without_emphasis(words: list[_Word], table: Abbreviations) -> list[_Word]:
    """Take words in capitals that stand side by side for words like any other, if they may be
    syllables, and are no abbreviations; alone among small letters an abbreviation is one (MU)."""
    capitals = [word.kind == "acronym" and not word.known.is_foreign for word in words]
    if True not in capitals:
        return words
    found = []
    for at, word in enumerate(words):
        if capitals[at]:
            beside = True in (*capitals[max(0, at - 1) : at], *capitals[at + 1 : at + 2])
            if not table.alternatives((word.text,), LIKELY_MEANING):
                word = word._replace(kind="word") if beside else word
            elif not beside:
                word = word._replace(kind="phrase")
        found.append(word)
    return found


def _in_full(query: str, words: list[_Word], stats: Statistics) -> list[_Word]:
    """Write short spellings of messages (``ko dc``) in full where the index has what they stand for
    beside their neighbours, far more often than them."""
    others = [word.known for word in words if word.text not in CHAT]
    if others and _is_foreign_text(others, stats):
        return words
    full: list[_Word] = []
    all_alike = not _may_have_acronyms(query)
    for at, word in enumerate(words):
        shown = query[word.start : word.end]
        meanings = CHAT.get(word.text, ()) if word.reason == "typed" else ()
        # K may be anything, but telephones begin a query with a capital; K+ is a name
        lower = shown.islower() or all_alike or (not at and shown[1:].islower())
        around = query[word.start - 1 : word.start] + query[word.end : word.end + 1]
        if not (meanings and lower and _STANDS_ALONE.issuperset(around)):
            full.append(word)
            continue
        before = _sides(full[-1:], stats, -1)
        after = _sides(words[at + 1 : at + 2], stats, 0)
        own = word.known.find(stats)
        typed = _beside(before, own, own, after, stats)
        best: tuple[str, ...] = ()
        most = 0.0
        for meaning in meanings:
            first, last = stats.only(meaning[0]), stats.only(meaning[-1])
            found = _beside(before, first, last, after, stats)
            if any(one >= other for one, other in zip(typed, found, strict=True) if one):
                continue
            enough = sum(found) > max(most, UNLIKE * sum(typed))
            if enough and _documents(meaning, stats):
                best, most = meaning, sum(found)
        if best:
            full += [
                word._replace(text=one, known=_spelling(one, stats), reason="short", kind="phrase")
                for one in best
            ]
        else:
            full.append(word)
    return full


def _sides(words: Sequence[_Word], stats: Statistics, end: int) -> list[Column]:
    """Return the spellings of the word beside a short one: of what it stands for if it is short,
    too (its first syllable, or with ``end`` -1 its last)."""
    columns: list[Column] = []
    for word in words:
        columns.append(word.known.find(stats))
        if word.reason == "typed":
            columns += [stats.only(meaning[end]) for meaning in CHAT.get(word.text, ())]
    return columns


def _beside(
    before: list[Column], first: Column, last: Column, after: list[Column], stats: Statistics
) -> tuple[float, float]:
    """Return the documents that have a word beside the one before it, and beside that after it."""
    return (
        max([_added_up(one, first, stats) for one in before], default=0.0),
        max([_added_up(last, one, stats) for one in after], default=0.0),
    )


def _decoded_loosely(text: str, plain: str, typed: int, method: str, stats: Statistics) -> str:
    """Read keys that spell no syllable: a mark taken back (``faceboook``), an acronym (``DDH``),
    two syllables in one (``beetoong``). Return nothing where the row itself, ``plain`` and in
    ``typed`` documents, is known as well."""
    whole = (method == "telex" and decode_telex(text)) or re.sub("dd|d9", "đ", text.lower())
    meant = canonical(whole)
    if meant != plain and stats.read_df(meant) > typed:
        return meant
    return "" if typed else _in_two(text, stats)


def _in_two(text: str, stats: Statistics) -> str:
    """Read keys as two syllables in one that the index has, if only apart, or one and other
    letters."""
    for cut in range(1, min(len(text), MAX_GLUED)):
        halves = [decode_keys(half) or half for half in (text[:cut], text[cut:])]
        joined = canonical("".join(halves))
        if stats.read_df(joined):
            return joined
        left, right = map(canonical, halves)
        if is_syllable(left) and is_syllable(right) and stats.pair_df(left, right):
            return joined  # ootoo, where the index has ô tô
    return ""


def _mended(query: str, words: list[_Word], stats: Statistics) -> list[_Word]:
    """Put syllables together that a space got into (``th ông tin``)."""
    mended: list[_Word] = []
    for at, word in enumerate(words):
        if mended and mended[-1].end > word.start:
            continue  # it was put to the one before
        other = words[at + 1] if at + 1 < len(words) else None
        sure = _torn(query, words, at, stats)
        if other and sure and sure >= _torn(query, words, at + 1, stats):
            text = canonical(word.text + other.text)
            word = _Word(text, word.start, other.end, _spelling(text, stats), "joined")
        mended.append(word)
    return mended


def _torn(query: str, words: list[_Word], at: int, stats: Statistics) -> float:
    """Return how sure it is that the words at ``at`` and ``at + 1`` are one, 0 if it is not: at
    least one of them is no syllable, they hardly stand side by side, and what they spell goes
    better with the words around; much better where one is a syllable of a single letter."""
    if at + 1 >= len(words):
        return 0.0
    left, right = words[at : at + 2]
    is_foreign = left.known.is_foreign or right.known.is_foreign
    if not (is_foreign or 1 in (len(left.text), len(right.text))):
        return 0.0
    if len(left.text) + len(right.text) > LONGEST_SYLLABLE:
        return 0.0
    if (left.kind, right.kind, left.reason, right.reason) != ("word", "word", "typed", "typed"):
        return 0.0
    text = canonical(left.text + right.text)
    if not may_be_syllable(text) or query[left.end : right.start].strip():
        return 0.0
    held = stats.fold_df(text)
    if held <= UNLIKE * _together(left.known, right.known, stats):
        return 0.0
    joined = _spelling(text, stats)
    before = words[at - 1].known if at else None
    after = words[at + 2].known if at + 2 < len(words) else None
    if before is after is None:
        return held if is_foreign else 0.0
    whole = _together(before, joined, stats) + _together(joined, after, stats)
    first, last = _together(before, left.known, stats), _together(right.known, after, stats)
    outer = first + last
    if is_foreign:
        outer = (first if left.known.is_foreign else 0) + (last if right.known.is_foreign else 0)
    return whole if whole > max(first + last, UNLIKE * outer) else 0.0


def _together(left: _Spelling | None, right: _Spelling | None, stats: Statistics) -> float:
    """Return the documents where any spellings of two words stand side by side, added up."""
    if left is None or right is None:
        return 0.0
    return _added_up(left.find(stats), right.find(stats), stats)


def _added_up(left: Column, right: Column, stats: Statistics) -> float:
    """Return the documents where any forms of two columns stand side by side, added up."""
    counts = stats.pairs((left, right))
    return sum([counts[place] for place in counts.above_zero()])


def _split(query: str, words: list[_Word], stats: Statistics, table: Abbreviations) -> list[_Word]:
    """Cut glued words the index does not hold (``thegioididong``) where its pairs say so, and those
    that capitals (``#ĐàNẵng``) or marks tell from what it holds."""
    cut: list[_Word] = []
    for at, word in enumerate(words):
        parts: tuple[str, ...] = ()
        if word.kind in _WORDS and word.known.is_foreign:
            parts = _told_by_capitals(query[word.start : word.end], stats)
            if not parts and word.known.may_be_glued and not table.expand([word.text]):
                parts = _told_by_pairs(words, at, stats)
        if parts:
            cut += (
                _Word(part, word.start, word.end, _spelling(part, stats), "split") for part in parts
            )
        else:
            cut.append(word)
    return cut if len(cut) > len(words) else words


def _parts(text: str, stats: Statistics) -> tuple[str, ...]:
    """Return the parts of a glued word where the index has them side by side, more often than it
    has the word, or nothing."""
    parts: tuple[str, ...] | None = stats.splits.get(text)
    if parts is None:
        # a row of syllables with marks is no other word, however often it is written so
        held = stats.fold_df(text) if text.isascii() else 0
        least = max(held, RARELY_TOGETHER * stats.doc_count)
        cuts = set(stats.cuts(text))
        for cut in list(cuts):  # bong da vietnam
            cuts.add(tuple(part for piece in cut for part in _parts_of_piece(piece, stats)))
        parts, closest = (), 0.0
        for cut in sorted(cuts):
            if not all(_is_in_more(part, least, stats) for part in cut):
                continue
            closeness, together = _closeness(cut, stats)
            enough = CLOSE if together >= STRAY * held else CLOSE_TO_HELD
            if closeness >= max(enough, closest) and together > least:
                parts, closest = cut, closeness
        if not (parts or text.isascii() or _is_held(text, stats)):
            told = [cut for cut in cuts if _is_told_by_marks(cut, least, stats)]
            parts = min(told, key=lambda cut: (len(cut), -_documents(cut, stats), cut), default=())
        stats.splits.keep(text, parts)
    return parts


def _told_by_pairs(words: list[_Word], at: int, stats: Statistics) -> tuple[str, ...]:
    """Return the parts of a glued word: of one the index does not hold, or (with marks) holds only
    with others and less often than its parts apart; or nothing."""
    text = words[at].text
    if not _is_held(text, stats):
        return _parts(text, stats) or _told_by_neighbours(words, at, stats)
    if words[at].known.is_plain or stats.df(text):
        return ()
    parts = _parts(text, stats)
    return parts if _is_rather_apart(parts, text, stats) else ()


def _told_by_capitals(shown: str, stats: Statistics) -> tuple[str, ...]:
    """Return the syllables that begin with a capital each in a word (``PhongChongDich``), where the
    index has them side by side more often than the word; or nothing."""
    if shown.islower() or shown[1:].islower() or shown.isupper():
        return ()
    shown = unicodedata.normalize("NFC", shown)
    begins = [0, *[at for at in range(1, len(shown)) if shown[at].isupper()], len(shown)]
    pieces = [shown[start:stop] for start, stop in pairwise(begins)]
    parts = tuple([canonical(piece) for piece in pieces])
    if not all(piece[1:] == piece[1:].lower() for piece in pieces):
        return ()
    if not all(map(may_be_syllable, parts)):
        return ()
    text = canonical(shown)
    if not text.isascii():
        return parts if _is_rather_apart(parts, text, stats) else ()
    if min(map(len, parts)) < 2:
        return ()  # eBay
    held = stats.fold_df(text)
    closeness, together = _closeness(parts, stats)
    return parts if together > held and (not held or closeness >= CLOSE) else ()


def _is_rather_apart(parts: tuple[str, ...], text: str, stats: Statistics) -> bool:
    """Whether the index has the parts of a word with marks side by side more often than the word
    in any spelling."""
    row = [_spelling(part, stats) for part in parts]
    together = [_together(left, right, stats) for left, right in pairwise(row)]
    return bool(together) and min(together) > stats.fold_df(text)


def _told_by_neighbours(words: list[_Word], at: int, stats: Statistics) -> tuple[str, ...]:
    """Return the two syllables that a word without marks is, be they together by chance, where each
    belongs to the word on its other side (``nhung loichi trich``), or nothing."""
    word = words[at]
    if word.kind != "word" or len(word.text) < 2 * LEAST_PART or not word.text.isascii():
        return ()
    beside = [words[place] if 0 <= place < len(words) else None for place in (at - 1, at + 1)]
    if any(other and (other.kind != "word" or other.known.is_foreign) for other in beside):
        return ()
    best: tuple[str, ...] = ()
    closest = BESIDE
    for cut in stats.cuts(word.text):
        if len(cut) != 2 or not all(len(part) > 1 and is_unmarked_syllable(part) for part in cut):
            continue
        left, right = (_spelling(part, stats) for part in cut)
        before, after = (other and other.known for other in beside)
        near = [_nearness(before, left, stats)] if before else []
        near += [_nearness(right, after, stats)] if after else []
        if near and min(near) >= closest:
            best, closest = cut, min(near)
    return best


def _nearness(left: _Spelling, right: _Spelling, stats: Statistics) -> float:
    """Return the cosine of two words, each in any spelling."""
    together = _together(left, right, stats)
    return together / math.sqrt(max(stats.fold_df(left.text) * stats.fold_df(right.text), 1))


def _is_held(text: str, stats: Statistics) -> bool:
    """Whether the index has a word in any spelling: one with marks, not by chance in another."""
    if text.isascii():
        return stats.fold_df(text) > 0
    return stats.df(text) > 0 or stats.fold_df(text) > RARELY_TOGETHER * stats.doc_count


def _is_told_by_marks(cut: tuple[str, ...], least: float, stats: Statistics) -> bool:
    """Whether the parts of a word with marks, which is nothing else, are words of the index, stand
    they together there or not (``mộtcựu``); not so short that it may be a name (``Pelé``), none
    but the first with a vowel ahead: it may be a slip (``ngườii``, ``tuyyên``)."""
    return (
        sum(map(len, cut)) >= LEAST_PART * len(cut)
        and all(len(part) > 1 and base(part)[0] not in _VOWELS for part in cut[1:])
        and len(cut[0]) > 1
        and all(
            stats.df(part) > least and (is_syllable(part) or len(part) >= MIN_GLUED) for part in cut
        )
    )


def _is_in_more(part: str, least: float, stats: Statistics) -> bool:
    """Whether any spelling of a part is in more than so many documents."""
    known = _spelling(part, stats)
    return any(form[1] > least for form in known.find(stats).forms)


def _parts_of_piece(piece: str, stats: Statistics) -> tuple[str, ...]:
    glued = _spelling(piece, stats).may_be_glued
    return (_parts(piece, stats) if glued else ()) or (piece,)


def _closeness(cut: tuple[str, ...], stats: Statistics) -> tuple[float, int]:
    """Return how much the parts of a word belong together as they would be read, and the documents
    with the rarest pair of them.

    The first is the geometric mean over the pairs of the share of the documents with either where
    they stand together (the cosine), those where the segmenter made one word of them counted
    `WHOLE` times more.
    """
    words = [_Word(part, 0, 0, _spelling(part, stats), "split") for part in cut]
    reading, columns, _ = _read(words, stats, all(part.isascii() for part in cut), True)
    terms = reading.terms(list(cut), columns)
    pairs = list(pairwise(terms))
    rarest = min(stats.pair_df(*pair) for pair in pairs)
    if not rarest:
        return 0.0, 0
    logs = [
        math.log(stats.pair_df(left, right) + WHOLE * stats.word_df((left, right)))
        - math.log(stats.df(left) * stats.df(right)) / 2
        for left, right in pairs
    ]
    return math.exp(sum(logs) / len(logs)), rarest


# -- weighing the spellings ---------------------------------------------------------------------


def slips(typed: str, meant: Iterable[str]) -> list[float]:
    """Return how readily ``typed`` is written for each of some spellings of the same fold."""
    if typed.isascii():
        return [1.0 if one == typed else DROPPED_TONE for one in meant]
    return _CHANNEL.slips(typed, meant)


def _read(
    words: list[_Word], stats: Statistics, restore: bool, whole: bool
) -> tuple[Lattice, list[Column], list[bool]]:
    """Weigh the spellings of the words together; return with it the candidates of each and which
    words are `Position.bare`.

    With ``restore`` all are: every spelling of the same fold is as likely to be typed so, but a
    search term begins with what is written about. Else a word is questioned only where it is
    improbable as it stands, one without marks sooner where it is not used so (`_is_unusual`),
    unless the first look tells that the query was typed half with marks, half without.
    """
    places: list[int] = []
    columns: list[Column] = []
    emissions: list[Numbers] = []
    for word in words:
        text, _, _, known, _, kind, other = word
        if kind in _FIXED:
            column = stats.only(text)
        elif other:
            column = stats.either(text, other)
        elif restore:
            column = known.find(stats)
        else:
            column = known.find_or_itself(stats)
            if kind == "word":
                columns.append(column)
                places.append(known.place)
                emissions.append(known.slips)
                continue
        columns.append(column)
        places.append(column.places.get(text, -1))
        if restore and kind == "word":
            emissions.append(stats.restored(column))
        else:
            emissions.append(_emission(word, column, stats, restore, False))
    if restore:
        if _is_mostly_foreign(words) or _is_rather_english(words, columns, stats):
            emissions = [
                _emission(word, column, stats, True, True)
                for word, column in zip(words, columns, strict=True)
            ]
        elif whole and len(words) <= SEARCH_TERM:
            if words[0].kind == "word":
                looked_up = stats.topical if len(words) > 1 else stats.alone
                emissions[0] = looked_up(columns[0])
            return stats.weigh(columns, places, emissions, None, True), columns, [True] * len(words)
        return stats.weigh(columns, places, emissions), columns, [True] * len(words)

    reading = stats.weigh(columns, places, emissions, [DOUBT] * len(words))
    trust = reading.trust
    rate = _left_out(words, trust)
    bare = [False] * len(words)
    free = bare
    if rate >= LEFT_OUT:
        free = bare = [word[5] == "word" and word[3].is_plain for word in words]
    elif min(trust) < UNUSUAL:
        free = [_is_unusual(words, at, trust, stats) for at in range(len(words))]
    if True not in free and min(trust) >= DOUBT:
        return reading, columns, bare
    doubts = _doubts(words, trust, bare, free)
    if True in free:
        rate = max(rate, DROPPED_TONE)
        emissions = [
            _unmarked(column, place, rate, stats) if one else emission
            for column, place, emission, one in zip(columns, places, emissions, free, strict=True)
        ]
    if True in free or True in [
        doubt <= one < DOUBT for doubt, one in zip(doubts, trust, strict=True)
    ]:
        reading.weigh(emissions, doubts)
    return reading, columns, bare


def _doubts(
    words: list[_Word], trust: list[float], bare: list[bool], free: list[bool]
) -> list[float]:
    """Return below which probability each word is questioned: bare ones always, a lone slip the
    less the more other words there are, all typed right, for who slips once slips again."""
    slips = [
        0.0 if one or word[5] != "word" else 1 - probability
        for word, probability, one in zip(words, trust, bare, strict=True)
    ]
    total = sum(slips)
    doubts = []
    for own, always, unusual in zip(slips, bare, free, strict=True):
        others = total - own
        if always:
            doubts.append(math.inf)
            continue
        care = CARE ** (len(words) - 1 - others)
        doubt = DOUBT if others >= SLIPPED else max(DOUBT_ALONE, DOUBT * care)
        doubts.append(max(doubt, DOUBT_UNUSUAL * care) if unusual else doubt)
    return doubts


def _left_out(words: list[_Word], trust: list[float]) -> float:
    """Return how large a share of the marks of a query with some seems left out."""
    left_out = 0.0
    marked = 0
    for word, one in zip(words, trust, strict=True):
        if not word[3].is_plain:
            marked += 1
        elif word[5] == "word":
            left_out += 1 - one
    return left_out / (left_out + marked + 1)


def _is_unusual(words: list[_Word], at: int, trust: list[float], stats: Statistics) -> bool:
    """Whether a word without marks, none too probable, stands by itself, where the index hardly
    ever has it so: it is a part of longer words there (*gia đình*, *tham gia*)."""
    text, _, _, known, _, kind, _ = words[at]
    if kind != "word" or not known.is_plain or known.is_foreign or trust[at] >= UNUSUAL:
        return False
    beside = [(words[at - 1][0], text)] if at else []
    beside += [(text, word[0]) for word in words[at + 1 : at + 2]]
    if any(map(stats.word_df, beside)):
        return False
    return stats.word_df((text,)) < SELDOM_ALONE * stats.long_df(text)


def _unmarked(column: Column, place: int, rate: float, stats: Statistics) -> Numbers:
    """Return how readily each form of a column is typed without marks, as the one at ``place`` is,
    where ``rate`` of the marks are left out."""
    meant = stats.restored(column)
    shares = [meant[at] * (1.0 if at == place else rate) for at in range(len(meant))]
    return Numbers(array("d", shares))


def _is_mostly_foreign(words: list[_Word]) -> bool:
    foreign = [word[3].is_foreign for word in words if word[5] == "word"]
    return 2 * foreign.count(True) >= len(foreign)


def _is_rather_english(words: list[_Word], columns: list[Column], stats: Statistics) -> bool:
    """Whether all words are common in English and the index has no two of them side by side in any
    spelling (``pop song``)."""
    if len(words) < 2 or not all(word[5] == "word" and is_english(word[0]) for word in words):
        return False
    return not stats.pairs(columns).above_zero()


def _emission(word: _Word, column: Column, stats: Statistics, bare: bool, foreign: bool) -> Numbers:
    """Return how readily each form of the column is typed like the word."""
    text, _, _, known, _, kind, other = word
    if kind == "acronym":
        if not (foreign or _is_only_acronym(known, column)):
            return _slips(text, "", column)
        barred = [float(form.term.replace("đ", "d") == text) for form in column.forms]
        if any(barred):
            return Numbers(array("d", barred))
    if foreign:
        return Numbers(array("d", [FOREIGN if form.term == text else 1.0 for form in column.forms]))
    if kind in _FIXED:
        return column.ones
    if bare:
        return stats.restored(column)
    if not other:
        return _slips(text, other, column)
    if column.slips is None:
        column.slips = _slips(text, other, column)
    return column.slips


def _is_only_acronym(known: _Spelling, column: Column) -> bool:
    """Whether a word in capitals is none that lacks its marks: no syllable, or none as it stands
    (IT, VAT) though the index has it so."""
    if known.is_foreign or is_syllable(known.text):
        return known.is_foreign
    form = column.get(known.text)
    return form is not None and form.df >= ACRONYM * column.df


def _slips(typed: str, other: str, column: Column) -> Numbers:
    found = slips(typed, column.places)
    if other in column.places:
        found[column.places[other]] = 1.0
    return Numbers(array("d", found))


def _spelled_out(
    words: list[_Word],
    terms: list[str],
    phrases: _Phrases,
    bare: list[bool],
    stats: Statistics,
    table: Abbreviations,
) -> list[_Word]:
    """Spell words without marks like the set phrase that the index has only as an abbreviation, in
    more documents than what they are read as; return the words themselves where there is none."""
    spelled = words
    for start, stop, meanings in phrases:
        read = tuple(terms[start:stop])
        if read in meanings:
            continue
        for meaning in meanings:
            if not _lacks_marks(words[start:stop], meaning, bare[start:stop]):
                continue
            if _documents(meaning, stats) or _is_written_bare(read, meaning, stats):
                continue
            short = [
                weight * _documents(other, stats)
                for other, weight in table.alternatives(meaning, LIKELY_MEANING).items()
            ]
            if max(short, default=0.0) > _documents(read, stats):
                row = [
                    word
                    if word.kind == "literal"
                    else word._replace(
                        text=term,
                        known=_spelling(term, stats),
                        reason="typed" if word.text == term else "restored",
                        kind="phrase",
                    )
                    for word, term in zip(words[start:stop], meaning, strict=True)
                ]
                spelled = [*spelled[:start], *row, *spelled[stop:]]
                break
    return spelled


def _lacks_marks(words: list[_Word], meaning: tuple[str, ...], bare: list[bool]) -> bool:
    """Whether words differ from a set phrase by marks left out only: in a query that is not without
    marks all of them by such that others are missing in too, unless the phrase is long."""
    others = [
        (word, free)
        for word, term, free in zip(words, meaning, bare, strict=True)
        if word.text != term
    ]
    return bool(others) and all(
        word.kind in ("word", "acronym")
        and word.reason == "typed"
        and word.known.is_plain
        and (free or len(meaning) > 2)
        for word, free in others
    )


def _documents(row: Sequence[str], stats: Statistics) -> int:
    """Return the documents with a term, or with the rarest pair of a row of them."""
    return min([stats.pair_df(*pair) for pair in pairwise(row)]) if row[1:] else stats.df(row[0])


def _is_written_bare(read: Sequence[str], meaning: tuple[str, ...], stats: Statistics) -> bool:
    """Whether a set phrase is read as texts without marks have it."""
    return all(
        term == one or (term == fold_key(one) and stats.is_unmarked(term))
        for term, one in zip(read, meaning, strict=True)
    )


# -- after the spellings are weighed ------------------------------------------------------------


def _misplaced(query: str, tokens: Sequence[Token]) -> set[int]:
    """Return where words begin whose tone stands on a letter where nobody places it."""
    found = set()
    for term, start, end, _ in tokens:
        shown = query[start:end].lower()
        if shown != term and is_misplaced(shown):
            found.add(start)
    return found


def as_held(term: str, stats: Statistics) -> str:
    """Return a term, without its marks where the index has it only in texts that have none."""
    if stats.df(term):
        return term
    fold = fold_key(term)
    return fold if stats.is_unmarked(fold) else term


def with_its_marks(typed: str, meant: str, stats: Statistics) -> str:
    """Return what a word was meant to be, in proper spelling: where the index has it without its
    marks as all the text around is, that is no correction."""
    return typed if is_bare_spelling(typed, meant, stats) else meant


def is_bare_spelling(typed: str, meant: str, stats: Statistics) -> bool:
    """Whether a possible syllable with marks, be it only some of them, is only meant for itself
    without, as it is written in texts that have no marks at all."""
    return (
        meant.isascii()
        and not typed.isascii()
        and is_unmarked_syllable(base(typed))
        and meant == fold_key(typed)
        and stats.is_unmarked(meant)
    )


def _is_written_apart(parts: str) -> bool:
    """Whether parts of a glued word are shown with spaces: not where one is so short that a hyphen,
    a dot or an apostrophe may be what stands between them (``hmông``, ``nodejs``)."""
    return all(
        len(part) > 2 or is_unmarked_syllable(base(part)) for part in parts.lower().split(" ")
    )


def _rewritten(query: str, changes: Sequence[Change]) -> str:
    parts: list[str] = []
    done = 0
    for start, end, _, meant, _, _ in changes:
        parts += query[done:start], meant
        done = end
    return "".join((*parts, query[done:]))


def _alternatives(
    query: str,
    words: list[_Word],
    terms: Sequence[str],
    stats: Statistics,
    table: Abbreviations,
    phrases: _Phrases,
    some_foreign: bool,
) -> tuple[Alternative, ...]:
    """Return other ways to say parts of the query that the index knows; ``some_foreign`` unless
    every word might be a syllable. ``phrases`` are known with their marks, too."""
    found: list[Alternative] = []
    said = list(terms)
    for first, stop, meanings in phrases:
        read = tuple(terms[first:stop])
        for meaning in () if read in meanings else meanings:
            if _is_written_bare(read, meaning, stats):
                said[first:stop] = meaning
    for first, stop, others in table.find(said, LIKELY_MEANING):
        if any(word.kind == "literal" and word.known.is_word for word in words[first:stop]):
            continue
        in_capitals = words[first].kind in ("acronym", "phrase")
        if stop - first == 1 and not in_capitals and is_syllable(terms[first]):
            continue  # ai is who, AI may be more
        for other, weight in others.items():
            if len(other) == 1 and is_syllable(other[0]):
                continue  # ca is another word than công an, nearly everywhere
            other = tuple([as_held(one, stats) for one in other])
            # what a search asks of them all, asked here of the first two
            if all(map(stats.df, other)) and _documents(other[:2], stats):
                found.append(Alternative(first, stop, other, ALTERNATIVE * weight, "abbreviation"))
    if not "".join(terms).isalpha():  # most queries have no number and no code
        found += _numbers_and_codes(query, words, terms, stats)
    if "-" in query:
        for first, stop in _hyphenated(query, words):
            joined = "".join(terms[first:stop])  # Mát-xcơ-va
            if joined.isalpha() and _is_written(joined, terms[first : first + 2], stats):
                found.append(Alternative(first, stop, (joined,), ALTERNATIVE, "joined"))
    found += _in_one_word(query, words, terms, stats)
    if not some_foreign:
        return _said_once(found)
    foreign = [word.kind in _WORDS and word.known.is_foreign for word in words]
    for at, word in enumerate(words):
        if foreign[at] and word.known.may_be_glued and word.reason == "typed":
            parts = _parts(word.text, stats)
            if parts:
                apart = understand(" ".join(parts), stats)
                for share, one in apart.readings() or [(1.0, apart)]:
                    if share >= LIKELY_READING:
                        weight = ALTERNATIVE * share
                        found.append(Alternative(at, at + 1, one.terms, weight, "split"))
    for at in range(len(words) - 1):
        if not (foreign[at] or foreign[at + 1]):
            continue
        joined = words[at].text + words[at + 1].text
        if is_unmarked_syllable(joined):  # nhan H. is not nhanh
            joined = terms[at] + terms[at + 1]
        if joined.isalpha() and _is_written(joined, terms[at : at + 2], stats):  # (not a code)
            found.append(Alternative(at, at + 2, (joined,), ALTERNATIVE, "joined"))
    return _said_once(found)


def _in_one_word(
    query: str, words: list[_Word], terms: Sequence[str], stats: Statistics
) -> Iterator[Alternative]:
    """Yield words that the index has and that were cut, and the whole of a short query in one word,
    as in a hashtag."""
    stop = 0
    for first, word in enumerate(words):
        if first < stop or word.reason != "split":
            continue
        stop = first
        while stop < len(words) and words[stop].start == word.start:
            stop += 1
        whole = canonical(query[word.start : word.end])
        if stats.df(whole):
            yield Alternative(first, stop, (whole,), ALTERNATIVE, "joined")
    if 1 < len(words) <= HASHTAG and "".join(terms).isalpha():
        # two syllables without their marks may be any name (vì vỡ is no Vivo)
        bare = {"".join(map(_fold, words))} if len(words) > 2 else set()
        for one in sorted({"".join(terms), *bare}):
            if stats.holds(one) and not may_be_syllable(one) and _is_written(one, terms, stats):
                yield Alternative(0, len(words), (one,), ALTERNATIVE, "joined")


def _fold(word: _Word) -> str:
    """Return the fold key of a word: that of its column if it has been looked for."""
    column = word.known.column or word.known.or_itself
    return fold_key(word.text) if column is None else column.fold


def _numbers_and_codes(
    query: str, words: list[_Word], terms: Sequence[str], stats: Statistics
) -> Iterator[Alternative]:
    """Yield the numbers and codes that the index has typed together or apart, or with another sign
    of the currency, times of the day and telephone numbers that it has written otherwise."""
    for first, stop, code in join_candidates(terms):
        if stats.df(code):
            weight = float(stop - first) if code.isdigit() else ALTERNATIVE  # 319 035
            yield Alternative(first, stop, (code,), weight, "joined")
        else:  # 29A-123.45 for 29A-12345, 0912345678 for +84 912 345 678
            for parts in (*_apart(code, stats), *_dialled(code, stats)):
                if parts != tuple(terms[first:stop]):
                    yield Alternative(first, stop, parts, ALTERNATIVE, "split")
    for at, (text, _, _, _, _, kind, _) in enumerate(words):
        if kind == "literal" and len(text) <= MAX_NUMBER:
            # 5000đ for what is printed 5.000đ
            for parts in (*_apart(text, stats), *_dialled(text, stats)):
                weight = float(len(parts)) if text.isdigit() else ALTERNATIVE
                yield Alternative(at, at + 1, parts, weight, "split")
    yield from _prices(terms, stats)
    yield from _times(query, words, terms, stats)


def _dialled(number: str, stats: Statistics) -> Iterator[tuple[str, ...]]:
    """Yield the ways that the index has a telephone number with the code of the country for the 0,
    or the other way round."""
    if not number.isdigit():
        return
    if number.startswith("84") and len(number) in (11, 12):
        other = "0" + number[2:]
    elif number.startswith("0") and len(number) in (10, 11):
        other = "84" + number[1:]
    else:
        return
    if stats.df(other):
        yield (other,)
    elif groups := _in_groups(other, stats):
        yield groups


def _times(
    query: str, words: list[_Word], terms: Sequence[str], stats: Statistics
) -> Iterator[Alternative]:
    """Yield the other ways that the index has to write times of the day: 7h30, 07h30, 7g30, 7:30
    and 7 giờ 30."""
    for at, term in enumerate(terms):
        stop = at + 1
        code = re.fullmatch(r"(\d\d?)[hg](\d\d)?", term)
        if code:
            hour, minutes = code[1], code[2] or ""
        elif not term.isdigit() or len(term) > 2:
            continue
        elif "".join(terms[stop : stop + 1]) == "giờ":
            stop += 1
            hour, minutes = term, ""
            if _is_two_digits(terms[stop : stop + 1]):
                minutes = terms[stop]
                stop += 1
        elif query[words[at].end :][:1] == ":" and _is_two_digits(terms[stop : stop + 1]):
            hour, minutes = term, terms[stop]
            stop += 1
        else:
            continue
        hour = hour.lstrip("0") or "0"
        others: list[tuple[str, ...]]
        others = [(f"{zero}{hour}{sign}{minutes}",) for sign in "hg" for zero in ("", "0")]
        others += [(hour, "giờ", minutes), (hour, minutes)] if minutes else [(hour, "giờ")]
        weight = float(stop - at) if stop > at + 1 else ALTERNATIVE  # as of a number in groups
        for other in others:
            if other != tuple(terms[at:stop]) and _documents(other, stats):
                yield Alternative(at, stop, other, weight, "split")


def _is_two_digits(terms: Sequence[str]) -> bool:
    return bool(terms) and len(terms[0]) == 2 and terms[0].isdigit()


def _apart(code: str, stats: Statistics) -> Iterator[tuple[str, ...]]:
    """Yield the ways that the index has a number or a code in several tokens, more often than in
    one."""
    held = stats.df(code)
    if code.isdigit():
        groups = _in_groups(code, stats) if len(code) >= MIN_NUMBER and not held else ()
        if groups:
            yield groups
        return
    for first, second in cut_candidates(code):
        if stats.pair_df(first, second) > held:
            yield first, second
        elif second.isdigit() and not held:
            groups = _in_groups(second, stats, first)
            if groups:
                yield first, *groups


def _prices(terms: Sequence[str], stats: Statistics) -> Iterator[Alternative]:
    """Yield the other ways that the index has to print sums of money: ₫ is a sign and no token, so
    1299000, 1299000đ, 1.299.000đ and 1.299.000 đồng are four."""
    sign, word = _DONG
    for at, term in enumerate(terms):
        short = re.fullmatch(r"(\d{1,3})(k?)", term)
        if short and (short[2] or terms[at + 1 : at + 2] == ["tr"]):
            yield from _in_thousands(at, short[1], not short[2], stats)
            continue
        number = term.removesuffix("9") if term.endswith("d9") else term
        number = number.rstrip("dđ")  # 5000d lacks its bar, 5000d9 is in VNI
        if not number.isdigit() or not MIN_PRICE <= len(number) <= MAX_NUMBER:
            continue
        stop = at + 2 if term == number and "".join(terms[at + 1 : at + 2]) in _DONG else at + 1
        others: list[tuple[str, ...]] = [(number + sign,)]
        if stop > at + 1 or term != number:  # else what follows the number matters no more
            others += [(number, sign), (number, word)]
            if len(number) >= MIN_NUMBER:  # a smaller one may be of anything
                others.append((number,))
        for other in others:
            if _documents(other, stats) and other != tuple(terms[at:stop]):
                yield Alternative(at, stop, other, ALTERNATIVE, "split")


def _in_thousands(at: int, number: str, millions: bool, stats: Statistics) -> Iterator[Alternative]:
    """Yield the ways that the index has to print a sum of money typed as 50k or 100tr, unless it
    has that as often (a message named 5K)."""
    stop = at + 1
    others: list[tuple[str, ...]]
    if millions:
        stop += 1
        others = [(number, "triệu"), (f"{number}000000", "đồng"), (f"{number}000000", "đ")]
    else:
        others = [(number, "nghìn"), (number, "ngàn"), (f"{number}000", "đồng")]
        others += [(f"{number}000", "đ"), (f"{number}000đ",)]
    held = stats.pair_df(number, "tr") if millions else stats.df(number + "k")
    for other in others:
        if _documents(other, stats) > held:
            yield Alternative(at, stop, other, ALTERNATIVE, "split")


def _said_once(found: Iterable[Alternative]) -> tuple[Alternative, ...]:
    """Return alternatives without those that another rule has offered before."""
    said: dict[tuple[int, int, tuple[str, ...]], Alternative] = {}
    for one in found:
        said.setdefault((one.first, one.stop, one.terms), one)
    return tuple(said.values())


def _hyphenated(query: str, words: list[_Word]) -> Iterator[tuple[int, int]]:
    """Yield the rows of words that nothing but a hyphen parts, as (first, stop)."""
    first = 0
    for at, word in enumerate(words):
        if at + 1 == len(words) or query[word.end : words[at + 1].start] != "-":
            if at > first:
                yield first, at + 1
            first = at + 1


def _is_written(joined: str, apart: Sequence[str], stats: Statistics) -> bool:
    """Whether words are also written as one, and not only in misprints."""
    known = stats.df(joined) if len(joined) <= MAX_TOKEN else 0
    return known > 0 and 10 * known > _documents(apart, stats)


def _in_groups(digits: str, stats: Statistics, before: str = "") -> tuple[str, ...]:
    """Return a number in groups that the index has side by side (``0912 345 678``), or nothing."""
    for size in range(min(MAX_GROUP, len(digits)), 1, -1):
        group, rest = digits[:size], digits[size:]
        if not (stats.pair_df(before, group) if before else stats.df(group)):
            continue
        if not rest:
            return (group,) if before else ()
        others = _in_groups(rest, stats, group)
        if others:
            return (group, *others)
    return ()

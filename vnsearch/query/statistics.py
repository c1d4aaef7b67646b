"""What the index knows of its own language, as query understanding asks for it.

`Statistics` asks a few questions of one generation of an index and keeps the answers, since
queries ask about the same syllables over and over. `IndexStatistics` answers from the text fields
of its segments.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from array import array
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import cache, partial
from heapq import nlargest, nsmallest
from itertools import chain, islice, pairwise
from operator import itemgetter
from weakref import proxy

from vnsearch.kernels.following import (
    best_followers,
    followers,
    mark_members,
    most_documents,
    trail_of,
)
from vnsearch.kernels.invert import word_documents
from vnsearch.kernels.lattice import Candidates, Lattice, Numbers
from vnsearch.kernels.masks import postings_among
from vnsearch.kernels.pairs import Places, counts_after, pair_counts
from vnsearch.kernels.terms import gather
from vnsearch.record import NamedTuple, cached_property
from vnsearch.schema import mend
from vnsearch.text import canonical, fold_key
from vnsearch.text.joined import only_row, piece_spans, row_spans, split_joined
from vnsearch.text.syllable import is_english, is_syllable, is_unmarked_syllable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar

    from vnsearch.codec.segment import TextField
    from vnsearch.kernels.counts import CountTable
    from vnsearch.kernels.following import Trail as FieldTrail

    _Value = TypeVar("_Value")
    _Picked = tuple[tuple[int, str, str], int, list[tuple[int, int, int]]]

__all__ = [
    "CLOSEST",
    "MAX_FORMS",
    "RARE_FORM",
    "WHOLE",
    "Column",
    "Follower",
    "Form",
    "IndexStatistics",
    "Statistics",
    "Trail",
    "is_latin_1",
]

MAX_FORMS = 24
"""At most so many spellings of one unmarked syllable are weighed, the most frequent ones."""

RARE_FORM = 2_000
"""A spelling so many times rarer than all of its fold together is weighed only if typed."""

WHOLE = 3.0
"""A search term's pair of syllables counts so many times more where it is one word."""

MAX_FOLLOWERS = 16
"""Completion looks at so many followers of a term and terms of a prefix, the best."""

SHORTEST, KNOWN = 4, 1 / 5_000
"""A word with Vietnamese marks that is no syllable may be one without, of so many letters, that is
in so large a share of the documents."""

MEANT_BARE = 0.05
"""A spelling without marks that only texts without any have is still meant as it stands so readily:
they may be in another language."""

RANDOMLY = 0.1
"""A spelling strewn at random over the documents is still looked up so readily."""

CLOSEST = 4
"""So many of a term's followers are looked at for the words that go on with it."""

TRAIL, SHORT_TRAIL = 80, 20
"""What follows two terms side by side, completion looks for in so many documents of a field: in
those of another field where there are so few."""

_NO_PAIRS = Numbers(array("d"))
_PATIENCE = 200  # documents with both, side by side or not, that are looked at for that
_TRAIL_FOLLOWERS = 24  # followers of the last term of which that is found out
_MOST_FIELDS = 4
_KEPT_COLUMNS = 20_000
_KEPT_TERMS = 4_096
_KEPT_LISTS = 1_024
_PARTS = 512
_SHARE = 8  # of what is kept, so large a part is listed to be let go of


def is_latin_1(term: str) -> bool:
    """Whether a term has no marks but such as other languages have (é, ñ, ö)."""
    return max(term) <= "ÿ"


class Form(NamedTuple):
    """One spelling the index holds, in ``df`` documents and ``cf`` times."""

    term: str
    df: int
    cf: int


class Follower(NamedTuple):
    """A term that stands right after others: in ``together`` documents, of the ``df`` it is in.

    It belongs to the term before it as much as the documents, times the square root of their share
    of all that have it: that is its weight.
    """

    term: str
    together: float
    df: int


# What their _make does, without a Python frame for each of many.
_follower: Callable[[Iterable[object]], Follower] = partial(tuple.__new__, Follower)


class Column:
    """Spellings of one fold key, with their counts in the shape the lattice takes.

    ``forms`` are the `MAX_FORMS` most frequent ones and the one ``typed``, without those too rare
    (`RARE_FORM`); ``rest`` are the others, ``df`` the documents of each form added up. ``numbers``
    are what the lattice needs of them once it has been asked for (`Statistics.numbers`),
    ``laid_out`` where they stand in the fields of an index, ``topical`` and ``alone`` how readily
    each is looked up (the methods of `Statistics`), likewise, ``ones`` the emissions of a word that
    may stand for any of them alike, ``slips`` those of a row of keys (`Statistics.either`).
    """

    __slots__ = (
        "alone",
        "df",
        "fold",
        "forms",
        "key",
        "laid_out",
        "numbers",
        "ones",
        "places",
        "rest",
        "restored",
        "slips",
        "topical",
    )

    def __init__(self, key: str, fold: str, forms: Iterable[Form], typed: str = "") -> None:
        ranked = [form for _, form in sorted([(-form[2], form) for form in forms])]
        if len(ranked) > 1:
            least = sum([form[2] for form in ranked]) / RARE_FORM
            common = [form for form in ranked[:MAX_FORMS] if form[2] >= least]
            if typed:
                common += [form for form in ranked[len(common) :] if form[0] == typed]
        else:
            common = ranked
        self.key = key
        self.fold = fold
        self.forms = tuple(common)
        self.df = sum([form[1] for form in common])
        self.places = {form[0]: place for place, form in enumerate(common)}
        self.rest: dict[str, Form] = {}
        if len(common) < len(ranked):
            self.rest = {form[0]: form for form in ranked if form[0] not in self.places}
        self.ones = _ones(len(common))
        self.numbers: Candidates | None = None
        self.laid_out: Places | None = None
        self.slips: Numbers | None = None
        self.restored: Numbers | None = None
        self.topical: Numbers | None = None
        self.alone: Numbers | None = None

    def get(self, term: str) -> Form | None:
        """Return the form spelled so, or None."""
        place = self.places.get(term)
        return self.rest.get(term) if place is None else self.forms[place]


class Trail(ABC):
    """Where a row of terms stands, in some of the documents, and what goes on there: pairs alone do
    not tell that after *hà nội* comes no *nội dung*."""

    documents: int
    """In how many documents."""

    # made for what is asked: most trails are asked for little
    _longer: dict[str, Trail] | None = None
    _followers: dict[str, list[Follower]] | None = None
    _reached: dict[tuple[str, ...], bool] | None = None

    @abstractmethod
    def read_longer(self, term: str) -> Trail:
        """Return where the row goes on with a term."""

    @abstractmethod
    def read_followers(self, prefix: str) -> list[Follower]:
        """Return terms that the row goes on with and whose fold key begins with ``prefix``, as
        `Statistics.read_followers` does."""

    @abstractmethod
    def read_whether_reached(self, terms: tuple[str, ...]) -> bool:
        """Whether the row goes on with some terms, all of them, anywhere."""

    def reaches(self, terms: tuple[str, ...]) -> bool:
        """Return what `read_whether_reached` does, kept for the next time."""
        if self._reached is None:
            self._reached = {}
        known = self._reached.get(terms)
        if known is None:
            known = self._reached[terms] = self.read_whether_reached(terms)
        return known

    def followers(self, prefix: str) -> list[Follower]:
        """Return what `read_followers` does, kept for the next time."""
        if self._followers is None:
            self._followers = {}
        known = self._followers.get(prefix)
        if known is None:
            known = self._followers[prefix] = self.read_followers(prefix)
        return known

    def go_on(self, term: str) -> Trail:
        """Return where the row goes on with a term, kept for the next time."""
        if self._longer is None:
            self._longer = {}
        longer = self._longer.get(term)
        if longer is None:
            longer = self._longer[term] = self.read_longer(term)
        return longer


@cache
def _ones(count: int) -> Numbers:
    return Numbers(array("d", [1.0]) * count)


class Kept(dict):  # type: ignore[type-arg]
    """Answers kept for the next time, the oldest let go of when they become too many: a few at
    once, for to let go of thousands takes longer than to find out one."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._limit = limit
        self._oldest: list[Hashable] = []  # of those that were at one time, the oldest last

    def keep(self, key: Hashable, value: _Value) -> _Value:
        """Keep an answer and return it."""
        if len(self) >= self._limit:
            self._let_go()
        self[key] = value
        return value

    def keep_all(self, answers: dict[Any, Any]) -> None:
        """Keep several answers by their keys."""
        if len(self) + len(answers) > self._limit:
            self._let_go(len(answers))
        self.update(answers)

    def _let_go(self, more: int = 1) -> None:
        """Let go of the oldest answers, so that there is room for so many more."""
        count = max(len(self) + more - self._limit, self._limit // _PARTS)
        if len(self._oldest) < count:
            # a dict is slow to tell its first keys where others were before them
            self._oldest = list(islice(self, max(count, self._limit // _SHARE)))[::-1]
        for key in self._oldest[-count:]:
            self.pop(key, None)  # another thread may have been sooner
        del self._oldest[-count:]


class Statistics(ABC):
    """Counts of one generation of an index, summed over its segments and text fields.

    ``words`` and ``rows`` are for query understanding to keep what it has found out of a
    canonical word, of a row of keys and (``understood``) of a whole query, ``words_from`` for
    completion and what begins with a term, ``neighbourhoods`` for did-you-mean and what a word may
    have been meant for.
    """

    def __init__(self) -> None:
        self.words = Kept(_KEPT_COLUMNS)
        self.rows = Kept(_KEPT_COLUMNS)
        self.understood = Kept(_KEPT_LISTS)
        self.words_from = Kept(_KEPT_TERMS)
        self.neighbourhoods = Kept(_KEPT_LISTS)
        self._columns = Kept(_KEPT_COLUMNS)
        self._candidates = Kept(_KEPT_COLUMNS)
        self._absent = Kept(_KEPT_COLUMNS)
        self._pair_dfs = Kept(_KEPT_COLUMNS)
        self._dfs = Kept(_KEPT_COLUMNS)
        self._unmarked = Kept(_KEPT_COLUMNS)
        self._followed = Kept(_KEPT_TERMS)
        self._closest = Kept(_KEPT_TERMS)
        self._followed_so = Kept(_KEPT_LISTS)
        self._prefixed = Kept(_KEPT_LISTS)
        self._words = Kept(_KEPT_COLUMNS)
        self._trails = Kept(_KEPT_LISTS)
        self.splits = Kept(_KEPT_LISTS)

    def forget(self) -> None:
        """Let go of every answer: the counts have changed."""
        for kept in vars(self).values():
            if isinstance(kept, Kept):
                kept.clear()

    @property
    @abstractmethod
    def doc_count(self) -> int:
        """The number of documents."""

    @property
    @abstractmethod
    def total_length(self) -> int:
        """The number of tokens."""

    @abstractmethod
    def read_forms(self, key: str) -> list[Form]:
        """Return every spelling with this fold key."""

    @abstractmethod
    def read_df(self, term: str) -> int:
        """Return the number of documents with the term."""

    @abstractmethod
    def holds(self, term: str) -> bool:
        """Whether the index has a term. Most that are asked for are none: nothing is kept."""

    @abstractmethod
    def read_plain_df(self, term: str) -> int:
        """Return the number of documents with the term that are written without marks."""

    @abstractmethod
    def read_held(self, keys: Iterable[str]) -> set[str]:
        """Return those of some fold keys that any spelling has."""

    @abstractmethod
    def read_following(self, column: Column) -> tuple[array[float], array[float]]:
        """Return for each form of a column how many different terms stand right after it
        somewhere, and the sum over them of the documents where they do."""

    @abstractmethod
    def pairs(self, columns: Sequence[Column]) -> Numbers:
        """Return the matrices of pair counts between adjacent columns, one after the other: row by
        row, the documents where each left form stands right before each right."""

    @abstractmethod
    def read_pair(self, left: str, right: str) -> int:
        """Return the documents where ``left`` stands right before ``right``."""

    @abstractmethod
    def read_followers(self, term: str, prefix: str) -> list[Follower]:
        """Return the terms that belong most to ``term`` right before them (`Follower`) and
        whose fold key begins with ``prefix``, the first `MAX_FOLLOWERS` of them."""

    @abstractmethod
    def read_word(self, terms: tuple[str, ...]) -> int:
        """Return the documents where the segmenter made one word of these terms."""

    def word_df(self, terms: tuple[str, ...]) -> int:
        """Return what `read_word` does for the word of these terms, kept for the next time."""
        known: int | None = self._words.get(terms)
        if known is None:
            known = self._words.keep(terms, self.read_word(terms))
        return known

    @abstractmethod
    def pair_dfs(self, left: str, rights: list[str]) -> list[int]:
        """Return for each of ``rights`` the documents where it stands right after ``left``."""

    @abstractmethod
    def word_dfs(self, head: tuple[str, ...], lasts: list[str]) -> list[int]:
        """Return for each of ``lasts`` the documents where the segmenter made one word of the terms
        ``head`` and it."""

    @abstractmethod
    def read_prefix(self, prefix: str) -> list[tuple[str, int]]:
        """Return the terms of most documents whose fold key begins with ``prefix``, with the
        documents: the first `MAX_FOLLOWERS`, ties by term."""

    @abstractmethod
    def read_trail(self, left: str, right: str) -> Trail:
        """Return where ``left`` stands right before ``right``, in `TRAIL` documents or so."""

    @abstractmethod
    def long_df(self, term: str) -> int:
        """Return the documents with the term in the longest fields, as `read_word` counts them."""

    def followers(self, term: str, prefix: str = "") -> list[Follower]:
        """Return what `read_followers` does, kept for the next time."""
        kept = self._followed_so if prefix else self._followed
        key = (term, prefix) if prefix else term
        known: list[Follower] | None = kept.get(key)
        if known is None:
            known = kept.keep(key, self.read_followers(term, prefix))
        return known

    def closest(self, term: str) -> list[Follower]:
        """Return the first `CLOSEST` of the `followers` of a term, kept for the next time."""
        known: list[Follower] | None = self._closest.get(term)
        return self._closest.keep(term, self.read_closest(term)) if known is None else known

    def read_closest(self, term: str) -> list[Follower]:
        """Return the first `CLOSEST` of the `followers` of a term."""
        return self.read_followers(term, "")[:CLOSEST]

    def trail(self, *terms: str) -> Trail:
        """Return what `read_trail` does, kept for the next time."""
        known: Trail | None = self._trails.get(terms)
        return self._trails.keep(terms, self.read_trail(*terms)) if known is None else known

    def with_prefix(self, prefix: str) -> list[tuple[str, int]]:
        """Return what `read_prefix` does, kept for the next time."""
        known: list[tuple[str, int]] | None = self._prefixed.get(prefix)
        if known is None:
            known = self._prefixed.keep(prefix, self.read_prefix(prefix))
        return known

    def weigh(
        self,
        columns: list[Column],
        typed: list[int],
        emissions: list[Numbers],
        doubts: Sequence[float] | None = None,
        search_term: bool = False,
    ) -> Lattice:
        """Weigh the spellings of a row of words together; see `Lattice`.

        ``columns`` hold the candidates of each word, ``typed`` the place there of the one typed
        (-1: none of them), ``emissions`` how readily each is typed so."""
        numbers = [column.numbers or self.numbers(column) for column in columns[:-1]]
        numbers += [column.numbers or self.last_numbers(column) for column in columns[-1:]]
        return Lattice(
            numbers,
            emissions,
            self.pairs_and_words(columns) if search_term else self.pairs(columns),
            typed,
            doubts,
            search_term,
        )

    def numbers(self, column: Column) -> Candidates:
        """Return what the lattice needs of a column."""
        if column.numbers is None:
            kinds, following = self.read_following(column)
            column.numbers = Candidates(self._unigram(column), following, kinds)
        return column.numbers

    def last_numbers(self, column: Column) -> Candidates:
        """Return what the lattice needs of the last column of a row: nothing of what follows, which
        takes longest to find out."""
        unigram = self._unigram(column)
        nothing = array("d", bytes(8 * len(unigram)))
        return Candidates(unigram, nothing, nothing)

    def _unigram(self, column: Column) -> array[float]:
        total = self.total_length + 1
        return array("d", [(cf + 0.5) / total for _, _, cf in column.forms])

    def restored(self, column: Column) -> Numbers:
        """Return for each form how readily it is meant where marks are left out: the one without
        marks as far as not only texts that have none at all have it, where it may be any. Common
        English words may well be meant: such a text may be English."""
        if column.restored is None:
            column.restored = column.ones
            place = column.places.get(column.fold, -1)
            plain = 0
            if place >= 0 and len(column.forms) > 1 and not is_english(column.fold):
                plain = self.read_plain_df(column.fold)
            if plain:
                shares = array("d", [1.0]) * len(column.forms)
                shares[place] = max(1 - plain / max(column.forms[place].df, plain), MEANT_BARE)
                column.restored = Numbers(shares)
        return column.restored

    def topical(self, column: Column) -> Numbers:
        """Return for each form how readily a search term begins with it: the root of its idf times
        its residual idf. That is how many times fewer documents have it than if its occurrences
        fell anywhere, a logarithm too: what a text is about it says again (K. Church and W. Gale,
        "Inverse document frequency (IDF): a measure of deviations from Poisson", Workshop on Very
        Large Corpora, 1995)."""
        if column.topical is None:
            count = max(self.doc_count, 1)
            shares = []
            for _, df, cf in column.forms:
                expected = -count * math.expm1(-max(cf, 1) / count)
                residual = max(0.0, math.log(expected / max(df, 1))) + RANDOMLY
                shares.append(math.sqrt(math.log1p(count / max(df, 1)) * residual))
            meant = self.restored(column)
            column.topical = Numbers(array("d", [a * meant[at] for at, a in enumerate(shares)]))
        return column.topical

    def alone(self, column: Column) -> Numbers:
        """Return for each form how much readier it is to be looked up alone than to be written.

        No neighbour tells what was meant: the `topical` share counts twice, and of the occurrences
        the root of those where the segmenter made a word of the form by itself."""
        if column.alone is None:
            topical = self.topical(column)
            shares = [
                topical[place] ** 2 * math.sqrt(self.word_df((term,)) + 0.5) / (cf + 0.5)
                for place, (term, _, cf) in enumerate(column.forms)
            ]
            column.alone = Numbers(array("d", shares))
        return column.alone

    def column(self, fold: str) -> Column:
        """Return every spelling with this fold key."""
        column: Column | None = self._columns.get(fold)
        if column is None:
            column = self._columns.keep(fold, Column(fold, fold, self.read_forms(fold)))
        return column

    def candidates(self, term: str) -> Column:
        """Return the spellings with the fold key of ``term``; itself alone if there are none."""
        column: Column | None = self._candidates.get(term)
        if column is None:
            column = self.column(fold_key(term))
            if not column.forms:
                column = self.only(term)
            elif term in column.rest:
                column = self._with(column, term, column.rest[term])
            self._candidates.keep(term, column)
        return column

    def candidates_or(self, term: str) -> Column:
        """Return the `candidates` of ``term`` and, where it is a possible syllable, itself, which
        may be right where the index does not hold it. One with Vietnamese marks that is none is not
        meant for a misprint or a short word of another language (``ảnhh``: anhh, ``ciả``: CIA)."""
        column = self.candidates(term)
        if term in column.places:
            return column
        if is_syllable(term):
            longer: Column | None = self._columns.get("+" + term)
            return self._with(column, term, Form(term, 0, 0)) if longer is None else longer
        if term.isascii() or is_unmarked_syllable(column.fold) or column.fold not in column.places:
            return column
        if len(term) >= SHORTEST and (is_latin_1(term) or column.df >= KNOWN * self.doc_count):
            return column
        key = "-" + term
        others: Column | None = self._columns.get(key)
        if others is None:
            forms = [form for form in column.forms if form.term != column.fold]
            others = Column(key, column.fold, forms or [Form(term, 0, 0)])
            self._columns.keep(key, others)
        return others

    def _with(self, column: Column, term: str, form: Form) -> Column:
        longer = Column("+" + term, column.fold, (*column.forms, form), term)
        return self._columns.keep(longer.key, longer)

    def only(self, term: str) -> Column:
        """Return a column of this one term, known to the index or not."""
        key = "=" + term
        column: Column | None = self._columns.get(key)
        if column is None:
            fold = fold_key(term)
            form = self.column(fold).get(term) or Form(term, 0, 0)
            column = self._columns.keep(key, Column(key, fold, [form]))
        return column

    def either(self, term: str, other: str) -> Column:
        """Return the spellings with the fold key of ``term``, and ``other`` among them."""
        key = f"{term}|{other}"
        column: Column | None = self._columns.get(key)
        if column is None:
            found = self.candidates(term)
            forms = {form.term: form for form in (*found.forms, *self.only(other).forms)}
            column = self._columns.keep(key, Column(key, found.fold, forms.values(), other))
        return column

    def pairs_and_words(self, columns: Sequence[Column]) -> Numbers:
        """Return the matrices of `pairs`, with each document where the segmenter made one word of
        the two counted `WHOLE` times more."""
        counts = self.pairs(columns)
        held = counts.above_zero()
        together = array("d", [0.0]) * len(counts)
        first = at = 0
        for left, right in pairwise(columns):
            width = len(right.forms)
            stop = first + len(left.forms) * width
            while at < len(held) and held[at] < stop:
                place = held[at]
                row, column = divmod(place - first, width)
                terms = left.forms[row][0], right.forms[column][0]
                together[place] = counts[place] + WHOLE * self.read_word(terms)
                at += 1
            first = stop
        return Numbers(together)

    def df(self, term: str) -> int:
        """Return the number of documents with the term, kept for the next time."""
        known: int | None = self._dfs.get(term)
        if known is not None:
            return known
        column: Column | None = self._columns.get(fold_key(term))
        if column is None:
            return self._dfs.keep(term, self.read_df(term))
        form = column.get(term)
        return self._dfs.keep(term, 0 if form is None else form[1])

    def is_unmarked(self, term: str) -> bool:
        """Whether half of the texts with a spelling without marks have none at all: there it may be
        any spelling of its fold."""
        known: bool | None = self._unmarked.get(term)
        if known is None:
            known = self._unmarked.keep(term, 2 * self.read_plain_df(term) >= self.df(term) > 0)
        return known

    def cuts(self, word: str) -> list[tuple[str, ...]]:
        """Return the ways a glued word, of letters only, may be cut into pieces that the index
        holds: any two (also ``hmông``: H'Mông), and the best row of them."""
        spans = row_spans(word)
        halves = [(word[:cut], word[cut:]) for cut in range(1, len(word) - 1)]
        first = {*map(itemgetter(0), halves), *[word[:end] for start, end in spans if not start]}
        held = self._held(first)
        if not held:
            return []
        lefts = [pair for pair in halves if pair[0] in held]
        others = {*map(itemgetter(1), lefts), *[word[start:end] for start, end in spans if start]}
        held |= self._held(others)
        row = only_row(word, spans, held)
        if row is None:
            row = split_joined(word, self._piece_counts(word)) or []
        rows: set[tuple[str, ...]] = {pair for pair in lefts if pair[1] in held}
        if row:
            rows.add(tuple(row))
        return sorted(tuple(map(canonical, one)) for one in rows)

    def _held(self, pieces: Iterable[str]) -> set[str]:
        """Return those of some pieces of words whose fold key any spelling has.

        Few of them are terms, and which ones is found out for all of them at once.
        """
        absent, columns = self._absent, self._columns
        folds = [(piece, fold_key(piece)) for piece in pieces]
        asked = {fold for _, fold in folds if fold not in columns and fold not in absent}
        held = self.read_held(asked) if asked else asked
        for fold in asked - held:
            absent.keep(fold, True)
        return {
            piece
            for piece, fold in folds
            if fold in held or ((column := columns.get(fold)) is not None and column.forms)
        }

    def _piece_counts(self, word: str) -> Callable[[str], int]:
        """Return a function from a piece of a word to its `fold_df`; the whole word counts 0."""
        pieces = {word[start:stop] for start, stop in piece_spans(word)}
        held = self._held(pieces)
        counts = {piece: self.fold_df(piece) if piece in held else 0 for piece in pieces}
        return {**counts, word: 0}.__getitem__

    def fold_df(self, term: str) -> int:
        """Return the documents of all spellings that share the term's fold key, added up."""
        return self.column(fold_key(term)).df

    def pair_df(self, left: str, right: str) -> int:
        """Return the documents where ``left`` stands right before ``right``."""
        key = left, right
        known: int | None = self._pair_dfs.get(key)
        if known is None:
            known = self._pair_dfs.keep(key, self.read_pair(left, right))
        return known


class IndexStatistics(Statistics):
    """Statistics of the text fields of one generation of an index.

    ``fields`` are the `TextField`s of all segments; a term's counts are summed over them, its
    kinds of follower taken from the field with the most.
    """

    def __init__(self, fields: Iterable[TextField], doc_count: int) -> None:
        super().__init__()
        self._fields = list(fields)
        self._doc_count = doc_count
        self._total_length = sum(field.total_length for field in self._fields)
        self._ordinals = Kept(_KEPT_COLUMNS)
        self._rows = [field.pair_rows for field in self._fields]
        self._masks: tuple[str, dict[int, bytearray]] = ("", {})
        self._picked: _Picked = (-1, "", ""), 0, []
        # trails are kept here: if they kept this too, files would stay open until collected
        self._itself: IndexStatistics = proxy(self)
        self.nowhere = _IndexTrail(self._itself, "", [])
        # of terms that completion has met in each field: the text, the ordinal
        self._texts = [Kept(_KEPT_COLUMNS) for _ in self._fields]
        self._named = [Kept(_KEPT_COLUMNS) for _ in self._fields]

    @property
    def doc_count(self) -> int:
        """The number of documents."""
        return self._doc_count

    @property
    def total_length(self) -> int:
        """The number of tokens."""
        return self._total_length

    def _places(self, term: str) -> list[int]:
        """Return the ordinal of a term in each field, -1 where it is not."""
        places: list[int] | None = self._ordinals.get(term)
        if places is None:
            places = self._ordinals.keep(term, [field.lookup(term) for field in self._fields])
        return places

    def read_forms(self, fold: str) -> list[Form]:
        """Return every spelling with this fold key."""
        read = [field.spellings(fold) for field in self._fields]
        for field, spellings in zip(self._fields, read, strict=True):
            field.expect_pairs(map(itemgetter(1), spellings))
        forms, places = gather(read, Form)
        self._ordinals.keep_all(places)
        return forms

    def read_df(self, term: str) -> int:
        """Return the number of documents with the term."""
        total = 0
        for field, place in zip(self._fields, self._places(term), strict=True):
            if place >= 0:
                total += field.df[place]
        return total

    def holds(self, term: str) -> bool:
        """Whether any field has the term."""
        return any(field.lookup(term) >= 0 for field in self._fields)

    def read_plain_df(self, term: str) -> int:
        """Return the number of documents with the term that are written without marks."""
        found = 0
        for field, place in zip(self._fields, self._places(term), strict=True):
            if place >= 0 and len(field.plain_docs):
                found += len(postings_among(field.posting_lists.cursor(place), field.plain_docs)[0])
        return found

    def read_held(self, keys: Iterable[str]) -> set[str]:
        """Return those of the fold keys that any spelling has."""
        sought = {key.encode("utf-8", "surrogatepass"): key for key in keys}
        ordered = sorted(sought)
        return {sought[key] for field in self._fields for key in field.fold_keys_held(ordered)}

    def read_following(self, column: Column) -> tuple[array[float], array[float]]:
        """Return what follows the forms: the kinds of the field with the most, the sums of all."""
        laid_out = column.laid_out or self._lay_out(column)
        return laid_out.kinds, laid_out.following

    def pairs(self, columns: Sequence[Column]) -> Numbers:
        """Return the pair counts, matrix after matrix."""
        if len(columns) < 2:
            return _NO_PAIRS
        places = [column.laid_out or self._lay_out(column) for column in columns[:-1]]
        last = columns[-1]
        places.append(last.laid_out or Places(self._ordinals_of(last), self._rows, True))
        return pair_counts(self._rows, places)

    def _lay_out(self, column: Column) -> Places:
        """Return the places of a column's forms in all fields, and keep them with it."""
        column.laid_out = Places(self._ordinals_of(column), self._rows)
        return column.laid_out

    def _ordinals_of(self, column: Column) -> list[list[int]]:
        known = self._ordinals
        return [known.get(form[0]) or self._places(form[0]) for form in column.forms]

    @cached_property
    def _longest(self) -> list[int]:
        """The numbers of the few fields with most of the text: what people write about, and how."""
        lengths = [field.total_length for field in self._fields]
        longest = nlargest(_MOST_FIELDS, range(len(lengths)), key=lengths.__getitem__)
        return sorted(number for number in longest if 4 * lengths[number] >= max(lengths))

    @cached_property
    def _others(self) -> list[int]:
        """The numbers of the longest fields but for `_longest`: the names of things, where texts
        tell of other matters."""
        rest = [number for number in range(len(self._fields)) if number not in self._longest]
        return sorted(
            nlargest(_MOST_FIELDS, rest, key=lambda number: self._fields[number].total_length)
        )

    def read_pair(self, left: str, right: str) -> int:
        """Return the documents where ``left`` stands right before ``right``."""
        places = zip(self._fields, self._places(left), self._places(right), strict=True)
        return sum([field.pair_df(a, b) for field, a, b in places if a >= 0 and b >= 0])

    def pair_dfs(self, left: str, rights: list[str]) -> list[int]:
        """Return for each of ``rights`` the documents where it stands right after ``left``."""
        return counts_after(self._rows, self._places(left), list(map(self._places, rights)))

    def read_followers(self, term: str, prefix: str) -> list[Follower]:
        """Return the terms that belong most to ``term`` before them.

        The best of each of the longest fields, their counts added up; of the others where these
        have none.
        """
        return self._read_followers(term, prefix, MAX_FOLLOWERS if prefix else MAX_FOLLOWERS // 2)

    def read_closest(self, term: str) -> list[Follower]:
        """Return the first `CLOSEST` of the `followers` of a term."""
        # those of one field come in order, and no more of them need be read
        room = CLOSEST if len(self._longest) == 1 else MAX_FOLLOWERS // 2
        return self._read_followers(term, "", room)[:CLOSEST]

    def _read_followers(self, term: str, prefix: str, room: int) -> list[Follower]:
        found = self._followers_in(self._longest, term, prefix, room)
        return found or self._followers_in(self._others, term, prefix, MAX_FOLLOWERS)

    def _followers_in(
        self, numbers: list[int], term: str, prefix: str, room: int
    ) -> list[Follower]:
        found = [
            self._named_followers(number, self._best_in(number, term, prefix, room))
            for number in numbers
        ]
        if len(numbers) == 1:
            return found[0]
        added: dict[str, Follower] = {}
        for follower in chain.from_iterable(found):
            text, together, df = follower
            other = added.get(text)
            added[text] = (
                follower if other is None else _follower((text, together + other[1], df + other[2]))
            )
        return _best(added.values(), max(room, MAX_FOLLOWERS))

    def _best_in(
        self, number: int, term: str, prefix: str, room: int
    ) -> list[tuple[int, int, int]]:
        """Return (ordinal, documents together, documents) of the terms of a field that belong most
        to ``term`` before them.

        What was found last is kept: where a trail does not go on so, pairs are asked next.
        """
        key, most, best = self._picked
        if key == (number, term, prefix) and most >= room:
            return best[:room]
        ordinal = self._ordinal(number, term)
        if ordinal < 0:
            return []
        field = self._fields[number]
        mask = self._prefix_mask(number, prefix) if prefix else None
        best = best_followers(field.pairs.table, field.df, ordinal, mask, room)
        self._picked = (number, term, prefix), room, best
        return best

    def read_trail(self, left: str, right: str) -> Trail:
        """Return where ``left`` stands right before ``right`` in the longest fields, of new
        documents first."""
        parts: list[tuple[int, FieldTrail, int]] = []
        room = TRAIL
        for number in reversed(self._longest):
            field = self._fields[number]
            pair = self._ordinal(number, left), self._ordinal(number, right)
            together = field.pair_df(*pair)
            if together:
                found = trail_of(field.posting_lists, *pair, min(room, together), _PATIENCE)
                room -= found.documents
                parts.append((number, found, together))
            if room <= TRAIL - SHORT_TRAIL:
                break
        return _IndexTrail(self._itself, right, parts) if parts else self.nowhere

    def long_df(self, term: str) -> int:
        """Return the documents with the term in the longest fields."""
        total = 0
        for number in self._longest:
            ordinal = self._ordinal(number, term)
            if ordinal >= 0:
                total += self._fields[number].df[ordinal]
        return total

    def follow(self, number: int, trail: FieldTrail, terms: Iterable[str]) -> list[FieldTrail]:
        """Return where a trail in a field goes on with each of some terms."""
        ordinals = [self._ordinal(number, term) for term in terms]
        return trail.go_on(self._fields[number].posting_lists, ordinals)

    def reaches(self, number: int, trail: FieldTrail, terms: Iterable[str]) -> bool:
        """Whether a trail in a field goes on with some terms, all of them, anywhere."""
        ordinals = [self._ordinal(number, term) for term in terms]
        return trail.reaches(self._fields[number].posting_lists, ordinals)

    def followed(
        self, parts: list[tuple[int, FieldTrail, int]], last: str, prefix: str
    ) -> list[tuple[Follower, int]]:
        """Return the terms that a trail in some fields goes on with, of those that belong most to
        its last term, and in how many documents of the trail."""
        if len(parts) == 1:  # as a rule, and then only those that it goes on with need names
            number, trail, _ = parts[0]
            best = self._best_in(number, last, prefix, _TRAIL_FOLLOWERS)
            lists = self._fields[number].posting_lists
            longer = trail.go_on(lists, [one[0] for one in best])
            there = [at for at, one in enumerate(longer) if one.documents]
            named = self._named_followers(number, [best[at] for at in there])
            return [(one, longer[at].documents) for one, at in zip(named, there, strict=True)]
        numbers = [number for number, _, _ in parts]
        candidates = self._followers_in(numbers, last, prefix, _TRAIL_FOLLOWERS)
        terms = [one[0] for one in candidates]
        found = [self.follow(number, trail, terms) for number, trail, _ in parts]
        counts = [sum([one.documents for one in longer]) for longer in zip(*found, strict=True)]
        return [(one, count) for one, count in zip(candidates, counts, strict=True) if count]

    def _named_followers(self, number: int, best: list[tuple[int, int, int]]) -> list[Follower]:
        """Return terms of a field (ordinal, documents together, documents) by their texts."""
        return followers(best, self._texts[number], partial(self._name, number), Follower)

    def _name(self, number: int, ordinals: list[int]) -> dict[int, str]:
        """Read some terms of a field, keep them and return them."""
        terms = self._fields[number].terms_of(ordinals)
        named = dict(zip(ordinals, terms, strict=True))
        self._texts[number].keep_all(named)
        self._named[number].keep_all(dict(zip(terms, ordinals, strict=True)))
        return named

    def _ordinal(self, number: int, term: str) -> int:
        """Return the ordinal of a term in a field, -1 where it is not."""
        named = self._named[number]
        ordinal: int | None = named.get(term)
        if ordinal is None:
            places = self._ordinals.get(term)
            ordinal = self._fields[number].lookup(term) if places is None else places[number]
            named.keep(term, ordinal)
        return ordinal

    def _prefix_mask(self, number: int, prefix: str) -> bytearray:
        """Return a byte per term of a field, 1 for those whose fold key begins so."""
        kept, masks = self._masks
        if kept != prefix:
            masks = {}
            self._masks = (prefix, masks)
        mask = masks.get(number)
        if mask is None:
            field = self._fields[number]
            mask = bytearray(len(field))
            mark_members(mask, *field.fold_prefix(prefix))
            masks[number] = mask
        return mask

    def read_word(self, terms: tuple[str, ...]) -> int:
        """Return the documents where the segmenter made one word of these terms, in the longest
        fields."""
        return self.word_dfs(terms[:-1], [terms[-1]])[0]

    def word_dfs(self, head: tuple[str, ...], lasts: list[str]) -> list[int]:
        """Return the documents of each word that is ``head`` and one of ``lasts``, in the longest
        fields."""
        try:
            return word_documents(self._word_tables, head, lasts)
        except UnicodeEncodeError:  # half of a pair of surrogates was typed
            return word_documents(self._word_tables, list(map(mend, head)), list(map(mend, lasts)))

    @cached_property
    def _word_tables(self) -> list[CountTable]:
        return [self._fields[number].words for number in self._longest]

    def read_prefix(self, prefix: str) -> list[tuple[str, int]]:
        """Return the terms of most documents whose fold key begins so.

        The best of each of the longest fields, their documents added up; of the others where these
        have none.
        """
        return self._prefixed_in(self._longest, prefix) or self._prefixed_in(self._others, prefix)

    def _prefixed_in(self, numbers: list[int], prefix: str) -> list[tuple[str, int]]:
        found: Counter[str] = Counter()
        for number in numbers:
            field = self._fields[number]
            members = set(most_documents(field.df, *field.fold_prefix(prefix), MAX_FOLLOWERS))
            ranked = [(-df, ordinal) for ordinal, df in members]
            if len(numbers) == 1:  # ordinals are in the order of their terms
                ranked = sorted(ranked)[:MAX_FOLLOWERS]
            best = [(ordinal, 0, -df) for df, ordinal in ranked]
            for one in self._named_followers(number, best):
                found[one.term] += one.df
        return _most(found.items())


class _IndexTrail(Trail):
    """A trail in some of the longest fields of an index: each by its number, with the documents
    where its first two terms stand in a row."""

    def __init__(
        self, stats: IndexStatistics, last: str, parts: list[tuple[int, FieldTrail, int]]
    ) -> None:
        self.documents = sum([found.documents for _, found, _ in parts])
        self._stats = stats
        self._last = last
        self._parts = parts

    def read_longer(self, term: str) -> Trail:
        """Return where the row goes on with a term."""
        parts = []
        for number, trail, count in self._parts:
            (longer,) = self._stats.follow(number, trail, [term])
            if longer.documents:
                parts.append((number, longer, count))
        return _IndexTrail(self._stats, term, parts) if parts else self._stats.nowhere

    def read_whether_reached(self, terms: tuple[str, ...]) -> bool:
        """Whether the row goes on with some terms anywhere."""
        return any(self._stats.reaches(number, trail, terms) for number, trail, _ in self._parts)

    def read_followers(self, prefix: str) -> list[Follower]:
        """Return the terms that the row goes on with, of those that belong most to its last term;
        the documents together are estimated."""
        together = sum([count for _, _, count in self._parts])  # of them, some are on the trail
        of = self.documents
        found = self._stats.followed(self._parts, self._last, prefix)
        return _best(
            [
                _follower((term, min(most, together * count / of), df))
                for (term, most, df), count in found
            ]
        )


def _most(counted: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    return nsmallest(MAX_FOLLOWERS, counted, key=lambda pair: (-pair[1], pair[0]))


def _best(followers: Iterable[Follower], room: int = MAX_FOLLOWERS) -> list[Follower]:
    # by weight, equal ones by term
    ranked = [(-one[1] * math.sqrt(one[1] / (one[2] or 1)), one) for one in followers]
    ranked.sort()
    return [one for _, one in ranked[:room]]

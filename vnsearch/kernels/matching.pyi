from array import array
from collections.abc import Sequence as _Sequence

from typing_extensions import Buffer

from vnsearch.kernels.postings import Cursor, PostingLists, Words

class Term:
    cursor: Cursor
    def __init__(
        self,
        cursor: Cursor,
        weight: float,
        rates: Buffer,
        drift: float = 1.0,
        shrink: float = 0.0,
        flat: bool = False,
    ) -> None:
        """Bind a posting list to its weight in the group and its field's rates ("d", per document).

        Block impacts were written with another average length: a rate is now at most ``drift``
        times (at least 1), and at least ``shrink`` times (at most 1) what it was. Both are 0 where
        the impacts say nothing (another b): then nothing is skipped. ``flat`` says that every
        document scores the same.
        """

class Group:
    size: int
    def __init__(self, terms: list[Term], weight: float) -> None: ...
    def rewind(self) -> None: ...

class FieldTerms:
    def __init__(self, lists: PostingLists, rates: Buffer, drift: float, shrink: float) -> None: ...
    def term(self, ordinal: int, boost: float) -> Term:
        """Return the posting list of one term, whose frequency counts ``boost``-fold."""
    def listed(self, docs: Words, freqs: Words, boost: float) -> Term:
        """Return the like of a posting list that is given as documents and frequencies."""
    def group(self, ordinal: int, boost: float, weight: float) -> Group:
        """Return a group of one term; an empty one for an ordinal below 0."""
    def row(self, slots: list[list[int]]) -> list[Places]:
        """Return the places of tokens in a row, each given as the ordinals of its spellings.

        Ordinals below 0 are passed over; where a token has no others, nothing is returned. Equal
        tokens share their places.
        """

class Search:
    present: array[int] | None
    def __init__(
        self,
        groups: list[Group],
        k1: float,
        doc_count: int,
        k: int,
        mask: bytes | bytearray | None = None,
        required: bool = False,
        prune: bool = True,
        floor: float = -1.0,
        gone: int = 0,
        noted: bool = False,
    ) -> None:
        """Prepare a pass over a segment of ``doc_count`` documents.

        Only documents with ``mask[doc] != 0`` are taken (``gone``: at most so many are not,
        0 if that is not known); with ``required``, only those that every group stands in.
        ``prune=False`` scores everything. Documents that do not score over ``floor`` are left out.
        With ``noted``, ``present`` says afterwards of each document found which groups stand in it,
        by a bit for each of the first 32; where all are set, any may.
        """

    def top(self) -> tuple[array[int], array[float]]:
        """Return (documents, scores) of the best ``k``, best first, ties to the lower document."""

    def top_unit(self, unit: Unit, drift: float) -> tuple[array[int], array[float]]:
        """Return the best ``k`` by a unit of one sequence without slop, and nothing else.

        ``drift`` is that of its field (see `Term`).
        """

class Places:
    df: int
    def __init__(self, cursors: list[Cursor]) -> None: ...

class Surroundings:
    def __init__(
        self, rates: Buffer, joined: Words | None = None, bases: Words | None = None
    ) -> None:
        """Bind the rates of one field's units; ``joined`` and ``bases`` where these are words."""

class Sequence:
    first: int
    second: int
    def __init__(
        self,
        places: list[Places],
        weight: float,
        field: Surroundings,
        slop: int = 0,
        pairs: _Sequence[int] = (),
        near: float = 0.0,
    ) -> None:
        """Bind the places of tokens that stand in a row, each with its place in the list.

        ``pairs`` says in how many documents each two adjacent tokens of a phrase stand so, if that
        is known: it is looked for by the two tokens that promise least work, ``first`` and
        ``second``. ``near`` is what a pair counts that stands the other way round or with one token
        between.
        """

class Lead:
    def __init__(self, places: list[Places], shares: list[float], weight: float) -> None: ...

class Unit:
    def __init__(
        self,
        sequences: list[Sequence],
        weight: float,
        lead: float = 0.0,
        pairs: _Sequence[Unit] = (),
    ) -> None: ...

class Rescorer:
    def __init__(
        self,
        groups: list[Group],
        leads: list[Lead],
        units: list[Unit],
        k1: float,
        length: float = 1.0,
    ) -> None: ...
    def rewind(self) -> None: ...
    def best(
        self,
        docs: array[int],
        scores: array[float],
        k: int,
        floor: float = -1.0,
        present: array[int] | None = None,
    ) -> list[tuple[float, int]]:
        """Return (-score, document) of the best ``k`` documents, best first.

        ``docs`` and ``scores`` are what `Search.top` returned for the same groups, ``present`` is
        what it noted before this was made. Documents that leads and units provably cannot lift over
        ``floor`` are left out.
        """

    def parts(self, doc: int) -> list[float]: ...
    def beginnings(self, doc: int) -> list[float]: ...

MemberLayout = tuple[int, float, int, list[tuple[array[int], array[int]] | None] | None]
ClauseLayout = tuple[list[MemberLayout], float, list[int], list[float], float]
UnitLayout = tuple[bool, list[tuple[int, float, list[int]]], float, float, list[int]]

class Layout:
    def __init__(
        self,
        ordinals: list[list[int]],
        fields: list[int],
        clauses: list[ClauseLayout],
        slots: list[list[int]],
        units: list[UnitLayout],
    ) -> None:
        """Say how the parts of a plan are made of terms.

        ``ordinals`` gives each term's in every segment (-1 where it does not stand), ``fields`` the
        number of each term's field. A clause is ``(members, weight, slots, shares, lead)``: what
        its group is made of, then its `Lead`. A member is ``(field, boost, term, listed)``: the
        number of a term, or else (-1) the documents and frequencies in each segment. A slot is the
        terms that are spellings of one token in one field. A unit is ``(whole word, sequences,
        weight, lead, pairs)``, its sequences ``(field, boost, slots)``, its pairs numbers of units
        that come before it.
        """

    def groups(
        self,
        number: int,
        views: list[FieldTerms | None],
        sets: dict[int, list[Term]],
        cursors: list[Cursor | None],
    ) -> list[Group]:
        """Return a segment's group for every clause; ``sets`` has terms of those without members.

        ``views`` has each field. ``cursors``, one for each term, gets those of the groups.
        """

    def rescorer(
        self,
        number: int,
        views: list[FieldTerms | None],
        groups: list[Group],
        cursors: list[Cursor | None],
        pairs: list[Surroundings | None],
        words: list[Surroundings | None],
        k1: float,
        length: float,
        near: float,
    ) -> Rescorer:
        """Return what scores single documents of a segment; see `Sequence` and `Rescorer`.

        ``groups`` and ``cursors`` are those of `groups`, ``pairs`` and ``words`` the surroundings
        of each field, None where it does not stand.
        """

def phrase_postings(sequence: Sequence, limit: int) -> tuple[array[int], array[int]]: ...
def sum_counts(ordinals: Words, df: Words) -> int:
    """Return the sum of ``df[ordinal]``; `IndexCorruptError` for an ordinal that is not there."""

def highest_of(scores: array[float], others: array[float], count: int) -> array[float]:
    """Return the ``count`` highest of two arrays of falling scores, as one."""

def flat_score(weight: float, k1: float) -> float:
    """Return what a group of this weight adds to a document where its term counts 1."""

def fill_rates(lengths: Words, less: int, average: float, b: float, out: array[float]) -> None: ...

from array import array
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from typing_extensions import Buffer

from vnsearch.kernels.postings import Cursor, PostingLists, Words
from vnsearch.kernels.rescoring import Rescorer
from vnsearch.kernels.scoring import Group, Term
from vnsearch.kernels.sequences import Places, Surroundings

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

class LayoutBuilder:
    def __init__(self, find: Callable[[str, str], tuple[list[int], Any, Any]], lead: float) -> None:
        """Begin without a part. ``find`` tells a term's ordinals (and more), by its field's name;
        ``lead`` is what standing at the very beginning counts."""

    @property
    def fields(self) -> dict[str, int]:
        """The fields by their names, in the order of their numbers."""
    @property
    def kinds(self) -> dict[str, set[str]]:
        """In which fields there are pairs (`pair`), and in which words (`word`)."""
    def clause(
        self,
        members: Sequence[tuple[Any, ...]],
        kind: type,
        listed: Callable[[Any], list[tuple[array[int], array[int]] | None]],
        weight: float,
    ) -> None:
        """Add a clause: members of one ``kind`` are single terms ``(field, term, boost)``, of the
        others, which have no places of their own, it is asked where they are ``listed``."""
    def unit(
        self,
        word: bool,
        slots: tuple[tuple[str, ...], ...],
        boosts: Mapping[str, float],
        weight: float,
    ) -> None:
        """Add a whole word, or else a pair, over fields with their boosts."""
    def build(self) -> tuple[Layout, int]:
        """Return the layout, and how many terms it has."""

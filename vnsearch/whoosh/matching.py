# mypy: allow-untyped-calls
"""Whoosh matchers over our posting lists."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable
from copy import copy
from typing import Any

from whoosh.matching.mcore import LeafMatcher, ReadTooFar
from whoosh.reading import TermInfo
from whoosh.scoring import WeightLengthScorer
from whoosh.system import pack_uint

from vnsearch.kernels.postings import Cursor

END = 0xFFFFFFFF

__all__ = ["LazyTermInfo", "PostingMatcher"]


class PostingMatcher(LeafMatcher):
    """Walks one posting list block by block, as `whoosh.query` drives it.

    ``lengths`` gives the field's tokens in each document (None where lengths play no part); the
    ``deleted`` documents are passed over. Blocks are those of the list (128 postings), so
    Whoosh's quality skipping passes over whole blocks that cannot reach the best hits.
    """

    def __init__(
        self,
        cursor: Cursor,
        term: tuple[str, bytes],
        format_: Any,
        scorer: Any = None,
        lengths: Any = None,
        deleted: frozenset[int] = frozenset(),
    ) -> None:
        self.format = format_
        self.scorer = scorer
        self._term = term
        self._lengths = lengths
        self._deleted = deleted
        self._cursor = cursor
        self._blocks = cursor.block_count()
        # a scorer that only wants weight and length gets them without Whoosh's detour of calls
        self._score = (
            scorer._score
            if lengths is not None
            and isinstance(scorer, WeightLengthScorer)
            and type(scorer).score is WeightLengthScorer.score
            else None
        )
        self.reset()

    def reset(self) -> None:
        """Stand on the first posting."""
        self._load(0)

    def copy(self) -> PostingMatcher:
        """Return a matcher of its own on the same posting."""
        return copy(self)

    def _load(self, block: int) -> None:
        """Decode ``block``, or the first one after it that holds a living document."""
        deleted = self._deleted
        self._i = 0
        self._places: list[list[int]] | None = None
        self._kept: list[int] | None = None
        while block < self._blocks:
            docs, freqs = self._cursor.read_block(block)
            if deleted.isdisjoint(docs):
                self._kept = None
            else:
                self._kept = [i for i, doc in enumerate(docs) if doc not in deleted]
                docs = [docs[i] for i in self._kept]
                freqs = [freqs[i] for i in self._kept]
            if docs:
                self._block, self._docs, self._freqs = block, docs, freqs
                return
            block += 1
        self._block, self._docs, self._freqs = self._blocks, [], []

    def is_active(self) -> bool:
        """Return whether the matcher stands on a posting."""
        return self._i < len(self._docs)

    def id(self) -> int:
        """Return the document number; at the end, where Whoosh may still ask, one past all."""
        return self._docs[self._i] if self._i < len(self._docs) else END

    def next(self) -> bool:  # type: ignore[override]
        """Go to the next posting; return whether a new block began."""
        self._i += 1
        if self._i < len(self._docs):
            return False
        if not self._docs:
            raise ReadTooFar
        self._load(self._block + 1)
        return True

    def skip_to(self, id: int) -> None:
        """Go to the first posting at or after document ``id``."""
        if not self.is_active():
            raise ReadTooFar
        if id <= self._docs[self._i]:
            return
        if id > self._docs[-1]:
            blocks = range(self._block + 1, self._blocks)
            at = bisect_left(blocks, id, key=self._cursor.block_last)
            self._load(self._block + 1 + at)
        # the skip table speaks of deleted documents too: the block may hold none so late
        while self._docs and self._docs[-1] < id:
            self._load(self._block + 1)
        self._i = bisect_left(self._docs, id, self._i)

    def skip_to_quality(self, minquality: float) -> int:
        """Pass over blocks that cannot score above ``minquality``; return how many."""
        skipped = 0
        while self.is_active() and self.block_quality() <= minquality:
            self._load(self._block + 1)
            skipped += 1
        return skipped

    def score(self) -> float:
        """Return the posting's score."""
        if self._score is None:
            return super().score()  # type: ignore[no-any-return]
        return self._score(self.weight(), self._lengths[self._docs[self._i]])

    def weight(self) -> float:
        """Return the term's frequency in the document, times the field's boost."""
        return self._freqs[self._i] * self.format.field_boost  # type: ignore[no-any-return]

    # Whoosh asks for a block's bounds at the end of the list too: there they are 0

    def block_max_weight(self) -> float:
        """Return the highest weight in the block."""
        return max(self._freqs, default=0) * self.format.field_boost  # type: ignore[no-any-return]

    def block_min_length(self) -> int:
        """Return the length of the shortest document in the block."""
        return min(self._block_lengths(), default=0)

    def block_max_length(self) -> int:
        """Return the length of the longest document in the block."""
        return max(self._block_lengths(), default=0)

    def _block_lengths(self) -> Iterable[int]:
        return () if self._lengths is None else map(self._lengths.__getitem__, self._docs)

    def block_min_id(self) -> int:
        """Return the block's first document."""
        return self._docs[0]

    def block_max_id(self) -> int:
        """Return the block's last document."""
        return self._docs[-1]

    def positions(self) -> list[int]:
        """Return where in the document the term stands, ascending."""
        if self._places is None:
            self._places = self._read_places(self._cursor)
        return self._places[self._i]

    def _read_places(self, cursor: Cursor) -> list[list[int]]:
        """Return the positions in each document of the block; copies share the cursor."""
        cursor.read_block(self._block)
        places = cursor.read_positions()
        return places if self._kept is None else [places[i] for i in self._kept]

    def value(self) -> bytes:
        """Return the posting as the field's Whoosh format writes it."""
        if self.format.supports("positions"):
            return self.format.encode(self.positions())  # type: ignore[no-any-return]
        if self.format.posting_size == 0:  # Existence
            return b""
        return pack_uint(self._freqs[self._i])

    def value_as(self, astype: str) -> Any:
        """Return the posting as ``frequency``, ``weight``, ``positions`` or ``position_boosts``."""
        if astype == "positions" and self.supports("positions"):
            return self.positions()
        if astype == "frequency":
            return self._freqs[self._i]
        if astype == "weight":
            return self.weight()
        return super().value_as(astype)

    def all_ids(self) -> Any:
        """Yield the remaining document numbers."""
        while self._docs:
            yield from self._docs[self._i :]
            self._load(self._block + 1)


class LazyTermInfo(TermInfo):
    """A term's statistics, of which those that need the whole posting list come when asked for.

    ``details`` gives (shortest length, longest length, highest weight, first and last document).
    """

    _DETAILS = ("_minlength", "_maxlength", "_maxweight", "_minid", "_maxid")

    def __init__(
        self, weight: float, df: int, details: Callable[[], tuple[int, int, float, int, int]]
    ) -> None:
        self._weight = weight
        self._df = df
        self._details = details

    def __getattr__(self, name: str) -> Any:
        if name not in LazyTermInfo._DETAILS:
            raise AttributeError(name)
        self.__dict__.update(zip(LazyTermInfo._DETAILS, self._details(), strict=True))
        return self.__dict__[name]

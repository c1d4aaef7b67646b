"""Words typed together that print apart, and codes typed apart that print together.

``thegioididong`` is *thế giới di động*; ``u 23`` is the token ``u23``. Both directions only
propose: what the caller's index holds decides.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Container, Sequence
from itertools import pairwise

from vnsearch.text.syllable import may_be_syllable
from vnsearch.text.tokens import MAX_TOKEN

__all__ = [
    "cut_candidates",
    "join_candidates",
    "only_row",
    "piece_spans",
    "row_spans",
    "split_joined",
]

_LONGEST_PIECE = 16
_LEAST_FOREIGN_PIECE = 4
# A syllable of unmarked text has 3.3 letters on average; English read as syllables (ca-me-ra,
# ma-lay-si-a) falls to pieces of two.
_LEAST_MEAN_LENGTH = 2.5
_UNSEEN = 0.1

# Compiled when first used: few processes that search meet such words.
_RUNS = r"\d+|[^\W\d_]+"


def split_joined(
    word: str,
    known: Callable[[str], int],
    pairs: Callable[[str, str], int] | None = None,
) -> list[str] | None:
    """Return the best split of a glued lower-case word, or None when it is better left whole.

    ``known(piece)`` is the number of documents (or occurrences) of a piece, in the form it is
    typed: for unmarked words count by fold key. ``pairs(a, b)``, when the caller has it, is the
    same for two pieces standing side by side; it makes the answer much surer.

    Pieces are possible syllables, marked or not, and words of four letters or more the index
    knows (``dienthoaisamsung``); runs of digits are pieces by themselves. A word that is a
    syllable stays whole, and so does one the index knows: at all, or, given ``pairs``, at least
    as well as the rarest pair of the split.

    >>> counts = {"the": 9, "gioi": 8, "di": 9, "dong": 9}
    >>> split_joined("thegioididong", lambda piece: counts.get(piece, 0))
    ['the', 'gioi', 'di', 'dong']
    """
    runs = re.findall(_RUNS, word)
    if len(word) > MAX_TOKEN or "".join(runs) != word:
        return None
    if may_be_syllable(word):
        return None
    as_typed = known(word)
    if as_typed and pairs is None:
        return None
    pieces: list[str] = []
    for run in runs:
        if run.isdigit() or may_be_syllable(run) or (len(runs) > 1 and known(run)):
            pieces.append(run)
            continue
        best = _best_split(run, known, pairs)
        if best is None or (pairs is None and not _is_credible(best)):
            return None
        pieces += best
    if len(pieces) < 2:
        return None
    if pairs is not None:
        rarest = min(pairs(a, b) for a, b in pairwise(pieces))
        return pieces if rarest > as_typed else None
    return pieces


def _is_credible(pieces: list[str]) -> bool:
    """Whether a split looks Vietnamese by itself, with no pair counts to tell."""
    native = [piece for piece in pieces if may_be_syllable(piece)]
    foreign = len(pieces) - len(native)
    return foreign <= len(native) / 2 and sum(map(len, native)) >= _LEAST_MEAN_LENGTH * len(native)


def _best_split(
    run: str, known: Callable[[str], int], pairs: Callable[[str, str], int] | None
) -> list[str] | None:
    """Find the likeliest row of pieces by dynamic programming (Viterbi over piece ends).

    A piece costs −ln of its count over a size larger than any, so fewer pieces win; a pair that
    stands side by side earns ln(1 + its count).
    """
    spans = piece_spans(run)
    counts = [known(run[start:end]) for start, end in spans]
    size = 50 * (1.0 + max(counts, default=0))
    # at each end, by the start of the last piece: the score, and the start of the piece before it
    best: list[dict[int, tuple[float, int]]] = [{} for _ in range(len(run) + 1)]
    for (start, end), count in zip(spans, counts, strict=True):
        if (start and not best[start]) or (not count and pairs is None):
            continue
        piece = run[start:end]
        if not may_be_syllable(piece) and not (count and len(piece) >= _LEAST_FOREIGN_PIECE):
            continue
        score = math.log((count + _UNSEEN) / size)
        if start == 0:
            best[end][0] = (score, -1)
        for before, (reached, _) in best[start].items():
            total = reached + score
            if pairs is not None:
                total += math.log1p(pairs(run[before:start], piece))
            if total > best[end].get(start, (-math.inf, 0))[0]:
                best[end][start] = (total, before)
    if not best[-1]:
        return None
    start = max(best[-1], key=lambda start: (best[-1][start][0], start))
    pieces: list[str] = []
    end = len(run)
    while start >= 0:
        pieces.append(run[start:end])
        start, end = best[end][start][1], start
    return pieces[::-1]


def piece_spans(run: str) -> list[tuple[int, int]]:
    """Return every (start, end) a piece may have, by start: none is the whole."""
    size = len(run)
    return [
        (start, end)
        for start in range(size)
        for end in range(start + 1, min(size, start + _LONGEST_PIECE) + 1)
        if end - start < size
    ]


def row_spans(run: str) -> list[tuple[int, int]]:
    """Return every (start, end), by start, of the pieces of the rows that `split_joined` may find
    in a run of letters, whatever the index may hold."""
    size = len(run)
    if size > MAX_TOKEN or may_be_syllable(run):
        return []
    begun = {0}
    spans = []
    for start, end in piece_spans(run):
        is_long = end - start >= _LEAST_FOREIGN_PIECE
        if start in begun and (is_long or may_be_syllable(run[start:end])):
            spans.append((start, end))
            begun.add(end)
    ended = {size}
    found = []
    for start, end in reversed(spans):
        if end in ended:
            ended.add(start)
            found.append((start, end))
    return found[::-1]


def only_row(run: str, spans: Sequence[tuple[int, int]], held: Container[str]) -> list[str] | None:
    """Return what `split_joined` says of a run of letters with the `row_spans` that the index
    holds, None where counts must tell several rows apart."""
    before: dict[int, list[int]] = {0: []}
    for start, end in spans:
        if start in before and run[start:end] in held:
            before.setdefault(end, []).append(start)
    pieces: list[str] = []
    end = len(run)
    while end and end in before:
        # every start leads back to the beginning
        if len(before[end]) > 1:
            return None
        start = before[end][0]
        pieces.insert(0, run[start:end])
        end = start
    return pieces if len(pieces) > 1 and _is_credible(pieces) else []


_CODE = r"[a-zđ]?(?:\d+[a-zđ])*\d*"
_BEGUN_PLATE = r".*[a-z]\d{3}"
_MAX_CODE_TOKENS = 4
_LONGEST_NUMBER = 12


def join_candidates(tokens: Sequence[str]) -> list[tuple[int, int, str]]:
    """Return the codes and numbers that canonical tokens would make if typed together.

    Each is (start, stop, joined): ``u 23`` -> ``u23``, ``5 k`` -> ``5k``, ``18 h 00`` ->
    ``18h00``, ``319 035`` -> ``319035``, ``0912 345 678`` -> ``0912345678``. The caller keeps
    those its index knows.
    """
    found = []
    for start, first in enumerate(tokens):
        if len(first) > 1 and first.isalpha():
            continue  # a word begins no code, and most tokens are words
        joined = first
        for stop in range(start + 1, min(len(tokens), start + _MAX_CODE_TOKENS)):
            token = tokens[stop]
            if not (_continues_code(joined, token) or _continues_number(joined, token)):
                break
            joined += token
            found.append((start, stop + 1, joined))
    return found


def cut_candidates(code: str) -> list[tuple[str, str]]:
    """Return the two tokens that a code typed together may be apart: ``100m2`` -> ``100`` ``m2``,
    ``29a12345`` -> ``29a`` ``12345``. The caller keeps those its index knows."""
    return [
        (code[:at], code[at:])
        for at in range(1, len(code))
        if code[at - 1].isdigit() != code[at].isdigit()
    ]


def _continues_code(joined: str, token: str) -> bool:
    """Whether a code goes on: single letters and digits in turn, as the tokenizer keeps them."""
    return (
        bool(token)
        and joined[-1:].isdigit() != token[0].isdigit()
        and re.fullmatch(_CODE, joined) is not None
        and re.fullmatch(_CODE, token) is not None
    )


def _continues_number(joined: str, token: str) -> bool:
    """Whether another group of digits follows: of a thousand (1 to 3 digits first, then threes; no
    leading zero), a telephone number (0912 345 678) or a number plate (29A-123.45)."""
    if not token.isdigit() or len(joined) > _LONGEST_NUMBER - len(token):
        return False
    if not joined.isdigit():
        return len(token) == 2 and re.fullmatch(_BEGUN_PLATE, joined) is not None
    if joined[0] == "0":
        return len(joined) > 2 and 2 <= len(token) <= 4
    return len(token) == 3

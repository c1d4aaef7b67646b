"""A search term that may be read in several ways: each reading has its places on the page.

Typed without marks, *nha trang* is *nhà trắng* four times out of five in the news. Scores that add
up over the readings, weighed by their probability, fill the page with the likeliest, since the
best few articles of each are about as good. So the readings share the first page as parties do
the seats of a parliament: by the odd numbers of Sainte-Laguë, as V. Dang and B. Croft do with the
aspects of a query ("Diversity by proportionality", SIGIR 2012). It is done by scores. The likeliest
reading scores as if typed with its marks; the scores of another are stretched so that its first
article stands where its first seat is, and those of all readings together so that they begin with
the likeliest. An article has the best of what it gets so.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import repeat
from operator import neg

from vnsearch.ranking.plan import GRID, Plan
from vnsearch.ranking.search import Found, Searcher

__all__ = ["find"]

PAGE = 10
"""So many hits are shared out; a reading without a place among them has none of its own."""


def find(
    searcher: Searcher, plan: Plan, readings: Iterable[tuple[float, Plan]], k: int
) -> tuple[list[Found], list[Plan]]:
    """Return the best ``k`` documents, equal scores in index order, and the plans they answer:
    ``plan`` and after it those of the ``readings`` that have a place on the page.

    Readings come with their probability, the likeliest first.
    """
    plans = [plan]
    lists = [searcher.top(plan, k)]
    if not lists[0]:
        return [], plans
    likeliest = 0.0
    first: Sequence[Found] = ()  # what the likeliest reading finds
    for probability, reading in readings:
        # it has its first seat after so many of the likeliest reading
        seats = max(0, math.ceil((likeliest / probability - 1) / 2))
        if seats >= PAGE:
            break
        found = searcher.top(reading, k if first else max(k, PAGE))
        if not found or not found[0].score:
            continue
        if first:
            after = first[min(max(seats, 1), len(first)) - 1]
            reading.factor = _factor(found[0], after)
        else:
            first, likeliest = found, probability
            plan.factor = _factor(lists[0][0], found[0])
        plans.append(reading)
        lists.append(found)
    if len(plans) == 1:
        return lists[0], plans
    ranked: list[tuple[float, int, int, int, bool]] = []
    for number, (of, found) in enumerate(zip(plans, lists, strict=True)):
        scores, segments, docs, looked_at, _ = zip(*found, strict=True)
        lowered = map(neg, of.stretched(scores))
        ranked += zip(lowered, segments, docs, repeat(number), looked_at, strict=False)
    ranked.sort()
    best: dict[tuple[int, int], Found] = {}
    for score, segment, doc, number, rescored in ranked:
        if (segment, doc) not in best:
            best[segment, doc] = Found(-score, segment, doc, rescored, number)
            if len(best) == k:
                break
    return list(best.values()), plans


def _factor(best: Found, after: Found) -> float:
    """Return what makes the score of the ``best`` the next below that of another."""
    return (after.score - 2 / GRID) / best.score

"""A search term that may be read in several ways: each reading has its places on the page.

Typed without marks, *nha trang* is *nhà trắng* four times out of five in the news. Scores that add
up over the readings, weighed by their probability, fill the page with the likeliest, since the
best few articles of each are about as good. So the readings share the first page as parties do
the seats of a parliament: by the odd numbers of Sainte-Laguë, as V. Dang and B. Croft do with the
aspects of a query ("Diversity by proportionality", SIGIR 2012). It is done by scores: an article
gets the best of what it gets from the whole query and from each reading, whose scores are
stretched so that its first article stands where its first seat is.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from vnsearch.ranking.plan import Plan
from vnsearch.ranking.search import Found, Searcher

__all__ = ["best_of", "lifted"]

PAGE = 10
"""So many hits are shared out; a reading without a place among them has none of its own."""


def lifted(searcher: Searcher, plan: Plan, readings: Iterable[tuple[float, Plan]]) -> list[Plan]:
    """Return ``plan`` and after it the plans of its ``readings`` that find anything, each scaled
    to its place on the page. They come with their probability, the likeliest first."""
    best = searcher.top(plan, 1)
    if not best:
        return [plan]
    plans = [plan]
    first: list[Found] = []  # what the likeliest reading finds
    likeliest = 0.0
    for probability, reading in readings:
        seat = 0
        if first:  # it comes after so many of the likeliest reading
            seat = max(0, math.ceil((likeliest / probability - 1) / 2))
            if seat >= PAGE:
                break
        found = searcher.top(reading, 1 if first else PAGE)
        if not found or found[0].score <= 0:
            continue
        if not first:
            first, likeliest = found, probability
        before = first[min(seat, len(first)) - 1] if seat else first[0]
        reading.scale(best[0].score * before.score / (first[0].score * found[0].score))
        plans.append(reading)
    return plans


def best_of(searcher: Searcher, plans: Sequence[Plan], k: int) -> list[Found]:
    """Return the best ``k`` documents of any of the plans, each by the best of its scores; equal
    scores in index order."""
    if len(plans) == 1:
        return searcher.top(plans[0], k)
    ranked = sorted(
        (-one.score, one.segment, one.doc, number, one)
        for number, plan in enumerate(plans)
        for one in searcher.top(plan, k)
    )
    found: dict[tuple[int, int], Found] = {}
    for _, segment, doc, number, one in ranked:
        found.setdefault((segment, doc), one._replace(plan=number))
    return list(found.values())[:k]

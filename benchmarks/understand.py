"""How long does it take to see what was meant, and to plan the search for it?

Queries are runs of syllables from titles, typed in several ways. Each is asked twice: *new* is its
first time, the index being warm from other queries; *again* is with all its answers remembered.
Times are in microseconds of CPU a query, stage by stage: parsing, understanding, planning (all
that happens before the first posting list is read), ranking ten hits, and `Index.search` as a
whole. A query is parsed and at once understood, as in a search; the other stages go through all
queries in turn. Behind a ranking that has filled the CPU's caches the first three take about twice
as long.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from _common import Article, Table, parser, percentile, read_articles, report, steady
from _relevance import opened
from typed import TYPISTS

import vnsearch
from vnsearch.query.ast import Node
from vnsearch.query.parse import parse
from vnsearch.query.understand import Understanding, understand
from vnsearch.ranking.plan import Plan
from vnsearch.ranking.planner import Planner
from vnsearch.text import Token, tokenize

STAGES = ("parse", "understand", "plan", "rank", "search()")
TYPED = ("clean", "no marks", "half the marks", "25 % mis-toned", "Telex")
K = 10

T = TypeVar("T")
R = TypeVar("R")


def draw(articles: Sequence[Article], count: int, length: int, seed: int) -> list[str]:
    """Return ``count`` runs of ``length`` tokens as they are written in titles, or in bodies
    where a title is too short."""
    rng = random.Random(seed)
    found: list[str] = []
    for article in rng.sample(list(articles), len(articles)):
        for text in (article.title, article.body[:2000]):
            tokens: list[Token] = tokenize(text)
            if len(tokens) >= length:
                first = rng.randrange(len(tokens) - length + 1)
                found.append(text[tokens[first].start : tokens[first + length - 1].end])
                break
        if len(found) == count:
            break
    return found


def timed(work: Callable[[T], R], items: Sequence[T]) -> tuple[list[float], list[R]]:
    """Return the microseconds of CPU that each call took, and their results."""
    times, results = [], []
    for item in items:
        start = time.thread_time()
        results.append(work(item))
        times.append((time.thread_time() - start) * 1e6)
    return times, results


def stages(index: vnsearch.Index, queries: Sequence[str]) -> list[list[float]]:
    """Return the microseconds of each stage for every query."""
    view = index._current()
    fields = {name: field.boost for name, field in index.schema.text_fields().items()}
    parsing: list[float] = []
    understanding: list[float] = []
    trees: list[Node] = []
    readings: list[Understanding] = []
    for query in queries:
        took, tree = timed(partial(parse, kinds=index.schema), [query])
        parsing += took
        trees += tree
        took, reading = timed(partial(understand, stats=view.statistics), [query])
        understanding += took
        readings += reading

    def plan(asked: tuple[str, Node, Understanding]) -> Plan:
        query, tree, reading = asked
        planner = Planner(
            view.collection,
            index.schema,
            fields,
            "or",
            lambda text: reading,
            lambda row: None,
            query,
        )
        return planner.plan(tree)

    planning, plans = timed(plan, list(zip(queries, trees, readings, strict=True)))
    ranking, _ = timed(lambda plan: view.searcher.top(plan, K), plans)
    whole, _ = timed(lambda query: index.search(query, limit=K, highlight=None), queries)
    return [parsing, understanding, planning, ranking, whole]


def main(arguments: Sequence[str] | None = None) -> None:
    options = parser(__doc__)
    options.add_argument("--index", type=Path, metavar="DIR", help="an index of the articles")
    options.add_argument("--queries", type=int, default=300, metavar="N")
    options.add_argument("--length", type=int, default=10, metavar="N", help="syllables of each")
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args(arguments)
    articles = read_articles(chosen.articles, chosen.limit)
    drawn = draw(articles, 2 * chosen.queries, chosen.length, chosen.seed)
    table = Table(
        f"CPU µs a query of {chosen.length} syllables: p50 (p99)", ["typed", "asked", *STAGES]
    )
    with opened(chosen.index, articles) as index, steady():
        for typist in TYPED:
            rng = random.Random(chosen.seed)
            queries = [TYPISTS[typist](query, rng) for query in drawn]
            half = len(queries) // 2
            for query in queries[half:]:  # the others: they warm the index up
                index.search(query, limit=K, highlight=None)
            for asked in ("new", "again"):
                columns = stages(index, queries[:half])
                table.add(
                    typist,
                    asked,
                    *(
                        f"{statistics.median(column):,.0f} ({percentile(column, 99):,.0f})"
                        for column in columns
                    ),
                )
    report(chosen, [table], articles=len(articles), queries=len(drawn) // 2, seed=chosen.seed)


if __name__ == "__main__":
    main()

"""How long does a query take, by class of query, beside other engines on the same tokens?

Every engine indexes the same tokens and answers the same queries (the ten best, no counting), in
rounds that take turns within one run. Nobody wins by being wrong: each answer is held to an
exhaustive reference. "right" is the share of queries whose every result truly matches and whose
number of results is min(10, all matches); "ranked" is the mean overlap of the ten with exact BM25
at the engine's own parameters (engines that round lengths to a byte lose a little there).
"""

from __future__ import annotations

import math
import statistics
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from _common import (
    CLASSES,
    Corpus,
    Query,
    Reference,
    Table,
    copy_bandwidth,
    figure,
    parser,
    percentile,
    read_articles,
    report,
    sample_queries,
)
from _engines import ENGINES, OURS, PLAIN, Engine, Vnsearch, VnsearchFront, add_engine_options
from _race import Medians, add_race_options, build_all, race, race_tables

K = 10
RANKED = ("1 term", "OR 2–3", "OR 5–8", "OR 10")
"""Classes whose answer is a bag-of-words BM25 ranking, comparable with the reference's."""


def check(
    engine: Engine, query: Query, matches: set[int], reference: Reference, ranked: bool
) -> tuple[bool, float]:
    """Return whether an answer is right, and its overlap with exact BM25 (0..1; nan: none asked).

    ``matches`` are all documents that match the query.
    """
    assert engine.parameters, f"{engine.name} ranks by more than BM25"
    found = engine.numbers(engine.search(query, K))
    wanted = min(K, len(matches))
    right = len(found) == len(set(found)) == wanted and matches.issuperset(found)
    if not ranked or not wanted:
        return right, math.nan
    reference.k1, reference.b = engine.parameters
    best = reference.rank(query.tokens, K)
    return right, len(set(best) & set(found)) / wanted


def main(arguments: Sequence[str] | None = None) -> None:
    options = parser(__doc__)
    # with ready tokens there is but one plain BM25
    add_engine_options(options, [name for name in ENGINES if name != PLAIN])
    add_race_options(options)
    options.add_argument("--classes", nargs="+", default=list(CLASSES), choices=list(CLASSES))
    options.add_argument("--plot", type=Path, metavar="FILE.png")
    chosen = options.parse_args(arguments)

    corpus = Corpus(read_articles(chosen.articles, chosen.limit), chosen.repeat)
    queries = sample_queries(corpus, chosen.queries, chosen.seed, chosen.classes)
    with tempfile.TemporaryDirectory() as folder:
        engines = build_all(chosen.engines, corpus, chosen.few, Path(folder))
        medians = race(
            engines,
            queries,
            lambda engine, query: engine.timed(query, K),
            chosen.rounds,
            chosen.budget,
        )
        tables = race_tables(engines, medians, chosen.classes, ours=(OURS, VnsearchFront.name))
        tables.append(answers(engines, queries, medians, corpus, chosen.few))
        bandwidth = copy_bandwidth()
        ours = engines.get(OURS)
        if isinstance(ours, Vnsearch):
            tables.append(bounds(ours, queries, medians[OURS], bandwidth))
        for engine in engines.values():
            if isinstance(engine, Engine):
                engine.close()
    report(
        chosen,
        tables,
        articles=len(corpus),
        repeated=chosen.repeat,
        queries=chosen.queries,
        seed=chosen.seed,
        copy_GB_per_s=round(bandwidth / 1e9, 1),
    )
    if chosen.plot:
        plot(chosen.plot, chosen.classes, medians)


def answers(
    engines: Mapping[str, Engine | str],
    queries: Mapping[str, Sequence[Query]],
    medians: Medians,
    corpus: Corpus,
    few: int,
) -> Table:
    """Hold every engine's answers to the reference over the documents that it was given.

    The public search is left out: it also finds the other spellings of a word, on purpose.
    """
    table = Table("Answers: right / ranked, percent", ["engine", *queries])
    checked = {
        name: engine
        for name, engine in engines.items()
        if isinstance(engine, Engine) and engine.parameters
    }
    rows: dict[str, list[str | None]] = {name: [] for name in checked}
    for slow in (False, True):
        some = {name: engine for name, engine in checked.items() if engine.slow == slow}
        if not some:
            continue
        part = corpus.head(few) if slow else corpus
        reference = Reference(text.split() for text in part.tokenised)
        for kind, asked in queries.items():
            results: dict[str, list[tuple[bool, float]]] = {name: [] for name in some}
            for place, query in enumerate(asked):
                answering = [name for name in some if place < len(medians[name].get(kind, ()))]
                matches = reference.matches(query) if answering else set()
                for name in answering:
                    results[name].append(
                        check(some[name], query, matches, reference, kind in RANKED)
                    )
            for name, found in results.items():
                rows[name].append(verdict(found) if found else None)
    for name, row in rows.items():
        table.add(name, *row)
    return table


def bounds(
    ours: Vnsearch,
    queries: Mapping[str, Sequence[Query]],
    medians: Mapping[str, Sequence[float]],
    bandwidth: float,
) -> Table:
    """Compare our mean latency with reading the queries' postings once, at copying speed."""
    table = Table(
        "Distance from reading the postings once at memory bandwidth",
        ["class", "postings KB", "bound ms", "mean ms", "times the bound"],
    )
    for kind, asked in queries.items():
        read = statistics.fmean(ours.postings_bytes(query) for query in asked)
        mean = statistics.fmean(medians[kind])
        bound = read / bandwidth
        table.add(kind, read / 1024, bound * 1000, mean * 1000, mean / bound if read else None)
    return table


def verdict(results: Sequence[tuple[bool, float]]) -> str:
    """Write the share of right answers, and the mean overlap where rankings were compared."""
    right = statistics.fmean(right for right, _ in results)
    overlaps = [overlap for _, overlap in results if not math.isnan(overlap)]
    return f"{right:.0%} / {statistics.fmean(overlaps):.0%}" if overlaps else f"{right:.0%}"


def plot(path: Path, classes: Sequence[str], medians: dict[str, dict[str, list[float]]]) -> None:
    """Draw p50 by class, one bar an engine, on a logarithmic scale."""
    drawn = {name: rows for name, rows in medians.items() if rows}
    width = 0.8 / len(drawn)
    with figure(path) as axes:
        for number, (name, rows) in enumerate(drawn.items()):
            present = [position for position, kind in enumerate(classes) if kind in rows]
            axes.bar(
                [position + number * width for position in present],
                [percentile(rows[classes[position]], 50) * 1000 for position in present],
                width,
                label=name,
            )
        axes.set_yscale("log")
        axes.set_ylabel("p50, milliseconds (less is better)")
        axes.set_xticks([position + 0.4 - width / 2 for position in range(len(classes))], classes)


if __name__ == "__main__":
    main()

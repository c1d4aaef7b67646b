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
from _engines import ENGINES, OURS, Engine, Vnsearch, add_engine_options
from _race import Medians, add_race_options, build_all, race, race_tables

K = 10
RANKED = ("1 term", "OR 2–3", "OR 5–8")
"""Classes whose answer is a bag-of-words BM25 ranking, comparable with the reference's."""


def check(engine: Engine, queries: Sequence[Query], reference: Reference) -> tuple[float, float]:
    """Return the share of right answers, and the mean overlap with exact BM25 (both 0..1)."""
    assert engine.parameters, f"{engine.name} ranks by more than BM25"
    reference.k1, reference.b = engine.parameters
    right = 0
    overlaps = []
    for query in queries:
        found = engine.numbers(engine.search(query, K))
        matches = reference.matches(query)
        wanted = min(K, len(matches))
        right += len(found) == len(set(found)) == wanted and matches.issuperset(found)
        if wanted:
            best = reference.rank(query.tokens, K)
            overlaps.append(len(set(best) & set(found)) / wanted)
    return right / len(queries), statistics.fmean(overlaps) if overlaps else float("nan")


def main(arguments: Sequence[str] | None = None) -> None:
    options = parser(__doc__)
    add_engine_options(options, list(ENGINES))
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
        tables = race_tables(engines, medians, chosen.classes)
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
    references: dict[int, Reference] = {}
    for name, engine in engines.items():
        if isinstance(engine, str) or engine.parameters is None:
            continue
        part = corpus.head(few) if engine.slow else corpus
        if len(part) not in references:
            references[len(part)] = Reference(text.split() for text in part.tokenised)
        reference = references[len(part)]
        row = []
        for kind, asked in queries.items():
            answered = asked[: len(medians[name].get(kind, ()))]
            row.append(
                verdict(*check(engine, answered, reference), kind in RANKED) if answered else None
            )
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


def verdict(right: float, overlap: float, ranked: bool) -> str:
    """Write the share of right answers, and the overlap where a ranking can be compared."""
    return f"{right:.0%}" if not ranked or math.isnan(overlap) else f"{right:.0%} / {overlap:.0%}"


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

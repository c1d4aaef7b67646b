"""How long does a query take, by class of query, beside other engines on the same tokens?

Every engine indexes the same tokens and answers the same queries (the ten best, no counting), in
rounds that take turns within one run. Nobody wins by being wrong: each answer is held to an
exhaustive reference. "right" is the share of queries whose every result truly matches and whose
number of results is min(10, all matches); "ranked" is the mean overlap of the ten with exact BM25
at the engine's own parameters (engines that round lengths to a byte lose a little there).
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from _common import (
    CLASSES,
    Corpus,
    Query,
    Reference,
    Table,
    copy_bandwidth,
    interleave,
    parser,
    percentile,
    read_articles,
    report,
    sample_queries,
    speed_ratio,
)
from _engines import ENGINES, OURS, Engine, UnavailableError, Vnsearch

K = 10
RANKED = ("1 term", "OR 2–3", "OR 5–8")
"""Classes whose answer is a bag-of-words BM25 ranking, comparable with the reference's."""


def check(engine: Engine, queries: Sequence[Query], reference: Reference) -> tuple[float, float]:
    """Return the share of right answers, and the mean overlap with exact BM25 (both 0..1)."""
    right = 0
    overlaps = []
    for query in queries:
        found = engine.numbers(engine.search(query, K))
        matches = reference.matches(query)
        wanted = min(K, len(matches))
        right += len(found) == len(set(found)) == wanted and matches.issuperset(found)
        if engine.parameters and wanted:
            reference.k1, reference.b = engine.parameters
            best = reference.rank(query.tokens, K)
            overlaps.append(len(set(best) & set(found)) / wanted)
    return right / len(queries), statistics.fmean(overlaps) if overlaps else float("nan")


def build(names: Sequence[str], corpus: Corpus, few: int, folder: Path) -> dict[str, Engine | str]:
    """Index the corpus with each engine; an engine that cannot is given as the reason.

    Engines that index slowly get the first ``few`` documents only.
    """
    built: dict[str, Engine | str] = {}
    for number, name in enumerate(names):
        engine = ENGINES[name](folder / str(number))
        engine.folder.mkdir()
        part = corpus.head(few) if engine.slow and few < len(corpus) else corpus
        print(f"indexing {len(part):,} articles: {name}", file=sys.stderr)
        try:
            engine.build(part)
        except UnavailableError as reason:
            built[name] = str(reason)
        else:
            built[name if part is corpus else f"{name} (first {few:,})"] = engine
    return built


def main(arguments: Sequence[str] | None = None) -> None:
    options = parser(__doc__)
    options.add_argument("--engines", nargs="+", default=list(ENGINES), choices=list(ENGINES))
    options.add_argument("--classes", nargs="+", default=list(CLASSES), choices=list(CLASSES))
    options.add_argument("--repeat", type=int, default=1, help="repeat articles with fresh ids")
    options.add_argument("--queries", type=int, default=200, help="queries of each class")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument(
        "--budget", type=float, default=10.0, help="seconds for one engine in one class, about"
    )
    options.add_argument(
        "--few", type=int, default=10_000, help="articles for engines that index slowly"
    )
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--plot", type=Path, metavar="FILE.png")
    chosen = options.parse_args(arguments)

    corpus = Corpus(read_articles(chosen.articles, chosen.limit), chosen.repeat)
    queries = sample_queries(corpus, chosen.queries, chosen.seed)
    references = {len(corpus): Reference(text.split() for text in corpus.tokenised)}
    latency = Table("Latency: p50 / p99, milliseconds", ["engine", *chosen.classes])
    ratios = Table(f"Queries per second of {OURS}, for each of theirs", ["engine", *chosen.classes])
    answers = Table("Answers: right / ranked, percent", ["engine", *chosen.classes])
    bounds = Table(
        "Distance from reading the postings once at memory bandwidth",
        ["class", "postings read, KB", "bound, ms", "mean, ms", "times the bound"],
    )
    with tempfile.TemporaryDirectory() as folder:
        engines = build(chosen.engines, corpus, chosen.few, Path(folder))
        medians: dict[str, dict[str, list[float]]] = {name: {} for name in engines}
        quality: dict[str, dict[str, tuple[float, float]]] = {name: {} for name in engines}
        bandwidth = copy_bandwidth()
        for kind in chosen.classes:
            print(f"asking {len(queries[kind])} queries: {kind}", file=sys.stderr)
            able = {
                name: engine
                for name, engine in engines.items()
                if not isinstance(engine, str) and queries[kind][0].kind in engine.kinds
            }
            calls = {name: (lambda q, e=engine: e.timed(q, K)) for name, engine in able.items()}
            measured = interleave(calls, queries[kind], chosen.rounds, chosen.budget)
            for name, seconds in measured.items():
                medians[name][kind] = seconds
                engine = able[name]
                size = min(len(corpus), chosen.few) if engine.slow else len(corpus)
                if size not in references:
                    few = (text.split() for text in corpus.tokenised[:size])
                    references[size] = Reference(few)
                quality[name][kind] = check(engine, queries[kind][: len(seconds)], references[size])
            ours = able.get(OURS)
            if isinstance(ours, Vnsearch):
                read = statistics.fmean(ours.postings_bytes(query) for query in queries[kind])
                mean = statistics.fmean(measured[OURS])
                bounds.add(
                    kind,
                    read / 1024,
                    read / bandwidth * 1000,
                    mean * 1000,
                    mean * bandwidth / read if read else None,
                )
        for name, engine in engines.items():
            if isinstance(engine, str):
                latency.add(name, *[engine] * len(chosen.classes))
                continue
            rows = [medians[name].get(kind) for kind in chosen.classes]
            latency.add(name, *[spread(row) if row else None for row in rows])
            answers.add(
                name,
                *[verdict(quality[name].get(kind), kind in RANKED) for kind in chosen.classes],
            )
            if OURS in medians:
                ratios.add(
                    name,
                    *[
                        speed_ratio(medians[OURS][kind], row) if row else None
                        for kind, row in zip(chosen.classes, rows, strict=True)
                    ],
                )
            engine.close()
    tables = [table for table in (latency, ratios, answers, bounds) if table.rows]
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


def spread(seconds: Sequence[float]) -> str:
    """Write p50 / p99 in milliseconds."""
    return " / ".join(f"{percentile(seconds, p) * 1000:.3g}" for p in (50, 99))


def verdict(quality: tuple[float, float] | None, ranked: bool) -> str | None:
    """Write the share of right answers, and the overlap where a ranking can be compared."""
    if quality is None:
        return None
    right, overlap = quality
    if not ranked or overlap != overlap:
        return f"{right:.0%}"
    return f"{right:.0%} / {overlap:.0%}"


def plot(path: Path, classes: Sequence[str], medians: dict[str, dict[str, list[float]]]) -> None:
    """Draw p50 by class, one bar an engine, on a logarithmic scale."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    drawn = {name: rows for name, rows in medians.items() if rows}
    figure, axes = pyplot.subplots(figsize=(11, 5))
    width = 0.8 / len(drawn)
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
    axes.legend(ncols=3)
    axes.grid(axis="y", alpha=0.3)
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    pyplot.close(figure)


if __name__ == "__main__":
    main()

"""How long until one added article is on disk and found, and do many single adds stay linear?

Each engine starts from all the articles, then takes articles one at a time: add, commit, make
visible. A word that only the new article has is asked for after each add, untimed, and must find
it. "last / first" compares the mean of the last tenth of the adds with that of the first.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from _common import Corpus, Query, Table, parser, percentile, read_articles, report, steady
from _engines import ENGINES, INDEXERS, OURS, Engine, UnavailableError, add_engine_options


def add_singly(engine: Engine, corpus: Corpus, adds: int, budget: float) -> list[float]:
    """Add up to ``adds`` articles for up to ``budget`` seconds; return the seconds of each.

    Raises RuntimeError where an article cannot be found straight after it was added.
    """
    source = corpus.texts if engine.name == OURS else corpus.tokenised
    seconds: list[float] = []
    with steady():
        for turn in range(adds):
            if sum(seconds) > budget:
                break
            number, word = len(corpus) + turn, f"zq{letters(turn)}"
            text = f"{source[turn % len(corpus)]} {word}"
            start = time.perf_counter()
            engine.add(number, text)
            seconds.append(time.perf_counter() - start)
            if engine.numbers(engine.search(Query("or", (word,)), 10)) != [number]:
                raise RuntimeError(f"{engine.name}: added article {number} is not found")
    return seconds


def letters(number: int) -> str:
    """Write a number in letters, so that it is one token whatever splits digits off."""
    return str(number).translate(str.maketrans("0123456789", "abcdefghij"))


def main(arguments: Sequence[str] | None = None) -> None:
    options = parser(__doc__)
    add_engine_options(options, INDEXERS)
    options.add_argument("--adds", type=int, default=1000)
    options.add_argument("--budget", type=float, default=60.0, help="seconds for one engine")
    chosen = options.parse_args(arguments)

    everything = Corpus(read_articles(chosen.articles, chosen.limit), chosen.repeat)
    table = Table(
        "One article added, durable and visible",
        ["engine", "articles", "adds", "p50 ms", "p95 ms", "worst ms", "mean ms", "last / first"],
    )
    for name in chosen.engines:
        corpus = everything.head(chosen.few) if ENGINES[name].slow else everything
        print(f"indexing {len(corpus):,} articles: {name}", file=sys.stderr)
        with tempfile.TemporaryDirectory() as folder:
            engine = ENGINES[name](Path(folder))
            try:
                engine.build(corpus)
                engine.close()
                engine.open()
                seconds = add_singly(engine, corpus, chosen.adds, chosen.budget)
            except UnavailableError as reason:
                table.add(name, str(reason))
                continue
            except NotImplementedError:
                table.add(name, len(corpus), "cannot")
                continue
            engine.close()
        tenth = max(1, len(seconds) // 10)
        table.add(
            name,
            len(corpus),
            len(seconds),
            *(percentile(seconds, percent) * 1000 for percent in (50, 95, 100)),
            statistics.fmean(seconds) * 1000,
            statistics.fmean(seconds[-tenth:]) / statistics.fmean(seconds[:tenth]),
        )
    report(chosen, [table], articles=len(everything), repeated=chosen.repeat)


if __name__ == "__main__":
    main()

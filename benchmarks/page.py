"""How long does a whole page take: ten hits with their snippets?

vnsearch parses the query as typed, understands it, ranks by the whole recipe and cuts snippets from
the original text. The rivals get ready queries over ready tokens and cut snippets from those.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from _common import CLASSES, Corpus, Query, parser, read_articles, report, sample_queries
from _engines import ENGINES, INDEXERS, Engine, add_engine_options
from _race import add_race_options, build_all, race, race_tables

K = 10


def timed_page(engine: Engine, query: Query) -> float:
    """Make one page and return the seconds it took."""
    start = time.perf_counter()
    engine.page(query, K)
    return time.perf_counter() - start


def main(arguments: Sequence[str] | None = None) -> None:
    options = parser(__doc__)
    able = [name for name in INDEXERS if ENGINES[name].page is not Engine.page]
    add_engine_options(options, able)
    add_race_options(options)
    chosen = options.parse_args(arguments)

    corpus = Corpus(read_articles(chosen.articles, chosen.limit), chosen.repeat)
    classes = [kind for kind in CLASSES if kind != "prefix"]
    queries = sample_queries(corpus, chosen.queries, chosen.seed, classes)
    with tempfile.TemporaryDirectory() as folder:
        engines = build_all(chosen.engines, corpus, chosen.few, Path(folder), stored=True)
        medians = race(engines, queries, timed_page, chosen.rounds, chosen.budget)
        for engine in engines.values():
            if isinstance(engine, Engine):
                engine.close()
    report(
        chosen,
        race_tables(engines, medians, classes),
        articles=len(corpus),
        repeated=chosen.repeat,
        queries=chosen.queries,
        seed=chosen.seed,
    )


if __name__ == "__main__":
    main()

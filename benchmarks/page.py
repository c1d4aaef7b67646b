"""How long does a whole page take: ten hits with their snippets?

"vnsearch" parses the query as typed, understands it, ranks by the whole recipe (words, pairs and
beginnings beside BM25) and cuts snippets from the original text. "vnsearch, plain BM25" does what
the rivals do and no more: it takes the words as typed and ranks by BM25 alone, through the same
`Index.search`. The rivals get ready queries over ready tokens and cut snippets from those.

Documents shown before may still be in an engine's memory. The first tables are of queries asked
again and again; the last ones of queries asked once, each class of an index just opened.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from _common import CLASSES, Corpus, Query, parser, read_articles, report, sample_queries, steady
from _engines import ENGINES, INDEXERS, OURS, PLAIN, Engine, add_engine_options
from _race import Medians, add_race_options, build_all, race, race_tables

K = 10


def timed_page(engine: Engine, query: Query) -> float:
    """Make one page and return the seconds it took."""
    start = time.perf_counter()
    engine.page(query, K)
    return time.perf_counter() - start


def ask_once(
    engines: Mapping[str, Engine | str], queries: Mapping[str, Sequence[Query]]
) -> Medians:
    """Return the seconds of each page when an engine has shown next to nothing before."""
    seconds: dict[str, dict[str, list[float]]] = {name: {} for name in engines}
    for kind, asked in queries.items():
        for name, engine in engines.items():
            if isinstance(engine, Engine):
                engine.close()
                engine.open()
                timed_page(engine, asked[-1])  # what is done once in a process is done
                with steady():
                    seconds[name][kind] = [timed_page(engine, query) for query in asked[:-1]]
    return seconds


def main(arguments: Sequence[str] | None = None) -> None:
    options = parser(__doc__)
    rivals = [name for name in INDEXERS if ENGINES[name].page is not Engine.page and name != OURS]
    able = [OURS, PLAIN, *rivals]
    add_engine_options(options, able)
    add_race_options(options)
    chosen = options.parse_args(arguments)

    corpus = Corpus(read_articles(chosen.articles, chosen.limit), chosen.repeat)
    classes = [kind for kind in CLASSES if kind != "prefix"]
    queries = sample_queries(corpus, chosen.queries, chosen.seed, classes)
    with tempfile.TemporaryDirectory() as folder:
        engines = build_all(chosen.engines, corpus, chosen.few, Path(folder), stored=True)
        medians = race(engines, queries, timed_page, chosen.rounds, chosen.budget)
        once = ask_once(engines, queries)
        for engine in engines.values():
            if isinstance(engine, Engine):
                engine.close()
    report(
        chosen,
        [
            *race_tables(engines, medians, classes, ours=(OURS, PLAIN)),
            *race_tables(engines, once, classes, ", asked once", ours=(OURS, PLAIN)),
        ],
        articles=len(corpus),
        repeated=chosen.repeat,
        queries=chosen.queries,
        seed=chosen.seed,
    )


if __name__ == "__main__":
    main()

"""How well are results ranked, beside plain BM25 on the same syllables in the same run?

`--set FOLDER...` takes judged sets (corpus.jsonl, queries.jsonl, qrels.tsv). `--titles N` asks for
N articles of `--articles` by title, with only the bodies indexed. Ours answers through the public
API. Plain BM25 is the exhaustive reference (k1 = 0.9, b = 0.9) over the same syllables.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial

from _common import Table, parser, report
from _relevance import (
    METRICS,
    add_set_options,
    evaluate,
    judged_sets,
    library,
    page,
    plain_bm25,
)


def main(arguments: Sequence[str] | None = None) -> None:
    options = parser(__doc__)
    add_set_options(options)
    chosen = options.parse_args(arguments)
    table = Table("Relevance, percent", ["set", "documents", "queries", "ranking", *METRICS])
    for judged in judged_sets(chosen):
        print(f"asking {len(judged.queries):,} queries: {judged.name}", file=sys.stderr)
        sizes = (len(judged.documents), len(judged.queries))
        plain = evaluate(judged, plain_bm25(judged))
        with library(judged.documents) as index:
            ours = evaluate(judged, partial(page, index))
        table.add(judged.name, *sizes, "plain BM25", *plain)
        table.add(judged.name, *sizes, "vnsearch", *ours)
        gains = [100 * (a / b - 1) if b else None for a, b in zip(ours, plain, strict=True)]
        table.add(judged.name, *sizes, "gain, %", *gains)
    report(chosen, [table], seed=chosen.seed)


if __name__ == "__main__":
    main()

"""How large is an index beside the text it was made from?

"index" is all that searching needs: postings, positions, dictionaries, lengths, counts. Text kept
whole, to be shown with a hit, is counted apart as "stored" (only vnsearch keeps it here).
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from _common import Corpus, Table, parser, read_articles, report
from _engines import ENGINES, INDEXERS, STORED, UnavailableError, add_engine_options


def main(arguments: Sequence[str] | None = None) -> None:
    options = parser(__doc__)
    add_engine_options(options, INDEXERS)
    chosen = options.parse_args(arguments)

    everything = Corpus(read_articles(chosen.articles, chosen.limit), chosen.repeat)
    whole = Table("Index size", ["engine", "articles", "text MB", "index / text", "stored / text"])
    parts = Table("Index size by part", ["engine", "part", "MB", "share of text"])
    for name in chosen.engines:
        corpus = everything.head(chosen.few) if ENGINES[name].slow else everything
        print(f"indexing {len(corpus):,} articles: {name}", file=sys.stderr)
        with tempfile.TemporaryDirectory() as folder:
            engine = ENGINES[name](Path(folder))
            try:
                engine.build(corpus)
            except UnavailableError as reason:
                whole.add(name, str(reason))
                continue
            engine.close()
            sizes = engine.size()
        text = corpus.text_bytes
        index = sum(size for part, size in sizes.items() if part != STORED)
        stored = sizes.get(STORED)
        whole.add(
            name,
            len(corpus),
            text / 1e6,
            index / text,
            None if stored is None else stored / text,
        )
        for part, size in sorted(sizes.items(), key=lambda item: -item[1]):
            parts.add(name, part, size / 1e6, size / text)
    report(chosen, [whole, parts], articles=len(everything), repeated=chosen.repeat)


if __name__ == "__main__":
    main()

"""How soon does a new process answer: importing, and opening an index for its first query?

Each figure is the wall time of a new Python process from its start to its end, the interpreter's
own start ("python alone") included. "cold" asks the system to forget the index's files first; the
interpreter and the libraries stay in the file cache. Every engine finds its ten best documents;
vnsearch understands the query first, and "with snippets" also shows each: its text read, the
passage chosen.
"""

from __future__ import annotations

import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from _common import Corpus, Table, parser, read_articles, report, sample_queries
from _engines import ENGINES, UnavailableError, add_engine_options

IMPORTS = {
    "python alone": "pass",
    "import vnsearch": "import vnsearch",
    "import tantivy": "import tantivy",
    "import bm25s": "import bm25s",
    "import whoosh.index": "import whoosh.index",
    "import xapian": "import xapian",
}
FIRST_ANSWERS = {
    "vnsearch": """
import sys, vnsearch
index = vnsearch.open_index(sys.argv[1] + "/index")
list(index.search(sys.argv[2]))
""",
    "vnsearch with snippets": """
import sys, vnsearch
index = vnsearch.open_index(sys.argv[1] + "/index")
[(hit.title, hit.snippet) for hit in index.search(sys.argv[2])]
""",
    "tantivy": """
import sys, tantivy
index = tantivy.Index.open(sys.argv[1])
make = tantivy.Query
terms = [make.term_query(index.schema, "body", word) for word in sys.argv[2].split()]
query = make.boolean_query([(tantivy.Occur.Should, term) for term in terms])
index.searcher().search(query, 10)
""",
    "bm25s + numba": """
import sys, bm25s
engine = bm25s.BM25.load(sys.argv[1], mmap=True)
engine.backend = "numpy"  # numba would compile for ten seconds first
engine.retrieve([sys.argv[2].split()], k=min(10, engine.scores["num_docs"]), show_progress=False)
""",
    "Xapian": """
import sys, xapian
enquire = xapian.Enquire(xapian.Database(sys.argv[1]))
enquire.set_query(xapian.Query(xapian.Query.OP_OR, sys.argv[2].split()))
list(enquire.get_mset(0, 10))
""",
    "SQLite FTS5": """
import sqlite3, sys
base = sqlite3.connect(sys.argv[1] + "/fts5.db")
match = " OR ".join(f'"{word}"' for word in sys.argv[2].split())
base.execute(
    "SELECT rowid FROM docs WHERE docs MATCH ? ORDER BY rank LIMIT 10", (match,)
).fetchall()
""",
    "whoosh3": """
import sys, whoosh.index, whoosh.query
searcher = whoosh.index.open_dir(sys.argv[1]).searcher()
terms = [whoosh.query.Term("body", word) for word in sys.argv[2].split()]
searcher.search(whoosh.query.Or(terms), limit=10)
""",
}


def run(script: str, *arguments: str) -> float | None:
    """Run a script in a new interpreter; return its wall seconds, or None where it fails."""
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], check=False, stderr=subprocess.DEVNULL
    )
    return time.perf_counter() - start if done.returncode == 0 else None


def median(
    action: Callable[[], float | None],
    times: int,
    before: Callable[[], None] = lambda: None,
) -> float | None:
    """Return the median of a repeated measurement in milliseconds, the first left out.

    ``before`` runs ahead of each one. None where the action failed.
    """
    known: list[float] = []
    for _ in range(times + 1):
        before()
        seconds = action()
        if seconds is None:
            return None
        known.append(seconds)
    return statistics.median(known[1:]) * 1000


def forget(folder: Path) -> None:
    """Ask the system to drop the files of a folder from its cache."""
    for path in folder.rglob("*"):
        if path.is_file():
            with contextlib.suppress(OSError, AttributeError), path.open("rb") as file:
                os.fsync(file.fileno())
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def main(arguments: Sequence[str] | None = None) -> None:
    options = parser(__doc__)
    add_engine_options(options, [name for name in FIRST_ANSWERS if name in ENGINES])
    options.add_argument("--times", type=int, default=11, help="processes for each figure")
    chosen = options.parse_args(arguments)

    imports = Table("A new process that only imports", ["process", "ms"])
    for name, script in IMPORTS.items():
        took = median(partial(run, script), chosen.times)
        imports.add(name, "not installed" if took is None else took)

    everything = Corpus(read_articles(chosen.articles, chosen.limit), chosen.repeat)
    words = " ".join(sample_queries(everything, 1, classes=["OR 2–3"])["OR 2–3"][0].tokens)
    answers = Table(
        "A new process to its first answer", ["engine", "articles", "cold ms", "warm ms"]
    )
    for name in chosen.engines:
        corpus = everything.head(chosen.few) if ENGINES[name].slow else everything
        print(f"indexing {len(corpus):,} articles: {name}", file=sys.stderr)
        with tempfile.TemporaryDirectory() as folder:
            engine = ENGINES[name](Path(folder))
            try:
                engine.build(corpus)
            except UnavailableError as reason:
                answers.add(name, str(reason))
                continue
            engine.close()
            for title, script in FIRST_ANSWERS.items():
                if title in (name, f"{name} with snippets"):
                    ask = partial(run, script, folder, words)
                    cold = median(ask, chosen.times, before=partial(forget, Path(folder)))
                    answers.add(title, len(corpus), cold, median(ask, chosen.times))
    report(chosen, [imports, answers], articles=len(everything), repeated=chosen.repeat)


if __name__ == "__main__":
    main()

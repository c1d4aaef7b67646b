"""How fast is indexing, how much memory does it take, and how do both grow?

Each engine indexes 1,000, 10,000, ... articles up to all there are, each time in a process of its
own. The rivals get ready tokens; vnsearch starts from the text and segments words as well, in a
process that has met none of them. CPU seconds are those of all threads until the commit returns;
memory is the most held above what the articles themselves take. "against" is the rate against that
of the engine's 10,000 articles, "rewritten" how many articles merges wrote for each one added.
"""

from __future__ import annotations

import multiprocessing
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeVar

from _common import (
    Corpus,
    Table,
    cpu_seconds,
    figure,
    parser,
    peak_memory,
    read_articles,
    report,
    reset_peak_memory,
)
from _engines import ENGINES, INDEXERS, UnavailableError, add_engine_options

T = TypeVar("T")


class Cost(NamedTuple):
    """What one build took: seconds, seconds, bytes, articles written again by merges."""

    cpu: float
    wall: float
    memory: int
    rewritten: int | None


def build(name: str, corpus: Corpus, stored: bool) -> Cost | str:
    """Build once in this process; return the cost, or why it cannot be done."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            # Imports, just-in-time compilers and the like are not what is asked about.
            practice = ENGINES[name](Path(folder, "practice"), stored)
            practice.folder.mkdir()
            practice.build(corpus.head(10), merged=False)
            practice.close()
        except UnavailableError as reason:
            return str(reason)
        engine = ENGINES[name](Path(folder, "index"), stored)
        engine.folder.mkdir()
        before = reset_peak_memory()
        cpu, wall = cpu_seconds(), time.perf_counter()
        engine.build(corpus, merged=False)
        cpu, wall = cpu_seconds() - cpu, time.perf_counter() - wall
        cost = Cost(cpu, wall, peak_memory() - before, engine.rewritten)
        engine.close()
        return cost


def apart(action: Callable[[], T]) -> T | str:
    """Act in a forked process, which shares what there is and starts with clean counters."""
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=lambda: sender.send(action()))
    with warnings.catch_warnings():
        # Newer Pythons warn of forking beside threads; nothing is running in this process's.
        warnings.simplefilter("ignore", DeprecationWarning)
        child.start()
    sender.close()
    try:
        result: T = receiver.recv()
        return result
    except EOFError:
        return "failed"
    finally:
        child.join()


def sizes(total: int) -> list[int]:
    """Return 1,000, 10,000, ... below ``total``, and ``total``."""
    powers = [10**power for power in range(3, 8)]
    return [*[power for power in powers if power < total], total]


def main(arguments: Sequence[str] | None = None) -> None:
    options = parser(__doc__)
    add_engine_options(options, INDEXERS)
    options.add_argument("--sizes", type=int, nargs="+", help="numbers of articles to index")
    options.add_argument("--stored", action="store_true", help="every engine keeps the text too")
    options.add_argument("--plot", type=Path, metavar="FILE.png")
    chosen = options.parse_args(arguments)

    # tokenised apart, so that no process that indexes has met the words before
    corpus = apart(lambda: Corpus(read_articles(chosen.articles, chosen.limit), chosen.repeat))
    if isinstance(corpus, str):
        raise SystemExit(f"{chosen.articles}: cannot be read")
    table = Table(
        "Indexing",
        [
            "engine",
            "articles",
            "articles / CPU s",
            "tokens / CPU s",
            "wall s",
            "peak MB",
            "against 10,000",
            "rewritten",
        ],
    )
    rates: dict[str, dict[int, float]] = {}
    for size in chosen.sizes or sizes(len(corpus)):
        part = corpus.head(size)
        tokens = sum(text.count(" ") + 1 for text in part.tokenised)
        for name in chosen.engines:
            if ENGINES[name].slow and size > max(chosen.few, 10_000):
                continue
            print(f"indexing {size:,} articles: {name}", file=sys.stderr)
            cost = apart(partial(build, name, part, chosen.stored))
            if isinstance(cost, str):
                table.add(name, size, cost)
                continue
            rate = size / cost.cpu
            rates.setdefault(name, {})[size] = rate
            table.add(
                name,
                size,
                rate,
                tokens / cost.cpu,
                cost.wall,
                cost.memory / 1e6,
                rate / rates[name][10_000] if 10_000 in rates[name] else None,
                None if cost.rewritten is None else cost.rewritten / size,
            )
    table.rows.sort(key=lambda row: chosen.engines.index(row[0]))
    report(chosen, [table], articles=len(corpus), repeated=chosen.repeat, stored=chosen.stored)
    if chosen.plot:
        plot(chosen.plot, rates)


def plot(path: Path, rates: dict[str, dict[int, float]]) -> None:
    """Draw articles per CPU-second against the number of articles, both logarithmic."""
    with figure(path) as axes:
        for name, by_size in rates.items():
            axes.plot(list(by_size), list(by_size.values()), marker="o", label=name)
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xlabel("articles")
        axes.set_ylabel("articles per CPU-second (more is better)")


if __name__ == "__main__":
    main()

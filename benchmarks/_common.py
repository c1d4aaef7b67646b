"""What every benchmark needs: articles, tokens, queries, timing to trust, and a report.

A benchmark answers one question. It takes ``--articles`` (the repository's seeds by default),
prints a Markdown table, and writes the same rows with the machine's description by ``--json``.
"""

from __future__ import annotations

import argparse
import contextlib
import copy
import gc
import gzip
import json
import lzma
import math
import os
import platform
import random
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from vnsearch.text import syllables

SEEDS = Path(__file__).resolve().parent.parent / "seeds"

RSS_UNIT = 1 if sys.platform == "darwin" else 1024  # getrusage's ru_maxrss, in bytes

T = TypeVar("T")


# --- command line -----------------------------------------------------------------------------


def parser(question: str) -> argparse.ArgumentParser:
    """Return a parser with the options every benchmark has; ``question`` is its docstring."""
    options = argparse.ArgumentParser(
        description=question, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument(
        "--articles",
        type=Path,
        default=SEEDS,
        metavar="PATH",
        help="JSON lines (.jsonl, also .gz/.xz) or a folder of text files; default: the seeds",
    )
    options.add_argument("--limit", type=int, metavar="N", help="use the first N articles only")
    options.add_argument("--json", type=Path, metavar="FILE", help="write the figures as JSON")
    return options


# --- articles and tokens ----------------------------------------------------------------------


class Article(NamedTuple):
    """One article: a title, the lead where it is kept apart, and the body."""

    id: str
    title: str
    lead: str
    body: str

    @property
    def text(self) -> str:
        """All there is to read, a line for each part."""
        return "\n".join(filter(None, self[1:]))


def open_text(path: Path) -> IO[str]:
    """Open a plain, gzip or xz file for reading UTF-8 text."""
    if path.suffix == ".xz":
        return lzma.open(path, "rt", encoding="utf-8")
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8")
    return path.open(encoding="utf-8")


def read_jsonl(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of a JSON-lines file."""
    with open_text(path) as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def read_articles(path: Path, limit: int | None = None) -> list[Article]:
    """Return the articles of a JSON-lines file (`id`, `title`, `abstract`, `body`) or a folder.

    In a folder each ``.txt`` file is an article whose first line is the title. Raises SystemExit
    with a sentence where there is nothing to read.
    """
    if path.is_dir():
        found: Iterable[Article] = (
            Article(file.stem, *_halves(file.read_text(encoding="utf-8")))
            for file in sorted(path.glob("*.txt"))
        )
    elif path.is_file():
        found = (
            Article(
                str(row["id"]),
                row.get("title") or "",
                row.get("abstract") or "",
                row.get("body") or row.get("text") or "",
            )
            for row in read_jsonl(path)
        )
    else:
        raise SystemExit(f"{path}: no such file or folder")
    articles = [article for article, _ in zip(found, range(limit or sys.maxsize), strict=False)]
    if not articles:
        raise SystemExit(f"{path}: no articles")
    return articles


def _halves(text: str) -> tuple[str, str, str]:
    title, _, rest = text.strip().partition("\n")
    return title, "", rest.strip()


class Corpus:
    """Articles and their tokens, made once and handed alike to every engine.

    ``texts[n]`` is the original text of document n, ``tokenised[n]`` its canonical
    tokens joined by spaces. With ``repeat`` the articles come that many times, with fresh ids.
    """

    def __init__(self, articles: Sequence[Article], repeat: int = 1) -> None:
        texts = [article.text for article in articles]
        self.ids = [
            f"{article.id}#{turn}" if turn else article.id
            for turn in range(repeat)
            for article in articles
        ]
        self.titles = [syllables(article.title) for article in articles] * repeat
        self.texts = texts * repeat
        self.tokenised = [" ".join(syllables(text)) for text in texts] * repeat

    def head(self, count: int) -> Corpus:
        """Return the first ``count`` documents, sharing their tokens."""
        part = copy.copy(self)
        for name in ("ids", "titles", "texts", "tokenised"):
            setattr(part, name, getattr(self, name)[:count])
        return part

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def text_bytes(self) -> int:
        """Size of the original texts in UTF-8."""
        return sum(len(text.encode()) for text in self.texts)


# --- queries ----------------------------------------------------------------------------------


class Query(NamedTuple):
    """A query in the form every engine takes: its class and its canonical tokens."""

    kind: str  # "or", "and", "phrase" or "prefix"; a single term is an "or" of one
    tokens: tuple[str, ...]


CLASSES: Mapping[str, tuple[str, int, int]] = {
    "1 term": ("or", 1, 1),
    "OR 2–3": ("or", 2, 3),
    "OR 5–8": ("or", 5, 8),
    "OR 10": ("or", 10, 10),
    "AND 2–3": ("and", 2, 3),
    "phrase 2": ("phrase", 2, 2),
    "phrase 3–4": ("phrase", 3, 4),
    "prefix": ("prefix", 1, 1),
}
"""Class of query -> (kind, fewest tokens, most tokens)."""


def sample_queries(
    corpus: Corpus, count: int, seed: int = 1, classes: Iterable[str] = CLASSES
) -> dict[str, list[Query]]:
    """Draw ``count`` queries of each class: runs of tokens as they stand in titles and texts.

    Words come from titles, as a reader would type them; phrases from anywhere in the text. A
    prefix is a token of three letters or more less its end, two letters at the least.
    """
    queries: dict[str, list[Query]] = {}
    for name in classes:
        rng = random.Random(f"{seed} {name}")  # each class its own, whatever else is asked
        kind, fewest, most = CLASSES[name]
        drawn: list[Query] = []
        for _ in range(count * 1000):
            if len(drawn) == count:
                break
            number = rng.randrange(len(corpus))
            source = corpus.titles[number]
            if kind == "phrase" or len(source) < most:
                source = corpus.tokenised[number].split()
            length = rng.randint(fewest, most)
            if len(source) < length:
                continue
            start = rng.randrange(len(source) - length + 1)
            tokens = tuple(source[start : start + length])
            if kind == "prefix":
                if len(tokens[0]) < 3 or not tokens[0].isalpha():
                    continue
                tokens = (tokens[0][: rng.randint(2, len(tokens[0]) - 1)],)
            elif kind != "phrase" and len(set(tokens)) < length:
                continue
            drawn.append(Query(kind, tokens))
        queries[name] = drawn
    return queries


# --- the obvious reference --------------------------------------------------------------------


class Reference:
    """Exhaustive matching and textbook BM25 over the same tokens: slow, short, and right.

    ``documents`` are token lists. Scores follow Robertson and Zaragoza (2009) with Lucene's
    never-negative idf::

        Σ qtf · ln(1 + (N − df + ½) / (df + ½)) · tf·(k1 + 1) / (tf + k1·(1 − b + b·len/avglen))
    """

    def __init__(self, documents: Iterable[Sequence[str]], k1: float = 0.9, b: float = 0.9) -> None:
        self.k1, self.b = k1, b
        self._ids: dict[str, int] = {}
        chunks: list[NDArray[np.int32]] = []
        for document in documents:
            ids = [self._ids.setdefault(token, len(self._ids)) for token in document]
            chunks.append(np.array(ids, dtype=np.int32))
        self.lengths = np.array([len(chunk) for chunk in chunks], dtype=np.int64)
        self._flat = np.concatenate(chunks) if chunks else np.empty(0, dtype=np.int32)
        self._starts = np.concatenate(([0], np.cumsum(self.lengths)))
        # The places of a term are one run of the stable argsort of all tokens.
        self._order = np.argsort(self._flat, kind="stable")
        self._runs = np.searchsorted(self._flat[self._order], np.arange(len(self._ids) + 1))

    def __len__(self) -> int:
        return len(self.lengths)

    def _places(self, token: str) -> NDArray[np.int64]:
        term = self._ids.get(token)
        if term is None:
            return np.empty(0, dtype=np.int64)
        return self._order[self._runs[term] : self._runs[term + 1]]

    def _documents_of(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.searchsorted(self._starts, places, side="right") - 1

    def matches(self, query: Query) -> set[int]:
        """Return the numbers of all documents that match."""
        if query.kind == "phrase":
            starts = self._places(query.tokens[0])
            for offset, token in enumerate(query.tokens[1:], 1):
                starts = np.intersect1d(starts, self._places(token) - offset)
            documents = self._documents_of(starts)
            inside = documents == self._documents_of(starts + len(query.tokens) - 1)
            return set(documents[inside].tolist())
        tokens = query.tokens
        if query.kind == "prefix":
            tokens = tuple(token for token in self._ids if token.startswith(query.tokens[0]))
        sets = [set(self._documents_of(self._places(token)).tolist()) for token in tokens]
        if query.kind == "and":
            return set.intersection(*sets)
        return set().union(*sets)

    def rank(self, tokens: Sequence[str], k: int = 10) -> list[int]:
        """Return the ``k`` best documents for a bag of tokens; equal scores keep their order."""
        total = len(self)
        norms = self.k1 * (1 - self.b + self.b * self.lengths / max(self.lengths.mean(), 1e-9))
        scores = np.zeros(total)
        for token in tokens:  # a repeated token counts again: that is qtf
            tf = np.bincount(self._documents_of(self._places(token)), minlength=total)
            df = np.count_nonzero(tf)
            idf = np.log(1 + (total - df + 0.5) / (df + 0.5))
            scores += idf * tf * (self.k1 + 1) / (tf + norms)
        best = np.argsort(-scores, kind="stable")[:k]
        return [int(number) for number in best if scores[number] > 0]


# --- measuring --------------------------------------------------------------------------------


@contextlib.contextmanager
def steady() -> Iterator[None]:
    """Keep the garbage collector out of what is timed, as `timeit` does."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def interleave(
    calls: Mapping[str, Callable[[T], float]],
    queries: Sequence[T],
    rounds: int = 5,
    budget: float = 10.0,
    at_least: int = 20,
) -> dict[str, list[float]]:
    """Time every call on every query, in rounds that take turns, and return medians in seconds.

    A call returns the seconds it took. The first round warms up and is thrown away; the order
    turns from round to round, so that a slow minute of the machine falls on all alike. A call
    that has used up ``budget`` seconds runs no further rounds, and if it does so in its first
    round it answers fewer queries (``at_least`` that many).
    """
    times: dict[str, list[list[float]]] = {name: [] for name in calls}
    spent = dict.fromkeys(calls, 0.0)
    order = list(calls)
    with steady():
        for turn in range(rounds + 1):
            for name in order:
                if turn == 0:
                    for position, query in enumerate(queries):
                        if spent[name] > budget / 2 and position >= at_least:
                            break
                        times[name].append([calls[name](query)])
                        spent[name] += times[name][-1][0]
                elif spent[name] <= budget:
                    for row, query in zip(times[name], queries, strict=False):
                        row.append(calls[name](query))
                        spent[name] += row[-1]
            order.append(order.pop(0))
    return {
        name: [statistics.median(row[1:] or row) for row in rows] for name, rows in times.items()
    }


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the nearest-rank percentile of ``values`` (0 < percent <= 100)."""
    ranked = sorted(values)
    return ranked[max(0, math.ceil(len(ranked) * percent / 100) - 1)]


def speed_ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Return how many of our queries run in the time of one of theirs, over the shared ones."""
    shared = min(len(ours), len(theirs))
    return sum(theirs[:shared]) / sum(ours[:shared])


def cpu_seconds() -> float:
    """Return user and system time of this process, its threads and its ended children."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def reset_peak_memory() -> int:
    """Forget this process's peak memory where the system can (Linux); return it now, bytes."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
    return _own_peak()


def peak_memory() -> int:
    """Return the most memory this process, and the largest of its ended children, held, bytes."""
    return _own_peak() + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * RSS_UNIT


def _own_peak() -> int:
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * RSS_UNIT


def copy_bandwidth(size: int = 256 << 20) -> float:
    """Return the bytes per second that one core reads while copying ``size`` bytes, best of 5."""
    source = np.ones(size, dtype=np.uint8)
    target = np.empty_like(source)
    best = 0.0
    for _ in range(5):
        start = time.perf_counter()
        np.copyto(target, source)
        best = max(best, size / (time.perf_counter() - start))
    return best


def machine() -> dict[str, Any]:
    """Describe where the figures were taken."""
    model = platform.processor() or platform.machine()
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    return {
        "cpu": model,
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 2),
    }


# --- report -----------------------------------------------------------------------------------

Cell = str | int | float | None


@dataclass
class Table:
    """Rows of figures under a heading. A cell of None has no figure and shows as a dash."""

    title: str
    columns: Sequence[str]
    rows: list[Sequence[Cell]] = field(default_factory=list)

    def add(self, *cells: Cell) -> None:
        """Append a row; short rows are filled with None."""
        self.rows.append([*cells, *[None] * (len(self.columns) - len(cells))])

    def markdown(self) -> str:
        """Return the table as aligned Markdown."""
        shown = [list(self.columns), *([show(cell) for cell in row] for row in self.rows)]
        widths = [max(len(row[column]) for row in shown) for column in range(len(self.columns))]
        lines = [
            "| "
            + " | ".join(
                cell.ljust(width) if column == 0 else cell.rjust(width)
                for column, (cell, width) in enumerate(zip(row, widths, strict=True))
            )
            + " |"
            for row in shown
        ]
        lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
        return f"### {self.title}\n\n" + "\n".join(lines) + "\n"


def show(cell: Cell) -> str:
    """Write a figure with three significant digits, or more where it is a large number."""
    if cell is None:
        return "–"
    if isinstance(cell, float):
        if cell != cell or cell == 0:
            return "–" if cell else "0"
        decimals = 0 if abs(cell) >= 100 else 1 if abs(cell) >= 10 else 2 if abs(cell) >= 1 else 3
        return f"{cell:,.{decimals}f}"
    return f"{cell:,}" if isinstance(cell, int) else cell


def report(options: argparse.Namespace, tables: Sequence[Table], **context: Any) -> None:
    """Print the tables; with ``--json`` write them and ``context`` as one object."""
    for table in tables:
        print(table.markdown())
    where = machine()
    described = ", ".join(f"{name} {value}" for name, value in {**where, **context}.items())
    print(f"({described})")
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        result = {
            "machine": where,
            **context,
            "tables": {
                table.title: [dict(zip(table.columns, row, strict=True)) for row in table.rows]
                for table in tables
            },
        }
        options.json.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n")


@contextlib.contextmanager
def figure(path: Path) -> Iterator[Any]:
    """Yield axes to draw on, then write them to ``path`` with a legend and a grid."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    drawing, axes = pyplot.subplots(figsize=(11, 5))
    yield axes
    axes.legend(ncols=3)
    axes.grid(axis="y", alpha=0.3)
    drawing.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    drawing.savefig(path, dpi=120)
    pyplot.close(drawing)

"""Judged sets, the metrics that score a ranking, and an index to ask through the public API."""

from __future__ import annotations

import argparse
import contextlib
import math
import random
import statistics
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from _common import Article, Reference, read_articles, read_jsonl

import vnsearch
from vnsearch.query.understand import Mode
from vnsearch.text import syllables

K = 10
METRICS = ("nDCG@10", "MRR@10", "R@10", "P@1")


@dataclass(frozen=True)
class JudgedSet:
    """Documents, queries, and which documents answer which query.

    ``judgements[query id]`` maps document ids to a grade above zero.
    """

    name: str
    documents: Mapping[str, str]
    queries: Mapping[str, str]
    judgements: Mapping[str, Mapping[str, int]]


def read_set(folder: Path) -> JudgedSet:
    """Read a folder of ``corpus.jsonl``, ``queries.jsonl`` and ``qrels.tsv``.

    A document may carry a ``title``, which is set above its text. ``qrels.tsv`` has query id,
    document id and grade, with or without a header. Queries without any judgement are left out.
    """
    documents = {
        str(row.get("id", row.get("_id"))): "\n".join(
            filter(None, (row.get("title"), row.get("text")))
        )
        for row in read_jsonl(folder / "corpus.jsonl")
    }
    judgements: dict[str, dict[str, int]] = {}
    for line in (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines():
        query, document, grade = line.split("\t")
        if grade.isdigit() and int(grade) > 0:
            judgements.setdefault(query, {})[document] = int(grade)
    queries = {
        query: str(row["text"])
        for row in read_jsonl(folder / "queries.jsonl")
        if (query := str(row.get("id", row.get("_id")))) in judgements
    }
    return JudgedSet(folder.name, documents, queries, judgements)


def titles_set(articles: Sequence[Article], count: int, seed: int = 1) -> JudgedSet:
    """Ask for articles by their titles, with only their bodies indexed.

    ``count`` titles are drawn with a fixed seed; the one right answer is the title's own article.
    """
    askable = [article for article in articles if article.title and article.body]
    drawn = random.Random(seed).sample(askable, min(count, len(askable)))
    return JudgedSet(
        f"title → body ({len(articles):,})",
        {article.id: article.body for article in articles},
        {article.id: article.title for article in drawn},
        {article.id: {article.id: 1} for article in drawn},
    )


def scores(ranking: Sequence[str], grades: Mapping[str, int]) -> tuple[float, float, float, float]:
    """Return nDCG@10, MRR@10, R@10 and P@1 (0..1) of one ranking.

    nDCG takes the grade itself as gain and discounts by log2(rank + 1) (Järvelin and Kekäläinen
    2002), as trec_eval does.
    """
    gains = [grades.get(document, 0) for document in ranking[:K]]
    ideal = sorted(grades.values(), reverse=True)[:K]
    first = next((rank for rank, gain in enumerate(gains, 1) if gain), math.inf)
    found = sum(gain > 0 for gain in gains)
    return _dcg(gains) / _dcg(ideal), 1 / first, found / len(grades), float(first == 1)


def _dcg(gains: Sequence[int]) -> float:
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, 1))


Ranker = Callable[[str], Sequence[str]]
"""From the text of a query to document ids, best first."""


def evaluate(judged: JudgedSet, rank: Ranker) -> tuple[float, ...]:
    """Return the four metrics over all queries of a set, in percent."""
    rows = [scores(rank(text), judged.judgements[query]) for query, text in judged.queries.items()]
    return tuple(100 * statistics.fmean(column) for column in zip(*rows, strict=True))


@contextlib.contextmanager
def library(documents: Mapping[str, str]) -> Iterator[vnsearch.Index]:
    """Index the documents as a newcomer would, in a folder that is gone afterwards."""
    schema = vnsearch.Schema(body=vnsearch.Text())
    with (
        tempfile.TemporaryDirectory() as folder,
        vnsearch.create_index(Path(folder) / "index", schema) as index,
    ):
        index.add({"id": identifier, "body": text} for identifier, text in documents.items())
        yield index


@contextlib.contextmanager
def opened(path: Path | None, articles: Sequence[Article]) -> Iterator[vnsearch.Index]:
    """Open an index that is there, or index titles and bodies in a passing folder."""
    with tempfile.TemporaryDirectory() as folder:
        if path:
            index = vnsearch.open_index(path)
        else:
            index = vnsearch.create_index(Path(folder) / "index")
            index.add(
                {"id": article.id, "title": article.title, "body": article.body}
                for article in articles
            )
        with index:
            yield index


def page(index: vnsearch.Index, query: str, understand: Mode = "auto") -> list[str]:
    """Return the ids of the first page of hits."""
    found = index.search(query, limit=K, highlight=None, understand=understand)
    return [hit.id for hit in found]


def plain_bm25(judged: JudgedSet, tokens: Callable[[str], Sequence[str]] = syllables) -> Ranker:
    """Return plain BM25 (k1 = 0.9, b = 0.9) over the set, everything split by ``tokens``."""
    identifiers = list(judged.documents)
    reference = Reference(tokens(text) for text in judged.documents.values())
    return lambda query: [identifiers[n] for n in reference.rank(tokens(query), K)]


def add_set_options(options: argparse.ArgumentParser) -> None:
    """Add the options that `judged_sets` reads."""
    options.add_argument("--set", type=Path, nargs="+", default=[], metavar="FOLDER", dest="sets")
    options.add_argument(
        "--titles",
        type=int,
        metavar="N",
        help="articles to ask for by title, their bodies indexed (1,000, or 0 with --set)",
    )
    options.add_argument("--seed", type=int, default=1)


def judged_sets(chosen: argparse.Namespace) -> list[JudgedSet]:
    """Return the sets asked for on the command line."""
    found = [read_set(folder) for folder in chosen.sets]
    titles = chosen.titles if chosen.titles is not None else 0 if found else 1000
    if titles:
        articles = read_articles(chosen.articles, chosen.limit)
        found.append(titles_set(articles, titles, chosen.seed))
    return found

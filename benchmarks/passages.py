"""Does the snippet show the passage that a person would have chosen?

A news article's lead says what its title asks. Its body is searched for the title, and the
sentence of the body that shares most with the lead (F1 of their tokens, 0.5 or more) is taken for
the one that answers. A snippet is right when it shows at least half of that sentence's tokens.
Beside it: the beginning of the body, as long.
"""

from __future__ import annotations

import random
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

from _common import Table, parser, read_articles, report

import vnsearch
from vnsearch import snippets

LENGTH = 240
CLEAR = 0.5
SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n+")


def overlap(one: set[str], other: set[str]) -> float:
    """Return the F1 of two sets of tokens."""
    return 2 * len(one & other) / (len(one) + len(other)) if one and other else 0.0


def answer(lead: str, body: str) -> set[str] | None:
    """Return the tokens of the sentence that says what the lead does, if one clearly does."""
    wanted = set(vnsearch.syllables(lead))
    sentences = [set(vnsearch.syllables(one)) for one in SENTENCE.split(body)]
    best = max(sentences, key=lambda one: overlap(wanted, one), default=set())
    return best if overlap(wanted, best) >= CLEAR else None


def shows(text: str, wanted: set[str]) -> bool:
    """Return whether a text shows at least half of the tokens."""
    return 2 * len(wanted & set(vnsearch.syllables(text))) >= len(wanted)


def main(arguments: Sequence[str] | None = None) -> None:
    options = parser(__doc__)
    options.add_argument("--titles", type=int, default=1_000, help="titles asked")
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args(arguments)

    articles = read_articles(chosen.articles, chosen.limit)
    judged = [
        (article, wanted)
        for article in random.Random(chosen.seed).sample(articles, len(articles))[
            : 4 * chosen.titles
        ]
        if article.title and (wanted := answer(article.lead or article.title, article.body))
    ][: chosen.titles]
    found = right = lead = 0
    with (
        tempfile.TemporaryDirectory() as folder,
        vnsearch.create_index(
            Path(folder) / "index", vnsearch.Schema(body=vnsearch.Text())
        ) as index,
    ):
        index.add({"id": article.id, "body": article.body} for article in articles)
        for article, wanted in judged:
            for hit in index.search(article.title, highlight=None):
                if hit.id == article.id:
                    found += 1
                    right += shows(hit.snippet, wanted)
                    beginning = snippets.snippet(article.body, {}, length=LENGTH)
                    lead += shows(snippets.render(beginning, article.body, None), wanted)
    table = Table("The passage that answers, percent", ["passage", "right"])
    table.add("snippet", 100 * right / found if found else None)
    table.add("beginning of the body", 100 * lead / found if found else None)
    report(
        chosen, [table], articles=len(articles), judged=len(judged), found=found, seed=chosen.seed
    )


if __name__ == "__main__":
    main()

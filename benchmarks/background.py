"""In what share of Vietnamese texts does each syllable stand?

Prints the table of `vnsearch/text/background.py`, counted over the bodies of `--articles`: whole
percent, rounded down; what is in less than five is left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from _common import Table, parser, read_articles, report

from vnsearch import syllables
from vnsearch.text import is_syllable

LEAST = 5


def shares(texts: Iterable[str]) -> dict[int, list[str]]:
    """Return the syllables by the percent of texts that have them, the highest first."""
    counts: Counter[str] = Counter()
    total = 0
    for text in texts:
        counts.update(set(syllables(text)))
        total += 1
    found: dict[int, list[str]] = {}
    for syllable, count in counts.items():
        if 100 * count >= LEAST * total and is_syllable(syllable):
            found.setdefault(100 * count // total, []).append(syllable)
    return {percent: sorted(found[percent]) for percent in sorted(found, reverse=True)}


def main(arguments: Sequence[str] | None = None) -> None:
    options = parser(__doc__)
    chosen = options.parse_args(arguments)
    articles = read_articles(chosen.articles, chosen.limit)
    table = Table("Background", ["percent of texts", "syllables"])
    for percent, found in shares(article.body for article in articles).items():
        table.add(percent, " ".join(found))
    report(chosen, [table])


if __name__ == "__main__":
    main()

"""Are the terms that people look up read as meant when they are typed without marks?

`judged/terms.txt` and `judged/more_terms.txt` hold search terms of one to six syllables in proper
spelling. Each is asked without its marks. It is read right when the most probable text is the
term, and found when the first hit of the term with its marks is on the page of ten; "MRR" is the
mean of one over its rank there. "Likely" is the probability that the weights give the right
spelling, of its least probable pair, as a geometric mean. The lines stand in two halves, odd and
even, so that a change can be chosen on one and shown on the other.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from _common import Table, parser, read_articles, report
from _relevance import opened, page
from typed import strip_marks

import vnsearch
from vnsearch import syllables
from vnsearch.query.understand import Understanding

LISTS = [Path(__file__).parent / "judged" / name for name in ("terms.txt", "more_terms.txt")]
LEAST = 0.001
"""A spelling that is not among the weights counts as so likely."""


def likelihood(read: Understanding, meant: Sequence[str]) -> float:
    """Return the weight that a reading gives the spellings meant."""
    if len(read.positions) != len(meant):
        return LEAST
    if len(meant) == 1:
        weights = [{one.term: one.weight for one in read.positions[0].variants}.get(meant[0], 0)]
    else:
        weights = [
            {(one.left, one.right): one.weight for one in pairs}.get(pair, 0)
            for pairs, pair in zip(read.pairs, pairwise(meant), strict=True)
        ]
    return max(LEAST, min(weights))


def judge(index: vnsearch.Index, terms: Sequence[str]) -> tuple[float, float, float, float]:
    """Return in percent how many terms are read right, how likely the right spelling is held, and
    of those that find anything with marks how many still find the first of it, and its MRR."""
    right, likely, ranks = [], [], []
    for term in terms:
        meant = tuple(syllables(term))
        read = index.understand(strip_marks(term))
        right.append(read.terms == meant)
        likely.append(math.log(likelihood(read, meant)))
        wanted = page(index, term)
        if wanted:
            found = page(index, strip_marks(term))
            ranks.append(1 / (found.index(wanted[0]) + 1) if wanted[0] in found else 0.0)
    return (
        100 * statistics.fmean(right),
        100 * math.exp(statistics.fmean(likely)),
        100 * statistics.fmean(map(bool, ranks or [0.0])),
        100 * statistics.fmean(ranks or [0.0]),
    )


def main(arguments: Sequence[str] | None = None) -> None:
    options = parser(__doc__)
    options.add_argument("--index", type=Path, metavar="DIR", help="an index of the articles")
    chosen = options.parse_args(arguments)
    table = Table(
        "search terms typed without marks, percent",
        ["terms", "number", "read right", "likely", "found", "MRR"],
    )
    articles = [] if chosen.index else read_articles(chosen.articles, chosen.limit)
    with opened(chosen.index, articles) as index:
        for path in LISTS:
            terms = path.read_text(encoding="utf-8").split("\n")[:-1]
            for half, some in (("odd", terms[::2]), ("even", terms[1::2])):
                name = f"{path.stem}, {half} lines"
                table.add(name, len(some), *judge(index, some))
                for count in (1, 2, 3, 4):
                    these = [term for term in some if len(syllables(term)) == count]
                    plural = "s" if count > 1 else ""
                    table.add(f"{name}, {count} syllable{plural}", len(these), *judge(index, these))
    report(chosen, [table], articles=len(articles))


if __name__ == "__main__":
    main()

"""Are slips corrected and beginnings completed as meant, and how soon?

The segmenter's words of two to four syllables that stand in several articles are drawn with a fixed
seed, frequent or not. Each is mistyped once in every way, and counts as corrected when
``did_you_mean`` says exactly the phrase; a phrase typed right counts when nothing is offered. Each
is also begun, with and without marks, up to the first letters of its last syllable or up to its
second letter, and counts when it is among the eight completions, or the first. Times are of
CPU, for the first time a query is asked and for the second.
"""

from __future__ import annotations

import random
import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from _common import Article, Table, parser, percentile, read_articles, report, steady
from _relevance import opened
from typed import each_syllable, mistypings, strip_marks

import vnsearch
from vnsearch.query.suggest import complete, did_you_mean
from vnsearch.text import analyze, encode_telex
from vnsearch.text.syllable import base, is_syllable, neighbours

LETTERS = "abcdeghiklmnopqrstuvxy"
K = 8


def phrases(articles: Sequence[Article], count: int, least: int, seed: int) -> list[str]:
    """Return words of the segmenter that stand in ``least`` articles or more, drawn at random."""
    found: Counter[str] = Counter()
    for article in articles:
        found.update({word.text for word in analyze(article.text).words})
    able = [
        word
        for word, number in sorted(found.items())
        if number >= least and " " in word and all(map(is_syllable, word.split(" ")))
    ]
    return random.Random(seed).sample(able, min(count, len(able)))


def changed(phrase: str, rng: random.Random, change: Callable[[str], Sequence[str]]) -> str | None:
    """Return the phrase with one syllable changed, None where none can be."""
    parts = phrase.split(" ")
    for at in rng.sample(range(len(parts)), len(parts)):
        ways = [way for way in change(parts[at]) if way != parts[at]]
        if ways:
            parts[at] = rng.choice(ways)
            return " ".join(parts)
    return None


def sounds(syllable: str) -> list[str]:
    """Return syllables that sound alike in some region and are spelled with other letters."""
    return [near for near, _ in neighbours(syllable) if base(near) != base(syllable)]


def letters(syllable: str) -> list[str]:
    """Return the syllable with one letter left out, doubled, swapped or replaced."""
    found = []
    for at in range(len(syllable)):
        left, right = syllable[:at], syllable[at:]
        found += [left + right[1:], left + right[0] + right]
        found += [left + right[1] + right[0] + right[2:]] if len(right) > 1 else []
        found += [left + letter + right[1:] for letter in LETTERS]
    return [way for way in found if way and not is_syllable(way)]


SLIPS: dict[str, Callable[[str, random.Random], str | None]] = {
    "right": lambda phrase, rng: phrase,
    "no marks": lambda phrase, rng: strip_marks(phrase),
    "Telex": lambda phrase, rng: each_syllable(phrase, 1, encode_telex, rng),
    "tone": lambda phrase, rng: changed(phrase, rng, mistypings),
    "sound": lambda phrase, rng: changed(phrase, rng, sounds),
    "letter": lambda phrase, rng: changed(phrase, rng, letters),
    "letter, no marks": lambda phrase, rng: changed(strip_marks(phrase), rng, letters),
}


BEGINNINGS: dict[str, Callable[[str], str]] = {
    "marks, 2 letters of the last": lambda phrase: begun(phrase, 2),
    "no marks, 2 letters of the last": lambda phrase: strip_marks(begun(phrase, 2)),
    "no marks, 1 letter of the last": lambda phrase: strip_marks(begun(phrase, 1)),
    "no marks, the first syllable": lambda phrase: strip_marks(phrase.split(" ")[0]),
}


def begun(phrase: str, letters: int) -> str:
    """Return the phrase up to the first ``letters`` letters of its last syllable."""
    head, _, last = phrase.rpartition(" ")
    return f"{head} {last[:letters]}"


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return the milliseconds of CPU a call took, and its result."""
    start = time.thread_time()
    result = work()
    return (time.thread_time() - start) * 1e3, result


def times(values: Sequence[float]) -> str:
    """Write the median and the 95th and 99th percentiles."""
    high = [f"{percentile(values, percent):.2f}" for percent in (95, 99)]
    return f"{statistics.median(values):.2f} ({', '.join(high)})"


def corrected(index: vnsearch.Index, drawn: Sequence[str], seed: int) -> Table:
    """Return how often and how soon each kind of slip is put right."""
    stats = index._current().statistics
    table = Table(
        "did you mean: right answers in percent, CPU ms p50 (p95, p99)",
        ["slip", "phrases", "right", "new", "again"],
    )
    for slip, change in SLIPS.items():
        rng = random.Random(seed)
        asked = [(phrase, typed) for phrase in drawn if (typed := change(phrase, rng))]
        right, new, again = 0, [], []
        for phrase, typed in asked:
            took, meant = timed(partial(did_you_mean, typed, stats))
            new.append(took)
            again.append(timed(partial(did_you_mean, typed, stats))[0])
            right += (meant or typed) == phrase
        table.add(slip, len(asked), 100 * right / len(asked), times(new), times(again))
    return table


def completed(index: vnsearch.Index, drawn: Sequence[str]) -> Table:
    """Return how often and how soon a beginning is completed as meant."""
    stats = index._current().statistics
    table = Table(
        f"completion: the phrase among {K}, and first, in percent; CPU ms p50 (p95, p99)",
        ["typed", "phrases", f"among {K}", "first", "new", "again"],
    )
    for name, begin in BEGINNINGS.items():
        places, new, again = [], [], []
        for phrase in drawn:
            prefix = begin(phrase)
            took, found = timed(partial(complete, prefix, stats, K))
            new.append(took)
            again.append(timed(partial(complete, prefix, stats, K))[0])
            texts = [one.text for one in found]
            places.append(texts.index(phrase) if phrase in texts else K)
        among = 100 * statistics.fmean(place < K for place in places)
        first = 100 * statistics.fmean(place == 0 for place in places)
        table.add(name, len(drawn), among, first, times(new), times(again))
    return table


def main(arguments: Sequence[str] | None = None) -> None:
    options = parser(__doc__)
    options.add_argument("--index", type=Path, metavar="DIR", help="an index of the articles")
    options.add_argument("--phrases", type=int, default=500, metavar="N")
    options.add_argument("--least", type=int, default=20, metavar="N", help="articles of a phrase")
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args(arguments)
    articles = read_articles(chosen.articles, chosen.limit)
    drawn = phrases(articles, chosen.phrases, chosen.least, chosen.seed)
    if not drawn:
        raise SystemExit("no phrase stands in so many articles: ask for fewer with --least")
    with opened(chosen.index, articles) as index, steady():
        tables = [corrected(index, drawn, chosen.seed), completed(index, drawn)]
    report(chosen, tables, articles=len(articles), phrases=len(drawn), seed=chosen.seed)


if __name__ == "__main__":
    main()

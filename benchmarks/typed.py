"""What does careless typing cost: no marks, half the marks, wrong tones, raw keys, NFD?

The queries of each judged set are mistyped in every way, with a fixed seed, and asked of vnsearch
through the public API, of plain BM25 over the syllables as written ("accented only"), and of plain
BM25 over unmarked syllables on both sides ("folded only"). Figures are nDCG@10 in percent.
"""

from __future__ import annotations

import random
import re
import sys
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from _common import Table, parser, report
from _relevance import (
    JudgedSet,
    add_set_options,
    evaluate,
    judged_sets,
    library,
    page,
    plain_bm25,
)

from vnsearch.text import fold_key, syllables
from vnsearch.text.keys import encode_telex, encode_vni

TONES = "\u0300\u0301\u0303\u0309\u0323"
HOOK, TILDE = "\u0309", "\u0303"

SYLLABLE = re.compile(r"[^\W\d_]+")
I_OR_Y = re.compile(
    rf"(?<=^[bcdghklmnpqrstvxđ])[iy](?=[{TONES}]?$)|(?<=^qu)[iy](?=[{TONES}]?$)", re.I
)
PLACED = re.compile(
    rf"(o(?=[{TONES}]?[ae])|(?<!q)u(?=[{TONES}]?y))([{TONES}]?)([aey])([{TONES}]?)$", re.I
)
SWAP_I_Y = str.maketrans("iyIY", "yiYI")


def decomposed(text: str) -> str:
    return unicodedata.normalize("NFD", text)


def strip_marks(text: str) -> str:
    """Return the text as typed without any Vietnamese mark."""
    letters = (letter for letter in decomposed(text) if not unicodedata.combining(letter))
    return "".join(letters).translate({ord("đ"): "d", ord("Đ"): "D"})


def mistypings(syllable: str) -> list[str]:
    """Return the common misspellings of one syllable: tone swapped or dropped, i/y, placement."""
    plain = decomposed(syllable)
    found = [
        plain.translate({ord(HOOK): TILDE, ord(TILDE): HOOK}),
        plain.translate(dict.fromkeys(map(ord, TONES))),
        I_OR_Y.sub(lambda letter: letter[0].translate(SWAP_I_Y), plain),
        PLACED.sub(r"\1\4\3\2", plain),
    ]
    return [unicodedata.normalize("NFC", form) for form in dict.fromkeys(found) if form != plain]


def each_syllable(text: str, share: float, change: Callable[[str], str], rng: random.Random) -> str:
    """Change a random ``share`` of the runs of letters in a text."""
    return SYLLABLE.sub(
        lambda run: change(run[0]) if rng.random() < share else run[0],
        unicodedata.normalize("NFC", text),
    )


def mistone(text: str, rng: random.Random) -> str:
    """Misspell a quarter of the syllables; one that has no misspelling stays as it is."""
    return each_syllable(
        text, 0.25, lambda syllable: rng.choice(mistypings(syllable) or [syllable]), rng
    )


TYPISTS: Mapping[str, Callable[[str, random.Random], str]] = {
    "clean": lambda text, rng: text,
    "no marks": lambda text, rng: strip_marks(text),
    "half the marks": lambda text, rng: each_syllable(text, 0.5, strip_marks, rng),
    "25 % mis-toned": mistone,
    "Telex": lambda text, rng: each_syllable(text, 1, encode_telex, rng),
    "VNI": lambda text, rng: each_syllable(text, 1, encode_vni, rng),
    "NFD": lambda text, rng: decomposed(text),
}


def folded(text: str) -> list[str]:
    return [fold_key(token) for token in syllables(text)]


def mistyped(judged: JudgedSet, typist: str, seed: int = 1) -> JudgedSet:
    """Return the set with every query typed by one of `TYPISTS`."""
    rng = random.Random(seed)
    queries = {query: TYPISTS[typist](text, rng) for query, text in judged.queries.items()}
    return replace(judged, queries=queries)


def main(arguments: Sequence[str] | None = None) -> None:
    options = parser(__doc__)
    add_set_options(options)
    chosen = options.parse_args(arguments)
    table = Table(
        "nDCG@10 by the way the query is typed, percent",
        ["set", "typed", "vnsearch", "lost", "accented only", "folded only"],
    )
    for judged in judged_sets(chosen):
        print(f"asking {len(judged.queries):,} queries: {judged.name}", file=sys.stderr)
        accented_only = plain_bm25(judged)
        folded_only = plain_bm25(judged, folded)
        with library(judged.documents) as index:
            untouched = evaluate(judged, partial(page, index, understand="off"))
            table.add(judged.name, "clean, understanding off", untouched[0])
            clean = 0.0
            for typist in TYPISTS:
                asked = mistyped(judged, typist, chosen.seed)
                ours, accented, folds = (
                    evaluate(asked, rank)[0]
                    for rank in (partial(page, index), accented_only, folded_only)
                )
                clean = clean or ours
                table.add(judged.name, typist, ours, clean - ours, accented, folds)
    report(chosen, [table], seed=chosen.seed)


if __name__ == "__main__":
    main()

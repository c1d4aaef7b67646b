"""What does reading a text cost, and are its words pyvi's?

On one core, over the same articles: pyvi (on the first ``--pyvi`` syllables, for it takes minutes
for what the others do in a second), our segmentation alone, our whole analysis from a str to term
numbers and word flags (with a new vocabulary, as indexing begins, and with one that has seen the
articles), and the floor below both: a regular expression over the lower-cased text. A syllable is
one of pyvi's, signs included, in every row. Labels are compared on what pyvi tagged; ``--pyvi 0``
tags everything.
"""

from __future__ import annotations

import re
import time
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from _common import Table, parser, read_articles, report, steady

from vnsearch.text import Vocabulary, segment, tokenize
from vnsearch.text.analyzer import word_labels

WORD = re.compile(r"\w+")


def seconds(call: Callable[[str], object], texts: Sequence[str], rounds: int) -> float:
    """Return the median CPU time of ``rounds`` passes over the texts."""
    times = []
    for _ in range(rounds):
        with steady():
            start = time.process_time()
            for text in texts:
                call(text)
            times.append(time.process_time() - start)
    return sorted(times)[rounds // 2]


def fresh(texts: Sequence[str], rounds: int) -> float:
    """Return the median CPU time of encoding the texts with a new vocabulary."""
    times = []
    for _ in range(rounds):
        encode = Vocabulary().encode
        encode("")  # the word model is loaded once per process
        times.append(seconds(encode, texts, 1))
    return sorted(times)[rounds // 2]


def pyvi_tokenizer() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pyvi.ViTokenizer import ViTokenizer
    return ViTokenizer


def pyvi_labels(pyvi: Any, text: str) -> list[bool]:
    syllables = pyvi.sylabelize(text)[1]
    if not syllables:
        return []
    tagged = pyvi.model.predict([pyvi.sent2features(syllables, False)])[0]
    return [label == "I_W" for label in tagged]


def main(arguments: Sequence[str] | None = None) -> None:
    options = parser(__doc__)
    options.add_argument("--pyvi", type=int, default=50_000, metavar="N", help="syllables for pyvi")
    options.add_argument("--rounds", type=int, default=5, help="passes, of which the median counts")
    chosen = options.parse_args(arguments)
    texts = [article.text for article in read_articles(chosen.articles, chosen.limit)]
    vocabulary = Vocabulary()
    counts = [len(word_labels(text)) for text in texts]
    tokens = sum(len(vocabulary.encode(text)[0]) for text in texts)
    total = sum(counts)

    few = tagged = 0
    while few < len(texts) and (chosen.pyvi == 0 or tagged < chosen.pyvi):
        tagged += counts[few]
        few += 1
    pyvi = pyvi_tokenizer()
    pyvi_rate = tagged / seconds(pyvi.tokenize, texts[:few], 1)
    differing = words_differing = 0
    for text in texts[:few]:
        theirs, ours = pyvi_labels(pyvi, text), word_labels(text)
        differing += abs(len(theirs) - len(ours))
        differing += sum(a != b for a, b in zip(theirs, ours, strict=False))
        words_differing += " ".join(segment(text)) != pyvi.tokenize(text) and bool(ours)

    speed = Table(
        "Reading a text, one core", ["what", "syllables", "M syllables/s", "times pyvi's speed"]
    )
    speed.add("pyvi: tokenize", tagged, pyvi_rate / 1e6, 1.0)
    whole = partial(seconds, texts=texts, rounds=chosen.rounds)
    for name, took in {
        "segmentation alone": whole(word_labels),
        "str to term numbers and words, new vocabulary": fresh(texts, chosen.rounds),
        "str to term numbers and words, known vocabulary": whole(vocabulary.encode),
        "str to Token objects": whole(tokenize),
        "floor: lower() and a regular expression": whole(lambda text: WORD.findall(text.lower())),
    }.items():
        speed.add(name, total, total / took / 1e6, total / took / pyvi_rate)
    same = Table("The same words as pyvi's", ["compared", "of", "differ"])
    same.add("labels", tagged, differing)
    same.add("articles' words", few, words_differing)
    report(chosen, [speed, same], articles=len(texts), tokens=tokens, terms=len(vocabulary))


if __name__ == "__main__":
    main()

"""Does the snippet show the passage that a person would have chosen?

``judged/passages.tsv`` names the passages that answer a news title, or a query put to one of the
seeds, as a reader chose them (docs/BENCHMARKS.md says how, and has the form of the file). A larger
set is derived: the sentence of a body that shares most with the article's lead (F1 of their tokens,
0.5 or more). The article is searched for, and its snippet is right when it covers at least 60 % of
the tokens of one of the passages. Beside it stand the beginning of the body, the first sentence
with most of the query's terms, both as long as a snippet, and tantivy's snippets of ready tokens.
News titles are asked where ``--articles`` has their articles; those are indexed whatever
``--limit`` says.
"""

from __future__ import annotations

import random
import re
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from _common import SEEDS, Article, Table, parser, read_articles, report
from _engines import UnavailableError, need
from typed import strip_marks

import vnsearch
from vnsearch import snippets

JUDGED = Path(__file__).resolve().parent / "judged" / "passages.tsv"

LENGTH = 240  # characters
COVERED = 0.6
CLEAR = 0.5
SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n+")


class Question(NamedTuple):
    """A query put to one article, and the passages of its body that answer, as token numbers."""

    article: Article
    query: str
    passages: Sequence[range]


Shower = Callable[[Question], range]
"""What shows tokens of a question's body: a search engine, or a baseline."""


# --- judgements -------------------------------------------------------------------------------


def checksum(tokens: Iterable[str]) -> str:
    """Return the CRC-32 of tokens joined by spaces, as eight hexadecimal digits."""
    return f"{zlib.crc32(' '.join(tokens).encode()):08x}"


def read_judged(path: Path, articles: Mapping[str, Article]) -> list[Question]:
    """Return the judged questions whose articles are at hand.

    Raises SystemExit for a passage that is not in its article: the article is another one, or
    text is cut into tokens differently now.
    """
    questions = []
    for line in path.read_text(encoding="utf-8").splitlines():
        name, query, *cells = line.split("\t")
        article = articles.get(name)
        if article is None:
            continue
        tokens = vnsearch.syllables(article.body)
        passages = []
        for cell in cells:
            place, _, digits = cell.partition(":")
            first, count = map(int, place.split("+"))
            if checksum(tokens[first : first + count]) != digits:
                raise SystemExit(f"{path}: {name} has no passage {cell}")
            passages.append(range(first, first + count))
        questions.append(Question(article, query or article.title, passages))
    return questions


def split(body: str) -> Iterator[tuple[str, range]]:
    """Yield the sentences of a body, cut in the plainest way, with the numbers of their tokens."""
    start = 0
    for sentence in SENTENCE.split(body):
        end = start + len(vnsearch.syllables(sentence))
        if end > start:
            yield sentence, range(start, end)
        start = end


def f1(shared: int, one: int, other: int) -> float:
    """Return the F1 of two sizes and what they share."""
    return 2 * shared / (one + other) if shared else 0.0


def derive(articles: Iterable[Article], most: int) -> list[Question]:
    """Return up to ``most`` titles with the sentence that says what the lead does, if one does."""
    questions: list[Question] = []
    for article in articles:
        if len(questions) == most:
            break
        wanted = set(vnsearch.syllables(article.lead))
        best, answer = 0.0, range(0)
        for sentence, place in split(article.body):
            said = set(vnsearch.syllables(sentence))
            if (value := f1(len(wanted & said), len(wanted), len(said))) > best:
                best, answer = value, place
        if article.title and best >= CLEAR:
            questions.append(Question(article, article.title, [answer]))
    return questions


# --- what is shown ----------------------------------------------------------------------------


def place(shown: Sequence[str], tokens: Sequence[str]) -> range:
    """Return where a run of tokens stands."""
    for first in range(len(tokens) - len(shown) + 1):
        if list(tokens[first : first + len(shown)]) == list(shown):
            return range(first, first + len(shown))
    raise ValueError(f"not of this text: {' '.join(shown)}")


def beginning(text: str) -> int:
    """Return how many tokens the beginning of a text shows."""
    found = snippets.snippet(text, {}, length=LENGTH)
    return len(vnsearch.syllables(snippets.render(found, text, None)))


def lead(question: Question) -> range:
    """Show the beginning of the body."""
    return range(beginning(question.article.body))


def fullest(question: Question) -> range:
    """Show the first sentence that has most of the query's terms."""
    terms = set(vnsearch.syllables(question.query))
    sentence, at = max(
        split(question.article.body),
        key=lambda one: len(terms.intersection(vnsearch.syllables(one[0]))),
    )
    return range(at.start, at.start + beginning(sentence))


class Library:
    """vnsearch, asked through its public API for one article at a time."""

    def __init__(self, folder: Path, articles: Iterable[Article]) -> None:
        schema = vnsearch.Schema(article=vnsearch.Keyword(), body=vnsearch.Text())
        self.index = vnsearch.create_index(folder, schema)
        self.index.add(
            {"id": article.id, "article": article.id, "body": article.body} for article in articles
        )

    def __call__(self, question: Question) -> range:
        """Show the snippet."""
        wanted = {"article": question.article.id}
        hits = self.index.search(question.query, limit=1, where=wanted, highlight=None)
        tokens = vnsearch.syllables(question.article.body)
        return place(vnsearch.syllables(hits[0].snippet), tokens) if len(hits) else range(0)


class Tantivy:
    """tantivy's snippets: ready tokens on both sides, any of the query's."""

    def __init__(self, articles: Iterable[Article]) -> None:
        self._api = api = need("tantivy")
        builder = api.SchemaBuilder()
        builder.add_text_field("body", stored=True, tokenizer_name="spaces")
        self._schema = builder.build()
        index = api.Index(self._schema)
        spaces = api.TextAnalyzerBuilder(api.Tokenizer.whitespace()).build()
        index.register_tokenizer("spaces", spaces)
        writer = index.writer(200_000_000, 1)
        for article in articles:
            writer.add_document(self._document(article))
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
        self._searcher = index.searcher()

    def _document(self, article: Article) -> Any:
        return self._api.Document(body=" ".join(vnsearch.syllables(article.body)))

    def __call__(self, question: Question) -> range:
        """Show the snippet."""
        make, should = self._api.Query, self._api.Occur.Should
        terms = dict.fromkeys(vnsearch.syllables(question.query))
        asked = make.boolean_query(
            [(should, make.term_query(self._schema, "body", term)) for term in terms]
        )
        maker = self._api.SnippetGenerator.create(self._searcher, asked, self._schema, "body")
        maker.set_max_num_chars(LENGTH)
        shown = maker.snippet_from_doc(self._document(question.article)).fragment().split()
        return place(shown, vnsearch.syllables(question.article.body))


# --- figures ----------------------------------------------------------------------------------


def judge(shown: range, passages: Iterable[range]) -> tuple[bool, float]:
    """Say whether what is shown covers one of the passages, and its best F1 with one of them."""
    right, best = False, 0.0
    for passage in passages:
        shared = len(range(max(shown.start, passage.start), min(shown.stop, passage.stop)))
        right = right or shared >= COVERED * len(passage)
        best = max(best, f1(shared, len(shown), len(passage)))
    return right, best


def figures(shower: Shower, questions: Sequence[Question]) -> tuple[float, float]:
    """Return the share that is right and the mean overlap, in percent."""
    judged = [judge(shower(question), question.passages) for question in questions]
    rights, overlaps = zip(*judged, strict=True)
    return 100 * sum(rights) / len(judged), 100 * sum(overlaps) / len(judged)


def main(arguments: Sequence[str] | None = None) -> None:
    options = parser(__doc__)
    options.add_argument("--titles", type=int, default=1_000, help="derived questions")
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args(arguments)

    seeds = read_articles(SEEDS)
    known = {article.id: article for article in [*seeds, *read_articles(chosen.articles)]}
    judged = read_judged(JUDGED, known)
    articles = read_articles(chosen.articles, chosen.limit)
    shuffled = random.Random(chosen.seed).sample(articles, len(articles))
    of_seeds = {article.id for article in seeds}
    sets = {
        "Judged news titles": [one for one in judged if one.article.id not in of_seeds],
        "Judged queries put to the seeds": [one for one in judged if one.article.id in of_seeds],
        "Titles, and the sentence nearest to the lead": derive(shuffled, chosen.titles),
    }
    # Judged articles are there whatever the limit.
    indexed = {
        one.id: one for one in [*articles, *(question.article for question in judged)]
    }.values()
    with tempfile.TemporaryDirectory() as folder:
        library = Library(Path(folder) / "index", indexed)
        showers: dict[str, Shower | str] = {
            "vnsearch": library,
            "vnsearch, typed without marks": lambda question: library(
                question._replace(query=strip_marks(question.query))
            ),
            "beginning of the body": lead,
            "sentence with most terms": fullest,
        }
        try:
            showers["tantivy, typed with marks"] = Tantivy(indexed)
        except UnavailableError as reason:
            showers["tantivy, typed with marks"] = str(reason)
        tables = []
        for title, questions in sets.items():
            if not questions:  # none of its articles is at hand
                continue
            table = Table(f"{title}, percent", ["shown", "right", "overlap"])
            for name, shower in showers.items():
                if isinstance(shower, str):
                    table.add(name, shower)
                else:
                    table.add(name, *figures(shower, questions))
            tables.append(table)
        library.index.close()
    asked = {title: len(questions) for title, questions in sets.items()}
    report(chosen, tables, articles=len(indexed), asked=asked, seed=chosen.seed)


if __name__ == "__main__":
    main()

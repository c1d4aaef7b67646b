"""Any query of the language, beside an exhaustive search written out the long way.

A collection is small, a query nests everything there is. What matches, scores (plain BM25F),
orders and filters must be what they are here, however the index is cut into segments.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from functools import cache
from itertools import chain, pairwise
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vnsearch
from vnsearch import Boolean, Date, Keyword, Number, Parameters, Schema, Text
from vnsearch.text import fold_key

WORDS = ["học", "hoc", "sinh", "đường", "duong", "đương", "nhà", "nha", "hà", "covid", "2400"]
BOOSTS = {"title": 2.0, "body": 1.0, "note": 0.5}
SCHEMA = Schema(
    title=Text(boost=2.0),
    body=Text(),
    note=Text(boost=0.5),
    section=Keyword(),
    tags=Keyword(multi=True),
    price=Number(),
    day=Date(),
    hot=Boolean(),
)
PLAIN = {"word_weight": 0.0, "pair_weight": 0.0, "background": 0.0}
GAP = 100  # positions between the values of a field

Doc: TypeAlias = dict[str, Any]
Row: TypeAlias = dict[str, dict[int, str]]
"""Of each text field, the tokens by their positions."""

ROW = st.lists(st.sampled_from(WORDS), max_size=9).map(" ".join)
ARTICLES = st.fixed_dictionaries(
    {},
    optional={
        "title": ROW,
        "body": st.lists(ROW, min_size=1, max_size=2),
        "note": ROW,
        "section": st.sampled_from(["s", "t", "u v"]),
        "tags": st.lists(st.sampled_from(["a", "ab", "đ"]), max_size=3),
        "price": st.sampled_from([-1.5, 0, 1, 2.5, 1000]),
        "day": st.datetimes(datetime(2020, 12, 30), datetime(2021, 1, 3)),
        "hot": st.booleans(),
    },
)


class Node:
    """A piece of a query: how it is written, what it matches and what it adds to a score.

    ``clauses`` are (key, weight, frequency in a field's tokens) of what is scored.
    """

    def __init__(self, text: str, is_single: bool = True) -> None:
        self.text = text
        self.is_single = is_single

    def bracketed(self) -> str:
        return self.text if self.is_single else f"({self.text})"

    def matches(self, docs: Docs, number: int, fields: Fields) -> bool:
        raise NotImplementedError

    def clauses(self, docs: Docs, fields: Fields, boost: float) -> Iterator[tuple[Clause, float]]:
        yield from ()


Fields: TypeAlias = "tuple[tuple[str, float], ...]"
EVERYWHERE: Fields = tuple(BOOSTS.items())


class Docs:
    """The articles of an index, their tokens found."""

    def __init__(self, articles: list[Doc], operator: str) -> None:
        self.articles = articles
        self.operator = operator
        self.rows: list[Row] = []
        for article in articles:
            row: Row = {}
            for name in BOOSTS:
                value = article.get(name, "")
                row[name] = {}
                for part in [value] if isinstance(value, str) else value:
                    start = max(row[name], default=-GAP - 1) + GAP + 1
                    row[name] |= dict(enumerate(vnsearch.syllables(part), start))
            self.rows.append(row)

    def df(self, name: str, holds: Callable[[dict[int, str]], bool]) -> int:
        return sum(holds(row[name]) for row in self.rows)

    def rate(self, number: int, name: str) -> float:
        total = sum(len(row[name]) for row in self.rows)
        average = total / len(self.rows) or 1.0
        return 1.0 / (1.0 - 0.9 + 0.9 * len(self.rows[number][name]) / average)


class Clause:
    """What is scored together: its df is the highest of its fields', or of a set the sum."""

    def __init__(
        self,
        key: object,
        fields: Fields,
        count: Callable[[dict[int, str]], int],
        df: Callable[[Docs, str], int],
        flat: bool = False,
    ) -> None:
        self.key = (key, fields)
        self.fields = fields
        self.count = count
        self.df = df
        self.flat = flat

    def score(self, docs: Docs, number: int, weight: float) -> float:
        x = 0.0
        for name, boost in self.fields:
            x += boost * self.count(docs.rows[number][name]) * docs.rate(number, name)
        if self.flat:
            x = float(any(self.count(docs.rows[number][name]) for name, _ in self.fields))
        df = min(max(self.df(docs, name) for name, _ in self.fields), len(docs.rows))
        idf = math.log(1 + (len(docs.rows) - df + 0.5) / (df + 0.5))
        return weight * idf * 1.9 * x / (x + 0.9) if x else 0.0


def word_clause(word: str, fields: Fields) -> Clause:
    def count(row: dict[int, str]) -> int:
        return list(row.values()).count(word)

    return Clause(word, fields, count, lambda docs, name: docs.df(name, lambda row: count(row) > 0))


class Words(Node):
    def __init__(self, words: list[str]) -> None:
        super().__init__(" ".join(words), len(words) == 1)
        self.words = words

    def matches(self, docs: Docs, number: int, fields: Fields) -> bool:
        here = [
            any(word in docs.rows[number][name].values() for name, _ in fields)
            for word in self.words
        ]
        return all(here) if docs.operator == "and" else any(here)

    def clauses(self, docs: Docs, fields: Fields, boost: float) -> Iterator[tuple[Clause, float]]:
        for word in self.words:
            yield word_clause(word, fields), boost


class Quoted(Node):
    def __init__(self, words: list[str], slop: int) -> None:
        super().__init__(f'"{" ".join(words)}"' + (f"~{slop}" if slop else ""))
        self.words = words
        self.slop = slop

    def count(self, row: dict[int, str]) -> int:
        """Return how many places begin a row of the words, the nearest of each taken."""
        found = 0
        for start in row:
            at = start if row[start] == self.words[0] else math.inf
            for word in self.words[1:]:
                at = min((p for p in row if p > at and row[p] == word), default=math.inf)
            found += at - start <= len(self.words) - 1 + self.slop
        return found

    def df(self, docs: Docs, name: str) -> int:
        if self.slop or len(self.words) == 1:
            return min(docs.df(name, lambda row, w=w: w in row.values()) for w in self.words)  # type: ignore[misc]
        return min(docs.df(name, lambda row, p=p: _beside(row, p)) for p in pairwise(self.words))  # type: ignore[misc]

    def matches(self, docs: Docs, number: int, fields: Fields) -> bool:
        return any(self.count(docs.rows[number][name]) for name, _ in fields)

    def clauses(self, docs: Docs, fields: Fields, boost: float) -> Iterator[tuple[Clause, float]]:
        yield Clause((self.text,), fields, self.count, self.df), boost


def _beside(row: dict[int, str], pair: tuple[str, str]) -> bool:
    return any(row[at] == pair[0] and row.get(at + 1) == pair[1] for at in row)


class Set(Node):
    """Any of the words that ``has`` is true of."""

    def __init__(self, text: str, has: Callable[[str], bool]) -> None:
        super().__init__(text)
        self.has = has

    def count(self, row: dict[int, str]) -> int:
        return sum(map(self.has, row.values()))

    def df(self, docs: Docs, name: str) -> int:
        return sum(docs.df(name, lambda row, w=w: w in row.values()) for w in WORDS if self.has(w))  # type: ignore[misc]

    def matches(self, docs: Docs, number: int, fields: Fields) -> bool:
        return any(self.count(docs.rows[number][name]) for name, _ in fields)

    def clauses(self, docs: Docs, fields: Fields, boost: float) -> Iterator[tuple[Clause, float]]:
        yield Clause((self.text,), fields, self.count, self.df, flat=True), boost


@cache
def edits(left: str, right: str) -> int:
    """Return the distance where letters are put in, left out, changed or swapped."""
    if not left or not right:
        return len(left) + len(right)
    ways = [
        edits(left[1:], right) + 1,
        edits(left, right[1:]) + 1,
        edits(left[1:], right[1:]) + (left[0] != right[0]),
    ]
    if left[1:2] == right[:1] and left[:1] == right[1:2]:
        ways.append(edits(left[2:], right[2:]) + 1)
    return min(ways)


def prefix(begun: str) -> Set:
    has = {
        True: lambda word: fold_key(word).startswith(begun),
        False: lambda word: word.startswith(begun) or (begun == "đươn" and word == "đường"),
    }[begun.isascii()]
    return Set(f"{begun}*", has)


def fuzzy(word: str, distance: int) -> Set:
    def has(other: str) -> bool:
        bare = fold_key(other) if word.isascii() else other
        return min(edits(word, other), edits(word, bare)) <= distance

    return Set(f"{word}~{distance}", has)


class Condition(Node):
    """A condition of a field's value."""

    def __init__(self, text: str, holds: Callable[[Doc], bool]) -> None:
        super().__init__(text)
        self.holds = holds

    def matches(self, docs: Docs, number: int, fields: Fields) -> bool:
        return self.holds(docs.articles[number])


def between(name: str, low: float | None, high: float | None, left: str, right: str) -> Condition:
    def holds(article: Doc) -> bool:
        value = article.get(name)
        if value is None:
            return False
        over = low is None or (value >= low if left == "[" else value > low)
        return over and (high is None or (value <= high if right == "]" else value < high))

    bounds = ["*" if bound is None else f"{bound:g}" for bound in (low, high)]
    return Condition(f"{name}:{left}{bounds[0]} TO {bounds[1]}{right}", holds)


def days(sign: str, day: int) -> Condition:
    begin = datetime(2020, 12, 30) + timedelta(days=day)
    end = begin + timedelta(days=1)

    def holds(article: Doc) -> bool:
        at = article.get("day")
        return (
            at is not None
            and {
                ":": begin <= at < end,
                ">=": at >= begin,
                "<=": at < end,
                ">": at >= end,
                "<": at < begin,
            }[sign]
        )

    return Condition(f"day{sign}{begin:%Y-%m-%d}", holds)


class Inside(Node):
    def __init__(self, name: str, node: Node) -> None:
        super().__init__(f"{name}:{node.bracketed()}")
        self.fields: Fields = ((name, BOOSTS[name]),)
        self.node = node

    def matches(self, docs: Docs, number: int, fields: Fields) -> bool:
        return self.node.matches(docs, number, self.fields)

    def clauses(self, docs: Docs, fields: Fields, boost: float) -> Iterator[tuple[Clause, float]]:
        return self.node.clauses(docs, self.fields, boost)


class Weighed(Node):
    def __init__(self, node: Node, factor: float) -> None:
        super().__init__(f"{node.bracketed()}^{factor:g}", False)
        self.node = node
        self.factor = factor

    def matches(self, docs: Docs, number: int, fields: Fields) -> bool:
        return self.node.matches(docs, number, fields)

    def clauses(self, docs: Docs, fields: Fields, boost: float) -> Iterator[tuple[Clause, float]]:
        return self.node.clauses(docs, fields, boost * self.factor)


class Joined(Node):
    """AND or OR between pieces."""

    def __init__(self, operator: str, nodes: list[Node]) -> None:
        super().__init__(f" {operator} ".join(node.bracketed() for node in nodes), False)
        self.all = operator == "AND"
        self.nodes = nodes

    def matches(self, docs: Docs, number: int, fields: Fields) -> bool:
        found = [node.matches(docs, number, fields) for node in self.nodes]
        return all(found) if self.all else any(found)

    def clauses(self, docs: Docs, fields: Fields, boost: float) -> Iterator[tuple[Clause, float]]:
        for node in self.nodes:
            yield from node.clauses(docs, fields, boost)


class Beside(Node):
    """Pieces side by side, some with a sign; the first has none."""

    def __init__(self, nodes: list[tuple[str, Node]]) -> None:
        # (a phrase only, so that it is surely beside other words that count)
        text = " ".join(
            sign + (f"({node.text})" if node.text[0].isdigit() and sign else node.bracketed())
            for sign, node in nodes
        )
        super().__init__(text, False)
        self.nodes = nodes

    def matches(self, docs: Docs, number: int, fields: Fields) -> bool:
        found: dict[str, list[bool]] = {"": [], "+": [], "-": []}
        for sign, node in self.nodes:
            found[sign].append(node.matches(docs, number, fields))
        if docs.operator == "and":
            found["+"] += found[""]
        some = any(found[""]) if not found["+"] else all(found["+"])
        return some and not any(found["-"])

    def clauses(self, docs: Docs, fields: Fields, boost: float) -> Iterator[tuple[Clause, float]]:
        plain = [node for sign, node in self.nodes if not sign]
        for sign, node in self.nodes:
            if sign != "-":
                yield from node.clauses(docs, fields, boost)
            if not sign and isinstance(node, Quoted) and len(plain) > 1:
                for word in node.words:  # which count by themselves, too
                    yield word_clause(word, fields), boost


WORD = st.sampled_from(WORDS)
LEAVES = st.one_of(
    st.lists(WORD, min_size=1, max_size=4).map(Words),
    st.builds(Quoted, st.lists(WORD, min_size=1, max_size=3), st.integers(0, 3)),
    st.builds(prefix, st.sampled_from(["h", "ho", "đươn", "du", "nhà", "24", "co"])),
    st.builds(
        fuzzy,
        st.sampled_from(["học", "hoc", "duong", "đường", "sinhh", "ovid", "nah"]),
        st.integers(1, 2),
    ),
)
TESTS = st.one_of(
    st.builds(
        between,
        st.just("price"),
        st.sampled_from([None, -1.5, 0, 1]),
        st.sampled_from([None, 0, 1, 2.5]),
        st.sampled_from("[{"),
        st.sampled_from("]}"),
    ),
    st.builds(days, st.sampled_from([":", ">=", "<=", ">", "<"]), st.integers(0, 4)),
    st.sampled_from(["s", "t", "u v"]).map(
        lambda v: Condition(f'section:"{v}"', lambda article: article.get("section") == v)
    ),
    st.sampled_from(["a", "đ"]).map(
        lambda v: Condition(
            f"tags:{v}*", lambda article: any(t.startswith(v) for t in article.get("tags", []))
        )
    ),
    st.booleans().map(
        lambda v: Condition(f"hot:{str(v).lower()}", lambda article: article.get("hot") is v)
    ),
    st.just(Condition("section:*", lambda article: "section" in article)),
    st.just(Condition("tags:*", lambda article: bool(article.get("tags")))),
    st.just(Condition("day:*", lambda article: "day" in article)),
)


def nested(nodes: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    few = st.lists(nodes, min_size=2, max_size=3)
    return st.one_of(
        st.builds(Joined, st.sampled_from(["AND", "OR"]), few),
        st.builds(
            lambda first, others: Beside([("", first), *others]),
            nodes,
            st.lists(st.tuples(SIGNS, nodes), min_size=1, max_size=3),
        ),
        st.builds(Weighed, nodes, st.sampled_from([0.5, 2.0])),
        st.builds(Inside, st.sampled_from(list(BOOSTS)), LEAVES),
    )


SIGNS = st.sampled_from(["", "+", "-"])
QUERIES = st.recursive(st.one_of(LEAVES, TESTS), nested, max_leaves=7)


def scores(docs: Docs, query: Node, fields: Fields) -> dict[int, float]:
    """Return the score of every article that matches, by its number."""
    clauses: dict[object, Clause] = {}
    weights: Counter[object] = Counter()
    for clause, weight in query.clauses(docs, fields, 1.0):
        clauses[clause.key] = clause
        weights[clause.key] += weight  # type: ignore[assignment]
    return {
        number: sum(clause.score(docs, number, weights[key]) for key, clause in clauses.items())
        for number in range(len(docs.articles))
        if query.matches(docs, number, fields)
    }


def made(path: Path, articles: list[Doc], cuts: list[int], **parameters: float) -> vnsearch.Index:
    """Return an index of articles in segments that begin at the cuts."""
    index = vnsearch.create_index(
        path,
        SCHEMA,
        parameters=Parameters(**{"unmarked_weight": 0.0} | parameters),  # type: ignore[arg-type]
    )
    ends = sorted({0, len(articles), *(cut % (len(articles) + 1) for cut in cuts)})
    for start, end in pairwise(ends):
        index.add({"id": str(n), **articles[n]} for n in range(start, end))
    return index


COLLECTIONS = st.lists(ARTICLES, min_size=1, max_size=12)
CUTS = st.lists(st.integers(0, 11), max_size=3)
CASES = st.lists(st.tuples(QUERIES, st.sampled_from(["or", "and"])), min_size=1, max_size=6)


FIELDS: st.SearchStrategy[dict[str, float]] = st.sampled_from(
    [BOOSTS, BOOSTS, {"body": 1.0}, {"note": 3.0, "title": 0.1}]
)


@given(COLLECTIONS, CUTS, CASES, FIELDS)
@settings(max_examples=60)
def test_any_query_answers_as_an_exhaustive_search_does(
    tmp_path_factory: pytest.TempPathFactory,
    articles: list[Doc],
    cuts: list[int],
    cases: list[tuple[Node, Any]],
    fields: dict[str, float],
) -> None:
    folder = tmp_path_factory.mktemp("model")
    with made(folder / "index", articles, cuts, **PLAIN) as index:
        for query, operator in cases:
            text = query.text
            found = index.search(text, limit=99, operator=operator, understand="off", fields=fields)
            expected = scores(Docs(articles, operator), query, tuple(fields.items()))
            assert found.total == len(expected), text
            assert {int(hit.id): hit.score for hit in found} == pytest.approx(expected, abs=1e-7)
            order = [(-hit.score, int(hit.id)) for hit in found]
            assert order == sorted(order)


def seen(results: Iterable[vnsearch.Hit]) -> list[tuple[str, float, str]]:
    return [(hit.id, hit.score, hit.snippet) for hit in results]


MODES = st.sampled_from(["auto", "off", "suggest"])


TUNED: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [
        {},
        {"unmarked_weight": 0.5},
        {"b": 1.0},
        {"b": 0.0, "k1": 100.0, "near_pairs": 1.0},
        {"k1": 1e-6, "fold_weight": 0.0, "lead_weight": 0.0, "unmarked_weight": 1.0},
        {"pair_overlap": 1.0, "pair_weight": 100.0, "background": 100.0, "lead_length": 1e-6},
    ]
)


@given(COLLECTIONS, CUTS, CASES, MODES, TUNED, st.sets(st.integers(0, 11)))
@settings(max_examples=40)
def test_an_index_answers_the_same_however_it_came_about(
    tmp_path_factory: pytest.TempPathFactory,
    articles: list[Doc],
    cuts: list[int],
    cases: list[tuple[Node, Any]],
    mode: Any,
    tuned: dict[str, Any],
    replaced: set[int],
) -> None:
    """Scores of the whole recipe: in one segment or several, one after another or replaced."""
    folder = tmp_path_factory.mktemp("cut")
    with (
        made(folder / "one", articles, [], **tuned) as one,
        made(folder / "cut", articles, cuts, **tuned) as cut,
        made(folder / "old", [{"title": "sinh học"}] * len(articles), cuts, **tuned) as old,
    ):
        old.delete(str(number) for number in range(len(articles)) if number not in replaced)
        old.add({"id": str(n), **article} for n, article in enumerate(articles))
        old.optimize()
        for number in range(0, len(articles), 4):
            assert seen(cut.more_like(number)) == seen(one.more_like(number))
            assert seen(old.more_like(number)) == seen(one.more_like(number))
        for query, operator in cases:
            options: dict[str, Any] = {"operator": operator, "understand": mode}
            found = one.search(query.text, limit=99, facets=["tags", "day"], **options)
            # (how often words are followed by others is only known segment by segment)
            for other in (old, cut) if mode == "off" else (old,):
                again = other.search(query.text, limit=99, facets=["tags", "day"], **options)
                assert seen(again) == seen(found)
                assert again.total == found.total
                assert again.facets == found.facets
                assert again.did_you_mean == found.did_you_mean
            hits = cut.search(query.text, limit=99, **options).hits
            pages = [
                hit
                for offset in range(0, 12, 5)
                for hit in seen(cut.search(query.text, limit=5, offset=offset, **options))
            ]
            assert pages == seen(hits)
            for hit in hits:
                explained = hit.explain()
                total = 0.0
                for part in explained.parts:
                    total += part.value
                assert explained.value == total == hit.score
                assert cut.explain(query.text, hit.id, **options).value == hit.score
            for identifier in {a["id"] for a in one.documents()} - {hit.id for hit in hits}:
                assert cut.explain(query.text, identifier, **options).value == 0


@given(COLLECTIONS, CUTS, QUERIES, st.lists(TESTS, max_size=2), st.data())
@settings(max_examples=40)
def test_filters_and_orders_take_from_what_is_found(
    tmp_path_factory: pytest.TempPathFactory,
    articles: list[Doc],
    cuts: list[int],
    query: Node,
    tests: list[Node],
    data: st.DataObject,
) -> None:
    names = data.draw(
        st.lists(st.sampled_from(["section", "price", "day", "hot", "id"]), max_size=3)
    )
    keys = [sign + name for name in names for sign in data.draw(st.sampled_from(["", "-"]))]
    price = data.draw(st.sampled_from([None, 0, (None, 1), (0, 2.5), [1, -1.5], []]))
    docs = Docs(articles, "or")
    # those replaced come last, and what they were before is no longer found
    replaced = sorted(data.draw(st.sets(st.integers(0, len(articles) - 1), max_size=3)))
    places = [n for n in range(len(articles)) if n not in replaced] + replaced
    expected = [n for n in places if query.matches(docs, n, EVERYWHERE)]

    def passes(article: Doc) -> bool:
        value = article.get("price")
        if price is None or value is None:
            return price is None
        if isinstance(price, tuple):
            return all(b is None or (value - b) * (1, -1)[i] >= 0 for i, b in enumerate(price))
        return value in (price if isinstance(price, list) else [price])

    expected = [n for n in expected if passes(articles[n])]
    before = [
        {"title": "học sinh", "price": 1} if n in replaced else a for n, a in enumerate(articles)
    ]
    with made(tmp_path_factory.mktemp("order") / "index", before, cuts) as index:
        index.add({"id": str(n), **articles[n]} for n in replaced)
        where = None if price is None else {"price": price}
        found = index.search(
            query.text,
            understand="off",
            where=where,
            sort=keys,
            limit=99,
            facets=["tags", "section"],
        )
        ordered = list(expected)
        for key in reversed(keys):
            name = key.lstrip("-")
            value = {n: str(n) if name == "id" else articles[n].get(name) for n in ordered}
            having = [n for n in ordered if value[n] is not None]
            having.sort(key=value.__getitem__, reverse=key.startswith("-"))  # type: ignore[arg-type]
            ordered = having + [n for n in ordered if value[n] is None]
        assert found.total == len(expected)
        several = {"tags": (set(articles[n].get("tags", ())) for n in expected)}
        several["section"] = ({articles[n].get("section")} - {None} for n in expected)
        for name, values in several.items():
            assert found.facets[name] == Counter(chain.from_iterable(values))
        if keys:
            assert [int(hit.id) for hit in found] == ordered
        else:
            assert {int(hit.id) for hit in found} == set(expected)


SETS = st.one_of(
    st.lists(WORD, min_size=1, max_size=3).map(Words),
    LEAVES.filter(lambda one: isinstance(one, Set)),
)
SOUGHT = st.recursive(
    SETS,
    lambda nodes: st.one_of(
        st.builds(Joined, st.sampled_from(["AND", "OR"]), st.lists(nodes, min_size=2, max_size=3)),
        st.builds(Inside, st.sampled_from(list(BOOSTS)), SETS),
        st.builds(lambda one, sign, two: Beside([("", one), (sign, two)]), nodes, SIGNS, nodes),
    ),
    max_leaves=4,
)


@given(COLLECTIONS, SOUGHT)
@settings(max_examples=40)
def test_what_matched_is_marked_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, articles: list[Doc], query: Node
) -> None:
    clauses = [clause for clause, _ in query.clauses(Docs(articles, "or"), EVERYWHERE, 1.0)]

    def is_sought(word: str, field: str) -> bool:
        return any(clause.count({0: word}) for clause in clauses if field in dict(clause.key[1]))

    with made(tmp_path_factory.mktemp("marks") / "index", articles, []) as index:
        for hit in index.search(query.text, limit=99, understand="off"):
            texts = {name: hit.fields.get(name, "") for name in reversed(BOOSTS)}
            rows = {n: (t if isinstance(t, str) else " ".join(t)).split() for n, t in texts.items()}
            field = next(
                (name for name in rows if any(is_sought(word, name) for word in rows[name])),
                next(name for name in rows if rows[name]),
            )
            shown = hit.snippet.split()
            assert {word.strip("«»…") for word in shown} <= {*rows[field], ""}
            inside = False
            for word in shown:
                inside = inside or word.startswith("«")
                assert inside == is_sought(word.strip("«»…"), field)
                inside = inside and not word.endswith("»")
            assert any(is_sought(word, field) for word in rows[field]) == ("«" in hit.snippet)

"""An index through a life of random changes, beside a dictionary that says what it must hold."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

import vnsearch
from vnsearch import Boolean, Date, Keyword, Number, Schema, Stored, Text

WORDS = ["học", "sinh", "đường", "nhà", "hà", "covid-19", "12/3"]
FIELDS: dict[str, tuple[vnsearch.schema.Field, st.SearchStrategy[Any]]] = {
    "title": (Text(boost=2.0), st.lists(st.sampled_from(WORDS), max_size=4).map(" ".join)),
    "body": (Text(), st.lists(st.lists(st.sampled_from(WORDS)).map(" ".join), max_size=3)),
    "tags": (Keyword(multi=True), st.lists(st.sampled_from(["a", "b", "", "đ"]), max_size=3)),
    "section": (Keyword(), st.sampled_from(["s", "t", "u v"])),
    "price": (Number(), st.sampled_from([-1.5, 0, 0.0, 1, 2**53, 1e300])),
    "day": (Date(), st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31))),
    "hot": (Boolean(), st.booleans()),
    "note": (Stored(), st.sampled_from([0, "", [], {"x": [None, "đ"]}])),
    "unknown": (Stored(), st.sampled_from([1, "hai"])),  # no field: kept under `extra`
}
SCHEMA = Schema({name: field for name, (field, _) in FIELDS.items() if name != "unknown"})
IDS = st.integers(0, 9).map(str)
ARTICLES = st.fixed_dictionaries(
    {"id": IDS},
    optional={name: st.none() | values for name, (_, values) in FIELDS.items()},
)


def kept(article: dict[str, Any]) -> dict[str, Any]:
    """Return an article as `Index.document` gives it back."""
    known = {name: v for name, v in article.items() if v is not None and name != "unknown"}
    if article.get("unknown") is not None:
        known["extra"] = {"unknown": article["unknown"]}
    return known


class Life(RuleBasedStateMachine):
    """The changes, and what must be true between them.

    ``reader`` stays open through all of it, as in a server; ``index`` writes.
    """

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "index"
        self.index = vnsearch.create_index(self.path, SCHEMA)
        self.reader = vnsearch.open_index(self.path)
        self.articles: dict[str, dict[str, Any]] = {}

    def put(self, identifier: str, article: dict[str, Any]) -> None:
        self.articles.pop(identifier, None)
        self.articles[identifier] = article

    @rule(articles=st.lists(ARTICLES, max_size=5))
    def add(self, articles: list[dict[str, Any]]) -> None:
        assert self.index.add(articles) == len(articles)
        for article in articles:
            self.put(article["id"], article)

    @rule(articles=st.lists(ARTICLES, max_size=4))
    def update(self, articles: list[dict[str, Any]]) -> None:
        assert self.index.update(articles) == len(articles)
        for article in articles:
            self.put(article["id"], self.articles.get(article["id"], {}) | article)

    @rule(ids=st.lists(IDS, max_size=4))
    def delete(self, ids: list[str]) -> None:
        assert self.index.delete(ids) == len(self.articles.keys() & set(ids))
        for identifier in ids:
            self.articles.pop(identifier, None)

    @rule(articles=st.lists(ARTICLES, max_size=3), wrong=st.sampled_from(["price", "day", "id"]))
    def fail(self, articles: list[dict[str, Any]], wrong: str) -> None:
        for change in self.index.add, self.index.update:
            with pytest.raises(vnsearch.SchemaError):
                change([*articles, {"id": "0"} | {wrong: []}])

    @rule(articles=st.lists(ARTICLES, max_size=3))
    def stop(self, articles: list[dict[str, Any]]) -> None:
        def interrupted() -> Iterator[dict[str, Any]]:
            yield from articles
            raise KeyboardInterrupt

        for change in self.index.add, self.index.update:
            with pytest.raises(KeyboardInterrupt):
                change(interrupted())

    @rule()
    def optimize(self) -> None:
        self.index.optimize()
        assert self.index.stats()["segments"] == bool(self.articles)
        assert self.index.stats()["deleted"] == 0

    @rule()
    def reopen(self) -> None:
        self.index.close()
        self.index = vnsearch.open_index(self.path)

    @rule()
    def repair(self) -> None:
        assert vnsearch.verify_index(self.path).ok
        assert vnsearch.repair_index(self.path).problems == []

    @rule()
    def leave_rubbish(self) -> None:
        """As a writer does that dies."""
        (self.path / f"{os.urandom(8).hex()}.seg").write_bytes(b"half a segment")
        (self.path / "vnsearch.json.tmp").write_text("half a commit")

    @invariant()
    def holds_the_articles_in_their_order(self) -> None:
        for index in self.index, self.reader:
            assert list(index.documents()) == list(map(kept, self.articles.values()))
            assert len(index) == len(self.articles)
        for number in range(10):
            known = self.articles.get(str(number))
            assert self.reader.document(number) == (None if known is None else kept(known))
            assert (number in self.reader) == (known is not None)

    @invariant()
    def counts_and_filters(self) -> None:
        names = ["tags", "section", "hot"]
        found = self.reader.search("*", limit=0, facets=names)
        assert found.total == len(self.articles)
        for name in names:
            counted: Counter[Any] = Counter()
            for article in self.articles.values():
                value = article.get(name)
                values = value if isinstance(value, list) else [] if value is None else [value]
                counted.update({str(v).lower() if name == "hot" else v for v in values})
            assert found.facets[name] == dict(counted)
            for value, count in counted.items():
                asked = value == "true" if name == "hot" else value
                assert self.reader.search("*", where={name: asked}).total == count

    @invariant()
    def sorts(self) -> None:
        for name in "section", "price", "day", "hot":
            for down in False, True:
                having = [a for a in self.articles.values() if a.get(name) is not None]
                having.sort(key=lambda article: article[name], reverse=down)
                lacking = [a for a in self.articles.values() if a.get(name) is None]
                hits = self.reader.search("*", sort="-" * down + name, limit=100)
                assert [hit.id for hit in hits] == [a["id"] for a in having + lacking]
                page = self.reader.search("*", sort="-" * down + name, limit=3, offset=2)
                assert [hit.id for hit in page] == [hit.id for hit in hits][2:5]

    @invariant()
    def finds(self) -> None:
        for word in "học", "đường", "covid":
            expected = {
                identifier
                for identifier, article in self.articles.items()
                if word in f"{article.get('title') or ''} {' '.join(article.get('body') or [])}"
            }
            found = self.reader.search(word, limit=100, understand="off")
            assert {hit.id for hit in found} == expected
            assert found.total == len(expected)

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            assert vnsearch.verify_index(self.path).ok
            self.index.close()
            self.reader.close()
            self.folder.cleanup()


def test_a_life_of_random_changes() -> None:
    """A few lives; ``LIVES=300`` in the environment takes minutes."""
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=int(os.environ.get("LIVES", "8")),
            stateful_step_count=20,
            suppress_health_check=list(HealthCheck),
            deadline=None,
        ),
    )

"""The library's scores are the recipe's, worked out here the long way."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vnsearch
from vnsearch.ranking.bm25 import Parameters, idf, rate

WORDS = ["nhà", "hà", "nội", "học", "sinh", "đường", "sắt", "tàu", "điện", "thành", "phố", "mưa"]
TEXTS = st.lists(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=40).map(" ".join),
    min_size=1,
    max_size=25,
)
QUERIES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join)


def bm25(documents: list[list[object]], query: Sequence[object]) -> list[float]:
    """Score every document by one unit, k1 = b = 0.9."""
    total = len(documents)
    average = sum(map(len, documents)) / total or 1.0
    scores = [0.0] * total
    for unit, times in Counter(query).items():
        df = sum(unit in document for document in documents)
        weight = times * math.log(1 + (total - df + 0.5) / (df + 0.5))
        for number, document in enumerate(documents):
            tf = document.count(unit)
            if tf:
                norm = 0.9 * (1 - 0.9 + 0.9 * len(document) / average)
                scores[number] += weight * tf * 1.9 / (tf + norm)
    return scores


def syllables(text: str) -> list[object]:
    return list(vnsearch.syllables(text))


def words(text: str) -> list[object]:
    return [word.text for word in vnsearch.analyze(text).words]


def pairs(text: str) -> list[object]:
    found = vnsearch.syllables(text)
    return list(pairwise(found))


def recipe(texts: list[str], query: str) -> list[float]:
    parts: list[tuple[float, Callable[[str], list[object]]]] = [
        (1.0, syllables),
        (0.5, words),
        (0.5, pairs),
    ]
    scores = [0.0] * len(texts)
    for weight, units in parts:
        for number, score in enumerate(bm25([units(text) for text in texts], units(query))):
            scores[number] += weight * score
    return scores


def made_index(path: Path, texts: list[str], parts: int = 1, **parameters: float) -> vnsearch.Index:
    """Return an index of ``texts`` in several segments; ids are the numbers of the texts."""
    index = vnsearch.create_index(
        path / "index",
        vnsearch.Schema(text=vnsearch.Text()),
        parameters=Parameters(unmarked_weight=0.0, **parameters),  # type: ignore[arg-type]
    )
    size = -(-len(texts) // parts)
    for start in range(0, len(texts), size):
        index.add(
            {"id": str(number), "text": texts[number]}
            for number in range(start, min(start + size, len(texts)))
        )
    return index


@given(TEXTS, QUERIES, st.integers(1, 3))
@settings(max_examples=40, deadline=None)
def test_scores_are_the_recipe(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], query: str, parts: int
) -> None:
    expected = recipe(texts, query)
    with made_index(tmp_path_factory.mktemp("recipe"), texts, parts) as index:
        results = index.search(query, limit=len(texts), understand="off")
        matching = [number for number, score in enumerate(expected) if score > 0]
        assert results.total == len(matching)
        assert {int(hit.id) for hit in results} == set(matching)
        for hit in results:
            assert hit.score == pytest.approx(expected[int(hit.id)], rel=1e-9)
        order = [(-round(hit.score, 9), int(hit.id)) for hit in results]
        assert order == sorted(order)
        for hit in results:
            explanation = hit.explain()
            assert explanation.value == hit.score
            total = 0.0
            for part in explanation.parts:
                total += part.value
            assert total == hit.score


@given(TEXTS, QUERIES)
@settings(max_examples=25, deadline=None)
def test_the_window_only_limits_what_is_looked_at_twice(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], query: str
) -> None:
    with made_index(tmp_path_factory.mktemp("window"), texts, 1, window=3) as index:
        whole = [hit.id for hit in index.search(query, limit=25, understand="off")]
        pages = [
            hit.id
            for offset in range(0, 25, 2)
            for hit in index.search(query, limit=2, offset=offset, understand="off")
        ]
        assert pages == whole


def test_formulas() -> None:
    assert idf(0, 10) == pytest.approx(math.log(1 + 10.5 / 0.5))
    assert idf(10, 10) > 0
    assert rate(100, 100.0, 0.9) == pytest.approx(1.0)
    assert rate(0, 100.0, 0.9) == pytest.approx(10.0)


@pytest.mark.parametrize(
    "wrong", [{"k1": 0}, {"b": 1.5}, {"word_weight": -1}, {"window": 0}, {"pair_weight": math.nan}]
)
def test_parameters_out_of_range_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Parameters(**wrong)  # type: ignore[arg-type]


def test_title_counts_above_body(tmp_path: Path) -> None:
    with vnsearch.create_index(tmp_path / "index") as index:
        filler = "một hai ba bốn năm sáu bảy tám chín mười"
        index.add(
            [
                {"id": "body", "title": "tin trong ngày", "body": "đường sắt " + filler},
                {"id": "title", "title": "đường sắt", "body": filler + " tin"},
                {"id": "none", "title": "thời tiết", "body": filler},
            ]
        )
        assert [hit.id for hit in index.search("đường sắt")] == ["title", "body"]
        assert [hit.id for hit in index.search("đường sắt", fields=["body"])] == ["body"]
        boosted = index.search("đường sắt", fields={"title": 0.01, "body": 1.0})
        assert [hit.id for hit in boosted] == ["body", "title"]


def test_exact_marks_come_first(tmp_path: Path) -> None:
    with vnsearch.create_index(tmp_path / "index") as index:
        index.add(
            [
                {"id": "plain", "title": "", "body": "ga tau duong sat bac nam"},
                {"id": "other", "title": "", "body": "mẹ dưỡng con, sát bên nhau, ngủ"},
                {"id": "exact", "title": "", "body": "ga tàu đường sắt bắc nam"},
                {"id": "far", "title": "", "body": "trời mưa to ở trên núi cao"},
            ]
        )
        assert [hit.id for hit in index.search("đường sắt")] == ["exact", "plain"]
        unmarked = [hit.id for hit in index.search("duong sat")]
        assert set(unmarked) >= {"exact", "plain"}
        assert "far" not in unmarked

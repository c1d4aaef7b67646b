"""The library's scores are the recipe's, worked out here the long way."""

from __future__ import annotations

import math
from array import array
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kernel_modes import interpreted

import vnsearch
import vnsearch.ranking.collection
from vnsearch.kernels import scoring
from vnsearch.ranking.bm25 import Parameters, background_idf, idf
from vnsearch.text import is_syllable
from vnsearch.text import syllables as tokens
from vnsearch.text.background import _BY_PERCENT, background_share

WORDS = ["nhà", "hà", "nội", "học", "sinh", "đường", "sắt", "tàu", "điện", "thành", "phố", "mưa"]
TEXTS = st.lists(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=40).map(" ".join),
    min_size=1,
    max_size=25,
)
QUERIES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join)


Found = dict[object, tuple[float, int]]
"""Of each unit of a text: how often it stands there, and its first place (-1: only nearly)."""


def idf_of(documents: list[Found], unit: object) -> float:
    df = sum(unit in document and document[unit][1] >= 0 for document in documents)
    return math.log(1 + (len(documents) - df + 0.5) / (df + 0.5))


def with_background(own: float, df: int, total: int, share: float) -> float:
    """Return the lower of a syllable's idf and that with half as many general texts added."""
    together = math.log(
        1 + (1.5 * total - df - share * total / 2 + 0.5) / (df + share * total / 2 + 0.5)
    )
    return min(own, together) if share else own


def scored(
    documents: list[Found], lengths: list[int], information: dict[object, float]
) -> list[float]:
    """Score every document by one kind of unit, k1 = b = 0.9; ``information`` has the weights."""
    average = sum(lengths) / len(documents) or 1.0
    scores = [0.0] * len(documents)
    for unit, weight in information.items():
        for number, document in enumerate(documents):
            tf, first = document.get(unit, (0, -1))
            if tf:
                norm = 0.9 * (1 - 0.9 + 0.9 * lengths[number] / average)
                lead = 0.5 * 100 / (100 + first) if first >= 0 else 0.0
                scores[number] += weight * (tf * 1.9 / (tf + norm) + lead)
    return scores


def counted(units: Sequence[tuple[object, int]], near: Sequence[object] = ()) -> Found:
    found: Found = {}
    for unit in near:
        found[unit] = (found.get(unit, (0.0, -1))[0] + 0.3, -1)
    for unit, place in units:
        times, first = found.get(unit, (0.0, -1))
        found[unit] = (times + 1, place if first < 0 else first)
    return found


def syllables(text: str) -> Found:
    return counted([(one, place) for place, one in enumerate(vnsearch.syllables(text))])


def words(text: str) -> Found:
    return counted([(word.text, word.first) for word in vnsearch.analyze(text).words])


def pairs(text: str) -> Found:
    tokens = vnsearch.syllables(text)
    turned = [(b, a) for a, b in pairwise(tokens) if a != b]
    return counted(
        [(pair, place) for place, pair in enumerate(pairwise(tokens))],
        [*turned, *zip(tokens, tokens[2:], strict=False)],
    )


def recipe(texts: list[str], query: str) -> list[float]:
    """Return every text's score, all worked out from the texts."""
    asked = vnsearch.syllables(query)
    by_syllable = [syllables(text) for text in texts]
    by_pair = [pairs(text) for text in texts]
    by_word = [words(text) for text in texts]
    rarity = {one: idf_of(by_syllable, one) for one in asked}
    weights: dict[object, float] = {
        one: n
        * with_background(
            rarity[one], sum(one in text for text in by_syllable), len(texts), background_share(one)
        )
        for one, n in Counter(asked).items()
    }
    lengths = [len(vnsearch.syllables(text)) for text in texts]
    parts = [
        scored(by_syllable, lengths, weights),
        scored(
            by_word,
            [len(vnsearch.analyze(text).words) for text in texts],
            {
                word: 0.5 * n * idf_of(by_word, word)
                for word, n in Counter(w.text for w in vnsearch.analyze(query).words).items()
            },
        ),
        scored(
            by_pair,
            [max(length - 1, 0) for length in lengths],
            {
                pair: 0.7 * n * (idf_of(by_pair, pair) - 0.75 * max(rarity[one] for one in pair))
                for pair, n in Counter(pairwise(asked)).items()
            },
        ),
    ]
    return [sum(part) for part in zip(*parts, strict=True)]


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
@settings(max_examples=40)
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
            assert hit.score == pytest.approx(expected[int(hit.id)], abs=1e-8)
        order = [(-round(hit.score, 9), int(hit.id)) for hit in results]
        assert order == sorted(order)
        for hit in results:
            explanation = hit.explain()
            assert explanation.value == hit.score
            total = 0.0
            for part in explanation.parts:
                total += part.value
            assert total == hit.score


WINDOWS = st.fixed_dictionaries(
    {},
    optional={
        "window": st.sampled_from([1, 3, 12]),
        "window_least": st.sampled_from([1, 2, 4]),
        "window_share": st.sampled_from([0.0, 0.3, 0.5, 0.8, 0.95, 1.0]),
    },
)


@given(TEXTS, QUERIES, st.integers(1, 3), WINDOWS)
@settings(max_examples=60)
def test_the_window_only_limits_what_is_looked_at_twice(
    tmp_path_factory: pytest.TempPathFactory,
    texts: list[str],
    query: str,
    parts: int,
    window: dict[str, float],
) -> None:
    with made_index(tmp_path_factory.mktemp("window"), texts, parts, **window) as index:
        hits = index.search(query, limit=25, understand="off").hits
        assert all(hit.explain().value == hit.score for hit in hits)
        # looked at twice are the best by syllables alone, if they are not too far from the best
        plain = vnsearch.open_index(
            index.path, parameters=Parameters(unmarked_weight=0.0, word_weight=0, pair_weight=0)
        )
        first = plain.search(query, limit=25, understand="off").hits
        tuned = index.parameters
        near = [
            hit.id
            for rank, hit in enumerate(first[: tuned.window])
            if rank < tuned.window_least or hit.score > tuned.window_share * first[0].score
        ]
        twice = [one.rescored for one in hits[0]._answer.found] if hits else []
        assert twice == [True] * len(near) + [False] * (len(hits) - len(near))
        assert {hit.id for hit in hits[: len(near)]} == set(near)
        assert [hit.id for hit in hits[len(near) :]] == [
            hit.id for hit in first if hit.id not in near
        ]
        whole = [hit.id for hit in hits]
        pages = [
            hit.id
            for offset in range(0, 25, 2)
            for hit in index.search(query, limit=2, offset=offset, understand="off")
        ]
        assert pages == whole


def test_formulas() -> None:
    assert idf(0, 10) == pytest.approx(math.log(1 + 10.5 / 0.5))
    assert idf(10, 10) > 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"k1": 0},
        {"b": 1.5},
        {"word_weight": -1},
        {"window": 0},
        {"window_least": 0},
        {"window_share": 1.5},
        {"pair_weight": math.nan},
        {"pair_overlap": 1.1},
        {"near_pairs": -0.1},
        {"lead_weight": math.inf},
        {"lead_length": 0},
        {"background": -1},
    ],
)
def test_parameters_out_of_range_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Parameters(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["window", "window_least"])
def test_a_window_is_a_whole_number(name: str) -> None:
    with pytest.raises(TypeError, match=name):
        Parameters(**{name: 1.5})  # type: ignore[arg-type]


@given(st.integers(0, 50), st.integers(0, 1_000), st.floats(0, 1), st.floats(0, 100))
def test_the_background_only_takes_idf_away(
    df: int, others: int, share: float, background: float
) -> None:
    total = max(df + others, 1)
    own = idf(df, total)
    found = background_idf(df, total, share, background)
    assert 0 < found <= own
    if share <= df / total - 1 / total:  # as common here as elsewhere
        assert found == pytest.approx(own)
    assert background_idf(df, total, share, 0.0) == own
    assert background_idf(df, total, 0.0, background) == own


def test_the_background_is_of_canonical_syllables() -> None:
    listed = [one for named in _BY_PERCENT.values() for one in named.split()]
    assert len(listed) == len(set(listed))
    assert all(tokens(one) == [one] and is_syllable(one) for one in listed)
    assert list(_BY_PERCENT) == sorted(_BY_PERCENT, reverse=True)
    assert background_share("của") > background_share("nào") > background_share("sắt") == 0


def test_what_is_common_elsewhere_is_not_rare_in_short_texts(tmp_path: Path) -> None:
    texts = [
        "bệnh đái tháo đường",
        "tiêm phòng bệnh sởi",
        "vắc xin ngừa sởi",
        "cách dùng thuốc",
        "viêm gan là bệnh lây",
        "sốt xuất huyết",
        "viêm gan siêu vi",
    ]
    query = "sởi là gì"
    with made_index(tmp_path, texts) as index:
        assert [hit.id for hit in index.search(query)] == ["1", "2", "4"]
        said = index.explain(query, "4")
        assert "“là”" in str(said)
        assert "% of Vietnamese texts" in str(said)
        assert "% văn bản tiếng Việt" in said.render("vi")
        total = 0.0
        for part in said.parts:
            total += part.value
        assert total == said.value
    plain = Parameters(background=0)
    with vnsearch.open_index(tmp_path / "index", parameters=plain) as index:
        assert next(iter(index.search(query))).id == "4"
        without = index.explain(query, "4")
        assert "Vietnamese texts" not in str(without)
        assert without.value > said.value


def test_the_beginning_counts(tmp_path: Path) -> None:
    filler = "một hai ba bốn năm sáu bảy tám chín mười " * 20
    with vnsearch.create_index(tmp_path / "index", vnsearch.Schema(text=vnsearch.Text())) as index:
        index.add(
            [
                {"id": "late", "text": filler + "đường sắt"},
                {"id": "early", "text": "đường sắt " + filler},
                {"id": "none", "text": filler},
            ]
        )
        hits = list(index.search("đường sắt"))
        assert [hit.id for hit in hits] == ["early", "late"]
        assert "near the beginning 0.5000" in str(hits[0].explain())
        assert "gần đầu bài 0.1667" in hits[1].explain().render("vi")  # 0.5 · 100/(100 + 200)


def test_the_beginning_counts_the_same_whichever_fields_a_segment_has(tmp_path: Path) -> None:
    schema = vnsearch.Schema(
        title=vnsearch.Text(boost=2.0), note=vnsearch.Text(), no=vnsearch.Text(9)
    )
    articles = [{"id": "a", "note": "tàu điện"}, {"id": "b", "title": "tàu điện"}]
    found = []
    for parts in ([articles], [articles[:1], articles[1:]]):
        with vnsearch.create_index(tmp_path / str(len(parts)), schema) as index:
            for part in parts:
                index.add(part)
            found.append([(hit.id, hit.score) for hit in index.search("tàu điện")])
    assert found[0] == found[1]


def test_nearly_a_pair_counts_less_than_a_pair(tmp_path: Path) -> None:
    with vnsearch.create_index(tmp_path / "index", vnsearch.Schema(text=vnsearch.Text())) as index:
        index.add(
            [
                {"id": "apart", "text": "tàu của mẹ và điện của cha"},
                {"id": "turned", "text": "của mẹ và điện tàu của cha"},
                {"id": "between", "text": "của mẹ và tàu chạy điện cha"},
                {"id": "pair", "text": "của mẹ và cha có tàu điện"},
                {"id": "none", "text": "một hai ba bốn năm sáu bảy"},
            ]
        )
        found = {hit.id: hit.explain().parts for hit in index.search("tàu điện")}
        near = {
            name: sum(part.value for part in parts if "two syllables" in part.text)
            for name, parts in found.items()
        }
        assert near["apart"] == 0 < near["between"] == near["turned"] < near["pair"]


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


@pytest.mark.parametrize("room", [0, 500, 1_000_000])
def test_kept_lists_change_no_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    monkeypatch.setattr(vnsearch.ranking.collection, "_CACHED_LISTS", room)
    texts = ["mưa ở tp hcm", "thành phố hồ chí minh mưa to", "mưa phố hồ", "tp vinh", "tphcm"]
    with made_index(tmp_path, texts, 2) as index:
        first = [(hit.id, hit.score) for hit in index.search("tphcm mưa")]
        assert {"0", "1", "4"} <= {name for name, _ in first}
        assert [(hit.id, hit.score) for hit in index.search("tphcm mưa")] == first
        index.add([{"id": "5", "text": "tp hcm"}])
        assert "5" in {hit.id for hit in index.search("tphcm mưa")}


def test_a_length_that_counts_in_full_takes_nothing_from_where_a_field_is_missing(
    tmp_path: Path,
) -> None:
    """With b = 1 what stands in a text of no length would count infinitely."""
    articles = [
        {"id": "1", "body": "ba bay"},
        {"id": "2", "title": "x", "body": "ba mưa bay gió bay ba"},
        {"id": "3", "title": "ba"},
        {"id": "4", "body": "ba"},
    ]
    with vnsearch.create_index(tmp_path / "index", parameters=Parameters(b=1)) as index:
        index.add(articles)
        for query in "ba bay", "ba":
            hits = list(index.search(query, understand="off"))
            assert hits
            for hit in hits:
                assert hit.score == hit.explain().value < 10
    lengths, kernel = array("I", [0, 1, 4]), interpreted("scoring")
    for code in scoring, kernel:
        rates = array("d", [0.0]) * 3
        code.fill_rates(lengths, 0, 2.0, 1.0, rates)
        assert list(rates) == [0.0, 2.0, 0.5]

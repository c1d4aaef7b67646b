"""The benchmarks run on the seeds, and their arithmetic is right."""

import json
import math
import random
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType

import pytest

BENCHMARKS = Path(__file__).resolve().parent.parent / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))

import _common  # noqa: E402
import _relevance  # noqa: E402
import background  # noqa: E402
import indexing  # noqa: E402
import page  # noqa: E402
import passages  # noqa: E402
import queries  # noqa: E402
import relevance  # noqa: E402
import size  # noqa: E402
import startup  # noqa: E402
import suggest  # noqa: E402
import terms  # noqa: E402
import typed  # noqa: E402
import understand  # noqa: E402
import updates  # noqa: E402
from _common import Query, Reference  # noqa: E402
from _engines import ENGINES  # noqa: E402
from _race import build_all  # noqa: E402

RIVALS = ["vnsearch", "tantivy", "SQLite FTS5", "whoosh3"]


@pytest.mark.parametrize(
    ("benchmark", "options"),
    [
        (indexing, ["--engines", *RIVALS]),
        (size, ["--engines", *RIVALS]),
        (queries, ["--engines", *RIVALS, "--queries", "3", "--rounds", "1"]),
        (page, ["--engines", *RIVALS, "--queries", "3", "--rounds", "1"]),
        (passages, []),
        (updates, ["--engines", *RIVALS, "--adds", "3"]),
        (startup, ["--engines", "vnsearch", "--times", "1"]),
        (relevance, ["--titles", "5"]),
        (typed, ["--titles", "5"]),
        (understand, ["--queries", "2", "--length", "4"]),
        (suggest, ["--phrases", "3", "--least", "1"]),
        (terms, []),
        (background, []),
    ],
    ids=lambda value: value.__name__ if isinstance(value, ModuleType) else "",
)
def test_runs_on_the_seeds(
    benchmark: ModuleType,
    options: Sequence[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    written = tmp_path / "figures.json"
    main: Callable[[Sequence[str]], None] = benchmark.main
    main([*options, "--json", str(written)])
    printed = capsys.readouterr().out
    figures = json.loads(written.read_text())
    assert figures["machine"]["cores"] >= 1
    for title, rows in figures["tables"].items():
        assert f"### {title}\n" in printed
        assert rows


def test_startup_scripts_answer(tmp_path: Path) -> None:
    corpus = _common.Corpus(_common.read_articles(_common.SEEDS))
    for name in ["vnsearch", "SQLite FTS5"]:
        engine = ENGINES[name](tmp_path / name)
        engine.folder.mkdir()
        engine.build(corpus)
        engine.close()
        assert startup.run(startup.FIRST_ANSWERS[name], str(engine.folder), "quận ủy")
        assert startup.run(startup.FIRST_ANSWERS[name], str(tmp_path / "absent"), "quận") is None


def test_every_engine_answers_the_seeds_rightly(tmp_path: Path) -> None:
    corpus = _common.Corpus(_common.read_articles(_common.SEEDS), repeat=3)
    asked = _common.sample_queries(corpus, 10)
    reference = Reference(text.split() for text in corpus.tokenised)
    engines = build_all(RIVALS, corpus, few=100, folder=tmp_path)
    for engine in engines.values():
        if isinstance(engine, str):  # not installed here
            continue
        for query in [query for some in asked.values() for query in some]:
            matches = reference.matches(query)
            right, _ = queries.check(engine, query, matches, reference, ranked=False)
            assert right, (engine.name, query)
        engine.close()


# --- the reference ----------------------------------------------------------------------------

DOCUMENTS = [["a", "b", "a", "c"], ["b", "c"], ["a", "a", "a"], ["d"]]


def test_reference_matches() -> None:
    reference = Reference(DOCUMENTS)
    assert reference.matches(Query("or", ("a", "d"))) == {0, 2, 3}
    assert reference.matches(Query("and", ("a", "b"))) == {0}
    assert reference.matches(Query("phrase", ("b", "c"))) == {1}
    assert reference.matches(Query("phrase", ("b", "a", "c"))) == {0}
    # "c" ends document 0 and "b" begins document 1: not a phrase.
    assert reference.matches(Query("phrase", ("c", "b"))) == set()
    assert reference.matches(Query("prefix", ("a",))) == {0, 2}
    assert reference.matches(Query("or", ("x",))) == set()


def test_reference_bm25_by_hand() -> None:
    reference = Reference(DOCUMENTS, k1=1.0, b=0.5)
    # "b" stands in 2 of 4 documents: idf = ln(1 + 2.5/2.5) = ln 2; lengths 4, 2, average 2.5.
    # Document 0: 2 / (1 + 0.5 + 0.5·1.6) = 0.870; document 1: 2 / (1 + 0.5 + 0.5·0.8) = 1.053.
    assert reference.rank(["b"]) == [1, 0]
    # "a" stands twice in document 0, three times in document 2: 2·2/(2 + 1.3) < 3·2/(3 + 1.1).
    assert reference.rank(["a"]) == [2, 0]
    assert reference.rank(["a", "b"]) == [0, 2, 1]
    assert reference.rank(["x"]) == []
    assert Reference([["a"], ["a"], ["b"]]).rank(["a"], k=1) == [0]  # ties keep their order


# --- metrics ----------------------------------------------------------------------------------


def test_scores_of_a_perfect_and_an_empty_page() -> None:
    assert _relevance.scores(["x"], {"x": 1}) == (1.0, 1.0, 1.0, 1.0)
    assert _relevance.scores([], {"x": 1}) == (0.0, 0.0, 0.0, 0.0)
    assert _relevance.scores(["y"] * 10 + ["x"], {"x": 1}) == (0.0, 0.0, 0.0, 0.0)


def test_scores_by_hand() -> None:
    ndcg, mrr, recall, first = _relevance.scores(["n", "x", "m", "y"], {"x": 1, "y": 2, "z": 1})
    gained = 1 / math.log2(3) + 2 / math.log2(5)
    ideal = 2 / math.log2(2) + 1 / math.log2(3) + 1 / math.log2(4)
    assert ndcg == pytest.approx(gained / ideal)
    assert mrr == 0.5
    assert recall == pytest.approx(2 / 3)
    assert first == 0.0


def test_read_set(tmp_path: Path) -> None:
    (tmp_path / "corpus.jsonl").write_text(
        '{"id": "d1", "text": "một"}\n{"_id": "d2", "title": "Hai", "text": "ba"}\n'
    )
    (tmp_path / "queries.jsonl").write_text(
        '{"id": "q1", "text": "một?"}\n{"id": "q2", "text": "không ai chấm"}\n'
    )
    (tmp_path / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td2\t1\nq1\td1\t0\n")
    judged = _relevance.read_set(tmp_path)
    assert judged.documents == {"d1": "một", "d2": "Hai\nba"}
    assert judged.queries == {"q1": "một?"}
    assert judged.judgements == {"q1": {"d2": 1}}
    assert _relevance.evaluate(judged, lambda query: ["d1", "d2"]) == pytest.approx(
        (100 / math.log2(3), 50.0, 100.0, 0.0)
    )


# --- passages ---------------------------------------------------------------------------------


def test_judged_passages_are_in_the_seeds() -> None:
    seeds = {article.id: article for article in _common.read_articles(_common.SEEDS)}
    judged = passages.read_judged(passages.JUDGED, seeds)
    assert {question.article.id for question in judged} == set(seeds)
    for question in judged:
        assert question.passages
        assert all(question.passages)
    # Lines of articles that are not at hand are passed over.
    assert len(judged) < len(passages.JUDGED.read_text().splitlines())


def test_a_judged_passage_must_be_the_one_that_was_read(tmp_path: Path) -> None:
    article = _common.Article("a", "Tiêu đề", "", "Mưa to ở  Huế. Gió.")
    table = tmp_path / "judged.tsv"
    table.write_text(f"a\t\t1+3:{passages.checksum(['to', 'ở', 'huế'])}\nb\tgì\t0+1:0\n")
    question = passages.Question(article, "Tiêu đề", [range(1, 4)])
    assert passages.read_judged(table, {"a": article}) == [question]
    with pytest.raises(SystemExit, match="no passage"):
        passages.read_judged(table, {"a": article._replace(body="Mưa to ở Vinh. Gió.")})


def test_what_is_shown_is_judged_by_hand() -> None:
    assert passages.judge(range(2, 8), [range(5)]) == (True, 2 * 3 / (6 + 5))  # 3 of 5: 60 %
    assert passages.judge(range(3, 8), [range(5)]) == (False, 2 * 2 / (5 + 5))
    assert passages.judge(range(3, 8), [range(5), range(3, 8)]) == (True, 1.0)
    assert passages.judge(range(3), [range(3, 9)]) == (False, 0.0)


def test_passages_derived_and_baselines() -> None:
    article = _common.Article(
        "a", "Huế có gió", "Ở Huế hôm nay có gió to.", "Tin bão. Huế hôm nay gió to. Trời mưa."
    )
    (question,) = passages.derive([article, article._replace(lead="Không liên quan")], 5)
    assert question.passages == [range(2, 7)]
    assert passages.fullest(question) == range(2, 7)
    assert passages.lead(question) == range(9)
    assert passages.place(["huế", "hôm"], ["huế", "tin", "huế", "hôm"]) == range(2, 4)
    with pytest.raises(ValueError, match="not of this text"):
        passages.place(["bão", "to"], ["bão", "tin"])


# --- typing -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("syllable", "forms"),
    [
        ("hòa", {"hoa", "hoà"}),
        ("Thuý", {"Thuy", "Thúy"}),
        ("nghỉ", {"nghĩ", "nghi"}),
        ("kỹ", {"kỷ", "ky", "kĩ"}),
        ("quý", {"quy", "quí"}),
        ("toàn", {"toan"}),
        ("của", {"cũa", "cua"}),
        ("ba", set()),
    ],
)
def test_mistypings(syllable: str, forms: set[str]) -> None:
    assert set(typed.mistypings(syllable)) == forms


def test_typists_are_repeatable_and_change_what_they_say() -> None:
    text = "Chiều 10/2, Quận ủy Lê Chân họp về công tác phòng, chống dịch bệnh Covid-19"
    for typist in typed.TYPISTS.values():
        assert typist(text, random.Random(7)) == typist(text, random.Random(7))
    assert typed.strip_marks(text).isascii()
    assert typed.TYPISTS["NFD"](text, random.Random(7)) != text
    half = typed.TYPISTS["half the marks"](text, random.Random(7))
    assert half != text
    assert not half.isascii()
    assert typed.strip_marks(half) == typed.strip_marks(text)


# --- harness ----------------------------------------------------------------------------------


def test_read_articles(tmp_path: Path) -> None:
    lines = tmp_path / "some.jsonl"
    lines.write_text(
        '{"id": 1, "title": "T", "abstract": "L", "body": "B"}\n\n{"id": 2, "body": "C"}\n'
    )
    first, second = _common.read_articles(lines)
    assert (first.id, first.text) == ("1", "T\nL\nB")
    assert second.text == "C"
    assert len(_common.read_articles(lines, limit=1)) == 1
    with pytest.raises(SystemExit, match="no such"):
        _common.read_articles(tmp_path / "absent")


def test_corpus_repeats_with_fresh_ids() -> None:
    corpus = _common.Corpus([_common.Article("a", "Một", "", "hai")], repeat=2)
    assert corpus.ids == ["a", "a#1"]
    assert corpus.tokenised == ["một hai"] * 2
    assert len(corpus.head(1)) == 1
    assert len(corpus) == 2


def test_sampled_queries_stand_in_the_corpus() -> None:
    corpus = _common.Corpus(_common.read_articles(_common.SEEDS))
    reference = Reference(text.split() for text in corpus.tokenised)
    sampled = _common.sample_queries(corpus, 20, seed=3)
    assert sampled == _common.sample_queries(corpus, 20, seed=3)
    for name, some in sampled.items():
        kind, fewest, most = _common.CLASSES[name]
        assert len(some) == 20
        for query in some:
            assert query.kind == kind
            assert fewest <= len(query.tokens) <= most
            assert reference.matches(query)


def test_interleave_takes_turns_and_medians() -> None:
    log: list[tuple[str, int]] = []
    clock = {"a": iter([9.0, 1.0, 3.0, 2.0]), "b": iter([1.0] * 4)}

    def call(name: str) -> Callable[[int], float]:
        def timed(query: int) -> float:
            log.append((name, query))
            return next(clock[name])

        return timed

    found = _common.interleave({"a": call("a"), "b": call("b")}, [0], rounds=3, budget=100)
    assert found == {"a": [2.0], "b": [1.0]}  # the warm-up's 9 seconds are gone
    assert [name for name, _ in log] == ["a", "b", "b", "a", "a", "b", "b", "a"]


def test_interleave_keeps_to_its_budget() -> None:
    found = _common.interleave({"slow": lambda query: 5.0}, range(100), budget=10.0, at_least=3)
    assert found == {"slow": [5.0] * 3}


def test_percentile_and_ratio() -> None:
    values = [float(value) for value in range(1, 101)]
    assert _common.percentile(values, 50) == 50.0
    assert _common.percentile(values, 99) == 99.0
    assert _common.percentile([7.0], 99) == 7.0
    assert _common.speed_ratio([1.0, 1.0, 1.0], [2.0, 4.0]) == 3.0


def test_table_shows_figures_and_reasons() -> None:
    table = _common.Table("Size", ["engine", "MB", "share"])
    table.add("one", 1234567, 0.12345)
    table.add("two", "not installed")
    assert table.markdown().splitlines() == [
        "### Size",
        "",
        "| engine |            MB | share |",
        "|--------|---------------|-------|",
        "| one    |     1,234,567 | 0.123 |",
        "| two    | not installed |     – |",
    ]

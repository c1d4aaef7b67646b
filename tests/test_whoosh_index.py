# mypy: allow-untyped-calls
"""Whoosh's queries, facets, sorting and reading on our index: as on an index of its own."""

from __future__ import annotations

import random
import threading
from bisect import bisect_left
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from whoosh import collectors, fields, highlight, scoring, sorting
from whoosh import qparser as whoosh_qparser
from whoosh import query as whoosh_query
from whoosh.analysis.tokenizers import IDTokenizer
from whoosh.filedb.filestore import RamStorage
from whoosh.index import LockError
from whoosh.matching.mcore import ReadTooFar
from whoosh.qparser import plugins
from whoosh.qparser.default import MultifieldParser, QueryParser
from whoosh.writing import AsyncWriter, BufferedWriter, IndexingError

from vnsearch import schema as ours
from vnsearch.analysis import VietnameseAnalyzer
from vnsearch.codec import Store, create
from vnsearch.errors import SchemaError
from vnsearch.whoosh import whoosh_index
from vnsearch.whoosh.reading import whoosh_schema
from vnsearch.whoosh.terms import FlagTerms

# not what their types say
qparser: Any = whoosh_qparser
query: Any = whoosh_query
DateRangeFacet: Any = sorting.DateRangeFacet
WhooshAsyncWriter: Any = AsyncWriter

SCHEMA = ours.Schema(
    title=ours.Text(boost=2.0),
    body=ours.Text(),
    section=ours.Keyword(),
    tags=ours.Keyword(multi=True),
    price=ours.Number(),
    published=ours.Date(),
    hot=ours.Boolean(),
    note=ours.Stored(),
)
WHOOSH_SCHEMA = fields.Schema(
    id=fields.ID(stored=True, unique=True, sortable=True),
    title=fields.TEXT(
        VietnameseAnalyzer(), stored=True, field_boost=2.0, multitoken_query="phrase"
    ),
    body=fields.TEXT(VietnameseAnalyzer(), stored=True, multitoken_query="phrase"),
    section=fields.ID(stored=True, sortable=True),
    tags=fields.KEYWORD(stored=True, analyzer=IDTokenizer()),
    price=fields.NUMERIC(float, stored=True, sortable=True),
    published=fields.DATETIME(stored=True, sortable=True),
    hot=fields.BOOLEAN(stored=True),
    note=fields.STORED(),
)
TEXT = """
hà nội phòng chống dịch học sinh đường dương thủy hòa hóa bình quận lê chân người bệnh covid 19
319035 u23 đá bóng kinh tế thị trường
"""
SYLLABLES = TEXT.split()


def documents(count: int, seed: int) -> Iterator[dict[str, Any]]:
    """Yield documents whose texts have at most ten tokens: Whoosh keeps such lengths exactly."""
    rng = random.Random(seed)
    weights = [1 / (rank + 1) for rank in range(len(SYLLABLES))]

    def text() -> str:
        return " ".join(rng.choices(SYLLABLES, weights, k=rng.randint(1, 9)))

    for number in range(count):
        document: dict[str, Any] = {
            "id": f"{seed}-{number:03}",
            "title": text(),
            "body": text(),
            "section": rng.choice(["thời sự", "thể thao", "kinh tế"]),
            "tags": rng.sample(["a", "b c", "d", "đ"], rng.randint(1, 3)),
            "price": rng.choice([-2.5, 0, 1e12, rng.uniform(-100, 100)]),
            "published": datetime(2020, 1, 1) + timedelta(hours=rng.randint(0, 9_000)),
            "hot": rng.random() < 0.3,
            "note": {"n": number},
        }
        for optional in ("section", "price", "hot", "body"):
            if rng.random() < 0.1:
                del document[optional]
        yield document


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Any]:
    """Return (Whoosh's own index, ours), of the same documents in the same segments."""
    path = tmp_path_factory.mktemp("index")
    create(path, SCHEMA)
    our = whoosh_index(Store(path))
    their = RamStorage().create_index(WHOOSH_SCHEMA)
    for seed in range(3):
        for ix in (their, our):
            writer = ix.writer()
            for document in documents(300, seed):
                writer.add_document(**document)
            writer.commit(merge=False)
    return their, our


def on_both(pair: tuple[Any, Any], ask: Any, **options: Any) -> tuple[Any, Any]:
    answers = []
    for ix in pair:
        with ix.searcher(**options) as searcher:
            answers.append(ask(searcher))
    return answers[0], answers[1]


T = query.Term
QUERIES = [
    T("title", "hà"),
    T("title", "dương"),
    T("title", "nowhere"),
    T("nofield", "hà"),
    T("id", "1-007"),
    T("tags", "b c"),
    T("section", "thể thao"),
    T("hot", True),
    T("hot", False),
    T("published", datetime(2020, 1, 1)),
    T("price", 1e12),
    query.And([T("title", "hà"), T("body", "nội")]),
    query.And([T("title", "hà"), T("section", "kinh tế"), T("hot", True)]),
    query.Or([T("title", s) for s in SYLLABLES[:6]]),
    query.Or([T("title", s) for s in SYLLABLES] + [T("body", s) for s in SYLLABLES]),
    query.Or([T("title", s) for s in SYLLABLES[:4]], minmatch=2),
    query.AndNot(T("title", "hà"), T("title", "nội")),
    query.AndMaybe(T("title", "hà"), T("body", "nội")),
    query.And([T("title", "hà"), query.Not(T("body", "nội"))]),
    query.Not(T("title", "hà")),
    query.Otherwise(T("title", "nowhere"), T("title", "u23")),
    query.DisjunctionMax([T("title", "hà"), T("body", "hà")], tiebreak=0.3),
    query.ConstantScoreQuery(T("body", "hà"), 3.0),
    query.Phrase("title", ["hà", "nội"]),
    query.Phrase("title", ["hà", "nội", "phòng"]),
    query.Phrase("title", ["hà", "phòng"], slop=4),
    query.SpanFirst(T("title", "nội"), limit=1),
    query.SpanNear(T("title", "hà"), T("title", "nội"), slop=3, ordered=False),
    query.SpanNot(T("title", "hà"), T("title", "nội")),
    query.SpanOr([T("title", "hà"), T("title", "nội")]),
    query.SpanContains(
        query.SpanNear(T("body", "hà"), T("body", "dịch"), slop=9), T("body", "nội")
    ),
    query.Prefix("title", "h"),
    query.Prefix("title", "đ"),
    query.Prefix("tags", "b"),
    query.Prefix("title", ""),
    query.Wildcard("title", "h?a"),
    query.Wildcard("body", "*nh"),
    query.Regex("title", "[dđ]ư.ng"),
    query.FuzzyTerm("title", "dường"),
    query.FuzzyTerm("title", "hoa", maxdist=2, prefixlength=1),
    query.Variations("title", "hà"),
    query.TermRange("title", "h", "n"),
    query.TermRange("section", "kinh", None),
    query.NumericRange("price", -2.5, 50),
    query.NumericRange("price", -2.5, 50, startexcl=True, endexcl=True),
    query.NumericRange("price", None, 0),
    query.NumericRange("price", 0, None),
    query.DateRange("published", datetime(2020, 2, 1), datetime(2020, 6, 1)),
    query.DateRange("published", None, datetime(2020, 1, 2)),
    query.Every(),
    query.Every("body"),
    query.Every("section"),
    query.Every("price"),
    query.NullQuery,
]


@pytest.mark.parametrize("q", QUERIES, ids=repr)
@pytest.mark.parametrize("limit", [None, 10, 1])
def test_hits_and_scores(pair: tuple[Any, Any], q: Any, limit: int | None) -> None:
    def ask(searcher: Any) -> list[tuple[str, float]]:
        return [(hit["id"], hit.score) for hit in searcher.search(q, limit=limit)]

    theirs, found = on_both(pair, ask)
    assert [hit[0] for hit in found] == [hit[0] for hit in theirs]
    assert [hit[1] for hit in found] == pytest.approx([hit[1] for hit in theirs])


LEAVES = st.one_of(
    st.builds(T, st.sampled_from(["title", "body"]), st.sampled_from(SYLLABLES)),
    st.builds(query.Phrase, st.just("title"), st.lists(st.sampled_from(SYLLABLES[:4]), min_size=2)),
    st.builds(query.Prefix, st.just("body"), st.sampled_from(["h", "ch", "đ"])),
    st.builds(query.NumericRange, st.just("price"), st.floats(-90, 0), st.floats(0, 1e13)),
    st.builds(T, st.just("section"), st.sampled_from(["thể thao", "kinh tế"])),
)
TREES = st.recursive(
    LEAVES,
    lambda trees: st.one_of(
        st.builds(query.And, st.lists(trees, min_size=1, max_size=4)),
        st.builds(query.Or, st.lists(trees, min_size=1, max_size=4)),
        st.builds(query.AndNot, trees, trees),
        st.builds(query.AndMaybe, trees, trees),
        st.builds(query.Not, trees),
    ),
    max_leaves=8,
)


@settings(max_examples=40)
@given(q=TREES, limit=st.sampled_from([None, 5]))
def test_any_boolean_query(pair: tuple[Any, Any], q: Any, limit: int | None) -> None:
    def found(ix: Any) -> list[tuple[str, float]]:
        with ix.searcher() as searcher:
            return [(hit["id"], round(hit.score, 6)) for hit in searcher.search(q, limit=limit)]

    try:
        theirs = found(pair[0])
    except (IndexError, AssertionError, AttributeError):
        reject()  # there are trees that Whoosh's matchers stumble over
    assert found(pair[1]) == theirs


def test_the_queries_find_something(pair: tuple[Any, Any]) -> None:
    def ask(searcher: Any) -> list[int]:
        return [len(searcher.search(q, limit=None)) for q in QUERIES]

    theirs, found = on_both(pair, ask)
    assert found == theirs
    assert sum(1 for count in found if count) > len(QUERIES) - 6


@pytest.mark.parametrize(
    "weighting",
    [scoring.TF_IDF(), scoring.Frequency(), scoring.BM25F(B=0.3, title_B=0.9, K1=2), scoring.PL2()],
    ids=lambda weighting: type(weighting).__name__,
)
def test_weightings(pair: tuple[Any, Any], weighting: Any) -> None:
    def ask(searcher: Any) -> list[tuple[str, float]]:
        q = query.Or([T("title", s) for s in SYLLABLES[:6]])
        return [(hit["id"], round(hit.score, 6)) for hit in searcher.search(q, limit=20)]

    theirs, found = on_both(pair, ask, weighting=weighting)
    assert found == theirs


@pytest.mark.parametrize(
    "text",
    [
        "hà nội",
        "hà OR u23",
        '"phòng chống dịch"',
        "title:covid19 body:hà",
        "(hà OR nội) NOT dịch",
        "hà^3 nội",
        "h* section:'thể thao'",
        "dường~",
        "published:[20200201 TO 20200401]",
        "price:{-5 TO 50]",
        "hot:yes tags:a",
        "title:319.035",
        "thuỷ HOÀ",
        "",
        '"',
    ],
)
def test_the_query_parser(pair: tuple[Any, Any], text: str) -> None:
    def ask(searcher: Any) -> list[Any]:
        found = []
        for parser in (
            QueryParser("title", searcher.schema),
            MultifieldParser(["title", "body"], searcher.schema),
        ):
            results = searcher.search(parser.parse(text), limit=None)
            found.append([(hit["id"], round(hit.score, 6)) for hit in results])
        return found

    theirs, found = on_both(pair, ask)
    assert found == theirs


SORTS = [
    "id",
    "section",
    "price",
    "published",
    "hot",
    sorting.FieldFacet("section", reverse=True),
    sorting.MultiFacet([sorting.FieldFacet("section", reverse=True), "price", "id"]),
    sorting.ScoreFacet(),
    sorting.FunctionFacet(lambda searcher, doc: -doc),
    sorting.StoredFieldFacet("price"),
]


PARSERS = {
    "or": lambda schema: QueryParser("body", schema, group=qparser.OrGroup.factory(0.8)),
    "boosted": lambda schema: MultifieldParser(["title", "body"], schema, {"title": 3.0}),
    "simple": lambda schema: qparser.SimpleParser("body", schema),
    "best field": lambda schema: qparser.DisMaxParser({"title": 0.8, "body": 0.4}, schema),
    "more signs": lambda schema: _with(
        schema,
        plugins.FuzzyTermPlugin(),
        plugins.PlusMinusPlugin(),
        plugins.GtLtPlugin(),
        plugins.RegexPlugin(),
        plugins.CopyFieldPlugin({"body": "title"}),
    ),
    "sequences": lambda schema: _with(schema, plugins.SequencePlugin(), but=plugins.PhrasePlugin),
}


def _with(schema: Any, *added: Any, but: Any = None) -> Any:
    parser = QueryParser("body", schema)
    if but:
        parser.remove_plugin_class(but)
    parser.add_plugins(added)
    return parser


@pytest.mark.parametrize("name", PARSERS)
def test_parsers_and_their_plugins(pair: tuple[Any, Any], name: str) -> None:
    texts = ["+hà -nội", "hà~2/1 dịch", '"phòng (chống OR hà)"~2', "price:>5", r'r"h[oò]a" lê']
    texts += ["hà ANDMAYBE nội", "hà ANDNOT dịch", "d?ch* title:đ*g"]

    def ask(searcher: Any) -> list[Any]:
        parser = PARSERS[name](searcher.schema)
        found = [searcher.search(parser.parse(text), limit=30) for text in texts]
        return [[(hit["id"], round(hit.score, 6)) for hit in results] for results in found]

    theirs, found = on_both(pair, ask)
    assert found == theirs
    assert any(theirs)


@pytest.mark.parametrize("facet", SORTS, ids=str)
@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("limit", [None, 7])
def test_sorting(pair: tuple[Any, Any], facet: Any, reverse: bool, limit: int | None) -> None:
    q = query.Every("price") if isinstance(facet, sorting.StoredFieldFacet) else T("title", "hà")

    def ask(searcher: Any) -> list[str]:
        results = searcher.search(q, sortedby=facet, reverse=reverse, limit=limit)
        return [hit["id"] for hit in results]

    theirs, found = on_both(pair, ask)
    assert found == theirs
    assert found


FACETS = [
    sorting.FieldFacet("section"),
    sorting.FieldFacet("section", maptype=sorting.Count),
    sorting.FieldFacet("tags", allow_overlap=True),
    sorting.FieldFacet("tags"),
    sorting.FieldFacet("hot"),
    sorting.FieldFacet("published", maptype=sorting.Best),
    sorting.QueryFacet({"ha": T("title", "hà"), "noi": T("title", "nội")}),
    sorting.RangeFacet("price", -100, 100, 25),
    DateRangeFacet("published", datetime(2020, 1, 1), datetime(2021, 1, 1), timedelta(days=30)),
]


@pytest.mark.parametrize("facet", FACETS, ids=repr)
def test_facets(pair: tuple[Any, Any], facet: Any) -> None:
    def ask(searcher: Any) -> dict[Any, Any]:
        results = searcher.search(query.Every("price"), groupedby={"f": facet}, limit=None)
        return dict(results.groups("f"))

    theirs, found = on_both(pair, ask)
    assert found == theirs
    assert len(found) > 1


def test_documents_without_a_date_have_a_facet_of_their_own(tmp_path: Path) -> None:
    create(tmp_path / "index", SCHEMA)
    ix = whoosh_index(Store(tmp_path / "index"))
    with ix.writer() as writer:
        writer.add_document(id="dated", published="2020-05-01")
        writer.add_document(id="undated")
    with ix.searcher() as searcher:
        groups = searcher.search(query.Every(), groupedby="published").groups()
        assert groups == {datetime(2020, 5, 1): [0], None: [1]}
        hits = searcher.search(query.Every(), sortedby="published")
        assert [hit["id"] for hit in hits] == ["dated", "undated"]


def test_filters_masks_pages_collapsing_and_collectors(pair: tuple[Any, Any]) -> None:
    def ask(searcher: Any) -> list[Any]:
        q = query.Or([T("title", "hà"), T("title", "nội")])
        only = query.NumericRange("price", -50, 50)
        page = searcher.search_page(q, 3, pagelen=7)
        collapsed = searcher.search(q, collapse="section", collapse_limit=2, limit=None)
        unlimited = collectors.UnlimitedCollector()
        timed = collectors.TimeLimitCollector(unlimited, timelimit=60)
        searcher.search_with_collector(q, timed)
        return [
            [hit["id"] for hit in searcher.search(q, filter=only, limit=None)],
            [hit["id"] for hit in searcher.search(q, mask=only, limit=None)],
            [hit["id"] for hit in page],
            (page.total, page.pagecount, page.is_last_page()),
            [hit["id"] for hit in collapsed],
            [hit["id"] for hit in timed.results()],
            sorted(searcher.docs_for_query(q)),
        ]

    theirs, found = on_both(pair, ask)
    assert found == theirs


def test_matched_terms_and_highlights(pair: tuple[Any, Any]) -> None:
    def ask(searcher: Any) -> list[Any]:
        parsed = QueryParser("title", searcher.schema).parse('"hà nội" OR dương')
        results = searcher.search(parsed, terms=True)
        results.formatter = highlight.HtmlFormatter(tagname="b")
        return [
            (hit["id"], sorted(hit.matched_terms()), hit.highlights("title")) for hit in results
        ]

    theirs, found = on_both(pair, ask)
    assert found == theirs
    assert "<b" in found[0][2]


def test_key_terms_more_like_and_spelling(pair: tuple[Any, Any]) -> None:
    def ask(searcher: Any) -> list[Any]:
        doc = searcher.document_number(id="1-007")
        parsed = QueryParser("title", searcher.schema).parse("hà nộj dươnh")
        correction = searcher.correct_query(parsed, "hà nộj dươnh")
        return [
            searcher.key_terms([doc, doc + 1], "title"),
            searcher.key_terms_from_text("title", "hà nội u23"),
            [hit["id"] for hit in searcher.more_like(doc, "title")],
            searcher.suggest("title", "dươnh"),
            searcher.suggest("title", "nộj", prefix=1),
            correction.string,
        ]

    theirs, found = on_both(pair, ask)
    assert found == theirs


def test_documents_by_key(pair: tuple[Any, Any]) -> None:
    def ask(searcher: Any) -> list[Any]:
        return [
            searcher.document(id="2-100"),
            searcher.document(id="no such"),
            [stored["id"] for stored in searcher.documents(section="thể thao", hot=True)],
            list(searcher.document_numbers(tags="đ")),
            list(searcher.all_stored_fields()),
            searcher.doc_count(),
            searcher.doc_count_all(),
            searcher.avg_field_length("title"),
            searcher.idf("title", "hà"),
        ]

    theirs, found = on_both(pair, ask)
    assert found == theirs


def test_the_reader(pair: tuple[Any, Any]) -> None:
    def ask(searcher: Any) -> dict[str, Any]:
        reader = searcher.reader()
        return {
            "terms": list(reader.all_terms()),
            "from": list(reader.terms_from("section", b"th"))[:20],
            "lexicon": list(reader.lexicon("title")),
            "prices": list(reader.field_terms("price")),
            "dates": list(reader.field_terms("published")),
            "prefix": list(reader.expand_prefix("title", "h")),
            "frequent": reader.most_frequent_terms("title", 5),
            "distinctive": reader.most_distinctive_terms("title", 5, prefix="h"),
            "within": sorted(reader.terms_within("title", "hòa", 1)),
            "frequency": reader.frequency("title", "hà"),
            "df": reader.doc_frequency("title", "hà"),
            "no df": reader.doc_frequency("title", "nowhere"),
            "first": reader.first_id("title", "u23"),
            "in": ("title", "hà") in reader,
            "not in": ("title", "nowhere") in reader,
            "fields": sorted(reader.indexed_field_names()),
            "lengths": [reader.doc_field_length(doc, "title") for doc in range(900)],
            "docs": list(reader.iter_docs())[:3],
            "column": [reader.column_reader("section")[doc] for doc in range(20)],
        }

    theirs, found = on_both(pair, ask)
    for name, answer in found.items():
        assert answer == theirs[name], name


def test_term_statistics_and_postings(pair: tuple[Any, Any]) -> None:
    def ask(searcher: Any) -> list[Any]:
        found: list[Any] = []
        for (name, term), info in searcher.reader():
            if name in ("price", "published") and term[0]:
                continue  # the upper tiers of numbers: many, and searched by the range queries
            matcher = searcher.reader().postings(name, term)
            spans = []
            while matcher.is_active() and name in ("title", "body"):
                spans.append((matcher.id(), matcher.weight(), matcher.value_as("positions")))
                matcher.next()
            found.append((name, term, info.weight(), info.doc_frequency(), spans))
            found.append((info.max_weight(), info.min_id(), info.max_id()))
            if searcher.schema[name].scorable:
                found.append((info.min_length(), info.max_length()))
        return found

    theirs, found = on_both(pair, ask)
    assert found == theirs


def test_matchers_walk_skip_and_copy(pair: tuple[Any, Any]) -> None:
    """A matcher over several blocks stops where a list of its documents says."""
    rng = random.Random(5)
    _, our = pair
    with our.reader() as reader:
        leaf, _ = reader.leaf_readers()[0]
        ids = list(leaf.postings("title", "hà").all_ids())
        assert len(ids) > 128
        for _ in range(200):
            matcher = leaf.postings("title", "hà")
            at = 0
            while matcher.is_active():
                assert matcher.id() == ids[at]
                twin = matcher.copy()
                if rng.random() < 0.5:
                    matcher.next()
                    at += 1
                else:
                    target = ids[at] + rng.randint(0, 120)
                    matcher.skip_to(target)
                    at = bisect_left(ids, target, at)
                if twin.is_active() and rng.random() < 0.1:
                    assert twin.value_as("positions")
            assert at == len(ids)
        with pytest.raises(ReadTooFar):
            matcher.next()
        matcher.reset()
        assert matcher.id() == ids[0]


# Writing


@pytest.fixture
def ix(tmp_path: Path) -> Any:
    create(tmp_path / "index", SCHEMA)
    return whoosh_index(Store(tmp_path / "index"))


def ids(ix: Any, q: Any = None) -> list[str]:
    """Return the ids found, of living documents: Whoosh's InverseMatcher may add a deleted one."""
    with ix.searcher() as searcher:
        living = set(searcher.reader().all_doc_ids())
        hits = searcher.search(q or query.Every(), limit=None)
        return sorted(hit["id"] for hit in hits if hit.docnum in living)


def test_an_empty_index(ix: Any) -> None:
    assert ix.is_empty()
    assert ix.doc_count() == ix.doc_count_all() == 0
    with ix.searcher() as searcher:
        assert len(searcher.search(query.Every())) == 0
        assert len(searcher.search(T("title", "hà"), sortedby="price", groupedby="section")) == 0
        assert list(searcher.lexicon("title")) == []
        assert searcher.suggest("title", "hà") == []


def test_deletions_and_updates(tmp_path: Path) -> None:
    """After deletions in several segments both indexes find the same, merged or not."""
    create(tmp_path / "index", SCHEMA)
    our = whoosh_index(Store(tmp_path / "index"))
    their = RamStorage().create_index(WHOOSH_SCHEMA)
    changed = [doc | {"title": "hà nội đổi"} for doc in documents(40, 1)]
    for ix in (their, our):
        for seed in range(3):
            with ix.writer() as writer:
                for document in documents(80, seed):
                    writer.add_document(**document)
        with ix.writer() as writer:
            assert writer.delete_by_term("id", "0-003") == 1
            assert writer.delete_by_query(T("tags", "a")) > 0
            for document in changed:
                writer.update_document(**document)
        ix.delete_by_term("title", "covid")
    assert [ids(our, q) for q in QUERIES] == [ids(their, q) for q in QUERIES]
    assert our.doc_count() == their.doc_count()
    assert len(ids(our, T("title", "đổi"))) == len(changed)
    for limit in (1, 5):
        with our.searcher() as searcher:
            living = set(searcher.reader().all_doc_ids())
            for q in QUERIES:
                if not isinstance(q, query.Not):
                    assert all(hit.docnum in living for hit in searcher.search(q, limit=limit))


def test_optimize_drops_the_deleted(tmp_path: Path) -> None:
    """Merged, the statistics are those of the living documents, and the scores Whoosh's."""
    create(tmp_path / "index", SCHEMA)
    our = whoosh_index(Store(tmp_path / "index"))
    their = RamStorage().create_index(WHOOSH_SCHEMA)
    for ix in (their, our):
        for seed in range(3):
            with ix.writer() as writer:
                for document in documents(150, seed):
                    writer.add_document(**document)
        ix.delete_by_term("tags", "a")
        ix.optimize()
    assert our.doc_count_all() == our.doc_count() == their.doc_count_all()

    def ask(searcher: Any) -> list[Any]:
        q = query.Or([T("title", s) for s in SYLLABLES[:8]])
        return [(hit["id"], round(hit.score, 6)) for hit in searcher.search(q, limit=None)]

    theirs, found = on_both((their, our), ask)
    assert sorted(found) == sorted(theirs)


def test_refresh_sees_every_commit_once(ix: Any) -> None:
    """Many small commits: a refreshed searcher holds exactly the living documents."""
    rng = random.Random(3)
    expected: dict[str, str] = {}
    searcher = ix.searcher()
    for round_number in range(30):
        before = dict(expected)
        with ix.writer() as writer:
            for _ in range(rng.randint(1, 4)):
                name = f"d{rng.randint(0, 25)}"
                expected[name] = f"vòng {round_number}"
                writer.update_document(id=name, title=expected[name])
            for name in rng.sample(sorted(expected), k=min(2, len(expected) - 1)):
                if name in before and rng.random() < 0.5:
                    writer.delete_by_term("id", name)
                    if expected[name] == before[name]:  # else it stands for the new one
                        del expected[name]
        assert not searcher.up_to_date()
        assert _titles(searcher) == sorted(before.items())
        searcher = searcher.refresh()
        assert searcher.up_to_date()
        assert searcher.refresh() is searcher
        assert _titles(searcher) == sorted(expected.items())
    searcher.close()


def test_a_deletion_leaves_what_the_same_writer_added(ix: Any) -> None:
    with ix.writer() as writer:
        writer.add_document(id="1", title="cũ")
        writer.add_document(id="2", title="cũ")
    with ix.writer() as writer:
        writer.update_document(id="1", title="mới")
        writer.delete_by_term("title", "cũ")
    with ix.searcher() as searcher:
        assert _titles(searcher) == [("1", "mới")]


def _titles(searcher: Any) -> list[tuple[str, str]]:
    hits = searcher.search(query.Every(), limit=None)
    return sorted((hit["id"], hit["title"]) for hit in hits)


def test_an_empty_index_has_fields_of_no_length(tmp_path: Path) -> None:
    create(tmp_path / "i", SCHEMA)
    with whoosh_index(Store(tmp_path / "i")).reader() as reader:
        assert (reader.min_field_length("body"), reader.max_field_length("body")) == (0, 0)


def test_threads_that_share_a_searcher_see_all_of_a_boolean_field() -> None:
    """Whoever comes second may not find what the first has only begun to gather."""
    began, may_go_on = threading.Event(), threading.Event()

    def value(doc: int) -> int:
        if doc == 1 and threading.current_thread() is not threading.main_thread():
            began.set()
            may_go_on.wait(10)
        return doc % 2

    terms = FlagTerms(value, 4, frozenset())
    other = threading.Thread(target=terms.docs, args=(1,))
    other.start()
    began.wait(10)
    assert list(terms.docs(1)) == [1, 3]
    may_go_on.set()
    other.join()
    assert list(terms.docs(1)) == [1, 3]


def test_a_term_without_documents_is_described() -> None:
    """As a damaged index may have it."""
    info = FlagTerms(lambda doc: 1, 5, frozenset()).info(0)
    assert (info.doc_frequency(), info.min_id(), info.max_id()) == (0, 0, 0)


def test_one_writer_at_a_time(ix: Any) -> None:
    writer = ix.writer()
    with pytest.raises(LockError, match="another writer"):
        ix.writer()
    waiting = WhooshAsyncWriter(ix, delay=0.01)
    waiting.add_document(id="1", title="hà nội")
    writer.cancel()
    waiting.commit()
    waiting.wait()
    assert ids(ix) == ["1"]


def test_a_writer_reads_what_it_deleted_as_whooshs_does(tmp_path: Path) -> None:
    """Through Whoosh's buffered writer too, whose searchers are made of the writer's readers."""
    create(tmp_path / "ours", SCHEMA)
    pair = whoosh_index(Store(tmp_path / "ours")), RamStorage().create_index(WHOOSH_SCHEMA)

    def deletes(ix: Any) -> list[Any]:
        said: list[Any] = []
        with ix.writer() as w:
            for number in range(6):
                w.add_document(id=f"d{number}", title="học sinh")
        w = ix.writer()
        w.update_document(id="d1", title="đường")
        w.delete_by_term("id", "d2")
        w.delete_by_query(query.Term("title", "sinh") & query.TermRange("id", "d2", "d4"))
        said.append([w.is_deleted(number) for number in range(6)])
        with w.searcher() as searcher:
            said.append(_titles(searcher))
        w.commit()
        with ix.searcher() as searcher:
            said.append(_titles(searcher))
        return said

    def buffers(ix: Any) -> list[Any]:
        said: list[Any] = []
        buffered = BufferedWriter(ix, period=None, limit=4)

        def look() -> None:
            with buffered.searcher() as searcher:
                said.append((_titles(searcher), searcher.doc_count()))

        for number in range(6):
            buffered.update_document(id=f"b{number}", title="học")
        for change in (
            lambda: buffered.update_document(id="b1", title="sinh"),
            lambda: buffered.delete_by_term("id", "b2"),
            lambda: buffered.update_document(id="b1", title="đường"),
            lambda: buffered.delete_by_query(query.Term("title", "học")),
            lambda: buffered.add_document(id="b2", title="sinh"),
            buffered.commit,
            lambda: buffered.delete_by_term("id", "b2"),
        ):
            change()
            look()
        buffered.close()
        return said

    for ask in (deletes, buffers):
        said, expected = map(ask, pair)
        assert said == expected


def test_a_number_deleted_before_is_not_deleted_again(ix: Any) -> None:
    """Another document may have its id by now."""
    with ix.writer() as w:
        for number in range(6):
            w.add_document(id=f"d{number}", title="cũ")
    with ix.writer() as w:
        w.add_document(id="d0", title="mới")
    with ix.writer() as w:
        assert [w.is_deleted(number) for number in (0, 1, 6)] == [True, False, False]
        w.delete_document(0)
        assert w.delete_by_term("title", "cũ") == 5
        assert w.delete_by_term("title", "cũ") == 0
    with ix.searcher() as searcher:
        assert _titles(searcher) == [("d0", "mới")]


def test_whooshs_buffered_writer(ix: Any) -> None:
    writer = BufferedWriter(ix, period=None, limit=5)
    for document in documents(12, 0):
        writer.update_document(**document)
    with writer.searcher() as searcher:
        assert len(searcher.search(query.Every(), limit=None)) == 12
    writer.close()
    assert len(ids(ix)) == 12


def test_cancel_and_errors_change_nothing(ix: Any) -> None:
    with ix.writer() as writer:
        writer.add_document(id="1")
    writer = ix.writer()
    writer.add_document(id="2")
    writer.delete_by_term("id", "1")
    writer.cancel()
    assert ids(ix) == ["1"]

    def fail() -> None:
        with ix.writer() as writer:
            writer.add_document(id="2")
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        fail()
    assert ids(ix) == ["1"]
    with pytest.raises(IndexingError, match="closed"):
        writer.add_document(id="3")


def test_a_document_replaces_the_one_of_its_id(ix: Any) -> None:
    with ix.writer() as writer:
        writer.add_document(id="1", title="hà")
        writer.add_document(id="1", title="nội")
    with ix.writer() as writer:
        writer.add_document(id="1", title="phòng")
    assert ids(ix) == ["1"]
    assert ids(ix, T("title", "phòng")) == ["1"]
    assert ids(ix, T("title", "nội")) == []


def test_what_whoosh_can_do_and_we_refuse(ix: Any) -> None:
    writer = ix.writer()
    with pytest.raises(fields.UnknownFieldError, match="nofield"):
        writer.add_document(id="1", nofield="x")
    with pytest.raises(SchemaError, match="_stored_title"):
        writer.add_document(id="1", title="x", _stored_title="y")
    with pytest.raises(SchemaError, match="'id'"):
        writer.add_document(title="x")
    with pytest.raises(SchemaError, match="'price' takes a number"):
        writer.add_document(id="1", price="dear")
    with pytest.raises(SchemaError, match="schema it was made with"):
        writer.add_field("more", fields.TEXT())
    with pytest.raises(SchemaError, match="schema it was made with"):
        writer.remove_field("title")
    with pytest.raises(IndexingError, match="No document ID 7"):
        writer.delete_document(7)
    with pytest.raises(IndexingError, match="cancel"):
        writer.delete_document(0, delete=False)
    writer.cancel()
    with pytest.raises(TypeError, match="'procs'"):
        ix.writer(procs=2)


def test_a_whoosh_index_can_be_copied_in(ix: Any) -> None:
    their = RamStorage().create_index(WHOOSH_SCHEMA)
    with their.writer() as writer:
        for document in documents(20, 0):
            writer.add_document(**document)
    with their.reader() as reader, ix.writer() as writer:
        writer.add_reader(reader)
    assert ids(ix) == ids(their)
    with ix.searcher() as searcher, their.searcher() as theirs:
        assert list(searcher.all_stored_fields()) == list(theirs.all_stored_fields())


def test_schema_kinds(ix: Any) -> None:
    kinds = {
        "id": fields.ID,
        "title": fields.TEXT,
        "section": fields.ID,
        "tags": fields.KEYWORD,
        "price": fields.NUMERIC,
        "published": fields.DATETIME,
        "hot": fields.BOOLEAN,
        "note": fields.STORED,
        "extra": fields.STORED,
    }
    assert all(isinstance(ix.schema[name], kind) for name, kind in kinds.items())
    assert ix.schema["id"].unique
    assert ix.schema["title"].format.field_boost == 2.0
    assert whoosh_schema(ours.Schema(_hidden=ours.Text())).names() == ["extra", "id"]

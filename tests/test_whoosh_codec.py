# mypy: allow-untyped-calls
"""`VnCodec` in ordinary Whoosh indexes: everything as with Whoosh's own codec."""

from __future__ import annotations

import gc
import random
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from whoosh import analysis as whoosh_analysis
from whoosh import fields, formats, index
from whoosh import query as whoosh_query
from whoosh.filedb.filestore import RamStorage

from vnsearch.errors import IndexCorruptError, IndexVersionError
from vnsearch.whoosh import VnCodec

# Whoosh re-exports without saying so to type checkers
analysis: Any = whoosh_analysis
query: Any = whoosh_query

SCHEMA = {
    "id": fields.ID(unique=True, stored=True),
    "body": fields.TEXT(stored=True),
    "chars": fields.TEXT(chars=True),
    "bag": fields.TEXT(phrase=False),
    "vector": fields.TEXT(vector=True),
    "tags": fields.KEYWORD(commas=True, sortable=True),
    "number": fields.NUMERIC(sortable=True, stored=True),
    "day": fields.DATETIME(sortable=True),
    "flag": fields.BOOLEAN(stored=True),
    "grams": fields.NGRAM(minsize=2, maxsize=3),
    "boosted": fields.FieldType(
        formats.PositionBoosts(),
        analysis.SpaceSeparatedTokenizer() | analysis.DelimitedAttributeFilter(),
        scorable=True,
    ),
}
WORDS = [f"w{i}" for i in range(40)]


def documents(count: int, seed: int) -> Iterator[dict[str, Any]]:
    """Yield documents of at most ten words: Whoosh keeps such lengths exactly."""
    rng = random.Random(seed)
    for number in range(count):
        text = " ".join(rng.choices(WORDS, weights=range(len(WORDS), 0, -1), k=rng.randint(1, 9)))
        yield {
            "id": f"{seed}-{number}",
            "body": text,
            "chars": text,
            "bag": text,
            "vector": text,
            "tags": ",".join(rng.choices("abcdef", k=2)),
            "number": rng.randint(-50, 50),
            "day": datetime(2020, 1, rng.randint(1, 28)),
            "flag": rng.random() < 0.5,
            "grams": text[:4],
            "boosted": f"x^{rng.randint(1, 3)} " + text,
        }


def build(codec: VnCodec | None) -> Any:
    """Return an index of three segments with deletions and an update."""
    ix = RamStorage().create_index(fields.Schema(**SCHEMA))
    options = {"codec": codec} if codec else {}
    for seed in range(3):
        writer = ix.writer(**options)
        for document in documents(300, seed):
            writer.add_document(**document)
        writer.commit(merge=False)
    writer = ix.writer(**options)
    writer.delete_by_term("tags", "a")
    writer.update_document(**next(iter(documents(1, 2))) | {"body": "w0 changed"})
    writer.commit(merge=False)
    return ix


@pytest.fixture(scope="module")
def pair() -> tuple[Any, Any]:
    return build(None), build(VnCodec())


T = query.Term
QUERIES = [
    T("body", "w1"),
    T("body", "changed"),
    T("body", "nowhere"),
    query.And([T("body", "w1"), T("chars", "w2")]),
    query.Or([T("body", word) for word in WORDS[:8]]),
    query.AndNot(T("body", "w0"), T("body", "w1")),
    query.AndMaybe(T("body", "w0"), T("bag", "w1")),
    query.Require(T("body", "w0"), T("flag", True)),
    query.Not(T("body", "w0")),
    query.DisjunctionMax([T("body", "w0"), T("bag", "w2")]),
    query.Phrase("body", ["w0", "w1"]),
    query.Phrase("chars", ["w0", "w1"], slop=3),
    query.SpanFirst(T("body", "w0")),
    query.SpanNear(T("chars", "w0"), T("chars", "w2"), slop=4),
    query.Prefix("body", "w1"),
    query.Wildcard("body", "w*3"),
    query.Regex("body", "w[12].?"),
    query.FuzzyTerm("body", "w11"),
    query.Variations("body", "w1"),
    query.TermRange("body", "w2", "w30"),
    query.NumericRange("number", -10, 20, startexcl=True),
    query.DateRange("day", datetime(2020, 1, 3), datetime(2020, 1, 9)),
    T("grams", "w1"),
    T("boosted", "x"),
    query.Phrase("boosted", ["x", "w0"]),
    query.Every(),
    query.Every("tags"),
    query.ConstantScoreQuery(T("body", "w0"), 3.0),
]


@pytest.mark.parametrize("q", QUERIES, ids=repr)
@pytest.mark.parametrize("limit", [None, 10])
def test_queries_give_whooshs_hits_and_scores(
    pair: tuple[Any, Any], q: Any, limit: int | None
) -> None:
    if limit and isinstance(q, query.Require):
        pytest.skip("Whoosh's RequireMatcher breaks an assertion of its own here")
    found = []
    for ix in pair:
        with ix.searcher() as searcher:
            living = set(searcher.reader().all_doc_ids())
            hits = searcher.search(q, limit=limit)
            # Whoosh's own FilterMatcher lets a deleted document through after skipping a block
            found.append([(hit["id"], hit.score) for hit in hits if hit.docnum in living])
    assert [hit[0] for hit in found[1]] == [hit[0] for hit in found[0]]
    assert [hit[1] for hit in found[1]] == pytest.approx([hit[1] for hit in found[0]])


def test_terms_statistics_and_postings_are_whooshs(pair: tuple[Any, Any]) -> None:
    ours, theirs = (ix.reader() for ix in reversed(pair))
    assert list(ours.all_terms()) == list(theirs.all_terms())
    # Whoosh gives None for the value of a posting that has none
    assert [(*posting, value or b"") for *posting, value in ours.iter_postings()] == [
        (*posting, value or b"") for *posting, value in theirs.iter_postings()
    ]
    statistics = "weight doc_frequency max_weight min_id max_id min_length max_length"
    for (term, our), (_, their) in zip(ours, theirs, strict=True):
        assert [getattr(our, name)() for name in statistics.split()] == [
            getattr(their, name)() for name in statistics.split()
        ], term
    for name in ("body", "chars", "bag"):
        assert ours.field_length(name) == theirs.field_length(name)
        assert ours.max_field_length(name) == theirs.max_field_length(name)
    ours.close()
    theirs.close()


@pytest.mark.parametrize("name", ["tags", "number", "day", "flag"])
def test_sorting_and_facets_are_whooshs(pair: tuple[Any, Any], name: str) -> None:
    found = []
    for ix in pair:
        with ix.searcher() as searcher:
            up = searcher.search(query.Every(), sortedby=name, limit=None)
            down = searcher.search(query.Every(), sortedby=name, reverse=True, limit=None)
            groups = searcher.search(query.Every(), groupedby=name, limit=None).groups()
            found.append(([h["id"] for h in up], [h["id"] for h in down], groups))
    assert found[0] == found[1]


def test_vectors_highlights_and_key_terms(pair: tuple[Any, Any]) -> None:
    found = []
    for ix in pair:
        with ix.searcher() as searcher:
            results = searcher.search(query.Phrase("body", ["w0", "w1"]), terms=True)
            doc = searcher.document_number(id="1-7")
            found.append(
                (
                    [hit.highlights("body") for hit in results],
                    list(searcher.vector_as("positions", doc, "vector")),
                    searcher.key_terms([doc], "vector"),
                    [hit["id"] for hit in searcher.more_like(doc, "vector")],
                    searcher.suggest("body", "w11x"),
                )
            )
    assert found[0] == found[1]
    assert found[0][0]


def test_characters_are_kept(pair: tuple[Any, Any]) -> None:
    found: list[list[Any]] = []
    for ix in pair:
        with ix.searcher() as searcher:
            matcher = searcher.postings("chars", "w0")
            found.append([])
            while matcher.is_active():
                found[-1].append((matcher.id(), matcher.value_as("characters"), matcher.spans()))
                matcher.next()
    assert found[0] == found[1]


def test_codecs_stand_side_by_side_and_merge(tmp_path: Path) -> None:
    ix = index.create_in(str(tmp_path), fields.Schema(**SCHEMA))
    for seed, options in enumerate(({}, {"codec": VnCodec()}, {"codec": VnCodec()})):
        writer = ix.writer(**options)
        for document in documents(150, seed):
            writer.add_document(**document)
        writer.commit(merge=False)
    before = _all_hits(ix)
    ix.optimize()
    assert len(ix._segments()) == 1
    assert _all_hits(ix) == before
    writer = ix.writer(codec=VnCodec())
    writer.commit(optimize=True)
    assert list(tmp_path.glob("*.vnt"))
    assert _all_hits(index.open_dir(str(tmp_path))) == before


def _all_hits(ix: Any) -> list[set[str]]:
    with ix.searcher() as searcher:
        return [{hit["id"] for hit in searcher.search(q, limit=None)} for q in QUERIES]


def test_lengths_are_exact() -> None:
    ix = RamStorage().create_index(fields.Schema(body=fields.TEXT()))
    with ix.writer(codec=VnCodec()) as writer:
        writer.add_document(body=" ".join(["word"] * 1_000))
        writer.add_document()
    with ix.reader() as reader:
        assert reader.doc_field_length(0, "body") == 1_000  # 991 in Whoosh's one byte
        assert reader.min_field_length("body") == 0


def test_a_refused_document_leaves_nothing(tmp_path: Path) -> None:
    ix = index.create_in(str(tmp_path), fields.Schema(body=fields.TEXT(), number=fields.NUMERIC()))
    with ix.writer(codec=VnCodec()) as writer:
        writer.add_document(body="one", number=1)
        with pytest.raises(ValueError, match="not"):
            writer.add_document(body="two words", number="not a number")
        writer.add_document(body="three", number=3)
    with ix.searcher() as searcher:
        assert searcher.reader().doc_field_length(1, "body") == 1
        assert searcher.reader().field_length("body") == 2
        assert [hit.docnum for hit in searcher.search(query.Term("number", 3))] == [1]


@settings(max_examples=40)
@given(
    st.lists(
        st.dictionaries(
            st.sampled_from("abcdef"),
            st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=5),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_any_postings_come_back(docs: list[dict[str, list[tuple[int, int]]]]) -> None:
    """Whatever an analyzer says of positions and characters, the bytes are Whoosh's."""
    found = []
    for codec in (None, VnCodec()):
        schema = fields.Schema(
            p=fields.FieldType(formats.Positions(), _Said(), scorable=True),
            c=fields.FieldType(formats.Characters(), _Said(), scorable=True),
        )
        ix = RamStorage().create_index(schema)
        with ix.writer(**({"codec": codec} if codec else {})) as writer:
            for doc in docs:
                said = repr(doc)
                writer.add_document(p=said, c=said)
        with ix.reader() as reader:
            found.append(list(reader.iter_postings()))
    assert found[0] == found[1]


class _Said(analysis.Tokenizer):  # type: ignore[misc]
    """Yields the tokens a dict literal names, where it says they are."""

    def __call__(self, value: str, **kwargs: Any) -> Iterator[Any]:
        for text, places in eval(value).items():
            for pos, start in places:
                token = analysis.Token(positions=True, chars=True)
                token.text, token.pos, token.startchar, token.endchar = text, pos, start, start + 1
                token.boost = 1.0
                yield token


def _damaged(tmp_path: Path, change: Any) -> None:
    ix = index.create_in(str(tmp_path), fields.Schema(body=fields.TEXT()))
    with ix.writer(codec=VnCodec()) as writer:
        writer.add_document(body="one two three")
    (file,) = tmp_path.glob("*.vnt")
    file.write_bytes(change(file.read_bytes()))
    with ix.searcher() as searcher:
        searcher.search(query.Term("body", "two"))


@pytest.mark.parametrize("keep", [0, 10, 24, 40])
def test_a_truncated_file_is_refused(tmp_path: Path, keep: int) -> None:
    with pytest.raises(IndexCorruptError, match=r"cut short|checksum"):
        _damaged(tmp_path, lambda data: data[:keep])


def test_another_version_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IndexVersionError, match="version 9"):
        _damaged(tmp_path, lambda data: data[:8] + b"\x09" + data[9:])


def test_a_changed_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IndexCorruptError, match="checksum"):
        _damaged(tmp_path, lambda data: data[:30] + b"?" + data[31:])


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="open files are counted on Linux")
def test_small_segments_are_not_kept_open(tmp_path: Path) -> None:
    """Not by the readers either that Whoosh's writers leave to the garbage collector."""
    schema = fields.Schema(id=fields.ID(unique=True, stored=True), body=fields.TEXT(stored=True))
    ix = index.create_in(str(tmp_path), schema)
    gc.disable()
    try:
        before = len(list(Path("/proc/self/fd").iterdir()))
        for number in range(30):
            with ix.writer(codec=VnCodec()) as writer:
                writer.update_document(id=str(number), body=f"bài {number}")
        assert len(list(Path("/proc/self/fd").iterdir())) < before + 10
    finally:
        gc.enable()


def test_large_files_are_mapped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vnsearch.whoosh.codec._SMALL", 0)
    ix = index.create_in(str(tmp_path), fields.Schema(body=fields.TEXT(stored=True)))
    with ix.writer(codec=VnCodec()) as writer:
        writer.add_document(body="bài hát hay")
    with ix.searcher() as searcher:
        [hit] = searcher.search(query.Term("body", "hát"))
        assert hit["body"] == "bài hát hay"

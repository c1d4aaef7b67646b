# mypy: allow-untyped-calls
"""The analyzer and its filters, alone and in real Whoosh indexes."""

from __future__ import annotations

import pickle
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from whoosh import analysis as whoosh_analysis
from whoosh import query as whoosh_query
from whoosh.fields import ID, TEXT, Schema
from whoosh.filedb.filestore import RamStorage
from whoosh.highlight import UppercaseFormatter, WholeFragmenter
from whoosh.qparser.default import QueryParser

import vnsearch.analysis
from vnsearch.analysis import AbbreviationFilter, FoldFilter, WordFilter
from vnsearch.text import fold_key, tokenize

# Whoosh re-exports without saying so to type checkers
analysis: Any = whoosh_analysis
query: Any = whoosh_query
VietnameseAnalyzer: Any = vnsearch.analysis.VietnameseAnalyzer  # its tokens have attributes of ours
normalize: Any = unicodedata.normalize


def texts(analyzer: Any, value: str, **options: Any) -> list[str]:
    return [token.text for token in analyzer(value, **options)]


def index_of(analyzer: Any, *bodies: str, **options: Any) -> Any:
    field = TEXT(analyzer=analyzer, stored=True, multitoken_query="phrase", **options)
    ix = RamStorage().create_index(Schema(id=ID(stored=True), body=field))
    with ix.writer() as writer:
        for number, body in enumerate(bodies):
            writer.add_document(id=str(number), body=body)
    return ix


def found(ix: Any, text: str) -> list[str]:
    with ix.searcher() as searcher:
        parsed = QueryParser("body", ix.schema).parse(text)
        return sorted(hit["id"] for hit in searcher.search(parsed, limit=None))


SAME = [
    ("hoà bình", "hòa bình"),
    ("thuỷ lợi", "thủy lợi"),
    ("thuý kiều", "thúy kiều"),
    ("bác sỹ", "bác sĩ"),
    ("kỹ thuật", "kĩ thuật"),
    ("Mỹ", "mĩ"),
    ("Đà Nẵng", "đà nẵng"),
    ("Ðà Nẵng", "đà nẵng"),  # eth
    ("Ɖà Nẵng", "đà nẵng"),  # African d
    ("ỘC ĐẢO", "ộc đảo"),
    ("COVID-19", "covid 19"),
    ("COVID-19", "covid19"),
    ("covid 19", "COVID19"),
    ("319.035 ca", "319.035"),
    ("319.035 ca", "319035"),
    ("tăng 97,58%", "97,58%"),
    ("tăng 97,58%", "97,58"),
    ("ngày 12/3", "12/3"),
    ("ngày 12/03", "12/3"),
    ("TP.HCM", "tp.hcm"),
    ("TP.HCM", "tp hcm"),
    ("thông điệp 5K", "5k"),
    ("ca F0", "f0"),
    ("đội U-23", "U23"),
    ("toasoan@baonghean.vn", "toasoan@baonghean.vn"),
    ("https://baonghean.vn/tin", "baonghean.vn"),
    ("học-sinh", "học sinh"),
]


@pytest.mark.parametrize(("written", "typed"), SAME)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("query_form", ["NFC", "NFD"])
def test_what_is_written_is_found_as_typed(
    written: str, typed: str, form: str, query_form: str
) -> None:
    ix = index_of(VietnameseAnalyzer(), normalize(form, written), "không có gì")
    assert found(ix, f'"{normalize(query_form, typed)}"') == ["0"]


@pytest.mark.parametrize(
    ("written", "typed"),
    [("hoà", "hóa"), ("đường", "dương"), ("hoàn", "hòa"), ("kỹ", "ký"), ("5K", "50"), ("1₫", "1d")],
)
def test_what_differs_is_not_found(written: str, typed: str) -> None:
    assert found(index_of(VietnameseAnalyzer(), written), typed) == []


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_spans_are_in_the_readers_own_text(form: str) -> None:
    text = normalize(form, "Ở Thuỷ Nguyên, 319.035 học sinh")
    tokens = [
        (token.text, text[token.startchar : token.endchar], token.original, token.pos)
        for token in VietnameseAnalyzer()(text, positions=True, chars=True)
    ]
    words = ["Ở", "Thuỷ", "Nguyên", "319.035", "học", "sinh"]
    written = [normalize(form, word) for word in words]
    assert [token[0] for token in tokens] == ["ở", "thủy", "nguyên", "319035", "học", "sinh"]
    assert [token[1] for token in tokens] == written
    assert [token[2] for token in tokens] == written
    assert [token[3] for token in tokens] == list(range(6))


@given(st.text())
def test_tokens_are_those_of_the_text_package(text: str) -> None:
    expected = [(t.text, t.start, t.end, t.joined) for t in tokenize(text)]
    found = [
        (token.text, token.startchar, token.endchar, token.joined)
        for token in VietnameseAnalyzer()(text, chars=True)
    ]
    assert found == expected
    without = [
        (t.text, t.startchar, t.endchar) for t in VietnameseAnalyzer(False)(text, chars=True)
    ]
    assert without == [token[:3] for token in expected]


def test_the_arguments_of_whooshs_tokenizers() -> None:
    analyzer = VietnameseAnalyzer()
    (token,) = (
        t.copy()
        for t in analyzer(
            "Đường", positions=True, chars=True, start_pos=5, start_char=100, mode="query", kept=1
        )
    )
    assert (token.pos, token.startchar, token.endchar) == (5, 100, 105)
    assert (token.mode, token.boost, token.stopped, token.kept) == ("query", 1.0, False, 1)
    assert not hasattr(next(analyzer("Đường")), "pos")
    assert not hasattr(next(analyzer("Đường")), "startchar")
    assert not hasattr(next(analyzer("Đường", keeporiginal=False)), "original")
    assert texts(analyzer, "Đường Láng", tokenize=False) == ["Đường Láng"]
    assert texts(analyzer, "") == texts(analyzer, "", tokenize=True) == []


def test_only_text_is_taken() -> None:
    with pytest.raises(TypeError, match="takes str, not bytes"):
        list(VietnameseAnalyzer()(b"text"))


@pytest.mark.parametrize(
    "analyzer",
    [
        VietnameseAnalyzer(),
        VietnameseAnalyzer(words=False),
        VietnameseAnalyzer() | FoldFilter(),
        VietnameseAnalyzer() | AbbreviationFilter(least=0.5),
        VietnameseAnalyzer() | WordFilter(keep=True, separator=" ") | FoldFilter(keep=False),
    ],
    ids=repr,
)
def test_equality_survives_pickling(analyzer: Any) -> None:
    again = pickle.loads(pickle.dumps(analyzer))
    assert again == analyzer
    assert repr(again) == repr(analyzer)
    assert texts(again, "Học sinh Hà Nội") == texts(analyzer, "Học sinh Hà Nội")
    assert Schema(body=TEXT(analyzer=again)) == Schema(body=TEXT(analyzer=analyzer))


def test_options_make_a_difference() -> None:
    assert VietnameseAnalyzer() != VietnameseAnalyzer(words=False)
    assert FoldFilter() != FoldFilter(keep=False)
    assert WordFilter() != WordFilter(separator=" ")


def test_an_index_on_disk_opens_again(tmp_path: Any) -> None:
    from whoosh import index

    ix = index.create_in(str(tmp_path), Schema(body=TEXT(analyzer=VietnameseAnalyzer())))
    with ix.writer() as writer:
        writer.add_document(body="hoà bình")
    again = index.open_dir(str(tmp_path))
    with again.searcher() as searcher:
        parsed = QueryParser("body", again.schema).parse("hòa")
        assert len(searcher.search(parsed)) == 1


def test_fold_filter_keeps_the_marked_form() -> None:
    analyzer = VietnameseAnalyzer() | FoldFilter()
    assert texts(analyzer, "Đường láng", mode="index") == ["đường", "duong", "láng", "lang"]
    assert texts(analyzer, "Đường láng", mode="query") == ["đường", "láng"]
    positions = [t.pos for t in analyzer("Đường láng", positions=True, mode="index")]
    assert positions == [0, 0, 1, 1]
    ix = index_of(analyzer, "con đường", "con dương", "con duong")
    assert found(ix, "duong") == ["0", "1", "2"]
    assert found(ix, "đường") == ["0"]
    assert found(ix, '"con duong"') == ["0", "1", "2"]


def test_fold_filter_replaces() -> None:
    ix = index_of(VietnameseAnalyzer() | FoldFilter(keep=False), "con đường", "con dương", "kỹ sư")
    assert found(ix, "đường") == found(ix, "duong") == ["0", "1"]
    assert found(ix, "ky") == found(ix, "ki") == found(ix, "kĩ") == ["2"]


@given(st.text())
def test_folded_tokens_are_the_fold_keys(text: str) -> None:
    analyzer = VietnameseAnalyzer(words=False) | FoldFilter(keep=False)
    assert texts(analyzer, text) == [fold_key(token.text) for token in tokenize(text)]


@pytest.mark.parametrize("written", ["TP.HCM", "TPHCM", "tp HCM", "thành phố Hồ Chí Minh"])
@pytest.mark.parametrize("typed", ["tphcm", "TP.HCM", '"tp hcm"', '"thành phố hồ chí minh"'])
def test_abbreviations_are_found_as_what_they_mean(written: str, typed: str) -> None:
    analyzer = VietnameseAnalyzer() | AbbreviationFilter()
    ix = index_of(analyzer, f"hôm nay {written} nắng", "thành phố Hải Phòng")
    assert found(ix, typed) == ["0"]
    assert found(ix, "nắng") == ["0"]


def test_abbreviation_tokens() -> None:
    analyzer = VietnameseAnalyzer() | AbbreviationFilter()
    text = "ở TPHCM hôm nay"
    tokens = [
        (t.text, t.pos, text[t.startchar : t.endchar])
        for t in analyzer(text, positions=True, chars=True, mode="index")
        if t.text in ("tphcm", "thành", "hôm", "nay")
    ]
    assert tokens == [
        ("tphcm", 1, "TPHCM"),
        ("thành", 1, "TPHCM"),
        ("hôm", 2, "hôm"),
        ("nay", 3, "nay"),
    ]
    assert texts(analyzer, "ở TPHCM", mode="query") == ["ở", "tphcm"]
    assert texts(analyzer, "", mode="index") == []
    # CP means chính phủ less often than cổ phần, and neither for sure
    assert texts(analyzer, "CP", mode="index") == ["cp"]
    assert "phủ" in texts(VietnameseAnalyzer() | AbbreviationFilter(least=0.3), "CP", mode="index")


def test_word_filter_gives_pyvis_words() -> None:
    text = "Sinh viên Hà Nội học tập"
    analyzer = VietnameseAnalyzer() | WordFilter()
    words = [
        (t.text, t.pos, text[t.startchar : t.endchar], t.original)
        for t in analyzer(text, positions=True, chars=True)
    ]
    assert words == [
        ("sinh_viên", 0, "Sinh viên", "Sinh viên"),
        ("hà_nội", 1, "Hà Nội", "Hà Nội"),
        ("học_tập", 2, "học tập", "học tập"),
    ]


def test_word_filter_keeps_syllables() -> None:
    analyzer = VietnameseAnalyzer() | WordFilter(keep=True, separator=" ")
    tokens = [(t.text, t.pos) for t in analyzer("Sinh viên rất vui", positions=True)]
    assert tokens == [("sinh", 0), ("viên", 1), ("sinh viên", 0), ("rất", 2), ("vui", 3)]
    ix = index_of(analyzer, "sinh viên", "sinh ra viên")
    with ix.searcher() as searcher:
        hits = searcher.search(query.Term("body", "sinh viên"))
        assert [hit["id"] for hit in hits] == ["0"]
    assert found(ix, "sinh viên") == ["0", "1"]


def test_words_end_where_a_stopped_syllable_was() -> None:
    text = "sinh viên đại học"
    for renumber, removestops in ((False, True), (True, False), (False, False)):
        stop = analysis.StopFilter(stoplist=["viên"], minsize=1, renumber=renumber)
        analyzer = VietnameseAnalyzer() | stop | WordFilter()
        tokens = analyzer(text, positions=True, removestops=removestops)
        assert [t.text for t in tokens if not t.stopped] == ["sinh", "đại_học"]


def test_whooshs_filters_compose() -> None:
    analyzer = (
        VietnameseAnalyzer()
        | analysis.StopFilter(stoplist=["và"], minsize=1)
        | analysis.StemFilter()
        | analysis.TeeFilter(analysis.PassFilter(), analysis.ReverseTextFilter())
    )
    assert texts(analyzer, "Nhà và walking") == ["nhà", "àhn", "walk", "klaw"]
    assert texts(analyzer, "walking", no_morph=True) == ["walking", "gniklaw"]


def test_spelling_field_keeps_unstemmed_words() -> None:
    ix = index_of(VietnameseAnalyzer() | analysis.StemFilter(), "walking shoes", spelling=True)
    with ix.searcher() as searcher:
        assert searcher.suggest("body", "walkin") == ["walking"]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("chars", [False, True])
def test_whooshs_highlighter_marks_the_readers_text(form: str, chars: bool) -> None:
    body = normalize(form, "Ông đi đường Thuỷ Nguyên")
    ix = index_of(VietnameseAnalyzer() | FoldFilter(), body, chars=chars)
    with ix.searcher() as searcher:
        parsed = QueryParser("body", ix.schema).parse("thủy duong")
        results = searcher.search(parsed, terms=True)
        results.fragmenter = WholeFragmenter()
        results.formatter = UppercaseFormatter()
        marked = results[0].highlights("body")
    assert marked == normalize(form, "Ông đi ĐƯỜNG THUỶ Nguyên")


def test_phrases_with_slop() -> None:
    ix = index_of(VietnameseAnalyzer(), "phòng chống dịch", "phòng và chống dịch", "chống phòng")
    assert found(ix, '"phòng chống"') == ["0"]
    assert found(ix, '"phòng chống"~2') == ["0", "1"]

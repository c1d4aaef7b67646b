"""What a query was meant to be, by the evidence of a small made-up collection."""

import json
import time
import unicodedata
from itertools import chain
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from text_statistics import TextStatistics

import vnsearch
from vnsearch.codec import Store, create
from vnsearch.query.statistics import WHOLE, IndexStatistics, Kept, Statistics
from vnsearch.query.suggest import did_you_mean
from vnsearch.query.understand import (
    MIN_WEIGHT,
    SURE,
    TYPED_WEIGHT,
    begin_within,
    slips,
    understand,
)
from vnsearch.schema import ARTICLE_SCHEMA
from vnsearch.text import (
    Abbreviations,
    analyzer,
    canonical,
    encode_telex,
    encode_vni,
    fold,
    fold_key,
    syllables,
)
from vnsearch.text.chat import CHAT
from vnsearch.text.syllable import is_syllable
from vnsearch.text.tokens import MAX_TOKEN

TEXTS = [
    "Phòng chống dịch bệnh ở quận Lê Chân, thành phố Hải Phòng",
    "Công tác phòng chống dịch của thành phố rất tốt",
    "Tàu hỏa chạy trên đường sắt Bắc Nam, đường sắt đô thị",
    "Giá đường tăng, giá vàng giảm mạnh trong ngày",
    "Thế giới di động mở cửa hàng mới bán iPhone 15 Pro",
    "Ủy ban nhân dân thành phố Hồ Chí Minh họp báo; UBND TP.HCM trả lời",
    "Hội đồng nhân dân: HĐND tỉnh họp, HĐND quận họp",
    "Machine learning and deep learning: how to learn machine learning",
    "Ngành IT cần người giỏi, ngành IT có lương cao",
    "Ăn ít thôi, ăn ít thôi, uống ít thôi nhé",
    "Bác sĩ giỏi ở bệnh viện, bác sĩ khám bệnh",
    "Facebook mở văn phòng, mạng Facebook bị lỗi",
    "Lễ hội đền Cờn vào tháng giêng; còn nhiều lễ hội khác, còn nhiều việc",
    "Viết bằng C++ và bằng C#; liên hệ a@b.vn hay 0912 345 678",
    "Nghị định 100/2019/NĐ-CP về xử phạt; nghị định mới",
    "Tin tức thể thao, bóng đá; ca sĩ hát, cà phê sữa đá",
] * 3


@pytest.fixture(scope="module")
def stats() -> TextStatistics:
    return TextStatistics(TEXTS)


@pytest.mark.parametrize(
    ("query", "text", "rule"),
    [
        ("phong chong dich", "phòng chống dịch", "restored"),
        ("Duong SAT", "Đường SẮT", "restored"),
        ("gia duong", "giá đường", "restored"),
        ("phòng chóng dịch", "phòng chống dịch", "repaired"),
        ("bác sỉ giỏi", "bác sĩ giỏi", "repaired"),
        ("phòng chống dịch", "phòng chống dịch", "as typed"),
        ("phòng chong dịch", "phòng chống dịch", "repaired"),
        ("phòng chống dịch".replace("ò", "o\u0300"), None, "as typed"),
        ("phofng choosng dijch", "phòng chống dịch", "keys"),
        ("pho2ng cho61ng di5ch", "phòng chống dịch", "keys"),
        ("“dduwowngf sawts”", "“đường sắt”", "keys"),
        ("HDDND quaanj hopj", "HĐND quận họp", "keys"),
        ("HDDND quaanj ｈop", "HĐND quận họp", "keys"),
        ("ｈop quaanj HDDND!", "họp quận HĐND!", "keys"),
        ("HDND quan hop", "HĐND quận họp", "restored"),
        ("benh vien BACS", "bệnh viện BACS", "restored"),
        ("beejnh vieejn BACS", "bệnh viện BACS", "keys"),
        ("nganh IT can nguoi gioi", "ngành IT cần người giỏi", "restored"),
        ("thegioididong mo cua hang", "thế giới di động mở cửa hàng", "restored"),
        ("machine learning", "machine learning", "as typed"),
        ("iPhone 15 Pro", "iPhone 15 Pro", "as typed"),
        ("C++", "C++", "as typed"),
        ("Nghị định 100/2019/NĐ-CP", "Nghị định 100/2019/NĐ-CP", "as typed"),
        ("nghi dinh 100/2019/nd-cp", "nghị định 100/2019/nđ-cp", "restored"),
        ("0912 345 678", "0912 345 678", "as typed"),
        ("a@b.vn", "a@b.vn", "as typed"),
        ("xyzzy", "xyzzy", "as typed"),
        ("", "", "as typed"),
    ],
)
def test_corrected_text(stats: Statistics, query: str, text: str | None, rule: str) -> None:
    understood = understand(query, stats)
    assert understood.text == (query if text is None else text)
    assert understood.rule == rule
    assert understood.corrected == (None if text in (None, query) else text)
    if rule not in ("restored", "repaired"):
        assert not any(position.bare for position in understood.positions)


def test_half_marked_queries_are_restored_where_marks_are_missing(stats: Statistics) -> None:
    (_, position, _) = understand("phòng chong dịch", stats).positions
    assert [variant.reason for variant in position.variants] == ["restored"]
    assert not any(position.bare for position in understand("phòng chống dịch", stats).positions)


def test_where_one_mark_is_missing_other_words_without_may_be_right() -> None:
    texts = ["kho bốc cháy"] * 4 + ["ra ga, vào ga"] * 12 + ["con gà, bầy gà"] * 30
    stats = TextStatistics(texts + ["xe bốc lên, bốc mùi"] * 9)
    assert understand("ga boc cháy", stats).text == "ga bốc cháy"  # there are more gà, no gà bốc
    assert understand("con ga boc cháy", stats).text == "con gà bốc cháy"


@pytest.mark.parametrize(
    ("others", "meant"),
    [
        ("Gia đình tham gia, quốc gia lo cho gia đình", "giá vàng hôm nay"),
        ("Gia, gia và gia", "gia vàng hôm nay"),
    ],
)
def test_a_word_without_marks_is_doubted_where_it_is_a_part_of_words(
    others: str, meant: str
) -> None:
    texts = [others] * 60 + ["Giá vàng hôm nay tăng, giá vàng giảm"] * 24 + ["gia vàng hôm nay"]
    stats = TextStatistics([*texts, *["Giá gạo hôm nay, giá cả thị trường, giá điện"] * 30])
    understood = understand("gia vàng hôm nay", stats)
    assert understood.text == meant
    (typed,) = [one for one in understood.positions[0].variants if one.term == "gia"]
    assert typed.weight >= TYPED_WEIGHT  # it may be right after all
    for right in ("giá vàng hôm nay", "gia đình hôm nay", "quốc gia hôm nay"):
        assert understand(right, stats).text == right


def test_other_spellings_count_where_it_is_not_sure_which(stats: Statistics) -> None:
    (position,) = understand("con", stats).positions  # còn, or the đền Cờn
    assert position.variants[0].weight < SURE
    assert position.bare
    for position in understand("phong chong dich", stats).positions:
        assert position.variants[0].weight >= SURE
        assert not position.bare


def test_of_a_part_only_its_words_are_understood() -> None:
    stats = TextStatistics(["Ủy ban nhân dân thành phố, UBND xã"] * 3)
    whole, part = (understand("ubnd thanh pho", stats, whole=one) for one in (True, False))
    assert whole.alternatives
    assert whole.pairs
    assert (part.alternatives, part.pairs) == ((), ())
    assert (part.text, part.terms, part.positions) == (whole.text, whole.terms, whole.positions)


def test_a_search_term_is_words_that_belong_together() -> None:
    others = ["con số đó, số này và số kia", "một cái gì đó", "trong đó có cả số lẻ"] * 5
    stats = TextStatistics(["đổi sổ đỏ", "cấp sổ đỏ", "tờ sổ đỏ", *others])
    assert stats.pair_df("số", "đó") > stats.pair_df("sổ", "đỏ")
    assert understand("so do", stats).text == "sổ đỏ"
    assert understand("so do", stats, whole=False).text == "số đó"
    assert understand("con so do", stats).text == "con số đó"
    longer = understand("mot con so do va so kia", stats)  # text, not a term
    assert longer.text == "một con số đó và số kia"


def test_a_pair_that_is_one_word_counts_more() -> None:
    stats = TextStatistics(["Hải quân diễn tập trên biển."] * 2)
    columns = [stats.candidates("hai"), stats.candidates("quan")]
    assert stats.word_df(("hải", "quân")) == 2
    assert stats.pairs(columns)[0] == 2.0
    assert stats.pairs_and_words(columns)[0] == 2.0 + WHOLE * 2


def test_what_a_text_is_about_it_says_again() -> None:
    texts = ["thuốc này, thuốc kia, thuốc nọ"] * 2 + ["thuộc về ai", "tùy thuộc", "trực thuộc"] * 2
    stats = TextStatistics([*texts, "thuộc cả"])
    assert stats.df("thuộc") > stats.df("thuốc")
    assert understand("thuoc", stats).text == "thuốc"


def test_keys_are_read_in_one_method(stats: Statistics) -> None:
    assert "its" in understand("pho2ng cho61ng di5ch its", stats).terms
    assert "ít" in understand("phongf choongs dichj its", stats).terms


def test_among_keys_a_word_the_index_lacks_is_read_too(stats: Statistics) -> None:
    assert understand("phofng choosng baoj luwcj", stats).text == "phòng chống bạo lực"
    assert understand("pho2ng cho61ng bao5", stats).text == "phòng chống bạo"
    # what no row of keys says surely stays, and so does what the index holds as it stands
    assert understand("phofng choosng has iPhone", stats).text == "phòng chống has iPhone"
    assert understand("baoj luwcj", stats).text == "bạo lực"  # surely keys, of whatever


def test_codes_are_no_keys_where_the_texts_have_them() -> None:
    stats = TextStatistics(["Khí thải CO2 tăng, giảm CO2"] * 5 + ["con cò bay", "đàn cò"] * 6)
    assert understand("khi thai co2", stats).text == "khí thải co2"
    assert understand("co2", stats).text == "co2"
    assert understand("d9an2 co2 bay", stats).text == "đàn cò bay"


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("tinh NGHE AN", "tỉnh NGHỆ AN"),
        ("UBND tinh NGHE an", "UBND tỉnh NGHỆ an"),
        ("DAI HOC Quoc gia", "ĐẠI HỌC Quốc gia"),
        ("dai hoc QUOC gia", "đại học QUỐC gia"),
        ("hà NOI", "hà NỘI"),
        ("HA NOI xv", "HÀ NỘI xv"),
        ("hoc NGHE", "học NGHE"),  # either is likely
        ("thue VAT", "thuế VAT"),
        ("cong nghe AI", "công nghệ AI"),
        ("trong tai VAR", "trọng tài VAR"),
    ],
)
def test_words_in_capitals_may_be_acronyms_or_not(query: str, text: str) -> None:
    texts = [
        "UBND tỉnh Nghệ An họp, ai nghe cũng rõ",
        "Đại học Quốc gia Hà Nội",
        "Nghe đài, học nghe",
    ]
    others = [
        "thuế VAT, vật tư",
        "Trọng tài nhờ VAR",
        "Công nghệ AI từ Mỹ",
        "tĩnh tâm",
        "ha ha, Viet",
    ]
    stats = TextStatistics([*texts * 9, *others * 3])
    assert understand(query, stats).text == text
    assert did_you_mean(query, stats) == (text if text != query else None)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("100/2019/ND-CP", "100/2019/NĐ-CP"),
        ("100/2019/nd-cp", "100/2019/nđ-cp"),
        ("hdnd", "hđnd"),
        ("12/HD-2020", "12/HD-2020"),
        ("dvd, html", "dvd, html"),
    ],
)
def test_a_row_of_consonants_may_lack_the_bar(stats: TextStatistics, query: str, text: str) -> None:
    assert understand(query, stats).text == text


@pytest.mark.parametrize(
    ("texts", "query", "others"),
    [
        # loans in the table, both ways; the second rule adds nothing
        (["Bán ô tô cũ"], "ôtô", [("ô", "tô")]),
        (["Bán ôtô cũ"], "ô tô", [("ôtô",)]),
        (["ti vi mới"], "tivi", [("ty", "vi")]),
        (["Đi Mátxcơva"], "Mát-xcơ-va", [("mátxcơva",)]),
        (["Đi London", "đi Luân Đôn"], "Luân Đôn", [("london",)]),
        # what a hyphen joins may be one word, whether the table has it or not
        (["Bà Xtalin"], "Xta-lin", [("xtalin",)]),
        (["Nước xôviết"], "xô-viết", [("xôviết",)]),
        (["Nội Hải"], "Hà Nội-Hải Phòng", []),
        # with marks, syllables are no other word however often they are written in one
        (["Nước xôviết"] * 9 + ["xô viết"], "xôviết", [("xô", "viết")]),
    ],
)
def test_loans_are_written_in_one_word_or_several(
    texts: list[str], query: str, others: list[tuple[str, ...]]
) -> None:
    found = understand(query, TextStatistics(texts)).alternatives
    assert [one.terms for one in found] == others


@pytest.mark.parametrize(
    ("text", "queries"),
    [
        ("Gọi 0912345678", ["0912 345 678", "0912.345.678", "091 234 5678"]),
        ("Gọi 0912.345.678", ["0912345678"]),
        ("số 319035", ["319 035", "319.035"]),
        ("số 319 035", ["319035"]),
        ("Nhà 100 m2", ["100m2", "100m²", "100 m²"]),
        ("Nhà 100m2", ["100 m2", "100m²"]),
        ("nặng 50 g", ["50g"]),
        ("túi 250g", ["250 g"]),
        ("giá 1299000đ", ["1.299.000đ", "1299000", "1299000 đ", "1.299.000 đồng", "1.299.000₫"]),
        ("giá 1.299.000₫", ["1.299.000đ", "1299000đ", "1299000 đồng"]),
        ("giá 1.299.000đ", ["1299000đ", "1.299.000₫", "1299000 đồng"]),
        ("giá 5000đ", ["5.000đ", "5000", "5000 đồng", "5k"]),
        ("phạt 500 nghìn", ["500k", "500K"]),
        ("phạt 500.000 đồng", ["500k"]),
        ("lương 10 triệu", ["10tr", "10 tr", "10TR"]),
        ("lương 10.000.000 đồng", ["10tr"]),
        ("biển 29A-123.45", ["29A12345", "29A-12345", "29A 123 45"]),
        ("biển 29A12345", ["29A-123.45", "29A 12345"]),
        ("biển 29A-12345", ["29A-123.45", "29A12345"]),
    ],
)
def test_numbers_are_found_together_and_apart(
    tmp_path: Path, text: str, queries: list[str]
) -> None:
    with vnsearch.create_index(tmp_path / "index") as index:
        index.add([{"id": "1", "title": text}, {"id": "2", "title": "khác hẳn"}])
        for query in queries:
            assert index.search(query, operator="and").total == 1, query


def test_a_number_that_stands_as_typed_is_no_other() -> None:
    stats = TextStatistics(["Bút bi 5.000đ một cái", "túi 250g", "5000 người", "giá 122.020"])
    for query, others in (
        ("5000đ", [("5000", "đ")]),  # not any 5000
        ("250g", []),
        ("tháng 12/2020", []),
        ("5.000 người", []),
        ("5k", [("5000", "đ")]),
        ("10k", []),
    ):
        assert [one.terms for one in understand(query, stats).alternatives] == others, query


def test_texts_without_marks_are_no_evidence_that_none_are_meant() -> None:
    marked = ["Công an quận Lê Chân phòng chống dịch bệnh", "Điện thoại di động ở quận Lê Chân"]
    english = ["Get the cat to the man", "May the man get to the cat"]
    stats = TextStatistics(
        [*marked * 3, *map(fold, marked * 4), *english * 3, "tờ thể cát, mạn máy"]
    )
    for text in ("quận lê chân", "phòng chống dịch", "điện thoại di động", "công an"):
        assert understand(fold(text), stats).text == text
    for text in ("the cat", "to the man", "may"):
        assert understand(text, stats).text == text
    bare = TextStatistics(list(map(fold, marked * 4)))
    assert understand("quan le chan", bare).text == "quan le chan"


def test_keys_spell_what_the_texts_have_without_marks() -> None:
    bare = TextStatistics(["quan ca phe o duong nguyen hue", "ca phe sua da", "di cho mua rau"])
    assert understand("caf phee suwax", bare).text == "cà phê sữa"
    assert understand("d9u7o7ng2 nguye6n4", bare).text == "đường nguyễn"
    assert understand("new test of it", bare).rule != "keys"


def test_variants_are_weighted(stats: Statistics) -> None:
    understood = understand("duong", stats)
    (position,) = understood.positions
    assert (position.text, position.start, position.end, position.fold) == ("duong", 0, 5, "duong")
    assert [variant.term for variant in position.variants] == ["đường"]
    understood = understand("con", stats)
    weights = {variant.term: variant.weight for variant in understood.positions[0].variants}
    assert weights["còn"] > weights["cờn"] > MIN_WEIGHT
    assert sum(weights.values()) == pytest.approx(1)


def test_pairs_are_weighted(stats: Statistics) -> None:
    understood = understand("duong sat", stats)
    ((pair,),) = understood.pairs
    assert (pair.left, pair.right) == ("đường", "sắt")
    assert pair.weight == pytest.approx(1, abs=0.01)


def test_a_rare_marked_word_is_never_lost(stats: Statistics) -> None:
    for position in understand("đền cờn còn nhiều lễ hội", stats).positions:
        assert any(
            variant.term == position.text and variant.weight >= TYPED_WEIGHT
            for variant in position.variants
        )


def test_a_right_syllable_the_index_lacks_stays() -> None:
    stats = TextStatistics(["Cần nhiều tiền, nhiều người, nhiều việc, bao gồm nhiều thứ"] * 5)
    assert understand("mất bao nhiêu đợt", stats).corrected is None
    assert understand("cần nhiêu tiền", stats).corrected == "cần nhiều tiền"  # they stand together
    assert understand("nhiềuu", stats).corrected is None
    assert understand("nhiêu", stats).corrected == "nhiều"  # it would find nothing


def test_a_lone_slip_must_be_plain() -> None:
    many = [f"Người bị {number}" for number in range(100, 250)]
    stats = TextStatistics([*TEXTS, "Một hòn bi xanh", *many])
    assert understand("nổ bom bi sót lại nơi này", stats).corrected is None
    assert understand("bom bi", stats).corrected == "bom bị"
    slipped = understand("phòng chóng dịch nổ bom bi sót lại", stats)
    assert slipped.corrected == "phòng chống dịch nổ bom bị sót lại"


def test_keys_with_invisible_characters(stats: Statistics) -> None:
    glued = understand("beejnh\u200bvieejn", stats)
    assert [(p.start, p.end) for p in glued.positions] == [(0, 13)]
    assert understand("beejnh\u200b vieejn", stats).text == "bệnh\u200b viện"
    soft = understand("vieejn beej\u00adnh", stats)
    assert [soft.query[p.start : p.end] for p in soft.positions] == ["vieejn", "beej\u00adnh"]


@pytest.mark.parametrize("query", ["日本", "Россия", "bệnh 本 viện"])
def test_other_scripts_are_left_alone(query: str) -> None:
    stats = TextStatistics([*TEXTS, "Bên kia ri rỉ, bên này, Rossiya"])
    understood = understand(query, stats)
    assert (understood.text, understood.rule) == (query, "as typed")


def test_suggest_only_tells_and_off_does_nothing(stats: Statistics) -> None:
    told = understand("phong chong dich", stats, "suggest")
    assert told.corrected == "phòng chống dịch"
    assert [p.variants[0].term for p in told.positions] == ["phong", "chong", "dich"]
    off = understand("phong chong dich", stats, "off")
    assert off.corrected is None
    assert off.rule == "off"


def test_reasons_in_two_languages(stats: Statistics) -> None:
    understood = understand("phong chóng dịch", stats)
    assert len(understood.changes) == 2
    for language, word in (("en", "mistyped"), ("vi", "sai dấu")):
        reasons = understood.reasons(language)
        assert all("”" in reason for reason in reasons)
        assert any(word in reason and "chống" in reason for reason in reasons)
    assert json.loads(json.dumps(understood.to_dict()))["text"] == "phòng chống dịch"


def test_changes_point_into_the_query(stats: Statistics) -> None:
    query = "  Dduwowngf   SAWTS!"
    understood = understand(query, stats)
    assert understood.text == "  Đường   SẮT!"
    assert [query[c.start : c.end] for c in understood.changes] == ["Dduwowngf", "SAWTS"]
    assert [query[p.start : p.end] for p in understood.positions] == ["Dduwowngf", "SAWTS"]


def test_alternatives(stats: Statistics) -> None:
    def offered(query: str) -> set[tuple[int, int, str, str]]:
        return {
            (a.first, a.stop, " ".join(a.terms), a.reason)
            for a in understand(query, stats).alternatives
        }

    assert (0, 1, "ủy ban nhân dân", "abbreviation") in offered("ubnd quan")
    assert (0, 4, "ubnd", "abbreviation") in offered("uy ban nhan dan")
    assert (0, 2, "facebook", "joined") in offered("face book")
    assert not offered("a@b.vn")
    own = Abbreviations({"dsbn": "đường sắt bắc nam"}, builtin=False)
    found = understand("dsbn", stats, abbreviations=own).alternatives
    assert [a.terms for a in found] == [("đường", "sắt", "bắc", "nam")]
    names = TextStatistics(["Mua Macbook, mặc áo, đọc book"])
    assert [a.terms for a in understand("mac book", names).alternatives] == [("macbook",)]
    bare = TextStatistics(["duong sat bac nam moi"])
    found = understand("dsbn", bare, abbreviations=own).alternatives
    assert [a.terms for a in found] == [("duong", "sat", "bac", "nam")]


@pytest.mark.parametrize(
    ("texts", "query", "text", "short"),
    [
        ("Chủ tịch UBND xã|Bạn của nhân dân", "uy ban nhan dan", "ủy ban nhân dân", "ubnd"),
        ("Chủ tịch UBND xã|Bạn của nhân dân", "UY BAN nhan dan", "ỦY BAN nhân dân", "ubnd"),
        ("Chủ tịch UBND xã|Bạn của nhân dân", "ủy ban nhan dân", "ủy ban nhân dân", "ubnd"),
        ("Lũ về ĐBSCL", "dong bang song cuu long", "đồng bằng sông cửu long", "đbscl"),
        ("Lũ về ĐBSCL", "lu ve dong bang song cuu long", "lũ về đồng bằng sông cửu long", "đbscl"),
        ("Lũ về ĐBSCL", "đồng bằng song cuu long", "đồng bằng sông cửu long", "đbscl"),
        ("Nhà ở Q1", "quan 1", "quận 1", "q1"),
        ("Nhà ở Q1|Đại quân 1|Đại quân 1", "quan 1", "quân 1", None),
        ("Bóng đá VN|Tỉnh nam", "bong da viet nam", "bóng đá việt nam", "vn"),
        ("Tin từ HP|Bé trai", "có hai phòng học", "có hai phòng học", None),
        ("Tin từ HP|Hai phòng học|Hai phòng họp", "hai phong", "hai phòng", None),
        # in texts without marks
        ("chu tich UBND xa|uy ban nhan dan huyen", "uy ban nhan dan", "uy ban nhan dan", "ubnd"),
        ("uy ban nhan dan huyen", "uy ban nhan dan", "uy ban nhan dan", None),
    ],
)
def test_an_abbreviation_tells_what_a_phrase_without_marks_is(
    texts: str, query: str, text: str, short: str | None
) -> None:
    stats = TextStatistics(texts.split("|"))
    understood = understand(query, stats)
    assert understood.text == text
    assert (understood.rule == "as typed") == (text == query)
    assert [one.terms for one in understood.alternatives] == ([(short,)] if short else [])
    assert understand(query, stats, "suggest").text == text
    assert did_you_mean(query, stats) == (text if text != query else None)


@pytest.mark.parametrize(
    ("typed", "meant", "weight"),
    [
        ("sĩ", "sĩ", 1),
        ("sỉ", "sĩ", 0.2),
        ("đương", "đường", 0.1),
        ("duong", "đường", 0.1),
        ("đướng", "đường", 0.02),
        ("chóng", "chống", 0.02),
        ("chòng", "chống", 0.0004),
    ],
)
def test_slips(typed: str, meant: str, weight: float) -> None:
    assert slips(typed, [meant]) == [pytest.approx(weight)]


@settings(max_examples=60)
@given(st.sampled_from(TEXTS), st.sampled_from([fold, encode_telex, encode_vni]))
def test_every_way_of_typing_keeps_the_words_in_place(text: str, typed: object) -> None:
    assert callable(typed)
    stats = test_every_way_of_typing_keeps_the_words_in_place.stats  # type: ignore[attr-defined]
    understood = understand(typed(text), stats)
    assert [fold_key(term) for term in understood.terms] == [fold_key(t) for t in syllables(text)]


test_every_way_of_typing_keeps_the_words_in_place.stats = TextStatistics(TEXTS)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "query",
    [
        "w" * 100_000 + ".",
        "a." * 50_000,
        "1." * 50_000 + " .vn",
        "a@b.vn " * 15_000,
        "a-b" * 30_000,
    ],
)
def test_a_long_row_of_letters_takes_linear_time(stats: Statistics, query: str) -> None:
    started = time.thread_time()
    did_you_mean(query, stats)
    assert time.thread_time() - started < 20  # minutes, were it quadratic


@pytest.mark.parametrize(
    "row", ["a", "vieejt", "vie65t", "bcde", "học", "12a", "a.b", "a-b", "hộc-", "ABC", "ah"]
)
@pytest.mark.parametrize("query", ["{}", "hộc {}", "vieejt {} nam"])
def test_a_giant_is_read_a_few_times_and_never_kept(
    stats: TextStatistics, row: str, query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = 0

    def counted(text: str) -> object:
        nonlocal size
        size += len(text)
        return read(text)

    read = analyzer._read
    monkeypatch.setattr(analyzer, "_read", counted)
    giant = query.format(row * 3_000)
    stats.forget()
    did_you_mean(giant, stats)
    assert size < 8 * len(giant)
    kept = [one for one in vars(stats).values() if isinstance(one, Kept)]
    keys = [key for one in kept for key in one if isinstance(key, str)]
    assert max(map(len, keys)) <= 4 * MAX_TOKEN


@given(
    starts=st.lists(st.integers(0, 30)).map(sorted),
    spans=st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30))),
)
def test_which_words_begin_within_spans(starts: list[int], spans: list[tuple[int, int]]) -> None:
    expected = [any(first <= start < last for first, last in spans) for start in starts]
    assert begin_within(starts, spans) == expected


@settings(max_examples=100)
@given(query=st.text(max_size=40) | st.text("aăâeêioôơuưyđdsfrxjw123 .@-", max_size=40))
def test_any_text_is_understood(stats: Statistics, query: str) -> None:
    understood = understand(query, stats)
    assert len(understood.terms) == len(understood.positions)
    assert len(understood.pairs) == max(0, len(understood.positions) - 1)
    for position in understood.positions:
        assert 0 <= position.start < position.end <= len(query)
        assert position.variants
        for variant in position.variants:
            assert 0 < variant.weight <= 1 + 1e-9


def test_an_index_answers_like_its_texts(tmp_path: object) -> None:
    path = str(tmp_path)
    create(path + "/index", ARTICLE_SCHEMA)
    store = Store(path + "/index")
    texts = [*TEXTS, "phong chong dich o Ha Noi, khong dau"]
    for first in (0, 20):
        with store.writer() as writer:
            for number, text in enumerate(texts[20:] if first else texts[:20]):
                writer.add({"id": f"{first}-{number}", "body": text})
    snapshot = store.snapshot()
    fields = [field for segment in snapshot.segments if (field := segment.text("body"))]
    index = IndexStatistics(fields, snapshot.doc_count)
    memory = TextStatistics(texts)
    assert (index.doc_count, index.total_length) == (memory.doc_count, memory.total_length)
    for text in TEXTS[:16]:
        for query in (text, fold(text)):
            for term in syllables(query):
                assert index.df(term) == memory.df(term)
                assert index.read_plain_df(term) == memory.read_plain_df(term)
                assert index.followers(term) == memory.followers(term)
                assert index.closest(term) == memory.closest(term) == memory.followers(term)[:4]
                for other in ("chống", "qqq", "x\ud800", term):
                    assert index.pair_df(term, other) == memory.pair_df(term, other)
                    assert index.word_df((term, other)) == memory.word_df((term, other))
                keys = [fold(term), fold(term)[:2], "zz" + fold(term)]
                assert index.read_held(keys) == memory.read_held(keys)
                assert index.cuts("".join(keys)) == memory.cuts("".join(keys))
                glued = fold(term) + fold(text.split()[0])
                assert understand(glued, index) == understand(glued, memory)
                assert sorted(index.with_prefix(term[:1])) == sorted(memory.with_prefix(term[:1]))
            found, wanted = understand(query, index), understand(query, memory)
            assert found.text == wanted.text
            assert found.terms == wanted.terms
    snapshot.close()


def test_the_oldest_answers_are_let_go_of() -> None:
    kept = Kept(600)
    for number in range(2_000):
        assert kept.keep(number, -number) == -number
        assert len(kept) <= 600
        assert kept[number] == -number
    assert list(kept) == list(range(2_000 - len(kept), 2_000))
    assert len(kept) > 590  # a few at once
    kept.keep_all(dict.fromkeys(range(2000, 2500), 0))
    assert len(kept) == 600
    assert 2_499 in kept
    assert 1_899 not in kept
    kept.clear()
    kept.keep_all(dict.fromkeys(range(600), 0))
    for number in range(600, 620):
        kept.keep(number, 0)
        kept.pop(number - 590, None)  # as another thread might
    assert len(kept) <= 600
    assert 619 in kept


def test_texts_added_later_count_in_every_answer() -> None:
    late = TextStatistics()
    asked = "the gioi di dong thegioididong"
    understand(asked, late)
    assert late.cuts("thegioididong") == []
    for text in ["thế giới di động"] * 3:
        late.add(text)
    early = TextStatistics(["thế giới di động"] * 3)
    assert early.cuts("thegioididong") == [("the", "gioi", "di", "dong")]
    assert late.cuts("thegioididong") == early.cuts("thegioididong")
    assert understand(asked, late) == understand(asked, early)


# What belongs together does so in few of the documents that have its parts, in one spelling or
# another; what is in the second half stands together by chance.
TOGETHER = """
bóng đá|giá vàng|máy tính|hóa đơn|kỹ sư|cầu thủ|cà phê|phòng thủ|trẻ em|xổ số|hồ sơ|việt nam|đà nẵng
|bất động sản|bất động sản đà nẵng|thương mại điện tử|đất đai|face book
""".replace("\n", "").split("|")
APART = """
bong bóng bay|bỏng nặng|đã xong|da dẻ|đa số|già nua|gia súc|vắng vẻ|váng vất|máy may|mây mù
|tỉnh lỵ|tình ca|hòa thuận|họa hoằn|đơn từ|đón đưa|kỳ hạn|sứ giả|câu cá|thu về|thư từ|thử sức
|cả thảy|phòng ốc|thủ đô|trễ giờ|hố sâu|xó xỉnh|sở thú|hơ lửa|bác học|bất lực|động cơ|sản vật
|thương tích|mai mối|điện nước|tự tin|luật đời|hòn sỏi|đá sỏi|mặc dù|áo dài|này kia|mạng lưới
|ngó nghiêng|thể lệ|sẽ làm|tân gia|cụ thể|bà nội
""".replace("\n", "").split("|")
CHANCE = ["bị hòn đá", "mặc áo", "thể sẽ", "tân á", "cụ bà", "bóng đã", "giá vắng"]
HELD = ["Vietnam", "Danang", "Macao", "Thuongmai"]


@pytest.fixture(scope="module")
def glued() -> TextStatistics:
    return TextStatistics(TOGETHER * 3 + APART * 60 + CHANCE + CHANCE[1:2] * 3 + HELD)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("bongda", "bóng đá"),
        ("Bongda", "Bóng đá"),
        ("bóngđá", "bóng đá"),
        ("giavang", "giá vàng"),
        ("giávàng", "giá vàng"),
        ("maytinh", "máy tính"),
        ("máytính", "máy tính"),
        ("hoadon", "hóa đơn"),
        ("hóađơn", "hóa đơn"),
        ("hoáđơn", "hóa đơn"),
        ("kysu", "kỹ sư"),
        ("kỹsư", "kỹ sư"),
        ("kĩsư", "kỹ sư"),
        ("kisu", "kỹ sư"),
        ("kỷsư", "kỹ sư"),  # a slip of the tone as well
        ("cauthu", "cầu thủ"),
        ("caphe", "cà phê"),  # not cap he
        ("phongthu", "phòng thủ"),
        ("batdongsan", "bất động sản"),
        ("bấtđộngsản", "bất động sản"),
        ("thuongmaidientu", "thương mại điện tử"),
        ("facebook", "face book"),
        # pieces that are glued themselves, and that the index holds so
        ("batdongsandanang", "bất động sản đà nẵng"),
        # rows of keys (trêm, xố, hố) that are rather two syllables
        ("treem", "trẻ em"),
        ("xoso", "xổ số"),
        ("xem gia vang bongda", "xem giá vàng bóng đá"),
        # left whole
        ("honda", None),
        ("these", None),
        ("tana", None),
        ("cuba", None),
        ("mango", None),
        ("macao", None),
        ("vietnam", None),
        ("bongda.com.vn", None),
        ("bongdaz", None),
        ("a" * 200, None),
    ],
)
def test_glued_words(glued: TextStatistics, typed: str, meant: str | None) -> None:
    assert understand(typed, glued).corrected == meant
    assert understand(typed, glued, "suggest").corrected == meant


@pytest.mark.parametrize(
    ("typed", "apart"),
    [
        ("vietnam", [("việt", "nam")]),
        ("danang", [("đà", "nẵng")]),
        ("macao", []),  # the parts belong together too little for a word the index holds
        ("honda", []),
    ],
)
def test_a_glued_word_the_index_holds_is_searched_both_ways(
    glued: TextStatistics, typed: str, apart: list[tuple[str, ...]]
) -> None:
    understood = understand(typed, glued)
    assert [variant.term for variant in understood.positions[0].variants] == [typed]
    assert [other.terms for other in understood.alternatives] == apart


def test_what_few_documents_have_side_by_side_cuts_no_word() -> None:
    texts = ["bụng no căng", "nê"]
    few, many = ["ăn no nê"], ["đi bộ"] * 5_000
    assert understand("none", TextStatistics(texts + few)).text == "no nê"
    assert understand("none", TextStatistics(texts + few + many)).text == "none"


def test_keys_win_over_parts_in_fewer_documents(glued: TextStatistics) -> None:
    assert understand("hoso", TextStatistics(TOGETHER + ["hố"] * 9)).text == "hố"
    assert understand("hoso", TextStatistics(TOGETHER * 9 + ["hố"])).text == "hồ sơ"
    assert understand("hoso ddaats", glued).text == "hố đất"  # the others are keys as well


def test_a_query_understood_is_kept_until_something_changes() -> None:
    stats = TextStatistics(["ủy ban nhân dân", "vật nuôi số một"])
    table = Abbreviations({"vns": "vật nuôi"}, builtin=False)
    first = understand("vns", stats, abbreviations=table)
    assert understand("vns", stats, abbreviations=table) is first
    assert understand("vns", stats, "off", table).rule == "off"
    table.add("vns", "ủy ban")
    assert len(understand("vns", stats, abbreviations=table).alternatives) == 2
    table.add("vns", "ủy ban", 0)
    assert understand("vns", stats, abbreviations=table) == first
    stats.add("vns số một")
    again = understand("vns", stats, abbreviations=table)
    assert again is not first


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("rust macros", "rust macros"),
        ("gif png", "gif png"),
        ("def main", "def main"),
        ("var", "var"),  # vả, where it is seldom anything but và
        ("VAR", "VAR"),
        ("gias iphone", "giá iphone"),  # beside what the index has beside it
        ("iphone gias", "iphone giá"),
        ("vieetj iphone", "việt iphone"),  # a tone and a vowel mark are sure
        ("gias vang", "giá vàng"),  # no foreign word beside it
        ("gias", "giá"),
    ],
)
def test_a_lone_row_of_keys_may_be_a_foreign_word(query: str, text: str) -> None:
    texts = ["Giá iPhone và giá vàng tăng", "Rút tiền thì dè chừng", "iPhone giá rẻ ở Việt Nam"] * 9
    stats = TextStatistics([*texts, "Vả lại, và vì sao thì gì cũng được"])
    stats.add("Anh và em và mọi người " * 300)
    assert understand(query, stats).text == text


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("hà nooij", "hà nội"),
        ("Hà NOOIJ", "Hà NỘI"),
        ("Hà no65i", "Hà nội"),
        ("ha2 nội", "hà nội"),
        ("haf nội", "hà nội"),
        ("mùa thu hoom nay", "mùa thu hôm nay"),
        ("gias vàng", "giá vàng"),  # beside what the index has beside it
        ("vàng gias", "vàng gias"),
        ("vàng nooij", "vàng nội"),  # a tone and a vowel mark are sure
        ("khoong nội", "không nội"),
        ("mua ootoo cũ", "mua ôtô cũ"),
        # nothing that the index has, English, what it has as it stands
        ("vàng ddoor", "vàng ddoor"),
        ("bò beef", "bò beef"),
        ("vàng has", "vàng has"),
        ("đội VAR", "đội VAR"),
        ("giá gias.vn", "giá gias.vn"),
        ("phim cas hay", "phim cas hay"),
        *[
            (query, query)
            for query in ("phim avatar hay", "tàu metro", "váy zara", "bóng đá fifa", "học excel")
        ],
    ],
)
def test_keys_among_words_with_marks(query: str, text: str) -> None:
    texts = ["Giá vàng Hà Nội hôm nay", "Hà Nội mùa thu", "Vàng Hà Nội", "Mùa ôtô, ôtô cũ"]
    others = ["không nội dung", "bề ngoài, vả lại, cá hay", "phim cas"]
    understood = understand(query, TextStatistics(texts + others))
    assert understood.text == text
    assert (understood.rule == "keys") == (text != query)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("oto", "ôtô"),
        ("OTO", "ÔTÔ"),
        ("ootoo", "ôtô"),
        ("o6to6", "ôtô"),
        ("matxcova", "mátxcơva"),
        ("dola", "đôla"),
        ("cafe", "cafe"),  # the index has it as often
        ("moto", "moto"),
        ("the dola of", "the dola of"),
    ],
)
def test_a_loan_word_alone_may_lack_its_marks(query: str, text: str) -> None:
    stats = TextStatistics(["Bán ôtô cũ", "Thủ đô Mátxcơva", "Tỷ giá đôla", "Quán cafe, càfe"])
    assert understand(query, stats).text == text
    assert did_you_mean(query, stats) == (text if text != query else None)


def test_a_part_of_a_query_keeps_what_its_neighbours_told() -> None:
    stats = TextStatistics(
        ["Nha Trang đẹp", "Giá vàng hôm nay, giá vàng tăng", "nhà to, trắng"] * 9
    )
    query = "nha trang gia vang"
    whole = understand(query, stats)
    assert whole.text == "nha trang giá vàng"
    part = whole.part(query.index("trang"), query.index(" vang"))
    assert (part.query, part.text, part.terms) == ("trang gia", "trang giá", ("trang", "giá"))
    assert [one.text for one in part.tokens] == ["trang", "gia"]
    assert [(one.start, one.end) for one in part.positions] == [(0, 5), (6, 9)]
    assert part.pairs == whole.pairs[1:2]
    assert [(one.start, one.typed, one.meant) for one in part.changes] == [(6, "gia", "giá")]
    everything = whole.part(0, len(query))
    assert everything == whole
    assert whole.part(3, 3).positions == ()


def test_marks_are_no_slip_where_the_index_has_none() -> None:
    chats = ["goi tho o duong phan dang luu", "chuc mung sinh nhat linh nha", "nam nay di da lat"]
    stats = TextStatistics([*chats * 3, "Công việc dở dang"])
    for query, found in (
        ("Phan Đăng Lưu", "phan dang luu"),
        ("sinh nhật Linh", "sinh nhat linh"),
        ("sinh nhât Linh", "sinh nhat linh"),  # no syllable with these marks only
    ):
        understood = understand(query, stats)
        assert (understood.text, understood.changes) == (query, ())
        assert understood.terms == tuple(syllables(query))
        # the spellings that are there are searched for
        best = {position.variants[0].term for position in understood.positions}
        assert len(best & set(found.split())) >= 2, best
    # a mark too many is one where texts have marks
    stats = TextStatistics([*chats, *TEXTS, *["hai mươi tuổi"] * 9])
    assert understand("hái mươi tuổi", stats).text == "hai mươi tuổi"


@pytest.mark.parametrize(
    ("typed", "proper"),
    [
        ("quốc hôị thưà kế", "quốc hội thừa kế"),
        ("Hòang", "Hoàng"),
        ("NGÒAI", "NGOÀI"),
        ("gìơ vựơt qúy thủơ gía", "giờ vượt quý thuở giá"),
        # both are right
        ("hoà bình", "hoà bình"),
        ("hòa bình thúy kiều khỏe", "hòa bình thúy kiều khỏe"),
        ("thuý kiều khoẻ kĩ sư quí", "thuý kiều khoẻ kĩ sư quí"),
        ("Ðường", "Ðường"),
    ],
)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_tone_on_the_wrong_letter_is_put_in_its_place(
    typed: str, proper: str, form: Literal["NFC", "NFD"]
) -> None:
    query = unicodedata.normalize(form, typed)
    stats = TextStatistics([proper] * 9)
    understood = understand(query, stats)
    wanted = query if typed == proper else proper
    assert unicodedata.normalize("NFC", understood.text) == unicodedata.normalize("NFC", wanted)
    assert understood.rule == ("as typed" if typed == proper else "repaired")
    assert understood.words == understand(proper, stats).words


SPACED = [
    "lời chỉ trích của công chúng về thông tin quy trình mới",
    "Công an quận Cầu Giấy mở cửa; quận nghèo, lời nói",
    "vitamin c có trong cam, khối b an ninh",
    "người H'Mông đi chợ, áo T-shirt, trang Node.js, mạng Wi-Fi, tạp chí Marine Traffic",
] * 9


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        # a space left out between words that do not belong together
        ("những lờichỉ trích", "những lời chỉ trích"),
        ("Công an quậnCầu Giấy", "Công an quận Cầu Giấy"),
        ("QUẬNNGHÈO", "QUẬN NGHÈO"),
        ("trang vềnode mới", "trang về node mới"),
        ("Pelé", None),  # no pe lé
        ("lờixyz", None),
        # a space inside a word
        ("th ông tin", "thông tin"),
        ("Th ông tin", "Thông tin"),
        ("th ong tin", "thông tin"),
        ("về quy tr ình mới", "về quy trình mới"),
        ("côn g chúng", "công chúng"),
        ("các l ời nói", "các lời nói"),
        ("vụ t ấn công", "vụ tấn công"),
        ("vitamin c có", None),
        ("khối b an ninh", None),
        ("c. ông chúng", None),
        # what stands between the parts is not known
        ("hmông", None),
        ("tshirt", None),
        ("nodejs", None),
        ("wifi", None),
        ("MarineTraffic", "Marine Traffic"),
    ],
)
def test_spaces_left_out_or_put_in(typed: str, meant: str | None) -> None:
    stats = TextStatistics([*SPACED, "pe", "lé", "pe lê", "vụt", *["tấn công"] * 2])
    understood = understand(typed, stats)
    assert understood.corrected == meant
    assert did_you_mean(typed, stats, understood) == meant


@pytest.mark.parametrize(("typed", "meant"), [("ngườii", "người"), ("tuyyên", "tuyên")])
def test_a_doubled_letter_is_no_part(typed: str, meant: str) -> None:
    stats = TextStatistics(["người", "i tờ", "tuyên", "tuy", "yên"])
    assert understand(typed, stats).corrected is None
    assert did_you_mean(typed, stats) == meant


def test_a_word_put_together_says_so(stats: Statistics) -> None:
    (change,) = understand("phòng ch ống dịch", stats).changes
    assert (change.start, change.end, change.reason) == (6, 12, "joined")
    assert change.sentence() == "“ch ống” is written together in the index: “chống”"
    assert change.sentence("vi") == "“ch ống” được viết liền trong kho: “chống”"


def test_parts_are_searched_for_though_they_are_not_shown() -> None:
    stats = TextStatistics(SPACED)
    for typed, parts in (("tshirt", ("t", "shirt")), ("nodejs", ("node", "js"))):
        assert understand(typed, stats).terms == parts


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("hình ảnhh", "hình ảnhh"),
        ("còn tự ciả", "còn tự ciả"),
        ("CĐ phát thanh", "CĐ phát thanh"),
        ("fâcbook", "fâcbook"),
        ("facébook", "facebook"),
        ("gơogle", "google"),
    ],
)
def test_a_misprint_with_marks_is_no_other_misprint(typed: str, text: str) -> None:
    texts = ["hình ảnh anhh", "CIA", "đĩa CD", "facebook", *["google và hình ảnh"] * 2]
    stats = TextStatistics([*texts, *["còn tự phát thanh"] * 9_000])
    assert understand(typed, stats).text == text


@pytest.mark.parametrize(
    ("typed", "text", "other"),
    [
        # what the index has only as an abbreviation, in keys
        ("giaos vieen chur nhieemj", "giáo viên chủ nhiệm", ("gvcn",)),
        ("giao1 vie6n chu3 nhie6m5", "giáo viên chủ nhiệm", ("gvcn",)),
        ("quaanj 1", "quận 1", ("q", "1")),
        ("ddawcs lawcs", "đắc lắc", ("đắk", "lắk")),
        ("ootoo", "ôtô", ("ô", "tô")),
        ("aos sowmi", "áo sơmi", ("sơ", "my")),
        # another spelling without its marks
        ("dac lac", "đắc lắc", ("đắk", "lắk")),
        # nothing of it is known: rows of keys among others are read, a lone one is not
        ("khoong hieeuj quar", "không hiệu quả", None),
        ("hieeuj", "hieeuj", None),
        ("soos 608 ddieeuj", "số 608 điệu", None),
    ],
)
def test_keys_of_words_the_index_lacks(
    typed: str, text: str, other: tuple[str, ...] | None
) -> None:
    stats = TextStatistics(["GVCN", "Q.1", "Đắk Lắk", "ô tô, áo sơ mi", "chú bé", "số 68"] * 3)
    understood = understand(typed, stats)
    assert understood.text == text
    assert [one.terms for one in understood.alternatives] == ([other] if other else [])


def test_an_alternative_stands_in_a_row_somewhere() -> None:
    stats = TextStatistics(["Iran và Syria", "xi măng ri rỉ", "I ran"])
    assert understand("syria", stats).alternatives == ()
    assert [one.terms for one in understand("iran", stats).alternatives] == [("i", "ran")]


@pytest.mark.parametrize("typed", ["680400đ", "680400d", "680400d9"])
def test_a_sum_may_lack_its_bar(typed: str) -> None:
    stats = TextStatistics(["giá 680.400 đ"])
    assert ("680400", "đ") in [one.terms for one in understand(typed, stats).alternatives]


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("kylian mbappe", "kylian mbappé"),
        ("Thomas Muller", "Thomas Müller"),
        ("beyonce hat", "beyoncé hat"),
        ("cote d'ivoire", "côte d'ivoire"),
        ("london cafe", "london cafe"),  # as often without
        ("the object", "the object"),
    ],
)
def test_a_foreign_name_among_foreign_words_gets_its_marks(query: str, text: str) -> None:
    texts = ["Kylian Mbappé, Thomas Müller và Beyoncé", "Côte d'Ivoire", "London café, cafe"]
    stats = TextStatistics([*texts, "Kylian Minogue, Thomas Cook"])
    understood = understand(query, stats)
    assert understood.text == text
    assert did_you_mean(query, stats, understood) == (None if text == query else text)


@pytest.mark.parametrize("query", ["7h30", "07h30", "7g30", "7:30", "7 giờ 30", "7 gio 30"])
@pytest.mark.parametrize(
    "printed", ["lúc 07h30", "lúc 7h30", "lúc 7g30", "lúc 7 giờ 30", "lúc 7:30"]
)
def test_times_of_the_day_are_written_in_many_ways(query: str, printed: str) -> None:
    stats = TextStatistics([printed, "một giờ sau"])
    wanted = tuple(syllables(printed.removeprefix("lúc ")))
    understood = understand(query, stats)
    assert understood.terms == wanted or wanted in [one.terms for one in understood.alternatives]


def test_an_hour_by_itself() -> None:
    stats = TextStatistics(["8h sáng, 9 giờ", "3h07"])
    assert [one.terms for one in understand("8 giờ sáng", stats).alternatives] == [("8h",)]
    assert [one.terms for one in understand("9h", stats).alternatives] == [("9", "giờ")]
    assert understand("8 sáng", stats).alternatives == ()
    assert understand("3 giờ 7", stats).alternatives == ()


@pytest.mark.parametrize("query", ["0912345678", "0912 345 678", "+84912345678", "+84 912 345 678"])
@pytest.mark.parametrize(
    "printed", ["0912345678", "0912 345 678", "(+84) 912 345 678", "84912345678"]
)
def test_telephone_numbers_with_the_code_of_the_country(query: str, printed: str) -> None:
    stats = TextStatistics([f"gọi {printed} nhé"])
    understood = understand(query, stats)
    wanted = tuple(syllables(printed))
    assert understood.terms == wanted or wanted in [one.terms for one in understood.alternatives]


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("nhung loichi trich", "những lời chỉ trích"),
        ("cong chungve thong tin", "công chúng về thông tin"),
        ("loichi", "loichi"),  # nothing tells of it
        ("nhung loichi Salazar", "những loichi Salazar"),
        ("thu do Mumbai tin", "thủ đô Mumbai tin"),
    ],
)
def test_neighbours_tell_of_two_words_without_a_space(query: str, text: str) -> None:
    texts = [
        *["những lời hay, chỉ trích, công chúng nghĩ, về thông tin"] * 9,
        "thủ đô",
        "mùm",
        "bai",
    ]
    assert understand(query, TextStatistics(texts)).text == text


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("#PhòngChốngDịch", "#Phòng Chống Dịch"),
        ("#PhongChongDich", "#Phòng Chống Dịch"),
        ("#phongchongdich", "#phòng chống dịch"),
        ("#phòngchốngdịch", "#phòng chống dịch"),
        ("#HảiPhòng", "#Hải Phòng"),  # though the index has haiphong
        ("#HaiPhong", "#Hải Phòng"),
        ("ởHải Phòng", "ở Hải Phòng"),
        ("ThiMo", "ThiMo"),  # which the index has, and hardly the syllables
        ("iPhone", "iPhone"),
        ("MoMo", "MoMo"),
        ("FaceBook", "FaceBook"),
        ("EBao", "EBao"),
    ],
)
def test_capitals_tell_the_syllables_of_a_word(query: str, text: str) -> None:
    more = [
        "Haiphong là tên khác",
        "ThiMo mở cửa",
        "Thị mở thêm",
        "Ví MoMo lỗi",
        "Sống ở Hải Phòng",
    ]
    stats = TextStatistics([*TEXTS, *more])
    for typed in (query, unicodedata.normalize("NFD", query)):
        assert canonical(understand(typed, stats).text) == canonical(text)
    assert understand(query, stats).text == text


def test_hashtags_and_their_words_find_one_another(tmp_path: Path) -> None:
    texts = {
        "tag": "Cả xóm ở nhà #PhòngChốngDịch",
        "bare": "o nha nhe ca xom #phongchongdich",
        "words": "Họp bàn phòng chống dịch bệnh",
        "more": "Lo phòng chống dịch cúm",
        "most": "Bàn cách phòng chống dịch tả",
        "other": "Phòng họp chống thấm, dịch vụ tốt",
    }
    with vnsearch.create_index(tmp_path / "index") as made:
        made.add({"id": name, "body": body} for name, body in texts.items())
        for query in ("phòng chống dịch", "phong chong dich", "#phongchongdich", "#PhòngChốngDịch"):
            found = {hit.id for hit in made.search(query)}
            assert found >= {"words", "more", "most"}, query
            assert found & {"tag", "bare"} >= ({"bare"} if "#phong" in query else {"tag"}), query
        # nobody means a word that stands in one for another that is two
        assert not made.understand("phòng họp").alternatives
        made.add([{"id": "name", "body": "Máy Vivo"}])
        assert not made.understand("vì vỡ").alternatives


CHATTED = [
    "Không được bảo vệ thì không biết phải làm như thế nào",
    "Bao nhiêu tiền một ký, giá bao nhiêu; nhiều người biết",
    "Không biết thì hỏi, làm gì cũng được, người ta không nói gì",
    "Thiếu vitamin K không tốt; phim của J Lo; bãi biển Ko Samui",
    "Kênh K+ phát trận đấu; xe Mazda CX 5 của người dân",
] * 12


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("ko dc", "không được"),
        ("ko dc bao ve", "không được bảo vệ"),
        ("lam ntn", "làm như thế nào"),
        ("làm ntn", "làm như thế nào"),
        ("bao nhiu tien", "bao nhiêu tiền"),
        ("giá bn", "giá bao nhiêu"),
        ("nhìu ng biết", "nhiều người biết"),
        ("làm j cx dc", "làm gì cũng được"),
        ("k biết", "không biết"),
        ("Ko biết", "Không biết"),
        ("KO BIẾT", "KHÔNG BIẾT"),
        ("ngta ko noi", "người ta không nói"),
        ("khoong bieets lafm ntn", "không biết làm như thế nào"),
        # as the index has it
        ("vitamin k", "vitamin k"),
        ("vitamin k không tốt", "vitamin k không tốt"),
        ("j lo", "j lo"),
        ("Ko Samui", "Ko Samui"),
        ("mazda cx 5", "mazda cx 5"),
        # another word by a sign or a capital, another language, nothing beside it
        ("k+ biết", "k+ biết"),
        ("Phim K biết", "Phim K biết"),
        ("element k of the list", "element k of the list"),
        ("ko", "ko"),
        ("ntn", "ntn"),
        ("a@ko.vn biết", "a@ko.vn biết"),
    ],
)
def test_what_messages_leave_out_is_written_in_full(query: str, text: str) -> None:
    stats = TextStatistics([*TEXTS, *CHATTED])
    understood = understand(query, stats)
    assert understood.text == text
    assert did_you_mean(query, stats, understood) == (text if text != query else None)
    for change in understood.changes:
        if change.reason == "short":
            assert change.typed in change.sentence()
            assert change.meant in change.sentence("vi")


def test_texts_of_messages_are_found_as_they_are_written() -> None:
    stats = TextStatistics(["Ko biết làm ntn", "Tui ko biết", "Không biết", "Bạn ko nói"] * 5)
    assert understand("ko biết", stats).changes == ()


def test_short_spellings_are_canonical_and_stand_for_syllables() -> None:
    for typed, meanings in CHAT.items():
        assert canonical(typed) == typed
        assert all(map(is_syllable, chain.from_iterable(meanings))), meanings
        assert all(canonical(" ".join(meaning)).split(" ") == list(meaning) for meaning in meanings)


def test_words_of_english_stay_where_nothing_tells_that_they_are_not() -> None:
    more = ["Sống ở làng, sống tốt, sống lâu", "Nhạc pop hay; bến Nhị Hà song song", "Tốp đầu"] * 5
    stats = TextStatistics([*TEXTS, *more])
    assert understand("pop song", stats).text == "pop song"
    assert did_you_mean("pop song", stats) is None
    assert understand("song tot", stats).text == "sống tốt"
    assert understand("song o lang", stats).text == "sống ở làng"


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("doi MU", "đội MU"),
        ("MU thang", "MU thắng"),
        ("doi mu", "đội mũ"),
        ("DOI MU", "ĐỘI MŨ"),
        ("doi MU BAO HIEM", "đội MŨ BẢO HIỂM"),
        ("le KHAI mac", "lễ KHAI mạc"),
    ],
)
def test_an_abbreviation_in_capitals_is_no_syllable(query: str, text: str) -> None:
    more = ["Đội mũ bảo hiểm", "Xem đội MU thắng", "Đội thắng trận", "Lễ khai mạc"]
    stats = TextStatistics([*TEXTS, *more * 4, "Đội mũ"])
    assert understand(query, stats).text == text
    said = [one.terms for one in understand(query, stats).alternatives]
    assert said == []  # as the index has no other way to say it


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("hà nộ i", "hà nội"),
        ("má y bay", "máy bay"),
        ("gi á vàng", "giá vàng"),
        ("bó ng đá", "bóng đá"),  # and not ng for người
        ("bác sĩ y khoa", "bác sĩ y khoa"),
        ("ý kiến", "ý kiến"),
        ("ba y", "ba y"),
    ],
)
def test_a_space_before_a_syllable_of_one_letter(query: str, text: str) -> None:
    more = [
        "Máy bay đến Hà Nội",
        "Bác sĩ y khoa và y sĩ có ý kiến về bóng đá, ba y tá",
        "Người bó cỏ",
    ]
    stats = TextStatistics([*TEXTS, *more * 15])
    assert understand(query, stats).text == text


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("đươngf sắt", "đường sắt"),
        ("ĐƯƠNGF SẮT", "ĐƯỜNG SẮT"),
        ("bệnhj viện", "bệnhj viện"),  # which has its tone
        ("đôs sắt", "đôs sắt"),  # which is nothing there
        ("Renés", "Renés"),
    ],
)
def test_the_key_of_a_tone_behind_other_marks(query: str, text: str) -> None:
    assert understand(query, TextStatistics(TEXTS)).text == text

"""The syllable rules, told as tables."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vnsearch.text import canonical
from vnsearch.text.syllable import (
    TONES,
    base,
    inventory,
    is_misplaced,
    is_syllable,
    is_unmarked_syllable,
    neighbours,
    parse,
    split_tone,
    tone_of,
    with_base,
)

INVENTORY = sorted(inventory())

PARTS = [
    # word, onset, glide, nucleus, coda, tone
    ("a", "", "", "a", "", "ngang"),
    ("tiếng", "t", "", "iê", "ng", "sắc"),
    ("nghiêng", "ngh", "", "iê", "ng", "ngang"),
    ("nguyễn", "ng", "u", "yê", "n", "ngã"),
    ("hoà", "h", "o", "a", "", "huyền"),
    ("hòa", "h", "o", "a", "", "huyền"),
    ("toàn", "t", "o", "a", "n", "huyền"),
    ("quý", "q", "u", "y", "", "sắc"),
    ("quốc", "q", "u", "ô", "c", "sắc"),
    ("thuở", "th", "u", "ơ", "", "hỏi"),
    ("khuya", "kh", "u", "ya", "", "ngang"),
    ("khuỷu", "kh", "u", "y", "u", "hỏi"),
    ("gì", "gi", "", "i", "", "huyền"),
    ("gìn", "gi", "", "i", "n", "huyền"),
    ("giếng", "gi", "", "iê", "ng", "sắc"),
    ("giặt", "gi", "", "ă", "t", "nặng"),
    ("gia", "gi", "", "a", "", "ngang"),
    ("yêu", "", "", "yê", "u", "ngang"),
    ("mía", "m", "", "ia", "", "sắc"),
    ("xoong", "x", "", "oo", "ng", "ngang"),
    ("moóc", "m", "", "oo", "c", "sắc"),
    ("loẹt", "l", "o", "e", "t", "nặng"),
    ("xoắn", "x", "o", "ă", "n", "sắc"),
    ("Đường", "đ", "", "ươ", "ng", "huyền"),
    ("Kạn", "k", "", "a", "n", "nặng"),
]


@pytest.mark.parametrize(("word", "onset", "glide", "nucleus", "coda", "tone"), PARTS)
def test_parts(word: str, onset: str, glide: str, nucleus: str, coda: str, tone: str) -> None:
    syllable = parse(word)
    assert syllable is not None
    assert (syllable.onset, syllable.glide, syllable.nucleus, syllable.coda) == (
        onset,
        glide,
        nucleus,
        coda,
    )
    assert TONES[syllable.tone] == tone


@pytest.mark.parametrize(
    ("rule", "possible", "impossible"),
    [
        ("c before back vowels, k before front ones", "cá kẻ kí", "ká cẻ cí"),
        ("g and gh", "gà ghế ghi", "ghà gế"),
        ("ng and ngh", "ngà nghĩ nghề", "nghà ngĩ ngề"),
        ("q only before its glide", "quả quê", "qả qê"),
        ("a stop takes sắc or nặng only", "cát cạt hộp sách", "cat càt hỗp sãch"),
        ("unmarked stops are not syllables", "được", "duoc được̀"),
        ("iê needs a coda, ia has none", "tiên tia", "tiê tian"),
        ("uô and ua", "muôn mua", "muô muan"),
        ("ươ and ưa", "mưa mương", "mươ mưang uơng"),
        ("uơ and uya stand open", "huơ khuya", "huơn khuyan"),
        ("yê at the start, iê elsewhere", "yên tiên", "iên tyên"),
        ("ch and nh after a ê i only", "sách lệnh tình", "sóch lợnh túnh"),
        ("c and ng not after ê i", "séc", "sếc tíc tìng"),
        ("labials take the glide only in loans", "buýt voan", "buân muyên phoe"),
        ("foreign letters", "", "zoo file web jazz"),
        ("not a word at all", "", " 5 a1 - đ ₫ tiếngviệt"),
    ],
)
def test_rules(rule: str, possible: str, impossible: str) -> None:
    assert [w for w in possible.split() if not is_syllable(w)] == [], rule
    assert [w for w in impossible.split() if is_syllable(w)] == [], rule


@pytest.mark.parametrize(
    ("typed", "spelling"),
    [
        ("hoà", "hòa"),
        ("thuý", "thúy"),
        ("khoẻ", "khỏe"),
        ("HOÀN", "hoàn"),
        ("qúy", "quý"),
        ("tíên", "tiến"),
        ("thủơ", "thuở"),
        ("mưả", "mửa"),
        ("nguỵ", "ngụy"),
        ("gịa", "giạ"),
    ],
)
def test_spelling_puts_the_tone_where_dictionaries_do(typed: str, spelling: str) -> None:
    syllable = parse(typed)
    assert syllable is not None
    assert syllable.spelling == spelling


def test_inventory_spells_itself() -> None:
    assert 15_000 < len(INVENTORY) < 20_000
    for word in INVENTORY:
        syllable = parse(word)
        assert syllable is not None
        assert syllable.spelling == word


def test_the_canonical_spelling_is_the_same_but_for_i_and_y() -> None:
    differing = [word for word in INVENTORY if canonical(word) != word]
    assert all(base(w).endswith(("i", "y")) and len(base(w)) <= 3 for w in differing)
    assert len(differing) == 6 * 7  # one of each pair after h k l m s t qu


@given(st.sampled_from(INVENTORY))
def test_any_normal_form_and_case_parses_alike(word: str) -> None:
    assert parse(unicodedata.normalize("NFD", word)) == parse(word) == parse(word.upper())
    assert tone_of(word) == split_tone(word)[1]
    assert base(word).isascii()
    assert is_unmarked_syllable(base(word))
    assert word in with_base(base(word))


@given(st.text(max_size=12))
def test_any_text_is_answered(text: str) -> None:
    assert is_syllable(text) == (parse(text) is not None)
    if parse(text) is not None:
        assert parse(text).spelling in inventory()  # type: ignore[union-attr]
    neighbours(text)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("sữa", "sửa"),
        ("nghành", "ngành"),
        ("kông", "công"),
        ("ghà", "gà"),
        ("đuợc", "được"),
        ("nguời", "người"),
        ("kỹ", "kĩ"),
        ("dành", "giành"),
        ("giêng", "riêng"),
        ("gì", "dì"),
        ("xử", "sử"),
        ("trăm", "chăm"),
        ("lên", "nên"),
        ("khan", "khang"),
        ("mác", "mát"),
        ("đắc", "đắk"),
        ("lắk", "lắc"),
        ("viên", "viện"),
        ("đươc", "được"),
    ],
)
def test_neighbours_hold_what_was_meant(typed: str, meant: str) -> None:
    assert meant in dict(neighbours(typed))


def test_nearest_is_the_commonest_slip() -> None:
    assert neighbours("sữa")[0][0] == "sửa"
    order = [distance for _, distance in neighbours("hỏi")]
    assert order == sorted(order)
    assert neighbours("hỏi", limit=1.0) == []
    assert neighbours("taxi") == []


@given(st.sampled_from(INVENTORY))
def test_neighbours_are_possible_and_not_the_word(word: str) -> None:
    near = dict(neighbours(word))
    assert word not in near
    assert set(near) <= inventory()
    assert all(distance > 0 for distance in near.values())


def test_unmarked_syllables_are_the_bases_of_the_inventory() -> None:
    bases = {base(word) for word in inventory()}
    near = {word[:-1] for word in bases} | {word + "h" for word in bases} | {"x" + w for w in bases}
    assert {word for word in bases | near if is_unmarked_syllable(word)} == bases


@pytest.mark.parametrize("word", ["thưà", "Hòan", "qúy", "thủơ", "gìơ", "NGÒAI", "vựơt", "gía"])
def test_a_tone_where_nobody_places_it(word: str) -> None:
    assert is_misplaced(word)
    assert is_misplaced(unicodedata.normalize("NFD", word))


@given(st.sampled_from(INVENTORY))
def test_neither_way_to_place_a_tone_is_wrong(word: str) -> None:
    assert not is_misplaced(word)
    letters, _ = split_tone(word)
    if letters.endswith(("oa", "oe", "uy")) and not letters.startswith("q"):
        marked = unicodedata.normalize("NFD", word)
        mark = next((char for char in marked if char in "\u0300\u0301\u0303\u0309\u0323"), "")
        assert not is_misplaced(letters + mark)


@pytest.mark.parametrize(
    "word", ["", "hoa", "Ðường", "then", "covid", "café", "thuý", "khoẻ", "quí"]
)
def test_nothing_else_is_misplaced(word: str) -> None:
    assert not is_misplaced(word)

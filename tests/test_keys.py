"""Telex and VNI, told as tables; the inventory's round trips."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernel_modes import interpreted

from vnsearch.kernels import keys as keys_kernel
from vnsearch.text.keys import (
    STYLES,
    Style,
    decode_keys,
    decode_telex,
    decode_text,
    decode_vni,
    encode_telex,
    encode_vni,
    read_keys,
)
from vnsearch.text.syllable import base, beginnings, compose, inventory

INVENTORY = sorted(inventory())
KERNELS = pytest.mark.parametrize(
    "kernel", [keys_kernel, interpreted("keys")], ids=["installed", "interpreted"]
)


@pytest.mark.parametrize(
    ("keys", "word"),
    [
        # the tone at the end, right after its vowel, or anywhere in between
        ("vieetj", "việt"),
        ("vieejt", "việt"),
        ("viejet", "việt"),
        # mark keys at the end
        ("vietje", "việt"),
        ("vietej", "việt"),
        ("tiengse", "tiếng"),
        ("dungfd", "đùng"),
        # đ and ươ in every way
        ("dduwowngf", "đường"),
        ("dduowngf", "đường"),
        ("dduwowfng", "đường"),
        ("dduongwf", "đường"),
        ("duongdwf", "đường"),
        ("nguwowif", "người"),
        ("nguoiwf", "người"),
        # w: horn, breve, ươ, or ư by itself
        ("hoawcj", "hoặc"),
        ("hoacwj", "hoặc"),
        ("muaw", "mưa"),
        ("quawn", "quăn"),
        ("luuw", "lưu"),
        ("tw", "tư"),
        ("nhwng", "nhưng"),
        # uơ, not ươ, in an open syllable
        ("thuowr", "thuở"),
        ("huow", "huơ"),
        # both tone placements are typed
        ("hoaf", "hòa"),
        ("hofa", "hòa"),
        ("quys", "quý"),
        ("gif", "gì"),
        ("gieengs", "giếng"),
        # z takes the tone away, another tone replaces it
        ("toasnz", "toan"),
        ("toasnf", "toàn"),
        # case
        ("VIEETJ", "VIỆT"),
        ("Vieetj", "Việt"),
        ("DDaf", "Đà"),
        ("Ddawks", "Đắk"),
        # a doubled key stands for itself
        ("xooong", "xoong"),
        ("sooosc", "soóc"),
        ("tesst", "test"),
        ("faceboook", "facebook"),
        ("showw", "show"),
        ("addd", "add"),
        # no keys, or keys that spell nothing
        ("phong", None),
        ("file", None),
        ("", None),
        ("catf", None),
    ],
)
def test_telex(keys: str, word: str | None) -> None:
    assert decode_telex(keys) == word


@pytest.mark.parametrize(
    ("keys", "word"),
    [
        ("vie65t", "việt"),
        ("vie6t5", "việt"),
        ("viet65", "việt"),
        ("viet56", "việt"),
        ("tie61ng", "tiếng"),
        ("phong2", "phòng"),
        ("chong61", "chống"),
        ("d9u7o7ng2", "đường"),
        ("d9uo7ng2", "đường"),
        ("duong972", "đường"),
        ("thuo73", "thuở"),
        ("hoa8c5", "hoặc"),
        ("ma8t5", "mặt"),
        ("D9A2", "ĐÀ"),
        ("Nguye6n4", "Nguyễn"),
        ("tan10", "tan"),
        ("phong", None),
        ("covid19", None),
        ("tang10", "tang"),
        ("h5n1", None),
        ("2023", None),
        ("mp3", None),
    ],
)
def test_vni(keys: str, word: str | None) -> None:
    assert decode_vni(keys) == word


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(
    ("encode", "decode"), [(encode_telex, decode_telex), (encode_vni, decode_vni)]
)
def test_every_syllable_comes_back(
    encode: Callable[[str, Style], str], decode: Callable[[str], str | None], style: Style
) -> None:
    wrong = []
    for word in INVENTORY:
        keys = encode(word, style)
        assert keys.isascii()
        if (decode(keys) if keys != word else word) != word:
            wrong.append((word, keys, decode(keys)))
    assert wrong == []


@pytest.mark.parametrize(
    ("style", "telex", "vni"),
    [
        ("tone-last", "tieengs dduwowngf Hoaf", "tie6ng1 d9u7o7ng2 Hoa2"),
        ("inline", "tieesng dduwowfng Hofa", "tie61ng d9u7o72ng Ho2a"),
        ("short-horn", "tieengs dduowngf Hoaf", "tie6ng1 d9uo7ng2 Hoa2"),
        ("marks-last", "tienges dduongwf Hoaf", "tieng61 d9uong72 Hoa2"),
    ],
)
def test_styles(style: Style, telex: str, vni: str) -> None:
    assert encode_telex("tiếng đường Hòa", style) == telex
    assert encode_vni("tiếng đường Hòa", style) == vni


def test_unknown_style_names_the_known_ones() -> None:
    with pytest.raises(ValueError, match="tone-last"):
        encode_telex("a", "fast")  # type: ignore[arg-type]


@given(st.sampled_from(INVENTORY), st.sampled_from(STYLES), st.booleans())
def test_case_and_normal_form_do_not_matter(word: str, style: Style, title: bool) -> None:
    cased = word.title() if title else word.upper()
    for encode, decode in ((encode_telex, decode_telex), (encode_vni, decode_vni)):
        keys = encode(unicodedata.normalize("NFD", cased), style)
        assert (decode(keys) or keys).lower() == word
        if title or len(word) > 1:
            assert (decode(keys) or keys) == cased


@given(st.text(max_size=20))
def test_any_word_is_answered(word: str) -> None:
    for result in (decode_telex(word), decode_vni(word), decode_keys(word)):
        assert result is None or result
    assert decode_text(word, lambda _: 0) is None


def test_unmarked_syllables_are_no_keys() -> None:
    unmarked = [word for word in map(base, INVENTORY) if "oo" not in word]
    assert [word for word in (*unmarked, "boong", "mooc") if decode_keys(word, 0.2)] == []
    assert decode_keys("khoong", 0.2) == "không"


@pytest.mark.parametrize(
    ("keys", "least", "most"),
    [
        ("vieetj", 0.9, 1.0),  # tone and vowel mark
        ("tie61ng", 0.9, 1.0),
        ("toafn", 0.7, 0.9),  # f and j are no English endings
        ("bans", 0.3, 0.5),  # a plural?
        ("mama", 0.2, 0.4),
        ("phong2", 0.4, 0.6),
        ("has", 0.0, 0.2),  # common English
        ("boong", 0.0, 0.2),  # a plain syllable already
        ("a4", 0.0, 0.2),  # a paper size
        ("u23", 0.0, 0.2),  # two tones
    ],
)
def test_confidence(keys: str, least: float, most: float) -> None:
    read = read_keys(keys)
    assert read is not None
    assert least <= read.confidence <= most
    assert decode_keys(keys, confidence=most + 0.01) is None
    assert decode_keys(keys) == read.text


COUNTS = {
    100: "phòng chống dịch bệnh thủ tướng việt nam hà nội đội tuyển bán",
    50: "test best list post nam",
    5: "ủ ã tét há tốt lít là của bé",
}
DOCUMENTS = {word: count for count, words in COUNTS.items() for word in words.split()}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("phongf choongs dichj beenhj", "phòng chống dịch bệnh"),
        ("phong2 chong61 dich5 benh65", "phòng chống dịch bệnh"),
        ("Vieetj Nam", "Việt Nam"),
        ("tuyeenr", "tuyển"),
        ("DDOOIJ tuyeenr U23", "ĐỘI tuyển U23"),
        ("d9o6i5 tuye6n3 u23 giay61 a4", "đội tuyển u23 giay61 a4"),
        ('"thur tuwowngs" +nam', '"thủ tướng" +nam'),
        ("bans", "bán"),
        # left alone
        ("phong chong dich benh", None),
        ("test", None),
        ("best test list of the world", None),
        ("has it been", None),
        ("covid19 u23 a4 5k", None),
        ("phòng chongs dichj", None),  # already has marks
        ("zuowngf", None),
        ("the music was a hit in Noor and Hasan", None),
        ("", None),
    ],
)
def test_texts(typed: str, meant: str | None) -> None:
    assert decode_text(typed, lambda word: DOCUMENTS.get(word, 0)) == meant


def test_a_word_better_known_as_typed_stays() -> None:
    assert decode_text("thur tuwowngs test", lambda w: DOCUMENTS.get(w, 0)) == "thủ tướng test"


def test_english_prose_is_left_alone() -> None:
    prose = (
        "The best of the tests was for her and his door was open as soon as the bus has gone "
        "Moon rose over the town there is no list of the most important visas or taxes"
    )
    everything = inventory()
    assert decode_text(prose, lambda word: int(word in everything)) is None


@KERNELS
@given(word=st.sampled_from(INVENTORY), style=st.sampled_from(STYLES), telex=st.booleans())
def test_a_decoder_tells_what_the_keys_were(
    kernel: ModuleType, word: str, style: Style, telex: bool
) -> None:
    row = (encode_telex if telex else encode_vni)(word, style)
    found = kernel.Decoder(beginnings, compose).decode(row, telex)
    if found is None:
        assert row == base(word) or decode_telex(row) == word
        return
    spelled, letters, tone, tone_keys, mark_keys, far = found
    assert spelled == compose(letters, tone) == word
    assert tone_keys == bool(tone)
    assert far <= mark_keys <= 3
    assert far == 0 or style in ("short-horn", "marks-last")


@given(row=st.text("aeioudwsfrxjznghtcAOD1679", max_size=9), telex=st.booleans())
def test_decoders_agree(row: str, telex: bool) -> None:
    installed = keys_kernel.Decoder(beginnings, compose)
    assert installed.decode(row, telex) == PLAIN_DECODER.decode(row, telex)


PLAIN_DECODER = interpreted("keys").Decoder(beginnings, compose)


@KERNELS
def test_rows_are_placed_among_the_tokens(kernel: ModuleType) -> None:
    text = "vieejt 3.5 nam nam"
    assert kernel.ascii_runs(text) == ["vieejt", "3", "5", "nam", "nam"]
    assert kernel.ascii_runs("(a)_b! ") == ["a", "b"]
    tokens = tuple(
        (text[start:end], start, end, False) for start, end in ((0, 6), (7, 10), (11, 14), (15, 18))
    )
    spelled = [("việt", "known", ""), None, ("", "empty", "5"), None, ("năm", "other", "nam")]
    words, others = kernel.place_rows(text, kernel.ascii_runs(text), spelled, tokens, tuple)
    assert words == [
        ("việt", 0, 6, "known", "keys", "word", ""),
        ("năm", 15, 18, "other", "keys", "word", "nam"),
    ]
    assert others == [tokens[1], tokens[2]]
    for runs, meant, placed in (
        (["b"], [None], tokens),
        (["nam"], [], tokens),
        (["nam"], [("năm",)], tokens),
        (["nam"], [None], ((1, 2),)),
    ):
        with pytest.raises(ValueError, match=r"run|token"):
            kernel.place_rows(text, runs, meant, placed, tuple)

"""One canonical spelling for every way a word is written; these tables are its documentation."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from vnsearch.text import canonical, fold, fold_key

SAME_WORD = [
    # written            canonical
    ("hoà", "hòa"),  # new and old tone placement are one word ...
    ("hòa", "hòa"),
    ("hoa", "hoa"),  # ... but no tone, or another one, is another word
    ("hóa", "hóa"),
    ("hoá", "hóa"),
    ("khoẻ", "khỏe"),
    ("thuý", "thúy"),
    ("thúy", "thúy"),
    ("thuỷ", "thủy"),
    ("hoàn", "hoàn"),  # before a final consonant there is one placement
    ("hòan", "hoàn"),
    ("tóan", "toán"),
    ("huýt", "huýt"),
    ("ngoài", "ngoài"),  # of three vowels, the middle one
    ("khuỷu", "khuỷu"),
    ("khuya", "khuya"),
    ("thuở", "thuở"),  # a vowel with a mark of its own carries the tone
    ("thủơ", "thuở"),
    ("tuổi", "tuổi"),
    ("nguyễn", "nguyễn"),
    ("mừơi", "mười"),
    ("của", "của"),
    ("nghĩa", "nghĩa"),
    ("quý", "quý"),  # the u of qu and the i of gi belong to the onset
    ("qúy", "quý"),
    ("quí", "quý"),
    ("qui", "quy"),
    ("quỹ", "quỹ"),
    ("quả", "quả"),
    ("qủa", "quả"),
    ("quốc", "quốc"),
    ("già", "già"),
    ("gìa", "già"),
    ("giặt", "giặt"),
    ("gìn", "gìn"),
    ("gì", "gì"),
    ("kỹ", "kỹ"),  # i and y after a lone h, k, l, m, s, t
    ("kĩ", "kỹ"),
    ("lí", "lý"),
    ("Mĩ", "mỹ"),
    ("sỹ", "sĩ"),
    ("tỉ", "tỷ"),
    ("hi", "hy"),
    ("ti", "ty"),
    ("vi", "vi"),  # not after other consonants
    ("vy", "vy"),
    ("thi", "thi"),
    ("Ắ", "ắ"),  # two marks on one letter, in capitals
    ("Ấ", "ấ"),
    ("Ế", "ế"),
    ("Ố", "ố"),
    ("Ớ", "ớ"),
    ("Ứ", "ứ"),
    ("đ", "đ"),  # đ and what is drawn like it
    ("Đ", "đ"),
    ("\u00d0", "đ"),  # Icelandic eth
    ("\u0189", "đ"),  # African d
    ("d", "d"),
    ("D", "d"),
    ("h\u043e\u00e0", "hòa"),  # Cyrillic о in a Latin word
    ("с\u043e", "с\u043e"),  # a Cyrillic word stays
    ("ｈｏà", "hòa"),  # full width
    ("ﬁle", "file"),  # ligature
    ("e\u0301\u0302", "ế"),  # marks in the wrong order
    ("a\u0301\u0301", "á"),  # a mark typed twice
    ("ho\u200b\u00e0", "hòa"),  # zero-width space
    ("ho\u00ad\u00e0", "hòa"),  # soft hyphen
    ("café", "café"),  # no Vietnamese syllable: nothing moves
    ("día", "día"),
    ("ΑΣ", "ασ"),
]


@pytest.mark.parametrize(("written", "spelled"), SAME_WORD)
def test_canonical_spelling(written: str, spelled: str) -> None:
    assert canonical(written) == spelled
    assert canonical(unicodedata.normalize("NFD", written)) == spelled
    assert canonical(spelled) == spelled


@pytest.mark.parametrize(
    ("token", "key"),
    [
        ("đường", "duong"),
        ("Hoà", "hoa"),
        ("thuý", "thuy"),
        ("kĩ", "ky"),
        ("sỹ", "si"),
        ("tĩ", "ty"),
        ("café", "cafe"),
        ("c++", "c++"),
        ("319.035", "319035"),
        ("北", "bei"),
        ("мать", "mat"),
        ("học sinh", "hoc sinh"),
        ("0Æ", "0 ae"),  # folding may make a run of letters of a single one
        ("", ""),
    ],
)
def test_fold_key(token: str, key: str) -> None:
    assert fold_key(token) == key


def test_marked_and_unmarked_spellings_share_a_fold() -> None:
    # What an unmarked typist types for either spelling is one key.
    for written, _ in SAME_WORD:
        assert fold_key(written) == fold_key(fold(canonical(written)))


def test_dong_sign_is_no_letter() -> None:
    assert canonical("5₫") == "5"
    assert canonical("₫d") == "d"


def test_fold_is_unidecode() -> None:
    from unidecode import unidecode

    for text in ["Đường phố Hà Nội", "½ … ₫", "Привет, 北京", "e\u0301", "“ngoặc”", "\u00d0"]:
        assert fold(text) == unidecode(text)


def test_fold_survives_what_unidecode_warns_about() -> None:
    assert fold("a\ud800b") == "ab"


@given(st.text(max_size=20))
@example("0Æ")
def test_fold_key_of_anything_is_its_own(text: str) -> None:
    assert fold_key(fold_key(text)) == fold_key(text)


vietnamese = st.text(
    "aăâeêioôơuưyAĂÂEÊIOÔƠUƯYbcdđghklmnpqrstvxĐ\u0300\u0301\u0303\u0309\u0323", max_size=8
)


@given(vietnamese)
def test_canonical_is_idempotent_and_blind_to_normal_forms(text: str) -> None:
    spelled = canonical(text)
    assert canonical(spelled) == spelled
    for form in ("NFC", "NFD"):
        assert canonical(unicodedata.normalize(form, text)) == spelled


@given(vietnamese)
def test_fold_commutes_with_spelling(text: str) -> None:
    assert fold_key(text) == fold_key(fold(text))


@pytest.mark.parametrize("wrong", [None, 5, b"hoa", ["hoa"]])
def test_only_text_is_folded(wrong: object) -> None:
    with pytest.raises(TypeError, match="text must be str, not"):
        fold(wrong)  # type: ignore[arg-type]

"""Legacy encodings: known byte rows, round trips by small independent encoders, no false alarms."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vnsearch.text.encodings import ENCODINGS, Detection, decode, detect, repair_mojibake
from vnsearch.text.syllable import inventory

SEEDS = sorted((Path(__file__).parent.parent / "seeds").glob("*.txt"))
MOTTO = "Cộng hòa xã hội chủ nghĩa Việt Nam, Độc lập - Tự do - Hạnh phúc"

TONES = dict(zip("\u0301\u0300\u0309\u0303\u0323", range(5), strict=True))


def parts(char: str) -> tuple[str, str, str]:
    """Split a letter into its plain letter, its vowel mark and its tone (combining)."""
    if char in "đĐ":
        return ("d" if char == "đ" else "D"), "-", ""
    marks = unicodedata.normalize("NFD", char)
    tone = next((m for m in marks[1:] if m in TONES), "")
    mark = next((m for m in marks[1:] if m not in TONES), "")
    return marks[0], mark, tone


def by_letter(encode: Callable[[str], str]) -> Callable[[str], bytes]:
    """Make an encoder of one that spells a Vietnamese letter in CP1252 characters."""
    return lambda text: "".join(
        encode(char) if char.isalpha() and not char.isascii() else char for char in text
    ).encode("cp1252")


def vni(char: str) -> str:
    plain, mark, tone = parts(char)
    alone = {"ơ": "ô", "ư": "ö", "đ": "ñ", "ơ".upper(): "Ô", "ư".upper(): "Ö", "Đ": "Ñ"}
    base = unicodedata.normalize("NFC", plain + mark.replace("-", ""))
    base = ("đ" if plain == "d" else "Đ") if mark == "-" else base
    if plain.lower() == "i":
        row = dict(zip(TONES, "íìæóò", strict=True))[tone]
        return row.upper() if plain == "I" else row
    if plain.lower() == "y" and tone == "\u0323":
        return "î" if plain == "y" else "Î"
    if mark == "\u0302":
        after = dict(zip(["", *TONES], "âáàåãä", strict=True))[tone]
        base = plain
    elif mark == "\u0306":
        after = dict(zip(["", *TONES], "êéèúüë", strict=True))[tone]
        base = plain
    else:
        after = dict(zip(["", *TONES], ["", *"ùøûõï"], strict=True))[tone]
    return alone.get(base, base) + (after.upper() if plain.isupper() else after)


def viqr(text: str) -> bytes:
    marks = dict(zip("\u0302\u0306\u031b-\u0301\u0300\u0309\u0303\u0323", "^(+d'`?~.", strict=True))
    signs = {"“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "…": "..."}
    text = "".join(signs.get(char, char) for char in text)
    text = re.sub(r"(?<=\w)[\^(+'`?~.*]", r"\\\g<0>", text.replace("\\", ""))
    row = []
    for char in text:
        if char.isascii():
            row.append(char)
        elif char.isalpha():
            plain, mark, tone = parts(char)
            row.append(
                plain + (plain if mark == "-" else marks.get(mark, "")) + marks.get(tone, "")
            )
    return "".join(row).encode("ascii")


def by_table(encoding: str) -> Callable[[str], bytes]:
    """Invert a one-byte encoding; capitals TCVN3 does not have become small letters."""
    byte = {}
    for i in reversed(range(256)):
        byte[decode(bytes([i]), encoding)[0]] = i
    return lambda text: bytes(byte.get(c, byte.get(c.lower(), ord("?"))) for c in text)


def cp1258(text: str) -> bytes:
    row = []
    for char in text:
        plain, mark, tone = parts(char) if char.isalpha() and not char.isascii() else (char, "", "")
        if mark == "-":
            row.append(char)
        else:
            row.append(unicodedata.normalize("NFC", plain + mark) + tone)
    return "".join(row).encode("cp1258")


def mojibake(text: str) -> bytes:
    shown = [bytes([b]).decode("cp1252", "replace") for b in range(256)]
    shown = [chr(b) if c == "\ufffd" else c for b, c in enumerate(shown)]
    return "".join(shown[b] for b in text.encode()).encode()


ENCODERS: dict[str, Callable[[str], bytes]] = {
    "tcvn3": by_table("tcvn3"),
    "vni": by_letter(vni),
    "viscii": by_table("viscii"),
    "vps": by_table("vps"),
    "cp1258": cp1258,
    "viqr": viqr,
    "mojibake": mojibake,
    "utf-8": str.encode,
    "utf-8-sig": lambda text: text.encode("utf-8-sig"),
    "utf-16-le": lambda text: text.encode("utf-16-le"),
    "utf-16-be": lambda text: codecs.BOM_UTF16_BE + text.encode("utf-16-be"),
}


def plain_signs(text: str) -> str:
    """Keep what every encoding has: letters of Vietnamese, ASCII, line ends."""
    text = unicodedata.normalize("NFC", text).replace("\xa0", " ")
    letters = {chr(c) for c in (*range(0xC0, 0x1B1), *range(0x1EA0, 0x1EFA))}
    return "".join(c for c in text if c.isascii() or c in letters)


@pytest.mark.parametrize(
    ("stored", "encoding"),
    [
        ("Céng hßa x· héi chñ nghÜa ViÖt Nam, §éc lËp - Tù do - H¹nh phóc", "tcvn3"),
        ("Coäng hoøa xaõ hoäi chuû nghóa Vieät Nam, Ñoäc laäp - Töï do - Haïnh phuùc", "vni"),
        (
            "Co^.ng ho`a xa~ ho^.i chu? nghi~a Vie^.t Nam, DDo^.c la^.p - Tu+. do - Ha.nh phu'c",
            "viqr",
        ),
        ("Cµng hòa xã hµi chü nghîa Vi®t Nam, Ðµc l§p - Tñ do - HÕnh phúc", "viscii"),
        ("C¶ng hòa xã h¶i chû nghïa Vi\x8ct Nam, ñ¶c lÆp - T¿ do - Hånh phúc", "vps"),
        ("Côòng hoÌa xaÞ hôòi chuÒ nghiÞa Viêòt Nam, Ðôòc lâòp - Týò do - Haònh phuìc", "cp1258"),
    ],
)
def test_the_motto_as_each_encoding_stores_it(stored: str, encoding: str) -> None:
    data = stored.replace("\x8c", "Œ").encode("cp1252")
    text, detection = decode(data)
    assert text == MOTTO
    assert detection.encoding == encoding
    assert detection.confidence > 0.8
    assert detection.lost == 0


@pytest.mark.parametrize("encoding", ENCODERS)
@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.stem[:3])
def test_seeds_come_back(path: Path, encoding: str) -> None:
    original = plain_signs(path.read_text("utf-8"))
    data = ENCODERS[encoding](original)
    text, detection = decode(data)
    assert detection.encoding == encoding
    assert detection.confidence > 0.8
    assert detection.lost == 0
    if encoding == "viqr":
        original = original.replace("\\", "")
    if encoding == "tcvn3":
        assert text.lower() == original.lower()
    else:
        assert text == original


words = st.lists(st.sampled_from(sorted(inventory())), min_size=8, max_size=40)


@settings(max_examples=60)
@given(words, st.sampled_from(sorted(ENCODERS)))
def test_any_syllables_come_back(syllables: list[str], encoding: str) -> None:
    # VIQR cannot tell an open syllable at the end of a line from one with a full stop.
    text = " ".join(["Đường phố được mở rộng", *syllables, "xong"])
    decoded, detection = decode(ENCODERS[encoding](text))
    assert detection.encoding == encoding
    assert decoded == text
    assert detection.lost == 0


@pytest.mark.parametrize("encoding", ["vni", "viscii", "vps", "cp1258", "mojibake"])
def test_capitals_come_back(encoding: str) -> None:
    text = MOTTO.upper() + "\n" + MOTTO.title()
    assert decode(ENCODERS[encoding](text), encoding)[0] == text


@pytest.mark.parametrize(
    ("stored", "text"),
    [
        ("CéNG HßA X· HéI CHñ NGHÜA VIÖT NAM", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
        ("§éc lËp vµ Tù do", "Độc lập và Tự do"),
        ("ThÞ x· Vµ", "Thị xã Và"),
        ("céng hßa", "cộng hòa"),  # a capital font leaves no trace
    ],
)
def test_tcvn3_capitals_are_small_letters_in_another_font(stored: str, text: str) -> None:
    assert decode(stored.encode("cp1252"), "tcvn3")[0] == text


ENGLISH = [
    "",
    "Plain English, nothing more.",
    "Don't worry: it's only a test (isn't it?). The U.S. won't; he's at the P.O. at 5 a.m.",
    "for (i = 0; i < n; i++) { a[i] = b^c + (d ~ e); } // what? why? e.g. this. o+ a( u+",
    "add odd eddy ladder Dde",
    "Nguyen Van A, 12 Le Loi. Dien thoai: 090. Hoi: co gi khong? Co. Da. Khong a'.",
]


@pytest.mark.parametrize("text", ENGLISH)
def test_ascii_is_ascii(text: str) -> None:
    assert decode(text.encode()) == (text, Detection("ascii", 1.0, 0))
    assert repair_mojibake(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "Il a déjà mangé à la crèche, garçon",
        "Müller fährt über die Straße",
        "“Quoted” – dashes… £5",
        "El niño está aquí, mañana también",
        "Phường “XÃ” và “LÊ VÃ”",
        "Приве́т мир",
        "日本語のテキスト",
        MOTTO,
    ],
)
def test_utf8_is_left_alone(text: str) -> None:
    assert decode(text.encode()) == (text, Detection("utf-8", 1.0, 0))
    assert repair_mojibake(text) == text


@pytest.mark.parametrize("text", ["Il a déjà mangé à la crèche", "Müller fährt über die Straße"])
def test_western_bytes_are_western(text: str) -> None:
    decoded, detection = decode(text.encode("cp1252"))
    assert decoded == text
    assert detection.encoding == "cp1252"
    assert detection.confidence <= 0.5


@pytest.mark.parametrize("times", [1, 2, 3])
def test_mojibake_of_any_depth(times: int) -> None:
    text = "“Đường phố” được mở rộng – à, ồ, ờ…"
    broken = text
    for _ in range(times):
        broken = mojibake(broken).decode()
    assert broken != text
    assert repair_mojibake(broken) == text
    assert repair_mojibake(text + "\n" + broken) == text + "\n" + text
    # Latin-1 instead of CP1252, and à's no-break space made plain on the way.
    assert repair_mojibake(text.encode().decode("latin-1")) == text
    assert repair_mojibake("lÃ  vÃ ng Ä‘Æ°á»£c") == "là vàng được"


def test_font_text_stored_as_unicode_is_converted() -> None:
    shown = "Céng hßa x· héi chñ nghÜa ViÖt Nam"
    assert repair_mojibake(shown) == "Cộng hòa xã hội chủ nghĩa Việt Nam"
    assert detect(shown.encode()).encoding == "tcvn3"


def test_what_is_lost_is_counted() -> None:
    text, detection = decode("Việt Nam ".encode() * 20 + b"\xff\xfe")
    assert detection.encoding == "utf-8"
    assert detection.lost == text.count("\ufffd") == 2
    assert 0.5 < detection.confidence < 1
    assert decode(b"Vi\x81t", "cp1252")[1].lost == 1
    assert decode("aä x ø".encode("cp1252"), "vni") == ("ậ x \ufffd", Detection("vni", 1.0, 1))


def test_bad_arguments_say_what_to_do() -> None:
    with pytest.raises(ValueError, match="tcvn3"):
        decode(b"a", "klingon")
    with pytest.raises(TypeError, match="decoded already"):
        decode("a")  # type: ignore[arg-type]


@given(st.binary(max_size=200))
def test_any_bytes_are_decoded(data: bytes) -> None:
    text, detection = decode(data)
    assert detection.encoding in ENCODINGS
    assert 0 <= detection.confidence <= 1
    assert detection.lost <= len(text)
    assert detect(data) == detection

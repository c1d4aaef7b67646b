"""Text from before Unicode: which encoding bytes are in, and the text they hold.

==============  ==========================================================================
name            what it is; source of the table
==============  ==========================================================================
``utf-8`` …     ``ascii``, ``utf-8``, ``utf-8-sig`` (with BOM), ``utf-16-le``, ``utf-16-be``
``tcvn3``       TCVN 5712:1993 as used by the ABC fonts (.VnTime); table of glibc's TCVN5712-1
``vni``         VNI-Windows, two bytes a marked letter; UniKey's and xvnkb's tables
``viscii``      RFC 1456, table of glibc's VISCII
``vps``         VPS (Vietnamese Professionals Society); table of Mozilla's x-viet-vps
``viqr``        RFC 1456, ASCII with the marks typed after the letters (``Vie^.t``)
``cp1258``      Windows-1258, combining tone marks; Python's own table, brought to NFC
``cp1252``      Western text, the answer when no Vietnamese reading makes sense
``mojibake``    UTF-8 that was read as CP1252 and stored again, once or several times
==============  ==========================================================================

Detection decodes a sample in every encoding and counts the words that come out as possible
Vietnamese syllables (`vnsearch.text.syllable`), so it needs no statistics of its own.

TCVN3 has no capital letters with a tone: they are the small letters in another *font*
(.VnTimeH), which plain text does not record. A word whose plain letters are all capitals is
therefore raised as a whole (``CéNG`` -> ``CỘNG``); text set wholly in a capital font comes out in
small letters, which search does not mind.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Callable
from functools import cache

from vnsearch.record import NamedTuple
from vnsearch.text.syllable import is_syllable

__all__ = ["ENCODINGS", "Detection", "decode", "detect", "repair_mojibake"]

SAMPLE = 1 << 16
"""Bytes looked at to tell one legacy encoding from another."""

LOST = "\ufffd"


class Detection(NamedTuple):
    """The encoding of some bytes (a name of `ENCODINGS`), how sure that is (0..1), and the number
    of characters that could not be converted (they are U+FFFD in the text).
    """

    encoding: str
    confidence: float
    lost: int = 0


# --- single-byte tables -------------------------------------------------------------------

_VISCII_HIGH = (
    "ẠẮẰẶẤẦẨẬẼẸẾỀỂỄỆỐỒỔỖỘỢỚỜỞỊỎỌỈỦŨỤỲÕắằặấầẩậẽẹếềểễệốồổỗỠƠộờởịỰỨỪỬơớƯ"
    "ÀÁÂÃẢĂẳẵÈÉÊẺÌÍĨỳĐứÒÓÔạỷừửÙÚỹỵÝỡưàáâãảăữẫèéêẻìíĩỉđựòóôõỏọụùúũủýợỮ"
)
_VISCII_LOW = {0x02: "Ẳ", 0x05: "Ẵ", 0x06: "Ẫ", 0x14: "Ỷ", 0x19: "Ỹ", 0x1E: "Ỵ"}

_VPS_HIGH = (
    "ÀẢÃẤẦẨọỗĂếềểệẮẰẲẾ‘’ỀỂỄỐỒỔỖýỷỵỚỜỞ\xa0ắằẳẵặỠớÙờởỡŨỨợỪổỬỲỸÍÌộỈĨÓửữÒỎÕự"
    "ầÁÂấẩẫậđẻÉÊẹỉễịỹƯỦồốÔỏơÈừứÚũưÝẺßàáâãảạăçèéêẽìíîĩẴĐòóôõöƠụùúủüỶẼỳ"
)
_VPS_LOW = dict(
    zip(b"\x02\x03\x04\x05\x06\x10\x11\x12\x13\x14\x15\x19\x1c\x1d", "ẠẬẶẸỆỊỌỘỢỤỰỴẪỮ", strict=True)
)

# From 0xA0; the tone marks at 0xB0..0xB4 combine. Below stand CP1252's quotes and dashes, as in
# the Windows files that use it (TCVN 5712 itself has capitals there).
_TCVN_UPPER = (
    "\xa0ĂÂÊÔƠƯĐăâêôơưđẰ\u0300\u0309\u0303\u0301\u0323àảãáạẲằẳẵắẴẮẦẨẪẤỀặầẩẫấậèỂẻẽéẹềểễếệìỉỄẾỒĩíịò"
    "ỔỏõóọồổỗốộờởỡớợùỖủũúụừửữứựỳỷỹýỵỐ"
)


@cache
def _cp1252() -> str:
    """CP1252 by byte, the five bytes it leaves out standing for the C1 controls."""
    table = codecs.decode(bytes(range(256)), "cp1252", "replace")
    return "".join(chr(i) if char == LOST else char for i, char in enumerate(table))


def _ascii_with(low: dict[int, str]) -> str:
    return "".join(low.get(i, chr(i)) for i in range(128))


@cache
def _tables() -> dict[str, str]:
    """The character of each of the 256 bytes, by encoding."""
    return {
        "viscii": _ascii_with(_VISCII_LOW) + _VISCII_HIGH,
        "vps": _ascii_with(_VPS_LOW) + _VPS_HIGH,
        "tcvn3": _cp1252()[:0xA0] + _TCVN_UPPER,
        "cp1252": _cp1252(),
    }


def _by_table(data: bytes, encoding: str) -> str:
    return codecs.charmap_decode(data, "replace", _tables()[encoding])[0]


# --- TCVN3's missing capitals -------------------------------------------------------------

_WORD = re.compile(r"[^\W\d_]+")


def _decode_tcvn3(data: bytes) -> str:
    text = unicodedata.normalize("NFC", _by_table(data, "tcvn3"))
    return _CAPITAL_RUN.sub(_raise_capitals, text)


# Words and what stands between them on one line, begun by a word in capitals.
_CAPITAL_RUN = re.compile(r"[^\W\d_]+(?:[^\w\n]+[^\W\d_]+)*")


def _raise_capitals(match: re.Match[str]) -> str:
    """Raise the small marked letters of words whose plain letters are capitals.

    A word with one plain capital (``Vµ``: Và or VÀ?) or none (``¸``) follows the words beside it.
    """
    run = match[0]
    words = list(_WORD.finditer(run))
    capital = [_is_capital(word[0]) for word in words]
    if True not in capital:
        return run
    parts: list[str] = []
    done = 0
    for at, word in enumerate(words):
        raised = capital[at]
        if raised is None:
            beside = capital[max(0, at - 1) : at + 2]
            raised = True in beside and False not in beside
        parts += run[done : word.start()], word[0].upper() if raised else word[0]
        done = word.end()
    return "".join((*parts, run[done:]))


def _is_capital(word: str) -> bool | None:
    """Whether a word's plain letters are capitals: True (two or more), False, or None (open)."""
    plain = [char for char in word if char.isascii()]
    if any(char.islower() for char in plain):
        return False
    return True if len(plain) >= 2 else None


# --- VNI ----------------------------------------------------------------------------------

# What follows a vowel in VNI-Windows, shown in CP1252, and the marks it stands for.
_VNI_MARKS = dict(
    zip(
        "ùøûõïâáàåãäêéèúüë",
        (
            *("\u0301", "\u0300", "\u0309", "\u0303", "\u0323"),
            *("\u0302", "\u0302\u0301", "\u0302\u0300", "\u0302\u0309", "\u0302\u0303"),
            *("\u0302\u0323", "\u0306", "\u0306\u0301", "\u0306\u0300", "\u0306\u0309"),
            *("\u0306\u0303", "\u0306\u0323"),
        ),
        strict=True,
    )
)
_VNI_SINGLE = dict(zip("ôöñíìæóòî", "ơưđíìỉĩịỵ", strict=True))
_VNI_PAIR = re.compile(r"([aeouyôö])([ùøûõïâáàåãäêéèúüë])|[ôöñíìæóòî]", re.IGNORECASE)
_VNI_LEFT = re.compile(r"[ùøûõïáàåãäéèúüë]", re.IGNORECASE)


def _vni_letter(match: re.Match[str]) -> str:
    vowel, mark = match[1], match[2]
    if vowel is None:
        letter = _VNI_SINGLE[match[0].lower()]
        return letter.upper() if match[0].isupper() else letter
    plain = _VNI_SINGLE.get(vowel.lower(), vowel.lower())
    letter = unicodedata.normalize("NFC", plain + _VNI_MARKS[mark.lower()])
    return letter.upper() if vowel.isupper() else letter


def _decode_vni(data: bytes) -> str:
    shown = _by_table(data, "cp1252")
    parts: list[str] = []
    done = 0
    for match in _VNI_PAIR.finditer(shown):
        # A mark left without its vowel is no letter of VNI.
        parts += _VNI_LEFT.sub(LOST, shown[done : match.start()]), _vni_letter(match)
        done = match.end()
    return "".join((*parts, _VNI_LEFT.sub(LOST, shown[done:])))


# --- VIQR ---------------------------------------------------------------------------------

_VIQR_MARKS = {
    "^": "\u0302",
    "(": "\u0306",
    "+": "\u031b",
    "*": "\u031b",
    "'": "\u0301",
    "`": "\u0300",
    "?": "\u0309",
    "~": "\u0303",
    ".": "\u0323",
}
_VIQR_WORD = re.compile(r"(?:[A-Za-z]|(?<=[A-Za-z^(+*])[\^(+*'`?~.])+")
_VIQR_LETTER = re.compile(r"[dD][dD]|([aA][\^(]?|[eE]\^?|[oO][\^+*]?|[uU][+*]?|[iIyY])(['`?~.])?")
_VIQR_STRONG = re.compile(r"[aAeEoO]\^|[aA]\(|[oOuU][+*]|[aeiouyAEIOUY^(+][`~]|dd|DD|Dd")
_VIQR_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ENDS_LINE = re.compile(r"\s*\Z|[ \t]*\n")


def _viqr_letter(match: re.Match[str]) -> str:
    if match[1] is None:
        return "Đ" if match[0][0] == "D" else "đ"
    marks = "".join(_VIQR_MARKS[char] for char in match[0][1:])
    return unicodedata.normalize("NFC", match[1][0] + marks)


def _viqr_word(word: str, rest: str, *, escapes: bool) -> str:
    """Read one row of letters and marks; ``rest`` is what follows it in the text."""
    read = _VIQR_LETTER.sub(_viqr_letter, word)
    if word[-1] not in ".?'" or (escapes and is_syllable(read)):
        return read
    without = _VIQR_LETTER.sub(_viqr_letter, word[:-1]) + word[-1]
    if not is_syllable(read):
        return without
    # "la." is lạ by the RFC; at the end of a line it is more often la and a full stop.
    stop = word[-1] != "'" and is_syllable(without[:-1]) and _ENDS_LINE.match(rest)
    return without if stop else read


def _decode_viqr(data: bytes) -> str:
    text = _by_table(data, "cp1252")
    escapes = "\\" in text
    parts: list[str] = []
    for at, piece in enumerate(_VIQR_ESCAPE.split(text)):
        if at % 2:
            parts.append(piece)
            continue
        done = 0
        for match in _VIQR_WORD.finditer(piece):
            rest = piece[match.end() : match.end() + 40]
            parts += piece[done : match.start()], _viqr_word(match[0], rest, escapes=escapes)
            done = match.end()
        parts.append(piece[done:])
    return "".join(parts)


def _viqr_confidence(data: bytes) -> float:
    """How sure plain ASCII is VIQR: 0 unless most marks typed after vowels make syllables."""
    text = data[:SAMPLE].decode("ascii", "replace")
    words = marked = valid = 0
    for match in _VIQR_WORD.finditer(text):
        words += 1
        if _VIQR_STRONG.search(match[0]):
            marked += 1
            read = _viqr_word(match[0], text[match.end() : match.end() + 40], escapes=False)
            valid += not read.isascii() and is_syllable(read.rstrip(".?'"))
    if marked < 2 or marked < 0.2 * words or valid < 0.8 * marked:
        return 0.0
    return valid / marked * marked / (marked + 1)


# --- scoring ------------------------------------------------------------------------------

_COMMON_SIGNS = frozenset("“”‘’…–—•°€£§©®™«»×\xa0\ufeff₫²³½·")


def _plausible(word: str) -> bool:
    """Whether a marked word can be Vietnamese: a syllable in one of the usual cases."""
    return is_syllable(word) and (word.islower() or word.isupper() or word[1:].islower())


def _is_odd_sign(char: str) -> bool:
    if char.isascii():
        return char < " " and char not in "\t\n\r\f"
    return not char.isalpha() and char not in _COMMON_SIGNS


def _score(text: str) -> tuple[float, int]:
    """Return the share (0..1) of the marked words that are Vietnamese, and how many those are.

    Signs no Vietnamese text uses and characters lost count as words that are not.
    """
    good = bad = 0
    for word in _WORD.findall(text):
        if not word.isascii():
            if _plausible(word):
                good += 1
            else:
                bad += 1
    bad += sum(text.count(char) for char in set(text) if _is_odd_sign(char))
    return (good / (good + bad) if good else 0.0), good


def _decode_cp1258(data: bytes) -> str:
    return unicodedata.normalize("NFC", data.decode("cp1258", "replace"))


def _table_decoder(encoding: str) -> Callable[[bytes], str]:
    return lambda data: _by_table(data, encoding)


_DECODERS: dict[str, Callable[[bytes], str]] = {
    "tcvn3": _decode_tcvn3,
    "vni": _decode_vni,
    "viscii": _table_decoder("viscii"),
    "vps": _table_decoder("vps"),
    "cp1258": _decode_cp1258,
}

ENCODINGS = (
    "ascii",
    "utf-8",
    "utf-8-sig",
    "utf-16-le",
    "utf-16-be",
    *_DECODERS,
    "viqr",
    "cp1252",
    "mojibake",
)
"""The names a `Detection` can have and `decode` takes."""

_LEAST_SHARE = 0.6

# The commonest marked letters of Vietnamese print (each over 1 % of its marked letters): of two
# readings with as many possible syllables, the one with more of these is right.
_COMMONEST = "đàưáôếạệêảộốớóâờềấịủểợậơìựầăãíứởụ"


def _legacy(data: bytes) -> Detection:
    """Tell the 8-bit encodings apart by what a sample becomes in each."""
    first = next((i for i, byte in enumerate(data) if byte > 127), 0)
    start = data.rfind(b"\n", 0, first) + 1
    sample = data[start : start + SAMPLE]
    best, best_rank = "cp1252", (0.0, 0, 0)
    for encoding, decoder in _DECODERS.items():
        text = decoder(sample)
        share, good = _score(text)
        rank = (share, good, sum(map(text.lower().count, _COMMONEST)))
        if good and rank > best_rank:
            best, best_rank = encoding, rank
    share, good, _ = best_rank
    if share < _LEAST_SHARE:
        return Detection("cp1252", 0.5 * (1 - share))
    return Detection(best, share * good / (good + 1))


# --- mojibake -----------------------------------------------------------------------------


@cache
def _mojibake_pattern() -> re.Pattern[str]:
    """Rows of characters that are the CP1252 view of one UTF-8 character."""
    shown = _cp1252()
    # C1 controls stand for their own bytes as well: some tools decode as Latin-1.
    follow = re.escape("".join(sorted({*shown[0x80:0xC0], *map(chr, range(0x80, 0xA0))})))
    two, three, four = shown[0xC2:0xE0], shown[0xE0:0xF0], shown[0xF0:0xF5]
    return re.compile(f"[{two}][{follow}]|[{three}][{follow}]{{2}}|[{four}][{follow}]{{3}}")


@cache
def _shown_as() -> dict[str, int]:
    table = {chr(i): i for i in range(0x80, 0x100)}
    table.update((char, i) for i, char in enumerate(_cp1252()))
    return table


def _to_cp1252(text: str) -> bytes | None:
    shown = _shown_as()
    try:
        return bytes(shown[char] for char in text)
    except KeyError:
        return None


def _unread(match: re.Match[str]) -> str:
    data = _to_cp1252(match[0])
    try:
        return match[0] if data is None else data.decode("utf-8")
    except UnicodeDecodeError:
        return match[0]


_VIETNAMESE_ONLY = re.compile("[ăđĩũơưĂĐĨŨƠƯ\u1ea0-\u1ef9]")
_MAX_READINGS = 3


def _repair_line(line: str) -> str:
    for _ in range(_MAX_READINGS):
        if _VIETNAMESE_ONLY.search(line):
            break  # no CP1252 view holds these letters
        if not _mojibake_pattern().search(line):
            break
        # The no-break space that ends à's two bytes is often made a plain one on the way.
        mended = _mojibake_pattern().sub(_unread, line.replace("Ã ", "à"))
        if mended == line:
            break
        line = mended
    return line


def _is_evidence(text: str) -> bool:
    """More than one odd pair (XÃ” alone is XÃ in quotes), or a three-byte letter."""
    found = _mojibake_pattern().findall(text)
    return len(found) > 1 or any(len(row) > 2 for row in found)


def repair_mojibake(text: str) -> str:
    """Return the text with UTF-8 that was read as CP1252 put right, line by line.

    Any number of wrong readings up to three, lines that are right left alone. Text of the legacy
    fonts (TCVN3, VNI) that was stored as Unicode without being converted (``Céng hßa``) is
    converted too. Text that shows neither is returned as it is.
    """
    if text.isascii():
        return text
    if _is_evidence(text):
        text = "".join(map(_repair_line, text.splitlines(keepends=True)))
    found = _font_text(text)
    return text if found is None else found[0]


def _font_text(text: str) -> tuple[str, Detection] | None:
    """Convert text whose characters are the CP1252 view of a legacy Vietnamese font."""
    if _VIETNAMESE_ONLY.search(text):
        return None
    data = _to_cp1252(text)
    if data is None or data.isascii():
        return None
    detection = _legacy(data)
    if detection.encoding not in _DECODERS or detection.confidence < 0.7:
        return None
    converted = _DECODERS[detection.encoding](data)
    return (converted, detection) if _score(converted) > _score(text) else None


# --- front --------------------------------------------------------------------------------

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def _utf16_order(data: bytes) -> str | None:
    """Guess UTF-16 without a BOM: Latin text has a zero in every other byte."""
    sample = data[:4096]
    half = len(sample) // 2
    if half < 4:
        return None
    even, odd = sample[::2].count(0) / half, sample[1::2].count(0) / half
    if odd > 0.4 and even < 0.05:
        return "utf-16-le"
    return "utf-16-be" if even > 0.4 and odd < 0.05 else None


def _decode_detected(data: bytes) -> tuple[str, Detection]:
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            text = data[len(bom) :].decode(encoding.removesuffix("-sig"), "replace")
            return text, Detection(encoding, 1.0, text.count(LOST))
    if data.isascii() and 0 not in data:
        confidence = _viqr_confidence(data)
        if confidence:
            return _decode_viqr(data), Detection("viqr", confidence)
        return data.decode("ascii"), Detection("ascii", 1.0)
    order = _utf16_order(data)
    if order:
        text = data.decode(order, "replace")
        return text, Detection(order, 0.9, text.count(LOST))
    try:
        return _mended(data.decode("utf-8"))
    except UnicodeDecodeError:
        text = data.decode("utf-8", "replace")
    lost = text.count(LOST) - data.count(LOST.encode())
    whole = sum(1 for char in text if not char.isascii()) - lost
    if lost * 2 <= whole:
        return text, Detection("utf-8", 1 - lost / whole, lost)
    detection = _legacy(data)
    decoder = _DECODERS.get(detection.encoding) or _table_decoder("cp1252")
    text = decoder(data)
    return text, detection._replace(lost=text.count(LOST))


def _mended(text: str) -> tuple[str, Detection]:
    """Return valid UTF-8 text as it is, or freed of what an earlier conversion did to it."""
    if _is_evidence(text):
        mended = repair_mojibake(text)
        share, good = _score(mended)
        if mended != text and (share, good) > _score(text):
            return mended, Detection("mojibake", share * good / (good + 1), mended.count(LOST))
    return _font_text(text) or (text, Detection("utf-8", 1.0))


def detect(data: bytes) -> Detection:
    """Say which encoding the bytes are in, how surely, and what would be lost decoding them.

    Pure ASCII is ``ascii`` unless most of its marks-after-vowels make syllables (``viqr``); valid
    UTF-8 is ``utf-8``. A font encoding's name for valid UTF-8 means its bytes were stored as
    Unicode characters unconverted.
    """
    return decode(data)[1]


def decode(data: bytes, encoding: str | None = None) -> tuple[str, Detection]:
    """Return the text of the bytes, in the encoding named or the one detected.

    ``encoding`` is a name of `ENCODINGS` or of a Python codec; then the confidence is 1. Never
    fails on the bytes: what cannot be converted is U+FFFD and counted in ``Detection.lost``.
    Raises ValueError for an unknown encoding, TypeError for a str.
    """
    if not isinstance(data, (bytes, bytearray, memoryview)):
        raise TypeError(f"bytes are needed, not {type(data).__name__}: text is decoded already")
    data = bytes(data)
    if encoding is None:
        return _decode_detected(data)
    name = encoding.lower()
    if name in _DECODERS:
        text = _DECODERS[name](data)
    elif name == "viqr":
        text = _decode_viqr(data)
    elif name == "mojibake":
        text = repair_mojibake(data.decode("utf-8", "replace"))
    else:
        try:
            text = data.decode(name, "replace")
        except LookupError:
            known = ", ".join(ENCODINGS)
            raise ValueError(f"unknown encoding {encoding!r}; known: {known}") from None
    return text, Detection(name, 1.0, text.count(LOST))

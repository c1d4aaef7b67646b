"""What a token is: the definition, in plain Python, over one chunk of text at a time.

A chunk is what stands between white space; no token crosses it. Ordinary text never comes here
twice: `vnsearch.text.analyzer` remembers what each spelling gives.

====================  =======================  ================================================
written               tokens                   rule
====================  =======================  ================================================
``họp,`` ``(TP.HCM)``  ``họp`` | ``tp hcm``     a run of letters with their marks
``12/3`` ``97,58%``    ``12 3`` | ``97 58``     a run of digits; a lone ``03`` is ``3``
``319.035``           ``319035``               thousands are one number
``5K`` ``F0`` ``18h00``  ``5k f0 18h00``          single letters and digits are one code
``covid19`` ``10kg``   ``covid 19`` ``10 kg``   two letters or more are cut from digits
``U-23``              ``u23``                  a letter, a hyphen and digits are one code
``C++`` ``C#``         ``c++ c#``               languages keep their sign
``北京``               ``北 京``                one token per Han or Kana character
``ho\u200bà``          ``hòa``                  invisible characters are part of a run
====================  =======================  ================================================
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise

from vnsearch.text.canonical import is_vietnamese, mend, spell

__all__ = ["MAX_TOKEN", "nfc_positions", "pieces"]

# A run of letters or digits longer than this many code points is cut into pieces of it.
MAX_TOKEN = 64


_LETTER, _DIGIT, _ALONE, _EXTEND, _VANISH, _BREAK = "a", "d", "h", "m", "z", " "

_VANISHING = frozenset("\u00ad\u034f\u061c\u180e\u200b\u200c\u200d\u2060\ufeff")
_ALONE_RANGES = (
    (0x3005, 0x3007),
    (0x3041, 0x3096),  # Hiragana
    (0x309D, 0x309F),
    (0x30A1, 0x30FA),  # Katakana
    (0x30FC, 0x30FF),
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),  # Han
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0xFF66, 0xFF9D),  # half-width Katakana
    (0x1B000, 0x1B16F),
    (0x20000, 0x323AF),
)

# Regular expressions over classes, compiled when first used.
_PLACE = (
    r"h"
    r"|(?P<number>(?<![ad])d+(?:[.,]d+)+)"  # 319.035 97,58 30.12.2021
    r"|(?<![ad])a{1,2}(?:\+\+|\#)(?![ad])"  # c++ c# f#
    r"|(?<![ad])a-(?=d)(?:d|(?<!a)a(?!a))+"  # U-23 S-400
    r"|(?:d|(?<!a)a(?!a))+"  # 5K F0 18h00 2021
    r"|a+"
)
_THOUSANDS = r"d{1,3}(?:[.,]ddd)+(?!d)"


def _joins(char: str) -> bool:
    """Does a character compose like a mark: Hangul's vowels and finals, half-width voicing?"""
    return "\u1160" <= char <= "\u11ff" or "\ud7b0" <= char <= "\ud7ff" or char in "\uff9e\uff9f"


@lru_cache(maxsize=8_192)
def _kind(char: str) -> str:
    """Return the class of a character; the signs ``+ - # . ,`` are their own class."""
    if char in "+-#.,":
        return char
    if "\u02b9" <= char <= "\u02bf":  # an apostrophe: Hʼmông
        return _BREAK
    if char in _VANISHING or "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef":
        return _VANISH
    category = unicodedata.category(char)
    if category[0] == "M" or _joins(char):
        return _EXTEND
    if any(low <= ord(char) <= high for low, high in _ALONE_RANGES):
        return _ALONE
    if category[0] == "L":
        return _LETTER
    if category == "Nd":
        return _DIGIT
    if category[0] == "N":
        plain = unicodedata.normalize("NFKC", char)
        if plain.isascii() and plain.isdigit():
            return _DIGIT
        return _LETTER if plain.isascii() and plain.isalpha() else _ALONE
    return _BREAK


def _units(chunk: str) -> tuple[str, list[str], list[int], list[int]]:
    """Return classes (one character each), mended texts, starts and ends of a chunk's letters.

    A letter with its marks is one unit; a ligature gives several, the later ones empty spans.
    """
    classes: list[str] = []
    texts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at, size = 0, len(chunk)
    while at < size:
        start = at
        kind = _kind(chunk[at])
        at += 1
        if kind == _EXTEND and _joins(chunk[start]):
            kind = _LETTER
        if kind in (_EXTEND, _VANISH):
            continue
        if kind not in (_LETTER, _DIGIT, _ALONE):
            classes.append(kind)
            texts.append("")
            starts.append(start)
            ends.append(at)
            continue
        end = at
        while at < size and (follow := _kind(chunk[at])) in (_EXTEND, _VANISH):
            at += 1
            if follow == _EXTEND:
                end = at
        if kind == _DIGIT:
            letters = list(_digits(chunk[start]))
        elif unicodedata.category(chunk[start])[0] == "N" and kind == _ALONE:
            letters = [chunk[start]]
        else:
            letters = _letters(chunk[start:end])
        for letter in letters:
            classes.append(kind)
            texts.append(letter)
            starts.append(start)
            ends.append(end)
            start = end
    return "".join(classes), texts, starts, ends


def _digits(char: str) -> str:
    value = unicodedata.decimal(char, None)
    return str(value) if value is not None else unicodedata.normalize("NFKC", char)


def _letters(cluster: str) -> list[str]:
    """Return the mended letters of a cluster, each with its marks."""
    if len(cluster) > 1:
        cluster = "".join(char for char in cluster if _kind(char) != _VANISH)
    mended = mend(cluster)
    if unicodedata.category(mended[:1] or " ")[0] == "M":  # a half-width voicing mark by itself
        return [cluster[0]]
    if len(mended) == 1:
        return [mended]
    letters: list[str] = []
    for char in mended:
        kind = _kind(char)
        if kind == _EXTEND and letters:
            letters[-1] += char
        elif kind in (_LETTER, _DIGIT, _ALONE, _EXTEND):
            letters.append(char)
    return letters or [cluster[0]]


def pieces(chunk: str) -> list[tuple[str, int, int]]:
    """Return (canonical text, start, end) of every token of a text without white space."""
    lower = chunk.lower()
    if is_vietnamese(lower):
        parts = range(0, len(chunk), MAX_TOKEN)
        return [
            (spell(lower[at : at + MAX_TOKEN]), at, min(at + MAX_TOKEN, len(chunk))) for at in parts
        ]
    if chunk.isascii():
        classes = "".join(map(_kind, chunk))
        texts = [char if char.isalnum() else "" for char in lower]
        starts, ends = list(range(len(chunk))), list(range(1, len(chunk) + 1))
    else:
        classes, texts, starts, ends = _units(chunk)
    found: list[tuple[str, int, int]] = []
    for match in re.finditer(_PLACE, classes):
        first, last = match.span()
        if match["number"] is not None:
            grouped = re.match(_THOUSANDS, match["number"])
            if grouped and texts[first] != "0":
                found.extend(_cut(texts, starts, ends, first, first + grouped.end()))
                first += grouped.end()
            for part in re.finditer("d+", classes[first:last]):
                found.extend(_cut(texts, starts, ends, first + part.start(), first + part.end()))
        elif classes[last - 1] in "+#":
            sign = "#" if classes[last - 1] == "#" else "++"
            word = spell("".join(texts[first : last - len(sign)]))
            found.append((word + sign, starts[first], ends[last - 1]))
        else:
            found.extend(_cut(texts, starts, ends, first, last))
    return found


def _cut(
    texts: list[str], starts: list[int], ends: list[int], first: int, last: int
) -> list[tuple[str, int, int]]:
    """Return the units first..last as one token, or as several of at most `MAX_TOKEN`."""
    text = "".join(texts[first:last])
    if len(text) <= MAX_TOKEN:
        at = first
        while starts[at] == ends[last - 1]:  # nothing but the rest of a ligature: it stands there
            at -= 1
        return [(_written(text), starts[at], ends[last - 1])]
    # Where a piece may begin: at a letter, not at the rest of a ligature, whose span is empty.
    places = [at for at in range(first, last) if starts[at] < ends[at]]
    found = []
    size = 0
    for place, after in pairwise([*places, last]):
        letters = sum(map(len, texts[place:after]))
        if size + letters > MAX_TOKEN and size:
            found.append((_written("".join(texts[first:place])), starts[first], ends[place - 1]))
            first, size = place, 0
        size += letters
    found.append((_written("".join(texts[first:last])), starts[first], ends[last - 1]))
    return found


def _written(text: str) -> str:
    """Return the canonical spelling of a run; a lone 03 is 3, as in 12/03 and 12/3."""
    if len(text) == 2 and text[0] == "0" and text[1] in "123456789":
        return text[1]
    return spell(text)


def nfc_positions(chunk: str) -> list[int]:
    """Return, for every character of a chunk, where in the chunk's NFC form its letter begins."""
    positions: list[int] = []
    start = at = 0
    while start < len(chunk):
        end = start + 1
        while end < len(chunk) and _composes(chunk[end]):
            end += 1
        positions.extend([at] * (end - start))
        at += len(unicodedata.normalize("NFC", chunk[start:end]))
        start = end
    return positions


def _composes(char: str) -> bool:
    return unicodedata.category(char)[0] == "M" or _joins(char)

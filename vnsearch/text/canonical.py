"""The one canonical spelling of a token, and its unmarked fold.

Everything that compares text (index, query, highlighting, suggestions) compares canonical
forms, so the spellings below are one word; the text shown to a reader is never touched.

===================  =========================  ==========================================
written              canonical                  rule
===================  =========================  ==========================================
``HÒA`` (NFD)        ``hòa``                    NFKC, lower case
``Ðà`` ``Ɖà``        ``đà``                     look-alike letters (U+00D0, U+0189)
``hоà`` (Cyrillic)   ``hòa``                    look-alikes inside a Latin word
``hoà`` ``thuý``     ``hòa`` ``thúy``           tone on the first vowel of an open oa, oe, uy
``hòan`` ``qúy``     ``hoàn`` ``quý``           tone on the nucleus
``kĩ`` ``lí`` ``sỹ``  ``kỹ`` ``lý`` ``sĩ``       i/y after a lone h, k, l, m, s, t
``quí``              ``quý``                    qui/quy
===================  =========================  ==========================================

Sources. Tone placement is the traditional one (the tone over the first of two open vowels),
which news and law still print most; the rule itself is that of Quyết định 240/QĐ (Ministry of
Education, 5 March 1984) read with traditional ``oa oe uy``. The set of consonants after which
i and y alternate is that of the same decision and of article 9 of Quyết định 1989/QĐ-BGDĐT
(25 May 2018): an open syllable of h, k, l, m, s, t and the vowel i. Those rules prefer ``i``
everywhere; as canonical spelling we take whichever of the two is printed more in newspapers,
syllable by syllable, because suggestions show it.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

__all__ = ["MAX_MARKS", "check_text", "fold", "is_vietnamese", "mend", "spell"]

# A base letter keeps at most this many combining marks; the rest of a pile is dropped.
MAX_MARKS = 4

_TONES = "\u0300\u0301\u0303\u0309\u0323"
_QUALITIES = "\u0302\u0306\u031b"
_VOWELS = frozenset("aeiouy")
_ONSETS = "b c ch d đ g gh gi h k kh l m n ng ngh nh p ph qu r s t th tr v x"
_NUCLEI = (
    "a ă â e ê i o ô ơ u ư y "
    "ai ao au ay âu ây eo êu ia iê iu oa oă oe oi oo ôi ôô ơi ua uâ uê ui uô uơ uy "
    "ưa ưi ươ ưu yê iêu yêu oai oao oay oeo uây uôi uya uyê uyu ươi ươu"
)
_CODAS = "c ch m n ng nh p t"
# Everything a Vietnamese syllable is made of, tone aside.
_ONSET_SET, _NUCLEUS_SET, _CODA_SET = (
    frozenset(["", *parts.split()]) for parts in (_ONSETS, _NUCLEI, _CODAS)
)
# Regular expressions are compiled when first used.
_CONSONANTS = "bcdđghklmnpqrstvx"
_TONED_SYLLABLE = rf"([{_CONSONANTS}]*)([aăâeêioôơuưy]+)([a-z]*)"

# Letters that stand for another one however they are composed.
_LOOK_ALIKE = str.maketrans("ÐðƉɖς", "đđđđσ")
# Cyrillic and Greek letters that a Latin one is drawn like, in either case (after Unicode's
# confusables.txt).
_FOREIGN = str.maketrans(
    "асеорхуіјѕԁһԛԝвкмнтαεικνορτυχβμη",
    "aceopxyijsdhqwbkmhtaeiknoptuxbmh",
)
_IS_FOREIGN = "[\u0370-\u052f]"
_MARKED = "[^\u0300-\u036f][\u0300-\u036f]+"
_IS_LATIN = "[a-z\u00df-\u024f\u1e00-\u1eff]"

_Y_MOST_PRINTED = "hy ky ký kỳ kỷ kỹ kỵ ly lý lỷ lỹ lỵ my mỹ ty tỷ"
_I_VOWELS, _Y_VOWELS = "iíìỉĩị", "yýỳỷỹỵ"


def _i_or_y() -> dict[str, str]:
    """Return the less printed spelling of each i/y pair -> the more printed one."""
    with_y = set(_Y_MOST_PRINTED.split())
    spelling = {f"qu{i}": f"qu{y}" for i, y in zip(_I_VOWELS, _Y_VOWELS, strict=True)}
    for consonant in "hklmst":
        for i, y in zip(_I_VOWELS, _Y_VOWELS, strict=True):
            pair = (consonant + i, consonant + y)
            spelling.update([pair if pair[1] in with_y else pair[::-1]])
    return spelling


_I_OR_Y = _i_or_y()


def mend(cluster: str) -> str:
    """Return one letter and its marks composed, compatibility forms replaced, in lower case.

    Marks in a wrong order or doubled on a Vietnamese vowel are put right (``e`` + acute +
    circumflex is ``ế``); a pile of more than `MAX_MARKS` is cut. The result may be several
    letters (a ligature) or none (nothing but marks and invisible characters).
    """
    text = unicodedata.normalize("NFKC", cluster).translate(_LOOK_ALIKE).lower()
    if len(text) == 1:
        return text
    letters: list[str] = []
    for char in unicodedata.normalize("NFKD", text):
        if not unicodedata.category(char).startswith("M"):
            letters.append(char)
        elif letters and len(letters[-1]) <= MAX_MARKS:
            letters[-1] += char
    return unicodedata.normalize("NFC", "".join(map(_mend_vowel, letters)))


def _mend_vowel(letter: str) -> str:
    if letter[0] not in _VOWELS:
        return letter
    quality = next((mark for mark in letter if mark in _QUALITIES), "")
    tone = next((mark for mark in letter if mark in _TONES), "")
    rest = "".join(mark for mark in letter[1:] if mark not in _QUALITIES + _TONES)
    return letter[0] + quality + rest + tone


@lru_cache(maxsize=65_536)
def spell(word: str) -> str:
    """Return the canonical spelling of a run of mended lower-case letters and digits.

    Replaces foreign look-alikes in a Latin word, places the tone and settles i/y. The length
    never changes, and ``spell(spell(word)) == spell(word)``.
    """
    if word.isascii():
        return _I_OR_Y.get(word, word)
    if not is_vietnamese(word):
        if re.search(_IS_FOREIGN, word) and re.search(_IS_LATIN, word):
            word = _latinize(word)
        word = _place_tone(word)
    elif len(word.strip(_CONSONANTS)) > 1:  # else there is one place only
        rime = word.lstrip(_CONSONANTS)
        onset = word[: len(word) - len(rime)]
        if onset in ("g", "q"):  # what follows may be of the onset
            word = _place_tone(word)
        elif onset in _ONSET_SET:
            word = onset + _place_tone_in_rime(rime)
    return _I_OR_Y.get(word, word)


def _latinize(word: str) -> str:
    """Replace look-alikes if every Cyrillic or Greek letter of the word is one."""
    plain = re.sub(_IS_FOREIGN, lambda letter: unicodedata.normalize("NFD", letter[0]), word)
    plain = re.sub(_MARKED, lambda letter: mend(letter[0]), plain.translate(_FOREIGN))
    return word if re.search(_IS_FOREIGN, plain) else plain


def _place_tone(word: str) -> str:
    """Move the tone of a Vietnamese syllable to the vowel that carries it by rule."""
    marked = unicodedata.normalize("NFD", word)
    tones = [char for char in marked if char in _TONES]
    if len(tones) != 1:
        return word
    bare = unicodedata.normalize("NFC", marked.replace(tones[0], ""))
    parts = re.fullmatch(_TONED_SYLLABLE, bare)
    if parts is None:
        return word
    onset, vowels, coda = parts.groups()
    if len(vowels) > 1 and onset + vowels[0] in ("qu", "gi"):
        # The u of qu and the i of gi are of the onset, unless it is the only vowel (gìn).
        onset, vowels = onset + vowels[0], vowels[1:]
    if onset not in _ONSET_SET or coda not in _CODA_SET or vowels not in _NUCLEUS_SET:
        return word
    at = max((i for i, vowel in enumerate(vowels) if vowel in "ăâêôơư"), default=-1)
    if at < 0:
        at = len(vowels) - 1 if coda else (1 if len(vowels) == 3 else 0)
    toned = vowels[: at + 1] + tones[0] + vowels[at + 1 :]
    return unicodedata.normalize("NFC", onset + toned + coda)


# There are some hundred rimes to thousands of syllables.
_place_tone_in_rime = lru_cache(maxsize=4_096)(_place_tone)


def check_text(text: object) -> None:
    """Raise TypeError for anything but str."""
    if not isinstance(text, str):
        hint = ": decode it first" if isinstance(text, bytes | bytearray) else ""
        raise TypeError(f"text must be str, not {type(text).__name__}{hint}")


def fold(text: str) -> str:
    """Return Unidecode's ASCII rendering of any text, case kept (``Đường`` -> ``Duong``).

    Characters nobody rendered (private use, unassigned, lone surrogates) vanish, as there.
    Raises TypeError for anything but str.
    """
    check_text(text)
    if text.isascii():
        return text
    return text.translate(_FOLDS)


class _Folds(dict[int, str]):
    """Code point -> ASCII; filled from Unidecode one character at a time, when first met."""

    def __missing__(self, code: int) -> str:
        from unidecode import unidecode_expect_nonascii

        if 0xD800 <= code <= 0xDFFF:
            folded = ""
        else:
            folded = unidecode_expect_nonascii(chr(code))
        self[code] = folded
        return folded


def _vietnamese_folds() -> _Folds:
    """Return the folds of ASCII and of every Vietnamese letter, which need no Unidecode."""
    folds = _Folds({code: chr(code) for code in range(128)})
    folds.update({ord("đ"): "d", ord("Đ"): "D"})
    for letter in "aăâeêioôơuưyAĂÂEÊIOÔƠUƯY":
        for tone in ("", *_TONES):
            composed = unicodedata.normalize("NFC", letter + tone)
            folds[ord(composed)] = unicodedata.normalize("NFD", letter)[0]
    return folds


_FOLDS = _vietnamese_folds()
_LETTERS = "".join(char for char in map(chr, _FOLDS) if char.isalpha() and char.islower())


def is_vietnamese(word: str) -> bool:
    """Is a word nothing but composed lower-case letters of the Vietnamese alphabet and ASCII's?"""
    return not word.strip(_LETTERS)

"""pyvi's words: the same syllables, labels and words as ``pyvi.ViTokenizer`` gives any text.

pyvi cuts a text into syllables with one regular expression and tags each ``B_W`` (begins a
word) or ``I_W`` (continues it) with a linear-chain CRF, whose weights `wordmodel` reads.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from functools import cache, lru_cache

from vnsearch.kernels.text import glue
from vnsearch.text.canonical import check_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from vnsearch.text.wordmodel import WordModel

__all__ = ["cut", "features", "segment", "word_model"]

# The tokens of pyvi 0.1.1's sylabelize, alternatives in its order. The one for e-mail addresses
# looks far ahead from every place it may begin, so text without any @ is matched without it.
_EMAIL = r"|[a-zA-Z0-9_.+-]+@(?:[a-zA-Z0-9-]+\.)+[a-zA-Z0-9-]+"
_SYLLABLE = (
    r"[A-ZĐ]+\.|Tp\.|Mr\.|Mrs\.|Ms\.|Dr\.|ThS\."
    r"|==>|->|\.\.\.|>>|\n"
    r"|\w+://[^\s]+"
    f"{_EMAIL}"
    r"|\d+(?:[\.,_]\d+)+"
    r"|[^\w\s]|\w+"
)
_WITHOUT_EMAIL = _SYLLABLE.replace(_EMAIL, "")


def cut(text: str) -> list[str]:
    """Return pyvi's syllables of a text: its regular expression over the NFC form."""
    normal = unicodedata.normalize("NFC", text)
    if normal.isalnum():
        return [normal]
    # Compiled when first used: few processes that only search meet such a text.
    return re.findall(_SYLLABLE if "@" in normal else _WITHOUT_EMAIL, normal)


@cache
def word_model() -> WordModel:
    """Return the installed pyvi's model, loaded once per process.

    Raises `WordModelError` if pyvi is missing or its model is of unknown structure.
    """
    from vnsearch.text import wordmodel

    return wordmodel.load_model(wordmodel.pyvi_folder())


@lru_cache(maxsize=1 << 16)
def features(syllable: str) -> int:
    """Return the form number and flag bits of one syllable of pyvi's, packed as kernels ask."""
    return word_model().features(syllable)


def segment(text: str) -> list[str]:
    """Return pyvi's words of a text: ``" ".join(segment(t))`` is ``ViTokenizer.tokenize(t)``.

    The syllables of a word are joined by ``_``. A text of nothing but white space has no words
    (pyvi hands it back as it is). Raises TypeError for anything but str.
    """
    check_text(text)
    syllables = cut(text)
    packed = array("I", map(features, syllables))
    glued = word_model().labels(packed)
    glue(glued, packed)
    words: list[str] = []
    for syllable, joins in zip(syllables, glued, strict=True):
        if joins:
            words[-1] += "_" + syllable
        else:
            words.append(syllable)
    return words

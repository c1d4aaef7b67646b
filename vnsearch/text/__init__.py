"""Vietnamese text: tokens with spans, one canonical spelling, pyvi's words, typing, encodings.

`analyzer` turns texts into tokens and term numbers; `tokens` says what a token is, `canonical`
how it is spelled, `words`, `wordmodel` and `crfsuite` what pyvi makes of it. `syllable`, `keys`,
`encodings`, `abbreviations` and `joined` know what people type; they are imported when first used.
`background` says what is common in Vietnamese.
"""

from __future__ import annotations

import importlib

from vnsearch.errors import WordModelError
from vnsearch.text.analyzer import (
    Analysis,
    Token,
    Vocabulary,
    Word,
    analyze,
    canonical,
    fold_key,
    spans,
    syllables,
    tokenize,
)
from vnsearch.text.canonical import fold
from vnsearch.text.words import segment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from vnsearch.text.abbreviations import Abbreviations
    from vnsearch.text.encodings import Detection, decode, detect, repair_mojibake
    from vnsearch.text.joined import split_joined
    from vnsearch.text.keys import decode_keys, decode_telex, decode_vni, encode_telex, encode_vni
    from vnsearch.text.syllable import Syllable, base, is_syllable, neighbours, parse, tone_of

__all__ = [
    "Abbreviations",
    "Analysis",
    "Detection",
    "Syllable",
    "Token",
    "Vocabulary",
    "Word",
    "WordModelError",
    "analyze",
    "base",
    "canonical",
    "decode",
    "decode_keys",
    "decode_telex",
    "decode_vni",
    "detect",
    "encode_telex",
    "encode_vni",
    "fold",
    "fold_key",
    "is_syllable",
    "neighbours",
    "parse",
    "repair_mojibake",
    "segment",
    "spans",
    "split_joined",
    "syllables",
    "tokenize",
    "tone_of",
]

_LAZY = {
    name: module
    for module, names in {
        "abbreviations": "Abbreviations",
        "encodings": "Detection decode detect repair_mojibake",
        "joined": "split_joined",
        "keys": "decode_keys decode_telex decode_vni encode_telex encode_vni",
        "syllable": "Syllable base is_syllable neighbours parse tone_of",
    }.items()
    for name in names.split()
}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_LAZY[name]}"), name)

"""Vietnamese text: tokens with spans, one canonical spelling, pyvi's words, typing and encodings."""

from __future__ import annotations

import importlib
from typing import Any

from vnsearch.text.canonical import fold
from vnsearch.text.tokens import (
    Analysis,
    Token,
    Vocabulary,
    Word,
    analyze,
    canonical,
    fold_key,
    segment,
    spans,
    syllables,
    tokenize,
)

__all__ = [
    "Analysis",
    "Token",
    "Vocabulary",
    "Word",
    "analyze",
    "canonical",
    "fold",
    "fold_key",
    "segment",
    "spans",
    "syllables",
    "tokenize",
]

"""Vietnamese text: tokens with spans, one canonical spelling, pyvi's words."""

from __future__ import annotations

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

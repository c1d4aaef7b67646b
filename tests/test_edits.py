"""The banded distance equals the textbook one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kernel_modes import interpreted

from vnsearch.kernels import edits

WORDS = st.text(alphabet="abđườ", max_size=7)


def distance(a: str, b: str) -> int:
    """Return the optimal string alignment distance by its recurrence."""
    rows = [[i + j if i * j == 0 else 0 for j in range(len(b) + 1)] for i in range(len(a) + 1)]
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            rows[i][j] = min(
                rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + (a[i - 1] != b[j - 1])
            )
            if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                rows[i][j] = min(rows[i][j], rows[i - 2][j - 2] + 1)
    return rows[-1][-1]


@given(st.lists(WORDS, max_size=30), WORDS, st.integers(1, 2))
@settings(max_examples=150)
def test_near_terms_are_the_near_ones(words: list[str], wanted: str, limit: int) -> None:
    terms = [word.encode() for word in words]
    expected = [
        (place, distance(wanted, word))
        for place, word in enumerate(words)
        if distance(wanted, word) <= limit
    ]
    assert edits.near_terms(terms, wanted, limit) == expected
    assert interpreted_edits.near_terms(terms, wanted, limit) == expected


interpreted_edits = interpreted("edits")


@pytest.mark.parametrize("term", [b"\xff\xfe", b"\xe1\xbb", b""])
def test_bytes_that_are_no_text_do_no_harm(term: bytes) -> None:
    assert isinstance(edits.near_terms([term], "ab", 2), list)

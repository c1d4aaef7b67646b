"""Glued words come apart, codes typed apart come together."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vnsearch.text.joined import cut_candidates, join_candidates, only_row, row_spans, split_joined
from vnsearch.text.syllable import inventory

TEXT = """
thế giới di động thế giới di động thành phố hồ chí minh tiếng việt nam tiếng việt việt nam
điện thoại samsung bệnh viện đa khoa ca sĩ mê ra đi an khang ha nội hà nội việt nam
the gioi di dong the gioi di dong thanh pho ho chi minh tieng viet nam tieng viet viet nam
dien thoai samsung benh vien da khoa ca si me ra di an khang ha noi ha noi viet nam
covid camera camera camera vietnam camera
"""
COUNTS = Counter(TEXT.split())
PAIRS = Counter(pairwise(TEXT.split()))


def known(piece: str) -> int:
    return COUNTS[piece]


def pairs(a: str, b: str) -> int:
    return PAIRS[a, b]


@pytest.mark.parametrize(
    ("word", "split"),
    [
        ("thegioididong", "the gioi di dong"),
        ("thếgiớidiđộng", "thế giới di động"),
        ("hochiminh", "ho chi minh"),
        ("tiengviet", "tieng viet"),
        ("dienthoaisamsung", "dien thoai samsung"),
        ("covid19", "covid 19"),
        ("benhvien108", "benh vien 108"),
        # left whole: a syllable, a word of the index, foreign words, nonsense
        ("nghieng", None),
        ("camera", None),
        ("vietnam", None),
        ("samsung", None),
        ("facebook", None),
        ("anan", None),
        ("xyz", None),
        ("2023", None),
        ("", None),
        ("hà-nội", None),
        ("a" * 200, None),
    ],
)
def test_split(word: str, split: str | None) -> None:
    assert split_joined(word, known) == (split.split() if split else None)


@pytest.mark.parametrize(
    ("word", "split"),
    [
        ("thegioididong", "the gioi di dong"),
        ("vietnam", "viet nam"),  # three times apart, once together
        ("camera", None),  # its pieces never stand side by side
        ("hanoi", "ha noi"),
        ("minhkhoa", None),
    ],
)
def test_pairs_make_it_sure(word: str, split: str | None) -> None:
    assert split_joined(word, known, pairs) == (split.split() if split else None)


@given(st.lists(st.sampled_from(sorted(inventory())), min_size=2, max_size=5))
def test_a_split_is_the_word(syllables: list[str]) -> None:
    word = "".join(syllables)
    counts = Counter(syllables)
    split = split_joined(word, lambda piece: counts[piece], lambda a, b: 1)
    assert split is None or "".join(split) == word


def rows_of(word: str, pieces: list[str]) -> list[list[str]]:
    """Return every row of some pieces that makes the word."""
    if not word:
        return [[]]
    return [
        [piece, *rest]
        for piece in pieces
        if word.startswith(piece)
        for rest in rows_of(word[len(piece) :], pieces)
    ]


@given(
    pieces=st.lists(
        st.sampled_from(
            ["a", "an", "ha", "noi", "no", "i", "nam", "viet", "samsung", "hano", "xq"]
        ),
        min_size=2,
        max_size=4,
    ),
    others=st.lists(st.sampled_from(["h", "ha", "an", "oi", "n", "noi", "etna", "vi"]), max_size=4),
)
def test_the_only_row_is_what_counts_would_choose(pieces: list[str], others: list[str]) -> None:
    word, held = "".join(pieces), {*pieces, *others} - {"".join(pieces)}
    chosen = split_joined(word, lambda piece: int(piece in held))
    spans = row_spans(word)
    able = sorted({word[start:end] for start, end in spans} & held)
    only = only_row(word, spans, held)
    if only is None:
        assert len(rows_of(word, able)) > 1
    else:
        assert only == (chosen or [])


@pytest.mark.parametrize("word", ["", "a", "nghieng", "trump", "a" * 65])
def test_what_is_no_row_has_no_spans(word: str) -> None:
    assert row_spans(word) == []
    assert only_row(word, [], {"a"}) == []


@pytest.mark.parametrize(
    ("tokens", "joined"),
    [
        ("u 23", ["u23"]),
        ("5 k", ["5k"]),
        ("h5 n1", ["h5n1"]),
        ("18 h 00", ["18h", "18h00", "h00"]),
        ("319 035", ["319035"]),
        ("12 500 000", ["12500", "12500000", "500000"]),
        ("0912 345 678", ["0912345", "0912345678", "345678"]),
        ("091 234 5678", ["091234", "0912345678"]),
        ("29a 123 45", ["29a123", "29a12345"]),
        ("1299000 đ", ["1299000đ"]),
        ("12 2020", []),  # of a date
        ("30 12 2020", []),
        ("vtv 3", []),  # the tokenizer keeps these apart
        ("covid 19", []),
        ("03 500", []),
        ("12 50", []),
        ("ở 5", []),
        ("a b", []),
        ("", []),
    ],
)
def test_join(tokens: str, joined: list[str]) -> None:
    found = join_candidates(tokens.split())
    assert [word for _, _, word in found] == joined
    for start, stop, word in found:
        assert "".join(tokens.split()[start:stop]) == word


@pytest.mark.parametrize(
    ("code", "cuts"),
    [
        ("100m2", ["100 m2", "100m 2"]),
        ("5000đ", ["5000 đ"]),
        ("29a12345", ["29 a12345", "29a 12345"]),
        ("2021", []),
        ("", []),
    ],
)
def test_cut(code: str, cuts: list[str]) -> None:
    assert [" ".join(parts) for parts in cut_candidates(code)] == cuts

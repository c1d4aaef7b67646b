"""Pair counts of several fields, as the kernel gathers them, against dictionaries."""

from array import array
from collections.abc import Iterable
from itertools import pairwise
from types import ModuleType
from typing import TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kernel_modes import interpreted

from vnsearch.codec.build import room
from vnsearch.errors import IndexCorruptError
from vnsearch.kernels import counts, pairs
from vnsearch.kernels import interpreted as interpreted_kernels

MODES = pytest.mark.parametrize(
    ("kernel", "tables"),
    [(pairs, counts), (interpreted("pairs"), interpreted("counts"))],
    ids=["installed", "interpreted"],
)

TERMS = 300

field = st.dictionaries(
    st.tuples(st.integers(0, TERMS - 1), st.integers(0, TERMS - 1)),
    st.integers(1, 1 << 20),
    max_size=400,
) | st.builds(  # a common term: its row is in several blocks
    lambda step, count: {(7, b): count + b % 3 for b in range(0, TERMS, step)},
    st.integers(1, 3),
    st.integers(1, 9),
)
ordinals = st.lists(st.integers(-1, TERMS - 1) | st.just(7), min_size=1, max_size=6)


# a field with many terms has fewer bits left for counts; some terms may be asked for together, as
# many as a damaged file says
MANY = 1 << 13
GROUPS = (None, ([0, 2, 5], [7, 8, 0, 1, 299]), ([0, TERMS], range(TERMS)))
Shape: TypeAlias = tuple[int, tuple[Iterable[int], Iterable[int]] | None]
shapes = st.tuples(st.sampled_from([TERMS, MANY]), st.sampled_from(GROUPS))


def rows_of(  # type: ignore[no-untyped-def]
    kernel: ModuleType,
    tables: ModuleType,
    table: dict[tuple[int, int], int],
    terms: int = TERMS,
    groups: tuple[Iterable[int], Iterable[int]] | None = None,
):
    encoder = tables.CountsEncoder()
    found = sorted(table)
    encoder.extend(
        array("Q", [a * terms + b for a, b in found]), array("I", [table[pair] for pair in found])
    )
    folds = groups and tuple(array("I", one) for one in groups)
    return kernel.PairRows(tables.CountTable(*encoder.finish()), terms, folds)


@MODES
@settings(max_examples=60)
@given(table=field, lefts=ordinals, rights=ordinals, read=st.booleans(), shape=shapes)
def test_documents_together_are_added_up(
    kernel: ModuleType,
    tables: ModuleType,
    table: dict[tuple[int, int], int],
    lefts: list[int],
    rights: list[int],
    read: bool,
    shape: Shape,
) -> None:
    rows = rows_of(kernel, tables, table, *shape)
    if read:
        rows.summary(max(lefts[0], 0))
    wanted = sum(table.get((a, b), 0) for a in lefts for b in rights)
    assert kernel.documents_together(rows, lefts, rights) == wanted
    for beyond in (([shape[0]], rights), ([7], [shape[0]])):
        with pytest.raises(IndexError):
            kernel.documents_together(rows, *beyond)


@MODES
@settings(max_examples=60)
@given(fields=st.lists(field, min_size=1, max_size=3), shape=shapes, data=st.data())
def test_pair_counts_are_gathered(
    kernel: ModuleType,
    tables: ModuleType,
    fields: list[dict[tuple[int, int], int]],
    shape: Shape,
    data: st.DataObject,
) -> None:
    rows = [rows_of(kernel, tables, table, *shape) for table in fields]
    left, right = data.draw(ordinals), data.draw(ordinals)
    lefts = [left, *([data.draw(st.sampled_from([a, -1])) for a in left] for _ in fields[1:])]
    rights = [right, *([data.draw(st.sampled_from([b, -1])) for b in right] for _ in fields[1:])]
    one, other = (
        (kernel.Places(list(map(list, terms)), rows), terms)
        for terms in (list(zip(*lefts, strict=True)), list(zip(*rights, strict=True)))
    )
    last = (kernel.Places(list(map(list, one[1])), rows, True), one[1])
    assert not any(last[0].kinds)
    assert not any(last[0].following)
    with pytest.raises(ValueError, match="last word"):
        kernel.pair_counts(rows, [last[0], other[0]])
    for asked in ([], [one], [one, other], [one, other, other, one], [last], [one, other, last]):
        found = kernel.pair_counts(rows, [places for places, _ in asked])
        assert list(found) == [
            sum(table.get((a, b), 0) for table, a, b in zip(fields, firsts, seconds, strict=True))
            for (_, before), (_, after) in pairwise(asked)
            for firsts in before
            for seconds in after
        ]
    for firsts in zip(*lefts, strict=True):
        seconds = list(zip(*rights, strict=True))
        assert kernel.counts_after(rows, list(firsts), list(map(list, seconds))) == [
            sum(table.get((a, b), 0) for table, a, b in zip(fields, firsts, second, strict=True))
            for second in seconds
        ]


@MODES
@settings(max_examples=60)
@given(table=field)
def test_a_row_is_counted(
    kernel: ModuleType, tables: ModuleType, table: dict[tuple[int, int], int]
) -> None:
    rows = rows_of(kernel, tables, table)
    for a in (7, 0, TERMS - 1, 7):
        row = [count for (first, _), count in table.items() if first == a]
        assert rows.summary(a) == (len(row), sum(row))
    for a in (-1, TERMS):
        with pytest.raises(IndexError):
            rows.summary(a)


@MODES
def test_nothing_stands_in_no_field(kernel: ModuleType, tables: ModuleType) -> None:
    two, three = kernel.Places([[], []], []), kernel.Places([[], [], []], [])
    assert (list(two.kinds), list(two.following)) == ([0, 0], [0, 0])
    assert list(kernel.pair_counts([], [two, three])) == [0] * 6


@MODES
def test_what_does_not_fit_is_refused(kernel: ModuleType, tables: ModuleType) -> None:
    rows = [rows_of(kernel, tables, {(1, 2): 3})] * 2
    with pytest.raises(ValueError, match="every term"):
        kernel.Places([[1, 2], [3]], rows)
    places = kernel.Places([[1, 2]], rows)
    with pytest.raises(ValueError, match="fit"):
        kernel.pair_counts(rows[:1], [places, places])
    with pytest.raises(IndexError):
        kernel.pair_counts([rows_of(kernel, tables, {})] * 2, [places, places])
    for left, right in ((1, TERMS), (TERMS, 1)):
        with pytest.raises(IndexError):
            kernel.counts_after(rows[:1], [left], [[right]])


@MODES
def test_a_group_of_terms_that_are_not_there_is_refused(
    kernel: ModuleType, tables: ModuleType
) -> None:
    rows = rows_of(kernel, tables, {(1, 2): 3}, TERMS, ([0, 2], [1, TERMS]))
    with pytest.raises(IndexCorruptError):
        rows.summary(1)
    with pytest.raises(IndexCorruptError):
        rows_of(kernel, tables, {}, (1 << 31) + 1)


@MODES
def test_a_row_that_cannot_be_read_leaves_nothing_behind(
    kernel: ModuleType, tables: ModuleType
) -> None:
    table = {(1, b): 1 + b for b in range(TERMS)}
    encoder = tables.CountsEncoder()
    encoder.extend(array("Q", [a * TERMS + b for a, b in table]), array("I", list(table.values())))
    words, keys, starts = encoder.finish()
    kept = starts[1]
    starts[1] &= (1 << 40) - 1  # a block of nothing, between two others
    rows = kernel.PairRows(tables.CountTable(words, keys, starts), TERMS)
    with pytest.raises(IndexCorruptError):
        rows.summary(1)
    for a in range(2, TERMS):
        assert kernel.counts_after([rows], [a], [[1]]) == [0]
    starts[1] = kept
    assert rows.summary(1) == (TERMS, sum(table.values()))


@pytest.mark.skipif("counts" in interpreted_kernels(), reason="half a gigabyte is read, bit by bit")
def test_keys_that_wrap_are_refused() -> None:
    # 0, 2**64 - 2, 1, 2: searches among them find the second between 0 and 300
    far = 1 << 32
    words = room("I", (far >> 5) + 8)  # (no memory is taken but for what is written to)
    words[0] = 0xFFFFFFFD  # the low bits of the first step; those of the others are 2 and 0
    words[1] = 2
    words[3 + ((far - 1) >> 5)] = 1 << 31  # the first step's quotient ends, 2**32 - 1 zeros long
    words[4 + ((far - 1) >> 5)] = 0x3F
    table = counts.CountTable(words, array("Q", [0]), array("Q", [4 << 40 | 32 << 48]))
    assert [table.get(key) for key in (0, (1 << 64) - 2)] == [1, 1]
    for read in (pairs.PairRows(table, TERMS).summary, lambda _: table.range(0, TERMS)):
        with pytest.raises(IndexCorruptError, match="ascend"):
            read(0)

"""The lattice kernel against every row of spellings, weighed one by one."""

import itertools
import math
from array import array
from types import ModuleType
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kernel_modes import interpreted

from vnsearch.kernels import lattice

KERNELS = [lattice, interpreted("lattice")]


class Column:
    def __init__(self, draw: st.DrawFn, size: int) -> None:
        number = st.floats(0.001, 1.0)
        self.emission = draw(st.lists(number, min_size=size, max_size=size))
        self.unigram = draw(st.lists(number, min_size=size, max_size=size))
        self.kinds = draw(st.lists(st.integers(0, 9), min_size=size, max_size=size))
        self.following = [
            0 if kinds == 0 else kinds + draw(st.integers(0, 20)) for kinds in self.kinds
        ]


@st.composite
def lattices(draw: st.DrawFn) -> tuple[list[Column], list[list[list[int]]]]:
    sizes = draw(st.lists(st.integers(1, 4), min_size=1, max_size=5))
    columns = [Column(draw, size) for size in sizes]
    counts = [
        [[draw(st.integers(0, 5)) if left.kinds[a] else 0 for _ in right.kinds] for a in range(n)]
        for n, left, right in zip(sizes, columns, columns[1:], strict=False)
    ]
    return columns, counts


def lattice_of(
    kernel: ModuleType,
    columns: list[Column],
    counts: list[list[list[int]]],
    doubts: list[float] | None = None,
    search_term: bool = False,
) -> lattice.Lattice:
    """Return the kernel's lattice, every word typed as its first candidate."""
    made: lattice.Lattice = kernel.Lattice(
        [
            kernel.Candidates(*(array("d", x) for x in (c.unigram, c.following, c.kinds)))
            for c in columns
        ],
        [kernel.Numbers(array("d", column.emission)) for column in columns],
        kernel.Numbers(array("d", [count for matrix in counts for row in matrix for count in row])),
        [0] * len(columns),
        doubts,
        search_term,
    )
    return made


class Together(NamedTuple):
    """Two candidates side by side, each by its place."""

    left: int
    right: int
    weight: float


def neighbours_of(
    made: lattice.Lattice, columns: list[Column], least: float
) -> tuple[tuple[Together, ...], ...]:
    """Return the kernel's neighbours with the candidates' places for terms."""
    forms = [tuple((place,) for place in range(len(column.kinds))) for column in columns]
    return made.neighbours(least, made.best, forms, Together)


def weights_of(made: lattice.Lattice) -> list[dict[int, float]]:
    """Return the weight of each candidate of words that are not fixed, by its place."""
    return [{place: -weight for weight, place in found or ()} for found in made.spellings(0.0)]


def weight_of(
    row: tuple[int, ...], columns: list[Column], counts: list[list[list[int]]], search_term: bool
) -> float:
    weight = columns[0].unigram[row[0]] * columns[0].emission[row[0]]
    for at, (a, b) in enumerate(itertools.pairwise(row)):
        left, right = columns[at], columns[at + 1]
        room = left.following[a] + left.kinds[a]
        follows = right.unigram[b]
        if room:
            follows = (counts[at][a][b] + left.kinds[a] * right.unigram[b]) / room
        if search_term:
            follows *= math.sqrt(follows / right.unigram[b])
        weight *= follows * right.emission[b]
    return weight


@pytest.mark.parametrize("kernel", KERNELS, ids=["installed", "interpreted"])
@settings(max_examples=60, deadline=None)
@given(case=lattices(), search_term=st.booleans())
def test_agrees_with_weighing_every_row(
    kernel: ModuleType, case: tuple[list[Column], list[list[list[int]]]], search_term: bool
) -> None:
    columns, counts = case
    lattice = lattice_of(kernel, columns, counts, search_term=search_term)
    sizes = [len(column.kinds) for column in columns]
    weights = {
        row: weight_of(row, columns, counts, search_term)
        for row in itertools.product(*map(range, sizes))
    }
    total = sum(weights.values())
    for at, size in enumerate(sizes):
        found = {place: -weight for weight, place in lattice.spellings(0.0)[at] or ()}
        assert list(found.values()) == sorted(found.values(), reverse=True)
        for place in range(size):
            expected = sum(w for row, w in weights.items() if row[at] == place) / total
            assert math.isclose(found[place], expected, rel_tol=1e-9, abs_tol=1e-12)
        assert lattice.weights[at] == found[lattice.best[at]]
    for at, (n, m) in enumerate(itertools.pairwise(sizes)):
        together = {(a, b): weight for a, b, weight in neighbours_of(lattice, columns, -1.0)[at]}
        assert list(together.values()) == sorted(together.values(), reverse=True)
        for pair in itertools.product(range(n), range(m)):
            expected = sum(w for row, w in weights.items() if row[at : at + 2] == pair) / total
            assert math.isclose(together[pair], expected, rel_tol=1e-9, abs_tol=1e-12)
    assert math.isclose(weights[tuple(lattice.best)], max(weights.values()), rel_tol=1e-9)
    assert not any(lattice.fixed)


@pytest.mark.parametrize("kernel", KERNELS, ids=["installed", "interpreted"])
@settings(max_examples=60, deadline=None)
@given(case=lattices(), doubt=st.floats(0.05, 0.95))
def test_words_not_in_doubt_are_held(
    kernel: ModuleType, case: tuple[list[Column], list[list[list[int]]]], doubt: float
) -> None:
    columns, counts = case
    first = lattice_of(kernel, columns, counts)
    lattice = lattice_of(kernel, columns, counts, [doubt] * len(columns))
    trust = [found[0] for found in weights_of(first)]
    assert lattice.trust == trust
    assert lattice.fixed == [known >= doubt for known in trust]
    if any(lattice.fixed) and not all(lattice.fixed):
        for column, fixed in zip(columns, lattice.fixed, strict=True):
            if fixed:
                column.emission[1:] = [0.0] * (len(column.emission) - 1)
                column.emission[0] = 1.0
        first = lattice_of(kernel, columns, counts)
    for at, fixed in enumerate(lattice.fixed):
        assert lattice.best[at] == (0 if fixed else first.best[at])
        expected = None if fixed else first.spellings(0.01)[at]
        assert lattice.spellings(0.01)[at] == expected
    for at, (left, right) in enumerate(itertools.pairwise(lattice.fixed)):
        together = ((0, 0, 1.0),) if left and right else neighbours_of(first, columns, 0.01)[at]
        assert neighbours_of(lattice, columns, 0.01)[at] == together


@pytest.mark.parametrize("kernel", KERNELS, ids=["installed", "interpreted"])
def test_parts_that_do_not_match_are_refused(kernel: ModuleType) -> None:
    def numbers(count: int) -> object:
        return kernel.Numbers(array("d", [0.5]) * count)

    two = kernel.Candidates(*(array("d", [0.5, 0.5]) for _ in range(3)))
    lattice = kernel.Lattice([two, two], [numbers(2), numbers(2)], numbers(4), [0, 0])
    forms = (("a",), ("b",))
    for wrong in ([forms], [forms, forms[:1]], [forms * 2, forms]):
        with pytest.raises(ValueError, match=r"every word|every candidate"):
            lattice.neighbours(0.01, ["a"] * len(wrong), wrong, tuple)
    for columns, emissions, counts, typed in (
        ([two, two], [numbers(2)], numbers(4), [0, 0]),
        ([two, two], [numbers(2), numbers(1)], numbers(4), [0, 0]),
        ([two, two], [numbers(2), numbers(2)], numbers(3), [0, 0]),
        ([two, two], [numbers(2), numbers(2)], numbers(0), [0, 0]),
        ([two, two], [numbers(2), numbers(2)], numbers(4), [0]),
        ([two, two], [numbers(2), numbers(2)], numbers(4), [0, 2]),
    ):
        with pytest.raises(ValueError, match=r"a word|every word|a matrix"):
            kernel.Lattice(columns, emissions, counts, typed)
    with pytest.raises(ValueError, match="every candidate"):
        kernel.Candidates(array("d", [0.5]), array("d"), array("d"))
    empty = kernel.Candidates(array("d"), array("d"), array("d"))
    with pytest.raises(ValueError, match="at least one"):
        kernel.Lattice([empty], [numbers(0)], numbers(0), [0])
    assert kernel.Lattice([], [], numbers(0), []).best == []


@pytest.mark.parametrize("kernel", KERNELS, ids=["installed", "interpreted"])
def test_a_long_row_stays_in_range(kernel: ModuleType) -> None:
    n = 5_000
    ones, zeros = array("d", [1e-6, 2e-6]), array("d", [0.0, 0.0])
    column = kernel.Candidates(ones, zeros, zeros)
    pairs = kernel.Numbers(array("d", bytes(32 * (n - 1))))
    row = kernel.Lattice([column] * n, [kernel.Numbers(ones)] * n, pairs, [0] * n)
    weights = weights_of(row)
    assert weights[0][0] == pytest.approx(0.2)
    assert weights[n - 1][1] == pytest.approx(0.8)
    assert set(row.best) == {1}

"""The lattice kernel against every row of spellings, weighed one by one."""

import importlib.util
import itertools
import math
from array import array
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vnsearch.kernels import lattice
from vnsearch.kernels.counts import CountsEncoder, CountTable


def _interpreted() -> ModuleType:
    path = Path(__file__).parents[1] / "vnsearch" / "kernels" / "lattice.py"
    spec = importlib.util.spec_from_file_location("interpreted_lattice", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


KERNELS = [lattice, _interpreted()]


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


def weight_of(row: tuple[int, ...], columns: list[Column], counts: list[list[list[int]]]) -> float:
    weight = columns[0].unigram[row[0]] * columns[0].emission[row[0]]
    for at, (a, b) in enumerate(itertools.pairwise(row)):
        left, right = columns[at], columns[at + 1]
        room = left.following[a] + left.kinds[a]
        follows = right.unigram[b]
        if room:
            follows = (counts[at][a][b] + left.kinds[a] * right.unigram[b]) / room
        weight *= follows * right.emission[b]
    return weight


@pytest.mark.parametrize("kernel", KERNELS, ids=["installed", "interpreted"])
@settings(max_examples=60, deadline=None)
@given(case=lattices())
def test_agrees_with_weighing_every_row(
    kernel: ModuleType, case: tuple[list[Column], list[list[list[int]]]]
) -> None:
    columns, counts = case
    sizes = [len(column.kinds) for column in columns]
    flat = [count for matrix in counts for row in matrix for count in row]
    posterior = array("d", bytes(8 * sum(sizes)))
    joint = array("d", bytes(8 * len(flat)))
    path = array("i", bytes(4 * len(sizes)))
    kernel.solve(
        array("i", sizes),
        array("d", [x for column in columns for x in column.emission]),
        array("d", [x for column in columns for x in column.unigram]),
        array("d", [x for column in columns for x in column.following]),
        array("d", [x for column in columns for x in column.kinds]),
        array("d", flat),
        posterior,
        joint,
        path,
        array("d", bytes(8 * (sum(sizes) + 2 * max(sizes)))),
    )
    weights = {
        row: weight_of(row, columns, counts) for row in itertools.product(*map(range, sizes))
    }
    total = sum(weights.values())
    first = 0
    for at, size in enumerate(sizes):
        for place in range(size):
            expected = sum(w for row, w in weights.items() if row[at] == place) / total
            assert math.isclose(posterior[first + place], expected, rel_tol=1e-9, abs_tol=1e-12)
        first += size
    start = 0
    for at, (n, m) in enumerate(itertools.pairwise(sizes)):
        for a, b in itertools.product(range(n), range(m)):
            expected = sum(w for row, w in weights.items() if row[at : at + 2] == (a, b)) / total
            assert math.isclose(joint[start + a * m + b], expected, rel_tol=1e-9, abs_tol=1e-12)
        start += n * m
    assert math.isclose(weights[tuple(path)], max(weights.values()), rel_tol=1e-9)


@pytest.mark.parametrize("kernel", KERNELS, ids=["installed", "interpreted"])
def test_a_long_row_stays_in_range(kernel: ModuleType) -> None:
    n = 5_000
    posterior, joint = array("d", bytes(16 * n)), array("d", bytes(32 * (n - 1)))
    path = array("i", bytes(4 * n))
    ones = array("d", [1e-6, 2e-6]) * n
    pairs = array("d", bytes(32 * (n - 1)))
    work = array("d", bytes(8 * (2 * n + 4)))
    sizes = array("i", [2] * n)
    zeros = array("d", bytes(16 * n))
    kernel.solve(sizes, ones, ones, zeros, zeros, pairs, posterior, joint, path, work)
    assert posterior[0] == pytest.approx(0.2)
    assert posterior[-1] == pytest.approx(0.8)
    assert set(path) == {1}


@pytest.mark.parametrize("kernel", KERNELS, ids=["installed", "interpreted"])
@settings(max_examples=40, deadline=None)
@given(
    table=st.dictionaries(
        st.tuples(st.integers(0, 299), st.integers(0, 299)), st.integers(1, 9), max_size=400
    ),
    left=st.lists(st.integers(-1, 299), max_size=6),
    right=st.lists(st.integers(-1, 299), max_size=6, unique=True),
)
def test_pair_counts_are_gathered(
    kernel: ModuleType, table: dict[tuple[int, int], int], left: list[int], right: list[int]
) -> None:
    encoder = CountsEncoder()
    pairs = sorted(table)
    encoder.extend(
        array("Q", [a * 300 + b for a, b in pairs]), array("I", [table[pair] for pair in pairs])
    )
    held = sorted((b, place) for place, b in enumerate(right) if b >= 0)
    counts = array("d", bytes(8 * len(left) * len(right)))
    kernel.add_pairs(
        CountTable(*encoder.finish()),
        300,
        array("q", left),
        array("q", [b for b, _ in held]),
        array("i", [place for _, place in held]),
        counts,
    )
    assert counts.tolist() == [table.get((a, b), 0) for a in left for b in right]

"""The lattice kernel against every row of spellings, weighed one by one."""

import itertools
import math
from array import array
from collections.abc import Sequence
from types import ModuleType
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kernel_modes import interpreted

from vnsearch.kernels import lattice
from vnsearch.text.syllable import TONED_LETTERS, inventory, split_tone

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

    left: Any
    right: Any
    weight: float


class Spelled(NamedTuple):
    """A candidate, how probable it is and why."""

    term: Any
    weight: float
    reason: str


class Place(NamedTuple):
    """A word with its likely candidates."""

    text: Any
    start: int
    end: int
    fold: str
    variants: tuple[Spelled, ...]
    bare: bool


class Forms:
    """The candidates of a word, each by its place, once in one document unless said."""

    def __init__(self, size: int, held: list[int] | None = None) -> None:
        self.forms = tuple((place, 1, (held or [1] * size)[place]) for place in range(size))
        self.fold = f"of {size}"


Word = tuple[Any, int, int, None, str, str, Any]


def forms_of(columns: list[Column]) -> list[Forms]:
    return [Forms(len(column.kinds)) for column in columns]


def words_of(count: int) -> list[Word]:
    """Return words that are typed like no candidate."""
    return [(-1, at, at + 1, None, "typed", "word", "") for at in range(count)]


def neighbours_of(
    made: lattice.Lattice, columns: list[Column], least: float
) -> tuple[tuple[Together, ...], ...]:
    """Return the kernel's neighbours with the candidates' places for terms."""
    return made.neighbours(least, made.best, forms_of(columns), Together)


def weights_of(
    made: lattice.Lattice, columns: Sequence[Column | Forms], least: float = 0.0
) -> list[dict[int, float] | None]:
    """Return the weight of each candidate, by its place, the weightiest first; None for a word that
    is fixed."""
    forms = [one if isinstance(one, Forms) else Forms(len(one.kinds)) for one in columns]
    bare = [True] * len(forms)
    places, _ = made.positions(words_of(len(forms)), forms, bare, least, 0.0, 1.0, Spelled, Place)
    return [
        None if fixed else {term: weight for term, weight, _ in place.variants}
        for place, fixed in zip(places, made.fixed, strict=True)
    ]


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
@settings(max_examples=60)
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
        found = weights_of(lattice, columns)[at]
        assert found is not None
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
@settings(max_examples=60)
@given(case=lattices(), doubt=st.floats(0.05, 0.95))
def test_words_not_in_doubt_are_held(
    kernel: ModuleType, case: tuple[list[Column], list[list[list[int]]]], doubt: float
) -> None:
    columns, counts = case
    first = lattice_of(kernel, columns, counts)
    lattice = lattice_of(kernel, columns, counts, [doubt] * len(columns))
    trust = [found[0] for found in weights_of(first, columns) if found]
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
        expected = None if fixed else weights_of(first, columns, 0.01)[at]
        assert weights_of(lattice, columns, 0.01)[at] == expected
    for at, (left, right) in enumerate(itertools.pairwise(lattice.fixed)):
        together = ((0, 0, 1.0),) if left and right else neighbours_of(first, columns, 0.01)[at]
        assert neighbours_of(lattice, columns, 0.01)[at] == together


@pytest.mark.parametrize("kernel", KERNELS, ids=["installed", "interpreted"])
@settings(max_examples=60)
@given(case=lattices(), doubt=st.floats(0.05, 0.95), data=st.data())
def test_weighing_again_is_weighing_anew(
    kernel: ModuleType,
    case: tuple[list[Column], list[list[list[int]]]],
    doubt: float,
    data: st.DataObject,
) -> None:
    columns, counts = case
    again = lattice_of(kernel, columns, counts, [0.2] * len(columns))
    for column in columns:
        size = len(column.emission)
        number = st.floats(0.001, 1.0)
        column.emission = data.draw(st.lists(number, min_size=size, max_size=size))
    emissions = [kernel.Numbers(array("d", column.emission)) for column in columns]
    again.weigh(emissions, [doubt] * len(columns))
    anew = lattice_of(kernel, columns, counts, [doubt] * len(columns))
    for one in ("trust", "fixed", "best", "weights"):
        assert getattr(again, one) == getattr(anew, one)
    assert weights_of(again, columns) == weights_of(anew, columns)
    assert neighbours_of(again, columns, 0.01) == neighbours_of(anew, columns, 0.01)
    typed = [-1 - at for at in range(len(columns))]
    best = zip(typed, again.best, again.fixed, strict=True)
    assert again.terms(typed, forms_of(columns)) == [
        word if fixed else place for word, place, fixed in best
    ]


def variants_of(
    word: Word, forms: Forms, weights: dict[int, float], bare: bool, least: float, as_typed: float
) -> list[Spelled]:
    """Return the likely candidates of a word that is not fixed, typed as its first one."""
    text, _, _, _, reason, _, other = word
    likely = {place: weight for place, weight in weights.items() if weight >= least}
    if not bare and forms.forms[0][2]:
        likely[0] = max(likely.get(0, 0.0), as_typed)
    if len(likely) > 1:
        likely = {place: weight for place, weight in likely.items() if forms.forms[place][2]}
    otherwise = "restored" if bare else "repaired"
    return [
        Spelled(
            place, weight, reason if place == text else "typed" if place == other else otherwise
        )
        for place, weight in sorted(likely.items(), key=lambda one: -one[1])
    ]


@pytest.mark.parametrize("kernel", KERNELS, ids=["installed", "interpreted"])
@settings(max_examples=100)
@given(
    case=lattices(),
    doubt=st.sampled_from([0.05, 0.5, 2.0]),
    least=st.floats(0.0, 0.2),
    as_typed=st.floats(0.2, 0.6),
    data=st.data(),
)
def test_positions_hold_the_likely_candidates(
    kernel: ModuleType,
    case: tuple[list[Column], list[list[list[int]]]],
    doubt: float,
    least: float,
    as_typed: float,
    data: st.DataObject,
) -> None:
    columns, counts = case
    made = lattice_of(kernel, columns, counts, [doubt] * len(columns))
    weights = weights_of(made, columns)
    forms, words, bare = [], [], []
    for at, column in enumerate(columns):
        size = len(column.kinds)
        others = [data.draw(st.integers(0, 2)) for _ in range(size - 1)]
        forms.append(Forms(size, [0 if any(others) and data.draw(st.booleans()) else 1, *others]))
        term = st.integers(-1, size - 1)
        words.append((data.draw(term), at, at + 1, None, "keys", "word", data.draw(term)))
        bare.append(data.draw(st.booleans()))
    expected = [
        [Spelled(word[0], 1.0, "keys")]
        if found is None
        else variants_of(word, form, found, free, least, as_typed)
        for word, form, found, free in zip(words, forms, weights, bare, strict=True)
    ]
    if not all(expected):  # the only likely one is not held
        with pytest.raises(ValueError, match="likely"):
            made.positions(words, forms, bare, least, as_typed, 0.9, Spelled, Place)
        return
    as_they_stand = all(
        len(found) == 1 and found[0].term == word[0]
        for found, word in zip(expected, words, strict=True)
    )
    places, alike = made.positions(words, forms, bare, least, as_typed, 0.9, Spelled, Place)
    assert alike == as_they_stand
    assert list(places) == [
        Place(*word[:3], form.fold, tuple(found), free and not alike and found[0].weight < 0.9)
        for word, found, form, free in zip(words, expected, forms, bare, strict=True)
    ]


@pytest.mark.parametrize("kernel", KERNELS, ids=["installed", "interpreted"])
def test_parts_that_do_not_match_are_refused(kernel: ModuleType) -> None:
    def numbers(count: int) -> object:
        return kernel.Numbers(array("d", [0.5]) * count)

    two = kernel.Candidates(*(array("d", [0.5, 0.5]) for _ in range(3)))
    lattice = kernel.Lattice([two, two], [numbers(2), numbers(2)], numbers(4), [0, 0])
    for wrong in ([Forms(2)], [Forms(2), Forms(1)], [Forms(4), Forms(2)]):
        with pytest.raises(ValueError, match=r"every word|every candidate"):
            lattice.neighbours(0.01, ["a"] * len(wrong), wrong, Together)
        with pytest.raises(ValueError, match=r"every word|every candidate"):
            lattice.terms(["a"] * len(wrong), wrong)
        words = words_of(len(wrong))
        with pytest.raises(ValueError, match=r"every word|every candidate"):
            lattice.positions(words, wrong, [True] * len(wrong), 0.01, 0.3, 0.9, Spelled, Place)
    odd: list[Any]
    for odd in ([("a",) * 6] * 2, ["a" * 7] * 2):
        with pytest.raises(ValueError, match="seven"):
            lattice.positions(odd, [Forms(2)] * 2, [True] * 2, 0.01, 0.3, 0.9, Spelled, Place)
    odd = [Forms(2), Forms(2)]
    odd[1].forms = (("a", 1), ("b", 1))
    with pytest.raises(ValueError, match="three"):
        lattice.positions(words_of(2), odd, [True] * 2, 0.01, 0.3, 0.9, Spelled, Place)
    for emissions, doubts in (
        ([numbers(2)], None),
        ([numbers(2), numbers(1)], None),
        ([numbers(2), numbers(2)], [0.2]),
    ):
        with pytest.raises(ValueError, match="emission"):
            lattice.weigh(emissions, doubts)
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
    weights = weights_of(row, [Forms(2)] * n)
    assert weights[0] == pytest.approx({1: 0.8, 0: 0.2})
    assert weights[n - 1] == pytest.approx({1: 0.8, 0: 0.2})
    assert set(row.best) == {1}


INVENTORY = sorted(inventory())


@pytest.mark.parametrize("kernel", KERNELS, ids=["installed", "interpreted"])
@given(
    typed=st.sampled_from(INVENTORY),
    meant=st.lists(
        st.sampled_from([*INVENTORY, "façade", "dấ́u", "đướng", "VIỆT", "A"]), max_size=5
    ),
)
def test_slips_of_tones_and_marks(kernel: ModuleType, typed: str, meant: list[str]) -> None:
    weights = [[1.0 + 6 * a + b for b in range(6)] for a in range(6)]
    channel = kernel.Channel(TONED_LETTERS, split_tone, weights, 0.5, 0.25)

    def slip(one: str) -> float:
        (letters, tone), (other, meant_tone) = split_tone(typed), split_tone(one)
        if one == typed:
            return 1.0
        alike = letters.replace("y", "i") == other.replace("y", "i")
        return weights[tone][meant_tone] * (1 if letters == other else 0.5 if alike else 0.25)

    assert channel.slips(typed, [*meant, typed]) == [*map(slip, meant), 1.0]


@pytest.mark.parametrize("kernel", KERNELS, ids=["installed", "interpreted"])
def test_changes_are_of_pieces_of_the_query(kernel: ModuleType) -> None:
    def column(size: int) -> Any:
        return kernel.Candidates(*[array("d", [1.0] * size) for _ in range(3)])

    numbers = kernel.Numbers(array("d", [1.0]))
    lattice = kernel.Lattice(
        [column(1)] * 4, [numbers] * 4, kernel.Numbers(array("d", [1] * 3)), [0] * 4
    )
    query = "HA hanoi, mũi"
    tokens = (("ha", 0, 2, False), ("hanoi", 3, 8, False), ("mũi", 10, 13, False))
    words = [
        ("ha", 0, 2, None, "typed", "word", ""),
        ("ha", 3, 8, None, "split", "word", ""),
        ("noi", 3, 8, None, "split", "word", ""),
        ("mũi", 10, 13, None, "typed", "word", ""),
    ]
    bare = [True, True, True, False]
    meant = ["hà", "hà", "nội", "mũi"]
    found = lattice.changes(query, tokens, words, meant, bare, set(), tuple)
    assert found == [
        (0, 2, "HA", "HÀ", 1.0, "restored"),
        (3, 8, "hanoi", "hà nội", 1.0, "split"),
    ]
    found = lattice.changes(query, tokens, words, meant, bare, {10}, tuple)
    assert found[2] == (10, 13, "mũi", "mũi", 1.0, "repaired")
    for some_tokens, some_words, terms in (
        (tokens[:2], words, meant),
        (((1, 2),), words, meant),
        (tokens, words[:3], meant),
        (tokens, [(1,)] * 4, meant),
        (tokens, words, meant[:1]),
    ):
        with pytest.raises(ValueError, match=r"a word|every word|a token"):
            lattice.changes(query, some_tokens, some_words, terms, bare, set(), tuple)


@pytest.mark.parametrize("kernel", KERNELS, ids=["installed", "interpreted"])
def test_letter_case_is_kept(kernel: ModuleType) -> None:
    typed = {"ha": "hà", "Ha": "Hà", "HA": "HÀ", "H": "Hà", "hA": "hà", "1": "hà"}
    assert {one: kernel.cased(one, "hà") for one in typed} == typed

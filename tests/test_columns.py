"""Values of many documents: counted, and put in order, as plain Python would."""

from __future__ import annotations

from array import array
from collections import Counter
from datetime import datetime, timedelta
from itertools import accumulate, chain, pairwise
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kernel_modes import interpreted

import vnsearch
from vnsearch.codec.segment import NO_VALUE as NONE
from vnsearch.kernels import columns as compiled

KERNELS = [compiled, interpreted("columns")]

FIRST = -(2**63)
NUMBERS = st.one_of(
    st.integers(-3, 3), st.integers(FIRST, 2**63 - 1), st.sampled_from([FIRST, 2**63 - 1])
)


def as_view(kind: str, values: list[int]) -> memoryview[int]:
    return memoryview(array(kind, values))


def bitmap(present: list[bool]) -> memoryview[int]:
    bits = bytearray((len(present) + 7) // 8)
    for place, there in enumerate(present):
        bits[place >> 3] |= there << (place & 7)
    return memoryview(bits)


@pytest.mark.parametrize("kernel", KERNELS)
@given(st.lists(st.lists(st.integers(0, 5), max_size=4)))
def test_groups_and_members_change_places(kernel: ModuleType, groups: list[list[int]]) -> None:
    starts = array("I", accumulate(map(len, groups), initial=0))
    transposed = kernel.transpose(starts, array("I", chain.from_iterable(groups)), 6)
    assert in_groups(*transposed) == [
        [group for group, members in enumerate(groups) if member in members] for member in range(6)
    ]
    again = kernel.transpose(*transposed, len(groups))
    assert in_groups(*again) == [sorted(set(members)) for members in groups]


def in_groups(starts: array[int], members: array[int]) -> list[list[int]]:
    assert starts[0] == 0
    assert starts[-1] == len(members)
    return [members[start:stop].tolist() for start, stop in pairwise(starts)]


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("starts", [[], [0, 3], [0, 2, 1], [0, 2]])
def test_groups_that_do_not_fit_are_refused(kernel: ModuleType, starts: list[int]) -> None:
    with pytest.raises(ValueError, match=r"fit|member 6 of 6"):
        kernel.transpose(array("I", starts), array("I", [0, 6]), 6)


@pytest.mark.parametrize("kernel", KERNELS)
@given(st.lists(st.lists(st.integers(0, 4), max_size=3, unique=True)), st.data())
def test_ordinals_are_counted(kernel: ModuleType, held: list[list[int]], data: Any) -> None:
    docs = data.draw(st.lists(st.integers(0, len(held) - 1), unique=True)) if held else []
    starts = [0]
    for ordinals in held:
        starts.append(starts[-1] + len(ordinals))
    flat = as_view("I", [one for ordinals in held for one in sorted(ordinals)])
    counts = array("I", bytes(20))
    assert kernel.count_ordinals(array("I", docs), flat, as_view("I", starts), counts)
    expected = Counter(one for doc in docs for one in held[doc])
    assert list(counts) == [expected[ordinal] for ordinal in range(5)]
    firsts = kernel.first_ordinals(array("I", docs), flat, as_view("I", starts), 5)
    assert list(firsts) == [min(held[doc], default=kernel.LAST) for doc in docs]

    single = as_view("I", [ordinals[0] if ordinals else NONE for ordinals in held])
    counts = array("I", bytes(20))
    assert kernel.count_ordinals(array("I", docs), single, None, counts)
    expected = Counter(held[doc][0] for doc in docs if held[doc])
    assert list(counts) == [expected[ordinal] for ordinal in range(5)]
    firsts = kernel.first_ordinals(array("I", docs), single, None, 5)
    assert list(firsts) == [held[doc][0] if held[doc] else kernel.LAST for doc in docs]


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize(
    ("ordinals", "starts"),
    [([5], None), ([0, 5], [0, 2]), ([0], [0, 2]), ([0], [1, 0]), ([NONE], [0, 1])],
)
def test_ordinals_that_cannot_be_are_refused(
    kernel: ModuleType, ordinals: list[int], starts: list[int] | None
) -> None:
    bounds = None if starts is None else as_view("I", starts)
    counts = array("I", bytes(20))
    assert not kernel.count_ordinals(array("I", [0]), as_view("I", ordinals), bounds, counts)
    if ordinals != [0, 5]:  # whose second is not looked at
        assert kernel.first_ordinals(array("I", [0]), as_view("I", ordinals), bounds, 5) is None


@pytest.mark.parametrize("kernel", KERNELS)
@given(st.lists(st.tuples(NUMBERS, st.booleans())), st.booleans())
def test_numbers_keep_their_order(
    kernel: ModuleType, held: list[tuple[int, bool]], down: bool
) -> None:
    values = as_view("q", [value for value, _ in held])
    present = bitmap([there for _, there in held])
    docs = array("I", range(len(held)))
    assert list(kernel.gather(docs, values, present)) == [value for value, there in held if there]
    assert list(kernel.gather(docs, values, None)) == list(values)
    keys = kernel.order_keys(docs, values, present, False)
    if down:
        kernel.reverse(keys)
    known = [doc for doc in docs if held[doc][1]]
    assert all((keys[doc] == kernel.LAST) != held[doc][1] for doc in docs)
    # the two lowest and the two highest numbers there are share a key
    close = {FIRST, FIRST + 1, FIRST + 2}, {2**63 - 1, 2**63 - 2}
    for one in known:
        for other in known:
            a, b = held[one][0], held[other][0]
            if a < b and not any({a, b} <= group for group in close):
                assert keys[one] > keys[other] if down else keys[one] < keys[other]
            elif a == b:
                assert keys[one] == keys[other]


@pytest.mark.parametrize("kernel", KERNELS)
@given(st.lists(st.floats(allow_nan=False) | st.sampled_from([0.0, -0.0])))
def test_floats_keep_their_order(kernel: ModuleType, held: list[float]) -> None:
    docs = array("I", range(len(held)))
    keys = kernel.order_keys(docs, memoryview(array("d", held)).cast("B").cast("q"), None, True)
    assert sorted(docs, key=keys.__getitem__) == sorted(docs, key=held.__getitem__)


@pytest.mark.parametrize("kernel", KERNELS)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9))), st.integers(-1, 20))
def test_the_first_places_are_found(
    kernel: ModuleType, rows: list[tuple[int, int]], count: int
) -> None:
    columns = [array("q", column) for column in zip(*rows, strict=True)]
    columns = columns or [array("q"), array("q")]
    best = sorted(range(len(rows)), key=rows.__getitem__)[: max(0, count)]
    assert kernel.first_places(columns, count) == sorted(best)


def moment(day: int | None) -> datetime | None:
    return None if day is None else datetime(1970, 1, 1) + timedelta(days=day)


@settings(max_examples=25)
@given(
    st.lists(
        st.tuples(
            st.none() | st.sampled_from(["a", "b", "c"]),
            st.none() | st.sampled_from([-1.5, -0.0, 0.0, 2.0]),
            st.none() | st.integers(-2, 2),
        ),
        min_size=1,
        max_size=25,
    ),
    st.lists(
        st.sampled_from(["section", "-section", "views", "-views", "day", "-day"]),
        min_size=1,
        max_size=3,
    ),
    st.integers(0, 6),
    st.integers(0, 6),
    st.integers(1, 9),
)
def test_a_sorted_page_is_a_slice_of_the_whole_order(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[str | None, float | None, int | None]],
    sort: list[str],
    limit: int,
    offset: int,
    batch: int,
) -> None:
    schema = vnsearch.Schema(
        section=vnsearch.Keyword(), views=vnsearch.Number(), day=vnsearch.Date()
    )
    names = ("section", "views", "day")
    articles = [
        {
            "id": str(number),
            **{
                name: value
                for name, value in zip(names, (section, views, moment(day)), strict=True)
                if value is not None
            },
        }
        for number, (section, views, day) in enumerate(rows)
    ]
    expected = list(range(len(rows)))
    for key in reversed(sort):
        column = [row[names.index(key.lstrip("-"))] for row in rows]
        known = [place for place in expected if column[place] is not None]
        known.sort(key=column.__getitem__, reverse=key.startswith("-"))  # type: ignore[arg-type]
        expected = known + [place for place in expected if column[place] is None]
    with vnsearch.create_index(tmp_path_factory.mktemp("sorted") / "index", schema) as index:
        for start in range(0, len(articles), batch):
            index.add(articles[start : start + batch])
        page = index.search("*", sort=sort, limit=limit, offset=offset)
        assert [int(hit.id) for hit in page] == expected[offset : offset + limit]
        facets = index.search("*", facets=names).facets
    assert facets["section"] == Counter(row[0] for row in rows if row[0] is not None)
    assert sum(facets["views"].values()) == sum(row[1] is not None for row in rows)
    years = Counter("1969" if row[2] < 0 else "1970" for row in rows if row[2] is not None)
    assert facets["day"] == years


@pytest.mark.parametrize("kernel", KERNELS)
@given(st.lists(st.integers(0, 9), max_size=6), st.integers(0, 10))
def test_what_ascends_and_what_is_distinct(kernel: ModuleType, held: list[int], size: int) -> None:
    numbers = as_view("I", held)
    assert kernel.ascends(numbers) == (held == sorted(held))
    assert kernel.distinct(numbers, size) == (
        len(set(held)) == len(held) and all(number < size for number in held)
    )


@pytest.mark.parametrize("kernel", KERNELS)
@given(
    st.lists(st.integers(0, 40), min_size=1, max_size=60),
    st.integers(0, 3),
    st.lists(st.sets(st.integers(0, 58)), min_size=1, max_size=3),
)
def test_windows_are_asked_for_once(
    kernel: ModuleType, lengths: list[int], shift: int, asked: list[set[int]]
) -> None:
    starts = [sum(lengths[:doc]) for doc in range(len(lengths) + 1)]
    known = bytearray((starts[-1] >> shift) + 1)
    seen: set[int] = set()
    for docs in asked:
        here = [doc for doc in docs if doc < len(lengths)]
        needed = {
            window
            for doc in here
            for window in range(starts[doc] >> shift, (starts[doc + 1] >> shift) + 1)
        } - seen
        found = kernel.new_windows(here, as_view("I", starts), shift, known)
        assert sorted(found) == sorted(needed)
        seen |= needed
    assert seen == {window for window, mark in enumerate(known) if mark}


@pytest.mark.parametrize("kernel", KERNELS)
def test_windows_of_spans_that_are_not_sound_stay_inside(kernel: ModuleType) -> None:
    spans = as_view("I", [9, 2, 4_000_000_000, 1])
    known = bytearray(3)
    assert kernel.new_windows([0, 1, 2], spans, 2, known) == [0, 1, 2]

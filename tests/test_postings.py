"""Posting lists come back as they went in, compiled and interpreted; damage is refused."""

from __future__ import annotations

import random
from array import array
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kernel_modes import interpreted

from vnsearch.errors import IndexCorruptError
from vnsearch.kernels import postings as native

Postings = list[tuple[int, list[int]]]  # (document, positions), ascending


def encode(
    kernel: ModuleType, lists: list[Postings], doc_count: int
) -> tuple[array[int], array[int], array[int], array[int]]:
    """Return (postings, positions, doc offsets, position offsets)."""
    docs, freqs, positions, bounds = array("I"), array("I"), array("I"), array("I", [0])
    for one in lists:
        for doc, places in one:
            docs.append(doc)
            freqs.append(len(places))
            positions.extend(places)
        bounds.append(len(docs))
    encoder = kernel.PostingsEncoder()
    doc_offsets = array("I", bytes(4 * len(lists)))
    pos_offsets = array("I", bytes(4 * len(lists)))
    lengths = array("I", [50]) * doc_count
    encoder.add_terms(bounds, docs, freqs, positions, lengths, 50.0, doc_offsets, pos_offsets)
    return *encoder.finish(), doc_offsets, pos_offsets


def made_lists(seed: int, doc_count: int) -> list[Postings]:
    """Return lists of every shape: one posting, a full block, several, rare and dense."""
    rnd = random.Random(seed)
    lists = []
    for df in (1, 2, 127, 128, 129, 256, 300, doc_count):
        docs = sorted(rnd.sample(range(doc_count), df))
        lists.append(
            [
                (
                    doc,
                    sorted(rnd.sample(range(rnd.choice((60, 3_000, 1 << 30))), rnd.randint(1, 40))),
                )
                for doc in docs
            ]
        )
    return lists


@pytest.mark.parametrize("kernel", [native, interpreted("postings")])
def test_lists_come_back(kernel: ModuleType) -> None:
    lists = made_lists(3, 400)
    stream, places, doc_offsets, pos_offsets = encode(kernel, lists, 400)
    for number, expected in enumerate(lists):
        cursor = kernel.Cursor(
            stream, places, doc_offsets[number], pos_offsets[number], len(expected), 400
        )
        found: Postings = []
        for block in range(cursor.block_count()):
            docs, freqs = cursor.read_block(block)
            positions = cursor.read_positions()
            assert freqs == [len(one) for one in positions]
            assert cursor.block_last(block) >= docs[-1]
            found += zip(docs, positions, strict=True)
        assert found == expected
        docs, freqs, flat = cursor.decode(True)
        assert list(docs) == [doc for doc, _ in expected]
        assert list(flat) == [place for _, one in expected for place in one]


@pytest.mark.parametrize("kernel", [native, interpreted("postings")])
def test_streams_taken_in_pieces_are_the_whole_ones(kernel: ModuleType) -> None:
    lists = made_lists(4, 400)
    encoder = kernel.PostingsEncoder()
    stream, places, offsets = b"", b"", []
    for one in lists:
        docs = array("I", [doc for doc, _ in one])
        freqs = array("I", [len(found) for _, found in one])
        flat = array("I", [place for _, found in one for place in found])
        at, pos_at = array("I", [0]), array("I", [0])
        lengths = array("I", [50]) * 400
        bounds = array("I", [0, len(one)])
        encoder.add_terms(bounds, docs, freqs, flat, lengths, 50.0, at, pos_at)
        taken = encoder.take()
        stream, places = stream + bytes(taken[0]), places + bytes(taken[1])
        offsets.append((at[0], pos_at[0]))
    padded = [array("I", part + bytes(8)) for part in (stream, places)]
    for (at_doc, at_pos), expected in zip(offsets, lists, strict=True):
        docs, freqs, flat = kernel.Cursor(*padded, at_doc, at_pos, len(expected), 400).decode(True)
        assert list(docs) == [doc for doc, _ in expected]
        assert list(flat) == [place for _, found in expected for place in found]


def test_interpreted_streams_are_the_compiled_ones() -> None:
    lists = made_lists(5, 300)
    assert encode(native, lists, 300) == encode(interpreted("postings"), lists, 300)


@given(
    st.lists(
        st.dictionaries(
            st.integers(0, 499),
            st.sets(st.integers(0, 2**31), min_size=1, max_size=5),
            min_size=1,
            max_size=200,
        ),
        min_size=1,
        max_size=4,
    )
)
@settings(max_examples=60)
def test_any_lists_come_back(raw: list[dict[int, set[int]]]) -> None:
    lists = [[(doc, sorted(one[doc])) for doc in sorted(one)] for one in raw]
    stream, places, doc_offsets, pos_offsets = encode(native, lists, 500)
    for number, expected in enumerate(lists):
        cursor = native.Cursor(
            stream, places, doc_offsets[number], pos_offsets[number], len(expected), 500
        )
        docs, freqs, flat = cursor.decode(True)
        assert list(zip(docs, freqs, strict=True)) == [(doc, len(one)) for doc, one in expected]
        assert flat is not None
        assert list(flat) == [place for _, one in expected for place in one]


@given(st.sets(st.integers(0, 5_000), min_size=1, max_size=700), st.lists(st.integers(0, 5_000)))
@settings(max_examples=60)
def test_a_cursor_seeks_forward(docs: set[int], targets: list[int]) -> None:
    ordered = sorted(docs)
    stream, places, doc_offsets, pos_offsets = encode(
        native, [[(doc, [doc % 7]) for doc in ordered]], 5_001
    )
    cursor = native.Cursor(stream, places, doc_offsets[0], pos_offsets[0], len(ordered), 5_001)
    for target in sorted(targets):
        assert cursor.frequency(target) == (1 if target in docs else 0)
    cursor.rewind()
    assert cursor.frequency(ordered[0]) == 1


@pytest.mark.parametrize("seed", range(40))
def test_damaged_streams_never_crash(seed: int) -> None:
    """Any words at all decode to something in range or raise our error."""
    rnd = random.Random(seed)
    lists = made_lists(seed, 350)
    stream, places, doc_offsets, pos_offsets = encode(native, lists, 350)
    for _ in range(60):
        damaged, damaged_places = array("I", stream), array("I", places)
        for _ in range(rnd.randint(1, 3)):
            target = rnd.choice((damaged, damaged_places))
            target[rnd.randrange(len(target))] = rnd.getrandbits(32)
        if rnd.random() < 0.3:
            damaged = damaged[: rnd.randint(1, len(damaged))]
            damaged_places = damaged_places[: rnd.randint(1, len(damaged_places))]
        number = rnd.randrange(len(lists))
        try:
            cursor = native.Cursor(
                damaged,
                damaged_places,
                doc_offsets[number],
                pos_offsets[number],
                len(lists[number]),
                350,
            )
            docs, _, _ = cursor.decode(True)
        except IndexCorruptError:
            continue
        assert all(doc < 350 for doc in docs)


def test_a_skip_table_that_lies_is_refused() -> None:
    one = [(doc, [doc % 7]) for doc in range(0, 900, 3)]
    stream, places, _, _ = encode(native, [one], 900)
    for entry, word in ((0, 5), (1, 700), (2, 899)):
        damaged = array("I", stream)
        damaged[4 * entry] = word
        cursor = native.Cursor(damaged, places, 0, 0, len(one), 900)
        with pytest.raises(IndexCorruptError, match="skip table"):
            cursor.decode()


def test_no_positions_are_read_for_two_blocks() -> None:
    """Else every block of a small file could name the whole stream."""
    one = [(doc, [doc % 7, 50]) for doc in range(300)]
    stream, places, _, _ = encode(native, [one], 300)
    stream[4 + 2] = 0  # where the second block's begin
    cursor = native.Cursor(stream, places, 0, 0, len(one), 300)
    with pytest.raises(IndexCorruptError, match="positions"):
        cursor.decode(True)


@pytest.mark.parametrize("kernel", [native, interpreted("postings")])
@pytest.mark.parametrize("docs", [[5, 300], [300], [7, 6]])
def test_listed_documents_are_there_and_ascend(kernel: ModuleType, docs: list[int]) -> None:
    ones = array("I", [1]) * len(docs)
    with pytest.raises(IndexCorruptError, match="listed document"):
        kernel.listed_cursor(array("I", docs), ones, 300)


@pytest.mark.parametrize("kernel", [native, interpreted("postings")])
def test_lists_that_share_words_are_refused(kernel: ModuleType) -> None:
    """Else a small file could name its longest list once for each of a million terms."""
    lists = made_lists(5, 400)
    stream, places, doc_offsets, pos_offsets = encode(kernel, lists, 400)
    df = array("I", map(len, lists))

    def fit(docs: array[int], positions: array[int], counts: array[int]) -> bool:
        answer: bool = kernel.lists_fit(docs, positions, counts, len(stream), len(places))
        return answer

    assert fit(doc_offsets, pos_offsets, df)
    assert not kernel.lists_fit(doc_offsets, pos_offsets, df, doc_offsets[-1], len(places))
    for term in range(len(lists)):
        for which in range(3):
            numbers = [doc_offsets[:], pos_offsets[:], df[:]]
            if which == 2:
                numbers[2][term] = 0
            elif term:
                numbers[which][term] = numbers[which][term - 1]
            else:
                numbers[which][term] = numbers[which][-1] + 1
            assert not fit(*numbers)
    df[0] = 400
    assert not fit(doc_offsets, pos_offsets, df)
    assert kernel.lists_fit(array("I"), array("I"), array("I"), 2, 2)


@pytest.mark.parametrize("kernel", [native, interpreted("postings")])
def test_every_highest_impact_is_proved(kernel: ModuleType) -> None:
    lists = made_lists(6, 400)
    stream, places, doc_offsets, pos_offsets = encode(kernel, lists, 400)
    df = array("I", map(len, lists))
    lengths = array("I", [50]) * 400

    def first_wrong(sizes: array[int], average: float) -> int:
        found = kernel.PostingLists(stream, places, doc_offsets, pos_offsets, df, 400)
        wrong: int = kernel.misstated_impact(found, sizes, average)
        return wrong

    assert first_wrong(lengths, 50.0) == -1
    assert first_wrong(lengths, 51.0) == 0
    assert first_wrong(array("I", [51]) * 400, 50.0) == 0
    for term, offset in enumerate(doc_offsets):
        blocks = -(-df[term] // 128)
        for block in range(blocks):
            head = offset + 4 * block + 3 if blocks > 1 else offset
            for step in (-(1 << 16), 1 << 16):
                stream[head] += step
                assert first_wrong(lengths, 50.0) == term
                stream[head] -= step
    with pytest.raises(ValueError, match="fewer lengths"):
        first_wrong(lengths[1:], 50.0)

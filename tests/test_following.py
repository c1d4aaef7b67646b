"""What may come next, as the kernel picks it, against sorting everything."""

import math
import random
from array import array
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kernel_modes import interpreted
from test_postings import encode

from vnsearch.errors import IndexCorruptError
from vnsearch.kernels import following, postings
from vnsearch.kernels.counts import CountsEncoder, CountTable

KERNELS = pytest.mark.parametrize(
    "kernel", [following, interpreted("following")], ids=["installed", "interpreted"]
)

numbers = st.lists(st.integers(0, 9), min_size=1, max_size=40)


@KERNELS
@settings(max_examples=60)
@given(df=numbers, data=st.data(), room=st.integers(1, 6))
def test_the_terms_of_most_documents(
    kernel: ModuleType, df: list[int], data: st.DataObject, room: int
) -> None:
    places = st.integers(0, len(df) - 1)
    members = data.draw(st.lists(places, max_size=30, unique=True))
    low, high = sorted(data.draw(st.tuples(places, places)))
    found = kernel.most_documents(array("I", df), array("I", members), low, high, room)

    def best(ordinals: list[int]) -> list[tuple[int, int]]:
        ranked = sorted(ordinals, key=lambda ordinal: (-df[ordinal], ordinal))
        return [(ordinal, df[ordinal]) for ordinal in ranked[:room]]

    assert sorted(found) == sorted(best(members) + best(list(range(low, high))))


@KERNELS
@settings(max_examples=60)
@given(
    pairs=st.dictionaries(
        st.tuples(st.integers(0, 29), st.integers(0, 29)), st.integers(1, 9), max_size=300
    ),
    spare=st.lists(st.integers(0, 9), min_size=30, max_size=30),
    mask=st.none() | st.lists(st.integers(0, 1), min_size=30, max_size=30),
    term=st.integers(0, 29),
    room=st.integers(1, 6),
)
def test_the_best_followers(
    kernel: ModuleType,
    pairs: dict[tuple[int, int], int],
    spare: list[int],
    mask: list[int] | None,
    term: int,
    room: int,
) -> None:
    df = [
        max([n for (_, b), n in pairs.items() if b == o], default=0) + spare[o] for o in range(30)
    ]
    encoder = CountsEncoder()
    keys = sorted(pairs)
    encoder.extend(
        array("Q", [a * 30 + b for a, b in keys]), array("I", [pairs[key] for key in keys])
    )
    table = CountTable(*encoder.finish())
    allowed = None if mask is None else bytearray(mask)
    found = kernel.best_followers(table, array("I", df), term, allowed, room)
    followers = [
        (b, count, df[b])
        for (a, b), count in pairs.items()
        if a == term and (mask is None or mask[b])
    ]
    followers.sort(key=lambda one: (-one[1] * math.sqrt(one[1] / max(df[one[0]], 1)), one[0]))
    assert found == followers[:room]


@KERNELS
@settings(max_examples=20)
@given(
    seed=st.integers(0, 1 << 32),
    size=st.integers(200, 900),
    room=st.integers(1, 20),
    masked=st.sampled_from(["no", "half", "a stretch"]),
)
def test_the_best_followers_of_a_common_term(
    kernel: ModuleType, seed: int, size: int, room: int, masked: str
) -> None:
    """Its row is in several blocks, of which most hold none of the best."""
    rng = random.Random(seed)
    terms = 1000
    rows = {a: sorted(rng.sample(range(terms), size if a == 1 else 40)) for a in range(3)}
    entries = [
        (a * terms + b, int(rng.paretovariate(0.7)) % 9999 + 1) for a in rows for b in rows[a]
    ]
    encoder = CountsEncoder()
    encoder.extend(array("Q", [key for key, _ in entries]), array("I", [n for _, n in entries]))
    counts = {key - terms: count for key, count in entries if terms <= key < 2 * terms}
    df = array("I", [counts.get(b, 0) + rng.randrange(9) ** 4 for b in range(terms)])
    mask = None
    if masked == "half":
        mask = bytearray(rng.randrange(2) for _ in range(terms))
    elif masked == "a stretch":
        mask = bytearray(terms)
        low = rng.randrange(terms)
        kernel.mark_members(mask, array("I", [rng.randrange(terms)]), low, min(low + 60, terms))
    followers = [(b, count, df[b]) for b, count in counts.items() if mask is None or mask[b]]
    followers.sort(key=lambda one: (-one[1] * math.sqrt(one[1] / max(df[one[0]], 1)), one[0]))
    table = CountTable(*encoder.finish())
    assert kernel.best_followers(table, df, 1, mask, room) == followers[:room]


@KERNELS
def test_members_are_marked_and_checked(kernel: ModuleType) -> None:
    mask = bytearray(6)
    kernel.mark_members(mask, array("I", [5, 1]), 2, 4)
    assert list(mask) == [0, 1, 1, 1, 0, 1]
    df = array("I", [1] * 6)
    with pytest.raises(IndexCorruptError):
        kernel.mark_members(mask, array("I", [6]), 0, 0)
    with pytest.raises(IndexCorruptError):
        kernel.most_documents(df, array("I", [6]), 0, 0, 3)
    with pytest.raises(IndexError):
        kernel.mark_members(mask, array("I"), 0, 7)
    with pytest.raises(IndexError):
        kernel.most_documents(df, array("I"), 0, 7, 3)
    with pytest.raises(ValueError, match="room"):
        kernel.most_documents(df, array("I"), 0, 0, 0)
    table = CountTable(*CountsEncoder().finish())
    with pytest.raises(IndexError):
        kernel.best_followers(table, df, 6, None, 3)
    with pytest.raises(ValueError, match="a byte for every"):
        kernel.best_followers(table, df, 0, b"\1", 3)


@KERNELS
def test_followers_are_named(kernel: ModuleType) -> None:
    asked = []

    def read(ordinals: list[int]) -> dict[int, str]:
        asked.append(ordinals)
        return {ordinal: f"term {ordinal}" for ordinal in ordinals}

    best = [(4, 2, 9), (1, 2, 3), (7, 1, 1)]
    found = kernel.followers(best, {1: "one"}, read, tuple)
    assert found == [("term 4", 2, 9), ("one", 2, 3), ("term 7", 1, 1)]
    assert asked == [[4, 7]]
    assert kernel.followers(best[1:2], {1: "one"}, read, tuple) == [("one", 2, 3)]
    assert kernel.followers([], {}, read, tuple) == []
    assert len(asked) == 1


rows = st.lists(st.lists(st.integers(0, 3), max_size=8), min_size=1, max_size=9)


@KERNELS
@settings(max_examples=60)
@given(texts=rows, room=st.integers(1, 4), patience=st.integers(1, 9))
def test_trails(kernel: ModuleType, texts: list[list[int]], room: int, patience: int) -> None:
    code = postings if kernel is following else kernel  # compiled cursors for the compiled kernel
    lists = [
        [
            (doc, places)
            for doc, text in enumerate(texts)
            if (places := [at for at, one in enumerate(text) if one == term])
        ]
        for term in range(4)
    ]
    df = array("I", map(len, lists))
    stream, position_stream, doc_offsets, pos_offsets = encode(postings, lists, len(texts))
    found = code.PostingLists(stream, position_stream, doc_offsets, pos_offsets, df, len(texts))
    trail = kernel.trail_of(found.cursor(0), found.cursor(1), room, patience)
    both = [doc for doc, text in enumerate(texts) if {0, 1} <= {*text}][:patience]
    stands = [
        (doc, at + 2)
        for doc in both
        for at in range(len(texts[doc]))
        if texts[doc][at : at + 2] == [0, 1]
    ]
    docs = sorted({doc for doc, _ in stands})[:room]
    stands = [place for place in stands if place[0] in docs]
    assert list(zip(trail.docs, trail.places, strict=True)) == stands
    assert trail.documents == len(docs)
    longer = [
        [(doc, at + 1) for doc, at in stands if texts[doc][at : at + 1] == [t]] for t in (0, 2)
    ]
    for term, expected in zip((0, 2), longer, strict=True):
        further = trail.go_on(found.cursor(term))
        assert list(zip(further.docs, further.places, strict=True)) == expected
        assert further.documents == len({doc for doc, _ in expected})
    counts = [len({doc for doc, _ in expected}) for expected in longer]
    assert trail.count(found, [0, 2, -1]) == [*counts, 0]

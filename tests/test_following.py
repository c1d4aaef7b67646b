"""What may come next, as the kernel picks it, against sorting everything."""

import math
import random
from array import array
from collections.abc import Iterable
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
    for room in (0, 65):
        with pytest.raises(ValueError, match="room"):
            kernel.most_documents(df, array("I"), 0, 0, room)
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


def posting_lists(
    kernel: ModuleType, texts: list[list[int]], terms: int = 4
) -> postings.PostingLists:
    """Return where the terms stand in the texts, for a kernel as it runs."""
    code = postings if kernel is following else kernel  # compiled cursors for the compiled kernel
    lists = [
        [
            (doc, places)
            for doc, text in enumerate(texts)
            if (places := [at for at, one in enumerate(text) if one == term])
        ]
        for term in range(terms)
    ]
    df = array("I", map(len, lists))
    found: postings.PostingLists = code.PostingLists(
        *encode(postings, lists, len(texts)), df, len(texts)
    )
    return found


def behind(texts: list[list[int]], row: list[int], docs: Iterable[int]) -> list[tuple[int, int]]:
    """Return (document, place) right after each occurrence of a row in some texts."""
    return [
        (doc, at + len(row))
        for doc in docs
        for at in range(len(texts[doc]))
        if texts[doc][at : at + len(row)] == row
    ]


@KERNELS
@settings(max_examples=60)
@given(texts=rows, room=st.integers(1, 4), patience=st.integers(1, 9))
def test_trails(kernel: ModuleType, texts: list[list[int]], room: int, patience: int) -> None:
    lists = posting_lists(kernel, texts)
    trail = kernel.trail_of(lists, 0, 1, room, patience)
    both = [doc for doc, text in enumerate(texts) if {0, 1} <= {*text}][:patience]
    docs = sorted({doc for doc, _ in behind(texts, [0, 1], both)})[:room]
    assert trail.places() == behind(texts, [0, 1], docs)
    assert trail.documents == len(docs)
    longer = [behind(texts, [0, 1, term], docs) for term in (0, 2, 3)]
    assert trail.reaches(lists, [2]) == bool(longer[1])
    for asked in ([0], [0, 2, -1, 3], [3, 2, 0]):  # what was found is kept
        for term, further in zip(asked, trail.go_on(lists, asked), strict=True):
            expected = behind(texts, [0, 1, term], docs)
            assert further.places() == expected
            assert further.documents == len({doc for doc, _ in expected})
    for more in ([0, 1], [2, 3], [1, 1, 1], [3, -1]):
        assert trail.reaches(lists, more) == bool(behind(texts, [0, 1, *more], docs))


@KERNELS
@settings(max_examples=15)
@given(seed=st.integers(0, 1 << 32))
def test_trails_in_long_documents(kernel: ModuleType, seed: int) -> None:
    """There the low bits of places tell most that do not go on from those that do."""
    rng = random.Random(seed)
    texts = [
        rng.choices(range(9), (9, 9, 5, 5, 5, 3, 3, 1, 1), k=rng.choice((9, 200, 900)))
        for _ in range(rng.choice((5, 60)))
    ]
    for text in texts:  # and one that hardly ever stands there
        text.insert(rng.randrange(len(text)), 9)
    lists = posting_lists(kernel, texts, 10)
    every = range(len(texts))
    trail = kernel.trail_of(lists, 7, 8, len(texts), len(texts))
    assert trail.places() == behind(texts, [7, 8], every)
    for term, further in zip(range(10), trail.go_on(lists, list(range(10))), strict=True):
        assert further.places() == behind(texts, [7, 8, term], every)
    for row in ([0, 1], [9], [4, 4], [2, 9]):
        assert trail.reaches(lists, row) == bool(behind(texts, [7, 8, *row], every))
        common = kernel.trail_of(lists, 0, 1, 3, 5)
        docs = sorted({doc for doc, _ in common.places()})
        assert common.reaches(lists, row) == bool(behind(texts, [0, 1, *row], docs))


@KERNELS
@settings(max_examples=15)
@given(
    seed=st.integers(0, 1 << 32),
    shares=st.tuples(*[st.sampled_from((0.02, 0.3, 0.9))] * 3),
    room=st.sampled_from((1, 80, 900)),
    patience=st.sampled_from((1, 200, 900)),
)
def test_trails_in_many_documents(
    kernel: ModuleType, seed: int, shares: tuple[float, ...], room: int, patience: int
) -> None:
    """The lists are of several blocks, which end at other documents in each."""
    rng = random.Random(seed)
    texts = []
    for _ in range(700):
        text = [term for term, share in enumerate(shares) if rng.random() < share]
        texts.append([*text, 3, *rng.sample(text, len(text))])
    lists = posting_lists(kernel, texts)
    trail = kernel.trail_of(lists, 0, 1, room, patience)
    both = [doc for doc, text in enumerate(texts) if {0, 1} <= {*text}][:patience]
    docs = sorted({doc for doc, _ in behind(texts, [0, 1], both)})[:room]
    assert trail.places() == behind(texts, [0, 1], docs)
    for row in ([2], [2, 3], [3, 0], [3, 2, 1]):
        assert trail.reaches(lists, row) == bool(behind(texts, [0, 1, *row], docs))
    for term, further in zip((3, 2, 0), trail.go_on(lists, [3, 2, 0]), strict=True):
        assert further.places() == behind(texts, [0, 1, term], docs)
        for more in ([1], [2, 3]):
            expected = bool(behind(texts, [0, 1, term, *more], docs))
            assert further.reaches(lists, more) == expected


@KERNELS
def test_a_trail_of_many_places(kernel: ModuleType) -> None:
    texts = [[0, 1] * 120, [0, 1, 2] * 50]
    lists = posting_lists(kernel, texts)
    trail = kernel.trail_of(lists, 0, 1, 9, 9)
    assert trail.places() == behind(texts, [0, 1], (0, 1))
    assert [one.documents for one in trail.go_on(lists, [0, 2])] == [1, 1]
    assert trail.reaches(lists, [0, 1, 0])
    assert not trail.reaches(lists, [2, 2])


@KERNELS
def test_what_stands_nowhere_goes_on_nowhere(kernel: ModuleType) -> None:
    lists = posting_lists(kernel, [[0, 2, 1]])
    trail = kernel.trail_of(lists, 0, 1, 9, 9)
    assert (trail.documents, trail.places()) == (0, [])
    (further,) = trail.go_on(lists, [2])
    assert (further.documents, further.places()) == (0, [])
    assert not trail.reaches(lists, [2])

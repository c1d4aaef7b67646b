"""The search kernels equal an exhaustive reference, pruned or not, compiled or interpreted."""

from __future__ import annotations

import math
import random
from array import array
from types import ModuleType
from typing import TypeAlias

import pytest
from kernel_modes import interpreted, merged
from test_postings import Postings, encode

from vnsearch.errors import IndexCorruptError
from vnsearch.kernels import layout, matching, postings, rescoring, scoring, sequences

COMPILED = merged(scoring, sequences, rescoring, layout, matching)
INTERPRETED = merged(*map(interpreted, ("scoring", "sequences", "rescoring", "layout", "matching")))

K1 = 0.9
DOCS = 9_000


class Lists:
    """Random posting lists over ``DOCS`` documents with a rate per document."""

    def __init__(self, seed: int, dfs: list[int], kernel: ModuleType = postings) -> None:
        rnd = random.Random(seed)
        self.lists: list[Postings] = []
        for df in dfs:
            docs = sorted(rnd.sample(range(DOCS), df))
            self.lists.append(
                [(doc, sorted(rnd.sample(range(30), rnd.choice((1, 1, 2, 5))))) for doc in docs]
            )
        self.rates = array("d", [1 / (0.1 + 0.9 * rnd.choice((0.5, 1, 1, 3))) for _ in range(DOCS)])
        self.kernel = kernel
        self.streams = encode(kernel, self.lists, DOCS)
        # impacts are written for lengths of 50 all through: how much more a rate may be here
        self.drift = max(self.rates)

    def cursor(self, number: int) -> postings.Cursor:
        stream, places, doc_offsets, pos_offsets = self.streams
        cursor: postings.Cursor = self.kernel.Cursor(
            stream, places, doc_offsets[number], pos_offsets[number], len(self.lists[number]), DOCS
        )
        return cursor

    def groups(
        self, shapes: list[list[int]], weights: list[float], kernel: ModuleType = COMPILED
    ) -> list[scoring.Group]:
        return [
            kernel.Group(
                [
                    kernel.Term(self.cursor(number), 1.0 + at, self.rates, self.drift)
                    for at, number in enumerate(shape)
                ],
                weight,
            )
            for shape, weight in zip(shapes, weights, strict=True)
        ]

    def reference(
        self,
        shapes: list[list[int]],
        weights: list[float],
        mask: bytes | None = None,
        required: bool = False,
    ) -> list[tuple[float, int]]:
        """Score every document the obvious way; best first."""
        scores: dict[int, float] = {}
        hits: dict[int, int] = {}
        for shape, weight in zip(shapes, weights, strict=True):
            x: dict[int, float] = {}
            for at, number in enumerate(shape):
                for doc, places in self.lists[number]:
                    x[doc] = x.get(doc, 0.0) + (1.0 + at) * (len(places) * self.rates[doc])
            for doc, value in x.items():
                part = weight * (K1 + 1) * value / (value + K1)
                scores[doc] = scores.get(doc, 0.0) + round(part * 2**32) / 2**32
                hits[doc] = hits.get(doc, 0) + 1
        return sorted(
            (
                (score, doc)
                for doc, score in scores.items()
                if (mask is None or mask[doc]) and (not required or hits[doc] == len(shapes))
            ),
            key=lambda one: (-one[0], one[1]),
        )


Ranked: TypeAlias = "tuple[array[int], array[float]]"


def ranked(found: list[tuple[float, int]]) -> Ranked:
    """Return what a search gives back: documents, and their scores."""
    return array("I", [doc for _, doc in found]), array("d", [score for score, _ in found])


SHAPES = {
    "one term": [[0]],
    "two terms": [[0], [3]],
    "five terms": [[0], [1], [2], [3], [4]],
    "two fields": [[0, 1], [2, 3]],
    "synonyms": [[0, 1, 2], [5], [4, 3]],
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("k", [1, 10, 100, 256, 300, DOCS])
@pytest.mark.parametrize("required", [False, True])
@pytest.mark.parametrize("masked", [False, True])
def test_top_is_the_reference(shape: str, k: int, required: bool, masked: bool) -> None:
    lists = Lists(7, [4_000, 900, 130, 60, 2_500, 3])
    shapes = SHAPES[shape]
    weights = [3.0, 1.5, 2.0, 0.7, 0.1][: len(shapes)]
    mask = bytes(doc % 3 != 0 for doc in range(DOCS)) if masked else None
    expected = lists.reference(shapes, weights, mask, required)
    for prune in (True, False):
        search = matching.Search(lists.groups(shapes, weights), K1, DOCS, k, mask, required, prune)
        assert search.top() == ranked(expected[:k])


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("every", [3, 100, 1_000])
def test_documents_known_to_be_gone_do_not_count(shape: str, every: int) -> None:
    lists = Lists(7, [4_000, 900, 130, 60, 2_500, 3])
    shapes = SHAPES[shape]
    weights = [3.0, 1.5, 2.0, 0.7, 0.1][: len(shapes)]
    expected = lists.reference(shapes, weights)
    # the best are gone: what is expected of the lists must not rest on them
    mask = bytearray(b"\1") * DOCS
    for doc in [*range(0, DOCS, every), *(doc for _, doc in expected[:5])]:
        mask[doc] = 0
    expected = lists.reference(shapes, weights, bytes(mask))
    for k in (1, 5, 40):
        gone = mask.count(0)
        search = matching.Search(lists.groups(shapes, weights), K1, DOCS, k, mask, gone=gone)
        assert search.top() == ranked(expected[:k])


def test_a_field_that_a_document_lacks_counts_nothing_whatever_its_rate() -> None:
    lists = Lists(7, [4_000, 900, 2_500, 1_500])
    shapes, weights = [[0, 1], [2, 3]], [0.1, 2.0]
    expected = lists.reference(shapes, weights)
    groups = []
    for shape, weight in zip(shapes, weights, strict=True):
        terms = []
        for at, number in enumerate(shape):
            # with b = 1 an empty field's rate is infinite
            rates = array("d", [math.inf]) * DOCS
            for doc, _ in lists.lists[number]:
                rates[doc] = lists.rates[doc]
            terms.append(scoring.Term(lists.cursor(number), 1.0 + at, rates, lists.drift))
        groups.append(scoring.Group(terms, weight))
    for k in (10, 300):
        for group in groups:
            group.rewind()
        found = matching.Search(groups, K1, DOCS, k).top()
        assert found == ranked(expected[:k])


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("k", [10, 300, DOCS])
@pytest.mark.parametrize("rare", [False, True])
def test_it_is_noted_which_groups_stand_in_a_document(shape: str, k: int, rare: bool) -> None:
    # with a rare first list that weighs most, one list is walked and the others are looked up in
    sizes = [40 if rare else 4_000, 900, 130, 60, 2_500, 3]
    weights = [30.0 if rare else 3.0, 1.5, 2.0, 0.7, 0.1][: len(SHAPES[shape])]
    for kernel, code in ((COMPILED, postings), (INTERPRETED, interpreted("postings"))):
        if kernel is not COMPILED and k != 10:
            continue
        lists = Lists(7, sizes, code)
        stand = [{doc for n in group for doc, _ in lists.lists[n]} for group in SHAPES[shape]]
        groups = lists.groups(SHAPES[shape], weights, kernel)
        search = kernel.Search(groups, K1, DOCS, k, noted=True)
        docs, scores = search.top()
        assert (docs, scores) == ranked(lists.reference(SHAPES[shape], weights)[:k])
        assert len(search.present) == len(docs)
        for doc, bits in zip(docs, search.present, strict=True):
            noted = sum((doc in one) << at for at, one in enumerate(stand))
            assert bits == noted or (len(stand) == 1 and bits & 1)


def test_a_group_that_may_add_nothing_or_comes_late_is_not_noted() -> None:
    lists = Lists(5, [200] * 40)
    groups = lists.groups([[number] for number in range(39)], [1.0] * 39)
    groups.insert(3, scoring.Group([scoring.Term(lists.cursor(39), 0.0, lists.rates)], 1.0))
    search = matching.Search(groups, K1, DOCS, 50, noted=True)
    docs, _ = search.top()
    assert search.present is not None
    stand = [{doc for doc, _ in one} for one in lists.lists]
    stand.insert(3, set())
    for doc, bits in zip(docs, search.present, strict=True):
        assert bits == sum((doc in one) << at for at, one in enumerate(stand[:32]))


def test_equal_scores_go_to_the_earlier_document() -> None:
    lists = Lists(1, [2_000])
    lists.rates = array("d", [1.0]) * DOCS
    flat = [[(doc, [0]) for doc, _ in lists.lists[0]]]
    lists.lists = flat
    lists.streams = encode(postings, flat, DOCS)
    for k in (1, 15, 16, 50, 200, 300, 700, 2_000):
        for mask in (None, bytes(doc % 3 != 0 for doc in range(DOCS))):
            docs, _ = matching.Search(lists.groups([[0]], [1.0]), K1, DOCS, k, mask).top()
            assert list(docs) == [doc for doc, _ in flat[0] if mask is None or mask[doc]][:k]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("required", [False, True])
@pytest.mark.parametrize("order", ["any", "rising", "falling"])
def test_what_is_too_far_from_the_best_need_not_come(
    shape: str, required: bool, order: str
) -> None:
    dfs, shapes = [4_000, 900, 130, 60, 2_500, 3], SHAPES[shape]
    weights = [3.0, 1.5, 2.0, 0.7, 0.1][: len(shapes)]
    for kernel, code in ((COMPILED, postings), (INTERPRETED, interpreted("postings"))):
        lists = Lists(7, dfs, code)
        if order != "any":
            step = 1.0 if order == "rising" else -1.0
            lists.rates = array("d", [10 ** (step * doc / DOCS) for doc in range(DOCS)])
            lists.drift = max(lists.rates)
        expected = lists.reference(shapes, weights, None, required)
        for k, sure, share in ((250, 50, 0.5), (40, 8, 0.9), (300, 70, 0.01), (9, 20, 0.7)):
            groups = lists.groups(shapes, weights, kernel)
            search = kernel.Search(groups, K1, DOCS, k, required=required, sure=sure, share=share)
            docs, scores = search.top()
            wanted = [
                (score, doc)
                for rank, (score, doc) in enumerate(expected[:k])
                if rank < sure or score > share * expected[0][0]
            ]
            assert len(docs) <= k
            assert (docs[: len(wanted)], scores[: len(wanted)]) == ranked(wanted)


@pytest.mark.parametrize("rising", [False, True])
def test_the_best_are_chosen_in_whichever_order_they_come(rising: bool) -> None:
    lists = Lists(1, [8_000])
    rnd = random.Random(2)
    # many scores are equal; rising, all that came before is dropped again and again
    rates = [doc // 7 if rising else rnd.randrange(40) for doc in range(DOCS)]
    lists.rates = array("d", [1 / (1 + DOCS - rate) for rate in rates])
    expected = lists.reference([[0]], [1.0])
    for k in (1, 2, 16, 17, 100, 250, 256, 257, 1_000, 5_000):
        for kernel, own in ((COMPILED, lists), (INTERPRETED, None)):
            if own is None:
                if k not in (17, 257):
                    continue
                own = Lists(1, [8_000], interpreted("postings"))
                own.rates = lists.rates
            term = kernel.Term(own.cursor(0), 1.0, own.rates, 0.0)
            assert kernel.Search([kernel.Group([term], 1.0)], K1, DOCS, k).top() == ranked(
                expected[:k]
            )


@pytest.mark.parametrize("required", [False, True])
@pytest.mark.parametrize("shapes", [[[0, 1], [2]], [[0], [2], [3]]])
def test_interpreted_search_is_the_compiled_one(shapes: list[list[int]], required: bool) -> None:
    kernel, code = INTERPRETED, interpreted("postings")
    sizes, weights = [700, 90, 1_500, 4_000], [2.0, 1.0, 0.5][: len(shapes)]
    found = [
        own.Search(
            Lists(2, sizes, coded).groups(shapes, weights, own), K1, DOCS, 40, required=required
        ).top()
        for own, coded in ((COMPILED, postings), (kernel, code))
    ]
    assert found[0] == found[1]
    assert len(found[0][0]) == 40


@pytest.mark.parametrize("slop", [0, 2])
@pytest.mark.parametrize("numbers", [[0, 1], [1, 0, 2], [0, 0]])
def test_phrases_are_found_by_position(numbers: list[int], slop: int) -> None:
    lists = Lists(9, [3_000, 3_500, 4_000])
    shared = {number: sequences.Places([lists.cursor(number)]) for number in set(numbers)}
    sequence = sequences.Sequence(
        [shared[n] for n in numbers], 1.0, sequences.Surroundings(lists.rates), slop=slop
    )
    docs, freqs = matching.phrase_postings(sequence, DOCS)
    places = [dict(one) for one in lists.lists]
    expected = {}
    for doc in range(DOCS):
        count = 0
        for start in places[numbers[0]].get(doc, []):
            ends = [start]
            for number in numbers[1:]:
                ends = [p for p in places[number].get(doc, []) if p > min(ends, default=DOCS)]
            count += min(ends, default=DOCS) - start <= len(numbers) - 1 + slop
        if count:
            expected[doc] = count
    assert dict(zip(docs, freqs, strict=True)) == expected


def test_places_that_are_alike_in_their_low_bits_are_told_apart() -> None:
    rnd = random.Random(3)
    left, right, expected = [], [], {}
    for doc in range(0, DOCS, 3):
        starts = sorted(rnd.sample(range(0, 60_000, 7), rnd.choice((1, 1, 2, 3, 9, 70))))
        ends = sorted({at + 1 + rnd.choice((0, 1, -4, 64, 256, 1_024)) for at in starts})
        left.append((doc, starts))
        right.append((doc, [at for at in ends if at >= 0] or [5]))
        count = sum(at + 1 in right[-1][1] for at in starts)
        if count:
            expected[doc] = count
    for kernel, code in ((COMPILED, postings), (INTERPRETED, interpreted("postings"))):
        lists = Lists(1, [1], code)
        lists.lists = [left, right]
        lists.streams = encode(code, lists.lists, DOCS)
        row = kernel.Sequence(
            [kernel.Places([lists.cursor(number)]) for number in (0, 1)],
            1.0,
            kernel.Surroundings(lists.rates),
        )
        docs, freqs = kernel.phrase_postings(row, DOCS)
        assert dict(zip(docs, freqs, strict=True)) == expected


def rescorer(
    lists: Lists,
    kernel: ModuleType = COMPILED,
    lead: float = 0.5,
    shared: tuple[list[postings.Cursor], list[scoring.Group]] | None = None,
) -> rescoring.Rescorer:
    """Return what scores two groups (of lists 0, and 1 and 2), two pairs and a sequence that
    stands only where the first pair does, leads and all."""
    cursors, groups = shared or (
        [lists.cursor(number) for number in range(3)],
        lists.groups([[0], [1, 2]], [2.0, 3.0], kernel),
    )
    places = [kernel.Places([cursor]) for cursor in cursors]
    pairs = [
        kernel.Sequence([places[a], places[b]], weight, kernel.Surroundings(lists.rates), near=0.3)
        for a, b, weight in ((0, 1, 1.0), (1, 2, 2.0), (2, 2, 1.0))
    ]
    row = kernel.Sequence(places[:2], 1.0, kernel.Surroundings(lists.rates))
    first = kernel.Unit(pairs[:2], 1.5, lead)
    made: rescoring.Rescorer = kernel.Rescorer(
        groups,
        [
            kernel.Lead(places[:1], [1.0], 2.0 * lead),
            kernel.Lead(places[1:], [0.5, 1.0], 3.0 * lead),
        ],
        [
            first,
            kernel.Unit(pairs[2:], 0.7, lead),
            kernel.Unit([row], 0.9, 0.0, [first]),
        ],
        K1,
        10.0,
    )
    return made


def long_way(lists: Lists, doc: int, lead: float = 0.5) -> list[float]:
    """Return the parts of a document's score as `rescorer` has them."""
    places = [dict(one).get(doc, []) for one in lists.lists]
    rate = lists.rates[doc]

    def part(weight: float, x: float, leads: list[float]) -> float:
        return weight * ((K1 + 1) * x / (x + K1) + lead * max(leads, default=0.0)) if x else 0.0

    def beginning(share: float, at: int) -> float:
        return share * 10 / (10 + at)

    def pair(a: int, b: int, counted: float = 0.3) -> tuple[float, int | None]:
        apart = [(right - left, left) for left in places[a] for right in places[b]]
        starts = [left for distance, left in apart if distance == 1]
        near = sum(distance == 2 or (distance == -1 and a != b) for distance, _ in apart)
        return len(starts) + counted * near, min(starts, default=None)

    def unit(weight: float, several: list[tuple[int, int, float]]) -> float:
        x, leads = 0.0, []
        highest = max(share for _, _, share in several)
        for a, b, boost in several:
            times, start = pair(a, b)
            x += boost * times * rate
            if start is not None:
                leads.append(beginning(boost / highest, start))
        return part(weight, x, leads)

    row = part(0.9, pair(0, 1, 0.0)[0] * rate, [])
    firsts = [beginning(share, at[0]) for share, at in zip((1, 0.5, 1), places, strict=True) if at]
    second = [beginning(share, at[0]) for share, at in zip((0.5, 1), places[1:], strict=True) if at]
    return [
        part(2.0, len(places[0]) * rate, firsts[:1]),
        part(3.0, (len(places[1]) + 2 * len(places[2])) * rate, second),
        unit(1.5, [(0, 1, 1.0), (1, 2, 2.0)]),
        unit(0.7, [(2, 2, 1.0)]),
        row,
    ]


def test_the_second_look_is_the_long_way() -> None:
    lists = Lists(3, [3_000, 5_000, 4_000])
    made = rescorer(lists)
    docs = random.Random(5).sample(range(DOCS), 400)
    plain = rescorer(lists, lead=0.0)
    for doc in sorted(docs):
        parts = made.parts(doc)
        assert parts == pytest.approx(long_way(lists, doc), abs=1e-8)
        without = [whole - lead for whole, lead in zip(parts, made.beginnings(doc), strict=True)]
        assert without == plain.parts(doc)
    made.rewind()
    found, scores = made.best(*first_pass(lists, 400), 400)
    for doc, score in zip(found, scores, strict=True):
        made.rewind()
        assert score == sum(made.parts(doc))


def test_a_layout_makes_of_a_segments_terms_what_is_made_by_hand() -> None:
    for kernel, code in ((COMPILED, postings), (INTERPRETED, interpreted("postings"))):
        lists = Lists(3, [900, 1_500, 1_200], code)
        stream, places, doc_offsets, pos_offsets = lists.streams
        df = array("I", [900, 1_500, 1_200])
        field = kernel.FieldTerms(
            code.PostingLists(stream, places, doc_offsets, pos_offsets, df, DOCS),
            lists.rates,
            lists.drift,
            0.0,
        )
        listed = tuple(array("I", row) for row in ([3, 5], [1, 2]))
        # two segments, the field and its terms in the second; the last term stands in neither
        layout = kernel.Layout(
            [[-1, 0], [-1, 1], [-1, 2], [-1, -1]],
            [0, 0, 0, 0],
            [
                ([(0, 1.0, 0, None)], 2.0, [0], [1.0], 1.0),
                ([(0, 1.0, 1, None), (0, 2.0, 2, None)], 3.0, [1, 2], [0.5, 1.0], 1.5),
                ([(0, 1.0, 3, None), (0, 1.0, -1, [None, listed])], 5.0, [], [], 0.0),
                ([], 1.0, [], [], 0.0),
            ],
            [[0], [1, 3], [2]],
            [
                (False, [(0, 1.0, [0, 1]), (0, 2.0, [1, 2])], 1.5, 0.5, []),
                (False, [(0, 1.0, [2, 2])], 0.7, 0.5, []),
                (True, [(0, 1.0, [0, 1])], 0.9, 0.0, [0]),
            ],
        )
        cursors: list[postings.Cursor | None] = [None] * 4
        around = [kernel.Surroundings(lists.rates)]
        groups = layout.groups(1, [field], {3: [field.term(1, 1.0)]}, cursors)
        assert [group.size for group in groups] == [1, 2, 1, 1]
        assert [cursor and cursor.df for cursor in cursors] == [900, 1_500, 1_200, None]
        made = layout.rescorer(1, [field], groups, cursors, around, around, K1, 10.0, 0.3)
        extra = (
            kernel.Group([field.listed(*listed, 1.0)], 5.0),
            kernel.Group([field.term(1, 1.0)], 1.0),
        )
        by_hand = rescorer(lists, kernel)
        for doc in range(0, DOCS, 97 if kernel is COMPILED else 997):
            parts = made.parts(doc)
            assert parts[:2] + parts[4:] == by_hand.parts(doc)
            for group, part in zip(extra, parts[2:4], strict=True):
                assert kernel.Rescorer([group], [], [], K1).parts(doc) == [part]
                group.rewind()

        nothing = layout.groups(0, [None], {}, cursors := [None] * 4)
        assert [group.size for group in nothing] == [0, 0, 0, 0]
        made = layout.rescorer(0, [None], nothing, cursors, [None], [None], K1, 10.0, 0.3)
        assert made.parts(0) == [0.0] * 7


def test_a_built_layout_is_the_one_made_by_hand() -> None:
    ordinals = {"a": 0, "b": 1, "c": 2, "d": -1}
    listed = tuple(array("I", row) for row in ([3, 5], [1, 2]))
    for kernel, code in ((COMPILED, postings), (INTERPRETED, interpreted("postings"))):
        lists = Lists(3, [900, 1_500, 1_200], code)
        stream, places, doc_offsets, pos_offsets = lists.streams
        df = array("I", [900, 1_500, 1_200])
        own = code.PostingLists(stream, places, doc_offsets, pos_offsets, df, DOCS)
        field = kernel.FieldTerms(own, lists.rates, lists.drift, 0.0)
        builder = kernel.LayoutBuilder(lambda _, term: ([ordinals[term]], 0, 0.0), 0.5)
        for members, weight in (
            ([("body", "a", 1.0)], 2.0),
            ([("body", "b", 1.0), ("body", "c", 2.0)], 3.0),
            ([("body", "d", 1.0), ["body", "x", 1.0]], 5.0),
            ([], 1.0),
        ):
            builder.clause(members, tuple, lambda _: [listed], weight)
        boosts = {"body": 1.5}
        builder.unit(False, (("a",), ("b", "d")), boosts, 1.5)
        builder.unit(False, (("c",), ("c",)), boosts, 0.7)
        builder.unit(True, (("a",), ("b",)), boosts, 0.9)
        builder.unit(True, (("c",),), boosts, 0.4)
        built, terms = builder.build()
        assert (builder.fields, terms) == ({"body": 0}, 4)
        assert builder.kinds == {"pair": {"body"}, "word": {"body"}}
        by_hand = kernel.Layout(
            [[0], [1], [2], [-1]],
            [0, 0, 0, 0],
            [
                ([(0, 1.0, 0, None)], 2.0, [0], [1.0], 1.0),
                ([(0, 1.0, 1, None), (0, 2.0, 2, None)], 3.0, [1, 2], [0.5, 1.0], 1.5),
                ([(0, 1.0, 3, None), (0, 1.0, -1, [listed])], 5.0, [3], [1.0], 2.5),
                ([], 1.0, [], [], 0.0),
            ],
            [[0], [1], [2], [3], [1, 3]],
            [
                (False, [(0, 1.5, [0, 4])], 1.5, 0.5, []),
                (False, [(0, 1.5, [2, 2])], 0.7, 0.5, []),
                (True, [(0, 1.5, [0, 1])], 0.9, 0.5, [0]),
                (True, [(0, 1.5, [2])], 0.4, 0.5, []),
            ],
        )
        around = [kernel.Surroundings(lists.rates)]
        parts = []
        for made in (built, by_hand):
            cursors: list[postings.Cursor | None] = [None] * terms
            groups = made.groups(0, [field], {}, cursors)
            assert [group.size for group in groups] == [1, 2, 1, 0]
            one = made.rescorer(0, [field], groups, cursors, around, around, K1, 10.0, 0.3)
            step = 97 if kernel is COMPILED else 997
            parts.append([one.parts(doc) for doc in range(0, DOCS, step)])
        assert parts[0] == parts[1]


@pytest.mark.parametrize("count", [1, 3, 8])
def test_the_highest_of_two_falling_arrays_are_one(count: int) -> None:
    arrays = [array("d", row) for row in ([], [5.0], [9.0, 5.0, 5.0, 1.0], [8.0, 2.0, 0.5])]
    for kernel in (COMPILED, INTERPRETED):
        for left in arrays:
            for right in arrays:
                together = sorted([*left, *right], reverse=True)
                if len(left) <= count:  # what was found so far
                    assert kernel.highest_of(left, right, count).tolist() == together[:count]


def first_pass(lists: Lists, k: int, kernel: ModuleType = COMPILED) -> Ranked:
    """Return the best ``k`` documents by the groups of `rescorer` alone, and their scores."""
    groups = lists.groups([[0], [1, 2]], [2.0, 3.0], kernel)
    found: Ranked = kernel.Search(groups, K1, DOCS, k).top()
    return found


@pytest.mark.parametrize("k", [1, 10, 100, 2_000])
def test_what_is_passed_over_does_not_belong_to_the_best(k: int) -> None:
    lists = Lists(3, [3_000, 5_000, 4_000])
    made = rescorer(lists)
    docs, scores = first_pass(lists, 2_000)
    whole = []
    for doc in docs:
        made.rewind()
        whole.append((-sum(made.parts(doc)), doc))
    whole.sort()

    def look(floor: float) -> list[tuple[float, int]]:
        found, exact = made.best(docs, scores, k, floor)
        return [(-score, doc) for score, doc in zip(exact, found, strict=True)]

    assert look(-1.0) == whole[:k]
    for floor in (0.0, -whole[k - 1][0], -whole[0][0]):
        over = [one for one in whole[:k] if -one[0] > floor]
        assert look(floor)[: len(over)] == over
    nothing = (array("I"), array("d"))
    assert made.best(docs, scores, 0) == made.best(docs[:0], scores[:0], k) == nothing


@pytest.mark.parametrize("k", [1, 10, 400])
def test_what_was_noted_changes_no_result(k: int) -> None:
    sizes = [900, 1_500, 1_200]
    for kernel, code in ((COMPILED, postings), (INTERPRETED, interpreted("postings"))):
        lists = Lists(3, sizes, code)
        cursors = [lists.cursor(number) for number in range(3)]
        terms = [
            kernel.Term(cursor, weight, lists.rates, lists.drift)
            for cursor, weight in zip(cursors, (1.0, 1.0, 2.0), strict=True)
        ]
        groups = [kernel.Group(terms[:1], 2.0), kernel.Group(terms[1:], 3.0)]
        search = kernel.Search(groups, K1, DOCS, 3_000, noted=True)
        docs, scores = search.top()
        assert {1, 2, 3} == set(search.present)
        made = rescorer(lists, kernel, shared=(cursors, groups))
        expected = rescorer(lists, kernel).best(docs, scores, k)
        assert made.best(docs, scores, k, present=search.present) == expected
        assert made.best(docs, scores, k) == expected
        # a note that a group is missing is believed: what needs it adds nothing
        wrong = array("I", [0]) * len(docs)
        assert made.best(docs, scores, k, present=wrong)[1] == scores[:k]
        with pytest.raises(ValueError, match="fewer notes"):
            made.best(docs, scores, k, present=wrong[:-1])


def test_an_interpreted_second_look_is_the_compiled_one() -> None:
    sizes = [300, 500, 400]
    lists = Lists(3, sizes)
    slow, kernel = Lists(3, sizes, interpreted("postings")), INTERPRETED
    docs, scores = first_pass(lists, 200)
    assert first_pass(slow, 200, kernel) == (docs, scores)
    assert rescorer(slow, kernel).best(docs, scores, 5) == rescorer(lists).best(docs, scores, 5)


@pytest.mark.parametrize("count", [9, 300])
def test_tokens_of_several_spellings_are_found_together(count: int) -> None:
    for kernel, code in ((COMPILED, postings), (INTERPRETED, interpreted("postings"))):
        # the last stands in hardly any document, and often where it does
        lists = Lists(5, [700, 500, 400, 600, 3], code)
        lists.lists[4] = [(doc, list(range(0, 200, 2))) for doc, _ in lists.lists[4]]
        lists.streams = encode(code, lists.lists, DOCS)
        cursors = [lists.cursor(number) for number in range(5)]
        groups = [kernel.Group([kernel.Term(cursor, 1.0, lists.rates)], 1.0) for cursor in cursors]
        slots = ((0, 1), (2, 4), (3,), ())
        places = [kernel.Places([cursors[number] for number in slot]) for slot in slots]
        alone = kernel.Surroundings(lists.rates)
        words = kernel.Surroundings(
            lists.rates, array("I", [0x10A4] * DOCS), array("I", range(DOCS))
        )

        pairs = [
            kernel.Sequence([places[a], places[b]], 1.0, alone, near=0.3)
            for a, b in ((0, 1), (1, 3), (1, 0))
        ]
        first = kernel.Unit(pairs[:2], 1.5, 0.5)
        units = [
            first,
            kernel.Unit(pairs[2:], 0.7, 0.5),
            kernel.Unit([kernel.Sequence(places[:1], 1.0, words)], 1.0, 0.5),
            kernel.Unit([kernel.Sequence(places[:3], 1.0, words)], 3.0, 0.5, [first]),
            kernel.Unit([kernel.Sequence(places[:3], 1.0, alone)], 2.0, 0.5, [first]),
        ]
        leads = [kernel.Lead([one], [1.0], 0.5) for one in (*places, places[0])]
        made = kernel.Rescorer(groups, leads, units, K1, 10.0)
        rnd = random.Random(count)
        docs = array("I", rnd.sample(range(DOCS), count))
        scores = array("d", sorted((rnd.random() for _ in docs), reverse=True))
        whole = []
        for doc, score in zip(docs, scores, strict=True):
            made.rewind()
            parts = made.parts(doc)[len(groups) :]
            for slot in (*slots, slots[0]):
                found = [dict(lists.lists[number]).get(doc) for number in slot]
                starts = [one[0] for one in found if one]
                parts.append(0.5 * 10 / (10 + min(starts)) if starts else 0.0)
            whole.append((score + sum(parts), doc))
        whole.sort(key=lambda one: (-one[0], one[1]))
        for k in (1, 7, count):
            made.rewind()
            found, exact = made.best(docs, scores, k)
            assert list(found) == [doc for _, doc in whole[:k]]
            assert list(exact) == pytest.approx([score for score, _ in whole[:k]], abs=1e-8)


@pytest.mark.parametrize("k", [1, 10, DOCS])
@pytest.mark.parametrize("numbers", [[0, 1], [1, 2, 0], [3, 0, 1, 2], [0, 0, 1], [4, 0, 1]])
def test_the_best_of_a_phrase_are_the_reference(numbers: list[int], k: int) -> None:
    lists = Lists(9, [6_000, 7_000, 8_900, 5_000, 900])
    scores = []
    apart = set()
    for kernel, own in ((COMPILED, lists), (INTERPRETED, None)):
        if own is None:
            own = Lists(9, [6_000, 7_000, 8_900, 5_000, 900], interpreted("postings"))
        for rarest in range(len(numbers)):
            pairs = [1 if at == rarest else DOCS for at in range(len(numbers) - 1)]
            shared = {number: kernel.Places([own.cursor(number)]) for number in set(numbers)}
            row = kernel.Sequence(
                [shared[n] for n in numbers], 1.5, kernel.Surroundings(own.rates), pairs=pairs
            )
            search = kernel.Search([], K1, DOCS, k)
            scores.append(search.top_unit(kernel.Unit([row], 2.0), own.drift))
            apart.add((row.first, row.second))
    assert len(numbers) == 2 or any(second - first > 1 for first, second in apart)
    found = {}
    places = [dict(one) for one in lists.lists]
    for doc in range(DOCS):
        starts = [places[n].get(doc, []) for n in numbers]
        count = sum(all(start + at in own for at, own in enumerate(starts)) for start in starts[0])
        if count:
            x = 1.5 * (count * lists.rates[doc])
            found[doc] = round(2.0 * (K1 + 1) * x / (x + K1) * 2**32) / 2**32
    best = sorted(found.items(), key=lambda one: (-one[1], one[0]))[:k]
    assert best
    for docs, own_scores in scores:
        assert list(zip(docs, own_scores, strict=True)) == best


@pytest.mark.parametrize("k", [1, 10, 100])
def test_the_best_of_a_phrase_whose_places_are_alike_in_their_low_bits(k: int) -> None:
    rnd = random.Random(k)
    slots: list[Postings] = [[], [], []]
    for doc in range(0, DOCS, 2):
        size = rnd.choice((1, 1, 2, 3, 9))
        # many places of a token fall on one of the 64 that are told apart
        starts = sorted(rnd.sample(range(0, 64_000, 64 if rnd.random() < 0.5 else 7), size))
        for ahead, slot in enumerate(slots):
            moved = {at + ahead + rnd.choice((0, 0, 64, 1_024, 5)) * (ahead > 0) for at in starts}
            slot.append((doc, sorted(moved)))
    expected = {}
    lists = Lists(1, [1])
    for (doc, first), (_, second), (_, third) in zip(*slots, strict=True):
        count = sum(at + 1 in second and at + 2 in third for at in first)
        if count:
            x = count * lists.rates[doc]
            expected[doc] = round((K1 + 1) * x / (x + K1) * 2**32) / 2**32
    best = sorted(expected.items(), key=lambda one: (-one[1], one[0]))[:k]
    assert len(best) == k
    for kernel, code in ((COMPILED, postings), (INTERPRETED, interpreted("postings"))):
        for pairs in ([1, DOCS], [DOCS, 1], [DOCS, DOCS]):
            own = Lists(1, [1], code)
            own.lists = slots
            own.streams = encode(code, slots, DOCS)
            row = kernel.Sequence(
                [kernel.Places([own.cursor(number)]) for number in range(3)],
                1.0,
                kernel.Surroundings(own.rates),
                pairs=pairs,
            )
            search = kernel.Search([], K1, DOCS, k)
            docs, scores = search.top_unit(kernel.Unit([row], 1.0), 0.0)
            assert list(zip(docs, scores, strict=True)) == best


@pytest.mark.parametrize("length", [300, 3_000, 60_000])
@pytest.mark.parametrize("dfs", [(0.9, 0.7, 0.5), (0.3, 1.0, 0.4), (0.6, 0.6, 0.1)])
def test_phrases_of_frequent_words_are_found(length: int, dfs: tuple[float, ...]) -> None:
    rnd = random.Random(length)
    docs = 2_000
    slots: list[Postings] = [[], [], []]
    expected = {}
    for doc in range(docs):
        there = [rnd.random() < share for share in dfs]
        sizes = [rnd.choice((1, 1, 2, 3, 4, 5, 8, 9, 70)) for _ in slots]
        texts = [set(rnd.sample(range(length), size)) for size in sizes]
        if all(there) and rnd.random() < 0.1:
            for start in rnd.sample(range(length - 3), rnd.choice((1, 1, 2, 7))):
                for ahead, text in enumerate(texts):
                    text.add(start + ahead)
        for slot, text, stands in zip(slots, texts, there, strict=True):
            if stands:
                slot.append((doc, sorted(text)))
        if all(there):
            count = sum(at + 1 in texts[1] and at + 2 in texts[2] for at in texts[0])
            if count:
                expected[doc] = count
    rates = array("d", [1.0]) * docs
    for kernel, code in ((COMPILED, postings), (INTERPRETED, interpreted("postings"))):
        stream, places, doc_offsets, pos_offsets = encode(code, slots, docs)
        tokens = [
            kernel.Places(
                [
                    code.Cursor(
                        stream, places, doc_offsets[at], pos_offsets[at], len(slots[at]), docs
                    )
                ]
            )
            for at in range(3)
        ]
        row = kernel.Sequence(tokens, 1.0, kernel.Surroundings(rates), pairs=[docs, docs])
        found, freqs = kernel.phrase_postings(row, docs)
        assert dict(zip(found, freqs, strict=True)) == expected
        assert row.second - row.first == 2 or dfs[1] < 1.0


def test_places_of_a_row_are_shared_by_equal_tokens() -> None:
    lists = Lists(9, [300, 350])
    stream, places, doc_offsets, pos_offsets = lists.streams
    df = array("I", [300, 350])
    for kernel, code in ((COMPILED, postings), (INTERPRETED, interpreted("postings"))):
        field = kernel.FieldTerms(
            code.PostingLists(stream, places, doc_offsets, pos_offsets, df, DOCS),
            lists.rates,
            1.0,
            1.0,
        )
        one, other, again = field.row([[0], [1, -1], [0]])
        assert one is again
        assert (one.df, other.df) == (300, 350)
        assert field.row([[0], [-1]]) == []
        assert field.group(-1, 1.0, 1.0).size == 0
        assert field.group(1, 1.0, 1.0).size == 1


def test_a_phrase_of_one_token_is_the_token() -> None:
    lists = Lists(9, [3_000])
    sequence = sequences.Sequence(
        [sequences.Places([lists.cursor(0)])], 1.0, sequences.Surroundings(lists.rates)
    )
    search = matching.Search([], K1, DOCS, 10)
    docs, scores = search.top_unit(rescoring.Unit([sequence], 1.0), lists.drift)
    group = scoring.Group([scoring.Term(lists.cursor(0), 1.0, lists.rates)], 1.0)
    assert (docs, scores) == matching.Search([group], K1, DOCS, 10).top()


def test_a_skip_table_that_lies_does_not_hold_a_phrase_up() -> None:
    lists = Lists(9, [3_000, 3_500])
    stream, _, doc_offsets, _ = lists.streams
    for entry in range(24):  # every block ends before it begins, says the table
        stream[doc_offsets[0] + 4 * entry] = entry
    sequence = sequences.Sequence(
        [sequences.Places([lists.cursor(number)]) for number in (0, 1)],
        1.0,
        sequences.Surroundings(lists.rates),
    )
    unit = rescoring.Unit([sequence], 1.0)
    search = matching.Search([], K1, DOCS, 10, floor=100.0)
    assert search.top_unit(unit, lists.drift) == ranked([])
    with pytest.raises(IndexCorruptError):
        matching.Search([], K1, DOCS, 10).top_unit(unit, lists.drift)


def test_terms_that_count_nothing_leave_no_trace() -> None:
    lists = Lists(4, [DOCS])
    nothing = array("d", bytes(8 * DOCS))
    terms = [scoring.Term(lists.cursor(0), 1.0, nothing) for _ in range(40)]
    assert matching.Search([scoring.Group(terms, 1.0)], K1, DOCS, 10).top() == ranked([])
    shapes, weights = [[0], [0, 0]], [1.0, 2.0]
    docs, scores = matching.Search(lists.groups(shapes, weights), K1, DOCS, 10).top()
    assert list(zip(scores, docs, strict=True)) == lists.reference(shapes, weights)[:10]

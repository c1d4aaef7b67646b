"""The codec's kernels, compiled and interpreted, held to the obvious way of doing the same."""

from __future__ import annotations

import contextlib
import importlib
import random
from array import array
from bisect import bisect_left
from collections import Counter, defaultdict
from itertools import accumulate, pairwise
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kernel_modes import interpreted

from vnsearch.errors import IndexCorruptError


@pytest.fixture(scope="module", params=["as installed", "interpreted"])
def kernels(request: pytest.FixtureRequest) -> Any:
    """Return a namespace of the kernels in one of the two ways they may run."""
    names = ("postings", "counts", "terms", "invert", "merging")
    if request.param == "as installed":
        modules = {name: importlib.import_module(f"vnsearch.kernels.{name}") for name in names}
    else:
        modules = {name: interpreted(name) for name in names}
    space = ModuleType("kernels")
    space.__dict__.update(modules)
    return space


relaxed = settings(max_examples=60, suppress_health_check=list(HealthCheck))
strings = st.lists(st.binary(max_size=6), unique=True, max_size=70).map(sorted)
# of eight bytes and more that are alike, and others that are longer than they seem
beginnings = st.sampled_from([b"", b"\0\0\0\0\0\0", b"abcdefgh", b"abcdefghi"])
long_strings = st.lists(
    st.builds(bytes.__add__, beginnings, st.binary(max_size=3)), unique=True, max_size=70
).map(sorted)


@relaxed
@given(terms=strings, sought=st.lists(st.binary(max_size=7), max_size=20))
def test_a_term_list_finds_what_a_sorted_list_holds(
    kernels: Any, terms: list[bytes], sought: list[bytes]
) -> None:
    blob, offsets = kernels.terms.encode_terms(terms)
    found = kernels.terms.TermList(blob, offsets, len(terms))
    assert len(found) == len(terms)
    assert found.slice(0, len(terms)) == terms
    for ordinal, term in enumerate(terms):
        assert found.find(term) == ordinal
        assert found.get(ordinal) == term
    for key in sought:
        place = bisect_left(terms, key)
        assert found.lower_bound(key) == place
        assert found.find(key) == (place if key in terms else -1)
    keys = sorted([*sought, *terms[::3]])
    ordinals = [terms.index(key) if key in terms else -1 for key in keys]
    assert list(found.find_all(keys)) == ordinals
    low, high = len(terms) // 3, len(terms) // 2
    assert found.slice(low, high) == terms[low:high]
    assert found.get_all([*range(low, high), 0][: len(terms)]) == [*terms[low:high], *terms[:1]]
    for outside in (-1, len(terms)):
        with pytest.raises(IndexError):
            found.get_all([outside])


words = st.dictionaries(
    st.text("abă", min_size=1, max_size=4),
    st.tuples(st.integers(1, 9), st.integers(1, 9)),
    max_size=40,
)


def fold_of(term: str) -> str:
    return term.replace("ă", "a")


@relaxed
@given(fields=st.lists(words, min_size=1, max_size=3))
def test_the_spellings_of_a_fold_key_are_gathered(
    kernels: Any, fields: list[dict[str, tuple[int, int]]]
) -> None:
    tables = []
    for counted in fields:
        terms = sorted(counted, key=str.encode)
        by_fold: defaultdict[str, list[int]] = defaultdict(list)
        for ordinal, term in enumerate(terms):
            by_fold[fold_of(term)].append(ordinal)
        listed = sorted(
            fold for fold, members in by_fold.items() if [fold] != [terms[at] for at in members]
        )
        lists = []
        for strings in (terms, listed):
            encoded = [text.encode() for text in strings]
            lists.append(kernels.terms.TermList(*kernels.terms.encode_terms(encoded), len(strings)))
        tables.append(
            kernels.terms.FoldTable(
                *lists,
                array("I", accumulate([len(by_fold[fold]) for fold in listed], initial=0)),
                array("I", [at for fold in listed for at in by_fold[fold]]),
                array("I", range(100, 100 + len(listed))),
                array("I", [counted[term][0] for term in terms]),
                array("I", [counted[term][1] for term in terms]),
            )
        )
        for fold in {*by_fold, "c", "aaaaa", "ă"}:
            members = by_fold.get(fold, [])
            documents = counted[fold][0] if members and fold not in listed else 0
            if fold in listed:
                documents = 100 + listed.index(fold)
            assert tables[-1].find(fold.encode()) == (members, documents)
            spelled = [(terms[at], at, *counted[terms[at]]) for at in members]
            assert tables[-1].spellings(fold.encode()) == tuple(spelled)
    for fold in {fold_of(term) for counted in fields for term in counted}:
        forms, places = kernels.terms.gather(
            [table.spellings(fold.encode()) for table in tables], tuple
        )
        expected = {
            term: tuple(sum(field.get(term, (0, 0))[which] for field in fields) for which in (0, 1))
            for counted in fields
            for term in sorted(counted, key=str.encode)
            if fold_of(term) == fold
        }
        assert forms == [(term, *counts) for term, counts in expected.items()]
        assert places == {
            term: [
                sorted(field, key=str.encode).index(term) if term in field else -1
                for field in fields
            ]
            for term in expected
        }


def test_a_fold_table_whose_parts_do_not_match_is_refused(kernels: Any) -> None:
    terms = kernels.terms.TermList(*kernels.terms.encode_terms([b"a", b"\xff"]), 2)
    none = kernels.terms.TermList(*kernels.terms.encode_terms([]), 0)
    two = array("I", [1, 1])
    table = kernels.terms.FoldTable(terms, none, array("I", [0]), array("I"), array("I"), two, two)
    assert table.spellings(b"a") == (("a", 0, 1, 1),)
    for wrong in (
        (array("I"), array("I"), array("I"), two, two),
        (array("I", [0]), array("I"), two, two, two),
        (array("I", [0]), array("I"), array("I"), two[:1], two),
        (array("I", [0]), array("I"), array("I"), two, two[:1]),
    ):
        with pytest.raises(IndexCorruptError, match="counts do not match"):
            kernels.terms.FoldTable(terms, none, *wrong)
    one = array("I", [0, 1])
    table = kernels.terms.FoldTable(
        terms,
        kernels.terms.TermList(*kernels.terms.encode_terms([b"y"]), 1),
        one,
        array("I", [1]),
        array("I", [1]),
        two,
        two,
    )
    with pytest.raises(IndexCorruptError, match="not UTF-8"):
        table.spellings(b"y")


@relaxed
@given(lists=st.lists(strings | long_strings, max_size=5))
def test_term_lists_are_united(kernels: Any, lists: list[list[bytes]]) -> None:
    encoded = [kernels.terms.TermList(*kernels.terms.encode_terms(one), len(one)) for one in lists]
    strings, places = kernels.terms.union(encoded)
    assert strings == sorted(set().union(*lists))
    assert [[strings[place] for place in one] for one in places] == lists


@relaxed
@given(sought=strings, terms=strings)
def test_where_ascii_strings_stand_among_others(
    kernels: Any, sought: list[bytes], terms: list[bytes]
) -> None:
    terms = sorted({*terms, *sought[::2]})
    assert list(kernels.terms.ascii_places(sought, terms)) == [
        terms.index(one) if one in terms and one.isascii() else 0xFFFFFFFF for one in sought
    ]


def test_term_lists_that_do_not_ascend_are_not_united(kernels: Any) -> None:
    blob, offsets = kernels.terms.encode_terms([b"a", b"b", b"c"])
    blob[blob.index(b"b")] = ord("z")
    damaged = kernels.terms.TermList(blob, offsets, 3)
    sound = kernels.terms.TermList(*kernels.terms.encode_terms([b"b"]), 1)
    with pytest.raises(IndexCorruptError, match="do not ascend"):
        kernels.terms.union([sound, damaged])


def test_a_term_list_of_long_terms(kernels: Any) -> None:
    terms = [b"a" * 300, b"a" * 300 + b"b", b"b" * 40_000]
    found = kernels.terms.TermList(*kernels.terms.encode_terms(terms), 3)
    assert found.slice(0, 3) == terms
    with pytest.raises(ValueError, match="too long"):
        kernels.terms.encode_terms([b"a" * 70_000])
    with pytest.raises(ValueError, match="sorted"):
        kernels.terms.encode_terms([b"b", b"a"])
    with pytest.raises(IndexError):
        found.get(3)


@relaxed
@given(terms=strings, noise=st.binary(max_size=200), blocks=st.lists(st.integers(0, 300)))
def test_a_damaged_term_list_raises(
    kernels: Any, terms: list[bytes], noise: bytes, blocks: list[int]
) -> None:
    with contextlib.suppress(IndexCorruptError):
        found = kernels.terms.TermList(noise, array("I", blocks), 16 * len(blocks))
        found.find(b"abc")
        found.slice(0, len(found))


gaps = st.one_of(st.integers(1, 5), st.integers(1, 1 << 12), st.integers(1, 1 << 40))
entries = st.lists(
    st.tuples(gaps, st.one_of(st.just(1), st.integers(1, 1 << 32 - 1))), max_size=400
)


@relaxed
@given(steps=entries, sought=st.lists(st.integers(0, 1 << 42), max_size=10))
def test_a_count_table_is_a_sorted_dictionary(
    kernels: Any, steps: list[tuple[int, int]], sought: list[int]
) -> None:
    keys = list(accumulate(gap for gap, _ in steps))
    counts = [count for _, count in steps]
    table = kernels.counts.CountTable(*encode_counts(kernels, keys, counts))
    model = dict(zip(keys, counts, strict=True))
    assert len(table) == table.check() == len(model)
    for key in [*keys, *sought]:
        assert table.get(key) == model.get(key, 0)
    for low, high in zip(sorted(sought), sorted(sought)[1:], strict=False):
        inside = {key: count for key, count in model.items() if low <= key < high}
        found_keys, found_counts = table.range(low, high)
        assert {key + low: n for key, n in zip(found_keys, found_counts, strict=True)} == inside


@relaxed
@given(steps=entries, size=st.integers(1, 1 << 10), rows=st.lists(st.integers(0, 40), max_size=4))
def test_rows_are_read_from_the_windows_that_are_named(
    kernels: Any, steps: list[tuple[int, int]], size: int, rows: list[int]
) -> None:
    keys = list(accumulate(gap for gap, _ in steps))
    words, *rest = encode_counts(kernels, keys, [count for _, count in steps])
    whole = kernels.counts.CountTable(words, *rest)
    known = bytearray((4 * len(words) >> 3) + 1)
    found = whole.new_windows(rows, size, 3, known)
    assert sorted(found) == [window for window, mark in enumerate(known) if mark]
    assert whole.new_windows(rows, size, 3, known) == []
    data = bytearray(words)
    for at in range(len(data)):  # what is not named is never read
        if not known[at >> 3]:
            data[at] = 0
    part = kernels.counts.CountTable(memoryview(data).cast("I"), *rest)
    for row in rows:
        expected = whole.range(row * size, (row + 1) * size)
        assert part.range(row * size, (row + 1) * size) == expected


def encode_counts(kernels: Any, keys: list[int], counts: list[int]) -> tuple[Any, ...]:
    encoder = kernels.counts.CountsEncoder()
    encoder.extend(array("Q", keys), array("I", counts))
    result: tuple[Any, ...] = encoder.finish()
    return result


@relaxed
@given(
    words=st.lists(st.integers(0, 2**32 - 1), min_size=2, max_size=40),
    heads=st.lists(st.tuples(st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1)), max_size=4),
)
def test_a_damaged_count_table_raises(
    kernels: Any, words: list[int], heads: list[tuple[int, int]]
) -> None:
    keys, starts = array("Q", (key for key, _ in heads)), array("Q", (s for _, s in heads))
    table = kernels.counts.CountTable(array("I", words), keys, starts)
    for call in (table.check, lambda: table.get(5), lambda: table.range(0, 2**63)):
        with contextlib.suppress(IndexCorruptError):
            call()


@relaxed
@given(
    steps=st.lists(st.tuples(st.integers(1, 60), st.integers(1, 60)), min_size=1, max_size=300),
    cut=st.integers(0, 2),
    flip=st.integers(0, 1 << 14),
)
def test_what_reads_whole_reads_entry_by_entry(
    kernels: Any, steps: list[tuple[int, int]], cut: int, flip: int
) -> None:
    """`verify` reads blocks; a search reads an entry, and must not then find it cut short."""
    keys = list(accumulate(gap for gap, _ in steps))
    words, firsts, starts = encode_counts(kernels, keys, [count for _, count in steps])
    words[flip // 32 % len(words)] ^= 1 << flip % 32
    try:
        table = kernels.counts.CountTable(words[: len(words) - cut], firsts, starts)
        table.check()
    except IndexCorruptError:
        return
    found = dict(zip(*table.range(0, 1 << 62), strict=True))
    assert {key: table.get(key) for key in found} == found


fields = st.lists(
    st.lists(st.tuples(st.sampled_from([-1, 0, 1, 2, 3, 4]), st.booleans()), max_size=12),
    max_size=12,
)


@relaxed
@given(documents=fields)
def test_inversion_counts_as_one_counts_by_hand(
    kernels: Any, documents: list[list[tuple[int, bool]]]
) -> None:
    terms = 5
    ranks = array("I", [3, 0, 4, 1, 2])
    tokens = array("i", (term for document in documents for term, _ in document))
    joined = bytearray(flag for document in documents for _, flag in document)
    bases = array("I", accumulate(map(len, documents), initial=0))

    postings: dict[int, dict[int, list[int]]] = defaultdict(dict)
    pairs: dict[tuple[int, int], set[int]] = defaultdict(set)
    words: dict[tuple[int, ...], set[int]] = defaultdict(set)
    word_total, pair_total = [0] * len(documents), 0
    for doc, document in enumerate(documents):
        word: list[int] = []
        previous = -1
        for position, (term, flag) in enumerate([*document, (-1, False)]):
            if term < 0 or not flag or not word:
                if word:
                    words[tuple(word)].add(doc)
                    word_total[doc] += 1
                word = []
            if term >= 0:
                word.append(term)
                postings[ranks[term]].setdefault(doc, []).append(position)
                if previous >= 0:
                    pairs[ranks[previous], ranks[term]].add(doc)
                    pair_total += 1
            previous = term

    cf, df = array("I", bytes(4 * terms)), array("I", bytes(4 * terms))
    lengths = array("I", bytes(4 * len(documents)))
    kernels.invert.tally(tokens, bases, cf, df, lengths)
    assert list(lengths) == [sum(term >= 0 for term, _ in document) for document in documents]
    by_rank = sorted(range(terms), key=ranks.__getitem__)
    assert [df[term] for term in by_rank] == [len(postings[rank]) for rank in range(terms)]
    bounds = array("I", accumulate((df[term] for term in by_rank), initial=0))
    place_bounds = array("I", accumulate((cf[term] for term in by_rank), initial=0))
    docs, freqs = array("I", bytes(4 * bounds[-1])), array("I", bytes(4 * bounds[-1]))
    occurrences = array("Q", bytes(8 * place_bounds[-1]))
    found_pairs = kernels.invert.scatter(
        tokens, bases, ranks, bounds, place_bounds, docs, freqs, occurrences
    )
    assert found_pairs == pair_total
    for rank in range(terms):
        start, stop = bounds[rank], bounds[rank + 1]
        assert list(docs[start:stop]) == sorted(postings[rank])
        assert list(freqs[start:stop]) == [len(p) for _, p in sorted(postings[rank].items())]
        places = kernels.invert.positions_of(
            occurrences, place_bounds[rank], place_bounds[rank + 1]
        )
        assert list(places) == [p for _, found in sorted(postings[rank].items()) for p in found]

    stray = any(
        flag and (term < 0 or position == 0 or document[position - 1][0] < 0)
        for document in documents
        for position, (term, flag) in enumerate(document)
    )
    assert kernels.invert.stray_joins(tokens, joined, bases) == stray

    keys, counts = kernels.invert.pair_counts(bounds, docs, freqs, occurrences)
    expected = {a * terms + b: len(found) for (a, b), found in pairs.items()}
    assert list(keys) == sorted(expected)
    assert dict(zip(keys, counts, strict=True)) == expected

    groups = [[0, 3], [1], [2, 4, 1]]
    starts = array("I", accumulate(map(len, groups), initial=0))
    members = array("I", (rank for group in groups for rank in group))
    unions = kernels.invert.union_counts(starts, members, bounds, docs, len(documents))
    assert list(unions) == [
        len({doc for rank in group for doc in postings[rank]}) for group in groups
    ]

    hashes = kernels.invert.hash_terms([b"t%d" % term for term in range(terms)])
    word_lengths = array("I", bytes(4 * len(documents)))
    keys, counts = kernels.invert.word_counts(tokens, joined, bases, hashes, word_lengths)
    assert list(word_lengths) == word_total
    by_key = {
        kernels.invert.word_key([hashes[term] for term in word]): len(found)
        for word, found in words.items()
    }
    assert list(keys) == sorted(by_key)
    assert dict(zip(keys, counts, strict=True)) == by_key
    memory = array("Q", [12345]) * 5000  # as much as the table takes, of any value
    again = kernels.invert.word_counts(tokens, joined, bases, hashes, word_lengths, memory)
    assert (list(again[0]), list(again[1])) == (list(keys), list(counts))


def test_hashes_are_those_of_the_format(kernels: Any) -> None:
    # FNV-1a, from its authors' test vectors (http://www.isthe.com/chongo/tech/comp/fnv)
    hashes = kernels.invert.hash_terms([b"", b"a", b"foobar"])
    assert list(hashes) == [0xCBF29CE484222325, 0xAF63DC4C8601EC8C, 0x85944171F73967E8]
    golden = 0x9E3779B97F4A7C15
    assert kernels.invert.word_key([1]) == (golden ^ golden >> 29) >> 24


@relaxed
@given(flags=st.lists(st.booleans(), max_size=200), cut=st.integers(0, 200), at=st.integers(0, 70))
def test_bits_are_packed_moved_and_unpacked(
    kernels: Any, flags: list[bool], cut: int, at: int
) -> None:
    words = kernels.invert.pack_bits(bytearray(flags))
    cut = min(cut, len(flags))
    rest = bytearray(flags[cut:])
    assert kernels.invert.unpack_bits(words, cut, len(rest)) == rest
    target = array("I", bytes(4 * ((at + len(rest) + 31) // 32)))
    kernels.merging.copy_bits(words, cut, len(rest), target, at)
    assert kernels.invert.unpack_bits(target, 0, at) == bytes(at)
    assert kernels.invert.unpack_bits(target, at, len(rest)) == rest


tables = st.lists(
    st.dictionaries(st.integers(0, 35), st.integers(1, 50), max_size=30), min_size=1, max_size=4
)


@relaxed
@given(parts=tables, taken=st.integers(0, 3))
def test_merged_counts_are_sums(kernels: Any, parts: list[dict[int, int]], taken: int) -> None:
    def source(counts: dict[int, int], sign: int, ranks: Any, terms: int) -> Any:
        items = sorted(counts.items())
        table = kernels.counts.CountTable(
            *encode_counts(kernels, [key for key, _ in items], [n for _, n in items])
        )
        return kernels.merging.CountSource(table, sign, ranks, terms)

    total: Counter[int] = Counter()
    for counts in parts:
        total.update(counts)
    # keys are pairs of 6 terms, numbered 0 2 4 ... in a union of 12; number 3 is not kept
    ranks = array("I", range(0, 12, 2))
    kept = array("I", [0xFFFFFFFF if number % 2 else number // 2 + 1 for number in range(12)])
    kept[1] = 0
    minus = dict(sorted(parts[taken % len(parts)].items())[::2])
    total.subtract(minus)
    sources = [source(counts, 1, ranks, 12) for counts in parts]
    encoder = kernels.merging.merge_counts([*sources, source(minus, -1, ranks, 12)], 12, kept)
    table = kernels.counts.CountTable(*encoder.finish())
    keys, counts = table.range(0, 1 << 40)
    expected = {(key // 6 + 1) * 7 + key % 6 + 1: count for key, count in total.items() if count}
    assert dict(zip(keys, counts, strict=True)) == expected
    with pytest.raises(IndexCorruptError, match="add up"):
        kernels.merging.merge_counts(
            [source({3: 1}, 1, ranks, 12), source({3: 2}, -1, ranks, 12)], 12, kept
        )


@relaxed
@given(
    documents=st.lists(st.lists(st.integers(0, 4), max_size=9), min_size=1, max_size=12),
    repeat=st.sampled_from([1, 40]),
    data=st.data(),
)
def test_documents_put_back_are_what_they_were(
    kernels: Any, documents: list[list[int]], repeat: int, data: st.DataObject
) -> None:
    documents = documents * repeat  # more than a block of some term's postings
    first = data.draw(st.integers(0, len(documents) - 1))
    last = data.draw(st.integers(first + 1, len(documents)))
    wanted = bytearray(data.draw(st.lists(st.booleans(), min_size=12, max_size=12)))
    wanted = (wanted * len(documents))[: last - first]
    postings: dict[int, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for doc, tokens in enumerate(documents):
        for position, term in enumerate(tokens):
            postings[term][doc].append(position)
    lists = [postings[term] for term in range(5)]
    bounds = array("I", accumulate(map(len, lists), initial=0))
    docs = array("I", [doc for one in lists for doc in one])
    freqs = array("I", [len(places) for one in lists for places in one.values()])
    places = array("I", [place for one in lists for found in one.values() for place in found])
    lengths = array("I", map(len, documents))
    offsets, place_offsets = array("I", bytes(20)), array("I", bytes(20))
    encoder = kernels.postings.PostingsEncoder(True)
    encoder.add_terms(bounds, docs, freqs, places, lengths, 5.0, offsets, place_offsets)
    streams = encoder.finish()
    df = array("I", map(len, lists))
    spans = array("I", accumulate(lengths, initial=0))
    nowhere = array("I", [0xFFFFFFFF]) * len(documents)
    source = kernels.merging.PostingSource(
        *streams, offsets, place_offsets, df, spans, array("I"), nowhere, "file"
    )
    chosen = [
        tokens if kept else [] for tokens, kept in zip(documents[first:last], wanted, strict=True)
    ]
    bases = array("I", accumulate(map(len, chosen[:-1]), initial=0))
    restored = array("i", [-1]) * sum(map(len, chosen))
    kernels.merging.restore(source, wanted, first, last, bases, restored)
    assert restored.tolist() == [term for some in chosen for term in some]


@pytest.mark.parametrize("seed", range(4))
def test_merged_lists_are_those_of_the_documents_that_live(kernels: Any, seed: int) -> None:
    rnd = random.Random(seed)
    none = 0xFFFFFFFF
    sources = []
    expected: dict[int, list[tuple[int, list[int]]]] = {}
    base = 0
    for documents in (300, 1, 150):
        sizes = (1, 40, 2_000) if documents > 1 else (1 << 30,)
        spans = array("I", accumulate(rnd.choice(sizes) for _ in range(documents)))
        spans.insert(0, 0)
        live = [rnd.random() < 0.8 for _ in range(documents)]
        numbers = accumulate(live, initial=base)
        doc_map = array("I", [new if here else none for new, here in zip(numbers, live)])  # noqa: B905
        base += sum(live)
        ranks = array("I", sorted(rnd.sample(range(6), 4)))
        bounds, docs, freqs, places = array("I", [0]), array("I"), array("I"), array("I")
        for rank in ranks:
            for doc in sorted(rnd.sample(range(documents), rnd.randint(1, documents))):
                span = spans[doc + 1] - spans[doc]
                found = sorted(rnd.sample(range(span), min(span, rnd.choice((1, 1, 2, 3, 9, 70)))))
                docs.append(doc)
                freqs.append(len(found))
                places.extend(found)
                if doc_map[doc] != none:
                    expected.setdefault(rank, []).append((doc_map[doc], found))
            bounds.append(len(docs))
        lengths = array("I", [50]) * documents
        offsets, place_offsets = array("I", bytes(16)), array("I", bytes(16))
        encoder = kernels.postings.PostingsEncoder()
        encoder.add_terms(bounds, docs, freqs, places, lengths, 50.0, offsets, place_offsets)
        df = array("I", (b - a for a, b in pairwise(bounds)))
        sources.append(
            kernels.merging.PostingSource(
                *encoder.finish(), offsets, place_offsets, df, spans, ranks, doc_map, "file"
            )
        )
    kept = array("I", [0xFFFFFFFF]) * 6
    merger = kernels.merging.PostingMerger(sources, kept)
    merged: dict[int, list[tuple[int, list[int]]]] = {}
    while (chunk := merger.gather(1_000)) is not None:
        bounds, docs, freqs, flat, tallies, counts = chunk
        rest = iter(flat)
        for (start, stop), tally, count in zip(pairwise(bounds), tallies, counts, strict=True):
            merged[kept.index(len(merged))] = [
                (docs[i], [next(rest) for _ in range(freqs[i])]) for i in range(start, stop)
            ]
            assert tally == sum(freqs[start:stop])
            assert count == stop - start
        assert next(rest, None) is None
    assert merged == expected


FOLDS = {"a": "a", "á": "a", "à": "a", "b": "b", "đ": "d", "e": "e", "ẽ": "e", "λ": "λ"}


@relaxed
@given(
    segments=st.lists(
        st.lists(
            st.tuples(st.sets(st.sampled_from(sorted(FOLDS)), min_size=1), st.booleans()),
            min_size=1,
            max_size=4,
        ),
        min_size=1,
        max_size=4,
    )
)
def test_merged_fold_keys_are_those_of_the_documents_that_live(
    kernels: Any, segments: list[list[tuple[set[str], bool]]]
) -> None:
    def listed(documents: list[set[str]]) -> dict[str, tuple[list[str], int]]:
        """Return the terms and documents of the fold keys that a segment lists."""
        found = {}
        for key in sorted(set(FOLDS.values())):
            terms = [t for t in sorted(FOLDS) if FOLDS[t] == key and t in set().union(*documents)]
            if terms and not (terms == [key] and key.isascii()):
                found[key] = (terms, sum(not one.isdisjoint(terms) for one in documents))
        return found

    tables = [listed([terms for terms, _ in segment]) for segment in segments]
    keys = sorted(set().union(*tables))
    terms = sorted(set().union(*(one for segment in segments for one, _ in segment)))
    nowhere = 0xFFFFFFFF
    itself = [terms.index(key) if key.isascii() and key in terms else nowhere for key in keys]
    merger = kernels.merging.FoldMerger(array("I", itself), len(terms), "file")
    for segment, table in zip(segments, tables, strict=True):
        own = sorted(set().union(*(one for one, _ in segment)))
        members = [own.index(term) for group, _ in table.values() for term in group]
        starts = accumulate((len(group) for group, _ in table.values()), initial=0)
        df = [sum(term in one for one, _ in segment) for term in own]
        ranks, folds = map(terms.index, own), map(keys.index, table)
        counts = (count for _, count in table.values())
        merger.add(*(array("I", one) for one in (ranks, df, folds, starts, members, counts)))

    starts, members = merger.groups()
    groups = [[terms[i] for i in members[start:stop]] for start, stop in pairwise(starts)]
    assert groups == [[term for term in terms if FOLDS[term] == key] for key in keys]
    living = [one for segment in segments for one, lives in segment if lives]
    gone = [one for segment in segments for one, lives in segment if not lives]
    merger.subtract(
        array("I", (sum(not one.isdisjoint(group) for one in gone) for group in groups))
    )
    left = [term for term in terms if term in set().union(*living)]
    kept = array("I", (left.index(term) if term in left else nowhere for term in terms))
    folds, starts, members, counts = merger.finish(kept)
    assert {
        keys[fold]: ([left[i] for i in members[start:stop]], count)
        for fold, (start, stop), count in zip(folds, pairwise(starts), counts, strict=True)
    } == listed(living)


def test_no_bit_of_a_count_table_is_read_for_two_blocks(kernels: Any) -> None:
    """Else every block of a small file could name the whole stream."""
    words, firsts, starts = encode_counts(kernels, list(range(0, 900, 3)), [2] * 300)
    starts[1] -= starts[1] & 0xFFFFFFFFFF  # where the first block begins
    table = kernels.counts.CountTable(words, firsts, starts)
    with pytest.raises(IndexCorruptError, match="runs over"):
        table.check()


def test_no_position_is_read_for_two_terms(kernels: Any) -> None:
    """Else a small file could let each of many terms have the positions of all."""
    encoder = kernels.postings.PostingsEncoder(True)
    bounds, docs, freqs = array("I", [0, 1, 2]), array("I", [0, 0]), array("I", [300, 300])
    places = array("I", [*range(0, 600, 2), *range(1, 600, 2)])
    offsets, place_offsets = array("I", bytes(8)), array("I", bytes(8))
    encoder.add_terms(bounds, docs, freqs, places, array("I", [600]), 600.0, offsets, place_offsets)
    streams = encoder.finish()
    df, bases = array("I", [1, 1]), array("I", [0, 600])

    def restored() -> list[int]:
        tokens = array("i", [-1]) * 600
        source = kernels.merging.PostingSource(
            *streams, offsets, place_offsets, df, bases, array("I", [0, 1]), array("I", [0]), "file"
        )
        kernels.merging.restore(source, bytearray([1]), 0, 1, array("I", [0]), tokens)
        return list(tokens)

    assert restored() == [0, 1] * 300
    place_offsets[1] = 20
    with pytest.raises(IndexCorruptError, match="positions"):
        restored()


def test_no_byte_of_a_dictionary_is_read_for_two_blocks(kernels: Any) -> None:
    """Else a small file could list its longest term a million times over."""
    terms = [f"t{number:03}".encode() for number in range(40)]
    blob, offsets = kernels.terms.encode_terms(terms)
    offsets[1] = offsets[0]
    with pytest.raises(IndexCorruptError, match="follow each other"):
        kernels.terms.TermList(blob, offsets, len(terms)).slice(0, len(terms))


@relaxed
@given(seed=st.integers(0, 1 << 30), size=st.sampled_from([0, 1, 3, 130, 3_000]))
def test_the_documents_of_words_are_added_up(kernels: Any, seed: int, size: int) -> None:
    rng = random.Random(seed)
    terms = [f"{rng.getrandbits(64)}đ" for _ in range(9)]
    head = rng.sample(terms, rng.randrange(3))
    hashes = [kernels.invert.hash_terms([one.encode() for one in (*head, term)]) for term in terms]
    sought = list(map(kernels.invert.word_key, hashes))
    tables, counted = [], []
    for _ in range(2):
        keys = {rng.getrandbits(40) >> rng.choice([0, 0, 0, 20]) for _ in range(size)}
        counts = {key: rng.randrange(1, 99) for key in {*keys, *rng.sample(sought, min(5, size))}}
        encoder = kernels.counts.CountsEncoder()
        ordered = sorted(counts)
        encoder.extend(array("Q", ordered), array("I", [counts[key] for key in ordered]))
        tables.append(kernels.counts.CountTable(*encoder.finish()))
        counted.append(counts)
    expected = [sum(counts.get(key, 0) for counts in counted) for key in sought]
    assert kernels.invert.word_documents(tables, head, terms) == expected

"""Sets of documents equal Python's own, compiled or interpreted."""

from __future__ import annotations

import random
from array import array
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernel_modes import interpreted
from test_matching import DOCS, Lists

from vnsearch.errors import IndexCorruptError
from vnsearch.kernels import masks, postings

KERNELS = [(masks, postings), (interpreted("masks"), interpreted("postings"))]
MODES = ["compiled", "interpreted"]
each_kernel = pytest.mark.parametrize("kernel", [kernel for kernel, _ in KERNELS], ids=MODES)


def mask_of(docs: set[int], size: int) -> bytearray:
    return bytearray(doc in docs for doc in range(size))


@each_kernel
@given(st.data())
def test_sets(kernel: ModuleType, data: st.DataObject) -> None:
    size = data.draw(st.integers(0, 40))
    some = st.sets(st.integers(0, size - 1)) if size else st.just(set())
    one, two = data.draw(some), data.draw(some)
    for change, expected in (
        (kernel.intersect, one & two),
        (kernel.unite, one | two),
        (kernel.subtract, one - two),
    ):
        mask = mask_of(one, size)
        change(mask, bytes(mask_of(two, size)))
        assert mask == mask_of(expected, size)
        assert kernel.docs_of(mask) == array("I", sorted(expected))
        with pytest.raises(ValueError, match="different lengths"):
            change(mask, bytes(size + 1))
    mask = bytearray(size)
    kernel.mark_docs(array("I", sorted(one)), mask)
    assert mask == mask_of(one, size)
    with pytest.raises(IndexCorruptError):
        kernel.mark_docs(array("I", [size]), mask)
    bits = bytes(sum((8 * at + bit in one) << bit for bit in range(8)) for at in range(6))
    assert kernel.expand_bits(bits, size, 1) == mask_of(one, size)
    assert kernel.expand_bits(bits, size, 0) == mask_of(set(range(size)) - one, size)
    with pytest.raises(ValueError, match="shorter"):
        kernel.expand_bits(bits, 49, 0)
    for kind in "dq":
        values = array(kind, [doc % 7 for doc in range(size)])
        for present, there in ((None, set(range(size))), (bits, one)):
            mask = bytearray(size)
            kernel.mark_range(values, present, 2.0, 4.5, mask)
            assert mask == mask_of({doc for doc in there if 2 <= doc % 7 <= 4}, size)


@pytest.mark.parametrize(("kernel", "codec"), KERNELS, ids=MODES)
def test_what_posting_lists_hold(kernel: ModuleType, codec: ModuleType) -> None:
    lists = Lists(4, [500, 800, 1], codec)
    held = [{doc for doc, _ in postings} for postings in lists.lists]
    mask = bytearray(DOCS)
    kernel.mark([lists.cursor(0), lists.cursor(2)], mask)
    assert mask == mask_of(held[0] | held[2], DOCS)
    _, _, offsets, _ = lists.streams
    dfs = array("I", [len(one) for one in held])
    mask = bytearray(DOCS)
    kernel.mark_terms(lists.cursor(0), array("I", [1, 2]), offsets, dfs, mask)
    assert mask == mask_of(held[1] | held[2], DOCS)
    only = bytes(mask_of(held[0], DOCS))
    for terms, allowed, of in (
        ([0, 1], None, held[0] | held[1]),
        ([1, 2], only, held[0] & (held[1] | held[2])),
    ):
        for k in (0, 1, 7, 700, DOCS):
            ordinals = array("I", terms)
            found = kernel.first_docs(lists.cursor(0), ordinals, offsets, dfs, k, allowed)
            assert found == array("I", sorted(of)[:k])
    with pytest.raises(IndexCorruptError):
        kernel.mark_terms(lists.cursor(0), array("I", [3]), offsets, dfs, mask)
    with pytest.raises(IndexCorruptError):
        kernel.first_docs(lists.cursor(0), array("I", [3]), offsets, dfs, 1)
    wanted = array("I", sorted(random.Random(1).sample(range(DOCS), 2_000)))
    docs, freqs = kernel.postings_among(lists.cursor(1), wanted)
    expected = [(doc, len(places)) for doc, places in lists.lists[1] if doc in set(wanted)]
    assert list(zip(docs, freqs, strict=True)) == expected

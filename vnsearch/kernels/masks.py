# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Sets of a segment's documents: as masks, a byte of 0 or 1 for each document, and as arrays of
ascending numbers."""

import array as _array

import cython

from vnsearch.errors import IndexCorruptError

if cython.compiled:
    from cython.cimports.vnsearch.kernels.postings import Cursor
else:
    from vnsearch.kernels.postings import Cursor


def mark(cursors, out):
    """Set ``out[doc] = 1`` for every document of every cursor; ``out`` is a bytearray."""
    cursor: Cursor
    view: cython.uchar[::1] = memoryview(out)
    block: cython.Py_ssize_t
    i: cython.int
    if len(cursors) and view.shape[0] == 0:
        return
    for cursor in cursors:
        if cursor.doc_count > view.shape[0]:
            raise ValueError("the mask is shorter than the segment")
        for block in range(cursor.blocks):
            cursor.load(block)
            for i in range(cursor.n):
                view[cursor.docs[i]] = 1


def mark_terms(cursor: Cursor, ordinals, doc_offsets, df, out):
    """Set ``out[doc] = 1`` for every document of the terms with these ordinals.

    ``cursor`` is one over any list of the field's streams; ``doc_offsets`` and ``df`` have one
    item per term.
    """
    view: cython.uchar[::1] = memoryview(out)
    wanted: cython.const[cython.uint][::1] = memoryview(ordinals)
    offsets: cython.const[cython.uint][::1] = memoryview(doc_offsets)
    counts: cython.const[cython.uint][::1] = memoryview(df)
    j: cython.Py_ssize_t
    block: cython.Py_ssize_t
    i: cython.int
    if cursor.doc_count > view.shape[0]:
        raise ValueError("the mask is shorter than the segment")
    for j in range(wanted.shape[0]):
        if wanted[j] >= offsets.shape[0] or wanted[j] >= counts.shape[0]:
            raise IndexCorruptError("a term's ordinal is out of range")
        cursor.aim(offsets[wanted[j]], 0, counts[wanted[j]])
        for block in range(cursor.blocks):
            cursor.load(block)
            for i in range(cursor.n):
                view[cursor.docs[i]] = 1


def docs_of(mask):
    """Return the documents whose byte in the mask is set, as an array."""
    view: cython.const[cython.uchar][::1] = memoryview(mask)
    count: cython.Py_ssize_t = 0
    i: cython.Py_ssize_t
    n: cython.Py_ssize_t = view.shape[0]
    for i in range(n):
        if view[i]:
            count += 1
    docs = _array.array("I", bytes(4 * count))
    out: cython.uint[::1] = memoryview(docs) if count else memoryview(_array.array("I", [0]))
    count = 0
    for i in range(n):
        if view[i]:
            out[count] = i
            count += 1
    return docs


def intersect(mask, other):
    """Keep of a mask the documents that another has too."""
    view: cython.uchar[::1] = memoryview(mask)
    others: cython.const[cython.uchar][::1] = of_length(other, len(view))
    i: cython.Py_ssize_t
    for i in range(view.shape[0]):
        view[i] &= others[i]


def unite(mask, other):
    """Add to a mask the documents of another."""
    view: cython.uchar[::1] = memoryview(mask)
    others: cython.const[cython.uchar][::1] = of_length(other, len(view))
    i: cython.Py_ssize_t
    for i in range(view.shape[0]):
        view[i] |= others[i]


def subtract(mask, other):
    """Take from a mask the documents of another."""
    view: cython.uchar[::1] = memoryview(mask)
    others: cython.const[cython.uchar][::1] = of_length(other, len(view))
    i: cython.Py_ssize_t
    for i in range(view.shape[0]):
        view[i] &= others[i] ^ 1


@cython.cfunc
def of_length(mask, length: cython.Py_ssize_t):
    """Return a mask that must be so long."""
    if len(mask) != length:
        raise ValueError("masks of different lengths")
    return memoryview(mask)


def expand_bits(bits, count: int, value_of_set: int):
    """Return a bytearray of 0/1 per bit: ``value_of_set`` where set, its opposite elsewhere."""
    out = bytearray(count)
    view: cython.uchar[::1] = memoryview(out)
    source: cython.const[cython.uchar][::1] = memoryview(bits)
    i: cython.Py_ssize_t
    n: cython.Py_ssize_t = count
    one: cython.uchar = value_of_set
    if 8 * source.shape[0] < n:
        raise ValueError("the bitmap is shorter than the segment")
    for i in range(n):
        view[i] = one if (source[i >> 3] >> (i & 7)) & 1 else 1 - one
    return out


def mark_docs(docs, out):
    """Set ``out[doc] = 1`` for each document; `IndexCorruptError` for one that is not there."""
    view: cython.uchar[::1] = memoryview(out)
    source: cython.const[cython.uint][::1] = memoryview(docs)
    i: cython.Py_ssize_t
    n: cython.Py_ssize_t = view.shape[0]
    for i in range(source.shape[0]):
        if source[i] >= n:
            raise IndexCorruptError("a posting names a document that is not there")
        view[source[i]] = 1


def mark_range(values, present, low: float, high: float, out):
    """Set ``out[doc] = 1`` where ``low <= values[doc] <= high`` and the value is present.

    ``values`` is a column of type "d" or "q", ``present`` its bitmap or None when all are there.
    """
    view: cython.uchar[::1] = memoryview(out)
    n: cython.Py_ssize_t = view.shape[0]
    everywhere: cython.bint = present is None
    bits: cython.const[cython.uchar][::1] = memoryview(bytes(1) if present is None else present)
    floats: cython.const[cython.double][::1]
    integers: cython.const[cython.longlong][::1]
    i: cython.Py_ssize_t
    bottom: cython.double = low
    ceiling: cython.double = high
    if len(values) < n or (not everywhere and 8 * bits.shape[0] < n):
        raise ValueError("the column is shorter than the segment")
    if memoryview(values).format == "d":
        floats = memoryview(values)
        for i in range(n):
            if everywhere or (bits[i >> 3] >> (i & 7)) & 1:
                if bottom <= floats[i] <= ceiling:
                    view[i] = 1
    else:
        integers = memoryview(values)
        for i in range(n):
            if everywhere or (bits[i >> 3] >> (i & 7)) & 1:
                if bottom <= cython.cast(cython.double, integers[i]) <= ceiling:
                    view[i] = 1


def postings_among(cursor: Cursor, docs):
    """Return (documents, frequencies) of the postings whose document is in ``docs`` (ascending)."""
    wanted: cython.const[cython.uint][::1] = memoryview(docs)
    i: cython.Py_ssize_t
    found = _array.array("I")
    freqs = _array.array("I")
    for i in range(wanted.shape[0]):
        if cursor.seek(wanted[i]) == wanted[i]:
            found.append(wanted[i])
            cursor.need_freqs()
            freqs.append(cursor.freqs[cursor.i])
    return found, freqs


def first_docs(cursor: Cursor, ordinals, doc_offsets, df, k: int, mask=None):
    """Return the ``k`` lowest documents that have any of the terms with these ordinals, ascending.

    ``cursor`` is one over any list of the field's streams; ``doc_offsets`` and ``df`` have one
    item per term. Documents whose byte in ``mask`` is 0 are passed over.
    """
    wanted: cython.const[cython.uint][::1] = memoryview(ordinals)
    offsets: cython.const[cython.uint][::1] = memoryview(doc_offsets)
    counts: cython.const[cython.uint][::1] = memoryview(df)
    allowed: cython.const[cython.uchar][::1] = memoryview(b"" if mask is None else mask)
    masked: cython.bint = mask is not None
    room: cython.Py_ssize_t = k
    n: cython.Py_ssize_t = 0
    j: cython.Py_ssize_t
    at: cython.Py_ssize_t
    move: cython.Py_ssize_t
    block: cython.Py_ssize_t
    i: cython.int
    doc: cython.uint
    best: cython.uint[::1] = memoryview(_array.array("I", bytes(4 * max(k, 1))))
    full: cython.bint
    if k < 1:
        return _array.array("I")
    if masked and allowed.shape[0] < cursor.doc_count:
        raise ValueError("the mask is shorter than the segment")
    for j in range(wanted.shape[0]):
        if wanted[j] >= offsets.shape[0] or wanted[j] >= counts.shape[0]:
            raise IndexCorruptError("a term's ordinal is out of range")
        cursor.aim(offsets[wanted[j]], 0, counts[wanted[j]])
        if cursor.df == 0 or (n == room and cursor.first_at_least() > best[n - 1]):
            continue
        full = False
        for block in range(cursor.blocks):
            cursor.load(block)
            for i in range(cursor.n):
                doc = cursor.docs[i]
                if n == room and doc >= best[n - 1]:
                    full = True
                    break
                if masked and allowed[doc] == 0:
                    continue
                at = n
                while at > 0 and best[at - 1] > doc:
                    at -= 1
                if at > 0 and best[at - 1] == doc:
                    continue
                move = min(n, room - 1)
                while move > at:
                    best[move] = best[move - 1]
                    move -= 1
                best[at] = doc
                if n < room:
                    n += 1
            if full:
                break
    return _array.array("I", best[:n])

# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Columns of numbers at once: counting values, finding who comes first by them, what to trust."""

import array as _array

import cython

LAST = (1 << 63) - 1
"""The key of no value: after every other, whichever way they are ordered."""

_NO_ORDINAL = cython.declare(cython.uint, 0xFFFFFFFF)
_LAST = cython.declare(cython.longlong, LAST)


def ascends(numbers):
    """Return whether no number ('I') is less than the one before it."""
    view: cython.const[cython.uint][::1] = numbers
    i: cython.Py_ssize_t
    for i in range(1, len(view)):
        if view[i] < view[i - 1]:
            return False
    return True


def distinct(numbers, size: cython.Py_ssize_t):
    """Return whether the numbers ('I') are all less than ``size``, and none is there twice."""
    view: cython.const[cython.uint][::1] = numbers
    seen: cython.uchar[::1] = bytearray(max(size, 1))
    i: cython.Py_ssize_t
    for i in range(len(view)):
        if view[i] >= size or seen[view[i]]:
            return False
        seen[view[i]] = 1
    return True


def new_windows(docs, spans, shift: cython.int, known):
    """Return the windows of ``1 << shift`` items where items of the documents lie, but for those
    marked in ``known``, which has a byte for each; they are marked then.

    The items of document ``d`` are ``spans[d]`` to ``spans[d + 1]`` ('I').
    """
    bounds: cython.const[cython.uint][::1] = spans
    marks: cython.uchar[::1] = known
    doc: cython.Py_ssize_t
    window: cython.Py_ssize_t
    last: cython.Py_ssize_t
    found: list = []
    for doc in docs:
        window = bounds[doc] >> shift
        last = min(bounds[doc + 1] >> shift, len(marks) - 1)
        while window <= last:
            if not marks[window]:
                marks[window] = 1
                found.append(window)
            window += 1
    return found


def transpose(starts, members, size: cython.Py_ssize_t):
    """Return (starts, groups) of each member, given those of each group: which groups it is in.

    Group ``g`` has the members ``members[starts[g]:starts[g + 1]]`` ('I', below ``size``), in any
    order; groups ascend, and none comes twice. Done twice, members ascend and none comes twice.
    """
    given: cython.const[cython.uint][::1] = starts
    member_view: cython.const[cython.uint][::1] = members
    made = _array.array("I", [0]) * (size + 1)
    next_ends = _array.array("I", [0]) * max(size, 1)
    bounds: cython.uint[::1] = made
    ends: cython.uint[::1] = next_ends
    group: cython.Py_ssize_t
    at: cython.Py_ssize_t
    member: cython.uint
    groups: cython.Py_ssize_t = len(given) - 1
    if groups < 0 or given[groups] > len(member_view) or not ascends(starts):
        raise ValueError("the groups do not fit their members")
    # each member's last group, from 1, tells a repeated one
    for group in range(groups):
        for at in range(given[group], given[group + 1]):
            member = member_view[at]
            if member >= size:
                raise ValueError(f"member {member} of {size}")
            if ends[member] != group + 1:
                ends[member] = cython.cast(cython.uint, group + 1)
                bounds[member + 1] += 1
    for at in range(size):
        bounds[at + 1] += bounds[at]
        ends[at] = bounds[at]
    found = _array.array("I", [0]) * bounds[size]
    result: cython.uint[::1] = memoryview(found if len(found) else _array.array("I", [0]))
    for group in range(groups):
        for at in range(given[group], given[group + 1]):
            member = member_view[at]
            if ends[member] == bounds[member] or result[ends[member] - 1] != group:
                result[ends[member]] = cython.cast(cython.uint, group)
                ends[member] += 1
    return made, found


def count_ordinals(docs, ordinals, starts, counts):
    """Add 1 to counts[o] for each ordinal o of each document; return whether all are there.

    ``docs`` ('I') lie within the column. A document's ordinals are ``ordinals[doc]`` (0xFFFFFFFF:
    none), or ``ordinals[starts[doc]:starts[doc + 1]]`` unless ``starts`` is None.
    """
    wanted: cython.const[cython.uint][::1] = docs
    column: cython.const[cython.uint][::1] = ordinals
    several: cython.bint = starts is not None
    bounds: cython.const[cython.uint][::1] = starts if several else ordinals
    result: cython.uint[::1] = counts
    size: cython.Py_ssize_t = len(counts)
    room: cython.Py_ssize_t = len(ordinals)
    i: cython.Py_ssize_t
    at: cython.Py_ssize_t
    stop: cython.Py_ssize_t
    ordinal: cython.uint
    for i in range(len(docs)):
        at = wanted[i]
        stop = at + 1
        if several:
            stop = bounds[at + 1]
            at = bounds[at]
            if at > stop or stop > room:
                return False
        while at < stop:
            ordinal = column[at]
            if ordinal < size:
                result[ordinal] += 1
            elif several or ordinal != _NO_ORDINAL:
                return False
            at += 1
    return True


def first_ordinals(docs, ordinals, starts, size: cython.Py_ssize_t):
    """Return each document's first ordinal, or `LAST`, as an array 'q'; None where one cannot be.

    ``size`` is the number of ordinals there are; the others are as for `count_ordinals`.
    """
    wanted: cython.const[cython.uint][::1] = docs
    column: cython.const[cython.uint][::1] = ordinals
    several: cython.bint = starts is not None
    bounds: cython.const[cython.uint][::1] = starts if several else ordinals
    room: cython.Py_ssize_t = len(ordinals)
    i: cython.Py_ssize_t
    at: cython.Py_ssize_t
    stop: cython.Py_ssize_t
    keys = _array.array("q", bytes(8 * len(docs)))
    out: cython.longlong[::1] = keys
    for i in range(len(docs)):
        at = wanted[i]
        stop = at + 1
        if several:
            stop = bounds[at + 1]
            at = bounds[at]
            if at > stop or stop > room:
                return None
        if at == stop or (not several and column[at] == _NO_ORDINAL):
            out[i] = _LAST
        elif column[at] < size:
            out[i] = column[at]
        else:
            return None
    return keys


def gather(docs, values, present):
    """Return the values ('q') of those of the documents that have one, as an array 'q'.

    ``present`` is a bitmap of the documents that do ('B'), or None where all do.
    """
    wanted: cython.const[cython.uint][::1] = docs
    column: cython.const[cython.longlong][::1] = values
    some: cython.bint = present is not None
    bits: cython.const[cython.uchar][::1] = present if some else b""
    i: cython.Py_ssize_t
    doc: cython.Py_ssize_t
    count: cython.Py_ssize_t = 0
    found = _array.array("q", bytes(8 * len(docs)))
    out: cython.longlong[::1] = found
    for i in range(len(docs)):
        doc = wanted[i]
        if not some or bits[doc >> 3] >> (doc & 7) & 1:
            out[count] = column[doc]
            count += 1
    return found[:count]


def order_keys(docs, values, present, floats: cython.bint):
    """Return numbers that order the documents as their values do, `LAST` for none (array 'q').

    ``floats`` says that the values are the bits of float64, else they are int64; ``present`` is
    as for `gather`.
    """
    wanted: cython.const[cython.uint][::1] = docs
    column: cython.const[cython.longlong][::1] = values
    some: cython.bint = present is not None
    bits: cython.const[cython.uchar][::1] = present if some else b""
    i: cython.Py_ssize_t
    doc: cython.Py_ssize_t
    key: cython.longlong
    keys = _array.array("q", bytes(8 * len(docs)))
    out: cython.longlong[::1] = keys
    for i in range(len(docs)):
        doc = wanted[i]
        if some and not bits[doc >> 3] >> (doc & 7) & 1:
            out[i] = _LAST
            continue
        key = column[doc]
        if floats and key < 0:
            # the bits of negative numbers ascend as they fall; -0.0 becomes 0
            key = -(key & _LAST)
        if key == _LAST:
            key = _LAST - 1
        elif key < -_LAST + 1:
            key = -_LAST + 1
        out[i] = key
    return keys


def reverse(keys):
    """Turn an order round, in place; what has no value stays last."""
    view: cython.longlong[::1] = keys
    i: cython.Py_ssize_t
    for i in range(len(keys)):
        if view[i] != _LAST:
            view[i] = -view[i]


@cython.cfunc
@cython.inline
@cython.exceptval(check=False)
def _after(
    rows: cython.longlong[::1], width: cython.Py_ssize_t, a: cython.Py_ssize_t, b: cython.Py_ssize_t
) -> cython.bint:
    """Whether row a comes after row b; equal rows stay in their order."""
    j: cython.Py_ssize_t
    for j in range(width):
        if rows[a * width + j] != rows[b * width + j]:
            return rows[a * width + j] > rows[b * width + j]
    return a > b


def first_places(columns: list, count: cython.Py_ssize_t):
    """Return the ``count`` places whose keys come first, ascending places (a list of int).

    ``columns`` (arrays 'q' of one length, at least one) hold the first key of each place, the
    key among equals, and so on; equal keys throughout stay in their order.
    """
    width: cython.Py_ssize_t = len(columns)
    size: cython.Py_ssize_t = len(columns[0])
    column: cython.const[cython.longlong][::1]
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    child: cython.Py_ssize_t
    place: cython.Py_ssize_t
    if count >= size:
        return list(range(size))
    if count <= 0:
        return []
    rows: cython.longlong[::1] = _array.array("q", bytes(8 * width * size))
    for j in range(width):
        column = columns[j]
        for i in range(size):
            rows[i * width + j] = column[i]
    kept = _array.array("q", range(count))
    heap: cython.longlong[::1] = kept  # each place comes after its children: the root is the last
    for i in range(count // 2 - 1, -1, -1):
        _sink(rows, width, heap, count, i)
    for place in range(count, size):
        child = heap[0]
        if _after(rows, width, child, place):
            heap[0] = place
            _sink(rows, width, heap, count, 0)
    return sorted(kept)


@cython.cfunc
@cython.exceptval(check=False)
def _sink(
    rows: cython.longlong[::1],
    width: cython.Py_ssize_t,
    heap: cython.longlong[::1],
    count: cython.Py_ssize_t,
    at: cython.Py_ssize_t,
) -> cython.void:
    """Let a place sink in the heap until both its children come before it."""
    child: cython.Py_ssize_t
    place: cython.longlong = heap[at]
    while 2 * at + 1 < count:
        child = 2 * at + 1
        if child + 1 < count and _after(rows, width, heap[child + 1], heap[child]):
            child += 1
        if not _after(rows, width, heap[child], place):
            break
        heap[at] = heap[child]
        at = child
    heap[at] = place

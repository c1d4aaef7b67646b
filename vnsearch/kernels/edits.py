# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Terms within a few edits of a given one: the dictionary scanned with a banded edit distance.

Optimal string alignment (insertion, deletion, substitution, swap of neighbours each cost 1) over
code points, only the diagonal band that the bound leaves (Ukkonen, "Algorithms for approximate
string matching", 1985).
"""

import array as _array

import cython

MAX_LENGTH = 64


@cython.cfunc
@cython.exceptval(-1, check=False)
def decode(
    blob: bytes,
    stop: cython.Py_ssize_t,
    out: cython.uint[::1],
    room: cython.Py_ssize_t,
) -> cython.Py_ssize_t:
    """Decode UTF-8 bytes to code points; return how many, or ``room`` + 1 if there are more."""
    at: cython.Py_ssize_t = 0
    n: cython.Py_ssize_t = 0
    code: cython.uint
    byte: cython.uchar
    more: cython.int
    while at < stop:
        if n == room:
            return room + 1
        byte = blob[at]
        at += 1
        if byte < 0x80:
            code = byte
            more = 0
        elif byte < 0xE0:
            code = byte & 0x1F
            more = 1
        elif byte < 0xF0:
            code = byte & 0x0F
            more = 2
        else:
            code = byte & 0x07
            more = 3
        while more > 0 and at < stop:
            code = (code << 6) | (blob[at] & 0x3F)
            at += 1
            more -= 1
        out[n] = code
        n += 1
    return n


def near_terms(terms: list, term: str, distance: int):
    """Return (place, distance) of those of ``terms`` at most ``distance`` edits from ``term``."""
    size: cython.Py_ssize_t = min(len(term), MAX_LENGTH)
    want: cython.uint[::1] = memoryview(_array.array("I", [ord(c) for c in term[:size]] or [0]))
    have: cython.uint[::1] = memoryview(_array.array("I", bytes(4 * (MAX_LENGTH + 4))))
    older: cython.int[::1] = memoryview(_array.array("i", bytes(4 * (MAX_LENGTH + 4))))
    above: cython.int[::1] = memoryview(_array.array("i", bytes(4 * (MAX_LENGTH + 4))))
    row: cython.int[::1] = memoryview(_array.array("i", bytes(4 * (MAX_LENGTH + 4))))
    spare: cython.int[::1]
    limit: cython.int = distance
    far: cython.int = distance + 1
    ordinal: cython.Py_ssize_t
    n: cython.Py_ssize_t
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    first: cython.Py_ssize_t
    last: cython.Py_ssize_t
    cost: cython.int
    best: cython.int
    stop: cython.Py_ssize_t
    data: bytes
    found = []
    for ordinal in range(len(terms)):
        data = terms[ordinal]
        stop = len(data)
        # a code point takes one to four bytes
        if stop < size - limit or stop > 4 * (size + limit):
            continue
        n = decode(data, stop, have, MAX_LENGTH)
        if n > size + limit or n < size - limit or n > MAX_LENGTH:
            continue
        for j in range(n + 1):
            above[j] = cython.cast(cython.int, j)
        best = 0
        for i in range(1, size + 1):
            first = max(1, i - limit)
            last = min(n, i + limit)
            for j in range(n + 1):
                row[j] = far
            if i <= limit:
                row[0] = cython.cast(cython.int, i)
            best = row[0]
            for j in range(first, last + 1):
                cost = above[j - 1] + (0 if want[i - 1] == have[j - 1] else 1)
                cost = min(cost, above[j] + 1, row[j - 1] + 1)
                if i > 1 and j > 1 and want[i - 1] == have[j - 2] and want[i - 2] == have[j - 1]:
                    cost = min(cost, older[j - 2] + 1)
                row[j] = cost
                best = min(best, cost)
            if best > limit:
                break
            spare = older
            older = above
            above = row
            row = spare
        if best <= limit and above[n] <= limit:
            found.append((ordinal, above[n]))
    return found

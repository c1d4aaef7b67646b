# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The word model's inner loop: a two-label linear-chain CRF decoded as CRFsuite decodes it."""

import cython


@cython.cfunc
@cython.inline
@cython.exceptval(check=False)
def _contains(table: cython.ulonglong[::1], mask: cython.ulonglong, key: cython.ulonglong) -> cython.bint:
    slot: cython.ulonglong = ((key * 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF) >> 20 & mask
    while table[slot] != 0:
        if table[slot] == key:
            return True
        slot = (slot + 1) & mask
    return False


def hash_set(keys):
    """Return an open-addressing table ('Q', at most half full) of non-zero 64-bit keys."""
    from array import array

    size = 16
    while size < 2 * len(keys):
        size *= 2
    table = array("Q", bytes(8 * size))
    for key in keys:
        slot = (key * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF) >> 20 & size - 1
        while table[slot]:
            slot = slot + 1 & size - 1
        table[slot] = key
    return table


@cython.locals(
    i=cython.Py_ssize_t,
    a=cython.ulonglong,
    b=cython.ulonglong,
    c=cython.ulonglong,
    f=cython.uint,
    g=cython.uint,
    s0=cython.double,
    s1=cython.double,
    p0=cython.double,
    p1=cython.double,
    from0=cython.double,
    from1=cython.double,
    t00=cython.double,
    t01=cython.double,
    t10=cython.double,
    t11=cython.double,
    pair=cython.bint,
    next_pair=cython.bint,
    triple=cython.bint,
    next_triple=cython.bint,
    before_triple=cython.bint,
    back=cython.uint,
    label=cython.uint,
    pair_mask=cython.ulonglong,
    triple_mask=cython.ulonglong,
)
def decode(
    forms: cython.uint[::1],
    flags: cython.uchar[::1],
    count: cython.Py_ssize_t,
    state: cython.double[::1],
    shared: cython.double[::1],
    pairs: cython.ulonglong[::1],
    triples: cython.ulonglong[::1],
    labels: cython.uchar[::1],
):
    """Write the label (0 or 1, as CRFsuite numbers them) of each of ``count`` syllables.

    Every sum is taken in the order CRFsuite takes it, and of two equal scores the lower label
    wins, so that rounding and ties fall as they do there.
    """
    if count == 0:
        return
    pair_mask = len(pairs) - 1
    triple_mask = len(triples) - 1
    t00, t01, t10, t11 = shared[22], shared[23], shared[24], shared[25]
    p0 = p1 = 0.0
    pair = triple = before_triple = False
    for i in range(count):
        # a, b, c: this syllable and the next two; pair: (i-1, i); triple: (i-2, i-1, i).
        a = forms[i]
        f = flags[i]
        b = forms[i + 1] if i + 1 < count else 0
        c = forms[i + 2] if i + 2 < count else 0
        next_pair = a != 0 and b != 0 and _contains(pairs, pair_mask, a << 20 | b)
        next_triple = (
            a != 0 and b != 0 and c != 0
            and _contains(triples, triple_mask, (a << 20 | b) << 20 | c)
        )  # fmt: skip
        s0 = state[6 * a]
        s1 = state[6 * a + 1]
        if f & 1:
            s0 += shared[0]
            s1 += shared[1]
        if f & 2:
            s0 += shared[2]
            s1 += shared[3]
        if f & 4:
            s0 += shared[4]
            s1 += shared[5]
        if i > 0:
            g = flags[i - 1]
            s0 += state[6 * forms[i - 1] + 2]
            s1 += state[6 * forms[i - 1] + 3]
            if g & 2:
                s0 += shared[6]
                s1 += shared[7]
            if g & 1:
                s0 += shared[8]
                s1 += shared[9]
            if pair:
                s0 += shared[10]
                s1 += shared[11]
            if before_triple:
                s0 += shared[12]
                s1 += shared[13]
        if i + 1 < count:
            g = flags[i + 1]
            s0 += state[6 * b + 4]
            s1 += state[6 * b + 5]
            if g & 2:
                s0 += shared[14]
                s1 += shared[15]
            if g & 1:
                s0 += shared[16]
                s1 += shared[17]
            if next_pair:
                s0 += shared[18]
                s1 += shared[19]
            if next_triple:
                s0 += shared[20]
                s1 += shared[21]
        if i > 0:
            from0 = p0 + t00
            from1 = p1 + t10
            back = 0
            if from0 < from1:
                from0 = from1
                back = 1
            s0 = from0 + s0
            from0 = p0 + t01
            from1 = p1 + t11
            if from0 < from1:
                from0 = from1
                back |= 2
            s1 = from0 + s1
            labels[i] = back
        p0 = s0
        p1 = s1
        pair = next_pair
        before_triple = triple
        triple = next_triple
    label = 1 if p0 < p1 else 0
    for i in range(count - 1, 0, -1):
        back = labels[i]
        labels[i] = label
        label = back >> label & 1
    labels[0] = label

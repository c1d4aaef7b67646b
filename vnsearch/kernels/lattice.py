# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Which spellings a row of syllables was meant for: pair counts, forward-backward, Viterbi.

Position ``i`` of a query has ``sizes[i]`` candidate spellings. Their numbers lie one position
after the other in flat arrays; the pair counts of positions ``i`` and ``i + 1`` are a matrix,
row by row, and the matrices too lie one after the other. A candidate ``b`` follows ``a`` with the
probability of Witten and Bell (method C in "The zero-frequency problem", IEEE Transactions on
Information Theory 37(4), 1991):

    P(b | a) = (count(a, b) + kinds(a) * P(b)) / (following(a) + kinds(a))

Sums are scaled to 1 at each position, so no query is too long for a double.
"""

import cython

if cython.compiled:
    from cython.cimports.vnsearch.kernels.counts import CountTable
else:
    from vnsearch.kernels.counts import CountTable


def add_pairs(
    table: CountTable,
    terms: cython.ulonglong,
    left: cython.longlong[::1],
    right: cython.longlong[::1],
    places: cython.int[::1],
    counts: cython.double[::1],
) -> None:
    """Add to the matrix ``counts`` how often each ``right`` term follows each ``left`` one.

    ``table`` holds the pair (a, b) under the key ``a * terms + b``. Row i is for the ordinal
    ``left[i]`` (negative: a term the field does not hold), column ``places[j]`` for ``right[j]``.
    ``right`` ascends, so that a block of the table is decoded once a row.
    """
    rows: cython.Py_ssize_t = len(left)
    held: cython.Py_ssize_t = len(right)
    columns: cython.Py_ssize_t
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    block: cython.Py_ssize_t
    loaded: cython.Py_ssize_t = -1
    key: cython.ulonglong
    place: cython.int
    if rows == 0:
        return
    columns = len(counts) // rows
    for i in range(rows):
        if left[i] < 0:
            continue
        for j in range(held):
            key = left[i] * terms + right[j]
            if cython.compiled:
                block = table.block_of(key)
                if block < 0:
                    continue
                if block != loaded:
                    table.load(block)
                    loaded = block
                place = table.place_of(key)
                if place < table.n and table.gaps[place] == key:
                    counts[i * columns + places[j]] += table.tallies[place]
            else:
                counts[i * columns + places[j]] += table.get(key)


def solve(
    sizes: cython.int[::1],
    emission: cython.double[::1],
    unigram: cython.double[::1],
    following: cython.double[::1],
    kinds: cython.double[::1],
    pairs: cython.double[::1],
    posterior: cython.double[::1],
    joint: cython.double[::1],
    path: cython.int[::1],
    work: cython.double[::1],
) -> None:
    """Fill ``posterior`` (per candidate), ``joint`` (per pair) and ``path`` (best row).

    ``work`` holds at least as many numbers as there are candidates plus twice the greatest size.
    """
    n: cython.Py_ssize_t = len(sizes)
    i: cython.Py_ssize_t
    a: cython.Py_ssize_t
    b: cython.Py_ssize_t
    at: cython.Py_ssize_t  # first candidate of position i
    to: cython.Py_ssize_t  # first candidate of position i + 1
    m: cython.Py_ssize_t  # first number of the matrix between them
    na: cython.Py_ssize_t
    nb: cython.Py_ssize_t
    best: cython.Py_ssize_t
    total: cython.double
    value: cython.double
    room: cython.double
    score: cython.double
    beta: cython.Py_ssize_t
    fresh: cython.Py_ssize_t
    if n == 0:
        return

    # The transition probabilities stand in `joint` until the backward pass.
    at = 0
    m = 0
    for i in range(n - 1):
        na = sizes[i]
        nb = sizes[i + 1]
        to = at + na
        for a in range(na):
            room = following[at + a] + kinds[at + a]
            for b in range(nb):
                if room > 0.0:
                    value = (pairs[m] + kinds[at + a] * unigram[to + b]) / room
                else:
                    value = unigram[to + b]
                joint[m] = value * emission[to + b]
                m += 1
        at = to

    # Best row: scores in `posterior`, the way back in `work`.
    na = sizes[0]
    for a in range(na):
        posterior[a] = unigram[a] * emission[a]
    at = 0
    m = 0
    for i in range(n - 1):
        na = sizes[i]
        nb = sizes[i + 1]
        to = at + na
        total = 0.0
        for b in range(nb):
            best = 0
            score = -1.0
            for a in range(na):
                value = posterior[at + a] * joint[m + a * nb + b]
                if value > score:
                    score = value
                    best = a
            posterior[to + b] = score
            work[to + b] = best
            if score > total:
                total = score
        if total > 0.0:
            for b in range(nb):
                posterior[to + b] /= total
        m += na * nb
        at = to
    best = 0
    for a in range(1, sizes[n - 1]):
        if posterior[at + a] > posterior[at + best]:
            best = a
    for i in range(n - 1, -1, -1):
        path[i] = cython.cast(cython.int, best)
        if i:
            best = cython.cast(cython.Py_ssize_t, work[at + best])
            at -= sizes[i - 1]

    # Forward: the probability of each candidate given the query up to it, in `posterior`.
    total = 0.0
    na = sizes[0]
    for a in range(na):
        posterior[a] = unigram[a] * emission[a]
        total += posterior[a]
    for a in range(na):
        posterior[a] = posterior[a] / total if total > 0.0 else 1.0 / na
    at = 0
    m = 0
    for i in range(n - 1):
        na = sizes[i]
        nb = sizes[i + 1]
        to = at + na
        total = 0.0
        for b in range(nb):
            value = 0.0
            for a in range(na):
                value += posterior[at + a] * joint[m + a * nb + b]
            posterior[to + b] = value
            total += value
        for b in range(nb):
            posterior[to + b] = posterior[to + b] / total if total > 0.0 else 1.0 / nb
        m += na * nb
        at = to

    # Backward: beta of the position to the right in `work`, the new one beside it.
    nb = sizes[n - 1]
    beta = 0
    fresh = len(work) // 2
    for b in range(nb):
        work[beta + b] = 1.0
    for i in range(n - 2, -1, -1):
        na = sizes[i]
        nb = sizes[i + 1]
        to = at
        at -= na
        m -= na * nb
        total = 0.0
        for a in range(na):
            value = 0.0
            for b in range(nb):
                score = joint[m + a * nb + b] * work[beta + b]
                value += score
                score *= posterior[at + a]
                joint[m + a * nb + b] = score
                total += score
            work[fresh + a] = value
        for a in range(na * nb):
            joint[m + a] = joint[m + a] / total if total > 0.0 else 1.0 / (na * nb)
        total = 0.0
        score = 0.0
        for a in range(na):
            value = posterior[at + a] * work[fresh + a]
            posterior[at + a] = value
            total += value
            score += work[fresh + a]
        for a in range(na):
            posterior[at + a] = posterior[at + a] / total if total > 0.0 else 1.0 / na
            work[fresh + a] = work[fresh + a] / score if score > 0.0 else 1.0
        beta, fresh = fresh, beta

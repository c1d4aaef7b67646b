# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""How often terms stand side by side: matrices of pair counts, gathered from many tables.

A query asks of every two spellings of adjacent words whether one follows the other, in each field
of each segment. Nine in ten of these pairs are nowhere, and to read so from a table a block of it
must be decoded. `PairRows` therefore keeps a Bloom filter (B. Bloom, Communications of the ACM
13(7), 1970) of what follows a term once anything has been asked about it, in blocks of one word
(F. Putze, P. Sanders and J. Singler, ACM Journal of Experimental Algorithmics 14, 2009).
"""

import array as _array

import cython

if cython.compiled:
    from cython.cimports.vnsearch.kernels.bits import fetch_ahead
    from cython.cimports.vnsearch.kernels.counts import CountTable
    from cython.cimports.vnsearch.kernels.lattice import Numbers
else:
    from vnsearch.kernels.counts import CountTable
    from vnsearch.kernels.lattice import Numbers

# literals this large would be Python objects in compiled loops
ALL_64 = cython.declare(cython.ulonglong, 0xFFFFFFFFFFFFFFFF)
GOLDEN = cython.declare(cython.ulonglong, 0x9E3779B97F4A7C15)  # 2 ** 64 over the golden ratio
ONE = cython.declare(cython.ulonglong, 1)

# A row, among the numbers of all rows: its ordinal, the blocks it is in (from, before), the first
# word of its filter, the mask for the place of a word in it, its pairs, their documents.
ORDINAL = cython.declare(cython.int, 0)
LOW = cython.declare(cython.int, 1)
HIGH = cython.declare(cython.int, 2)
FILTER = cython.declare(cython.int, 3)
MASK = cython.declare(cython.int, 4)
ENTRIES = cython.declare(cython.int, 5)
TOTAL = cython.declare(cython.int, 6)
STRIDE = cython.declare(cython.int, 7)
WIDTH = cython.declare(cython.int, 5)  # of these, what `Places` copies


@cython.cclass
class PairRows:
    """What follows each term of a field, as far as it was asked.

    ``table`` holds the pair (a, b) under the key ``a * terms + b``, and the rows' filters take one
    to two bytes for each of its pairs at most.
    """

    table: CountTable
    terms: cython.longlong
    count: cython.Py_ssize_t
    used: cython.Py_ssize_t
    rows: cython.ulonglong[::1]
    words: cython.ulonglong[::1]
    _rows: object
    _words: object
    numbers: dict

    def __init__(self, table: CountTable, terms: cython.longlong):
        self.table = table
        self.terms = terms
        self.count = 0
        self.used = 0
        self._rows = _array.array("Q", bytes(8 * 7 * 8))
        self._words = _array.array("Q", bytes(8 * 32))
        self.rows = self._rows
        self.words = self._words
        self.numbers = {}

    @cython.cfunc
    @cython.exceptval(-1)
    def number(self, a: cython.longlong) -> cython.Py_ssize_t:
        """Return the number of the row of ordinal ``a``, which is read if it was not yet."""
        row: cython.Py_ssize_t
        known = self.numbers.get(a)
        if known is not None:
            return known
        if not 0 <= a < self.terms:
            raise IndexError(f"ordinal {a} of {self.terms}")
        row = self.read(a)
        self.numbers[a] = row
        return row

    def summary(self, a: cython.longlong):
        """Return (number of distinct ordinals that follow ``a``, sum of their documents)."""
        at: cython.Py_ssize_t = self.number(a) * STRIDE
        return self.rows[at + ENTRIES], self.rows[at + TOTAL]

    @cython.cfunc
    @cython.exceptval(-1)
    def read(self, a: cython.longlong) -> cython.Py_ssize_t:
        """Read a row: count what is in it and make its filter."""
        table: CountTable = self.table
        start: cython.ulonglong = cython.cast(cython.ulonglong, a * self.terms)
        stop: cython.ulonglong = start + cython.cast(cython.ulonglong, self.terms)
        low: cython.Py_ssize_t = max(table.block_of(start), 0)
        high: cython.Py_ssize_t = low
        room: cython.ulonglong = 0
        size: cython.Py_ssize_t = 1
        block: cython.Py_ssize_t
        i: cython.int
        keys: cython.ulonglong[::1] = table.gaps
        tallies: cython.ulonglong[::1] = table.tallies
        words: cython.ulonglong[::1]
        entries: cython.ulonglong = 0
        total: cython.ulonglong = 0
        hashed: cython.ulonglong
        base: cython.Py_ssize_t
        at: cython.Py_ssize_t
        while high < len(table.keys) and table.keys[high] < stop:
            room += (table.starts[high] >> 40) & 0xFF
            high += 1
        if high == low + 1:  # most rows share their block with others
            table.load(low)
            room = table.place_of(stop) - table.place_of(start)
        while cython.cast(cython.ulonglong, 8 * size) < room:
            size *= 2
        self.make_room(size)
        base = self.used
        words = self.words
        for block in range(low, high):
            if high > low + 1:
                table.load(block)
            for i in range(table.place_of(start), table.place_of(stop)):
                entries += 1
                total += tallies[i]
                hashed = ((keys[i] - start) * GOLDEN) & ALL_64
                at = base + (cython.cast(cython.Py_ssize_t, hashed >> 32) & (size - 1))
                words[at] |= (ONE << (hashed >> 58)) | (ONE << ((hashed >> 52) & 63))
        at = self.count * STRIDE
        self.rows[at + ORDINAL] = a
        self.rows[at + LOW] = low
        self.rows[at + HIGH] = high
        self.rows[at + FILTER] = base
        self.rows[at + MASK] = size - 1
        self.rows[at + ENTRIES] = entries
        self.rows[at + TOTAL] = total
        self.used += size
        self.count += 1
        return self.count - 1

    @cython.cfunc
    def make_room(self, size: cython.Py_ssize_t):
        """Make room for one more row and ``size`` words of its filter."""
        if (self.count + 1) * STRIDE > len(self.rows):
            grown = _array.array("Q", bytes(16 * len(self.rows)))
            memoryview(grown)[: len(self._rows)] = memoryview(self._rows)
            self._rows = grown
            self.rows = grown
        if self.used + size > len(self.words):
            grown = _array.array("Q", bytes(8 * (2 * len(self.words) + size)))
            memoryview(grown)[: len(self._words)] = memoryview(self._words)
            self._words = grown
            self.words = grown


def counts_after(fields: list, left: list, rights: list):
    """Return for each of ``rights`` in how many documents of all ``fields`` (`PairRows`) it stands
    right after ``left``; each term by its ordinals in the fields, -1 where it is not."""
    field: PairRows
    table: CountTable
    places: list
    number: cython.Py_ssize_t
    k: cython.Py_ssize_t
    at: cython.Py_ssize_t
    low: cython.Py_ssize_t
    block: cython.Py_ssize_t
    a: cython.longlong
    b: cython.longlong
    key: cython.ulonglong
    found: list = [0] * len(rights)
    for number in range(len(fields)):
        field = fields[number]
        table = field.table
        a = left[number]
        if a < 0:
            continue
        at = STRIDE * field.number(a)
        low = field.rows[at + LOW]
        for k in range(len(rights)):
            places = rights[k]
            b = places[number]
            if b < 0:
                continue
            if b >= field.terms:
                raise IndexError(f"ordinal {b} of {field.terms}")
            key = cython.cast(cython.ulonglong, a * field.terms + b)
            block = table.block_between(key, low, field.rows[at + HIGH])
            if block >= low:
                found[k] += table.count_in(block, key)
    return found


def documents_together(field: PairRows, lefts: list, rights: list):
    """Return the documents of every pair of one of the ordinals ``lefts`` and, right after it, one
    of ``rights``, added up; -1 is no term. What follows a term is not read as a row for this."""
    table: CountTable = field.table
    at: cython.Py_ssize_t
    low: cython.Py_ssize_t
    high: cython.Py_ssize_t
    block: cython.Py_ssize_t
    place: cython.Py_ssize_t
    a: cython.longlong
    b: cython.longlong
    key: cython.ulonglong
    hashed: cython.ulonglong
    bits: cython.ulonglong
    total: cython.longlong = 0
    for a in lefts:
        if a < 0:
            continue
        if a >= field.terms:
            raise IndexError(f"ordinal {a} of {field.terms}")
        known = field.numbers.get(a)
        at = -1
        low = 0
        high = len(table.keys)
        if known is not None:
            at = STRIDE * cython.cast(cython.Py_ssize_t, known)
            low = field.rows[at + LOW]
            high = field.rows[at + HIGH]
        for b in rights:
            if b < 0:
                continue
            if b >= field.terms:
                raise IndexError(f"ordinal {b} of {field.terms}")
            if at >= 0:
                hashed = (cython.cast(cython.ulonglong, b) * GOLDEN) & ALL_64
                place = field.rows[at + FILTER] + (
                    cython.cast(cython.Py_ssize_t, hashed >> 32) & field.rows[at + MASK]
                )
                bits = (ONE << (hashed >> 58)) | (ONE << ((hashed >> 52) & 63))
                if field.words[place] & bits != bits:
                    continue
            key = cython.cast(cython.ulonglong, a * field.terms + b)
            block = table.block_between(key, low, high)
            if block >= low:
                total += table.count_in(block, key)
    return total


@cython.cclass
class Places:
    """Where some terms stand in several fields, or in none, and what follows them there.

    ``terms`` hold for each term its ordinal in every field, -1 where the field does not hold it;
    ``fields`` are the fields' `PairRows`. ``kinds`` ('d') is how many
    different terms follow each, in the field where they are most, ``following`` the documents of
    all these pairs in all fields.
    """

    size: cython.Py_ssize_t
    fields: cython.Py_ssize_t
    # field by field, term by term: what its row has to say is copied, since asking for the first
    # time means waiting for every piece of memory
    numbers: cython.longlong[::1]
    kinds = cython.declare(object, visibility="readonly")
    following = cython.declare(object, visibility="readonly")

    def __init__(self, terms: list, fields: list):
        size: cython.Py_ssize_t = len(terms)
        number: cython.Py_ssize_t
        place: cython.Py_ssize_t
        at: cython.Py_ssize_t = 0
        row: cython.Py_ssize_t
        field: PairRows
        places: list
        kinds: cython.double[::1]
        following: cython.double[::1]
        self.size = size
        self.fields = len(fields)
        self.numbers = _array.array("q", bytes(8 * WIDTH * size * len(fields)))
        self.kinds = _array.array("d", bytes(8 * size))
        self.following = _array.array("d", bytes(8 * size))
        kinds = self.kinds
        following = self.following
        for places in terms:
            if len(places) != len(fields):
                raise ValueError("every term has an ordinal in every field")
        for number in range(len(fields)):
            field = fields[number]
            for place in range(size):
                places = terms[place]
                self.numbers[at + ORDINAL] = places[number]
                if self.numbers[at + ORDINAL] >= 0:
                    row = STRIDE * field.number(self.numbers[at + ORDINAL])
                    self.numbers[at + LOW] = field.rows[row + LOW]
                    self.numbers[at + HIGH] = field.rows[row + HIGH]
                    self.numbers[at + FILTER] = field.rows[row + FILTER]
                    self.numbers[at + MASK] = field.rows[row + MASK]
                    kinds[place] = max(
                        kinds[place], cython.cast(cython.double, field.rows[row + ENTRIES])
                    )
                    following[place] += field.rows[row + TOTAL]
                at += WIDTH


def pair_counts(fields: list, columns: list):
    """Return for each of ``columns`` (`Places`) and the next a matrix, row by row: in how many
    documents of all ``fields`` (`PairRows`) each term of the right stands right after each of the
    left. The matrices stand one after the other in one `Numbers`.

    A query's pairs are scattered over tables that are larger than the caches of a processor, and
    waiting for memory took most of the time. So all are looked up together, in three rounds, each
    of which asks for what the next one reads.
    """
    left: Places
    right: Places
    field: PairRows
    table: CountTable
    words: cython.ulonglong[::1]
    starts: cython.const[cython.ulonglong][::1]
    lefts: cython.longlong[::1]
    rights: cython.longlong[::1]
    matrix: cython.Py_ssize_t
    number: cython.Py_ssize_t
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    at: cython.Py_ssize_t
    to: cython.Py_ssize_t
    k: cython.Py_ssize_t
    n: cython.Py_ssize_t
    hits: cython.Py_ssize_t
    stop: cython.Py_ssize_t
    most: cython.ulonglong
    gaps: cython.ulonglong[::1]
    tallies: cython.ulonglong[::1]
    cell: cython.Py_ssize_t
    place: cython.Py_ssize_t
    low: cython.Py_ssize_t
    block: cython.Py_ssize_t
    start: cython.ulonglong
    hashed: cython.ulonglong
    size: cython.Py_ssize_t = 0
    for matrix in range(len(columns)):
        right = columns[matrix]
        if right.fields != len(fields):
            raise ValueError("the fields do not fit the terms")
        if matrix:
            left = columns[matrix - 1]
            size += left.size * right.size
    found = _array.array("d", bytes(8 * size))
    counts: cython.double[::1] = found
    # of each pair in question: its cell, its key, the blocks it may be in, then its bits in the
    # filter of its row and their place; where these are set, its cell, its key, its block
    asked: cython.ulonglong[::1] = _array.array("Q", bytes(8 * 6 * size))
    for number in range(len(fields)):
        field = fields[number]
        table = field.table
        words = field.words
        starts = table.starts
        gaps = table.gaps
        tallies = table.tallies
        n = 0
        cell = 0
        for matrix in range(len(columns) - 1):
            left = columns[matrix]
            right = columns[matrix + 1]
            lefts = left.numbers
            rights = right.numbers
            for i in range(left.size):
                at = WIDTH * (number * left.size + i)
                if lefts[at + ORDINAL] < 0:
                    cell += right.size
                    continue
                if lefts[at + FILTER] + lefts[at + MASK] >= field.used:
                    raise IndexError("no such row")
                start = cython.cast(cython.ulonglong, lefts[at + ORDINAL] * field.terms)
                to = WIDTH * number * right.size
                for j in range(right.size):
                    if rights[to + ORDINAL] >= 0:
                        hashed = cython.cast(cython.ulonglong, rights[to + ORDINAL])
                        asked[n + 1] = start + hashed
                        hashed = (hashed * GOLDEN) & ALL_64
                        place = lefts[at + FILTER] + (
                            cython.cast(cython.Py_ssize_t, hashed >> 32) & lefts[at + MASK]
                        )
                        asked[n] = cell
                        asked[n + 2] = lefts[at + LOW]
                        asked[n + 3] = lefts[at + HIGH]
                        asked[n + 4] = (ONE << (hashed >> 58)) | (ONE << ((hashed >> 52) & 63))
                        asked[n + 5] = place
                        n += 6
                        if cython.compiled:
                            fetch_ahead(
                                cython.cast(cython.p_uint, cython.address(words[place])), 0, 1
                            )
                    cell += 1
                    to += WIDTH
        hits = 0
        for k in range(0, n, 6):
            if words[asked[k + 5]] & asked[k + 4] != asked[k + 4]:
                continue
            low = asked[k + 2]
            block = table.block_between(asked[k + 1], low, asked[k + 3])
            if block < low:
                continue
            asked[hits] = asked[k]
            asked[hits + 1] = asked[k + 1]
            asked[hits + 2] = block
            hits += 3
            if cython.compiled:
                fetch_ahead(cython.cast(cython.p_uint, cython.address(starts[block])), 0, 1)
        for k in range(0, hits, 3):
            table.fetch(asked[k + 2])
        k = 0
        while k < hits:
            # pairs in the same block, a third of all, have its keys decoded once
            stop = k + 3
            most = asked[k + 1]
            while stop < hits and asked[stop + 2] == asked[k + 2]:
                most = max(most, asked[stop + 1])
                stop += 3
            if stop == k + 3:
                counts[asked[k]] += table.count_in(asked[k + 2], most)
            else:
                table.n = table.read_keys(asked[k + 2], most)
                for at in range(k, stop, 3):
                    i = table.place_of(asked[at + 1])
                    if i < table.n and gaps[i] == asked[at + 1]:
                        table.read_counts(i, 1)
                        counts[asked[at]] += tallies[0]
            k = stop
    return Numbers(found)

# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""How often terms stand side by side: matrices of pair counts, gathered from many tables.

A query asks of every two spellings of adjacent words whether one follows the other, in each field
of each segment, four or five thousand times for ten words. To read one from a table takes decoding
part of a block, and waiting for memory in four places. `PairRows` therefore keeps what follows a
term, once anything has been asked about it, in a hash table with open addressing (D. Knuth, "The
Art of Computer Programming" 3, 6.4): one place in memory tells.
"""

import array as _array

import cython

from vnsearch.errors import IndexCorruptError

if cython.compiled:
    from cython.cimports.vnsearch.kernels.bits import bit_length, bring_near
    from cython.cimports.vnsearch.kernels.counts import CountTable
    from cython.cimports.vnsearch.kernels.lattice import Numbers
else:
    from vnsearch.kernels.counts import CountTable
    from vnsearch.kernels.lattice import Numbers
    from vnsearch.kernels.postings import bit_length

# literals this large would be Python objects in compiled loops
ALL_64 = cython.declare(cython.ulonglong, 0xFFFFFFFFFFFFFFFF)
GOLDEN = cython.declare(cython.ulonglong, 0x9E3779B97F4A7C15)  # 2 ** 64 over the golden ratio
ONE = cython.declare(cython.ulonglong, 1)
LARGEST = cython.declare(cython.Py_ssize_t, 64)  # group of terms that share a place

NOTHING = _array.array("I", [0])
ZEROS = bytes(1 << 17)

# A row, among the numbers of all rows: its pairs, the first word of its table and the size of that,
# the documents of its pairs. A term in `Places`: its ordinal, the table of its row, its hash.
ENTRIES = cython.declare(cython.int, 0)
ORDINAL = cython.declare(cython.int, 0)
FIRST = cython.declare(cython.int, 1)
SIZE = cython.declare(cython.int, 2)
TOTAL = cython.declare(cython.int, 3)
HASH = cython.declare(cython.int, 3)
STRIDE = cython.declare(cython.int, 4)


@cython.cclass
class PairRows:
    """What follows each term of a field, as far as it was asked.

    ``table`` holds the pair (a, b) under the key ``a * terms + b``. A row takes eight bytes for
    each of its pairs: in every other word stand b and, in what is left of 32 bits, how many
    documents, ``full`` for all that are as many or more. ``folds`` are groups of terms that are
    asked for together: where each begins among the ordinals of all. A search for one of a group
    begins in the same place as for the others, so one cache line tells of all.
    """

    table: CountTable
    terms: cython.longlong
    folds: object
    # where in any table a search for each term begins: at so many parts of 2**32
    hashes: cython.uint[::1]
    _hashes: object
    shift: cython.int
    full: cython.uint
    count: cython.Py_ssize_t
    used: cython.Py_ssize_t
    rows: cython.ulonglong[::1]
    words: cython.uint[::1]
    _rows: object
    _words: object
    numbers: dict

    def __init__(self, table: CountTable, terms: cython.longlong, folds=None):
        self.table = table
        self.terms = terms
        self.folds = folds
        self._hashes = None
        if terms > 1 << 31:
            raise IndexCorruptError("a field has more terms than its pairs can name")
        self.shift = 32 - max(bit_length(cython.cast(cython.uint, max(terms - 1, 0))), 1)
        self.full = cython.cast(cython.uint, (ONE << self.shift) - 1)
        self.count = 0
        self.used = 0
        self._rows = _array.array("Q", bytes(8 * STRIDE * 8))
        self._words = _array.array("I", bytes(4 * 64))
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

    @cython.cfunc
    @cython.exceptval(-1, check=True)
    def hash_in(self, a: cython.longlong) -> cython.longlong:
        """Return where a search for ordinal ``a`` begins in any row."""
        if not 0 <= a < self.terms:
            raise IndexError(f"ordinal {a} of {self.terms}")
        if self._hashes is None:
            self.hash_terms()
        return self.hashes[a]

    @cython.cfunc
    @cython.exceptval(-1)
    def hash_terms(self) -> cython.int:
        """Find where a search for each term begins."""
        starts: cython.const[cython.uint][::1]
        members: cython.const[cython.uint][::1]
        hashes: cython.uint[::1]
        i: cython.Py_ssize_t
        at: cython.Py_ssize_t
        stop: cython.Py_ssize_t
        b: cython.Py_ssize_t
        made = NOTHING * self.terms
        hashes = made
        for b in range(self.terms):
            hashes[b] = hash_of(b)
        if self.folds is not None:
            starts, members = map(memoryview, self.folds)
            for i in range(len(starts) - 1):
                # where a file says that all terms are one group, a search would go through all
                stop = min(starts[i + 1], starts[i] + LARGEST, len(members))
                for at in range(starts[i], stop):
                    if members[at] >= self.terms:
                        raise IndexCorruptError("a fold key's term is out of range")
                    hashes[members[at]] = hash_of(members[starts[i]])
        self._hashes = made
        self.hashes = hashes
        return 0

    def summary(self, a: cython.longlong):
        """Return (number of distinct ordinals that follow ``a``, sum of their documents)."""
        at: cython.Py_ssize_t = self.number(a) * STRIDE
        return self.rows[at + ENTRIES], self.rows[at + TOTAL]

    @cython.cfunc
    @cython.exceptval(-1)
    def read(self, a: cython.longlong) -> cython.Py_ssize_t:
        """Read a row into a table of its own."""
        hashes: cython.const[cython.uint][::1]
        table: CountTable = self.table
        start: cython.ulonglong = cython.cast(cython.ulonglong, a * self.terms)
        terms: cython.ulonglong = cython.cast(cython.ulonglong, self.terms)
        stop: cython.ulonglong = start + terms
        low: cython.Py_ssize_t = max(table.block_of(start), 0)
        high: cython.Py_ssize_t = low
        room: cython.ulonglong = 0
        size: cython.Py_ssize_t = 1
        block: cython.Py_ssize_t
        i: cython.int
        keys: cython.ulonglong[::1] = table.gaps
        tallies: cython.ulonglong[::1] = table.tallies
        words: cython.uint[::1]
        entries: cython.ulonglong = 0
        total: cython.ulonglong = 0
        b: cython.ulonglong
        first: cython.Py_ssize_t
        at: cython.Py_ssize_t
        if self._hashes is None:
            self.hash_terms()
        hashes = self.hashes
        while high < len(table.keys) and table.keys[high] < stop:
            room += (table.starts[high] >> 40) & 0xFF
            high += 1
        if high == low + 1:  # most rows share their block with others
            table.load(low)
            room = table.place_of(stop) - table.place_of(start)
        elif high > low:
            table.load_keys(low)
            room -= table.place_of(start)
            table.load_keys(high - 1)
            room -= table.n - table.place_of(stop)
        # every other place stays free: a search soon comes to its end
        size += cython.cast(cython.Py_ssize_t, 2 * room)
        self.make_room(size)
        first = self.used
        words = self.words
        try:
            for block in range(low, high):
                if high > low + 1:
                    table.load(block)
                for i in range(table.place_of(start), table.place_of(stop)):
                    entries += 1
                    total += tallies[i]
                    b = (keys[i] - start) & ALL_64
                    if b >= terms:  # the keys wrapped: a search among them finds others'
                        table.unsorted()
                    at = place_in(hashes[b], size)
                    while words[first + at] != 0:
                        at = at + 1 if at + 1 < size else 0
                    words[first + at] = cython.cast(
                        cython.uint, (b << self.shift) | min(tallies[i], self.full)
                    )
        except BaseException:
            for at in range(first, first + size):  # the next row begins there
                words[at] = 0
            raise
        at = self.count * STRIDE
        self.rows[at + FIRST] = first
        self.rows[at + SIZE] = size
        self.rows[at + ENTRIES] = entries
        self.rows[at + TOTAL] = total
        self.used += size
        self.count += 1
        return self.count - 1

    @cython.cfunc
    @cython.inline
    @cython.exceptval(-1)
    def documents(
        self,
        a: cython.longlong,
        b: cython.longlong,
        hashed: cython.longlong,
        first: cython.Py_ssize_t,
        size: cython.Py_ssize_t,
    ) -> cython.longlong:
        """Return in how many documents ``b`` stands right after ``a``, whose row is there."""
        entry: cython.uint
        at: cython.Py_ssize_t = place_in(hashed, size)
        while True:
            entry = self.words[first + at]
            if entry == 0:
                return 0
            if entry >> self.shift == b:
                break
            at = at + 1 if at + 1 < size else 0
        entry &= self.full
        return entry if entry < self.full else self.seek(a, b)

    @cython.cfunc
    @cython.exceptval(-1)
    def in_row(
        self, a: cython.longlong, b: cython.longlong, at: cython.Py_ssize_t
    ) -> cython.longlong:
        """Return the same by the row whose numbers begin at ``at``."""
        return self.documents(a, b, self.hashes[b], self.rows[at + FIRST], self.rows[at + SIZE])

    @cython.cfunc
    @cython.exceptval(-1)
    def seek(self, a: cython.longlong, b: cython.longlong) -> cython.longlong:
        """Return the same from the table on disk."""
        return self.table.count_of(cython.cast(cython.ulonglong, a * self.terms + b))

    @cython.cfunc
    def make_room(self, size: cython.Py_ssize_t):
        """Make room for one more row and ``size`` words of its table."""
        if (self.count + 1) * STRIDE > len(self.rows):
            grown = _array.array("Q", bytes(16 * len(self.rows)))
            memoryview(grown)[: len(self._rows)] = memoryview(self._rows)
            self._rows = grown
            self.rows = grown
        if self.used + size > len(self.words):
            self.words = NOTHING  # an array that is looked at cannot grow in place
            size += self.used + len(self._words) // 4
            while len(self._words) < size:
                self._words.frombytes(ZEROS)
            self.words = self._words


@cython.cfunc
@cython.inline
@cython.exceptval(check=False)
def hash_of(b: cython.ulonglong) -> cython.uint:
    return cython.cast(cython.uint, ((b * GOLDEN) & ALL_64) >> 32)


@cython.cfunc
@cython.inline
@cython.exceptval(check=False)
def place_in(hashed: cython.ulonglong, size: cython.Py_ssize_t) -> cython.Py_ssize_t:
    """Return where a search begins in a table of so many words."""
    return cython.cast(cython.Py_ssize_t, (hashed * size) >> 32)


def counts_after(fields: list, left: list, rights: list):
    """Return for each of ``rights`` in how many documents of all ``fields`` (`PairRows`) it stands
    right after ``left``; each term by its ordinals in the fields, -1 where it is not."""
    field: PairRows
    places: list
    number: cython.Py_ssize_t
    k: cython.Py_ssize_t
    at: cython.Py_ssize_t
    a: cython.longlong
    b: cython.longlong
    found: list = [0] * len(rights)
    for number in range(len(fields)):
        field = fields[number]
        a = left[number]
        if a < 0:
            continue
        at = STRIDE * field.number(a)
        for k in range(len(rights)):
            places = rights[k]
            b = places[number]
            if b >= field.terms:
                raise IndexError(f"ordinal {b} of {field.terms}")
            if b >= 0:
                found[k] += field.in_row(a, b, at)
    return found


def documents_together(field: PairRows, lefts: list, rights: list):
    """Return the documents of every pair of one of the ordinals ``lefts`` and, right after it, one
    of ``rights``, added up; -1 is no term. What follows a term is not read as a row for this."""
    a: cython.longlong
    b: cython.longlong
    total: cython.longlong = 0
    for a in lefts:
        if a >= field.terms:
            raise IndexError(f"ordinal {a} of {field.terms}")
        known = field.numbers.get(a)
        for b in rights:
            if b >= field.terms:
                raise IndexError(f"ordinal {b} of {field.terms}")
            if a < 0 or b < 0:
                continue
            if known is None:
                total += field.seek(a, b)
            else:
                total += field.in_row(a, b, STRIDE * cython.cast(cython.Py_ssize_t, known))
    return total


@cython.cclass
class Places:
    """Where some terms stand in several fields, or in none, and what follows them there.

    ``terms`` hold for each term its ordinal in every field, -1 where the field does not hold it;
    ``fields`` are the fields' `PairRows`. ``kinds`` ('d') is how many
    different terms follow each, in the field where they are most, ``following`` the documents of
    all these pairs in all fields. Of a ``last`` word nothing is read of what follows: it may only
    stand on the right of others.
    """

    size: cython.Py_ssize_t
    fields: cython.Py_ssize_t
    last: cython.bint
    # field by field, term by term: what its row has to say is copied, since asking for the first
    # time means waiting for every piece of memory
    numbers: cython.longlong[::1]
    kinds = cython.declare(object, visibility="readonly")
    following = cython.declare(object, visibility="readonly")

    def __init__(self, terms: list, fields: list, last: cython.bint = False):
        size: cython.Py_ssize_t = len(terms)
        number: cython.Py_ssize_t
        place: cython.Py_ssize_t
        at: cython.Py_ssize_t = 0
        row: cython.Py_ssize_t
        ordinal: cython.longlong
        field: PairRows
        places: list
        kinds: cython.double[::1]
        following: cython.double[::1]
        self.size = size
        self.fields = len(fields)
        self.last = last
        self.numbers = _array.array("q", bytes(8 * STRIDE * size * len(fields)))
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
                ordinal = self.numbers[at + ORDINAL]
                if ordinal >= 0:
                    self.numbers[at + HASH] = field.hash_in(ordinal)
                if ordinal >= 0 and not last:
                    row = STRIDE * field.number(ordinal)
                    self.numbers[at + FIRST] = field.rows[row + FIRST]
                    self.numbers[at + SIZE] = field.rows[row + SIZE]
                    kinds[place] = max(
                        kinds[place], cython.cast(cython.double, field.rows[row + ENTRIES])
                    )
                    following[place] += field.rows[row + TOTAL]
                at += STRIDE


def pair_counts(fields: list, columns: list):
    """Return for each of ``columns`` (`Places`) and the next a matrix, row by row: in how many
    documents of all ``fields`` (`PairRows`) each term of the right stands right after each of the
    left. The matrices stand one after the other in one `Numbers`.

    A query's pairs are scattered over tables that are larger than the caches of a processor, and
    waiting for memory takes most of the time: all that a field has is asked for before any is read.
    """
    left: Places
    right: Places
    field: PairRows
    words: cython.uint[::1]
    lefts: cython.longlong[::1]
    rights: cython.longlong[::1]
    matrix: cython.Py_ssize_t
    number: cython.Py_ssize_t
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    at: cython.Py_ssize_t
    to: cython.Py_ssize_t
    cell: cython.Py_ssize_t
    first: cython.Py_ssize_t
    room: cython.Py_ssize_t
    a: cython.longlong
    last: cython.longlong
    asking: cython.bint
    size: cython.Py_ssize_t = 0
    for matrix in range(len(columns)):
        right = columns[matrix]
        if right.fields != len(fields):
            raise ValueError("the fields do not fit the terms")
        if matrix:
            left = columns[matrix - 1]
            if left.last:
                raise ValueError("nothing is known of what follows a last word")
            size += left.size * right.size
    found = _array.array("d", bytes(8 * size))
    counts: cython.double[::1] = found
    for number in range(len(fields)):
        field = fields[number]
        words = field.words
        for asking in (True, False) if cython.compiled else (False,):
            cell = 0
            for matrix in range(len(columns) - 1):
                left = columns[matrix]
                right = columns[matrix + 1]
                lefts = left.numbers
                rights = right.numbers
                for i in range(left.size):
                    at = STRIDE * (number * left.size + i)
                    a = lefts[at + ORDINAL]
                    if a < 0:
                        cell += right.size
                        continue
                    first = lefts[at + FIRST]
                    room = lefts[at + SIZE]
                    if first + room > field.used:
                        raise IndexError("no such row")
                    to = STRIDE * number * right.size
                    last = -1
                    for j in range(right.size):
                        if rights[to + ORDINAL] < 0:
                            pass
                        elif asking:
                            if rights[to + HASH] != last:
                                last = rights[to + HASH]
                                bring_near(cython.address(words[first + place_in(last, room)]))
                        else:
                            counts[cell] += field.documents(
                                a, rights[to + ORDINAL], rights[to + HASH], first, room
                            )
                        cell += 1
                        to += STRIDE
    return Numbers(found)

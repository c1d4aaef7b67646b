# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""What may come next: the terms of a prefix with the most documents, the followers of a term, and
which of these follow a whole row of terms.

The first two are picked from long lists (a common term has thousands of followers) without making
any of them a Python object that is not among the best.
"""

import array as _array

import cython

from vnsearch.errors import IndexCorruptError

if cython.compiled:
    from cython.cimports.libc.math import sqrt
    from cython.cimports.libc.string import memchr
    from cython.cimports.vnsearch.kernels.bits import bring_near, common, low_width
    from cython.cimports.vnsearch.kernels.counts import CountTable
    from cython.cimports.vnsearch.kernels.postings import Cursor, PostingLists, sift_postings
else:
    from math import sqrt

    from vnsearch.kernels.counts import CountTable
    from vnsearch.kernels.matching import common
    from vnsearch.kernels.postings import Cursor, PostingLists, low_width, sift_postings


BLOCK = cython.declare(cython.int, 128)  # entries of a count table's block, at most
PLACES = cython.declare(cython.int, 256)  # positions of a term read in a document, at most
MOST = cython.declare(cython.Py_ssize_t, 64)  # of the best there are
ROOM = cython.declare(cython.int, 64)  # places a trail has room for at first
POSTINGS = cython.declare(cython.int, 128)  # of a block of a posting list, at most
END = cython.declare(cython.uint, 0xFFFFFFFF)  # behind the last document; -1 as a place
ENOUGH = cython.declare(cython.Py_ssize_t, -1)
GONE = cython.declare(cython.ulonglong, 0xFFFFFFFFFFFFFFFF)  # a place of no trail
SAME = cython.declare(cython.const[cython.uchar][::1], bytes(range(128)))  # all of a block


@cython.cclass
class Best:
    """The ``room`` items with the highest scores, equal ones by the smaller item: a heap whose
    worst is on top."""

    room: cython.Py_ssize_t
    n: cython.Py_ssize_t
    scores: cython.double[64]
    items: cython.longlong[64]
    counts: cython.longlong[64]

    def __init__(self, room: cython.Py_ssize_t):
        if not 1 <= room <= MOST:
            raise ValueError(f"there is room for 1 to {MOST}")
        self.room = room
        self.n = 0
        if not cython.compiled:
            self.scores = [0.0] * MOST
            self.items = [0] * MOST
            self.counts = [0] * MOST

    @cython.cfunc
    @cython.exceptval(check=False)
    def is_worse(self, a: cython.Py_ssize_t, b: cython.Py_ssize_t) -> cython.bint:
        """Return whether the entry ``a`` is worse than ``b``."""
        if self.scores[a] != self.scores[b]:
            return self.scores[a] < self.scores[b]
        return self.items[a] > self.items[b]

    @cython.cfunc
    @cython.exceptval(check=False)
    def swap(self, a: cython.Py_ssize_t, b: cython.Py_ssize_t) -> cython.void:
        """Exchange two entries."""
        self.scores[a], self.scores[b] = self.scores[b], self.scores[a]
        self.items[a], self.items[b] = self.items[b], self.items[a]
        self.counts[a], self.counts[b] = self.counts[b], self.counts[a]

    @cython.cfunc
    @cython.exceptval(check=False)
    def offer(
        self, score: cython.double, item: cython.longlong, count: cython.longlong
    ) -> cython.void:
        """Take an item if it is among the best so far."""
        at: cython.Py_ssize_t
        if self.n < self.room:
            at = self.n
            self.n += 1
        else:
            if score < self.scores[0] or (score == self.scores[0] and item > self.items[0]):
                return
            at = 0
        self.scores[at] = score
        self.items[at] = item
        self.counts[at] = count
        if at:
            while at and self.is_worse(at, (at - 1) >> 1):
                self.swap(at, (at - 1) >> 1)
                at = (at - 1) >> 1
        else:
            self.sink(self.n)

    @cython.cfunc
    @cython.exceptval(check=False)
    def sink(self, n: cython.Py_ssize_t) -> cython.void:
        """Let the first of ``n`` entries go down to where it belongs."""
        at: cython.Py_ssize_t = 0
        child: cython.Py_ssize_t
        while True:
            child = 2 * at + 1
            if child >= n:
                return
            if child + 1 < n and self.is_worse(child + 1, child):
                child += 1
            if not self.is_worse(child, at):
                return
            self.swap(child, at)
            at = child

    @cython.cfunc
    def taken(self) -> list:
        """Return (item, count) of all that is held, in no order."""
        i: cython.Py_ssize_t
        found: list = []
        for i in range(self.n):
            found.append((self.items[i], self.counts[i]))
        return found

    @cython.cfunc
    @cython.exceptval(check=False)
    def rank(self) -> cython.void:
        """Put the entries in order, the best first: nothing more is taken then."""
        n: cython.Py_ssize_t
        for n in range(self.n - 1, 0, -1):
            self.swap(0, n)
            self.sink(n)


def most_documents(
    df: cython.const[cython.uint][::1],
    members: cython.const[cython.uint][::1],
    low: cython.Py_ssize_t,
    high: cython.Py_ssize_t,
    room: cython.Py_ssize_t,
):
    """Return (ordinal, documents) of at most ``2 * room`` of the terms ``members`` and of those
    from ``low`` to ``high``, the ``room`` of most documents of each; one may come twice.

    Raises IndexCorruptError for an ordinal that is not there.
    """
    best: Best = Best(room)
    rest: Best = Best(room)
    i: cython.Py_ssize_t
    ordinal: cython.uint
    if low < 0 or high > len(df):
        raise IndexError(f"ordinals {low} to {high} of {len(df)}")
    for i in range(len(members)):
        ordinal = members[i]
        if ordinal >= len(df):
            raise IndexCorruptError("a fold key's terms are not there")
        best.offer(df[ordinal], ordinal, df[ordinal])
    for i in range(low, high):
        rest.offer(df[i], i, df[i])
    return best.taken() + rest.taken()


def mark_members(
    mask: cython.uchar[::1],
    members: cython.const[cython.uint][::1],
    low: cython.Py_ssize_t,
    high: cython.Py_ssize_t,
) -> None:
    """Set the bytes of ``mask`` at ``members`` and from ``low`` to ``high`` to 1.

    Raises IndexCorruptError for an ordinal that is not there.
    """
    i: cython.Py_ssize_t
    if low < 0 or high > len(mask):
        raise IndexError(f"ordinals {low} to {high} of {len(mask)}")
    for i in range(len(members)):
        if members[i] >= len(mask):
            raise IndexCorruptError("a fold key's terms are not there")
        mask[members[i]] = 1
    for i in range(low, high):
        mask[i] = 1


def best_followers(
    table: CountTable,
    df: cython.const[cython.uint][::1],
    term: cython.ulonglong,
    mask,
    room: cython.Py_ssize_t,
):
    """Return (ordinal, documents of the pair, documents) of the ``room`` terms that belong most to
    ``term`` right before them, the first one first: those with the greatest count times the root of
    its share of their documents, equal ones by ordinal.

    ``table`` holds the pair (a, b) under the key ``a * len(df) + b``; ``mask``, unless None, has a
    byte per term, 1 for those that are wanted (`mark_members`).
    """
    best: Best = Best(room)
    allowed: cython.const[cython.uchar][::1] = None
    keys: cython.ulonglong[::1]
    tallies: cython.ulonglong[::1]
    picked = cython.declare(cython.uchar[128])
    terms: cython.ulonglong = len(df)
    start: cython.ulonglong = term * terms
    stop: cython.ulonglong = start + terms
    everything: cython.bint = mask is None
    ordinal: cython.ulonglong
    last: cython.ulonglong
    count: cython.double
    least: cython.ulonglong = 0
    block: cython.Py_ssize_t
    i: cython.Py_ssize_t
    k: cython.int
    n: cython.int
    if term >= terms:
        raise IndexError(f"ordinal {term} of {terms}")
    if not everything:
        allowed = mask
        if len(allowed) != len(df):
            raise ValueError("a mask has a byte for every term")
    if cython.compiled:
        keys = table.gaps
        tallies = table.tallies
        block = max(table.block_of(start), 0)
        while block < len(table.keys) and table.keys[block] < stop:
            if not everything:
                # the terms of a prefix stand close together: most blocks have none of them
                ordinal = max(table.keys[block], start) - start
                last = terms
                if block + 1 < len(table.keys):
                    last = min(table.keys[block + 1] - start, terms)
                if last <= ordinal or not memchr(
                    cython.address(allowed[ordinal]), 1, last - ordinal
                ):
                    block += 1
                    continue
            # the score is greatest where all documents of the term are of the pair, and then it
            # is the count: nearly all pairs are rarer than the best and not looked at
            table.open(block)
            table.read_counts(0, table.size)
            n = 0
            for i in range(table.size):
                picked[n] = cython.cast(cython.uchar, i)
                n += tallies[i] >= least
            if n:
                table.load_keys(block)
            for k in range(n):
                i = picked[k]
                if best.n == room and tallies[i] < best.scores[0]:
                    continue
                ordinal = keys[i] - start
                if keys[i] >= start and ordinal < terms and (everything or allowed[ordinal] == 1):
                    count = tallies[i]
                    best.offer(
                        count * sqrt(count / max(df[ordinal], 1)),
                        cython.cast(cython.longlong, ordinal),
                        cython.cast(cython.longlong, tallies[i]),
                    )
            if best.n == room:
                least = cython.cast(cython.ulonglong, best.scores[0])
            block += 1
    else:
        found, counts = table.range(start, stop)
        for ordinal, tally in zip(found, counts, strict=True):
            if everything or allowed[ordinal] == 1:
                best.offer(tally * sqrt(tally / max(df[ordinal], 1)), ordinal, tally)
    best.rank()
    result: list = []
    for i in range(best.n):
        result.append((best.items[i], best.counts[i], df[best.items[i]]))
    return result


def followers(best: list, texts, read, kind):
    """Return what `best_followers` found with the terms' texts: a ``kind`` of tuple (text,
    documents of the pair, documents) of each. ``texts`` are those known by ordinal, and
    ``read(ordinals)`` returns the others so."""
    i: cython.Py_ssize_t
    names: list = []
    unknown: list = []
    found: list = []
    known = texts.get
    make = tuple.__new__
    for ordinal, _, _ in best:
        name = known(ordinal)
        names.append(name)
        if name is None:
            unknown.append(ordinal)
    fresh = read(unknown) if unknown else texts
    for i in range(len(best)):
        ordinal, together, df = best[i]
        name = names[i]
        if name is None:
            name = fresh[ordinal]
        found.append(make(kind, (name, together, df)))
    return found


@cython.cclass
class Trail:
    """Where a row of terms stands in some documents of a field: the places right after it,
    ascending, each below its document in a number of 64 bits."""

    stands: cython.ulonglong[::1]
    n: cython.Py_ssize_t
    longer: dict
    documents = cython.declare(cython.Py_ssize_t, visibility="readonly")

    def __init__(self):
        self.stands = _array.array("Q", bytes(8 * ROOM))
        self.n = 0
        self.longer = {}
        self.documents = 0

    def places(self):
        """Return (document, place) of each."""
        i: cython.Py_ssize_t
        found: list = []
        for i in range(self.n):
            found.append((self.stands[i] >> 32, self.stands[i] & END))
        return found

    @cython.cfunc
    @cython.exceptval(-1)
    def add(self, doc: cython.uint, place: cython.uint) -> cython.int:
        """Add a place."""
        grown: cython.ulonglong[::1]
        if self.n == len(self.stands):
            grown = _array.array("Q", bytes(16 * self.n))
            grown[: self.n] = self.stands
            self.stands = grown
        self.stands[self.n] = cython.cast(cython.ulonglong, doc) << 32 | place
        self.n += 1
        return 0

    def go_on(self, lists: PostingLists, ordinals: list):
        """Return the parts of the trail that go on with each of some terms (-1: none), behind
        them, kept for the next time."""
        walk: Walk = None
        left: cython.ulonglong[::1] = None
        found: cython.ulonglong[::1] = None
        n: cython.Py_ssize_t = self.n  # of those left
        m: cython.Py_ssize_t
        at: cython.Py_ssize_t = 0
        ordinal: cython.Py_ssize_t
        parts: list = []
        for ordinal in ordinals if n else ():
            if ordinal >= 0 and ordinal not in self.longer:
                expect(lists, ordinal)
        for ordinal in ordinals:
            part = self.longer.get(ordinal) if ordinal >= 0 and self.n else NOWHERE
            if part is None:
                if walk is None:
                    walk = Walk()
                    left = _array.array("Q", bytes(8 * n))
                    found = _array.array("Q", bytes(8 * n))
                    left[:] = self.stands[:n]
                # only one term stands at a place: where one does, no other is looked for
                m = walk.split(lists.make(ordinal), left, n, found, at)
                part = trail_at(found[at : at + m]) if m else NOWHERE
                n -= m
                at += m
                self.longer[ordinal] = part
            parts.append(part)
        return parts

    def reaches(self, lists: PostingLists, ordinals: list):
        """Return whether the trail goes on with a whole row of terms (-1: none) anywhere."""
        walk: Walk = None
        stands: cython.ulonglong[::1] = self.stands
        n: cython.Py_ssize_t = self.n
        found: cython.ulonglong[::1] = None
        more: cython.Py_ssize_t = len(ordinals)
        ordinal: cython.Py_ssize_t
        for ordinal in ordinals:
            if ordinal < 0 or not n:
                return False
            if walk is None:
                walk = Walk()
            more -= 1
            if not more:
                return walk.split(lists.make(ordinal), stands, n, stands, ENOUGH) > 0
            if found is None:
                found = _array.array("Q", bytes(8 * n))
                stands = _array.array("Q", bytes(8 * n))
                stands[:] = self.stands[:n]
            n = walk.split(lists.make(ordinal), stands, n, found, 0)
            stands[:n] = found[:n]
        return n > 0


@cython.cclass
class Walk:
    """Looks for a term at the places of a trail, block after block of its posting list."""

    docs: cython.uint[128]
    firsts: cython.Py_ssize_t[129]
    picked: cython.uchar[128]
    where: cython.uchar[128]
    behind: cython.uint[256]

    def __init__(self):
        if not cython.compiled:
            self.docs = [0] * POSTINGS
            self.firsts = [0] * (POSTINGS + 1)
            self.picked = bytearray(POSTINGS)
            self.where = bytearray(POSTINGS)
            self.behind = _array.array("I", bytes(4 * PLACES))

    @cython.cfunc
    @cython.exceptval(-1)
    def split(
        self,
        cursor: Cursor,
        left: cython.ulonglong[::1],
        n: cython.Py_ssize_t,
        found: cython.ulonglong[::1],
        to: cython.Py_ssize_t,
    ) -> cython.Py_ssize_t:
        """Write the places behind a term that stands at some of ``left[:n]`` to ``found[to:]``,
        keep the others in ``left``; return at how many it stands. Where one is `ENOUGH`, nothing is
        written."""
        start: cython.Py_ssize_t = 0
        stop: cython.Py_ssize_t
        m: cython.Py_ssize_t = 0
        size: cython.int
        i: cython.int
        k: cython.int
        got: cython.int
        last: cython.uint
        while start < n:
            # the documents of some places
            size = 0
            stop = start
            while stop < n and size < POSTINGS:
                self.docs[size] = cython.cast(cython.uint, left[stop] >> 32)
                self.firsts[size] = stop
                while stop < n and left[stop] >> 32 == self.docs[size]:
                    stop += 1
                size += 1
            self.firsts[size] = stop
            i = 0
            while i < size:
                last = cursor.reach_block(self.docs[i])
                if last == END:
                    i = size
                    stop = n
                    break
                got = common(self.docs, same(), i, size, cursor.docs, last, self.picked, self.where)
                i = got >> 8
                got &= 0xFF
                if not got:
                    continue
                if cursor.opened != cursor.block:
                    cursor.open_places()
                if cython.compiled:
                    # places lie far apart: all are asked for before one is waited for
                    for k in range(got):
                        bring_near(
                            cursor.places + (low_bits(cursor, self.where[self.picked[k]]) >> 5)
                        )
                for k in range(got):
                    cursor.i = self.where[self.picked[k]]
                    m = self.look(cursor, left, self.picked[k], found, to, m)
                    if m and to == ENOUGH:
                        return m
            start = stop
        # what was found is marked
        if m:
            stop = 0
            for start in range(n):
                left[stop] = left[start]
                stop += left[start] != GONE
        return m

    @cython.cfunc
    @cython.exceptval(-1)
    def look(
        self,
        cursor: Cursor,
        left: cython.ulonglong[::1],
        at: cython.int,
        found: cython.ulonglong[::1],
        to: cython.Py_ssize_t,
        m: cython.Py_ssize_t,
    ) -> cython.Py_ssize_t:
        """Do the same in one document, to which the term's list was moved, after ``m`` places in
        those before it; return at how many it stands now."""
        i: cython.Py_ssize_t
        k: cython.Py_ssize_t = 0
        count: cython.Py_ssize_t
        place: cython.uint
        for i in range(self.firsts[at], self.firsts[at + 1]):
            if may_stand(cursor, cython.cast(cython.uint, left[i] & END)):
                break
        else:
            return m
        count = read_places(cursor, self.behind)
        for i in range(self.firsts[at], self.firsts[at + 1]):
            place = cython.cast(cython.uint, left[i] & END)
            while k < count and self.behind[k] < place:
                k += 1
            if k < count and self.behind[k] == place:
                if to != ENOUGH:
                    found[to + m] = left[i] + 1
                    left[i] = GONE
                m += 1
        return m


@cython.cfunc
def trail_at(stands: cython.ulonglong[::1]):
    """Return the trail of some places."""
    trail: Trail = Trail.__new__(Trail)
    i: cython.Py_ssize_t
    trail.stands = stands
    trail.n = len(stands)
    trail.longer = {}
    trail.documents = 0
    for i in range(trail.n):
        trail.documents += i == 0 or stands[i] >> 32 != stands[i - 1] >> 32
    return trail


@cython.cfunc
@cython.exceptval(check=False)
def expect(lists: PostingLists, ordinal: cython.Py_ssize_t) -> cython.void:
    """Ask for what tells where a posting list begins, which is about to be read."""
    if cython.compiled and ordinal < lists.terms:
        bring_near(cython.address(lists.doc_offsets[ordinal]))
        bring_near(cython.address(lists.pos_offsets[ordinal]))
        bring_near(cython.address(lists.df[ordinal]))


@cython.cfunc
@cython.exceptval(-1)
def read_places(cursor: Cursor, buffer: cython.p_uint) -> cython.Py_ssize_t:
    """Read the first positions in the document at hand; return how many."""
    return min(cursor.fetch(buffer, 0, PLACES), PLACES)


def trail_of(
    lists: PostingLists,
    first: cython.Py_ssize_t,
    second: cython.Py_ssize_t,
    room: cython.Py_ssize_t,
    patience: cython.Py_ssize_t,
):
    """Return the `Trail` of two terms side by side: in the first ``room`` documents where they
    stand so, after a look at ``patience`` documents that have both, at most."""
    found: Trail = Trail()
    pairing: Pairing = Pairing()
    left: Cursor = lists.make(first)
    right: Cursor = lists.make(second)
    # the shorter list leads
    lead: Cursor = left if left.df <= right.df else right
    other: Cursor = right if left.df <= right.df else left
    doc: cython.uint = 0
    last: cython.uint
    n: cython.int
    i: cython.int
    k: cython.int
    while True:
        if lead.reach_block(doc) == END:
            return found
        i = 0
        while i < lead.n:
            last = other.reach_block(lead.docs[i])
            if last == END:
                return found
            n = common(
                lead.docs, same(), i, lead.n, other.docs, last, pairing.picked, pairing.where
            )
            i = n >> 8
            n = cython.cast(cython.int, min(n & 0xFF, patience))
            patience -= n
            if n:
                n = pairing.sift(n, left, right, lead is left)
            for k in range(n):
                lead.i = pairing.picked[k]
                other.i = pairing.where[pairing.picked[k]]
                if pairing.add(left, right, lead.docs[lead.i], found):
                    found.documents += 1
                    if found.documents == room:
                        return found
            if not patience:
                return found
        doc = lead.docs[lead.n - 1] + 1


@cython.cclass
class Pairing:
    """Documents of a block of a posting list and of one of another, and where the terms stand."""

    picked: cython.uchar[128]
    where: cython.uchar[128]
    most: cython.uint[128]
    before: cython.uint[256]
    behind: cython.uint[256]

    def __init__(self):
        if not cython.compiled:
            self.picked = memoryview(bytearray(POSTINGS))
            self.where = bytearray(POSTINGS)
            self.most = [0] * POSTINGS
            self.before = _array.array("I", bytes(4 * PLACES))
            self.behind = _array.array("I", bytes(4 * PLACES))

    @cython.cfunc
    @cython.exceptval(-1)
    def sift(
        self, count: cython.int, left: Cursor, right: Cursor, left_leads: cython.bint
    ) -> cython.int:
        """Of the documents picked, keep those where the right term may stand right behind the left
        one, by the low bits of their places: those are near, and most quotients need not be read.
        Returns how many."""
        first: cython.pointer[cython.const[cython.uchar]] = same()
        second: cython.pointer[cython.const[cython.uchar]] = self.where
        if not left_leads:
            first, second = second, first
        return sift_postings(self.picked, count, self.most, 1, first, left, second, right)

    @cython.cfunc
    @cython.exceptval(-1)
    def add(self, left: Cursor, right: Cursor, doc: cython.uint, found: Trail) -> cython.bint:
        """Add the places behind both terms, side by side, in the document at hand; return whether
        there are any."""
        n: cython.Py_ssize_t = read_places(left, self.before)
        m: cython.Py_ssize_t = read_places(right, self.behind)
        known: cython.Py_ssize_t = found.n
        i: cython.Py_ssize_t
        k: cython.Py_ssize_t = 0
        for i in range(n):
            while k < m and self.behind[k] <= self.before[i]:
                k += 1
            if k < m and self.behind[k] == self.before[i] + 1:
                found.add(doc, self.behind[k] + 1)
        return found.n > known


@cython.cfunc
@cython.inline
@cython.exceptval(check=False)
def same() -> cython.pointer[cython.const[cython.uchar]]:
    """Return the places of all postings of a block."""
    return cython.address(SAME[0]) if cython.compiled else SAME


@cython.cfunc
@cython.inline
@cython.exceptval(check=False)
def low_bits(cursor: Cursor, at: cython.Py_ssize_t) -> cython.Py_ssize_t:
    """Return where the low bits of the places of a posting begin, in the block that is open."""
    return cursor.low_at + cursor.width * cursor.before[at] - cursor.less[at]


@cython.cfunc
@cython.exceptval(check=False)
def may_stand(cursor: Cursor, target: cython.uint) -> cython.bint:
    """Whether a term may stand at a place in the document its list is at, by the low bits."""
    place: cython.uint = END  # the first gap counts from -1
    width: cython.int = low_width((cursor.head >> 10) & 31, cursor.freqs[cursor.i])
    mask: cython.uint = (cython.cast(cython.uint, 1) << width) - 1
    at: cython.Py_ssize_t = low_bits(cursor, cursor.i)
    word: cython.ulonglong
    k: cython.uint
    for k in range(cursor.freqs[cursor.i]):
        word = cursor.places[(at >> 5) + 1]
        word = word << 32 | cursor.places[at >> 5]
        place += cython.cast(cython.uint, word >> (at & 31) & mask) + 1
        if not (place ^ target) & mask:
            return True
        at += width
    return False


NOWHERE = Trail()
"""The trail of what stands nowhere."""

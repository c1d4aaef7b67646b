# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Merging encoded segments: posting lists and count tables, with terms and documents renumbered.

Terms are numbered through the union of the segments' dictionaries; each source brings its ranks
(its ordinal -> the union's), which ascend because both are sorted. Documents get new numbers, or
none when they are deleted; the tokens of deleted documents are put back in their order, so that
what they counted in pairs, words and fold keys can be taken away.
"""

import array as _array

import cython

from vnsearch.errors import IndexCorruptError

if cython.compiled:
    from cython.cimports.vnsearch.kernels.counts import CountsEncoder, CountTable
    from cython.cimports.vnsearch.kernels.postings import Cursor
else:
    from vnsearch.kernels.counts import CountsEncoder, CountTable
    from vnsearch.kernels.postings import Cursor

# a literal this large would be a Python object in compiled loops
ALL_32 = cython.declare(cython.ulonglong, 0xFFFFFFFF)

NONE = cython.declare(cython.uint, 0xFFFFFFFF)


@cython.cclass
class PostingSource:
    """The posting lists of one segment's field, read term after term."""

    cursor: Cursor
    file: object
    doc_offsets: cython.const[cython.uint][::1]
    pos_offsets: cython.const[cython.uint][::1]
    df: cython.const[cython.uint][::1]
    bases: cython.const[cython.uint][::1]
    ranks: cython.const[cython.uint][::1]
    doc_map: cython.const[cython.uint][::1]
    forward: cython.int[::1]
    forward_bases: cython.const[cython.uint][::1]
    ordinal: cython.Py_ssize_t
    size: cython.Py_ssize_t

    def __init__(
        self,
        postings,
        positions,
        doc_offsets,
        pos_offsets,
        df,
        bases,
        ranks,
        doc_map,
        forward,
        forward_bases,
        file,
    ):
        self.cursor = Cursor(postings, positions, 0, 0, 0, len(doc_map))
        self.file = file
        self.doc_offsets = memoryview(doc_offsets)
        self.pos_offsets = memoryview(pos_offsets)
        self.df = memoryview(df)
        self.bases = memoryview(bases)
        self.ranks = memoryview(ranks)
        self.doc_map = memoryview(doc_map)
        self.forward = memoryview(forward)
        self.forward_bases = memoryview(forward_bases)
        self.ordinal = 0
        self.size = len(postings)

    @cython.cfunc
    @cython.exceptval(-1)
    def aim(self) -> cython.int:
        """Point the cursor at the list of ``ordinal``."""
        cursor: Cursor = self.cursor
        try:
            cursor.aim(
                self.doc_offsets[self.ordinal],
                self.pos_offsets[self.ordinal],
                self.df[self.ordinal],
            )
        except IndexCorruptError as error:
            raise IndexCorruptError(str(error), self.file) from None
        return 0


@cython.cclass
class PostingMerger:
    """Reads the lists of several sources side by side, in the order of the union's terms."""

    sources: list
    terms: cython.Py_ssize_t
    term: cython.Py_ssize_t
    _docs: object
    docs: cython.uint[::1]
    freqs: cython.uint[::1]
    _places: object
    places: cython.uint[::1]

    def __init__(self, sources, terms):
        self.sources = sources
        self.terms = terms
        self.term = 0
        self._docs = None
        self._places = None
        self.grow_postings(1 << 16)
        self.grow_places(1 << 16)

    @cython.cfunc
    def grow_postings(self, room: cython.Py_ssize_t) -> cython.void:
        docs = _array.array("I", bytes(4 * room))
        freqs = _array.array("I", bytes(4 * room))
        if self._docs is not None:
            memoryview(docs)[: len(self._docs[0])] = memoryview(self._docs[0])
            memoryview(freqs)[: len(self._docs[1])] = memoryview(self._docs[1])
        self._docs = (docs, freqs)
        self.docs = memoryview(docs)
        self.freqs = memoryview(freqs)

    @cython.cfunc
    def grow_places(self, room: cython.Py_ssize_t) -> cython.void:
        places = _array.array("I", bytes(4 * room))
        if self._places is not None:
            memoryview(places)[: len(self._places)] = memoryview(self._places)
        self._places = places
        self.places = memoryview(places)

    def gather(self, limit):
        """Return (terms, bounds, docs, freqs, places, cf) of the next terms, or None at the end.

        About ``limit`` positions are gathered. ``terms`` are the union's numbers of the terms that
        some document still has.
        """
        terms = _array.array("I")
        bounds = _array.array("I", [0])
        tallies = _array.array("I")
        enough: cython.Py_ssize_t = limit
        n: cython.Py_ssize_t = 0
        at: cython.Py_ssize_t = 0
        first: cython.Py_ssize_t
        first_place: cython.Py_ssize_t
        source: PostingSource
        cursor: Cursor
        block: cython.Py_ssize_t
        i: cython.int
        j: cython.Py_ssize_t
        doc: cython.uint
        new: cython.uint
        tf: cython.Py_ssize_t
        span: cython.Py_ssize_t
        forward_at: cython.Py_ssize_t
        room: cython.Py_ssize_t = len(self.docs)
        place_room: cython.Py_ssize_t = len(self.places)
        if self.term >= self.terms:
            return None
        while self.term < self.terms and at < enough:
            first = n
            first_place = at
            for source in self.sources:
                if source.ordinal >= len(source.ranks) or source.ranks[source.ordinal] != self.term:
                    continue
                source.aim()
                source.ordinal += 1
                cursor = source.cursor
                for block in range(cursor.blocks):
                    cursor.load(block)
                    cursor.need_freqs()
                    if n + cursor.n > room:
                        self.grow_postings(2 * room)
                        room = len(self.docs)
                    # first, so that no damaged frequency is taken for the size of anything
                    for i in range(cursor.n):
                        doc = cursor.docs[i]
                        span = source.bases[doc + 1]
                        span -= source.bases[doc]
                        if cursor.freqs[i] > span:
                            raise IndexCorruptError(
                                "a term stands more often in a document than there is room",
                                source.file,
                            )
                    for i in range(cursor.n):
                        cursor.i = i
                        doc = cursor.docs[i]
                        tf = cursor.freqs[i]
                        span = source.bases[doc + 1]
                        span -= source.bases[doc]
                        if at + tf > place_room:
                            self.grow_places(2 * place_room + tf)
                            place_room = len(self.places)
                        cursor.fetch(
                            cython.address(self.places[0]) if cython.compiled else self.places,
                            at,
                            tf,
                        )
                        if tf and self.places[at + tf - 1] >= span:
                            raise IndexCorruptError(
                                "a position lies outside its document", source.file
                            )
                        new = source.doc_map[doc]
                        if new != NONE:
                            self.docs[n] = new
                            self.freqs[n] = cython.cast(cython.uint, tf)
                            n += 1
                            at += tf
                        else:
                            forward_at = source.forward_bases[doc]
                            for j in range(tf):
                                # (not the last alone: positions may not ascend in a damaged file)
                                if self.places[at + j] < span:
                                    source.forward[forward_at + self.places[at + j]] = cython.cast(
                                        cython.int, self.term
                                    )
            if n > first:
                terms.append(self.term)
                bounds.append(n)
                tallies.append(at - first_place)
            self.term += 1
        return terms, bounds, self._docs[0], self._docs[1], memoryview(self._places)[:at], tallies


@cython.cclass
class CountSource:
    """The entries of one count table, keys renumbered; ``sign`` -1 takes its counts away."""

    table: CountTable
    ranks: cython.const[cython.uint][::1]
    ranked: cython.bint
    terms: cython.ulonglong
    new_terms: cython.ulonglong
    sign: cython.int
    block: cython.Py_ssize_t
    i: cython.int
    key: cython.ulonglong
    count: cython.uint
    done: cython.bint

    def __init__(self, table, sign=1, ranks=None, new_terms=0):
        self.table = table
        self.sign = sign
        self.ranked = ranks is not None
        self.terms = 0
        self.new_terms = new_terms
        if ranks is not None:
            self.ranks = memoryview(ranks)
            self.terms = len(ranks)
        self.block = -1
        self.i = 0
        self.key = 0
        self.done = False
        self.table.n = 0

    @cython.cfunc
    @cython.exceptval(-1)
    def advance(self) -> cython.int:
        """Step to the next entry."""
        key: cython.ulonglong
        a: cython.ulonglong
        table: CountTable = self.table
        if self.i >= table.n:
            self.block += 1
            if self.block >= len(table.keys):
                self.done = True
                return 0
            table.load(self.block)
            self.i = 0
        key = table.gaps[self.i]
        self.count = table.tallies[self.i]
        self.i += 1
        if self.ranked:
            a = key // self.terms
            if a >= self.terms:
                raise IndexCorruptError("a pair's term is not there", table.file, table.origin)
            key = self.ranks[a] * self.new_terms + self.ranks[key - a * self.terms]
        if (self.block or self.i > 1) and key <= self.key:
            raise IndexCorruptError("the keys of a table do not ascend", table.file, table.origin)
        self.key = key
        return 0


def merge_counts(sources, old_terms, kept):
    """Return a `CountsEncoder` with the sums of the sources' entries, those of 0 left out.

    With ``kept`` (old number -> new number or 0xFFFFFFFF), keys are pairs ``a * old_terms + b``,
    renumbered to ``new(a) * len(kept terms) + new(b)``.
    """
    encoder: CountsEncoder = CountsEncoder()
    live: list = []
    source: CountSource
    key: cython.ulonglong
    sum: cython.longlong
    renumber: cython.bint = kept is not None
    new_of: cython.const[cython.uint][::1] = memoryview(kept if renumber else _array.array("I"))
    old: cython.ulonglong = old_terms
    new: cython.ulonglong = 0
    i: cython.Py_ssize_t
    a: cython.uint
    b: cython.uint
    ended: cython.bint
    for i in range(len(new_of)):
        if new_of[i] != NONE:
            new += 1
    for source in sources:
        source.advance()
        if not source.done:
            live.append(source)
    while live:
        source = live[0]
        key = source.key
        for source in live:
            if source.key < key:
                key = source.key
        sum = 0
        ended = False
        for source in live:
            if source.key == key:
                sum += source.sign * cython.cast(cython.longlong, source.count)
                source.advance()
                if source.done:
                    ended = True
        if ended:
            live = [source for source in live if not source.done]
        if sum == 0:
            continue
        if sum < 0 or sum > 0xFFFFFFFF:
            raise IndexCorruptError("the counts of a table do not add up")
        if renumber:
            a = new_of[key // old]
            b = new_of[key % old]
            if a == NONE or b == NONE:
                raise IndexCorruptError("a pair stands where its terms do not")
            key = a * new + b
        encoder.add(key, cython.cast(cython.uint, sum))
    return encoder


def copy_bits(source, start, count, target, at):
    """Copy ``count`` bits from bit ``start`` of ``source`` to bit ``at`` of ``target`` (zeros)."""
    source_view: cython.const[cython.uint][::1] = memoryview(source)
    target_view: cython.uint[::1] = memoryview(target)
    read: cython.Py_ssize_t = start
    write: cython.Py_ssize_t = at
    left: cython.Py_ssize_t = count
    word: cython.ulonglong
    step: cython.int
    while left > 0:
        step = cython.cast(cython.int, min(left, 32))
        word = source_view[read >> 5] >> (read & 31)
        if (read & 31) + step > 32:
            word |= cython.cast(cython.ulonglong, source_view[(read >> 5) + 1]) << (
                32 - (read & 31)
            )
        word &= (cython.cast(cython.ulonglong, 1) << step) - 1
        word <<= write & 31
        target_view[write >> 5] |= cython.cast(cython.uint, word & ALL_32)
        if word >> 32:
            target_view[(write >> 5) + 1] |= cython.cast(cython.uint, word >> 32)
        read += step
        write += step
        left -= step

# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Merging encoded segments: posting lists and count tables, with terms and documents renumbered.

Terms are numbered through the union of the segments' dictionaries; each source brings its ranks
(its ordinal -> the union's), which ascend because both are sorted. Documents get new numbers, or
none when they are deleted. `restore` puts documents' tokens back in their order, so that what
deleted ones counted in pairs, words and fold keys can be taken away.
"""

import array as _array

import cython

from vnsearch.errors import IndexCorruptError
from vnsearch.kernels.postings import PADDING_WORDS

if cython.compiled:
    from cython.cimports.vnsearch.kernels.counts import CountsEncoder, CountTable
    from cython.cimports.vnsearch.kernels.packing import read_block
    from cython.cimports.vnsearch.kernels.postings import Cursor
else:
    from vnsearch.kernels.counts import CountsEncoder, CountTable
    from vnsearch.kernels.postings import Cursor, bits_at, low_width

    def read_block(words, stop, high, low, freqs, n, widest, flags, out):
        """Read the positions of n postings, whose quotients and low parts begin at these bits.

        Returns 1, 0 where a position takes more than 32 bits, -1 where word ``stop`` is reached.
        """
        at = over = 0
        for i in range(n):
            width = low_width(widest, freqs[i])
            place = -1
            for _ in range(freqs[i]):
                start = high
                while high >> 5 < stop and not words[high >> 5] >> (high & 31) & 1:
                    high += 1
                if high >> 5 >= stop:
                    return -1
                place += (high - start << width | bits_at(words, low, width)) + 1
                over |= place
                out[at] = place & 0xFFFFFFFF
                high += 1
                low += width
                at += 1
        return int(over >> 32 == 0)


# a literal this large would be a Python object in compiled loops
ALL_32 = cython.declare(cython.ulonglong, 0xFFFFFFFF)

NONE = cython.declare(cython.uint, 0xFFFFFFFF)
PADDING = cython.declare(cython.Py_ssize_t, PADDING_WORDS)


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
    scratch: cython.uint[::1]
    flags: cython.uchar[::1]
    ordinal: cython.Py_ssize_t
    places_size: cython.Py_ssize_t

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
        self.scratch = memoryview(_array.array("I", [0]) * 256)
        self.flags = bytearray(512)
        self.ordinal = 0
        self.places_size = len(positions)

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
        # lists follow each other: no position is read for two of them (but for a word's worth)
        cursor.places_size = self.places_size
        if self.ordinal + 1 < len(self.pos_offsets):
            cursor.places_size = min(
                self.places_size, ((self.pos_offsets[self.ordinal + 1] + 3) >> 2) + PADDING
            )
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def check_block(self) -> cython.int:
        """Refuse a block in which a term stands more often in a document than there is room."""
        i: cython.int
        doc: cython.uint
        cursor: Cursor = self.cursor
        cursor.need_freqs()
        for i in range(cursor.n):
            doc = cursor.docs[i]
            if not 0 < cursor.freqs[i] <= self.bases[doc + 1] - self.bases[doc]:
                raise IndexCorruptError(
                    "a term stands more often in a document than there is room", self.file
                )
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def fetch(self, doc: cython.uint) -> cython.Py_ssize_t:
        """Write the positions in the current document to ``scratch``; return their number.

        Raises `IndexCorruptError` where one lies outside the document, or they do not ascend.
        """
        cursor: Cursor = self.cursor
        tf: cython.Py_ssize_t = cursor.freqs[cursor.i]
        span: cython.uint = self.bases[doc + 1] - self.bases[doc]
        j: cython.Py_ssize_t
        if tf > len(self.scratch):
            self.scratch = memoryview(_array.array("I", [0]) * (2 * tf))
        cursor.fetch(cython.address(self.scratch[0]) if cython.compiled else self.scratch, 0, tf)
        for j in range(tf):  # (not the last alone: they may not ascend in a damaged file)
            if self.scratch[j] >= span or (j and self.scratch[j] <= self.scratch[j - 1]):
                raise IndexCorruptError("a position lies outside its document", self.file)
        return tf

    @cython.cfunc
    @cython.exceptval(-1)
    def fetch_block(self, out: cython.uint[::1], at: cython.Py_ssize_t) -> cython.int:
        """Write the positions in all documents of the cursor's block to ``out[at:]``.

        What `Cursor.fetch` gives document by document. Raises `IndexCorruptError` where one lies
        outside its document.
        """
        cursor: Cursor = self.cursor
        i: cython.int
        doc: cython.uint
        sound: cython.int
        cursor.open_places()
        if cursor.before[cursor.n] + 8 > len(self.flags):
            self.flags = bytearray(2 * cursor.before[cursor.n] + 8)
        sound = read_block(
            cursor.places,
            cursor.places_stop,
            cursor.high_at,
            cursor.low_at,
            cursor.freqs,
            cursor.n,
            (cursor.head >> 10) & 31,
            cython.address(self.flags[0]) if cython.compiled else self.flags,
            cython.address(out[at]) if cython.compiled else out[at:],
        )
        if sound < 0:
            raise IndexCorruptError("a block's positions run over their end", self.file)
        for i in range(cursor.n):  # the last position is the highest
            doc = cursor.docs[i]
            if out[at + cursor.before[i + 1] - 1] >= self.bases[doc + 1] - self.bases[doc]:
                sound = 0
        if not sound:
            raise IndexCorruptError("a position lies outside its document", self.file)
        return 0


def restore(source: PostingSource, wanted, first, last, bases, tokens):
    """Put the terms of documents back where they stand in ``tokens`` ('i'); see the stub."""
    wanted_view: cython.const[cython.uchar][::1] = memoryview(wanted)
    base_view: cython.const[cython.uint][::1] = memoryview(bases)
    token_view: cython.int[::1] = memoryview(tokens)
    start: cython.uint = first
    stop: cython.uint = last
    cursor: Cursor = source.cursor
    term: cython.Py_ssize_t
    block: cython.Py_ssize_t
    i: cython.int
    j: cython.Py_ssize_t
    at: cython.Py_ssize_t
    tf: cython.Py_ssize_t
    doc: cython.uint
    for term in range(len(source.df)):
        source.ordinal = term
        source.aim()
        for block in range(cursor.blocks):
            if block + 1 < cursor.blocks and cursor.last_of(block) < start:
                continue
            cursor.load(block)
            if cursor.docs[0] >= stop:
                break
            source.check_block()
            for i in range(cursor.n):
                doc = cursor.docs[i]
                if start <= doc < stop and wanted_view[doc - start]:
                    cursor.i = i
                    tf = source.fetch(doc)
                    at = base_view[doc - start]
                    for j in range(tf):
                        token_view[at + source.scratch[j]] = cython.cast(cython.int, term)


@cython.cclass
class PostingMerger:
    """Reads the lists of several sources side by side, in the order of the union's terms."""

    sources: list
    terms: cython.Py_ssize_t
    term: cython.Py_ssize_t
    written: cython.uint
    kept: cython.uint[::1]
    _bounds: object
    _cf: object
    _df: object
    _docs: object
    docs: cython.uint[::1]
    freqs: cython.uint[::1]
    _places: object
    places: cython.uint[::1]

    def __init__(self, sources, kept):
        self.sources = sources
        self.terms = len(kept)
        self.term = 0
        self.written = 0
        self.kept = memoryview(kept)
        self._bounds = memoryview(_array.array("I", [0]) * (self.terms + 1))
        self._cf = memoryview(_array.array("I", [0]) * max(self.terms, 1))
        self._df = memoryview(_array.array("I", [0]) * max(self.terms, 1))
        self._docs = None
        self._places = None
        self.grow_postings(1 << 12)
        self.grow_places(1 << 12)

    @cython.cfunc
    def grow_postings(self, room: cython.Py_ssize_t) -> cython.void:
        docs = _array.array("I", [0]) * room
        freqs = _array.array("I", [0]) * room
        if self._docs is not None:
            memoryview(docs)[: len(self._docs[0])] = memoryview(self._docs[0])
            memoryview(freqs)[: len(self._docs[1])] = memoryview(self._docs[1])
        self._docs = (docs, freqs)
        self.docs = memoryview(docs)
        self.freqs = memoryview(freqs)

    @cython.cfunc
    def grow_places(self, room: cython.Py_ssize_t) -> cython.void:
        places = _array.array("I", [0]) * room
        if self._places is not None:
            memoryview(places)[: len(self._places)] = memoryview(self._places)
        self._places = places
        self.places = memoryview(places)

    def gather(self, limit):
        """Return (bounds, docs, freqs, places, cf, df) of the next terms, or None at the end.

        About ``limit`` positions are gathered. Terms that no document has any more are left out;
        the others get their ordinals in ``kept``.
        """
        bounds: cython.uint[::1] = self._bounds
        cf: cython.uint[::1] = self._cf
        df: cython.uint[::1] = self._df
        enough: cython.Py_ssize_t = limit
        m: cython.Py_ssize_t = 0
        n: cython.Py_ssize_t = 0
        at: cython.Py_ssize_t = 0
        first: cython.Py_ssize_t
        first_place: cython.Py_ssize_t
        source: PostingSource
        cursor: Cursor
        block: cython.Py_ssize_t
        i: cython.int
        j: cython.Py_ssize_t
        read: cython.Py_ssize_t
        new: cython.uint
        tf: cython.Py_ssize_t
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
                    if n + cursor.n > room:
                        self.grow_postings(2 * room)
                        room = len(self.docs)
                    # first, so that no damaged frequency is taken for the size of anything
                    source.check_block()
                    tf = 0
                    for i in range(cursor.n):
                        tf += cursor.freqs[i]
                    if at + tf > place_room:
                        self.grow_places(2 * place_room + tf)
                        place_room = len(self.places)
                    source.fetch_block(self.places, at)
                    read = at
                    for i in range(cursor.n):
                        new = source.doc_map[cursor.docs[i]]
                        tf = cursor.freqs[i]
                        read += tf
                        if new == NONE:
                            continue
                        if at + tf < read:  # over the places of a document that is gone
                            for j in range(tf):
                                self.places[at + j] = self.places[read - tf + j]
                        self.docs[n] = new
                        self.freqs[n] = cython.cast(cython.uint, tf)
                        n += 1
                        at += tf
            if n > first:
                self.kept[self.term] = self.written
                self.written += 1
                df[m] = cython.cast(cython.uint, n - first)
                cf[m] = cython.cast(cython.uint, at - first_place)
                m += 1
                bounds[m] = cython.cast(cython.uint, n)
            self.term += 1
        return (
            self._bounds[: m + 1],
            self._docs[0],
            self._docs[1],
            memoryview(self._places)[:at],
            self._cf[:m],
            self._df[:m],
        )


@cython.cclass
class FoldMerger:
    """Gathers which terms have each fold key, and in how many documents one of them stands.

    A segment lists every fold key but those of a lone ASCII term, which is its own key. Fold keys
    are numbered through their union, as terms are; ``itself`` is the number of the ASCII term that
    a fold key is, if it is one.
    """

    file: object
    itself: cython.const[cython.uint][::1]
    # of each term: the fold key that it is, and the one that it has
    named: cython.uint[::1]
    owner: cython.uint[::1]
    totals: cython.longlong[::1]
    # of each fold key: the last segment + 1 that lists it
    listed: cython.uint[::1]
    segments: cython.uint

    def __init__(self, itself, terms, file):
        folds: cython.Py_ssize_t = len(itself)
        f: cython.Py_ssize_t
        self.file = file
        self.itself = memoryview(itself)
        self.named = memoryview(_array.array("I", [NONE]) * max(terms, 1))[:terms]
        self.owner = memoryview(_array.array("I", [NONE]) * max(terms, 1))[:terms]
        self.totals = memoryview(_array.array("q", [0]) * max(folds, 1))[:folds]
        self.listed = memoryview(_array.array("I", [0]) * max(folds, 1))[:folds]
        self.segments = 0
        for f in range(folds):
            if self.itself[f] != NONE:
                self.named[self.itself[f]] = cython.cast(cython.uint, f)
                self.owner[self.itself[f]] = cython.cast(cython.uint, f)

    def add(self, ranks, df, folds, starts, members, counts):
        """Add a segment's fold table; the arrays fit each other."""
        rank_view: cython.const[cython.uint][::1] = memoryview(ranks)
        df_view: cython.const[cython.uint][::1] = memoryview(df)
        fold_view: cython.const[cython.uint][::1] = memoryview(folds)
        start_view: cython.const[cython.uint][::1] = memoryview(starts)
        member_view: cython.const[cython.uint][::1] = memoryview(members)
        count_view: cython.const[cython.uint][::1] = memoryview(counts)
        i: cython.Py_ssize_t
        j: cython.Py_ssize_t
        fold: cython.uint
        self.segments += 1
        for i in range(len(fold_view)):
            fold = fold_view[i]
            self.listed[fold] = self.segments
            self.totals[fold] += count_view[i]
            for j in range(start_view[i], start_view[i + 1]):
                self.owner[rank_view[member_view[j]]] = fold
        # the lone ASCII terms whose key another segment lists
        for i in range(len(rank_view)):
            fold = self.named[rank_view[i]]
            if fold != NONE and self.listed[fold] != self.segments:
                self.totals[fold] += df_view[i]

    def subtract(self, losses):
        """Take away the documents ('I') of each fold key that are deleted."""
        view: cython.const[cython.uint][::1] = memoryview(losses)
        i: cython.Py_ssize_t
        for i in range(len(view)):
            self.totals[i] -= view[i]

    def groups(self):
        """Return (starts, members): the numbers of the terms of each fold key, ascending."""
        folds: cython.Py_ssize_t = len(self.itself)
        starts = _array.array("I", [0]) * (folds + 1)
        start_view: cython.uint[::1] = memoryview(starts)
        # where each fold key's next term goes
        ends: cython.uint[::1] = memoryview(_array.array("I", [0]) * (folds + 1))
        member_view: cython.uint[::1]
        i: cython.Py_ssize_t
        fold: cython.uint
        for i in range(len(self.owner)):
            if self.owner[i] != NONE:
                start_view[self.owner[i] + 1] += 1
        for i in range(folds):
            start_view[i + 1] += start_view[i]
            ends[i + 1] = start_view[i + 1]
        members = _array.array("I", [0]) * start_view[folds]
        member_view = memoryview(members)
        for i in range(len(self.owner)):
            fold = self.owner[i]
            if fold != NONE:
                member_view[ends[fold]] = cython.cast(cython.uint, i)
                ends[fold] += 1
        return starts, members

    def finish(self, kept):
        """Return (fold keys, starts, members, documents): what the merged segment lists.

        Fold keys are numbers in the union, members ordinals, of which ``kept`` has those of the
        terms that some document still has.
        """
        kept_view: cython.const[cython.uint][::1] = memoryview(kept)
        group_starts, group_members = self.groups()
        start_view: cython.const[cython.uint][::1] = memoryview(group_starts)
        member_view: cython.uint[::1] = memoryview(group_members)
        found = _array.array("I")
        starts = _array.array("I", [0])
        counts = _array.array("I")
        fold: cython.Py_ssize_t
        j: cython.Py_ssize_t
        first: cython.Py_ssize_t = 0
        at: cython.Py_ssize_t
        for fold in range(len(self.itself)):
            at = first
            for j in range(start_view[fold], start_view[fold + 1]):
                if kept_view[member_view[j]] != NONE:
                    # (never ahead of what is read)
                    member_view[at] = kept_view[member_view[j]]
                    at += 1
            if at == first:
                continue
            if (
                at == first + 1
                and self.itself[fold] != NONE
                and member_view[first] == kept_view[self.itself[fold]]
            ):
                continue
            if self.totals[fold] <= 0 or self.totals[fold] > NONE:
                raise IndexCorruptError("a fold key's documents do not add up", self.file)
            found.append(fold)
            starts.append(at)
            counts.append(self.totals[fold])
            first = at
        return found, starts, group_members[:first], counts


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
    # the row of the pair last read: where it begins, and where it does in the union's numbers
    row: cython.ulonglong
    new_row: cython.ulonglong

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
        self.row = 0
        self.new_row = 0
        if self.terms:
            self.new_row = self.ranks[0] * self.new_terms
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
        self.count = cython.cast(cython.uint, table.tallies[self.i])
        if self.count == 0:
            raise IndexCorruptError("a table counts nothing", table.file, table.origin)
        self.i += 1
        if self.ranked:
            if key < self.row or key - self.row >= self.terms:
                a = key // self.terms if self.terms else 0
                if a >= self.terms:
                    raise IndexCorruptError("a pair's term is not there", table.file, table.origin)
                self.row = a * self.terms
                self.new_row = self.ranks[a] * self.new_terms
            key = self.new_row + self.ranks[key - self.row]
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
    source: CountSource
    key: cython.ulonglong
    sum: cython.longlong
    renumber: cython.bint = kept is not None
    new_of: cython.const[cython.uint][::1] = memoryview(kept if renumber else _array.array("I"))
    old: cython.ulonglong = old_terms
    new: cython.ulonglong = 0
    row: cython.ulonglong = 0
    new_row: cython.ulonglong = 0
    row_known: cython.bint = False
    i: cython.Py_ssize_t
    a: cython.ulonglong
    # a heap of the sources by the keys they stand on
    heap: list = []
    keys: cython.ulonglong[::1]
    size: cython.Py_ssize_t = 0
    for i in range(len(new_of)):
        if new_of[i] != NONE:
            new += 1
    for source in sources:
        source.advance()
        if not source.done:
            heap.append(source)
    heap.sort(key=_key_of)
    size = len(heap)
    keys = memoryview(_array.array("Q", [0]) * max(size, 1))
    for i in range(size):
        source = heap[i]
        keys[i] = source.key
    while size:
        key = keys[0]
        sum = 0
        while size and keys[0] == key:
            source = heap[0]
            sum += source.sign * cython.cast(cython.longlong, source.count)
            source.advance()
            if source.done:
                size -= 1
                heap[0] = heap[size]
                keys[0] = keys[size]
            else:
                keys[0] = source.key
            sift(heap, keys, size)
        if sum == 0:
            continue
        if sum < 0 or sum > 0xFFFFFFFF:
            raise IndexCorruptError("the counts of a table do not add up")
        if renumber:
            if not row_known or key - row >= old:  # (keys ascend)
                a = key // old
                row = a * old
                row_known = True
                if new_of[a] == NONE:
                    raise IndexCorruptError("a pair stands where its terms do not")
                new_row = new_of[a] * new
            if new_of[key - row] == NONE:
                raise IndexCorruptError("a pair stands where its terms do not")
            key = new_row + new_of[key - row]
        encoder.add(key, cython.cast(cython.uint, sum))
    return encoder


def _key_of(source: CountSource):
    return source.key


@cython.cfunc
@cython.exceptval(-1)
def sift(heap: list, keys: cython.ulonglong[::1], size: cython.Py_ssize_t) -> cython.int:
    """Let the heap's first entry sink to its place."""
    at: cython.Py_ssize_t = 0
    child: cython.Py_ssize_t = 1
    key: cython.ulonglong
    if size < 2:
        return 0
    key = keys[0]
    source = heap[0]
    while child < size:
        if child + 1 < size and keys[child + 1] < keys[child]:
            child += 1
        if keys[child] >= key:
            break
        keys[at] = keys[child]
        heap[at] = heap[child]
        at = child
        child = 2 * at + 1
    if at:
        keys[at] = key
        heap[at] = source
    return 0


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

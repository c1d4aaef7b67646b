# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Posting lists as packed 32-bit words: encoding, block decoding, cursors.

A posting list holds, for one term of one field, the ascending documents it stands in, how often
(the frequency) and where (the positions). It is cut into blocks of 128 postings.

``postings`` stream, from the term's offset (in words)::

    [skip table, only when df > 128: one entry of 4 words per block
        last document | block's word offset from the list's start
        | block's word offset in ``positions`` from the list's start | highest impact]
    [block]...
    block = header (document bits | frequency bits << 8)
            document gaps minus one, packed | frequencies minus one, packed

The gap before the first document of a block counts from the last document of the block before
(from -1 in the first). 128 values of ``w`` bits lie in four interleaved lanes (4w words, the layout
of Lemire & Boytsov's SIMD-BP128, "Decoding billions of integers per second through vectorization",
2015), so that a compiler turns the loop into vector instructions; a shorter last block is packed
one value after the other.

``positions`` stream, per block: ``ceil(n/32)`` frame widths, one byte each, padded to a word; then
the frames: 32 values of one width, one after the other (a last short frame takes what it needs).
Per document the first value is the first position, the others the gap to the one before minus one.

The highest impact of a block is ``ceil(2**28 * max tf*(k1+1)/(tf + k1*(1-b+b*len/avg)))`` with
k1 = b = 0.9 and the field's average length when the segment was written; see `matching` for how a
search uses it after the average has moved.

Both streams end with one word of padding. Nothing here trusts the words it reads: offsets, widths,
document numbers are checked before use and `IndexCorruptError` raised.
"""

import array as _array

import cython

from vnsearch.errors import IndexCorruptError

BLOCK_SIZE = 128
# a literal this large would be a Python object in compiled loops
ALL_ONES = cython.declare(cython.uint, 0xFFFFFFFF)
BLOCK = cython.declare(cython.Py_ssize_t, 128)
IMPACT_SCALE = cython.declare(cython.double, 268435456.0)  # 2**28
K1 = cython.declare(cython.double, 0.9)
B = cython.declare(cython.double, 0.9)


@cython.cfunc
@cython.inline
@cython.exceptval(check=False)
def bits_for(value: cython.uint) -> cython.int:
    """Return how many bits ``value`` needs."""
    bits: cython.int = 0
    while value:
        bits += 1
        value >>= 1
    return bits


@cython.cfunc
@cython.exceptval(check=False)
def pack(
    values: cython.uint[::1],
    start: cython.Py_ssize_t,
    n: cython.int,
    bits: cython.int,
    out: cython.uint[::1],
    at: cython.Py_ssize_t,
) -> cython.Py_ssize_t:
    """Pack ``values[start:start+n]`` one after the other; return the words written."""
    i: cython.int
    bit: cython.Py_ssize_t = 0
    word: cython.Py_ssize_t
    shift: cython.int
    value: cython.ulonglong
    words: cython.Py_ssize_t = (n * bits + 31) >> 5
    for word in range(words):
        out[at + word] = 0
    if bits == 0:
        return 0
    for i in range(n):
        word = at + (bit >> 5)
        shift = bit & 31
        value = values[start + i]
        value = value << shift
        out[word] |= cython.cast(cython.uint, value & ALL_ONES)
        if shift + bits > 32:
            out[word + 1] |= cython.cast(cython.uint, (value >> 32) & ALL_ONES)
        bit += bits
    return words


@cython.cfunc
@cython.exceptval(check=False)
def unpack(
    words: cython.const[cython.uint][::1],
    at: cython.Py_ssize_t,
    n: cython.int,
    bits: cython.int,
    out: cython.uint[::1],
    start: cython.Py_ssize_t,
) -> cython.void:
    """Undo `pack`; reads one word past the packed ones."""
    i: cython.int
    bit: cython.Py_ssize_t = 0
    word: cython.Py_ssize_t
    pair: cython.ulonglong
    mask: cython.ulonglong = (cython.cast(cython.ulonglong, 1) << bits) - 1
    if bits == 0:
        for i in range(n):
            out[start + i] = 0
        return
    for i in range(n):
        word = at + (bit >> 5)
        pair = words[word + 1]
        pair = (pair << 32) | words[word]
        out[start + i] = cython.cast(cython.uint, (pair >> (bit & 31)) & mask)
        bit += bits


@cython.cfunc
@cython.exceptval(check=False)
def pack_lanes(
    values: cython.uint[::1],
    start: cython.Py_ssize_t,
    bits: cython.int,
    out: cython.uint[::1],
    at: cython.Py_ssize_t,
) -> cython.Py_ssize_t:
    """Pack 128 values into four interleaved lanes; return the words written, 4 x ``bits``."""
    row: cython.int
    lane: cython.int
    bit: cython.int = 0
    word: cython.Py_ssize_t
    shift: cython.int
    value: cython.ulonglong
    for word in range(4 * bits):
        out[at + word] = 0
    if bits == 0:
        return 0
    for row in range(32):
        word = at + 4 * (bit >> 5)
        shift = bit & 31
        for lane in range(4):
            value = values[start + 4 * row + lane]
            value = value << shift
            out[word + lane] |= cython.cast(cython.uint, value & ALL_ONES)
            if shift + bits > 32:
                out[word + 4 + lane] |= cython.cast(cython.uint, (value >> 32) & ALL_ONES)
        bit += bits
    return 4 * bits


@cython.cfunc
@cython.exceptval(check=False)
def unpack_lanes(
    words: cython.const[cython.uint][::1],
    at: cython.Py_ssize_t,
    bits: cython.int,
    out: cython.uint[::1],
) -> cython.void:
    """Undo `pack_lanes` into ``out[0:128]``."""
    row: cython.int
    lane: cython.int
    bit: cython.int = 0
    word: cython.Py_ssize_t
    shift: cython.int
    back: cython.int
    mask: cython.uint
    if bits == 0:
        for row in range(128):
            out[row] = 0
        return
    mask = ALL_ONES if bits == 32 else (cython.cast(cython.uint, 1) << bits) - 1
    for row in range(32):
        word = at + 4 * (bit >> 5)
        shift = bit & 31
        if shift + bits > 32:
            back = 32 - shift
            for lane in range(4):
                out[4 * row + lane] = (
                    (words[word + lane] >> shift) | ((words[word + 4 + lane] << back) & ALL_ONES)
                ) & mask
        else:
            for lane in range(4):
                out[4 * row + lane] = (words[word + lane] >> shift) & mask
        bit += bits


@cython.cclass
class PostingsEncoder:
    """Gathers the two streams of one field, term after term."""

    def __init__(self, positions: bool = True):
        self.with_positions = positions
        self._postings = _array.array("I", bytes(4 * 1024))
        self._positions = _array.array("I", bytes(4 * 1024))
        self.postings = self._postings
        self.positions = self._positions
        self.used = 0
        self.positions_used = 0
        self.gaps = _array.array("I", bytes(4 * BLOCK_SIZE))
        self.counts = _array.array("I", bytes(4 * BLOCK_SIZE))
        self._values = _array.array("I", bytes(4 * 1024))
        self.values = self._values

    @cython.cfunc
    @cython.exceptval(-1)
    def reserve(self, words: cython.Py_ssize_t, position_words: cython.Py_ssize_t) -> cython.int:
        if self.used + words > len(self._postings):
            grown = _array.array("I", bytes(4 * max(2 * len(self._postings), self.used + words)))
            memoryview(grown)[: self.used] = memoryview(self._postings)[: self.used]
            self._postings = grown
            self.postings = grown
        if self.positions_used + position_words > len(self._positions):
            size = max(2 * len(self._positions), self.positions_used + position_words)
            grown = _array.array("I", bytes(4 * size))
            memoryview(grown)[: self.positions_used] = memoryview(self._positions)[
                : self.positions_used
            ]
            self._positions = grown
            self.positions = grown
        return 0

    def add_terms(
        self,
        bounds,
        docs,
        freqs,
        positions,
        lengths,
        average: float,
        doc_offsets,
        pos_offsets,
    ):
        """Append one posting list per term; see the stub for the arguments."""
        view: cython.const[cython.uint][::1] = memoryview(bounds)
        documents: cython.const[cython.uint][::1] = memoryview(docs)
        frequencies: cython.const[cython.uint][::1] = memoryview(freqs)
        places: cython.const[cython.uint][::1] = memoryview(positions)
        sizes: cython.const[cython.uint][::1] = memoryview(lengths)
        offsets: cython.uint[::1] = memoryview(doc_offsets)
        place_offsets: cython.uint[::1] = memoryview(pos_offsets)
        term: cython.Py_ssize_t
        at: cython.Py_ssize_t = 0
        for term in range(view.shape[0] - 1):
            if self.used > 0xFFFFFFF0 or self.positions_used > 0xFFFFFFF0:
                raise OverflowError("a segment's posting lists hold at most 2**32 words")
            offsets[term] = cython.cast(cython.uint, self.used)
            place_offsets[term] = cython.cast(cython.uint, self.positions_used)
            at = self.add_term(
                documents, frequencies, view[term], view[term + 1], places, at, sizes, average
            )

    @cython.cfunc
    @cython.exceptval(-1)
    def add_term(
        self,
        docs: cython.const[cython.uint][::1],
        freqs: cython.const[cython.uint][::1],
        start: cython.Py_ssize_t,
        stop: cython.Py_ssize_t,
        positions: cython.const[cython.uint][::1],
        at: cython.Py_ssize_t,
        lengths: cython.const[cython.uint][::1],
        average: cython.double,
    ) -> cython.Py_ssize_t:
        df: cython.Py_ssize_t = stop - start
        blocks: cython.Py_ssize_t = (df + BLOCK - 1) // BLOCK
        origin: cython.Py_ssize_t = self.used
        position_origin: cython.Py_ssize_t = self.positions_used
        block: cython.Py_ssize_t
        first: cython.Py_ssize_t
        n: cython.int
        i: cython.int
        doc: cython.uint
        tf: cython.uint
        previous: cython.longlong = -1
        widest_gap: cython.uint
        widest_tf: cython.uint
        gap_bits: cython.int
        tf_bits: cython.int
        total: cython.Py_ssize_t
        entry: cython.Py_ssize_t = 0
        highest: cython.double
        impact: cython.double
        gap: cython.uint
        # a block takes at most 1 + 128 + 128 words, its skip entry 4
        self.reserve(blocks * (4 + 1 + 2 * BLOCK) + 1, 1)
        if blocks > 1:
            self.used += 4 * blocks
        for block in range(blocks):
            first = start + block * BLOCK
            n = cython.cast(cython.int, min(BLOCK, stop - first))
            if blocks > 1:
                entry = origin + 4 * block
                self.postings[entry + 1] = cython.cast(cython.uint, self.used - origin)
                self.postings[entry + 2] = cython.cast(
                    cython.uint, self.positions_used - position_origin
                )
            widest_gap = 0
            widest_tf = 0
            highest = 0.0
            total = 0
            for i in range(n):
                doc = docs[first + i]
                tf = freqs[first + i]
                gap = cython.cast(cython.uint, doc - previous - 1)
                previous = doc
                self.gaps[i] = gap
                self.counts[i] = tf - 1
                widest_gap |= gap
                widest_tf |= tf - 1
                total += tf
                if blocks > 1:
                    impact = tf * (K1 + 1.0) / (tf + K1 * (1.0 - B + B * lengths[doc] / average))
                    if impact > highest:
                        highest = impact
            gap_bits = bits_for(widest_gap)
            tf_bits = bits_for(widest_tf)
            self.postings[self.used] = gap_bits | (tf_bits << 8)
            self.used += 1
            if n == BLOCK:
                self.used += pack_lanes(self.gaps, 0, gap_bits, self.postings, self.used)
                self.used += pack_lanes(self.counts, 0, tf_bits, self.postings, self.used)
            else:
                self.used += pack(self.gaps, 0, n, gap_bits, self.postings, self.used)
                self.used += pack(self.counts, 0, n, tf_bits, self.postings, self.used)
            if blocks > 1:
                self.postings[entry] = cython.cast(cython.uint, previous)
                self.postings[entry + 3] = cython.cast(
                    cython.uint, cython.cast(cython.ulonglong, highest * IMPACT_SCALE) + 1
                )
            if self.with_positions:
                self.add_positions(freqs, first, n, total, positions, at)
                at += total
        return at

    @cython.cfunc
    @cython.exceptval(-1)
    def add_positions(
        self,
        freqs: cython.const[cython.uint][::1],
        first: cython.Py_ssize_t,
        n: cython.int,
        total: cython.Py_ssize_t,
        positions: cython.const[cython.uint][::1],
        at: cython.Py_ssize_t,
    ) -> cython.int:
        frames: cython.Py_ssize_t = (total + 31) >> 5
        frame: cython.Py_ssize_t
        widths: cython.Py_ssize_t
        i: cython.int
        j: cython.uint
        previous: cython.uint
        value: cython.uint
        k: cython.Py_ssize_t = 0
        count: cython.int
        widest: cython.uint
        bits: cython.int
        if total > len(self._values):
            self._values = _array.array("I", bytes(4 * max(2 * len(self._values), total)))
            self.values = self._values
        for i in range(n):
            previous = positions[at + k]
            self.values[k] = previous
            k += 1
            for j in range(1, freqs[first + i]):
                value = positions[at + k]
                self.values[k] = value - previous - 1
                previous = value
                k += 1
        widths = self.positions_used
        self.reserve(0, ((frames + 3) >> 2) + 32 * frames + 1)
        self.positions_used += (frames + 3) >> 2
        for frame in range(widths, self.positions_used):
            self.positions[frame] = 0
        for frame in range(frames):
            count = cython.cast(cython.int, min(32, total - 32 * frame))
            widest = 0
            for i in range(count):
                widest |= self.values[32 * frame + i]
            bits = bits_for(widest)
            self.positions[widths + (frame >> 2)] |= cython.cast(cython.uint, bits) << (
                8 * (frame & 3)
            )
            self.positions_used += pack(
                self.values, 32 * frame, count, bits, self.positions, self.positions_used
            )
        return 0

    def finish(self):
        """Return the two streams, each padded by one word."""
        self.reserve(1, 1)
        self.postings[self.used] = 0
        self.positions[self.positions_used] = 0
        return (
            self._postings[: self.used + 1],
            self._positions[: self.positions_used + 1],
        )


@cython.cclass
class Cursor:
    """Walks one posting list, block by block; or a list given as plain arrays."""

    def __init__(self, postings, positions, doc_offset, pos_offset, df, doc_count):
        if postings is None:
            postings = EMPTY
        self.words = memoryview(postings)
        self.places = memoryview(positions if positions is not None else EMPTY)
        self.origin = doc_offset
        self.places_origin = pos_offset
        self.df = df
        self.doc_count = doc_count
        self.blocks = (df + BLOCK - 1) // BLOCK
        self.listed = False
        self._buffers = _array.array("I", bytes(8 * BLOCK_SIZE))
        view = memoryview(self._buffers)
        self.docs = view[:BLOCK_SIZE]
        self.freqs = view[BLOCK_SIZE:]
        self.block = -1
        self.n = 0
        self.i = 0
        self.doc = ALL_ONES
        self.framed = -1
        self._values = None
        self._frames = None
        size: cython.Py_ssize_t = self.words.shape[0]
        if df < 0 or doc_count < df or doc_offset < 0 or pos_offset < 0:
            raise IndexCorruptError("a posting list's document frequency is out of range")
        if self.blocks > 1 and self.origin + 4 * self.blocks > size:
            raise IndexCorruptError("a posting list's skip table lies outside the stream")

    @cython.cfunc
    @cython.exceptval(-1)
    def aim(
        self, origin: cython.Py_ssize_t, places_origin: cython.Py_ssize_t, df: cython.Py_ssize_t
    ) -> cython.int:
        """Point the cursor at another list of the same streams."""
        self.origin = origin
        self.places_origin = places_origin
        self.df = df
        self.blocks = (df + BLOCK - 1) // BLOCK
        self.block = -1
        self.n = 0
        self.i = 0
        self.doc = ALL_ONES
        self.framed = -1
        if df < 0 or df > self.doc_count:
            raise IndexCorruptError("a posting list's document frequency is out of range")
        if self.blocks > 1 and origin + 4 * self.blocks > self.words.shape[0]:
            raise IndexCorruptError("a posting list's skip table lies outside the stream")
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def last_of(self, block: cython.Py_ssize_t) -> cython.uint:
        """Return the last document of a block (as far as the skip table knows)."""
        if self.listed:
            return self.listed_docs[min((block + 1) * BLOCK, self.df) - 1]
        if self.blocks == 1:
            return cython.cast(cython.uint, self.doc_count - 1)
        return self.words[self.origin + 4 * block]

    @cython.cfunc
    @cython.exceptval(-1)
    def load(self, block: cython.Py_ssize_t) -> cython.int:
        """Decode a block's documents and frequencies; the cursor stands on its first posting."""
        at: cython.Py_ssize_t
        n: cython.int = cython.cast(cython.int, min(BLOCK, self.df - block * BLOCK))
        i: cython.int
        header: cython.uint
        gap_bits: cython.int
        tf_bits: cython.int
        gap_words: cython.Py_ssize_t
        tf_words: cython.Py_ssize_t
        doc: cython.longlong
        size: cython.Py_ssize_t = self.words.shape[0]
        self.block = block
        self.n = n
        self.i = 0
        self.framed = -1
        if self.listed:
            for i in range(n):
                self.docs[i] = self.listed_docs[block * BLOCK + i]
                self.freqs[i] = self.listed_freqs[block * BLOCK + i]
            self.doc = self.docs[0]
            return 0
        if self.blocks == 1:
            at = self.origin
            doc = -1
        else:
            at = self.origin + self.words[self.origin + 4 * block + 1]
            doc = -1
            if block > 0:
                doc = self.words[self.origin + 4 * (block - 1)]
        if at >= size:
            raise IndexCorruptError("a posting block lies outside the stream")
        header = self.words[at]
        at += 1
        gap_bits = header & 0xFF
        tf_bits = (header >> 8) & 0xFF
        if gap_bits > 32 or tf_bits > 32:
            raise IndexCorruptError("a posting block's header is out of range")
        gap_words = (n * gap_bits + 31) >> 5
        tf_words = (n * tf_bits + 31) >> 5
        if at + gap_words + tf_words + 1 > size:
            raise IndexCorruptError("a posting block runs over the end of the stream")
        if n == BLOCK:
            unpack_lanes(self.words, at, gap_bits, self.docs)
            unpack_lanes(self.words, at + gap_words, tf_bits, self.freqs)
        else:
            unpack(self.words, at, n, gap_bits, self.docs, 0)
            unpack(self.words, at + gap_words, n, tf_bits, self.freqs, 0)
        for i in range(n):
            doc += self.docs[i]
            doc += 1
            self.docs[i] = cython.cast(cython.uint, doc & ALL_ONES)
            self.freqs[i] = (self.freqs[i] + 1) & ALL_ONES
        if doc >= self.doc_count:
            raise IndexCorruptError("a posting block names a document that is not there")
        self.doc = self.docs[0]
        return 0

    @cython.cfunc
    @cython.exceptval(0xFFFFFFFF, check=True)
    def seek(self, target: cython.uint) -> cython.uint:
        """Move to the first document >= ``target``; return it, or 0xFFFFFFFF at the end."""
        block: cython.Py_ssize_t
        low: cython.Py_ssize_t
        high: cython.Py_ssize_t
        step: cython.Py_ssize_t
        i: cython.int
        if self.block < 0:
            if self.df == 0:
                return ALL_ONES
            block = 0
        elif self.n == 0:
            return ALL_ONES
        elif self.docs[self.n - 1] >= target:
            i = self.i
            while self.docs[i] < target:
                i += 1
            self.i = i
            self.doc = self.docs[i]
            return self.doc
        else:
            block = self.block + 1
        # gallop over the skip table
        low = block
        step = 1
        while low < self.blocks and self.last_of(low) < target:
            block = low + 1
            low += step
            step += step
        high = min(low, self.blocks)
        while block < high:
            low = (block + high) >> 1
            if self.last_of(low) < target:
                block = low + 1
            else:
                high = low
        while block < self.blocks:
            self.load(block)
            if self.docs[self.n - 1] >= target:
                i = 0
                while self.docs[i] < target:
                    i += 1
                self.i = i
                self.doc = self.docs[i]
                return self.doc
            block += 1  # only where the skip table does not say (one block, or a damaged one)
        self.n = 0
        self.doc = ALL_ONES
        return ALL_ONES

    @cython.cfunc
    @cython.exceptval(-1)
    def place_frames(self) -> cython.int:
        """Unpack the positions of the block that is loaded into ``values``."""
        total: cython.Py_ssize_t = 0
        i: cython.int
        frames: cython.Py_ssize_t
        frame: cython.Py_ssize_t
        at: cython.Py_ssize_t = self.places_origin
        data: cython.Py_ssize_t
        bits: cython.int
        count: cython.int
        size: cython.Py_ssize_t = self.places.shape[0]
        if self.blocks > 1:
            at += self.words[self.origin + 4 * self.block + 2]
        for i in range(self.n):
            total += self.freqs[i]
        frames = (total + 31) >> 5
        data = at + ((frames + 3) >> 2)
        if data > size:
            raise IndexCorruptError("a block's positions lie outside the stream")
        if self._values is None or len(self._values) < total:
            self._values = _array.array("I", bytes(4 * max(total, 256)))
            self.values = self._values
        for frame in range(frames):
            count = cython.cast(cython.int, min(32, total - 32 * frame))
            bits = (self.places[at + (frame >> 2)] >> (8 * (frame & 3))) & 0xFF
            if bits > 32 or data + ((count * bits + 31) >> 5) + 1 > size:
                raise IndexCorruptError("a frame of positions runs over the end of the stream")
            unpack(self.places, data, count, bits, self.values, 32 * frame)
            data += (count * bits + 31) >> 5
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def open_frames(self) -> cython.int:
        """Find where each frame of positions of the loaded block begins; unpack none."""
        total: cython.Py_ssize_t = 0
        i: cython.int
        frames: cython.Py_ssize_t
        frame: cython.Py_ssize_t
        at: cython.Py_ssize_t = self.places_origin
        data: cython.Py_ssize_t
        bits: cython.int
        count: cython.int
        size: cython.Py_ssize_t = self.places.shape[0]
        if self.blocks > 1:
            at += self.words[self.origin + 4 * self.block + 2]
        for i in range(self.n):
            total += self.freqs[i]
        frames = (total + 31) >> 5
        data = at + ((frames + 3) >> 2)
        if data > size:
            raise IndexCorruptError("a block's positions lie outside the stream")
        if self._values is None or len(self._values) < 32 * frames:
            self._values = _array.array("I", bytes(4 * max(32 * frames, 256)))
            self.values = memoryview(self._values)
        if self._frames is None or len(self._frames) < 2 * frames:
            self._frames = _array.array("Q", bytes(16 * max(frames, 16)))
            self.frames = memoryview(self._frames)
        for frame in range(frames):
            count = cython.cast(cython.int, min(32, total - 32 * frame))
            bits = (self.places[at + (frame >> 2)] >> (8 * (frame & 3))) & 0xFF
            if bits > 32 or data + ((count * bits + 31) >> 5) + 1 > size:
                raise IndexCorruptError("a frame of positions runs over the end of the stream")
            # where the frame begins; how many values it has and their width, 0 once unpacked
            self.frames[2 * frame] = data
            self.frames[2 * frame + 1] = (count << 8) | bits
            data += (count * bits + 31) >> 5
        self.framed = self.block
        self.framed_at = 0
        self.framed_i = 0
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def fetch(self, out: cython.uint[::1], room: cython.Py_ssize_t) -> cython.Py_ssize_t:
        """Write the positions in the current document to ``out``; return how many there are.

        At most ``room`` are written.
        """
        tf: cython.Py_ssize_t = self.freqs[self.i]
        j: cython.Py_ssize_t
        at: cython.Py_ssize_t
        frame: cython.Py_ssize_t
        state: cython.ulonglong
        place: cython.uint
        if self.framed != self.block:
            self.open_frames()
        if self.i < self.framed_i:
            self.framed_i = 0
            self.framed_at = 0
        while self.framed_i < self.i:
            self.framed_at += self.freqs[self.framed_i]
            self.framed_i += 1
        at = self.framed_at
        for frame in range(at >> 5, ((at + tf - 1) >> 5) + 1):
            state = self.frames[2 * frame + 1]
            if state:
                unpack(
                    self.places,
                    cython.cast(cython.Py_ssize_t, self.frames[2 * frame]),
                    cython.cast(cython.int, state >> 8),
                    cython.cast(cython.int, state & 0xFF),
                    self.values,
                    32 * frame,
                )
                self.frames[2 * frame + 1] = 0
        if room > 0:
            place = self.values[at]
            out[0] = place
            for j in range(1, min(tf, room)):
                place = (place + self.values[at + j] + 1) & ALL_ONES
                out[j] = place
        return tf

    # The Python face: used where a loop over blocks in Python is fast enough.

    def read_block(self, block):
        """Return (documents, frequencies) of a block as lists."""
        if not 0 <= block < self.blocks:
            raise IndexError(f"block {block} of {self.blocks}")
        self.load(block)
        return list(self.docs[: self.n]), list(self.freqs[: self.n])

    def read_positions(self):
        """Return the positions of each document of the block last read, as lists."""
        result = []
        start: cython.Py_ssize_t = 0
        j: cython.Py_ssize_t
        i: cython.int
        place: cython.uint
        self.place_frames()
        for i in range(self.n):
            place = self.values[start]
            places = [place]
            for j in range(1, self.freqs[i]):
                place = (place + self.values[start + j] + 1) & ALL_ONES
                places.append(place)
            start += self.freqs[i]
            result.append(places)
        return result

    def rewind(self):
        """Go back before the first posting."""
        self.block = -1
        self.n = 0
        self.i = 0
        self.doc = ALL_ONES
        self.framed = -1

    def frequency(self, doc):
        """Return the frequency in a document not before the one last asked for, 0 if absent."""
        target: cython.uint = doc
        return self.freqs[self.i] if self.seek(target) == target else 0

    def block_count(self):
        """Return the number of blocks."""
        return self.blocks

    def block_last(self, block):
        """Return the last document of a block, by the skip table."""
        return self.last_of(block)

    def decode(self, with_positions=False):
        """Return the whole list: (documents, frequencies, positions or None) as arrays."""
        docs = _array.array("I", bytes(4 * self.df))
        freqs = _array.array("I", bytes(4 * self.df))
        doc_view: cython.uint[::1] = docs
        freq_view: cython.uint[::1] = freqs
        pieces = _array.array("I")
        block: cython.Py_ssize_t
        i: cython.int
        j: cython.uint
        at: cython.Py_ssize_t
        total: cython.Py_ssize_t
        place: cython.uint
        for block in range(self.blocks):
            self.load(block)
            total = 0
            for i in range(self.n):
                doc_view[block * BLOCK + i] = self.docs[i]
                freq_view[block * BLOCK + i] = self.freqs[i]
                total += self.freqs[i]
            if with_positions:
                self.place_frames()
                at = 0
                for i in range(self.n):
                    place = self.values[at]
                    at += 1
                    for j in range(1, self.freqs[i]):
                        place = (place + self.values[at] + 1) & ALL_ONES
                        self.values[at] = place
                        at += 1
                self.framed = -1
                pieces.extend(self._values[:total])
        return docs, freqs, pieces if with_positions else None


EMPTY = _array.array("I", [0])


def listed_cursor(docs, freqs, doc_count):
    """Return a cursor over plain arrays of documents and frequencies (no positions)."""
    cursor: Cursor = Cursor(None, None, 0, 0, 0, doc_count)
    cursor.df = len(docs)
    cursor.blocks = (cursor.df + BLOCK - 1) // BLOCK
    cursor.listed = True
    cursor._listed = (docs, freqs)
    if cursor.df:
        cursor.listed_docs = docs
        cursor.listed_freqs = freqs
    return cursor

# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Posting lists as packed 32-bit words: encoding, block decoding, cursors.

A posting list holds, for one term of one field, the ascending documents it stands in, how often
(the frequency) and where (the positions). It is cut into blocks of 128 postings.

``postings`` stream, from the term's offset (in words)::

    df > 128:  [skip table, one entry of 4 words per block
                   last document | block's word offset from the list's start
                   | block's bit offset in ``positions`` from the list's start | head]
               [block]...
    df <= 128: head, block

    head  = document bits (5) | frequency bits (5) | low bits of positions (5) | exceptions (1)
            | highest impact (16)
    block = [exceptions word, where the head says so: document exceptions (8) | their high bits (8)
             | frequency exceptions (8) | their high bits (8)]
            document gaps minus one, packed | frequencies minus one, packed
            [document exceptions, packed | frequency exceptions, packed]

The gap before the first document of a block counts from the last document of the block before
(from -1 in the first). 128 values of ``w`` bits lie in four interleaved lanes (4w words, the layout
of Lemire & Boytsov's SIMD-BP128, "Decoding billions of integers per second through vectorization",
2015), so that a compiler turns the loop into vector instructions; a shorter last block is packed
one value after the other. A few values wider than the rest of a full block are exceptions (PFor:
Zukowski, Héman, Nes & Boncz, "Super-scalar RAM-CPU cache compression", ICDE 2006): their low bits
stand with the others, and ``index | high bits << 7`` follows for each.

``positions`` stream, from the term's offset (in bytes), per block: the values of all its postings,
for each document the first position, then the gaps minus one, as Rice codes (Rice & Plaunt, 1971)
in two parts, as Elias-Fano codes are: first the low bits of all values, then all quotients in
unary, zeros and a one. So a posting's positions are found without decoding those before it: its low
bits stand at a known bit, its quotients behind as many ones as there are values before. The
frequent stand closer: a value has one low bit less where the frequency is over 1, one less again
over 3 (but never less than none). Blocks follow each other without a gap.

The highest impact of a block is ``floor(2**15 * max tf*(k1+1)/(tf + k1*(1-b+b*len/avg))) + 1`` with
k1 = b = 0.9 and the field's average length when the segment was written; see `matching` for how a
search uses it after the average has moved.

Both streams end with two words of padding. Nothing here trusts the words it reads: offsets, widths,
document numbers are checked before use and `IndexCorruptError` raised.
"""

import array as _array

import cython

from vnsearch.errors import IndexCorruptError

if cython.compiled:
    from cython.cimports.vnsearch.kernels.bits import (
        bit_length,
        fetch_ahead,
        first_from,
        low_width,
        mend_values,
        read_places,
        sum_before,
        sum_gaps,
        sum_high,
        unpack_lanes,
    )
    from cython.cimports.vnsearch.kernels.packing import (
        exceptions,
        gap_values,
        highest_impact,
        pack_lanes,
        wider,
        write_places,
    )
else:

    def bit_length(value):
        return value.bit_length()

    def fetch_ahead(words, first, stop):
        """Do nothing: there is no way to ask for memory ahead of its use."""

    def bits_at(words, at, width):
        """Return ``width`` (at most 32) bits of a stream from bit ``at`` on."""
        word = at >> 5
        return (words[word] | words[word + 1] << 32) >> (at & 31) & ((1 << width) - 1)

    def read_places(words, stop, high, skip, low, width, count, out):
        """Pass over quotients in unary, then read Rice codes whose gaps add up to positions.

        Returns the bit where the quotients of these codes begin, -1 if word ``stop`` is reached.
        """
        first = high
        place = -1
        start = high
        for number in range(-skip, count):
            while not words[high >> 5] >> (high & 31):
                high = ((high >> 5) + 1) << 5
                if high >> 5 >= stop:
                    return -1
            bits = words[high >> 5] >> (high & 31)
            high += (bits & -bits).bit_length()
            if number < 0:
                first = high
            else:
                gap = high - 1 - start << width | bits_at(words, low + number * width, width)
                place += gap + 1
                out[number] = place & 0xFFFFFFFF
            start = high
            if high >> 5 >= stop and number + 1 < count:
                return -1
        return first

    def low_width(widest, tf):
        """Return how many low bits the positions of a posting have."""
        return max(widest - (tf > 1) - (tf > 3), 0)

    def may_follow(gap, left, left_at, left_width, n, right, right_at, right_width, m):
        """Return how many positions may have one of another posting behind, by their low bits."""
        width = min(6, left_width, right_width)
        if n > 64 or m > 64 or n * m >> width:
            return min(n, m)
        ends = []
        for words, at, bits, count, place in (
            (left, left_at, left_width, n, gap - 1),
            (right, right_at, right_width, m, -1),
        ):
            ends.append([])
            for number in range(count):
                place += bits_at(words, at + number * bits, bits) + 1
                ends[-1].append(place & ((1 << width) - 1))
        others = set(ends[1])
        return min(sum(place in others for place in ends[0]), m)

    def sift_postings(picked, count, most, gap, left_where, left, right_where, right):
        """Keep the postings picked where the one list may follow the other; return how many."""
        for cursor in (left, right):
            if cursor.opened != cursor.block:
                cursor.open_places()
        kept = 0
        for at in picked[:count].tolist():
            found = []
            for cursor, place in ((left, left_where[at]), (right, right_where[at])):
                tf = cursor.freqs[place]
                width = low_width((cursor.head >> 10) & 31, tf)
                first = cursor.low_at + cursor.width * cursor.before[place] - cursor.less[place]
                found += cursor.places, first, width, tf
            picked[kept] = at
            most[kept] = may_follow(gap, *found)
            kept += most[kept] > 0
        return kept

    def reach(cursor, target):
        """Move to the first document >= ``target``; return it, or 0xFFFFFFFF at the end."""
        return cursor.seek(target)

    def tf_at(cursor):
        """Return the frequency in the document at hand."""
        cursor.need_freqs()
        return cursor.freqs[cursor.i]

    def go_on(cursor, i):
        """Stand on posting ``i`` of the loaded block, or the first of the next block."""
        if i < cursor.n:
            cursor.i = i
            cursor.doc = cursor.docs[i]
        else:
            cursor.seek(cursor.docs[cursor.n - 1] + 1)

    def mend_values(words, count, bits, low_bits, values):
        """Add the high bits of exceptions to the values of a full block."""
        for number in range(count):
            high = bits_at(words, number * (7 + bits), 7 + bits)
            at = high & 127
            values[at] = values[at] + (high >> 7 << low_bits) & 0xFFFFFFFF

    def first_from(values, i, target):
        """Return the first place from ``i`` on whose value is at least ``target``."""
        while values[i] < target:
            i += 1
        return i

    def sum_before(freqs, n, bits, one, three, before, less):
        """Write the sums of the frequencies before each posting, and of the higher ones."""
        for i in range(n):
            tf = freqs[i]
            before[i + 1] = before[i] + tf
            less[i + 1] = less[i] + tf * ((one and tf > 1) + (three and tf > 3))
        return before[n] <= 0x7FFFFFFF

    def sum_high(values, drops, n, width):
        """Return the sum of ``n`` values without their ``width - drops[i]`` low bits."""
        return sum(values[i] >> max(width - drops[i], 0) for i in range(n))

    def gap_values(positions, freqs, n, total, values, drops, narrow):
        """Write what is written of n postings' positions, and how much narrower each low part is.

        ``narrow`` becomes how many are narrower by one bit at least, and by two. Returns the sum of
        the values, each doubled as often as its low part is narrower.
        """
        at = weighted = 0
        narrow[:] = (sum(tf for tf in freqs[:n] if tf > most) for most in (1, 3))
        for i in range(n):
            tf = freqs[i]
            narrower = (tf > 1) + (tf > 3)
            previous = -1
            for k in range(at, at + tf):
                values[k] = positions[k] - previous - 1 & 0xFFFFFFFF
                drops[k] = narrower
                weighted += values[k] << narrower
                previous = positions[k]
            at += tf
        return weighted

    def write_places(values, drops, n, width, out, bit):
        """Write the low parts of n values, then their quotients in unary; return the bit after."""
        lows = [max(width - drops[i], 0) for i in range(n)]
        held, have = out[bit >> 5] & ((1 << (bit & 31)) - 1), bit & 31
        for value, low in zip(values, lows, strict=False):
            held |= (value & ((1 << low) - 1)) << have
            have += low
        for value, low in zip(values, lows, strict=False):
            have += value >> low
            held |= 1 << have
            have += 1
        for word in range((have >> 5) + 1):
            out[(bit >> 5) + word] = held >> 32 * word & 0xFFFFFFFF
        return (bit & ~31) + have

    def exceptions(values, bits, out):
        """Write the places of those of 128 values that have more bits, with these << 7."""
        found = [i | values[i] >> bits << 7 for i in range(128) if values[i] >> bits]
        out[: len(found)] = found
        return len(found)

    def wider(values, bits):
        """Return how many of 128 values have more bits."""
        return sum(values[i] >> bits != 0 for i in range(128))

    def highest_impact(docs, freqs, n, lengths, fixed, inverse):
        """Return the highest tf / (tf + fixed + inverse * length) of n postings."""
        return max(freqs[i] / (freqs[i] + (fixed + inverse * lengths[docs[i]])) for i in range(n))

    def pack_lanes(values, bits, out):
        """Pack the low ``bits`` of 128 values into four interleaved lanes."""
        for lane in range(4):
            held = 0
            for row in range(32):
                held |= (values[4 * row + lane] & ((1 << bits) - 1)) << row * bits
            for word in range(bits):
                out[4 * word + lane] = held >> 32 * word & 0xFFFFFFFF

    def sum_gaps(out, start):
        """Make 128 gaps (minus one each) the documents that follow ``start``."""
        for i in range(128):
            out[i] = start = (start + out[i] + 1) & 0xFFFFFFFF

    def unpack_lanes(words, bits, add, sum, start, out):
        """Undo `pack_lanes` into ``out[0:128]`` and add ``add`` to each value.

        With ``sum`` each becomes the sum of itself and all before, counted from ``start``.
        """
        mask = (1 << bits) - 1
        for row in range(32):
            at, shift = 4 * (row * bits >> 5), row * bits & 31
            for lane in range(4):
                value = words[at + lane] >> shift if bits else 0
                if shift + bits > 32:
                    value |= words[at + 4 + lane] << (32 - shift)
                value = (value & mask) + add
                if sum:
                    value = start = (start + value) & 0xFFFFFFFF
                out[4 * row + lane] = value


BLOCK_SIZE = 128
PADDING_WORDS = 2
# a literal this large would be a Python object in compiled loops
ALL_ONES = cython.declare(cython.uint, 0xFFFFFFFF)
BLOCK = cython.declare(cython.Py_ssize_t, 128)
IMPACT_SCALE = cython.declare(cython.double, 32768.0)  # 2**15
K1 = cython.declare(cython.double, 0.9)
B = cython.declare(cython.double, 0.9)
STEP = cython.declare(cython.double, 1e-9)
PADDING = cython.declare(cython.Py_ssize_t, 2)


@cython.cfunc
@cython.exceptval(check=False)
def pack(
    values: cython.p_uint,
    n: cython.int,
    bits: cython.int,
    out: cython.uint[::1],
    at: cython.Py_ssize_t,
) -> cython.Py_ssize_t:
    """Pack ``values[:n]`` one after the other; return the words written."""
    i: cython.int
    held: cython.ulonglong = 0
    have: cython.int = 0
    start: cython.Py_ssize_t = at
    if bits == 0:
        return 0
    for i in range(n):
        held |= cython.cast(cython.ulonglong, values[i]) << have
        have += bits
        if have >= 32:
            out[at] = cython.cast(cython.uint, held & ALL_ONES)
            at += 1
            held >>= 32
            have -= 32
    if have:
        out[at] = cython.cast(cython.uint, held & ALL_ONES)
        at += 1
    return at - start


@cython.cfunc
@cython.exceptval(check=False)
def unpack(
    words: cython.pointer[cython.const[cython.uint]],
    at: cython.Py_ssize_t,
    n: cython.int,
    bits: cython.int,
    out: cython.p_uint,
) -> cython.void:
    """Undo `pack`; reads one word past the packed ones."""
    i: cython.int
    bit: cython.Py_ssize_t = 0
    word: cython.Py_ssize_t
    pair: cython.ulonglong
    mask: cython.ulonglong = (cython.cast(cython.ulonglong, 1) << bits) - 1
    if bits == 0:
        for i in range(n):
            out[i] = 0
        return
    for i in range(n):
        word = at + (bit >> 5)
        pair = words[word + 1]
        pair = (pair << 32) | words[word]
        out[i] = cython.cast(cython.uint, (pair >> (bit & 31)) & mask)
        bit += bits


@cython.cclass
class PostingsEncoder:
    """Gathers the two streams of one field, term after term."""

    def __init__(self, positions: bool = True):
        self.with_positions = positions
        self.base = 0
        self.places_base = 0
        self._postings = _array.array("I", bytes(4 * 1024))
        self._positions = _array.array("I", bytes(4 * 1024))
        self.postings = self._postings
        self.positions = self._positions
        self.used = 0
        self.position_bits = 0
        self.values = _array.array("I", bytes(4 * 1024))
        self.drops = bytearray(1024)  # of each value, how much narrower its low part is
        if not cython.compiled:
            self.gaps = [0] * 128
            self.counts = [0] * 128
            self.high = [0] * 129
            self.narrow = [0, 0]

    @cython.cfunc
    @cython.exceptval(-1)
    def reserve(self, words: cython.Py_ssize_t, position_words: cython.Py_ssize_t) -> cython.int:
        if self.used + words > len(self._postings):
            grown = _array.array("I", bytes(4 * max(2 * len(self._postings), self.used + words)))
            memoryview(grown)[: self.used] = memoryview(self._postings)[: self.used]
            self._postings = grown
            self.postings = grown
        used: cython.Py_ssize_t = (self.position_bits + 31) >> 5
        if used + position_words > len(self._positions):
            grown = _array.array(
                "I", bytes(4 * max(2 * len(self._positions), used + position_words))
            )
            memoryview(grown)[:used] = memoryview(self._positions)[:used]
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
        place: cython.Py_ssize_t
        at: cython.Py_ssize_t = 0
        for term in range(view.shape[0] - 1):
            self.position_bits = (self.position_bits + 7) & ~7
            place = self.places_base + (self.position_bits >> 3)
            if self.base + self.used > ALL_ONES or place > ALL_ONES:
                raise OverflowError(
                    "a segment's posting lists hold at most 2**32 words, 2**32 bytes of positions"
                )
            offsets[term] = cython.cast(cython.uint, self.base + self.used)
            place_offsets[term] = cython.cast(cython.uint, place)
            at = self.add_term(
                documents, frequencies, view[term], view[term + 1], places, at, sizes, average
            )

    @cython.cfunc
    @cython.inline
    @cython.exceptval(check=False)
    def room(self) -> cython.p_uint:
        """Return the postings stream from its end on."""
        return (
            cython.address(self.postings[self.used])
            if cython.compiled
            else memoryview(self.postings)[self.used :]
        )

    @cython.cfunc
    @cython.exceptval(check=False)
    def cut(self, values: cython.p_uint, widest: cython.int) -> cython.int:
        """Return the width in which a full block of values takes the least room.

        ``saved`` becomes how many bits that saves beside the width of the widest.
        """
        bits: cython.int
        best: cython.int = widest
        count: cython.int
        cost: cython.int
        least: cython.int = 128 * widest
        self.saved = 0
        if widest < 2:
            return widest
        for bits in range(widest - 1, max(widest - 26, -1), -1):
            count = wider(values, bits)
            if count > 64:
                break
            cost = 128 * bits + ((count * (7 + widest - bits) + 31) & ~31)
            if cost < least:
                least = cost
                best = bits
        self.saved = 128 * widest - least
        return best

    @cython.cfunc
    @cython.exceptval(check=False)
    def add_exceptions(
        self, values: cython.p_uint, bits: cython.int, widest: cython.int
    ) -> cython.int:
        """Write the values of a full block that need more than ``bits``; return how many."""
        n: cython.int = exceptions(values, bits, self.high)
        self.used += pack(self.high, n, 7 + widest - bits, self.postings, self.used)
        return n

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
        position_origin: cython.Py_ssize_t = self.position_bits
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
        gap_cut: cython.int
        tf_cut: cython.int
        saved: cython.int
        low_bits: cython.int
        total: cython.Py_ssize_t
        entry: cython.Py_ssize_t = 0
        cuts: cython.Py_ssize_t
        count: cython.uint
        head: cython.uint
        highest: cython.double
        gap: cython.uint
        inverse: cython.double = K1 * B / average if average > 0.0 else 0.0
        fixed: cython.double = K1 * (1.0 - B)
        # a block takes at most 1 + 128 + 128 words, its skip entry 4
        self.reserve(blocks * (4 + 2 + 2 * BLOCK) + 1, 1)
        if blocks > 1:
            self.used += 4 * blocks
        for block in range(blocks):
            first = start + block * BLOCK
            n = cython.cast(cython.int, min(BLOCK, stop - first))
            if blocks > 1:
                entry = origin + 4 * block
                self.postings[entry + 1] = cython.cast(cython.uint, self.used - origin)
                if self.position_bits - position_origin > 0xFFFFFFFF:
                    raise OverflowError("a term's positions take at most 2**32 bits")
                self.postings[entry + 2] = cython.cast(
                    cython.uint, self.position_bits - position_origin
                )
                entry += 3
            else:
                entry = self.used
                self.used += 1
            widest_gap = 0
            widest_tf = 0
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
            highest = highest_impact(
                cython.address(docs[first]) if cython.compiled else docs[first:],
                cython.address(freqs[first]) if cython.compiled else freqs[first:],
                n,
                cython.address(lengths[0]) if cython.compiled else lengths,
                fixed,
                inverse,
            )
            gap_bits = bit_length(widest_gap)
            tf_bits = bit_length(widest_tf)
            if gap_bits > 31 or tf_bits > 31:
                raise OverflowError("a segment holds at most 2**31 documents")
            head = cython.cast(cython.uint, highest * (K1 + 1.0) * IMPACT_SCALE) + 1
            head <<= 16
            if n == BLOCK:
                gap_cut = self.cut(self.gaps, gap_bits)
                saved = self.saved
                tf_cut = self.cut(self.counts, tf_bits)
                saved += self.saved
                if saved <= 32:  # the exceptions' own word
                    gap_cut = gap_bits
                    tf_cut = tf_bits
                cuts = self.used
                if gap_cut < gap_bits or tf_cut < tf_bits:
                    self.used += 1
                    head |= 1 << 15
                pack_lanes(self.gaps, gap_cut, self.room())
                self.used += 4 * gap_cut
                pack_lanes(self.counts, tf_cut, self.room())
                self.used += 4 * tf_cut
                if gap_cut < gap_bits or tf_cut < tf_bits:
                    count = 0
                    if gap_cut < gap_bits:
                        count = self.add_exceptions(self.gaps, gap_cut, gap_bits)
                        count |= cython.cast(cython.uint, gap_bits - gap_cut) << 8
                    if tf_cut < tf_bits:
                        count |= (
                            cython.cast(
                                cython.uint, self.add_exceptions(self.counts, tf_cut, tf_bits)
                            )
                            << 16
                        )
                        count |= cython.cast(cython.uint, tf_bits - tf_cut) << 24
                    self.postings[cuts] = count
                head |= gap_cut | (tf_cut << 5)
            else:
                self.used += pack(self.gaps, n, gap_bits, self.postings, self.used)
                self.used += pack(self.counts, n, tf_bits, self.postings, self.used)
                head |= gap_bits | (tf_bits << 5)
            if blocks > 1:
                self.postings[origin + 4 * block] = cython.cast(cython.uint, previous)
            if self.with_positions:
                low_bits = self.add_positions(freqs, first, n, total, positions, at)
                head |= low_bits << 10
                at += total
            self.postings[entry] = head
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
        """Write a block's positions; return the width of their low parts."""
        mean: cython.double
        width: cython.int
        cost: cython.longlong
        least: cython.longlong = -1
        best: cython.int = 0
        lowest: cython.int
        values: cython.p_uint
        drops: cython.p_uchar
        if total + 8 > len(self.drops):
            self.values = _array.array("I", bytes(8 * total + 64))
            self.drops = bytearray(2 * total + 16)
        values = cython.address(self.values[0]) if cython.compiled else self.values
        drops = cython.address(self.drops[0]) if cython.compiled else self.drops
        # the best width is next to the logarithm of the mean
        mean = cython.cast(
            cython.double,
            gap_values(
                cython.address(positions[at]) if cython.compiled else positions[at:],
                cython.address(freqs[first]) if cython.compiled else freqs[first:],
                n,
                total,
                values,
                drops,
                self.narrow,
            ),
        )
        mean /= total
        lowest = 0
        while lowest < 28 and mean >= 2.0:
            mean *= 0.5
            lowest += 1
        lowest = max(lowest - 1, 0)
        for width in range(lowest, lowest + 3):
            cost = total * (width + 1) - (self.narrow[0] if width > 0 else 0)
            cost -= self.narrow[1] if width > 1 else 0
            cost += sum_high(values, drops, total, width)
            if least < 0 or cost < least:
                least = cost
                best = width
        self.reserve(0, (least >> 5) + 3)
        self.position_bits = write_places(
            values,
            drops,
            total,
            best,
            cython.address(self.positions[0]) if cython.compiled else self.positions,
            self.position_bits,
        )
        return best

    def take(self):
        """Return what is new in the two streams, good until more is added."""
        words: cython.Py_ssize_t = (self.position_bits + 31) >> 5
        taken = (
            memoryview(self._postings)[: self.used].cast("B"),
            memoryview(self._positions)[:words].cast("B"),
        )
        self.base += self.used
        self.places_base += 4 * words
        self.used = 0
        self.position_bits = 0
        return taken

    def finish(self):
        """Return the two streams, each padded by two words."""
        i: cython.Py_ssize_t
        words: cython.Py_ssize_t = (self.position_bits + 31) >> 5
        self.reserve(PADDING, PADDING)
        for i in range(PADDING):
            self.postings[self.used + i] = 0
            self.positions[words + i] = 0
        return (
            self._postings[: self.used + PADDING],
            self._positions[: words + PADDING],
        )


@cython.cclass
class PostingLists:
    """The posting lists of one field of a segment: the two streams and where each list begins."""

    def __init__(self, postings, positions, doc_offsets, pos_offsets, df, doc_count):
        self.words = memoryview(postings if postings is not None else EMPTY)
        self.places = memoryview(positions if positions is not None else EMPTY)
        self.doc_offsets = memoryview(doc_offsets)
        self.pos_offsets = memoryview(pos_offsets)
        self.df = memoryview(df)
        self.doc_count = doc_count
        self.terms = min(len(doc_offsets), len(pos_offsets), len(df))

    @cython.cfunc
    def make(self, ordinal: cython.Py_ssize_t):
        cursor: Cursor = Cursor.__new__(Cursor)
        if ordinal < 0 or ordinal >= self.terms:
            raise IndexCorruptError("a term's ordinal is out of range")
        cursor.point(self)
        cursor.aim(self.doc_offsets[ordinal], self.pos_offsets[ordinal], self.df[ordinal])
        return cursor

    def cursor(self, ordinal: int):
        """Return a cursor over the postings of a term."""
        return self.make(ordinal)


@cython.cclass
class Cursor:
    """Walks one posting list, block by block; or a list given as plain arrays."""

    def __init__(self, postings, positions, doc_offset, pos_offset, df, doc_count):
        self.point(PostingLists(postings, positions, EMPTY, EMPTY, EMPTY, doc_count))
        self.aim(doc_offset, pos_offset, df)

    @cython.cfunc
    @cython.exceptval(-1)
    def point(self, lists: PostingLists) -> cython.int:
        """Read from these streams."""
        self.lists = lists
        self.data = cython.address(lists.words[0]) if cython.compiled else lists.words
        self.places = cython.address(lists.places[0]) if cython.compiled else lists.places
        self.size = lists.words.shape[0]
        self.places_size = lists.places.shape[0]
        self.doc_count = lists.doc_count
        self.listed = False
        if not cython.compiled:
            self.docs = [0] * 128
            self.freqs = [0] * 128
            self.before = [0] * 129
            self.less = [0] * 129
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def aim(
        self, origin: cython.Py_ssize_t, places_origin: cython.Py_ssize_t, df: cython.Py_ssize_t
    ) -> cython.int:
        """Point the cursor at another list of the same streams."""
        blocks: cython.Py_ssize_t = (df + BLOCK - 1) // BLOCK
        # empty until it is known to be sound: what raises is not read by whoever goes on
        self.df = 0
        self.blocks = 0
        self.rewind()
        if df < 0 or df > self.doc_count or origin < 0 or places_origin < 0:
            raise IndexCorruptError("a posting list's document frequency is out of range")
        if df > 0 and origin + (4 * blocks if blocks > 1 else 1) > self.size:
            raise IndexCorruptError("a posting list's head lies outside the stream")
        self.origin = origin
        self.places_origin = places_origin
        self.df = df
        self.blocks = blocks
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def last_of(self, block: cython.Py_ssize_t) -> cython.uint:
        """Return the last document of a block (as far as the skip table knows)."""
        if self.listed:
            return self.listed_docs[min((block + 1) * BLOCK, self.df) - 1]
        if self.blocks == 1:
            return cython.cast(cython.uint, self.doc_count - 1)
        return self.data[self.origin + 4 * block]

    @cython.cfunc
    @cython.exceptval(check=False)
    def first_at_least(self) -> cython.uint:
        """Return a document that none of the list comes before, without decoding a block."""
        at: cython.Py_ssize_t = self.origin + 1
        head: cython.uint
        bits: cython.int
        if self.listed or self.blocks == 0:
            return 0
        head = self.data[self.origin]
        if self.blocks > 1:
            head = self.data[self.origin + 3]
            at = self.origin + self.data[self.origin + 1]
        if head & 0x8000:
            at += 1
        bits = head & 31
        if bits == 0 or at >= self.size:
            return 0
        # the low bits of the first gap, which counts from -1
        return self.data[at] & ((cython.cast(cython.uint, 1) << bits) - 1)

    @cython.cfunc
    @cython.exceptval(check=False)
    def impact(self, block: cython.Py_ssize_t) -> cython.double:
        """Return the block's highest impact, rounded up (0 of a listed one, which keeps none)."""
        if self.listed:
            return 0.0
        if self.blocks == 1:
            return (self.data[self.origin] >> 16) / IMPACT_SCALE
        return (self.data[self.origin + 4 * block + 3] >> 16) / IMPACT_SCALE

    @cython.cfunc
    @cython.exceptval(-1)
    def load(self, block: cython.Py_ssize_t) -> cython.int:
        """Decode a block's documents; the cursor stands on its first posting."""
        at: cython.Py_ssize_t
        n: cython.int = cython.cast(cython.int, min(BLOCK, self.df - block * BLOCK))
        i: cython.int
        head: cython.uint
        gap_bits: cython.int
        high_bits: cython.int
        gap_words: cython.Py_ssize_t
        tf_words: cython.Py_ssize_t
        first: cython.longlong = -1
        doc: cython.longlong
        count: cython.int
        ahead: cython.Py_ssize_t
        self.block = block
        self.n = n
        self.i = 0
        self.opened = -1
        # whoever looks for a document looks among 128
        for i in range(n, BLOCK):
            self.docs[i] = ALL_ONES
        if self.listed:
            for i in range(n):
                self.docs[i] = self.listed_docs[block * BLOCK + i]
                self.freqs[i] = self.listed_freqs[block * BLOCK + i]
            self.freqs_at = -1
            self.doc = self.docs[0]
            return 0
        if self.blocks == 1:
            at = self.origin + 1
            head = self.data[self.origin]
        else:
            at = self.origin + self.data[self.origin + 4 * block + 1]
            head = self.data[self.origin + 4 * block + 3]
            if block > 0:
                first = self.data[self.origin + 4 * (block - 1)]
            if block + 1 < self.blocks:
                # as a rule the next block comes next, of some 40 words
                ahead = self.origin + self.data[self.origin + 4 * block + 5]
                fetch_ahead(self.data, min(ahead, self.size), min(ahead + 48, self.size))
        self.head = head
        self.cuts = 0
        if at >= self.size:
            self.n = 0
            raise IndexCorruptError("a posting block lies outside the stream")
        if head & 0x8000:
            self.cuts = self.data[at]
            at += 1
        gap_bits = head & 31
        gap_words = (n * gap_bits + 31) >> 5
        tf_words = (n * ((head >> 5) & 31) + 31) >> 5
        if at + gap_words + tf_words + 1 > self.size:
            self.n = 0
            raise IndexCorruptError("a posting block runs over the end of the stream")
        self.freqs_at = at + gap_words
        count = self.cuts & 0xFF
        high_bits = (self.cuts >> 8) & 0xFF if count else 0
        if n == BLOCK and gap_bits + high_bits < 24:
            # 128 such gaps add up to less than 2**31: a sum that wraps is below ``first``
            if count:
                unpack_lanes(self.stream(at), gap_bits, 0, 0, 0, self.docs)
                self.mend(self.docs, at + gap_words + tf_words, count, high_bits, gap_bits)
                sum_gaps(self.docs, cython.cast(cython.uint, first & ALL_ONES))
            else:
                unpack_lanes(
                    self.stream(at),
                    gap_bits,
                    1,
                    1,
                    cython.cast(cython.uint, first & ALL_ONES),
                    self.docs,
                )
            doc = self.docs[BLOCK - 1]
            if doc < first:
                doc = self.doc_count
        else:
            if n == BLOCK:
                unpack_lanes(self.stream(at), gap_bits, 0, 0, 0, self.docs)
            else:
                unpack(self.data, at, n, gap_bits, self.docs)
            if count:
                self.mend(self.docs, at + gap_words + tf_words, count, high_bits, gap_bits)
            doc = first
            for i in range(n):
                doc += cython.cast(cython.longlong, self.docs[i]) + 1
                self.docs[i] = cython.cast(cython.uint, doc & ALL_ONES)
        if doc >= self.doc_count:
            self.n = 0
            raise IndexCorruptError("a posting block names a document that is not there")
        if self.blocks > 1 and doc != self.data[self.origin + 4 * block]:
            # whoever goes on from where the table says a block ends would never get past it
            self.n = 0
            raise IndexCorruptError("a posting block does not end where its skip table says")
        self.doc = self.docs[0]
        return 0

    @cython.cfunc
    @cython.inline
    @cython.exceptval(check=False)
    def stream(self, at: cython.Py_ssize_t) -> cython.pointer[cython.const[cython.uint]]:
        """Return the postings stream from a word on."""
        return self.data + at if cython.compiled else self.data[at:]

    @cython.cfunc
    @cython.exceptval(-1)
    def mend(
        self,
        values: cython.p_uint,
        at: cython.Py_ssize_t,
        count: cython.int,
        bits: cython.int,
        low_bits: cython.int,
    ) -> cython.int:
        """Put the high bits of the exceptions on the values of a full block."""
        if self.n != BLOCK or count > 128 or bits > 25 or low_bits + bits > 32:
            self.n = 0
            raise IndexCorruptError("a posting block's exceptions are out of range")
        if at + ((count * (7 + bits) + 31) >> 5) + 1 > self.size:
            self.n = 0
            raise IndexCorruptError("a posting block runs over the end of the stream")
        mend_values(self.stream(at), count, bits, low_bits, values)
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def need_freqs(self) -> cython.int:
        """Decode the frequencies of the loaded block, once."""
        at: cython.Py_ssize_t = self.freqs_at
        bits: cython.int
        i: cython.int
        count: cython.int
        if at < 0:
            return 0
        self.freqs_at = -1
        bits = (self.head >> 5) & 31
        count = (self.cuts >> 16) & 0xFF
        if self.n == BLOCK:
            unpack_lanes(self.stream(at), bits, 1, 0, 0, self.freqs)
        else:
            unpack(self.data, at, self.n, bits, self.freqs)
            for i in range(self.n):
                self.freqs[i] = (self.freqs[i] + 1) & ALL_ONES
        if count:
            at += 4 * bits
            i = self.cuts & 0xFF
            at += (i * (7 + cython.cast(cython.int, (self.cuts >> 8) & 0xFF)) + 31) >> 5
            self.mend(self.freqs, at, count, self.cuts >> 24, bits)
        return 0

    @cython.cfunc
    @cython.exceptval(0xFFFFFFFF, check=True)
    def reach_block(self, target: cython.uint) -> cython.uint:
        """Load the block with the first document >= ``target``, unless it is the loaded one.

        Returns its last document, 0xFFFFFFFF at the end of the list.
        """
        block: cython.Py_ssize_t
        low: cython.Py_ssize_t
        high: cython.Py_ssize_t
        step: cython.Py_ssize_t
        table: cython.pointer[cython.const[cython.uint]]
        if self.block < 0:
            if self.df == 0:
                return ALL_ONES
            block = 0
        elif self.n == 0:
            return ALL_ONES
        elif self.docs[self.n - 1] >= target:
            return self.docs[self.n - 1]
        else:
            block = self.block + 1
        if self.blocks - block >= 4 and not self.listed:
            # as a rule it is one of the next four: no branch depends on which
            table = self.stream(self.origin + 4 * block)
            low = (table[0] < target) + (table[4] < target)
            low += (table[8] < target) + (table[12] < target)
            block += low
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
                return self.docs[self.n - 1]
            block += 1  # only where the skip table does not say (one block, or a damaged one)
        self.n = 0
        self.doc = ALL_ONES
        return ALL_ONES

    @cython.cfunc
    @cython.exceptval(0xFFFFFFFF, check=True)
    def seek(self, target: cython.uint) -> cython.uint:
        """Move to the first document >= ``target``; return it, or 0xFFFFFFFF at the end."""
        if self.reach_block(target) == ALL_ONES:
            return ALL_ONES
        self.i = first_from(self.docs, self.i, target)
        self.doc = self.docs[self.i]
        return self.doc

    @cython.cfunc
    @cython.exceptval(check=False)
    def expect_places(self) -> cython.void:
        """Have the positions of the loaded block brought near, once, while other work is done."""
        at: cython.Py_ssize_t
        stop: cython.Py_ssize_t
        entry: cython.Py_ssize_t = self.origin + 4 * self.block + 2
        if self.expected == self.block or self.listed or self.block + 1 >= self.blocks:
            return
        self.expected = self.block
        at = (8 * self.places_origin + self.data[entry]) >> 5
        stop = (8 * self.places_origin + self.data[entry + 4]) >> 5
        fetch_ahead(self.places, min(at, self.places_size), min(stop + 1, self.places_size))

    @cython.cfunc
    @cython.exceptval(-1)
    def open_places(self) -> cython.int:
        """Find the positions of the loaded block; decode none."""
        at: cython.Py_ssize_t = 8 * self.places_origin
        stop: cython.Py_ssize_t = 32 * (self.places_size - PADDING)
        total: cython.Py_ssize_t
        widest: cython.int
        one: cython.int
        three: cython.int
        bits: cython.uint
        self.need_freqs()
        if self.listed:
            raise IndexCorruptError("a listed posting list has no positions")
        if self.blocks > 1:
            if self.block + 1 < self.blocks:
                # blocks follow each other: no bit is read for two of them
                stop = min(stop, at + self.data[self.origin + 4 * self.block + 6])
            at += self.data[self.origin + 4 * self.block + 2]
        widest = (self.head >> 10) & 31
        self.width = low_width(widest, 1)
        one = self.width - low_width(widest, 2)
        three = low_width(widest, 2) - low_width(widest, 4)
        bits = (self.head >> 5) & 31
        if (self.cuts >> 16) & 0xFF:
            bits += self.cuts >> 24
        if not sum_before(
            self.freqs, self.n, cython.cast(cython.int, bits), one, three, self.before, self.less
        ):
            raise IndexCorruptError("a block's positions lie outside the stream")
        total = self.before[self.n]
        self.low_at = at
        self.high_at = at + self.width * total - self.less[self.n]
        # a value takes at least one bit behind the low parts
        if self.high_at + total > stop:
            raise IndexCorruptError("a block's positions lie outside the stream")
        self.places_stop = (stop + 31) >> 5
        self.opened = self.block
        self.passed = 0
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def fetch(
        self, out: cython.p_uint, at: cython.Py_ssize_t, room: cython.Py_ssize_t
    ) -> cython.Py_ssize_t:
        """Write the positions in the current document to ``out[at:]``; return how many there are.

        At most ``room`` are written.
        """
        tf: cython.Py_ssize_t
        before: cython.Py_ssize_t
        high: cython.Py_ssize_t
        width: cython.int
        if self.opened != self.block or self.before[self.i] < self.passed:
            self.open_places()
        before = self.before[self.i]
        tf = self.freqs[self.i]
        width = low_width((self.head >> 10) & 31, self.freqs[self.i])
        high = read_places(
            self.places,
            self.places_stop,
            self.high_at,
            before - self.passed,
            self.low_at + self.width * before - self.less[self.i],
            width,
            min(tf, room),
            out + at if cython.compiled else memoryview(out)[at:],
        )
        if high < 0:
            raise IndexCorruptError("a block's positions run over their end")
        self.high_at = high
        self.passed = before
        return tf

    # The Python face: used where a loop over blocks in Python is fast enough.

    def read_block(self, block):
        """Return (documents, frequencies) of a block as lists."""
        if not 0 <= block < self.blocks:
            raise IndexError(f"block {block} of {self.blocks}")
        self.load(block)
        self.need_freqs()
        return [self.docs[i] for i in range(self.n)], [self.freqs[i] for i in range(self.n)]

    def read_positions(self):
        """Return the positions of each document of the block last read, as lists."""
        result = []
        start: cython.Py_ssize_t = 0
        i: cython.int
        values = self.block_positions()
        for i in range(self.n):
            result.append(values[start : start + self.freqs[i]].tolist())
            start += self.freqs[i]
        return result

    @cython.cfunc
    def block_positions(self):
        """Return the positions of the block last read, one document after the other."""
        total: cython.Py_ssize_t
        i: cython.int
        at: cython.Py_ssize_t = 0
        out: cython.uint[::1]
        self.open_places()
        total = 0
        for i in range(self.n):
            total += self.freqs[i]
        values = _array.array("I", bytes(4 * total))
        out = values
        for i in range(self.n):
            self.i = i
            at += self.fetch(cython.address(out[0]) if cython.compiled else out, at, total - at)
        self.i = 0
        return values

    @cython.ccall
    @cython.exceptval(check=False)
    def rewind(self) -> cython.void:
        """Go back before the first posting."""
        self.block = -1
        self.n = 0
        self.i = 0
        self.doc = ALL_ONES
        self.freqs_at = -1
        self.opened = -1
        self.expected = -1

    def frequency(self, doc):
        """Return the frequency in a document not before the one last asked for, 0 if absent."""
        target: cython.uint = doc
        if self.seek(target) != target:
            return 0
        self.need_freqs()
        return self.freqs[self.i]

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
        for block in range(self.blocks):
            self.load(block)
            self.need_freqs()
            for i in range(self.n):
                doc_view[block * BLOCK + i] = self.docs[i]
                freq_view[block * BLOCK + i] = self.freqs[i]
            if with_positions:
                pieces.extend(self.block_positions())
        return docs, freqs, pieces if with_positions else None


EMPTY = _array.array("I", [0])


def listed_cursor(docs, freqs, doc_count):
    """Return a cursor over plain arrays of documents and frequencies (no positions).

    Raises `IndexCorruptError` where the documents, which a file may have named, are not there or do
    not ascend.
    """
    cursor: Cursor = Cursor(None, None, 0, 0, 0, doc_count)
    i: cython.Py_ssize_t
    limit: cython.Py_ssize_t = doc_count
    last: cython.uint = 0
    doc_view: cython.const[cython.uint][::1]
    freq_view: cython.const[cython.uint][::1]
    cursor.df = len(docs)
    cursor.blocks = (cursor.df + BLOCK - 1) // BLOCK
    cursor.listed = True
    cursor._listed = (docs, freqs)
    if cursor.df:
        if len(freqs) < cursor.df:
            raise ValueError("fewer frequencies than documents")
        doc_view = docs
        freq_view = freqs
        for i in range(cursor.df):
            if doc_view[i] < last or doc_view[i] >= limit:
                raise IndexCorruptError("a listed document is not there, or out of order")
            last = doc_view[i]
        cursor.listed_docs = cython.address(doc_view[0]) if cython.compiled else docs
        cursor.listed_freqs = cython.address(freq_view[0]) if cython.compiled else freqs
    return cursor


def lists_fit(doc_offsets, pos_offsets, df, words, places) -> bool:
    """Return whether every list of a field has room of its own before the next one begins.

    ``words`` and ``places`` are the sizes of the two streams. What is certain without reading a
    list is looked at: a list takes a word, or four a block; a posting at least a bit of positions.
    So no number of terms makes more postings than the file has room for.
    """
    offsets: cython.const[cython.uint][::1] = memoryview(doc_offsets)
    place_offsets: cython.const[cython.uint][::1] = memoryview(pos_offsets)
    counts: cython.const[cython.uint][::1] = memoryview(df)
    term: cython.Py_ssize_t
    count: cython.Py_ssize_t
    stop: cython.Py_ssize_t = words
    places_stop: cython.Py_ssize_t = places
    stop -= PADDING
    places_stop = 4 * (places_stop - PADDING)
    for term in range(len(counts) - 1, -1, -1):
        count = counts[term]
        stop -= (count + BLOCK - 1) // BLOCK * 4 if count > BLOCK else 1
        places_stop -= (count + 7) >> 3
        if count == 0 or offsets[term] > stop or place_offsets[term] > places_stop:
            return False
        stop = offsets[term]
        places_stop = place_offsets[term]
    return True


def misstated_impact(lists: PostingLists, lengths, average: float):
    """Return the first term with a block whose highest impact is not that of its postings, or -1.

    ``lengths`` and ``average`` are those that the lists were written with. A last digit that
    another machine rounds the other way is let pass.
    """
    sizes: cython.const[cython.uint][::1] = memoryview(lengths)
    cursor: Cursor = Cursor.__new__(Cursor)
    term: cython.Py_ssize_t
    block: cython.Py_ssize_t
    head: cython.uint
    inverse: cython.double = K1 * B / average if average > 0.0 else 0.0
    fixed: cython.double = K1 * (1.0 - B)
    highest: cython.double
    if len(sizes) < lists.doc_count:
        raise ValueError("fewer lengths than documents")
    cursor.point(lists)
    for term in range(lists.terms):
        cursor.aim(lists.doc_offsets[term], lists.pos_offsets[term], lists.df[term])
        for block in range(cursor.blocks):
            cursor.load(block)
            cursor.need_freqs()
            highest = highest_impact(
                cursor.docs,
                cursor.freqs,
                cursor.n,
                cython.address(sizes[0]) if cython.compiled else sizes,
                fixed,
                inverse,
            )
            highest *= (K1 + 1.0) * IMPACT_SCALE
            head = cursor.head >> 16
            if head <= highest * (1.0 - STEP) or head > highest * (1.0 + STEP) + 1.0:
                return term
    return -1

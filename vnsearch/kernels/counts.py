# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Sorted tables of 64-bit keys with a count each: adjacent pairs and joined words.

Keys ascend and are distinct; counts are at least 1. They are cut into blocks of at most 128, and
earlier where the step to the next key is so wide that a block of its own is cheaper (a new row of
the pair table). Per block there are two 64-bit numbers,

    keys[block]     the block's first key
    starts[block]   word offset in ``words`` | entries << 40 | gap bits << 48 | count bits << 56

and in ``words`` (32 bits each) the other keys as gaps minus one, then the counts minus one, packed
one after the other, lowest bits first. The stream ends with two words of padding.

Nothing here trusts the words it reads: offsets and widths are checked before they are followed.
"""

import array as _array

import cython

from vnsearch.errors import IndexCorruptError

# literals this large would be Python objects in compiled loops
ALL_32 = cython.declare(cython.ulonglong, 0xFFFFFFFF)
ALL_40 = cython.declare(cython.ulonglong, 0xFFFFFFFFFF)
ALL_64 = cython.declare(cython.ulonglong, 0xFFFFFFFFFFFFFFFF)

BLOCK = cython.declare(cython.int, 128)
# What a block costs beside its entries, in bits: its two numbers, and half a word of padding.
BLOCK_COST = cython.declare(cython.int, 144)


@cython.cclass
class CountsEncoder:
    """Gathers ascending (key, count) entries; `finish` gives the three arrays of a table."""

    def __init__(self):
        self._words = _array.array("I", bytes(4 * 1024))
        self.words = self._words
        self.used = 0
        self.keys = _array.array("Q")
        self.starts = _array.array("Q")
        self.gaps = _array.array("Q", bytes(8 * 128))
        self.tallies = _array.array("I", bytes(4 * 128))
        self.n = 0
        self.gap_bits = 0
        self.count_bits = 0
        self.last = 0
        self.entries = 0

    @cython.cfunc
    @cython.exceptval(-1)
    def add(self, key: cython.ulonglong, count: cython.uint) -> cython.int:
        """Append one entry; keys must ascend (the callers see to it)."""
        gap: cython.ulonglong
        bits: cython.int
        if self.n:
            gap = key - self.last - 1
            bits = self.gap_bits
            while bits < 63 and gap >> bits:
                bits += 1
            if self.n == BLOCK or (
                bits > self.gap_bits and self.n * (bits - self.gap_bits) > BLOCK_COST
            ):
                self.flush()
            else:
                self.gaps[self.n] = gap
                if bits > self.gap_bits:
                    self.gap_bits = bits
        if self.n == 0:
            self.keys.append(key)
        self.tallies[self.n] = count - 1
        while self.count_bits < 32 and (count - 1) >> self.count_bits:
            self.count_bits += 1
        self.n += 1
        self.last = key
        self.entries += 1
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def flush(self) -> cython.int:
        """Write the block that is gathered."""
        i: cython.int
        room: cython.Py_ssize_t
        start: cython.ulonglong
        held: cython.ulonglong = 0
        have: cython.int = 0
        if self.n == 0:
            return 0
        room = (self.n * (self.gap_bits + self.count_bits) + 31) // 32 + 4
        if self.used + room > len(self._words):
            grown = _array.array("I", bytes(4 * (2 * len(self._words) + room)))
            memoryview(grown)[: self.used] = memoryview(self._words)[: self.used]
            self._words = grown
            self.words = grown
        start = cython.cast(cython.ulonglong, self.count_bits) << 56
        start |= cython.cast(cython.ulonglong, self.gap_bits) << 48
        start |= cython.cast(cython.ulonglong, self.n) << 40
        start |= cython.cast(cython.ulonglong, self.used)
        self.starts.append(start)
        for i in range(1, self.n):
            if self.gap_bits > 32:
                held |= (self.gaps[i] & ALL_32) << have
                self.words[self.used] = cython.cast(cython.uint, held & ALL_32)
                self.used += 1
                held >>= 32
                held |= (self.gaps[i] >> 32) << have
                have += self.gap_bits - 32
            else:
                held |= self.gaps[i] << have
                have += self.gap_bits
            if have >= 32:
                self.words[self.used] = cython.cast(cython.uint, held & ALL_32)
                self.used += 1
                held >>= 32
                have -= 32
        for i in range(self.n):
            held |= cython.cast(cython.ulonglong, self.tallies[i]) << have
            have += self.count_bits
            if have >= 32:
                self.words[self.used] = cython.cast(cython.uint, held & ALL_32)
                self.used += 1
                held >>= 32
                have -= 32
        if have:
            self.words[self.used] = cython.cast(cython.uint, held & ALL_32)
            self.used += 1
        self.n = 0
        self.gap_bits = 0
        self.count_bits = 0
        return 0

    def extend(self, keys, counts):
        """Append entries from an array of keys ('Q') and one of counts ('I')."""
        key_view: cython.const[cython.ulonglong][::1] = keys
        count_view: cython.const[cython.uint][::1] = counts
        i: cython.Py_ssize_t
        for i in range(len(key_view)):
            self.add(key_view[i], count_view[i])

    def finish(self):
        """Return (words, keys, starts); the encoder is done."""
        self.flush()
        words = self._words[: self.used]
        words.extend((0, 0))
        return words, self.keys, self.starts


@cython.cclass
class CountTable:
    """Reads what `CountsEncoder` wrote."""

    def __init__(self, words, keys, starts, file="", origin=0):
        self.file = file
        self.origin = origin
        self.words = words
        self.keys = keys
        self.starts = starts
        self.gaps = _array.array("Q", bytes(8 * 128))
        self.tallies = _array.array("I", bytes(4 * 128))
        self.n = 0
        if len(keys) != len(starts) or len(words) < 2:
            raise IndexCorruptError("a count table's parts do not match", self.file, self.origin)

    @cython.cfunc
    @cython.exceptval(-1)
    def load(self, block: cython.Py_ssize_t) -> cython.int:
        """Decode a block into ``gaps`` (whole keys) and ``tallies`` (counts)."""
        start: cython.ulonglong = self.starts[block]
        at: cython.Py_ssize_t = cython.cast(cython.Py_ssize_t, start & ALL_40)
        n: cython.int = cython.cast(cython.int, (start >> 40) & 0xFF)
        gap_bits: cython.int = cython.cast(cython.int, (start >> 48) & 0xFF)
        count_bits: cython.int = cython.cast(cython.int, (start >> 56) & 0xFF)
        i: cython.int
        held: cython.ulonglong = 0
        have: cython.int = 0
        low: cython.ulonglong
        key: cython.ulonglong = self.keys[block]
        mask: cython.ulonglong
        high_mask: cython.ulonglong
        if n < 1 or n > BLOCK or gap_bits > 63 or count_bits > 32:
            raise IndexCorruptError(
                "a count block's header is out of range", self.file, self.origin
            )
        if at + (((n - 1) * gap_bits + n * count_bits + 31) >> 5) + 2 > len(self.words):
            raise IndexCorruptError(
                "a count block runs over the end of its stream", self.file, self.origin
            )
        self.n = n
        self.gaps[0] = key
        if gap_bits > 32:
            high_mask = (cython.cast(cython.ulonglong, 1) << (gap_bits - 32)) - 1
            for i in range(1, n):
                held |= cython.cast(cython.ulonglong, self.words[at]) << have
                at += 1
                low = held & ALL_32
                held >>= 32
                if have < gap_bits - 32:
                    held |= cython.cast(cython.ulonglong, self.words[at]) << have
                    at += 1
                    have += 32
                key += (low | ((held & high_mask) << 32)) + 1
                held >>= gap_bits - 32
                have -= gap_bits - 32
                self.gaps[i] = key & ALL_64
        else:
            mask = (cython.cast(cython.ulonglong, 1) << gap_bits) - 1
            for i in range(1, n):
                if have < gap_bits:
                    held |= cython.cast(cython.ulonglong, self.words[at]) << have
                    at += 1
                    have += 32
                key += (held & mask) + 1
                held >>= gap_bits
                have -= gap_bits
                self.gaps[i] = key & ALL_64
        mask = (cython.cast(cython.ulonglong, 1) << count_bits) - 1
        for i in range(n):
            if have < count_bits:
                held |= cython.cast(cython.ulonglong, self.words[at]) << have
                at += 1
                have += 32
            self.tallies[i] = cython.cast(cython.uint, ((held & mask) + 1) & ALL_32)
            held >>= count_bits
            have -= count_bits
        return 0

    @cython.cfunc
    @cython.exceptval(-2)
    def block_of(self, key: cython.ulonglong) -> cython.Py_ssize_t:
        """Return the last block whose first key is <= ``key``, or -1."""
        low: cython.Py_ssize_t = 0
        high: cython.Py_ssize_t = len(self.keys)
        middle: cython.Py_ssize_t
        while low < high:
            middle = (low + high) >> 1
            if self.keys[middle] <= key:
                low = middle + 1
            else:
                high = middle
        return low - 1

    @cython.cfunc
    @cython.exceptval(check=False)
    def place_of(self, key: cython.ulonglong) -> cython.int:
        """Return the first entry of the loaded block whose key is >= ``key`` (``n`` if none)."""
        low: cython.int = 0
        high: cython.int = self.n
        middle: cython.int
        while low < high:
            middle = (low + high) >> 1
            if self.gaps[middle] < key:
                low = middle + 1
            else:
                high = middle
        return low

    def __len__(self):
        """Return the number of entries."""
        total: cython.Py_ssize_t = 0
        block: cython.Py_ssize_t
        for block in range(len(self.starts)):
            total += (self.starts[block] >> 40) & 0xFF
        return total

    def get(self, key: cython.ulonglong):
        """Return the count of ``key``, 0 if it is not there."""
        block: cython.Py_ssize_t = self.block_of(key)
        place: cython.int
        if block < 0:
            return 0
        self.load(block)
        place = self.place_of(key)
        if place < self.n and self.gaps[place] == key:
            return self.tallies[place]
        return 0

    def range(self, start: cython.ulonglong, stop: cython.ulonglong):
        """Return (keys as offsets from ``start``, counts) of the entries in [start, stop)."""
        keys = _array.array("Q")
        counts = _array.array("I")
        block: cython.Py_ssize_t = max(self.block_of(start), 0)
        first: cython.int
        last: cython.int
        i: cython.int
        while block < len(self.keys) and self.keys[block] < stop:
            self.load(block)
            first = self.place_of(start)
            last = self.place_of(stop)
            for i in range(first, last):
                keys.append(self.gaps[i] - start)
                counts.append(self.tallies[i])
            block += 1
        return keys, counts

    def summary(self, start: cython.ulonglong, stop: cython.ulonglong):
        """Return (number of entries, sum of their counts) in [start, stop)."""
        entries: cython.Py_ssize_t = 0
        total: cython.longlong = 0
        block: cython.Py_ssize_t = max(self.block_of(start), 0)
        i: cython.int
        while block < len(self.keys) and self.keys[block] < stop:
            self.load(block)
            for i in range(self.place_of(start), self.place_of(stop)):
                entries += 1
                total += self.tallies[i]
            block += 1
        return entries, total

    def check(self):
        """Return the number of entries after reading all of them.

        Raises `IndexCorruptError` where keys do not ascend.
        """
        block: cython.Py_ssize_t
        i: cython.int
        entries: cython.Py_ssize_t = 0
        last: cython.ulonglong = 0
        for block in range(len(self.keys)):
            self.load(block)
            for i in range(self.n):
                if entries and self.gaps[i] <= last:
                    raise IndexCorruptError(
                        "the keys of a count table do not ascend", self.file, self.origin
                    )
                last = self.gaps[i]
                entries += 1
        return entries

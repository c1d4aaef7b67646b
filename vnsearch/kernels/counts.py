# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Sorted tables of 64-bit keys with a count each: adjacent pairs and joined words.

Keys ascend and are distinct; counts are at least 1. They are cut into blocks of at most 128, and
earlier where the step to the next key is so wide that a block of its own is cheaper (a new row of
the pair table). Per block there are two 64-bit numbers,

    keys[block]     the block's first key
    starts[block]   bit offset in ``words`` | entries << 40 | key low bits << 48
                    | count low bits << 56

and in ``words`` (32 bits each) the other keys as gaps minus one and the counts minus one, as Rice
codes (Rice & Plaunt, 1971) in two parts: the low bits of the gaps, those of the counts, then the
quotients of the gaps and of the counts in unary, zeros and a one. Everything is packed lowest bits
first, blocks follow each other without a gap, and the stream ends with two words of padding.

Nothing here trusts the words it reads: offsets and widths are checked before they are followed.
"""

import array as _array

import cython

from vnsearch.errors import IndexCorruptError

if cython.compiled:
    from cython.cimports.vnsearch.kernels.bits import read_codes, skip_ones
else:

    def skip_ones(words, stop, high, skip):
        """Return the bit behind ``skip`` ones from bit ``high`` on, -1 if ``stop`` comes first."""
        if high > stop:
            return -1
        for _ in range(skip):
            while not words[high >> 5] >> (high & 31):
                high = ((high >> 5) + 1) << 5
                if high >= stop:
                    return -1
            bits = words[high >> 5] >> (high & 31)
            high += (bits & -bits).bit_length()
        return high

    def read_codes(words, stop, high, low, width, count, sums, start, enough, out):
        """Read Rice codes, ``count`` at most: quotients from bit ``high`` on.

        Writes each value plus one, of 32 bits; with ``sums`` the sum of these, counted from
        ``start``, until it is ``enough``. Returns how many were read, -1 where they go on behind
        bit ``stop``.
        """
        mask = (1 << width) - 1
        last = start
        read = 0
        for i in range(count):
            if last >= enough:
                break
            read = i + 1
            end = skip_ones(words, stop, high, 1)
            if end < 0:
                return -1
            word = low >> 5
            value = (words[word] | words[word + 1] << 32) >> (low & 31) & mask
            value += (end - 1 - high << width) + 1
            last = (last + value) & ALL_64 if sums else value & ALL_32
            out[i] = last
            low += width
            high = end
        return -1 if high > stop else read


# literals this large would be Python objects in compiled loops
ALL_32 = cython.declare(cython.ulonglong, 0xFFFFFFFF)
ALL_40 = cython.declare(cython.ulonglong, 0xFFFFFFFFFF)
ALL_64 = cython.declare(cython.ulonglong, 0xFFFFFFFFFFFFFFFF)

BLOCK = cython.declare(cython.int, 128)
# What a block costs beside its entries, in bits: its two numbers.
BLOCK_COST = cython.declare(cython.ulonglong, 128)
# A wider step begins a new block: low parts have at most 32 bits, quotients stay short.
WIDEST_GAP = cython.declare(cython.ulonglong, 1 << 38)


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
        self.sum_of_gaps = 0
        self.last = 0
        self.entries = 0
        self.held = 0
        self.have = 0

    @cython.cfunc
    @cython.exceptval(-1)
    def add(self, key: cython.ulonglong, count: cython.uint) -> cython.int:
        """Append one entry; keys must ascend (the callers see to it)."""
        gap: cython.ulonglong
        if self.n:
            gap = key - self.last - 1
            if (
                self.n == BLOCK
                or gap >= WIDEST_GAP
                # (most gaps need no division to tell)
                or (
                    gap * (self.n - 1) > (BLOCK_COST + 1) * self.sum_of_gaps
                    and self.n > 1
                    and gap // (self.sum_of_gaps // (self.n - 1) + 1) > BLOCK_COST
                )
            ):
                self.flush()
            else:
                self.gaps[self.n - 1] = gap
                self.sum_of_gaps += gap
        if self.n == 0:
            self.keys.append(key)
        self.tallies[self.n] = count - 1
        self.n += 1
        self.last = key
        self.entries += 1
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def put(self, value: cython.ulonglong, bits: cython.int) -> cython.void:
        """Write the low ``bits`` (at most 32) of a value."""
        mask: cython.ulonglong = (cython.cast(cython.ulonglong, 1) << bits) - 1
        self.held |= (value & mask) << self.have
        self.have += bits
        if self.have >= 32:
            self.words[self.used] = cython.cast(cython.uint, self.held & ALL_32)
            self.used += 1
            self.held >>= 32
            self.have -= 32

    @cython.cfunc
    @cython.exceptval(check=False)
    def put_unary(self, zeros: cython.ulonglong) -> cython.void:
        """Write so many zeros and a one."""
        while zeros >= 32:
            self.put(0, 32)
            zeros -= 32
        self.put(cython.cast(cython.ulonglong, 1) << zeros, cython.cast(cython.int, zeros) + 1)

    @cython.cfunc
    @cython.exceptval(-1)
    def flush(self) -> cython.int:
        """Write the block that is gathered."""
        i: cython.int
        bits: cython.int
        gap_bits: cython.int = 0
        count_bits: cython.int = 0
        cost: cython.ulonglong
        room: cython.ulonglong = 0
        least: cython.ulonglong
        start: cython.ulonglong
        mean: cython.ulonglong
        if self.n == 0:
            return 0
        # the best width of gaps is next to the logarithm of their mean
        if self.n > 1:
            mean = self.sum_of_gaps // (self.n - 1)
            while gap_bits < 31 and mean > 1:
                mean >>= 1
                gap_bits += 1
            least = ALL_64
            start = max(gap_bits - 1, 0)
            for bits in range(cython.cast(cython.int, start), gap_bits + 2):
                cost = (self.n - 1) * (bits + 1)
                for i in range(self.n - 1):
                    cost += self.gaps[i] >> bits
                if cost < least:
                    least = cost
                    gap_bits = bits
            room = least
        least = ALL_64
        for bits in range(32):
            cost = self.n * (bits + 1)
            for i in range(self.n):
                cost += self.tallies[i] >> bits
            if cost >= least:
                break
            least = cost
            count_bits = bits
        room = ((room + least) >> 5) + 4
        if self.used + room > cython.cast(cython.ulonglong, len(self._words)):
            grown = _array.array("I", [0]) * (2 * len(self._words) + room)
            memoryview(grown)[: self.used] = memoryview(self._words)[: self.used]
            self._words = grown
            self.words = grown
        start = cython.cast(cython.ulonglong, count_bits) << 56
        start |= cython.cast(cython.ulonglong, gap_bits) << 48
        start |= cython.cast(cython.ulonglong, self.n) << 40
        start |= cython.cast(cython.ulonglong, 32 * self.used + self.have)
        self.starts.append(start)
        if gap_bits:
            for i in range(self.n - 1):
                self.put(self.gaps[i], gap_bits)
        if count_bits:
            for i in range(self.n):
                self.put(self.tallies[i], count_bits)
        for i in range(self.n - 1):
            self.put_unary(self.gaps[i] >> gap_bits)
        for i in range(self.n):
            self.put_unary(self.tallies[i] >> count_bits)
        self.n = 0
        self.sum_of_gaps = 0
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
        if self.have:
            words.append(self.held)
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
        self.tallies = _array.array("Q", bytes(8 * 128))
        self.n = 0
        self.size = 0
        self.gap_bits = 0
        self.count_bits = 0
        self.at = 0
        self.unary = 0
        self.stop = 0
        if len(keys) != len(starts) or len(words) < 2:
            raise IndexCorruptError("a count table's parts do not match", self.file, self.origin)

    @cython.cfunc
    @cython.exceptval(-1)
    def open(self, block: cython.Py_ssize_t) -> cython.int:
        """Read a block's header into ``at`` (its low bits), ``unary`` (its quotients), ``stop``
        (where it ends at the latest), ``size``, ``gap_bits`` and ``count_bits``."""
        start: cython.ulonglong = self.starts[block]
        n: cython.int = cython.cast(cython.int, (start >> 40) & 0xFF)
        self.at = cython.cast(cython.Py_ssize_t, start & ALL_40)
        self.size = n
        self.gap_bits = cython.cast(cython.int, (start >> 48) & 0xFF)
        self.count_bits = cython.cast(cython.int, (start >> 56) & 0xFF)
        self.stop = 32 * (len(self.words) - 2)
        if n < 1 or n > BLOCK or self.gap_bits > 32 or self.count_bits > 32:
            raise IndexCorruptError(
                "a count block's header is out of range", self.file, self.origin
            )
        if block + 1 < len(self.starts):
            # blocks follow each other: no bit is read for two of them
            self.stop = min(
                self.stop, cython.cast(cython.Py_ssize_t, self.starts[block + 1] & ALL_40)
            )
        self.unary = self.at + (n - 1) * self.gap_bits + n * self.count_bits
        if self.unary + 2 * n - 1 > self.stop:
            self.overrun()
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def overrun(self) -> cython.int:
        raise IndexCorruptError(
            "a count block runs over the end of its stream", self.file, self.origin
        )

    @cython.cfunc
    @cython.exceptval(-1)
    def unsorted(self) -> cython.int:
        raise IndexCorruptError("the keys of a count table do not ascend", self.file, self.origin)

    @cython.cfunc
    @cython.exceptval(-1)
    def read_keys(self, block: cython.Py_ssize_t, enough: cython.ulonglong) -> cython.int:
        """Decode the keys of a block into ``gaps``, up to the first that is ``enough``; return how
        many."""
        read: cython.int
        self.open(block)
        self.gaps[0] = self.keys[block]
        read = read_codes(
            cython.address(self.words[0]) if cython.compiled else self.words,
            self.stop,
            self.unary,
            self.at,
            self.gap_bits,
            self.size - 1,
            True,
            self.keys[block],
            enough,
            cython.address(self.gaps[1]) if cython.compiled else memoryview(self.gaps)[1:],
        )
        if read < 0:
            self.overrun()
        return read + 1

    @cython.cfunc
    @cython.exceptval(-1)
    def read_counts(self, first: cython.int, count: cython.int) -> cython.int:
        """Decode ``count`` counts of the open block, from the ``first`` on, into ``tallies``."""
        read: cython.int = -1
        high: cython.Py_ssize_t = skip_ones(
            cython.address(self.words[0]) if cython.compiled else self.words,
            self.stop,
            self.unary,
            self.size - 1 + first,
        )
        if high >= 0:
            read = read_codes(
                cython.address(self.words[0]) if cython.compiled else self.words,
                self.stop,
                high,
                self.at + (self.size - 1) * self.gap_bits + first * self.count_bits,
                self.count_bits,
                count,
                False,
                0,
                ALL_64,
                cython.address(self.tallies[0]) if cython.compiled else self.tallies,
            )
        if read < 0:
            self.overrun()
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def load(self, block: cython.Py_ssize_t) -> cython.int:
        """Decode a block into ``gaps`` (whole keys) and ``tallies`` (counts)."""
        self.load_keys(block)
        self.read_counts(0, self.size)
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def load_keys(self, block: cython.Py_ssize_t) -> cython.int:
        """Decode the keys of a block into ``gaps``, and no counts."""
        self.n = 0
        self.n = self.read_keys(block, ALL_64)
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def count_in(self, block: cython.Py_ssize_t, key: cython.ulonglong) -> cython.longlong:
        """Return what a block has for ``key``, 0 for nothing, reading no more of it than that."""
        place: cython.int = self.read_keys(block, key) - 1
        if self.gaps[place] != key:
            return 0
        self.read_counts(place, 1)
        return cython.cast(cython.longlong, self.tallies[0])

    @cython.cfunc
    @cython.exceptval(-2)
    def block_of(self, key: cython.ulonglong) -> cython.Py_ssize_t:
        """Return the last block whose first key is <= ``key``, or -1."""
        return self.block_between(key, 0, len(self.keys))

    @cython.cfunc
    @cython.exceptval(check=False)
    def block_between(
        self, key: cython.ulonglong, low: cython.Py_ssize_t, high: cython.Py_ssize_t
    ) -> cython.Py_ssize_t:
        """Return the last of the blocks before ``high`` whose first key is <= ``key``, or
        ``low - 1``."""
        # no branch depends on a key: so several searches wait for memory at the same time
        first: cython.Py_ssize_t = low
        size: cython.Py_ssize_t = high - low
        half: cython.Py_ssize_t
        if size <= 0 or self.keys[low] > key:
            return low - 1
        while size > 1:
            half = size >> 1
            first += half if self.keys[first + half] <= key else 0
            size -= half
        return first

    @cython.cfunc
    @cython.exceptval(check=False)
    def block_near(self, key: cython.ulonglong, guess: cython.Py_ssize_t) -> cython.Py_ssize_t:
        """Return what `block_of` does, looking round a ``guess`` first."""
        size: cython.Py_ssize_t = len(self.keys)
        step: cython.Py_ssize_t = 4
        low: cython.Py_ssize_t
        high: cython.Py_ssize_t
        if size == 0:
            return -1
        low = max(min(guess, size - 1), 0)
        high = low
        if self.keys[low] <= key:
            high = low + step
            while high < size and self.keys[high] <= key:
                low = high
                step *= 2
                high = low + step
        else:
            low = high - step
            while low >= 0 and self.keys[low] > key:
                high = low
                step *= 2
                low = high - step
        return self.block_between(key, max(low, 0), min(high, size))

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

    @cython.cfunc
    @cython.exceptval(-1)
    def count_of(self, key: cython.ulonglong) -> cython.longlong:
        """Return the count of ``key``, 0 if it is not there."""
        block: cython.Py_ssize_t = self.block_of(key)
        return 0 if block < 0 else self.count_in(block, key)

    def get(self, key: cython.ulonglong):
        """Return the same to Python."""
        return self.count_of(key)

    def range(self, start: cython.ulonglong, stop: cython.ulonglong):
        """Return (keys as offsets from ``start``, counts) of the entries in [start, stop)."""
        keys = _array.array("Q")
        counts = _array.array("I")
        block: cython.Py_ssize_t = max(self.block_of(start), 0)
        first: cython.int
        last: cython.int
        i: cython.int
        offset: cython.ulonglong
        while block < len(self.keys) and self.keys[block] < stop:
            self.load(block)
            first = self.place_of(start)
            last = self.place_of(stop)
            for i in range(first, last):
                offset = (self.gaps[i] - start) & ALL_64
                if offset >= stop - start:  # the keys wrapped: a search among them finds others
                    self.unsorted()
                keys.append(offset)
                counts.append(self.tallies[i])
            block += 1
        return keys, counts

    def new_windows(self, rows, size: cython.ulonglong, shift: cython.int, known):
        """Return the windows of ``1 << shift`` bytes of ``words`` where entries of rows lie, but
        for those marked in ``known``, which has a byte for each; they are marked then.

        The entries of row ``a`` have the keys ``a * size`` to ``(a + 1) * size``.
        """
        marks: cython.uchar[::1] = known
        a: cython.ulonglong
        first: cython.Py_ssize_t
        last: cython.Py_ssize_t
        window: cython.Py_ssize_t
        stop: cython.Py_ssize_t
        found: list = []
        for a in rows:
            first = max(self.block_of(a * size), 0)
            last = self.block_of(a * size + size - 1)
            if last < first:
                continue
            window = cython.cast(cython.Py_ssize_t, (self.starts[first] & ALL_40) >> 3) >> shift
            stop = len(marks) - 1
            if last + 1 < len(self.starts):  # codes are read eight bytes at a time
                stop = min(
                    stop,
                    (cython.cast(cython.Py_ssize_t, (self.starts[last + 1] & ALL_40) >> 3) + 8)
                    >> shift,
                )
            while window <= stop:
                if not marks[window]:
                    marks[window] = 1
                    found.append(window)
                window += 1
        return found

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
                    self.unsorted()
                last = self.gaps[i]
                entries += 1
        return entries

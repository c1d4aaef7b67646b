# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Tokens in a row: phrases, adjacent pairs and whole words, counted from positions."""

import array as _array

import cython

from vnsearch.errors import IndexCorruptError

if cython.compiled:
    from cython.cimports.vnsearch.kernels.bits import (
        bring_near,
        count_apart,
        count_near,
        fetch_ahead,
        low_width,
        read_places,
    )
    from cython.cimports.vnsearch.kernels.postings import Cursor, reach, tf_at
else:
    from vnsearch.kernels.postings import Cursor, low_width, reach, read_places, tf_at

    def count_apart(left, n, right, m, gap):
        """Return how many of the ``m`` values are ``gap`` more than one of the ``n``."""
        return len({value + gap for value in left[:n]}.intersection(right[:m]))


END = cython.declare(cython.uint, 0xFFFFFFFF)


@cython.cclass
class Located:
    """Where one posting list has given documents: found for all in one go, before any of their
    positions is read, so that memory is waited for together."""

    @cython.cfunc
    @cython.exceptval(-1)
    def find(
        self,
        docs: cython.p_uint,
        present: cython.p_uint,
        count: cython.Py_ssize_t,
        there: cython.p_uint,
    ) -> cython.int:
        """Look for ascending documents, but for those that ``present`` says it is not in.

        The others are written down in ``there`` first: so no branch depends on which they are.
        """
        cursor: Cursor = self.cursor
        c: cython.Py_ssize_t
        k: cython.Py_ssize_t
        n: cython.Py_ssize_t = 0
        i: cython.Py_ssize_t
        before: cython.longlong
        low: cython.longlong
        ahead: cython.Py_ssize_t
        block: cython.Py_ssize_t = -1
        words: cython.pointer[cython.const[cython.uint]]
        cursor.rewind()
        for c in range(count):
            self.freqs[c] = 0
            there[n] = cython.cast(cython.uint, c)
            n += self.needs & ~present[c] == 0
        for k in range(n):
            c = there[k]
            if reach(cursor, docs[c]) != docs[c]:
                continue
            if cython.compiled and block != cursor.block and cursor.blocks > 1:
                # the next of these documents is seldom in the next block
                block = cursor.block
                words = cursor.stream(cursor.origin)
                i = k + 1
                while i < n and words[4 * block] >= docs[there[i]]:
                    i += 1
                ahead = block + 1
                while i < n and ahead < cursor.blocks and words[4 * ahead] < docs[there[i]]:
                    ahead += 1
                if i < n and ahead < cursor.blocks:
                    ahead = cursor.origin + words[4 * ahead + 1]
                    fetch_ahead(cursor.data, min(ahead, cursor.size), min(ahead + 48, cursor.size))
            if cursor.opened != cursor.block:
                cursor.open_places()
            i = cursor.i
            before = cursor.before[i]
            low = cursor.low_at + cursor.width * before - cursor.less[i]
            self.freqs[c] = cursor.freqs[i]
            self.spots[4 * c] = low
            self.spots[4 * c + 1] = cursor.high_at
            self.spots[4 * c + 2] = before << 5 | ((cursor.head >> 10) & 31)
            self.spots[4 * c + 3] = cursor.places_stop
            if cython.compiled:
                bring_near(cursor.places + (low >> 5))
                bring_near(cursor.places + (cursor.high_at >> 5))
                # a quotient takes a bit or two
                bring_near(cursor.places + ((cursor.high_at + before) >> 5))
                bring_near(cursor.places + ((cursor.high_at + 2 * before) >> 5))
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def read(self, c: cython.Py_ssize_t, out: cython.p_uint) -> cython.int:
        """Write the positions in one of the documents."""
        spots: cython.p_longlong = self.spots + 4 * c if cython.compiled else self.spots[4 * c :]
        high: cython.Py_ssize_t = read_places(
            self.cursor.places,
            spots[3],
            spots[1],
            spots[2] >> 5,
            spots[0],
            low_width(spots[2] & 31, self.freqs[c]),
            self.freqs[c],
            out,
        )
        if high < 0:
            raise IndexCorruptError("a block's positions run over their end")
        return 0


@cython.cclass
class Places:
    """The positions of one query token (in all its forms) in the document at hand."""

    def __init__(self, cursors):
        self.set(cursors)

    @cython.cfunc
    @cython.exceptval(-1)
    def set(self, cursors: list) -> cython.int:
        cursor: Cursor
        self.cursors = cursors
        self.df = 0
        self.lists = []
        self.alone = None
        self.here = -1
        for cursor in cursors:
            self.df += cursor.df
        self.only = cursors[0] if len(cursors) == 1 else None
        self.counted = END
        self.total = 0
        self.room = 64
        if not cython.compiled:
            self.few = _array.array("I", bytes(4 * 67))
            self.few_more = _array.array("I", bytes(4 * 67))
        self.values = self.few
        self.extra = self.few_more
        self.n = 0
        self.doc = END
        return 0

    @cython.cfunc
    @cython.exceptval(0xFFFFFFFF, check=True)
    def next(self, target: cython.uint) -> cython.uint:
        """Return the first document >= ``target`` with the token, 0xFFFFFFFF at the end."""
        cursor: Cursor = self.only
        best: cython.uint = END
        if self.here >= 0:
            return target if self.total else END
        if cursor is not None:
            return reach(cursor, target)
        for cursor in self.cursors:
            best = min(best, reach(cursor, target))
        return best

    @cython.cfunc
    @cython.exceptval(-1)
    def sum_up(self, count: cython.Py_ssize_t) -> cython.int:
        """Tell how often the token stands in each of the documents found."""
        one: Located = self.alone
        c: cython.Py_ssize_t
        if one is not None:
            self.totals = one.freqs
            return 0
        for c in range(count):
            self.totals[c] = 0
        for one in self.lists:
            for c in range(count):
                self.totals[c] += one.freqs[c]
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def read(self) -> cython.Py_ssize_t:
        """Gather the positions in the document found that is at hand."""
        one: Located = self.alone
        tf: cython.Py_ssize_t
        if self.total > self.room:
            self.grow(self.total)
        if one is not None:
            if self.total:
                one.read(self.here, self.values)
            self.n = self.total
            return self.n
        for one in self.lists:
            tf = one.freqs[self.here]
            if tf == 0:
                continue
            if self.n == 0:
                one.read(self.here, self.values)
                self.n = tf
            else:
                one.read(self.here, self.extra)
                self.merge(tf)
        return self.n

    @cython.cfunc
    @cython.exceptval(check=False)
    def merge(self, tf: cython.Py_ssize_t) -> cython.void:
        """Merge ``tf`` ascending positions of ``extra`` into those of ``values``, from the end."""
        i: cython.Py_ssize_t = self.n - 1
        j: cython.Py_ssize_t = tf - 1
        k: cython.Py_ssize_t = self.n + tf - 1
        place: cython.uint
        while j >= 0:
            place = self.extra[j]
            if i >= 0 and self.values[i] > place:
                self.values[k] = self.values[i]
                i -= 1
            else:
                self.values[k] = place
                j -= 1
            k -= 1
        self.n += tf

    @cython.cfunc
    @cython.exceptval(-1)
    def go(self, doc: cython.uint) -> cython.Py_ssize_t:
        """Gather the positions in ``doc`` (documents must come in ascending order)."""
        cursor: Cursor
        tf: cython.Py_ssize_t
        if self.doc == doc:
            return self.n
        self.doc = doc
        self.n = 0
        if self.here >= 0:
            return self.read()
        cursor = self.only
        if cursor is not None:
            if reach(cursor, doc) != doc:
                return 0
            tf = tf_at(cursor)
            if tf > self.room:
                self.grow(tf)
            self.n = cursor.fetch(self.values, 0, self.room)
            return self.n
        for cursor in self.cursors:
            if reach(cursor, doc) != doc:
                continue
            tf = tf_at(cursor)
            if self.n + tf > self.room:
                self.grow(self.n + tf)
            if self.n == 0:
                self.n = cursor.fetch(self.values, 0, self.room)
                continue
            cursor.fetch(self.extra, 0, self.room)
            self.merge(tf)
        return self.n

    @cython.cfunc
    @cython.exceptval(-1)
    def frequency(self, doc: cython.uint) -> cython.Py_ssize_t:
        """Return how often the token stands in ``doc``, without looking where."""
        cursor: Cursor = self.only
        if self.counted == doc:
            return self.total
        self.counted = doc
        self.total = 0
        if cursor is not None:
            if reach(cursor, doc) == doc:
                self.total = tf_at(cursor)
            return self.total
        for cursor in self.cursors:
            if reach(cursor, doc) == doc:
                self.total += tf_at(cursor)
        return self.total

    @cython.cfunc
    @cython.exceptval(-1)
    def grow(self, need: cython.Py_ssize_t) -> cython.int:
        i: cython.Py_ssize_t
        room: cython.Py_ssize_t = max(2 * self.room, need)
        values: cython.uint[::1] = _array.array("I", bytes(4 * (room + 3)))
        extra: cython.uint[::1] = _array.array("I", bytes(4 * (room + 3)))
        for i in range(self.n):
            values[i] = self.values[i]
        self.many = values, extra
        self.values = cython.address(values[0]) if cython.compiled else values
        self.extra = cython.address(extra[0]) if cython.compiled else extra
        self.room = room
        return 0


@cython.cclass
class Surroundings:
    """What counting tokens in a row takes of one field of a segment, beside their positions.

    ``rates`` are those of the units counted. ``joined`` (a bit for each token: it continues a word)
    and ``bases`` (where a document's bits begin) ask for whole words of the segmenter.
    """

    def __init__(self, rates, joined=None, bases=None):
        self.rates = memoryview(rates)
        self.words = joined is not None
        self.bits = 0
        if joined is not None:
            self.joined = memoryview(joined)
            self.bases = memoryview(bases)
            self.bits = 32 * len(self.joined)

    @cython.cfunc
    @cython.exceptval(-1)
    def gather(
        self, docs: cython.p_uint, count: cython.Py_ssize_t, rates: cython.p_double
    ) -> cython.int:
        """Write the rates of documents, and have what else is looked up of them brought near."""
        c: cython.Py_ssize_t
        for c in range(count):
            rates[c] = self.rates[docs[c]]
            if cython.compiled and self.words:
                bring_near(cython.address(self.bases[docs[c]]))
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def expect_bits(self, docs: cython.p_uint, count: cython.Py_ssize_t) -> cython.void:
        """Have the bits of documents' words brought near."""
        base: cython.ulonglong
        c: cython.Py_ssize_t
        if cython.compiled and self.words:
            for c in range(count):
                base = self.bases[docs[c]]
                if base < self.bits:
                    bring_near(cython.address(self.joined[base >> 5]))


@cython.cclass
class Sequence:
    """Tokens that stand one after the other in one field of the document at hand.

    Where its surroundings know words, it is a whole word of the segmenter: the first token begins
    one, the others continue it, the next token does not. ``slop`` (phrases only) lets so many
    tokens stand between, in all.
    ``near`` (pairs only) is what it counts when the two stand the other way round, or with one
    token between.
    """

    def __init__(self, places, weight, field, slop=0, pairs=(), near=0.0):
        if near and len(places) != 2:
            raise ValueError("only a pair may stand near")
        if pairs and len(pairs) != len(places) - 1:
            raise ValueError("every two adjacent tokens need their count")
        self.set(places, weight, field, slop, list(pairs), near)

    @cython.cfunc
    @cython.exceptval(-1)
    def set(
        self,
        places: list,
        weight: cython.double,
        field: Surroundings,
        slop: cython.uint,
        pairs: list,
        near: cython.double,
    ) -> cython.int:
        self.near = near
        self.nearly = 0
        self.start = 0
        self.places = places
        self.pairs = pairs
        self.first = 0
        self.second = 1
        self.left = places[0]
        self.right = places[1] if len(places) > 1 else None
        self.weight = weight
        self.field = field
        self.size = len(places)
        self.slop = slop
        return 0

    @cython.cfunc
    @cython.inline
    @cython.exceptval(check=False)
    def is_joined(self, place: cython.ulonglong) -> cython.bint:
        if place >= self.field.bits:
            return False
        return (self.field.joined[place >> 5] >> (place & 31)) & 1

    @cython.cfunc
    @cython.exceptval(-1)
    def count_phrase(self, doc: cython.uint) -> cython.Py_ssize_t:
        """Return how often the tokens stand side by side: two of them, then the others."""
        left: Places = self.left
        right: Places = self.right
        gap: cython.uint = cython.cast(cython.uint, self.second - self.first)
        places: Places
        found: cython.Py_ssize_t = 0
        i: cython.Py_ssize_t
        j: cython.Py_ssize_t = 0
        k: cython.Py_ssize_t
        low: cython.Py_ssize_t
        high: cython.Py_ssize_t
        middle: cython.Py_ssize_t
        want: cython.longlong
        good: cython.bint
        if left.go(doc) == 0 or right.go(doc) == 0:
            return 0
        if left.n * right.n <= 128:
            # cheaper than to find out where to go next
            found = count_apart(
                left.values,
                cython.cast(cython.int, left.n),
                right.values,
                cython.cast(cython.int, right.n),
                gap,
            )
            if found == 0 or self.size == 2:
                return found
            found = 0
        for i in range(left.n):
            want = cython.cast(cython.longlong, left.values[i]) + gap
            while j < right.n and right.values[j] < want:
                j += 1
            if j == right.n:
                break
            if right.values[j] != want:
                continue
            good = True
            for k in range(self.size):
                if k == self.first or k == self.second:
                    continue
                places = self.places[k]
                if places.go(doc) == 0:
                    return 0
                want = cython.cast(cython.longlong, left.values[i]) + k - self.first
                # the lists are short: binary search
                low = 0
                high = places.n
                while low < high:
                    middle = (low + high) >> 1
                    if places.values[middle] < want:
                        low = middle + 1
                    else:
                        high = middle
                if low == places.n or places.values[low] != want:
                    good = False
                    break
            if good:
                if found == 0:
                    self.start = left.values[i] - cython.cast(cython.uint, self.first)
                found += 1
        return found

    @cython.cfunc
    @cython.exceptval(-1)
    def count_pair(self, doc: cython.uint) -> cython.Py_ssize_t:
        """Return how often a pair stands side by side; ``nearly`` is how often it stands near."""
        left: Places = self.places[0]
        right: Places = self.places[1]
        found: cython.Py_ssize_t = 0
        close: cython.int = 0
        i: cython.Py_ssize_t = 0
        j: cython.Py_ssize_t = 0
        k: cython.Py_ssize_t
        place: cython.longlong
        apart: cython.longlong
        twice: cython.bint = left is right
        self.nearly = 0
        if left.next(doc) != doc or right.next(doc) != doc:
            return 0
        left.go(doc)
        right.go(doc)
        if cython.compiled and left.n * right.n <= 128:
            # few: no branch depends on where they are
            found = count_near(
                left.values,
                cython.cast(cython.int, left.n),
                right.values,
                cython.cast(cython.int, right.n),
                not twice,
                cython.address(close),
            )
            self.nearly = close
            if found == 0:
                return 0
            while right.values[j] != left.values[i] + 1:
                if right.values[j] <= left.values[i]:
                    j += 1
                else:
                    i += 1
            self.start = left.values[i]
            return found
        for i in range(left.n):
            place = left.values[i]
            while j < right.n and right.values[j] < place - 1:
                j += 1
            for k in range(j, right.n):
                apart = right.values[k] - place
                if apart > 2:
                    break
                if apart == 1:
                    if found == 0:
                        self.start = left.values[i]
                    found += 1
                elif apart == 2 or (apart == -1 and not twice):
                    self.nearly += 1
        return found

    @cython.cfunc
    @cython.exceptval(-1)
    def count_alone(self, doc: cython.uint) -> cython.Py_ssize_t:
        """Return how often a token is a word by itself."""
        places: Places = self.left
        base: cython.ulonglong
        place: cython.ulonglong
        found: cython.Py_ssize_t = 0
        start: cython.uint = 0
        alone: cython.bint
        i: cython.Py_ssize_t = places.go(doc)
        if i == 0:
            return 0
        base = self.field.bases[doc]
        # from the end, so that the first is left over: no branch depends on whether one is alone
        while i > 0:
            i -= 1
            place = base + places.values[i]
            alone = not (self.is_joined(place) | self.is_joined(place + 1))
            start = places.values[i] if alone else start
            found += alone
        self.start = start
        return found

    @cython.cfunc
    @cython.exceptval(-1)
    def count(self, doc: cython.uint) -> cython.Py_ssize_t:
        """Return how often the sequence stands in ``doc``; ``start`` is its first place there."""
        places: Places
        first: Places = self.places[0]
        found: cython.Py_ssize_t = 0
        i: cython.Py_ssize_t
        k: cython.Py_ssize_t
        low: cython.Py_ssize_t
        high: cython.Py_ssize_t
        middle: cython.Py_ssize_t
        place: cython.uint
        want: cython.uint
        base: cython.ulonglong = 0
        good: cython.bint
        if self.near > 0.0:
            return self.count_pair(doc)
        if self.size > 1 and not self.field.words and self.slop == 0:
            return self.count_phrase(doc)
        if self.size == 1 and self.field.words:
            return self.count_alone(doc)
        for places in self.places:
            if places.next(doc) != doc:
                return 0
        for places in self.places:
            places.go(doc)
        if self.field.words:
            base = self.field.bases[doc]
        for i in range(first.n):
            place = first.values[i]
            good = True
            if self.field.words:
                if self.is_joined(base + place):
                    continue
                if self.is_joined(base + place + self.size):
                    # in the last document of a segment this is past its bits: not joined;
                    # the first token of the next document never continues a word
                    continue
            for k in range(1, self.size):
                places = self.places[k]
                want = place + 1
                # the lists are short: binary search
                low = 0
                high = places.n
                while low < high:
                    middle = (low + high) >> 1
                    if places.values[middle] < want:
                        low = middle + 1
                    else:
                        high = middle
                if low == places.n or places.values[low] > first.values[i] + k + self.slop:
                    good = False
                    break
                place = places.values[low]
                if self.field.words and not self.is_joined(base + place):
                    good = False
                    break
            if good:
                if found == 0:
                    self.start = first.values[i]
                found += 1
        return found

    @cython.cfunc
    @cython.exceptval(-1)
    def weigh_most(
        self, count: cython.Py_ssize_t, rates: cython.p_double, parts: cython.p_double
    ) -> cython.int:
        """Add a bound of what it weighs in each of the documents found, by its rarest token."""
        places: Places
        left: cython.p_uint = self.left.totals
        right: cython.p_uint = left if self.right is None else self.right.totals
        # a token has at most one that follows it, one behind that, and one before it
        weight: cython.double = self.weight * (1.0 + 2.0 * self.near)
        least: cython.uint
        c: cython.Py_ssize_t
        if self.size < 3:
            for c in range(count):
                parts[c] += weight * (min(left[c], right[c]) * rates[c])
            return 0
        for c in range(count):
            least = left[c]
            for places in self.places:
                least = min(least, places.totals[c])
            parts[c] += weight * (least * rates[c])
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def most(self, doc: cython.uint) -> cython.Py_ssize_t:
        """Return a bound of `count`: the frequency of the rarest token."""
        places: Places
        least: cython.Py_ssize_t = -1
        frequency: cython.Py_ssize_t
        for places in self.places:
            frequency = places.frequency(doc)
            if frequency == 0:
                return 0
            if least < 0 or frequency < least:
                least = frequency
        return least

# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""From documents of term numbers to posting lists: counting, inversion, pairs and words.

A field of a batch of documents is ``tokens`` ('i'), the term numbers of all documents one after
the other, and ``bases`` ('I'), where each document begins, with one entry more than there are
documents. The position of a token is its distance from its document's base; -1 fills the gap
between two values of a field and is no token.

Everything is linear in the number of tokens: a counting sort by term, then per term a scratch
counter for the terms that stand before it.
"""

import array as _array

import cython

if cython.compiled:
    from cython.cimports.vnsearch.kernels.counts import CountTable
else:
    from vnsearch.kernels.counts import CountTable

MASK = cython.declare(cython.ulonglong, 0xFFFFFFFFFFFFFFFF)
NONE = cython.declare(cython.uint, 0xFFFFFFFF)
EIGHT_FLAGS = cython.declare(cython.ulonglong, 0x0102040810204080)


def tally(tokens, bases, cf, df, lengths):
    """Count every term's occurrences and documents, and every document's tokens."""
    token_view: cython.const[cython.int][::1] = memoryview(tokens)
    base_view: cython.const[cython.uint][::1] = memoryview(bases)
    cf_view: cython.uint[::1] = memoryview(cf)
    df_view: cython.uint[::1] = memoryview(df)
    length_view: cython.uint[::1] = memoryview(lengths)
    # per term, in one place: its occurrences, its documents, and the last of these + 1
    state: cython.uint[::1] = memoryview(_array.array("I", [0]) * (4 * max(len(cf), 1)))
    doc: cython.Py_ssize_t
    at: cython.Py_ssize_t
    term: cython.int
    length: cython.uint
    here: cython.uint
    for doc in range(len(base_view) - 1):
        length = 0
        here = cython.cast(cython.uint, doc + 1)
        for at in range(base_view[doc], base_view[doc + 1]):
            term = token_view[at]
            if term >= 0:
                length += 1
                state[4 * term] += 1
                # (a branch on whether the term was there before would often be mispredicted)
                state[4 * term + 1] += state[4 * term + 2] != here
                state[4 * term + 2] = here
        length_view[doc] = length
    for at in range(len(cf_view)):
        cf_view[at] = state[4 * at]
        df_view[at] = state[4 * at + 1]


def scatter(tokens, bases, ranks, bounds, place_bounds, docs, freqs, occurrences):
    """Sort the tokens by term; return the number of adjacent pairs.

    Fills the postings and ``occurrences``: position | rank of the token before << 32.
    """
    token_view: cython.const[cython.int][::1] = memoryview(tokens)
    base_view: cython.const[cython.uint][::1] = memoryview(bases)
    rank_view: cython.const[cython.uint][::1] = memoryview(ranks)
    bound_view: cython.const[cython.uint][::1] = memoryview(bounds)
    place_view: cython.const[cython.uint][::1] = memoryview(place_bounds)
    doc_view: cython.uint[::1] = memoryview(docs)
    freq_view: cython.uint[::1] = memoryview(freqs)
    occurrence_view: cython.ulonglong[::1] = memoryview(occurrences)
    # per term, in one place: its rank, the ends of its postings and occurrences so far, and the
    # last document + 1
    state: cython.uint[::1] = memoryview(_array.array("I", [0]) * (4 * max(len(rank_view), 1)))
    doc: cython.Py_ssize_t
    base: cython.Py_ssize_t
    at: cython.Py_ssize_t
    term: cython.int
    rank: cython.uint
    previous: cython.ulonglong
    slot: cython.uint
    pairs: cython.Py_ssize_t = 0
    for at in range(len(rank_view)):
        rank = rank_view[at]
        state[4 * at] = rank
        if rank < len(bound_view):
            state[4 * at + 1] = bound_view[rank]
            state[4 * at + 2] = place_view[rank]
    for doc in range(len(base_view) - 1):
        base = base_view[doc]
        previous = NONE
        for at in range(base, base_view[doc + 1]):
            term = token_view[at]
            if term < 0:
                previous = NONE
                continue
            slot = state[4 * term + 1]
            if state[4 * term + 3] == doc + 1:
                freq_view[slot - 1] += 1
            else:
                state[4 * term + 3] = cython.cast(cython.uint, doc + 1)
                state[4 * term + 1] = slot + 1
                doc_view[slot] = cython.cast(cython.uint, doc)
                freq_view[slot] = 1
            slot = state[4 * term + 2]
            state[4 * term + 2] = slot + 1
            occurrence_view[slot] = (previous << 32) | cython.cast(cython.ulonglong, at - base)
            if previous != NONE:
                pairs += 1
            previous = state[4 * term]
    return pairs


def renumber(tokens, numbers):
    """Replace every token by ``numbers[token]``, in place."""
    token_view: cython.int[::1] = memoryview(tokens)
    number_view: cython.const[cython.int][::1] = memoryview(numbers)
    at: cython.Py_ssize_t
    for at in range(len(token_view)):
        token_view[at] = number_view[token_view[at]]


def positions_of(occurrences, start, stop):
    """Return the positions of the occurrences from ``start`` to ``stop``."""
    view: cython.const[cython.ulonglong][::1] = memoryview(occurrences)
    first: cython.Py_ssize_t = start
    places = _array.array("I", [0]) * (stop - start)
    place_view: cython.uint[::1] = memoryview(places)
    i: cython.Py_ssize_t
    for i in range(len(place_view)):
        place_view[i] = cython.cast(cython.uint, view[first + i] & NONE)
    return places


class Room:
    """Memory that is used for one thing after the other: a fresh page must be cleared first."""

    def __init__(self, memory=None):
        """Hand out parts of ``memory`` ('Q'), which nothing else needs any more."""
        self._memory = memoryview(bytearray() if memory is None else memory).cast("B")
        self._used = 0

    def take(self, typecode, items):
        """Return ``items`` numbers of any value; zeros, of memory of their own, if need be."""
        size = _array.array(typecode).itemsize * items
        start = self._used
        if start + size > len(self._memory):
            return memoryview(bytearray(size)).cast(typecode)
        self._used = (start + size + 7) // 8 * 8
        return self._memory[start : start + size].cast(typecode)


def pair_counts(bounds, docs, freqs, occurrences):
    """Return (keys 'Q', counts 'I') of the ordered adjacent pairs, ascending.

    The key of the pair (a, b) is ``a * terms + b``, its count the number of documents it stands in.
    ``occurrences`` is used up: what is returned lies in it if there is room.
    """
    bound_view: cython.const[cython.uint][::1] = memoryview(bounds)
    doc_view: cython.const[cython.uint][::1] = memoryview(docs)
    freq_view: cython.const[cython.uint][::1] = memoryview(freqs)
    occurrence_view: cython.ulonglong[::1] = memoryview(occurrences)
    terms: cython.Py_ssize_t = len(bound_view) - 1
    # per preceding term: its last document + 1 << 32 | documents so far; and the terms seen at all
    # (with room for one that is not kept)
    seen_view: cython.ulonglong[::1] = memoryview(_array.array("Q", [0]) * max(terms, 1))
    seen: cython.ulonglong
    count: cython.ulonglong
    touched = memoryview(_array.array("I", [0]) * (terms + 1))
    touched_view: cython.uint[::1] = touched
    row_sizes = memoryview(_array.array("I", [0]) * (terms + 1))
    row_view: cython.uint[::1] = row_sizes
    # a | count << 32 of the pairs that end with b from starts[b] on; they take the place of the
    # occurrences that were counted, which are not fewer
    starts_view: cython.uint[::1] = memoryview(_array.array("I", [0]) * (terms + 1))
    used: cython.Py_ssize_t = 0
    b: cython.Py_ssize_t
    posting: cython.Py_ssize_t
    place: cython.Py_ssize_t = 0
    stop: cython.Py_ssize_t
    a: cython.uint
    doc: cython.ulonglong
    n: cython.Py_ssize_t
    i: cython.Py_ssize_t
    slot: cython.Py_ssize_t
    for b in range(terms):
        n = 0
        for posting in range(bound_view[b], bound_view[b + 1]):
            doc = doc_view[posting]
            stop = place + freq_view[posting]
            while place < stop:
                a = cython.cast(cython.uint, occurrence_view[place] >> 32)
                place += 1
                if a == NONE:
                    continue
                seen = seen_view[a]
                touched_view[n] = a
                n += seen == 0
                count = (seen & NONE) + (seen >> 32 != doc + 1)
                seen_view[a] = (cython.cast(cython.ulonglong, doc + 1) << 32) | count
        for i in range(n):
            a = touched_view[i]
            occurrence_view[used] = ((seen_view[a] & NONE) << 32) | a
            seen_view[a] = 0
            row_view[a + 1] += 1
            used += 1
        starts_view[b + 1] = cython.cast(cython.uint, used)
    # a stable counting sort by a
    for i in range(terms):
        row_view[i + 1] += row_view[i]
    room = Room(memoryview(occurrences)[used:])
    keys = room.take("Q", used)
    counts = room.take("I", used)
    key_view: cython.ulonglong[::1] = keys
    count_view: cython.uint[::1] = counts
    for b in range(terms):
        for i in range(starts_view[b], starts_view[b + 1]):
            a = cython.cast(cython.uint, occurrence_view[i] & NONE)
            slot = row_view[a]
            row_view[a] += 1
            key_view[slot] = cython.cast(cython.ulonglong, a) * terms + b
            count_view[slot] = cython.cast(cython.uint, occurrence_view[i] >> 32)
    return keys, counts


def union_counts(starts, members, bounds, docs, doc_count):
    """Return, per group of terms, the number of documents with any of them.

    Group ``g`` is the terms ``members[starts[g]:starts[g+1]]``.
    """
    start_view: cython.const[cython.uint][::1] = memoryview(starts)
    member_view: cython.const[cython.uint][::1] = memoryview(members)
    bound_view: cython.const[cython.uint][::1] = memoryview(bounds)
    doc_view: cython.const[cython.uint][::1] = memoryview(docs)
    stamp = memoryview(_array.array("I", [0]) * max(doc_count, 1))
    stamp_view: cython.uint[::1] = stamp
    counts = _array.array("I", [0]) * (len(start_view) - 1)
    count_view: cython.uint[::1] = memoryview(counts)
    group: cython.Py_ssize_t
    i: cython.Py_ssize_t
    posting: cython.Py_ssize_t
    term: cython.uint
    n: cython.uint
    for group in range(len(start_view) - 1):
        n = 0
        for i in range(start_view[group], start_view[group + 1]):
            term = member_view[i]
            for posting in range(bound_view[term], bound_view[term + 1]):
                if stamp_view[doc_view[posting]] != group + 1:
                    stamp_view[doc_view[posting]] = cython.cast(cython.uint, group + 1)
                    n += 1
        count_view[group] = n
    return counts


@cython.cfunc
@cython.inline
@cython.exceptval(check=False)
def mix(value: cython.ulonglong) -> cython.ulonglong:
    """Stir a 64-bit number (a multiplication by 2**64 / golden ratio and a shift)."""
    value = (value * cython.cast(cython.ulonglong, 0x9E3779B97F4A7C15)) & MASK
    return value ^ (value >> 29)


@cython.cfunc
@cython.inline
@cython.exceptval(check=False)
def lengthened(value: cython.ulonglong, one: cython.ulonglong) -> cython.ulonglong:
    """Return the hash of a word so far, made longer by a term with the hash ``one``."""
    return (mix(value) + one) & MASK


def hash_terms(terms):
    """Return each term's 64-bit hash: FNV-1a of its bytes."""
    hashes = _array.array("Q")
    term: bytes
    for term in terms:
        hashes.append(hash_term(term))
    return hashes


@cython.cfunc
@cython.exceptval(check=False)
def hash_term(term: bytes) -> cython.ulonglong:
    """Return the hash of a term."""
    i: cython.Py_ssize_t
    value: cython.ulonglong = 0xCBF29CE484222325
    for i in range(len(term)):
        value = (
            (value ^ cython.cast(cython.uchar, term[i]))
            * cython.cast(cython.ulonglong, 0x100000001B3)
        ) & MASK
    return value


def word_key(hashes):
    """Return the 40-bit key of the word made of terms with these hashes, in order."""
    value: cython.ulonglong = 0
    one: cython.ulonglong
    for one in hashes:
        value = lengthened(value, one)
    return mix(value) >> 24


def word_documents(tables: list, head, lasts):
    """Return for each of the terms ``lasts`` in how many documents of all ``tables`` (of words) the
    word stands that is made of the terms ``head`` and it."""
    table: CountTable
    term: str
    value: cython.ulonglong = 0
    key: cython.ulonglong
    block: cython.Py_ssize_t
    count: cython.longlong
    found: list = []
    for term in head:
        value = lengthened(value, hash_term(term.encode()))
    for term in lasts:
        key = mix(lengthened(value, hash_term(term.encode()))) >> 24
        count = 0
        for table in tables:
            # keys are spread evenly
            block = cython.cast(cython.Py_ssize_t, (key * len(table.keys)) >> 40)
            block = table.block_near(key, block)
            if block >= 0:
                count += table.count_in(block, key)
        found.append(count)
    return found


@cython.cclass
class KeyCounter:
    """Counts the documents that each 40-bit key stands in; documents come in ascending order.

    An open-addressing table: slot ``i`` is ``slots[2i]`` = key + 1 (0: free) and ``slots[2i+1]`` =
    last document << 32 | documents.
    """

    room: object
    size: cython.Py_ssize_t
    used: cython.Py_ssize_t
    slots: cython.ulonglong[::1]

    def __init__(self, room):
        self.room = room
        self.allocate(1024)

    @cython.cfunc
    @cython.exceptval(-1)
    def allocate(self, size: cython.Py_ssize_t) -> cython.int:
        i: cython.Py_ssize_t
        self.size = size
        self.used = 0
        self.slots = self.room.take("Q", 2 * size)
        for i in range(2 * size):
            self.slots[i] = 0
        return 0

    @cython.cfunc
    @cython.inline
    @cython.exceptval(check=False)
    def slot_of(self, key: cython.ulonglong) -> cython.Py_ssize_t:
        """Return where ``key`` is, or would go."""
        mask: cython.Py_ssize_t = self.size - 1
        # keys are hashes already: their low bits will do
        slot: cython.Py_ssize_t = cython.cast(cython.Py_ssize_t, key & mask)
        while self.slots[2 * slot] != 0 and self.slots[2 * slot] != key + 1:
            slot = (slot + 1) & mask
        return 2 * slot

    @cython.cfunc
    @cython.exceptval(-1)
    def grow(self) -> cython.int:
        slots: cython.ulonglong[::1] = self.slots
        i: cython.Py_ssize_t
        slot: cython.Py_ssize_t
        self.allocate(4 * self.size)
        for i in range(0, len(slots), 2):
            if slots[i]:
                slot = self.slot_of(slots[i] - 1)
                self.slots[slot] = slots[i]
                self.slots[slot + 1] = slots[i + 1]
                self.used += 1
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def add(
        self, key: cython.ulonglong, doc: cython.ulonglong, count: cython.ulonglong
    ) -> cython.int:
        """Count ``count`` documents, the last of which is ``doc``, unless it was counted."""
        slot: cython.Py_ssize_t = self.slot_of(key)
        if self.slots[slot] == 0:
            if 2 * self.used >= self.size:
                self.grow()
                slot = self.slot_of(key)
            self.slots[slot] = key + 1
            self.slots[slot + 1] = (doc << 32) | count
            self.used += 1
        elif self.slots[slot + 1] >> 32 != doc:
            self.slots[slot + 1] = (doc << 32) | ((self.slots[slot + 1] & NONE) + count)
        return 0

    def sorted(self):
        """Return (keys 'Q', counts 'I') in the order of the keys."""
        keys = self.room.take("Q", self.used)
        counts = self.room.take("I", self.used)
        next_keys = self.room.take("Q", self.used)
        next_counts = self.room.take("I", self.used)
        key_view: cython.ulonglong[::1] = keys
        count_view: cython.uint[::1] = counts
        key_out: cython.ulonglong[::1] = next_keys
        count_out: cython.uint[::1] = next_counts
        buckets: cython.uint[::1] = memoryview(_array.array("I", [0]) * 1025)
        i: cython.Py_ssize_t
        n: cython.Py_ssize_t = 0
        shift: cython.int
        bucket: cython.Py_ssize_t
        for i in range(self.size):
            if self.slots[2 * i]:
                key_view[n] = self.slots[2 * i] - 1
                count_view[n] = cython.cast(cython.uint, self.slots[2 * i + 1] & NONE)
                n += 1
        # radix sort, four passes of ten bits: an even number, so it ends where it began
        for shift in range(0, 40, 10):
            for i in range(1025):
                buckets[i] = 0
            for i in range(n):
                buckets[((key_view[i] >> shift) & 1023) + 1] += 1
            for i in range(1024):
                buckets[i + 1] += buckets[i]
            for i in range(n):
                bucket = cython.cast(cython.Py_ssize_t, (key_view[i] >> shift) & 1023)
                key_out[buckets[bucket]] = key_view[i]
                count_out[buckets[bucket]] = count_view[i]
                buckets[bucket] += 1
            key_view, key_out = key_out, key_view
            count_view, count_out = count_out, count_view
        return keys, counts


def word_counts(tokens, joined, bases, hashes, word_lengths, memory=None):
    """Return (keys 'Q', counts 'I') of the words, single terms included, ascending.

    ``joined[at]`` says that the token continues the word before it; ``word_lengths[doc]`` becomes
    the document's number of words. What is returned lies in ``memory`` ('Q') if there is room.
    """
    token_view: cython.const[cython.int][::1] = memoryview(tokens)
    joined_view: cython.const[cython.uchar][::1] = memoryview(joined)
    base_view: cython.const[cython.uint][::1] = memoryview(bases)
    hash_view: cython.const[cython.ulonglong][::1] = memoryview(hashes)
    length_view: cython.uint[::1] = memoryview(word_lengths)
    counter: KeyCounter = KeyCounter(Room(memory))
    # words of one term are counted by the term: last document + 1 << 32 | documents
    lone: cython.ulonglong[::1] = memoryview(_array.array("Q", [0]) * max(len(hash_view), 1))
    doc: cython.Py_ssize_t
    at: cython.Py_ssize_t
    term: cython.int
    first: cython.int = -1
    value: cython.ulonglong = 0
    seen: cython.ulonglong
    here: cython.ulonglong
    parts: cython.Py_ssize_t
    words: cython.uint
    for doc in range(len(base_view) - 1):
        parts = 0
        words = 0
        here = cython.cast(cython.ulonglong, doc + 1)
        for at in range(base_view[doc], base_view[doc + 1] + 1):
            # one step past the last token ends the last word
            term = token_view[at] if at < base_view[doc + 1] else -1
            if term >= 0 and parts > 0 and joined_view[at]:
                value = lengthened(value, hash_view[term])
                parts += 1
                continue
            if parts > 1:
                counter.add(mix(value) >> 24, doc, 1)
            elif parts == 1:
                seen = lone[first]
                lone[first] = (here << 32) | ((seen & NONE) + (seen >> 32 != here))
            parts = 0
            if term >= 0:
                first = term
                value = hash_view[term]
                parts = 1
                words += 1
        length_view[doc] = words
    for at in range(len(hash_view)):
        if lone[at]:
            counter.add(mix(hash_view[at]) >> 24, NONE, lone[at] & NONE)
    return counter.sorted()


def plain_documents(tokens, bases, marked):
    """Return the documents ('I') with tokens, none of whose terms is ``marked`` (0 or 1 each)."""
    token_view: cython.const[cython.int][::1] = memoryview(tokens)
    base_view: cython.const[cython.uint][::1] = memoryview(bases)
    marked_view: cython.const[cython.uchar][::1] = memoryview(marked)
    doc: cython.Py_ssize_t
    at: cython.Py_ssize_t
    plain: cython.bint
    found = _array.array("I")
    for doc in range(base_view.shape[0] - 1):
        plain = False
        for at in range(base_view[doc], base_view[doc + 1]):
            if token_view[at] >= 0:
                plain = not marked_view[token_view[at]]
                if not plain:
                    break
        if plain:
            found.append(doc)
    return found


def stray_joins(tokens, joined, bases):
    """Return whether anything is ``joined`` that has no token before it, or is none."""
    token_view: cython.const[cython.int][::1] = memoryview(tokens)
    joined_view: cython.const[cython.uchar][::1] = memoryview(joined)
    base_view: cython.const[cython.uint][::1] = memoryview(bases)
    doc: cython.Py_ssize_t
    at: cython.Py_ssize_t
    for doc in range(base_view.shape[0] - 1):
        for at in range(base_view[doc], base_view[doc + 1]):
            if joined_view[at] and (
                token_view[at] < 0 or at == base_view[doc] or token_view[at - 1] < 0
            ):
                return True
    return False


def pack_bits(flags):
    """Return the flags (one byte each, 0 or 1) as bits of an array of 'I', lowest bit first."""
    view: cython.const[cython.uchar][::1] = memoryview(flags)
    words = _array.array("I", [0]) * ((len(view) + 31) // 32)
    word_view: cython.uint[::1] = memoryview(words)
    i: cython.Py_ssize_t
    whole: cython.Py_ssize_t = len(view) & ~7
    eight: cython.ulonglong
    # eight flags at once: the product has each at its bit of the highest byte
    for i in range(0, whole, 8):
        eight = view[i]
        eight |= cython.cast(cython.ulonglong, view[i + 1]) << 8
        eight |= cython.cast(cython.ulonglong, view[i + 2]) << 16
        eight |= cython.cast(cython.ulonglong, view[i + 3]) << 24
        eight |= cython.cast(cython.ulonglong, view[i + 4]) << 32
        eight |= cython.cast(cython.ulonglong, view[i + 5]) << 40
        eight |= cython.cast(cython.ulonglong, view[i + 6]) << 48
        eight |= cython.cast(cython.ulonglong, view[i + 7]) << 56
        eight = (eight * EIGHT_FLAGS & MASK) >> 56
        word_view[i >> 5] |= cython.cast(cython.uint, eight) << (i & 31)
    for i in range(whole, len(view)):
        word_view[i >> 5] |= cython.cast(cython.uint, view[i]) << (i & 31)
    return words


def unpack_bits(words, start, count):
    """Return ``count`` bits from bit ``start`` on as flags, one byte each."""
    word_view: cython.const[cython.uint][::1] = memoryview(words)
    flags = bytearray(count)
    view: cython.uchar[::1] = memoryview(flags)
    first: cython.Py_ssize_t = start
    i: cython.Py_ssize_t
    for i in range(len(view)):
        view[i] = (word_view[(first + i) >> 5] >> ((first + i) & 31)) & 1
    return flags

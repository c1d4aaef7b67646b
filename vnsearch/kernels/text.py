# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""One pass over a text: pyvi's syllables, our tokens, both looked up by their raw spelling.

The kernel cuts ordinary text itself and meets each distinct spelling once: the first time, it
asks its owner what the spelling is (``learn``), and keeps the answer in a table keyed by the
code points as written. A chunk (text between white space) with anything out of the ordinary,
such as a combining mark or an e-mail address, is not cut but looked up whole.
"""

from array import array

import cython

# Bits of a character's class; one class byte for each code point below CLASSES.
SPACE, WORD, DIGIT, CAPITAL, ODD = 1, 2, 4, 8, 16
CLASSES = 0x3001
# Flag bits of a syllable, as the word model's attributes and pyvi's rules ask for them.
UPPER, TITLE, NUMBER, FIRST_DIGIT, FIRST_TITLE, SIGN = 1, 2, 4, 8, 16, 32
# The longest spelling kept in the table, in code points.
LONGEST = 64

# The same for compiled loops, where a name above, or a literal this large, would be an object.
_SPACE = cython.declare(cython.uint, SPACE)
_WORD = cython.declare(cython.uint, WORD)
_DIGIT = cython.declare(cython.uint, DIGIT)
_CAPITAL = cython.declare(cython.uint, CAPITAL)
_ODD = cython.declare(cython.uint, ODD)
_CLASSES = cython.declare(cython.uint, CLASSES)
_LONGEST = cython.declare(cython.Py_ssize_t, LONGEST)
_BREAKING = cython.declare(cython.uint, FIRST_DIGIT | SIGN)
_FIRST_TITLE = cython.declare(cython.uint, FIRST_TITLE)
_SEED = cython.declare(cython.uint, 0x811C9DC5)
_GOLDEN32 = cython.declare(cython.uint, 0x9E3779B1)
_GOLDEN = cython.declare(cython.ulonglong, 0x9E3779B97F4A7C15)
_MASK32 = cython.declare(cython.uint, 0xFFFFFFFF)
_MASK64 = cython.declare(cython.ulonglong, 0xFFFFFFFFFFFFFFFF)

_BLOCK = cython.declare(cython.Py_ssize_t, 8_192)  # code points looked at together
_LINE = cython.declare(cython.Py_ssize_t, 16)  # a record is 16 words: one cache line
_INLINE = cython.declare(cython.Py_ssize_t, 12)  # of which the last 12 hold a short spelling
_NOTHING = cython.declare(cython.uint, 0xFFFFFFFF)  # in place of a term: no token
_LIST = cython.declare(cython.uint, 0x80000000)  # this bit: where in the arena a list begins
_ARENA = cython.declare(cython.Py_ssize_t, 1 << 22)  # the arena may grow to so many words


@cython.cfunc
@cython.inline
@cython.exceptval(check=False)
def _mix(h: cython.uint, c: cython.uint) -> cython.uint:
    """FNV-1a over code points."""
    return ((h ^ c) * 0x01000193) & _MASK32


@cython.cfunc
@cython.inline
@cython.exceptval(check=False)
def _spread(h: cython.uint) -> cython.uint:
    """Where a hash's search begins, before masking."""
    return ((h * _GOLDEN32) & _MASK32) >> 7


@cython.cfunc
@cython.inline
@cython.exceptval(check=False)
def _is_digit(c: cython.uint) -> cython.bint:
    return 48 <= c <= 57


@cython.cfunc
@cython.exceptval(check=False)
def _is_title(block: cython.uint[::1], i: cython.Py_ssize_t, j: cython.Py_ssize_t) -> cython.bint:
    """Is block[i:j] one of the titles pyvi keeps with their full stop?"""
    a: cython.uint = block[i]
    b: cython.uint
    if j - i == 2:
        b = block[i + 1]
        return (
            (a == 84 and b == 112)  # Tp
            or (a == 77 and (b == 114 or b == 115))  # Mr Ms
            or (a == 68 and b == 114)  # Dr
        )
    if j - i == 3:
        b = block[i + 1]
        return (a == 77 and b == 114 and block[i + 2] == 115) or (  # Mrs
            a == 84 and b == 104 and block[i + 2] == 83  # ThS
        )
    return False


def _resized(kind, old, used, size):
    """Return an array of ``size`` items beginning with the first ``used`` of ``old``."""
    new = array(kind, bytes(array(kind).itemsize * size))
    if used:
        memoryview(new)[:used] = memoryview(old)[:used]
    return new


def _copied(kind, old, used):
    """Return the first ``used`` items as an array of their own."""
    new = array(kind)
    if used:
        new.frombytes(memoryview(old)[:used].cast("B"))
    return new


@cython.cfunc
@cython.exceptval(check=False)
@cython.returns(cython.void)
@cython.locals(
    i=cython.Py_ssize_t,
    a=cython.ulonglong,
    b=cython.ulonglong,
    c=cython.ulonglong,
    before=cython.ulonglong,
    f=cython.uint,
    g=cython.uint,
    s0=cython.double,
    s1=cython.double,
    p0=cython.double,
    p1=cython.double,
    from0=cython.double,
    from1=cython.double,
    t00=cython.double,
    t01=cython.double,
    t10=cython.double,
    t11=cython.double,
    pair=cython.uint,
    next_pair=cython.uint,
    triple=cython.uint,
    next_triple=cython.uint,
    before_triple=cython.uint,
    key=cython.ulonglong,
    h=cython.ulonglong,
    back=cython.uint,
    label=cython.uint,
    pair_mask=cython.ulonglong,
    triple_mask=cython.ulonglong,
)
def _decode(
    forms: cython.uint[::1],
    flags: cython.uchar[::1],
    count: cython.Py_ssize_t,
    state: cython.double[::1],
    shared: cython.double[::1],
    pairs: cython.uint[::1],
    triples: cython.ulonglong[::1],
    inside: cython.uint,
    labels: cython.uchar[::1],
):
    """Write 1 for each of ``count`` syllables labelled ``inside``, 0 for the others.

    Every sum is taken in the order CRFsuite takes it, and of two equal scores the lower label
    wins, so that rounding and ties fall as they do there.
    """
    if count == 0:
        return
    pair_mask = len(pairs) - 1
    triple_mask = len(triples) - 1
    t00, t01, t10, t11 = shared[44], shared[45], shared[46], shared[47]
    p0 = p1 = 0.0
    pair = triple = before_triple = 0
    before = 0
    g = 0
    a = forms[0]
    b = forms[1] if count > 1 else 0
    f = flags[0]
    for i in range(count):
        # before, a, b, c: the forms from i - 1 to i + 2; g, f: the flags of i - 1 and i.
        # pair: is (i - 1, i) one; before_triple, next_triple: (i - 2 .. i), (i .. i + 2).
        c = forms[i + 2] if i + 2 < count else 0
        # A key of the sets stands in one of two places; looking at both needs no branch.
        key = a << 16 | b
        h = (key * _GOLDEN) & _MASK64
        next_pair = (pairs[h >> 40 & pair_mask] == key) | (pairs[h >> 16 & pair_mask] == key)
        key = key << 16 | c
        h = (key * _GOLDEN) & _MASK64
        next_triple = (triples[h >> 40 & triple_mask] == key) | (
            triples[h >> 16 & triple_mask] == key
        )
        # Absent attributes add 0.0, which changes no sum: no branch to mispredict.
        s0 = state[8 * a] + shared[f & 1]
        s1 = state[8 * a + 1] + shared[2 + (f & 1)]
        s0 += shared[4 + (f >> 1 & 1)]
        s1 += shared[6 + (f >> 1 & 1)]
        s0 += shared[8 + (f >> 2 & 1)]
        s1 += shared[10 + (f >> 2 & 1)]
        if i > 0:
            s0 += state[8 * before + 2]
            s1 += state[8 * before + 3]
            s0 += shared[12 + (g >> 1 & 1)]
            s1 += shared[14 + (g >> 1 & 1)]
            s0 += shared[16 + (g & 1)]
            s1 += shared[18 + (g & 1)]
            s0 += shared[20 + pair]
            s1 += shared[22 + pair]
            s0 += shared[24 + before_triple]
            s1 += shared[26 + before_triple]
        g = f
        if i + 1 < count:
            f = flags[i + 1]
            s0 += state[8 * b + 4]
            s1 += state[8 * b + 5]
            s0 += shared[28 + (f >> 1 & 1)]
            s1 += shared[30 + (f >> 1 & 1)]
            s0 += shared[32 + (f & 1)]
            s1 += shared[34 + (f & 1)]
            s0 += shared[36 + next_pair]
            s1 += shared[38 + next_pair]
            s0 += shared[40 + next_triple]
            s1 += shared[42 + next_triple]
        if i > 0:
            from0 = p0 + t00
            from1 = p1 + t10
            back = from0 < from1
            s0 = (from1 if from0 < from1 else from0) + s0
            from0 = p0 + t01
            from1 = p1 + t11
            back |= (from0 < from1) << 1
            s1 = (from1 if from0 < from1 else from0) + s1
            labels[i] = back
        p0 = s0
        p1 = s1
        before = a
        a = b
        b = c
        pair = next_pair
        before_triple = triple
        triple = next_triple
    label = 1 if p0 < p1 else 0
    for i in range(count - 1, 0, -1):
        back = labels[i]
        labels[i] = label == inside
        label = back >> label & 1
    labels[0] = label == inside


@cython.cfunc
@cython.exceptval(check=False)
@cython.locals(i=cython.Py_ssize_t, f=cython.uint, g=cython.uint)
def _glue(
    labels: cython.uchar[::1], flags: cython.uchar[::1], count: cython.Py_ssize_t
) -> cython.void:
    """Clear the labels of syllables that pyvi does not glue on although they continue a word.

    Its tokenize asks for more than the label: neither of two glued syllables may be a sign nor
    begin with a digit, nor the second alone begin with a capital.
    """
    g = _BREAKING
    for i in range(count):
        f = g
        g = flags[i]
        if (f | g) & _BREAKING or g & ~f & _FIRST_TITLE:
            labels[i] = 0


def decode(forms, flags, state, shared, pairs, triples, inside):
    """Return 1 for each syllable labelled ``inside`` (0 or 1, as CRFsuite numbers labels), else 0.

    ``forms`` ('I') and ``flags`` are the form number and flag bits of each syllable, the rest
    the tables of a word model. The result is a bytearray.
    """
    labels = bytearray(len(forms))
    _decode(forms, flags, len(forms), state, shared, pairs, triples, inside, labels)
    return labels


def glue(labels, flags):
    """Keep, in place, only the labels of the syllables that pyvi glues to the one before."""
    _glue(labels, flags, len(flags))


@cython.cclass
class Scanner:
    """Cuts texts, remembering what each spelling gives; one text at a time.

    ``classes`` holds the class byte of each code point below CLASSES; any other is odd.
    ``learn(spelling)`` returns (syllables, tokens): of each syllable of pyvi's the word model's
    form number and flag bits; of each token (term, start, end, first, last), start and end
    within the spelling, first and last being indexes of its syllables.
    At most ``limit`` spellings are remembered; one more, and all are forgotten.
    """

    classes: cython.uchar[::1]
    learn: object
    limit: cython.Py_ssize_t
    # The word model.
    state: cython.double[::1]
    shared: cython.double[::1]
    pairs: cython.uint[::1]
    triples: cython.ulonglong[::1]
    inside: cython.int
    # The table: slot -> record number (0: free), open addressing. A record is hash, length,
    # form | flags << 24, term (or _NOTHING, or _LIST | place in the arena), spelling (or its
    # place in the arena). A list is its counts of syllables and tokens, then
    # form | flags << 24 of each syllable, then term, start, end, first, last of each token.
    slots: cython.uint[::1]
    records: cython.uint[::1]
    arena: cython.uint[::1]
    known: cython.Py_ssize_t
    arena_used: cython.Py_ssize_t
    # The block in hand and its entries: start, end and hash of a spelling.
    block: cython.uint[::1]
    entry_start: cython.int[::1]
    entry_end: cython.int[::1]
    entry_hash: cython.uint[::1]
    # What came out: syllables ...
    forms: cython.uint[::1]
    flags: cython.uchar[::1]
    labels: cython.uchar[::1]
    syllable_count: cython.Py_ssize_t
    # ... and tokens.
    terms: cython.int[::1]
    starts: cython.int[::1]
    ends: cython.int[::1]
    firsts: cython.int[::1]
    lasts: cython.int[::1]
    token_count: cython.Py_ssize_t

    def __init__(self, classes, learn, state, shared, pairs, triples, inside, limit=1 << 17):
        self.classes = classes
        self.state = state
        self.shared = shared
        self.pairs = pairs
        self.triples = triples
        self.inside = inside
        self.learn = learn
        self.limit = limit
        self.syllable_count = self.token_count = 0
        self.forms = array("I")
        self.flags = array("B")
        self.terms = self.starts = self.ends = self.firsts = self.lasts = array("i")
        self._set_block(_BLOCK)
        self._forget(1 << 12)
        self._set_room(1 << 10)

    @cython.cfunc
    def _set_block(self, size: cython.Py_ssize_t):
        """Make room for a block of ``size`` code points."""
        # Three characters more than the block, so that looking ahead needs no check.
        self.block = array("I", bytes(4 * (size + 3)))
        self.entry_start = array("i", bytes(4 * size))
        self.entry_end = array("i", bytes(4 * size))
        self.entry_hash = array("I", bytes(4 * size))

    @cython.cfunc
    def _forget(self, size: cython.Py_ssize_t):
        """Empty the table, with room for ``size`` spellings before it grows."""
        self.slots = array("I", bytes(4 * 2 * size))
        self.records = array("I", bytes(4 * _LINE * (size + 1)))
        self.arena = array("I", bytes(4 * size))
        self.known = 0
        self.arena_used = 0

    @cython.cfunc
    def _set_room(self, size: cython.Py_ssize_t):
        """Make room for ``size`` syllables and as many tokens, keeping what is there."""
        self.forms = _resized("I", self.forms, self.syllable_count, size)
        self.flags = _resized("B", self.flags, self.syllable_count, size)
        self.labels = array("B", bytes(size))
        self.terms = _resized("i", self.terms, self.token_count, size)
        self.starts = _resized("i", self.starts, self.token_count, size)
        self.ends = _resized("i", self.ends, self.token_count, size)
        self.firsts = _resized("i", self.firsts, self.token_count, size)
        self.lasts = _resized("i", self.lasts, self.token_count, size)

    def scan(self, text: str):
        """Cut a text; what came out is kept until the next call."""
        at: cython.Py_ssize_t = 0
        size: cython.Py_ssize_t = len(text)
        taken: cython.Py_ssize_t
        used: cython.Py_ssize_t
        i: cython.Py_ssize_t
        entries: cython.Py_ssize_t
        c: cython.Py_UCS4
        block: cython.uint[::1]
        self.syllable_count = self.token_count = 0
        if len(self.forms) > 1 << 20:
            self._set_room(1 << 10)
        while at < size:
            block = self.block
            taken = min(size - at, len(block) - 3)
            i = 0
            for c in text[at : at + taken]:
                block[i] = ord(c)
                i += 1
            # White space after the last chunk of the text; of a block, only what is looked at.
            block[taken] = block[taken + 1] = block[taken + 2] = 32
            entries, used = self._cut(taken, at + taken == size)
            if used == 0:
                # One chunk fills the block: look at more of it.
                self._set_block(2 * (len(block) - 3))
                continue
            self._look_up(text, at, entries)
            at += used
        if len(self.block) > _BLOCK + 3:
            self._set_block(_BLOCK)

    @cython.cfunc
    @cython.locals(
        i=cython.Py_ssize_t,
        j=cython.Py_ssize_t,
        chunk=cython.Py_ssize_t,
        count=cython.Py_ssize_t,
        chunk_count=cython.Py_ssize_t,
        c=cython.uint,
        h=cython.uint,
        kind=cython.uint,
        common=cython.uint,
        block=cython.uint[::1],
        classes=cython.uchar[::1],
        starts=cython.int[::1],
        ends=cython.int[::1],
        hashes=cython.uint[::1],
        odd=cython.bint,
    )
    def _cut(self, size: cython.Py_ssize_t, final: cython.bint):
        """Cut the block into entries by pyvi's rules; return their number and what was used.

        Unless the block is ``final``, its last chunk may go on and is left for the next one.
        """
        block = self.block
        classes = self.classes
        starts = self.entry_start
        ends = self.entry_end
        hashes = self.entry_hash
        i = chunk = count = chunk_count = 0
        while i < size:
            c = block[i]
            kind = classes[c] if c < _CLASSES else _ODD
            if kind & _SPACE:
                if c == 10:
                    starts[count] = i
                    ends[count] = i + 1
                    hashes[count] = _mix(_SEED, 10)
                    count += 1
                i += 1
                chunk = i
                chunk_count = count
                continue
            j = i
            h = _SEED
            odd = False
            if kind & _WORD:
                common = kind
                while kind & _WORD:
                    common &= kind
                    h = _mix(h, c)
                    j += 1
                    c = block[j]
                    kind = classes[c] if c < _CLASSES else _ODD
                if c == 46 or c == 44:
                    if common & _DIGIT:
                        # 319.035 97,58: pyvi's numbers.
                        while (c == 46 or c == 44) and _is_digit(block[j + 1]):
                            h = _mix(h, c)
                            j += 1
                            c = block[j]
                            while _is_digit(c):
                                h = _mix(h, c)
                                j += 1
                                c = block[j]
                        kind = classes[c] if c < _CLASSES else _ODD
                    elif c == 46 and (common & _CAPITAL or _is_title(block, i, j)):
                        # TP. Mr.: pyvi's abbreviations keep their full stop.
                        h = _mix(h, c)
                        j += 1
                        c = block[j]
                        kind = classes[c] if c < _CLASSES else _ODD
                elif c == 58:
                    odd = block[j + 1] == 47 and block[j + 2] == 47  # ://
                elif c == 45:
                    odd = j - i == 1 and not common & _DIGIT and _is_digit(block[j + 1])
                elif c == 35 or c == 43:
                    odd = j - i <= 2 and not common & _DIGIT  # c# c++
                odd = odd or j - i > _LONGEST
            elif not kind & _ODD:
                # ==> -> ... >> and any other sign by itself.
                h = _mix(h, c)
                j = i + 1
                if c == 46 and block[j] == 46 and block[j + 1] == 46:
                    j += 2
                    h = _mix(_mix(h, 46), 46)
                elif c == 61 and block[j] == 61 and block[j + 1] == 62:
                    j += 2
                    h = _mix(_mix(h, 61), 62)
                elif (c == 45 or c == 62) and block[j] == 62:
                    j += 1
                    h = _mix(h, 62)
                c = block[j]
                kind = classes[c] if c < _CLASSES else _ODD
            if kind & _ODD or odd:
                h = _SEED
                i = chunk
                count = chunk_count
                while i < size and not (block[i] < _CLASSES and classes[block[i]] & _SPACE):
                    h = _mix(h, block[i])
                    i += 1
                starts[count] = chunk
                ends[count] = i
                hashes[count] = h
                count += 1
                continue
            starts[count] = i
            ends[count] = j
            hashes[count] = h
            count += 1
            i = j
        if final:
            return count, size
        return chunk_count, chunk

    @cython.cfunc
    @cython.locals(
        e=cython.Py_ssize_t,
        start=cython.Py_ssize_t,
        length=cython.Py_ssize_t,
        k=cython.Py_ssize_t,
        syllable=cython.Py_ssize_t,
        token=cython.Py_ssize_t,
        line=cython.Py_ssize_t,
        spilled=cython.Py_ssize_t,
        mask=cython.uint,
        slot=cython.uint,
        number=cython.uint,
        h=cython.uint,
        term=cython.uint,
        block=cython.uint[::1],
        starts=cython.int[::1],
        ends=cython.int[::1],
        hashes=cython.uint[::1],
        slots=cython.uint[::1],
        records=cython.uint[::1],
        arena=cython.uint[::1],
    )
    def _look_up(self, text: str, at: cython.Py_ssize_t, count: cython.Py_ssize_t):
        """Turn the block's entries into syllables and tokens; ``at`` is where it starts."""
        block = self.block
        starts = self.entry_start
        ends = self.entry_end
        hashes = self.entry_hash
        slots = self.slots
        records = self.records
        arena = self.arena
        mask = len(slots) - 1
        syllable = self.syllable_count
        token = self.token_count
        for e in range(count):
            if max(syllable, token) >= len(self.forms):
                self.syllable_count = syllable
                self.token_count = token
                self._set_room(2 * len(self.forms))
            start = starts[e]
            length = ends[e] - start
            h = hashes[e]
            slot = _spread(h) & mask
            while True:
                number = slots[slot]
                if number == 0:
                    break
                line = number * _LINE
                if records[line] == h and records[line + 1] == length:
                    k = 0
                    if length <= _INLINE:
                        while k < length and records[line + 4 + k] == block[start + k]:
                            k += 1
                    else:
                        spilled = records[line + 4]
                        while k < length and arena[spilled + k] == block[start + k]:
                            k += 1
                    if k == length:
                        break
                slot = (slot + 1) & mask
            if number == 0:
                number = self._learn(text[at + start : at + start + length], h)
                slots = self.slots
                records = self.records
                arena = self.arena
                mask = len(slots) - 1
                line = number * _LINE
            term = records[line + 3]
            if term < _LIST or term == _NOTHING:
                self.forms[syllable] = records[line + 2] & 0xFFFFFF
                self.flags[syllable] = records[line + 2] >> 24
                if term != _NOTHING:
                    self.terms[token] = term
                    self.starts[token] = at + start
                    self.ends[token] = at + start + length
                    self.firsts[token] = self.lasts[token] = syllable
                    token += 1
                syllable += 1
            else:
                self.syllable_count = syllable
                self.token_count = token
                self._take(term ^ _LIST, at + start)
                syllable = self.syllable_count
                token = self.token_count
        self.syllable_count = syllable
        self.token_count = token

    @cython.cfunc
    def _take(self, at: cython.Py_ssize_t, base: cython.Py_ssize_t):
        """Append the syllables and tokens of the list at ``at``, of a spelling at ``base``."""
        arena: cython.uint[::1] = self.arena
        syllables: cython.Py_ssize_t = arena[at]
        tokens: cython.Py_ssize_t = arena[at + 1]
        syllable: cython.Py_ssize_t = self.syllable_count
        token: cython.Py_ssize_t = self.token_count
        i: cython.Py_ssize_t
        room: cython.Py_ssize_t = max(syllable + syllables, token + tokens)
        if room > len(self.forms):
            self._set_room(2 * room)
        at += 2
        for i in range(syllables):
            self.forms[syllable + i] = arena[at + i] & 0xFFFFFF
            self.flags[syllable + i] = arena[at + i] >> 24
        at += syllables
        for i in range(tokens):
            self.terms[token + i] = arena[at]
            self.starts[token + i] = base + arena[at + 1]
            self.ends[token + i] = base + arena[at + 2]
            self.firsts[token + i] = syllable + arena[at + 3]
            self.lasts[token + i] = syllable + arena[at + 4]
            at += 5
        self.syllable_count = syllable + syllables
        self.token_count = token + tokens

    @cython.cfunc
    @cython.returns(cython.uint)
    def _learn(self, spelling: str, h: cython.uint):
        """Ask the owner about a spelling, enter it in the table, return its record number.

        A spelling too long to keep is entered where nothing finds it: as record 0.
        """
        length: cython.Py_ssize_t = len(spelling)
        line: cython.Py_ssize_t = 0
        number: cython.Py_ssize_t
        slot: cython.uint
        letters = array("I", map(ord, spelling[:LONGEST]))
        if self.known == self.limit or self.arena_used > _ARENA:
            self._forget(1 << 12)
        syllables, tokens = self.learn(spelling)
        if 2 * (self.known + 1) >= len(self.slots):
            self._grow()
        if length <= _LONGEST:
            self.known += 1
            line = self.known * _LINE
            slot = _spread(h) & (len(self.slots) - 1)
            while self.slots[slot] != 0:
                slot = (slot + 1) & (len(self.slots) - 1)
            self.slots[slot] = self.known
            self.records[line] = h
            self.records[line + 1] = length
            if length <= _INLINE:
                for number in range(length):
                    self.records[line + 4 + number] = letters[number]
            else:
                self.records[line + 4] = self._keep(letters)
        if len(syllables) == 1 and len(tokens) == 0:
            self.records[line + 3] = _NOTHING
        elif len(syllables) == 1 and len(tokens) == 1 and tokens[0][1:3] == (0, length):
            self.records[line + 3] = tokens[0][0]
        else:
            listed = array("I", [len(syllables), len(tokens)])
            listed.extend([flags << 24 | form for form, flags in syllables])
            for token in tokens:
                listed.extend(token)
            self.records[line + 3] = _LIST | self._keep(listed)
        if len(syllables) == 1:
            self.records[line + 2] = syllables[0][1] << 24 | syllables[0][0]
        return line // _LINE

    @cython.cfunc
    @cython.returns(cython.Py_ssize_t)
    def _keep(self, words: object):
        """Append words (an array 'I') to the arena and return where they begin."""
        at: cython.Py_ssize_t = self.arena_used
        count: cython.Py_ssize_t = len(words)
        i: cython.Py_ssize_t
        view: cython.uint[::1] = words
        if at + count > len(self.arena):
            self.arena = _resized("I", self.arena, at, 2 * (at + count))
        for i in range(count):
            self.arena[at + i] = view[i]
        self.arena_used = at + count
        return at

    @cython.cfunc
    def _grow(self):
        """Double the table."""
        number: cython.uint
        slot: cython.uint
        mask: cython.uint
        size: cython.Py_ssize_t = len(self.slots)
        self.records = _resized("I", self.records, _LINE * (self.known + 1), _LINE * (size + 1))
        slots: cython.uint[::1] = array("I", bytes(4 * 2 * size))
        mask = 2 * size - 1
        for number in range(1, self.known + 1):
            slot = _spread(self.records[number * _LINE]) & mask
            while slots[slot] != 0:
                slot = (slot + 1) & mask
            slots[slot] = number
        self.slots = slots

    def decode(self):
        """Label the scanned syllables by pyvi's model."""
        _decode(
            self.forms,
            self.flags,
            self.syllable_count,
            self.state,
            self.shared,
            self.pairs,
            self.triples,
            self.inside,
            self.labels,
        )

    @cython.locals(
        i=cython.Py_ssize_t,
        token=cython.Py_ssize_t,
        glued=cython.bint,
        labels=cython.uchar[::1],
        firsts=cython.int[::1],
        lasts=cython.int[::1],
        result=cython.uchar[::1],
    )
    def joined(self):
        """Decode, and return for each token 1 if it continues the word of the token before."""
        self.decode()
        _glue(self.labels, self.flags, self.syllable_count)
        labels = self.labels
        firsts = self.firsts
        lasts = self.lasts
        given = bytearray(self.token_count)
        result = given
        for token in range(1, self.token_count):
            glued = True
            for i in range(lasts[token - 1] + 1, firsts[token] + 1):
                if labels[i] == 0:
                    glued = False
                    break
            result[token] = glued
        return given

    def copied_labels(self):
        """Return the labels of the scanned syllables (1: continues a word) after `decode`."""
        return bytearray(memoryview(self.labels)[: self.syllable_count])

    def terms_found(self):
        """Return the scanned tokens' terms as an array ('i')."""
        return _copied("i", self.terms, self.token_count)

    def spans_found(self):
        """Return the scanned tokens' starts and ends as arrays ('i')."""
        return (
            _copied("i", self.starts, self.token_count),
            _copied("i", self.ends, self.token_count),
        )

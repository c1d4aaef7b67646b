# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Sentences, matches and the best passage of a text: the loops of `vnsearch.snippets`."""

from array import array
from operator import itemgetter

import cython

if cython.compiled:
    from cython.cimports.cpython.unicode import (
        PyUnicode_DATA,
        PyUnicode_FromKindAndData,
        PyUnicode_KIND,
        PyUnicode_READ,
    )
    from cython.cimports.vnsearch.kernels.bits import next_stop, utf8_chars_of, utf8_size
    from cython.cimports.vnsearch.kernels.postings import PostingLists
    from cython.cimports.vnsearch.kernels.sequences import Places
    from cython.cimports.vnsearch.kernels.terms import put_varint
else:
    from vnsearch.kernels.postings import PostingLists
    from vnsearch.kernels.sequences import Places
    from vnsearch.kernels.terms import put_varint


_ABBREVIATIONS = frozenset("tp tx tt ths ts gs pgs bs ks cn tr nxb đc đ/c mr mrs ms dr vs".split())
_ROOM = 64  # sentences or matches there is room for at first
# Of each sentence: start, end, its first token, whether a newline follows before the next one; of a
# stored text also where its bytes begin and end.
_ROW = cython.declare(cython.Py_ssize_t, 6)
_FILTER = cython.declare(cython.int, 4095)
# As `html.escape` does; that module loads every named entity. A bit for each of them.
_ENTITIES = cython.declare(
    dict, {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;"}
)
_MARKUP = cython.declare(cython.ulonglong, 1 << 34 | 1 << 38 | 1 << 39 | 1 << 60 | 1 << 62)
# a bit for each character below 64 that is written as it stands (a space but after another)
_PLAIN = cython.declare(cython.ulonglong, 0xFFFFFFFF00000000)
_CHARS = 512  # of a line there is room for at first


@cython.cfunc
@cython.inline
@cython.exceptval(check=False)
@cython.returns(cython.Py_ssize_t)
def _next_stop(text: str, at: cython.Py_ssize_t):
    """Return where the next character that may end a sentence is, the text's length if none is."""
    if cython.compiled:
        return next_stop(PyUnicode_DATA(text), PyUnicode_KIND(text), at, len(text))
    while at < len(text) and not (text[at] in "\n!.?" or text[at] >= "…"):
        at += 1
    return at


@cython.cfunc
@cython.inline
def _closes(c: cython.Py_UCS4) -> cython.bint:
    return c == '"' or c == "”" or c == "’" or c == "»" or c == ")" or c == "]"


@cython.cfunc
def _belongs(text: str, start: cython.Py_ssize_t, stop: cython.Py_ssize_t) -> cython.bint:
    """Whether the full stop at ``stop`` belongs to the word before it, not to a sentence."""
    first: cython.Py_ssize_t = stop
    c: cython.Py_UCS4
    while first > start and stop - first < 4:
        c = text[first - 1]
        if c.isspace() or c == "(" or c == "[" or c == '"' or c == "“" or c == "‘" or c == ".":
            break
        first -= 1
    if stop - first > 3:
        return False  # longer than any of them
    if stop - first == 1:
        c = text[first]
        if c.isupper():
            return True
    word: str = text[first:stop]
    return word.lower() in _ABBREVIATIONS or (first == start and word.isdigit())


def _doubled(old: object):
    """Return an array twice as long as ``old``, beginning with it."""
    return array("i", old) + array("i", bytes(4 * len(old)))


@cython.cclass
class _Line:
    """A line that is written piece by piece: each run of white space becomes one space."""

    # its characters: here if they are few
    chars: cython.p_uint
    few = cython.declare(cython.uint[512])  # _CHARS
    many: object
    room: cython.Py_ssize_t
    count: cython.Py_ssize_t

    def __init__(self):
        self.chars = self.few if cython.compiled else [0] * _CHARS
        self.room = _CHARS
        self.count = 0

    @cython.cfunc
    @cython.locals(
        i=cython.Py_ssize_t,
        at=cython.Py_ssize_t,
        kind=cython.int,
        code=cython.uint,
        last=cython.uint,
        plain=cython.ulonglong,
        c=cython.Py_UCS4,
        chars=cython.p_uint,
        data=cython.p_void,
        text=str,
        entity=str,
    )
    def write(
        self,
        text,
        start: cython.Py_ssize_t,
        end: cython.Py_ssize_t,
        html: cython.bint,
        terminal: cython.bint,
    ):
        """Write the characters start..end as they stand.

        But with ``html`` what is markup as an entity, with ``terminal`` no control characters.
        """
        at = self.count
        self._make_room(end - start)
        chars = self.chars
        last = chars[at - 1] if at else 32
        plain = _PLAIN & ~_MARKUP if html else _PLAIN
        if cython.compiled:
            data = PyUnicode_DATA(text)
            kind = PyUnicode_KIND(text)
        for i in range(start, end):
            c = PyUnicode_READ(kind, data, i) if cython.compiled else text[i]
            code = ord(c)
            # letters, digits and spaces, nearly all that come here, take no branch between them
            if (
                (plain >> (code & 63) & (code < 64))
                | ((code >= 64) & (code < 127))
                | ((code > 160) & (code < 0x1680))
                | ((code > 0x1680) & (code < 0x2000))
            ):
                chars[at] = code
                at += (code != 32) | (last != 32)
                last = code
                continue
            if html and code < 64 and (_MARKUP >> code) & 1:
                entity = _ENTITIES[c]
                self.count = at
                self._make_room(end - i + len(entity))
                chars = self.chars
                for c in entity:
                    last = chars[at] = ord(c)
                    at += 1
                continue
            if terminal and code < 160 and not 9 <= code <= 13:
                continue
            if c.isspace():
                if last == 32:
                    continue
                code = 32
            last = chars[at] = code
            at += 1
        self.count = at

    @cython.cfunc
    @cython.locals(low=cython.Py_ssize_t, high=cython.Py_ssize_t, span=tuple)
    def passage(
        self,
        text: str,
        at: cython.Py_ssize_t,
        end: cython.Py_ssize_t,
        marks: list,
        before: str,
        after: str,
        html: cython.bint,
        terminal: cython.bint,
    ):
        """Write a passage with ``before`` and ``after`` round the marks that lie in it."""
        at = max(at, 0)
        end = min(end, len(text))
        for span in marks:
            low = span[0]
            high = span[1]
            if low < at or high > end:
                continue
            self.write(text, at, low, html, terminal)
            self.write(before, 0, len(before), False, False)
            self.write(text, low, high, html, terminal)
            self.write(after, 0, len(after), False, False)
            at = high
        self.write(text, at, end, html, terminal)

    @cython.cfunc
    def cut_before(self):
        """Say that what follows begins inside a sentence."""
        self.write("… ", 0, 2, False, False)

    @cython.cfunc
    def cut_after(self):
        """Say that what was written ends inside a sentence."""
        self.write(" …", 0, 2, False, False)

    @cython.cfunc
    @cython.locals(i=cython.Py_ssize_t, longer=cython.uint[::1])
    def _make_room(self, size: cython.Py_ssize_t):
        """Make room for ``size`` more characters."""
        if self.count + size > self.room:
            many = array("I", bytes(8 * (self.count + size)))
            longer = many
            for i in range(self.count):
                longer[i] = self.chars[i]
            self.chars = cython.address(longer[0]) if cython.compiled else many
            self.many = many
            self.room = len(longer)

    @cython.cfunc
    def text(self):
        """Return what was written."""
        if self.count > 0 and self.chars[self.count - 1] == 32:
            self.count -= 1
        if cython.compiled:
            return PyUnicode_FromKindAndData(4, self.chars, self.count)
        return "".join(map(chr, self.chars[: self.count]))


@cython.locals(written=_Line)
def line(
    text: str,
    passages,
    marks,
    cuts,
    before: str,
    after: str,
    html: cython.bint,
    terminal: cython.bint,
):
    """Return passages of a text as one line, ``before`` and ``after`` round the marks in them."""
    written = _Line()
    if cuts and cuts[0][0]:
        written.cut_before()
    first = True
    for span in passages:
        if not first:
            written.write(" … ", 0, 3, False, False)
        first = False
        written.passage(text, span[0], span[1], list(marks), before, after, html, terminal)
    if cuts and cuts[len(cuts) - 1][1]:
        written.cut_after()
    return written.text()


_length_and_key = itemgetter(0, 1)


@cython.cclass
class Wanted:
    """Terms and phrases that are looked for, by term number, and what each weighs.

    Each has a key, 0, 1, ... in the order they were added.
    """

    # number and key of each term in turn, open addressing (number -1: free)
    slots: cython.int[::1]
    terms: cython.Py_ssize_t
    phrases: dict
    seen: cython.uchar[::1]
    weights: cython.double[::1]
    stamps: cython.int[::1]
    stamp: cython.int
    count: cython.int

    def __init__(self):
        self.slots = array("i", [-1]) * 128
        self.terms = 0
        self.phrases = {}
        self.seen = bytearray(_FILTER + 1)
        self.weights = array("d", bytes(8 * 16))
        self.stamps = array("i", bytes(8 * 16))
        self.stamp = 0
        self.count = 0

    def add_term(self, number: cython.int, weight: cython.double):
        """Look for a term; its number must not be there yet."""
        i: cython.Py_ssize_t
        old: cython.int[::1] = self.slots
        if 8 * self.terms >= len(old):
            self.slots = array("i", [-1]) * (4 * len(old))
            for i in range(0, len(old), 2):
                if old[i] >= 0:
                    self._enter(old[i], old[i + 1])
        self._enter(number, self.count)
        self.terms += 1
        # Nearly every token is ruled out by the low bits of its number.
        self.seen[number & _FILTER] = 1
        self._add(weight)

    @cython.cfunc
    @cython.exceptval(check=False)
    def _enter(self, number: cython.int, key: cython.int) -> cython.void:
        mask: cython.Py_ssize_t = len(self.slots) - 1
        slot: cython.Py_ssize_t = 2 * number & mask
        while self.slots[slot] >= 0:
            slot = (slot + 2) & mask
        self.slots[slot] = number
        self.slots[slot + 1] = key

    @cython.cfunc
    @cython.inline
    @cython.exceptval(check=False)
    def key_of(self, number: cython.int) -> cython.int:
        """Return a term's key, -1 where it is not looked for."""
        mask: cython.Py_ssize_t = len(self.slots) - 1
        slot: cython.Py_ssize_t = 2 * number & mask
        while self.slots[slot] != number:
            if self.slots[slot] < 0:
                return -1
            slot = (slot + 2) & mask
        return self.slots[slot + 1]

    def add_phrase(self, slots: list, weight: cython.double):
        """Look for terms that stand side by side, in this order.

        A slot is the number of its term, or a frozenset of them where any will do.
        """
        number: cython.int
        first = slots[0]
        phrase = (len(slots), self.count, slots)
        for number in first if isinstance(first, frozenset) else (first,):
            known: list = self.phrases.setdefault(number, [])
            known.append(phrase)
            known.sort(key=_length_and_key)
            self.seen[number & _FILTER] = 1
        self._add(weight)

    @cython.cfunc
    def _add(self, weight: cython.double):
        size: cython.Py_ssize_t = len(self.weights)
        if self.count == size:
            self.weights = array("d", self.weights) + array("d", bytes(8 * size))
            self.stamps = array("i", bytes(16 * size))
            self.stamp = 0
        self.weights[self.count] = weight
        self.count += 1

    def without(self, keys: set):
        """Return the same, but of no weight where the key is one of these."""
        key: cython.int
        other: Wanted = Wanted()
        other.slots = self.slots
        other.terms = self.terms
        other.phrases = self.phrases
        other.seen = self.seen
        for key in range(self.count):
            other._add(0.0 if key in keys else self.weights[key])
        return other


@cython.cclass
class Sentences:
    """A text with its tokens, cut into sentences; without ``cut`` it is taken as one.

    ``numbers``, ``starts`` and ``ends`` (arrays 'i') are its tokens' term numbers and spans. It
    does not change, so threads may share it.
    """

    text: str
    numbers: cython.int[::1]
    starts: cython.int[::1]
    ends: cython.int[::1]
    rows: cython.int[::1]  # of each sentence (see _ROW)
    count: cython.Py_ssize_t

    def __init__(self, text: str, numbers, starts, ends, cut: cython.bint = True):
        self.text = text
        self.numbers = numbers
        self.starts = starts
        self.ends = ends
        self.rows = array("i", bytes(4 * _ROW * (_ROOM if cut else 1)))
        self.count = 0
        if cut:
            self._cut_sentences()
        else:
            self._add_sentence(0, len(text), False)

    @cython.cfunc
    @cython.locals(
        size=cython.Py_ssize_t,
        at=cython.Py_ssize_t,
        here=cython.Py_ssize_t,
        start=cython.Py_ssize_t,
        stop=cython.Py_ssize_t,
        end=cython.Py_ssize_t,
        resume=cython.Py_ssize_t,
        newline=cython.bint,
        ended=cython.bint,
        c=cython.Py_UCS4,
        char=cython.Py_UCS4,
        text=str,
    )
    def _cut_sentences(self):
        """Find the sentences; `spans` says the rules."""
        text = self.text
        size = len(text)
        self.count = 0
        start = 0
        while start < size:
            c = text[start]
            if not c.isspace():
                break
            start += 1
        resume = start
        while True:
            here = _next_stop(text, resume)
            if here == size:
                break
            at = resume = here + 1
            char = text[here]
            if ord(char) > 64 and not (char == "…" or char == "。" or char == "！" or char == "？"):
                continue
            ended = False
            if char == "\n":
                end = here
            elif char == "。" or char == "！" or char == "？":
                ended = True
                end = at
            else:
                while at < size:
                    c = text[at]
                    if not (c == "." or c == "!" or c == "?" or c == "…"):
                        break
                    at += 1
                while at < size:
                    c = text[at]
                    if not _closes(c):
                        break
                    at += 1
                end = at
                resume = at
                if at < size:
                    c = text[at]
                    if not c.isspace():
                        continue
            newline = False
            while at < size:
                c = text[at]
                if not c.isspace():
                    break
                if c == "\n":
                    newline = True
                at += 1
            resume = at
            if at == size:
                break
            if not ended:
                c = text[at]
                if c.islower():
                    continue
                if char == "." and end == here + 1 and not newline and _belongs(text, start, here):
                    continue
            self._add_sentence(start, end, newline or char == "\n")
            start = at
        self._add_sentence(start, size, False)
        self._count_tokens()

    @cython.cfunc
    @cython.locals(c=cython.Py_UCS4, text=str)
    def _add_sentence(self, start: cython.Py_ssize_t, end: cython.Py_ssize_t, newline: cython.bint):
        """Keep a sentence without the white space at its end, if there is anything else."""
        text = self.text
        while end > start:
            c = text[end - 1]
            if not c.isspace():
                break
            end -= 1
        if end == start:
            return
        at: cython.Py_ssize_t = _ROW * self.count
        if at == len(self.rows):
            self.rows = _doubled(self.rows)
        self.rows[at] = start
        self.rows[at + 1] = end
        self.rows[at + 3] = newline
        self.count += 1

    @cython.cfunc
    def _count_tokens(self):
        """Tell which token is the first of each sentence."""
        token: cython.int = 0
        at: cython.Py_ssize_t
        tokens: cython.Py_ssize_t = len(self.starts)
        for at in range(0, _ROW * self.count, _ROW):
            while token < tokens and self.starts[token] < self.rows[at]:
                token += 1
            self.rows[at + 2] = token

    def spans(self):
        """Return (start, end) of each sentence, without the white space around it.

        A sentence ends at ``. ! ? …`` (and closing quotes) before white space, unless a small
        letter follows or the stop belongs to an abbreviation (``TP. ThS.``), an initial or a list
        number; and at a newline, unless a small letter follows (a line wrapped by hand). A text of
        white space alone has no sentence.
        """
        return [(self.rows[i], self.rows[i + 1]) for i in range(0, _ROW * self.count, _ROW)]

    def tokens_beside(self, token: cython.Py_ssize_t):
        """Return the first token of a token's sentence, and the one after its last."""
        i: cython.Py_ssize_t
        first: cython.Py_ssize_t = 0
        for i in range(2, _ROW * self.count, _ROW):
            if self.rows[i] > token:
                return first, self.rows[i]
            first = self.rows[i]
        return first, len(self.starts)

    def cuts(self, start: cython.Py_ssize_t, end: cython.Py_ssize_t):
        """Say whether a passage starts and ends inside a sentence."""
        found: cython.int = self.cut_at(start, end)
        return found & 1 == 1, found & 2 == 2

    @cython.cfunc
    @cython.exceptval(check=False)
    def cut_at(self, start: cython.Py_ssize_t, end: cython.Py_ssize_t) -> cython.int:
        """Return 1 where a passage starts inside a sentence, plus 2 where it ends inside one."""
        i: cython.Py_ssize_t
        last: cython.Py_ssize_t = start if start >= end else end - 1
        cut_start: cython.bint = False
        cut_end: cython.bint = False
        for i in range(0, _ROW * self.count, _ROW):
            if self.rows[i] > last:
                break
            if self.rows[i] <= start:
                cut_start = start > self.rows[i]
            cut_end = end < self.rows[i + 1]
        return cut_start | cut_end << 1


@cython.cfunc
@cython.inline
@cython.exceptval(check=False)
@cython.returns(cython.Py_ssize_t)
def _bytes_of(text: str, start: cython.Py_ssize_t, end: cython.Py_ssize_t):
    """Return how many bytes some characters of a text are in UTF-8."""
    if cython.compiled:
        return utf8_size(PyUnicode_DATA(text), PyUnicode_KIND(text), start, end)
    return len(text[start:end].encode("utf-8", "surrogatepass"))


@cython.cfunc
@cython.inline
@cython.exceptval(check=False)
def _chars_of(
    data: cython.const[cython.uchar][::1], start: cython.Py_ssize_t, end: cython.Py_ssize_t
) -> cython.Py_ssize_t:
    """Return how many characters begin in some bytes of UTF-8."""
    if cython.compiled:
        return utf8_chars_of(cython.address(data[0]) + start, end - start) if end > start else 0
    return sum([byte & 0xC0 != 0x80 for byte in data[start:end]])


@cython.locals(
    i=cython.Py_ssize_t,
    row=cython.Py_ssize_t,
    at=cython.Py_ssize_t,
    end=cython.Py_ssize_t,
    gap=cython.Py_ssize_t,
    kind=cython.Py_ssize_t,
    tokens=cython.Py_ssize_t,
    read=Sentences,
    rows=cython.int[::1],
    view=cython.uchar[::1],
)
def outline(text: str, starts):
    """Return where a text's sentences are, as that is stored beside it (see docs/FORMAT.md).

    ``starts`` (array 'i') says where its tokens begin.
    """
    read = Sentences(text, starts, starts, starts)
    rows = read.rows
    out = bytearray(20 * (read.count + 1))  # a number takes five bytes at most
    view = out
    at = put_varint(view, 0, read.count)
    at = put_varint(view, at, _bytes_of(text, 0, rows[0]) if read.count else 0)
    for i in range(read.count):
        row = _ROW * i
        end = len(text)
        tokens = len(read.starts)
        if i + 1 < read.count:
            end = rows[row + _ROW]
            tokens = rows[row + _ROW + 2]
        gap = _bytes_of(text, rows[row + 1], end)
        kind = 3 if gap > 1 else gap + (gap and rows[row + 3])
        at = put_varint(view, at, (tokens - rows[row + 2]) << 2 | kind)
        at = put_varint(view, at, _bytes_of(text, rows[row], rows[row + 1]))
        if kind == 3:
            at = put_varint(view, at, gap << 1 | rows[row + 3])
    return bytes(out[:at])


@cython.cclass
class Outline:
    """Where the sentences of a stored text are, before any of it is read.

    ``data`` is the text in UTF-8; ``stored`` begins with what `outline` returned of it. Raises
    ValueError where they do not fit each other.
    """

    size: cython.Py_ssize_t  # characters
    rows: cython.int[::1]  # of each sentence (see _ROW), and of the text's end
    count: cython.Py_ssize_t
    # what `_number` reads
    stored: cython.const[cython.uchar][::1]
    at: cython.Py_ssize_t

    @cython.locals(
        i=cython.Py_ssize_t,
        row=cython.Py_ssize_t,
        here=cython.Py_ssize_t,
        end=cython.Py_ssize_t,
        gap=cython.Py_ssize_t,
        kind=cython.Py_ssize_t,
        char=cython.Py_ssize_t,
        token=cython.Py_ssize_t,
        size=cython.Py_ssize_t,
        rows=cython.int[::1],
    )
    def __init__(self, data: bytes, stored: bytes):
        view: cython.const[cython.uchar][::1] = data
        size = len(data)
        if size > 0x7FFFFFFF:
            raise ValueError("a text with an outline is not so long")
        self.stored = stored
        self.at = 0
        self.count = self._number()
        if self.count > len(stored) >> 1:  # a sentence takes two bytes at least
            raise ValueError("an outline has not as many sentences as it says")
        rows = array("i", bytes(4 * _ROW * (self.count + 1)))
        self.rows = rows
        here = self._number()
        if here > size:
            raise ValueError("a sentence lies outside its text")
        char = _chars_of(view, 0, here)
        token = 0
        for i in range(self.count):
            row = _ROW * i
            kind = self._number()
            end = here + self._number()
            gap = kind & 3
            rows[row + 3] = gap == 2
            if gap == 3:
                gap = self._number()
                rows[row + 3] = gap & 1
                gap >>= 1
            elif gap == 2:
                gap = 1
            if end + gap > size:
                raise ValueError("a sentence lies outside its text")
            rows[row] = char
            rows[row + 2] = token
            rows[row + 4] = here
            rows[row + 5] = end
            token += kind >> 2
            char += _chars_of(view, here, end)
            rows[row + 1] = char
            here = end + gap
            char += _chars_of(view, end, here)
        # a text of so many bytes has no more tokens
        if token > size or (self.count and here < size):
            raise ValueError("an outline does not fit its text")
        rows[_ROW * self.count] = char
        rows[_ROW * self.count + 2] = token
        self.size = char

    @cython.cfunc
    @cython.exceptval(-1)
    @cython.locals(shift=cython.int, byte=cython.Py_ssize_t, number=cython.Py_ssize_t)
    def _number(self) -> cython.Py_ssize_t:
        """Read a number of at most 28 bits."""
        number = shift = 0
        byte = 128
        while byte > 127:
            if self.at == len(self.stored) or shift == 28:
                raise ValueError("an outline ends inside a number")
            byte = self.stored[self.at]
            self.at += 1
            number |= (byte & 127) << shift
            shift += 7
        return number

    def __len__(self):
        return self.count

    def tokens(self, first: cython.Py_ssize_t, stop: cython.Py_ssize_t):
        """Return how many tokens the sentences first..stop-1 have."""
        self._check(first, stop)
        return self.rows[_ROW * stop + 2] - self.rows[_ROW * first + 2]

    @cython.cfunc
    @cython.exceptval(-1)
    def _check(self, first: cython.Py_ssize_t, stop: cython.Py_ssize_t) -> cython.int:
        if not 0 <= first < stop <= self.count:
            raise IndexError(f"sentences {first} to {stop} of {self.count}")
        return 0

    def stored_size(self):
        """Return how many bytes are of this outline."""
        return self.at

    def span(self, first: cython.Py_ssize_t, stop: cython.Py_ssize_t):
        """Return where the bytes of the sentences first..stop-1 begin and end."""
        self._check(first, stop)
        return self.rows[_ROW * first + 4], self.rows[_ROW * (stop - 1) + 5]

    @cython.cfunc
    @cython.locals(row=cython.Py_ssize_t, read=Sentences)
    def part(self, sentence: cython.Py_ssize_t, read_part) -> Sentences:
        """Return one sentence as ``read_part(first, stop)`` does."""
        row = _ROW * sentence
        read = read_part(sentence, sentence + 1)
        if len(read.starts) != self.rows[row + _ROW + 2] - self.rows[row + 2]:
            raise ValueError("a sentence has not as many tokens as its outline says")
        return read


@cython.cclass
class Matches:
    """What is wanted, as it stands in a text: one match after another, in the text's order."""

    read: Sentences  # None where only the text's outline is known
    outline: Outline
    wanted: Wanted
    # start, end, first and last token, key of each: here if they are few. By an outline, start and
    # end are -1 until they are needed
    matches: cython.p_int
    few = cython.declare(cython.int[320])  # 5 * _ROOM
    many: object
    room: cython.Py_ssize_t
    count: cython.Py_ssize_t
    # the best passage, as `best` returns it, and its first sentence and the one after its last
    start: cython.Py_ssize_t
    end: cython.Py_ssize_t
    low: cython.Py_ssize_t
    high: cython.Py_ssize_t
    first: cython.Py_ssize_t
    stop: cython.Py_ssize_t

    def __init__(self, read, wanted: Wanted):
        self.wanted = wanted
        self.matches = self.few if cython.compiled else [0] * (5 * _ROOM)
        self.room = 5 * _ROOM
        self.count = 0
        if isinstance(read, Outline):
            self.read = None
            self.outline = read
        else:
            self.read = read
            self.outline = None
            self._find()

    def __len__(self):
        return self.count

    @cython.locals(
        at=cython.Py_ssize_t,
        i=cython.Py_ssize_t,
        size=cython.Py_ssize_t,
        length=cython.Py_ssize_t,
        number=cython.int,
        key=cython.int,
        expected=cython.int,
        seen=cython.uchar[::1],
        numbers=cython.int[::1],
        phrase=list,
        same=cython.bint,
        wanted=Wanted,
    )
    def _find(self):
        """Find every term and phrase that is wanted."""
        wanted = self.wanted
        numbers = self.read.numbers
        size = len(numbers)
        seen = wanted.seen
        for at in range(size):
            if not seen[numbers[at] & _FILTER]:
                continue
            number = numbers[at]
            key = wanted.key_of(number)
            if key >= 0:
                self._add_match(at, at, key)
            if not wanted.phrases:
                continue
            beginning = wanted.phrases.get(number)
            if beginning is None:
                continue
            for length, key, phrase in beginning:
                if length > size - at:
                    break
                same = True
                for i in range(1, length):
                    slot = phrase[i]
                    if isinstance(slot, frozenset):
                        same = numbers[at + i] in slot
                    else:
                        expected = slot
                        same = numbers[at + i] == expected
                    if not same:
                        break
                if same:
                    self._add_match(at, at + length - 1, key)

    @cython.cfunc
    @cython.inline
    @cython.exceptval(-1)
    def _add_match(
        self, first: cython.Py_ssize_t, last: cython.Py_ssize_t, key: cython.int
    ) -> cython.int:
        at: cython.Py_ssize_t = 5 * self.count
        if at == self.room:
            self._make_room()
        if self.read is None:
            self.matches[at] = self.matches[at + 1] = -1
        else:
            self.matches[at] = self.read.starts[first]
            self.matches[at + 1] = self.read.ends[last]
        self.matches[at + 2] = cython.cast(cython.int, first)
        self.matches[at + 3] = cython.cast(cython.int, last)
        self.matches[at + 4] = key
        self.count += 1
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def _make_room(self) -> cython.int:
        """Make room for as many matches as there are."""
        view: cython.int[::1]
        i: cython.Py_ssize_t
        many = array("i", bytes(8 * self.room))
        view = many
        for i in range(self.room):
            view[i] = self.matches[i]
        self.matches = cython.address(view[0]) if cython.compiled else many
        self.many = many
        self.room *= 2
        return 0

    def keys(self, start: cython.Py_ssize_t, end: cython.Py_ssize_t):
        """Return the set of the keys of the matches that lie between two characters."""
        return {
            self.matches[i + 4]
            for i in range(0, 5 * self.count, 5)
            if self.matches[i] >= start and self.matches[i + 1] <= end
        }

    def drop(self, start: cython.Py_ssize_t, end: cython.Py_ssize_t):
        """Forget the matches that touch the characters start..end."""
        i: cython.Py_ssize_t
        j: cython.Py_ssize_t
        kept: cython.Py_ssize_t = 0
        for i in range(0, 5 * self.count, 5):
            if self.matches[i] < end and self.matches[i + 1] > start:
                continue
            for j in range(5):
                self.matches[kept + j] = self.matches[i + j]
            kept += 5
        self.count = kept // 5

    @cython.ccall
    @cython.locals(
        at=cython.Py_ssize_t,
        low=cython.Py_ssize_t,
        high=cython.Py_ssize_t,
        token=cython.Py_ssize_t,
        i=cython.Py_ssize_t,
        begun=cython.Py_ssize_t,
        until=cython.Py_ssize_t,
        first=cython.Py_ssize_t,
        c=cython.Py_UCS4,
        text=str,
        starts=cython.int[::1],
        ends=cython.int[::1],
        found=list,
        same=cython.bint,
    )
    def marks(self, start: cython.Py_ssize_t, end: cython.Py_ssize_t):
        """Return the spans to mark between ``start`` and ``end``, apart and in order.

        Tokens of a phrase share a mark when only white space lies between them, and any two
        matches that touch do.
        """
        text = self.read.text
        starts = self.read.starts
        ends = self.read.ends
        found = []
        begun = 0
        until = -1  # end of the mark that may still grow, which begins at ``begun``
        for i in range(0, 5 * self.count, 5):
            if self.matches[i] < start:
                continue
            if self.matches[i] >= end:
                break
            first = self.matches[i + 2]
            for token in range(first, self.matches[i + 3] + 1):
                low = starts[token]
                high = ends[token]
                if high > end:
                    break
                same = low <= until
                if token > first and not same:
                    same = True
                    for at in range(until, low):
                        c = text[at]
                        if not c.isspace():
                            same = False
                            break
                if same:
                    if high > until:
                        until = high
                    continue
                if until >= 0:
                    found.append((begun, until))
                begun = low
                until = high
        if until >= 0:
            found.append((begun, until))
        return found

    @cython.ccall
    @cython.locals(marks=list, cuts=cython.int, written=_Line)
    def line(
        self,
        start: cython.Py_ssize_t,
        end: cython.Py_ssize_t,
        before: str,
        after: str,
        html: cython.bint,
        terminal: cython.bint,
    ):
        """Return a passage as a line with its marks (see `line`), None if nothing in it matches."""
        marks = self.marks(start, end)
        if not marks:
            return None
        cuts = self.read.cut_at(start, end)
        written = _Line()
        if cuts & 1:
            written.cut_before()
        written.passage(self.read.text, start, end, marks, before, after, html, terminal)
        if cuts & 2:
            written.cut_after()
        return written.text()

    @cython.cfunc
    @cython.locals(
        at=cython.Py_ssize_t,
        key=cython.int,
        before=cython.int,
        stamp=cython.int,
        total=cython.double,
        weight=cython.double,
        other=cython.double,
        matches=cython.p_int,
        weights=cython.double[::1],
        stamps=cython.int[::1],
        wanted=Wanted,
    )
    def _score(self, low: cython.Py_ssize_t, high: cython.Py_ssize_t) -> cython.double:
        """Return cover + near of the matches low..high-1."""
        wanted = self.wanted
        matches = self.matches
        weights = wanted.weights
        stamps = wanted.stamps
        # stamps[2k] = stamp: the term counted; stamps[2k + 1]: its pair with the one before it.
        wanted.stamp += 1
        if wanted.stamp == 0x7FFFFFFF:
            wanted.stamps = stamps = array("i", bytes(4 * len(stamps)))
            wanted.stamp = 1
        stamp = wanted.stamp
        total = 0.0
        for at in range(5 * low, 5 * high, 5):
            key = matches[at + 4]
            weight = weights[key]
            if stamps[2 * key] != stamp:
                stamps[2 * key] = stamp
                total += weight
            if at > 5 * low and matches[at + 2] == matches[at - 2] + 1:
                before = matches[at - 1]
                if before != key and stamps[2 * key + 1] != stamp:
                    stamps[2 * key + 1] = stamp
                    other = weights[before]
                    total += 0.5 * (weight if weight < other else other)
        return total

    @cython.cfunc
    @cython.exceptval(-1)
    @cython.locals(
        i=cython.Py_ssize_t,
        row=cython.Py_ssize_t,
        behind=cython.Py_ssize_t,
        last=cython.int,
        rows=cython.int[::1],
        read=Sentences,
        other=Sentences,
    )
    def _place(
        self,
        sentence: cython.Py_ssize_t,
        low: cython.Py_ssize_t,
        high: cython.Py_ssize_t,
        read_part,
    ) -> cython.int:
        """Find the characters of an outline's matches low..high-1, all in one sentence."""
        rows = self.outline.rows
        row = _ROW * sentence
        read = self.outline.part(sentence, read_part)
        for i in range(5 * low, 5 * high, 5):
            self.matches[i] = rows[row] + read.starts[self.matches[i + 2] - rows[row + 2]]
            last = self.matches[i + 3]
            behind = sentence
            other = read
            while last >= rows[_ROW * (behind + 1) + 2]:  # a phrase may end in another sentence
                behind += 1
            if behind > sentence:
                other = self.outline.part(behind, read_part)
            self.matches[i + 1] = rows[_ROW * behind] + other.ends[last - rows[_ROW * behind + 2]]
        return 0

    def best(self, length: cython.Py_ssize_t, early: cython.double):
        """Return (start, end, low, high): the best passage, and the matches that chose it.

        There must be at least one match. A passage longer than ``length`` is one sentence; the
        caller cuts it round the characters low..high.
        """
        self._best(length, early, None)
        return self.start, self.end, self.low, self.high

    @cython.cfunc
    @cython.exceptval(-1)
    @cython.locals(
        sentence_count=cython.Py_ssize_t,
        count=cython.Py_ssize_t,
        size=cython.Py_ssize_t,
        at=cython.Py_ssize_t,
        stop=cython.Py_ssize_t,
        grown=cython.Py_ssize_t,
        sentence=cython.Py_ssize_t,
        after=cython.Py_ssize_t,
        i=cython.Py_ssize_t,
        start=cython.Py_ssize_t,
        end=cython.Py_ssize_t,
        low=cython.Py_ssize_t,
        high=cython.Py_ssize_t,
        group=cython.Py_ssize_t,
        best_start=cython.Py_ssize_t,
        best_end=cython.Py_ssize_t,
        best_low=cython.Py_ssize_t,
        best_high=cython.Py_ssize_t,
        best_first=cython.Py_ssize_t,
        best_stop=cython.Py_ssize_t,
        row=cython.Py_ssize_t,
        value=cython.double,
        top=cython.double,
        one=cython.double,
        best=cython.double,
        rows=cython.int[::1],
        matches=cython.p_int,
    )
    def _best(self, length: cython.Py_ssize_t, early: cython.double, read_part) -> cython.int:
        """Find the best passage. ``read_part`` reads some of an outline's sentences."""
        if self.read is None:
            size = self.outline.size
            rows = self.outline.rows
            sentence_count = self.outline.count
        else:
            size = len(self.read.text)
            rows = self.read.rows
            sentence_count = self.read.count
        matches = self.matches
        count = self.count
        best = -1.0
        best_start = best_end = best_low = best_high = best_first = best_stop = 0
        at = 0
        for sentence in range(sentence_count):
            if at >= count:
                break
            row = _ROW * sentence
            if sentence + 1 < sentence_count and matches[5 * at + 2] >= rows[row + _ROW + 2]:
                continue
            start = rows[row]
            end = rows[row + 1]
            group = at
            while at < count and (
                sentence + 1 == sentence_count or matches[5 * at + 2] < rows[row + _ROW + 2]
            ):
                at += 1
            after = sentence + 1
            if end - start > length:
                if self.read is None:  # what it scores at most may tell that it need not be read
                    value = 2.0 * self._score(group, at) * (1.0 - early * start / size)
                    if value <= best:
                        continue
                    if at - group > 1:
                        self._place(sentence, group, at, read_part)
                top = -1.0
                low = high = stop = group
                for i in range(group, at):
                    grown = stop
                    while stop < at and matches[5 * stop + 1] <= matches[5 * i] + length:
                        stop += 1
                    if stop == grown and i > group:
                        continue  # nothing came in: part of the run before it
                    if stop <= i:
                        stop = i + 1
                    value = self._score(i, stop)
                    if value > top:
                        top = value
                        low = i
                        high = stop
                value = 2.0 * top
            else:
                top = self._score(group, at)
                low = group
                high = stop = at
                while after < sentence_count and rows[_ROW * after + 1] - start <= length:
                    row = _ROW * after
                    if 3 * (end - start) >= length and rows[row - _ROW + 3]:
                        break
                    end = rows[row + 1]
                    while stop < count and (
                        after + 1 == sentence_count or matches[5 * stop + 2] < rows[row + _ROW + 2]
                    ):
                        stop += 1
                    if stop > high:
                        one = self._score(high, stop)
                        if one > top:
                            top = one
                        high = stop
                    after += 1
                value = top + self._score(low, high)
            value *= 1.0 - early * start / size
            if value > best:
                best = value
                best_start = start
                best_end = end
                best_low = low
                best_high = high
                best_first = sentence
                best_stop = after
        self.start = best_start
        self.end = best_end
        self.low = matches[5 * best_low]
        self.high = matches[5 * best_high - 4]
        self.first = best_first
        self.stop = best_stop
        return 0


@cython.locals(read=Sentences, matches=Matches, size=cython.Py_ssize_t)
def best_lines(
    texts,
    wanted: Wanted,
    length: cython.Py_ssize_t,
    early: cython.double,
    fit,
    before: str,
    after: str,
    html: cython.bint,
    terminal: cython.bint,
):
    """Return the best passage of each text as a line with its marks (see `line`).

    None for no text, and where nothing matches. A passage longer than ``length`` is cut by ``fit``,
    called with the text, what `Matches.best` says, and ``length``.
    """
    lines = []
    for one in texts:
        written = None
        if one is not None:
            read = one
            matches = Matches(read, wanted)
            if matches.count:
                size = min(length, len(read.text))
                matches._best(size, early, None)
                if matches.end - matches.start <= size:
                    written = matches.line(
                        matches.start, matches.end, before, after, html, terminal
                    )
                if written is None:
                    best = (matches.start, matches.end, matches.low, matches.high)
                    start, end = fit(one, best, length)
                    written = matches.line(start, end, before, after, html, terminal)
        lines.append(written)
    return lines


# A match as one number: the first token, how many more, and the key, of so many bits.
_KEY_BITS = cython.declare(cython.int, 20)
_MORE_BITS = cython.declare(cython.int, 12)


@cython.cclass
class Occurrences:
    """Where what is `Wanted` stands in documents of one field of a segment.

    Terms and phrases are added in the same order, by the ordinals of their terms in the field.
    """

    lists: PostingLists
    # key, and the places of each token, of terms and phrases
    sought: list
    keys: cython.Py_ssize_t
    doc: cython.uint
    # the matches in the document at hand
    found: cython.ulonglong[::1]
    count: cython.Py_ssize_t
    starts: cython.uint[::1]

    def __init__(self, lists: PostingLists):
        self.lists = lists
        self.sought = []
        self.keys = 0
        self.doc = 0
        self.found = array("Q", bytes(8 * _ROOM))
        self.count = 0
        self.starts = array("I", bytes(4 * _ROOM))

    def add(self, slots: list):
        """Look for a term or a phrase: each slot is the ordinals of the terms that will do there.

        With an empty slot it is nowhere. Raises ValueError where they become too many.
        """
        if len(slots) > 1 << _MORE_BITS or self.keys == 1 << _KEY_BITS:
            raise ValueError("too much is looked for")
        if all(slots):
            self.sought.append(
                (self.keys, [Places(list(map(self.lists.cursor, slot))) for slot in slots])
            )
        self.keys += 1

    @cython.cfunc
    @cython.exceptval(-1)
    @cython.locals(places=Places, row=list)
    def _rewind(self) -> cython.int:
        """Have documents before the last one looked at, too: cursors go forward."""
        for _, row in self.sought:
            for places in row:
                places.doc = 0xFFFFFFFF
                for cursor in places.cursors:
                    cursor.rewind()
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    @cython.locals(
        i=cython.Py_ssize_t,
        key=cython.Py_ssize_t,
        last=cython.ulonglong,
        first=cython.ulonglong,
        tokens=cython.ulonglong,
        places=Places,
        row=list,
    )
    def find(self, doc: cython.uint, matches: Matches) -> cython.int:
        """Add what stands in a document to the matches of its outline."""
        if doc < self.doc:
            self._rewind()
        self.doc = doc
        self.count = 0
        for key, row in self.sought:
            places = row[0]
            if places.go(doc):
                if len(row) == 1:
                    self._merge(places.values, places.n, key)
                else:
                    self._find_phrase(doc, row, key)
        tokens = matches.outline.rows[_ROW * matches.outline.count + 2]
        for i in range(self.count):
            first = self.found[i] >> (_KEY_BITS + _MORE_BITS)
            last = first + (self.found[i] >> _KEY_BITS & ((1 << _MORE_BITS) - 1))
            if last >= tokens:
                raise ValueError("a text has not as many tokens as its outline says")
            matches._add_match(first, last, self.found[i] & ((1 << _KEY_BITS) - 1))
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    @cython.locals(
        i=cython.Py_ssize_t,
        n=cython.Py_ssize_t,
        slot=cython.Py_ssize_t,
        kept=cython.Py_ssize_t,
        low=cython.Py_ssize_t,
        place=cython.uint,
        places=Places,
    )
    def _find_phrase(self, doc: cython.uint, row: list, key: cython.Py_ssize_t) -> cython.int:
        """Find a phrase in a document that its first token stands in."""
        places = row[0]
        n = places.n
        if n > len(self.starts):
            self.starts = array("I", bytes(8 * n))
        for i in range(n):
            self.starts[i] = places.values[i]
        for slot in range(1, len(row)):
            places = row[slot]
            if not places.go(doc):
                return 0
            kept = low = 0
            for i in range(n):
                place = self.starts[i] + cython.cast(cython.uint, slot)
                while low < places.n and places.values[low] < place:
                    low += 1
                if low < places.n and places.values[low] == place:
                    self.starts[kept] = self.starts[i]
                    kept += 1
            n = kept
        if n:
            self._merge(
                cython.address(self.starts[0]) if cython.compiled else self.starts,
                n,
                (len(row) - 1) << _KEY_BITS | key,
            )
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    @cython.locals(
        i=cython.Py_ssize_t,
        j=cython.Py_ssize_t,
        k=cython.Py_ssize_t,
        one=cython.ulonglong,
        found=cython.ulonglong[::1],
    )
    def _merge(
        self, starts: cython.p_uint, n: cython.Py_ssize_t, rest: cython.ulonglong
    ) -> cython.int:
        """Merge ``n`` ascending first tokens, as matches, into those found, from the end."""
        if self.count + n > len(self.found):
            found = array("Q", bytes(16 * (self.count + n)))
            found[: self.count] = self.found[: self.count]
            self.found = found
        found = self.found
        i = self.count - 1
        k = self.count + n - 1
        for j in range(n - 1, -1, -1):
            one = cython.cast(cython.ulonglong, starts[j]) << (_KEY_BITS + _MORE_BITS) | rest
            while i >= 0 and found[i] > one:
                found[k] = found[i]
                i -= 1
                k -= 1
            found[k] = one
            k -= 1
        self.count += n
        return 0


@cython.locals(
    i=cython.Py_ssize_t,
    end=cython.Py_ssize_t,
    matches=Matches,
)
def best_sentences(
    outline: Outline,
    wanted: Wanted,
    occurrences: Occurrences,
    doc: cython.uint,
    length: cython.Py_ssize_t,
    early: cython.double,
    read_part,
):
    """Return the first sentence of the best passage and the one after its last, by the outline.

    None where nothing of what is wanted stands in the document. ``read_part(first, stop)`` reads
    sentences where that is needed, as `Sentences`.

    Raises ValueError where the outline does not fit the text, and where only the text tells.
    """
    matches = Matches(outline, wanted)
    occurrences.find(doc, matches)
    if matches.count == 0:
        return None
    matches._best(min(length, outline.size), early, read_part)
    end = outline.rows[_ROW * matches.stop + 2]
    for i in range(0, 5 * matches.count, 5):
        if matches.matches[i + 2] < end <= matches.matches[i + 3]:
            raise ValueError("a phrase goes on behind the passage")
    return matches.first, matches.stop

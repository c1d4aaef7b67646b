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
    )
    from cython.cimports.vnsearch.kernels.bits import next_stop

_ABBREVIATIONS = frozenset("tp tx tt ths ts gs pgs bs ks cn tr nxb đc đ/c mr mrs ms dr vs".split())
_ROOM = 64  # sentences or matches there is room for at first
_FILTER = cython.declare(cython.int, 4095)
# As `html.escape` does; that module loads every named entity. A bit for each of them.
_ENTITIES = cython.declare(
    dict, {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;"}
)
_MARKUP = cython.declare(cython.ulonglong, 1 << 34 | 1 << 38 | 1 << 39 | 1 << 60 | 1 << 62)
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
        code=cython.uint,
        c=cython.Py_UCS4,
        chars=cython.p_uint,
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
        for i in range(start, end):
            c = text[i]
            code = ord(c)
            if code < 64:
                if code <= 32:
                    if terminal and code != 32 and not 9 <= code <= 13:
                        continue
                    if c.isspace():
                        if at == 0 or chars[at - 1] == 32:
                            continue
                        code = 32
                elif html and (_MARKUP >> code) & 1:
                    entity = _ENTITIES[c]
                    self.count = at
                    self._make_room(end - i + len(entity))
                    chars = self.chars
                    for c in entity:
                        chars[at] = ord(c)
                        at += 1
                    continue
            elif code >= 127:
                if terminal and code < 160:
                    continue
                # the letters of the alphabet, nearly all that come here, are not looked up
                if (code < 161 or code >= 0x2000 or code == 0x1680) and c.isspace():
                    if at == 0 or chars[at - 1] == 32:
                        continue
                    code = 32
            chars[at] = code
            at += 1
        self.count = at

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


@cython.locals(
    at=cython.Py_ssize_t,
    end=cython.Py_ssize_t,
    low=cython.Py_ssize_t,
    high=cython.Py_ssize_t,
    text=str,
    before=str,
    after=str,
    span=tuple,
    written=_Line,
)
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
        written.write("… ", 0, 2, False, False)
    at = -1
    for span in passages:
        if at >= 0:
            written.write(" … ", 0, 3, False, False)
        at = max(span[0], 0)
        end = min(span[1], len(text))
        for span in marks:
            low = span[0]
            high = span[1]
            if low < at or high > end:
                continue
            written.write(text, at, low, html, terminal)
            written.write(before, 0, len(before), False, False)
            written.write(text, low, high, html, terminal)
            written.write(after, 0, len(after), False, False)
            at = high
        written.write(text, at, end, html, terminal)
    if cuts and cuts[len(cuts) - 1][1]:
        written.write(" …", 0, 2, False, False)
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
    """A text with its tokens, cut into sentences.

    ``numbers``, ``starts`` and ``ends`` (arrays 'i') are its tokens' term numbers and spans. It
    does not change, so threads may share it.
    """

    text: str
    numbers: cython.int[::1]
    starts: cython.int[::1]
    ends: cython.int[::1]
    bounds: cython.int[::1]  # start and end of each sentence
    count: cython.Py_ssize_t

    def __init__(self, text: str, numbers, starts, ends):
        self.text = text
        self.numbers = numbers
        self.starts = starts
        self.ends = ends
        self.bounds = array("i", bytes(4 * 2 * _ROOM))
        self.count = 0
        self._cut_sentences()

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
            self._add_sentence(start, end)
            start = at
        self._add_sentence(start, size)

    @cython.cfunc
    @cython.locals(c=cython.Py_UCS4, text=str)
    def _add_sentence(self, start: cython.Py_ssize_t, end: cython.Py_ssize_t):
        """Keep a sentence without the white space at its end, if there is anything else."""
        text = self.text
        while end > start:
            c = text[end - 1]
            if not c.isspace():
                break
            end -= 1
        if end == start:
            return
        if 2 * self.count == len(self.bounds):
            self.bounds = _doubled(self.bounds)
        self.bounds[2 * self.count] = start
        self.bounds[2 * self.count + 1] = end
        self.count += 1

    def spans(self):
        """Return (start, end) of each sentence, without the white space around it.

        A sentence ends at ``. ! ? …`` (and closing quotes) before white space, unless a small
        letter follows or the stop belongs to an abbreviation (``TP. ThS.``), an initial or a list
        number; and at a newline, unless a small letter follows (a line wrapped by hand). A text of
        white space alone has no sentence.
        """
        return [(self.bounds[2 * i], self.bounds[2 * i + 1]) for i in range(self.count)]

    def cuts(self, start: cython.Py_ssize_t, end: cython.Py_ssize_t):
        """Say whether a passage starts and ends inside a sentence."""
        i: cython.Py_ssize_t
        last: cython.Py_ssize_t = start if start >= end else end - 1
        cut_start: cython.bint = False
        cut_end: cython.bint = False
        for i in range(0, 2 * self.count, 2):
            if self.bounds[i] > last:
                break
            if self.bounds[i] <= start:
                cut_start = start > self.bounds[i]
            cut_end = end < self.bounds[i + 1]
        return cut_start, cut_end


def best_line(
    read: Sentences,
    wanted: Wanted,
    length: cython.Py_ssize_t,
    early: cython.double,
    before: str,
    after: str,
    html: cython.bint,
    terminal: cython.bint,
):
    """Return the best passage of a text as a line with its marks (see `line`).

    Nothing matches: None. A passage longer than ``length``, which the caller cuts: the matches, and
    what `Matches.best` says.
    """
    start: cython.Py_ssize_t
    end: cython.Py_ssize_t
    matches: Matches = Matches(read, wanted)
    if matches.count == 0:
        return None
    length = min(length, len(read.text))
    best = matches.best(length, early)
    start = best[0]
    end = best[1]
    if end - start <= length:
        written = matches.line(start, end, before, after, html, terminal)
        if written is not None:
            return written
    return matches, best


@cython.cclass
class Matches:
    """What is wanted, as it stands in a text: one match after another, in the text's order."""

    read: Sentences
    wanted: Wanted
    # start, end, first and last token, key of each: here if they are few
    matches: cython.p_int
    few = cython.declare(cython.int[320])  # 5 * _ROOM
    many: object
    room: cython.Py_ssize_t
    count: cython.Py_ssize_t

    def __init__(self, read: Sentences, wanted: Wanted):
        self.read = read
        self.wanted = wanted
        self.matches = self.few if cython.compiled else [0] * (5 * _ROOM)
        self.room = 5 * _ROOM
        self.count = 0
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
        cuts = (self.read.cuts(start, end),)
        return line(self.read.text, ((start, end),), marks, cuts, before, after, html, terminal)

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
        value=cython.double,
        top=cython.double,
        one=cython.double,
        best=cython.double,
        newline=cython.bint,
        c=cython.Py_UCS4,
        text=str,
        bounds=cython.int[::1],
        matches=cython.p_int,
    )
    def best(self, length: cython.Py_ssize_t, early: cython.double):
        """Return (start, end, low, high): the best passage, and the matches that chose it.

        There must be at least one match. A passage longer than ``length`` is one sentence; the
        caller cuts it round the characters low..high.
        """
        text = self.read.text
        size = len(text)
        bounds = self.read.bounds
        sentence_count = self.read.count
        matches = self.matches
        count = self.count
        best = -1.0
        best_start = best_end = best_low = best_high = 0
        at = 0
        for sentence in range(sentence_count):
            if at >= count:
                break
            if sentence + 1 < sentence_count and matches[5 * at] >= bounds[2 * sentence + 2]:
                continue
            start = bounds[2 * sentence]
            end = bounds[2 * sentence + 1]
            group = at
            while at < count and (
                sentence + 1 == sentence_count or matches[5 * at] < bounds[2 * sentence + 2]
            ):
                at += 1
            if end - start > length:
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
                after = sentence + 1
                while after < sentence_count and bounds[2 * after + 1] - start <= length:
                    if 3 * (end - start) >= length:
                        newline = False
                        for i in range(end, bounds[2 * after]):
                            c = text[i]
                            if c == "\n":
                                newline = True
                        if newline:
                            break
                    end = bounds[2 * after + 1]
                    while stop < count and (
                        after + 1 == sentence_count or matches[5 * stop] < bounds[2 * after + 2]
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
        return best_start, best_end, matches[5 * best_low], matches[5 * best_high - 4]

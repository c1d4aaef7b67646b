# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Sentence bounds and passage scoring: the loops of `vnsearch.snippets`, which says the rules."""

import sys
from array import array

import cython

_NATIVE = "utf-32-le" if sys.byteorder == "little" else "utf-32-be"
# One byte for each code point below 0x10000: 1 where a sentence may end.
_STOPS = bytearray(0x10000)
for _stop in "\n.!?…。！？":
    _STOPS[ord(_stop)] = 1

_ABBREVIATIONS = frozenset("tp tx tt ths ts gs pgs bs ks cn tr nxb đc đ/c mr mrs ms dr vs".split())


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


def find_terms(
    numbers: cython.int[::1], starts: cython.int[::1], ends: cython.int[::1], wanted: dict
):
    """Return arrays 'i' (starts, ends, token indexes, keys) of the tokens that are wanted.

    ``numbers`` are the tokens' term numbers; ``wanted`` maps a term number to its key.
    """
    size: cython.Py_ssize_t = len(numbers)
    at: cython.Py_ssize_t
    count: cython.Py_ssize_t = 0
    # Nearly every token is ruled out by the low bits of its number.
    seen: cython.uchar[::1] = bytearray(4096)
    places = array("i", bytes(4 * size))
    keys = array("i", bytes(4 * size))
    place: cython.int[::1] = places
    key: cython.int[::1] = keys
    for number in wanted:
        seen[number & 4095] = 1
    for at in range(size):
        if seen[numbers[at] & 4095]:
            found = wanted.get(numbers[at])
            if found is not None:
                place[count] = at
                key[count] = found
                count += 1
    lows = array("i", bytes(4 * count))
    highs = array("i", bytes(4 * count))
    low: cython.int[::1] = lows
    high: cython.int[::1] = highs
    for at in range(count):
        low[at] = starts[place[at]]
        high[at] = ends[place[at]]
    return lows, highs, places[:count], keys[:count]


def sentence_bounds(text: str):
    """Return (starts, ends), arrays 'i', of the sentences of ``text`` without their white space.

    A sentence ends at ``. ! ? …`` (and closing quotes) before white space, unless a small letter
    follows or the stop belongs to an abbreviation (``TP. ThS.``), an initial or a list number;
    and at a newline, unless a small letter follows (a line wrapped by hand). A text of white
    space alone has no sentence.
    """
    starts: list = []
    ends: list = []
    size: cython.Py_ssize_t = len(text)
    at: cython.Py_ssize_t = 0
    start: cython.Py_ssize_t
    stop: cython.Py_ssize_t
    end: cython.Py_ssize_t
    newline: cython.bint
    ended: cython.bint
    c: cython.Py_UCS4
    code: cython.uint
    stops: cython.uchar[::1] = _STOPS
    points = array("I")
    points.frombytes(text.encode(_NATIVE, "surrogatepass"))
    codes: cython.uint[::1] = points
    while at < size:
        c = text[at]
        if not c.isspace():
            break
        at += 1
    start = at
    while at < size:
        code = codes[at]
        at += 1
        if code > 0xFFFF or not stops[code]:
            continue
        c = text[at - 1]
        ended = False
        stop = at - 1
        if c == "。" or c == "！" or c == "？":
            ended = True
            end = at
        elif c == "\n":
            end = stop
        elif c == "." or c == "!" or c == "?" or c == "…":
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
            if at < size:
                c = text[at]
                if not c.isspace():
                    continue
        else:
            continue
        newline = False
        while at < size:
            c = text[at]
            if not c.isspace():
                break
            if c == "\n":
                newline = True
            at += 1
        if at == size:
            break
        c = text[at]
        if not ended:
            if c.islower():
                continue
            c = text[stop]
            if c == "." and end == stop + 1 and not newline and _belongs(text, start, stop):
                continue
        while end > start:
            c = text[end - 1]
            if not c.isspace():
                break
            end -= 1
        if end > start:
            starts.append(start)
            ends.append(end)
        start = at
    end = size
    while end > start:
        c = text[end - 1]
        if not c.isspace():
            break
        end -= 1
    if end > start:
        starts.append(start)
        ends.append(end)
    return array("i", starts), array("i", ends)


@cython.cfunc
def _score(
    low: cython.Py_ssize_t,
    high: cython.Py_ssize_t,
    firsts: cython.int[::1],
    lasts: cython.int[::1],
    keys: cython.int[::1],
    weights: cython.double[::1],
    seen: cython.int[::1],
    stamp: cython.int,
) -> cython.double:
    """Cover + near of matches low..high-1; ``seen`` remembers keys by ``stamp`` and stamp + 1."""
    total: cython.double = 0.0
    weight: cython.double
    before: cython.double
    at: cython.Py_ssize_t
    key: cython.int
    # seen[2k] = stamp: the term counted; seen[2k + 1] = stamp: its pair with the one before it.
    for at in range(low, high):
        key = keys[at]
        weight = weights[key]
        if seen[2 * key] != stamp:
            seen[2 * key] = stamp
            total += weight
        if (
            at > low
            and firsts[at] == lasts[at - 1] + 1
            and keys[at - 1] != key
            and seen[2 * key + 1] != stamp
        ):
            seen[2 * key + 1] = stamp
            before = weights[keys[at - 1]]
            total += 0.5 * (weight if weight < before else before)
    return total


def best_passage(
    text: str,
    sentence_starts: cython.int[::1],
    sentence_ends: cython.int[::1],
    starts: cython.int[::1],
    ends: cython.int[::1],
    firsts: cython.int[::1],
    lasts: cython.int[::1],
    keys: cython.int[::1],
    weights: cython.double[::1],
    seen: cython.int[::1],
    length: cython.Py_ssize_t,
    early: cython.double,
):
    """Return (start, end, low, high): the best passage and the range of matches that chose it.

    Match i covers characters starts[i]..ends[i] and tokens firsts[i]..lasts[i], and is of term
    keys[i]; matches stand in the order of their starts, at least one of them. ``seen`` is room for
    two numbers per key, zeroed. A passage longer than ``length`` is one sentence, which the
    caller cuts round those matches.
    """
    sentence_count: cython.Py_ssize_t = len(sentence_starts)
    count: cython.Py_ssize_t = len(starts)
    size: cython.Py_ssize_t = len(text)
    stamp: cython.int = 0
    at: cython.Py_ssize_t = 0
    stop: cython.Py_ssize_t
    grown: cython.Py_ssize_t
    sentence: cython.Py_ssize_t
    after: cython.Py_ssize_t
    i: cython.Py_ssize_t
    start: cython.Py_ssize_t
    end: cython.Py_ssize_t
    low: cython.Py_ssize_t
    high: cython.Py_ssize_t
    group: cython.Py_ssize_t
    value: cython.double
    top: cython.double
    one: cython.double
    best: cython.double = -1.0
    best_start: cython.Py_ssize_t = 0
    best_end: cython.Py_ssize_t = 0
    best_low: cython.Py_ssize_t = 0
    best_high: cython.Py_ssize_t = 0
    newline: cython.bint
    c: cython.Py_UCS4
    for sentence in range(sentence_count):
        if at >= count:
            break
        if sentence + 1 < sentence_count and starts[at] >= sentence_starts[sentence + 1]:
            continue
        start = sentence_starts[sentence]
        end = sentence_ends[sentence]
        group = at
        while at < count and (
            sentence + 1 == sentence_count or starts[at] < sentence_starts[sentence + 1]
        ):
            at += 1
        if end - start > length:
            top = -1.0
            low = high = stop = group
            for i in range(group, at):
                grown = stop
                while stop < at and ends[stop] <= starts[i] + length:
                    stop += 1
                if stop == grown and i > group:
                    continue  # nothing came in: part of the run before it
                if stop <= i:
                    stop = i + 1
                stamp += 1
                value = _score(i, stop, firsts, lasts, keys, weights, seen, stamp)
                if value > top:
                    top = value
                    low = i
                    high = stop
            value = 2.0 * top
        else:
            stamp += 1
            top = _score(group, at, firsts, lasts, keys, weights, seen, stamp)
            low = group
            high = stop = at
            after = sentence + 1
            while after < sentence_count and sentence_ends[after] - start <= length:
                if 3 * (end - start) >= length:
                    newline = False
                    for i in range(end, sentence_starts[after]):
                        c = text[i]
                        if c == "\n":
                            newline = True
                    if newline:
                        break
                end = sentence_ends[after]
                while stop < count and (
                    after + 1 == sentence_count or starts[stop] < sentence_starts[after + 1]
                ):
                    stop += 1
                if stop > high:
                    stamp += 1
                    one = _score(high, stop, firsts, lasts, keys, weights, seen, stamp)
                    if one > top:
                        top = one
                    high = stop
                after += 1
            stamp += 1
            value = top + _score(low, high, firsts, lasts, keys, weights, seen, stamp)
        value *= 1.0 - early * start / size
        if value > best:
            best = value
            best_start = start
            best_end = end
            best_low = low
            best_high = high
    return best_start, best_end, best_low, best_high

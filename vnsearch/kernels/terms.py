# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Sorted, front-coded lists of byte strings: the term dictionary and the keyword values.

Strings are sorted by their bytes, distinct, and cut into blocks of 16. A block is

    length | bytes                            its first string, whole
    shared | length | bytes ...               each other: bytes shared with the last, the rest

with the numbers as LEB128 varints. ``offsets[block]`` is where a block begins in the blob. A string
is found by binary search over the blocks' first strings and a walk through one block.

Nothing here trusts the bytes it reads: every length is checked before it is followed.
"""

import array as _array

import cython

from vnsearch.errors import IndexCorruptError

BLOCK = cython.declare(cython.int, 16)
LONGEST = cython.declare(cython.Py_ssize_t, 1 << 16)


def put_varint(out, at, value):
    """Write one LEB128 number; return where it ends."""
    while value >= 0x80:
        out[at] = (value & 0x7F) | 0x80
        at += 1
        value >>= 7
    out[at] = value & 0x7F
    return at + 1


def encode_terms(terms):
    """Return (blob, block offsets) of sorted, distinct byte strings."""
    blob = bytearray(1 << 12)
    out: cython.uchar[::1] = blob
    offsets = _array.array("I")
    at: cython.Py_ssize_t = 0
    i: cython.Py_ssize_t = 0
    k: cython.Py_ssize_t
    size: cython.Py_ssize_t
    shared: cython.Py_ssize_t
    most: cython.Py_ssize_t
    term: bytes
    previous: bytes = b""
    for term in terms:
        size = len(term)
        if size > LONGEST:
            raise ValueError(f"a term of {size} bytes is too long to index")
        shared = 0
        most = min(size, len(previous))
        while shared < most and term[shared] == previous[shared]:
            shared += 1
        if i and (shared == size or (shared < most and term[shared] < previous[shared])):
            raise ValueError(f"terms must be sorted and distinct: {term!r} after {previous!r}")
        if at + size + 6 > len(out):  # (a number up to 2**16 takes three bytes)
            grown = bytearray(2 * len(out) + size)
            grown[:at] = memoryview(blob)[:at]
            blob = grown
            out = grown
        if i % BLOCK == 0:
            if at > 0xFFFFFFFF:
                raise OverflowError("a segment's dictionary holds at most 4 GiB")
            offsets.append(at)
            shared = 0
        else:
            at = put_varint(out, at, shared)
        at = put_varint(out, at, size - shared)
        for k in range(shared, size):
            out[at] = term[k]
            at += 1
        previous = term
        i += 1
    return blob[:at], offsets


@cython.cfunc
@cython.inline
@cython.exceptval(check=False)
def order(
    a: cython.pointer[cython.const[cython.uchar]],
    a_length: cython.Py_ssize_t,
    b: cython.pointer[cython.const[cython.uchar]],
    b_length: cython.Py_ssize_t,
) -> cython.int:
    """Return the order of two strings: -1, 0 or 1."""
    i: cython.Py_ssize_t
    for i in range(min(a_length, b_length)):
        if a[i] != b[i]:
            return -1 if a[i] < b[i] else 1
    if a_length == b_length:
        return 0
    return -1 if a_length < b_length else 1


@cython.cclass
class TermList:
    """Reads what `encode_terms` wrote."""

    file: object
    origin: cython.Py_ssize_t
    blob: cython.const[cython.uchar][::1]
    offsets: cython.const[cython.uint][::1]
    count: cython.Py_ssize_t
    blocks: cython.Py_ssize_t
    # the string the walk stands on, and where the next one begins
    _text: bytearray
    text: cython.uchar[::1]
    length: cython.Py_ssize_t
    at: cython.Py_ssize_t
    # `union`: the ordinal the walk stands on, the string's first eight bytes as a number that
    # orders as they do, and where it writes the strings' places
    ordinal: cython.Py_ssize_t
    prefix: cython.ulonglong
    places: cython.uint[::1]

    def __init__(self, blob, offsets, count, file="", origin=0):
        self.file = file
        self.origin = origin
        self.blob = blob
        self.offsets = offsets
        self.count = count
        self.blocks = (count + BLOCK - 1) // BLOCK
        self.length = 0
        self.at = 0
        self.ordinal = 0
        self.prefix = 0
        if count < 0 or len(offsets) != self.blocks:
            raise self.corrupt("a dictionary's blocks do not match its number of terms")
        self._text = bytearray(256)
        self.text = self._text

    def __len__(self):
        return self.count

    @cython.cfunc
    def corrupt(self, message: str) -> object:
        """Return the error that names the file and the byte the walk is at."""
        return IndexCorruptError(message, self.file, self.origin + self.at)

    @cython.cfunc
    @cython.exceptval(-1)
    def varint(self) -> cython.Py_ssize_t:
        """Read one number at ``at`` and step over it."""
        value: cython.Py_ssize_t = 0
        shift: cython.int = 0
        byte: cython.int
        while shift < 28:
            if self.at >= len(self.blob):
                raise self.corrupt("a dictionary ends inside a term")
            byte = self.blob[self.at]
            self.at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7
        raise self.corrupt("a dictionary's term length is out of range")

    @cython.cfunc
    @cython.exceptval(-1)
    def take(self, shared: cython.Py_ssize_t) -> cython.int:
        """Read a string that shares ``shared`` bytes with the one before into ``text``."""
        rest: cython.Py_ssize_t = self.varint()
        i: cython.Py_ssize_t
        if shared > self.length or shared + rest > LONGEST:
            raise self.corrupt("a dictionary's term length is out of range")
        if rest > len(self.blob) - self.at:
            raise self.corrupt("a dictionary ends inside a term")
        if shared + rest > len(self.text):
            grown = bytearray(max(2 * len(self._text), shared + rest))
            grown[:shared] = self._text[:shared]
            self._text = grown
            self.text = grown
        for i in range(rest):
            self.text[shared + i] = self.blob[self.at + i]
        self.length = shared + rest
        self.at += rest
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def open_block(self, block: cython.Py_ssize_t) -> cython.int:
        """Stand on the first string of a block."""
        self.at = self.offsets[block]
        if self.at >= len(self.blob):
            raise self.corrupt("a dictionary's block lies outside it")
        self.length = 0
        return self.take(0)

    @cython.cfunc
    @cython.exceptval(-1)
    def step(self) -> cython.int:
        """Stand on the next string of the block."""
        return self.take(self.varint())

    @cython.cfunc
    @cython.exceptval(-1)
    def go_on(self) -> cython.int:
        """Stand on the next string, in whatever block."""
        self.ordinal += 1
        if self.ordinal >= self.count:
            return 0
        if self.ordinal % BLOCK:
            return self.step()
        # blocks follow each other: no byte is read for two of them
        if self.ordinal and self.at != self.offsets[self.ordinal // BLOCK]:
            raise self.corrupt("a dictionary's blocks do not follow each other")
        return self.open_block(self.ordinal // BLOCK)

    @cython.cfunc
    def copy(self) -> bytes:
        """Return the string the walk stands on."""
        return (
            cython.cast(cython.p_char, cython.address(self.text[0]))[: self.length]
            if cython.compiled
            else bytes(self.text[: self.length])
        )

    @cython.cfunc
    @cython.exceptval(check=False)
    def compare(self, key: cython.const[cython.uchar][::1]) -> cython.int:
        """Return the order of the string the walk stands on against ``key``: -1, 0 or 1."""
        return order(
            cython.address(self.text[0]) if cython.compiled else self.text,
            self.length,
            cython.address(key[0]) if cython.compiled else key,
            len(key),
        )

    @cython.cfunc
    @cython.exceptval(-1)
    def walk(self) -> cython.int:
        """Stand on the next string and take its prefix."""
        i: cython.Py_ssize_t
        prefix: cython.ulonglong = 0
        self.go_on()
        if self.ordinal < self.count:
            for i in range(min(self.length, 8)):
                prefix |= cython.cast(cython.ulonglong, self.text[i]) << (56 - 8 * i)
        self.prefix = prefix
        return 0

    @cython.cfunc
    @cython.inline
    @cython.exceptval(check=False)
    def against(self, other: object) -> cython.int:
        """Return the order of the string against the one that another list's walk stands on."""
        theirs: TermList = other
        if self.prefix != theirs.prefix:
            return -1 if self.prefix < theirs.prefix else 1
        return order(
            cython.address(self.text[0]) if cython.compiled else self.text,
            self.length,
            cython.address(theirs.text[0]) if cython.compiled else theirs.text,
            theirs.length,
        )

    @cython.cfunc
    @cython.exceptval(-2)
    def head(self, block: cython.Py_ssize_t, key: cython.const[cython.uchar][::1]) -> cython.int:
        """Return the order of a block's first string against ``key``, without standing on it."""
        length: cython.Py_ssize_t
        self.at = self.offsets[block]
        length = self.varint()
        if length > len(self.blob) - self.at:
            raise self.corrupt("a dictionary ends inside a term")
        return order(
            cython.address(self.blob[self.at]) if cython.compiled else self.blob[self.at :],
            length,
            cython.address(key[0]) if cython.compiled else key,
            len(key),
        )

    @cython.cfunc
    @cython.exceptval(-2)
    def seek(self, key: cython.const[cython.uchar][::1]) -> cython.Py_ssize_t:
        """Stand on the first string >= ``key``; return its ordinal (``count`` if there is none)."""
        low: cython.Py_ssize_t = 0
        high: cython.Py_ssize_t = self.blocks
        middle: cython.Py_ssize_t
        ordinal: cython.Py_ssize_t
        stop: cython.Py_ssize_t
        # the last block whose first string is <= key
        while low < high:
            middle = (low + high) >> 1
            if self.head(middle, key) <= 0:
                low = middle + 1
            else:
                high = middle
        if low == 0:
            if self.count:
                self.open_block(0)
            return 0
        ordinal = (low - 1) * BLOCK
        stop = min(ordinal + BLOCK, self.count)
        self.open_block(low - 1)
        while self.compare(key) < 0:
            ordinal += 1
            if ordinal == stop:
                if ordinal < self.count:
                    self.open_block(low)
                return ordinal
            self.step()
        return ordinal

    def find(self, key: bytes):
        """Return the ordinal of ``key``, or -1."""
        view: cython.const[cython.uchar][::1] = key
        ordinal: cython.Py_ssize_t = self.seek(view)
        if ordinal < self.count and self.compare(view) == 0:
            return ordinal
        return -1

    def find_all(self, keys):
        """Return the ordinals ('q') of ascending keys, -1 for those that are not there."""
        ordinals = _array.array("q", [-1]) * len(keys)
        found: cython.longlong[::1] = memoryview(ordinals)
        view: cython.const[cython.uchar][::1]
        key: bytes
        i: cython.Py_ssize_t = 0
        # how many blocks begin with a string <= the key: it only grows from key to key
        low: cython.Py_ssize_t = 0
        high: cython.Py_ssize_t
        middle: cython.Py_ssize_t
        step: cython.Py_ssize_t
        ordinal: cython.Py_ssize_t
        stop: cython.Py_ssize_t
        order: cython.int
        for key in keys:
            view = key
            step = 1
            high = low
            while high < self.blocks:
                if self.head(high, view) > 0:
                    break
                low = high + 1
                high += step
                step *= 2
            high = min(high, self.blocks)
            while low < high:
                middle = (low + high) >> 1
                if self.head(middle, view) <= 0:
                    low = middle + 1
                else:
                    high = middle
            if low:
                ordinal = (low - 1) * BLOCK
                stop = min(ordinal + BLOCK, self.count)
                self.open_block(low - 1)
                order = self.compare(view)
                while order < 0:
                    ordinal += 1
                    if ordinal == stop:
                        break
                    self.step()
                    order = self.compare(view)
                if order == 0:
                    found[i] = ordinal
            i += 1
        return ordinals

    def lower_bound(self, key: bytes):
        """Return the ordinal of the first string >= ``key``, or the number of strings."""
        return self.seek(key)

    def get(self, ordinal):
        """Return one string; raises IndexError for an ordinal out of range."""
        return self.read(ordinal)

    def get_all(self, ordinals):
        """Return the strings of some ordinals; raises IndexError for one out of range."""
        result: list = []
        for ordinal in ordinals:
            result.append(self.read(ordinal))
        return result

    @cython.cfunc
    def read(self, ordinal: cython.Py_ssize_t) -> object:
        """Return one string; raises IndexError for an ordinal out of range."""
        _: cython.Py_ssize_t
        if ordinal < 0 or ordinal >= self.count:
            raise IndexError(f"ordinal {ordinal} of {self.count}")
        self.open_block(ordinal // BLOCK)
        for _ in range(ordinal % BLOCK):
            self.step()
        return self.copy()

    def slice(self, start: cython.Py_ssize_t, stop: cython.Py_ssize_t):
        """Return the strings of ordinals ``start`` to ``stop``, in order."""
        result: list = []
        if start < 0 or stop > self.count:
            raise IndexError(f"ordinals {start} to {stop} of {self.count}")
        if start >= stop:
            return result
        self.ordinal = start - start % BLOCK - 1
        self.at = self.offsets[start // BLOCK]
        self.go_on()
        while self.ordinal < start:
            self.go_on()
        while True:
            result.append(self.copy())
            if self.ordinal + 1 == stop:
                return result
            self.go_on()


@cython.cclass
class FoldTable:
    """The terms that share a fold key, in one dictionary, and their counts.

    Of the fold keys ``folds``, key ``i`` has the ordinals from ``starts[i]`` to ``starts[i + 1]``
    of ``members``, and ``documents[i]`` with any of them. A lone ASCII term that is its own key is
    not listed. Whoever makes one has seen to it that ``starts`` ascend and ``members`` are there.
    """

    terms: TermList
    folds: TermList
    starts: cython.const[cython.uint][::1]
    members: cython.const[cython.uint][::1]
    documents: cython.const[cython.uint][::1]
    df: cython.const[cython.uint][::1]
    cf: cython.const[cython.uint][::1]

    def __init__(self, terms: TermList, folds: TermList, starts, members, documents, df, cf):
        self.terms = terms
        self.folds = folds
        self.starts = starts
        self.members = members
        self.documents = documents
        self.df = df
        self.cf = cf
        if (
            len(starts) != len(folds) + 1
            or len(documents) != len(folds)
            or len(df) != len(terms)
            or len(cf) != len(terms)
        ):
            raise terms.corrupt("a dictionary's counts do not match its terms")

    def find(self, key: bytes):
        """Return (ordinals of the terms with a fold key, documents with any of them)."""
        i: cython.Py_ssize_t
        found: list = []
        fold: cython.Py_ssize_t = self.folds.find(key)
        if fold >= 0:
            for i in range(self.starts[fold], self.starts[fold + 1]):
                found.append(self.members[i])
            return found, self.documents[fold]
        if key.isascii():
            fold = self.terms.find(key)
            if fold >= 0:
                return [fold], self.df[fold]
        return found, 0

    def spellings(self, key: bytes):
        """Return (term, ordinal, documents, occurrences) of the terms with a fold key."""
        ordinal: cython.Py_ssize_t
        found: list = []
        for ordinal in self.find(key)[0]:
            data: bytes = self.terms.read(ordinal)
            try:
                term = data.decode("utf-8")
            except UnicodeDecodeError:
                raise self.terms.corrupt("a term is not UTF-8") from None
            found.append((term, ordinal, self.df[ordinal], self.cf[ordinal]))
        return tuple(found)


def gather(fields: list, kind):
    """Return (forms, places) of terms as several fields hold them (`FoldTable.spellings`): a
    ``kind`` of tuple for each of (term, documents, occurrences), both added up, and by term its
    ordinals in the fields, -1 where it is not."""
    number: cython.Py_ssize_t
    forms: dict = {}
    places: dict = {}
    own: list
    make = tuple.__new__
    for number in range(len(fields)):
        for term, ordinal, df, cf in fields[number]:
            known = forms.get(term)
            if known is None:
                own = [-1] * len(fields)
                places[term] = own
            else:
                own = places[term]
                df += known[1]
                cf += known[2]
            forms[term] = make(kind, (term, df, cf))
            own[number] = ordinal
    return list(forms.values()), places


def union(lists):
    """Return (the distinct strings of several lists in order, each list's places in them)."""
    strings: list = []
    places: list = []
    one: TermList
    least: TermList
    key: bytes
    last: bytes = b""
    number: cython.uint = 0
    for one in lists:
        ranks = _array.array("I", [0]) * one.count
        places.append(ranks)
        one.places = memoryview(ranks if one.count else _array.array("I", [0]))
        one.ordinal = -1
        one.walk()
    while True:
        least = None
        for one in lists:
            if one.ordinal < one.count and (least is None or one.against(least) < 0):
                least = one
        if least is None:
            break
        key = least.copy()
        if number and key <= last:
            raise least.corrupt("a dictionary's terms do not ascend")
        strings.append(key)
        last = key
        for one in lists:
            if one is not least and one.ordinal < one.count and one.against(least) == 0:
                one.places[one.ordinal] = number
                one.walk()
        least.places[least.ordinal] = number
        least.walk()
        number += 1
    for one in lists:
        one.places = None
    return strings, places


def ascii_places(strings, among):
    """Return where ascending byte strings stand among others; see the stub."""
    found = _array.array("I", [0xFFFFFFFF]) * len(strings)
    view: cython.uint[::1] = memoryview(found if len(found) else _array.array("I", [0]))
    others: list = among
    place: cython.Py_ssize_t = 0
    count: cython.Py_ssize_t = len(others)
    i: cython.Py_ssize_t = 0
    string: bytes
    for string in strings:
        while place < count and cython.cast(bytes, others[place]) < string:
            place += 1
        if place == count:
            break
        if cython.cast(bytes, others[place]) == string and string.isascii():
            view[i] = cython.cast(cython.uint, place)
        i += 1
    return found

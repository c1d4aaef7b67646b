# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""One pass over a text: pyvi's syllables, our tokens, both looked up by their raw spelling.

The kernel cuts ordinary text itself and meets each distinct spelling once: the first time, it
asks its owner what the spelling is (``learn``), and keeps the answer. A spelling of at most
eight characters of the alphabet below is its own key: a byte for each character, in one machine
word. Others are looked up as strings. A chunk (text between white space) with any other
character, or with anything out of the ordinary, such as an e-mail address, is not cut but
looked up whole. A letter and the combining marks behind it are read as the letter they compose.
"""

import unicodedata
from array import array

import cython

if cython.compiled:
    from cython.cimports.cpython.unicode import PyUnicode_DATA, PyUnicode_KIND
    from cython.cimports.vnsearch.kernels.bits import fetch_ahead, forward, has_surrogate
else:

    def forward(packed, count, state, shared, labels):
        """Take the forward pass of a word model; return the label that its best way ends with.

        ``labels`` hold which pairs and triples are in the sets, and become where the best way to
        each label comes from, a bit for each.
        """
        form = (1 << FORM_BITS) - 1
        before = g = pair = triple = before_triple = 0
        f = packed[0] >> FORM_BITS
        row = 8 * (packed[0] & form)
        p0 = p1 = 0.0
        for i in range(count):
            # before, row, next_row: where the weights of i - 1, i and i + 1 are; g, f: the flags of
            # i - 1 and i. pair: is (i - 1, i) one; before_triple, next_triple: (i - 2 .. i),
            # (i .. i + 2).
            next_pair = labels[i] & 1
            next_triple = labels[i] >> 1
            # Absent attributes add 0.0, which changes no sum: no branch to mispredict. The weights
            # of an attribute's absence and presence follow each other, each for both labels.
            parts = [(state, row)]
            parts += [(shared, at) for at in (2 * (f & 1), 4 + (f & 2), 8 + (f >> 1 & 2))]
            if i > 0:
                around = 12 + (g & 2), 16 + 2 * (g & 1), 20 + 2 * pair, 24 + 2 * before_triple
                parts += [(state, before + 2), *((shared, at) for at in around)]
            next_row = 0
            if i + 1 < count:
                next_row = 8 * (packed[i + 1] & form)
                g = f
                f = packed[i + 1] >> FORM_BITS
                around = 28 + (f & 2), 32 + 2 * (f & 1), 36 + 2 * next_pair, 40 + 2 * next_triple
                parts += [(state, next_row + 4), *((shared, at) for at in around)]
            s0 = s1 = 0.0
            for weights, at in parts:  # one by one, for rounding to fall as it does in CRFsuite
                s0 += weights[at]
                s1 += weights[at + 1]
            if i > 0:
                from0, from1 = p0 + shared[44], p1 + shared[46]
                back = from0 < from1
                s0 = max(from0, from1) + s0
                from0, from1 = p0 + shared[45], p1 + shared[47]
                labels[i] = back | (from0 < from1) << 1
                s1 = max(from0, from1) + s1
            p0, p1 = s0, s1
            before, row = row, next_row
            pair, before_triple, triple = next_pair, triple, next_triple
        return 1 if p0 < p1 else 0


# The characters the kernel knows; the code of each is its place here plus 3. First the signs that
# mean something to what stands before or after them, then other signs, then what words are of.
SIGNS = ".,:-#+=>/" + "!\"$%&'()*;<?[\\]^`{|}~" + "“”‘’–—…•·°₫€«»"
DIGITS = "0123456789"
CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZĐ"
LETTERS = (
    "abcdefghijklmnopqrstuvwxyzđ"
    "àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ"
    "ÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬÈÉẺẼẸÊỀẾỂỄỆÌÍỈĨỊÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢÙÚỦŨỤƯỪỨỬỮỰỲÝỶỸỴ"
)
ALPHABET = SIGNS + DIGITS + CAPITALS + LETTERS
# All of str.isspace but the newline, which is a syllable of pyvi's.
SPACES = (
    "\t\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006"
    "\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
# Flag bits of a syllable, as the word model's attributes and pyvi's rules ask for them. A packed
# syllable is the word model's number of its form, of FORM_BITS bits, and above it the flags.
UPPER, TITLE, NUMBER, FIRST_DIGIT, FIRST_TITLE, SIGN = 1, 2, 4, 8, 16, 32
FORM_BITS = 16
_PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
# The longest spelling remembered, in code points.
LONGEST = 64

# The same for compiled loops, where a name above, or a large literal, would be an object.
_CODES = cython.declare(cython.uint, 0x3001)  # code points that have a code
_ODD = cython.declare(cython.uint, 0)  # the code of any other character
_NEWLINE = cython.declare(cython.uint, 1)
_SPACE = cython.declare(cython.uint, 2)
_DOT = cython.declare(cython.uint, 3)
_COMMA = cython.declare(cython.uint, 4)
_COLON = cython.declare(cython.uint, 5)
_HYPHEN = cython.declare(cython.uint, 6)
_PLUS = cython.declare(cython.uint, 8)
_EQUALS = cython.declare(cython.uint, 9)
_GREATER = cython.declare(cython.uint, 10)
_SLASH = cython.declare(cython.uint, 11)
_DIGIT = cython.declare(cython.uint, 3 + len(SIGNS))  # the first digit's code, and so on
_CAPITAL = cython.declare(cython.uint, 3 + len(SIGNS + DIGITS))
_LETTER = cython.declare(cython.uint, 3 + len(SIGNS + DIGITS + CAPITALS))
_I_AND_Y = cython.declare(str, "iyíìỉĩịýỳỷỹỵ")
_VOWEL = cython.declare(cython.uint, 3 + ALPHABET.index("à"))  # the first marked vowel's
_BREAKING = cython.declare(cython.uint, (FIRST_DIGIT | SIGN) << FORM_BITS)
_FIRST_TITLE = cython.declare(cython.uint, FIRST_TITLE << FORM_BITS)
_FORM = cython.declare(cython.uint, (1 << FORM_BITS) - 1)
_FORM_SHIFT = cython.declare(cython.int, FORM_BITS)
_BEGINS = cython.declare(cython.uint, 1 << 22)  # bit of a packed syllable: a token begins here
_BEGIN_BIT = cython.declare(cython.int, 22)
_INSIDE = cython.declare(cython.uint, 1 << 23)  # ... the token goes on here
_MARKS = cython.declare(cython.uint, 0x300)  # combining marks: the first, and one past the last
_MARKS_END = cython.declare(cython.uint, 0x324)
_LISTED = cython.declare(cython.uint, 1 << 24)  # of a remembered value: a place in the arena
_SAME = cython.declare(cython.uint, 0x80000000)  # bit of a term: its syllable has one before it
_KEY = cython.declare(cython.Py_ssize_t, 8)  # characters in a key
# The bytes of a machine word: of each its lowest bit, its highest, the others, and what takes
# a code of a word's character over 127.
_LOWEST = cython.declare(cython.ulonglong, 0x0101010101010101)
_HIGHEST = cython.declare(cython.ulonglong, 0x8080808080808080)
_OTHERS = cython.declare(cython.ulonglong, 0x7F7F7F7F7F7F7F7F)
_TO_128 = cython.declare(cython.ulonglong, 0x0101010101010101 * (125 - len(SIGNS)))
_GOLDEN = cython.declare(cython.ulonglong, 0x9E3779B97F4A7C15)
_MASK32 = cython.declare(cython.ulonglong, 0xFFFFFFFF)
_MASK64 = cython.declare(cython.ulonglong, 0xFFFFFFFFFFFFFFFF)
_ZERO = array("i", [0])
_BLOCK = cython.declare(cython.Py_ssize_t, 16_384)  # code points looked at together
_ARENA = cython.declare(cython.Py_ssize_t, 1 << 22)  # the arena may grow to so many words


def character_codes():
    """Return the code of every code point up to the last that has one, as a bytearray."""
    codes = bytearray(_CODES)
    codes[10] = _NEWLINE
    for char in SPACES:
        codes[ord(char)] = _SPACE
    for code, char in enumerate(ALPHABET, 3):
        codes[ord(char)] = code
    return codes


def composed_codes():
    """Return the codes of letters with a mark, at (mark - the first) << 8 | the letter's code.

    It is 0 where the two do not compose to a letter of the alphabet.
    """
    codes = bytearray((_MARKS_END - _MARKS) << 8)
    known = {char: code for code, char in enumerate(ALPHABET, 3)}
    for mark in range(_MARKS, _MARKS_END):
        for letter in CAPITALS + LETTERS:
            composed = unicodedata.normalize("NFC", letter + chr(mark))
            codes[(mark - _MARKS) << 8 | known[letter]] = known.get(composed, 0)
    return codes


def _key_of(word):
    """Return the key of a short word."""
    return sum((3 + ALPHABET.index(char)) << 8 * i for i, char in enumerate(word))


# The titles pyvi keeps with their full stop.
_TP = cython.declare(cython.ulonglong, _key_of("Tp"))
_MR = cython.declare(cython.ulonglong, _key_of("Mr"))
_MRS = cython.declare(cython.ulonglong, _key_of("Mrs"))
_MS = cython.declare(cython.ulonglong, _key_of("Ms"))
_DR = cython.declare(cython.ulonglong, _key_of("Dr"))
_THS = cython.declare(cython.ulonglong, _key_of("ThS"))


@cython.cfunc
@cython.inline
@cython.exceptval(check=False)
def _is_title(key: cython.ulonglong) -> cython.bint:
    return key == _TP or key == _MR or key == _MRS or key == _MS or key == _DR or key == _THS


@cython.cfunc
@cython.inline
@cython.exceptval(check=False)
def _is_digit(code: cython.uint) -> cython.bint:
    return _DIGIT <= code < _CAPITAL


@cython.cfunc
@cython.exceptval(check=False)
@cython.locals(k=cython.Py_ssize_t)
def _all_between(
    block: cython.uchar[::1],
    i: cython.Py_ssize_t,
    j: cython.Py_ssize_t,
    low: cython.uint,
    high: cython.uint,
) -> cython.bint:
    """Are the codes block[i:j] all in low .. high - 1?"""
    for k in range(j - 1, i - 1, -1):
        if not low <= block[k] < high:
            return False
    return True


@cython.cfunc
@cython.exceptval(check=False)
@cython.locals(k=cython.Py_ssize_t, key=cython.ulonglong)
def _key(block: cython.uchar[::1], i: cython.Py_ssize_t, j: cython.Py_ssize_t) -> cython.ulonglong:
    """Return the key of at most eight characters, the first in the lowest byte."""
    key = 0
    for k in range(j - 1, i - 1, -1):
        key = key << 8 | block[k]
    return key


@cython.ccall
@cython.returns(cython.uint)
def features(syllable: str, forms: dict):
    """Return the form number and flag bits of one syllable of pyvi's, packed in one number."""
    flags: cython.uint = 0
    lower: str = syllable.lower()
    first: str
    # (some capitals have no small letter: 𝐀)
    if not (syllable.islower() and syllable.isalpha()) or lower != syllable:
        first = syllable[0]
        flags = (
            UPPER * syllable.isupper()
            | TITLE * syllable.istitle()
            | NUMBER * syllable.isdigit()
            | FIRST_DIGIT * first.isdigit()
            | FIRST_TITLE * first.istitle()
            | SIGN * (syllable in _PUNCTUATION)
        )
        # CRFsuite takes attributes as C strings: what follows a NUL is not seen.
        if "\0" in lower:
            lower = lower.partition("\0")[0]
    return flags << _FORM_SHIFT | forms.get(lower, 0)


def holds_surrogate(text: str):
    """Return whether there is half of a pair of UTF-16, which UTF-8 refuses."""
    if cython.compiled:
        return has_surrogate(PyUnicode_DATA(text), PyUnicode_KIND(text), len(text))
    try:
        text.encode("utf-16")
    except UnicodeEncodeError:
        return True
    return False


def _resized(kind, old, used, size):
    """Return an array of ``size`` items beginning with the first ``used`` of ``old``."""
    new = array(kind, [0]) * size
    if used:
        memoryview(new)[:used] = memoryview(old)[:used]
    return new


@cython.cfunc
@cython.locals(i=cython.Py_ssize_t, result=cython.int[::1])
def _copied(view: cython.int[::1], count: cython.Py_ssize_t):
    """Return the first ``count`` items as an array ('i')."""
    given = array("i", bytes(4 * count))
    result = given
    for i in range(count):
        result[i] = view[i]
    return given


@cython.cfunc
@cython.exceptval(check=False)
@cython.returns(cython.void)
@cython.locals(
    i=cython.Py_ssize_t,
    a=cython.ulonglong,
    b=cython.ulonglong,
    c=cython.ulonglong,
    next_pair=cython.Py_ssize_t,
    next_triple=cython.Py_ssize_t,
    key=cython.ulonglong,
    h=cython.ulonglong,
    back=cython.uint,
    label=cython.uint,
    pair_mask=cython.ulonglong,
    triple_mask=cython.ulonglong,
)
def _decode(
    packed: cython.uint[::1],
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
    # First, for all, which pairs and triples are in the sets: a pass by itself, so that the
    # processor looks up several while it waits for memory. Bit 0 of labels[i]: is (i, i + 1) a
    # pair; bit 1: is (i .. i + 2) a triple.
    a = packed[0] & _FORM
    b = packed[1] & _FORM if count > 1 else 0
    for i in range(count):
        c = packed[i + 2] & _FORM if i + 2 < count else 0
        if cython.compiled:  # the weights of its form, which the pass below needs
            fetch_ahead(cython.cast(cython.p_uint, cython.address(state[8 * c])), 0, 1)
        # A key of the sets stands in one of two places; looking at both needs no branch.
        key = a << 16 | b
        h = (key * _GOLDEN) & _MASK64
        next_pair = (pairs[h >> 40 & pair_mask] == key) | (pairs[h >> 16 & pair_mask] == key)
        key = key << 16 | c
        h = (key * _GOLDEN) & _MASK64
        next_triple = (triples[h >> 40 & triple_mask] == key) | (
            triples[h >> 16 & triple_mask] == key
        )
        labels[i] = next_pair | next_triple << 1
        a = b
        b = c
    if cython.compiled:
        label = forward(
            cython.address(packed[0]),
            count,
            cython.address(state[0]),
            cython.address(shared[0]),
            cython.address(labels[0]),
        )
    else:
        label = forward(packed, count, state, shared, labels)
    for i in range(count - 1, 0, -1):
        back = labels[i]
        labels[i] = label == inside
        label = back >> label & 1
    labels[0] = label == inside


@cython.cfunc
@cython.inline
@cython.exceptval(check=False)
def _is_glued(label: cython.uint, f: cython.uint, g: cython.uint) -> cython.bint:
    """Does pyvi glue packed syllable g on f, given g's label?

    Its tokenize asks for more than the label: neither of two glued syllables may be a sign nor
    begin with a digit, nor the second alone begin with a capital.
    """
    return label != 0 and not (f | g) & _BREAKING and not (g & ~f & _FIRST_TITLE)


def decode(packed, state, shared, pairs, triples, inside):
    """Return 1 for each syllable labelled ``inside`` (0 or 1, as CRFsuite numbers labels), else 0.

    ``packed`` ('I') are the syllables, the rest the tables of a word model. The result is a
    bytearray.
    """
    labels = bytearray(len(packed))
    _decode(packed, len(packed), state, shared, pairs, triples, inside, labels)
    return labels


@cython.locals(i=cython.Py_ssize_t, view=cython.uint[::1], marks=cython.uchar[::1])
def glue(labels, packed):
    """Keep, in place, only the labels of the syllables that pyvi glues to the one before."""
    view = packed
    marks = labels
    if len(view):
        marks[0] = 0
    for i in range(1, len(view)):
        marks[i] = _is_glued(marks[i], view[i - 1], view[i])


@cython.cclass
class Numbering:
    """Numbers for terms by their texts, dense from 0 in order of first sight.

    What number each of a scanner's terms has here is remembered. A term that its only scanner had
    not met is new here too, so texts are looked up only where terms came from elsewhere as well.
    """

    ids: dict  # of the first of `listed`, as many as were needed
    listed: list
    numbers: cython.int[::1]
    alone: cython.bint

    def __init__(self):
        self.ids = {}
        self.listed = []
        self.numbers = array("i")
        self.alone = True

    def __len__(self):
        return len(self.listed)

    def term(self, number):
        """Return the term of a number; IndexError where there is none."""
        return self.listed[number]

    def terms(self, start: cython.Py_ssize_t):
        """Return the terms from a number on."""
        return self.listed[start:]

    def find(self, text: str):
        """Return the number of a term, -1 if it has none."""
        self._index()
        return self.ids.get(text, -1)

    def add(self, text: str):
        """Return the number of a term, the next one if it had none."""
        self.alone = False
        return self._number(text)

    def forget(self):
        """Forget a scanner's terms: from now on another one will ask."""
        self.numbers = array("i")
        self.alone = len(self.listed) == 0

    @cython.cfunc
    def _index(self):
        n: cython.Py_ssize_t
        for n in range(len(self.ids), len(self.listed)):
            self.ids[self.listed[n]] = n

    @cython.cfunc
    def _make_room(self, terms: cython.Py_ssize_t):
        """Make room for the numbers of so many terms of a scanner."""
        size: cython.Py_ssize_t = len(self.numbers)
        numbers: cython.int[::1]
        i: cython.Py_ssize_t
        if terms > size:
            numbers = array("i", [-1]) * (2 * terms)
            for i in range(size):
                numbers[i] = self.numbers[i]
            self.numbers = numbers

    @cython.cfunc
    @cython.returns(cython.int)
    def _number(self, text: str):
        """Return the number of a term of which none is remembered."""
        number: cython.int = len(self.listed)
        if not self.alone:
            self._index()
            number = self.ids.setdefault(text, number)
        if number == len(self.listed):
            self.listed.append(text)
        return number


@cython.cclass
class Scanner:
    """Cuts texts, remembering what each spelling gives; one text at a time.

    ``learn(spelling)`` returns (syllables, tokens): each of pyvi's syllables packed; of each token
    (term, start, end, first, last), start and end within the spelling, first and last being
    indexes of its syllables. At most ``limit`` spellings are remembered; one more, and all are
    forgotten.

    Most spellings are letters and digits of the alphabet, numbers such as 319.035 or abbreviations
    such as TP.; each is one syllable, and its tokens' texts are ``spell`` of their lower case.
    Given that, the model's ``forms``, and the numbers (``ids``) and texts (``listed``) of the
    terms, which grow, the scanner learns such spellings by itself, as its owner would say they are.
    """

    learn: object
    spell: object
    forms: dict
    ids: dict
    listed: list
    limit: cython.Py_ssize_t
    codes: cython.uchar[::1]
    # The word model.
    state: cython.double[::1]
    shared: cython.double[::1]
    pairs: cython.uint[::1]
    triples: cython.ulonglong[::1]
    inside: cython.int
    # What is remembered: key and value in turn (key 0: free), open addressing, four to a cache
    # line; and by spelling. A value is term << 32 | packed syllable, or a place in the
    # arena << 32 | _LISTED. A list is its counts of syllables and tokens, then the packed
    # syllables, then term, start, end of each token.
    table: cython.ulonglong[::1]
    known: cython.Py_ssize_t
    others: dict
    arena: cython.uint[::1]
    arena_used: cython.Py_ssize_t
    # The codes of the characters in hand; where they stand, if some are composed.
    block: cython.uchar[::1]
    where: cython.int[::1]
    composed: cython.uchar[::1]
    # What came out: syllables ...
    packed: cython.uint[::1]
    syllable_count: cython.Py_ssize_t
    # ... and tokens.
    terms: cython.uint[::1]
    starts: cython.int[::1]
    ends: cython.int[::1]
    token_count: cython.Py_ssize_t
    # Room for the syllables' labels.
    marks: cython.uchar[::1]

    def __init__(
        self,
        learn,
        state,
        shared,
        pairs,
        triples,
        inside,
        limit=1 << 17,
        spell=None,
        forms=None,
        ids=None,
        listed=None,
    ):
        self.codes = character_codes()
        self.composed = bytearray()  # made when it is needed
        self.where = array("i")
        self.state = state
        self.shared = shared
        self.pairs = pairs
        self.triples = triples
        self.inside = inside
        self.learn = learn
        self.spell = spell
        self.forms = forms
        self.ids = ids
        self.listed = listed
        self.limit = limit
        self._forget()
        self._empty()

    @cython.cfunc
    def _forget(self):
        """Forget every spelling."""
        self.table = array("Q", bytes(16 << 12))
        self.known = 0
        self.others = {}
        self.arena = array("I", bytes(4 << 10))
        self.arena_used = 0

    @cython.cfunc
    def _empty(self):
        """Drop what came out of the last text."""
        self.syllable_count = self.token_count = 0
        self.block = bytearray()
        self.marks = bytearray()
        self.packed = self.terms = array("I")
        self.starts = self.ends = array("i")

    @cython.cfunc
    def _make_room(self, size: cython.Py_ssize_t):
        """Make room for ``size`` more syllables and as many tokens, keeping what is there."""
        size += max(self.syllable_count, self.token_count)
        if size > len(self.packed):
            size += size // 4
            self.packed = _resized("I", self.packed, self.syllable_count, size)
            self.terms = _resized("I", self.terms, self.token_count, size)
            self.starts = _resized("i", self.starts, self.token_count, size)
            self.ends = _resized("i", self.ends, self.token_count, size)

    @cython.locals(
        i=cython.Py_ssize_t,
        at=cython.Py_ssize_t,
        size=cython.Py_ssize_t,
        most=cython.Py_ssize_t,
        taken=cython.Py_ssize_t,
        used=cython.Py_ssize_t,
        syllables=cython.Py_ssize_t,
        tokens=cython.Py_ssize_t,
        char=cython.Py_UCS4,
        c=cython.uint,
        codes=cython.uchar[::1],
        block=cython.uchar[::1],
    )
    def scan(self, text: str):
        """Cut a text; what came out is kept until the next call."""
        self.syllable_count = self.token_count = 0
        if len(self.packed) > 1 << 20:
            self._empty()
        codes = self.codes
        at = 0
        size = len(text)
        most = _BLOCK
        while at < size:
            taken = min(size - at, most)
            # Eight codes more, so that looking ahead needs no check. They end a word, but not,
            # as a space would, the chunk.
            if taken + 8 > len(self.block):
                self.block = bytearray(taken + 8)
            block = self.block
            i = 0
            for char in text[at : at + taken]:
                c = ord(char)
                block[i] = codes[c] if c < _CODES else _ODD
                i += 1
            for i in range(taken, taken + 8):
                block[i] = _NEWLINE
            self._make_room(taken + 1)
            syllables = self.syllable_count
            tokens = self.token_count
            used = self._cut(text, at, taken, at + taken == size, False)
            if used < 0:  # there are marks to be composed
                self.syllable_count = syllables
                self.token_count = tokens
                i = self._compose(text[at : at + taken])
                used = self.where[self._cut(text, at, i, at + taken == size, True)]
            if used == 0:  # one chunk fills the block: look at more of it
                most = 2 * taken
            else:
                most = _BLOCK
                at += used

    @cython.cfunc
    @cython.locals(
        i=cython.Py_ssize_t,
        j=cython.Py_ssize_t,
        char=cython.Py_UCS4,
        c=cython.uint,
        code=cython.uint,
    )
    @cython.returns(cython.Py_ssize_t)
    def _compose(self, text: str):
        """Compose letters and marks in the block of ``text``; return how many characters are left.

        `where` becomes their places in it, and its end.
        """
        if len(self.composed) == 0:
            self.composed = composed_codes()
        if len(self.where) <= len(text):
            self.where = array("i", bytes(4 * (len(text) + 1)))
        i = 0
        j = 0
        for char in text:
            c = ord(char)
            code = self.block[j]
            if _MARKS <= c < _MARKS_END and i > 0:
                code = self.composed[(c - _MARKS) << 8 | self.block[i - 1]]
                if code:
                    i -= 1
            self.block[i] = code
            i += 1
            j += 1
            self.where[i] = cython.cast(cython.int, j)
        for j in range(i, i + 8):
            self.block[j] = _NEWLINE
        return i

    @cython.cfunc
    @cython.locals(i=cython.Py_ssize_t)
    @cython.exceptval(check=False)
    @cython.returns(cython.void)
    def _settle(self, at: cython.Py_ssize_t, first: cython.Py_ssize_t, stop: cython.Py_ssize_t):
        """Turn tokens' places in the block that begins at ``at`` into places in the text."""
        for i in range(first, stop):
            self.starts[i] = cython.cast(cython.int, at) + self.where[self.starts[i] - at]
            self.ends[i] = cython.cast(cython.int, at) + self.where[self.ends[i] - at]

    @cython.cfunc
    @cython.locals(
        i=cython.Py_ssize_t,
        j=cython.Py_ssize_t,
        chunk=cython.Py_ssize_t,
        syllable=cython.Py_ssize_t,
        token=cython.Py_ssize_t,
        chunk_syllable=cython.Py_ssize_t,
        chunk_token=cython.Py_ssize_t,
        settled=cython.Py_ssize_t,
        base=cython.Py_ssize_t,
        where=cython.int[::1],
        code=cython.uint,
        kind=cython.uint,
        odd=cython.bint,
        key=cython.ulonglong,
        ends_at=cython.ulonglong,
        value=cython.ulonglong,
        found=cython.ulonglong,
        slot=cython.ulonglong,
        mask=cython.ulonglong,
        block=cython.uchar[::1],
        table=cython.ulonglong[::1],
        packed=cython.uint[::1],
        terms=cython.uint[::1],
        starts=cython.int[::1],
        ends=cython.int[::1],
    )
    def _cut(
        self,
        text: str,
        at: cython.Py_ssize_t,
        size: cython.Py_ssize_t,
        final: cython.bint,
        moved: cython.bint,
    ):
        """Cut the block of a text that begins at ``at`` by pyvi's rules; return what was used.

        Unless the block is ``final``, its last chunk may go on and is left for the next one.
        ``moved`` says that its characters are composed, `where` has their places; unless they are,
        -1 is returned at a mark.
        """
        block = self.block
        table = self.table
        mask = len(table) - 2
        packed = self.packed
        terms = self.terms
        starts = self.starts
        ends = self.ends
        syllable = chunk_syllable = self.syllable_count
        token = chunk_token = settled = self.token_count
        where = self.where
        i = chunk = 0
        while i < size:
            kind = block[i]
            if kind == _SPACE:
                i += 1
                chunk = i
                chunk_syllable = syllable
                chunk_token = token
                continue
            odd = kind == _ODD
            if kind >= _DIGIT:
                # Eight characters at once, the first in the lowest byte (one load, if compiled).
                key = cython.cast(cython.ulonglong, block[i])
                key |= cython.cast(cython.ulonglong, block[i + 1]) << 8
                key |= cython.cast(cython.ulonglong, block[i + 2]) << 16
                key |= cython.cast(cython.ulonglong, block[i + 3]) << 24
                key |= cython.cast(cython.ulonglong, block[i + 4]) << 32
                key |= cython.cast(cython.ulonglong, block[i + 5]) << 40
                key |= cython.cast(cython.ulonglong, block[i + 6]) << 48
                key |= cython.cast(cython.ulonglong, block[i + 7]) << 56
                # The first that is of no word has a bit here; below it, ones for the word's
                # characters, whose number is the sum of their lowest bits.
                ends_at = ~(((key & _OTHERS) + _TO_128) | key) & _HIGHEST
                ends_at = (((ends_at & (~ends_at + 1)) >> 7) - 1) & _MASK64
                key &= ends_at
                j = i + (((ends_at & _LOWEST) * _LOWEST & _MASK64) >> 56)
                code = block[j]
                while code >= _DIGIT:
                    j += 1
                    code = block[j]
                if code <= _SPACE or code > _PLUS:
                    pass
                elif code <= _COMMA:
                    if _all_between(block, i, j, _DIGIT, _CAPITAL):
                        # 319.035 97,58: pyvi's numbers.
                        while (code == _DOT or code == _COMMA) and _is_digit(block[j + 1]):
                            j += 2
                            while _is_digit(block[j]):
                                j += 1
                            code = block[j]
                        key = _key(block, i, j)
                    elif code == _DOT and (
                        _all_between(block, i, j, _CAPITAL, _LETTER) or _is_title(key)
                    ):
                        # TP. Mr.: pyvi's abbreviations keep their full stop.
                        j += 1
                        code = block[j]
                        key = _key(block, i, j)
                elif code == _COLON:
                    odd = block[j + 1] == _SLASH and block[j + 2] == _SLASH  # ://
                elif code == _HYPHEN:  # U-23
                    odd = j - i == 1 and kind >= _CAPITAL and _is_digit(block[j + 1])
                else:  # c# c++
                    odd = j - i <= 2 and not _all_between(block, i, j, _DIGIT, _CAPITAL)
            else:
                # ==> -> ... >> and any other sign by itself.
                j = i + 1
                code = block[j]
                if kind == _DOT and code == _DOT and block[j + 1] == _DOT:
                    j += 2
                elif kind == _EQUALS and code == _EQUALS and block[j + 1] == _GREATER:
                    j += 2
                elif (kind == _HYPHEN or kind == _GREATER) and code == _GREATER:
                    j += 1
                key = _key(block, i, j)
                code = block[j]
            found = 0
            value = 0
            if odd:
                if kind == _ODD and not moved and _MARKS <= ord(text[at + i]) < _MARKS_END:
                    return -1
                i = j = chunk
                syllable = chunk_syllable
                token = chunk_token
                while j < size and not _NEWLINE <= block[j] <= _SPACE:
                    j += 1
                kind = code = _ODD
                key = 0
            elif j - i > _KEY:
                key = 0
            else:
                slot = ((key * _GOLDEN) & _MASK64) >> 31 & mask
                found = table[slot]
                while found != key and found != 0:
                    slot = (slot + 2) & mask
                    found = table[slot]
                value = table[slot + 1]
            if found == 0:
                if j >= size and not final:
                    break
                if not moved:
                    spelling = text[at + i : at + j]
                else:
                    spelling = text[at + where[i] : at + where[j]]
                    if not odd:
                        spelling = unicodedata.normalize("NFC", spelling)
                value = self._learn(spelling, key)
                table = self.table
                mask = len(table) - 2
            base = at + i
            if odd and moved:  # its tokens' places are in the text as it is
                self._settle(at, settled, token)
                base = at + where[i]
            packed[syllable] = value & _MASK32
            terms[token] = value >> 32
            starts[token] = base
            ends[token] = at + (where[j] if odd and moved else j)
            if value & _LISTED:
                self.syllable_count = syllable
                self.token_count = token
                self._take(value >> 32, base, size)
                syllable = self.syllable_count
                token = self.token_count
                packed = self.packed
                terms = self.terms
                starts = self.starts
                ends = self.ends
            else:
                syllable += 1
                token += value >> _BEGIN_BIT & 1
            if odd:
                settled = token
            i = j
            if code == _SPACE:
                i += 1
            if code == _SPACE or kind == _NEWLINE:
                chunk = i
                chunk_syllable = syllable
                chunk_token = token
        if final:
            chunk = size
        else:
            syllable = chunk_syllable
            token = chunk_token
        self.syllable_count = syllable
        self.token_count = token
        if moved:
            self._settle(at, settled, token)
        return chunk

    @cython.cfunc
    def _take(self, place: cython.Py_ssize_t, base: cython.Py_ssize_t, room: cython.Py_ssize_t):
        """Append a list's syllables and tokens, of a spelling at ``base``, and keep the room."""
        arena: cython.uint[::1] = self.arena
        syllables: cython.Py_ssize_t = arena[place]
        tokens: cython.Py_ssize_t = arena[place + 1]
        syllable: cython.Py_ssize_t = self.syllable_count
        token: cython.Py_ssize_t = self.token_count
        i: cython.Py_ssize_t
        self._make_room(max(syllables, tokens) + room + 1)
        place += 2
        for i in range(syllables):
            self.packed[syllable + i] = arena[place + i]
        place += syllables
        for i in range(tokens):
            self.terms[token + i] = arena[place]
            self.starts[token + i] = base + arena[place + 1]
            self.ends[token + i] = base + arena[place + 2]
            place += 3
        self.syllable_count = syllable + syllables
        self.token_count = token + tokens

    @cython.cfunc
    @cython.returns(cython.ulonglong)
    @cython.locals(value=cython.ulonglong)
    def _learn(self, spelling: str, key: cython.ulonglong):
        """Return a spelling's value; remember it by its key, or as a string if that is 0."""
        if key == 0:
            known = self.others.get(spelling)
            if known is not None:
                value = known
                return value
        if self.known + len(self.others) >= self.limit or self.arena_used > _ARENA:
            self._forget()
        used: cython.Py_ssize_t = self.arena_used
        value = self._value(spelling)
        if key != 0:
            self._enter(key, value)
        elif len(spelling) <= LONGEST:
            self.others[spelling] = value
        else:
            self.arena_used = used  # the list is read once, before the next is written
        return value

    @cython.cfunc
    @cython.locals(c=cython.uint)
    @cython.returns(cython.uint)
    def _code(self, char: cython.Py_UCS4):
        """Return the code of a character."""
        c = ord(char)
        return self.codes[c] if c < _CODES else _ODD

    @cython.cfunc
    @cython.locals(char=cython.Py_UCS4, vowels=cython.Py_ssize_t, size=cython.Py_ssize_t)
    @cython.returns(cython.bint)
    def _has_spellings(self, text: str):
        """May a run of letters and digits be another's spelling? Only a short one that ends in i or
        y, or one with marks and two vowels, where a tone has two places."""
        size = len(text)
        if size <= 3 and (text[size - 1] in _I_AND_Y):
            return True
        if text.isascii():
            return False
        vowels = 0
        for char in text:
            vowels += self._code(char) >= _VOWEL or char in "aeiouy"
        return vowels > 1

    @cython.cfunc
    @cython.returns(cython.ulonglong)
    @cython.locals(number=cython.ulonglong)
    def _term(self, text: str):
        """Return the number of the term that a run of lower-case letters and digits is."""
        if len(text) == 2 and text[0] == "0" and "1" <= text[1] <= "9":
            text = text[1:]
        elif self._has_spellings(text):
            text = self.spell(text)
        number = self.ids.setdefault(text, len(self.listed))
        if number == cython.cast(cython.ulonglong, len(self.listed)):
            self.listed.append(text)
        return number

    @cython.cfunc
    @cython.returns(cython.ulonglong)
    @cython.locals(
        char=cython.Py_UCS4,
        code=cython.uint,
        i=cython.Py_ssize_t,
        j=cython.Py_ssize_t,
        size=cython.Py_ssize_t,
        letters=cython.Py_ssize_t,
        digits=cython.Py_ssize_t,
        capitals=cython.Py_ssize_t,
        flags=cython.uint,
        packed=cython.uint,
        begun=cython.ulonglong,
    )
    def _simple_value(self, spelling: str):
        """Return the value of a word, a code, a number or an abbreviation; 0 for anything else."""
        size = len(spelling)
        letters = digits = capitals = 0
        code = _ODD
        for char in spelling:
            code = self._code(char)
            if code >= _CAPITAL:
                letters += 1
                capitals += char.isupper()
            elif code >= _DIGIT:
                digits += 1
            elif code != _DOT and code != _COMMA:
                return 0
        lower = spelling.lower()
        if letters == size:
            flags = 0
            if capitals:
                flags = UPPER if capitals == size else 0
                if spelling[0].isupper():
                    flags |= FIRST_TITLE | (TITLE if capitals == 1 else 0)
            packed = flags << _FORM_SHIFT
            packed |= self.forms.get(lower, 0)
            return self._term(lower) << 32 | _BEGINS | packed
        if letters + digits == 0:
            return 0
        packed = features(spelling, self.forms) | _BEGINS
        listed = array("I", (1, 0, packed))
        if letters + digits == size:
            # covid19 is a word and a number, 5K and F0 are codes: a letter alone stays with digits
            i = 0
            while i < size:
                j = i
                while j < size and self._code(spelling[j]) >= _CAPITAL:
                    j += 1
                if j - i < 2:
                    while j < size and not (
                        self._code(spelling[j]) >= _CAPITAL
                        and j + 1 < size
                        and self._code(spelling[j + 1]) >= _CAPITAL
                    ):
                        j += 1
                begun = self._term(lower[i:j])
                if i == 0 and j == size:
                    return begun << 32 | packed
                listed.extend((begun | (_SAME if i else 0), i, j))
                i = j
        elif digits == 0:
            if letters + 1 < size or code != _DOT:
                return 0
            listed.extend((self._term(lower[:letters]), 0, letters))
        elif letters == 0 and code >= _DIGIT:
            # 319.035 is one number, 97,58 are two
            i = 0
            while i < size:
                j = self._digits_end(spelling, i)
                if i == 0 and j <= 3 and spelling[0] != "0":
                    while j < size and self._digits_end(spelling, j + 1) == j + 4:
                        j += 4
                if j == i:
                    return 0
                text = lower[i:j].replace(".", "").replace(",", "")
                listed.extend((self._term(text) | (_SAME if i else 0), i, j))
                i = j + 1
        else:
            return 0
        listed[1] = (len(listed) - 3) // 3
        begun = self._keep(listed)
        return begun << 32 | _LISTED

    @cython.cfunc
    @cython.returns(cython.Py_ssize_t)
    def _digits_end(self, spelling: str, i: cython.Py_ssize_t):
        """Return where the digits that begin at ``i`` end."""
        size: cython.Py_ssize_t = len(spelling)
        while i < size and _is_digit(self._code(spelling[i])):
            i += 1
        return i

    @cython.cfunc
    @cython.returns(cython.ulonglong)
    @cython.locals(value=cython.ulonglong)
    def _value(self, spelling: str):
        """Return the value to be remembered of a spelling, asking the owner unless it is simple."""
        if self.spell is not None and len(spelling) <= LONGEST:
            value = self._simple_value(spelling)
            if value:
                return value
        syllables, tokens = self.learn(spelling)
        if len(syllables) == 1 and len(tokens) == 0:
            value = syllables[0]
            return value
        if len(syllables) == 1 and len(tokens) == 1 and tokens[0][1:3] == (0, len(spelling)):
            value = tokens[0][0]
            return value << 32 | _BEGINS | syllables[0]
        packed = array("I", syllables)
        listed = array("I", [len(syllables), len(tokens)])
        located = array("I")
        begun = -1
        for term, start, end, first, last in tokens:
            if first == begun:
                term |= _SAME
            begun = first
            packed[first] |= _BEGINS
            for i in range(first + 1, last + 1):
                packed[i] |= _INSIDE
            located.extend((term, start, end))
        listed += packed + located
        value = self._keep(listed)
        return value << 32 | _LISTED

    @cython.cfunc
    @cython.returns(cython.Py_ssize_t)
    def _keep(self, words: object):
        """Append words (an array 'I') to the arena and return where they begin."""
        place: cython.Py_ssize_t = self.arena_used
        count: cython.Py_ssize_t = len(words)
        i: cython.Py_ssize_t
        view: cython.uint[::1] = words
        if place + count > len(self.arena):
            self.arena = _resized("I", self.arena, place, 2 * (place + count))
        for i in range(count):
            self.arena[place + i] = view[i]
        self.arena_used = place + count
        return place

    @cython.cfunc
    @cython.locals(slot=cython.ulonglong, i=cython.Py_ssize_t)
    def _enter(self, key: cython.ulonglong, value: cython.ulonglong):
        """Enter a new key in the table, which is doubled when three eighths are full.

        (Where three quarters may be, finding a spelling takes a sixth longer: a second look at the
        table is a branch mispredicted.)
        """
        table: cython.ulonglong[::1] = self.table
        if 16 * (self.known + 1) > 3 * len(table):
            self.table = array("Q", bytes(16 * len(table)))
            self.known = 0
            for i in range(0, len(table), 2):
                if table[i] != 0:
                    self._enter(table[i], table[i + 1])
            table = self.table
        slot = ((key * _GOLDEN) & _MASK64) >> 31 & (len(table) - 2)
        while table[slot] != 0:
            slot = (slot + 2) & (len(table) - 2)
        table[slot] = key
        table[slot + 1] = value
        self.known += 1

    def labels(self):
        """Return the labels of the scanned syllables by pyvi's model (1: continues a word)."""
        labels = bytearray(self.syllable_count)
        self._label(labels)
        return labels

    @cython.cfunc
    @cython.exceptval(check=False)
    @cython.returns(cython.void)
    def _label(self, labels: cython.uchar[::1]):
        """Write the labels of the scanned syllables."""
        _decode(
            self.packed,
            self.syllable_count,
            self.state,
            self.shared,
            self.pairs,
            self.triples,
            self.inside,
            labels,
        )

    @cython.locals(
        i=cython.Py_ssize_t,
        token=cython.Py_ssize_t,
        count=cython.Py_ssize_t,
        f=cython.uint,
        g=cython.uint,
        open=cython.bint,
        labels=cython.uchar[::1],
        packed=cython.uint[::1],
        terms=cython.uint[::1],
        result=cython.uchar[::1],
    )
    def joined(self):
        """Return for each scanned token 1 if it continues the word of the token before, else 0."""
        if len(self.marks) < self.syllable_count:
            self.marks = bytearray(2 * self.syllable_count)
        labels = self.marks
        self._label(labels)
        packed = self.packed
        terms = self.terms
        count = self.token_count
        given = bytearray(count)
        result = given
        token = 0
        open = False
        g = _BREAKING
        for i in range(self.syllable_count):
            f = g
            g = packed[i]
            # (without a branch on whether a token begins, which signs and words in turn mislead)
            open = open & (_is_glued(labels[i], f, g) | (g & _INSIDE) != 0)
            if token < count:
                result[token] = open
            open = open | (g >> _BEGIN_BIT & 1)
            token += g >> _BEGIN_BIT & 1
            while token < count and terms[token] & _SAME:
                result[token] = True
                token += 1
        return given

    @cython.locals(
        i=cython.Py_ssize_t,
        term=cython.uint,
        number=cython.int,
        terms=cython.uint[::1],
        known=cython.int[::1],
        result=cython.int[::1],
    )
    def numbered(self, numbering: Numbering, texts: list):
        """Return the scanned tokens' terms by another numbering, as an array ('i').

        ``texts`` are the terms' texts.
        """
        terms = self.terms
        numbering._make_room(len(texts))
        known = numbering.numbers
        given = _ZERO * self.token_count
        result = given
        for i in range(self.token_count):
            term = terms[i] & 0x7FFFFFFF
            number = known[term]
            if number < 0:
                number = numbering._number(texts[term])
                known[term] = number
            result[i] = number
        return given

    @cython.locals(
        i=cython.Py_ssize_t,
        terms=cython.uint[::1],
        starts=cython.int[::1],
        ends=cython.int[::1],
        joined=cython.uchar[::1],
        found=list,
    )
    def tokens(self, kind, texts: list):
        """Return each scanned token as a ``kind`` of tuple: its text, start, end and whether it
        continues the word of the token before."""
        terms = self.terms
        starts = self.starts
        ends = self.ends
        joined = self.joined()
        make = tuple.__new__
        found = []
        for i in range(self.token_count):
            text = texts[terms[i] & 0x7FFFFFFF]
            found.append(make(kind, (text, starts[i], ends[i], joined[i] != 0)))
        return found

    @cython.locals(i=cython.Py_ssize_t, terms=cython.uint[::1], result=cython.int[::1])
    def terms_found(self):
        """Return the scanned tokens' terms as an array ('i')."""
        terms = self.terms
        given = array("i", bytes(4 * self.token_count))
        result = given
        for i in range(self.token_count):
            result[i] = terms[i] & 0x7FFFFFFF
        return given

    def spans_found(self):
        """Return the scanned tokens' starts and ends as arrays ('i')."""
        return _copied(self.starts, self.token_count), _copied(self.ends, self.token_count)

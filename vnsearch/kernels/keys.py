# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""What a row of Telex or VNI keys spells, key by key; see `vnsearch.text.keys`.

A mark key may stand anywhere after its letter and may be a letter itself, so each key leaves
several readings of the row so far: those whose letters, without marks, begin a possible syllable.
"""

import cython

MAX_MARKS = cython.declare(cython.int, 3)  # most mark keys in one syllable: one for đ, two for ươ

TELEX_TONES = {"z": 0, "s": 1, "f": 2, "r": 3, "x": 4, "j": 5}


@cython.cclass
class Reading:
    """A partly read row of keys: the letters so far, lower-cased and without their tone, the same
    as they were typed, and without their marks."""

    letters: str
    typed: str
    base: str
    has_vowel: cython.bint
    tone: cython.int
    tone_keys: cython.int
    mark_keys: cython.int
    far_marks: cython.int

    def __init__(self):
        self.letters = ""
        self.typed = ""
        self.base = ""
        self.has_vowel = False
        self.tone = 0
        self.tone_keys = 0
        self.mark_keys = 0
        self.far_marks = 0

    @cython.cfunc
    def copy(self):
        """Return another reading like this one."""
        reading: Reading = Reading.__new__(Reading)
        reading.letters = self.letters
        reading.typed = self.typed
        reading.base = self.base
        reading.has_vowel = self.has_vowel
        reading.tone = self.tone
        reading.tone_keys = self.tone_keys
        reading.mark_keys = self.mark_keys
        reading.far_marks = self.far_marks
        return reading

    @cython.cfunc
    def mark(self, at: cython.Py_ssize_t, marked: str):
        """Return the reading with marks on its letters from ``at`` on."""
        reading: Reading = self.copy()
        end: cython.Py_ssize_t = at + len(marked)
        reading.letters = self.letters[:at] + marked + self.letters[end:]
        reading.mark_keys += 1
        reading.far_marks += end < len(self.letters)
        return reading

    @cython.cfunc
    @cython.exceptval(-2, check=False)
    def last(self, letter: cython.Py_UCS4) -> cython.Py_ssize_t:
        """Return where a letter without marks stands last, -1 where it does not."""
        at: cython.Py_ssize_t = len(self.letters) - 1
        while at >= 0 and self.letters[at] != letter:
            at -= 1
        return at


@cython.cclass
class Decoder:
    """Reads rows of keys.

    ``beginnings(letter)`` is the set of the beginnings of all unmarked syllables that begin with a
    letter, ``compose(letters, tone)`` the syllable of letters without their tone, None where there
    is none.
    """

    beginnings: object
    compose: object
    known: dict

    def __init__(self, beginnings, compose):
        self.beginnings = beginnings
        self.compose = compose
        self.known = {}

    def decode(self, keys: str, telex: cython.bint):
        """Return (the syllable, its letters, tone, tone keys, mark keys, marks put on letters
        before the last) of the likeliest way to read some keys that has a key for a tone or a mark,
        None if there is none. ``telex``, or VNI."""
        reading: Reading
        readings: list = [Reading()]
        longer: list
        i: cython.Py_ssize_t
        typed: cython.Py_UCS4
        key: cython.Py_UCS4
        lowered: str = keys.lower()
        if len(lowered) != len(keys) or not (has_telex(lowered) if telex else has_vni(lowered)):
            return None
        for i in range(len(keys)):
            typed = keys[i]
            key = lowered[i]
            longer = []
            for reading in readings:
                if telex:
                    self.telex_key(longer, reading, key, typed)
                else:
                    self.vni_key(longer, reading, key, typed)
            readings = longer
        for reading in readings:
            if reading.tone_keys or reading.mark_keys:
                spelled = self.compose(reading.letters, reading.tone)
                if spelled is not None:
                    if keys != lowered:
                        spelled = capitalised(spelled, reading.typed)
                    return (
                        spelled,
                        reading.letters,
                        reading.tone,
                        reading.tone_keys,
                        reading.mark_keys,
                        reading.far_marks,
                    )
        return None

    @cython.cfunc
    def add(
        self,
        found: list,
        before: Reading,
        letter: cython.Py_UCS4,
        base: cython.Py_UCS4,
        typed: cython.Py_UCS4,
    ):
        """Add the reading with one more letter, if some syllable begins so."""
        reading: Reading
        longer: str = before.base + str(base)
        first: str = longer[:1]
        beginnings = self.known.get(first)
        if beginnings is None:
            beginnings = self.known[first] = self.beginnings(first)
        if longer in beginnings:
            reading = before.copy()
            reading.letters = before.letters + str(letter)
            reading.typed = before.typed + str(typed)
            reading.base = longer
            reading.has_vowel = before.has_vowel or base in "aeiouy"
            reading.mark_keys += letter != base
            keep(found, reading)

    @cython.cfunc
    def telex_key(self, found: list, reading: Reading, key: cython.Py_UCS4, typed: cython.Py_UCS4):
        """Add what one more Telex key can make of a reading, the likeliest first."""
        undone: Reading
        size: cython.Py_ssize_t = len(reading.letters)
        if reading.has_vowel and key in "zsfrxj":
            set_tone(found, reading, TELEX_TONES[str(key)])
            return
        if key == "w":
            horn(found, reading)
            breve(found, reading)
            self.add(found, reading, "ư", "u", typed)
            return
        if key == "o" and size and reading.letters[size - 1] == "ô":
            # the third o takes the circumflex back: xooong is xoong
            undone = reading.copy()
            undone.letters = reading.letters[: size - 1] + "o"
            self.add(found, undone, "o", "o", typed)
        if key == "a" or key == "e" or key == "o":
            circumflex(found, reading, reading.last(key))
        elif key == "d":
            bar(found, reading)
        self.add(found, reading, key, key, typed)

    @cython.cfunc
    def vni_key(self, found: list, reading: Reading, key: cython.Py_UCS4, typed: cython.Py_UCS4):
        """Add what one more VNI key can make of a reading, the likeliest first."""
        if key < "0" or key > "9":
            self.add(found, reading, key, key, typed)
        elif key < "6":
            set_tone(found, reading, int(str(key)))
        elif key == "6":
            for at in sorted([reading.last("a"), reading.last("e"), reading.last("o")])[::-1]:
                circumflex(found, reading, at)
        elif key == "7":
            horn(found, reading)
        elif key == "8":
            breve(found, reading)
        else:
            bar(found, reading)


@cython.cfunc
def keep(found: list, reading: Reading):
    """Add a reading unless it has too many marks."""
    if reading.mark_keys <= MAX_MARKS:
        found.append(reading)


@cython.cfunc
def set_tone(found: list, before: Reading, tone: cython.int):
    """Add a reading with a tone, if it has a vowel for it; the same tone again takes it back, and
    leaves no syllable."""
    reading: Reading
    if tone != before.tone and before.has_vowel:
        reading = before.copy()
        reading.tone = tone
        reading.tone_keys += 1
        found.append(reading)


@cython.cfunc
def circumflex(found: list, reading: Reading, at: cython.Py_ssize_t):
    """Add the reading with a circumflex on the letter at ``at``, a, e or o (-1: none)."""
    letter: cython.Py_UCS4
    if at >= 0:
        letter = reading.letters[at]
        keep(found, reading.mark(at, "â" if letter == "a" else "ê" if letter == "e" else "ô"))


@cython.cfunc
def horn(found: list, reading: Reading):
    """Add the readings with a horn: on uo, or on one of the two letters."""
    at: cython.Py_ssize_t
    letters: str = reading.letters
    for pair in ("uo", "ưo", "uơ"):
        at = letters.find(pair)
        if at >= 0:
            keep(found, reading.mark(at, "ươ"))
    for at in range(len(letters) - 1, -1, -1):
        if letters[at] == "o":
            keep(found, reading.mark(at, "ơ"))
        elif letters[at] == "u":
            keep(found, reading.mark(at, "ư"))


@cython.cfunc
def breve(found: list, reading: Reading):
    """Add the reading with a breve on its last a."""
    at: cython.Py_ssize_t = reading.last("a")
    if at >= 0:
        keep(found, reading.mark(at, "ă"))


@cython.cfunc
def bar(found: list, reading: Reading):
    """Add the reading with the bar of its đ."""
    if len(reading.letters) and reading.letters[0] == "d":
        keep(found, reading.mark(0, "đ"))


@cython.cfunc
@cython.exceptval(check=False)
def has_telex(keys: str) -> cython.bint:
    """Whether there is a tone key after a vowel, a w, or one of the letters that are a mark key
    when they come again."""
    i: cython.Py_ssize_t
    key: cython.Py_UCS4
    vowel: cython.bint = False
    seen_a: cython.bint = False
    seen_e: cython.bint = False
    seen_o: cython.bint = False
    seen_d: cython.bint = False
    for i in range(len(keys)):
        key = keys[i]
        if key == "w" or (vowel and key in "sfrxj"):
            return True
        if key in "aeiouy":
            vowel = True
        if key == "a":
            if seen_a:
                return True
            seen_a = True
        elif key == "e":
            if seen_e:
                return True
            seen_e = True
        elif key == "o":
            if seen_o:
                return True
            seen_o = True
        elif key == "d":
            if seen_d:
                return True
            seen_d = True
    return False


@cython.cfunc
@cython.exceptval(check=False)
def has_vni(keys: str) -> cython.bint:
    """Whether there is a digit after a letter."""
    i: cython.Py_ssize_t
    for i in range(1, len(keys)):
        if "1" <= keys[i] <= "9":
            return True
    return False


@cython.cfunc
def capitalised(spelled: str, typed: str):
    """Return a syllable with capitals where the row of keys has them."""
    i: cython.Py_ssize_t
    letters: list = []
    for i in range(len(spelled)):
        letter = spelled[i]
        letters.append(letter.upper() if typed[i].isupper() else letter)
    return "".join(letters)


def place_rows(text: str, runs: list, spelled: list, tokens: tuple, word):
    """Return (a ``word`` for each of the ``runs`` of a text that is a row of keys, the tokens that
    are in none of them).

    ``spelled`` holds for each run None or a tuple of what it spells, if anything, what is known of
    that, and the run as it stands. A token is a tuple (text, start, end, _), a word (text, start,
    end, what is known of it, "keys", "word", the run as it stands).
    """
    i: cython.Py_ssize_t
    at: cython.Py_ssize_t = 0
    start: cython.Py_ssize_t
    end: cython.Py_ssize_t = 0
    run: str
    token: tuple
    known: tuple
    words: list = []
    starts: list = []
    ends: list = []
    others: list = []
    make = tuple.__new__
    if len(spelled) != len(runs):
        raise ValueError("every run spells something or nothing")
    for i in range(len(runs)):
        run = runs[i]
        start = text.find(run, end)
        if start < 0:
            raise ValueError("a text holds its runs one after the other")
        end = start + len(run)
        known = spelled[i]
        if known is not None and len(known) != 3:
            raise ValueError("what a run spells is a tuple of three")
        if known is not None and known[0]:
            words.append(make(word, (known[0], start, end, known[1], "keys", "word", known[2])))
            starts.append(start)
            ends.append(end)
    for one in tokens:
        if not isinstance(one, tuple) or len(one) != 4:
            raise ValueError("a token is a tuple of four")
        token = cython.cast(tuple, one)
        start = token[1]
        end = token[2]
        while at < len(ends) and ends[at] <= start:
            at += 1
        if at == len(ends) or start < starts[at]:
            others.append(one)
    return words, others


def ascii_runs(text: str):
    """Return the runs of ASCII letters and digits of a text."""
    i: cython.Py_ssize_t
    start: cython.Py_ssize_t = 0
    letter: cython.Py_UCS4
    found: list = []
    for i in range(len(text)):
        letter = text[i]
        if not ("a" <= letter <= "z" or "A" <= letter <= "Z" or "0" <= letter <= "9"):
            if start < i:
                found.append(text[start:i])
            start = i + 1
    if start < len(text):
        found.append(text[start:])
    return found

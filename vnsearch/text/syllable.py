"""What a Vietnamese syllable can be, and which syllables people take for one another.

A syllable is written ``[onset][glide]nucleus[coda]`` plus one of six tones. The lists below are
those of Đoàn Thiện Thuật, *Ngữ âm tiếng Việt* (Hanoi, 1977; the rime tables of chapters III–V),
in the spelling of the Ministry of Education's *Quy định về chính tả tiếng Việt* (Decision
240/QĐ, 1984), widened by what newspapers really print: loans with ``oo`` (xoong, moóc), ``p`` as
an onset (pin, Sa Pa), ``y`` for ``i`` after a lone consonant (kỹ, Vy), and the place names Bắc
Kạn and Đắk Lắk.

The rules, in short:

* ``k gh ngh`` stand before ``e ê i y``; ``c g ng`` before the other vowels; ``q`` only before
  the glide ``u``; ``gi`` swallows the ``i`` of its rime (``gi + iêng`` is ``giêng``).
* The glide is written ``o`` before ``a ă e`` and ``u`` elsewhere (always ``u`` after ``q``).
* ``iê uô ươ`` need a coda, ``ia ua ưa ya`` have none; ``iê`` is ``yê`` with nothing before it.
* Before the stop codas ``c ch p t`` only sắc and nặng exist.

Which *tone letter* is marked follows the dictionary style (``hòa``, ``thúy``, ``quý``): see
`Syllable.spelling`. Reading is lenient: any vowel letter may carry the tone (``hoà``, ``tíên``).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import cache, lru_cache, partial

from vnsearch.record import NamedTuple

__all__ = [
    "TONED_LETTERS",
    "TONES",
    "Syllable",
    "base",
    "beginnings",
    "begins_like",
    "compose",
    "ends_like_syllable",
    "inventory",
    "is_english",
    "is_misplaced",
    "is_syllable",
    "is_unmarked_syllable",
    "may_be_syllable",
    "neighbours",
    "parse",
    "split_tone",
    "tone_of",
    "with_base",
]

TONES = ("ngang", "sắc", "huyền", "hỏi", "ngã", "nặng")
"""Tone names by number. The numbers are the VNI keys: 1 sắc, 2 huyền, 3 hỏi, 4 ngã, 5 nặng."""

NGANG, SAC, HUYEN, HOI, NGA, NANG = range(6)

_TONE_MARKS = ("", "\u0301", "\u0300", "\u0309", "\u0303", "\u0323")
_VOWELS = "aăâeêioôơuưy"
_ALL_TONES = tuple(range(6))
_CODA_TONES = {**dict.fromkeys(("c", "ch", "p", "t"), (SAC, NANG)), "k": (NGANG, SAC)}

_ONSETS = (*"bcdđghklmnpqrstvx", "ch", "gh", "gi", "kh", "ng", "ngh", "nh", "ph", "th", "tr")
_FIRST_LETTERS = frozenset((*_VOWELS, *(onset[0] for onset in _ONSETS)))
_FRONT_ONSETS = frozenset(("k", "gh", "ngh"))
_BACK_ONSETS = frozenset(("c", "g", "ng"))

# Rimes without a glide, by nucleus: the codas each may take ("-" for none).
_PLAIN_RIMES = {
    "a": "- c ch i m n ng nh o p t u y",
    "ă": "c m n ng p t",
    "â": "c m n ng p t u y",
    "e": "- c m n ng o p t",
    "ê": "- ch m n nh p t u",
    "i": "- ch m n nh p t u",
    "ia": "-",
    "iê": "c m n ng p t u",
    "o": "- c i m n ng p t",
    "oo": "c ng",
    "ô": "- c i m n ng p t",
    "ơ": "- i m n p t",
    "u": "- c i m n ng p t",
    "ua": "-",
    "uô": "c i m n ng t",
    "ư": "- c i m n ng t u",
    "ưa": "-",
    "ươ": "c i m n ng p t u",
}

# Rimes with a glide, as written after any consonant but q.
_GLIDE_RIMES = {
    "oa": "- c ch i m n ng nh o p t y",
    "oă": "c m n ng p t",
    "oe": "- m n ng o p t",
    "uâ": "n ng t y",
    "uê": "- ch n nh u",
    "uơ": "-",
    "uy": "- ch n nh p t u",
    "uya": "-",
    "uyê": "n t",
}

# Rimes after q, its glide u left out.
_Q_RIMES = {
    "a": "- c ch i m n ng nh o p t u y",
    "ă": "c m n ng p t",
    "â": "c n ng t u y",
    "e": "- n ng o p t",
    "ê": "- ch n nh t u",
    "i": "- ch n nh t",
    "y": "- ch n nh t",
    "yê": "n t",
    "ô": "c",
    "ơ": "- i n t",
}

# gi swallows an i: "gi" + in, iêng; other rimes follow it like any consonant.
_GI_I_RIMES = {"i": "- m n", "iê": "c m n ng p t u"}

# Onsets the glide follows only in loans (buýt, voan, phuy, noãn, góa, roa, gioăng).
_FEW_GLIDES = {
    **dict.fromkeys(("b", "m", "ph", "v", "p"), ("oa", "oan", "oay", "uy", "uyt")),
    **dict.fromkeys(("g", "n", "r"), ("oa", "oai", "oan", "oang", "oat", "oe", "oen", "oet", "uy")),
    "gi": ("oăng", "oe", "oen"),
    "c": (),
}

# y for i with nothing after it: the official set and the given names (Vy, Thy, Dy, Ny, Phy).
_Y_ONSETS = frozenset((*"dhklmnstvx", "ph", "th"))

# Names spelled outside the rules, as (onset, nucleus, coda): Bắc Kạn, Đắk Lắk, Kon Tum,
# Hồng Kông, Krông Pắk.
_NAMES = (
    ("k", "a", "n"),
    ("đ", "ă", "k"),
    ("l", "ă", "k"),
    ("k", "o", "n"),
    ("k", "ô", "ng"),
    ("p", "ă", "k"),
)


class Syllable(NamedTuple):
    """One syllable in its parts, each as it is written.

    ``glide`` is ``""``, ``"o"`` or ``"u"``; ``tone`` is 0..5, named by `TONES`. In ``gì`` and
    ``giếng`` the onset ``gi`` and the nucleus share their ``i``.
    """

    onset: str
    glide: str
    nucleus: str
    coda: str
    tone: int

    @property
    def letters(self) -> str:
        """The syllable without its tone: ``tiêng`` for ``tiếng``."""
        onset = self.onset
        if onset == "gi" and self.nucleus.startswith("i"):
            onset = "g"
        return onset + self.glide + self.nucleus + self.coda

    @property
    def spelling(self) -> str:
        """The syllable as dictionaries print it, in NFC and lower case.

        The tone stands on the nucleus; on its second letter when a two-letter nucleus has a coda
        (``tiếng``, ``mía``); on the glide of an open syllable in ``a e y`` (``hòa``, ``thúy``;
        but ``quý``).
        """
        return self.spelled(self.tone)

    def spelled(self, tone: int) -> str:
        """Return the `spelling` in another tone (0..5)."""
        return _toned(self.letters, self, tone)

    def with_tone(self, tone: int) -> Syllable:
        """Return the same syllable in another tone (0..5), possible or not."""
        return Syllable(self.onset, self.glide, self.nucleus, self.coda, tone)


def _toned(letters: str, shape: Syllable, tone: int) -> str:
    """Return the letters of a syllable in a tone."""
    if not tone:
        return letters
    onset, glide, nucleus, coda, _ = shape
    at = len(letters) - len(coda) - len(nucleus)
    if coda and len(nucleus) == 2:
        at += 1
    elif glide and not coda and nucleus in "aey" and onset != "q":
        at -= 1
    return letters[:at] + _TONED[letters[at]][tone] + letters[at + 1 :]


_syllable: Callable[[Iterable[object]], Syllable] = partial(tuple.__new__, Syllable)

# A vowel -> that vowel in each of the six tones.
_TONED = {
    vowel: [unicodedata.normalize("NFC", vowel + mark) for mark in _TONE_MARKS] for vowel in _VOWELS
}
# A toned vowel -> (the vowel without its tone, the tone).
_TONE_OF = {_TONED[vowel][tone]: (vowel, tone) for vowel in _VOWELS for tone in range(1, 6)}

TONED_LETTERS = {**{letter: (letter, 0) for letter in "ăâđêôơư"}, **_TONE_OF}
"""Every Vietnamese letter that is no ASCII -> (the letter without its tone, the tone)."""


@cache
def _unmark_table() -> dict[int, str]:
    table = {ord(a): b for a, b in zip("ăâêôơưđ", "aaeooud", strict=True)}
    for toned, (plain, _) in _TONE_OF.items():
        table[ord(toned)] = table.get(ord(plain), plain)
    return table


@lru_cache(maxsize=1 << 14)
def split_tone(word: str) -> tuple[str, int]:
    """Return ``word`` lower-cased in NFC without its tone, and the tone (0..5).

    The first tone met counts; a word with two toned letters keeps the second one, so that it is
    no syllable: ``split_tone("Hoàn") == ("hoan", 2)``.
    """
    word = word.lower()
    if word.isascii():
        return word, NGANG
    word = unicodedata.normalize("NFC", word)
    for at, letter in enumerate(word):
        found = _TONE_OF.get(letter)
        if found is not None:
            return word[:at] + found[0] + word[at + 1 :], found[1]
    return word, NGANG


def base(word: str) -> str:
    """Return the word without tone, vowel marks and the bar of đ: ``duong`` for ``Đường``."""
    word = word.lower()
    if word.isascii():
        return word
    return unicodedata.normalize("NFC", word).translate(_unmark_table())


def begins_like(word: str, beginning: str) -> bool:
    """Whether a canonical word may go on from its beginning as typed, the tone perhaps to come.

    ``đươn`` may become ``đường``, ``đướn`` may not; a beginning without any mark says nothing of
    marks, and goes with the bases of words instead.
    """
    if word.startswith(beginning):
        return True
    typed, typed_tone = split_tone(beginning)
    letters, tone = split_tone(word)
    return letters.startswith(typed) and typed_tone in (NGANG, tone)


def _expand(rimes: dict[str, str]) -> Iterator[tuple[str, str]]:
    for nucleus, codas in rimes.items():
        for coda in codas.split():
            yield nucleus, "" if coda == "-" else coda


def _rimes_after(onset: str) -> Iterator[tuple[str, str, str]]:
    """Yield every (glide, nucleus, coda) that may follow the onset."""
    if onset == "q":
        yield from (("u", nucleus, coda) for nucleus, coda in _expand(_Q_RIMES))
        return
    for nucleus, coda in _expand(_PLAIN_RIMES):
        front = nucleus[0] in "eêi"
        if (front and onset in _BACK_ONSETS) or (not front and onset in _FRONT_ONSETS):
            continue
        if onset == "gi" and nucleus[0] == "i":
            continue
        if not onset and nucleus == "iê":
            nucleus = "yê"
        yield "", nucleus, coda
    if onset == "gi":
        yield from (("", nucleus, coda) for nucleus, coda in _expand(_GI_I_RIMES))
    if not onset or onset in _Y_ONSETS:
        yield "", "y", ""
    if onset not in _FRONT_ONSETS:
        allowed = _FEW_GLIDES.get(onset)
        for rime, coda in _expand(_GLIDE_RIMES):
            if allowed is None or rime + coda in allowed:
                yield rime[0], rime[1:], coda


def _shapes_after(onset: str) -> Iterator[Syllable]:
    """Every syllable of the rules that begins with the onset, with tone 0."""
    for glide, nucleus, coda in _rimes_after(onset):
        yield _syllable((onset, glide, nucleus, coda, NGANG))


@cache
def _shapes_from(first: str) -> dict[str, Syllable]:
    """Every syllable that begins with a letter, without its tone -> its parts (with tone 0).

    A search asks for a few letters: the whole inventory would take longer than the search.
    """
    shapes: dict[str, Syllable] = {}
    for onset in [""] if first in _VOWELS else [one for one in _ONSETS if one[0] == first]:
        for shape in _shapes_after(onset):
            # "gia" is gi + a, "giêng" gi + iêng: the first reading listed stands.
            if shape.letters[0] == first:
                shapes.setdefault(shape.letters, shape)
    for onset, nucleus, coda in _NAMES:
        if onset[0] == first:
            shapes[onset + nucleus + coda] = Syllable(onset, "", nucleus, coda, NGANG)
    return shapes


def _shape(letters: str) -> Syllable | None:
    """Return the parts of a syllable without its tone (with tone 0), or None."""
    first = letters[:1]
    return _shapes_from(first).get(letters) if first in _FIRST_LETTERS else None


@cache
def _shapes() -> list[Syllable]:
    """Return every syllable with tone 0."""
    return [shape for first in sorted(_FIRST_LETTERS) for shape in _shapes_from(first).values()]


@lru_cache(maxsize=1 << 15)
def parse(word: str) -> Syllable | None:
    """Return the parts of a possible syllable, or None.

    Any case, NFC or NFD, the tone on any vowel letter: ``parse("Hoà") == parse("hòa")``. The
    answer says what the rules allow, not what exists: ``nguyếch`` is possible.
    """
    letters, tone = split_tone(word)
    shape = _shape(letters)
    if shape is None:
        return None
    if tone not in _CODA_TONES.get(shape.coda, _ALL_TONES):
        return None
    return shape if tone == NGANG else shape.with_tone(tone)


def compose(letters: str, tone: int) -> str | None:
    """Return the dictionary spelling of toneless lower-case NFC letters in a tone (0..5).

    None when that is no possible syllable: ``compose("hoa", 2) == "hòa"``, ``compose("cat", 2)``.
    """
    shape = _shape(letters)
    if shape is None or tone not in _CODA_TONES.get(shape.coda, _ALL_TONES):
        return None
    return _toned(letters, shape, tone)


def is_syllable(word: str) -> bool:
    """Whether the word is a possible Vietnamese syllable, marks and tone included.

    ``phong`` and ``được`` are, ``duoc`` is not (its stop needs a tone): see
    `is_unmarked_syllable`.
    """
    return parse(word) is not None


def is_misplaced(word: str) -> bool:
    """Whether a syllable's tone stands on a letter where neither way to place it has it.

    ``thưà`` and ``hòan`` are misplaced; ``hòa`` and ``hoà`` are not.
    """
    shape = parse(word)
    if shape is None or not shape.tone:
        return False
    written = unicodedata.normalize("NFC", word.lower())
    if written == shape.spelling:
        return False
    letters = shape.letters
    at = len(letters) - len(shape.coda) - len(shape.nucleus)
    is_open = shape.glide and not shape.coda and shape.nucleus in "aey"
    return not (is_open and written[at] != letters[at])


def tone_of(word: str) -> int:
    """Return the tone (0..5, see `TONES`) the word's letters carry, syllable or not."""
    return split_tone(word)[1]


def _spellings(shapes: Iterable[Syllable]) -> Iterator[str]:
    for shape in shapes:
        for tone in _CODA_TONES.get(shape.coda, _ALL_TONES):
            yield shape.spelled(tone)


@cache
def inventory() -> frozenset[str]:
    """Return every possible syllable (about 16,000) in the spelling of `Syllable.spelling`."""
    return frozenset(_spellings(_shapes()))


@cache
def _by_base() -> dict[str, list[Syllable]]:
    """Unmarked base -> the syllables (with tone 0) written over it: dua -> dua, dưa, đua, …"""
    groups: dict[str, list[Syllable]] = {}
    unmark = _unmark_table()
    for shape in _shapes():
        groups.setdefault(shape.letters.translate(unmark), []).append(shape)
    return groups


@lru_cache(maxsize=1 << 12)
def with_base(unmarked: str) -> tuple[str, ...]:
    """Return every possible syllable whose unmarked base this is, sorted: ``dua`` -> đùa, dưa, …"""
    return tuple(sorted(_spellings(_by_base().get(unmarked, ()))))


@lru_cache(maxsize=1 << 14)
def is_unmarked_syllable(word: str) -> bool:
    """Whether some possible syllable has this unmarked base: ``duoc``, ``thanh``."""
    if not ends_like_syllable(word):
        return False
    onsets = _onsets()
    for size in (3, 2, 1, 0):  # most begin with the longest onset there is for them
        for onset in onsets.get(word[:size], ()):
            if word in _bases_after(onset):
                return True
    return False


def may_be_syllable(word: str) -> bool:
    """Whether a word as it stands, or one without marks with some, is a possible syllable."""
    return is_unmarked_syllable(word) if word.isascii() else is_syllable(word)


# Common English words, and the smallest French ones, that are the letters of a possible syllable.
_ENGLISH_WORDS = """
    a am an at be bin bit but buy can cap cat chat chin chip chop co com cup cut day den dot do doc
    don due en fat gap get go got ham hang hat he hen hi him hip hit hot i in ip it lay let lit long
    lot man map mat may me men met mic min my net no non not nut o off on op oh pan pay pen pet pin
    pop pot put rap rat ray rich run san say set sin sit so son song sum sun tan tap ten than that
    the them then thin tin tip to top toy trap tray trim trip true try tub tun u up van vet via vip
    y yet you au de du et la le un
"""
_ENGLISH = frozenset(_ENGLISH_WORDS.split())


def is_english(term: str) -> bool:
    """Whether the letters of a possible syllable are a common word of English too."""
    return term in _ENGLISH


# What unmarked syllables end in.
_LAST_LETTERS = frozenset("aeiouychgkmnpt")


def ends_like_syllable(word: str) -> bool:
    """Whether the last letter of a word without marks is that of some syllable."""
    return word[-1:] in _LAST_LETTERS


@cache
def _onsets() -> dict[str, list[str]]:
    """Unmarked onset, of three letters at most -> the onsets: d -> d, đ."""
    found: dict[str, list[str]] = {}
    for onset in ("", *_ONSETS):
        found.setdefault(base(onset), []).append(onset)
    return found


@cache
def _bases_after(onset: str) -> frozenset[str]:
    """Return the unmarked bases of the syllables that begin with the onset.

    A search asks for a word or two: the whole inventory would take longer than the search.
    """
    names = [nucleus + coda for name, nucleus, coda in _NAMES if name == onset]
    letters = [shape.letters for shape in _shapes_after(onset)]
    return frozenset(base(" ".join([*letters, *(onset + rime for rime in names)])).split(" "))


@cache
def beginnings(first: str) -> frozenset[str]:
    """Return the beginnings of all unmarked bases of syllables that begin with a letter."""
    unmark = _unmark_table()
    letters = [letter for letter in sorted(_FIRST_LETTERS) if letter.translate(unmark) == first]
    bases = [key.translate(unmark) for one in letters for key in _shapes_from(one)]
    return frozenset([key[:end] for key in bases for end in range(1, len(key) + 1)])


# Distances of `neighbours`: -ln of how often the typed form stands for the intended one, from
# the channel measured for diacritic repair (hỏi/ngã 0.2, tone left out 0.1, i/y 0.05, another
# tone or vowel mark 0.02); sounds merged in a large dialect are put between those.
_HOI_NGA = 1.6
_DROPPED_TONE = 2.3
_DROPPED_MARK = 2.3
_OTHER_TONE = 3.9
_OTHER_MARK = 3.9
_I_Y = 3.0
_SPELLING_RULE = 1.8

# Onsets taken for one another (both ways): northern d/gi/r, s/x, ch/tr, l/n; southern d/gi/v.
_ONSET_CONFUSIONS = (
    ("d", "gi", 2.3),
    ("d", "r", 3.0),
    ("gi", "r", 3.0),
    ("d", "v", 3.5),
    ("gi", "v", 3.5),
    ("s", "x", 2.3),
    ("ch", "tr", 2.3),
    ("l", "n", 3.0),
)

# Southern finals: n/ng, c/t, and their palatal spellings.
_CODA_CONFUSIONS = (("n", "ng", 3.0), ("c", "t", 3.0), ("n", "nh", 3.5), ("ch", "t", 3.5))

# Onsets written against the k/gh/ngh rule: what was typed -> what was meant.
_RULE_SLIPS = (("ngh", "ng"), ("ng", "ngh"), ("gh", "g"), ("g", "gh"), ("c", "k"), ("k", "c"))

DEFAULT_LIMIT = 4.5


@cache
def _confusions() -> tuple[dict[str, list[tuple[str, float]]], dict[str, list[tuple[str, float]]]]:
    """Return, for onsets and for codas, typed -> [(meant, distance), ...]."""
    tables: list[dict[str, list[tuple[str, float]]]] = []
    for pairs in (_ONSET_CONFUSIONS, _CODA_CONFUSIONS):
        table: dict[str, list[tuple[str, float]]] = {}
        for a, b, distance in pairs:
            table.setdefault(a, []).append((b, distance))
            table.setdefault(b, []).append((a, distance))
        tables.append(table)
    for typed, meant in _RULE_SLIPS:
        tables[0].setdefault(typed, []).append((meant, _SPELLING_RULE))
    for typed, meant in (("c", "k"), ("k", "c")):  # Đắc Lắc, Đắk Lắk
        tables[1].setdefault(typed, []).append((meant, _SPELLING_RULE))
    return tables[0], tables[1]


_LONG_FIRST_ONSETS = tuple(sorted(_ONSETS, key=len, reverse=True))
_LONG_FIRST_CODAS = ("ch", "ng", "nh", "c", "k", "m", "n", "p", "t")


def _prefix_of(letters: str) -> str:
    return next((o for o in _LONG_FIRST_ONSETS if letters.startswith(o)), "")


def _suffix_of(letters: str) -> str:
    return next((c for c in _LONG_FIRST_CODAS if letters.endswith(c)), "")


def _near_letters(letters: str) -> Iterator[tuple[str, float]]:
    """Yield toneless spellings one confusion of onset, coda or i/y away (and itself)."""
    yield letters, 0.0
    onsets, codas = _confusions()
    onset, coda = _prefix_of(letters), _suffix_of(letters)
    for meant, distance in onsets.get(onset, ()):
        rest = letters[len(onset) :]
        if onset == "gi" and rest[:1] not in set(_VOWELS):
            rest = "i" + rest
        elif meant == "gi" and rest.startswith("i"):
            rest = rest[1:]
        yield meant + rest, distance
    if onset == "gi" and len(letters) > 3 and letters[2] == "ê":
        # giêng: its i belongs to the rime too (diêng, riêng).
        for meant, distance in onsets["gi"]:
            yield meant + letters[1:], distance
    for meant, distance in codas.get(coda, ()):
        yield letters[: len(letters) - len(coda)] + meant, distance
    for a, b in (("i", "y"), ("y", "i")):
        if a in letters:
            yield letters.replace(a, b), _I_Y


def _tone_distance(typed: int, meant: int) -> float:
    if typed == meant:
        return 0.0
    if typed == NGANG:
        return _DROPPED_TONE
    return _HOI_NGA if {typed, meant} == {HOI, NGA} else _OTHER_TONE


def _mark_distance(typed: str, meant: str) -> float:
    """Distance between toneless spellings of one base; both letters of ươ wrong are one slip."""
    distance = 0.0
    slipped = False
    for a, b in zip(typed, meant, strict=True):
        if a == b:
            slipped = False
        elif not slipped:
            distance += _DROPPED_MARK if a.isascii() else _OTHER_MARK
            slipped = b not in "dđ"
    return distance


@lru_cache(maxsize=1 << 14)
def _neighbours(word: str, limit: float) -> tuple[tuple[str, float], ...]:
    letters, tone = split_tone(word)
    best: dict[str, float] = {}
    for near, first in _near_letters(letters):
        if first > limit:
            continue
        for candidate in with_base(base(near)):
            meant, meant_tone = split_tone(candidate)
            distance = first + _tone_distance(tone, meant_tone)
            if distance <= limit and meant != near:
                distance += _mark_distance(near, meant)
            if distance <= limit and distance < best.get(candidate, limit + 1):
                best[candidate] = distance
    own = parse(word)
    if own is not None:
        best.pop(own.spelling, None)
    return tuple(sorted(best.items(), key=lambda pair: (pair[1], pair[0])))


def neighbours(word: str, limit: float = DEFAULT_LIMIT) -> list[tuple[str, float]]:
    """Return the possible syllables the word may have been meant for, nearest first.

    Each comes with a distance in nats (−ln of a probability, so distances of independent slips
    add up): hỏi for ngã 1.6, a k/gh/ngh slip 1.8, a tone or vowel mark left out 2.3, d/gi, s/x,
    ch/tr 2.3, l/n, d/r, i/y, n/ng, c/t 3.0, another tone or mark 3.9. The word need not be a
    syllable itself (``nghành`` -> ngành, ``đuợc`` -> được); it is never among its neighbours.
    """
    return list(_neighbours(word, limit))

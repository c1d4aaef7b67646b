"""Telex and VNI: what the keys of a Vietnamese typist spell, and back.

Somebody whose input method is switched off types ``vieetj nam`` or ``vie65t nam``. Both methods
put plain letters and *mark keys* in one row:

=========================  ===================  =================
mark                       Telex                VNI
=========================  ===================  =================
sắc huyền hỏi ngã nặng     ``s f r x j``        ``1 2 3 4 5``
no tone                    ``z``                ``0``
â ê ô                      ``aa ee oo``         ``a6 e6 o6``
ơ ư                        ``ow uw`` (``w``)    ``o7 u7``
ươ                         ``uow`` ``uwow``     ``uo7`` ``u7o7``
ă                          ``aw``               ``a8``
đ                          ``dd``               ``d9``
=========================  ===================  =================

A mark key may stand anywhere after its letter (``vieejt``, ``vietje``, ``dungfd``), which makes a
row of keys ambiguous; the inventory of possible syllables decides (`vnsearch.text.syllable`).
The key tables are those every input method for Vietnamese shares (UniKey's manual, "Các kiểu
gõ"); a mark key typed twice takes the mark back and stands for itself, as there.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import cache, partial

from vnsearch.kernels.keys import Decoder
from vnsearch.record import NamedTuple
from vnsearch.text.syllable import beginnings, compose, is_unmarked_syllable, split_tone

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal, TypeAlias

__all__ = [
    "STYLES",
    "Evidence",
    "Keys",
    "Style",
    "decode_keys",
    "decode_telex",
    "decode_text",
    "decode_vni",
    "encode_telex",
    "encode_vni",
    "evidence_for_keys",
    "read_beginning",
    "read_keys",
    "typed_as_keys",
]

Style: TypeAlias = "Literal['tone-last', 'inline', 'short-horn', 'marks-last']"
STYLES: tuple[Style, ...] = ("tone-last", "inline", "short-horn", "marks-last")
"""Orders in which people type: ``tieengs dduwowngf``, ``tieesng dduwowfng``,
``tieengs dduowngf``, ``tienges dduongwf``."""

Method: TypeAlias = "Literal['telex', 'vni']"
Evidence: TypeAlias = "tuple[float, bool, bool]"
"""What a row of keys says for a text in keys: how surely, and whether it will do alone in a text
of three words, and of eight."""

MAX_KEYS = 14
"""Longest row of keys looked at; ``nghieengs`` has nine, ``nguwowifw`` nine."""

_VOWELS = frozenset("aeiouy")

# Compiled when first used.
_ESCAPED = r"(?i)([sfrxjw])\1|([aeod])\2\2"

# Common English words that happen to be the keys of a possible syllable.
_ENGLISH_WORDS = """
    air arm as bar beef been beer best bins bits boom boots born bots box bus cams caps car cats
    chair chats cheer chef chest chips cops corn cost cow cups cuts dad das days dense der des did
    does donor door dots down gas goes guns guys hair has hats hens her here hero hex hips his hits
    honor horn host how if is its kits lar las last lens les lips list loaf los lose lost lots low
    mar mas max meets mes mix moon moor most must nets nor nose now nuts of ops or own ox pair par
    pass past pasta pax pays peer pens per pets pins pos post pots pox queen queens queer rats reef
    reset rest rex roof room rose row rows sax see seem seems seen sense ser sets sex sir sit sits
    six sofa songs soon suns tar tax taxi teens tens ter term test tests text there these this those
    thus tips tons too tools toons top tops tor town towns tree trees trips trust turn ups us usa
    vans ver via vis visa war was wax
"""
_ENGLISH = frozenset(_ENGLISH_WORDS.split())

# Of the possible unmarked syllables in oo, those that are words (coong is công, in keys).
_LOAN_WORDS = "boong dooc goong loong mooc moong noong rooc sooc toong vooc xoong"
_LOANS = frozenset(_LOAN_WORDS.split())


class Keys(NamedTuple):
    """What a row of keys spells.

    ``confidence`` (0..1) is how likely the row was *typed as keys* rather than being a plain
    word: 0.95 for a tone and a vowel mark together (``vieetj``), about 0.4 for a lone final s, r,
    x (``bans``), 0.1 for a common English word (``has``).
    """

    text: str
    method: Method
    confidence: float


_keys: Callable[[Iterable[object]], Keys] = partial(tuple.__new__, Keys)


_decoder = Decoder(beginnings, compose)


def _confidence(
    plain: str, method: Method, letters: int, tone: int, tone_keys: int, mark_keys: int, far: int
) -> float:
    """How likely lower-case keys were typed as keys; the grades were set on Vietnamese news
    text. ``far`` marks were typed after other letters."""
    if tone_keys > 1 or plain in _ENGLISH:
        return 0.1
    if is_unmarked_syllable(plain) and ("oo" not in plain or plain in _LOANS):
        return 0.1
    if tone_keys and mark_keys:
        return 0.8 if far else 0.95
    if method == "vni":
        if letters == 1:
            return 0.1  # A4, E5, U2
        if not plain[-1].isdigit():
            return 0.9
        return 0.8 if mark_keys else 0.5
    if far:
        # hungw: no other language ends a word so; mama, nhana: names do.
        return 0.6 if plain[-1] == "w" and plain[-2] not in _VOWELS else 0.3
    if tone_keys:
        return 0.8 if plain[-1] in "fj" or tone in (2, 5) else 0.4
    if "uw" in plain or "uow" in plain or "aa" in plain or plain.startswith("dd"):
        return 0.8
    return 0.4


def read_keys(word: str) -> Keys | None:
    """Return what the word spells if it is a row of Telex or VNI keys, and how surely; or None.

    One word of ASCII letters and digits in any case. None for a word with no mark key in it
    (``phong``) and for one whose keys spell no possible syllable (``file``, ``covid19``).
    """
    if len(word) > MAX_KEYS or not (word.isascii() and word.isalnum()):
        return None
    method: Method = "telex" if word.isalpha() else "vni"
    found = _decoder.decode(word, method == "telex")
    if found is None:
        return None
    text, letters, tone, tone_keys, mark_keys, far = found
    sure = _confidence(word.lower(), method, len(letters), tone, tone_keys, mark_keys, far)
    return _keys((text, method, sure))


# With one of these behind it, the beginning of a syllable is one: nguyê(n), đ(a).
_ENDINGS = ("", "n", "a")


def read_beginning(row: str) -> list[Keys]:
    """Return what `read_keys` does for the beginning of a word, which may go on (``nguyee``): all
    that it may be."""
    found: dict[str, Keys] = {}
    for ending in _ENDINGS:
        keys = read_keys(row + ending)
        if keys is not None and keys.text.lower().endswith(ending):
            text = keys.text[: len(keys.text) - len(ending)]
            found.setdefault(text, keys._replace(text=text))
    return list(found.values())


def decode_keys(word: str, confidence: float = 0.0) -> str | None:
    """Return the syllable the keys of one word spell, Telex or VNI, or None.

    ``confidence`` is the least `Keys.confidence` accepted; a single word is weak evidence, so
    whole queries go through `decode_text`.
    """
    keys = read_keys(word)
    return keys.text if keys is not None and keys.confidence >= confidence else None


def decode_telex(word: str) -> str | None:
    """Return what an input method in Telex would show for the keys of one word.

    That is a possible syllable (``vieetj`` -> ``việt``) or, when a doubled key takes a mark back,
    the plain word meant (``tesst`` -> ``test``, ``faceboook`` -> ``facebook``). None when the
    word holds no Telex key or they spell neither.
    """
    if len(word) <= MAX_KEYS and word.isascii():
        found = _decoder.decode(word, True)
        if found is not None:
            return found[0]
    plain = re.sub(_ESCAPED, _taken_back, word)
    return plain if plain != word else None


def _taken_back(match: re.Match[str]) -> str:
    return match[1] or match[2] * 2


def decode_vni(word: str) -> str | None:
    """Return the syllable an input method in VNI would show for the keys of one word, or None."""
    found = _decoder.decode(word, False) if len(word) <= MAX_KEYS and word.isascii() else None
    return found[0] if found is not None else None


_WORD = r"(?i)[a-z0-9]+"


_LIKELY = 0.4
_UNKNOWN = 0.7
_SO_MUCH_RARER = 100


def evidence_for_keys(keys: Keys, meant: float, as_typed: float) -> Evidence | None:
    """Return what a row of keys says for a text in keys, None if nothing: the documents that hold
    the syllable it spells, and those that hold the row as it stands."""
    _, method, confidence = keys
    if meant <= as_typed or (method == "vni" and confidence < 0.2):
        return None  # U23 and A4 are never meant as keys
    return _evidence(confidence, _SO_MUCH_RARER * (as_typed + 1) <= meant, not as_typed)


@cache
def _evidence(confidence: float, unknown: bool, absent: bool) -> Evidence:
    sure = max(confidence, _UNKNOWN) if unknown and confidence >= _LIKELY else confidence
    return (
        sure,
        confidence >= (_LIKELY if unknown or absent else 0.8),
        confidence >= (0.8 if unknown else 0.95),
    )


def typed_as_keys(rows: Sequence[Evidence | None], words: int) -> list[int]:
    """Return the places of the words of a text that were typed as keys; none when it was not.

    Each comes with its `evidence_for_keys` (None: none, it is no row of keys); ``words`` are those
    that are rows of keys, or more than a number.
    Two or more words must spell known syllables with confidences that add up to 1 and to 0.15 a
    word; one that is all but unknown as it stands is surer to be keys. One word will do in a text
    of eight words or fewer if it has both a tone and a vowel mark, or is likely and unknown; in a
    text of three or fewer if it is likely or unknown. Then every word that spells a syllable
    better known than the word itself counts.
    """
    found = []
    total = 0.0
    one_will_do = False
    for at, evidence in enumerate(rows):
        if evidence is not None:
            sure, among_three, among_eight = evidence
            found.append(at)
            total += sure
            one_will_do |= words <= 3 and among_three
            one_will_do |= 3 < words <= 8 and among_eight
    if one_will_do or (len(found) >= 2 and total >= max(1.0, 0.15 * words)):
        return found
    return []


def decode_text(text: str, known: Callable[[str], int]) -> str | None:
    """Return the text with its rows of keys spelled out, or None when it is not typed in keys.

    The text must be plain ASCII. ``known(syllable)`` is the number of documents holding a
    lower-case syllable (0: none); it is also asked for the words as typed. `typed_as_keys` decides.
    """
    if not text.isascii():
        return None
    matches = list(re.finditer(_WORD, text))
    read = [read_keys(match[0]) for match in matches]
    places = typed_as_keys(
        [
            keys and evidence_for_keys(keys, known(keys.text.lower()), known(match[0].lower()))
            for match, keys in zip(matches, read, strict=True)
        ],
        sum(
            keys is not None or not match[0].isdigit()
            for match, keys in zip(matches, read, strict=True)
        ),
    )
    parts: list[str] = []
    done = 0
    for place in places:
        keys = read[place]
        assert keys is not None
        parts += text[done : matches[place].start()], keys.text
        done = matches[place].end()
    return "".join((*parts, text[done:])) if places else None


_LETTERS = r"[^\W\d_]+"
_MARKED = "ăâđêôơư"
_MARK_KEYS: dict[Method, dict[str, str]] = {
    "telex": dict(zip(_MARKED, ("aw", "aa", "dd", "ee", "oo", "ow", "uw"), strict=True)),
    "vni": dict(zip(_MARKED, ("a8", "a6", "d9", "e6", "o6", "o7", "u7"), strict=True)),
}
_TONE_KEYS: dict[Method, str] = {"telex": "zsfrxj", "vni": "012345"}


def _encode_word(word: str, method: Method, style: Style) -> str:
    row, late, tone_key = "", "", ""
    letters = [split_tone(letter) for letter in word]
    for at, (letter, tone) in enumerate(letters):
        before = letters[at - 1][0] if at else ""
        after = letters[at + 1][0] if at + 1 < len(letters) else ""
        keys = _MARK_KEYS[method].get(letter, letter)
        first, mark = keys[0], keys[1:]
        if method == "telex" and before == letter == "o":
            mark = "o"  # xoong: the third o takes the circumflex back
        elif letter == "ư" and after == "ơ" and style in ("short-horn", "marks-last"):
            mark = ""
        elif mark and letter != "đ" and style == "marks-last":
            late, mark = late + mark, ""
        row += (first.upper() if word[at].isupper() else first) + mark
        key = _TONE_KEYS[method][tone] if tone else ""
        if style == "inline":
            row += key
        else:
            tone_key += key
    row += late + tone_key
    return row.upper() if len(word) > 1 and word.isupper() else row


def _encode(text: str, method: Method, style: Style) -> str:
    if style not in STYLES:
        raise ValueError(f"unknown style {style!r}; known: {', '.join(STYLES)}")
    text = unicodedata.normalize("NFC", text)
    return re.sub(_LETTERS, lambda match: _encode_word(match[0], method, style), text)


def encode_telex(text: str, style: Style = "tone-last") -> str:
    """Return the Telex keys for a text, in one of the `STYLES`; the inverse of `decode_telex`."""
    return _encode(text, "telex", style)


def encode_vni(text: str, style: Style = "tone-last") -> str:
    """Return the VNI keys for a text, in one of the `STYLES`; the inverse of `decode_vni`."""
    return _encode(text, "vni", style)

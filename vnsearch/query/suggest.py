"""Did you mean, and completion as one types: the index's own words in proper spelling."""

from __future__ import annotations

import math
import re
import unicodedata
from array import array
from collections.abc import Sequence
from itertools import pairwise

from vnsearch.kernels.lattice import Numbers, cased
from vnsearch.query.prefixes import decoded_prefix
from vnsearch.query.statistics import Column, Form, Statistics, Trail, is_latin_1
from vnsearch.query.understand import (
    DOUBT,
    Position,
    Understanding,
    as_held,
    begin_within,
    is_bare_spelling,
    is_foreign_text,
    is_word,
    literal_spans,
    slips,
    understand,
    with_its_marks,
)
from vnsearch.record import NamedTuple
from vnsearch.text import fold_key, spans
from vnsearch.text.abbreviations import Abbreviations, builtin_abbreviations
from vnsearch.text.syllable import (
    base,
    begins_like,
    is_english,
    is_syllable,
    is_unmarked_syllable,
    neighbours,
    split_tone,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

__all__ = ["Completion", "complete", "did_you_mean"]

LETTER_EDIT = math.exp(-5.0)
"""How readily a wrong, missing, doubled or swapped letter is typed: less than any slip of a mark
or a sound (`vnsearch.text.syllable.neighbours`)."""

SHORTEST, DISTINCT = 4, 6
"""A foreign word shorter than the first is not respelt; one shorter than the second has many others
a letter away, and only a well-known one is offered."""

KNOWN, WELL_KNOWN = 1 / 5_000, 1 / 1_000
"""So large a share of the documents has a word that is known, or well known."""

# Letters, digits, letters again: no piece of it is a word by itself. (Looked for from the first of
# some letters only, else many of them would be looked through from each.)
_CODE = r"(?<![^\W\d_])[^\W\d_]+\d+[^\W\d_]\w*"

# What may be typed as Telex or VNI keys: vang2 is two tokens.
_KEYS = re.compile(r"(?<!\w)[A-Za-z0-9]+\Z")

_ALPHABET = "abcdeghiklmnopqrstuvxy"
_MAX_EDITED = 16

# Completion.
_LONGER = 3.0  # a whole word of several syllables is more useful than one syllable
_OTHER_MARKS = 0.002
_TONE_TO_COME = 0.5
_BRANCHES = 5  # terms whose words are looked for
_NEXT_WORDS = 2  # and for the first so many terms, so many of the words after them
_RARELY = 0.001  # of the documents of a term have a word that is worth offering for it
_SET_PHRASE = 1 / 6  # how much it weighs that a set phrase is the rarer way to go on
_ALONE = 0.01  # a syllable that ends no word
_LONGEST = 4  # syllables of a word
_MOSTLY = 0.3  # a word that is so often part of a longer one is not offered without it


def did_you_mean(
    query: str, stats: Statistics, understanding: Understanding | None = None
) -> str | None:
    """Return the query in the spelling its words were probably meant, None if that is as typed.

    Marks come from `understand` (pass its answer if there is one). Beyond that, a word the index
    does not hold, or never beside its neighbours here, is weighed against the sounds it may be
    confused with (``xản xuất``) and, unknown, against words one letter away (``nguyễnn``).
    """
    understood = understanding or understand(query, stats)
    words = understood.positions
    terms = list(understood.terms)
    whole = {(word.start, word.end) for word in words}  # rows of VNI keys are no codes
    codes = {code.span() for code in re.finditer(_CODE, query)} - whole
    literal = [*literal_spans(query), *codes]
    fixed = begin_within([word.start for word in words], literal)
    foreign = is_foreign_text([word.text for word in words], stats)
    english = len(words) > 1 and all(is_english(word.text) for word in words)
    # what the index says in another way (TP.HCM) is right, whether it holds these words or not
    said = {at for one in understood.alternatives for at in range(one.first, one.stop)}
    odd = {
        at
        for at, word in enumerate(words)
        if at not in said
        and not fixed[at]
        and _is_odd(at, terms, word, stats)
        and not (foreign and is_unmarked_syllable(word.text))
        and not (english and terms[at] == word.text)
        and not (foreign and is_latin_1(terms[at]) and terms[at] != word.text)  # mbappé
    }
    if foreign and len({terms[at] for at in odd if not stats.df(terms[at])}) > 1:
        odd = set()  # it is not a slip: the index does not know the language
    if odd:
        plain = understood.rule == "restored" or all(word.text.isascii() for word in words)
        columns, emissions = [], []
        for at, term in enumerate(terms):
            column = stats.only(term)
            emission = column.ones
            if at in odd:
                column, emission = _neighbourhood(words[at].text, stats, plain, foreign)
            columns.append(column)
            emissions.append(emission)
        typed = [words[at].text if at in odd else term for at, term in enumerate(terms)]
        places = [column.places.get(one, -1) for column, one in zip(columns, typed, strict=True)]
        doubts = None if plain else [DOUBT] * len(typed)
        near = stats.weigh(columns, places, emissions, doubts).terms(typed, columns)
        terms = [
            term if _is_better(at, typed, terms, near, plain, stats) else terms[at]
            for at, term in enumerate(near)
        ]
    parts: list[str] = []
    done = 0
    changed = False
    changes = {change.start for change in understood.changes}
    for at, word in enumerate(words):
        shown = query[word.start : word.end]
        if fixed[at] or (at and words[at - 1].start == word.start):  # told with its first part
            continue
        stop = at + 1
        while stop < len(words) and words[stop].start == word.start:
            stop += 1
        parts_at = range(at, stop)
        as_typed = all(terms[place] == understood.terms[place] for place in parts_at)
        as_typed = as_typed and (len(parts_at) > 1 or terms[at] == word.text)
        as_typed = as_typed and word.start not in changes
        changed = changed or not as_typed
        meant = " ".join([terms[place] for place in parts_at])
        parts += query[done : word.start], shown if as_typed else cased(shown, meant)
        done = word.end
    offered = "".join((*parts, query[done:]))
    # what was understood otherwise may be respelt to what was typed
    if not changed or offered == query:
        return None
    # nothing would be found by keys of words that the index has in no way
    return offered if understood.alternatives or any(map(stats.fold_df, terms)) else None


def _is_better(
    at: int,
    typed: Sequence[str],
    terms: Sequence[str],
    near: Sequence[str],
    plain: bool,
    stats: Statistics,
) -> bool:
    """Whether what a word may have been meant for is worth offering.

    A possible syllable is right, and of a row of few letters nothing is known, where the index
    holds nothing else beside its neighbours, which are no guesses themselves. A short or English
    word alone is not one letter wrong."""
    word, meant = typed[at], near[at]
    if meant == word:
        return True
    if is_bare_spelling(word, meant, stats):
        return False
    fold = fold_key(meant)
    respelt = fold != fold_key(word)
    if plain and not respelt:
        return True
    if respelt and len(near) == 1 and (len(word) < SHORTEST or is_english(word)):
        return any(fold_key(sound) == fold for sound, _ in neighbours(word))
    possible = is_syllable(word) or (plain and is_unmarked_syllable(word))
    if not possible and len(word) >= SHORTEST:
        return True
    row = slice(max(0, at - 1), at + 2)
    beside = [
        guess if guess == own or (plain and fold_key(guess) == fold_key(own)) else term
        for guess, own, term in zip(near[row], typed[row], terms[row], strict=True)
    ]
    beside[at - row.start] = meant
    return _is_beside(at - row.start, beside, stats)


def _is_odd(at: int, terms: Sequence[str], word: Position, stats: Statistics) -> bool:
    """Whether a word was repaired, or the index does not hold it, or not beside its neighbours.

    Where most texts that may have it are written without marks, it is found as it stands."""
    if not is_word(word.text):
        return False
    bare = fold_key(word.text)
    form = stats.column(bare).get(bare)
    mostly_bare = form is not None and 2 * form.df >= stats.fold_df(bare)
    if mostly_bare and is_bare_spelling(word.text, bare, stats):
        return False
    if any(variant.reason == "repaired" for variant in word.variants):
        return True
    if not stats.df(terms[at]):  # but in a set phrase, which alone is restored to what is not held
        return word.variants[0].reason != "restored" or terms[at].isascii()
    return not _is_beside(at, terms, stats)


def _is_beside(at: int, terms: Sequence[str], stats: Statistics) -> bool:
    """Whether the index has a term beside either of its neighbours; a lone one has none."""
    beside = list(pairwise(range(max(0, at - 1), min(len(terms), at + 2))))
    return not beside or any(stats.pair_df(terms[a], terms[b]) for a, b in beside)


def _neighbourhood(
    typed: str, stats: Statistics, plain: bool, foreign: bool
) -> tuple[Column, Numbers]:
    """Return what ``typed`` may have been meant for, and how readily it is typed for each.

    ``plain`` words were typed without marks, so marks cost nothing; a word of ``foreign`` text was
    meant for a foreign one.
    """
    key = typed, plain, foreign
    kept: tuple[Column, Numbers] | None = stats.neighbourhoods.get(key)
    if kept is not None:
        return kept
    found: dict[str, tuple[float, Form]] = {}

    def offer(form: Form, readiness: float) -> None:
        if foreign and (not form.term.isascii() or is_unmarked_syllable(form.term)):
            return
        if readiness > found.get(form.term, (0.0, form))[0]:
            found[form.term] = (readiness, form)

    alike = stats.column(fold_key(typed))
    for form, readiness in zip(alike.forms, slips(typed, alike.places), strict=True):
        offer(form, 1.0 if plain else readiness)
    for near, distance in neighbours(typed):
        column = stats.column(fold_key(near))
        if plain:
            for form in column.forms if base(near) != base(typed) else ():
                offer(form, math.exp(-distance))
        elif (known := column.get(near)) is not None:
            offer(known, math.exp(-distance))
    held = stats.fold_df(typed) if plain else stats.df(typed)
    if not held and 1 < len(typed) <= _MAX_EDITED:  # any two letters are one away from one
        letters, tone = split_tone(typed)
        only_one = not plain and is_syllable(typed)  # else it is two slips in a word that is one
        for fold in stats.read_held(_one_letter_away(fold_key(typed))):
            for form in stats.column(fold).forms:
                alien = foreign or not is_unmarked_syllable(base(form.term))
                if alien and not _is_likely_foreign(typed, form, stats):
                    continue
                near, other = split_tone(form.term)
                same = plain or other == tone
                if only_one and not (same and _is_one_slip(letters, near)):
                    continue
                offer(form, LETTER_EDIT if same else LETTER_EDIT / 10)
    if not found:
        found[typed] = (1.0, Form(typed, 0, 0))
    forms = [form for _, form in found.values()]
    column = Column(f"~{plain:d}{foreign:d}{typed}", fold_key(typed), forms)
    emission = Numbers(array("d", [found[form.term][0] for form in column.forms]))
    return stats.neighbourhoods.keep(key, (column, emission))


def _is_likely_foreign(typed: str, form: Form, stats: Statistics) -> bool:
    """Whether an unknown foreign word may be meant for another, which begins alike and is known:
    a short one well (``learn`` is not *Leary*, ``gogle`` is *Google*)."""
    if len(typed) < SHORTEST or form.term[0] != typed[0]:
        return False
    return form.df >= (KNOWN if len(typed) >= DISTINCT else WELL_KNOWN) * stats.doc_count


def _one_letter_away(word: str) -> set[str]:
    """Return every string one missing, doubled, swapped, wrong or extra letter away."""
    splits = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    edited = {left + right[1:] for left, right in splits if right}
    edited |= {left + right[1] + right[0] + right[2:] for left, right in splits if len(right) > 1}
    for letter in _ALPHABET:
        edited |= {left + letter + right[1:] for left, right in splits if right}
        edited |= {left + letter + right for left, right in splits}
    edited -= {word, ""}
    return edited


def _is_one_slip(typed: str, meant: str) -> bool:
    """Whether two words differ by one missing, extra, wrong or swapped letter, marks counted."""
    at = next((at for at, (a, b) in enumerate(zip(typed, meant, strict=False)) if a != b), None)
    if at is None:
        return abs(len(typed) - len(meant)) < 2
    left, right = typed[at:], meant[at:]
    swapped = left[1::-1] + left[2:]
    return right in (swapped, left[1:]) or left[1:] == right[1:] or left == right[1:]


_Row: TypeAlias = tuple[str, ...]
_Offer: TypeAlias = tuple[float, str, int, _Row]
"""Minus the score, the text, and what must stand in the texts after which of the rows."""


class Completion(NamedTuple):
    """A way to go on: the whole text in proper spelling, and how useful it is (for ranking)."""

    text: str
    score: float


def complete(
    prefix: str,
    stats: Statistics,
    limit: int = 8,
    abbreviations: Abbreviations | None = None,
) -> list[Completion]:
    """Return the ways ``prefix`` may go on, the most useful first.

    The last word may be half typed, with or without marks (``duong s`` -> ``đường sắt``); after a
    space the next word is offered. What stands before is shown in proper spelling.
    """
    starts, ends, texts = spans(prefix)
    if not texts:
        return []
    table = builtin_abbreviations() if abbreviations is None else abbreviations
    open_word = ends[-1] == len(prefix)
    partial = texts[-1] if open_word else ""
    cut = starts[-1] if open_word else len(prefix)
    keys = _KEYS.search(prefix) if open_word else None
    decoded = decoded_prefix(keys[0], stats) if keys else None
    if keys and decoded:
        cut, partial = keys.start(), decoded
    if open_word and any(first <= cut < last for first, last in literal_spans(prefix)):
        return []  # an address goes on in its own way
    before = understand(prefix[:cut], stats, whole=False)
    contexts: list[tuple[str, tuple[str, ...], float]] = [(before.text, (), 1.0)]
    if before.positions:
        last = before.positions[-1]
        shown = prefix[last.start : last.end]
        gap = prefix[last.end : cut]
        # the last word as it stands in the proper spelling: of a glued one, its last part
        glued = len(before.positions) > 1 and before.positions[-2].start == last.start
        changed = [change.meant for change in before.changes if change.start == last.start]
        spelled = before.terms[-1] if glued else changed[0] if changed else shown
        lead = before.text[: len(before.text) - len(gap) - len(spelled)]
        gap = (gap if gap.strip() else gap[:1]) if open_word else gap.rstrip() + " "
        earlier = before.terms[-_LONGEST + 1 : -1]
        contexts = [
            (
                f"{lead}{cased(shown, with_its_marks(last.text, variant.term, stats))}{gap}",
                tuple([as_held(one, stats) for one in (*earlier, variant.term)]),
                variant.weight,
            )
            for variant in last.variants[:3]
        ]
        if len(contexts) > 1:
            # the second likeliest reading of a word does not always go with what stands before
            contexts = [one for one in contexts if _trail(one[1][-2:], stats)] or contexts
    begun_word = prefix[cut:] if partial else ""
    is_name = cut > 0 and begun_word[:1].isupper()

    def longer(text: str, words: Sequence[str]) -> str:
        """Return a text with words after it, like its last one if that was begun as a name."""
        return f"{text} {' '.join(map(_capitalised, words) if is_name else words)}"

    firsts = [
        (-weight * score, lead, term, earlier)
        for lead, earlier, weight in contexts
        for term, score in _next_terms(earlier, partial, stats)
    ]
    if partial and not firsts:  # what never stood after the words before is better than nothing
        firsts = [
            (-weight * score, lead, term, earlier)
            for lead, earlier, weight in contexts
            for term, score in _begun_terms(partial, stats)
        ]
    firsts.sort()
    others = firsts[_BRANCHES:]
    # so many are enough, and one more: one of them may be the prefix itself
    enough = others[min(limit, len(others) - 1)][0] if others else 0.0
    offers: list[_Offer] = [
        (_ALONE * score, lead + cased(begun_word, term), -1, ())
        for score, lead, term, _ in others
        if score <= enough
    ]
    firsts = firsts[:_BRANCHES]
    inside_of: dict[tuple[str, ...], float] = {}
    for earlier in {earlier for _, _, _, earlier in firsts}:
        terms = [term for _, _, term, before_it in firsts if before_it == earlier]
        for term, share in zip(terms, _begun(earlier, terms, stats), strict=True):
            inside_of[(*earlier, term)] = share
    rows = [_Followed((*earlier, term), stats) for _, _, term, earlier in firsts]
    for place, (score, lead, term, earlier) in enumerate(firsts):
        text = lead + cased(begun_word, term)
        inside = inside_of[rows[place].terms]
        for word, share in _words(term, stats).items():
            rest = word[1:]
            if rest:
                useful = _LONGER * score * share * (1 - inside)
                # without words before, it is one by itself
                offers.append((useful, longer(text, rest), place, rest if earlier else ()))
            else:
                offers.append((score * share * (1 - inside), text, place, ()))
        offers.append((score * max(_LONGER * inside, _ALONE), text, place, ()))
        for begun, first in enumerate(earlier):
            for phrase in table.meanings(*earlier[begun:], term) if table.begins(first) else ():
                rest = phrase[len(earlier) - begun :]
                share = min(stats.pair_df(a, b) / max(stats.df(a), 1) for a, b in pairwise(rest))
                if share > 0:
                    useful = _LONGER * score * share**_SET_PHRASE
                    offers.append((useful, longer(text, rest[1:]), place, rest[1:]))
        if place >= _NEXT_WORDS:
            continue
        df = max(stats.long_df(term), 1)
        whole = max(inside, stats.word_df((term,)) / df)
        if whole < _MOSTLY:
            continue
        for follower in stats.closest(term)[:_NEXT_WORDS]:
            if not stats.word_df((term, follower.term)):
                near = _words(follower.term, stats)
                ranked = [(share, word) for word, share in near.items()]
                likeliest = max(ranked, default=(0.0, (follower.term,)))[1]
                together = follower.together / math.sqrt(df * max(follower.df, 1))
                useful = score * whole * together
                offers.append((useful, longer(text, likeliest), place, likeliest))
    # all in capitals, or each word with one, as all that was typed
    if prefix.isupper() and sum(map(str.isalpha, prefix)) > 1:
        offers = [(score, text.upper(), place, rest) for score, text, place, rest in offers]
    elif len(starts) > 1 and all(prefix[start].isupper() for start in starts):
        offers = [(score, _capitalised(text), place, rest) for score, text, place, rest in offers]
    whole_word = unicodedata.normalize("NFC", prefix)
    new = [one for one in offers if one[1] != whole_word]
    new.sort()
    if open_word and (len(new) < len(offers) or not _found(new, 1, rows)):
        longer_ones = [one for one in new if one[1].startswith(whole_word)]
        if not _found(longer_ones, 1, rows):
            return complete(prefix + " ", stats, limit, table)  # with the next word
    return [Completion(*one) for one in _found(new, limit, rows).items()]


def _found(offers: list[_Offer], limit: int, rows: list[_Followed]) -> dict[str, float]:
    """Return the first of what is offered; no more than these are looked for in the texts."""
    found: dict[str, float] = {}
    for score, text, place, rest in offers:
        if len(found) >= limit:
            break
        if text not in found and (not rest or rows[place].by(rest)):
            found[text] = -score
    return found


class _Followed:
    """A row of terms, and what follows it in the texts."""

    __slots__ = ("_is_read", "_stats", "_trail", "terms")

    def __init__(self, terms: _Row, stats: Statistics) -> None:
        self.terms = terms
        self._stats = stats
        self._trail: Trail | None = None
        self._is_read = False

    def by(self, rest: _Row) -> bool:
        """Whether ``rest`` stands after the last three, or two, of the row, as far as these ever
        stand so."""
        if len(self.terms) == 1:
            trail = _trail((*self.terms, rest[0]), self._stats) if len(rest) > 1 else None
            return trail is None or trail.reaches(rest[1:])
        if not self._is_read:
            self._trail = _trail(self.terms, self._stats)
            self._is_read = True
        return self._trail is None or self._trail.reaches(rest)


def _capitalised(text: str) -> str:
    return " ".join([word[:1].upper() + word[1:] for word in text.split(" ")])


def _begun(earlier: tuple[str, ...], terms: list[str], stats: Statistics) -> list[float]:
    """Return how often each of ``terms``, after the terms ``earlier``, ends a word that they
    begin."""
    if not earlier:
        return [0.0] * len(terms)
    together = stats.pair_dfs(earlier[-1], terms)
    words = [stats.word_dfs(earlier[-count:], terms) for count in range(1, len(earlier) + 1)]
    return [
        min(1.0, max(ends) / both) if both else 0.0
        for both, *ends in zip(together, *words, strict=True)
    ]


def _words(term: str, stats: Statistics) -> dict[tuple[str, ...], float]:
    """Return the segmenter's words that begin with ``term``, each with its share of the documents
    of the term; none that mostly goes on."""
    known: dict[tuple[str, ...], float] | None = stats.words_from.get(term)
    if known is not None:
        return known
    df = max(stats.long_df(term), 1)
    found: dict[tuple[str, ...], float] = {}
    rows: list[tuple[tuple[str, ...], int]] = [((term,), stats.word_df((term,)))]
    while rows:
        row, count = rows.pop()
        found[row] = count / df
        if len(row) == _LONGEST:
            continue
        nexts = [follower[0] for follower in stats.closest(row[-1])]
        for following, more in zip(nexts, stats.word_dfs(row, nexts), strict=True):
            if more > _RARELY * df:
                rows.append(((*row, following), more))
                if len(row) > 1 and more >= _MOSTLY * count:
                    found.pop(row, None)
    return stats.words_from.keep(term, found)


def _trail(terms: tuple[str, ...], stats: Statistics) -> Trail | None:
    """Return where the last three, or two, of ``terms`` stand in a row, None where they never do:
    what follows there stands in the texts, and is not pieced together from pairs."""
    for first in range(max(0, len(terms) - 3), len(terms) - 1):
        found = stats.trail(terms[first], terms[first + 1])
        if found.documents and first + 2 < len(terms):
            found = found.go_on(terms[first + 2])
        if found.documents:
            return found
    return None


def _next_terms(
    earlier: tuple[str, ...], partial: str, stats: Statistics
) -> list[tuple[str, float]]:
    """Return terms that the index has after the last of ``earlier`` ones, and after the last two in
    a row if it has these, and that begin like ``partial``, each with a score."""
    if not earlier:
        return []
    prefix = fold_key(partial) if partial else ""
    trail = _trail(earlier[-2:], stats)
    followers = trail.followers(prefix) if trail else []
    if not trail or (partial and not followers):
        followers = stats.followers(earlier[-1], prefix)
    return _agreeing(partial, [(term, n * math.sqrt(n / (df or 1))) for term, n, df in followers])


def _begun_terms(partial: str, stats: Statistics) -> list[tuple[str, float]]:
    """Return terms that begin like ``partial``, each with a score."""
    return _agreeing(partial, stats.with_prefix(fold_key(partial)))


def _agreeing(partial: str, scored: Sequence[tuple[str, float]]) -> list[tuple[str, float]]:
    """Return the terms that go with the marks typed so far, each with its score times how well."""
    if partial.isascii():
        return list(scored)
    if partial.isalpha() and not is_word(partial):  # letters of another script
        return [one for one in scored if one[0].startswith(partial)]
    return [(term, score * _agreement(partial, term)) for term, score in scored]


def _agreement(partial: str, term: str) -> float:
    """Return how well a term goes with the marks typed so far."""
    if term.startswith(partial):
        return 1.0
    return _TONE_TO_COME if begins_like(term, partial) else _OTHER_MARKS

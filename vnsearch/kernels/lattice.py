# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Which spellings a row of words was meant for: pair counts, forward-backward, Viterbi.

Each word has a few candidate spellings. A candidate ``b`` follows ``a`` with the probability of
Witten and Bell (method C in "The zero-frequency problem", IEEE Transactions on Information Theory
37(4), 1991):

    P(b | a) = (count(a, b) + kinds(a) * P(b)) / (following(a) + kinds(a))

The numbers of all candidates lie one word after the other in flat arrays; the pair counts of
words ``i`` and ``i + 1`` are a matrix, row by row, and the matrices too lie one after the other.
Sums are scaled to 1 at each word, so no query is too long for a double.

Where the row is a search term, not text, words are there because they belong together: the
probability is multiplied by the root of how much likelier ``b`` is beside ``a`` than anywhere, the
root of ``P(b | a) / P(b)``.
"""

import array as _array

import cython

if cython.compiled:
    from cython.cimports.libc.math import sqrt
else:
    from math import sqrt


def cased(typed: str, meant: str):
    """Return ``meant`` in the letter case of ``typed``: all capitals, a capital first, or none; the
    parts of a glued word as they stand in it."""
    if typed.islower():
        return meant
    if len(typed) > 1 and typed.isupper():
        return meant.upper()
    if " " in meant and len(meant) - meant.count(" ") == len(typed):
        letters = iter(typed)
        return "".join(
            [one.upper() if one != " " and next(letters).isupper() else one for one in meant]
        )
    return meant[:1].upper() + meant[1:] if typed[:1].isupper() else meant


@cython.cclass
class Channel:
    """How readily a marked word is typed for another with the same letters under its marks.

    ``tones`` are (letter without its tone, tone) of the Vietnamese letters that are no ASCII; a
    word of other letters is ``split`` so. ``weights`` hold for each two tones how readily the one
    is typed for the other; that is multiplied by ``swap`` where i stands for y, and by ``mark``
    where the mark of a vowel or the bar of đ is another.
    """

    tones: dict
    split: object
    weights: list
    swap: cython.double
    mark: cython.double

    def __init__(self, tones: dict, split, weights: list, swap: cython.double, mark: cython.double):
        self.tones = tones
        self.split = split
        self.weights = weights
        self.swap = swap
        self.mark = mark

    @cython.cfunc
    def toneless(self, word: str) -> tuple:
        """Return a word without its tone, and the tone."""
        i: cython.Py_ssize_t
        at: cython.Py_ssize_t = -1
        letter: cython.Py_UCS4
        known: tuple
        toned: tuple = None
        for i in range(len(word)):
            letter = word[i]
            if letter < "\x80":
                if "A" <= letter <= "Z":
                    return self.split(word)
                continue
            known = self.tones.get(str(letter))
            if known is None:
                return self.split(word)
            if at < 0 and known[1]:
                at = i
                toned = known
        if at < 0:
            return word, 0
        return word[:at] + cython.cast(str, toned[0]) + word[at + 1 :], toned[1]

    def slips(self, typed: str, meant):
        """Return how readily ``typed`` is written for each of some spellings of the same fold."""
        one: str
        letters: str
        other: str
        with_i: str
        parts: tuple = self.toneless(typed)
        of_tone: list = self.weights[parts[1]]
        weight: cython.double
        found: list = []
        letters = parts[0]
        with_i = letters.replace("y", "i")
        for one in meant:
            weight = 1.0
            if one != typed:
                parts = self.toneless(one)
                weight = of_tone[parts[1]]
                other = parts[0]
                if letters != other:
                    weight *= self.swap if with_i == other.replace("y", "i") else self.mark
            found.append(weight)
        return found


@cython.cclass
class Numbers:
    """An array of floats, opened once for all the lattices that read it."""

    def __init__(self, values):
        self.values = values

    def __len__(self):
        return len(self.values)

    def __getitem__(self, place: cython.Py_ssize_t):
        if not 0 <= place < len(self.values):
            raise IndexError("no such number")
        return self.values[place]

    def above_zero(self):
        """Return the places of the numbers that are more than zero."""
        place: cython.Py_ssize_t
        found: list = []
        for place in range(len(self.values)):
            if self.values[place] > 0.0:
                found.append(place)
        return found


@cython.cclass
class Candidates:
    """The numbers of one word's candidate spellings, one of each kind per spelling.

    ``unigram`` is how probable a spelling is on its own, ``kinds`` how many different terms follow
    it and ``following`` how often they do, all told.
    """

    size: cython.Py_ssize_t
    # all unigrams, then all of `following`, then all kinds: a query asked for the first time waits
    # for every piece of memory it reads
    numbers: cython.double[::1]

    def __init__(self, unigram, following, kinds):
        self.size = len(unigram)
        self.numbers = unigram + following + kinds
        if len(following) != len(unigram) or len(kinds) != len(unigram):
            raise ValueError("every candidate has one number of each kind")


@cython.cclass
class Lattice:
    """The probability of every candidate and of every two side by side, given the whole row.

    ``columns`` are the words' `Candidates`; ``emissions`` hold for each word an array of how
    readily each candidate is typed so; ``counts`` the matrices of pair counts between each word and
    the next, one after the other. ``typed`` is the place of the spelling as typed among the
    candidates, -1 where it is none. With ``doubts`` only a word less probable as typed than its
    doubt is in question: the others are held as typed and the rest weighed again beside them.
    ``search_term`` says that the words are chosen to belong together.
    """

    n: cython.Py_ssize_t
    search_term: cython.bint
    first: cython.longlong[::1]
    matrix: cython.longlong[::1]
    path: cython.longlong[::1]
    emission: cython.double[::1]
    unigram: cython.double[::1]
    following: cython.double[::1]
    kinds: cython.double[::1]
    posterior: cython.double[::1]
    pairs: cython.double[::1]
    joint: cython.double[::1]
    work: cython.double[::1]
    typed: list
    # read from outside
    trust = cython.declare(list, visibility="readonly")
    fixed = cython.declare(list, visibility="readonly")
    best = cython.declare(list, visibility="readonly")
    weights = cython.declare(list, visibility="readonly")

    def __init__(
        self,
        columns: list,
        emissions: list,
        counts: Numbers,
        typed: list,
        doubts=None,
        search_term: cython.bint = False,
    ):
        n: cython.Py_ssize_t = len(columns)
        i: cython.Py_ssize_t
        j: cython.Py_ssize_t
        at: cython.Py_ssize_t = 0
        widest: cython.Py_ssize_t = 0
        size: cython.Py_ssize_t
        total: cython.Py_ssize_t
        place: cython.Py_ssize_t
        column: Candidates
        places: cython.longlong[::1]
        room: cython.double[::1]
        if len(typed) != n:
            raise ValueError("every word has candidates and a place as typed")
        self.n = n
        self.search_term = search_term
        self.typed = typed
        places = _array.array("q", bytes(8 * (3 * n + 2)))
        self.first = places[: n + 1]
        self.matrix = places[n + 1 : 2 * n + 2]
        self.path = places[2 * n + 2 :]
        for i in range(n):
            column = columns[i]
            place = typed[i]
            if column.size == 0:
                raise ValueError("a word has at least one candidate")
            if place >= column.size:
                raise ValueError("a word as typed is one of its candidates or none")
            self.first[i + 1] = self.first[i] + column.size
            widest = max(widest, column.size)
        for i in range(n - 1):
            size = (self.first[i + 1] - self.first[i]) * (self.first[i + 2] - self.first[i + 1])
            self.matrix[i + 1] = self.matrix[i] + size
        total = self.first[n]
        size = self.matrix[n - 1] if n else 0
        if len(counts.values) != size:
            raise ValueError("a matrix of pair counts has the size of its columns")
        self.pairs = counts.values
        room = _array.array("d", bytes(8 * (6 * total + size + 2 * widest)))
        self.emission = room[:total]
        self.unigram = room[total : 2 * total]
        self.following = room[2 * total : 3 * total]
        self.kinds = room[3 * total : 4 * total]
        self.posterior = room[4 * total : 5 * total]
        self.joint = room[5 * total : 5 * total + size]
        self.work = room[5 * total + size :]
        for i in range(n):
            column = columns[i]
            at = self.first[i]
            for j in range(column.size):
                self.unigram[at + j] = column.numbers[j]
                self.following[at + j] = column.numbers[column.size + j]
                self.kinds[at + j] = column.numbers[2 * column.size + j]
        self.weigh(emissions, doubts)

    def weigh(self, emissions: list, doubts=None):
        """Weigh the candidates, those of a row that was weighed before in another way."""
        n: cython.Py_ssize_t = self.n
        i: cython.Py_ssize_t
        j: cython.Py_ssize_t
        at: cython.Py_ssize_t
        place: cython.Py_ssize_t
        numbers: Numbers
        trust: cython.double
        doubt: cython.double
        fixed: cython.bint
        held: cython.Py_ssize_t = 0
        if len(emissions) != n or (doubts is not None and len(doubts) != n):
            raise ValueError("every word has emissions and a doubt")
        for i in range(n):
            numbers = emissions[i]
            at = self.first[i]
            if len(numbers.values) != self.first[i + 1] - at:
                raise ValueError("a word has an emission for each candidate")
            for j in range(len(numbers.values)):
                self.emission[at + j] = numbers.values[j]
        self.solve()
        self.trust = []
        self.fixed = []
        for i in range(n):
            place = self.typed[i]
            trust = 0.0
            fixed = False
            if place >= 0:
                trust = self.posterior[self.first[i] + place]
                if doubts is not None:
                    doubt = doubts[i]
                    fixed = trust >= doubt
            self.trust.append(trust)
            self.fixed.append(fixed)
            held += fixed
        if 0 < held < n:
            for i in range(n):
                if self.fixed[i]:
                    at = self.first[i]
                    place = self.typed[i]
                    for j in range(self.first[i + 1] - at):
                        self.emission[at + j] = 1.0 if j == place else 0.0
            self.solve()
        self.best = []
        self.weights = []
        for i in range(n):
            place = self.typed[i] if self.fixed[i] else self.path[i]
            self.best.append(place)
            self.weights.append(self.posterior[self.first[i] + place])

    def terms(self, typed: list, columns: list):
        """Return the most probable spelling of each word: as ``typed`` where that is fixed, else
        the term that the best of its column's ``forms`` begins with."""
        i: cython.Py_ssize_t
        forms: tuple
        result: list = []
        if len(typed) != self.n or len(columns) != self.n:
            raise ValueError("every word has candidates")
        for i in range(self.n):
            if self.fixed[i]:
                result.append(typed[i])
                continue
            forms = columns[i].forms
            if len(forms) != self.first[i + 1] - self.first[i]:
                raise ValueError("every candidate has a form")
            result.append(forms[self.best[i]][0])
        return result

    def positions(
        self,
        words: list,
        columns: list,
        bare: list,
        least: cython.double,
        as_typed: cython.double,
        sure: cython.double,
        variant,
        position,
    ):
        """Return (a ``position`` for each word, whether all stand as typed).

        A word is a tuple (text, start, end, _, why it is what it is, _, what else it may be as
        typed), a column's ``forms`` are tuples (term, documents, occurrences) and its ``fold`` is
        their fold key. A position is a tuple (text, start, end, fold, variants, bare), a
        ``variant`` (term, weight, reason), the weightiest first: those of weight ``least`` or more,
        and of a word that is not ``bare`` also the one typed, if it is held, with the weight
        ``as_typed``. A bare word of which one spelling is ``sure`` is bare no more.
        """
        n: cython.Py_ssize_t = self.n
        i: cython.Py_ssize_t
        at: cython.Py_ssize_t
        place: cython.Py_ssize_t
        typed: cython.Py_ssize_t
        weight: cython.double
        free: cython.bint
        several: cython.bint
        alike: cython.bint = True
        word: tuple
        form: tuple
        forms: tuple
        found: list
        variants: list
        spellings: list = []
        weights: list = []
        result: list = []
        make = tuple.__new__
        if len(words) != n or len(columns) != n or len(bare) != n:
            raise ValueError("every word has candidates")
        for i in range(n):
            if not isinstance(words[i], tuple) or len(words[i]) != 7:
                raise ValueError("a word is a tuple of seven")
            word = cython.cast(tuple, words[i])
            text = word[0]
            reason = word[4]
            if self.fixed[i]:
                spellings.append((make(variant, (text, 1.0, reason)),))
                weights.append(1.0)
                continue
            forms = columns[i].forms
            if len(forms) != self.first[i + 1] - self.first[i]:
                raise ValueError("every candidate has a form")
            for one in forms:
                if not isinstance(one, tuple) or len(one) != 3:
                    raise ValueError("a form is a tuple of three")
            free = bare[i]
            found = []
            for at in range(self.first[i], self.first[i + 1]):
                if self.posterior[at] >= least:
                    found.append((-self.posterior[at], at - self.first[i]))
            if len(found) > 1:
                found.sort()
            typed = self.typed[i]
            if not free and typed >= 0 and forms[typed][2]:
                weight = self.posterior[self.first[i] + typed]
                if weight < as_typed:
                    found = [one for one in found if one[1] != typed]
                    at = 0
                    while at < len(found) and found[at][0] <= -as_typed:
                        at += 1
                    found.insert(at, (-as_typed, typed))
            several = len(found) > 1
            variants = []
            for weight, place in found:
                form = cython.cast(tuple, forms[place])
                if several and not form[2]:
                    continue  # it may be right, but nothing is found by it
                term = form[0]
                why = "restored" if free else "repaired"
                if term == text:
                    why = reason
                elif term == word[6]:
                    why = "typed"
                alike = alike and term == text
                variants.append(make(variant, (term, -weight, why)))
            if not variants:
                raise ValueError("a word has at least one likely candidate")
            weights.append(variants[0][1])
            spellings.append(tuple(variants))
        for i in range(n):
            word = cython.cast(tuple, words[i])
            free = False if alike else bare[i] and weights[i] < sure
            result.append(
                make(position, (word[0], word[1], word[2], columns[i].fold, spellings[i], free))
            )
        return tuple(result), alike

    def neighbours(self, least: cython.double, terms: list, columns: list, kind):
        """Return for each two adjacent words a tuple of the candidates that were together meant
        with a probability over ``least``, the most probable first, each a ``kind`` of tuple: left
        term, right term, probability. Two fixed words stand together surely.

        ``terms`` are the words' best candidates, the columns' ``forms`` all of them as tuples that
        begin with their terms.
        """
        i: cython.Py_ssize_t
        a: cython.Py_ssize_t
        b: cython.Py_ssize_t
        at: cython.Py_ssize_t
        width: cython.Py_ssize_t
        left: tuple
        right: tuple
        found: list
        pairs: list
        result: list = []
        make = tuple.__new__
        if len(columns) != self.n or len(terms) != self.n:
            raise ValueError("every word has candidates")
        for i in range(self.n - 1):
            if self.fixed[i] and self.fixed[i + 1]:
                result.append((make(kind, (terms[i], terms[i + 1], 1.0)),))
                continue
            left = columns[i].forms
            right = columns[i + 1].forms
            width = self.first[i + 2] - self.first[i + 1]
            if len(left) != self.first[i + 1] - self.first[i] or len(right) != width:
                raise ValueError("every candidate has a form")
            found = []
            at = self.matrix[i]
            for a in range(len(left)):
                for b in range(width):
                    if self.joint[at] > least:
                        found.append((-self.joint[at], a, b))
                    at += 1
            if len(found) > 1:
                found.sort()
            pairs = []
            for weight, a, b in found:
                pairs.append(make(kind, (left[a][0], right[b][0], -weight)))
            result.append(tuple(pairs))
        return tuple(result)

    def changes(
        self,
        query: str,
        tokens: tuple,
        words: list,
        terms: list,
        bare: list,
        misplaced: set,
        change,
    ):
        """Return a ``change`` for each piece of the query that is not as it was meant.

        A token is a tuple (text, start, end, _), a word as in `positions`; several of one start are
        the parts of one token. ``terms`` are what the words were meant to be, ``misplaced`` the
        starts of those to be changed in any case. A change is a tuple (start, end, as typed, as
        meant in the same letter case, weight, reason).
        """
        n: cython.Py_ssize_t = self.n
        first: cython.Py_ssize_t = 0
        at: cython.Py_ssize_t
        place: cython.Py_ssize_t = 0
        start: cython.Py_ssize_t
        end: cython.Py_ssize_t
        word: tuple
        token: tuple
        weights: list = self.weights
        found: list = []
        make = tuple.__new__
        if len(words) != n or len(terms) != n or len(bare) != n:
            raise ValueError("every word has a meaning")
        for one in words:
            if not isinstance(one, tuple) or len(one) != 7:
                raise ValueError("a word is a tuple of seven")
        while first < n:
            word = cython.cast(tuple, words[first])
            start = word[1]
            end = word[2]
            meant = terms[first]
            at = first + 1
            while at < n and cython.cast(tuple, words[at])[1] == start:  # a glued word in its parts
                meant += " " + terms[at]
                at += 1
            while True:
                if place == len(tokens):
                    raise ValueError("a word begins where a token does")
                if not isinstance(tokens[place], tuple) or len(tokens[place]) != 4:
                    raise ValueError("a token is a tuple of four")
                token = cython.cast(tuple, tokens[place])
                if token[1] == start:
                    break
                place += 1
            if token[0] != meant or token[2] != end or start in misplaced:
                reason = word[4]
                if reason == "typed":
                    reason = "restored" if bare[first] else "repaired"
                typed = query[start:end]
                weight = weights[first] if at == first + 1 else min(weights[first:at])
                found.append(make(change, (start, end, typed, cased(typed, meant), weight, reason)))
            first = at
        return found

    @cython.cfunc
    @cython.exceptval(-1)
    def solve(self) -> cython.int:
        """Fill ``posterior`` (per candidate), ``joint`` (per pair) and ``path`` (the best row)."""
        n: cython.Py_ssize_t = self.n
        first: cython.longlong[::1] = self.first
        emission: cython.double[::1] = self.emission
        unigram: cython.double[::1] = self.unigram
        following: cython.double[::1] = self.following
        kinds: cython.double[::1] = self.kinds
        pairs: cython.double[::1] = self.pairs
        posterior: cython.double[::1] = self.posterior
        joint: cython.double[::1] = self.joint
        work: cython.double[::1] = self.work
        i: cython.Py_ssize_t
        a: cython.Py_ssize_t
        b: cython.Py_ssize_t
        at: cython.Py_ssize_t  # first candidate of position i
        to: cython.Py_ssize_t  # first candidate of position i + 1
        m: cython.Py_ssize_t  # first number of the matrix between them
        na: cython.Py_ssize_t
        nb: cython.Py_ssize_t
        best: cython.Py_ssize_t
        total: cython.double
        value: cython.double
        room: cython.double
        score: cython.double
        beta: cython.Py_ssize_t
        fresh: cython.Py_ssize_t
        if n == 0:
            return 0

        # The transition probabilities stand in `joint` until the backward pass.
        at = 0
        m = 0
        for i in range(n - 1):
            na = first[i + 1] - first[i]
            nb = first[i + 2] - first[i + 1]
            to = at + na
            for a in range(na):
                room = following[at + a] + kinds[at + a]
                for b in range(nb):
                    if room > 0.0:
                        value = (pairs[m] + kinds[at + a] * unigram[to + b]) / room
                    else:
                        value = unigram[to + b]
                    if self.search_term:
                        value *= sqrt(value / unigram[to + b])
                    joint[m] = value * emission[to + b]
                    m += 1
            at = to

        at = self.forward(True)
        best = 0
        for a in range(1, first[n] - at):
            if posterior[at + a] > posterior[at + best]:
                best = a
        for i in range(n - 1, -1, -1):
            self.path[i] = best
            if i:
                best = cython.cast(cython.Py_ssize_t, work[at + best])
                at -= first[i] - first[i - 1]

        at = self.forward(False)
        m = self.matrix[n - 1]

        # Backward: beta of the position to the right in `work`, the new one beside it.
        nb = first[n] - first[n - 1]
        beta = 0
        fresh = len(work) // 2
        for b in range(nb):
            work[beta + b] = 1.0
        for i in range(n - 2, -1, -1):
            na = first[i + 1] - first[i]
            nb = first[i + 2] - first[i + 1]
            to = at
            at -= na
            m -= na * nb
            total = 0.0
            for a in range(na):
                value = 0.0
                for b in range(nb):
                    score = joint[m + a * nb + b] * work[beta + b]
                    value += score
                    score *= posterior[at + a]
                    joint[m + a * nb + b] = score
                    total += score
                work[fresh + a] = value
            for a in range(na * nb):
                joint[m + a] = joint[m + a] / total if total > 0.0 else 1.0 / (na * nb)
            total = 0.0
            score = 0.0
            for a in range(na):
                value = posterior[at + a] * work[fresh + a]
                posterior[at + a] = value
                total += value
                score += work[fresh + a]
            for a in range(na):
                posterior[at + a] = posterior[at + a] / total if total > 0.0 else 1.0 / na
                work[fresh + a] = work[fresh + a] / score if score > 0.0 else 1.0
            beta, fresh = fresh, beta
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def forward(self, best: cython.bint) -> cython.Py_ssize_t:
        """Fill ``posterior``, from left to right, with how probable each candidate is given the
        words up to it: in the ``best`` row that leads there, with the candidate before it in
        ``work``, or in all rows together. Return where the last word's candidates begin."""
        first: cython.longlong[::1] = self.first
        posterior: cython.double[::1] = self.posterior
        joint: cython.double[::1] = self.joint
        work: cython.double[::1] = self.work
        i: cython.Py_ssize_t
        a: cython.Py_ssize_t
        b: cython.Py_ssize_t
        at: cython.Py_ssize_t = 0
        to: cython.Py_ssize_t
        m: cython.Py_ssize_t = 0
        na: cython.Py_ssize_t = first[1]
        nb: cython.Py_ssize_t
        chosen: cython.Py_ssize_t
        value: cython.double
        score: cython.double
        total: cython.double = 0.0
        for a in range(na):
            posterior[a] = self.unigram[a] * self.emission[a]
            total += posterior[a]
        if not best:
            for a in range(na):
                posterior[a] = posterior[a] / total if total > 0.0 else 1.0 / na
        for i in range(self.n - 1):
            na = first[i + 1] - first[i]
            nb = first[i + 2] - first[i + 1]
            to = at + na
            total = 0.0
            for b in range(nb):
                value = 0.0
                if best:
                    chosen = 0
                    for a in range(na):
                        score = posterior[at + a] * joint[m + a * nb + b]
                        if score > value:
                            value = score
                            chosen = a
                    work[to + b] = chosen
                    total = max(total, value)
                else:
                    for a in range(na):
                        value += posterior[at + a] * joint[m + a * nb + b]
                    total += value
                posterior[to + b] = value
            for b in range(nb):
                if total > 0.0:
                    posterior[to + b] /= total
                elif not best:
                    posterior[to + b] = 1.0 / nb
            m += na * nb
            at = to
        return at

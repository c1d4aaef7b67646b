# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The second look at a search's best candidates: exact scores of given documents, with what needs
positions. Adjacent pairs, whole words, and how near the beginning each of them first stands.
"""

import array as _array

import cython

if cython.compiled:
    from cython.cimports.vnsearch.kernels.bits import put_in_order
    from cython.cimports.vnsearch.kernels.postings import Cursor
    from cython.cimports.vnsearch.kernels.scoring import (
        SLACK,
        STEP,
        Group,
        Term,
        on_grid,
    )
    from cython.cimports.vnsearch.kernels.sequences import Located, Places, Sequence, Surroundings
else:
    from vnsearch.kernels.postings import Cursor
    from vnsearch.kernels.scoring import SLACK, STEP, Group, Term, on_grid
    from vnsearch.kernels.sequences import Located, Places, Sequence, Surroundings

    def put_in_order(scores, docs, n, order):
        """Write the places of ``n`` items: the lowest document first, or else the best score."""
        by = docs.__getitem__ if scores is None else lambda place: -scores[place]
        for at, place in enumerate(sorted(range(n), key=by)):
            order[at] = place


END = cython.declare(cython.uint, 0xFFFFFFFF)
# which groups stand in a document is noted by a bit for each of the first 32: any may
ANY = cython.declare(cython.uint, 0xFFFFFFFF)
# so many documents at a time are looked for in the lists of a second look
CHUNK = cython.declare(cython.Py_ssize_t, 256)
# what arrays of documents, of scores and of where positions are read are made of
DOC = _array.array("I", [0])
SCORE = _array.array("d", [0.0])
SPOT = _array.array("q", [0])


@cython.cclass
class Chunk:
    """The documents that a second look looks for together, ascending, and what it finds of them.

    Of each its place among all, itself, what is present, and in which order they are scored; bounds
    of their scores, and their rates in each field. Then what `Unit`, `Lead`, `Located` and `Places`
    keep of each.
    """

    def __init__(self):
        self.at = memoryview(DOC * CHUNK)
        self.docs = memoryview(DOC * CHUNK)
        self.present = memoryview(DOC * CHUNK)
        self.turn = memoryview(DOC * CHUNK)
        self.bounds = memoryview(SCORE * CHUNK)
        self.rates = memoryview(SCORE * CHUNK)
        self.hopes = memoryview(SCORE * CHUNK)
        self.freqs = memoryview(DOC * CHUNK)
        self.spots = memoryview(SPOT * CHUNK)

    @cython.cfunc
    @cython.exceptval(-1)
    def make_room(
        self,
        fields: cython.Py_ssize_t,
        parts: cython.Py_ssize_t,
        lists: cython.Py_ssize_t,
        tokens: cython.Py_ssize_t,
    ) -> cython.int:
        if CHUNK * fields > self.rates.shape[0]:
            self.rates = memoryview(SCORE * (CHUNK * fields))
        if CHUNK * parts > self.hopes.shape[0]:
            self.hopes = memoryview(SCORE * (CHUNK * parts))
        if CHUNK * (lists + tokens) > self.freqs.shape[0]:
            self.freqs = memoryview(DOC * (CHUNK * (lists + tokens)))
        if 4 * CHUNK * lists > self.spots.shape[0]:
            self.spots = memoryview(SPOT * (4 * CHUNK * lists))
        return 0


CHUNKS = [Chunk()]  # as the others


@cython.cclass
class Lead:
    """What a term group adds for standing near the beginning of the document at hand.

    ``places`` are those of the group's terms, ``shares`` (0 to 1) how much the field of each
    counts, ``weight`` (>= 0) what standing at the very beginning adds.
    """

    def __init__(self, places, shares, weight):
        if len(shares) != len(places):
            raise ValueError("every term needs its share")
        self.set(places, shares, weight)

    @cython.cfunc
    @cython.exceptval(-1)
    def set(self, places: list, shares: list, weight: cython.double) -> cython.int:
        self.places = places
        self.shares = shares
        self.weight = weight
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def reckon(self, count: cython.Py_ssize_t, bounds: cython.p_double) -> cython.int:
        """Bound what it adds to each of the documents found, and add that to their bounds."""
        places: Places
        c: cython.Py_ssize_t
        hope: cython.double = self.weight + STEP
        for c in range(count):
            self.hopes[c] = 0.0
        for places in self.places:
            for c in range(count):
                if places.totals[c]:
                    self.hopes[c] = hope
        for c in range(count):
            bounds[c] += self.hopes[c]
        return 0

    @cython.cfunc
    @cython.exceptval(-1.0, check=True)
    def look(self, doc: cython.uint, length: cython.double) -> cython.double:
        """Return ``weight`` times the best ``share * length/(length + first place)``."""
        places: Places
        i: cython.Py_ssize_t
        lead: cython.double
        share: cython.double
        best: cython.double = 0.0
        for i in range(len(self.places)):
            places = self.places[i]
            if places.go(doc) > 0:
                share = self.shares[i]
                lead = share * (length / (length + places.values[0]))
                if lead > best:
                    best = lead
        return on_grid(self.weight * best)


@cython.cclass
class Unit:
    """One sequence over several fields: the frequencies add up before the saturation.

    To the saturated frequency comes ``lead`` (>= 0) times the best ``share * length/(length +
    first place)`` of its fields, a field's share being its weight against the highest. ``pairs``
    are units that stand wherever it stands.
    """

    def __init__(self, sequences, weight, lead=0.0, pairs=()):
        pair: Unit
        self.set(sequences, weight, lead)
        for pair in pairs:
            pair.longer.append(self)

    @cython.cfunc
    @cython.exceptval(-1)
    def set(self, sequences: list, weight: cython.double, lead: cython.double) -> cython.int:
        sequence: Sequence
        self.sequences = sequences
        self.weight = weight
        self.lead = lead
        self.peak = 0.0
        self.highest = 0.0
        self.stands = False
        self.longer = []
        for sequence in sequences:
            self.highest = max(self.highest, sequence.weight)
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def reckon(
        self,
        count: cython.Py_ssize_t,
        rates: cython.p_double,
        k1: cython.double,
        bounds: cython.p_double,
    ) -> cython.int:
        """Bound what it adds to each of the documents found, and add that to their bounds.

        ``rates`` has their rates, field by field.
        """
        sequence: Sequence
        hopes: cython.p_double = self.hopes
        c: cython.Py_ssize_t
        x: cython.double
        hope: cython.double
        for c in range(count):
            hopes[c] = 0.0
        for sequence in self.sequences:
            sequence.weigh_most(
                count,
                rates + sequence.number * CHUNK
                if cython.compiled
                else rates[sequence.number * CHUNK :],
                hopes,
            )
        for c in range(count):
            x = hopes[c]
            hope = max(self.weight * ((k1 + 1.0) * x / (x + k1) + self.lead), 0.0) * SLACK + STEP
            hope = hope if x > 0.0 else 0.0
            hopes[c] = hope
            bounds[c] += hope
        return 0

    @cython.cfunc
    @cython.exceptval(-1.0, check=True)
    def look(self, doc: cython.uint, k1: cython.double, length: cython.double) -> cython.double:
        sequence: Sequence
        found: cython.Py_ssize_t
        x: cython.double = 0.0
        share: cython.double
        lead: cython.double = 0.0
        self.stands = False
        for sequence in self.sequences:
            found = sequence.count(doc)
            if found > 0 or sequence.nearly > 0:
                x += sequence.weight * (
                    (found + sequence.near * sequence.nearly) * sequence.field.rates[doc]
                )
            if found > 0:
                self.stands = True
                share = sequence.weight / self.highest
                lead = max(lead, share * (length / (length + sequence.start)))
        if x == 0.0:
            return 0.0
        return on_grid(self.weight * ((k1 + 1.0) * x / (x + k1) + self.lead * lead))


@cython.cclass
class Rescorer:
    """Exact scores of given documents: groups with their leads first, then units.

    ``leads`` are none, or one for each group; ``length`` is how many tokens after the beginning
    a lead counts half. Groups, leads and units may share cursors: all stand at the same document.
    """

    def __init__(self, groups, leads, units, k1: float, length: float = 1.0):
        group: Group
        unit: Unit
        lead: Lead
        sequence: Sequence
        places: Places
        cursor: Cursor
        one: Located
        i: cython.Py_ssize_t = 0
        if leads and len(leads) != len(groups):
            raise ValueError("every group needs its lead")
        self.groups = groups
        self.leads = leads
        self.units = units
        self.heaviest = sorted(units, key=lightness_of)
        self.k1 = k1
        self.length = length
        several: dict = {}
        lists: dict = {}
        self.fields = []
        for unit in units:
            for sequence in unit.sequences:
                for places in sequence.places:
                    several[places] = True
                if sequence.field not in self.fields:
                    self.fields.append(sequence.field)
                sequence.number = self.fields.index(sequence.field)
            unit.peak = max(unit.weight * (k1 + 1.0 + unit.lead), 0.0) + STEP
        for lead in leads:
            for places in lead.places:
                several[places] = True
        self.tokens = list(several)
        for places in self.tokens:
            places.lists = []
            for cursor in places.cursors:
                one = lists.get(cursor)
                if one is None:
                    one = Located.__new__(Located)
                    one.cursor = cursor
                    one.needs = 0
                    lists[cursor] = one
                places.lists.append(one)
            places.alone = places.lists[0] if len(places.lists) == 1 else None
        self.lists = list(lists.values())
        self.peaks = SCORE * (len(units) + len(leads))
        self.needs = DOC * (len(units) + len(leads))
        for unit in self.heaviest:
            self.peaks[i] = unit.peak
            i += 1
        for lead in leads:
            self.peaks[i] = lead.weight + STEP
            i += 1
        for group in groups:
            if group.bit != 0:
                self.find_needs()
                break

    @cython.cfunc
    @cython.exceptval(-1)
    def find_needs(self) -> cython.int:
        """Find what must stand in a document where units and leads add anything."""
        group: Group
        term: Term
        unit: Unit
        lead: Lead
        sequence: Sequence
        places: Places
        one: Located
        needs: cython.uint
        i: cython.Py_ssize_t = 0
        bits: dict = {}
        for group in self.groups:
            for term in group.terms:
                bits[term.cursor] = group.bit
        for one in self.lists:
            one.needs = bits.get(one.cursor, 0)
        for unit in self.heaviest:
            needs = ANY
            for sequence in unit.sequences:
                needs &= bits_of(sequence.places)
            self.needs[i] = needs
            i += 1
        for lead in self.leads:
            needs = ANY
            for places in lead.places:
                needs &= bits_of([places])
            self.needs[i] = needs
            i += 1
        return 0

    def rewind(self):
        """Put every cursor back to its start."""
        group: Group
        places: Places
        cursor: Cursor
        for group in self.groups:
            group.rewind()
        for places in self.tokens:
            places.here = -1
            places.doc = places.counted = END
            for cursor in places.cursors:
                cursor.rewind()

    def best(self, docs, scores, k: int, floor: float = -1.0, present=None):
        """Return (documents, scores) of the best ``k``: arrays, best first.

        ``docs`` and ``scores`` (arrays) are what `Search.top` returned for the same groups,
        ``present`` is what it noted.
        Documents that leads and units provably cannot lift over ``floor`` are left out.
        """
        doc_view: cython.const[cython.uint][::1] = memoryview(docs)
        score_view: cython.const[cython.double][::1] = memoryview(scores)
        present_view: cython.const[cython.uint][::1]
        order: cython.uint[::1]
        chunk: Chunk
        count: cython.Py_ssize_t = len(docs)
        place: cython.Py_ssize_t
        i: cython.Py_ssize_t = 0
        n: cython.Py_ssize_t
        c: cython.Py_ssize_t
        places: Places
        if k < 1 or count == 0:
            return DOC[:0], SCORE[:0]
        if len(scores) < count:
            raise ValueError("fewer scores than documents")
        if present is None:
            present = _array.array("I", [ANY]) * count
        elif len(present) < count:
            raise ValueError("fewer notes of what is present than documents")
        present_view = memoryview(present)
        self.k = min(k, count)
        self.size = 0
        self.floor = floor
        found = DOC * self.k
        found_scores = SCORE * self.k
        self.tops = found_scores
        self.best_docs = found
        order = DOC * count
        put_in_order(
            cython.NULL if cython.compiled else None,
            cython.address(doc_view[0]) if cython.compiled else doc_view,
            count,
            cython.address(order[0]) if cython.compiled else order,
        )
        self.chunk = chunk = CHUNKS.pop() if CHUNKS else Chunk()
        self.lay_out()
        while i < count:
            n = 0
            while i < count and n < CHUNK:
                place = order[i]
                i += 1
                if self.may_enter(score_view[place], present_view[place]):
                    chunk.at[n] = cython.cast(cython.uint, place)
                    chunk.docs[n] = doc_view[place]
                    chunk.present[n] = present_view[place]
                    chunk.bounds[n] = score_view[place]
                    n += 1
            if n == 0:
                break
            self.locate(n)
            # those that lead so far first: the better they are, the more others are passed over
            if n == count:
                for c in range(n):
                    chunk.turn[chunk.at[c]] = cython.cast(cython.uint, c)
            else:
                put_in_order(
                    cython.NULL if cython.compiled else None,
                    cython.address(chunk.at[0]) if cython.compiled else chunk.at,
                    n,
                    cython.address(chunk.turn[0]) if cython.compiled else chunk.turn,
                )
            for place in range(n):
                c = chunk.turn[place]
                self.add(chunk.docs[c], score_view[chunk.at[c]], c)
        for places in self.tokens:
            places.here = -1
            places.doc = END
        self.chunk = None
        if chunk.spots.shape[0] <= 512 * CHUNK:
            CHUNKS.append(chunk)
        return found[: self.size], found_scores[: self.size]

    @cython.cfunc
    @cython.exceptval(-1)
    def lay_out(self) -> cython.int:
        """Give each part its room in the chunk."""
        chunk: Chunk = self.chunk
        places: Places
        one: Located
        unit: Unit
        lead: Lead
        at: cython.Py_ssize_t = 0
        chunk.make_room(len(self.fields), len(self.peaks), len(self.lists), len(self.tokens))
        for unit in self.heaviest:
            unit.hopes = cython.address(chunk.hopes[at]) if cython.compiled else chunk.hopes[at:]
            at += CHUNK
        for lead in self.leads:
            lead.hopes = cython.address(chunk.hopes[at]) if cython.compiled else chunk.hopes[at:]
            at += CHUNK
        at = 0
        for one in self.lists:
            one.freqs = cython.address(chunk.freqs[at]) if cython.compiled else chunk.freqs[at:]
            one.spots = (
                cython.address(chunk.spots[4 * at]) if cython.compiled else chunk.spots[4 * at :]
            )
            at += CHUNK
        for places in self.tokens:
            places.totals = cython.address(chunk.freqs[at]) if cython.compiled else chunk.freqs[at:]
            at += CHUNK
        return 0

    @cython.cfunc
    @cython.inline
    @cython.exceptval(check=False)
    def limit(self) -> cython.double:
        """Return the score that a document must reach to get in, below 0 while any may."""
        if self.size == self.k and self.tops[self.k - 1] > self.floor:
            return self.tops[self.k - 1]
        return self.floor

    @cython.cfunc
    @cython.exceptval(check=False)
    def may_enter(self, score: cython.double, present: cython.uint) -> cython.bint:
        """Return whether a document may get in, as far as what is present tells."""
        limit: cython.double = self.limit()
        i: cython.Py_ssize_t
        if limit < 0.0:
            return True
        for i in range(len(self.peaks)):
            if self.needs[i] & ~present == 0:
                score += self.peaks[i]
        return score * SLACK > limit

    @cython.cfunc
    @cython.exceptval(-1)
    def locate(self, count: cython.Py_ssize_t) -> cython.int:
        """Find the chunk's documents in every list, and bound their scores."""
        chunk: Chunk = self.chunk
        one: Located
        places: Places
        unit: Unit
        lead: Lead
        field: Surroundings
        docs: cython.p_uint = cython.address(chunk.docs[0]) if cython.compiled else chunk.docs
        present: cython.p_uint = (
            cython.address(chunk.present[0]) if cython.compiled else chunk.present
        )
        bounds: cython.p_double = (
            cython.address(chunk.bounds[0]) if cython.compiled else chunk.bounds
        )
        there: cython.p_uint = cython.address(chunk.turn[0]) if cython.compiled else chunk.turn
        rates: cython.p_double = cython.address(chunk.rates[0]) if cython.compiled else chunk.rates
        i: cython.Py_ssize_t = 0
        for field in self.fields:
            field.gather(docs, count, rates + i if cython.compiled else rates[i:])
            i += CHUNK
        for one in self.lists:
            one.find(docs, present, count, there)
        for field in self.fields:
            field.expect_bits(docs, count)
        for places in self.tokens:
            places.sum_up(count)
        for unit in self.heaviest:
            unit.reckon(count, rates, self.k1, bounds)
        for lead in self.leads:
            lead.reckon(count, bounds)
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def add(self, doc: cython.uint, score: cython.double, c: cython.Py_ssize_t) -> cython.int:
        """Score a document, the ``c``-th of those located, and keep it if it is good enough."""
        lead: Lead
        unit: Unit
        longer: Unit
        places: Places
        limit: cython.double = self.limit()
        rest: cython.double = self.chunk.bounds[c] - score
        if limit >= 0.0 and (score + rest) * SLACK <= limit:
            return 0
        for places in self.tokens:
            places.here = c
            places.doc = END
            places.total = places.totals[c]
        # what weighs most first: each part that is known leaves less to hope for
        for unit in self.heaviest:
            if unit.hopes[c] == 0.0:
                continue
            score += unit.look(doc, self.k1, self.length)
            rest -= unit.hopes[c]
            unit.hopes[c] = 0.0
            if not unit.stands:
                for longer in unit.longer:
                    rest -= longer.hopes[c]
                    longer.hopes[c] = 0.0
            if limit >= 0.0 and (score + rest) * SLACK <= limit:
                return 0
        for lead in self.leads:
            if lead.hopes[c] == 0.0:
                continue
            score += lead.look(doc, self.length)
            rest -= lead.hopes[c]
            if limit >= 0.0 and (score + rest) * SLACK <= limit:
                return 0
        self.keep(score, doc)
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def keep(self, score: cython.double, doc: cython.uint) -> cython.void:
        """Put a document among the best ``k``, if it belongs there."""
        i: cython.Py_ssize_t = self.size
        if i == self.k:
            i -= 1
            if self.tops[i] > score or (self.tops[i] == score and self.best_docs[i] < doc):
                return
        else:
            self.size += 1
        while i > 0 and (
            self.tops[i - 1] < score or (self.tops[i - 1] == score and self.best_docs[i - 1] > doc)
        ):
            self.tops[i] = self.tops[i - 1]
            self.best_docs[i] = self.best_docs[i - 1]
            i -= 1
        self.tops[i] = score
        self.best_docs[i] = doc

    def parts(self, doc: int):
        """Return what each group with its lead, then each unit, adds to one document's score."""
        group: Group
        unit: Unit
        at: cython.uint = doc
        i: cython.Py_ssize_t
        result = []
        for i in range(len(self.groups)):
            group = self.groups[i]
            result.append(group.look(at, self.k1) + self.lead_of(i, at))
        for unit in self.units:
            result.append(unit.look(at, self.k1, self.length))
        return result

    @cython.cfunc
    @cython.exceptval(-1.0, check=True)
    def lead_of(self, number: cython.Py_ssize_t, doc: cython.uint) -> cython.double:
        group: Group
        lead: Lead
        if not self.leads:
            return 0.0
        group = self.groups[number]
        if group.look(doc, self.k1) == 0.0:
            return 0.0
        lead = self.leads[number]
        return lead.look(doc, self.length)

    def beginnings(self, doc: int):
        """Return how much of each of `parts` comes from where it first stands."""
        unit: Unit
        at: cython.uint = doc
        i: cython.Py_ssize_t
        lead: cython.double
        part: cython.double
        result = []
        for i in range(len(self.groups)):
            result.append(self.lead_of(i, at))
        for unit in self.units:
            part = unit.look(at, self.k1, self.length)
            lead = unit.lead
            unit.lead = 0.0
            result.append(part - unit.look(at, self.k1, self.length))
            unit.lead = lead
        return result


@cython.cfunc
@cython.exceptval(check=False)
def bits_of(several: list) -> cython.uint:
    """Return the bits of groups that must stand where tokens do, each in any of its forms."""
    places: Places
    one: Located
    every: cython.uint = 0
    any_: cython.uint
    for places in several:
        any_ = ANY
        for one in places.lists:
            any_ &= one.needs
        if places.lists:
            every |= any_
    return every


def lightness_of(unit: Unit):
    """Return, negative, the weight of what looking for a unit may settle."""
    longer: Unit
    total: cython.double = unit.weight
    for longer in unit.longer:
        total += longer.weight
    return -total

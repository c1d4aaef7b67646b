# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Top-k search over posting lists, and the second look at its best candidates.

The score of a document is a sum of saturated term groups (BM25F, Zaragoza et al., "Microsoft
Cambridge at TREC 13", 2004)::

    x(group, d) = sum over its terms of  weight * tf * rate[d]      rate[d] = 1/(1-b+b*len/avg)
    score(d)    = sum over groups of     weight * (k1+1) * x/(x + k1)

A group with one term of weight 1 is plain BM25. Groups hold the same token in several fields, or
several spellings counted as one term. Every summand is rounded to a multiple of 2**-32: sums of
such numbers (below 2**20) are exact, so a score does not depend on the order of its parts.

`Search.top` keeps the best k documents and passes over what cannot be among them (MaxScore: Turtle
& Flood, "Query evaluation: strategies and optimizations", 1995, with the block maxima of Ding &
Suel, "Faster top-k document retrieval using block-max indexes", SIGIR 2011):

- before anything is read, the k-th highest block maximum of a list is a score that k documents
  reach;
- groups that together cannot reach the k-th best score are only looked up for documents that
  others bring in;
- once a single list is left to bring in documents, it leads (`stream`): block by block, passing
  over blocks whose own highest impact and the others' do not suffice;
- before that, documents are walked in windows: groups are added one by one to an accumulator per
  document (`windows`).

Where every group is required, and for a phrase, the rarest list leads (`intersect`): block by
block, its postings that can still score enough are narrowed down to those whose documents the next
rarest list has, then the next, before anything is scored or any position read. Of a phrase two
tokens are looked at first, neighbours or not, by the low bits of their positions: those that take
least work (`Search.arrange`).

Equal scores go to the lower document number.

`Rescorer` scores given documents exactly, with what needs positions: adjacent pairs, whole words,
and how near the beginning each of them first stands.
"""

import array as _array

import cython

from vnsearch.errors import IndexCorruptError
from vnsearch.kernels.postings import listed_cursor

if cython.compiled:
    from cython.cimports.vnsearch.kernels.bits import (
        add_scores,
        bring_near,
        common,
        count_apart,
        fetch_ahead,
        first_from,
        highest,
        low_width,
        pick,
        places_over,
        put_in_order,
        read_places,
        score_postings,
        weigh,
    )
    from cython.cimports.vnsearch.kernels.postings import (
        Cursor,
        PostingLists,
        reach,
        sift_postings,
    )
else:
    from vnsearch.kernels.postings import (
        Cursor,
        PostingLists,
        first_from,
        low_width,
        reach,
        read_places,
        sift_postings,
    )

    def add_scores(docs, i, n, low, parts, bit, scores, marks):
        """Add what postings i..n-1 weigh to their documents' scores, and note ``bit`` of each."""
        for place in range(i, n):
            scores[docs[place] - low] += parts[place]
            marks[docs[place] - low] |= bit

    def count_apart(left, n, right, m, gap):
        """Return how many of the ``m`` values are ``gap`` more than one of the ``n``."""
        return len({value + gap for value in left[:n]}.intersection(right[:m]))

    def pick(docs, freqs, n, rates, weight, least, out):
        """Write the places of postings whose x is over ``least``; return how many."""
        count = 0
        for place in range(n):
            if weight * (freqs[place] * rates[docs[place]]) > least:
                out[count] = place
                count += 1
        return count

    def common(docs, picked, start, stop, others, last, out, where):
        """Write those of ``picked[start:stop]`` whose document is among others, up to ``last``.

        ``where`` gets its place there. Returns how many, and 256 times where in ``picked`` the
        first document after ``last`` is.
        """
        places = {doc: place for place, doc in enumerate(others)}
        count = 0
        while start < stop and docs[picked[start]] <= last:
            at = picked[start]
            if docs[at] in places:
                out[count] = at
                where[at] = places[docs[at]]
                count += 1
            start += 1
        return start << 8 | count

    def weigh(chosen, start, stop, low, last, docs, freqs, rates, weight, parts):
        """Add to a part for each chosen up to ``last``; return the place of the first after."""
        places = {doc: place for place, doc in enumerate(docs)}
        while start < stop and low + chosen[start] <= last:
            doc = low + chosen[start]
            place = places.get(doc)
            if place is not None:
                parts[start] += weight * (freqs[place] * rates[doc])
            start += 1
        return start

    def highest(values, n, k):
        """Return the k-th highest of the first ``n`` values."""
        return sorted(values[:n], reverse=True)[k - 1]

    def put_in_order(scores, docs, n, order):
        """Write the places of ``n`` items: the lowest document first, or else the best score."""
        by = docs.__getitem__ if scores is None else lambda place: -scores[place]
        for at, place in enumerate(sorted(range(n), key=by)):
            order[at] = place

    def score_postings(docs, freqs, n, rates, weight, parts, scale, k1, grid, scores):
        """Write each posting's x, and what it adds to a group of its term alone."""
        for i in range(n):
            parts[i] = weight * (freqs[i] * rates[docs[i]])
            scores[i] = (scale * parts[i] / (parts[i] + k1) + grid) - grid

    def places_over(values, n, limit, out):
        """Write the places of the first ``n`` values that are over ``limit``; return how many."""
        count = 0
        for place in range(n):
            if values[place] > limit:
                out[count] = place
                count += 1
        return count


WINDOW = cython.declare(cython.Py_ssize_t, 1024)
BLOCK = cython.declare(cython.Py_ssize_t, 128)
END = cython.declare(cython.uint, 0xFFFFFFFF)
# adding and taking away 1.5 * 2**20 rounds a double to a multiple of 2**-32
GRID = cython.declare(cython.double, 1572864.0)
# bounds are not on the grid: allow for the rounding
SLACK = cython.declare(cython.double, 1.000000001)
STEP = cython.declare(cython.double, 1e-9)
NO_BOUND = cython.declare(cython.double, 1e30)
BINS = cython.declare(cython.Py_ssize_t, 1024)
FEW = cython.declare(cython.Py_ssize_t, 256)
# which groups stand in a document is noted by a bit for each of the first 32: any may
ANY = cython.declare(cython.uint, 0xFFFFFFFF)
# so many documents at a time are looked for in the lists of a second look
CHUNK = cython.declare(cython.Py_ssize_t, 256)
# what arrays of documents, of scores and of where positions are read are made of
DOC = _array.array("I", [0])
SCORE = _array.array("d", [0.0])
SPOT = _array.array("q", [0])


@cython.cfunc
@cython.inline
@cython.exceptval(check=False)
def saturated(scale: cython.double, x: cython.double, k1: cython.double) -> cython.double:
    """Return ``scale * x/(x + k1)`` on the grid."""
    return on_grid(scale * x / (x + k1))


@cython.cfunc
@cython.inline
@cython.exceptval(check=False)
def on_grid(part: cython.double) -> cython.double:
    """Return a part of a score as a multiple of 2**-32: sums of such are exact in any order."""
    return (part + GRID) - GRID


@cython.cfunc
@cython.inline
@cython.exceptval(0xFFFFFFFF, check=True)
def tf_at(cursor: Cursor) -> cython.uint:
    """Return the frequency in the document at hand."""
    if cursor.freqs_at >= 0:
        cursor.need_freqs()
    return cursor.freqs[cursor.i]


@cython.cfunc
@cython.inline
@cython.exceptval(-1)
def go_on(cursor: Cursor, i: cython.int) -> cython.int:
    """Stand on posting ``i`` of the loaded block; behind its last, on the next block's first."""
    if i < cursor.n:
        cursor.i = i
        cursor.doc = cursor.docs[i]
        return 0
    cursor.i = cursor.n - 1
    cursor.seek(cursor.docs[cursor.n - 1] + 1)
    return 0


@cython.cfunc
@cython.inline
@cython.exceptval(check=False)
def unsaturated(impact: cython.double, weight: cython.double) -> cython.double:
    """Return ``weight * tf * rate`` of a stored impact (k1 = 0.9)."""
    if impact >= 1.9:
        return NO_BOUND
    return weight * (0.9 * impact / (1.9 - impact))


@cython.cfunc
@cython.inline
@cython.exceptval(check=False)
def impact_in(head: cython.uint) -> cython.double:
    """Return a block's highest impact, rounded up, from its head."""
    return (head >> 16) / 32768.0


@cython.cclass
class Term:
    """One posting list of a group: its cursor, its weight, the field's rate per document."""

    cursor = cython.declare(Cursor, visibility="readonly")
    weight: cython.double
    rates: cython.const[cython.double][::1]
    rate: cython.pointer[cython.const[cython.double]]
    highest: cython.double
    drift: cython.double
    shrink: cython.double
    flat: cython.bint
    # the first block that ends at or after the last range asked for
    near: cython.Py_ssize_t
    # each posting's ``weight * tf * rate`` in block ``weighed``, and what it adds to a group of
    # this term alone in block ``scored``
    weighed: cython.Py_ssize_t
    scored: cython.Py_ssize_t
    parts = cython.declare(cython.double[128])
    scores = cython.declare(cython.double[128])

    def __init__(self, cursor, weight, rates, drift=1.0, shrink=0.0, flat=False):
        self.set(cursor, weight, memoryview(rates), drift, shrink, flat)

    @cython.cfunc
    @cython.exceptval(-1)
    def set(
        self,
        cursor: Cursor,
        weight: cython.double,
        rates: cython.const[cython.double][::1],
        drift: cython.double,
        shrink: cython.double,
        flat: cython.bint,
    ) -> cython.int:
        self.flat = flat
        self.shrink = shrink
        self.cursor = cursor
        self.weight = weight
        self.rates = rates
        if len(rates) < cursor.doc_count:
            raise ValueError("fewer rates than documents")
        self.rate = cython.address(self.rates[0]) if cython.compiled else rates
        self.drift = drift
        self.highest = -1.0
        self.near = 0
        self.weighed = -1
        self.scored = -1
        if not cython.compiled:
            self.parts = [0.0] * 128
            self.scores = [0.0] * 128
        return 0

    @cython.cfunc
    @cython.exceptval(-1.0, check=True)
    def bound(self, low: cython.uint, high: cython.uint) -> cython.double:
        """Return a bound of ``weight * tf * rate`` over documents low..high-1.

        ``low`` must not fall from one call to the next.
        """
        cursor: Cursor = self.cursor
        block: cython.Py_ssize_t
        highest: cython.uint = 0
        table: cython.pointer[cython.const[cython.uint]]
        if cursor.n == 0 and cursor.block >= 0:
            return 0.0
        if cursor.listed or cursor.blocks < 2 or self.drift <= 0.0:
            return self.ceiling()
        block = max(self.near, cursor.block)
        table = cursor.stream(cursor.origin)
        while block < cursor.blocks and table[4 * block] < low:
            block += 1
        self.near = block
        while block < cursor.blocks:
            highest = max(highest, table[4 * block + 3])
            if table[4 * block] >= high - 1:
                break
            block += 1
        return unsaturated(impact_in(highest), self.weight * self.drift)

    @cython.cfunc
    @cython.exceptval(-1.0, check=True)
    def ceiling(self) -> cython.double:
        """Return a bound of ``weight * tf * rate`` over all documents."""
        cursor: Cursor = self.cursor
        best: cython.double = 0.0
        x: cython.double
        block: cython.Py_ssize_t
        table: cython.pointer[cython.const[cython.uint]]
        head: cython.uint = 0
        if self.highest >= 0.0:
            return self.highest
        if cursor.listed:
            for block in range(cursor.df):
                x = cursor.listed_freqs[block] * self.rates[cursor.listed_docs[block]]
                if x > best:
                    best = x
            best *= self.weight
        elif self.drift > 0.0:
            table = cursor.stream(cursor.origin)
            if cursor.blocks == 1:
                head = table[0]
            else:
                for block in range(cursor.blocks):
                    head = max(head, table[4 * block + 3])
            best = unsaturated(impact_in(head), self.weight * self.drift)
        elif cursor.df > 0:
            best = NO_BOUND
        self.highest = best * SLACK
        return self.highest

    @cython.cfunc
    @cython.exceptval(-1)
    def weigh_block(self) -> cython.int:
        """Fill ``parts`` for the block that the cursor has loaded."""
        cursor: Cursor = self.cursor
        i: cython.int
        weight: cython.double = self.weight
        if self.weighed == cursor.block:
            return 0
        cursor.need_freqs()
        self.weighed = cursor.block
        for i in range(cursor.n):
            self.parts[i] = weight * (cursor.freqs[i] * self.rate[cursor.docs[i]])
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def score_block(self, scale: cython.double, k1: cython.double) -> cython.int:
        """Fill ``scores`` and ``parts`` for the block that the cursor has loaded."""
        cursor: Cursor = self.cursor
        if self.scored == cursor.block:
            return 0
        cursor.need_freqs()
        self.weighed = self.scored = cursor.block
        score_postings(
            cursor.docs,
            cursor.freqs,
            cursor.n,
            self.rate,
            self.weight,
            self.parts,
            scale,
            k1,
            GRID,
            self.scores,
        )
        return 0


@cython.cclass
class Group:
    """Terms counted together: their weighted frequencies add up before the saturation."""

    terms: list
    weight: cython.double
    size = cython.declare(cython.Py_ssize_t, visibility="readonly")
    cost: cython.Py_ssize_t
    ceiling: cython.double
    rest: cython.double
    lead: Term
    last: Term
    # what a search notes of a document that it stands in (0: nothing)
    bit: cython.uint

    def __init__(self, terms, weight):
        self.set(terms, weight)

    @cython.cfunc
    @cython.exceptval(-1)
    def set(self, terms: list, weight: cython.double) -> cython.int:
        term: Term
        self.bit = 0
        self.rest = 0.0
        self.terms = terms
        self.weight = weight
        self.size = len(terms)
        self.cost = 0
        self.ceiling = 0.0
        self.lead = terms[0] if terms else None
        self.last = terms[len(terms) - 1] if terms else None
        for term in terms:
            self.cost += term.cursor.df
        return 0

    def rewind(self):
        """Put every cursor back to its start."""
        term: Term
        for term in self.terms:
            term.cursor.rewind()
            term.near = 0
            term.weighed = -1
            term.scored = -1

    @cython.cfunc
    @cython.exceptval(-1.0, check=True)
    def bound(self, low: cython.uint, high: cython.uint, k1: cython.double) -> cython.double:
        """Return a bound of what the group adds to the documents low..high-1."""
        x: cython.double = 0.0
        term: Term
        if self.size == 1:
            x = self.lead.bound(low, high)
        else:
            for term in self.terms:
                x += term.bound(low, high)
        return self.weight * (k1 + 1.0) * x / (x + k1) * SLACK + STEP

    @cython.cfunc
    @cython.exceptval(-1.0, check=True)
    def measure(self, k1: cython.double) -> cython.double:
        """Return a bound of what the group adds to any document, kept as ``ceiling``."""
        x: cython.double = 0.0
        term: Term
        for term in self.terms:
            x += term.ceiling()
        self.ceiling = self.weight * (k1 + 1.0) * x / (x + k1) * SLACK + STEP
        return self.ceiling

    @cython.cfunc
    @cython.exceptval(0xFFFFFFFF, check=True)
    def next(self, target: cython.uint) -> cython.uint:
        """Return the first document >= ``target`` that any term has."""
        term: Term
        doc: cython.uint
        best: cython.uint = END
        for term in self.terms:
            doc = reach(term.cursor, target)
            if doc < best:
                best = doc
        return best

    @cython.cfunc
    @cython.exceptval(-1.0, check=True)
    def look(self, doc: cython.uint, k1: cython.double) -> cython.double:
        """Return what the group adds to one document (cursors move forward), 0 if nothing."""
        term: Term = self.lead
        cursor: Cursor
        x: cython.double = 0.0
        if self.size == 1:
            cursor = term.cursor
            if reach(cursor, doc) != doc:
                return 0.0
            x = term.weight * (tf_at(cursor) * term.rate[doc])
            return saturated(self.weight * (k1 + 1.0), x, k1)
        for term in self.terms:
            cursor = term.cursor
            if reach(cursor, doc) == doc:
                x += term.weight * (tf_at(cursor) * term.rate[doc])
        if x == 0.0:
            return 0.0
        return saturated(self.weight * (k1 + 1.0), x, k1)


@cython.cclass
class FieldTerms:
    """The posting lists of one field of a segment, with all that scoring its terms takes."""

    lists: PostingLists
    rates: cython.const[cython.double][::1]
    drift: cython.double
    shrink: cython.double

    def __init__(self, lists, rates, drift: float, shrink: float):
        self.lists = lists
        self.rates = memoryview(rates)
        self.drift = drift
        self.shrink = shrink

    def term(self, ordinal: int, boost: float):
        """Return the posting list of one term, whose frequency counts ``boost``-fold."""
        term: Term = Term.__new__(Term)
        term.set(self.lists.make(ordinal), boost, self.rates, self.drift, self.shrink, False)
        return term

    def listed(self, docs, freqs, boost: float):
        """Return the like of a posting list that is given as documents and frequencies."""
        return Term(listed_cursor(docs, freqs, self.lists.doc_count), boost, self.rates, 0.0)

    def group(self, ordinal: int, boost: float, weight: float):
        """Return a group of one term; an empty one for an ordinal below 0."""
        return Group([] if ordinal < 0 else [self.term(ordinal, boost)], weight)

    def row(self, slots: list):
        """Return the places of tokens in a row, each given as the ordinals of its spellings.

        Ordinals below 0 are passed over; where a token has no others, nothing is returned. Equal
        tokens share their places.
        """
        slot: list
        cursors: list
        i: cython.Py_ssize_t
        found: list = []
        for slot in slots:
            i = slots.index(slot)
            if i < len(found):
                found.append(found[i])
                continue
            cursors = [self.lists.make(ordinal) for ordinal in slot if ordinal >= 0]
            if not cursors:
                return []
            found.append(Places(cursors))
        return found


@cython.cclass
class Scratch:
    """What a walk writes to: ``scores``, ``parts`` and ``marks`` are zero before and after."""

    scores: cython.double[::1]
    parts: cython.double[::1]
    touched: cython.uint[::1]
    chosen: cython.uint[::1]
    bins: cython.int[::1]
    picked: cython.uchar[::1]
    where: cython.uchar[::1]
    most: cython.uint[::1]
    # each place of a block itself
    same: cython.uchar[::1]
    # one for each group: what it can add at most, and the groups' numbers ordered by that
    rests: cython.double[::1]
    order: cython.int[::1]
    # for a search's documents, if it asks for few, and their scores
    kept_scores: cython.double[::1]
    kept_docs: cython.uint[::1]
    kept_present: cython.uint[::1]
    spare: cython.double[::1]
    # which groups stand in the documents of a window
    marks: cython.uint[::1]

    def __init__(self):
        # windows are looked through sixteen documents at a time
        self.scores = memoryview(_array.array("d", bytes(8 * (1024 + 16))))
        self.parts = memoryview(_array.array("d", bytes(8 * (1024 + 16))))
        self.touched = memoryview(_array.array("I", bytes(4 * (1024 + 16))))
        self.chosen = memoryview(_array.array("I", bytes(4 * (1024 + 16))))
        self.bins = memoryview(_array.array("i", bytes(4 * 1024)))
        self.picked = memoryview(bytearray(8 * 128))
        self.where = memoryview(bytearray(8 * 128))
        self.most = memoryview(_array.array("I", bytes(4 * 128)))
        self.same = memoryview(bytearray(range(128)))
        self.rests = memoryview(_array.array("d", bytes(8 * 64)))
        self.order = memoryview(_array.array("i", bytes(4 * 64)))
        self.kept_scores = memoryview(_array.array("d", bytes(8 * (2 * FEW + 1))))
        self.kept_docs = memoryview(_array.array("I", bytes(4 * (2 * FEW + 1))))
        self.kept_present = memoryview(_array.array("I", bytes(4 * (2 * FEW + 1))))
        self.spare = memoryview(_array.array("d", bytes(8 * (2 * FEW + 1))))
        self.marks = memoryview(_array.array("I", bytes(4 * 1024)))

    @cython.cfunc
    @cython.exceptval(-1)
    def make_room(self, groups: cython.Py_ssize_t) -> cython.int:
        if groups > self.order.shape[0]:
            self.rests = memoryview(_array.array("d", bytes(8 * groups)))
            self.order = memoryview(_array.array("i", bytes(4 * groups)))
        return 0


SPARE = [Scratch()]  # taken and put back whole, so that threads never share one


@cython.cclass
class Chunk:
    """The documents that a second look looks for together, ascending, and what it finds of them.

    Of each its place among all, itself, what is present, and in which order they are scored; bounds
    of their scores, and their rates in each field. Then what `Unit`, `Lead`, `Located` and `Places`
    keep of each.
    """

    at: cython.uint[::1]
    docs: cython.uint[::1]
    present: cython.uint[::1]
    turn: cython.uint[::1]
    bounds: cython.double[::1]
    rates: cython.double[::1]
    hopes: cython.double[::1]
    freqs: cython.uint[::1]
    spots: cython.longlong[::1]

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
class Search:
    """One pass over a segment for the best ``k`` documents."""

    groups: list
    k1: cython.double
    doc_count: cython.uint
    k: cython.Py_ssize_t
    # the documents that may be among the best k, ascending, and their scores; when ``room`` is full
    # the best k are chosen, for which scores are copied to ``spare``
    size: cython.Py_ssize_t
    room: cython.Py_ssize_t
    kept_scores: cython.p_double
    kept_docs: cython.p_uint
    kept_present: cython.p_uint
    spare: cython.p_double
    many: object
    # whether it is noted which groups stand in a document; those in the documents of a window, in
    # the document at hand (or more), and in what was found
    noted: cython.bint
    marks: cython.uint[::1]
    at_hand: cython.uint
    present = cython.declare(object, visibility="readonly")
    scratch: Scratch
    scores: cython.double[::1]
    parts: cython.double[::1]
    touched: cython.uint[::1]
    chosen: cython.uint[::1]
    rests: cython.double[::1]
    order: cython.int[::1]
    # an intersection: the lists beside the leading one, and what a document found in all is
    # scored with (``row``: a phrase; else ``leading``, and ``others``, of which ``several`` have
    # several terms)
    seen: list
    row: object
    # where among `seen` the lists are whose places are compared first: -1 leads, -2 where there
    # are no such two
    left_level: cython.Py_ssize_t
    right_level: cython.Py_ssize_t
    # where `list_row` writes documents and frequencies instead of scoring
    listed_docs: object
    listed_freqs: object
    leading: Group
    others: list
    several: list
    picked: cython.uchar[::1]
    where: cython.uchar[::1]
    most: cython.uint[::1]
    rates: cython.const[cython.double][::1]
    factor: cython.double
    scale: cython.double
    rest: cython.double
    least: cython.double
    # whether a list is at its end
    ended: cython.bint
    floor: cython.double
    mask: cython.const[cython.uchar][::1]
    masked: cython.bint
    # at most so many documents are masked out, if that is known and the mask is there
    gone: cython.Py_ssize_t
    required: cython.bint
    prune: cython.bint

    def __init__(
        self,
        groups,
        k1: float,
        doc_count: int,
        k: int,
        mask=None,
        required=False,
        prune=True,
        floor: float = -1.0,
        gone: int = 0,
        noted: bool = False,
    ):
        group: Group
        term: Term
        bit: cython.uint = 1
        self.groups = groups
        self.k1 = k1
        self.doc_count = doc_count
        self.k = min(k, doc_count)
        self.size = 0
        self.room = self.k
        self.masked = mask is not None
        self.gone = gone
        if mask is not None:
            self.mask = memoryview(mask)
            if len(mask) < doc_count:
                raise ValueError("the mask is shorter than the segment")
        self.required = required
        self.prune = prune
        self.floor = floor
        self.leading = None
        self.row = None
        self.left_level = self.right_level = -2
        self.others = []
        self.listed_docs = None
        self.scratch = None
        self.noted = noted
        self.at_hand = ANY
        self.present = None
        if noted:
            for group in groups:
                group.bit = bit
                bit = (bit << 1) & ANY
                for term in group.terms:
                    if term.weight < STEP:
                        group.bit = 0  # it may stand without adding anything

    def top(self):
        """Return (documents, scores) of the best k: arrays, best first."""
        group: Group
        ordered: list
        if self.k > 0 and self.groups:
            self.begin()
            self.scratch.make_room(len(self.groups))
            if self.required:
                ordered = sorted(self.groups, key=cost_of)
                for group in ordered:
                    group.measure(self.k1)
                # the rarest list leads
                for group in ordered:
                    if group.size == 1:
                        ordered.remove(group)
                        self.conjunction(group, ordered)
                        break
                else:
                    self.windows(ordered)
            else:
                if self.prune and (not self.masked or self.gone > 0):
                    for group in self.groups:
                        self.expect(group)
                for group in self.groups:
                    group.measure(self.k1)
                self.windows(sorted(self.groups, key=ceiling_of))
        return self.end()

    def top_unit(self, unit, drift: float):
        """Return (documents, scores) of the best k by a unit of one sequence without slop."""
        if self.k > 0 or self.listed_docs is not None:
            self.begin()
            self.sequences(unit, drift)
        return self.end()

    @cython.cfunc
    @cython.exceptval(-1)
    def begin(self) -> cython.int:
        """Take what a walk writes to."""
        room: cython.Py_ssize_t = 2 * self.k + 1
        scores: cython.double[::1]
        docs: cython.uint[::1]
        present: cython.uint[::1]
        spare: cython.double[::1]
        scratch: Scratch = SPARE.pop() if SPARE else Scratch()
        self.scratch = scratch
        scores = scratch.kept_scores
        docs = scratch.kept_docs
        present = scratch.kept_present
        spare = scratch.spare
        if room > scores.shape[0]:
            scores = SCORE * room
            docs = DOC * room
            present = DOC * room
            spare = SCORE * room
            self.many = scores, docs, present, spare
        self.kept_scores = cython.address(scores[0]) if cython.compiled else scores
        self.kept_docs = cython.address(docs[0]) if cython.compiled else docs
        self.kept_present = cython.address(present[0]) if cython.compiled else present
        self.spare = cython.address(spare[0]) if cython.compiled else spare
        return 0

    @cython.cfunc
    def end(self):
        """Return (documents, scores) of what was kept, best first, and give back the scratch."""
        i: cython.Py_ssize_t
        at: cython.uint
        order: cython.uint[::1]
        doc_view: cython.uint[::1]
        score_view: cython.double[::1]
        present_view: cython.uint[::1]
        if self.size > self.k:
            self.settle()
        docs = DOC * self.size
        scores = SCORE * self.size
        if self.noted:
            self.present = DOC * self.size
            present_view = self.present
        if self.size:
            doc_view = docs
            score_view = scores
            order = self.scratch.touched
            if self.size > order.shape[0]:
                order = DOC * self.size
            put_in_order(
                self.kept_scores,
                cython.NULL if cython.compiled else None,
                self.size,
                cython.address(order[0]) if cython.compiled else order,
            )
            for i in range(self.size):
                at = order[i]
                doc_view[i] = self.kept_docs[at]
                score_view[i] = self.kept_scores[at]
                if self.noted:
                    present_view[i] = self.kept_present[at]
        self.size = 0
        if self.scratch is not None:
            SPARE.append(self.scratch)
            self.scratch = None
        return docs, scores

    @cython.cfunc
    @cython.exceptval(-1)
    def expect(self, group: Group) -> cython.int:
        """Raise the floor to a score that k documents surpass, by the block maxima of one list.

        Where documents are masked out, as many more blocks are asked for.
        """
        term: Term
        cursor: Cursor
        counts: cython.int[::1] = self.scratch.bins
        table: cython.pointer[cython.const[cython.uint]]
        block: cython.Py_ssize_t
        left: cython.Py_ssize_t
        at: cython.Py_ssize_t
        x: cython.double
        for term in group.terms:
            cursor = term.cursor
            if cursor.listed or cursor.blocks < max(self.k + self.gone, 2) or term.shrink <= 0.0:
                continue
            table = cursor.stream(cursor.origin)
            for at in range(BINS):
                counts[at] = 0
            for block in range(cursor.blocks):
                # the stored impact is rounded up by at most one step
                counts[(max(table[4 * block + 3] >> 16, 1) - 1) >> 6] += 1
            left = self.k + self.gone
            at = BINS
            while left > 0:
                at -= 1
                left -= counts[at]
            x = unsaturated(at * 64.0 / 32768.0, term.weight * term.shrink)
            x = group.weight * (self.k1 + 1.0) * x / (x + self.k1)
            x = x / SLACK - 1e-9
            if x > self.floor:
                self.floor = x
        return 0

    @cython.cfunc
    @cython.inline
    @cython.exceptval(check=False)
    def threshold(self) -> cython.double:
        """Return the score a document must be over to get in, -1 while any may."""
        return self.floor if self.prune else -1.0

    @cython.cfunc
    @cython.inline
    @cython.exceptval(check=False)
    def offer(self, score: cython.double, doc: cython.uint) -> cython.bint:
        """Keep a document if it is good enough and not masked out.

        Documents must be offered in ascending order. Returns whether the threshold rose.
        """
        if score > self.floor and (not self.masked or self.mask[doc] != 0):
            self.kept_scores[self.size] = score
            self.kept_docs[self.size] = doc
            self.kept_present[self.size] = self.at_hand
            self.size += 1
            if self.size == self.room:
                self.settle()
                return True
        return False

    @cython.cfunc
    @cython.exceptval(check=False)
    def settle(self) -> cython.void:
        """Drop all that was kept but the best ``k``; what comes after must be over the last."""
        i: cython.Py_ssize_t
        n: cython.Py_ssize_t = self.size
        at: cython.Py_ssize_t = 0
        ties: cython.Py_ssize_t = self.k
        score: cython.double
        last: cython.double
        lowest: cython.double
        if n == self.k + 1:  # the worst goes: of equal ones, which are rare, the last
            lowest = last = NO_BOUND
            for i in range(n):
                score = self.kept_scores[i]
                if score <= lowest:
                    last = lowest
                    lowest = score
                    at = i
                elif score < last:
                    last = score
            for i in range(at, self.k):
                self.kept_scores[i] = self.kept_scores[i + 1]
                self.kept_docs[i] = self.kept_docs[i + 1]
            if self.noted:
                for i in range(at, self.k):
                    self.kept_present[i] = self.kept_present[i + 1]
            self.size = self.k
            self.floor = max(self.floor, last)
            return
        for i in range(n):
            self.spare[i] = self.kept_scores[i]
        last = highest(self.spare, n, self.k)
        for i in range(n):
            ties -= self.kept_scores[i] > last
        # without a branch on what is kept, which is one in two
        for i in range(n):
            score = self.kept_scores[i]
            self.kept_scores[at] = score
            self.kept_docs[at] = self.kept_docs[i]
            self.kept_present[at] = self.kept_present[i]
            if score == last:
                ties -= 1
                at += ties >= 0
            else:
                at += score > last
        self.size = at
        self.floor = max(self.floor, last)
        # the more there are to choose from, the more may come in before that is done again
        self.room = self.k + 1 + (self.k if self.k > FEW else self.k * self.k // FEW)

    @cython.cfunc
    @cython.exceptval(-1.0, check=True)
    def bound_others(
        self, others: list, cursor: Cursor, block: cython.Py_ssize_t, target: cython.uint
    ) -> cython.double:
        """Bound what each of ``others`` adds to a block's documents from ``target`` on: its
        ``rest``. Returns their sum."""
        other: Group
        total: cython.double = 0.0
        low: cython.uint = target
        if block > 0 and cursor.last_of(block - 1) >= low:
            low = cursor.last_of(block - 1) + 1
        for other in others:
            other.rest = other.bound(low, cursor.last_of(block) + 1, self.k1)
            total += other.rest
        return total

    @cython.cfunc
    @cython.exceptval(-1)
    def stream(self, group: Group, others: list, start: cython.uint) -> cython.int:
        """Walk one posting list from document ``start``; look its documents up in ``others``."""
        term: Term = group.lead
        other: Group
        cursor: Cursor = term.cursor
        block: cython.Py_ssize_t
        i: cython.int
        n: cython.int
        at: cython.int
        low: cython.uint
        doc: cython.uint
        count: cython.Py_ssize_t
        left: cython.Py_ssize_t
        j: cython.Py_ssize_t
        k1: cython.double = self.k1
        scale: cython.double = group.weight * (k1 + 1.0)
        rest: cython.double
        threshold: cython.double
        least: cython.double
        x: cython.double
        bounded: cython.bint = not cursor.listed and term.drift > 0.0
        self.picked = self.scratch.picked
        self.at_hand = ANY
        block = cursor.block if cursor.block >= 0 else 0
        if cursor.block >= 0 and cursor.n == 0:
            return 0
        while block < cursor.blocks:
            if term.flat and self.prune and self.size >= self.k and not others:
                break  # the rest score the same and come after
            if cursor.last_of(block) < start:
                block += 1
                continue
            threshold = self.threshold()
            rest = NO_BOUND
            if threshold >= 0.0:
                rest = self.bound_others(others, cursor, block, start)
                if bounded:
                    x = unsaturated(cursor.impact(block), term.weight * term.drift)
                    if (scale * x / (x + k1) + rest) * SLACK + STEP <= threshold:
                        block += 1
                        continue
            if cursor.block != block:
                cursor.load(block)
            cursor.need_freqs()
            least = self.short_of(scale, rest)
            n = pick(
                cursor.docs,
                cursor.freqs,
                cursor.n,
                term.rate,
                term.weight,
                least,
                cython.address(self.picked[0]) if cython.compiled else self.picked,
            )
            block += 1
            low = cursor.docs[0]
            count = 0
            for i in range(n):
                at = self.picked[i]
                doc = cursor.docs[at]
                if doc < start:
                    continue
                x = term.weight * (cursor.freqs[at] * term.rate[doc])
                if others:
                    self.chosen[count] = doc - low
                    self.scores[count] = saturated(scale, x, k1)
                    self.marks[count] = group.bit
                    count += 1
                elif x > least and self.offer(saturated(scale, x, k1), doc):
                    least = self.short_of(scale, rest)
            if not others:
                continue
            left = count
            for other in others:
                rest -= other.rest
                left = self.look_up_chosen(other, low, left, rest, threshold)
            for j in range(left):
                self.at_hand = self.marks[j]
                self.offer(self.scores[j], low + self.chosen[j])
            for j in range(count):
                self.scores[j] = 0.0
                self.marks[j] = 0
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def look_up_chosen(
        self,
        group: Group,
        low: cython.uint,
        n: cython.Py_ssize_t,
        rest: cython.double,
        threshold: cython.double,
    ) -> cython.Py_ssize_t:
        """Add a group's scores to those of the ``n`` documents chosen, which lie in a row; return
        how many are left.

        ``rest`` bounds what the groups after this can add.
        """
        term: Term
        k1: cython.double = self.k1
        scale: cython.double = group.weight * (k1 + 1.0)
        score: cython.double
        x: cython.double
        j: cython.Py_ssize_t
        left: cython.Py_ssize_t = 0
        for term in group.terms:
            self.weigh_chosen(term, low, n)
        for j in range(n):
            x = self.parts[j]
            self.parts[j] = 0.0
            score = self.scores[j] + saturated(scale, x, k1)
            # no branch depends on whether one is good enough
            self.chosen[left] = self.chosen[j]
            self.marks[left] = self.marks[j] | (group.bit if x > 0.0 else 0)
            self.scores[left] = score
            left += (score + rest) * SLACK > threshold
        return left

    @cython.cfunc
    @cython.exceptval(-1)
    def conjunction(self, group: Group, others: list) -> cython.int:
        """Walk one posting list for the documents that every other group has too."""
        other: Group
        self.leading = group
        self.others = others
        self.scale = group.weight * (self.k1 + 1.0)
        self.seen = []
        self.several = []
        for other in others:
            if other.size == 1:
                self.seen.append(other.lead.cursor)
            else:
                self.several.append(other)
        self.intersect(group.lead.cursor, group.lead.rates, group.lead.weight, group.lead.drift)
        self.leading = None
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def intersect(
        self,
        cursor: Cursor,
        rates: cython.const[cython.double][::1],
        weight: cython.double,
        drift: cython.double,
    ) -> cython.int:
        """Walk one posting list for the documents that all of ``seen`` have too."""
        block: cython.Py_ssize_t
        i: cython.int
        n: cython.int
        x: cython.double
        self.ended = False
        self.rates = rates
        self.factor = weight
        self.picked = self.scratch.picked
        self.where = self.scratch.where
        self.most = self.scratch.most
        if len(self.seen) >= self.picked.shape[0] // BLOCK:
            self.picked = memoryview(bytearray((len(self.seen) + 1) * BLOCK))
            self.where = memoryview(bytearray((len(self.seen) + 1) * BLOCK))
        for block in range(cursor.blocks):
            self.rest = NO_BOUND if self.others else 0.0
            if self.others and self.threshold() >= 0.0:
                self.rest = self.bound_others(self.others, cursor, block, 0)
            self.raise_least()
            if drift > 0.0 and not cursor.listed and self.least > 0.0:
                # a sequence stands no oftener than its rarest token
                x = unsaturated(cursor.impact(block), weight * drift)
                if x < NO_BOUND and x * SLACK <= self.least:
                    continue
            cursor.load(block)
            if self.least < 0.0:
                # all are good enough, however often the term stands there
                n = cursor.n
                for i in range(n):
                    self.picked[i] = cython.cast(cython.uchar, i)
            else:
                cursor.need_freqs()
                n = pick(
                    cursor.docs,
                    cursor.freqs,
                    cursor.n,
                    cython.address(rates[0]) if cython.compiled else rates,
                    weight,
                    self.least,
                    cython.address(self.picked[0]) if cython.compiled else self.picked,
                )
            if n:
                if self.left_level == -1 or self.right_level == -1:
                    cursor.expect_places()
                self.narrow(cursor, 0, n)
            if self.ended:
                break
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def narrow(self, cursor: Cursor, level: cython.Py_ssize_t, count: cython.int) -> cython.int:
        """Of the postings picked, follow those whose documents the next of ``seen`` has too.

        ``picked`` holds, for each level, places in the block that ``cursor`` has loaded, ``where``
        the places of these in the next list's block. All cursors stand at the documents that come
        out at the last level.
        """
        other: Cursor
        i: cython.int = 0
        n: cython.int
        last: cython.uint
        row: cython.Py_ssize_t = level * BLOCK
        at: cython.Py_ssize_t
        if level == len(self.seen):
            if self.row is not None:
                count = self.sift(cursor, row, count)
            for i in range(count):
                cursor.i = self.picked[row + i]
                cursor.doc = cursor.docs[cursor.i]
                at = cursor.i
                for other in self.seen:
                    other.i = self.where[at]
                    other.doc = cursor.doc
                    at += BLOCK
                if self.leading is not None:
                    self.add_up(cursor)
                else:
                    self.look_for_row(cursor)
            return 0
        other = self.seen[level]
        while i < count:
            last = other.reach_block(cursor.docs[self.picked[row + i]])
            if last == END:
                self.ended = True
                return 0
            n = common(
                cursor.docs,
                cython.address(self.picked[row]) if cython.compiled else self.picked[row:],
                i,
                count,
                other.docs,
                last,
                cython.address(self.picked[row + BLOCK])
                if cython.compiled
                else self.picked[row + BLOCK :],
                cython.address(self.where[row]) if cython.compiled else self.where[row:],
            )
            i = n >> 8
            n &= 0xFF
            if n:
                if level == self.left_level or level == self.right_level:
                    other.expect_places()
                self.narrow(cursor, level + 1, n)
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def sift(self, cursor: Cursor, row: cython.Py_ssize_t, count: cython.int) -> cython.int:
        """Of the postings picked, keep those where two tokens of a phrase may stand as far apart as
        they should often enough, by the low bits of their places. Returns how many."""
        sequence: Sequence = self.row
        left: Cursor
        right: Cursor
        # where in their blocks the two lists' postings are: the leading list's where picked
        left_where: cython.p_uchar
        right_where: cython.p_uchar
        kept: cython.int = 0
        i: cython.int
        at: cython.Py_ssize_t
        if self.left_level < -1:
            return count
        left = sequence.left.only
        right = sequence.right.only
        left_where = right_where = (
            cython.address(self.scratch.same[0]) if cython.compiled else self.scratch.same
        )
        if self.left_level >= 0:
            at = self.left_level * BLOCK
            left_where = cython.address(self.where[at]) if cython.compiled else self.where[at:]
        if self.right_level >= 0:
            at = self.right_level * BLOCK
            right_where = cython.address(self.where[at]) if cython.compiled else self.where[at:]
        count = sift_postings(
            cython.address(self.picked[row]) if cython.compiled else self.picked[row:],
            count,
            cython.address(self.most[0]) if cython.compiled else self.most,
            cython.cast(cython.uint, sequence.second - sequence.first),
            left_where,
            left,
            right_where,
            right,
        )
        if self.least < 0.0:
            return count
        for i in range(count):
            at = self.picked[row + i]
            self.picked[row + kept] = cython.cast(cython.uchar, at)
            kept += self.factor * (self.most[i] * self.rates[cursor.docs[at]]) > self.least
        return kept

    @cython.cfunc
    @cython.exceptval(-1)
    def add_up(self, cursor: Cursor) -> cython.int:
        """Score the document at hand, which `conjunction` found in all lists of one term."""
        other: Group
        group: Group = self.leading
        doc: cython.uint = cursor.doc
        x: cython.double = self.factor * (tf_at(cursor) * self.rates[doc])
        score: cython.double
        if x <= self.least:
            return 0
        for other in self.several:
            if other.next(doc) != doc:
                return 0
        score = saturated(group.weight * (self.k1 + 1.0), x, self.k1)
        for other in self.others:
            score += other.look(doc, self.k1)
        if self.offer(score, doc):
            self.raise_least()
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def look_for_row(self, cursor: Cursor) -> cython.int:
        """Score the document at hand if the tokens of `sequences` stand in a row there."""
        other: Cursor
        sequence: Sequence = self.row
        doc: cython.uint = cursor.doc
        tf: cython.uint
        found: cython.Py_ssize_t
        if self.least >= 0.0:
            tf = tf_at(cursor)
            for other in self.seen:
                tf = min(tf, tf_at(other))
            if self.factor * (tf * self.rates[doc]) <= self.least:
                return 0
        if self.left_level >= -1:
            found = sequence.count_phrase(doc)
        else:
            found = sequence.count(doc)
        if found > 0 and self.take(sequence, doc, found):
            self.raise_least()
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def take(self, row: object, doc: cython.uint, found: cython.Py_ssize_t) -> cython.int:
        """Score, or list, a document where a row of tokens stands ``found`` times.

        Returns whether the threshold rose.
        """
        sequence: Sequence = row
        x: cython.double
        if self.listed_docs is not None:
            self.listed_docs.append(doc)
            self.listed_freqs.append(found)
            return 0
        x = sequence.weight * (found * sequence.field.rates[doc])
        return self.offer(saturated(self.scale, x, self.k1), doc)

    @cython.cfunc
    @cython.exceptval(check=False)
    def raise_least(self) -> cython.void:
        """Bring ``least`` up to the threshold: an x (`saturated`) that with ``rest`` fails it."""
        self.least = self.short_of(self.scale, self.rest)

    @cython.cfunc
    @cython.exceptval(check=False)
    def short_of(self, scale: cython.double, rest: cython.double) -> cython.double:
        """Return an x (`saturated`) that with ``rest`` does not reach the threshold, nor less."""
        threshold: cython.double = self.threshold()
        if threshold < 0.0:
            return -1.0
        threshold = (threshold - STEP) / SLACK - rest
        if threshold <= 0.0:
            return -1.0
        if threshold >= scale:
            return NO_BOUND
        return self.k1 * threshold / (scale - threshold) / SLACK

    @cython.cfunc
    @cython.exceptval(-1)
    def sequences(self, item, drift: cython.double) -> cython.int:
        """Walk the documents with every token of a unit's one sequence; the rarest token leads."""
        unit: Unit = item
        sequence: Sequence = unit.sequences[0]
        others: list = sorted(set(sequence.places), key=df_of)
        lead: Places = others.pop(0)
        places: Places
        self.scale = unit.weight * (self.k1 + 1.0)
        others = self.arrange(sequence, [lead, *others])
        if lead.only is None:
            return self.spellings(sequence, lead, others)
        self.row = sequence
        self.seen = []
        for places in others:
            if places.only is not None:
                self.seen.append(places.only)
        if sequence.slop == 0 and sequence.left.only and sequence.right and sequence.right.only:
            self.left_level = self.level_of(sequence.left, lead)
            self.right_level = self.level_of(sequence.right, lead)
        self.intersect(lead.only, sequence.field.rates, sequence.weight, drift)
        self.row = None
        self.left_level = self.right_level = -2
        return 0

    @cython.cfunc
    @cython.exceptval(-2)
    def level_of(self, token: object, lead: object) -> cython.Py_ssize_t:
        """Return where among `seen` the one list of a token is, -1 if it leads."""
        places: Places = token
        return -1 if places is lead else self.seen.index(places.only)

    @cython.cfunc
    def arrange(self, sequence: object, ordered: list) -> list:
        """Choose the two tokens of a phrase whose places are compared first.

        ``ordered`` are all tokens, the rarest first. Returns those whose documents are sought
        beside the rarest's; the others are looked for where the two are.
        """
        row: Sequence = sequence
        wanted: list
        best: list = []
        rare: list
        cost: cython.double
        least: cython.double = -1.0
        i: cython.Py_ssize_t
        j: cython.Py_ssize_t
        if row.size < 3:
            return ordered[1:]
        rare = [0, 1]
        if row.slop == 0:
            rare = sorted(range(row.size), key=[places.df for places in row.places].__getitem__)
            rare = sorted(rare[:5])
        for j in rare:
            for i in rare:
                if i >= j:
                    break
                wanted = []
                cost = self.price(row, ordered, i, j, wanted)
                if least < 0.0 or cost < least:
                    least = cost
                    best = wanted
                    row.first = i
                    row.second = j
        row.left = row.places[row.first]
        row.right = row.places[row.second]
        best.sort(key=df_of)
        return best

    @cython.cfunc
    @cython.exceptval(-1.0, check=True)
    def price(
        self,
        sequence: object,
        ordered: list,
        i: cython.Py_ssize_t,
        j: cython.Py_ssize_t,
        wanted: list,
    ) -> cython.double:
        """Estimate what finding a phrase by two of its tokens takes, in nanoseconds.

        ``wanted`` gets the tokens to seek beside the rarest: the two, and those that take less to
        seek than the looks at places they save. As measured: a block 150, its frequencies and
        places 120, a step in it 5, comparing low bits 20, a look at two lists of places 130.
        """
        row: Sequence = sequence
        left: Places = row.places[i]
        right: Places = row.places[j]
        places: Places = ordered[0]
        lead: Places = places
        docs: cython.double = places.df
        blocks: cython.double
        read: cython.double
        share: cython.double
        cost: cython.double = 0.0
        alike: cython.double
        k: cython.Py_ssize_t
        total: cython.double = self.doc_count
        for places in ordered:
            if places is not lead and (places is left or places is right):
                docs *= self.share_of(places)
        for places in ordered:
            if places is lead:
                continue
            if places is left or places is right:
                wanted.append(places)
                continue
            blocks = places.df / 128.0
            share = places.df / total
            if 5.0 + 150.0 * blocks / (blocks + docs + 1.0) < 35.0 * (1.0 - share):
                wanted.append(places)
                docs *= self.share_of(places)
        # the same once more, in the order in which they are sought
        docs = lead.df
        if lead is left or lead is right:
            cost = docs / 128.0 * 120.0
        for places in wanted:
            blocks = places.df / 128.0
            read = blocks * docs / (blocks + docs + 1.0)
            cost += 5.0 * docs + 150.0 * read
            docs *= self.share_of(places)
            if places is left or places is right:
                cost += 120.0 * read
        # the more frequent a token, the oftener it stands in a document
        alike = (1.7 + 4.0 * left.df / total) * (1.7 + 4.0 * right.df / total) / 110.0
        read = docs * min(1.0, alike)
        if row.pairs:
            alike = docs
            for k in range(i, j):
                share = row.pairs[k]
                alike = min(alike, share)
            read += alike
        cost += 20.0 * docs + 130.0 * read
        for places in ordered:
            if places is not lead and places not in wanted:
                blocks = places.df / 128.0
                cost += 270.0 * read * blocks / (read + blocks + 1.0)
        return cost

    @cython.cfunc
    @cython.exceptval(check=False)
    def share_of(self, token: object) -> cython.double:
        """Return of how many of the documents with other words of a phrase a token is in."""
        places: Places = token
        return min(1.0, 1.3 * places.df / cython.cast(cython.double, self.doc_count))

    @cython.cfunc
    @cython.exceptval(-1)
    def spellings(self, sequence: object, lead: object, others: list) -> cython.int:
        """Walk the documents of `sequences` where the rarest token has several posting lists."""
        row: Sequence = sequence
        first: Places = lead
        places: Places
        target: cython.uint = 0
        doc: cython.uint
        found: cython.Py_ssize_t
        x: cython.double
        while True:
            doc = first.next(target)
            if doc == END:
                return 0
            target = doc + 1
            x = row.weight * (first.frequency(doc) * row.field.rates[doc])
            if x <= self.short_of(self.scale, 0.0):
                continue
            for places in others:
                target = places.next(doc)
                if target != doc:
                    break
            else:
                target = doc + 1
                x = row.weight * (row.most(doc) * row.field.rates[doc])
                if x <= self.short_of(self.scale, 0.0):
                    continue
                found = row.count(doc)
                if found > 0:
                    self.take(row, doc, found)
                continue
            if target == END:
                return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def add_group(self, group: Group, low: cython.uint, high: cython.uint) -> cython.int:
        """Add a group's scores of the documents low..high-1 to the accumulator."""
        term: Term
        cursor: Cursor
        k1: cython.double = self.k1
        scale: cython.double = group.weight * (k1 + 1.0)
        x: cython.double
        i: cython.int
        n: cython.int
        at: cython.uint
        bit: cython.uint = group.bit if self.noted else 0
        count: cython.Py_ssize_t = 0
        j: cython.Py_ssize_t
        # all but the last term wait in ``parts`` for their documents' sum; the last, which has
        # most of the postings, seldom meets one
        for j in range(group.size - 1):
            term = group.terms[j]
            cursor = term.cursor
            reach(cursor, low)
            while cursor.doc < high:
                term.weigh_block()
                n = cursor.n
                i = cursor.i
                if bit:
                    self.note(cursor, low, high, bit)
                while i < n and cursor.docs[i] < high:
                    at = cursor.docs[i] - low
                    x = term.parts[i]
                    if x > 0.0:  # so that a document is touched once, whatever the file says
                        self.touched[count] = at
                        count += self.parts[at] == 0.0
                        self.parts[at] += x
                    i += 1
                go_on(cursor, i)
        term = group.last
        cursor = term.cursor
        reach(cursor, low)
        while cursor.doc < high:
            term.score_block(scale, k1)
            n = cursor.n
            i = cursor.i
            if count == 0:
                if cursor.docs[n - 1] >= high:
                    n = first_from(cursor.docs, i, high)
                add_scores(
                    cursor.docs,
                    i,
                    n,
                    low,
                    term.scores,
                    bit,
                    cython.address(self.scores[0]) if cython.compiled else self.scores,
                    cython.address(self.marks[0]) if cython.compiled else self.marks,
                )
                i = n
            else:
                if bit:
                    self.note(cursor, low, high, bit)
                while i < n and cursor.docs[i] < high:
                    at = cursor.docs[i] - low
                    x = self.parts[at]
                    if x == 0.0:
                        self.scores[at] += term.scores[i]
                    else:
                        self.parts[at] = 0.0
                        self.scores[at] += saturated(scale, x + term.parts[i], k1)
                    i += 1
            go_on(cursor, i)
        for j in range(count):
            at = self.touched[j]
            x = self.parts[at]
            if x != 0.0:
                self.parts[at] = 0.0
                self.scores[at] += saturated(scale, x, k1)
        return 0

    @cython.cfunc
    @cython.inline
    @cython.exceptval(check=False)
    def note(
        self, cursor: Cursor, low: cython.uint, high: cython.uint, bit: cython.uint
    ) -> cython.void:
        """Note that a group stands in the documents of the loaded block up to high-1."""
        i: cython.int = cursor.i
        while i < cursor.n and cursor.docs[i] < high:
            self.marks[cursor.docs[i] - low] |= bit
            i += 1

    @cython.cfunc
    @cython.exceptval(-1)
    def gather(self, size: cython.Py_ssize_t, limit: cython.double) -> cython.Py_ssize_t:
        """List the documents of the window that score over ``limit``."""
        # the accumulator is longer than any window by sixteen zeros
        return places_over(
            cython.address(self.scores[0]) if cython.compiled else self.scores,
            cython.cast(cython.int, size),
            limit,
            cython.address(self.chosen[0]) if cython.compiled else self.chosen,
        )

    @cython.cfunc
    @cython.exceptval(-1)
    def look_up(
        self,
        group: Group,
        low: cython.uint,
        high: cython.uint,
        n: cython.Py_ssize_t,
        rest: cython.double,
        threshold: cython.double,
    ) -> cython.Py_ssize_t:
        """Add a group's scores to the ``n`` documents chosen; return how many are left.

        ``rest`` bounds what the groups after this can add. The scores of other documents become
        meaningless.
        """
        term: Term
        k1: cython.double = self.k1
        scale: cython.double = group.weight * (k1 + 1.0)
        x: cython.double
        j: cython.Py_ssize_t
        left: cython.Py_ssize_t = 0
        at: cython.uint
        bit: cython.uint = group.bit if self.noted else 0
        every: cython.bint
        good: cython.bint
        # a look-up costs twice what a posting read in order does: where there are many, read all
        every = not self.required and 2 * n * group.size * self.doc_count > WINDOW * group.cost
        if every:
            self.add_group(group, low, high)
        else:
            for term in group.terms:
                self.weigh_chosen(term, low, n)
        for j in range(n):
            at = self.chosen[j]
            good = True
            if not every:
                x = self.parts[j]
                self.parts[j] = 0.0
                self.scores[at] += saturated(scale, x, k1)
                self.marks[at] |= bit if x > 0.0 else 0
                good = not self.required or x != 0.0
            # no branch depends on whether one is good enough
            self.chosen[left] = at
            left += good & ((self.scores[at] + rest) * SLACK > threshold)
        return left

    @cython.cfunc
    @cython.exceptval(-1)
    def weigh_chosen(self, term: Term, low: cython.uint, n: cython.Py_ssize_t) -> cython.int:
        """Add ``weight * tf * rate`` of a term to a part for each of the ``n`` documents chosen."""
        cursor: Cursor = term.cursor
        last: cython.uint
        j: cython.Py_ssize_t = 0
        while j < n:
            last = cursor.reach_block(low + self.chosen[j])
            if last == END:
                return 0
            cursor.need_freqs()
            j = weigh(
                cython.address(self.chosen[0]) if cython.compiled else self.chosen,
                j,
                n,
                low,
                last,
                cursor.docs,
                cursor.freqs,
                term.rate,
                term.weight,
                cython.address(self.parts[0]) if cython.compiled else self.parts,
            )
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def windows(self, groups: list) -> cython.int:
        """Walk the segment window by window; ``groups`` by ascending ceiling (cost if required)."""
        self.scores = self.scratch.scores
        self.parts = self.scratch.parts
        self.touched = self.scratch.touched
        self.chosen = self.scratch.chosen
        self.rests = self.scratch.rests
        self.order = self.scratch.order
        self.marks = self.scratch.marks
        group: Group
        others: list
        count: cython.Py_ssize_t = len(groups)
        low: cython.uint = 0
        high: cython.uint
        at: cython.uint
        i: cython.Py_ssize_t
        n: cython.Py_ssize_t
        lead: cython.Py_ssize_t
        rest: cython.double
        total: cython.double
        threshold: cython.double
        while low < self.doc_count:
            threshold = self.threshold()
            if self.required:
                low = self.meet(groups, low)
            else:
                # which groups can no longer bring in a document by themselves?
                lead = 0
                rest = 0.0
                for group in groups:
                    if (rest + group.ceiling) * SLACK > threshold:
                        break
                    rest += group.ceiling
                    lead += 1
                if lead == count:
                    return 0
                if lead == count - 1:
                    group = groups[lead]
                    if group.size == 1:
                        others = groups[:lead]
                        others.reverse()
                        return self.stream(group, others, low)
                low = self.nearest(groups, lead, low)
            if low == END:
                return 0
            high = cython.cast(cython.uint, min(low + WINDOW, self.doc_count))
            total = 0.0
            for i in range(count):
                group = groups[i]
                rest = 0.0
                if threshold >= 0.0:
                    rest = group.bound(low, high, self.k1)
                    total += rest
                self.rests[i] = rest
                self.order[i] = cython.cast(cython.int, i)
            if threshold >= 0.0 and total * SLACK <= threshold:
                low = high
                continue
            lead = 0
            rest = 0.0
            if self.required:
                lead = count - 1
                rest = total - self.rests[0]
            elif threshold >= 0.0:
                self.sort_by_rest(count)
                while lead < count:
                    total = rest + self.rests[self.order[lead]]
                    if total * SLACK > threshold:
                        break
                    rest = total
                    lead += 1
            if self.required:
                self.add_group(groups[0], low, high)
            else:
                for i in range(lead, count):
                    self.add_group(groups[self.order[i]], low, high)
            n = self.gather(high - low, max(threshold / SLACK - rest, 0.0))
            for i in range(lead):
                # the next that costs least, or else the next that weighs most
                at = self.order[i + 1 if self.required else lead - 1 - i]
                rest -= self.rests[at]
                n = self.look_up(groups[at], low, high, n, rest, threshold)
            for i in range(n):
                at = self.chosen[i]
                if self.noted:
                    self.at_hand = self.marks[at]
                self.offer(self.scores[at], low + at)
            for i in range(high - low):
                self.scores[i] = 0.0
            if self.noted:
                for i in range(high - low):
                    self.marks[i] = 0
            low = high
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def sort_by_rest(self, count: cython.Py_ssize_t) -> cython.int:
        """Sort ``order`` by ``rests``, ascending: few groups, and in order from the start."""
        i: cython.Py_ssize_t
        j: cython.Py_ssize_t
        number: cython.int
        for i in range(1, count):
            number = self.order[i]
            j = i
            while j > 0 and self.rests[self.order[j - 1]] > self.rests[number]:
                self.order[j] = self.order[j - 1]
                j -= 1
            self.order[j] = number
        return 0

    @cython.cfunc
    @cython.exceptval(0xFFFFFFFF, check=True)
    def nearest(self, groups: list, lead: cython.Py_ssize_t, low: cython.uint) -> cython.uint:
        """Return the first document from ``low`` on that any of ``groups[lead:]`` has."""
        group: Group
        i: cython.Py_ssize_t
        doc: cython.uint
        first: cython.uint = END
        for i in range(lead, len(groups)):
            group = groups[i]
            doc = group.next(low)
            if doc < first:
                first = doc
        return first

    @cython.cfunc
    @cython.exceptval(0xFFFFFFFF, check=True)
    def meet(self, groups: list, low: cython.uint) -> cython.uint:
        """Return where the first window from ``low`` on begins that every group has a part in."""
        group: Group
        doc: cython.uint
        i: cython.Py_ssize_t = 0
        while i < len(groups):
            group = groups[i]
            doc = group.next(low)
            if doc == END:
                return END
            if i > 0 and doc >= low + WINDOW:
                # the lists before must catch up
                low = doc
                i = 0
                continue
            if i == 0:
                low = doc
            i += 1
        return low


def cost_of(group: Group):
    return group.cost


def ceiling_of(group: Group):
    return group.ceiling


def sum_counts(ordinals, df):
    """Return the sum of ``df[ordinal]``; `IndexCorruptError` for an ordinal that is not there."""
    wanted: cython.const[cython.uint][::1] = memoryview(ordinals)
    counts: cython.const[cython.uint][::1] = memoryview(df)
    total: cython.longlong = 0
    i: cython.Py_ssize_t
    for i in range(wanted.shape[0]):
        if wanted[i] >= counts.shape[0]:
            raise IndexCorruptError("a term's ordinal is out of range")
        total += counts[wanted[i]]
    return total


def highest_of(scores, others, count: int):
    """Return the ``count`` highest of two arrays of falling scores, as one."""
    left: cython.const[cython.double][::1]
    right: cython.const[cython.double][::1]
    out: cython.double[::1]
    at: cython.Py_ssize_t
    i: cython.Py_ssize_t = 0
    j: cython.Py_ssize_t = 0
    if not len(others):
        return scores
    if not len(scores):
        return others[:count]
    left = memoryview(scores)
    right = memoryview(others)
    found = SCORE * min(len(scores) + len(others), count)
    out = memoryview(found)
    for at in range(out.shape[0]):
        if j == right.shape[0] or (i < left.shape[0] and left[i] >= right[j]):
            out[at] = left[i]
            i += 1
        else:
            out[at] = right[j]
            j += 1
    return found


def flat_score(weight: float, k1: float):
    """Return what a group of weight ``weight`` adds to a document where its term stands once."""
    return saturated(weight * (k1 + 1.0), 1.0, k1)


def fill_rates(lengths, less: int, average: float, b: float, out):
    """Write ``1/(1 - b + b*max(length - less, 0)/average)`` per document into ``out`` ("d"); 0
    where nothing stands, if with b = 1 that would be infinite."""
    view: cython.double[::1] = memoryview(out)
    sizes: cython.const[cython.uint][::1] = memoryview(lengths)
    i: cython.Py_ssize_t
    n: cython.Py_ssize_t = view.shape[0]
    fewer: cython.uint = less
    length: cython.double
    share: cython.double = b
    mean: cython.double = average
    if sizes.shape[0] < n:
        raise ValueError("fewer lengths than documents")
    for i in range(n):
        length = sizes[i] - fewer if sizes[i] > fewer else 0
        length = 1.0 - share + share * length / mean
        view[i] = 1.0 / length if length > 0.0 else 0.0


@cython.cclass
class Located:
    """Where one posting list has given documents: found for all in one go, before any of their
    positions is read, so that memory is waited for together."""

    cursor: Cursor
    # the bit of the group that must stand where the list does (see `Search.present`)
    needs: cython.uint
    # how often the term stands in each document, and where its positions are read: the low parts,
    # the quotients, of which so many are passed over (and the width of low parts), and their end
    freqs: cython.p_uint
    spots: cython.p_longlong

    @cython.cfunc
    @cython.exceptval(-1)
    def find(
        self, docs: cython.p_uint, present: cython.p_uint, count: cython.Py_ssize_t
    ) -> cython.int:
        """Look for ascending documents, but for those that ``present`` says it is not in."""
        cursor: Cursor = self.cursor
        c: cython.Py_ssize_t
        i: cython.int
        before: cython.longlong
        low: cython.longlong
        ahead: cython.Py_ssize_t
        block: cython.Py_ssize_t = -1
        words: cython.pointer[cython.const[cython.uint]]
        cursor.rewind()
        for c in range(count):
            self.freqs[c] = 0
            if self.needs & ~present[c] or reach(cursor, docs[c]) != docs[c]:
                continue
            if cython.compiled and block != cursor.block and cursor.blocks > 1:
                # the next of these documents is seldom in the next block
                block = cursor.block
                words = cursor.stream(cursor.origin)
                i = c + 1
                while i < count and (self.needs & ~present[i] or words[4 * block] >= docs[i]):
                    i += 1
                ahead = block + 1
                while i < count and ahead < cursor.blocks and words[4 * ahead] < docs[i]:
                    ahead += 1
                if i < count and ahead < cursor.blocks:
                    ahead = cursor.origin + words[4 * ahead + 1]
                    fetch_ahead(cursor.data, min(ahead, cursor.size), min(ahead + 48, cursor.size))
            if cursor.opened != cursor.block:
                cursor.open_places()
            i = cursor.i
            before = cursor.before[i]
            low = cursor.low_at + cursor.width * before - cursor.less[i]
            self.freqs[c] = cursor.freqs[i]
            self.spots[4 * c] = low
            self.spots[4 * c + 1] = cursor.high_at
            self.spots[4 * c + 2] = before << 5 | ((cursor.head >> 10) & 31)
            self.spots[4 * c + 3] = cursor.places_stop
            if cython.compiled:
                bring_near(cursor.places + (low >> 5))
                bring_near(cursor.places + (cursor.high_at >> 5))
                # a quotient takes a bit or two
                bring_near(cursor.places + ((cursor.high_at + before) >> 5))
                bring_near(cursor.places + ((cursor.high_at + 2 * before) >> 5))
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def read(self, c: cython.Py_ssize_t, out: cython.p_uint) -> cython.int:
        """Write the positions in one of the documents."""
        spots: cython.p_longlong = self.spots + 4 * c if cython.compiled else self.spots[4 * c :]
        high: cython.Py_ssize_t = read_places(
            self.cursor.places,
            spots[3],
            spots[1],
            spots[2] >> 5,
            spots[0],
            low_width(spots[2] & 31, self.freqs[c]),
            self.freqs[c],
            out,
        )
        if high < 0:
            raise IndexCorruptError("a block's positions run over their end")
        return 0


@cython.cclass
class Places:
    """The positions of one query token (in all its forms) in the document at hand."""

    cursors: list
    # of all cursors
    df = cython.declare(cython.Py_ssize_t, visibility="readonly")
    # the cursor, where there is but one
    only: Cursor
    values: cython.p_uint
    extra: cython.p_uint
    # where these are while they are few; three more than `room`, as four are compared at a time
    few = cython.declare(cython.uint[67])
    few_more = cython.declare(cython.uint[67])
    many: object
    room: cython.Py_ssize_t
    n: cython.Py_ssize_t
    doc: cython.uint
    # how often the token stands in the document last asked for
    counted: cython.uint
    total: cython.Py_ssize_t
    # where the documents of a second look were found, by list; how often the token stands in each;
    # and which of them is at hand (-1: none, the cursors are moved)
    lists: list
    alone: Located
    totals: cython.p_uint
    here: cython.Py_ssize_t

    def __init__(self, cursors):
        self.set(cursors)

    @cython.cfunc
    @cython.exceptval(-1)
    def set(self, cursors: list) -> cython.int:
        cursor: Cursor
        self.cursors = cursors
        self.df = 0
        self.lists = []
        self.alone = None
        self.here = -1
        for cursor in cursors:
            self.df += cursor.df
        self.only = cursors[0] if len(cursors) == 1 else None
        self.counted = END
        self.total = 0
        self.room = 64
        if not cython.compiled:
            self.few = _array.array("I", bytes(4 * 67))
            self.few_more = _array.array("I", bytes(4 * 67))
        self.values = self.few
        self.extra = self.few_more
        self.n = 0
        self.doc = END
        return 0

    @cython.cfunc
    @cython.exceptval(0xFFFFFFFF, check=True)
    def next(self, target: cython.uint) -> cython.uint:
        """Return the first document >= ``target`` with the token, 0xFFFFFFFF at the end."""
        cursor: Cursor = self.only
        best: cython.uint = END
        if self.here >= 0:
            return target if self.total else END
        if cursor is not None:
            return reach(cursor, target)
        for cursor in self.cursors:
            best = min(best, reach(cursor, target))
        return best

    @cython.cfunc
    @cython.exceptval(-1)
    def sum_up(self, count: cython.Py_ssize_t) -> cython.int:
        """Tell how often the token stands in each of the documents found."""
        one: Located = self.alone
        c: cython.Py_ssize_t
        if one is not None:
            self.totals = one.freqs
            return 0
        for c in range(count):
            self.totals[c] = 0
        for one in self.lists:
            for c in range(count):
                self.totals[c] += one.freqs[c]
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def read(self) -> cython.Py_ssize_t:
        """Gather the positions in the document found that is at hand."""
        one: Located = self.alone
        tf: cython.Py_ssize_t
        if self.total > self.room:
            self.grow(self.total)
        if one is not None:
            if self.total:
                one.read(self.here, self.values)
            self.n = self.total
            return self.n
        for one in self.lists:
            tf = one.freqs[self.here]
            if tf == 0:
                continue
            if self.n == 0:
                one.read(self.here, self.values)
                self.n = tf
            else:
                one.read(self.here, self.extra)
                self.merge(tf)
        return self.n

    @cython.cfunc
    @cython.exceptval(check=False)
    def merge(self, tf: cython.Py_ssize_t) -> cython.void:
        """Merge ``tf`` ascending positions of ``extra`` into those of ``values``, from the end."""
        i: cython.Py_ssize_t = self.n - 1
        j: cython.Py_ssize_t = tf - 1
        k: cython.Py_ssize_t = self.n + tf - 1
        place: cython.uint
        while j >= 0:
            place = self.extra[j]
            if i >= 0 and self.values[i] > place:
                self.values[k] = self.values[i]
                i -= 1
            else:
                self.values[k] = place
                j -= 1
            k -= 1
        self.n += tf

    @cython.cfunc
    @cython.exceptval(-1)
    def go(self, doc: cython.uint) -> cython.Py_ssize_t:
        """Gather the positions in ``doc`` (documents must come in ascending order)."""
        cursor: Cursor
        tf: cython.Py_ssize_t
        if self.doc == doc:
            return self.n
        self.doc = doc
        self.n = 0
        if self.here >= 0:
            return self.read()
        cursor = self.only
        if cursor is not None:
            if reach(cursor, doc) != doc:
                return 0
            tf = tf_at(cursor)
            if tf > self.room:
                self.grow(tf)
            self.n = cursor.fetch(self.values, 0, self.room)
            return self.n
        for cursor in self.cursors:
            if reach(cursor, doc) != doc:
                continue
            tf = tf_at(cursor)
            if self.n + tf > self.room:
                self.grow(self.n + tf)
            if self.n == 0:
                self.n = cursor.fetch(self.values, 0, self.room)
                continue
            cursor.fetch(self.extra, 0, self.room)
            self.merge(tf)
        return self.n

    @cython.cfunc
    @cython.exceptval(-1)
    def frequency(self, doc: cython.uint) -> cython.Py_ssize_t:
        """Return how often the token stands in ``doc``, without looking where."""
        cursor: Cursor = self.only
        if self.counted == doc:
            return self.total
        self.counted = doc
        self.total = 0
        if cursor is not None:
            if reach(cursor, doc) == doc:
                self.total = tf_at(cursor)
            return self.total
        for cursor in self.cursors:
            if reach(cursor, doc) == doc:
                self.total += tf_at(cursor)
        return self.total

    @cython.cfunc
    @cython.exceptval(-1)
    def grow(self, need: cython.Py_ssize_t) -> cython.int:
        i: cython.Py_ssize_t
        room: cython.Py_ssize_t = max(2 * self.room, need)
        values: cython.uint[::1] = _array.array("I", bytes(4 * (room + 3)))
        extra: cython.uint[::1] = _array.array("I", bytes(4 * (room + 3)))
        for i in range(self.n):
            values[i] = self.values[i]
        self.many = values, extra
        self.values = cython.address(values[0]) if cython.compiled else values
        self.extra = cython.address(extra[0]) if cython.compiled else extra
        self.room = room
        return 0


@cython.cclass
class Surroundings:
    """What counting tokens in a row takes of one field of a segment, beside their positions.

    ``rates`` are those of the units counted. ``joined`` (a bit for each token: it continues a word)
    and ``bases`` (where a document's bits begin) ask for whole words of the segmenter.
    """

    rates: cython.const[cython.double][::1]
    words: cython.bint
    joined: cython.const[cython.uint][::1]
    bases: cython.const[cython.uint][::1]
    bits: cython.ulonglong

    def __init__(self, rates, joined=None, bases=None):
        self.rates = memoryview(rates)
        self.words = joined is not None
        self.bits = 0
        if joined is not None:
            self.joined = memoryview(joined)
            self.bases = memoryview(bases)
            self.bits = 32 * len(self.joined)

    @cython.cfunc
    @cython.exceptval(-1)
    def gather(
        self, docs: cython.p_uint, count: cython.Py_ssize_t, rates: cython.p_double
    ) -> cython.int:
        """Write the rates of documents, and have what else is looked up of them brought near."""
        c: cython.Py_ssize_t
        for c in range(count):
            rates[c] = self.rates[docs[c]]
            if cython.compiled and self.words:
                bring_near(cython.address(self.bases[docs[c]]))
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def expect_bits(self, doc: cython.uint) -> cython.void:
        """Have the bits of a document's words brought near."""
        base: cython.ulonglong
        if cython.compiled and self.words:
            base = self.bases[doc]
            if base < self.bits:
                bring_near(cython.address(self.joined[base >> 5]))


@cython.cclass
class Sequence:
    """Tokens that stand one after the other in one field of the document at hand.

    Where its surroundings know words, it is a whole word of the segmenter: the first token begins
    one, the others continue it, the next token does not. ``slop`` (phrases only) lets so many
    tokens stand between, in all.
    ``near`` (pairs only) is what it counts when the two stand the other way round, or with one
    token between.
    """

    places: list
    weight: cython.double
    field: Surroundings
    slop: cython.uint
    # in how many documents each two adjacent tokens of a phrase stand so, if that is known; the two
    # tokens whose places are compared first (see `Search.arrange`)
    pairs: list
    first = cython.declare(cython.Py_ssize_t, visibility="readonly")
    second = cython.declare(cython.Py_ssize_t, visibility="readonly")
    left: Places
    right: Places
    size: cython.Py_ssize_t
    near: cython.double
    # which of the second look's fields it stands in
    number: cython.Py_ssize_t
    # in the document last counted: how often a pair stands near, and the first place of all
    nearly: cython.Py_ssize_t
    start: cython.uint

    def __init__(self, places, weight, field, slop=0, pairs=(), near=0.0):
        if near and len(places) != 2:
            raise ValueError("only a pair may stand near")
        if pairs and len(pairs) != len(places) - 1:
            raise ValueError("every two adjacent tokens need their count")
        self.set(places, weight, field, slop, list(pairs), near)

    @cython.cfunc
    @cython.exceptval(-1)
    def set(
        self,
        places: list,
        weight: cython.double,
        field: Surroundings,
        slop: cython.uint,
        pairs: list,
        near: cython.double,
    ) -> cython.int:
        self.near = near
        self.nearly = 0
        self.start = 0
        self.places = places
        self.pairs = pairs
        self.first = 0
        self.second = 1
        self.left = places[0]
        self.right = places[1] if len(places) > 1 else None
        self.weight = weight
        self.field = field
        self.size = len(places)
        self.slop = slop
        return 0

    @cython.cfunc
    @cython.inline
    @cython.exceptval(check=False)
    def is_joined(self, place: cython.ulonglong) -> cython.bint:
        if place >= self.field.bits:
            return False
        return (self.field.joined[place >> 5] >> (place & 31)) & 1

    @cython.cfunc
    @cython.exceptval(-1)
    def count_phrase(self, doc: cython.uint) -> cython.Py_ssize_t:
        """Return how often the tokens stand side by side: two of them, then the others."""
        left: Places = self.left
        right: Places = self.right
        gap: cython.uint = cython.cast(cython.uint, self.second - self.first)
        places: Places
        found: cython.Py_ssize_t = 0
        i: cython.Py_ssize_t
        j: cython.Py_ssize_t = 0
        k: cython.Py_ssize_t
        low: cython.Py_ssize_t
        high: cython.Py_ssize_t
        middle: cython.Py_ssize_t
        want: cython.longlong
        good: cython.bint
        if left.go(doc) == 0 or right.go(doc) == 0:
            return 0
        if left.n * right.n <= 128:
            # cheaper than to find out where to go next
            found = count_apart(
                left.values,
                cython.cast(cython.int, left.n),
                right.values,
                cython.cast(cython.int, right.n),
                gap,
            )
            if found == 0 or self.size == 2:
                return found
            found = 0
        for i in range(left.n):
            want = cython.cast(cython.longlong, left.values[i]) + gap
            while j < right.n and right.values[j] < want:
                j += 1
            if j == right.n:
                break
            if right.values[j] != want:
                continue
            good = True
            for k in range(self.size):
                if k == self.first or k == self.second:
                    continue
                places = self.places[k]
                if places.go(doc) == 0:
                    return 0
                want = cython.cast(cython.longlong, left.values[i]) + k - self.first
                # the lists are short: binary search
                low = 0
                high = places.n
                while low < high:
                    middle = (low + high) >> 1
                    if places.values[middle] < want:
                        low = middle + 1
                    else:
                        high = middle
                if low == places.n or places.values[low] != want:
                    good = False
                    break
            if good:
                if found == 0:
                    self.start = left.values[i] - cython.cast(cython.uint, self.first)
                found += 1
        return found

    @cython.cfunc
    @cython.exceptval(-1)
    def count_pair(self, doc: cython.uint) -> cython.Py_ssize_t:
        """Return how often a pair stands side by side; ``nearly`` is how often it stands near."""
        left: Places = self.places[0]
        right: Places = self.places[1]
        found: cython.Py_ssize_t = 0
        i: cython.Py_ssize_t
        j: cython.Py_ssize_t = 0
        k: cython.Py_ssize_t
        place: cython.longlong
        apart: cython.longlong
        twice: cython.bint = left is right
        self.nearly = 0
        if left.next(doc) != doc or right.next(doc) != doc:
            return 0
        left.go(doc)
        right.go(doc)
        for i in range(left.n):
            place = left.values[i]
            while j < right.n and right.values[j] < place - 1:
                j += 1
            for k in range(j, right.n):
                apart = right.values[k] - place
                if apart > 2:
                    break
                if apart == 1:
                    if found == 0:
                        self.start = left.values[i]
                    found += 1
                elif apart == 2 or (apart == -1 and not twice):
                    self.nearly += 1
        return found

    @cython.cfunc
    @cython.exceptval(-1)
    def count_alone(self, doc: cython.uint) -> cython.Py_ssize_t:
        """Return how often a token is a word by itself."""
        places: Places = self.left
        base: cython.ulonglong
        place: cython.ulonglong
        found: cython.Py_ssize_t = 0
        start: cython.uint = 0
        alone: cython.bint
        i: cython.Py_ssize_t = places.go(doc)
        if i == 0:
            return 0
        base = self.field.bases[doc]
        # from the end, so that the first is left over: no branch depends on whether one is alone
        while i > 0:
            i -= 1
            place = base + places.values[i]
            alone = not (self.is_joined(place) | self.is_joined(place + 1))
            start = places.values[i] if alone else start
            found += alone
        self.start = start
        return found

    @cython.cfunc
    @cython.exceptval(-1)
    def count(self, doc: cython.uint) -> cython.Py_ssize_t:
        """Return how often the sequence stands in ``doc``; ``start`` is its first place there."""
        places: Places
        first: Places = self.places[0]
        found: cython.Py_ssize_t = 0
        i: cython.Py_ssize_t
        k: cython.Py_ssize_t
        low: cython.Py_ssize_t
        high: cython.Py_ssize_t
        middle: cython.Py_ssize_t
        place: cython.uint
        want: cython.uint
        base: cython.ulonglong = 0
        good: cython.bint
        if self.near > 0.0:
            return self.count_pair(doc)
        if self.size > 1 and not self.field.words and self.slop == 0:
            return self.count_phrase(doc)
        if self.size == 1 and self.field.words:
            return self.count_alone(doc)
        for places in self.places:
            if places.next(doc) != doc:
                return 0
        for places in self.places:
            places.go(doc)
        if self.field.words:
            base = self.field.bases[doc]
        for i in range(first.n):
            place = first.values[i]
            good = True
            if self.field.words:
                if self.is_joined(base + place):
                    continue
                if self.is_joined(base + place + self.size):
                    # in the last document of a segment this is past its bits: not joined;
                    # the first token of the next document never continues a word
                    continue
            for k in range(1, self.size):
                places = self.places[k]
                want = place + 1
                # the lists are short: binary search
                low = 0
                high = places.n
                while low < high:
                    middle = (low + high) >> 1
                    if places.values[middle] < want:
                        low = middle + 1
                    else:
                        high = middle
                if low == places.n or places.values[low] > first.values[i] + k + self.slop:
                    good = False
                    break
                place = places.values[low]
                if self.field.words and not self.is_joined(base + place):
                    good = False
                    break
            if good:
                if found == 0:
                    self.start = first.values[i]
                found += 1
        return found

    @cython.cfunc
    @cython.exceptval(-1)
    def weigh_most(
        self, count: cython.Py_ssize_t, rates: cython.p_double, parts: cython.p_double
    ) -> cython.int:
        """Add a bound of what it weighs in each of the documents found, by its rarest token."""
        places: Places
        left: cython.p_uint = self.left.totals
        right: cython.p_uint = left if self.right is None else self.right.totals
        # a token has at most one that follows it, one behind that, and one before it
        weight: cython.double = self.weight * (1.0 + 2.0 * self.near)
        least: cython.uint
        c: cython.Py_ssize_t
        if self.size < 3:
            for c in range(count):
                parts[c] += weight * (min(left[c], right[c]) * rates[c])
            return 0
        for c in range(count):
            least = left[c]
            for places in self.places:
                least = min(least, places.totals[c])
            parts[c] += weight * (least * rates[c])
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def most(self, doc: cython.uint) -> cython.Py_ssize_t:
        """Return a bound of `count`: the frequency of the rarest token."""
        places: Places
        least: cython.Py_ssize_t = -1
        frequency: cython.Py_ssize_t
        for places in self.places:
            frequency = places.frequency(doc)
            if frequency == 0:
                return 0
            if least < 0 or frequency < least:
                least = frequency
        return least


@cython.cclass
class Lead:
    """What a term group adds for standing near the beginning of the document at hand.

    ``places`` are those of the group's terms, ``shares`` (0 to 1) how much the field of each
    counts, ``weight`` (>= 0) what standing at the very beginning adds.
    """

    places: list
    shares: list
    weight: cython.double
    # a bound of what it adds to each of the documents found
    hopes: cython.p_double

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

    sequences: list
    weight: cython.double
    lead: cython.double
    highest: cython.double
    # a bound of what it adds to any document, and to each of those found: 0 where it does not stand
    peak: cython.double
    hopes: cython.p_double
    # whether it stands, and not just nearly, in the document last looked at; the units that cannot
    # stand where it does not
    stands: cython.bint
    longer: list

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

    groups: list
    leads: list
    units: list
    heaviest: list
    k1: cython.double
    length: cython.double
    # what units and leads look up of a document: of its fields, tokens and their posting lists
    fields: list
    tokens: list
    lists: list
    # a bound of what each unit, the heaviest first, and each lead add to any document; and which
    # groups must stand in one where they add anything
    peaks: cython.double[::1]
    needs: cython.uint[::1]
    chunk: Chunk
    # the best k documents so far and their scores, falling; others must be over ``floor``
    k: cython.Py_ssize_t
    size: cython.Py_ssize_t
    tops: cython.double[::1]
    best_docs: cython.uint[::1]
    floor: cython.double

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
            places.doc = END
            for cursor in places.cursors:
                cursor.rewind()

    def best(self, docs, scores, k: int, floor: float = -1.0, present=None):
        """Return [(-score, document)] of the best ``k`` documents, best first.

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
            return []
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
        self.tops = SCORE * self.k
        self.best_docs = DOC * self.k
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
        return [(-self.tops[i], self.best_docs[i]) for i in range(self.size)]

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
        rates: cython.p_double = cython.address(chunk.rates[0]) if cython.compiled else chunk.rates
        i: cython.Py_ssize_t = 0
        c: cython.Py_ssize_t
        for field in self.fields:
            field.gather(docs, count, rates + i if cython.compiled else rates[i:])
            i += CHUNK
        for one in self.lists:
            one.find(docs, present, count)
        for field in self.fields:
            for c in range(count):
                field.expect_bits(docs[c])
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


@cython.cclass
class Layout:
    """How what a plan scores is made of terms: said once, for all segments (see the stub)."""

    ordinals: list
    fields: list
    clauses: list
    slots: list
    units: list

    def __init__(self, ordinals, fields, clauses, slots, units):
        self.ordinals = ordinals
        self.fields = fields
        self.clauses = clauses
        self.slots = slots
        self.units = units

    def groups(self, number: cython.Py_ssize_t, views: list, sets: dict, cursors: list):
        """Return a segment's group for every clause, and in ``cursors`` those of its terms."""
        view: FieldTerms
        term: Term
        group: Group
        members: list
        terms: list
        boost: cython.double
        weight: cython.double
        i: cython.Py_ssize_t
        at: cython.Py_ssize_t
        field: cython.Py_ssize_t
        ordinal: cython.Py_ssize_t
        found: list = []
        for i in range(len(self.clauses)):
            members, weight, _, _, _ = self.clauses[i]
            terms = sets.get(i, [])
            for field, boost, at, listed in members:
                view = views[field]
                if at >= 0:
                    ordinal = self.ordinals[at][number]
                    if ordinal < 0:
                        continue
                    term = view.term(ordinal, boost)
                    if cursors[at] is None:
                        cursors[at] = term.cursor
                else:
                    lists = listed[number]
                    if lists is None or not len(lists[0]):
                        continue
                    term = view.listed(lists[0], lists[1], boost)
                terms.append(term)
            group = Group.__new__(Group)
            group.set(terms, weight)
            found.append(group)
        return found

    @cython.cfunc
    def places(
        self,
        number: cython.Py_ssize_t,
        views: list,
        cursors: list,
        slots: list,
        known: list,
    ) -> list:
        """Return the places of slots: their cursors are those of the groups, so that in the
        second look all stand at one document."""
        view: FieldTerms
        places: Places
        several: list
        slot: cython.Py_ssize_t
        at: cython.Py_ssize_t
        ordinal: cython.Py_ssize_t
        found: list = []
        for slot in slots:
            if known[slot] is None:
                several = []
                for at in self.slots[slot]:
                    ordinal = self.ordinals[at][number]
                    if ordinal < 0:
                        continue
                    if cursors[at] is None:
                        view = views[self.fields[at]]
                        cursors[at] = view.lists.make(ordinal)
                    several.append(cursors[at])
                places = Places.__new__(Places)
                places.set(several)
                known[slot] = places
            found.append(known[slot])
        return found

    def rescorer(
        self,
        number: cython.Py_ssize_t,
        views: list,
        groups: list,
        cursors: list,
        pairs: list,
        words: list,
        k1: float,
        length: float,
        near: float,
    ):
        """Return what scores single documents of a segment; ``groups`` and ``cursors`` are those of
        `groups`, ``pairs`` and ``words`` the surroundings of each field (None: not there)."""
        lead: Lead
        sequence: Sequence
        unit: Unit
        shorter: Unit
        slots: list
        shares: list
        sequences: list
        before: list
        surroundings: list
        weight: cython.double
        boost: cython.double
        first: cython.double
        nearby: cython.double
        whole: cython.bint
        at: cython.Py_ssize_t
        known: list = [None] * len(self.slots)
        leads: list = []
        units: list = []
        for _, _, slots, shares, weight in self.clauses:
            lead = Lead.__new__(Lead)
            lead.set(self.places(number, views, cursors, slots, known), shares, weight)
            leads.append(lead)
        for whole, sequences, weight, first, before in self.units:
            surroundings = words if whole else pairs
            nearby = 0.0 if whole else near
            made: list = []
            for at, boost, slots in sequences:
                if surroundings[at] is not None:
                    sequence = Sequence.__new__(Sequence)
                    sequence.set(
                        self.places(number, views, cursors, slots, known),
                        boost,
                        surroundings[at],
                        0,
                        [],
                        nearby,
                    )
                    made.append(sequence)
            unit = Unit.__new__(Unit)
            unit.set(made, weight, first)
            for at, boost, slots in sequences:  # also of fields that only other segments have
                unit.highest = max(unit.highest, boost)
            for at in before:
                shorter = units[at]
                shorter.longer.append(unit)
            units.append(unit)
        return Rescorer(groups, leads, units, k1, length)


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


def phrase_postings(sequence: Sequence, limit: int):
    """Return (documents, frequencies) of a sequence as arrays, by intersecting its tokens.

    ``limit`` is the segment's document count.
    """
    docs = _array.array("I")
    freqs = _array.array("I")
    search: Search = Search([], 1.0, limit, 0, None, False, False)
    search.listed_docs = docs
    search.listed_freqs = freqs
    search.top_unit(Unit([sequence], 1.0), 0.0)
    return docs, freqs


def lightness_of(unit: Unit):
    """Return, negative, the weight of what looking for a unit may settle."""
    longer: Unit
    total: cython.double = unit.weight
    for longer in unit.longer:
        total += longer.weight
    return -total


def df_of(places: Places):
    return places.df

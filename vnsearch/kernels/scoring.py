# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""What the terms of a segment score, and bounds of it.

The score of a document is a sum of saturated term groups (BM25F, Zaragoza et al., "Microsoft
Cambridge at TREC 13", 2004)::

    x(group, d) = sum over its terms of  weight * tf * rate[d]      rate[d] = 1/(1-b+b*len/avg)
    score(d)    = sum over groups of     weight * (k1+1) * x/(x + k1)

A group with one term of weight 1 is plain BM25. Groups hold the same token in several fields, or
several spellings counted as one term. Every summand is rounded to a multiple of 2**-32: sums of
such numbers (below 2**20) are exact, so a score does not depend on the order of its parts.
"""

import cython

from vnsearch.errors import IndexCorruptError

if cython.compiled:
    from cython.cimports.vnsearch.kernels.bits import score_postings
    from cython.cimports.vnsearch.kernels.postings import Cursor, reach, tf_at
else:
    from vnsearch.kernels.postings import Cursor, reach, tf_at

    # adding and taking away 1.5 * 2**20 rounds a double to a multiple of 2**-32
    GRID = 1572864.0
    SLACK = 1.000000001
    STEP = 1e-9
    NO_BOUND = 1e30

    def on_grid(part):
        """Return a part of a score as a multiple of 2**-32: sums of such are exact."""
        return (part + GRID) - GRID

    def saturated(scale, x, k1):
        """Return ``scale * x/(x + k1)`` on the grid."""
        return on_grid(scale * x / (x + k1))

    def unsaturated(impact, weight):
        """Return ``weight * tf * rate`` of a stored impact (k1 = 0.9)."""
        return NO_BOUND if impact >= 1.9 else weight * (0.9 * impact / (1.9 - impact))

    def impact_in(head):
        """Return a block's highest impact, rounded up, from its head."""
        return (head >> 16) / 32768.0

    def score_postings(docs, freqs, n, rates, weight, parts, scale, k1, grid, scores):
        """Write each posting's x, and what it adds to a group of its term alone."""
        for i in range(n):
            parts[i] = weight * (freqs[i] * rates[docs[i]])
            scores[i] = (scale * parts[i] / (parts[i] + k1) + grid) - grid


END = cython.declare(cython.uint, 0xFFFFFFFF)


@cython.cclass
class Term:
    """One posting list of a group: its cursor, its weight, the field's rate per document."""

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

    @cython.ccall
    @cython.exceptval(check=True)
    def rewind(self) -> cython.void:
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

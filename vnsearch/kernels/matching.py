# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Top-k search over posting lists, and the second look at its best candidates.

The score of a document is a sum of saturated term groups (BM25F, Zaragoza et al., "Microsoft
Cambridge at TREC 13", 2004)::

    x(group, d) = sum over its terms of  weight * tf * rate[d]      rate[d] = 1/(1-b+b*len/avg)
    score(d)    = sum over groups of     weight * (k1+1) * x/(x + k1)

A group with one term of weight 1 is plain BM25. Groups hold the same token in several fields, or
several spellings counted as one term.

`Search.top` walks the documents in windows. Within a window it adds up the groups one by one into
an accumulator per document (score at a time); the highest impact of each block bounds what a group
can add there, and groups that together cannot lift a document over the k-th best score so far are
only looked up for documents that others brought in (MaxScore: Turtle & Flood, "Query evaluation:
strategies and optimizations", 1995, on the block maxima of Ding & Suel, "Faster top-k document
retrieval using block-max indexes", SIGIR 2011). Equal scores go to the lower document number.

`Rescorer` scores given documents exactly, the parts in a fixed order, with what needs positions:
adjacent pairs and whole words.
"""

import array as _array

import cython

from vnsearch.errors import IndexCorruptError

if cython.compiled:
    from cython.cimports.vnsearch.kernels.postings import Cursor
else:
    from vnsearch.kernels.postings import Cursor

WINDOW = cython.declare(cython.Py_ssize_t, 4096)
END = cython.declare(cython.uint, 0xFFFFFFFF)
IMPACT_SCALE = cython.declare(cython.double, 268435456.0)
# bounds are sums in another order than scores: allow for the rounding
SLACK = cython.declare(cython.double, 1.000000001)


@cython.cclass
class Term:
    """One posting list of a group: its cursor, its weight, the field's rate per document."""

    cursor: Cursor
    weight: cython.double
    rates: cython.const[cython.double][::1]
    highest: cython.double
    drift: cython.double
    flat: cython.bint

    def __init__(self, cursor, weight, rates, drift=1.0, flat=False):
        self.flat = flat
        self.cursor = cursor
        self.weight = weight
        self.rates = rates
        self.drift = drift
        self.highest = -1.0

    @cython.cfunc
    @cython.exceptval(-1.0, check=True)
    def bound(self, low: cython.uint, high: cython.uint, k1: cython.double) -> cython.double:
        """Return a bound of ``weight * tf * rate`` over documents low..high-1."""
        cursor: Cursor = self.cursor
        block: cython.Py_ssize_t
        impact: cython.uint = 0
        word: cython.uint
        value: cython.double
        if cursor.n == 0 and cursor.block >= 0:
            return 0.0
        if cursor.listed or cursor.blocks < 2 or self.drift <= 0.0:
            if self.highest < 0.0:
                self.measure()
            return self.highest
        block = max(cursor.block, 0)
        while block < cursor.blocks:
            word = cursor.words[cursor.origin + 4 * block + 3]
            if cursor.words[cursor.origin + 4 * block] >= low and word > impact:
                impact = word
            if cursor.words[cursor.origin + 4 * block] >= high - 1:
                break
            block += 1
        # undo the saturation that the stored impact has (k1 = 0.9), then allow for the drift
        # of the average length since the segment was written
        value = impact / IMPACT_SCALE
        if value >= 1.9:
            return 1e30
        return self.weight * self.drift * (0.9 * value / (1.9 - value))

    @cython.cfunc
    @cython.exceptval(-1)
    def measure(self) -> cython.int:
        """Find the highest ``weight * tf * rate`` of a short or listed posting list."""
        cursor: Cursor = self.cursor
        best: cython.double = 0.0
        x: cython.double
        i: cython.int
        block: cython.Py_ssize_t
        stay: cython.Py_ssize_t = cursor.block
        at: cython.int = cursor.i
        if not cursor.listed and cursor.blocks > 1:
            self.highest = 1e30
            return 0
        if cursor.listed:
            for block in range(cursor.df):
                x = cursor.listed_freqs[block] * self.rates[cursor.listed_docs[block]]
                if x > best:
                    best = x
        elif cursor.df > 0:
            if stay != 0:
                cursor.load(0)
            for i in range(cursor.n):
                x = cursor.freqs[i] * self.rates[cursor.docs[i]]
                if x > best:
                    best = x
            if stay != 0:
                cursor.block = -1
            else:
                cursor.i = at
        self.highest = best * self.weight * SLACK
        return 0


@cython.cclass
class Group:
    """Terms counted together: their weighted frequencies add up before the saturation."""

    terms: list
    weight: cython.double
    size = cython.declare(cython.Py_ssize_t, visibility="readonly")
    cost: cython.Py_ssize_t
    ceiling: cython.double
    lead: Term

    def __init__(self, terms, weight):
        term: Term
        self.terms = terms
        self.weight = weight
        self.size = len(terms)
        self.cost = 0
        self.ceiling = 0.0
        self.lead = terms[0] if terms else None
        for term in terms:
            self.cost += term.cursor.df

    def rewind(self):
        """Put every cursor back to its start."""
        term: Term
        for term in self.terms:
            term.cursor.rewind()

    @cython.cfunc
    @cython.exceptval(-1.0, check=True)
    def bound(self, low: cython.uint, high: cython.uint, k1: cython.double) -> cython.double:
        x: cython.double = 0.0
        term: Term
        for term in self.terms:
            x += term.bound(low, high, k1)
        return self.weight * (k1 + 1.0) * x / (x + k1) * SLACK

    @cython.cfunc
    @cython.exceptval(0xFFFFFFFF, check=True)
    def next(self, target: cython.uint) -> cython.uint:
        """Return the first document >= ``target`` that any term has."""
        term: Term
        doc: cython.uint
        best: cython.uint = END
        for term in self.terms:
            doc = term.cursor.seek(target)
            if doc < best:
                best = doc
        return best

    @cython.cfunc
    @cython.exceptval(-1.0, check=True)
    def look(self, doc: cython.uint, k1: cython.double) -> cython.double:
        """Return what the group adds to one document (cursors move forward), 0 if nothing."""
        term: Term
        x: cython.double = 0.0
        for term in self.terms:
            if term.cursor.seek(doc) == doc:
                x += term.weight * (term.cursor.freqs[term.cursor.i] * term.rates[doc])
        if x == 0.0:
            return 0.0
        return self.weight * (k1 + 1.0) * x / (x + k1)


@cython.cclass
class Search:
    """One pass over a segment for the best ``k`` documents."""

    groups: list
    k1: cython.double
    doc_count: cython.uint
    k: cython.Py_ssize_t
    size: cython.Py_ssize_t
    heap_scores: cython.double[::1]
    heap_docs: cython.uint[::1]
    scores: cython.double[::1]
    parts: cython.double[::1]
    seen: cython.uchar[::1]
    seen_words: cython.ulonglong[::1]
    touched: cython.uint[::1]
    chosen: cython.uint[::1]
    floor: cython.double
    mask: cython.const[cython.uchar][::1]
    masked: cython.bint
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
    ):
        self.groups = groups
        self.k1 = k1
        self.doc_count = doc_count
        self.k = min(k, doc_count)
        self.size = 0
        self.heap_scores = memoryview(_array.array("d", bytes(8 * max(self.k, 1))))
        self.heap_docs = memoryview(_array.array("I", bytes(4 * max(self.k, 1))))
        self.masked = mask is not None
        if mask is not None:
            self.mask = memoryview(mask)
        self.required = required
        self.prune = prune
        self.floor = floor

    def top(self):
        """Return (documents, scores) of the best k: lists, best first."""
        group: Group
        if self.k > 0 and self.groups:
            if len(self.groups) == 1 and not self.masked:
                group = self.groups[0]
                if group.size == 1:
                    self.one_term(group)
                    return self.drain()
            if self.required and all([group.size == 1 for group in self.groups]):
                self.conjunction()
            else:
                self.windows()
        return self.drain()

    @cython.cfunc
    def drain(self):
        order = sorted([(-self.heap_scores[i], self.heap_docs[i]) for i in range(self.size)])
        return [pair[1] for pair in order], [-pair[0] for pair in order]

    @cython.cfunc
    @cython.inline
    @cython.exceptval(check=False)
    def threshold(self) -> cython.double:
        """Return the score a document must be over to get in, -1 while any may."""
        if not self.prune:
            return -1.0
        if self.size == self.k and self.heap_scores[0] > self.floor:
            return self.heap_scores[0]
        return self.floor

    @cython.cfunc
    @cython.inline
    @cython.exceptval(check=False)
    def push(self, score: cython.double, doc: cython.uint) -> cython.void:
        """Put a document on the heap, whose root is the worst (lowest score, then highest doc)."""
        at: cython.Py_ssize_t
        up: cython.Py_ssize_t
        child: cython.Py_ssize_t
        if self.size < self.k:
            at = self.size
            self.size += 1
            while at > 0:
                up = (at - 1) >> 1
                if self.heap_scores[up] < score or (
                    self.heap_scores[up] == score and self.heap_docs[up] > doc
                ):
                    break
                self.heap_scores[at] = self.heap_scores[up]
                self.heap_docs[at] = self.heap_docs[up]
                at = up
            self.heap_scores[at] = score
            self.heap_docs[at] = doc
            return
        if score < self.heap_scores[0] or (
            score == self.heap_scores[0] and doc > self.heap_docs[0]
        ):
            return
        at = 0
        while True:
            child = 2 * at + 1
            if child >= self.size:
                break
            if child + 1 < self.size and (
                self.heap_scores[child + 1] < self.heap_scores[child]
                or (
                    self.heap_scores[child + 1] == self.heap_scores[child]
                    and self.heap_docs[child + 1] > self.heap_docs[child]
                )
            ):
                child += 1
            if self.heap_scores[child] > score or (
                self.heap_scores[child] == score and self.heap_docs[child] < doc
            ):
                break
            self.heap_scores[at] = self.heap_scores[child]
            self.heap_docs[at] = self.heap_docs[child]
            at = child
        self.heap_scores[at] = score
        self.heap_docs[at] = doc

    @cython.cfunc
    @cython.exceptval(-1)
    def one_term(self, group: Group) -> cython.int:
        """Search a single posting list: no accumulator, whole blocks skipped by their bound."""
        term: Term = group.lead
        cursor: Cursor = term.cursor
        block: cython.Py_ssize_t
        i: cython.int
        x: cython.double
        score: cython.double
        scale: cython.double = group.weight * (self.k1 + 1.0)
        threshold: cython.double
        skips: cython.bint = not cursor.listed and cursor.blocks > 1
        for block in range(cursor.blocks):
            if term.flat and self.prune and self.size == self.k:
                break  # the rest score the same and come after
            threshold = self.threshold()
            if skips and threshold >= 0.0:
                x = cursor.words[cursor.origin + 4 * block + 3] / IMPACT_SCALE
                if term.drift > 0.0 and x < 1.9:
                    x = term.weight * term.drift * (0.9 * x / (1.9 - x))
                    if scale * x / (x + self.k1) * SLACK <= threshold:
                        continue
            cursor.load(block)
            for i in range(cursor.n):
                x = term.weight * (cursor.freqs[i] * term.rates[cursor.docs[i]])
                score = scale * x / (x + self.k1)
                if score > self.floor and (self.size < self.k or score > self.heap_scores[0]):
                    self.push(score, cursor.docs[i])
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def conjunction(self) -> cython.int:
        """Search for documents with every group, each a single posting list: the rarest leads."""
        group: Group
        term: Term
        lead: Term
        cursor: Cursor
        leader: Cursor
        groups: list = sorted(self.groups, key=cost_of)
        others: list = []
        scales: cython.double[::1]
        rests: cython.double[::1]
        k1: cython.double = self.k1
        count: cython.Py_ssize_t = len(groups) - 1
        j: cython.Py_ssize_t
        doc: cython.uint
        other: cython.uint
        score: cython.double
        x: cython.double
        threshold: cython.double
        values = _array.array("d", [0.0] * (count + 1))
        bounds = _array.array("d", [0.0] * (count + 1))
        for j in range(count + 1):
            group = groups[j]
            values[j] = group.weight * (k1 + 1.0)
            if j > 0:
                others.append(group.lead)
        for j in range(count - 1, -1, -1):
            # what the lists from j on can add
            group = groups[j + 1]
            bounds[j] = bounds[j + 1] + group.bound(0, self.doc_count, k1)
        scales = memoryview(values)
        rests = memoryview(bounds)
        group = groups[0]
        lead = group.lead
        leader = lead.cursor
        doc = leader.seek(0)
        while doc != END:
            x = lead.weight * (leader.freqs[leader.i] * lead.rates[doc])
            score = scales[0] * x / (x + k1)
            threshold = self.threshold()
            other = doc
            for j in range(count):
                if (score + rests[j]) * SLACK <= threshold:
                    other = END
                    break
                term = others[j]
                cursor = term.cursor
                other = cursor.doc
                if other < doc or cursor.block < 0:
                    other = cursor.seek(doc)
                    if other == END:
                        return 0
                if other != doc:
                    break
                x = term.weight * (cursor.freqs[cursor.i] * term.rates[doc])
                score += scales[j + 1] * x / (x + k1)
            if (
                other == doc
                and score > self.floor
                and (self.size < self.k or score > self.heap_scores[0])
                and (not self.masked or self.mask[doc] != 0)
            ):
                self.push(score, doc)
            if other == doc or other == END:
                other = doc + 1
            # the next candidate is at the first document the list that failed allows
            if leader.i + 1 < leader.n and leader.docs[leader.i + 1] >= other:
                leader.i += 1
                doc = leader.docs[leader.i]
                leader.doc = doc
            else:
                doc = leader.seek(other)
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def add_group(self, group: Group, low: cython.uint, high: cython.uint) -> cython.int:
        """Add a group's scores of the documents low..high-1 to the accumulator."""
        term: Term = group.lead
        cursor: Cursor
        k1: cython.double = self.k1
        scale: cython.double = group.weight * (k1 + 1.0)
        weight: cython.double
        x: cython.double
        i: cython.int
        n: cython.int
        doc: cython.uint
        at: cython.uint
        count: cython.Py_ssize_t = 0
        j: cython.Py_ssize_t
        if group.size == 1:
            cursor = term.cursor
            weight = term.weight
            if cursor.seek(low) == END:
                return 0
            while True:
                n = cursor.n
                i = cursor.i
                while i < n:
                    doc = cursor.docs[i]
                    if doc >= high:
                        break
                    x = weight * (cursor.freqs[i] * term.rates[doc])
                    self.scores[doc - low] += scale * x / (x + k1)
                    self.seen[doc - low] = 1
                    i += 1
                if i < n:
                    cursor.i = i
                    cursor.doc = cursor.docs[i]
                    return 0
                cursor.i = n - 1
                if cursor.seek(cursor.docs[n - 1] + 1) >= high:
                    return 0
        for term in group.terms:
            cursor = term.cursor
            weight = term.weight
            if cursor.seek(low) >= high:
                continue
            while True:
                n = cursor.n
                i = cursor.i
                while i < n:
                    doc = cursor.docs[i]
                    if doc >= high:
                        break
                    x = weight * (cursor.freqs[i] * term.rates[doc])
                    at = doc - low
                    if self.parts[at] == 0.0:
                        self.touched[count] = at
                        count += 1
                    self.parts[at] += x
                    i += 1
                if i < n:
                    cursor.i = i
                    cursor.doc = cursor.docs[i]
                    break
                cursor.i = n - 1
                if cursor.seek(cursor.docs[n - 1] + 1) >= high:
                    break
        for j in range(count):
            at = self.touched[j]
            x = self.parts[at]
            self.parts[at] = 0.0
            self.scores[at] += scale * x / (x + k1)
            self.seen[at] = 1
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def gather(
        self, low: cython.uint, high: cython.uint, rest: cython.double, threshold: cython.double
    ) -> cython.Py_ssize_t:
        """List the documents seen that ``rest`` more could still lift over the threshold.

        The others' scores are cleared, and so are all marks.
        """
        word: cython.Py_ssize_t
        at: cython.Py_ssize_t
        stop: cython.Py_ssize_t
        n: cython.Py_ssize_t = 0
        size: cython.Py_ssize_t = high - low
        for word in range((size + 7) >> 3):
            if self.seen_words[word] == 0:
                continue
            stop = min(8 * word + 8, size)
            for at in range(8 * word, stop):
                if self.scores[at] == 0.0:
                    continue
                if (self.scores[at] + rest) * SLACK <= threshold:
                    self.scores[at] = 0.0
                else:
                    self.chosen[n] = cython.cast(cython.uint, at)
                    n += 1
            self.seen_words[word] = 0
        return n

    @cython.cfunc
    @cython.exceptval(-1)
    def look_up(
        self,
        group: Group,
        low: cython.uint,
        n: cython.Py_ssize_t,
        rest: cython.double,
        threshold: cython.double,
    ) -> cython.Py_ssize_t:
        """Add a group's scores to the ``n`` documents chosen; return how many are left.

        ``rest`` bounds what the groups after this can add.
        """
        term: Term
        cursor: Cursor
        k1: cython.double = self.k1
        scale: cython.double = group.weight * (k1 + 1.0)
        x: cython.double
        weight: cython.double
        j: cython.Py_ssize_t
        left: cython.Py_ssize_t = 0
        at: cython.uint
        doc: cython.uint
        for term in group.terms:
            cursor = term.cursor
            weight = term.weight
            for j in range(n):
                at = self.chosen[j]
                doc = low + at
                if cursor.doc < doc or cursor.block < 0:
                    if cursor.seek(doc) == END:
                        break
                if cursor.doc == doc:
                    self.parts[at] += weight * (cursor.freqs[cursor.i] * term.rates[doc])
        for j in range(n):
            at = self.chosen[j]
            x = self.parts[at]
            if x != 0.0:
                self.parts[at] = 0.0
                self.scores[at] += scale * x / (x + k1)
            elif self.required:
                self.scores[at] = 0.0
                continue
            if (self.scores[at] + rest) * SLACK <= threshold:
                self.scores[at] = 0.0
            else:
                self.chosen[left] = at
                left += 1
        return left

    @cython.cfunc
    @cython.exceptval(-1)
    def windows(self) -> cython.int:
        """Walk the segment window by window."""
        group: Group
        groups: list = list(self.groups)
        ordered: list
        count: cython.Py_ssize_t = len(groups)
        low: cython.uint = 0
        high: cython.uint
        doc: cython.uint
        first: cython.uint
        at: cython.uint
        i: cython.Py_ssize_t
        n: cython.Py_ssize_t
        lead: cython.Py_ssize_t
        total: cython.double
        rest: cython.double
        threshold: cython.double
        size: cython.Py_ssize_t = min(WINDOW, self.doc_count + 8)
        self.scores = memoryview(_array.array("d", bytes(8 * size)))
        self.parts = memoryview(_array.array("d", bytes(8 * size)))
        self.touched = memoryview(_array.array("I", bytes(4 * size)))
        self.chosen = memoryview(_array.array("I", bytes(4 * size)))
        buffer = bytearray(WINDOW)
        self.seen = memoryview(buffer)
        self.seen_words = memoryview(buffer).cast("Q")
        if self.required:
            # the rarest leads
            groups.sort(key=cost_of)
        while low < self.doc_count:
            # where does the next window start?
            if self.required:
                first = low
                i = 0
                while i < count:
                    group = groups[i]
                    doc = group.next(first)
                    if doc == END:
                        return 0
                    if i > 0 and doc >= first + WINDOW:
                        # the lists before must catch up
                        first = doc
                        i = 0
                        continue
                    if i == 0:
                        first = doc
                    i += 1
            else:
                first = END
                for group in groups:
                    doc = group.next(low)
                    if doc < first:
                        first = doc
                if first == END:
                    return 0
            low = first
            high = cython.cast(cython.uint, min(low + WINDOW, self.doc_count))
            threshold = self.threshold()
            total = 0.0
            if threshold >= 0.0:
                for group in groups:
                    group.ceiling = group.bound(low, high, self.k1)
                    total += group.ceiling
                if total <= threshold:
                    low = high
                    continue
            else:
                for group in groups:
                    group.ceiling = 0.0
            if self.required:
                group = groups[0]
                self.add_group(group, low, high)
                rest = total - group.ceiling
                n = self.gather(low, high, rest, threshold)
                for i in range(1, count):
                    group = groups[i]
                    rest -= group.ceiling
                    n = self.look_up(group, low, n, rest, threshold)
            elif threshold >= 0.0:
                ordered = sorted(groups, key=ceiling_of)
                rest = 0.0
                lead = 0
                while lead < count:
                    group = ordered[lead]
                    if (rest + group.ceiling) * SLACK > threshold:
                        break
                    rest += group.ceiling
                    lead += 1
                for i in range(lead, count):
                    self.add_group(ordered[i], low, high)
                n = self.gather(low, high, rest, threshold)
                for i in range(lead - 1, -1, -1):
                    group = ordered[i]
                    rest -= group.ceiling
                    n = self.look_up(group, low, n, rest, threshold)
            else:
                for group in groups:
                    self.add_group(group, low, high)
                n = self.gather(low, high, 0.0, -1.0)
            for i in range(n):
                at = self.chosen[i]
                doc = low + at
                if (
                    self.scores[at] > self.floor
                    and (self.size < self.k or self.scores[at] > self.heap_scores[0])
                    and (not self.masked or self.mask[doc] != 0)
                ):
                    self.push(self.scores[at], doc)
                self.scores[at] = 0.0
            low = high
        return 0


def cost_of(group: Group):
    return group.cost


def ceiling_of(group: Group):
    return group.ceiling


def mark(cursors, out):
    """Set ``out[doc] = 1`` for every document of every cursor; ``out`` is a bytearray."""
    cursor: Cursor
    view: cython.uchar[::1] = memoryview(out)
    block: cython.Py_ssize_t
    i: cython.int
    if len(cursors) and view.shape[0] == 0:
        return
    for cursor in cursors:
        if cursor.doc_count > view.shape[0]:
            raise ValueError("the mask is shorter than the segment")
        for block in range(cursor.blocks):
            cursor.load(block)
            for i in range(cursor.n):
                view[cursor.docs[i]] = 1


def mark_terms(cursor: Cursor, ordinals, doc_offsets, df, out):
    """Set ``out[doc] = 1`` for every document of the terms with these ordinals.

    ``cursor`` is one over any list of the field's streams; ``doc_offsets`` and ``df`` have one
    item per term.
    """
    view: cython.uchar[::1] = memoryview(out)
    wanted: cython.const[cython.uint][::1] = memoryview(ordinals)
    offsets: cython.const[cython.uint][::1] = memoryview(doc_offsets)
    counts: cython.const[cython.uint][::1] = memoryview(df)
    j: cython.Py_ssize_t
    block: cython.Py_ssize_t
    i: cython.int
    if cursor.doc_count > view.shape[0]:
        raise ValueError("the mask is shorter than the segment")
    for j in range(wanted.shape[0]):
        if wanted[j] >= offsets.shape[0] or wanted[j] >= counts.shape[0]:
            raise IndexCorruptError("a term's ordinal is out of range")
        cursor.aim(offsets[wanted[j]], 0, counts[wanted[j]])
        for block in range(cursor.blocks):
            cursor.load(block)
            for i in range(cursor.n):
                view[cursor.docs[i]] = 1


def intersect(cursor: Cursor, docs):
    """Return (documents, frequencies) of the postings whose document is in ``docs`` (ascending)."""
    wanted: cython.const[cython.uint][::1] = memoryview(docs)
    i: cython.Py_ssize_t
    found = _array.array("I")
    freqs = _array.array("I")
    for i in range(wanted.shape[0]):
        if cursor.seek(wanted[i]) == wanted[i]:
            found.append(wanted[i])
            freqs.append(cursor.freqs[cursor.i])
    return found, freqs


def mask_docs(mask):
    """Return the documents whose byte in the mask is set, as an array."""
    view: cython.const[cython.uchar][::1] = memoryview(mask)
    count: cython.Py_ssize_t = 0
    i: cython.Py_ssize_t
    n: cython.Py_ssize_t = view.shape[0]
    for i in range(n):
        if view[i]:
            count += 1
    docs = _array.array("I", bytes(4 * count))
    out: cython.uint[::1] = memoryview(docs) if count else memoryview(_array.array("I", [0]))
    count = 0
    for i in range(n):
        if view[i]:
            out[count] = i
            count += 1
    return docs


def combine(into, other, how: int):
    """Combine two masks of 0/1 bytes in place: ``how`` 0 = and, 1 = or, 2 = and not."""
    a: cython.uchar[::1] = memoryview(into)
    b: cython.const[cython.uchar][::1] = memoryview(other)
    i: cython.Py_ssize_t
    n: cython.Py_ssize_t = a.shape[0]
    if b.shape[0] != n:
        raise ValueError("masks of different lengths")
    if how == 0:
        for i in range(n):
            a[i] &= b[i]
    elif how == 1:
        for i in range(n):
            a[i] |= b[i]
    else:
        for i in range(n):
            a[i] &= b[i] ^ 1


def expand_bits(bits, count: int, value_of_set: int):
    """Return a bytearray of 0/1 per bit: ``value_of_set`` where set, its opposite elsewhere."""
    out = bytearray(count)
    view: cython.uchar[::1] = memoryview(out)
    source: cython.const[cython.uchar][::1] = memoryview(bits)
    i: cython.Py_ssize_t
    n: cython.Py_ssize_t = count
    one: cython.uchar = value_of_set
    if 8 * source.shape[0] < n:
        raise ValueError("the bitmap is shorter than the segment")
    for i in range(n):
        view[i] = one if (source[i >> 3] >> (i & 7)) & 1 else 1 - one
    return out


def mark_docs(docs, out):
    """Set ``out[doc] = 1`` for each document; `IndexCorruptError` for one that is not there."""
    view: cython.uchar[::1] = memoryview(out)
    source: cython.const[cython.uint][::1] = memoryview(docs)
    i: cython.Py_ssize_t
    n: cython.Py_ssize_t = view.shape[0]
    for i in range(source.shape[0]):
        if source[i] >= n:
            raise IndexCorruptError("a posting names a document that is not there")
        view[source[i]] = 1


def mark_range(values, present, low: float, high: float, out):
    """Set ``out[doc] = 1`` where ``low <= values[doc] <= high`` and the value is present.

    ``values`` is a column of type "d" or "q", ``present`` its bitmap or None when all are there.
    """
    view: cython.uchar[::1] = memoryview(out)
    n: cython.Py_ssize_t = view.shape[0]
    everywhere: cython.bint = present is None
    bits: cython.const[cython.uchar][::1] = memoryview(bytes(1) if present is None else present)
    floats: cython.const[cython.double][::1]
    integers: cython.const[cython.longlong][::1]
    i: cython.Py_ssize_t
    bottom: cython.double = low
    ceiling: cython.double = high
    if len(values) < n or (not everywhere and 8 * bits.shape[0] < n):
        raise ValueError("the column is shorter than the segment")
    if memoryview(values).format == "d":
        floats = memoryview(values)
        for i in range(n):
            if everywhere or (bits[i >> 3] >> (i & 7)) & 1:
                if bottom <= floats[i] <= ceiling:
                    view[i] = 1
    else:
        integers = memoryview(values)
        for i in range(n):
            if everywhere or (bits[i >> 3] >> (i & 7)) & 1:
                if bottom <= cython.cast(cython.double, integers[i]) <= ceiling:
                    view[i] = 1


def fill_rates(lengths, less: int, average: float, b: float, out):
    """Write ``1/(1 - b + b*max(length - less, 0)/average)`` per document into ``out`` ("d")."""
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
        view[i] = 1.0 / (1.0 - share + share * length / mean)


@cython.cclass
class Places:
    """The positions of one query token (in all its forms) in the document at hand."""

    cursors: list
    values: cython.uint[::1]
    extra: cython.uint[::1]
    room: cython.Py_ssize_t
    n: cython.Py_ssize_t
    doc: cython.uint
    _values: object
    _extra: object

    def __init__(self, cursors):
        self.cursors = cursors
        self.room = 0
        self.n = 0
        self.doc = END

    @cython.cfunc
    @cython.exceptval(-1)
    def go(self, doc: cython.uint) -> cython.Py_ssize_t:
        """Gather the positions in ``doc`` (documents must come in ascending order)."""
        cursor: Cursor
        tf: cython.Py_ssize_t
        i: cython.Py_ssize_t
        j: cython.Py_ssize_t
        k: cython.Py_ssize_t
        place: cython.uint
        if self.doc == doc:
            return self.n
        self.doc = doc
        self.n = 0
        for cursor in self.cursors:
            if cursor.seek(doc) != doc:
                continue
            tf = cursor.freqs[cursor.i]
            if self.n + tf > self.room:
                self.grow(self.n + tf)
            if self.n == 0:
                self.n = cursor.fetch(self.values, self.room)
                continue
            cursor.fetch(self.extra, self.room)
            # merge two ascending lists, from the end
            i = self.n - 1
            j = tf - 1
            k = self.n + tf - 1
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
        return self.n

    @cython.cfunc
    @cython.exceptval(-1)
    def frequency(self, doc: cython.uint) -> cython.Py_ssize_t:
        """Return how often the token stands in ``doc``, without looking where."""
        cursor: Cursor
        total: cython.Py_ssize_t = 0
        for cursor in self.cursors:
            if cursor.seek(doc) == doc:
                total += cursor.freqs[cursor.i]
        return total

    @cython.cfunc
    @cython.exceptval(-1)
    def grow(self, need: cython.Py_ssize_t) -> cython.int:
        room: cython.Py_ssize_t = max(2 * self.room, need, 64)
        values = _array.array("I", bytes(4 * room))
        if self.n:
            values[: self.n] = self._values[: self.n]
        self._values = values
        self._extra = _array.array("I", bytes(4 * room))
        self.values = memoryview(self._values)
        self.extra = memoryview(self._extra)
        self.room = room
        return 0


@cython.cclass
class Sequence:
    """Tokens that stand one after the other in one field of the document at hand.

    ``words`` asks for a whole word of the segmenter: the first token begins one, the others
    continue it, the next token does not. ``slop`` (phrases only) lets so many tokens stand between.
    """

    places: list
    weight: cython.double
    rates: cython.const[cython.double][::1]
    words: cython.bint
    slop: cython.uint
    size: cython.Py_ssize_t
    joined: cython.const[cython.uint][::1]
    bases: cython.const[cython.uint][::1]
    bits: cython.ulonglong

    def __init__(self, places, weight, rates, joined=None, bases=None, slop=0):
        self.places = places
        self.weight = weight
        self.rates = rates
        self.size = len(places)
        self.words = joined is not None
        self.slop = slop
        if joined is not None:
            self.joined = memoryview(joined)
            self.bases = memoryview(bases)
            self.bits = 32 * self.joined.shape[0]

    @cython.cfunc
    @cython.inline
    @cython.exceptval(check=False)
    def is_joined(self, place: cython.ulonglong) -> cython.bint:
        if place >= self.bits:
            return False
        return (self.joined[place >> 5] >> (place & 31)) & 1

    @cython.cfunc
    @cython.exceptval(-1)
    def count(self, doc: cython.uint) -> cython.Py_ssize_t:
        """Return how often the sequence stands in ``doc``."""
        places: Places
        first: Places = self.places[0]
        second: Places
        found: cython.Py_ssize_t = 0
        i: cython.Py_ssize_t
        j: cython.Py_ssize_t = 0
        k: cython.Py_ssize_t
        low: cython.Py_ssize_t
        high: cython.Py_ssize_t
        middle: cython.Py_ssize_t
        place: cython.uint
        want: cython.uint
        base: cython.ulonglong = 0
        good: cython.bint
        if self.size == 2 and not self.words and self.slop == 0:
            if first.go(doc) == 0:
                return 0
            second = self.places[1]
            if second.go(doc) == 0:
                return 0
            for i in range(first.n):
                want = first.values[i] + 1
                while j < second.n and second.values[j] < want:
                    j += 1
                if j == second.n:
                    break
                if second.values[j] == want:
                    found += 1
            return found
        for places in self.places:
            if places.go(doc) == 0:
                return 0
        if self.words:
            base = self.bases[doc]
        for i in range(first.n):
            place = first.values[i]
            good = True
            if self.words:
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
                if low == places.n or places.values[low] > want + self.slop:
                    good = False
                    break
                place = places.values[low]
                if self.words and not self.is_joined(base + place):
                    good = False
                    break
            if good:
                found += 1
        return found

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
class Unit:
    """One sequence over several fields: the frequencies add up before the saturation."""

    sequences: list
    weight: cython.double

    def __init__(self, sequences, weight):
        self.sequences = sequences
        self.weight = weight

    @cython.cfunc
    @cython.exceptval(-1.0, check=True)
    def look(self, doc: cython.uint, k1: cython.double) -> cython.double:
        sequence: Sequence
        found: cython.Py_ssize_t
        x: cython.double = 0.0
        for sequence in self.sequences:
            found = sequence.count(doc)
            if found > 0:
                x += sequence.weight * (found * sequence.rates[doc])
        if x == 0.0:
            return 0.0
        return self.weight * (k1 + 1.0) * x / (x + k1)

    @cython.cfunc
    @cython.exceptval(-1.0, check=True)
    def bound(self, doc: cython.uint, k1: cython.double) -> cython.double:
        """Return a bound of `look` from frequencies alone."""
        sequence: Sequence
        most: cython.Py_ssize_t
        x: cython.double = 0.0
        for sequence in self.sequences:
            most = sequence.most(doc)
            if most > 0:
                x += sequence.weight * (most * sequence.rates[doc])
        if x == 0.0:
            return 0.0
        return self.weight * (k1 + 1.0) * x / (x + k1)


@cython.cclass
class Rescorer:
    """Exact scores of given documents: groups first, then units, added in that order.

    Groups and units may share cursors: all of them stand at the same document.
    """

    groups: list
    units: list
    k1: cython.double

    def __init__(self, groups, units, k1: float):
        self.groups = groups
        self.units = units
        self.k1 = k1

    def rewind(self):
        """Put every cursor back to its start."""
        group: Group
        unit: Unit
        sequence: Sequence
        places: Places
        cursor: Cursor
        for group in self.groups:
            group.rewind()
        for unit in self.units:
            for sequence in unit.sequences:
                for places in sequence.places:
                    places.doc = END
                    for cursor in places.cursors:
                        cursor.rewind()

    def scores(self, docs, floor: float = -1.0):
        """Return the score of each document; ``docs`` ascends.

        Where groups and units cannot lift a document over ``floor``, what is returned is some
        number that is not over it either.
        """
        result = []
        group: Group
        unit: Unit
        doc: cython.uint
        score: cython.double
        limit: cython.double = floor
        rest: cython.double
        for doc in docs:
            score = 0.0
            for group in self.groups:
                score += group.look(doc, self.k1)
            if limit >= 0.0:
                rest = score
                for unit in self.units:
                    rest += unit.bound(doc, self.k1)
                if rest * SLACK <= limit:
                    result.append(score)
                    continue
            for unit in self.units:
                score += unit.look(doc, self.k1)
            result.append(score)
        return result

    def parts(self, doc: int):
        """Return what each group, then each unit, adds to one document's score."""
        group: Group
        unit: Unit
        at: cython.uint = doc
        result = []
        for group in self.groups:
            result.append(group.look(at, self.k1))
        for unit in self.units:
            result.append(unit.look(at, self.k1))
        return result


def phrase_postings(sequence: Sequence, limit: int):
    """Return (documents, frequencies) of a sequence as arrays, by intersecting its tokens.

    ``limit`` is the segment's document count.
    """
    places: Places
    cursor: Cursor
    docs = _array.array("I")
    freqs = _array.array("I")
    target: cython.uint = 0
    doc: cython.uint
    best: cython.uint
    found: cython.Py_ssize_t
    bound: cython.uint = limit
    agreed: cython.bint
    order: list = sorted(sequence.places, key=places_cost)
    while target < bound:
        agreed = True
        for places in order:
            best = END
            for cursor in places.cursors:
                doc = cursor.doc
                if doc < target or cursor.block < 0:
                    doc = cursor.seek(target)
                if doc < best:
                    best = doc
            if best == END:
                return docs, freqs
            if best > target:
                target = best
                agreed = False
                break
        if not agreed:
            continue
        found = sequence.count(target)
        if found > 0:
            docs.append(target)
            freqs.append(found)
        target += 1
    return docs, freqs


def places_cost(places: Places):
    cursor: Cursor
    total: cython.Py_ssize_t = 0
    for cursor in places.cursors:
        total += cursor.df
    return total

# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Top-k search over posting lists.

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
"""

import array as _array

import cython

if cython.compiled:
    from cython.cimports.vnsearch.kernels.bits import (
        add_parts,
        add_scores,
        common,
        count_over,
        first_from,
        highest,
        keep_over,
        pick,
        places_over,
        put_in_order,
        raise_chosen,
        rough_limit,
        weigh,
    )
    from cython.cimports.vnsearch.kernels.postings import (
        Cursor,
        go_on,
        reach,
        sift_postings,
        tf_at,
    )
    from cython.cimports.vnsearch.kernels.rescoring import Unit
    from cython.cimports.vnsearch.kernels.scoring import (
        GRID,
        NO_BOUND,
        SLACK,
        STEP,
        Group,
        Term,
        saturated,
        unsaturated,
    )
    from cython.cimports.vnsearch.kernels.sequences import Places, Sequence
else:
    from vnsearch.kernels.postings import (
        Cursor,
        first_from,
        go_on,
        reach,
        sift_postings,
        tf_at,
    )
    from vnsearch.kernels.rescoring import Unit, put_in_order
    from vnsearch.kernels.scoring import (
        GRID,
        NO_BOUND,
        SLACK,
        STEP,
        Group,
        Term,
        saturated,
        unsaturated,
    )
    from vnsearch.kernels.sequences import Places, Sequence

    def add_scores(docs, i, n, low, parts, bit, scores, marks):
        """Add what postings i..n-1 weigh to their documents' scores, and note ``bit`` of each."""
        for place in range(i, n):
            scores[docs[place] - low] += parts[place]
            marks[docs[place] - low] |= bit

    def add_parts(parts, n, scale, k1, grid, scores):
        """Add what each part weighs in all to the scores, and make the parts zero."""
        for at in range(n):
            if parts[at]:
                scores[at] += saturated(scale, parts[at], k1)
                parts[at] = 0.0

    def raise_chosen(
        chosen, scores, marks, parts, n, scale, k1, grid, bit, required, rest, slack, limit
    ):
        """Add what each part weighs to the scores of what is chosen, make the parts zero, and keep
        what may reach over ``limit``; return how many."""
        left = 0
        for at in range(n):
            x = parts[at]
            parts[at] = 0.0
            chosen[left] = chosen[at]
            marks[left] = marks[at] | (bit if x > 0.0 else 0)
            scores[left] = score = scores[at] + saturated(scale, x, k1)
            left += (not required or x > 0.0) and (score + rest) * slack > limit
        return left

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

    def rough_limit(values, n, k, low):
        """Return a limit that at least ``k`` of the first ``n`` values are over."""
        last = highest(values, n, k)
        return max([value for value in values[:n] if value < last], default=low)

    def count_over(values, n, limit):
        """Return how many of the first ``n`` values are over ``limit``."""
        return sum(value > limit for value in values[:n])

    def keep_over(scores, docs, present, n, limit):
        """Keep items whose scores are over ``limit``; return how many."""
        kept = places_over(scores, n, limit, places := [0] * n)
        for several in (scores, docs, present):
            for at, place in enumerate(places[:kept]):
                several[at] = several[place]
        return kept

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
BINS = cython.declare(cython.Py_ssize_t, 1024)
FEW = cython.declare(cython.Py_ssize_t, 256)
MANY = cython.declare(cython.Py_ssize_t, 64)
# where a group has so many postings in a window, all documents of the window are gone through
DENSE = cython.declare(cython.Py_ssize_t, 256)
# which groups stand in a document is noted by a bit for each of the first 32: any may
ANY = cython.declare(cython.uint, 0xFFFFFFFF)
# what arrays of documents and of scores are made of
DOC = _array.array("I", [0])
SCORE = _array.array("d", [0.0])


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
    # the scores of the documents chosen, and which groups stand in them
    held: cython.double[::1]
    notes: cython.uint[::1]

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
        self.held = memoryview(_array.array("d", bytes(8 * (1024 + 16))))
        self.notes = memoryview(_array.array("I", bytes(4 * (1024 + 16))))

    @cython.cfunc
    @cython.exceptval(-1)
    def make_room(self, groups: cython.Py_ssize_t) -> cython.int:
        if groups > self.order.shape[0]:
            self.rests = memoryview(_array.array("d", bytes(8 * groups)))
            self.order = memoryview(_array.array("i", bytes(4 * groups)))
        return 0


SPARE = [Scratch()]  # taken and put back whole, so that threads never share one


@cython.cclass
class Search:
    """One pass over a segment for the best ``k`` documents."""

    groups: list
    k1: cython.double
    doc_count: cython.uint
    k: cython.Py_ssize_t
    # of these, any but the ``sure`` best must score over ``share`` of what the very best does
    sure: cython.Py_ssize_t
    share: cython.double
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
    held: cython.double[::1]
    notes: cython.uint[::1]
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
        sure: int = 0,
        share: float = 0.0,
    ):
        group: Group
        term: Term
        bit: cython.uint = 1
        self.groups = groups
        self.k1 = k1
        self.doc_count = doc_count
        self.k = min(k, doc_count)
        self.sure = min(sure, self.k) if share > 0.0 else self.k
        self.share = share
        self.size = 0
        self.room = min(2 * self.sure, self.k)
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
        """Take what a walk writes to, and go to the start of every list."""
        group: Group
        room: cython.Py_ssize_t = 2 * self.k + 1
        scores: cython.double[::1]
        docs: cython.uint[::1]
        present: cython.uint[::1]
        spare: cython.double[::1]
        scratch: Scratch = SPARE.pop() if SPARE else Scratch()
        self.scratch = scratch
        for group in self.groups:
            group.rewind()
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
        count: cython.Py_ssize_t
        at: cython.uint
        limit: cython.double
        order: cython.uint[::1]
        doc_view: cython.uint[::1]
        score_view: cython.double[::1]
        present_view: cython.uint[::1]
        if self.size > self.sure:
            self.settle()
        count = min(self.size, self.k)
        if count:
            order = self.scratch.touched
            if self.size > order.shape[0]:
                order = DOC * self.size
            put_in_order(
                self.kept_scores,
                cython.NULL if cython.compiled else None,
                self.size,
                cython.address(order[0]) if cython.compiled else order,
            )
            limit = self.share * self.kept_scores[order[0]]
            while count > self.sure and self.kept_scores[order[count - 1]] <= limit:
                count -= 1
        docs = DOC * count
        scores = SCORE * count
        if self.noted:
            self.present = DOC * count
            present_view = self.present
        if count:
            doc_view = docs
            score_view = scores
            for i in range(count):
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
        """Drop all that was kept but the best ``k``, or some more; what comes after must be better
        than the last of them. And drop what is too far from the very best."""
        if self.sure == self.k:
            self.settle_for(self.k)
            return
        best: cython.double = 0.0
        i: cython.Py_ssize_t
        for i in range(self.size):
            best = max(best, self.kept_scores[i])
        limit: cython.double = self.share * best
        over: cython.Py_ssize_t = count_over(self.kept_scores, self.size, limit)
        if over >= self.k:
            self.settle_for(self.k)
        elif over > self.sure:
            self.size = keep_over(
                self.kept_scores, self.kept_docs, self.kept_present, self.size, limit
            )
            self.floor = max(self.floor, limit)
        elif self.size > self.sure:
            self.settle_for(self.sure)
        self.room = max(self.room, min(self.size + self.sure, 2 * self.k))

    @cython.cfunc
    @cython.exceptval(check=False)
    def settle_for(self, wanted: cython.Py_ssize_t) -> cython.void:
        """Drop all that was kept but the best ``wanted``, or some more."""
        i: cython.Py_ssize_t
        n: cython.Py_ssize_t = self.size
        at: cython.Py_ssize_t = 0
        ties: cython.Py_ssize_t = wanted
        score: cython.double
        last: cython.double
        lowest: cython.double
        if n == wanted + 1:  # the worst goes: of equal ones, which are rare, the last
            lowest = last = NO_BOUND
            for i in range(n):
                score = self.kept_scores[i]
                if score <= lowest:
                    last = lowest
                    lowest = score
                    at = i
                elif score < last:
                    last = score
            for i in range(at, wanted):
                self.kept_scores[i] = self.kept_scores[i + 1]
                self.kept_docs[i] = self.kept_docs[i + 1]
            if self.noted:
                for i in range(at, wanted):
                    self.kept_present[i] = self.kept_present[i + 1]
            self.size = wanted
            self.floor = max(self.floor, last)
            return
        # the more there are to choose from, the more may come in before that is done again
        self.room = wanted + 1 + (wanted if wanted > FEW else wanted * wanted // FEW)
        if n > wanted > MANY:  # to choose roughly takes a fourth, and a few more stay
            score = rough_limit(self.kept_scores, n, wanted, self.floor)
            if score > self.floor:
                self.floor = score
                n = self.size = keep_over(
                    self.kept_scores, self.kept_docs, self.kept_present, n, score
                )
                if 2 * n < wanted + self.room:
                    return
        for i in range(n):
            self.spare[i] = self.kept_scores[i]
        last = highest(self.spare, n, wanted)
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
                    self.held[count] = saturated(scale, x, k1)
                    self.notes[count] = group.bit
                    count += 1
                elif x > least and self.offer(saturated(scale, x, k1), doc):
                    least = self.short_of(scale, rest)
            if not others:
                continue
            left = count
            for other in others:
                rest -= other.rest
                left = self.look_up(other, low, left, rest, threshold)
            for j in range(left):
                self.at_hand = self.notes[j]
                self.offer(self.held[j], low + self.chosen[j])
        return 0

    @cython.cfunc
    @cython.exceptval(-1)
    def conjunction(self, group: Group, others: list) -> cython.int:
        """Walk one posting list for the documents that every other group has too."""
        other: Group
        self.chosen = self.scratch.chosen
        self.held = self.scratch.held
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
        the places of these in the next list's block. Of a phrase all cursors stand at the documents
        that come out at the last level.
        """
        other: Cursor
        i: cython.int = 0
        n: cython.int
        last: cython.uint
        row: cython.Py_ssize_t = level * BLOCK
        at: cython.Py_ssize_t
        if level == len(self.seen):
            if self.leading is not None:
                return self.add_up(cursor, row, count)
            count = self.sift(cursor, row, count)
            for i in range(count):
                cursor.i = self.picked[row + i]
                cursor.doc = cursor.docs[cursor.i]
                at = cursor.i
                for other in self.seen:
                    other.i = self.where[at]
                    other.doc = cursor.doc
                    at += BLOCK
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
    def add_up(self, cursor: Cursor, row: cython.Py_ssize_t, count: cython.int) -> cython.int:
        """Score the documents picked, which `conjunction` found in all lists of one term: list by
        list, then what groups of several terms add, where these stand there too."""
        other: Group
        term: Term = self.leading.lead
        one: Cursor
        i: cython.int
        n: cython.int = 0
        at: cython.uint
        doc: cython.uint
        j: cython.Py_ssize_t = 0
        x: cython.double
        scale: cython.double = self.scale
        k1: cython.double = self.k1
        cursor.need_freqs()
        for i in range(count):
            at = self.picked[row + i]
            x = term.weight * (cursor.freqs[at] * term.rate[cursor.docs[at]])
            self.chosen[n] = at
            self.held[n] = saturated(scale, x, k1)
            n += x > self.least
        if n == 0:
            return 0
        for other in self.others:
            if other.size > 1:
                continue
            term = other.lead
            one = term.cursor
            one.need_freqs()
            scale = other.weight * (k1 + 1.0)
            for i in range(n):
                at = self.chosen[i]
                x = term.weight * (one.freqs[self.where[j + at]] * term.rate[cursor.docs[at]])
                self.held[i] += saturated(scale, x, k1)
            j += BLOCK
        for i in range(n):
            doc = cursor.docs[self.chosen[i]]
            for other in self.several:
                if other.next(doc) != doc:
                    break
                self.held[i] += other.look(doc, k1)
            else:
                if self.offer(self.held[i], doc):
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
        if group.size > 1 and group.cost * (high - low) > DENSE * self.doc_count:
            return self.add_dense(group, low, high)
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
    @cython.exceptval(-1)
    def add_dense(self, group: Group, low: cython.uint, high: cython.uint) -> cython.int:
        """Do what `add_group` does where the terms stand in many of the documents: add up the parts
        of each document, then all scores in a row."""
        term: Term
        cursor: Cursor
        n: cython.int
        bit: cython.uint = group.bit if self.noted else 0
        for term in group.terms:
            cursor = term.cursor
            reach(cursor, low)
            while cursor.doc < high:
                term.weigh_block()
                n = cursor.n
                if cursor.docs[n - 1] >= high:
                    n = first_from(cursor.docs, cursor.i, high)
                add_scores(
                    cursor.docs,
                    cursor.i,
                    n,
                    low,
                    term.parts,
                    bit,
                    cython.address(self.parts[0]) if cython.compiled else self.parts,
                    cython.address(self.marks[0]) if cython.compiled else self.marks,
                )
                go_on(cursor, n)
        add_parts(
            cython.address(self.parts[0]) if cython.compiled else self.parts,
            cython.cast(cython.int, high - low),
            group.weight * (self.k1 + 1.0),
            self.k1,
            GRID,
            cython.address(self.scores[0]) if cython.compiled else self.scores,
        )
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
    @cython.exceptval(check=False)
    def hold(self, n: cython.Py_ssize_t) -> cython.void:
        """Put the scores of the ``n`` documents chosen, and what stands in them, in a row."""
        j: cython.Py_ssize_t
        at: cython.uint
        for j in range(n):
            at = self.chosen[j]
            self.held[j] = self.scores[at]
            self.notes[j] = self.marks[at]

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
        """Add a group's scores to those ``held`` of the ``n`` documents chosen, which lie in a row;
        return how many are left.

        ``rest`` bounds what the groups after this can add.
        """
        term: Term
        if n == 0:
            return 0
        for term in group.terms:
            self.weigh_chosen(term, low, n)
        return raise_chosen(
            cython.address(self.chosen[0]) if cython.compiled else self.chosen,
            cython.address(self.held[0]) if cython.compiled else self.held,
            cython.address(self.notes[0]) if cython.compiled else self.notes,
            cython.address(self.parts[0]) if cython.compiled else self.parts,
            n,
            group.weight * (self.k1 + 1.0),
            self.k1,
            GRID,
            group.bit if self.noted else 0,
            self.required,
            rest,
            SLACK,
            threshold,
        )

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
        self.held = self.scratch.held
        self.notes = self.scratch.notes
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
            i = 0
            while i < lead and not self.required:
                group = groups[self.order[lead - 1 - i]]
                # a look-up costs twice what a posting read in order does: where there are many,
                # read all
                if 2 * n * group.size * self.doc_count <= WINDOW * group.cost:
                    break
                rest -= self.rests[self.order[lead - 1 - i]]
                self.add_group(group, low, high)
                n = self.gather(high - low, max(threshold / SLACK - rest, 0.0))
                i += 1
            self.hold(n)
            while i < lead:
                # the next that costs least, or else the next that weighs most
                at = self.order[i + 1 if self.required else lead - 1 - i]
                rest -= self.rests[at]
                n = self.look_up(groups[at], low, n, rest, threshold)
                i += 1
            for i in range(n):
                self.at_hand = self.notes[i]
                self.offer(self.held[i], low + self.chosen[i])
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


def df_of(places: Places):
    return places.df


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

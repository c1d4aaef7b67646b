# cython: boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""What a plan scores, made of the terms of one segment."""

import cython

from vnsearch.kernels.postings import listed_cursor

if cython.compiled:
    from cython.cimports.vnsearch.kernels.postings import PostingLists
    from cython.cimports.vnsearch.kernels.rescoring import Lead, Rescorer, Unit
    from cython.cimports.vnsearch.kernels.scoring import Group, Term
    from cython.cimports.vnsearch.kernels.sequences import Places, Sequence
else:
    from vnsearch.kernels.postings import PostingLists
    from vnsearch.kernels.rescoring import Lead, Rescorer, Unit
    from vnsearch.kernels.scoring import Group, Term
    from vnsearch.kernels.sequences import Places, Sequence


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


@cython.cclass
class LayoutBuilder:
    """Numbers the fields, terms and slots of a plan, and says how its parts are made of them."""

    find: object
    lead: cython.double
    fields = cython.declare(dict, visibility="readonly")
    kinds = cython.declare(dict, visibility="readonly")
    # of each field, the numbers of its terms and slots
    terms: list
    slots: list
    ordinals: list
    field_of: list
    spellings: list
    clauses: list
    units: list
    pairs: dict

    def __init__(self, find, lead: float):
        self.find = find
        self.lead = lead
        self.fields = {}
        self.kinds = {"pair": set(), "word": set()}
        self.terms = []
        self.slots = []
        self.ordinals = []
        self.field_of = []
        self.spellings = []
        self.clauses = []
        self.units = []
        self.pairs = {}

    @cython.cfunc
    @cython.exceptval(-1)
    def field(self, name: object) -> cython.Py_ssize_t:
        number: object = self.fields.get(name)
        if number is None:
            number = self.fields[name] = len(self.fields)
            self.terms.append({})
            self.slots.append({})
        return number

    @cython.cfunc
    @cython.exceptval(-1)
    def term(self, field: cython.Py_ssize_t, name: object, term: object) -> cython.Py_ssize_t:
        known: dict = self.terms[field]
        number: object = known.get(term)
        if number is None:
            number = known[term] = len(self.ordinals)
            self.ordinals.append(self.find(name, term)[0])
            self.field_of.append(field)
        return number

    @cython.cfunc
    @cython.exceptval(-1)
    def slot(self, field: cython.Py_ssize_t, name: object, slot: tuple) -> cython.Py_ssize_t:
        known: dict = self.slots[field]
        number: object = known.get(slot)
        spellings: list
        if number is None:
            number = known[slot] = len(self.spellings)
            spellings = []
            for term in slot:
                spellings.append(self.term(field, name, term))
            self.spellings.append(spellings)
        return number

    def clause(self, members, kind, listed, weight: float):
        """Add a clause; see the stub."""
        members_found: list = []
        slots: list = []
        shares: list = []
        field: cython.Py_ssize_t
        at: cython.Py_ssize_t
        highest: cython.double = 0.0
        share: cython.double
        for member in members:
            name = member[0]
            field = self.field(name)
            if type(member) is not kind:
                members_found.append((field, member[2], -1, listed(member)))
                continue
            term, boost = member[1], member[2]
            at = self.term(field, name, term)
            members_found.append((field, boost, at, None))
            if boost and self.lead:
                slots.append(self.slot(field, name, (term,)))
                shares.append(boost)
                highest = max(highest, boost)
        for at in range(len(shares)):
            share = shares[at]
            shares[at] = share / highest
        self.clauses.append(
            (members_found, weight, slots, shares, self.lead * weight if shares else 0.0)
        )

    def unit(self, word: bool, slots: tuple, boosts: dict, weight: float):
        """Add a unit; see the stub."""
        found: list
        sequences: list = []
        within: list = []
        names: tuple = tuple(boosts)
        field: cython.Py_ssize_t
        i: cython.Py_ssize_t
        for name, boost in boosts.items():
            field = self.field(name)
            found = []
            for slot in slots:
                found.append(self.slot(field, name, slot))
            sequences.append((field, boost, found))
        if not word:  # the one with fewest spellings comes first
            self.pairs.setdefault((slots[0][0], slots[1][0], names), len(self.units))
        else:
            # where one of its pairs is not found, in any spelling, neither is a word
            for i in range(len(slots) - 1):
                pair = self.pairs.get((slots[i][0], slots[i + 1][0], names))
                if pair is not None:
                    within.append(pair)
        self.kinds["word" if word else "pair"].update(names)
        self.units.append((word, sequences, weight, self.lead, within))

    def build(self):
        """Return the layout, and how many terms it has."""
        parts = Layout(self.ordinals, self.field_of, self.clauses, self.spellings, self.units)
        return parts, len(self.ordinals)

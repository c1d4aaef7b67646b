from vnsearch.kernels.sequences cimport Sequence


cdef class Chunk:
    cdef unsigned int[::1] at
    cdef unsigned int[::1] docs
    cdef unsigned int[::1] present
    cdef unsigned int[::1] turn
    cdef double[::1] bounds
    cdef double[::1] rates
    cdef double[::1] hopes
    cdef unsigned int[::1] freqs
    cdef long long[::1] spots
    cdef int make_room(
        self, Py_ssize_t fields, Py_ssize_t parts, Py_ssize_t lists, Py_ssize_t tokens
    ) except? -1


cdef class Lead:
    cdef list places
    cdef list shares
    cdef double weight
    # a bound of what it adds to each of the documents found
    cdef double* hopes
    cdef int set(self, list places, list shares, double weight) except? -1
    cdef int reckon(self, Py_ssize_t count, double* bounds) except? -1
    cdef double look(self, unsigned int doc, double length) except? -1.0


cdef class Unit:
    cdef list sequences
    cdef double weight
    cdef double lead
    cdef double highest
    # a bound of what it adds to any document, and to each of those found: 0 where it does not stand
    cdef double peak
    cdef double* hopes
    # whether it stands, and not just nearly, in the document last looked at; the units that cannot
    # stand where it does not
    cdef bint stands
    cdef list longer
    cdef int set(self, list sequences, double weight, double lead) except? -1
    cdef int reckon(self, Py_ssize_t count, double* rates, double k1, double* bounds) except? -1
    cdef double look(self, unsigned int doc, double k1, double length) except? -1.0


cdef class Rescorer:
    cdef list groups
    cdef list leads
    cdef list units
    cdef list heaviest
    cdef double k1
    cdef double length
    # what units and leads look up of a document: of its fields, tokens and their posting lists
    cdef list fields
    cdef list tokens
    cdef list lists
    # a bound of what each unit, the heaviest first, and each lead add to any document; and which
    # groups must stand in one where they add anything
    cdef double[::1] peaks
    cdef unsigned int[::1] needs
    cdef Chunk chunk
    # the best k documents so far and their scores, falling; others must be over ``floor``
    cdef Py_ssize_t k
    cdef Py_ssize_t size
    cdef double[::1] tops
    cdef unsigned int[::1] best_docs
    cdef double floor
    cdef int find_needs(self) except? -1
    cdef int lay_out(self) except? -1
    cdef double limit(self) noexcept
    cdef bint may_enter(self, double score, unsigned int present) noexcept
    cdef int locate(self, Py_ssize_t count) except? -1
    cdef int add(self, unsigned int doc, double score, Py_ssize_t c) except? -1
    cdef void keep(self, double score, unsigned int doc) noexcept
    cdef double lead_of(self, Py_ssize_t number, unsigned int doc) except? -1.0

from vnsearch.kernels.postings cimport Cursor

cdef extern from *:
    """
    /* adding and taking away 1.5 * 2**20 rounds a double to a multiple of 2**-32 */
    #define VN_GRID 1572864.0
    /* bounds are not on the grid: allow for the rounding */
    #define VN_SLACK 1.000000001
    #define VN_STEP 1e-9
    #define VN_NO_BOUND 1e30
    """
    const double GRID "VN_GRID"
    const double SLACK "VN_SLACK"
    const double STEP "VN_STEP"
    const double NO_BOUND "VN_NO_BOUND"


# a part of a score as a multiple of 2**-32: sums of such are exact in any order
cdef inline double on_grid(double part) noexcept:
    return (part + GRID) - GRID


# scale * x/(x + k1) on the grid
cdef inline double saturated(double scale, double x, double k1) noexcept:
    return on_grid(scale * x / (x + k1))


# weight * tf * rate of a stored impact (k1 = 0.9)
cdef inline double unsaturated(double impact, double weight) noexcept:
    if impact >= 1.9:
        return NO_BOUND
    return weight * (0.9 * impact / (1.9 - impact))


# a block's highest impact, rounded up, from its head
cdef inline double impact_in(unsigned int head) noexcept:
    return (head >> 16) / 32768.0


cdef class Term:
    cdef readonly Cursor cursor
    cdef double weight
    cdef const double[::1] rates
    cdef const double* rate
    cdef double highest
    cdef double drift
    cdef double shrink
    cdef bint flat
    # the first block that ends at or after the last range asked for
    cdef Py_ssize_t near
    # each posting's ``weight * tf * rate`` in block ``weighed``, and what it adds to a group of
    # this term alone in block ``scored``
    cdef Py_ssize_t weighed
    cdef Py_ssize_t scored
    cdef double parts[128]
    cdef double scores[128]
    cdef int set(
        self, Cursor cursor, double weight, const double[::1] rates, double drift, double shrink, bint flat
    ) except? -1
    cdef double bound(self, unsigned int low, unsigned int high) except? -1.0
    cdef double ceiling(self) except? -1.0
    cdef int weigh_block(self) except? -1
    cdef int score_block(self, double scale, double k1) except? -1


cdef class Group:
    cdef list terms
    cdef double weight
    cdef readonly Py_ssize_t size
    cdef Py_ssize_t cost
    cdef double ceiling
    cdef double rest
    cdef Term lead
    cdef Term last
    # what a search notes of a document that it stands in (0: nothing)
    cdef unsigned int bit
    cdef int set(self, list terms, double weight) except? -1
    cpdef void rewind(self) except *
    cdef double bound(self, unsigned int low, unsigned int high, double k1) except? -1.0
    cdef double measure(self, double k1) except? -1.0
    cdef unsigned int next(self, unsigned int target) except? 0xFFFFFFFF
    cdef double look(self, unsigned int doc, double k1) except? -1.0

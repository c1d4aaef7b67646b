from vnsearch.kernels.postings cimport Cursor


cdef class Located:
    cdef Cursor cursor
    # the bit of the group that must stand where the list does (see `Search.present`)
    cdef unsigned int needs
    # how often the term stands in each document, and where its positions are read: the low parts,
    # the quotients, of which so many are passed over (and the width of low parts), and their end
    cdef unsigned int* freqs
    cdef long long* spots
    cdef int find(
        self, unsigned int* docs, unsigned int* present, Py_ssize_t count, unsigned int* there
    ) except? -1
    cdef int read(self, Py_ssize_t c, unsigned int* out) except? -1


cdef class Places:
    cdef list cursors
    # of all cursors
    cdef readonly Py_ssize_t df
    # the cursor, where there is but one
    cdef Cursor only
    cdef unsigned int* values
    cdef unsigned int* extra
    # where these are while they are few; three more than `room`, as four are compared at a time
    cdef unsigned int few[67]
    cdef unsigned int few_more[67]
    cdef object many
    cdef Py_ssize_t room
    cdef Py_ssize_t n
    cdef unsigned int doc
    # how often the token stands in the document last asked for
    cdef unsigned int counted
    cdef Py_ssize_t total
    # where the documents of a second look were found, by list; how often the token stands in each;
    # and which of them is at hand (-1: none, the cursors are moved)
    cdef list lists
    cdef Located alone
    cdef unsigned int* totals
    cdef Py_ssize_t here
    cdef int set(self, list cursors) except? -1
    cdef unsigned int next(self, unsigned int target) except? 0xFFFFFFFF
    cdef int sum_up(self, Py_ssize_t count) except? -1
    cdef Py_ssize_t read(self) except? -1
    cdef void merge(self, Py_ssize_t tf) noexcept
    cdef Py_ssize_t go(self, unsigned int doc) except? -1
    cdef Py_ssize_t frequency(self, unsigned int doc) except? -1
    cdef int grow(self, Py_ssize_t need) except? -1


cdef class Surroundings:
    cdef const double[::1] rates
    cdef bint words
    cdef const unsigned int[::1] joined
    cdef const unsigned int[::1] bases
    cdef unsigned long long bits
    cdef int gather(self, unsigned int* docs, Py_ssize_t count, double* rates) except? -1
    cdef void expect_bits(self, unsigned int* docs, Py_ssize_t count) noexcept


cdef class Sequence:
    cdef list places
    cdef double weight
    cdef Surroundings field
    cdef unsigned int slop
    # in how many documents each two adjacent tokens of a phrase stand so, if that is known; the two
    # tokens whose places are compared first (see `Search.arrange`)
    cdef list pairs
    cdef readonly Py_ssize_t first
    cdef readonly Py_ssize_t second
    cdef Places left
    cdef Places right
    cdef Py_ssize_t size
    cdef double near
    # which of the second look's fields it stands in
    cdef Py_ssize_t number
    # in the document last counted: how often a pair stands near, and the first place of all
    cdef Py_ssize_t nearly
    cdef unsigned int start
    cdef int set(
        self, list places, double weight, Surroundings field, unsigned int slop, list pairs, double near
    ) except? -1
    cdef bint is_joined(self, unsigned long long place) noexcept
    cdef Py_ssize_t count_phrase(self, unsigned int doc) except? -1
    cdef Py_ssize_t count_pair(self, unsigned int doc) except? -1
    cdef Py_ssize_t count_alone(self, unsigned int doc) except? -1
    cdef Py_ssize_t count(self, unsigned int doc) except? -1
    cdef int weigh_most(self, Py_ssize_t count, double* rates, double* parts) except? -1
    cdef Py_ssize_t most(self, unsigned int doc) except? -1

cdef class CountsEncoder:
    cdef object _words
    cdef unsigned int[::1] words
    cdef Py_ssize_t used
    cdef object keys
    cdef object starts
    cdef unsigned long long[::1] gaps
    cdef unsigned int[::1] tallies
    cdef int n
    cdef unsigned long long sum_of_gaps
    cdef unsigned long long held
    cdef int have
    cdef unsigned long long last
    cdef readonly Py_ssize_t entries
    cdef int add(self, unsigned long long key, unsigned int count) except? -1
    cdef void put(self, unsigned long long value, int bits) noexcept
    cdef void put_unary(self, unsigned long long zeros) noexcept
    cdef int flush(self) except? -1


cdef class CountTable:
    cdef object file
    cdef Py_ssize_t origin
    cdef const unsigned int[::1] words
    cdef const unsigned long long[::1] keys
    cdef const unsigned long long[::1] starts
    cdef unsigned long long[::1] gaps
    cdef unsigned long long[::1] tallies
    cdef int n
    cdef int size
    cdef int gap_bits
    cdef int count_bits
    cdef Py_ssize_t at
    cdef Py_ssize_t unary
    cdef Py_ssize_t stop
    cdef int open(self, Py_ssize_t block) except? -1
    cdef int overrun(self) except? -1
    cdef int unsorted(self) except? -1
    cdef int read_keys(self, Py_ssize_t block, unsigned long long enough) except? -1
    cdef int read_counts(self, int first, int count) except? -1
    cdef long long count_in(self, Py_ssize_t block, unsigned long long key) except? -1
    cdef Py_ssize_t block_between(
        self, unsigned long long key, Py_ssize_t low, Py_ssize_t high
    ) noexcept
    cdef int load_keys(self, Py_ssize_t block) except? -1
    cdef int load(self, Py_ssize_t block) except? -1
    cdef Py_ssize_t block_of(self, unsigned long long key) except? -2
    cdef int place_of(self, unsigned long long key) noexcept
    cdef long long count_of(self, unsigned long long key) except? -1
    cdef Py_ssize_t block_near(self, unsigned long long key, Py_ssize_t guess) noexcept

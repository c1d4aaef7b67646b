cdef class PostingsEncoder:
    cdef bint with_positions
    cdef object _postings
    cdef object _positions
    cdef object _values
    cdef unsigned int[::1] postings
    cdef unsigned int[::1] positions
    cdef Py_ssize_t used
    cdef Py_ssize_t positions_used
    cdef unsigned int[::1] gaps
    cdef unsigned int[::1] counts
    cdef unsigned int[::1] values
    cdef int reserve(self, Py_ssize_t words, Py_ssize_t position_words) except? -1
    cdef Py_ssize_t add_term(
        self,
        const unsigned int[::1] docs,
        const unsigned int[::1] freqs,
        Py_ssize_t start,
        Py_ssize_t stop,
        const unsigned int[::1] positions,
        Py_ssize_t at,
        const unsigned int[::1] lengths,
        double average,
    ) except? -1
    cdef int add_positions(
        self,
        const unsigned int[::1] freqs,
        Py_ssize_t first,
        int n,
        Py_ssize_t total,
        const unsigned int[::1] positions,
        Py_ssize_t at,
    ) except? -1


cdef class Cursor:
    cdef const unsigned int[::1] words
    cdef const unsigned int[::1] places
    cdef const unsigned int[::1] listed_docs
    cdef const unsigned int[::1] listed_freqs
    cdef object _listed
    cdef object _buffers
    cdef object _values
    cdef Py_ssize_t origin
    cdef Py_ssize_t places_origin
    cdef public Py_ssize_t df
    cdef Py_ssize_t doc_count
    cdef Py_ssize_t blocks
    cdef bint listed
    cdef unsigned int[::1] docs
    cdef unsigned int[::1] freqs
    cdef unsigned int[::1] values
    cdef Py_ssize_t block
    cdef int n
    cdef int i
    cdef unsigned int doc
    cdef Py_ssize_t framed
    cdef Py_ssize_t framed_at
    cdef int framed_i
    cdef object _frames
    cdef unsigned long long[::1] frames
    cdef int aim(
        self, Py_ssize_t origin, Py_ssize_t places_origin, Py_ssize_t df
    ) except? -1
    cdef int open_frames(self) except? -1
    cdef unsigned int last_of(self, Py_ssize_t block) noexcept
    cdef int load(self, Py_ssize_t block) except? -1
    cdef unsigned int seek(self, unsigned int target) except? 0xFFFFFFFF
    cdef int place_frames(self) except? -1
    cdef Py_ssize_t fetch(self, unsigned int[::1] out, Py_ssize_t room) except? -1

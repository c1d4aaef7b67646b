from vnsearch.kernels.bits cimport first_from, sift


cdef class PostingsEncoder:
    cdef bint with_positions
    cdef object _postings
    cdef object _positions
    cdef unsigned int[::1] postings
    cdef unsigned int[::1] positions
    # where the first list of each stream begins, in words and in bytes
    cdef Py_ssize_t base
    cdef Py_ssize_t places_base
    cdef Py_ssize_t used
    cdef Py_ssize_t position_bits
    cdef unsigned int gaps[128]
    cdef unsigned int counts[128]
    cdef unsigned int high[129]
    cdef Py_ssize_t narrow[2]
    cdef int saved
    cdef unsigned int[::1] values
    cdef unsigned char[::1] drops
    cdef int reserve(self, Py_ssize_t words, Py_ssize_t position_words) except? -1
    cdef unsigned int* room(self) noexcept
    cdef int cut(self, unsigned int* values, int widest) noexcept
    cdef int add_exceptions(self, unsigned int* values, int bits, int widest) noexcept
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


cdef class PostingLists:
    cdef const unsigned int[::1] words
    cdef const unsigned int[::1] places
    cdef const unsigned int[::1] doc_offsets
    cdef const unsigned int[::1] pos_offsets
    cdef const unsigned int[::1] df
    cdef Py_ssize_t doc_count
    cdef Py_ssize_t terms
    cdef object make(self, Py_ssize_t ordinal)


cdef class Cursor:
    cdef PostingLists lists
    cdef const unsigned int* data
    cdef const unsigned int* places
    cdef const unsigned int* listed_docs
    cdef const unsigned int* listed_freqs
    cdef object _listed
    cdef Py_ssize_t size
    cdef Py_ssize_t places_size
    cdef Py_ssize_t origin
    cdef Py_ssize_t places_origin
    cdef public Py_ssize_t df
    cdef Py_ssize_t doc_count
    cdef Py_ssize_t blocks
    # The order of what follows lets arrays begin at a multiple of sixteen bytes, as vectors do; so
    # do the sums without their first. A search for a document looks at sixteen in one go
    cdef unsigned int docs[144]
    cdef unsigned int freqs[128]
    cdef Py_ssize_t block
    cdef int n
    cdef int i
    cdef unsigned int doc
    # the loaded block's head, its exceptions, and where its frequencies lie (-1: decoded)
    cdef unsigned int head
    cdef Py_ssize_t freqs_at
    # positions: which block is open, which is expected to be, and the word after it; where its quotients are read and how
    # many are passed
    cdef Py_ssize_t opened
    cdef Py_ssize_t expected
    cdef Py_ssize_t places_stop
    cdef Py_ssize_t high_at
    cdef Py_ssize_t passed
    # where the low parts begin, and their width where the frequency is 1; how many values stand
    # before each posting, and how many bits fewer than that width their low parts take in all
    cdef Py_ssize_t low_at
    cdef int width
    cdef bint listed
    cdef unsigned int cuts
    cdef unsigned int before[132]
    cdef unsigned int less[132]
    cdef int point(self, PostingLists lists) except? -1
    cdef int aim(
        self, Py_ssize_t origin, Py_ssize_t places_origin, Py_ssize_t df
    ) except? -1
    cdef unsigned int last_of(self, Py_ssize_t block) noexcept
    cdef unsigned int first_at_least(self) noexcept
    cdef double impact(self, Py_ssize_t block) noexcept
    cpdef void rewind(self) noexcept
    cdef int load(self, Py_ssize_t block) except? -1
    cdef int mend(
        self, unsigned int* values, Py_ssize_t at, int count, int bits, int low_bits
    ) except? -1
    cdef const unsigned int* stream(self, Py_ssize_t at) noexcept
    cdef int need_freqs(self) except? -1
    cdef unsigned int reach_block(self, unsigned int target) except? 0xFFFFFFFF
    cdef unsigned int seek(self, unsigned int target) except? 0xFFFFFFFF
    cdef void expect_places(self) noexcept
    cdef int open_places(self) except? -1
    cdef Py_ssize_t fetch(self, unsigned int* out, Py_ssize_t at, Py_ssize_t room) except? -1
    cdef object block_positions(self)


# `Cursor.seek`, here within the block that is loaded
cdef inline unsigned int reach(Cursor cursor, unsigned int target) except? 0xFFFFFFFF:
    if cursor.block >= 0:
        if cursor.doc >= target:
            return cursor.doc
        if cursor.n > 0 and cursor.docs[cursor.n - 1] >= target:
            cursor.i = first_from(cursor.docs, cursor.i, target)
            cursor.doc = cursor.docs[cursor.i]
            return cursor.doc
    return cursor.seek(target)


# of the postings picked, keep those where the one list may follow the other: `bits.sift` of their
# blocks, in which their postings are where ``left_where`` and ``right_where`` say for those picked
cdef inline int sift_postings(
    unsigned char* picked, int count, unsigned int* most, unsigned int gap,
    const unsigned char* left_where, Cursor left, const unsigned char* right_where, Cursor right
) except -1:
    if left.opened != left.block:
        left.open_places()
    if right.opened != right.block:
        right.open_places()
    return sift(
        picked, count, most, gap,
        left_where, left.places, left.low_at, (left.head >> 10) & 31,
        left.before, left.less, left.freqs,
        right_where, right.places, right.low_at, (right.head >> 10) & 31,
        right.before, right.less, right.freqs,
    )


# the frequency in the document at hand
cdef inline unsigned int tf_at(Cursor cursor) except? 0xFFFFFFFF:
    if cursor.freqs_at >= 0:
        cursor.need_freqs()
    return cursor.freqs[cursor.i]


# stand on posting `i` of the loaded block; behind its last, on the next block's first
cdef inline int go_on(Cursor cursor, int i) except? -1:
    if i < cursor.n:
        cursor.i = i
        cursor.doc = cursor.docs[i]
        return 0
    cursor.i = cursor.n - 1
    cursor.seek(cursor.docs[cursor.n - 1] + 1)
    return 0

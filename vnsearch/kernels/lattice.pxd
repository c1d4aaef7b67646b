cdef class Numbers:
    cdef double[::1] values

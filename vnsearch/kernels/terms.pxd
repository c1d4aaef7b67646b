cdef Py_ssize_t put_varint(
    unsigned char[::1] out, Py_ssize_t at, Py_ssize_t value
) noexcept

# Inline functions of the kernels: whole numbers from positions, pixels of files.

from libc.string cimport memcpy

# What positions become that are not numbers, or are beyond any detector: outside every image.
cdef enum:
    LIMIT = 1 << 30


cdef inline long long truncated(double value) noexcept nogil:
    """Whole part, towards 0."""
    if not -LIMIT < value < LIMIT:
        return -LIMIT
    return <long long>value


cdef inline long long floored(double value) noexcept nogil:
    """Largest whole number that is not above the value; faster than a call of the C library."""
    cdef long long whole = truncated(value)
    return whole - (value < whole)


cdef inline long long nearest(double value) noexcept nogil:
    """Nearest whole number, rounded half up: the rule by which events fall into pixels."""
    return floored(value + 0.5)


cdef inline unsigned int swapped(unsigned int value) noexcept nogil:
    """The four bytes in reverse order."""
    return (value >> 24) | ((value >> 8) & 0xFF00u) | ((value << 8) & 0xFF0000u) | (value << 24)


cdef inline float from_file(unsigned int stored) noexcept nogil:
    """A float32 of which the bytes stand in a FITS file, big-endian."""
    cdef unsigned int bits = swapped(stored)
    cdef float value
    memcpy(&value, &bits, sizeof(value))
    return value


cdef inline unsigned int to_file(float value) noexcept nogil:
    """The bytes of a float32 as a FITS file has them."""
    cdef unsigned int bits
    memcpy(&bits, &value, sizeof(bits))
    return swapped(bits)

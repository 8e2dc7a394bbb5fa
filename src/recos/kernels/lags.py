# mypy: disable-error-code="valid-type"
"""Products of two spectra at many displacements. Specification 4, section 8.3."""

from __future__ import annotations

import cython

from recos.kernels.shapes import check_lengths


def lag_products(
    pixel: cython.const[cython.longlong][:],
    counts: cython.const[cython.double][:],
    template: cython.const[cython.double][:],
    lags: cython.const[cython.longlong][:],
    ranges: cython.const[cython.longlong][:, :],
    first: cython.longlong[:],
    last: cython.longlong[:],
    product: cython.double[:],
) -> None:
    """What a sparse spectrum and a displaced template have in common, for each displacement.

    Parameters
    ----------
    pixel : ndarray of int64, shape (m,)
        Pixels with counts, increasing.
    counts : ndarray of float64, shape (m,)
        Their counts.
    template : ndarray of float64, shape (n,)
    lags : ndarray of int64, shape (k,)
        Pixel x of the spectrum meets pixel ``x - lag`` of the template.
    ranges : ndarray of int64, shape (2, k)
        First pixel with counts, and end of those, that meet the template.
    first, last : ndarray of int64, shape (k,)
        Result: first and last pixel at which both are not zero; n and -1 if there is none.
    product : ndarray of float64, shape (k,)
        Result: sum of counts times template.
    """
    i: cython.Py_ssize_t
    j: cython.longlong
    begin: cython.longlong
    end: cython.longlong
    lag: cython.longlong
    total: cython.double
    n: cython.longlong = template.shape[0]
    check_lengths(pixel.shape[0], counts.shape[0])
    check_lengths(lags.shape[0], ranges.shape[1], first.shape[0], last.shape[0], product.shape[0])
    with cython.nogil:
        for i in range(lags.shape[0]):
            lag = lags[i]
            begin = ranges[0, i]
            end = ranges[1, i]
            total = 0.0
            for j in range(begin, end):
                total += counts[j] * template[pixel[j] - lag]
            product[i] = total
            while begin < end and template[pixel[begin] - lag] == 0.0:
                begin += 1
            while begin < end and template[pixel[end - 1] - lag] == 0.0:
                end -= 1
            first[i] = pixel[begin] if begin < end else n
            last[i] = pixel[end - 1] if begin < end else -1

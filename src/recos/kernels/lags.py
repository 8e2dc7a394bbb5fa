"""Products of two spectra at many displacements. Specification 4, section 8.3."""

from __future__ import annotations

from recos.kernels.compiled import kernel


@kernel
def lag_products(pixel, counts, template, lags, ranges, first, last, product):
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
    n = len(template)
    for i in range(len(lags)):
        lag = lags[i]
        begin, end = ranges[0, i], ranges[1, i]
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

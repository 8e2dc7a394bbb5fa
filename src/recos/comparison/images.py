"""What differs between two images."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import repeat

import numpy as np

from recos.comparison.hdus import Hdu
from recos.comparison.values import Tally, ValueChange, are_same_bytes


def compare_images(old: Hdu, new: Hdu, error: Hdu | None, rtol: float) -> ValueChange | None:
    """Compare two images of equal shape.

    Parameters
    ----------
    old, new : Hdu
    error : Hdu, optional
        Errors of `old`; not used if their shape is another one.
    rtol : float
        Relative difference up to which floating-point pixels are equal.

    Returns
    -------
    ValueChange or None
        None if they are equal.
    """
    tally = Tally(rtol, are_flags=old.name == "DQ")
    has_error = error is not None and error.shape == old.shape
    errors: Iterator[np.ndarray | None] = error.blocks() if has_error and error else repeat(None)
    for a, b, sigma in zip(old.blocks(), new.blocks(), errors, strict=False):
        if are_same_bytes(a, b):
            tally.skip(a.size)
        else:
            tally.add(a, b, sigma)
    return tally.result(old.label, old.name, "", old.shape, tally.units() if has_error else None)

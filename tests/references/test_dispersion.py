"""Dispersion relations as rows of DISPTAB tell them."""

from __future__ import annotations

import numpy as np
import pytest

from recos.errors import ReferenceFileError
from recos.references.dispersion import from_row


def test_polynomial_and_offset():
    relation = from_row(
        {"NELEM": 2, "COEFF": np.array([1200.0, 0.01, 9.0]), "D": 1.0, "D_TV03": 4.0}, "x.fits"
    )
    assert relation.delta == 3.0
    assert relation.wavelength(100.0) == pytest.approx(1201.03)


@pytest.mark.parametrize(
    ("n", "coefficients", "text"),
    [(1, [1200.0, 0.01], "two coefficients"), (2, [1200.0, 0.0], "no change of wavelength")],
)
def test_relations_that_tell_no_wavelength(n, coefficients, text):
    with pytest.raises(ReferenceFileError, match=rf"x.fits \(DISPTAB\): .*{text}"):
        from_row({"NELEM": n, "COEFF": np.array(coefficients)}, "x.fits")

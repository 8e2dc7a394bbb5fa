import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recos.wavecal.quadratic import fit_quadratic


def test_vector_of_the_specification():
    fit = fit_quadratic(np.array([4, 1, 0.1, 1.2, 4.3], np.float32))
    assert fit.coefficients == pytest.approx((3.98857145, -3.97714296, 1.01428575), abs=1e-7)
    assert fit.variances == pytest.approx((0.0211726, 0.0297099, 0.00170747), rel=1e-5)
    assert fit.extremum == pytest.approx(1.9605633606, abs=1e-9)
    assert fit.extremum_error == pytest.approx(0.1166161975, abs=1e-6)


def test_too_few_points_have_no_fit():
    assert fit_quadratic(np.array([1.0, 2.0])) is None


def test_three_points_are_met_exactly():
    fit = fit_quadratic(np.array([3.0, 1.0, 3.0]))
    assert fit.extremum == pytest.approx(1.0)
    assert fit.variances == (0.0, 0.0, 0.0)


@given(st.floats(-5, 5), st.floats(-5, 5), st.floats(0.1, 5), st.integers(4, 12))
def test_a_parabola_is_recovered(c0, c1, c2, n):
    x = np.arange(n)
    fit = fit_quadratic(c0 + c1 * x + c2 * x**2)
    assert fit.coefficients == pytest.approx((c0, c1, c2), abs=1e-6)
    assert fit.extremum == pytest.approx(-c1 / (2 * c2), abs=1e-5)

"""Template matching against a plain evaluation of specification 4, section 8, and known displacements."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recos.wavecal import template
from recos.wavecal.lamp import SearchParameters
from recos.wavecal.template import compare, match_segment, override
from small_cos import Model

LAMP = Model().lamp("FUVA").astype(np.float32)


def search(half_range=40, centre=0.0, threshold=15.0):
    return SearchParameters(half_range, centre, threshold, 30, 7, 0.1)


def observed(shift, seed=0, scale=0.2, background=0.0):
    """Counts of the lamp displaced by `shift`."""
    x = np.arange(len(LAMP))
    return (
        np.random.default_rng(seed).poisson(scale * np.interp(x - shift, x, LAMP) + background).astype(float)
    )


def plain_rms(spectrum, pattern, lag):
    """Rms by the text of section 8.3; None if the trial is bad."""
    n = len(spectrum)
    s, p = (spectrum[lag:], pattern[: n - lag]) if lag >= 0 else (spectrum[:lag], pattern[-lag:])
    both = [i for i in range(len(s)) if s[i] != 0 and p[i] != 0]
    if len(both) < 2:
        return None
    s, p = s[both[0] : both[-1] + 1], p[both[0] : both[-1] + 1].astype(float)
    n = len(s)
    d = p.sum() ** 2 - n * (p**2).sum()
    if d == 0:
        return None
    f = (s.sum() * p.sum() - n * (s * p).sum()) / d
    if f <= 0:
        return None
    b = (s.sum() - f * p.sum()) / n
    return np.sqrt(((s - b - f * p) ** 2).sum() / (n - 1))


def plain_chi_square(spectrum, pattern, lag):
    n = len(spectrum)
    s, p = (spectrum[lag:], pattern[: n - lag]) if lag >= 0 else (spectrum[:lag], pattern[-lag:])
    both = np.flatnonzero((s != 0) & (p != 0))
    s, p = s[both[0] : both[-1] + 1], p[both[0] : both[-1] + 1].astype(float)
    n = len(s)
    f = (s.sum() * p.sum() - n * (s * p).sum()) / (p.sum() ** 2 - n * (p**2).sum())
    b = (s.sum() - f * p.sum()) / n
    total, ndf = 0.0, -1
    for si, pi in zip(s, p, strict=True):
        var = si / f**2 + pi
        c = ((si - b) / f - pi) ** 2 / (var if var > 0 else 1.0)
        if si <= 1.5 and pi <= 1.5:
            c = min(c, 1.0)
        if si == 0 and pi == 0:
            c = 0.0
        total += c
        ndf += si > 0 or pi > 0
    return total, max(ndf, 0)


@pytest.mark.parametrize("shift", [-31.4, -3.0, 0.0, 0.5, 7.3, 25.8])
def test_a_displacement_is_measured(shift):
    match = match_segment(observed(shift), LAMP, search(), fp_pixel_shift=-250.0)
    assert match.found
    assert match.shift == match.measured == pytest.approx(shift, abs=0.35)
    assert match.total == match.shift - 250.0
    assert match.chi_square / match.ndf < 5.0


def test_the_centre_of_the_search_moves_the_range():
    assert match_segment(observed(100.0), LAMP, search(30, 90.0)).shift == pytest.approx(100.0, abs=0.35)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_rms_of_all_lags_against_the_text(seed):
    rng = np.random.default_rng(seed)
    n = 150
    pattern = (rng.poisson(3.0, n) * (rng.random(n) < 0.5)).astype(np.float64)
    spectrum = (rng.poisson(2.0, n) * (rng.random(n) < rng.choice([0.02, 0.3, 0.9]))).astype(np.float64)
    lags = np.arange(-40, 41)
    rms, bad = template._rms_of_lags(spectrum, pattern, lags)
    for lag, value, is_bad in zip(lags, rms, bad, strict=True):
        expected = plain_rms(spectrum, pattern, lag)
        if expected is None:
            assert is_bad
        elif expected > 1e-6:
            assert not is_bad
            assert value == pytest.approx(expected, rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("lag", [-20, -1, 0, 1, 13])
def test_chi_square_against_the_text(lag):
    # broad bumps, so that spectrum and pattern agree at all of these lags
    x = np.arange(600)
    pattern = 6.0 * (1.0 + np.sin(x / 40.0)) * (x % 7 > 0)
    spectrum = np.random.default_rng(4).poisson(0.3 * pattern + 0.1).astype(float)
    trial = compare(spectrum, pattern, lag)
    assert (trial.chi_square, trial.ndf) == pytest.approx(plain_chi_square(spectrum, pattern, lag), rel=1e-9)


def test_nothing_in_common_is_not_located():
    spectrum = np.zeros(16384)
    match = match_segment(spectrum, LAMP, search(), fp_pixel_shift=5.0)
    assert (match.shift, match.measured, match.scatter, match.chi_square, match.ndf) == (0.0,) * 5
    assert not match.found
    assert match.total == 5.0
    assert compare(spectrum, LAMP, 0) is None


def test_few_counts_are_not_found_but_applied():
    spectrum = observed(3.0, scale=0.2)
    pixels = np.flatnonzero(spectrum)
    keep = np.random.default_rng(3).permutation(np.repeat(pixels, spectrum[pixels].astype(int)))[:45]
    few = np.bincount(keep, minlength=16384).astype(float)
    match = match_segment(few, LAMP, search())
    assert few.sum() < 50
    assert not match.found
    assert match.shift in (0.0, match.measured)


def test_a_bad_fit_is_rejected():
    match = match_segment(observed(3.0), LAMP, search(threshold=1.01))
    assert not match.found
    assert match.shift == 0.0
    assert match.measured == pytest.approx(3.0, abs=0.35)
    assert match.ndf > 0


def test_not_found_across_the_dispersion_keeps_an_accepted_shift():
    match = match_segment(observed(3.0), LAMP, search(), found=False)
    assert not match.found
    assert match.shift == match.measured != 0.0


def test_the_user_decides():
    spectrum = observed(3.0)
    match = override(match_segment(spectrum, LAMP, search(), False, 250.0), spectrum, LAMP, 258.25)
    assert match.total == 258.25
    assert match.found
    assert match.user_specified
    assert match.scatter == 0.0
    assert match.chi_square == compare(spectrum, LAMP, 8).chi_square

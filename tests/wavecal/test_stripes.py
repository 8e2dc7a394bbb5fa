"""The rules by which NUV stripes check each other. Specification 4, sections 8.5 and 8.6."""

from __future__ import annotations

import numpy as np
import pytest

from helpers import nuv_builders
from recos.wavecal.lamp import SearchParameters, Template
from recos.wavecal.stripes import LampSpectrum, match_spectra, trimmed

SEARCH = SearchParameters(40, 0.0, 15.0, 30, 7, 0.1)
STRIPES = ("NUVA", "NUVB", "NUVC")


def template(seed, fp=0.0, n=1274):
    rng = np.random.default_rng(seed)
    spectrum = np.zeros(n)
    for centre, height in zip(rng.uniform(180, 1050, 25), rng.uniform(30, 300, 25), strict=True):
        spectrum += height * np.exp(-0.5 * ((np.arange(n) - centre) / 1.5) ** 2)
    return Template(spectrum.astype(np.float32), fp)


def observed(pattern, shift, seed=1, scale=1.0):
    pixel = np.arange(len(pattern.spectrum))
    expected = np.interp(pixel - shift, pixel, pattern.spectrum) * scale
    return np.random.default_rng(seed).poisson(expected).astype(np.float64)


def lamps(shifts, fp=0.0, found=(True,) * 3, scales=(1.0,) * 3):
    patterns = [template(i, fp) for i in range(3)]
    return {
        s: LampSpectrum(observed(p, shift, scale=scale), p, f)
        for s, p, shift, f, scale in zip(STRIPES, patterns, shifts, found, scales, strict=True)
    }


def mode(opt_elem="G185M"):
    return nuv_builders.make_exposure([], [], opt_elem=opt_elem).mode


def test_each_stripe_is_measured():
    matches = match_spectra(lamps([4.0, 5.0, 7.3], fp=-52.0), {}, SEARCH, mode())
    assert [matches[s].shift for s in STRIPES] == pytest.approx([4.0, 5.0, 7.3], abs=0.3)
    assert [matches[s].total for s in STRIPES] == pytest.approx([-48.0, -47.0, -44.7], abs=0.3)
    assert all(matches[s].found for s in STRIPES)


def test_a_stripe_without_light_takes_the_place_of_the_others():
    found = match_spectra(lamps([4.0, 5.0, 6.0], scales=(1.0, 1.0, 0.0)), {}, SEARCH, mode("G230L"))
    assert not found["NUVC"].found
    assert found["NUVC"].shift == pytest.approx((found["NUVA"].shift + found["NUVB"].shift) / 2)


def test_the_gratings_of_medium_resolution_have_offsets_between_stripes():
    fp = -100.0
    found = match_spectra(lamps([4.0, 5.0, 6.0], fp, scales=(1.0, 1.0, 0.0)), {}, SEARCH, mode("G225M"))
    expected = {"NUVA": -0.5 + 0.02307692 * fp, "NUVB": 0.0, "NUVC": 1.0 + 0.02307692 * fp}
    mean = np.mean([found[s].shift - expected[s] for s in ("NUVA", "NUVB")])
    assert found["NUVC"].shift == pytest.approx(mean + expected["NUVC"])


def test_a_stripe_far_from_the_others_is_not_believed():
    together = match_spectra(lamps([2.0, 2.0, -35.0]), {}, SEARCH, mode("G230L"))
    assert not together["NUVC"].found
    assert together["NUVC"].measured == pytest.approx(-35.0, abs=0.4)
    assert together["NUVC"].shift == pytest.approx(2.0, abs=0.4)


def test_without_any_stripe_nothing_is_repaired():
    found = match_spectra(lamps([2.0, 2.0, 2.0], found=(False,) * 3), {}, SEARCH, mode())
    assert not any(match.found for match in found.values())
    assert [found[s].shift for s in STRIPES] == pytest.approx([2.0] * 3, abs=0.3)


def test_a_shift_of_the_user_wins():
    found = match_spectra(lamps([4.0, 5.0, 6.0], fp=-52.0), {"NUVB": -40.0}, SEARCH, mode())
    assert found["NUVB"].total == -40.0
    assert found["NUVB"].user_specified
    assert found["NUVA"].shift == pytest.approx(4.0, abs=0.3)


@pytest.mark.parametrize(
    ("edge", "zeroed"),
    [
        ([40, 30, 20, 10], 9),  # falling away from the edge: three bins
        ([40, 50, 20, 10], 0),  # a line inside
        ([20, 10, 5, 1], 0),  # faint
        ([40, 30, 35, 10], 3),
    ],
)
@pytest.mark.parametrize("side", ["left", "right"])
def test_truncated_lines_are_removed(edge, zeroed, side):
    counts = np.ones(1274)
    bins = np.repeat(np.array(edge) / 3.0, 3)
    part = slice(100, 112) if side == "left" else slice(1112, 1124)
    counts[part] = bins if side == "left" else bins[::-1]
    result = trimmed("NUVA", LampSpectrum(counts, template(0)), 100).counts
    zeros = np.flatnonzero(result == 0.0)
    assert len(zeros) == zeroed
    expected = np.arange(100, 100 + zeroed) if side == "left" else np.arange(1124 - zeroed, 1124)
    np.testing.assert_array_equal(zeros, expected)

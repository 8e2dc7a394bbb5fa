"""NUV spectra and images put into the simulator come out: flux, wavelengths, photometry, positions.

Known systematic effects: the velocity of the Earth (formula without precession) 0.18 km/s or 0.03 pixels at most;
DOPPCORR 0.001 pixels; ACCUM is corrected for the shift at the start of the exposure, by whole pixels. The lamp gives
the shift of a stripe to about 0.05 pixels.
"""

from __future__ import annotations

import numpy as np
import pytest
from astropy.io import fits

import recos
from recos.simulate.configurations import Configuration
from recos.simulate.dataset import Dataset, simulate
from recos.simulate.nuv import layout
from recos.simulate.nuv.mechanism import shift1, shift2
from recos.simulate.plan import Effects, Observation
from recos.simulate.recovery import recover
from recos.simulate.sources import Source

pytestmark = pytest.mark.xdist_group("truth")


def calibrated(directory, observation, source="b-star") -> Dataset:
    made = simulate(observation, directory, Source.builtin(source), directory / "cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("lref", made.lref)
        recos.run(made.association, outdir=directory / "new")
    return made


def science(made: Dataset):
    return [planned for planned in made.exposures if not planned.is_wavecal]


def product(made: Dataset, root: str, suffix: str):
    return made.raw.parent / "new" / f"{root}_{suffix}.fits"


def assert_spectra(made: Dataset, fractions=None):
    for planned in science(made):
        found = recover(made, product(made, planned.root, "x1d"))
        assert [r.spectrum for r in found] == ["NUVA", "NUVB", "NUVC"]
        for r in found:
            known = 0.0 if fractions is None else -fractions[planned.root][r.spectrum]
            assert abs(r.ratio - 1.0) < 3.0 * r.ratio_error
            assert abs(r.offset - known) < 3.0 * r.offset_error + 0.1
            assert abs(r.stretch) < 3.0 * r.stretch_error + 0.1
            assert r.offset_error < 0.2
            if (
                fractions is None
            ):  # moved by part of a pixel, lines of ACCUM spectra are broader than the truth
                assert abs(r.bins.mean) < 0.05 + 3.0 / r.bins.number**0.5
                assert abs(r.bins.std - 1.0) < 0.05 + 3.0 / (2.0 * r.bins.number) ** 0.5


def test_g185m(tmp_path):
    """Two FP-POS, with lamp flashes and a bad time."""
    observation = Observation(
        Configuration("G185M", 1850), fppos=(1, 4), events=2e6, bad_times=((250.0, 300.0),), seed=4
    )
    made = calibrated(tmp_path, observation)
    assert_spectra(made)
    for planned in science(made):
        header = fits.getheader(product(made, planned.root, "x1d"), 1)
        assert header["EXPTIME"] == pytest.approx(550.0, abs=0.01)
        for row in fits.getdata(product(made, planned.root, "lampflash")):
            time = np.array([row["TIME"]])
            assert row["SPEC_FOUND"]
            assert row["SHIFT_DISP"] == pytest.approx(shift1(planned, row["SEGMENT"], time)[0], abs=0.3)
            assert row["SHIFT_XDISP"] == pytest.approx(shift2(planned, time)[0], abs=0.6)


def test_g230l(tmp_path):
    made = calibrated(tmp_path, Observation(Configuration("G230L", 2950), fppos=(2,), events=6e6, seed=2))
    assert_spectra(made)


def test_accum(tmp_path):
    """The known fraction of a pixel (DPIXEL1 = 0 for ACCUM, specification 4, section 11.5) is taken out first."""
    c = Configuration("G285M", 2676, obsmode="ACCUM")
    made = calibrated(tmp_path, Observation(c, fppos=(3, 4), events=2e6, seed=3))
    fractions = {e.root: fraction_of_pixels(made, e.root) for e in science(made)}
    assert any(abs(value) > 0.1 for values in fractions.values() for value in values.values())
    assert_spectra(made, fractions)


def fraction_of_pixels(made: Dataset, root: str) -> dict[str, float]:
    """Mean of XFULL less the nearest pixel, by stripe."""
    events = fits.getdata(product(made, root, "corrtag"), 1)
    place = {}
    for stripe in ("NUVA", "NUVB", "NUVC"):
        row, slope = layout.spectrum_row(made.observation.configuration.opt_elem, stripe, "PSA")
        near = np.abs(events["YFULL"] - row - slope * events["XFULL"]) < 10.0
        x = events["XFULL"][near].astype(np.float64)
        place[stripe] = float(np.mean(x - np.rint(x)))
    return place


def test_boa(tmp_path):
    c = Configuration("G225M", 2250, aperture="BOA")
    assert_spectra(calibrated(tmp_path, Observation(c, events=3e6, seed=5)))


@pytest.mark.parametrize(
    "effect", ["flat", "doppler", "heliocentric", "ageing", "dead_time", "dark", "drift"]
)
def test_one_effect_by_itself(tmp_path, effect):
    effects = Effects.only("line_spread", "cross_dispersion", effect)
    observation = Observation(
        Configuration("G185M", 1900), exptime=100.0, events=5e5, effects=effects, seed=6
    )
    made = calibrated(tmp_path, observation)
    (planned,) = science(made)
    for r in recover(made, product(made, planned.root, "x1d")):
        assert abs(r.ratio - 1.0) < 3.5 * r.ratio_error
        assert abs(r.offset) < 4.0 * r.offset_error + 0.1


@pytest.mark.parametrize("obsmode", ["TIME-TAG", "ACCUM"])
@pytest.mark.parametrize("mirror", ["MIRRORA", "MIRRORB"])
def test_images(tmp_path, mirror, obsmode):
    """Counts give the flux by PHOTFLAM; the events of TIME-TAG are where the target is, but for the mechanism."""
    made = calibrated(
        tmp_path, Observation(Configuration(mirror, 0, obsmode=obsmode), events=2e5, seed=8), "flat"
    )
    (planned,) = science(made)
    with fits.open(product(made, planned.root, "flt")) as hdus:
        header, image = hdus[1].header, hdus[1].data.astype(np.float64)
        corrected = hdus[0].header["WAVECORR"] == "COMPLETE"
    assert corrected == (obsmode == "TIME-TAG")
    middle = np.array([planned.exptime / 2.0])
    moved = (0.0, 0.0) if corrected else (shift1(planned, "", middle)[0], shift2(planned, middle)[0])
    x0, y0 = (place + shift for place, shift in zip(layout.TARGET, moved, strict=True))
    y, x = np.mgrid[:1024, :1024]
    distance = np.hypot(x - x0, y - y0)
    aperture, around = distance < 45.0, (distance > 60.0) & (distance < 90.0)
    net = image[aperture] - image[around].mean()
    flux = net.sum() * header["PHOTFLAM"]
    error = np.sqrt(image[aperture].sum() / planned.exptime) / net.sum()
    assert flux / float(made.source.flux(np.array([2500.0]))[0]) == pytest.approx(1.0, abs=3.0 * error)
    # a constant shift moves events by whole pixels in the image
    tolerance = 0.6 if corrected else 0.1
    for axis, true in ((x, x0), (y, y0)):
        assert (net * axis[aperture]).sum() / net.sum() == pytest.approx(true, abs=tolerance)

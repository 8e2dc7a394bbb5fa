"""Corrections of the extraction: the flux that was put in comes out."""

from __future__ import annotations

from copy import copy

import numpy as np
import pytest

import recos
from recos.data.context import Context
from recos.data.images import Images
from recos.errors import InputError
from recos.io.fitsfile import write_tables
from recos.simulate import Configuration, Effects, Observation, Source, recover, simulate

pytestmark = pytest.mark.xdist_group("corrections")


@pytest.fixture(scope="module")
def twozone(tmp_path_factory, simulation_cache):
    """A segment of a TWOZONE exposure, calibrated up to its images: its data set, the exposure, the references."""
    observation = Observation(
        Configuration("G130M", 1291, 4, xtrctalg="TWOZONE"),
        # with the distortion, positions are digitised, randomised and binned: that is what PROFTAB is made for
        effects=Effects.only("line_spread", "cross_dispersion", "distortion"),
        fppos=(3,),
        events=2e6,
        seed=41,
    )
    dataset = simulate(
        observation, tmp_path_factory.mktemp("twozone"), Source.builtin("flat"), simulation_cache
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("lref", dataset.lref)
        exposure = recos.read(dataset.raw / f"{dataset.exposures[0].root}_rawtag_a.fits")
        refs = recos.References.for_exposure(exposure)
        recos.calibrate(exposure, refs, stop_after="images")
        yield dataset, exposure, refs


def extracted(case, corrections=(), tailor=None, context=None):
    """The spectrum, extracted with corrections."""
    _, exposure, refs = case
    exposure = copy(exposure)
    exposure.corrections = frozenset(corrections)
    return recos.extract_again(exposure, refs, tailor, context)


def shifted(images, rows):
    """Images moved in cross-dispersion direction."""
    moved = [np.roll(image, rows, axis=0) for image in (images.counts, images.effective, images.dq)]
    return Images(*moved, images.exptime)


def recovered(case, folder, corrections=(), tailor=None, context=None):
    """How the spectrum compares with the truth."""
    dataset, _, _ = case
    spectrum = extracted(case, corrections, tailor, context)
    path = folder / "x1d.fits"
    write_tables(path, spectrum.primary, [spectrum.table()], overwrite=True)
    (found,) = recover(dataset, path)
    return found


def test_enclosed_energy(twozone, tmp_path):
    default, better = (recovered(twozone, tmp_path, names) for names in ((), ("enclosed-energy",)))
    assert default.ratio - 1.0 > 1.5 * default.ratio_error
    assert abs(better.ratio - 1.0) < 1.5 * better.ratio_error


def test_enclosed_energy_of_the_central_part(twozone, tmp_path):
    """Rows at the limits hold more of the light."""
    tailor = {"enclosed_energy": (0.1, 0.9)}
    default, better = (recovered(twozone, tmp_path, names, tailor) for names in ((), ("enclosed-energy",)))
    assert default.ratio - 1.0 > 0.03
    assert abs(better.ratio - 1.0) < 1.5 * better.ratio_error


def test_even_heights(twozone, tmp_path):
    """A box over all of the light of even height."""
    _, exposure, _ = twozone
    tailor = {"height": 36, "enclosed_energy": (0, 1)}
    counts = {}
    for names in ((), ("extraction-heights",)):
        spectrum = extracted(twozone, names, tailor)
        used = spectrum["DQ_OUTER"][0] & 128 == 0
        first, last = (int(spectrum[f"Y_{end}_OUTER"][0].mean()) for end in ("LOWER", "UPPER"))
        assert spectrum.header["SP_HGT_A"] == 36
        sums = exposure.images.counts[first : last + 1].sum(axis=0)
        np.testing.assert_allclose(spectrum["GCOUNTS"][0][used], sums[used], rtol=1e-5)
        counts[names] = last - first + 1
    assert list(counts.values()) == [37, 36]


def test_location_of_twozone(twozone, tmp_path):
    """Events that ALGNCORR put in the wrong place."""
    dataset, exposure, refs = twozone
    aligned = exposure.header["SP_LOC_A"]
    moved = copy(exposure)
    moved.images = shifted(exposure.images, -9)
    case = dataset, moved, refs
    tailor = {"location": aligned - 9.0}
    with pytest.raises(InputError, match="Switch the correction twozone-location on"):
        extracted(case, (), tailor)
    both = ("enclosed-energy", "twozone-location")
    search = Context(find_target=(True, None))
    default, found = (recovered(case, tmp_path, names, context=search) for names in (both[:1], both))
    placed = recovered(case, tmp_path, both, tailor)
    assert default.ratio < 0.8
    for better in (found, placed):
        assert abs(better.ratio - 1.0) < 1.5 * better.ratio_error
    assert extracted(case, both, tailor).header["SP_LOC_A"] == aligned - 9.0
    assert exposure.header["SP_LOC_A"] == aligned


def test_unit_of_errors(twozone):
    """Without FLUXCORR they are those of the net rate."""
    dataset, exposure, refs = twozone
    plain = copy(exposure)
    plain.switches = exposure.switches | {"FLUXCORR": "OMIT", "TDSCORR": "OMIT"}
    for names, unit in (((), "erg /s /cm**2 /angstrom"), (("rate-errors",), "count /s")):
        spectrum = extracted((dataset, plain, refs), names)
        assert {c.unit for c in spectrum.layout if c.name.startswith("ERROR")} == {unit}
        good = (spectrum["GCOUNTS"] > 100.0) & (spectrum["DQ_WGT"] > 0.0)
        rate = spectrum["ERROR"][good] * spectrum["EXPTIME"][0]
        np.testing.assert_allclose(rate, np.sqrt(spectrum["GCOUNTS"][good]), rtol=0.2)

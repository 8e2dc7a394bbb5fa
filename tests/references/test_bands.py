from __future__ import annotations

import math
from itertools import pairwise

import pytest

from helpers import builders, nuv_builders
from recos.errors import MissingRowError
from recos.references.bands import doppler_boundary, sorted_bands, spectrum_bands, spectrum_location


@pytest.mark.parametrize("aperture", ["PSA", "BOA", "WCA"])
def test_boundaries_lie_between_spectrum_and_lamp(reference_files, aperture):
    refs = builders.make_refs(reference_files)
    mode = builders.make_exposure(2, aperture=aperture).mode
    sky = spectrum_location(refs, mode, "BOA" if aperture == "BOA" else "PSA")
    lamp = spectrum_location(refs, mode, "WCA")
    assert doppler_boundary(refs, mode) == round((sky + lamp) / 2)
    bands = spectrum_bands(refs, mode)
    assert bands.edges[1] == round((spectrum_location(refs, mode, "PSA") + lamp) / 2)
    assert bands.spectra == (("FUVA", "PSA"), ("FUVA", "WCA"))


def test_mode_unknown_to_xtractab(reference_files):
    mode = builders.make_exposure(2, cenwave=1309).mode
    with pytest.raises(MissingRowError, match="CENWAVE = 1309"):
        spectrum_bands(builders.make_refs(reference_files), mode)


def test_ranges_of_nuv_stripes(tmp_path):
    refs = nuv_builders.make_refs(tmp_path)
    mode = nuv_builders.make_exposure([], [], aperture="BOA").mode
    tilt = nuv_builders.SLOPE * 512
    sky, lamp = (sorted(y + tilt for y in p.values()) for p in (nuv_builders.SKY, nuv_builders.LAMP))
    middle = [round((a + b) / 2) for a, b in pairwise([*sky, *lamp])]
    bands = spectrum_bands(refs, mode)
    assert bands.edges == (0, *middle, 1024)
    assert bands.spectra[0] == ("NUVA", "PSA")
    assert bands.spectra[5] == ("NUVC", "WCA")
    assert bands.limits()[0] == (0, middle[0])
    assert doppler_boundary(refs, mode) == middle[2]
    assert sorted_bands(refs, mode).edges == (-math.inf, *middle, math.inf)

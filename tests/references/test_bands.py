from __future__ import annotations

import pytest

import builders
from recos.errors import MissingRowError
from recos.references.bands import doppler_boundary, spectrum_bands, spectrum_location


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

"""Spectra that are tilted on the detector: where they lie in it does not change when a grating turns."""

from __future__ import annotations

import numpy as np

from recos.data.exposure import Exposure
from recos.kernels.positions import label_rows
from recos.references import References
from recos.references.bands import sky_aperture, spectrum_bands
from recos.wavecal import lamp


def follow_tilt(exposure: Exposure, refs: References) -> None:
    """Move events across the dispersion, too, as they are moved along a tilted spectrum; changes YFULL.

    When the mechanism turns the grating, features move along the tilted spectrum, whose place on the detector
    stays. Events that are moved back in X alone leave it by SLOPE times their shift. Where TRCECORR removes the
    curved trace of the detector, nothing is left to be done.

    Parameters
    ----------
    exposure : Exposure
        With XFULL and YFULL of the wavelength calibration.
    refs : References
    """
    mode, events = exposure.mode, exposure.events
    if exposure.performs("TRCECORR") or not len(events):
        return
    bands = spectrum_bands(refs, mode, sky_aperture(exposure))
    slopes = [0.0]
    for segment, aperture in bands.spectra:
        if aperture == "WCA":
            row = lamp.extraction_row(refs, mode, segment)
        else:
            row = refs.extraction_row(mode.xtrctalg, **mode.row_filter(segment=segment))
        slopes.append(float(row["SLOPE"]) if "SLOPE" in row else 0.0)
    label = label_rows(events.ycorr, np.array(bands.edges, np.float64), np.ones(len(events), bool))
    events.yfull -= np.array(slopes, np.float32)[label] * (events.xdopp - events.xfull)

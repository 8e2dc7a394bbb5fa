"""The column WAVELENGTH of the corrtag table. Specification 3, section 8, and 4, section 12."""

from __future__ import annotations

import numpy as np

from recos.data.exposure import Exposure
from recos.data.instrument import SPEED_OF_LIGHT
from recos.kernels.positions import assign_wavelengths, label_rows
from recos.messages import get_logger, switch_line
from recos.references import References
from recos.references.bands import sky_aperture, spectrum_bands
from recos.references.dispersion import Dispersion, coefficient_table
from recos.steps._active_area import active_area, active_events
from recos.steps.step import Settings, step

logger = get_logger(__name__)


def _known(settings: Settings) -> bool:
    mode = settings.mode
    return settings.performs("WAVECORR") and mode.is_spectroscopic and "WAVE" not in mode.exptype


@step(when=_known)
def wavelengths(exposure: Exposure, refs: References) -> None:
    """Give the events of a science exposure heliocentric wavelengths, those of the lamp observed ones."""
    if not len(exposure.events):
        return
    helcorr = exposure.switches.get("HELCORR", "N/A")
    logger.info("%s for computing wavelengths for the corrtag table", switch_line("HELCORR", helcorr))
    corrects = exposure.performs("HELCORR", "PERFORM", "COMPLETE")
    _assign(exposure, refs, {}, 0.0, exposure.v_helio if corrects else 0.0)


def wavecal_wavelengths(exposure: Exposure, refs: References) -> None:
    """Give the events of a wavecal exposure wavelengths.

    Their positions are not corrected; the shifts that were measured (keywords SHIFT1 and SHIFT2) are
    subtracted on the fly.
    """
    if not len(exposure.events):
        return
    mode, header = exposure.mode, exposure.header
    shift1 = {segment: float(header.get("SHIFT1" + segment[-1], 0.0)) for segment in mode.spectra}
    shift2 = float(header.get("SHIFT2" + (mode.letter if mode.is_fuv else "B"), 0.0))
    _assign(exposure, refs, shift1, shift2, 0.0)


def _assign(
    exposure: Exposure, refs: References, shift1: dict[str, float], shift2: float, v_helio: float
) -> None:
    """Wavelengths by the relations of external and wavecal spectra; only external ones get the velocity."""
    mode, events = exposure.mode, exposure.events
    active_area(exposure, refs)
    bands = spectrum_bands(refs, mode, sky_aperture(exposure))
    relations = [
        refs.dispersion(mode.fpoffset, **mode.row_filter(aperture, segment))
        for segment, aperture in bands.spectra
    ]
    known = {
        segment: all(r is not None for r, s in zip(relations, bands.spectra, strict=True) if s[0] == segment)
        for segment in mode.spectra
    }
    label = label_rows(
        events.yfull - np.float32(shift2) if shift2 else events.yfull,
        np.array(bands.edges, np.float64),
        active_events(exposure, refs),
    )
    for number, (segment, _) in enumerate(bands.spectra, start=1):
        if not known[segment]:
            label[label == number] = 0
    if not all(known.values()):
        logger.error(
            "Matching row in disptab %s was not found\n    can't compute wavelengths for corrtag file.",
            refs.path("DISPTAB"),
        )
    found = [r or Dispersion((0.0, 0.0), 0.0) for r in relations]
    assign_wavelengths(
        events.xfull,
        label,
        np.array([shift1.get(segment, 0.0) for segment, _ in bands.spectra], np.float32),
        coefficient_table(found),
        np.array([r.delta for r in found]),
        np.array([-v_helio / SPEED_OF_LIGHT * (aperture != "WCA") for _, aperture in bands.spectra]),
        events.wavelength,
    )

"""The column WAVELENGTH of the corrtag table. Specification 3, section 8, and 4, section 12."""

from __future__ import annotations

import logging

import numpy as np

from recos.exposure import Exposure
from recos.instrument import SPEED_OF_LIGHT
from recos.kernels.positions import assign_wavelengths
from recos.messages import switch_line
from recos.references import References
from recos.references.bands import wavelength_boundary
from recos.steps.active_area import active_area, active_events

logger = logging.getLogger(__name__)


def wavelengths(exposure: Exposure, refs: References) -> None:
    """Give the events of a science exposure heliocentric wavelengths, those of the lamp observed ones."""
    if not len(exposure):
        return
    helcorr = exposure.switches.get("HELCORR", "N/A")
    logger.info("%s for computing wavelengths for the corrtag table", switch_line("HELCORR", helcorr))
    corrects = exposure.performs("HELCORR", "PERFORM", "COMPLETE")
    _assign(exposure, refs, (0.0, 0.0), exposure.v_helio if corrects else 0.0)


def wavecal_wavelengths(exposure: Exposure, refs: References) -> None:
    """Give the events of a wavecal exposure wavelengths.

    Their positions are not corrected; the shifts that were measured (keywords SHIFT1 and SHIFT2) are
    subtracted on the fly.
    """
    if not len(exposure):
        return
    shifts = tuple(
        float(exposure.header.get(root + exposure.mode.letter, 0.0)) for root in ("SHIFT1", "SHIFT2")
    )
    _assign(exposure, refs, (shifts[0], shifts[1]), 0.0)


def _assign(exposure: Exposure, refs: References, shifts: tuple[float, float], v_helio: float) -> None:
    mode, events = exposure.mode, exposure.events
    active_area(exposure, refs)
    active = active_events(exposure, refs)
    # QUIRK (specification 3, section 8): the relation of PSA also for data taken with BOA
    relations = [refs.dispersion(mode.fpoffset, **mode.row_filter(aperture)) for aperture in ("PSA", "WCA")]
    found = [r for r in relations if r is not None]
    if len(found) < 2:
        logger.error(
            "Matching row in disptab %s was not found\n    can't compute wavelengths for corrtag file.",
            refs.path("DISPTAB"),
        )
        return
    degree = max(len(r.coefficients) for r in found)
    coefficients = np.zeros((2, degree))
    for row, relation in zip(coefficients, found, strict=True):
        row[: len(relation.coefficients)] = relation.coefficients
    assign_wavelengths(
        events.xfull,
        events.yfull,
        active,
        np.array(shifts, np.float32),
        wavelength_boundary(refs, mode),
        coefficients,
        np.array([r.delta for r in found]),
        -v_helio / SPEED_OF_LIGHT,
        events.wavelength,
    )

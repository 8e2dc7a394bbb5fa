"""Headers of FUV raw files: calibration switches, and the extension header of events and images."""

from __future__ import annotations

from collections.abc import Mapping

from astropy.io import fits

from recos.data.instrument import SEGMENTS, SPEED_OF_LIGHT
from recos.data.switches import SWITCHES
from recos.simulate.fuv.detector import COLUMNS, ROWS, STIM_RATE, high_voltage
from recos.simulate.fuv.optics import Optics
from recos.simulate.plan import PlannedExposure
from recos.simulate.raw_headers import (
    Card,
    doppler_cards,
    exposure_cards,
    flash_cards,
    header_of,
    orientation_cards,
    subarray_cards,
)

_OF_EFFECTS = {
    "walk": ("XWLKCORR", "YWLKCORR"),
    "thermal": ("TEMPCORR",),
    "distortion": ("GEOCORR", "DGEOCORR", "IGEOCORR"),
    "dead_time": ("DEADCORR",),
    "doppler": ("DOPPCORR",),
    "heliocentric": ("HELCORR",),
    "trace": ("TRCECORR",),
    "ageing": ("TDSCORR",),
}
"""Steps that correct an effect of the model."""


def switches(planned: PlannedExposure) -> dict[str, str]:
    """Calibration switches: OMIT for steps that do not apply, or correct an effect that is off."""
    effects, c = planned.effects, planned.configuration
    off = {switch for name, steps in _OF_EFFECTS.items() if not getattr(effects, name) for switch in steps}
    off.add("PHOTCORR")
    if not (effects.flat or effects.grid_wires):
        off.add("FLATCORR")
    if not (effects.bursts and planned.bursts):
        off.add("BRSTCORR")
    if not (effects.bad_times and planned.bad_times):
        off.add("BADTCORR")
    if c.xtrctalg == "BOXCAR" or planned.is_wavecal:
        # the box of BOXCAR follows the tilt; a straightened spectrum would leave it
        off |= {"TRCECORR", "ALGNCORR"}
    if c.obsmode == "ACCUM":
        # images have no pulse heights
        off |= {"XWLKCORR", "YWLKCORR", "BRSTCORR", "BADTCORR"}
    if planned.is_wavecal:
        off |= {"DOPPCORR", "HELCORR", "FLUXCORR", "TDSCORR"}
    return {switch: "OMIT" if switch in off else "PERFORM" for switch in SWITCHES}


def doppler_pixels(optics: Optics, segment: str, aperture: str = "PSA") -> float:
    """Pixels per km/s in the middle of a segment."""
    relation = optics.dispersion(segment, aperture)
    middle = COLUMNS / 2.0
    return float(relation.wavelength(middle) / relation.dispersion(middle)) / SPEED_OF_LIGHT


def science_header(
    planned: PlannedExposure,
    segment: str,
    events: Mapping[str, int],
    optics: Optics,
) -> fits.Header:
    """Header of the EVENTS table (TIME-TAG), without the description of its columns, or of the image (ACCUM).

    Parameters
    ----------
    planned : PlannedExposure
    segment : str
    events : mapping of str to int
        Number of recorded events by segment.
    optics : Optics
    """
    timetag = planned.configuration.obsmode == "TIME-TAG"
    # one shift on board for both segments
    on_board = doppler_pixels(
        optics, planned.configuration.active_segments[0], planned.configuration.aperture
    )
    cards = exposure_cards(planned, "EVENTS" if timetag else "SCI")
    for s in SEGMENTS:
        cards.append(
            (f"EXPTIME{s[-1]}", planned.exptime if s in events else 0.0, f"segment {s[-1]} (seconds)")
        )
    cards += doppler_cards(planned, on_board) + flash_cards(planned)
    cards += [
        ("SDQFLAGS", 8346, "serious data quality flags"),
        ("SDQOUTER", 2, "SDQFlags for the outer extraction zone"),
        ("STIMRATE", STIM_RATE, "Approximate STIM pulse injection rate"),
        ("NEVENTS", sum(events.values()), "Number of events in raw data file(segments A+B)"),
    ]
    for s in SEGMENTS:
        x = s[-1]
        cards += [
            ("NEVENTS" + x, events.get(s, -1), "Number of events in raw data file"),
            ("DEVENT" + x, events.get(s, 0) / planned.exptime, "digital event counter (counts/s)"),
            ("HVLEVEL" + x, high_voltage(s, planned.expstart), "commanded HV level (counts)"),
            *_result_cards(x),
        ]
    cards += subarray_cards(COLUMNS, ROWS, 4 * SEGMENTS.index(segment))
    cards += orientation_cards(COLUMNS, ROWS) if timetag else []
    return header_of(cards)


def _result_cards(x: str) -> list[Card]:
    """Keywords of segment `x` that calibration fills in, with the values of archive files before it."""
    cards: list[Card] = [
        (f"STIM{x}{kind}{side}", -999.0) for kind in ("_", "0", "S") for side in ("LX", "LY", "RX", "RY")
    ]
    cards += [("PHALOWR" + x, -1), ("PHAUPPR" + x, -1)]
    cards += [(name + x, 0) for name in ("NPHA_", "NBRST_", "NBADT_", "NOUT_", "NBADEVT")]
    cards += [("TBRST_" + x, 0.0), ("TBADT_" + x, 0.0), ("GLOBRT_" + x, -999.0)]
    cards += [("DEADRT_" + x, -999.0), ("DEADMT_" + x, ""), ("LIVETM_" + x, -999.0)]
    cards += [(name + x, 0.0) for name in ("SHIFT1", "SHIFT2", "DPIXEL1")]
    cards += [("CHI_SQ_" + x, -1.0), ("NDF_" + x, 0)]
    for name in ("SP_LOC_", "SP_ERR_", "SP_OFF_", "SP_SET_", "SP_NOM_", "SP_SLP_", "B_BKG1_", "B_BKG2_"):
        cards.append((name + x, -999.0))
    cards += [(name + x, -999) for name in ("SP_HGT_", "B_HGT1_", "B_HGT2_")]
    return cards

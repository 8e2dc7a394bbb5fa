"""The recipes: which steps run for which mode, in which order. The whole pipeline on one screen.

Each line names a step, the switch that controls it (None: it always runs), and the values of the switch at which it
runs. Order and conditions: specification 1, section 13.2; COS Data Handbook, section 3.2.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from recos.data.exposure import Exposure
from recos.references import References
from recos.steps import (
    active_area,
    algncorr,
    badtcorr,
    brstcorr,
    check_aperture,
    clear_flags,
    clear_wavecals,
    count_rate,
    csum,
    deadcorr,
    dgeocorr,
    doppcorr,
    dqicorr,
    exposure_time,
    find_stims,
    flatcorr,
    fluxcorr,
    geocorr,
    good_time,
    helcorr,
    heliocentric_velocity,
    high_voltage,
    hvdscorr,
    image_shifts,
    image_time,
    images,
    initial_positions,
    phacorr,
    photcorr,
    randcorr,
    search_wavecal,
    shift_range,
    spectrum_keywords,
    statflag,
    tdscorr,
    tempcorr,
    timeline,
    trcecorr,
    wavecorr,
    wavelengths,
    x1dcorr,
    xwlkcorr,
    ywlkcorr,
)
from recos.steps.start_headers import start_headers

Step = Callable[[Exposure, References], None]
Condition = Callable[[Exposure], bool]


def _always(_: Exposure) -> bool:
    return True


def _stims_needed(exposure: Exposure) -> bool:
    return exposure.performs("TEMPCORR") or exposure.performs("DEADCORR")


def _wavelengths_known(exposure: Exposure) -> bool:
    return (
        exposure.performs("WAVECORR")
        and exposure.mode.is_spectroscopic
        and "WAVE" not in exposure.mode.exptype
    )


def _extracted(exposure: Exposure) -> bool:
    return exposure.performs("X1DCORR")


def _spectrum(exposure: Exposure) -> bool:
    return exposure.mode.is_spectroscopic


def _image(exposure: Exposure) -> bool:
    return not exposure.mode.is_spectroscopic


def _summed(exposure: Exposure) -> bool:
    return exposure.csum_options is not None


def _science(exposure: Exposure) -> bool:
    return not exposure.mode.is_wavecal


def _wavecal(exposure: Exposure) -> bool:
    return exposure.mode.is_wavecal and _extracted(exposure)


def _fluxes(exposure: Exposure) -> bool:
    return exposure.performs("FLUXCORR") and _extracted(exposure)


class Stage(NamedTuple):
    """One line of a recipe."""

    step: Step
    switch: str | None = None
    values: tuple[str, ...] = ("PERFORM",)
    condition: Condition = _always
    without_events: bool = False
    """Runs also for an exposure without events."""

    @property
    def name(self) -> str:
        """Name of the step, as in ``calibrate(stop_after=name)``."""
        return self.step.__name__


_DONE_AGAIN = ("PERFORM", "COMPLETE")

#: Positions on the FUV detector; the same for TIME-TAG and ACCUM.
_FUV_POSITIONS: tuple[Stage, ...] = (
    Stage(start_headers, without_events=True),
    Stage(high_voltage, without_events=True),
    Stage(clear_flags),
    Stage(active_area),
    Stage(badtcorr, "BADTCORR"),
    Stage(randcorr, "RANDCORR"),
    Stage(find_stims, condition=_stims_needed),
    Stage(tempcorr, "TEMPCORR"),
    Stage(geocorr, "GEOCORR"),
    Stage(dgeocorr, "DGEOCORR"),
    Stage(active_area),
    Stage(xwlkcorr, "XWLKCORR"),
    Stage(ywlkcorr, "YWLKCORR"),
)

#: From the images to the spectrum; the same for all modes.
_SPECTRUM: tuple[Stage, ...] = (
    Stage(search_wavecal, condition=_wavecal, without_events=True),
    Stage(x1dcorr, "X1DCORR", without_events=True),
    Stage(fluxcorr, "FLUXCORR", condition=_fluxes),
    Stage(tdscorr, "TDSCORR", condition=_fluxes),
    Stage(helcorr, "HELCORR", _DONE_AGAIN, condition=_extracted, without_events=True),
    Stage(spectrum_keywords, condition=_extracted, without_events=True),
)

#: FUV TIME-TAG, spectroscopic.
FUV_TIME_TAG: tuple[Stage, ...] = (
    *_FUV_POSITIONS,
    # rates, times, weights
    Stage(count_rate),
    Stage(initial_positions),
    Stage(heliocentric_velocity),
    Stage(deadcorr, "DEADCORR"),
    Stage(exposure_time),
    Stage(csum, condition=_summed, without_events=True),
    Stage(phacorr, "PHACORR"),
    Stage(doppcorr, "DOPPCORR", _DONE_AGAIN),
    Stage(check_aperture),
    Stage(clear_wavecals),
    Stage(flatcorr, "FLATCORR"),
    Stage(hvdscorr, "HVDSCORR"),
    # wavelengths
    Stage(wavecorr, "WAVECORR"),
    Stage(wavelengths, condition=_wavelengths_known),
    # what is bad, where the spectrum is
    Stage(brstcorr, "BRSTCORR"),
    Stage(good_time),
    Stage(shift_range),
    Stage(trcecorr, "TRCECORR"),
    Stage(algncorr, "ALGNCORR"),
    Stage(dqicorr, "DQICORR", _DONE_AGAIN),
    # images and tables
    Stage(images),
    Stage(statflag, "STATFLAG"),
    Stage(timeline, without_events=True),
    *_SPECTRUM,
)


#: NUV TIME-TAG, spectra (three stripes) and images.
NUV_TIME_TAG: tuple[Stage, ...] = (
    Stage(start_headers, without_events=True),
    Stage(clear_flags),
    Stage(active_area),
    Stage(photcorr, "PHOTCORR", condition=_image),
    Stage(badtcorr, "BADTCORR"),
    # rates, times, weights
    Stage(count_rate),
    Stage(initial_positions),
    Stage(heliocentric_velocity),
    Stage(deadcorr, "DEADCORR"),
    Stage(exposure_time),
    Stage(csum, condition=_summed, without_events=True),
    Stage(doppcorr, "DOPPCORR", _DONE_AGAIN, condition=_spectrum),
    Stage(check_aperture),
    Stage(clear_wavecals),
    Stage(flatcorr, "FLATCORR"),
    # wavelengths, or the position of the image
    Stage(wavecorr, "WAVECORR"),
    Stage(wavelengths, condition=_wavelengths_known),
    # what is bad
    Stage(good_time),
    Stage(shift_range),
    Stage(dqicorr, "DQICORR", _DONE_AGAIN),
    # images and tables
    Stage(images),
    Stage(statflag, "STATFLAG"),
    Stage(timeline, without_events=True),
    *_SPECTRUM,
)

#: FUV ACCUM: an image as events of one time; the orbital motion was followed on board.
FUV_ACCUM: tuple[Stage, ...] = (
    *_FUV_POSITIONS,
    # rates, times, weights
    Stage(count_rate),
    Stage(initial_positions),
    Stage(heliocentric_velocity),
    Stage(deadcorr, "DEADCORR"),
    Stage(image_time),
    Stage(csum, condition=_summed, without_events=True),
    Stage(phacorr, "PHACORR"),
    Stage(check_aperture),
    Stage(clear_wavecals),
    Stage(flatcorr, "FLATCORR"),
    Stage(hvdscorr, "HVDSCORR"),
    # wavelengths
    Stage(wavecorr, "WAVECORR"),
    Stage(wavelengths, condition=_wavelengths_known),
    # what is bad, where the spectrum is
    Stage(shift_range),
    Stage(trcecorr, "TRCECORR"),
    Stage(algncorr, "ALGNCORR"),
    Stage(dqicorr, "DQICORR", _DONE_AGAIN),
    # images and tables
    Stage(images),
    Stage(statflag, "STATFLAG"),
    Stage(timeline, without_events=True),
    Stage(image_shifts, condition=_science, without_events=True),
    *_SPECTRUM,
)

#: NUV ACCUM, spectra and images.
NUV_ACCUM: tuple[Stage, ...] = (
    Stage(start_headers, without_events=True),
    Stage(clear_flags),
    Stage(active_area),
    Stage(photcorr, "PHOTCORR", condition=_image),
    Stage(badtcorr, "BADTCORR"),
    # rates, times, weights
    Stage(count_rate),
    Stage(initial_positions),
    Stage(heliocentric_velocity),
    Stage(deadcorr, "DEADCORR"),
    Stage(image_time),
    Stage(csum, condition=_summed, without_events=True),
    Stage(check_aperture),
    Stage(clear_wavecals),
    Stage(flatcorr, "FLATCORR"),
    # wavelengths
    Stage(wavecorr, "WAVECORR"),
    Stage(wavelengths, condition=_wavelengths_known),
    # what is bad
    Stage(shift_range),
    Stage(dqicorr, "DQICORR", _DONE_AGAIN),
    # images and tables
    Stage(images),
    Stage(statflag, "STATFLAG"),
    Stage(timeline, without_events=True),
    Stage(image_shifts, condition=_science, without_events=True),
    *_SPECTRUM,
)

_RECIPES = {
    ("FUV", "TIME-TAG"): FUV_TIME_TAG,
    ("NUV", "TIME-TAG"): NUV_TIME_TAG,
    ("FUV", "ACCUM"): FUV_ACCUM,
    ("NUV", "ACCUM"): NUV_ACCUM,
}


def recipe_for(exposure: Exposure) -> tuple[Stage, ...]:
    """The recipe of the mode of an exposure."""
    mode = exposure.mode
    return _RECIPES[mode.detector, mode.obsmode]

"""The recipe: which steps run, in which order, for which mode. Specification 1, section 13.2; COS Data Handbook, 3.2.

The switch of a step, the values at which it runs and its other conditions stand on the step itself
(:mod:`recos.steps`).
"""

from __future__ import annotations

from recos.data.mode import Mode
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
    start_headers,
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
from recos.steps.step import Step

F, N = ("FUV",), ("NUV",)
TT, AC = ("TIME-TAG",), ("ACCUM",)

#: Steps in order, each with the detectors and the values of OBSMODE for which it is done.
RECIPE: tuple[tuple[Step, tuple[str, ...], tuple[str, ...]], ...] = (
    (start_headers,         F + N, TT + AC),
    (high_voltage,          F,     TT + AC),
    (clear_flags,           F + N, TT + AC),
    (active_area,           F + N, TT + AC),
    (photcorr,              N,     TT + AC),
    (badtcorr,              F + N, TT + AC),
    # positions on the detector
    (randcorr,              F,     TT + AC),
    (find_stims,            F,     TT + AC),
    (tempcorr,              F,     TT + AC),
    (geocorr,               F,     TT + AC),
    (dgeocorr,              F,     TT + AC),
    (active_area,           F,     TT + AC),
    (xwlkcorr,              F,     TT + AC),
    (ywlkcorr,              F,     TT + AC),
    # rates, times, weights
    (count_rate,            F + N, TT + AC),
    (initial_positions,     F + N, TT + AC),
    (heliocentric_velocity, F + N, TT + AC),
    (deadcorr,              F + N, TT + AC),
    (exposure_time,         F + N, TT),
    (image_time,            F + N, AC),
    (csum,                  F + N, TT + AC),
    (phacorr,               F,     TT + AC),
    (doppcorr,              F + N, TT),  # for ACCUM the motion was followed on board
    (check_aperture,        F + N, TT + AC),
    (clear_wavecals,        F + N, TT + AC),
    (flatcorr,              F + N, TT + AC),
    (hvdscorr,              F,     TT + AC),
    # wavelengths, or the position of the image
    (wavecorr,              F + N, TT + AC),
    (wavelengths,           F + N, TT + AC),
    # what is bad, where the spectrum is
    (brstcorr,              F,     TT),
    (good_time,             F + N, TT),
    (shift_range,           F + N, TT + AC),
    (trcecorr,              F,     TT + AC),
    (algncorr,              F,     TT + AC),
    (dqicorr,               F + N, TT + AC),
    # images and tables
    (images,                F + N, TT + AC),
    (statflag,              F + N, TT + AC),
    (timeline,              F + N, TT + AC),
    (image_shifts,          F + N, AC),
    # the spectrum
    (search_wavecal,        F + N, TT + AC),
    (x1dcorr,               F + N, TT + AC),
    (fluxcorr,              F + N, TT + AC),
    (tdscorr,               F + N, TT + AC),
    (helcorr,               F + N, TT + AC),
    (spectrum_keywords,     F + N, TT + AC),
)  # fmt: skip

LAST_OF_CSUM = check_aperture
"""The last step if nothing but the csum image is made."""


def recipe_for(mode: Mode) -> tuple[Step, ...]:
    """The steps of a mode, in order."""
    return tuple(
        step for step, detectors, modes in RECIPE if mode.detector in detectors and mode.obsmode in modes
    )

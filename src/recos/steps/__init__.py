"""The calibration steps: one module for each, named after its switch; each works on an exposure in memory.

>>> import recos
>>> recos.steps.tempcorr(exposure, refs)  # doctest: +SKIP

Each takes the same arguments and returns nothing:

exposure : Exposure
    From :func:`recos.read`; the step changes its events and headers in place.
refs : References
    Its reference files, from :meth:`recos.References.for_exposure`.

A step that needs the result of another raises :class:`recos.errors.UsageError`, which names that one.
The order in which they belong is the recipe, :mod:`recos.pipeline.recipes`.
"""

from recos.steps.active_area import active_area
from recos.steps.algncorr import algncorr
from recos.steps.badtcorr import badtcorr
from recos.steps.brstcorr import brstcorr
from recos.steps.check_aperture import check_aperture
from recos.steps.clear_flags import clear_flags, clear_wavecals
from recos.steps.count_rate import count_rate
from recos.steps.csum import csum
from recos.steps.deadcorr import deadcorr
from recos.steps.dgeocorr import dgeocorr
from recos.steps.doppcorr import doppcorr
from recos.steps.dqicorr import dqicorr
from recos.steps.exposure_time import exposure_time, good_time, image_time
from recos.steps.flatcorr import flatcorr
from recos.steps.fluxcorr import fluxcorr
from recos.steps.geocorr import geocorr
from recos.steps.helcorr import helcorr
from recos.steps.heliocentric import heliocentric_velocity
from recos.steps.high_voltage import high_voltage
from recos.steps.hvdscorr import hvdscorr
from recos.steps.image_shifts import image_shifts
from recos.steps.images import images
from recos.steps.initial_positions import initial_positions
from recos.steps.phacorr import phacorr
from recos.steps.photcorr import photcorr
from recos.steps.randcorr import randcorr
from recos.steps.shift_range import shift_range
from recos.steps.spectrum_keywords import spectrum_keywords
from recos.steps.statflag import statflag
from recos.steps.stims import find_stims
from recos.steps.tdscorr import tdscorr
from recos.steps.tempcorr import tempcorr
from recos.steps.timeline import timeline
from recos.steps.trcecorr import trcecorr
from recos.steps.wavecorr import wavecorr
from recos.steps.wavelengths import wavelengths
from recos.steps.x1dcorr import x1dcorr
from recos.steps.xwlkcorr import xwlkcorr
from recos.steps.ywlkcorr import ywlkcorr
from recos.wavecal.exposures import search_wavecal

__all__ = [
    "active_area",
    "algncorr",
    "badtcorr",
    "brstcorr",
    "check_aperture",
    "clear_flags",
    "clear_wavecals",
    "count_rate",
    "csum",
    "deadcorr",
    "dgeocorr",
    "doppcorr",
    "dqicorr",
    "exposure_time",
    "find_stims",
    "flatcorr",
    "fluxcorr",
    "geocorr",
    "good_time",
    "helcorr",
    "heliocentric_velocity",
    "high_voltage",
    "hvdscorr",
    "image_shifts",
    "image_time",
    "images",
    "initial_positions",
    "phacorr",
    "photcorr",
    "randcorr",
    "search_wavecal",
    "shift_range",
    "spectrum_keywords",
    "statflag",
    "tdscorr",
    "tempcorr",
    "timeline",
    "trcecorr",
    "wavecorr",
    "wavelengths",
    "x1dcorr",
    "xwlkcorr",
    "ywlkcorr",
]

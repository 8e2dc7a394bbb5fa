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

from recos.steps._active_area import active_area
from recos.steps._algncorr import algncorr
from recos.steps._badtcorr import badtcorr
from recos.steps._brstcorr import brstcorr
from recos.steps._check_aperture import check_aperture
from recos.steps._clear_flags import clear_flags, clear_wavecals
from recos.steps._count_rate import count_rate
from recos.steps._csum import csum
from recos.steps._deadcorr import deadcorr
from recos.steps._dgeocorr import dgeocorr
from recos.steps._doppcorr import doppcorr
from recos.steps._dqicorr import dqicorr
from recos.steps._exposure_time import exposure_time, good_time, image_time
from recos.steps._flatcorr import flatcorr
from recos.steps._fluxcorr import fluxcorr
from recos.steps._geocorr import geocorr
from recos.steps._helcorr import helcorr
from recos.steps._high_voltage import high_voltage
from recos.steps._hvdscorr import hvdscorr
from recos.steps._image_shifts import image_shifts
from recos.steps._images import images
from recos.steps._initial_positions import initial_positions
from recos.steps._phacorr import phacorr
from recos.steps._photcorr import photcorr
from recos.steps._randcorr import randcorr
from recos.steps._search_wavecal import search_wavecal
from recos.steps._shift_range import shift_range
from recos.steps._spectrum_keywords import spectrum_keywords
from recos.steps._start_headers import start_headers
from recos.steps._statflag import statflag
from recos.steps._tdscorr import tdscorr
from recos.steps._tempcorr import tempcorr
from recos.steps._timeline import timeline
from recos.steps._trcecorr import trcecorr
from recos.steps._wavecorr import wavecorr
from recos.steps._wavelengths import wavelengths
from recos.steps._x1dcorr import x1dcorr
from recos.steps._xwlkcorr import xwlkcorr
from recos.steps._ywlkcorr import ywlkcorr
from recos.steps.heliocentric import heliocentric_velocity
from recos.steps.stims import find_stims

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
    "start_headers",
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

"""recos: recalibrate data of the Cosmic Origins Spectrograph (HST/COS), from raw events to spectra.

>>> import recos
>>> exposure = recos.read("ldfd01vnq_rawtag_a.fits")             # doctest: +SKIP
>>> refs = recos.References.for_exposure(exposure)               # doctest: +SKIP
>>> recos.steps.tempcorr(exposure, refs)                         # doctest: +SKIP
>>> recos.calibrate(exposure, refs, stop_after="doppcorr")       # doctest: +SKIP
>>> recos.run("ldfd01010_asn.fits", outdir="new")                # doctest: +SKIP
>>> recos.split("ldfd01vnq_corrtag_a.fits", "part", increment=100.0)   # doctest: +SKIP

The names below are imported when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from recos._version import __version__

if TYPE_CHECKING:
    from recos import asn, headers, steps
    from recos.api import RunResult, run
    from recos.association import Association
    from recos.comparison import compare
    from recos.errors import RecosError
    from recos.events import EventList
    from recos.exposure import Exposure
    from recos.lightcurve import light_curve
    from recos.pipeline.again import extract_again
    from recos.pipeline.exposure import calibrate
    from recos.products.csum import CsumOptions
    from recos.reading import read
    from recos.reference_tools import reference_table
    from recos.references import ReferenceCache, References
    from recos.slicing import split
    from recos.tailoring import Tailoring

_HOMES = {
    "Association": "recos.association",
    "CsumOptions": "recos.products.csum",
    "EventList": "recos.events",
    "Exposure": "recos.exposure",
    "RecosError": "recos.errors",
    "ReferenceCache": "recos.references",
    "References": "recos.references",
    "RunResult": "recos.api",
    "Tailoring": "recos.tailoring",
    "calibrate": "recos.pipeline.exposure",
    "compare": "recos.comparison",
    "extract_again": "recos.pipeline.again",
    "light_curve": "recos.lightcurve",
    "read": "recos.reading",
    "reference_table": "recos.reference_tools",
    "run": "recos.api",
    "split": "recos.slicing",
}

__all__ = [
    "Association",
    "CsumOptions",
    "EventList",
    "Exposure",
    "RecosError",
    "ReferenceCache",
    "References",
    "RunResult",
    "Tailoring",
    "__version__",
    "asn",
    "calibrate",
    "compare",
    "extract_again",
    "headers",
    "light_curve",
    "read",
    "reference_table",
    "run",
    "split",
    "steps",
]


def __getattr__(name: str) -> Any:
    if name in ("asn", "headers", "steps"):
        return import_module(f"recos.{name}")
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'recos' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)

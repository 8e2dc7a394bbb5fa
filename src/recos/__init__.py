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
    from recos import association as asn
    from recos import steps
    from recos.association.model import Association
    from recos.association.read import read_association
    from recos.comparison import compare
    from recos.data.context import Context
    from recos.data.events import EventList
    from recos.data.exposure import Exposure
    from recos.errors import RecosError
    from recos.io.read import read
    from recos.lightcurve import light_curve
    from recos.options import headers
    from recos.options.csum import CsumOptions
    from recos.options.regions import Tailoring
    from recos.pipeline.again import extract_again
    from recos.pipeline.exposure import calibrate
    from recos.pipeline.run import RunResult, run
    from recos.reference_tools import reference_table
    from recos.references import ReferenceCache, References
    from recos.slicing import split

_MODULES = {"asn": "recos.association", "headers": "recos.options.headers", "steps": "recos.steps"}
_HOMES = {
    "Association": "recos.association.model",
    "Context": "recos.data.context",
    "CsumOptions": "recos.options.csum",
    "EventList": "recos.data.events",
    "Exposure": "recos.data.exposure",
    "RecosError": "recos.errors",
    "ReferenceCache": "recos.references",
    "References": "recos.references",
    "RunResult": "recos.pipeline.run",
    "Tailoring": "recos.options.regions",
    "calibrate": "recos.pipeline.exposure",
    "compare": "recos.comparison",
    "extract_again": "recos.pipeline.again",
    "light_curve": "recos.lightcurve",
    "read": "recos.io.read",
    "read_association": "recos.association.read",
    "reference_table": "recos.reference_tools",
    "run": "recos.pipeline.run",
    "split": "recos.slicing",
}

__all__ = [
    "Association",
    "Context",
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
    "read_association",
    "reference_table",
    "run",
    "split",
    "steps",
]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(_MODULES[name])
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'recos' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)

"""Spectra of calibrated exposures extracted again, in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import replace
from typing import Any

from recos.data.context import Context, Workspace
from recos.data.exposure import Exposure
from recos.data.headers import copy_header
from recos.errors import UsageError
from recos.extract import Spectrum
from recos.extract.concat import concatenate
from recos.extract.region_tables import tailor_exposure
from recos.messages import Transcript, messages_to
from recos.options.regions import Tailoring
from recos.pipeline.exposure import calibrate
from recos.references import References


def extract_again(
    exposures: Exposure | Sequence[Exposure],
    refs: References | Sequence[References],
    tailor: Tailoring | Mapping[str, Any] | None = None,
    context: Context | None = None,
) -> Spectrum:
    """Extract the spectrum of one exposure from its images, with other regions; nothing is read or written.

    Parameters
    ----------
    exposures : Exposure or sequence of Exposure
        Calibrated up to their images, e.g. ``recos.calibrate(exposure, refs, stop_after="images")``: an NUV exposure,
        an FUV segment, or both. They are not changed.
    refs : References or sequence of References
        For each exposure.
    tailor : Tailoring or dict, optional
        Other regions than tabulated.
    context : Context, optional
        As for :func:`recos.calibrate`; `tailor` takes the place of its regions.

    Returns
    -------
    Spectrum
        Calibrated in flux as the switches say; of both segments if there are two.

    Raises
    ------
    UsageError
        If a value is impossible, or an exposure has no images.
    RecosError
        What keeps a spectrum from being extracted.

    Examples
    --------
    >>> fractions = [(f, 1 - f) for f in (0.005, 0.05, 0.1)]
    >>> spectra = [extract_again(exposure, refs, {"enclosed_energy": pair}) for pair in fractions]  # doctest: +SKIP
    """
    exposures = [exposures] if isinstance(exposures, Exposure) else list(exposures)
    refs = [refs] if isinstance(refs, References) else list(refs)
    if len(refs) != len(exposures) or len(exposures) not in (1, 2):
        raise UsageError(
            f"{len(exposures)} exposures and {len(refs)} references; expected one of each, or two for both segments."
        )
    tailoring = Tailoring.parse(tailor)
    context = replace(context or Context(), tailoring=tailoring, workspace=Workspace())
    spectra, used = [], []
    for exposure, references in zip(exposures, refs, strict=True):
        tailored, spectrum = _spectrum(exposure, references, context)
        used.append(tailored)
        spectra.append(spectrum)
    return spectra[0] if len(spectra) == 1 else concatenate(spectra[0], spectra[1], used[0])


def _spectrum(exposure: Exposure, refs: References, context: Context) -> tuple[References, Spectrum]:
    if len(exposure.events):
        exposure.require("images")
    again = copy(exposure)
    again.header, again.primary = copy_header(exposure.header), copy_header(exposure.primary)
    again.switches = exposure.switches | {"X1DCORR": "PERFORM"}
    again.completed = []
    again.spectrum = None
    if context.tailoring is not None:
        context.tailoring.check_number(exposure.mode.is_fuv)
        refs = tailor_exposure(again, refs, context.tailoring)
    with messages_to(Transcript()):
        calibrate(again, refs, start_at="x1dcorr", context=context)
    return refs, again.require("spectrum")

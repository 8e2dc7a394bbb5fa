"""Where the lamp spectrum of a wavecal exposure is. Specification 4, section 9.1."""

from __future__ import annotations

from collections.abc import Iterator

from recos.data.exposure import Exposure
from recos.io.read import ExposureHeaders
from recos.references import References
from recos.references.need import Need
from recos.steps.step import Settings, step
from recos.wavecal.exposures import find_wavecal


def _wavecal(settings: Settings) -> bool:
    return settings.mode.is_wavecal and settings.performs("X1DCORR")


def _needs(headers: ExposureHeaders, refs: References) -> Iterator[Need]:
    mode = headers.mode
    if not _wavecal(headers):
        return
    fpoffset = {"fpoffset": mode.fpoffset}
    yield Need("WCPTAB", "the search for the lamp spectrum", {"opt_elem": mode.opt_elem})
    for spectrum in mode.spectra:
        wca = mode.row_filter("WCA", spectrum)
        lamp = {key: value for key, value in wca.items() if key != "aperture"}
        yield Need("XTRACTAB", "the search for the lamp spectrum", wca)
        yield Need("LAMPTAB", "the wavecal shifts", lamp, fpoffset)
        yield Need("DISPTAB", "the wavelengths", wca, fpoffset)


@step(when=_wavecal, without_events=True, files=("WCPTAB", "XTRACTAB", "LAMPTAB", "DISPTAB"), needs=_needs)
def search_wavecal(exposure: Exposure, refs: References) -> None:
    """Find the lamp spectra of a wavecal across the dispersion: keywords SHIFT2A, …, and LAMPUSED.

    Raises
    ------
    MissingRowError
        If WCPTAB or XTRACTAB does not cover the mode.
    """
    find_wavecal(exposure, refs)

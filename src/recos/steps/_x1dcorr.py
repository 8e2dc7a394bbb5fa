"""X1DCORR with BACKCORR: extract the spectrum. Specification 5, section 5.2; Data Handbook, 3.4.17."""

from __future__ import annotations

from collections.abc import Iterator

from recos.data.context import Context
from recos.data.exposure import Exposure
from recos.extract import copied_keywords, extract_exposure
from recos.io.read import ExposureHeaders
from recos.references import References
from recos.references.need import Need
from recos.steps._flatcorr import flat_needs
from recos.steps.step import DONE_AGAIN, step


def _needs(headers: ExposureHeaders, refs: References) -> Iterator[Need]:
    mode = headers.mode
    if headers.performs("FLATCORR", *DONE_AGAIN):
        yield from flat_needs(headers, refs)
    if not mode.is_spectroscopic:
        return
    for spectrum in mode.spectra:
        row = mode.row_filter(segment=spectrum)
        yield Need("XTRACTAB", "X1DCORR", row if mode.xtrctalg == "BOXCAR" else None)
        yield Need("DISPTAB", "X1DCORR", row, {"fpoffset": mode.fpoffset})
        if mode.xtrctalg == "TWOZONE":
            yield Need("TWOZXTAB", "X1DCORR", row)
            yield Need("PROFTAB", "X1DCORR", row)
        if "SPWCSTAB" in refs:
            pointed = mode.aperture in ("PSA", "BOA")
            yield Need("SPWCSTAB", "X1DCORR", row if pointed else mode.row_filter("PSA", spectrum))


@step(
    "X1DCORR",
    after=("images",),
    without_events=True,
    of_spectrum=True,
    files=("XTRACTAB", "TWOZXTAB", "PROFTAB", "DISPTAB", "SPWCSTAB", "FLATFILE"),
    needs=_needs,
)
def x1dcorr(exposure: Exposure, refs: References, context: Context) -> str | None:
    """Extract the spectrum of one segment from its images.

    Sets ``exposure.spectrum``, and in ``exposure.header`` the keywords of the location of the spectrum. The
    counts and flt images show more of them, see :func:`recos.extract.copied_keywords`. BACKCORR is a
    parameter of the extraction. X1DCORR and BACKCORR become COMPLETE in the spectrum only.

    Raises
    ------
    MissingRowError, ReferenceFileError, InputError
        See :func:`recos.extract.extract_exposure`.
    """
    if len(exposure.events):
        exposure.require("images")
    exposure.announce("BACKCORR")
    exposure.spectrum = spectrum = extract_exposure(exposure, refs, context)
    if not spectrum.n_rows:
        return exposure.switches["X1DCORR"]
    if exposure.performs("BACKCORR"):
        spectrum.mark("BACKCORR")
    found = copied_keywords(spectrum).events
    if (
        "twozone-location" in exposure.corrections
        and exposure.header.get("SP_LOC_" + exposure.mode.letter, -1) >= 0
    ):
        # SP_LOC of the events says where they were aligned, which another extraction starts from
        found = {name: value for name, value in found.items() if not name.startswith(("SP_LOC", "SP_ERR"))}
    for keyword, value in found.items():
        exposure.header[keyword] = value
    return None

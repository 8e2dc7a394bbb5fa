"""What the calibration of an exposure reads from reference files: files, extensions and rows.

The table of specification 1, section 7.5, with the rows that each step selects. A
row without which a step still works is not listed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from recos.io.read import ExposureHeaders
from recos.references.collection import References

_DONE_AGAIN = ("PERFORM", "COMPLETE")
"""Values of switches whose files are also read for data that were calibrated before."""


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that is read from a reference file.

    Attributes
    ----------
    keyword : str
        Header keyword of the file.
    purpose : str
        The switch or step that reads it.
    row : dict or None
        Criteria that a row of the table must satisfy; None if no particular row is needed.
    optional : dict
        Further criteria, for columns that the table may lack.
    columns : tuple of str
        What is read besides the columns that every use of the file reads (``Kind.columns``).
    extensions : tuple
        Image or table extensions that must exist, each (EXTNAME, EXTVER).
    segment_header : str
        Some extension must have this value of the keyword SEGMENT.
    life_adj : int or None
        Value that the primary keyword LIFE_ADJ must have.
    if_lamp_has_lines : bool
        The row is needed only if the lamp shows lines in this mode and segment (LAMPTAB tells).
    """

    keyword: str
    purpose: str
    row: dict[str, Any] | None = None
    optional: dict[str, Any] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    extensions: tuple[tuple[str, int], ...] = ()
    segment_header: str = ""
    life_adj: int | None = None
    if_lamp_has_lines: bool = False


def needs_of(headers: ExposureHeaders, refs: References, only_csum: bool = False) -> list[Need]:
    """Everything that the calibration of one exposure will read.

    Parameters
    ----------
    headers : ExposureHeaders
        Switches that do not apply to the mode are reset already.
    refs : References
        Its reference files; only names are looked at.
    only_csum : bool
        Nothing but the csum image is made.
    """
    if headers.mode.kind == "ACQ_IMAGE":
        return list(_acquisition_steps(headers))
    needs = [*_event_steps(headers, refs), *_position_steps(headers, refs)]
    if only_csum:
        return needs
    needs += [*_wavelength_steps(headers), *_quality_steps(headers, refs), *_spectrum_steps(headers, refs)]
    return needs


def _performs(headers: ExposureHeaders, switch: str, values: tuple[str, ...] = ("PERFORM",)) -> bool:
    return headers.switches[switch] in values


def _acquisition_steps(headers: ExposureHeaders) -> Iterator[Need]:
    for switch, keyword in (("DQICORR", "BPIXTAB"), ("FLATCORR", "FLATFILE")):
        if _performs(headers, switch):
            yield Need(keyword, switch)
    if _performs(headers, "DEADCORR"):
        yield Need("DEADTAB", "DEADCORR", {"segment": headers.mode.segment})


def _event_steps(headers: ExposureHeaders, refs: References) -> Iterator[Need]:
    mode = headers.mode
    segment = {"segment": mode.segment}
    if mode.is_fuv:
        yield Need("BRFTAB", "the active area", segment)
        if "HVTAB" in refs:
            yield Need("HVTAB", "the high voltage", extensions=(("FUVA", 1), ("FUVB", 1)))
    if _performs(headers, "BADTCORR"):
        yield Need("BADTTAB", "BADTCORR")
    for switch, keyword in (("XWLKCORR", "XWLKFILE"), ("YWLKCORR", "YWLKFILE")):
        if _performs(headers, switch):
            yield Need(keyword, switch, segment_header=mode.segment)
    if _performs(headers, "DEADCORR"):
        yield Need("DEADTAB", "DEADCORR", segment)
    if _performs(headers, "PHACORR"):
        if "PHAFILE" in refs and mode.obsmode == "TIME-TAG":
            yield Need("PHAFILE", "PHACORR", extensions=((mode.segment, 1), (mode.segment, 2)))
        else:
            peaks = ("MIN_PEAK", "MAX_PEAK") if mode.obsmode == "ACCUM" else ()
            yield Need("PHATAB", "PHACORR", segment, {"opt_elem": mode.opt_elem}, peaks)
    if _performs(headers, "HVDSCORR"):
        yield Need("HVDSTAB", "HVDSCORR", segment | {"cenwave": mode.cenwave})
    if _performs(headers, "BRSTCORR"):  # without a row the step warns and finds no burst
        yield Need("BRSTTAB", "BRSTCORR")


def _position_steps(headers: ExposureHeaders, refs: References) -> Iterator[Need]:
    mode = headers.mode
    segment = mode.segment
    quality = _performs(headers, "DQICORR", _DONE_AGAIN)
    for switch, keyword in (("GEOCORR", "GEOFILE"), ("DGEOCORR", "DGEOFILE")):
        if _performs(headers, switch) or (quality and _performs(headers, switch, _DONE_AGAIN)):
            yield Need(keyword, switch, extensions=((segment, 1), (segment, 2)))
    if _performs(headers, "FLATCORR") or (
        _performs(headers, "X1DCORR") and _performs(headers, "FLATCORR", _DONE_AGAIN)
    ):
        yield Need("FLATFILE", "FLATCORR", extensions=((segment, 1),) if mode.is_fuv else ())
    if _performs(headers, "DOPPCORR", _DONE_AGAIN):
        home = "BOA" if mode.aperture == "BOA" and mode.is_fuv else "PSA"
        aperture = "PSA" if mode.aperture == "N/A" else mode.aperture
        for spectrum in mode.spectra:
            yield Need("XTRACTAB", "DOPPCORR", mode.row_filter(home, spectrum))
            yield Need("XTRACTAB", "DOPPCORR", mode.row_filter("WCA", spectrum))
            if mode.obsmode == "TIME-TAG":
                row = mode.row_filter(aperture, spectrum)
                yield Need("DISPTAB", "DOPPCORR", row, {"fpoffset": mode.fpoffset})
    if _performs(headers, "TRCECORR") or (quality and _performs(headers, "TRCECORR", _DONE_AGAIN)):
        yield Need("TRACETAB", "TRCECORR", mode.row_filter(), life_adj=mode.life_adj)
    if _performs(headers, "TRCECORR") or _performs(headers, "ALGNCORR"):
        yield Need("XTRACTAB", "TRCECORR and ALGNCORR", mode.row_filter("WCA"))
    if _performs(headers, "ALGNCORR"):
        yield Need("PROFTAB", "ALGNCORR", mode.row_filter())
        yield Need(_extraction_table(headers), "ALGNCORR", mode.row_filter())
        yield Need("DISPTAB", "ALGNCORR", mode.row_filter(), {"fpoffset": 0})


def _extraction_table(headers: ExposureHeaders) -> str:
    return "XTRACTAB" if headers.mode.xtrctalg == "BOXCAR" else "TWOZXTAB"


def _wavelength_steps(headers: ExposureHeaders) -> Iterator[Need]:
    mode = headers.mode
    fpoffset = {"fpoffset": mode.fpoffset}
    grating = {"opt_elem": mode.opt_elem}
    if not mode.is_spectroscopic and mode.has_flashes:
        return
    if mode.is_wavecal:
        if _performs(headers, "X1DCORR"):
            yield Need("WCPTAB", "the search for the lamp spectrum", grating)
            for spectrum in mode.spectra:
                wca = mode.row_filter("WCA", spectrum)
                lamp = {key: value for key, value in wca.items() if key != "aperture"}
                yield Need("XTRACTAB", "the search for the lamp spectrum", wca)
                yield Need("LAMPTAB", "the wavecal shifts", lamp, fpoffset)
                yield Need("DISPTAB", "the wavelengths", wca, fpoffset)
    elif _performs(headers, "WAVECORR"):
        flashes = mode.has_flashes  # without them, a missing template means a shift of zero
        yield Need("WCPTAB", "WAVECORR", grating)
        for spectrum in mode.spectra:
            wca = mode.row_filter("WCA", spectrum)
            lamp = {key: value for key, value in wca.items() if key != "aperture"}
            yield Need("LAMPTAB", "WAVECORR", lamp if flashes else None, fpoffset, if_lamp_has_lines=True)
            yield Need("XTRACTAB", "WAVECORR", mode.row_filter("PSA", spectrum))
            yield Need("XTRACTAB", "WAVECORR", wca)
            row = wca if flashes else None
            yield Need("DISPTAB", "WAVECORR", row, fpoffset, if_lamp_has_lines=True)


def _quality_steps(headers: ExposureHeaders, refs: References) -> Iterator[Need]:
    mode = headers.mode
    if _performs(headers, "DQICORR", _DONE_AGAIN):
        yield Need("BPIXTAB", "DQICORR")
        for keyword in ("GSAGTAB", "SPOTTAB"):
            if keyword in refs and mode.is_fuv:
                yield Need(keyword, "DQICORR")
        if mode.obsmode == "TIME-TAG" and _performs(headers, "DOPPCORR", _DONE_AGAIN):
            row = mode.row_filter(segment=mode.timeline_spectrum)
            yield Need("DISPTAB", "DQICORR", row, {"fpoffset": mode.fpoffset})
    if _performs(headers, "STATFLAG") and mode.is_spectroscopic:
        yield Need("XTRACTAB", "STATFLAG")


def _spectrum_steps(headers: ExposureHeaders, refs: References) -> Iterator[Need]:
    mode = headers.mode
    fpoffset = {"fpoffset": mode.fpoffset}
    pointed = mode.aperture in ("PSA", "BOA")
    if not mode.is_spectroscopic:
        return
    if mode.xtrctalg == "TWOZONE":
        yield Need("TWOZXTAB", "XTRCTALG = TWOZONE")
    for spectrum in mode.spectra:
        row = mode.row_filter(segment=spectrum)
        if "SPWCSTAB" in refs and pointed and not mode.is_wavecal:
            yield Need("SPWCSTAB", "the world coordinates", row)
            yield Need("XTRACTAB", "the world coordinates", row)
        if not _performs(headers, "X1DCORR"):
            continue
        yield Need("XTRACTAB", "X1DCORR", row if mode.xtrctalg == "BOXCAR" else None)
        yield Need("DISPTAB", "X1DCORR", row, fpoffset)
        if mode.xtrctalg == "TWOZONE":
            yield Need("TWOZXTAB", "X1DCORR", row)
            yield Need("PROFTAB", "X1DCORR", row)
        if "SPWCSTAB" in refs:
            yield Need("SPWCSTAB", "X1DCORR", row if pointed else mode.row_filter("PSA", spectrum))
        if _performs(headers, "FLUXCORR"):
            yield Need("FLUXTAB", "FLUXCORR", row, fpoffset)
            if _performs(headers, "TDSCORR"):
                yield Need("TDSTAB", "TDSCORR", row)

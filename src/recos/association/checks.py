"""Checks of an association: do its exposures fit together, and is the way free for their products.

Everything here runs before anything is written. Specification 1, section 9.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from astropy.io.fits.hdu.image import BITPIX2DTYPE

from recos.data.accum import check_image
from recos.data.instrument import APERTURES, MIRRORS
from recos.data.switches import SWITCHES
from recos.errors import AssociationError, BadApertureError, InputError
from recos.io.paths import same_directory
from recos.io.read import ExposureHeaders, read_pulse_heights
from recos.messages import get_logger, notice, subject, warn

if TYPE_CHECKING:
    from recos.association.model import Association, Member

logger = get_logger(__name__)

#: Kinds of exposures that are passed over silently: nobody calibrates them.
NEVER_CALIBRATED = ("TARGET_ACQ", "ENGINEERING", "UNKNOWN")
_ALGORITHMS = ("BOXCAR", "TWOZONE")
_NO_SWITCHES_OF_WAVECALS = ("WAVECORR", "DOPPCORR", "HELCORR", "FLUXCORR", "TDSCORR")


def check_association(association: Association) -> None:
    """Check that the members of an association fit together and are of a kind that can be calibrated.

    Raises
    ------
    AssociationError
        If members contradict the table or each other.
    InputError
        If an exposure is of a mode that is not supported, or its keywords forbid calibration.
    BadApertureError
        If APERTURE is no aperture.
    """
    files = [headers for headers, _ in association]
    calibrated = [headers for headers in files if headers.mode.kind not in NEVER_CALIBRATED]
    for member in association.members:
        _check_role(association, member)
        _check_pair(member)
    _check_walk_keywords(files)
    # images of the target acquisition are taken with a mirror, whatever follows
    _check_configuration([headers for headers in calibrated if headers.mode.kind != "ACQ_IMAGE"])
    _check_distortion_switches(files)
    _check_supported(calibrated)
    _check_images(calibrated)
    _check_apertures(calibrated)
    _check_mirrors(calibrated)
    _check_algorithms(calibrated)
    _check_distinct_names(association)


def _listed(files: Iterable[ExposureHeaders]) -> str:
    return ", ".join(str(headers.path) for headers in files)


def _check_role(association: Association, member: Member) -> None:
    if not association.is_table:
        return
    for headers in member.files:
        exptype = headers.mode.exptype
        if member.memtype.endswith("WAVE") != (exptype == "WAVECAL"):
            raise AssociationError(
                f"{association.path}: MEMTYPE = {member.memtype} but EXPTYPE = {exptype} for {headers.path}. "
                "A wavecal needs a MEMTYPE ending in WAVE (EXP-AWAVE, EXP-GWAVE, …), science EXP-FP."
            )


def _check_pair(member: Member) -> None:
    segments = [headers.mode.segment for headers in member.files]
    if len(segments) == 2 and member.files[0].mode.is_fuv and segments != ["FUVA", "FUVB"]:
        raise AssociationError(
            f"{_listed(member.files)}: SEGMENT = {', '.join(segments)}; the files of a pair must be those of "
            "segments FUVA (…_a.fits) and FUVB (…_b.fits). Retrieve them again."
        )


def check_corrtag_directory(association: Association) -> None:
    """Check that no corrtag file would be written over itself.

    Raises
    ------
    InputError
        If a corrtag file of the input is in the output directory.
    """
    for headers, _ in association:
        if "_corrtag" in headers.path.name and same_directory(headers.path.parent, association.outdir):
            raise InputError(
                f"{headers.path}: for corrtag input, the input and output directories must not be the same. "
                "Give another output directory (`outdir`)."
            )


def _check_walk_keywords(files: list[ExposureHeaders]) -> None:
    found = [f"{h.path}: {key}" for h in files for key in ("WALKCORR", "WALKTAB") if key in h.primary]
    if found:
        raise InputError(
            f"Input file(s) contain keywords WALKCORR and/or WALKTAB ({'; '.join(found)}). Either "
            "retrieve the data again or replace them with XWLKCORR and YWLKCORR, XWLKFILE and YWLKFILE."
        )


def _check_configuration(files: list[ExposureHeaders]) -> None:
    for headers in files[1:]:
        first, mode = files[0].mode, headers.mode
        keys = ("DETECTOR", "OPT_ELEM", "CENWAVE") if mode.is_spectroscopic else ("DETECTOR", "OPT_ELEM")
        if (mode.detector, mode.opt_elem, mode.cenwave) != (first.detector, first.opt_elem, first.cenwave):
            found = ", ".join(f"{key} = {getattr(mode, key.lower())}" for key in keys)
            expected = ", ".join(str(getattr(first, key.lower())) for key in keys)
            raise AssociationError(
                f"All files of an association must be alike in {', '.join(keys)}: {headers.path} has "
                f"{found}, but {files[0].path} has {expected}. Set MEMPRSNT of one of them to false, "
                "or split the association."
            )


def _check_distortion_switches(files: list[ExposureHeaders]) -> None:
    bad = [h for h in files if h.primary.get("DGEOCORR") == "PERFORM" and h.primary.get("GEOCORR") == "OMIT"]
    if bad:
        raise InputError(
            f"{_listed(bad)}: illegal combination of GEOCORR = 'OMIT' and DGEOCORR = 'PERFORM'. Set GEOCORR "
            "to 'PERFORM' if the geometric correction has not been applied, or 'COMPLETE' if it has."
        )


def _check_supported(files: list[ExposureHeaders]) -> None:
    for headers in files:
        mode = headers.mode
        if mode.is_fuv and not mode.is_spectroscopic:
            raise InputError(
                f"{headers.path}: OBSTYPE = {mode.obstype} is not supported for the FUV detector, which takes "
                "only spectra. Correct the keyword, or set MEMPRSNT of this member to false."
            )
        if not headers.columns and mode.obsmode == "TIME-TAG":
            raise InputError(
                f"{headers.path}: no EVENTS extension, although OBSMODE = TIME-TAG; the file is incomplete. "
                "Retrieve it again."
            )


def _check_images(files: list[ExposureHeaders]) -> None:
    """Size and type of ACCUM images, as their headers tell them."""
    for headers in files:
        header, mode = headers.header, headers.mode
        if mode.obsmode == "ACCUM" and not headers.columns and headers.n_events:
            shape = tuple(header[f"NAXIS{axis}"] for axis in range(header["NAXIS"], 0, -1))
            kinds = ("i", "u") if mode.kind == "ACQ_IMAGE" else ("i2", "f4")
            check_image(shape, np.dtype(BITPIX2DTYPE[header["BITPIX"]]), mode, str(headers.path), kinds)


def _check_apertures(files: list[ExposureHeaders]) -> None:
    bad = [
        h
        for h in files
        if h.mode.aperture not in APERTURES and not (h.mode.aperture == "N/A" and h.mode.targname == "DARK")
    ]
    if bad:
        names = "; ".join(f"{h.path}: APERTURE = {h.mode.aperture}" for h in bad)
        raise BadApertureError(f"{names} is not a valid aperture name; expected {', '.join(APERTURES)}.")


def _check_mirrors(files: list[ExposureHeaders]) -> None:
    for headers in files:
        mode = headers.mode
        if (
            not mode.is_spectroscopic
            and headers.switches["PHOTCORR"] == "PERFORM"
            and mode.opt_elem not in MIRRORS
        ):
            raise InputError(
                f"{headers.path}: OPT_ELEM = {mode.opt_elem!r}; images are taken with {' or '.join(MIRRORS)}, "
                "and of others no photometry is known. Correct the keyword, or set PHOTCORR to OMIT."
            )


def _check_algorithms(files: list[ExposureHeaders]) -> None:
    for headers in files:
        switches = headers.switches
        if (
            "PERFORM" in (switches["X1DCORR"], switches["ALGNCORR"])
            and headers.mode.xtrctalg not in _ALGORITHMS
        ):
            raise InputError(
                f"{headers.path}: XTRCTALG = {headers.mode.xtrctalg!r}; expected {' or '.join(_ALGORITHMS)}."
            )


def _check_distinct_names(association: Association) -> None:
    counts = Counter(names.corrtag for _, names in association)
    for headers, names in association:
        if counts[names.corrtag] > 1:
            raise AssociationError(
                f"{association.path}: {counts[names.corrtag]} members would write {names.corrtag}, "
                f"among them {headers.path}. The names of raw files must differ, whatever their directories."
            )


def check_pulse_heights(association: Association) -> None:
    """Check that FUV ACCUM exposures come with the histogram of pulse heights that PHACORR needs.

    Raises
    ------
    InputError
        If a file is missing, unreadable or holds no histogram.
    """
    for headers, names in association:
        mode = headers.mode
        if not (mode.is_fuv and mode.obsmode == "ACCUM" and headers.switches["PHACORR"] == "PERFORM"):
            continue
        if not names.pha.is_file():
            raise InputError(
                f"{names.pha}: no such file. PHACORR needs the histogram of pulse heights of {headers.path}. "
                "Retrieve it, or set PHACORR to OMIT."
            )
        read_pulse_heights(names.pha)


# ---------------------------------------------------------------------------------------------- differences


def warn_of_differences(association: Association, names_of: dict[Path, dict[str, str]]) -> None:
    """Warn of reference files and switches that differ between exposures. Specification 1, section 9.4.

    Parameters
    ----------
    association : Association
    names_of : dict
        Reference file names (keyword to name as in the header) by raw file.
    """
    first: dict[str, ExposureHeaders] = {}
    for headers, _ in association:
        if headers.mode.kind == "SCIENCE":
            first.setdefault(headers.mode.obsmode, headers)
    fallback = association.first_science
    first.setdefault(fallback.mode.obsmode, fallback)
    for headers, names in association:
        other = first.get(headers.mode.obsmode)
        if other is None or other is headers:
            continue
        with subject(names.root):
            _tell("reference file names", headers, _different_files(headers, other, names_of))
            _tell("calibration switches", headers, _different_switches(headers, other))


def _different_files(
    headers: ExposureHeaders, other: ExposureHeaders, names_of: dict[Path, dict[str, str]]
) -> list[tuple[str, str, str]]:
    mine, theirs = names_of[headers.path], names_of[other.path]
    ignored = ("SPWCSTAB",) if headers.mode.is_wavecal else ()
    return [
        (key, mine[key], theirs[key])
        for key in sorted(mine)
        if mine[key] != theirs[key] and key not in ignored
    ]


def _different_switches(headers: ExposureHeaders, other: ExposureHeaders) -> list[tuple[str, str, str]]:
    ignored = _NO_SWITCHES_OF_WAVECALS if headers.mode.is_wavecal else ()
    mine, theirs = headers.switches, other.switches
    return [
        (key, mine[key] or "(blank)", theirs[key] or "(blank)")
        for key in sorted(SWITCHES)
        if mine[key] != theirs[key] and key not in ignored
    ]


def _tell(what: str, headers: ExposureHeaders, differences: list[tuple[str, str, str]]) -> None:
    if differences:
        warn(logger, f"Inconsistent {what}:")
        for key, mine, theirs in differences:
            notice(logger, f"{headers.path}:  {key} = {mine} vs. {theirs}")

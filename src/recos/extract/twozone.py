"""TWOZONE extraction: sum the rows that hold given fractions of the light of a reference profile.

Specification 5, section 5.5.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from astropy.io import fits

from recos.data.instrument import DQ
from recos.errors import InputError, ReferenceFileError
from recos.extract.boxes import rate_errors
from recos.extract.inputs import Extraction, ExtractionInput
from recos.extract.profile import KnownZones, ZoneLimits, box_rows, check_limits, find_zones
from recos.extract.target_search import SEARCH_HEIGHT, accepted, peak, search
from recos.extract.zone_background import ZoneBackground
from recos.kernels.sums import bits_of_zones, sum_zones_of
from recos.messages import get_logger, warn

logger = get_logger(__name__)


def extract_twozone(data: ExtractionInput, profile_row: Mapping[str, Any], header: fits.Header) -> Extraction:
    """Extract one spectrum in two zones.

    Parameters
    ----------
    data : ExtractionInput
        With a row of TWOZXTAB; without the correction twozone-location, a location or a target search are ignored
        with a warning.
    profile_row : mapping
        Row of PROFTAB.
    header : astropy.io.fits.Header
        With SP_LOC, SP_ERR and SP_OFF of the segment, as ALGNCORR wrote them.

    Returns
    -------
    Extraction
        The columns of the table except FLUX, and the keywords of the location.

    Raises
    ------
    ReferenceFileError
        If the tables contradict themselves or each other.
    InputError
        If the header lacks SP_LOC or SP_OFF.
    """
    logger.info("Two-zone extraction method")
    if data.sdqflags & data.sdqouter != data.sdqouter:
        warn(logger, f"SDQOUTER ({data.sdqouter}) is not in SDQFLAGS ({data.sdqflags})")
    limits = check_limits(data.row)
    background = ZoneBackground.from_row(data.row, data.corrections)
    keywords = _keywords(data, background, header)
    displacement = 0.0
    if "twozone-location" in data.corrections:
        displacement = _displacement(data, profile_row, background, keywords)
    else:
        _warn_of_ignored_options(data)
    centre = keywords["SP_LOC"]
    zones = _zones(data, profile_row, background, limits, centre, displacement)

    n_rows = data.shape[0]
    if data.subtract_background:
        sky, n_good = background.measure(data.effective, data.quality, n_rows, centre, data.sdqflags)
        sky_counts, _ = background.measure(data.counts, data.quality, n_rows, centre, data.sdqflags)
    else:
        sky = sky_counts = np.zeros(data.shape[1], np.float32)
        n_good = np.ones(data.shape[1], np.int64)
    sums = sum_zones(data, zones, sky)
    sums["DQ_WGT"][n_good <= 0] = 0.0
    if "unlit-columns" in data.corrections:
        unlit = zones.enclosed_energy <= 0.0
        sums["DQ_WGT"][unlit] = 0.0
        sums["DQ"][unlit] |= np.int16(DQ.OUT_OF_BOUNDS)
    columns = _columns(data, zones, sums, sky)
    weight = _mean_weight(data, zones, sums, sky)
    columns |= _uncertainties(data, sums, weight, sky_counts, n_good, background.smoothing)
    return Extraction(columns, keywords)


def _warn_of_ignored_options(data: ExtractionInput) -> None:
    wanted = {
        "`find_target`": data.find_target is not None and data.find_target[0],
        "`location`": data.location is not None,
    }
    ignored = [name for name, given in wanted.items() if given and not data.is_wavecal]
    if ignored:
        warn(
            logger,
            f"{', '.join(ignored)} is ignored: XTRCTALG = TWOZONE extracts at SP_LOC, unless the correction "
            "twozone-location is switched on",
        )


def _displacement(
    data: ExtractionInput,
    profile_row: Mapping[str, Any],
    background: ZoneBackground,
    keywords: dict[str, Any],
) -> float:
    """Rows by which the spectrum is wanted or found above the centroid of its profile; the keywords then tell it."""
    aligned = keywords["SP_LOC"]
    if data.is_wavecal:
        return 0.0
    if data.location is not None:
        displacement: float = data.location - aligned
    else:
        if data.find_target is None or not data.find_target[0]:
            return 0.0
        target = search(data, 0.0, aligned)
        if not accepted(data, target):
            return 0.0
        displacement = target.position - _peak_of_profile(profile_row, data.shape[1], aligned)
        keywords["SP_ERR"] = target.sigma
    logger.info("Spectrum will be extracted at y = %.2f", aligned + displacement)
    sky_1, sky_2 = background.centres(aligned + displacement)
    keywords |= {"SP_LOC": aligned + displacement, "B_BKG1": float(sky_1), "B_BKG2": float(sky_2)}
    return displacement


def _peak_of_profile(profile_row: Mapping[str, Any], n_columns: int, centre: float) -> float:
    """Row in which the search finds the peak of the reference profile, which is not its centroid."""
    first = max(round(centre - profile_row["ROW_0"]) - SEARCH_HEIGHT // 2, 0)
    rows = profile_row["PROFILE"].reshape(-1, n_columns)[first : first + SEARCH_HEIGHT]
    row, _, _ = peak(rows.sum(axis=1, dtype=np.float32))
    return float(profile_row["ROW_0"] + first + row)


# ---------------------------------------------------------------------------------------------- zones


def _zones(
    data: ExtractionInput,
    profile_row: Mapping[str, Any],
    background: ZoneBackground,
    limits: tuple[Any, ...],
    centre: float,
    displacement: float = 0.0,
) -> ZoneLimits:
    """The zones by the profile; those of another slice if they must be the same."""
    profile, row_0 = profile_row["PROFILE"], profile_row["ROW_0"]
    if profile.size % data.shape[1]:
        raise ReferenceFileError(
            f"PROFTAB: PROFILE has {profile.size} values; expected rows of {data.shape[1]}. Use another PROFTAB."
        )
    profile = profile.reshape(-1, data.shape[1])
    if displacement:
        row_0 = row_0 + round(displacement)
        profile = _moved(profile, displacement - round(displacement))
    if row_0 < 0 or row_0 + len(profile) > data.shape[0]:
        raise ReferenceFileError(
            f"PROFTAB: a profile of {len(profile)} rows from ROW_0 = {row_0} "
            f"leaves the image of {data.shape[0]} rows."
        )
    quality = data.quality(slice(int(row_0), int(row_0) + len(profile)))
    settings = (centre, int(data.row["HEIGHT"]), limits, background, data.sdqflags)
    for known_settings, known_quality, zones in list(data.known_zones or ()):
        if known_settings == settings and np.array_equal(known_quality, quality):
            return zones
    centre_row = centre - row_0
    exact_height = "extraction-heights" in data.corrections
    rows = box_rows(centre_row, int(data.row["HEIGHT"]), len(profile), exact_height)
    selected = profile[rows]
    if data.subtract_background:
        logger.debug("Calculating background for reference profile")
        sky, _ = background.measure(
            profile.__getitem__, quality.__getitem__, len(profile), centre_row, data.sdqflags
        )
        # QUIRK (specification 5, section 5.5.1): a column without light is a negative constant now, which
        # becomes a flat profile when it is normalised.
        unlit = ~selected.any(axis=0) if "unlit-columns" in data.corrections else None
        selected = selected - sky
        if unlit is not None:
            selected[:, unlit] = 0.0
    percent = [100.0 * float(p) for p in limits]
    logger.info(
        "Using extraction percentiles of:\n%f and %f (outer region)\nand %f and %f (inner region)",
        percent[0],
        percent[3],
        percent[1],
        percent[2],
    )
    whole_light = "enclosed-energy" in data.corrections
    zones = find_zones(selected, limits, row_0 + rows.start, whole_light)
    if data.known_zones is not None:  # the same for all slices, unless their data quality differs
        data.known_zones[:] = [KnownZones(settings, quality.copy(), zones)]
    return zones


def _moved(profile: np.ndarray, rows: float) -> np.ndarray:
    """A profile moved up by at most one row, by cubic interpolation between four rows, which keeps its width."""
    below = int(np.floor(-rows))
    t = -rows - below
    weights = (
        -t * (t - 1.0) * (t - 2.0) / 6.0,
        (t + 1.0) * (t - 1.0) * (t - 2.0) / 2.0,
        -(t + 1.0) * t * (t - 2.0) / 2.0,
        (t + 1.0) * t * (t - 1.0) / 6.0,
    )
    row = np.arange(len(profile)) + below - 1
    moved = sum(w * profile[np.clip(row + k, 0, len(profile) - 1)] for k, w in enumerate(weights))
    return np.asarray(moved, profile.dtype)


def sum_zones(data: ExtractionInput, zones: ZoneLimits, sky: np.ndarray) -> dict[str, np.ndarray]:
    """Sums over the zones of each column. Specification 5, section 5.5.2.

    Parameters
    ----------
    data : ExtractionInput
    zones : ZoneLimits
    sky : ndarray of float32
        Background of the flat-fielded image per pixel.

    Returns
    -------
    dict of str to ndarray
        NET and GROSS (float32, count/s), DQ and DQ_OUTER (int16), DQ_WGT (float32), ROWS (float32, rows
        summed).
    """
    first, last = int(zones.lower_outer.min()), int(zones.upper_outer.max())
    rows = slice(first, last + 1)
    used = zones.upper_outer > zones.lower_outer
    limits = np.array([zones.lower_outer, zones.lower_inner, zones.upper_inner, zones.upper_outer]) - first

    energy = zones.enclosed_energy
    total = sum_zones_of(data.effective(rows) - sky, limits, used)
    net = np.where(energy == 0.0, 0.0, total / np.where(energy == 0.0, 1.0, energy))
    dq_inner, dq_edges = bits_of_zones(data.quality(rows), limits, used)
    bad = (dq_inner & data.sdqflags) | (dq_edges & data.sdqouter)
    unused = np.int16(DQ.OUT_OF_BOUNDS)
    return {
        "NET": np.where(used, net, 0.0).astype(np.float32),
        "GROSS": sum_zones_of(data.counts(rows), limits, used),
        "DQ": np.where(used, dq_inner | (dq_edges & data.sdqouter), unused).astype(np.int16),
        "DQ_OUTER": np.where(used, dq_inner | dq_edges, unused).astype(np.int16),
        "DQ_WGT": (used & (bad == 0)).astype(np.float32),
        "ROWS": np.where(used, zones.upper_outer - zones.lower_outer + 1.0, 1.0).astype(np.float32),
    }


# ---------------------------------------------------------------------------------------------- results


def _columns(
    data: ExtractionInput, zones: ZoneLimits, sums: dict[str, np.ndarray], sky: np.ndarray
) -> dict[str, Any]:
    return {
        "NET": sums["NET"],
        "GROSS": sums["GROSS"],
        "GCOUNTS": sums["GROSS"] * np.float32(data.exptime),
        "BACKGROUND": sky * sums["ROWS"],
        "BACKGROUND_PER_PIXEL": sky,
        "DQ": sums["DQ"],
        "DQ_WGT": sums["DQ_WGT"],
        "DQ_OUTER": sums["DQ_OUTER"],
        "ACTUAL_EE": zones.enclosed_energy,
        "NUM_EXTRACT_ROWS": zones.upper_outer - zones.lower_outer + 1.0,
        "Y_LOWER_OUTER": zones.lower_outer,
        "Y_UPPER_OUTER": zones.upper_outer,
        "Y_LOWER_INNER": zones.lower_inner,
        "Y_UPPER_INNER": zones.upper_inner,
    }


def _mean_weight(
    data: ExtractionInput, zones: ZoneLimits, sums: dict[str, np.ndarray], sky: np.ndarray
) -> np.ndarray:
    """What a count adds to NET in each column, float32."""
    net, gross = sums["NET"], sums["GROSS"]
    divisor = np.where(gross > 0.0, gross, np.float32(1.0))
    if "variances" in data.corrections:
        energy = np.where(zones.enclosed_energy > 0.0, zones.enclosed_energy, 1.0)
        effective = np.where(gross > 0.0, net * energy + sky * sums["ROWS"], 1.0)
        return (effective / divisor / energy).astype(np.float32)
    # QUIRK (specification 5, section 5.5.2): net over gross rate, taken for the correction by the flat field.
    weight = net / divisor
    weight[weight == 0.0] = 1.0
    return weight


def _uncertainties(
    data: ExtractionInput,
    sums: dict[str, np.ndarray],
    weight: np.ndarray,
    sky_counts: np.ndarray,
    n_good: np.ndarray,
    smoothing: int,
) -> dict[str, np.ndarray]:
    """Variances in counts and errors of the rates, in float32 as the reference computes them."""
    net, gross, rows = sums["NET"], sums["GROSS"], sums["ROWS"]
    t = np.float32(data.exptime)
    measured = n_good > 0
    flat = np.zeros_like(net)
    if data.flat_snr > 0.0:
        flat = (net * t / (rows * np.float32(data.flat_snr))) ** 2
    counts = weight**2 * t * gross
    sky = weight**2 * t * sky_counts * rows**2 / (np.maximum(n_good, 1) * smoothing)
    flat, counts, sky = (np.where(measured, v, 0.0).astype(np.float32) for v in (flat, counts, sky))
    lower, upper = rate_errors(flat + counts + sky, data.exptime)
    return {
        "VARIANCE_FLAT": flat,
        "VARIANCE_COUNTS": counts,
        "VARIANCE_BKG": sky,
        "ERROR": upper,
        "ERROR_LOWER": lower,
    }


def _keywords(data: ExtractionInput, background: ZoneBackground, header: fits.Header) -> dict[str, Any]:
    letter = data.segment[-1]
    for name in ("SP_LOC_", "SP_OFF_"):
        if name + letter not in header:
            raise InputError(
                f"The header has no keyword {name}{letter}, which TWOZONE needs. Set XTRCTALG to BOXCAR, "
                "or start from a raw file so that ALGNCORR can measure it."
            )
    error = header.get("SP_ERR_" + letter)
    if error is None:
        warn(logger, "CENT_ERR keyword not found, setting to -999.0")
        error = -999.0
    centre = header["SP_LOC_" + letter]
    if centre < 0:
        warn(
            logger,
            f"Starting centroid from SP_LOC keyword = {centre:f}",
            "Using b_spec from xtractab/twozxtab as centroid",
        )
        centre = data.row["B_SPEC"]
    logger.info("Using profile centroid of %f", centre)
    if "SLOPE" in data.row:
        logger.info("TWOZXTAB file has a SLOPE column")
    slope = data.slope
    tilt = slope * data.detector_middle
    sky_1, sky_2 = background.centres(centre)
    return {
        "SP_LOC": centre,
        "SP_ERR": error,
        "SP_OFF": header["SP_OFF_" + letter],
        "SP_NOM": data.row["B_SPEC"] + data.shift2 + slope * (data.shape[1] // 2 - data.x_offset),
        "SP_SLP": slope,
        "SP_HGT": int(data.row["HEIGHT"]),
        "B_BKG1": sky_1 + tilt,
        "B_BKG2": sky_2 + tilt,
        "B_HGT1": background.heights[0],
        "B_HGT2": background.heights[1],
    }

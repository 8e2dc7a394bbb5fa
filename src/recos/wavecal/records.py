"""WavecalRecord: what a wavelength-calibration exposure found, and which one applies when.

Specification 4, sections 10.4, 10.5, 11.1 and 11.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from astropy.io import fits

from recos.data.context import Context
from recos.data.exposure import Exposure
from recos.data.instrument import SECONDS_PER_DAY
from recos.errors import ReferenceFileError
from recos.messages import get_logger, warn

logger = get_logger(__name__)


@dataclass(frozen=True)
class WavecalRecord:
    """Result of one wavelength-calibration exposure.

    Attributes
    ----------
    time : float
        Middle of the exposure, MJD.
    cenwave, fpoffset : int
    values : dict of str to float
        ``shift1a``, ``shift2a``, ``dpixel1a``, ``chi_sq_a``, ``ndf_a``, … ``ndf_b``; the shifts in pixels.
    fp_shifts : dict of (str, int) to float
        Displacement of every (segment, FPOFFSET), pixels.
    rootname, filename : str
        Rootname, and name of the raw file of the first segment.
    expstart : float
        Start of the exposure, MJD.
    not_found : frozenset of str
        Segments or stripes whose lamp lines were not found; their values are no measurements.
    """

    time: float
    cenwave: int
    fpoffset: int
    values: dict[str, float]
    fp_shifts: dict[tuple[str, int], float] = field(default_factory=dict)
    rootname: str = ""
    filename: str = ""
    expstart: float = 0.0
    not_found: frozenset[str] = frozenset()

    def write(self, header: fits.Header, digits: int | None = 4) -> None:
        """Write the values as keywords, rounded; with None, as for an x1d header, not rounded."""
        for key, value in self.values.items():
            header[key.upper()] = float(value) if digits is None else round(float(value), digits)


class Interpolated(NamedTuple):
    """Values of wavecals at one time."""

    values: dict[str, float]
    slopes: dict[str, float]
    """Change per second."""
    filename: str
    """Name of the raw wavecal file, or the names of two separated by a blank."""

    @property
    def files(self) -> list[str]:
        """Names of the raw wavecal files."""
        return self.filename.split()


def usable_wavecals(exposure: Exposure, context: Context) -> list[WavecalRecord]:
    """The wavecals that apply to an exposure.

    QUIRK (specification 4, section 8.5): also those in which no line was found, unless the correction is on.
    """
    records = list(context.wavecals)
    if "lamp-not-found" in exposure.corrections:
        spectra = exposure.mode.spectra
        return [record for record in records if not record.not_found.issuperset(spectra)]
    return records


def lookup(
    records: Sequence[WavecalRecord], cenwave: int, fpoffset: int, time: float, max_time_difference: float
) -> Interpolated | None:
    """The values of the wavecals that apply at a time; None if there is none.

    Parameters
    ----------
    records : sequence of WavecalRecord
    cenwave, fpoffset : int
        Of the science exposure. Wavecals of the same setting are interpolated linearly in time.
    time : float
        MJD.
    max_time_difference : float
        Days within which a wavecal of another FPOFFSET may be used.

    Raises
    ------
    ReferenceFileError
        If such a wavecal is to be used, but LAMPTAB lacks one of the two FPOFFSETs.
    """
    if not records:
        return None
    ordered = sorted(records, key=lambda r: r.time)
    same = [r for r in ordered if (r.cenwave, r.fpoffset) == (cenwave, fpoffset)]
    if not same:
        found = _nearest([r for r in ordered if r.cenwave == cenwave], time, max_time_difference)
        if found is None:
            warn(
                logger,
                f"No wavecal with CENWAVE {cenwave} and FPOFFSET {fpoffset}, and none of another FPOFFSET within "
                f"MAX_TIME_DIFF = {max_time_difference:g} d (WCPTAB): the shift is assumed to be zero.",
            )
            return None
        return _moved(found, fpoffset)
    if time <= same[0].time:
        return _constant(same[0])
    if time >= same[-1].time:
        return _constant(same[-1])
    i = next(i for i, r in enumerate(same) if time <= r.time)
    before, after = same[i - 1], same[i]
    values, slopes = dict(before.values), dict.fromkeys(before.values, 0.0)
    part = (time - before.time) / (after.time - before.time)
    seconds = (after.time - before.time) * SECONDS_PER_DAY
    for key in before.values.keys() & after.values.keys():
        values[key] = (1.0 - part) * before.values[key] + part * after.values[key]
        slopes[key] = (after.values[key] - before.values[key]) / seconds
    return Interpolated(values, slopes, f"{before.filename} {after.filename}")


def _constant(record: WavecalRecord) -> Interpolated:
    return Interpolated(dict(record.values), dict.fromkeys(record.values, 0.0), record.filename)


def _nearest(records: list[WavecalRecord], time: float, max_time_difference: float) -> WavecalRecord | None:
    nearest = min(records, key=lambda r: abs(r.time - time), default=None)
    return None if nearest is None or abs(nearest.time - time) > max_time_difference else nearest


def _moved(record: WavecalRecord, fpoffset: int) -> Interpolated:
    """The values of a wavecal of another FPOFFSET, its shifts moved to `fpoffset`."""
    found = _constant(record)
    detector = next(iter(record.fp_shifts), ("FUV", 0))[0][:3]
    for key in found.values:
        if key.startswith("shift1"):
            segment = detector + key[-1].upper()
            try:
                move = record.fp_shifts[segment, fpoffset] - record.fp_shifts[segment, record.fpoffset]
            except KeyError:
                raise ReferenceFileError(
                    f"LAMPTAB: FPOFFSET {fpoffset} or {record.fpoffset} of {segment}, "
                    f"CENWAVE {record.cenwave}, is missing but "
                    f"needed to use the wavecal {record.filename}. Use another LAMPTAB."
                ) from None
            found.values[key] += move
            logger.info("Info:  Keyword %s adjusted by adding %.6g", key, move)
    return found

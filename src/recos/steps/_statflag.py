"""STATFLAG: statistics of the good pixels of the spectrum in the images. Specification 3, section 14."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from recos.data import instrument
from recos.data.exposure import Exposure
from recos.io.read import ExposureHeaders
from recos.kernels.poisson import upper_error_table
from recos.kernels.times import nint
from recos.references import References
from recos.references.need import Need
from recos.references.tables import Row
from recos.steps.step import step

_BLOCK = 65536
_Values = Callable[[slice], np.ndarray]


@dataclass(frozen=True, slots=True)
class ImageStatistics:
    """Statistics of the good pixels of one image, for NGOODPIX, GOODMEAN and GOODMAX.

    Attributes
    ----------
    n : int
        Number of good pixels.
    mean, maximum : float
        Of SCI, times the exposure time: counts.
    err_mean, err_maximum : float
        Of ERR, likewise.
    """

    n: int
    mean: float
    maximum: float
    err_mean: float
    err_maximum: float


_NOTHING = ImageStatistics(0, 0.0, 0.0, 0.0, 0.0)


def _needs(headers: ExposureHeaders, refs: References) -> Iterator[Need]:
    if headers.mode.is_spectroscopic:
        yield Need("XTRACTAB", "STATFLAG")


@step("STATFLAG", after=("images",), marks=False, files=("XTRACTAB",), needs=_needs)
def statflag(exposure: Exposure, refs: References) -> None:
    """Set ``exposure.statistics`` of the images ``counts`` and ``flt``, in the bands of XTRACTAB.

    A mode that XTRACTAB does not know has no band: its statistics are 0. Trace and alignment do not count.
    """
    images, mode, header = exposure.require("images"), exposure.mode, exposure.header
    rows: list[Row | None] = [None]
    if int(header.get("DISPAXIS", 0)) > 0:
        rows = [refs.xtractab.find(**mode.row_filter(segment=segment)) for segment in mode.spectra]
        rows = [row for row in rows if row is not None]
    sdqflags = int(header.get("SDQFLAGS", instrument.DEFAULT_STATISTICS_SDQFLAGS))
    exptime = float(header.get(exposure.key("EXPTIME"), 0.0))
    parts: dict[str, list[_Part]] = {"counts": [], "flt": []}
    for row in rows:
        chosen = _band(row, images.dq.shape, int(header.get("X_OFFSET", 0)))
        good = (images.dq[chosen] & np.int16(sdqflags)) == 0
        counts, effective = images.counts[chosen][good], images.effective[chosen][good]
        # a whole image is summed up as it stands in the file, big-endian: the rounding depends on it
        dtype = ">f4" if row is None else "=f4"
        for kind, functions in _planes(counts, effective, images.exptime).items():
            arrays = (_in_blocks(function, len(counts), dtype) for function in functions)
            parts[kind].append(_Part.of(len(counts), arrays))
    exposure.statistics = {kind: _combined(found, exptime) for kind, found in parts.items()}


class _Part(NamedTuple):
    """Mean and maximum of the good pixels of one spectrum, SCI and ERR, count/s."""

    n: int
    mean: np.floating
    maximum: np.floating
    err_mean: np.floating
    err_maximum: np.floating

    @classmethod
    def of(cls, n: int, planes: Iterable[np.ndarray]) -> _Part:
        """Of SCI and ERR of n pixels; one array is needed at a time."""
        science, error = map(_mean_and_maximum, planes)
        return cls(n, *science, *error)


def _mean_and_maximum(values: np.ndarray) -> tuple[np.floating, np.floating]:
    if len(values) == 0:
        return np.float32(0.0), np.float32(0.0)
    return values.sum() / len(values), values.max()


def _combined(parts: list[_Part], exptime: float) -> ImageStatistics:
    """Statistics of one or several spectra, times the exposure time."""
    n = sum(part.n for part in parts)
    if n == 0:
        return _NOTHING
    if len(parts) == 1:
        values = parts[0][1:]
    else:
        zero = np.float32(0.0)
        values = (
            sum((part.n * part.mean for part in parts), zero) / n,
            max(zero, *(part.maximum for part in parts)),
            sum((part.n * part.err_mean for part in parts), zero) / n,
            max(zero, *(part.err_maximum for part in parts)),
        )
    # the shortest decimal number of float32 precision, as FITS headers show it
    return ImageStatistics(n, *(float(str(exptime * value)) for value in values))


def _band(
    row: Row | None, shape: tuple[int, int], x_offset: int
) -> tuple[slice | np.ndarray, slice | np.ndarray]:
    """Index of the pixels of the spectrum, row by row; of the whole image without a row of XTRACTAB.

    Rows outside the image are left out.
    """
    if row is None:
        return (slice(None), slice(None))
    height, slope = int(row["HEIGHT"]), float(row["SLOPE"])
    columns = np.arange(shape[1])
    first = nint((float(row["B_SPEC"]) - slope * x_offset - height // 2) + slope * columns).astype(np.int64)
    if first.min() == first.max():
        return (slice(max(int(first[0]), 0), max(int(first[0]) + height, 0)), slice(None))
    rows = first + np.arange(height)[:, np.newaxis]
    inside = np.all((rows >= 0) & (rows < shape[0]), axis=1)
    return (rows[inside], columns)


def _planes(counts: np.ndarray, effective: np.ndarray, exptime: float) -> dict[str, tuple[_Values, _Values]]:
    """SCI and ERR of the pixels of both images: functions that compute a part of them."""
    table = _rate(upper_error_table(int(counts.max()) if len(counts) else 0), exptime)

    def error(part: slice) -> np.ndarray:
        return table[counts[part].astype(np.intp)]

    return {
        "counts": (lambda part: _rate(counts[part], exptime), error),
        "flt": (
            lambda part: _rate(effective[part], exptime),
            lambda part: error(part) * _weight(counts[part], effective[part]),
        ),
    }


def _in_blocks(function: _Values, n: int, dtype: str) -> np.ndarray:
    """An array of n elements, computed part by part, so that intermediate values stay small."""
    result = np.empty(n, dtype)
    for begin in range(0, n, _BLOCK):
        part = slice(begin, min(begin + _BLOCK, n))
        result[part] = function(part)
    return result


def _rate(values: np.ndarray, exptime: float) -> np.ndarray:
    if exptime <= 0.0:
        return np.zeros_like(values)
    return (values / np.float64(exptime)).astype(np.float32)


def _weight(counts: np.ndarray, effective: np.ndarray) -> np.ndarray:
    """Mean weight of the events of each pixel, float32; 1 without events."""
    one = np.float32(1.0)
    return np.where(effective == 0.0, one, effective) / np.where(counts == 0.0, one, counts)

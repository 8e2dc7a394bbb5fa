"""The instrument of the forward model as functions of pixel, wavelength, pulse height and time.

One configuration: FUV, G130M/1291. Each function is used twice: tabulated into a reference file
(:mod:`small_cos.references`) and inverted to make events (:mod:`small_cos.exposure`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from recos.data.instrument import FUV_SHAPE
from recos.references.dispersion import Dispersion

OPT_ELEM, CENWAVE = "G130M", 1291
COLUMNS = FUV_SHAPE[1]
ROWS = FUV_SHAPE[0]
FP_PIXEL_SHIFT = {-2: -504.0, -1: -252.0, 0: 0.0, 1: 252.0}
"""Displacement of the spectrum for each FPOFFSET, pixels."""
PULSE_HEIGHT = (11.5, 3.0)
"""Mean and standard deviation of the pulse heights of photons."""
PULSE_HEIGHT_LIMITS = (2, 23)
GEO_BIN = (32, 16)
"""Columns and rows of the detector per pixel of the geometric correction."""


class Segment(NamedTuple):
    """Layout of one detector segment; positions are zero-indexed pixels at the left edge of the detector."""

    name: str
    left: int
    right: int
    low: int
    high: int
    """Active area, inclusive."""
    stims: tuple[tuple[float, float], tuple[float, float]]
    """Reference positions (x, y) of the two electronic stims."""
    first_wavelength: float
    per_pixel: float
    y_psa: float
    y_wca: float
    slope: float
    thermal: tuple[float, float, float, float]
    """Corrected coordinate = x0 + xslope * raw, y0 + yslope * raw."""


SEGMENTS = {
    "FUVA": Segment(
        "FUVA", 1060, 15250, 296, 734, ((389.0, 984.0), (16000.0, 33.0)), 1278.4, 9.968e-3, 488.0, 590.0,
        -2.0e-4, (-3.1, 1.00042, 1.4, 0.9993),
    ),
    "FUVB": Segment(
        "FUVB", 809, 15182, 360, 785, ((384.0, 32.0), (16010.0, 982.0)), 1121.7, 9.951e-3, 548.0, 650.0,
        3.0e-4, (2.3, 0.99965, -0.8, 1.0008),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Model:
    """The instrument and the source.

    Attributes
    ----------
    line_spread, profile_width : float
        Standard deviation of the line spread function and of the cross-dispersion profile, pixels.
    dark_rate : float
        Background, count/s/pixel.
    dead_time : float
        Seconds lost per event.
    drift : tuple of float
        Displacement of the spectrum in dispersion direction: value at the start in pixels, rate in pixel/s.
    shift2 : float
        Displacement in cross-dispersion direction, pixels.
    """

    line_spread: float = 2.5
    profile_width: float = 2.8
    dark_rate: float = 2.0e-6
    dead_time: float = 7.4e-6
    drift: tuple[float, float] = (-3.4, 2.1e-3)
    shift2: float = 1.3
    tds_slope: float = -3.0
    """Loss of sensitivity, percent per year since `tds_time`."""
    tds_time: float = 55000.0
    lines: tuple[tuple[float, float, float], ...] = field(default_factory=lambda: _spectral_lines())
    """Wavelength, depth and Gaussian width of the lines of the source, Angstrom; negative depth: emission."""

    # ------------------------------------------------------------------------------------------- the source

    def flux(self, wavelength: np.ndarray, blur: float | np.ndarray = 0.0) -> np.ndarray:
        """Flux of the source, relative to its continuum at 1300 Angstrom.

        Parameters
        ----------
        wavelength : ndarray
            Barycentric wavelength, Angstrom.
        blur : float or ndarray
            Standard deviation of the instrumental profile, Angstrom, with which the lines are convolved.
        """
        absorption = np.zeros_like(wavelength)
        for centre, depth, width in self.lines:
            total = np.hypot(width, blur)
            absorption += depth * width / total * np.exp(-0.5 * ((wavelength - centre) / total) ** 2)
        return (wavelength / 1300.0) ** -1.5 * (1.0 - absorption)

    # ---------------------------------------------------------------------------------------------- optics

    def dispersion(self, segment: str, aperture: str = "PSA") -> Dispersion:
        """Dispersion relation of a segment and aperture."""
        layout = SEGMENTS[segment]
        offset = 0.06 if aperture == "WCA" else 0.0
        return Dispersion((layout.first_wavelength + offset, layout.per_pixel, -2.0e-9), 0.0)

    def spectrum_row(self, segment: str, x: np.ndarray, aperture: str = "PSA") -> np.ndarray:
        """Row of the middle of the spectrum in column `x`."""
        layout = SEGMENTS[segment]
        return (layout.y_wca if aperture == "WCA" else layout.y_psa) + layout.slope * x

    def sensitivity(self, segment: str, wavelength: np.ndarray) -> np.ndarray:
        """(count/s) / (erg/s/cm2/Angstrom) per pixel column, at the time of `tds_time`."""
        peak, centre, width = (1.5e12, 1270.0, 140.0) if segment == "FUVA" else (1.2e12, 1230.0, 100.0)
        return peak * np.exp(-(((wavelength - centre) / width) ** 2))

    def ageing(self, mjd: float) -> float:
        """Sensitivity at a time relative to that at `tds_time`."""
        return 1.0 + (mjd - self.tds_time) / 365.25 * self.tds_slope / 100.0

    def shift1(self, time: np.ndarray, fpoffset: int = 0) -> np.ndarray:
        """Displacement in dispersion direction at `time` (seconds since the start), pixels."""
        return FP_PIXEL_SHIFT[fpoffset] + self.drift[0] + self.drift[1] * time

    def lamp(self, segment: str, fpoffset: int = 0) -> np.ndarray:
        """Lamp spectrum without drift, counts per pixel column, shape (16384,)."""
        layout = SEGMENTS[segment]
        rng = np.random.default_rng(1291 if segment == "FUVA" else 1921)
        x = np.arange(COLUMNS, dtype=np.float64)
        centres = rng.uniform(layout.left + 700, layout.right - 700, 90) + FP_PIXEL_SHIFT[fpoffset]
        strengths = 60.0 * rng.pareto(1.6, 90).clip(0.05, 12.0)
        spectrum = np.zeros(COLUMNS)
        for centre, strength in zip(centres, strengths, strict=True):
            spectrum += strength * np.exp(-0.5 * ((x - centre) / self.line_spread) ** 2)
        spectrum[spectrum < 1e-3] = 0.0
        return spectrum

    # -------------------------------------------------------------------------------------------- detector

    def distortion(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """What the geometric correction subtracts from x and from y at the uncorrected position (x, y)."""
        dx = 11.0 * np.sin(x / 2600.0) + 2.0 * np.cos(y / 190.0)
        dy = 4.0 * np.cos(x / 3900.0) + 1.5 * np.sin(y / 240.0)
        return dx, dy

    def walk(self, pha: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """What the walk correction subtracts from x and from y for a pulse height."""
        return 0.02 * (pha - 12.0), 0.12 * (pha - 12.0)

    def flat(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Response of pixels relative to the mean: a fixed pattern and shadows of grid wires; at most 1.1."""
        pattern = 1.0 + 0.05 * np.sin(x * 0.271 + 0.4 * y) * np.cos(y * 0.83) + 0.03 * np.sin(x * 0.0107)
        wire = np.exp(-0.5 * (((x % 840.0) - 420.0) / 7.0) ** 2)
        return pattern * (1.0 - 0.2 * wire)

    def livetime(self, rate: np.ndarray | float) -> np.ndarray:
        """Fraction of the time in which the detector can record an event, at an observed count rate."""
        return 1.0 - np.asarray(rate) * self.dead_time


def _spectral_lines() -> tuple[tuple[float, float, float], ...]:
    rng = np.random.default_rng(13)
    centres = rng.uniform(1125.0, 1430.0, 110)
    depths = rng.uniform(0.1, 0.6, 110)
    widths = rng.uniform(0.05, 0.4, 110)
    depths[::13] = -0.8
    return tuple(zip(centres.tolist(), depths.tolist(), widths.tolist(), strict=True))

"""The FUV channel in front of the detector: where light of a wavelength falls, and how much of it is counted.

Plausible numbers (COS Instrument Handbook, chapters 5 and 13), not those of the real instrument.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from recos.data.instrument import SPEED_OF_LIGHT
from recos.references.dispersion import Dispersion
from recos.simulate.configurations import Configuration
from recos.simulate.fuv.detector import COLUMNS, LAYOUT, LIFETIME_OFFSET, high_voltage, hv_sensitivity
from recos.simulate.orbit import heliocentric_velocity
from recos.simulate.plan import PlannedExposure

WCA_DISTANCE = 100.0
"""Rows from the spectrum of the target up to that of the lamp."""
_BOA_DISTANCE = 3.0
_MIDDLE_ROW = {"FUVA": 488.2, "FUVB": 548.6}
_GRATING_ROW = {"G130M": 0.0, "G160M": -4.3, "G140L": 3.1}
_SLOPE = {"FUVA": -2.0e-4, "FUVB": 3.0e-4}
_CURVATURE = 1.2
FP_STEP = {"G130M": 250.0, "G160M": 246.0, "G140L": 244.0}
"""Displacement of the spectrum per step of the grating, pixels."""
LINE_SPREAD = {"PSA": {"G130M": 2.7, "G160M": 2.8, "G140L": 3.0}, "BOA": dict.fromkeys(FP_STEP, 4.5)}
"""Standard deviation of the line spread function, pixels."""
PROFILE_CORE, PROFILE_WING, WING_FRACTION, WING_OFFSET = 2.4, 5.2, 0.15, 0.6
"""Cross-dispersion profile: standard deviations of two Gaussians, share and displacement of the second."""
AIRGLOW_RADII = (54.0, 14.0)
"""Half axes of the image of the aperture filled with light, columns and rows."""
SCATTERED_FRACTION, SCATTERED_WIDTH = 0.004, 80.0
"""Scattered light relative to the source; standard deviation of its rows."""
LAMP_RATE = 350.0
"""Count/s of the lamp in a segment."""
LAMP_LINES = 130
OVERSAMPLING = 4
"""Cells per pixel column in which light is distributed."""
AGEING_TIMES = (54952.0, 55700.0, 58000.0)
"""MJD at which the rate of the loss of sensitivity changes; it is 1 at the first."""
_AGEING_RATES = ((-5.0, -3.0, -4.0), (-3.0, -1.5, -2.0), (-1.5, -1.0, -1.5))
"""Percent per year in each interval, at the blue end, the middle and the red end of a segment."""

_FIRST = {
    # wavelength at the left (FUVA) or right (FUVB) edge of the active area minus CENWAVE, and Angstrom/pixel
    ("G130M", "FUVA"): (-2.0, 9.97e-3), ("G130M", "FUVB"): (-18.0, 9.95e-3),
    ("G160M", "FUVA"): (-2.0, 1.223e-2), ("G160M", "FUVB"): (-18.0, 1.222e-2),
    ("G140L", "FUVA"): (12.0, 8.03e-2), ("G140L", "FUVB"): (-115.0, 7.22e-2),
}  # fmt: skip
_SENSITIVITY = {
    "G130M": (1.5e12, 1250.0, 130.0),
    "G160M": (1.1e12, 1500.0, 180.0),
    "G140L": (3e12, 1250.0, 300.0),
}
"""Greatest (count/s)/(erg/s/cm2/Angstrom) per pixel column, its wavelength, and the width of the curve."""
_BOA_THROUGHPUT = 0.006
_NO_LAMP = {("G130M", 1055), ("G130M", 1096)}


class Cells(NamedTuple):
    """Light of the source as it falls on a segment, before it is blurred and shifted."""

    edges: np.ndarray
    """Columns at which cells begin and end, shape (n + 1,)."""
    rate: np.ndarray
    """Count/s in each cell, shape (n,)."""


@dataclass(frozen=True)
class Optics:
    """The light path of one configuration.

    Attributes
    ----------
    configuration : Configuration
        Grating, central wavelength and lifetime position; the mode does not matter.
    """

    configuration: Configuration

    # --------------------------------------------------------------------------------- dispersion

    def dispersion(self, segment: str, aperture: str = "PSA") -> Dispersion:
        """Wavelength (observed, vacuum) as a function of the column without shift."""
        c = self.configuration
        offset, per_pixel = _FIRST[c.opt_elem, segment]
        edge = LAYOUT[segment].left if segment == "FUVA" else LAYOUT[segment].right
        quadratic = -2.0e-7 * per_pixel
        shift = {"PSA": 0.0, "BOA": 2.0, "WCA": 6.0}[aperture] * per_pixel
        first = c.cenwave + offset - per_pixel * edge - quadratic * edge**2 + shift
        return Dispersion((first, per_pixel, quadratic), 0.0)

    def line_spread(self, aperture: str = "PSA") -> float:
        """Standard deviation of the line spread function, pixels."""
        return LINE_SPREAD["PSA" if aperture == "WCA" else aperture][self.configuration.opt_elem]

    def fp_shift(self, fpoffset: int) -> float:
        """Displacement of spectra by the grating offset, pixels."""
        return FP_STEP[self.configuration.opt_elem] * fpoffset

    # ----------------------------------------------------------------------------- cross dispersion

    def middle(self, segment: str, aperture: str = "PSA") -> float:
        """Row of a spectrum in the middle of the detector."""
        row = _MIDDLE_ROW[segment] + LIFETIME_OFFSET[self.configuration.life_adj]
        row += _GRATING_ROW[self.configuration.opt_elem]
        return row + {"PSA": 0.0, "BOA": _BOA_DISTANCE, "WCA": WCA_DISTANCE}[aperture]

    def slope(self, segment: str) -> float:
        """Rows per column by which spectra are tilted."""
        return _SLOPE[segment]

    def trace(self, segment: str, x: np.ndarray) -> np.ndarray:
        """Rows of the spectrum of the target above its middle, at columns `x`: tilt and curvature."""
        curve = _CURVATURE * np.sin(x / 2900.0 + LAYOUT[segment].phase)
        return _SLOPE[segment] * (x - COLUMNS / 2.0) + curve

    def profile_offsets(self, rng: np.random.Generator, x: np.ndarray) -> np.ndarray:
        """Random distances of photons in columns `x` from the middle of the profile, rows."""
        n = len(x)
        wing = rng.uniform(size=n) < WING_FRACTION
        width = np.where(wing, PROFILE_WING, PROFILE_CORE * profile_breadth(x))
        return width * rng.standard_normal(n) + wing * WING_OFFSET

    def profile(self, rows: np.ndarray, x: np.ndarray, blur: float) -> np.ndarray:
        """Light per row at distances `rows` from the middle, in columns `x`; its sum over all rows is 1.

        Parameters
        ----------
        rows : ndarray, shape (ny, 1)
        x : ndarray, shape (nx,)
        blur : float
            Standard deviation of an additional blur, rows: digitisation and binning.
        """
        core = np.hypot(PROFILE_CORE * profile_breadth(x), blur)
        wing = np.hypot(PROFILE_WING, blur)
        first = np.exp(-0.5 * (rows / core) ** 2) / core
        second = np.exp(-0.5 * ((rows - WING_OFFSET) / wing) ** 2) / wing
        return ((1.0 - WING_FRACTION) * first + WING_FRACTION * second) / np.sqrt(2.0 * np.pi)

    # --------------------------------------------------------------------------------- throughput

    def sensitivity(self, wavelength: np.ndarray, aperture: str = "PSA") -> np.ndarray:
        """(count/s) / (erg/s/cm2/Angstrom) per pixel column, new, at the reference high voltage."""
        peak, centre, width = _SENSITIVITY[self.configuration.opt_elem]
        curve = peak * (0.03 + np.exp(-(((wavelength - centre) / width) ** 2)))
        return curve * (_BOA_THROUGHPUT if aperture == "BOA" else 1.0)

    def wavelength_range(self, segment: str) -> tuple[float, float]:
        """First and last wavelength of the detector, a little more than what any aperture has."""
        ends = self.dispersion(segment).wavelength(np.array([-1200.0, COLUMNS + 1200.0]))
        return float(ends[0]), float(ends[1])

    def ageing_nodes(self, segment: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Wavelengths, slopes (percent per year) and intercepts of the loss of sensitivity.

        Returns
        -------
        wavelength : ndarray, shape (nw,)
        slope, intercept : ndarray, shape (nt, nw)
            For each interval of :data:`AGEING_TIMES`; factor = slope / 100 * years since the first + intercept.
        """
        wavelength = np.linspace(*self.wavelength_range(segment), 3)
        slope = np.array(_AGEING_RATES)
        years = (np.array(AGEING_TIMES) - AGEING_TIMES[0]) / 365.25
        intercept = np.ones_like(slope)
        for k in range(1, len(slope)):
            intercept[k] = intercept[k - 1] + (slope[k - 1] - slope[k]) / 100.0 * years[k]
        return wavelength, slope, intercept

    def ageing(self, segment: str, wavelength: np.ndarray, mjd: float) -> np.ndarray:
        """Sensitivity at a time relative to the new instrument."""
        nodes, slope, intercept = self.ageing_nodes(segment)
        k = max(sum(mjd >= t for t in AGEING_TIMES) - 1, 0)
        factor = slope[k] / 100.0 * (mjd - AGEING_TIMES[0]) / 365.25 + intercept[k]
        return np.interp(wavelength, nodes, factor)

    # -------------------------------------------------------------------------------------- light

    def throughput(self, segment: str, wavelength: np.ndarray, planned: PlannedExposure) -> np.ndarray:
        """(count/s) / (erg/s/cm2/Angstrom) per pixel column during an exposure; wavelengths as observed."""
        response = self.sensitivity(wavelength, planned.configuration.aperture)
        response = response / hv_sensitivity(segment, high_voltage(segment, planned.expstart))
        if planned.effects.ageing:
            response = response * self.ageing(segment, wavelength, (planned.expstart + planned.expend) / 2.0)
        return response

    def source_cells(self, segment: str, source: Any, planned: PlannedExposure) -> Cells:
        """Light of the target on a segment."""
        margin = 700
        edges = np.arange(-margin, COLUMNS + margin + 0.5 / OVERSAMPLING, 1.0 / OVERSAMPLING) - 0.5
        middle = (edges[:-1] + edges[1:]) / 2.0
        observed = self.dispersion(segment, planned.configuration.aperture).wavelength(middle)
        velocity = v_helio(planned) if planned.effects.heliocentric else 0.0
        flux = np.asarray(source.flux(observed * (1.0 - velocity / SPEED_OF_LIGHT)), np.float64)
        return Cells(edges, flux * self.throughput(segment, observed, planned) / OVERSAMPLING)

    def has_lamp_lines(self, segment: str) -> bool:
        """Whether the lamp shows lines; some blue modes have none on segment B."""
        c = self.configuration
        blue = c.opt_elem == "G140L" or (c.opt_elem, c.cenwave) in _NO_LAMP
        return not (segment == "FUVB" and blue)

    def lamp_lines(self, segment: str) -> tuple[np.ndarray, np.ndarray]:
        """Columns and strengths (sum 1) of the lines of the lamp at FPOFFSET 0 without shift."""
        if not self.has_lamp_lines(segment):
            return np.zeros(0), np.zeros(0)
        rng = np.random.default_rng([171, self.configuration.cenwave, ord(segment[-1])])
        s = LAYOUT[segment]
        columns = rng.uniform(s.left - 300.0, s.right + 600.0, LAMP_LINES)
        strengths = (rng.pareto(1.6, LAMP_LINES) + 0.05).clip(max=8.0)
        return columns, strengths / strengths.sum()

    def lamp_spectrum(self, segment: str, fpoffset: int, counts: float = 4000.0) -> np.ndarray:
        """Lamp spectrum at a grating offset, counts per column of the active area, shape (16384,)."""
        spectrum = np.zeros(COLUMNS)
        x = np.arange(COLUMNS, dtype=np.float64)
        width = np.hypot(self.line_spread(), 0.5)
        for column, strength in zip(*self.lamp_lines(segment), strict=True):
            distance = (x - column - self.fp_shift(fpoffset)) / width
            spectrum += counts * strength / width / np.sqrt(2.0 * np.pi) * np.exp(-0.5 * distance**2)
        s = LAYOUT[segment]
        spectrum[: s.left] = spectrum[s.right + 1 :] = 0.0
        return np.where(spectrum < 1e-3, 0.0, spectrum)


def profile_breadth(x: np.ndarray) -> np.ndarray:
    """Width of the core of the profile relative to its mean, at columns `x`."""
    return 1.0 + 0.15 * np.sin(np.asarray(x) / 3000.0 + 0.5)


def v_helio(planned: PlannedExposure) -> float:
    """Velocity of the Earth away from the target at mid-exposure, km/s."""
    return heliocentric_velocity(planned.ra, planned.dec, (planned.expstart + planned.expend) / 2.0)


class Motion(NamedTuple):
    """Displacements of the spectra during one exposure, pixels."""

    fp: float
    """By the grating offset."""
    offset: float
    """By the mechanism, which does not return to the same place."""
    amplitude: float
    phase: float
    """Of the drift, a slow oscillation."""
    start: float
    """MJD of the exposure."""
    across: float
    """In cross-dispersion, of lamp and target."""
    misalignment: float
    """In cross-dispersion, of the target in the aperture."""

    def shift1(self, time: np.ndarray | float) -> np.ndarray:
        """Displacement in dispersion direction, pixels, at seconds since the start of the exposure."""
        turns = (self.start % 1000.0) * 86400.0 / DRIFT_PERIOD + np.asarray(time, np.float64) / DRIFT_PERIOD
        return self.fp + self.offset + self.amplitude * np.sin(2.0 * np.pi * (turns + self.phase))


DRIFT_PERIOD = 21600.0
DRIFT_AMPLITUDE = 2.0


def motion(optics: Optics, planned: PlannedExposure) -> Motion:
    """Displacements of one exposure; wavecals share those of the science exposures next to them.

    The mechanism moves with FP-POS only, so its offset depends on that and not on the exposure.
    """
    fp = optics.fp_shift(planned.fpoffset)
    if not planned.effects.drift:
        return Motion(fp, 0.0, 0.0, 0.0, planned.expstart, 0.0, 0.0)
    mechanism = np.random.default_rng([1, planned.seed[0], planned.fppos])
    exposure = np.random.default_rng([2, *planned.seed])
    return Motion(
        fp=fp,
        offset=float(mechanism.uniform(-6.0, 6.0)),
        amplitude=DRIFT_AMPLITUDE,
        phase=float(np.random.default_rng([3, planned.seed[0]]).uniform()),
        start=planned.expstart,
        across=float(mechanism.uniform(-1.5, 1.5)),
        misalignment=0.0 if planned.is_wavecal else float(exposure.uniform(-1.5, 1.5)),
    )

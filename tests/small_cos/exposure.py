"""Events of the forward model: photons, lamp flashes, background and stims, as the detector records them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from astropy.io import fits

from recos.data.instrument import SECONDS_PER_DAY, SPEED_OF_LIGHT
from small_cos.headers import (
    Setup,
    association_hdus,
    events_header,
    gti_hdu,
    primary_header,
    support_hdus,
)
from small_cos.model import COLUMNS, PULSE_HEIGHT, ROWS, SEGMENTS, Model
from small_cos.references import in_flat, write_references

TIME_STEP = 0.032
"""Resolution of the event times, seconds."""
LARGEST_FLAT = 1.1
BIN, EDGE = 128, 300
"""Pixels per bin, and pixels left out at either end, where extracted and true spectrum are compared."""
LAMP_RATE = 260.0
"""Count/s of the lamp in one segment."""

#: Switches of a simulated exposure that are not PERFORM: the model has no file for these steps.
SWITCHES = dict.fromkeys(
    ("DGEOCORR", "TRCECORR", "ALGNCORR", "BADTCORR", "BRSTCORR", "HVDSCORR", "PHOTCORR"), "OMIT"
)


@dataclass
class RawEvents:
    """Events of one segment in order of time, as columns of a rawtag table."""

    time: np.ndarray
    rawx: np.ndarray
    rawy: np.ndarray
    pha: np.ndarray

    def __len__(self) -> int:
        return len(self.time)


@dataclass
class Dataset:
    """A simulated data set on disk.

    Attributes
    ----------
    association : Path
        The association file, input of the calibration.
    references : Path
        Folder of the reference files; value of the environment variable lref.
    """

    association: Path
    references: Path
    model: Model
    setups: list[Setup]
    n_source: float
    raw: list[Path] = field(default_factory=list)

    def true_flux(self, segment: str, wavelength: np.ndarray) -> np.ndarray:
        """Flux that the extraction should find, erg/s/cm2/Angstrom, at barycentric wavelengths (Angstrom)."""
        blur = self.model.line_spread * self.model.dispersion(segment).dispersion(COLUMNS / 2.0)
        return flux_scale(self.model, self.setups[0], self.n_source) * self.model.flux(wavelength, blur)


class Recovery(NamedTuple):
    """How an extracted spectrum compares with the spectrum that was put in."""

    segment: str
    counts: float
    ratio: float
    """Extracted over true flux, and its uncertainty."""
    ratio_error: float
    offset: float
    """Displacement of the spectrum in dispersion direction, pixels, and its uncertainty."""
    offset_error: float
    pull: float
    """Root mean square of (extracted - true) / error in bins of pixels; 1 if the errors are right."""


def compare_spectrum(dataset: Dataset, x1d: str | Path) -> list[Recovery]:
    """Compare an extracted spectrum with the truth, one result per segment.

    Parameters
    ----------
    dataset : Dataset
        What was simulated.
    x1d : str or Path
        The x1d product of one of its exposures.
    """
    with fits.open(x1d) as hdus:
        return [_recovery(dataset, row) for row in hdus[1].data]


def _recovery(dataset: Dataset, row: fits.FITS_record) -> Recovery:
    segment, layout = row["SEGMENT"], SEGMENTS[row["SEGMENT"]]
    net = np.asarray(row["NET"], np.float64)
    use = (np.asarray(row["DQ_WGT"]) > 0) & (net != 0.0)
    use[: layout.left + EDGE] = use[layout.right - EDGE :] = False
    wavelength, net, exptime = row["WAVELENGTH"][use], net[use], float(row["EXPTIME"])
    # in counts, where the weights do not depend on the noise
    counts_per_flux = exptime * net / row["FLUX"][use].astype(np.float64)
    truth = dataset.true_flux(segment, wavelength) * counts_per_flux
    residual = net * exptime - truth
    variance = sum(row[f"VARIANCE_{v}"][use].astype(np.float64) for v in ("FLAT", "COUNTS", "BKG"))
    slope = -np.gradient(truth)
    shift_weight = (slope**2 / truth).sum()
    n = len(truth) // BIN * BIN
    binned = [a[:n].reshape(-1, BIN).sum(1) for a in (residual, variance)]
    return Recovery(
        segment=segment,
        counts=float(np.asarray(row["GCOUNTS"]).sum()),
        ratio=1.0 + float(residual.sum() / truth.sum()),
        ratio_error=float(np.sqrt(variance.sum()) / truth.sum()),
        offset=float((residual * slope / truth).sum() / shift_weight),
        offset_error=float(1.0 / np.sqrt(shift_weight)),
        pull=float(np.sqrt(np.mean(binned[0] ** 2 / binned[1]))),
    )


def heliocentric_velocity(setup: Setup) -> float:
    """Velocity of the Earth away from the target at mid-exposure, km/s.

    From the ephemeris of astropy, which is independent of the formulae of the calibration.
    """
    from astropy.coordinates import get_body_barycentric_posvel
    from astropy.time import Time

    when = Time((setup.expstart + setup.expend) / 2.0, format="mjd", scale="tdb")
    velocity = [get_body_barycentric_posvel(body, when, ephemeris="builtin")[1] for body in ("earth", "sun")]
    relative = (velocity[0] - velocity[1]).xyz.to_value("km/s")
    ra, dec = np.deg2rad([setup.ra, setup.dec])
    return -float(relative @ [np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)])


def _rates(model: Model, setup: Setup, segment: str) -> np.ndarray:
    """Count/s per pixel column for a continuum of 1 erg/s/cm2/Angstrom at 1300 Angstrom, without flat."""
    observed = model.dispersion(segment).wavelength(np.arange(COLUMNS))
    barycentric = observed * (1.0 - heliocentric_velocity(setup) / SPEED_OF_LIGHT)
    return model.flux(barycentric) * model.sensitivity(segment, observed) * model.ageing(setup.expstart)


def flux_scale(model: Model, setup: Setup, n_source: float) -> float:
    """Continuum at 1300 Angstrom that gives `n_source` events in segment A, erg/s/cm2/Angstrom."""
    layout = SEGMENTS["FUVA"]
    return n_source / (setup.exptime * float(_rates(model, setup, "FUVA")[layout.left : layout.right].sum()))


def _times(rng: np.random.Generator, n: int, start: float, stop: float) -> np.ndarray:
    return rng.uniform(start, stop, n)


def _source(model: Model, setup: Setup, segment: str, n_source: float, rng: np.random.Generator) -> tuple:
    """Photons of the source: time, x, y in the corrected frame of the detector, pulse height."""
    rates = _rates(model, setup, segment) * flux_scale(model, setup, n_source) * LARGEST_FLAT
    edges = np.concatenate([[0.0], np.cumsum(rates)])
    n = rng.poisson(edges[-1] * setup.exptime)
    time = _times(rng, n, 0.0, setup.exptime)
    x_full = np.interp(rng.uniform(0.0, edges[-1], n), edges, np.arange(COLUMNS + 1) - 0.5)
    x_full += rng.normal(0.0, model.line_spread, n)
    x = x_full + model.shift1(time, setup.fpoffset)
    amplitude, before, period = setup.doppler
    phase = np.sin(2.0 * np.pi * (time + before) / period)
    relation = model.dispersion(segment)
    undoppled = x.copy()
    for _ in range(2):
        x = undoppled + amplitude / SPEED_OF_LIGHT * relation.wavelength(x) / relation.dispersion(x) * phase
    y = model.spectrum_row(segment, x_full) + model.shift2 + rng.normal(0.0, model.profile_width, n)
    column, row = np.rint(x), np.rint(y)
    response = np.where(in_flat(segment, row), model.flat(column, row), 1.0)
    kept = rng.uniform(0.0, LARGEST_FLAT, n) < response
    pha = rng.normal(*PULSE_HEIGHT, n)
    return time[kept], x[kept], y[kept], pha[kept]


def _lamp(model: Model, setup: Setup, segment: str, rng: np.random.Generator) -> tuple:
    """Photons of the lamp flashes."""
    edges = np.concatenate([[0.0], np.cumsum(model.lamp(segment, setup.fpoffset))])
    counts = [rng.poisson(LAMP_RATE * duration) for _, duration in setup.flashes]
    time = np.concatenate(
        [np.zeros(0)] + [_times(rng, n, on, on + d) for n, (on, d) in zip(counts, setup.flashes, strict=True)]
    )
    n = len(time)
    x = np.interp(rng.uniform(0.0, edges[-1], n), edges, np.arange(COLUMNS + 1) - 0.5)
    x += model.shift1(time)
    y = model.spectrum_row(segment, x, "WCA") + model.shift2 + rng.normal(0.0, model.profile_width, n)
    return time, x, y, rng.normal(*PULSE_HEIGHT, n)


def _background(model: Model, setup: Setup, segment: str, rng: np.random.Generator) -> tuple:
    s = SEGMENTS[segment]
    area = (s.right - s.left + 1) * (s.high - s.low + 1)
    n = rng.poisson(model.dark_rate * area * setup.exptime)
    x = rng.uniform(s.left - 0.5, s.right + 0.5, n)
    y = rng.uniform(s.low - 0.5, s.high + 0.5, n)
    return _times(rng, n, 0.0, setup.exptime), x, y, rng.uniform(0.0, 31.0, n)


def _stims(setup: Setup, segment: str, rng: np.random.Generator) -> tuple:
    """Raw positions of the electronic pulses."""
    s = SEGMENTS[segment]
    n = int(setup.stim_rate * setup.exptime / 2.0)
    time = (np.arange(2 * n) + 0.5) / setup.stim_rate
    positions = np.tile(np.array(s.stims), (n, 1)) + rng.normal(0.0, 0.8, (2 * n, 2))
    x0, xslope, y0, yslope = s.thermal
    return (
        time,
        (positions[:, 0] - x0) / xslope,
        (positions[:, 1] - y0) / yslope,
        rng.normal(20.0, 2.0, 2 * n),
    )


def to_raw(
    model: Model, segment: str, x: np.ndarray, y: np.ndarray, pha: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Raw detector position of events at (x, y) in the corrected frame: the corrections of chapter 2 undone.

    Parameters
    ----------
    model, segment
        The instrument.
    x, y : ndarray of float
        Position after all corrections (XCORR, YCORR), pixels.
    pha : ndarray of int
        Pulse height.
    """
    walk_x, walk_y = model.walk(pha)
    target_x, target_y = x + walk_x, y + walk_y
    u, v = target_x, target_y
    for _ in range(6):
        dx, dy = model.distortion(u, v)
        u, v = target_x + dx, target_y + dy
    x0, xslope, y0, yslope = SEGMENTS[segment].thermal
    return (u - x0) / xslope, (v - y0) / yslope


def simulate_events(
    model: Model, setup: Setup, segment: str, n_source: float, rng: np.random.Generator
) -> RawEvents:
    """Draw the events of one segment.

    Parameters
    ----------
    n_source : float
        Expected number of events of the source in segment A; the flux is scaled accordingly, and what segment
        B records follows from it.
    """
    photons = [
        _source(model, setup, segment, n_source, rng),
        _lamp(model, setup, segment, rng),
        _background(model, setup, segment, rng),
    ]
    time, x, y, pha = (np.concatenate([p[k] for p in photons]) for k in range(4))
    inside = (x >= 0) & (x < COLUMNS)
    layout = SEGMENTS[segment]
    inside &= (x >= layout.left) & (x <= layout.right) & (y >= layout.low) & (y <= layout.high)
    recorded = rng.uniform(size=len(time)) < model.livetime(inside.sum() / setup.exptime)
    time, x, y, pha = (a[inside & recorded] for a in (time, x, y, pha))
    pha = np.clip(np.rint(pha), 0, 31)
    rawx, rawy = to_raw(model, segment, x, y, pha)
    stim_time, stim_x, stim_y, stim_pha = _stims(setup, segment, rng)
    time = np.concatenate([time, stim_time])
    order = np.argsort(time, kind="stable")
    # a digitised time step later than the start, so that no event is before the exposure
    ticks = np.clip(np.ceil(time[order] / TIME_STEP), 1, np.floor(setup.exptime / TIME_STEP))
    return RawEvents(
        time=(ticks * TIME_STEP).astype(np.float32),
        rawx=np.clip(np.rint(np.concatenate([rawx, stim_x])[order]), 0, COLUMNS - 1).astype(np.int16),
        rawy=np.clip(np.rint(np.concatenate([rawy, stim_y])[order]), 0, ROWS - 1).astype(np.int16),
        pha=np.clip(np.rint(np.concatenate([pha, stim_pha])[order]), 0, 31).astype(np.uint8),
    )


def write_raw(
    path: str | Path, primary: fits.Header, header: fits.Header, events: RawEvents, gti: fits.BinTableHDU
) -> Path:
    """Write a rawtag file."""
    table = fits.BinTableHDU.from_columns(
        [
            fits.Column("TIME", "1E", "s", array=events.time),
            fits.Column("RAWX", "1I", "pixel", array=events.rawx),
            fits.Column("RAWY", "1I", "pixel", array=events.rawy),
            fits.Column("PHA", "1B", array=events.pha),
        ]
    )
    for card in header.cards:
        table.header.append(card, end=True)
    primary["FILENAME"] = Path(path).name
    fits.HDUList([fits.PrimaryHDU(header=primary), table, gti]).writeto(path)
    return Path(path)


def make_dataset(
    directory: str | Path,
    n_source: float = 200_000,
    seed: int = 1,
    model: Model | None = None,
    setup: Setup | None = None,
    fppos: tuple[int, ...] = (3,),
) -> Dataset:
    """Make a data set: raw and support files of both segments, an association, and reference files.

    Parameters
    ----------
    directory : str or Path
        Gets the folders ``raw`` and ``ref``.
    n_source : float
        Expected events of the source in segment A of each exposure.
    seed : int
        The same seed gives the same events.
    fppos : tuple of int
        One exposure each, half an hour apart.
    """
    directory, model, setup = Path(directory), model or Model(), setup or Setup()
    raw = directory / "raw"
    raw.mkdir(parents=True, exist_ok=True)
    names = write_references(directory / "ref", model)
    setups = [
        replace(
            setup,
            root=f"{setup.root[:6]}d{i + 1}q",
            fppos=f,
            expstart=setup.expstart + i * 1800.0 / SECONDS_PER_DAY,
        )
        for i, f in enumerate(fppos)
    ]
    association = raw / f"{setup.association}_asn.fits"
    dataset = Dataset(association, directory / "ref", model, setups, n_source)
    for i, one in enumerate(setups):
        for segment in SEGMENTS:
            rng = np.random.default_rng([seed, i, ord(segment[-1])])
            events = simulate_events(model, one, segment, n_source, rng)
            path = raw / f"{one.root}_rawtag_{segment[-1].lower()}.fits"
            header = events_header(one, segment, len(events))
            primary = primary_header(one, segment, names, SWITCHES)
            dataset.raw.append(write_raw(path, primary, header, events, gti_hdu(one)))
        support_hdus(one).writeto(raw / f"{one.root}_spt.fits")
    association_hdus(setup, tuple(s.root for s in setups)).writeto(association)
    return dataset

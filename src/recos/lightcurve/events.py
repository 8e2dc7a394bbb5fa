"""How much each event of a spectrum and of its background adds to count rate and flux."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recos.data.exposure import Exposure
from recos.data.instrument import EVENT_REJECTION
from recos.kernels.times import nint
from recos.lightcurve.exposures import ExtractedSpectrum


@dataclass(frozen=True, slots=True)
class WeightedEvents:
    """Events with what each of them adds to sums over the chosen columns.

    Attributes
    ----------
    time : ndarray of float32, shape (n,)
        Seconds since EXPSTART.
    gross, net, flux : ndarray of float64, shape (n,)
        Weighted counts; net counts; net counts converted to flux and multiplied by the width of the column,
        erg/cm2. For events of the background, the first is what they add to the background, the others what
        they take away.
    """

    time: np.ndarray
    gross: np.ndarray
    net: np.ndarray
    flux: np.ndarray


@dataclass(frozen=True, slots=True)
class SpectrumEvents:
    """The events of one spectrum.

    Attributes
    ----------
    source, sky : WeightedEvents
        In the region of the spectrum, and in the background boxes.
    width : float
        Width of the chosen columns whose sensitivity is known, Angstrom.
    typical_net, typical_flux : float
        Mean weights of a count, for time bins without any.
    """

    source: WeightedEvents
    sky: WeightedEvents
    width: float
    typical_net: float
    typical_flux: float


@dataclass(frozen=True, slots=True)
class BinnedEvents:
    """Accepted events of an exposure with the image pixel in which each lies.

    Attributes
    ----------
    time, epsilon : ndarray of float32
    column, row : ndarray of int64
    flagged : ndarray of bool
        The pixel has a serious data-quality bit.
    """

    time: np.ndarray
    epsilon: np.ndarray
    column: np.ndarray
    row: np.ndarray
    flagged: np.ndarray


def accepted_events(exposure: Exposure) -> BinnedEvents:
    """The events that entered the images of an exposure (:func:`recos.kernels.positions.bin_events`)."""
    events, mode = exposure.events, exposure.mode
    column = nint(events.xfull + np.float32(mode.x_offset))
    row = nint(events.yfull)
    n_rows, n_columns = mode.image_shape
    kept = (events.dq & EVENT_REJECTION) == 0
    kept &= (column >= 0) & (column < n_columns) & (row >= 0) & (row < n_rows)
    column, row = column[kept], row[kept]
    flagged = (exposure.require("images").dq[row, column] & int(exposure.header["SDQFLAGS"])) != 0
    return BinnedEvents(events.time[kept], events.epsilon[kept], column, row, flagged)


def weigh(events: BinnedEvents, spectrum: ExtractedSpectrum, chosen: np.ndarray) -> SpectrumEvents:
    """Select the events of one spectrum, and weigh them so that their sums are those of the x1d.

    Parameters
    ----------
    events : BinnedEvents
    spectrum : ExtractedSpectrum
    chosen : ndarray of bool, shape (columns,)
        Columns that count.
    """
    region = spectrum.region
    net = np.where(chosen, region.gain, 0.0)
    width = np.abs(np.gradient(spectrum.wavelength))
    flux = net * spectrum.flux_factor * width

    inside = region.spectrum.contain(events.column, events.row) & chosen[events.column]
    column, epsilon = events.column[inside], events.epsilon[inside].astype(np.float64)
    source = WeightedEvents(events.time[inside], epsilon, epsilon * net[column], epsilon * flux[column])
    calibrated = chosen & (spectrum.flux_factor > 0.0)
    return SpectrumEvents(
        source,
        _sky(events, spectrum, chosen, net, flux),
        float(width[calibrated].sum()),
        float(net[chosen].mean()) if chosen.any() else 0.0,
        float(flux[calibrated].mean()) if calibrated.any() else 0.0,
    )


def _sky(
    events: BinnedEvents, spectrum: ExtractedSpectrum, chosen: np.ndarray, net: np.ndarray, flux: np.ndarray
) -> WeightedEvents:
    region = spectrum.region
    weights = [region.sky_weights(w) for w in (chosen.astype(np.float64), net, flux)]
    # boxes that overlap count twice, as they do in the x1d
    indices = [
        np.flatnonzero(rows.contain(events.column, events.row) & (weights[0][events.column] != 0.0))
        for rows in region.sky
    ]
    index = np.concatenate([*indices, np.zeros(0, np.int64)])
    index = index[~(events.flagged[index] & region.sky_good[events.column[index]])]
    column = events.column[index]
    epsilon = events.epsilon[index].astype(np.float64) if region.weighted_sky else 1.0
    background, of_net, of_flux = (epsilon * weight[column] for weight in weights)
    return WeightedEvents(events.time[index], background, of_net, of_flux)

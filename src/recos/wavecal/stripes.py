"""Matching all lamp spectra of an exposure with their templates; those of the NUV stripes check each other.

Specification 4, sections 8.1, 8.5 and 8.6.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from recos.data.instrument import NUV_SHAPE
from recos.data.mode import Mode
from recos.messages import get_logger
from recos.wavecal.lamp import SearchParameters, Template
from recos.wavecal.template import FEWEST_COUNTS, Match, compare, locate, match_segment, override

logger = get_logger(__name__)

_LARGEST_DEVIATION = 25.0
"""Pixels by which a stripe may differ from the displacement of all stripes together."""
_MEDIUM_RESOLUTION = {"NUVA": (-0.5, 0.02307692), "NUVB": (0.0, 0.0), "NUVC": (1.0, 0.02307692)}
_EDGE_BIN = 3
_EDGE_BINS = 4
_BRIGHT_LINE = 30.0
"""Counts in a bin at the edge of the detector that may belong to a truncated line."""


class LampSpectrum(NamedTuple):
    """Lamp spectrum of a segment or stripe, and what it is compared with."""

    counts: np.ndarray
    """float64, one per image column."""
    template: Template
    """At its place among the image columns."""
    found: bool = True
    """The spectrum was found across the dispersion, or the user gives its shift."""


def match_spectra(
    lamps: Mapping[str, LampSpectrum],
    user: Mapping[str, float | None],
    search: SearchParameters,
    mode: Mode,
) -> dict[str, Match]:
    """Match the lamp spectra of all segments or stripes with their templates.

    Parameters
    ----------
    lamps : mapping of str to LampSpectrum
        By segment or stripe.
    user : mapping of str to float or None
        Total displacements that the user gives, pixels.
    search : SearchParameters
    mode : Mode
    """
    if mode.is_fuv:
        matches = {
            s: match_segment(
                lamp.counts, lamp.template.spectrum, search, lamp.found, lamp.template.fp_pixel_shift
            )
            for s, lamp in lamps.items()
        }
    else:
        lamps = {s: trimmed(s, lamp, mode.x_offset) for s, lamp in lamps.items()}
        matches = _match_stripes(lamps, search, mode)
    for segment, lamp in lamps.items():
        total = user.get(segment)
        if total is not None:
            matches[segment] = override(matches[segment], lamp.counts, lamp.template.spectrum, total)
    return matches


def _match_stripes(
    lamps: Mapping[str, LampSpectrum], search: SearchParameters, mode: Mode
) -> dict[str, Match]:
    found = {s: lamp.found and bool(np.sum(lamp.counts) >= FEWEST_COUNTS) for s, lamp in lamps.items()}
    together = _common_shift(lamps, found, search)
    matches = {s: _match_stripe(lamp, found[s], search, together) for s, lamp in sorted(lamps.items())}
    return _repaired(matches, search, mode)


def _common_shift(
    lamps: Mapping[str, LampSpectrum], found: Mapping[str, bool], search: SearchParameters
) -> float | None:
    """Displacement of the sum of the stripes that were found: 0 without any, None if it is not distinct."""
    chosen = [lamp for s, lamp in lamps.items() if found[s]]
    if not chosen:
        return 0.0
    counts = np.sum([lamp.counts for lamp in chosen], axis=0)
    template = np.sum([lamp.template.spectrum.astype(np.float64) for lamp in chosen], axis=0)
    position = locate(counts, template, search)
    return None if position is None else position.shift


def _match_stripe(lamp: LampSpectrum, found: bool, search: SearchParameters, together: float | None) -> Match:
    position = locate(lamp.counts, lamp.template.spectrum, search)
    shift = measured = scatter = 0.0
    if position is None:
        found = False
    else:
        shift, measured, scatter = position.shift, position.measured, position.scatter
        far = together is not None and abs(shift - together) > _LARGEST_DEVIATION
        found = found and position.certain and not far
    trial = compare(lamp.counts, lamp.template.spectrum, round(shift))
    if trial is None:
        return Match(0.0, measured, scatter, 0.0, 0.0, False, lamp.template.fp_pixel_shift)
    accepted = 1.0 / search.threshold <= trial.reduced_chi_square <= search.threshold
    return Match(
        *(shift, measured, scatter, trial.chi_square, trial.ndf, found and accepted),
        fp_pixel_shift=lamp.template.fp_pixel_shift,
    )


def _repaired(matches: dict[str, Match], search: SearchParameters, mode: Mode) -> dict[str, Match]:
    """Stripes that were not found take the displacement of the others.

    QUIRK (specification 4, section 8.5): if no stripe was found, all keep what was measured; with the correction,
    none is displaced.
    """
    relation = {} if mode.opt_elem == "G230L" else _MEDIUM_RESOLUTION

    def expected(stripe: str) -> float:
        constant, slope = relation.get(stripe, (0.0, 0.0))
        return constant + slope * (search.centre + matches[stripe].fp_pixel_shift)

    good = [match.shift - expected(stripe) for stripe, match in matches.items() if match.found]
    if not good and "lamp-not-found" in search.corrections:
        return {stripe: replace(match, shift=0.0) for stripe, match in matches.items()}
    if not good:
        return matches
    mean = sum(good) / len(good)
    return {
        stripe: match if match.found else replace(match, shift=mean + expected(stripe))
        for stripe, match in matches.items()
    }


def trimmed(stripe: str, lamp: LampSpectrum, x_offset: int) -> LampSpectrum:
    """The spectrum without lines that the edges of the detector cut; the template stays.

    Parameters
    ----------
    stripe : str
        For the log.
    lamp : LampSpectrum
    x_offset : int
        Image column of the left edge of the detector.
    """
    counts = lamp.counts.copy()
    median = np.sort(counts)[len(counts) // 2]
    cutoff = max(_BRIGHT_LINE, 3.0 * max(1.0, median))
    width = _EDGE_BIN * _EDGE_BINS
    end = x_offset + NUV_SHAPE[1]
    for side, edge in (
        ("left", counts[x_offset : x_offset + width]),
        ("right", counts[end - width : end][::-1]),
    ):
        bins = edge.reshape(_EDGE_BINS, _EDGE_BIN).sum(axis=1)
        if bins[0] <= cutoff:
            continue
        n = 0
        while n < _EDGE_BINS - 1 and bins[n] > bins[n + 1]:
            n += 1
        if n:
            edge[: n * _EDGE_BIN] = 0.0
            logger.info("Info:  truncated line removed at %s edge of %s", side, stripe)
    return lamp._replace(counts=counts)

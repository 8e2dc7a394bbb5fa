"""Slices of an exposure in memory."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from recos.data.exposure import Exposure
from recos.data.headers import copy_header
from recos.data.switches import read_switches
from recos.slicing.keywords import describe_events, record_slice
from recos.slicing.slices import TimeSlice, known_good_time


def cut_exposure(exposure: Exposure, piece: TimeSlice) -> Exposure:
    """What reading the corrtag file of a slice would give.

    Parameters
    ----------
    exposure : Exposure
        TIME-TAG, calibrated: events, headers and good time intervals as in its corrtag file. Not changed.
    piece : TimeSlice

    Returns
    -------
    Exposure
        With events of its own. What was done to the events is COMPLETE in its switches; images, TIMELINE and
        spectrum are not made yet. Without TIMELINE of the input.
    """
    time = exposure.events.time
    events = exposure.events.chosen(piece.event_rows(time))
    gti = known_good_time(piece, exposure.latest_gti)
    exptime = float(sum(gti.durations))
    primary, header = copy_header(exposure.primary), copy_header(exposure.header)
    describe_events(header, piece, exposure.mode.segment, len(events), exptime, float(time[-1]))
    record_slice(primary, piece, exposure.path.name)
    span = float(events.time[-1]) - float(events.time[0]) if len(events) else 0.0
    return Exposure(
        path=exposure.path,
        primary=primary,
        header=header,
        mode=replace(exposure.mode, expend=float(header.get("EXPEND", exposure.mode.expend))),
        switches=read_switches(primary),
        events=events,
        raw_gti=gti,
        gti_hdus=[],
        exptime=exptime,
        elapsed=span or exptime,
        is_corrtag=True,
        spt_header=exposure.spt_header,
        corrections=exposure.corrections,
        hvlevel=exposure.hvlevel,
    )


def slice_times(exposures: list[Exposure]) -> tuple[float, float]:
    """First and last time of an event in any of the segments, seconds since EXPSTART."""
    times = [e.events.time for e in exposures if len(e.events)]
    return float(np.min([t[0] for t in times])), float(np.max([t[-1] for t in times]))

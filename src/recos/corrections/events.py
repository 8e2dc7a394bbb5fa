"""Corrections of events, good time intervals and data-quality flags."""

from recos.corrections.entry import Correction

EVENTS: tuple[Correction, ...] = ()

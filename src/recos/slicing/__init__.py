"""Time slices: an exposure cut by times, good time intervals, conditions on the TIMELINE, or phase.

>>> from recos.slicing import Selection, split
>>> split("x_corrtag_a.fits", "part", increment=100.0)                       # doctest: +SKIP
>>> split(["x_corrtag_a.fits", "x_corrtag_b.fits"], "night", night=True)     # doctest: +SKIP

A :class:`Selection` is what a user asks for, a :class:`TimeSlice` what it means for one exposure; both know arrays
only, no files. Specification 1, section 20.
"""

from recos.slicing.corrtag import split
from recos.slicing.selection import ExposureTimes, Selection
from recos.slicing.slices import TimeSlice

__all__ = ["ExposureTimes", "Selection", "TimeSlice", "split"]

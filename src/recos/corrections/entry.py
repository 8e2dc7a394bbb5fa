"""What is known of a named correction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from recos.data.mode import Mode

Stage = Literal["events", "images", "spectrum", "combination"]


@dataclass(frozen=True, slots=True)
class Correction:
    """One fault of the reference's numbers, and the better number.

    Attributes
    ----------
    name : str
        Lower case with hyphens.
    stage : {"events", "images", "spectrum", "combination"}
        What it changes first: events (and good time intervals), which takes a raw file; data-quality flags and
        images, which are made again from corrtag files; the extracted spectrum; the combined spectrum.
    changes : str
        What is computed instead.
    why : str
        What is wrong with the default.
    specification : str
        Chapter and section that describe the fault.
    effect : str
        Its size, measured in simulated data.
    detectors, obsmodes, algorithms : tuple of str
        Where it applies: values of DETECTOR, OBSMODE, XTRCTALG.
    in_all : bool
        Switched on by ``all``; False where it is a matter of choice.
    """

    name: str
    stage: Stage
    changes: str
    why: str
    specification: str
    effect: str
    detectors: tuple[str, ...] = ("FUV", "NUV")
    obsmodes: tuple[str, ...] = ("TIME-TAG", "ACCUM")
    algorithms: tuple[str, ...] = ("BOXCAR", "TWOZONE")
    in_all: bool = True

    @property
    def where(self) -> str:
        """The data that it applies to, such as ``FUV TWOZONE``; ``all`` for any."""
        words = [values[0] for values in (self.detectors, self.obsmodes, self.algorithms) if len(values) == 1]
        return " ".join(words) or "all"

    def concerns(self, mode: Mode) -> bool:
        """Whether it can change the numbers of exposures of a mode."""
        return (
            mode.detector in self.detectors
            and mode.obsmode in self.obsmodes
            and mode.xtrctalg in self.algorithms
        )

"""A forward model of COS: from the spectrum of a source to raw files and the reference files that calibrate them.

>>> from recos.simulate import Configuration, Observation, Source, simulate
>>> observation = Observation(Configuration("G130M", 1291), exptime=300.0, events=50_000)
>>> dataset = simulate(observation, "example", Source.builtin("b-star"))             # doctest: +SKIP

`plan` and `configurations` say what is observed, `sources` with what spectrum. `fuv` and `nuv` hold the instrument as
functions, tabulate them into reference files and invert them to make events. `dataset` puts everything on disk,
`recovery` compares a calibrated spectrum with the truth. Numbers are plausible, not those of the real instrument.
"""

from recos.simulate.configurations import Configuration
from recos.simulate.dataset import Dataset, simulate
from recos.simulate.plan import Effects, Observation
from recos.simulate.recovery import Recovery, recover, true_flux
from recos.simulate.sources import Source

__all__ = [
    "Configuration",
    "Dataset",
    "Effects",
    "Observation",
    "Recovery",
    "Source",
    "recover",
    "simulate",
    "true_flux",
]

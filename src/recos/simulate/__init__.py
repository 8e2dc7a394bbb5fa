"""A small forward model of an FUV exposure: a spectrum, its raw files, the reference files to calibrate them.

`model` holds the instrument as functions. `references` tabulates them into reference files, `exposure`
inverts them to make events, `headers` writes what the detector electronics and the ground system would say.
Numbers are plausible, not those of the real instrument.
"""

from recos.simulate.exposure import (
    Dataset,
    Recovery,
    compare_spectrum,
    make_dataset,
    simulate_events,
    write_raw,
)
from recos.simulate.headers import Setup, primary_header
from recos.simulate.model import SEGMENTS, Model
from recos.simulate.references import write_references

__all__ = [
    "SEGMENTS",
    "Dataset",
    "Model",
    "Recovery",
    "Setup",
    "compare_spectrum",
    "make_dataset",
    "primary_header",
    "simulate_events",
    "write_raw",
    "write_references",
]

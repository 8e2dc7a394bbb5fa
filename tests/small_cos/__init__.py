"""A small COS for quick tests: FUV, G130M/1291, BOXCAR, reference files of 8 MB together.

`model` holds the instrument as functions. `references` tabulates them into reference files, `exposure`
inverts them to make events, `headers` writes what the detector electronics and the ground system would say.
For everything else there is :mod:`recos.simulate`.
"""

from small_cos.exposure import (
    Dataset,
    Recovery,
    compare_spectrum,
    make_dataset,
    simulate_events,
    write_raw,
)
from small_cos.headers import Setup, primary_header
from small_cos.model import SEGMENTS, Model
from small_cos.references import write_references

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

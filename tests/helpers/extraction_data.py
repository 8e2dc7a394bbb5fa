"""Small images and table rows for tests of the extraction."""

from __future__ import annotations

import numpy as np

from recos.data.images import Images
from recos.extract.inputs import ExtractionInput

ROWS, COLUMNS = 160, 400
CENTRE = 80.0

BOX = {
    "SLOPE": 0.01,
    "B_SPEC": 78.0,
    "HEIGHT": np.int16(21),
    "B_BKG1": 35.0,
    "B_BKG2": 115.0,
    "B_HGT1": np.int16(15),
    "B_HGT2": np.int16(12),
    "BWIDTH": np.int16(30),
}
ZONES = {
    "B_SPEC": 79.3,
    "HEIGHT": np.int16(40),
    "B_BKG1": 40.0,
    "B_BKG2": 121.2,
    "BHEIGHT": np.int16(12),
    "BWIDTH": np.int16(30),
    "LOWER_OUTER": 0.005,
    "LOWER_INNER": 0.1,
    "UPPER_INNER": 0.9,
    "UPPER_OUTER": 0.995,
}


def images(seed=0, exptime=800.0, flags=True):
    """A spectrum with the cross-dispersion profile of a Gaussian on a faint background."""
    rng = np.random.default_rng(seed)
    y = np.arange(ROWS)[:, np.newaxis]
    light = 30.0 * np.exp(-0.5 * ((y - CENTRE) / 4.0) ** 2) / 10.0 + 0.05
    light = np.repeat(light, COLUMNS, axis=1)
    light[:, :20] = light[:, -15:] = 0.0
    counts = rng.poisson(light).astype(np.float32)
    flat = (1.0 + 0.1 * np.sin(np.arange(COLUMNS) / 5.0)).astype(np.float32)
    dq = np.zeros((ROWS, COLUMNS), np.int16)
    if flags:
        dq[rng.random(dq.shape) < 0.01] = 2
        dq[rng.random(dq.shape) < 0.01] = 16
        dq[rng.random(dq.shape) < 0.01] = 4
        dq[:, :20] = dq[:, -15:] = 128
        dq[:, 200] = 128
    return Images(counts, (counts / flat).astype(np.float32), dq, exptime)


def extraction_input(row, seed=0, flags=True, **options):
    """Input of an extraction from :func:`images`."""
    made = images(seed, options.get("exptime", 800.0), flags)
    values = {
        "segment": "FUVA",
        "images": made,
        "row": row,
        "wavelength": 1400.0 + 0.01 * np.arange(COLUMNS),
        "exptime": 800.0,
        "sdqflags": 2 | 16 | 128,
        "sdqouter": 16,
        "flat_snr": 30.0,
    }
    return ExtractionInput(**values | options)

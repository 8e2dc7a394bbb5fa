"""Spectra in memory for tests of what comes after the extraction."""

from __future__ import annotations

import numpy as np
from astropy.io import fits

from recos.extract import Spectrum

N = 400


def make_spectrum(segments=("FUVA",), n=N, seed=0, exptime=500.0, start=1400.0, step=0.01, **keywords):
    """A spectrum with Poisson counts; keywords go to the header that has them, else to the SCI header."""
    rng = np.random.default_rng(seed)
    rows = []
    for i, segment in enumerate(segments):
        counts = rng.poisson(20.0, n).astype(float)
        rows.append(
            {
                "SEGMENT": segment,
                "EXPTIME": exptime,
                "NELEM": n,
                "WAVELENGTH": start - 200.0 * i + step * np.arange(n),
                "FLUX": counts / exptime * 1e-14,
                "ERROR": 0.01,
                "ERROR_LOWER": 0.008,
                "VARIANCE_FLAT": 0.2,
                "VARIANCE_COUNTS": counts,
                "VARIANCE_BKG": 0.1,
                "GROSS": counts / exptime,
                "GCOUNTS": counts,
                "NET": counts / exptime,
                "BACKGROUND": 0.001,
                "DQ": rng.choice([0, 4, 128], n, p=[0.8, 0.1, 0.1]),
                "DQ_WGT": 1.0,
            }
        )
        rows[-1]["DQ_WGT"] = (rows[-1]["DQ"] != 128).astype(float)
    primary = fits.PrimaryHDU().header
    primary.update(
        {
            "DETECTOR": "FUV", "SEGMENT": segments[0] if len(segments) == 1 else "BOTH",
            "OBSMODE": "TIME-TAG", "EXPTYPE": "EXTERNAL/SCI", "OPT_ELEM": "G130M", "CENWAVE": 1291,
            "APERTURE": "PSA", "FPOFFSET": 0, "FPPOS": 3, "STATFLAG": True, "WAVECALS": "x",
            "FLATCORR": "OMIT", "DOPPCORR": "OMIT", "FLUXCORR": "PERFORM", "WAVECORR": "PERFORM",
            "MINWAVE": 0.0, "MAXWAVE": 0.0, "BANDWID": 0.0, "CENTRWV": 0.0, "PLATESC": 0.0, "SPECRES": 0.0,
        }
    )  # fmt: skip
    header = fits.Header(
        {
            "SDQFLAGS": 128, "EXPSTART": 58000.0, "EXPEND": 58000.0 + exptime / 86400.0, "EXPTIME": exptime,
            "PLANTIME": exptime, "ASN_MTYP": "EXP-FP", "SP_LOC_A": 430.0, "SP_LOC_B": 490.0,
            "SHIFT1A": 0.0, "SHIFT1B": 0.0, "SHIFT2A": 0.0, "SHIFT2B": 0.0,
            "GLOBRT_A": 100.0, "GLOBRT_B": 50.0,
        }
    )  # fmt: skip
    for segment in segments:
        header["EXPTIME" + segment[-1]] = exptime
        header["NEVENTS" + segment[-1]] = 1000
    for keyword, value in keywords.items():
        name = keyword.upper()
        (primary if name in primary else header)[name] = value
    return Spectrum.from_rows(primary, header, rows, n)

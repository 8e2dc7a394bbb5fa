"""Small products to be compared."""

from __future__ import annotations

import numpy as np
from astropy.io import fits

import recos
from helpers.spectra import make_spectrum
from recos.io.fitsfile import write_tables

N = 60


def write_x1d(path, change=None, fluxcorr="COMPLETE", segments=("FUVA", "FUVB"), n=N, **keywords):
    """An x1d; `change` gets its columns and may alter them."""
    spectrum = make_spectrum(segments, n=n, fluxcorr=fluxcorr, **keywords)
    c = spectrum.columns
    c["ERROR"][:] = 0.1 * c["FLUX"].mean()
    if change is not None:
        change(c)
    write_tables(path, spectrum.primary, [spectrum.table()], overwrite=True)
    return path


def write_images(path, change=None, shape=(16, 20)):
    """A flt; `change` gets its planes and may alter them."""
    rng = np.random.default_rng(2)
    planes = {
        "SCI": rng.random(shape).astype(np.float32),
        "ERR": np.full(shape, 0.5, np.float32),
        "DQ": np.zeros(shape, np.int16),
    }
    if change is not None:
        change(planes)
    hdus = [fits.ImageHDU(data, name=name) for name, data in planes.items()]
    fits.HDUList([fits.PrimaryHDU(), *hdus]).writeto(path, overwrite=True)
    return path


def write_events(path, n=500, change=None):
    """A corrtag; `change` gets its rows and may alter them."""
    rng = np.random.default_rng(3)
    rows = np.zeros(n, [("TIME", "f4"), ("XFULL", "f4"), ("EPSILON", "f4"), ("DQ", "i2"), ("OK", "?")])
    rows["XFULL"] = rng.random(n) * 16384
    if change is not None:
        change(rows)
    gti = fits.BinTableHDU(np.array([(0.0, 100.0)], [("START", "f8"), ("STOP", "f8")]), name="GTI")
    fits.HDUList([fits.PrimaryHDU(), fits.BinTableHDU(rows, name="EVENTS"), gti]).writeto(
        path, overwrite=True
    )
    return path


def only_change(old, new, **options):
    """The one difference of values between two files, which are otherwise equal."""
    (file,) = recos.compare(old, new, **options).files
    assert file.facts == []
    (change,) = file.values
    return change


def facts_of(old, new, **options):
    (file,) = recos.compare(old, new, **options).files
    return {(f.kind, f.hdu, f.name): (f.old, f.new) for f in file.facts}

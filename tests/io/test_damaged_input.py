"""Files that are garbled rather than missing: one error that names file and keyword or column, never another."""

from __future__ import annotations

import errno

import numpy as np
import pytest
from astropy.io import fits

from helpers.folder import ROOT
from recos.errors import InputError
from recos.io.fits import open_fits
from recos.io.read import read


def rewrite(path, change):
    with fits.open(path, memmap=False) as hdus:
        new = fits.HDUList([hdu.copy() for hdu in hdus])
    change(new)
    path.unlink()
    new.writeto(path)


def garble(path, keyword, text):
    """Put a text in the place of the value of a card."""
    card = f"{keyword:8}= ".encode()
    data = bytearray(path.read_bytes())
    start = data.index(card) + len(card)
    data[start : start + 20] = text.ljust(20).encode()
    path.write_bytes(data)


def replace_column(name, form, array, extension=1):
    def change(hdus):
        columns = [
            c if c.name != name else fits.Column(name, form, array=array) for c in hdus[extension].columns
        ]
        hdus[extension] = fits.BinTableHDU.from_columns(columns, hdus[extension].header)

    return change


@pytest.mark.parametrize("keyword", ["CENWAVE", "RA_TARG", "EXPSTART", "NEVENTSB", "SDQFLAGS"])
@pytest.mark.parametrize("text", ["'abc'", "T", "", "1e30"])
def test_keyword_that_is_no_number(folder, keyword, text):
    garble(folder.raw("b"), keyword, text)
    with pytest.raises(InputError, match=f"{keyword} = .*expected a number") as caught:
        folder.read()
    assert folder.raw("b").name in str(caught.value)


@pytest.mark.parametrize("keyword", ["CENWAVE", "EXPSTART"])
def test_garbled_card(folder, keyword):
    garble(folder.raw("b"), keyword, "'1:x 3 =")
    with pytest.raises(InputError, match=keyword) as caught:
        folder.read()
    assert folder.raw("b").name in str(caught.value)


@pytest.mark.parametrize("seed", range(12))
def test_any_garbled_header(folder, seed):
    """Whatever is garbled: the file is read, or the error is one that names it."""
    rng = np.random.default_rng(seed)
    data = bytearray(folder.raw("b").read_bytes())
    for position in rng.integers(0, 11520, 6):
        data[position] = rng.integers(32, 127)
    folder.raw("b").write_bytes(data)
    try:
        for headers, _ in folder.read():
            read(headers.path, headers)
    except InputError as error:
        told = str(error)
    else:
        told = ROOT
    assert ROOT in told


@pytest.mark.parametrize(("name", "form"), [("TIME", "4A"), ("RAWX", "3I"), ("PHA", "2A")])
def test_column_of_another_form(folder, name, form):
    n = folder.read().members[0].files[0].n_events
    values = np.full(n, "abc") if form.endswith("A") else np.zeros((n, int(form[0])))
    rewrite(folder.raw("a"), replace_column(name, form, values))
    with pytest.raises(InputError, match=f"column {name} .*format {form}; expected one number per row"):
        read(folder.raw("a"))


def test_times_beyond_any_exposure(folder):
    def change(hdus):
        hdus[1].data["TIME"][-1] = 1e9

    rewrite(folder.raw("a"), change)
    with pytest.raises(InputError, match=r"TIME reaches from .* to 1e\+09; expected seconds since EXPSTART"):
        read(folder.raw("a"))


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e30])
def test_good_time_that_is_no_time(folder, value):
    def change(hdus):
        hdus["GTI"].data["STOP"][0] = value

    rewrite(folder.raw("a"), change)
    with pytest.raises(InputError, match="GTI table; expected seconds since EXPSTART"):
        read(folder.raw("a"))


def test_exposure_time_beyond_any_exposure(folder):
    folder.set("EXPTIMEA", 1e7, "a", ext=1)
    folder.set("EXPTIME", 1e7, "a", ext=1)
    with pytest.raises(InputError, match=r"EXPTIME = 1e\+07 s"):
        folder.read()


def test_bits_that_do_not_exist(folder):
    folder.set("SDQFLAGS", 99999, "a", ext=1)
    with pytest.raises(InputError, match="SDQFLAGS = 99999"):
        folder.read()


def test_events_that_are_an_image(folder):
    def change(hdus):
        hdus[1] = fits.ImageHDU(np.ones((3, 3)), name="EVENTS")

    rewrite(folder.raw("a"), change)
    with pytest.raises(InputError, match=folder.raw("a").name):
        folder.read()


def test_damage_found_while_a_file_is_open(folder):
    damaged = pytest.raises(InputError, match=r"rawtag_a.fits: the file is damaged or truncated \(.*NOWHERE")
    with damaged, open_fits(folder.raw("a")) as hdus:
        hdus["NOWHERE"]


def test_errors_of_the_system_are_not_taken_for_damage(folder):
    with pytest.raises(OSError, match="No space left"), open_fits(folder.raw("a")):
        raise OSError(errno.ENOSPC, "No space left on device")

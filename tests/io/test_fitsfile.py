from __future__ import annotations

import errno
import os
from io import FileIO

import numpy as np
import pytest
from astropy.io import fits

from recos.data.columns import Column
from recos.data.table import BinTable, TableColumn
from recos.errors import OutputError, OutputExistsError
from recos.io import fitsfile, platform
from recos.io.fitsfile import AtomicFile, start_tables, write_tables


def table(n: int = 40000, **keywords: object) -> BinTable:
    columns = [
        TableColumn(Column("NAME", "U4"), np.full(n, "FUVA")),
        TableColumn(Column("X", "f4", "pixel", "F8.3"), np.arange(n, dtype=np.float32)),
        TableColumn(Column("OK", "?"), np.arange(n) % 2 == 0),
    ]
    return BinTable("EVENTS", fits.Header(list(keywords.items())), columns)


def test_round_trip(tmp_path):
    write_tables(tmp_path / "a.fits", fits.PrimaryHDU().header, [table(A=1), table(3)])
    with fits.open(tmp_path / "a.fits") as hdus:
        hdus.verify("exception")
        assert (hdus[0].header["NEXTEND"], hdus[0].header["FILENAME"]) == (2, "a.fits")
        assert (hdus[1].data["X"] == np.arange(40000)).all()
        assert hdus[1].data["OK"].sum() == 20000
        assert set(hdus[1].data["NAME"]) == {"FUVA"}
        assert (hdus[1].columns["X"].unit, hdus[1].header["A"]) == ("pixel", 1)
        assert len(hdus[2].data) == 3


@pytest.mark.parametrize("added", [0, 1, 40, 80])
def test_header_may_grow_until_the_file_is_finished(tmp_path, added):
    part = table()
    file = start_tables(tmp_path / "a.fits", fits.PrimaryHDU().header, [part, table(5)], room=80)
    assert not (tmp_path / "a.fits").exists()
    for i in range(added):
        part.header[f"KEY{i}"] = i
    file.finish()
    with fits.open(tmp_path / "a.fits") as hdus:
        hdus.verify("exception")
        assert (hdus[1].data["X"] == np.arange(40000)).all()
        assert sum(k.startswith("KEY") for k in hdus[1].header) == added
        assert len(hdus[2].data) == 5


def test_settled_file_appears_when_it_is_committed(tmp_path):
    file = start_tables(tmp_path / "a.fits", fits.PrimaryHDU().header, [table()])
    file.settle()
    assert not (tmp_path / "a.fits").exists()
    file.commit()
    file.discard()
    assert [path.name for path in tmp_path.iterdir()] == ["a.fits"]
    assert len(fits.getdata(tmp_path / "a.fits")) == 40000


def test_discarded_file_leaves_nothing(tmp_path):
    file = start_tables(tmp_path / "a.fits", fits.PrimaryHDU().header, [table()])
    file.discard()
    file.discard()
    assert not list(tmp_path.iterdir())


def test_interruption_leaves_nothing(tmp_path, monkeypatch):
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(platform, "write_at", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_tables(tmp_path / "a.fits", fits.PrimaryHDU().header, [table()])
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("function", ["write", "truncate"])
@pytest.mark.parametrize(
    ("number", "text"), [(errno.ENOSPC, "disk is full"), (errno.EFBIG, "ulimit"), (errno.EACCES, "directory")]
)
def test_write_error(tmp_path, monkeypatch, function, number, text):
    def fail(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    class Failing(FileIO):
        pass

    setattr(Failing, function, fail)
    monkeypatch.setattr(fitsfile, "FileIO", Failing)
    with pytest.raises(OutputError, match=text) as caught:
        write_tables(tmp_path / "a.fits", fits.PrimaryHDU().header, [table()])
    assert "a.fits" in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_existing_file(tmp_path):
    path = tmp_path / "a.fits"
    path.write_text("mine")
    with pytest.raises(OutputExistsError, match="exists"):
        AtomicFile(path)
    assert path.read_text() == "mine"
    write_tables(path, fits.PrimaryHDU().header, [table(2)], overwrite=True)
    assert len(fits.getdata(path)) == 2

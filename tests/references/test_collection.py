"""References as a noun: declared tables, copies with other cells, pickles."""

from __future__ import annotations

import gc
import pickle

import pytest

from helpers import builders
from recos.data.reference_kinds import KINDS
from recos.references import References

IMAGES = {"FLATFILE", "XWLKFILE", "YWLKFILE", "GEOFILE", "DGEOFILE", "PHAFILE"}


@pytest.fixture
def refs(reference_files):
    return builders.make_refs(reference_files)


def test_a_table_of_each_kind_is_declared():
    declared = {name.upper() for name in vars(References) if name.upper() in KINDS}
    assert declared == set(KINDS) - IMAGES


def test_a_misspelt_table_is_an_error(refs):
    with pytest.raises(AttributeError, match="xtractable"):
        _ = refs.xtractable


def test_pickled_references_open_their_files_again(refs):
    copy = pickle.loads(pickle.dumps(refs))
    assert copy.names == refs.names
    assert copy.cache is not refs.cache
    assert (copy.xtractab.column("B_SPEC") == refs.xtractab.column("B_SPEC")).all()


def test_pickled_references_keep_changed_cells(refs):
    once = refs.with_cells({"XTRACTAB": {0: {"HEIGHT": 11}}, "BRFTAB": {0: {"A_LOW": 5}}})
    twice = once.with_cells({"XTRACTAB": {0: {"B_SPEC": 400.0}, 1: {"HEIGHT": 13}}})
    copy = pickle.loads(pickle.dumps(twice))
    for changed in (twice, copy):
        assert changed.xtractab.column("HEIGHT")[:2].tolist() == [11, 13]
        assert changed.xtractab.column("B_SPEC")[0] == 400.0
        assert changed.brftab.column("A_LOW")[0] == 5
    assert refs.xtractab.column("HEIGHT")[0] != 11
    assert once.xtractab.column("B_SPEC")[0] != 400.0


def test_repr_names_the_files(refs):
    text = repr(refs)
    assert f"XTRACTAB = {refs.names['XTRACTAB']}" in text
    assert "N/A" not in text


def test_a_table_keeps_its_file_open(reference_files):
    column = builders.make_refs(reference_files).xtractab.column("B_SPEC")
    table = builders.make_refs(reference_files).xtractab
    gc.collect()
    assert (table.column("B_SPEC") == column).all()


def test_files_are_closed_when_nobody_uses_them(reference_files):
    refs = builders.make_refs(reference_files)
    hdus = refs.file("XTRACTAB")
    table = refs.xtractab
    del refs
    gc.collect()
    assert not hdus._file.closed
    del table
    gc.collect()
    assert hdus._file.closed

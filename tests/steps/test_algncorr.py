from __future__ import annotations

import numpy as np
import pytest

from helpers import builders
from recos.data.context import Context
from recos.errors import MissingRowError
from recos.steps._algncorr import algncorr
from recos.steps._dqicorr import dqicorr
from recos.steps._initial_positions import initial_positions
from recos.steps._trcecorr import trcecorr
from recos.steps.science_events import science_events

N = 60000


@pytest.fixture(scope="module")
def refs(tmp_path_factory):
    names = builders.make_references(tmp_path_factory.mktemp("references"), large=True)
    return builders.make_refs(names)


def star(refs, offset, n=N, background=0.1, **header):
    """A star `offset` rows from the position of the profile, and some background."""
    switches = header.pop("switches", {"TRCECORR": "PERFORM", "ALGNCORR": "PERFORM", "WAVECORR": "OMIT"})
    options = {"life_adj": 1, "xtrctalg": "TWOZONE", "sdqflags": 8346, "algncorr": "PERFORM", **header}
    exposure = builders.make_exposure(n, switches=switches, doppmagv=0.0, **options)
    rng = np.random.default_rng(9)
    source = rng.random(n) > background
    row = refs.twozxtab.row(**exposure.mode.row_filter())
    y = rng.normal(row["B_SPEC"] + offset, 2.8, n)
    exposure.events.ycorr[source] = y[source]
    initial_positions(exposure, None)
    return exposure


@pytest.mark.parametrize("offset", [0.0, 1.7, -3.2])
def test_star_is_moved_onto_the_profile(refs, offset):
    exposure = star(refs, offset)
    before = exposure.events.yfull.astype(np.float64)
    algncorr(exposure, refs)
    header = exposure.header
    error = header["SP_ERR_A"]
    assert 0.005 < error < 0.05
    assert header["SP_OFF_A"] == pytest.approx(offset, abs=5 * error)
    assert header["SP_LOC_A"] == refs.proftab.row(segment="FUVA")["CENTER"]
    assert header["SP_ERR_B"] == -999.0
    moved = science_events(exposure, refs)
    expected = np.where(moved, before - header["SP_OFF_A"], before).astype(np.float32)
    np.testing.assert_array_equal(exposure.events.yfull, expected)
    assert exposure.primary["ALGNCORR"] == "COMPLETE"


def test_value_of_the_user_wins(refs):
    exposure = star(refs, 1.0, sp_set_a=2.5)
    algncorr(exposure, refs)
    assert exposure.header["SP_OFF_A"] == 2.5
    assert exposure.primary["ALGNCORR"] == "USER-SUPPLIED"
    assert exposure.header["SP_ERR_A"] > 0.0


def test_uncertain_centroid_is_not_used(refs, caplog):
    exposure = star(refs, 1.0, n=300, background=0.99)
    algncorr(exposure, refs)
    assert exposure.primary["ALGNCORR"] == "SKIPPED"
    # the nominal position of TWOZXTAB is that of the profile
    assert exposure.header["SP_OFF_A"] == pytest.approx(0.0, abs=1e-6)


def test_no_counts_at_all(refs, caplog):
    exposure = star(refs, 0.0, n=10)
    exposure.events.dq[:] = 512
    algncorr(exposure, refs)
    assert exposure.primary["ALGNCORR"] == "SKIPPED"
    assert exposure.header["SP_ERR_A"] == -999.0
    assert "not defined" in caplog.text


def test_alignment_moves_the_quality_image(refs):
    exposure = star(refs, 3.0)
    trcecorr(exposure, refs)
    context = Context()
    algncorr(exposure, refs, context)
    temporary = exposure.dq_image
    dqicorr(exposure, refs, context)
    assert exposure.dq_image is temporary
    assert context.workspace.quality is None
    # a region of BPIXTAB at (8200..8211, 470..509) moved by trace and alignment
    t = round(builders.trace("FUVA")[8205] + exposure.header["SP_OFF_A"])
    rows = np.flatnonzero(exposure.dq_image[:, 8205] & 16)
    assert (rows[0], rows[-1]) == (470 - t, 509 - t)


def test_mode_without_profile(refs):
    with pytest.raises(MissingRowError, match="APERTURE = BOA"):
        algncorr(star(refs, 0.0, n=10, aperture="BOA"), refs)

from __future__ import annotations

import pytest

from helpers import builders
from recos.steps.airglow import MULTIPLETS, airglow_limits


@pytest.fixture
def refs(reference_files):
    return builders.make_refs(reference_files)


def test_limits_enclose_the_lines(refs):
    mode = builders.make_exposure(2, segment="FUVA").mode
    relation = refs.dispersion(**mode.row_filter())
    low, high = airglow_limits(mode, refs, "O_I_1304")
    lines = MULTIPLETS["O_I_1304"]
    assert float(relation.wavelength(low + 100.0)) == pytest.approx(min(lines))
    assert float(relation.wavelength(high - 100.0)) == pytest.approx(max(lines))
    mode = builders.make_exposure(2, segment="FUVB").mode
    low, high = airglow_limits(mode, refs, "Lyman_alpha")
    assert high - low == pytest.approx(500.0)


def test_off_the_detector_or_unknown(refs, caplog):
    assert airglow_limits(builders.make_exposure(2, segment="FUVB").mode, refs, "O_I_1356") is None
    assert airglow_limits(builders.make_exposure(2, cenwave=1309).mode, refs, "O_I_1304") is None
    assert "not valid" in caplog.text

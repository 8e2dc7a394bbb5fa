from __future__ import annotations

import pytest

from helpers import builders
from recos.steps import clear_flags


@pytest.mark.parametrize(
    ("is_corrtag", "switch", "left"),
    [(True, "PERFORM", 0), (True, "COMPLETE", 2048), (False, "PERFORM", 2048)],
)
def test_flags_of_a_corrtag_input(is_corrtag, switch, left):
    exposure = builders.make_exposure(n=20)
    exposure.is_corrtag = is_corrtag
    exposure.switches["DQICORR"] = switch
    exposure.events.dq[:] = 2048
    clear_flags(exposure, None)
    assert (exposure.events.dq == left).all()

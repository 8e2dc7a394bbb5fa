from __future__ import annotations

import numpy as np
import pytest

from helpers import builders
from recos.errors import InputError, MissingRowError
from recos.steps._hvdscorr import hvdscorr


def test_all_weights_are_multiplied(reference_files):
    exposure = builders.make_exposure(50, hvlevela=167, columns={"epsilon": np.linspace(0.5, 2.0, 50)})
    exposure.primary["HVDSCORR"] = "PERFORM"
    before = exposure.events.epsilon.astype(np.float64)
    hvdscorr(exposure, builders.make_refs(reference_files))
    np.testing.assert_array_equal(exposure.events.epsilon, (before * (1.0 + 0.004 * 4.0)).astype(np.float32))
    assert exposure.primary["HVDSCORR"] == "COMPLETE"


def test_voltage_and_row_are_needed(reference_files):
    refs = builders.make_refs(reference_files)
    with pytest.raises(InputError, match="HVLEVELA"):
        hvdscorr(builders.make_exposure(5, hvlevela=None), refs)
    with pytest.raises(MissingRowError):
        hvdscorr(builders.make_exposure(5, cenwave=1309, hvlevela=167), refs)

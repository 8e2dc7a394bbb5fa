"""What the headers say of a configuration, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

import recos
from helpers import nuv_builders
from recos.errors import InputError


def test_exposures_of_the_ground_tests_are_refused(tmp_path):
    raw = nuv_builders.make_raw_image(tmp_path, np.ones((1024, 1024), np.int16), TARGNAME="Thermal_Vac")
    with pytest.raises(InputError, match="TARGNAME = Thermal_Vac; exposures of the ground tests"):
        recos.read(raw)

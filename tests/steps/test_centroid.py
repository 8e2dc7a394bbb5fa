from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from recos.steps.centroid import (
    Layout,
    Rows,
    Sums,
    background,
    centroid,
    centroid_error,
    find_centroid,
    profile_background,
    reference_centroid,
)

NX = 200
COLUMNS = np.arange(NX) % 5 != 0


def lay_out(centre):
    k = round(centre)
    return Layout(centre, Rows(k - 10, k + 10), Rows(k - 40, k - 25), Rows(k + 20, k + 45), COLUMNS)


def gaussian(centre, level=0.5, first=0, rows=200):
    y = np.arange(rows, dtype=float)[:, np.newaxis] + first
    values = 50.0 * np.exp(-0.5 * ((y - centre) / 2.5) ** 2) + level
    return np.broadcast_to(values, (rows, NX)).astype(np.float32)


def sums_of(image, first=0):
    return lambda columns: Sums(image, columns, first)


def test_sums_and_background():
    image = np.random.default_rng(1).uniform(size=(200, NX)).astype(np.float32)
    image[:, ~COLUMNS] = np.nan
    sums, layout = Sums(image, COLUMNS), lay_out(100.0)
    both = np.concatenate([image[60:76][:, COLUMNS], image[120:146][:, COLUMNS]])
    assert background(sums, layout) == pytest.approx(both.mean(dtype=float), rel=1e-12)
    part = image[90:111][:, COLUMNS].astype(float) - 0.1
    expected = (part * np.arange(90, 111)[:, np.newaxis]).sum() / part.sum()
    assert centroid(sums, layout.spectrum, 0.1) == pytest.approx(expected, rel=1e-12)
    assert np.isnan(sums.mean(Rows(5, 4)))


@pytest.mark.parametrize("true", [100.0, 103.37, 88.8])
def test_iteration_converges(true):
    found = find_centroid(100.0, lay_out, sums_of(gaussian(true)))
    assert found.status == "converged"
    assert found.value == pytest.approx(true, abs=5e-3)
    assert abs(found.layout.centre - true) < 0.02


def test_part_of_an_image_knows_its_first_row():
    found = find_centroid(100.0, lay_out, sums_of(gaussian(101.3, first=50, rows=110), 50))
    assert found.value == pytest.approx(101.3, abs=5e-3)


def test_no_counts_is_undefined(caplog):
    found = find_centroid(100.0, lay_out, sums_of(np.zeros((200, NX), np.float32)))
    assert (found.status, found.value) == ("undefined", 100.0)
    assert caplog.text.count("not defined") == 5


def test_no_good_columns_is_undefined():
    def without_columns(centre):
        return replace(lay_out(centre), columns=np.zeros(NX, bool))

    found = find_centroid(100.0, without_columns, sums_of(gaussian(100.0)))
    assert (found.status, found.value, found.layout.centre) == ("undefined", 100.0, 100.0)


def test_large_move_is_undefined():
    image = np.zeros((200, NX), np.float32)
    image[90], image[110] = -1.0, 1.3
    found = find_centroid(100.0, lay_out, sums_of(image))
    assert found.status == "undefined"


def test_slow_convergence_is_told():
    # half of the source is always cut off by the moving band
    image = np.zeros((400, NX), np.float32)
    image[:, :] = np.arange(400, dtype=np.float32)[:, np.newaxis] ** 2
    found = find_centroid(100.0, lay_out, sums_of(image))
    assert found.status in ("not converged", "undefined")


def test_error_is_that_of_poisson_counts():
    rng = np.random.default_rng(4)
    truth = gaussian(100.0, 0.2) * np.float32(0.02)
    values, errors = [], []
    for _ in range(60):
        counts = rng.poisson(truth).astype(np.float32)
        found = find_centroid(100.0, lay_out, sums_of(counts))
        values.append(found.value)
        errors.append(centroid_error(Sums(counts, COLUMNS), found.layout))
    assert np.std(values) == pytest.approx(np.mean(errors), rel=0.35)


def test_error_may_be_undefined():
    assert centroid_error(Sums(np.zeros((200, NX), np.float32), COLUMNS), lay_out(100.0)) is None
    assert centroid_error(Sums(gaussian(100.0), np.zeros(NX, bool)), lay_out(100.0)) is None


def test_reference_centroid_in_detector_rows():
    profile = gaussian(70.4, 0.0, rows=140)
    assert reference_centroid(profile, 30, 100.4, lay_out(103.0)) == pytest.approx(100.4, abs=5e-3)
    assert reference_centroid(profile, 30, 99.0, lay_out(103.0)) == pytest.approx(100.4, abs=0.1)
    assert reference_centroid(np.zeros((140, NX), np.float32), 30, 101.0, lay_out(103.0)) == 101.0


def test_reference_background_may_be_cut_off():
    profile = np.ones((100, NX), np.float32)
    sums = Sums(profile, COLUMNS)
    layout = Layout(50.0, Rows(40, 60), Rows(-5, 4), Rows(95, 104), COLUMNS)
    # the means count fully, the weights are 5/10 and 6/10
    assert profile_background(sums, layout, 100) == pytest.approx(2.0 / (0.5 + 0.6))
    inside = Layout(50.0, Rows(40, 60), Rows(0, 9), Rows(90, 99), COLUMNS)
    assert profile_background(sums, inside, 100) == pytest.approx(1.0)
    nowhere = Layout(50.0, Rows(40, 60), Rows(-9, 0), Rows(101, 110), COLUMNS)
    assert profile_background(sums, nowhere, 100) == 0.0

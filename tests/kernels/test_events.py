"""Kernels over events against plain NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recos.kernels.events import count_in_rows, inside_box, subtract_walk

RNG = np.random.default_rng(5)


def test_box_includes_its_edges():
    x = np.array([9.999, 10.0, 15.0, 20.0, 20.002, 15.0, np.nan], np.float32)
    y = np.array([5.0, 5.0, 6.0, 6.0, 5.0, 6.001, 5.0], np.float32)
    assert inside_box(x, y, 10.0, 20.0, 5.0, 6.0).tolist() == [False, True, True, True, False, False, False]


def walked(position, pha, chosen, table):
    c = np.clip(position.astype(np.float64), 0, table.shape[1] - 1)
    i = c.astype(np.int64)
    w = c - i
    row = np.minimum(pha, table.shape[0] - 1)
    padded = np.pad(table, ((0, 0), (0, 1))).astype(np.float64)
    shift = padded[row, i] * (1.0 - w) + padded[row, i + 1] * w
    return np.where(chosen, (position - shift).astype(np.float32), position)


@given(st.integers(0, 2**32 - 1))
def test_walk_is_the_numpy_twin(seed):
    rng = np.random.default_rng(seed)
    position = rng.uniform(-5.0, 70.0, 200).astype(np.float32)
    position[:3] = 0.0, 62.0, 63.0
    pha = rng.integers(0, 40, 200).astype(np.uint8)
    chosen = rng.random(200) < 0.7
    table = rng.normal(0.0, 1.0, (32, 64)).astype(np.float32)
    expected = walked(position, pha, chosen, table)
    subtract_walk(position, pha, chosen, table)
    np.testing.assert_array_equal(position, expected)


def test_walk_of_nan_stays_nan():
    position = np.array([np.nan], np.float32)
    subtract_walk(position, np.zeros(1, np.uint8), np.ones(1, bool), np.ones((2, 3), np.float32))
    assert np.isnan(position[0])


def test_counts_in_rows():
    y = RNG.uniform(-3.0, 60.0, 500).astype(np.float32)
    y[:4] = 9.5, 20.499, 20.5, -0.5
    dq = np.where(RNG.random(500) < 0.2, 8, 0).astype(np.int16)
    dq[:4] = 0
    start, stop = np.array([0, 100, 100, 350]), np.array([100, 100, 349, 500])
    rows = np.array([[10, 20], [15, 30], [0, 5]])
    row = np.floor(y.astype(np.float64) + 0.5)
    band = [(row >= low) & (row <= high) & (dq == 0) for low, high in rows]
    band[1] &= ~band[0]
    expected = [[np.count_nonzero(b[i:j]) for i, j in zip(start, stop, strict=True)] for b in band]
    assert count_in_rows(y, dq, start, stop, rows).tolist() == expected


@pytest.mark.parametrize("n", [0, 1])
def test_few_events(n):
    x = np.zeros(n, np.float32)
    assert len(inside_box(x, x, 0.0, 1.0, 0.0, 1.0)) == n

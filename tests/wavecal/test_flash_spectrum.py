import numpy as np
import pytest

from helpers.builders import make_exposure, make_refs
from recos.errors import ReferenceFileError
from recos.references.regions import regions_for
from recos.wavecal import lamp
from recos.wavecal.cross_dispersion import LampEvents
from recos.wavecal.flash_spectrum import BackgroundMask, extract_flash, running_mean
from recos.wavecal.static_mask import background_mask

SHAPE = (64, 200)
ROW = {
    "B_SPEC": 30.0, "SLOPE": 0.01, "HEIGHT": 5, "B_BKG1": 12.0, "B_BKG2": 45.0, "B_HGT1": 6, "B_HGT2": 4,
    "BWIDTH": 11,
}  # fmt: skip


def lamp_light(n=3000, seed=0):
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(0, 199, n).astype(np.float32), rng.uniform(0, 63, n).astype(np.float32)
    dq = rng.choice([0, 4, 64, 512, 2048], n, p=[0.8, 0.05, 0.05, 0.05, 0.05]).astype(np.int16)
    return LampEvents(x, y, dq, rng.uniform(0.9, 1.2, n).astype(np.float32))


def plain(events, row, shift2, bad):
    """Gross, background before smoothing, and net weights by loops over events and pixels."""
    n = SHAPE[1]
    gross, weighted, back, good = (np.zeros(n) for _ in range(4))
    y0 = row["B_SPEC"] + shift2 - row["HEIGHT"] // 2

    def pixel(k, y0, height):
        i = int(np.floor(float(events.x[k]) + 0.5))
        j = int(np.floor(float(events.y[k]) - (y0 + row["SLOPE"] * float(events.x[k])) + 0.5))
        return (i, j) if 0 <= i < n and 0 <= j < height else None

    for k in range(len(events.x)):
        at = pixel(k, y0, row["HEIGHT"])
        if at and not events.dq[k] & 2624:
            gross[at[0]] += 1
            weighted[at[0]] += float(events.epsilon[k])
    for b, h in (("B_BKG1", "B_HGT1"), ("B_BKG2", "B_HGT2")):
        y0, height = row[b] + shift2 - row[h] // 2, row[h]
        first = np.floor(y0 + row["SLOPE"] * np.arange(n) + 0.5).astype(int)
        for i in range(n):
            good[i] += height - bad[first[i] : first[i] + height, i].sum()
        for k in range(len(events.x)):
            at = pixel(k, y0, height)
            if at and not bad[first[at[0]] + at[1], at[0]]:
                back[at[0]] += 1
    total = row["B_HGT1"] + row["B_HGT2"]
    back *= np.where(good > 0, total / np.maximum(good, 1), 1.0) * row["HEIGHT"] / total
    return gross, weighted, back, good


@pytest.mark.parametrize(
    "rectangles",
    [[], [(20, 8, 60, 14), (50, 10, 90, 50), (150, 0, 170, 64)], [(0, 0, 15, 64), (190, 0, 200, 64)]],
)
def test_spectrum_and_background_against_loops(rectangles):
    bad = np.zeros(SHAPE, bool)
    for x0, y0, x1, y1 in rectangles:
        bad[y0:y1, x0:x1] = True
    mask = BackgroundMask(np.array(rectangles, int).reshape(-1, 4), SHAPE)
    events = lamp_light()
    spectrum = extract_flash(events, ROW, 0.7, SHAPE, 0, mask)
    gross, weighted, back, good = plain(events, ROW, 0.7, bad)
    covered = np.flatnonzero(good)
    inside = slice(covered[0], covered[-1] + 1)
    back[inside] = running_mean(back[inside].astype(np.float32), 11)
    assert np.array_equal(spectrum.gross, gross)
    assert spectrum.background == pytest.approx(back, rel=1e-12)
    epsilon = np.where(gross > 0, weighted / np.maximum(gross, 1), 1.0)
    assert spectrum.net == pytest.approx(epsilon * (gross - back), rel=1e-9, abs=1e-9)


def test_without_mask_there_is_no_background():
    spectrum = extract_flash(lamp_light(), ROW, 0.0, SHAPE, 0, None)
    assert not spectrum.background.any()


def test_a_background_outside_the_detector_is_an_error():
    mask = BackgroundMask(np.zeros((0, 4), int), SHAPE)
    with pytest.raises(ReferenceFileError, match="beyond the"):
        mask.bands(ROW, 30.0, 0)


@pytest.mark.parametrize("width", [1, 4, 11, 500])
def test_running_mean_against_loops(width):
    values = np.random.default_rng(2).poisson(2.0, 40).astype(np.float32)
    smooth = running_mean(values, width)
    for k in range(40):
        window = values[max(k - width // 2, 0) : max(k - width // 2 + width, 0)]
        assert smooth[k] == pytest.approx(window.mean(dtype=np.float64), rel=1e-6)


def test_the_mask_holds_the_serious_regions(reference_files):
    exposure, refs = make_exposure(10, names=reference_files), make_refs(reference_files)
    mask = background_mask(exposure, refs)
    regions = regions_for(exposure, refs, [(0.0, 600.0)])
    serious = (regions.dq & exposure.mode.sdqflags) != 0
    assert len(mask.rectangles) == serious.sum() > 0
    assert set(mask.rectangles[:, 0]) == set(regions.lx[serious])
    assert set(mask.rectangles[:, 3]) == set(regions.uy[serious] + 1)
    row = lamp.extraction_row(refs, exposure.mode, "FUVA")
    assert all(band.good.max() == band.height for band in mask.bands(row, 0.0, 0))

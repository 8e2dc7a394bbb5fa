"""Light curves: their sums are those of the x1d, their errors mean what they say."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

import recos
from helpers import builders, nuv_builders
from recos.errors import InputError, MissingReferenceError, UsageError
from recos.kernels.poisson import poisson_errors
from recos.lightcurve.curve import _Rate
from recos.lightcurve.exposures import extract, read_all
from small_cos import Setup, make_dataset

pytestmark = pytest.mark.xdist_group("lightcurve")

SETUP = Setup(exptime=100.0, flashes=((4.0, 12.0),))
QUIET = [(1310.0, 1350.0), (1365.0, 1420.0)]
"""Angstrom: segment A without airglow."""


class Exposure:
    """Calibrated exposures, and their spectrum."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files = sorted(folder.glob("*_corrtag_?.fits"))
        self.x1d = fits.getdata(sorted(folder.glob("*_x1d.fits"))[0])

    def sums(self, ranges=None, screen_dq=True):
        """Counts, net rate and mean flux of the x1d in some ranges."""
        counts = net = flux = width = 0.0
        for row in self.x1d:
            wavelength = row["WAVELENGTH"]
            use = row["DQ_WGT"] > 0.0 if screen_dq else np.ones(len(wavelength), bool)
            if ranges is not None:
                use = use & np.any([(wavelength >= a) & (wavelength <= b) for a, b in ranges], axis=0)
            step = np.gradient(wavelength)[use]
            counts += np.rint(row["GCOUNTS"][use].astype(float)).sum()
            net += row["NET"][use].sum(dtype=float)
            flux += (row["FLUX"][use].astype(float) * step).sum()
            width += step.sum()
        return counts, net, flux / width


def mean(curve, name):
    """Mean over good time."""
    return np.nansum(curve[name].data * curve["EXPTIME"].data) / curve["EXPTIME"].data.sum()


def change_headers(paths, **keywords):
    for path in paths:
        with fits.open(path, mode="update") as hdus:
            hdus[0].header.update(keywords)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    folder = tmp_path_factory.mktemp("curve")
    made = make_dataset(folder, n_source=60_000, seed=5, setup=SETUP, fppos=(3, 4))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("lref", f"{made.references}/")
        yield made


@pytest.fixture(scope="module")
def boxcar(dataset, tmp_path_factory):
    folder = tmp_path_factory.mktemp("boxcar")
    recos.run(dataset.raw[0], outdir=folder)
    return Exposure(folder)


@pytest.fixture(scope="module")
def twozone(dataset, tmp_path_factory):
    """The same exposure, straightened by a trace, aligned, extracted in two zones."""
    folder = tmp_path_factory.mktemp("twozone")
    names = builders.make_references(dataset.references, dataset.model, prefix="lref$", large=True)
    raw = [Path(shutil.copy(path, folder)) for path in dataset.raw[:2]]
    tables = {k: names[k] for k in ("TRACETAB", "TWOZXTAB", "PROFTAB")}
    change_headers(raw, XTRCTALG="TWOZONE", TRCECORR="PERFORM", ALGNCORR="PERFORM", **tables)
    recos.run(raw[0], outdir=folder / "new")
    return Exposure(folder / "new")


@pytest.fixture
def corrtag(boxcar, tmp_path):
    """A copy of the corrtag file of segment A, to be changed."""
    return Path(shutil.copy(boxcar.files[0], tmp_path))


# ----------------------------------------------------------------------------------------------- against x1d


@pytest.mark.parametrize("kind", ["boxcar", "twozone"])
@pytest.mark.parametrize("screen_dq", [True, False])
@pytest.mark.parametrize("ranges", [None, QUIET, [(1150.0, 1190.0), (1160.0, 1195.0), (1400.0, 1401.0)]])
def test_sums_are_those_of_the_x1d(kind, screen_dq, ranges, request):
    exposure = request.getfixturevalue(kind)
    curve = recos.light_curve(exposure.files, 7.0, ranges, airglow=True, screen_dq=screen_dq)
    counts, net, flux = exposure.sums(ranges, screen_dq)
    assert counts > 100
    assert curve["COUNTS"].sum() == counts
    assert curve["EXPTIME"].sum() == pytest.approx(SETUP.exptime)
    assert mean(curve, "NET") == pytest.approx(net, rel=1e-6)
    if screen_dq or ranges is QUIET:  # else there are columns without sensitivity
        assert mean(curve, "FLUX") == pytest.approx(flux, rel=1e-6)


def test_sums_are_those_of_the_corrected_x1d(twozone, tmp_path):
    names = ("enclosed-energy", "extraction-heights", "unlit-columns", "background-gaps")
    raw = twozone.folder.parent / "lrec01d1q_rawtag_a.fits"
    recos.run(raw, tmp_path, corrections=names, products="corrtag,x1d")
    exposure = Exposure(tmp_path)
    curve = recos.light_curve(exposure.files, 7.0, airglow=True, corrections=names)
    counts, net, flux = exposure.sums()
    assert net != pytest.approx(twozone.sums()[1], rel=1e-4)
    assert curve["COUNTS"].sum() == counts
    assert mean(curve, "NET") == pytest.approx(net, rel=1e-6)
    assert mean(curve, "FLUX") == pytest.approx(flux, rel=1e-6)


def test_net_is_gross_without_background(boxcar):
    curve = recos.light_curve(boxcar.files, 10.0)
    net = (curve["GROSS"] - curve["BACKGROUND"]) / curve["EXPTIME"]
    np.testing.assert_allclose(curve["NET"], net, rtol=1e-12)
    assert (curve["BACKGROUND"] > 0.0).all()
    assert (curve["GROSS"] > curve["COUNTS"]).all()  # dead time; the flat field is 1 on average


@pytest.mark.parametrize("kind", ["boxcar", "twozone"])
def test_data_quality_is_that_of_the_images(kind, request):
    """Also where trace and alignment, or the keywords of a target search, could be taken for displacements."""
    exposure = request.getfixturevalue(kind)
    for headers in read_all(exposure.files)[0]:
        found, _ = extract(headers, recos.References.from_header(headers.primary))
        letter = headers.mode.letter.lower()
        with fits.open(exposure.folder / f"lrec01d1q_flt_{letter}.fits") as hdus:
            np.testing.assert_array_equal(found.images.dq, hdus["DQ"].data)
            np.testing.assert_array_equal(found.images.flat_rate(), hdus["SCI"].data)


def test_spectrum_that_was_searched(dataset, tmp_path):
    recos.run(dataset.raw[0], outdir=tmp_path, find_target=True)
    exposure = Exposure(tmp_path)
    header = fits.getheader(exposure.files[0], 1)
    assert header["SP_LOC_A"] != pytest.approx(header["SP_NOM_A"], abs=0.01)
    curve = recos.light_curve(exposure.files, 20.0, airglow=True)
    assert curve["COUNTS"].sum() == exposure.sums()[0]


# ------------------------------------------------------------------------------------------------ statistics


def test_constant_source_gives_a_constant_curve(boxcar):
    curve = recos.light_curve(boxcar.files[0], 0.5)
    assert len(curve) == 200
    for value, lower, upper in (
        ("NET", "NET_ERROR_LOWER", "NET_ERROR_UPPER"),
        ("FLUX", "FLUX_ERROR", "FLUX_ERROR"),
    ):
        residual = curve[value] - mean(curve, value)
        pulls = residual / np.where(residual > 0.0, curve[lower], curve[upper])
        assert abs(pulls.mean()) < 0.25
        assert 0.85 < pulls.std() < 1.15


def test_fading_source(corrtag):
    with fits.open(corrtag) as hdus:
        events = hdus[1].data
        rng = np.random.default_rng(1)
        kept = (events["TIME"] < 50.0) | (rng.random(len(events)) < 0.25)
        hdus[1].data = events[kept]
        hdus.writeto(corrtag, overwrite=True)
    curve = recos.light_curve(corrtag, 10.0, QUIET)
    bright, faint = curve[:5], curve[5:]
    for name in ("NET", "FLUX", "BACKGROUND"):
        tolerance = 0.3 if name == "BACKGROUND" else 0.05
        assert faint[name].mean() / bright[name].mean() == pytest.approx(0.25, rel=tolerance)
    assert 1.8 < (bright["NET_ERROR_UPPER"].mean() / faint["NET_ERROR_UPPER"].mean()) < 2.2


def test_errors_of_unweighted_counts_are_poisson_limits():
    counts = np.array([0, 1, 5, 300])
    bins = np.repeat(np.arange(4), counts)
    nothing = (np.zeros(0, int), np.zeros(0))
    for weight in (1.0, 2e-15):
        rate = _Rate()
        rate.add((bins, np.full(len(bins), weight)), nothing, weight, np.full(4, 0.1))
        lower, upper = rate.errors()
        expected = poisson_errors(counts.astype(float))
        np.testing.assert_allclose(lower, 0.1 * weight * expected[0], rtol=1e-5)
        np.testing.assert_allclose(upper, 0.1 * weight * expected[1], rtol=1e-5)
        np.testing.assert_allclose(rate.value, 0.1 * weight * counts)


# ---------------------------------------------------------------------------------------------------- what counts


def test_airglow_is_left_out(boxcar):
    ranges = [(1205.0, 1225.0)]
    with_it = recos.light_curve(boxcar.files, 20.0, ranges, airglow=True)
    without = recos.light_curve(boxcar.files, 20.0, ranges)
    columns = [(1205.0, 1213.0), (1218.5, 1225.0)]
    beside = recos.light_curve(boxcar.files, 20.0, columns, airglow=True)
    assert beside["COUNTS"].sum() <= without["COUNTS"].sum() < 0.8 * with_it["COUNTS"].sum()
    assert mean(without, "FLUX") == pytest.approx(mean(beside, "FLUX"), rel=0.05)
    assert without.meta["AIRGLOW"] is False
    with pytest.raises(UsageError, match="airglow=True"):
        recos.light_curve(boxcar.files, 20.0, [(1215.0, 1216.0)])


def test_bins_without_good_time(corrtag, caplog):
    with fits.open(corrtag) as hdus:
        hdus["GTI"].data = fits.FITS_rec.from_columns(
            fits.ColDefs(
                [
                    fits.Column("START", "1D", array=[0.0, 65.0]),
                    fits.Column("STOP", "1D", array=[35.0, 100.0]),
                ]
            )
        )
        hdus.writeto(corrtag, overwrite=True)
    curve = recos.light_curve(corrtag, 10.0, QUIET)
    np.testing.assert_allclose(curve["EXPTIME"], [10, 10, 10, 5, 0, 0, 5, 10, 10, 10])
    empty = curve["EXPTIME"] == 0.0
    assert (curve["COUNTS"][empty] == 0).all()
    for name in ("NET", "NET_ERROR_LOWER", "NET_ERROR_UPPER", "FLUX", "FLUX_ERROR"):
        np.testing.assert_array_equal(np.isnan(curve[name]), empty)
    assert curve["NET"][3] == pytest.approx(curve["NET"][2], rel=0.15)
    assert "outside the good time" in caplog.text


def test_segments_are_added(boxcar):
    alone = [recos.light_curve(path, 10.0) for path in boxcar.files]
    both = recos.light_curve(reversed(boxcar.files), 10.0)
    for name in ("COUNTS", "GROSS", "BACKGROUND", "NET"):
        np.testing.assert_allclose(both[name], alone[0][name] + alone[1][name])
    np.testing.assert_allclose(
        both["NET_ERROR_UPPER"] ** 2, sum(c["NET_ERROR_UPPER"] ** 2 for c in alone), rtol=0.05
    )
    assert both.meta["SEGMENTS"] == "FUVA, FUVB"
    # a range that lies in one segment leaves the other out
    assert recos.light_curve(boxcar.files, 10.0, QUIET).meta["SEGMENTS"] == "FUVA"


def test_exposures_follow_each_other(dataset, boxcar, tmp_path):
    recos.run(dataset.raw[2], outdir=tmp_path)
    later = Exposure(tmp_path)
    curve = recos.light_curve([*later.files, *boxcar.files], 30.0, airglow=True)
    assert len(curve) == 8
    assert (np.diff(curve["MJD"]) > 0.0).all()
    roots = [setup.root for setup in dataset.setups]
    assert list(curve["ROOTNAME"]) == [roots[0]] * 4 + [roots[1]] * 4
    assert curve.meta["ROOTNAME"] == ", ".join(roots)
    np.testing.assert_array_equal(curve["TIME"], [0.0, 30.0, 60.0, 90.0] * 2)
    np.testing.assert_allclose(curve["EXPTIME"], [30.0, 30.0, 30.0, 10.0] * 2)
    starts = [setup.expstart for setup in dataset.setups]
    np.testing.assert_allclose(curve["MJD"][[0, 4]], np.array(starts) + 15.0 / 86400.0, rtol=0, atol=1e-9)
    assert curve["COUNTS"][:4].sum() == boxcar.sums()[0]
    assert curve["COUNTS"][4:].sum() == later.sums()[0]


def test_units_and_metadata(boxcar):
    curve = recos.light_curve(boxcar.files, 25.0, QUIET)
    units = {name: str(curve[name].unit) for name in curve.colnames}
    assert units["NET"] == units["NET_ERROR_UPPER"] == "ct / s"
    assert curve["FLUX"].unit.is_equivalent("erg s-1 cm-2 Angstrom-1")
    assert (units["MJD"], units["TIME"], units["EXPTIME"], units["COUNTS"]) == ("d", "s", "s", "ct")
    assert curve["COUNTS"].dtype.kind == "i"
    expected = {
        "ROOTNAME": "lrec01d1q", "WAVERANG": "1310-1350, 1365-1420", "STEP": 25.0, "EXPSTART": SETUP.expstart,
        "XTRCTALG": "BOXCAR", "SCREENDQ": True,
    }  # fmt: skip
    assert {k: curve.meta[k] for k in expected} == expected
    assert curve.meta["EXTRROWS"].startswith("FUVA 4")


def test_without_flux_calibration(corrtag):
    change_headers([corrtag], FLUXCORR="OMIT")
    curve = recos.light_curve(corrtag, 25.0, QUIET)
    assert np.isfinite(curve["NET"]).all()
    assert np.isnan(curve["FLUX"]).all()
    assert np.isnan(curve["FLUX_ERROR"]).all()


def test_without_background_subtraction(corrtag):
    change_headers([corrtag], BACKCORR="OMIT")
    curve = recos.light_curve(corrtag, 25.0, QUIET)
    assert (curve["BACKGROUND"] == 0.0).all()
    np.testing.assert_allclose(curve["NET"], curve["GROSS"] / curve["EXPTIME"])


def test_events_are_taken_as_they_are(corrtag, boxcar):
    """A switch that was left at PERFORM moves no events."""
    change_headers([corrtag], WAVECORR="PERFORM", DQICORR="PERFORM", TEMPCORR="PERFORM")
    before = recos.light_curve(boxcar.files[0], 25.0, QUIET, screen_dq=False)
    after = recos.light_curve(corrtag, 25.0, QUIET, screen_dq=False)
    np.testing.assert_allclose(after["COUNTS"], before["COUNTS"], rtol=0.01)


def test_references_can_be_given(boxcar, monkeypatch):
    refs = recos.References.for_exposure(recos.read(boxcar.files[0]))
    names = {k: refs.path(k) if k in refs else "N/A" for k in refs.names}
    monkeypatch.setenv("lref", "/nowhere/")
    curve = recos.light_curve(boxcar.files[0], 25.0, QUIET, refs=recos.References(names))
    assert curve["COUNTS"].sum() == boxcar.sums(QUIET)[0]


# -------------------------------------------------------------------------------------------------- wrong input


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"step": 0.0}, "must be positive"),
        ({"step": -1.0}, "must be positive"),
        ({"step": float("nan")}, "must be positive"),
        ({"step": 1e-6}, "longer step"),
        ({"wavelengths": [(1400.0, 1300.0)]}, "reversed"),
        ({"wavelengths": [(1300.0, 1300.0)]}, "reversed or empty"),
        ({"wavelengths": [1300.0, 1400.0]}, "pairs"),
        ({"wavelengths": [(1310.0, 1340.0), (1700.0, 1800.0)]}, "between 1700 and 1800 .*FUVA 12"),
    ],
)
def test_impossible_options(boxcar, options, match):
    with pytest.raises(UsageError, match=match) as caught:
        recos.light_curve(boxcar.files[0], **options)
    assert caught.value.status == 2


def test_no_files():
    with pytest.raises(UsageError, match="No corrtag"):
        recos.light_curve([])


def test_other_files(dataset, boxcar, tmp_path):
    with pytest.raises(InputError, match="no corrtag file"):
        recos.light_curve(dataset.raw[0])
    for kind in ("x1d", "flt_a"):
        with pytest.raises(InputError, match="no corrtag file"):
            recos.light_curve(boxcar.folder / f"lrec01d1q_{kind}.fits")
    with pytest.raises(InputError, match="no such file"):
        recos.light_curve(tmp_path / "none_corrtag_a.fits")
    with pytest.raises(InputError, match="Give each file once"):
        recos.light_curve([boxcar.files[0], boxcar.files[0]])


@pytest.mark.parametrize(
    ("keywords", "match"),
    [
        ({"OBSTYPE": "IMAGING"}, "spectra only"),
        ({"OBSMODE": "ACCUM"}, "only the events of TIME-TAG"),
        ({"EXPTYPE": "WAVECAL", "TAGFLASH": "NONE", "APERTURE": "WCA"}, "exposure of the sky"),
        ({"X1DCORR": "OMIT"}, "Set X1DCORR to PERFORM"),
    ],
)
def test_exposures_without_light_curve(corrtag, keywords, match):
    change_headers([corrtag], **keywords)
    with pytest.raises(InputError, match=match):
        recos.light_curve(corrtag)


def test_nuv_image(tmp_path):
    primary, header = nuv_builders.headers(imaging=True)
    empty = np.zeros(3, np.float32)
    columns = [fits.Column(c, "1E", array=empty) for c in ("TIME", "XFULL", "YFULL")]
    table = fits.BinTableHDU.from_columns(columns, header=header, name="EVENTS")
    path = tmp_path / "lnuv01aaq_corrtag.fits"
    fits.HDUList([fits.PrimaryHDU(header=primary), table]).writeto(path)
    with pytest.raises(InputError, match="OBSTYPE = IMAGING"):
        recos.light_curve(path)


def test_no_events_and_no_good_time(corrtag):
    with fits.open(corrtag) as hdus:
        hdus["GTI"].data["STOP"] = hdus["GTI"].data["START"]
        hdus.writeto(corrtag, overwrite=True)
    with pytest.raises(InputError, match="no good time"):
        recos.light_curve(corrtag)
    with fits.open(corrtag) as hdus:
        hdus[1].data = hdus[1].data[:0]
        hdus.writeto(corrtag, overwrite=True)
    with pytest.raises(InputError, match="holds no events"):
        recos.light_curve(corrtag)


def test_missing_reference_file(corrtag):
    change_headers([corrtag], FLUXTAB="lref$none_phot.fits")
    with pytest.raises(MissingReferenceError, match=r"none_phot\.fits"):
        recos.light_curve(corrtag)

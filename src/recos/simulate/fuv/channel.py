"""The FUV channel as the simulator of data sets uses it."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits

from recos.data.headers import copy_header
from recos.references.dispersion import Dispersion
from recos.simulate.configurations import Configuration
from recos.simulate.fuv import reference_images, reference_tables
from recos.simulate.fuv.detector import COLUMNS, LAYOUT, high_voltage
from recos.simulate.fuv.events import RawEvents, accumulate, record
from recos.simulate.fuv.headers import doppler_pixels, science_header, switches
from recos.simulate.fuv.light import Scene
from recos.simulate.fuv.optics import Motion, Optics, motion, v_helio
from recos.simulate.plan import Effects, PlannedExposure
from recos.simulate.raw_headers import primary_header
from recos.simulate.reference_files import write_once
from recos.simulate.support import good_times


class Fuv:
    """The FUV channel in one configuration.

    Parameters
    ----------
    configuration : Configuration
        With an FUV grating.
    effects : Effects, optional
        Effects that are switched off are not in reference files that would otherwise correct what is not there.
    """

    def __init__(self, configuration: Configuration, effects: Effects | None = None) -> None:
        self.configuration = configuration
        self.effects = effects or Effects()
        self.optics = Optics(configuration)

    def dispersion(self, spectrum: str, aperture: str = "PSA") -> Dispersion:
        """Wavelength as a function of the column of a segment, without shifts."""
        return self.optics.dispersion(spectrum, aperture)

    def line_spread(self, spectrum: str) -> float:
        """Standard deviation of the line spread function of a segment, pixels."""
        return self.optics.line_spread(self.configuration.aperture)

    def write_references(self, directory: Path) -> dict[str, str]:
        """Write the reference files that are not there; about 700 MB, nearly all of it shared by all modes.

        Parameters
        ----------
        directory : Path
            Exists.

        Returns
        -------
        dict of str to str
            Name for the header, ``lref$...``, by keyword.
        """
        c, e = self.configuration, self.effects
        mode = f"{c.opt_elem}_{c.cenwave}_lp{c.life_adj}".lower()
        names = {}
        for keyword, (suffix, make) in reference_images.MAKERS.items():
            names[keyword] = f"fuv_{suffix}.fits"
            if keyword == "FLATFILE" and e.flat != e.grid_wires:
                names[keyword] = f"fuv_{'pattern' if e.flat else 'wires'}_flat.fits"
                make = partial(reference_images.flat_field, e.flat, e.grid_wires)
            write_once(directory / names[keyword], make)
        for keyword, (suffix, make_table) in reference_tables.MAKERS.items():
            names[keyword] = f"{mode}_{suffix}.fits"
            make = partial(make_table, self.optics)
            if keyword == "TWOZXTAB" and not e.cross_dispersion:
                # all light is in one row; zones by the tabulated profile would divide by light that is not there
                names[keyword] = f"{mode}_line_{suffix}.fits"
                make = partial(reference_tables.two_zones, self.optics, (0.0, 0.0, 1.0, 1.0))
            write_once(directory / names[keyword], make)
        if not e.gain_sag:
            del names["GSAGTAB"]
        return {keyword: f"lref${name}" for keyword, name in names.items()}

    def expected_counts(self, planned: PlannedExposure, source: Any) -> float:
        """Events of the source in an exposure, averaged over the segments."""
        counts = []
        for segment in planned.configuration.active_segments:
            edges, rate = self.optics.source_cells(segment, source, planned)
            s = LAYOUT[segment]
            counts.append(float(rate[(edges[:-1] > s.left) & (edges[1:] < s.right)].sum()) * planned.exptime)
        return float(np.mean(counts))

    def write_raw(
        self, planned: PlannedExposure, source: Any, directory: Path, names: dict[str, str]
    ) -> tuple[list[Path], dict[str, Any]]:
        """Simulate an exposure and write its raw files.

        Parameters
        ----------
        planned : PlannedExposure
        source : Source
            With the flux that is to be simulated; not used for wavecals.
        directory : Path
            Exists; the files must not.
        names : dict of str to str
            Reference files by keyword.

        Returns
        -------
        paths : list of Path
            Files with events or images, segment A first.
        truth : dict
            What was simulated: displacements, velocities, events by origin and segment.
        """
        moved = motion(self.optics, planned)
        scenes = {}
        for segment in planned.configuration.active_segments:
            rng = np.random.default_rng([*planned.seed, ord(segment[-1])])
            scenes[segment] = Scene(self.optics, segment, planned, source, moved, rng)
        events = {segment: record(scene) for segment, scene in scenes.items()}
        paths = []
        for segment, scene in scenes.items():
            totals = {s: len(e) for s, e in events.items()}
            header = science_header(planned, segment, totals, self.optics)
            paths += _write(planned, scene, events[segment], header, directory, names)
        return paths, _truth(planned, moved, events)


def _write(
    planned: PlannedExposure,
    scene: Scene,
    events: RawEvents,
    header: fits.Header,
    directory: Path,
    names: dict[str, str],
) -> list[Path]:
    """Write the files of one segment: rawtag, or rawaccum and pulse heights."""
    letter = scene.segment[-1].lower()
    timetag = planned.configuration.obsmode == "TIME-TAG"
    path = directory / f"{planned.root}_{'rawtag' if timetag else 'rawaccum'}_{letter}.fits"
    primary = fits.PrimaryHDU(
        header=primary_header(planned, path.name, scene.segment, switches(planned), names)
    )
    if timetag:
        fits.HDUList([primary, _events_table(events, header), good_times(planned)]).writeto(path)
        return [path]
    on_board = doppler_pixels(
        scene.optics, planned.configuration.active_segments[0], planned.configuration.aperture
    )
    image, histogram = accumulate(events, scene, on_board)
    science = fits.ImageHDU(image, header=header, name="SCI", ver=1)
    others = [_empty_image(name, planned) for name in ("ERR", "DQ")]
    fits.HDUList([primary, science, *others]).writeto(path)
    heights = directory / f"{planned.root}_pha_{letter}.fits"
    first = copy_header(primary)
    first.header["FILENAME"] = heights.name
    fits.HDUList([first, fits.ImageHDU(histogram, name="PHA", ver=1)]).writeto(heights)
    return [path]


def _events_table(events: RawEvents, header: fits.Header) -> fits.BinTableHDU:
    hdu = fits.BinTableHDU.from_columns(
        [
            fits.Column("TIME", "1E", "seconds", array=events.time),
            fits.Column("RAWX", "1I", "pixels", array=events.rawx),
            fits.Column("RAWY", "1I", "pixels", array=events.rawy),
            fits.Column("PHA", "1B", array=events.pha),
        ]
    )
    for card in header.cards:
        hdu.header.append(card, end=True)
    return hdu


def _empty_image(name: str, planned: PlannedExposure) -> fits.ImageHDU:
    """An extension without data, all of whose pixels are zero."""
    hdu = fits.ImageHDU(name=name, ver=1)
    hdu.header["ROOTNAME"] = planned.root
    hdu.header["EXPNAME"] = planned.root
    hdu.header["NPIX1"], hdu.header["NPIX2"], hdu.header["PIXVALUE"] = COLUMNS, 1024, 0
    return hdu


def _truth(planned: PlannedExposure, moved: Motion, events: dict[str, RawEvents]) -> dict[str, Any]:
    times = np.linspace(0.0, planned.exptime, 7)
    return {
        "v_helio": v_helio(planned),
        "shift1": {"time": times.tolist(), "shift": moved.shift1(times).tolist()},
        "shift2": moved.across,
        "misalignment": moved.misalignment,
        "segments": {
            segment: {
                "recorded": len(e),
                "counts": e.counts,
                "livetime": e.livetime,
                "hvlevel": high_voltage(segment, planned.expstart),
            }
            for segment, e in events.items()
        },
    }

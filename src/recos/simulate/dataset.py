"""Simulated data sets: raw files, support files, an association, reference files, and the truth."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

from astropy.io import fits

from recos.data.instrument import SECONDS_PER_DAY
from recos.errors import UsageError
from recos.io.paths import make_directory
from recos.references.dispersion import Dispersion
from recos.simulate.plan import Observation, PlannedExposure
from recos.simulate.reference_files import primary, table
from recos.simulate.sources import Source
from recos.simulate.support import write_association, write_support

_COLUMNS = {"FUV": (1060.0, 15250.0), "NUV": (0.0, 1023.0)}
"""First and last column that see light."""
_LYMAN_LIMIT = 912.0
"""Angstrom; below it sources need not have flux."""
REFERENCES_VERSION = 1
"""Raised when the reference files of the model change, so that older ones in a cache are left alone."""


class Detector(Protocol):
    """A channel of the instrument in one configuration."""

    def write_references(self, directory: Path) -> dict[str, str]: ...  # noqa: D102
    def expected_counts(self, planned: PlannedExposure, source: Source) -> float: ...  # noqa: D102
    def write_raw(  # noqa: D102
        self, planned: PlannedExposure, source: Source, directory: Path, names: dict[str, str]
    ) -> tuple[list[Path], dict]: ...
    def dispersion(self, spectrum: str, aperture: str = "PSA") -> Dispersion: ...  # noqa: D102
    def line_spread(self, spectrum: str) -> float: ...  # noqa: D102


@dataclass(frozen=True)
class Dataset:
    """A simulated data set on disk.

    Attributes
    ----------
    observation : Observation
        What was planned.
    source : Source
        With the flux that was simulated.
    raw : Path
        Folder of raw files, support files and the association.
    association : Path
        The input of the calibration.
    references : Path
        Folder of reference files, the value of the environment variable lref.
    exposures : tuple of PlannedExposure
    truth : dict
        The contents of ``truth.json``.
    """

    observation: Observation
    source: Source
    raw: Path
    association: Path
    references: Path
    exposures: tuple[PlannedExposure, ...]
    truth: dict[str, Any]

    @property
    def lref(self) -> str:
        """Value of the environment variable lref."""
        return f"{self.references}/"

    @property
    def detector(self) -> Detector:
        """The channel that was simulated."""
        return detector_for(self.observation)


def detector_for(observation: Observation) -> Detector:
    """The simulated channel of an observation."""
    if observation.configuration.is_fuv:
        from recos.simulate.fuv import Fuv

        return Fuv(observation.configuration, observation.effects)
    from recos.simulate.nuv import Nuv  # type: ignore[import-not-found,unused-ignore]

    return Nuv(observation.configuration)


def default_cache() -> Path:
    """Folder in which reference files are kept for all data sets: ``recos`` in the cache of the user."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "recos" / "simulate"


def simulate(
    observation: Observation, directory: str | Path, source: Source, cache: str | Path | None = None
) -> Dataset:
    """Simulate an observation.

    Parameters
    ----------
    observation : Observation
        Mode, exposures, effects.
    directory : str or Path
        Gets the folders ``raw`` and ``ref`` and the file ``truth.json``.
    source : Source
        The target: ``flux(wavelength)`` in erg/s/cm2/Angstrom at barycentric wavelengths in Angstrom, and
        ``scaled(factor)``. It is scaled if `observation` names a number of events.
    cache : str or Path, optional
        Folder in which reference files are kept and shared between data sets (about 700 MB for the FUV);
        by default one in the cache of the user. They are read-only: copy one before you change it.

    Returns
    -------
    Dataset

    Raises
    ------
    UsageError
        If `directory` has a data set already, or the source has no flux in the range of the mode although a
        number of events is asked for.
    OutputError
        If a directory cannot be made.
    """
    directory = Path(directory)
    raw, ref = directory / "raw", directory / "ref"
    if raw.exists() and any(raw.iterdir()):
        raise UsageError(f"{raw} is not empty. Remove it, or choose another folder for the data set.")
    detector = detector_for(observation)
    _check_source(observation, detector, source)
    make_directory(raw)
    names = _references(detector, observation, ref, Path(cache) if cache else default_cache())
    exposures = observation.exposures()
    source, factor = _scaled(observation, detector, exposures, source)
    truth: dict[str, Any] = {
        "observation": asdict(observation),
        "source": source.name,
        "flux_scale": factor,
        "exposures": {},
    }
    for planned in exposures:
        paths, true = detector.write_raw(planned, source, raw, names)
        write_support(planned, raw)
        described = {"role": planned.role, "fppos": planned.fppos, "expstart": planned.expstart}
        truth["exposures"][planned.root] = described | {"raw": [p.name for p in paths]} | true
    association = write_association(observation, exposures, raw)
    (directory / "truth.json").write_text(json.dumps(truth, indent=1) + "\n")
    return Dataset(observation, source, raw, association, ref, tuple(exposures), truth)


def _check_source(observation: Observation, detector: Detector, source: Source) -> None:
    """Check that the spectrum of the source has no gaps where the mode sees it."""
    c = observation.configuration
    for spectrum in c.spectra:
        ends = [
            float(detector.dispersion(spectrum, c.aperture).wavelength(column))
            for column in _COLUMNS[c.detector]
        ]
        first, last = max(min(ends), _LYMAN_LIMIT), max(ends)
        if last > first:
            source.check_covers(first, last, f"{spectrum} of {c.opt_elem}/{c.cenwave}")


def _scaled(
    observation: Observation, detector: Detector, exposures: list[PlannedExposure], source: Source
) -> tuple[Source, float]:
    """The source with the flux that gives the planned number of events, and the factor."""
    if observation.events is None:
        return source, 1.0
    science = next(e for e in exposures if not e.is_wavecal)
    counts = detector.expected_counts(science, source)
    if not counts > 0.0:
        c = observation.configuration
        raise UsageError(
            f"{source.name}: no flux in the range of {c.opt_elem}/{c.cenwave}, so it cannot be scaled to "
            f"{observation.events:g} events. Use another source or mode, or events=None."
        )
    factor = observation.events / counts
    return source.scaled(factor), factor


def _references(detector: Detector, observation: Observation, ref: Path, cache: Path) -> dict[str, str]:
    """Reference files in the folder of the data set, as links into the cache; names for headers by keyword."""
    store = cache / f"v{REFERENCES_VERSION}"
    make_directory(store)
    make_directory(ref)
    names = detector.write_references(store)
    for name in names.values():
        file = name.removeprefix("lref$")
        _link(store / file, ref / file)
    if observation.bad_times:
        names = names | _bad_times(observation, ref)
    return names


def _link(target: Path, path: Path) -> None:
    """A hard link, or a symbolic one to another file system, or a copy where there are no links."""
    path.unlink(missing_ok=True)
    for make in (os.link, os.symlink, shutil.copyfile):
        try:
            make(target.resolve(), path)  # type: ignore[operator]
        except OSError:
            continue
        return


def _bad_times(observation: Observation, ref: Path) -> dict[str, str]:
    """BADTTAB of the bad times of this observation."""
    starts = [e.expstart for e in observation.exposures() if not e.is_wavecal]
    rows = [
        (t + a / SECONDS_PER_DAY, t + b / SECONDS_PER_DAY) for t in starts for a, b in observation.bad_times
    ]
    columns: list[tuple] = [
        ("SEGMENT", "4A", ["ANY"] * len(rows)),
        ("START", "1D", [a for a, _ in rows], "MJD"),
        ("STOP", "1D", [b for _, b in rows], "MJD"),
    ]
    name = f"{observation.association}_badt.fits"
    detector = observation.configuration.detector
    fits.HDUList([primary("BADTTAB", detector), table(columns, "BADTTAB")]).writeto(
        ref / name, overwrite=True
    )
    return {"BADTTAB": f"lref${name}"}

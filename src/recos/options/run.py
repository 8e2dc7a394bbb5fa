"""Options of a run, and what a run returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from numbers import Real
from pathlib import Path
from typing import Any

from recos.corrections import parse_corrections
from recos.data.overrides import Override
from recos.errors import UsageError
from recos.io.paths import append_lines, check_text_file, expand
from recos.messages import VERBOSITY_LEVELS
from recos.options.csum import CsumOptions
from recos.options.overrides import parse_overrides
from recos.options.products import PRODUCTS, parse_products
from recos.options.regions import Tailoring
from recos.slicing.selection import Selection

#: Key in ``exposure.log_text``, attribute of Options.
TEXT_FILES = (
    ("stim", "stimfile"),
    ("live", "livetimefile"),
    ("burst", "burstfile"),
)


@dataclass(slots=True)
class Options:
    """What a user may ask of a run. See :func:`recos.run` for the meaning of each."""

    outdir: Path = field(default_factory=Path)
    verbosity: int = 1
    overrides: tuple[Override, ...] = ()
    """Values that stand for those of the headers of the input."""
    corrections: frozenset[str] = frozenset()
    """Names of the corrections that are switched on."""
    mix_corrections: bool = False
    """Combine spectra although they were made with different corrections."""
    find_target: tuple[bool, float | None] | None = None
    """None: extract at the expected position. (True, cutoff): search for the spectrum."""
    tailor: Tailoring | None = None
    """How to extract the spectrum; None: as tabulated."""
    extract_only: bool = False
    """Extract spectra of corrtag files; write no corrtag files."""
    products: frozenset[str] = frozenset(PRODUCTS)
    """Kinds of products that are written."""
    slices: Selection | None = None
    """Also extract a spectrum of each of these time slices."""
    save_temp_files: bool = False
    shift_file: Path | None = None
    stimfile: Path | None = None
    livetimefile: Path | None = None
    burstfile: Path | None = None
    overwrite: bool = False
    keep_going: bool = False
    """Calibrate the other exposures after one has failed."""
    csum: CsumOptions | None = None
    """None: no csum image."""
    jobs: int | None = None
    """Segments calibrated at the same time; None: one per processor, NUV exposures one by one."""

    @classmethod
    def parse(cls, outdir: str | Path | None = None, **values: Any) -> Options:
        """Check the values that a user gave, and expand names.

        Raises
        ------
        UsageError
            If an option is unknown or has an impossible value.
        """
        known = {f.name for f in fields(cls)} | {"location", "height", "preset"}
        unknown = sorted(set(values) - known)
        if unknown:
            raise UsageError(
                f"Unknown option {', '.join(unknown)}; the options are {', '.join(sorted(known))}."
            )
        for name in ("shift_file", "stimfile", "livetimefile", "burstfile"):
            values[name] = expand(values[name]) if values.get(name) else None
        values["overrides"] = parse_overrides(values.get("overrides"), values.pop("preset", None))
        values["corrections"] = parse_corrections(values.get("corrections"))
        values["find_target"] = parse_find_target(values.get("find_target"))
        values["tailor"] = Tailoring.parse(
            values.get("tailor"), values.pop("location", None), values.pop("height", None)
        )
        values["products"] = parse_products(values.get("products"))
        if values.get("extract_only"):
            values["products"] -= {"corrtag"}
        values["slices"] = _selection(values.get("slices"))
        values["verbosity"] = parse_verbosity(values.get("verbosity"))
        csum = values.get("csum")
        if not isinstance(csum, CsumOptions | bool | None):
            raise UsageError(f"csum = {csum!r}; expected True, False or CsumOptions.")
        values["csum"] = (CsumOptions() if csum else None) if isinstance(csum, bool) else csum
        jobs = values.get("jobs")
        if jobs is not None and (not isinstance(jobs, int) or jobs < 1):
            raise UsageError(
                f"jobs = {jobs!r}; expected a number of 1 or more, or None for one per processor."
            )
        return cls(expand(outdir) if outdir else Path(), **values)

    @property
    def only_csum(self) -> bool:
        """Nothing but csum images is wanted."""
        return self.csum is not None and self.csum.only

    def check_text_files(self) -> None:
        """Check that lines can be appended to the text files.

        Raises
        ------
        OutputError
        """
        for _, attribute in TEXT_FILES:
            check_text_file(getattr(self, attribute), attribute)

    def append_text_files(self, log_text: dict[str, list[str]]) -> None:
        """Append what the steps of an exposure left for the text files that the user asked for.

        Parameters
        ----------
        log_text : dict of str to list of str
            ``exposure.log_text``: lines by ``stim``, ``live`` and ``burst``.

        Raises
        ------
        OutputError
        """
        for key, attribute in TEXT_FILES:
            path = getattr(self, attribute)
            if path is not None and log_text.get(key):
                append_lines(path, log_text[key])


@dataclass(slots=True)
class RunResult:
    """What became of a run.

    Attributes
    ----------
    status : int
        0, or 16 if an exposure could not be calibrated; then there are no combined products. With `keep_going`, the
        statuses of all failures joined by OR; then those are combined that were calibrated.
    products : list of Path
        Files written, without trailers.
    slices : list of Path
        Those of them that are spectra of time slices.
    """

    status: int = 0
    products: list[Path] = field(default_factory=list)
    slices: list[Path] = field(default_factory=list)


def _selection(value: Any) -> Selection | None:
    if value is None or isinstance(value, Selection):
        return value
    if isinstance(value, str):
        return Selection.parse(value)
    if isinstance(value, Mapping):
        return Selection.of(value)
    raise UsageError(
        f"slices = {value!r}; expected a Selection, a dict of its arguments, or text such as 'gti'."
    )


def parse_verbosity(value: Any) -> int:
    """How much is said: 0, 1 (also for None) or 2.

    Raises
    ------
    UsageError
        If it is something else.
    """
    if value is None:
        return 1
    if not isinstance(value, int) or value not in VERBOSITY_LEVELS:
        raise UsageError(f"verbosity = {value!r}; expected 0 (quiet), 1 (verbose) or 2 (very verbose).")
    return int(value)


def parse_find_target(value: Any) -> tuple[bool, float | None] | None:
    """The option that has the spectrum searched for, in any of the forms users know.

    Parameters
    ----------
    value : None, bool, number, dict or tuple
        A number is the largest uncertainty of the position, in pixels, with which the position found is used;
        a dict has the keys ``flag`` and ``cutoff``, a tuple the same in this order.

    Returns
    -------
    tuple of (bool, float or None), or None
        None: no search.

    Raises
    ------
    UsageError
        If the value is of another kind, or the cutoff negative.

    Examples
    --------
    >>> parse_find_target(True)
    (True, None)
    >>> parse_find_target({"flag": True, "cutoff": 1})
    (True, 1.0)
    """
    flag, cutoff = value, None
    if isinstance(value, dict):
        unknown = sorted(set(value) - {"flag", "cutoff"})
        if unknown:
            raise UsageError(f"find_target has no key {', '.join(unknown)}; expected flag and cutoff.")
        flag, cutoff = value.get("flag", False), value.get("cutoff")
    elif isinstance(value, tuple) and len(value) == 2:
        flag, cutoff = value
    elif isinstance(value, Real) and not isinstance(value, bool):
        flag, cutoff = True, value
    if not isinstance(flag, bool | type(None)) or not isinstance(cutoff, Real | type(None)):
        raise UsageError(
            f"find_target = {value!r}; expected True, False, a number, or a dict of flag and cutoff."
        )
    if cutoff is not None and not float(cutoff) >= 0.0:
        raise UsageError(f"find_target = {value!r}: the cutoff cannot be negative.")
    return (True, None if cutoff is None else float(cutoff)) if flag else None

"""Association: the exposures that are calibrated together, their files, and the names of their products.

Read from an association table, or made of a single raw file. Specification 1, sections 3 to 5.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from recos.data.names import rootname
from recos.data.switches import csum_switches, extraction_switches
from recos.errors import InputError, RecosError
from recos.io.paths import same_directory
from recos.io.read import ExposureHeaders
from recos.io.shift_file import ShiftFile
from recos.messages import get_logger

logger = get_logger(__name__)

#: MEMTYPE of the member of an association that was made of a single file.
NO_MEMTYPE = "none"

#: Switches of the first science exposure that make a run worth while. Specification 1, section 9.7.
_WORKING_SWITCHES = (
    "BADTCORR", "BRSTCORR", "DEADCORR", "DOPPCORR", "DQICORR", "FLATCORR", "GEOCORR", "DGEOCORR", "HELCORR",
    "HVDSCORR", "PHACORR", "RANDCORR", "TEMPCORR", "X1DCORR", "WAVECORR", "TRCECORR", "ALGNCORR",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ProductNames:
    """Files that belong to one raw file. Specification 1, section 3.3.

    `x1d_x` and `flash_x` are the files of one segment (``…_x1d_a.fits``), `x1d` and `flash` those of both.
    """

    raw: Path
    root: str
    trailer: Path
    spt: Path
    pha: Path
    corrtag: Path
    counts: Path
    flt: Path
    x1d_x: Path
    x1d: Path
    flash_x: Path
    flash: Path
    csum: Path

    @classmethod
    def of(cls, headers: ExposureHeaders, outdir: Path) -> ProductNames:
        """The names for one raw or corrtag file.

        Raises
        ------
        InputError
            If the name lacks the suffix that belongs to the contents.
        """
        raw = headers.path
        suffix = _suffix(headers)
        head, tail = raw.name.rsplit(suffix, 1)
        root = rootname(raw)
        no_segment = tail.removesuffix(".fits").removesuffix("_a").removesuffix("_b") + ".fits"
        return cls(
            raw=raw,
            root=root,
            trailer=outdir / f"{root}.tra",
            spt=raw.with_name(f"{root}_spt.fits"),
            pha=raw.with_name(f"{head}_pha{tail}"),
            corrtag=outdir / f"{head}_corrtag{tail}",
            counts=outdir / f"{head}_counts{tail}",
            flt=outdir / f"{head}_flt{tail}",
            x1d_x=outdir / f"{head}_x1d{tail}",
            x1d=outdir / f"{head}_x1d{no_segment}",
            flash_x=outdir / f"{head}_lampflash{tail}",
            flash=outdir / f"{head}_lampflash{no_segment}",
            csum=outdir / f"{head}_csum{tail}",
        )


def _suffix(headers: ExposureHeaders) -> str:
    """The part of a file name that products replace. Specification 1, section 3.2."""
    name = headers.path.name
    if headers.is_corrtag and "_corrtag" in name:
        return "_corrtag"
    wanted = ("_rawaccum", "_rawimage", "_rawacq") if headers.mode.obsmode == "ACCUM" else ("_rawtag",)
    for suffix in wanted:
        if suffix in name:
            return suffix
    raise InputError(
        f"{headers.path}: the name of a file with OBSMODE = {headers.mode.obsmode} must contain "
        f"{' or '.join(wanted)}; the names of the products are made of it. Rename the file."
    )


@dataclass(slots=True)
class Member:
    """One exposure of an association: one raw file, or the two FUV segments, A before B.

    Attributes
    ----------
    memname, memtype : str
        From the association table; the type is ``none`` without one.
    files : list of ExposureHeaders
        Headers of the raw files.
    names : list of ProductNames
        For each file.
    """

    memname: str
    memtype: str
    files: list[ExposureHeaders]
    names: list[ProductNames]

    @property
    def root(self) -> str:
        """Rootname of the exposure."""
        return self.names[0].root

    @property
    def kind(self) -> str:
        """WAVECAL, SCIENCE, CALIBRATION, …: that of the first file."""
        return self.files[0].mode.kind

    def __iter__(self) -> Iterator[tuple[ExposureHeaders, ProductNames]]:
        return iter(zip(self.files, self.names, strict=True))


@dataclass(frozen=True, slots=True)
class Product:
    """What an association is combined into.

    Attributes
    ----------
    stem : Path
        Output directory and rootname, lower case.
    memtype : str
        MEMTYPE of its row, such as PROD-FP.
    """

    stem: Path
    memtype: str

    def file(self, suffix: str) -> Path:
        """``<stem>_<suffix>.fits``."""
        return self.stem.with_name(f"{self.stem.name}_{suffix}.fits")

    def x1dsum(self, fppos: int | None = None) -> Path:
        """The combined spectrum of one FP-POS, or of all."""
        return self.file("x1dsum" if fppos is None else f"x1dsum{fppos}")

    @property
    def support(self) -> Path:
        """The copy of a support file that the archive wants."""
        return self.file("jnk")


@dataclass(slots=True)
class Association:
    """The exposures that are calibrated together.

    Make it with :meth:`from_input`.

    Attributes
    ----------
    path : Path
        The association table or the raw file, as given.
    outdir : Path
        Directory of the products.
    members : list of Member
        In the order of the table, only those that are present; types that are never calibrated (acquisitions,
        engineering) are among them.
    product : Product or None
    is_table : bool
        The input was an association table.
    simulates_wavecals : bool
        The table lists an EXP-SWAVE member, present or not.
    shift_file : Path or None
        User-supplied shifts.
    """

    path: Path
    outdir: Path
    members: list[Member]
    product: Product | None = None
    is_table: bool = False
    simulates_wavecals: bool = False
    shift_file: Path | None = None
    user_shifts: ShiftFile | None = field(default=None, repr=False)
    failures: list[RecosError] = field(default_factory=list, repr=False)
    """What was wrong with members that were left out."""

    def note_failure(self, error: RecosError, keep_going: bool) -> None:
        """Report an error of a member that is left out; raise it unless the others shall be calibrated."""
        if not keep_going:
            raise error
        logger.error("%s", error)
        self.failures.append(error)

    # ------------------------------------------------------------------------------------------ views

    def __iter__(self) -> Iterator[tuple[ExposureHeaders, ProductNames]]:
        """All files, in the order of processing."""
        for member in self.members:
            yield from member

    @property
    def wavecals(self) -> list[Member]:
        """Members that are wavelength calibrations."""
        return [m for m in self.members if m.kind == "WAVECAL"]

    @property
    def science(self) -> list[Member]:
        """Members that are calibrated as science: SCIENCE and CALIBRATION."""
        return [m for m in self.members if m.kind in ("SCIENCE", "CALIBRATION")]

    @property
    def acquisitions(self) -> list[Member]:
        """Members that are images of a target acquisition."""
        return [m for m in self.members if m.kind == "ACQ_IMAGE"]

    @property
    def combined(self) -> list[Member]:
        """Members whose spectra or images enter the product; empty without a product."""
        return [m for m in self.members if m.kind == "SCIENCE"] if self.product is not None else []

    @property
    def first_science(self) -> ExposureHeaders:
        """The exposure whose switches stand for the association. Specification 1, section 9.1."""
        files = [headers for headers, _ in self]
        for obsmode in ("TIME-TAG", "ACCUM"):
            for found in files:
                if found.mode.kind == "SCIENCE" and found.mode.obsmode == obsmode:
                    return found
        for found in files:
            if found.mode.kind in ("WAVECAL", "CALIBRATION"):
                return found
        return files[0]

    @property
    def has_work(self) -> bool:
        """Some switch asks for something, or a wavecal is present."""
        switches = self.first_science.switches
        return bool(self.wavecals) or any(switches[s] == "PERFORM" for s in _WORKING_SWITCHES)

    def limit_to_csum(self, raw: bool) -> None:
        """Leave out all steps that the csum image does not need. Specification 1, section 7.4."""
        for member in self.members:
            member.files = [replace(h, switches=csum_switches(h.switches, raw)) for h in member.files]

    def limit_to_extraction(self) -> None:
        """Extract spectra of corrtag files, whatever X1DCORR says.

        Raises
        ------
        InputError
            If an exposure is no corrtag file, or an image.
        """
        for headers, _ in self:
            if not headers.is_corrtag:
                raise InputError(
                    f"{headers.path} is no corrtag file; spectra are extracted again from corrtag files only."
                )
            if not headers.mode.is_spectroscopic:
                raise InputError(f"{headers.path}: OBSTYPE = IMAGING; an image has no spectrum to extract.")
        for member in self.members:
            member.files = [replace(h, switches=extraction_switches(h.switches)) for h in member.files]

    @property
    def table_copy(self) -> Path | None:
        """Where the updated association table goes: a copy in the output directory, or the table itself."""
        if not self.is_table or self.product is None:
            return None
        if same_directory(self.path.parent, self.outdir):
            return self.path
        return self.outdir / self.path.name

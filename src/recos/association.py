"""Association: the exposures that are calibrated together, their files, and the names of their products.

Read from an association table, or made of a single raw file. Specification 1, sections 3 to 5.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from recos.checks import check_association
from recos.errors import AssociationError, InputError, NothingToCalibrateError, RecosError
from recos.members import TableRow, find_files, read_table, single_row, table_name
from recos.messages import subject, warn
from recos.mode import classify
from recos.overrides import Override
from recos.paths import expand, rootname, same_directory
from recos.reading import ExposureHeaders
from recos.switches import csum_switches, extraction_switches
from recos.wavecal.shift_file import ShiftFile

logger = logging.getLogger(__name__)

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

    @classmethod
    def from_input(
        cls,
        path: str | Path,
        outdir: str | Path | None = None,
        shift_file: str | Path | None = None,
        overrides: Sequence[Override] = (),
        keep_going: bool = False,
    ) -> Association:
        """Find, read and check the exposures of an input. Nothing is written.

        Parameters
        ----------
        path : str or Path
            An association table (``…_asn`` or ``…_asn.fits``), a raw or corrtag file, or a rootname.
            Environment variables and ``~`` are expanded.
        outdir : str or Path, optional
            Directory of the products; by default the current one. It need not exist.
        shift_file : str or Path, optional
            Shifts that replace those of the lamp (specification 1, section 12.5).
        overrides : sequence of Override, optional
            Values that stand for those of the headers of all files.
        keep_going : bool
            Leave out members whose files cannot be read, with a message; they are in `failures`.

        Returns
        -------
        Association

        Raises
        ------
        InputError
            If a file is unreadable or its keywords contradict each other.
        AssociationError
            If the table is wrong or the members do not fit together.
        NothingToCalibrateError
            If no member is present.
        """
        path = expand(path)
        directory = expand(outdir) if outdir else Path()
        table = table_name(path)
        if table is not None:
            logger.info("Association file = %s", table)
            rows = read_table(table)
        else:
            logger.info("Input file = %s", path)
            rows = single_row(path, NO_MEMTYPE)
        return cls.from_rows(table or path, rows, directory, shift_file, overrides, keep_going)

    @classmethod
    def from_rows(
        cls,
        path: Path,
        rows: list[TableRow],
        outdir: Path | None = None,
        shift_file: str | Path | None = None,
        overrides: Sequence[Override] = (),
        keep_going: bool = False,
    ) -> Association:
        """As :meth:`from_input`, of the rows of a table that need not be written yet.

        Parameters
        ----------
        path : Path
            The association table, for messages and product names, or the raw file.
        rows : list of TableRow
        outdir, shift_file, overrides, keep_going
            As for :meth:`from_input`.

        Returns
        -------
        Association

        Raises
        ------
        InputError, AssociationError, NothingToCalibrateError
            As :meth:`from_input`.
        """
        directory = outdir or Path()
        association = cls(
            path=path,
            outdir=directory,
            members=[],
            product=_product(rows, directory, path),
            is_table=table_name(path) is not None,
            simulates_wavecals=any(row.memtype == "EXP-SWAVE" for row in rows),
            shift_file=None if not shift_file else expand(shift_file),
        )
        association._read_shifts()
        association._add_members(rows, overrides, keep_going)
        association._check_shifts()
        check_association(association)
        return association

    def _read_shifts(self) -> None:
        if self.shift_file is not None:
            self.user_shifts = ShiftFile.read(self.shift_file)

    def _check_shifts(self) -> None:
        """Tell of a shift file that has no effect."""
        shifts = self.user_shifts
        if shifts is None:
            return
        named = [f for f, _ in self if shifts.applies_to(rootname(f.path), f.mode.fpoffset)]
        if not named:
            warn(logger, f"{shifts.name}: no line has the rootname and the FPOFFSET of an exposure.")
        for headers in named:
            if headers.switches["WAVECORR"] != "PERFORM" and not headers.mode.is_wavecal:
                value = headers.switches["WAVECORR"]
                warn(logger, f"{headers.path}: WAVECORR = {value}; {shifts.name} has no effect on it.")

    def _add_members(self, rows: list[TableRow], overrides: Sequence[Override], keep_going: bool) -> None:
        taken: set[Path] = set()
        for row in rows:
            if row.is_product or not row.present:
                continue
            with subject(rootname(row.path)):
                try:
                    files = find_files(row.path, overrides)
                except InputError as error:
                    self.note_failure(error, keep_going)
                    continue
                if files and all(f.path in taken for f in files):
                    warn(logger, f"{row.memname} is listed twice in {self.path}; it is calibrated once")
                    continue
                taken.update(f.path for f in files)
                files = [self._with_user_shifts(f) for f in files]
                for kind in (True, False):  # images of the target acquisition are calibrated by themselves
                    chosen = [f for f in files if (f.mode.kind == "ACQ_IMAGE") == kind]
                    names = [ProductNames.of(f, self.outdir) for f in chosen]
                    if chosen:
                        self.members.append(Member(row.memname, row.memtype, chosen, names))
        if not self.members:
            if self.failures:
                raise self.failures[0]
            raise NothingToCalibrateError(self._nothing_found(rows))
        if self.product is not None:
            logger.debug("product = %s", self.product.stem)

    def note_failure(self, error: RecosError, keep_going: bool) -> None:
        """Report an error of a member that is left out; raise it unless the others shall be calibrated."""
        if not keep_going:
            raise error
        logger.error("%s", error)
        self.failures.append(error)

    def _nothing_found(self, rows: list[TableRow]) -> str:
        if self.path.is_file() and not self.is_table:
            return (
                f"{self.path}: an exposure of this kind cannot be calibrated; of target acquisitions, only those "
                "with EXPTYPE = ACQ/IMAGE hold images."
            )
        if not self.is_table:
            return (
                f"{self.path}: no raw or corrtag file of this name that can be calibrated. "
                "Give the name of an association, of a raw file, or a rootname of raw files."
            )
        listed = [row for row in rows if not row.is_product]
        present = [row.memname for row in listed if row.present]
        if not present:
            return (
                f"{self.path}: none of the {len(listed)} members has MEMPRSNT true. "
                "Set it for the exposures that are to be calibrated."
            )
        folder = self.path.parent
        return (
            f"{self.path}: no raw file of a member ({', '.join(present)}) was found in {folder}. "
            "Put the raw files beside the association table."
        )

    def _with_user_shifts(self, headers: ExposureHeaders) -> ExposureHeaders:
        """User-supplied shifts are applied like those of lamp flashes. Specification 4, section 6.3."""
        mode = headers.mode
        if (
            self.user_shifts is None
            or mode.has_flashes
            or mode.exptype == "WAVECAL"
            or mode.obsmode == "ACCUM"
        ):
            return headers
        # Without times of flashes there is no flash to assign the shift to: it is then constant.
        if "LMP_ON1" not in headers.header or not self.user_shifts.applies_to(
            rootname(headers.path), mode.fpoffset
        ):
            return headers
        return replace(headers, mode=classify(replace(mode, tagflash="UNIFORMLY SPACED"), headers.path))

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


def _product(rows: list[TableRow], outdir: Path, table: Path) -> Product | None:
    found = [row for row in rows if row.is_product]
    if len(found) > 1:
        raise AssociationError(
            f"{table}: the association table lists {len(found)} products "
            f"({', '.join(row.memname for row in found)}); it may list no more than one. Remove others."
        )
    return Product(outdir / found[0].memname.lower(), found[0].memtype) if found else None

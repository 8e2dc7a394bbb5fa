"""One member of an association: its segments calibrated side by side, then joined and written.

Everything that the products of one segment tell about the other one is settled in memory, so that each file is
written once. Specification 1, sections 10, 13 and 14.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future, wait
from contextvars import copy_context
from dataclasses import dataclass, field
from pathlib import Path

from recos.association.model import Association, Member, ProductNames
from recos.data.context import Context
from recos.data.exposure import Exposure
from recos.data.headers import copy_header
from recos.errors import RecosError
from recos.extract import Spectrum
from recos.extract.concat import concatenate
from recos.extract.region_tables import tailor_exposure
from recos.io.fits import open_fits
from recos.io.fitsfile import AtomicFile, FitsFile, start_tables
from recos.io.read import ExposureHeaders, read, read_pulse_heights
from recos.messages import Transcript, get_logger, messages_to, warn
from recos.options.csum import CsumOptions
from recos.options.run import Options
from recos.pipeline.exposure import calibrate
from recos.pipeline.introduction import introduce
from recos.pipeline.recipes import LAST_OF_CSUM
from recos.pipeline.segment_files import SegmentFiles
from recos.pipeline.slices import CalibratedSegment, write_slices
from recos.products.csum import start_csum
from recos.products.merge import merge_segments
from recos.references import ReferenceCache, References
from recos.wavecal.flashes import LampFlashes
from recos.wavecal.flashes import concatenate as concatenate_flashes
from recos.wavecal.lamp import has_lines
from recos.wavecal.records import WavecalRecord

logger = get_logger(__name__)

_SIDE_BY_SIDE = 12_000_000
"""With more events, segments are calibrated one after the other, which takes half the memory."""


@dataclass(slots=True)
class Segment:
    """One segment of a member while it is calibrated."""

    names: ProductNames
    refs: References
    transcript: Transcript
    exposure: Exposure | None = None
    files: SegmentFiles | None = None
    csum: FitsFile | AtomicFile | None = None
    kept: CalibratedSegment | None = None
    """For time slices, if they are wanted."""


@dataclass(slots=True)
class MemberResult:
    """What remains of a member after its products are written.

    Attributes
    ----------
    spectrum : Spectrum or None
        The x1d product, both segments.
    refs : References
        Of the first segment.
    products : list of Path
        Files written.
    log_text : dict of str to list of str
        Lines for the stim, live-time and burst files.
    slices : list of Path
        Spectra of time slices written.
    """

    spectrum: Spectrum | None
    refs: References
    products: list[Path] = field(default_factory=list)
    slices: list[Path] = field(default_factory=list)
    log_text: dict[str, list[str]] = field(default_factory=dict)


class MemberRun:
    """The calibration of one member: :meth:`start`, :meth:`segments`, :meth:`finish`.

    Parameters
    ----------
    member : Member
    association : Association
        What it is a member of; tells the shifts of the user, and of simulated wavecals.
    options : Options
    cache : ReferenceCache
    wavecals : list of WavecalRecord
        Wavecal exposures of the association measured so far.
    pool : concurrent.futures.Executor
        Where segments are calibrated and files written.
    """

    def __init__(
        self,
        member: Member,
        association: Association,
        options: Options,
        cache: ReferenceCache,
        wavecals: list[WavecalRecord],
        pool: Executor,
    ) -> None:
        self.member, self.association, self.options, self.pool = member, association, options, pool
        self._cache, self._wavecals = cache, wavecals
        self._overwrite = options.overwrite or member.kind == "WAVECAL"
        self._futures: list[Future[None]] = []
        self._writing: list[Future[None]] = []
        self._open_tables: list[FitsFile] = []
        self._segments = [
            Segment(names, References.from_header(headers.primary, cache), Transcript())
            for headers, names in member
        ]

    @property
    def refs(self) -> References:
        """Reference files of the first segment."""
        return self._segments[0].refs

    def start(self) -> None:
        """Begin to calibrate the segments in the background."""
        before: Future[None] | None = None
        for segment, headers in zip(self._segments, self.member.files, strict=True):
            before = self.pool.submit(copy_context().run, self._calibrate, segment, headers, before)
            self._futures.append(before)

    def _calibrate(self, segment: Segment, headers: ExposureHeaders, before: Future[None] | None) -> None:
        if before is not None and sum(file.n_events for file in self.member.files) > _SIDE_BY_SIDE:
            wait([before])
        with messages_to(segment.transcript):
            introduce(headers.mode, segment.names, self.options, headers.mode.has_flashes)
            exposure = read(headers.path, headers, self.options.corrections)
            if not len(exposure.events):
                warn(logger, f"No data in {headers.path}: its products will be empty.")
            csum = self.options.csum
            context = Context(
                wavecals=self._wavecals,
                simulates_wavecals=self.association.simulates_wavecals,
                user_shifts=self.association.user_shifts,
                find_target=self.options.find_target,
                tailoring=self.options.tailor,
                csum=csum,
            )
            if self.options.tailor is not None:
                segment.refs = tailor_exposure(exposure, segment.refs, self.options.tailor)
            if segment.names.spt.is_file():
                with open_fits(segment.names.spt) as hdus:
                    exposure.spt_header = copy_header(hdus[0].header)
            if headers.mode.is_fuv and headers.mode.obsmode == "ACCUM" and segment.names.pha.is_file():
                exposure.pulse_heights = read_pulse_heights(segment.names.pha)
            if (
                before is not None
                and exposure.mode.has_flashes
                and not has_lines(segment.refs, exposure.mode, exposure.mode.segment)
            ):
                before.result()
                partner = self._segments[0].exposure
                context.partner_flashes = None if partner is None else partner.flashes
            only_csum = csum is not None and csum.only
            stop_after = LAST_OF_CSUM.name if only_csum else None
            segment.exposure = calibrate(exposure, segment.refs, stop_after=stop_after, context=context)
            if not only_csum:
                segment.files = SegmentFiles.of(exposure, segment.names, segment.refs)
        if csum is not None:
            self._writing.append(self.pool.submit(self._write_csum, segment, csum))
        if self.options.slices is not None and not exposure.mode.is_wavecal:
            segment.kept = CalibratedSegment.of(exposure, segment.refs, context)
        if segment.files is not None and not exposure.mode.is_wavecal:
            self._write_data(segment.files)

    def _write_data(self, files: SegmentFiles) -> None:
        """Begin to write what no other segment can change; headers follow in :meth:`finish`."""
        for write in (files.write_corrtag, files.write_images):
            self._writing.append(self.pool.submit(write, self.options.products, self._overwrite))

    def _write_csum(self, segment: Segment, options: CsumOptions) -> None:
        """Write the csum image; it is then no longer in memory."""
        exposure = segment.exposure
        assert exposure is not None  # it has been calibrated
        segment.csum = start_csum(segment.names.csum, exposure.require("csum"), options, self._overwrite)
        exposure.csum = None

    def wait(self) -> list[Segment]:
        """The calibrated segments; their messages are replayed to the sink of this thread, A before B.

        Raises
        ------
        RecosError
            The first error of a segment, after the messages that led to it.
        """
        errors: list[BaseException] = []
        for segment, future in zip(self._segments, self._futures, strict=True):
            error = future.exception()
            segment.transcript.replay()
            if error is not None:
                errors.append(error)
        if errors:
            raise errors[0]
        return self._segments

    def finish(
        self, change: Callable[[list[SegmentFiles], Spectrum | None], None] | None = None
    ) -> MemberResult:
        """Join the segments and write the products.

        Parameters
        ----------
        change : callable, optional
            Called with the files of the segments and the joined spectrum before anything is written: wavecals
            write their measured shifts.
        """
        exposures = [s.exposure for s in self._segments if s.exposure is not None]
        files = [s.files for s in self._segments if s.files is not None]
        spectrum = self._joined([e.spectrum for e in exposures if e.spectrum is not None])
        if change is not None:
            change(files, spectrum)
            for segment_files in files:
                self._write_data(segment_files)
        if len(files) == 2:
            _merge(*files)
        result = MemberResult(spectrum, self.refs)
        tables = self._tables(spectrum, exposures)
        for future in self._writing:
            future.result()
        for path, product in tables:
            table = product.table()
            self._open_tables.append(start_tables(path, product.primary, [table], overwrite=self._overwrite))
        result.products = self._finish_files()
        result.slices = self._write_slices()
        for exposure in exposures:
            for name, lines in exposure.log_text.items():
                result.log_text.setdefault(name, []).extend(lines)
        return result

    def _finish_files(self) -> list[Path]:
        """Write what is left, then let all files appear: none if the disk is full."""
        files: list[FitsFile | AtomicFile] = []
        for segment in self._segments:
            files += [] if segment.files is None else segment.files.open_files
        files += [segment.csum for segment in self._segments if segment.csum is not None]
        files += self._open_tables
        for file in files:
            file.settle()
        for file in files:
            file.commit()
        return [file.path for file in files]

    def _write_slices(self) -> list[Path]:
        """Write the spectra of the time slices, if they are wanted."""
        kept = [segment.kept for segment in self._segments if segment.kept is not None]
        if self.options.slices is None or not kept:
            return []
        names = self._segments[0].names
        return write_slices(
            kept, self.options.slices, names.x1d.parent, names.root, self.pool, self._overwrite
        )

    def discard(self) -> None:
        """Remove files that are not finished, when nothing is at work on them any more."""
        for future in self._futures:
            future.cancel()  # those that have not begun
        wait(self._futures)  # they may still add to what is written
        wait(self._writing)
        for segment in self._segments:
            for file in (segment.files, segment.csum):
                if file is not None:
                    file.discard()
        for table in self._open_tables:
            table.discard()

    def _joined(self, spectra: list[Spectrum]) -> Spectrum | None:
        if len(spectra) == 2:
            return concatenate(spectra[0], spectra[1], self.refs)
        return spectra[0] if spectra else None

    def _tables(
        self, spectrum: Spectrum | None, exposures: list[Exposure]
    ) -> list[tuple[Path, Spectrum | LampFlashes]]:
        """The small products: spectrum and lamp flashes of all segments, and of each if asked for."""
        names = self._segments[0].names
        tables: list[tuple[Path, Spectrum | LampFlashes]] = []
        wanted = self.options.products
        if spectrum is not None and "x1d" in wanted:
            tables.append((names.x1d, spectrum))
        flashes = [e.flashes for e in exposures if e.flashes is not None]
        if flashes and "lampflash" in wanted:
            joined = (
                flashes[0] if len(flashes) == 1 else concatenate_flashes(flashes[0], flashes[1], self.refs)
            )
            tables.append((names.flash, joined))
        if self.options.save_temp_files and len(exposures) == 2:
            for segment, exposure in zip(self._segments, exposures, strict=True):
                if exposure.spectrum is not None and "x1d" in wanted:
                    tables.append((segment.names.x1d_x, exposure.spectrum))
                if exposure.flashes is not None and len(flashes) == 2 and "lampflash" in wanted:
                    tables.append((segment.names.flash_x, exposure.flashes))
        return tables


def _merge(a: SegmentFiles, b: SegmentFiles) -> None:
    """Each file of a pair tells the keywords of both segments."""
    for first, second in zip(a.headers(), b.headers(), strict=True):
        merge_segments(first[0], first[1], second[0], second[1])


def is_partial_failure(error: BaseException) -> bool:
    """Whether other exposures of the association can still be calibrated after this error."""
    return isinstance(error, RecosError) and error.status == 16

"""One spectrum for each time slice of an exposure that has just been calibrated; its events are corrected once.

A slice is calibrated as its corrtag file would be (``recos split``), from its images on.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, Future
from contextlib import suppress
from contextvars import copy_context
from copy import copy
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from recos.data.context import Context, Workspace
from recos.data.exposure import Exposure
from recos.data.images import Images
from recos.errors import InputError, UsageError
from recos.extract import Spectrum
from recos.extract.concat import concatenate
from recos.io.fitsfile import write_tables
from recos.messages import Transcript, get_logger, messages_to, warn
from recos.pipeline.exposure import calibrate
from recos.references import References
from recos.slicing import ExposureTimes, Selection, TimeSlice
from recos.slicing.exposure import cut_exposure, slice_times
from recos.steps._images import blank_images

if TYPE_CHECKING:
    from recos.extract.profile import KnownZones
    from recos.steps.quality_image import Quality

logger = get_logger(__name__)


@dataclass(slots=True)
class CalibratedSegment:
    """A calibrated segment, kept while its large files are written.

    Attributes
    ----------
    exposure : Exposure
        Without images.
    refs : References
    context : Context
        Of the exposure.
    qualities : list of Quality
        That of the last slice, for the next ones.
    zones : list of KnownZones
        Extraction zones of the last slice, for the next ones.
    spare : list of Images
        Memory for images that is not in use.
    """

    exposure: Exposure
    refs: References
    context: Context
    qualities: list[Quality] = field(default_factory=list)
    zones: list[KnownZones] = field(default_factory=list)
    spare: list[Images] = field(default_factory=list)

    @classmethod
    def of(cls, exposure: Exposure, refs: References, context: Context) -> CalibratedSegment:
        """Keep events and headers, but no images."""
        kept = copy(exposure)
        kept.images = kept.dq_image = kept.active = kept.science_events = None
        return cls(kept, refs, context)


def slice_path(folder: Path, root: str, number: int) -> Path:
    """Name of the spectrum of a slice."""
    return folder / f"{root}_{number}_x1d.fits"


def write_slices(
    segments: list[CalibratedSegment],
    selection: Selection,
    folder: Path,
    root: str,
    pool: Executor,
    overwrite: bool = False,
) -> list[Path]:
    """Extract and write the spectrum of each slice of one exposure.

    Parameters
    ----------
    segments : list of CalibratedSegment
        One, or FUVA and FUVB. Good time intervals and TIMELINE of the first one decide.
    selection : Selection
    folder : Path
        Where ``root_1_x1d.fits``, ``root_2_x1d.fits``, … go; numbers count the slices that have events.
    root : str
    pool : concurrent.futures.Executor
        Where spectra are extracted.
    overwrite : bool

    Returns
    -------
    list of Path
        None, with a warning, if no slice has events, or what decides about slices is missing.

    Raises
    ------
    RecosError
        What is wrong with a reference file or an output.
    """
    segments = [segment for segment in segments if len(segment.exposure.events)]
    try:
        pieces = _with_events(segments, selection.slices(_times(segments, root)), root)
    except (InputError, UsageError) as error:  # another exposure may have slices
        warn(logger, f"No spectra of time slices. {error}")
        return []
    paths = []
    for number, (piece, spectrum) in enumerate(_spectra(segments, pieces, pool), 1):
        path = slice_path(folder, root, number)
        write_tables(path, spectrum.primary, [spectrum.table()], overwrite)
        logger.info(
            "Slice %d: %.3f to %.3f s, EXPTIME = %.3f s, %s",
            *(number, piece.start, piece.stop, spectrum.header["EXPTIME"], path.name),
        )
        paths.append(path)
    return paths


def _times(segments: list[CalibratedSegment], root: str) -> ExposureTimes:
    if not segments:
        raise InputError(f"{root}: no events, so that there is nothing to cut into slices.")
    times = ExposureTimes.of(segments[0].exposure)
    first, last = slice_times([segment.exposure for segment in segments])
    return ExposureTimes(times.name, times.expstart, first, last, times.gti, times.timeline)


def _with_events(segments: list[CalibratedSegment], pieces: list[TimeSlice], root: str) -> list[TimeSlice]:
    filled = []
    for piece in pieces:
        if any(piece.event_rows(segment.exposure.events.time).any() for segment in segments):
            filled.append(piece)
        else:
            warn(logger, f"no rows in increment {piece.start:.2f} to {piece.stop:.2f}")
    if not filled:
        raise InputError(f"{root}: no slice has events. Select other times.")
    return filled


def _spectra(
    segments: list[CalibratedSegment], pieces: list[TimeSlice], pool: Executor
) -> Iterator[tuple[TimeSlice, Spectrum]]:
    """Spectra of slices, in their order; some slices ahead of the one that is written are under way."""
    waiting: list[tuple[TimeSlice, list[Future[Spectrum | None]]]] = []
    for piece in pieces:
        waiting.append((piece, [pool.submit(copy_context().run, _spectrum, s, piece) for s in segments]))
        if len(waiting) > _AHEAD:
            yield _joined(*waiting.pop(0), segments)
    for item in waiting:
        yield _joined(*item, segments)


_AHEAD = 4
"""Slices that are extracted while one is written."""


def _spectrum(segment: CalibratedSegment, piece: TimeSlice) -> Spectrum | None:
    """The spectrum of a slice of one segment; None if it has no events there."""
    exposure = cut_exposure(segment.exposure, piece)
    if not len(exposure.events):
        return None
    workspace = Workspace(
        qualities=segment.qualities, zones=segment.zones, flagged_regions=segment.exposure.regions
    )
    context = replace(segment.context, workspace=workspace)
    with suppress(IndexError):
        exposure.images = segment.spare.pop()
    with messages_to(Transcript()):  # what they say of each slice, they said of the exposure
        calibrate(exposure, segment.refs, stop_after="images", context=context)
        calibrate(exposure, segment.refs, start_at="x1dcorr", context=context)
    segment.spare.append(blank_images(exposure))
    spectrum: Spectrum | None = exposure.spectrum
    return spectrum


def _joined(
    piece: TimeSlice, futures: list[Future[Spectrum | None]], segments: list[CalibratedSegment]
) -> tuple[TimeSlice, Spectrum]:
    spectra = [spectrum for future in futures if (spectrum := future.result()) is not None]
    if len(spectra) == 2:
        return piece, concatenate(spectra[0], spectra[1], segments[0].refs)
    return piece, spectra[0]

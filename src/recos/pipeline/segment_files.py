"""The corrtag, counts and flt files of one segment: their headers, settled before anything is written.

All three start from the EVENTS header of the exposure. Statistics, extraction and world coordinates then differ.
Specification 1, sections 13.5 and 13.6; 3, sections 12.1, 14 and 17; 5, section 5.8.2.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from astropy.io import fits

from recos.association.model import ProductNames
from recos.data.events import EventList
from recos.data.exposure import Exposure
from recos.data.headers import copy_header
from recos.data.mode import Mode
from recos.extract import copied_keywords
from recos.io.fitsfile import FitsFile
from recos.messages import get_logger, warn
from recos.products.corrtag import start_corrtag
from recos.products.headers import error_header, image_header, quality_header
from recos.products.image_files import ImageFile, start_images
from recos.products.segment_keywords import segment_keywords
from recos.products.wcs import spectral_wcs, write_corrtag_wcs, write_image_wcs
from recos.references import References
from recos.wavecal.records import WavecalRecord

logger = get_logger(__name__)


@dataclass(slots=True)
class SegmentFiles:
    """Headers of the large files of one segment.

    Attributes
    ----------
    exposure : Exposure
        After its last step.
    names : ProductNames
    events : astropy.io.fits.Header
        EVENTS header of the corrtag file.
    counts, flt : ImageFile
    """

    exposure: Exposure
    names: ProductNames
    events: fits.Header
    counts: ImageFile
    flt: ImageFile
    _open: list[FitsFile] = field(default_factory=list)

    @classmethod
    def of(cls, exposure: Exposure, names: ProductNames, refs: References) -> SegmentFiles:
        """Make the headers of a calibrated exposure."""
        files = cls(
            exposure,
            names,
            copy_header(exposure.header),
            _image_file(exposure, names.counts, "counts"),
            _image_file(exposure, names.flt, "flt"),
        )
        files._copy_extraction_keywords()
        files._write_world_coordinates(refs)
        return files

    def headers(self) -> Iterator[tuple[fits.Header, fits.Header]]:
        """Primary and first extension header of the corrtag, the counts and the flt file."""
        yield self.exposure.primary, self.events
        yield self.counts.primary, self.counts.sci
        yield self.flt.primary, self.flt.sci

    def write_images(self, wanted: Container[str], overwrite: bool) -> None:
        """Write the data of counts and flt, those that are wanted; the images are then no longer in memory."""
        counts, flt = (
            file if kind in wanted else None for kind, file in (("counts", self.counts), ("flt", self.flt))
        )
        self._open += start_images(counts, flt, self.exposure.images, self._room(), overwrite)
        self.exposure.images = None

    def write_corrtag(self, wanted: Container[str], overwrite: bool) -> None:
        """Write the events, if they are wanted; they are then no longer in memory."""
        if "corrtag" in wanted:
            self._open.append(
                start_corrtag(self.names.corrtag, self.exposure, self.events, self._room(), overwrite)
            )
        self.exposure.events = EventList.empty()

    @property
    def open_files(self) -> list[FitsFile]:
        """What is written but for its headers, by name."""
        return sorted(self._open, key=lambda file: file.path)

    def discard(self) -> None:
        """Remove what is not finished."""
        for file in self._open:
            file.discard()

    def _room(self) -> int:
        """How many keywords of the other segment may be added to the headers."""
        if not self.exposure.mode.is_fuv:
            return 0
        other = "B" if self.exposure.mode.letter == "A" else "A"
        return sum(keyword not in self.exposure.header for keyword in segment_keywords(other))

    def write_wavecal(self, record: WavecalRecord) -> None:
        """Write the measured shift of a wavecal into all files."""
        record.write(self.exposure.header)
        for primary, header in self.headers():
            record.write(header)
            if "WAVECORR" in primary:
                primary["WAVECORR"] = "COMPLETE"

    def _copy_extraction_keywords(self) -> None:
        """Repeat in counts and flt where the spectrum was extracted."""
        if self.exposure.spectrum is not None:
            keywords = copied_keywords(self.exposure.spectrum).images
            for keyword, value in keywords.items():
                self.counts.sci[keyword] = self.flt.sci[keyword] = value

    def _write_world_coordinates(self, refs: References) -> None:
        mode, corrections = self.exposure.mode, self.exposure.corrections
        if not mode.is_spectroscopic:
            return
        if "SPWCSTAB" not in refs:
            warn(logger, "SPWCSTAB = N/A, so WCS keywords will not be updated")
            return
        if mode.aperture not in ("PSA", "BOA"):
            return
        descriptions = {
            alternate: spectral_wcs(
                refs.spwcstab.row(**mode.row_filter(segment=segment)),
                refs.xtractab.row(**mode.row_filter(segment=segment)),
                self.exposure.header,
                mode.x_offset,
                heliocentric=self.exposure.performs("HELCORR", "PERFORM", "COMPLETE"),
            )
            for alternate, segment in _descriptions(mode).items()
        }
        refs.announce("SPWCSTAB")
        # QUIRK (specification 3, section 17): those of the events are counted as in the image
        origin = (1 + mode.x_offset, 1) if "event-coordinates" in corrections else (0, 0)
        write_corrtag_wcs(self.events, descriptions, *origin)
        write_image_wcs(self.counts.sci, descriptions)
        write_image_wcs(self.flt.sci, descriptions)


def _descriptions(mode: Mode) -> dict[str, str]:
    """Spectrum that each description of world coordinates is about; for the NUV, the first is stripe B."""
    if mode.is_fuv:
        return {"": mode.segment}
    return {"": "NUVB", "A": "NUVA", "B": "NUVB", "C": "NUVC"}


def _image_file(exposure: Exposure, path: Path, kind: str) -> ImageFile:
    raw_err, raw_dq = exposure.raw_headers or (None, None)
    sci, err = image_header(exposure.header), error_header(exposure.header, raw_err)
    statistics = exposure.statistics.get(kind)
    if statistics is not None:
        sci["NGOODPIX"], err["NGOODPIX"] = statistics.n, statistics.n
        sci["GOODMEAN"], err["GOODMEAN"] = statistics.mean, statistics.err_mean
        sci["GOODMAX"], err["GOODMAX"] = statistics.maximum, statistics.err_maximum
    return ImageFile(path, copy_header(exposure.primary), sci, err, quality_header(exposure.header, raw_dq))

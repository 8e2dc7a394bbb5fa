"""The corrtag, counts and flt files of one segment: their headers, settled before anything is written.

All three start from the EVENTS header of the exposure. Statistics, extraction and world coordinates then differ.
Specification 1, sections 13.5 and 13.6; 3, sections 12.1, 14 and 17; 5, section 5.8.2.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from astropy.io import fits

from recos.association import ProductNames
from recos.exposure import Exposure
from recos.extract import copied_keywords
from recos.messages import warn
from recos.products.corrtag import write_corrtag
from recos.products.headers import error_header, image_header, quality_header
from recos.products.image_files import ImageFile, write_images
from recos.products.wcs import spectral_wcs, write_corrtag_wcs, write_image_wcs
from recos.references import References
from recos.wavecal.records import WavecalRecord

logger = logging.getLogger(__name__)


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

    @classmethod
    def of(cls, exposure: Exposure, names: ProductNames, refs: References) -> SegmentFiles:
        """Make the headers of a calibrated exposure."""
        files = cls(
            exposure,
            names,
            exposure.header.copy(),
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

    def jobs(self, overwrite: bool) -> list[Callable[[], list[Path]]]:
        """What is to be done to write the files; each returns the files that it wrote."""

        def corrtag() -> list[Path]:
            write_corrtag(self.names.corrtag, self.exposure, self.events, overwrite)
            return [self.names.corrtag]

        def images() -> list[Path]:
            write_images(self.counts, self.flt, self.exposure.images, overwrite)
            return [self.names.counts, self.names.flt]

        return [images, corrtag]

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
            self.counts.sci.update(keywords)
            self.flt.sci.update(keywords)

    def _write_world_coordinates(self, refs: References) -> None:
        mode = self.exposure.mode
        if "SPWCSTAB" not in refs:
            warn(logger, "SPWCSTAB = N/A, so WCS keywords will not be updated")
            return
        if mode.aperture not in ("PSA", "BOA"):
            return
        wcs = spectral_wcs(
            refs.spwcstab.row(**mode.row_filter()),
            refs.xtractab.row(**mode.row_filter()),
            self.exposure.header,
            mode.x_offset,
            heliocentric=self.exposure.performs("HELCORR", "PERFORM", "COMPLETE"),
        )
        refs.announce("SPWCSTAB")
        write_corrtag_wcs(self.events, wcs)
        write_image_wcs(self.counts.sci, wcs)
        write_image_wcs(self.flt.sci, wcs)


def _image_file(exposure: Exposure, path: Path, kind: str) -> ImageFile:
    sci, err = image_header(exposure.header), error_header(exposure.header)
    statistics = exposure.statistics.get(kind)
    if statistics is not None:
        sci["NGOODPIX"], err["NGOODPIX"] = statistics.n, statistics.n
        sci["GOODMEAN"], err["GOODMEAN"] = statistics.mean, statistics.err_mean
        sci["GOODMAX"], err["GOODMAX"] = statistics.maximum, statistics.err_maximum
    return ImageFile(path, exposure.primary.copy(), sci, err, quality_header(exposure.header))

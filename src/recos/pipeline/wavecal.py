"""Finishing a wavelength-calibration exposure: measure its shift, and write it into all its products.

Specification 1, section 11; 4, section 10.
"""

from __future__ import annotations

from recos.extract import Spectrum, update_wavecal_wavelengths
from recos.messages import get_logger, warn
from recos.pipeline.member import MemberResult, MemberRun
from recos.pipeline.segment_files import SegmentFiles
from recos.steps._wavelengths import wavecal_wavelengths
from recos.wavecal.exposures import measure_wavecal
from recos.wavecal.records import WavecalRecord

logger = get_logger(__name__)


def finish_wavecal(run: MemberRun, wavecals: list[WavecalRecord]) -> MemberResult:
    """Measure a calibrated wavecal, add the result to `wavecals` in order of time, and write the products.

    Parameters
    ----------
    run : MemberRun
        Its segments are calibrated and extracted.
    wavecals : list of WavecalRecord
        Changed in place.
    """

    def apply(files: list[SegmentFiles], spectrum: Spectrum | None) -> None:
        if spectrum is None or not spectrum.n_rows:
            if files:
                name = files[0].exposure.path.name
                warn(
                    logger,
                    f"{name}: no spectrum was extracted (no events, or X1DCORR = OMIT); it serves as no wavecal.",
                )
            return
        exposures = [f.exposure for f in files]
        record = measure_wavecal([spectrum], exposures, run.refs, run.association.user_shifts)
        if record is None:
            return
        wavecals.append(record)
        wavecals.sort(key=lambda r: r.time)
        record.write(spectrum.header, digits=None)
        update_wavecal_wavelengths(spectrum, run.refs, exposures[0].corrections)
        for segment in files:
            segment.write_wavecal(record)
            wavecal_wavelengths(segment.exposure, run.refs)

    return run.finish(apply)

"""Running an association: wavecals first, then science, the combined products last.

Specification 1, sections 10, 11, 13 and 15.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from recos.association.model import Association, Member
from recos.combine import combine_spectra, write_image_sum
from recos.errors import OutputError, OutputExistsError, RecosError
from recos.io.fitsfile import write_tables
from recos.messages import get_logger, subject, warn
from recos.options.run import Options, RunResult
from recos.pipeline.acq_image import calibrate_acq_image
from recos.pipeline.introduction import introduce
from recos.pipeline.member import MemberResult, MemberRun, is_partial_failure
from recos.pipeline.wavecal import finish_wavecal
from recos.references import ReferenceCache, References
from recos.wavecal.records import WavecalRecord

logger = get_logger(__name__)

_CAUTION = (
    "",
    "CAUTION: this file holds no lamp flashes, and no association tells which wavecal belongs to it.",
    "Only the nominal shift of its FP-POS will be applied, so its wavelengths are uncertain by several pixels.",
    "Calibrate the association instead; see chapter 3 of the COS Data Handbook for making one.",
)


@dataclass
class _Run:
    """State of one run of an association."""

    association: Association
    options: Options
    cache: ReferenceCache
    pool: Executor
    jobs: int
    wavecals: list[WavecalRecord] = field(default_factory=list)
    spectra: list[tuple[Member, MemberResult]] = field(default_factory=list)
    result: RunResult = field(default_factory=RunResult)

    def members(self, members: Sequence[Member], finish: Callable[[MemberRun], MemberResult]) -> None:
        """Calibrate members, as many side by side as there are segments to keep all processors busy."""
        for batch in _batches(members, self.jobs):
            runs = [
                MemberRun(m, self.association, self.options, self.cache, self.wavecals, self.pool)
                for m in batch
            ]
            try:
                for run in runs:
                    run.start()
                for run in runs:
                    with subject(run.member.root):
                        self._finish(run, finish)
            finally:
                for run in runs:
                    run.discard()

    def _finish(self, run: MemberRun, finish: Callable[[MemberRun], MemberResult]) -> None:
        try:
            run.wait()
            outcome = finish(run)
        except RecosError as error:
            self._note_failure(error)
            return
        self.options.append_text_files(outcome.log_text)
        self.result.products += outcome.products + outcome.slices
        self.result.slices += outcome.slices
        self.spectra.append((run.member, outcome))

    def _note_failure(self, error: RecosError) -> None:
        """Report an error of one exposure; raise it if the others cannot or shall not be calibrated."""
        goes_on = self.options.keep_going and not isinstance(error, OutputError | OutputExistsError)
        if not (goes_on or is_partial_failure(error)):
            raise error
        logger.error("%s", error)  # a message for users, not a traceback
        self.result.status |= error.status

    def acquisitions(self, members: Sequence[Member]) -> None:
        """Calibrate images of target acquisitions."""
        for member in members:
            with subject(member.root):
                for headers, names in member:
                    refs = References.from_header(headers.primary, self.cache)
                    introduce(headers.mode, names, self.options, False)
                    try:
                        self.result.products += calibrate_acq_image(headers, names, refs, self.options)
                    except RecosError as error:
                        if not self.options.keep_going:
                            raise
                        self._note_failure(error)

    def combine_images(self) -> None:
        """Write the fltsum of the imaging members of the product."""
        if self.options.only_csum:
            return
        product = self.association.product
        paths = [
            names.flt
            for member, _ in self.spectra
            if member in self.association.combined
            for headers, names in member
            if not headers.mode.is_spectroscopic
        ]
        if product is not None and paths and "fltsum" in self.options.products:
            write_image_sum(paths, product.file("fltsum"), self.options.overwrite)
            self.result.products.append(product.file("fltsum"))

    def combine(self) -> None:
        """Write x1dsum and x1dsumN of the science members of the product."""
        product = self.association.product
        chosen = [
            (m, r) for m, r in self.spectra if m in self.association.combined and r.spectrum is not None
        ]
        if product is None or not chosen or "x1dsum" not in self.options.products:
            return
        targets: list[tuple[Path, list[MemberResult]]] = [(product.x1dsum(), [r for _, r in chosen])]
        positions = [m.files[0].mode.fppos for m, _ in chosen]
        for fppos in range(1, max(positions) + 1):
            inputs = [r for (_, r), n in zip(chosen, positions, strict=True) if n == fppos]
            if inputs:
                targets.append((product.x1dsum(fppos), inputs))
        for path, inputs in targets:
            spectra = [r.spectrum for r in inputs if r.spectrum is not None]
            combined = combine_spectra(spectra, [r.refs for r in inputs], path.name, self.options.corrections)
            write_tables(path, combined.primary, [combined.table()], self.options.overwrite)
            self.result.products.append(path)


def run_association(association: Association, options: Options, cache: ReferenceCache) -> RunResult:
    """Calibrate all members of an association and combine them.

    Parameters
    ----------
    association : Association
        Checked.
    options : Options
    cache : ReferenceCache
        Reference files that are open already.

    Returns
    -------
    RunResult
        Status 16 if an exposure could not be calibrated; then nothing is combined, unless the options say to keep
        going.

    Raises
    ------
    RecosError
        If nothing can be calibrated, or a product cannot be written.
    """
    jobs = options.jobs or _jobs(association)
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        run = _Run(association, options, cache, pool, jobs)
        run.members(association.wavecals, lambda member: finish_wavecal(member, run.wavecals))
        if not association.is_table:
            _caution(association)
        run.acquisitions(association.acquisitions)
        run.members(association.science, MemberRun.finish)
        if run.result.status == 0 or options.keep_going:
            run.combine_images()
            if association.first_science.switches["X1DCORR"] == "PERFORM":
                run.combine()
    return run.result


def _jobs(association: Association) -> int:
    """How many segments are calibrated at the same time if the user does not say.

    One by one in the NUV: kernels, which release the interpreter lock, have little to do there, and two at once would
    only take more memory.
    """
    is_fuv = any(headers.mode.is_fuv for headers, _ in association)
    return (os.cpu_count() or 1) if is_fuv else 1


def _caution(association: Association) -> None:
    for headers, _ in association:
        if (
            headers.switches["WAVECORR"] == "PERFORM"
            and not headers.mode.has_flashes
            and not headers.mode.is_wavecal
        ):
            warn(logger, *_CAUTION)
            return


def _batches(members: Sequence[Member], jobs: int) -> Iterator[list[Member]]:
    """Groups of members with at least `jobs` segments together."""
    batch: list[Member] = []
    segments = 0
    for member in members:
        batch.append(member)
        segments += len(member.files)
        if segments >= jobs:
            yield batch
            batch, segments = [], 0
    if batch:
        yield batch

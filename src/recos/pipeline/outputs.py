"""The files that a run writes: their names, and whether the way is free for them. Specification 1, section 9."""

from __future__ import annotations

from collections.abc import Container
from pathlib import Path

from recos.association.checks import NEVER_CALIBRATED
from recos.association.model import Association, ProductNames
from recos.errors import OutputError, OutputExistsError
from recos.io.read import ExposureHeaders
from recos.messages import get_logger, warn
from recos.options.csum import CsumOptions
from recos.options.products import PRODUCTS

logger = get_logger(__name__)


def outputs_of(
    headers: ExposureHeaders,
    names: ProductNames,
    csum: CsumOptions | None = None,
    wanted: Container[str] = PRODUCTS,
) -> list[Path]:
    """The files that the calibration of one raw file may write, without trailers. Specification 1, section 9.9."""
    if csum is not None:
        products = [] if csum.only else outputs_of(headers, names, None, wanted)
        return [*products, names.csum]
    files = {"flt": [names.flt], "counts": [names.counts]}
    if headers.mode.kind != "ACQ_IMAGE":
        files["corrtag"] = [names.corrtag]
        if headers.mode.obsmode == "TIME-TAG" and not headers.mode.is_wavecal:
            files["lampflash"] = [names.flash_x, names.flash]
        if headers.mode.is_wavecal or headers.switches["X1DCORR"] == "PERFORM":
            files["x1d"] = [names.x1d_x, names.x1d]
    return [path for kind, paths in files.items() if kind in wanted for path in paths]


def association_outputs(association: Association, wanted: Container[str] = PRODUCTS) -> list[Path]:
    """The files that belong to the whole association: combined products, support file, copied table."""
    product, copy = association.product, association.table_copy
    if product is None:
        return []
    positions = {1, 2, 3, 4} | {
        m.files[0].mode.fppos for m in association.combined if m.files[0].mode.fppos > 0
    }
    files = [product.file("fltsum")] if "fltsum" in wanted else []
    if "x1dsum" in wanted:
        files += [product.x1dsum(), *(product.x1dsum(n) for n in sorted(positions))]
    files.append(product.support)
    return files if copy in (None, association.path) else [*files, copy]


def check_outputs(
    association: Association,
    overwrite: bool = False,
    csum: CsumOptions | None = None,
    wanted: Container[str] = PRODUCTS,
) -> list[Path]:
    """Check that no product exists already.

    Parameters
    ----------
    association : Association
    overwrite : bool
        Existing products are to be replaced.
    csum : CsumOptions, optional
        A csum image is made.
    wanted : container of str
        Kinds of products that are written.

    Returns
    -------
    list of Path
        Existing products of wavecals, which are to be removed: several associations may share a wavecal.

    Raises
    ------
    OutputExistsError
        If there are other products, or names of products are those of directories.
    """
    existing: list[Path] = []
    shared: list[Path] = []
    for headers, names in association:
        if headers.mode.kind not in NEVER_CALIBRATED:
            target = shared if headers.mode.is_wavecal else existing
            target += [path for path in outputs_of(headers, names, csum, wanted) if path.exists()]
    existing += [path for path in association_outputs(association, wanted) if path.exists()]
    existing, shared = list(dict.fromkeys(existing)), list(dict.fromkeys(shared))
    refuse_existing(existing, overwrite)
    return shared


def refuse_existing(existing: list[Path], overwrite: bool) -> None:
    """Raise OutputExistsError if products exist that are not to be replaced."""
    if existing and not overwrite:
        what = "file already exists" if len(existing) == 1 else "files already exist"
        raise OutputExistsError(
            f"Output {what}: {', '.join(map(str, existing))}. Remove what is in the way, give "
            "another output directory (`outdir`), or allow overwriting (`overwrite=True`).",
            path=existing[0],
        )


def remove_wavecal_products(files: list[Path]) -> None:
    """Remove earlier products of wavecals, with a warning."""
    if not files:
        return
    what = "file already exists" if len(files) == 1 else "files already exist"
    warn(logger, f"Calibrated wavecal {what}, will be deleted:")
    for path in files:
        try:
            path.unlink()
        except OSError as error:
            raise OutputError(f"{path}: the file cannot be deleted ({error.strerror}).") from None
        warn(logger, f"  {path} deleted")

"""Where the airglow lines lie on the detector. Specification 3, section 18."""

from __future__ import annotations

from recos.data import instrument
from recos.data.mode import Mode
from recos.messages import get_logger, warn
from recos.references import References

logger = get_logger(__name__)

#: Lines of each airglow multiplet, Angstrom.
MULTIPLETS = {
    "Lyman_alpha": (1215.67,),
    "N_I_1200": (1199.550, 1200.223, 1200.710),
    "O_I_1304": (1302.168, 1304.858, 1306.029),
    "O_I_1356": (1355.598, 1358.512),
    "N_I_1134": (1134.165, 1134.415, 1134.980),
}


def airglow_limits(mode: Mode, refs: References, multiplet: str) -> tuple[float, float] | None:
    """Columns between which light of an airglow multiplet may lie.

    Parameters
    ----------
    mode : Mode
    refs : References
    multiplet : str
        A key of :data:`MULTIPLETS`.

    Returns
    -------
    (float, float) or None
        Detector columns, without wavecal shift, both included; they may lie outside the detector. None if the
        multiplet is off the detector or there is no dispersion relation.
    """
    lines = MULTIPLETS[multiplet]
    if not mode.is_spectroscopic:
        return None
    criteria = mode.row_filter()
    relation = refs.dispersion(0, **criteria)
    if relation is None:
        warn(logger, "Dispersion relation is not valid; filter is:", str(criteria))
        return None
    width = (instrument.FUV_SHAPE if mode.is_fuv else instrument.NUV_SHAPE)[1]
    margin = 30.0
    if mode.is_fuv:
        margin = 250.0 if multiplet == "Lyman_alpha" else 100.0
    if max(lines) < float(relation.wavelength(-margin)) or min(lines) > float(
        relation.wavelength(width - 1 + margin)
    ):
        return None
    return relation.pixel(min(lines)) - margin, relation.pixel(max(lines)) + margin

"""What a run gives its steps beside the exposure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from recos.extract.profile import KnownZones
    from recos.io.shift_file import ShiftFile
    from recos.options.csum import CsumOptions
    from recos.options.regions import Tailoring
    from recos.references.regions import Regions
    from recos.steps.quality_image import Quality
    from recos.wavecal.flashes import LampFlashes
    from recos.wavecal.records import WavecalRecord


@dataclass(slots=True)
class Workspace:
    """What steps leave for later ones, and slices of an exposure for the next slice, so that it is made once.

    Attributes
    ----------
    quality : Quality or None
        What ALGNCORR and DQICORR share while they make the data-quality image.
    qualities : list of Quality or None
        For slices: `quality` of the last one, to be used again if nothing differs.
    zones : list of KnownZones or None
        For slices: the extraction zones of the last one, to be used again if nothing differs.
    flagged_regions : Regions or None
        Regions whose bits the events have already.
    """

    quality: Quality | None = None
    qualities: list[Quality] | None = None
    zones: list[KnownZones] | None = None
    flagged_regions: Regions | None = None


@dataclass(slots=True)
class Context:
    """What belongs to a run and not to an exposure: other exposures, the wishes of the user, memory.

    Attributes
    ----------
    wavecals : sequence of WavecalRecord
        Wavecal exposures of the association that are measured.
    simulates_wavecals : bool
        The association lists a wavecal of type EXP-SWAVE (lifetime position 6).
    partner_flashes : LampFlashes or None
        Lamp flashes of segment A, for a segment B in which the lamp shows no lines.
    user_shifts : ShiftFile or None
        Shifts that the user gives.
    find_target : (bool, float or None) or None
        Extract where the target is found, unless the error of its position (pixels) exceeds the cutoff.
    tailoring : Tailoring or None
        Extraction regions; None: as tabulated.
    csum : CsumOptions or None
        How a csum image is made; None: not at all.
    workspace : Workspace
    """

    wavecals: Sequence[WavecalRecord] = ()
    simulates_wavecals: bool = False
    partner_flashes: LampFlashes | None = None
    user_shifts: ShiftFile | None = None
    find_target: tuple[bool, float | None] | None = None
    tailoring: Tailoring | None = None
    csum: CsumOptions | None = None
    workspace: Workspace = field(default_factory=Workspace)

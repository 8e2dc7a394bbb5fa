"""The keywords of an extension header that belong to one FUV segment. Specification 1, section 14.2."""

from __future__ import annotations

#: ``{}`` stands for the letter of the segment.
_TEMPLATES = (
    "STIM{}_LX", "STIM{}_LY", "STIM{}_RX", "STIM{}_RY",
    "STIM{}0LX", "STIM{}0LY", "STIM{}0RX", "STIM{}0RY",
    "STIM{}SLX", "STIM{}SLY", "STIM{}SRX", "STIM{}SRY",
    "NPHA_{}", "PHALOWR{}", "PHAUPPR{}",
    "TBRST_{}", "NBRST_{}", "TBADT_{}", "NBADT_{}",
    "NOUT_{}", "NBADEVT{}",
    "EXPTIME{}", "NEVENTS{}",
    "GLOBRT_{}",
    "DEADRT_{}", "DEADMT_{}", "LIVETM_{}",
    "SP_LOC_{}", "SP_OFF_{}", "SP_NOM_{}", "SP_SLP_{}", "SP_HGT_{}", "SP_ERR_{}",
    "B_BKG1_{}", "B_BKG2_{}", "B_HGT1_{}", "B_HGT2_{}",
    "SHIFT1{}", "SHIFT2{}", "DPIXEL1{}",
    "CHI_SQ_{}", "NDF_{}",
)  # fmt: skip


def segment_keywords(letter: str) -> tuple[str, ...]:
    """The keywords of segment A or B."""
    return tuple(template.format(letter.upper()) for template in _TEMPLATES)

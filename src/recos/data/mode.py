"""Mode: what the headers say about the configuration of an exposure, parsed and checked once.

Specification 1, sections 5 and 6.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from astropy.io import fits

from recos.data import instrument
from recos.errors import InputError
from recos.messages import get_logger, warn

logger = get_logger(__name__)

SCIENCE_EXPTYPES = ("EXTERNAL/SCI", "EXTERNAL/CAL", "DARK", "FLAT")


@dataclass(frozen=True, slots=True)
class Mode:
    """What the headers say about the configuration; missing keywords have the defaults of the reference."""

    detector: str
    segment: str
    obstype: str
    obsmode: str
    exptype: str
    kind: str
    """WAVECAL, SCIENCE, CALIBRATION, ACQ_IMAGE, TARGET_ACQ, ENGINEERING or UNKNOWN."""
    opt_elem: str
    cenwave: int
    fpoffset: int
    fppos: int
    aperture: str
    life_adj: int
    aperypos: float | None
    targname: str
    xtrctalg: str
    tagflash: str
    """AUTO, UNIFORMLY SPACED or NONE (also when the header counts no flash)."""
    expstart: float
    expend: float
    ra_targ: float
    dec_targ: float
    sdqflags: int

    @property
    def is_fuv(self) -> bool:
        """FUV rather than NUV."""
        return self.detector == "FUV"

    @property
    def is_wavecal(self) -> bool:
        """The exposure itself is a wavelength calibration."""
        return self.kind == "WAVECAL"

    @property
    def is_spectroscopic(self) -> bool:
        """OBSTYPE is SPECTROSCOPIC."""
        return self.obstype == "SPECTROSCOPIC"

    @property
    def has_flashes(self) -> bool:
        """Lamp flashes were taken during the exposure (TAGFLASH)."""
        return self.tagflash != "NONE"

    @property
    def letter(self) -> str:
        """A or B: the segment in names of keywords (FUV); A for the NUV."""
        return self.segment[-1]

    @property
    def spectra(self) -> tuple[str, ...]:
        """What is measured on its own: the FUV segment, the NUV stripes, or the only image (``N/A``)."""
        if self.is_fuv:
            return (self.segment,)
        return instrument.STRIPES if self.is_spectroscopic else ("N/A",)

    @property
    def timeline_spectrum(self) -> str:
        """The segment, or the stripe in the middle, whose displacement the TIMELINE table shows."""
        return self.spectra[len(self.spectra) // 2]

    @property
    def image_shape(self) -> tuple[int, int]:
        """Rows and columns of the counts and flt images."""
        if self.is_fuv:
            return instrument.FUV_SHAPE
        return instrument.NUV_SPECTRUM_SHAPE if self.is_spectroscopic else instrument.NUV_SHAPE

    @property
    def x_offset(self) -> int:
        """Image column of detector column 0."""
        return 0 if self.is_fuv or not self.is_spectroscopic else instrument.NUV_X_OFFSET

    @property
    def plate_offset(self) -> float:
        """Cross-dispersion offset of the aperture plate, pixels; not zero only for LIFE_ADJ = -1."""
        return instrument.aperture_plate_offset(self.life_adj, self.aperypos, self.aperture, self.opt_elem)

    @property
    def mid_time(self) -> float:
        """Middle of the exposure, MJD."""
        return (self.expstart + self.expend) / 2.0

    def row_filter(self, aperture: str | None = None, segment: str | None = None) -> dict[str, str | int]:
        """Criteria that select the row of an extraction or dispersion table; `segment` may be a stripe."""
        return {
            "segment": self.segment if segment is None else segment,
            "opt_elem": self.opt_elem,
            "cenwave": self.cenwave,
            "aperture": self.aperture if aperture is None else aperture,
        }


def exposure_time(mode: Mode, header: fits.Header) -> float:
    """Exposure time of the header, seconds: EXPTIMEA or EXPTIMEB (FUV) before EXPTIME."""
    if mode.is_fuv:
        return float(header.get(f"EXPTIME{mode.letter}", header.get("EXPTIME", 0.0)))
    return float(header.get("EXPTIME", 0.0))


def require_keywords(primary: fits.Header, path: str | Path) -> None:
    """Check the three keywords without which a file cannot be classified.

    Raises
    ------
    InputError
        If DETECTOR, OBSMODE or EXPTYPE is missing, or one of the first two has an impossible value.
    """
    for key, allowed in (("DETECTOR", ("FUV", "NUV")), ("OBSMODE", ("TIME-TAG", "ACCUM")), ("EXPTYPE", None)):
        if key not in primary:
            raise InputError(f"{path}: the primary header has no keyword {key}; this is no raw file of COS.")
        if allowed and primary[key] not in allowed:
            raise InputError(
                f"{path}: {key} = {primary[key]!r} in the primary header; expected {' or '.join(allowed)}."
            )


def mode_from_headers(primary: fits.Header, header: fits.Header, path: str | Path) -> Mode:
    """Parse the configuration of an exposure out of its headers. Specification 1, sections 5.2, 5.3 and 6.

    Raises
    ------
    InputError
        If the keywords describe no exposure that COS can take.
    """
    aperypos = primary.get("APERYPOS")
    mode = Mode(
        detector=str(primary.get("DETECTOR", "N/A")),
        segment=str(primary.get("SEGMENT", "N/A")),
        obstype=str(primary.get("OBSTYPE", "N/A")),
        obsmode=str(primary.get("OBSMODE", "N/A")),
        exptype=str(primary.get("EXPTYPE", "N/A")),
        kind="UNKNOWN",
        opt_elem=str(primary.get("OPT_ELEM", "N/A")),
        cenwave=int(primary.get("CENWAVE", 0)),
        fpoffset=int(primary.get("FPOFFSET", 0)),
        fppos=int(primary.get("FPPOS", 1)),
        aperture="N/A",
        life_adj=int(primary.get("LIFE_ADJ", -1)),
        aperypos=float(aperypos) if isinstance(aperypos, int | float) else None,
        targname=str(primary.get("TARGNAME", "N/A")),
        xtrctalg=str(primary.get("XTRCTALG", "BOXCAR")),
        tagflash=_tagflash(primary, header),
        expstart=float(header.get("EXPSTART", -1.0)),
        expend=float(header.get("EXPEND", -1.0)),
        ra_targ=float(primary.get("RA_TARG", -999.0)),
        dec_targ=float(primary.get("DEC_TARG", -999.0)),
        sdqflags=int(header.get("SDQFLAGS", instrument.DEFAULT_SDQFLAGS)),
    )
    mode = replace(mode, aperture=_aperture(primary, mode))
    if mode.targname == "Thermal_Vac":
        raise InputError(
            f"{path}: TARGNAME = Thermal_Vac; exposures of the ground tests of 2003, whose headers do not name what "
            "was in the beam, are not calibrated. Calibrate them with calcos."
        )
    if mode.plate_offset != 0.0:
        logger.warning("Info:  aperture plate is offset by %.2f pixels", mode.plate_offset)
    mode = _check_mode(mode, primary, header, path)
    return classify(mode, path)


def _tagflash(primary: fits.Header, header: fits.Header) -> str:
    value = str(primary.get("TAGFLASH", "NONE"))
    if value not in ("AUTO", "UNIFORMLY SPACED") or int(header.get("NUMFLASH", 0)) < 1:
        return "NONE"
    return value


def _aperture(primary: fits.Header, mode: Mode) -> str:
    """APERTURE after the repairs of specification 1, section 6.3."""
    aperture = str(primary.get("APERTURE", "N/A"))
    if len(aperture) > 3 and aperture[3] == "-":
        warn(logger, f"APERTURE changed from {aperture} to {aperture[:3]}")
        return aperture[:3]
    if aperture != "RelMvReq":
        return aperture
    proposed = str(primary.get("PROPAPER", ""))
    if proposed in instrument.APERTURES:
        warn(logger, f"APERTURE changed from {aperture} to {proposed} (copied from PROPAPER)")
        return proposed
    guess = "PSA"
    if str(primary.get("SHUTTER", "")).lower() == "closed":
        guess = {"P": "WCA", "D": "FCA"}.get(str(primary.get("LAMPUSED", " "))[:1], "PSA")
    elif mode.aperypos is not None and mode.life_adj in (1, 2):
        low = {1: -163.0, 2: -227.0}[mode.life_adj]
        guess = "BOA" if low < mode.aperypos < low + 20.0 else "PSA"
    warn(logger, f"APERTURE was {aperture}; taken to be {guess} from SHUTTER, LAMPUSED and APERYPOS")
    return guess


def _check_mode(mode: Mode, primary: fits.Header, header: fits.Header, path: str | Path) -> Mode:
    coscoord = primary.get("COSCOORD", "DETECTOR")
    if coscoord != "USER":
        raise InputError(
            f"{path}: COSCOORD = {coscoord!r}; only data in user coordinates (COSCOORD = 'USER') can be "
            "calibrated. Retrieve the file from the archive again."
        )
    if mode.is_fuv and mode.segment not in instrument.SEGMENTS:
        raise InputError(f"{path}: SEGMENT = {mode.segment!r}; an FUV file must say FUVA or FUVB.")
    exptime = exposure_time(mode, header)
    if exptime < 0.0:
        raise InputError(f"{path}: EXPTIME = {exptime:g} s; an exposure time cannot be negative.")
    if exptime >= instrument.LONGEST_EXPOSURE:
        raise InputError(
            f"{path}: EXPTIME = {exptime:g} s; no exposure lasts that long. Correct the keyword."
        )
    if not 0 <= mode.sdqflags < 1 << 15:
        raise InputError(f"{path}: SDQFLAGS = {mode.sdqflags}; expected a sum of bits, below {1 << 15}.")
    if (mode.expend - mode.expstart) * instrument.SECONDS_PER_DAY + 0.5 < exptime:
        warn(logger, "(EXPEND - EXPSTART) is less than EXPTIME", f"for {path}")
    if mode.obstype == "ACQUISITION":
        warn(logger, "OBSTYPE = ACQUISITION is taken as IMAGING", f"for {path}")
        mode = replace(mode, obstype="IMAGING")
    if mode.obstype not in ("IMAGING", "SPECTROSCOPIC"):
        raise InputError(f"{path}: OBSTYPE = {mode.obstype!r}; expected IMAGING or SPECTROSCOPIC.")
    if mode.is_spectroscopic and mode.opt_elem.startswith(("MIRROR", "TA1")):
        raise InputError(f"{path}: OBSTYPE = SPECTROSCOPIC, but OPT_ELEM = {mode.opt_elem} is no grating.")
    dispaxis = int(header.get("DISPAXIS", 0))
    if not mode.is_spectroscopic and dispaxis != 0:
        warn(logger, f"DISPAXIS = {dispaxis} for imaging data; taken as 0", f"for {path}")
    return mode


def classify(mode: Mode, path: str | Path) -> Mode:
    """Kind of the exposure, and EXPTYPE corrected by the lamp. Specification 1, section 5.3."""
    kinds = dict.fromkeys(SCIENCE_EXPTYPES, "SCIENCE")
    kinds |= {"WAVECAL": "WAVECAL", "ACQ/IMAGE": "ACQ_IMAGE"}
    kinds |= dict.fromkeys(("ACQ/SEARCH", "ACQ/PEAKD", "ACQ/PEAKXD"), "TARGET_ACQ")
    kinds |= dict.fromkeys(("ENG DIAG", "MEMORY DUMP", "PHA"), "ENGINEERING")
    kind, exptype = kinds.get(mode.exptype, "UNKNOWN"), mode.exptype
    if kind in ("ENGINEERING", "UNKNOWN"):
        warn(logger, f"EXPTYPE = '{exptype}' in {path};", "exposures of this type are not calibrated.")
    if mode.has_flashes and exptype != "EXTERNAL/SCI":
        kind = "CALIBRATION"
        if mode.is_spectroscopic and exptype != "EXTERNAL/CAL":
            warn(logger, f"EXPTYPE = {exptype} but TAGFLASH != NONE for {path};", "taken as EXTERNAL/CAL.")
            exptype = "EXTERNAL/CAL"
    elif not mode.is_spectroscopic and exptype == "WAVECAL":
        warn(logger, f"EXPTYPE = WAVECAL but OBSTYPE = IMAGING for {path};", "taken as EXTERNAL/CAL.")
        kind, exptype = "CALIBRATION", "EXTERNAL/CAL"
    if kind == "WAVECAL" and mode.aperture != "WCA":
        warn(logger, f"APERTURE = {mode.aperture} for a wavecal; this could be a serious error")
    return replace(mode, kind=kind, exptype=exptype)

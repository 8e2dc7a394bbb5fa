"""Headers of raw files: the keywords that calibration reads, copies or fills in, common to both detectors.

Specification 1, section 6; the values that calibration fills in are those of archive files before calibration.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from astropy.io import fits

from recos.data.reference_kinds import KINDS
from recos.data.switches import SWITCHES
from recos.simulate.configurations import Configuration
from recos.simulate.orbit import doppler
from recos.simulate.plan import PlannedExposure

Card = tuple
"""Keyword, value, and a comment if it has one."""
_APERTURE_STEPS = {1: 126.1, 2: 62.1, 3: 182.1, 4: 227.1, 5: 22.1, 6: -5.9}
"""APERYPOS of the PSA at the lifetime positions."""
_SUBARRAYS = 8


def header_of(cards: Iterable[Card]) -> fits.Header:
    """A header of cards in their order."""
    header = fits.Header()
    for card in cards:
        header.append(card, end=True)
    return header


def aperture_of(planned: PlannedExposure) -> str:
    """Keyword APERTURE: that of the lamp for a wavecal."""
    return "WCA" if planned.is_wavecal else planned.configuration.aperture


def primary_header(
    planned: PlannedExposure,
    filename: str,
    segment: str,
    switches: Mapping[str, str],
    names: Mapping[str, str],
) -> fits.Header:
    """Primary header of a raw file.

    Parameters
    ----------
    planned : PlannedExposure
    filename : str
    segment : str
        FUVA, FUVB, or N/A for the NUV.
    switches : mapping of str to str
        All calibration switches: PERFORM or OMIT.
    names : mapping of str to str
        Reference files by keyword, such as ``lref$x_flat.fits``; those not named are N/A.
    """
    cards: list[Card] = [
        ("SIMPLE", True, "data conform to FITS standard"),
        ("BITPIX", 16, "number of bits per data pixel"),
        ("NAXIS", 0, "number of data axes"),
        ("EXTEND", True, "File may contain standard extensions"),
        ("NEXTEND", 3 if planned.configuration.obsmode == "ACCUM" else 2, "Number of standard extensions"),
        ("FILENAME", filename, "name of file"),
        ("FILETYPE", "SCI", "type of data found in data file"),
        ("TELESCOP", "HST", "telescope used to acquire data"),
        ("INSTRUME", "COS", "instrument"),
        ("EQUINOX", 2000.0, "equinox of celestial coord. system"),
        ("ROOTNAME", planned.root, "rootname of the observation set"),
        ("IMAGETYP", planned.configuration.obsmode, "type of exposure"),
        ("PRIMESI", "COS", "instrument designated as prime"),
        ("TARGNAME", planned.target, "name of target"),
        ("RA_TARG", planned.ra, "right ascension of the target (deg) (J2000)"),
        ("DEC_TARG", planned.dec, "declination of the target (deg) (J2000)"),
        ("PROPOSID", 99999, "proposal"),
        ("OPUS_VER", "simulated", "data processing software system version"),
        ("CAL_VER", "", "CALCOS code version"),
    ]
    cards += _mode_cards(planned, segment)
    for switch in SWITCHES:
        cards.append((switch, switches[switch] == "PERFORM" if switch == "STATFLAG" else switches[switch]))
    cards += [(keyword, names.get(keyword, "N/A")) for keyword in KINDS if keyword != "PHOTTAB"]
    cards += [
        ("FPOFFSET", planned.fpoffset, "FP offset from nominal, in motor steps"),
        *((key, 0.0) for key in ("BANDWID", "SPECRES", "CENTRWV", "MINWAVE", "MAXWAVE", "PLATESC")),
        ("ASN_ID", planned.association.upper(), "unique identifier assigned to association"),
        ("ASN_TAB", f"{planned.association}_asn.fits", "name of the association table"),
    ]
    return header_of(cards)


def _mode_cards(planned: PlannedExposure, segment: str) -> list[Card]:
    c: Configuration = planned.configuration
    lamp = planned.is_wavecal or bool(planned.flashes)
    aperture = aperture_of(planned)
    return [
        ("OBSTYPE", "IMAGING" if c.is_imaging else "SPECTROSCOPIC", "imaging or spectroscopic"),
        ("OBSMODE", c.obsmode, "operating mode"),
        ("EXPTYPE", "WAVECAL" if planned.is_wavecal else "EXTERNAL/SCI", "type of exposure"),
        ("DETECTOR", c.detector, "FUV or NUV"),
        ("SEGMENT", segment, "FUV detector segment name (FUVA, FUVB, or BOTH)"),
        ("COSCOORD", "USER", "COS output coordinate frame"),
        ("SUBARRAY", False, "data from a subarray (T) or full frame (F)"),
        ("LAMPPLAN", "P1" if lamp else "NONE", "Name of lamp that was planned to be used"),
        ("LAMPUSED", "P1" if lamp else "NONE", "lamp status, NONE or name of lamp which is on"),
        ("LAMPSET", "MEDIUM", "spectral cal lamp current value (milliamps)"),
        ("LIFE_ADJ", c.life_adj, "Life Time Adjustment Position"),
        ("FPPOS", planned.fppos, "grating offset index (1-4) for FP split"),
        ("CENWAVE", c.cenwave, "central wavelength of spectrum"),
        ("APERTURE", aperture, "aperture name"),
        ("PROPAPER", aperture, "proposed aperture name"),
        ("APERXPOS", 22.1, "Aperture Block Position dispersion (telemetry)"),
        ("APERYPOS", _APERTURE_STEPS[c.life_adj] - (279.0 if aperture == "BOA" else 0.0), "cross dispersion"),
        ("OPT_ELEM", c.opt_elem, "optical element in use"),
        ("SHUTTER", "Closed" if planned.is_wavecal else "Open", "External Shutter Position"),
        ("EXTENDED", "NO", "Is target specified as extended object?"),
        ("TAGFLASH", "AUTO" if planned.flashes else "NONE", "Type of flashed exposures in time-tag"),
        ("RANDSEED", planned.randseed, "seed for pseudo-random number generator"),
        ("XTRCTALG", "BOXCAR" if planned.is_wavecal else c.xtrctalg, "BOXCAR or TWOZONE"),
    ]


def exposure_cards(planned: PlannedExposure, extname: str) -> list[Card]:
    """Cards of the first extension that say when and where: EVENTS of TIME-TAG, SCI of ACCUM."""
    return [
        ("EXTNAME", extname, "extension name"),
        ("EXTVER", 1, "extension version number"),
        ("ROOTNAME", planned.root, "rootname of the observation set"),
        ("EXPNAME", planned.root, "exposure identifier"),
        ("ASN_MTYP", planned.role, "Role of the Member in the Association"),
        ("RA_APER", planned.ra, "RA of reference aperture center"),
        ("DEC_APER", planned.dec, "Declination of reference aperture center"),
        ("PA_APER", 41.7, "Position Angle of reference aperture center (de"),
        (
            "DISPAXIS",
            0 if planned.configuration.is_imaging else 1,
            "dispersion axis; 1 = axis 1, 2 = axis 2, none",
        ),
        ("EXPSTART", planned.expstart, "exposure start time (Modified Julian Date)"),
        ("EXPEND", planned.expend, "exposure end time (Modified Julian Date)"),
        ("EXPTIME", planned.exptime, "exposure duration (seconds)--calculated"),
        ("RAWTIME", planned.exptime, "exposure duration of raw data file (seconds)"),
        ("PLANTIME", planned.exptime, "Planned exposure time (seconds)"),
        ("EXPFLAG", "NORMAL", "Exposure interruption indicator"),
    ]


def doppler_cards(planned: PlannedExposure, pixels_per_km_s: float) -> list[Card]:
    """Cards of the orbital Doppler shift.

    Parameters
    ----------
    planned : PlannedExposure
    pixels_per_km_s : float
        In the middle of the spectrum; for the shift that ACCUM images get on board.
    """
    orbit = doppler(planned.ra, planned.dec, planned.expstart)
    on_board = planned.configuration.obsmode == "ACCUM" and planned.effects.doppler
    return [
        ("ORBITPER", orbit.period, "Orbital Period used on board for Doppler corr."),
        ("DOPPON", True, "Doppler correction flag"),
        ("DOPPZERO", orbit.zero, "Commanded time of zero Doppler shift (MJD)"),
        ("DOPPMAGV", orbit.amplitude, "Doppler shift magnitude (Km/sec)"),
        ("DOPPONT", on_board, "Doppler correction flag, telemetry"),
        ("DOPZEROT", orbit.zero if on_board else -1.0, "Commanded time of zero Doppler shift (MJD)"),
        (
            "DOPMAGT",
            orbit.amplitude * pixels_per_km_s if on_board else -1.0,
            "Doppler shift magnitude (pixels)",
        ),
        ("ORBTPERT", orbit.period if on_board else -1.0, "Orbital Period used on board for Doppler corr."),
        ("V_HELIO", -999.0, "Geocentric to heliocentric velocity"),
    ]


def flash_cards(planned: PlannedExposure) -> list[Card]:
    """Cards of the commanded lamp flashes."""
    cards: list[Card] = [("NUMFLASH", len(planned.flashes), "Integer number of flashes")]
    for i, (on, off) in enumerate(planned.flashes, start=1):
        cards += [
            (f"LMPDUR{i}", off - on, "duration of flash, seconds"),
            (f"LMP_ON{i}", on, "lamp turn-on  time, seconds since EXPSTART"),
            (f"LMPOFF{i}", off, "lamp turn-off time, seconds since EXPSTART"),
            (f"LMPMED{i}", (on + off) / 2.0, "median time of flash, seconds since EXPSTART"),
        ]
    return cards


def subarray_cards(width: int, height: int, index: int = 0) -> list[Card]:
    """Cards of one subarray that is the whole detector, with number `index`."""
    cards: list[Card] = [("NSUBARRY", 1, "Number of subarrays (1-8)")]
    for i in range(_SUBARRAYS):
        sizes = (width, height) if i == index else (0, 0)
        for axis, size in zip("XY", sizes, strict=True):
            cards += [
                (f"CORNER{i}{axis}", 0, "subarray corner, pixels"),
                (f"SIZE{i}{axis}", size, "subarray size"),
            ]
    return cards


def orientation_cards(width: int, height: int) -> list[Card]:
    """Cards of the coordinates of an event table, not filled in yet."""
    return [
        ("TCTYP2", "RA---TAN"), ("TCTYP3", "ANGLE"), ("TCRVL2", -999.0), ("TCRVL3", -999.0),
        ("TCRPX2", 1.0), ("TCRPX3", 1.0), ("TALEN2", width), ("TALEN3", height),
        ("TC2_2", 0.0), ("TC2_3", 0.0), ("TC3_2", 0.0), ("TC3_3", 0.0),
        ("TCUNI2", "angstrom"), ("TCUNI3", "deg"), ("XS-SORT", "TIME"),
    ]  # fmt: skip

"""Headers of simulated raw files: the keywords that calibration reads, copies or fills in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from astropy.io import fits

from recos.data.instrument import SECONDS_PER_DAY
from recos.data.reference_kinds import KINDS
from recos.data.switches import SWITCHES
from small_cos.model import CENWAVE, OPT_ELEM

MAX_FLASHES = 10


@dataclass(frozen=True)
class Setup:
    """One exposure as planned.

    Attributes
    ----------
    root, association : str
        Rootnames of the exposure and of the association.
    expstart : float
        MJD.
    exptime : float
        Seconds.
    flashes : tuple of (float, float)
        Lamp flashes: time of switching on in seconds since `expstart`, and duration.
    doppler : tuple of float
        Orbital Doppler shift: amplitude in km/s, zero phase as seconds before `expstart`, period in seconds.
    stim_rate : float
        Both stims together, count/s.
    """

    root: str = "lrec01d1q"
    association: str = "lrec01010"
    target: str = "SIMULATED-STAR"
    ra: float = 150.0
    dec: float = 32.0
    expstart: float = 57000.25
    exptime: float = 600.0
    fppos: int = 3
    randseed: int = 42
    flashes: tuple[tuple[float, float], ...] = ((4.0, 12.0), (290.0, 12.0), (580.0, 12.0))
    doppler: tuple[float, float, float] = (6.5, 700.0, 5717.0)
    stim_rate: float = 4.0

    @property
    def fpoffset(self) -> int:
        """Motor steps from the nominal grating position."""
        return self.fppos - 3

    @property
    def expend(self) -> float:
        """End of the exposure, MJD."""
        return self.expstart + self.exptime / SECONDS_PER_DAY


def _fill(cards: list[tuple]) -> fits.Header:
    header = fits.Header()
    for card in cards:
        header.append(card)
    return header


def primary_header(
    setup: Setup,
    segment: str,
    references: Mapping[str, str] | None = None,
    switches: Mapping[str, str] | None = None,
    filename: str | None = None,
) -> fits.Header:
    """Primary header of a rawtag file.

    Parameters
    ----------
    setup : Setup
        The exposure.
    segment : str
        FUVA or FUVB.
    references : mapping of str to str
        Names of reference files by keyword; others are N/A.
    switches : mapping of str to str
        Values that differ from PERFORM; steps whose reference file is N/A should be OMIT.
    filename : str, optional
        Name of the file.
    """
    references, switches = references or {}, switches or {}
    cards: list[tuple] = [
        ("SIMPLE", True, "data conform to FITS standard"),
        ("BITPIX", 8, "bits per data value"),
        ("NAXIS", 0, "number of data axes"),
        ("EXTEND", True, "File may contain standard extensions"),
        ("NEXTEND", 2, "Number of standard extensions"),
        ("DATE", "2024-01-01", "date this file was written (yyyy-mm-dd)"),
        ("FILENAME", filename or f"{setup.root}_rawtag_{segment[-1].lower()}.fits", "name of file"),
        ("FILETYPE", "SCI", "type of data found in data file"),
        ("TELESCOP", "HST", "telescope used to acquire data"),
        ("INSTRUME", "COS", "identifier for instrument used to acquire data"),
        ("EQUINOX", 2000.0, "equinox of celestial coord. system"),
        ("ROOTNAME", setup.root, "rootname of the observation set"),
        ("IMAGETYP", "TIME-TAG", "type of exposure identifier"),
        ("PRIMESI", "COS", "instrument designated as prime"),
        ("TARGNAME", setup.target, "proposer's target name"),
        ("RA_TARG", setup.ra, "right ascension of the target (deg) (J2000)"),
        ("DEC_TARG", setup.dec, "declination of the target (deg) (J2000)"),
        ("PROPOSID", 99999, "PEP proposal identifier"),
        ("OPUS_VER", "simulated", "data processing software system version"),
        ("CAL_VER", "", "calibration code version"),
        ("PROCTIME", 57001.0, "Pipeline processing time (MJD)"),
        ("OBSTYPE", "SPECTROSCOPIC", "observation type - imaging or spectroscopic"),
        ("OBSMODE", "TIME-TAG", "operating mode"),
        ("EXPTYPE", "EXTERNAL/SCI", "type of exposure"),
        ("DETECTOR", "FUV", "FUV or NUV"),
        ("SEGMENT", segment, "FUV detector segment name (FUVA, FUVB, or BOTH)"),
        ("COSCOORD", "USER", "COS output coordinate frame"),
        ("SUBARRAY", False, "data from a subarray (T) or full frame (F)"),
        ("LAMPPLAN", "P1", "Name of lamp that was planned to be used"),
        ("LAMPUSED", "P1" if setup.flashes else "NONE", "lamp status, NONE or name of lamp which is on"),
        ("LAMPSET", "MEDIUM", "spectral cal lamp current value (milliamps)"),
        ("LIFE_ADJ", 1, "Life Time Adjustment Position"),
        ("FPPOS", setup.fppos, "grating offset index (1-4) for FP split"),
        ("CENWAVE", CENWAVE, "central wavelength of spectrum"),
        ("APERTURE", "PSA", "aperture name"),
        ("PROPAPER", "PSA", "proposed aperture name"),
        ("APERXPOS", 22.1, "Aperture Block Position dispersion (telemetry)"),
        ("APERYPOS", 126.1, "Aperture Block Pos. cross dispersion(telemetry)"),
        ("OPT_ELEM", OPT_ELEM, "optical element in use"),
        ("SHUTTER", "Open", "External Shutter Position (OPEN, CLOSED)"),
        ("EXTENDED", "NO", "Is target specified as extended object?"),
        ("TAGFLASH", "AUTO" if setup.flashes else "NONE", "Type of flashed exposures in time-tag"),
        ("RANDSEED", setup.randseed, "seed for pseudo-random number generator"),
        ("XTRCTALG", "BOXCAR", "BOXCAR or TWOZONE"),
    ]
    for switch in SWITCHES:
        value = switches.get(switch, "PERFORM")
        cards.append((switch, value == "PERFORM" if switch == "STATFLAG" else value))
    cards += [(keyword, references.get(keyword, "N/A")) for keyword in KINDS if keyword != "PHOTTAB"]
    cards += [
        ("FPOFFSET", setup.fpoffset, "FP offset from nominal, in motor steps"),
        *((k, 0.0) for k in ("BANDWID", "SPECRES", "CENTRWV", "MINWAVE", "MAXWAVE", "PLATESC")),
        ("ASN_ID", setup.association.upper(), "unique identifier assigned to association"),
        ("ASN_TAB", f"{setup.association}_asn.fits", "name of the association table"),
    ]
    return _fill(cards)


def events_header(setup: Setup, segment: str, n_events: int) -> fits.Header:
    """EVENTS header of a rawtag file, without the description of the columns."""
    other = "B" if segment[-1] == "A" else "A"
    rate = n_events / setup.exptime if setup.exptime > 0.0 else 0.0
    cards: list[tuple] = [
        ("EXTNAME", "EVENTS", "extension name"),
        ("EXTVER", 1, "extension version number"),
        ("ROOTNAME", setup.root, "rootname of the observation set"),
        ("EXPNAME", setup.root, "exposure identifier"),
        ("ASN_MTYP", "EXP-FP", "Role of the Exposure in the Association"),
        ("RA_APER", setup.ra, "RA of reference aperture center"),
        ("DEC_APER", setup.dec, "Declination of reference aperture center"),
        ("PA_APER", 41.7, "Position Angle of reference aperture center (de"),
        ("DISPAXIS", 1, "dispersion axis; 1 = axis 1, 2 = axis 2, none"),
        ("EXPSTART", setup.expstart, "exposure start time (Modified Julian Date)"),
        ("EXPEND", setup.expend, "exposure end time (Modified Julian Date)"),
        ("EXPTIME", setup.exptime, "exposure duration (seconds)--calculated"),
        ("EXPTIMEA", setup.exptime, "exposure duration, segment A (seconds)"),
        ("EXPTIMEB", setup.exptime, "exposure duration, segment B (seconds)"),
        ("RAWTIME", setup.exptime, "exposure duration of raw data file (seconds)"),
        ("PLANTIME", setup.exptime, "planned exposure time (seconds)"),
        ("EXPFLAG", "NORMAL", "Exposure interruption indicator"),
        ("ORBITPER", setup.doppler[2], "Orbital Period used on board, in seconds"),
        ("DOPPON", True, "Doppler correction flag"),
        (
            "DOPPZERO",
            setup.expstart - setup.doppler[1] / SECONDS_PER_DAY,
            "Commanded time of zero Doppler shift (MJD)",
        ),
        ("DOPPMAGV", setup.doppler[0], "Commanded Doppler shift magnitude (km/sec)"),
        ("DOPPONT", False, "Doppler correction flag, telemetry"),
        ("DOPZEROT", 0.0, "time of zero Doppler shift (MJD), telemetry"),
        ("DOPMAGT", 0.0, "Doppler shift magnitude in pixels, telemetry"),
        ("ORBTPERT", setup.doppler[2], "orbital period (s), telemetry"),
        ("V_HELIO", 0.0, "Geocentric to heliocentric velocity"),
        ("SDQFLAGS", 8346, "serious data quality flags"),
        ("SDQOUTER", 2, "SDQFlags for the outer extraction zone"),
        ("NEVENTS", n_events, "Number of events in raw data file(segments A+B)"),
        ("NEVENTS" + segment[-1], n_events, "Number of events in raw data file"),
        ("NEVENTS" + other, -1, "Number of events in raw data file"),
        ("DEVENTA", rate if segment == "FUVA" else 0.0, "digital event counter, FUV segment A (counts/s)"),
        ("DEVENTB", rate if segment == "FUVB" else 0.0, "digital event counter, FUV segment B (counts/s)"),
        ("STIMRATE", setup.stim_rate, "Approximate STIM pulse injection rate"),
        ("HVLEVELA", 167, "Actual segment A commanded HV level (counts)"),
        ("HVLEVELB", 169, "Actual segment B commanded HV level (counts)"),
    ]
    cards += _flash_cards(setup) + _subarray_cards() + _result_cards() + _orientation_cards()
    return _fill(cards)


def _flash_cards(setup: Setup) -> list[tuple]:
    cards: list[tuple] = [("NUMFLASH", len(setup.flashes), "Integer number of lamp flashes")]
    for i in range(1, MAX_FLASHES + 1):
        on, duration = setup.flashes[i - 1] if i <= len(setup.flashes) else (-1.0, 0.0)
        cards += [
            (f"LMP_ON{i}", on, f"lamp {i} turn-on time"),
            (f"LMPOFF{i}", on + duration, "lamp turn-off time"),
            (f"LMPDUR{i}", duration, "lamp duration"),
            (f"LMPMED{i}", on + duration / 2.0, "lamp median time"),
        ]
    return cards


def _subarray_cards() -> list[tuple]:
    cards: list[tuple] = [("NSUBARRY", 0, "Number of subarrays (1-8)")]
    for i in range(8):
        cards += [(f"{name}{i}{axis}", 0) for name in ("CORNER", "SIZE") for axis in "XY"]
    return cards


def _result_cards() -> list[tuple]:
    """Keywords that calibration fills in, with the values of files that were not calibrated."""
    cards: list[tuple] = []
    for s in "AB":
        for stim in (f"STIM{s}_", f"STIM{s}0", f"STIM{s}S"):
            cards += [(stim + position, -999.0) for position in ("LX", "LY", "RX", "RY")]
        cards += [("PHALOWR" + s, -1), ("PHAUPPR" + s, -1)]
        cards += [(name + s, 0) for name in ("NPHA_", "NBRST_", "NBADT_", "NOUT_", "NBADEVT")]
        cards += [("TBRST_" + s, 0.0), ("TBADT_" + s, 0.0), ("GLOBRT_" + s, -1.0)]
        cards += [("DEADRT_" + s, -999.0), ("DEADMT_" + s, ""), ("LIVETM_" + s, -999.0)]
        cards += [
            ("SHIFT1" + s, 0.0),
            ("SHIFT2" + s, 0.0),
            ("DPIXEL1" + s, 0.0),
            ("CHI_SQ_" + s, -1.0),
            ("NDF_" + s, 0),
        ]
        cards += [(name + s, -999.0) for name in ("SP_LOC_", "SP_ERR_", "SP_OFF_", "SP_NOM_", "SP_SLP_")]
        cards += [("SP_SET_" + s, -999.0), ("SP_HGT_" + s, -999)]
        cards += [
            ("B_BKG1_" + s, -999.0),
            ("B_BKG2_" + s, -999.0),
            ("B_HGT1_" + s, -999),
            ("B_HGT2_" + s, -999),
        ]
    cards += [("NGOODPIX", -1), ("GOODMEAN", -999.0), ("GOODMAX", -999.0)]
    return cards


def _orientation_cards() -> list[tuple]:
    return [
        ("TCTYP2", "RA---TAN"), ("TCTYP3", "ANGLE"), ("TCRVL2", -999.0), ("TCRVL3", -999.0),
        ("TCRPX2", 1.0), ("TCRPX3", 1.0), ("TALEN2", 16384), ("TALEN3", 1024),
        ("TC2_2", 0.0), ("TC2_3", 0.0), ("TC3_2", 0.0), ("TC3_3", 0.0),
        ("TCUNI2", "angstrom"), ("TCUNI3", "deg"), ("XS-SORT", "TIME"),
    ]  # fmt: skip


def support_hdus(setup: Setup) -> fits.HDUList:
    """The support (spt) file: the elements of a circular orbit, and what the pipeline copies."""
    orbit = {
        "ARGPERIG": 0.2, "CIRVELOC": 7606.0, "COSINCLI": 0.88, "ECBDX3": 0.0, "ECCENTRY": 0.0,
        "ECCENTX2": 0.0, "ECBDX4D3": 0.0, "EPCHTIME": 9.4e8, "ESQDX5D2": 0.0, "FDMEANAN": 1.75e-4,
        "HSTHORB": 2857.0, "MEANANOM": 1.0, "RASCASCN": 0.6, "RCARGPER": 0.0, "RCASCNRV": -2.1e-7,
        "SDMEANAN": 0.0, "SEMILREC": 6.9157e6, "SINEINCL": float(np.sqrt(1.0 - 0.88**2)),
    }  # fmt: skip
    primary = fits.PrimaryHDU()
    primary.header.update(
        {
            "FILENAME": f"{setup.root}_spt.fits",
            "FILETYPE": "SPT",
            "ROOTNAME": setup.root.upper(),
            "INSTRUME": "COS",
            "OBSET_ID": setup.root[4:6].upper(),
            "OBSERVTN": setup.root[6:9].upper(),
            "ASN_MTYP": "EXP-FP",
            "TARGNAME": setup.target,
            **orbit,
        }
    )
    support = fits.ImageHDU(np.zeros(965, np.int16), name="SUPPORT")
    support.header["ROOTNAME"] = setup.root.upper()
    return fits.HDUList([primary, support])


def association_hdus(setup: Setup, roots: tuple[str, ...]) -> fits.HDUList:
    """The association (asn) file of the given exposures."""
    names = [r.upper() for r in roots] + [setup.association.upper()]
    types = ["EXP-FP"] * len(roots) + ["PROD-FP"]
    table = fits.BinTableHDU.from_columns(
        [
            fits.Column("MEMNAME", "14A", array=np.array(names)),
            fits.Column("MEMTYPE", "14A", array=np.array(types)),
            fits.Column("MEMPRSNT", "L", array=np.array([True] * len(roots) + [False])),
        ],
        name="ASN",
    )
    primary = fits.PrimaryHDU()
    primary.header.update(
        {
            "FILENAME": f"{setup.association}_asn.fits",
            "FILETYPE": "ASN_TABLE",
            "ROOTNAME": setup.association,
            "INSTRUME": "COS",
            "ASN_ID": setup.association.upper(),
            "ASN_TAB": f"{setup.association}_asn.fits",
            "ASN_PROD": False,
        }
    )
    return fits.HDUList([primary, table])


def gti_hdu(setup: Setup, intervals: tuple[tuple[float, float], ...] | None = None) -> fits.BinTableHDU:
    """Good time intervals; by default the whole exposure."""
    rows = np.array(intervals or ((0.0, setup.exptime),), dtype=np.float64).reshape(-1, 2)
    hdu = fits.BinTableHDU.from_columns(
        [fits.Column("START", "1D", "s", array=rows[:, 0]), fits.Column("STOP", "1D", "s", array=rows[:, 1])],
        name="GTI",
        ver=1,
    )
    hdu.header["ROOTNAME"] = setup.root
    hdu.header["EXPNAME"] = setup.root
    return hdu

"""Headers of NUV raw files: the keywords that calibration reads, copies or fills in.

Keywords and comments as in raw files of the archive; which the calibration reads: specification 1, section 6.
"""

from __future__ import annotations

from collections.abc import Mapping

from astropy.io import fits
from astropy.time import Time

from recos.data.instrument import STRIPES
from recos.data.reference_kinds import KINDS
from recos.data.switches import SWITCHES
from recos.simulate.nuv.events import RawEvents, bad_times, flashes, lamp_times, onboard_amplitude
from recos.simulate.nuv.layout import COLUMNS, ROWS
from recos.simulate.nuv.motion import orbit
from recos.simulate.plan import PlannedExposure

SDQFLAGS = 184
_MIDDLE_PIXEL = COLUMNS / 2.0 + 0.5
"""One-indexed."""
_MAX_FLASHES = 10
_UNSET = -999.0
_CORRECTED_BY = {
    "FLATCORR": "flat",
    "DEADCORR": "dead_time",
    "DOPPCORR": "doppler",
    "HELCORR": "heliocentric",
    "BADTCORR": "bad_times",
    "TDSCORR": "ageing",
}
"""Switches of steps that are omitted if the effect is off."""
_SPECTRA = ("DOPPCORR", "HELCORR", "X1DCORR", "BACKCORR", "WAVECORR", "FLUXCORR", "TDSCORR")
_ALWAYS = ("FLATCORR", "DEADCORR", "DQICORR", "STATFLAG", "BADTCORR")
_NOT_OF_LAMP = ("DOPPCORR", "HELCORR", "FLUXCORR", "TDSCORR")


def switches(planned: PlannedExposure) -> dict[str, str]:
    """Values of the calibration switches: PERFORM for what the mode has and the effects make necessary."""
    imaging = planned.configuration.is_imaging
    wanted = {*_ALWAYS, *(("PHOTCORR",) if imaging else _SPECTRA)}
    if imaging and flashes(planned):
        wanted.add("WAVECORR")
    if planned.is_wavecal:
        wanted -= set(_NOT_OF_LAMP)
    wanted -= {switch for switch, effect in _CORRECTED_BY.items() if not getattr(planned.effects, effect)}
    if planned.bad_times and not bad_times(planned):
        # in ACCUM the step would reject all events or none
        wanted.discard("BADTCORR")
    return {switch: "PERFORM" if switch in wanted else "OMIT" for switch in SWITCHES}


def primary_header(planned: PlannedExposure, names: Mapping[str, str]) -> fits.Header:
    """Primary header of a rawtag or rawaccum file.

    Parameters
    ----------
    planned : PlannedExposure
    names : mapping of str to str
        Names of reference files by keyword; others are N/A.
    """
    c = planned.configuration
    lit = bool(lamp_times(planned))
    cards: list[tuple] = [
        ("FILETYPE", "SCI", "type of data found in data file"),
        ("TELESCOP", "HST", "telescope used to acquire data"),
        ("INSTRUME", "COS", "identifier for instrument used to acquire data"),
        ("EQUINOX", 2000.0, "equinox of celestial coord. system"),
        ("ROOTNAME", planned.root, "rootname of the observation set"),
        ("IMAGETYP", c.obsmode, "type of exposure identifier"),
        ("PRIMESI", "COS", "instrument designated as prime"),
        ("TARGNAME", planned.target, "proposer's target name"),
        ("RA_TARG", planned.ra, "right ascension of the target (deg) (J2000)"),
        ("DEC_TARG", planned.dec, "declination of the target (deg) (J2000)"),
        ("PROPOSID", 99999, "PEP proposal identifier"),
        ("OPUS_VER", "simulated", "data processing software system version"),
        ("CAL_VER", "", "CALCOS code version"),
        ("PROCTIME", planned.expend + 1.0, "Pipeline processing time (MJD)"),
        (
            "OBSTYPE",
            "IMAGING" if c.is_imaging else "SPECTROSCOPIC",
            "observation type - imaging or spectroscopic",
        ),
        ("OBSMODE", c.obsmode, "operating mode"),
        ("EXPTYPE", "WAVECAL" if planned.is_wavecal else "EXTERNAL/SCI", "type of exposure"),
        ("DETECTOR", "NUV", "FUV or NUV"),
        ("SEGMENT", "N/A", "FUV detector segment name (FUVA, FUVB, or BOTH)"),
        ("COSCOORD", "USER", "COS output coordinate frame"),
        ("SUBARRAY", False, "data from a subarray (T) or full frame (F)"),
        ("LAMPPLAN", "P1" if lit else "NONE", "Name of lamp that was planned to be used"),
        ("LAMPUSED", "P1" if lit else "NONE", "lamp status, NONE or name of lamp which is on"),
        ("LAMPSET", "MEDIUM" if lit else "Off", "spectral cal lamp current value (milliamps)"),
        ("LIFE_ADJ", 1, "Life Time Adjustment Position"),
        ("FPPOS", planned.fppos, "grating offset index (1-4) for FP split"),
        ("FPOFFSET", planned.fpoffset, "FP offset from nominal, in motor steps"),
        ("CENWAVE", c.cenwave, "central wavelength of spectrum"),
        ("APERTURE", "WCA" if planned.is_wavecal else c.aperture, "aperture name"),
        ("PROPAPER", "WCA" if planned.is_wavecal else c.aperture, "proposed aperture name"),
        ("APERXPOS", 22.1, "Aperture Block Position dispersion (telemetry)"),
        (
            "APERYPOS",
            -153.1 if c.aperture == "BOA" else 126.1,
            "Aperture Block Pos. cross dispersion(telemetry)",
        ),
        ("OPT_ELEM", c.opt_elem, "optical element in use"),
        ("SHUTTER", "Closed" if planned.is_wavecal else "Open", "External Shutter Position (OPEN, CLOSED)"),
        ("EXTENDED", "NO", "Is target specified as extended object?"),
        ("TAGFLASH", "AUTO" if flashes(planned) else "NONE", "Type of flashed exposures in time-tag"),
        ("RANDSEED", planned.randseed, "seed for pseudo-random number generator"),
        ("XTRCTALG", "BOXCAR", "BOXCAR or TWOZONE"),
    ]
    for switch, value in switches(planned).items():
        cards.append((switch, value == "PERFORM" if switch == "STATFLAG" else value))
    cards += [(keyword, names.get(keyword, "N/A")) for keyword in KINDS if keyword != "PHOTTAB"]
    cards += [(k, 0.0) for k in ("BANDWID", "SPECRES", "CENTRWV", "MINWAVE", "MAXWAVE", "PLATESC")]
    cards += [
        ("ASN_ID", planned.association.upper() or "NONE", "unique identifier assigned to association"),
        (
            "ASN_TAB",
            f"{planned.association}_asn.fits" if planned.association else "NONE",
            "name of the association table",
        ),
    ]
    header = fits.PrimaryHDU().header
    header["NEXTEND"] = 3 if c.obsmode == "ACCUM" else 2
    header.extend(cards)
    return header


def extension_header(planned: PlannedExposure, events: RawEvents, extname: str) -> fits.Header:
    """Header of the first extension, EVENTS or SCI, without the description of columns or pixels."""
    times = Time([planned.expstart, planned.expend], format="mjd")
    date, clock = times[0].isot.split("T")
    cards: list[tuple] = [
        ("EXTNAME", extname, "extension name"),
        ("EXTVER", 1, "extension version number"),
        ("ROOTNAME", planned.root, "rootname of the observation set"),
        ("EXPNAME", planned.root, "exposure identifier"),
        ("ASN_MTYP", planned.role, "Role of the Exposure in the Association"),
        *_orientation(planned),
        ("DATE-OBS", date, "UT date of start of observation (yyyy-mm-dd)"),
        ("TIME-OBS", clock[:8], "UT time of start of observation (hh:mm:ss)"),
        ("EXPSTART", planned.expstart, "exposure start time (Modified Julian Date)"),
        ("EXPEND", planned.expend, "exposure end time (Modified Julian Date)"),
        ("EXPTIME", planned.exptime, "exposure duration (seconds)--calculated"),
        ("EXPFLAG", "NORMAL", "Exposure interruption indicator"),
        ("EXPSTRTJ", float(times[0].jd), "start time (JD) of exposure"),
        ("EXPENDJ", float(times[1].jd), "end time (JD) of exposure"),
        ("PLANTIME", planned.exptime, "Planned exposure time (seconds)"),
        ("RAWTIME", planned.exptime, "exposure duration of raw data file (seconds)"),
        *_doppler(planned),
        ("V_HELIO", 0.0, "Geocentric to heliocentric velocity"),
        ("SDQFLAGS", SDQFLAGS, "serious data quality flags"),
        ("NEVENTS", len(events), "Number of events in raw data file"),
        ("MEVENTS", round(events.counter_rate, 1), "MAMA event counter (counts/s)"),
        ("DETHVL", -2054.56, "Detector high voltage level (volts)"),
    ]
    cards += _flashes(planned) + _subarrays() + _results(planned)
    return fits.Header(cards)


def _orientation(planned: PlannedExposure) -> list[tuple]:
    return [
        ("RA_APER", planned.ra, "RA of reference aperture center"),
        ("DEC_APER", planned.dec, "Declination of reference aperture center"),
        ("PA_APER", 63.2, "Position Angle of reference aperture center (de"),
        (
            "DISPAXIS",
            0 if planned.configuration.is_imaging else 1,
            "dispersion axis; 1 = axis 1, 2 = axis 2, none",
        ),
    ]


def _doppler(planned: PlannedExposure) -> list[tuple]:
    motion, amplitude = orbit(planned), onboard_amplitude(planned)
    return [
        ("ORBITPER", motion.period, "Orbital Period used on board, in seconds"),
        ("DOPPON", motion.amplitude > 0.0, "Doppler correction flag"),
        ("DOPPZERO", motion.zero, "Commanded time of zero Doppler shift (MJD)"),
        ("DOPPMAGV", motion.amplitude, "Commanded Doppler shift magnitude (km/sec)"),
        ("DOPPONT", amplitude > 0.0, "Doppler correction flag, telemetry"),
        ("DOPZEROT", motion.zero, "time of zero Doppler shift (MJD), telemetry"),
        ("DOPMAGT", amplitude, "Doppler shift magnitude in pixels, telemetry"),
        ("ORBTPERT", motion.period, "orbital period (s), telemetry"),
    ]


def _flashes(planned: PlannedExposure) -> list[tuple]:
    times = flashes(planned)
    cards: list[tuple] = [("NUMFLASH", len(times), "Integer number of lamp flashes")]
    for i in range(1, max(_MAX_FLASHES, len(times)) + 1):
        on, off = times[i - 1] if i <= len(times) else (-1.0, -1.0)
        cards += [
            (f"LMP_ON{i}", on, f"lamp {i} turn-on time"),
            (f"LMPOFF{i}", off, "lamp turn-off time"),
            (f"LMPDUR{i}", off - on, "lamp duration"),
            (f"LMPMED{i}", (on + off) / 2.0, "lamp median time"),
        ]
    return cards


def _subarrays() -> list[tuple]:
    cards: list[tuple] = [("NSUBARRY", 1, "Number of subarrays (1-8)")]
    for name, first in (("CORNER", (0, 0)), ("SIZE", (COLUMNS, ROWS))):
        for axis, value in zip("XY", first, strict=True):
            cards += [(f"{name}{i}{axis}", value if i == 0 else 0) for i in range(8)]
    return cards


def _results(planned: PlannedExposure) -> list[tuple]:
    """Keywords that calibration fills in, with the values of files that were not calibrated."""
    cards: list[tuple] = [
        ("GLOBRATE", _UNSET, "global count rate"),
        ("NBADEVNT", 0, "Total number of events deleted in screening"),
        ("NBADT", 0, "Number of events flagged for bad times"),
        ("TBADT", 0.0, "Time lost in bad time intervals"),
        ("DEADRT", _UNSET, "count rate of the dead time correction"),
        ("DEADMT", "", "method of the dead time correction"),
        ("LIVETM", _UNSET, "live time factor"),
        ("NGOODPIX", -1, "number of good pixels"),
        ("GOODMEAN", _UNSET, "mean value of good pixels"),
        ("GOODMAX", _UNSET, "maximum value of good pixels"),
    ]
    if planned.configuration.is_imaging:
        photometry = ("PHOTFLAM", "PHOTFNU", "PHOTBW", "PHOTPLAM")
        cards += [(keyword, _UNSET) for keyword in photometry] + [("PHOTZPT", -21.1)]
    for stripe in STRIPES:
        s = stripe[-1]
        cards += [(name + s, 0.0) for name in ("SHIFT1", "SHIFT2", "DPIXEL1")]
        cards += [("CHI_SQ_" + s, -1.0), ("NDF_" + s, 0)]
        cards += [(name + s, _UNSET) for name in ("SP_LOC_", "SP_ERR_", "SP_OFF_", "SP_NOM_", "SP_SLP_")]
        cards += [("SP_HGT_" + s, -999), ("B_BKG1_" + s, _UNSET), ("B_BKG2_" + s, _UNSET)]
        cards += [("B_HGT1_" + s, -999), ("B_HGT2_" + s, -999)]
    return cards


def coordinates(obsmode: str) -> list[tuple]:
    """World coordinates of the raw image, or of the columns RAWX and RAWY of the raw table."""
    if obsmode == "ACCUM":
        return [
            ("CTYPE1", "LAMBDA"), ("CTYPE2", "ANGLE"), ("CRPIX1", _MIDDLE_PIXEL), ("CRPIX2", _MIDDLE_PIXEL),
            ("CRVAL1", 0.0), ("CRVAL2", 0.0), ("CD1_1", 1.0), ("CD1_2", 0.0), ("CD2_1", 0.0), ("CD2_2", 1.0),
        ]  # fmt: skip
    return [
        ("TCTYP2", "RA---TAN"), ("TCTYP3", "ANGLE"), ("TCRVL2", _UNSET), ("TCRVL3", _UNSET), ("TCRPX2", 1.0),
        ("TCRPX3", 1.0), ("TALEN2", COLUMNS), ("TALEN3", ROWS), ("TC2_2", 0.0), ("TC2_3", 0.0), ("TC3_2", 0.0),
        ("TC3_3", 0.0), ("TCUNI2", "angstrom"), ("TCUNI3", "deg"), ("XS-SORT", "TIME"),
    ]  # fmt: skip

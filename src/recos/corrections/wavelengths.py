"""Corrections of wavelengths, times and places."""

from recos.corrections.entry import Correction

WAVELENGTHS = (
    # ------------------------------------------------------------------------------------- lamp flashes
    Correction(
        "flash-finding",
        stage="events",
        changes="A lamp flash is looked for where it is expected, against the rate just before and after.",
        why="One threshold for the whole exposure follows the brightest bin, of a burst or of a bright target.",
        specification="4 §9.2",
        effect="beside bursts of 20 000 counts/s none of three flashes was found, now all; beside 400 counts/s of a "
        "target flashes of 12 s seemed to last 18 s",
        obsmodes=("TIME-TAG",),
    ),
    Correction(
        "extremum-fits",
        stage="events",
        changes="Parabolas of lamp profiles need a maximum, those of chi-square a minimum, among the fitted points; "
        "else the best pixel counts.",
        why="An extremum of any kind at any distance is taken for the displacement.",
        specification="4 §7.1, 8.4",
        effect="one of 150 lamp spectra of 1000 counts on a background of 30 000 was 22 pixels off, now 0.4; "
        "none changes without a background",
    ),
    Correction(
        "lamp-not-found",
        stage="events",
        changes="Flashes and wavecals in which no lamp lines were found do not count; without any other, the default "
        "shift of the FPOFFSET is applied.",
        why="Displacements of spectra that were not found, or were rejected, are applied to the data.",
        specification="4 §8.5",
        effect="events around a flash without lines were 4.2 pixels off, now 0.1; none if all flashes are found",
    ),
    Correction(
        "default-shift",
        stage="events",
        changes="The shift of the FPOFFSET in LAMPTAB is applied if no flash was found or no wavecal can be used.",
        why="Then not even the commanded displacement is removed.",
        specification="4 §2, 9.1",
        effect="off by the commanded shift, 504 pixels at FP-POS 1 of the FUV; none at FP-POS 3",
    ),
    Correction(
        "segment-without-lines",
        stage="events",
        changes="Lampflash rows of a segment without lamp lines have its own wavelengths, displaced by the shift, "
        "and no spectrum; the shift that a user gives for segment A of a wavecal counts for B, too.",
        why="They hold spectrum, wavelengths and chi-square of segment A, or wavelengths without the shift.",
        specification="4 §9.9, 10.3",
        effect="157 Angstrom off (wavelengths of the other segment), or 252 pixels at FP-POS 4; "
        "none outside lampflash files",
        detectors=("FUV",),
    ),
    # ------------------------------------------------------------------------------------ displacements
    Correction(
        "shift-times",
        stage="events",
        changes="Displacements between wavecals are those at the time of each event, in ACCUM those in the middle of "
        "the exposure; SHIFT1 and SHIFT2 are averages of what was applied.",
        why="They are those at EXPSTART plus the drift since the first event; averages take the displacement before "
        "the first flash as constant.",
        specification="4 §9.8, 11.3, 11.5",
        effect="ACCUM: half the drift of the exposure, 3.0 of 6.0 pixels; TIME-TAG: the drift until the first event, "
        "usually none",
    ),
    Correction(
        "tilted-spectra",
        stage="events",
        changes="Events that are moved along a tilted spectrum are moved across, too, by SLOPE times their shift.",
        why="The place of the spectrum on the detector stays when the grating turns: moved in X alone, it leaves the "
        "extraction box.",
        specification="4 §9.7, 11.3",
        effect="rows up to 2.0 pixels off at FP-POS 1 of the NUV; flux 0.002 % in boxes of the standard height",
        algorithms=("BOXCAR",),
    ),
    Correction(
        "dpixel1",
        stage="events",
        changes="DPIXEL1, the mean fraction of a pixel in XFULL, and the shifts in the header are those of the "
        "events, and wavelengths allow for them: in ACCUM and with the default shift.",
        why="DPIXEL1 counts as 0 although shifts are no whole numbers of pixels; without wavecals the header says 0.",
        specification="4 §11.5, 12.4",
        effect="wavelengths off by up to 0.5 pixel, 0.4 at FP-POS 1 of the NUV",
    ),
    # ------------------------------------------------------------------------------------------- places
    Correction(
        "heliocentric-velocity",
        stage="events",
        changes="V_HELIO comes from the ephemeris of astropy (ERFA).",
        why="The formula refers to the equator of date, the position of the target to that of J2000.",
        specification="3 §3.2",
        effect="up to 0.18 km/s in 2023, 0.09 km/s in 2010",
    ),
    Correction(
        "barycentric-velocity",
        stage="events",
        changes="V_HELIO is the velocity with respect to the barycentre of the solar system.",
        why="A matter of choice: radial velocities are usually given with respect to the barycentre.",
        specification="3 §3.2",
        effect="up to 0.016 km/s from the heliocentric velocity",
        in_all=False,
    ),
    Correction(
        "timeline-positions",
        stage="images",
        changes="LONGITUDE, LATITUDE, SUN_ALT and SUN_ZD of the TIMELINE come from precession, nutation and "
        "ephemeris of astropy (ERFA); the orbit counts as given in J2000.",
        why="Sun and Greenwich meridian refer to the equator of date, HST and the target to that of J2000.",
        specification="3 §13.5",
        effect="up to 0.27 degrees in 2023, 0.16 degrees in 2010",
    ),
)

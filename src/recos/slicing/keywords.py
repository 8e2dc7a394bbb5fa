"""What the headers of a time slice say. Specification 1, section 20."""

from __future__ import annotations

from astropy.io import fits

from recos.data.instrument import SECONDS_PER_DAY
from recos.slicing.slices import TimeSlice

_MJD_TO_JD = 2400000.5


def describe_events(
    header: fits.Header, piece: TimeSlice, segment: str, n: int, exptime: float, last: float
) -> None:
    """Write exposure time, number of events and end of a slice into its EVENTS header.

    Parameters
    ----------
    header : astropy.io.fits.Header
        Changed in place; EXPSTART and EXPEND are still those of the exposure.
    piece : TimeSlice
    segment : str
        FUVA, FUVB or another.
    n : int
        Number of events.
    exptime : float
        Good time, seconds.
    last : float
        Time of the last event of the exposure, seconds since EXPSTART.
    """
    header["EXPTIME"], header["NEVENTS"] = exptime, n
    segment = segment.strip().upper()
    if segment.startswith("FUV"):
        for letter in "AB":
            own = segment.endswith(letter)
            header[f"EXPTIME{letter}"] = exptime if own else 0.0
            header[f"NEVENTS{letter}"] = n if own else 0
    expstart = number(header, "EXPSTART")
    if expstart > 0.0:
        # a slice that was asked for beyond the end of the exposure ends with it
        end = max(number(header, "EXPEND"), expstart + last / SECONDS_PER_DAY)
        header["EXPEND"] = min(expstart + piece.stop / SECONDS_PER_DAY, end)
        header["EXPENDJ"] = header["EXPEND"] + _MJD_TO_JD


def record_slice(header: fits.Header, piece: TimeSlice, name: str) -> None:
    """Write into a primary header what was cut out of which file."""
    ascii_name = name.encode("ascii", "replace").decode()  # headers hold nothing else
    header.add_history(f"Copied from {ascii_name}")
    header.add_history(f"Time slice from input was {piece.start:.3f} to {piece.stop:.3f}")
    if piece.label:
        n = len(piece.intervals)
        header.add_history(f"Slice: {piece.label}; {n} interval{'' if n == 1 else 's'}")


def number(header: fits.Header, keyword: str) -> float:
    """The value of a keyword; 0 if it is missing, empty or no number."""
    value = header.get(keyword)
    return float(value) if isinstance(value, (int, float)) else 0.0

"""EventList: the events of one segment as arrays of equal length, one per column of the corrtag table.

The arrays are contiguous, in native byte order, of the data types of the corrtag columns; steps change them
in place. Specification 2, section 3.2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recos.data.columns import Column
from recos.data.truth import NoTruthValue

#: Layout of the EVENTS table of a corrtag file; attributes of :class:`EventList` are names in lower case.
COLUMNS = (
    Column("TIME", "f4", "s"),
    Column("RAWX", "i2", "pixel"),
    Column("RAWY", "i2", "pixel"),
    Column("XCORR", "f4", "pixel"),
    Column("YCORR", "f4", "pixel"),
    Column("XDOPP", "f4", "pixel"),
    Column("XFULL", "f4", "pixel"),
    Column("YFULL", "f4", "pixel"),
    Column("WAVELENGTH", "f4", "angstrom", "F9.4"),
    Column("EPSILON", "f4"),
    Column("DQ", "i2"),
    Column("PHA", "u1"),
)


@dataclass(slots=True, repr=False)
class EventList(NoTruthValue):
    """Events of one segment, in order of time.

    Attributes
    ----------
    time : ndarray of float32, shape (n,)
        Seconds since EXPSTART.
    rawx, rawy : ndarray of int16
        Detector pixel as recorded.
    xcorr, ycorr : ndarray of float32
        Pixel after the corrections for temperature, geometric distortion and walk.
    xdopp : ndarray of float32
        XCORR after the correction for the orbital Doppler shift.
    xfull, yfull : ndarray of float32
        Pixel after the wavelength calibration, trace and alignment corrections.
    wavelength : ndarray of float32
        Angstrom; 0 where no dispersion relation applies.
    epsilon : ndarray of float32
        Weight of the event: flat field, dead time, high voltage.
    dq : ndarray of int16
        Data-quality bits.
    pha : ndarray of uint8
        Pulse height, 0 to 31; 0 for NUV.
    """

    time: np.ndarray
    rawx: np.ndarray
    rawy: np.ndarray
    xcorr: np.ndarray
    ycorr: np.ndarray
    xdopp: np.ndarray
    xfull: np.ndarray
    yfull: np.ndarray
    wavelength: np.ndarray
    epsilon: np.ndarray
    dq: np.ndarray
    pha: np.ndarray

    def __post_init__(self) -> None:
        for column in COLUMNS:
            array = getattr(self, column.name.lower())
            if array.dtype != np.dtype(column.dtype) or array.shape != self.time.shape:
                raise ValueError(
                    f"column {column.name}: expected {column.dtype}{self.time.shape}, "
                    f"got {array.dtype}{array.shape}"
                )

    def __repr__(self) -> str:
        times = f", {self.time[0]:g} to {self.time[-1]:g} s" if len(self) else ""
        return f"<EventList: {len(self)} events{times}>"

    def __len__(self) -> int:
        return len(self.time)

    @classmethod
    def from_raw(
        cls, time: np.ndarray, rawx: np.ndarray, rawy: np.ndarray, pha: np.ndarray | None = None
    ) -> EventList:
        """Events as the detector recorded them: positions uncorrected, weight 1, no flags.

        Parameters
        ----------
        time, rawx, rawy, pha : ndarray, shape (n,)
            Raw columns; `pha` is None for NUV.

        Returns
        -------
        EventList
        """
        n = len(time)
        rawx = np.ascontiguousarray(rawx, dtype=np.int16)
        rawy = np.ascontiguousarray(rawy, dtype=np.int16)
        return cls(
            time=np.ascontiguousarray(time, dtype=np.float32),
            rawx=rawx,
            rawy=rawy,
            xcorr=rawx.astype(np.float32),
            ycorr=rawy.astype(np.float32),
            xdopp=np.zeros(n, np.float32),
            xfull=np.zeros(n, np.float32),
            yfull=np.zeros(n, np.float32),
            wavelength=np.zeros(n, np.float32),
            epsilon=np.ones(n, np.float32),
            dq=np.zeros(n, np.int16),
            pha=np.zeros(n, np.uint8) if pha is None else np.ascontiguousarray(pha, dtype=np.uint8),
        )

    @classmethod
    def empty(cls) -> EventList:
        """No events."""
        none = np.zeros(0)
        return cls.from_raw(none, none, none)

    def chosen(self, rows: np.ndarray) -> EventList:
        """The events of some rows.

        Parameters
        ----------
        rows : ndarray of bool, shape (n,)

        Returns
        -------
        EventList
            New arrays.
        """
        if not rows.any():
            return EventList.empty()
        part = slice(int(rows.argmax()), len(rows) - int(rows[::-1].argmax()))  # slices of time are compact
        inner = rows[part]
        return EventList(**{c.name.lower(): getattr(self, c.name.lower())[part][inner] for c in COLUMNS})

    @classmethod
    def from_columns(cls, table: np.ndarray) -> EventList:
        """Events of a corrtag table.

        Parameters
        ----------
        table : ndarray or astropy.io.fits.FITS_rec, shape (n,)
            Structured array with the columns of a corrtag file; copied.

        Returns
        -------
        EventList
        """
        return cls(**{c.name.lower(): np.array(table[c.name], dtype=c.dtype) for c in COLUMNS})

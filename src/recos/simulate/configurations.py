"""What COS can be set to: gratings, central wavelengths, segments, lifetime positions, apertures.

COS Instrument Handbook, chapter 5 (Tables 5.1 to 5.5).
"""

from __future__ import annotations

from dataclasses import dataclass

from recos.data.instrument import FUV_GRATINGS, MIRRORS, NUV_GRATINGS, SEGMENTS, STRIPES
from recos.errors import UsageError

CENTRAL_WAVELENGTHS: dict[str, tuple[int, ...]] = {
    "G130M": (1055, 1096, 1222, 1291, 1300, 1309, 1318, 1327),
    "G160M": (1533, 1577, 1589, 1600, 1611, 1623),
    "G140L": (800, 1105, 1230, 1280),
    "G185M": (1786, 1817, 1835, 1850, 1864, 1882, 1890, 1900, 1913, 1921, 1941, 1953, 1971, 1986, 2010),
    "G225M": (2186, 2217, 2233, 2250, 2268, 2283, 2306, 2325, 2339, 2357, 2373, 2390, 2410),
    "G285M": (
        2617, 2637, 2657, 2676, 2695, 2709, 2719, 2739, 2850, 2952, 2979, 2996, 3018, 3035, 3057, 3074, 3094,
    ),
    "G230L": (2635, 2950, 3000, 3360),
    "MIRRORA": (0,),
    "MIRRORB": (0,),
}  # fmt: skip
_ONE_SEGMENT = {("G140L", 800): ("FUVA",), ("G140L", 1105): ("FUVA",)}
_APERTURES = ("PSA", "BOA")
_MODES = ("TIME-TAG", "ACCUM")
_ALGORITHMS = ("BOXCAR", "TWOZONE")
_LIFETIME_POSITIONS = (1, 2, 3, 4, 5, 6)


@dataclass(frozen=True)
class Configuration:
    """A setting of the instrument.

    Attributes
    ----------
    opt_elem : str
        Grating or mirror.
    cenwave : int
        Central wavelength, Angstrom; 0 for mirrors.
    life_adj : int
        Lifetime position of the FUV detector, 1 to 6; always 1 for the NUV.
    aperture : str
        PSA or BOA.
    obsmode : str
        TIME-TAG or ACCUM.
    xtrctalg : str
        BOXCAR or TWOZONE (FUV); always BOXCAR for the NUV.
    segments : tuple of str
        FUV segments that are on; by default all that the mode has. Leave it out for the NUV.

    Raises
    ------
    UsageError
        If COS has no such setting; the message lists what is possible.
    """

    opt_elem: str = "G130M"
    cenwave: int = 1291
    life_adj: int = 1
    aperture: str = "PSA"
    obsmode: str = "TIME-TAG"
    xtrctalg: str = "BOXCAR"
    segments: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _choose("OPT_ELEM", self.opt_elem, tuple(CENTRAL_WAVELENGTHS))
        _choose(f"CENWAVE of {self.opt_elem}", self.cenwave, CENTRAL_WAVELENGTHS[self.opt_elem])
        _choose("APERTURE", self.aperture, _APERTURES)
        _choose("OBSMODE", self.obsmode, _MODES)
        _choose(f"XTRCTALG of {self.opt_elem}", self.xtrctalg, _ALGORITHMS if self.is_fuv else ("BOXCAR",))
        _choose(f"LIFE_ADJ of {self.opt_elem}", self.life_adj, _LIFETIME_POSITIONS if self.is_fuv else (1,))
        for segment in self.segments:
            _choose(f"SEGMENT of {self.opt_elem}/{self.cenwave}", segment, self.possible_segments)

    @property
    def detector(self) -> str:
        """FUV or NUV."""
        return "FUV" if self.is_fuv else "NUV"

    @property
    def is_fuv(self) -> bool:
        """Whether the grating belongs to the FUV detector."""
        return self.opt_elem in FUV_GRATINGS

    @property
    def is_imaging(self) -> bool:
        """Whether a mirror is in place."""
        return self.opt_elem in MIRRORS

    @property
    def possible_segments(self) -> tuple[str, ...]:
        """FUV segments that the mode has; none for the NUV."""
        if not self.is_fuv:
            return ()
        return _ONE_SEGMENT.get((self.opt_elem, self.cenwave), SEGMENTS)

    @property
    def active_segments(self) -> tuple[str, ...]:
        """FUV segments that are on, in alphabetical order."""
        return tuple(sorted(self.segments)) or self.possible_segments

    @property
    def spectra(self) -> tuple[str, ...]:
        """Names of the rows of the x1d: FUV segments, or NUV stripes; none for images."""
        if self.opt_elem in NUV_GRATINGS:
            return STRIPES
        return self.active_segments


def _choose(what: str, value: object, possible: tuple) -> None:
    if value not in possible:
        expected = ", ".join(map(str, possible)) or "none"
        raise UsageError(f"{what} = {value!r}: not possible with COS. Possible: {expected}.")

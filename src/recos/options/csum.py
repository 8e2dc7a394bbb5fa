"""How a csum image is made. Specification 2, section 20."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recos.errors import UsageError

_COMPRESSIONS = ("GZIP", "RICE", "HCOMPRESS")
DEFAULT_LEVEL = -0.01


@dataclass(frozen=True, slots=True)
class CsumOptions:
    """How a csum image is made.

    Attributes
    ----------
    raw : bool
        Use RAWX and RAWY instead of XCORR and YCORR.
    only : bool
        Make no other product.
    binx, biny : int
        Detector pixels in a pixel of the image.
    compression : (str, float) or None
        Algorithm (GZIP, RICE or HCOMPRESS) and quantisation: steps of counts if negative, relative to the noise
        if positive.
    """

    raw: bool = False
    only: bool = False
    binx: int = 1
    biny: int = 1
    compression: tuple[str, float] | None = None

    def __post_init__(self) -> None:
        for name in ("binx", "biny"):
            value = getattr(self, name)
            if not isinstance(value, int) or not 1 <= value <= 1024:
                raise UsageError(f"{name} = {value!r}; expected a whole number from 1 to 1024.")
        if self.compression and self.compression[0] == "HCOMPRESS" and 1024 // max(self.binx, self.biny) < 4:
            raise UsageError(
                f"binx = {self.binx}, biny = {self.biny}: hcompress needs an image of at least 4 x 4 pixels. Use "
                "smaller bins, or rice or gzip."
            )

    @staticmethod
    def parse_compression(text: str) -> tuple[str, float]:
        """Algorithm and quantisation of the form ``rice,-0.01``; the second may be left out.

        Raises
        ------
        UsageError
        """
        algorithm, _, level = (word.strip() for word in text.partition(","))
        try:
            number = float(level) if level else DEFAULT_LEVEL
        except ValueError:
            number = np.nan
        if algorithm.upper() not in _COMPRESSIONS or not np.isfinite(number):
            raise UsageError(
                f"compression {text!r}: expected {', '.join(c.lower() for c in _COMPRESSIONS[:-1])} or "
                f"{_COMPRESSIONS[-1].lower()}, and a number for the quantisation, such as 'gzip,-0.01'."
            )
        return algorithm.upper(), number

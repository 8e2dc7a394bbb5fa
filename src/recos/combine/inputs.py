"""One row of one spectrum that is to be combined."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from astropy.io import fits

from recos.errors import InputError
from recos.extract import Spectrum


@dataclass(frozen=True, slots=True)
class InputSpectrum:
    """One row of a spectrum, with the headers it came with."""

    spectrum: Spectrum
    index: int

    def __getitem__(self, name: str) -> Any:
        return self.spectrum[name][self.index]

    @property
    def primary(self) -> fits.Header:
        """Primary header."""
        return self.spectrum.primary

    @property
    def header(self) -> fits.Header:
        """SCI header."""
        return self.spectrum.header

    @property
    def segment(self) -> str:
        """Segment or stripe."""
        return str(self["SEGMENT"])

    @property
    def letter(self) -> str:
        """Its letter in keywords."""
        return self.segment[-1]

    @property
    def wavelength(self) -> np.ndarray:
        """Angstrom."""
        return self["WAVELENGTH"]

    @property
    def n_pixels(self) -> int:
        """Pixels along the dispersion."""
        return self.spectrum.n_pixels

    def require(self, keyword: str) -> Any:
        """A keyword of the SCI header.

        Raises
        ------
        InputError
            If it is missing.
        """
        if keyword not in self.header:
            name = self.primary.get("FILENAME", self.segment)
            raise InputError(
                f"{name}: the SCI header has no {keyword}, without which spectra cannot be combined."
            )
        return self.header[keyword]

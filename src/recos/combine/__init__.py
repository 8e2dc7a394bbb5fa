"""Combination of the spectra of several exposures. Specification 5, sections 5.12 and 5.13."""

from recos.combine.headers import mark_as_product
from recos.combine.spectra import combine_spectra

__all__ = ["combine_spectra", "mark_as_product"]

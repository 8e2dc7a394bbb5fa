"""Combination of the spectra or images of several exposures. Specification 5, sections 5.12 to 5.14."""

from recos.combine.headers import mark_as_product
from recos.combine.image_sum import write_image_sum
from recos.combine.spectra import combine_spectra

__all__ = ["combine_spectra", "mark_as_product", "write_image_sum"]

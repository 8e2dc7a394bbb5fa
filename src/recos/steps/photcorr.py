"""PHOTCORR: placeholder."""

from recos.exposure import step


@step("PHOTCORR")
def photcorr(exposure, refs):
    """Nothing."""

"""Small FLUXTAB and TDSTAB for tests of the flux."""

from __future__ import annotations

from helpers import builders


def fluxtab(directory, wavelength, sensitivity, segments=("FUVA",)):
    """A table of sensitivities, the same for all segments."""
    n = len(segments)
    columns = [
        ("SEGMENT", "4A", list(segments)),
        ("OPT_ELEM", "5A", ["G130M"] * n),
        ("CENWAVE", "1J", [1291] * n),
        ("APERTURE", "3A", ["PSA"] * n),
        ("WAVELENGTH", f"{len(wavelength)}D", [wavelength] * n),
        ("SENSITIVITY", f"{len(sensitivity)}E", [sensitivity] * n),
    ]
    return builders.make_refs(builders.make_table_file(directory, "FLUXTAB", columns)).fluxtab


def tdstab(directory, reference_time=50000.0, **pedigree):
    """A table of relative sensitivities."""
    # factor = intercept + slope/100 * years; two wavelengths, three times, one of each unused
    columns = [
        ("SEGMENT", "4A", ["FUVA"]),
        ("OPT_ELEM", "5A", ["G130M"]),
        ("APERTURE", "3A", ["PSA"]),
        ("CENWAVE", "1J", [1291]),
        ("NWL", "1I", [2]),
        ("NT", "1I", [2]),
        ("WAVELENGTH", "3D", [[1000.0, 2000.0, 0.0]]),
        ("TIME", "3D", [[50000.0, 58000.0, 0.0]]),
        ("SLOPE", "9D", [[-1.0, -2.0, 9.0, -4.0, -4.0, 9.0, 9.0, 9.0, 9.0]]),
        ("INTERCEPT", "9D", [[1.0, 1.0, 9.0, 1.5, 1.5, 9.0, 9.0, 9.0, 9.0]]),
    ]
    columns += [(k.upper(), "8A", [v]) for k, v in pedigree.items()]
    extra = {} if reference_time is None else {"REF_TIME": reference_time}
    return builders.make_refs(builders.make_table_file(directory, "TDSTAB", columns, **extra)).tdstab

#!/usr/bin/env python3
"""The version of recos, and the version of the reference implementation that it is compatible with."""

__version__ = "0.1.0"

#: Reference files may demand a minimum version of the reference implementation (keyword VCALCOS).
#: What recos satisfies is not its own version but this one.
REFERENCE_VERSION = "3.6.2"

#: Value of the keyword CAL_VER in products: the name first, so that readers who look for a leading
#: number find none and readers who compare texts see who made the file.
CAL_VER = f"recos {__version__}"

if __name__ == "__main__":  # the build asks
    print(__version__)

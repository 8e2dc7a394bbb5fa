"""The interface of the reference implementation, served by recos: ``import calcos; calcos.calcos(...)``."""

from recos.cli.calcos import main
from recos.compat import (
    CALCOS_VERSION,
    CALCOS_VERSION_NUMBER,
    __version__,
    calcos,
    help,
    localcalcos,
    prtOptions,
    splitInputString,
    uniqueInput,
)

__all__ = [
    "CALCOS_VERSION",
    "CALCOS_VERSION_NUMBER",
    "__version__",
    "calcos",
    "help",
    "localcalcos",
    "main",
    "prtOptions",
    "splitInputString",
    "uniqueInput",
]

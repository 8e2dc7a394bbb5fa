"""The interface of the reference implementation, served by recos: ``import calcos; calcos.calcos(...)``."""

import sys

from recos.cli.calcos import main
from recos.compat import splittag
from recos.compat.calcos import (
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

# "import calcos.splittag" looks here. This stays a single file, because a folder of that name would mix with an
# installed package of STScI.
sys.modules["calcos.splittag"] = splittag

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
    "splittag",
    "uniqueInput",
]

"""What users do with reference files: see which are needed, download them, find the best ones.

The data handbook, section 3.6.1, has this done by hand. `inventory` lists what exposures need, `download` and
`mirrors` retrieve what is missing, `best` asks CRDS for the best references and writes them into headers.
"""

from recos.reference_tools.best import Recommendation, best_references, update_headers
from recos.reference_tools.download import Download, download_missing, read_checksums
from recos.reference_tools.inventory import (
    ReferenceFile,
    find_exposures,
    reference_files,
    reference_table,
)

__all__ = [
    "Download",
    "Recommendation",
    "ReferenceFile",
    "best_references",
    "download_missing",
    "find_exposures",
    "read_checksums",
    "reference_files",
    "reference_table",
    "update_headers",
]

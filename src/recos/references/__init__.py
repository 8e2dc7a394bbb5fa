"""Reference files: where they are, which row applies, what they mean.

`locate` expands names and checks files, `tables` and `images` open them once and keep them, `dispersion` and
`regions` are readings with a meaning of their own, and `References` offers all of them for one exposure.
"""

from recos.references.collection import ReferenceCache, References
from recos.references.dispersion import Dispersion
from recos.references.tables import ReferenceTable, Row

__all__ = ["Dispersion", "ReferenceCache", "ReferenceTable", "References", "Row"]

"""What changed between two sets of products.

`pairs` finds the files that belong together, `hdus` reads them, `headers`, `images` and `tables` compare their parts,
`values` counts differences of arrays, `spectra` knows the errors of spectra, `result` holds what was found, `words`
and `figure` show it.
"""

from recos.comparison.files import compare
from recos.comparison.result import Comparison, FileComparison

__all__ = ["Comparison", "FileComparison", "compare"]

"""What changed between two sets of products.

`pairs` finds the files that belong together, `hdus` reads them, `headers`, `images` and `tables` compare their parts,
`values` counts differences of arrays, `spectra` knows the errors of spectra, `result` holds what was found, `words`
says it. :func:`recos.figures.comparison.plot_comparison` draws it.
"""

from recos.comparison.files import compare
from recos.comparison.result import Comparison, FileComparison
from recos.comparison.words import verdict

__all__ = ["Comparison", "FileComparison", "compare", "verdict"]

"""A check that the steps which move events by reference files share."""

from __future__ import annotations

import numpy as np

from recos.errors import ReferenceFileError
from recos.references import References


def check_positions(refs: References, keyword: str, *positions: np.ndarray) -> None:
    """Check that coordinates are still numbers after they were corrected with a reference file.

    Parameters
    ----------
    refs : References
    keyword : str
        Of the file.
    *positions : ndarray of float32, shape (n,)

    Raises
    ------
    ReferenceFileError
        If the file moved events to places that are no numbers.
    """
    if not all(np.isfinite(values.sum(dtype=np.float64)) for values in positions):
        raise ReferenceFileError(
            f"{refs.path(keyword)} ({keyword}): the file holds values that are no numbers, where there are events. "
            f"It is damaged; retrieve it again, or use another {keyword}."
        )

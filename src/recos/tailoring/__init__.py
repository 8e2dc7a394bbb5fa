"""Other extraction regions than the tables say: what a user may choose, checks, changed tables in memory and in files.

COS Data Handbook, section 3.6.3.
"""

from recos.tailoring.choice import Choice, Tailoring, cells_of

__all__ = ["Choice", "Tailoring", "cells_of"]

"""Other extraction regions than the tables say: the choice of a user, its checks, changed tables in memory, in files.

COS Data Handbook, section 3.6.3.
"""

from recos.tailoring.choice import Choice, Tailoring, cells_of

__all__ = ["Choice", "Tailoring", "cells_of"]

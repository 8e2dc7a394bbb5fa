"""Association tables: show, edit and make them. COS Data Handbook, sections 3.6.1 and 3.6.2.

>>> import recos
>>> recos.asn.show("ldel05050_asn.fits")                                        # doctest: +SKIP
>>> recos.asn.edit("ldel05050_asn.fits", "two_asn.fits", drop=["ldel05jyq"])    # doctest: +SKIP
>>> recos.asn.make("ldel05*_rawtag_*.fits", "all_asn.fits")                     # doctest: +SKIP
"""

from __future__ import annotations

from recos.association.editing import Edited, edit
from recos.association.listing import show
from recos.association.making import make

__all__ = ["Edited", "edit", "make", "show"]

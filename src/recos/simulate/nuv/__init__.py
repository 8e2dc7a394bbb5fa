"""Forward model of the NUV channel of COS: gratings G185M, G225M, G285M, G230L; MIRRORA, MIRRORB.

`layout`, `mechanism`, `motion`, `detector` and `lamp` hold the instrument as functions; `references` tabulates
them into reference files; `photons`, `imaging` and `events` make events of them; `headers` and `raw` write raw files.
"""

from recos.simulate.nuv.simulator import Nuv

__all__ = ["Nuv"]

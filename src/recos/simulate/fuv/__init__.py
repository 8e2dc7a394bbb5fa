"""The FUV channel of the simulator: detector, optics, reference files, raw files."""

from recos.simulate.fuv.channel import Fuv

__all__ = ["Fuv"]

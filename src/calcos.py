"""The Python interface of the reference implementation, served by recos: ``import calcos; calcos.calcos(...)``."""

from recos.compat import __version__, calcos, localcalcos

__all__ = ["__version__", "calcos", "localcalcos"]

"""The interface of the reference implementation: ``calcos()``, ``splittag()``."""

"""``python -m recos`` is the command ``recos``."""

from recos.cli.process import recos

recos()

"""What makes a process that only runs recos quicker; nothing of it concerns results.

Half of the time of a short run goes into the import of libraries, and much of the rest into headers: thousands of
cards are read, copied and written.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

#: Settings that astropy looks up anew for every card of a header that is read, copied or written.
_LOOKED_UP_OFTEN = ("strip_header_whitespace", "enable_record_valued_keyword_cards", "use_memmap")

#: What a header knows of the places of its cards.
_INDICES = ("_keyword_indices", "_rvkc_indices")


def tune_process() -> None:
    """Import astropy.io.fits without units, copy headers quickly, fix astropy's configuration to what it says now.

    To be called before anything imports astropy.io.fits.
    """
    fits = _import_fits()
    fits.Card.__copy__ = _copy_card
    if set(vars(fits.Header())) == {"_cards", "_modified", *_INDICES}:
        fits.Header.copy = _copy_header
    namespace = type(fits.conf)
    for name in _LOOKED_UP_OFTEN:
        setattr(namespace, name, getattr(fits.conf, name))


class _UnitsLater(ModuleType):
    """Stands in for astropy.units; the real one is imported as soon as something of it is used."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # by which Python looks at any module
            raise AttributeError(name)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(import_module(self.__name__), name)


def _import_fits() -> Any:
    """Import astropy.io.fits, but not the units that it imports, which take as long as all the rest of it.

    It wants two names of them, to annotate functions that ask how much space is left on a disk.
    """
    import_module("astropy")
    before = set(sys.modules)
    if not before.intersection(("astropy.units", "astropy.io.fits")):
        units = _UnitsLater("astropy.units")
        names = ("Quantity", "UnitBase")
        for name in names:
            setattr(units, name, type(name, (), {}))
        sys.modules[units.__name__] = units
        try:
            import_module("astropy.io.fits")
        except ImportError:  # another version of astropy, which wants more
            for name in {name for name in sys.modules if name.startswith("astropy.")} - before:
                del sys.modules[name]
        finally:
            for name in names:
                delattr(units, name)
            if sys.modules.get(units.__name__) is units:
                del sys.modules[units.__name__]
    return import_module("astropy.io.fits")


def _copy_card(card: Any) -> Any:
    """A shallow copy, as :func:`copy.copy` makes it by a longer way."""
    new = object.__new__(type(card))
    new.__dict__.update(card.__dict__)
    return new


def _copy_header(header: Any, strip: bool = False) -> Any:
    """What :meth:`astropy.io.fits.Header.copy` makes, without finding the places of all cards anew."""
    new = type(header)()
    new._cards = [_copy_card(card) for card in header._cards]
    for name in _INDICES:
        getattr(new, name).update({word: places.copy() for word, places in getattr(header, name).items()})
    if strip:
        new.strip()
    return new

"""Opening FITS files for reading, so that damage becomes an error that says so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from astropy.io import fits

from recos.errors import InputError

#: What astropy or NumPy raise where a file is garbled or ends too early.
DAMAGED = (OSError, ValueError, TypeError, IndexError, KeyError, AttributeError, fits.VerifyError)


@contextmanager
def open_fits(path: str | Path) -> Iterator[fits.HDUList]:
    """Open a FITS file for reading, memory-mapped.

    Parameters
    ----------
    path : str or Path
        Environment variables and ``~`` are not expanded.

    Yields
    ------
    astropy.io.fits.HDUList

    Raises
    ------
    InputError
        If the file does not exist, cannot be read, is no FITS file, or turns out to be damaged within the context.
    """
    try:
        hdus = fits.open(path, memmap=True, mode="readonly")
    except FileNotFoundError:
        raise InputError(f"{path}: no such file.", path=path) from None
    except PermissionError:
        raise InputError(f"{path}: no permission to read the file.", path=path) from None
    except DAMAGED as error:
        raise InputError(
            f"{path}: not a readable FITS file ({error}). Retrieve it again.",
            path=path,
            remedy="Retrieve it again.",
        ) from None
    with hdus:
        try:
            yield hdus
        except DAMAGED as error:
            if isinstance(error, OSError) and error.errno is not None:  # of the system, not of the contents
                raise
            raise InputError(
                f"{path}: the file is damaged or truncated ({error}). Retrieve it again.",
                path=path,
                remedy="Retrieve it again.",
            ) from error


def check_cards(header: fits.Header, path: str | Path) -> None:
    """Check that all cards of a header can be read.

    Raises
    ------
    InputError
        If one is garbled.
    """
    for card in header.cards:
        try:
            str(
                card
            )  # astropy checks each card when it is first shown: once here, not for each of its copies
            card.value  # noqa: B018  # parsed when it is first asked for
        except (fits.VerifyError, ValueError):
            raise InputError(
                f"{path}: the card {card.keyword} of the header is garbled: {card.image.strip()!r}. The file is "
                "damaged; retrieve it again."
            ) from None

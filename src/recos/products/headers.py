"""From the EVENTS header to those of the corrtag, counts and flt products.

Specification 1, sections 13.5, 13.6 and 14.1; 3, section 12.1.
"""

from __future__ import annotations

from copy import copy

from astropy.io import fits

from recos.data.accum import IMAGE_TO_TABLE
from recos.data.headers import structure_text
from recos.io.fitsfile import is_structural
from recos.messages import get_logger, warn

logger = get_logger(__name__)

_TABLE_TO_IMAGE = {column: axis for axis, column in IMAGE_TO_TABLE.items()}
_COLUMN_COORDINATES = ("TCTYP", "TCUNI", "TCRPX", "TCRVL", "TCDLT", "TRPOS")
_OF_OTHER_DATA = ("BUNIT", "NPIX1", "NPIX2", "PIXVALUE", "EXTVER")

_ERROR_KEYWORDS = {
    "RA_APER": "RA of reference aperture center",
    "DEC_APER": "Declination of reference aperture center",
    "PA_APER": "Position Angle of reference aperture center",
    "DISPAXIS": "dispersion axis; 1 = axis 1, 2 = axis 2, none",
}
_STATISTICS = {
    "NGOODPIX": (-999, "number of good pixels"),
    "GOODMEAN": (-999.0, "mean value of good pixels"),
    "GOODMAX": (-999.0, "maximum value of good pixels"),
}


def image_header(events: fits.Header) -> fits.Header:
    """The SCI header of a counts or flt file: the EVENTS header in words for images."""
    cards = []
    for card in events.cards:
        keyword = card.keyword
        image_name = _TABLE_TO_IMAGE.get(keyword)
        if image_name is not None and image_name in events:
            warn(logger, f"{keyword} is dropped; the image keyword {image_name} is there already")
        elif image_name is not None:
            cards.append(fits.Card(image_name, card.value, card.comment))
        elif not (is_structural(keyword) or keyword in _OF_OTHER_DATA or describes_column(keyword)):
            cards.append(copy(card))
    header = fits.Header(cards)
    header["BUNIT"] = ("count /s", "brightness units")
    return header


def describes_column(keyword: str) -> bool:
    """Whether a keyword tells the world coordinates of one table column, as those of a corrtag input do."""
    root = keyword.rstrip("0123456789")
    return root != keyword and root in _COLUMN_COORDINATES


def error_header(events: fits.Header, raw: fits.Header | None = None) -> fits.Header:
    """The header of an ERR extension, from that of the events or of a raw image."""
    if raw is not None:
        return image_header(raw)
    header = _identity(events)
    for keyword, comment in _ERROR_KEYWORDS.items():
        if keyword in events:
            header[keyword] = (events[keyword], comment)
    for keyword, (value, comment) in _STATISTICS.items():
        if keyword in events:
            header[keyword] = (value, comment)
    header["BUNIT"] = ("count /s", "brightness units")
    return header


def quality_header(events: fits.Header, raw: fits.Header | None = None) -> fits.Header:
    """The header of a DQ extension, from that of the events or of a raw image."""
    header = _identity(events) if raw is None else image_header(raw)
    header["BUNIT"] = ("UNITLESS", "brightness units")
    return header


def _identity(events: fits.Header) -> fits.Header:
    header = fits.Header()
    for keyword, comment in (
        ("ROOTNAME", "rootname of the observation set"),
        ("EXPNAME", "exposure identifier"),
    ):
        if keyword in events:
            header[keyword] = (events[keyword], comment)
    return header


def image_structure(name: str, bitpix: int, shape: tuple[int, ...], version: int = 1) -> str:
    """The cards of an image extension that describe its structure, EXTNAME and EXTVER."""
    return structure_text(
        [
            ("XTENSION", "IMAGE", "Image extension"),
            ("BITPIX", bitpix, "array data type"),
            ("NAXIS", len(shape), "number of array dimensions"),
            *((f"NAXIS{i}", n, f"length of data axis {i}") for i, n in enumerate(reversed(shape), 1)),
            ("PCOUNT", 0, "number of parameters"),
            ("GCOUNT", 1, "number of groups"),
            ("EXTNAME", name, "extension name"),
            ("EXTVER", version, "extension version number"),
        ]
    )

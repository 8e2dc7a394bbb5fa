"""The exceptions of recos, divided by what a user can do about them.

Every message names the file, the keyword or column, what was found, what was expected, and the remedy.
The attribute ``status`` is the exit status of the command line; 5 and 16 are those of the reference
implementation (specification 1, section 1.2).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

_CONTROL_CHARACTERS = {n: f"\\x{n:02x}" for n in (*range(32), *range(127, 160)) if chr(n) not in "\n\t"}


def printable(text: str) -> str:
    r"""Text without control characters, which names and cards of a file may hold and a terminal would obey.

    Examples
    --------
    >>> print(printable("a \x1b[2J b"))
    a \x1b[2J b
    """
    return text.translate(_CONTROL_CHARACTERS)


class RecosError(RuntimeError):
    """Base class of everything that recos reports as an error.

    Parameters
    ----------
    message : str
        All that a user needs: file, keyword or column, what was found, what was expected, and the remedy.
        Arguments are named as in Python, within backquotes; the command line shows its options instead.
    path : str or Path, optional
        The file.
    keyword : str, optional
        Keyword, column or argument.
    found, expected : optional
        Its value, and those that are possible.
    remedy : str, optional
        What the user can do.

    Attributes
    ----------
    path, keyword, found, expected, remedy
        As given; for programs that handle errors.
    status : int
        Exit status of the command line.
    """

    status = 1

    def __init__(
        self,
        message: str = "",
        *,
        path: str | Path | None = None,
        keyword: str | None = None,
        found: object = None,
        expected: object = None,
        remedy: str | None = None,
    ) -> None:
        super().__init__(message)
        self.path, self.keyword, self.found, self.expected, self.remedy = (
            path,
            keyword,
            found,
            expected,
            remedy,
        )

    def __str__(self) -> str:
        return printable(super().__str__())


class UsageError(RecosError):
    """An option or argument has no meaning or an impossible value."""

    status = 2


class InputError(RecosError):
    """An input file is unreadable, incomplete, or contradicts itself."""


class AssociationError(InputError):
    """The members of an association do not fit together."""


class ComparisonError(InputError):
    """A comparison cannot be made or drawn. Status 1 would say that something differs."""

    status = 2


class NothingToCalibrateError(InputError):
    """No file that can be calibrated was found."""

    status = 5


class ReferenceFileError(RecosError):
    """A reference file is missing, of the wrong kind, or too old or too new."""


class MissingReferenceError(ReferenceFileError):
    """A reference file does not exist where the header and the environment say."""


class MissingRowError(ReferenceFileError):
    """A reference table has no row for the mode of the exposure."""

    status = 16


class BadApertureError(InputError):
    """The keyword APERTURE holds no aperture of COS."""

    status = 16


class OutputExistsError(RecosError):
    """A product would overwrite a file."""


class OutputError(RecosError):
    """A product cannot be written: no permission, no space, no such directory."""


def near(word: str, known: Iterable[str], cutoff: float = 0.5) -> str:
    """The known word nearest to `word` as a question with a blank before it, or nothing; for messages.

    `cutoff`, 0 to 1, is how alike they must be (:func:`difflib.get_close_matches`).

    Examples
    --------
    >>> near("FLATCOR", ["FLATCORR", "DEADCORR"])
    ' Did you mean FLATCORR?'
    """
    from difflib import get_close_matches

    found = get_close_matches(word, list(known), n=1, cutoff=cutoff)
    return f" Did you mean {found[0]}?" if found else ""

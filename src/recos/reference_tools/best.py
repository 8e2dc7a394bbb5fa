"""The best references of exposures by the rules of CRDS, through the package ``crds``. Handbook, section 3.6.1."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from astropy.io import fits

from recos.data.reference_kinds import KINDS
from recos.errors import MissingReferenceError, OutputError, OutputExistsError, UsageError
from recos.io.read import ExposureHeaders

#: Where rules come from if CRDS_SERVER_URL does not say otherwise.
_SERVER = "https://hst-crds.stsci.edu"
_NONE = "N/A"


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What CRDS says about one reference file of one raw file.

    Attributes
    ----------
    path : Path
        The raw file.
    keyword : str
        Header keyword.
    old : str
        The name in the header; empty if the keyword is not there.
    new : str
        The best one, with the prefix of the old name (``lref$``), or N/A; the old one if CRDS knows none.
    note : str
        Why CRDS knows none; empty otherwise.
    context : str
        The rules, such as ``hst_1140.pmap``.
    """

    path: Path
    keyword: str
    old: str
    new: str
    note: str = ""
    context: str = ""

    @property
    def is_change(self) -> bool:
        """The header names another file; a keyword that is not there counts as N/A."""
        return (self.old or _NONE).lower() != self.new.lower()


def best_references(exposures: Iterable[ExposureHeaders], context: str | None = None) -> list[Recommendation]:
    """Ask CRDS for the best references of exposures; nothing is written, no reference file is downloaded.

    The rules come from the server, or from a cache (environment variables CRDS_SERVER_URL, CRDS_PATH, CRDS_CONTEXT).

    Parameters
    ----------
    exposures : iterable of ExposureHeaders
        See :func:`recos.reference_tools.find_exposures`.
    context : str, optional
        Rules of another date or version, such as ``hst_1140.pmap``; by default the latest.

    Returns
    -------
    list of Recommendation
        One for each keyword that recos knows and for which CRDS has rules, exposure by exposure.

    Raises
    ------
    UsageError
        If the package crds is not installed, or the context is none.
    MissingReferenceError
        If CRDS cannot be asked: no server, no cache, or a damaged one.
    """
    return [found for headers in exposures for found in _ask(headers, context)]


def _ask(headers: ExposureHeaders, context: str | None) -> list[Recommendation]:
    answer, rules = _recommendations(_parameters(headers), context, headers.path)
    found = []
    for keyword in KINDS:
        if keyword.lower() in answer:
            old = str(headers.primary.get(keyword, "")).strip()
            new, note = _name(str(answer[keyword.lower()]), old)
            found.append(Recommendation(headers.path, keyword, old, new, note, rules))
    return found


def _parameters(headers: ExposureHeaders) -> dict[str, Any]:
    """What rules look at: the keywords of the primary header and of that of the data, where the date stands."""
    from astropy.time import Time

    values = {key: value for header in (headers.header, headers.primary) for key, value in header.items()}
    date, _, time = Time(headers.mode.expstart, format="mjd", precision=0).isot.partition("T")
    values.setdefault("DATE-OBS", date)
    values.setdefault("TIME-OBS", time)
    return {key: value for key, value in values.items() if isinstance(value, str | int | float | bool)}


def _name(answer: str, old: str) -> tuple[str, str]:
    """The value for the header, and a note if there is none."""
    if answer.upper() in (_NONE, "NOT FOUND N/A"):
        return _NONE, ""
    if answer.upper().startswith(("NOT FOUND", "UNDEFINED")):
        return old or _NONE, answer[len("NOT FOUND") :].strip(" :") or "no rule"
    prefix = None if old == _NONE else re.match(r".*[$/]", old)
    return (prefix[0] if prefix else "lref$") + answer.lower(), ""


def _recommendations(
    parameters: dict[str, Any], context: str | None, path: Path
) -> tuple[dict[str, str], str]:
    """Names by kind, and the rules that they come from."""
    said = io.StringIO()
    try:
        # crds tells the terminal what it does, tracebacks among it; what matters is in its exceptions
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said), _default_server():
            from crds import get_context_name, getrecommendations

            answer = getrecommendations(parameters, context=context, observatory="hst")
            return dict(answer), str(get_context_name("hst", context))
    except ImportError as error:
        raise UsageError(
            f"The package crds is needed for best references ({error}). Install it: pip install 'recos[crds]'."
        ) from None
    except AssertionError as error:  # how crds refuses a name that is no context
        raise UsageError(f"context = {context}: {error}.") from None
    except (Exception, SystemExit) as error:  # crds has errors of many kinds, and leaves if it has no cache
        left = isinstance(error, SystemExit)
        detail = "neither a server nor a cache of rules" if left else str(error) or type(error).__name__
        raise MissingReferenceError(
            f"{path}: CRDS cannot be asked for the best references ({detail}). Check the connection to the server "
            "(CRDS_SERVER_URL), the cache of rules (CRDS_PATH) and the context."
        ) from None


@contextlib.contextmanager
def _default_server() -> Iterator[None]:
    """The server of HST, unless the environment names another; crds itself has no default."""
    is_named = "CRDS_SERVER_URL" in os.environ
    if not is_named:
        os.environ["CRDS_SERVER_URL"] = _SERVER
    try:
        yield
    finally:
        if not is_named:
            del os.environ["CRDS_SERVER_URL"]


# ---------------------------------------------------------------------------------------------- headers


def update_headers(recommendations: Iterable[Recommendation]) -> list[Path]:
    """Write recommended names into the primary headers of raw files; each keeps a backup, ``….fits.bak``.

    Parameters
    ----------
    recommendations : iterable of Recommendation
        Those that change nothing are passed over.

    Returns
    -------
    list of Path
        Files that were changed; of a link, the file that it leads to.

    Raises
    ------
    OutputExistsError
        If there is a backup already; then no file is changed.
    OutputError
        If a file cannot be written; it is then as it was.
    """
    changes: dict[Path, dict[str, str]] = {}
    for item in recommendations:
        if item.is_change:
            changes.setdefault(item.path.resolve(), {})[item.keyword] = item.new
    existing = [str(_backup(path)) for path in changes if os.path.lexists(_backup(path))]
    if existing:
        raise OutputExistsError(
            f"{', '.join(existing)}: a backup exists already, and is not replaced; no header was changed. Move it "
            "away, or delete it."
        )
    for path, values in changes.items():
        _rewrite(path, values)
    return list(changes)


def _backup(path: Path) -> Path:
    return path.with_name(path.name + ".bak")


def _rewrite(path: Path, values: dict[str, str]) -> None:
    """Change keywords in a copy; the original becomes the backup, the copy takes its place."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        shutil.copy2(path, temporary)
        with fits.open(temporary, mode="update", do_not_scale_image_data=True) as hdus:
            for keyword, value in values.items():
                hdus[0].header[keyword] = value  # Header.update would drop the comment
            if "CHECKSUM" in hdus[0].header:
                hdus[0].add_checksum()
        _keep(path, _backup(path))
        temporary.replace(path)
    except OSError as error:
        remedy = (
            "Free some space." if error.errno in (errno.ENOSPC, errno.EDQUOT) else "Check its permissions."
        )
        raise OutputError(
            f"{path}: the header cannot be changed ({error.strerror or error}). {remedy}"
        ) from None
    finally:
        temporary.unlink(missing_ok=True)


def _keep(path: Path, backup: Path) -> None:
    """Give a file a second name, or make a copy where there are no links."""
    try:
        os.link(path, backup)
    except FileExistsError:
        raise
    except OSError:
        shutil.copy2(path, backup)

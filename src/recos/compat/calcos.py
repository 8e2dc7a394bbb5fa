"""The Python interface of the reference implementation: ``calcos.calcos(...)`` and its companions.

Names, order and defaults of arguments are those of calcos 3.6.2 (COS Data Handbook, Table 3.2; specification
1, sections 1.2 to 1.4).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from recos._version import REFERENCE_VERSION
from recos._version import __version__ as _recos_version
from recos.errors import NothingToCalibrateError, RecosError, UsageError
from recos.io.paths import matches

__version__ = f"{REFERENCE_VERSION}+recos.{_recos_version}"
"""The version of calcos whose interface and numbers these are, and the version of recos."""
CALCOS_VERSION = CALCOS_VERSION_NUMBER = __version__

#: Statuses that `calcos` returns instead of raising the error.
_RETURNED = (5, 16)

OPTIONS_TEXT = """\
The command-line options are:
  --help or -h (print this and exit)
  --version (print the version number and exit)
  -r (print the full version string and exit)
  -q (quiet)
  -v (very verbose)
  -s (save temporary files)
  -o outdir (output directory name)
  --find yes (find Y location of spectrum)
  --find no (extract spectrum at default location)
  --find cutoff (find Y location if sigma <= cutoff)
  --shift filename (file to specify shift values)
  --stim filename (append stim pulse locations to filename)
  --live filename (append livetime factors to filename)
  --burst filename (append burst information to filename)
  --csum (create 'calcos sum' image)
  --only_csum (do little else but create csum)
  --raw (use raw coordinates for csum image)
  --compress parameters (compress csum image)
  --binx X_bin_factor (csum bin factor in X)
  --biny Y_bin_factor (csum bin factor in Y)
  then one or more association file names or rootnames"""


def calcos(
    asntable: str | Path,
    outdir: str | Path | None = None,
    verbosity: int | None = None,
    find_target: Any = None,
    create_csum_image: bool = False,
    raw_csum_coords: bool = False,
    only_csum: bool = False,
    binx: int | None = None,
    biny: int | None = None,
    compress_csum: bool = False,
    compression_parameters: str = "gzip,-0.01",
    shift_file: str | Path | None = None,
    save_temp_files: bool = False,
    stimfile: str | Path | None = None,
    livetimefile: str | Path | None = None,
    burstfile: str | Path | None = None,
) -> int:
    """Calibrate an association or a single exposure.

    Parameters
    ----------
    asntable : str
        Association table, raw or corrtag file, or rootname.
    outdir : str, optional
        Output directory; the current one by default.
    verbosity : {None, 0, 1, 2}
        0 quiet, 1 verbose (the default), 2 very verbose; holds for this call only.
    find_target : bool, number or dict, optional
        True: find the spectrum and centre the extraction on it; a number: only where its position is known to
        that many pixels; or a dict with the keys ``flag`` and ``cutoff``.
    create_csum_image : bool
        Also make a csum image ('calcos sum').
    raw_csum_coords : bool
        In raw coordinates.
    only_csum : bool
        Make nothing but the csum image.
    binx, biny : int, optional
        Detector pixels in a pixel of the csum image.
    compress_csum : bool
        Compress the csum image.
    compression_parameters : str
        Algorithm (gzip, rice or hcompress) and quantisation.
    shift_file : str, optional
        File of wavecal shifts.
    save_temp_files : bool
        Keep x1d and lampflash files of each segment.
    stimfile, livetimefile, burstfile : str, optional
        Text files to append to.

    Returns
    -------
    int
        0; 5 if there was nothing that can be calibrated; 16 if an APERTURE is invalid or a row of a reference
        table is missing.

    Raises
    ------
    UsageError
        If an argument has an impossible value.
    RecosError
        Everything else that is wrong with files.
    """
    options = {
        "csum": csum_options(
            create_csum_image,
            raw_csum_coords,
            only_csum,
            binx,
            biny,
            compression_parameters if compress_csum else None,
        ),
        "find_target": find_target,
        "shift_file": shift_file,
        "save_temp_files": save_temp_files,
        "stimfile": stimfile,
        "livetimefile": livetimefile,
        "burstfile": burstfile,
    }
    try:
        return calibrate(asntable, outdir, 1 if verbosity is None else verbosity, **options)
    except RecosError as error:
        if error.status not in _RETURNED:
            raise
        print(f"{'Warning' if isinstance(error, NothingToCalibrateError) else 'ERROR'}:  {error}", flush=True)
        return error.status


def calibrate(name: str | Path, outdir: str | Path | None = None, verbosity: int = 1, **options: Any) -> int:
    """Run recos with the messages of the reference implementation on standard output.

    Parameters
    ----------
    name, outdir, verbosity, **options
        As for :func:`recos.run`.

    Returns
    -------
    int
        0, or 16 if an exposure could not be calibrated.

    Raises
    ------
    RecosError
        Also where :func:`calcos` returns 5 or 16.
    """
    from recos.pipeline.run import run
    from recos.pipeline.trailer import RunLog, to_stdout

    if verbosity not in (0, 1, 2):
        raise UsageError(f"verbosity = {verbosity!r}; expected 0 (quiet), 1 (verbose) or 2 (very verbose).")
    return run(name, outdir, verbosity=verbosity, log=RunLog(verbosity, to_stdout), **options).status


def csum_options(
    create: bool = False,
    raw: bool = False,
    only: bool = False,
    binx: int | None = None,
    biny: int | None = None,
    compression: str | None = None,
) -> Any:
    """How the csum image is to be made; None if it is not.

    Parameters
    ----------
    create, raw, only : bool
        Make it; in raw coordinates; and nothing else.
    binx, biny : int, optional
        None and what is not positive stand for 1.
    compression : str, optional
        Such as ``gzip,-0.01``.

    Raises
    ------
    UsageError
        If a value is impossible.
    """
    if not (create or only):
        return None
    from recos.options.csum import CsumOptions

    bins = {
        name: value for name, value in (("binx", binx), ("biny", biny)) if value is not None and value > 0
    }
    parsed = None if compression is None else CsumOptions.parse_compression(compression)
    return CsumOptions(bool(raw), bool(only), compression=parsed, **bins)


def localcalcos(
    input: Any,
    verbosity: int = 1,
    savetmp: bool = False,
    outdir: str = "",
    find: bool = False,
    cutoff: float | None = None,
    shift_file: str | None = None,
    csum: bool = False,
    raw_csum: bool = False,
    compress: bool = False,
    comp_param: str = "gzip,-0.01",
    binx: int | None = None,
    biny: int | None = None,
    stimfile: str | None = None,
    livetimefile: str | None = None,
    burstfile: str | None = None,
    print_version: bool = False,
    print_revision: bool = False,
) -> int:
    """Calibrate several inputs; arguments as for :func:`calcos`.

    Parameters
    ----------
    input : str or list of str
        Names, separated by commas or blanks; wildcards are expanded.
    verbosity, outdir, shift_file, binx, biny, stimfile, livetimefile, burstfile
        As for :func:`calcos`; an empty text stands for None.
    savetmp : bool
        `save_temp_files` of :func:`calcos`.
    find, cutoff : bool, float or None
        `find_target` of :func:`calcos`.
    csum, raw_csum : bool
        `create_csum_image` and `raw_csum_coords` of :func:`calcos`.
    compress, comp_param : bool, str
        `compress_csum` and `compression_parameters` of :func:`calcos`.
    print_version, print_revision : bool
        Only print the version.

    Returns
    -------
    int
        The statuses of all inputs, joined by OR.

    Raises
    ------
    RecosError
        As :func:`calcos`; inputs after the one that fails are not calibrated.
    """
    if print_version or print_revision:
        print(__version__)
        return 0
    names = splitInputString(input)
    status = 0
    for name in uniqueInput(names if isinstance(names, list) else [names]):
        status |= calcos(
            name,
            outdir=outdir or None,
            verbosity=verbosity,
            find_target={"flag": find, "cutoff": cutoff},
            create_csum_image=csum,
            raw_csum_coords=raw_csum,
            binx=binx,
            biny=biny,
            compress_csum=compress,
            compression_parameters=comp_param,
            shift_file=shift_file or None,
            save_temp_files=savetmp,
            stimfile=stimfile or None,
            livetimefile=livetimefile or None,
            burstfile=burstfile or None,
        )
    return status


def splitInputString(text: Any) -> Any:  # noqa: N802  # a name of the reference implementation
    """Split a text at commas and blanks; anything else is returned as it is.

    Parameters
    ----------
    text : str or object

    Returns
    -------
    list of str, or the object
        An empty text between commas is kept.

    Examples
    --------
    >>> splitInputString("a, b c,,d")
    ['a', 'b', 'c', '', 'd']
    """
    if not isinstance(text, str):
        return text
    if not text.strip():
        return [""]
    return [word for part in text.split(",") for word in (part.split() or [""])]


def uniqueInput(words: Iterable[str]) -> list[str]:  # noqa: N802  # a name of the reference implementation
    """Expand variables, ``~`` and wildcards, and keep one file of each pair of segments.

    Parameters
    ----------
    words : iterable of str
        A word that matches no file is kept as it is: it may be a rootname, or ``rootname_asn``.

    Returns
    -------
    list of str
        Each exposure once, by the name that comes first in the alphabet, in the order of `words`.
    """
    first: dict[str, str] = {}
    for word in words:
        if not word:
            continue
        for match in matches(word):
            key = re.sub(r"(_[ab])?\.fits$", "", str(Path(match).absolute().resolve()))
            first[key] = min(first.get(key, match), match)
    return list(first.values())


def prtOptions() -> None:  # noqa: N802  # a name of the reference implementation
    """Print the options of the command line."""
    print(OPTIONS_TEXT)


def help() -> None:
    """Print how to use :func:`calcos`."""
    print(calcos.__doc__)

"""The command ``calcos``: the command line of the reference implementation.

COS Data Handbook, Table 3.3; specification 1, section 1.1. Options may stand anywhere, and long ones may be
shortened. ``--help`` is new.
"""

from __future__ import annotations

import getopt
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from recos._version import REFERENCE_VERSION
from recos._version import __version__ as _recos_version
from recos.cli.report import calibrate_each
from recos.compat import calcos as compat
from recos.errors import OutputExistsError, UsageError

_SHORT = "qvrso:h"
_LONG = (
    "help", "find=", "version", "csum", "raw", "only_csum", "compress=", "binx=", "biny=",
    "shift=", "stim=", "live=", "burst=",
)  # fmt: skip
#: Option to argument of `calcos`, for options whose argument is passed on as it is.
_NAMES = {"-o": "outdir", "--shift": "shift_file", "--stim": "stimfile", "--live": "livetimefile"}
_NAMES |= {"--burst": "burstfile"}
_FLAGS = {
    "-q": ("verbosity", 0),
    "-v": ("verbosity", 2),
    "-s": ("save_temp_files", True),
    "--csum": ("create_csum_image", True),
    "--raw": ("raw_csum_coords", True),
    "--only_csum": ("only_csum", True),
}
#: Option to argument of `csum_options`.
_CSUM = {"create_csum_image": "create", "raw_csum_coords": "raw", "only_csum": "only"}
_CSUM |= {"binx": "binx", "biny": "biny", "compression_parameters": "compression"}
_TEXTS = {
    "-h": compat.OPTIONS_TEXT,
    "--help": compat.OPTIONS_TEXT,
    "--version": compat.__version__,
    "-r": f"recos {_recos_version}, equivalent to calcos {REFERENCE_VERSION}",
}


def main(args: Sequence[str] | None = None) -> None:
    """Run the command.

    Parameters
    ----------
    args : sequence of str, optional
        Words after the name of the command; by default those of the process.

    Raises
    ------
    SystemExit
        With the status, unless it is 0: 2 after a usage error, else the statuses of the inputs joined by OR.
    """
    status = _main(sys.argv[1:] if args is None else list(args))
    if status:
        sys.exit(status)


def _main(args: list[str]) -> int:
    try:
        options, words = parse(args)
    except (UsageError, getopt.GetoptError) as error:
        _usage_error(str(error))
    if isinstance(options, str):
        print(options)
        return 0
    try:
        csum = {argument: options.pop(name) for name, argument in _CSUM.items() if name in options}
        options["csum"] = compat.csum_options(**csum)
    except UsageError as error:
        _usage_error(str(error))
    if options["csum"] is not None and options["csum"].only:
        for name in ("shift_file", "stimfile", "livetimefile", "burstfile"):
            options.pop(name, None)
    return calibrate_each(compat.uniqueInput(words), lambda name: _calibrate(name, options))


def _calibrate(name: str, options: dict[str, Any]) -> int:
    try:
        return compat.calibrate(name, **options)
    except OutputExistsError as error:  # the reference implementation has no such option
        text = str(error).replace("`overwrite=True`", "recos --overwrite")
        raise OutputExistsError(text, path=error.path) from None


def parse(args: list[str]) -> tuple[dict[str, Any] | str, list[str]]:
    """Parse the command line.

    Returns
    -------
    options : dict or str
        Arguments of :func:`recos.compat.calcos.calcos`; or a text, if that is all that the user wants to see.
    words : list of str
        Inputs.

    Raises
    ------
    UsageError, getopt.GetoptError
    """
    found, words = getopt.gnu_getopt(args, _SHORT, list(_LONG))
    options: dict[str, Any] = {}
    for option, value in found:
        if option in _TEXTS:
            return _TEXTS[option], []
        if option in _FLAGS:
            name, constant = _FLAGS[option]
            options[name] = constant
        elif option in _NAMES:
            options[_NAMES[option]] = value
        else:
            options |= _with_argument(option, value)
    if not any(words):
        raise UsageError("An association file name or observation rootname must be specified.")
    if options.get("raw_csum_coords") and not (options.get("create_csum_image") or options.get("only_csum")):
        print("Warning:  --raw will be ignored because --csum was not specified", flush=True)
        del options["raw_csum_coords"]
    return options, words


def _with_argument(option: str, value: str) -> dict[str, Any]:
    if option == "--find":
        from recos.cli.overrides import parse_find_text

        return {"find_target": parse_find_text(value)}
    if option == "--compress":
        return {"compression_parameters": value}
    try:
        return {option.removeprefix("--"): int(value)}
    except ValueError:
        raise UsageError(f"Don't understand '{option} {value}'; expected a whole number.") from None


def _usage_error(text: str) -> NoReturn:
    print(compat.OPTIONS_TEXT, file=sys.stderr)
    print(f"ERROR:  {text}", file=sys.stderr)
    sys.exit(2)

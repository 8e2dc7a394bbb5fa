"""The command ``recos``. Without the name of a sub-command, it calibrates: ``recos FILE… -o DIR``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import click

from recos._version import REFERENCE_VERSION, __version__
from recos.cli.report import tell_error
from recos.errors import RecosError, UsageError, near

#: Sub-commands: the module that holds each; it is loaded when it is used or listed.
_COMMANDS = {
    "run": "recos.cli.run",
    "extract": "recos.cli.extract",
    "split": "recos.cli.split",
    "refs": "recos.cli.refs",
    "corrections": "recos.cli.corrections",
    "lightcurve": "recos.cli.lightcurve",
    "compare": "recos.cli.compare",
    "headers": "recos.cli.headers",
    "asn": "recos.cli.asn",
    "simulate": "recos.cli.simulate",
    "demo": "recos.cli.demo",
}
_GROUP_OPTIONS = ("--help", "-h", "--version")


class _LazyGroup(click.Group):
    """A group whose commands are imported when they are needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command = getattr(import_module(_COMMANDS[cmd_name]), cmd_name)
        return command if isinstance(command, click.Command) else None


@click.group(
    cls=_LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Recalibrate data of the Cosmic Origins Spectrograph (HST/COS).\n\n"
    "`recos FILE… -o DIR` is short for `recos run FILE… -o DIR`.",
    epilog="\b\n"
    "Examples:\n"
    "  recos demo                         # see it at work; needs no data\n"
    "  export lref=/data/references/      # the folder of the reference files\n"
    "  recos refs get ldfd01010_asn.fits  # download those that are missing\n"
    "  recos ldfd01010_asn.fits -o new    # calibrate an association",
)
@click.version_option(__version__, message=f"recos %(version)s, equivalent to calcos {REFERENCE_VERSION}")
def _recos() -> None:
    pass


def _check_command(word: str) -> None:
    """A word that is like a command, and begins no file name, is not taken for an input.

    Raises
    ------
    UsageError
    """
    suggestion = near(word, _COMMANDS, cutoff=0.6) if word.isalpha() else ""
    if suggestion and not any(Path().glob(f"{word}*")):
        raise UsageError(f"{word}: neither a command nor a file.{suggestion} See recos --help.")


def main(args: Sequence[str] | None = None) -> None:
    """Run the command.

    Parameters
    ----------
    args : sequence of str, optional
        Words after the name of the command; by default those of the process.

    Raises
    ------
    SystemExit
        With the exit status.
    """
    words = sys.argv[1:] if args is None else list(args)
    try:
        if words and words[0] not in _COMMANDS and words[0] not in _GROUP_OPTIONS:
            _check_command(words[0])
            words = ["run", *words]
        _recos.main(args=words or ["--help"], prog_name="recos")
    except RecosError as error:
        tell_error(str(error))
        sys.exit(error.status)

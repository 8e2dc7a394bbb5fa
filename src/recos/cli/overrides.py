"""Options that ``recos run`` and ``recos extract`` share: overrides of keywords, a file with options."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import click

from recos.errors import UsageError

_OPTIONS = (
    click.option(
        "--set",
        "settings",
        multiple=True,
        metavar="KEYWORD=VALUE",
        help="Another value than in the headers: a switch (BRSTCORR=OMIT), a reference file (FLATFILE=my_flat.fits), "
        "XTRCTALG=BOXCAR, …. Repeatable; the input stays as it is.",
    ),
    click.option(
        "--preset", metavar="NAME", help="boxcar: XTRCTALG=BOXCAR, TRCECORR=OMIT, ALGNCORR=OMIT. --set wins."
    ),
    click.option(
        "--corrections",
        metavar="NAMES",
        help="Better numbers than those of calcos: names separated by commas, or all; see 'recos corrections'.",
    ),
    click.option(
        "--mix-corrections",
        is_flag=True,
        help="Combine spectra of corrtag files that were made with different corrections.",
    ),
    click.option(
        "--config",
        metavar="FILE",
        help="Options from a TOML file: the arguments of recos.run, and a table [set]. The command line wins.",
    ),
)


def override_options(command: Callable) -> Callable:
    """Add the options to a command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def with_overrides(given: dict[str, Any], options: dict[str, Any]) -> dict[str, Any]:
    """Arguments of :func:`recos.run` from the command line and the file that it names.

    Parameters
    ----------
    given : dict
        Values of the options of :func:`override_options`, among others.
    options : dict
        Other arguments by name; None and False stand for those that were not given.

    Raises
    ------
    RecosError
        If the file or a value is wrong.
    """
    from recos.cli.config import read_config
    from recos.corrections import parse_corrections
    from recos.options.overrides import parse_overrides
    from recos.options.regions import Tailoring

    found = {} if given["config"] is None else read_config(given["config"])
    merged = found | {
        key: value for key, value in options.items() if value is not None and value is not False
    }
    if given["find"] is not None:
        merged["find_target"] = options["find_target"]
    tailor = {**found.get("tailor", {}), **options["tailor"]}
    merged["tailor"] = tailor
    in_file = {key.upper(): value for key, value in found.get("overrides", {}).items()}
    merged["overrides"] = in_file | parse_settings(given["settings"])
    merged["preset"] = given["preset"] or found.get("preset")
    merged["corrections"] = given["corrections"] or found.get("corrections")
    merged["mix_corrections"] = given["mix_corrections"] or found.get("mix_corrections", False)
    # once, not for each input
    parse_overrides(merged["overrides"], merged["preset"])
    parse_corrections(merged["corrections"])
    Tailoring.parse(tailor, found.get("location"), found.get("height"))
    return merged


def parse_settings(words: Iterable[str]) -> dict[str, str]:
    """Overrides from words ``KEYWORD=VALUE`` of the command line.

    Raises
    ------
    UsageError
        If a word has no ``=``, or a keyword has two values.
    """
    found: dict[str, str] = {}
    for word in words:
        keyword, equals, value = word.partition("=")
        keyword = keyword.strip().upper()
        if not equals or not keyword or not value.strip():
            raise UsageError(f"--set {word}: expected KEYWORD=VALUE, such as --set BRSTCORR=OMIT.")
        if found.setdefault(keyword, value.strip()) != value.strip():
            raise UsageError(f"--set {keyword} is given twice: {found[keyword]} and {value.strip()}.")
    return found


def parse_find_text(text: str) -> tuple[bool, float | None] | None:
    """The argument of ``--find``: yes, no or a number.

    Raises
    ------
    UsageError
        If it is neither, or a negative number.
    """
    from recos.options.run import parse_find_target

    word = text.strip().lower()
    if word in ("yes", "true", "no", "false"):
        return parse_find_target(word in ("yes", "true"))
    try:
        number = float(word)
    except ValueError:
        raise UsageError(f"Don't understand '--find {text}'; expected yes, no or a number.") from None
    return parse_find_target(number)

"""``recos simulate``: raw files of an observation that was never made, and the reference files to calibrate them."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from recos.cli.report import for_each, progress
from recos.errors import OutputExistsError, UsageError

if TYPE_CHECKING:
    from recos.simulate.configurations import Configuration
    from recos.simulate.plan import Observation
    from recos.simulate.sources import Source

_SEGMENTS = {"A": "FUVA", "B": "FUVB"}


class _Interval(click.ParamType):
    """Two times, separated by a colon."""

    name = "T0:T1"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            start, stop = (float(word) for word in value.split(":"))
        except ValueError:
            self.fail(f"{value!r} is not two times separated by a colon, e.g. 100:120.", param, ctx)
        return start, stop


class _Words(click.ParamType):
    """Words separated by commas, in capitals."""

    name = "LIST"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return tuple(word.strip().upper() for word in value.split(",") if word.strip())


def _show_list(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if not value or ctx.resilient_parsing:
        return
    from recos.simulate.configurations import CENTRAL_WAVELENGTHS
    from recos.simulate.plan import Effects
    from recos.simulate.sources import Source

    click.echo("Gratings and mirrors (--grating), central wavelengths in Angstrom (--cenwave):")
    for grating, wavelengths in CENTRAL_WAVELENGTHS.items():
        click.echo(f"  {grating:8s}  {', '.join(str(w) for w in wavelengths if w)}".rstrip())
    click.echo("Sources (--source), besides files:")
    for name, description in Source.names().items():
        click.echo(f"  {name:8s}  {description}")
    click.echo("Effects (--without):")
    click.echo(f"  {', '.join(Effects.names())}")
    ctx.exit()


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("directory", type=click.Path(path_type=Path), metavar="DIR")
@click.option("--grating", default="G130M", show_default=True, metavar="NAME", help="Grating or mirror.")
@click.option("--cenwave", type=int, metavar="N", help="Central wavelength, Angstrom (G130M: 1291).")
@click.option("--lp", default=1, show_default=True, metavar="N", help="Lifetime position, 1 to 6 (FUV).")
@click.option("--aperture", default="PSA", show_default=True, metavar="NAME", help="PSA or BOA.")
@click.option("--obsmode", default="TIME-TAG", show_default=True, metavar="MODE", help="TIME-TAG or ACCUM.")
@click.option(
    "--algorithm", default="BOXCAR", show_default=True, metavar="NAME", help="BOXCAR or TWOZONE (FUV)."
)
@click.option("--segments", type=_Words(), default="", metavar="A|B", help="Only one FUV segment.")
@click.option("--exptime", default=600.0, show_default=True, metavar="S", help="Seconds of each exposure.")
@click.option(
    "--fppos",
    type=_Words(),
    default="3",
    show_default=True,
    metavar="LIST",
    help="One exposure each: 1,2,3,4.",
)
@click.option(
    "--source",
    "source_name",
    default="b-star",
    show_default=True,
    metavar="NAME|FILE",
    help="Built-in source (see --list), or a file with a spectrum: table, x1d.",
)
@click.option(
    "--events",
    type=float,
    metavar="N",
    help="Scale the flux to N source events in an exposure: in each FUV segment on average, in all NUV stripes "
    "together. Default for built-in sources: 200000.",
)
@click.option(
    "--flux",
    type=float,
    metavar="F",
    help="Continuum of a built-in source at 1300 Angstrom, erg/s/cm2/Angstrom.",
)
@click.option("--no-flashes", is_flag=True, help="Wavecal exposures instead of lamp flashes.")
@click.option(
    "--burst", "bursts", multiple=True, type=_Interval(), metavar="T0:T1", help="The FUV detector bursts (s)."
)
@click.option(
    "--bad-time",
    "bad_times",
    multiple=True,
    type=_Interval(),
    metavar="T0:T1",
    help="High voltage is off (s).",
)
@click.option("--dark-rate", type=float, metavar="R", help="Count/s/pixel; default: that of the detector.")
@click.option(
    "--without", multiple=True, metavar="EFFECT", help="Leave out an effect; may be given several times."
)
@click.option(
    "--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Same seed, same files."
)
@click.option(
    "--references",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Where reference files are kept between simulations; default: the user's cache.",
)
@click.option(
    "--list",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_list,
    help="Gratings, sources and effects; then stop.",
)
@click.pass_context
def simulate(ctx: click.Context, directory: Path, references: Path | None, **given: Any) -> None:
    """Simulate an observation and its reference files.

    DIR, which is new or empty, gets the raw files (raw), the reference files (ref) and what was put in (truth.json).
    At the end stands the command that calibrates it.
    """
    ctx.exit(for_each([str(directory)], lambda _: _simulate(directory, references, given)))


def _simulate(directory: Path, references: Path | None, given: dict[str, Any]) -> int:
    from recos.io.paths import expand, make_directory

    directory = expand(directory)
    observation, source = _observation(given), _source(given["source_name"], given["flux"])
    _check_empty(directory)
    is_new = not directory.exists()
    make_directory(directory)
    number = len(observation.exposures())
    text = f"{number} exposure{'s' if number > 1 else ''}"
    try:
        with progress(f"Simulating {text} …"):
            from recos.simulate.dataset import simulate as make

            dataset = make(
                observation, directory, source, cache=None if references is None else expand(references)
            )
    except BaseException:
        _clear(directory, is_new)
        raise
    click.echo(f"Simulated {text} of {source.name} in {directory}:")
    _describe(observation)
    for name in ("raw", "ref"):
        sizes = [path.stat().st_size for path in (directory / name).iterdir()]
        click.echo(f"  {name + '/':12s}{len(sizes)} files, {sum(sizes) / 1e6:.1f} MB")
    words = ["recos", str(dataset.association), "-o", str(directory / "new")]
    click.echo("To calibrate it:")
    click.echo(f"  lref={shlex.quote(f'{dataset.references}/')} {shlex.join(words)}")
    return 0


def _describe(observation: Observation) -> None:
    for planned in observation.exposures():
        c = planned.configuration
        mode = [c.opt_elem if c.is_imaging else f"{c.opt_elem}/{c.cenwave}", c.obsmode, c.aperture]
        if c.is_fuv:
            mode.append(f"LP{c.life_adj}")
        where = ", ".join((*mode, *c.active_segments))
        what = "lamp, " if planned.is_wavecal else ""
        click.echo(f"  {planned.root:12s}{what}{where}, FP-POS {planned.fppos}, {planned.exptime:g} s")


def _observation(given: dict[str, Any]) -> Observation:
    """What is to be simulated."""
    from recos.simulate.plan import Effects, Observation

    configuration = _configuration(given)
    if given["bursts"] and not configuration.is_fuv:
        raise UsageError(
            f"--burst: only the FUV detector bursts; {configuration.opt_elem} belongs to the NUV."
        )
    exptime = given["exptime"]
    for option, intervals in (("--burst", given["bursts"]), ("--bad-time", given["bad_times"])):
        for start, stop in intervals:
            if not 0.0 <= start < stop <= exptime:
                raise UsageError(
                    f"{option} {start:g}:{stop:g}: expected two times, 0 <= T0 < T1 <= {exptime:g} s."
                )
    return Observation(
        configuration=configuration,
        exptime=exptime,
        fppos=_fp_positions(given["fppos"]),
        events=_events(given),
        tagflash=not given["no_flashes"],
        bursts=given["bursts"],
        bad_times=given["bad_times"],
        dark_rate=given["dark_rate"],
        seed=given["seed"],
        effects=Effects().without(*(name.replace("-", "_") for name in given["without"])),
    )


def _configuration(given: dict[str, Any]) -> Configuration:
    from recos.simulate.configurations import CENTRAL_WAVELENGTHS, Configuration

    grating, cenwave = given["grating"].upper(), given["cenwave"]
    if cenwave is None:
        possible = CENTRAL_WAVELENGTHS.get(grating, (0,))
        cenwave = Configuration.cenwave if grating == Configuration.opt_elem else possible[0]
        if len(possible) > 1 and grating != Configuration.opt_elem:
            raise UsageError(f"--cenwave: {grating} needs one of {', '.join(map(str, possible))}.")
    return Configuration(
        opt_elem=grating,
        cenwave=cenwave,
        life_adj=given["lp"],
        aperture=given["aperture"].upper(),
        obsmode=given["obsmode"].upper(),
        xtrctalg=given["algorithm"].upper(),
        segments=tuple({_SEGMENTS.get(word, word): None for word in given["segments"]}),
    )


def _fp_positions(words: tuple[str, ...]) -> tuple[int, ...]:
    if not words or not all(word.isdecimal() for word in words):
        raise UsageError(
            f"--fppos {','.join(words)}: expected one or more of 1, 2, 3, 4, separated by commas."
        )
    return tuple(int(word) for word in words)


def _events(given: dict[str, Any]) -> float | None:
    """Events to which the flux is scaled; None if the flux is given, by --flux or by a file."""
    from recos.simulate.plan import Observation
    from recos.simulate.sources import Source

    if given["events"] is not None and given["flux"] is not None:
        raise UsageError("--events and --flux exclude each other: either sets the brightness of the source.")
    if given["flux"] is None and given["events"] is None and given["source_name"] in Source.names():
        return Observation.events
    return given["events"]


def _source(name: str, flux: float | None) -> Source:
    """A built-in source, or one from a file."""
    from recos.io.paths import expand
    from recos.simulate.sources import Source

    path = expand(name)
    is_file = path.exists() or path.suffix or len(path.parts) > 1
    if name in Source.names() or not is_file:
        return Source.builtin(name, flux)
    if flux is not None:
        raise UsageError(
            f"--flux: {name} has a flux of its own. Leave the option out, or scale it with --events."
        )
    return Source.read(path)


def _check_empty(directory: Path) -> None:
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        found = "is not empty" if directory.is_dir() else "is a file"
        raise OutputExistsError(f"{directory} {found}; name a new directory, or delete it.")


def _clear(directory: Path, remove: bool) -> None:
    """Delete what an interrupted simulation has written into a directory that was empty."""
    for path in directory.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    if remove:
        directory.rmdir()

"""Errors carry data, can be pickled, and name arguments, not options of the command line."""

from __future__ import annotations

import ast
import pickle
import re

import click
import pytest

import recos.errors
from helpers import support
from recos.cli.arguments import as_typed, option_of
from recos.cli.main import _recos
from recos.errors import InputError, RecosError
from recos.io.fits import open_fits

SOURCES = sorted((support.ROOT / "src" / "recos").rglob("*.py"))
ERRORS = [e for e in vars(recos.errors).values() if isinstance(e, type) and issubclass(e, RecosError)]
OPTION = re.compile(r"(?<![\w)])--[a-z]|(?<![\w-])-o\b")


def strings(tree):
    """Texts in the code that are not docstrings, without the values of f-strings."""
    documentation = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            yield node.value


def of_the_library():
    for path in SOURCES:
        name = path.relative_to(support.ROOT / "src" / "recos").as_posix()
        if not name.startswith("cli/") and name != "compat/calcos.py":
            yield name, list(strings(ast.parse(path.read_text())))


def test_library_does_not_speak_of_options():
    found = [(name, text) for name, texts in of_the_library() for text in texts if OPTION.search(text)]
    assert found == []


def all_options(command):
    for parameter in command.params:
        yield from parameter.opts
    if isinstance(command, click.Group):
        for name in command.list_commands(click.Context(command)):
            yield from all_options(command.get_command(click.Context(command), name))


def test_arguments_that_messages_name_have_options():
    options = set(all_options(_recos))
    named = {
        argument
        for _, texts in of_the_library()
        for text in texts
        for argument in re.findall(r"`([a-z]\w*(?:=True)?)`", text)
    }
    assert {"overwrite=True", "outdir", "find_target"} <= named
    assert {argument for argument in named if option_of(argument) not in options} == set()


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("products = 'x2d': x2d? Name one.", "--products x2d: x2d? Name one."),
        (
            "enclosed_energy = 0.9,0.1; expected 0 <= lower.",
            "--enclosed-energy 0.9,0.1; expected 0 <= lower.",
        ),
        ("a/outdir: is a file. Give another (`outdir`).", "a/outdir: is a file. Give another (-o)."),
        ("FLATFILE = a.fits: no such file.", "FLATFILE = a.fits: no such file."),
        ("Combine them with `mix_corrections=True`.", "Combine them with --mix-corrections."),
    ],
)
def test_message_as_typed(text, typed):
    assert as_typed(text) == typed


@pytest.mark.parametrize("kind", ERRORS, ids=lambda e: e.__name__)
def test_errors_can_be_pickled(kind):
    error = kind("text", path="a.fits", keyword="FLATFILE", found="x", expected=("y", "z"), remedy="Do this.")
    error.add_note("a note")
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is kind
    assert (str(copy), copy.status) == ("text", error.status)
    assert vars(copy) == vars(error)


def test_errors_carry_the_file(tmp_path):
    path = tmp_path / "none.fits"
    with pytest.raises(InputError) as caught, open_fits(path):
        pass
    assert caught.value.path == path

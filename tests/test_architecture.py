"""The rules of the architecture that a machine can check."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest

from helpers import support
from recos.data.events import EventList

SOURCES = sorted((support.ROOT / "src").rglob("*.py"))
LONGEST_FILE = 500


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(support.ROOT / "src")))
def test_file_is_short_and_has_no_global_state(path):
    text = path.read_text()
    assert len(text.splitlines()) <= LONGEST_FILE
    statements = [n.lineno for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Global)]
    assert statements == []


def test_dependencies_point_downwards():
    pytest.importorskip("importlinter")
    command = [sys.executable, support.ROOT / "scripts" / "lint_imports.py"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


def test_help_is_quick():
    """``recos --help`` loads neither scipy nor astropy."""
    code = (
        "import sys, recos.cli.main as m\n"
        "try: m.main(['--help'])\n"
        "except SystemExit: pass\n"
        "print([n for n in ('scipy', 'astropy') if n in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip().endswith("[]")


def test_no_noun_with_a_length_has_a_truth_value():
    """An empty one would count as one that is not there."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef):
                methods = {n.name for n in node.body if isinstance(n, ast.FunctionDef)}
                bases = {ast.unparse(base) for base in node.bases}
                if "__len__" in methods:
                    assert "NoTruthValue" in bases, f"{path}: {node.name}"


def test_an_empty_list_of_events_is_not_mistaken_for_none():
    events = EventList.empty()
    assert len(events) == 0
    with pytest.raises(TypeError, match="EventList has no truth value"):
        bool(events)

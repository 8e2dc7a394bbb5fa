"""The runnable example of the user guide runs; links between pages lead somewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from helpers import crds_cache, support
from recos.simulate import dataset

DOCS = support.ROOT / "docs"
PAGES = [support.ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]


def test_the_example_of_the_guide_runs(tmp_path, simulation_cache, monkeypatch, capsys):
    blocks = re.findall(r"<!-- runnable -->\n```python\n(.*?)```", (DOCS / "guide.md").read_text(), re.DOTALL)
    assert blocks
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("lref", "")
    monkeypatch.setattr(dataset, "default_cache", lambda: simulation_cache)
    for block in blocks:
        exec(compile(block, "docs/guide.md", "exec"), {})
    assert "GEOCORR moves events by" in capsys.readouterr().out


@pytest.mark.xdist_group("simulation")
def test_the_commands_of_the_page_on_tailoring_run(tmp_path, simulation_cache):
    """In one shell, in their order; the first one that fails ends it."""
    pytest.importorskip("crds", reason="the package crds is not installed")
    found = re.findall(
        r"<!-- commands -->\n```(sh|python)\n(.*?)```", (DOCS / "tailoring.md").read_text(), re.DOTALL
    )
    blocks = [f"python - <<'END'\n{text}END" if kind == "python" else text for kind, text in found]
    assert len(blocks) > 9
    cache = tmp_path / "cache" / "recos" / "simulate"
    cache.parent.mkdir(parents=True)
    cache.symlink_to(simulation_cache)
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "CRDS_PATH": str(crds_cache.make_cache(tmp_path / "crds")),
        "CRDS_SERVER_URL": crds_cache.SERVERLESS,
    }
    script = "\n".join(["set -ex", *blocks])
    done = subprocess.run(
        ["sh", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    raw = tmp_path / "data" / "raw"
    folders = ("omit", "boxcar", "tailored", "fewer", "base", "narrow", "box", "background", "mine")
    assert [name for name in folders if not list((raw / name).glob("*_x1d.fits"))] == []
    assert (raw / "change.png").is_file()


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(support.ROOT)))
def test_links_lead_to_files(page):
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
        assert (page.parent / target).exists(), target


def test_every_switch_has_a_page():
    from recos.data.switches import SWITCHES

    missing = [s for s in SWITCHES if not (DOCS / "steps" / f"{s.lower()}.md").exists()]
    assert missing == []

"""The runnable example of the user guide runs; links between pages lead somewhere."""

from __future__ import annotations

import re

import pytest

import support
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


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(support.ROOT)))
def test_links_lead_to_files(page):
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
        assert (page.parent / target).exists(), target


def test_every_switch_has_a_page():
    from recos.switches import SWITCHES

    missing = [s for s in SWITCHES if not (DOCS / "steps" / f"{s.lower()}.md").exists()]
    assert missing == []

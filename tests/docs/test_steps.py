"""The pages of the steps say what the steps say of themselves."""

from __future__ import annotations

import re

import pytest

from helpers import support
from recos.data.reference_kinds import KINDS
from recos.pipeline.recipes import RECIPE

PAGES = support.ROOT / "docs" / "steps"
STEPS = {step.switch: step for step, _, _ in RECIPE if step.switch is not None}
#: Switches of parts of other steps.
PARTS = {"IGEOCORR": "GEOCORR", "BACKCORR": "X1DCORR"}


def test_the_index_has_the_steps_in_their_order():
    listed = re.findall(r"^\| \[(\w+)\]\((\w+)\.md\)", (PAGES / "index.md").read_text(), re.MULTILINE)
    assert all(switch.lower() == page for switch, page in listed)
    assert [switch for switch, _ in listed if switch not in PARTS] == list(STEPS)
    assert {path.stem for path in PAGES.glob("*.md")} - {"index"} == {page for _, page in listed}


@pytest.mark.parametrize("switch", STEPS)
def test_a_page_names_the_reference_files(switch):
    text = (PAGES / f"{switch.lower()}.md").read_text()
    section = text.partition("## Reference files\n")[2].partition("\n## ")[0]
    named = set(re.findall(r"`([A-Z]+)`", section)) & set(KINDS)
    assert named == set(STEPS[switch].files)

"""Phrases that are not English, or not the words of the field, do not come back."""

from __future__ import annotations

import re

import pytest

from helpers import support

#: What to write instead.
PHRASES = {
    "halves up": "rounded half up",
    "for want of": "because … is missing",
    "works, too": "also works",
    "made anew": "made again",
    "is no fault": "is not a bug",
    "(events|light|spectrum|spectra|stripes?) of the sky": "external events, spectrum, stripe",
}
ROOT = support.ROOT
FILES = [
    *sorted((ROOT / "src").rglob("*.py")),
    *(path for path in sorted((ROOT / "docs").rglob("*.md")) if "specification" not in path.parts),
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
]


@pytest.mark.parametrize("phrase", PHRASES)
def test_phrases_that_are_avoided(phrase):
    found = [
        f"{path.relative_to(ROOT)}: write {PHRASES[phrase]!r}"
        for path in FILES
        if re.search(rf"\b{phrase}\b".replace(" ", r"\s+"), path.read_text(), re.IGNORECASE)
    ]
    assert not found

"""Citations of the specification point to sections that exist, and links of the documentation to pages that exist."""

from __future__ import annotations

import re

import pytest

from helpers import support

ROOT = support.ROOT
PAGES = {path.name[0]: path for path in (ROOT / "docs" / "specification").glob("[1-9]-*.md")}
FOLDERS = ("src", "tests", "docs", "benchmarks", "scripts")
FILES = [
    *(path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*"))),
    *(ROOT / name for name in ("README.md", "CHANGELOG.md")),
]
FILES = [path for path in FILES if path.suffix in (".py", ".md", ".pxd", ".toml")]

_NUMBER = r"\d+(?:\.\d+)*"
_SECTIONS = rf"sections? {_NUMBER}(?:(?:,| and| to|, and) {_NUMBER}(?!, sections? ))*"
_ONE = rf"[1-5], {_SECTIONS}"
#: «Specification 2, sections 3.1 and 4; 5, section 5.1» in prose, «2 §3.1» in tables.
_CITATION = re.compile(rf"[Ss]pecification ({_ONE}(?:(?:;|,? and|,) {_ONE})*)")
_SHORT = re.compile(rf"\b([1-5]) §({_NUMBER}(?:(?:, | and )(?:§)?{_NUMBER})*)")


def sections(chapter):
    headings = re.findall(rf"^#+ ({_NUMBER})\.? ", PAGES[chapter].read_text(), re.MULTILINE)
    return set(headings)


def citations(path):
    """Chapter and section of each citation in a file."""
    text = re.sub(r"\s+(?:#:? |> )?", " ", path.read_text())
    for citation in _CITATION.findall(text):
        for part in re.findall(_ONE, citation):
            for number in re.findall(_NUMBER, part[1:].replace("sections", "").replace("section", "")):
                yield part[0], number
    for chapter, numbers in _SHORT.findall(text):
        for number in re.findall(_NUMBER, numbers):
            yield chapter, number


def test_chapters_have_numbered_sections():
    assert sorted(PAGES) == list("12345")
    assert all(len(sections(chapter)) > 20 for chapter in PAGES)


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_citations_point_to_sections(path):
    known = {chapter: sections(chapter) for chapter in PAGES}
    missing = [f"{c}, section {n}" for c, n in citations(path) if n not in known[c]]
    assert not missing


def test_every_mention_of_the_specification_is_a_citation():
    """Otherwise nobody would check it."""
    loose = []
    for path in FILES:
        if "specification" in path.parts or path.suffix != ".py" or path.name == "test_specification.py":
            continue
        text = re.sub(r"\s+(?:#:? )?", " ", path.read_text())
        mentions = re.findall(r"[Ss]pecifications? (?:chapter )?[1-5].{0,40}", text)
        cited = [m.group(0) for m in _CITATION.finditer(text)]
        loose += [f"{path.name}: {m}" for m in mentions if not any(m.startswith(c[:20]) for c in cited)]
    assert not loose


def anchors(path):
    """Anchors of the headings of a page, as renderers of Markdown make them."""
    headings = re.findall(r"^#+ (.*)$", path.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", [p for p in FILES if p.suffix == ".md"], ids=lambda p: p.name)
def test_links_point_to_pages(path):
    for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text()):
        if not re.match(r"[a-z]+:", target):
            name, _, anchor = target.partition("#")
            page = (path.parent / name).resolve() if name else path
            assert page.exists(), target
            if anchor:
                assert anchor in anchors(page), target

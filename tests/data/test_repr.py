"""What is shown of nouns, in a terminal and in a notebook."""

from __future__ import annotations

from helpers import builders
from recos.data.events import EventList


def test_an_exposure_is_one_readable_line(reference_files):
    exposure, refs = builders.make_exposure(n=300), builders.make_refs(reference_files)
    text = repr(exposure)
    assert text.startswith(f"<Exposure {exposure.path.name}: FUV A, G130M/1291, PSA, TIME-TAG, ")
    assert text.endswith(", 300 events, not calibrated yet>")
    exposure.completed += ["tempcorr", "doppcorr"]
    exposure.corrections = frozenset({"time-bins"})
    assert repr(exposure).endswith("300 events, corrections time-bins, done up to doppcorr>")
    assert len(repr(refs)) < 2000


def test_an_exposure_is_a_small_table_in_a_notebook():
    exposure = builders.make_exposure(n=300)
    exposure.path = exposure.path.with_name("a<b>.fits")
    html = exposure._repr_html_()
    assert html.count("<tr>") == 8
    assert "<th>grating</th><td>G130M/1291</td>" in html
    assert "a&lt;b&gt;.fits" in html


def test_events():
    assert repr(EventList.empty()) == "<EventList: 0 events>"
    assert repr(builders.make_exposure(n=300).events).startswith("<EventList: 300 events, ")

"""``recos demo`` makes a data set, calibrates it, and shows products and recovery."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from recos.cli.demo import demo, recovery_table
from recos.errors import OutputExistsError
from recos.simulate import Recovery


def test_demo_calibrates_what_it_simulates(tmp_path, monkeypatch):
    monkeypatch.setenv("lref", "")
    result = CliRunner().invoke(demo, [str(tmp_path / "demo"), "--events", "20000"], catch_exceptions=False)
    assert result.exit_code == 0
    for word in ("lrec01d1q_x1d.fits", "FUVA", "FUVB", "Products", "lref="):
        assert word in result.output
    assert (tmp_path / "demo" / "new" / "lrec01010_x1dsum.fits").exists()
    # once more, over the first
    again = CliRunner().invoke(demo, [str(tmp_path / "demo"), "--events", "20000"], catch_exceptions=False)
    assert again.exit_code == 0


def test_demo_touches_no_directory_that_is_in_use(tmp_path):
    (tmp_path / "mine").write_text("keep")
    result = CliRunner().invoke(demo, [str(tmp_path)])
    assert isinstance(result.exception, OutputExistsError)
    assert [p.name for p in tmp_path.iterdir()] == ["mine"]


def test_recovery_table_has_a_row_for_each_segment():
    rows = [Recovery(s, 1000.0, 1.01, 0.02, 0.1, 0.2, 1.1) for s in ("FUVA", "FUVB")]
    assert recovery_table(rows).row_count == 2


@pytest.mark.parametrize("option", ["--events", "--seed"])
def test_demo_options_are_numbers(option):
    assert CliRunner().invoke(demo, [option, "many"]).exit_code == 2

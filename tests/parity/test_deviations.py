"""The page of deviations can be read by machines."""

from helpers import deviations


def test_keywords_are_read_from_the_last_column():
    page = """
| what | why | for compare.py |
|---|---|---|
| NEXTEND counts all extensions | `--ignore WRONG` in another column | `--ignore NEXTEND` |
| nothing to ignore | because | - |
| two | because | `--ignore TCTYP*`, `--ignore WCSAXES#` |
--ignore OUTSIDE
"""
    assert deviations.ignored_keywords(page) == ["NEXTEND", "TCTYP*", "WCSAXES#"]


def test_the_page_has_a_table():
    assert "--ignore" in deviations.PAGE.read_text()

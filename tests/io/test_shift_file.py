import pytest

from recos.errors import InputError
from recos.io.shift_file import ShiftFile

TEXT = """\
# rootname fpoffset flash segment shift1 shift2

LABC01XYQ   any  any  any   10.0
labc01xyq   0    2    FUVB  -3.5  1.5
labc01xyq   -1   1    fuva  7.0
other       any  any  any   99
any         1    any  nuvc  n/a  2
"""


@pytest.fixture
def shifts(tmp_path):
    path = tmp_path / "shifts.txt"
    path.write_text(TEXT)
    return ShiftFile.read(path)


def test_rootnames_match_in_any_case(shifts):
    assert shifts.lookup("labc01xyq", 0, 1, "FUVA").shift1 == 10.0
    assert shifts.lookup("LABC01XYQ", 0, 1, "FUVA").shift1 == 10.0


def test_the_last_line_that_applies_wins(shifts):
    found = shifts.lookup("labc01xyq", 0, 2, "FUVB")
    assert found == (-3.5, 1.5, 2)


def test_any_in_the_query_matches_every_line(shifts):
    assert shifts.lookup("labc01xyq", 0, None, "FUVB").shift1 == -3.5
    assert shifts.lookup("labc01xyq", 0, None, None).matches == 2


def test_fpoffset_selects(shifts):
    assert shifts.lookup("labc01xyq", -1, 1, "FUVA").shift1 == 7.0
    assert shifts.lookup("labc01xyq", 0, 1, "FUVA").shift1 == 10.0


def test_not_specified(shifts):
    assert shifts.lookup("xyz", 1, 1, "NUVC") == (None, 2.0, 1)
    assert shifts.lookup("xyz", 0, 1, "NUVC") == (None, None, 0)
    assert shifts.applies_to("xyz", 1)
    assert not shifts.applies_to("xyz", 0)


def test_a_repeated_key_keeps_its_place(tmp_path):
    path = tmp_path / "s.txt"
    path.write_text("any any 1 FUVA 1\nany any any FUVA 2\nany any 1 FUVA 3\n")
    # the later value 3 stands at the place of the first line, so the second line is still the last match
    assert ShiftFile.read(path).lookup("r", 0, 1, "FUVA") == (2.0, None, 2)


@pytest.mark.parametrize(
    "line",
    [
        "any any any FUVA",
        "any any any FUVA 1 2 3",
        "any zero any FUVA 1",
        "any any 1.5 FUVA 1",
        "any any any FUVA 1,5",
        "any any 0 FUVA 1",
        "any any any FUVC 1",
        "any any any FUVA nan",
        "any any any FUVA 1 inf",
    ],
)
def test_a_malformed_line_is_named(tmp_path, line):
    path = tmp_path / "shifts.txt"
    path.write_text("# comment\n" + line + "\n")
    with pytest.raises(InputError, match=r"shifts\.txt, line 2: ") as error:
        ShiftFile.read(path)
    assert line in str(error.value)


def test_a_missing_file_is_an_input_error(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        ShiftFile.read(tmp_path / "none.txt")

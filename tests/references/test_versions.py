"""Comparison of versions: the examples of specification 1, section 8.4."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recos.references.versions import compare_version


@pytest.mark.parametrize(
    ("version", "lowest", "expected"),
    [
        ("2.0", "2.0", 0),
        ("1.9", "2.0", -1),
        ("3.7", "2.0", 1),
        ("3.6.2", "2.0", 0),
        ("3.6.2.1", "2.0", 1),
        ("2.21.1b", "2.0", 0),
        ("", "2.0", -1),
        ("3.6.2.dev1", "2.0", 1),
        ("3", "3.1", -1),
        ("3.1", "3.1", 0),
    ],
)
def test_against_the_version_of_the_reference(version, lowest, expected):
    assert compare_version(version, lowest, "3.6.2") == expected


@pytest.mark.parametrize(
    ("lowest", "version", "highest", "expected"),
    [
        ("2.0", "2.13.1", "2.13", 1),
        ("2.12d", "2.13b", "2.13a", 1),
        ("2.13d", "2.13b", "2.13a", -1),
        ("2.13", "2.13b", "2.13c", 0),
    ],
)
def test_letters(lowest, version, highest, expected):
    assert compare_version(version, lowest, highest) == expected


versions = st.lists(st.integers(0, 30), min_size=1, max_size=4)


@given(versions, versions, versions)
def test_numbers_compare_as_tuples(version, lowest, highest):
    def padded(v):
        return [*v, 0, 0, 0, 0][:4]

    texts = [".".join(map(str, v)) for v in (version, lowest, highest)]
    v, low, high = padded(version), padded(lowest), padded(highest)
    if low > high:  # either limit may then be reported
        assert compare_version(*texts) in (-1, 1)
    else:
        assert compare_version(*texts) == (-1 if v < low else int(v > high))

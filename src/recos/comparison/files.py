"""Compare two files, or all products of two folders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from recos.comparison.hdus import Hdu, open_file
from recos.comparison.headers import KeywordChoice, compare_headers, compare_notes
from recos.comparison.images import compare_images
from recos.comparison.pairs import find_pairs, parse_kinds
from recos.comparison.result import Comparison, Fact, FileComparison
from recos.comparison.tables import compare_tables
from recos.comparison.values import ValueChange
from recos.errors import UsageError


def compare(
    old: str | Path,
    new: str | Path,
    *,
    rtol: float = 0.0,
    products: str | Iterable[str] | None = None,
    ignore: str | Iterable[str] = (),
    all_keywords: bool = False,
) -> Comparison:
    """What changed between two sets of products.

    Parameters
    ----------
    old, new : str or Path
        Two files, two folders, or a file and the folder that holds its counterpart. Products of folders are paired
        by name; a name may end in ``.fits.gz``.
    rtol : float
        Floating-point values and keywords are equal if they differ by no more than this, relative to the larger of
        the two. By default they must be equal exactly; NaN equals NaN.
    products : str or iterable of str, optional
        Compare only these kinds, such as ``"x1d,x1dsum"``.
    ignore : str or iterable of str
        Keywords to leave out, with wildcards, such as ``"SHIFT*"``.
    all_keywords : bool
        Also compare keywords that tell who made a file and when, checksums, HISTORY and COMMENT.

    Returns
    -------
    Comparison
        For each file what differs; ``is_equal``, ``table()``, ``plot(path)``.

    Raises
    ------
    UsageError
        If an argument is impossible.
    ComparisonError
        If a file or folder does not exist or cannot be read, or there is nothing in common.

    Examples
    --------
    >>> import recos
    >>> found = recos.compare("before", "after", products="x1d")      # doctest: +SKIP
    >>> print(recos.comparison.verdict(found.files[0]))               # doctest: +SKIP
    differs: FLUX up to 0.3 sigma, rms 0.02 sigma; 2 keywords
    >>> found.table()["ROW", "NAME", "LARGEST_IN_UNITS"]              # doctest: +SKIP
    """
    if not 0.0 <= rtol < 1.0:
        raise UsageError(f"rtol = {rtol}: expected a number from 0 to below 1, such as 1e-6.")
    patterns = [ignore] if isinstance(ignore, str) else ignore
    keywords = KeywordChoice(tuple(word.strip().upper() for word in patterns), all_keywords)
    both, only_old, only_new = find_pairs(old, new, parse_kinds(products))
    files = [_compare_files(name, a, b, keywords, rtol) for name, a, b in both]
    return Comparison(Path(old), Path(new), files, only_old, only_new)


def _compare_files(name: str, old: Path, new: Path, keywords: KeywordChoice, rtol: float) -> FileComparison:
    result = FileComparison(name, old, new)
    with open_file(old) as ours, open_file(new) as theirs:
        for found in _differences(ours, theirs, keywords, rtol):
            if isinstance(found, Fact):
                result.facts.append(found)
            else:
                result.values.append(found)
    return result


def _differences(
    ours: Mapping[str, Hdu], theirs: Mapping[str, Hdu], keywords: KeywordChoice, rtol: float
) -> Iterator[Fact | ValueChange]:
    primary = ours["PRIMARY"].header
    yield from compare_notes(primary, theirs["PRIMARY"].header, keywords)
    for label in dict.fromkeys([*ours, *theirs]):
        if label not in theirs:
            yield Fact("structure", label, "extension", "there", None)
        elif label not in ours:
            yield Fact("structure", label, "extension", None, "there")
        else:
            old, new = ours[label], theirs[label]
            yield from compare_headers(label, old.header, new.header, keywords, rtol)
            if old.kind != new.kind:
                yield Fact("structure", label, "kind", old.kind, new.kind)
            elif old.kind == "table":
                yield from compare_tables(old, new, rtol, has_flux=primary.get("FLUXCORR") == "COMPLETE")
            else:
                yield from _images(old, new, ours, rtol)


def _images(old: Hdu, new: Hdu, ours: Mapping[str, Hdu], rtol: float) -> Iterator[Fact | ValueChange]:
    if old.shape != new.shape:
        yield Fact("structure", old.label, "shape", old.shape, new.shape)
    elif old.shape:
        error = ours.get(old.label.replace("SCI", "ERR")) if old.name == "SCI" else None
        change = compare_images(old, new, error, rtol)
        if change is not None:
            yield change

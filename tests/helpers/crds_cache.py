"""An offline cache of CRDS with a few rules, made with the package crds itself."""

from __future__ import annotations

import pprint
from pathlib import Path

CONTEXTS = ("hst_0001.pmap", "hst_0002.pmap")
#: A name that crds takes for the wish to work without a server.
SERVERLESS = "https://hst-crds-serverless.stsci.edu"


def make_cache(folder: Path) -> Path:
    """Write rules for some kinds of reference files of COS.

    FLATFILE depends on DETECTOR and the date, and the second context has a newer one; DEADTAB exists only for the
    NUV, XTRACTAB is not applicable, SPOTTAB has its own rule, WCPTAB depends on OPT_ELEM.
    """
    mappings = folder / "mappings" / "hst"
    mappings.mkdir(parents=True)
    for number, newest in ((1, "new_flat.fits"), (2, "newest_flat.fits")):
        dates = {"1996-10-01 00:00:00": "old_flat.fits", "2009-06-01 00:00:00": newest}
        dates["2035-01-01 00:00:00"] = "future_flat.fits"
        rules = {
            "flatfile": _rmap(mappings, "FLATFILE", number, ("DETECTOR",), {("FUV",): dates}),
            "deadtab": _rmap(
                mappings, "DEADTAB", number, ("DETECTOR",), {("NUV",): _always("nuv_dead.fits")}
            ),
            "spottab": _rmap(mappings, "SPOTTAB", number, ("DETECTOR",), {("FUV",): _always("X_SPOT.FITS")}),
            "wcptab": _rmap(
                mappings, "WCPTAB", number, ("OPT_ELEM",), {("G130M|G160M",): _always("sim_wcp.fits")}
            ),
            "xtractab": "N/A",
        }
        imap = f"hst_cos_{number:04d}.imap"
        _write(
            mappings / imap,
            _header("INSTRUMENT", imap, ("REFTYPE",), instrument="COS"),
            pprint.pformat(rules),
        )
        pmap = f"hst_{number:04d}.pmap"
        _write(mappings / pmap, _header("PIPELINE", pmap, ("INSTRUME",)), pprint.pformat({"COS": imap}))
    _write_server_config(folder / "config" / "hst")
    return folder


def _always(name: str) -> dict[str, str]:
    return {"1996-10-01 00:00:00": name}


def _header(kind: str, name: str, parkey: tuple, **more: object) -> dict[str, object]:
    common = {"mapping": kind, "observatory": "HST", "name": name, "parkey": parkey, "derived_from": "none"}
    return common | {"description": "for tests", "sha1sum": "0" * 40} | more


def _rmap(folder: Path, keyword: str, number: int, parameters: tuple[str, ...], rules: dict) -> str:
    name = f"hst_cos_{keyword.lower()}_{number:04d}.rmap"
    header = _header(
        "REFERENCE",
        name,
        (parameters, ("DATE-OBS", "TIME-OBS")),
        instrument="COS",
        filekind=keyword,
        reffile_format="IMAGE" if keyword.endswith("FILE") else "TABLE",
        reffile_required="NONE",
        reffile_switch="NONE",
    )
    cases = "".join(f"    {key!r}: UseAfter({dates!r}),\n" for key, dates in rules.items())
    _write(folder / name, header, f"Match({{\n{cases}}})")
    return name


def _write(path: Path, header: dict[str, object], selector: str) -> None:
    """Write a mapping, with the checksum that crds demands."""
    from crds.core import rmap

    path.write_text(f"header = {pprint.pformat(header)}\n\nselector = {selector}\n")
    rmap.Mapping.from_file(str(path), ignore_checksum=True).write()


def _write_server_config(folder: Path) -> None:
    """What crds keeps of its last talk to the server."""
    folder.mkdir(parents=True)
    config = {
        "observatory": "hst", "status": "cache", "connected": False, "last_synced": "2026-01-01 00:00:00.0",
        "operational_context": CONTEXTS[-1], "latest_context": CONTEXTS[-1], "mappings": list(CONTEXTS),
        "bad_files": "", "bad_files_list": [], "force_remote_mode": False, "crds_version": {"str": "14.0"},
    }  # fmt: skip
    (folder / "server_config").write_text(pprint.pformat(config))

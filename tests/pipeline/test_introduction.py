"""The introduction of an exposure in its trailer."""

from __future__ import annotations

from pathlib import Path

from helpers.folder import ROOT
from recos.messages import messages_to
from recos.options.run import Options
from recos.pipeline.introduction import introduce


def test_lines(folder):
    headers, names = next(iter(folder.read()))
    lines: list[str] = []
    with messages_to(lambda record: lines.append(record.getMessage())):
        introduce(headers.mode, names, Options(shift_file=Path("s.txt")), flashes=True)
    assert lines[0].startswith("\nTIME-TAG calibration -- ")
    assert lines[1:] == [
        f"Input     {folder.raw('a')}",
        f"OutTag    {folder.new}/{ROOT}_corrtag_a.fits",
        f"OutFlt    {folder.new}/{ROOT}_flt_a.fits",
        f"OutCounts {folder.new}/{ROOT}_counts_a.fits",
        f"OutFlash  {folder.new}/{ROOT}_lampflash.fits",
        "wavecal shifts overridden by file s.txt",
        "DETECTOR  FUV, segment A",
        "EXPTYPE   EXTERNAL/SCI",
        f"OPT_ELEM  G130M, CENWAVE 1291, FPOFFSET {headers.mode.fpoffset}",
        "APERTURE  PSA\n",
    ]

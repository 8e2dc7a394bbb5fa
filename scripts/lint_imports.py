"""Check the direction of imports: lint-imports on the sources.

The command itself would ask the editable installation for folders, which it serves from several places.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from importlinter.cli import lint_imports_command

if __name__ == "__main__":
    os.chdir(Path(__file__).resolve().parents[1])
    sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__name__ != "MesonpyMetaFinder"]
    sys.path.insert(0, "src")
    lint_imports_command()

"""Store what PyTorch prints for the scripts of the tests: `python tools/script_goldens.py` (needs the torch package)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "tests" / "data" / "scripts"


def main() -> None:
    """Run every script under PyTorch, and write its output beside it."""
    for script in sorted(FOLDER.glob("*.py")):
        done = subprocess.run(
            [sys.executable, script], capture_output=True, text=True, check=True, env={**os.environ, "OMP_NUM_THREADS": "1"}
        )
        script.with_suffix(".out").write_text(done.stdout, encoding="utf-8")


if __name__ == "__main__":
    main()

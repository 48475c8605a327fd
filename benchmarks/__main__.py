"""`python -m benchmarks [SUITE ...]`: measures and prints one table; a suite is a folder with a `rows()` function."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path

# One thread each, so that the ratio compares programs and not machines; BLAS reads these when it is loaded.
for _variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
_HERE = Path(__file__).parent


def suites() -> list[str]:
    """The names of all suites."""
    return sorted(p.parent.name for p in _HERE.glob("*/__init__.py"))


def main(wanted: list[str]) -> int:
    """Measure the wanted suites (all, where none is named) and print their rows as they come."""
    from .row import TITLES, cells, line

    known = suites()
    unknown = [name for name in wanted if name not in known]
    if unknown:
        print(f"no suite named {', '.join(unknown)}; there are: {', '.join(known)}", file=sys.stderr)
        return 2
    print(line(TITLES))
    for name in wanted or known:
        for row in importlib.import_module(f"{__package__}.{name}").rows():
            print(line(cells(row)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

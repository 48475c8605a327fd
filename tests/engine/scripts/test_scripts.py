"""Whole scripts as people write them print on the engine what they print under PyTorch."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SCRIPTS = sorted((ROOT / "tests" / "data" / "scripts").glob("*.py"))
NUMBER = re.compile(r"((?<![\w.])[-+]?(?:\d+\.\d*|\.\d+)(?:[eE][-+]?\d+)?|(?<![\w.])[-+]?\d+[eE][-+]?\d+)")


def difference(expected: str, actual: str) -> str | None:
    """The first line that differs by more than rounding, or None."""
    want, got = expected.splitlines(), actual.splitlines()
    for left, right in zip(want, got, strict=False):
        a, b = NUMBER.split(left), NUMBER.split(right)
        same = len(a) == len(b) and a[::2] == b[::2]
        if not same or any(abs(float(x) - float(y)) > 1e-4 + 1e-3 * abs(float(x)) for x, y in zip(a[1::2], b[1::2], strict=True)):
            return f"expected: {left}\nactual:   {right}"
    return None if len(want) == len(got) else f"{len(want)} lines against {len(got)}"


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_prints_what_pytorch_prints(script: Path) -> None:
    done = subprocess.run([sys.executable, ROOT / "main.py", "run", script], capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    assert difference(script.with_suffix(".out").read_text(encoding="utf-8"), done.stdout) is None

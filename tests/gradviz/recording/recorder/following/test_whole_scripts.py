"""Whole scripts are recorded both ways, byte for byte the same: those of the engine's tests, a share of those with mistakes, and ops."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.campaigns import SHARE

from .both_ways import check_same

HERE = Path(__file__).parents[4]
SCRIPTS = sorted((HERE / "data" / "scripts").glob("*.py"))
MISTAKES = sorted(path for path in (HERE / "problems").rglob("*.py") if not path.name.startswith("test_"))
EACH = (
    1 if SHARE >= 1 else 4
)  # of so many with a mistake one is recorded now: they are recorded in tests/problems, too, and explained there


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_whole_scripts(path: Path) -> None:
    check_same(path.read_text())


@pytest.mark.slow
@pytest.mark.parametrize("part", range(10))
def test_scripts_with_mistakes(part: int) -> None:
    assert len(MISTAKES) > 300
    for path in MISTAKES[::EACH][part::10]:
        check_same(path.read_text())


@pytest.mark.slow
def test_a_loop_around_every_op() -> None:
    ask = [sys.executable, "-m", "tests.gradviz.recording.recorder.following.every_op", str(EACH)]
    done = subprocess.run(ask, capture_output=True, text=True, check=False, cwd=HERE.parent)
    assert done.returncode == 0, done.stderr
    *different, count = done.stdout.splitlines()
    assert not different
    assert int(count.split()[0]) > 500 // EACH

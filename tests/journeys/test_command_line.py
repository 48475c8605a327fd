"""The commands without a window, in child processes: run, record, info, render, screenshot."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests" / "data"
LESSON = DATA / "gradient_computation.py"


def gradviz(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """`python main.py WORDS`, in a folder, with a home of its own."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "HOME": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, str(ROOT / "main.py"), *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_run_prints_what_pytorch_prints(tmp_path: Path) -> None:
    done = gradviz("run", str(LESSON), folder=tmp_path)
    assert done.stdout == (DATA / "gradient_computation.out").read_text()
    assert done.returncode == 0


def test_run_passes_arguments_and_the_exit_code(tmp_path: Path) -> None:
    (tmp_path / "args.py").write_text("import sys\nprint(sys.argv[1:], __name__)\nsys.exit(7)\n")
    done = gradviz("run", "args.py", "a", "--b", folder=tmp_path)
    assert done.stdout == "['a', '--b'] __main__\n"
    assert done.returncode == 7


def test_record_and_info_and_render(tmp_path: Path) -> None:
    assert gradviz("record", str(LESSON), "-o", "lesson.gvrec", folder=tmp_path).returncode == 0
    told = json.loads(gradviz("info", "lesson.gvrec", "--json", folder=tmp_path).stdout)
    assert told["events"] > 200
    done = gradviz("render", "lesson.gvrec", "--at", "30", "-o", "graph.svg", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "<svg" in (tmp_path / "graph.svg").read_text()[:2000]


def test_screenshot_writes_the_window(tmp_path: Path) -> None:
    done = gradviz("screenshot", "window.png", "--at", "20", "--theme", "light", "--size", "1280x800", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "window.png").read_bytes()[16:24] == (1280).to_bytes(4, "big") + (800).to_bytes(4, "big")


@pytest.mark.parametrize(
    "words",
    [
        ("run", "nowhere.py"),
        ("lint", "nowhere.py"),
        ("record", "nowhere.py", "-o", "x.gvrec"),
        ("info", "nowhere.gvrec"),
        ("render", "nowhere.py", "-o", "x.svg"),
    ],
)
def test_a_missing_file_is_one_clear_line_and_exit_code_2(tmp_path: Path, words: tuple[str, ...]) -> None:
    done = gradviz(*words, folder=tmp_path)
    assert done.returncode == 2
    assert "nowhere" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_lint_names_the_line_without_running_the_script(tmp_path: Path) -> None:
    (tmp_path / "scaled.py").write_text("import torch\nopen('ran', 'w')\nw = torch.randn(3, requires_grad=True) * 0.1\n")
    done = gradviz("lint", "scaled.py", folder=tmp_path)
    assert done.returncode == 1
    assert done.stdout.startswith("scaled.py:3:5: computed leaf: w is computed from the leaf that requires grad")
    assert not (tmp_path / "ran").exists()
    assert gradviz("lint", str(LESSON), folder=tmp_path).returncode == 0

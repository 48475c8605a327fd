"""The installed app beside a user's own engine.py and ui.py: it owns none of these names."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = ("engine", "gradviz", "ui", "main.py", "hatch_build.py", "pyproject.toml", "README.md", "LICENSE")


def test_the_wheel_runs_in_a_folder_with_an_engine_of_its_own(tmp_path: Path) -> None:
    tree, wheels, site, home = (tmp_path / name for name in ("tree", "wheels", "site", "home"))
    home.mkdir()
    tree.mkdir()
    for name in SOURCES:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, tree / name)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q"]
    subprocess.run([*pip, "wheel", "--no-deps", "--no-build-isolation", "-w", str(wheels), str(tree)], check=True, timeout=300)
    (wheel,) = wheels.glob("*.whl")
    subprocess.run([*pip, "install", "--no-deps", "--target", str(site), str(wheel)], check=True, timeout=300)
    assert not {"engine", "ui"} & {p.name for p in site.iterdir()}

    mine = tmp_path / "mine"
    mine.mkdir()
    for name in ("engine.py", "ui.py"):
        (mine / name).write_text("raise SystemExit('the file of the user was imported by gradviz')\n")
    shutil.copy(ROOT / "tests" / "data" / "gradient_computation.py", mine / "lesson.py")
    environment = {**os.environ, "PYTHONPATH": str(site), "HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "gradviz", *words]
        return subprocess.run(command, cwd=mine, env=environment, capture_output=True, text=True, timeout=120, check=False)

    done = run("run", "lesson.py")
    assert done.stdout == (ROOT / "tests" / "data" / "gradient_computation.out").read_text(), done.stderr
    lessons = site / "gradviz" / "lessons" / "data"
    assert len(list(lessons.glob("*.toml"))) == len(list((ROOT / "gradviz" / "lessons" / "data").glob("*.toml")))
    done = run("check-lesson", str(lessons / "01_tracking.toml"))
    assert done.returncode == 0, done.stderr
    assert "All is well" in done.stdout
    done = run("screenshot", "window.png", "--open", "lesson.py")
    assert done.returncode == 0, done.stderr
    assert (mine / "window.png").stat().st_size > 10_000

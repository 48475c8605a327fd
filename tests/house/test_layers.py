"""The arrows between the packages run one way, and no package carries more than it names."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STANDARD = set(sys.stdlib_module_names) | {"__future__"}
ALLOWED = {"engine": {"numpy", "engine"}, "gradviz": {"numpy", "networkx", "engine", "gradviz"}}
UPWARD = {("gradviz/__main__.py", "ui")}  # where the app starts: the one arrow up


def imports(file: Path) -> set[str]:
    """The top-level packages that a file imports, relative imports aside."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("package", ["engine", "gradviz"])
def test_a_package_imports_only_what_its_layer_may(package: str) -> None:
    wrong = []
    for file in sorted((ROOT / package).rglob("*.py")):
        if "data" in file.relative_to(ROOT / package).parts:
            continue  # scripts of lessons
        name = file.relative_to(ROOT).as_posix()
        extra = imports(file) - STANDARD - ALLOWED[package]
        wrong += [f"{name}: {each}" for each in sorted(extra) if (name, each) not in UPWARD]
    assert wrong == []


def child(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def test_the_engine_runs_without_qt_and_gradviz_without_a_window() -> None:
    code = (
        "import sys, engine, gradviz.debugger.session, gradviz.running.execute; print([m for m in sys.modules if m.startswith('PySide6')])"
    )
    assert child(code) == "[]"


def test_no_file_is_longer_than_a_reader_bears() -> None:
    long = {
        file.relative_to(ROOT).as_posix(): lines
        for package in ("engine", "gradviz", "ui")
        for file in (ROOT / package).rglob("*.py")
        if (lines := len(file.read_text(encoding="utf-8").splitlines())) > 600
    }
    assert long == {}

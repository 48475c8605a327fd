"""A package that is imported in turns is the same as one that is imported at once, and one that fails leaves nothing behind."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from ui.qt.package_in_turns import PackageInTurns

PARTS = "from .part import name\nname = name + name\n__all__ = ['name']\ndef told():\n    return name, __name__, __file__\n"

PLOT = """
import sys
from PySide6.QtTest import QTest
from ui.qt.application import application
from ui.settings import Settings
from ui.window.main_window import MainWindow
application()
window = MainWindow(Settings(sys.argv[1]))
window.show()
window.workbench.open_lesson()
QTest.qWait(200)
assert "pyqtgraph" not in sys.modules
window.docks["Gradients"].raise_()
while window.plots.graph_view is None or not window.plots.graph_view.isVisible():
    QTest.qWait(5)
import pyqtgraph
print(pyqtgraph.PlotWidget.__name__, pyqtgraph.mkPen((1, 2, 3)).color().name())
window.close()
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    name = f"package_of_{request.node.name}"
    (tmp_path / name).mkdir()
    (tmp_path / name / "__init__.py").write_text(PARTS)
    (tmp_path / name / "part.py").write_text("name = 'ab'\n")
    monkeypatch.syspath_prepend(tmp_path)
    return name


def test_each_turn_brings_a_part_and_the_last_one_all(package: str) -> None:
    loading = PackageInTurns(package)
    turns = 1
    while loading.go_on(0):
        turns += 1
    assert turns == 5, "four statements, and the end"
    made = importlib.import_module(package)
    assert made.told() == ("abab", package, made.__file__)
    again = PackageInTurns(package)
    assert not again.go_on() and importlib.import_module(package) is made


def test_who_cannot_wait_gets_the_rest_at_once(package: str) -> None:
    loading = PackageInTurns(package)
    assert loading.go_on(0)
    loading.finish()
    assert importlib.import_module(package).told()[0] == "abab"


def test_what_fails_is_not_there_and_says_so_when_it_is_imported(package: str, tmp_path: Path) -> None:
    (tmp_path / package / "part.py").write_text("name = missing\n")
    with pytest.raises(NameError):
        PackageInTurns(package).finish()
    assert package not in sys.modules
    with pytest.raises(NameError):
        importlib.import_module(package)


def test_the_first_plot_is_made_of_it(tmp_path: Path) -> None:
    told = subprocess.run([sys.executable, "-c", PLOT, str(tmp_path / "s.ini")], capture_output=True, text=True, check=False, timeout=300)
    assert told.stdout.split() == ["PlotWidget", "#010203"], told.stderr

"""What the editor is made of is loaded before it is wanted, a little at a time; who wants it sooner has it, too."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ui.editor.pilot import Pilot

CHILD = """
import sys
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from ui.qt.application import application
from ui.settings import Settings
from ui.window.main_window import MainWindow
app = application()
window = MainWindow(Settings(sys.argv[1]))
window.show()
asked = []
window.room.load_ahead(lambda: len(asked) < 3 and not asked.append(1))
def loaded():
    return hasattr(sys.modules.get("ui.editor.panel"), "EditorPanel")
while "ui.editor.panel" not in sys.modules:
    app.processEvents()
print(len(asked), loaded(), flush=True)
while sys.argv[2] == "whole" and not loaded():
    app.processEvents()
QTest.keyClick(window, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
print(window.room.panel.isVisible(), flush=True)
"""


@pytest.mark.parametrize("far", ["whole", "half"])
def test_the_editor_is_loaded_in_turns_and_may_be_wanted_meanwhile(far: str, tmp_path: Path) -> None:
    room = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    made = subprocess.run(
        [sys.executable, "-c", CHILD, str(tmp_path / "settings.ini"), far], capture_output=True, text=True, timeout=120, env=room
    )
    assert made.stdout.splitlines() == ["3 False", "True"], made.stderr


def test_the_rows_of_a_category_are_there_when_it_is_opened(pilot: Pilot) -> None:
    tree = pilot.window.room.panel.palette_.tree
    groups = {item.text(0): item for k in range(tree.topLevelItemCount()) if (item := tree.topLevelItem(k)) is not None}
    assert groups["Reductions"].isExpanded() and groups["Reductions"].childCount() > 5
    layers = groups["Layers"]
    assert layers.childCount() == 0
    tree.expandItem(layers)
    assert "Linear" in [layers.child(k).text(0) for k in range(layers.childCount())]
    tree.collapseItem(layers)
    tree.expandItem(layers)
    names = [layers.child(k).text(0) for k in range(layers.childCount())]
    assert len(names) == len(set(names))

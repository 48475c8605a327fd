"""What the editor is made of is loaded before it is wanted, a little at a time; who wants it sooner has it, too."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ui.editor.pilot import Pilot

HALF = """
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
while "ui.editor.panel" not in sys.modules:
    app.processEvents()
print(len(asked), hasattr(sys.modules["ui.editor.panel"], "EditorPanel"))
QTest.keyClick(window, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
print(window.room.panel.isVisible(), flush=True)
"""
APP = """
import os, sys
import gradviz.__main__ as start
start.prepare()
import ui.window.main_window as rooms
class Watched(rooms.MainWindow):
    def __init__(self, *given):
        super().__init__(*given)
        from PySide6.QtCore import QTimer
        self._looks = QTimer(self)
        self._looks.timeout.connect(self.look)
        self._looks.start(5)
    def look(self):
        if hasattr(sys.modules.get("ui.editor.panel"), "EditorPanel"):
            print(all(dock.furnished for dock in self.docks.values()), flush=True)
            os._exit(0)
rooms.MainWindow = Watched
start.main([])
"""


@pytest.mark.parametrize(("program", "printed"), [(HALF, ["3 False", "True"]), (APP, ["True"])], ids=["wanted half way", "the app"])
def test_the_editor_is_loaded_in_turns_and_may_be_wanted_meanwhile(program: str, printed: list[str], tmp_path: Path) -> None:
    """The app begins when all panels are there: within 3 seconds of the start Ctrl+E held the window up for a third of a second."""
    room = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    made = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "settings.ini")], capture_output=True, text=True, timeout=120, env=room
    )
    assert made.stdout.splitlines() == printed, made.stderr


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

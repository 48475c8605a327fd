"""Nodes found by typing, files opened again by a key, the whole screen: keys that graph editors share."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.ui.editor.pilot import Pilot
from ui.actions.actions import TABLE
from ui.editor.asking.picker import Picker
from ui.editor.asking.quick_add import add_expression
from ui.window.main_window import MainWindow

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
# what somebody who comes from Blender, Unreal, Netron or a debugger will press
KEYS = {
    "fit": "Home", "zoom_selection": "F", "actual": "Ctrl+0", "zoom_in": "Ctrl+=", "zoom_out": "Ctrl+-", "add_node": "Shift+A",
    "find": "Ctrl+F", "palette": "Ctrl+Shift+P Ctrl+K", "select_upstream": "L", "select_downstream": "Shift+L", "duplicate": "Ctrl+D Shift+D",
    "delete": "X Del", "delete_reconnect": "Ctrl+Del", "collapse": "Ctrl+G H", "uncomment": "Ctrl+Shift+G", "comment": "C", "mute": "M",
    "rename": "F2", "arrange": "Ctrl+L", "direction": "Ctrl+Shift+L", "show_shapes": "Alt+1", "show_values": "Alt+2", "show_grads": "Alt+3",
    "properties": "Ctrl+Return N", "breakpoint": "F9", "clear_breakpoints": "Ctrl+Shift+F9", "run": "F5", "over": "F10", "step": "F11",
    "back_over": "Shift+F10", "stop": "Shift+F5", "requires_grad": "R", "no_grad": "G", "open": "Ctrl+O", "save": "Ctrl+S",
    "export": "Ctrl+Shift+E", "recent_1": "Ctrl+1", "recent_9": "Ctrl+9", "undo": "Ctrl+Z", "redo": "Ctrl+Shift+Z Ctrl+Y", "help": "F1",
    "shortcuts": "?", "full_screen": "Shift+F11",
}  # fmt: skip


@pytest.mark.parametrize("action", KEYS)
def test_the_keys_are_those_that_graph_editors_share(action: str) -> None:
    (row,) = [row for row in TABLE if row.id == action]
    assert set(KEYS[action].split()) <= set(row.shortcuts)


def test_no_key_is_one_that_linux_takes_to_leave_the_desktop() -> None:
    assert [row.id for row in TABLE for key in row.shortcuts if re.fullmatch(r"Ctrl\+Alt\+F\d+|Alt\+F[1-8]", key)] == []


def find(window: MainWindow, typed: str) -> None:
    QTest.keyClick(window, Qt.Key.Key_F, CONTROL)
    picker = window.findChild(Picker)
    assert picker is not None
    QTest.keyClicks(picker.line, typed)
    QTest.keyClick(picker.line, Qt.Key.Key_Return)


def test_a_node_of_the_recording_is_found_by_its_name(window: MainWindow) -> None:
    graph = window.bridge.graph()
    assert graph is not None
    window.canvas.zoom(8.0)
    wanted = next(n for n in graph.nodes if n.title == "weights")
    find(window, "weights")
    assert window.bridge.selected == (wanted.id,)
    assert window.canvas.shown.contains(window.canvas.geometry_.rect(wanted.id).center())


def test_a_node_of_the_editor_is_found_by_its_operation(window: MainWindow) -> None:
    pilot = Pilot(window)
    view, desk = pilot.view, window.room.desk
    add_expression(view, "loss = mean((w*x + b - y)**2)", QPointF(100, 100))
    view.zoom(6.0)
    find(window, "torch.sub")
    assert [desk.document.blocks[b].op for b in desk.selected] == ["torch.sub"]
    assert view.shown.contains(view.shapes.blocks[desk.selected[0]].rect.center())
    desk.history.set_clean()


def test_a_recent_file_is_opened_by_its_number(window: MainWindow, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.py").write_text(f"# {name}\n")
        assert window.workbench.open(str(tmp_path / f"{name}.py"))
    QTest.keyClick(window, Qt.Key.Key_2, CONTROL)
    assert window.source.text == "# one\n"
    menu: Any = next(action.menu() for action in window.menus["File"].actions() if "recent" in action.text())
    menu.aboutToShow.emit()
    assert [a.text() for a in menu.actions() if a.isVisible()][:2] == [str(tmp_path / "one.py"), str(tmp_path / "two.py")]
    QTest.keyClick(window, Qt.Key.Key_9, CONTROL)
    assert window.source.text == "# one\n"


def test_the_window_takes_the_whole_screen_and_gives_it_back(window: MainWindow, qtbot: QtBot) -> None:
    QTest.keyClick(window, Qt.Key.Key_F11, SHIFT)
    qtbot.waitUntil(window.isFullScreen)
    QTest.keyClick(window, Qt.Key.Key_F11, SHIFT)
    qtbot.waitUntil(lambda: not window.isFullScreen())

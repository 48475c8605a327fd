"""The alarms in the window: listed, counted in the tab, and a click goes there."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.ui.conftest import keep
from ui.canvas.chips import Chip, Chips
from ui.main_window import MainWindow

SCRIPT = """import torch
w = torch.ones(3, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.01)
for step in range(3):
    loss = (w * 3).sum()
    loss.backward()
    optimizer.step()
"""


def test_a_forgotten_zero_grad_shows_in_the_tab_and_a_click_goes_there(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    script = tmp_path / "forgot.py"
    script.write_text(SCRIPT)
    window.workbench.open(str(script))
    window.workbench.run(allowed=True)
    qtbot.waitUntil(lambda: len(window.alarms.alarms) == 1, timeout=20_000)
    assert window.docks["Alarms"].windowTitle() == "Alarms (1)"
    window.docks["Alarms"].raise_()
    panel = window.alarms
    qtbot.waitUntil(panel.isVisible, timeout=2000)
    assert "zero_grad forgotten" in panel.list.item(0).text()
    QTest.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=panel.list.visualItemRect(panel.list.item(0)).center())
    session = window.bridge.session
    assert session is not None
    assert session.position == panel.alarms[0].event
    assert window.bridge.selected == panel.alarms[0].nodes
    assert "holds the sum of 2 backward passes" in panel.sentence.text()
    keep(window, "alarms-dark")


VANISHING = """import torch
w = torch.ones(3, requires_grad=True)
h = w * 1e-9
loss = (h * 2).sum()
loss.backward()
"""


def test_a_vanishing_gradient_is_marked_at_the_layer_and_at_its_line(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    script = tmp_path / "vanishing.py"
    script.write_text(VANISHING)
    window.workbench.open(str(script))
    window.workbench.run(allowed=True)
    qtbot.waitUntil(lambda: len(window.alarms.alarms) == 1, timeout=20_000)
    graph = window.bridge.graph()
    assert graph is not None
    node = next(node.id for node in graph.nodes if node.title == "h")
    overlay = next(each for each in window.canvas.overlays if isinstance(each, Chips))
    assert overlay.shown == {node: Chip(f"▲ {window.alarms.alarms[0].title}", "warning", below=True)}
    window.docks["Alarms"].raise_()
    panel = window.alarms
    qtbot.waitUntil(panel.isVisible, timeout=2000)
    assert panel.list.item(0).text().endswith("line 3")
    QTest.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=panel.list.visualItemRect(panel.list.item(0)).center())
    assert window.bridge.selected[0] == node
    assert window.source.current_line() == 3


def test_leaves_of_one_name_are_told_apart_by_their_lines(window: MainWindow, qtbot: QtBot) -> None:
    """In the first lesson three leaves are called x."""
    window.docks["Alarms"].raise_()
    panel = window.alarms
    panel.refresh(asked=True)
    qtbot.waitUntil(lambda: any("The same goes for" in alarm.sentence for alarm in panel.alarms))
    told = next(alarm.sentence for alarm in panel.alarms if "The same goes for" in alarm.sentence)
    first, others = told.split("The same goes for ")
    assert first.startswith("x (line 39)")
    assert others.startswith("x (line ") and "line 39" not in others

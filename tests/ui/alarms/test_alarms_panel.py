"""The alarms in the window: listed, counted in the tab, and a click goes there."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from gradviz.debugger.alarms import Thresholds
from tests.ui.conftest import keep
from ui.alarms.panel import ThresholdsDialog
from ui.canvas.cards.chips import Chip, Chips
from ui.window.main_window import MainWindow

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
    assert panel.list.item(0).text().endswith("line\u00a03")
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


def test_thresholds_are_read_and_typed_as_one_says_them(window: MainWindow, qtbot: QtBot) -> None:
    window.docks["Alarms"].raise_()
    panel = window.alarms
    qtbot.waitUntil(panel.isVisible)
    QTest.mouseClick(next(b for b in panel.findChildren(QPushButton) if b.text() == "Thresholds…"), Qt.MouseButton.LeftButton)
    (dialog,) = panel.findChildren(ThresholdsDialog)
    assert [box.text() for box in dialog.fields.values()] == ["1e-7", "1e4", "0.0001", "0.1", "3", "0.5", "1.5"]
    assert dialog.thresholds() == Thresholds()
    vanishing = dialog.fields["vanishing"]
    QTest.keyClick(vanishing, Qt.Key.Key_Up)
    assert vanishing.text() == "2e-7"
    QTest.keyClick(vanishing, Qt.Key.Key_Down)
    QTest.keyClick(vanishing, Qt.Key.Key_Down)
    assert vanishing.text() == "9e-8"
    vanishing.selectAll()
    QTest.keyClicks(vanishing, "2.5e-6")
    dialog.fields["update_high"].selectAll()
    QTest.keyClicks(dialog.fields["update_high"], "0.01")
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: panel.thresholds.vanishing == pytest.approx(2.5e-6))
    assert panel.thresholds.update_high == pytest.approx(-2)


def test_after_an_error_the_panel_does_not_say_that_nothing_looks_wrong(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    script = tmp_path / "failing.py"
    script.write_text("import torch\nh = torch.ones(2, requires_grad=True).sigmoid()\nh[:1].mul_(2)\nh.sum().backward()\n")
    window.workbench.open(str(script))
    window.workbench.run(allowed=True)
    qtbot.waitUntil(lambda: window.alarms.empty.text().startswith("The run ended"), timeout=20_000)
    assert window.alarms.empty.text() == "The run ended with the RuntimeError of line 4. Up to there nothing else looks wrong."


ORIGINS = """import torch
x = torch.zeros(3, requires_grad=True)
p = torch.relu(x)
loss = p.sqrt().sum() + (p * p.log()).sum() + (x / x).sum() + (x ** 0.5).sum() + x.norm()
loss.backward()
"""


def test_a_sentence_that_is_longer_than_the_panel_can_be_read_to_its_end(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    script = tmp_path / "origins.py"
    script.write_text(ORIGINS)
    window.workbench.open(str(script))
    window.workbench.run(allowed=True)
    window.docks["Alarms"].raise_()
    panel = window.alarms
    qtbot.waitUntil(lambda: panel.list.count() > 0 and panel.isVisible(), timeout=20_000)
    bar = panel.words.verticalScrollBar()
    window.resize(1000, 640)
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    assert panel.sentence.height() >= panel.sentence.heightForWidth(panel.sentence.width())
    bar.setValue(bar.maximum())
    advice = panel.advice.mapTo(panel.words.viewport(), panel.advice.rect().bottomLeft())
    assert advice.y() <= panel.words.viewport().height()
    keep(window, "alarms-long-dark")
    panel.list.setCurrentRow(panel.list.count() - 1)
    assert bar.value() == 0  # the next one is read from its start


def test_the_fix_of_an_alarm_is_tried_by_one_click_and_undone_by_another(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    script = tmp_path / "forgot.py"
    script.write_text(SCRIPT)
    window.workbench.open(str(script))
    window.workbench.run(allowed=True)
    panel = window.alarms
    qtbot.waitUntil(lambda: len(panel.alarms) == 1, timeout=20_000)
    window.docks["Alarms"].raise_()
    qtbot.waitUntil(panel.fix.isVisible, timeout=2000)
    assert "+     optimizer.zero_grad()" in panel.fix.toolTip()
    QTest.mouseClick(panel.fix, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.message.button("Undo it") is not None, timeout=20_000)
    assert window.source.text == SCRIPT.replace("    loss.backward()", "    optimizer.zero_grad()\n    loss.backward()")
    assert script.read_text() == SCRIPT  # the file stays as it is until it is saved
    qtbot.waitUntil(lambda: panel.alarms == () and not panel.fix.isVisible(), timeout=20_000)
    undo = window.message.button("Undo it")
    assert undo is not None
    QTest.mouseClick(undo, Qt.MouseButton.LeftButton)
    assert window.source.text == SCRIPT


CLIPPED = """import torch
w = torch.ones(3, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.01)
for step in range(3):
    loss = (w * 3).sum()
    optimizer.zero_grad()
    torch.nn.utils.clip_grad_norm_([w], 1.0)
    loss.backward()
    optimizer.step()
"""


def test_a_line_that_is_seen_in_the_wrong_place_is_moved_by_one_click(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    """The change of several lines is one step of the editor."""
    script = tmp_path / "clipped.py"
    script.write_text(CLIPPED)
    window.workbench.open(str(script))
    window.workbench.run(allowed=True)
    panel = window.alarms
    window.docks["Alarms"].raise_()
    qtbot.waitUntil(lambda: panel.list.count() > 0 and panel.isVisible(), timeout=20_000)
    qtbot.waitUntil(panel.fix.isVisible, timeout=20_000)
    QTest.mouseClick(panel.fix, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.message.button("Undo it") is not None, timeout=20_000)
    clip, back = "    torch.nn.utils.clip_grad_norm_([w], 1.0)\n", "    loss.backward()\n"
    assert window.source.text == CLIPPED.replace(clip + back, back + clip)
    window.source.editor.undo()
    assert window.source.text == CLIPPED

"""Mistakes that can be seen before the script runs: marked in the text while it is typed, listed, and on the node after the run."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.ui.conftest import keep
from ui.window.main_window import MainWindow

SCRIPT = """import torch
w = torch.ones(3, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.01)
for step in range(3):
    loss = (w * 3).sum()
    loss.backward()
    optimizer.step()
"""


def test_a_forgotten_zero_grad_is_seen_in_the_text_before_anything_runs(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    script = tmp_path / "forgot.py"
    script.write_text(SCRIPT)
    window.workbench.open(str(script))
    qtbot.waitUntil(lambda: [f.line for f in window.bridge.findings] == [6], timeout=10_000)
    editor = window.source.editor
    assert any(mark.cursor.selectedText() == "loss.backward()" for mark in editor.extraSelections())
    assert "Call optimizer.zero_grad() before backward()" in editor.told_at(6)
    assert editor.told_at(5) == ""
    window.docks["Alarms"].show()
    window.docks["Alarms"].raise_()
    panel = window.alarms
    qtbot.waitUntil(lambda: panel.list.count() > 0, timeout=10_000)
    row = next(panel.list.item(k) for k in range(panel.list.count()) if "line\u00a06" in panel.list.item(k).text())
    panel.list.scrollToItem(row)
    QTest.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=panel.list.visualItemRect(row).center())
    assert window.source.current_line() == 6
    assert "No turn of this loop clears the gradients" in panel.sentence.text()
    keep(window, "lint-before-dark")


def test_typing_the_cure_takes_the_mark_away(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    script = tmp_path / "forgot.py"
    script.write_text(SCRIPT)
    window.workbench.open(str(script))
    qtbot.waitUntil(lambda: len(window.bridge.findings) == 1, timeout=10_000)
    window.source.go_to_line(5)
    QTest.keyClicks(window.source.editor, "    optimizer.zero_grad()")
    QTest.keyClick(window.source.editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.bridge.findings == (), timeout=10_000)


def test_after_the_run_the_node_carries_the_mark(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    script = tmp_path / "computed.py"
    script.write_text("import torch\nw = torch.randn(3, requires_grad=True) * 0.1\nloss = (w ** 2).sum()\nloss.backward()\nprint(w.grad)\n")
    window.workbench.open(str(script))
    window.workbench.run(allowed=True)
    qtbot.waitUntil(lambda: window.doubts is not None and bool(window.doubts.chips.shown) and not window.bridge.running, timeout=20_000)
    assert window.doubts is not None
    graph = window.bridge.graph()
    assert graph is not None
    marked = [graph.node(node) for node in window.doubts.chips.shown]
    assert [node.line for node in marked if node is not None] == [2]
    assert window.doubts.chips in window.canvas.overlays
    keep(window, "lint-node-dark")

"""A gradient that exploded: no panel says 0 of what has no number."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.ui.conftest import keep
from ui.window.main_window import MainWindow

EXPLODING = """\
import torch
w = torch.full((5, 4), 3.0, requires_grad=True)
for step in range(3):
    loss = (w ** 60).sum() * w.mean()
    loss.backward()
    with torch.no_grad():
        w -= w.grad
    w.grad = None
"""


def test_a_gradient_of_nan_is_told_as_nan(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    script = tmp_path / "exploding.py"
    script.write_text(EXPLODING)
    window.workbench.open(str(script))
    window.workbench.run(allowed=True)
    qtbot.waitUntil(lambda: not window.bridge.running and window.bridge.session is not None, timeout=20_000)
    window.docks["Gradients"].raise_()
    plot = window.plots.build_plot()
    QTest.keyClick(window.canvas, Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    graph = window.bridge.graph()
    assert graph is not None
    window.bridge.select((next(n.id for n in graph.nodes if n.title == "w"),))
    qtbot.waitUntil(lambda: len(window.plots.ledger.bars) == 3)
    shown = window.plots.ledger
    assert {shown.label(bar) for bar in shown.bars[1:]} <= {"nan", "inf"}
    assert plot.bad, "a cross stands where the curve has no number"
    told = window.inspector.value.statistics.text()
    assert told.startswith("norm inf, min –, max –, mean –") and "inf 20" in told
    assert "norm 0" not in window.timeline.caption.text()
    keep(window, "nan")

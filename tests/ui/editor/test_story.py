"""The whole of `loss = mean((w*x + b - y)**2)` by mouse and keys: built, trained, undone, redone, saved, reopened, exported, run."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from gradviz.document.file.text import write
from tests.ui.conftest import Opener, keep
from tests.ui.editor.pilot import CONTROL, Pilot

PLACES = {"x": (130, 60), "w": (130, 200), "b": (130, 360), "y": (130, 500)}


def build(pilot: Pilot) -> None:
    """Only with the mouse and the keyboard."""
    for name, place in PLACES.items():
        assert pilot.add("tensor", QPoint(*place)) == name
        pilot.click(QPoint(700, 640))
    pilot.set_value("x", "[1, 2, 3]")
    pilot.set_value("y", "[3, 5, 7]")
    for name in ("w", "b"):
        pilot.select(name)
        pilot.key(Qt.Key.Key_R)
    pilot.click(QPoint(700, 640))
    pilot.add("mul", QPoint(400, 100))
    pilot.connect("w", "mul", "input")
    pilot.connect("x", "mul", "other")
    pilot.drag(pilot.output("mul"), QPoint(400, 300))  # a wire dropped on empty space
    pilot.pick("add")
    pilot.connect("b", "add", "other")
    pilot.drag(pilot.output("add"), QPoint(400, 470))
    pilot.pick("sub")
    pilot.connect("y", "sub", "other")
    pilot.key(Qt.Key.Key_L, CONTROL)
    pilot.select("sub")
    pilot.key(Qt.Key.Key_Tab)  # what is added while a node is selected reads it
    pilot.pick("**")
    exponent = pilot.window.room.panel.properties.field("exponent")
    QTest.keyClicks(exponent, "2")
    QTest.keyClick(exponent, Qt.Key.Key_Return)
    pilot.select("pow")
    pilot.key(Qt.Key.Key_Tab)
    pilot.pick("mean")
    pilot.key(Qt.Key.Key_F2)
    pilot.type("loss")
    pilot.key(Qt.Key.Key_A, CONTROL)
    pilot.key(Qt.Key.Key_L, CONTROL)


def test_the_whole_story(pilot: Pilot, opened: Opener, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = pilot.window.room.desk
    empty = write(desk.document)
    build(pilot)
    loss = pilot.block("loss").id
    assert not desk.ran.problems
    assert desk.ran.loss == loss
    residual = 0.0 * np.array([1, 2, 3]) + 0.0 - np.array([3, 5, 7])
    np.testing.assert_allclose(desk.ran.values[loss], (residual**2).mean(), rtol=1e-6)
    np.testing.assert_allclose(desk.ran.grads[pilot.block("b").id], (2 * residual).mean(), rtol=1e-6)
    keep(pilot.window, "editor-built")

    panel = pilot.window.room.panel
    panel.side.setCurrentWidget(panel.training)
    panel.training.epochs.setValue(400)
    panel.training.options.setText("")
    QTest.keyClicks(panel.training.options, "lr=0.1")
    QTest.keyClick(panel.training.options, Qt.Key.Key_Return)
    QTest.mouseClick(panel.training.train, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not panel.training.running, timeout=20_000)
    assert float(desk.ran.values[loss]) < 1e-3
    assert pilot.block("w").value.data[0] == pytest.approx(2.0, abs=0.05)  # type: ignore[union-attr]
    keep(pilot.window, "editor-trained")

    built, steps = write(desk.document), desk.history.index
    pilot.view.setFocus()
    for _ in range(steps):
        pilot.undo()
    assert not desk.document.blocks
    assert write(desk.document) == empty
    for _ in range(steps):
        pilot.redo()
    assert write(desk.document) == built

    path = tmp_path / "line.gradviz"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    assert "*" in pilot.window.windowTitle()
    pilot.key(Qt.Key.Key_S, CONTROL)
    assert path.read_text() == built
    assert pilot.window.windowTitle().startswith("line.gradviz —")
    again = opened()
    assert again.workbench.open(str(path))
    assert again.room.active
    assert write(again.room.desk.document) == built
    np.testing.assert_allclose(again.room.desk.ran.values[loss], desk.ran.values[loss])

    script = tmp_path / "line.py"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(script), ""))
    pilot.window.actions_["export_code"].trigger()
    done = subprocess.run([sys.executable, "-m", "gradviz", "run", str(script)], capture_output=True, text=True, timeout=60, check=True)
    told = re.findall(r"w\.grad tensor\((\S+)\)", done.stdout)
    np.testing.assert_allclose(float(told[-1]), desk.ran.grads[pilot.block("w").id], rtol=1e-3)


@pytest.mark.torch
def test_exported_code_runs_under_pytorch_and_prints_the_same(pilot: Pilot, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    build(pilot)
    desk = pilot.window.room.desk
    script = tmp_path / "made.py"
    script.write_text(desk.code(train=False).text + desk.code(train=True).text)  # one after the other: loading PyTorch takes seconds
    real = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=120, check=True)
    ours = subprocess.run([sys.executable, "-m", "gradviz", "run", str(script)], capture_output=True, text=True, timeout=60, check=True)
    assert real.stdout == ours.stdout != ""
    assert "w.grad" in real.stdout and len(real.stdout.splitlines()) > desk.document.training.epochs


def test_running_the_graph_records_it_and_goes_to_the_recording(pilot: Pilot, qtbot: QtBot) -> None:
    build(pilot)
    pilot.key(Qt.Key.Key_F5)
    window = pilot.window
    qtbot.waitUntil(lambda: not window.bridge.running and window.bridge.session is not None, timeout=20_000)
    assert not window.room.active
    graph = window.bridge.graph()
    assert graph is not None
    assert {"w", "x", "b", "y", "loss"} <= {n.title for n in graph.nodes}
    assert window.docks["Source"].isVisible()
    assert "loss = torch.mean(pow)" in window.source.text
    window.source.saved()

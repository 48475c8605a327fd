"""What a what-if does to the canvas: frames, marks, what is brought into sight; and the controls that a new user meets."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from gradviz.debugger.scene import NodeKind
from tests.ui.conftest import keep
from ui.window.main_window import MainWindow
from ui.window.speed_button import SPEEDS, speed_text


def node_in_the_last_loop(window: MainWindow, op: str) -> int:
    graph = window.bridge.graph()
    assert graph is not None
    return next(n.id for n in reversed(graph.nodes) if n.op == op)


def test_no_grad_around_a_node_is_a_frame_and_is_undone(window: MainWindow, qtbot: QtBot) -> None:
    canvas = window.canvas
    plain = len(canvas.geometry_.frames)
    chosen = node_in_the_last_loop(window, "sub")
    window.bridge.select((chosen,))
    assert canvas.shown.intersects(canvas.geometry_.rect(chosen)), "a selected node is brought into sight"
    with qtbot.waitSignal(window.workbench.compared, timeout=20000):
        QTest.keyClick(canvas, Qt.Key.Key_G)
    graph = canvas.geometry_.graph
    again = node_in_the_last_loop(window, "sub")
    around = [box for frame, box in canvas.geometry_.frames if again in frame.nodes]
    assert len(around) == 1 and around[0].contains(canvas.geometry_.rect(again))
    assert next(n for n in graph.nodes if n.id == again).kind == NodeKind.NO_GRAD
    assert any("inside no_grad" in window.what_if.sentences.item(k).text() for k in range(window.what_if.sentences.count()))
    lost = canvas.changes.comparison.lost if canvas.changes.comparison is not None else frozenset()
    assert again in lost and canvas.changes in canvas.overlays
    assert any(canvas.shown.intersects(canvas.geometry_.rect(n)) for n in lost)
    keep(window, "what-if-no-grad")
    QTest.keyClick(canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: not window.workbench.what_if.overrides and not window.bridge.running)
    assert len(canvas.geometry_.frames) == plain and canvas.changes not in canvas.overlays


def test_where_the_gradient_stops_is_brought_into_sight(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    script = tmp_path / "long.py"
    script.write_text(
        "import torch\nx = torch.ones(2, requires_grad=True)\ny = x * 2\n" + "y = y.tanh()\n" * 12 + "loss = y.sum()\nloss.backward()\n"
    )
    window.workbench.open(str(script))
    window.workbench.run(allowed=True)
    qtbot.waitUntil(lambda: not window.bridge.running and window.bridge.session is not None and window.bridge.session.length > 20)
    graph = window.bridge.graph()
    assert graph is not None
    first = next(node.id for node in graph.nodes if node.op == "mul")
    window.bridge.select((first,))
    with qtbot.waitSignal(window.workbench.compared, timeout=20000):
        QTest.keyClick(window.canvas, Qt.Key.Key_G)
    assert "fails" in window.message.text
    assert window.canvas.shown.contains(window.canvas.geometry_.rect(first)), "far from the end, where the run now fails"


def test_a_node_under_no_grad_leaves_the_nodes_after_it_in_grad_mode(window: MainWindow, qtbot: QtBot) -> None:
    window.bridge.select((node_in_the_last_loop(window, "mul"),))
    with qtbot.waitSignal(window.workbench.compared, timeout=20000):
        window.actions_["no_grad"].trigger()
    graph = window.bridge.graph()
    assert graph is not None
    mul, sub = node_in_the_last_loop(window, "mul"), node_in_the_last_loop(window, "sub")
    inside = {n for frame in graph.frames for n in frame.nodes}
    assert mul in inside and sub not in inside


def test_the_speed_is_seen_and_chosen_by_the_mouse(window: MainWindow) -> None:
    for speed in SPEEDS:
        window.toolbar.speed.choices[speed].trigger()
        assert window.canvas.speed == speed
        assert window.toolbar.speed.text().endswith(speed_text(speed))
    window.canvas.set_speed(1.0)
    window.actions_["faster"].trigger()
    assert window.toolbar.speed.text().endswith("2×") and window.toolbar.speed.choices[2.0].isChecked()


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_step_button_stands_out_among_the_others(window: MainWindow, theme: str) -> None:
    window.set_theme(theme)
    pixels = {}
    image = window.toolbar.grab().toImage()
    for name in ("back_into", "step", "over", "play"):
        button = window.toolbar.widgetForAction(window.actions_[name])
        at = button.geometry().topLeft()
        pixels[name] = image.pixelColor(at.x() + button.width() // 2, at.y() + 4).name()
    assert pixels["back_into"] == pixels["over"] == pixels["play"] != pixels["step"]


def test_a_first_message_moves_nothing(window: MainWindow, qtbot: QtBot) -> None:
    size = window.canvas.size()
    window.tell("good", "Ran to the end.")
    qtbot.waitUntil(lambda: window.statusBar().currentMessage() == "Ran to the end.")
    assert window.canvas.size() == size


def test_the_window_says_which_limits_are_in_force(window: MainWindow) -> None:
    told = window.statusBar().findChild(QLabel, "limits")
    assert told is not None and told.isVisible()
    limits = window.workbench.runner.process.limits()
    assert limits
    assert all(limit in told.text() for limit in limits), "none is cut off"
    window.resize(900, 700)
    assert told.text().endswith("…")  # messages stand beside it
    window.resize(1400, 800)
    assert all(limit in told.text() for limit in limits)


def test_the_node_stays_selected_so_that_the_same_key_takes_the_change_back(window: MainWindow, qtbot: QtBot) -> None:
    graph, changed = window.bridge.graph(), window.workbench.what_if
    assert graph is not None
    leaf = next(n for n in graph.nodes if n.title == "x")
    canvas = window.canvas
    at = (canvas.geometry_.rect(leaf.id).center() * canvas.scale + canvas.offset).toPoint()
    QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=at)
    assert window.bridge.selected == (leaf.id,)
    with qtbot.waitSignal(window.workbench.compared, timeout=20000):
        QTest.keyClick(window.canvas, Qt.Key.Key_R)
    made = window.bridge.graph()
    assert made is not None and window.bridge.selected and made.node(window.bridge.selected[0]).title == "x"  # type: ignore[union-attr]
    assert window.inspector.title.text() == "x"
    assert window.source.editor.problem[0] == 21, "without requires_grad backward() fails"
    QTest.keyClick(window.canvas, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: not changed.overrides and not window.bridge.running)
    assert window.bridge.selected == (leaf.id,)
    assert window.source.editor.problem[0] == 0, "the script as it is does not fail"


def test_nothing_of_a_script_before_is_marked_in_the_next(window: MainWindow, tmp_path: Path) -> None:
    graph = window.bridge.graph()
    assert graph is not None
    window.bridge.select((next(n.id for n in graph.nodes if n.line),))
    assert window.source.editor.chosen
    script = tmp_path / "next.py"
    script.write_text("import torch\n" * 40)
    window.workbench.open(str(script))
    assert not window.source.editor.chosen and not window.bridge.selected


def test_the_words_of_the_empty_panel_stand_together(window: MainWindow, qtbot: QtBot) -> None:
    window.docks["What if"].raise_()
    panel = window.what_if
    qtbot.waitUntil(lambda: panel.isVisible() and panel.list.height() > 60)
    window.grab()
    beside = [label for label in panel.findChildren(QLabel) if label.isVisible() and label.x() > panel.width() // 4]
    title, words = sorted(beside, key=lambda label: label.y())
    assert title.height() < 30 and words.y() - title.geometry().bottom() < 20

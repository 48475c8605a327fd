"""What a what-if does to the canvas: frames, marks, what is brought into sight; and the controls that a new user meets."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor
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


def second_edge_into_mul(window: MainWindow) -> tuple[int, QPoint]:
    """The node `y * y`, and a point of the edge into its second input."""
    canvas = window.canvas
    node = next(n.id for n in canvas.geometry_.nodes if n.op == "mul")
    row = next(k for k, (key, _) in enumerate(canvas.geometry_.edges) if key[1:] == (node, 1))
    x, y = canvas.geometry_.samples[row][len(canvas.geometry_.samples[row]) * 2 // 3]
    return node, canvas.to_widget(QPointF(x, y)).toPoint()


def test_a_clicked_edge_is_marked_and_the_same_key_joins_it_again(window: MainWindow, qtbot: QtBot) -> None:
    canvas, changed = window.canvas, window.workbench.what_if
    node, at = second_edge_into_mul(window)
    plain = canvas.grab().toImage().pixelColor(at)
    QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=at)
    QTest.mouseMove(canvas, QPoint(2, 2))
    marked = canvas.grab().toImage().pixelColor(at)
    assert marked != plain and marked.name() == QColor(window.bridge.theme.selection).name()
    with qtbot.waitSignal(window.workbench.compared):
        QTest.keyClick(canvas, Qt.Key.Key_D)
    assert [(type(o).__name__, getattr(o, "port", None)) for o in changed.overrides] == [("Detach", 1)]
    QTest.keyClick(canvas, Qt.Key.Key_D)
    qtbot.waitUntil(lambda: not changed.overrides and not window.bridge.running)
    assert window.bridge.selected == (node,)
    QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=canvas.to_widget(canvas.geometry_.rect(node).center()).toPoint())
    assert canvas.grab().toImage().pixelColor(at) == plain, "the node is selected now, and no edge"


def test_what_is_toggled_while_a_change_is_still_run_counts(window: MainWindow, qtbot: QtBot) -> None:
    canvas, changed, bridge = window.canvas, window.workbench.what_if, window.bridge
    plain = bridge.session
    _, at = second_edge_into_mul(window)
    QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=at)
    QTest.keyClick(canvas, Qt.Key.Key_D)
    QTest.keyClick(canvas, Qt.Key.Key_D)
    assert not changed.overrides
    qtbot.waitUntil(lambda: not window.workbench.runner.running)
    assert bridge.session is plain, "no change is in force, and none is shown"
    QTest.keyClick(canvas, Qt.Key.Key_D)
    leaf = next(n for n in canvas.geometry_.nodes if n.title == "x")
    QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=canvas.to_widget(canvas.geometry_.rect(leaf.id).center()).toPoint())
    QTest.keyClick(canvas, Qt.Key.Key_R)
    assert len(changed.overrides) == 2
    qtbot.waitUntil(lambda: not window.workbench.runner.running and bridge.session is not plain)
    graph = bridge.graph()
    assert graph is not None
    assert any(n.op == "detach" for n in graph.nodes) and not graph.nodes[0].requires_grad, "both changes are in the run that is shown"
    assert window.message.isVisible() and "fails in line 21" in window.message.text


def test_what_is_toggled_while_the_script_runs_is_told_against_that_run(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    script = tmp_path / "long.py"
    script.write_text(
        "import time, torch\nw = torch.ones(2, requires_grad=True)\n"
        "for _ in range(30):\n    time.sleep(0.02)\n    (w * 2).sum().backward()\n    w.grad = None\n"
    )
    bridge = window.bridge
    window.workbench.open(str(script))
    window.workbench.run(allowed=True)
    qtbot.waitUntil(lambda: bridge.session is not None and bool(bridge.session.graph().nodes))
    bridge.select((0,))
    with qtbot.waitSignal(window.workbench.compared):
        QTest.keyClick(window.canvas, Qt.Key.Key_R)
        assert bridge.running
    qtbot.waitUntil(lambda: not window.workbench.runner.running)
    assert window.message.isVisible() and "w no longer gets a gradient" in window.message.text


def test_a_script_that_still_runs_is_not_shown_over_the_next_one(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    endless, other = tmp_path / "endless.py", tmp_path / "other.py"
    endless.write_text("import time, torch\nw = torch.ones(2, requires_grad=True)\nwhile True:\n    (w * 2).sum()\n    time.sleep(0.01)\n")
    other.write_text("import torch\n")
    bridge = window.bridge
    for shown in (False, True):
        window.workbench.open(str(endless))
        window.workbench.run(allowed=True)
        qtbot.waitUntil(lambda shown=shown: bridge.running and (bridge.session is not None) == shown)
        window.workbench.open(str(other))
        qtbot.waitUntil(lambda: not window.workbench.runner.running)
        assert bridge.session is None and bridge.source == "import torch\n" and not bridge.running


def test_the_next_script_can_be_run_while_the_one_before_is_still_stopped(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    endless, other = tmp_path / "endless.py", tmp_path / "other.py"
    endless.write_text(
        "import torch\nwhile True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass\n"
    )
    other.write_text("import torch\na = torch.ones(2, requires_grad=True)\n(a * 2).sum().backward()\n")
    window.workbench.open(str(endless))
    window.workbench.trust_and_run()
    qtbot.waitUntil(lambda: window.bridge.running)
    window.workbench.open(str(other))
    assert window.workbench.runner.running, "it takes a moment to end what ignores signals"
    QTest.keyClick(window, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: window.bridge.session is not None and not window.bridge.running)
    assert window.canvas.geometry_.nodes[0].title == "a"


def test_where_the_gradient_stops_stays_in_sight_when_the_canvas_glides(window: MainWindow, qtbot: QtBot) -> None:
    canvas = window.canvas
    QTest.keyClick(canvas, Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    sub = node_in_the_last_loop(window, "sub")
    mul = node_in_the_last_loop(window, "mul")
    canvas.set_speed(1)
    canvas.show_area(canvas.geometry_.rect(mul).united(canvas.geometry_.rect(sub)))
    window.bridge.select((mul, sub))
    with qtbot.waitSignal(window.workbench.compared):
        QTest.keyClick(canvas, Qt.Key.Key_G)
    qtbot.waitUntil(lambda: not canvas.is_animating())
    found = canvas.changes.comparison
    assert found is not None and found.cut is not None
    for end in (found.cut.source, found.cut.target):
        assert canvas.shown.contains(canvas.geometry_.rect(end)), "the scissors lie between the two"

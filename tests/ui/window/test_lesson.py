"""The first lesson through the real window, by mouse and keys: to the end and back, toggles, plots."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from gradviz.recording.event import Kind
from tests.ui.conftest import Opener, keep
from ui.window.main_window import MainWindow

LEFT = Qt.MouseButton.LeftButton
CTRL = Qt.KeyboardModifier.ControlModifier


def press(window: MainWindow, text: str) -> None:
    """A click on a button of the toolbar, found by its words."""
    button = next(b for b in window.toolbar.findChildren(QToolButton) if b.text() == text)
    assert button.isEnabled(), text
    QTest.mouseClick(button, LEFT)


def key(window: MainWindow, code: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(window.canvas, code, modifiers)


def card(window: MainWindow, node_id: int) -> QPoint:
    """The middle of a card on the screen."""
    return window.canvas.to_widget(QPointF(window.canvas.geometry_.rect(node_id).center())).toPoint()


def node(window: MainWindow, title: str, which: int = 0) -> int:
    graph = window.bridge.graph()
    assert graph is not None
    return [n.id for n in graph.nodes if n.title == title][which]


def seek(window: MainWindow, kind: Kind, which: int = 0) -> None:
    session = window.bridge.session
    assert session is not None
    window.bridge.seek(int(session.recording.events_of_kind(kind)[which]))


def test_the_first_picture_shows_the_lesson_and_the_step_button(window: MainWindow) -> None:
    assert "Gradient Computation" in window.windowTitle()
    assert window.source.text.startswith("# The lesson")
    assert len(window.canvas.geometry_.nodes) > 20
    assert window.canvas.shown.intersects(window.canvas.geometry_.rect(node(window, "x")))
    names = [b.text() for b in window.toolbar.findChildren(QToolButton) if b.isVisible()]
    assert names[:2] == ["Run", "Stop"]
    assert "Step" in names and "Step back" in names
    keep(window, "first-picture-dark")


def test_stepping_to_the_end_and_back_shows_every_moment_again(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: all(dock.furnished for dock in window.docks.values()))
    session = window.bridge.session
    assert session is not None
    seen = []
    before = None
    while before != (session.position, session.substep):
        before = (session.position, session.substep)
        press(window, "Step")
        if session.substep == 0:
            seen.append((session.position, window.timeline.caption.text()[:40], window.source.current_line()))
    assert window.console.printed() == window.console.text.toPlainText()
    assert window.console.printed().startswith("tensor([ 1.5410, -0.2934, -2.1788], requires_grad=True)")
    assert session.position >= session.length - 2
    seen.pop()  # the last press changed nothing
    back = []
    while session.position >= 0:
        if session.substep == 0:
            back.append((session.position, window.timeline.caption.text()[:40], window.source.current_line()))
        press(window, "Step back")
    assert back == seen[::-1]
    assert window.console.printed() == ""


def test_the_same_position_is_the_same_picture(window: MainWindow) -> None:
    seek(window, Kind.VJP, 2)
    there = window.canvas.grab().toImage()
    press(window, "End")
    press(window, "Start")
    seek(window, Kind.VJP, 2)
    assert window.canvas.grab().toImage() == there


def test_a_pulse_runs_against_the_arrow_and_can_be_paused_anywhere(window: MainWindow) -> None:
    window.canvas.set_speed(1.0)
    seek(window, Kind.DELIVER)
    assert window.canvas.is_animating()
    frames = []
    for phase in (0.2, 0.5, 0.8):
        window.canvas.set_phase(phase)
        frames.append(window.canvas.grab().toImage())
    assert frames[0] != frames[1] != frames[2]
    window.canvas.set_phase(0.5)
    assert window.canvas.grab().toImage() == frames[1]
    keep(window, "pulse-dark")


def test_play_moves_by_itself_and_stops(window: MainWindow, qtbot: QtBot) -> None:
    window.canvas.set_speed(8.0)
    session = window.bridge.session
    assert session is not None
    press(window, "Play")
    qtbot.waitUntil(lambda: session.position > 3, timeout=5000)
    press(window, "Pause")
    at = session.position
    QTest.qWait(400)
    assert session.position == at


def test_a_breakpoint_set_in_the_gutter_stops_continue_both_ways(window: MainWindow) -> None:
    session = window.bridge.session
    assert session is not None
    editor = window.source.editor
    editor.show_line(21)
    row = editor.gutter.line_rect(21)
    QTest.mouseClick(editor.gutter, LEFT, pos=row.center().toPoint())
    assert session.breakpoint_lines == {21}
    press(window, "Continue")
    assert session.line == 21
    at = session.position
    press(window, "End")
    key(window, Qt.Key.Key_F8, Qt.KeyboardModifier.ShiftModifier)
    assert session.line == 21
    assert session.position >= at


def test_a_click_on_a_card_fills_the_inspector_and_a_double_click_runs_there(window: MainWindow) -> None:
    seek(window, Kind.BACKWARD_BEGIN)
    z = node(window, "z")
    QTest.mouseClick(window.canvas, LEFT, pos=card(window, z))
    assert window.bridge.selected == (z,)
    assert window.inspector.title.text() == "z"
    QTest.mouseDClick(window.canvas, LEFT, pos=card(window, z))
    session = window.bridge.session
    assert session is not None and session.event is not None
    assert session.event.site == z or z in (session.moment().current)


def test_a_vjp_is_written_out_with_its_numbers(window: MainWindow) -> None:
    window.docks["Derivation"].raise_()
    seek(window, Kind.VJP, 1)
    session = window.bridge.session
    assert session is not None
    derived = session.derivation()
    assert derived
    for _ in derived[0].steps:
        press(window, "Step")
    assert session.substep == len(derived[0].steps)
    keep(window, "derivation-dark")


def test_the_timeline_takes_the_mouse(window: MainWindow) -> None:
    track = window.timeline.track
    session = window.bridge.session
    assert session is not None
    QTest.mouseClick(track, LEFT, pos=QPoint(round(track.x_of(100)), 40))
    assert abs(session.position - 100) <= 1


def test_the_ledgers_of_the_loops_show_3_6_9_and_3_3_3(window: MainWindow) -> None:
    window.docks["Gradients"].raise_()
    press(window, "End")
    loops = [n.id for n in window.bridge.graph().nodes if n.title == "weights"]  # type: ignore[union-attr]
    shown = []
    for leaf in loops[:2]:
        window.bridge.select((leaf,))
        shown.append([bar.label for bar in window.plots.ledger.bars])
    assert shown == [["3", "6", "9"], ["3", "3", "3"]]
    keep(window, "gradients-dark")


def test_with_and_without_zero_grad_are_two_curves_by_one_click(window: MainWindow, qtbot: QtBot) -> None:
    window.docks["Gradients"].raise_()
    press(window, "End")
    window.bridge.select((node(window, "weights"),))
    with qtbot.waitSignal(window.workbench.zero_grad_compared, timeout=30_000) as told:
        QTest.mouseClick(window.plots.compare, LEFT)
    _, each, never = told.args
    accumulated = [norm for norm, kind in zip(never.norms, never.kinds, strict=True) if kind == "accumulate"]
    zeroed = [norm for norm, kind in zip(each.norms, each.kinds, strict=True) if kind == "accumulate"]
    root = 3**0.5
    assert accumulated == pytest.approx([3 * root, 6 * root, 9 * root])
    assert zeroed == pytest.approx([3 * root, 3 * root, 3 * root])
    keep(window, "zero-grad-comparison-dark")


def test_a_toggle_runs_again_says_what_changed_and_is_undone(window: MainWindow, qtbot: QtBot) -> None:
    seek(window, Kind.BACKWARD_BEGIN)
    text = window.source.text
    x = node(window, "x")
    QTest.mouseClick(window.canvas, LEFT, pos=card(window, x))
    with qtbot.waitSignal(window.workbench.compared, timeout=30_000):
        key(window, Qt.Key.Key_R)
    assert len(window.workbench.what_if.overrides) == 1
    assert "element 0 of tensors does not require grad and does not have a grad_fn" in window.message.text
    assert window.docks["What if"].isVisible()
    assert window.source.text == text
    keep(window, "what-if-requires-grad-dark")
    key(window, Qt.Key.Key_Z, CTRL)
    assert window.workbench.what_if.overrides == ()
    assert not window.message.isVisible()


def test_a_detached_edge_is_cut_on_the_canvas(window: MainWindow, qtbot: QtBot) -> None:
    seek(window, Kind.BACKWARD_BEGIN)
    y = node(window, "y")
    QTest.mouseClick(window.canvas, LEFT, pos=card(window, y))
    with qtbot.waitSignal(window.workbench.compared, timeout=30_000):
        key(window, Qt.Key.Key_D)
    graph = window.bridge.graph()
    assert graph is not None
    assert any(edge.kind == "cut" for edge in graph.edges)
    keep(window, "what-if-detach-dark")


@pytest.mark.parametrize("size", [(1280, 800), (1920, 1080)])
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_window_keeps_the_size_it_is_given(opened: Opener, size: tuple[int, int], theme: str) -> None:
    window = opened(*size, theme)
    window.workbench.open_lesson()
    seek(window, Kind.VJP, 3)
    assert (window.width(), window.height()) == size
    assert window.canvas.height() >= size[1] * 0.45
    keep(window, f"window-{theme}-{size[0]}")


def test_play_at_the_end_begins_at_the_start(window: MainWindow, qtbot: QtBot) -> None:
    session = window.bridge.session
    assert session is not None
    window.bridge.move(session.to_end)
    assert session.position < session.length - 1  # what follows the last step shows nothing
    end = session.position
    window.actions_["play"].trigger()
    qtbot.waitUntil(lambda: 0 <= session.position < end)
    window.actions_["play"].trigger()
    assert not window.player.playing

"""Breakpoints of all kinds in the window, by mouse and keys."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu

from gradviz.debugger.breakpoints import Breakpoint
from gradviz.debugger.session import Session
from gradviz.recording.event import Kind
from tests.ui.conftest import Opener, keep
from tests.ui.waiting import at_rest, wait_for
from ui.breakpoints.panel import AFTER, CONDITION, COUNT, HITS, LOG, WHERE, BreakpointsPanel
from ui.window.main_window import MainWindow

LEFT = Qt.MouseButton.LeftButton


def shown(window: MainWindow) -> tuple[BreakpointsPanel, Session]:
    window.docks["Breakpoints"].raise_()
    at_rest(window)
    session = window.bridge.session
    assert session is not None
    return window.breakpoints, session


def found(panel: BreakpointsPanel) -> None:
    """All that was asked for is found, and the list shows it."""
    wait_for(lambda: not panel.searches.waiting)
    at_rest(panel)


def typed(panel: BreakpointsPanel, kind: str, text: str) -> None:
    panel.form.kind.setCurrentIndex(panel.form.kind.findData(kind))
    line = panel.form.typed
    line.clear()
    QTest.keyClicks(line, text)
    QTest.keyClick(line, Qt.Key.Key_Return)
    found(panel)


def double_click(panel: BreakpointsPanel, at: QPoint) -> None:
    QTest.mouseClick(panel.tree.viewport(), LEFT, pos=at)
    QTest.mouseDClick(panel.tree.viewport(), LEFT, pos=at)


def edit(panel: BreakpointsPanel, column: int, text: str) -> None:
    item = panel.tree.topLevelItem(0)
    double_click(panel, panel.tree.visualRect(panel.tree.indexFromItem(item, column)).center())
    line = panel.tree.viewport().findChild(QLineEdit)
    assert line is not None
    line.clear()
    QTest.keyClicks(line, text)
    QTest.keyClick(line, Qt.Key.Key_Return)
    found(panel)


def test_a_number_is_typed_and_continue_stops_there(window: MainWindow) -> None:
    panel, session = shown(window)
    typed(panel, "when", "norm(weights.grad) > 10")
    assert session.breakpoints == [Breakpoint("when", "norm(weights.grad) > 10")]
    assert panel.tree.topLevelItem(0).text(HITS) == str(len(session.breakpoint_hits()))
    QTest.keyClick(window, Qt.Key.Key_F8)
    assert session.recording.event(session.position).kind == Kind.ACCUMULATE
    assert session.position == session.breakpoint_hits()[0]
    many = len(session.breakpoint_hits())
    assert window.statusBar().currentMessage() == f"Stopped: when norm(weights.grad) > 10 (hit 1 of {many})"
    for _ in range(many):
        QTest.keyClick(window, Qt.Key.Key_F8)
    assert window.statusBar().currentMessage() == "No breakpoint on the way: this is the end"
    session.breakpoints.clear()
    QTest.keyClick(window, Qt.Key.Key_F8, Qt.KeyboardModifier.ShiftModifier)
    assert window.statusBar().currentMessage() == "No breakpoints (F9 sets one): this is the start"
    keep(window, "breakpoints-dark")


def test_a_wrong_text_is_underlined_explained_and_not_taken(window: MainWindow) -> None:
    panel, session = shown(window)
    typed(panel, "when", "nrom(weights)")
    assert session.breakpoints == []
    assert "Did you mean norm?" in panel.form.problem.text()
    assert panel.form.problem.isVisible()
    typed(panel, "when", "norm(weights) > 0")
    assert not panel.form.problem.isVisible()


def test_condition_count_and_log_are_edited_in_place(window: MainWindow) -> None:
    panel, session = shown(window)
    typed(panel, "write", "weights.grad")
    every = len(session.hits(session.breakpoints[0]))
    edit(panel, COUNT, "% 2")
    assert session.breakpoints[0].count == "% 2"
    assert panel.tree.topLevelItem(0).text(HITS) == str(every // 2)
    edit(panel, CONDITION, "norm(weights.grad) >")
    assert session.breakpoints[0].condition == ""
    assert panel.form.problem.isVisible()
    edit(panel, CONDITION, "norm(weights.grad) > 0")
    edit(panel, LOG, "now {norm(weights.grad)}")
    assert panel.log.isVisible()
    assert "now " in panel.log.item(0).text()
    assert session.breakpoint_hits() == ()
    QTest.mouseClick(panel.log.viewport(), LEFT, pos=panel.log.visualItemRect(panel.log.item(0)).center())
    assert session.position == session.hits(session.breakpoints[0])[0]
    keep(window, "breakpoints-log-dark")


def test_the_box_switches_off_a_double_click_goes_to_the_next_hit_and_delete_removes(window: MainWindow) -> None:
    panel, session = shown(window)
    window.source.editor.toggle_breakpoint(21)
    panel.form.kind.setCurrentIndex(panel.form.kind.findData("event"))
    panel.form.chosen.setCurrentIndex(panel.form.chosen.findData("accumulate"))
    QTest.mouseClick(panel.form.add, LEFT)
    assert [found.kind for found in session.breakpoints] == ["line", "event"]
    found(panel)
    assert panel.tree.topLevelItem(0).text(WHERE).startswith("line 21: ")
    first = panel.tree.visualRect(panel.tree.indexFromItem(panel.tree.topLevelItem(0), WHERE))
    double_click(panel, first.center())
    assert session.line == 21
    QTest.mouseClick(panel.tree.viewport(), LEFT, pos=QPoint(first.left() + 12, first.center().y()))
    assert not session.breakpoints[0].enabled
    assert set(session.breakpoint_hits()) == set(session.hits(session.breakpoints[1]).tolist())
    panel.tree.setFocus()
    QTest.keyClick(panel.tree, Qt.Key.Key_Delete)
    assert [found.kind for found in session.breakpoints] == ["event"]


def test_without_a_session_the_panel_says_what_to_do(opened: Opener) -> None:
    window = opened(1920, 1080, "light")
    window.docks["Breakpoints"].raise_()
    at_rest(window)
    assert not window.breakpoints.form.isEnabled()
    assert "Run a script" in window.breakpoints.empty.text()
    keep(window, "breakpoints-empty-light")


def test_one_is_made_to_wait_for_another_by_a_double_click(window: MainWindow) -> None:
    panel, session = shown(window)
    typed(panel, "write", "weights.grad")
    typed(panel, "when", "norm(weights.grad) > 10")
    every = len(session.hits(session.breakpoints[0]))
    item = panel.tree.topLevelItem(0)
    double_click(panel, panel.tree.visualRect(panel.tree.indexFromItem(item, AFTER)).center())
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert [action.text() for action in menu.actions()] == ["Nothing: from the start", "when norm(weights.grad) > 10"]
    menu.actions()[1].trigger()
    menu.close()
    found(panel)
    assert session.breakpoints[0].after == session.breakpoints[1].key
    item = panel.tree.topLevelItem(0)
    assert item.text(AFTER) == "when norm(weights.grad) > 10"
    assert int(item.text(HITS)) < every
    panel.tree.setCurrentItem(panel.tree.topLevelItem(1))
    panel.remove()
    found(panel)
    assert session.breakpoints[0].after == ""
    assert panel.tree.topLevelItem(0).text(HITS) == str(every)


def test_one_that_is_never_hit_is_taken_and_says_why(window: MainWindow) -> None:
    panel, session = shown(window)
    typed(panel, "write", "wieghts.grad")
    assert len(session.breakpoints) == 1
    assert "Did you mean weights?" in panel.form.problem.text()
    item = panel.tree.topLevelItem(0)
    assert item.text(HITS) == "0"
    assert "Did you mean weights?" in item.toolTip(WHERE)

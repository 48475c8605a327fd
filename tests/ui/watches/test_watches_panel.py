"""Watches in the window, by keys."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from tests.ui.conftest import keep
from ui.main_window import MainWindow


def test_a_watch_is_typed_follows_the_steps_and_a_click_on_its_curve_goes_there(window: MainWindow) -> None:
    window.docks["Watches"].raise_()
    QTest.qWait(20)
    panel = window.watches
    QTest.keyClicks(panel.new, "norm(weights.grad)")
    QTest.keyClick(panel.new, Qt.Key.Key_Return)
    QTest.keyClicks(panel.new, "x.grad")
    QTest.keyClick(panel.new, Qt.Key.Key_Return)
    assert [row.line.text() for row in panel.rows] == ["norm(weights.grad)", "x.grad"]
    session = window.bridge.session
    assert session is not None
    assert "does not exist yet" in panel.rows[0].value.text()
    window.bridge.move(session.to_end)
    assert panel.rows[0].value.text() != ""
    assert max(v for v in panel.rows[0].spark.history.values if v == v) > 15
    spark = panel.rows[0].spark
    QTest.mouseClick(spark, Qt.MouseButton.LeftButton, pos=QPoint(round(spark._x(spark.history.events[2])), 10))
    assert session.position in spark.history.events
    QTest.qWait(30)
    keep(window, "watches-dark")


def test_a_wrong_watch_is_underlined_and_not_taken(window: MainWindow) -> None:
    window.docks["Watches"].raise_()
    panel = window.watches
    QTest.keyClicks(panel.new, "nrom(x)")
    QTest.keyClick(panel.new, Qt.Key.Key_Return)
    assert panel.rows == []
    assert "Did you mean norm?" in panel.new.toolTip()
    assert window.bridge.theme.error in panel.new.styleSheet()

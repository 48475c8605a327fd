"""Watches in the window, by keys."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gradviz.recording.event import Kind
from tests.ui.conftest import Opener, keep
from tests.ui.waiting import at_rest
from ui.window.main_window import MainWindow


def test_a_watch_is_typed_follows_the_steps_and_a_click_on_its_curve_goes_there(window: MainWindow, qtbot: QtBot) -> None:
    window.docks["Watches"].raise_()
    at_rest(window)
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
    qtbot.waitUntil(lambda: len(panel.rows[0].spark.history.events) > 2)
    assert max(v for v in panel.rows[0].spark.history.values if v == v) > 15
    spark = panel.rows[0].spark
    QTest.mouseClick(spark, Qt.MouseButton.LeftButton, pos=QPoint(round(spark._x(spark.history.events[2])), 10))
    assert session.position in spark.history.events
    keep(window, "watches-dark")


def test_a_wrong_watch_is_underlined_and_not_taken(window: MainWindow) -> None:
    window.docks["Watches"].raise_()
    panel = window.watches
    QTest.keyClicks(panel.new, "nrom(x)")
    QTest.keyClick(panel.new, Qt.Key.Key_Return)
    assert panel.rows == []
    assert "Did you mean norm?" in panel.new.toolTip()
    assert window.bridge.theme.error in panel.new.styleSheet()


def test_what_is_wrong_is_told_below_in_full_and_a_later_correction_takes_it_away(window: MainWindow, qtbot: QtBot) -> None:
    window.docks["Watches"].raise_()
    panel = window.watches
    QTest.keyClicks(panel.new, "norm(x) + nrom(x)")
    QTest.keyClick(panel.new, Qt.Key.Key_Return)
    assert panel.problem.isVisible()
    assert "Did you mean norm?" in panel.problem.text()
    assert panel.new.selectedText() == "nrom"
    QTest.keyClicks(panel.new, "norm")
    QTest.keyClick(panel.new, Qt.Key.Key_Return)
    assert not panel.problem.isVisible()
    assert [row.line.text() for row in panel.rows] == ["norm(x) + norm(x)"]
    row = panel.add("upstream(nothing)")
    qtbot.waitUntil(row.problem.isVisible)
    assert "no tensor and no node called nothing" in row.problem.text()
    qtbot.waitUntil(lambda: all(r.spark.height() >= r.spark.minimumHeight() for r in panel.rows))
    assert row.height() > panel.rows[0].height()


def test_the_line_for_a_new_watch_stays_in_reach_and_the_new_one_comes_into_sight(window: MainWindow, qtbot: QtBot) -> None:
    window.docks["Watches"].raise_()
    panel = window.watches
    for k in range(12):
        QTest.keyClicks(panel.new, f"x[0] + {k}")
        QTest.keyClick(panel.new, Qt.Key.Key_Return)
    assert panel.new.visibleRegion().boundingRect().height() == panel.new.height()
    qtbot.waitUntil(lambda: panel.rows[-1].line.visibleRegion().boundingRect().height() == panel.rows[-1].line.height())


def test_gradients_of_nodes_and_histograms_have_values_and_curves(window: MainWindow, qtbot: QtBot) -> None:
    window.docks["Watches"].raise_()
    panel, session = window.watches, window.bridge.session
    assert session is not None
    rows = [panel.add(text) for text in ("upstream(loss)", "hist(weights)", "weights.grad_fn", "loss.grad_fn")]
    window.bridge.move(session.to_end)
    assert rows[0].value.text() == "1"
    assert any(block in rows[1].value.text() for block in "▁▂▃▄▅▆▇█")
    qtbot.waitUntil(lambda: bool(rows[1].spark.history.bands))
    assert rows[2].value.text() == "None"
    assert rows[3].value.text().endswith("Backward0")
    keep(window, "watches-of-nodes-dark")


def test_watches_of_a_run_that_goes_on_are_whole_when_it_is_over(opened: Opener, tmp_path: Path, qtbot: QtBot) -> None:
    script = tmp_path / "long.py"
    script.write_text(
        "import torch\nw = torch.ones(3, requires_grad=True)\nfor epoch in range(3000):\n    loss = (w * w).sum()\n    loss.backward()\n    w.grad = None\n"
    )
    window = opened()
    window.docks["Watches"].raise_()
    panel = window.watches
    rows = [panel.add(text) for text in ("loss", "norm(w.grad)", "upstream(loss)")]
    window.workbench.open(str(script))
    window.workbench.run(allowed=True)
    qtbot.waitUntil(lambda: not window.bridge.running and window.bridge.session is not None, timeout=60_000)
    session = window.bridge.session
    assert session is not None
    last = [int(row) for row in session.recording.events_of_kind(Kind.ACCUMULATE)][-1]
    qtbot.waitUntil(lambda: all(row.spark.history.events[-1] > last - 20 for row in rows if row.spark.history.events), timeout=20_000)
    assert all(row.spark.history.events for row in rows)
    window.bridge.move(session.to_end)
    assert rows[0].value.text() == "3"


def test_of_a_value_that_has_no_room_the_end_that_says_most_is_seen(window: MainWindow) -> None:
    window.docks["Watches"].raise_()
    panel = window.watches
    row = panel.add("weights.grad")
    assert "does not exist yet" in row.value.text()
    row.value.setFixedWidth(110)
    pictures = []
    for words in ("weights.grad does not exist yet", "weights.grad does not exist now"):
        row.value.setText(words)
        pictures.append(row.value.grab().toImage())
    assert pictures[0] != pictures[1]

"""The overview of a graph that is not wholly in sight."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from gradviz.document import edits
from tests.ui.conftest import keep
from tests.ui.editor.pilot import LEFT, NOTHING, Pilot, build


def test_the_overview_is_there_while_some_of_the_graph_is_not_in_sight_and_leads_there(pilot: Pilot) -> None:
    view, desk = pilot.view, pilot.window.room.desk
    overview = view.overview
    build(pilot, "loss = mean(w * x)")
    assert not overview.isVisible()  # all is seen
    made, far = edits.add(desk.document, "torch.exp", 2600, 900)
    desk.do("Add exp", made)
    desk.rest()
    assert overview.isVisible()
    keep(pilot.window, "editor-overview")
    before = overview.grab().toImage()
    spot = overview.width() - 12, overview.height() - 12  # where the far card is
    QTest.mouseClick(overview, LEFT, NOTHING, QPoint(*spot))
    card = view.shapes.blocks[far].rect
    assert view.shown.contains(card) and not view.shown.contains(view.shapes.blocks[pilot.block("w").id].rect)
    assert overview.grab().toImage() != before  # the frame went along
    QTest.mousePress(overview, LEFT, NOTHING, QPoint(*spot))
    QTest.mouseMove(overview, QPoint(12, 12))
    QTest.mouseRelease(overview, LEFT, NOTHING, QPoint(12, 12))
    assert view.shown.contains(view.shapes.blocks[pilot.block("w").id].rect)
    QTest.mousePress(view, LEFT, NOTHING, pilot.output("x"))
    QTest.mouseMove(view, QPoint(300, 500))
    assert not overview.isVisible()  # a wire may be dropped there
    QTest.keyClick(view, Qt.Key.Key_Escape)
    QTest.mouseRelease(view, LEFT, NOTHING, QPoint(300, 500))
    assert overview.isVisible()
    shown = overview.grab().toImage()
    desk.select((far,))
    assert overview.grab().toImage() != shown  # the selected card lights up
    pilot.key(Qt.Key.Key_Home)
    QApplication.processEvents()
    assert not overview.isVisible() and view.shown.contains(view.shapes.bounds)
    view.pan_to(view.offset + QPointF(900, 0))
    desk.new()
    assert not overview.isVisible()

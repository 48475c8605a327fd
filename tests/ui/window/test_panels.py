"""Panels are made after the first picture, each when it is seen; one that is made late shows what there is."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from gradviz.recording.event import Kind
from tests.ui.conftest import Opener
from tests.ui.waiting import at_rest
from ui.settings import Settings
from ui.window.dock_layout import FIRST_TAB, FIXED
from ui.window.main_window import MainWindow

IN_SIGHT = {*FIXED, FIRST_TAB}  # at the first start


@pytest.mark.parametrize("size", [(1280, 800), (1920, 1080)])
def test_the_first_picture_waits_for_no_panel(size: tuple[int, int], settings: Settings, qtbot: QtBot) -> None:
    window = MainWindow(settings)
    window.resize(*size)
    made: list[set[str]] = []
    places: list[QRect] = []

    def note() -> None:
        made.append({title for title, dock in window.docks.items() if dock.furnished})
        places.append(window.canvas.geometry())

    complete: list[bool] = []
    window.furnished.connect(lambda: complete.append(all(dock.furnished for dock in window.docks.values())))
    window.canvas.painted.connect(note)
    window.show()
    window.workbench.open_lesson()
    qtbot.waitUntil(lambda: bool(made))
    assert made == [set()]
    qtbot.waitUntil(lambda: any(dock.furnished for dock in window.docks.values()))
    assert {title for title, dock in window.docks.items() if dock.furnished} == IN_SIGHT  # in one go
    qtbot.waitUntil(lambda: bool(complete))
    assert complete == [True]  # what is loaded ahead comes then
    assert window.canvas.geometry() == places[0]  # nothing has jumped
    window.close()


def test_a_panel_made_late_shows_what_there_is(window: MainWindow, qtbot: QtBot) -> None:
    session = window.bridge.session
    assert session is not None
    window.bridge.move(session.to_end)
    leaf = [n.id for n in session.graph().nodes if n.title == "weights"][1]
    window.bridge.select((leaf,))
    text = "".join(session.recording.event(int(e)).detail["text"] for e in session.recording.events_of_kind(Kind.PRINT))
    console = window.console
    qtbot.waitUntil(lambda: console.printed() == text)  # a long output comes in turns of the event loop
    window.docks["Gradients"].raise_()
    assert window.plots.leaf_id == leaf
    assert [bar.label for bar in window.plots.ledger.bars] == ["3", "3", "3"]


def test_a_click_on_a_tab_brings_its_panel(window: MainWindow, qtbot: QtBot) -> None:
    from PySide6.QtWidgets import QTabBar

    bars = [bar for bar in window.findChildren(QTabBar) if "Alarms" in {bar.tabText(k).split(" (")[0] for k in range(bar.count())}]
    assert len(bars) == 1
    for k in range(bars[0].count()):
        title = bars[0].tabText(k).split(" (")[0]
        bars[0].setCurrentIndex(k)
        dock = window.docks[title]
        qtbot.waitUntil(lambda dock=dock: dock.furnished and isinstance(dock.panel, QWidget) and dock.panel.isVisible())  # type: ignore[misc]


@pytest.mark.parametrize("title", ["Gradients", "Pictures", "Breakpoints", "Runs", "Check", "Glossary"])
def test_a_panel_that_is_brought_leaves_the_others_their_width(window: MainWindow, qtbot: QtBot, title: str) -> None:
    window.docks[FIRST_TAB].raise_()
    others = {name: window.docks[name].width() for name in FIXED}
    window.docks[title].raise_()
    qtbot.waitUntil(lambda: window.docks[title].panel is not None and not window.docks[title].visibleRegion().isEmpty())
    assert {name: window.docks[name].width() for name in FIXED if name != "Inspector"} == {
        n: w for n, w in others.items() if n != "Inspector"
    }


def test_docks_keep_their_part_of_a_window_that_grows_and_shrinks(window: MainWindow, qtbot: QtBot) -> None:
    def sizes() -> dict[str, tuple[int, int]]:
        return {title: (dock.width(), dock.height()) for title, dock in window.docks.items() if title in IN_SIGHT}

    def resize(width: int, height: int) -> None:
        window.resize(width, height)
        qtbot.waitUntil(lambda: window.size().toTuple() == (width, height) and not window._shares._settled.isActive())

    qtbot.waitUntil(lambda: all(dock.furnished for dock in window.docks.values()))
    first = sizes()
    resize(1920, 1080)
    assert sizes()["Source"][0] == pytest.approx(first["Source"][0] * 1.5, abs=2)
    resize(720, 520)
    resize(1280, 800)
    assert sizes() == first
    window.resizeDocks([window.docks["Source"]], [420], Qt.Orientation.Horizontal)  # as a drag of its edge does
    qtbot.waitUntil(lambda: sizes()["Source"][0] == 420 and not window._shares._settled.isActive())
    resize(1920, 1080)
    assert sizes()["Source"][0] == pytest.approx(630, abs=2)


def test_a_dock_dropped_at_another_side_has_room_there(window: MainWindow, qtbot: QtBot) -> None:
    area = Qt.DockWidgetArea
    qtbot.waitUntil(lambda: all(window.docks[title].furnished for title in IN_SIGHT))
    for title, side in (("Inspector", area.TopDockWidgetArea), ("Source", area.RightDockWidgetArea), ("Timeline", area.LeftDockWidgetArea)):
        dock = window.docks[title]
        dock.setFloating(True)
        window.addDockWidget(side, dock)
        dock.setFloating(False)
        qtbot.waitUntil(lambda dock=dock: dock.width() >= 240 and dock.height() >= 210)  # type: ignore[misc]
    window.resizeDocks([window.docks["Inspector"]], [110], Qt.Orientation.Vertical)  # who drags its edge wants it so
    qtbot.waitUntil(lambda: window.docks["Inspector"].height() <= 120 and not window._shares._settled.isActive())
    window.show_editor()
    window.show_recording()
    qtbot.waitUntil(lambda: window.docks["Inspector"].isVisible() and window.docks["Inspector"].height() <= 120)


@pytest.mark.parametrize("size", [(1280, 800), (900, 600)])
def test_a_look_at_the_editor_takes_no_room_of_the_docks(opened: Opener, qtbot: QtBot, size: tuple[int, int]) -> None:
    window = opened(*size)
    window.workbench.open_lesson()
    qtbot.waitUntil(lambda: window.docks["Derivation"].panel is not None)
    before = {title: window.docks[title].size() for title in ("Source", "Inspector", "Timeline", "Derivation")}
    for active in (True, False):
        QTest.keyClick(window, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
        assert window.room.active is active
        at_rest(window)
        assert (window.width(), window.height()) == size
    assert {title: window.docks[title].size() for title in before} == before


def test_in_a_low_window_all_of_the_training_is_reached_by_scrolling(opened: Opener) -> None:
    window = opened(900, 540)
    window.room.show_editor()
    panel = window.room.panel
    panel.side.setCurrentWidget(panel.training)
    at_rest(window)
    assert window.height() == 540
    training = panel.training
    assert training.horizontalScrollBar().maximum() == 0  # nothing is cut off at the right
    for field in (training.loss, training.train, training.table):
        training.ensureWidgetVisible(field)
        corner = field.mapTo(training.viewport(), QPoint(0, 0))
        assert 0 <= corner.y() <= training.viewport().height() - min(field.height(), training.viewport().height())

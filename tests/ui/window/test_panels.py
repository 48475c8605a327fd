"""Panels are made after the first picture, each when it is seen; one that is made late shows what there is."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from gradviz.recording.event import Kind
from tests.ui.conftest import Opener
from ui.dock_layout import FIRST_TAB, FIXED
from ui.main_window import MainWindow

NEEDED = {*FIXED, FIRST_TAB}  # for the first picture


@pytest.mark.parametrize("size", [(1280, 800), (1920, 1080)])
def test_the_first_picture_waits_for_no_other_panel(size: tuple[int, int], opened: Opener, qtbot: QtBot) -> None:
    window = opened(*size)
    made: list[set[str]] = []
    window.canvas.painted.connect(lambda: made.append({title for title, dock in window.docks.items() if dock.furnished}))
    window.workbench.open_lesson()
    qtbot.waitUntil(lambda: bool(made))
    assert made == [NEEDED]
    qtbot.waitUntil(lambda: all(dock.furnished for dock in window.docks.values()), timeout=30000)


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

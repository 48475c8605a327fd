"""The tour, through the real window by its buttons, keys and the mouse."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.ui.conftest import Opener, keep
from tests.ui.waiting import at_rest
from ui.canvas.painting.empty import EMPTY
from ui.tour.stops import STOPS
from ui.window.main_window import MainWindow

WORDS_A_MINUTE = 200


def walk(window: MainWindow) -> None:
    """Let docks find their places."""
    at_rest(window)
    window.tour.point()


def test_it_takes_two_minutes_to_read() -> None:
    words = [len(stop.text.split()) for stop in STOPS]
    assert max(words) <= 45 and sum(words) / WORDS_A_MINUTE <= 2.0
    assert len({stop.title for stop in STOPS}) == len(STOPS)


@pytest.mark.parametrize(("width", "height", "theme"), [(1280, 800, "dark"), (1920, 1080, "light")])
def test_every_stop_points_at_its_part_and_the_bubble_stays_inside(opened: Opener, width: int, height: int, theme: str) -> None:
    window = opened(width, height, theme)
    window.workbench.open_lesson()
    window.actions_["tour"].trigger()
    seen = []
    for number, stop in enumerate(STOPS):
        walk(window)
        overlay = window.tour.overlay
        assert window.tour.stop is stop and overlay.isVisible() and overlay.geometry() == window.rect()
        assert overlay.bubble.title.text() == stop.title and overlay.bubble.count.text() == f"{number + 1} of {len(STOPS)}"
        part = stop.part(window)
        assert not part.isEmpty() and overlay.hole.contains(part.intersected(window.rect()).center())
        assert overlay.rect().contains(overlay.bubble.geometry())
        covered = overlay.bubble.geometry().intersected(overlay.hole)
        share = covered.width() * covered.height() / (overlay.hole.width() * overlay.hole.height())
        assert share < 0.5, stop.title
        seen.append(overlay.hole)
        keep(window, f"tour-{theme}-{number}")
        QTest.mouseClick(overlay.bubble.next, Qt.MouseButton.LeftButton)
    assert not window.tour.running and not window.tour.overlay.isVisible()
    assert len({(r.x(), r.y(), r.width(), r.height()) for r in seen}) >= len(STOPS) - 2


def test_keys_go_on_and_back_and_esc_leaves_anywhere(window: MainWindow) -> None:
    window.tour.start()
    overlay = window.tour.overlay
    assert QApplication.focusWidget() is overlay
    for key, index in (
        (Qt.Key.Key_Right, 1),
        (Qt.Key.Key_Return, 2),
        (Qt.Key.Key_Left, 1),
        (Qt.Key.Key_Space, 2),
        (Qt.Key.Key_Backspace, 1),
    ):
        QTest.keyClick(overlay, key)
        assert window.tour.index == index
    assert overlay.bubble.back.isEnabled()
    QTest.keyClick(overlay, Qt.Key.Key_Escape)
    assert not window.tour.running and not overlay.isVisible()
    window.tour.start()
    assert window.tour.index == 0 and not overlay.bubble.back.isEnabled()
    QTest.mouseClick(overlay.bubble.skip, Qt.MouseButton.LeftButton)
    assert not window.tour.running


def test_the_part_that_is_pointed_at_can_be_used(window: MainWindow) -> None:
    window.tour.start()
    window.tour.next()
    walk(window)
    session = window.bridge.session
    assert session is not None and window.tour.stop is STOPS[1]
    button = window.toolbar.widgetForAction(window.actions_["step"])
    centre = button.mapTo(window, button.rect().center())
    assert not window.tour.overlay.mask().contains(centre), "the overlay has a hole there"
    assert window.childAt(centre) is button
    assert window.tour.overlay.mask().contains(QPoint(window.width() // 2, window.height() // 2)), "and none elsewhere"
    before = session.position
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert session.position > before and window.tour.running


def test_it_follows_when_the_window_grows(window: MainWindow) -> None:
    window.tour.start()
    window.tour.next()
    window.resize(1500, 900)
    walk(window)
    assert window.tour.overlay.geometry() == window.rect()


def test_it_brings_the_lesson_where_nothing_is_recorded(opened: Opener) -> None:
    window = opened()
    assert window.bridge.session is None
    window.tour.start()
    assert window.bridge.session is not None and window.tour.running


def test_it_is_offered_once(opened: Opener) -> None:
    window = opened()
    window.tour.offer_first_time()
    assert window.message.isVisible() and "tour of two minutes" in window.message.text
    button = window.message.button("Take the tour")
    assert button is not None
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert window.tour.running and not window.message.isVisible()
    window.tour.leave()
    window.tour.offer_first_time()
    assert not window.message.isVisible()
    assert window.settings.tour_offered


def test_the_gallery_leads_to_it(window: MainWindow) -> None:
    window.lessons.show_gallery()
    button = next(b for b in window.lessons.gallery.findChildren(type(window.lessons.gallery.close_button)) if b.objectName() == "tour")
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert window.tour.running and not window.lessons.gallery_shown


def test_an_empty_canvas_says_what_to_do_and_the_keys_are_right(opened: Opener) -> None:
    window = opened()
    keep(window, "canvas-empty")
    for key, action in (("F5", "run"), ("Ctrl+O", "open"), ("Ctrl+E", "build"), ("Ctrl+Shift+H", "lessons")):
        assert key in EMPTY and key in [s.toString() for s in window.actions_[action].shortcuts()]
    assert window.actions_["tour"] in window.menus["Help"].actions()

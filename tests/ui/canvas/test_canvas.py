"""The canvas by mouse and keys: pan, zoom at the cursor, select, box; what stands still is painted once."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from gradviz.recording.event import Kind
from ui.canvas.painting.render import render_graph
from ui.canvas.view import CanvasView
from ui.style.theme import DARK
from ui.window.main_window import MainWindow

LEFT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton
SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
NONE = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def canvas(window: MainWindow) -> CanvasView:
    """The lesson's graph in the window."""
    return window.canvas


def middle(canvas: CanvasView, row: int) -> QPoint:
    rect = canvas.geometry_.rect(int(canvas.geometry_.ids[row]))
    return canvas.to_widget(rect.center()).toPoint()


def wheel(canvas: CanvasView, at: QPointF, delta: int) -> None:
    event = QWheelEvent(
        at, QPointF(canvas.mapToGlobal(at.toPoint())), QPoint(), QPoint(0, delta), Qt.MouseButton.NoButton,
        NONE, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(canvas, event)


def drag(canvas: CanvasView, start: QPoint, stop: QPoint, button: Qt.MouseButton) -> None:
    QTest.mousePress(canvas, button, NONE, start)
    QTest.mouseMove(canvas, (start + stop) / 2)
    QTest.mouseMove(canvas, stop)
    QTest.mouseRelease(canvas, button, NONE, stop)


@pytest.mark.parametrize("delta", [240, -240])
def test_the_wheel_zooms_at_the_cursor(canvas: CanvasView, delta: int) -> None:
    at = QPointF(200, 150)
    under, before = canvas.to_graph(at), canvas.scale
    wheel(canvas, at, delta)
    assert (canvas.scale > before) == (delta > 0)
    again = canvas.to_graph(at)
    assert (again.x(), again.y()) == pytest.approx((under.x(), under.y()), abs=1e-6)


def test_the_middle_button_moves_the_paper(canvas: CanvasView) -> None:
    before = QPointF(canvas.offset)
    drag(canvas, QPoint(300, 200), QPoint(340, 170), MIDDLE)
    assert canvas.offset == before + QPointF(40, -30)


def test_a_click_selects_shift_adds_control_takes_away_escape_clears(canvas: CanvasView) -> None:
    ids = canvas.geometry_.ids
    QTest.mouseClick(canvas, LEFT, NONE, middle(canvas, 0))
    QTest.mouseClick(canvas, LEFT, SHIFT, middle(canvas, 1))
    assert set(canvas.bridge.selected) == {int(ids[0]), int(ids[1])}
    QTest.mouseClick(canvas, LEFT, CTRL, middle(canvas, 0))
    assert canvas.bridge.selected == (int(ids[1]),)
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert canvas.bridge.selected == ()


def test_a_box_selects_the_cards_that_it_touches(canvas: CanvasView) -> None:
    ids = [int(i) for i in canvas.geometry_.ids]
    first, second = middle(canvas, 0), middle(canvas, 1)
    top = min(first.y(), second.y())
    drag(canvas, QPoint(2, max(2, top - 20)), second, LEFT)
    assert {ids[0], ids[1]} <= set(canvas.bridge.selected)


def test_arrow_keys_walk_from_card_to_card(canvas: CanvasView) -> None:
    QTest.mouseClick(canvas, LEFT, NONE, middle(canvas, 0))
    start = canvas.bridge.selected
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    assert canvas.bridge.selected != start
    QTest.keyClick(canvas, Qt.Key.Key_Left)
    assert canvas.bridge.selected == start


def test_fit_shows_everything_and_actual_size_is_one_to_one(canvas: CanvasView) -> None:
    QTest.keyClick(canvas, Qt.Key.Key_Home)
    assert canvas.shown.contains(canvas.geometry_.bounds)
    QTest.keyClick(canvas, Qt.Key.Key_0, CTRL)
    assert canvas.scale == 1.0


def test_zoom_to_selection_shows_it_whole(canvas: CanvasView) -> None:
    last = int(canvas.geometry_.ids[-1])
    canvas.bridge.select((last,))
    QTest.keyClick(canvas, Qt.Key.Key_F)
    assert canvas.shown.contains(canvas.geometry_.rect(last))


def test_the_minimap_moves_the_view(canvas: CanvasView) -> None:
    before = canvas.shown
    box = canvas._minimap()
    QTest.mouseClick(canvas, LEFT, NONE, QPoint(round(box.center().x()), round(box.bottom() - 12)))
    assert canvas.shown.center().y() > before.center().y()


def test_an_animation_frame_repaints_only_what_moves(canvas: CanvasView) -> None:
    session = canvas.bridge.session
    assert session is not None
    canvas.set_speed(1.0)
    canvas.bridge.seek(int(session.recording.events_of_kind(Kind.DELIVER)[0]))
    canvas.set_phase(0.1)
    canvas.grab()
    painted = canvas.static_paints
    for k in range(2, 10):
        canvas.set_phase(k / 10)
        canvas.grab()
    assert canvas.static_paints == painted


def test_cards_that_stood_keep_their_places_when_the_direction_is_turned_twice(canvas: CanvasView) -> None:
    before = canvas.geometry_.rects.copy()
    QTest.keyClick(canvas, Qt.Key.Key_L, CTRL | SHIFT)
    assert (canvas.geometry_.rects != before).any()
    QTest.keyClick(canvas, Qt.Key.Key_L, CTRL | SHIFT)
    assert (canvas.geometry_.rects == before).all()


def test_cards_do_not_overlap(canvas: CanvasView) -> None:
    rects = canvas.geometry_.rects
    for k, (x, y, w, h) in enumerate(rects):
        others = rects[k + 1 :]
        apart = (others[:, 0] >= x + w) | (others[:, 0] + others[:, 2] <= x) | (others[:, 1] >= y + h) | (others[:, 1] + others[:, 3] <= y)
        assert apart.all()


def test_every_card_is_told_in_words(canvas: CanvasView) -> None:
    said = canvas.describe(int(canvas.geometry_.ids[0]))
    assert said.startswith("x: ")
    assert "shape (3,), float32" in said
    assert "line 7" in said


@pytest.mark.parametrize("ending", ["svg", "png", "pdf"])
def test_the_graph_is_drawn_into_a_file(canvas: CanvasView, tmp_path: Path, ending: str) -> None:
    graph = canvas.bridge.graph()
    assert graph is not None
    target = tmp_path / f"graph.{ending}"
    render_graph(graph, canvas.bridge.moment(), DARK, (800, 600), target)
    data = target.read_bytes()
    assert {"svg": b"<svg", "png": b"\x89PNG", "pdf": b"%PDF"}[ending] in data[:1000]
    if ending == "png":
        assert (QImage(str(target)).width(), QImage(str(target)).height()) == (800, 600)
    if ending == "svg":
        assert b"AddBackward0" in data


def test_a_png_with_too_many_pixels_is_made_smaller(canvas: CanvasView, tmp_path: Path) -> None:
    """Qt's painter ends the process where a picture is wider than 32,767 pixels."""
    graph = canvas.bridge.graph()
    assert graph is not None
    target = tmp_path / "graph.png"
    share = render_graph(graph, canvas.bridge.moment(), DARK, (60_000, 200), target)
    assert share == 0.5
    assert (QImage(str(target)).width(), QImage(str(target)).height()) == (30_000, 100)
    assert render_graph(graph, canvas.bridge.moment(), DARK, (60_000, 200), tmp_path / "graph.svg") == 1
    assert render_graph(graph, canvas.bridge.moment(), DARK, (28_800, 200), tmp_path / "graph.pdf") == 0.5


def test_the_end_shows_what_ran_last_though_a_print_has_no_node(canvas: CanvasView) -> None:
    session = canvas.bridge.session
    assert session is not None and session.latest_site == -1
    canvas.bridge.move(session.to_end)
    last = session.latest_site
    assert session.recording.event(session.position).kind == Kind.PRINT and last >= 0
    assert canvas.shown.intersects(canvas.geometry_.rect(last))
    canvas.bridge.move(session.to_start)
    assert session.latest_site == -1

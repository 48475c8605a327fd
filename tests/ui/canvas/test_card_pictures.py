"""Cards that look the same from one event to the next are copied, and the picture is the one that painting all anew gives."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from gradviz.recording.event import Kind
from tests.ui.waiting import at_rest
from ui.canvas.cards.card_pictures import CardPictures
from ui.canvas.view import CanvasView
from ui.window.main_window import MainWindow


@pytest.fixture
def canvas(window: MainWindow) -> CanvasView:
    """The lesson's graph in the window, with nothing that moves."""
    window.canvas.set_speed(0)
    return window.canvas


def seen(canvas: CanvasView) -> np.ndarray:
    image = canvas.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    return np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4)[..., :3].astype(int)


def anew(canvas: CanvasView) -> np.ndarray:
    kept, canvas.cards = canvas.cards, CardPictures()
    canvas.repaint_all()
    found = seen(canvas)
    canvas.cards = kept
    canvas.repaint_all()
    return found


def looks_anew(canvas: CanvasView) -> bool:
    """Whether what is seen is what painting all cards gives. Soft corners fall on the ground in two steps, and are rounded twice;
    the dashes of a card that is partly out of sight may begin elsewhere.
    """
    differs = np.abs(anew(canvas) - seen(canvas)).max(axis=2)
    return bool(differs.max() < 60 and np.count_nonzero(differs > 3) < 0.001 * differs.size)


@pytest.mark.parametrize("scale", [0.6, 1.0, 1.7])
def test_the_picture_is_that_of_cards_painted_anew(canvas: CanvasView, scale: float) -> None:
    session = canvas.bridge.session
    assert session is not None
    canvas.fit()
    canvas.scale = scale
    canvas.pan_to(QPointF(31.3, 12.8))
    for position in [*range(-1, session.length, 5), *range(session.length - 1, -1, -11)]:
        canvas.bridge.seek(position)
        for _ in range(2):  # painted where it stands, then copied
            assert looks_anew(canvas), position
            canvas.repaint_all()
    assert canvas.cards.painted


def test_a_step_paints_the_cards_that_look_otherwise(canvas: CanvasView) -> None:
    canvas.scale = 0.7
    canvas.pan_to(QPointF(20, 20))
    session = canvas.bridge.session
    assert session is not None
    canvas.bridge.seek(session.length // 2)
    for _ in range(2):
        canvas.repaint_all()
        seen(canvas)
    painted = canvas.cards.painted
    assert painted >= 4
    canvas.repaint_all()
    seen(canvas)
    assert canvas.cards.painted == painted
    canvas.bridge.seek(session.length // 2 + 1)
    seen(canvas)
    assert canvas.cards.painted - painted < len(canvas.geometry_.nodes) / 2


def test_a_card_that_glides_is_copied_to_where_it_is(canvas: CanvasView) -> None:
    canvas.scale = 0.7
    canvas.pan_to(QPointF(20, 20))
    for _ in range(2):
        canvas.repaint_all()
        seen(canvas)
    painted, left = canvas.cards.painted, canvas.offset
    assert painted >= 4
    for k in range(6):
        canvas.pan_to(left + QPointF(-0.3 * k, 0.2))
        assert looks_anew(canvas)
    assert canvas.cards.painted == painted
    canvas.scale *= 1.01
    canvas.pan_to(left)
    assert looks_anew(canvas)
    assert canvas.cards.painted > painted


def test_cards_that_wait_while_the_mouse_drags_are_right_when_it_rests(
    canvas: CanvasView, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.canvas.cards.card_pictures.HURRIED_SECONDS", 0.0)  # a machine on which no second card is painted in a frame
    session = canvas.bridge.session
    assert session is not None
    at_rest(canvas.window())
    canvas.scale = 0.6
    canvas.pan_to(QPointF(31.3, 12.8))
    canvas.follow = False
    painted = -1
    while painted != canvas.cards.painted:  # until each has its picture
        painted = canvas.cards.painted
        canvas.repaint_all()
        seen(canvas)
    last = int(np.flatnonzero(session.columns.kind == int(Kind.BACKWARD_END))[0])
    canvas.bridge.scrub(last)  # all of the first graph has values and gradients now
    seen(canvas)
    assert canvas.cards.late, "some of the many that look otherwise wait"
    assert canvas.cards.painted - painted <= len(canvas.moment.current if canvas.moment else ())
    qtbot.waitUntil(lambda: not canvas.cards.late)
    assert looks_anew(canvas)

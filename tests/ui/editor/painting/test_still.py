"""What an edit paints is what painting all would give, and what is known after it what asking all would."""

from __future__ import annotations

import gc
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule, run_state_machine_as_test
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gradviz.document import edits, sharing
from gradviz.document.model import Document, Value
from tests.campaigns import share
from tests.ui.editor.pilot import Pilot
from tests.ui.editor.test_histories import Histories
from ui.bridge import Bridge
from ui.editor.layout.boxes import sides_of
from ui.editor.layout.shapes import Shapes
from ui.editor.painting.paint import NEAR
from ui.editor.painting.still import Still
from ui.editor.view import EditorView
from ui.style import theme

ROUNDING = 12  # of 255: Qt's edges come out a little otherwise where they are clipped (9, at the ends of a dashed line's dashes)
SOON_MS = 200


def alike(ours: QImage, other: QImage) -> bool:
    """Whether two pictures show the same.

    The numbers are let go of: of hundreds of failures, while a shorter one is sought, all would stay.
    """
    return bool(np.abs(numbers(ours) - numbers(other)).max() <= ROUNDING)


def numbers(picture: QImage) -> Any:
    """The bytes of a picture's colours."""
    made = picture.convertToFormat(QImage.Format.Format_RGB32)
    return np.frombuffer(made.constBits(), np.uint8).astype(np.int16)


class Pictures(Histories):
    """The same random edits, on a canvas."""

    def __init__(self) -> None:
        super().__init__()
        self.view = EditorView(self.desk, Bridge(theme.DARK))
        self.view.resize(900, 700)
        self.view.scale = 0.5
        self.view.pan_to(QPointF(400, 300))
        self.view.show()

    def teardown(self) -> None:
        super().teardown()
        self.view.deleteLater()
        gc.collect(1)  # the collector rests here, and pictures of each step would wait for it

    @rule(live=st.booleans())
    def turn_live(self, live: bool) -> None:
        self.desk.set_live(live)

    @rule(scale=st.sampled_from((0.1, 0.2, 0.5, 0.8)))
    def zoom(self, scale: float) -> None:
        self.view.scale = scale
        self.view.update()

    @rule(number=st.integers(0, 100))
    def choose_a_wire(self, number: int) -> None:
        wires = list(self.view.shapes.wires)
        self.view.chosen_wire = wires[number % len(wires)] if wires else None
        self.view.update()

    @rule(number=st.integers(0, 100))
    def close_or_open_a_group(self, number: int) -> None:
        groups = [f for f in self.desk.document.frames.values() if f.kind == "comment"]
        if groups:
            chosen = groups[number % len(groups)]
            self.desk.do("Close", edits.collapse(self.desk.document, chosen.id, not chosen.collapsed))
            self._did()

    @invariant()
    def everything_stands_where_it_would(self) -> None:
        ours, whole = self.view.shapes, Shapes(self.desk.document, None, self.desk.known)
        assert ours.blocks == whole.blocks and list(ours.blocks) == list(whole.blocks)
        assert ours.wires == whole.wires
        assert ours.near([sides_of(self.view.shown)]) == whole.near([sides_of(self.view.shown)])
        assert ours.bounds == whole.bounds
        assert set(ours.wire_boxes.touching(self.view.shown)) == set(whole.wire_boxes.touching(self.view.shown))

    @invariant()
    def the_picture_is_the_one_that_painting_all_gives(self) -> None:
        ours, whole = (still.picture(None).toImage() for still in (self.view.still, Still(self.view)))
        assert alike(ours, whole)

    @invariant()
    def the_screen_shows_it(self) -> None:
        for _ in range(3):
            QApplication.processEvents()  # what changed is painted, and no more
        if (
            not self._is_on_the_screen()
        ):  # a window that was just shown comes when the platform has it; what was not painted does not come at all
            QTest.qWaitForWindowExposed(self.view)
            QTest.qWait(SOON_MS)
            assert self._is_on_the_screen()

    def _is_on_the_screen(self) -> bool:
        return alike(self.view.screen().grabWindow(self.view.winId()).toImage(), self.view.grab().toImage())


@pytest.mark.usefixtures("qapp")
def test_random_edits_on_a_canvas() -> None:
    run_state_machine_as_test(
        Pictures,
        settings=settings(max_examples=share(100), stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)),
    )


def test_a_number_that_is_typed_far_away_is_seen_in_all_that_it_reaches(pilot: Pilot, qtbot: QtBot) -> None:
    view, desk = pilot.view, pilot.window.room.desk
    document, x = edits.add(desk.document, "tensor", 0, 0, name="x", requires_grad=True)
    document, y = edits.add(document, "torch.exp", 480, 400, name="y")
    desk.do("Build", edits.connect(document, x, y, "input"))
    view.fit()
    qtbot.waitUntil(lambda: not view.visibleRegion().isEmpty())
    QApplication.processEvents()

    def seen() -> QImage:
        return pilot.window.screen().grabWindow(pilot.window.winId()).toImage()

    assert view.scale >= NEAR
    before = seen()
    desk.do("Set x", edits.set_value(desk.document, x, Value((), (1.5,))))
    for _ in range(3):
        QApplication.processEvents()
    after = seen()
    assert after != before
    view.update()
    for _ in range(3):
        QApplication.processEvents()
    assert alike(seen(), after)


def test_hundreds_of_nodes_far_away_that_look_alike_are_painted_once(pilot: Pilot) -> None:
    """Each had a picture of its own with a name that nobody could read: a graph of 1,000 nodes was painted for a seventh of a second."""
    view, desk = pilot.view, pilot.window.room.desk
    document, first = edits.add(desk.document, "torch.exp", 0, 0, name="e")
    row = {f"b{k}": replace(document.blocks[first], id=f"b{k}", name=f"e{k}", x=k % 25 * 240.0, y=k // 25 * 160.0) for k in range(2, 500)}
    desk.do("Build", replace(document, blocks={**document.blocks, **row}, next_number=500))
    view.fit()
    before = view.still.cards.painted
    plain = view.grab().toImage()
    assert view.scale < 0.14
    assert 0 < view.still.cards.painted - before <= 4
    desk.select(desk.document.blocks)  # so many rings are drawn at once
    ringed = view.grab().toImage()
    lit = QColor(view.theme.selection).blue() - QColor(view.theme.window).blue()
    for shape in view.shapes.blocks.values():
        at = view.to_widget(shape.rect.center() - QPointF(0, shape.rect.height() / 2 + 4)).toPoint()
        if view.rect().contains(at):
            assert ringed.pixelColor(at).blue() - plain.pixelColor(at).blue() > lit / 2


def test_a_layer_says_whose_weights_it_has_as_soon_as_it_has_them(pilot: Pilot) -> None:
    view, desk = pilot.view, pilot.window.room.desk
    document, first = edits.add(desk.document, "nn.Linear", 0, 0, name="first")
    document, second = edits.add(document, "nn.Linear", 400, 0, name="second")
    desk.do("Build", document)
    view.fit()
    assert view.scale >= NEAR

    def told(label: str, made: Document) -> None:
        before = view.still.picture(None).toImage()
        desk.do(label, made)
        ours = view.still.picture(None).toImage()
        assert alike(ours, Still(view).picture(None).toImage()) and ours != before

    told("Share", sharing.share(desk.document, second, first))
    told("Rename", edits.rename(desk.document, first, "encoder"))
    told("Own weights", sharing.share(desk.document, second, ""))


def test_a_badge_stands_over_the_ring_that_tells_of_a_problem(pilot: Pilot) -> None:
    view, desk = pilot.view, pilot.window.room.desk
    document, first = edits.add(desk.document, "nn.Linear", 0, 0, name="first")  # its sizes are not set
    document, second = edits.add(document, "nn.Linear", 400, 0, name="second")
    desk.do("Build", sharing.share(document, second, first))
    view.fit()
    picture, error = view.grab().toImage(), QColor(view.theme.error)

    def ringed(block: str) -> int:
        """How long the ring is along the lower edge of a card."""
        rect = view.shapes.blocks[block].rect
        left, right = (view.to_widget(at).toPoint() for at in (rect.bottomLeft(), rect.bottomRight()))
        rows = [[picture.pixelColor(x, y) == error for x in range(left.x(), right.x())] for y in range(left.y() - 2, left.y() + 4)]
        return max(map(sum, rows))

    assert 0 < ringed(second) < ringed(first) - 40

"""An empty box to tick is seen on its ground."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QCheckBox
from pytestqt.qtbot import QtBot

from ui.presenter.look import contrast
from ui.style.theme import DARK, LIGHT, Theme, apply


@pytest.fixture(params=[DARK, LIGHT], ids=["dark", "light"])
def theme(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[Theme]:
    """The look of the application, for one test."""
    before, boxes = qapp.palette(), QApplication.palette("QCheckBox")  # type: ignore[call-overload]  # the stubs say bytes, which is refused
    apply(qapp, request.param)
    yield request.param
    qapp.setPalette(before)
    qapp.setPalette(boxes, "QCheckBox")  # type: ignore[arg-type]


def test_an_empty_box_stands_out_from_the_window(theme: Theme, qtbot: QtBot) -> None:
    box = QCheckBox()
    qtbot.addWidget(box)
    box.show()
    picture = box.grab().toImage()
    seen = {picture.pixelColor(x, y).rgb() for x in range(picture.width()) for y in range(picture.height())}
    assert max(contrast(theme.window, QColor(rgb)) for rgb in seen) >= 3  # WCAG 2.2, 1.4.11

"""Random clicks, drags and keys: no exception, no Qt warning, no growth. Replayable by its seed."""

from __future__ import annotations

import gc
import random
from collections import Counter

import pytest
import shiboken6
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QWidget

from gradviz.document.file.text import read, write
from tests.campaigns import share
from tests.ui.editor.pilot import LEFT, NOTHING, Pilot
from ui.editor.asking.picker import Picker
from ui.editor.asking.quick_add import add_expression

EVENTS = share(100_000)
EXPRESSIONS = ("loss = mean((w*x + b - y)**2)", "relu(x @ w).sum()", "cat([a, c]).exp().mean()")
_NAMES = """R G D M L C Delete Return F2 Escape Left Right Up Down Tab W Home F E Equal"""
KEYS = tuple(getattr(Qt.Key, f"Key_{name}") for name in _NAMES.split())
CONTROLLED = (
    Qt.Key.Key_Z,
    Qt.Key.Key_Y,
    Qt.Key.Key_D,
    Qt.Key.Key_A,
    Qt.Key.Key_C,
    Qt.Key.Key_V,
    Qt.Key.Key_X,
    Qt.Key.Key_L,
    Qt.Key.Key_Delete,
)
WORDS = ("tensor", "mul", "mean", "exp", "cat", "reshape", "linear", "nothing like it", "[1, 2", "randn(2, 3)", "7", "(", "max")


def close_popups(pilot: Pilot, chance: random.Random) -> None:
    for _ in range(8):
        popup = QApplication.activePopupWidget()
        if popup is None:
            break
        if isinstance(popup, Picker) and chance.random() < 0.7:
            QTest.keyClicks(popup.line, chance.choice(WORDS))
            QTest.keyClick(popup.line, Qt.Key.Key_Return)
        if isinstance(popup, QMenu) and chance.random() < 0.3 and popup.objectName() == "refused" and popup.actions():
            popup.actions()[-1].trigger()
        if shiboken6.isValid(popup) and popup.isVisible():
            popup.close()
    line = pilot.view.inline.line
    if line is not None:
        QTest.keyClicks(line, chance.choice(WORDS))
        QTest.keyClick(line, chance.choice((Qt.Key.Key_Return, Qt.Key.Key_Escape)))


def place(pilot: Pilot, chance: random.Random) -> QPoint:
    """On a port or a card more often than not."""
    shapes = list(pilot.view.shapes.blocks.values())
    spot = chance.random()
    if shapes and spot < 0.75:
        shape = chance.choice(shapes)
        targets = [shape.output, shape.rect.center(), shape.rect.topLeft() + QPointF(40, 12), *(at for _, at in shape.inputs)]
        if not shape.slider.isEmpty():
            targets.append(shape.slider.center())
        return pilot.at(chance.choice(targets))
    return QPoint(chance.randrange(pilot.view.width()), chance.randrange(pilot.view.height()))


def act(pilot: Pilot, chance: random.Random) -> None:
    kind = chance.randrange(12)
    modifiers = chance.choice(
        (NOTHING, NOTHING, NOTHING, Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier)
    )
    if kind < 4:
        pilot.drag(place(pilot, chance), place(pilot, chance), modifiers, LEFT if chance.random() < 0.85 else Qt.MouseButton.MiddleButton)
    elif kind < 6:
        pilot.click(place(pilot, chance), modifiers)
    elif kind == 6:
        QTest.mouseDClick(pilot.view, LEFT, NOTHING, place(pilot, chance))
    elif kind < 9:
        QTest.keyClick(pilot.view, chance.choice(KEYS))
    elif kind == 9:
        QTest.keyClick(pilot.view, chance.choice(CONTROLLED), Qt.KeyboardModifier.ControlModifier)
    elif kind == 10:
        panel = pilot.window.room.panel
        panel.side.setCurrentIndex(chance.randrange(panel.side.count()))
        found = [w for w in panel.side.currentWidget().findChildren(QLineEdit) if w.isVisible() and w.isEnabled()]
        if found:
            line = chance.choice(found)
            QTest.keyClicks(line, chance.choice(WORDS))
            QTest.keyClick(line, Qt.Key.Key_Return)
    elif len(pilot.names()) < 25:
        add_expression(pilot.view, chance.choice(EXPRESSIONS), QPointF(place(pilot, chance)))
    close_popups(pilot, chance)


def widgets() -> Counter[str]:
    """The widgets that live, by class; those of the form differ by node and are left out."""
    for _ in range(3):
        QApplication.processEvents()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    return Counter(type(w).__name__ for w in shiboken6.getAllValidWrappers() if isinstance(w, QWidget))


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_a_monkey_breaks_nothing(pilot: Pilot, seed: int) -> None:
    chance = random.Random(seed)
    desk = pilot.window.room.desk
    for _ in range(100):
        act(pilot, chance)
    desk.select(())
    for dock in pilot.window.docks.values():
        dock.furnish()  # panels that nobody has seen are made by and by: all of them now
    before = widgets()
    for k in range(EVENTS // 4):
        act(pilot, chance)
        if k % 50 == 0:
            QApplication.processEvents()
            text = write(desk.document)
            assert write(read(text.encode()).document) == text
            assert not read(text.encode()).left_out
        if len(desk.document.blocks) > 60:
            desk.do("Clear", type(desk.document)())
    close_popups(pilot, chance)
    desk.select(())
    QApplication.processEvents()
    grown = widgets() - before
    assert sum(grown.values()) <= 30, grown  # a form has some fields more or less, the first message makes its bar; nothing piles up
    while desk.history.can_undo:
        desk.history.undo()
    assert write(desk.document).count('"id"') == 0 or len(desk.history) >= 1000

"""A user at the editor: does what hands do, through the real window."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from gradviz.document.model import Block
from ui.editor.asking.picker import Picker
from ui.editor.view import EditorView
from ui.window.main_window import MainWindow

NOTHING = Qt.KeyboardModifier.NoModifier
CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
LEFT = Qt.MouseButton.LeftButton


class Pilot:
    """Mouse and keys on the canvas of the editor."""

    def __init__(self, window: MainWindow) -> None:
        self.window = window
        QTest.keyClick(window, Qt.Key.Key_E, CONTROL)
        QApplication.processEvents()

    @property
    def view(self) -> EditorView:
        return self.window.room.panel.view

    def block(self, name: str) -> Block:
        return next(b for b in self.window.room.desk.document.blocks.values() if b.name == name)

    def names(self) -> list[str]:
        return [b.name for b in self.window.room.desk.document.blocks.values()]

    def at(self, point: QPointF) -> QPoint:
        return self.view.to_widget(point).toPoint()

    def output(self, name: str) -> QPoint:
        return self.at(self.view.shapes.blocks[self.block(name).id].output)

    def input(self, name: str, port: str) -> QPoint:
        place = self.view.shapes.blocks[self.block(name).id].port(port)
        assert place is not None
        return self.at(place)

    def title(self, name: str) -> QPoint:
        return self.at(self.view.shapes.blocks[self.block(name).id].rect.topLeft() + QPointF(50, 14))

    def drag(self, start: QPoint, end: QPoint, modifiers: Qt.KeyboardModifier = NOTHING, button: Qt.MouseButton = LEFT) -> None:
        QTest.mousePress(self.view, button, modifiers, start)
        for k in range(1, 7):
            QTest.mouseMove(self.view, start + (end - start) * k / 6)
        QTest.mouseRelease(self.view, button, modifiers, end)
        QApplication.processEvents()

    def connect(self, source: str, target: str, port: str) -> None:
        self.drag(self.output(source), self.input(target, port))

    def click(self, point: QPoint, modifiers: Qt.KeyboardModifier = NOTHING) -> None:
        QTest.mouseClick(self.view, LEFT, modifiers, point)
        QApplication.processEvents()

    def select(self, name: str) -> None:
        self.click(self.title(name))

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = NOTHING) -> None:
        QTest.keyClick(self.view, key, modifiers)
        QApplication.processEvents()

    @property
    def picker(self) -> Picker:
        found = [p for p in self.view.findChildren(Picker) if p.isVisible()]
        assert found, "no menu is open"
        return found[-1]

    def pick(self, text: str) -> None:
        """Type into the open menu and take the first line."""
        QTest.keyClicks(self.picker.line, text)
        QTest.keyClick(self.picker.line, Qt.Key.Key_Return)
        assert QTest.qWaitForWindowActive(self.window)

    def add(self, text: str, point: QPoint) -> str:
        """Double-click on the canvas, type, Enter; gives the name of the new node."""
        QTest.mouseDClick(self.view, LEFT, NOTHING, point)
        self.pick(text)
        return self.names()[-1]

    def type(self, text: str) -> None:
        """Into the line that is open on the canvas, with Enter."""
        line = self.view.inline.line
        assert line is not None, "nothing is open to type into"
        line.selectAll()
        QTest.keyClicks(line, text)
        QTest.keyClick(line, Qt.Key.Key_Return)
        QApplication.processEvents()
        assert self.view.inline.line is None

    def set_value(self, name: str, text: str) -> None:
        point = self.title(name)
        QTest.mouseDClick(self.view, LEFT, NOTHING, point)
        self.type(text)

    def undo(self) -> None:
        self.key(Qt.Key.Key_Z, CONTROL)

    def redo(self) -> None:
        self.key(Qt.Key.Key_Z, CONTROL | SHIFT)


def build(pilot: Pilot, text: str = "loss = mean((w*x + b - y)**2)") -> None:
    """Typed into the quick-add menu."""
    pilot.key(Qt.Key.Key_Equal)
    pilot.pick(text)

"""Letters that are typed at a list are meant for it: they find a line, and do to no node what they do on the canvas."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox


def is_letter(event: QEvent) -> bool:
    """Whether a key types a letter or a digit."""
    others = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
    return isinstance(event, QKeyEvent) and event.text().isalnum() and not event.modifiers() & others


class Chooser(QComboBox):
    """One of some lines, found by its first letters, too."""

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and is_letter(event):
            event.accept()
            return True
        return super().event(event)

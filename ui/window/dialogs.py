"""Questions that the window waits for: which file, and what becomes of what is not saved.

The dialogs are loaded when they are shown: what Python makes of their enumerations would hold up the first picture.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

SAVE, DISCARD, CANCEL = "save", "discard", "cancel"


def file_to_open(parent: QWidget, title: str, folder: str, kinds: str) -> str:
    """The path of a file that is there; "" where none was chosen."""
    from PySide6.QtWidgets import QFileDialog

    return QFileDialog.getOpenFileName(parent, title, folder, kinds)[0]


def file_to_write(parent: QWidget, title: str, name: str, kinds: str) -> str:
    """The path of a file to be written; "" where none was chosen."""
    from PySide6.QtWidgets import QFileDialog

    return QFileDialog.getSaveFileName(parent, title, name, kinds)[0]


def about_changes(parent: QWidget, text: str) -> str:
    """SAVE, DISCARD or CANCEL."""
    from PySide6.QtWidgets import QMessageBox

    button = QMessageBox.StandardButton
    asked = QMessageBox(QMessageBox.Icon.Question, "gradviz", text, parent=parent)
    asked.setStandardButtons(button.Save | button.Discard | button.Cancel)
    return {int(button.Save): SAVE, int(button.Discard): DISCARD}.get(asked.exec(), CANCEL)

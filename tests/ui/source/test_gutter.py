"""The numbers beside the script stand at their lines."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtGui import QTextCursor

from ui.window.main_window import MainWindow


def test_each_number_stands_at_the_height_of_its_line(window: MainWindow) -> None:
    editor = window.source.editor
    editor.setPlainText("import torch\n\nx = torch.ones(3)\n")  # the last line is empty, and the last
    for line in range(1, 5):
        block = editor.document().findBlockByNumber(line - 1)
        text = editor.cursorRect(QTextCursor(block))
        number = editor.gutter.line_rect(line)
        shift = editor.gutter.mapFromGlobal(editor.viewport().mapToGlobal(QPoint(0, 0))).y()
        assert abs(number.center().y() - (text.center().y() + shift)) <= 1
        assert editor.gutter.line_at(number.center().y()) == line
    window.source.saved()

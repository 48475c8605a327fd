"""Long names in labels may be broken, and are whole again where they are copied."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from ui.style.breakable import breakable
from ui.window.main_window import MainWindow

NAME = "encoder.layers.attention_output_projection_weight"


def test_a_copied_name_is_whole(window: MainWindow, qtbot: QtBot) -> None:
    label = QLabel(breakable(NAME), window)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.show()
    assert len(label.text()) > len(NAME)
    label.setSelection(0, len(label.text()))
    QTest.keyClick(label, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: QApplication.clipboard().text() == NAME)


def test_a_name_without_signs_is_broken_before_its_capital_letters() -> None:
    parts = breakable("BinaryCrossEntropyWithLogitsBackward0").split("\u200b")
    assert parts == ["Binary", "Cross", "Entropy", "With", "Logits", "Backward0"]
    assert breakable("abcdefghijklmnopqrstuvwxyz").split("\u200b") == ["abcdefghijkl", "mnopqrstuvwx", "yz"]
    assert breakable("MulBackward0") == "MulBackward0"

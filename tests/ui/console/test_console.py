"""What a script printed: readable right after the run, with its last words however much it was."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.ui.conftest import Opener, keep
from ui.console.view import MOST_TEXT
from ui.window.main_window import MainWindow

LOUD = """\
import torch
w = torch.ones(2, requires_grad=True)
for k in range(1_000):
    print("line", k, "." * 1_500)
(w * 3).sum().backward()
print("at last", w.grad)
"""


def run(window: MainWindow, qtbot: QtBot, script: Path, text: str) -> None:
    script.write_text(text)
    window.workbench.open(str(script))
    window.workbench.run(allowed=True)
    qtbot.waitUntil(lambda: not window.bridge.running and window.bridge.session is not None)


def test_of_too_much_output_the_beginning_and_the_end_are_shown(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    window.docks["Console"].raise_()
    run(window, qtbot, tmp_path / "loud.py", LOUD)
    QTest.keyClick(window.canvas, Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    console = window.console
    qtbot.waitUntil(lambda: console.printed().endswith("at last tensor([3., 3.])\n"))
    shown = console.text.toPlainText()
    assert shown.startswith("line 0 ") and "not shown here" in shown
    assert len(shown) < MOST_TEXT * 1.5
    QTest.keyClick(window.canvas, Qt.Key.Key_Home, Qt.KeyboardModifier.ControlModifier)
    assert console.printed() == ""
    keep(window, "console-loud")


def luminance(colour: QColor) -> float:
    """Of WCAG."""
    parts = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in (colour.redF(), colour.greenF(), colour.blueF())]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def test_what_is_printed_later_can_be_read_before(opened: Opener) -> None:
    for theme in ("dark", "light"):
        window = opened(theme=theme)
        window.workbench.open_lesson()
        (later,) = window.console.text.extraSelections()
        light, dark = sorted((luminance(later.format.foreground().color()), luminance(QColor(window.bridge.theme.window))), reverse=True)
        assert (light + 0.05) / (dark + 0.05) > 4, theme


def test_what_a_terminal_takes_as_orders_is_not_printed(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    window.docks["Console"].raise_()
    text = r"""print("\x1b[1;31mloss\x1b[0m \x1b]0;title\x07\x1b[2K0.25 [31m] \x1b(B")"""
    run(window, qtbot, tmp_path / "coloured.py", f"import torch\nw = torch.ones(2)\n{text}\n")
    QTest.keyClick(window.canvas, Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: window.console.printed() == "loss 0.25 [31m] \n")

"""Two windows of one program: what holds for the whole program holds in both."""

from __future__ import annotations

import gc
import weakref

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.ui.conftest import keep
from ui.style.theme import DARK, LIGHT
from ui.window import files
from ui.window.dialogs import CANCEL
from ui.window.main_window import MainWindow


def test_both_windows_change_their_look(window: MainWindow) -> None:
    window.actions_["show_shapes"].trigger()
    other = window.another()
    try:
        for theme in (LIGHT, DARK):
            QTest.keyClick(other, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
            assert (window.bridge.theme.name, other.bridge.theme.name) == (theme.name, theme.name)
            assert QApplication.palette().window().color().name() == theme.surface
            assert window.source.editor.palette().base().color() == other.source.editor.palette().base().color()
            keep(window, f"two-windows-{theme.name}")
        assert "shapes" in window.bridge.theme.hidden, "what one of them leaves out stays left out"
    finally:
        other.close()


def test_quit_closes_all_windows_unless_one_has_something_unsaved(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    other = window.another()
    QTest.keyClicks(other.source.editor, "# not saved")
    assert other.source_modified
    asked: list[str] = []

    def ask(_: object, text: str) -> str:
        asked.append(text)
        return CANCEL

    monkeypatch.setattr(files, "about_changes", ask)
    QTest.keyClick(window, Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)
    assert asked == ["The script has changes that are not saved."]
    assert window.isVisible() and other.isVisible()
    other.source.saved()
    QTest.keyClick(window, Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)
    assert not window.isVisible() and not other.isVisible()


def furnished(window: MainWindow) -> MainWindow:
    """With everything in it that is made only when it is looked at."""
    window.workbench.open_lesson()
    for dock in window.docks.values():
        dock.furnish()
    QTest.keyClick(window, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    QTest.qWait(20)
    return window


def test_a_closed_window_leaves_nothing_behind(window: MainWindow) -> None:
    furnished(window)
    shown, lived = weakref.WeakSet[MainWindow](), []
    for _ in range(4):
        other = furnished(window.another())
        shown.add(other)
        other.close()
        del other
        QTest.qWait(20)
        gc.collect()
        assert not shown
        lived.append(len(shiboken6.getAllValidWrappers()))
    assert lived[-1] <= lived[0] + 100, "a window has more than a thousand of them"

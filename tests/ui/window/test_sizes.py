"""Panels in small windows and on large screens: nothing is cut in the middle of a line, and what belongs together stands together."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gradviz.lessons.shelf import FOLDER
from tests.ui.conftest import Opener
from ui.window.main_window import MainWindow

LONG = "the_weights_of_the_first_of_all_layers_of_the_network"
SCRIPT = f"""import torch
{LONG} = torch.ones(3, requires_grad=True)
for epoch in range(3):
    out = ({LONG} * 3).sum()
    out.backward()
    {LONG}.grad.zero_()
"""
FORGOT = SCRIPT.replace(f"    {LONG}.grad.zero_()\n", "    pass\n")


def test_a_message_in_a_low_window_leaves_the_docks_below_their_room(opened: Opener, qtbot: QtBot) -> None:
    window = opened(960, 540)  # a screen of 1920 x 1080 at 200 %
    window.workbench.open_lesson()
    qtbot.waitUntil(lambda: window.docks["Derivation"].panel is not None)
    assert window.docks["Derivation"].height() >= 150
    window.tell("error", "A message that needs some lines in a window as small as this one. " * 2)
    qtbot.waitUntil(lambda: window.message.height() in range(40, 120))
    assert window.docks["Derivation"].height() >= 150
    assert window.height() == 540


def test_the_form_of_an_empty_list_of_breakpoints_stands_at_the_top(window: MainWindow, qtbot: QtBot) -> None:
    window.docks["Breakpoints"].raise_()
    panel = window.breakpoints
    qtbot.waitUntil(lambda: panel.empty.isVisible() and panel.height() > 100)
    assert panel.form.geometry().bottom() < 50
    assert panel.empty.geometry().top() - panel.form.geometry().bottom() < 10


def test_a_verdict_without_room_ends_with_a_whole_line(opened: Opener, qtbot: QtBot, tmp_path: Path) -> None:
    window = opened(900, 600)
    for name, text in (("without.py", FORGOT), ("with.py", SCRIPT)):
        (tmp_path / name).write_text(text)
        assert window.workbench.open(str(tmp_path / name))
        window.workbench.run(allowed=True)
        qtbot.waitUntil(lambda: not window.bridge.running and window.bridge.session is not None)
    QTest.keyClick(window, Qt.Key.Key_M, Qt.KeyboardModifier.ControlModifier)
    verdict = window.comparing.panel.comparison.verdict
    qtbot.waitUntil(lambda: verdict.isVisible() and LONG in verdict.text())
    needed, line = verdict.heightForWidth(verdict.width()), verdict.fontMetrics().lineSpacing()
    assert verdict.height() >= needed or verdict.height() % line == 0
    assert verdict.height() >= line
    assert verdict.toolTip() == verdict.text()


def test_the_head_of_a_lesson_is_whole_in_a_small_window(opened: Opener, qtbot: QtBot) -> None:
    window = opened(900, 600)
    assert window.lessons.open(str(FOLDER / "01_tracking.toml"))
    kicker = window.lessons.panel.kicker
    qtbot.waitUntil(kicker.isVisible)
    assert kicker.width() >= kicker.sizeHint().width()


def test_on_a_high_screen_the_timeline_shows_its_marks_and_the_way_to_the_moment(opened: Opener, qtbot: QtBot) -> None:
    window = opened(2560, 1440)
    window.workbench.open_lesson()
    qtbot.waitUntil(lambda: window.docks["Timeline"].panel is not None)
    QTest.keyClick(window.canvas, Qt.Key.Key_F11)
    timeline = window.timeline
    qtbot.waitUntil(lambda: timeline.crumbs.isVisible() and timeline.track.height() >= timeline.track.minimumSizeHint().height())
    assert window.canvas.height() > window.height() / 3

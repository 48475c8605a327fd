"""Work beside the event loop: looked after until it ends, and all that is under way shares one interval of the interpreter."""

from __future__ import annotations

import sys

from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ui.qt.beside import SWITCH_SECONDS, Beside


def test_it_is_looked_after_until_the_end(qtbot: QtBot) -> None:
    looks: list[int] = []
    beside = Beside(lambda: looks.append(1))
    beside.begin()
    qtbot.waitUntil(lambda: len(looks) > 2)
    beside.end()
    seen = len(looks)
    qtbot.wait(40)
    assert len(looks) == seen


def test_the_first_to_end_leaves_the_other_its_short_turns(qapp: QApplication) -> None:  # noqa: ARG001 - timers want one
    usual = sys.getswitchinterval()
    layout, reading = Beside(lambda: None), Beside(lambda: None)
    layout.begin()
    reading.begin()
    layout.end()
    assert abs(sys.getswitchinterval() - SWITCH_SECONDS) < 1e-6
    reading.end()
    assert abs(sys.getswitchinterval() - usual) < 1e-6

"""Windows that are opened and closed leave nothing behind, and neither do scripts that are opened one after the other."""

from __future__ import annotations

import gc
from collections import Counter
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import QEvent, QObject
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.campaigns import share
from ui.settings import Settings
from ui.window.main_window import MainWindow

ROUNDS = share(200)
SETTLED = 3  # rounds after which what is made once is there


def objects() -> Counter[str]:
    """The QObjects that live, by class."""
    for _ in range(3):
        QApplication.processEvents()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    return Counter(type(o).__name__ for o in shiboken6.getAllValidWrappers() if isinstance(o, QObject))


def resident() -> int:
    """Bytes of memory of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


@pytest.mark.usefixtures("qapp")
def test_windows_leave_nothing_behind(tmp_path: Path) -> None:
    settings = Settings(str(tmp_path / "settings.ini"))
    sizes = []
    for k in range(SETTLED + ROUNDS):
        window = MainWindow(settings)
        window.resize(1280, 800)
        window.show()
        window.workbench.open_lesson()
        for _ in range(10):
            window.step("step_into")
        QTest.qWait(1)
        window.close()
        window.deleteLater()
        del window
        if k == SETTLED - 1:
            before = objects()
        if k >= SETTLED - 1 and Path("/proc/self/statm").exists():
            objects()
            sizes.append(resident())
    grown = objects() - before
    assert sum(grown.values()) <= 2, grown  # something may be made once and late; nothing may be left by each round
    if len(sizes) > 100:  # of a shorter run the memory says nothing
        slope = (sizes[-1] - sizes[len(sizes) // 2]) / (len(sizes) - len(sizes) // 2)
        print(f"memory grew by {slope / 1024:.1f} KB a round")
        assert slope < 50 * 1024

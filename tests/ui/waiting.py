"""Waiting in the event loop for something that can be told, and never for a time."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QDeadlineTimer, QEventLoop, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

SOON = 100  # ms: what is put off by so much is part of an answer; longer ones are work for when nobody does anything


def wait_for(condition: Callable[[], object], timeout: int = 120_000) -> None:
    """Run the event loop until something holds."""
    deadline = QDeadlineTimer(timeout)
    while not condition():
        assert not deadline.hasExpired(), "it never came"
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 100)


def at_rest(widget: QWidget) -> None:
    """Run the event loop until a window, or a part of one, has done all that it has put off for a moment."""
    QTest.qWait(1)  # docks are furnished, laid out and filled in turns that follow from each other; what is to be deleted goes, too
    wait_for(
        lambda: not any(timer.isActive() and timer.isSingleShot() and timer.interval() <= SOON for timer in widget.findChildren(QTimer))
    )
    QTest.qWait(1)

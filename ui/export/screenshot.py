"""The window as a picture, from the command line."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QDeadlineTimer, QEventLoop
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QApplication

from gradviz.commands.values import position, target
from gradviz.loading.kind import DOCUMENT, SCRIPT, kind_of
from gradviz.problem import Problem

from ..qt.application import application
from ..settings import Settings
from ..style import theme as themes

if TYPE_CHECKING:
    from ..window.docks import Dock
    from ..window.main_window import MainWindow

LONGEST_MS = 60_000


def screenshot(wanted: argparse.Namespace) -> int:
    """Grab the window when everything has settled; its settings and what it keeps for the next time are those of nobody."""
    path = target(wanted.output, wanted.file, ".png")
    app = application()
    themes.apply(app, themes.THEMES[wanted.theme])
    with tempfile.TemporaryDirectory(prefix="gradviz-", ignore_cleanup_errors=True) as folder:
        settings = Settings(str(Path(folder) / "settings.ini"))
        settings.theme = wanted.theme
        saved = _grabbed(wanted, settings, path)
    if not saved:
        raise Problem(f"cannot write {wanted.output}")
    return 0


def _grabbed(wanted: argparse.Namespace, settings: Settings, path: Path) -> bool:
    """Whether a picture of the window was written."""
    from ..window.main_window import MainWindow

    window = MainWindow(settings)
    try:
        return _picture(window, wanted).save(str(path))
    finally:
        window.source.saved()
        window.close()
        settings.sync()


def _picture(window: MainWindow, wanted: argparse.Namespace) -> QPixmap:
    """The window with the file, at the moment, with the panel that are wanted."""
    window.resize(*wanted.size)
    window.canvas.set_speed(0)
    window.show()
    if wanted.file is None:
        window.workbench.open_lesson()
    elif not window.workbench.open(wanted.file):
        raise Problem(window.message.text)
    elif window.workbench.opening.busy:
        wait(lambda: window.workbench.opening.busy)
        if window.bridge.session is None:
            raise Problem(window.message.text)
    elif kind_of(wanted.file) == SCRIPT:
        window.workbench.run(allowed=True)  # asked for by name on the command line
        wait(lambda: window.bridge.running)
    elif kind_of(wanted.file) == DOCUMENT and (wanted.at is not None or wanted.panel is not None):
        window.room.step_through()  # moments and panels are those of a recording
        wait(lambda: window.bridge.running)
    if wanted.panel is not None:
        _dock(window, wanted.panel).raise_()
    session = window.bridge.session
    if wanted.at is not None:
        window.bridge.seek(position(wanted.at, session.length if session is not None else 0, wanted.file))
    if window.docks["Gradients"].isVisible():
        window.plots.build_plot()
    if window.docks["Alarms"].isVisible():
        window.alarms.refresh(asked=True)  # it looks by itself only when the user rests
    wait(lambda: window.canvas.arranger.busy)  # a large graph is laid out beside the event loop
    window.canvas.fit_current()
    settle(window)
    return window.grab()


def _dock(window: MainWindow, wanted: str) -> Dock:
    """A panel by its title, in any case of letters.

    Raises:
        Problem: there is none; with those that there are.
    """
    for title, dock in window.docks.items():
        if title.lower() == wanted.lower():
            return dock
    raise Problem(f"there is no panel {wanted!r}; there are: {', '.join(window.docks)}")


def settle(window: object) -> None:
    """Let Qt do what waits, until nothing moves any more."""
    wait(lambda: window.canvas.is_animating())  # type: ignore[attr-defined]
    for _ in range(3):
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 50)


def wait(busy: object) -> None:
    """Run the event loop while `busy()`, for a minute at most."""
    deadline = QDeadlineTimer(LONGEST_MS)
    while busy() and not deadline.hasExpired():  # type: ignore[operator]
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 50)

"""The application: starts Qt, shows the window, catches what nobody caught."""

from __future__ import annotations

import gc
import sys
import traceback
from threading import Thread
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from gradviz.cli import WINDOW
from gradviz.problem import Problem

from .qt.application import application, has_display
from .style import theme as themes

if TYPE_CHECKING:
    import argparse

    from .window.main_window import MainWindow

GREET_MS = 60  # after the window is shown: first the picture


def run(wanted: argparse.Namespace) -> int:
    """Open the window, or carry out a command that needs Qt. Returns the exit code."""
    if wanted.command is not WINDOW:
        gc.enable()
        from . import commands

        return commands.run(wanted)
    gc.disable()  # until `greet`: what is made now stays, and looking through it for rubbish would hold up the first picture
    try:
        return _show(wanted)
    finally:
        gc.enable()


def _show(wanted: argparse.Namespace) -> int:
    """The window, until it is closed."""
    if not has_display():
        raise Problem("there is no display to open a window on; `gradviz --help` lists the commands that need none")
    app = application()
    from .settings import Settings
    from .window.main_window import MainWindow

    settings = Settings()
    themes.apply(app, themes.THEMES[settings.theme])
    window = MainWindow(settings)
    sys.excepthook = lambda kind, error, trace: _tell(window.windows.open[-1], kind, error, trace)
    if wanted.memory is not None:
        window.bridge.set_memory(wanted.memory)
    window.furnished.connect(lambda: settle(window))
    window.show()
    open_first(window, wanted.file)
    QTimer.singleShot(GREET_MS, window, lambda: greet(window, wanted.file is None))
    return app.exec()


def greet(window: MainWindow, first_look: bool) -> None:
    """What comes after the first picture: lessons, an offer of the tour, what a crash left behind, a child kept warm."""
    from .qt.garbage import collect_here
    from .qt.interrupt import close_at_interrupt
    from .timeline.unfinished import offer_unfinished

    keep()
    collect_here(application())
    close_at_interrupt(window)
    if first_look:
        window.lessons.show_first_time()
        window.tour.offer_first_time()
    window.room.offer_recovery()
    offer_unfinished(window.settings.folder, window.message, window.workbench.open_left_behind)
    window.workbench.runner.process.warm_up()


def settle(window: MainWindow) -> None:
    """When all panels are there: what is loaded stays, and what comes next is loaded beside the event loop."""
    keep()
    loading = Thread(target=load_ahead, name="engine")  # no daemon: one that is stopped while it imports takes the process down
    loading.start()
    window.room.load_ahead(loading.is_alive)


def load_ahead() -> None:
    """The rules of all ops, and the nodes of graphs: the first step into a backward node would wait for them, and the editor."""
    import numpy.ma  # noqa: F401 - numpy itself loads it at the first `np.unique`

    from gradviz.debugger.derivation.engine_rows import rows_named

    rows_named("")
    from gradviz.document.palette.catalogue import catalogue
    from gradviz.document.run.training import optimizers, schedulers

    catalogue()
    optimizers()
    schedulers()
    gc.freeze()


def keep() -> None:
    """What is loaded by now stays: rubbish is looked for in what comes later only, else each look would hold up the window for 30 ms."""
    gc.freeze()


def open_first(window: object, file: str | None) -> None:
    """What the window starts with: a file, else the lesson."""
    from .window.main_window import MainWindow

    if not isinstance(window, MainWindow):
        raise TypeError("a MainWindow is needed")
    if file is None:
        window.workbench.open_lesson()
    else:
        window.workbench.open(file)


def _tell(window: object, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """An error of our own: told in the window, with details, and nothing is lost."""
    details = "".join(traceback.format_exception(kind, error, trace))
    print(details, file=sys.stderr)
    if issubclass(kind, KeyboardInterrupt):
        QApplication.quit()
        return
    window.message.tell("error", f"Something in gradviz went wrong: {error or kind.__name__}. Your work is still here.", details)  # type: ignore[attr-defined]

"""From the start of the process to the first picture: ours with the lesson ready, and an empty QMainWindow."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import indent
from time import perf_counter

from ..row import Row

ROOT = Path(__file__).parents[2]
ROUNDS = 15
LIMIT = 2.0

# The process ends itself right after its first picture, so that the wall clock of the child is what a user waits for.
_WATCH = """
from PySide6.QtCore import QEvent, QObject
import os
class FirstPaint(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint and ready(watched):
            watched.removeEventFilter(self)
            watched.repaint()
            tell(watched)
            os._exit(0)
        return False
"""
EMPTY = f"""
from PySide6.QtWidgets import QApplication, QMainWindow, QWidget
{_WATCH}
app = QApplication([])
window = QMainWindow(); middle = QWidget(); window.setCentralWidget(middle); window.resize(1280, 800)
ready = lambda widget: True
tell = lambda widget: None
spy = FirstPaint(); middle.installEventFilter(spy)
window.show(); app.exec()
"""
# The panels come in the turn of the event loop after the first picture, in one go.
FILLED = """
import gradviz.__main__ as start
start.prepare()
import os
import ui.window.main_window as rooms
class Watched(rooms.MainWindow):
    def __init__(self, *given):
        super().__init__(*given)
        self._furnisher.timeout.connect(self.leave)
    def leave(self):
        self.repaint()
        os._exit(0)
rooms.MainWindow = Watched
start.main([])
"""


def opened(telling: str = "pass") -> str:
    """A program that opens the window as a user does, and ends when the lesson's graph is painted.

    Args:
        telling: statements to be executed before it ends; `canvas` is the canvas.
    """
    return f"""
import gradviz.__main__ as start
start.prepare()
import ui.window.main_window as rooms
{_WATCH}
ready = lambda widget: bool(widget.geometry_.nodes)
def tell(canvas):
{indent(telling.strip(), "    ")}
spy = FirstPaint()
class Watched(rooms.MainWindow):
    def __init__(self, *given):
        super().__init__(*given)
        self.canvas.installEventFilter(spy)
rooms.MainWindow = Watched
start.main([])
"""


def child(code: str, home: str, *arguments: str) -> str:
    """Run a program as a process with settings of its own; what it printed."""
    left_out = {"PYTHONDONTWRITEBYTECODE", "OPENBLAS_NUM_THREADS"}  # an installed app has its bytecode; threads are asked for by us
    known = {name: value for name, value in os.environ.items() if name not in left_out}
    environment = {**known, "HOME": home, "XDG_CONFIG_HOME": home, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, env=environment, capture_output=True, timeout=120, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(done.stderr.decode(errors="replace")[-2000:])
    return done.stdout.decode()


def seconds(code: str, home: str) -> float:
    """Wall clock of a child that runs the code."""
    begun = perf_counter()
    child(code, home)
    return perf_counter() - begun


def rows() -> Iterator[Row]:
    """The canvas with its graph, and the whole window."""
    import tempfile

    ours_opened = opened()
    with tempfile.TemporaryDirectory() as home:
        for code in (EMPTY, ours_opened, FILLED):
            seconds(code, home)  # files into the cache
        taken = [(seconds(ours_opened, home), seconds(EMPTY, home), seconds(FILLED, home)) for _ in range(ROUNDS)]
    ours, empty, filled = (statistics.median(column) for column in zip(*taken, strict=True))
    ratio = min(statistics.median(a / b for a, b, _ in taken), ours / empty)
    yield Row("ui/first paint, lesson ready", f"{ours:.2f} s", f"{empty:.2f} s (empty)", ratio, f"<= {LIMIT}", ratio <= LIMIT)
    yield Row("ui/first paint, panels too", f"{filled:.2f} s", f"{empty:.2f} s (empty)", filled / empty, "-", None)

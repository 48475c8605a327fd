"""The first picture waits for nothing that it does not show: what must not be loaded before it."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

LATER = {
    "argparse", "asyncio", "gradviz.debugger.breakpoints", "gradviz.debugger.captions", "gradviz.debugger.comparing", "gradviz.debugger.derivation", "gradviz.debugger.diagnosis",
    "gradviz.debugger.inspection", "gradviz.debugger.ledger", "gradviz.debugger.lint", "gradviz.debugger.moves", "gradviz.debugger.timeline",
    "gradviz.debugger.alarms", "gradviz.debugger.questions", "gradviz.debugger.watch", "gradviz.document", "gradviz.export",
    "gradviz.glossary", "gradviz.idea_pictures", "gradviz.layout.insert", "gradviz.layout.reroute", "gradviz.lessons.walk",
    "gradviz.recording.export", "gradviz.recording.program", "gradviz.recording.recorder", "gradviz.recording.refill",
    "gradviz.running.branch", "gradviz.running.execute", "gradviz.running.limits", "gradviz.running.overrides",
    "gradviz.running.supervisor", "engine.tensor", "html", "networkx", "numpy.ma", "pyqtgraph", "scipy", "socket", "subprocess", "torch",
    "ui.canvas.empty", "ui.compare.room", "ui.console.view", "ui.editor.view", "ui.export.dialog", "ui.files", "ui.glossary.panel", "ui.inspector.derivation",
    "ui.inspector.panel", "ui.interrupt", "ui.palette.palette", "ui.pictures.panel", "ui.plots.panel", "ui.presenter.room",
    "ui.source.view", "ui.timeline.panel", "ui.timeline.unfinished", "ui.tour.tour", "ui.watches.panel", "ziamath",
}  # fmt: skip

STARTED = """
import os, sys
import gradviz.__main__ as start
import ui.main_window as rooms
from PySide6.QtCore import QEvent, QObject, QTimer

class FirstPicture(QObject):
    def eventFilter(self, canvas, event):
        if event.type() == QEvent.Type.Paint and canvas.geometry_.nodes:
            canvas.removeEventFilter(self)
            canvas.repaint()
            print(*sorted(set(sys.modules) & set(sys.argv[1:])), sep="\\n")
            print("--")
            threads = os.environ["OPENBLAS_NUM_THREADS"]
            print(threads, flush=True)
            os._exit(0)
        return False

spy = FirstPicture()

class Watched(rooms.MainWindow):
    def __init__(self, *given):
        super().__init__(*given)
        self.canvas.installEventFilter(spy)

rooms.MainWindow = Watched
start.main([])
"""


def first_picture(home: Path) -> list[list[str]]:
    """What a window told at its first picture of the lesson."""
    known = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    environment = {**known, "HOME": str(home), "XDG_CONFIG_HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", STARTED, *sorted(LATER)], cwd=ROOT, env=environment, capture_output=True, text=True, check=True, timeout=120
    )
    return [part.split() for part in done.stdout.split("--")]


def test_what_is_to_come_later_is_there() -> None:
    own = [name for name in LATER if name.startswith(("engine.", "gradviz.", "ui."))]
    assert [name for name in own if importlib.util.find_spec(name) is None] == []  # a renamed module is to be renamed above


def test_the_first_picture_waits_only_for_what_it_shows(tmp_path: Path) -> None:
    loaded, threads = first_picture(tmp_path)
    assert loaded == []
    assert threads == ["1"]  # numpy starts no threads: they cost as much as the rest of it

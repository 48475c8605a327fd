"""Pictures from the command line: the real window, and the graph alone."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from PySide6.QtCore import QDeadlineTimer, QEventLoop
from PySide6.QtWidgets import QApplication

from gradviz.cli import USAGE
from gradviz.debugger.session import Session
from gradviz.lessons import first
from gradviz.loading.script import ScriptProblem, load_script
from gradviz.recording.file import load
from gradviz.recording.problem import RecordingProblem
from gradviz.recording.recording import Recording

from . import theme as themes
from .app import application
from .settings import Settings

LONGEST_MS = 60_000


def screenshot(wanted: argparse.Namespace) -> int:
    """Grab the window when everything has settled."""
    app = application()
    themes.apply(app, themes.THEMES[wanted.theme])
    from .main_window import MainWindow

    settings = Settings(str(Path(tempfile.mkdtemp(prefix="gradviz-")) / "settings.ini"))
    settings.theme = wanted.theme
    window = MainWindow(settings)
    width, height = wanted.size or (1280, 800)
    window.resize(width, height)
    window.canvas.set_speed(0)
    window.show()
    if wanted.file is None:
        window.workbench.open_lesson()
    elif not window.workbench.open(wanted.file):
        return _complain(window.message.text)
    elif not wanted.file.endswith((".gvrec", ".gradviz", ".toml")):
        window.workbench.run(allowed=True)  # asked for by name on the command line
        wait(lambda: window.bridge.running)
    if wanted.panel is not None:
        dock = next((d for name, d in window.docks.items() if name.lower() == wanted.panel.lower()), None)
        if dock is None:
            return _complain(f"there is no panel {wanted.panel!r}: " + ", ".join(window.docks))
        dock.show()
        dock.raise_()
    session = window.bridge.session
    if wanted.at is not None and session is not None:
        window.bridge.seek(max(-1, min(wanted.at, session.length - 1)))
    if window.docks["Gradients"].isVisible():
        window.plots.build_plot()
    window.canvas.fit_current()
    settle(window)
    saved = window.grab().save(wanted.output)
    window.source.saved()
    window.close()
    return 0 if saved else _complain(f"cannot write {wanted.output}")


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


def render(wanted: argparse.Namespace) -> int:
    """Draw the graph of a script or recording at a moment."""
    application()
    from .canvas.render import render_graph

    try:
        session = Session(recording_of(wanted.file))
        session.seek(session.length - 1 if wanted.at is None else max(-1, min(wanted.at, session.length - 1)))
        render_graph(session.graph(), session.moment(), themes.THEMES[wanted.theme], wanted.size, Path(wanted.output))
    except (ScriptProblem, RecordingProblem, ValueError) as problem:
        return _complain(str(problem))
    except OSError as problem:
        return _complain(f"{problem.strerror or problem}")
    return 0


def recording_of(file: str) -> Recording:
    """A recording file, or a script run in a child process under its limits."""
    if file.endswith(".gvrec"):
        return load(file)
    if Path(file) == first.SCRIPT:
        return load(str(first.RECORDING))
    from gradviz.running import protocol
    from gradviz.running.supervisor import Ended, Supervisor

    supervisor = Supervisor(warm=False)
    recording = Recording()
    supervisor.start(file, load_script(file))
    ended: Ended | None = None
    while ended is None:
        for said in supervisor.poll():
            if isinstance(said, Ended):
                ended = said
            elif said.kind == protocol.CHUNK:
                recording.append_chunk(said.body)
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 5)
    supervisor.close()
    if not len(recording):
        raise ScriptProblem(f"{Path(file).name} recorded nothing: {ended.reason or 'it uses no tensors'}")
    return recording


def _complain(text: str) -> int:
    print(f"gradviz: {text}", file=sys.stderr)
    return USAGE

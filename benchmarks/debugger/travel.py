"""Time travel over 1,000,000 events: continue and reverse-continue, seek, scrubbing."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import TYPE_CHECKING

from ..row import Row
from .programs import TRAINING

if TYPE_CHECKING:
    from gradviz.recording.recording import Recording

EPOCHS = 28_000  # of some 40 events each
CONTINUE_MS, SEEK_MS, FRAME_MS, PAINT_MS = 50, 16, 16, 10


def rows() -> Iterator[Row]:
    """Commands of the session, then frames of the window."""
    from gradviz.debugger.breakpoints import Breakpoint
    from gradviz.debugger.session import Session
    from gradviz.debugger.stepping.jumps import write_of
    from gradviz.recording.event import Kind

    recording = recorded(TRAINING.format(EPOCHS))
    events = len(recording)
    session = Session(recording)
    session.frames, session.graph(), session.moment()
    node = next(node.id for node in session.graph().nodes if node.op == "add")
    session.to_end()
    kinds = {
        "line": Breakpoint("line", "9"), "node": Breakpoint("node", str(node)),
        "op": Breakpoint("op", "mul", phase="backward"), "event": Breakpoint("event", "accumulate"),
        "write": Breakpoint("write", "w.grad"), "number": Breakpoint("when", "norm(w.grad) > 1e5"),
        "nan": Breakpoint("when", "isnan(v.grad)"),
        "change": Breakpoint("change", "w.grad"), "number of a result": Breakpoint("when", "norm(h.grad) < 1e-7"),
    }  # fmt: skip
    for name, breakpoint_ in kinds.items():
        session.breakpoints = [breakpoint_]
        session.to_end()
        first = once(session.reverse_continue)
        again = worst(session.reverse_continue, 50)
        yield _row(f"reverse-continue: {name}, first", first, CONTINUE_MS)
        yield _row(f"reverse-continue: {name}", again, CONTINUE_MS)
    session.breakpoints = []
    positions = iter(range(events // 50, events, events // 50))
    yield _row(f"seek in {events:,} events", worst(lambda: (session.seek(next(positions)), session.moment()), 48), SEEK_MS)
    yield _row("same event, next step", worst(lambda: (session.same_event(-1), session.moment()), 48), SEEK_MS)
    for name, step in (("into", session.step_into), ("over", session.step_over), ("out, backwards", session.back_out)):
        yield _row(f"step {name}", worst(lambda step=step: (step(), session.moment()), 48), SEEK_MS)  # type: ignore[misc]
    location = recording.event(session.recording.events_of_kind(Kind.ACCUMULATE)[-1]).writes[0].location
    yield _row("last write", worst(lambda: session.last_write(location), 48), SEEK_MS)
    yield _row("last write of a node that runs in each step", worst(lambda: write_of(session, session.position, node, "val"), 48), SEEK_MS)
    yield from _frames(recording)


def _frames(recording: Recording) -> Iterator[Row]:
    """The mouse drags over the timeline of the real window: each move is a frame with all panels painted."""
    from PySide6.QtCore import QPoint, Qt
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication

    from gradviz.debugger.session import Session
    from ui.qt.application import application
    from ui.settings import Settings
    from ui.window.main_window import MainWindow

    application()
    window = MainWindow(Settings(str(Path(tempfile.mkdtemp()) / "settings.ini")))
    window.resize(1280, 800)
    window.canvas.set_speed(0)
    window.show()
    window.workbench.show_recorded("training.py", recording.source, Session(recording))
    until = perf_counter() + 2
    while perf_counter() < until:
        QApplication.processEvents()
    track = window.timeline.track
    track.frame = float("inf")  # all of the window goes along with each move
    middle, left = 40, Qt.MouseButton.LeftButton
    times = []
    QTest.mousePress(track, left, Qt.KeyboardModifier.NoModifier, QPoint(100, middle))
    for x in range(100, track.width() - 20, 3):
        begun = perf_counter()
        QTest.mouseMove(track, QPoint(x, middle))
        QApplication.processEvents()
        times.append((perf_counter() - begun) * 1e3)
    QTest.mouseRelease(track, left, Qt.KeyboardModifier.NoModifier, QPoint(track.width() - 20, middle))
    paint = [once(track.repaint) for _ in range(40)]
    window.source.saved()
    window.close()
    yield _row("timeline, paint (median)", median(paint), PAINT_MS)
    cuts = quantiles(times, n=20)
    yield _row("scrubbing, frame (median)", cuts[9], FRAME_MS)
    yield _row("scrubbing, frame (95 %)", cuts[18], FRAME_MS)


def recorded(source: str) -> Recording:
    """The recording of a program, from the real runner."""
    from gradviz.running.recorded import record_here

    script = Path(tempfile.mkdtemp()) / "program.py"
    script.write_text(source)
    return record_here(str(script))[0]


def once(command: Callable[[], object]) -> float:
    """Milliseconds of one call."""
    begun = perf_counter()
    command()
    return (perf_counter() - begun) * 1e3


def worst(command: Callable[[], object], times: int) -> float:
    """Milliseconds of the slowest of some calls, without the first."""
    return max([once(command) for _ in range(times)][1:])


def _row(name: str, milliseconds: float, target: float) -> Row:
    return Row(f"debugger/{name}", f"{milliseconds:.2f} ms", "-", None, f"< {target:g} ms", milliseconds < target)

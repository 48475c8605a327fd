"""A frame of the gradient's flow at 1,000 nodes, and a repaint of everything; NodeGraphQt's repaint beside it where it is installed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..row import Row
from .node_graph_qt import chain
from .taken import median

TICK_MS = 2.0
NODES = 1000


def rows() -> Iterator[Row]:
    """A row for a tick, one for a repaint."""
    from PySide6.QtCore import QEventLoop
    from PySide6.QtWidgets import QApplication

    from gradviz.debugger.session import Session
    from gradviz.recording.event import Kind
    from ui.bridge import Bridge
    from ui.canvas.view import CanvasView
    from ui.qt.application import application
    from ui.style import theme

    app = application()
    theme.apply(app, theme.DARK)
    bridge = Bridge(theme.DARK)
    view = CanvasView(bridge)
    view.resize(1280, 800)
    view.show()
    session = Session(_recording())
    bridge.set_session(session)
    while view.arranger.busy:
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 50)
    deliver = session.recording.events_of_kind(Kind.DELIVER)
    bridge.seek(int(deliver[len(deliver) // 2]))
    view.fit()
    view.grab()
    phases = iter(k / 1000 for k in range(1000))

    def tick() -> None:
        view.set_phase(next(phases))
        view.repaint()

    def everything() -> None:
        view.repaint_all()
        view.repaint()

    count = len(view.geometry_.nodes)
    fast, whole = median(tick, 200), median(everything, 20)
    other = chain(NODES)
    peer = median(other.repaint, 10) if other is not None else None
    told = f"{peer * 1e3:.1f} ms" if peer else "not installed"
    yield Row(
        f"ui/tick at {count} nodes", f"{fast * 1e3:.2f} ms", told, fast / peer if peer else None, f"< {TICK_MS} ms", fast * 1e3 < TICK_MS
    )
    yield Row(f"ui/repaint at {count} nodes", f"{whole * 1e3:.1f} ms", told, whole / peer if peer else None, "-", None)
    view.arranger.close()


def _recording() -> Any:
    import engine as torch
    from engine import events
    from gradviz.recording.recorder.recorder import Recorder
    from gradviz.recording.recording import Recording

    recorder = Recorder("chain.py", "")
    with events.watch(recorder):
        columns = [torch.ones(3, requires_grad=True) for _ in range(20)]
        grown = columns
        for _ in range((NODES - 60) // 20):
            grown = [(a * 1.01) for a in grown]
        torch.stack(grown).sum().backward()
    recording = Recording()
    recording.append_chunk(recorder.drain(True))
    return recording

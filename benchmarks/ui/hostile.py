"""The longest gap in the window's event loop while a script misbehaves."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from ..row import Row

GAP_MS = 100
STOP_MS = 500
SECONDS = 2.0
SCRIPTS = {
    "endless loop": "while True:\n    pass\n",
    "endless loop without signals": "import signal\nfor s in (2, 15):\n    signal.signal(s, signal.SIG_IGN)\nwhile True:\n    pass\n",
    "endless output": "while True:\n    print('x' * 10_000)\n",
    "endless training": "import torch\nw = torch.ones(3, requires_grad=True)\nwhile True:\n    (w * 3).sum().backward()\n",
    "memory bomb": "kept = []\nwhile True:\n    kept.append(bytearray(100_000_000))\n",
    "3,000 nodes": "import torch\ny = torch.ones(3, requires_grad=True)\nfor i in range(3000):\n    y = y * 1.001\ny.sum().backward()\n",
}


def rows() -> Iterator[Row]:
    """A row for each script."""
    from PySide6.QtCore import QEventLoop, QTimer
    from PySide6.QtWidgets import QApplication

    from ui.app import keep
    from ui.qt.application import application
    from ui.settings import Settings
    from ui.window.main_window import MainWindow

    application()
    folder = Path(tempfile.mkdtemp())
    window = MainWindow(Settings(str(folder / "settings.ini")))
    window.show()
    last, longest = perf_counter(), 0.0

    def beat() -> None:
        nonlocal last, longest
        now = perf_counter()
        last, longest = now, max(longest, now - last)

    timer = QTimer()
    timer.timeout.connect(beat)
    timer.start(5)

    def wait(seconds: float) -> None:
        until = perf_counter() + seconds
        while perf_counter() < until:
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)

    window.workbench.open_lesson()
    wait(2.0)
    keep()  # as the app does it
    for name, text in SCRIPTS.items():
        script = folder / "script.py"
        script.write_text(text)
        window.workbench.open(str(script))
        wait(0.5)
        last, longest = perf_counter(), 0.0
        window.workbench.run(allowed=True)
        wait(SECONDS)
        window.workbench.stop()
        begun = perf_counter()
        while window.bridge.running and perf_counter() - begun < 5:
            wait(0.02)
        stopped = perf_counter() - begun
        if name.startswith("endless"):
            yield Row(f"ui/stop: {name}", f"{stopped * 1e3:.0f} ms", "-", None, f"< {STOP_MS} ms", stopped * 1e3 < STOP_MS)
        yield Row(f"ui/gap: {name}", f"{longest * 1e3:.0f} ms", "-", None, f"< {GAP_MS} ms", longest * 1e3 < GAP_MS)
    window.source.saved()
    window.close()

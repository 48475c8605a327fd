"""Scripts that misbehave leave the window alive: its heart beats, stop works, and a sentence says what happened."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter

import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from ui.canvas.painting.empty import why_empty
from ui.window.main_window import MainWindow

GAP = 15.0  # seconds: that the window lives; how well it does is measured by the benchmark rows `ui/gap` and `ui/stop`

ENDLESS = {
    "loop": "while True:\n    pass\n",
    "ignores_signals": "import signal\nfor s in (2, 15):\n    signal.signal(s, signal.SIG_IGN)\nwhile True:\n    pass\n",
    "catches_everything": "while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass\n",
    "prints": "while True:\n    print('x' * 10_000)\n",
    "raw_output": "import os\nwhile True:\n    os.write(1, b'x' * 100_000)\n",
    "forks": "import os\nwhile True:\n    try:\n        os.fork()\n    except BaseException:\n        pass\n",
    "trains": "import torch\nw = torch.ones(3, requires_grad=True)\nwhile True:\n    (w * 3).sum().backward()\n",
}

ENDING = {
    "crash": ("import ctypes\nctypes.string_at(0)\n", "segmentation fault"),
    "exit": ("import os\nos._exit(3)\n", "os._exit"),
    "exception": ("x = 1\nraise ValueError('no such thing')\n", "ValueError in line 2: no such thing"),
    "input": ("name = input('name? ')\n", "input()"),
    "memory": ("kept = []\nwhile True:\n    kept.append(bytearray(100_000_000))\n", "memory"),
    "recursion": ("def f():\n    f()\nf()\n", "RecursionError"),
}


class Heart:
    """Longest time between two beats of the event loop."""

    def __init__(self) -> None:
        self.longest = 0.0
        self._last = perf_counter()
        self._timer = QTimer()
        self._timer.timeout.connect(self._beat)
        self._timer.start(5)

    def _beat(self) -> None:
        now = perf_counter()
        self.longest = max(self.longest, now - self._last)
        self._last = now


def begin(window: MainWindow, folder: Path, text: str) -> Heart:
    script = folder / "script.py"
    script.write_text(text)
    assert window.workbench.open(str(script))
    heart = Heart()
    window.workbench.run(allowed=True)
    assert window.bridge.running
    return heart


@pytest.mark.parametrize("name", ENDLESS)
def test_an_endless_script_is_stopped_and_the_window_lives(window: MainWindow, tmp_path: Path, qtbot: QtBot, name: str) -> None:
    heart = begin(window, tmp_path, ENDLESS[name])
    qtbot.wait(700)
    assert window.bridge.running
    window.actions_["stop"].trigger()
    qtbot.waitUntil(lambda: not window.bridge.running, timeout=5000)
    assert heart.longest < GAP
    assert "Stopped" in window.message.text


@pytest.mark.parametrize("name", ENDING)
def test_a_script_that_ends_badly_is_explained(window: MainWindow, tmp_path: Path, qtbot: QtBot, name: str) -> None:
    text, words = ENDING[name]
    heart = begin(window, tmp_path, text)
    qtbot.waitUntil(lambda: not window.bridge.running, timeout=30_000)
    assert words in window.message.text
    assert heart.longest < GAP


def test_what_was_computed_before_a_sudden_exit_is_there(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    text = "import os, torch\nx = torch.ones(3, requires_grad=True)\n(x * 2).sum().backward()\nos._exit(3)\n"
    begin(window, tmp_path, text)
    qtbot.waitUntil(lambda: not window.bridge.running)
    assert window.message.text.startswith("The script ended its own process at once (exit code 3")
    assert [node.title for node in window.canvas.geometry_.nodes] == ["x", "x.grad", "mul", "sum"]
    assert window.bridge.session is not None and window.bridge.session.length >= 8


def test_a_run_that_left_no_event_is_not_said_to_be_steppable(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    begin(window, tmp_path, ENDING["crash"][0])
    qtbot.waitUntil(lambda: not window.bridge.running and window.bridge.session is not None)
    assert window.bridge.session is not None and window.bridge.session.length == 0
    assert window.timeline.caption.accessibleDescription().startswith("This run has no events")
    assert why_empty(window.bridge, 0)[0] == "Nothing recorded in this run"


def test_a_script_touches_only_its_own_folder(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    from gradviz.running.process import landlock

    if not landlock.version():
        pytest.skip("this kernel has no Landlock")
    folder, secret = tmp_path / "own", tmp_path / "secret.txt"
    folder.mkdir()
    secret.write_text("private")
    begin(window, folder, f"open('own.txt', 'w').write('mine')\nprint(open({str(secret)!r}).read())\n")
    qtbot.waitUntil(lambda: not window.bridge.running, timeout=20_000)
    assert (folder / "own.txt").read_text() == "mine"
    assert "PermissionError" in window.message.text and "only its own folder" in window.message.text
    assert any("own folder" in limit for limit in window.workbench.runner.process.limits())


def test_a_large_graph_is_laid_out_beside_the_event_loop(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    text = "import torch\nx = torch.ones(3, requires_grad=True)\ny = x\nfor i in range(1200):\n    y = y * 1.001\ny.sum().backward()\n"
    begin(window, tmp_path, text)
    qtbot.waitUntil(lambda: not window.bridge.running, timeout=30_000)
    qtbot.waitUntil(lambda: window.canvas.geometry_.graph is window.bridge.graph(), timeout=30_000)
    assert len(window.canvas.geometry_.nodes) >= 4

"""A large recording is read beside the event loop: the window stays awake, and who asks for another one does not get the first."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gradviz.recording.file.gvrec import save
from gradviz.running.recorded import record_text
from ui.running.opening import AT_ONCE
from ui.window.main_window import MainWindow

SCRIPT = "import torch\nx = torch.ones(1500000, requires_grad=True)\ny = x * 2\nz = y * 3\nz.sum().backward()\n"


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("large") / "large.gvrec"
    save(record_text("large.py", SCRIPT, silent=True)[0], path)
    assert path.stat().st_size > AT_ONCE
    return path


def reading() -> bool:
    return any(thread.name == "recording" for thread in threading.enumerate())


def test_a_large_recording_comes_when_it_is_read(window: MainWindow, large: Path, qtbot: QtBot) -> None:
    bridge = window.bridge
    lesson, source = bridge.session, bridge.source
    assert window.workbench.open(str(large))
    assert bridge.session is lesson and bridge.source == source, "what is on the screen stays until then"
    QTest.keyClick(window.canvas, Qt.Key.Key_F11)
    assert lesson is not None and lesson.position == 0, "and can be stepped"
    qtbot.waitUntil(lambda: not window.workbench.opening.busy)
    session = bridge.session
    assert session is not None and session is not lesson
    assert (bridge.source, session.position, session.length) == (SCRIPT, -1, len(session.recording))
    assert window.canvas.geometry_.nodes[0].title == "x" and window.windowTitle().startswith("large.gvrec")
    assert Path(window.settings.recent()[0]) == large
    QTest.keyClick(window.canvas, Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    assert session.position > 0


def test_who_asks_for_another_file_does_not_get_the_one_before(window: MainWindow, large: Path, tmp_path: Path, qtbot: QtBot) -> None:
    script = tmp_path / "other.py"
    script.write_text("import torch\n")
    assert window.workbench.open(str(large))
    assert reading() and window.workbench.open(str(script))
    qtbot.waitUntil(lambda: not reading())
    qtbot.wait(50)
    assert window.bridge.source == "import torch\n" and window.bridge.session is None


def test_a_large_file_that_is_damaged_leaves_everything_as_it_is(window: MainWindow, large: Path, tmp_path: Path, qtbot: QtBot) -> None:
    damaged = tmp_path / "damaged.gvrec"
    data = bytearray(large.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 40000] = bytes(40000)
    damaged.write_bytes(data)
    lesson = window.bridge.session
    assert window.workbench.open(str(damaged))
    qtbot.waitUntil(lambda: not window.workbench.opening.busy)
    assert window.bridge.session is lesson
    assert window.message.isVisible() and "damaged.gvrec" in window.message.text


def test_what_is_typed_while_it_is_read_is_not_lost(window: MainWindow, large: Path, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: "source" in window.__dict__ and window.source.editor.isVisible())
    assert window.workbench.open(str(large))
    QTest.keyClicks(window.source.editor, "# mine")
    qtbot.waitUntil(lambda: not window.workbench.opening.busy)
    assert window.source.text.startswith("# mine")
    assert "open it again" in window.message.text

"""Values that no lesson has: nothing of them may break the window, wherever they are looked at."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from ui.settings import Settings
from ui.window.main_window import MainWindow

STRANGE = {
    "no elements": "e = torch.zeros(0, requires_grad=True)\nh = e * 2\nm = torch.zeros(0, 3)\nloss = h.sum() + m.sum()\nloss.backward()\n",
    "a mask that holds nowhere": "w = torch.ones(2, requires_grad=True)\nh = w[w > 5]\nloss = h.mean()\nloss.backward()\n",
    "complex": "z = torch.tensor([1 + 2j, 3 - 1j], requires_grad=True)\nloss = (z * z.conj()).real.sum()\nloss.backward()\n",
    "bools and bytes": "b = torch.tensor([True, False])\nu = torch.tensor([1, 255], dtype=torch.uint8)\nw = torch.ones(2, requires_grad=True)\n"
    "loss = (w * b * u).sum()\nloss.backward()\n",
    "five dimensions": "w = torch.randn(2, 1, 3, 1, 2, requires_grad=True)\nloss = (w * w).sum()\nloss.backward()\n",
    "one column": "w = torch.randn(40, 1, requires_grad=True)\nloss = w.exp().sum()\nloss.backward()\n",
    "nan and inf": "w = torch.tensor([float('nan'), float('inf'), -float('inf'), 0.0], requires_grad=True)\nloss = (w * w).sum()\nloss.backward()\n",
    "the smallest and the largest": "w = torch.tensor([1e-45, 3e38, -3e38], requires_grad=True)\nloss = (w * 2).sum()\nloss.backward()\n",
    "half": "w = torch.tensor([1.0, 60000.0], dtype=torch.float16, requires_grad=True)\nloss = (w * 2).sum()\nloss.backward()\n",
    "large": "w = torch.randn(300, 400, requires_grad=True)\nloss = w.tanh().mean()\nloss.backward()\n",
}


@pytest.mark.parametrize("name", STRANGE)
def test_strange_values_are_drawn_stepped_and_inspected(name: str, tmp_path: Path, qtbot: QtBot) -> None:
    script = tmp_path / "strange.py"
    script.write_text("import torch\n" + STRANGE[name])
    window = MainWindow(Settings(str(tmp_path / "settings.ini")))
    qtbot.addWidget(window)
    window.resize(1280, 800)
    window.canvas.set_speed(0)
    window.show()
    window.workbench.open(str(script))
    window.workbench.run(allowed=True)
    qtbot.waitUntil(
        lambda: window.bridge.session is not None and not window.bridge.running and len(window.bridge.session.graph().nodes) > 2,
        timeout=60_000,
    )
    session = window.bridge.session
    assert session is not None
    for dock in window.docks.values():
        dock.show()
    for position in range(0, session.length, max(1, session.length // 12)):
        window.bridge.seek(position)
        qtbot.wait(1)
    for node in session.graph().nodes:
        window.bridge.select((node.id,))
        qtbot.wait(1)
        window.grab()
    for dock in window.docks.values():
        dock.raise_()
        window.grab()
    window.source.saved()

"""An error in the window: PyTorch's words, our diagnosis, the culprit by one click, the fix by another."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.ui.conftest import Opener, keep
from tests.ui.waiting import at_rest
from ui.window.main_window import MainWindow

SCRIPT = """import torch
w = torch.ones(2, requires_grad=True)
y = w.exp()
z = y * y
y += 1
z.sum().backward()
print(w.grad)
"""


def test_an_inplace_error_is_explained_shown_and_mended(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    script = tmp_path / "inplace.py"
    script.write_text(SCRIPT)
    window.workbench.open(str(script))
    window.workbench.run(allowed=True)
    qtbot.waitUntil(lambda: not window.bridge.running, timeout=20_000)
    text = window.message.text
    assert "one of the variables needed for gradient computation has been modified by an inplace operation" in text
    assert "the in-place add in line 5 overwrote it" in text
    assert window.message.diff.isVisible()
    assert window.message.diff.accessibleDescription() == "line 5\n- y += 1\n+ y = y + 1"
    keep(window, "diagnosis-dark")
    show, fix = window.message.button("Show where"), window.message.button("Try the fix")
    assert show is not None and fix is not None
    QTest.mouseClick(show, Qt.MouseButton.LeftButton)
    session = window.bridge.session
    assert session is not None
    assert session.line == 5
    QTest.mouseClick(fix, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.bridge.running and "tensor(" in window.console.text.toPlainText(), timeout=20_000)
    assert window.source.text == SCRIPT.replace("y += 1", "y = y + 1")
    assert script.read_text() == SCRIPT
    qtbot.waitUntil(lambda: window.message.isVisible() and window.message.kind == "good", timeout=20_000)
    assert window.message.text.startswith("With the change of line 5 the script runs to its end.")
    keep(window, "diagnosis-mended-dark")
    undo = window.message.button("Undo it")
    assert undo is not None
    QTest.mouseClick(undo, Qt.MouseButton.LeftButton)
    assert window.source.text == SCRIPT
    assert not window.message.isVisible()


def test_a_change_of_two_lines_is_taken_back_in_one_go_and_nothing_typed_since_is(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    text = "import torch\nw = torch.ones(2, requires_grad=True)\ny = w.exp()\nfirst = y[:1]\nfirst *= 2\ny.sum().backward()\n"
    script = tmp_path / "view.py"
    script.write_text(text)
    window.workbench.open(str(script))
    window.workbench.run(allowed=True)
    for typed in ("", "# mine "):
        qtbot.waitUntil(lambda: not window.bridge.running and window.message.button("Try the fix") is not None, timeout=20_000)
        fix = window.message.button("Try the fix")
        assert fix is not None
        QTest.mouseClick(fix, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: window.message.isVisible() and window.message.button("Undo it") is not None, timeout=20_000)
        mended = text.replace("first = y[:1]", "y = y.clone()\nfirst = y[:1]")
        assert window.source.text == mended
        QTest.keyClicks(window.source.editor, typed)
        undo = window.message.button("Undo it")
        assert undo is not None
        QTest.mouseClick(undo, Qt.MouseButton.LeftButton)
        if not typed:
            assert window.source.text == text
            window.workbench.run(allowed=True)
    assert "# mine " in window.source.text
    assert "y = y.clone()" in window.source.text


OVERWRITTEN = """import torch
from torch import nn
gate = nn.Linear(3, 3)
h = torch.sigmoid(gate(torch.ones(2, 3)))
nn.functional.dropout(h, 0.5, inplace=True)
h.sum().backward()
"""


@pytest.mark.parametrize("width", [1280, 1920])
def test_pytorchs_words_are_all_in_sight_where_ours_are_short(width: int, opened: Opener, tmp_path: Path, qtbot: QtBot) -> None:
    window = opened(width, 800, "dark")
    script, bar = tmp_path / "over.py", window.message
    script.write_text(OVERWRITTEN)
    window.workbench.open(str(script))
    window.workbench.run(allowed=True)
    qtbot.waitUntil(lambda: not window.bridge.running and bar.isVisible(), timeout=20_000)
    at_rest(window)
    assert bar.quoted.label.text().endswith("expected version 0 instead")
    assert "inplace=True in line 5 overwrote it" in bar.label.label.text()
    assert [words.verticalScrollBar().maximum() for words in (bar.quoted, bar.label)] == [0, 0]


WRONG_BACKWARD = """import torch
class Square(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x
    @staticmethod
    def backward(ctx, g):
        return g * ctx.saved_tensors[0]
torch.autograd.gradcheck(Square.apply, (torch.ones(3, dtype=torch.double, requires_grad=True),))
"""


def test_of_an_error_with_tables_of_numbers_the_first_line_stands_in_the_derivation(
    window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    script = tmp_path / "wrong.py"
    script.write_text(WRONG_BACKWARD)
    window.workbench.open(str(script))
    window.workbench.run(allowed=True)
    qtbot.waitUntil(lambda: not window.bridge.running and window.message.isVisible(), timeout=20_000)
    caption = window.derivation.waiting.caption
    qtbot.waitUntil(lambda: "Jacobian" in caption.text())
    assert caption.text().replace("\u200b", "") == "GradcheckError: Jacobian mismatch for output 0 with respect to input 0 …"
    assert "analytical:tensor" in caption.toolTip()


LONG = """import torch
w = torch.ones(2, requires_grad=True) * 2
raise RuntimeError("\\n".join(["What was read does not fit:", *[f"size mismatch for {k}.bias" for k in range(24)]]))
"""
TWICE = """import torch
loss = (torch.ones(2, requires_grad=True) * 2).exp().sum()
loss.backward()
loss.backward()
"""


def test_a_long_message_leaves_the_canvas_its_room_and_is_scrolled(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    script, bar = tmp_path / "long.py", window.message
    for text in (LONG, TWICE):
        script.write_text(text)
        window.workbench.open(str(script))
        window.workbench.run(allowed=True)
        qtbot.waitUntil(lambda: not window.bridge.running and bar.isVisible(), timeout=20_000)
        long = bar.label if text is LONG else bar.quoted
        scroll = long.verticalScrollBar()
        qtbot.waitUntil(lambda scroll=scroll: scroll.maximum() > 0)
        assert bar.height() < 170 and window.canvas.height() > 250
        long.setFocus()
        QTest.keyClick(long, Qt.Key.Key_End)
        QTest.keyClick(long, Qt.Key.Key_PageDown)
        assert scroll.value() > 0
        if text is LONG:
            page = window.derivation.waiting
            assert page.caption.text().endswith(" …") and "size mismatch for 2.bias" in page.caption.toolTip()
            assert page.rect().contains(page.hint.geometry())
    assert bar.label.verticalScrollBar().maximum() == 0 and "backward() in line 3 freed" in bar.label.label.text()
    assert bar.text.startswith("RuntimeError in line 4: Trying to backward through the graph a second time")

"""What a learner does wrong, and what the window says of it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.ui.conftest import keep
from tests.ui.editor.pilot import Pilot, build


def status(pilot: Pilot) -> str:
    return pilot.window.room.panel.status.text()


@pytest.mark.parametrize(
    ("expression", "values", "said"),
    [
        ("loss = log(w)", {"w": "-1"}, "loss = nan   ·   loss: log(-1) is nan: its input has to be more than 0"),
        ("loss = log(w)", {"w": "0"}, "loss = -inf   ·   loss: log(0) is -inf: its input has to be more than 0"),
        ("loss = mean(exp(log(w - 3)))", {}, "log: log(-2) is nan: its input has to be more than 0"),
        ("loss = sum(b / w)", {"w": "0"}, "div: inf from a division by 0: w has a 0"),
        ("loss = sqrt(w)", {"w": "0"}, "loss = 0   ·   w: its gradient is inf: the slope of loss is inf there"),
        ("loss = exp(w)", {"w": "1000"}, "loss: exp gives the first inf"),
        ("loss = w * 2", {"w": "nan"}, "w: it holds nan"),
        ("loss = w * 2", {"w": "1"}, "loss = 2"),
    ],
)
def test_where_numbers_stop_to_be_finite_is_told(pilot: Pilot, expression: str, values: dict[str, str], said: str) -> None:
    build(pilot, expression)
    for name, text in values.items():
        pilot.set_value(name, text)
    assert status(pilot).endswith(said)


def test_a_tensor_of_whole_numbers_says_why_it_cannot_require_grad(pilot: Pilot) -> None:
    build(pilot, "t = torch.tensor([1, 2])")
    pilot.select("t")
    pilot.key(Qt.Key.Key_R)
    assert pilot.window.message.text == "t holds int64, and only floats have gradients: set its dtype to float32 (Ctrl+Enter)."
    assert not pilot.block("t").requires_grad
    build(pilot, "x = [1, 2]")  # what was refused is over with the next edit
    assert not pilot.window.message.isVisible()
    assert pilot.block("x").value.dtype == "float32"  # type: ignore[union-attr]


def test_a_training_that_grows_without_end_says_from_when_on_and_what_may_help(pilot: Pilot, qtbot: QtBot) -> None:
    build(pilot, "loss = (w - 3)**2")
    panel = pilot.window.room.panel
    panel.side.setCurrentWidget(panel.training)
    training = panel.training

    def set_options(text: str) -> None:
        training.options.setFocus()
        training.options.selectAll()
        QTest.keyClicks(training.options, text)
        QTest.keyClick(training.options, Qt.Key.Key_Return)

    set_options("lr=abc")
    assert pilot.window.message.text == "lr has to be a number; “abc” is none"
    set_options("learning_rate=1")
    assert pilot.window.message.text == "SGD has no option learning_rate: did you mean lr?"
    set_options("moment=0.9")
    assert pilot.window.message.text == "SGD has no option moment: did you mean momentum?"
    pilot.view.setFocus()
    assert pilot.window.room.desk.document.training.options == {"lr": 0.1}  # nothing of it was taken
    set_options("lr=10")
    training.epochs.setValue(60)
    QTest.mouseClick(training.train, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not training.running)
    assert "loss nan. From epoch 16 on it is inf. A smaller lr than 10 may help." in training.words.text()
    keep(pilot.window, "editor-diverged")
    pilot.undo()
    set_options("lr=1.05")
    training.epochs.setValue(10)
    QTest.mouseClick(training.train, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not training.running)
    assert "It grew from 4. A smaller lr than 1.05 may help." in training.words.text()


def test_an_optimizer_that_is_typed_on_the_canvas_is_looked_for_in_its_place(pilot: Pilot) -> None:
    pilot.key(Qt.Key.Key_Equal)
    QTest.keyClicks(pilot.picker.line, "opt = torch.optim.Adam([w], lr=0.1)")
    assert "Adam is set beside the canvas, under Train" in pilot.picker.list.item(0).text()
    pilot.picker.close()

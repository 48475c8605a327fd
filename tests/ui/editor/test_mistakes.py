"""What a learner does wrong, and what the window says of it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gradviz.document import edits
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


def test_a_name_that_no_variable_can_have_says_why(pilot: Pilot) -> None:
    build(pilot, "y = w * 2")
    for name, said in (("class", "“class” is a word of Python's own"), ("2y", "no digit first")):
        pilot.select("y")
        pilot.key(Qt.Key.Key_F2)
        line = pilot.view.inline.line
        assert line is not None
        line.selectAll()
        QTest.keyClicks(line, name)
        QTest.keyClick(line, Qt.Key.Key_Return)
        assert said in pilot.window.message.text and pilot.view.inline.line is line  # it stays open to be put right
        QTest.keyClick(line, Qt.Key.Key_Escape)
    assert "y" in pilot.names()


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


def test_an_optimizer_that_is_typed_where_a_tensor_is_needed_is_told_its_place(pilot: Pilot) -> None:
    pilot.key(Qt.Key.Key_Equal)
    QTest.keyClicks(pilot.picker.line, "loss = torch.optim.Adam([w], lr=0.1) * w")
    assert "Adam is set beside the canvas, under Train" in pilot.picker.list.item(0).text()
    pilot.picker.close()


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("loss = mean(detach(w * x))", "detach detaches mul: nothing behind it knows of it"),
        ("loss = mean((w * [1, 2, 3]).long() * 2.0)", "long gives int64, which has no gradient: nothing behind it knows of mul"),
        ("a = w", "Nothing reads w yet"),
        ("a = x + 1", "Nothing requires grad yet: select a tensor and press R"),
    ],
)
def test_what_cuts_the_gradients_off_is_named(pilot: Pilot, expression: str, said: str) -> None:
    build(pilot, expression)
    names = {b.op: b.name for b in pilot.window.room.desk.document.blocks.values()}
    assert status(pilot) == said.replace("long gives", f"{names.get('Tensor.long', '')} gives")


def test_a_frame_without_gradients_around_the_loss_is_named_above_the_canvas_and_by_the_training(pilot: Pilot) -> None:
    build(pilot, "loss = mean((w*x + b - y)**2)")
    pilot.select("sub")
    pilot.key(Qt.Key.Key_G)
    said = "sub is inside no_grad: nothing behind it knows of add"
    assert status(pilot) == said
    keep(pilot.window, "editor-cut-off")
    panel = pilot.window.room.panel
    panel.side.setCurrentWidget(panel.training)
    QTest.mouseClick(panel.training.train, Qt.MouseButton.LeftButton)
    assert panel.training.words.text() == said == pilot.window.message.text
    pilot.view.setFocus()
    pilot.undo()
    assert status(pilot) == "loss = 1"
    assert not pilot.window.message.isVisible()


def test_a_selected_nodes_badge_lies_over_the_ring_around_it(pilot: Pilot) -> None:
    build(pilot, "loss = mean((w*x + b - y)**2)")
    desk, view = pilot.window.room.desk, pilot.view
    pilot.click(QPoint(20, 640))
    pilot.select("sub")
    pilot.key(Qt.Key.Key_G)
    view.scale = 1.0
    view.zoom_to_selection()
    view.hover(view.to_graph(view.rect().bottomLeft().toPointF()))
    rect = view.shapes.blocks[pilot.block("sub").id].rect
    area = QRectF(rect.right() - 70, rect.bottom() - 6, 60, 14)
    spot = QRectF(view.to_widget(area.topLeft()), view.to_widget(area.bottomRight())).toAlignedRect()
    ring = QColor(view.theme.selection)
    chosen = view.grab(spot).toImage()
    plain_row = [chosen.pixelColor(x, y) for x in range(chosen.width()) for y in range(chosen.height())]
    badge = sum(c == ring for c in plain_row)
    desk.do("Turn no_grad", edits.toggle_no_grad(desk.document, [pilot.block("sub").id]))
    bare = view.grab(spot).toImage()
    assert badge < sum(bare.pixelColor(x, y) == ring for x in range(bare.width()) for y in range(bare.height())) / 2


def test_more_nodes_than_a_file_can_have_are_not_made(pilot: Pilot, monkeypatch: pytest.MonkeyPatch) -> None:
    """They could be saved, and the file would not be opened again."""
    build(pilot, "y = exp(w)")
    desk, said = pilot.window.room.desk, "there would be 4 nodes then; 3 are possible"
    monkeypatch.setattr(edits, "MOST_BLOCKS", 3)  # in place of 100,000
    before = desk.document
    pilot.key(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    pilot.key(Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    for take in (
        lambda: pilot.key(Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier),
        lambda: pilot.key(Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier),
        lambda: pilot.drag(pilot.title("w"), pilot.title("w") + QPoint(0, 200), Qt.KeyboardModifier.AltModifier),
    ):
        pilot.window.message.hide()
        take()
        assert pilot.window.message.isVisible() and pilot.window.message.text == said
        assert desk.document is before

"""Networks as lectures have them, built and trained by keys: what stands in the way is told or mended, and PyTorch computes the same."""

from __future__ import annotations

import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from statistics import mean

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.ui.editor.pilot import CONTROL, LEFT, SHIFT, Pilot, build
from tests.ui.editor.test_layers import follow


def tensor(pilot: Pilot, name: str, value: str) -> None:
    """A tensor that reads nothing, or another value of one, by keys."""
    there = name in pilot.names()
    pilot.window.room.desk.select((pilot.block(name).id,) if there else ())
    pilot.view.setFocus()
    if not there:
        pilot.key(Qt.Key.Key_Tab)
        pilot.pick(name)
    pilot.key(Qt.Key.Key_E)
    pilot.type(value)


def lead(pilot: Pilot, source: str, end: str) -> None:
    """A wire, by keys."""
    pilot.window.room.desk.select((pilot.block(source).id,))
    pilot.view.setFocus()
    pilot.key(Qt.Key.Key_W)
    pilot.pick(end)


def enter(pilot: Pilot, name: str, setting: str, text: str) -> None:
    """A setting, in the form beside the canvas."""
    desk, panel = pilot.window.room.desk, pilot.window.room.panel
    desk.select((pilot.block(name).id,))
    panel.side.setCurrentWidget(panel.properties)
    desk.rest()
    field = panel.properties.field(setting)
    assert field is not None
    field.setFocus()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)
    pilot.view.setFocus()


def paste(pilot: Pilot, text: str) -> None:
    """Lines of a program."""
    QApplication.clipboard().setText(text)
    pilot.view.setFocus()
    pilot.key(Qt.Key.Key_V, CONTROL)


def offered(pilot: Pilot, typed: str) -> str:
    """What Enter would take; nothing is taken."""
    pilot.key(Qt.Key.Key_Tab)
    QTest.keyClicks(pilot.picker.line, typed)
    first = pilot.picker.list.item(0).text()
    QTest.keyClick(pilot.picker.line, Qt.Key.Key_Escape)
    return first.split()[0]


def test_what_is_typed_behind_a_node_is_what_can_read_it_and_else_it_says_why(pilot: Pilot) -> None:
    tensor(pilot, "x", "randn(4, 2, 8, 8)")
    assert offered(pilot, "avg pool") == "avg_pool2d" and offered(pilot, "batch norm") == "BatchNorm2d"
    assert offered(pilot, "conv2d") == "Conv2d"
    pilot.key(Qt.Key.Key_Tab)
    pilot.pick("avg_pool1d")
    message = pilot.window.message
    assert message.text == "avg_pool1d does not read x: it takes no float32 of the shape (4, 2, 8, 8)."
    assert not pilot.window.room.desk.document.wires
    tensor(pilot, "y", "randn(5, 3)")
    assert offered(pilot, "batch norm") == "BatchNorm1d"


def test_a_layer_before_its_input_is_known_is_told_its_size_when_it_is(pilot: Pilot) -> None:
    tensor(pilot, "x", "randn(5, 3)")
    assert follow(pilot, "add") == "add"
    assert follow(pilot, "layernorm") == "layernorm"  # add waits for what it adds
    assert follow(pilot, "linear", "4") == "linear"
    assert not pilot.block("layernorm").params and pilot.block("linear").params == {"out_features": 4}
    lead(pilot, "x", "other of add")
    assert pilot.block("layernorm").params == {"normalized_shape": 3}
    assert pilot.block("linear").params == {"out_features": 4, "in_features": 3}
    assert not pilot.window.room.desk.troubled()
    pilot.undo()
    assert not pilot.block("layernorm").params
    pilot.window.room.desk.select(())
    pilot.key(Qt.Key.Key_Tab)
    pilot.pick("data")  # has no numbers yet
    assert follow(pilot, "linear", "2") == "linear2"
    assert follow(pilot, "tanh") == "tanh"
    tensor(pilot, "data", "[[1, 2, 3], [4, 5, 6]]")
    assert pilot.window.room.desk.ran.values[pilot.block("tanh").id].shape == (2, 2)


def test_further_outputs_have_their_names_and_an_index_is_typed_behind_one(pilot: Pilot) -> None:
    tensor(pilot, "x", "randn(6, 2, 3)")
    assert follow(pilot, "lstm", "4") == "lstm"
    shape = pilot.view.shapes.blocks[pilot.block("lstm").id]
    assert shape.names == ("output", "h_n", "c_n")
    pilot.drag(pilot.at(shape.outputs[1]), QPoint(640, 620))
    pilot.pick("[-1]")
    assert "lstm[1][0][-1]" in pilot.window.room.desk.code().text
    assert pilot.window.room.desk.ran.values[pilot.block("index").id].shape == (2, 4)


def test_flags_that_cannot_be_are_taken_off_or_told(pilot: Pilot) -> None:
    desk = pilot.window.room.desk
    tensor(pilot, "words", "randint(0, 20, (4, 5))")  # no name of data: it required grad
    assert not pilot.block("words").requires_grad and not desk.troubled()
    paste(pilot, "h = tanh(Linear(3, 4)(x))\nloss = mean(Linear(4, 1)(h)**2)")
    pilot.select("linear")
    pilot.key(Qt.Key.Key_R)
    assert "no_grad (G) around linear freezes its weights" in pilot.window.message.text
    pilot.select("h")
    pilot.key(Qt.Key.Key_R, SHIFT)
    pilot.select("linear")
    pilot.key(Qt.Key.Key_G)
    assert desk.problem_of(pilot.block("h").id) == "can't retain_grad on Tensor that has requires_grad=False"
    pilot.undo()
    assert not desk.problem_of(pilot.block("h").id)


def test_what_is_drawn_one_after_the_other_differs(pilot: Pilot) -> None:
    build(pilot, "x = randn(4)")
    build(pilot, "y = randn(4)")
    paste(pilot, "torch.manual_seed(7)\na = torch.randn(3)\nc = torch.randn(3)")
    seeds = [pilot.block(n).value.seed for n in ("x", "y", "a", "c")]  # type: ignore[union-attr]
    assert len(set(seeds)) == 4 and seeds[2] == 7


def test_no_training_begins_while_its_loss_cannot_be_computed(pilot: Pilot) -> None:
    tensor(pilot, "x", "randn(4, 3)")
    follow(pilot, "linear", "2")
    pilot.window.room.desk.select(())
    follow(pilot, "linear", "3")
    follow(pilot, "cross entropy")
    panel = pilot.window.room.panel
    panel.side.setCurrentWidget(panel.training)
    QTest.mouseClick(panel.training.train, LEFT)
    assert not panel.training.running
    assert panel.training.words.text().startswith(
        "linear2: Linear needs in_features. Until then only linear could be trained; choose it as the Loss if that is meant."
    )


def convolutions(pilot: Pilot) -> None:
    tensor(pilot, "x", "randn(10, 1, 6, 6)")
    for typed, *answers in (
        ("conv2d", "3", "3"),
        ("batch norm",),
        ("relu",),
        ("max pool", "2"),
        ("flatten",),
        ("linear", "3"),
        ("dropout",),
    ):
        follow(pilot, typed, *answers)
    follow(pilot, "cross entropy")
    tensor(pilot, "labels", "randint(0, 3, (10,))")
    lead(pilot, "labels", "target of cross")


def recurrence(pilot: Pilot) -> None:
    tensor(pilot, "x", "randn(9, 5, 2)")
    follow(pilot, "lstm", "4")
    enter(pilot, "lstm", "batch_first", "True")
    pilot.select("lstm")
    build(pilot, "[:, -1]")
    follow(pilot, "linear", "1")
    follow(pilot, "mse")
    tensor(pilot, "y", "randn(9, 1)")
    lead(pilot, "y", "target of mse")


def attention(pilot: Pilot) -> None:
    tensor(pilot, "x", "randn(2, 4, 6)")
    follow(pilot, "attention", "2")
    enter(pilot, "multiheadattention", "batch_first", "True")
    for port in ("key", "value"):
        lead(pilot, "x", f"{port} of multi")
    build(pilot, "mask = triu(ones(4, 4), 1).bool()")
    lead(pilot, "mask", "attn_mask")
    pilot.window.room.desk.select((pilot.block("multiheadattention").id,))
    build(pilot, "+ x")
    follow(pilot, "layer norm")
    build(pilot, "loss = (layernorm[:, 0] - 1).abs().mean()")


def words(pilot: Pilot) -> None:
    tensor(pilot, "words", "randint(0, 20, (11, 5))")
    follow(pilot, "embedding", "20", "4")
    build(pilot, ".mean(1)")
    follow(pilot, "linear", "3")
    follow(pilot, "cross entropy")
    tensor(pilot, "labels", "[0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1]")
    lead(pilot, "labels", "target of cross")


def shared(pilot: Pilot) -> None:
    paste(
        pilot, "x = randn(6, 3)\nlayer = Linear(3, 3)\na = layer(x)\nb = layer(a)\nloss = (a**2).mean() + (b.detach() - b - 1).abs().mean()"
    )


@pytest.mark.torch
def test_pytorch_prints_the_losses_that_the_window_shows(pilot: Pilot, qtbot: QtBot, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    pilot.window.resize(1600, 1000)
    training = pilot.window.room.panel.training
    shown: dict[str, list[float]] = {}
    lectures: tuple[tuple[Callable[[Pilot], None], str], ...] = (
        (convolutions, "SGD(lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.01)\nepochs = 3\nbatch = 4"),
        (recurrence, "Adam(lr=0.02)\nStepLR(step_size=2, gamma=0.5)\nclip_grad_norm_(0.5)\nepochs = 3\nbatch = 4"),
        (attention, "AdamW(lr=0.02)\nepochs = 3"),
        (words, "RMSprop(lr=0.01)\nepochs = 3\nbatch = 4"),
        (shared, "LBFGS(lr=0.5, max_iter=3)\nepochs = 3"),
    )
    for lecture, plan in lectures:
        lecture(pilot)
        paste(pilot, plan)
        desk = pilot.window.room.desk
        assert not desk.troubled()
        (tmp_path / f"{lecture.__name__}.py").write_text(desk.code(train=True).text)
        QTest.keyClick(pilot.window, Qt.Key.Key_F5, CONTROL)
        qtbot.waitUntil(lambda: not training.running)
        shown[lecture.__name__] = [epoch.loss for epoch in training.epochs_done]
        assert len(shown[lecture.__name__]) == 3
        desk.new()
    run = "import runpy, sys\nfor path in sys.argv[1:]:\n    print('##', path)\n    runpy.run_path(path)\n"
    scripts = [str(tmp_path / f"{name}.py") for name in shown]
    real = subprocess.run([sys.executable, "-c", run, *scripts], capture_output=True, text=True, timeout=300, check=True).stdout
    for lecture_text in real.split("## ")[1:]:
        path, *lines = lecture_text.splitlines()
        steps: dict[str, list[float]] = defaultdict(list)
        for epoch, loss, *_ in (line.split() for line in lines if line[:1].isdigit()):
            steps[epoch].append(float(loss))
        assert steps, real
        assert [mean(losses) for losses in steps.values()] == pytest.approx(shown[Path(path).stem], rel=2e-4)

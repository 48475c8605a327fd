"""What a wire offers, tells and takes in: by mouse and keys on the canvas."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gradviz.document import edits
from tests.ui.editor.pilot import CONTROL, LEFT, NOTHING, SHIFT, Pilot, build

ALT = Qt.KeyboardModifier.AltModifier


def test_a_wire_drawn_from_a_result_offers_what_can_read_it_and_goes_to_the_input_that_takes_it(pilot: Pilot) -> None:
    free = QPoint(560, 560)

    def offered(name: str) -> list[str]:
        pilot.drag(pilot.output(name), free)
        return [pilot.picker.list.item(k).text().split()[0] for k in range(pilot.picker.list.count())]

    build(pilot, "x = randn(8, 1, 12, 12)")
    assert offered("x")[:3] == ["Conv2d", "relu", "max_pool2d"]
    pilot.pick("flatten")
    assert pilot.block("flatten").params == {"start_dim": 1}  # the pictures of a batch stay apart
    build(pilot, "y = randint(0, 4, (8,))")
    offered("y")
    pilot.pick("cross_entropy")
    assert (pilot.block("cross_entropy").id, "target") in pilot.window.room.desk.document.wires
    build(pilot, "s = w * 2")
    numbers = offered("s")
    assert numbers[:3] == ["add", "mul", "sub"] and not {"Linear", "matmul", "Conv2d"} & set(numbers)
    pilot.pick("add")
    assert pilot.window.room.desk.document.wires[pilot.block("add").id, "input"].source == pilot.block("s").id


def test_a_wire_under_the_mouse_tells_what_goes_along_it(pilot: Pilot) -> None:
    build(pilot, "loss = mean((w * [1, 2, 3] - w)**2)")
    pilot.key(Qt.Key.Key_Escape)
    view, wires = pilot.view, pilot.window.room.desk.document.wires
    w, mul = pilot.block("w"), pilot.block("mul")

    def along(key: tuple[str, str]) -> str:
        QTest.mouseMove(view, QPoint(5, 5))
        QTest.mouseMove(view, pilot.at(view.shapes.wires[key].pointAtPercent(0.5)))
        return view.toolTip()

    before = view.grab().toImage()
    told = along((mul.id, "input"))
    assert told == (
        "w to input of mul, shape (), float32, stretched () → (3,), value 1, gradient 3.3333 (of all 2 wires that it goes along)"
    )
    assert view.grab().toImage() != before  # it lights up, with the others that carry w and the cards at their ends
    assert along((pilot.block("sub").id, "input")) == "mul to input of sub, shape (3,), float32, value 1, 2, 3, gradient 0, 0.66667, 1.3333"
    along((mul.id, "input"))
    pilot.undo()
    QTest.mouseMove(view, QPoint(5, 5))
    assert view.toolTip() == "" and w.id not in pilot.window.room.desk.document.blocks and wires


def test_a_card_that_is_moved_onto_a_wire_is_put_into_it_as_one_edit(pilot: Pilot) -> None:
    build(pilot, "loss = mean(w * x)")
    pilot.click(QPoint(40, 560))
    assert pilot.add("relu", QPoint(300, 480)) == "relu"
    desk, relu, loss = pilot.window.room.desk, pilot.block("relu"), pilot.block("loss")
    before, count = desk.document, desk.history.index
    over = pilot.at(pilot.view.shapes.wires[loss.id, "input"].pointAtPercent(0.5))
    card = pilot.at(pilot.view.shapes.blocks[relu.id].rect.center())
    grip = pilot.title("relu")
    QTest.mousePress(pilot.view, LEFT, NOTHING, grip)
    for k in range(1, 9):
        QTest.mouseMove(pilot.view, grip + (over - card) * k / 8)
    assert pilot.view.chosen_wire == (loss.id, "input")  # it lights up
    QTest.keyClick(pilot.view, Qt.Key.Key_Escape)
    QTest.mouseRelease(pilot.view, LEFT, NOTHING, grip + (over - card))
    assert desk.document is before and pilot.view.chosen_wire is None
    pilot.drag(grip, grip + (over - card))
    assert desk.document.wires[loss.id, "input"].source == relu.id
    assert desk.document.wires[relu.id, "input"].source == pilot.block("mul").id
    assert desk.history.index == count + 1 and desk.history.undo_label == "Put relu between mul and loss"
    pilot.undo()
    assert desk.document is before
    pilot.key(Qt.Key.Key_A, CONTROL)
    pilot.key(Qt.Key.Key_C)  # a comment around all of it
    pilot.type("all")
    pilot.click(QPoint(40, 600))
    pilot.drag(pilot.title("relu"), pilot.title("relu") + (over - card))
    (frame,) = desk.document.frames.values()
    assert desk.document.wires[loss.id, "input"].source == relu.id and frame.members.count(relu.id) == 1
    pilot.drag(pilot.title("relu"), QPoint(300, 560))  # it has wires: it is only moved
    assert desk.document.wires[loss.id, "input"].source == relu.id


def test_an_operation_is_replaced_by_another_one_that_fits_its_wires(pilot: Pilot) -> None:
    build(pilot, "loss = mean((relu(w * x) + relu(w) - b / 2)**2)")
    desk = pilot.window.room.desk
    pilot.select("relu")
    pilot.key(Qt.Key.Key_A, CONTROL | SHIFT)
    assert [desk.document.blocks[i].name for i in desk.selected] == ["relu", "relu2"]
    before, wires = desk.document, dict(desk.document.wires)
    pilot.key(Qt.Key.Key_S, SHIFT)
    offered = [pilot.picker.list.item(k).text().split()[0] for k in range(pilot.picker.list.count())]
    assert {"sigmoid", "tanh", "exp"} <= set(offered[:6]) and not {"relu", "Conv2d", "mul"} & set(offered[:20])
    pilot.pick("tanh")
    assert {"tanh", "tanh2"} <= set(pilot.names()) and desk.document.wires == wires and not desk.ran.problems
    pilot.undo()
    assert desk.document is before
    pilot.select("div")
    pilot.key(Qt.Key.Key_S, SHIFT)
    pilot.pick("pow")
    assert pilot.block("pow2").params == {"exponent": 2}  # the number goes along
    pilot.select("w")
    pilot.key(Qt.Key.Key_S, SHIFT)
    assert pilot.window.message.text.startswith("A tensor is no operation")


def test_two_inputs_change_places(pilot: Pilot) -> None:
    build(pilot, "loss = mean(w - 3)")
    desk, sub = pilot.window.room.desk, pilot.block("sub")
    pilot.select("sub")
    pilot.key(Qt.Key.Key_S)
    assert desk.document.wires[sub.id, "other"].source == pilot.block("w").id and pilot.block("sub").params == {"input": 3}
    assert float(desk.ran.values[sub.id]) == 2.0
    pilot.key(Qt.Key.Key_S)
    assert float(desk.ran.values[sub.id]) == -2.0
    pilot.select("loss")
    pilot.key(Qt.Key.Key_S)
    assert pilot.window.message.text.startswith("That takes a node with two inputs")


def test_what_comes_into_sight_while_a_wire_is_dragged_can_be_wired(pilot: Pilot, qtbot: QtBot) -> None:
    build(pilot, "loss = mean(w * x)")
    desk, view = pilot.window.room.desk, pilot.view
    for place in (1500.0, 1250.0):
        made, _ = edits.add(desk.document, "torch.exp", place, 100.0)
        desk.do("Add exp", made)
    near, far = pilot.block("exp").id, pilot.block("exp2").id

    def port(block: str) -> QPoint:
        place = view.shapes.blocks[block].port("input")
        assert place is not None
        return pilot.at(place)

    start = pilot.output("w")
    QTest.mousePress(view, LEFT, NOTHING, start)
    QTest.mouseMove(view, start + QPoint(40, 0))
    for _ in range(8):  # the wheel goes on meanwhile
        at, none = QPointF(60, 300), QPoint(0, 0)
        turned = QWheelEvent(at, view.mapToGlobal(at), none, QPoint(0, -120), LEFT, NOTHING, Qt.ScrollPhase.NoScrollPhase, False)
        QApplication.sendEvent(view, turned)
    QTest.mouseMove(view, port(near))
    QTest.mouseRelease(view, LEFT, NOTHING, port(near))
    assert desk.document.wires[near, "input"].source == pilot.block("w").id
    view.zoom_actual()
    view.show_block(pilot.block("w").id)
    QTest.mousePress(view, LEFT, NOTHING, pilot.output("w"))
    edge = QPoint(view.width() - 2, 300)
    for k in range(1, 5):
        QTest.mouseMove(view, pilot.output("w") + (edge - pilot.output("w")) * k / 4)
    qtbot.waitUntil(lambda: view.rect().adjusted(0, 0, -60, 0).contains(port(far)))  # held at the border the canvas goes on
    QTest.mouseMove(view, port(far))
    stands = QPointF(view.offset)
    QTest.mouseRelease(view, LEFT, NOTHING, port(far))
    assert desk.document.wires[far, "input"].source == pilot.block("w").id
    QTest.mouseMove(view, edge)
    assert view.offset == stands and not view.edge.moving  # nothing is dragged any more


def test_cards_and_boxes_stay_under_the_mouse_while_the_canvas_moves(pilot: Pilot, qtbot: QtBot) -> None:
    build(pilot, "loss = mean(w * x)")
    pilot.key(Qt.Key.Key_Escape)
    desk, view = pilot.window.room.desk, pilot.view
    grip, edge = pilot.title("x"), QPoint(300, view.height() - 2)
    held = view.to_graph(QPointF(grip)) - view.shapes.blocks[pilot.block("x").id].rect.topLeft()
    before, offset = pilot.block("x").y, QPointF(view.offset)
    QTest.mousePress(view, LEFT, NOTHING, grip)
    for place in (grip + QPoint(0, 30), edge):
        QTest.mouseMove(view, place)
    qtbot.waitUntil(lambda: view.offset.y() < offset.y() - 300)
    QTest.mouseMove(view, QPoint(300, 300))
    QTest.mouseRelease(view, LEFT, NOTHING, QPoint(300, 300))
    away = view.to_graph(QPointF(300, 300)) - view.shapes.blocks[pilot.block("x").id].rect.topLeft() - held
    assert abs(away.x()) <= 6.5 and abs(away.y()) <= 6.5 and pilot.block("x").y > before + 200  # on the grid
    assert desk.history.undo_label == "Move x"
    pilot.undo()
    view.fit()
    corner = pilot.at(view.shapes.bounds.topLeft()) - QPoint(20, 20)
    QTest.mousePress(view, LEFT, NOTHING, corner)
    QTest.mouseMove(view, corner + QPoint(10, 10))
    view.zoom(2.0, QPointF(corner))
    QTest.mouseMove(view, QPoint(view.width() - 40, view.height() - 40))
    view.fit()
    assert set(desk.selected) >= {pilot.block(name).id for name in ("w", "x")}
    QTest.mouseRelease(view, LEFT, NOTHING, QPoint(view.width() - 40, view.height() - 40))


def test_copies_are_dragged_with_alt_as_one_edit(pilot: Pilot) -> None:
    build(pilot, "loss = mean(relu(w * x))")
    desk, before, count = pilot.window.room.desk, pilot.window.room.desk.document, pilot.window.room.desk.history.index
    grip = pilot.title("relu")
    pilot.click(grip, ALT)
    assert desk.document is before  # a click makes none
    pilot.drag(grip, grip + QPoint(0, 160), ALT)
    copy = pilot.block("relu2")
    assert (
        desk.selected == (copy.id,) and copy.y > pilot.block("relu").y + 60 and pilot.block("relu") == before.blocks[pilot.block("relu").id]
    )
    assert desk.document.wires[copy.id, "input"].source == pilot.block("mul").id
    assert desk.history.index == count + 1 and desk.history.undo_label == "Duplicate relu"
    pilot.undo()
    assert desk.document is before
    QTest.mousePress(pilot.view, LEFT, ALT, grip)
    QTest.mouseMove(pilot.view, grip + QPoint(0, 90))
    QTest.keyClick(pilot.view, Qt.Key.Key_Escape)
    QTest.mouseRelease(pilot.view, LEFT, ALT, grip + QPoint(0, 90))
    assert desk.document is before and desk.history.index == count

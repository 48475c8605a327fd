"""Groups: nodes as one card with ports, opened again by a double-click; nothing of the computation changes."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtTest import QTest

from gradviz.document.file.text import read, write
from gradviz.document.model import Frame
from tests.ui.conftest import keep
from tests.ui.editor.pilot import CONTROL, LEFT, NOTHING, SHIFT, Pilot
from ui.editor.painting.paint import paint_frame
from ui.editor.painting.still import Still
from ui.style.theme import DARK

INSIDE = ("mul", "add", "sub", "pow")


@pytest.fixture
def built(pilot: Pilot) -> Pilot:
    from ui.editor.asking.quick_add import add_expression

    add_expression(pilot.view, "loss = mean((w*x + b - y)**2)", QPointF(100, 100))
    pilot.view.fit()
    return pilot


def close(pilot: Pilot) -> None:
    desk = pilot.window.room.desk
    desk.select(tuple(pilot.block(name).id for name in INSIDE))
    QTest.keyClick(pilot.view, Qt.Key.Key_G, Qt.KeyboardModifier.ShiftModifier)


def test_selected_nodes_become_one_card_whose_ports_are_the_wires_that_cross_its_border(built: Pilot) -> None:
    desk, view = built.window.room.desk, built.view
    before = desk.ran.grads[built.block("w").id].tolist()
    close(built)
    (group,) = view.shapes.groups.values()
    assert [name for name, _ in group.inputs] == ["w", "x", "b", "y"]
    assert [name for name, _ in group.outputs] == ["pow"]
    assert len(view.shapes.wires) == 5
    assert desk.ran.grads[built.block("w").id].tolist() == before
    view.fit()
    keep(built.window, "editor-group-dark")
    opened = read(write(desk.document).encode())
    assert opened.document == desk.document
    assert next(iter(opened.document.frames.values())).collapsed


def test_a_group_is_moved_as_one_thing_and_a_double_click_opens_it(built: Pilot) -> None:
    view, desk = built.view, built.window.room.desk
    close(built)
    desk.select(())
    (group,) = view.shapes.groups.values()
    places = {name: built.block(name).x for name in INSIDE}
    start = built.at(group.rect.topLeft() + QPointF(40, 20))
    built.drag(start, start + built.at(QPointF(60, 0)) - built.at(QPointF(0, 0)))
    assert set(desk.selected) == {built.block(name).id for name in INSIDE}
    moved = {built.block(name).x - x for name, x in places.items()}
    assert len(moved) == 1
    assert moved.pop() > 20
    (group,) = view.shapes.groups.values()
    QTest.mouseDClick(view, LEFT, NOTHING, built.at(group.rect.topLeft() + QPointF(40, 20)))
    assert view.shapes.groups == {}
    desk.history.undo()
    assert len(view.shapes.groups) == 1


def test_a_wire_is_drawn_from_the_port_of_a_group(built: Pilot) -> None:
    view = built.view
    close(built)
    (group,) = view.shapes.groups.values()
    output = group.outputs[0][1]
    assert view.shapes.output_at(output) == built.block("pow").id
    assert view.shapes.input_at(group.inputs[0][1]) == (built.block("mul").id, "input")
    built.drag(built.at(output), built.at(output + QPointF(60, 160)))
    built.picker.line.setText("exp")
    QTest.keyClick(built.picker.line, Qt.Key.Key_Return)
    assert built.window.room.desk.document.inputs(built.block("exp").id)["input"].source == built.block("pow").id


def frames(pilot: Pilot) -> dict[str, QRectF]:
    view = pilot.view
    return {f.text: view.shapes.frame_rect(f) for f in view.shapes.frames if not view.shapes.folded(f)}


def nested(pilot: Pilot) -> None:
    """mul and add in “inner”, with sub in “outer”."""
    for name, text, others in (("mul", "inner", ("add",)), ("mul", "outer", ("add", "sub"))):
        pilot.select(name)
        for other in others:
            pilot.click(pilot.title(other), SHIFT)
        pilot.key(Qt.Key.Key_C)
        pilot.type(text)


def test_a_frame_around_a_frame_leaves_room_for_its_words(built: Pilot) -> None:
    nested(built)
    places = frames(built)
    assert places["outer"].contains(places["inner"])
    assert places["inner"].top() - places["outer"].top() >= 28
    keep(built.window, "editor-nested")
    before = built.view.grab().toImage()
    built.window.room.panel.view.still = Still(built.view)  # painted anew
    assert built.view.grab().toImage() == before


def test_groups_in_groups_are_closed_from_inside_and_opened_from_outside(built: Pilot) -> None:
    nested(built)
    view, inner, outer = built.view, {"mul", "add"}, {"mul", "add", "sub"}

    def drawn_as_one() -> set[str]:
        return {s.block.name for s in view.shapes.blocks.values() if s.group}

    built.select("mul")
    built.key(Qt.Key.Key_H)
    assert drawn_as_one() == inner and set(frames(built)) == {"outer"}
    built.key(Qt.Key.Key_Backspace)
    assert drawn_as_one() == outer and len(view.shapes.groups) == 1
    assert not frames(built)  # nothing of the inner one is drawn on its card
    keep(built.window, "editor-nested-closed")
    built.key(Qt.Key.Key_H)
    assert drawn_as_one() == inner
    built.key(Qt.Key.Key_H)
    assert drawn_as_one() == set() and set(frames(built)) == {"inner", "outer"}


def test_some_nodes_of_a_comment_become_a_group_of_their_own(built: Pilot) -> None:
    nested(built)
    built.select("add")
    built.click(built.title("sub"), SHIFT)
    built.key(Qt.Key.Key_G, CONTROL)
    (group,) = built.view.shapes.groups.values()
    assert group.frame.text == "Group" and len(group.frame.members) == 2


def test_what_is_put_between_two_nodes_of_a_comment_is_in_it(built: Pilot) -> None:
    nested(built)
    built.select("mul")
    built.key(Qt.Key.Key_D)
    detach = built.block("detach").id
    assert {f.text for f in built.window.room.desk.document.frames.values() if detach in f.members} == {"inner", "outer"}
    built.undo()
    built.select("add")
    built.key(Qt.Key.Key_D)
    detach = built.block("detach").id
    assert {f.text for f in built.window.room.desk.document.frames.values() if detach in f.members} == {"outer"}


@pytest.mark.usefixtures("qapp")
def test_a_comment_longer_than_its_frame_ends_in_dots() -> None:
    image = QImage(300, 80, QImage.Format.Format_RGB32)
    image.fill(QColor(DARK.window))
    painter = QPainter(image)
    paint_frame(painter, Frame("f", "comment", "W" * 80, ()), QRectF(0, 0, 300, 80), DARK)
    painter.end()
    drawn = [[image.pixelColor(x, y).lightness() > 140 for x in range(12, 290)] for y in range(6, 24)]  # inside of the border
    rows = [y for y, row in enumerate(drawn) if any(row)]
    end = max(x for row in drawn for x, on in enumerate(row) if on)
    assert end > 240  # all of the width is used
    assert not any(drawn[y][x] for y in rows[: len(rows) // 2] for x in range(end - 5, end + 1)), "the last sign is low: dots"


def covered(pilot: Pilot) -> list[tuple[str, str]]:
    """Cards that lie on others; those of one closed group are one card."""
    shapes = list(pilot.view.shapes.blocks.values())
    return [
        (a.block.name, b.block.name)
        for k, a in enumerate(shapes)
        for b in shapes[k + 1 :]
        if a.rect.intersects(b.rect) and (not a.group or a.group != b.group)
    ]


def closed_by_hand(pilot: Pilot, *names: str) -> None:
    """Selected by clicks, closed, and nothing selected any more."""
    pilot.select(names[0])
    for name in names[1:]:
        pilot.click(pilot.title(name), SHIFT)
    pilot.key(Qt.Key.Key_G, CONTROL)
    pilot.key(Qt.Key.Key_Escape)


def on_card(pilot: Pilot) -> QPointF:
    (group,) = pilot.view.shapes.groups.values()
    return group.rect.topLeft() + QPointF(40, 40)


def test_a_click_on_a_closed_group_selects_all_of_it_and_its_words_are_typed_there(built: Pilot) -> None:
    closed_by_hand(built, "mul", "b", "add")
    built.click(built.at(on_card(built)))
    assert {built.window.room.desk.document.blocks[i].name for i in built.window.room.desk.selected} == {"mul", "b", "add"}
    built.key(Qt.Key.Key_F2)
    built.type("The line")
    assert next(iter(built.view.shapes.groups.values())).frame.text == "The line" and "mul" in built.names()
    built.key(Qt.Key.Key_Delete)
    assert set(built.names()) == {"w", "x", "y", "sub", "pow", "loss"}


@pytest.mark.parametrize("upright", [False, True])
def test_a_group_that_is_closed_or_opened_covers_no_other_card(built: Pilot, upright: bool) -> None:
    if upright:
        built.key(Qt.Key.Key_L, CONTROL | SHIFT)
    closed_by_hand(built, "mul", "b", "add")
    assert covered(built) == []
    built.key(Qt.Key.Key_L, CONTROL)  # the others come nearer
    (group,) = built.view.shapes.groups.values()
    assert all((at.y() if upright else at.x()) in (group.rect.top(), group.rect.left()) for _, at in group.inputs)
    assert all((at.y() if upright else at.x()) in (group.rect.bottom(), group.rect.right()) for _, at in group.outputs)
    keep(built.window, f"editor-group-upright-{upright}")
    QTest.mouseDClick(built.view, LEFT, NOTHING, built.at(on_card(built)))
    assert built.view.shapes.groups == {} and covered(built) == []
    frame = frames(built)["Group"]
    others = [s.rect for s in built.view.shapes.blocks.values() if s.block.name not in ("mul", "b", "add")]
    assert not any(frame.intersects(rect) for rect in others), "something seems to be in the group that is not"


def test_a_group_keeps_its_nodes_places_when_it_is_aligned_distributed_and_laid_out(built: Pilot) -> None:
    closed_by_hand(built, "mul", "b", "add")

    def inside() -> list[tuple[float, float]]:
        first = built.block("mul")
        return [(built.block(name).x - first.x, built.block(name).y - first.y) for name in ("b", "add")]

    before, alt = inside(), Qt.KeyboardModifier.AltModifier
    built.click(built.at(on_card(built)))
    for name in ("w", "loss"):
        built.click(built.title(name), SHIFT)
    built.key(Qt.Key.Key_Up, alt | SHIFT)
    (group,) = built.view.shapes.groups.values()
    assert built.block("w").y == built.block("loss").y == pytest.approx(group.rect.top(), abs=0.2) and inside() == before
    built.key(Qt.Key.Key_Right, alt | SHIFT)
    (group,) = built.view.shapes.groups.values()
    w, loss = (built.view.shapes.blocks[built.block(name).id].rect for name in ("w", "loss"))
    assert group.rect.left() - w.right() == pytest.approx(loss.left() - group.rect.right(), abs=0.4) and inside() == before
    built.key(Qt.Key.Key_Escape)
    built.key(Qt.Key.Key_L, CONTROL)
    assert covered(built) == [] and inside() == before
    built.click(built.title("w"))
    built.key(Qt.Key.Key_Left, alt | SHIFT)
    assert "two nodes or more" in built.window.message.text


@pytest.mark.parametrize("names", [("mul", "b", "add"), ("mul", "sub")])
def test_what_is_laid_out_stands_in_no_frame_that_it_is_not_in(built: Pilot, names: tuple[str, ...]) -> None:
    built.select(names[0])
    for name in names[1:]:
        built.click(built.title(name), SHIFT)
    built.key(Qt.Key.Key_C)
    built.type("words")
    built.key(Qt.Key.Key_Escape)
    built.key(Qt.Key.Key_L, CONTROL)
    built.key(Qt.Key.Key_L, CONTROL | SHIFT)
    frame = frames(built)["words"]
    strange = {s.block.name for s in built.view.shapes.blocks.values() if frame.intersects(s.rect)} - set(names)
    assert strange <= (set() if len(names) == 3 else {"add"}), "only what lies on the way between its nodes"
    assert covered(built) == []


def test_a_closed_group_is_told_and_worked_on_as_one_node(built: Pilot) -> None:
    closed_by_hand(built, "mul", "b", "add")
    desk, view = built.window.room.desk, built.view
    QTest.mouseMove(view, built.at(on_card(built)))
    assert view.toolTip() == "Group: a closed group of 3 nodes (mul, b, add), reads w, x, gives add value 2 gradient 2"
    built.select("sub")
    built.key(Qt.Key.Key_Left)  # to y, which stands above the card
    for _ in range(4):
        if len(desk.selected) > 1:
            break
        built.key(Qt.Key.Key_Down)
    assert {desk.document.blocks[i].name for i in desk.selected} == {"mul", "b", "add"}
    assert view.accessibleDescription() == view.toolTip()
    before = desk.document
    built.key(Qt.Key.Key_D)
    detach = built.block("detach").id
    assert desk.document.inputs(detach)["input"].source == built.block("add").id
    assert desk.document.inputs(built.block("sub").id)["input"].source == detach
    built.undo()
    assert desk.document is before
    built.click(built.at(on_card(built)))
    built.key(Qt.Key.Key_I)
    built.pick("tanh")
    assert desk.document.inputs(built.block("tanh").id)["input"].source == built.block("add").id
    built.undo()
    built.click(built.at(on_card(built)))
    built.key(Qt.Key.Key_Delete)
    assert set(built.names()) == {"w", "x", "y", "sub", "pow", "loss"}

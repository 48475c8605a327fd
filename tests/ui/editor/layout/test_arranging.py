"""Nodes put in rows and layers: aligned, distributed, laid out, all of them or only some, each an edit of its own."""

from __future__ import annotations

from itertools import combinations

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from tests.ui.conftest import keep
from tests.ui.editor.pilot import LEFT, NOTHING, SHIFT, Pilot, build
from ui.editor.asking.quick_add import add_expression

ALT_SHIFT = Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ShiftModifier
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def built(pilot: Pilot) -> Pilot:
    add_expression(pilot.view, "loss = mean((w*x + b - y)**2)", QPointF(100, 100))
    pilot.view.fit()
    return pilot


def places(pilot: Pilot) -> dict[str, tuple[float, float]]:
    return {b.name: (b.x, b.y) for b in pilot.window.room.desk.document.blocks.values()}


def choose(pilot: Pilot, *names: str) -> None:
    pilot.window.room.desk.select(tuple(pilot.block(name).id for name in names))


def test_nodes_are_aligned_and_distributed_by_keys_and_the_others_stay(built: Pilot) -> None:
    choose(built, "w", "add", "pow")
    before = places(built)
    QTest.keyClick(built.view, Qt.Key.Key_Up, ALT_SHIFT)
    aligned = places(built)
    assert {aligned[name][1] for name in ("w", "add", "pow")} == {min(before[name][1] for name in ("w", "add", "pow"))}
    QTest.keyClick(built.view, Qt.Key.Key_Right, ALT_SHIFT)
    first, middle, last = sorted(places(built)[name][0] for name in ("w", "add", "pow"))
    assert middle - first == last - middle
    QTest.keyClick(built.view, Qt.Key.Key_Left, ALT_SHIFT)
    assert {places(built)[name][0] for name in ("w", "add", "pow")} == {first}
    assert {n: at for n, at in places(built).items() if n not in ("w", "add", "pow")} == {
        n: at for n, at in before.items() if n not in ("w", "add", "pow")
    }
    for _ in range(3):
        built.undo()
    assert places(built) == before


def test_the_selected_nodes_are_laid_out_and_the_rest_stays_in_place(built: Pilot) -> None:
    desk = built.window.room.desk
    chosen = ("mul", "add", "sub")
    choose(built, *chosen)
    for _ in range(3):
        QTest.keyClick(built.view, Qt.Key.Key_Left, ALT_SHIFT)
        QTest.keyClick(built.view, Qt.Key.Key_Up, ALT_SHIFT)  # one on the other
    heap = places(built)
    assert len({heap[name] for name in chosen}) == 1
    QTest.keyClick(built.view, Qt.Key.Key_L, CONTROL)
    laid = places(built)
    assert laid["mul"][0] < laid["add"][0] < laid["sub"][0]
    assert {n: at for n, at in laid.items() if n not in chosen} == {n: at for n, at in heap.items() if n not in chosen}
    desk.select(())
    QTest.keyClick(built.view, Qt.Key.Key_L, CONTROL)
    order = [places(built)[name][0] for name in ("mul", "add", "sub", "pow", "loss")]
    assert order == sorted(order) and len(set(order)) == len(order)
    built.undo()
    assert places(built) == laid
    built.redo()
    assert places(built) != laid


@pytest.mark.parametrize("upright", [False, True])
def test_what_is_selected_is_laid_out_beside_the_others_and_over_none(pilot: Pilot, upright: bool) -> None:
    build(pilot, "h = nn.Linear(4, 3)(x)")
    build(pilot, "loss = cross_entropy(h, t)")
    if upright:
        pilot.key(Qt.Key.Key_Escape)
        pilot.key(Qt.Key.Key_L, CONTROL | SHIFT)
        choose(pilot, "t", "loss")
    before = places(pilot)
    pilot.key(Qt.Key.Key_L, CONTROL)  # t and loss: the layer that loss reads stands where t would
    assert overlapping(pilot) == []
    assert {n: before[n] for n in ("x", "h")} == {n: places(pilot)[n] for n in ("x", "h")}


def test_what_undo_and_redo_change_is_brought_into_sight(built: Pilot) -> None:
    view = built.view
    for turn in (lambda: built.key(Qt.Key.Key_L, CONTROL | SHIFT), built.undo, built.redo):
        turn()
        assert view.shown.contains(view.shapes.bounds)
    before = places(built)["w"]
    built.drag(built.title("w"), built.title("w") + QPoint(-30, 0))
    view.pan_to(view.offset + QPointF(4 * view.width(), 0))
    for step in (built.undo, built.redo):
        assert not view.shown.intersects(view.shapes.blocks[built.block("w").id].rect)
        step()
        assert view.shown.contains(view.shapes.blocks[built.block("w").id].rect)
        view.pan_to(view.offset + QPointF(4 * view.width(), 0))
    built.undo()
    assert places(built)["w"] == before
    eye = view.offset
    built.redo()
    assert view.offset == eye  # what is in sight moves nothing


def overlapping(pilot: Pilot) -> list[tuple[str, str]]:
    shapes = list(pilot.view.shapes.blocks.values())
    return [(a.block.name, b.block.name) for k, a in enumerate(shapes) for b in shapes[k + 1 :] if a.rect.intersects(b.rect)]


def test_a_node_that_is_put_between_two_gets_room(pilot: Pilot) -> None:
    build(pilot)
    desk = pilot.window.room.desk
    pilot.select("mul")
    before = desk.document
    pilot.key(Qt.Key.Key_D)
    assert "detach" in pilot.names() and overlapping(pilot) == []
    assert {b.name for b in before.blocks.values() if pilot.block(b.name).x != b.x} == {"add", "sub", "pow", "loss"}
    pilot.undo()
    assert desk.document is before
    wire = (pilot.block("sub").id, "input")
    pilot.click(pilot.at(pilot.view.shapes.wires[wire].pointAtPercent(0.5)))
    assert pilot.view.chosen_wire == wire
    pilot.key(Qt.Key.Key_D)
    assert desk.history.undo_label == "Detach a wire" and overlapping(pilot) == []
    pilot.undo()
    pilot.key(Qt.Key.Key_L, CONTROL | SHIFT)  # from top to bottom
    pilot.select("mul")
    pilot.key(Qt.Key.Key_D)
    assert overlapping(pilot) == []


def away(pilot: Pilot) -> bool:
    """Moves the mouse over the palette; whether the canvas has noticed.

    In this window and no other that may lie there, and to another place each time: a menu that closes may tell the canvas
    late that the mouse is over it, and Qt takes no notice of a move to where the mouse is.
    """
    window, palette = pilot.window, pilot.window.room.panel.palette_
    for point in (QPoint(40, 200), QPoint(60, 220)):
        QTest.mouseMove(window.windowHandle(), palette.mapTo(window, point))
    QApplication.processEvents()
    return not pilot.view.underMouse()


def test_nodes_that_are_added_to_one_by_keys_do_not_cover_each_other(pilot: Pilot, qtbot: QtBot) -> None:
    build(pilot)
    for name in ("exp", "tanh", "relu"):
        pilot.select("w")
        qtbot.waitUntil(lambda: away(pilot))
        pilot.key(Qt.Key.Key_Tab)
        pilot.pick(name)
        pilot.view.fit()
    assert overlapping(pilot) == []
    keep(pilot.window, "editor-three-readers")


def test_nodes_that_are_added_by_keys_while_the_mouse_rests_on_the_canvas_do_not_cover_each_other(pilot: Pilot) -> None:
    QTest.mouseMove(pilot.view, QPoint(200, 200))
    assert pilot.view.underMouse()
    for text in ("tensor", "exp", "sum", "tensor"):
        pilot.key(Qt.Key.Key_Tab)
        pilot.pick(text)
    assert overlapping(pilot) == []
    pilot.key(Qt.Key.Key_Escape)
    pilot.key(Qt.Key.Key_Tab)
    pilot.pick("tensor")
    assert overlapping(pilot) == []


def test_a_knot_is_taken_hold_of_in_its_middle_and_wired_beside_it(pilot: Pilot) -> None:
    build(pilot)
    desk = pilot.window.room.desk
    key = (pilot.block("sub").id, "input")
    QTest.mouseDClick(pilot.view, LEFT, NOTHING, pilot.at(pilot.view.shapes.wires[key].pointAtPercent(0.5)))
    knot = pilot.block("reroute")
    wires = desk.document.wires
    middle = pilot.at(pilot.view.shapes.blocks[knot.id].rect.center())
    pilot.click(QPoint(20, 600))
    pilot.drag(middle, middle + QPoint(0, 90))
    assert desk.history.undo_label == "Move reroute" and desk.document.wires is wires
    assert pilot.block("reroute").y > knot.y + 50
    pilot.drag(pilot.output("reroute") + QPoint(5, 0), QPoint(500, 620))
    pilot.pick("exp")
    assert desk.document.wires[pilot.block("exp").id, "input"].source == knot.id


def test_expressions_typed_one_after_the_other_stand_behind_what_they_read_and_cover_nothing(pilot: Pilot) -> None:
    view, desk = pilot.view, pilot.window.room.desk
    for text in (
        "x = points[:, :2]",
        "h = tanh(x @ w1 + b1)",
        "out = h @ w2 + b2",
        "loss = mse_loss(out, y)",
        "again = x * 2",
        "far = exp(u)",
    ):
        add_expression(view, text, QPointF(300, 300))  # where the mouse is, each time
    rects = {block.name: view.shapes.blocks[block.id].rect for block in desk.document.blocks.values()}
    covered = [(a, b) for a, b in combinations(rects, 2) if rects[a].intersects(rects[b])]
    assert covered == []
    for (target, _), wire in desk.document.wires.items():
        assert view.shapes.blocks[wire.source].rect.right() < view.shapes.blocks[target].rect.left()
    assert rects["loss"].intersects(rects["out"].translated(rects["loss"].left() - rects["out"].left(), 0))  # level with it
    pilot.undo()
    assert "far" not in pilot.names()


def test_the_menu_is_about_what_lies_under_the_mouse(built: Pilot) -> None:
    window, view = built.window, built.view

    def menu_at(point: QPoint) -> list[str]:
        QApplication.sendEvent(view, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, point, view.mapToGlobal(point)))
        (menu,) = (m for m in window.findChildren(QMenu) if m.isVisible())
        texts = [action.text().replace("&", "") for action in menu.actions() if action.text()]
        menu.close()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        return texts

    built.select("mul")
    alone = menu_at(built.title("mul"))
    assert "Close / open group" in alone and "Align left" not in alone
    choose(built, "mul", "add")
    assert {"Align left", "Distribute down"} < set(menu_at(built.title("add")))
    assert menu_at(QPoint(20, 20))[:2] == ["Add node…", "Add an expression…"] and window.room.desk.selected == ()
    wire = view.shapes.wires[built.block("sub").id, "input"].pointAtPercent(0.5)
    assert menu_at(built.at(wire)) == ["Delete", "Toggle detach"]

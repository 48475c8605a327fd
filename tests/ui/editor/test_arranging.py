"""Nodes put in rows and layers: aligned, distributed, laid out, all of them or only some, each an edit of its own."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from tests.ui.editor.pilot import Pilot
from ui.editor.quick_add import add_expression

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

"""The history of edits: names, merging, what counts as saved, and that nothing of what is gone is kept."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from gradviz.document import edits
from gradviz.document.file.text import write
from gradviz.document.model import Document
from ui.editor.desk import Desk
from ui.editor.history import LIMIT
from ui.editor.panels.history import HistoryList

pytestmark = pytest.mark.usefixtures("qtbot")


def moved(desk: Desk, x: float) -> Document:
    return edits.move(desk.document, {next(iter(desk.document.blocks)): (x, 0.0)})


def documents() -> int:
    gc.collect()
    return sum(type(thing) is Document for thing in gc.get_objects())


def started(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path)
    made, _ = edits.add(desk.document, "torch.exp", 0, 0)
    desk.do("Add exp", made)
    return desk


def test_edits_have_names_and_can_be_taken_back_and_made_again(tmp_path: Path) -> None:
    desk = started(tmp_path)
    built = write(desk.document)
    desk.do("Move exp", moved(desk, 40))
    assert desk.history.undo_label == "Move exp"
    desk.history.undo()
    assert desk.history.undo_label == "Add exp" and write(desk.document) == built
    desk.history.redo()
    assert desk.history.undo_label == "Move exp" and not desk.history.can_redo
    desk.close()


def test_a_drag_is_one_edit_and_a_drag_back_to_the_start_is_none(tmp_path: Path) -> None:
    desk = started(tmp_path)
    before = desk.document
    key = desk.gesture_key("move")
    for x in range(10):
        desk.do("Move exp", moved(desk, x + 1), key)
    assert len(desk.history) == 2
    desk.do("Move exp", before, key)
    assert len(desk.history) == 1 and desk.history.undo_label == "Add exp"
    desk.close()


def test_what_was_taken_back_is_forgotten_at_the_next_edit(tmp_path: Path) -> None:
    desk = started(tmp_path)
    desk.do("Move exp", moved(desk, 40))
    desk.history.undo()
    desk.do("Move exp elsewhere", moved(desk, 80))
    assert len(desk.history) == 2 and not desk.history.can_redo
    desk.close()


def test_the_saved_state_is_known_also_after_undo_and_lost_when_it_is_overwritten(tmp_path: Path) -> None:
    desk = started(tmp_path)
    assert desk.save(str(tmp_path / "a.gradviz")) and not desk.modified
    desk.do("Move exp", moved(desk, 40))
    assert desk.modified
    desk.history.undo()
    assert not desk.modified
    desk.history.undo()
    desk.do("Add tanh", edits.add(desk.document, "torch.tanh", 0, 0)[0])
    assert desk.modified
    desk.history.undo()
    desk.history.redo()
    assert desk.modified
    desk.close()


def test_the_oldest_edits_fall_off(tmp_path: Path) -> None:
    desk = started(tmp_path)
    for x in range(LIMIT + 5):
        desk.do("Move exp", moved(desk, x + 1))
    assert len(desk.history) == LIMIT
    while desk.history.can_undo:
        desk.history.undo()
    assert next(iter(desk.document.blocks.values())).x == 5
    desk.close()


def test_documents_that_no_undo_reaches_are_freed(tmp_path: Path) -> None:
    """Of a slider dragged for an hour the first and the last state stay."""
    desk = started(tmp_path)
    desk.set_live(False)
    key = desk.gesture_key("move")
    desk.do("Move exp", moved(desk, 1), key)
    before = documents()
    for x in range(50):
        desk.do("Move exp", moved(desk, x + 2), key)
    desk.rest()
    assert documents() == before
    desk.close()


def test_a_click_in_the_list_goes_to_the_state_after_an_edit(tmp_path: Path, qtbot: QtBot) -> None:
    desk = started(tmp_path)
    for x in (10, 20, 30):
        desk.do(f"Move to {x}", moved(desk, x))
    rows = HistoryList(desk.history)
    qtbot.addWidget(rows)
    rows.show()
    assert rows.model().rowCount() == 5 and rows.currentIndex().data() == "Move to 30"
    rows.setCurrentIndex(rows.model().index(2, 0))
    assert next(iter(desk.document.blocks.values())).x == 10
    desk.history.redo()
    assert rows.currentIndex().data() == "Move to 20"
    desk.close()

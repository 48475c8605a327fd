"""A recorded script as a graph: what it has otherwise than the script stands at its nodes, until they are changed."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from gradviz.document import edits
from gradviz.document.model import Document
from tests.ui.conftest import Opener, keep
from tests.ui.editor.pilot import CONTROL, SHIFT, Pilot, build
from ui.editor.painting.card_cache import CardCache
from ui.editor.panels.table import COLUMNS

HOOKED = """import torch
w = torch.tensor([1.0, 2.0], requires_grad=True)
h = w * 3
h.register_hook(lambda g: g * 2)
h[0] = 5
loss = h.sum()
loss.backward()
"""
TOLD = "a hook changes the gradient of h, and no node does that"


def test_what_a_graph_has_otherwise_than_the_script_stands_at_its_node(opened: Opener, tmp_path: Path, qtbot: QtBot) -> None:
    script = tmp_path / "hooked.py"
    script.write_text(HOOKED)
    window = opened(1280, 800)
    pilot = Pilot(window)
    window.settings.trust(str(script))
    window.workbench.open(str(script))
    window.workbench.run()
    qtbot.waitUntil(lambda: not window.bridge.running and window.bridge.session is not None)
    window.action("edit_recording").trigger()
    QApplication.processEvents()
    desk, panel = window.room.desk, window.room.panel
    names = {b.name: b.id for b in desk.document.blocks.values()}
    assert {"w", "h", "h2", "loss"} <= names.keys()
    assert desk.told_of(names["h"]) == TOLD and not desk.told_of(names["h2"])
    assert TOLD in panel.view.describe(names["h"])
    desk.select([names["h"]])
    panel.side.setCurrentWidget(panel.properties)
    QApplication.processEvents()
    assert any(TOLD in label.text() for label in panel.properties.findChildren(QLabel))
    rows = panel.table
    panel.side.setCurrentWidget(rows)
    QApplication.processEvents()
    column = COLUMNS.index("problem")
    assert TOLD in {item.text() for k in range(rows.table.rowCount()) if (item := rows.table.item(k, column)) is not None}
    keep(window, "editor_from_script")
    pilot.select("h")
    pilot.key(Qt.Key.Key_M)
    assert not desk.told_of(names["h"])  # it is another node now
    pilot.undo()
    assert desk.told_of(names["h"]) == TOLD
    desk.new(Document())
    assert not desk.told_of(names["h"])


def test_tags_stand_beside_the_output_where_the_graph_goes_down(pilot: Pilot) -> None:
    build(pilot)
    pilot.key(Qt.Key.Key_L, CONTROL | SHIFT)
    pilot.view.fit()
    desk, at = pilot.window.room.desk, pilot.output("loss")
    pictures = []
    for _ in range(2):
        desk.select(())
        QApplication.processEvents()
        pictures.append(pilot.view.grab().toImage())
        pilot.select("loss")
        pilot.window.action("retain_grad").trigger()
        assert pilot.output("loss") == at
    keep(pilot.window, "editor_tags_upright")
    before, after = ([picture.pixelColor(at + QPoint(x, y)) for x in range(-4, 4) for y in range(-4, 5)] for picture in pictures)
    assert before == after
    beside = at + QPoint(20, 0)
    assert pictures[0].pixelColor(beside) != pictures[1].pixelColor(beside)


def test_a_small_card_has_its_tags_whole(pilot: Pilot) -> None:
    build(pilot)
    pilot.select("mul")
    pilot.window.action("retain_grad").trigger()
    view, desk = pilot.view, pilot.window.room.desk
    made = CardCache()._paint(desk, view.shapes.blocks[pilot.block("mul").id], view.theme, 0.6, 1.0).toImage()
    assert all(made.pixelColor(x, made.height() - 1).alpha() == 0 for x in range(made.width()))


def test_what_stands_at_a_node_is_in_the_file(opened: Opener, tmp_path: Path, qtbot: QtBot) -> None:
    script, kept = tmp_path / "hooked.py", tmp_path / "kept.gradviz"
    script.write_text(HOOKED)
    window = opened(1280, 800)
    Pilot(window)
    window.settings.trust(str(script))
    window.workbench.open(str(script))
    window.workbench.run()
    qtbot.waitUntil(lambda: not window.bridge.running and window.bridge.session is not None)
    window.action("edit_recording").trigger()
    desk = window.room.desk
    h = next(b.id for b in desk.document.blocks.values() if b.name == "h")
    assert desk.save(str(kept))
    desk.new(Document())
    assert desk.open(str(kept))
    assert desk.told_of(h) == TOLD
    desk.do("Mute", edits.toggle(desk.document, [h], "muted"))
    assert desk.save(str(kept)) and desk.open(str(kept))
    assert not desk.told_of(h)

"""The graph of the editor as a file to show: SVG, PNG, PDF."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog

from tests.ui.editor.pilot import Pilot, build


def test_the_graph_is_written_as_a_picture(pilot: Pilot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    window, action = pilot.window, pilot.window.actions_["export_picture"]
    action.trigger()
    assert window.message.text.startswith("There is nothing to see yet")
    build(pilot, "loss = mean((relu(w * x) - 2)**2)")
    pilot.select("relu")
    pilot.key(Qt.Key.Key_C)
    pilot.type("the bend")
    said = {}
    for name in ("graph", "graph.png", "graph.pdf", "graph.gif"):
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, path=tmp_path / name: (str(path), ""))
        action.trigger()
        said[name] = window.statusBar().currentMessage(), window.message.text
    assert [said[name][0] for name in ("graph", "graph.png", "graph.pdf")] == ["Wrote graph.svg", "Wrote graph.png", "Wrote graph.pdf"]
    assert said["graph.gif"][1].startswith("graph.gif was not written: cannot render")
    drawn = (tmp_path / "graph.svg").read_text()
    assert {"w", "x", "mul", "relu", "sub", "pow", "loss", "the bend"} <= set(re.findall(r">([^<>\n]+)</text>", drawn))
    picture = QImage(str(tmp_path / "graph.png"))
    bounds = pilot.view.shapes.bounds
    assert picture.width() > 2 * bounds.width() and picture.height() > 2 * bounds.height()
    assert (tmp_path / "graph.pdf").read_bytes().startswith(b"%PDF")

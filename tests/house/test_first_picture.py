"""The first picture waits for nothing that it does not show: what must not be loaded before it."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from benchmarks.ui.first_paint import child, opened

LATER = {
    "argparse", "asyncio", "gradviz.debugger.breakpoints", "gradviz.debugger.comparing", "gradviz.debugger.derivation",
    "gradviz.debugger.diagnosis", "gradviz.debugger.inspection", "gradviz.debugger.lint", "gradviz.debugger.stepping.jumps",
    "gradviz.debugger.stepping.timeline", "gradviz.debugger.words.captions",
    "gradviz.debugger.alarms", "gradviz.debugger.questions", "gradviz.debugger.watch", "gradviz.document", "gradviz.export",
    "gradviz.glossary", "gradviz.idea_pictures", "gradviz.layout.insert", "gradviz.layout.reroute", "gradviz.lessons.walk",
    "gradviz.recording.file.export", "gradviz.recording.recorder.program", "gradviz.recording.recorder.recorder", "gradviz.recording.numbers.refill",
    "gradviz.running.branch", "gradviz.running.execute", "gradviz.running.process.limits", "gradviz.running.overrides",
    "gradviz.running.process.supervisor", "engine.tensor", "html", "networkx", "numpy.ma", "pyqtgraph", "scipy", "socket", "subprocess", "torch",
    "ui.canvas.painting.empty", "ui.compare.comparing", "ui.compare.room", "ui.console.view", "ui.editor.view", "ui.export.dialog", "ui.window.files", "ui.glossary.panel",
    "ui.inspector.derivation", "ui.inspector.panel", "ui.qt.interrupt", "ui.actions.command_palette", "ui.pictures.panel", "ui.plots.panel", "ui.presenter.room",
    "ui.running.saving", "ui.source.view", "ui.timeline.panel", "ui.timeline.unfinished", "ui.tour.tour", "ui.watches.panel", "ziamath",
}  # fmt: skip

LOADED = """
import sys
print(*sorted(set(sys.modules) & set(sys.argv[1:])), flush=True)
"""
MADE = """
import PySide6.QtGui, ui.qt.imports
print(os.environ["OPENBLAS_NUM_THREADS"], "QGradient" in vars(PySide6.QtGui), len(ui.qt.imports.SIGNATURES - ui.qt.imports.sources.keys()), flush=True)
"""
STEPPED = """
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
before = canvas.bridge.session.position
QTest.keyClick(canvas, Qt.Key.Key_F11)
print(before, canvas.bridge.session.position, flush=True)
"""


def test_what_is_to_come_later_is_there() -> None:
    own = [name for name in LATER if name.startswith(("engine.", "gradviz.", "ui."))]
    assert [name for name in own if importlib.util.find_spec(name) is None] == []  # a renamed module is to be renamed above


def test_the_first_picture_waits_only_for_what_it_shows(tmp_path: Path) -> None:
    assert child(opened(LOADED), str(tmp_path), *sorted(LATER)).split() == []


def test_the_first_picture_makes_nothing_that_it_does_not_show(tmp_path: Path) -> None:
    threads, gradients, signatures = child(opened(MADE), str(tmp_path)).split()
    assert threads == "1"  # numpy starts no threads: they cost as much as the rest of it
    assert gradients == "False"  # 169 names of an enumeration
    assert signatures == "0"  # of PySide, compiled for nothing


def test_with_the_first_picture_the_window_can_be_stepped(tmp_path: Path) -> None:
    before, after = map(int, child(opened(STEPPED), str(tmp_path)).split())
    assert before == -1
    assert after >= 0

"""The 25 problems that people struggle with, and 15 more, through the window: open the script, run it, read what is said.

docs/problems.md tells the same in a table, with the honest count of what was right at first sight.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ui.settings import Settings
from ui.window.main_window import MainWindow

from .expected import ERRORS, PROBLEMS, UNSEEN, Told
from .explained import FIRST

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
LONG = 60_000
ALL = {
    f"{folder}/{name}": told
    for folder, known in (("scripts", PROBLEMS), ("unseen", UNSEEN), ("fresh", ERRORS))
    for name, told in known.items()
    if told
}


@pytest.fixture(scope="module")
def shared(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MainWindow]:
    """One window for all scripts, as somebody would use it."""
    settings = Settings(str(tmp_path_factory.mktemp("settings") / "settings.ini"))
    window = MainWindow(settings)
    window.resize(1280, 800)
    window.canvas.set_speed(0)
    window.show()
    yield window
    window.source.saved()
    window.close()
    QTest.qWait(1)
    qapp.processEvents()


def run(window: MainWindow, name: str, qtbot: QtBot) -> None:
    """Open a script and run it to its end."""
    window.source.saved()
    before = window.bridge.session
    window.workbench.open(str(HERE / f"{name}.py"))
    window.message.hide()
    window.workbench.run(allowed=True)
    qtbot.waitUntil(
        lambda: window.bridge.session is not None and window.bridge.session is not before and not window.bridge.running, timeout=LONG
    )


def line_here(window: MainWindow) -> int:
    """The line that the cursor of the recording is at."""
    session = window.bridge.session
    assert session is not None
    return session.trace.event(session.position).line


@pytest.mark.parametrize("name", ALL)
def test_the_problem_is_named_with_its_line(name: str, shared: MainWindow, qtbot: QtBot) -> None:
    told = ALL[name]
    run(shared, name, qtbot)
    if told.by == "error":
        an_error_says(shared, told, qtbot)
    elif told.by == "alarm":
        an_alarm_says(shared, told, qtbot)
    elif told.by == "lint":
        the_text_is_marked(shared, told, qtbot)
    else:
        nothing_is_said(shared, qtbot)


def an_error_says(window: MainWindow, told: Told, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: window.message.isVisible() and window.message.kind == "error", timeout=LONG)
    for words in told.words:
        assert words in window.message.text
    show = window.message.button("Show where")
    assert show is not None
    QTest.mouseClick(show, Qt.MouseButton.LeftButton)
    assert told.line in (line_here(window), *lines_of_selection(window))
    fix = window.message.button("Try the fix")
    assert (fix is not None) == told.fix
    if fix is not None:
        before = window.bridge.session
        QTest.mouseClick(fix, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: window.bridge.session is not before and not window.bridge.running, timeout=LONG)
        assert not window.message.isVisible() or told.words[0] not in window.message.text


def lines_of_selection(window: MainWindow) -> set[int]:
    graph = window.bridge.graph()
    assert graph is not None
    return {node.line for node in graph.nodes if node.id in window.bridge.selected}


def an_alarm_says(window: MainWindow, told: Told, qtbot: QtBot) -> None:
    panel = window.alarms
    window.docks["Alarms"].raise_()
    panel.refresh(asked=True)
    row = next((k for k, alarm in enumerate(panel.alarms) if told.words[0] in alarm.sentence), -1)
    assert row >= 0, [alarm.sentence for alarm in panel.alarms]
    qtbot.waitUntil(panel.isVisible, timeout=LONG)
    item = panel.list.item(row)
    panel.list.scrollToItem(item)
    QTest.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=panel.list.visualItemRect(item).center())
    said = f"{panel.sentence.text()} {panel.advice.text()}"
    for words in told.words:
        assert words in said
    assert line_here(window) == told.line
    assert window.bridge.selected


def the_text_is_marked(window: MainWindow, told: Told, qtbot: QtBot) -> None:
    def told_in_full() -> None:
        said = window.source.editor.told_at(told.line)
        for words in told.words:
            assert words in said

    qtbot.waitUntil(told_in_full, timeout=LONG)


def nothing_is_said(window: MainWindow, qtbot: QtBot) -> None:
    assert not window.message.isVisible()
    panel = window.alarms
    window.docks["Alarms"].raise_()
    panel.refresh(asked=True)
    qtbot.waitUntil(lambda: panel.alarms == () and window.bridge.findings == (), timeout=LONG)


def test_all_scripts_are_told_of() -> None:
    assert {path.stem for path in (HERE / "scripts").glob("*.py")} == set(PROBLEMS)
    assert len(PROBLEMS) == 25
    assert {path.stem for path in (HERE / "unseen").glob("*.py")} == set(UNSEEN)


_ALL_IN_ONE = """
import contextlib, io, json, runpy, sys, warnings
warnings.simplefilter("ignore")
told = {}
for path in sys.argv[1:]:
    printed, error = io.StringIO(), ""
    with contextlib.redirect_stdout(printed):
        try:
            runpy.run_path(path, run_name="__main__")
        except Exception as raised:
            error = f"{type(raised).__name__}: {raised}"
    told[path] = [printed.getvalue(), error]
print(json.dumps(told))
"""


_NUMBER = re.compile(r"[-+]?\d+\.\d*(?:e[-+]?\d+)?|\b(?:nan|inf)\b")


@pytest.mark.torch
def test_the_scripts_behave_so_in_pytorch() -> None:
    """The same output, and the same error, in one process each: importing PyTorch takes seconds."""
    pytest.importorskip("torch")
    paths = sorted(str(path) for path in HERE.glob("*/*.py") if path.parent.name != "right")
    ours_too = "from engine import torch_module\ntorch_module.install()\n"
    ours, theirs = (
        json.loads(subprocess.run([sys.executable, "-c", code, *paths], capture_output=True, text=True, cwd=ROOT, check=True).stdout)
        for code in (ours_too + _ALL_IN_ONE, _ALL_IN_ONE)
    )
    assert len(theirs) == len(FIRST)
    for path in paths:
        for mine, other in zip(ours[path], theirs[path], strict=True):
            assert _NUMBER.sub("#", mine) == _NUMBER.sub("#", other), path
            numbers = ([float(number) for number in _NUMBER.findall(text)] for text in (mine, other))
            assert next(numbers) == pytest.approx(next(numbers), rel=5e-3, abs=1e-3, nan_ok=True), path  # sums are taken in another order

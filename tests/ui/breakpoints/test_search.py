"""Hits that take long are looked for while the window is awake: the breakpoint counts as soon as they are known."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from gradviz.debugger.breakpoints import Breakpoint
from gradviz.debugger.session import Session
from gradviz.recording.recording import Recording
from tests.gradviz.debugger.conftest import record
from tests.ui.conftest import Opener
from tests.ui.waiting import at_rest
from ui.breakpoints.panel import BreakpointsPanel
from ui.window.main_window import MainWindow

SLOW = Breakpoint("when", "saved(h, 0) @ h > 300")  # event by event: neither statistics nor elements say it
TRAINING = """import torch
w = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
for step in range(1500):
    h = w * (step % 7)
    h = h * h
    loss = h.sum()
    loss.backward()
"""


@pytest.fixture(scope="module")
def recording() -> Recording:
    return record(TRAINING)


@pytest.fixture
def window(opened: Opener, recording: Recording) -> MainWindow:
    made = opened()
    made.workbench.show_recorded("script.py", TRAINING, Session(recording))
    made.docks["Breakpoints"].raise_()
    at_rest(made)
    return made


def begun(window: MainWindow) -> tuple[BreakpointsPanel, Session]:
    """The search has begun, and is not done."""
    panel, session = window.breakpoints, window.bridge.session
    assert session is not None
    panel.form.made.emit(SLOW)
    assert panel.searches.waiting == 1
    assert session.breakpoints == []
    return panel, session


def test_the_row_says_that_it_is_searched_and_then_the_breakpoint_is_there(qtbot: QtBot, window: MainWindow, recording: Recording) -> None:
    panel, session = begun(window)
    assert "when saved(h, 0) @ h > 300: still searching" in panel.searches.findChild(QLabel).text()
    turns: list[None] = []
    awake = QTimer()
    awake.timeout.connect(lambda: turns.append(None))
    awake.start(0)
    qtbot.waitUntil(lambda: not panel.searches.waiting)
    assert len(turns) > 2
    assert session.breakpoints == [SLOW]
    brute_force = Session(recording).hits(SLOW)
    assert session.hits(SLOW).tolist() == brute_force.tolist()
    assert len(brute_force) > 100
    assert not panel.searches.isVisible()
    window.bridge.move(session.to_start)
    assert session.continue_() == brute_force[0]


def test_continue_says_that_a_breakpoint_did_not_count_yet(window: MainWindow) -> None:
    begun(window)
    window.actions_["continue"].trigger()
    assert "1 is still searched for and did not count" in window.statusBar().currentMessage()


def test_a_search_can_be_cancelled(window: MainWindow) -> None:
    panel, session = begun(window)
    panel.searches.findChild(QPushButton).click()
    assert not panel.searches.waiting
    at_rest(window)
    assert session.breakpoints == []


def test_a_condition_holds_as_soon_as_its_hits_are_known(qtbot: QtBot, window: MainWindow, recording: Recording) -> None:
    panel, session = window.breakpoints, window.bridge.session
    assert session is not None
    event = Breakpoint("event", "backward_begin")
    panel.form.made.emit(event)
    at_rest(window)
    panel.tree.topLevelItem(0).setText(1, SLOW.what)
    assert session.breakpoints == [event]
    qtbot.waitUntil(lambda: not panel.searches.waiting)
    wanted = replace(event, condition=SLOW.what)
    assert session.breakpoints == [wanted]
    assert session.hits(wanted).tolist() == Session(recording).hits(wanted).tolist()


def test_another_run_of_the_script_is_searched_in_its_place_and_another_script_is_not(
    qtbot: QtBot, window: MainWindow, recording: Recording
) -> None:
    panel, _ = begun(window)
    again = Session(recording)
    window.bridge.set_session(again)
    assert panel.searches.waiting == 1
    qtbot.waitUntil(lambda: not panel.searches.waiting)
    assert again.breakpoints == [SLOW]
    window.bridge.set_session(Session(recording))
    begun(window)
    other = record("import torch\nx = torch.ones(2)\n")
    other.meta["path"] = "other.py"
    window.bridge.set_session(Session(other))
    assert not panel.searches.waiting

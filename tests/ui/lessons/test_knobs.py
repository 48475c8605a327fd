"""Knobs of a lesson: a slider that is moved runs the script with its number, at the moment that the page speaks of."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QSlider

from gradviz.lessons.shelf import FOLDER
from tests.ui.conftest import keep
from tests.ui.lessons.walking import next_page, press
from tests.ui.waiting import at_rest, wait_for
from ui.pictures.panel import PicturesPanel
from ui.window.main_window import MainWindow


def at_knobs(window: MainWindow, name: str) -> None:
    """Open a lesson at its first page with knobs."""
    assert window.lessons.open(str(next(Path(FOLDER).glob(f"{name}*.toml"))))
    walk = window.lessons.walk
    assert walk is not None
    while walk.page.step is None or walk.page.step.try_ is None or not walk.page.step.try_.knobs:
        window.lessons.next()


def ran(window: MainWindow, line: str) -> None:
    """Wait for the run of a script that has this line."""
    wait_for(lambda: not window.bridge.running and window.bridge.session is not None and line in window.bridge.session.recording.source)


def test_a_slider_moves_v_and_the_gradient_follows(window: MainWindow) -> None:
    at_knobs(window, "04_vector")
    walk = window.lessons.walk
    assert walk is not None
    own = window.bridge.session
    slider = window.lessons.panel.findChild(QSlider, "knob a")
    assert slider is not None
    slider.setFocus()
    QTest.keyClick(slider, Qt.Key.Key_End)
    ran(window, "v = torch.tensor([2.0, 1.0, 0.001])")
    session = window.bridge.session
    assert session is not None and session is not own
    assert session.trace.event(session.position).kind.name == "ACCUMULATE"
    assert "2.0, 1.0" in window.source.text
    keep(window, "lesson-04-knobs-dark")
    QTest.keyClick(slider, Qt.Key.Key_Home)
    ran(window, "v = torch.tensor([-2.0, 1.0, 0.001])")
    next_page(window)
    assert window.bridge.session is own
    assert "0.1, 1.0, 0.001" in window.source.text


def test_turning_while_a_run_goes_on_ends_at_the_latest(window: MainWindow) -> None:
    at_knobs(window, "22_learning_rate")
    slider = window.lessons.panel.findChild(QSlider, "knob lr")
    assert slider is not None
    for position in range(5, 30, 3):
        slider.setValue(position)
        QTest.qWait(1)
        window.lessons.trying.turn(dict(window.lessons.panel.knobs.values))  # type: ignore[union-attr]
    last = window.lessons.panel.knobs.line.text().replace("\u200b", "")  # type: ignore[union-attr]
    ran(window, last)
    pictures = window.docks["Pictures"].panel
    assert isinstance(pictures, PicturesPanel)
    wait_for(lambda: "right" in pictures.caption.text())
    assert pictures.kind is not None and pictures.kind.id == "valley"


def test_an_activation_is_swapped_and_the_button_goes_to_the_goal(window: MainWindow) -> None:
    at_knobs(window, "18_vanishing")
    word = window.lessons.panel.findChild(QPushButton, "knob torch.tanh")
    assert word is not None
    QTest.mouseClick(word, Qt.MouseButton.LeftButton)
    ran(window, "h = torch.tanh(h)")
    press(window, "try it")
    ran(window, "h = torch.relu(h)")
    assert window.lessons.panel.knobs is not None
    assert window.lessons.panel.knobs.values == {"activation": "torch.relu"}


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080)])
def test_what_is_pointed_at_lies_behind_nothing(window: MainWindow, size: tuple[int, int]) -> None:
    window.resize(*size)
    at_rest(window)
    for name in ("06_accumulation", "07_optimizer", "14_in_place"):
        assert window.lessons.open(str(FOLDER / f"{name}.toml"))
        walk, canvas = window.lessons.walk, window.canvas
        assert walk is not None
        for _ in walk.lesson.steps:
            pointer = window.lessons.guide.on_canvas
            for node in pointer.nodes if pointer is not None else ():
                rect = canvas.geometry_.rect(node)
                assert canvas.shown.contains(rect)
                corner = canvas.to_widget(rect.bottomRight())
                assert not any(cover.contains(corner) for cover in canvas.covered()), (name, walk.index)
            window.lessons.next()


def test_a_run_of_a_page_that_was_left_is_not_shown(window: MainWindow) -> None:
    at_knobs(window, "08_chain_rule")
    walk, own = window.lessons.walk, window.bridge.session
    assert walk is not None
    assert window.lessons.panel.knobs is not None
    window.lessons.panel.knobs.to_goal()
    assert window.bridge.running
    window.lessons.back()
    wait_for(lambda: not window.bridge.running)
    assert window.bridge.session is own
    assert walk.page.step is not None and walk.page.step.try_ is None
    assert "torch.tensor(2.0" in window.source.text

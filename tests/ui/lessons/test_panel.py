"""The lesson panel and the gallery: wrong answers, skipping, going back, files of teachers, the first start."""

from __future__ import annotations

import gc
import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QSpacerItem, QWidgetItem

from gradviz.lessons import first
from gradviz.lessons.naming import PICTURES
from gradviz.lessons.shelf import FOLDER
from tests.ui.conftest import Opener, keep
from tests.ui.lessons.walking import answer, next_page, press
from tests.ui.waiting import wait_for
from ui import app
from ui.lessons.questions import ChoiceQuestion, number_of
from ui.pictures.kinds import KINDS
from ui.pictures.panel import PicturesPanel
from ui.window.main_window import MainWindow

FILE = str(FOLDER / "01_tracking.toml")
LEFT = Qt.MouseButton.LeftButton


def at_question(window: MainWindow) -> None:
    assert window.lessons.open(FILE)
    next_page(window)


def test_a_wrong_answer_is_kind_and_goes_to_the_moment_that_shows_why(window: MainWindow) -> None:
    at_question(window)
    panel, walk = window.lessons.panel, window.lessons.walk
    assert walk is not None and walk.page.step is not None and walk.page.step.why is not None
    assert panel.next.text() == "Skip"
    before = window.bridge.session.position  # type: ignore[union-attr]
    answer(window, rightly=False)
    assert window.bridge.session.position == walk.row(walk.page.step.why.at) != before  # type: ignore[union-attr]
    assert panel.feedback is not None
    assert panel.feedback.title.text() == "Not quite: y and z."
    assert panel.next.text() == "Next"
    keep(window, "lesson-wrong-answer-dark")
    window.actions_["back_into"].trigger()
    press(window, "show the moment")
    assert window.bridge.session.position == walk.row(walk.page.step.why.at)  # type: ignore[union-attr]


def test_an_answer_stays_when_one_goes_away_and_comes_back(window: MainWindow) -> None:
    at_question(window)
    answer(window, rightly=False)
    next_page(window)
    QTest.mouseClick(window.lessons.panel.back, LEFT)
    assert window.lessons.panel.feedback is not None
    assert window.lessons.panel.feedback.kind == "wrong"


def test_a_page_leaves_nothing_of_its_layout_behind(window: MainWindow) -> None:
    """PySide takes whatever Qt makes at the address of a deleted item for the item: `'QWidgetItem' object has no attribute ...`."""
    at_question(window)
    items = (QWidgetItem, QSpacerItem)
    before = {id(item) for item in gc.get_objects() if type(item) in items}
    answer(window)
    left = [item for item in gc.get_objects() if type(item) in items and id(item) not in before]
    assert [item for item in left if item.widget() is None or window.lessons.panel.isAncestorOf(item.widget())] == []


def test_the_hint_is_shown_when_asked_for(window: MainWindow) -> None:
    at_question(window)
    hint = window.lessons.panel.findChild(QPushButton, "hint")
    assert hint is not None
    QTest.mouseClick(hint, LEFT)
    assert not hint.isVisible()


def test_places_are_pointed_at_and_no_more_with_another_recording(window: MainWindow) -> None:
    window.lessons.open(FILE)
    pointer = window.lessons.guide.on_canvas
    assert pointer is not None and pointer.isVisible()
    graph = window.bridge.graph()
    assert graph is not None
    assert [n.title for n in graph.nodes if n.id in pointer.nodes] == ["x", "c"]
    bare = window.canvas.grab().toImage()
    pointer.hide()
    assert window.canvas.grab().toImage() != bare
    pointer.show()
    window.workbench.open_lesson()
    assert not pointer.isVisible()


def test_what_was_tried_is_taken_back_by_the_next_page(window: MainWindow) -> None:
    window.lessons.open(FILE)
    walk = window.lessons.walk
    assert walk is not None
    for _ in range(4):
        window.lessons.next()
    press(window, "try it")
    wait_for(lambda: not window.bridge.running and window.bridge.session is not walk.reader.session)
    assert len(window.workbench.what_if.overrides) == 1
    keep(window, "lesson-try-dark")
    next_page(window)
    assert window.bridge.session is walk.reader.session
    assert window.workbench.what_if.overrides == ()


def test_the_first_start_shows_the_graph_with_its_step_button_and_lessons_below(opened: Opener) -> None:
    window = opened()
    app.open_first(window, None)
    window.lessons.show_first_time()
    strip = window.lessons.strip
    assert strip.isVisible()
    assert window.bridge.path == str(first.SCRIPT)
    assert strip.y() > window.canvas.mapTo(window, QPoint(0, 0)).y() + window.canvas.height() // 2
    wait_for(lambda: all(card.painted for card in strip.cards))
    keep(window, "first-start-dark")
    canvas = window.canvas
    below = canvas.mapFrom(window, strip.pos()).y()
    assert below < canvas.height() and all(box.bottom() <= below for box in canvas.covered()), "what the colours mean is not under it"
    QTest.keyClick(window, Qt.Key.Key_F11)
    assert max(box.bottom() for box in canvas.covered()) > below
    assert window.bridge.session is not None and window.bridge.session.position >= 0
    assert not strip.isVisible()


def test_a_lesson_of_the_first_start_is_one_click_away(opened: Opener) -> None:
    window = opened(1920, 1080, "light")
    app.open_first(window, None)
    window.lessons.show_first_time()
    wait_for(lambda: all(card.painted for card in window.lessons.strip.cards))
    keep(window, "first-start-light")
    QTest.mouseClick(window.lessons.strip.cards[1], LEFT)
    assert window.lessons.walk is not None
    assert window.windowTitle().startswith("Lesson: grad_fn")
    assert not window.lessons.strip.isVisible()


def test_the_gallery_comes_at_each_start_where_it_is_wanted(opened: Opener) -> None:
    window = opened()
    app.open_first(window, None)
    window.lessons.show_first_time()
    QTest.mouseClick(window.lessons.strip.every, LEFT)
    assert window.lessons.gallery_shown
    gallery = window.lessons.gallery
    wait_for(lambda: all(card.painted for card in gallery.cards))
    keep(window, "gallery-dark")
    button = gallery.findChild(QPushButton, "whole script")
    assert button is not None
    QTest.mouseClick(button, LEFT)
    assert not window.lessons.gallery_shown
    assert window.bridge.session is not None
    window.close()
    again = opened()
    again.lessons.show_first_time()
    assert not again.lessons.gallery_shown
    assert not again.lessons.strip.isVisible()
    again.lessons.show_gallery()
    again.lessons.gallery.at_start.click()
    again.close()
    third = opened(theme="light")
    third.lessons.show_first_time()
    assert third.lessons.gallery_shown
    wait_for(lambda: all(card.painted for card in third.lessons.gallery.cards))
    keep(third, "gallery-light")


def test_the_gallery_fits_its_window_and_closes_by_escape(window: MainWindow) -> None:
    window.actions_["lessons"].trigger()
    gallery = window.lessons.gallery
    assert gallery.width() == window.width()
    window.resize(800, 600)
    wait_for(lambda: gallery.width() == window.width())
    wait_for(lambda: all(card.geometry().right() < gallery.sheet.viewport().width() for card in gallery.cards))
    wait_for(lambda: gallery.close_button.geometry().right() < gallery.sheet.viewport().width())
    QTest.keyClick(gallery, Qt.Key.Key_Escape)
    assert not gallery.isVisible()


def test_a_lesson_is_begun_and_answered_with_keys_alone(window: MainWindow) -> None:
    window.lessons.show_gallery()
    card = window.lessons.gallery.cards[0]
    assert card.hasFocus()
    QTest.keyClick(card, Qt.Key.Key_Return)
    walk = window.lessons.walk
    assert walk is not None
    QTest.keyClick(window, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
    assert walk.index == 1
    question = window.lessons.panel.question
    assert isinstance(question, ChoiceQuestion)
    button = question.buttons[1][0]
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Return)
    assert walk.given == {1: 1}
    QTest.keyClick(window, Qt.Key.Key_Left, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
    assert walk.index == 0


def test_what_is_said_after_an_answer_is_in_sight(window: MainWindow) -> None:
    window.resize(1000, 560)
    at_question(window)
    answer(window)
    panel = window.lessons.panel
    assert panel.feedback is not None
    feedback = panel.feedback
    wait_for(lambda: panel.sheet.viewport().rect().contains(feedback.mapTo(panel.sheet.viewport(), feedback.rect().topLeft())))


def test_a_card_is_clicked(window: MainWindow) -> None:
    window.lessons.show_gallery()
    QTest.mouseClick(window.lessons.gallery.cards[0], LEFT)
    assert not window.lessons.gallery_shown
    assert window.lessons.walk is not None
    assert window.windowTitle().startswith("Lesson: requires_grad tracks")
    assert not window.lessons.dock.isHidden()


def own(folder: Path) -> Path:
    folder.mkdir()
    for name in ("01_tracking.toml", "01_tracking.py"):
        shutil.copy(FOLDER / name, folder)
    return folder / "01_tracking.toml"


def test_a_teachers_lesson_runs_only_after_trust(window: MainWindow, tmp_path: Path) -> None:
    file = own(tmp_path / "mine")
    assert window.workbench.open(str(file))
    assert str(file) in window.settings.recent()
    assert window.lessons.walk is None
    assert not window.bridge.running
    assert window.message.kind == "ask"
    once = window.message.button("Run this script")
    assert once is not None
    QTest.mouseClick(once, LEFT)
    wait_for(lambda: window.lessons.walk is not None)
    answered = window.lessons.walk
    assert answered is not None and answered.page.kind == "step"
    assert not window.settings.trusted(str(file))


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"format = 1\n", b"x = ["])
def test_a_file_that_is_no_lesson_is_explained_and_nothing_is_lost(window: MainWindow, tmp_path: Path, data: bytes) -> None:
    before = window.bridge.session, window.source.text
    file = tmp_path / "odd.toml"
    file.write_bytes(data)
    assert not window.lessons.open(str(file))
    assert window.message.kind == "error"
    assert "odd.toml" in window.message.text
    assert (window.bridge.session, window.source.text) == before


def test_a_lesson_that_names_what_is_not_there_is_explained(window: MainWindow, tmp_path: Path) -> None:
    file = own(tmp_path / "mine")
    file.write_text(file.read_text(encoding="utf-8").replace('at = "made"', 'at = "op nowhere"', 1), encoding="utf-8")
    window.settings.trust(str(file))
    assert window.lessons.open(str(file))
    wait_for(lambda: window.message.isVisible() and window.message.kind == "error")
    assert "op nowhere" in window.message.text


@pytest.mark.parametrize(
    ("text", "number"),
    [("0.5", 0.5), ("1/3", 1 / 3), (" −2,5 ", -2.5), ("2e-3", 0.002), ("x", None), ("", None), ("1/0", None), ("1e999/2", None)],
)
def test_numbers_as_people_type_them(text: str, number: float | None) -> None:
    assert number_of(text) == (pytest.approx(number) if number is not None else None)


def test_a_lesson_whose_answer_cannot_be_read_is_explained_and_goes_on(window: MainWindow, tmp_path: Path) -> None:
    file = own(tmp_path / "mine")
    text = file.read_text(encoding="utf-8")
    file.write_text(
        text.replace('holds = "y.requires_grad and not k.requires_grad and z.requires_grad"', 'holds = "x.grad[0] > 0"', 1),
        encoding="utf-8",
    )
    window.settings.trust(str(file))
    assert window.lessons.open(str(file))
    wait_for(lambda: window.lessons.walk is not None)
    next_page(window)
    window.lessons.answer(1)
    assert window.message.kind == "error"
    assert "cannot be read" in window.message.text
    next_page(window)
    assert window.lessons.walk is not None and window.lessons.walk.index == 2


def test_a_lesson_is_opened_while_another_script_runs(window: MainWindow, tmp_path: Path) -> None:
    script = tmp_path / "long.py"
    script.write_text("import torch\nw = torch.ones(1)\nwhile True:\n    w = w * 1\n")
    window.workbench.open(str(script))
    window.workbench.run(allowed=True)
    wait_for(lambda: window.bridge.session is not None)
    assert window.lessons.open(FILE)
    wait_for(lambda: window.lessons.walk is not None and not window.bridge.running)
    walk = window.lessons.walk
    assert walk is not None and window.bridge.session is walk.reader.session


def test_another_file_opened_while_a_lesson_waits_is_not_taken_for_it(window: MainWindow, tmp_path: Path) -> None:
    file = own(tmp_path / "mine")
    assert window.lessons.open(str(file))
    script = tmp_path / "other.py"
    script.write_text("import torch\nprint(torch.ones(1) * 2)\n")
    window.workbench.open(str(script))
    window.workbench.run(allowed=True)
    wait_for(lambda: not window.bridge.running and window.bridge.session is not None)
    assert window.lessons.walk is None


def test_the_next_lesson_is_one_click_away(window: MainWindow) -> None:
    window.lessons.open(FILE)
    walk = window.lessons.walk
    assert walk is not None
    while walk.page.kind != "begin":
        window.lessons.next()
    next_page(window)
    wait_for(lambda: walk.page.kind == "question")
    while walk.page.kind != "end":
        next_page(window)
    assert walk.results() == [None, None, None]
    assert walk.lesson.id not in window.settings.lessons_done()
    press(window, "again")
    wait_for(lambda: walk.page.kind == "question")
    while walk.page.kind != "end":
        answer(window)
        next_page(window)
    assert walk.lesson.id in window.settings.lessons_done()
    press(window, "next lesson")
    assert window.lessons.walk is not None
    assert window.lessons.walk.lesson.number == 2


def test_a_lesson_shows_the_picture_that_it_names(window: MainWindow) -> None:
    assert set(PICTURES) <= {kind.id for kind in KINDS}
    assert window.lessons.open(str(FOLDER / "26_xor.toml"))
    next_page(window)
    next_page(window)
    panel = window.docks["Pictures"].panel
    assert isinstance(panel, PicturesPanel)
    assert panel.kind is not None and panel.kind.id == "boundary"
    answer(window)
    wait_for(lambda: panel.caption.text().startswith("4 of 4 points"))
    keep(window, "lesson-26-boundary-dark")


def test_a_lesson_that_was_opened_by_a_key_leaves_the_keys_with_the_graph(opened: Opener) -> None:
    window = opened()
    window.workbench.open_lesson()
    window.activateWindow()
    QTest.keyClick(window.canvas, Qt.Key.Key_H, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert window.lessons.gallery_shown
    QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Return)
    assert window.in_lesson and not window.lessons.gallery_shown
    assert QApplication.focusWidget() is window.canvas
    QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Right)
    assert not window.room.active, "an arrow key stays in the recording"

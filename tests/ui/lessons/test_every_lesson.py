"""Every lesson through the real window to its end, by its buttons: every text filled, every answer taken.

What is to be tried is tried in each third lesson and with each control other than an edit; that its claims hold for
all is checked without the window (tests/gradviz/lessons/test_builtin.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from gradviz.lessons import shelf
from tests.ui.conftest import ARTEFACTS, keep
from tests.ui.lessons.walking import answer, next_page, press
from tests.ui.waiting import wait_for
from ui.settings import Settings
from ui.window.main_window import MainWindow


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MainWindow]:
    """One window for all lessons, as for a learner who takes one after the other."""
    assert QApplication.instance() is not None or QApplication([])
    settings = Settings(str(tmp_path_factory.mktemp("lessons") / "settings.ini"))
    made = MainWindow(settings)
    made.set_theme("dark")
    made.resize(1280, 800)
    made.canvas.set_speed(0)
    made.show()
    yield made
    made.source.saved()
    made.close()
    QTest.qWait(1)


@pytest.mark.parametrize("file", shelf.files(), ids=lambda file: file.stem)
def test_a_lesson_to_its_end(window: MainWindow, file: Path) -> None:
    lessons = window.lessons
    assert lessons.open(str(file))
    walk = lessons.walk
    assert walk is not None, "its recording is stored"
    lesson = walk.lesson
    key = next((k for k, step in enumerate(lesson.steps) if step.try_ is None and step.at == lesson.picture), 1)
    for k, step in enumerate(lesson.steps):
        assert walk.index == k
        assert window.bridge.session is walk.reader.session
        assert window.message.isHidden() or window.message.kind != "error", window.message.text
        texts = [label.text() for label in lessons.panel.page.findChildren(QLabel)]
        assert texts and not any("{" in text for text in texts)
        assert window.bridge.session is not None and window.bridge.session.position == walk.row(step.at)
        if step.ask is not None:
            answer(window)
            assert step.why is not None and window.bridge.session.position == walk.row(step.why.at)
        if k == key and ARTEFACTS:
            keep(window, f"lesson-{lesson.number:02}-{lesson.id}-dark")
            window.set_theme("light")
            keep(window, f"lesson-{lesson.number:02}-{lesson.id}-light")
            window.set_theme("dark")
        if step.try_ is not None and (lesson.number % 3 == 1 or step.try_.control != "edit"):
            before = window.bridge.session
            press(window, "try it")
            if step.try_.control != "step":
                wait_for(lambda before=before: not window.bridge.running and window.bridge.session is not before)  # type: ignore[misc]
        next_page(window)
    assert walk.page.kind == "begin"
    next_page(window)
    wait_for(lambda: walk.page.kind == "question")
    assert window.source.text != walk.reader.session.recording.source
    for _ in lesson.check:
        answer(window)
        next_page(window)
    assert walk.page.kind == "end"
    assert walk.results() == [True, True, True]
    assert lesson.id in window.settings.lessons_done()
    next_page(window)
    assert lessons.gallery_shown
    card = next(card for card in lessons.gallery.cards if card.lesson.id == lesson.id)
    assert card.done
    lessons.gallery.hide()

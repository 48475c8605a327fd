"""Presenting through the real window: by the keys of a clicker, the mouse and the pen."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gradviz.lessons import shelf
from gradviz.recording.event import Kind
from tests.ui.conftest import ARTEFACTS, Opener
from tests.ui.waiting import at_rest
from ui.pictures.kinds import KINDS
from ui.presenter.canvas import most_within
from ui.presenter.cards import letters
from ui.presenter.stage import Stage
from ui.window.main_window import MainWindow


@pytest.fixture
def stage(window: MainWindow) -> Stage:
    """The stage over a window with the first lesson."""
    window.canvas.setFocus()
    QTest.keyClick(window, Qt.Key.Key_F12)
    made = window.presenter.stage
    assert made.isVisible() and made.windowState() & Qt.WindowState.WindowFullScreen
    made.setWindowState(Qt.WindowState.WindowNoState)
    made.resize(1280, 720)
    made.raise_()
    at_rest(made)
    return made


def kept(stage: Stage, name: str) -> None:
    """Keep a picture of the stage."""
    if ARTEFACTS:
        Path(ARTEFACTS).mkdir(parents=True, exist_ok=True)
        assert stage.grab().save(os.path.join(ARTEFACTS, f"{name}.png"))


def press(stage: Stage, *keys: Qt.Key) -> None:
    """Keys, one after the other."""
    for key in keys:
        QTest.keyClick(stage, key)


def test_page_down_and_page_up_step_and_the_sentence_follows(window: MainWindow, stage: Stage) -> None:
    session = window.bridge.session
    assert session is not None and session.position == -1
    press(stage, Qt.Key.Key_PageDown)
    first = session.position
    assert first >= 0 and stage.words.text() == session.moment().caption
    press(stage, Qt.Key.Key_PageDown)
    assert session.position > first
    press(stage, Qt.Key.Key_PageUp)
    assert session.position == first
    assert stage.line.text().startswith(f"{session.line}:")


def places(window: MainWindow) -> dict[str, object]:
    """Where the window and its docks stand, which are hidden, and which are in front of their tabs."""
    docks = {name: (dock.geometry(), dock.isHidden(), not dock.visibleRegion().isEmpty()) for name, dock in window.docks.items()}
    return {**docks, "window": window.geometry()}


def test_escape_leaves_and_the_window_is_as_it_was(qtbot: QtBot, window: MainWindow) -> None:
    seen: list[bytes] = []

    def settled() -> bool:  # panels are made, and docks find their sizes, for a while after the first picture
        seen.append(bytes(window.saveState().data()))
        return all(d.furnished for d in window.docks.values()) and len(seen) > 70 and len(set(seen[-70:])) == 1

    qtbot.waitUntil(settled, timeout=10000)
    before = places(window)
    QTest.keyClick(window, Qt.Key.Key_F12)
    stage = window.presenter.stage
    assert stage.isVisible()
    keys = (Qt.Key.Key_PageDown, Qt.Key.Key_Plus, Qt.Key.Key_O, Qt.Key.Key_D, Qt.Key.Key_T, Qt.Key.Key_T, Qt.Key.Key_I, Qt.Key.Key_Escape)
    press(stage, *keys)
    assert not stage.isVisible()
    assert places(window) == before
    assert window.canvas.speed == 0


def test_after_a_lessons_pages_the_same_docks_are_in_front(window: MainWindow) -> None:
    assert window.lessons.open(str(shelf.lessons()[3].path))
    at_rest(window)

    def front() -> set[str]:
        return {name for name, dock in window.docks.items() if not dock.visibleRegion().isEmpty()}

    before = front()
    QTest.keyClick(window, Qt.Key.Key_F12)
    press(window.presenter.stage, *[Qt.Key.Key_L] * 3, *[Qt.Key.Key_PageDown] * 8, Qt.Key.Key_Escape)
    at_rest(window)
    assert front() == before


def test_the_speed_of_the_window_comes_back(window: MainWindow) -> None:
    window.canvas.set_speed(2.0)
    QTest.keyClick(window, Qt.Key.Key_F12)
    stage = window.presenter.stage
    assert (stage.canvas.speed, window.canvas.speed) == (2.0, 0.0)
    press(stage, Qt.Key.Key_Minus)
    assert stage.canvas.speed == 1.0
    press(stage, Qt.Key.Key_Escape)
    assert window.canvas.speed == 2.0


def test_b_blanks_and_a_step_comes_back(window: MainWindow, stage: Stage) -> None:
    press(stage, Qt.Key.Key_B)
    assert stage.blank.isVisible() and stage.blank.size() == stage.size()
    assert stage.grab().toImage().pixelColor(400, 300).name() == "#000000"
    press(stage, Qt.Key.Key_B)
    assert not stage.blank.isVisible()
    press(stage, Qt.Key.Key_Period, Qt.Key.Key_PageDown)
    assert not stage.blank.isVisible() and window.bridge.session is not None and window.bridge.session.position >= 0


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (3840, 2160)])
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_letters_and_edges_are_large_enough(window: MainWindow, stage: Stage, width: int, height: int, theme: str) -> None:
    window.set_theme(theme)
    stage.resize(width, height)
    session = window.bridge.session
    assert session is not None
    least = 24 * stage.logicalDpiY() / 72 * height / 720
    kinds = (Kind.CREATE_LEAF, Kind.OP, Kind.VJP, Kind.ACCUMULATE)
    for position in (int(session.recording.events_of_kind(kind)[-1]) for kind in kinds):
        window.bridge.seek(position)
        stage.canvas.finish()
        assert letters().pixelSize() * stage.canvas.scale >= least - 1e-6
        assert stage.words.font().pixelSize() >= least and stage.line.font().pixelSize() >= least
        assert stage.canvas.sizes.edge >= 3 * height / 720
        current = session.moment().current
        assert current and set(current) <= stage.canvas.focus_nodes()
        shown = stage.canvas.geometry_.rect(current[0])
        assert stage.canvas.shown.contains(shown), "what matters is in sight"
        assert stage.words.sizeHint().height() <= height * 0.3
        kept(stage, f"stage-{width}-{theme}-{position}")


def test_the_rest_dims(window: MainWindow, stage: Stage) -> None:
    window.bridge.seek(24)
    stage.canvas.finish()
    focus = stage.canvas.focus_nodes()
    dimmed = [n for n in stage.canvas.geometry_.row if n not in focus]
    assert focus and dimmed
    press(stage, Qt.Key.Key_O)
    stage.canvas.finish()
    image = stage.canvas.grab().toImage()

    def brightest(node: int) -> int:
        rect = stage.canvas.geometry_.rect(node)  # its left part: the bar, and no arrow that ends at it
        a, b = stage.canvas.to_widget(rect.topLeft()), stage.canvas.to_widget(rect.center())
        places = [
            (round(a.x() + (b.x() - a.x()) * u), round(a.y() + (b.y() - a.y()) * v))
            for u in np.linspace(0.02, 0.5, 30)
            for v in np.linspace(0.2, 0.6, 20)
        ]
        return max(image.pixelColor(*place).lightness() for place in places)

    assert min(map(brightest, focus)) > 120 > max(map(brightest, dimmed))


def test_the_pen_draws_stays_with_the_graph_undoes_and_clears(window: MainWindow, stage: Stage) -> None:
    window.bridge.seek(24)
    stage.canvas.finish()
    press(stage, Qt.Key.Key_D)
    assert stage.sheet.pen_out
    at = stage.canvas.pos() + QPoint(200, 150)
    QTest.mousePress(stage.sheet, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    for k in range(1, 8):
        QTest.mouseMove(stage.sheet, at + QPoint(20 * k, 8 * k))
    QTest.mouseRelease(stage.sheet, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at + QPoint(140, 56))
    assert len(stage.sheet.drawing.strokes) == 1 and len(stage.sheet.drawing.strokes[0].points) == 8
    place = stage.canvas.to_graph(QPointF(200, 150))
    found = stage.sheet.drawing.strokes[0].points[0]
    assert abs(found.x() - place.x()) < 1 and abs(found.y() - place.y()) < 1
    drawn = stage.grab().toImage()
    ink = stage.canvas.look.current
    assert drawn.pixelColor(at + QPoint(70, 28)).name() == ink
    kept(stage, "stage-pen")
    press(stage, Qt.Key.Key_C)
    assert stage.sheet.drawing.strokes == []
    press(stage, Qt.Key.Key_U)
    assert len(stage.sheet.drawing.strokes) == 1
    QTest.keyClick(stage, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert stage.sheet.drawing.strokes == []
    assert stage.grab().toImage().pixelColor(at + QPoint(70, 28)).name() != ink
    press(stage, Qt.Key.Key_D)
    assert not stage.sheet.pen_out


def test_a_ring_follows_the_mouse_and_the_controls_come_low_down(qtbot: QtBot, stage: Stage) -> None:
    QTest.mouseMove(stage.windowHandle(), stage.canvas.pos() + QPoint(300, 120))
    qtbot.waitUntil(lambda: stage.sheet.at == stage.canvas.pos() + QPoint(300, 120))
    assert not stage.strip.isVisible()
    ring = stage.sheet.at + QPoint(round(stage.sheet.radius), 0)
    with_ring = stage.grab().toImage().pixelColor(ring)
    press(stage, Qt.Key.Key_R)
    assert stage.grab().toImage().pixelColor(ring) != with_ring
    QTest.mouseMove(stage.windowHandle(), stage.canvas.pos() + QPoint(300, stage.canvas.height() - 10))
    qtbot.waitUntil(lambda: stage.strip.isVisible())
    assert stage.strip.width() <= stage.width()
    kept(stage, "stage-controls")
    QTest.mouseClick(stage.strip.buttons["next"], Qt.MouseButton.LeftButton)
    assert stage.bridge.session is not None and stage.bridge.session.position >= 0
    QTest.mouseClick(stage.strip.buttons["leave"], Qt.MouseButton.LeftButton)
    assert not stage.isVisible()


def test_a_click_on_a_card_goes_there(window: MainWindow, stage: Stage) -> None:
    window.bridge.seek(10)
    stage.canvas.finish()
    node = next(iter(stage.canvas.geometry_.row))
    centre = stage.canvas.to_widget(stage.canvas.geometry_.rect(node).center()).toPoint()
    if stage.canvas.rect().contains(centre):
        QTest.mouseClick(stage.canvas, Qt.MouseButton.LeftButton, pos=centre)
        assert node in window.bridge.selected and node in stage.canvas.focus_nodes()
    else:
        window.bridge.select((node,))
    assert stage.canvas.shown.intersects(stage.canvas.geometry_.rect(node))


def test_it_plays_by_itself_to_the_end_when_instant(qtbot: QtBot, window: MainWindow, stage: Stage) -> None:
    session = window.bridge.session
    assert session is not None
    window.bridge.seek(session.length - 12)
    press(stage, Qt.Key.Key_P)
    assert stage.playing
    qtbot.waitUntil(lambda: not stage.playing, timeout=10000)
    last = session.position
    session.to_end()
    assert session.position == last


def test_t_turns_the_look_of_both(window: MainWindow, stage: Stage) -> None:
    press(stage, Qt.Key.Key_T)
    assert window.bridge.theme.name == "light"
    assert stage.grab().toImage().pixelColor(stage.canvas.pos() + QPoint(3, 3)).name() == window.bridge.theme.window


def test_without_a_recording_the_stage_does_not_open(opened: Opener) -> None:
    window = opened()
    window.presenter.present()
    assert not window.presenter.presenting


def test_i_shows_one_picture_after_the_other_and_then_the_graph(window: MainWindow, stage: Stage) -> None:
    session = window.bridge.session
    assert session is not None and stage.picture is not None
    window.bridge.seek(int(session.recording.events_of_kind(Kind.VJP)[2]))
    fitting = [kind for kind in KINDS if window.pictures.fits(kind)]
    assert len(fitting) >= 3
    for kind in fitting:
        press(stage, Qt.Key.Key_I)
        assert stage.picture.isVisible() and window.pictures.kind is kind and stage.told.text() == kind.title
        assert stage.picture.geometry() == stage.canvas.geometry() and stage.picture.magnified * 11 >= 24 * stage.logicalDpiY() / 72
        kept(stage, f"stage-picture-{kind.id}")
    before = window.pictures.view.data
    press(stage, Qt.Key.Key_PageDown)
    assert window.pictures.view.data is not None and before is not None
    press(stage, Qt.Key.Key_I)
    assert not stage.picture.isVisible()


def test_l_turns_the_pages_of_an_open_lesson(window: MainWindow) -> None:
    lesson = shelf.lessons()[0]
    assert window.lessons.open(str(lesson.path))
    QTest.keyClick(window, Qt.Key.Key_F12)
    stage = window.presenter.stage
    stage.setWindowState(Qt.WindowState.WindowNoState)
    stage.resize(1280, 720)
    press(stage, Qt.Key.Key_L)
    walk = window.lessons.walk
    assert walk is not None and walk.index == 1 and walk.page.step is not None
    assert "What will autograd track? Which of y, k and z" in stage.words.text(), "it asks"
    assert "\nA: only y    B: y and z    C: y, k and z" in stage.words.text(), "what can be chosen"
    assert stage.size() == QSize(1280, 720)
    assert set(stage.canvas.pointed()) <= stage.canvas.focus_nodes() or not stage.canvas.pointed()
    kept(stage, "stage-lesson")
    press(stage, Qt.Key.Key_L)
    assert walk.index == 1 and stage.words.text().startswith("y and z. y.requires_grad is True"), "the answer before the next page"
    assert walk.page.step.why is not None
    assert window.bridge.session.position == walk.row(walk.page.step.why.at)  # type: ignore[union-attr]
    press(stage, Qt.Key.Key_K)
    assert walk.index == 0
    press(stage, Qt.Key.Key_PageDown)
    assert stage.extra_words == ""
    for _ in range(2 * len(walk.pages)):
        press(stage, Qt.Key.Key_L)
    assert walk.page.kind == "begin" and "questions are in the window" in stage.words.text()


def test_a_page_comes_back_from_the_blank_screen(stage: Stage) -> None:
    press(stage, Qt.Key.Key_B)
    assert stage.blank.isVisible()
    press(stage, Qt.Key.Key_L)
    assert not stage.blank.isVisible()


def test_without_a_lesson_l_says_so(stage: Stage) -> None:
    press(stage, Qt.Key.Key_L)
    assert "No lesson is open" in stage.words.text()


def at_try(window: MainWindow, name: str) -> Stage:
    """Present a lesson at its first page with something to try."""
    assert window.lessons.open(str(next(shelf.FOLDER.glob(f"{name}*.toml"))))
    walk = window.lessons.walk
    assert walk is not None
    while walk.page.step is None or walk.page.step.try_ is None:
        window.lessons.next()
    window.presenter.present()
    stage = window.presenter.stage
    stage.setWindowState(Qt.WindowState.WindowNoState)
    stage.resize(1280, 720)
    at_rest(stage)
    return stage


def ran(qtbot: QtBot, window: MainWindow, line: str) -> None:
    """Wait for the run of a script that has this line."""
    bridge = window.bridge
    qtbot.waitUntil(lambda: not bridge.running and bridge.session is not None and line in bridge.session.recording.source, timeout=30_000)


def test_the_knobs_of_a_page_stand_on_the_stage_and_turn_by_mouse_and_keys(qtbot: QtBot, window: MainWindow) -> None:
    stage = at_try(window, "22_learning_rate")
    bar, knobs = stage.bar, window.lessons.panel.knobs
    slider = bar.sliders[0]
    assert bar.isVisible() and knobs is not None and slider is not None
    assert slider.width() >= 3 * stage.canvas.sizes.text and slider.height() >= stage.canvas.sizes.text
    assert not stage.canvas.geometry().intersects(bar.geometry())
    before = knobs.values["lr"]
    press(stage, Qt.Key.Key_W)
    assert float(knobs.values["lr"]) > float(before) and slider.value() == knobs.sliders["lr"].value()
    ran(qtbot, window, f"lr={knobs.values['lr']}")
    press(stage, Qt.Key.Key_Q)
    assert knobs.values["lr"] == before
    ran(qtbot, window, f"lr={before}")
    press(stage, Qt.Key.Key_D)
    at = slider.mapTo(stage, QPoint(slider.width() - 3, slider.height() // 2))
    assert stage.childAt(at) is slider, "the pen does not draw on it"
    QTest.mouseClick(slider, Qt.MouseButton.LeftButton, pos=slider.mapFrom(stage, at))
    press(stage, Qt.Key.Key_D)
    assert float(knobs.values["lr"]) > float(before)
    ran(qtbot, window, f"lr={knobs.values['lr']}")
    press(stage, Qt.Key.Key_G)
    goal = knobs.tried.knobs[0].goal
    assert knobs.values["lr"] == goal and slider.value() == knobs.sliders["lr"].value()
    ran(qtbot, window, f"lr={goal}")
    assert stage.picture_shown, "the knob turns the picture of the page"
    before_turn = stage.grab().toImage()
    assert stage.picture is not None and stage.picture.panel.kind is not None and stage.picture.panel.kind.id == "valley"
    kept(stage, "stage-knobs")
    press(stage, Qt.Key.Key_Q)
    ran(qtbot, window, f"lr={knobs.values['lr']}")
    qtbot.waitUntil(lambda: stage.grab(stage.picture.geometry()).toImage() != before_turn.copy(stage.picture.geometry()), timeout=20_000)
    press(stage, Qt.Key.Key_K)
    assert not bar.isVisible() and not stage.picture_shown, "the page before has nothing to try"


def test_words_and_the_next_knob_by_keys(qtbot: QtBot, window: MainWindow) -> None:
    stage = at_try(window, "18_vanishing")
    press(stage, Qt.Key.Key_W)
    ran(qtbot, window, "h = torch.tanh(h)")
    assert [button.isChecked() for button in stage.bar.words["activation"]] == [False, True, False]
    QTest.mouseClick(stage.bar.words["activation"][2], Qt.MouseButton.LeftButton)
    ran(qtbot, window, "h = torch.relu(h)")
    stage.leave()
    assert not stage.bar.isVisible()
    stage = at_try(window, "04_vector")
    knobs = window.lessons.panel.knobs
    assert knobs is not None
    press(stage, Qt.Key.Key_A, Qt.Key.Key_W)
    assert [name for name, value in knobs.values.items() if value != {k.name: k.start for k in knobs.tried.knobs}[name]] == ["b"]
    ran(qtbot, window, knobs.values["b"])


def test_a_line_is_changed_from_the_stage(qtbot: QtBot, window: MainWindow) -> None:
    stage = at_try(window, "10_broadcasting")
    assert stage.bar.do_it is not None
    walk = window.lessons.walk
    assert walk is not None and walk.page.step is not None and walk.page.step.try_ is not None
    after = walk.page.step.try_.after
    QTest.mouseClick(stage.bar.do_it, Qt.MouseButton.LeftButton)
    ran(qtbot, window, after)


def test_without_something_to_turn_the_keys_say_so(stage: Stage) -> None:
    press(stage, Qt.Key.Key_W)
    assert "nothing to turn" in stage.told.text()


def test_as_much_as_fits_of_what_matters_is_in_sight() -> None:
    far, near, heavy = QRectF(0, 0, 10, 10), QRectF(90, 0, 10, 10), QRectF(100, 5, 10, 10)
    assert most_within([(far, 1.0), (near, 1.0), (heavy, 4.0)], 50, 50) == near.united(heavy)
    assert most_within([(far, 9.0), (near, 1.0), (heavy, 4.0)], 50, 50) == far
    assert most_within([(far, 1.0), (near, 1.0), (heavy, 4.0)], 200, 50) == far.united(heavy).united(near)


@pytest.mark.parametrize("name", ["05", "11", "23", "27"])
def test_at_1280_by_720_each_page_shows_its_place_in_large_letters(window: MainWindow, name: str) -> None:
    assert window.lessons.open(str(next(shelf.FOLDER.glob(f"{name}*.toml"))))
    window.presenter.present()
    stage = window.presenter.stage
    stage.setWindowState(Qt.WindowState.WindowNoState)
    stage.resize(1280, 720)
    at_rest(stage)
    walk, canvas = window.lessons.walk, stage.canvas
    assert walk is not None
    for _ in walk.lesson.steps:
        assert canvas.scale >= canvas.sizes.card_scale * 0.999
        shown = QRectF(canvas.to_graph(QPointF(0, 0)), canvas.to_graph(QPointF(canvas.width(), canvas.height())))
        current = [n for n in canvas.moment.current[:1] if n in canvas.geometry_.row] if canvas.moment is not None else []
        assert all(shown.contains(canvas.geometry_.rect(n)) for n in current), walk.index
        press(stage, *[Qt.Key.Key_L] * (2 if walk.page.step is not None and walk.page.step.ask is not None else 1))

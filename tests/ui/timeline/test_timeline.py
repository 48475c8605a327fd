"""The timeline on a real session: scrubbing, keys, zoom, tooltips; and a million events."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QHelpEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from gradviz.debugger.answers import Marks, Timeline
from tests.ui.recorded import nth
from tests.ui.waiting import at_rest
from ui.bridge import Bridge
from ui.style.theme import DARK, LIGHT
from ui.timeline.lanes import Lanes, Window, word_of
from ui.timeline.panel import TimelinePanel
from ui.timeline.track import GUTTER, Track
from ui.window.main_window import MainWindow

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def panel(qtbot: QtBot, bridge: Bridge) -> TimelinePanel:
    made = TimelinePanel(bridge)
    qtbot.addWidget(made)
    made.resize(1280, 150)
    with qtbot.waitExposed(made):
        made.show()
    return made


def point(track: Track, event: int) -> QPoint:
    return QPoint(round(track.x_of(event)), 40)


def wheel(track: Track, x: float, delta: int, modifiers: Qt.KeyboardModifier = NONE) -> None:
    at = QPointF(x, 40)
    event = QWheelEvent(at, QPointF(track.mapToGlobal(at.toPoint())), QPoint(), QPoint(0, delta), Qt.MouseButton.NoButton,
                        modifiers, Qt.ScrollPhase.NoScrollPhase, False)  # fmt: skip
    QApplication.sendEvent(track, event)


def test_at_the_start_it_says_what_to_do(panel: TimelinePanel, bridge: Bridge) -> None:
    assert bridge.session is not None
    assert "Step forward" in panel.caption.text()
    assert panel.counter.text() == f"start · {bridge.session.length} events"


def test_without_a_session_it_is_empty(panel: TimelinePanel, bridge: Bridge) -> None:
    bridge.set_session(None)
    assert "Nothing is recorded" in panel.caption.text()
    assert panel.track.lanes.length == 0
    assert not panel.grab().isNull()


def test_counter_and_caption_tell_the_moment(panel: TimelinePanel, bridge: Bridge) -> None:
    session = bridge.session
    assert session is not None
    third = nth(session, "ACCUMULATE", 5)  # epoch 2 of the loop that accumulates
    bridge.seek(third)
    assert panel.counter.text() == f"event {third + 1} of {session.length} · epoch 2 · backward 4"
    assert "now [9, 9, 9]" in panel.caption.text()


def test_a_click_seeks(panel: TimelinePanel, bridge: Bridge, qtbot: QtBot) -> None:
    assert bridge.session is not None
    qtbot.mouseClick(panel.track, LEFT, pos=point(panel.track, 37))
    assert bridge.session.position == 37
    assert panel.track.position == 37


def test_dragging_scrubs_through_all_events_on_the_way(panel: TimelinePanel, bridge: Bridge) -> None:
    session, track = bridge.session, panel.track
    assert session is not None
    seen: list[int] = []
    track.frame = float("inf")  # however slow this machine is
    bridge.position_changed.connect(lambda: seen.append(session.position))
    QTest.mousePress(track, LEFT, NONE, point(track, 10))
    for event in (12, 20, 35, 20):
        QTest.mouseMove(track, point(track, event))
    QTest.mouseMove(track, QPoint(2, 40))  # beyond the left end
    QTest.mouseRelease(track, LEFT, NONE, QPoint(2, 40))
    assert seen == [10, 12, 20, 35, 20, -1]


def test_each_part_of_a_derivation_is_told_as_it_comes(panel: TimelinePanel, bridge: Bridge) -> None:
    session = bridge.session
    assert session is not None
    bridge.seek(nth(session, "VJP", 0))
    told = [panel.caption.text()]
    for _ in session.derivation()[0].steps:
        bridge.move(session.step_into)
        told.append(panel.caption.text())
    assert told[0].startswith("MeanBackward0 fires") and told[1] == "The gradient of z comes in: 1."
    assert len(set(told)) == len(told), "no click without an answer"
    bridge.move(session.step_into)
    assert panel.caption.text().startswith("the gradient arrived at z")


def test_keys_are_those_of_a_slider(panel: TimelinePanel, bridge: Bridge, qtbot: QtBot) -> None:
    session, track = bridge.session, panel.track
    assert session is not None
    track.setFocus()
    for key, expected in (
        (Qt.Key.Key_Right, 0), (Qt.Key.Key_Right, 1), (Qt.Key.Key_Left, 0), (Qt.Key.Key_End, session.length - 1),
        (Qt.Key.Key_Right, session.length - 1), (Qt.Key.Key_Home, -1), (Qt.Key.Key_Left, -1),
    ):  # fmt: skip
        qtbot.keyClick(track, key)
        assert session.position == expected
    qtbot.keyClick(track, Qt.Key.Key_PageDown)
    assert session.position == round(session.length / 20) - 1


def test_the_wheel_zooms_at_the_mouse(panel: TimelinePanel) -> None:
    track = panel.track
    x = track.x_of(50)
    wheel(track, x, 120 * 4)
    assert track.window_.span < track.lanes.length
    assert track.event_at(x) == 50
    wheel(track, x, -120 * 40)
    assert track.window_ == Window(0, track.lanes.length)


def test_shift_and_wheel_pan_and_the_middle_button_drags(panel: TimelinePanel) -> None:
    track = panel.track
    wheel(track, track.x_of(50), 120 * 4)
    start = track.window_.start
    wheel(track, 600, -120, Qt.KeyboardModifier.ShiftModifier)
    assert track.window_.start > start
    moved = track.window_.start
    QTest.mousePress(track, Qt.MouseButton.MiddleButton, NONE, QPoint(600, 40))
    QTest.mouseMove(track, QPoint(700, 40))
    QTest.mouseRelease(track, Qt.MouseButton.MiddleButton, NONE, QPoint(700, 40))
    assert track.window_.start < moved


def test_zoom_buttons_and_keys(panel: TimelinePanel, bridge: Bridge, qtbot: QtBot) -> None:
    track = panel.track
    out, into, fit = panel.buttons
    bridge.seek(100)
    qtbot.mouseClick(into, LEFT)
    half = track.window_.span
    assert half == pytest.approx(track.lanes.length / 2)
    track.setFocus()
    qtbot.keyClick(track, Qt.Key.Key_Plus)
    assert track.window_.span == pytest.approx(half / 2)
    qtbot.mouseClick(out, LEFT)
    assert track.window_.span == pytest.approx(half)
    qtbot.mouseClick(fit, LEFT)
    assert track.window_.span == track.lanes.length


def test_a_zoomed_window_follows_the_cursor(panel: TimelinePanel, bridge: Bridge) -> None:
    session, track = bridge.session, panel.track
    assert session is not None
    wheel(track, track.x_of(5), 120 * 8)
    bridge.seek(session.length - 1)
    assert track.window_.start <= session.position < track.window_.stop
    bridge.seek(-1)
    assert track.window_.start == 0


def test_the_tooltip_tells_the_event_under_the_mouse(panel: TimelinePanel, bridge: Bridge) -> None:
    session, track = bridge.session, panel.track
    assert session is not None
    event = nth(session, "ACCUMULATE", 0)
    at = point(track, event)
    QApplication.sendEvent(track, QHelpEvent(QHelpEvent.Type.ToolTip, at, track.mapToGlobal(at)))
    assert f"event {event + 1} · backward" in QToolTip.text()
    assert "x.grad was None" in QToolTip.text()
    QToolTip.hideText()
    zeroed = nth(session, "ZERO_GRAD", 0)
    assert track.tip(track.x_of(zeroed), track.height() - 30).startswith("zero_grad")


def test_breakpoints_get_their_marks(panel: TimelinePanel, bridge: Bridge) -> None:
    session = bridge.session
    assert session is not None
    assert not len(panel.track.lanes.events_of("breakpoint"))
    session.breakpoint_lines = {session.recording.event(nth(session, "OP", 1)).line}
    bridge.breakpoints_changed.emit()
    assert len(panel.track.lanes.events_of("breakpoint"))


def test_each_lane_has_its_colour_where_its_events_are(panel: TimelinePanel, bridge: Bridge) -> None:
    session, track = bridge.session, panel.track
    assert session is not None
    picture = track.grab().toImage()
    for kind, lane in (("OP", 0), ("VJP", 1), ("OPTIMIZER_STEP", 2)):
        event = nth(session, kind, 0)
        colour = picture.pixelColor(round(track.x_of(event)), track._lane_top(lane) + 7)
        assert colour.name() == DARK.lanes[lane]
    bridge.set_theme(LIGHT)
    picture = track.grab().toImage()
    assert picture.pixelColor(round(track.x_of(nth(session, "OP", 0))), track._lane_top(0) + 7).name() == LIGHT.lanes[0]


def test_a_long_caption_is_cut_and_whole_in_the_tooltip(panel: TimelinePanel, bridge: Bridge) -> None:
    session = bridge.session
    assert session is not None
    panel.resize(280, 150)
    panel.grab()
    bridge.seek(nth(session, "ACCUMULATE", 4))
    assert panel.caption.text().endswith("…")
    assert "now [6, 6, 6]" in panel.caption.toolTip()
    assert panel.caption.geometry().bottom() <= panel.counter.geometry().top()


def test_letters_of_a_caption_get_smaller_before_it_is_cut(panel: TimelinePanel, bridge: Bridge) -> None:
    session = bridge.session
    assert session is not None
    panel.resize(560, 255)
    panel.grab()
    usual, height = panel.caption.font().pixelSize(), panel.caption.height()
    bridge.seek(nth(session, "VJP", 0))
    while panel.caption.font().pixelSize() == usual and panel.width() > 200:
        panel.resize(panel.width() - 10, 255)
    assert panel.caption.font().pixelSize() < usual and not panel.caption.text().endswith("…")
    assert panel.caption.height() == height
    panel.resize(1200, 255)
    assert panel.caption.font().pixelSize() == usual


def test_window_keeps_the_event_under_the_mouse_and_stays_inside() -> None:
    window = Window(0, 1000)
    zoomed = window.zoomed(0.25, 300, 900, 1000)
    assert zoomed.x_of(window.start + 300 / 900 * window.span, 900) == pytest.approx(300)
    assert zoomed.panned(1e9, 1000) == Window(750, 1000)
    assert zoomed.panned(-1e9, 1000) == Window(0, 250)
    assert window.zoomed(1e-9, 0, 900, 1000).span == 8
    assert window.event_at(-5, 900) < 0


def test_density_counts_each_event_once() -> None:
    phases = tuple(np.random.default_rng(0).integers(0, 3, 10_000).tolist())
    lanes = Lanes(Timeline(phases, phases, Marks({}, str.format)))
    density = lanes.density(Window(0, 10_000), 500)
    assert density.sum(axis=0) == pytest.approx(np.ones(500))
    assert (density * 20).sum(axis=1) == pytest.approx([phases.count(k) for k in range(3)])


@given(st.lists(st.lists(st.integers(0, 2), max_size=30), min_size=1, max_size=6))
def test_lanes_that_grow_are_those_of_all_events(pieces: list[list[int]]) -> None:
    phases: list[int] = []
    lanes = None
    for piece in pieces:
        phases += piece
        timeline = Timeline(np.array(phases, np.uint8), np.array(phases), Marks({}, str.format))
        lanes = Lanes(timeline, lanes)
        window, fresh = Window(0, max(1, len(phases))), Lanes(timeline)
        assert (lanes.length, lanes.phases.tolist()) == (len(phases), phases)
        for columns in (1, 7):
            assert lanes.density(window, columns).tolist() == fresh.density(window, columns).tolist()


def test_a_million_events_fit_the_track(panel: TimelinePanel) -> None:
    count = 1_000_000
    phases = tuple((np.arange(count) // 20 % 3).tolist())
    at = np.arange(0, count, 100)
    marks = Marks(dict.fromkeys(("epoch", "step", "zero_grad", "print"), at), lambda kind, event: f"{kind} {event // 100}")
    track = panel.track
    track.set_timeline(Timeline(phases, phases, marks), grew=False)
    track.repaint()
    assert track.x_of(count - 1) <= track.width()
    assert track.event_at(GUTTER + track.room / 2) == pytest.approx(count / 2, abs=1000)


def test_zooming_in_shows_epochs_then_steps_then_events(panel: TimelinePanel) -> None:
    """10,000 steps in 100 epochs: however deep, what is named is what there is room for, and no mark is missing."""
    events = 600_000
    epochs, steps = np.arange(0, events, 6000), np.arange(0, events, 60)
    phases = (np.arange(events) // 20 % 3).astype(np.uint8)
    said: list[tuple[str, int]] = []

    def label(kind: str, event: int) -> str:
        said.append((kind, event))
        return f"{kind} {event // (6000 if kind == 'epoch' else 60)}"

    track = panel.track
    track.set_timeline(Timeline(phases, phases, Marks({"epoch": epochs, "step": steps}, label)), grew=False)
    seen = []
    for window in (Window(0, events), Window(300_000, 306_000), Window(300_000, 300_600), Window(300_010, 300_030)):
        track._set_window(window)
        track.grab()
        seen.append(track.lanes.level(window, track.room))
    assert seen == ["epochs", "epochs", "steps", "events"]
    assert len(said) < 3000  # of 10,100 marks only those that can be seen are named
    assert [event for _, event in track.lanes.in_view("step", Window(300_000, 300_600), track.room)] == list(range(300_000, 300_600, 60))
    assert track.lanes.around(Window(300_010, 300_030)) == "epoch 50 · step 5000"


def test_events_are_named_where_there_is_room(panel: TimelinePanel, bridge: Bridge) -> None:
    session = bridge.session
    assert session is not None
    assert word_of(session, nth(session, "OP", 0)) == session.recording.sites[int(session.columns.site[nth(session, "OP", 0)])].op
    assert word_of(session, nth(session, "VJP", 0)) == "vjp"
    before = panel.track.grab().toImage()
    panel.track._set_window(Window(10, 30))
    assert panel.track.lanes.level(panel.track.window_, panel.track.room) == "events"
    assert panel.track.grab().toImage() != before


def test_where_a_seek_takes_long_the_handle_follows_the_mouse_and_the_last_place_counts(panel: TimelinePanel, bridge: Bridge) -> None:
    track = panel.track
    seeks: list[int] = []
    track.seeked.connect(seeks.append)
    track.scrubbed.connect(seeks.append)
    track.frame = -1.0  # every seek takes longer
    at = [QPoint(round(track.x_of(event)), 60) for event in (2, 5, 9, 14)]
    QTest.mousePress(track, Qt.MouseButton.LeftButton, pos=at[0])
    QTest.mouseMove(track, at[1])
    assert seeks == [2, 5]
    for point, event in ((at[2], 9), (at[3], 14)):
        QTest.mouseMove(track, point)
        assert track.position == event
    assert seeks[:2] == [2, 5]
    QTest.mouseRelease(track, Qt.MouseButton.LeftButton, pos=at[3])
    assert seeks[-1] == 14
    assert len(seeks) <= 4
    session = bridge.session
    assert session is not None
    assert session.position == 14


def test_in_a_narrow_panel_the_memory_is_read_in_full_and_the_counter_gives_way(panel: TimelinePanel, bridge: Bridge) -> None:
    panel.resize(555, 170)
    session = bridge.session
    assert session is not None
    fires = nth(session, "VJP", -1)
    bridge.seek(fires)
    at_rest(panel)
    assert panel.memory.isVisible()
    assert panel.memory.width() >= panel.memory.sizeHint().width()
    assert panel.counter.text().startswith(f"event {fires + 1} of {session.length}")
    assert panel.counter.fontMetrics().horizontalAdvance(panel.counter.text()) <= panel.counter.width() + 1
    panel.resize(1280, 150)
    at_rest(panel)
    assert "backward" in panel.counter.text()
    bridge.seek(session.length - 1)
    assert "backward" not in panel.counter.text(), "the pass is over"


def test_in_a_low_dock_the_lanes_stay_and_end_above_the_slider(qtbot: QtBot, bridge: Bridge) -> None:
    dock = QWidget()
    qtbot.addWidget(dock)
    panel = TimelinePanel(bridge, dock)
    dock.show()
    panel.resize(560, 240)
    assert not panel.crumbs.isHidden()
    assert not panel.counter.isHidden()
    panel.resize(560, 150)
    assert panel.crumbs.isHidden()
    assert panel.counter.isHidden()
    assert not panel.caption.isHidden()
    assert panel.track.height() >= panel.track.minimumSizeHint().height() - 20
    panel.track.resize(552, 60)  # lower than all lanes
    picture = panel.track.grab().toImage()
    under = {picture.pixelColor(x, 60 - 3).name() for x in range(GUTTER, 500)}
    assert under.isdisjoint({DARK.lanes[0], DARK.lanes[1], DARK.raised})


def test_the_colour_of_an_error_goes_with_its_recording(panel: TimelinePanel, bridge: Bridge) -> None:
    panel.caption.set_colour(DARK.error)
    bridge.set_session(None)
    assert panel.caption.colour != DARK.error


def test_while_the_mouse_drags_through_time_nothing_else_moves(window: MainWindow, qtbot: QtBot) -> None:
    canvas, track, session = window.canvas, window.timeline.track, window.bridge.session
    assert session is not None
    qtbot.waitUntil(lambda: track.isVisible() and track.room > 0)
    track.frame = float("inf")  # however slow this machine is
    QTest.mousePress(track, LEFT, NONE, point(track, 150))
    canvas.set_speed(1)
    for event in (220, 160, 100, 40, 20, 180, 230, 5):
        QTest.mouseMove(track, point(track, event))
        moment = canvas.moment
        assert moment is not None and moment.position == event
        assert not canvas.is_animating() and canvas.phase == 1.0, "neither a pulse nor the eye is on its way"
        assert all(canvas.shown.contains(canvas.geometry_.rect(node)) for node in moment.current[:1])
    told = window.inspector.inspection
    QTest.mouseMove(track, point(track, vjp := nth(session, "VJP", 2)))
    assert window.inspector.inspection is told, "what is read waits until the mouse rests"
    qtbot.waitUntil(lambda: window.inspector.inspection == session.inspect(session.moment().current[0]))
    qtbot.waitUntil(lambda: bool(window.timeline.crumbs.places), timeout=20_000)
    QTest.mouseRelease(track, LEFT, NONE, point(track, vjp))
    qtbot.waitUntil(lambda: bool(window.derivation.derivations) and window.derivation.derivations == session.derivation())
    QTest.mouseClick(track, LEFT, NONE, point(track, 20))
    assert canvas.is_animating() and canvas.phase < 1.0, "a click shows the flow"


def test_a_move_of_the_slider_paints_no_more_than_what_is_watched(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is laid out anew, nor is what lies under the canvas painted; the minimap is copied, and the legend painted where it says something else."""
    canvas, track, layers = window.canvas, window.timeline.track, window.canvas._layers
    qtbot.waitUntil(lambda: track.isVisible() and track.room > 0)
    track.frame = float("inf")
    monkeypatch.setattr("ui.bridge.REST_MS", 60_000)  # on a busy machine two moves lie far apart
    QTest.mousePress(track, LEFT, NONE, point(track, 230))
    seen = Seen(window)
    at_rest(window)
    for event in (200, 201, 202, 203, 204, 205):
        QTest.mouseMove(track, point(track, event))
        QApplication.processEvents()
        if event == 201:  # now all is as wide as it gets, and painted once
            QApplication.instance().installEventFilter(seen)  # type: ignore[union-attr]
            minimaps, stills = layers.minimap.painted, canvas.static_paints
    QApplication.instance().removeEventFilter(seen)  # type: ignore[union-attr]
    QTest.mouseRelease(track, LEFT, NONE, point(track, 205))
    assert canvas.static_paints == stills + 4, "each move is on the canvas"
    assert seen.painted["canvas"] >= 4 and seen.painted["timeline_track"] >= 4
    assert seen.painted["SideBySide"] == 0 and seen.painted["inspector"] == 0 and seen.laid_out == 0
    assert layers.minimap.painted == minimaps and seen.painted["legend"] <= 4


class Seen(QObject):
    """Counts what Qt paints and lays out, by the names of widgets."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._timeline = window.timeline
        self.painted: Counter[str] = Counter()
        self.laid_out = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self.painted[watched.objectName() or type(watched).__name__] += 1
        self.laid_out += watched is self._timeline and event.type() == QEvent.Type.LayoutRequest
        return False

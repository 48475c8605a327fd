"""Stage: the presenter mode. A window of its own over the screen, so that the app's window is never touched by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFontMetrics, QGuiApplication, QKeyEvent, QMouseEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from ..style.theme import mono_font, ui_font
from .canvas import StageCanvas
from .controls import CONTROLS, ControlStrip
from .picture import StagePicture
from .sheet import PENS, Sheet
from .speeds import next_speed, speed_text
from .trying import TryBar

if TYPE_CHECKING:
    from ..bridge import Bridge

REST_MS = 2600  # of the mouse, until the controls go
TOLD_MS = 1800  # a short word in the corner
PAUSE_MS = 420  # between two steps that play by themselves
PHASES = ("forward", "backward", "update")


class Stage(QWidget):
    """The line that runs, the graph, and one sentence; keys for a clicker."""

    canvas: StageCanvas
    sheet: Sheet
    bar: TryBar
    playing: bool

    left = Signal()
    page_wanted = Signal(int)  # of an open lesson: 1 on, -1 back
    theme_wanted = Signal()

    def __init__(self, bridge: Bridge) -> None:
        super().__init__(None, Qt.WindowType.Window)
        self.setObjectName("stage")
        self.setWindowTitle("gradviz: presenting")
        self.setAccessibleName("Presentation")
        self.setMouseTracking(True)
        self.setAutoFillBackground(True)
        self.bridge = bridge
        self.canvas = StageCanvas(bridge)
        self.canvas.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.line = self._label("stage_line", "Line of the script")
        self.line.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # what is written must not widen the window
        self.words = self._label("stage_caption", "What happened")
        self.words.setWordWrap(True)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addWidget(self.line)
        rows.addWidget(self.canvas, 1)
        self.bar = TryBar(self.canvas, self)
        rows.addWidget(self.bar)
        rows.addWidget(self.words)
        self.sheet = Sheet(self.canvas, self)
        self.playing = False
        self.picture: StagePicture | None = None
        self.blank = QWidget(self)
        self.blank.setObjectName("stage_blank")
        self.blank.setAutoFillBackground(True)
        self.blank.hide()
        self.told = self._label("stage_told", "Short message")
        self.told.hide()
        self.strip = ControlStrip(self, self)
        self.strip.hide()
        self.extra_words = ""  # what a lesson says, in place of the caption
        self._timers()
        for widget in (self.canvas, self.line, self.words, self.bar):
            widget.setMouseTracking(True)
            widget.installEventFilter(self)
        for signal in (bridge.session_changed, bridge.position_changed, bridge.source_changed, bridge.recording_grew):
            signal.connect(self.refresh)
        bridge.theme_changed.connect(self.restyle)
        bridge.session_changed.connect(self.sheet.forget)  # strokes belong to a graph

    def _label(self, name: str, words: str) -> QLabel:
        label = QLabel(self)
        label.setObjectName(name)
        label.setAccessibleName(words)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setAlignment(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        return label

    def _timers(self) -> None:
        self._player, self._rest, self._untell = QTimer(self), QTimer(self), QTimer(self)
        for timer, slot in ((self._player, self._play_step), (self._rest, self.strip.hide), (self._untell, self.told.hide)):
            timer.setSingleShot(True)
            timer.timeout.connect(slot)

    # -- coming and going -----------------------------------------------------------------------------------

    def present(self, beside: QWidget, direction: str) -> None:
        """Cover the screen: the second one where there are two, as a beamer is."""
        here = beside.screen()
        others = [s for s in QGuiApplication.screens() if s is not here]
        self.setGeometry((others[0] if others else here).geometry())
        self.blank.hide()
        self.canvas.take(direction)
        self.refresh()
        self.showFullScreen()
        self.raise_()
        self.activateWindow()
        self.setFocus()
        self.restyle()
        self.canvas.fit_current()
        self._tell("Page Down: on   ·   B: blank   ·   Esc: back")

    def leave(self) -> None:
        """Back to the window."""
        if self.isVisible():
            self.stop_playing()
            self.sheet.set_pen_out(False)
            self.canvas.finish()
            self.extra_words = ""
            self.bar.offer(None)
            if self.picture is not None:
                self.picture.hide()
            self.hide()
            self.left.emit()

    def closeEvent(self, event: QEvent) -> None:
        self.leave()

    def next_screen(self) -> None:
        """To another screen."""
        screens = QGuiApplication.screens()
        if len(screens) < 2:
            self._tell("There is one screen only")
            return
        found = screens[(screens.index(self.screen()) + 1) % len(screens)]
        self.showNormal()
        self.setGeometry(found.geometry())
        self.showFullScreen()

    # -- what is shown ------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Line and sentence of this moment."""
        session, moment = self.bridge.session, self.canvas.moment
        moment = self.bridge.moment() if session is not None else moment
        if session is None or moment is None:
            self.line.setText("")
            self.words.setText("")
            return
        lines = (session.recording.source or self.bridge.source).splitlines()
        code = lines[moment.line - 1].strip() if 0 < moment.line <= len(lines) else ""
        event = session.event
        place = ""
        if event is not None:
            place = PHASES[int(event.phase)] if event.epoch < 0 else f"epoch {event.epoch}, {PHASES[int(event.phase)]}"
        self._line = (f"{moment.line}:  {code}" if code else "", place)
        self._show_line()
        self.words.setText(self.extra_words or self._sentence() or "Page Down: the first step")
        if self.picture is not None:
            self.picture.follow()

    _line = ("", "")

    def _show_line(self) -> None:
        code, place = self._line
        metrics = QFontMetrics(self.line.font())
        room = self.width() - 2 * self.canvas.sizes.text
        gap = metrics.horizontalAdvance(place) + metrics.horizontalAdvance("    ") if place else 0
        shown = metrics.elidedText(code, Qt.TextElideMode.ElideRight, max(0, room - gap))
        space = metrics.horizontalAdvance(" ")
        fill = max(2, (room - metrics.horizontalAdvance(shown) - metrics.horizontalAdvance(place)) // max(space, 1) - 1)
        self.line.setText(shown + (" " * fill + place if place else ""))

    def _sentence(self) -> str:
        session, moment = self.bridge.session, self.bridge.moment()
        if session is None or moment is None:
            return ""
        return session.part or moment.error or moment.caption

    def restyle(self) -> None:
        """Colours, and letters for this screen."""
        theme, size = self.canvas.look, self.canvas.sizes
        made = QPalette(self.palette())
        made.setColor(QPalette.ColorRole.Window, QColor(theme.window))
        self.setPalette(made)
        black = QPalette()
        black.setColor(QPalette.ColorRole.Window, QColor("#000000"))
        self.blank.setPalette(black)
        self.line.setFont(mono_font(size.text))
        self.words.setFont(ui_font(size.text, bold=True))
        self.told.setFont(ui_font(size.text, bold=True))
        side, pad = size.text // 2, size.text // 5
        self.line.setStyleSheet(f"background: {theme.surface}; color: {theme.text}; padding: {pad}px {side}px")
        self.words.setStyleSheet(f"background: {theme.surface}; color: {theme.text}; padding: {pad}px {side}px")
        self.told.setStyleSheet(f"background: {theme.raised}; color: {theme.text}; padding: {pad}px {side}px; border-radius: {pad}px")
        self.words.setMinimumHeight(2 * QFontMetrics(self.words.font()).lineSpacing() + 2 * pad + 4)
        self.strip.restyle()
        self.bar.restyle()
        self.canvas.repaint_all()
        rows = self.layout()
        if rows is not None:
            rows.activate()  # so that the graph is fitted to the room that the letters leave
        self._show_line()
        self._place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.restyle()

    def _place(self) -> None:
        """What lies over the rest."""
        whole = self.rect()
        self.sheet.setGeometry(whole)
        if self.picture is not None:
            self.picture.setGeometry(self.canvas.geometry())
        self.blank.setGeometry(whole)
        self.strip.adjustSize()
        self.strip.move((self.width() - self.strip.width()) // 2, self._foot - self.strip.height() - 12)
        self.told.adjustSize()
        above = self.strip.y() if self.strip.isVisible() else self._foot
        self.told.move(self.width() - self.told.width() - 20, above - self.told.height() - 16)

    @property
    def _foot(self) -> int:
        """Where the words begin, or what stands above them."""
        return self.bar.y() if self.bar.isVisible() else self.words.y()

    def _tell(self, text: str) -> None:
        self.told.setText(text)
        self._place()
        self.told.show()
        self.told.raise_()
        self._untell.start(TOLD_MS)

    # -- what keys and buttons do ---------------------------------------------------------------------------------

    def step(self, command: str) -> None:
        """Move the session by one of its commands."""
        session = self.bridge.session
        if session is None:
            return
        if self.blank.isVisible():
            self.toggle_blank()
        self.stop_playing()
        self.canvas.finish()
        self.extra_words = ""
        self.bridge.select(())
        self.bridge.move(getattr(session, command))

    def toggle_play(self) -> None:
        """Step by itself, or stop doing so."""
        self.playing = not self.playing
        self.extra_words = ""
        session = self.bridge.session
        if self.playing and session is not None and session.position >= session.length - 1:
            self.bridge.move(session.to_start)
        if self.playing:
            self._player.start(0)
        self.strip.restyle()
        self._place()

    def stop_playing(self) -> None:
        """Step no more by itself."""
        if self.playing:
            self.toggle_play()
        self._player.stop()

    def _play_step(self) -> None:
        session = self.bridge.session
        if not self.playing or session is None:
            return
        if self.canvas.is_animating():
            self._player.start(20)
            return
        before = (session.position, session.substep)
        self.bridge.move(session.step_into)
        if before == (session.position, session.substep):
            self.stop_playing()
        else:
            self._player.start(round(PAUSE_MS / self.canvas.speed) if self.canvas.speed > 0 else 0)

    def change_speed(self, faster: bool) -> None:
        """A rung of the ladder up or down."""
        self.canvas.set_speed(next_speed(self.canvas.speed, faster))
        self._tell(f"Speed {speed_text(self.canvas.speed)}")

    def toggle_whole(self) -> None:
        """The whole graph, or what the step is about."""
        self.canvas.set_whole(not self.canvas.whole)

    def toggle_ring(self) -> None:
        """The ring around the pointer."""
        self.sheet.set_ring(not self.sheet.ring_on)

    def toggle_pen(self) -> None:
        """Draw with the mouse, or point with it."""
        self.sheet.set_pen_out(not self.sheet.pen_out)
        self.strip.refresh()

    def next_pen(self) -> None:
        """Another colour."""
        self.sheet.pen = PENS[(PENS.index(self.sheet.pen) + 1) % len(PENS)]
        self.sheet.update()

    def hang(self, picture: StagePicture) -> None:
        """Take the picture that `next_picture` shows: below the glass, above the canvas."""
        self.picture = picture
        picture.setParent(self)
        picture.stackUnder(self.sheet)
        self._place()

    def next_picture(self) -> None:
        """A picture in place of the graph; after the last one the graph again."""
        if self.picture is not None:
            self._tell(self.picture.next_kind() or "The graph")

    @property
    def picture_shown(self) -> bool:
        """Whether a picture stands in place of the graph."""
        return self.picture is not None and self.picture.isVisible()

    def show_picture(self, *, wanted: bool) -> None:
        """The picture of the Pictures panel in place of the graph, or the graph."""
        if self.picture is not None and wanted != self.picture.isVisible():
            if wanted:
                self.picture.next_kind()
            else:
                self.picture.hide()

    def turn_page(self, delta: int) -> None:
        """Of an open lesson."""
        if self.blank.isVisible():
            self.toggle_blank()
        self.stop_playing()
        self.page_wanted.emit(delta)

    def say(self, words: str) -> None:
        """Words in place of the sentence, until the next step."""
        self.extra_words = words
        self.refresh()
        rows = self.layout()
        if rows is not None:
            rows.activate()  # the words may need more lines: the graph is put into the room that they leave
        self.canvas.look_there()
        self._place()

    def turn_knob(self, ways: int) -> None:
        """A knob of an open lesson's page, down or up."""
        if not self.bar.turn(ways):
            self._tell("This page has nothing to turn")

    def hint(self, words: str) -> None:
        """A short word in the corner."""
        self._tell(words)

    def turn_theme(self) -> None:
        """Dark or light, for the whole app."""
        self.theme_wanted.emit()

    def toggle_blank(self) -> None:
        """A black screen: the class looks at the teacher."""
        self.blank.setVisible(not self.blank.isVisible())
        if self.blank.isVisible():
            self.stop_playing()
            self.blank.raise_()
            self.strip.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if control and key == Qt.Key.Key_Z:
            self.sheet.undo()
            return
        found = next((c for c in CONTROLS if key in c.keys), None) if not control else None
        if found is None:
            super().keyPressEvent(event)
            return
        found.calls(self)
        self.strip.refresh()

    # -- the mouse ---------------------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kinds = (QEvent.Type.MouseMove, QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonRelease)
        if event.type() in kinds and isinstance(event, QMouseEvent) and isinstance(watched, QWidget):
            self.mouse_at(watched.mapTo(self, event.position().toPoint()), bool(event.buttons()))
        return False

    def mouse_at(self, at: QPoint, pressed: bool) -> None:
        """The mouse moves: the ring follows it, and the controls come where it is low enough."""
        self.sheet.point_at(at, pressed)
        wanted = QRect(0, self._foot - 2 * self.strip.height() - 24, self.width(), self.height())
        if wanted.contains(at) and not self.blank.isVisible():
            self.told.hide()
            self.strip.show()
            self._place()
            self.strip.raise_()
            self._rest.start(REST_MS)

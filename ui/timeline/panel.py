"""TimelinePanel: where in the recording we are, in a sentence and on a slider with lanes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from gradviz.recording.event import Phase

from ..style.theme import TITLE_PX, mono_font, ui_font
from .crumbs import Crumbs
from .line import Line
from .memory import MemoryButton
from .track import GUTTER, Track

if TYPE_CHECKING:
    from ..bridge import Bridge

WITH_MEMORY = 500  # pixels; below it the counter needs all the room
CAPTION_PX = (TITLE_PX, TITLE_PX - 1, TITLE_PX - 2, TITLE_PX - 3)
NARROW = 900  # pixels; below it the caption has a line of its own
LOW, HEAD_PX = 190, 28  # pixels of height; below it the frames around the cursor make room for the lanes, and then the counter's line
_EMPTY = "Nothing is recorded yet: run a script to get a timeline."
_START = "At the start. Step forward to run the first line."
_NO_EVENTS = "This run has no events: there is nothing to step through."


class TimelinePanel(QWidget):
    """The caption of the moment, the counter, the frames around the cursor, and the track."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("timeline")
        self.setAccessibleName("Timeline panel")
        self._bridge = bridge
        self.caption = Line(self)
        self.caption.setObjectName("timeline_caption")
        self.caption.setAccessibleName("What just happened")
        self.caption.setFont(ui_font(TITLE_PX))
        self.caption.setMinimumWidth(80)
        self.caption.setFixedHeight(self.caption.fontMetrics().height() + 2)  # of the largest letters
        self.caption.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.counter = Line(self)
        self.counter.setObjectName("timeline_counter")
        self.counter.setAccessibleName("Position")
        self.counter.setFont(mono_font())
        self.memory = MemoryButton(bridge, self)
        self.crumbs = Crumbs(bridge, self)
        self.track = Track(bridge, self)
        self.track.seeked.connect(bridge.press)
        self.track.scrubbed.connect(bridge.scrub)
        self._head = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._head.setContentsMargins(GUTTER - 54, 0, 8, 0)
        self._head.setSpacing(4)
        self._head.addWidget(self.caption, 1)
        head = QHBoxLayout()
        head.setSpacing(8)
        self._head.addLayout(head)
        head.addWidget(self.counter, 1)
        head.addWidget(self.memory)
        self.buttons: list[QToolButton] = []
        for text, name, tip in (
            ("−", "Zoom out", "Zoom out (-)"),
            ("+", "Zoom in", "Zoom in (+, or the wheel over the timeline)"),
            ("Fit", "Show all events", "Show all events (0)"),
        ):
            button = QToolButton(self)
            button.setText(text)
            button.setObjectName(f"timeline_{name.lower().replace(' ', '_')}")
            button.setAccessibleName(name)
            button.setToolTip(tip)
            button.setFixedHeight(24)
            button.setMinimumWidth(28)
            self.buttons.append(button)
            head.addWidget(button)
        out, into, fit = self.buttons
        out.clicked.connect(self._zoom_out)
        into.clicked.connect(self._zoom_in)
        fit.clicked.connect(self.track.fit)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(4, 6, 4, 4)
        rows.setSpacing(4)
        rows.addLayout(self._head)
        where = QHBoxLayout()
        where.setContentsMargins(GUTTER - 57, 0, 8, 0)
        where.addWidget(self.crumbs)
        rows.addLayout(where)
        rows.addWidget(self.track, 1)
        rows.addStretch(0)
        bridge.session_changed.connect(self._new_session)
        bridge.on_growth(self._grew)
        bridge.breakpoints_changed.connect(self._grew)
        bridge.position_changed.connect(self._moved)
        bridge.run_changed.connect(self._moved)  # a run that has ended without an event
        bridge.theme_changed.connect(self._restyle)
        self._text, self._counter = _EMPTY, ""
        self._restyle()
        if bridge.session is not None:
            self._new_session()

    def _zoom_in(self) -> None:
        self.track.zoom(0.5)

    def _zoom_out(self) -> None:
        self.track.zoom(2.0)

    def _restyle(self) -> None:
        theme = self._bridge.theme
        session = self._bridge.session
        failed = session is not None and session.position >= 0 and bool(session.moment().error)
        for label, colour in ((self.caption, theme.error if failed else theme.text), (self.counter, theme.muted)):
            label.set_colour(colour)

    def _new_session(self) -> None:
        session = self._bridge.session
        self.track.set_timeline(session.timeline() if session is not None else None, grew=False)
        self.counter.forget()
        self._moved()

    def _grew(self) -> None:
        session = self._bridge.session
        self.track.set_timeline(session.timeline() if session is not None else None, grew=True)
        self._moved()

    def _moved(self) -> None:
        session = self._bridge.session
        if session is None:
            self._say(_EMPTY, "")
            self.track.set_position(-1)
            self._restyle()
            return
        event = session.event
        counter = [f"event {session.position + 1:,} of {session.length:,}" if event is not None else f"start · {session.length:,} events"]
        if event is not None and event.epoch >= 0:
            counter.append(f"epoch {event.epoch}")
        if event is not None and event.phase == Phase.BACKWARD:
            counter.append(f"backward {event.pass_}")
        start = _START if session.length or self._bridge.running else _NO_EVENTS
        caption = session.part or session.moment().caption if event is not None else start  # of a derivation each click tells something
        self._say(caption, " · ".join(counter))
        self.track.set_position(session.position)
        self._restyle()

    def _say(self, caption: str, counter: str) -> None:
        self._text = caption
        self._counter = counter
        self.counter.setAccessibleDescription(counter)
        self.caption.setAccessibleDescription(caption)
        self._elide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Cut the caption where it ends; in a narrow panel it has a line of its own. In a low one the lanes come first."""
        super().resizeEvent(event)
        narrow = self.width() < NARROW
        missing = LOW - self.height() - (0 if narrow else HEAD_PX)
        self.crumbs.setVisible(missing <= 0)
        beside = not narrow or missing <= HEAD_PX
        self.memory.setVisible(beside and self.width() >= WITH_MEMORY)
        for widget in (self.counter, *self.buttons):
            widget.setVisible(beside)
        self._head.setDirection(QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight)
        self._elide()

    def _room_for_counter(self) -> int:
        """Pixels beside the memory and the buttons, where the counter has a line of its own."""
        if self.width() >= NARROW:
            return self.width()
        memory = self.memory.sizeHint().width() + 8 if self.width() >= WITH_MEMORY else 0
        return self.width() - memory - sum(button.sizeHint().width() + 8 for button in self.buttons) - GUTTER + 54 - 24

    def _elide(self) -> None:
        """One line: the canvas must not jump because a sentence is long. Letters get smaller first; the whole is in the tooltip."""
        layout = self.layout()
        if layout is not None:
            layout.activate()
        # Of the counter the last parts go first: the memory beside it is always to be read.
        parts, room = self._counter.split(" · "), self._room_for_counter()
        while len(parts) > 1 and self.counter.fontMetrics().horizontalAdvance(" · ".join(parts)) > room:
            parts.pop()
        self.counter.say(" · ".join(parts))
        self.counter.setToolTip(self._counter if len(parts) < len(self._counter.split(" · ")) else "")
        line = " ".join(self._text.split())
        wide = max(40, self.caption.width())
        px = next((px for px in CAPTION_PX if QFontMetrics(ui_font(px)).horizontalAdvance(line) <= wide), CAPTION_PX[-1])
        if self.caption.font().pixelSize() != px:
            self.caption.setFont(ui_font(px))
        shown = QFontMetrics(ui_font(px)).elidedText(line, Qt.TextElideMode.ElideRight, wide)
        self.caption.say(shown)
        self.caption.setToolTip(self._text if shown != line else "")

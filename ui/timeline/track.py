"""Track: the lanes, the marks and the handle; the slider over the whole recording."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ..pictures.heat import channels
from ..style.theme import SMALL_PX, Theme, ui_font
from .lanes import EVENT_PIXELS, LANES, Lanes, Window, word_of
from .signs import MARKS, paint_sign

if TYPE_CHECKING:
    from gradviz.debugger.answers import Timeline

    from ..bridge import Bridge

NAMES = ("forward", "backward", "update")
GUTTER = 66  # names of the lanes
_RIGHT = 14  # half a handle
_EPOCHS, _GAP, _RAIL = 18, 3, 22
_LANE, _HIGHEST_LANE = 14, 22
_REST = _EPOCHS + LANES * _GAP + MARKS + _RAIL
HEIGHT = _REST + LANES * _LANE
_HANDLE = 8.0
_APART = 5.0  # pixels between two signs; of a crowd the first stands for the others
_CROWDED = 7.0  # pixels between two ticks, below which only labelled ones are drawn
_FRAME = 0.016  # seconds; where a seek takes longer, the mouse is followed by the handle, and the rest comes when it can
_SIGNS = ("print", "zero_grad", "optimizer", "breakpoint", "error")  # later ones are drawn over earlier ones


class Track(QWidget):
    """Click or drag seeks; the wheel zooms at the mouse, Shift + wheel and the middle button pan.

    Left / Right go by one event, Page Up / Down by a twentieth, Home / End to the ends, + / - / 0 zoom.
    """

    seeked = Signal(int)
    scrubbed = Signal(int)  # on the way, while the mouse drags

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("timeline_track")
        self.setAccessibleName("Timeline")
        self._bridge = bridge
        self.lanes = Lanes(None)
        self.window_ = Window(0, 1)
        self.position = -1
        self._ground: QPixmap | None = None
        self._hover: float | None = None
        self._pan: float | None = None
        self.frame = _FRAME
        self._slow = False
        self._wanted: int | None = None  # where the mouse is, while the rest of the window is somewhere else
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)  # behind all moves of the mouse that are waiting: of those the last one counts
        self._soon.timeout.connect(self._catch_up)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMaximumHeight(_REST + LANES * _HIGHEST_LANE)
        bridge.theme_changed.connect(self.redraw)

    # Data.

    def set_timeline(self, timeline: Timeline | None, grew: bool) -> None:
        """Show another timeline; the zoom stays where the recording only grew."""
        whole = self.window_.span >= max(1, self.lanes.length)
        self.lanes = Lanes(timeline, self.lanes if grew else None)
        full = Window(0, max(1, self.lanes.length))
        self.window_ = self.window_.inside(self.lanes.length) if grew and not whole else full
        self.redraw()

    def set_position(self, position: int) -> None:
        """Put the handle on an event; a zoomed window follows."""
        self.position = position
        if position >= 0 and not self.window_.start <= position < self.window_.stop:
            self._set_window(self.window_.panned(position + 0.5 - (self.window_.start + self.window_.stop) / 2, self.lanes.length))
        elif position < 0 and self.window_.start > 0:
            self._set_window(self.window_.panned(-self.window_.start, self.lanes.length))
        self.setAccessibleDescription(f"event {position + 1} of {self.lanes.length}")
        self.update()

    def redraw(self) -> None:
        """Draw the unchanging part again."""
        self._ground = None
        self.update()

    def _set_window(self, window: Window) -> None:
        if window != self.window_:
            self.window_ = window
            self.redraw()

    def zoom(self, factor: float, x: float | None = None) -> None:
        """Show more (factor above 1) or fewer events, keeping the one at x (default: the handle) in place."""
        at = self.cursor_x() if x is None else x
        self._set_window(self.window_.zoomed(factor, min(max(at - GUTTER, 0.0), self.room), self.room, self.lanes.length))

    def fit(self) -> None:
        """Show all events."""
        self._set_window(Window(0, max(1, self.lanes.length)))

    # Geometry.

    @property
    def room(self) -> float:
        """The width of the lanes."""
        return max(1.0, self.width() - GUTTER - _RIGHT)

    def sizeHint(self) -> QSize:
        """As high as lanes, marks and rail."""
        return QSize(480, HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """Narrow docks still show the lanes."""
        return QSize(GUTTER + 80, HEIGHT)

    def x_of(self, event: int) -> float:
        """The middle of an event's column."""
        return GUTTER + self.window_.x_of(event + 0.5, self.room)

    def cursor_x(self) -> float:
        """Where the handle stands: before the first event it is at the left end."""
        return self.x_of(self.position) if self.position >= 0 else float(GUTTER)

    def event_at(self, x: float) -> int:
        """The event under a point; -1 left of the first."""
        return max(-1, min(self.window_.event_at(x - GUTTER, self.room), self.lanes.length - 1))

    @property
    def _lane(self) -> int:
        """The height of a lane: a higher dock has higher lanes."""
        return min(max((self.height() - _REST) // LANES, _LANE), _HIGHEST_LANE)

    def _lane_top(self, lane: int) -> int:
        return _EPOCHS + lane * (self._lane + _GAP)

    @property
    def _lanes_bottom(self) -> int:
        return self._lane_top(LANES) - _GAP

    # Painting.

    def paintEvent(self, event: QPaintEvent) -> None:
        """Hot path: each step and each mouse move while scrubbing, below 2 ms; the ground is a cached pixmap."""
        ratio = self.devicePixelRatioF()
        if self._ground is None or self._ground.size() != self.size() * ratio:
            self._ground = QPixmap(self.size() * ratio)
            self._ground.setDevicePixelRatio(ratio)
            self._ground.fill(Qt.GlobalColor.transparent)
            ground = QPainter(self._ground)
            ground.setRenderHint(QPainter.RenderHint.Antialiasing)
            ground.setClipRect(0, 0, self.width(), self.height() - _RAIL)  # in a low dock the lanes end above the rail
            self._paint_ground(ground, self._bridge.theme)
            ground.end()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawPixmap(0, 0, self._ground)
        self._paint_cursor(painter, self._bridge.theme)
        painter.end()

    def _paint_ground(self, painter: QPainter, theme: Theme) -> None:
        flags = Qt.AlignmentFlag
        for lane, name in enumerate(NAMES):
            box = QRectF(GUTTER, self._lane_top(lane), self.room, self._lane)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.raised))
            painter.drawRoundedRect(box, 3, 3)
            painter.setFont(ui_font(SMALL_PX))
            painter.setPen(QColor(theme.lanes[lane]))
            painter.drawText(QRectF(0, box.top(), GUTTER - 8, self._lane), flags.AlignRight | flags.AlignVCenter, name)
        if not self.lanes.length:
            return
        painter.save()
        painter.setClipRect(QRectF(GUTTER, 0, self.room + _RIGHT, self.height()), Qt.ClipOperation.IntersectClip)
        if self.window_.span <= self.room / 3:
            self._paint_events(painter, theme)
        else:
            self._paint_density(painter, theme)
        painter.restore()
        self._paint_times(painter, theme)
        painter.save()
        painter.setClipRect(QRectF(GUTTER, 0, self.room + _RIGHT, self.height()), Qt.ClipOperation.IntersectClip)
        for kind in _SIGNS:
            for x, _ in self.lanes.in_view(kind, self.window_, self.room, _APART):
                paint_sign(painter, theme, kind, GUTTER + x + self.room / self.window_.span / 2, _EPOCHS, self._lanes_bottom)
        painter.restore()

    def _paint_events(self, painter: QPainter, theme: Theme) -> None:
        """A block for each event."""
        step = self.room / self.window_.span
        gap = 1.0 if step >= 4 else 0.5
        painter.setPen(Qt.PenStyle.NoPen)
        for event in self.lanes.events(self.window_):
            lane = int(self.lanes.phases[event])
            painter.setBrush(QColor(theme.lanes[lane]))
            x = GUTTER + self.window_.x_of(event, self.room)
            box = QRectF(x + gap / 2, self._lane_top(lane), max(1.0, step - gap), self._lane)
            painter.drawRoundedRect(box, 2, 2)
            if step >= EVENT_PIXELS:
                self._paint_word(painter, theme, event, box)

    def _paint_word(self, painter: QPainter, theme: Theme, event: int, box: QRectF) -> None:
        """What the event is, where there is room for a word."""
        session = self._bridge.session
        if session is None or event >= session.length:
            return
        painter.setFont(ui_font(SMALL_PX))
        word = painter.fontMetrics().elidedText(word_of(session, event), Qt.TextElideMode.ElideRight, int(box.width()) - 6)
        painter.setPen(QColor(theme.window if theme.dark else theme.surface))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, word)
        painter.setPen(Qt.PenStyle.NoPen)

    def _paint_density(self, painter: QPainter, theme: Theme) -> None:
        """A pixel column for many events: the more of them are of the lane, the stronger its colour."""
        columns = max(1, round(self.room * self.devicePixelRatioF()))
        density = self.lanes.density(self.window_, columns)
        alpha = np.where(density > 0, 70 + 185 * np.sqrt(density), 0).astype(np.uint32)
        for lane in range(LANES):
            red, green, blue = channels(theme.lanes[lane])
            packed = np.ascontiguousarray(alpha[lane] << np.uint32(24) | np.uint32(red << 16 | green << 8 | blue)).reshape(1, -1)
            image = QImage(packed.data, columns, 1, columns * 4, QImage.Format.Format_ARGB32)
            painter.drawImage(QRectF(GUTTER, self._lane_top(lane), self.room, self._lane), image)

    def _paint_times(self, painter: QPainter, theme: Theme) -> None:
        """Ticks where epochs and steps begin; labels of epochs first, of steps where there is room for them, too."""
        painter.setFont(ui_font(SMALL_PX))
        metrics = QFontMetricsF(painter.font())
        epochs, steps = (self.lanes.in_view(kind, self.window_, self.room) for kind in ("epoch", "step"))
        level = self.lanes.level(self.window_, self.room)
        painter.setPen(QColor(theme.muted))
        flags = Qt.AlignmentFlag
        painter.drawText(QRectF(0, 0, GUTTER - 8, _EPOCHS - 3), flags.AlignRight | flags.AlignVCenter, level)
        taken = {event for _, event in epochs}
        steps = [(x, event) for x, event in steps if event not in taken]
        if len(steps) * _CROWDED < self.room:
            painter.setPen(QPen(QColor(theme.border), 1))
            for x, _ in steps:
                painter.drawLine(QPointF(GUTTER + x, _EPOCHS - 4), QPointF(GUTTER + x, self._lanes_bottom))
        spans = self._paint_epochs(painter, theme, metrics, epochs)
        if level == "epochs":
            return
        painter.setPen(QColor(theme.muted))
        free = self._paint_around(painter, metrics, min((x for x, _ in [*steps, *epochs]), default=self.room))
        for x, event in steps:
            left = GUTTER + x + 4
            if left < free:
                continue
            label = self.lanes.label("step", event)
            width = metrics.horizontalAdvance(label)
            if any(left < stop and left + width > start for start, stop in spans) or left + width > self.width():
                continue
            painter.drawText(QRectF(left, 0, width + 2, _EPOCHS - 3), Qt.AlignmentFlag.AlignVCenter, label)
            free = left + width + 12

    def _paint_around(self, painter: QPainter, metrics: QFontMetricsF, room: float) -> float:
        """At the left the epoch and step that began before, where there is room up to the first mark; where that ends."""
        words = self.lanes.around(self.window_)
        width = metrics.horizontalAdvance(words)
        if not words or width + 16 > room:
            return float(GUTTER)
        painter.drawText(QRectF(GUTTER + 4, 0, width + 2, _EPOCHS - 3), Qt.AlignmentFlag.AlignVCenter, words)
        return GUTTER + width + 16

    def _paint_epochs(
        self, painter: QPainter, theme: Theme, metrics: QFontMetricsF, epochs: list[tuple[float, int]]
    ) -> list[tuple[float, float]]:
        """Ticks and labels of epochs; where the labels stand."""
        spans: list[tuple[float, float]] = []
        free, crowded = float(GUTTER), len(epochs) * _CROWDED >= self.room
        ends = [GUTTER + x for x, _ in epochs[1:]] + [float(self.width())]
        # Of neighbours that stand close the number says enough, and all look alike. (Without epochs one end is left.)
        told = [self.lanes.label("epoch", event) for _, event in epochs]
        fits = (GUTTER + x + 4 + metrics.horizontalAdvance(words) <= end for (x, _), words, end in zip(epochs, told, ends, strict=False))
        close = not crowded and not all(fits)
        for (x, _), words in zip(epochs, told, strict=True):
            left, label = GUTTER + x + 4, words.rsplit(" ", 1)[-1] if close else words
            width = metrics.horizontalAdvance(label)
            labelled = left >= free and left + width <= self.width()
            if labelled:
                painter.setPen(QColor(theme.text))
                painter.drawText(QRectF(left, 0, width + 2, _EPOCHS - 3), Qt.AlignmentFlag.AlignVCenter, label)
                free = left + width + (12 if crowded else 4)
                spans.append((left - 8, free))
            if labelled or not crowded:
                painter.setPen(QPen(QColor(theme.muted), 1))
                top = 2 if labelled else _EPOCHS - 3  # a line through a label could not be read
                painter.drawLine(QPointF(GUTTER + x, top), QPointF(GUTTER + x, _EPOCHS - 1 if crowded else self._lanes_bottom))
        return spans

    def _paint_cursor(self, painter: QPainter, theme: Theme) -> None:
        """The rail, filled up to now, and its handle with the line through the lanes."""
        rail = QRectF(GUTTER, self.height() - _RAIL / 2 - 2.5, self.room, 4)
        x = min(max(self.cursor_x(), float(GUTTER)), GUTTER + self.room)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.border))
        painter.drawRoundedRect(rail, 2, 2)
        if not self.lanes.length:
            return
        painter.setBrush(QColor(theme.selection))
        painter.drawRoundedRect(QRectF(rail.left(), rail.top(), x - rail.left(), rail.height()), 2, 2)
        if self._hover is not None:
            painter.setPen(QPen(QColor(theme.muted), 1, Qt.PenStyle.DotLine))
            painter.drawLine(QPointF(self._hover, 2), QPointF(self._hover, self._lanes_bottom + 2))
        painter.setPen(QPen(QColor(theme.current), 2))
        painter.drawLine(QPointF(x, 2), QPointF(x, rail.top()))
        painter.setPen(QPen(QColor(theme.selection if self.hasFocus() else theme.surface), 3 if self.hasFocus() else 2))
        painter.setBrush(QColor(theme.current))
        painter.drawEllipse(QPointF(x, rail.center().y()), _HANDLE, _HANDLE)

    # Mouse.

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Left seeks and begins to scrub, middle begins to pan."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.seeked.emit(self.event_at(event.position().x()))
        elif event.button() == Qt.MouseButton.MiddleButton:
            self._pan = event.position().x()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Scrub, pan or hover."""
        x = event.position().x()
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._scrub(self.event_at(x))
        elif self._pan is not None:
            self._set_window(self.window_.panned((self._pan - x) / self.room * self.window_.span, self.lanes.length))
            self._pan = x
        self._hover = x if GUTTER <= x <= GUTTER + self.room else None
        self.update()

    def _scrub(self, event: int) -> None:
        """Hot path: each move of the mouse. The handle goes there at once."""
        if self._slow:
            self._wanted, self.position = event, event
            self.update()
            self._soon.start()
        else:
            self._seek(event)

    def _seek(self, event: int) -> None:
        begun = perf_counter()
        self.scrubbed.emit(event)
        self._slow = perf_counter() - begun > self.frame

    def _catch_up(self) -> None:
        wanted, self._wanted = self._wanted, None
        if wanted is not None:
            self._seek(wanted)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End of a pan, or of scrubbing."""
        self._catch_up()
        self._pan = None
        self.unsetCursor()

    def leaveEvent(self, event: QEvent) -> None:
        """The hover line goes with the mouse."""
        self._hover = None
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom at the mouse; with Shift or sideways: pan."""
        delta, sideways = event.angleDelta().y(), event.angleDelta().x()
        if sideways or event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._set_window(self.window_.panned(-(sideways or delta) / 960 * self.window_.span, self.lanes.length))
        elif delta:
            self.zoom(0.8 ** (delta / 120), event.position().x())
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A slider's keys."""
        page = max(1, round(self.window_.span / 20))
        moves = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_PageUp: -page, Qt.Key.Key_PageDown: page}
        zooms = {Qt.Key.Key_Plus: 0.5, Qt.Key.Key_Equal: 0.5, Qt.Key.Key_Minus: 2.0}
        key = Qt.Key(event.key())
        if key in moves:
            self.seeked.emit(max(-1, min(self.position + moves[key], self.lanes.length - 1)))
        elif key == Qt.Key.Key_Home:
            self.seeked.emit(-1)
        elif key == Qt.Key.Key_End:
            self.seeked.emit(self.lanes.length - 1)
        elif key in zooms:
            self.zoom(zooms[key])
        elif key == Qt.Key.Key_0:
            self.fit()
        else:
            super().keyPressEvent(event)

    # Tooltip.

    def tip(self, x: float, y: float) -> str:
        """What the tooltip says at a point: the sign there, else the caption of the event."""
        event = self.event_at(x)
        session = self._bridge.session
        if session is None or event < 0 or x < GUTTER:
            return ""
        if y > self._lanes_bottom:
            for kind in reversed(_SIGNS):
                for at, marked in self.lanes.in_view(kind, self.window_, self.room):
                    if abs(GUTTER + at + self.room / self.window_.span / 2 - x) <= 5:
                        return f"{self.lanes.label(kind, marked)}\nevent {marked + 1}"
        from gradviz.debugger.words.captions import caption

        return f"event {event + 1} · {NAMES[int(self.lanes.phases[event])]}\n{caption(session.trace, session.recording.event(event))}"

    def event(self, event: QEvent) -> bool:
        """Show the tooltip."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            text = self.tip(event.pos().x(), event.pos().y())
            if text:
                QToolTip.showText(event.globalPos(), text, self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)

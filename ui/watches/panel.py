"""WatchesPanel: expressions with their value at this moment and a sparkline over the recording."""

from __future__ import annotations

import math
from html import escape
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QScrollArea, QVBoxLayout, QWidget

from gradviz.debugger.watch import GRAMMAR, Expression, Histogram, History, Names, WatchProblem, evaluate, history, parse
from gradviz.debugger.watch.evaluate import POINTS
from gradviz.debugger.watch.values import real

from ..pictures.numbers import short
from ..style.theme import mono_font

if TYPE_CHECKING:
    from gradviz.debugger.session import Session

    from ..bridge import Bridge

_HINT = "Watch an expression: norm(w.grad), loss, delta(w), upstream(h), local(h), hist(w.grad)"
_WRITTEN = f"<pre>{escape(GRAMMAR)}</pre>"
_BLOCKS = " ▁▂▃▄▅▆▇█"
_FEW_BINS = 12
_SHARE = 10  # times as long as they took, till the watches of a run that goes on are worked out again
_MARKS = 3.0  # pixels between two marks of a change
_MOST_SHOWN = 6  # numbers of an array that are written out


def words_of(value: Any) -> str:
    """A value in a few words."""
    if value is None or isinstance(value, (bool, np.bool_, str)):
        return str(value)
    if isinstance(value, Histogram):
        return _bars(value)
    array = np.asarray(value)
    if array.dtype.kind == "b":
        return str(array.tolist())
    if array.dtype.kind == "c" and array.size <= _MOST_SHOWN:
        return np.array2string(array, precision=4, separator=", ")
    if array.size == 1:
        return short(float(array.reshape(-1)[0]))
    if array.size <= _MOST_SHOWN:
        return "[" + ", ".join(short(float(v)) for v in array.reshape(-1)) + "]"
    return f"{'x'.join(map(str, array.shape))}, norm {short(float(np.linalg.norm(real(array))))}"


def _bars(found: Histogram) -> str:
    """A histogram as a row of blocks between its ends."""
    counts = found.over(found.low, found.high, _FEW_BINS)
    top = max(counts) or 1
    blocks = "".join(_BLOCKS[math.ceil(count / top * (len(_BLOCKS) - 1))] for count in counts)
    rest = f" and {found.left_out} nan or inf" if found.left_out else ""
    return f"{short(found.low)} {blocks} {short(found.high)}{rest}"


class Sparkline(QWidget):
    """A watch over time, with a mark below for each change; a click goes to the change beside the mouse."""

    seeked = Signal(int)

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.history = History((), ())
        self.setMinimumSize(120, 30)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        return QSize(260, 34)

    def set_history(self, found: History) -> None:
        """Show another curve."""
        self.history = found
        finite = [v for v in found.values if math.isfinite(v)]
        ends = f" from {short(finite[0])} to {short(finite[-1])}, least {short(min(finite))}, most {short(max(finite))}" if finite else ""
        self.setAccessibleName(f"History{ends}")
        self.setToolTip(f"{sum(found.changed)} changes{ends}" if len(found.events) < POINTS else f"{POINTS} of its moments{ends}")
        self.update()

    def _x(self, event: float) -> float:
        session = self._bridge.session
        return 4 + (self.width() - 8) * (event + 0.5) / max(1, session.length if session is not None else 1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        changes = [e for e, changed in zip(self.history.events, self.history.changed, strict=True) if changed] or self.history.events
        if changes:
            xs = np.array([self._x(e) for e in changes])
            self.seeked.emit(changes[int(np.abs(xs - event.position().x()).argmin())])

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, p = self._bridge.theme, QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.fillRect(self.rect(), QColor(theme.raised))
        if self.history.bands:
            self._paint_bands(p)
        else:
            self._paint_curve(p)
        p.setPen(QPen(QColor(theme.muted), 1))
        last = -_MARKS
        for at, changed in zip(self.history.events, self.history.changed, strict=True):
            x = self._x(at)
            if changed and x - last >= _MARKS:
                p.drawLine(QPointF(x, self.height() - 3.5), QPointF(x, self.height() - 0.5))
                last = x
        session = self._bridge.session
        if session is not None and session.position >= 0:
            p.setPen(QPen(QColor(theme.current), 1.5))
            x = self._x(session.position)
            p.drawLine(QPointF(x, 0), QPointF(x, self.height()))
        p.end()

    def _paint_curve(self, p: QPainter) -> None:
        """Steps: it keeps its value until it changes."""
        values = [v for v in self.history.values if math.isfinite(v)]
        if values:
            low, high = min(values), max(values)
            span = (high - low) or 1.0
            room = QRectF(self.rect()).adjusted(4, 4, -4, -6)
            points: list[QPointF] = []
            runs: list[list[QPointF]] = []
            for at, value in zip(self.history.events, self.history.values, strict=True):
                if math.isfinite(value):
                    y = room.bottom() - (value - low) / span * room.height() if high > low else room.center().y()
                    if points:
                        points.append(QPointF(self._x(at), points[-1].y()))  # it keeps its value until it changes
                    points.append(QPointF(self._x(at), y))
                elif points:
                    points.append(QPointF(self._x(at), points[-1].y()))
                    runs.append(points)
                    points = []
            if points and self._bridge.session is not None:
                points.append(QPointF(self._x(self._bridge.session.length - 1), points[-1].y()))
            runs.append(points)
            p.setPen(QPen(QColor(self._bridge.theme.value), 1.5))
            for run in runs:
                p.drawPolyline(QPolygonF(run))
                if len(run) == 1:
                    p.drawPoint(run[0])

    def _paint_bands(self, p: QPainter) -> None:
        """A histogram over time: a column for each moment, the more of the numbers in a bin the stronger its colour."""
        length = self._bridge.session.length if self._bridge.session is not None else 0
        stops = [*self.history.events[1:], length]
        room = QRectF(self.rect()).adjusted(4, 3, -4, -6)
        colour = QColor(self._bridge.theme.value)
        for at, stop, counts in zip(self.history.events, stops, self.history.bands, strict=True):
            left, right, top = self._x(at), self._x(stop), max(counts, default=0)
            for k, count in enumerate(counts):
                if count:
                    high = room.height() / len(counts)
                    colour.setAlphaF(0.15 + 0.85 * math.sqrt(count / top))
                    p.fillRect(QRectF(left, room.bottom() - (k + 1) * high, max(right - left, 1.0), high), colour)


class _Value(QLabel):
    """A value on one line: cut off with a sign where there is no room for it; the whole is in its tooltip."""

    cut = Qt.TextElideMode.ElideRight  # which end goes

    def paintEvent(self, event: QPaintEvent) -> None:
        """As any label, where it fits."""
        room = self.contentsRect()
        if self.fontMetrics().horizontalAdvance(self.text()) <= room.width():
            super().paintEvent(event)
            return
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        shown = self.fontMetrics().elidedText(self.text(), self.cut, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
        painter.end()


class WatchRow(QWidget):
    """One expression: its text can be changed in place; what is wrong with it is underlined and explained."""

    changed = Signal()
    removed = Signal(object)

    def __init__(self, bridge: Bridge, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.expression: Expression | None = None
        self.line = QLineEdit(text, self)
        self.line.setCursorPosition(0)  # a long expression is read from its beginning
        self.line.setFont(mono_font())
        self.line.setAccessibleName("Watched expression")
        self.line.setMinimumWidth(120)
        self.value = _Value(self)
        self.value.setFont(mono_font())
        self.value.setMinimumWidth(110)
        self.value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.value.setAccessibleName("Value at this moment")
        self.spark = Sparkline(bridge, self)
        self.spark.seeked.connect(bridge.seek)
        drop = QPushButton("✕", self)
        drop.setFlat(True)
        drop.setFixedWidth(28)
        drop.setAccessibleName("Remove this watch")
        drop.clicked.connect(lambda: self.removed.emit(self))
        self.problem = QLabel(self)  # in full, below: there is no room for a sentence beside the curve
        self.problem.setWordWrap(True)
        self.problem.setVisible(False)
        self.problem.setAccessibleName("What is wrong with it")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        row = QHBoxLayout()
        column.addLayout(row)
        column.addWidget(self.problem)
        row.addWidget(self.line, 3)
        row.addWidget(self.value, 2)
        row.addWidget(self.spark, 4)
        row.addWidget(drop)
        self.line.editingFinished.connect(self._parse)
        self._parse()

    def _parse(self) -> None:
        try:
            self.expression = parse(self.line.text())
            self._say("", "")
        except WatchProblem as problem:
            self.expression = None
            self._say("", str(problem))
        self.changed.emit()

    def _say(self, text: str, problem: str) -> None:
        """The value, or why there is none: what makes no sense is underlined, what never has a value is explained below."""
        theme = self._bridge.theme
        wrong = bool(problem) and self.expression is None
        below = wrong or (bool(problem) and not any(self.spark.history.changed))
        self.value.setText("" if below else problem or text)
        self.value.cut = Qt.TextElideMode.ElideLeft if problem else Qt.TextElideMode.ElideRight  # the name stands beside it
        self.value.setToolTip(problem or text)
        self.value.setStyleSheet(f"color: {theme.muted if problem else theme.value}")
        self.problem.setText(problem if below else "")
        self.problem.setVisible(below)
        self.problem.setStyleSheet(f"color: {theme.error if wrong else theme.muted}")
        self.line.setStyleSheet(f"border: none; border-bottom: 2px solid {theme.error};" if wrong else "")
        self._fit()

    def _fit(self) -> None:
        """Say how high it is: where one row wraps its words, Qt gives the others less than they need."""
        below = self.problem.heightForWidth(max(self.width(), 200)) + 2 if self.problem.text() else 0
        self.setFixedHeight(max(self.line.sizeHint().height(), self.spark.minimumHeight()) + below)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Other words may fit on a line."""
        super().resizeEvent(event)
        self._fit()

    def show_moment(self, names: Names | None) -> None:
        """The value at the session's position."""
        session = self._bridge.session
        if session is None or self.expression is None:
            return
        try:
            self._say(words_of(evaluate(session, self.expression, session.position, names)), "")
        except WatchProblem as problem:
            self._say("", str(problem))
        self.spark.update()

    def show_history(self, names: Names | None) -> None:
        """The curve over the whole recording."""
        session = self._bridge.session
        known = session is not None and self.expression is not None
        self.spark.set_history(history(session, self.expression, names) if known else History((), ()))  # type: ignore[arg-type]


class WatchesPanel(QWidget):
    """The list of watches, and a line for a new one."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("watches")
        self.setAccessibleName("Watches")
        self._bridge = bridge
        self._names: Names | None = None
        self._named: Session | None = None  # the one that has these names
        self._stale = True
        self._waiting: list[WatchRow] = []
        self._not_before = 0.0
        self._turn = QTimer(self)
        self._turn.setInterval(0)
        self._turn.timeout.connect(self._one)
        self.rows: list[WatchRow] = []
        self.new = QLineEdit(self)
        self.new.setPlaceholderText(_HINT)
        self.new.setFont(mono_font())
        self.new.setAccessibleName("New watch")
        self.new.setToolTip(_WRITTEN)
        self.new.returnPressed.connect(self._add_typed)
        self.problem = QLabel(self)
        self.problem.setWordWrap(True)
        self.problem.setVisible(False)
        self.problem.setAccessibleName("What is wrong with the new watch")
        inside = QWidget(self)
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(8, 2, 8, 6)
        self._column.setSpacing(4)
        self._column.addStretch(1)
        area = QScrollArea(self)
        area.setAccessibleName("Watches")
        area.setWidgetResizable(True)
        area.setWidget(inside)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        head = QVBoxLayout()  # above the list: it stays in reach however many watches there are
        head.setContentsMargins(8, 6, 8, 2)
        head.addWidget(self.new)
        head.addWidget(self.problem)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(area)
        self._area = area
        self._newest: WatchRow | None = None
        area.verticalScrollBar().rangeChanged.connect(self._bring_newest)
        bridge.session_changed.connect(self._fresh)
        bridge.on_growth(self._grew)
        bridge.run_changed.connect(self._run_changed)
        bridge.on_rest(self._moved)
        bridge.theme_changed.connect(self._fresh)

    def add(self, text: str) -> WatchRow:
        """Watch an expression."""
        row = WatchRow(self._bridge, text, self)
        row.changed.connect(self._fresh)
        row.removed.connect(self._remove)
        self.rows.append(row)
        self._column.insertWidget(len(self.rows) - 1, row)
        self._fresh()
        return row

    def _add_typed(self) -> None:
        text = self.new.text()
        try:
            parse(text)
        except WatchProblem as problem:
            self._tell(problem)
            self.new.setSelection(problem.start, max(problem.stop - problem.start, 1))
            self.new.setStyleSheet(f"border: none; border-bottom: 2px solid {self._bridge.theme.error};")
            return
        self.new.setStyleSheet("")
        self._tell(None)
        self.new.clear()
        self._newest = self.add(text)

    def _bring_newest(self) -> None:
        """The list is as long as it is going to be with the new watch: into sight with it."""
        newest, self._newest = self._newest, None
        if newest is not None:
            self._area.ensureWidgetVisible(newest, 0, 8)

    def _tell(self, problem: WatchProblem | None) -> None:
        """Under the line what is wrong with it."""
        self.new.setToolTip(str(problem or _WRITTEN))
        self.problem.setText(str(problem or ""))
        self.problem.setVisible(problem is not None)
        self.problem.setStyleSheet(f"color: {self._bridge.theme.error}")

    def _remove(self, row: WatchRow) -> None:
        self.rows.remove(row)
        self._column.removeWidget(row)
        row.deleteLater()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._stale:
            self._fresh()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete and isinstance(self.focusWidget(), QLineEdit) is False and self.rows:
            self._remove(self.rows[-1])
        else:
            super().keyPressEvent(event)

    def _fresh(self) -> None:
        """The recording is another or longer: names, curves and values again, a row in each turn of the event loop.

        A hidden panel waits.
        """
        self._stale = not self.isVisible()
        session = self._bridge.session
        if self._stale or not self.rows:
            return
        if session is None:
            self._names = None
        elif self._names is None or self._named is not session:
            self._names = Names(session)
        else:
            self._names.grow(session)
        self._named = session
        self._waiting = list(self.rows)
        self._turn.start()
        self._one()
        self._moved()

    def _grew(self) -> None:
        """While a run goes on the watches take a tenth of the time: the run waits for those who read it."""
        if not self._bridge.running or perf_counter() >= self._not_before:
            self._fresh()
        else:
            self._stale = True

    def _run_changed(self) -> None:
        if not self._bridge.running and self._stale:
            self._fresh()

    def _one(self) -> None:
        """The curve of the next row that waits."""
        row = self._waiting.pop(0) if self._waiting else None
        if not self._waiting:
            self._turn.stop()
        if row is None or row not in self.rows:
            return
        begun = perf_counter()
        row.show_history(self._names)
        row.show_moment(self._names)
        took = perf_counter() - begun
        self._not_before = perf_counter() + _SHARE * took * len(self.rows)

    def _moved(self) -> None:
        if not self.isVisible():
            self._stale = True
            return
        for row in self.rows:
            row.show_moment(self._names)

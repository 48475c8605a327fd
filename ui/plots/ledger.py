"""LedgerView: what stands in a leaf's `.grad` at the end of each epoch, stacked by the backward pass that brought it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ..pictures.heat import blend
from ..pictures.numbers import short
from ..style.theme import SMALL_PX, Theme, mono_font, ui_font

if TYPE_CHECKING:
    from gradviz.debugger.answers import Contribution, Ledger, LedgerRow

    from ..bridge import Bridge

_HEAD, _FOOT, _LEFT, _RIGHT = 34, 34, 12, 12
_WIDEST, _NARROWEST, _APART = 120.0, 44.0, 8.0  # a bar with its gaps; the gap between the words of two
_NUMBER_PX = 12
_MOST_PARTS = 24  # older contributions of a bar are drawn as one: they could not be told apart


class Part(NamedTuple):
    """A piece of a bar: from `low` to `high` on the axis."""

    event: int
    pass_: int
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Bar:
    """One row as it is drawn."""

    row: LedgerRow
    begins: int  # the event of its first own write; before it the whole bar is still to come
    parts: tuple[Part, ...]
    level: float  # what `.grad` came to: its element or its norm
    label: str


class Bars:
    """The rows of a ledger in one unit: each element where all elements are equal, else norms."""

    def __init__(self, ledger: Ledger, elements: int) -> None:
        self.uniform = elements > 0 and all(
            _uniform(part, elements) for part in {part.event: part for row in ledger.rows for part in row.parts}.values()
        )
        self._elements = elements
        befores = (-1, *(row.event for row in ledger.rows))
        self.bars = tuple(self._bar(row, before) for row, before in zip(ledger.rows, befores, strict=False))
        self.top = max((part.high for bar in self.bars for part in bar.parts), default=0.0)
        self.bottom = min((part.low for bar in self.bars for part in bar.parts), default=0.0)

    def _bar(self, row: LedgerRow, before: int) -> Bar:
        """Positive contributions stack upwards from zero, negative ones downwards."""
        up = down = total = 0.0
        parts = []
        for part in self._merged(row.parts):
            size = part.total / self._elements if self.uniform else part.norm
            total += size
            size = size if math.isfinite(size) else 0.0  # of the height; the number above the bar says what it is
            if size >= 0:
                parts.append(Part(part.event, part.pass_, up, up + size))
                up += size
            else:
                parts.append(Part(part.event, part.pass_, down + size, down))
                down += size
        begins = min((part.event for part in row.parts if part.event > before), default=row.event)
        return Bar(row, begins, tuple(parts), total, short(_rounded(total)) if parts else "None" if row.none else "0")

    def _merged(self, parts: tuple[Contribution, ...]) -> tuple[Contribution, ...]:
        if len(parts) <= _MOST_PARTS:
            return parts
        from dataclasses import replace

        old, new = parts[: -_MOST_PARTS + 1], parts[-_MOST_PARTS + 1 :]
        return (replace(old[-1], norm=sum(p.norm for p in old), total=sum(p.total for p in old)), *new)


def _uniform(part: Contribution, elements: int) -> bool:
    """Whether all elements are equal: exactly then |sum| is norm times the root of their number (Cauchy-Schwarz)."""
    return math.isclose(abs(part.total), part.norm * math.sqrt(elements), rel_tol=1e-5, abs_tol=1e-12)


def _rounded(value: float) -> float:
    """Without the last digits of a float32 sum: 2.9999999 is 3."""
    return float(f"{value:.6g}")


class LedgerView(QWidget):
    """Bars that fill while stepping: what has not happened yet is faint, what was zeroed is hatched.

    A click on a part goes to its event; the wheel and Left / Right look at other epochs.
    """

    seeked = Signal(int)

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("ledger")
        self.setAccessibleName("Ledger of .grad")
        self._bridge = bridge
        self.name = ""
        self.bars: tuple[Bar, ...] = ()
        self._made: Bars | None = None
        self._made_of: tuple[str, tuple[LedgerRow, ...], int] = ("", (), 0)
        self.uniform = True
        self._top = self._bottom = 0.0
        self._first = 0
        self._widest_word = 0.0
        self._elsewhere = 0
        self._position = -1
        self.norms: dict[int, float] = {}  # event -> norm of `.grad` after it
        self.setMinimumSize(180, 120)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        bridge.theme_changed.connect(self.update)

    def set_ledger(self, ledger: Ledger | None, elements: int, norms: dict[int, float]) -> None:
        """Show another ledger; `elements` is the leaf's size, `norms` the norm of `.grad` after each write."""
        same = ledger is not None and self._made is not None and (ledger.name, ledger.rows, elements) == self._made_of
        made = self._made if same else Bars(ledger, elements) if ledger is not None else None
        self._made, self._made_of = made, (ledger.name, ledger.rows, elements) if ledger is not None else ("", (), 0)
        changed = ledger is None or ledger.name != self.name
        self.name = ledger.name if ledger is not None else ""
        self.bars = made.bars if made is not None else ()
        self._elsewhere = ledger.before + ledger.after if ledger is not None else 0
        self.uniform = made.uniform if made is not None else True
        self._top, self._bottom = (made.top, made.bottom) if made is not None else (0.0, 0.0)
        self.norms = norms
        if not same:
            foot, number = QFontMetricsF(ui_font(SMALL_PX, bold=True)), QFontMetricsF(mono_font(_NUMBER_PX))
            words = [(foot, bar.row.label) for bar in self.bars] + [(number, self.label(bar)) for bar in self.bars if bar.parts]
            self._widest_word = max((letters.horizontalAdvance(text) for letters, text in words), default=0.0)
        self._first = 0 if changed else min(self._first, max(0, len(self.bars) - 1))
        told = "; ".join(f"{bar.row.label}: {self.label(bar)}{', cleared' if bar.row.cleared else ''}" for bar in self.bars[:32])
        self.setAccessibleDescription(told)
        self.set_position(self._position)

    def set_position(self, position: int) -> None:
        """Fill the bars as far as an event, and show the one that it belongs to."""
        self._position = position
        now = max(0, sum(bar.begins <= position for bar in self.bars) - 1)
        shown = self._shown()
        if now < self._first or now >= self._first + shown:
            self._look_at(now - shown // 2)
        self.update()

    def label(self, bar: Bar) -> str:
        """The number above a bar: the element where all are equal, else the norm of `.grad`."""
        if self.uniform or not bar.parts:
            return bar.label
        return short(_rounded(self._norm(bar)))

    def _norm(self, bar: Bar) -> float:
        """The norm of `.grad` after a bar's last contribution."""
        return self.norms.get(bar.row.parts[-1].event, bar.level)

    # Geometry.

    def sizeHint(self) -> QSize:
        """Room for six bars."""
        return QSize(380, 220)

    def _shown(self) -> int:
        """How many bars there is room for beside each other, with their words."""
        return max(1, int((self.width() - _LEFT - _RIGHT) // max(_NARROWEST, self._widest_word + _APART)))

    def _look_at(self, first: int) -> None:
        self._first = max(0, min(first, len(self.bars) - self._shown()))
        self.update()

    def visible_bars(self) -> tuple[tuple[Bar, QRectF], ...]:
        """The bars in view, each with its column."""
        bars = self.bars[self._first : self._first + self._shown()]
        pitch = min(_WIDEST, (self.width() - _LEFT - _RIGHT) / max(1, len(bars)))
        height = self.height() - _HEAD - _FOOT
        return tuple((bar, QRectF(_LEFT + (k + 0.14) * pitch, _HEAD, pitch * 0.72, height)) for k, bar in enumerate(bars))

    def part_rect(self, part: Part, column: QRectF) -> QRectF:
        """Where a part is drawn."""
        high, low = self._y(part.high, column), self._y(part.low, column)
        return QRectF(column.left(), high, column.width(), max(1.5, low - high))

    def _y(self, value: float, column: QRectF) -> float:
        span = self._top - self._bottom
        usable = column.height() - 36  # labels above and below
        return column.top() + 18 + (self._top - value) / span * usable if span > 0 else column.bottom() - 18

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is more room now, no bar stays out of sight."""
        super().resizeEvent(event)
        self._look_at(self._first)

    # Painting.

    def _title(self, period: str, letters: QFontMetricsF, room: float) -> str:
        """The longest title that fits; of a long name the middle goes."""
        name = f"{self.name}.grad"
        titles = (f"{name} after each {period}", f"{name}, each {period}", name)
        fits = next((title for title in titles if letters.horizontalAdvance(title) <= room), name)
        return letters.elidedText(fits, Qt.TextElideMode.ElideMiddle, room)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bars in view."""
        theme = self._bridge.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        flags = Qt.AlignmentFlag
        painter.setFont(ui_font(13, bold=True))
        painter.setPen(QColor(theme.text))
        period = "epoch" if self.bars and self.bars[-1].row.label.startswith("epoch") else "backward pass"
        if self.bars:
            title = self._title(period, QFontMetricsF(painter.font()), self.width() - 24)
            painter.drawText(QRectF(_LEFT, 4, self.width() - 24, 16), flags.AlignLeft | flags.AlignVCenter, title)
        painter.setFont(ui_font(SMALL_PX))
        painter.setPen(QColor(theme.muted))
        unit = "height: each element (all are equal)"
        if not self.uniform:
            unit = "height: norm of each contribution · number and line: norm of .grad"
        more = len(self.bars) - self._shown()
        if self._elsewhere:
            unit += f" · {self._elsewhere} writes of this run are before and after"
        if more > 0:  # first: what stands behind may be cut off
            unit = f"{self._first + 1}-{self._first + self._shown()} of {len(self.bars)} (wheel) · {unit}"
        if self.bars:
            text = QFontMetricsF(painter.font()).elidedText(unit, Qt.TextElideMode.ElideRight, self.width() - 24)
            painter.drawText(QRectF(_LEFT, 20, self.width() - 24, 16), flags.AlignLeft | flags.AlignVCenter, text)
        for bar, column in self.visible_bars():
            self._paint_bar(painter, theme, bar, column)
        if self.bars:
            zero = self._y(0.0, self.visible_bars()[0][1])
            painter.setPen(QPen(QColor(theme.muted), 1))
            painter.drawLine(QPointF(_LEFT, zero), QPointF(self.width() - _RIGHT, zero))
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.selection), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)
        painter.end()

    def _paint_bar(self, painter: QPainter, theme: Theme, bar: Bar, column: QRectF) -> None:
        cleared = bar.row.cleared and self._position >= bar.row.event
        begun = bar.begins <= self._position
        for part in bar.parts:
            self._paint_part(painter, theme, part, self.part_rect(part, column), not begun or part.event > self._position, cleared)
        flags = Qt.AlignmentFlag
        if not bar.parts:
            self._paint_bucket(painter, theme, bar, column)
        else:
            if not self.uniform:
                self._paint_net(painter, theme, bar, column)
            below = all(part.high <= 0 for part in bar.parts) and any(part.low < 0 for part in bar.parts)
            edge = max(self._y(p.low, column) for p in bar.parts) + 2 if below else min(self._y(p.high, column) for p in bar.parts) - 18
            painter.setFont(mono_font(_NUMBER_PX))
            wrong = begun and not math.isfinite(bar.level if self.uniform else self._norm(bar))
            painter.setPen(QColor(theme.error if wrong else theme.text if begun else theme.muted))
            painter.drawText(QRectF(column.left() - 14, edge, column.width() + 28, 16), flags.AlignCenter, self.label(bar))
        current = begun and self._position <= bar.row.event
        painter.setFont(ui_font(SMALL_PX, bold=current))
        painter.setPen(QColor(theme.text if begun else theme.muted))
        foot = QRectF(column.left() - 14, column.bottom() + 1, column.width() + 28, 15)
        painter.drawText(foot, flags.AlignCenter, bar.row.label)
        if bar.row.cleared:
            painter.setFont(ui_font(SMALL_PX))
            painter.setPen(QColor(theme.muted))
            painter.drawText(foot.translated(0, 14), flags.AlignCenter, "→ None" if bar.row.none else "→ 0")

    @staticmethod
    def _paint_part(painter: QPainter, theme: Theme, part: Part, rect: QRectF, future: bool, cleared: bool) -> None:
        """A part is faint before its time, solid while it stands in `.grad`, hatched once it was zeroed away."""
        colour, ground = QColor(theme.passes[part.pass_ % len(theme.passes)]), QColor(theme.surface)
        inner = rect.adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(blend(ground, colour, 0.45) if future else colour, 1))
        painter.setBrush(blend(ground, colour, 0.14) if future else Qt.BrushStyle.NoBrush if cleared else colour)
        painter.drawRect(inner)
        if cleared and not future:
            painter.fillRect(inner, QBrush(colour, Qt.BrushStyle.BDiagPattern))
        elif not future and rect.height() > 4:
            painter.setPen(QPen(ground, 1))
            painter.drawLine(inner.bottomLeft(), inner.bottomRight())

    def _paint_net(self, painter: QPainter, theme: Theme, bar: Bar, column: QRectF) -> None:
        """The norm of the sum: below the top of the stack where contributions point apart."""
        norm = self.norms.get(bar.row.parts[-1].event)
        if norm is not None and math.isfinite(norm):
            y = self._y(norm, column)
            painter.setPen(QPen(QColor(theme.text), 2))
            painter.drawLine(QPointF(column.left() - 4, y), QPointF(column.right() + 4, y))

    def _paint_bucket(self, painter: QPainter, theme: Theme, bar: Bar, column: QRectF) -> None:
        """An empty bucket: dashed for None, a line for zeros."""
        zero = self._y(0.0, column)
        box = QRectF(column.left(), max(column.top() + 18, zero - 34), column.width(), min(34.0, zero - column.top() - 18))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(theme.muted), 1.2, Qt.PenStyle.DashLine))
        if bar.row.none and box.height() > 4:
            painter.drawPolyline([box.topLeft(), box.bottomLeft(), box.bottomRight(), box.topRight()])
        painter.setFont(ui_font(SMALL_PX))
        painter.setPen(QColor(theme.muted))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, bar.label)

    # Input.

    def part_at(self, point: QPointF) -> tuple[Bar, Part | None] | None:
        """The bar and the part under a point; the bar alone between and above its parts."""
        for bar, column in self.visible_bars():
            if column.left() <= point.x() <= column.right():
                return bar, next((part for part in bar.parts if self.part_rect(part, column).contains(point)), None)
        return None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the event of a part, or to the last write of a bar."""
        found = self.part_at(event.position())
        if found is not None and event.button() == Qt.MouseButton.LeftButton:
            self.seeked.emit(found[1].event if found[1] is not None else found[0].row.event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """A hand where a click does something."""
        self.setCursor(Qt.CursorShape.PointingHandCursor if self.part_at(event.position()) else Qt.CursorShape.ArrowCursor)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Look at earlier or later epochs."""
        delta = event.angleDelta().y() or event.angleDelta().x()
        self._look_at(self._first - (1 if delta > 0 else -1) * max(1, self._shown() // 4))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and Right go to the bar before and after."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is None or not self.bars:
            super().keyPressEvent(event)
            return
        done = [k for k, bar in enumerate(self.bars) if bar.row.event <= self._position]
        target = max(0, min((done[-1] if done else -1) + step, len(self.bars) - 1))
        self.seeked.emit(self.bars[target].row.event)

    def tip(self, point: QPointF) -> str:
        """What the tooltip says."""
        found = self.part_at(point)
        if found is None:
            return ""
        bar, part = found
        if part is None:
            return f"{bar.row.label}: {self.label(bar)}" + (", then zeroed" if bar.row.cleared else "")
        unit = "each element" if self.uniform else "norm"
        added = part.high - part.low if part.high > 0 else part.low - part.high
        return f"{bar.row.label}: backward {part.pass_} added {short(_rounded(added))} ({unit})"

    def event(self, event: QEvent) -> bool:
        """Show the tooltip."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            text = self.tip(QPointF(event.pos()))
            if text:
                QToolTip.showText(event.globalPos(), text, self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)

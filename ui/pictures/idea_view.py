"""IdeaView: one picture, its caption, and the places in it that lead to moments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ..style.theme import FONT_PX, ui_font
from .hit import Hit

if TYPE_CHECKING:
    from ..bridge import Bridge
    from .kinds import Kind


class IdeaView(QWidget):
    """Paints; a click on a place of the picture goes to its event."""

    event_wanted = Signal(int)
    seen = Signal()  # it is painted

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("idea_view")
        self.setAccessibleName("Picture")
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._bridge = bridge
        self.kind: Kind | None = None
        self.data: Any = None
        self.words = ""  # in place of a picture
        self.hits: list[Hit] = []
        bridge.theme_changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(520, 260)

    def minimumSizeHint(self) -> QSize:
        return QSize(220, 110)

    def show_picture(self, kind: Kind | None, data: Any, words: str = "") -> None:
        """Show a picture, or words where there is none."""
        self.kind, self.data, self.words = kind, data, words
        told = kind.caption(data) if kind is not None and data is not None else words
        self.setAccessibleDescription(told)
        self.update()

    def paint_on(self, p: QPainter, rect: QRectF) -> None:
        """Paint the picture into a rectangle, for the screen and for files."""
        theme = self._bridge.theme
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.fillRect(rect, QColor(theme.window))
        if self.kind is None or self.data is None:
            self.hits = []
            p.setFont(ui_font())
            p.setPen(QColor(theme.muted))
            p.drawText(rect.adjusted(24, 0, -24, 0), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self.words)
            return
        self.hits = self.kind.paint(p, rect.adjusted(6, 4, -6, -4), self.data, theme)

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setFont(ui_font(FONT_PX))
        self.paint_on(p, QRectF(self.rect()))
        p.end()
        self.seen.emit()

    def hit_at(self, at: QPointF) -> Hit | None:
        """The place at a point: of several the nearest by its middle."""
        inside = [hit for hit in self.hits if hit.place.contains(at)]
        return min(inside, key=lambda hit: (hit.place.center() - at).manhattanLength(), default=None)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        found = self.hit_at(event.position())
        self.setCursor(Qt.CursorShape.PointingHandCursor if found is not None else Qt.CursorShape.ArrowCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        found = self.hit_at(event.position())
        if found is not None and event.button() == Qt.MouseButton.LeftButton:
            self.event_wanted.emit(found.event)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            found = self.hit_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), found.words if found is not None else "", self)
            return True
        return super().event(event)

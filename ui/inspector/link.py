"""LinkButton: a place to go to, as text or as a chip; painted by hand so that focus and states are plain to see."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from ..pictures.statistics import paint_alarm
from ..style.breakable import breakable
from ..style.theme import FONT_PX, ui_font

if TYPE_CHECKING:
    from ..bridge import Bridge

_HEIGHT = 24
_LEAST = 88  # pixels of width; what is longer may be cut off
_WRAPPED = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap


class LinkButton(QAbstractButton):
    """A button that looks like a link ("link"), a chip ("chip"), a freed value ("ghost") or a broken one ("error")."""

    def __init__(self, bridge: Bridge, text: str, name: str, look: str = "link", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.look = look
        self.setText(text)
        self.setObjectName(name.replace(" ", "_"))
        self.setAccessibleName(name if name.endswith(text) else f"{name}: {text}")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        size = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred if look == "link" else QSizePolicy.Policy.Fixed)
        size.setHeightForWidth(look == "link")
        self.setSizePolicy(size)
        self.setFont(ui_font(FONT_PX))

    def set_text(self, text: str, look: str | None = None) -> None:
        """Another text and look."""
        if text == self.text() and (look or self.look) == self.look:
            return
        name = self.objectName().replace("_", " ")
        self.look = look or self.look
        self.setText(text)
        self.setAccessibleName(f"{name}: {text}")
        self.updateGeometry()
        self.update()

    def become(self, text: str, name: str, look: str) -> None:
        """Another button: its name as well."""
        if self.objectName() != name.replace(" ", "_"):
            self.setObjectName(name.replace(" ", "_"))
            self.setText("")  # so that the text is told with the new name
        self.set_text(text, look)

    def sizeHint(self) -> QSize:
        """The text with its margins."""
        extra = (20 if self.look != "link" else 9) + (18 if self.look == "error" else 0)
        return QSize(QFontMetrics(self.font()).horizontalAdvance(self.text()) + extra, _HEIGHT)

    def heightForWidth(self, width: int) -> int:
        """A link has as many lines as its text needs; a chip has one."""
        if self.look != "link":
            return _HEIGHT
        return max(_HEIGHT, _lines_height(self.text(), max(width - 6, 1)) + 8)

    def minimumSizeHint(self) -> QSize:
        """A long text is broken or cut off rather than widening the panel; a few letters are not worth cutting."""
        return QSize(min(_LEAST, self.sizeHint().width()), _HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw text, chip and focus ring."""
        theme = self._bridge.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        hot = self.isEnabled() and (self.underMouse() or self.isDown())
        text = QColor({"link": theme.selection, "ghost": theme.muted, "error": theme.error}.get(self.look, theme.text))
        if not self.isEnabled():
            text = QColor(theme.muted)
        if self.look != "link":
            ghost = self.look == "ghost"
            border = theme.error if self.look == "error" else theme.muted if ghost or hot else theme.border
            painter.setPen(QPen(QColor(border), 1, Qt.PenStyle.DashLine if ghost else Qt.PenStyle.SolidLine))
            painter.setBrush(Qt.BrushStyle.NoBrush if ghost and not hot else QColor(theme.raised))
            painter.drawRoundedRect(box, 6, 6)
        inner = box.adjusted(*((8, 0, -8, 0) if self.look != "link" else (2, 0, -2, 0)))
        if self.look == "error":
            paint_alarm(painter, QRectF(inner.left(), inner.center().y() - 6, 13, 12), QColor(theme.error), QColor(theme.raised))
            inner.setLeft(inner.left() + 18)
        font = self.font()
        font.setUnderline(self.look == "link" and hot)
        painter.setFont(font)
        painter.setPen(text)
        if self.look == "link":
            painter.drawText(inner, int(_WRAPPED), breakable(self.text()))
        else:
            shown = QFontMetrics(font).elidedText(self.text(), Qt.TextElideMode.ElideRight, round(inner.width()) + 1)
            painter.drawText(inner, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.selection), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box, 6, 6)
        painter.end()


@lru_cache(maxsize=512)
def _lines_height(text: str, width: int) -> int:
    """How high the lines of a text are: layouts ask for it many times a step."""
    return QFontMetrics(ui_font(FONT_PX)).boundingRect(0, 0, width, 1000, int(_WRAPPED), breakable(text)).height()

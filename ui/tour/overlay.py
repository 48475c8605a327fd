"""The overlay of the tour: all but one part of the window dimmed, and a bubble beside that part."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPainterPath, QPaintEvent, QPen, QRegion
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ..style.theme import FONT_PX, TITLE_PX, Theme, ui_font

WIDTH = 360
GAP = 16
PAD = 6  # between the part and its frame


class Bubble(QFrame):
    """Words and buttons of one stop."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("tour_bubble")
        self.title = QLabel(self)
        self.title.setObjectName("tour_title")
        self.title.setFont(ui_font(TITLE_PX + 2, bold=True))
        self.title.setWordWrap(True)
        self.text = QLabel(self)
        self.text.setObjectName("tour_text")
        self.text.setFont(ui_font(FONT_PX + 1))
        self.text.setWordWrap(True)
        self.count = QLabel(self)
        self.count.setObjectName("tour_count")
        self.skip, self.back, self.next = (QPushButton(words, self) for words in ("Skip", "Back", "Next"))
        for button, name, tip in ((self.skip, "skip", "Leave the tour (Esc)"), (self.back, "back", "Left"), (self.next, "next", "Right")):
            button.setObjectName(f"tour_{name}")
            button.setToolTip(tip)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the overlay has the keys
        row = QHBoxLayout()
        row.addWidget(self.skip)
        row.addWidget(self.count, 1, Qt.AlignmentFlag.AlignCenter)
        row.addWidget(self.back)
        row.addWidget(self.next)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(18, 14, 18, 14)
        rows.setSpacing(10)
        for widget in (self.title, self.text):
            rows.addWidget(widget)
        rows.addLayout(row)

    def restyle(self, theme: Theme) -> None:
        """Colours of the theme."""
        self.setStyleSheet(
            f"#tour_bubble {{ background: {theme.surface}; border: 2px solid {theme.current}; border-radius: 10px }}"
            f" QLabel {{ color: {theme.text} }} #tour_count {{ color: {theme.muted} }}"
        )

    def say(self, title: str, text: str, number: int, of: int) -> None:
        """Show a stop."""
        self.title.setText(title)
        self.text.setText(text)
        self.count.setText(f"{number} of {of}")
        self.back.setEnabled(number > 1)
        self.next.setText("Done" if number == of else "Next")
        self.setAccessibleName(f"Tour, {number} of {of}: {title}. {text}")
        self.setFixedWidth(WIDTH)
        layout = self.layout()
        if layout is not None:
            self.setFixedHeight(layout.totalHeightForWidth(WIDTH))


class TourOverlay(QWidget):
    """Lies over the whole window; the part that it points at stays bright and takes the mouse."""

    next_wanted = Signal()
    back_wanted = Signal()
    left = Signal()

    def __init__(self, parent: QWidget, theme: Theme) -> None:
        super().__init__(parent)
        self.setObjectName("tour")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.theme = theme
        self.hole = QRect()
        self.bubble = Bubble(self)
        self.bubble.next.clicked.connect(self.next_wanted)
        self.bubble.back.clicked.connect(self.back_wanted)
        self.bubble.skip.clicked.connect(self.left)
        self.hide()

    def point(self, part: QRect) -> None:
        """Point at a part of the window."""
        self.bubble.restyle(self.theme)
        self.hole = part.adjusted(-PAD, -PAD, PAD, PAD).intersected(self.rect())
        self.bubble.move(self._beside(self.hole))
        self.setMask(QRegion(self.rect()).subtracted(QRegion(self.hole.adjusted(2, 2, -2, -2))).united(QRegion(self.bubble.geometry())))
        self.update()

    def _beside(self, part: QRect) -> QPoint:
        """Where the bubble stands: on the side with most room, inside the window; over a part that leaves none."""
        size, room = self.bubble.size(), self.rect().adjusted(GAP, GAP, -GAP, -GAP)
        places = (
            (room.bottom() - part.bottom() - size.height(), QPoint(part.center().x() - size.width() // 2, part.bottom() + GAP)),
            (part.top() - room.top() - size.height(), QPoint(part.center().x() - size.width() // 2, part.top() - GAP - size.height())),
            (room.right() - part.right() - size.width(), QPoint(part.right() + GAP, part.center().y() - size.height() // 2)),
            (part.left() - room.left() - size.width(), QPoint(part.left() - GAP - size.width(), part.center().y() - size.height() // 2)),
        )
        spare, place = max(places, key=lambda row: row[0])
        if spare < GAP:
            place = QPoint(part.center().x() - size.width() // 2, part.bottom() - size.height() - GAP)
        x = min(max(place.x(), room.left()), room.right() - size.width())
        y = min(max(place.y(), room.top()), room.bottom() - size.height())
        return QPoint(x, y)

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        shade = QPainterPath()
        shade.addRect(QRectF(self.rect()))
        bright = QPainterPath()
        bright.addRoundedRect(QRectF(self.hole), 8, 8)
        dark = QColor("#000000")
        dark.setAlphaF(0.55 if self.theme.dark else 0.42)
        p.fillPath(shade.subtracted(bright), dark)
        p.setPen(QPen(QColor(self.theme.current), 3))
        p.setBrush(Qt.BrushStyle.NoBrush)
        p.drawRoundedRect(QRectF(self.hole).adjusted(1, 1, -1, -1), 8, 8)
        p.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key == Qt.Key.Key_Escape:
            self.left.emit()
        elif key in (Qt.Key.Key_Right, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space, Qt.Key.Key_PageDown):
            self.next_wanted.emit()
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Backspace, Qt.Key.Key_PageUp):
            self.back_wanted.emit()
        else:
            super().keyPressEvent(event)

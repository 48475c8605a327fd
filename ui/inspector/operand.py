"""OperandCard: one value of a derivation with its symbol; a ghost until its step has come."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from ..pictures.array_view import ArrayView
from ..style.theme import CARD_RADIUS, SMALL_PX, mono_font, ui_font
from .formula import FormulaView

if TYPE_CHECKING:
    from gradviz.debugger.answers import Operand

    from ..bridge import Bridge

CELL, NARROW_CELL = 58, 43  # a number as PyTorch prints it; with three or four digits
_HEAD, _LINE = 54, 30  # symbol above words; both on one line
WORDS = 190  # how wide words may make a card
FEW_WORDS, ALL_WORDS = 138, 320  # in a strip of cards without much room, and with it


class OperandCard(QWidget):
    """Symbol, words and numbers; its border has the quantity's colour, and is bright while its step is told."""

    def __init__(self, bridge: Bridge, operand: Operand, plain: str, role: str, number: int, parent: QWidget | None = None) -> None:
        """`number` is the sub-step that reveals it, from 1."""
        super().__init__(parent)
        self._bridge, self._role = bridge, role
        self.operand, self.number = operand, number
        self.state = "ghost"
        self.symbol = FormulaView(bridge, f"symbol {number}", 17.0, role, self)
        self.array = ArrayView(bridge, f"operand {number} numbers", self, role)
        self.array.centred = True
        self.array.tallest = 110.0
        self.show_operand(operand, plain, role, number)
        self._head = _HEAD
        self._rows = QVBoxLayout(self)
        self._rows.addWidget(self.array)
        self._rows.addStretch(1)
        self.set_compact(False)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        bridge.theme_changed.connect(self.update)
        self.set_state("ghost")

    def show_operand(self, operand: Operand, plain: str, role: str, number: int) -> None:
        """Another value in the same card."""
        self.operand, self.number, self._role = operand, number, role
        self.setObjectName(f"operand_{number}")
        self.setToolTip(operand.words)
        self.symbol.show_as(f"symbol {number}", role, operand.symbol, plain)
        self.array.show_as(f"operand {number} numbers", role)
        self.array.set_picture(operand.picture)

    def set_compact(self, on: bool, words: int = WORDS, cell: int = CELL) -> None:
        """Symbol and words on one line, for a low dock; `words`: how wide they may make the card; `cell`: how wide a number is."""
        self._most, self._cell = words, cell
        self._head = _LINE if on else _HEAD
        self._rows.setContentsMargins(10, self._head, 10, 6 if on else 10)
        width = self.symbol.sizeHint().width() if on else self.sizeHint().width() - 20
        self.symbol.setGeometry(10, 3 if on else 6, width, 26)
        self.updateGeometry()
        self.update()

    def set_state(self, state: str) -> None:
        """ "ghost" (not told yet), "current" (told now) or "told"."""
        self.state = state
        self.array.setVisible(state != "ghost")
        words = self.operand.words
        self.setAccessibleName(f"{words}: {self.array.text()}" if state != "ghost" else f"{words}: not shown yet")
        self.update()

    def sizeHint(self) -> QSize:
        """Wide enough for its numbers and its words."""
        shape = self.operand.picture.stats.shape
        columns = min(8, shape[-1]) if shape and self.array.is_grid else 3 if not self.array.is_grid else 1
        words = _words_width(self.operand.words)
        compact = self._head == _LINE
        beside = self.symbol.sizeHint().width() + 6 if compact else 0
        width = max(96, columns * self._cell + 22, min(self._most, words + beside + 24))
        return QSize(width, self._head + self.array.sizeHint().height() + (8 if compact else 12))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the card around symbol and numbers."""
        theme = self._bridge.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5)
        colour, ghost = QColor(getattr(theme, self._role)), self.state == "ghost"
        painter.setBrush(QColor(theme.window))
        pen = QPen(QColor(theme.border) if ghost else colour, 3 if self.state == "current" else 1.2)
        if ghost:
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.drawRoundedRect(box, CARD_RADIUS, CARD_RADIUS)
        painter.setFont(ui_font(SMALL_PX))
        painter.setPen(QColor(theme.muted))
        words = QRectF(10, 32, self.width() - 20, 18)
        flags = Qt.AlignmentFlag.AlignCenter
        if self._head == _LINE:
            words = QRectF(self.symbol.geometry().right() + 6, 6, self.width() - self.symbol.geometry().right() - 14, 20)
            flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        text = QFontMetrics(painter.font()).elidedText(self.operand.words, Qt.TextElideMode.ElideRight, round(words.width()))
        painter.drawText(words, flags, text)
        if ghost:
            painter.setFont(mono_font(15))
            painter.drawText(QRectF(0, self._head, self.width(), self.height() - self._head - 8), Qt.AlignmentFlag.AlignCenter, "?")
        painter.end()


@lru_cache(maxsize=512)
def _words_width(words: str) -> int:
    """How wide the words are: layouts ask for it many times a step."""
    return QFontMetrics(ui_font(SMALL_PX)).horizontalAdvance(words)

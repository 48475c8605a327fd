"""A picture of the Pictures panel, on the whole stage in large letters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from ..pictures.kinds import KINDS
from ..style.theme import SMALL_PX, ui_font
from .canvas import StageCanvas

if TYPE_CHECKING:
    from ..pictures.panel import PicturesPanel


class StagePicture(QWidget):
    """Covers the canvas; the same picture as in the panel, painted so much larger that its smallest letters have 24 points."""

    def __init__(self, canvas: StageCanvas, panel: PicturesPanel, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("stage_picture")
        self.setAccessibleName("Picture")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._canvas = canvas
        self.panel = panel
        self._begun = 0  # the kind that was shown first
        self.hide()

    def next_kind(self) -> str:
        """The next kind that fits the recording, first that of the panel, after the last none: its title, "" for the canvas."""
        kinds = [kind for kind in KINDS if self.panel.fits(kind)]
        here = kinds.index(self.panel.kind) if self.panel.kind in kinds else 0
        if not self.isVisible():
            self._begun = here
        else:
            here = (here + 1) % max(1, len(kinds))
        if not kinds or (self.isVisible() and here == self._begun % len(kinds)):
            self.hide()
            return ""
        self.panel.show_kind(kinds[here].id)
        self.show()
        self.update()
        return kinds[here].title

    def follow(self) -> None:
        """The moment has changed."""
        if self.isVisible():
            self.panel.refresh()
            self.update()

    @property
    def magnified(self) -> float:
        """How many times larger than in the panel."""
        return self._canvas.sizes.text / SMALL_PX

    def paintEvent(self, event: QPaintEvent) -> None:
        view, theme, times = self.panel.view, self._canvas.look, self.magnified
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.fillRect(self.rect(), QColor(theme.window))
        p.scale(times, times)
        room = QRectF(0, 0, self.width() / times, self.height() / times)
        if view.kind is not None and view.data is not None:
            view.kind.paint(p, room.adjusted(4, 4, -4, -4), view.data, theme)
        else:
            p.setFont(ui_font(SMALL_PX + 1))
            p.setPen(QColor(theme.muted))
            p.drawText(room, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, view.words)
        p.end()

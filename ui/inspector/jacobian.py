"""JacobianView: the local derivative of an op whose outputs depend on many inputs, as a small grid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ..style.theme import CARD_RADIUS

if TYPE_CHECKING:
    from gradviz.debugger.answers import Derivation
    from gradviz.debugger.session import Session
    from gradviz.idea_pictures.jacobian import Jacobian

    from ..bridge import Bridge

_AROUND = QSize(160, 56)  # what the grid's picture needs beside its cells
_WIDE, _NARROW, _HIGH, _SMALL = 46, 33, 24, 7  # of a cell: with a number in it, with one of three digits; without


def jacobian_of(session: Session, derivation: Derivation) -> Jacobian | None:
    """The grid of the input that a derivation at the cursor is about; None where a slope says it, or where it is too large."""
    if derivation.local is not None:
        return None
    from gradviz.idea_pictures.jacobian import jacobians

    return next((found for found in jacobians(session, session.position) if found.input_nr == derivation.input_nr), None)


def least_width(found: Jacobian) -> int:
    """The width below which the numbers of a small grid are not to be read."""
    columns = int(found.matrix.shape[1])
    return min(420, round((columns + 1.4) * (_NARROW if columns <= 8 else _SMALL)) + _AROUND.width())


class JacobianView(QWidget):
    """What comes in at the left, the grid, and what goes on below it."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("jacobian")
        self.setAccessibleName("Local derivative as a grid")
        self._bridge = bridge
        self.jacobian: Jacobian | None = None
        self._flat = False
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        bridge.theme_changed.connect(self.update)

    def set_jacobian(self, found: Jacobian | None) -> None:
        """Show a grid, or hide."""
        self.jacobian = found
        self.setVisible(found is not None)
        if found is not None:
            from ..pictures.jacobian_grid import caption

            self.setToolTip(caption(found))
            self.setAccessibleDescription(caption(found))
        self.updateGeometry()
        self.update()

    def set_flat(self, on: bool) -> None:
        """Lower, for a strip of cards."""
        self._flat = on
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Room for a number in each cell of a small grid, for colours in a larger one."""
        if self.jacobian is None:
            return QSize(0, 0)
        rows, columns = self.jacobian.matrix.shape
        tall = 112 if self._flat else 230
        height = min(tall, (rows + 1) * _HIGH + _AROUND.height())
        wide = _WIDE if columns <= 8 else max(_SMALL, (height - _AROUND.height()) // (rows + 1))
        return QSize(min(420, round((columns + 1.4) * wide) + _AROUND.width()), height)

    def minimumSizeHint(self) -> QSize:
        """Narrower where a strip of cards has no room for more: three digits go into a cell."""
        return QSize(least_width(self.jacobian) if self.jacobian is not None else 0, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the grid as the panel of pictures does."""
        if self.jacobian is None:
            return
        from ..pictures.jacobian_grid import paint

        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._bridge.theme.window))
        painter.drawRoundedRect(QRectF(self.rect()), CARD_RADIUS, CARD_RADIUS)
        paint(painter, QRectF(self.rect()).adjusted(0, 2, 0, -4), self.jacobian, self._bridge.theme)
        painter.end()

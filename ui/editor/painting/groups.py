"""A closed group as it is painted: a stack of cards with its words, and the names of what goes in and out."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from ...style.theme import SMALL_PX, TITLE_PX, Theme, mono_font, ui_font
from ..layout.groups import Group
from .legible import grown

PORT = 5.0


def around_group(group: Group) -> QRectF:
    """A group's card with the ports, and the cards below it."""
    return group.rect.adjusted(-PORT - 2, -2, PORT + 10, 10)


def paint_group(p: QPainter, group: Group, count: int, theme: Theme) -> None:
    """A stack of cards with the group's words, and what goes in and out."""
    for offset in (8.0, 4.0):
        p.setPen(QPen(QColor(theme.border), 1))
        p.setBrush(QColor(theme.surface))
        p.drawRoundedRect(group.rect.translated(offset, offset), 8, 8)
    p.setPen(QPen(QColor(theme.loss), 1.4))
    p.setBrush(QColor(theme.raised))
    p.drawRoundedRect(group.rect, 8, 8)
    p.save()
    inner = (group.rect.width() - 24) / grown(p, group.rect.topLeft() + QPointF(14, 36 if group.upright else 9))
    font = ui_font(TITLE_PX, bold=True)
    p.setFont(font)
    p.setPen(QColor(theme.text))
    title = QFontMetricsF(font).elidedText(group.frame.text, Qt.TextElideMode.ElideRight, inner)
    left, top = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignTop
    p.drawText(QRectF(0, 0, inner, 20), left | top, title)
    p.setFont(ui_font(SMALL_PX))
    p.setPen(QColor(theme.muted))
    p.drawText(QRectF(0, 18, inner, 18), left | top, "group of one node" if count == 1 else f"group of {count} nodes")
    p.restore()
    _paint_names(p, group, theme)
    for ports, entering in ((group.inputs, True), (group.outputs, False)):
        for _, at in ports:
            p.setPen(QPen(QColor(theme.value), 1.8))
            p.setBrush(QColor(theme.value if entering else theme.raised))
            p.drawEllipse(at, PORT, PORT)


def _paint_names(p: QPainter, group: Group, theme: Theme) -> None:
    """What comes in and goes out, beside the ports."""
    font = mono_font(SMALL_PX)
    metrics, centre = QFontMetricsF(font), Qt.AlignmentFlag.AlignVCenter
    wanted = [max((metrics.horizontalAdvance(name) + 1 for name, _ in ports), default=0.0) for ports in (group.inputs, group.outputs)]
    for ports, entering in ((group.inputs, True), (group.outputs, False)):
        for name, at in ports:
            p.save()
            p.setFont(font)
            p.setPen(QColor(theme.text))
            scale = grown(p, at)
            if group.upright:
                width = (group.rect.width() / len(ports) - 4) / scale
                area, side = QRectF(-width / 2, 6 if entering else -22, width, 16), Qt.AlignmentFlag.AlignHCenter
            else:
                room = (group.rect.width() - 28) / scale  # of both sides; each takes what the other leaves, half of it at least
                width = max(room / 2, room - wanted[1 if entering else 0])
                area = QRectF(8 if entering else -8 - width, -9, width, 18)
                side = Qt.AlignmentFlag.AlignLeft if entering else Qt.AlignmentFlag.AlignRight
            p.drawText(area, side | centre, metrics.elidedText(name, Qt.TextElideMode.ElideRight, width))
            p.restore()

"""Ports: where the results of an op that has several leave its card, each with its name."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from gradviz.debugger.scene import GraphNode, Moment, Status

from ...style.theme import SMALL_PX, Theme, ui_font
from ..geometry import Array, Geometry, port

_RADIUS, _BESIDE = 2.5, 5.0  # of a port, and from there to its name, in pixels of the screen
_LETTER = 7.0  # pixels of width, more or less
_LINE, _ROOM = 12.0, 46.0  # pixels that names need between two ports, and that lie between two columns of cards


def port_at(made: Geometry, here: QPointF, direction: str, scale: float) -> tuple[int, int] | None:
    """The node and the number of the output whose port, or name, is at a point of the graph. Hot path: each move of the mouse."""
    small = min(scale, 1.0)
    for row in made.ported:
        node = made.nodes[row]
        for k, name in enumerate(node.outputs):
            away = (here - QPointF(*port(made.rects[row], k, len(node.outputs), direction))) * small
            wide = min(_ROOM, _LETTER * len(name)) + 2 * _BESIDE
            near = QRectF(-_BESIDE, -_LINE if direction == "LR" else -_BESIDE, wide, _LINE + _BESIDE)
            if near.contains(away):
                return node.id, k
    return None


def paint_ports(p: QPainter, rect: Array, node: GraphNode, moment: Moment | None, theme: Theme, direction: str, scale: float) -> None:
    """A dot for each output of a node that has several, with its name where there is room for names."""
    state = moment.states.get(node.id) if moment is not None else None
    ghost = state is None or state.status == Status.UNBORN
    small = min(scale, 1.0)
    places = [port(rect, k, len(node.outputs), direction) for k in range(len(node.outputs))]
    between = float(np.abs(places[1] - places[0]).max()) * small
    room = _ROOM * small - _BESIDE if direction == "LR" else between - 2 * _BESIDE
    named = between >= _LINE and room >= _LINE
    ground = QColor(theme.window)
    ground.setAlphaF(0.8)  # edges that cross a name do not strike it out
    p.setFont(ui_font(SMALL_PX))
    for name, at in zip(node.outputs, places, strict=True):
        p.save()
        p.translate(QPointF(*at))
        p.scale(1 / small, 1 / small)
        p.setPen(Qt.PenStyle.NoPen)
        p.setBrush(QColor(theme.border if ghost else theme.value))
        p.drawEllipse(QPointF(0, 0), _RADIUS, _RADIUS)
        if named:
            short = name.removeprefix("output ").removeprefix(".")
            told = p.fontMetrics().elidedText(short, Qt.TextElideMode.ElideRight, round(room))
            above = -_LINE - 2 if direction == "LR" else 1.0  # the edge goes on where the port is
            box = QRectF(_BESIDE, above, p.fontMetrics().horizontalAdvance(told) + 4, _LINE + 2)
            p.setBrush(ground)
            p.drawRoundedRect(box, 3, 3)
            p.setPen(QColor(theme.muted if ghost else theme.text))
            p.drawText(box, Qt.AlignmentFlag.AlignCenter, told)
        p.restore()

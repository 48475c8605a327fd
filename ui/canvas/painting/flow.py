"""What moves: pulses at a phase from 0 to 1. The same moment and phase give the same picture."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from gradviz.debugger.scene import Moment, Pulse

from ...style.theme import FLASH_MS, PULSE_MS, SMALL_PX, Theme, log_share, ui_font
from ..geometry import SAMPLES, Geometry
from .edges import gradient_range, thickness

TAIL = 0.10  # length of a pulse as a share of its edge
FLASH = FLASH_MS / PULSE_MS  # the share of a phase in which nodes light up that nothing travels to


def eased(phase: float) -> float:
    """Slow at both ends, so that the eye finds the start and the landing."""
    return phase * phase * (3 - 2 * phase)


def point_on(made: Geometry, row: int, share: float) -> QPointF:
    """The point at a share of an edge's way from source to target."""
    at = min(max(share, 0.0), 1.0) * (SAMPLES - 1)
    k = min(int(at), SAMPLES - 2)
    a, b = made.samples[row, k], made.samples[row, k + 1]
    return QPointF(*(a + (b - a) * (at - k)))


def beginning(moment: Moment) -> float:
    """The phase at which what moves begins: pulses have a way to go, a node only lights up."""
    return 0.0 if moment.pulses else 1.0 - FLASH


def paint_flow(p: QPainter, made: Geometry, moment: Moment, phase: float, theme: Theme, scale: float = 1.0) -> None:
    """The pulses of a moment, and at the end of their way the flash of arrival; without pulses, its nodes light up."""
    low, high = gradient_range(moment)
    share, thick = eased(phase), thickness(scale)
    for pulse in moment.pulses:
        row = made.edge_row.get((pulse.source, pulse.target, pulse.port))
        if row is None:
            continue
        to_bucket = made.edges[row][1] == "bucket"
        data = pulse.forward and not to_bucket
        colour = QColor(theme.value if data else theme.gradient)
        if not np.isfinite(pulse.magnitude):
            colour = QColor(theme.error)
        size = 5.0 if data else 5.0 + 4.0 * log_share(pulse.magnitude, low, high)
        size *= thick
        _comet(p, made, row, share if pulse.forward else 1.0 - share, -TAIL if pulse.forward else TAIL, colour, size, theme)
    if not moment.pulses:
        _light(p, made, moment, max(0.0, (phase - 1 + FLASH) / FLASH), theme, thick)
    elif phase >= 0.82:
        _arrivals(p, made, moment, (phase - 0.82) / 0.18, theme, thick)


def _comet(p: QPainter, made: Geometry, row: int, at: float, tail: float, colour: QColor, size: float, theme: Theme) -> None:
    """A bright head with a white core and a tail that thins out behind it."""
    steps = 6
    for k in range(steps, 0, -1):
        place = at + tail * k / steps
        if 0.0 <= place <= 1.0:
            fade = QColor(colour)
            fade.setAlphaF(0.55 * (1 - k / (steps + 1)))
            p.setPen(Qt.PenStyle.NoPen)
            p.setBrush(fade)
            r = size * (1 - 0.6 * k / steps)
            p.drawEllipse(point_on(made, row, place), r, r)
    head = point_on(made, row, at)
    if theme.dark:
        glow = QColor(colour)
        glow.setAlphaF(0.25)
        p.setBrush(glow)
        p.drawEllipse(head, size * 2.0, size * 2.0)
    p.setBrush(colour)
    p.drawEllipse(head, size, size)
    p.setBrush(QColor("#ffffff"))
    p.drawEllipse(head, size * 0.45, size * 0.45)


def _arrivals(p: QPainter, made: Geometry, moment: Moment, share: float, theme: Theme, thick: float) -> None:
    """Where a cotangent arrives: a ring that opens, and how many of how many have come."""
    seen: set[int] = set()
    for pulse in moment.pulses:
        node = landing(pulse)
        if node in seen or (pulse.forward and not _to_bucket(made, pulse)):
            continue
        seen.add(node)
        rect = made.rect(node)
        ring = QColor(theme.gradient)
        ring.setAlphaF(max(0.0, 0.9 * (1 - share)))
        p.setPen(QPen(ring, 3 * thick))
        p.setBrush(Qt.BrushStyle.NoBrush)
        grow = 3 + 9 * share
        p.drawRoundedRect(rect.adjusted(-grow, -grow, grow, grow), 12, 12)
        state = moment.states.get(node)
        if state is not None and state.expected > 1:
            _note(p, QPointF(rect.center().x(), rect.top() - 16 * thick), f"+ {state.arrived} of {state.expected}", theme, thick)


def _light(p: QPainter, made: Geometry, moment: Moment, share: float, theme: Theme, thick: float) -> None:
    """What the event is at: a light that widens and fades."""
    light = QColor(theme.current)
    light.setAlphaF(0.6 * (1 - share))
    p.setPen(QPen(light, (10 - 7 * share) * thick))
    p.setBrush(Qt.BrushStyle.NoBrush)
    grow = 4 + 12 * share
    for node in moment.current:
        rect = made.rect(node)
        if not rect.isEmpty():
            p.drawRoundedRect(rect.adjusted(-grow, -grow, grow, grow), 12 + share * 6, 12 + share * 6)


def landing(pulse: Pulse) -> int:
    """The node at which a pulse lands."""
    return pulse.target if pulse.forward else pulse.source


def _to_bucket(made: Geometry, pulse: Pulse) -> bool:
    row = made.edge_row.get((pulse.source, pulse.target, pulse.port))
    return row is not None and made.edges[row][1] == "bucket"


def _note(p: QPainter, at: QPointF, text: str, theme: Theme, thick: float) -> None:
    p.save()
    p.translate(at)
    p.scale(thick, thick)
    p.setFont(ui_font(SMALL_PX + 1, bold=True))
    width = p.fontMetrics().horizontalAdvance(text) + 16
    box = QRectF(-width / 2, -11, width, 22)
    p.setPen(Qt.PenStyle.NoPen)
    p.setBrush(QColor(theme.gradient))
    p.drawRoundedRect(box, 11, 11)
    p.setPen(QColor(theme.window if theme.dark else theme.surface))
    p.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
    p.restore()

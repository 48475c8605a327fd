"""A lesson's card in the gallery, with a picture of its recording at the moment that matters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPainterPath, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QAbstractButton, QWidget

from gradviz.debugger.session import Session
from gradviz.lessons import shelf
from gradviz.lessons.finding import find_moment
from gradviz.lessons.lesson import Lesson
from gradviz.lessons.problem import LessonProblem

from ..canvas.geometry import build
from ..canvas.painting.flow import paint_flow
from ..canvas.painting.picture import paint_picture
from ..style.theme import SMALL_PX, TITLE_PX, Theme, ui_font
from .boxes import paint_sign

if TYPE_CHECKING:
    from ..bridge import Bridge

CARD_WIDTH, CARD_GAP = 272, 18
PICTURE_HEIGHT = 138
CARD_HEIGHT = PICTURE_HEIGHT + 106
LEAST = 0.5  # scale at which the cards of the graph can be told apart
PHASE = 0.6  # how far a pulse is on its way


def lesson_picture(lesson: Lesson, theme: Theme, size: QSize, ratio: float) -> QPixmap | None:
    """The graph of a lesson's recording at its picture's moment; None where no recording is stored."""
    recording = shelf.stored(lesson)
    if recording is None:
        return None
    session = Session(recording)
    try:
        session.seek(find_moment(session, lesson.picture))
    except LessonProblem:
        return None
    return picture_at(session, theme, size, ratio)


def picture_at(session: Session, theme: Theme, size: QSize, ratio: float) -> QPixmap:
    """The graph around what happens at a session's moment, with its pulses on their way."""
    graph, moment = session.graph(), session.moment()
    made = build(graph, "LR")
    here = next((n.group for n in graph.nodes if n.id in moment.current), 0)
    whole = made.group_rect(here).adjusted(-24, -24, 24, 24)
    scale = max(LEAST, min(size.width() / whole.width(), size.height() / whole.height(), 0.8))
    focus = QRectF()
    for node in moment.current:
        focus = focus.united(made.rect(node))
    middle = _held(focus.center() if not focus.isEmpty() else whole.center(), whole, size.width() / scale, size.height() / scale)
    picture = QPixmap(size * ratio)
    picture.setDevicePixelRatio(ratio)
    picture.fill(QColor(theme.window))
    p = QPainter(picture)
    p.setRenderHint(QPainter.RenderHint.Antialiasing)
    p.translate(size.width() / 2, size.height() / 2)
    p.scale(scale, scale)
    p.translate(-middle)
    shown = QRectF(0, 0, size.width() / scale, size.height() / scale)
    shown.moveCenter(middle)
    paint_picture(p, made, moment, shown, scale, theme, "LR")
    p.setPen(QPen(QColor(theme.current), 5))
    p.setBrush(Qt.BrushStyle.NoBrush)
    for node in moment.current:
        p.drawRoundedRect(made.rect(node).adjusted(-5, -5, 5, 5), 11, 11)
    paint_flow(p, made, moment, PHASE, theme)
    p.end()
    return picture


def _held(middle: QPointF, whole: QRectF, width: float, height: float) -> QPointF:
    """The middle of a view that shows as little emptiness beside the graph as can be."""

    def along(at: float, low: float, high: float, room: float) -> float:
        return (low + high) / 2 if high - low <= room else min(max(at, low + room / 2), high - room / 2)

    return QPointF(along(middle.x(), whole.left(), whole.right(), width), along(middle.y(), whole.top(), whole.bottom(), height))


class LessonCard(QAbstractButton):
    """Click to begin."""

    def __init__(self, bridge: Bridge, lesson: Lesson, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.lesson = lesson
        self.done = False
        self.painted = False
        self._picture: QPixmap | None = None
        self.setFixedSize(CARD_WIDTH, CARD_HEIGHT)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setObjectName(f"lesson {lesson.id}")
        self.set_done(False)

    def set_done(self, done: bool) -> None:
        """Whether its check was passed."""
        self.done = done
        self.setAccessibleName(f"Lesson {self.lesson.number}: {self.lesson.title}, {self.lesson.minutes} minutes{', done' if done else ''}")
        self.setToolTip(self.lesson.summary)
        self.update()

    def paint_picture(self) -> None:
        """Make the picture."""
        self.painted = True
        self._picture = lesson_picture(self.lesson, self._bridge.theme, QSize(CARD_WIDTH, PICTURE_HEIGHT), self.devicePixelRatioF())
        self.update()

    def forget_picture(self) -> None:
        """The theme has changed."""
        self.painted, self._picture = False, None
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(CARD_WIDTH, CARD_HEIGHT)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, p = self._bridge.theme, QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5)
        shape = QPainterPath()
        shape.addRoundedRect(box, 10, 10)
        p.fillPath(shape, QColor(theme.raised if self.underMouse() else theme.surface))
        p.save()
        p.setClipPath(shape)
        area = QRectF(0, 0, CARD_WIDTH, PICTURE_HEIGHT)
        p.fillRect(area, QColor(theme.window))
        if self._picture is not None:
            p.drawPixmap(0, 0, self._picture)
        p.restore()
        p.setPen(QPen(QColor(theme.border), 1))
        p.drawLine(QPointF(2, PICTURE_HEIGHT), QPointF(CARD_WIDTH - 2, PICTURE_HEIGHT))
        hot = self.hasFocus() or self.underMouse()
        p.setPen(QPen(QColor(theme.selection if hot else theme.border), 2 if hot else 1))
        p.setBrush(Qt.BrushStyle.NoBrush)
        p.drawPath(shape)
        self._words(p, theme)
        p.end()

    def _words(self, p: QPainter, theme: Theme) -> None:
        lesson, left, width = self.lesson, 14.0, CARD_WIDTH - 28.0
        wrap = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        p.setPen(QColor(theme.text))
        p.setFont(ui_font(TITLE_PX - 1, bold=True))
        line = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        p.drawText(QRectF(left, PICTURE_HEIGHT + 9, width, 20), line, f"{lesson.number}  {lesson.title}")
        p.setPen(QColor(theme.muted))
        p.setFont(ui_font(SMALL_PX + 1))
        p.drawText(QRectF(left, PICTURE_HEIGHT + 33, width, 40), wrap, lesson.summary)
        bottom = QRectF(left, CARD_HEIGHT - 30, width, 20)
        p.drawText(bottom, line, f"{lesson.minutes} minutes · {len(lesson.steps)} steps")
        if self.done:
            p.setPen(QColor(theme.success))
            p.drawText(bottom.adjusted(0, 0, -26, 0), int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), "Done")
            paint_sign(p, QPointF(bottom.right() - 9, bottom.center().y()), "right", theme.success)

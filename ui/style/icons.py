"""Icons as painted paths in the theme's colours: no font has all the signs we need."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap, QPolygonF

from .theme import Theme

SIZE = 24
Draw = Callable[[QPainter, Theme], None]


def _triangle(x: float, y: float, w: float, h: float) -> QPolygonF:
    return QPolygonF([QPointF(x, y), QPointF(x, y + h), QPointF(x + w, y + h / 2)])


def _pen(p: QPainter, colour: str, width: float = 2.0) -> None:
    p.setPen(QPen(QColor(colour), width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    p.setBrush(Qt.BrushStyle.NoBrush)


def _fill(p: QPainter, colour: str) -> None:
    p.setPen(Qt.PenStyle.NoPen)
    p.setBrush(QColor(colour))


def _lines(p: QPainter, colour: str, *points: tuple[float, float], width: float = 2.0) -> None:
    _pen(p, colour, width)
    p.drawPolyline(QPolygonF([QPointF(x, y) for x, y in points]))


def _play(p: QPainter, t: Theme) -> None:
    _fill(p, t.success)
    p.drawPolygon(_triangle(7, 4, 13, 16))


def _pause(p: QPainter, t: Theme) -> None:
    _fill(p, t.success)
    p.drawRect(QRectF(6, 4, 4.5, 16))
    p.drawRect(QRectF(13.5, 4, 4.5, 16))


def _stop(p: QPainter, t: Theme) -> None:
    _fill(p, t.error)
    p.drawRoundedRect(QRectF(6, 6, 12, 12), 2, 2)


def _arrow(p: QPainter, colour: str, back: bool) -> None:
    p.save()
    if back:
        p.translate(SIZE, 0)
        p.scale(-1, 1)
    _lines(p, colour, (3, 12), (17, 12), width=2.6)
    _lines(p, colour, (12, 6.5), (18, 12), (12, 17.5), width=2.6)
    p.restore()


def _into(back: bool) -> Draw:
    def draw(p: QPainter, t: Theme) -> None:
        colour = t.gradient if back else t.value
        _lines(p, colour, (12, 3), (12, 14), width=2.6)
        _lines(p, colour, (7, 9.5), (12, 14.5), (17, 9.5), width=2.6)
        _fill(p, t.text)
        p.drawEllipse(QPointF(12, 20), 2.4, 2.4)

    return draw


def _over(back: bool) -> Draw:
    def draw(p: QPainter, t: Theme) -> None:
        colour = t.gradient if back else t.value
        p.save()
        if back:
            p.translate(SIZE, 0)
            p.scale(-1, 1)
        path = QPainterPath(QPointF(4, 14))
        path.cubicTo(6, 3, 18, 3, 20, 13)
        _pen(p, colour, 2.6)
        p.drawPath(path)
        _lines(p, colour, (15.5, 10), (20, 14), (23, 8.5), width=2.6)
        _fill(p, t.text)
        p.drawEllipse(QPointF(12, 18), 2.6, 2.6)
        p.restore()

    return draw


def _out(back: bool) -> Draw:
    def draw(p: QPainter, t: Theme) -> None:
        colour = t.gradient if back else t.value
        _lines(p, colour, (12, 15), (12, 4), width=2.6)
        _lines(p, colour, (7, 8.5), (12, 3.5), (17, 8.5), width=2.6)
        _fill(p, t.text)
        p.drawEllipse(QPointF(12, 20), 2.4, 2.4)

    return draw


def _run_to_mark(back: bool) -> Draw:
    def draw(p: QPainter, t: Theme) -> None:
        p.save()
        if back:
            p.translate(SIZE, 0)
            p.scale(-1, 1)
        _fill(p, t.gradient if back else t.success)
        p.drawPolygon(_triangle(3, 5, 11, 14))
        _fill(p, t.error)
        p.drawEllipse(QPointF(18.5, 12), 3.6, 3.6)
        p.restore()

    return draw


def _end(back: bool) -> Draw:
    def draw(p: QPainter, t: Theme) -> None:
        p.save()
        if back:
            p.translate(SIZE, 0)
            p.scale(-1, 1)
        _fill(p, t.text)
        p.drawPolygon(_triangle(5, 5, 11, 14))
        p.drawRect(QRectF(17, 5, 2.6, 14))
        p.restore()

    return draw


def _folder(p: QPainter, t: Theme) -> None:
    _lines(p, t.text, (3, 19), (3, 5), (9, 5), (11, 8), (21, 8), (21, 19), (3, 19))


def _disk(p: QPainter, t: Theme) -> None:
    _lines(p, t.text, (4, 4), (17, 4), (20, 7), (20, 20), (4, 20), (4, 4))
    _lines(p, t.text, (8, 20), (8, 13), (16, 13), (16, 20))
    _lines(p, t.text, (8, 4), (8, 8), (14, 8), (14, 4))


def _turn(back: bool) -> Draw:
    def draw(p: QPainter, t: Theme) -> None:
        p.save()
        if not back:
            p.translate(SIZE, 0)
            p.scale(-1, 1)
        path = QPainterPath(QPointF(5, 9))
        path.lineTo(15, 9)
        path.cubicTo(22, 9, 22, 19, 15, 19)
        path.lineTo(9, 19)
        _pen(p, t.text)
        p.drawPath(path)
        _lines(p, t.text, (9, 4.5), (4.5, 9), (9, 13.5))
        p.restore()

    return draw


def _letter(text: str, role: str) -> Draw:
    def draw(p: QPainter, t: Theme) -> None:
        from .theme import ui_font

        p.setPen(QColor(getattr(t, role)))
        p.setFont(ui_font(18 if len(text) == 1 else 12, bold=True))
        p.drawText(QRectF(0, 0, SIZE, SIZE), Qt.AlignmentFlag.AlignCenter, text)

    return draw


def _scissors(p: QPainter, t: Theme) -> None:
    _pen(p, t.error)
    p.drawEllipse(QPointF(6, 7), 2.6, 2.6)
    p.drawEllipse(QPointF(6, 17), 2.6, 2.6)
    _lines(p, t.error, (8, 8.5), (20, 17))
    _lines(p, t.error, (8, 15.5), (20, 7))


def _dot(p: QPainter, t: Theme) -> None:
    _fill(p, t.error)
    p.drawEllipse(QPointF(12, 12), 6, 6)


def _no_dots(p: QPainter, t: Theme) -> None:
    _dot(p, t)
    _lines(p, t.text, (4, 20), (20, 4))


def _frame(p: QPainter, t: Theme) -> None:
    _lines(p, t.text, (4, 9), (4, 4), (9, 4))
    _lines(p, t.text, (15, 4), (20, 4), (20, 9))
    _lines(p, t.text, (20, 15), (20, 20), (15, 20))
    _lines(p, t.text, (9, 20), (4, 20), (4, 15))


def _lens(sign: str) -> Draw:
    def draw(p: QPainter, t: Theme) -> None:
        _pen(p, t.text)
        p.drawEllipse(QPointF(10, 10), 6.5, 6.5)
        _lines(p, t.text, (15, 15), (20.5, 20.5), width=2.6)
        if sign in "+-":
            _lines(p, t.text, (7, 10), (13, 10))
        if sign == "+":
            _lines(p, t.text, (10, 7), (10, 13))
        if sign == "s":
            _fill(p, t.selection)
            p.drawRect(QRectF(7, 7, 6, 6))

    return draw


def _half(p: QPainter, t: Theme) -> None:
    _pen(p, t.text)
    p.drawEllipse(QPointF(12, 12), 8, 8)
    _fill(p, t.text)
    p.drawPie(QRectF(4, 4, 16, 16), 90 * 16, 180 * 16)


def _panel(p: QPainter, t: Theme) -> None:
    _pen(p, t.text)
    p.drawRoundedRect(QRectF(3, 4, 18, 16), 2, 2)
    p.drawLine(QPointF(3, 9), QPointF(21, 9))


def _flow(p: QPainter, t: Theme) -> None:
    _pen(p, t.text)
    p.drawRect(QRectF(3, 9, 6, 6))
    p.drawRect(QRectF(15, 9, 6, 6))
    _lines(p, t.text, (9, 12), (15, 12))


def _gauge(fast: bool) -> Draw:
    def draw(p: QPainter, t: Theme) -> None:
        _fill(p, t.text)
        p.drawPolygon(_triangle(4, 7, 8, 10))
        if fast:
            p.drawPolygon(_triangle(12, 7, 8, 10))

    return draw


def _stack(open_: bool) -> Draw:
    """Cards that lie on each other, or side by side."""

    def draw(p: QPainter, t: Theme) -> None:
        _pen(p, t.text, 1.5)
        for k in (2, 1, 0):
            box = QRectF(3 + 6.5 * k, 9, 5, 6) if open_ else QRectF(4 + 3 * k, 5 + 3 * k, 10, 8)
            p.setBrush(Qt.BrushStyle.NoBrush if open_ else QColor(t.surface))
            p.drawRect(box)

    return draw


def _question(p: QPainter, t: Theme) -> None:
    _letter("?", "text")(p, t)


def _search(p: QPainter, t: Theme) -> None:
    _lens("")(p, t)


def _forward(p: QPainter, t: Theme) -> None:
    _arrow(p, t.value, back=False)


def _backward(p: QPainter, t: Theme) -> None:
    _arrow(p, t.gradient, back=True)


def _book(p: QPainter, t: Theme) -> None:
    _lines(p, t.selection, (12, 7), (8, 5), (3, 5), (3, 18), (8, 18), (12, 20), (16, 18), (21, 18), (21, 5), (16, 5), (12, 7))
    _lines(p, t.selection, (12, 7), (12, 20))


def _door(p: QPainter, t: Theme) -> None:
    _lines(p, t.text, (13, 4), (5, 4), (5, 20), (13, 20))
    _lines(p, t.text, (10, 12), (20, 12))
    _lines(p, t.text, (16, 8), (20, 12), (16, 16))


DRAWINGS: dict[str, Draw] = {
    "play": _play, "pause": _pause, "run": _play, "stop": _stop, "into": _into(False), "back_into": _into(True), "over": _over(False),
    "back_over": _over(True), "out": _out(False), "back_out": _out(True), "continue": _run_to_mark(False), "reverse_continue": _run_to_mark(True),
    "end": _end(False), "start": _end(True), "open": _folder, "save": _disk, "undo": _turn(True), "redo": _turn(False), "breakpoint": _dot,
    "clear_breakpoints": _no_dots, "requires_grad": _letter("∂", "parameter"), "no_grad": _letter("no", "no_grad"), "detach": _scissors, "fit": _frame,
    "zoom_in": _lens("+"), "zoom_out": _lens("-"), "zoom_selection": _lens("s"), "actual": _letter("1:1", "text"), "theme": _half, "panel": _panel,
    "direction": _flow, "slower": _gauge(False), "faster": _gauge(True), "help": _question, "search": _search, "next": _forward, "previous": _backward,
    "quit": _door, "lesson": _book, "fold": _stack(False), "unfold": _stack(True),
}  # fmt: skip


def icon(name: str, theme: Theme, side: int = SIZE) -> QIcon:
    """An icon by name, at 1x and 2x; `side` pixels large, where it is not that of a toolbar."""
    made = QIcon()
    for ratio in (1, 2):
        pixmap = QPixmap(side * ratio, side * ratio)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        p = QPainter(pixmap)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.scale(side / SIZE, side / SIZE)
        DRAWINGS[name](p, theme)
        p.end()
        made.addPixmap(pixmap)
    return made

"""Typeset formulas: LaTeX to SVG by ziamath, drawn sharp at any scale; plain Unicode text where that fails."""

from __future__ import annotations

import warnings
from collections import OrderedDict
from threading import Thread
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gradviz.debugger.derivation.engine_rows import row_of

from ..style.theme import ui_font

if TYPE_CHECKING:
    from PySide6.QtSvg import QSvgRenderer

    from ..bridge import Bridge

_KEPT = 256
_renderers: OrderedDict[tuple[str, float, str], QSvgRenderer | None] = OrderedDict()
_warming: Thread | None = None


def warm() -> None:
    """Load ziamath and its font, and the tables of ops, beside the event loop (0.2 s), so that the first formula does not wait for them."""
    global _warming
    if _warming is None:
        _allow_old_resources()
        _warming = Thread(target=_svg, args=("x", 10.0, "#000000"), name="formula fonts")
        _warming.start()
        Thread(target=row_of, args=("", ""), name="op rows").start()  # the engine's tables: 0.1 s


def _allow_old_resources() -> None:
    """Keep ziamath's import quiet: it finds its font in a way that Python 3.11 and 3.12 call deprecated."""
    warnings.filterwarnings("ignore", message="path is deprecated", category=DeprecationWarning)


def _svg(latex: str, size: float, colour: str) -> bytes:
    """The SVG of a formula, empty where ziamath cannot read it."""
    try:
        from ziamath.config import config
        from ziamath.zmath import Latex

        config.svg2 = False  # SVG 2's <use> of <symbol> stays empty in Qt's renderer
        return bytes(Latex(latex, size=size, color=colour).svg(), "utf-8")
    except Exception:  # ziamath raises whatever its parsers stumble on; the plain text is shown then
        return b""


def renderer(latex: str, size: float, colour: str) -> QSvgRenderer | None:
    """The formula ready to draw, None where it cannot be typeset. Cached: 9 ms for a new one."""
    key = (latex, size, colour)
    if key in _renderers:
        _renderers.move_to_end(key)
        return _renderers[key]
    if _warming is not None:
        _warming.join()
    _allow_old_resources()
    from PySide6.QtSvg import QSvgRenderer

    data = _svg(latex, size, colour)
    made = QSvgRenderer(QByteArray(data)) if data else None
    if made is not None and (not made.isValid() or made.defaultSize().isEmpty()):
        made = None
    if made is not None:
        made.setViewBox(made.viewBoxF().adjusted(-1, -2, 1, 1))  # bars over letters stand at the very edge
    _renderers[key] = made
    if len(_renderers) > _KEPT:
        _renderers.popitem(last=False)
    return made


class FormulaView(QWidget):
    """One formula, as large as asked or as fits."""

    def __init__(self, bridge: Bridge, name: str, size: float, role: str = "text", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name.replace(" ", "_"))
        self._name = name
        self.setAccessibleName(name)
        self._bridge, self._size, self._role = bridge, size, role
        self.latex = self.plain = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        bridge.theme_changed.connect(self.update)

    @property
    def typeset(self) -> bool:
        """Whether the formula is drawn by the typesetter (else as plain text)."""
        return self._renderer() is not None

    def set_formula(self, latex: str, plain: str) -> None:
        """Show a formula; `plain` is what is read aloud and shown where it cannot be typeset."""
        self.latex, self.plain = latex, plain
        self.setAccessibleName(f"{self._name}: {plain}")
        self.setToolTip(plain)
        self.updateGeometry()
        self.update()

    def show_as(self, name: str, role: str, latex: str, plain: str) -> None:
        """Another formula under another name and in another colour."""
        if (name, role, latex, plain) != (self._name, self._role, self.latex, self.plain):
            self._name, self._role = name, role
            self.setObjectName(name.replace(" ", "_"))
            self.set_formula(latex, plain)

    def set_size(self, size: float) -> None:
        """Larger or smaller letters."""
        if size == self._size:
            return
        self._size = size
        self.updateGeometry()
        self.update()

    def _renderer(self) -> QSvgRenderer | None:
        return renderer(self.latex, self._size, getattr(self._bridge.theme, self._role)) if self.latex else None

    def sizeHint(self) -> QSize:
        """The formula's own size."""
        made = self._renderer()
        if made is None:
            return QFontMetrics(ui_font(round(self._size))).size(0, self.plain or " ")
        return made.viewBoxF().size().toSize() + QSize(1, 1)

    def minimumSizeHint(self) -> QSize:
        """Narrower than the formula: it is drawn smaller then."""
        return QSize(60, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the formula in the middle, never wider than the widget."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        made = self._renderer()
        if made is None:
            painter.setFont(ui_font(round(self._size)))
            painter.setPen(QColor(getattr(self._bridge.theme, self._role)))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self.plain)
        else:
            size = made.viewBoxF().size()
            scale = min(1.0, self.width() / size.width(), self.height() / size.height())
            width, height = size.width() * scale, size.height() * scale
            made.render(painter, QRectF((self.width() - width) / 2, (self.height() - height) / 2, width, height))
        painter.end()

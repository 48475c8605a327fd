"""DerivationPanel: the formula of a vjp with the numbers of this moment, revealed step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QStackedLayout,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from gradviz.debugger.derivation.upcoming import latest_fire, upcoming

from ..pictures.array_view import GRID
from ..style.line import Line
from ..style.theme import SMALL_PX, TITLE_PX, ui_font
from .formula import FormulaView, warm
from .jacobian import JacobianView, jacobian_of, least_width
from .link import LinkButton
from .operand import ALL_WORDS, CELL, FEW_WORDS, NARROW_CELL, WORDS, OperandCard
from .slope import Slopes, SlopeView, slopes_of
from .waiting import WaitingPage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradviz.debugger.answers import Derivation, Operand
    from gradviz.idea_pictures.jacobian import Jacobian

    from ..bridge import Bridge

_FORMULA, _SMALL_FORMULA = 26.0, 20.0
_WIDEST_HELD = 300  # pixels of a formula that a long name may not take
PICTURE = 160  # pixels of width that a slope or a grid takes at least
_FEW = (3, 4)  # rows and columns of numbers in a strip of cards that has no room for all
_FLAT = 300  # pixels of height, below which everything stands in one strip

WARM_MS = 300  # after the panel is shown


def _numbered(sentences: Sequence[str]) -> list[str]:
    """Sentences as lines of HTML."""
    from html import escape  # with its 2,000 entities: not for the first picture

    return [f"{k}.&nbsp; {escape(sentence)}" for k, sentence in enumerate(sentences, 1)]


class Sign(QWidget):
    """An operator between two cards, with a word under it where the sign alone does not tell."""

    def __init__(self, bridge: Bridge, text: str, words: str, number: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.live = False
        self.text = self.words = ""
        self.say(text, words, number)

    def say(self, text: str, words: str, number: int) -> None:
        """Another sign."""
        self.number = number
        if (text, words) != (self.text, self.words):
            self.text, self.words = text, words
            self.setAccessibleName(words or text)
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        """Narrow; wider with a word."""
        return QSize(78 if self.words else 26, 46 if self.words else 28)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the sign, muted until its step has come."""
        theme = self._bridge.theme
        painter = QPainter(self)
        painter.setPen(QColor(theme.text if self.live else theme.muted))
        painter.setFont(ui_font(20))
        middle = self.height() / 2
        painter.drawText(QRectF(0, middle - (20 if self.words else 14), self.width(), 28), Qt.AlignmentFlag.AlignCenter, self.text)
        painter.setFont(ui_font(SMALL_PX))
        painter.drawText(QRectF(0, middle + 8, self.width(), 16), Qt.AlignmentFlag.AlignCenter, self.words)
        painter.end()


class DerivationPanel(QWidget):
    """Formula, row of pictures, sentences; one tab for each input that got a gradient."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("derivation")
        self.setAccessibleName("Derivation")
        self._bridge = bridge
        self._stale = True
        self.derivations: tuple[Derivation, ...] = ()
        self.cards: list[OperandCard] = []
        self.signs: list[Sign] = []
        self.sentences: tuple[str, ...] = ()
        self._shown: Derivation | None = None
        self._slopes: Slopes | None = None
        self._jacobian: Jacobian | None = None
        self._flat: bool | None = None  # one strip of cards, the sentence of the part above it
        self.waiting = WaitingPage(bridge, self)
        self.behind = False  # the node fired before this event, in the pass that still goes on: all of it is told
        self._area = QScrollArea(self)
        self._area.setObjectName("derivation_scroll")
        self._area.setAccessibleName("Derivation content")
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setWidget(self._content())
        page = QWidget(self)  # its first lines stay where they are while the pictures below are scrolled
        self._page = QVBoxLayout(page)
        self._page.setContentsMargins(0, 0, 0, 0)
        self._page.addLayout(self._head)
        self._page.addWidget(self._area, 1)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.waiting)
        self._stack.addWidget(page)
        self._told_page = page
        for signal in (bridge.session_changed, bridge.recording_grew):
            signal.connect(self.refresh)
        bridge.on_rest(self.refresh)
        bridge.theme_changed.connect(self._restyle)
        self._restyle()

    def _content(self) -> QWidget:
        bridge, content = self._bridge, QWidget(self)
        self.title = Line(content, Qt.TextElideMode.ElideMiddle, narrowest=120)
        self.title.setObjectName("derivation_title")
        self.title.setAccessibleName("Backward node")
        self.title.setFont(ui_font(TITLE_PX, bold=True))
        self.tabs = QTabBar(content)
        self.tabs.setObjectName("derivation_inputs")
        self.tabs.setAccessibleName("Gradient for which input")
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.currentChanged.connect(self._show_current)
        self.next = LinkButton(bridge, "Next part", "derivation next part", "chip", content)
        self.next.setToolTip("Show the next part (same as Step into)")
        self.next.clicked.connect(self._advance)
        self.all = LinkButton(bridge, "Show all", "derivation show all", "chip", content)
        self.all.clicked.connect(self._reveal)
        self._head = QGridLayout()
        self._head.setHorizontalSpacing(10)
        self._head.setVerticalSpacing(4)
        self._head.setColumnStretch(2, 1)
        for column, widget in ((0, self.title), (1, self.tabs), (3, self.next), (4, self.all)):
            self._head.addWidget(widget, 0, column)
        self.formula = FormulaView(bridge, "formula", _FORMULA, "text", content)
        self.where = QLabel(content)
        self.where.setObjectName("derivation_symbols")
        self.where.setWordWrap(True)
        self.where.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.where.setFont(ui_font(SMALL_PX))
        self._row = QWidget(content)
        self._row_layout = QHBoxLayout(self._row)
        self._row_layout.setContentsMargins(0, 0, 0, 0)
        self._row_layout.setSpacing(6)
        self.slopes = SlopeView(bridge, content)
        self.jacobian = JacobianView(bridge, content)
        self.telling = QLabel(content)
        self.telling.setObjectName("derivation_telling")
        self.telling.setTextFormat(Qt.TextFormat.RichText)
        self.telling.setWordWrap(True)
        self.telling.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.telling.setMinimumWidth(160)
        self._below = QHBoxLayout()
        self._below.setSpacing(20)
        self._below.addWidget(self.telling, 1)
        self._pictures = QVBoxLayout()
        self._pictures.setSpacing(10)
        self._pictures.addWidget(self.formula)
        self._pictures.addWidget(self.where)
        self._pictures.addWidget(self._row, 0, Qt.AlignmentFlag.AlignHCenter)
        self._pictures.addStretch(1)
        self._body = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._body.setSpacing(14)
        self._body.addLayout(self._pictures)
        self._body.addLayout(self._below)
        self._rows = QVBoxLayout(content)
        self._rows.addLayout(self._body)
        self._rows.addStretch(1)
        return content

    def _restyle(self) -> None:
        self.where.setStyleSheet(f"color: {self._bridge.theme.muted}")
        self.waiting.restyle()
        self._highlight()

    # Lying in a bottom dock or standing in a side dock.

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The sentences go beside the pictures in a low dock; the pictures go under each other in a narrow one."""
        super().resizeEvent(event)
        self._arrange()
        self._highlight()

    def _arrange(self) -> None:
        direction = QBoxLayout.Direction
        low, flat = self.height() < 440, self.height() < _FLAT
        if flat is not self._flat:
            self._flat = flat
            self._furnish(flat)
        for picture in (self.slopes, self.jacobian):
            picture.set_flat(flat)
        for card in self.cards:
            card.array.tallest = 60.0 if flat else 76.0 if low else 110.0
            card.array.write_at_most(GRID, GRID)
            card.array.updateGeometry()
            card.set_compact(flat, ALL_WORDS if flat else WORDS)
        beside = least_width(self._jacobian) if self._jacobian is not None else PICTURE if self._slopes is not None else 0
        for cell in (CELL, NARROW_CELL):
            if flat and self._needed() + beside > self.width():
                for card in self.cards:
                    card.set_compact(True, FEW_WORDS, cell)
        if flat and self._needed() > self.width():
            for card in self.cards:  # in two directions nobody scrolls: many numbers are colours here, and numbers in a larger dock
                card.array.write_at_most(*_FEW)
                card.updateGeometry()
        needed = self._needed()
        narrow = not flat and needed > self.width()
        lying = not flat and low and self.width() > needed + 300
        self._row_layout.setDirection(direction.TopToBottom if narrow else direction.LeftToRight)
        # Below a label that wraps, Qt gives a row less than the height that it says it needs.
        heights = [part.sizeHint().height() for part in (*self.cards, *self.signs)]
        between = self._row_layout.spacing() * max(len(heights) - 1, 0)
        self._row.setMinimumHeight(sum(heights) + between if narrow else max(heights, default=0))
        self._body.setDirection(direction.LeftToRight if lying else direction.TopToBottom)
        self._body.setStretch(1, 1 if lying else 0)  # one below the other they must not share the height: cards would be cut
        stacked = narrow or (lying and self.width() < needed + 480)
        self._below.setDirection(direction.TopToBottom if stacked else direction.LeftToRight)
        if not flat:
            self._head.removeWidget(self.tabs)
            self._head.addWidget(self.tabs, *((1, 0, 1, 5) if narrow else (0, 1, 1, 1)))

    def _needed(self) -> int:
        """The width of all cards side by side."""
        return sum(part.sizeHint().width() + self._row_layout.spacing() for part in (*self.cards, *self.signs)) + 40

    def _furnish(self, flat: bool) -> None:
        """Where formula, sentences and pictures stand: flat, all of it is two lines and a strip of cards."""
        top = Qt.AlignmentFlag.AlignTop
        self._head.setContentsMargins(*((10, 4, 10, 0) if flat else (14, 10, 14, 0)))
        self._rows.setContentsMargins(*((10, 0, 10, 2) if flat else (14, 0, 14, 10)))
        self._page.setSpacing(2 if flat else 8)
        self._body.setSpacing(0 if flat else 14)
        self.formula.set_size(_SMALL_FORMULA if flat else _FORMULA)
        self._hold()
        self.where.setVisible(not flat)
        self._pictures.setAlignment(self._row, Qt.AlignmentFlag.AlignLeft if flat else Qt.AlignmentFlag.AlignHCenter)
        if flat:
            self._head.addWidget(self.formula, 0, 1, 1, 2)
            self._head.addWidget(self.tabs, 1, 0, 1, 1, Qt.AlignmentFlag.AlignBottom)
            self._head.addWidget(self.telling, 1, 1, 1, 4)
            self.telling.setAlignment(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
            self._row_layout.addWidget(self.slopes)
            self._row_layout.addWidget(self.jacobian)
        else:
            self.telling.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
            self._pictures.insertWidget(0, self.formula)
            self._below.addWidget(self.telling, 1)
            self._below.addWidget(self.slopes, 0, top)
            self._below.addWidget(self.jacobian, 0, top)

    def _hold(self) -> None:
        """Beside a long name formula and buttons stay readable: the name is cut instead."""
        self.formula.setMinimumWidth(min(self.formula.sizeHint().width(), _WIDEST_HELD) if self._flat else 0)
        for button in (self.next, self.all):
            button.setMinimumWidth(button.sizeHint().width() if self._flat else 0)

    # Refreshing.

    def showEvent(self, event: QShowEvent) -> None:
        """Load the fonts of formulas beside the event loop, after the first picture, and catch up."""
        super().showEvent(event)
        QTimer.singleShot(WARM_MS, self, warm)
        if self._stale:
            self.refresh()

    def refresh(self) -> None:
        """Show the vjp at the cursor. A hidden panel costs nothing: it catches up when shown."""
        self._stale = not self.isVisible()
        if self._stale:
            return
        session = self._bridge.session
        found = session.derivation() if session is not None else ()
        self.behind = not found and session is not None
        if self.behind and session is not None:
            found = session.derivation_at(latest_fire(session))
        if found is not self.derivations or not found:
            self.derivations = found
            self._fill_tabs()
        if not found:
            self.waiting.show_upcoming(upcoming(session) if session is not None else None)
        self._stack.setCurrentWidget(self._told_page if found else self.waiting)
        self._show_current()

    def _fill_tabs(self) -> None:
        self.tabs.blockSignals(True)
        while self.tabs.count():
            self.tabs.removeTab(0)
        for derivation in self.derivations:
            self.tabs.addTab(f"for {derivation.input_name}")
        self.tabs.setVisible(len(self.derivations) > 1)
        self.tabs.blockSignals(False)

    @property
    def substep(self) -> int:
        """How many parts are told."""
        if self.behind:
            return len(self.sentences)
        return self._bridge.session.substep if self._bridge.session is not None else 0

    def _show_current(self) -> None:
        if not self.derivations:
            self._shown = None
            return
        derivation = self.derivations[max(0, self.tabs.currentIndex())]
        if derivation is not self._shown:
            self._shown = derivation
            self._build(derivation)
        self._highlight()

    def _build(self, derivation: Derivation) -> None:
        session = self._bridge.session
        node = session.graph().node(derivation.node) if session is not None else None
        self.title.setText(node.grad_fn or node.title if node is not None else "")
        self.title.setToolTip(self.title.text())
        self.formula.set_formula(derivation.formula, derivation.plain)
        self._hold()
        self.where.setText(_symbols(derivation))
        self.where.setAccessibleName(f"Symbols: {self.where.text()}")
        self._show_parts(_parts(derivation))
        self.sentences = derivation.steps
        self._slopes = slopes_of(session, derivation) if session is not None else None
        self._jacobian = jacobian_of(session, derivation) if session is not None else None
        self._arrange()

    def _show_parts(self, parts: list[tuple[Operand, str, int, str, str]]) -> None:
        """A card for each part, and a sign before each but the first; those of the derivation before are used again."""
        from gradviz.debugger.words.mathtext import plain_text

        for widget in (*self.cards[len(parts) :], *self.signs[max(len(parts) - 1, 0) :]):
            widget.hide()
            self._row_layout.removeWidget(widget)
            widget.setParent(None)
            widget.deleteLater()
        del self.cards[len(parts) :], self.signs[max(len(parts) - 1, 0) :]
        for k, (operand, role, number, sign, words) in enumerate(parts):
            if 0 < k <= len(self.signs):
                self.signs[k - 1].say(sign, words, number)
            elif k:
                self.signs.append(Sign(self._bridge, sign, words, number, self._row))
                self._row_layout.insertWidget(2 * k - 1, self.signs[-1], 0, Qt.AlignmentFlag.AlignCenter)
            if k < len(self.cards):
                self.cards[k].show_operand(operand, plain_text(operand.symbol), role, number)
            else:
                self.cards.append(OperandCard(self._bridge, operand, plain_text(operand.symbol), role, number, self._row))
                self._row_layout.insertWidget(2 * k, self.cards[-1], 0, Qt.AlignmentFlag.AlignCenter)

    def _highlight(self) -> None:
        """Cards, signs and sentences as far as the sub-step."""
        told, theme = self.substep, self._bridge.theme
        last = len(self.sentences)
        for card in self.cards:
            card.set_state("ghost" if card.number > told else "current" if card.number == min(told, last) else "told")
        self.slopes.set_slopes(self._slopes if told >= 2 else None)  # its tangents are the second part
        self.jacobian.set_jacobian(self._jacobian if told >= 2 else None)
        for sign in self.signs:
            sign.live = sign.number <= told
            sign.update()
        lines = _numbered(self.sentences[:told]) if told else []
        if lines:
            lines[-1] = f"<b>{lines[-1]}</b>"
        if self._flat:
            lines = lines[-1:]
        self.telling.setText("".join(f'<p style="margin:0 0 5px 0; color:{theme.text}">{line}</p>' for line in lines))
        self.telling.setAccessibleName(" ".join(self.sentences[:told]) or "Nothing is told yet")
        self.next.setEnabled(told < last)
        self.all.setEnabled(told < last)
        self.next.set_text("Next part" if told else "Show the first part")
        self._hold()
        self._bring(told)

    def _bring(self, told: int) -> None:
        """What this part is about comes into sight: its card, and a picture that came with it."""
        shown: list[QWidget] = list([card for card in self.cards if card.number == told][-1:])
        if told == 2:
            shown += [picture for picture in (self.slopes, self.jacobian) if picture.isVisibleTo(self)]
        for widget in reversed(shown):  # the card last: it matters most
            self._area.ensureWidgetVisible(widget, 16, 8)

    # Buttons.

    def _advance(self) -> None:
        session = self._bridge.session
        if session is not None and self.substep < len(self.sentences):
            self._bridge.move(session.step_into)

    def _reveal(self) -> None:
        session = self._bridge.session
        if session is not None:
            self._bridge.move(self._tell_all)

    def _tell_all(self) -> None:
        session = self._bridge.session
        if session is not None:
            session.substep = max((len(d.steps) for d in self.derivations), default=0)


def _symbols(derivation: Derivation) -> str:
    """Which letter of the formula stands for what."""
    from gradviz.debugger.words.mathtext import plain_text

    operands = (derivation.upstream, *derivation.others, *derivation.operands, derivation.product)
    return "   ·   ".join(f"{plain_text(operand.symbol)}  {operand.words}" for operand in operands)


def _parts(derivation: Derivation) -> list[tuple[Operand, str, int, str, str]]:
    """The row of pictures: operand, colour role, sub-step, the sign before it and its words."""
    found: list[tuple[Operand, str, int, str, str]] = [(derivation.upstream, "gradient", 1, "", "")]
    found += [(operand, "gradient", 1, ",", "") for operand in derivation.others]
    if derivation.local is not None:
        found.append((derivation.local, "value", 2, "⊙", ""))
        found.append((derivation.product, "gradient", 3, "=", ""))
    else:
        found += [(operand, "value", 2, ",", "") for operand in derivation.operands]
        found.append((derivation.product, "gradient", 3, "→", "the rule"))
    if derivation.reduced is not None:
        found.append((derivation.reduced, "gradient", 4, "Σ →", "sum over axes"))
    return found

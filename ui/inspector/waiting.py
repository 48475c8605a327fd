"""WaitingPage: what the derivation shows where no backward node fires: what happened, the rule to come, and the way to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ..style.breakable import breakable
from ..style.theme import TITLE_PX, ui_font
from .formula import FormulaView
from .link import LinkButton

if TYPE_CHECKING:
    from gradviz.debugger.derivation.upcoming import Upcoming

    from ..bridge import Bridge

NOTHING = "Step to a backward node (vjp) to see its formula with numbers."
NEVER = "No backward node fires in this run: its formula would stand here with the numbers."
LONGEST = 280  # characters of a sentence; more would push the hint and the buttons out of the panel
_RULES = 3
_FORMULA = 22.0
_ROOMY, _TIGHT = (12, 10), (2, 4)  # pixels above and below all, and between two lines
_SIDE = 24


class WaitingPage(QWidget):
    """A sentence, the rules of the node at the cursor, and links to the fires around it."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.caption, self.words, self.hint = QLabel(self), QLabel(self), QLabel(NOTHING, self)
        self.caption.setFont(ui_font(TITLE_PX))
        self.hint.setObjectName("derivation_empty")
        for label, name in ((self.caption, "What just happened"), (self.words, "What backward will do here"), (self.hint, NOTHING)):
            label.setAccessibleName(name)
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setMinimumWidth(80)
        self.rules = [FormulaView(bridge, f"rule {k}", _FORMULA, "text", self) for k in range(_RULES)]
        self.fires = LinkButton(bridge, "Go to where it fires", "derivation own fire", "chip", self)
        self.before = LinkButton(bridge, "◂ Backward node before", "derivation fire before", "chip", self)
        self.after = LinkButton(bridge, "Next backward node ▸", "derivation next fire", "chip", self)
        formulas = QHBoxLayout()
        formulas.setSpacing(28)
        formulas.addStretch(1)
        for view in self.rules:
            formulas.addWidget(view)
        formulas.addStretch(1)
        links = QHBoxLayout()
        links.setSpacing(8)
        links.addStretch(1)
        for button in (self.before, self.fires, self.after):
            button.clicked.connect(self._go)
            links.addWidget(button)
        links.addStretch(1)
        self._rows = rows = QVBoxLayout(self)
        rows.addStretch(1)
        for widget in (self.caption, self.words):
            rows.addWidget(widget)
        rows.addLayout(formulas)
        rows.addWidget(self.hint)
        rows.addLayout(links)
        rows.addStretch(1)
        self._told: Upcoming | None = None
        self.show_upcoming(None)

    def restyle(self) -> None:
        """Colours of the theme."""
        theme = self._bridge.theme
        for label in (self.words, self.hint):
            label.setStyleSheet(f"color: {theme.muted}")
        self.caption.setStyleSheet(f"color: {theme.text}")

    def show_upcoming(self, told: Upcoming | None) -> None:
        """Say it; None without a session."""
        if told == self._told and told is not None:
            return
        self._told = told
        said = " ".join(told.caption.split()) if told is not None else ""
        first = " ".join(told.caption.strip().partition("\n")[0].split()) if told is not None else ""  # what follows are tables of numbers
        shown = (
            said
            if len(said) <= LONGEST and said == first
            else (first if len(first) <= LONGEST else first[:LONGEST].rpartition(" ")[0]).rstrip(" ,:") + " …"
        )
        self.caption.setText(breakable(shown))
        self.caption.setToolTip(said if shown != said else "")
        self.words.setText(f"{told.words}:" if told is not None and told.rules else told.words if told is not None else "")
        rules = told.rules if told is not None else ()
        for view, rule in zip(self.rules, (*rules[:_RULES], *[None] * _RULES), strict=False):
            if rule is not None:
                view.set_formula(rule.formula, rule.plain)
            view.setVisible(rule is not None)
        none = told is not None and told.before < 0 and told.after < 0
        self.hint.setText(NEVER if none else NOTHING)
        for button, event in (
            (self.before, told.before if told is not None else -1),
            (self.fires, told.fires if told is not None else -1),
            (self.after, told.after if told is not None else -1),
        ):
            button.setProperty("event", event)
            button.setVisible(event >= 0)
            button.setToolTip(f"Event {event + 1}")
        self.after.setVisible(told is not None and told.after >= 0 and told.after != told.fires)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In another dock there is room for more, or for less."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """What has room is shown, and nothing is squeezed: the sentence goes first, which the timeline has too, then the words."""
        rules = [view for view in self.rules if not view.isHidden()]
        lines = [label for label in (self.caption, self.words) if label.text()] + ([] if rules else [self.hint])
        fixed = [max(view.sizeHint().height() for view in rules)] if rules else []
        fixed += [button.sizeHint().height() for button in (self.before, self.fires, self.after) if not button.isHidden()][:1]
        for margin, space in (_ROOMY, _TIGHT) * (len(lines) + 1):
            heights = [label.heightForWidth(self.width() - 2 * _SIDE) for label in lines] + fixed
            if sum(heights) + space * (len(heights) - 1) + 2 * margin <= self.height():
                break
            if (margin, space) == _TIGHT and lines:
                lines.pop(0)
        self._rows.setContentsMargins(_SIDE, margin, _SIDE, margin)
        self._rows.setSpacing(space)
        for label in (self.caption, self.words, self.hint):
            label.setVisible(label in lines)

    def _go(self) -> None:
        sender = self.sender()
        if sender is not None:
            self._bridge.seek(int(sender.property("event")))

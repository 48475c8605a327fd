"""Crumbs: where the cursor stands, as a row of frames to click: epoch, step, phase, the running calls, the node."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QToolButton, QWidget

from gradviz.debugger.stepping.breadcrumbs import Place, beginning, breadcrumbs

from ..style.theme import SMALL_PX, ui_font

if TYPE_CHECKING:
    from ..bridge import Bridge

HEIGHT_PX = 22
_LONGEST = 40  # letters of one frame
_TIP = "To where it begins"


class Crumbs(QWidget):
    """A row of buttons; of many frames those in the middle wait behind a … button."""

    line_wanted = Signal(int)  # of the script, when a call was clicked

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("crumbs")
        self.setAccessibleName("Where the cursor stands")
        self.setFixedHeight(HEIGHT_PX)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._bridge = bridge
        self.places: tuple[Place, ...] = ()
        self._buttons: list[QToolButton] = []
        self.rest = self._button()
        self.rest.setText("…")
        self.rest.setAccessibleName("Frames between")
        self.rest.setToolTip("The frames between")
        self.rest.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self._fill_menu)
        self.rest.setMenu(self._menu)
        self._hidden = range(0)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(0)
        self._row.addWidget(self.rest)
        self._row.addStretch(1)
        bridge.session_changed.connect(self.refresh)
        bridge.on_rest(self.refresh)
        bridge.theme_changed.connect(self._restyle)
        self._restyle()

    def sizeHint(self) -> QSize:
        return QSize(200, HEIGHT_PX)

    def _button(self) -> QToolButton:
        button = QToolButton(self)
        button.setAutoRaise(True)
        button.setFont(ui_font(SMALL_PX))
        button.setFixedHeight(HEIGHT_PX)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        return button

    def refresh(self) -> None:
        """Show the frames of the moment. Hot path: at each step."""
        session = self._bridge.session
        places = breadcrumbs(session) if session is not None else ()
        if places == self.places:
            return
        self.places = places
        while len(self._buttons) < len(places):
            button = self._button()
            button.clicked.connect(partial(self.go, len(self._buttons)))
            self._row.insertWidget(len(self._buttons) + 1, button)  # the … stands first, and is moved where it is wanted
            self._buttons.append(button)
        for row, place in enumerate(places):
            text = place.text if len(place.text) <= _LONGEST else place.text[: _LONGEST - 1] + "…"
            self._buttons[row].setText(f"{text}  ›" if row < len(places) - 1 else text)
            self._buttons[row].setAccessibleName(place.text)
            self._buttons[row].setToolTip(f"{_TIP}: {place.text}")
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As many frames as there is room for: the outermost, and the last ones."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        count = len(self.places)
        widths = [button.sizeHint().width() for button in self._buttons[:count]]
        room = self.width()
        hidden = range(0)
        if count > 2 and sum(widths) > room:
            room -= self.rest.sizeHint().width() + widths[0]
            first = count - 1
            room -= widths[first]
            while first > 2 and widths[first - 1] <= room:
                first -= 1
                room -= widths[first]
            hidden = range(1, first)
        self._hidden = hidden
        self._row.removeWidget(self.rest)
        self._row.insertWidget(1 if hidden else 0, self.rest)
        self.rest.setVisible(bool(hidden))
        for row, button in enumerate(self._buttons):
            button.setVisible(row < count and row not in hidden)

    def _fill_menu(self) -> None:
        self._menu.clear()
        for row in self._hidden:
            self._menu.addAction(self.places[row].text).triggered.connect(partial(self.go, row))

    def go(self, row: int, _checked: bool = False) -> None:
        """To where a frame begins; the line of a call is shown in the text."""
        session = self._bridge.session
        if session is None or row >= len(self.places):
            return
        place = self.places[row]
        self._bridge.seek(beginning(session, place))
        if place.line:
            self.line_wanted.emit(place.line)

    def _restyle(self) -> None:
        theme = self._bridge.theme
        self.setStyleSheet(
            f"QToolButton {{ color: {theme.muted}; border: none; padding: 0 3px; }} QToolButton:hover {{ color: {theme.text}; }}"
            f"QToolButton:focus {{ color: {theme.text}; border: 1px solid {theme.selection}; border-radius: 3px; padding: 0 2px; }}"
            " QToolButton::menu-indicator { image: none; }"
        )
        self._fit()

"""How much memory the recording takes, of how much it may take; a click sets that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolButton, QWidget

from ..style.theme import mono_font

if TYPE_CHECKING:
    from PySide6.QtWidgets import QStyleOptionToolButton

    from ..bridge import Bridge

CHOICES = (64, 128, 256, 512, 1024, 2048, 4096)  # megabytes
_TIP = (
    "Memory of this recording. Events and statistics are always kept.\n"
    "Beyond the budget, numbers stay around the cursor and at keyframes; the others are computed again when you go there.\n"
    "Click to set the budget."
)


def in_megabytes(size: int) -> str:
    """A number of bytes as a small number of megabytes."""
    return f"{size / (1 << 20):.1f}" if 0 < size < 10 << 20 else f"{size >> 20:,}"


class MemoryButton(QToolButton):
    """ "38 of 512 MB", with a menu of budgets."""

    chosen = Signal(int)  # megabytes

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.setObjectName("timeline_memory")
        self.setAccessibleName("Memory of the recording")
        self.setToolTip(_TIP)
        self.setFont(mono_font())
        self.setAutoRaise(True)  # a figure that is seldom needed: no button beside those that are
        self.setFixedHeight(24)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu = QMenu(self)
        self._group = QActionGroup(self)
        self._menu.aboutToShow.connect(self._fill)
        self.setMenu(self._menu)
        self.working = False
        for signal in (bridge.session_changed, bridge.recording_grew, bridge.memory_changed):
            signal.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Say how much it is now."""
        session = self._bridge.session
        used = session.recording.memory if session is not None else 0
        words = "computing numbers again… " if self.working else ""
        self.setText(f"{words}{in_megabytes(used)} of {self._bridge.memory:,} MB")
        self.setAccessibleDescription(f"the recording takes {self.text()}")

    def set_working(self, on: bool) -> None:
        """Whether numbers are being computed again."""
        if on != self.working:
            self.working = on
            self.refresh()

    def sizeHint(self) -> QSize:
        """As wide as the words, with a little arrow."""
        return QSize(self.fontMetrics().horizontalAdvance(self.text()) + 26, 24)

    def choose(self, megabytes: int) -> None:
        """Another budget, from now on."""
        self._bridge.set_memory(megabytes)
        self.chosen.emit(megabytes)

    def initStyleOption(self, option: QStyleOptionToolButton) -> None:
        """In a narrow dock the budget is left out: cut in the middle neither number could be read."""
        super().initStyleOption(option)
        if self.width() < self.sizeHint().width():
            option.text = self.text().split(" of ")[0] + " MB"

    def minimumSizeHint(self) -> QSize:
        """In a narrow dock the caption is worth more."""
        return QSize(0, 24)

    def _fill(self) -> None:
        self._menu.clear()
        for megabytes in sorted({*CHOICES, self._bridge.memory}):
            action = QAction(f"{megabytes:,} MB", self._group)
            action.setCheckable(True)
            action.setChecked(megabytes == self._bridge.memory)
            action.triggered.connect(lambda _=False, size=megabytes: self.choose(size))
            self._menu.addAction(action)

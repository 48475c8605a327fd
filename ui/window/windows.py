"""Several windows of one program: each with a recording and a graph of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .panels import PanelledWindow


class Windows:
    """The open windows. Qt keeps no Python object alive that has no parent: this list does."""

    def __init__(self) -> None:
        self.open: list[PanelledWindow] = []

    def forget(self, window: PanelledWindow) -> None:
        """A window went; the last one stays in the list, for what is told while the program ends."""
        if window in self.open and len(self.open) > 1:
            self.open.remove(window)

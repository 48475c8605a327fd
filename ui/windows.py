"""Several windows of one program: each with a recording and a graph of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .main_window import MainWindow

ASIDE = 36  # pixels that a new window stands beside the one that it was made from


class Windows:
    """The open windows. Qt keeps no Python object alive that has no parent: this list does."""

    def __init__(self, first: MainWindow) -> None:
        self.open: list[MainWindow] = [first]

    def another(self, beside: MainWindow) -> MainWindow:
        """One more window; in the editor where the other one is, else with the first lesson."""
        from .main_window import MainWindow

        made = MainWindow(beside.settings, self)
        made.set_theme(beside.bridge.theme.name)
        made.resize(beside.size())
        made.move(beside.pos().x() + ASIDE, beside.pos().y() + ASIDE)
        self.open.append(made)
        made.show()
        if beside.room.active:
            made.room.show_editor()
        else:
            made.workbench.open_lesson()
        return made

    def closed(self, window: MainWindow) -> None:
        """A window went."""
        if window in self.open and len(self.open) > 1:
            self.open.remove(window)

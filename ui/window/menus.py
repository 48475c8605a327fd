"""The menus: the bar made from the table of actions, the files opened lately, and what a right click on the canvas offers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu

from ..actions.actions import MENUS, RECENT, SUBMENUS, TABLE

if TYPE_CHECKING:
    from .panels import PanelledWindow

OF_A_NODE = (
    ("run_to", "run_to_vjp", "run_to_grad", "back_to"),
    ("last_write", "last_grad_write"),
    ("requires_grad", "no_grad", "detach", "branch"),
    ("who_wrote", "why_value", "parts"),
    ("breakpoint", "zoom_selection", "fit"),
    ("open_fold", "fold", "unfold"),
)


class Menus:
    """The window's menus by name."""

    def __init__(self, window: PanelledWindow) -> None:
        self._window = window
        bar = window.menuBar()
        self.by_name: dict[str, QMenu] = {name: bar.addMenu(f"&{name}") for name in MENUS}
        for row in TABLE:
            if row.id == "quit":
                self.by_name["File"].addSeparator()
            if row.menu not in self.by_name:
                self.by_name[row.menu] = self.by_name[SUBMENUS[row.menu]].addMenu(row.menu)
            self.by_name[row.menu].addAction(window.action(row.id))
        self.by_name[RECENT].aboutToShow.connect(self.name_recent)
        self.by_name[RECENT].aboutToHide.connect(self.wake_recent)
        self.by_name["View"].addSeparator()
        for dock in window.docks.values():
            self.by_name["View"].addAction(dock.toggleViewAction())

    def __getitem__(self, name: str) -> QMenu:
        return self.by_name[name]

    def wake_recent(self) -> None:
        """An action that is not seen has no keys: a file opened next is to have its own."""
        for action in self.by_name[RECENT].actions():
            action.setVisible(True)

    def name_recent(self) -> None:
        """The files by their paths; where there are none, one row that says so."""
        known = self._window.settings.recent()
        for number, action in enumerate(self.by_name[RECENT].actions()):
            action.setVisible(number < max(len(known), 1))
            action.setText(known[number].replace("&", "&&") if number < len(known) else "(no files yet)")

    def show_for_node(self, at: QPoint) -> None:
        """What can be done with the selected nodes (beside them: with the canvas), at a point of the screen."""
        menu = QMenu(self._window)
        for group in OF_A_NODE:
            actions = [action for action in map(self._window.action, group) if action.isEnabled()]
            if actions and not menu.isEmpty():
                menu.addSeparator()
            menu.addActions(actions)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(at)

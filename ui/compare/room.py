"""CompareRoom: comparing as a part of the window, with its two docks."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from .comparing import Comparing

if TYPE_CHECKING:
    from ..window.panels import PanelledWindow
    from .check_panel import CheckPanel
    from .panel import RunsPanel
    from .runs import RunList
    from .side import SideBySide


class CompareRoom(Comparing):
    """Knows what is chosen in its list, so that a comparison can be asked for without a word which."""

    def __init__(self, window: PanelledWindow, runs: RunList, side: SideBySide) -> None:
        super().__init__(window, runs, side)
        self._when_over = False  # a comparison was asked for while a script ran
        self.bridge.run_changed.connect(self._compare_now)

    @cached_property
    def panel(self) -> RunsPanel:
        """The dock "Runs"."""
        from .panel import RunsPanel

        return RunsPanel(self)

    @cached_property
    def check_panel(self) -> CheckPanel:
        """The dock "Check"."""
        from .check_panel import CheckPanel

        return CheckPanel(self)

    def compare_latest(self) -> None:
        """The shown run with the one chosen in the list, else the newest other one; a run that goes on is waited for."""
        self.show_dock("Runs")
        if self.bridge.running:
            self._when_over = True
            self._window.tell("info", "The runs are compared as soon as this one is over.")
        elif self.panel.compare.isEnabled():
            self.panel.compare.click()
        else:
            self._window.tell("info", "There is one run only: run again, branch (Ctrl+B), or open a recording beside it.")

    def _compare_now(self) -> None:
        if self._when_over and not self.bridge.running:
            self._when_over = False
            self.compare_latest()

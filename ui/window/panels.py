"""PanelledWindow: the docks of the window. Which panels there are, and when each is made."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QChildEvent, Qt, QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMainWindow, QTabBar, QToolBar, QWidget

from ..actions.keys import Keys
from ..bridge import Bridge
from ..canvas.view import CanvasView
from ..running.workbench import Workbench
from ..settings import Settings
from ..style import theme as themes
from ..timeline.again import Recomputing
from .dock_layout import FIXED, DockLayout
from .docks import Dock
from .message_bar import MessageBar

if TYPE_CHECKING:
    from gradviz.debugger.diagnosis import Fix

    from ..alarms.panel import AlarmsPanel
    from ..breakpoints.panel import BreakpointsPanel
    from ..console.view import ConsoleView
    from ..glossary.panel import GlossaryPanel
    from ..inspector.derivation import DerivationPanel
    from ..inspector.panel import InspectorPanel
    from ..pictures.panel import PicturesPanel
    from ..plots.panel import PlotsPanel
    from ..questions.panel import QuestionsPanel
    from ..running.overrides_panel import OverridesPanel
    from ..source.view import SourceView
    from ..timeline.panel import TimelinePanel
    from ..watches.panel import WatchesPanel

FURNISH_MS = 40  # between two panels that are not in sight


class PanelledWindow(QMainWindow):
    """A main window with gradviz's docks, as its rooms and parts know it; `docks` has them by title."""

    furnished = Signal()  # once, when all panels are there
    toolbar: QToolBar
    canvas: CanvasView
    message: MessageBar
    keys: Keys
    recomputing: Recomputing
    try_fix: Callable[[Fix], None]  # changes the script as a panel offers it, and runs

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__()
        self.settings = settings or Settings()
        self.bridge: Bridge = Bridge(themes.THEMES[self.settings.theme]._replace(hidden=self.settings.hidden), self)
        self.workbench: Workbench = Workbench(self.bridge, self.settings, self)
        self.setDockNestingEnabled(True)
        self.docks: dict[str, Dock] = {}
        self._closed = self._filled = self._complete = False
        self._furnisher = QTimer(self)
        self._furnisher.setSingleShot(True)
        self._furnisher.timeout.connect(self._furnish)

    def childEvent(self, event: QChildEvent) -> None:
        """The tabs of docks keep their names: where there is no room for all, they scroll."""
        super().childEvent(event)
        if event.polished() and isinstance(bar := event.child(), QTabBar):  # of other children Python needs to know nothing
            bar.setElideMode(Qt.TextElideMode.ElideNone)
            bar.setUsesScrollButtons(True)
            bar.setAccessibleName("Panels")

    def _make_docks(self, of_rooms: dict[str, Callable[[], QWidget]]) -> None:
        """Args:
        of_rooms: what fills the docks of rooms, by their titles.
        """
        left, right, bottom = (
            Qt.DockWidgetArea.LeftDockWidgetArea,
            Qt.DockWidgetArea.RightDockWidgetArea,
            Qt.DockWidgetArea.BottomDockWidgetArea,
        )
        self.setCorner(Qt.Corner.BottomLeftCorner, bottom)
        self.setCorner(Qt.Corner.BottomRightCorner, bottom)
        rooms: tuple[tuple[str, Callable[[], QWidget], Qt.DockWidgetArea], ...] = (
            ("Source", lambda: self.source, left),
            ("Inspector", lambda: self.inspector, right),
            ("Timeline", lambda: self.timeline, bottom),
            ("Derivation", lambda: self.derivation, bottom),
            ("Gradients", lambda: self.plots, bottom),
            ("Console", lambda: self.console, bottom),
            ("What if", lambda: self.what_if, bottom),
            ("Alarms", lambda: self.alarms, bottom),
            ("Questions", lambda: self.questions, bottom),
            ("Watches", lambda: self.watches, bottom),
            ("Breakpoints", lambda: self.breakpoints, bottom),
            ("Glossary", lambda: self.glossary, right),
            ("Lesson", of_rooms["Lesson"], right),
            ("Pictures", lambda: self.pictures, bottom),
            ("Runs", of_rooms["Runs"], bottom),
            ("Check", of_rooms["Check"], bottom),
        )
        for k, (title, make, area) in enumerate(rooms):
            dock = Dock(title, make, self)
            self.addDockWidget(area, dock)
            self.docks[title] = dock
            dock.setVisible(title in FIXED)  # side by side, for a moment, they would be wider than the screen
            toggle = dock.toggleViewAction()
            toggle.setObjectName(f"dock {title.lower()}")
            toggle.setStatusTip(f"Show or hide {title}")
            self.keys.put(toggle.objectName(), toggle, (f"Ctrl+Shift+{k + 1}" if k < 9 else f"Ctrl+Alt+{k - 8}",))

    # The panels; `Dock` says when they are made.

    @cached_property
    def source(self) -> SourceView:
        """The script."""
        from ..source.view import SourceView

        panel = SourceView(self.bridge)
        panel.edited.connect(self.refresh_title)
        panel.left.connect(self.canvas.setFocus)
        self._hold("Source", panel)
        return panel

    @property
    def source_text(self) -> str:
        """The text of the script as it stands on the screen."""
        return self.source.text if "source" in self.__dict__ else self.bridge.source

    @property
    def source_modified(self) -> bool:
        """Whether the script's text is another one than its file's."""
        return "source" in self.__dict__ and self.source.modified

    @cached_property
    def inspector(self) -> InspectorPanel:
        """All that is known of a node."""
        from ..inspector.panel import InspectorPanel

        panel = InspectorPanel(self.bridge)
        self._hold("Inspector", panel)
        return panel

    @cached_property
    def timeline(self) -> TimelinePanel:
        """Where in the recording we are."""
        from ..timeline.panel import TimelinePanel

        panel = TimelinePanel(self.bridge)
        panel.crumbs.line_wanted.connect(self.source.go_to_line)
        panel.memory.chosen.connect(self._keep_memory)
        self.recomputing.working_changed.connect(panel.memory.set_working)
        self._hold("Timeline", panel)
        return panel

    @cached_property
    def derivation(self) -> DerivationPanel:
        """The vjp of the moment with its numbers."""
        from ..inspector.derivation import DerivationPanel

        panel = DerivationPanel(self.bridge)
        self._hold("Derivation", panel)
        return panel

    @cached_property
    def plots(self) -> PlotsPanel:
        """Curves and ledger of `.grad`."""
        from ..plots.panel import PlotsPanel

        panel = PlotsPanel(self.bridge)
        panel.compare_zero_grad_requested.connect(self.workbench.compare_zero_grad)
        self._hold("Gradients", panel)
        return panel

    @cached_property
    def console(self) -> ConsoleView:
        """What the script printed."""
        from ..console.view import ConsoleView

        panel = ConsoleView(self.bridge)
        self._hold("Console", panel)
        return panel

    @cached_property
    def what_if(self) -> OverridesPanel:
        """What is toggled."""
        from ..running.overrides_panel import OverridesPanel

        panel = OverridesPanel(self.workbench)
        self._hold("What if", panel)
        return panel

    @cached_property
    def alarms(self) -> AlarmsPanel:
        """What looks wrong."""
        from ..alarms.marks import AlarmMarks
        from ..alarms.panel import AlarmsPanel

        panel = AlarmsPanel(self.bridge)
        panel.counted.connect(lambda count: self.docks["Alarms"].setWindowTitle(f"Alarms ({count})" if count else "Alarms"))
        panel.line_wanted.connect(self.source.go_to_line)
        panel.fix_wanted.connect(lambda fix: self.try_fix(fix))
        panel.found.connect(AlarmMarks(self.canvas).show)
        self._hold("Alarms", panel)
        return panel

    @cached_property
    def questions(self) -> QuestionsPanel:
        """What can be asked of the selected node."""
        from ..questions.panel import QuestionsPanel

        panel = QuestionsPanel(self.bridge, self.canvas)
        self._hold("Questions", panel)
        return panel

    @cached_property
    def watches(self) -> WatchesPanel:
        """Expressions over time."""
        from ..watches.panel import WatchesPanel

        panel = WatchesPanel(self.bridge)
        self._hold("Watches", panel)
        return panel

    @cached_property
    def breakpoints(self) -> BreakpointsPanel:
        """Where `continue` stops."""
        from ..breakpoints.panel import BreakpointsPanel

        panel = BreakpointsPanel(self.bridge)
        self._hold("Breakpoints", panel)
        return panel

    @cached_property
    def glossary(self) -> GlossaryPanel:
        """The words of the field."""
        from ..glossary.panel import GlossaryPanel

        panel = GlossaryPanel(self.bridge)
        self._hold("Glossary", panel)
        return panel

    @cached_property
    def pictures(self) -> PicturesPanel:
        """Pictures made for one idea each."""
        from ..pictures.panel import PicturesPanel

        panel = PicturesPanel(self.bridge)
        self._hold("Pictures", panel)
        return panel

    def _hold(self, title: str, panel: QWidget) -> None:
        self.docks[title].hold(panel)

    def _furnish(self) -> None:
        """First the panels that are in sight, in one go, then one after the other those that wait."""
        waiting = [dock for dock in self.docks.values() if not dock.furnished]
        if self._closed or self._complete:
            return
        if not waiting:
            self._complete = True
            self.furnished.emit()
            return
        if self._filled:
            waiting[0].furnish()
        for dock in waiting:
            dock.open()
        self._filled = True
        self._furnisher.start(FURNISH_MS)

    def _dress_toolbar(self, layout: DockLayout) -> None:
        """Its words: on a low screen beside the icons."""
        style = Qt.ToolButtonStyle.ToolButtonTextBesideIcon if layout.low else Qt.ToolButtonStyle.ToolButtonTextUnderIcon
        self.toolbar.setToolButtonStyle(style)

    def _keep_memory(self, megabytes: int) -> None:
        """Remember how much memory a recording may take."""
        self.settings.memory = megabytes

    # -- what a part asks of the whole window: the window that is put together answers it ---------------------------

    def action(self, name: str) -> QAction:
        """An action of the table."""
        raise NotImplementedError

    def refresh_actions(self) -> None:
        """Enable the actions that can be done now."""
        raise NotImplementedError

    def refresh_title(self) -> None:
        """The name of what is open, with a star where something is not saved."""
        raise NotImplementedError

    def tell(self, kind: str, text: str) -> None:
        """Show a message: good news in the status bar, the rest above the canvas."""
        raise NotImplementedError

    def step(self, command: str) -> None:
        """Move the session by one of its commands."""
        raise NotImplementedError

    def stop_playing(self) -> None:
        """Step no more by itself."""
        raise NotImplementedError

    def show_recording(self) -> None:
        """The recording in the middle of the window."""
        raise NotImplementedError

    def show_editor(self) -> None:
        """The editor in the middle of the window."""
        raise NotImplementedError

    def may_leave_script(self) -> bool:
        """Whether unsaved text may go: asks where there is some."""
        raise NotImplementedError

    def run_code(self, text: str) -> bool:
        """Run a program that gradviz wrote itself, under the recorder; False where a script would be lost."""
        raise NotImplementedError

    def turn_theme(self) -> None:
        """Dark or light."""
        raise NotImplementedError

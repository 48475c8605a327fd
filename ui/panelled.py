"""PanelledWindow: the docks of the window. Which panels there are, and when each is made."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QChildEvent, Qt, QTimer
from PySide6.QtWidgets import QMainWindow, QTabBar, QToolBar, QWidget

from . import theme as themes
from .bridge import Bridge
from .dock_layout import FIXED, DockLayout
from .docks import Dock
from .settings import Settings
from .workbench import Workbench

if TYPE_CHECKING:
    from .alarms.panel import AlarmsPanel
    from .breakpoints.panel import BreakpointsPanel
    from .console.view import ConsoleView
    from .glossary.panel import GlossaryPanel
    from .inspector.derivation import DerivationPanel
    from .inspector.panel import InspectorPanel
    from .lessons.room import LessonRoom
    from .main_window import MainWindow
    from .overrides_panel import OverridesPanel
    from .pictures.panel import PicturesPanel
    from .plots.panel import PlotsPanel
    from .questions.panel import QuestionsPanel
    from .source.view import SourceView
    from .timeline.panel import TimelinePanel
    from .watches.panel import WatchesPanel

FURNISH_MS = 40  # between two panels that are not in sight


class PanelledWindow(QMainWindow):
    """A main window with gradviz's docks; `docks` has them by title."""

    toolbar: QToolBar

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__()
        self.settings = settings or Settings()
        self.bridge: Bridge = Bridge(themes.THEMES[self.settings.theme]._replace(hidden=self.settings.hidden), self)
        self.workbench: Workbench = Workbench(self.bridge, self.settings, self)
        self.setDockNestingEnabled(True)
        self.docks: dict[str, Dock] = {}
        self._closed = self._filled = False
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

    def _make_docks(self) -> None:
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
            ("Lesson", lambda: self.lessons.panel, right),
            ("Pictures", lambda: self.pictures, bottom),
            ("Runs", lambda: cast("MainWindow", self).comparing.panel, bottom),
            ("Check", lambda: cast("MainWindow", self).comparing.check_panel, bottom),
        )
        for k, (title, make, area) in enumerate(rooms):
            dock = Dock(title, make, self)
            self.addDockWidget(area, dock)
            self.docks[title] = dock
            dock.setVisible(title in FIXED)  # side by side, for a moment, they would be wider than the screen
            toggle = dock.toggleViewAction()
            toggle.setObjectName(f"dock {title.lower()}")
            toggle.setStatusTip(f"Show or hide {title}")
            cast("MainWindow", self).keys.put(toggle.objectName(), toggle, (f"Ctrl+Shift+{k + 1}" if k < 9 else f"Ctrl+Alt+{k - 8}",))

    # The panels; `Dock` says when they are made.

    @cached_property
    def source(self) -> SourceView:
        """The script."""
        from .source.view import SourceView

        window = cast("MainWindow", self)
        panel = SourceView(self.bridge)
        panel.edited.connect(window.refresh_title)
        panel.left.connect(window.canvas.setFocus)
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
        from .inspector.panel import InspectorPanel

        panel = InspectorPanel(self.bridge)
        self._hold("Inspector", panel)
        return panel

    @cached_property
    def timeline(self) -> TimelinePanel:
        """Where in the recording we are."""
        from .timeline.panel import TimelinePanel

        window = cast("MainWindow", self)
        panel = TimelinePanel(self.bridge)
        panel.crumbs.line_wanted.connect(window.source.go_to_line)
        panel.memory.chosen.connect(window.keep_memory)
        window.recomputing.working_changed.connect(panel.memory.set_working)
        self._hold("Timeline", panel)
        return panel

    @cached_property
    def derivation(self) -> DerivationPanel:
        """The vjp of the moment with its numbers."""
        from .inspector.derivation import DerivationPanel

        panel = DerivationPanel(self.bridge)
        self._hold("Derivation", panel)
        return panel

    @cached_property
    def plots(self) -> PlotsPanel:
        """Curves and ledger of `.grad`."""
        from .plots.panel import PlotsPanel

        panel = PlotsPanel(self.bridge)
        panel.compare_zero_grad_requested.connect(self.workbench.compare_zero_grad)
        self._hold("Gradients", panel)
        return panel

    @cached_property
    def console(self) -> ConsoleView:
        """What the script printed."""
        from .console.view import ConsoleView

        panel = ConsoleView(self.bridge)
        self._hold("Console", panel)
        return panel

    @cached_property
    def what_if(self) -> OverridesPanel:
        """What is toggled."""
        from .overrides_panel import OverridesPanel

        panel = OverridesPanel(self.workbench)
        self._hold("What if", panel)
        return panel

    @cached_property
    def alarms(self) -> AlarmsPanel:
        """What looks wrong."""
        from .alarms.marks import AlarmMarks
        from .alarms.panel import AlarmsPanel

        panel = AlarmsPanel(self.bridge)
        panel.counted.connect(lambda count: self.docks["Alarms"].setWindowTitle(f"Alarms ({count})" if count else "Alarms"))
        window = cast("MainWindow", self)
        panel.line_wanted.connect(window.source.go_to_line)
        panel.found.connect(AlarmMarks(window.canvas).show)
        self._hold("Alarms", panel)
        return panel

    @cached_property
    def questions(self) -> QuestionsPanel:
        """What can be asked of the selected node."""
        from .questions.panel import QuestionsPanel

        panel = QuestionsPanel(self.bridge, cast("MainWindow", self).canvas)
        self._hold("Questions", panel)
        return panel

    @cached_property
    def watches(self) -> WatchesPanel:
        """Expressions over time."""
        from .watches.panel import WatchesPanel

        panel = WatchesPanel(self.bridge)
        self._hold("Watches", panel)
        return panel

    @cached_property
    def breakpoints(self) -> BreakpointsPanel:
        """Where `continue` stops."""
        from .breakpoints.panel import BreakpointsPanel

        panel = BreakpointsPanel(self.bridge)
        self._hold("Breakpoints", panel)
        return panel

    @cached_property
    def lessons(self) -> LessonRoom:
        """The lessons."""
        from .lessons.room import LessonRoom

        return LessonRoom(cast("MainWindow", self))

    @property
    def in_lesson(self) -> bool:
        """Whether a lesson is open."""
        return "lessons" in self.__dict__ and self.lessons.walk is not None

    @cached_property
    def glossary(self) -> GlossaryPanel:
        """The words of the field."""
        from .glossary.panel import GlossaryPanel

        panel = GlossaryPanel(self.bridge)
        self._hold("Glossary", panel)
        return panel

    @cached_property
    def pictures(self) -> PicturesPanel:
        """Pictures made for one idea each."""
        from .pictures.panel import PicturesPanel

        panel = PicturesPanel(self.bridge)
        self._hold("Pictures", panel)
        return panel

    def _hold(self, title: str, panel: QWidget) -> None:
        self.docks[title].hold(panel)

    def _furnish(self) -> None:
        """First the panels that are in sight, in one go, then one after the other those that wait."""
        waiting = [dock for dock in self.docks.values() if not dock.furnished]
        if not waiting or self._closed:
            return
        if self._filled:
            waiting[0].furnish()
        for dock in waiting:
            dock.open()
        self._filled = True
        self._furnisher.start(FURNISH_MS)

    def _arrange(self) -> None:
        """Put the docks where they stand at the first start."""
        layout = DockLayout(self, self.docks)
        layout.put_beside()
        if self.in_lesson:
            self.lessons.put_away()
        layout.put_below()
        self._dress_toolbar(layout)
        layout.share_out()

    def _dress_toolbar(self, layout: DockLayout) -> None:
        """Its words: on a low screen beside the icons."""
        style = Qt.ToolButtonStyle.ToolButtonTextBesideIcon if layout.low else Qt.ToolButtonStyle.ToolButtonTextUnderIcon
        self.toolbar.setToolButtonStyle(style)

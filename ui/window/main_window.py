"""The window: its actions with menus and toolbar, and how its parts are wired."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QPoint, Qt, QTimer
from PySide6.QtGui import QAction, QCloseEvent, QDragEnterEvent, QDropEvent, QResizeEvent, QShowEvent

from ..actions.actions import Actions
from ..qt.application import application
from ..settings import RECENT, Settings
from ..style.icons import icon
from .dock_layout import DockLayout, Shares
from .limits_label import LimitsLabel
from .menus import Menus
from .rooms import RoomedWindow
from .run_outcomes import GOOD_MS, Outcomes
from .toolbar import Toolbar
from .windows import Windows

if TYPE_CHECKING:
    from ..glossary.help import HelpDesk
    from ..source.doubts import Doubts
    from ..tour.tour import Tour

LATEST_MS = 1000  # after which panels are made though no graph has been painted
ASIDE = 36  # pixels that a new window stands beside the one that it was made from


class MainWindow(RoomedWindow):
    """gradviz."""

    def __init__(self, settings: Settings | None = None, windows: Windows | None = None) -> None:
        super().__init__(settings, windows)
        self.doubts: Doubts | None = None
        self.bridge.help_wanted.connect(lambda word: self.help_desk.show_word(word))
        self.actions_ = Actions(self)
        self.player.changed.connect(self._show_playing)
        self._make_docks(
            {
                "Lesson": lambda: self.lessons.panel,
                "Runs": lambda: self.comparing.panel,
                "Check": lambda: self.comparing.check_panel,
            }
        )
        self.menus: Menus = Menus(self)
        self.toolbar: Toolbar = Toolbar(self)
        self.addToolBar(self.toolbar)
        self._limits = LimitsLabel(self)
        self.statusBar().addPermanentWidget(self._limits)  # with the status bar made now, the first message moves nothing
        self._unarranged = self.saveState()
        self._shares = Shares(self, self.docks)
        self.outcomes: Outcomes = Outcomes(self)
        self.try_fix = self.outcomes.try_fix
        self._wire()
        self._restore()

    # -- building ---------------------------------------------------------------------------------------

    def _wire(self) -> None:
        bridge, canvas = self.bridge, self.canvas
        for signal in (
            bridge.session_changed,
            bridge.selection_changed,
            bridge.run_changed,
            bridge.overrides_changed,
            bridge.breakpoints_changed,
            bridge.source_changed,
        ):
            signal.connect(self.actions_.refresh)
        bridge.source_changed.connect(self.refresh_title)
        bridge.source_changed.connect(self.room.show_recording)
        bridge.theme_changed.connect(self._restyle)
        bridge.output.connect(self._output)
        self.recomputing.said.connect(self.outcomes.tell)
        self.jumps.stayed.connect(lambda text: self.statusBar().showMessage(text, GOOD_MS))
        bridge.findings_changed.connect(self._doubt)
        canvas.painted.connect(self._after_first_picture)
        self._furnisher.timeout.connect(self._prepare_application)
        canvas.node_activated.connect(self.jumps.through_node)
        canvas.context_menu_requested.connect(self.menus.show_for_node)

    def _restore(self) -> None:
        kept = self.settings.window()
        if kept is not None:
            self.restoreGeometry(kept[0])
            self.restoreState(kept[1])
            self._dress_toolbar(DockLayout(self, self.docks))
            self._arranged = True
        else:
            self.resize(1280, 800)
            self._arranged = False

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._arranged:
            self._arranged = True
            self._arrange()
        self._furnisher.start(LATEST_MS)
        if not self.room.active:
            self.canvas.setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._limits.fit()
        if self.isVisible() and not self.room.active:
            self._shares.resized()

    def _after_first_picture(self) -> None:
        """What it did without is made in the next turn of the event loop."""
        self._furnisher.start(0)
        QTimer.singleShot(0, self, self.actions_.restyle)
        QTimer.singleShot(0, self, lambda: self._limits.tell(self.workbench.runner.process.limits()))

    @staticmethod
    def _prepare_application() -> None:
        """What holds for all windows: shortcuts on keyboards without Latin letters, whole texts from labels, where the keyboard is."""
        from ..actions import latin_keys
        from ..style import breakable, focus_line

        for part in (breakable, focus_line, latin_keys):
            part.install(application())

    # -- actions, and what is made of all of them ------------------------------------------------------------

    def action(self, name: str) -> QAction:
        """An action of the table."""
        return self.actions_[name]

    def refresh_actions(self) -> None:
        """Enable the actions that can be done now."""
        self.actions_.refresh()

    def tell(self, kind: str, text: str) -> None:
        """Show a message: good news in the status bar, the rest above the canvas."""
        self.outcomes.tell(kind, text)

    @cached_property
    def tour(self) -> Tour:
        """Two minutes through the window."""
        from ..tour.tour import Tour

        return Tour(self)

    @cached_property
    def help_desk(self) -> HelpDesk:
        """Help on the thing under the mouse."""
        from ..glossary.help import HelpDesk

        return HelpDesk(self)

    def start_tour(self) -> None:
        """Two minutes through the window."""
        self.tour.start()

    def help_here(self) -> None:
        """Help on the thing under the mouse."""
        self.help_desk.help_here()

    def another(self) -> MainWindow:
        """One more window; in the editor where this one is, else with the first lesson."""
        made = MainWindow(self.settings, self.windows)
        made.set_theme(self.bridge.theme.name)
        made.resize(self.size())
        made.move(self.pos().x() + ASIDE, self.pos().y() + ASIDE)
        made.show()
        if self.room.active:
            made.room.show_editor()
        else:
            made.workbench.open_lesson()
        return made

    def show_palette(self) -> None:
        """Find an action by typing."""
        from ..actions.command_palette import CommandPalette

        self.menus.name_recent()
        unknown = {f"recent_{k + 1}" for k in range(len(self.settings.recent()), RECENT)}
        every = [*self.actions_.by_id.values(), *(d.toggleViewAction() for d in self.docks.values())]
        palette = CommandPalette([a for a in every if a.objectName() not in {"palette", *unknown}], self)
        self.menus.wake_recent()
        corner = self.mapToGlobal(QPoint((self.width() - palette.width()) // 2, 80))
        palette.move(corner)
        palette.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        palette.show()
        palette.line.setFocus()

    def show_shortcuts(self) -> None:
        """All actions with their keys."""
        from ..actions.shortcuts import ShortcutsPage

        page = ShortcutsPage(self.keys, [dock.toggleViewAction() for dock in self.docks.values()], self)
        page.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        page.show()

    # -- what the model tells --------------------------------------------------------------------------------

    def _doubt(self) -> None:
        """The first finding of the lint brings what marks the nodes."""
        if self.doubts is None:
            from ..source.doubts import Doubts

            self.doubts = Doubts(self.bridge, self.canvas)
            self.bridge.findings_changed.emit()

    def _output(self, text: str, stream: str) -> None:
        if stream == "gradviz":
            self.console.note(text)

    def _show_playing(self) -> None:
        """Icon and text of the button say what a click would do."""
        action = self.actions_["play"]
        action.setIconText("Pause" if self.player.playing else "Play")
        action.setIcon(icon("pause" if self.player.playing else "play", self.bridge.theme))

    def _restyle(self) -> None:
        self.actions_.restyle()
        self._show_playing()
        self.toolbar.restyle()

    # -- files and the end ------------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        if self.files.drop(event.mimeData()):
            event.acceptProposedAction()

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.files.may_leave():
            event.ignore()
            return
        self._closed = True
        self.player.stop()
        if "presenter" in self.__dict__:
            self.presenter.close()
        self.settings.keep_window(QByteArray(self.saveGeometry()), QByteArray(self.room.window_state()))
        self.settings.sync()
        self.recomputing.close()
        self.workbench.close()
        self.room.close()
        self.canvas.arranger.close()
        self.side.stop()
        super().closeEvent(event)
        self.windows.forget(self)
        self.deleteLater()  # Python cannot: what Qt's connections hold it does not see, and the window would stay for ever

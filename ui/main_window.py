"""The window: its parts and how they are wired, and what the actions call that concerns more than one of them."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QPoint, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QTabBar, QVBoxLayout, QWidget

from . import theme as themes
from .actions import Actions
from .application import application
from .canvas.graph_widget import GraphWidget
from .canvas.view import CanvasView
from .compare.runs import RunList
from .compare.side import SideBySide
from .dock_layout import DockLayout, Shares
from .editor.room import EditorRoom
from .keys import Keys
from .limits_label import LimitsLabel
from .menus import Menus
from .message_bar import MessageBar
from .outcomes import GOOD_MS, Outcomes
from .panelled import PanelledWindow
from .player import Player
from .settings import RECENT, Settings
from .timeline.again import Recomputing
from .timeline.jumps import Jumps
from .toolbar import Toolbar
from .windows import Windows

if TYPE_CHECKING:
    from .compare.room import CompareRoom
    from .editor.view import EditorView
    from .files import Files
    from .glossary.help import HelpDesk
    from .presenter.room import PresenterRoom
    from .source.doubts import Doubts
    from .tour.tour import Tour

LATEST_MS = 1000  # after which panels are made though no graph has been painted
ASIDE = 36  # pixels that a new window stands beside the one that it was made from


class MainWindow(PanelledWindow):
    """gradviz."""

    def __init__(self, settings: Settings | None = None, windows: Windows | None = None) -> None:
        super().__init__(settings)
        self.windows: Windows = windows or Windows()
        self.windows.open.append(self)
        self.keys: Keys = Keys(self.settings, self.windows)
        GraphWidget.wheel_scrolls = self.settings.wheel_scrolls
        self.setObjectName("gradviz")
        self.setWindowTitle("gradviz")
        self.setAcceptDrops(True)
        self.canvas: CanvasView = CanvasView(self.bridge)
        self.canvas.direction = self.settings.direction
        self.canvas.folding.level = self.settings.fold
        self.canvas.set_speed(self.settings.speed)
        self.doubts: Doubts | None = None
        self.message = MessageBar(self.bridge)
        middle = QWidget(self)
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.side: SideBySide = SideBySide(self.canvas, self.bridge)
        self.room: EditorRoom = EditorRoom(self, self.side)
        column.addWidget(self.room.tabs)
        column.addWidget(self.message)
        column.addWidget(self.room.stack, 1)
        self.setCentralWidget(middle)
        self.jumps: Jumps = Jumps(self.bridge, self)
        self.bridge.memory = self.settings.memory
        self.recomputing: Recomputing = Recomputing(self.workbench, self)
        self.workbench.read_text = lambda: self.source_text
        self.workbench.open_document = self.room.open
        self.workbench.open_lesson_file = lambda path: self.lessons.open(path)
        self.runs: RunList = RunList(self.workbench, self)
        self.bridge.help_wanted.connect(lambda word: self.help_desk.show_word(word))
        self.actions_ = Actions(self)
        self.player: Player = Player(self)
        self._make_docks()
        self.menus: Menus = Menus(self)
        self.toolbar: Toolbar = Toolbar(self)
        self.addToolBar(self.toolbar)
        self._limits = LimitsLabel(self)
        self.statusBar().addPermanentWidget(self._limits)  # with the status bar made now, the first message moves nothing
        self._unarranged = self.saveState()
        self._shares = Shares(self, self.docks)
        self.outcomes: Outcomes = Outcomes(self)
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
        """What holds for all windows: shortcuts on keyboards without Latin letters, and whole texts from labels."""
        from . import breakable, latin_keys

        for part in (breakable, latin_keys):
            part.install(application())

    # -- what actions call ----------------------------------------------------------------------------------

    def step(self, command: str) -> None:
        """Move the session by one of its commands."""
        session = self.bridge.session
        if session is None:
            return
        self.player.stop()
        self.canvas.finish()
        self.bridge.move(getattr(session, command))
        if command in ("continue_", "reverse_continue"):
            self._say_where(command == "continue_")

    def _say_where(self, on: bool) -> None:
        """Which breakpoint ended the way; where none did, why it went so far."""
        from .breakpoints.words import told

        session = self.bridge.session
        if session is not None:
            end = "the end" if on else "the start"
            none = f"No breakpoint on the way: this is {end}" if session.breakpoints else f"No breakpoints (F9 sets one): this is {end}"
            if waiting := self.breakpoints.searches.waiting:
                none = f"{none}. {waiting} {'is' if waiting == 1 else 'are'} still searched for and did not count"
            self.statusBar().showMessage(told(session, self.bridge.source) or none, GOOD_MS)

    @property
    def view(self) -> CanvasView | EditorView:
        """The canvas that is shown: of the recording, or of the editor."""
        return self.room.panel.view if self.room.active else self.canvas

    # Rooms that the first picture does not show; they are made when they are first asked for, or with the panels.

    @cached_property
    def files(self) -> Files:
        """What the File menu asks for."""
        from .files import Files

        return Files(self)

    @cached_property
    def comparing(self) -> CompareRoom:
        """Runs, branches, comparisons and the numeric check."""
        from .compare.room import CompareRoom

        made = CompareRoom(self)
        made.compared.connect(self.actions_.refresh)
        return made

    @property
    def has_comparison(self) -> bool:
        """Whether two runs are compared on the screen."""
        return "comparing" in self.__dict__ and self.comparing.comparison is not None

    @cached_property
    def presenter(self) -> PresenterRoom:
        """The recording on the whole screen, for a class."""
        from .presenter.room import PresenterRoom

        return PresenterRoom(self)

    @cached_property
    def tour(self) -> Tour:
        """Two minutes through the window."""
        from .tour.tour import Tour

        return Tour(self)

    @cached_property
    def help_desk(self) -> HelpDesk:
        """Help on the thing under the mouse."""
        from .glossary.help import HelpDesk

        return HelpDesk(self)

    def tell(self, kind: str, text: str) -> None:
        """Show a message: good news in the status bar, the rest above the canvas."""
        self.outcomes.tell(kind, text)

    def stop_playing(self) -> None:
        """Step no more by itself."""
        self.player.stop()

    def run(self) -> None:
        """The script; in the editor the graph, under the recorder."""
        if self.room.active:
            self.room.step_through()
        else:
            self.workbench.run()

    def run_code(self, text: str) -> bool:
        """Run a program that gradviz wrote itself, under the recorder; False where a script would be lost."""
        if self.bridge.running or not self.files.may_leave_script():
            return False
        self.workbench.show_code(text)
        self.workbench.run(allowed=True)
        return True

    def change_speed(self, factor: float) -> None:
        """Slower or faster; above 8 times it is instant."""
        speed = self.canvas.speed or 16.0
        speed = min(max(speed * factor, 0.1), 16.0)
        self.settings.speed = 0.0 if speed > 8 else speed
        self.canvas.set_speed(self.settings.speed)
        self.statusBar().showMessage("Speed: instant" if speed > 8 else f"Speed: {speed:g}×", 3000)

    def toggle_breakpoint(self) -> None:
        """On the line of the cursor when the script has the focus, else on the selected node."""
        session = self.bridge.session
        if session is None:
            return
        if self.source.editor.hasFocus() or not self.bridge.selected:
            self.source.editor.toggle_breakpoint(self.source.current_line())
        else:
            session.breakpoint_nodes ^= set(self.bridge.selected)
            self.bridge.breakpoints_changed.emit()

    def ask(self, question: str) -> None:
        """Ask a question of the selected node."""
        self.docks["Questions"].raise_()
        self.questions.ask(question)

    def clear_breakpoints(self) -> None:
        """Remove all breakpoints."""
        session = self.bridge.session
        if session is not None:
            session.breakpoints.clear()
            self.bridge.breakpoints_changed.emit()

    def undo(self) -> None:
        """The last edit in the editor, else the last what-if change."""
        if self.room.active:
            self.room.desk.history.undo()
        else:
            self.workbench.what_if.undo()
        self.actions_.refresh()

    def redo(self) -> None:
        """What undo took away."""
        if self.room.active:
            self.room.desk.history.redo()
        else:
            self.workbench.what_if.redo()
        self.actions_.refresh()

    def toggle_requires_grad(self) -> None:
        """Of the selected leaf."""
        if self.room.active:
            self.room.panel.commands.toggle("requires_grad")
        elif self.bridge.selected:
            self.workbench.what_if.toggle_requires_grad(self.bridge.selected[0])

    def toggle_no_grad(self) -> None:
        """Around the selected operations."""
        if self.room.active:
            self.room.panel.commands.no_grad()
            return
        self.workbench.what_if.toggle_no_grad(self.bridge.selected)

    def toggle_detach(self) -> None:
        """Of the selected edge, else of the first input of the selected node."""
        if self.room.active:
            self.room.panel.commands.detach()
            return
        made = self.canvas.geometry_
        if 0 <= self.canvas.selected_edge < len(made.edges):
            self.workbench.what_if.toggle_detach(*made.edges[self.canvas.selected_edge][0][1:])
            return
        graph = self.bridge.graph()
        edges = [e for e in graph.edges if e.target in self.bridge.selected and e.kind != "bucket"] if graph is not None else []
        if edges:
            self.workbench.what_if.toggle_detach(edges[0].target, edges[0].port)
        else:
            self.tell("info", "Click an edge (or a node with inputs), then press D.")

    def turn_theme(self) -> None:
        """Dark or light."""
        name = "light" if self.bridge.theme.dark else "dark"
        self.settings.theme = name
        self.set_theme(name)

    def set_theme(self, name: str) -> None:
        """Another look for the whole app."""
        app = QApplication.instance()
        if isinstance(app, QApplication):
            themes.apply(app, themes.THEMES[name])
        self.bridge.set_theme(themes.THEMES[name]._replace(hidden=self.bridge.theme.hidden))

    def turn_label(self, name: str) -> None:
        """Show "shapes", "values" or "grads" on the cards of nodes, or leave them out."""
        theme = self.bridge.theme
        self.settings.hidden = theme.hidden ^ {name}
        self.bridge.set_theme(theme._replace(hidden=self.settings.hidden))

    def turn_direction(self) -> None:
        """Left to right, or top to bottom."""
        if self.room.active:
            self.room.panel.commands.turn()
            return
        direction = "TB" if self.canvas.direction == "LR" else "LR"
        self.canvas.set_direction(direction)
        self.settings.direction = direction

    def fold(self, by: int) -> None:
        """Draw the modules of the network as one card each, or their operations."""
        self.statusBar().showMessage(f"On the canvas {self.canvas.fold(by)}.", 5000)
        self.settings.fold = self.canvas.folding.level

    def open_fold(self) -> None:
        """Open or close the module of the selected card."""
        if not self.bridge.selected or not self.canvas.open_fold(self.bridge.selected[0]):
            self.statusBar().showMessage("The selected card is no module that is folded (View, Cards, Fold modules).", 5000)

    def reset_layout(self) -> None:
        """Docks as at the first start."""
        self.settings.forget_window()
        for bar in self.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly):
            bar.hide()  # Qt makes new ones for the docks that it puts together, and would leave these where they were
        self.restoreState(self._unarranged)
        self._arrange()

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

    def find_node(self) -> None:
        """Find a node by typing."""
        from .finding import find_node

        find_node(self)

    def next_part(self, step: int) -> None:
        """The keyboard to another part of the window."""
        from .panes import go

        go(self, step)

    def turn_full_screen(self) -> None:
        """All of the screen, or as it was."""
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def turn_wheel(self) -> None:
        """The wheel moves the canvases, or zooms them, in all windows."""
        self.settings.wheel_scrolls = GraphWidget.wheel_scrolls = not GraphWidget.wheel_scrolls
        self.tell("good", "The wheel scrolls; with Ctrl it zooms." if GraphWidget.wheel_scrolls else "The wheel zooms.")

    def show_palette(self) -> None:
        """Find an action by typing."""
        from .palette.palette import CommandPalette

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

    def show_glossary(self) -> None:
        """The glossary, ready to be searched."""
        self.docks["Glossary"].show()
        self.docks["Glossary"].raise_()
        self.glossary.line.setFocus()
        self.glossary.line.selectAll()

    def show_shortcuts(self) -> None:
        """All actions with their keys."""
        from .palette.shortcuts import ShortcutsPage

        page = ShortcutsPage(self.keys, [dock.toggleViewAction() for dock in self.docks.values()], self)
        page.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        page.show()

    # -- what the model tells --------------------------------------------------------------------------------

    def keep_memory(self, megabytes: int) -> None:
        """Remember how much memory a recording may take."""
        self.settings.memory = megabytes

    def _doubt(self) -> None:
        """The first finding of the lint brings what marks the nodes."""
        if self.doubts is None:
            from .source.doubts import Doubts

            self.doubts = Doubts(self.bridge, self.canvas)
            self.bridge.findings_changed.emit()

    def _output(self, text: str, stream: str) -> None:
        if stream == "gradviz":
            self.console.note(text)

    def refresh_title(self) -> None:
        """The name of what is open, with a star where something is not saved."""
        from gradviz.lessons import first

        if self.room.active:
            desk = self.room.desk
            self.setWindowTitle(f"{desk.title}{' *' if desk.modified else ''} — gradviz")
            return
        if self.workbench.is_lesson:
            name = (self.lessons.title if self.in_lesson else "") or first.TITLE
        else:
            name = Path(self.bridge.path).name or "untitled"
        self.setWindowTitle(f"{name}{' *' if self.source_modified else ''} — gradviz")

    def _restyle(self) -> None:
        self.actions_.restyle()
        self.player.show_state()
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

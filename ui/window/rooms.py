"""RoomedWindow: the window with its rooms, and what actions call that concerns more than one of them."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtWidgets import QApplication, QHBoxLayout, QTabBar, QVBoxLayout, QWidget

from ..actions.keys import Keys
from ..canvas.graph_widget import GraphWidget
from ..canvas.painting.legend import Legend
from ..canvas.view import CanvasView
from ..compare.runs import RunList
from ..compare.side import SideBySide
from ..editor.room import EditorRoom
from ..settings import Settings
from ..style import theme as themes
from ..timeline.again import Recomputing
from ..timeline.jumps import Jumps
from ..timeline.player import Player
from .dock_layout import DockLayout
from .message_bar import MessageBar
from .panels import PanelledWindow
from .run_outcomes import GOOD_MS
from .windows import Windows

if TYPE_CHECKING:
    from ..compare.room import CompareRoom
    from ..editor.view import EditorView
    from ..lessons.room import LessonRoom
    from ..presenter.room import PresenterRoom
    from .files import Files


class RoomedWindow(PanelledWindow):
    """Has the recording and the editor in its middle, and all that can be done with them; the table of actions calls it."""

    def __init__(self, settings: Settings | None = None, windows: Windows | None = None) -> None:
        super().__init__(settings)
        self.windows: Windows = windows or Windows()
        self.windows.open.append(self)
        self.keys: Keys = Keys(self.settings, lambda: [window.keys for window in self.windows.open])
        GraphWidget.wheel_scrolls = self.settings.wheel_scrolls
        self.setObjectName("gradviz")
        self.setWindowTitle("gradviz")
        self.setAcceptDrops(True)
        self.canvas: CanvasView = CanvasView(self.bridge)
        self.canvas.direction = self.settings.direction
        self.canvas.folding.level = self.settings.fold
        self.canvas.set_speed(self.settings.speed)
        self.message = MessageBar(self.bridge)
        middle = QWidget(self)
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.side: SideBySide = SideBySide(self.canvas, self.bridge)
        self.room: EditorRoom = EditorRoom(self, self.side, lambda: self.another().room)
        self.legend: Legend = Legend(self.bridge, middle)
        self.room.tabs.currentChanged.connect(lambda _: self.legend.setVisible(not self.room.active))
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self.room.tabs)
        line.addWidget(self.legend, 1)
        column.addLayout(line)
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
        self.player: Player = Player(self.bridge, self.canvas, self)
        self._unarranged = QByteArray()  # where the docks were before anybody moved them

    def _arrange(self) -> None:
        """Put the docks where they stand at the first start."""
        layout = DockLayout(self, self.docks)
        layout.put_beside()
        if self.in_lesson:
            self.lessons.put_away()
        layout.put_below()
        self._dress_toolbar(layout)
        layout.share_out()

    # -- rooms that the first picture does not show: made when they are first asked for, or with the panels --------

    @cached_property
    def files(self) -> Files:
        """What the File menu asks for."""
        from .files import Files

        return Files(self, self.room, lambda: self.lessons)

    @cached_property
    def lessons(self) -> LessonRoom:
        """The lessons."""
        from ..lessons.room import LessonRoom

        return LessonRoom(self)

    @property
    def in_lesson(self) -> bool:
        """Whether a lesson is open."""
        return "lessons" in self.__dict__ and self.lessons.walk is not None

    @cached_property
    def comparing(self) -> CompareRoom:
        """Runs, branches, comparisons and the numeric check."""
        from ..compare.room import CompareRoom

        made = CompareRoom(self, self.runs, self.side)
        made.compared.connect(self.refresh_actions)
        return made

    @property
    def has_comparison(self) -> bool:
        """Whether two runs are compared on the screen."""
        return "comparing" in self.__dict__ and self.comparing.comparison is not None

    @cached_property
    def presenter(self) -> PresenterRoom:
        """The recording on the whole screen, for a class."""
        from ..presenter.room import PresenterRoom

        return PresenterRoom(self, lambda: self.lessons if self.in_lesson else None)

    # -- what actions call ------------------------------------------------------------------------------------

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
        from ..breakpoints.words import told

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
        if self.bridge.running or not self.may_leave_script():
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
        self.refresh_actions()

    def redo(self) -> None:
        """What undo took away."""
        if self.room.active:
            self.room.desk.history.redo()
        else:
            self.workbench.what_if.redo()
        self.refresh_actions()

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
        if self.bridge.port >= 0 and self.bridge.selected:
            self.workbench.what_if.toggle_detach(self.bridge.selected[0], self.bridge.port)
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
        for window in self.windows.open:  # the palette is that of the application
            window.bridge.set_theme(themes.THEMES[name]._replace(hidden=window.bridge.theme.hidden))

    def quit(self) -> None:
        """All windows go, this one last; one that has something unsaved may stay, and with it those that are left."""
        for window in [*(other for other in self.windows.open if other is not self), self]:
            if not window.close():
                return

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

    def find_node(self) -> None:
        """Find a node by typing."""
        from ..actions.find_node import find_node

        find_node(self, self.room)

    def next_part(self, step: int) -> None:
        """The keyboard to another part of the window."""
        from ..actions.focus import go

        go(self, self.room, step)

    def turn_full_screen(self) -> None:
        """All of the screen, or as it was."""
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def turn_wheel(self) -> None:
        """The wheel moves the canvases, or zooms them, in all windows."""
        self.settings.wheel_scrolls = GraphWidget.wheel_scrolls = not GraphWidget.wheel_scrolls
        self.tell("good", "The wheel scrolls; with Ctrl it zooms." if GraphWidget.wheel_scrolls else "The wheel zooms.")

    def show_glossary(self) -> None:
        """The glossary, ready to be searched."""
        self.docks["Glossary"].show()
        self.docks["Glossary"].raise_()
        self.glossary.line.setFocus()
        self.glossary.line.selectAll()

    # -- what parts ask of it ------------------------------------------------------------------------------------

    def show_recording(self) -> None:
        """The recording in the middle of the window."""
        self.room.show_recording()

    def show_editor(self) -> None:
        """The editor in the middle of the window."""
        self.room.show_editor()

    def may_leave_script(self) -> bool:
        """Whether unsaved text may go: asks where there is some."""
        return self.files.may_leave_script()

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

    # -- what actions call, and the window that has them does --------------------------------------------------

    def another(self) -> RoomedWindow:
        """One more window; in the editor where this one is, else with the first lesson."""
        raise NotImplementedError

    def start_tour(self) -> None:
        """Two minutes through the window."""
        raise NotImplementedError

    def help_here(self) -> None:
        """Help on the thing under the mouse."""
        raise NotImplementedError

    def show_palette(self) -> None:
        """Find an action by typing."""
        raise NotImplementedError

    def show_shortcuts(self) -> None:
        """All actions with their keys."""
        raise NotImplementedError

"""The window: docks, menus and toolbar made from the table of actions. Wiring only."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QPoint, Qt, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QPalette, QShowEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QMenu, QMessageBox, QToolBar, QVBoxLayout, QWidget

from gradviz.debugger.answers import Series
from gradviz.debugger.compare import Comparison
from gradviz.debugger.diagnosis import Diagnosis, Fix

from . import theme as themes
from .actions import MENUS, PRIMARY, TABLE, TOOLBAR, Actions
from .canvas.view import CanvasView
from .compare.room import CompareRoom
from .compare.side import SideBySide
from .editor.room import EditorRoom
from .message_bar import MessageBar
from .panelled import FURNISH_MS, PanelledWindow
from .player import Player
from .presenter.room import PresenterRoom
from .settings import Settings
from .speed import SpeedButton
from .timeline.again import Recomputing
from .timeline.jumps import Jumps
from .tour.tour import Tour
from .windows import Windows

if TYPE_CHECKING:
    from .editor.view import EditorView
    from .glossary.help import HelpDesk
    from .source.doubts import Doubts

LATEST_MS = 1000  # after which panels are made though no graph has been painted
LIMITS_PX = 660  # the widest that the limits of scripts may be told in the status bar
SENTENCES = 2  # of a comparison, in the message; all are in the panel
FILES = "Scripts, recordings, graphs and lessons (*.py *.gvrec *.gradviz *.toml);;All files (*)"


class MainWindow(PanelledWindow):
    """gradviz."""

    settled = Signal()

    def __init__(self, settings: Settings | None = None, windows: Windows | None = None) -> None:
        super().__init__(settings)
        self.windows: Windows = windows or Windows(self)
        self.setObjectName("gradviz")
        self.setWindowTitle("gradviz")
        self.setAcceptDrops(True)
        self.canvas: CanvasView = CanvasView(self.bridge)
        self.canvas.direction = self.settings.direction
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
        self.workbench.read_text = lambda: self.source.text
        self.workbench.open_document = self.room.open
        self.workbench.open_lesson_file = lambda path: self.lessons.open(path)
        self.tour: Tour = Tour(self)
        self.bridge.help_wanted.connect(lambda word: self.help_desk.show_word(word))
        self.presenter: PresenterRoom = PresenterRoom(self)
        self.comparing: CompareRoom = CompareRoom(self)
        self.actions_ = Actions(self)
        self.player: Player = Player(self)
        self._make_docks()
        self._make_menus()
        self._make_toolbar()
        self._unarranged = self.saveState()
        self._wire()
        self._restore()

    # -- building ---------------------------------------------------------------------------------------

    def _make_menus(self) -> None:
        bar = self.menuBar()
        self.menus: dict[str, QMenu] = {name: bar.addMenu(f"&{name}") for name in MENUS}
        for row in TABLE:
            if row.id == "quit":
                self.recent = self.menus["File"].addMenu("Open &recent")
                self.recent.aboutToShow.connect(self._fill_recent)
                self.menus["File"].addSeparator()
            self.menus[row.menu].addAction(self.actions_[row.id])
        self.menus["View"].addSeparator()
        for dock in self.docks.values():
            self.menus["View"].addAction(dock.toggleViewAction())

    def _make_toolbar(self) -> None:
        bar = QToolBar("Steps", self)
        bar.setObjectName("toolbar")
        bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        bar.setMovable(False)
        for name in TOOLBAR:
            if name:
                bar.addAction(self.actions_[name])
            else:
                bar.addSeparator()
        bar.addSeparator()
        self.speed = SpeedButton(self.canvas, bar)
        bar.addWidget(self.speed)
        bar.widgetForAction(self.actions_[PRIMARY]).setObjectName("primary")
        self.addToolBar(bar)
        self.toolbar = bar
        self._mark_primary()
        limits = QLabel(self)  # with the status bar made now, the first message moves nothing
        limits.setObjectName("limits")
        limits.setFont(themes.ui_font(themes.SMALL_PX))
        words = "A script runs with limits: " + "; ".join(self.workbench.process.limits())
        limits.setText(limits.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, LIMITS_PX))
        limits.setToolTip(words)
        limits.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.statusBar().addPermanentWidget(limits)

    def _mark_primary(self) -> None:
        self.toolbar.setStyleSheet(themes.primary_style(self.bridge.theme))

    def _fill_recent(self) -> None:
        self.recent.clear()
        for path in self.settings.recent():
            action = self.recent.addAction(path)
            action.triggered.connect(lambda _=False, path=path: self.workbench.open(path))
        if self.recent.isEmpty():
            self.recent.addAction("(no files yet)").setEnabled(False)

    def _wire(self) -> None:
        bridge, work, canvas = self.bridge, self.workbench, self.canvas
        for signal in (
            bridge.session_changed,
            bridge.selection_changed,
            bridge.run_changed,
            bridge.overrides_changed,
            bridge.source_changed,
        ):
            signal.connect(self.actions_.refresh)
        self.comparing.compared.connect(self.actions_.refresh)
        bridge.source_changed.connect(self.refresh_title)
        bridge.source_changed.connect(self.room.show_recording)
        bridge.theme_changed.connect(self._restyle)
        bridge.output.connect(self._output)
        bridge.problem.connect(lambda text, details: self.message.tell("error", text, details))
        self.source.edited.connect(self.refresh_title)
        work.note.connect(self._note)
        self.recomputing.said.connect(self._note)
        self.recomputing.working_changed.connect(self.timeline.memory.set_working)
        self.timeline.memory.chosen.connect(self._keep_memory)
        work.source_problem.connect(self.source.set_problem)
        work.trust_wanted.connect(self._ask_trust)
        work.diagnosed.connect(self._diagnosed)
        work.compared.connect(self._compared)
        work.zero_grad_compared.connect(self._zero_grad_compared)
        bridge.findings_changed.connect(self._doubt)
        canvas.painted.connect(lambda: self._furnisher.start(FURNISH_MS))
        canvas.node_activated.connect(self._go_to_node)
        canvas.context_menu_requested.connect(self._context_menu)

    def _restore(self) -> None:
        kept = self.settings.window()
        if kept is not None:
            self.restoreGeometry(kept[0])
            self.restoreState(kept[1])
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

    # -- what actions call ----------------------------------------------------------------------------------

    def step(self, command: str) -> None:
        """Move the session by one of its commands."""
        session = self.bridge.session
        if session is None:
            return
        self.player.stop()
        self.canvas.finish()
        self.bridge.move(getattr(session, command))

    @property
    def view(self) -> CanvasView | EditorView:
        """The canvas that is shown: of the recording, or of the editor."""
        return self.room.panel.view if self.room.active else self.canvas

    @cached_property
    def help_desk(self) -> HelpDesk:
        """Help on the thing under the mouse; made when it is first asked for."""
        from .glossary.help import HelpDesk

        return HelpDesk(self)

    def tell(self, kind: str, text: str) -> None:
        """Show a message: good news in the status bar, the rest above the canvas."""
        self._note(kind, text, "")

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

    def toggle_play(self) -> None:
        """Step by itself, or stop doing so."""
        self.player.toggle()

    def change_speed(self, factor: float) -> None:
        """Slower or faster; above 8 times it is instant."""
        speed = self.canvas.speed or 16.0
        speed = min(max(speed * factor, 0.1), 16.0)
        self.canvas.set_speed(0.0 if speed > 8 else speed)
        self.statusBar().showMessage("Speed: instant" if speed > 8 else f"Speed: {speed:g}×", 3000)

    def epoch(self, delta: int) -> None:
        """The same moment in another epoch."""
        session = self.bridge.session
        if session is not None:
            self.bridge.move(lambda: session.next_epoch(delta))

    def same_event(self, delta: int) -> None:
        """The same event in another step."""
        session = self.bridge.session
        if session is not None:
            self.bridge.move(lambda: session.same_event(delta))

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
            self.workbench.undo()
        self.actions_.refresh()

    def redo(self) -> None:
        """What undo took away."""
        if self.room.active:
            self.room.desk.history.redo()
        else:
            self.workbench.redo()
        self.actions_.refresh()

    def toggle_requires_grad(self) -> None:
        """Of the selected leaf."""
        if self.room.active:
            self.room.panel.commands.toggle("requires_grad")
        elif self.bridge.selected:
            self.workbench.toggle_requires_grad(self.bridge.selected[0])

    def toggle_no_grad(self) -> None:
        """Around the selected operations."""
        if self.room.active:
            self.room.panel.commands.no_grad()
            return
        self.workbench.toggle_no_grad(self.bridge.selected)

    def toggle_detach(self) -> None:
        """Of the selected edge, else of the first input of the selected node."""
        if self.room.active:
            self.room.panel.commands.detach()
            return
        made = self.canvas.geometry_
        if 0 <= self.canvas.selected_edge < len(made.edges):
            self.workbench.toggle_detach(*made.edges[self.canvas.selected_edge][0])
            return
        graph = self.bridge.graph()
        edges = [e for e in graph.edges if e.target in self.bridge.selected and e.kind != "bucket"] if graph is not None else []
        if edges:
            self.workbench.toggle_detach(edges[0].source, edges[0].target, edges[0].port)
        else:
            self._note("info", "Click an edge (or a node with inputs), then press D.", "")

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
        self.bridge.set_theme(themes.THEMES[name])

    def turn_direction(self) -> None:
        """Left to right, or top to bottom."""
        if self.room.active:
            self.room.panel.commands.turn()
            return
        direction = "TB" if self.canvas.direction == "LR" else "LR"
        self.canvas.set_direction(direction)
        self.settings.direction = direction

    def reset_layout(self) -> None:
        """Docks as at the first start."""
        self.settings.forget_window()
        self.restoreState(self._unarranged)
        self._arrange()

    def choose_file(self) -> None:
        """Ask for a file and open it."""
        folder = str(Path(self.bridge.path).parent) if self.bridge.path and not self.workbench.is_lesson else ""
        path, _ = QFileDialog.getOpenFileName(self, "Open", folder, FILES)
        if path and (path.endswith((".gradviz", ".toml")) or self.may_leave_script()):
            self.workbench.open(path)

    def save_script(self) -> None:
        """The graph in the editor, else the script, to its file; what has none asks for one."""
        if self.room.active:
            self.room.save()
            return
        path = self.bridge.path
        if not path or self.workbench.is_lesson or path.endswith(".gvrec"):
            path, _ = QFileDialog.getSaveFileName(self, "Save script", "", "Python (*.py)")
        if path and self.workbench.save_script(path):
            self.source.saved()
            self.refresh_title()

    def save_recording(self) -> None:
        """Ask for a file and write the recording."""
        path, _ = QFileDialog.getSaveFileName(self, "Save recording", "", "Recordings (*.gvrec)")
        if path:
            self.workbench.save_recording(path if path.endswith(".gvrec") else path + ".gvrec")

    def export(self) -> None:
        """Ask what to export, and where to."""
        session = self.bridge.session
        if session is None:
            return
        from .export.dialog import ExportDialog

        self.player.stop()
        dialog = ExportDialog(self, session)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def hand_out(self) -> None:
        """Ask for a file and write the lesson as PDF."""
        lesson, walk = self.lessons.lesson, self.lessons.walk
        if lesson is None:
            return
        if walk is None:  # nothing runs a script that was not allowed to
            self._note("info", "The hand-out has pictures of the lesson's run: run its script first.", "")
            return
        path, _ = QFileDialog.getSaveFileName(self, "Hand-out", f"{lesson.id}.pdf", "PDF (*.pdf)")
        if not path:
            return
        from gradviz.lessons.problem import LessonProblem

        from .export.handout import write_handout

        try:
            write_handout(lesson, Path(path), self.bridge.theme, walk.reader.session.recording)
            self._note("good", f"Wrote {Path(path).name}", "")
        except LessonProblem as problem:
            self._note("error", f"{lesson.path.name}: {problem}", "")
        except OSError as problem:
            self._note("error", f"{Path(path).name} was not written: {problem.strerror or problem}", "")

    def show_palette(self) -> None:
        """Find an action by typing."""
        from .palette.palette import CommandPalette

        every = [*self.actions_.by_id.values(), *(d.toggleViewAction() for d in self.docks.values())]
        palette = CommandPalette([a for a in every if a.objectName() != "palette"], self)
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

        page = ShortcutsPage([dock.toggleViewAction() for dock in self.docks.values()], self)
        page.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        page.show()

    # -- what the model tells --------------------------------------------------------------------------------

    def _note(self, kind: str, text: str, details: str) -> None:
        if kind == "good":
            self.statusBar().showMessage(text, 6000)
            if self.message.kind != "ask":
                self.message.hide()
        else:
            self.message.tell(kind, text, details)

    def _keep_memory(self, megabytes: int) -> None:
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

    def _ask_trust(self, folder: str) -> None:
        limits = "; ".join(self.workbench.process.limits())
        text = f"This script is a program. It runs in a process of its own with limits: {limits}. Run it?"
        self.message.tell(
            "ask",
            text,
            folder,
            (("Run once", lambda: self.workbench.run(allowed=True)), (f"Trust {Path(folder).name}/", self.workbench.trust_and_run)),
        )

    def _diagnosed(self, reason: str, found: Diagnosis) -> None:
        """PyTorch's words, then ours, with what can be done by one click."""
        buttons: list[tuple[str, Callable[[], object]]] = []
        if found.event >= 0 or found.nodes:
            buttons.append(("Show where", lambda: self._show_culprit(found)))
        fix = found.fix
        if fix is not None:
            buttons.append(("Try the fix", lambda: self._try_fix(fix)))
        told = f"Fix:\n{fix.diff}\n{found.advice}" if fix is not None else found.advice
        words = f"{reason.split('. Hint:')[0]}\n{found.sentence}" + (f" {found.advice}" if fix is None and found.advice else "")
        self.message.tell("error", words, told, tuple(buttons))

    def _show_culprit(self, found: Diagnosis) -> None:
        if found.event >= 0:
            self.bridge.seek(found.event)
        self.bridge.select(found.nodes)
        self.message.show()  # the fix is still to be tried

    def _try_fix(self, fix: Fix) -> None:
        """Change the line in the editor (Ctrl+Z there takes it back; the file stays as it is until it is saved), and run."""
        if self.source.replace_line(fix.line, fix.before, fix.after):
            self.workbench.run(allowed=True)
        else:
            self._note("info", f"Line {fix.line} has changed since the run: run again first.", "")

    def _compared(self, comparison: Comparison | None) -> None:
        self.canvas.show_changes(comparison)
        if comparison is not None:
            self.docks["What if"].show()
            self.docks["What if"].raise_()
            kind = "error" if comparison.error else "info"
            words = [difference.sentence for difference in comparison.differences] or [comparison.text]
            rest = f" ({len(words) - SENTENCES} more under What if)" if len(words) > SENTENCES else ""
            self.message.tell(kind, "What if: " + " · ".join(words[:SENTENCES]) + rest, comparison.text)
        elif self.message.text.startswith("What if: "):
            self.message.hide()

    def _zero_grad_compared(self, _leaf: int, with_: Series, without: Series) -> None:
        self.plots.set_comparison(with_, without)

    def _go_to_node(self, node_id: int) -> None:
        session = self.bridge.session
        if session is not None:
            before = session.position
            self.bridge.move(lambda: session.run_to(node_id))
            if session.position == before or session.position >= session.length - 1:
                self.bridge.move(lambda: session.run_to(node_id, True))

    def _context_menu(self, at: QPoint) -> None:
        menu = QMenu(self)
        steps = ("run_to", "run_to_vjp", "run_to_grad", "back_to", "", "last_write", "last_grad_write")
        for name in (
            *steps,
            "",
            "requires_grad",
            "no_grad",
            "detach",
            "branch",
            "",
            "who_wrote",
            "why_value",
            "parts",
            "",
            "breakpoint",
            "zoom_selection",
            "fit",
        ):
            if name:
                menu.addAction(self.actions_[name])
            else:
                menu.addSeparator()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(at)

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
        self.setWindowTitle(f"{name}{' *' if self.source.modified else ''} — gradviz")

    def _restyle(self) -> None:
        self.actions_.restyle()
        self.player.show_state()
        self._mark_primary()

    # -- files and the end ------------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if paths and (paths[0].endswith((".gradviz", ".toml")) or self.may_leave_script()):
            self.workbench.open(paths[0])
            event.acceptProposedAction()

    def may_leave(self) -> bool:
        """Whether everything that is not saved may go: asks where there is something."""
        return self.may_leave_script() and self.room.may_leave()

    def may_leave_script(self) -> bool:
        """Whether unsaved text may go: asks where there is some."""
        if not self.source.modified:
            return True
        asked = QMessageBox(QMessageBox.Icon.Question, "gradviz", "The script has changes that are not saved.", parent=self)
        asked.setStandardButtons(QMessageBox.StandardButton.Save | QMessageBox.StandardButton.Discard | QMessageBox.StandardButton.Cancel)
        answer = asked.exec()
        if answer == QMessageBox.StandardButton.Save:
            self.room.show_recording()
            self.save_script()
            return not self.source.modified
        return answer == QMessageBox.StandardButton.Discard

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.may_leave():
            event.ignore()
            return
        self._closed = True
        self.player.stop()
        self.presenter.close()
        self.settings.keep_window(QByteArray(self.saveGeometry()), QByteArray(self.room.window_state()))
        self.settings.sync()
        self.recomputing.close()
        self.workbench.close()
        self.room.close()
        self.canvas.arranger.close()
        self.side.stop()
        super().closeEvent(event)
        self.windows.closed(self)

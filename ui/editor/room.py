"""The editor as a part of the window: its tab, its files, what is recovered after a crash."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QObject, QPoint, QSize, Qt, QTimer
from PySide6.QtWidgets import QMenu, QStackedWidget, QTabBar, QWidget

from ..qt.package_in_turns import PackageInTurns
from ..window.dialogs import CANCEL, SAVE, about_changes, file_to_write

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradviz.document.file.journal import Recovered

    from ..window.panels import PanelledWindow
    from .desk import Desk
    from .panel import EditorPanel

RECORDING, BUILD = 0, 1
PANEL = PackageInTurns("ui.editor.panel")  # for all windows
AHEAD_MS = 15  # between two turns that load something
FILES = "Graphs (*.gradviz)"


class _Pages(QStackedWidget):
    """Recording and editor. Only the one in sight asks for room: what the editor needs would be taken of the docks below the recording."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.currentChanged.connect(lambda _: self.updateGeometry())

    def minimumSizeHint(self) -> QSize:
        """That of the page that is shown."""
        page = self.currentWidget()
        return page.minimumSizeHint().expandedTo(page.minimumSize()) if page is not None else super().minimumSizeHint()


class EditorRoom(QObject):
    """Two tabs in the middle of the window: the recording, and the editor, which is made when it is first wanted."""

    def __init__(self, window: PanelledWindow, canvas: QWidget, another: Callable[[], EditorRoom]) -> None:
        """Args:
        another: the editor of one more window.
        """
        super().__init__(window)
        self._window = window
        self._another = another
        self.tabs = QTabBar(window)
        self.tabs.setObjectName("rooms")
        self.tabs.setDocumentMode(True)
        self.tabs.setExpanding(False)
        self.tabs.setDrawBase(False)
        self.tabs.setAccessibleName("Recording or editor")
        self.tabs.addTab("Recording")
        self.tabs.addTab("Build")
        self.tabs.setTabToolTip(RECORDING, "What happened: step through it")
        self.tabs.setTabToolTip(BUILD, "Build a computation by hand")
        self.stack = _Pages(window)
        self.stack.addWidget(canvas)
        self._panel: EditorPanel | None = None
        self._loading = QTimer(self)
        self._loading.setInterval(AHEAD_MS)
        self._perspective: QByteArray | None = None  # docks and toolbar of the recording, while the editor is shown
        self._refusal = ""  # why the last edit was not made, or what it brought with it
        self.tabs.currentChanged.connect(self._switched)

    @cached_property
    def desk(self) -> Desk:
        """The document on the table; made at the first call, because the first picture does without."""
        from .desk import Desk

        made = Desk(self._window.settings.folder, self)
        made.note.connect(self._note)
        made.changed_on_disk.connect(self._ask_reload)
        return made

    def load_ahead(self, waits: Callable[[], bool]) -> None:
        """Load what the editor is made of, a little in each turn of the event loop: when it is first wanted, it is there at once.

        Args:
            waits: whether what it needs of the engine is still being loaded.
        """

        def go_on() -> None:
            if self._panel is not None or not (waits() or PANEL.go_on()):
                self._loading.stop()

        self._loading.timeout.connect(go_on)
        self._loading.start()

    @property
    def _untouched(self) -> bool:
        """Whether no document was ever on the table."""
        return "desk" not in self.__dict__

    @property
    def active(self) -> bool:
        """Whether the editor is shown."""
        return self.tabs.currentIndex() == BUILD

    @property
    def panel(self) -> EditorPanel:
        """The editor; made at the first call, because it loads the whole engine."""
        if self._panel is None:
            PANEL.finish()
            from .panel import EditorPanel

            self._panel = EditorPanel(self.desk, self._window.bridge)
            self._panel.view.context_menu_requested.connect(self._context_menu)
            self.stack.addWidget(self._panel)
            self.desk.history.index_changed.connect(self._edited)
            for signal in (self.desk.selection_changed, self.desk.history.index_changed, self.desk.file_changed):
                signal.connect(self._refresh)
        return self._panel

    def show_recording(self) -> None:
        """Go to the recording."""
        self.tabs.setCurrentIndex(RECORDING)

    def show_editor(self) -> None:
        """Go to the editor."""
        self.tabs.setCurrentIndex(BUILD)

    def switch(self) -> None:
        """To the other one."""
        self.tabs.setCurrentIndex(RECORDING if self.active else BUILD)

    def window_state(self) -> QByteArray:
        """Docks and toolbar as the recording has them, whichever is shown."""
        return self._perspective if self._perspective is not None else self._window.saveState()

    def _switched(self, index: int) -> None:
        window = self._window
        if index == BUILD:
            window.stop_playing()
            if self._perspective is None:
                self._perspective = window.saveState()
            for dock in window.docks.values():
                dock.hide()
            window.toolbar.hide()
            self.stack.setCurrentWidget(self.panel)
            self.panel.view.setFocus()
        else:
            self.stack.setCurrentIndex(RECORDING)
            if self._perspective is not None:
                window.restoreState(self._perspective)
                self._perspective = None
            window.canvas.setFocus()
        self._refresh()

    def _refresh(self) -> None:
        self._window.refresh_actions()
        self._window.refresh_title()

    def _note(self, kind: str, text: str) -> None:
        self._refusal = text if kind in ("refused", "passing") else ""
        self._window.tell({"refused": "error", "passing": "info"}.get(kind, kind), text)

    def _edited(self) -> None:
        """What was refused was typed right, or given up; what an edit brought with it is seen: nothing more is to be said of it."""
        if self._refusal and self._window.message.text == self._refusal:
            self._window.message.hide()
        self._refusal = ""

    def _context_menu(self, at: QPoint) -> None:
        menu = QMenu(self._window)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        names = ["add_node", "expression", ""]
        if self.panel.view.chosen_wire is not None:
            names = ["delete", "detach"]
        elif self.desk.selected:
            names = [
                "edit_value", "rename", "", "requires_grad", "retain_grad", "no_grad", "detach", "mute", "fit_sizes", "",
                "insert", "replace", "swap", "connect", "take_off",
                "duplicate", "next_step", "copy", "cut", "delete", "delete_reconnect", "", "comment", "collapse", "arrange",
                *(("align_left", "align_top", "distribute_x", "distribute_y") if len(self.desk.selected) > 1 else ()),
                "select_upstream", "select_downstream", "select_alike",
            ]  # fmt: skip
        else:
            names += ["paste", "select_all", "arrange", "fit"]
        for name in names:
            if name:
                menu.addAction(self._window.action(name))
            else:
                menu.addSeparator()
        menu.popup(at)

    def add_node(self) -> None:
        """The quick-add menu, at the mouse or beside the selected node."""
        view = self.panel.view
        view.quick_add(view.new_place())

    def edit_value(self) -> None:
        """Edit the selected node in place."""
        self.panel.view.inline.edit(self.desk.selected[0])

    def train(self) -> None:
        """Show the training and start it."""
        self.panel.side.setCurrentWidget(self.panel.training)
        self.panel.training.begin()

    def edit_recording(self) -> None:
        """The recorded script as a graph that can be edited."""
        session = self._window.bridge.session
        if session is None or not self.may_leave():
            return
        from gradviz.document.problem import DocumentProblem
        from gradviz.document.script.recorded import from_recording

        try:
            made = from_recording(session.recording)
        except DocumentProblem as problem:
            self._note("error", f"This recording cannot be edited as a graph: {problem}")
            return
        self.desk.new(made.document, unsaved=True)
        self.show_editor()
        self.panel.view.fit()
        if made.left_out:
            more = f"; and {len(made.left_out) - 3} more, at their nodes" if len(made.left_out) > 3 else ""
            self._note("info", "The script as a graph, but: " + "; ".join(made.left_out[:3]) + more)

    # -- files ------------------------------------------------------------------------------------------------

    def new(self) -> None:
        """An empty graph."""
        if self.may_leave():
            self.desk.new()
            self.show_editor()

    def open(self, path: str) -> bool:
        """Open a .gradviz file in the editor."""
        if not self.may_leave():
            return False
        if not self.desk.open(path):
            return False
        self._window.settings.add_recent(str(Path(path).resolve()))
        self.show_editor()
        self.panel.view.fit()
        return True

    def save(self) -> bool:
        """To its file; a new graph asks for one."""
        return self._save_to(self.desk.path) if self.desk.path else self.save_as()

    def save_as(self) -> bool:
        """Ask for a file and write the graph."""
        path = file_to_write(self._window, "Save graph", self.desk.path or "untitled.gradviz", FILES)
        if not path:
            return False
        return self._save_to(path if path.endswith(".gradviz") else path + ".gradviz")

    def _save_to(self, path: str) -> bool:
        if self.desk.differs_on_disk(path):
            self._ask_overwrite(path)
            return False
        if not self.desk.save(path):
            return False
        self._window.settings.add_recent(str(Path(path).resolve()))
        return True

    def show_versions(self) -> None:
        """Choose one of the earlier versions of the file; taking it is an edit."""
        from gradviz.document.file.keeping import generations_of

        found = generations_of(self.desk.path, self.desk.state / "generations") if self.desk.path else []
        if not found:
            self._note("info", "There are no earlier versions yet: each save of a graph keeps what its file held before.")
            return
        menu = QMenu(self._window)
        menu.setObjectName("versions")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for file in found:
            when = datetime.fromtimestamp(file.stat().st_mtime).strftime("%d %B, %H:%M:%S")
            menu.addAction(f"Replaced on {when}", partial(self.take_version, file, when))
        menu.popup(self.panel.view.mapToGlobal(QPoint(12, 12)))

    def take_version(self, file: Path, when: str) -> None:
        """An earlier version in the place of the graph, as an edit that can be taken back."""
        from gradviz.document.file.keeping import load

        if self.desk.attempt(f"Go back to the version of {when}", lambda: load(str(file)).document):
            self.panel.view.fit()

    def export_code(self) -> None:
        """Ask for a file and write the graph as a PyTorch program."""
        path = file_to_write(self._window, "Export as PyTorch code", "", "Python (*.py)")
        if not path:
            return
        from gradviz.document.file.keeping import replace_file

        target = Path(path if path.endswith(".py") else path + ".py")
        try:
            replace_file(target, self.desk.code(train=self.panel.code.loop.isChecked()).text.encode())
        except OSError as problem:
            self._note("error", f"{target.name} was not written: {problem.strerror}")
            return
        self._note("good", f"Wrote {target.name}")

    def export_picture(self) -> None:
        """Ask for a file and write the graph as a picture."""
        if not self.desk.document.blocks:
            self._note("info", "There is nothing to see yet: add some nodes first.")
            return
        name = f"{Path(self.desk.title).stem}.svg"
        path = file_to_write(self._window, "Picture of the graph", name, "Pictures (*.svg *.png *.pdf)")
        if not path:
            return
        from .painting.whole import write_graph

        target = Path(path if Path(path).suffix else path + ".svg")
        try:
            share = write_graph(self.desk, self.panel.view.shapes, self._window.bridge.theme, target)
        except (OSError, ValueError) as problem:
            self._note("error", f"{target.name} was not written: {getattr(problem, 'strerror', None) or problem}")
            return
        self._note("good", f"Wrote {target.name}" + (f", at {share:.0%} of its size: an SVG may have all of it" if share < 1 else ""))

    def _ask_reload(self) -> None:
        lost = " What you changed here would be lost." if self.desk.modified else ""
        text = f"Another program or window has changed {self.desk.title}.{lost}"
        path = self.desk.path
        self._window.message.tell("ask", text, path, (("Read it again", lambda: self.desk.open(path)), ("Keep mine", self.desk.keep_mine)))

    def _ask_overwrite(self, path: str) -> None:
        """Nothing takes the place of what somebody else wrote unless it is said."""

        def save() -> None:
            self.desk.keep_mine()
            self._save_to(path)

        text = f"{self.desk.title} was not saved: another program or window has changed it. (What it wrote stays under Earlier versions.)"
        self._window.message.tell("ask", text, path, (("Save mine", save), ("Read it again", lambda: self.desk.open(path))))

    @property
    def may_close(self) -> bool:
        """Whether the graph may go without a question."""
        return self._untouched or not self.desk.modified

    def may_leave(self) -> bool:
        """Whether the graph may go: asks where something is not saved."""
        if self.may_close:
            return True
        answer = about_changes(self._window, f"{self.desk.title} has changes that are not saved.")
        return self.save() if answer == SAVE else answer != CANCEL

    def step_through(self) -> None:
        """Run the graph as a script under the recorder, and go there: each step of it can be looked at."""
        code = self.desk.code(train=self.panel.code.loop.isChecked())
        if not code.lines:
            self._note("info", "There is nothing to run yet: add some nodes first.")
            return
        if self._window.run_code(code.text):
            self.show_recording()

    # -- after a crash -------------------------------------------------------------------------------------------

    def offer_recovery(self) -> None:
        """Ask what to do with a graph that a crash left behind; nothing where there is none."""
        from gradviz.document.file.journal import abandoned, recover
        from gradviz.document.problem import DocumentProblem

        for file in reversed(abandoned(self.desk.state / "journals")):
            try:
                found = recover(file)
            except (DocumentProblem, OSError, KeyError, TypeError, ValueError):
                file.unlink(missing_ok=True)
                continue
            if found.edits or found.unsaved:
                self._ask_recovery(found)
                return
            file.unlink(missing_ok=True)

    def _ask_recovery(self, found: Recovered) -> None:
        name = Path(found.path).name if found.path else "A graph that was never saved"
        last = f" (the last: “{found.label}”)" if found.label else ""
        edits = "one edit that was not saved" if found.edits == 1 else f"{found.edits:,} edits that were not saved"
        lost = f"{name} had {edits}{last}" if found.edits else f"{name} had been recovered and was not saved"

        def restore() -> None:
            room = self if self.may_close else self._another()
            room.take_recovered(found)
            room.offer_recovery()  # each window may have left one

        def discard() -> None:
            found.journal.unlink(missing_ok=True)
            self.offer_recovery()

        text = f"gradviz ended unexpectedly. {lost}."
        self._window.message.tell("ask", text, str(found.journal), (("Recover", restore), ("Discard", discard)), lasting=True)

    def take_recovered(self, found: Recovered) -> None:
        """Go on with what a crash left behind."""
        self.desk.recover(found.document, found.path, found.opened)
        found.journal.unlink(missing_ok=True)
        self.show_editor()
        self.panel.view.fit()

    def close(self) -> None:
        """The window goes."""
        if self._panel is not None:
            self._panel.training.close_run()
        if not self._untouched:
            self.desk.close()

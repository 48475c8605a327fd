"""The table of user actions: one row each. Menus, toolbar, command palette, shortcut page and tests read it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QKeySequence

from .icons import icon

if TYPE_CHECKING:
    from .main_window import MainWindow

Always = Callable[["MainWindow"], bool]


def _always(_: MainWindow) -> bool:
    return True


def _has_session(w: MainWindow) -> bool:
    return w.bridge.session is not None


def _has_selection(w: MainWindow) -> bool:
    return _has_session(w) and bool(w.bridge.selected)


@dataclass(frozen=True, slots=True)
class Row:
    """One action."""

    id: str
    text: str
    tip: str
    shortcuts: tuple[str, ...]
    icon: str
    menu: str
    calls: Callable[[MainWindow], object]
    enabled_when: Always = _always
    toolbar: str = ""  # the text under its button, "" for no button


def _step(command: str) -> Callable[[MainWindow], object]:
    return lambda w: w.step(command)


TABLE: tuple[Row, ...] = (
    Row("open", "&Open…", "Open a script or a recording", ("Ctrl+O",), "open", "File", lambda w: w.choose_file()),
    Row("lesson", "Open the first &lesson", "The lesson “Gradient Computation”", ("Ctrl+Shift+L",), "help", "File", lambda w: w.workbench.open_lesson()),
    Row("save", "&Save script", "Write the text to its file", ("Ctrl+S",), "save", "File", lambda w: w.save_script()),
    Row("save_recording", "Save &recording…", "Keep everything that happened as a .gvrec file", ("Ctrl+Shift+S",), "save", "File", lambda w: w.save_recording(), _has_session),
    Row("picture", "&Export picture…", "The graph at this moment as SVG, PDF or PNG", ("Ctrl+Shift+E",), "fit", "File", lambda w: w.export_picture(), _has_session),
    Row("quit", "&Quit", "Close gradviz", ("Ctrl+Q",), "quit", "File", lambda w: w.close()),
    Row("undo", "&Undo what-if", "Take the last what-if change back", ("Ctrl+Z",), "undo", "Edit", lambda w: w.undo(), lambda w: w.workbench.can_undo),
    Row("redo", "&Redo what-if", "Make it again", ("Ctrl+Shift+Z", "Ctrl+Y"), "redo", "Edit", lambda w: w.redo(), lambda w: w.workbench.can_redo),
    Row("requires_grad", "Toggle &requires_grad", "Turn requires_grad of the selected leaf, and run again", ("R",), "requires_grad", "Edit", lambda w: w.toggle_requires_grad(), _has_selection),
    Row("no_grad", "Toggle &no_grad", "Put no_grad around the selected operations, and run again", ("G",), "no_grad", "Edit", lambda w: w.toggle_no_grad(), _has_selection),
    Row("detach", "Toggle &detach", "Detach the selected edge (or the inputs of the selected node), and run again", ("D",), "detach", "Edit", lambda w: w.toggle_detach(), _has_session),
    Row("run", "&Run", "Run the script", ("F5",), "run", "Run", lambda w: w.workbench.run(), lambda w: not w.bridge.running, "Run"),
    Row("stop", "&Stop", "Stop the script", ("Shift+F5",), "stop", "Run", lambda w: w.workbench.stop(), lambda w: w.bridge.running, "Stop"),
    Row("start", "To the &start", "Before everything", ("Ctrl+Home",), "start", "Step", _step("to_start"), _has_session, "Start"),
    Row("reverse_continue", "Re&verse continue", "Back to the breakpoint before", ("Shift+F8",), "reverse_continue", "Step", _step("reverse_continue"), _has_session),
    Row("back_over", "Back &over", "One statement (in backward: one node) back", ("Shift+F10",), "back_over", "Step", _step("back_over"), _has_session),
    Row("back_into", "Step &back", "One event back in time", ("Shift+F11", "["), "previous", "Step", _step("back_into"), _has_session, "Step back"),
    Row("play", "&Play / pause", "Step by itself", ("P",), "play", "Step", lambda w: w.toggle_play(), _has_session, "Play"),
    Row("step", "&Step", "One event on: values flow forward, gradients back", ("F11", "]"), "next", "Step", _step("step_into"), _has_session, "Step"),
    Row("over", "Step &over", "One statement (in backward: one node) on", ("F10",), "over", "Step", _step("step_over"), _has_session, "Over"),
    Row("out", "Step o&ut", "To the end of what is running: node, phase, step, epoch", ("Ctrl+F11",), "out", "Step", _step("step_out"), _has_session),
    Row("back_out", "Back ou&t", "To the start of what is running", ("Ctrl+Shift+F11",), "back_out", "Step", _step("back_out"), _has_session),
    Row("continue", "&Continue", "On to the next breakpoint", ("F8",), "continue", "Step", _step("continue_"), _has_session, "Continue"),
    Row("end", "To the &end", "After everything", ("Ctrl+End",), "end", "Step", _step("to_end"), _has_session, "End"),
    Row("run_to", "Run to the selected &node", "On to the next event at the selected node", ("F7",), "continue", "Step", lambda w: w.run_to_selection(False), _has_selection),
    Row("back_to", "Back to the selected n&ode", "Back to the event before at the selected node", ("Shift+F7",), "reverse_continue", "Step", lambda w: w.run_to_selection(True), _has_selection),
    Row("next_epoch", "Ne&xt epoch", "The same moment one epoch later", ("Ctrl+PgDown",), "next", "Step", lambda w: w.epoch(1), _has_session),
    Row("previous_epoch", "Pre&vious epoch", "The same moment one epoch earlier", ("Ctrl+PgUp",), "previous", "Step", lambda w: w.epoch(-1), _has_session),
    Row("same_next", "Same event in the next step", "Stay at the node, go to the next step", ("Alt+Right",), "next", "Step", lambda w: w.same_event(1), _has_session),
    Row("same_previous", "Same event in the previous step", "Stay at the node, go to the previous step", ("Alt+Left",), "previous", "Step", lambda w: w.same_event(-1), _has_session),
    Row("breakpoint", "Toggle &breakpoint", "A breakpoint on the selected node, or on the line of the cursor", ("F9",), "breakpoint", "Step", lambda w: w.toggle_breakpoint(), _has_session),
    Row("clear_breakpoints", "Clear &all breakpoints", "Remove every breakpoint", ("Ctrl+Shift+F9",), "clear_breakpoints", "Step", lambda w: w.clear_breakpoints(), _has_session),
    Row("slower", "S&lower", "Slow motion", ("Ctrl+,",), "slower", "Step", lambda w: w.change_speed(0.5)),
    Row("faster", "&Faster", "Quicker, at last instant", ("Ctrl+.",), "faster", "Step", lambda w: w.change_speed(2.0)),
    Row("fit", "&Fit all", "Show the whole graph", ("Home",), "fit", "View", lambda w: w.canvas.fit()),
    Row("zoom_selection", "Zoom to &selection", "Show the selected nodes", ("F",), "zoom_selection", "View", lambda w: w.canvas.zoom_to_selection()),
    Row("actual", "&Actual size", "One to one", ("Ctrl+0",), "actual", "View", lambda w: w.canvas.zoom_actual()),
    Row("zoom_in", "Zoom &in", "Nearer", ("Ctrl+=", "Ctrl++"), "zoom_in", "View", lambda w: w.canvas.zoom_in()),
    Row("zoom_out", "Zoom &out", "Further away", ("Ctrl+-",), "zoom_out", "View", lambda w: w.canvas.zoom_out()),
    Row("direction", "Left to right / top to &bottom", "Direction of the graph", ("Ctrl+Shift+D",), "direction", "View", lambda w: w.turn_direction()),
    Row("theme", "&Dark / light", "Change the look", ("Ctrl+T",), "theme", "View", lambda w: w.turn_theme()),
    Row("reset_layout", "&Reset the window's layout", "Docks where they were at first", ("Ctrl+Shift+R",), "panel", "View", lambda w: w.reset_layout()),
    Row("palette", "&Command palette…", "Find any action by typing", ("Ctrl+Shift+P", "Ctrl+K"), "search", "Help", lambda w: w.show_palette()),
    Row("shortcuts", "&Shortcuts", "All actions with their keys", ("F1", "?"), "help", "Help", lambda w: w.show_shortcuts()),
)  # fmt: skip

MENUS = ("File", "Edit", "Run", "Step", "View", "Help")
TOOLBAR = ("run", "stop", "", "start", "back_into", "step", "play", "over", "continue", "end")


class Actions:
    """The QActions of a window, made from the table."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self.by_id: dict[str, QAction] = {}
        for row in TABLE:
            action = QAction(row.text, window)
            action.setObjectName(row.id)
            action.setToolTip(f"{row.tip}  ({', '.join(row.shortcuts)})")
            action.setStatusTip(row.tip)
            action.setShortcuts([QKeySequence(s) for s in row.shortcuts])
            if row.toolbar:
                action.setIconText(row.toolbar)
            action.triggered.connect(self._caller(row))
            window.addAction(action)
            self.by_id[row.id] = action
        self.restyle()
        self.refresh()

    def _caller(self, row: Row) -> Callable[[], None]:
        def call() -> None:
            row.calls(self._window)

        return call

    def restyle(self) -> None:
        """Icons in the colours of the theme."""
        for row in TABLE:
            self.by_id[row.id].setIcon(icon(row.icon, self._window.bridge.theme))

    def refresh(self) -> None:
        """Enable what can be done now."""
        for row in TABLE:
            self.by_id[row.id].setEnabled(row.enabled_when(self._window))

    def __getitem__(self, name: str) -> QAction:
        return self.by_id[name]

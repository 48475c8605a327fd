"""The table of user actions: one row each. Menus, toolbar, command palette, shortcut page and tests read it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtGui import QAction

from ..style.icons import icon

if TYPE_CHECKING:
    from ..window.rooms import RoomedWindow

Always = Callable[["RoomedWindow"], bool]


def _always(_: RoomedWindow) -> bool:
    return True


def _has_session(w: RoomedWindow) -> bool:
    return w.bridge.session is not None and not w.room.active


def _has_selection(w: RoomedWindow) -> bool:
    return bool(w.room.desk.selected) if w.room.active else _has_session(w) and bool(w.bridge.selected)


def _node_selected(w: RoomedWindow) -> bool:
    return _has_session(w) and bool(w.bridge.selected)


def _has_breakpoints(w: RoomedWindow) -> bool:
    return w.bridge.session is not None and bool(w.bridge.session.breakpoints)


def _can_detach(w: RoomedWindow) -> bool:
    return w.room.active or _has_session(w)


def _can_run(w: RoomedWindow) -> bool:
    return not w.bridge.running or w.workbench.runner.stopping


def _can_undo(w: RoomedWindow) -> bool:
    return w.room.desk.history.can_undo if w.room.active else w.workbench.what_if.can_undo


def _can_redo(w: RoomedWindow) -> bool:
    return w.room.desk.history.can_redo if w.room.active else w.workbench.what_if.can_redo


def _comparing(w: RoomedWindow) -> bool:
    return w.has_comparison and not w.room.active


def _building(w: RoomedWindow) -> bool:
    return w.room.active


def _built(w: RoomedWindow) -> bool:
    return w.room.active and bool(w.room.desk.selected)


def _can_find(w: RoomedWindow) -> bool:
    return w.room.active or w.bridge.session is not None


def _in_lesson(w: RoomedWindow) -> bool:
    return w.in_lesson


class Row(NamedTuple):
    """One action."""

    id: str
    text: str
    tip: str
    shortcuts: tuple[str, ...]
    icon: str
    menu: str
    calls: Callable[[RoomedWindow], object]
    enabled_when: Always = _always
    toolbar: str = ""  # the text under its button, "" for no button


def _step(command: str) -> Callable[[RoomedWindow], object]:
    return lambda w: w.step(command)


def _recent(number: int) -> Row:
    return Row(
        f"recent_{number}", f"Recent file &{number}", "The last opened file is the first", (f"Ctrl+{number}",), "open", RECENT,
        lambda w: w.files.open_recent(number),
    )  # fmt: skip


RECENT = "Open &recent"
AT_NODE = "At the selected &node"
CARDS = "&Cards"
SUBMENUS = {RECENT: "File", AT_NODE: "Step", CARDS: "View"}  # and the menu that each is in
TABLE: tuple[Row, ...] = (
    Row("open", "&Open…", "Open a script or a recording", ("Ctrl+O",), "open", "File", lambda w: w.files.choose()),
    Row("open_lesson", "Open &lesson…", "A lesson file that somebody wrote", ("Ctrl+Shift+O",), "lesson", "File", lambda w: w.lessons.choose_file()),
    Row("new_graph", "&New graph", "Build a computation by hand", ("Ctrl+N",), "direction", "File", lambda w: w.room.new()),
    Row("new_window", "New &window", "One more window, for another graph or script", ("Ctrl+Shift+N",), "panel", "File", lambda w: w.another()),
    Row("lesson", "Open the first &lesson", "The lesson “Gradient Computation”", ("Ctrl+Alt+L",), "help", "File", lambda w: w.workbench.open_lesson()),
    Row("save", "&Save", "Write the script (in the editor: the graph) to its file", ("Ctrl+S",), "save", "File", lambda w: w.files.save()),
    Row("save_as", "Save graph &as…", "Write the graph to another .gradviz file", ("Ctrl+Alt+S",), "save", "File", lambda w: w.room.save_as(), _building),
    Row("versions", "Earlier &versions…", "What stood in the graph's file before the last three saves", ("Ctrl+Alt+V",), "previous", "File", lambda w: w.room.show_versions(), _building),
    Row("export_code", "Export graph as &code…", "A PyTorch program that computes the same", ("Ctrl+Alt+E",), "save", "File", lambda w: w.room.export_code(), _building),
    Row("export_picture", "Export graph as pict&ure…", "The graph as it stands in the editor: SVG, PDF or PNG, for slides", ("Ctrl+Alt+I",), "fit", "File", lambda w: w.room.export_picture(), _building),
    Row("save_recording", "Save &recording…", "Keep everything that happened as a .gvrec file", ("Ctrl+Shift+S",), "save", "File", lambda w: w.files.save_recording(), _has_session),
    Row("export", "&Export…", "Picture, film, replay for a browser, derivation, curve: for slides, hand-outs and forums", ("Ctrl+Shift+E",), "fit", "File", lambda w: w.files.export(), _has_session),
    Row("hand_out", "&Hand-out of the lesson…", "The lesson with its pictures as PDF, to print", ("Ctrl+Alt+H",), "lesson", "File", lambda w: w.files.hand_out(), _in_lesson),
    *(_recent(number) for number in range(1, 10)),
    Row("quit", "&Quit", "Close gradviz, with all of its windows", ("Ctrl+Q",), "quit", "File", lambda w: w.quit()),
    Row("undo", "&Undo", "Take the last edit (of a recording: the last what-if change) back", ("Ctrl+Z",), "undo", "Edit", lambda w: w.undo(), _can_undo),
    Row("redo", "&Redo", "Make it again", ("Ctrl+Shift+Z", "Ctrl+Y"), "redo", "Edit", lambda w: w.redo(), _can_redo),
    Row("requires_grad", "Toggle &requires_grad", "Turn requires_grad of the selected leaf, and run again", ("R",), "requires_grad", "Edit", lambda w: w.toggle_requires_grad(), _has_selection),
    Row("no_grad", "Toggle &no_grad", "Put no_grad around the selected operations, and run again", ("G",), "no_grad", "Edit", lambda w: w.toggle_no_grad(), _has_selection),
    Row("detach", "Toggle &detach", "Detach the selected edge (or the inputs of the selected node), and run again", ("D",), "detach", "Edit", lambda w: w.toggle_detach(), _can_detach),
    Row("branch", "&Branch at this moment…", "Change a number, a flag, a line here, and go on from there beside this run", ("Ctrl+B",), "detach", "Run", lambda w: w.comparing.ask_branch(), _has_session),
    Row("compare_runs", "Co&mpare runs", "The shown run beside another: what differs, where first", ("Ctrl+M",), "panel", "Run", lambda w: w.comparing.compare_latest(), _has_session),
    Row("first_difference", "To the first d&ifference", "Where the two compared runs first differ", ("Ctrl+Shift+M",), "next", "Run", lambda w: w.comparing.to_first(), _comparing),
    Row("end_compare", "&End the comparison", "One canvas again", ("Ctrl+Alt+M",), "stop", "Run", lambda w: w.comparing.end(), _comparing),
    Row("check", "&Numeric check", "Whether the backward of each node is the slope of its forward", ("Ctrl+Shift+C",), "zoom_selection", "Run", lambda w: w.comparing.check(), _has_session),
    Row("cut", "Cu&t", "Copy the selected nodes and delete them", ("Ctrl+X",), "detach", "Edit", lambda w: w.room.panel.commands.cut(), _built),
    Row("copy", "&Copy", "The selected nodes, as nodes and as code", ("Ctrl+C",), "panel", "Edit", lambda w: w.room.panel.commands.copy(), _built),
    Row("paste", "&Paste", "Nodes, or an expression such as mean((w*x + b - y)**2)", ("Ctrl+V",), "panel", "Edit", lambda w: w.room.panel.commands.paste(), _building),
    Row("duplicate", "D&uplicate", "The selected nodes once more, with what they read", ("Ctrl+D", "Shift+D"), "panel", "Edit", lambda w: w.room.panel.commands.duplicate(), _built),
    Row("next_step", "Ne&xt step", "The selected nodes once more, behind them: h2 from h1 as h1 from h0", ("Ctrl+Shift+D",), "next", "Edit", lambda w: w.room.panel.commands.next_step(), _built),
    Row("delete", "De&lete", "The selected nodes, or the selected wire", ("Del", "X"), "stop", "Edit", lambda w: w.room.panel.commands.delete(), _building),
    Row("delete_reconnect", "Delete and re&connect", "What read the nodes reads their first input instead", ("Ctrl+Del",), "stop", "Edit", lambda w: w.room.panel.commands.delete(True), _built),
    Row("find", "&Find a node…", "By its name or its operation, on the canvas that is shown", ("Ctrl+F",), "search", "Edit", lambda w: w.find_node(), _can_find),
    Row("select_all", "Select a&ll", "Every node", ("Ctrl+A",), "zoom_selection", "Edit", lambda w: w.room.panel.commands.select_all(), _building),
    Row("select_upstream", "Select upst&ream", "With all that the selected nodes are computed from", ("L",), "previous", "Edit", lambda w: w.room.panel.commands.select_upstream(), _built),
    Row("select_downstream", "Select do&wnstream", "With all that is computed from them", ("Shift+L",), "next", "Edit", lambda w: w.room.panel.commands.select_downstream(), _built),
    Row("select_alike", "Select all of this &kind", "Every node with the operation of the selected one", ("Ctrl+Shift+A",), "zoom_selection", "Edit", lambda w: w.room.panel.commands.select_alike(), _built),
    Row("add_node", "&Add node…", "Type its name (also Tab, or a double-click on the canvas)", ("Shift+A",), "zoom_in", "Graph", lambda w: w.room.add_node(), _building),
    Row("expression", "Add an &expression…", "Such as loss = mean((w*x + b - y)**2)", ("=",), "zoom_in", "Graph", lambda w: w.room.add_node(), _building),
    Row("connect", "&Connect to…", "Choose by typing where the selected node's result goes", ("W",), "direction", "Graph", lambda w: w.room.panel.commands.connect(), _built),
    Row("take_off", "Take a wire o&ff…", "Choose by typing which wire of the selected node goes", ("Shift+W",), "detach", "Graph", lambda w: w.room.panel.commands.take_off(), _built),
    Row("edit_value", "Edit &value", "The value of the selected tensor, in place (also Enter)", ("E",), "actual", "Graph", lambda w: w.room.edit_value(), _built),
    Row("slide_up", "Slide u&p", "The selected number up by a step of its slider, as a drag does it", (".",), "next", "Graph", lambda w: w.room.panel.commands.slide(1), _built),
    Row("slide_down", "Slide dow&n", "The selected number down by a step of its slider", (",",), "previous", "Graph", lambda w: w.room.panel.commands.slide(-1), _built),
    Row("rename", "&Rename", "Another name for the selected node", ("F2",), "actual", "Graph", lambda w: w.room.panel.commands.rename(), _built),
    Row("retain_grad", "Re&tain grad", "Keep .grad of the selected operation", ("Shift+R",), "requires_grad", "Graph", lambda w: w.room.panel.commands.toggle("retain_grad"), _built),
    Row("insert", "&Insert behind…", "A node between the selected one and all that reads it", ("I",), "over", "Graph", lambda w: w.room.panel.commands.insert(), _building),
    Row("replace", "Re&place by…", "Another operation in the place of the selected one, with its wires: relu by tanh", ("Shift+S",), "over", "Graph", lambda w: w.room.panel.commands.replace(), _built),
    Row("swap", "S&wap the inputs", "The first two inputs of the selected node the other way round: a - b is b - a", ("S",), "reverse_continue", "Graph", lambda w: w.room.panel.commands.swap(), _built),
    Row("fit_sizes", "Fit si&zes to the inputs", "Set the sizes of layers (in_features, in_channels) to what they read, where they do not fit", ("Z",), "fit", "Graph", lambda w: w.room.panel.commands.fit_sizes(), _building),
    Row("mute", "&Mute", "The selected operations pass their first input on", ("M",), "no_grad", "Graph", lambda w: w.room.panel.commands.toggle("muted"), _built),
    Row("comment", "C&omment", "A frame with words around the selected nodes", ("C",), "fit", "Graph", lambda w: w.room.panel.commands.comment(), _built),
    Row("uncomment", "Remo&ve from comment", "The selected nodes out of their comments and groups", ("Ctrl+Shift+G", "Shift+C"), "fit", "Graph", lambda w: w.room.panel.commands.uncomment(), _built),
    Row("collapse", "Close / open &group", "The selected nodes as one card with ports, or as nodes again", ("Ctrl+G", "H", "Shift+G"), "panel", "Graph", lambda w: w.room.panel.commands.collapse(), _built),
    Row("properties", "Pro&perties", "What is set at the selected node, to type at", ("Ctrl+Return", "N", "Ctrl+Enter"), "panel", "Graph", lambda w: w.room.panel.show_properties(), _built),
    Row("arrange", "Arran&ge", "Lay out the selected nodes, or all", ("Ctrl+L",), "direction", "Graph", lambda w: w.room.panel.commands.arrange(), _building),
    Row("align_left", "Align &left", "Left edges on one line", ("Alt+Shift+Left",), "start", "Graph", lambda w: w.room.panel.commands.align("left"), _built),
    Row("align_top", "Align &top", "Top edges on one line", ("Alt+Shift+Up",), "fit", "Graph", lambda w: w.room.panel.commands.align("top"), _built),
    Row("distribute_x", "Distribute a&cross", "The same distance from left to right", ("Alt+Shift+Right",), "direction", "Graph", lambda w: w.room.panel.commands.distribute("x"), _built),
    Row("distribute_y", "Distribute do&wn", "The same distance from top to bottom", ("Alt+Shift+Down",), "panel", "Graph", lambda w: w.room.panel.commands.distribute("y"), _built),
    Row("live", "L&ive", "Run forward and backward at every change, or not", ("Ctrl+Shift+I",), "run", "Graph", lambda w: w.room.panel.live.toggle(), _building),
    Row("train", "Tra&in", "With the optimizer and the epochs of the Train tab", ("Ctrl+F5",), "run", "Graph", lambda w: w.room.train(), _building),
    Row("run", "&Run", "Run the script; in the editor: run the graph under the recorder, to step through it", ("F5",), "run", "Run", lambda w: w.run(), _can_run, "Run"),
    Row("stop", "&Stop", "Stop the script", ("Shift+F5",), "stop", "Run", lambda w: w.workbench.stop(), lambda w: w.bridge.running, "Stop"),
    Row("start", "To the &start", "Before everything", ("Ctrl+Home",), "start", "Step", _step("to_start"), _has_session, "Start"),
    Row("reverse_continue", "Re&verse continue", "Back to the breakpoint before", ("Shift+F8",), "reverse_continue", "Step", _step("reverse_continue"), _has_session),
    Row("back_over", "Back &over", "One statement (in backward: one node) back", ("Shift+F10",), "back_over", "Step", _step("back_over"), _has_session),
    Row("back_into", "Step &back", "One event back in time", ("Ctrl+F11", "["), "previous", "Step", _step("back_into"), _has_session, "Step back"),
    Row("play", "&Play / pause", "Step by itself", ("P",), "play", "Step", lambda w: w.player.toggle(), _has_session, "Play"),
    Row("step", "&Step", "One event on: values flow forward, gradients back", ("F11", "]"), "next", "Step", _step("step_into"), _has_session, "Step"),
    Row("over", "Step &over", "One statement (in backward: one node) on", ("F10",), "over", "Step", _step("step_over"), _has_session, "Over"),
    Row("out", "Step o&ut", "Behind what is running: derivation, function, phase; again: behind the step, the epoch", ("Ctrl+F10",), "out", "Step", _step("step_out"), _has_session),
    Row("back_out", "Back ou&t", "Before what is running: derivation, function, phase; again: before the step, the epoch", ("Ctrl+Shift+F10",), "back_out", "Step", _step("back_out"), _has_session),
    Row("continue", "&Continue", "On to the next breakpoint", ("F8",), "continue", "Step", _step("continue_"), _has_session, "Continue"),
    Row("end", "To the &end", "After everything", ("Ctrl+End",), "end", "Step", _step("to_end"), _has_session, "End"),
    Row("run_to", "Run to the selected &node", "On to the next event at the selected node", ("F7",), "continue", AT_NODE, lambda w: w.jumps.to_node("any"), _node_selected),
    Row("run_to_vjp", "Run to the node's vjp", "On to where the selected node fires in backward", ("Shift+F7",), "continue", AT_NODE, lambda w: w.jumps.to_node("vjp"), _node_selected),
    Row("run_to_grad", "Run to the node's .grad write", "On to where the .grad of the selected leaf is written", ("Alt+Shift+F7",), "continue", AT_NODE, lambda w: w.jumps.to_node("grad"), _node_selected),
    Row("back_to", "Back to the selected n&ode", "Back to the event before at the selected node", ("Ctrl+F7",), "reverse_continue", AT_NODE, lambda w: w.jumps.to_node("any", True), _node_selected),
    Row("back_to_vjp", "Back to the node's vjp", "Back to where the selected node fired in backward", ("Ctrl+Shift+F7",), "reverse_continue", AT_NODE, lambda w: w.jumps.to_node("vjp", True), _node_selected),
    Row("back_to_grad", "Back to the node's .grad write", "Back to where the .grad of the selected leaf was written", ("Ctrl+Alt+Shift+F7",), "reverse_continue", AT_NODE, lambda w: w.jumps.to_node("grad", True), _node_selected),
    Row("last_write", "Last &write of the value", "Who wrote the selected node's value; again: the write before", ("Alt+Up",), "previous", AT_NODE, lambda w: w.jumps.to_write("val", True), _node_selected),
    Row("next_write", "Next write of the value", "Who writes the selected node's value next", ("Alt+Down",), "next", AT_NODE, lambda w: w.jumps.to_write("val", False), _node_selected),
    Row("last_grad_write", "Last write of .grad", "Who wrote (or emptied) the selected leaf's .grad; again: the write before", ("Alt+PgUp",), "previous", AT_NODE, lambda w: w.jumps.to_write("grad", True), _node_selected),
    Row("next_grad_write", "Next write of .grad", "Who writes (or empties) the selected leaf's .grad next", ("Alt+PgDown",), "next", AT_NODE, lambda w: w.jumps.to_write("grad", False), _node_selected),
    Row("last_flag_write", "Last change of requires_grad", "Who set the selected node's requires_grad", ("Alt+Home",), "previous", AT_NODE, lambda w: w.jumps.to_write("flag", True), _node_selected),
    Row("next_flag_write", "Next change of requires_grad", "Who sets the selected node's requires_grad next", ("Alt+End",), "next", AT_NODE, lambda w: w.jumps.to_write("flag", False), _node_selected),
    Row("last_state_write", "Last write of the optimizer's state", "Who wrote what the optimizer keeps for the selected parameter (momentum, averages)", ("Ctrl+Alt+PgUp",), "previous", AT_NODE, lambda w: w.jumps.to_write("opt", True), _node_selected),
    Row("next_state_write", "Next write of the optimizer's state", "Who writes what the optimizer keeps for the selected parameter next", ("Ctrl+Alt+PgDown",), "next", AT_NODE, lambda w: w.jumps.to_write("opt", False), _node_selected),
    Row("last_seen", "Where I &was", "The state that was on the screen before this one", ("Ctrl+Backspace",), "previous", "Step", lambda w: w.jumps.to_last_seen(), _has_session),
    Row("next_epoch", "Ne&xt epoch", "The same moment one epoch later", ("Ctrl+PgDown",), "next", "Step", lambda w: w.jumps.to_epoch(1), _has_session),
    Row("previous_epoch", "Pre&vious epoch", "The same moment one epoch earlier", ("Ctrl+PgUp",), "previous", "Step", lambda w: w.jumps.to_epoch(-1), _has_session),
    Row("same_next", "Same event in the next step", "Stay at the node, go to the next step", ("Alt+Right",), "next", "Step", lambda w: w.jumps.to_same_event(1), _has_session),
    Row("same_previous", "Same event in the previous step", "Stay at the node, go to the previous step", ("Alt+Left",), "previous", "Step", lambda w: w.jumps.to_same_event(-1), _has_session),
    Row("who_wrote", "&Who wrote this?", "Who wrote the selected node's value, and the path to it", ("Ctrl+Shift+W",), "previous", AT_NODE, lambda w: w.ask("wrote"), _node_selected),
    Row("why_value", "W&hy this value?", "What the selected node's value was computed from, with the numbers", ("Ctrl+Shift+Y",), "into", AT_NODE, lambda w: w.ask("why"), _node_selected),
    Row("parts", "What is the &gradient made of?", "The gradient of the selected node, split by what its consumers delivered", ("Ctrl+Shift+Q",), "over", AT_NODE, lambda w: w.ask("parts"), _node_selected),
    Row("breakpoint", "Toggle &breakpoint", "A breakpoint on the selected node, or on the line of the cursor", ("F9",), "breakpoint", "Step", lambda w: w.toggle_breakpoint(), _has_session),
    Row("clear_breakpoints", "Clear &all breakpoints", "Remove every breakpoint", ("Ctrl+Shift+F9",), "clear_breakpoints", "Step", lambda w: w.clear_breakpoints(), _has_breakpoints),
    Row("slower", "S&lower", "Slow motion", ("Ctrl+,",), "slower", "Step", lambda w: w.change_speed(0.5)),
    Row("faster", "&Faster", "Quicker, at last instant", ("Ctrl+.",), "faster", "Step", lambda w: w.change_speed(2.0)),
    Row("fit", "&Fit all", "Show the whole graph", ("Home",), "fit", "View", lambda w: w.view.fit()),
    Row("zoom_selection", "Zoom to &selection", "Show the selected nodes", ("F",), "zoom_selection", "View", lambda w: w.view.zoom_to_selection()),
    Row("actual", "&Actual size", "One to one", ("Ctrl+0",), "actual", "View", lambda w: w.view.zoom_actual()),
    Row("zoom_in", "Zoom &in", "Nearer", ("Ctrl+=", "Ctrl++"), "zoom_in", "View", lambda w: w.view.zoom_in()),
    Row("zoom_out", "Zoom &out", "Further away", ("Ctrl+-",), "zoom_out", "View", lambda w: w.view.zoom_out()),
    Row("direction", "Left to right / top to &bottom", "Direction of the graph", ("Ctrl+Shift+L",), "direction", "View", lambda w: w.turn_direction()),
    Row("fold", "F&old modules", "Each layer of a network as one card; again: each module", ("Ctrl+Shift+[", "Ctrl+{"), "fold", CARDS, lambda w: w.fold(1), _has_session),
    Row("unfold", "Unfo&ld modules", "A level finer: modules, layers, operations", ("Ctrl+Shift+]", "Ctrl+}"), "unfold", CARDS, lambda w: w.fold(-1), _has_session),
    Row("open_fold", "Open / close the &module", "The module of the selected card, as one card or as all that it does (also a double-click)", ("Ctrl+Alt+O",), "unfold", CARDS, lambda w: w.open_fold(), _node_selected),
    Row("show_shapes", "Shapes on the nodes", "Write the shape on each node, or not", ("Alt+1",), "panel", CARDS, lambda w: w.turn_label("shapes")),
    Row("show_values", "Values on the nodes", "Draw the value on each node, or not", ("Alt+2",), "panel", CARDS, lambda w: w.turn_label("values")),
    Row("show_grads", "Gradients on the nodes", "Draw the gradient on each node, or not", ("Alt+3",), "panel", CARDS, lambda w: w.turn_label("grads")),
    Row("edit_recording", "Edit recording as &graph", "What the script computed, as nodes that can be changed", ("Ctrl+Alt+G",), "direction", "Edit", lambda w: w.room.edit_recording(), _has_session),
    Row("build", "&Build / recording", "From the recording to the editor, and back", ("Ctrl+E",), "panel", "View", lambda w: w.room.switch()),
    Row("present", "&Present", "Full screen for a class: large letters, keys of a clicker, pen and pointer", ("F12",), "run", "View", lambda w: w.presenter.present(), _has_session),
    Row("full_screen", "F&ull screen", "The window without its frame, on all of the screen; again: as it was", ("Shift+F11",), "fit", "View", lambda w: w.turn_full_screen()),
    Row("wheel", "&Wheel scrolls / zooms", "What the wheel does on a canvas; with Ctrl it zooms always", ("Ctrl+Alt+W",), "zoom_in", "View", lambda w: w.turn_wheel()),
    Row("theme", "&Dark / light", "Change the look", ("Ctrl+T",), "theme", "View", lambda w: w.turn_theme()),
    Row("next_part", "Ne&xt part of the window", "The keyboard goes on: script, graph, inspector, timeline, panels", ("F6",), "next", "View", lambda w: w.next_part(1)),
    Row("previous_part", "Pre&vious part of the window", "The keyboard goes back to the part before", ("Shift+F6",), "previous", "View", lambda w: w.next_part(-1)),
    Row("reset_layout", "&Reset the window's layout", "Docks where they were at first", ("Ctrl+Shift+R",), "panel", "View", lambda w: w.reset_layout()),
    Row("lessons", "&Lessons…", "All lessons, with pictures of their recordings", ("Ctrl+Shift+H",), "lesson", "Help", lambda w: w.lessons.show_gallery()),
    Row("lesson_next", "&Next page of the lesson", "On in the lesson", ("Ctrl+Alt+Right",), "next", "Help", lambda w: w.lessons.next(), _in_lesson),
    Row("lesson_back", "Page &before in the lesson", "Back in the lesson", ("Ctrl+Alt+Left",), "previous", "Help", lambda w: w.lessons.back(), _in_lesson),
    Row("palette", "&Command palette…", "Find any action by typing", ("Ctrl+Shift+P", "Ctrl+K"), "search", "Help", lambda w: w.show_palette()),
    Row("tour", "&Tour of the window", "Two minutes through the parts of this window; Esc leaves", ("Shift+F1",), "lesson", "Help", lambda w: w.start_tour()),
    Row("help", "&Help on this", "What the thing under the mouse is: a node, an edge, a word of the script, a panel, a button", ("F1",), "help", "Help", lambda w: w.help_here()),
    Row("glossary", "&Glossary", "The words of the field, to search", ("Ctrl+Shift+F1",), "search", "Help", lambda w: w.show_glossary()),
    Row("shortcuts", "&Shortcuts", "All actions with their keys", ("?", "Ctrl+F1"), "help", "Help", lambda w: w.show_shortcuts()),
)  # fmt: skip

MENUS = ("File", "Edit", "Graph", "Run", "Step", "View", "Help")
TOOLBAR = ("run", "stop", "", "start", "back_into", "step", "play", "over", "continue", "end")
PRIMARY = "step"  # the button that a new user is to find without reading


class Actions:
    """The QActions of a window, made from the table."""

    def __init__(self, window: RoomedWindow) -> None:
        self._window = window
        self.by_id: dict[str, QAction] = {}
        for row in TABLE:
            action = QAction(row.text, window)
            action.setObjectName(row.id)
            action.setStatusTip(row.tip)
            window.keys.put(row.id, action, row.shortcuts)
            if row.toolbar:
                action.setIconText(row.toolbar)
            action.triggered.connect(self._caller(row))
            window.addAction(action)
            self.by_id[row.id] = action
        self._draw([row for row in TABLE if row.id in TOOLBAR])  # the others' icons are drawn after the first picture
        self.refresh()

    def _caller(self, row: Row) -> Callable[[], None]:
        def call() -> None:
            row.calls(self._window)

        return call

    def restyle(self) -> None:
        """Icons in the colours of the theme."""
        self._draw(TABLE)

    def _draw(self, rows: Sequence[Row]) -> None:
        drawn = {name: icon(name, self._window.bridge.theme) for name in {row.icon for row in rows}}  # many rows share one
        for row in rows:
            self.by_id[row.id].setIcon(drawn[row.icon])

    def refresh(self) -> None:
        """Enable what can be done now."""
        for row in TABLE:
            self.by_id[row.id].setEnabled(row.enabled_when(self._window))

    def __getitem__(self, name: str) -> QAction:
        return self.by_id[name]

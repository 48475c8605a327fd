"""Help on the thing under the cursor: which term of the glossary a place of the window means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QPointF
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QApplication, QDockWidget, QMenuBar, QToolButton, QWidget

from gradviz.debugger.derivation.engine_rows import rows_named
from gradviz.debugger.scene import Graph, NodeKind
from gradviz.document.palette.catalogue import entry
from gradviz.glossary import book
from gradviz.glossary.operations import of_operation
from gradviz.glossary.term import Term

from ..canvas.view import CanvasView
from ..editor.view import EditorView
from ..inspector.flags import FlagsTable
from ..source.view import Editor, Gutter

if TYPE_CHECKING:
    from ..window.panels import PanelledWindow

DOCKS = {
    "Source": "panel_source", "Inspector": "panel_inspector", "Timeline": "panel_timeline", "Derivation": "panel_derivation",
    "Gradients": "panel_gradients", "Console": "panel_console", "What if": "what_if", "Alarms": "panel_alarms",
    "Watches": "panel_watches", "Breakpoints": "breakpoint", "Lesson": "panel_lesson", "Pictures": "panel_pictures",
    "Questions": "panel_questions", "Runs": "panel_runs", "Check": "panel_check",
}  # fmt: skip
# Parts of panels, by the name of their widget.
PARTS = {
    "section_value": "tensor", "section_gradient": "gradient", "section_saved_for_backward": "saved", "section_inputs": "edge",
    "section_used_by": "fan_out", "gradient_statistics": "norm", "value_statistics": "norm", "slopes": "local_derivative",
    "editor": "editor", "build": "editor", "stage": "presenting", "legend": "legend",
}  # fmt: skip
EDGES = {"grad": "cotangent", "plain": "edge", "cut": "detach", "bucket": "accumulate_grad"}
KINDS = {NodeKind.PARAMETER: "leaf", NodeKind.LEAF: "leaf", NodeKind.BUCKET: "accumulate_grad", NodeKind.LOSS: "loss"}


class HelpDesk(QObject):
    """Finds the term for a place and shows it in the glossary."""

    def __init__(self, window: PanelledWindow) -> None:
        super().__init__(window)
        self._window = window

    def help_here(self) -> None:
        """Help on what is under the mouse; where the mouse is elsewhere, on what has the focus."""
        at = QCursor.pos()
        widget = QApplication.widgetAt(at)
        if widget is not None and widget.window() is self._window:
            self.show(self.term_at(widget, widget.mapFromGlobal(at)))
        else:
            self.show(self._of_focus())

    def show(self, term: Term | None) -> None:
        """Open the glossary at a term."""
        dock, panel = self._window.docks["Glossary"], self._window.glossary
        dock.show()
        dock.raise_()
        panel.line.clear()
        panel.open(term or book.find("panel_canvas"))

    def show_word(self, word: str) -> None:
        """Open the glossary at a word, or at what a node of the canvas is ("node:3")."""
        graph = self._window.bridge.graph()
        if word.startswith("node:") and graph is not None:
            self.show(_of_node(graph, int(word.removeprefix("node:"))))
        else:
            self.show(book.of_word(word))

    # -- which term -----------------------------------------------------------------------------------------

    def term_at(self, widget: QWidget, at: QPoint) -> Term | None:
        """The term for a point of a widget."""
        if isinstance(widget, QToolButton) and widget.defaultAction() is not None:
            return self._of_action(widget.defaultAction().objectName())
        if isinstance(widget, QMenuBar):
            return book.find("step_keys")
        if isinstance(widget, CanvasView):
            return _of_canvas(widget, QPointF(at)) or book.find("panel_canvas")
        if isinstance(widget, EditorView):
            return _of_block(widget, QPointF(at)) or book.find("editor")
        if isinstance(widget, FlagsTable):
            return book.of_word(widget.name_at(at.y())) or book.find("panel_inspector")
        if isinstance(widget, Gutter):
            return book.find("breakpoint")
        parent = widget.parentWidget()
        if isinstance(parent, Editor) and widget is parent.viewport():
            cursor = parent.cursorForPosition(at)
            return book.of_line(cursor.block().text(), cursor.positionInBlock()) or book.find("panel_source")
        return self._of_parents(widget)

    def _of_parents(self, widget: QWidget) -> Term | None:
        """The term of the panel or part that a widget stands in."""
        here: QWidget | None = widget
        while here is not None and here is not self._window:
            name = here.objectName()
            found = DOCKS.get(name.removeprefix("dock ")) if isinstance(here, QDockWidget) else PARTS.get(name)
            if found is not None:
                return book.find(found)
            here = here.parentWidget()
        return book.of_word(widget.accessibleName()) if widget.accessibleName() else None

    def _of_action(self, name: str) -> Term | None:
        from ..actions.actions import TABLE

        row = next((row for row in TABLE if row.id == name), None)
        if row is None:
            return None
        keys = " or ".join(f"`{key}`" for key in self._window.keys.of(name))
        return Term(f"action:{name}", row.text.replace("&", ""), f"{row.tip}. Key: {keys}." if keys else f"{row.tip}.", see=("step_keys",))

    def _of_focus(self) -> Term | None:
        window = self._window
        focus = QApplication.focusWidget()
        graph = window.bridge.graph()
        if isinstance(focus, Editor):
            cursor = focus.textCursor()
            return book.of_line(cursor.block().text(), cursor.positionInBlock()) or book.find("panel_source")
        if isinstance(focus, CanvasView):
            chosen = window.bridge.selected
            return _of_node(graph, chosen[0]) if graph is not None and chosen else book.find("panel_canvas")
        return self._of_parents(focus) if focus is not None else None


def _of_canvas(canvas: CanvasView, at: QPointF) -> Term | None:
    made, point = canvas.geometry_, canvas.to_graph(at)
    node = made.at(point)
    if node >= 0:
        return _of_node(made.graph, node)
    edge = made.edge_at(point, 8 / canvas.scale)
    return book.find(EDGES.get(made.edges[edge][1], "edge")) if edge >= 0 else None


def _of_block(view: EditorView, at: QPointF) -> Term | None:
    """A block of the editor: a tensor, or what the catalogue has on its operation."""
    block = view.desk.document.blocks.get(view.shapes.at(view.to_graph(at)))
    if block is None:
        return None
    if block.op == "tensor":
        return book.find("leaf")
    name = block.op.rpartition(".")[2]
    row = next(iter(rows_named(name)), None)
    found = of_operation(name, row.grad_fn) if row is not None else None
    row_of_catalogue = entry(block.op)
    if found is None and row_of_catalogue is not None:
        found = Term(f"block:{block.op}", block.op, f"{row_of_catalogue.doc}", see=("operation", "module"))
    return found or book.find("operation")


def _of_node(graph: Graph, node_id: int) -> Term | None:
    """A leaf or bucket is explained as such, an operation by its rule."""
    node = graph.node(node_id)
    if node is None:
        return None
    kind = KINDS.get(node.kind)
    if kind is None or kind == "loss":
        found = of_operation(node.op, node.grad_fn)
        if found is not None:
            return found
    return book.find(kind or "operation")

"""BranchDialog: what is to be another at this moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QSpinBox,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from gradviz.debugger.scene import NodeKind, Picture, Status
from gradviz.recording.event import key_of
from gradviz.running.branch import GRAD, VALUE, Change, DetachFrom, InsertLine, SetElement, SetFlag, ZeroGradAt
from gradviz.running.instrumenting.inserting import ZERO_GRAD, parse_statement
from gradviz.running.parsing import SyntaxProblem

if TYPE_CHECKING:
    from gradviz.debugger.scene import GraphNode
    from gradviz.debugger.session import Session

    from ..style.theme import Theme

MOST_CELLS = 400
NUMBER, GRADIENT, FLAG, DETACH, ZERO, LINE = range(6)
KINDS = (
    "a number of a tensor", "a number of a .grad", "requires_grad of a leaf", "detach an input from here on", "zero_grad now",
    "a statement before a line",
)  # fmt: skip


class BranchDialog(QDialog):
    """Choose a kind of change and what it is about; `changes()` has the answer."""

    def __init__(self, session: Session, selected: tuple[int, ...], line: int, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Branch at this moment")
        self.setMinimumWidth(460)
        self._session = session
        self._states = session.moment().states
        self._nodes = [n for n in session.graph().nodes if n.kind != NodeKind.BUCKET and self._alive(n)]
        self._cells: dict[tuple[int, ...], str] = {}
        self.words = QLabel(self)
        self.words.setWordWrap(True)
        self.kind = QComboBox(self)
        self.kind.addItems(KINDS)
        self.kind.setAccessibleName("What to change")
        self.node = QComboBox(self)
        self.node.setAccessibleName("Of which tensor")
        self.problem = QLabel(self)
        self.problem.setWordWrap(True)
        self.problem.setStyleSheet(f"color: {theme.error}")
        self.cells = QTableWidget(self)
        self.cells.setAccessibleName("Numbers")
        self.cells.setMinimumHeight(110)
        self.cells.itemChanged.connect(lambda _: self.problem.setText(""))
        self.flag = QComboBox(self)
        self.flag.addItems(["True", "False"])
        self.flag.setAccessibleName("requires_grad")
        self.port = QComboBox(self)
        self.port.setAccessibleName("Which input")
        self.line = QSpinBox(self)
        self.line.setRange(1, max(1, session.recording.source.count("\n") + 1))
        self.line.setValue(line or session.line)
        self.line.setAccessibleName("Line")
        self.code = QLineEdit(ZERO_GRAD, self)
        self.code.setAccessibleName("Statement")
        self.code.setPlaceholderText("h = h.detach()")
        self.name = QLineEdit(self)
        self.name.setAccessibleName("Name of the branch")
        self.name.setPlaceholderText("kept in the list under this name")
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel, self)
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setText("Branch")
        self.buttons.accepted.connect(self._accept)
        self.buttons.rejected.connect(self.reject)
        self.form = QFormLayout(self)
        self.form.addRow(self.words)
        for label, widget in (
            ("Change", self.kind), ("Of", self.node), ("Numbers", self.cells), ("requires_grad", self.flag), ("Input", self.port),
            ("Before line", self.line), ("Statement", self.code), ("Name", self.name),
        ):  # fmt: skip
            self.form.addRow(label, widget)
        self.form.addRow(self.problem)
        self.form.addRow(self.buttons)
        self.kind.currentIndexChanged.connect(lambda _: self._show_kind())
        self.node.currentIndexChanged.connect(lambda _: self._show_node())
        self._selected = selected
        self._show_kind()

    def _alive(self, node: GraphNode) -> bool:
        state = self._states.get(node.id)
        return state is not None and state.status != Status.UNBORN

    # -- what is shown ----------------------------------------------------------------------------------------

    def _fitting(self) -> list[GraphNode]:
        """The nodes that this kind of change can be about."""
        kind = self.kind.currentIndex()
        if kind == GRADIENT:
            return [n for n in self._nodes if n.is_leaf and self._states[n.id].grad is not None]
        if kind == FLAG:
            return [n for n in self._nodes if n.is_leaf]
        if kind == DETACH:
            return [
                n for n in self._session.graph().nodes if any(e.target == n.id and e.kind != "bucket" for e in self._session.graph().edges)
            ]
        return self._nodes

    def _show_kind(self) -> None:
        kind = self.kind.currentIndex()
        fitting = self._fitting()
        each_time = "The statement runs each time before the line does, from the start on."
        from_here = f"Up to event {self._session.position} the new run is this one; then it goes on with the change."
        self.words.setText(f"{each_time if kind == LINE else from_here} The script's text stays as it is.")
        self.node.blockSignals(True)
        self.node.clear()
        for node in fitting:
            self.node.addItem(f"{node.title}  (line {node.line})", node.id)
        wanted = next((self.node.findData(n) for n in self._selected if self.node.findData(n) >= 0), 0)
        self.node.setCurrentIndex(wanted if fitting else -1)
        self.node.blockSignals(False)
        shown = {
            self.node: kind in (NUMBER, GRADIENT, FLAG, DETACH), self.cells: kind in (NUMBER, GRADIENT), self.flag: kind == FLAG,
            self.port: kind == DETACH, self.line: kind == LINE, self.code: kind == LINE,
        }  # fmt: skip
        for widget, visible in shown.items():
            self.form.setRowVisible(widget, visible)
        self._show_node()
        self.adjustSize()

    def _show_node(self) -> None:
        self.problem.setText("")
        node = self.node.currentData()
        if node is None:
            self.cells.clear()
            self.cells.setRowCount(0)
            return
        state = self._states.get(int(node))
        if state is not None:
            self._show_cells(state.grad if self.kind.currentIndex() == GRADIENT else state.value)
            self.flag.setCurrentIndex(1 if state.requires_grad else 0)
        graph = self._session.graph()
        titles = {n.id: n.title for n in graph.nodes}
        self.port.clear()
        for edge in graph.edges:
            if edge.target == int(node) and edge.kind != "bucket":
                self.port.addItem(f"{edge.port + 1}: {titles.get(edge.source, '')}", edge.port)

    def _show_cells(self, picture: Picture | None) -> None:
        array = picture.array if picture is not None else None
        self._cells.clear()
        self.cells.clear()
        if array is None or not 0 < array.size <= MOST_CELLS or array.dtype.kind not in "fiu":
            self.cells.setRowCount(0)
            self.cells.setColumnCount(0)
            self.problem.setText("Its numbers cannot be edited here: none, complex, or more than 400.")
            return
        grid = array.reshape(-1, array.shape[-1] if array.ndim else 1)
        self.cells.setRowCount(grid.shape[0])
        self.cells.setColumnCount(grid.shape[1])
        self.cells.setHorizontalHeaderLabels([str(k) for k in range(grid.shape[1])])
        leading = array.shape[:-1] if array.ndim else ()
        self.cells.setVerticalHeaderLabels(
            [", ".join(map(str, np.unravel_index(k, leading))) if leading else "" for k in range(grid.shape[0])]
        )
        for row in range(grid.shape[0]):
            for column in range(grid.shape[1]):
                index = tuple(int(i) for i in np.unravel_index(row * grid.shape[1] + column, array.shape)) if array.ndim else ()
                text = f"{grid[row, column]:.9g}"
                item = QTableWidgetItem(text)
                item.setData(Qt.ItemDataRole.UserRole, index)
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self._cells[index] = text
                self.cells.setItem(row, column, item)

    # -- the answer ---------------------------------------------------------------------------------------------

    def _accept(self) -> None:
        try:
            if self.kind.currentIndex() == LINE:
                parse_statement(self.code.text(), self.line.value())
            changes = self.changes()
        except (SyntaxProblem, ValueError) as problem:
            self.problem.setText(problem.message if isinstance(problem, SyntaxProblem) else str(problem))
            return
        if not changes:
            self.problem.setText("Nothing is changed yet.")
            return
        self.accept()

    def changes(self) -> tuple[Change, ...]:
        """What the run is to change.

        Raises:
            ValueError: a cell holds no number.
        """
        at, kind = self._session.position, self.kind.currentIndex()
        if kind == ZERO:
            return (ZeroGradAt(at),)
        if kind == LINE:
            return (InsertLine(self.line.value(), self.code.text().strip()),)
        if self.node.currentData() is None:
            return ()
        key = key_of(self._session.recording.sites[int(self.node.currentData())])
        if kind == FLAG:
            return (SetFlag(at, key, self.flag.currentIndex() == 0),)
        if kind == DETACH:
            return (DetachFrom(at, key, int(self.port.currentData())),) if self.port.count() else ()
        part = GRAD if kind == GRADIENT else VALUE
        return tuple(SetElement(at, key, part, index, number) for index, number in self._edited())

    def _edited(self) -> list[tuple[tuple[int, ...], float]]:
        found = []
        for row in range(self.cells.rowCount()):
            for column in range(self.cells.columnCount()):
                item = self.cells.item(row, column)
                if item is None:
                    continue
                index = tuple(item.data(Qt.ItemDataRole.UserRole))
                text = item.text().strip()
                if text == self._cells[index]:
                    continue
                try:
                    found.append((index, float(text)))
                except ValueError:
                    raise ValueError(f"“{text}” is no number." if text else "An empty cell is no number.") from None
        return found

"""The editor: palette, canvas, and what belongs to the selected node and to the whole graph."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QSplitter, QTabWidget, QToolButton, QVBoxLayout, QWidget

from gradviz.document.model import TENSOR
from gradviz.document.run.troubles import cut_off, not_finite

from ..bridge import Bridge
from ..pictures.numbers import short
from ..style.line import Line
from ..style.theme import SMALL_PX, TITLE_PX, ui_font
from .asking.quick_add import add_block
from .commands import Commands
from .desk import Desk
from .panels.code import CodePanel
from .panels.history import HistoryList
from .panels.palette import Palette
from .panels.properties import Properties
from .panels.table import TableTwin
from .panels.training import TrainingPanel
from .view import EditorView


class EditorPanel(QWidget):
    """One document and all that shows it."""

    def __init__(self, desk: Desk, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("editor")
        self.desk = desk
        self.view = EditorView(desk, bridge)
        self.commands = Commands(self.view)
        self.palette_ = Palette(self)
        self.palette_.chosen.connect(self._add)
        self.properties = Properties(desk)
        self.code = CodePanel(desk, bridge)
        self.training = TrainingPanel(desk, bridge)
        self.history = HistoryList(desk.history)
        self.table = TableTwin(desk)
        self.side = QTabWidget(self)
        self.side.setAccessibleName("Node, code, training, history and table of the graph")
        self.side.tabBar().setAccessibleName(self.side.accessibleName())
        self.side.setDocumentMode(True)
        self.side.setUsesScrollButtons(False)
        self.side.tabBar().setFont(ui_font(SMALL_PX + 1))
        pages: tuple[tuple[QWidget, str], ...] = (
            (self.properties, "Node"), (self.code, "Code"), (self.training, "Train"), (self.history, "History"), (self.table, "Table"),
        )  # fmt: skip
        for page, title in pages:
            self.side.addTab(page, title)
        self.live = QToolButton(self)
        self.live.setText("Live: on")
        self.live.setCheckable(True)
        self.live.setChecked(True)
        self.live.setToolTip("Run forward and backward at every change")
        self.live.toggled.connect(desk.set_live)
        self.live.toggled.connect(lambda on: self.live.setText("Live: on" if on else "Live: off"))
        self.status = Line(self)
        # long words take none from what stands beside the canvas
        self.status.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.status.setFont(ui_font(TITLE_PX))
        self.status.setAccessibleName("Result of the last run")
        self.bar = QHBoxLayout()
        self.bar.setContentsMargins(8, 4, 8, 4)
        self.bar.setSpacing(12)
        self.bar.addWidget(self.live)
        self.bar.addWidget(self.status, 1)
        middle = QWidget(self)
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self.bar)
        column.addWidget(self.view, 1)
        self.split = QSplitter(Qt.Orientation.Horizontal, self)
        for widget in (self.palette_, middle, self.side):
            self.split.addWidget(widget)
        self.split.setStretchFactor(1, 1)
        self.split.setCollapsible(1, False)
        self.split.setSizes([190, 806, 284])
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.split)
        for beside in (self.palette_, self.side):
            leave = QShortcut(QKeySequence(Qt.Key.Key_Escape), beside)
            leave.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            leave.activated.connect(self._leave)
        desk.changed.connect(self._tell)
        self._tell()

    def _add(self, op: str) -> None:
        """From the palette: beside the selected node, else in the middle."""
        block = add_block(self.view, op, self.view.new_place())
        self.view.setFocus()
        self.view.inline.ask(block)

    def show_properties(self) -> None:
        """Go to the form of the selected node."""
        self.side.setCurrentWidget(self.properties)
        first = self.properties.needed() or self.properties.field("value") or self.properties.field("name")
        if first is not None:
            first.setFocus()

    def _leave(self) -> None:
        """From what stands beside the canvas back to it; what is half typed in the form is forgotten."""
        self.properties.forget()
        self.view.setFocus()

    def _missing(self) -> str:
        """Why there is nothing to go backward from."""
        document = self.desk.document
        waiting = next(((b, known.waiting) for b, known in self.desk.known.items() if known.waiting and b in document.blocks), None)
        if waiting is not None:
            return f"{document.blocks[waiting[0]].name} waits for {', '.join(waiting[1])}"
        ends = (b for b, known in self.desk.known.items() if len(known.outputs) > 1 and b in document.blocks and not document.users(b))
        if several := next(ends, ""):
            return (
                f"{document.blocks[several].name} gives {len(self.desk.known[several].outputs)} results: backward begins behind one of them"
            )
        if any(b.requires_grad for b in document.blocks.values()):
            return cut_off(document, self.desk.ran) or "No result requires grad yet"
        return "Nothing requires grad yet: select a tensor and press R"

    def _endless(self) -> list[str]:
        """Where numbers stop to be finite: asked of the loss and of the tensors that it is trained by, in each frame."""
        document, ran = self.desk.document, self.desk.ran
        ends = (ran.values[ran.loss], *(g for b, g in ran.grads.items() if document.blocks[b].op == TENSOR))
        if all(np.isfinite(end).all() for end in ends if end.dtype.kind in "fc"):
            return []
        found = not_finite(document, ran)
        return [f"{document.blocks[found[0]].name}: {found[1]}"] if found is not None else []

    def _tell(self) -> None:
        """The loss and what is wrong, above the canvas."""
        document, ran = self.desk.document, self.desk.ran
        problems = self.desk.troubled()
        words = []
        if not self.desk.live:
            words.append("Live is off: shapes only")
        elif ran.loss in document.blocks and ran.loss in ran.values:
            array = ran.values[ran.loss]
            name = document.blocks[ran.loss].name
            words.append(f"{name} = {short(float(array.item()))}" if array.size == 1 else f"backward from {name}, seeded with ones")
            words += self._endless()
        elif document.blocks and not problems:
            words.append(self._missing())
        if problems:
            words.append(f"{document.blocks[problems[0]].name}: {self.desk.problem_of(problems[0])}")
        warned = [f"{document.blocks[b].name} warns: {text}" for b, text in ran.warnings.items() if b in document.blocks]
        words += warned[:1] if not problems else []
        self.status.setText("   ·   ".join(words))
        self.status.setToolTip("\n".join([*(f"{document.blocks[b].name}: {self.desk.problem_of(b)}" for b in problems), *warned]))

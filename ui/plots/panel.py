"""PlotsPanel: how a leaf's `.grad` was filled: the ledger at the left, the curves at the right."""

from __future__ import annotations

import math
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QPaintEvent, QShowEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLabel, QPushButton, QSplitter, QStackedLayout, QVBoxLayout, QWidget

from gradviz.debugger.inspection.ledger import block_of

from ..qt.package_in_turns import PackageInTurns
from .curves import ticks_of
from .ledger import LedgerView

if TYPE_CHECKING:
    from gradviz.debugger.answers import Series
    from gradviz.debugger.session import Session

    from ..bridge import Bridge
    from .graph_view import GraphView

PYQTGRAPH = PackageInTurns("pyqtgraph")  # for all windows

Ints = np.ndarray[Any, np.dtype[np.int64]]

TURN_SECONDS = 0.1  # pages that are turned more quickly are not looked at
_EMPTY = "No .grad yet.\n\nA tensor with requires_grad=True gets one when backward() reaches it: each pass adds to it, here as a bar."


class PlotsPanel(QWidget):
    """Choose a leaf; without a choice the panel follows the step, or shows the leaf with most writes."""

    compare_zero_grad_requested = Signal(int)  # node id of the leaf

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("plots")
        self.setAccessibleName("Gradient plots")
        self._bridge = bridge
        self._stale = self._chosen = self._painted = False
        self._shown_part: tuple[object, int, int, int] | None = None
        self._turned = 0.0
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(round(TURN_SECONDS * 1e3))
        self._later.timeout.connect(self._show_leaf)
        self.graph_view: GraphView | None = None
        self._rows, self._passes, self._written = _accumulations(None)
        self.empty = QLabel(_EMPTY, self)
        self.empty.setObjectName("plots_empty")
        self.empty.setAccessibleName("No gradient yet")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self.empty.setMargin(24)
        content = QWidget(self)
        self.leaf = QComboBox(content)
        self.leaf.setObjectName("plots_leaf")
        self.leaf.setAccessibleName("Leaf whose .grad is shown")
        self.leaf.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.leaf.setMinimumWidth(96)
        self.leaf.activated.connect(self._choose)
        self.elements = self._toggle("Elements", "Show a curve for each of the first elements", True)
        self.norm = self._toggle("Norm", "Show the norm of .grad", True)
        self.log = self._toggle("Log", "Logarithmic axis: zeros and negative numbers are left out", False)
        self.compare = QPushButton("With / without zero_grad", content)
        self.compare.setObjectName("plots_compare")
        self.compare.setAccessibleName("Compare with and without zero_grad")
        self.compare.setToolTip("Runs the script both ways and draws the two curves in one plot")
        self.compare.clicked.connect(self._compare)
        self.back = QPushButton("Back to this run", content)
        self.back.setObjectName("plots_back")
        self.back.setAccessibleName("Back to the plot of this run")
        self.back.clicked.connect(self.end_comparison)
        self.back.hide()
        head = QHBoxLayout()
        head.setSpacing(8)
        for widget in (self.leaf, self.elements, self.norm, self.log):
            head.addWidget(widget)
        head.addStretch(1)
        head.addWidget(self.back)
        head.addWidget(self.compare)
        self.ledger = LedgerView(bridge, content)
        self.ledger.seeked.connect(bridge.seek)
        self.split = QSplitter(Qt.Orientation.Horizontal, content)
        self.split.setObjectName("plots_split")
        self.split.setChildrenCollapsible(False)
        self.split.setHandleWidth(7)
        self.split.addWidget(self.ledger)
        self._right = QWidget(self.split)
        self._right.setMinimumWidth(180)
        self._right_rows = QVBoxLayout(self._right)
        self._right_rows.setContentsMargins(0, 0, 0, 0)
        self.split.addWidget(self._right)
        self.split.setSizes([360, 540])
        self.split.setStretchFactor(0, 2)
        self.split.setStretchFactor(1, 3)
        rows = QVBoxLayout(content)
        rows.setContentsMargins(8, 6, 8, 4)
        rows.setSpacing(4)
        rows.addLayout(head)
        rows.addWidget(self.split, 1)
        self._content = content
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(content)
        bridge.session_changed.connect(self._new_session)
        bridge.on_growth(self._refresh)
        bridge.position_changed.connect(self._moved)
        bridge.selection_changed.connect(self._selected)
        bridge.theme_changed.connect(self._restyle)
        self._restyle()
        self._refresh()

    def _toggle(self, text: str, tip: str, on: bool) -> QCheckBox:
        box = QCheckBox(text, self)
        box.setObjectName(f"plots_{text.lower().replace(' ', '_')}")
        box.setAccessibleName(text)
        box.setToolTip(tip)
        box.setChecked(on)
        box.toggled.connect(self._show_parts)
        return box

    def _restyle(self) -> None:
        self.empty.setStyleSheet(f"color: {self._bridge.theme.muted}")

    # The plot comes after the first paint: pyqtgraph takes 0.1 to 0.35 s to import.

    def paintEvent(self, event: QPaintEvent) -> None:
        """The first paint asks for the plot."""
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            QTimer.singleShot(0, self, self._load_plot)

    def _load_plot(self) -> None:
        if PYQTGRAPH.go_on():
            QTimer.singleShot(0, self, self._load_plot)
        else:
            QTimer.singleShot(0, self, self.build_plot)

    def build_plot(self) -> GraphView:
        """Make the plot if it is not there yet."""
        if self.graph_view is None:
            PYQTGRAPH.finish()
            from .graph_view import GraphView

            self.graph_view = GraphView(self._bridge, self._right)
            self.graph_view.seeked.connect(self._bridge.seek)
            self._right_rows.addWidget(self.graph_view)
            self._show_parts()
            self._show_leaf()
        return self.graph_view

    # Refreshing.

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened while the panel was hidden."""
        super().showEvent(event)
        if self._stale:
            self._refresh()

    def _new_session(self) -> None:
        self._chosen = False
        self.end_comparison()
        self._refresh()

    def _refresh(self) -> None:
        """Fill the list of leaves, and show one."""
        self._stale = not self.isVisible()
        if self._stale:
            return
        before, session = self.leaf_id, self._bridge.session
        self._rows, self._passes, self._written = _accumulations(session)
        writes = dict(zip(*(a.tolist() for a in np.unique(self._written, return_counts=True)), strict=True))
        leaves = [k for k in session.leaves() if k in writes] if session is not None else []
        graph = self._bridge.graph()
        self.leaf.clear()
        nodes = [node for leaf in leaves if graph is not None and (node := graph.node(leaf)) is not None]
        titles = [node.title for node in nodes]
        for node in nodes:  # the line only where it tells two apart: it takes the room of the name
            twice = node.line and titles.count(node.title) > 1
            self.leaf.addItem(f"{node.title}.grad  (line {node.line})" if twice else f"{node.title}.grad", node.id)
        self._stack.setCurrentWidget(self._content if self.leaf.count() else self.empty)
        most = max(leaves, key=lambda k: writes[k], default=-1)
        self._go_to(before if before in leaves and self._chosen else most)
        if session is not None and not self._chosen:
            self._go_to(self._written_at(session.position))
            for node_id in self._bridge.selected[:1]:  # before this panel was there
                self._chosen = self._go_to(session.trace.leaf_of.get(node_id, node_id))
        self._show_leaf()
        self._moved()

    @property
    def leaf_id(self) -> int:
        """The node id of the leaf that is shown, -1 for none."""
        data = self.leaf.currentData()
        return int(data) if data is not None else -1

    def _go_to(self, leaf: int) -> bool:
        """Show a leaf if it is in the list; whether that changed anything."""
        row = self.leaf.findData(leaf)
        if row < 0 or row == self.leaf.currentIndex():
            return False
        self.leaf.setCurrentIndex(row)
        return True

    def _choose(self) -> None:
        self._chosen = True
        self.end_comparison()
        self._show_leaf()

    def _moved(self) -> None:
        """Follow the step to the leaf that it writes, unless the user chose one."""
        session = self._bridge.session
        if session is None or not self.isVisible():
            self._stale = True
            return
        if not self._chosen and self._go_to(self._written_at(session.position)):
            self._turn_page()
        if self.leaf_id >= 0 and self._shown_part != self._part():
            self._turn_page()  # another part of a long run
        self.ledger.set_position(session.position)
        if self.graph_view is not None:
            self.graph_view.set_position(session.position)

    def _part(self) -> tuple[object, int, int, int]:
        """Which part of which ledger stands for the position."""
        session = self._bridge.session
        if session is None:
            return (None, -1, -1, 0)
        return (session, self.leaf_id, block_of(session.trace, self.leaf_id, session.position), session.recording.filled)

    def _turn_page(self) -> None:
        """Show another part: at once, but while the mouse scrubs through a long run only when it rests."""
        if perf_counter() - self._turned > TURN_SECONDS:
            self._show_leaf()
        else:
            self._later.start()
        self._turned = perf_counter()

    def _written_at(self, position: int) -> int:
        """The leaf to follow: the shown one while the latest backward pass writes it too, else the one written last."""
        k = int(np.searchsorted(self._rows, position, side="right")) - 1
        if k < 0:
            return self.leaf_id
        of_pass = self._written[self._passes == self._passes[k]]
        return self.leaf_id if self.leaf_id in of_pass else int(self._written[k])

    def _selected(self) -> None:
        """A selected leaf (or its bucket) is shown."""
        session, selected = self._bridge.session, self._bridge.selected
        if session is None or not selected:
            return
        if self._go_to(session.trace.leaf_of.get(selected[0], selected[0])):
            self._choose()

    def _show_leaf(self) -> None:
        session, leaf = self._bridge.session, self.leaf_id
        self._shown_part = self._part()
        if session is None or leaf < 0:
            self.ledger.set_ledger(None, 0, {})
            if self.graph_view is not None:
                self.graph_view.set_series(None)
            return
        node, series = session.graph().node(leaf), session.series(leaf)
        norms = dict(zip(series.events, series.norms, strict=True))
        self.ledger.set_ledger(session.ledger(leaf), math.prod(node.shape) if node is not None else 0, norms)
        self.ledger.set_position(session.position)
        if self.graph_view is not None and not self.back.isVisibleTo(self):
            self.graph_view.set_series(series, ticks_of(series) or tuple((bar.begins, bar.row.label) for bar in self.ledger.bars))
            self.graph_view.set_position(session.position)

    def _show_parts(self) -> None:
        if self.graph_view is not None:
            self.graph_view.show_parts(self.elements.isChecked(), self.norm.isChecked(), self.log.isChecked())

    # With and without zero_grad.

    def _compare(self) -> None:
        if self.leaf_id >= 0:
            self.compare_zero_grad_requested.emit(self.leaf_id)

    def set_comparison(self, series_with: Series, series_without: Series) -> None:
        """Draw the two runs in one plot, until `end_comparison`."""
        self.back.show()
        self.build_plot().set_comparison(series_with, series_without)

    def end_comparison(self) -> None:
        """Back to the plot of this run."""
        if not self.back.isHidden():
            self.back.hide()
            self._show_leaf()


def _accumulations(session: Session | None) -> tuple[Ints, Ints, Ints]:
    """All additions to a `.grad`: their events, their passes, and the leaves (node ids)."""
    if session is None:
        return (np.zeros(0, np.int64),) * 3
    from gradviz.recording.event import Kind

    columns = session.columns
    rows = np.flatnonzero(columns.kind == int(Kind.ACCUMULATE))
    sites, place = np.unique(columns.site[rows], return_inverse=True)
    leaf_of = session.trace.leaf_of
    leaves = np.array([leaf_of.get(site, -1) for site in sites.tolist()], np.int64)
    return rows, columns.pass_[rows], leaves[place] if len(rows) else np.zeros(0, np.int64)

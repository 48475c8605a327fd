"""InspectorPanel: all that is known of one node at the current moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QStackedLayout, QTabBar, QVBoxLayout, QWidget

from ..pictures.numbers import shape_text
from ..style.breakable import breakable
from ..style.theme import TITLE_PX, ui_font
from .flags import FlagsTable
from .flow import FlowLayout
from .kept import KeptSection
from .link import LinkButton
from .quantity import QuantitySection
from .section import Section

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradviz.debugger.answers import Inspection, Saved

    from ..bridge import Bridge

_NO_SESSION = "Nothing is recorded yet.\n\nOpen a script and run it: what each node held, and who wrote it, will be shown here."
_NO_NODE = "Step forward, or click a node of the graph, to see its value, its gradient and how they came\u00a0to\u00a0be."


class InspectorPanel(QWidget):
    """Shows the selected node, else the one that the current event touches."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("inspector")
        self.setAccessibleName("Inspector")
        self._bridge = bridge
        self._stale = True
        self.inspection: Inspection | None = None
        self.empty = QLabel(_NO_SESSION, self)
        self.empty.setObjectName("inspector_empty")
        self.empty.setAccessibleName("Inspector is empty")
        self.empty.setWordWrap(True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setMargin(24)
        self.empty.setForegroundRole(self.foregroundRole())
        self._area = QScrollArea(self)
        self._area.setObjectName("inspector_scroll")
        self._area.setAccessibleName("Inspector content")
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setWidget(self._content())
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self._area)
        for signal in (bridge.session_changed, bridge.recording_grew, bridge.selection_changed):
            signal.connect(self.refresh)
        bridge.selection_changed.connect(self._choose_result)
        bridge.on_rest(self.refresh)
        bridge.theme_changed.connect(self._restyle)
        self._restyle()

    def _content(self) -> QWidget:
        bridge, content = self._bridge, QWidget(self)
        content.setAutoFillBackground(False)
        self.title = QLabel(content)
        self.title.setObjectName("inspector_title")
        self.title.setAccessibleName("Node")
        self.title.setFont(ui_font(TITLE_PX + 2, bold=True))
        self.title.setWordWrap(True)
        self.title.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.subtitle = QLabel(content)
        self.subtitle.setObjectName("inspector_subtitle")
        self.subtitle.setAccessibleName("Kind of node")
        self.subtitle.setWordWrap(True)
        self.line = LinkButton(bridge, "", "script line", "chip", content)
        self.line.setToolTip("Go to the event that made this node, and mark its line in the script")
        self.line.clicked.connect(self._go_to_line)
        self.explain = LinkButton(bridge, "What is this?", "explain node", "link", content)
        self.explain.setToolTip("The glossary on this kind of node, and the rule of its gradient")
        self.explain.clicked.connect(self._explain)
        self.results = QTabBar(content)
        self.results.setObjectName("inspector_results")
        self.results.setAccessibleName("Which of the node's results")
        self.results.setToolTip("This node has several results: value and gradient below are those of the chosen one")
        self.results.setDrawBase(False)
        self.results.setExpanding(False)
        self.results.currentChanged.connect(self._show_result)
        self.value = QuantitySection(bridge, "Value", "value", content)
        self.grad = QuantitySection(bridge, "Gradient", "gradient", content)
        self.kept = KeptSection(bridge, content)
        self.flags_section = Section(bridge, "Flags", "op", content)
        self.flags = FlagsTable(bridge, content)
        self.flags_section.rows.addWidget(self.flags)
        self.saved_section, self.saved = self._chips("Saved for backward", "parameter")
        self.inputs_section, self.inputs = self._chips("Inputs", "edge")
        self.outputs_section, self.outputs = self._chips("Used by", "edge")
        rows = QVBoxLayout(content)
        rows.setContentsMargins(12, 12, 12, 12)
        rows.setSpacing(4)
        rows.setAlignment(Qt.AlignmentFlag.AlignTop)
        for widget in (self.title, self.subtitle):
            rows.addWidget(widget)
        rows.addSpacing(2)
        chips = QHBoxLayout()
        chips.addWidget(self.line)
        chips.addWidget(self.explain)
        chips.addStretch(1)
        rows.addLayout(chips)
        rows.addSpacing(6)
        rows.addWidget(self.results)
        self.sections: tuple[Section, ...] = (
            self.value, self.grad, self.kept, self.saved_section, self.flags_section, self.inputs_section, self.outputs_section,
        )  # fmt: skip
        for section in self.sections:
            rows.addWidget(section)
        rows.addStretch(1)
        return content

    def _chips(self, title: str, role: str) -> tuple[Section, FlowLayout]:
        section = Section(self._bridge, title, role, self)
        holder = QWidget(section)
        flow = FlowLayout(holder)
        section.rows.addWidget(holder)
        return section, flow

    def _restyle(self) -> None:
        muted = self._bridge.theme.muted
        for label in (self.empty, self.subtitle):
            label.setStyleSheet(f"color: {muted}")
        self.update()

    # Refreshing.

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened while the panel was hidden."""
        super().showEvent(event)
        if self._stale:
            self.refresh()

    def refresh(self) -> None:
        """Show the node of the moment. A hidden panel costs nothing: it catches up when shown."""
        self._stale = not self.isVisible()
        if self._stale:
            return
        inspection = self._inspect()
        if inspection is None:
            self.empty.setText(_NO_SESSION if self._bridge.session is None else _NO_NODE)
            self._stack.setCurrentWidget(self.empty)
        else:
            self._show(inspection)
            self._stack.setCurrentWidget(self._area)
            self._settle()
        self.inspection = inspection

    def _settle(self) -> None:
        """Give each section its height now, from the inside out."""
        for section in self.sections:
            section.settle()
        content, width = self._area.widget(), self._area.viewport().width()
        layout = content.layout() if content is not None else None
        if content is not None and layout is not None:
            layout.activate()
            content.resize(width, max(self._area.viewport().height(), layout.totalHeightForWidth(width)))

    def _inspect(self) -> Inspection | None:
        session = self._bridge.session
        if session is None:
            return None
        nodes = self._bridge.selected or session.moment().current
        if not nodes and session.position >= 0:  # at a print, say: the node that the last event before was about
            nodes = (session.latest_site,)
        return session.inspect(nodes[0]) if nodes else None

    def _show(self, found: Inspection) -> None:
        self.line.setVisible(found.line > 0)
        self.line.set_text(f"line {found.line}")
        self.value.setVisible(found.op != "AccumulateGrad")  # a bucket has no value, only the gradient in it
        self._name_results(found)
        self._show_quantities(found)
        self.kept.show_kept(found.kept)
        self.flags.set_flags(found.flags)
        self.flags_section.setVisible(bool(found.flags))
        if self.inspection is None or found.saved != self.inspection.saved:
            self._show_saved(found.saved)
        before = self.inspection
        if before is None or (before.node, before.inputs, before.outputs) != (found.node, found.inputs, found.outputs):
            self._show_links(self.inputs_section, self.inputs, found.inputs, "input")
            self._show_links(self.outputs_section, self.outputs, found.outputs, "used by")

    def _name_results(self, found: Inspection) -> None:
        """A tab for each result, where there are several; the chosen one stays so while the node does."""
        names = [result.title.removeprefix("output ") for result in found.results]  # many have to stand side by side
        self.results.setVisible(bool(names))
        same = self.inspection is not None and self.inspection.node == found.node
        if same and names == [self.results.tabText(k) for k in range(self.results.count())]:
            return
        self.results.blockSignals(True)
        while self.results.count():
            self.results.removeTab(0)
        for name, result in zip(names, found.results, strict=True):
            self.results.setTabToolTip(self.results.addTab(name), f"{result.title} · {shape_text(result.shape)} · {result.dtype}")
        self.results.blockSignals(False)

    def _choose_result(self) -> None:
        """A port was clicked: the tab of what leaves the node there."""
        if 0 <= self._bridge.result < self.results.count():
            self.results.setCurrentIndex(self._bridge.result)

    def _show_result(self) -> None:
        """Another tab: the value and the gradient of that result."""
        if self.inspection is not None:
            self._show_quantities(self.inspection)
            self._settle()

    def _show_quantities(self, found: Inspection) -> None:
        """Value and gradient of the node; of one with several results those of the chosen one."""
        chosen = self.results.currentIndex()
        shown = found.results[chosen] if 0 <= chosen < len(found.results) else found
        kind = f"{found.op} · {found.grad_fn}" if found.grad_fn and found.grad_fn != found.op else found.op
        self.title.setText(breakable(shown.title if shown.title.isidentifier() else found.title))
        self.subtitle.setText(breakable(f"{kind} · {shape_text(shown.shape)} · {shown.dtype}" if shown.dtype else kind))
        self.value.show_quantity(shown.value, "", shown.value_writer, "not computed yet in this step")
        words = shown.grad_label.removeprefix("no gradient: ")
        self.grad.show_quantity(shown.grad, shown.grad_label, shown.grad_writer, words)

    def _show_saved(self, saved: tuple[Saved, ...]) -> None:
        self.saved.clear(len(saved))
        self.saved_section.setVisible(bool(saved))
        broken = 0
        for k, value in enumerate(saved):
            overwritten = value.current_version != value.saved_version and not value.freed
            broken += overwritten
            if value.freed:
                text, look = f"{value.name}  freed", "ghost"
                tip = "Let go of after this node fired: a second backward() would fail."
            elif overwritten:
                text, look = f"{value.name}  v{value.saved_version} → v{value.current_version}", "error"
                tip = "Overwritten in place since it was saved: backward() will fail here. Click: go to where it was saved."
            else:
                text, look = f"{value.name}  v{value.saved_version}", "chip"
                tip = "Kept for the backward pass. Click: go to where it was saved."
            chip = self._chip(self.saved, k, text, f"saved {value.name}", look, self._seek)
            chip.setToolTip(tip)
            chip.setProperty("event", value.event)
        freed = bool(saved) and all(value.freed for value in saved)
        self.saved_section.set_note("overwritten" if broken else "all freed" if freed else "", alarm=broken > 0)

    def _show_links(self, section: Section, flow: FlowLayout, nodes: tuple[int, ...], word: str) -> None:
        flow.clear(len(nodes))
        section.setVisible(bool(nodes))
        graph = self._bridge.graph()
        for k, node_id in enumerate(nodes):
            node = graph.node(node_id) if graph is not None else None
            title = node.title if node is not None else str(node_id)
            chip = self._chip(flow, k, title, f"{word} {node_id}", "chip", self._select)
            chip.setToolTip("Select this node")
            chip.setProperty("node", node_id)

    def _chip(self, flow: FlowLayout, k: int, text: str, name: str, look: str, clicked: Callable[[], None]) -> LinkButton:
        """The chip at a place, made where there is none yet: while the cursor moves their number seldom changes."""
        item = flow.itemAt(k)
        chip = item.widget() if item is not None else None
        if isinstance(chip, LinkButton):
            chip.become(text, name, look)
            return chip
        made = LinkButton(self._bridge, text, name, look, flow.parentWidget())
        made.clicked.connect(clicked)
        flow.addWidget(made)
        made.show()
        return made

    # Going there.

    def _seek(self) -> None:
        sender = self.sender()
        if sender is not None:
            self._bridge.seek(int(sender.property("event")))

    def _select(self) -> None:
        sender = self.sender()
        if sender is not None:
            self._bridge.select((int(sender.property("node")),))

    def _explain(self) -> None:
        if self.inspection is not None:
            self._bridge.help_wanted.emit(f"node:{self.inspection.node}")

    def _go_to_line(self) -> None:
        """Select the node and go to the event that made it, so that the source marks the line."""
        found = self.inspection
        if found is None:
            return
        self._bridge.select((found.node,))
        session = self._bridge.session
        if session is None:
            return
        made = [int(k) for k in session.trace.made[found.node]] if found.node < len(session.trace.made) else []
        behind = [k for k in made if k <= session.position]
        if made:
            self._bridge.seek(behind[-1] if behind else made[0])

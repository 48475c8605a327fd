"""QuestionsPanel: what can be asked of the selected node; a sentence, a path lit on the canvas, events to click."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from gradviz.debugger.questions import QUESTIONS, Answer, ask, asked_of

from ..lessons.pointer import CanvasPointer
from ..style.breakable import breakable
from ..style.theme import TITLE_PX, mono_font, ui_font
from .bar import PartsBar

if TYPE_CHECKING:
    from ..bridge import Bridge
    from ..canvas.view import CanvasView

_EMPTY = "Click a node of the graph, then a question: who wrote this, why this value, what is its gradient made of?"
_SOON_MS = 60  # steps that follow each other fast are answered once
_ROLE = int(Qt.ItemDataRole.UserRole)


class QuestionsPanel(QWidget):
    """Questions at the left, the answer at the right."""

    def __init__(self, bridge: Bridge, canvas: CanvasView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("questions")
        self.setAccessibleName("Questions")
        self._bridge = bridge
        self._canvas = canvas
        self._light: CanvasPointer | None = None
        self.answer: Answer | None = None
        self.node = -1
        self._wanted = ""
        self.questions = QListWidget(self)
        self.questions.setAccessibleName("Questions that fit the selected node")
        self.questions.setFixedWidth(236)
        self.questions.setWordWrap(True)
        self.questions.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.element = QLineEdit(self)
        self.element.setPlaceholderText("of which element? 1, 0")
        self.element.setAccessibleName("Element of the value")
        self.element.setFont(mono_font())
        self.sentence = QLabel(_EMPTY, self)
        self.sentence.setWordWrap(True)
        self.sentence.setFont(ui_font(TITLE_PX - 1))
        self.sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.bar = PartsBar(bridge, self)
        self.events = QListWidget(self)
        self.events.setAccessibleName("Events of the answer")
        self.events.setFont(mono_font())
        self.events.setWordWrap(True)  # a sentence is read as a whole
        self.events.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.events.setResizeMode(QListWidget.ResizeMode.Adjust)
        left = QVBoxLayout()
        left.addWidget(self.questions, 1)
        left.addWidget(self.element)
        right = QVBoxLayout()
        right.addWidget(self.sentence, 0, Qt.AlignmentFlag.AlignTop)
        right.addWidget(self.bar)
        right.addWidget(self.events, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 6, 8, 6)
        row.addLayout(left)
        row.addLayout(right, 1)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_SOON_MS)
        self._soon.timeout.connect(self.refresh)
        for signal in (bridge.selection_changed, bridge.position_changed, bridge.session_changed, bridge.theme_changed):
            signal.connect(self._later)
        self.questions.currentItemChanged.connect(lambda *_: self._ask())
        self.element.editingFinished.connect(self._ask)
        self.bar.hovered.connect(self._hovered)
        self.bar.clicked.connect(self._part_clicked)
        self.events.itemClicked.connect(self._to_event)
        self.events.itemActivated.connect(self._to_event)
        self.bar.set_parts(())
        for box in (self.questions, self.element, self.events):
            box.hide()

    def ask(self, question: str) -> None:
        """Ask one of the questions of the selected node, as soon as the panel is seen."""
        self._wanted = question
        self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._later()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._point((), ())

    def _later(self) -> None:
        self._soon.start()

    def refresh(self) -> None:
        """The questions of the selected node at this moment; the one that was asked is asked again."""
        if not self.isVisible():
            return
        session, selected = self._bridge.session, self._bridge.selected
        self.node = selected[0] if session is not None and selected else -1
        current = self.questions.currentItem()
        before = self._wanted or (current.data(_ROLE) if current is not None else "")
        self._wanted = ""
        offered = asked_of(session, self.node) if session is not None and self.node >= 0 else ()
        self.questions.blockSignals(True)
        self.questions.clear()
        for name in offered:
            item = QListWidgetItem(QUESTIONS[name], self.questions)
            item.setData(_ROLE, name)
        row = offered.index(before) if before in offered else 0
        self.questions.setCurrentRow(row if offered else -1)
        self.questions.blockSignals(False)
        self.element.setEnabled("why" in offered)
        for box in (self.questions, self.element, self.events):
            box.setVisible(bool(offered))  # empty boxes would look as if something were broken
        self._ask()

    def _ask(self) -> None:
        session, item = self._bridge.session, self.questions.currentItem()
        self.answer = None
        self.events.clear()
        if session is None or item is None or self.node < 0:
            self._say(_EMPTY, muted=True)
            self.bar.set_parts(())
            self._point((), ())
            return
        try:
            found = ask(session, self.node, item.data(_ROLE), self.element.text())
        except ValueError as problem:
            self._say(str(problem), wrong=True)
            self.bar.set_parts(())
            self._point((), ())
            return
        self.answer = found
        self._say(found.sentence)
        self.bar.set_parts(found.parts)
        for event, words in found.events:
            row = QListWidgetItem(f"{event + 1:>6}  {words}", self.events)
            row.setData(_ROLE, event)
            row.setToolTip(words)
        self._point(found.nodes, found.edges)

    def _say(self, text: str, *, muted: bool = False, wrong: bool = False) -> None:
        theme = self._bridge.theme
        self.sentence.setText(breakable(text))
        self.sentence.setStyleSheet(f"color: {theme.error if wrong else theme.muted if muted else theme.text}")

    def _hovered(self, part: int) -> None:
        found = self.answer
        if found is None:
            return
        if part < 0:
            self._point(found.nodes, found.edges)
            return
        nodes = found.parts[part].nodes
        self._point(nodes, tuple((b, a) for a, b in pairwise(nodes)))

    def _part_clicked(self, part: int) -> None:
        if self.answer is not None:
            self._bridge.seek(self.answer.parts[part].event)

    def _to_event(self, item: QListWidgetItem) -> None:
        self._bridge.seek(int(item.data(_ROLE)))

    def _point(self, nodes: tuple[int, ...], edges: tuple[tuple[int, int], ...]) -> None:
        if self._light is None:
            if not (nodes or edges):
                return
            self._light = CanvasPointer(self._canvas)
        self._light.point(nodes, edges)

    @property
    def lit(self) -> tuple[tuple[int, ...], tuple[tuple[int, int], ...]]:
        """The nodes and edges that are lit on the canvas."""
        return (self._light.nodes, self._light.edges) if self._light is not None else ((), ())

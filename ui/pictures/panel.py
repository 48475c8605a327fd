"""PicturesPanel: pictures made for one idea each, of the recording at the moment; offers those that fit."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QComboBox, QDockWidget, QHBoxLayout, QLabel, QListWidget, QListWidgetItem, QPushButton, QVBoxLayout, QWidget

from ..style.breakable import breakable
from ..style.theme import SMALL_PX, ui_font
from .idea_view import IdeaView
from .kinds import KINDS, Choices, Kind, word_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradviz.debugger.session import Session

    from ..bridge import Bridge

CHOOSERS = 2
KEPT = 40  # pictures
LARGE = QSize(900, 640)
NARROW = 640  # pixels
TURN_SECONDS = 0.01  # of looking at a recording in one turn of the event loop
WAIT_MS = 30  # for a moment that may not last
_CHOOSABLE = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
NO_RECORDING = "Nothing is recorded yet. Run a script: the pictures that fit it are offered here."


class PicturesPanel(QWidget):
    """A list of kinds, choosers, and the picture."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("pictures")
        self.setAccessibleName("Pictures")
        self._bridge = bridge
        self.kind: Kind | None = None
        self._fitting: dict[str, bool] = {}
        self._length = -1
        self._stale = True
        self._dock: QDockWidget | None = None
        self._kept: dict[object, Any] = {}
        self._chosen: dict[str, list[str]] = {}  # what was chosen for each kind, by its words
        self.list = QListWidget(self)
        self.list.setObjectName("pictures_kinds")
        self.list.setAccessibleName("Kinds of pictures")
        self.list.setFixedWidth(164)
        for kind in KINDS:
            item = QListWidgetItem(kind.title, self.list)
            item.setData(Qt.ItemDataRole.UserRole, kind.id)
        self.list.currentItemChanged.connect(self._picked)
        self.choosers = [self._chooser(k) for k in range(CHOOSERS)]
        self.caption = QLabel(self)
        self.caption.setObjectName("pictures_caption")
        self.caption.setWordWrap(True)
        self.caption.setFont(ui_font(SMALL_PX + 1))
        self.explain = QPushButton("Explain", self)
        self.explain.setObjectName("pictures_explain")
        self.explain.clicked.connect(self._explain)
        self.large = QPushButton("Large", self)
        self.large.setObjectName("pictures_large")
        self.large.setCheckable(True)
        self.large.setToolTip("In a window of its own, and back")
        self.large.clicked.connect(self._enlarge)
        self.view = IdeaView(bridge, self)
        self.view.event_wanted.connect(bridge.seek)
        self.view.seen.connect(self._seen)
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(WAIT_MS)
        self._wait.timeout.connect(self._begin)
        self._turn = QTimer(self)
        self._turn.setSingleShot(True)
        self._turn.setInterval(0)
        self._turn.timeout.connect(self._go_on)
        self._ahead: Iterator[None] = iter(())
        self._grow = QTimer(self)  # Qt gives a dock that begins to float the smallest size, some turns later
        self._grow.setSingleShot(True)
        self._grow.setInterval(WAIT_MS)
        self._grow.timeout.connect(self._make_large)
        self._lay_out()
        bridge.session_changed.connect(self._new_session)
        bridge.position_changed.connect(self._later)
        bridge.recording_grew.connect(self._later)
        bridge.run_changed.connect(self._later)
        self._fill()

    def _chooser(self, number: int) -> QComboBox:
        box = QComboBox(self)
        box.setObjectName(f"pictures_choice_{number + 1}")
        box.setAccessibleName(("First choice", "Second choice")[number])
        box.setMaximumWidth(170)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        box.activated.connect(self._chose)
        return box

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        for box in self.choosers:
            head.addWidget(box)
        head.addWidget(self.caption, 1)
        self._head = head
        left = QVBoxLayout()
        left.setSpacing(4)
        left.addWidget(self.list, 1)
        buttons = QHBoxLayout()
        buttons.addWidget(self.explain)
        buttons.addWidget(self.large)
        left.addLayout(buttons)
        right = QVBoxLayout()
        right.setSpacing(4)
        right.addLayout(head)
        self._right = right
        right.addWidget(self.view, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 6, 8, 6)
        row.addLayout(left)
        row.addLayout(right, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place_caption()
        super().resizeEvent(event)

    def _place_caption(self) -> None:
        """Beside the choosers, or in a narrow panel below them."""
        choosing = any(not box.isHidden() for box in self.choosers)
        below = choosing and self.width() < NARROW
        if below == (self._right.indexOf(self.caption) >= 0):
            return
        if below:
            self._head.removeWidget(self.caption)
            self._head.addStretch(1)
            self._right.insertWidget(1, self.caption)
        else:
            self._right.removeWidget(self.caption)
            self._head.takeAt(self._head.count() - 1)
            self._head.addWidget(self.caption, 1)

    # -- what fits -------------------------------------------------------------------------------------------

    @property
    def _session(self) -> Session | None:
        session = self._bridge.session
        return session if session is not None and session.length else None

    def _new_session(self) -> None:
        self._fitting, self._length = {}, -1
        self._kept.clear()
        self._later()

    def _later(self) -> None:
        """Soon; a panel behind another tab (which Qt counts as visible) waits until it is seen."""
        self._stale = True
        if not self.view.visibleRegion().isEmpty():
            self._wait.start()

    def _seen(self) -> None:
        if self._stale:
            self._wait.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        dock = self._docked()
        if dock is not None and self._dock is not dock:
            self._dock = dock
            dock.topLevelChanged.connect(self.large.setChecked)  # its title bar can do it too
        self._wait.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._wait.stop()
        self._turn.stop()

    def fits(self, kind: Kind) -> bool:
        """Whether a picture can be made of the recording."""
        session = self._session
        if session is None:
            return False
        if self._length != session.length:
            self._length = session.length
            self._fitting = {name: True for name, found in self._fitting.items() if found}  # it may fit now
        if kind.id not in self._fitting:
            self._fitting[kind.id] = kind.fits(session)
        return self._fitting[kind.id]

    def _begin(self) -> None:
        """Look at the recording in turns of the event loop; then comes the picture."""
        self._ahead = self._looking()
        self._go_on()

    def _go_on(self) -> None:
        begun = perf_counter()
        for _ in self._ahead:
            if perf_counter() - begun > TURN_SECONDS:
                self._turn.start()
                return
        if perf_counter() - begun > TURN_SECONDS / 4:
            self._turn.start()  # the picture has a turn of its own
        else:
            self.refresh()

    def _looking(self) -> Iterator[None]:
        """What most pictures need, then what each of them asks."""
        session = self._session
        if session is None:
            return
        from gradviz.idea_pictures.losses import looking

        yield from looking(session)
        for kind in KINDS:
            if session is self._session:
                self.fits(kind)
                yield

    def _fill(self) -> None:
        """The list: what fits can be chosen, the rest says what it needs.

        Its items stay the same: this is called by a signal of the list, which goes on with the item that was clicked.
        """
        self.list.blockSignals(True)
        for place, kind in enumerate(KINDS):
            item, fits = self.list.item(place), self.fits(kind)
            item.setFlags(_CHOOSABLE if fits else Qt.ItemFlag.NoItemFlags)
            item.setToolTip("" if fits else f"Needs {kind.why_not}.")
        row = KINDS.index(self.kind) if self.kind is not None else -1
        self.list.setCurrentRow(row)
        self.list.blockSignals(False)

    # -- choosing ----------------------------------------------------------------------------------------------

    def _picked(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self.show_kind(str(item.data(Qt.ItemDataRole.UserRole)))

    def show_kind(self, name: str, chosen: tuple[str, ...] = ()) -> None:
        """Show a kind of picture, with its choosers set to the words that begin so."""
        if chosen:
            self._chosen[name] = list(chosen)
        self.kind = next((kind for kind in KINDS if kind.id == name), None)
        self.refresh()

    def _chose(self) -> None:
        if self.kind is not None:
            self._chosen[self.kind.id] = [box.currentText() for box in self.choosers]
        self.refresh()

    def _explain(self) -> None:
        if self.kind is not None:
            self._bridge.help_wanted.emit(self.kind.term)

    def _docked(self) -> QDockWidget | None:
        """The dock that the panel is in."""
        around = self.parentWidget()
        while around is not None and not isinstance(around, QDockWidget):
            around = around.parentWidget()
        return around

    def _enlarge(self, on: bool) -> None:
        """The dock becomes a window of its own, or goes back."""
        dock = self._docked()
        if dock is None:
            return
        dock.setFloating(on)
        if on:
            self._grow.start()

    def _make_large(self) -> None:
        if self._dock is not None and self._dock.isFloating():
            self._dock.resize(LARGE)

    def _choose(self, kind: Kind, session: Session, position: int) -> tuple[Any, ...]:
        """Fill the choosers; what was chosen before stays where it is still there."""
        offered = kind.choices(session, position)
        before = self._chosen.get(kind.id, [])
        chosen: list[Any] = []
        for k, box in enumerate(self.choosers):
            choices: Choices = offered[k] if k < len(offered) else ()
            box.setVisible(len(choices) > 1)
            words = [text for text, _ in choices]
            if words != [box.itemText(i) for i in range(box.count())]:
                box.clear()
                box.addItems(words)
            wanted = word_for(words, before[k] if k < len(before) else "")
            if wanted:
                box.setCurrentText(wanted)
                chosen.append(choices[words.index(wanted)][1])
        return tuple(chosen)

    # -- the picture ---------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """The picture of this moment; while a run goes on, of its latest moment."""
        session, self._stale = self._session, False
        self._fill()
        if session is None:
            self._show(None, None, NO_RECORDING)
            return
        if self.kind is None or not self.fits(self.kind):
            self.kind = next((kind for kind in KINDS if self.fits(kind)), None)
            self._fill()
        kind = self.kind
        if kind is None:
            self._show(None, None, "No picture fits this recording: hover over a kind at the left to see what it needs.")
            return
        position = session.length - 1 if self._bridge.running else session.position
        chosen = self._choose(kind, session, position)
        key = (kind.id, chosen, kind.key(session, position), session.length if kind.id == "ridges" else 0)
        if key not in self._kept:
            if len(self._kept) >= KEPT:
                self._kept.pop(next(iter(self._kept)))
            self._kept[key] = kind.make(session, position, chosen)
        self._show(kind, self._kept[key], "There is no such picture at this moment: step on.")

    def _show(self, kind: Kind | None, data: Any, words: str) -> None:
        for box in self.choosers:
            if kind is None:
                box.hide()
        self.explain.setVisible(kind is not None)
        self._place_caption()
        self.caption.setText(breakable(kind.caption(data)) if kind is not None and data is not None else "")
        self.view.show_picture(kind, data, words)

"""The stops of the tour: what each points at, what it says, and what it does first so that there is something to see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect
from PySide6.QtWidgets import QWidget

from gradviz.recording.event import Kind

if TYPE_CHECKING:
    from ..window.rooms import RoomedWindow

Part = Callable[["RoomedWindow"], QRect]


def _of_widget(window: RoomedWindow, widget: QWidget) -> QRect:
    return QRect(widget.mapTo(window, widget.rect().topLeft()), widget.size())


def _dock(title: str) -> Part:
    return lambda w: QRect(w.docks[title].mapTo(w, w.docks[title].rect().topLeft()), w.docks[title].size())


def _canvas(w: RoomedWindow) -> QRect:
    return _of_widget(w, w.canvas)


def _current_card(w: RoomedWindow) -> QRect:
    """The card of this moment; the canvas where none is in sight."""
    canvas, moment = w.canvas, w.canvas.moment
    nodes = [n for n in (moment.current if moment is not None else ()) if n in canvas.geometry_.row]
    if not nodes:
        return _canvas(w)
    rect = canvas.geometry_.rect(nodes[0])
    a, b = canvas.to_widget(rect.topLeft()).toPoint(), canvas.to_widget(rect.bottomRight()).toPoint()
    found = QRect(canvas.mapTo(w, a), canvas.mapTo(w, b)).intersected(_canvas(w))
    return found if not found.isEmpty() else _canvas(w)


def _buttons(*names: str) -> Part:
    def part(w: RoomedWindow) -> QRect:
        found = QRect()
        for name in names:
            button = w.toolbar.widgetForAction(w.action(name))
            if button is not None and button.isVisible():
                found = found.united(_of_widget(w, button))
        return found if not found.isEmpty() else _of_widget(w, w.toolbar)

    return part


def _menu(name: str) -> Part:
    def part(w: RoomedWindow) -> QRect:
        bar = w.menuBar()
        shown = bar.actionGeometry(next(menu for menu in bar.actions() if menu.text() == f"&{name}"))
        return QRect(bar.mapTo(w, shown.topLeft()), shown.size())

    return part


def _tabs(w: RoomedWindow) -> QRect:
    return _of_widget(w, w.room.tabs)


def _go(kind: Kind, which: int = 0) -> Callable[[RoomedWindow], None]:
    """To an event of a kind, the first one where there are not so many."""

    def prepare(w: RoomedWindow) -> None:
        session = w.bridge.session
        if session is None:
            return
        rows = session.recording.events_of_kind(kind).tolist()
        if rows:
            w.bridge.seek(int(rows[which if which < len(rows) else 0]))
            w.canvas.finish()

    return prepare


def _raise(title: str, then: Callable[[RoomedWindow], None] | None = None) -> Callable[[RoomedWindow], None]:
    def prepare(w: RoomedWindow) -> None:
        w.docks[title].show()
        w.docks[title].raise_()
        if then is not None:
            then(w)

    return prepare


def _nothing(w: RoomedWindow) -> None:
    """The stop needs no preparation."""


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop.

    Attributes:
        text: what is said, at most 45 words; the whole tour takes two minutes to read.
        part: where in the window it points.
        prepare: what must be shown before.
    """

    title: str
    text: str
    part: Part
    prepare: Callable[[RoomedWindow], None] = _nothing


STOPS: tuple[Stop, ...] = (
    Stop("A program, as a graph", "You see a small PyTorch script that has already run. Each card is a tensor or an operation, and the arrows say where values go. Nothing is hidden: cards show the numbers.", _canvas, _go(Kind.OP, 1)),
    Stop("Step through time", "Step goes one event on, Step back one event back: everything that happened is recorded, so both are safe. Try it: the buttons work now. F11 and Ctrl+F11 do the same.", _buttons("start", "back_into", "step", "play", "over", "continue", "end"), _go(Kind.OP, 2)),
    Stop("Forward", "On the way forward an operation computes its value, in teal. If an input requires grad, it also remembers what it will need for the way back.", _current_card, _go(Kind.OP, 2)),
    Stop("And back", "On the way back gradients flow against the arrows, in orange. Each card multiplies what comes in by its own slope and passes it on: the chain rule, one factor at a time.", _current_card, _go(Kind.VJP, 1)),
    Stop("The script", "The line that runs is marked. Click beside a line for a breakpoint; change the text and press F5 to run it again.", _dock("Source"), _raise("Source")),
    Stop("One node, in full", "Value, gradient, who wrote them, what is saved for backward. Click a card to look at it, click a flag to learn what it means.", _dock("Inspector"), _raise("Inspector")),
    Stop("All of the run", "Forward, backward and update in lanes of their own. Click anywhere to go there; drag to run time like a film.", _dock("Timeline"), _raise("Timeline")),
    Stop("Why this number", "Whenever an operation passes a gradient on, its rule stands here, with the numbers of that moment: part by part, or all at once.", _dock("Derivation"), _raise("Derivation", _go(Kind.VJP, 1))),
    Stop("How .grad fills", "Each backward pass adds to .grad: here as bars. If they grow from epoch to epoch, zero_grad is missing.", _dock("Gradients"), _raise("Gradients", _go(Kind.ACCUMULATE, 0))),
    Stop("Build your own", "Under Build you make a computation by hand, without code. It runs forward and backward at every change.", _tabs),
    Stop("Where to go from here", "Help has the lessons, a glossary, all keys and this tour. F1 explains whatever is under the mouse.", _menu("Help")),
)  # fmt: skip

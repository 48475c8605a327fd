"""The table of pictures: what each is for, when it fits, what can be chosen, how it is made and drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from gradviz.idea_pictures import boundary, chain, curve, jacobian, ridges, surface, valley
from gradviz.idea_pictures.losses import graded, loss_before

from ..style.theme import Theme
from . import activation_curve, chain_rule, decision_boundary, gradient_ridges, jacobian_grid, loss_surface, loss_valley
from .hit import Hit

if TYPE_CHECKING:
    from gradviz.debugger.session import Session

Choices = tuple[tuple[str, Any], ...]  # words and what is chosen


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of picture.

    Attributes:
        why_not: what a recording needs for it.
        choices: of a moment, one tuple a chooser.
        make: the picture of a moment with what is chosen; None where there is none.
        key: moments with the same key have the same picture.
        term: its page in the glossary.
    """

    id: str
    title: str
    why_not: str
    fits: Callable[[Session], bool]
    choices: Callable[[Session, int], tuple[Choices, ...]]
    make: Callable[[Session, int, tuple[Any, ...]], Any]
    key: Callable[[Session, int], object]
    paint: Callable[[QPainter, QRectF, Any, Theme], list[Hit]]
    caption: Callable[[Any], str]
    term: str


def word_for(words: list[str], wanted: str) -> str:
    """The choice that is meant, by its words or their beginning; else the first, "" where there is none."""
    found = next((word for word in words if word == wanted or word.startswith(f"{wanted} ")), "") if wanted else ""
    return found or (words[0] if words else "")


def chosen_by(kind: Kind, session: Session, position: int, wanted: tuple[str, ...]) -> tuple[Any, ...]:
    """What is chosen of a picture by words, for each chooser that has choices."""
    made = []
    for k, choices in enumerate(kind.choices(session, position)):
        words = [text for text, _ in choices]
        if words:
            made.append(choices[words.index(word_for(words, wanted[k] if k < len(wanted) else ""))][1])
    return tuple(made)


def _no_choice(_session: Session, _position: int) -> tuple[Choices, ...]:
    return ()


def _coordinates(session: Session, position: int) -> tuple[Choices, ...]:
    found = tuple((one.name, one) for one in surface.coordinates(session, position))
    return (found, found[1:] + found[:1])  # the second chooser begins with the second number


def _surface(session: Session, position: int, chosen: tuple[Any, ...]) -> Any:
    return surface.surface(session, position, *chosen) if len(chosen) == 2 and chosen[0] != chosen[1] else None


def _one_number(session: Session, position: int) -> tuple[Choices, ...]:
    return (tuple((one.name, one) for one in surface.coordinates(session, position)),)


def _nodes(session: Session, _position: int) -> tuple[Choices, ...]:
    return (tuple((f"{node.title} ({node.op})" if node.title != node.op else node.op, node.id) for node in curve.activations(session)),)


def _grids(session: Session, position: int) -> tuple[Choices, ...]:
    event = jacobian.firing_near(session, position)
    found = jacobian.jacobians(session, event) if event is not None else ()
    return (tuple((f"by {one.input}", one.input_nr) for one in found),)


def _grid(session: Session, position: int, chosen: tuple[Any, ...]) -> Any:
    event = jacobian.firing_near(session, position)
    found = jacobian.jacobians(session, event) if event is not None else ()
    return next((one for one in found if chosen and one.input_nr == chosen[0]), None)


def _leaves(session: Session, position: int) -> tuple[Choices, ...]:
    graph = session.graph()
    found = [(node.title, leaf) for leaf in chain.leaves(session, position) if (node := graph.node(leaf)) is not None]
    return (tuple(found),)


def _chosen(make: Callable[[Session, int, Any], Any]) -> Callable[[Session, int, tuple[Any, ...]], Any]:
    return lambda session, position, chosen: make(session, position, chosen[0]) if chosen else None


def _step(session: Session, position: int) -> object:
    """The loss and the last write of a parameter before a moment."""
    return loss_before(session, position), max((session.trace.last_write(at, position) or -1 for at in _parameters(session)), default=-1)


def _parameters(session: Session) -> list[int]:
    made = session.trace.made
    return [session.trace.event(int(made[leaf][0])).writes[0].location for leaf in graded(session) if len(made[leaf])]


def _position(_session: Session, position: int) -> object:
    return position


def _loss(session: Session, position: int) -> object:
    """Of a path only the part up to the moment changes; the surface around it changes with the loss."""
    return loss_before(session, position), position < (loss_before(session, position) or 0)


def _ridges(session: Session, _position: int, _chosen: tuple[Any, ...]) -> Any:
    return ridges.ridges(session)


def _always(_session: Session, _position: int) -> object:
    return None


KINDS: tuple[Kind, ...] = (
    Kind("surface", "Loss surface", "a training loop with two numbers to learn, whose loss can be computed again",
         surface.fits, _coordinates, _surface, _loss, loss_surface.paint, loss_surface.caption, "loss_surface"),
    Kind("valley", "Loss over one number", "a training loop whose loss can be computed again",
         valley.fits, _one_number, _chosen(valley.valley), _loss, loss_valley.paint, loss_valley.caption, "learning_rate"),
    Kind("boundary", "Decision boundary", "a loss that compares labels with the output for points of two features",
         boundary.fits, _no_choice, lambda s, at, _: boundary.boundary(s, at), _step,
         decision_boundary.paint, decision_boundary.caption, "decision_boundary"),
    Kind("ridges", "Gradients by layer", "at least one backward pass that reached a leaf",
         ridges.fits, _no_choice, _ridges, _always,
         gradient_ridges.paint, gradient_ridges.caption, "vanishing"),
    Kind("curve", "Activation and slopes", "an activation such as relu or tanh in the graph",
         curve.fits, _nodes, _chosen(curve.curve), _position, activation_curve.paint, activation_curve.caption, "activation"),
    Kind("jacobian", "Jacobian grid", "a node with at most 64 numbers that passes a gradient on",
         jacobian.fits, _grids, _grid, jacobian.firing_near, jacobian_grid.paint, jacobian_grid.caption, "jacobian"),
    Kind("chain", "Chain rule", "a leaf with at most 64 numbers and few ways from the loss to it",
         chain.fits, _leaves, _chosen(chain.chain), _position, chain_rule.paint, chain_rule.caption, "chain_rule"),
)  # fmt: skip

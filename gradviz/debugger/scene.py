"""What the canvas shows: the graph of a recording, and its state at a moment. Pure data, no Qt.

`Graph` changes only when the recording grows; `Moment` changes with each step. The canvas draws a
`Graph` once and a `Moment` on top of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np

from ..recording.event import Stats

Array = np.ndarray[Any, Any]


class NodeKind(IntEnum):
    """How a node is drawn (its colour bar)."""

    LEAF = 0  # a tensor made from data that does not require grad
    PARAMETER = 1  # a leaf that requires grad
    OP = 2  # an op whose output has a grad_fn
    NO_GRAD = 3  # an op whose output has no history (no_grad, or no input requires grad)
    LOSS = 4  # the root of a backward pass
    BUCKET = 5  # AccumulateGrad with the `.grad` of its leaf


class Status(IntEnum):
    """How far a node is at a moment; in each step it starts again at UNBORN."""

    UNBORN = 0  # not computed in this step yet: drawn as a ghost
    COMPUTED = 1  # its value is there
    WAITING = 2  # some of its cotangents have arrived
    READY = 3  # all have arrived, it has not fired
    FIRED = 4  # its vjp ran; for a bucket: `.grad` is written
    FREED = 5  # fired and its saved values are gone


class GraphNode(NamedTuple):
    """A card. `id` is the site's index and is stable over time and across runs with the same text."""

    id: int
    kind: NodeKind
    title: str  # variable name where there is one, else the op
    op: str
    grad_fn: str
    shape: tuple[int, ...]
    dtype: str
    line: int
    requires_grad: bool
    is_leaf: bool
    frame: int = -1  # index into Graph.frames: the no_grad block that it ran in
    group: int = 0  # number of the connected component, in order of first execution
    module: str = ""  # it stands for a call of that module (folding.py)
    stands_for: int = 0  # and for so many other cards, which lie under it
    outputs: tuple[str, ...] = ()  # what its results are called, of an op that has several


class GraphEdge(NamedTuple):
    """Data flows source -> target, the cotangent target -> source.

    `kind`: "grad" (tracked), "plain" (no gradient flows), "cut" (detached here: scissors),
    "bucket" (leaf -> its AccumulateGrad).
    """

    source: int  # node ids
    target: int
    port: int  # which input of the target
    kind: str = "grad"
    output: int = 0  # which output of the source


class GraphFrame(NamedTuple):
    """A no_grad (or inference_mode) block: a rounded rectangle around its nodes."""

    label: str
    nodes: tuple[int, ...]
    line: int


LAYERS, MODULES = "layers", "modules"  # what folding.py can fold


class Fold(NamedTuple):
    """A module of the script as one card: `node`, with what comes out of it, stands for the `nodes` under it."""

    name: str  # "blocks.0.up"
    node: int
    nodes: tuple[int, ...]


class Graph(NamedTuple):
    """All that the recording holds so far, in order of first execution.

    Attributes:
        folds: modules that are drawn as one card each.
        merged: an edge (source, target, port) that is drawn as another one, because a fold holds one of its ends.
    """

    nodes: tuple[GraphNode, ...] = ()
    edges: tuple[GraphEdge, ...] = ()
    frames: tuple[GraphFrame, ...] = ()
    folds: tuple[Fold, ...] = ()
    merged: tuple[tuple[tuple[int, int, int], tuple[int, int, int]], ...] = ()

    def node(self, node_id: int) -> GraphNode | None:
        """The node with that id, or None."""
        return next((node for node in self.nodes if node.id == node_id), None)


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A value as a card shows it: its numbers (None where they were not kept) and their statistics. Equal by its numbers."""

    array: Array | None
    stats: Stats

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, Picture) or self.stats != other.stats:
            return False
        if self.array is None or other.array is None:
            return self.array is other.array
        return self.array.shape == other.array.shape and self.array.tobytes() == other.array.tobytes()

    def __hash__(self) -> int:
        return hash(self.stats)


class NodeState(NamedTuple):
    """One card at a moment."""

    status: Status = Status.UNBORN
    value: Picture | None = None
    grad: Picture | None = None  # for an op: the summed cotangent of its output; for a leaf and its bucket: `.grad`
    requires_grad: bool = False
    arrived: int = 0
    expected: int = 0
    badges: tuple[str, ...] = ()  # of "leaf", "requires_grad", "no_grad", "detached", "retain_grad", "saved", "freed", "stale"


class Pulse(NamedTuple):
    """A cotangent on an edge at this moment (against the arrow), or data (along it) when forward."""

    source: int  # node ids of the edge, as in GraphEdge
    target: int
    port: int
    forward: bool
    magnitude: float  # norm of what travels; width and colour are its logarithm


@dataclass(frozen=True, slots=True)
class Moment:
    """The state of the whole canvas at one position of the session."""

    position: int
    states: Mapping[int, NodeState] = field(default_factory=dict)  # by node id; a node not in it is UNBORN
    current: tuple[int, ...] = ()  # nodes that the event at this position touches (ringed)
    pulses: tuple[Pulse, ...] = ()  # what moves during this event
    flown: dict[tuple[int, int, int], float] = field(
        default_factory=dict
    )  # edges (source, target, port) that a cotangent has crossed in this pass -> its norm
    caption: str = ""  # one sentence: what just happened
    line: int = 0
    error: str = ""

"""The backward algorithm, once: `backward_steps` yields at each node, `run` drains it.

Order (measured on PyTorch, 8 graphs): among ready nodes the one made last fires first; AccumulateGrad
comes before all else, so a leaf's `.grad` is written the moment its gradient is complete; a node fires
once, after all its consumers delivered. Source: torch/csrc/autograd/engine.cpp.

Cotangents are plain arrays, and vjps compute on arrays; with create_graph they are tensors, and the same
vjps record.
"""

from __future__ import annotations

import heapq
import itertools
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import events, modes
from . import course
from .cotangents import added, data_of
from .firing import accumulate, fire
from .node import LEAF_FIRST, AccumulateGrad, Node, accumulator
from .node_hooks import after_fire, before_fire
from .saved import NOT_SAVED, is_freed

if TYPE_CHECKING:
    from ..tensor import Tensor

Array = np.ndarray[Any, Any]
_nothing = (None,)
# Which of the ready nodes came first: leaves share one sequence number, and the same program must run in the same order each time.
arrival = itertools.count().__next__
_passes: list[Pass] = []  # the passes that run now: hooks may start one inside another


class Pass:
    """One backward pass: what it starts from, and what it wants.

    Args:
        roots: (tensor, cotangent) pairs; the cotangent is an array, or a tensor with create_graph.
        captures: gradients to return instead of accumulating (autograd.grad): {(node, output_nr): slot}.
        accumulate: leaves whose `.grad` is written; None means all.
    """

    def __init__(
        self,
        roots: Sequence[tuple[Tensor, Any]],
        retain_graph: bool,
        create_graph: bool,
        captures: dict[tuple[Node, int], int] | None = None,
        targets: set[Node] | None = None,
    ) -> None:
        self.roots = roots
        self.retain = retain_graph
        self.create = create_graph
        self.captures = captures
        self.captured: dict[int, Any] = {}
        self.targets = targets if captures is None else {node for node, _ in captures}
        self.only: set[Node] | None = None  # with captures or inputs: the nodes on a way to one of them
        self.nodes: dict[Node, int] = {}  # all nodes below the roots, and how many cotangents each still waits for


def reachable(roots: Sequence[Node]) -> dict[Node, int]:
    """All nodes below the roots, with the number of edges into each."""
    waiting = dict.fromkeys(roots, 0)
    stack = list(waiting)
    while stack:
        for edge in stack.pop().edges:
            if edge is not None:
                if edge in waiting:
                    waiting[edge] += 1
                else:
                    waiting[edge] = 1
                    stack.append(edge)
    return waiting


def leading_to(targets: set[Node], nodes: dict[Node, int]) -> set[Node]:
    """The nodes from which one of `targets` is reached; a target only where another one is behind it."""
    users: dict[Node, list[Node]] = {}
    for node in nodes:
        for edge in node.edges:
            if edge is not None:
                users.setdefault(edge, []).append(node)
    found: set[Node] = set()
    stack = list(targets)
    while stack:
        for user in users.get(stack.pop(), ()):
            if user not in found:
                found.add(user)
                stack.append(user)
    return found


class _Ready:
    """Nodes that may fire, in PyTorch's order.

    A chain has one node ready at a time, and that one passes by the heap.
    """

    def __init__(self) -> None:
        self.leaves: deque[Node] = deque()  # AccumulateGrads come before all else, in the order of their arrival
        self.heap: list[tuple[int, int, Node]] = []
        self.only: Node | None = None  # the ready node, while the heap is empty

    def add(self, node: Node) -> None:
        if type(node) is AccumulateGrad:
            self.leaves.append(node)
        elif self.only is None and not self.heap:
            self.only = node
        else:
            if self.only is not None:
                heapq.heappush(self.heap, (-self.only.sequence_nr, arrival(), self.only))
                self.only = None
            heapq.heappush(self.heap, (-node.sequence_nr, arrival(), node))

    def next(self) -> Node | None:
        if self.leaves:
            return self.leaves.popleft()
        if self.only is not None:
            node, self.only = self.only, None
            return node
        return heapq.heappop(self.heap)[2] if self.heap else None


def backward_steps(this: Pass) -> Iterator[Node]:
    """Run a backward pass; yields each node after it fired.

    The loop turns once a node: it waits for its cotangents, fires, and delivers what its vjps give to the nodes below.
    """
    root_nodes = [accumulator(t) if t._node is None else t._node for t, _ in this.roots]
    waiting = this.nodes = reachable(root_nodes)
    watcher = events.watcher
    expected = dict(waiting) if watcher is not None else waiting
    fires: set[Node] | None = None
    if this.targets is not None:
        fires = leading_to(this.targets, waiting)
        this.only = fires | this.targets
        if this.captures is None:
            fires = this.only
    pending: dict[Node, Any] = {}
    ready = _Ready()
    for node, (tensor, cotangent) in zip(root_nodes, this.roots, strict=True):
        if not waiting[node] and node not in pending:
            ready.add(node)
        _put(pending, node, tensor._output_nr, cotangent)
        if watcher is not None:
            watcher.seed(node, data_of(cotangent))
    cotangent = None
    captures, only, create, retain = this.captures, this.only, this.create, this.retain
    grads: Sequence[Any]
    following, add = ready.next, ready.add
    while (node := following()) is not None:  # type: ignore[assignment]
        cotangent = pending.pop(node, None)
        wanted = only is None or node in only
        if node.attached is not None and cotangent is not None and wanted:
            cotangent = before_fire(node, cotangent, create)
        if cotangent is None or not wanted:
            grads = _nothing * len(node.edges)
        else:
            if captures is not None:
                _capture(this, node, cotangent)
            if fires is not None and node not in fires:
                cotangent = None  # it was asked for, and nothing behind it
                yield node
                continue
            if type(node) is AccumulateGrad:
                accumulate(node, cotangent, create)
                cotangent = None
                yield node
                continue
            plain = node.attached is None and not modes.anomaly
            grads = fire(node, cotangent, create) if plain else _fired(node, cotangent, create)
            if not retain:
                _free(node, watcher)
        cotangent = None
        numbers = node.edge_nrs
        for k, edge in enumerate(node.edges):
            if edge is None:
                continue
            left = waiting[edge] = waiting[edge] - 1
            g = grads[k]
            if g is not None:
                nr = 0 if numbers is None else numbers[k]
                if edge in pending or edge.outs is not None:
                    total = _put(pending, edge, nr, g)
                else:
                    total = pending[edge] = g
                if watcher is not None and not (total is g and events.terse):
                    watcher.deliver(node, k, edge, nr, data_of(g), data_of(total), expected[edge] - left, expected[edge])
                total = None
            if not left:
                add(edge)
        g = grads = None  # type: ignore[assignment]  # so that a leaf may keep the only reference
        yield node


def _fired(node: Node, cotangent: Any, create: bool) -> Sequence[Any]:
    """The gradients that a node gives to what it was made from, with the hooks behind it and the checks of anomaly mode."""
    try:
        grads = fire(node, cotangent, create)
        if node.attached is not None and node.attached.post_hooks:
            grads = after_fire(node, grads, cotangent, create)
        if modes.anomaly and modes.check_nan:
            _find_nan(node, grads)
    except Exception:
        if modes.anomaly:
            _tell_origin(node)
        raise
    return grads


def _free(node: Node, watcher: events.Watcher | None) -> None:
    """Let go of what a node has kept for its vjps, where PyTorch does so, too."""
    kept = node.saved
    if kept:
        shown = node.op.shown
        all_there = shown is None and (kept[-1] is not NOT_SAVED or kept[0] is not NOT_SAVED)  # mostly: without a call
        if all_there or is_freed(node):
            node.saved = None
            if watcher is not None and not events.terse:
                watcher.free_saves(node)
    elif node.op.frees and is_freed(node):
        node.saved = None


def _put(pending: dict[Node, Any], node: Node, nr: int, g: Any) -> Any:
    """Add a cotangent to what waits at output `nr` of a node; the sum."""
    if node.outs is None:
        have = pending.get(node)
        total = pending[node] = g if have is None else added(have, g)
        return total
    row: Any = course.put(pending.get(node), nr, g, len(node.outs))
    pending[node] = row
    return row[nr]


def _capture(this: Pass, node: Node, cotangent: Any) -> None:
    assert this.captures is not None
    row = cotangent if type(cotangent) is list else [cotangent]
    for nr, c in enumerate(row):
        slot = this.captures.get((node, nr))
        if slot is not None and c is not None:
            this.captured[slot] = c


def _find_nan(node: Node, grads: Sequence[Any]) -> None:
    for k, g in enumerate(grads):
        if g is not None and np.isnan(data_of(g)).any():
            raise RuntimeError(f"Function '{node.name()}' returned nan values in its {k}th output.")


def _tell_origin(node: Node) -> None:
    """Anomaly mode: say where in the program the node that fails was made."""
    made_at = node.metadata.get("traceback_")
    if made_at is None:
        text = "No forward pass information available. Enable detect anomaly during forward pass for more information."
    else:
        text = "Traceback of forward call that caused the error:\n" + "".join(made_at)
    warnings.warn(
        f"Error detected in {node.name()}. {text} (Triggered internally at "
        "/__w/pytorch/pytorch/torch/csrc/autograd/python_anomaly_mode.cpp:122.)",
        UserWarning,
        stacklevel=2,
    )


def current() -> Pass | None:
    """The backward pass that runs now, the innermost one."""
    return _passes[-1] if _passes else None


def will_run(node: Node) -> bool:
    """Whether the pass that runs now comes (or came) to a node."""
    this = current()
    return this is not None and node in this.nodes and (this.only is None or node in this.only)


def run(this: Pass) -> None:
    """Drain a backward pass, under the grad mode that it needs."""
    watcher = events.watcher
    if watcher is not None:
        watcher.backward_begin([t for t, _ in this.roots], [data_of(c) for _, c in this.roots], this.retain, this.create)
    mode, modes.grad = modes.grad, this.create
    _passes.append(this)
    error: BaseException | None = None
    try:
        if (watcher is None or events.terse) and this.targets is None and len(this.roots) == 1 and not (this.create or modes.anomaly):
            _follow(this, course.followed if watcher is None else events.follows)
        else:
            deque(backward_steps(this), maxlen=0)
    except BaseException as problem:
        error = problem
        raise
    finally:
        _passes.pop()
        modes.grad = mode
        if watcher is not None:
            watcher.backward_end(error)


def _follow(this: Pass, known: Callable[[Node, Array, bool], bool] | None) -> None:
    """Run a pass by its course, where that is known."""
    tensor, cotangent = this.roots[0]
    root = tensor._node
    if root is None or known is None or not known(root, cotangent, this.retain):
        del cotangent  # so that a leaf may keep the only reference
        order = list(backward_steps(this))
        if known is course.followed:
            course.learn(order)


__all__ = ["LEAF_FIRST", "Pass", "backward_steps", "current", "reachable", "run", "will_run"]

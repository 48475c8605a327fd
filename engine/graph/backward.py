"""The backward algorithm, once: `backward_steps` yields at each node, `backward` drains it.

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

from .. import errors, events, modes
from .. import op as rows
from ..half.bfloat16 import narrow
from . import course
from .cotangents import added, as_tensor, data_of, wrapped
from .firing import accumulate, fire
from .node import LEAF_FIRST, AccumulateGrad, Node, accumulator, passed_by
from .node_hooks import after_fire, before_fire
from .saved import NOT_SAVED, is_freed

if TYPE_CHECKING:
    from ..tensor import Tensor

Array = np.ndarray[Any, Any]
_ndarray = np.ndarray
_nothing = (None,)
# Which of the ready nodes came first: leaves share one sequence number, and the same program must run in the same order each time.
arrival = itertools.count().__next__
_CREATES_CYCLE = (
    "Using backward() with create_graph=True will create a reference cycle between the parameter and its gradient which can cause a memory "
    "leak. We recommend using autograd.grad when creating the graph to avoid this. If you have to use this function, make sure to reset the "
    ".grad fields of your parameters to None after use to break the cycle and avoid the leak. (Triggered internally at "
    "/__w/pytorch/pytorch/torch/csrc/autograd/engine.cpp:1307.)"
)
_seeds: dict[Any, Array] = {}
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


def backward_steps(this: Pass) -> Iterator[Node]:
    """Run a backward pass; yields each node after it fired.

    Hot path: the loop turns once a node (benchmark rows `engine/W1`, `engine/W4`). A chain has one node ready at
    a time, and that one passes by the heap.
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
    ready: list[tuple[int, int, Node]] = []
    leaves: deque[Node] = deque()  # AccumulateGrads that are ready: they come before all else, in the order of their arrival
    for node, (tensor, cotangent) in zip(root_nodes, this.roots, strict=True):
        if not waiting[node] and node not in pending:
            heapq.heappush(ready, (-node.sequence_nr, arrival(), node))
        _put(pending, node, tensor._output_nr, cotangent)
        if watcher is not None:
            watcher.seed(node, data_of(cotangent))
    cotangent = None
    captures, only, create, retain = this.captures, this.only, this.create, this.retain
    pop, push = heapq.heappop, heapq.heappush
    following: Node | None = None  # the only ready node, while the heap is empty
    while True:
        if leaves:
            node = leaves.popleft()
        elif following is not None:
            node, following = following, None
        elif ready:
            node = pop(ready)[2]
        else:
            return
        cotangent = pending.pop(node, None)
        edges = node.edges
        grads: Sequence[Any]
        attached = node.attached
        if attached is not None and cotangent is not None and (only is None or node in only):
            cotangent = before_fire(node, cotangent, create)
        if cotangent is None or (only is not None and node not in only):
            grads = _nothing * len(edges)
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
            try:
                grads = fire(node, cotangent, create)
                if attached is not None and attached.post_hooks:
                    grads = after_fire(node, grads, cotangent, create)
                if modes.anomaly and modes.check_nan:
                    _find_nan(node, grads)
            except Exception:
                if modes.anomaly:
                    _tell_origin(node)
                raise
            if not retain:
                kept = node.saved
                if kept:
                    shown = node.op.shown
                    if (shown is None and (kept[-1] is not NOT_SAVED or kept[0] is not NOT_SAVED)) or is_freed(
                        node
                    ):  # mostly without a call
                        node.saved = None
                        if watcher is not None and not events.terse:
                            watcher.free_saves(node)
                elif node.op.frees and is_freed(node):
                    node.saved = None
        cotangent = None
        numbers = node.edge_nrs
        k = -1
        for edge in edges:
            k += 1
            if edge is None:
                continue
            g = grads[k]
            left = waiting[edge] = waiting[edge] - 1
            if g is not None:
                nr = 0 if numbers is None else numbers[k]
                if edge in pending or edge.outs is not None:
                    _put(pending, edge, nr, g)
                    told = watcher
                else:
                    pending[edge] = g
                    told = None if watcher is None or events.terse else watcher
                if told is not None:
                    total = pending[edge]
                    if type(total) is list:
                        total = total[nr]
                    if total is g and events.terse:
                        pass
                    elif create:
                        told.deliver(node, k, edge, nr, data_of(g), data_of(total), expected[edge] - left, expected[edge])
                    else:
                        all_of_it = expected[edge]
                        told.deliver(node, k, edge, nr, g, total, all_of_it - left, all_of_it)
                    total = None
            if not left:
                if type(edge) is AccumulateGrad:
                    leaves.append(edge)
                elif following is None and not ready:
                    following = edge
                else:
                    if following is not None:
                        push(ready, (-following.sequence_nr, arrival(), following))
                        following = None
                    push(ready, (-edge.sequence_nr, arrival(), edge))
        g = grads = None  # type: ignore[assignment]  # so that a leaf may keep the only reference
        yield node


def _put(pending: dict[Node, Any], node: Node, nr: int, g: Any) -> None:
    """Add a cotangent to what waits at output `nr` of a node."""
    if node.outs is None:
        have = pending.get(node)
        pending[node] = g if have is None else added(have, g)
        return
    pending[node] = course.put(pending.get(node), nr, g, len(node.outs))


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


def one(data: Array) -> Array:
    """The cotangent 1 in the shape and dtype of a scalar's data; shared, never written."""
    if data.ndim:
        return np.ones(data.shape, data.dtype) if data.dtype.kind != "V" else narrow(np.ones(data.shape))
    seed = _seeds.get(data.dtype)
    if seed is None:
        seed = _seeds[data.dtype] = np.ones((), data.dtype) if data.dtype.kind != "V" else narrow(1.0)
        seed.flags.writeable = False
    return seed


def make_roots(tensors: Sequence[Tensor], cotangents: Sequence[Any], create: bool) -> list[tuple[Tensor, Any]]:
    """Check what backward starts from, with PyTorch's errors; a scalar gets the cotangent 1."""
    roots = []
    for nr, (tensor, given) in enumerate(zip(tensors, cotangents, strict=False)):
        if not isinstance(tensor, rows._Tensor):
            raise AssertionError("Expected output to be a torch.Tensor")
        if given is None:
            if tensor._requires_grad and tensor._data.size != 1:
                raise RuntimeError(errors.SCALAR_ONLY)
            if tensor._requires_grad and tensor._data.dtype.kind not in "fV":
                raise RuntimeError("grad can be implicitly created only for real scalar outputs but got " + str(tensor.dtype))
            seed: Any = one(tensor._data)
        else:
            if not isinstance(given, rows._Tensor):
                raise TypeError("gradients can be either Tensors or None, but got " + type(given).__name__)
            if (tensor._data.dtype.kind == "c") != (given._data.dtype.kind == "c"):
                raise RuntimeError(
                    "For complex Tensors, both grad_output and output are required to have the same dtype. Mismatch in dtype: "
                    f"grad_output[{nr}] has a dtype of {given.dtype} and output[{nr}] has a dtype of {tensor.dtype}."
                )
            if given._data.shape != tensor._data.shape:
                raise RuntimeError(
                    f"Mismatch in shape: grad_output[{nr}] has a shape of torch.Size({list(given._data.shape)}) and output[{nr}] has a "
                    f"shape of torch.Size({list(tensor._data.shape)})."
                )
            if given._data.dtype is not tensor._data.dtype:
                given = given.to(tensor.dtype)
            seed = given if create else given._data
        if not tensor._requires_grad or (tensor._node is None and passed_by(tensor)):
            raise errors.no_grad_to_give(nr)
        if create and type(seed) is _ndarray:
            seed = wrapped(seed.copy())
        roots.append((tensor, seed))
    return roots


def _paired(outs: tuple[Any, ...], given: tuple[Any, ...], create: bool) -> list[tuple[Tensor, Any]]:
    """make_roots, where there are at least as many cotangents as tensors."""
    roots = make_roots(outs, given, create)
    if len(given) < len(outs):
        raise RuntimeError(f"got {len(outs)} tensors and {len(given)} gradients")
    return roots


def _must_be_tensors(wanted: Sequence[Any]) -> None:
    for t in wanted:
        if not isinstance(t, rows._Tensor) and not hasattr(t, "output_nr"):  # a GradientEdge
            raise RuntimeError(f"all inputs have to be Tensors or GradientEdges, but got {errors.class_name(t)}")


def backward(
    tensors: Any, grad_tensors: Any = None, retain_graph: bool | None = None, create_graph: bool = False, inputs: Any = None
) -> None:
    """torch.autograd.backward: the gradients of `tensors` are added to the `.grad` of the leaves.

    Raises:
        RuntimeError: with PyTorch's texts; see https://docs.pytorch.org/docs/stable/generated/torch.autograd.backward.html
    """
    if create_graph:
        modes.warn_once(_CREATES_CYCLE)
    if grad_tensors is None and inputs is None and isinstance(tensors, rows._Tensor):
        data = tensors._data
        if not data.ndim and data.dtype.kind == "f" and tensors._requires_grad and not create_graph:
            roots = [(tensors, one(data))]
        else:
            roots = make_roots((tensors,), _nothing, create_graph)
        run(Pass(roots, create_graph if retain_graph is None else retain_graph, create_graph))
        return
    outs = (tensors,) if hasattr(tensors, "_node") else tuple(tensors)
    if grad_tensors is None:
        given: tuple[Any, ...] = (None,) * len(outs)
    else:
        given = (grad_tensors,) if hasattr(grad_tensors, "_node") else tuple(grad_tensors)
    roots = _paired(outs, given, create_graph)
    retain = create_graph if retain_graph is None else retain_graph
    targets: set[Node] | None = None
    if inputs is not None:
        wanted = (inputs,) if hasattr(inputs, "_node") else tuple(inputs)
        if not wanted:
            raise RuntimeError("`inputs` argument to `backward()` cannot be empty.")
        _must_be_tensors(wanted)
        for t in wanted:
            t.retain_grad()
        targets = {accumulator(t) if t._node is None else t._node for t in wanted}
    run(Pass(roots, retain, create_graph, targets=targets))


def grad(
    outputs: Any,
    inputs: Any,
    grad_outputs: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    only_inputs: bool = True,
    allow_unused: bool | None = None,
    is_grads_batched: bool = False,
    materialize_grads: bool = False,
) -> tuple[Any, ...]:
    """torch.autograd.grad: the gradients of `outputs` with respect to `inputs`, `.grad` left alone."""
    if not only_inputs:
        warnings.warn("only_inputs argument is deprecated and is ignored now (defaults to True)", FutureWarning, stacklevel=2)
    outs = (outputs,) if hasattr(outputs, "_node") else tuple(outputs)
    wanted = (inputs,) if hasattr(inputs, "_node") or hasattr(inputs, "output_nr") else tuple(inputs)
    if grad_outputs is None:
        given: tuple[Any, ...] = (None,) * len(outs)
    else:
        given = (grad_outputs,) if hasattr(grad_outputs, "_node") else tuple(grad_outputs)
    if allow_unused is False and materialize_grads:
        raise ValueError("Expected allow_unused to be True or not passed when materialize_grads=True, but got: allow_unused=False.")
    if allow_unused is None:
        allow_unused = materialize_grads
    retain = (create_graph if retain_graph is None else retain_graph) or modes.retains
    if is_grads_batched:
        if any(g is None for g in given):
            _paired(outs, given, create_graph)  # refuses what is no scalar
            raise ValueError(
                "vmap(vjp, in_dims=0, ...)(<inputs>): Got in_dim=0 for some input, but that input is a Tensor of dimensionality 0 so "
                "expected in_dim to satisfy 0 <= in_dim < 0."
            )
        rows = [grad(outs, wanted, tuple(g[i] for g in given), True, create_graph, allow_unused=allow_unused) for i in range(len(given[0]))]
        from ..ops.views.join import stack

        return tuple(stack([r[k] for r in rows]) for k in range(len(wanted)))
    roots = _paired(outs, given, create_graph)
    if not wanted:
        raise RuntimeError("`inputs` argument to `grad()` cannot be empty.")
    _must_be_tensors(wanted)
    captures: dict[tuple[Node, int], int] = {}
    slots = []
    for t in wanted:
        if isinstance(t, tuple):  # a GradientEdge
            key = (t[0], t[1])
        elif not t._requires_grad:
            raise RuntimeError("One of the differentiated Tensors does not require grad")
        else:
            reached = accumulator(t) if t._node is None else t._node
            key = (AccumulateGrad() if t._node is None and passed_by(t) else reached, t._output_nr)  # nothing leads to what is passed by
        slots.append(captures.setdefault(key, len(captures)))
    this = Pass(roots, retain, create_graph, captures)
    run(this)
    results = []
    for k, slot in enumerate(slots):
        g = this.captured.get(slot)
        if g is None and not allow_unused:
            raise RuntimeError(
                f"The differentiated Tensor at index {k} appears to not have been used in the graph. "
                "Set allow_unused=True if this is the desired behavior."
            )
        if g is None and materialize_grads:
            g = np.zeros_like(wanted[k]._data)
        results.append(None if g is None else as_tensor(_apart(g) if type(g) is _ndarray else g))
    return tuple(results)


def _apart(g: Array) -> Array:
    """A cotangent in memory of its own; an expanded one stays so."""
    if 0 not in g.strides or g.size < 2:
        return g.copy()
    core = g[tuple(slice(0, 1) if step == 0 else slice(None) for step in g.strides)].copy()
    return np.broadcast_to(core, g.shape)


__all__ = ["LEAF_FIRST", "Pass", "backward", "backward_steps", "grad"]

"""The backward graph: a Node for each op that ran, AccumulateGrad for each leaf."""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from .. import events, modes

if TYPE_CHECKING:
    from ..op import Op
    from ..tensor import Tensor

Array = np.ndarray[Any, Any]
N = TypeVar("N", bound="Node")

# Creation order of nodes. Backward runs the highest first, which is a topological order: what an op
# reads was made before it.
_numbers = itertools.count()
next_number = _numbers.__next__

_OF_THE_WALKER = {"CopySlices", "CopyBackwards", "Error", "NotImplemented"}  # nodes that PyTorch's walker makes itself

# what a node shows of itself; the rest is the engine's own
_SHOWN = frozenset(
    (
        "_sequence_nr",
        "metadata",
        "name",
        "next_functions",
        "register_hook",
        "register_prehook",
        "requires_grad",
        "saved_tensors",
        "variable",
    )
)

LEAF_FIRST = 2**63  # AccumulateGrad's sequence number: PyTorch gives it the highest priority


class Attached:
    """What a program hangs on a node: hooks, tensors that retain their gradient, notes."""

    def __init__(self) -> None:
        self.tensor_hooks: dict[int, dict[int, Callable[..., Any]]] = {}
        self.pre_hooks: dict[int, Callable[..., Any]] = {}
        self.post_hooks: dict[int, Callable[..., Any]] = {}
        self.retains: dict[int, weakref.ref[Tensor]] = {}
        self.metadata: dict[str, Any] = {}


class Node:
    """One step of backward: an op call, seen from its output. Made by `new_node`.

    Attributes:
        op: the row with the vjps.
        edges: for each input of the op the node that made it (AccumulateGrad for a leaf), None where no gradient is needed.
        edge_nrs: which output of that node the input was; None: all are output 0.
        saved: (value, its version at saving) pairs that the vjps read, in the order of `op.saved_names`; None once freed.
        shapes: (shape, dtype) of each input, or None where every input has the shape and dtype of the output.
        params: the op's keyword arguments.
        shape, dtype: of the output (of the first, where there are several).
        outs: (shape, dtype) of every output where there are several, else None.
        attached: hooks and the like, None where there are none.
        of_script: its vjp is the script's own (a custom Function).
    """

    of_script = False
    # No __init__ and no __dict__: both would cost as much as all the rest of making a node (benchmark row `engine/W4`).
    __slots__ = ("_mark", "attached", "dtype", "edge_nrs", "edges", "outs", "params", "saved", "sequence_nr", "shape", "shapes")
    op: Op
    edges: tuple[Node | None, ...]
    edge_nrs: tuple[int, ...] | None
    saved: tuple[tuple[Any, int], ...] | None
    shapes: tuple[Any, ...] | None
    params: dict[str, Any]
    shape: tuple[int, ...]
    dtype: Any
    outs: tuple[Any, ...] | None
    sequence_nr: int
    attached: Attached | None
    _mark: Any

    @property
    def out_meta(self) -> tuple[Any, ...]:
        """(shape, dtype) of each output."""
        return self.outs or ((self.shape, self.dtype),)

    def name(self) -> str:
        """The name of the backward function, such as "AddBackward0"."""
        name = type(self).__name__
        return f"torch::autograd::{name}" if name in _OF_THE_WALKER else name

    @property
    def next_functions(self) -> tuple[tuple[Node | None, int], ...]:
        """(node, output number) for each input, as PyTorch gives it."""
        numbers = self.edge_nrs or (0,) * len(self.edges)
        shown = self.op.shown
        if shown is not None:
            return tuple((self.edges[k], numbers[k]) for k in shown)
        return tuple(zip(self.edges, numbers, strict=True))

    def _sequence_nr(self) -> int:
        return self.sequence_nr

    @property
    def metadata(self) -> dict[str, Any]:
        """A dict for the user's own notes on the node."""
        return self.attach().metadata

    def attach(self) -> Attached:
        """Where hooks and the like go."""
        if self.attached is None:
            self.attached = Attached()
        return self.attached

    def register_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call `hook(grad_inputs, grad_outputs)` after the node fired."""
        return RemovableHandle(self.attach().post_hooks, hook)

    def register_prehook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call `hook(grad_outputs)` before the node fires."""
        return RemovableHandle(self.attach().pre_hooks, hook)

    def __call__(self, *grad_outputs: Any) -> Any:
        """The gradients of the inputs for those of the outputs: one step of backward by hand."""
        from ..tensor import Tensor
        from .firing import accumulate, fire

        if len(grad_outputs) != len(self.out_meta):
            raise TypeError(f"expected {len(self.out_meta)} arguments, got {len(grad_outputs)} instead")
        for k, g in enumerate(grad_outputs):
            if g is not None and not isinstance(g, Tensor):
                raise TypeError(f"argument {k} is not a Variable")
        leaf = isinstance(self, AccumulateGrad)
        shown = () if leaf else range(len(self.edges)) if self.op.shown is None else self.op.shown
        if all(g is None for g in grad_outputs):
            return None if len(shown) == 1 else (None,) * len(shown)
        given = list(grad_outputs) if self.outs is not None else grad_outputs[0]
        if not modes.grad:
            given = [None if g is None else g._data for g in given] if isinstance(given, list) else given._data
        if isinstance(self, AccumulateGrad):
            accumulate(self, given, modes.grad)
            return ()
        grads = fire(self, given, modes.grad)
        made = tuple(
            None
            if grads[k] is None or self.edges[k] is None
            else grads[k]
            if isinstance(grads[k], Tensor)
            else Tensor._of(np.array(grads[k]))
            for k in shown
        )
        return made[0] if len(made) == 1 else made

    def __repr__(self) -> str:
        return f"<{type(self).__name__} object at {hex(id(self))}>"

    @property
    def requires_grad(self) -> bool:
        """Whether a gradient comes here: always."""
        return True

    def __dir__(self) -> list[str]:
        shown = [name for name in super().__dir__() if name.startswith(("__", "_saved_", "_raw_saved_")) or name in _SHOWN]
        return sorted({*shown, *self.__dict__}) if hasattr(self, "__dict__") else sorted(shown)


NO_PARAMS: dict[str, Any] = {}


def new_node(cls: type[N], edges: tuple[Node | None, ...], shape: tuple[int, ...], dtype: Any, sequence_nr: int | None = None) -> N:
    """A node of a row's class, with the next number."""
    node = cls()
    node.edges, node.shape, node.dtype = edges, shape, dtype
    node.edge_nrs = node.shapes = node.outs = node.attached = node._mark = None
    node.params, node.saved = NO_PARAMS, ()
    node.sequence_nr = next_number() if sequence_nr is None else sequence_nr
    return node


class AccumulateGrad(Node):
    """The end of a path: adds the gradient to the `.grad` of its leaf.

    The leaf holds it, and it holds the leaf weakly, so that the two make no cycle: a leaf that nobody can
    reach any more needs no gradient.
    """

    __slots__ = ("_numbers", "_variable")
    _variable: Callable[[], Tensor | None]
    _numbers: Any

    @property
    def variable(self) -> Tensor | None:
        """The leaf; where the script has dropped it, one of the same numbers (PyTorch's graph keeps its leaves)."""
        leaf = self._variable()
        if leaf is None and self._variable is not _nobody:
            from ..tensor import Tensor

            leaf = Tensor._of(self._numbers)
            leaf._requires_grad, leaf._accumulator = True, self
            self._variable = weakref.ref(leaf)
        return leaf

    def name(self) -> str:
        return "torch::autograd::AccumulateGrad"

    @property
    def next_functions(self) -> tuple[tuple[Node | None, int], ...]:
        return ()


class RemovableHandle:
    """What registering a hook returns (torch.utils.hooks.RemovableHandle)."""

    __module__ = "torch.utils.hooks"
    _next_id = itertools.count()

    def __init__(self, hooks: dict[int, Any], hook: Any) -> None:
        self.id = next(self._next_id)
        self._hooks: weakref.ref[Any] | dict[int, Any] = hooks
        hooks[self.id] = hook

    def remove(self) -> None:
        """Take the hook off."""
        if isinstance(self._hooks, dict):
            self._hooks.pop(self.id, None)

    def __enter__(self) -> RemovableHandle:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()


def _nobody() -> None:
    """The leaf of a gradient that goes nowhere."""


def passed_by(leaf: Tensor) -> bool:
    """Whether PyTorch makes no edge to a leaf: to a view from no_grad or from before, until it is asked for a gradient of its own."""
    return leaf._base is not None and (leaf._made_in_no_grad or leaf._passed) and not leaf._asked


def pass_by_views(base: Tensor, requires_grad: bool) -> None:
    """A leaf begins to require a gradient, or ends: the views of it that are there say so, too, but have no edge to it."""
    for held in base._storage.views:
        view = held()
        if view is not None and view._base is base and view._node is None and not view._asked:
            view._requires_grad, view._passed = requires_grad and view._data.dtype.kind in "fcV", True


def accumulator(leaf: Tensor) -> AccumulateGrad:
    """The one AccumulateGrad of a leaf."""
    node: AccumulateGrad | None = leaf._accumulator
    if node is None:
        node = leaf._accumulator = new_node(AccumulateGrad, (), leaf._data.shape, leaf._data.dtype, LEAF_FIRST)
        node._variable = _nobody if passed_by(leaf) else weakref.ref(leaf)  # what comes there is dropped
        node._numbers = leaf._data
    return node


def tell_saves(node: Node | None, result: Tensor | None = None, second: Tensor | None = None) -> None:
    """Tell the watcher which tensors a new node keeps, with their versions; its outputs are given where they are at hand."""
    watcher = events.watcher
    if node is None or watcher is None or not node.saved or modes.saved_hooks:  # what pack hooks took only unpacking could show
        return
    for name, (value, version) in zip(node.op.saved_names, node.saved, strict=False):
        if name == "result":
            watcher.save(node, name, value.tensor(node) if result is None else result, version)
        elif name == "result1" and second is not None:
            watcher.save(node, "indices" if second._data.dtype.kind in "iu" else name, second, version)
        elif name == "result2":
            watcher.save(node, name, value.tensor(node), version)
        elif hasattr(value, "_node"):
            watcher.save(node, name, value, version)

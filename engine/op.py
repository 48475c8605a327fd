"""Op: one row of the engine, and how a row runs.

A row has everything that is known of an op: its forward on arrays, one vjp and one formula for each input.
The same row works on arrays and on tensors: called with arrays it computes, called with tensors it also
records. So a vjp is written once, in ops: on arrays it is the first-order backward, and on tensors
(create_graph=True) its own ops are recorded, which is double backward.

A vjp says by the names of its parameters what it needs: names of inputs ("x"), "result", "result1" and "result2" (further
outputs) are saved for backward, nothing else is; "x_shape" is the shape of an input (not saved), other names are the op's params.
"""

from __future__ import annotations

import copy
import functools
import inspect
import re
import weakref
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from . import dtypes, errors, events, modes
from .graph.kept import members, pytorch_names
from .graph.node import Node, accumulator, new_node, tell_saves
from .graph.saved import NOT_SAVED, Constant, SavedResult, keep, makes
from .half.bfloat16 import cast, narrow
from .memory.storage import Storage

if TYPE_CHECKING:
    from .tensor import Tensor

Array = np.ndarray[Any, Any]
_ndarray = np.ndarray
_new = object.__new__
_empty: dict[str, Any] = {}
_RESULTS = {"result": -1, "result1": -2, "result2": -3}  # the outputs that a vjp may ask for


def _camel(name: str) -> str:
    """ "log1p" -> "Log1P", as PyTorch names the nodes."""
    words = "".join(part.capitalize() for part in name.split("_"))
    return re.sub(r"\d[a-z]", lambda found: found[0].upper(), words)


# All rows, and what a new one is shown to: bfloat16 comes to them when it is first used (widening.py).
ROWS: weakref.WeakSet[Op] = weakref.WeakSet()
new_row: list[Callable[[Op], None]] = []


def _told(row: Op) -> Op:
    ROWS.add(row)
    for learn in new_row:
        learn(row)
    return row


class Op:
    """One row.

    Attributes:
        name: PyTorch's name of the function ("add").
        grad_fn: name of its backward node ("AddBackward0").
        forward: `forward(*arrays, **params) -> array` (or a tuple of arrays); numbers may stand for arrays.
        inputs: names of the tensor inputs; the rest of forward's parameters are params. A name with a star
            ("*tensors") means that the op takes a sequence of tensors.
        vjps: one function an input, `vjp(g, ...) -> cotangent of that input`; None where it is not differentiable.
        joint: instead of vjps one function for all inputs, `joint(g, ...) -> tuple`; may ask for `needs`.
        formulas: LaTeX of each vjp; `\\bar{y}` is the upstream cotangent, inputs have their names.
        promote: how dtypes meet before forward: "same" (PyTorch's promotion), "float" (and integers become the
            default dtype), "" (left alone).
        view: the outputs share the storage of the first input.
        elementwise: output element i depends on input elements i only.
        nondiff: numbers of outputs that carry no gradient (indices).
        check: raises for operands that PyTorch's kernel refuses (ops/refusals.py); asked before dtypes meet.
        frees: the param whose array PyTorch saves like a tensor: without retain_graph the node fires once. "x": it saves its input,
            which the vjp here does without.
        frees_for: the input for whose gradient alone PyTorch saves it; "": for all.
        scatters: its vjps may give a `Scattered` (graph/scattered.py).
        shown: the inputs that `next_functions` tells of, None for all: PyTorch has no edge for what is never differentiable.
    """

    def __init__(
        self,
        name: str,
        forward: Callable[..., Any],
        *,
        inputs: Sequence[str] = ("x",),
        grad_fn: str = "",
        vjps: Sequence[Callable[..., Any] | None] = (),
        joint: Callable[..., Any] | None = None,
        formulas: Sequence[str] = (),
        promote: str = "",
        view: bool = False,
        elementwise: bool = False,
        nondiff: Sequence[int] = (),
        check: Callable[..., None] | None = None,
        frees: str = "",
        frees_for: str = "",
        scatters: bool = False,
    ) -> None:
        self.name = name
        self.__name__ = name
        self.forward = forward
        self.variadic = bool(inputs) and inputs[0].startswith("*")
        self.inputs = tuple(n.lstrip("*") for n in inputs)
        self.grad_fn = grad_fn or _camel(name) + "Backward0"
        self.vjps = tuple(vjps)
        self.joint = joint
        self.formulas = tuple(formulas)
        self.promote = promote
        self.view = view
        self.elementwise = elementwise
        self.nondiff = frozenset(nondiff)
        self.check = check
        self.frees = frees
        self.scatters = scatters
        self.freed_by = self.inputs.index(frees_for) if frees_for else None
        self.tracks = bool(frees) and frees not in self.inputs  # its nodes know the versions of indices: saved.track
        self.antilinear = False  # its vjps are written for complex numbers
        self._complex: Op | None = None
        self.differentiable = bool(vjps) or joint is not None
        never = {k for k, vjp in enumerate(self.vjps) if vjp is None}
        self.shown: tuple[int, ...] | None = tuple(k for k in range(len(self.inputs)) if k not in never) if never else None
        self._plan()
        self.node_class = self._node_class()
        _told(self)

    def _node_class(self) -> type[Node]:
        """The class of its nodes: PyTorch's name, and a property for each value that a node keeps."""
        known = {"op": self, "__slots__": ("tracked",) if self.tracks else (), "__module__": "builtins"}  # PyTorch's have no module
        return type(self.grad_fn, (Node,), {**known, **members(self)})

    def named(self, grad_fn: str, without: Sequence[int] = ()) -> Op:
        """The same row under another of PyTorch's node names; inputs at `without`, numbers mostly, are no edges of that node."""
        row = copy.copy(self)
        row.grad_fn = grad_fn
        row.node_class = row._node_class()
        row.wants, row.pulls, row._complex = {}, {}, None
        if without:
            row.shown = tuple(k for k in self.shown or range(len(self.inputs)) if k not in without)
        return _told(row)

    def conjugated(self) -> Op:
        """The same row for complex numbers: PyTorch's cotangents are conjugates, so g comes in and goes out conjugated."""
        if self._complex is None:
            row = self._complex = copy.copy(self)
            row.antilinear, row.wants, row.pulls = True, {}, {}
            row.vjps = tuple(v and _conjugating(v) for v in self.vjps)
            row.joint = self.joint and _conjugating(self.joint)
            row._plan()
            row.node_class = row._node_class()
            _told(row)
        return self._complex

    def _plan(self) -> None:
        """Read off the vjps' parameter names what has to be saved, and make one caller for each."""
        functions = [self.joint] if self.joint is not None else [v for v in self.vjps if v is not None]
        wanted = [n for f in functions for n in list(inspect.signature(f).parameters)[1:]]
        self.saved_names = tuple(n for n in (*self.inputs, *_RESULTS) if n in wanted)
        self.saves = tuple(_RESULTS[n] if n in _RESULTS else self.inputs.index(n) for n in self.saved_names)
        if self.variadic:
            self.saved_names = tuple(n for n in self.saved_names if n == "result")
            self.saves = tuple(-1 for _ in self.saved_names)
            self.saves_all = any(n == self.inputs[0] for n in wanted)
        else:
            self.saves_all = False
        self.joint_caller = self._caller(self.joint) if self.joint is not None else None
        self.wants: dict[int, tuple[bool, ...]] = {}
        self.pulls: dict[int, Callable[[Any, Any], tuple[Any, ...]] | None] = {}  # by the inputs that require grad; made when a node fires
        # A plan says how `fire` calls a vjp: (vjp, how many saved values, their places); -1: through a caller.
        self.plans = tuple(self._vjp_plan(v) if v is not None else None for v in self.vjps)

    def _wants(self, mask: int) -> tuple[bool, ...]:
        """For inputs that require grad (bits of `mask`): which of `saves` their vjps read. PyTorch saves no more."""
        if self.joint is not None:
            return (True,) * len(self.saves)
        names = {n for k, v in enumerate(self.vjps) if v is not None and mask >> k & 1 for n in list(inspect.signature(v).parameters)[1:]}
        wanted = self.wants[mask] = tuple(n in names for n in self.saved_names)
        return wanted

    def _vjp_plan(self, vjp: Callable[..., Any]) -> tuple[Callable[..., Any], int, int, int]:
        names = list(inspect.signature(vjp).parameters)[1:]
        if len(names) <= 2 and all(n in self.saved_names for n in names):
            at = [*(self.saved_names.index(n) for n in names), 0, 0]
            return vjp, len(names), at[0], at[1]
        return self._caller(vjp), -1, 0, 0

    def _caller(self, vjp: Callable[..., Any]) -> Callable[[Any, Sequence[Any], Node], Any]:
        names = list(inspect.signature(vjp).parameters)[1:]
        saved = self.saved_names
        sources: list[Callable[..., Any]] = []
        for n in names:
            base, _, meta = n.rpartition("_")
            if n in saved:
                sources.append(lambda vals, node, i=saved.index(n): vals[i])
            elif self.variadic and n == self.inputs[0]:
                sources.append(lambda vals, node, start=len(saved): vals[start:])
            elif meta == "shape" and base in self.inputs:
                if self.variadic:
                    sources.append(lambda vals, node: [node_shape(node, k) for k in range(len(node.edges))])
                else:
                    sources.append(lambda vals, node, i=self.inputs.index(base): node_shape(node, i))
            elif meta == "shape" and base == "result":
                sources.append(lambda vals, node: out_shape(node))
            elif n == "needs":
                sources.append(lambda vals, node: tuple(e is not None for e in node.edges))
            elif n == "node":
                sources.append(lambda vals, node: node)
            else:
                sources.append(lambda vals, node, n=n, d=self.default(n): node.params.get(n, d))
        return lambda g, vals, node: vjp(g, *[s(vals, node) for s in sources])

    def packing_order(self) -> list[int]:
        """The places of what is saved in the order in which pack hooks see it: PyTorch's names by the alphabet, then the result."""
        called = pytorch_names(self)
        return sorted(range(len(self.saves)), key=lambda k: (self.saves[k] < 0, called.get(self.saved_names[k], self.saved_names[k])))

    def default(self, name: str) -> Any:
        """What a parameter of the forward is where it is not given."""
        try:
            found = inspect.signature(self.forward).parameters.get(name)
        except (TypeError, ValueError):  # a numpy ufunc has no signature
            return None
        return None if found is None or found.default is inspect.Parameter.empty else found.default

    def __repr__(self) -> str:
        return f"<Op {self.name}>"

    def __call__(self, *args: Any, **params: Any) -> Any:
        """Run the row: on tensors it records, on arrays it only computes."""
        if args and type(args[0]) is _ndarray and (len(args) == 1 or (len(args) == 2 and type(args[1]) is _ndarray)):
            return self.forward(*args, **params)  # mostly: a vjp
        if self.variadic:
            if any(isinstance(t, _Tensor) for t in args[0]):
                return apply(self, tuple(args[0]), self._named(args[1:], params, 1))
            return self.forward(*args, **params)
        n = len(self.inputs)
        for x in args[:n]:
            if isinstance(x, _Tensor):
                if len(args) > n:
                    params = self._named(args[n:], params, n)
                return apply(self, args[:n], params)
        return self.forward(*args, **params)

    def _named(self, extra: Sequence[Any], params: dict[str, Any], after: int) -> dict[str, Any]:
        """Give the positional params after the inputs their names."""
        if not extra:
            return params
        names = list(inspect.signature(self.forward).parameters)[after:]
        return {**dict(zip(names, extra, strict=False)), **params}


def _conjugate(g: Any, back: bool = False) -> Any:
    if isinstance(g, (list, tuple)):
        return type(g)(_conjugate(each, back) for each in g)
    if isinstance(g, _Tensor):
        return g.conj()
    if not isinstance(g, (np.ndarray, np.generic)) or g.dtype.kind != "c":
        return g
    return np.asarray(np.add(np.conj(g), 0) if back else np.conj(g))  # no minus before a zero


def _conjugating(vjp: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(vjp)
    def conjugating(g: Any, *rest: Any) -> Any:
        return _conjugate(vjp(_conjugate(g), *rest), True)

    return conjugating


_NO_SHAPE = ((), None)  # of an input that is a number

COPY = Op("copy", lambda x: x.copy(), grad_fn="CopyBackwards", vjps=(lambda g: g,), formulas=(r"\bar{x} = \bar{z}",))
ACCUMULATE = Op("AccumulateGrad", lambda: None, inputs=(), grad_fn="AccumulateGrad")


def node_shape(node: Node, i: int) -> tuple[int, ...]:
    """Shape of input i of a node's op."""
    return node.shape if node.shapes is None else node.shapes[i][0]


def out_shape(node: Node) -> tuple[int, ...]:
    """Shape of the first output of a node's op."""
    return node.shape


def as_array(x: Any) -> Any:
    """What numpy's scalars become: 0-d arrays, because a tensor's data is always an array."""
    return x if type(x) is _ndarray else np.asarray(x)


def apply(op: Op, inputs: tuple[Any, ...], params: dict[str, Any] = _empty) -> Any:
    """Run a row on tensors: compute, and where an input requires grad make the node.

    Hot path: once an op call; a call on small tensors costs about 1.5 microseconds
    (benchmark rows `engine/W1` and `engine/W4`).
    """
    track = modes.grad
    if events.intervention is not None:
        inputs, track = events.intervention.before_op(op, inputs, track)
    arrays = []
    needs = False
    for x in inputs:
        if isinstance(x, _Tensor):
            arrays.append(x._data)
            if x._requires_grad:
                needs = True
        else:
            arrays.append(x)
    if op.check is not None:
        op.check(*arrays)
    if op.promote:
        _promote(op, arrays)
    try:
        out = op.forward(tuple(arrays), **params) if op.variadic else op.forward(*arrays, **params)
    except (ValueError, OverflowError) as problem:
        raise _explained(op, arrays, problem) from None
    if type(out) is tuple:
        return _finish_many(op, inputs, params, out, needs and track and op.differentiable)
    if type(out) is not _ndarray:
        out = np.asarray(out)
    result: Tensor = _new(_Tensor)  # `Tensor._of`, without a call
    result._data = out
    if modes.inference:
        result._inference = True
    if op.view:
        _share(result, inputs[0])
    elif events.watcher is not None and not events.terse:
        result._storage = Storage()  # a watcher asks for it: this is quicker than on demand
    if needs and track and op.differentiable and (out.dtype.kind == "f" or out.dtype.kind in "cV"):
        result._node = _make_node(op, inputs, params, out.shape, out.dtype, result)
        result._requires_grad = True
    watcher = events.watcher
    if watcher is not None:
        if op.view:
            watcher.view(op, inputs, params, (result,))
        else:
            watcher.op(op, inputs, params, (result,))
        if not events.terse:
            tell_saves(result._node, result)
    return result


_constants: dict[Any, dict[Any, Array]] = {}


def constant(number: Any, dtype: Any) -> Any:
    """A Python number as a 0-d array of a float dtype, remembered: numpy adds such an array in half the time."""
    of_dtype = _constants.get(dtype)
    if of_dtype is None:
        of_dtype = _constants[dtype] = {}
    found = of_dtype.get(number)
    if found is None:
        found = np.array(number, dtype)
        found.flags.writeable = False
        if number and len(of_dtype) < 4096:  # not zero: 0.0 == -0.0
            of_dtype[number] = found
    return found


def _finish_many(op: Op, inputs: tuple[Any, ...], params: dict[str, Any], outs: tuple[Any, ...], needs: bool) -> tuple[Tensor, ...]:
    """As the end of `apply`, for an op with several outputs."""
    results = tuple(_Tensor._of(as_array(o)) for o in outs)
    if op.view:
        for r in results:
            _share(r, inputs[0])
            r._multi_view = not r._made_in_inference
    if needs:
        meta = tuple((r._data.shape, r._data.dtype) for r in results)
        node = _make_node(op, inputs, params, *meta[0], results[0], results[1:])
        node.outs = meta
        for k, r in enumerate(results):
            if k not in op.nondiff and r._data.dtype.kind in "fcV":
                r._node, r._output_nr, r._requires_grad = node, k, True
    watcher = events.watcher
    if watcher is not None:
        if op.view:
            watcher.view(op, inputs, params, results)
        else:
            watcher.op(op, inputs, params, results)
        if not events.terse:
            tell_saves(results[0]._node, *results[:2])
    return results


def _make_node(
    op: Op,
    inputs: tuple[Any, ...],
    params: dict[str, Any],
    shape: tuple[int, ...],
    dtype: Any,
    result: Tensor,
    others: tuple[Tensor, ...] = (),
) -> Node:
    """The node of an op call whose output has `shape` and `dtype`; saves what the vjps name."""
    if dtype.kind == "c" and not op.antilinear:
        op = op.conjugated()
    edges: list[Node | None] = []
    numbers: list[int] | None = None
    shapes: list[Any] = []
    differ = False
    mask = 0
    for x in inputs:
        if isinstance(x, _Tensor):
            data = x._data
            own = data.shape
            kind = data.dtype
            shapes.append((own, kind))
            if own != shape or kind is not dtype:
                differ = True
            if x._requires_grad:
                node = x._node
                if node is None:
                    node = x._accumulator or accumulator(x)
                elif x._output_nr:
                    if numbers is None:
                        numbers = [0] * len(inputs)
                    numbers[len(edges)] = x._output_nr
                mask |= 1 << len(edges)
                edges.append(node)
                continue
        else:
            shapes.append(_NO_SHAPE)
        edges.append(None)
    made = new_node(op.node_class, tuple(edges), shape, dtype)
    if numbers is not None:
        made.edge_nrs = tuple(numbers)
    if differ:
        made.shapes = tuple(shapes)
    if params:
        made.params = params
    if op.saves or op.saves_all:
        made.saved = _saved(op, inputs, result, mask, others)
    if modes.anomaly:
        made.metadata["traceback_"] = modes.where()
    return made


def _saved(op: Op, inputs: tuple[Any, ...], result: Tensor, mask: int, others: tuple[Tensor, ...]) -> tuple[tuple[Any, int], ...]:
    saved: list[tuple[Any, int]] = []
    wants = op.wants.get(mask) or op._wants(mask)
    places = op.saves
    order = op.packing_order() if modes.saved_hooks else None
    if order is not None:
        places, wants = (tuple(of[k] for k in order) for of in (places, wants))  # type: ignore[assignment]
    for i, wanted in zip(places, wants):  # noqa: B905 - equal by construction, and hot
        if not wanted:
            saved.append(NOT_SAVED)
        elif i < 0:
            out = result if i == -1 else others[-2 - i]
            saved.append(keep(SavedResult(out._data, out._storage, -1 - i), out._storage.version))
        else:
            x = inputs[i]
            if isinstance(x, _Tensor):
                if x._inference and not modes.inference:
                    raise errors.inference_saved()
                saved.append(keep(x, x._storage.version))
            else:
                saved.append((Constant(x), 0))
    if order is not None:
        saved = [saved[order.index(k)] for k in range(len(order))]
    if op.saves_all:
        saved += [keep(x, x._storage.version) for x in inputs]
    return tuple(saved)


def _share(result: Tensor, source: Tensor) -> None:
    """Make `result` a view of `source`: one storage, one version."""
    result._storage = source._storage
    result._base = source if source._base is None else source._base
    storage = source._storage
    views = storage.views
    if views:
        if len(views) >= 8 and not len(views) & (len(views) - 1):  # at 8, 16, 32...: those that are gone leave
            views[:] = [held for held in views if held() is not None]
        views.append(weakref.ref(result))
    else:
        storage.views = [weakref.ref(result)]
    result._inference = source._inference
    if source._base is not None:  # what forbids to write to a view holds for views of it
        result._multi_view, result._made_in_no_grad, result._made_in = source._multi_view, source._made_in_no_grad, source._made_in
        if source._made_in_inference:
            result._made_in_inference = True
    if not modes.grad:
        result._multi_view = False
        result._made_in_no_grad = True
        if modes.inference and not source._inference:
            result._made_in_inference = True
        if result._base._requires_grad and result._data.dtype.kind in "fcV":
            result._requires_grad = True  # as in PyTorch: a leaf that looks into its base


def _promote(op: Op, arrays: list[Any]) -> None:
    """Bring the operands to PyTorch's common dtype, in place of the list; quick where nothing is to do."""
    first = arrays[0]
    if type(first) is _ndarray:
        dtype = first.dtype
        if dtype.kind == "f" or op.promote == "same":
            for x in arrays[1:]:
                if type(x) is _ndarray:
                    if x.dtype is not dtype:
                        break
                elif type(x) is float:
                    if dtype.kind != "f":
                        break
                elif type(x) is not int or dtype.kind not in "fi" or (dtype.kind == "i" and not -129 < x < 128):
                    break
            else:
                return
    common = dtypes.result_type(tuple(arrays))
    if op.promote == "float" and common.category < 2:
        common = dtypes.get_default_dtype()
    target = common.numpy
    if target.kind == "V":
        _meet_in_words(arrays)
        return
    for k, x in enumerate(arrays):
        if type(x) is _ndarray:
            if x.dtype is not target:
                arrays[k] = x.astype(target) if x.dtype.kind != "V" else cast(x, target)
        elif x is not None:
            arrays[k] = np.asarray(x).astype(target)


def _meet_in_words(arrays: list[Any]) -> None:
    """The common dtype is bfloat16: what has dimensions becomes words, numbers become float32."""
    for k, x in enumerate(arrays):
        if x is None or (type(x) is _ndarray and x.dtype.kind == "V"):
            continue
        whole = np.asarray(x)
        if whole.ndim:
            arrays[k] = narrow(whole)
        else:
            arrays[k] = whole.astype(np.float32)


def _explained(op: Op, arrays: Sequence[Any], problem: ValueError | OverflowError) -> Exception:
    """PyTorch's error for what numpy refused."""
    if isinstance(problem, OverflowError):
        kind = arrays[0].dtype.name
        return RuntimeError(
            f"value cannot be converted to type {kind if kind == 'int32' else kind + '_t'} without overflow".replace("int32", "int")
        )
    shapes = [a.shape for a in arrays if type(a) is _ndarray]
    common = shapes[0] if shapes else ()
    for shape in shapes[1:]:
        told = errors.cannot_broadcast(common, shape)
        if told is not None:
            return told
        common = np.broadcast_shapes(common, shape)
    return RuntimeError(str(problem))


# The rows with which the walker un-broadcasts, the second to a single number; ops/reduce.py puts them here, because rows are made after this module.
UNBROADCAST: list[Op] = []

_Tensor: Any = None


def tensor_class(cls: type) -> type:
    """Tell this module the Tensor class (tensor.py needs the rows, and the rows need the class)."""
    global _Tensor
    _Tensor = cls
    makes(cls)
    return cls

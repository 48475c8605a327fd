"""torch.autograd.Function: a step of the graph with a backward that the user wrote.

Each subclass gets a row of its own, so that the recording, the inspector and the walker meet it as any other
op. The ctx is not the node itself (in PyTorch it is): scripts write `ctx.shape = ...` on it, and the node has
a shape already; the node hands on what it does not know itself.
"""

from __future__ import annotations

import inspect
import warnings
import weakref
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import numpy as np

from .. import errors, events, modes
from ..graph.node import Node, accumulator, new_node
from ..graph.saved import SavedResult, keep, unpack_one
from ..memory.views import check_view_write, rebase_view, refresh_views, retain_again
from ..op import Op, apply
from ..tensor import Tensor
from . import forward_ad

_IN_TRANSFORMS = (
    "In order to use an autograd.Function with functorch transforms (vmap, grad, jvp, jacrev, ...), it must override the setup_context "
    "staticmethod. For more details, please see https://pytorch.org/docs/main/notes/extending.func.html"
)
_NO_RULE = (
    "You tried to vmap over {0}, but it does not have vmap support. Please override and implement the vmap staticmethod or set "
    "generate_vmap_rule=True. For more details, please see https://pytorch.org/docs/main/notes/extending.func.html"
)
_TWO_RULES = (
    "You tried to vmap over {0}, but it has both generate_vmap_rule=True and an overridden vmap staticmethod. Please set "
    "generate_vmap_rule=False or delete the overridden vmap staticmethod to avoid ambiguity. For more details, please see "
    "https://pytorch.org/docs/main/notes/extending.func.html"
)
_LEGACY = (
    "Legacy autograd function with non-static forward method is deprecated. Please use new-style autograd function with static "
    "forward method. (Example: https://pytorch.org/docs/stable/autograd.html#torch.autograd.Function)"
)
_NO_BACKWARD = "You must implement either the backward or vjp method for your custom autograd.Function to use it with backward mode AD."


class FunctionCtx:
    """What forward leaves for backward: saved tensors, flags, and whatever the user writes on it."""

    _dirty: tuple[Tensor, ...] = ()
    _non_differentiable: tuple[Tensor, ...] = ()
    _materialize = True
    _to_save: tuple[Any, ...] = ()
    _node: Callable[[], Node | None] | None = None
    needs_input_grad: tuple[bool, ...] = ()

    def save_for_backward(self, *tensors: Tensor | None) -> None:
        """Keep inputs or outputs for backward; what was written to meanwhile is noticed."""
        self._to_save = tensors

    def save_for_forward(self, *tensors: Tensor | None) -> None:
        """Keep tensors for jvp."""
        self._saved_for_forward = tensors

    def mark_dirty(self, *args: Tensor) -> None:
        """Say which inputs forward wrote to."""
        self._dirty = args

    def mark_non_differentiable(self, *args: Tensor) -> None:
        """Say which outputs have no gradient."""
        self._non_differentiable = args

    def set_materialize_grads(self, value: bool) -> None:
        """Whether gradients that nobody gave arrive as zeros (the default) or as None."""
        self._materialize = value

    @property
    def saved_tensors(self) -> tuple[Any, ...]:
        """What save_for_backward kept, after PyTorch's version check."""
        node = self._node() if self._node is not None else None
        if node is None:
            return self._to_save
        if node.saved is None:
            raise RuntimeError(errors.BACKWARD_TWICE)
        return tuple(None if value is None else unpack_one(node, value, version) for value, version in node.saved)

    @property
    def saved_variables(self) -> tuple[Any, ...]:
        """The older name of saved_tensors."""
        warnings.warn("'saved_variables' is deprecated; use 'saved_tensors'", DeprecationWarning, stacklevel=2)
        return self.saved_tensors

    @property
    def next_functions(self) -> tuple[Any, ...]:
        """As of the node."""
        node = self._node() if self._node is not None else None
        return () if node is None else node.next_functions


class FunctionNode(Node):
    """The node of a custom Function; knows its ctx."""

    of_script = True
    ctx: FunctionCtx

    def __repr__(self) -> str:
        return f"<torch.autograd.function.{type(self).__name__} object at {hex(id(self))}>"

    @property
    def saved_tensors(self) -> tuple[Any, ...]:
        """What forward saved."""
        return self.ctx.saved_tensors

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "ctx":
            raise AttributeError(name)
        try:
            return getattr(self.ctx, name)
        except AttributeError:
            raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'") from None


def _forward_only(*_: Any, **__: Any) -> Any:
    raise RuntimeError("a custom Function runs through its apply")


def _error(text: str) -> Callable[..., Any]:
    def joint(g: Any) -> Any:
        raise RuntimeError(text)

    return joint


DELAYED_ERROR = Op(
    "delayed_error",
    lambda x: x,
    grad_fn="Error",
    joint=_error("trying to differentiate twice a function that was marked with @once_differentiable"),
)


def once_differentiable(function: Callable[..., Any]) -> Callable[..., Any]:
    """For a backward that computes in ways which cannot be differentiated: differentiating it raises."""

    @wraps(function)
    def wrapper(ctx: Any, *args: Any) -> Any:
        tracked = modes.grad and any(isinstance(a, Tensor) and a._requires_grad for a in args)
        before, modes.grad = modes.grad, False
        try:
            outputs = function(ctx, *args)
        finally:
            modes.grad = before
        if not tracked:
            return outputs
        many = isinstance(outputs, tuple)
        marked = []
        for out in outputs if many else (outputs,):
            if isinstance(out, Tensor):
                out = out.detach()
                out._requires_grad = True
                out = apply(DELAYED_ERROR, (out,))
            marked.append(out)
        return tuple(marked) if many else marked[0]

    return wrapper


class Function:
    """Subclass with static `forward(ctx, ...)` and `backward(ctx, *grads)`, and call through `apply`."""

    _row: Op | None = None
    generate_vmap_rule = False

    def __init__(self, *_: Any, **__: Any) -> None:
        warnings.warn(
            f"{self.__class__} should not be instantiated. Methods on autograd functions are all static, so you should invoke them on "
            "the class itself. Instantiating an autograd function will raise an error in a future version of PyTorch.",
            DeprecationWarning,
            stacklevel=2,
        )

    def __call__(self, *_: Any, **__: Any) -> Any:
        raise RuntimeError(_LEGACY)

    @staticmethod
    def forward(*args: Any, **kwargs: Any) -> Any:
        """Compute the outputs; with setup_context it gets no ctx."""
        raise NotImplementedError("You must implement the forward function for custom autograd.Function.")

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> Any:
        """Leave on the ctx what backward needs; where forward does it itself this stays as it is."""
        raise NotImplementedError("setup_context is not implemented.")

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        """Return one gradient for each input of forward."""
        raise NotImplementedError(_NO_BACKWARD)

    vjp = backward

    @staticmethod
    def jvp(ctx: Any, *grad_inputs: Any) -> Any:
        """Forward-mode rule."""
        raise NotImplementedError("You must implement the jvp function for custom autograd.Function to use it with forward mode AD.")

    @staticmethod
    def vmap(info: Any, in_dims: tuple[int | None, ...], *args: Any) -> Any:
        """The rule for a whole batch; not needed here, where vmap goes row by row."""
        raise NotImplementedError(
            "To use autograd.Function with vmap, you must either override the vmap staticmethod or set generate_vmap_rule=True."
        )

    @classmethod
    def apply(cls, *args: Any, **kwargs: Any) -> Any:
        """Run forward; where an input requires grad, put a node into the graph."""
        if kwargs or cls.setup_context is not Function.setup_context:
            args, kwargs = _by_place(cls, args, kwargs)
        elif modes.transforms:
            raise RuntimeError(_IN_TRANSFORMS)
        if modes.mapped:
            _must_have_a_rule(cls)
        results = _apply(cls, args, kwargs)
        return forward_ad.own_rule(cls, args, results) if modes.dual_levels else results


def _must_have_a_rule(function: type[Function]) -> None:
    """PyTorch's errors for a Function inside of vmap; here it runs once for each row, and needs no rule."""
    own = function.vmap is not Function.vmap
    if own == function.generate_vmap_rule:
        raise RuntimeError((_TWO_RULES if own else _NO_RULE).format(function.__name__))


def _row_of(function: type[Function]) -> Op:
    """The row of a Function subclass, made at its first call."""
    row = function.__dict__.get("_row")
    if row is None:
        name = function.__name__
        row = Op(name, _forward_only, inputs=("*inputs",), grad_fn=name + "Backward", joint=lambda g, node: _backward(function, g, node))
        row.node_class = type(row.grad_fn, (FunctionNode,), {"op": row, "__module__": "torch.autograd.function"})
        function._row = row
    made: Op = row
    return made


def _by_place(function: type[Function], args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """What was given by name, by its place; a forward with setup_context is given its defaults, too (torch.autograd.function.bind_default_args)."""
    signature = function.__dict__.get("_signature")
    if signature is None:
        signature = function._signature = inspect.signature(function.forward)  # type: ignore[attr-defined]
    if function.setup_context is not Function.setup_context:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        return bound.args, bound.kwargs
    try:
        bound = signature.bind(None, *args, **kwargs)
    except TypeError:  # forward says itself what it does not take
        return args, kwargs
    return bound.args[1:], bound.kwargs


def _apply(function: type[Function], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    row = _row_of(function)
    tensors = tuple(a for a in args if isinstance(a, Tensor))
    track = modes.grad
    if events.intervention is not None:
        changed, track = events.intervention.before_op(row, tensors, track)
        replaced = iter(changed)
        args = tuple(next(replaced) if isinstance(a, Tensor) else a for a in args)
        tensors = tuple(changed)
    track = track and any(t._requires_grad for t in tensors)
    ctx = FunctionCtx()
    ctx.needs_input_grad = tuple(isinstance(a, Tensor) and a._requires_grad for a in args)
    before, modes.grad = modes.grad, False
    try:
        if function.setup_context is not Function.setup_context:
            output = function.forward(*args, **kwargs)
            function.setup_context(ctx, args, output)
        else:
            output = function.forward(ctx, *args, **kwargs)
    finally:
        modes.grad = before
    many = isinstance(output, tuple)  # of a list PyTorch sees one output that is no tensor
    outputs = list(output) if many else [output]
    _check_dirty(ctx, tensors, outputs, track)
    for k, out in enumerate(outputs):
        if isinstance(out, Tensor) and any(out is t for t in tensors) and not any(out is d for d in ctx._dirty):
            before, modes.grad = modes.grad, False
            try:
                outputs[k] = out.view_as(out)  # type: ignore[attr-defined]  # an input that is returned becomes an output of its own
            finally:
                modes.grad = before
            if any(out is n for n in ctx._non_differentiable):
                ctx._non_differentiable += (outputs[k],)
    node = _put_into_graph(row, ctx, args, outputs) if track else None
    results = [o for o in outputs if isinstance(o, Tensor)]
    watcher = events.watcher
    if watcher is not None and results:
        watcher.op(row, tensors, {}, tuple(results))
        if node is not None and not modes.saved_hooks and not events.terse:
            for k, (value, version) in enumerate(node.saved or ()):
                if value is not None:
                    watcher.save(node, f"saved_tensors[{k}]", unpack_one(node, value, version), version)
    return tuple(outputs) if many else outputs[0]


def _check_dirty(ctx: FunctionCtx, tensors: Sequence[Tensor], outputs: Sequence[Any], track: bool) -> None:
    for dirty in ctx._dirty:
        if not any(dirty is o for o in outputs):
            raise RuntimeError(
                "Some elements marked as dirty during the forward method were not returned as output. The inputs that are modified "
                "inplace must all be outputs of the Function."
            )
        dirty._storage.version += 1
        if track and (dirty._outdated or dirty._requires_grad):
            if dirty._node is None and (dirty._base is None or dirty._made_in_no_grad):
                raise RuntimeError("a leaf Variable that requires grad has been used in an in-place operation.")
            if dirty._outdated:
                raise errors.view_in_place(dirty)


def _put_into_graph(row: Op, ctx: FunctionCtx, args: tuple[Any, ...], outputs: list[Any]) -> FunctionNode:
    tensors = [a for a in args if isinstance(a, Tensor)]
    edges = tuple((t._node if t._node is not None else accumulator(t)) if t._requires_grad else None for t in tensors)
    meta = tuple((o._data.shape, o._data.dtype) if isinstance(o, Tensor) else ((), None) for o in outputs)
    node: FunctionNode = new_node(row.node_class, edges, *meta[0])  # type: ignore[assignment]
    node.edge_nrs = tuple(t._output_nr if t._requires_grad else 0 for t in tensors)
    node.shapes = tuple((t._data.shape, t._data.dtype) for t in tensors)
    if len(outputs) > 1:
        node.outs = meta
    node.ctx = ctx
    node.takes = tuple(isinstance(a, Tensor) for a in args)  # type: ignore[attr-defined]
    saved: list[tuple[Any, int]] = []
    for k, t in enumerate(ctx._to_save):
        if t is None:
            saved.append((None, 0))
            continue
        if not isinstance(t, Tensor):
            raise TypeError(f"save_for_backward can only save variables, but argument {k} is of type {errors.class_name(t)}")
        place = next((i for i, o in enumerate(outputs) if o is t), None)
        value: Any = t if place is None else SavedResult(t._data, t._storage, place)
        saved.append(keep(value, t._storage.version))
    node.saved = tuple(saved)
    ctx._node = weakref.ref(node)
    ctx._to_save = ()
    for k, out in enumerate(outputs):
        if not isinstance(out, Tensor) or out._data.dtype.kind not in "fcV" or any(out is n for n in ctx._non_differentiable):
            continue
        if out._base is not None and any(out is d for d in ctx._dirty):
            check_view_write(out)
            rebase_view(out, node)
            continue
        out._node, out._output_nr, out._requires_grad = node, k, True
        if out._storage.views and any(out is d for d in ctx._dirty):
            refresh_views(out)
        if out._base is not None and len(outputs) > 1:
            out._multi_view = True
        elif out._base is not None:
            out._made_in = row.name
        retain_again(out)
    return node


def _backward(function: type[Function], g: Any, node: Any) -> tuple[Any, ...]:
    """What the user's backward gives for the tensor inputs, checked as PyTorch checks it."""
    ctx: FunctionCtx = node.ctx
    given = g if node.outs is not None else [g]
    grads: list[Any] = []
    for value, (shape, dtype) in zip(given, node.out_meta, strict=True):
        if value is None:
            grads.append(Tensor._of(np.zeros(shape, dtype)) if ctx._materialize and dtype is not None else None)
        elif isinstance(value, Tensor):
            grads.append(value)
        else:
            grads.append(Tensor._of(value if value.ndim else value.copy()))  # 0-d seeds are shared
    if function.backward is not Function.backward and function.vjp is not Function.vjp:
        raise RuntimeError(
            "Implementing both 'backward' and 'vjp' for a custom Function is not allowed. You should only implement one of them."
        )
    users = function.vjp if function.vjp is not Function.vjp else function.backward
    answer = users(ctx, *grads)
    return _checked(function.__name__ + "Backward", answer, node)


def _checked(name: str, answer: Any, node: Any) -> tuple[Any, ...]:
    row = list(answer) if isinstance(answer, (tuple, list)) else [answer]
    takes: tuple[bool, ...] = node.takes
    while len(row) > len(takes) and row[-1] is None:
        row.pop()
    if len(row) != len(takes):
        raise RuntimeError(f"function {name} returned an incorrect number of gradients (expected {len(takes)}, got {len(row)})")
    results: list[Any] = []
    for k, (value, is_tensor) in enumerate(zip(row, takes, strict=True)):
        if not is_tensor:
            if value is not None:
                raise RuntimeError(
                    f"function {name} returned a gradient different than None at position {k + 1}, but the corresponding forward input "
                    "was not a Variable"
                )
            continue
        nr = len(results)
        if value is None:
            results.append(None)
            continue
        if not isinstance(value, Tensor):
            raise RuntimeError(f"expected Variable or None (got {errors.class_name(value)})")
        wanted = node.shapes[nr][0]
        if node.edges[nr] is not None and not _sums_to(value._data.shape, wanted):
            raise RuntimeError(
                f"Function {name} returned an invalid gradient at index {nr} - got {errors.sizes(value._data.shape)} but expected shape "
                f"compatible with {errors.sizes(wanted)}"
            )
        results.append(value if modes.grad else value._data)
    return tuple(results)


def _sums_to(shape: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    """Whether a gradient of `shape` can be summed to `wanted`."""
    if len(shape) < len(wanted):
        return False
    return all(w in (1, s) for s, w in zip(reversed(shape), reversed(wanted), strict=False))


class InplaceFunction(Function):
    """Kept for scripts that name it; marks nothing by itself."""


class NestedIOFunction(Function):
    """Kept for scripts that name it."""


__all__ = ["Function", "FunctionCtx", "InplaceFunction", "NestedIOFunction", "once_differentiable"]

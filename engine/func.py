"""torch.func: derivatives as functions of functions, over tensors in tuples, lists and dicts.

They stand on autograd's own passes with create_graph, so that they nest. vmap runs the function once for each
row of the batch: the numbers are PyTorch's, the speed is a loop's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

from . import backward as _engine
from . import modes
from .graph import AccumulateGrad
from .ops.join import stack
from .tensor import Tensor

Function = Callable[..., Any]


def _leaves(tree: Any) -> Iterator[Any]:
    """The tensors of a nested structure, in order."""
    if isinstance(tree, Tensor):
        yield tree
    elif isinstance(tree, (tuple, list)):
        for branch in tree:
            yield from _leaves(branch)
    elif isinstance(tree, dict):
        for branch in tree.values():
            yield from _leaves(branch)


def _map(function: Callable[[Any], Any], tree: Any) -> Any:
    """The structure again with each tensor replaced."""
    if isinstance(tree, Tensor):
        return function(tree)
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return type(tree)(*(_map(function, b) for b in tree))
    if isinstance(tree, (tuple, list)):
        return type(tree)(_map(function, b) for b in tree)
    if isinstance(tree, dict):
        return type(tree)((k, _map(function, b)) for k, b in tree.items())
    return tree


def _fresh(x: Any) -> Any:
    """The same numbers as a place to differentiate by; what has a history keeps it."""
    return x.view_as(x) if x.requires_grad else x.detach().requires_grad_()


def _settled(x: Any, own: list[Any]) -> Any:
    """Without history, unless it leads to a leaf that is not one of ours."""
    if x._node is None:
        return x
    mine = {id(t._accumulator) for t in own if t._node is None}
    foreign = any(type(n) is AccumulateGrad and id(n) not in mine for n in _engine.reachable([x._node]))
    return x if foreign else x.detach()


def _at(args: tuple[Any, ...], argnums: Any) -> Any:
    return tuple(args[k] for k in argnums) if isinstance(argnums, tuple) else args[argnums]


def _with(args: tuple[Any, ...], argnums: Any, values: Any) -> tuple[Any, ...]:
    changed = list(args)
    for k, value in zip(argnums, values, strict=True) if isinstance(argnums, tuple) else ((argnums, values),):
        changed[k] = value
    return tuple(changed)


def grad_and_value(func: Function, argnums: Any = 0, has_aux: bool = False) -> Function:
    """A function that gives (gradient, value) of `func`, whose output is one number."""

    @wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        with modes.enable_grad():
            xs = _map(_fresh, _at(args, argnums))
            own = list(_leaves(xs))
            output = func(*_with(args, argnums, xs), **kwargs)
            aux = None
            if has_aux:
                output, aux = output
            if not isinstance(output, Tensor):
                raise RuntimeError(f"Expected the given function to return a Tensor, got {type(output)}")
            if output._data.ndim:
                raise RuntimeError(
                    "Expected the given function to return a scalar tensor, got tensor with "
                    f"{output._data.ndim} dims. Maybe you wanted to use the vjp or jacrev APIs instead?"
                )
            grads = iter(_grads((output,), own, None))
        result = _map(lambda _: _settled(next(grads), own), xs)
        value = _settled(output, own)
        return (result, (value, _map(lambda a: _settled(a, own), aux))) if has_aux else (result, value)

    return wrapper


def grad(func: Function, argnums: Any = 0, has_aux: bool = False) -> Function:
    """A function that gives the gradient of `func`, whose output is one number."""
    both = grad_and_value(func, argnums, has_aux)

    @wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        result, value = both(*args, **kwargs)
        return (result, value[1]) if has_aux else result

    return wrapper


def _grads(outputs: tuple[Any, ...], inputs: list[Any], cotangents: Any) -> tuple[Any, ...]:
    pairs = [(o, c) for o, c in zip(outputs, cotangents or (None,) * len(outputs), strict=True) if o.requires_grad]
    if not pairs:
        return tuple(x.detach() * 0 for x in inputs)
    used, given = zip(*pairs, strict=True)
    return _engine.grad(used, inputs, given, create_graph=True, allow_unused=True, materialize_grads=True)


def vjp(func: Function, *primals: Any, has_aux: bool = False) -> Any:
    """(output, function from a cotangent to the cotangents of the inputs)."""
    with modes.enable_grad():
        xs = _map(_fresh, primals)
        own = list(_leaves(xs))
        output = func(*xs)
        aux = None
        if has_aux:
            output, aux = output

    def pull(*cotangents: Any, retain_graph: bool = True, create_graph: bool | None = None) -> Any:
        given = cotangents[0] if len(cotangents) == 1 else cotangents
        with modes.enable_grad():
            grads = iter(_grads(tuple(_leaves(output)), own, tuple(_leaves(given))))
        return _map(lambda _: _settled(next(grads), own), xs)

    shown = _map(lambda o: _settled(o, own), output)
    return (shown, pull, aux) if has_aux else (shown, pull)


def jvp(func: Function, primals: tuple[Any, ...], tangents: tuple[Any, ...], *, strict: bool = False, has_aux: bool = False) -> Any:
    """(output, the Jacobian times the tangents), by two backward passes."""
    if not isinstance(primals, tuple):
        raise RuntimeError(
            f"jvp(f, primals, tangents): Expected primals to be a tuple. E.g. it should be valid to call f(*primals). Got {type(primals)}"
        )
    with modes.enable_grad():
        xs = _map(_fresh, primals)
        own = list(_leaves(xs))
        output = func(*xs)
        aux = None
        if has_aux:
            output, aux = output
        outputs = tuple(_leaves(output))
        # any cotangent does where vjps are linear in it; logcumsumexp's looks at its sign, so it is not 0
        dual = [o.new_ones(o.shape).requires_grad_() for o in outputs]
        backwards = _grads(outputs, own, dual)
        products = iter(_grads(backwards, dual, tuple(_leaves(tangents))))
    mine = [*own, *dual]
    pushed = _map(lambda _: _settled(next(products), mine), output)
    shown = _map(lambda o: _settled(o, mine), output)
    return (shown, pushed, aux) if has_aux else (shown, pushed)


def jacrev(func: Function, argnums: Any = 0, *, has_aux: bool = False, chunk_size: int | None = None) -> Function:
    """A function that gives the Jacobian, one backward pass for each number of the output."""

    @wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        with modes.enable_grad():
            xs = _map(_fresh, _at(args, argnums))
            own = list(_leaves(xs))
            output = func(*_with(args, argnums, xs), **kwargs)
            aux = None
            if has_aux:
                output, aux = output
            result = _map(lambda o: _rows(o, xs, own), output)
        return (result, aux) if has_aux else result

    return wrapper


def _rows(output: Any, xs: Any, own: list[Any]) -> Any:
    flat = output.reshape(-1)
    rows = [_grads((flat[j],), own, None) for j in range(flat.numel())]
    columns = iter([_settled(stack([r[k] for r in rows]).reshape(*output.shape, *x.shape), own) for k, x in enumerate(own)])
    return _map(lambda _: next(columns), xs)


def jacfwd(func: Function, argnums: Any = 0, has_aux: bool = False, *, randomness: str = "error") -> Function:
    """As jacrev: the engine has one mode, and the numbers are the same."""
    return jacrev(func, argnums, has_aux=has_aux)


def hessian(func: Function, argnums: Any = 0) -> Function:
    """A function that gives the second derivatives."""
    return jacrev(jacrev(func, argnums), argnums)


def _pick(dim: Any, k: int, tree: Any) -> Any:
    """Row k of what is mapped: `dim` is a dimension for all tensors, None for none, or a structure that says it for each."""
    if isinstance(dim, dict):
        return {name: _pick(dim[name], k, branch) for name, branch in tree.items()}
    if isinstance(dim, (tuple, list)):
        return type(tree)(_pick(d, k, branch) for d, branch in zip(dim, tree, strict=True))
    return tree if dim is None else _map(lambda x: x.select(dim, k), tree)


def _sizes(dim: Any, tree: Any) -> Iterator[int]:
    """The sizes of the mapped dimensions."""
    if isinstance(dim, dict):
        for name, branch in tree.items():
            yield from _sizes(dim[name], branch)
    elif isinstance(dim, (tuple, list)):
        for d, branch in zip(dim, tree, strict=True):
            yield from _sizes(d, branch)
    elif dim is not None:
        yield from (t._data.shape[dim] for t in _leaves(tree))


def vmap(func: Function, in_dims: Any = 0, out_dims: Any = 0, randomness: str = "error", *, chunk_size: int | None = None) -> Function:
    """A function over batches: `func` runs for each index of the mapped dimensions."""

    @wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        dims = tuple(in_dims) if isinstance(in_dims, (tuple, list)) else (in_dims,) * len(args)
        if len(dims) != len(args):
            raise ValueError(
                f"vmap({getattr(func, '__name__', func)}, in_dims={in_dims}, ...)(<inputs>): in_dims is not compatible with the structure of "
                f"inputs. in_dims has {len(dims)} entries, and there are {len(args)} inputs"
            )
        sizes = list(_sizes(dims, args))
        if not sizes:
            raise ValueError("vmap: at least one input must be a tensor that is mapped over (in_dims not None)")
        if len(set(sizes)) > 1:
            raise ValueError(
                f"vmap: Expected all tensors to have the same size in the mapped dimension, got sizes {sizes} for the mapped dimension"
            )
        results = []
        for k in range(sizes[0]):
            # PyTorch runs it once for all rows: a graph that it goes back through is freed with the last
            with modes.retaining(k + 1 < sizes[0]):
                results.append(func(*_pick(dims, k, args), **kwargs))
        if isinstance(results[0], tuple):
            places = out_dims if isinstance(out_dims, tuple) else (out_dims,) * len(results[0])
            return tuple(stack([r[k] for r in results], place) for k, place in enumerate(places))
        if isinstance(results[0], dict):
            return {name: stack([r[name] for r in results], out_dims) for name in results[0]}
        return stack(results, out_dims)

    return wrapper


def functional_call(
    module: Any, parameter_and_buffer_dicts: Any, args: Any = None, kwargs: Any = None, *, tie_weights: bool = True, strict: bool = False
) -> Any:
    """Run a module with other tensors in the places of its parameters and buffers; the module itself stays as it is."""
    given: dict[str, Any] = {}
    for table in parameter_and_buffer_dicts if isinstance(parameter_and_buffer_dicts, (tuple, list)) else (parameter_and_buffer_dicts,):
        given.update(table)
    replaced: list[tuple[dict[str, Any], str, Any]] = []
    try:
        for path, value in given.items():
            *way, name = path.split(".")
            owner = module
            for part in way:
                owner = getattr(owner, part)
            for table in (owner._parameters, owner._buffers):
                if name in table:
                    replaced.append((table, name, table[name]))
                    table[name] = value
        arguments = args if isinstance(args, tuple) else () if args is None else (args,)
        return module(*arguments, **(kwargs or {}))
    finally:
        for table, name, value in reversed(replaced):
            table[name] = value


def stack_module_state(models: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The parameters and buffers of models of one form, each stacked along a new first dimension."""
    parameters = [dict(m.named_parameters()) for m in models]
    buffers = [dict(m.named_buffers()) for m in models]
    stacked = {k: stack([p[k] for p in parameters]).detach().requires_grad_(v.requires_grad) for k, v in parameters[0].items()}
    return stacked, {k: stack([b[k] for b in buffers]) for k in buffers[0]}


__all__ = [
    "functional_call", "grad", "grad_and_value", "hessian", "jacfwd", "jacrev", "jvp", "stack_module_state", "vjp", "vmap",
]  # fmt: skip

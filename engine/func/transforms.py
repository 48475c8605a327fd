"""torch.func: derivatives as functions of functions, over tensors in tuples, lists and dicts.

They stand on autograd's own passes with create_graph, so that they nest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

from .. import modes
from ..errors import no_attribute, sizes
from ..graph.backward import reachable
from ..graph.node import AccumulateGrad
from ..graph.requests import grad as autograd_grad
from ..graph.steps import forwards
from ..ops.views.join import stack
from ..tensor import Tensor
from .vmap import leaves, structure, vmap

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


def settled(x: Any, own: list[Any]) -> Any:
    """Without history, unless it leads to a leaf that is not one of ours."""
    if x._node is None:
        return x.detach() if any(x is t for t in own) else x
    mine = {id(t._accumulator) for t in own if t._node is None}
    foreign = any(type(n) is AccumulateGrad and id(n) not in mine for n in reachable([x._node]))
    return x if foreign else x.detach()


def depends(x: Any, place: Any) -> bool:
    """Whether autograd leads from a tensor to another one."""
    node = place._node if place._node is not None else place._accumulator
    return x._node is not None and node is not None and node in reachable([x._node])


def _pushed(outputs: tuple[Any, ...], own: list[Any], tangents: Any) -> tuple[tuple[Any, ...], list[Any]]:
    """The Jacobian times the tangents, by two backward passes, and all places that were made for it."""
    # any cotangent does where vjps are linear in it; logcumsumexp's looks at its sign, so it is not 0
    dual = [o.new_ones(o.shape).requires_grad_() for o in outputs]
    slopes, before = _grads(outputs, own, dual), forwards[0]
    forwards[0] = True
    try:
        return _grads(slopes, dual, tangents), [*own, *dual]
    finally:
        forwards[0] = before


def push(output: Any, own: list[Any], tangents: list[Any]) -> Any:
    """The tangent of a result of dual tensors, whose tangents these are."""
    with modes.enable_grad():
        (product,), mine = _pushed((output,), own, tuple(tangents))
    return settled(product, mine)


def _at(args: tuple[Any, ...], argnums: Any) -> Any:
    return tuple(args[k] for k in argnums) if isinstance(argnums, tuple) else args[argnums]


def _with(args: tuple[Any, ...], argnums: Any, values: Any) -> tuple[Any, ...]:
    changed = list(args)
    for k, value in zip(argnums, values, strict=True) if isinstance(argnums, tuple) else ((argnums, values),):
        changed[k] = value
    return tuple(changed)


def _with_aux(output: Any, has_aux: bool, caller: str) -> tuple[Any, Any]:
    """(output, aux) of what a function gave."""
    if not has_aux:
        return output, None
    if not (isinstance(output, tuple) and len(output) == 2):
        raise RuntimeError(f"{caller}: output of function f should be a tuple: (output, aux) if has_aux is True")
    return output


def _settled_aux(aux: Any, own: list[Any]) -> Any:
    """What a function gave besides its output, which may be tensors alone."""
    for leaf in leaves(aux):
        if not isinstance(leaf, Tensor):
            raise RuntimeError(f"Expected tensors, got unsupported type {type(leaf)}")
    return _map(lambda a: settled(a, own), aux)


def _check_argnums(argnums: Any, args: tuple[Any, ...]) -> None:
    if not isinstance(argnums, (int, tuple)):
        raise RuntimeError(f"argnums must be int or Tuple[int, ...], got: {type(argnums)}")
    for k in argnums if isinstance(argnums, tuple) else (argnums,):
        if not isinstance(k, int):
            raise RuntimeError(f"argnum must be int, got: {type(k)}")
        if not -len(args) <= k < len(args):
            raise RuntimeError(f"Got argnum={k}, but only {len(args)} positional inputs")
        for leaf in leaves(args[k]):
            if not isinstance(leaf, Tensor):
                raise ValueError(f"Thing passed to transform API must be Tensor, got {type(leaf)}")


def grad_and_value(func: Function, argnums: Any = 0, has_aux: bool = False) -> Function:
    """A function that gives (gradient, value) of `func`, whose output is one number."""

    @wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        _check_argnums(argnums, args)
        with modes.enable_grad():
            xs = _map(_fresh, _at(args, argnums))
            own = list(_leaves(xs))
            with modes.transform():
                output = func(*_with(args, argnums, xs), **kwargs)
            output, aux = _with_aux(output, has_aux, "grad_and_value(f)(*args)")
            if not isinstance(output, Tensor):
                raise RuntimeError(f"grad_and_value(f)(*args): Expected f(*args) to return a Tensor, got {type(output)}")
            if output._data.ndim:
                raise RuntimeError(
                    "grad_and_value(f)(*args): Expected f(*args) to return a scalar Tensor, got tensor with "
                    f"{output._data.ndim} dims. Maybe you wanted to use the vjp or jacrev APIs instead?"
                )
            grads = iter(_grads((output,), own, None))
        result = _map(lambda _: settled(next(grads), own), xs)
        value = settled(output, own)
        return (result, (value, _settled_aux(aux, own))) if has_aux else (result, value)

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
    found: tuple[Any, ...] = autograd_grad(used, inputs, given, create_graph=True, allow_unused=True, materialize_grads=True)
    return found


def _must_be_smooth(caller: str, output: Any) -> None:
    """PyTorch's errors for a result that is no tensor, or one of whole numbers."""
    for leaf in leaves(output):
        if not isinstance(leaf, Tensor):
            raise RuntimeError(
                f"{caller.removesuffix(', ...)')}, *primals): expected f(*primals) to return only tensors, got unsupported type {type(leaf)}"
            )
        if leaf._data.dtype.kind not in "fcV":
            raise RuntimeError(f"{caller}: All outputs of f must be floating-point or complex Tensors, got Tensor with dtype {leaf.dtype}")


def vjp(func: Function, *primals: Any, has_aux: bool = False) -> Any:
    """(output, function from a cotangent to the cotangents of the inputs)."""
    with modes.enable_grad():
        xs = _map(_fresh, primals)
        own = list(_leaves(xs))
        with modes.transform():
            output = func(*xs)
        aux = None
        if has_aux:
            output, aux = output
        _must_be_smooth("vjp(f, ...)", output)

    def pull(cotangents: Any, retain_graph: bool = True, create_graph: bool | None = None) -> Any:
        given = cotangents
        if structure(given) != structure(output):
            raise RuntimeError(
                "Expected pytree structure of cotangents to be the same as pytree structure of outputs to the function. cotangents: "
                f"{_pretty(given)}, primal output: {_pretty(output)}"
            )
        with modes.enable_grad():
            grads = iter(_grads(tuple(_leaves(output)), own, tuple(_leaves(given))))
        return _map(lambda _: settled(next(grads), own), xs)

    shown = _map(lambda o: settled(o, own), output)
    return (shown, pull, _settled_aux(aux, own)) if has_aux else (shown, pull)


def _pretty(tree: Any) -> str:
    """A structure as one expression: (*, *)."""
    if isinstance(tree, (tuple, list)):
        inside = ", ".join(_pretty(part) for part in tree) + ("," if isinstance(tree, tuple) and len(tree) == 1 else "")
        return f"({inside})" if isinstance(tree, tuple) else f"[{inside}]"
    if isinstance(tree, dict):
        return "{" + ", ".join(f"{key!r}: {_pretty(part)}" for key, part in tree.items()) + "}"
    return "*"


def _spec(tree: Any) -> str:
    """A structure as PyTorch's pytree spells it out."""
    if isinstance(tree, (tuple, list)):
        return f"TreeSpec({type(tree).__name__}, None, [{', '.join(map(_spec, tree))}])"
    if isinstance(tree, dict):
        return f"TreeSpec(dict, {list(tree)}, [{', '.join(map(_spec, tree.values()))}])"
    return "*"


def linearize(func: Function, *primals: Any) -> tuple[Any, Function]:
    """(output, the function of tangents that jvp is there)."""

    def push_forward(*tangents: Any) -> Any:
        return jvp(func, primals, tangents)[1]

    with modes.transform():
        return func(*primals), push_forward


def functionalize(func: Function, *, remove: str = "mutations") -> Function:
    """The function itself: writes in place are part of the graph here."""
    return func


def replace_all_batch_norm_modules_(root: Any) -> Any:
    """Batch norms that keep no running numbers, which vmap could not write to."""
    for module in root.modules():
        if hasattr(module, "running_mean"):
            module.running_mean = module.running_var = module.num_batches_tracked = None
            module.track_running_stats = False
    return root


def jvp(func: Function, primals: tuple[Any, ...], tangents: tuple[Any, ...], *, strict: bool = False, has_aux: bool = False) -> Any:
    """(output, the Jacobian times the tangents), by two backward passes."""
    if not isinstance(primals, tuple):
        raise RuntimeError("jvp(f, primals, tangents): Expected primals to be a tuple. E.g. it should be valid to call f(*primals).")
    if structure(primals) != structure(tangents):
        raise RuntimeError(
            "jvp(f, primals, tangents): Expected primals and tangents to have the same python structure. For example, if primals is a tuple of "
            f"3 tensors, tangents also must be. Got primals with structure {_spec(primals)} and tangents with structure {_spec(tangents)}"
        )
    for primal, tangent in zip(_leaves(primals), _leaves(tangents), strict=False):
        if tangent._data.dtype.kind not in "fcV":
            raise ValueError(f"Expected tangent to be floating point or complex, but got: {tangent.dtype}")
        if primal._data.shape != tangent._data.shape:
            raise RuntimeError(
                "Trying to set a forward gradient that has a different size than that of the original Tensor, this is not supported. "
                f"Tensor is of size {sizes(primal._data.shape)} while the given forward gradient is of size {sizes(tangent._data.shape)}."
            )
    with modes.enable_grad():
        xs = _map(_fresh, primals)
        own = list(_leaves(xs))
        with modes.transform():
            output = func(*xs)
        aux = None
        if has_aux:
            output, aux = output
        outputs = tuple(_leaves(output))
        made, mine = _pushed(outputs, own, tuple(_leaves(tangents)))
    products = iter(made)
    pushed = _map(lambda _: settled(next(products), mine), output)
    shown = _map(lambda o: settled(o, mine), output)
    return (shown, pushed, _settled_aux(aux, mine)) if has_aux else (shown, pushed)


def jacrev(func: Function, argnums: Any = 0, *, has_aux: bool = False, chunk_size: int | None = None) -> Function:
    """A function that gives the Jacobian, one backward pass for each number of the output."""
    return _jacobian(func, argnums, has_aux, True)


def _jacobian(func: Function, argnums: Any, has_aux: bool, backwards: bool) -> Function:

    @wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        _check_argnums(argnums, args)
        with modes.enable_grad():
            xs = _map(_fresh, _at(args, argnums))
            own = list(_leaves(xs))
            with modes.transform():
                output = func(*_with(args, argnums, xs), **kwargs)
            aux = None
            if has_aux:
                output, aux = output
            if backwards:
                _must_be_smooth("vjp(f, ...)", output)
            result = _map(lambda o: _rows(o, xs, own), output)
        return (result, _settled_aux(aux, own)) if has_aux else result

    return wrapper


def _rows(output: Any, xs: Any, own: list[Any]) -> Any:
    flat = output.reshape(-1)
    rows = [_grads((flat[j],), own, None) for j in range(flat.numel())]
    columns = iter([settled(stack([r[k] for r in rows]).reshape(*output.shape, *x.shape), own) for k, x in enumerate(own)])
    return _map(lambda _: next(columns), xs)


def jacfwd(func: Function, argnums: Any = 0, has_aux: bool = False, *, randomness: str = "error") -> Function:
    """As jacrev: the engine has one mode, and the numbers are the same."""
    return _jacobian(func, argnums, has_aux, False)


def hessian(func: Function, argnums: Any = 0) -> Function:
    """A function that gives the second derivatives."""
    return jacrev(jacrev(func, argnums), argnums)


def _check_complete(module: Any, given: dict[str, Any]) -> None:
    """PyTorch's error for names that are missing, or that the module does not have."""
    own = [name for name, _ in (*module.named_parameters(), *module.named_buffers())]
    unexpected = [name for name in given if name not in own]
    missing = [name for name in own if name not in given]
    told = [
        f"\n\t{kind} key(s): {', '.join(map(repr, sorted(names)))}."
        for kind, names in (("Unexpected", unexpected), ("Missing", missing))
        if names
    ]
    if told:
        raise RuntimeError(f"Error(s) in reparametrizing for {module._get_name()}:" + "".join(told))


def functional_call(
    module: Any, parameter_and_buffer_dicts: Any, args: Any = None, kwargs: Any = None, *, tie_weights: bool = True, strict: bool = False
) -> Any:
    """Run a module with other tensors in the places of its parameters and buffers; the module itself stays as it is."""
    if not isinstance(parameter_and_buffer_dicts, (dict, tuple, list)):
        raise ValueError(
            f"Expected parameter_and_buffer_dicts to be a dict, or a list/tuple of dicts, but got {type(parameter_and_buffer_dicts)}"
        )
    if not hasattr(module, "named_parameters"):
        raise no_attribute(module, "named_parameters")
    tables = [parameter_and_buffer_dicts] if isinstance(parameter_and_buffer_dicts, dict) else parameter_and_buffer_dicts
    names = [name for table in tables for name in table]
    twice = [name for k, name in enumerate(names) if name in names[:k]]
    if twice:
        raise ValueError(f"{twice} appeared in multiple dictionaries; behavior of functional call is ambiguous")
    given = {name: value for table in tables for name, value in table.items()}
    if strict:
        _check_complete(module, given)
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
    if not models:
        raise RuntimeError("stack_module_state: Expected at least one model, got 0.")
    if any(m.training is not models[0].training for m in models):
        raise RuntimeError("stack_module_state: Expected all models to have the same training/eval mode.")
    if any(type(m) is not type(models[0]) for m in models):
        raise RuntimeError("stack_module_state: Expected all models to be of the same class.")
    parameters = [dict(m.named_parameters()) for m in models]
    buffers = [dict(m.named_buffers()) for m in models]
    stacked = {k: stack([p[k] for p in parameters]).detach().requires_grad_(v.requires_grad) for k, v in parameters[0].items()}
    return stacked, {k: stack([b[k] for b in buffers]) for k in buffers[0]}


__all__ = [
    "functional_call", "functionalize", "grad", "grad_and_value", "hessian", "jacfwd", "jacrev", "jvp", "linearize",
    "replace_all_batch_norm_modules_", "stack_module_state", "vjp", "vmap",
]  # fmt: skip

"""torch.autograd.functional: jacobian, hessian, and their products with vectors.

jvp is two backward passes: the gradient is linear in its cotangent u, and its derivative by u is the jvp
(https://j-towns.github.io/2017/06/12/A-new-trick.html).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..graph.requests import grad
from ..modes import enable_grad, is_grad_enabled, set_grad_enabled
from ..ops.views.join import stack
from ..tensor import Tensor

Tensors = tuple[Any, ...]
Function = Callable[..., Any]

_ONLY_SCALARS = "The vector v can only be None if "
_ONE_INPUT = _ONLY_SCALARS + "the input to the user-provided function is a single Tensor with a single element."
_ONE_OUTPUT = _ONLY_SCALARS + "the user-provided function returns a single Tensor with a single element."
_STRATEGY = (
    'Expected strategy to be either "forward-mode" or "reverse-mode". Hint: If your function has more outputs than inputs, '
    '"forward-mode" tends to be more performant. Otherwise, prefer to use "reverse-mode".'
)
_UNUSED = {
    "back": "The output of the user-provided function is independent of input {i}. This is not allowed in strict mode.",
    "back_trick": (
        "The gradient with respect to the input is independent of entry {i} in the grad_outputs when using the double backward trick to "
        "compute forward mode gradients. This is not allowed in strict mode."
    ),
    "double_back": "The jacobian of the user-provided function is independent of input {i}. This is not allowed in strict mode.",
    "double_back_trick": (
        "The hessian of the user-provided function is independent of entry {i} in the grad_jacobian. This is not allowed in strict mode "
        "as it prevents from using the double backward trick to replace forward mode AD."
    ),
}
_NO_HISTORY = {
    "outputs": (
        "Output {i} of the user-provided function does not require gradients. The outputs must be computed in a differentiable manner "
        "from the input when running in strict mode."
    ),
    "grad_inputs": (
        "The gradient with respect to input {i} is independent of the inputs of the user-provided function. This is not allowed in "
        "strict mode."
    ),
    "jacobian": (
        "While computing the hessian, found that the jacobian of the user-provided function with respect to input {i} is independent of "
        "the input. This is not allowed in strict mode. You should ensure that your function is twice differentiable and that the "
        "jacobian depends on the inputs (this would be violated by a linear function for example)."
    ),
    "hessian": (
        "The hessian of the user-provided function with respect to input {i} is independent of the input. This is not allowed in strict "
        "mode. You should ensure that your function is thrice differentiable and that the hessian depends on the inputs."
    ),
}


def zeros_like(x: Any, requires_grad: bool = False) -> Tensor:
    """Zeros in the form of x."""
    made = Tensor._of(np.zeros(x._data.shape, x._data.dtype))
    made._requires_grad = requires_grad
    return made


def _as_tuple(given: Any, argument: str, function: str) -> tuple[bool, Tensors]:
    """Whether it was a tuple, and it as a tuple; PyTorch's error where an entry is no tensor."""
    many = isinstance(given, tuple)
    values: Tensors = given if many else (given,)
    for k, value in enumerate(values):
        if not isinstance(value, Tensor):
            which = f"value at index {k}" if many else f"given {argument}"
            raise TypeError(
                f"The {argument} given to {function} must be either a Tensor or a tuple of Tensors but the {which} has type {type(value)}."
            )
    return many, values


def _fresh(inputs: Tensors, create_graph: bool, need_graph: bool = True) -> Tensors:
    """Tensors of their own, so that what the function captures is not taken for its arguments."""
    return tuple(x.view_as(x) if create_graph and x.requires_grad else x.detach().requires_grad_(need_graph) for x in inputs)


def _free(values: Any, create_graph: bool) -> Any:
    """Nested tuples of tensors without history, where no graph was asked for."""
    if create_graph:
        return values
    return tuple(v.detach() if isinstance(v, Tensor) else _free(v, False) for v in values)


def _check_vector(v: Tensors, like: Tensors, many: bool) -> None:
    if len(like) != len(v):
        if many:
            raise RuntimeError(f"v is a tuple of invalid length: should be {len(like)} but got {len(v)}.")
        raise RuntimeError("The given v should contain a single Tensor.")
    for k, (have, want) in enumerate(zip(v, like, strict=True)):
        if have.shape != want.shape:
            entry = f"Entry {k} in " if many else ""
            raise RuntimeError(f"{entry}v has invalid size: should be {want.shape} but got {have.shape}.")


def _vector(v: Any, like: Tensors, many: bool, function: str, create_graph: bool, refusal: str) -> Tensors | None:
    """The vector as a tuple that fits; None where a scalar needs none."""
    if v is None:
        if len(like) != 1 or like[0].numel() != 1:
            raise RuntimeError(refusal)
        return None
    vector = _fresh(_as_tuple(v, "v", function)[1], create_graph, False)
    _check_vector(vector, like, many)
    return vector


def _need_history(values: Sequence[Any], kind: str, strict: bool) -> None:
    for k, value in enumerate(values if strict else ()):
        if value is None:
            raise RuntimeError(_UNUSED["back"].format(i=k))
        if not value.requires_grad:
            raise RuntimeError(_NO_HISTORY[kind].format(i=k))


def _grad(outputs: Tensors, inputs: Tensors, v: Tensors | None = None, create_graph: bool = False, retain: bool | None = None) -> Tensors:
    """autograd.grad of those outputs that have a history; None for inputs that none of them reads."""
    given = v or (None,) * len(outputs)
    pairs = [(o, g) for o, g in zip(outputs, given, strict=True) if o is not None and o.requires_grad]
    if not pairs:
        return (None,) * len(inputs)
    used, cotangents = zip(*pairs, strict=True)
    found: Tensors = grad(used, inputs, cotangents, retain_graph=retain, create_graph=create_graph, allow_unused=True)
    return found


def _filled(grads: Tensors, like: Tensors, strict: bool, create_graph: bool, stage: str) -> Tensors:
    """Zeros in the place of None; in strict mode an error."""
    filled = []
    for k, (g, reference) in enumerate(zip(grads, like, strict=True)):
        if g is None:
            if strict:
                raise RuntimeError(_UNUSED[stage].format(i=k))
            g = zeros_like(reference)
        elif strict and create_graph and not g.requires_grad:
            what = "hessian" if "double" in stage else "jacobian"
            raise RuntimeError(
                f"The {what} of the user-provided function is independent of input {k}. This is not allowed in strict mode when "
                "create_graph=True."
            )
        filled.append(g)
    return tuple(filled)


def _one(values: Tensors, many: bool) -> Any:
    return values if many else values[0]


def vjp(func: Function, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> tuple[Any, Any]:
    """(outputs, v-transposed times the Jacobian)."""
    with enable_grad():
        many_in, xs = _as_tuple(inputs, "inputs", "vjp")
        xs = _fresh(xs, create_graph)
        many_out, ys = _as_tuple(func(*xs), "outputs of the user-provided function", "vjp")
        _need_history(ys, "outputs", strict)
        vector = _vector(v, ys, many_out, "vjp", create_graph, _ONE_OUTPUT)
    with set_grad_enabled(create_graph or is_grad_enabled()):
        products = _filled(_grad(ys, xs, vector, create_graph), xs, strict, create_graph, "back")
    return _one(_free(ys, create_graph), many_out), _one(_free(products, create_graph), many_in)


def jvp(func: Function, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> tuple[Any, Any]:
    """(outputs, the Jacobian times v)."""
    with enable_grad():
        many_in, xs = _as_tuple(inputs, "inputs", "jvp")
        xs = _fresh(xs, create_graph)
        vector = _vector(v, xs, many_in, "jvp", create_graph, _ONE_INPUT)
        many_out, ys = _as_tuple(func(*xs), "outputs of the user-provided function", "jvp")
        _need_history(ys, "outputs", strict)
        dual = tuple(zeros_like(y, requires_grad=True) for y in ys)
        backwards = _grad(ys, xs, dual, create_graph=True)
        _need_history(backwards, "grad_inputs", strict)
    with set_grad_enabled(create_graph or is_grad_enabled()):
        products = _filled(_grad(backwards, dual, vector, create_graph), ys, strict, create_graph, "back_trick")
    return _one(_free(ys, create_graph), many_out), _one(_free(products, create_graph), many_out)


def jacobian(
    func: Function,
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    strategy: str = "reverse-mode",
) -> Any:
    """All derivatives: a tensor of shape (*output, *input), in tuples where there are several outputs or inputs."""
    assert strategy in {"forward-mode", "reverse-mode"}, _STRATEGY
    if strategy == "forward-mode" and create_graph:
        raise NotImplementedError(
            'torch.autograd.functional.jacobian: `create_graph=True` and `strategy="forward-mode"` are not supported together (yet). '
            'Please either set `create_graph=False` or `strategy="reverse-mode"`.'
        )
    if strategy == "forward-mode" and strict:
        raise RuntimeError(
            'torch.autograd.functional.jacobian: `strict=True` and `strategy="forward-mode"` are not supported together (yet). '
            'Please either set `strict=False` or `strategy="reverse-mode"`.'
        )
    if strategy == "forward-mode" and not vectorize:
        raise NotImplementedError(
            "Computing Jacobian using forward-AD or forward-over-reverse Hessian isonly implemented for `vectorize=True`."
        )
    if vectorize and strict:
        raise RuntimeError(
            "torch.autograd.functional.jacobian: `strict=True` and `vectorized=True` are not supported together. Please either set "
            "`strict=False` or `vectorize=False`."
        )
    with enable_grad():
        many_in, xs = _as_tuple(inputs, "inputs", "jacobian")
        xs = _fresh(xs, create_graph)
        many_out, ys = _as_tuple(func(*xs), "outputs of the user-provided function", "jacobian")
        _need_history(ys, "outputs", strict)
        rows = tuple(_rows(nr, y, xs, create_graph, strict) for nr, y in enumerate(ys))
        rows = _free(rows, create_graph)
    return _one(tuple(_one(row, many_in) for row in rows), many_out)


def _rows(nr: int, y: Any, xs: Tensors, create_graph: bool, strict: bool) -> Tensors:
    """The Jacobians of one output by each input, one backward pass an element."""
    columns: list[list[Any]] = [[] for _ in xs]
    flat = y.reshape(-1)
    for j in range(y.numel()):
        for k, (g, x) in enumerate(zip(_grad((flat[j],), xs, None, create_graph, True), xs, strict=True)):
            if g is None and strict:
                raise RuntimeError(
                    f"Output {nr} of the user-provided function is independent of input {k}. This is not allowed in strict mode."
                )
            if g is not None and strict and create_graph and not g.requires_grad:
                raise RuntimeError(
                    f"The jacobian of the user-provided function is independent of input {nr}. This is not allowed in strict mode when "
                    "create_graph=True."
                )
            columns[k].append(zeros_like(x) if g is None else g)
    return tuple(
        stack(column, 0).view((*y.shape, *x.shape)) if column else Tensor._of(np.zeros((*y.shape, *x.shape), x._data.dtype))
        for column, x in zip(columns, xs, strict=True)
    )


def hessian(
    func: Function,
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    outer_jacobian_strategy: str = "reverse-mode",
) -> Any:
    """All second derivatives of a function with one number as its output."""
    many_in, xs = _as_tuple(inputs, "inputs", "hessian")
    assert outer_jacobian_strategy in {"forward-mode", "reverse-mode"}, 'Expected strategy to be either "forward-mode" or "reverse-mode".'

    def number(*args: Any) -> Any:
        y = func(*args)
        many_out, ys = _as_tuple(y, "outputs of the user-provided function", "hessian")
        _need_history(ys, "outputs", strict)
        if many_out:
            raise RuntimeError("The function given to hessian should return a single Tensor")
        if y.numel() != 1:
            raise RuntimeError("The Tensor returned by the function given to hessian should contain a single element")
        return y.squeeze()

    def gradient(*args: Any) -> Any:
        first = jacobian(number, args, create_graph=True)
        _need_history(first, "jacobian", strict)
        return first

    second = jacobian(gradient, xs, create_graph, strict, vectorize, outer_jacobian_strategy)
    return _one(tuple(_one(row, many_in) for row in second), many_in)


def _number_of(function: str, func: Function, xs: Tensors, strict: bool) -> Tensors:
    """The one output of the function given to vhp or hvp."""
    many_out, ys = _as_tuple(func(*xs), "outputs of the user-provided function", function)
    _need_history(ys, "outputs", strict)
    if many_out:
        raise RuntimeError(f"The function given to {function} should return a single Tensor")
    if ys[0].numel() != 1:
        raise RuntimeError(f"The Tensor returned by the function given to {function} should contain a single element")
    return ys


def vhp(func: Function, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> tuple[Any, Any]:
    """(output, v-transposed times the Hessian)."""
    with enable_grad():
        many_in, xs = _as_tuple(inputs, "inputs", "vhp")
        xs = _fresh(xs, create_graph)
        vector = _vector(v, xs, many_in, "vhp", create_graph, _ONE_INPUT)
        ys = _number_of("vhp", func, xs, strict)
        first = _grad(ys, xs, create_graph=True)
        _need_history(first, "jacobian", strict)
    with set_grad_enabled(create_graph or is_grad_enabled()):
        products = _filled(_grad(first, xs, vector, create_graph), xs, strict, create_graph, "double_back")
    return _free(ys, create_graph)[0], _one(_free(products, create_graph), many_in)


def hvp(func: Function, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> tuple[Any, Any]:
    """(output, the Hessian times v)."""
    with enable_grad():
        many_in, xs = _as_tuple(inputs, "inputs", "hvp")
        xs = _fresh(xs, create_graph)
        vector = _vector(v, xs, many_in, "hvp", create_graph, _ONE_INPUT)
        ys = _number_of("hvp", func, xs, strict)
        first = _grad(ys, xs, create_graph=True)
        _need_history(first, "jacobian", strict)
        dual = tuple(zeros_like(x, requires_grad=True) for x in xs)
        second = _grad(first, xs, dual, create_graph=True)
        _need_history(first, "hessian", strict)
    with set_grad_enabled(create_graph or is_grad_enabled()):
        products = _filled(_grad(second, dual, vector, create_graph), xs, strict, create_graph, "double_back_trick")
    return _free(ys, create_graph)[0], _one(_free(products, create_graph), many_in)


__all__ = ["hessian", "hvp", "jacobian", "jvp", "vhp", "vjp"]

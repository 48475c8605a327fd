"""torch.autograd.gradcheck: analytical gradients against finite differences, with PyTorch's words where they differ."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import dtypes, events, modes
from ..graph.requests import grad
from ..tensor import Tensor

Function = Callable[..., Any]
Array = np.ndarray[Any, Any]

_NONDETERMINISTIC = (
    "\n\nNOTE: If your op relies on non-deterministic operations i.e., it is listed here:\n"
    "https://pytorch.org/docs/stable/generated/torch.use_deterministic_algorithms.html\n"
    "this failure might be expected.\n\n"
    "If you are adding a new operator, please file an issue and then use one of the\n"
    "workarounds. The workaround depends on how your test invokes gradcheck/gradgradcheck.\n"
    "If the test\n"
    "- manually invokes gradcheck/gradgradcheck, then call gradcheck/gradgradcheck\n"
    "  with `nondet_tol=<tol>` as a keyword argument.\n"
    "- is OpInfo-based (e.g., in test_ops_gradients.py), then modify the OpInfo for the test\n"
    "  to have `gradcheck_nondet_tol=<tol>`.\n"
    "- is a Module test (e.g., in common_nn.py), then modify the corresponding\n"
    "  module_test entry to have `gradcheck_nondet_tol=<tol>`\n"
)


class GradcheckError(RuntimeError):
    """The analytical and the numerical gradient differ."""


def _as_tuple(x: Any) -> tuple[Any, ...]:
    if isinstance(x, (tuple, list)):
        return tuple(x)
    return (x,)


def _differentiable(outputs: Any) -> tuple[Any, ...]:
    return tuple(o for o in _as_tuple(outputs) if isinstance(o, Tensor) and o._requires_grad)


def _wanted(inputs: tuple[Any, ...]) -> list[tuple[int, Any]]:
    return [(k, x) for k, x in enumerate(inputs) if isinstance(x, Tensor) and x._requires_grad]


def _check_inputs(inputs: tuple[Any, ...]) -> None:
    wanted = _wanted(inputs)
    for k, x in wanted:
        if x.dtype not in (dtypes.float64, dtypes.complex128):
            warnings.warn(
                f"Input #{k} requires gradient and is not a double precision floating point or complex. This check will likely fail if all "
                "the inputs are not of double precision floating point or complex. ",
                stacklevel=4,
            )
        if any(size > 1 and stride == 0 for size, stride in zip(x._data.shape, x._data.strides, strict=True)):
            raise RuntimeError(
                f"The {k}th input has a dimension with stride 0. gradcheck only supports inputs that are non-overlapping to be able to "
                "compute the numerical gradients correctly. You should call .contiguous on the input before passing it to gradcheck."
            )
    if not wanted:
        raise ValueError("gradcheck expects at least one input tensor to require gradient, but none of them have requires_grad=True.")


def _values(func: Function, inputs: tuple[Any, ...]) -> list[Array]:
    """What a function gives, as arrays; a recording of it has one call of the function, and not two for each number of its inputs."""
    with events.unwatched():
        outputs = func(*inputs)
    return [o._data.copy() for o in _as_tuple(outputs) if isinstance(o, Tensor)]


def _compared(before: Array, after: Array, index: tuple[int, ...], eps: float) -> None:
    words = f"when inputs are perturbed on index {index} by {eps}, but got:"
    if before.shape != after.shape:
        sizes = [f"torch.Size({list(a.shape)})" for a in (before, after)]
        raise AssertionError(f"Expected `func` to return outputs with the same shape {words} shapes {sizes[0]} and {sizes[1]}.")
    if before.dtype != after.dtype:
        kinds = [dtypes.BY_NUMPY[a.dtype] for a in (before, after)]
        raise AssertionError(f"Expected `func` to return outputs with the same dtype {words} dtypes {kinds[0]} and {kinds[1]}.")


def _numerical(func: Function, inputs: tuple[Any, ...], eps: float) -> list[list[Array]]:
    """Central differences: for each wanted input and each output a matrix (numbers of the input, numbers of the output)."""
    result = []
    for nr, x in _wanted(inputs):
        columns: list[list[Array]] = []
        moved = Tensor._of(x._data.copy())
        moved._requires_grad = True
        given = (*inputs[:nr], moved, *inputs[nr + 1 :])
        for index in itertools.product(*map(range, x._data.shape)):
            step: list[Any] = []
            for unit in (1.0, 1j) if x._data.dtype.kind == "c" else (1.0,):
                original = moved._data[index]
                moved._data[index] = original - eps * unit
                low = _values(func, given)
                moved._data[index] = original + eps * unit
                high = _values(func, given)
                moved._data[index] = original
                slopes = []
                for a, b in zip(low, high, strict=True):
                    _compared(a, b, index, eps)
                    slopes.append(((b - a) / (2 * eps) if a.dtype.kind in "fc" else np.zeros(a.shape)).reshape(-1))
                step = slopes if unit == 1.0 else [d + 1j * e for d, e in zip(step, slopes, strict=True)]
            columns.append(step)
        count = len(columns[0]) if columns else len(_values(func, inputs))
        result.append([np.array([c[k] for c in columns]) for k in range(count)])
    return result


def _analytical(inputs: tuple[Any, ...], output: Any, check_types: bool, nondet_tol: float) -> list[Array]:
    """The same matrices from backward, for one output; run twice, because a backward must give the same again."""
    first, types_ok, sizes_ok = _backward_rows(inputs, output)
    with events.unwatched():
        second, _, _ = _backward_rows(inputs, output)
    if check_types and not types_ok:
        raise GradcheckError("Gradient has dtype mismatch")
    if not sizes_ok:
        raise GradcheckError("Analytical gradient has incorrect size")
    if any(a.size and np.abs(a - b).max() > nondet_tol for a, b in zip(first, second, strict=True)):
        raise GradcheckError(
            "Backward is not reentrant, i.e., running backward with same input and grad_output multiple times gives different values, "
            f"although analytical gradient matches numerical gradient.The tolerance for nondeterminism was {nondet_tol}."
            + _NONDETERMINISTIC
        )
    return first


def _backward_rows(inputs: tuple[Any, ...], output: Any) -> tuple[list[Array], bool, bool]:
    wanted = [x for _, x in _wanted(inputs)]
    matrices = [np.zeros((x._data.size, output._data.size), x._data.dtype) for x in wanted]
    types_ok = sizes_ok = True
    for j in range(output._data.size):
        cotangent = np.zeros(output._data.shape, output._data.dtype)
        cotangent.reshape(-1)[j] = 1
        for matrix, x, g in zip(
            matrices, wanted, grad(output, wanted, Tensor._of(cotangent), retain_graph=True, allow_unused=True), strict=True
        ):
            if g is None:
                continue
            types_ok &= g._data.dtype == x._data.dtype
            sizes_ok &= g._data.shape == x._data.shape
            if g._data.size == matrix.shape[0]:
                matrix[:, j] = g._data.reshape(-1)
    return matrices, types_ok, sizes_ok


def _parts(func: Function) -> tuple[Function, Function]:
    """The real and the imaginary parts of what a function gives; real outputs go with the real ones."""

    def real(*args: Any) -> Any:
        return tuple(o.real if o._data.dtype.kind == "c" else o for o in _as_tuple(func(*args)))

    def imaginary(*args: Any) -> Any:
        return tuple(o.imag if o._data.dtype.kind == "c" else o for o in _as_tuple(func(*args)))

    return real, imaginary


def _compare(
    func: Function,
    outputs_of: Any,
    inputs: tuple[Any, ...],
    eps: float,
    atol: float,
    rtol: float,
    types: bool,
    nondet: float,
    part: str = "",
) -> None:
    """Numerical against analytical, every output by every input."""
    everything = [o for o in _as_tuple(outputs_of) if isinstance(o, Tensor)]
    numerical = _numerical(func, inputs, eps)
    wanted = _wanted(inputs)
    place = -1
    for k, output in enumerate(everything):
        if not output._requires_grad:
            continue
        place += 1
        analytical = _analytical(inputs, output, types, nondet)
        for (nr, _), exact, by_input in zip(enumerate(wanted), analytical, numerical, strict=True):
            measured = by_input[k]
            common = np.result_type(exact.dtype, measured.dtype)
            if not np.allclose(exact.astype(common), measured.astype(common), rtol, atol):
                prefix = f"While considering the {part} part of complex outputs only, " if part else ""
                raise GradcheckError(
                    f"{prefix}Jacobian mismatch for output {place} with respect to input {nr},\n"
                    f"numerical:{Tensor._of(measured)}\nanalytical:{Tensor._of(exact)}\n"
                )


def _compare_forward(func: Function, outputs_of: Any, inputs: tuple[Any, ...], eps: float, atol: float, rtol: float) -> None:
    """Numerical against what forward mode gives: one direction of one input at a time."""
    from . import forward_ad

    wanted = _wanted(inputs)
    if any(isinstance(x, Tensor) and x._data.dtype.kind == "c" for x in (*inputs, *_as_tuple(outputs_of))):
        return  # directions in the complex plane are not followed here
    numerical = _numerical(func, inputs, eps)
    plain = [x.detach() if isinstance(x, Tensor) else x for x in inputs]
    for nr, (place, x) in enumerate(wanted):
        rows = []
        for k in range(x._data.size):
            tangent = np.zeros_like(x._data)
            tangent.reshape(-1)[k] = 1
            with forward_ad.dual_level():
                dual = forward_ad.make_dual(plain[place], Tensor._of(tangent))
                outputs = [o for o in _as_tuple(func(*plain[:place], dual, *plain[place + 1 :])) if isinstance(o, Tensor)]
                pushed = [(o, forward_ad.unpack_dual(o).tangent) for o in outputs]
            rows.append([np.zeros(o._data.size) if t is None else t._data.reshape(-1) for o, t in pushed])
        for j, measured in enumerate(numerical[nr]):
            exact = np.array([row[j] for row in rows]).reshape(measured.shape)
            if not np.allclose(exact, measured, rtol, atol):
                raise GradcheckError(
                    f"Jacobian computed with forward mode mismatch for output {j} with respect to input {nr},\n"
                    f"numerical:{Tensor._of(measured)}\nanalytical:{Tensor._of(exact)}\n"
                )


def _check_scaling(outputs: tuple[Any, ...], inputs: tuple[Any, ...]) -> None:
    """With cotangents of zero the gradients must be zero."""
    wanted = [x for _, x in _wanted(inputs)]
    for g, x in zip(
        grad(outputs, wanted, [Tensor._of(np.zeros_like(o._data)) for o in outputs], retain_graph=True, allow_unused=True),
        wanted,
        strict=True,
    ):
        if g is None:
            continue
        if g._data.any():
            raise GradcheckError("backward not multiplied by grad_output")
        if g._data.dtype != x._data.dtype:
            raise GradcheckError("grad is incorrect type")
        if g._data.shape != x._data.shape:
            raise GradcheckError("grad is incorrect size")


def _check_undefined(func: Function, inputs: tuple[Any, ...]) -> None:
    """Gradients that nobody gave, of all outputs and of each of several, arrive as zeros, and must lead to zeros."""
    wanted = [x for _, x in _wanted(inputs)]
    runs = [_differentiable(func(*inputs))]
    if len(runs[0]) > 1:
        runs += [_differentiable(func(*inputs)) for _ in runs[0]]
    for outputs in runs:
        zeros = [Tensor._of(np.zeros_like(o._data)) for o in outputs]
        if any(g is not None and g._data.any() for g in grad(outputs, wanted, zeros, allow_unused=True)):
            raise GradcheckError(
                "Expected all input grads to be undefined or zero when all output grads are undefined or zero. Please look at 'Notes about "
                'undefined output gradients\' in "tools/autograd/derivatives.yaml"'
            )


def gradcheck(
    func: Function,
    inputs: Any,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_batched_forward_grad: bool = False,
    check_forward_ad: bool = False,
    check_backward_ad: bool = True,
    fast_mode: bool = False,
    masked: bool | None = None,
) -> bool:
    """Whether backward agrees with finite differences; raises GradcheckError where it does not."""
    if not (check_forward_ad or check_backward_ad):
        raise AssertionError("Expected at least one of check_forward_ad or check_backward_ad to be True")
    if check_batched_grad and not check_backward_ad:
        raise AssertionError("Setting check_batched_grad=True requires check_backward_ad to be True")
    if check_batched_forward_grad and not check_forward_ad:
        raise AssertionError("Setting check_batched_forward_grad=True requires check_forward_ad to be True")
    modes_of_ad = (check_forward_ad, check_backward_ad)
    try:
        _check(func, _as_tuple(inputs), eps, atol, rtol, check_grad_dtypes, nondet_tol, check_undefined_grad, modes_of_ad)
    except GradcheckError:
        if raise_exception:
            raise
        return False
    return True


def _check(
    func: Function,
    inputs: tuple[Any, ...],
    eps: float,
    atol: float,
    rtol: float,
    types: bool,
    nondet: float,
    undefined: bool,
    modes_of_ad: tuple[bool, bool],
) -> None:
    _check_inputs(inputs)
    func_out = func(*inputs)
    outputs = _differentiable(func_out)
    if not outputs:
        for by_input in _numerical(func, inputs, eps):
            if any(matrix.any() for matrix in by_input):
                raise GradcheckError("Numerical gradient for function expected to be zero")
        return
    forward, backward = modes_of_ad
    if forward:
        _compare_forward(func, func_out, inputs, eps, atol, rtol)
    if not backward:
        return
    if any(o._data.dtype.kind == "c" for o in _as_tuple(func_out) if isinstance(o, Tensor)):
        real, imaginary = _parts(func)
        _compare(imaginary, imaginary(*inputs), inputs, eps, atol, rtol, types, nondet, "imaginary")
        _compare(real, real(*inputs), inputs, eps, atol, rtol, types, nondet, "real")
    else:
        _compare(func, func_out, inputs, eps, atol, rtol, types, nondet)
    with events.unwatched():
        _check_scaling(outputs, inputs)
        if undefined:
            _check_undefined(func, inputs)


def gradgradcheck(
    func: Function,
    inputs: Any,
    grad_outputs: Any = None,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    gen_non_contig_grad_outputs: bool = False,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_fwd_over_rev: bool = False,
    check_rev_over_rev: bool = True,
    fast_mode: bool = False,
    masked: bool = False,
) -> bool:
    """gradcheck of the gradient: whether double backward agrees with finite differences."""
    xs = _as_tuple(inputs)
    if grad_outputs is None:
        cotangents = tuple(_cotangent(o) for o in _differentiable(func(*xs)))
    else:
        cotangents = _as_tuple(grad_outputs)
    count = len(cotangents)
    tracked_in = {k for k, _ in _wanted(xs)}
    tracked_out = {k for k, _ in _wanted(cotangents)}

    def gradient(*args: Any) -> Any:
        arguments = tuple(x.requires_grad_() if k in tracked_in else x for k, x in enumerate(args[:-count]))
        outputs = _differentiable(func(*arguments))
        given = tuple(x.requires_grad_() if k in tracked_out else x for k, x in enumerate(args[-count:]))
        wanted = [x for k, x in enumerate(arguments) if k in tracked_in]
        return tuple(g for g in grad(outputs, wanted, given, create_graph=True, allow_unused=True) if g is not None)

    with modes.enable_grad():
        return gradcheck(
            gradient, xs + cotangents, eps=eps, atol=atol, rtol=rtol, raise_exception=raise_exception, nondet_tol=nondet_tol,
            check_undefined_grad=check_undefined_grad, check_grad_dtypes=check_grad_dtypes,
        )  # fmt: skip


def _cotangent(output: Any) -> Tensor:
    """Random numbers between -1 and 1 in the form of an output."""
    from ..random import default_generator
    from ..random.draws import rand

    data = rand(default_generator, output._data.shape, np.float64) * 2 - 1
    leaf = Tensor._of(np.asarray(data).astype(output._data.dtype))
    leaf.requires_grad = True
    return leaf


get_numerical_jacobian = _numerical

__all__ = ["GradcheckError", "gradcheck", "gradgradcheck"]

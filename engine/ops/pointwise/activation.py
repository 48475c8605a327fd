"""Activation functions (torch.nn.functional), with PyTorch's choices at the kinks."""

from __future__ import annotations

import inspect
import math
from typing import Any

import numpy as np

from ...calls import quick
from ...naming.namespace import FUNCTIONAL, export
from ...naming.rows import must_be_tensor
from ...op import Op, apply
from ...tensor import Tensor
from ..views.reshape import one_dim
from . import gammas, normal, refusals
from .elementwise import abs_, exp, relu, sigmoid, tanh, where, zeros_as

_more: dict[str, Any] = {"elementwise": True}


def _row(name: str, forward: Any, vjp: Any, formula: str, *, kernel: str | None = None, **more: Any) -> Op:
    """`kernel` is what PyTorch says that it lacks for whole numbers; "" where it has one."""
    check = refusals.not_whole(f"{name}_cpu" if kernel is None else kernel, name == "silu") if kernel != "" else None
    return Op(name, forward, vjps=(vjp,), formulas=(formula,), check=check, **{**_more, **more})


leaky_relu_row = _row(
    "leaky_relu", lambda x, slope: np.where(x > 0, x, x * x.dtype.type(slope)),
    lambda g, x, slope: where(x > 0, g, g * slope), r"\bar{x} = \bar{z} \odot ([x>0] + a[x \le 0])",
)  # fmt: skip


def _elu(x: Any, alpha: float, scale: float, input_scale: float) -> Any:
    t = x.dtype.type
    return np.where(x > 0, x * t(scale), np.expm1(np.minimum(x, 0) * t(input_scale)) * t(alpha * scale))


def _elu_vjp(g: Any, x: Any, alpha: float, scale: float, input_scale: float) -> Any:
    low = g * (alpha * scale * input_scale) * exp(where(x < 0, x, zeros_as(x)) * input_scale)  # no curvature at 0 itself
    return where(x <= 0, low, g * scale)


elu_row = _row("elu", _elu, _elu_vjp, r"\bar{x} = \bar{z} \odot ([x>0] + a e^x [x \le 0])")


def _celu_vjp(g: Any, x: Any, alpha: float) -> Any:
    inverse = 1.0 / float(np.float32(alpha))  # PyTorch has the factor from a number of single precision
    return where(x <= 0, g * (inverse * alpha) * exp(where(x < 0, x, zeros_as(x)) * inverse), g)


celu_row = _row(
    "celu", lambda x, alpha: np.where(x > 0, x, np.expm1(np.minimum(x, 0) / x.dtype.type(alpha)) * x.dtype.type(alpha)),
    _celu_vjp, r"\bar{x} = \bar{z} \odot ([x>0] + e^{x/a} [x \le 0])", kernel="elu_cpu"
)  # fmt: skip


# In place PyTorch's vjps read what stands there afterwards, so that another write to it is one too many.
def _leaky_relu_back(g: Any, result: Any, slope: float) -> Any:
    if slope < 0:
        raise RuntimeError(
            f"{_IN_PLACE.format('leakyReLu')} File an issue at https://github.com/pytorch/pytorch if you do require supporting in-place "
            "leakRelu backward calculation with negative slope"
        )
    return where(result > 0, g, g * slope)


def _elu_back(g: Any, result: Any, alpha: float, scale: float, input_scale: float) -> Any:
    if alpha < 0:
        raise RuntimeError(_IN_PLACE.format("elu"))
    below = where(result < 0, result, zeros_as(result))
    return where(result <= 0, g * input_scale * (below + alpha * scale), g * scale)


def _celu_back(g: Any, result: Any, alpha: float) -> Any:
    return _elu_back(g, result, alpha, 1.0, 1.0 / float(np.float32(alpha)))


_IN_PLACE = (
    "In-place {} backward calculation is triggered with a negative slope which is not supported. This is caused by calling in-place "
    "forward function with a negative slope, please call out-of-place version instead."
)
_WRITTEN = {
    row: _row(row.name, row.forward, vjp, formula, kernel="leaky_relu_cpu" if row is leaky_relu_row else "elu_cpu", grad_fn=name)
    for row, vjp, formula, name in (
        (leaky_relu_row, _leaky_relu_back, r"\bar{x} = \bar{z} \odot ([z>0] + a[z \le 0])", "LeakyReluBackward1"),
        (elu_row, _elu_back, r"\bar{x} = \bar{z} \odot ([z>0] + (z + a) [z \le 0])", "EluBackward1"),
        (celu_row, _celu_back, r"\bar{x} = \bar{z} \odot ([z>0] + (z + a) / a\,[z \le 0])", "CeluBackward1"),
    )
}
silu = _row(
    "silu",
    lambda x: x / (1 + np.exp(-x)),
    lambda g, x: g * (sigmoid(x) * (1 + x * (1 - sigmoid(x)))),
    r"\bar{x} = \bar{z}\,\sigma(x)(1 + x(1-\sigma(x)))",
)


def _softplus(x: Any, beta: float, threshold: float) -> Any:
    scaled = x * x.dtype.type(beta)
    return np.where(scaled > threshold, x, np.logaddexp(scaled, 0).astype(x.dtype) / x.dtype.type(beta))


softplus_row = _row(
    "softplus",
    _softplus,
    lambda g, x, beta, threshold: where(x * beta > threshold, g, g * sigmoid(x * beta)),
    r"\bar{x} = \bar{z}\,\sigma(\beta x)",
)
mish = _row(
    "mish", lambda x: x * np.tanh(np.logaddexp(x, 0).astype(x.dtype)),
    lambda g, x: g * (tanh(softplus_row(x, beta=1.0, threshold=20.0)) + x * sigmoid(x) * (1 - _sq(tanh(softplus_row(x, beta=1.0, threshold=20.0))))),
    r"\bar{x} = \bar{z}\,(t + x\sigma(x)(1-t^2))",
)  # fmt: skip


def _sq(x: Any) -> Any:
    return x * x


def _normal_cdf(x: Any) -> Any:
    return erf_row(x * math.sqrt(0.5)) * 0.5 + 0.5


def _gelu(x: Any, workings: Any = None) -> Any:
    if x.dtype == np.float32:
        if workings is None:
            return normal.gelu(x)
        out, slope = normal.gelu_with_slope(x)
        workings.append(slope)
        return out
    return (x * (0.5 * (1 + gammas.erf(x * x.dtype.type(math.sqrt(0.5)))))).astype(x.dtype)


def _gelu_slope(x: Any) -> Any:
    if not isinstance(x, Tensor) and x.dtype == np.float32:
        return normal.gelu_slope(x)
    return _normal_cdf(x) + x * exp(x * x * -0.5) * (1 / math.sqrt(2 * math.pi))


def _gelu_vjp(g: Any, x: Any, workings: Any) -> Any:
    if workings and type(g) is np.ndarray:
        slope = workings.pop()
        return np.multiply(g, slope, slope) if slope.ndim else g * slope
    return g * _gelu_slope(x)


erf_row = _row(
    "erf",
    gammas.erf,
    lambda g, x: g * (2 / math.sqrt(math.pi)) * exp(-(x * x)),
    r"\bar{x} = \bar{z}\,\frac{2}{\sqrt\pi} e^{-x^2}",
    kernel="",
)
gelu_exact = _row(
    "gelu", _gelu, lambda g, x, workings: _gelu_vjp(g, x, workings), r"\bar{x} = \bar{z}\,(\Phi(x) + x\varphi(x))", kernel="GeluKernelImpl"
)  # fmt: skip
_K = math.sqrt(2 / math.pi)


def _gelu_tanh_vjp(g: Any, x: Any) -> Any:
    t = tanh((x + x * x * x * 0.044715) * _K)
    return g * ((t + 1) * 0.5 + x * (1 - t * t) * ((x * x * (3 * 0.044715) + 1) * (0.5 * _K)))


gelu_tanh = _row(
    "gelu",
    lambda x: 0.5 * x * (1 + np.tanh(x.dtype.type(_K) * (x + x.dtype.type(0.044715) * x * x * x))),
    _gelu_tanh_vjp,
    r"\bar{x} = \bar{z}\,\mathrm{gelu}'(x)",
    kernel="GeluKernelImpl",
)
hardtanh_row = _row(
    "hardtanh", lambda x, low, high: np.clip(x, x.dtype.type(low), x.dtype.type(high)), lambda g, x, low, high: where((x <= low) | (x >= high), zeros_as(g), g),
    r"\bar{x} = \bar{z}[a<x<b]", kernel=""
)  # fmt: skip
hardswish = _row(
    "hardswish", lambda x: x * np.clip(x + 3, 0, 6) / x.dtype.type(6),
    lambda g, x: where(x <= -3, zeros_as(g), where(x < 3, g * (x / 3 + 0.5), g)), r"\bar{x} = \bar{z}\,(x/3 + 1/2)",
)  # fmt: skip
_SIXTH = float(np.float32(1 / 6))  # PyTorch multiplies by it in every dtype
hardsigmoid = _row(
    "hardsigmoid",
    lambda x: np.clip(x + 3, 0, 6) / x.dtype.type(6),
    lambda g, x: where((x > -3) & (x < 3), g * _SIXTH, zeros_as(g)),
    r"\bar{x} = \bar{z}/6",
)
logsigmoid = _row(
    "log_sigmoid", lambda x: np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x))), lambda g, x: g * sigmoid(-x), r"\bar{x} = \bar{z}\,\sigma(-x)",
    grad_fn="LogSigmoidBackward0", kernel="log_sigmoid_cpu"
)  # fmt: skip
softshrink_row = _row(
    "softshrink", lambda x, lambd: np.where(x > lambd, x - x.dtype.type(lambd), np.where(x < -lambd, x + x.dtype.type(lambd), x * 0)),
    lambda g, x, lambd: where((x >= -lambd) & (x <= lambd), zeros_as(g), g), r"\bar{x} = \bar{z}[|x|>\lambda]", kernel="softshrink_check"
)  # fmt: skip
hardshrink_row = _row(
    "hardshrink", lambda x, lambd: np.where((x >= -lambd) & (x <= lambd), 0, x).astype(x.dtype),
    lambda g, x, lambd: where((x >= -lambd) & (x <= lambd), zeros_as(g), g), r"\bar{x} = \bar{z}[|x|>\lambda]",
)  # fmt: skip
threshold_row = _row(
    "threshold", lambda x, threshold, value: np.where(x <= threshold, x.dtype.type(value), x),
    lambda g, x, threshold: where(x <= threshold, zeros_as(g), g), r"\bar{x} = \bar{z}[x>t]", kernel=""
)  # fmt: skip
prelu_row = Op(
    "prelu", lambda x, weight: np.where(x > 0, x, x * weight), inputs=("x", "weight"), grad_fn="PreluKernelBackward0", elementwise=True,
    vjps=(lambda g, x, weight: where(x > 0, g, g * weight), lambda g, x: where(x > 0, zeros_as(g), g * x)), check=refusals.not_whole("prelu_cpu"),
    formulas=(r"\bar{x} = \bar{z} \odot ([x>0] + w[x \le 0])", r"\bar{w} = \bar{z} \odot x[x \le 0]"),
)  # fmt: skip


def _public(name: str, row: Op, where_to: str = "functional", *, needed: bool = False, **defaults: Any) -> None:
    names = list(defaults)
    kind, none = inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.empty
    options = [inspect.Parameter(n, kind, default=none if needed else v) for n, v in defaults.items()]

    def run(input: Any, args: tuple[Any, ...], given: dict[str, Any]) -> dict[str, Any]:
        inplace_free = {k: v for k, v in given.items() if k in names}
        return {**defaults, **dict(zip(names, args, strict=False)), **inplace_free}

    def function(input: Any, *args: Any, inplace: bool = False, **given: Any) -> Any:
        if args and isinstance(args[-1], bool) and len(args) == len(names) + 1:
            args, inplace = args[:-1], args[-1]
        return _maybe(row, input, inplace, **run(input, args, given))

    function.__name__ = name
    last = inspect.Parameter("inplace", kind, default=False)
    function.__signature__ = inspect.Signature([inspect.Parameter("input", kind), *options, last])  # type: ignore[attr-defined]
    export(where_to, name)(function)
    export("functional", name + "_")(lambda input, *args, **given: function(input, *args, inplace=True, **given))


_ALIAS = {"negative_slope": "slope", "min_val": "low", "max_val": "high"}


@export("functional", "leaky_relu")
def leaky_relu(input: Any, negative_slope: float = 0.01, inplace: bool = False) -> Any:
    """x where positive, else a small slope of it."""
    return _maybe(leaky_relu_row, input, inplace, slope=negative_slope)


export("functional", "leaky_relu_")(lambda input, negative_slope=0.01: leaky_relu(input, negative_slope, True))


def _maybe(row: Op, input: Any, inplace: bool, **params: Any) -> Any:
    if inplace:
        from ...memory.inplace import write

        return write(_WRITTEN.get(row, row), input, (), params)
    return apply(row, (input,), params)


@export("functional", "relu")
def relu_(input: Any, inplace: bool = False) -> Any:
    """max(x, 0)."""
    if not isinstance(input, Tensor):
        raise must_be_tensor("relu", "input", 1, input)
    return _maybe(relu, input, True) if inplace else _quick_relu(input)


relu_.__qualname__ = "relu"  # Python's own errors tell it


_quick_relu, _quick_gelu = quick.unary(relu), quick.unary(gelu_exact)


@export("functional", "elu")
def elu(input: Any, alpha: float = 1.0, inplace: bool = False) -> Any:
    """x where positive, else alpha (e^x - 1)."""
    return _maybe(elu_row, input, inplace, alpha=alpha, scale=1.0, input_scale=1.0)


export("functional", "elu_")(lambda input, alpha=1.0: elu(input, alpha, True))


@export("functional torch", "selu")
def selu(input: Any, inplace: bool = False) -> Any:
    """Self-normalising elu."""
    return _maybe(
        elu_row, input, inplace, alpha=1.6732632423543772848170429916717, scale=1.0507009873554804934193349852946, input_scale=1.0
    )


export("functional torch", "selu_")(lambda input: selu(input, True))
_public("celu", celu_row, "functional torch", alpha=1.0)
_public("silu", silu)
_public("softplus", softplus_row, beta=1.0, threshold=20.0)
_public("mish", mish)
_public("hardswish", hardswish)
_public("hardsigmoid", hardsigmoid)
_public("logsigmoid", logsigmoid)
relu_.__name__, FUNCTIONAL["logsigmoid"].__name__ = "relu", "log_sigmoid"  # as PyTorch calls them


@export("functional", "softshrink")
def softshrink(input: Any, lambd: float = 0.5) -> Any:
    """x moved towards 0 by lambd."""
    if lambd < 0:
        kind = {"float32": "Float", "float64": "Double", "float16": "Half"}.get(input._data.dtype.name, input._data.dtype.name)
        top = f"{float(np.finfo(input._data.dtype).max):g}"
        raise RuntimeError(f"lambda must be in range [0, {top}] for input dtype {kind}, but found {lambd:g}")
    return apply(softshrink_row, (input,), {"lambd": lambd})


_public("hardshrink", hardshrink_row, "functional torch method", lambd=0.5)
_public("threshold", threshold_row, "functional torch", needed=True, threshold=0.0, value=0.0)


@export("functional", "hardtanh")
def hardtanh(input: Any, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Any:
    """x kept between two values; no gradient at the bounds."""
    if min_val > max_val:
        raise ValueError("min_val cannot be greater than max_val")
    return _maybe(hardtanh_row, input, inplace, low=min_val, high=max_val)


export("functional", "hardtanh_")(lambda input, min_val=-1.0, max_val=1.0: hardtanh(input, min_val, max_val, True))


@export("functional")
def relu6(input: Any, inplace: bool = False) -> Any:
    """x kept between 0 and 6."""
    return hardtanh(input, 0.0, 6.0, inplace)


@export("functional", "gelu")
def gelu(input: Any, approximate: str = "none") -> Any:
    """x times the normal distribution function."""
    if approximate not in {"none", "tanh"}:
        raise RuntimeError("approximate argument must be either none or tanh.")
    return apply(gelu_tanh, (input,)) if approximate == "tanh" else _quick_gelu(input, quick.workings(input))


@export("functional", "softsign")
def softsign(input: Any) -> Any:
    """x / (1 + |x|)."""
    return input / (apply(abs_, (input,)) + 1)


@export("functional", "tanhshrink")
def tanhshrink(input: Any) -> Any:
    """x - tanh(x)."""
    return input - input.tanh()


def _halves(x: Any, dim: int) -> tuple[Any, Any]:
    before, n = (slice(None),) * dim, x.shape[dim] // 2
    return x[(*before, slice(0, n))], x[(*before, slice(n, 2 * n))]


def _glu(x: Any, dim: int) -> Any:
    a, b = _halves(x, dim)
    return a * sigmoid(b)


def _glu_vjp(g: Any, x: Any, dim: int) -> Any:
    from ..views.join import cat

    a, b = _halves(x, dim)
    s = sigmoid(b)
    return cat([g * s, g * a * s * (1 - s)], dim=dim)


glu_row = Op(
    "glu",
    _glu,
    vjps=(_glu_vjp,),
    check=refusals.not_whole("glu_cpu"),
    formulas=(r"\bar{x} = [\bar{z} \odot \sigma(b),\ \bar{z} \odot a \odot \sigma(b)(1-\sigma(b))]",),
)


@export("functional", "glu")
def glu(input: Any, dim: int = -1) -> Any:
    """First half times the sigmoid of the second."""
    if input._data.ndim == 0:
        raise RuntimeError("glu does not support scalars because halving size must be even")
    n = input._data.shape[one_dim(dim, input._data.ndim)]
    if n % 2:
        raise RuntimeError(f"Halving dimension must be even, but dimension {dim % input._data.ndim} is size {n}")
    return apply(glu_row, (input,), {"dim": dim % input._data.ndim})


@export("functional torch", "prelu")
def prelu(input: Any, weight: Any) -> Any:
    """leaky_relu with a learned slope, one or one a channel."""
    if weight._data.size != 1:
        if input._data.ndim == 0:
            raise RuntimeError("Not allow zero-dim input tensor.")
        channels = input._data.shape[1] if input._data.ndim > 1 else 1
        if channels != weight._data.size:
            raise RuntimeError(
                f"Mismatch of parameter numbers and input channel size. Found parameter numbers = {weight._data.size} and channel size = {channels}."
            )
    if weight._data.ndim > 1:
        raise RuntimeError(f"prelu: Expected `weight` to be a scalar or 1D tensor, but got: ndim = {weight._data.ndim}")
    if weight._data.size != 1:
        weight = weight.reshape((1, -1) + (1,) * (input._data.ndim - 2)) if input._data.ndim > 1 else weight
    elif weight._data.ndim > input._data.ndim:
        weight = weight.reshape(())
    if input._data.dtype is not weight._data.dtype:
        raise RuntimeError(f"prelu: Type promoting not supported. Got {input.dtype.scalar_name} and {weight.dtype.scalar_name}")
    return apply(prelu_row, (input, weight))


def _rectified(name: str, target: str) -> None:
    export("functional", name)(lambda input: getattr(input, target)())


_rectified("sigmoid", "sigmoid")
_rectified("tanh", "tanh")
__all__ = ["Tensor"]

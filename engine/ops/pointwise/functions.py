"""Functions of one and two variables: trigonometric, exponential, rounding, special."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...arrays.arithmetic import log_add_exp
from ...errors import cannot_broadcast
from ...half.bfloat16 import readable
from ...naming.namespace import export
from ...naming.rows import NUMBERS, into, publish_binary, publish_unary
from ...op import Op, apply
from ...tensor import Tensor
from ..underived import no_derivative
from . import gammas, refusals
from .elementwise import (
    _binary,
    _compare,
    _operator,
    _unary,
    _write_operator,
    abs_,
    cos,
    div_,
    div_rounded,
    exp,
    log,
    mul,
    reciprocal,
    rsub_number,
    sign,
    sin,
    sqrt,
    square,
    tanh,
    where,
    zeros_as,
)
from .elementwise import (
    rsub as rsub_row,
)

LN2, LN10 = math.log(2), math.log(10)


def _zero(g: Any) -> Any:
    return zeros_as(g)


tan = _unary("tan", np.tan, lambda g, result: g * (1 + result * result), r"\bar{x} = \bar{z} \odot (1 + \tan^2 x)")
asin = _unary("asin", np.arcsin, lambda g, x: g * rsqrt(1 - x * x), r"\bar{x} = \bar{z} \oslash \sqrt{1 - x^2}")
acos = _unary("acos", np.arccos, lambda g, x: -g * rsqrt(1 - x * x), r"\bar{x} = -\bar{z} \oslash \sqrt{1 - x^2}")
atan = _unary("atan", np.arctan, lambda g, x: g / (x * x + 1), r"\bar{x} = \bar{z} \oslash (1 + x^2)")
sinh = _unary("sinh", np.sinh, lambda g, x: g * cosh(x), r"\bar{x} = \bar{z} \odot \cosh x")
cosh = _unary("cosh", np.cosh, lambda g, x: g * sinh(x), r"\bar{x} = \bar{z} \odot \sinh x")
asinh = _unary("asinh", np.arcsinh, lambda g, x: g * rsqrt(x * x + 1), r"\bar{x} = \bar{z} \oslash \sqrt{x^2 + 1}")
acosh = _unary("acosh", np.arccosh, lambda g, x: g * rsqrt(x * x - 1), r"\bar{x} = \bar{z} \oslash \sqrt{x^2 - 1}")
atanh = _unary("atanh", np.arctanh, lambda g, x: g / (1 - x * x), r"\bar{x} = \bar{z} \oslash (1 - x^2)")
rsqrt = _unary(
    "rsqrt", lambda x: 1 / np.sqrt(x), lambda g, result: g * (-0.5 * (result * result * result)), r"\bar{x} = -\frac12 \bar{z}\,x^{-3/2}"
)
exp2 = _unary("exp2", np.exp2, lambda g, result: g * result * LN2, r"\bar{x} = \bar{z}\,2^x \ln 2")
expm1 = _unary("expm1", np.expm1, lambda g, result: g * (result + 1), r"\bar{x} = \bar{z} \odot e^x")
log2 = _unary("log2", np.log2, lambda g, x: g / (x * LN2), r"\bar{x} = \bar{z} \oslash (x \ln 2)")
log10 = _unary("log10", np.log10, lambda g, x: g / (x * LN10), r"\bar{x} = \bar{z} \oslash (x \ln 10)")
log1p = _unary("log1p", np.log1p, lambda g, x: g / (x + 1), r"\bar{x} = \bar{z} \oslash (1 + x)")
erf = _unary(
    "erf", gammas.erf, lambda g, x: g * (2 / math.sqrt(math.pi)) * exp(-(x * x)), r"\bar{x} = \bar{z}\,\frac{2}{\sqrt\pi} e^{-x^2}"
)
erfc = _unary(
    "erfc", gammas.erfc, lambda g, x: g * (-2 / math.sqrt(math.pi)) * exp(-(x * x)), r"\bar{x} = -\bar{z}\,\frac{2}{\sqrt\pi} e^{-x^2}"
)
erfinv = _unary(
    "erfinv",
    gammas.erfinv,
    lambda g, x, result: g * (math.sqrt(math.pi) / 2) * exp(result * result),  # PyTorch saves x, and asks for its erfinv again
    r"\bar{x} = \bar{z}\,\frac{\sqrt\pi}{2} e^{z^2}",
)
lgamma = _unary("lgamma", gammas.lgamma, lambda g, x: g * digamma(x), r"\bar{x} = \bar{z}\,\psi(x)")
digamma = _unary("digamma", gammas.digamma, lambda g, x: g * trigamma(x), r"\bar{x} = \bar{z}\,\psi'(x)")
trigamma = _unary("polygamma", lambda x: gammas.polygamma(1, x), lambda g, x: g * polygamma_row(x, n=2), r"\bar{x} = \bar{z}\,\psi''(x)")
polygamma_row = Op(
    "polygamma", lambda x, n: gammas.polygamma(n, x) if n else gammas.digamma(x), vjps=(lambda g, x, n: g * polygamma_row(x, n=n + 1),), promote="float", elementwise=True,
    formulas=(r"\bar{x} = \bar{z}\,\psi^{(n+1)}(x)",),
)  # fmt: skip
i0 = _unary("i0", gammas.i0, lambda g, x: g * i1(x), r"\bar{x} = \bar{z}\,I_1(x)")


def _i1_vjp(g: Any, x: Any, result: Any) -> Any:
    far = abs_(x) > float(
        np.finfo(readable(x if isinstance(x, np.ndarray) else x._data).dtype).eps
    )  # of nan, too, PyTorch says that it is near 0
    return g * where(far, i0(x) - result / where(far, x, zeros_as(x) + 1), zeros_as(x) + 0.5)


i1 = _unary(
    "i1",
    gammas.i1,
    _i1_vjp,
    r"\bar{x} = \bar{z}\,(I_0(x) - I_1(x)/x)",
    grad_fn="SpecialI1Backward0",
)
deg2rad = _unary("deg2rad", lambda x: x * x.dtype.type(math.pi / 180), lambda g: g * (math.pi / 180), r"\bar{x} = \frac{\pi}{180}\bar{z}")
rad2deg = _unary("rad2deg", lambda x: x * x.dtype.type(180 / math.pi), lambda g: g * (180 / math.pi), r"\bar{x} = \frac{180}{\pi}\bar{z}")


def _sinc_vjp(g: Any, x: Any) -> Any:
    y = x * math.pi
    square = x * x * math.pi  # of a small number it is 0, too
    return where(square == 0, zeros_as(x), g * ((y * cos(y) - sin(y)) / square))


sinc = _unary("sinc", np.sinc, _sinc_vjp, r"\bar{x} = \bar{z}\,\frac{\cos \pi x - \mathrm{sinc}\,x}{x}")
frac = _unary("frac", lambda x: x - np.trunc(x), lambda g: g, r"\bar{x} = \bar{z}", promote="same", check=refusals.not_whole("frac_cpu"))
floor = _unary(
    "floor",
    lambda x: np.floor(x) if x.dtype.kind == "f" else x.copy(),
    _zero,
    r"\bar{x} = 0",
    promote="same",
    check=refusals.not_for_bool("floor_vml_cpu"),
)
ceil = _unary(
    "ceil",
    lambda x: np.ceil(x) if x.dtype.kind == "f" else x.copy(),
    _zero,
    r"\bar{x} = 0",
    promote="same",
    check=refusals.not_for_bool("ceil_vml_cpu"),
)
trunc = _unary(
    "trunc",
    lambda x: np.trunc(x) if x.dtype.kind == "f" else x.copy(),
    _zero,
    r"\bar{x} = 0",
    promote="same",
    check=refusals.not_for_bool("trunc_vml_cpu"),
)
round_row = Op(
    "round", lambda x, decimals=0: np.round(x, decimals) if x.dtype.kind == "f" else x.copy(), vjps=(zeros_as,), elementwise=True,
    formulas=(r"\bar{x} = 0",), check=refusals.not_for_bool("round_vml_cpu"),
)  # fmt: skip
logit_row = Op(
    "logit", lambda x, eps=None: _logit(x, eps), vjps=(lambda g, x, eps: _logit_vjp(g, x, eps),), promote="float", elementwise=True,
    formulas=(r"\bar{x} = \bar{z} \oslash (x(1-x))",),
)  # fmt: skip


def _logit(x: Any, eps: Any) -> Any:
    y = x if eps is None else np.clip(x, eps, 1 - eps)
    return np.log(y / (1 - y)).astype(x.dtype)


def _logit_vjp(g: Any, x: Any, eps: Any) -> Any:
    low, high, beyond = (0.0, 1.0, math.nan) if eps is None else (eps, 1 - eps, 0.0)
    return where((x >= low) & (x <= high), g / (x * (1 - x)), zeros_as(g) + beyond)


nan_to_num_row = Op(
    "nan_to_num", lambda x, nan, posinf, neginf: np.nan_to_num(x, nan=nan, posinf=posinf, neginf=neginf),
    vjps=(lambda g, x: g * (x - x == 0),), elementwise=True, formulas=(r"\bar{x} = \bar{z} \odot [x\ \mathrm{finite}]",),
)  # fmt: skip

for _row in (
    tan, asin, acos, atan, sinh, cosh, asinh, acosh, atanh, rsqrt, exp2, expm1, log2, log10, log1p, erf, erfc, erfinv, lgamma, digamma,
    deg2rad, rad2deg, sinc, frac, floor, ceil, trunc,
):  # fmt: skip
    publish_unary(_row, "torch method special")
for _row, _name in (
    (asin, "arcsin"),
    (acos, "arccos"),
    (atan, "arctan"),
    (asinh, "arcsinh"),
    (acosh, "arccosh"),
    (atanh, "arctanh"),
    (trunc, "fix"),
):
    publish_unary(_row, names=(_name,))
publish_unary(lgamma, "special", ("gammaln",))
publish_unary(digamma, "special", ("psi",))
publish_unary(i0, "torch method special")
publish_unary(i1, "special", inplace=False)
for _row in (exp2, expm1, log1p, erf, erfc, erfinv):
    export("special", _row.name)(lambda input, r=_row: apply(r, (input,)))


round_decimals = round_row.named("RoundBackward1")


@export("torch method", "round")
def round_(input: Any, *, decimals: int | None = None, out: Any = None) -> Any:
    """To the nearest whole number, ties to even."""
    if decimals and input._data.dtype.kind in "iub":
        raise NotImplementedError(f"\"round_cpu\" not implemented for '{input.dtype.scalar_name}'")
    return apply(round_row, (input,)) if decimals is None else apply(round_decimals, (input,), {"decimals": decimals})


@export("method", "round_")
def round_write(self: Any, *, decimals: int | None = None) -> Any:
    """In place."""
    from ...memory.inplace import write

    return write(round_row, self) if decimals is None else write(round_decimals, self, (), {"decimals": decimals})


@export("torch method special", "logit")
def logit(input: Any, eps: float | None = None) -> Any:
    """log(x / (1 - x))."""
    return apply(logit_row, (input,), {"eps": eps})


@export("method", "logit_")
def logit_write(self: Any, eps: float | None = None) -> Any:
    """In place."""
    from ...memory.inplace import write

    return write(logit_row, self, (), {"eps": eps})


@export("method", "polygamma_")
def polygamma_write(self: Any, n: int) -> Any:
    """In place."""
    from ...memory.inplace import write

    return write(polygamma_row, self, (), {"n": _order(n)})


@export("torch special", "polygamma")
def polygamma(n: int, input: Any) -> Any:
    """The n-th derivative of digamma."""
    return apply(polygamma_row, (input,), {"n": _order(n)})


@export("method", "polygamma")
def polygamma_method(self: Any, n: int) -> Any:
    """The n-th derivative of digamma."""
    return polygamma(n, self)


def _order(n: int) -> int:
    if n < 0:
        raise RuntimeError("polygamma(n, x) does not support negative n.")
    return int(n)


@export("torch method", "nan_to_num")
def nan_to_num(input: Any, nan: Any = None, posinf: Any = None, neginf: Any = None) -> Any:
    """nan and infinities replaced by numbers."""
    return apply(nan_to_num_row, (input,), {"nan": nan or 0.0, "posinf": posinf, "neginf": neginf})


@export("method", "nan_to_num_")
def nan_to_num_write(self: Any, nan: Any = None, posinf: Any = None, neginf: Any = None) -> Any:
    """In place."""
    from ...memory.inplace import write

    return write(nan_to_num_row, self, (), {"nan": nan or 0.0, "posinf": posinf, "neginf": neginf})


# -- two variables -------------------------------------------------------------------------------------


def _inverse_square(x: Any, y: Any) -> Any:
    """1 / (x^2 + y^2), and 0 at the origin, where atan2 has no slope."""
    square = x * x + y * y
    return where(square == 0, zeros_as(x), 1 / square)


atan2 = _binary(
    "atan2", np.arctan2, (lambda g, x, y: g * (y * _inverse_square(x, y)), lambda g, x, y: g * (-x * _inverse_square(x, y))),
    (r"\bar{x} = \bar{z}\,y/(x^2+y^2)", r"\bar{y} = -\bar{z}\,x/(x^2+y^2)"), promote="float",
)  # fmt: skip
hypot = _binary(
    "hypot", np.hypot, (lambda g, x, result: g * (x / result), lambda g, y, result: g * (y / result)),
    (r"\bar{x} = \bar{z}\,x/z", r"\bar{y} = \bar{z}\,y/z"),
)  # fmt: skip
fmod = _binary(
    "fmod", np.fmod, (lambda g: g, lambda g, x, y: -g * div_rounded(x, y, rounding_mode="trunc")), (r"\bar{x} = \bar{z}", r"\bar{y} = -\bar{z}\,\mathrm{trunc}(x/y)"),
    check=refusals.no_zero_divisor,
)  # fmt: skip
remainder = _binary(
    "remainder", np.remainder, (lambda g: g, lambda g, x, y: -g * div_rounded(x, y, rounding_mode="floor")), (r"\bar{x} = \bar{z}", r"\bar{y} = -\bar{z}\,\lfloor x/y \rfloor"),
    grad_fn="RemainderBackward1", check=refusals.no_zero_divisor,
)  # fmt: skip
fmod_number = fmod.named("FmodBackward0", without=(1,))
fmod = fmod.named("FmodBackward1")
remainder_number = remainder.named("RemainderBackward0", without=(1,))
remainder_of_number = Op(  # PyTorch has no slope of what a number leaves
    "remainder", np.remainder, inputs=("x", "y"), promote="same", elementwise=True, grad_fn="NotImplemented",
    vjps=(no_derivative("remainder"), no_derivative("remainder")), formulas=("", ""), check=refusals.no_zero_divisor,
).named("NotImplemented", without=(0,))  # fmt: skip
copysign = _binary(
    "copysign", lambda x, y: np.copysign(x, y), (lambda g, x, result: g * where(x == 0, zeros_as(x), result / x), lambda g: zeros_as(g)),
    (r"\bar{x} = \bar{z}\,\mathrm{sign}(xy)", r"\bar{y} = 0"), promote="float",
)  # fmt: skip
logaddexp = _binary(
    "logaddexp", log_add_exp, (lambda g, x, y: g / (1 + exp(y - x)), lambda g, x, y: g / (1 + exp(x - y))),
    (r"\bar{x} = \bar{z}\,\sigma(x-y)", r"\bar{y} = \bar{z}\,\sigma(y-x)"),
)  # fmt: skip
logaddexp2 = _binary(
    "logaddexp2", np.logaddexp2, (lambda g, x, y: g / (1 + exp2(y - x)), lambda g, x, y: g / (1 + exp2(x - y))),
    (r"\bar{x} = \bar{z}\,\sigma(x-y)", r"\bar{y} = \bar{z}\,\sigma(y-x)"),
)  # fmt: skip


def weak(x: Any) -> Any:
    """A number of numpy as one of Python, which takes the dtype of what it meets."""
    return float(x) if isinstance(x, np.floating) else x


xlogy = _binary(
    "xlogy", lambda x, y: np.where((np.asarray(x) == 0) & ~np.isnan(y), 0, x * np.log(y)).astype(np.result_type(x, y)),
    (lambda g, x, y: g * where((x == 0) & (y <= 0), zeros_as(g), weak(log(y))), lambda g, x, y: g * (x / y)),
    (r"\bar{x} = \bar{z} \odot \ln y", r"\bar{y} = \bar{z} \odot x/y"), promote="float",
)  # fmt: skip
fmax = _binary(
    "fmax",
    np.fmax,
    (lambda g, x, y: where((x >= y) | (y != y), g, zeros_as(g)), lambda g, x, y: where((x >= y) | (y != y), zeros_as(g), g)),
    (r"\bar{x} = \bar{z}[x \ge y]", r"\bar{y} = \bar{z}[x < y]"),
)
fmin = _binary(
    "fmin",
    np.fmin,
    (lambda g, x, y: where((x <= y) | (y != y), g, zeros_as(g)), lambda g, x, y: where((x <= y) | (y != y), zeros_as(g), g)),
    (r"\bar{x} = \bar{z}[x \le y]", r"\bar{y} = \bar{z}[x > y]"),
)
lerp_row = Op(
    "lerp", lambda x, y, weight: x + np.asarray(weight, x.dtype) * (y - x), inputs=("x", "y", "weight"), elementwise=True,
    vjps=(lambda g, weight: g * (1 - weight), lambda g, weight: g * weight, lambda g, x, y: g * (y - x)),
    formulas=(r"\bar{x} = (1-w)\bar{z}", r"\bar{y} = w\bar{z}", r"\bar{w} = \bar{z}(y-x)"), grad_fn="LerpBackward1",
)  # fmt: skip
lerp_number = lerp_row.named("LerpBackward0", without=(2,))
addcmul_row = Op(
    "addcmul", lambda x, a, b, value=1: x + (a * b if value == 1 else a * b * np.asarray(value, np.result_type(a, b)).astype(np.result_type(a, b))), inputs=("x", "a", "b"), promote="same", elementwise=True,
    vjps=(lambda g: g, lambda g, b, value: g * (b * value), lambda g, a, value: g * (a * value)),
    formulas=(r"\bar{x} = \bar{z}", r"\bar{a} = \bar{z} \odot b", r"\bar{b} = \bar{z} \odot a"),
)  # fmt: skip
addcdiv_row = Op(
    "addcdiv", lambda x, a, b, value=1: x + value * (a / b), inputs=("x", "a", "b"), promote="same", elementwise=True,
    vjps=(lambda g: g, lambda g, b, value: g * (value / b), lambda g, a, b, value: -g * (value * a / (b * b))),
    formulas=(r"\bar{x} = \bar{z}", r"\bar{a} = \bar{z} \oslash b", r"\bar{b} = -\bar{z} \odot a \oslash b^2"),
    check=refusals.whole_quotient,
)  # fmt: skip

for _row in (atan2, hypot, logaddexp, logaddexp2, fmax, fmin):
    publish_binary(_row, numbers="")
publish_binary(copysign, numbers="other", by_number=copysign.named("CopysignBackward1", without=(1,)))
publish_binary(fmod, numbers="other", by_number=fmod_number)
publish_binary(remainder, by_number=remainder_number, of_number=remainder_of_number)
xlogy_number = xlogy.named("XlogyBackward2", without=(1,))
xlogy_of_number = xlogy.named("XlogyBackward1", without=(0,))
publish_binary(xlogy, by_number=xlogy_number, of_number=xlogy_of_number)
publish_binary(atan2, names=("arctan2",), numbers="")
publish_binary(xlogy, "special", ("xlogy",), inplace=False, by_number=xlogy_number, of_number=xlogy_of_number)


def _must_lerp(start: Any, end: Any, weight: Any) -> None:
    for name, given in (("end", end), ("weight", weight)):
        if isinstance(given, Tensor) and given._data.dtype is not start._data.dtype:
            raise RuntimeError(f"expected dtype {start.dtype.c_name} for `{name}` but got dtype {given.dtype.c_name}")


@export("torch method", "lerp")
def lerp(input: Any, end: Any, weight: Any) -> Any:
    """From one value to another."""
    _must_lerp(input, end, weight)
    return apply(lerp_row if isinstance(weight, Tensor) else lerp_number, (input, end, weight))


@export("method", "lerp_")
def lerp_write(self: Any, end: Any, weight: Any) -> Any:
    """In place."""
    from ...memory.inplace import write

    _must_lerp(self, end, weight)
    return write(lerp_row if isinstance(weight, Tensor) else lerp_number, self, (end, weight))


def _three(name: str, row: Op) -> None:
    def function(input: Any, tensor1: Any, tensor2: Any, *, value: Any = 1, out: Any = None) -> Any:
        return into(out, apply(row, (input, tensor1, tensor2), {} if value == 1 else {"value": value}), name)

    def write_method(self: Any, tensor1: Any, tensor2: Any, *, value: Any = 1) -> Any:
        from ...memory.inplace import write

        return write(row, self, (tensor1, tensor2), {} if value == 1 else {"value": value})

    export("torch method", name)(function)
    export("method", name + "_")(write_method)


_three("addcmul", addcmul_row)
_three("addcdiv", addcdiv_row)


floor_divide_row = Op(
    "floor_divide", lambda x, y: np.floor_divide(x, y), inputs=("x", "y"), promote="same", elementwise=True,
    grad_fn="NotImplemented", vjps=(no_derivative("floor_divide"), no_derivative("floor_divide")), formulas=("", ""),
    check=refusals.no_zero_divisor,
)  # fmt: skip
floor_divide_number = floor_divide_row.named(floor_divide_row.grad_fn, without=(1,))
_floor_of_number = floor_divide_row.named(floor_divide_row.grad_fn, without=(0,))
publish_binary(floor_divide_row, names=("floor_divide",), numbers="all", by_number=floor_divide_number, of_number=_floor_of_number)
_floor_by_number = _operator(floor_divide_number)
export("method", "__floordiv__")(
    lambda self, other: apply(floor_divide_row, (self, other)) if isinstance(other, Tensor) else _floor_by_number(self, other)
)
_mod_number = _operator(remainder_number)
export("method", "__mod__")(lambda self, other: apply(remainder, (self, other)) if isinstance(other, Tensor) else _mod_number(self, other))
export("method", "__rmod__")(
    lambda self, other: (
        apply(remainder if isinstance(other, Tensor) else remainder_of_number, (other, self))
        if isinstance(other, (Tensor, *NUMBERS))
        else NotImplemented
    )
)
export("method", "__rfloordiv__")(
    lambda self, other: (
        apply(floor_divide_row if isinstance(other, Tensor) else _floor_of_number, (other, self))
        if isinstance(other, (Tensor, *NUMBERS))
        else NotImplemented
    )
)
export("method", "__ifloordiv__")(_write_operator(floor_divide_row, floor_divide_number))
export("method", "__imod__")(_write_operator(remainder, remainder_number))


@export("torch")
def rsub(input: Any, other: Any, *, alpha: Any = 1) -> Any:
    """other - alpha * input."""
    told = cannot_broadcast(other._data.shape, input._data.shape) if isinstance(other, Tensor) else None
    if told is not None:
        raise told
    if type(alpha) is not int:
        refusals.alpha(alpha, input, other)
    return apply(rsub_row if isinstance(other, Tensor) else rsub_number, (input, other), {} if alpha == 1 else {"alpha": alpha})


sgn = sign.named("SgnBackward0")
export("torch method", "sgn")(lambda input: apply(sgn, (input,)))


@export("method", "sgn_")
def sgn_write(self: Any) -> Any:
    """In place: what turns a number, or its sign."""
    from ...memory.inplace import write

    return write(sgn, self)


# -- logic and tests -------------------------------------------------------------------------------------

logical_and, logical_or, logical_xor = (
    _compare("logical_and", np.logical_and),
    _compare("logical_or", np.logical_or),
    _compare("logical_xor", np.logical_xor),
)
logical_not = Op("logical_not", np.logical_not, elementwise=True)
for _row in (logical_and, logical_or, logical_xor):
    publish_binary(_row, numbers="")
publish_unary(logical_not)
for _name, _f in {
    "isnan": np.isnan, "isinf": np.isinf, "isfinite": np.isfinite, "isposinf": np.isposinf, "isneginf": np.isneginf, "signbit": np.signbit,
    "isreal": np.isreal,
}.items():  # fmt: skip
    publish_unary(Op(_name, lambda x, f=_f: f(x) if x.dtype.kind in "fc" else f(x.astype(np.float64)), elementwise=True), inplace=False)


@export("torch method")
def isclose(input: Any, other: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Any:
    """Element by element: |a - b| <= atol + rtol |b|."""
    if input._data.dtype is not other._data.dtype:
        raise RuntimeError(f"{_low(input)} did not match {_low(other)}")
    _not_below_zero(rtol, atol)
    return Tensor._of(np.isclose(readable(input._data), readable(other._data), rtol, atol, equal_nan))


@export("torch method")
def allclose(input: Any, other: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> bool:
    """Whether all elements are close."""
    if input.dtype is not other.dtype:
        raise RuntimeError(f"{_low(input)} did not match {_low(other)}")
    _not_below_zero(rtol, atol)
    return bool(np.allclose(readable(input._data), readable(other._data), rtol, atol, equal_nan))


def _not_below_zero(rtol: float, atol: float) -> None:
    for name, value in (("rtol", rtol), ("atol", atol)):
        if not value >= 0:
            raise RuntimeError(f"{name} must be greater than or equal to zero, but got {value:g}")


def _low(t: Tensor) -> str:
    return t.dtype.scalar_name


@export("torch method")
def equal(input: Any, other: Any) -> bool:
    """Whether shape and all elements are the same."""
    return input._data.shape == other._data.shape and bool(np.array_equal(readable(input._data), readable(other._data)))


__all__ = ["abs_", "div_", "mul", "reciprocal", "sqrt", "square", "tanh"]

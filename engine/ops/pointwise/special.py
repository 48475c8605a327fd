"""torch.special beyond the common functions: normal distribution, Bessel, incomplete gamma, and their kin of torch.*."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...half.bfloat16 import readable
from ...memory.inplace import write
from ...naming.namespace import SPECIAL, TORCH, export
from ...naming.rows import must_be_tensor, publish_binary, publish_unary
from ...op import Op, apply
from ...tensor import Tensor
from ..matrices.matrix import alike, plain
from ..reductions.statistics import return_type
from ..underived import no_derivative, not_written
from . import bessel, cephes, gammas
from .elementwise import _binary, _unary, abs_, exp, log, sigmoid, sign, where, zeros_as
from .functions import digamma, erf, exp2, lgamma, log1p, weak

# -- one variable ----------------------------------------------------------------------------------------------

_ROOT = math.sqrt(2 * math.pi)
ndtri = _unary("special_ndtri", bessel.ndtri, lambda g, result: g * _ROOT * exp(result * result * 0.5), r"\bar{x} = \bar{z} / \varphi(z)")
erfcx = _unary(
    "special_erfcx",
    bessel.erfcx,
    lambda g, x, result: g * (2 * x * result - 2 / math.sqrt(math.pi)),
    r"\bar{x} = \bar{z}(2xz - 2/\sqrt\pi)",
)
log_ndtr = _unary(
    "special_log_ndtr", bessel.log_ndtr, lambda g, x, result: g / _ROOT * exp(-(result + x * x * 0.5)),
    r"\bar{x} = \bar{z}\,\varphi(x)/\Phi(x)",
)  # fmt: skip


def _entr(x: Any) -> Any:
    safe = np.where(x > 0, x, 1)
    return np.where(np.isnan(x), x, np.where(x > 0, -x * np.log(safe), np.where(x == 0, 0, -np.inf))).astype(x.dtype)


entr = _unary("special_entr", _entr, lambda g, x: g * (-log(x) - 1), r"\bar{x} = -\bar{z}(1 + \ln x)")
i0e = _unary(
    "special_i0e", bessel.i0e, lambda g, x, result: g * (i1e(x) - sign(x) * result), r"\bar{x} = \bar{z}(I_1 e^{-|x|} - \mathrm{sign}(x)\,z)",
    grad_fn="SpecialI0EBackward0",
)  # fmt: skip


def _i1e_vjp(g: Any, x: Any, result: Any) -> Any:
    size = abs_(x)
    far = size > float(np.finfo(readable(plain(x)).dtype).eps)  # of nan, too, PyTorch says that it is near 0
    safe = where(far, x, zeros_as(x) + 1)
    return g * where(far, i0e(safe) - result * (sign(safe) + 1 / safe), zeros_as(x) + 0.5)


i1e = _unary(
    "special_i1e", bessel.i1e, _i1e_vjp, r"\bar{x} = \bar{z}(I_0 e^{-|x|} - z(\mathrm{sign}(x) + 1/x))", grad_fn="SpecialI1EBackward0"
)

for _row in (ndtri, erfcx, log_ndtr, entr, i0e, i1e):
    publish_unary(_row, "special", (_row.name.removeprefix("special_"),), inplace=False)


@export("special", "ndtr")
def ndtr(input: Any, *, out: Any = None) -> Any:
    """The distribution function of the standard normal distribution."""
    if not isinstance(input, Tensor):
        raise must_be_tensor("special_ndtr", "input", 1, input)
    return (1 + apply(erf, (input / math.sqrt(2),))) * 0.5


for _home, _names in (
    (cephes, "bessel_j0 bessel_j1 bessel_y0 bessel_y1 airy_ai"),
    (bessel, "spherical_bessel_j0 modified_bessel_i0 modified_bessel_i1 modified_bessel_k0 modified_bessel_k1"),
    (bessel, "scaled_modified_bessel_k0 scaled_modified_bessel_k1"),
):
    for _name in _names.split():
        publish_unary(Op(_name, getattr(_home, _name), promote="float", elementwise=True), "special", (_name,), inplace=False)

angle = _unary(
    "angle",
    lambda x: np.where(np.isnan(x), x, np.where(x < 0, x.dtype.type(math.pi), x.dtype.type(0))),
    lambda g: zeros_as(g),
    r"\bar{x} = 0",
)
publish_unary(angle, inplace=False)


def _mvlgamma(x: Any, p: int) -> Any:
    parts = [gammas.lgamma(x - x.dtype.type(k / 2)) for k in range(p)]
    return (sum(parts[1:], parts[0]) + x.dtype.type(p * (p - 1) / 4 * math.log(math.pi))).astype(x.dtype)


def _mvlgamma_vjp(g: Any, x: Any, p: int) -> Any:
    total = digamma(x)
    for k in range(1, p):
        total = total + digamma(x - k / 2)
    return g * total


mvlgamma_row = Op(
    "mvlgamma",
    _mvlgamma,
    vjps=(_mvlgamma_vjp,),
    promote="float",
    elementwise=True,
    formulas=(r"\bar{x} = \bar{z} \textstyle\sum_k \psi(x - k/2)",),
)


@export("torch method", "mvlgamma")
@export("special", "multigammaln")
def mvlgamma(input: Any, p: int, *, out: Any = None) -> Any:
    """The logarithm of the multivariate gamma function."""
    _must_have_order(input, p)
    return apply(mvlgamma_row, (input,), {"p": p})


@export("method")
def mvlgamma_(self: Any, p: int) -> Any:
    """In place."""
    _must_have_order(self, p)
    if self._data.dtype.kind in "iu":
        raise RuntimeError(f"mvlgamma: result type {self.dtype.scalar_name} can't be cast to the desired output type Float")
    return write(mvlgamma_row, self, (), {"p": p})


def _must_have_order(input: Any, p: int) -> None:
    if input._data.dtype.kind == "b":
        raise RuntimeError("The input tensor may not be a boolean tensor.")
    if p < 1:
        raise RuntimeError("p has to be greater than or equal to 1")


def _frexp(x: Any) -> tuple[Any, Any]:
    mantissa, exponent = np.frexp(x)
    return mantissa, exponent.astype(np.int32)


def _frexp_vjp(g: Any, result1: Any) -> Any:
    first = g[0] if isinstance(g, list) else g
    exponent = result1._data if isinstance(result1, Tensor) else result1
    power = np.exp2(-exponent.astype(np.float64)).astype(first._data.dtype if isinstance(first, Tensor) else first.dtype)
    return first * (Tensor._of(power) if isinstance(first, Tensor) else power)


frexp_row = Op("frexp", _frexp, vjps=(_frexp_vjp,), nondiff=(1,), formulas=(r"\bar{x} = \bar{m}\,2^{-e}",))


@export("torch method")
def frexp(input: Any, *, out: Any = None) -> Any:
    """Mantissa in [0.5, 1) and exponent of 2."""
    if input._data.dtype.kind not in "fV":
        raise RuntimeError("torch.frexp() only supports floating-point dtypes")
    return return_type("frexp")(*apply(frexp_row, (input,)))


# -- two variables ---------------------------------------------------------------------------------------------

LN2 = math.log(2)


def _power_of_two(y: Any) -> Any:
    """2 to the power of y; PyTorch's slope has whole numbers for whole y, so that it is 0 where they are negative."""
    kind = y.dtype.kind if isinstance(y, np.ndarray) else y._data.dtype.kind
    if kind in "iu":
        return alike(np.where(plain(y) < 0, 0, np.left_shift(1, np.maximum(plain(y), 0))).astype(plain(y).dtype), y)
    return exp2(y)


ldexp = _binary(
    "ldexp", lambda x, y: x * np.exp2(y), (lambda g, y: g * _power_of_two(y), lambda g, result: g * result * LN2),
    (r"\bar{x} = \bar{z}\,2^y", r"\bar{y} = \bar{z}\,z \ln 2"), promote="float",
)  # fmt: skip


nextafter = _binary(
    "nextafter", np.nextafter, (lambda g, x, y: where(x == y, zeros_as(g), g), lambda g: g * 0), (r"\bar{x} = \bar{z}", r"\bar{y} = 0")
)


def _xlog1py(x: Any, y: Any) -> Any:
    return np.where((np.asarray(x) == 0) & ~np.isnan(y), 0, x * np.log1p(y)).astype(np.result_type(x, y))


xlog1py = _binary(
    "special_xlog1py", _xlog1py,
    (lambda g, x, y: g * where((x == 0) & (y <= -1), zeros_as(g), weak(log1p(y))), lambda g, x, y: g * (x / (y + 1))),
    (r"\bar{x} = \bar{z} \odot \ln(1 + y)", r"\bar{y} = \bar{z} \odot x/(1+y)"), promote="float", grad_fn="SpecialXlog1PyBackward0",
)  # fmt: skip


def _zeta_of(s: Any, q: Any) -> float:
    try:
        return gammas.zeta(float(s), float(q))
    except OverflowError:  # a sum of numbers beyond float64
        return math.inf


_zeta_each = np.frompyfunc(_zeta_of, 2, 1)
zeta = _binary(
    "special_zeta", lambda x, y: np.asarray(_zeta_each(x, y), np.result_type(x, y)), (not_written("zeta"), lambda g, x, y: g * -x * zeta(x + 1, y)),
    ("", r"\bar{y} = -x\,\zeta(x+1, y)\,\bar{z}"), promote="float",
)  # fmt: skip


def _density(x: Any, y: Any) -> Any:
    """d P(a, x) / d x"""
    return exp((x - 1) * log(y) - y - lgamma(x))


igamma = _binary(
    "igamma", lambda x, y: bessel.incomplete_gamma(x, y, False), (not_written("igamma: input"), lambda g, x, y: g * _density(x, y)),
    ("", r"\bar{y} = \bar{z}\,y^{x-1} e^{-y} / \Gamma(x)"),
)  # fmt: skip
igammac = _binary(
    "igammac", lambda x, y: bessel.incomplete_gamma(x, y, True), (not_written("igammac: input"), lambda g, x, y: -g * _density(x, y)),
    ("", r"\bar{y} = -\bar{z}\,y^{x-1} e^{-y} / \Gamma(x)"),
)  # fmt: skip
for _row in (ldexp, nextafter, igamma, igammac):
    publish_binary(_row, numbers="")


@export("method", "ldexp_")
def ldexp_(self: Any, other: Any) -> Any:
    """In place; PyTorch asks for floats before it looks at the shapes."""
    if self._data.dtype.kind in "biu":
        raise RuntimeError(f"ldexp can't be cast to the desired output type {self.dtype.scalar_name}")
    return write(ldexp, self, (other,))


for _row, _name, _node in ((xlog1py, "xlog1py", "SpecialXlog1PyBackward"), (zeta, "zeta", "SpecialZetaBackward")):
    _by_number, _of_number = _row.named(f"{_node}2", without=(1,)), _row.named(f"{_node}1", without=(0,))
    publish_binary(_row, "special", (_name,), inplace=False, by_number=_by_number, of_number=_of_number)
for _row, _name in ((igamma, "gammainc"), (igammac, "gammaincc")):
    publish_binary(_row, "special", (_name,), inplace=False, numbers="")


def _heaviside(x: Any, y: Any) -> Any:
    return np.where(x == 0, y, (x > 0).astype(x.dtype)).astype(x.dtype)


heaviside_row = Op(
    "heaviside", _heaviside, inputs=("x", "y"), elementwise=True, grad_fn="NotImplemented",
    vjps=(no_derivative("heaviside"), no_derivative("heaviside")), formulas=("", ""),
)  # fmt: skip


def _same_types(input: Any, values: Any) -> None:
    for name, place, value in (("input", 1, input), ("values", 2, values)):
        if not isinstance(value, Tensor):
            raise must_be_tensor("heaviside", name, place, value)
    if "c" in (input._data.dtype.kind, values._data.dtype.kind):
        raise RuntimeError("heaviside is not yet implemented for complex tensors.")
    if input._data.dtype is not values._data.dtype:
        raise RuntimeError("heaviside is not yet implemented for tensors with different dtypes.")


@export("torch method")
def heaviside(input: Any, values: Any, *, out: Any = None) -> Any:
    """0 below zero, 1 above, `values` at zero."""
    _same_types(input, values)
    return apply(heaviside_row, (input, values))


@export("method")
def heaviside_(self: Any, values: Any) -> Any:
    """In place."""
    _same_types(self, values)
    return write(heaviside_row, self, (values,))


# torch.special's names of functions that live elsewhere
publish_unary(sigmoid, "special", ("expit",), inplace=False)
SPECIAL.setdefault("round", TORCH["round"])
__all__ = ["entr", "erfcx", "heaviside", "igamma", "igammac", "log_ndtr", "ndtr", "ndtri", "zeta"]

"""Elementwise arithmetic: a row each, with its vjp and its formula side by side.

Conventions at kinks are PyTorch's: abs'(0) = 0, relu'(0) = 0, maximum gives half to each side at a tie.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...arrays.arithmetic import add_scaled, chosen, logistic, positive_part
from ...calls import quick
from ...dtypes import get_default_dtype, result_type
from ...errors import must_fit
from ...half.bfloat16 import cast, readable
from ...modes import warn_once
from ...naming.namespace import export
from ...naming.rows import NUMBERS, into, invalid_combination, operand, publish_binary, publish_unary
from ...op import Op, apply, constant
from ...tensor import Tensor
from ...warned import kernel_warning
from . import refusals

_new = {"promote": "same", "elementwise": True}
_float = {"promote": "float", "elementwise": True}


def _binary(name: str, forward: Any, vjps: tuple[Any, ...], formulas: tuple[str, ...], **more: Any) -> Op:
    return Op(name, forward, inputs=("x", "y"), vjps=vjps, formulas=formulas, **{**_new, **more})


def _unary(name: str, forward: Any, vjp: Any, formula: str, **more: Any) -> Op:
    return Op(name, forward, inputs=("x",), vjps=(vjp,), formulas=(formula,), **{**_float, **more})


def _scaled(y: Any, alpha: Any) -> Any:
    if alpha == 1:
        return y
    if isinstance(y, np.ndarray) and y.dtype.kind == "u" and alpha < 0:  # numpy refuses what wraps around
        return y * np.asarray(alpha).astype(y.dtype)
    return y * alpha


_NO_ARRAYS = (Tensor, *NUMBERS)


def _add_alpha(x: Any, y: Any, alpha: Any) -> Any:
    if not (isinstance(x, _NO_ARRAYS) or isinstance(y, _NO_ARRAYS)) and y.dtype.kind != "u":  # a plan has symbols in the place of arrays
        return add_scaled(x, y, alpha)
    return x + _scaled(y, alpha)


# -- sums and products --------------------------------------------------------------------------------

add = _binary(
    "add", lambda x, y, alpha=1: np.add(x, y) if alpha == 1 else _add_alpha(x, y, alpha),
    (lambda g: g, lambda g, alpha: _scaled(g, alpha)),
    (r"\bar{x} = \bar{z}", r"\bar{y} = \alpha\,\bar{z}"),
)  # fmt: skip
sub = _binary(
    "sub", lambda x, y, alpha=1: np.subtract(x, y) if alpha == 1 else _add_alpha(x, y, -alpha),
    (lambda g: g, lambda g, alpha: -_scaled(g, alpha)),
    (r"\bar{x} = \bar{z}", r"\bar{y} = -\alpha\,\bar{z}"), check=refusals.no_bools,
)  # fmt: skip
rsub = _binary(
    "rsub", lambda x, y, alpha=1: np.subtract(y, _scaled(x, alpha)),
    (lambda g, alpha: -_scaled(g, alpha), lambda g: g),
    (r"\bar{x} = -\bar{z}", r"\bar{y} = \bar{z}"), check=refusals.no_bools,
)  # fmt: skip
rsub_number = rsub.named("RsubBackward1", without=(1,))
mul = _binary(
    "mul", np.multiply,
    (lambda g, y: g * y, lambda g, x: g * x),
    (r"\bar{x} = \bar{z} \odot y", r"\bar{y} = \bar{z} \odot x"),
)  # fmt: skip
div = _binary(
    "div", np.true_divide,
    (lambda g, y: g / y, lambda g, x, y: -g * ((x / y) / y)),
    (r"\bar{x} = \bar{z} \oslash y", r"\bar{y} = -\bar{z} \odot x \oslash y^2"), promote="float",
)  # fmt: skip


def _negative(x: Any) -> Any:
    if x.dtype.kind == "b":
        raise RuntimeError(
            "Negation, the `-` operator, on a bool tensor is not supported. If you are trying to invert a mask, use the `~` or "
            "`logical_not()` operator instead."
        )
    return np.negative(x)


neg = _unary("neg", _negative, lambda g: -g, r"\bar{x} = -\bar{z}", promote="same")


def _pow_base(g: Any, x: Any, exponent: Any) -> Any:
    if exponent == 0:
        return zeros_as(g)
    if exponent == 2 and not isinstance(x, Tensor):
        return g * (2 * x)
    return g * (exponent * pow_scalar(x, exponent - 1))


def _power(x: Any, exponent: Any) -> Any:
    if exponent == 2:
        return x * x
    if exponent == 0.5 and x.dtype.kind == "f":
        return np.sqrt(x)
    if exponent == -0.5 and x.dtype.kind == "f":
        return 1 / np.sqrt(x)  # minus infinity at -0.0, as PyTorch's kernel
    if exponent == 3:
        return x * x * x
    return np.power(x, exponent)


pow_scalar = Op(
    "pow", _power, inputs=("x",), grad_fn="PowBackward0", elementwise=True,
    vjps=(_pow_base,), formulas=(r"\bar{x} = \bar{z} \odot n\,x^{n-1}",),
)  # fmt: skip


def _tensor_power(x: Any, y: Any) -> Any:
    if np.result_type(x, y).kind in "iu" and np.any(np.asarray(y) < 0):  # numpy refuses; PyTorch rounds 1 / x**n towards zero
        odd = np.where(np.asarray(y) % 2 == 1, x, 1)
        return np.where(np.asarray(y) < 0, np.where(np.abs(x) == 1, odd, 0), np.power(x, np.maximum(y, 0))).astype(np.result_type(x, y))
    return np.power(x, y)


pow_tensor = _binary(
    "pow", _tensor_power,
    (lambda g, x, y: where(y == 0, zeros_as(g), g * (y * pow_tensor(x, y - 1))), lambda g, x, y, result: g * _log_part(x, y, result)),
    (r"\bar{x} = \bar{z} \odot y\,x^{y-1}", r"\bar{y} = \bar{z} \odot x^y \ln x"), grad_fn="PowBackward1",
)  # fmt: skip


def _log_part(x: Any, y: Any, result: Any) -> Any:
    # 0 ** y does not move with y where y >= 0 (PyTorch: pow_backward_exponent)
    data = y if isinstance(y, np.ndarray) else readable(y._data)
    fixed = (data.real >= 0) & (data.imag == 0) if data.dtype.kind == "c" else data >= 0
    return where((x == 0) & (fixed if isinstance(y, np.ndarray) else Tensor._of(np.asarray(fixed))), zeros_as(result), result * log(x))


def _number_log(base: Any) -> Any:
    with np.errstate(all="ignore"):
        return float(np.log(np.float64(base)))


pow_number = Op(
    "pow", lambda y, base: _tensor_power(y.dtype.type(base), y), inputs=("y",), grad_fn="PowBackward2",
    vjps=(lambda g, y, result, base: g * (result * _number_log(base) if base != 0 else _log_part(zeros_as(y), y, result)),),
    formulas=(r"\bar{y} = \bar{z} \odot a^y \ln a",), elementwise=True,
)  # fmt: skip


def zeros_as(x: Any) -> Any:
    """Zeros of the shape and dtype of an array or a tensor."""
    return Tensor._of(np.zeros_like(x._data)) if isinstance(x, Tensor) else np.zeros_like(x)


# -- functions of one variable ------------------------------------------------------------------------


def _one_minus(x: Any) -> Any:
    """1 - x; numpy takes an array for the 1 in half the time that a Python number takes."""
    return np.subtract(constant(1, x.dtype), x) if type(x) is np.ndarray else 1 - x


def _tanh_vjp(g: Any, result: Any) -> Any:
    if type(g) is not np.ndarray and isinstance(g, Tensor):
        return tanh_backward(g, result)
    slope = result * result
    if type(slope) is not np.ndarray or type(g) is not np.ndarray:
        return g * _one_minus(slope)
    np.subtract(_ONES.get(slope.dtype) or 1, slope, slope)  # in the memory that is there (benchmark rows `engine/W4`, `engine/W5`)
    return np.multiply(g, slope, slope)


_ONES = {np.dtype(kind): constant(1, np.dtype(kind)) for kind in (np.float32, np.float64)}


exp = _unary("exp", np.exp, lambda g, result: g * result, r"\bar{x} = \bar{z} \odot e^{x}")
log = _unary("log", np.log, lambda g, x: g / x, r"\bar{x} = \bar{z} \oslash x")
sqrt = _unary("sqrt", np.sqrt, lambda g, result: g / (2 * result), r"\bar{x} = \bar{z} \oslash 2\sqrt{x}")
sin = _unary("sin", np.sin, lambda g, x: g * cos(x), r"\bar{x} = \bar{z} \odot \cos x")
cos = _unary("cos", np.cos, lambda g, x: g * -sin(x), r"\bar{x} = -\bar{z} \odot \sin x")
tanh = _unary("tanh", np.tanh, lambda g, result: _tanh_vjp(g, result), r"\bar{x} = \bar{z} \odot (1 - \tanh^2 x)")
reciprocal = _unary("reciprocal", lambda x: 1 / x, lambda g, result: -g * (result * result), r"\bar{x} = -\bar{z} \oslash x^2")
square = _unary(
    "square",
    lambda x: x * x if x.dtype.kind != "b" else x.astype(np.int64),
    lambda g, x: g * (2 * x),
    r"\bar{x} = \bar{z} \odot 2x",
    promote="same",
    grad_fn="PowBackward0",
)
abs_ = _unary(
    "abs",
    np.abs,
    lambda g, x: g * sign(x),
    r"\bar{x} = \bar{z} \odot \mathrm{sign}(x)",
    promote="same",
    check=refusals.not_for_bool("abs_cpu"),
)


def _sign(x: Any) -> Any:
    return (x > 0).astype(x.dtype) - (x < 0) if x.dtype.kind == "f" else np.sign(x)  # of nan PyTorch says 0


sign = _unary("sign", lambda x: x.copy() if x.dtype.kind == "b" else _sign(x), lambda g: zeros_as(g), r"\bar{x} = 0", promote="same")


def _where_positive(g: Any, result: Any) -> Any:
    """As PyTorch's threshold_backward: nan is not below, so its gradient passes."""
    return g * ~(result <= 0) if isinstance(g, Tensor) else chosen(g, ~(result <= 0))


def _sigmoid_vjp(g: Any, result: Any) -> Any:
    if type(g) is not np.ndarray and isinstance(g, Tensor):
        return sigmoid_backward(g, result)
    return g * (_one_minus(result) * result)


# in a backward pass that is recorded itself: one node each, as in PyTorch
sigmoid_backward = Op(
    "sigmoid_backward", _sigmoid_vjp, inputs=("g", "y"), vjps=(lambda z, y: _sigmoid_vjp(z, y), lambda z, g, y: z * g * (1 - 2 * y)),
    formulas=(r"\bar{g} = \bar{z} \odot y(1-y)", r"\bar{y} = \bar{z} \odot g \odot (1-2y)"),
)  # fmt: skip
tanh_backward = Op(
    "tanh_backward", _tanh_vjp, inputs=("g", "y"), vjps=(lambda z, y: _tanh_vjp(z, y), lambda z, g, y: z * g * (-2 * y)),
    formulas=(r"\bar{g} = \bar{z} \odot (1-y^2)", r"\bar{y} = -2\bar{z} \odot g \odot y"),
)  # fmt: skip
sigmoid = _unary("sigmoid", logistic, _sigmoid_vjp, r"\bar{x} = \bar{z} \odot \sigma(x)(1-\sigma(x))")
relu = _unary(
    "relu",
    lambda x: positive_part(x),
    lambda g, result: _where_positive(g, result),
    r"\bar{x} = \bar{z} \odot [x > 0]",
    promote="same",
    check=refusals.relu_operand,
)

# -- choices ------------------------------------------------------------------------------------------

where = Op(
    "where", lambda condition, x, y: np.where(condition, x, y), inputs=("condition", "x", "y"), elementwise=True,
    vjps=(None, lambda g, condition: where(condition, g, zeros_as(g)), lambda g, condition: where(condition, zeros_as(g), g)),
    formulas=("", r"\bar{x} = \bar{z} \odot c", r"\bar{y} = \bar{z} \odot \neg c"),
)  # fmt: skip
maximum = _binary(
    "maximum", np.maximum,
    (lambda g, x, y: _share(g, ~(x <= y), x == y), lambda g, x, y: _share(g, ~(x >= y), x == y)),
    (r"\bar{x} = \bar{z} \odot ([x>y] + \frac12[x=y])", r"\bar{y} = \bar{z} \odot ([x<y] + \frac12[x=y])"),
)  # fmt: skip
minimum = _binary(
    "minimum", np.minimum,
    (lambda g, x, y: _share(g, ~(x >= y), x == y), lambda g, x, y: _share(g, ~(x <= y), x == y)),
    (r"\bar{x} = \bar{z} \odot ([x<y] + \frac12[x=y])", r"\bar{y} = \bar{z} \odot ([x>y] + \frac12[x=y])"),
)  # fmt: skip


def _share(g: Any, wins: Any, ties: Any) -> Any:
    """The cotangent where it wins, half of it at a tie, and nothing elsewhere, whatever the cotangent is there."""
    if isinstance(g, np.ndarray):
        if np.isfinite(g).all():  # a product takes a sixth of the time of a choice
            return g * (wins.astype(g.dtype) + ties * g.dtype.type(0.5))
        return np.where(wins, g, np.where(ties, g * g.dtype.type(0.5), g.dtype.type(0)))
    return g * Tensor._of(cast(wins._data + ties._data * np.float32(0.5), g._data.dtype))


# -- comparisons: no gradient, a bool tensor ----------------------------------------------------------


def _compare(name: str, forward: Any, check: Any = None) -> Op:
    return Op(name, forward, inputs=("x", "y"), promote="same", elementwise=True, check=check)


eq, ne = _compare("eq", np.equal), _compare("ne", np.not_equal)
lt, le = _compare("lt", np.less), _compare("le", np.less_equal)
gt, ge = _compare("gt", np.greater), _compare("ge", np.greater_equal)
bitwise_and, bitwise_or, bitwise_xor = (
    _compare(name, getattr(np, name), refusals.whole_only(f"{name}_cpu")) for name in ("bitwise_and", "bitwise_or", "bitwise_xor")
)
bitwise_not = Op("bitwise_not", np.invert, elementwise=True, check=refusals.whole_only("bitwise_not_cpu"))

for _row in (exp, log, sqrt, sin, cos, tanh, reciprocal, square, neg, sign.named("SignBackward0")):
    publish_unary(_row)
export("torch method", "bitwise_not")(lambda input: apply(bitwise_not, (input,)))
export("method", "bitwise_not_")(lambda self: _inverted(self))
publish_unary(neg, names=("negative",))
publish_unary(abs_, names=("abs", "absolute"))


def _abs_write(self: Any) -> Any:
    if self._data.dtype.kind == "c":
        raise RuntimeError("In-place abs is not supported for complex tensors.")
    from ...memory.inplace import write

    return write(abs_, self)


export("method", "abs_")(_abs_write)
export("method", "absolute_")(_abs_write)
publish_unary(sigmoid, "torch method functional special")
publish_unary(relu, "torch method functional")
export("functional")(tanh)
for _row in (bitwise_and, bitwise_or, bitwise_xor):
    publish_binary(_row)
for _row in (maximum, minimum):
    publish_binary(_row, numbers="")
for _row, _names in (
    (eq, ("eq",)),
    (ne, ("ne", "not_equal")),
    (lt, ("lt", "less")),
    (le, ("le", "less_equal")),
    (gt, ("gt", "greater")),
    (ge, ("ge", "greater_equal")),
):
    publish_binary(_row, names=_names, numbers="other")


def _with_alpha(row: Op, names: tuple[str, ...]) -> None:
    """add and sub: `alpha` scales the second operand."""

    def scaling(alpha: Any, x: Any, y: Any) -> dict[str, Any]:
        if type(alpha) is not int:  # which every dtype takes
            refusals.alpha(alpha, x, y)
        return {} if alpha == 1 else {"alpha": alpha}

    def function(input: Any, other: Any, *, alpha: Any = 1, out: Any = None) -> Any:
        x, y = operand(names[0], input, 1), operand(names[0], other)
        return into(out, apply(row, (x, y), scaling(alpha, x, y)), names[0])

    def method(self: Any, other: Any, *, alpha: Any = 1) -> Any:
        return apply(row, (self, operand(names[0], other, 1)), scaling(alpha, self, other))

    def write_method(self: Any, other: Any, *, alpha: Any = 1) -> Any:
        from ...memory.inplace import write

        return write(row, self, (operand(names[0] + "_", other, 1),), scaling(alpha, self, other))

    export("torch", *names)(function)
    export("method", *names)(method)
    export("method", *(n + "_" for n in names))(write_method)


_with_alpha(add, ("add",))
_with_alpha(sub, ("sub", "subtract"))


def _product(input: Any, other: Any, *, out: Any = None) -> Any:
    """The product, element by element."""
    return into(out, apply(mul, (operand("mul", input, 1), operand("mul", other))), "mul")


export("torch", "mul", "multiply")(_product)
export("method", "mul", "multiply")(lambda self, other: apply(mul, (self, operand("mul", other, 1))))
export("method", "mul_", "multiply_")(lambda self, other: _write_operator(mul)(self, operand("mul_", other, 1)))


def _rounded(x: Any, y: Any, rounding_mode: str) -> Any:
    if rounding_mode == "floor":
        return np.floor_divide(x, y)
    return np.trunc(np.true_divide(x, y)).astype(np.result_type(x, y) if isinstance(y, np.ndarray) else x.dtype)


div_rounded = Op(
    "div", _rounded, inputs=("x", "y"), promote="same", grad_fn="DivBackward2", vjps=(lambda g: zeros_as(g), lambda g: zeros_as(g)), elementwise=True,
    check=refusals.no_zero_divisor,
)  # fmt: skip


@export("torch method", "div", "divide", "true_divide")
def div_(input: Any, other: Any, *, rounding_mode: str | None = None, out: Any = None) -> Any:
    """torch.div, with its rounding modes."""
    if rounding_mode is None:
        return into(out, apply(div, (operand("div", input, 1), operand("div", other))), "div")
    if rounding_mode not in {"floor", "trunc"}:
        raise RuntimeError(f"div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '{rounding_mode}'")
    return into(out, apply(div_rounded, (input, operand("div", other)), {"rounding_mode": rounding_mode}), "div")


@export("method", "div_", "divide_", "true_divide_")
def div_write(self: Any, other: Any, *, rounding_mode: str | None = None) -> Any:
    """In-place division."""
    from ...memory.inplace import write

    if rounding_mode is not None:
        return write(div_rounded, self, (operand("div_", other, 1),), {"rounding_mode": rounding_mode})
    return write(div, self, (operand("div_", other, 1),))


@export("torch method", "pow")
def pow_(input: Any, exponent: Any, *, out: Any = None) -> Any:
    """torch.pow: tensor ** number, tensor ** tensor, number ** tensor have rows of their own, as in PyTorch."""
    if (
        not isinstance(input, (Tensor, *NUMBERS))
        or not isinstance(exponent, (Tensor, *NUMBERS))
        or not (isinstance(input, Tensor) or isinstance(exponent, Tensor))
    ):
        raise invalid_combination(
            "pow", (input, exponent), "Tensor input, Tensor exponent, *, Tensor out = None", "Number self, Tensor exponent, *, Tensor out = None",
            "Tensor input, Number exponent, *, Tensor out = None",
        )  # fmt: skip
    if isinstance(exponent, NUMBERS):
        return into(out, _scalar_power(input, exponent), "pow")
    if isinstance(input, NUMBERS):
        common = result_type((exponent._data, input))
        _must_have_powers(common)
        if common.numpy is not exponent._data.dtype:
            exponent = exponent.to(common)
        return into(out, apply(pow_number, (exponent,), {"base": input}), "pow")
    if input._data.dtype.kind == exponent._data.dtype.kind == "b":
        _must_have_powers(input.dtype)
    return into(out, apply(pow_tensor, (input, exponent)), "pow")


def _must_have_powers(common: Any) -> None:
    if common.numpy.kind == "b":
        raise NotImplementedError("\"pow\" not implemented for 'Bool'")


def _scalar_power(x: Any, exponent: Any) -> Any:
    if x._data.dtype.kind in "iub":
        common = result_type((x._data, exponent))
        if common.is_floating_point:
            x = x.to(common)
        _must_be_power(x, exponent)
        if x._data.dtype.kind == "b":
            x = x.to(common)
    return apply(pow_scalar, (x,), {"exponent": exponent})


def _must_be_power(x: Any, exponent: Any) -> None:
    if x._data.dtype.kind in "iub" and isinstance(exponent, int):
        if exponent < 0:
            raise RuntimeError("Integers to negative integer powers are not allowed.")
        must_fit(exponent, x.dtype)


@export("method", "pow_")
def pow_write(self: Any, exponent: Any) -> Any:
    """In-place power."""
    from ...memory.inplace import write

    if isinstance(exponent, NUMBERS):
        if isinstance(exponent, float) and self._data.dtype.kind in "iub":
            kind = get_default_dtype().scalar_name
            raise RuntimeError(f"result type {kind} can't be cast to the desired output type {self.dtype.scalar_name}")
        _must_be_power(self, exponent)
        return write(pow_scalar, self, (), {"exponent": exponent})
    return write(pow_tensor, self, (exponent,))


@export("torch", "where")
def where_(condition: Any, input: Any = None, other: Any = None) -> Any:
    """torch.where with three arguments; with one it is nonzero(as_tuple=True)."""
    if input is None:
        return condition.nonzero(as_tuple=True)
    return _where(condition, input, other)


@export("method", "where")
def where_method(self: Any, condition: Any, other: Any) -> Any:
    """x.where(condition, y): x where the condition holds, else y."""
    return _where(condition, self, other)


def _where(condition: Any, x: Any, y: Any) -> Any:
    if condition._data.dtype == np.uint8:
        warn_once(kernel_warning("where"))
        condition = condition.bool()
    if condition._data.dtype.kind != "b":
        raise RuntimeError(f"where expected condition to be a boolean tensor, but got a tensor with dtype {condition.dtype.scalar_name}")
    common = result_type(tuple(v._data if isinstance(v, Tensor) else v for v in (x, y)))
    for v in (x, y):
        if not isinstance(v, Tensor) and not (common.numpy.itemsize == 2 and common.category == 2):  # half precision knows infinity
            must_fit(v, common)
    x, y = (
        v.to(common)
        if isinstance(v, Tensor) and v._data.dtype is not common.numpy
        else v
        if isinstance(v, Tensor)
        else cast(np.asarray(v), common.numpy)
        for v in (x, y)
    )
    return apply(where, (condition, x, y))


# -- Python's operators -------------------------------------------------------------------------------


def _operator(row: Op, forward: Any = None) -> Any:
    return quick.binary(row, NUMBERS, forward)


_quick_power = quick.unary(pow_scalar)


# the nodes that PyTorch makes for a number inside its own functions
add_number, sub_number, mul_number, div_number = (
    row.named(f"{row.name.capitalize()}Backward1", without=(1,)) for row in (add, sub, mul, div)
)


def _swapped(row: Op, by_number: Op | None = None) -> Any:
    with_number = by_number or row
    name = "__" + (row.name if row.name.startswith("r") else "r" + row.name) + "__"

    def method(self: Any, other: Any) -> Any:
        if not isinstance(self, Tensor):  # torch.Tensor.__radd__(2, x)
            raise TypeError(f"descriptor '{name}' for 'torch._C.TensorBase' objects doesn't apply to a '{type(self).__name__}' object")
        if not isinstance(other, Tensor):
            return apply(with_number, (self, other)) if isinstance(other, NUMBERS) else NotImplemented
        return apply(row, (self, other))

    return method


def _reverse_div(self: Any, other: Any) -> Any:
    # PyTorch: reciprocal, then mul; the node of 2 / x is MulBackward0
    if not isinstance(self, Tensor):
        raise AttributeError(f"'{type(self).__name__}' object has no attribute 'reciprocal'")
    return apply(mul, (apply(reciprocal, (self,)), other)) if isinstance(other, (Tensor, *NUMBERS)) else NotImplemented


def _power_operator(self: Any, exponent: Any, modulo: Any = None) -> Any:
    if modulo is not None:
        return NotImplemented
    if (type(exponent) is float or (type(exponent) is int and -4096 < exponent < 4096)) and self._data.dtype.kind in "fV":
        return _quick_power(self, {"exponent": exponent})
    return pow_(self, exponent) if isinstance(exponent, (Tensor, *NUMBERS)) else NotImplemented


def _power_write(self: Any, exponent: Any) -> Any:
    return pow_write(self, exponent) if isinstance(exponent, (Tensor, *NUMBERS)) else NotImplemented


def _write_operator(row: Op, by_number: Op | None = None) -> Any:
    with_number = by_number or row

    def method(self: Any, other: Any) -> Any:
        from ...memory.inplace import write

        if isinstance(other, Tensor):
            return write(row, self, (other,))
        return write(with_number, self, (other,)) if isinstance(other, NUMBERS) else NotImplemented

    return method


def _inverted(self: Any) -> Any:
    from ...memory.inplace import write

    return write(bitwise_not, self)


def _whole(row: Op) -> Any:
    """An operator of whole numbers: no quick way for floats, which it refuses."""

    def method(self: Any, other: Any) -> Any:
        return apply(row, (self, other)) if isinstance(other, (Tensor, *NUMBERS)) else NotImplemented

    return method


def positive(input: Any) -> Any:
    """The tensor itself."""
    if input._data.dtype.kind == "b":
        raise RuntimeError("The `+` operator, on a bool tensor is not supported.")
    return input


export("torch method")(positive)


def _invert(self: Any) -> Any:
    if self._data.dtype.kind not in "iub":
        raise TypeError("~ (operator.invert) is only implemented on integer and Boolean-type tensors")
    return apply(bitwise_not, (self,))


for _name, _function in {
    "__add__": _operator(add, np.add), "__radd__": _swapped(add), "__sub__": _operator(sub, np.subtract), "__rsub__": _swapped(rsub, rsub_number),
    "__mul__": _operator(mul), "__rmul__": _swapped(mul), "__truediv__": _operator(div), "__rtruediv__": _reverse_div,
    "__pow__": _power_operator, "__rpow__": lambda self, base: pow_(base, self) if isinstance(base, (Tensor, *NUMBERS)) else NotImplemented, "__neg__": lambda self: apply(neg, (self,)),
    "__pos__": positive, "__abs__": lambda self: apply(abs_, (self,)), "__invert__": _invert,
    "__eq__": _operator(eq), "__ne__": _operator(ne), "__lt__": _operator(lt), "__le__": _operator(le), "__gt__": _operator(gt),
    "__ge__": _operator(ge), "__and__": _whole(bitwise_and), "__or__": _whole(bitwise_or), "__xor__": _whole(bitwise_xor),
    "__rand__": _whole(bitwise_and), "__ror__": _whole(bitwise_or), "__rxor__": _whole(bitwise_xor),
    "__iadd__": _write_operator(add), "__isub__": _write_operator(sub), "__imul__": _write_operator(mul),
    "__itruediv__": _write_operator(div), "__ipow__": _power_write, "__iand__": _write_operator(bitwise_and),
    "__ior__": _write_operator(bitwise_or), "__ixor__": _write_operator(bitwise_xor),
}.items():  # fmt: skip
    export("method", _name)(_function)

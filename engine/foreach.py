"""torch._foreach_*: one function for each tensor of a list, as optimizers and moving averages are written by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .errors import class_name
from .naming.namespace import TORCH
from .tensor import Tensor

_UNARY = [
    "abs",
    "acos",
    "asin",
    "atan",
    "ceil",
    "cos",
    "cosh",
    "erf",
    "erfc",
    "exp",
    "expm1",
    "floor",
    "frac",
    "lgamma",
    "log",
    "log10",
    "log1p",
    "log2",
    "neg",
    "reciprocal",
    "round",
    "rsqrt",
    "sigmoid",
    "sign",
    "sin",
    "sinh",
    "sqrt",
    "tan",
    "tanh",
    "trunc",
]
_BINARY = {
    "add": "add", "sub": "sub", "mul": "mul", "div": "div", "maximum": "maximum", "minimum": "minimum", "clamp_min": "maximum",
    "clamp_max": "minimum", "pow": "pow",
}  # fmt: skip
_BOUNDS = {"maximum": "clamp_min", "minimum": "clamp_max"}  # with a number


def _listed(name: str, tensors: Any) -> list[Any]:
    if not isinstance(tensors, (list, tuple)):
        raise TypeError(f"{name}(): argument 'self' (position 1) must be tuple of Tensors, not {class_name(tensors)}")
    if not tensors:
        raise RuntimeError("Tensor list must have at least one tensor.")
    return list(tensors)


def _each(given: Any, count: int, what: str = "Tensor lists") -> list[Any]:
    """One value for each tensor: those of a list, or the one that stands for all."""
    if not isinstance(given, (list, tuple)):
        return [given] * count
    if len(given) != count:
        if given and not isinstance(given[0], Tensor):
            raise RuntimeError(f"Tensor list must have same number of elements as scalar list, got {count} and {len(given)}")
        raise RuntimeError(f"{what} must have the same number of tensors, got {count} and {len(given)}")
    return list(given)


def _writes(tensors: Any, values: list[Any]) -> Any:
    for tensor, value in zip(tensors, values, strict=True):
        tensor.copy_(value)
    return tensors


def _of_one(name: str) -> Callable[..., Any]:
    def foreach(self: Any) -> Any:
        return tuple(getattr(x, name)() for x in _listed(f"_foreach_{name}", self))

    return foreach


def _of_one_in_place(name: str) -> Callable[..., Any]:
    def foreach(self: Any) -> Any:
        for x in _listed(f"_foreach_{name}_", self):
            getattr(x, name + "_")()
        return self

    return foreach


def _call(function: str, x: Any, y: Any, alpha: Any) -> Any:
    if function in _BOUNDS and not isinstance(y, Tensor):
        return getattr(x, _BOUNDS[function])(y)
    return TORCH[function](x, y) if alpha == 1 else TORCH[function](x, y, alpha=alpha)


def _of_two(name: str, function: str) -> Callable[..., Any]:
    def foreach(self: Any, other: Any, *, alpha: Any = 1) -> Any:
        if name == "pow" and not isinstance(self, (list, tuple)):
            return tuple(TORCH["pow"](self, y) for y in _listed("_foreach_pow", other))
        given = _listed(f"_foreach_{name}", self)
        return tuple(_call(function, x, y, alpha) for x, y in zip(given, _each(other, len(given)), strict=True))

    return foreach


def _of_two_in_place(name: str, function: str) -> Callable[..., Any]:
    def foreach(self: Any, other: Any, *, alpha: Any = 1) -> Any:
        given = _listed(f"_foreach_{name}_", self)
        for x, y in zip(given, _each(other, len(given)), strict=True):
            if hasattr(x, function + "_"):
                getattr(x, function + "_")(y) if alpha == 1 else getattr(x, function + "_")(y, alpha=alpha)
            else:
                x.copy_(_call(function, x, y, alpha))
        return self

    return foreach


def _of_three(name: str, ending: str) -> Callable[..., Any]:
    def foreach(self: Any, tensor1: Any, tensor2: Any, value: Any = 1) -> Any:
        given = _listed(f"_foreach_{name}{ending}", self)
        values = value.tolist() if isinstance(value, Tensor) else value
        rows = zip(given, _each(tensor1, len(given)), _each(tensor2, len(given)), _each(values, len(given)), strict=True)
        results = [getattr(x, name + ending)(y, z, value=v) for x, y, z, v in rows]
        return self if ending else tuple(results)

    return foreach


def _lerp(ending: str) -> Callable[..., Any]:
    def foreach(self: Any, tensors1: Any, weight: Any) -> Any:
        given = _listed(f"_foreach_lerp{ending}", self)
        rows = zip(given, _each(tensors1, len(given)), _each(weight, len(given)), strict=True)
        results = [getattr(x, "lerp" + ending)(y, w) for x, y, w in rows]
        return self if ending else tuple(results)

    return foreach


def _norm(self: Any, ord: Any = 2, dtype: Any = None) -> Any:
    return tuple(x.norm(ord, dtype=dtype) for x in _listed("_foreach_norm", self))


def _copy(self: Any, src: Any, non_blocking: bool = False) -> Any:
    given = _listed("_foreach_copy_", self)
    return _writes(self, _each(src, len(given)))


def _zero(self: Any) -> None:
    for x in _listed("_foreach_zero_", self):
        x.zero_()


FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{n: _of_one(n) for n in (*_UNARY, "clone", "max")}, **{n + "_": _of_one_in_place(n) for n in _UNARY},
    **{n: _of_two(n, f) for n, f in _BINARY.items()}, **{n + "_": _of_two_in_place(n, f) for n, f in _BINARY.items()},
    **{n + e: _of_three(n, e) for n in ("addcmul", "addcdiv") for e in ("", "_")}, "lerp": _lerp(""), "lerp_": _lerp("_"),
    "norm": _norm, "copy_": _copy, "zero_": _zero,
}  # fmt: skip
FUNCTIONS = {f"_foreach_{name}": function for name, function in FUNCTIONS.items()}
for _name, _function in FUNCTIONS.items():
    _function.__name__ = _function.__qualname__ = _name

__all__ = ["FUNCTIONS"]

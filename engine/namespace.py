"""Where a public name goes: torch.*, torch.nn.functional.*, Tensor methods, in-place methods."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, TypeVar

from .errors import class_name
from .kernels import KERNELS
from .tensor import Tensor

F = TypeVar("F", bound=Callable[..., Any])

TORCH: dict[str, Any] = {}
FUNCTIONAL: dict[str, Any] = {}
SPECIAL: dict[str, Any] = {}
LINALG: dict[str, Any] = {}

_TABLES = {"torch": TORCH, "functional": FUNCTIONAL, "special": SPECIAL, "linalg": LINALG}


_TENSORS = frozenset(
    ("input", "target", "other", "weight", "x1", "x2", "input1", "input2", "input3", "tensor", "mat2", "vec2", "anchor", "positive", "negative", "grid")
)  # fmt: skip
# functions of PyTorch's that are written in Python ask a method of what they are given
_IN_PYTHON = {
    **dict.fromkeys(
        ("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss", "binary_cross_entropy", "binary_cross_entropy_with_logits"), "size"
    ),
    "softmax": "softmax", "log_softmax": "log_softmax", "normalize": "norm", "interpolate": "dim", "softmin": "neg", "gaussian_nll_loss": "size",
}  # fmt: skip
_SPOKEN = {"cross_entropy": "cross_entropy_loss", "nll_loss": "nll_loss_nd", "unique": "_unique2"}
# called in every step of the smallest networks; they ask themselves, or are too plain to be called wrongly
_QUICK = frozenset(("linear", "relu", "sum", "mean", "backward", "item", "detach", "size", "dim", "numel", "requires_grad_"))


def _asking(function: Any, home: str, name: str) -> Any:
    """The same function, with PyTorch's words where arguments that its parser refuses broke it."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    if code is None or hasattr(function, "asks") or name in _QUICK:
        return function
    names = code.co_varnames[: code.co_argcount]
    writes = "out" in code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]

    @functools.wraps(function)
    def asking(*args: Any, **kwargs: Any) -> Any:
        try:
            if kwargs and kwargs.get("out") is not None and home != "method":
                return _with_out(function, home, name, writes, args, kwargs)
            return function(*args, **kwargs)
        except Exception as problem:
            from .signatures import refusal

            told: Exception | None = refusal(home, name, args, kwargs)
            if told is None and names and names[0] in _TENSORS and isinstance(problem, AttributeError):
                told = _no_tensor(name, names, args, kwargs)
            if told is None:
                raise
            raise told from None

    return asking


def _dispatched(function: Any, home: str, name: str) -> Any:
    """The same function, which refuses the dtypes that PyTorch's kernel has no version for."""
    kernel = KERNELS.get(name.removesuffix("_"))
    if kernel is None or kernel.by == "both" or (name == "unfold" and home == "method"):
        return function
    writes = name.endswith("_")

    @functools.wraps(function)
    def dispatched(*args: Any, **kwargs: Any) -> Any:
        first = next((value for value in (*args, *kwargs.values()) if isinstance(value, Tensor)), None)
        if writes and first is not None:
            kernel.refuse(first._data)
        try:
            result = function(*args, **kwargs)
        except TypeError:  # numpy's
            if first is not None:
                kernel.refuse(first._data)
            raise
        asked = first if kernel.by == "in" else result[0] if isinstance(result, (tuple, list)) else result
        if isinstance(asked, Tensor):
            kernel.refuse(asked._data)
        return result

    return dispatched


def _with_out(function: Any, home: str, name: str, writes: bool, args: Any, kwargs: dict[str, Any]) -> Any:
    """A call with `out=`, of a function that `writes` it itself or of one that only returns."""
    from .rows import apart, into
    from .signatures import refusal

    told = refusal(home, name, args, kwargs)
    if told is not None:
        raise told
    out = kwargs["out"]
    apart(name, (*args, *(value for key, value in kwargs.items() if key != "out")), out)
    if writes:
        return function(*args, **kwargs)
    return into(out, function(*args, **{key: value for key, value in kwargs.items() if key != "out"}), name)


def _as_numpy(function: Any) -> Any:
    """The same function, which also knows numpy's `axis` and `keepdims`, as PyTorch's argument parser does."""
    code = getattr(function, "__code__", None)
    if code is None:
        return function
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    if "dim" not in names or "more" in code.co_varnames or "axis" in names:
        return function

    @functools.wraps(function)
    def named(*args: Any, **kwargs: Any) -> Any:
        if kwargs:
            kwargs = {_NUMPY.get(name, name): value for name, value in kwargs.items()}
        return function(*args, **kwargs)

    return named


_NUMPY = {"axis": "dim", "keepdims": "keepdim"}


def _no_tensor(name: str, names: tuple[str, ...], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Exception | None:
    given = {**dict(zip(names, args, strict=False)), **kwargs}
    for place, argument in enumerate(names, 1):
        value = given.get(argument)
        if argument not in _TENSORS or isinstance(value, Tensor) or argument not in given or (value is None and place > 1):
            continue
        if name in _IN_PYTHON:
            return AttributeError(f"'{class_name(value)}' object has no attribute '{_IN_PYTHON[name]}'")
        return TypeError(f"{_SPOKEN.get(name, name)}(): argument '{argument}' (position {place}) must be Tensor, not {class_name(value)}")
    return None


def export(where: str, *names: str) -> Callable[[F], F]:
    """Publish a function: `where` is words of "torch method functional special linalg property"; names default to its own."""

    def decorate(function: F) -> F:
        if "<" in getattr(function, "__qualname__", "") and hasattr(function, "__code__"):
            function.__qualname__ = names[0] if names else function.__name__  # Python's own errors tell it
        for name in names or (function.__name__,):
            for place in where.split():
                if place == "method":
                    setattr(Tensor, name, _asking(_dispatched(_as_numpy(function), place, name), place, name))
                elif place == "property":
                    setattr(Tensor, name, property(function))
                else:
                    _TABLES[place][name] = _asking(_dispatched(_as_numpy(function), place, name), place, name)
        return function

    return decorate

"""torch.testing: assert_close, with PyTorch's report of what differs, and make_tensor."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from . import dtypes
from .modes import warn
from .naming.namespace import TORCH
from .tensor import Size, Tensor


def _check_same(name: str, left: Any, right: Any) -> None:
    if left != right:
        raise AssertionError(f"The values for attribute '{name}' do not match: {left} != {right}.")


_TOLERANCES = {
    "float16": (1e-3, 1e-5),
    "bfloat16": (1.6e-2, 1e-5),
    "float32": (1.3e-6, 1e-5),
    "float64": (1e-7, 1e-7),
    "complex64": (1.3e-6, 1e-5),
}


def assert_close(
    actual: Any, expected: Any, *, rtol: float | None = None, atol: float | None = None, equal_nan: bool = False, check_dtype: bool = True,
    check_device: bool = True, check_stride: bool = False, check_layout: bool = True, msg: str | Callable[[str], str] | None = None,
    allow_subclasses: bool = True,
) -> None:  # fmt: skip
    """torch.testing.assert_close: raise where two tensors (or numbers, or sequences of them) differ by more than rounding."""
    if isinstance(actual, (list, tuple)) and isinstance(expected, (list, tuple)):
        if len(actual) != len(expected):
            raise AssertionError(f"The length of the sequences mismatch: {len(actual)} != {len(expected)}")
        for k, (a, b) in enumerate(zip(actual, expected, strict=True)):
            try:
                assert_close(a, b, rtol=rtol, atol=atol, equal_nan=equal_nan, check_dtype=check_dtype)
            except AssertionError as problem:
                raise _reported(f"{problem}\n\nThe failure occurred for item [{k}]", msg) from None
        return
    scalars = not isinstance(actual, Tensor) and not isinstance(expected, Tensor)
    a, b = (t._data if isinstance(t, Tensor) else np.asarray(t) for t in (actual, expected))
    if a.dtype not in dtypes.BY_NUMPY or b.dtype not in dtypes.BY_NUMPY:
        raise TypeError(f"No comparison pair was able to handle inputs of type {type(actual)} and {type(expected)}.")
    try:
        if not scalars:
            _check_same("shape", Size(a.shape), Size(b.shape))
            if check_dtype and isinstance(actual, Tensor) and isinstance(expected, Tensor):
                _check_same("dtype", actual.dtype, expected.dtype)
        _check_close(a, b, rtol, atol, equal_nan, "Scalars" if scalars or a.ndim == 0 else "Tensor-likes")
    except AssertionError as problem:
        raise _reported(str(problem), msg) from None


def _reported(text: str, msg: str | Callable[[str], str] | None) -> AssertionError:
    return AssertionError(text if msg is None else msg(text) if callable(msg) else msg)


def _check_close(a: Any, b: Any, rtol: float | None, atol: float | None, equal_nan: bool, what: str) -> None:
    if (rtol is None) != (atol is None):
        raise ValueError("Both 'rtol' and 'atol' must be either specified or unspecified, but got no value for one of them.")
    default = max((_TOLERANCES.get(dtypes.BY_NUMPY[x.dtype].name, (0.0, 0.0)) for x in (a, b)), default=(0.0, 0.0))
    relative, absolute = default if rtol is None or atol is None else (rtol, atol)
    x, y = (v.astype(np.complex128 if v.dtype.kind == "c" else np.float64) for v in (a, b))
    far = ~np.isclose(x, y, rtol=relative, atol=absolute, equal_nan=equal_nan)
    if not far.any():
        return
    difference = np.abs(a - b) if a.dtype.kind in "fci" else np.abs(x - y)
    quotient = difference / np.abs(b) if a.dtype.kind in "fc" else (difference / np.abs(y)).astype(np.float32)
    equal = "equal" if relative == absolute == 0 else "close"
    if x.ndim == 0:
        difference, quotient = np.abs(x - y), np.abs(x - y) / np.abs(y)
        lines = [f"{what} are not {equal}!", ""]
        lines += [f"Expected {b.item()} but got {a.item()}."]
        lines += [f"Absolute difference: {difference.item()}{_up_to(absolute, equal)}"]
        lines += [f"Relative difference: {quotient.item()}{_up_to(relative, equal)}"]
        raise AssertionError("\n".join(lines))
    lines = [f"{what} are not {equal}!", ""]
    lines += [f"Mismatched elements: {int(far.sum())} / {far.size} ({far.sum() / far.size:.1%})"]
    for name, values, allowed in (("absolute", difference, absolute), ("relative", quotient, relative)):
        kept = np.where(far, values, 0)
        place = np.unravel_index(int(np.argmax(kept)), kept.shape)
        where = tuple(int(k) for k in place)
        lines += [f"Greatest {name} difference: {kept[place].item()} at index {where}{_up_to(allowed, equal)}"]
    raise AssertionError("\n".join(lines))


def _up_to(allowed: float, equal: str) -> str:
    return "" if equal == "equal" else f" (up to {allowed} allowed)"


# -- tensors to try things with -----------------------------------------------------------------------------------


def make_tensor(
    *shape: Any, dtype: dtypes.dtype, device: Any, low: float | None = None, high: float | None = None, requires_grad: bool = False,
    noncontiguous: bool = False, exclude_zero: bool = False, memory_format: Any = None,
) -> Any:  # fmt: skip
    """torch.testing.make_tensor: numbers drawn from [low, high), by default between -9 and 9, with the draws that PyTorch makes."""
    size = tuple(shape[0]) if len(shape) == 1 and isinstance(shape[0], Sequence) else shape
    if noncontiguous and memory_format is not None:
        raise ValueError(
            f"The parameters `noncontiguous` and `memory_format` are mutually exclusive, but got {noncontiguous=} and {memory_format=}"
        )
    whole = dtype.category < 2
    if requires_grad and whole:
        raise ValueError(f"`requires_grad=True` is not supported for boolean and integral dtypes, but got {dtype=}")
    noncontiguous = noncontiguous and math.prod(size) > 1
    if noncontiguous:  # twice as many, so that what is left out is another number
        size = (*size[:-1], 2 * size[-1])
    made = _drawn(size, dtype, device, *_bounds(dtype, low, high))
    if noncontiguous:
        made = made[..., 1::2]
    elif memory_format is not None:
        made = made.clone(memory_format=memory_format)
    if exclude_zero:
        made[made == 0] = 1 if whole else TORCH["finfo"](dtype).tiny
    return made if whole else made.requires_grad_(requires_grad)


def _bounds(dtype: dtypes.dtype, low: float | None, high: float | None) -> tuple[float, float]:
    """The interval to draw from: what is asked for, as far as the dtype has such numbers."""
    if dtype is dtypes.bool_:
        least, most, default = 0, 2, (0, 2)
    elif dtype.category < 2:
        about = TORCH["iinfo"](dtype)
        least, most, default = about.min, about.max + (dtype is not dtypes.int64), (-9, 10)
    else:
        about = TORCH["finfo"](dtype)
        least, most, default = about.min, about.max, (-9, 9)
    low, high = (given if given is not None else usual for given, usual in zip((low, high), default, strict=True))
    if any(isinstance(value, float) and math.isnan(value) for value in (low, high)):
        raise ValueError(f"`low` and `high` cannot be NaN, but got {low=} and {high=}")
    if low == high and dtype.category >= 2:
        warn(
            "Passing `low==high` to `torch.testing.make_tensor` for floating or complex types is deprecated since 2.1 and will be removed in "
            "2.3. Use `torch.full(...)` instead.",
            FutureWarning,
        )
    elif low >= high:
        raise ValueError(f"`low` must be less than `high`, but got {low} >= {high}")
    elif high < least or low >= most:
        raise ValueError(
            f"The value interval specified by `low` and `high` is [{low}, {high}), but {dtype} only supports [{least}, {most})"
        )
    low, high = (min(max(value, least), most) for value in (low, high))
    return (math.ceil(low), math.ceil(high)) if dtype.category < 2 else (low, high)


def _drawn(size: tuple[int, ...], dtype: dtypes.dtype, device: Any, low: float, high: float) -> Any:
    if dtype.category < 2:
        return TORCH["randint"](low, high, size, device=device, dtype=dtype)
    made = TORCH["empty"](size, device=device, dtype=dtype)
    parts = TORCH["view_as_real"](made) if dtype.category > 2 else made
    if high - low >= TORCH["finfo"](parts.dtype).max:  # beyond what a draw may span
        parts.uniform_(low / 2, high / 2).mul_(2)
    else:
        parts.uniform_(low, high)
    return made


__all__ = ["assert_close", "make_tensor"]

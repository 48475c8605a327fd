"""Steps of optimizers in half precision: each op of PyTorch's rounds, as in widening.py.

The kernels learn it when half precision comes up first; until then they are called as they stand in kernels.py.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import dtypes
from ..half.bfloat16 import cast
from ..half.kernels import add_scaled
from ..half.widening import Rounding, rounding
from ..tensor import Tensor
from . import kernels

Array = np.ndarray[Any, Any]
_SINGLE = np.dtype(np.float32)


def in_steps(update: Callable[..., None], param: Tensor, grad: Array, state: dict[str, Any], group: dict[str, Any]) -> None:
    """An optimizer's update with a parameter of half precision, and with states of its dtype."""
    kind = param._data.dtype
    half = rounding(kind)
    stand: Tensor = Tensor._of(param._data)
    stand._grad = param._grad  # whose kind some optimizers ask
    stand._data = cast(param._data, _SINGLE).view(half)
    before = {name: held._data for name, held in state.items() if isinstance(held, Tensor) and held._data.dtype == kind}
    try:
        for name in before:
            state[name]._data = cast(before[name], _SINGLE).view(half)
        update(stand, cast(grad, _SINGLE).view(half), state, group)
        param._data[...] = cast(stand._data, kind)
    finally:
        for name, held in state.items():
            if isinstance(held, Tensor) and held._data.ndim and held._data.dtype == _SINGLE:  # without dimensions are counters
                numbers = cast(np.asarray(held._data), kind)
                if name in before:
                    before[name][...] = numbers
                held._data = before.get(name, numbers)


def _lerp(a: Any, b: Any, weight: float) -> Any:
    w = np.float32(weight)
    return a + w * (b - a) if abs(weight) < 0.5 else b - (b - a) * (np.float32(1) - w)


# In float32, of one op each; what is not here rounds at each function of numpy by itself.
_KERNELS: dict[str, Callable[..., Any]] = {
    "addcmul": lambda a, b, c, value=1: a + np.float32(value) * b * c,
    "addcdiv": lambda a, b, c, value=1: a + np.float32(value) * b / c,
    "lerp": _lerp,
    "scale": lambda a, factor: a * np.float32(factor),
    "over": lambda a, divisor: a / np.float32(divisor),
}


def _plain(x: Any) -> Any:
    if not isinstance(x, np.ndarray):
        return x
    return cast(x, _SINGLE) if x.dtype.itemsize == 2 else x.view(np.ndarray)


def _learnt(name: str) -> Callable[..., Any]:
    known, single = getattr(kernels, name), _KERNELS.get(name)

    @functools.wraps(known)
    def kernel(a: Any, *rest: Any) -> Any:
        half = next((type(x) for x in (a, *rest) if isinstance(x, Rounding)), None)
        raw = half is None and type(a) is np.ndarray and a.dtype.itemsize == 2
        if half is None and not raw:
            return known(a, *rest)
        half = half or rounding(a.dtype)
        given = [_plain(x) for x in (a, *rest)]
        if single is not None:
            out = single(*given)
        else:
            out = add_scaled(half.keep, *given)
        return cast(np.asarray(half.kept(out)), a.dtype) if raw else half.kept(out)

    return kernel


def _learn() -> None:
    for name in ("add", *_KERNELS):
        setattr(kernels, name, _learnt(name))


dtypes.at_first_use(_learn)

__all__ = ["in_steps"]

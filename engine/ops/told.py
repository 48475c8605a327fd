"""Ops without gradient whose result is there before they are told to the watcher: places, counts, whether."""

from __future__ import annotations

import functools
import threading
from typing import Any

import numpy as np

from ..op import Op, apply
from ..tensor import Tensor


class _Result(threading.local):
    """The result that a row is about to tell."""

    data: Any = None


@functools.cache
def _row(name: str, count: int) -> tuple[Op, _Result]:
    """The row of a name: one and the same each time, so that a step that repeats itself is seen to."""
    result = _Result()
    inputs = ("x",) if count == 1 else tuple(f"x{k}" for k in range(count))
    return Op(name, lambda *_: result.data, inputs=inputs), result


def told(name: str, inputs: tuple[Any, ...], data: Any) -> Tensor:
    """A result of an op called `name`, which carries no gradient."""
    row, result = _row(name, len(inputs))
    result.data = np.asarray(data)
    try:
        return apply(row, inputs)  # type: ignore[no-any-return]
    finally:
        result.data = None

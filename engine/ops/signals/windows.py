"""Windows for signals: Hann, Hamming, Blackman, Bartlett, Kaiser, computed as PyTorch computes them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ... import dtypes
from ...creation.factories import leaf
from ...naming.namespace import export

Array = np.ndarray[Any, Any]


def _window(name: str, shape_of: Callable[..., Array]) -> None:
    def function(
        window_length: int,
        periodic: bool = True,
        *args: float,
        dtype: Any = None,
        device: Any = None,
        requires_grad: bool = False,
        **params: Any,
    ) -> Any:
        if window_length < 0:
            raise RuntimeError(f"{name} requires non-negative window_length, got window_length={window_length}")
        kind = (dtype or dtypes.get_default_dtype()).numpy
        if kind.kind not in "fc":
            raise RuntimeError(f"{name} expects floating point dtypes, got: {{}}")
        if window_length < 2:
            return leaf(np.ones(window_length, kind), requires_grad)
        length = window_length + 1 if periodic else window_length
        made = shape_of(np.arange(length, dtype=np.float64), length, *args, **params)
        return leaf(made.astype(kind)[:window_length], requires_grad)

    function.__name__ = name
    export("torch", name)(function)


def _cosines(k: Array, length: int, *weights: float) -> Array:
    turn = 2 * math.pi * k / (length - 1)
    return np.asarray(sum(w * np.cos(j * turn) for j, w in enumerate(weights)))


_window("hann_window", lambda k, length: _cosines(k, length, 0.5, -0.5))
_window("hamming_window", lambda k, length, alpha=0.54, beta=0.46: _cosines(k, length, alpha, -beta))
_window("blackman_window", lambda k, length: _cosines(k, length, 0.42, -0.5, 0.08))
_window("bartlett_window", lambda k, length: 1 - np.abs(2 * k / (length - 1) - 1))
_window(
    "kaiser_window", lambda k, length, beta=12.0: np.i0(beta * np.sqrt(np.maximum(0, 1 - (2 * k / (length - 1) - 1) ** 2))) / np.i0(beta)
)

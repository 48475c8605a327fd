"""How many numbers fall into which bin: histc, histogram."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...errors import sizes
from ...half.bfloat16 import cast, readable
from ...naming.namespace import TORCH, export
from ...tensor import Tensor
from ..told import told
from .statistics import return_type

Array = np.ndarray[Any, Any]


def _must_have_bins(bins: int) -> None:
    if bins <= 0:
        raise RuntimeError(f"torch.histogram(): bins must be > 0, but got {bins} for dimension 0")


def _widened(low: float, high: float, by: float) -> tuple[float, float]:
    return (low - by, high + by) if low == high else (low, high)


@export("torch method")
def histc(input: Any, bins: int = 100, min: float = 0, max: float = 0, *, out: Any = None) -> Any:
    """Counts in bins of equal width."""
    _must_have_bins(bins)
    if min > max:
        raise RuntimeError("torch.histc: max must be larger than min")
    data = readable(input._data)
    low, high = float(min), float(max)
    if low == high and data.size and data.dtype.kind == "f":
        largest = float(np.finfo(data.dtype).max)  # PyTorch begins to look for the ends there
        low, high = (math.copysign(v, -1.0) if math.isnan(v) else v for v in (float(data.min()), float(data.max())))
        low, high = (largest if low > largest else low, -largest if high < -largest else high)
    low, high = _widened(low, high, 1)
    if not (math.isfinite(low) and math.isfinite(high)):
        shown = ", ".join("-nan" if math.isnan(v) and math.copysign(1.0, v) < 0 else f"{v:g}" for v in (low, high))
        raise RuntimeError(f"torch.histc: range of [{shown}] is not finite")
    x = data[(data >= low) & (data <= high)].astype(np.float64)
    at = np.minimum(((x - low) / (high - low) * bins).astype(np.int64), bins - 1)
    return told("histc", (input,), cast(np.bincount(at, minlength=bins), input._data.dtype))


@export("torch method")
def histogram(input: Any, bins: Any = 100, *, range: Any = None, weight: Any = None, density: bool = False, out: Any = None) -> Any:
    """Counts in bins, and the edges."""
    x = input._data.reshape(-1)
    if isinstance(bins, Tensor):
        _must_be_edges(input, bins)
    else:
        _must_have_bins(bins)
    if weight is not None:
        _must_weigh(input, weight)
    edges = bins._data if isinstance(bins, Tensor) else _edges(x, bins, range)
    w = None if weight is None else weight._data.reshape(-1).astype(np.float64)
    counts, _ = np.histogram(x.astype(np.float64), edges.astype(np.float64), weights=w)
    if density:
        counts = counts / (counts.sum() * np.diff(edges.astype(np.float64)))
    return return_type("histogram")(told("histogram", (input,), counts.astype(x.dtype)), Tensor._of(edges))


def _must_be_edges(input: Tensor, bins: Tensor) -> None:
    if bins._data.ndim != 1:
        raise RuntimeError(
            f"torch.histogramdd: bins tensor should have one dimension, but got {bins._data.ndim} dimensions in the bins tensor for dimension 0"
        )
    if bins.dtype is not input.dtype:
        raise RuntimeError(
            "torch.histogramdd: input tensor and bins tensors should have the same dtype, but got input with dtype "
            f"{input.dtype.c_name} and bins for dimension 0 with dtype {bins.dtype.c_name}"
        )
    if not bins._data.size:
        raise RuntimeError(
            "torch.histogramdd: bins tensor should have at least 1 element, but got 0 elements in the bins tensor for dimension 0"
        )
    _must_have_bins(bins._data.size - 1)


def _must_weigh(input: Tensor, weight: Tensor) -> None:
    if weight.dtype is not input.dtype:
        raise RuntimeError(
            "torch.histogramdd: if weight tensor is provided, input tensor and weight tensor should have the same dtype, but got "
            f"input({input.dtype.c_name}), and weight({weight.dtype.c_name})"
        )
    if weight._data.size != input._data.size:
        raise RuntimeError(
            "torch.histogramdd: if weight tensor is provided it should have the same shape as the input tensor excluding its innermost "
            f"dimension, but got input with shape {sizes((input._data.size, 1))} and weight with shape {sizes((weight._data.size,))}"
        )


def _edges(x: Array, bins: int, range: Any) -> Array:
    if range is None:
        low, high = (float(x.min()), float(x.max())) if x.size else (0.0, 1.0)
    elif len(range) != 2:
        raise RuntimeError(f"torch.histogramdd: for a 1-dimensional histogram range should have 2 elements, but got {len(range)}")
    else:
        low, high = (float(v) for v in range)
    if not (math.isfinite(low) and math.isfinite(high)):
        raise RuntimeError(f"torch.histogramdd: dimension 0's range [{low:g}, {high:g}] is not finite")
    if low > high:
        raise RuntimeError(f"torch.histogramdd: min should not exceed max, but got min {low:g} max {high:g} for dimension 0")
    low, high = _widened(low, high, 0.5)
    made: Array = TORCH["linspace"](low, high, bins + 1, dtype=Tensor._of(x).dtype)._data
    return made

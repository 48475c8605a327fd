"""Rounding to few levels as a network of integers would, and passing the gradient straight through (quantization-aware training).

Source: https://docs.pytorch.org/docs/stable/generated/torch.fake_quantize_per_tensor_affine.html
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ... import dtypes
from ...half.bfloat16 import readable
from ...naming.namespace import export
from ...op import Op, apply
from ...tensor import Tensor
from ..views.reshape import one_dim


def _level(x: Any, scale: Any, zero_point: Any) -> Any:
    """The level of each element, not yet between the lowest and the highest. Whole zero points are added to what is rounded already."""
    steps = x * (np.float32(1) / scale)
    return np.rint(steps + zero_point) if zero_point.dtype.kind == "f" else np.rint(steps) + zero_point.astype(steps.dtype)


def _rounded(x: Any, scale: Any, zero_point: Any, quant_min: int, quant_max: int) -> Any:
    """The rounded elements, and which of them met no bound."""
    level = _level(x, scale, zero_point)
    inside = (level >= quant_min) & (level <= quant_max)
    steps = np.fmin(np.fmax(level, quant_min), quant_max).astype(np.float64) - zero_point
    # with one scale for all, PyTorch's kernel multiplies in float32 whatever x is
    return ((steps if scale.ndim else steps.astype(np.float32)) * scale).astype(x.dtype), inside


def _straight_through(g: Any, result1: Any) -> Any:
    return (g[0] if isinstance(g, list) else g) * result1


_per_tensor = Op(
    "fake_quantize_per_tensor_affine",
    _rounded,
    grad_fn="FakeQuantizePerTensorAffineCachemaskBackward0",
    vjps=(_straight_through,),
    nondiff=(1,),
    formulas=(r"\bar{x} = \bar{z} \odot [q_{\min} \le \mathrm{round}(x/s) + z_0 \le q_{\max}]",),
)
_per_tensor_of_tensors = _per_tensor.named("FakeQuantizePerTensorAffineCachemaskTensorQparamsBackward0")
_per_channel = Op(
    "fake_quantize_per_channel_affine",
    _rounded,
    grad_fn="FakeQuantizePerChannelAffineCachemaskBackward0",
    vjps=(_straight_through,),
    nondiff=(1,),
    formulas=(r"\bar{x} = \bar{z} \odot [q_{\min} \le \mathrm{round}(x/s_c) + z_c \le q_{\max}]",),
)


def _check(input: Any, zero_points: Any, quant_min: int, quant_max: int) -> None:
    if input._data.dtype.kind not in "fV":
        raise NotImplementedError(
            f"\"fake_quantize_tensor_cachemask_kernel_type_handling\" not implemented for '{input.dtype.scalar_name}'"
        )
    if quant_min > quant_max:
        raise RuntimeError("`quant_min` should be less than or         equal to `quant_max`.")
    if ((zero_points < quant_min) | (zero_points > quant_max)).any():
        raise RuntimeError("`zero_point` must be between `quant_min` and `quant_max`.")


@export("torch")
def fake_quantize_per_tensor_affine(input: Any, scale: Any, zero_point: Any, quant_min: int, quant_max: int) -> Any:
    """Every element to the nearest of the levels `scale * (q - zero_point)`, q from `quant_min` to `quant_max`; shape and dtype of `input`.

    The gradient passes where no bound was met. Scale and zero point are numbers, or tensors of one element each.
    """
    row = _per_tensor_of_tensors if isinstance(scale, Tensor) else _per_tensor
    step, origin = (np.asarray(v.item() if isinstance(v, Tensor) else v) for v in (scale, zero_point))
    _check(input, origin, quant_min, quant_max)
    params = {"scale": np.float32(step), "zero_point": origin.astype(np.int32), "quant_min": quant_min, "quant_max": quant_max}
    return apply(row, (input,), params)[0]


@export("torch")
def fake_quantize_per_channel_affine(input: Any, scale: Any, zero_point: Any, axis: int, quant_min: int, quant_max: int) -> Any:
    """As per tensor, with a scale and a zero point, (n,) each, for every slice along `axis`, which has n."""
    if scale.dtype not in (dtypes.float32, dtypes.bfloat16):
        raise RuntimeError(f"Scale must be Float or BFloat16, found {scale.dtype.scalar_name}")
    steps, origins = readable(scale._data), readable(zero_point._data)
    if steps.ndim != 1:
        raise RuntimeError("scale should be a 1-D tensor")
    if origins.ndim != 1:
        raise RuntimeError("zero point should be a 1-D tensor")
    if steps.size != origins.size:
        raise RuntimeError("scale and zero-point need to have the same dimensions")
    axis = one_dim(axis, input._data.ndim)
    if steps.size != input._data.shape[axis]:
        raise RuntimeError("dimensions of scale and zero-point are not consistent with input tensor")
    _check(input, origins, quant_min, quant_max)
    along = [-1 if k == axis else 1 for k in range(input._data.ndim)]
    return apply(
        _per_channel,
        (input,),
        {"scale": steps.reshape(along), "zero_point": origins.reshape(along), "quant_min": quant_min, "quant_max": quant_max},
    )[0]

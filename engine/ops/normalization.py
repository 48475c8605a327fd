"""Normalisation over batch, layer, group or instance (torch.nn.functional)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..errors import sizes
from ..inplace import overwrite
from ..namespace import export
from ..op import Op, apply
from .reduce import mean_dim


def _normalised(x: Any, dim: tuple[int, ...], eps: float) -> Any:
    rows = _rows(x, dim)
    if rows is not None and x.dtype.kind == "f":
        centred, scale = _standard(rows, eps)
        centred *= scale
        return centred.reshape(x.shape)
    mean = np.mean(x, axis=dim, keepdims=True)
    centred = x - mean
    var = np.mean(centred * centred, axis=dim, keepdims=True)
    return centred / np.sqrt(var + x.dtype.type(eps))


def _rows(x: Any, dim: tuple[int, ...]) -> Any:
    """An array as a matrix whose rows are normalised, where that is a view; None where it is not."""
    if type(x) is not np.ndarray or not x.flags.c_contiguous or dim != tuple(range(x.ndim - len(dim), x.ndim)) or not x.size:
        return None
    return x.reshape(-1, math.prod(x.shape[k] for k in dim))


def _row_means(x: Any) -> Any:
    """Means of the rows as a column: a product with a vector is five times as fast as a sum over short rows."""
    return np.dot(x, np.full(x.shape[1], 1 / x.shape[1], x.dtype))[:, None]


def _standard(rows: Any, eps: float) -> tuple[Any, Any]:
    """Rows without their mean, and one over their deviation."""
    centred = rows - _row_means(rows)
    variance = np.einsum("ij,ij->i", centred, centred)[:, None] / rows.dtype.type(rows.shape[1])
    return centred, 1 / np.sqrt(variance + rows.dtype.type(eps))


def _normalised_vjp(g: Any, x: Any, result: Any, dim: tuple[int, ...], eps: float) -> Any:
    rows, up, out = _rows(x, dim), _rows(g, dim), _rows(result, dim)
    if rows is not None and up is not None and out is not None:
        n = rows.dtype.type(rows.shape[1])
        made = up - _row_means(up)
        made -= out * (np.einsum("ij,ij->i", up, out)[:, None] / n)
        made *= _standard(rows, eps)[1]
        return made.reshape(x.shape)
    centred = x - mean_dim(x, dim=dim, keepdim=True)
    scale = 1 / _root(mean_dim(centred * centred, dim=dim, keepdim=True) + eps)
    return scale * (g - mean_dim(g, dim=dim, keepdim=True) - result * mean_dim(g * result, dim=dim, keepdim=True))


def _root(x: Any) -> Any:
    return np.sqrt(x) if isinstance(x, np.ndarray) else x.sqrt()


_F = (r"\bar{x} = \frac{1}{\sigma}(\bar{z} - \overline{\bar{z}} - z\,\overline{\bar{z} z})",)
rows = {
    name: Op(name, _normalised, vjps=(_normalised_vjp,), formulas=_F, grad_fn=node)
    for name, node in (
        ("layer_norm", "NativeLayerNormBackward0"), ("batch_norm", "NativeBatchNormBackward0"), ("group_norm", "NativeGroupNormBackward0"),
        ("instance_norm", "NativeBatchNormBackward0"),
    )
}  # fmt: skip


def _over_last(shape: tuple[int, ...], **affine: Any) -> None:
    """What PyTorch asks of normalized_shape, weight and bias (layer_norm.cpp)."""
    if not shape:
        raise RuntimeError(
            "Expected normalized_shape to be at least 1-dimensional, i.e., containing at least one element, but got normalized_shape = []"
        )
    for name, given in affine.items():
        if given is not None and given._data.shape != shape:
            raise RuntimeError(
                f"Expected {name} to be of same shape as normalized_shape, but got {name} of shape {list(given._data.shape)} and "
                f"normalized_shape = {list(shape)}"
            )


def _scaled(x: Any, weight: Any, bias: Any, shape: tuple[int, ...]) -> Any:
    if weight is not None:
        x = x * weight.reshape(shape)
    return x if bias is None else x + bias.reshape(shape)


@export("functional torch", "layer_norm")
def layer_norm(input: Any, normalized_shape: Any, weight: Any = None, bias: Any = None, eps: float = 1e-5) -> Any:
    """Zero mean and unit variance over the last dimensions."""
    shape = tuple(normalized_shape)
    _over_last(shape, weight=weight, bias=bias)
    if tuple(input._data.shape[-len(shape) :]) != shape:
        raise RuntimeError(
            f"Given normalized_shape={list(shape)}, expected input with shape [*, {', '.join(map(str, shape))}], but got input of size{list(input._data.shape)}"
        )
    n = input._data.ndim
    out = apply(rows["layer_norm"], (input,), {"dim": tuple(range(n - len(shape), n)), "eps": eps})
    return _scaled(out, weight, bias, shape)


@export("functional torch", "rms_norm")
def rms_norm(input: Any, normalized_shape: Any, weight: Any = None, eps: float | None = None) -> Any:
    """Divided by the root of the mean square over the last dimensions."""
    shape = tuple(normalized_shape)
    _over_last(shape, weight=weight)
    if input._data.shape[max(input._data.ndim - len(shape), 0) :] != shape:
        raise RuntimeError(
            f"Given normalized_shape={list(shape)}, expected input with shape [*{', '.join(map(str, shape))}], but got input of size{list(input._data.shape)}"
        )
    dim = tuple(range(input._data.ndim - len(shape), input._data.ndim))
    small = float(np.finfo(input._data.dtype).eps) if eps is None else eps
    out = input * ((input * input).mean(dim, keepdim=True) + small).rsqrt()
    return out if weight is None else out * weight


@export("functional", "batch_norm")
def batch_norm(
    input: Any,
    running_mean: Any,
    running_var: Any,
    weight: Any = None,
    bias: Any = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Any:
    """Zero mean and unit variance of each channel over the batch; running statistics kept in training."""
    n = input._data.ndim
    dims = (0, *range(2, n))
    shape = (1, -1) + (1,) * (n - 2) if n > 1 else (-1,)
    count = math.prod(input._data.shape[d] for d in dims)
    if training or running_mean is None:
        if training and count == 1:
            raise ValueError(f"Expected more than 1 value per channel when training, got input size {input.shape!r}")
        if running_mean is not None and training:
            _update(input._data, running_mean, running_var, dims, momentum, count)
        out = apply(rows["batch_norm"], (input,), {"dim": dims, "eps": eps})
    else:
        out = (input - running_mean.reshape(shape)) / (running_var.reshape(shape) + eps).sqrt()
    return _scaled(out, weight, bias, shape)


def _update(data: Any, mean: Any, var: Any, dims: tuple[int, ...], momentum: float, count: int) -> None:
    new_mean = np.mean(data, axis=dims)
    new_var = np.var(data, axis=dims) * (count / max(count - 1, 1))
    overwrite(mean, mean._data * (1 - momentum) + new_mean * momentum)
    overwrite(var, var._data * (1 - momentum) + new_var * momentum)


@export("functional", "instance_norm")
def instance_norm(
    input: Any, running_mean: Any = None, running_var: Any = None, weight: Any = None, bias: Any = None, use_input_stats: bool = True,
    momentum: float = 0.1, eps: float = 1e-5,
) -> Any:  # fmt: skip
    """Zero mean and unit variance of each channel of each sample."""
    n = input._data.ndim
    shape = (1, -1) + (1,) * (n - 2)
    dims = tuple(range(2, n))
    if not use_input_stats:
        return _scaled((input - running_mean.reshape(shape)) / (running_var.reshape(shape) + eps).sqrt(), weight, bias, shape)
    if running_mean is not None:
        count = math.prod(input._data.shape[2:])
        m, v = np.mean(input._data, axis=dims), np.var(input._data, axis=dims) * (count / max(count - 1, 1))
        overwrite(running_mean, running_mean._data * (1 - momentum) + m.mean(0) * momentum)
        overwrite(running_var, running_var._data * (1 - momentum) + v.mean(0) * momentum)
    return _scaled(apply(rows["instance_norm"], (input,), {"dim": dims, "eps": eps}), weight, bias, shape)


@export("functional torch", "group_norm")
def group_norm(input: Any, num_groups: int, weight: Any = None, bias: Any = None, eps: float = 1e-5) -> Any:
    """Zero mean and unit variance of groups of channels of each sample."""
    shape = input._data.shape
    if len(shape) < 2:
        raise RuntimeError(f"Expected at least 2 dimensions for input tensor but received {len(shape)}")
    if shape[1] % num_groups:
        raise RuntimeError(
            f"Expected number of channels in input to be divisible by num_groups, but got input of shape {sizes(shape)} and num_groups={num_groups}"
        )
    for name, given in (("weight", weight), ("bias", bias)):
        if given is not None and given._data.shape != (shape[1],):
            raise RuntimeError(
                f"Expected {name} to be a vector of size equal to the number of channels in input, but got {name} of shape "
                f"{list(given._data.shape)} and input of shape {list(shape)}"
            )
    grouped = input.reshape(shape[0], num_groups, math.prod(shape[1:]) // num_groups)
    out = apply(rows["group_norm"], (grouped,), {"dim": (2,), "eps": eps}).reshape(*shape)
    return _scaled(out, weight, bias, (1, -1) + (1,) * (len(shape) - 2))


@export("functional", "local_response_norm")
def local_response_norm(input: Any, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> Any:
    """Divided by the energy of the neighbouring channels."""
    from .padding import pad
    from .pool import avg_rows

    shape = input._data.shape
    if len(shape) < 3:
        raise ValueError(f"Expected 3D or higher dimensionality input (got {len(shape)} dimensions)")
    if not input._data.size:
        return input
    square = (input * input).unsqueeze(1)
    flat = square.reshape(shape[0], 1, shape[1], -1)
    flat = pad(flat, (0, 0, size // 2, (size - 1) // 2))
    params = {"kernel": (size, 1), "stride": (1, 1), "padding": (0, 0), "ceil": False, "include": True, "divisor": None}
    mean = apply(avg_rows[2], (flat,), params).reshape(*shape)
    return input / (mean * alpha + k) ** beta

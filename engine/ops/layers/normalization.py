"""Normalisation over batch, layer, group or instance (torch.nn.functional)."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from ...arrays.arithmetic import in_rows
from ...arrays.channels_last import keeping_pictures
from ...calls.quick import workings
from ...errors import sizes
from ...half.bfloat16 import readable, running_half
from ...memory.computed import computed
from ...memory.inplace import overwrite
from ...naming.namespace import export
from ...op import UNBROADCAST, Op, apply
from ...tensor import Tensor
from ..pointwise.elementwise import add_number
from ..reductions.reduce import mean_dim, sum_dim
from ..underived import without_gradient
from .window_checks import no_such_dim


def _rows(x: Any, dim: tuple[int, ...]) -> Any:
    """An array as a matrix whose rows are normalised, where that is a view; None where it is not."""
    if isinstance(x, Tensor) or not x.flags.c_contiguous or dim != tuple(range(x.ndim - len(dim), x.ndim)) or not x.size:
        return None
    return x.reshape(-1, math.prod(x.shape[k] for k in dim)) if x.dtype.kind == "f" else None


def _row_means(x: Any) -> Any:
    """Means of the rows as a column: a product with a vector is five times as fast as a sum over short rows."""
    return np.dot(x, _shares(x.shape[1], x.dtype))[:, None]


@functools.lru_cache(maxsize=64)
def _shares(length: int, dtype: Any) -> Any:
    return np.full(length, 1 / length, dtype)


def _means(x: Any, dim: tuple[int, ...]) -> Any:
    """Means over some dimensions, which are kept; of arrays and of tensors."""
    if type(x) is not np.ndarray or x.dtype.kind not in "fc":
        return mean_dim(x, dim=dim, keepdim=True)
    count = math.prod([x.shape[k] for k in dim])
    total = np.add.reduce(x, axis=dim, keepdims=True)  # without the checks of what a script asks for
    return total / count if count else total * np.nan


def _standard(x: Any, dim: tuple[int, ...], eps: float) -> tuple[Any, Any]:
    """x without its mean and divided by its deviation, and one over that deviation; of arrays and of tensors."""
    rows = _rows(x, dim)
    if rows is not None:
        centred = rows - _row_means(rows)
        variance = np.einsum("ij,ij->i", centred, centred)[:, None] / rows.dtype.type(rows.shape[1])
        scale = 1 / np.sqrt(variance + rows.dtype.type(eps))
        centred *= scale
        return centred.reshape(x.shape), scale.reshape(*x.shape[: x.ndim - len(dim)], *(1 for _ in dim))
    centred = x - _means(x, dim)
    variance = _means(centred * centred, dim)
    scale = 1 / (np.sqrt(variance + variance.dtype.type(eps)) if isinstance(variance, np.ndarray) else (variance + eps).sqrt())
    return centred * scale, scale


def _scaled(x: Any, weight: Any, bias: Any, at: tuple[int, ...]) -> Any:
    """x times weight plus bias, which lie along the dimensions where `at` is not 1."""
    if weight is not None:
        x = x * weight.reshape(at)
    return x if bias is None else x + bias.reshape(at)


def _normalised(
    x: Any, weight: Any, bias: Any, dim: tuple[int, ...], eps: float, at: tuple[int, ...], fold: tuple[int, ...], workings: Any = None
) -> Any:
    """`fold` is the shape in which x is normalised, `at` the one in which weight and bias meet it."""
    standard, scale = _standard(x.reshape(fold), dim, eps)
    if workings is not None:
        workings.append((standard, scale))
    out = _scaled(standard.reshape(x.shape), weight, bias, at)
    return out if out.dtype is x.dtype else out.astype(x.dtype)


def _layer_normalised(
    x: Any, weight: Any, bias: Any, dim: tuple[int, ...], eps: float, at: tuple[int, ...], fold: tuple[int, ...], workings: Any = None
) -> Any:
    return _normalised(in_rows(x), weight, bias, dim, eps, at, fold, workings)


def _batch_normalised(
    x: Any, weight: Any, bias: Any, dim: tuple[int, ...], eps: float, at: tuple[int, ...], fold: tuple[int, ...], workings: Any = None
) -> Any:
    """Pictures whose channels lie innermost (torch.channels_last) stay so."""
    kept = x if x.ndim == 4 and x.transpose(0, 2, 3, 1).flags.c_contiguous else in_rows(x)
    return _normalised(kept, weight, bias, dim, eps, at, fold, workings)


def _along(g: Any, at: tuple[int, ...], like: tuple[int, ...]) -> Any:
    """The sum of g over all that shares one weight, in the weight's shape."""
    over = tuple(k for k, n in enumerate(at) if n == 1)
    if over == tuple(range(len(over))) and not isinstance(g, Tensor):  # all before it
        return UNBROADCAST[0].forward(g, g.shape[len(over) :]).reshape(like)
    return (sum_dim(g, dim=over, keepdim=False) if over else g).reshape(like)


def _normalised_vjp(
    g: Any, x: Any, weight: Any, needs: Any, weight_shape: Any, bias_shape: Any, dim: Any, eps: float, at: Any, fold: Any, workings: Any
) -> tuple[Any, Any, Any]:
    standard, scale = workings.pop() if workings and type(g) is np.ndarray else _standard(x.reshape(fold), dim, eps)
    dx = None
    if needs[0]:
        up = (g if weight is None else g * weight.reshape(at)).reshape(fold)
        rows, out = _rows(up, dim), _rows(standard, dim)
        if rows is not None and out is not None:
            dx = rows - _row_means(rows)
            dx -= out * (np.einsum("ij,ij->i", rows, out)[:, None] / rows.dtype.type(rows.shape[1]))
            dx *= scale.reshape(-1, 1)
        else:
            dx = scale * (up - _means(up, dim) - standard * _means(up * standard, dim))
        dx = dx.reshape(x.shape)
    dw = _along(g * standard.reshape(g.shape), at, weight_shape) if needs[1] else None
    return dx, dw, _along(g, at, bias_shape) if needs[2] else None


_F = (
    r"\bar{x} = \frac{w}{\sigma}(\bar{z} - \overline{\bar{z}} - \hat{x}\,\overline{\bar{z} \hat{x}})",
    r"\bar{w} = \sum \bar{z} \odot \hat{x}",
    r"\bar{b} = \sum \bar{z}",
)
rows = {
    name: Op(name, forward, inputs=("x", "weight", "bias"), joint=_normalised_vjp, formulas=_F, grad_fn=node)
    for name, forward, node in (
        ("layer_norm", _layer_normalised, "NativeLayerNormBackward0"), ("batch_norm", _batch_normalised, "NativeBatchNormBackward0"),
        ("group_norm", keeping_pictures(_normalised), "NativeGroupNormBackward0"), ("instance_norm", _normalised, "NativeBatchNormBackward0"),
    )
}  # fmt: skip


def _by_kept(x: Any, weight: Any, bias: Any, mean: Any, var: Any, eps: float, at: tuple[int, ...]) -> Any:
    out = _scaled((x - mean.reshape(at)) * _one_over(var, eps).reshape(at), weight, bias, at)
    return out if out.dtype is x.dtype else out.astype(x.dtype)


def _one_over(var: Any, eps: float) -> Any:
    return 1 / (np.sqrt(var + var.dtype.type(eps)) if isinstance(var, np.ndarray) else (var + eps).sqrt())


def _by_kept_dx(g: Any, x: Any, weight: Any, mean: Any, var: Any, eps: float, at: tuple[int, ...]) -> Any:  # PyTorch saves x and mean
    scale = _one_over(var, eps)
    return g * (scale if weight is None else scale * weight).reshape(at)


kept = Op(
    "batch_norm", _by_kept, inputs=("x", "weight", "bias", "mean", "var"), grad_fn="NativeBatchNormBackward0",
    vjps=(
        _by_kept_dx,
        lambda g, x, mean, var, eps, at, weight_shape: _along(g * ((x - mean.reshape(at)) * _one_over(var, eps).reshape(at)), at, weight_shape),
        lambda g, at, bias_shape: _along(g, at, bias_shape),
        None, None,
    ),
    formulas=(r"\bar{x} = \frac{w}{\sigma} \bar{z}", *_F[1:]),
)  # fmt: skip


def _must_share(x: Any, kernel: str, *given: Any) -> None:
    """What the kernels of norms ask of dtypes (mixed_data_type.h): one for all, but float32 beside float16."""
    params = [p for p in given if p is not None]
    if kernel == "batch_norm" and x._data.dtype.kind not in "fV":
        params = []
    if params and params[0]._data.dtype is not x._data.dtype:
        wide = "float32" if x.dtype.name in ("float16", "bfloat16") else x.dtype.name
        if wide != "float32":
            raise RuntimeError("mixed dtype (CPU): all inputs must share same datatype.")
        if any(p.dtype.name != wide for p in params):
            raise RuntimeError("mixed dtype (CPU): expect parameter to have scalar type of Float")
    else:
        for p in params:
            if p._data.dtype is not x._data.dtype:
                raise RuntimeError(f"expected scalar type {x.dtype.scalar_name} but found {p.dtype.scalar_name}")
    if x._data.dtype.kind not in "fV":
        raise NotImplementedError(f"\"{kernel}\" not implemented for '{x.dtype.scalar_name}'")


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


def _sizes(function: str, shape: Any) -> tuple[int, ...]:
    if isinstance(shape, int):
        raise TypeError(f"{function}(): argument 'normalized_shape' (position 2) must be tuple of ints, not int")
    return tuple(shape)


@export("functional torch", "layer_norm")
def layer_norm(input: Any, normalized_shape: Any, weight: Any = None, bias: Any = None, eps: float = 1e-5) -> Any:
    """Zero mean and unit variance over the last dimensions."""
    shape = _sizes("layer_norm", normalized_shape)
    _over_last(shape, weight=weight, bias=bias)
    if tuple(input._data.shape[-len(shape) :]) != shape:
        raise RuntimeError(
            f"Given normalized_shape={list(shape)}, expected input with shape [*, {', '.join(map(str, shape))}], but got input of size{list(input._data.shape)}"
        )
    n = input._data.ndim
    lead = n - len(shape)
    _must_share(input, "LayerNormKernelImpl", weight, bias)
    params = {"dim": tuple(range(lead, n)), "eps": eps, "at": (1,) * lead + shape, "fold": input._data.shape}
    kept = _small_workings(input) if weight is None else workings(input)  # without a weight the result is what would be kept
    return apply(rows["layer_norm"], (input, weight, bias), {**params, **kept})


@export("functional torch", "rms_norm")
def rms_norm(input: Any, normalized_shape: Any, weight: Any = None, eps: float | None = None) -> Any:
    """Divided by the root of the mean square over the last dimensions."""
    shape = _sizes("rms_norm", normalized_shape)
    if input._data.ndim < len(shape):
        raise ValueError(f"Input tensor must have at least {len(shape)} dimensions, but got {input._data.ndim}")
    _over_last(shape, weight=weight)
    if input._data.shape[max(input._data.ndim - len(shape), 0) :] != shape:
        raise RuntimeError(
            f"Given normalized_shape={list(shape)}, expected input with shape [*{', '.join(map(str, shape))}], but got input of size{list(input._data.shape)}"
        )
    dim = tuple(range(input._data.ndim - len(shape), input._data.ndim))
    small = (2.0**-7 if input._data.dtype.kind == "V" else float(np.finfo(input._data.dtype).eps)) if eps is None else eps
    x = input.float() if input._data.dtype.itemsize == 2 else input  # as PyTorch, whose result has this precision only at the end
    out = x * apply(add_number, ((x**2).mean(dim, keepdim=True), small)).rsqrt()
    out = out if weight is None else out * weight
    return out.to(input.dtype)


@export("functional", "batch_norm")
def batch_norm(
    input: Any,
    running_mean: Any,
    running_var: Any,
    weight: Any = None,
    bias: Any = None,
    training: bool = False,
    momentum: Any = 0.1,
    eps: float = 1e-5,
) -> Any:
    """Zero mean and unit variance of each channel over the batch; running statistics kept in training.

    Args:
        momentum: a number, or how many batches there were (a tensor, of layers), where each counts the same.
    """
    shape = input._data.shape
    if training and shape and math.prod((shape[0], *shape[2:])) == 1:
        raise ValueError(f"Expected more than 1 value per channel when training, got input size {input.shape!r}")
    if eps < 0 or (training and eps <= 0):
        raise ValueError(f"batch_norm eps must be {'positive during training' if training else 'non-negative'}, but got {eps}")
    if training and (running_mean is None) is not (running_var is None):
        raise ValueError("running_mean and running_var must either both be None or neither be None")
    return _of_batch(input, weight, bias, running_mean, running_var, training, momentum, eps)


@export("torch", "batch_norm")
def torch_batch_norm(
    input: Any, weight: Any, bias: Any, running_mean: Any, running_var: Any, training: bool, momentum: float, eps: float, cudnn_enabled: bool
) -> Any:  # fmt: skip
    """The same as PyTorch's parser has it."""
    return _of_batch(input, weight, bias, running_mean, running_var, training, momentum, eps)


_SMALL = 1 << 14  # elements up to which what is kept is no memory to speak of


def _small_workings(input: Any) -> dict[str, Any]:
    return workings(input) if input._data.size <= _SMALL else {}


def _of_batch(
    input: Any, weight: Any, bias: Any, running_mean: Any, running_var: Any, training: bool, momentum: Any, eps: float
) -> Any:  # fmt: skip
    n = input._data.ndim
    dims = (0, *range(2, n)) if n else ()
    channels = input._data.shape[1] if n > 1 else 0
    shape = (1, channels) + (1,) * (n - 2)
    count = math.prod(input._data.shape[d] for d in dims)
    if n and not input._data.size:  # PyTorch looks for no channels where there is nothing, and keeps no statistics of it
        out = input.clone()
        out = out if weight is None else out * weight[0]
        return out if bias is None else out + bias[0]
    for name, given in (("running_mean", running_mean), ("running_var", running_var), ("weight", weight), ("bias", bias)):
        if given is None:
            if name.startswith("running") and not training:
                raise RuntimeError(f"{name} must be defined in evaluation mode")
        elif given._data.size != channels:
            raise RuntimeError(f"{name} should contain {channels} elements not {given._data.size}")
    if n < 2:
        raise no_such_dim(n, 1)
    without_gradient("native_batch_norm", running_mean=running_mean, running_var=running_var)
    _must_share(input, "batch_norm", weight, bias, running_mean, running_var)
    if training:
        if running_mean is not None:
            _update(input, running_mean, running_var, dims, momentum, count)
        return apply(
            rows["batch_norm"],
            (input, weight, bias),
            {"dim": dims, "eps": eps, "at": shape, "fold": input._data.shape, **_small_workings(input)},
        )
    return apply(kept, (input, weight, bias, running_mean, running_var), {"eps": eps, "at": shape})


def _update(data: Tensor, mean: Tensor, var: Tensor, dims: tuple[int, ...], momentum: Any, count: int) -> None:
    unbiased = count / max(count - 1, 1)
    new_mean = computed(lambda x: _of_channels(_single(x), dims, count), data)
    new_var = computed(lambda x, mean: _spread_of_channels(_single(x), mean, dims, count) * unbiased, data, new_mean)
    for running, new in ((mean, new_mean), (var, new_var)):
        overwrite(running, computed(_nearer, running, new, momentum))


def _single(x: Any) -> Any:
    """Of half precision as float32."""
    return readable(x).astype(np.float32) if x.dtype.itemsize == 2 else x


def _of_channels(x: Any, dims: tuple[int, ...], count: int) -> Any:
    """The mean of each channel."""
    return np.add.reduce(x, axis=dims) / count


def _spread_of_channels(x: Any, mean: Any, dims: tuple[int, ...], count: int) -> Any:
    """The variance of each channel about its mean."""
    centred = x - mean.reshape((-1,) + (1,) * (x.ndim - 2))
    return _of_channels(np.multiply(centred, centred, centred), dims, count)


def _nearer(running: Any, new: Any, momentum: Any) -> Any:
    """A running statistic, moved towards a new one."""
    share = momentum if isinstance(momentum, (int, float)) else 1.0 / float(momentum)
    return running_half(running, new, share) if running.dtype.itemsize == 2 else running * (1 - share) + new * share


@export("functional", "instance_norm")
def instance_norm(
    input: Any, running_mean: Any = None, running_var: Any = None, weight: Any = None, bias: Any = None, use_input_stats: bool = True,
    momentum: float = 0.1, eps: float = 1e-5,
) -> Any:  # fmt: skip
    """Zero mean and unit variance of each channel of each sample."""
    rest = input._data.shape[2:]
    if use_input_stats and math.prod(rest) == 1:
        raise ValueError(f"Expected more than 1 spatial element when training, got input size {input.shape!r}")
    return _of_instances(input, weight, bias, running_mean, running_var, use_input_stats, momentum, eps)


@export("torch", "instance_norm")
def torch_instance_norm(
    input: Any, weight: Any, bias: Any, running_mean: Any, running_var: Any, use_input_stats: bool, momentum: float, eps: float, cudnn_enabled: bool
) -> Any:  # fmt: skip
    """The same as PyTorch's parser has it."""
    return _of_instances(input, weight, bias, running_mean, running_var, use_input_stats, momentum, eps)


def _of_instances(
    input: Any, weight: Any, bias: Any, running_mean: Any, running_var: Any, use_input_stats: bool, momentum: float, eps: float
) -> Any:  # fmt: skip
    rest = input._data.shape[2:]
    if not use_input_stats and (running_mean is None or running_var is None):
        raise RuntimeError("Expected running_mean and running_var to be defined when use_input_stats is false")
    samples, channels = input._data.shape[:2]
    if use_input_stats:
        for name, given in (("running_mean", running_mean), ("running_var", running_var), ("weight", weight), ("bias", bias)):
            if given is not None and given._data.size != channels:
                raise RuntimeError(f"{name} should contain {samples * channels} elements not {samples * given._data.size}")
    without_gradient("native_batch_norm", running_mean=running_mean, running_var=running_var)
    _must_share(input, "batch_norm", weight, bias)
    dims = tuple(range(2, input._data.ndim))
    if use_input_stats and running_mean is not None:
        count = math.prod(rest)
        unbiased = count / max(count - 1, 1)
        mean = computed(lambda x: np.mean(readable(x), axis=dims).mean(0), input)
        var = computed(lambda x: (np.var(readable(x), axis=dims) * unbiased).mean(0), input)
        for running, new in ((running_mean, mean), (running_var, var)):
            overwrite(running, computed(lambda old, to: readable(old) * (1 - momentum) + to * momentum, running, new))
    # as in PyTorch: a batch norm in which each channel of each sample is a channel of its own
    one = (1, samples * channels, *rest)
    at = (*one[:2], *(1 for _ in rest))
    weight, bias = (None if given is None else given.repeat(samples) for given in (weight, bias))
    line = input.contiguous().view(one)
    if use_input_stats:
        made = apply(rows["instance_norm"], (line, weight, bias), {"dim": dims, "eps": eps, "at": at, "fold": one})
    else:
        made = apply(kept, (line, weight, bias, running_mean.repeat(samples), running_var.repeat(samples)), {"eps": eps, "at": at})
    return made.view(input._data.shape)


@export("functional torch", "group_norm")
def group_norm(input: Any, num_groups: int, weight: Any = None, bias: Any = None, eps: float = 1e-5) -> Any:
    """Zero mean and unit variance of groups of channels of each sample."""
    shape = input._data.shape
    if len(shape) < 2:
        raise RuntimeError(f"Expected at least 2 dimensions for input tensor but received {len(shape)}")
    if isinstance(num_groups, int) and num_groups < 0:
        raise RuntimeError(f"Expected num groups to be greater than 0, got {num_groups}")
    together = [shape[0] * shape[1] // num_groups, num_groups, *shape[2:]]
    if together[0] * math.prod(together[2:]) == 1:
        raise ValueError(f"Expected more than 1 value per channel when training, got input size {together}")
    if isinstance(num_groups, float):
        raise TypeError("group_norm(): argument 'num_groups' (position 2) must be int, not float")
    if shape[1] % num_groups:
        raise RuntimeError(
            f"Expected number of channels in input to be divisible by num_groups, but got input of shape {sizes(shape)} and num_groups={num_groups}"
        )
    for name, given in (("weight", weight), ("bias", bias)):
        if given is not None and given._data.shape != (shape[1],):
            told = given if weight is None else weight  # PyTorch tells that one in both cases
            raise RuntimeError(
                f"Expected {name} to be a vector of size equal to the number of channels in input, but got {name} of shape "
                f"{list(told._data.shape)} and input of shape {list(shape)}"
            )
    _must_share(input, "GroupNormKernelImpl", weight, bias)
    fold = (shape[0], num_groups, math.prod(shape[1:]) // num_groups)
    params = {"dim": (2,), "eps": eps, "at": (1, shape[1]) + (1,) * (len(shape) - 2), "fold": fold}
    return apply(rows["group_norm"], (input, weight, bias), {**params, **_small_workings(input)})


@export("functional", "local_response_norm")
def local_response_norm(input: Any, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> Any:
    """Divided by the energy of the neighbouring channels."""
    from .padding import pad
    from .pool import avg_rows

    shape = input._data.shape
    if len(shape) < 3:
        raise ValueError(f"Expected 3D or higher dimensionality                          input (got {len(shape)} dimensions)")
    if not input._data.size:
        return input
    square = (input * input).unsqueeze(1)
    flat = square.reshape(shape[0], 1, shape[1], -1)
    flat = pad(flat, (0, 0, size // 2, (size - 1) // 2))
    params = {"kernel": (size, 1), "stride": (1, 1), "padding": (0, 0), "ceil": False, "include": True, "divisor": None}
    mean = apply(avg_rows[2], (flat,), params).reshape(*shape)
    return input / (mean * alpha + k) ** beta

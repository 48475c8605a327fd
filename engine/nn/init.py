"""torch.nn.init: fill parameters, with PyTorch's numbers.

Each writes in place, outside autograd, and gives back its tensor.
"""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np

from .. import random
from ..calls.signatures import refusal
from ..errors import ask, class_name
from ..memory.inplace import overwrite
from ..random import draws
from ..tensor import Tensor

_LINEAR = ("linear", "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d", "sigmoid")


def calculate_gain(nonlinearity: str, param: Any = None) -> float:
    """By what to scale the deviation so that signals keep their size through an activation."""
    if nonlinearity in _LINEAR:
        return 1
    if nonlinearity == "tanh":
        return 5.0 / 3
    if nonlinearity == "relu":
        return math.sqrt(2.0)
    if nonlinearity == "leaky_relu":
        if param is None:
            param = 0.01
        elif isinstance(param, bool) or not isinstance(param, (int, float)):
            raise ValueError(f"negative_slope {param} not a valid number")
        return math.sqrt(2.0 / (1 + param**2))
    if nonlinearity == "selu":
        return 3.0 / 4
    raise ValueError(f"Unsupported nonlinearity {nonlinearity}")


def _must_be_float(tensor: Any, method: str) -> None:
    ask(tensor, method)
    if tensor._data.dtype.kind not in "fcV":
        kernel = "check_uniform_bounds" if method == "uniform_" else "normal_kernel_cpu"
        raise NotImplementedError(f"\"{kernel}\" not implemented for '{tensor.dtype.scalar_name}'")


def _must_be_floats(method: str, **given: Any) -> None:
    for place, (name, value) in enumerate(given.items(), 1):
        if not isinstance(value, (int, float, np.number)) and not (isinstance(value, Tensor) and not value._data.ndim):
            raise TypeError(f"{method}(): argument '{name}' (position {place}) must be float, not {class_name(value)}")


def _drawn_normal(tensor: Tensor, mean: float, std: float, generator: Any) -> Any:
    if std < 0:
        raise RuntimeError(f"normal expects std >= 0.0, but found std {std}")
    return draws.normal(generator or random.default_generator, tensor._data.shape, mean, std, tensor._data.dtype)


def _drawn_uniform(tensor: Tensor, a: float, b: float, generator: Any) -> Any:
    if a > b:
        raise RuntimeError(f"uniform_ expects to return a [from, to) range, but found from={a:g} > to={b:g}")
    return draws.uniform(generator or random.default_generator, tensor._data.shape, a, b, tensor._data.dtype)


def uniform_(tensor: Any, a: float = 0.0, b: float = 1.0, generator: Any = None) -> Any:
    """U(a, b)."""
    _must_be_float(tensor, "uniform_")
    _must_be_floats("uniform_", **{"from": a, "to": b})
    overwrite(tensor, _drawn_uniform(tensor, a, b, generator))
    return tensor


def normal_(tensor: Any, mean: float = 0.0, std: float = 1.0, generator: Any = None) -> Any:
    """N(mean, std^2)."""
    _must_be_float(tensor, "normal_")
    _must_be_floats("normal_", mean=mean, std=std)
    overwrite(tensor, _drawn_normal(tensor, mean, std, generator))
    return tensor


def trunc_normal_(tensor: Any, mean: float = 0.0, std: float = 1.0, a: float = -2.0, b: float = 2.0, generator: Any = None) -> Any:
    """N(mean, std^2) with what falls outside [a, b] drawn again."""
    ask(tensor, "is_meta")
    if mean < a - 2 * std or mean > b + 2 * std:
        warnings.warn(
            "mean is more than 2 std from [a, b] in nn.init.trunc_normal_. The distribution of values may be incorrect.", stacklevel=2
        )

    def below(x: float) -> float:
        return (1.0 + math.erf(x / math.sqrt(2.0))) / 2.0

    if below((b - mean) / std) - below((a - mean) / std) > 0.3:
        kind = tensor._data.dtype.type
        low, high = kind(a), kind(b)
        made = _drawn_normal(tensor, mean, std, generator)
        while ((made < low) | (made > high)).any():
            made = np.where((made < low) | (made > high), _drawn_normal(tensor, mean, std, generator), made)
    else:
        made = _by_rejection(tensor, mean, std, a, b, generator)
    overwrite(tensor, made)
    return tensor


def _by_rejection(tensor: Any, mean: float, std: float, a: float, b: float, generator: Any) -> Any:
    """A tail of the normal: uniform candidates, kept with the probability that the density gives."""
    kind = tensor._data.dtype.type
    peak = -0.5 * ((max(a, min(mean, b)) - mean) / std) ** 2

    def refused(candidates: Any) -> Any:
        density = (((candidates - kind(mean)) / kind(std)) ** 2) * kind(-0.5) - kind(peak)
        return np.log(_drawn_uniform(tensor, 0.0, 1.0, generator)) > density

    made = _drawn_uniform(tensor, a, b, generator)
    pending = refused(made)
    while pending.any():
        candidates = _drawn_uniform(tensor, a, b, generator)
        made = np.where(pending, candidates, made)
        pending &= refused(candidates)
    return made


def constant_(tensor: Any, val: float) -> Any:
    """One value everywhere."""
    ask(tensor, "fill_")
    if not isinstance(val, (int, float)):
        told = refusal("method", "fill_", (tensor, val), {})
        if told is not None:
            raise told
        if isinstance(val, Tensor) and val._data.ndim:
            raise RuntimeError(f"fill_ only supports 0-dimension value tensor but got tensor with {val._data.ndim} dimensions.")
        val = val._data if isinstance(val, Tensor) else val
    overwrite(tensor, val)
    return tensor


def ones_(tensor: Any) -> Any:
    """Ones."""
    return constant_(tensor, 1.0)


def zeros_(tensor: Any) -> Any:
    """Zeros."""
    ask(tensor, "zero_")
    return constant_(tensor, 0.0)


def eye_(tensor: Any) -> Any:
    """Ones on the diagonal."""
    ask(tensor, "ndimension")
    if tensor._data.ndim != 2:
        raise ValueError("Only tensors with 2 dimensions are supported")
    overwrite(tensor, np.eye(*tensor._data.shape))
    return tensor


def dirac_(tensor: Any, groups: int = 1) -> Any:
    """The convolution kernel that gives back its input."""
    ask(tensor, "ndimension")
    if tensor._data.ndim not in (3, 4, 5):
        raise ValueError("Only tensors with 3, 4, or 5 dimensions are supported")
    outs, ins, *window = tensor._data.shape
    if outs % groups:
        raise ValueError("dim 0 must be divisible by groups")
    made = np.zeros(tensor._data.shape, np.float32)
    share = outs // groups
    middle = tuple(n // 2 for n in window)
    for g in range(groups):
        for d in range(min(share, ins)):
            made[(g * share + d, d, *middle)] = 1
    overwrite(tensor, made)
    return tensor


def _calculate_fan_in_and_fan_out(tensor: Any) -> tuple[int, int]:
    ask(tensor, "dim")
    if tensor._data.ndim < 2:
        raise ValueError("Fan in and fan out can not be computed for tensor with fewer than 2 dimensions")
    outs, ins, *window = tensor._data.shape
    field = math.prod(window)
    return ins * field, outs * field


def _calculate_correct_fan(tensor: Any, mode: str) -> int:
    mode = mode.lower()
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"Mode {mode} not supported, please use one of {['fan_in', 'fan_out']}")
    return _calculate_fan_in_and_fan_out(tensor)[mode == "fan_out"]


def xavier_uniform_(tensor: Any, gain: float = 1.0, generator: Any = None) -> Any:
    """Glorot and Bengio 2010: U(-a, a) with a = gain sqrt(6 / (fan_in + fan_out))."""
    a = math.sqrt(3.0) * (gain * math.sqrt(2.0 / float(sum(_calculate_fan_in_and_fan_out(tensor)))))
    return uniform_(tensor, -a, a, generator)


def xavier_normal_(tensor: Any, gain: float = 1.0, generator: Any = None) -> Any:
    """Glorot and Bengio 2010: deviation gain sqrt(2 / (fan_in + fan_out))."""
    return normal_(tensor, 0.0, gain * math.sqrt(2.0 / float(sum(_calculate_fan_in_and_fan_out(tensor)))), generator)


def _kaiming_std(tensor: Any, a: float, mode: str, nonlinearity: str) -> float | None:
    ask(tensor, "shape")
    if 0 in tensor._data.shape:
        warnings.warn("Initializing zero-element tensors is a no-op", stacklevel=3)
        return None
    fan = _calculate_correct_fan(tensor, mode)
    return calculate_gain(nonlinearity, a) / math.sqrt(fan)


def kaiming_uniform_(tensor: Any, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu", generator: Any = None) -> Any:
    """He et al. 2015: U(-b, b) with b = gain sqrt(3 / fan)."""
    std = _kaiming_std(tensor, a, mode, nonlinearity)
    return tensor if std is None else uniform_(tensor, -math.sqrt(3.0) * std, math.sqrt(3.0) * std, generator)


def kaiming_normal_(tensor: Any, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu", generator: Any = None) -> Any:
    """He et al. 2015: deviation gain / sqrt(fan)."""
    std = _kaiming_std(tensor, a, mode, nonlinearity)
    return tensor if std is None else normal_(tensor, 0, std, generator)


def orthogonal_(tensor: Any, gain: float = 1, generator: Any = None) -> Any:
    """A (semi-)orthogonal matrix: Q of a random matrix, with the signs that make it uniform."""
    ask(tensor, "ndimension")
    data = tensor._data
    if data.ndim < 2:
        raise ValueError("Only tensors with 2 or more dimensions are supported")
    if not data.size:
        return tensor
    rows, columns = data.shape[0], data.size // data.shape[0]
    drawn = draws.randn(generator or random.default_generator, (rows, columns), data.dtype)
    q, r = np.linalg.qr(drawn.T if rows < columns else drawn)
    q = q * np.sign(np.diag(r))
    overwrite(tensor, (q.T if rows < columns else q).reshape(data.shape) * data.dtype.type(gain))
    return tensor


def sparse_(tensor: Any, sparsity: float, std: float = 0.01, generator: Any = None) -> Any:
    """N(0, std^2) with a share of each column 0."""
    ask(tensor, "ndimension")
    if tensor._data.ndim != 2:
        raise ValueError("Only tensors with 2 dimensions are supported")
    rows, columns = tensor._data.shape
    made = _drawn_normal(tensor, 0.0, std, generator)
    for column in range(columns):
        made[draws.randperm(random.default_generator, rows)[: math.ceil(sparsity * rows)], column] = 0
    overwrite(tensor, made)
    return tensor


def _deprecated(name: str) -> Any:
    """The name without the last underscore, as scripts of long ago have it."""
    write = globals()[f"{name}_"]

    def old(*args: Any, **kwargs: Any) -> Any:
        warnings.warn(f"`nn.init.{name}` is now deprecated in favor of `nn.init.{name}_`.", FutureWarning, stacklevel=2)
        return write(*args, **kwargs)

    old.__name__ = name
    return old


for _name in (
    "uniform", "normal", "constant", "eye", "dirac", "xavier_uniform", "xavier_normal", "kaiming_uniform", "kaiming_normal", "orthogonal",
    "sparse",
):  # fmt: skip
    globals()[_name] = _deprecated(_name)

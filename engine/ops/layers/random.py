"""Random functions of layers: dropout and its kin, rrelu, gumbel softmax (torch.nn.functional).

Dropout is a product with a mask that is drawn, as PyTorch's CPU computes it: its node is MulBackward0, and the
mask is a leaf that a debugger can look at.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ... import random
from ...half.bfloat16 import cast, readable
from ...memory.computed import computed, drawn
from ...modes import warn
from ...naming.namespace import export
from ...op import Op, apply
from ...random import draws
from ...random.rarer_draws import exponential
from ...tensor import Tensor
from ..fill import told_leaf
from ..pointwise.activation import leaky_relu_row

_SINGLE = np.dtype(np.float32)
_ALPHA = 1.7580993408473766  # minus the value that SELU tends to


def _checked(p: float) -> None:
    if p < 0.0 or p > 1.0:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")


def _in_steps(x: Any, *steps: Callable[[Any, Any], Any]) -> Any:
    """`step(numbers, type)` after `step`; in half precision each in float32 and rounded, as PyTorch's kernels do it."""
    kind = x.dtype
    for step in steps:
        x = step(x, kind.type) if kind.itemsize > 2 else cast(step(cast(x, _SINGLE), np.float32), kind)
    return x


def _mask(input: Tensor, p: float, whole_channels: bool, divided: bool) -> Any:
    """Ones with probability 1 - p in the dtype of the input, or these divided by it; one draw an element, or one a channel."""
    like = input._data
    if whole_channels:
        if like.ndim < 2:
            raise RuntimeError("Feature dropout requires at least 2 dimensions in the input")
        like = np.empty((*like.shape[:2], *(1,) * (like.ndim - 2)), like.dtype)
    kind = like.dtype

    def draw(generator: Any) -> Any:
        mask = cast(draws.in_memory_order(like, lambda shape: draws.bernoulli_p(generator, shape, 1 - p)), kind)
        if not divided:
            return mask
        return _in_steps(mask, lambda x, d: np.divide(x, d(1 - p), out=x))

    return drawn(random.default_generator, draw)


def _dropped(input: Any, p: float, training: bool, whole_channels: bool = False, inplace: bool = False) -> Any:
    _checked(p)
    if p == 0 or not training or not input._data.size:
        return input
    times = input.mul_ if inplace else input.__mul__
    if p == 1:
        return times(told_leaf(np.zeros((), input._data.dtype)))
    if input._data.dtype.kind not in "fV":
        raise RuntimeError(f"result type Float can't be cast to the desired output type {input.dtype.scalar_name}")
    return times(told_leaf(_mask(input, p, whole_channels, divided=True)))


def _alpha_dropped(input: Any, p: float, training: bool, whole_channels: bool = False) -> Any:
    _checked(p)
    if p == 0 or not training or not input._data.size:
        return input
    if p == 1:
        return input * told_leaf(np.zeros((), input._data.dtype))
    mask = _mask(input, p, whole_channels, divided=False)
    a = 1.0 / math.sqrt((_ALPHA * _ALPHA * p + 1) * (1 - p))

    def shift(kept: Any) -> Any:
        return _in_steps(kept, lambda x, d: x + d(-1), lambda x, d: x * d(_ALPHA * a), lambda x, d: x + d(_ALPHA * a * p))

    def scaled(kept: Any) -> Any:
        return _in_steps(kept, lambda x, d: x * d(a))

    return input * told_leaf(computed(scaled, mask)) + told_leaf(computed(shift, mask))


def _back(input: Any, result: Any, inplace: bool) -> Any:
    """`inplace=True` writes the result into the input."""
    return input.copy_(result) if inplace and result is not input else result


@export("functional")
def dropout(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """Each element 0 with probability p, the others divided by 1 - p."""
    return _dropped(input, p, training, inplace=inplace)


@export("torch", "dropout")
def torch_dropout(input: Any, p: float, train: bool) -> Any:
    """Each element 0 with probability p, the others divided by 1 - p."""
    return _dropped(input, p, train)


_FEW_DIMS = (
    "dropout{n}d: Received a {dims}-D input to dropout{n}d, which is deprecated and will result in an error in a future release. To retain the "
    "behavior and silence this warning, please use dropout instead. Note that dropout{n}d exists to provide channel-wise dropout on inputs "
    "with {n} spatial dimensions, a channel dimension, and an optional batch dimension (i.e. {a}D or {b}D inputs)."
)
_NO_BATCH = (
    "dropout2d: Received a 3D input to dropout2d and assuming that channel-wise 1D dropout behavior is desired - input is interpreted as shape "
    "(N, C, L), where C is the channel dim. This behavior will change in a future release to interpret the input as one without a batch "
    "dimension, i.e. shape (C, H, W). To maintain the 1D channel-wise dropout behavior, please switch to using dropout1d instead."
)


def _channels(n: int) -> None:
    def function(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
        _checked(p)
        dims = input._data.ndim
        if n > 1 and dims not in (n + 1, n + 2):
            warn(_FEW_DIMS.format(n=n, dims=dims, a=n + 1, b=n + 2))
        if n == 2 and dims == 3:
            warn(_NO_BATCH)
        if n == 1 and dims not in (2, 3):
            raise RuntimeError(
                f"dropout{n}d: Expected {n + 1}D or {n + 2}D input, but received a {dims}D input. "
                f"Note that dropout{n}d exists to provide channel-wise dropout on inputs with {n} spatial dimension, a channel dimension, and an "
                f"optional batch dimension (i.e. {n + 1}D or {n + 2}D inputs)."
            )
        alone = dims != n + 2 and n != 2
        batch = input.unsqueeze(0) if alone else input
        result = _dropped(batch, p, training, whole_channels=True)
        return _back(input, result.squeeze(0) if alone else result, inplace)

    function.__name__ = f"dropout{n}d"
    function.__doc__ = "Whole channels 0 with probability p."
    export("functional")(function)


for _n in (1, 2, 3):
    _channels(_n)


@export("functional")
def alpha_dropout(input: Any, p: float = 0.5, training: bool = False, inplace: bool = False) -> Any:
    """Dropout that keeps mean and variance, for SELU."""
    return _back(input, _alpha_dropped(input, p, training), inplace)


@export("torch", "alpha_dropout")
def torch_alpha_dropout(input: Any, p: float, train: bool) -> Any:
    """Dropout that keeps mean and variance, for SELU."""
    return _alpha_dropped(input, p, train)


@export("torch", "feature_alpha_dropout")
def torch_feature_alpha_dropout(input: Any, p: float, train: bool) -> Any:
    """Alpha dropout of whole channels."""
    return _alpha_dropped(input, p, train, whole_channels=True)


@export("functional")
def feature_alpha_dropout(input: Any, p: float = 0.5, training: bool = False, inplace: bool = False) -> Any:
    """Alpha dropout of whole channels."""
    return _back(input, _alpha_dropped(input, p, training, whole_channels=True), inplace)


@export("torch")
def feature_dropout(input: Any, p: float, train: bool) -> Any:
    """Dropout of whole channels."""
    return _dropped(input, p, train, whole_channels=True)


rrelu_row = Op(
    "rrelu_with_noise", lambda x, noise: x * noise, inputs=("x", "noise"), vjps=(lambda g, x, noise: g * noise, None),
    formulas=(r"\bar{x} = \bar{z} \odot n", ""), grad_fn="RreluWithNoiseBackward0", elementwise=True,
)  # fmt: skip


rrelu_mean = leaky_relu_row.named("RreluWithNoiseBackward0")


@export("functional torch")
def rrelu(input: Any, lower: float = 1.0 / 8, upper: float = 1.0 / 3, training: bool = False, inplace: bool = False) -> Any:
    """x where positive, else x times a slope drawn from U(lower, upper); the mean slope in evaluation."""
    if lower > upper:
        raise RuntimeError("Lower bound should be less than or equal to the upper bound")
    if not training:
        return _back(input, apply(rrelu_mean, (input,), {"slope": (lower + upper) / 2}), inplace)

    def draw(generator: Any, x: Any) -> Any:
        data = readable(x)
        slopes = np.ones_like(data)
        low = data <= 0
        count = int(low.sum())
        numbers = generator.doubles(count) if count else np.zeros(0)
        first, last = (
            float(readable(cast(np.asarray(bound, np.float64), x.dtype))) for bound in (lower, upper)
        )  # PyTorch rounds the bounds first
        slopes[low] = (numbers * (last - first) + first).astype(data.dtype)
        return cast(slopes, x.dtype)

    return _back(input, apply(rrelu_row, (input, told_leaf(drawn(random.default_generator, draw, input)))), inplace)


export("functional", "rrelu_")(lambda input, lower=1.0 / 8, upper=1.0 / 3, training=False: rrelu(input, lower, upper, training, True))


@export("functional")
def gumbel_softmax(logits: Any, tau: float = 1, hard: bool = False, eps: float = 1e-10, dim: int = -1) -> Any:
    """A soft draw from a categorical; `hard` gives one-hot vectors with the soft gradient."""
    if logits._data.dtype.kind not in "fV":
        raise RuntimeError(
            "Exponential distribution is a continuous probability distribution. dtype must be a floating point but you specified "
            f"{logits.dtype.scalar_name}"
        )
    shape, kind = logits._data.shape, logits._data.dtype
    noise = -told_leaf(drawn(random.default_generator, lambda generator: exponential(generator, shape, 1.0, kind))).log()
    soft = ((logits + noise) / tau).softmax(dim)
    if not hard:
        return soft

    def largest(chances: Any) -> Any:
        data = readable(chances)
        one = np.zeros_like(data)
        np.put_along_axis(one, np.expand_dims(data.argmax(axis=dim), dim), 1, axis=dim)
        return cast(one, chances.dtype)

    return told_leaf(computed(largest, soft)) - soft.detach() + soft


__all__ = ["dropout", "rrelu"]

"""Linear layers (torch.nn.Linear, Bilinear, Identity, Flatten)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import dtypes, random
from ..ops.linalg import linear
from ..tensor import Tensor
from .module import Module
from .parameter import Parameter


def uniform(shape: tuple[int, ...], bound: float, dtype: Any = None) -> Parameter:
    """A parameter drawn from U(-bound, bound), with PyTorch's numbers."""
    d = (dtype or dtypes.get_default_dtype()).numpy
    data = random.uniform(random.default_generator, shape, -bound, bound, d) if math.prod(shape) else np.zeros(shape, d)
    return Parameter(Tensor(data))


def fan_in_bound(fan_in: int) -> float:
    """kaiming_uniform_(a=sqrt(5)) comes down to this bound."""
    return math.sqrt(3.0) * (math.sqrt(2.0 / (1 + 5)) / math.sqrt(fan_in)) if fan_in else 0.0


class Linear(Module):
    """y = x A^T + b.

    Shapes: x (*, in_features), A (out_features, in_features), b (out_features), y (*, out_features).
    """

    def __init__(self, in_features: int, out_features: int, bias: bool = True, device: Any = None, dtype: Any = None) -> None:
        super().__init__()
        self.in_features = in_features
        self.out_features = out_features
        self.weight = uniform((out_features, in_features), fan_in_bound(in_features), dtype)
        if bias:
            self.bias = uniform((out_features,), 1 / math.sqrt(in_features) if in_features else 0.0, dtype)
        else:
            self.register_parameter("bias", None)

    def forward(self, input: Any) -> Any:
        return linear(input, self.weight, self.bias)

    def extra_repr(self) -> str:
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"


class Identity(Module):
    """Gives back what it gets."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()

    def forward(self, input: Any) -> Any:
        return input

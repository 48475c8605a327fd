"""Linear layers (torch.nn.Linear, Bilinear, Identity)."""

from __future__ import annotations

import math
from typing import Any

from ...ops.matrices.linalg import linear
from .. import functional
from .initial import bias_bound, fan_in_bound, here, kaiming, refill, uniform
from .module import Module


class Linear(Module):
    """y = x A^T + b.

    Shapes: x (*, in_features), A (out_features, in_features), b (out_features), y (*, out_features).
    """

    def __init__(self, in_features: int, out_features: int, bias: bool = True, device: Any = None, dtype: Any = None) -> None:
        super().__init__()
        here(device)
        self.in_features = in_features
        self.out_features = out_features
        self.weight = kaiming(self, (out_features, in_features), in_features, dtype)
        if bias:
            self.bias = uniform((out_features,), bias_bound(in_features), dtype)
        else:
            self.register_parameter("bias", None)

    def reset_parameters(self) -> None:
        """Draw weight and bias again."""
        refill(self.weight, fan_in_bound(self.in_features))
        if self.bias is not None:
            refill(self.bias, bias_bound(self.in_features))

    def forward(self, input: Any) -> Any:
        own = self._parameters  # Python finds `self.weight` there, too, but after a search that costs as much as a small product
        weight, bias = own.get("weight"), own.get("bias")
        return linear(input, self.weight if weight is None else weight, self.bias if bias is None else bias)

    def extra_repr(self) -> str:
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"


class NonDynamicallyQuantizableLinear(Linear):
    """Linear under the name that MultiheadAttention prints for its last layer."""


class Bilinear(Module):
    """y_k = x1^T A_k x2 + b_k."""

    def __init__(
        self, in1_features: int, in2_features: int, out_features: int, bias: bool = True, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__()
        here(device)
        if in1_features <= 0:
            raise ValueError(f"in1_features must be > 0, but got {in1_features}")
        self.in1_features, self.in2_features, self.out_features = in1_features, in2_features, out_features
        bound = 1 / math.sqrt(in1_features)
        self.weight = uniform((out_features, in1_features, in2_features), bound, dtype)
        if bias:
            self.bias = uniform((out_features,), bound, dtype)
        else:
            self.register_parameter("bias", None)

    def reset_parameters(self) -> None:
        """Draw weight and bias again."""
        for p in self.parameters():
            refill(p, 1 / math.sqrt(self.in1_features))

    def forward(self, input1: Any, input2: Any) -> Any:
        return functional.bilinear(input1, input2, self.weight, self.bias)

    def extra_repr(self) -> str:
        sizes = f"in1_features={self.in1_features}, in2_features={self.in2_features}, out_features={self.out_features}"
        return f"{sizes}, bias={self.bias is not None}"


class Identity(Module):
    """Gives back what it gets."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()

    def forward(self, input: Any) -> Any:
        return input


__all__ = ["Bilinear", "Identity", "Linear", "NonDynamicallyQuantizableLinear"]

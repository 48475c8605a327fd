"""Muon (torch.optim.Muon): momentum of matrices, made nearly orthogonal by a few Newton-Schulz steps in bfloat16."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..tensor import Tensor
from . import kernels
from .optimizer import Optimizer
from .options import number

Array = np.ndarray[Any, Any]


def bfloat16(x: Array) -> Array:
    """float32 rounded to the 8 bits of precision of bfloat16, ties to even."""
    bits = np.ascontiguousarray(x, np.float32).view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000).astype(np.uint32).view(np.float32)


def orthogonal(grad: Array, coefficients: tuple[float, float, float], steps: int, eps: float) -> Array:
    """The matrix with its singular values moved towards 1, rounded as PyTorch's products in bfloat16 are."""
    if steps >= 100:
        raise ValueError("Number of steps must be less than 100 for computational efficiency")
    if len(coefficients) != 3:
        raise ValueError("Coefficients must be a tuple of exactly 3 values")
    a, b, c = (np.float32(v) for v in coefficients)
    tall = grad.shape[0] > grad.shape[1]
    x = bfloat16(grad)
    x = x.T if tall else x
    size = bfloat16(np.sqrt((x * x).sum(keepdims=True)))
    x = bfloat16(x / np.maximum(size, bfloat16(np.full((1, 1), eps))))
    for _ in range(steps):
        gram = bfloat16(x @ x.T)
        update = bfloat16(b * gram + c * (gram @ gram))
        x = bfloat16(a * x + update @ x)
    return x.T if tall else x


class Muon(Optimizer):
    """Source: https://docs.pytorch.org/docs/stable/generated/torch.optim.Muon.html"""

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-3,
        weight_decay: float = 0.1,
        momentum: float = 0.95,
        nesterov: bool = True,
        ns_coefficients: tuple[float, float, float] = (3.4445, -4.7750, 2.0315),
        eps: float = 1e-7,
        ns_steps: int = 5,
        adjust_lr_fn: str | None = None,
    ) -> None:
        if isinstance(lr, Tensor) and lr._data.size != 1:
            raise ValueError("Tensor lr must be 1-element")
        if not lr >= 0.0:
            raise ValueError(f"Learning rate should be >= 0 but is: {lr}")
        if not momentum >= 0.0:
            raise ValueError(f"momentum should be >= 0 but is: {momentum}")
        if not weight_decay >= 0.0:
            raise ValueError(f"weight decay should be >= 0 but is: {weight_decay}")
        if adjust_lr_fn not in (None, "original", "match_rms_adamw"):
            raise ValueError(f"Adjust learning rate function {adjust_lr_fn} is not supported")
        super().__init__(
            params,
            {
                "lr": lr, "weight_decay": weight_decay, "momentum": momentum, "nesterov": nesterov, "ns_coefficients": ns_coefficients,
                "eps": eps, "ns_steps": ns_steps, "adjust_lr_fn": adjust_lr_fn,
            },
        )  # fmt: skip
        for group in self.param_groups:
            for p in group["params"]:
                if p._data.ndim != 2:
                    raise ValueError(f"Muon only supports 2D parameters whereas we found a parameter with size: {p.size()}")

    def update(self, param: Tensor, grad: Array, state: dict[str, Any], group: dict[str, Any]) -> None:
        data = param._data
        if not state:
            state["momentum_buffer"] = Tensor._of(np.zeros_like(grad))
        held, momentum = state["momentum_buffer"]._data, group["momentum"]
        held[...] = kernels.lerp(held, grad, 1 - momentum)
        moved = kernels.lerp(grad, held, momentum) if group["nesterov"] else held
        change = orthogonal(moved, group["ns_coefficients"], group["ns_steps"], group["eps"])
        rate = number(group["lr"])
        rows, columns = data.shape
        ratio = 0.2 * math.sqrt(max(rows, columns)) if group["adjust_lr_fn"] == "match_rms_adamw" else math.sqrt(max(1, rows / columns))
        data[...] = kernels.scale(data, 1 - rate * group["weight_decay"])
        data[...] = kernels.add(data, change.astype(data.dtype), -rate * ratio)

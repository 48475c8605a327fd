"""Stochastic gradient descent with momentum (torch.optim.SGD)."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import events
from ..tensor import Tensor
from . import kernels
from .optimizer import Optimizer
from .options import number

Array = np.ndarray[Any, Any]


class SGD(Optimizer):
    """p <- p - lr * (g + momentum part). Source: https://docs.pytorch.org/docs/stable/generated/torch.optim.SGD.html"""

    takes_sparse = True

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        if isinstance(lr, Tensor) and lr._data.size != 1:
            raise ValueError("Tensor lr must be 1-element")
        if lr < 0.0:
            raise ValueError(f"Invalid learning rate: {lr}")
        if momentum < 0.0:
            raise ValueError(f"Invalid momentum value: {momentum}")
        if weight_decay < 0.0:
            raise ValueError(f"Invalid weight_decay value: {weight_decay}")
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("Nesterov momentum requires a momentum and zero dampening")
        super().__init__(
            params,
            {
                "lr": lr, "momentum": momentum, "dampening": dampening, "weight_decay": weight_decay, "nesterov": nesterov,
                "maximize": maximize, "foreach": foreach, "differentiable": differentiable, "fused": fused,
            },
        )  # fmt: skip

    def move(self, group: dict[str, Any]) -> None:
        """As of every optimizer; plain steps that nobody watches are all the same, and quicker (benchmark row `engine/W2`)."""
        if group["momentum"] or group["weight_decay"] or group["maximize"] or events.watcher is not None:
            super().move(group)
            return
        moved = [p for p in group["params"] if p._grad is not None]
        kernels.add_into_all([p._data for p in moved], [p._grad._data for p in moved], -number(group["lr"]))
        for p in moved:
            p._storage.version += 1

    def update(self, param: Tensor, grad: Array, state: dict[str, Any], group: dict[str, Any]) -> None:
        data, momentum = param._data, group["momentum"]
        if group["maximize"]:
            grad = -grad
        if group["weight_decay"]:
            if param._grad._places is not None:  # type: ignore[union-attr]
                raise RuntimeError("add(sparse, dense) is not supported. Use add(dense, sparse) instead.")
            grad = kernels.add(grad, data, number(group["weight_decay"]))
        if momentum:
            buffer = state.get("momentum_buffer")
            if buffer is None:
                buffer = state["momentum_buffer"] = Tensor._of(grad.copy())
            else:
                buffer._data[...] = kernels.add(kernels.scale(buffer._data, momentum), grad, 1 - group["dampening"])
            grad = kernels.add(grad, buffer._data, momentum) if group["nesterov"] else buffer._data
        kernels.add_into(data, grad, -number(group["lr"]))

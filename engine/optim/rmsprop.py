"""RMSprop (torch.optim.RMSprop): the gradient over the root of its moving mean square."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..tensor import Tensor
from . import kernels
from .optimizer import Optimizer, count_step, step_counter, zeros_like
from .options import check_not_negative, check_rate, number

Array = np.ndarray[Any, Any]


class RMSprop(Optimizer):
    """Source: https://docs.pytorch.org/docs/stable/generated/torch.optim.RMSprop.html"""

    younger = Optimizer.younger | {"momentum", "centered"}

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_rate(lr)
        check_not_negative(eps, "epsilon value")
        check_not_negative(momentum, "momentum value")
        check_not_negative(weight_decay, "weight_decay value")
        check_not_negative(alpha, "alpha value")
        super().__init__(
            params,
            {
                "lr": lr, "momentum": momentum, "alpha": alpha, "eps": eps, "centered": centered, "weight_decay": weight_decay,
                "capturable": capturable, "foreach": foreach, "maximize": maximize, "differentiable": differentiable,
            },
        )  # fmt: skip

    def update(self, param: Tensor, grad: Array, state: dict[str, Any], group: dict[str, Any]) -> None:
        data, lr, alpha, momentum = param._data, number(group["lr"]), group["alpha"], group["momentum"]
        if group["maximize"]:
            grad = -grad
        if not state:
            state.update(step=step_counter(), square_avg=zeros_like(param))
            if momentum > 0:
                state["momentum_buffer"] = zeros_like(param)
            if group["centered"]:
                state["grad_avg"] = zeros_like(param)
        count_step(state)
        if group["weight_decay"]:
            grad = kernels.add(grad, data, group["weight_decay"])
        square = state["square_avg"]._data
        square[...] = kernels.addcmul(kernels.scale(square, alpha), grad, grad, 1 - alpha)
        if group["centered"]:
            mean = state["grad_avg"]._data
            mean[...] = kernels.lerp(mean, grad, 1 - alpha)
            square = kernels.addcmul(square, mean, mean, -1)
        root = np.sqrt(square) + data.dtype.type(group["eps"])
        if momentum > 0:
            buffer = state["momentum_buffer"]._data
            buffer[...] = kernels.addcdiv(kernels.scale(buffer, momentum), grad, root)
            data[...] = kernels.add(data, buffer, -lr)
        else:
            data[...] = kernels.addcdiv(data, grad, root, -lr)

"""Adamax (torch.optim.Adamax): Adam with the largest recent gradient in place of the mean square."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..tensor import Tensor
from . import kernels
from .optimizer import Optimizer, count_step, step_counter, zeros_like
from .options import check_betas, check_not_negative, check_rate, number

Array = np.ndarray[Any, Any]


class Adamax(Optimizer):
    """Source: https://docs.pytorch.org/docs/stable/generated/torch.optim.Adamax.html"""

    def __init__(
        self,
        params: Any,
        lr: Any = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        check_rate(lr)
        check_not_negative(eps, "epsilon value")
        check_betas(betas)
        check_not_negative(weight_decay, "weight_decay value")
        super().__init__(
            params,
            {
                "lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "foreach": foreach, "maximize": maximize,
                "differentiable": differentiable, "capturable": capturable,
            },
        )  # fmt: skip

    def update(self, param: Tensor, grad: Array, state: dict[str, Any], group: dict[str, Any]) -> None:
        data, (beta1, beta2) = param._data, group["betas"]
        if not state:
            state.update(step=step_counter(), exp_avg=zeros_like(param), exp_inf=zeros_like(param))
        step = count_step(state)
        if group["maximize"]:
            grad = -grad
        if group["weight_decay"]:
            grad = kernels.add(grad, data, group["weight_decay"])
        mean, largest = state["exp_avg"]._data, state["exp_inf"]._data
        mean[...] = kernels.lerp(mean, grad, 1 - beta1)
        largest[...] = np.maximum(kernels.scale(largest, beta2), np.abs(grad) + data.dtype.type(group["eps"]))
        data[...] = kernels.addcdiv(data, mean, largest, -(number(group["lr"]) / (1 - beta1**step)))

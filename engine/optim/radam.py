"""RAdam (torch.optim.RAdam): Adam that waits with its adaptive rate until the mean square rests on enough steps."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..tensor import Tensor
from . import kernels
from .optimizer import Optimizer, count_step, step_counter, zeros_like
from .options import check_betas, check_not_negative, check_rate, number

Array = np.ndarray[Any, Any]


class RAdam(Optimizer):
    """Source: https://docs.pytorch.org/docs/stable/generated/torch.optim.RAdam.html"""

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        decoupled_weight_decay: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_rate(lr)
        check_not_negative(eps, "epsilon value")
        check_betas(betas)
        check_not_negative(weight_decay, "weight_decay value")
        super().__init__(
            params,
            {
                "lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "maximize": maximize, "foreach": foreach,
                "capturable": capturable, "decoupled_weight_decay": decoupled_weight_decay, "differentiable": differentiable,
            },
        )  # fmt: skip

    def update(self, param: Tensor, grad: Array, state: dict[str, Any], group: dict[str, Any]) -> None:
        data, lr, (beta1, beta2) = param._data, number(group["lr"]), group["betas"]
        if group["maximize"]:
            grad = -grad
        if not state:
            state.update(step=step_counter(), exp_avg=zeros_like(param), exp_avg_sq=zeros_like(param))
        step = count_step(state)
        if group["weight_decay"]:
            if group["decoupled_weight_decay"]:
                data[...] = kernels.scale(data, 1 - lr * group["weight_decay"])
            else:
                grad = kernels.add(grad, data, group["weight_decay"])
        mean, square = state["exp_avg"]._data, state["exp_avg_sq"]._data
        mean[...] = kernels.lerp(mean, grad, 1 - beta1)
        square[...] = kernels.addcmul(kernels.scale(square, beta2), grad, grad, 1 - beta2)
        correction1, correction2 = 1 - beta1**step, 1 - beta2**step
        change = kernels.scale(kernels.over(mean, correction1), lr)
        longest = 2 / (1 - beta2) - 1  # length of the moving average, in the end and now
        length = longest - 2 * step * (beta2**step) / correction2
        if length > 5.0:
            rectification = ((length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length)) ** 0.5
            adaptive = kernels.number_over(correction2**0.5, np.sqrt(square) + data.dtype.type(group["eps"]))
            change = kernels.scale(np.asarray(change * adaptive), rectification)
        data[...] = data - change

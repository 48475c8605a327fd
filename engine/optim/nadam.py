"""NAdam (torch.optim.NAdam): Adam that looks ahead along its momentum, as Nesterov does."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..tensor import Tensor
from . import kernels
from .optimizer import Optimizer, count_step, step_counter, zeros_like
from .options import check_betas, check_not_negative, check_rate, number

Array = np.ndarray[Any, Any]


class NAdam(Optimizer):
    """Source: https://docs.pytorch.org/docs/stable/generated/torch.optim.NAdam.html"""

    def __init__(
        self,
        params: Any,
        lr: Any = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum_decay: float = 4e-3,
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
        check_not_negative(momentum_decay, "momentum_decay value")
        super().__init__(
            params,
            {
                "lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "momentum_decay": momentum_decay,
                "decoupled_weight_decay": decoupled_weight_decay, "maximize": maximize, "foreach": foreach, "capturable": capturable,
                "differentiable": differentiable,
            },
        )  # fmt: skip

    def update(self, param: Tensor, grad: Array, state: dict[str, Any], group: dict[str, Any]) -> None:
        data, lr, (beta1, beta2) = param._data, number(group["lr"]), group["betas"]
        if group["maximize"]:
            grad = -grad
        if not state:
            one = step_counter()
            one._data += 1
            state.update(step=step_counter(), mu_product=one, exp_avg=zeros_like(param), exp_avg_sq=zeros_like(param))
        step = count_step(state)
        if group["weight_decay"]:
            if group["decoupled_weight_decay"]:
                data[...] = kernels.scale(data, 1 - lr * group["weight_decay"])
            else:
                grad = kernels.add(grad, data, group["weight_decay"])
        mu, mu_next = (beta1 * (1.0 - 0.5 * (0.96 ** (k * group["momentum_decay"]))) for k in (step, step + 1))
        state["mu_product"]._data *= mu
        mu_product = float(state["mu_product"]._data)
        mean, square = state["exp_avg"]._data, state["exp_avg_sq"]._data
        mean[...] = kernels.lerp(mean, grad, 1 - beta1)
        square[...] = kernels.addcmul(kernels.scale(square, beta2), grad, grad, 1 - beta2)
        root = np.sqrt(kernels.over(square, 1 - beta2**step)) + data.dtype.type(group["eps"])
        moved = kernels.addcdiv(data, grad, root, -lr * (1.0 - mu) / (1.0 - mu_product))
        data[...] = kernels.addcdiv(moved, mean, root, (-lr * mu_next) / (1.0 - mu_product * mu_next))

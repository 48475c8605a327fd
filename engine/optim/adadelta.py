"""Adadelta (torch.optim.Adadelta): steps in the units of the parameter, from the mean square of the last steps."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..tensor import Tensor
from . import kernels
from .optimizer import Optimizer, count_step, step_counter, zeros_like
from .options import check_not_negative, check_rate, number

Array = np.ndarray[Any, Any]


class Adadelta(Optimizer):
    """Source: https://docs.pytorch.org/docs/stable/generated/torch.optim.Adadelta.html"""

    def __init__(
        self,
        params: Any,
        lr: Any = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        capturable: bool = False,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_rate(lr)
        if not 0.0 <= rho <= 1.0:
            raise ValueError(f"Invalid rho value: {rho}")
        check_not_negative(eps, "epsilon value")
        check_not_negative(weight_decay, "weight_decay value")
        super().__init__(
            params,
            {
                "lr": lr, "rho": rho, "eps": eps, "weight_decay": weight_decay, "maximize": maximize, "capturable": capturable,
                "foreach": foreach, "differentiable": differentiable,
            },
        )  # fmt: skip

    def update(self, param: Tensor, grad: Array, state: dict[str, Any], group: dict[str, Any]) -> None:
        data, rho = param._data, group["rho"]
        eps = data.dtype.type(group["eps"])
        if not state:
            state.update(step=step_counter(), square_avg=zeros_like(param), acc_delta=zeros_like(param))
        count_step(state)
        if group["maximize"]:
            grad = -grad
        if group["weight_decay"]:
            grad = kernels.add(grad, data, group["weight_decay"])
        square, moved = state["square_avg"]._data, state["acc_delta"]._data
        square[...] = kernels.addcmul(kernels.scale(square, rho), grad, grad, 1 - rho)
        delta = np.asarray(np.sqrt(moved + eps) / np.sqrt(square + eps) * grad)
        moved[...] = kernels.addcmul(kernels.scale(moved, rho), delta, delta, 1 - rho)
        data[...] = kernels.add(data, delta, -number(group["lr"]))

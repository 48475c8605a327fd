"""Adagrad (torch.optim.Adagrad): the gradient over the root of the sum of all its squares so far."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..tensor import Tensor
from . import kernels
from .optimizer import Optimizer, count_step, step_counter
from .options import check_not_negative, check_rate, number

Array = np.ndarray[Any, Any]


class Adagrad(Optimizer):
    """Source: https://docs.pytorch.org/docs/stable/generated/torch.optim.Adagrad.html"""

    takes_sparse = True

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-2,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        check_rate(lr)
        check_not_negative(lr_decay, "lr_decay value")
        check_not_negative(weight_decay, "weight_decay value")
        check_not_negative(initial_accumulator_value, "initial_accumulator_value value")
        check_not_negative(eps, "epsilon value")
        super().__init__(
            params,
            {
                "lr": lr, "lr_decay": lr_decay, "eps": eps, "weight_decay": weight_decay,
                "initial_accumulator_value": initial_accumulator_value, "foreach": foreach, "maximize": maximize,
                "differentiable": differentiable, "fused": fused,
            },
        )  # fmt: skip
        for group in self.param_groups:
            for p in group["params"]:
                self._start(p, self.state[p])

    def _start(self, param: Tensor, state: dict[str, Any]) -> None:
        state.update(step=step_counter(), sum=Tensor._of(np.full_like(param._data, self.defaults["initial_accumulator_value"])))

    def update(self, param: Tensor, grad: Array, state: dict[str, Any], group: dict[str, Any]) -> None:
        data = param._data
        if not state:
            self._start(param, state)
        step = count_step(state)
        if group["maximize"]:
            grad = -grad
        if group["weight_decay"]:
            if param._grad._places is not None:  # type: ignore[union-attr]
                raise RuntimeError("weight_decay option is not compatible with sparse gradients")
            grad = kernels.add(grad, data, group["weight_decay"])
        rate = number(group["lr"]) / (1 + (step - 1) * group["lr_decay"])
        total = state["sum"]._data
        total[...] = kernels.addcmul(total, grad, grad)
        data[...] = kernels.addcdiv(data, grad, np.sqrt(total) + data.dtype.type(group["eps"]), -rate)

"""ASGD (torch.optim.ASGD): SGD that also keeps the average of the parameters in `state["ax"]`."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..tensor import Tensor
from . import kernels
from .optimizer import Optimizer, count_step, step_counter, zeros_like
from .options import check_not_negative, check_rate, number

Array = np.ndarray[Any, Any]


class ASGD(Optimizer):
    """Source: https://docs.pytorch.org/docs/stable/generated/torch.optim.ASGD.html"""

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-2,
        lambd: float = 1e-4,
        alpha: float = 0.75,
        t0: float = 1e6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        check_rate(lr)
        check_not_negative(weight_decay, "weight_decay value")
        super().__init__(
            params,
            {
                "lr": lr, "lambd": lambd, "alpha": alpha, "t0": t0, "weight_decay": weight_decay, "foreach": foreach,
                "maximize": maximize, "differentiable": differentiable, "capturable": capturable,
            },
        )  # fmt: skip

    def update(self, param: Tensor, grad: Array, state: dict[str, Any], group: dict[str, Any]) -> None:
        data, lr, lambd = param._data, number(group["lr"]), group["lambd"]
        if group["maximize"]:
            grad = -grad
        if not state:
            first_eta, first_mu = step_counter(), step_counter()
            first_eta._data[...], first_mu._data[...] = lr, 1
            state.update(step=step_counter(), eta=first_eta, mu=first_mu, ax=zeros_like(param))
        step = count_step(state)
        if group["weight_decay"]:
            grad = kernels.add(grad, data, group["weight_decay"])
        eta, mu, average = float(state["eta"]._data), float(state["mu"]._data), state["ax"]._data
        data[...] = kernels.add(kernels.scale(data, 1 - lambd * eta), grad, -eta)
        average[...] = average + kernels.scale(np.asarray(data - average), mu) if mu != 1 else data
        rounded = step_counter()._data.dtype.type  # kept in the default dtype, also after loading gave them the parameter's
        state["eta"]._data[...] = rounded(lr / ((1 + lambd * lr * step) ** group["alpha"]))
        state["mu"]._data[...] = rounded(1 / max(1, step - group["t0"]))

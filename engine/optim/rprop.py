"""Rprop (torch.optim.Rprop): only the sign of the gradient counts; each element has a step size of its own."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..tensor import Tensor
from . import kernels
from .optimizer import Optimizer, count_step, step_counter, zeros_like
from .options import check_rate, number

Array = np.ndarray[Any, Any]


class Rprop(Optimizer):
    """Source: https://docs.pytorch.org/docs/stable/generated/torch.optim.Rprop.html"""

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-2,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50),
        *,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_rate(lr)
        if not 0.0 < etas[0] < 1.0 < etas[1]:
            raise ValueError(f"Invalid eta values: {etas[0]}, {etas[1]}")
        super().__init__(
            params,
            {
                "lr": lr, "etas": etas, "step_sizes": step_sizes, "foreach": foreach, "maximize": maximize,
                "differentiable": differentiable, "capturable": capturable,
            },
        )  # fmt: skip

    def update(self, param: Tensor, grad: Array, state: dict[str, Any], group: dict[str, Any]) -> None:
        data, (shrink, grow), (smallest, largest) = param._data, group["etas"], group["step_sizes"]
        t = data.dtype.type
        if group["maximize"]:
            grad = -grad
        if not state:
            state.update(step=step_counter(), prev=zeros_like(param), step_size=Tensor._of(np.full_like(grad, number(group["lr"]))))
        count_step(state)
        previous, size = state["prev"]._data, state["step_size"]._data
        agreement = np.sign(grad * previous)
        factor = np.where(agreement > 0, t(grow), np.where(agreement < 0, t(shrink), t(1)))
        size[...] = np.clip(size * factor, t(smallest), t(largest))
        grad = np.where(factor == t(shrink), t(0), grad)
        data[...] = kernels.addcmul(data, np.sign(grad), size, -1)
        previous[...] = grad

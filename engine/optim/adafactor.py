"""Adafactor (torch.optim.Adafactor): squares of gradients kept by rows and columns, steps relative to the size of the parameter."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..tensor import Tensor
from . import kernels
from .optimizer import Optimizer, count_step, step_counter
from .options import number

Array = np.ndarray[Any, Any]


def _norm(x: Array) -> float:
    return float(np.sqrt((x * x).sum()))


class Adafactor(Optimizer):
    """Source: https://docs.pytorch.org/docs/stable/generated/torch.optim.Adafactor.html"""

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-2,
        beta2_decay: float = -0.8,
        eps: tuple[float | None, float] = (None, 1e-3),
        d: float = 1.0,
        weight_decay: float = 0.0,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
    ) -> None:
        if isinstance(lr, Tensor) and lr._data.size != 1:
            raise ValueError("Tensor lr must be 1-element")
        if not lr >= 0.0:
            raise ValueError(f"Learning rate should be >= 0 but is: {lr}")
        if not beta2_decay <= 0.0:
            raise ValueError(f"beta2_decay should be <= 0 but is: {beta2_decay}")
        if eps[0] is not None and not eps[0] >= 0.0:
            raise ValueError(f"epsilon1 should be >= 0 but is: {eps[0]}")
        if not eps[1] >= 0.0:
            raise ValueError(f"epsilon2 should be >= 0 but is: {eps[1]}")
        if not d >= 1.0:
            raise ValueError(f"Clipping threshold d should be >= 1 but is: {d}")
        if not weight_decay >= 0.0:
            raise ValueError(f"weight_decay should be >= 0 but is: {weight_decay}")
        super().__init__(
            params,
            {
                "lr": lr, "beta2_decay": beta2_decay, "eps": eps, "d": d, "weight_decay": weight_decay, "foreach": foreach,
                "maximize": maximize,
            },
        )  # fmt: skip

    def update(self, param: Tensor, grad: Array, state: dict[str, Any], group: dict[str, Any]) -> None:
        data, dtype = param._data, param._data.dtype
        if not state:
            state["step"] = step_counter()
            if grad.ndim > 1:
                state["row_var"] = Tensor._of(np.zeros((*grad.shape[:-1], 1), dtype))
                state["col_var"] = Tensor._of(np.zeros((*grad.shape[:-2], 1, grad.shape[-1]), dtype))
            else:
                state["variance"] = Tensor._of(np.zeros_like(grad))
        if group["maximize"]:
            grad = -grad
        step = float(count_step(state))
        rate = number(group["lr"])
        first, second = group["eps"]
        least = float(np.finfo(dtype).eps) if first is None else first
        fresh = step ** group["beta2_decay"]
        alpha = max(second, _norm(data) / data.size**0.5) * min(rate, 1 / step**0.5)
        if group["weight_decay"]:
            data[...] = kernels.scale(data, 1 - rate * group["weight_decay"])
        if grad.ndim > 1:
            for axis, name in ((-1, "row_var"), (-2, "col_var")):
                held = state[name]._data
                held[...] = kernels.lerp(held, (grad * grad).mean(axis=axis, keepdims=True), fresh)
            rows, columns = state["row_var"]._data, state["col_var"]._data
            estimate = rows @ columns / np.maximum(rows.mean(axis=-2, keepdims=True), dtype.type(least))
        else:
            held = state["variance"]._data
            estimate = held[...] = kernels.lerp(held, grad * grad, fresh)
        change = grad / np.sqrt(np.maximum(estimate, dtype.type(least * least)))
        clip = max(1.0, _norm(change) / (change.size**0.5 * group["d"]))
        data[...] = kernels.add(data, change, -alpha / clip)

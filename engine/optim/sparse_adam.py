"""Adam for sparse gradients (torch.optim.SparseAdam): what the gradient does not mention stays as it is, its averages too."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..tensor import Tensor
from .optimizer import Optimizer, zeros_like
from .options import number

Array = np.ndarray[Any, Any]


class SparseAdam(Optimizer):
    """Source: https://docs.pytorch.org/docs/stable/generated/torch.optim.SparseAdam.html"""

    takes_sparse = True

    def __init__(
        self, params: Any, lr: Any = 1e-3, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8, maximize: bool = False
    ) -> None:
        if isinstance(lr, Tensor) and lr._data.size != 1:
            raise ValueError("Tensor lr must be 1-element")
        if not lr > 0.0:
            raise ValueError(f"Invalid learning rate: {lr}")
        if not eps > 0.0:
            raise ValueError(f"Invalid epsilon value: {eps}")
        for k, beta in enumerate(betas):
            if not 0.0 <= beta < 1.0:
                raise ValueError(f"Invalid beta parameter at index {k}: {beta}")
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "maximize": maximize})
        places = [([i, k], p) for i, group in enumerate(self.param_groups) for k, p in enumerate(group["params"])]
        if sparse := [at for at, p in places if p._places is not None]:
            raise ValueError(f"Sparse params at indices {sparse}: SparseAdam requires dense parameter tensors")
        if complex_ := [at for at, p in places if p._data.dtype.kind == "c"]:
            raise ValueError(f"Complex params at indices {complex_}: SparseAdam does not support complex parameters")

    def update(self, param: Tensor, grad: Array, state: dict[str, Any], group: dict[str, Any]) -> None:
        sparse: Any = param._grad
        if sparse._places is None:
            raise RuntimeError("SparseAdam does not support dense gradients, please consider Adam instead")
        if not state:
            state.update(step=0, exp_avg=zeros_like(param), exp_avg_sq=zeros_like(param))
        state["step"] += 1
        kept = sparse.coalesce()
        at, new = tuple(kept._places), -kept._entries._data if group["maximize"] else kept._entries._data
        if not new.size:
            return
        (beta1, beta2), step, of = group["betas"], state["step"], new.dtype.type
        mean, square = state["exp_avg"]._data, state["exp_avg_sq"]._data
        old_mean, old_square = mean[at], square[at]
        to_mean, to_square = (new - old_mean) * of(1 - beta1), (new * new - old_square) * of(1 - beta2)
        mean[at] = old_mean + to_mean
        square[at] = old_square + to_square
        rate = number(group["lr"]) * (1 - beta2**step) ** 0.5 / (1 - beta1**step)
        param._data[at] += of(-rate) * ((to_mean + old_mean) / (np.sqrt(to_square + old_square) + of(group["eps"])))


__all__ = ["SparseAdam"]

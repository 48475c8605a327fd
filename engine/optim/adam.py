"""Adam and AdamW (torch.optim): moving averages of the gradient and of its square, corrected for their start at zero."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..tensor import Tensor
from . import kernels
from .optimizer import Optimizer, count_step, step_counter, zeros_like
from .options import check_betas, check_not_negative, check_rate, number

Array = np.ndarray[Any, Any]


class Adam(Optimizer):
    """Source: https://docs.pytorch.org/docs/stable/generated/torch.optim.Adam.html"""

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
        decoupled_weight_decay: bool = False,
    ) -> None:
        if isinstance(lr, Tensor) and foreach and not capturable:
            raise ValueError("lr as a Tensor is not supported for capturable=False and foreach=True")
        check_rate(lr)
        check_not_negative(eps, "epsilon value")
        check_betas(betas)
        check_not_negative(weight_decay, "weight_decay value")
        if not (all(isinstance(b, float) for b in betas) or all(isinstance(b, Tensor) for b in betas)):
            raise ValueError("betas must be either both floats or both Tensors")
        if fused and differentiable:
            raise RuntimeError("`fused` does not support `differentiable`")
        if fused and foreach:
            raise RuntimeError("`fused` and `foreach` cannot be `True` together.")
        super().__init__(
            params,
            {
                "lr": lr, "betas": (number(betas[0]), number(betas[1])), "eps": eps, "weight_decay": weight_decay, "amsgrad": amsgrad,
                "maximize": maximize, "foreach": foreach, "capturable": capturable, "differentiable": differentiable, "fused": fused,
                "decoupled_weight_decay": decoupled_weight_decay,
            },
        )  # fmt: skip

    def _refusal_of_sparse(self) -> str:
        return "Adam does not support sparse gradients, please consider SparseAdam instead"

    def update(self, param: Tensor, grad: Array, state: dict[str, Any], group: dict[str, Any]) -> None:
        data, lr, (beta1, beta2) = param._data, number(group["lr"]), group["betas"]
        if group["maximize"]:
            grad = -grad
        if not state:
            state.update(step=step_counter(), exp_avg=zeros_like(param), exp_avg_sq=zeros_like(param))
            if group["amsgrad"]:
                state["max_exp_avg_sq"] = zeros_like(param)
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
        if group["amsgrad"]:
            largest = state["max_exp_avg_sq"]._data
            np.maximum(largest, square, out=largest)
            square = largest
        denominator = kernels.over(np.sqrt(square), correction2**0.5) + data.dtype.type(group["eps"])
        data[...] = kernels.addcdiv(data, mean, denominator, -(lr / correction1))


class AdamW(Adam):
    """Adam whose weight decay acts on the parameter itself. Source: https://docs.pytorch.org/docs/stable/generated/torch.optim.AdamW.html"""

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        super().__init__(
            params, lr, betas, eps, weight_decay, amsgrad, foreach=foreach, maximize=maximize, capturable=capturable,
            differentiable=differentiable, fused=fused, decoupled_weight_decay=True,
        )  # fmt: skip

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """As Adam's; the decay stays decoupled whatever the file says."""
        super().load_state_dict(state_dict)
        for group in self.param_groups:
            group["decoupled_weight_decay"] = True

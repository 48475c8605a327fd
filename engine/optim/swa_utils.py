"""torch.optim.swa_utils: averaged copies of a model (SWA and EMA), and the schedule that goes with them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from copy import deepcopy
from itertools import chain
from typing import Any

import numpy as np

from .. import modes
from ..memory.inplace import overwrite
from ..nn.modules.module import Module
from ..tensor import Tensor
from . import kernels
from .lr_scheduler.scheduler import LRScheduler, per_group
from .optimizer import Optimizer

__all__ = ["SWALR", "AveragedModel", "get_ema_avg_fn", "get_ema_multi_avg_fn", "get_swa_avg_fn", "get_swa_multi_avg_fn", "update_bn"]


def _check_decay(decay: float) -> None:
    if decay < 0.0 or decay > 1.0:
        raise ValueError(f"Invalid decay value {decay} provided. Please provide a value in [0,1] range.")


def _move(averaged: Tensor, current: Tensor, weight: float) -> None:
    """Part of the way from the average to the model."""
    a, b = averaged._data, current._data
    overwrite(averaged, kernels.lerp(a, b, weight) if a.dtype.kind == "f" else a * (1 - weight) + b * weight)


def get_ema_multi_avg_fn(decay: float = 0.999) -> Callable[..., None]:
    """Exponential moving averages of lists of parameters, in place."""
    _check_decay(decay)

    def ema_update(ema_param_list: Any, current_param_list: Any, _: Any) -> None:
        for averaged, current in zip(ema_param_list, current_param_list, strict=True):
            _move(averaged, current, 1 - decay)

    return ema_update


def get_swa_multi_avg_fn() -> Callable[..., None]:
    """Equal averages of lists of parameters, in place."""

    def swa_update(averaged_param_list: Any, current_param_list: Any, num_averaged: Any) -> None:
        for averaged, current in zip(averaged_param_list, current_param_list, strict=True):
            _move(averaged, current, 1 / (int(num_averaged) + 1))

    return swa_update


def get_ema_avg_fn(decay: float = 0.999) -> Callable[..., Any]:
    """The exponential moving average of one parameter."""
    _check_decay(decay)

    @modes.no_grad()
    def ema_update(ema_param: Any, current_param: Any, num_averaged: Any) -> Any:
        return decay * ema_param + (1 - decay) * current_param

    return ema_update


def get_swa_avg_fn() -> Callable[..., Any]:
    """The equal average of one parameter."""

    @modes.no_grad()
    def swa_update(averaged_param: Any, current_param: Any, num_averaged: Any) -> Any:
        return averaged_param + (current_param - averaged_param) / (num_averaged + 1)

    return swa_update


class AveragedModel(Module):
    """A copy of a model whose parameters are averages over training."""

    def __init__(self, model: Module, device: Any = None, avg_fn: Any = None, multi_avg_fn: Any = None, use_buffers: bool = False) -> None:
        super().__init__()
        if avg_fn is not None and multi_avg_fn is not None:
            raise AssertionError("Only one of avg_fn and multi_avg_fn should be provided")
        self.module = deepcopy(model)
        self.register_buffer("n_averaged", Tensor._of(np.array(0)))
        self.avg_fn = avg_fn
        self.multi_avg_fn = multi_avg_fn
        self.use_buffers = use_buffers

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """The averaged model's."""
        return self.module(*args, **kwargs)

    def _pairs(self, model: Module) -> list[tuple[Tensor, Tensor]]:
        if self.use_buffers:
            own = chain(self.module.parameters(), self.module.buffers())
            return list(zip(own, chain(model.parameters(), model.buffers()), strict=False))
        return list(zip(self.parameters(), model.parameters(), strict=False))

    def update_parameters(self, model: Module) -> None:
        """Take the parameters of the model into the average."""
        pairs = self._pairs(model)
        if int(self.n_averaged) == 0:
            for averaged, current in pairs:
                overwrite(averaged, current._data)
        elif self.multi_avg_fn is not None:
            self.multi_avg_fn([a.detach() for a, _ in pairs], [c.detach() for _, c in pairs], self.n_averaged)
        else:
            average = self.avg_fn or get_swa_avg_fn()
            for averaged, current in pairs:
                overwrite(averaged, average(averaged.detach(), current.detach(), self.n_averaged)._data)
        if not self.use_buffers:
            for own, given in zip(self.module.buffers(), model.buffers(), strict=True):
                overwrite(own, given._data)
        overwrite(self.n_averaged, self.n_averaged._data + 1)


@modes.no_grad()
def update_bn(loader: Iterable[Any], model: Module, device: Any = None) -> None:
    """Compute the statistics of batch norm layers anew, over the batches of a loader."""
    layers = [m for m in model.modules() if hasattr(m, "running_mean") and hasattr(m, "reset_running_stats")]
    momenta = [m.momentum for m in layers]
    for layer in layers:
        layer.reset_running_stats()
        layer.momentum = None
    if not layers:
        return
    was_training = model.training
    model.train()
    for batch in loader:
        model(batch[0] if isinstance(batch, (list, tuple)) else batch)
    for layer, momentum in zip(layers, momenta, strict=True):
        layer.momentum = momentum
    model.train(was_training)


class SWALR(LRScheduler):
    """From the rate as it is to a constant one, within some epochs."""

    def __init__(
        self, optimizer: Optimizer, swa_lr: Any, anneal_epochs: int = 10, anneal_strategy: str = "cos", last_epoch: int = -1
    ) -> None:
        for rate, group in zip(per_group("swa_lr", optimizer, swa_lr), optimizer.param_groups, strict=True):
            group["swa_lr"] = rate
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(f"anneal_strategy must be one of 'cos' or 'linear', instead got {anneal_strategy}")
        self._anneal_strategy = anneal_strategy
        if not isinstance(anneal_epochs, int) or anneal_epochs < 0:
            raise ValueError(f"anneal_epochs must be equal or greater than 0, got {anneal_epochs}")
        self.anneal_epochs = anneal_epochs
        super().__init__(optimizer, last_epoch)

    def _share(self, step: int) -> float:
        t = max(0, min(1, step / max(1, self.anneal_epochs)))
        return (1 - math.cos(math.pi * t)) / 2 if self._anneal_strategy == "cos" else t

    def get_lr(self) -> list[Any]:
        self._warn_outside_step()
        step = self._step_count - 1
        if self.anneal_epochs == 0:
            step = max(1, step)
        before, now = self._share(step - 1), self._share(step)
        rates = []
        for group in self.optimizer.param_groups:
            target = group["swa_lr"]
            first = target if before == 1 else (group["lr"] - before * target) / (1 - before)
            rates.append(target * now + first * (1 - now))
        return rates

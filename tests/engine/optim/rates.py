"""Schedules that PyTorch and the engine both run: tools/optimizer_goldens.py stores PyTorch's rates, the tests make ours."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

EPOCHS = 25

CASES: dict[str, Callable[[Any, Any], Any]] = {
    "step": lambda s, o: s.StepLR(o, 4, 0.5),
    "multistep": lambda s, o: s.MultiStepLR(o, [3, 8, 8, 20], gamma=0.3),
    "constant": lambda s, o: s.ConstantLR(o, 0.25, total_iters=4),
    "linear": lambda s, o: s.LinearLR(o, start_factor=0.1, end_factor=0.9, total_iters=7),
    "exponential": lambda s, o: s.ExponentialLR(o, 0.9),
    "polynomial": lambda s, o: s.PolynomialLR(o, total_iters=12, power=2.0),
    "cosine": lambda s, o: s.CosineAnnealingLR(o, T_max=10, eta_min=0.001),
    "cosine beyond": lambda s, o: s.CosineAnnealingLR(o, T_max=7),
    "restarts": lambda s, o: s.CosineAnnealingWarmRestarts(o, T_0=4, T_mult=2, eta_min=0.01),
    "restarts equal": lambda s, o: s.CosineAnnealingWarmRestarts(o, T_0=5),
    "lambda": lambda s, o: s.LambdaLR(o, [lambda e: 0.9**e, lambda e: 1 / (e + 1)]),
    "multiplicative": lambda s, o: s.MultiplicativeLR(o, lambda e: 0.95 + 0 * e),
    "cyclic": lambda s, o: s.CyclicLR(o, 0.01, 0.1, step_size_up=4, step_size_down=6),
    "cyclic shrinking": lambda s, o: s.CyclicLR(o, [0.01, 0.02], [0.1, 0.3], step_size_up=3, mode="triangular2"),
    "cyclic exponential": lambda s, o: s.CyclicLR(o, 0.01, 0.1, step_size_up=3, mode="exp_range", gamma=0.97),
    "cyclic own": lambda s, o: s.CyclicLR(o, 0.01, 0.1, step_size_up=3, scale_fn=lambda x: 0.8**x, scale_mode="iterations"),
    "one cycle": lambda s, o: s.OneCycleLR(o, max_lr=0.5, total_steps=25),
    "one cycle linear": lambda s, o: s.OneCycleLR(o, max_lr=[0.5, 0.2], epochs=5, steps_per_epoch=5, anneal_strategy="linear"),
    "one cycle three": lambda s, o: s.OneCycleLR(o, max_lr=0.5, total_steps=25, three_phase=True, div_factor=10.0),
    "sequential": lambda s, o: s.SequentialLR(o, [s.LinearLR(o, 0.1, total_iters=4), s.ExponentialLR(o, 0.8)], [5]),
    "sequential three": lambda s, o: s.SequentialLR(
        o, [s.ConstantLR(o, 0.1, total_iters=3), s.StepLR(o, 2, 0.5), s.CosineAnnealingLR(o, 6)], [4, 12]
    ),
    "chained": lambda s, o: s.ChainedScheduler([s.ConstantLR(o, 0.5, total_iters=4), s.ExponentialLR(o, 0.9)], optimizer=o),
    "closed": lambda s, o: s.LinearLR(o, start_factor=0.5, total_iters=6),
}

METRICS = [5.0, 4.0, 4.0, 4.0, 3.99999, 4.1, 3.0, 3.0, 3.1, 3.0, 3.0, 3.0, 2.5, 2.6, 2.6, 2.7, 2.8, 2.5, 2.5, 2.5]

PLATEAUS: dict[str, dict[str, Any]] = {
    "default": {"patience": 2},
    "absolute": {"patience": 1, "threshold_mode": "abs", "threshold": 0.5, "factor": 0.5, "cooldown": 2},
    "max": {"mode": "max", "patience": 3, "factor": 0.2, "min_lr": [0.01, 0.02]},
}


def _optimizer(torch: Any, kind: str) -> Any:
    groups = [{"params": [torch.ones(2, requires_grad=True)], "lr": 0.1}, {"params": [torch.ones(1, requires_grad=True)], "lr": 0.3}]
    return torch.optim.SGD(groups, momentum=0.9) if kind == "SGD" else torch.optim.Adam(groups)


def run(torch: Any, name: str, kind: str = "SGD") -> list[list[float]]:
    """Rates and momenta of both groups, epoch by epoch."""
    optimizer = _optimizer(torch, kind)
    scheduler = CASES[name](torch.optim.lr_scheduler, optimizer)
    rows = []
    for epoch in range(EPOCHS):
        rows.append([*scheduler.get_last_lr(), *(g["momentum"] if kind == "SGD" else g["betas"][0] for g in optimizer.param_groups)])
        optimizer.step()
        if name == "closed" and epoch in (3, 4, 20):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # that the epoch argument is deprecated
                scheduler.step(epoch // 2)
        elif name == "restarts" and epoch == 9:
            scheduler.step(6.5)
        else:
            scheduler.step()
    return rows


def run_plateau(torch: Any, name: str) -> list[list[float]]:
    """The rates after each metric."""
    optimizer = _optimizer(torch, "SGD")
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, **PLATEAUS[name])
    rows = []
    for metric in METRICS:
        optimizer.step()
        scheduler.step(metric)
        rows.append(list(scheduler.get_last_lr()))
    return rows

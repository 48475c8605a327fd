"""Random optimizers under random schedules, beside the real PyTorch where it is installed."""

from __future__ import annotations

import copy
import random
import warnings
from typing import Any

import numpy as np
import pytest

KINDS = ("SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta", "Adamax", "NAdam", "RAdam", "Rprop", "ASGD")
STEPS = 25


def options(r: random.Random) -> tuple[str, dict[str, Any]]:
    """An optimizer and what it is given."""
    kind = r.choice(KINDS)
    chosen: dict[str, Any] = {"lr": r.choice([1e-3, 0.01, 0.1, 0.5])}
    if r.random() < 0.4 and kind != "Rprop":
        chosen["weight_decay"] = r.choice([0.01, 0.3])
    if r.random() < 0.3:
        chosen["maximize"] = True
    if kind == "SGD" and r.random() < 0.6:
        chosen.update(momentum=r.choice([0.5, 0.9]), nesterov=r.random() < 0.5)
    if kind == "RMSprop":
        chosen.update(momentum=r.choice([0, 0.7]), centered=r.random() < 0.5)
    if kind in ("Adam", "AdamW"):
        chosen.update(amsgrad=r.random() < 0.5, betas=r.choice([(0.9, 0.999), (0.5, 0.7), (0.0, 0.9)]))
    return kind, chosen


def schedule(r: random.Random, kind: str) -> Any:
    """What makes a scheduler, or None."""
    adam = kind in ("Adam", "AdamW")
    return r.choice(
        [
            lambda s, o: s.StepLR(o, 3, 0.5),
            lambda s, o: s.ExponentialLR(o, 0.9),
            lambda s, o: s.CosineAnnealingLR(o, 7),
            lambda s, o: s.OneCycleLR(o, 0.3, total_steps=40, cycle_momentum=adam),
            lambda s, o: s.CyclicLR(o, 0.001, 0.1, step_size_up=5, cycle_momentum=adam),
            lambda s, o: s.SequentialLR(o, [s.LinearLR(o, 0.1, total_iters=4), s.CosineAnnealingLR(o, 6)], [4]),
            lambda s, o: s.CosineAnnealingWarmRestarts(o, 4, 2),
            lambda s, o: s.PolynomialLR(o, 12),
            None,
        ]
    )


def trace(torch: Any, seed: int) -> list[list[np.ndarray[Any, Any]]]:
    """Parameters and rates after each step; half way the optimizer is replaced by one that loads its state."""
    r, rng = random.Random(seed), np.random.default_rng(seed)
    kind, chosen = options(r)
    make = schedule(r, kind)
    shapes = [r.choice([(), (3,), (4, 5), (17,), (33, 2)]) for _ in range(3)]
    dtype, swap = r.choice(["float32", "float64"]), r.randrange(5, 20)

    def drawn(shape: tuple[int, ...]) -> Any:
        return torch.from_numpy(np.asarray(rng.standard_normal(shape)).astype(dtype))

    params = [drawn(shape).clone().requires_grad_() for shape in shapes]
    groups = [{"params": params[:2]}, {"params": params[2:], "lr": chosen["lr"] * 0.5}]
    optimizer = getattr(torch.optim, kind)(groups, **chosen)
    scheduler = make(torch.optim.lr_scheduler, optimizer) if make is not None else None
    rows = []
    for step in range(STEPS):
        for k, p in enumerate(params):
            p.grad = None if (step + k) % 7 == 3 else drawn(shapes[k])
        optimizer.step()
        if scheduler is not None:
            scheduler.step()
        if step == swap:
            fresh = getattr(torch.optim, kind)([{"params": params[:2]}, {"params": params[2:]}], lr=1.0)
            fresh.load_state_dict(copy.deepcopy(optimizer.state_dict()))
            for s in (scheduler, *getattr(scheduler, "_schedulers", ())):
                if s is not None:
                    s.optimizer = fresh
            optimizer = fresh
        rows.append([*(p.detach().numpy().copy() for p in params), np.array([float(g["lr"]) for g in optimizer.param_groups])])
    return rows


@pytest.mark.torch
@pytest.mark.parametrize("seed", range(40))
def test_goes_the_same_way(torch: Any, seed: int) -> None:
    theirs = pytest.importorskip("torch")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a scheduler stepped before its new optimizer
        expected, ours = trace(theirs, seed), trace(torch, seed)
    for got, want in zip(ours, expected, strict=True):
        for a, b in zip(got, want, strict=True):
            tolerance = 2e-5 if a.dtype == np.float32 else 1e-11
            np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)

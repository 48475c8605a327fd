"""Optimizer runs that PyTorch and the engine both make: tools/optimizer_goldens.py stores PyTorch's, the tests make ours.

The gradients come from numpy alone, so that a difference is the optimizer's.
"""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

STEPS = 12

CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "sgd": ("SGD", {"lr": 0.1}),
    "sgd default": ("SGD", {}),
    "sgd momentum": ("SGD", {"lr": 0.1, "momentum": 0.9}),
    "sgd momentum dampening": ("SGD", {"lr": 0.1, "momentum": 0.9, "dampening": 0.3}),
    "sgd nesterov": ("SGD", {"lr": 0.05, "momentum": 0.9, "nesterov": True}),
    "sgd all": ("SGD", {"lr": 0.05, "momentum": 0.8, "nesterov": True, "weight_decay": 0.01, "maximize": True}),
    "adam": ("Adam", {}),
    "adam fast": ("Adam", {"lr": 0.1, "betas": (0.5, 0.9), "eps": 1e-3}),
    "adam decay": ("Adam", {"lr": 0.01, "weight_decay": 0.1}),
    "adam amsgrad": ("Adam", {"lr": 0.05, "amsgrad": True, "maximize": True}),
    "adam decoupled": ("Adam", {"lr": 0.05, "weight_decay": 0.1, "decoupled_weight_decay": True}),
    "adamw": ("AdamW", {"lr": 0.01}),
    "adamw all": ("AdamW", {"lr": 0.01, "weight_decay": 0.3, "amsgrad": True, "maximize": True}),
    "rmsprop": ("RMSprop", {}),
    "rmsprop centered": ("RMSprop", {"lr": 0.02, "alpha": 0.8, "centered": True}),
    "rmsprop all": ("RMSprop", {"lr": 0.02, "alpha": 0.9, "momentum": 0.5, "centered": True, "weight_decay": 0.01, "maximize": True}),
    "adagrad": ("Adagrad", {"lr": 0.1}),
    "adagrad all": ("Adagrad", {"lr": 0.1, "lr_decay": 0.1, "weight_decay": 0.01, "initial_accumulator_value": 0.1}),
    "adadelta": ("Adadelta", {}),
    "adadelta all": ("Adadelta", {"lr": 0.5, "rho": 0.8, "eps": 1e-4, "weight_decay": 0.01, "maximize": True}),
    "adamax": ("Adamax", {}),
    "adamax all": ("Adamax", {"lr": 0.05, "betas": (0.7, 0.9), "weight_decay": 0.01, "maximize": True}),
    "nadam": ("NAdam", {}),
    "nadam all": ("NAdam", {"lr": 0.05, "momentum_decay": 0.1, "weight_decay": 0.01, "decoupled_weight_decay": True}),
    "nadam coupled": ("NAdam", {"lr": 0.05, "weight_decay": 0.01, "maximize": True}),
    "radam": ("RAdam", {}),
    "radam decay": ("RAdam", {"lr": 0.05, "betas": (0.8, 0.9), "weight_decay": 0.01}),
    "radam decoupled": ("RAdam", {"lr": 0.05, "betas": (0.8, 0.9), "weight_decay": 0.01, "decoupled_weight_decay": True}),
    "rprop": ("Rprop", {}),
    "rprop all": ("Rprop", {"lr": 0.05, "etas": (0.4, 1.5), "step_sizes": (1e-4, 0.2), "maximize": True}),
    "asgd": ("ASGD", {}),
    "asgd averaging": ("ASGD", {"lr": 0.05, "lambd": 0.01, "t0": 3, "weight_decay": 0.01}),
}


def start(dtype: str, size: int) -> list[np.ndarray[Any, Any]]:
    """The parameters at the start."""
    k = np.arange(size * 3)
    return [np.sin(k * 0.7).astype(dtype).reshape(3, size), np.cos(np.arange(size) * 1.3).astype(dtype)]


def gradient(p: np.ndarray[Any, Any], step: int) -> np.ndarray[Any, Any]:
    """A gradient that is near a quadratic's, in the dtype of p by elementwise products and sums alone."""
    t = p.dtype.type
    k = np.arange(p.size).reshape(p.shape)
    slope = ((k * 37 + step * 11) % 17 - 8).astype(p.dtype) * t(0.03125)
    return (p * t(0.75) + slope).astype(p.dtype)


def run(torch: Any, name: str, dtype: str = "float32", size: int = 7, steps: int = STEPS) -> dict[str, Any]:
    """One run; the parameters after each third step, and the state at the end, as nested lists of floats."""
    kind, options = CASES[name]
    params = [torch.from_numpy(p).clone().requires_grad_(True) for p in start(dtype, size)]
    optimizer = getattr(torch.optim, kind)(params, **options)
    seen = []
    for step in range(steps):
        for p in params:
            p.grad = torch.from_numpy(gradient(p.detach().numpy(), step))
        optimizer.step()
        if step % 3 == 2:
            seen.append([p.detach().tolist() for p in params])
    state = optimizer.state_dict()
    held = {str(k): {n: v.tolist() if hasattr(v, "tolist") else v for n, v in s.items()} for k, s in state["state"].items()}
    return {"params": seen, "state": held}


LBFGS_CASES: dict[str, dict[str, Any]] = {
    "plain": {"lr": 0.1},
    "wolfe": {"line_search_fn": "strong_wolfe", "max_iter": 5},
    "wolfe short memory": {"line_search_fn": "strong_wolfe", "history_size": 2, "max_iter": 6},
    "few evaluations": {"line_search_fn": "strong_wolfe", "max_iter": 8, "max_eval": 6, "lr": 0.5},
}


def run_lbfgs(torch: Any, name: str, steps: int = 2) -> dict[str, Any]:
    """Rosenbrock's valley in four dimensions: the losses that each step returns, the counts, and where it ends."""
    x = torch.tensor([-1.2, 1.0, 0.5, -0.3], requires_grad=True)
    optimizer = torch.optim.LBFGS([x], **LBFGS_CASES[name])

    def closure() -> Any:
        optimizer.zero_grad()
        loss = (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()
        loss.backward()
        return loss

    losses = [float(optimizer.step(closure).detach()) for _ in range(steps)]
    state = optimizer.state_dict()["state"][0]
    return {"losses": losses, "x": x.tolist(), "func_evals": state["func_evals"], "n_iter": state["n_iter"]}


def run_averages(torch: Any) -> dict[str, Any]:
    """SWA and EMA copies of a small model in training, and the rates of SWALR."""
    swa = importlib.import_module(f"{torch.optim.__name__}.swa_utils")
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3), torch.nn.Linear(3, 1))
    copies = [
        swa.AveragedModel(model),
        swa.AveragedModel(model, multi_avg_fn=swa.get_ema_multi_avg_fn(0.9)),
        swa.AveragedModel(model, avg_fn=swa.get_ema_avg_fn(0.9), use_buffers=True),
        swa.AveragedModel(model, multi_avg_fn=swa.get_swa_multi_avg_fn()),
    ]
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    other = torch.optim.SGD(model.parameters(), lr=0.1)
    schedules = [swa.SWALR(optimizer, 0.05, anneal_epochs=4), swa.SWALR(other, 0.02, anneal_epochs=3, anneal_strategy="linear")]
    x = torch.linspace(-1, 1, 40).reshape(20, 2)
    rates = []
    for _ in range(6):
        optimizer.zero_grad()
        model(x).pow(2).mean().backward()
        optimizer.step()
        for schedule in schedules:
            schedule.optimizer.step()
            schedule.step()
        for copy in copies:
            copy.update_parameters(model)
        rates.append([*schedules[0].get_last_lr(), *schedules[1].get_last_lr()])
    swa.update_bn([x[:10], x[10:]], copies[0])
    tensors = [[t.tolist() for t in (*c.parameters(), *c.buffers())] for c in copies]
    return {"rates": rates, "names": list(copies[0].state_dict()), "tensors": tensors}

"""Scripts with autocast and GradScaler run where there is no CUDA: switched off, with PyTorch's warnings."""

from __future__ import annotations

import warnings
from typing import Any

import pytest


def told(call: Any) -> list[str]:
    """The warnings of a call."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call()
    return [f"{w.category.__name__}: {w.message}" for w in caught]


def test_without_cuda_both_are_switched_off_with_a_warning(torch: Any) -> None:
    no_scaler = "UserWarning: torch.cuda.amp.GradScaler is enabled, but CUDA is not available.  Disabling."
    no_autocast = "UserWarning: CUDA is not available or torch_xla is imported. Disabling autocast."
    assert told(lambda: torch.amp.GradScaler("cuda")) == [no_scaler]
    assert told(lambda: torch.autocast("cuda")) == [no_autocast]
    assert told(lambda: torch.cuda.amp.autocast()) == [
        "FutureWarning: `torch.cuda.amp.autocast(args...)` is deprecated. Please use `torch.amp.autocast('cuda', args...)` instead.",
        no_autocast,
    ]
    assert told(lambda: torch.amp.autocast("cuda", enabled=False)) == []


def train(torch: Any, scaler: Any, steps: int = 3) -> list[float]:
    """A loop as scripts write it."""
    w = torch.tensor([1.0, -2.0], requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=0.1)
    for _ in range(steps):
        optimizer.zero_grad()
        with torch.autocast("cuda", enabled=False):
            loss = (w * w).sum()
        scaler.scale(loss).backward()
        scaler.unscale_(optimizer)
        scaler.step(optimizer)
        scaler.update()
    return w.tolist()  # type: ignore[no-any-return]


def test_a_scaler_changes_nothing_but_the_scale(torch: Any) -> None:
    off, on = torch.amp.GradScaler("cuda", enabled=False), torch.amp.GradScaler("cpu", init_scale=1024.0, growth_interval=3)
    assert train(torch, off) == train(torch, on)
    assert (off.get_scale(), off.state_dict(), on.get_scale()) == (1.0, {}, 2048.0)


def test_infinite_gradients_are_not_stepped_with(torch: Any) -> None:
    w = torch.tensor([1.0], requires_grad=True)
    optimizer, scaler = torch.optim.SGD([w], lr=0.1), torch.amp.GradScaler("cpu", init_scale=8.0)
    with pytest.raises(AssertionError, match="Attempted step but _scale is None"):
        scaler.step(optimizer)
    assert scaler.scale(w.sum()).item() == 8.0
    w.grad = torch.tensor([float("inf")])
    scaler.step(optimizer)
    scaler.update()
    assert (w.item(), scaler.get_scale()) == (1.0, 4.0)

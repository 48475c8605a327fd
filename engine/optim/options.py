"""Checks of the optimizers' options, with PyTorch's words."""

from __future__ import annotations

from typing import Any

from ..tensor import Tensor


def check_rate(lr: Any) -> None:
    """A learning rate: a number from 0 on, or a tensor with one element."""
    if isinstance(lr, Tensor) and lr._data.size != 1:
        raise ValueError("Tensor lr must be 1-element")
    if not 0.0 <= lr:  # noqa: SIM300 - Python tells the order where lr is a text
        raise ValueError(f"Invalid learning rate: {lr}")


def check_not_negative(value: Any, what: str) -> None:
    """`what` is how PyTorch's text names the option: "epsilon value", "weight_decay value"."""
    if not 0.0 <= value:  # noqa: SIM300 - as above
        raise ValueError(f"Invalid {what}: {value}")


def check_betas(betas: Any) -> None:
    """Two decay rates in [0, 1)."""
    for k in (0, 1):
        if not 0.0 <= betas[k] < 1.0:
            raise ValueError(f"Invalid beta parameter at index {k}: {betas[k]}")


def number(value: Any) -> Any:
    """An option as arithmetic takes it: a one-element tensor becomes a number of its own precision."""
    return value._data.reshape(())[()] if isinstance(value, Tensor) else value

"""What PyTorch cannot differentiate: the vjps of such ops, and arguments that may not require grad."""

from __future__ import annotations

from typing import Any

from .. import modes


def no_derivative(name: str) -> Any:
    """The vjp of an op that PyTorch cannot differentiate: it raises when the backward pass comes."""

    def vjp(g: Any) -> Any:
        raise RuntimeError(f"derivative for aten::{name} is not implemented")

    return vjp


def not_written(name: str) -> Any:
    """The same for those of which PyTorch's table of derivatives says so."""

    def vjp(g: Any) -> Any:
        raise NotImplementedError(f"the derivative for '{name}' is not implemented.")

    return vjp


def without_gradient(function: str, **given: Any) -> None:
    """PyTorch's error for an argument that requires grad where its table has no derivative for it; names are its own."""
    for argument, value in given.items():
        if value is not None and value._requires_grad and modes.grad:
            raise RuntimeError(
                f"The function '{function}' is not differentiable with respect to argument '{argument}'. This input cannot have requires_grad True."
            )

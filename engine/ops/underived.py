"""The vjps of ops that PyTorch cannot differentiate."""

from __future__ import annotations

from typing import Any


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

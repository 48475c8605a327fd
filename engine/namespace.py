"""Where a public name goes: torch.*, torch.nn.functional.*, Tensor methods, in-place methods."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from .tensor import Tensor

F = TypeVar("F", bound=Callable[..., Any])

TORCH: dict[str, Any] = {}
FUNCTIONAL: dict[str, Any] = {}
SPECIAL: dict[str, Any] = {}
LINALG: dict[str, Any] = {}

_TABLES = {"torch": TORCH, "functional": FUNCTIONAL, "special": SPECIAL, "linalg": LINALG}


def export(where: str, *names: str) -> Callable[[F], F]:
    """Publish a function: `where` is words of "torch method functional special linalg property"; names default to its own."""

    def decorate(function: F) -> F:
        for name in names or (function.__name__,):
            for place in where.split():
                if place == "method":
                    setattr(Tensor, name, function)
                elif place == "property":
                    setattr(Tensor, name, property(function))
                else:
                    _TABLES[place][name] = function
        return function

    return decorate

"""torch.nn.functional: the functions that the op families publish there."""

from __future__ import annotations

from typing import Any

from .. import ops
from ..calls.absent import absent
from ..naming.namespace import FUNCTIONAL
from . import grad


def __getattr__(name: str) -> Any:
    if name not in FUNCTIONAL:
        raise absent("torch.nn.functional", name, FUNCTIONAL)
    globals()[name] = FUNCTIONAL[name]  # a layer asks in each step, and Python looks here last
    return FUNCTIONAL[name]


def __dir__() -> list[str]:
    return sorted(FUNCTIONAL)


__all__ = ["grad", "ops"]

"""torch.nn.functional: the functions that the op families publish there."""

from __future__ import annotations

from typing import Any

from .. import ops
from ..absent import absent
from ..namespace import FUNCTIONAL


def __getattr__(name: str) -> Any:
    try:
        return FUNCTIONAL[name]
    except KeyError:
        raise absent("torch.nn.functional", name, FUNCTIONAL) from None


def __dir__() -> list[str]:
    return sorted(FUNCTIONAL)


__all__ = ["ops"]

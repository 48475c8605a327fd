"""Alarms: what looks wrong in a recording, found without being asked.

The rules are loaded when they are first asked for (PEP 562): fifty files, which the window would wait for.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from .alarm import Alarm, Severity, Thresholds

if TYPE_CHECKING:
    from .find import find_alarms, searching

__all__ = ["Alarm", "Severity", "Thresholds", "find_alarms", "searching"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.find"), name)

"""Parameters of ops as JSON can hold them."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.half.bfloat16 import WORD

SIMPLE = frozenset((int, float, bool, str, type(None)))


def signature_of(value: Any) -> str:
    """A key for what `plain` makes of a value."""
    return repr(plain(value))


def plain(value: Any) -> Any:
    """A parameter as JSON can hold it."""
    kind = type(value)
    if kind in SIMPLE:
        return value if kind is not str or len(value) <= 200 else value[:200]
    if isinstance(value, (tuple, list)) and len(value) <= 64:
        return [plain(item) for item in value]
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, np.dtype) and value == WORD:
        return "bfloat16"
    if isinstance(value, np.ndarray) and value.ndim == 0 and value.dtype.kind in "fiub":
        return plain(value.item())
    if isinstance(value, np.ndarray):
        return f"array of shape {list(value.shape)}"
    if hasattr(value, "_mark"):
        return f"tensor of shape {list(value.shape)}"
    if isinstance(value, slice):
        ends = f"{'' if value.start is None else value.start}:{'' if value.stop is None else value.stop}"
        return ends if value.step in (None, 1) else f"{ends}:{value.step}"
    return kind.__name__ if len(repr(type(value))) > 100 or callable(value) else str(value)[:100]

"""Numbers and settings as Python writes them."""

from __future__ import annotations

import math

from ..model import Param, Value


def exact_dtype(value: Value) -> str:
    """The argument that says a tensor's dtype, where its numbers do not."""
    return "" if value.dtype == "float32" and value.data else f", dtype=torch.{value.dtype}"


def numbers(value: Value) -> str:
    """The numbers of a tensor as nested lists."""
    flat = [literal(_typed(v, value.dtype)) for v in value.data]
    if not value.shape:
        return flat[0] if flat else "0.0"
    for size in reversed(value.shape[1:]):
        flat = [f"[{', '.join(flat[k : k + size])}]" for k in range(0, len(flat), size)] if size else []
    return f"[{', '.join(flat)}]"


def _typed(number: float, dtype: str) -> Param:
    if dtype == "bool":
        return bool(number)
    return int(number) if dtype == "int64" else float(number)


def literal(value: Param) -> str:
    """A number, a text or a tuple as Python writes it, with the digits that it has."""
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    if isinstance(value, float):
        short = f"{value:.7g}"
        return _pointed(short) if float(short) == value else repr(value)
    if isinstance(value, tuple):
        return f"({', '.join(map(literal, value))}{',' if len(value) == 1 else ''})"
    return repr(value)


def _pointed(text: str) -> str:
    return text if any(c in text for c in ".en") else text + ".0"

"""Numbers as PyTorch prints them, and short ones where room is scarce."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


def short(value: float) -> str:
    """Four significant digits: for statistics, axes and labels."""
    if value != value:
        return "nan"
    if value in (float("inf"), float("-inf")):
        return "inf" if value > 0 else "-inf"
    if value == 0:
        return "0"
    if 1e-3 <= abs(value) < 1e6:
        return f"{value:.4g}" if abs(value) < 1e4 else f"{value:.0f}"
    return f"{value:.2e}".replace("e-0", "e-").replace("e+0", "e").replace("e+", "e")


def brief(value: float) -> str:
    """Three significant digits, two of small and large numbers: for the cells of a crowded grid."""
    if value != value or value in (float("inf"), float("-inf")) or value == 0:
        return short(value)
    if 1e-2 <= abs(value) < 1e4:
        return f"{value:.3g}" if abs(value) < 1e3 else f"{value:.0f}"
    if 1e-3 <= abs(value) < 1e-2:
        return f"{value:.2g}"
    return f"{value:.1e}".replace(".0e", "e").replace("e-0", "e-").replace("e+0", "e").replace("e+", "e")


def brief_complex(value: complex) -> str:
    """Real and imaginary part in few digits: 1.5-2j."""
    imaginary = brief(value.imag)
    return f"{brief(value.real)}{'' if imaginary.startswith('-') else '+'}{imaginary}j"


def fitted(value: float, room: int) -> str | None:
    """A number in at most `room` characters, with as many of four significant digits as fit; None where not even one does."""
    text = short(value)
    if len(text) <= room or value != value or abs(value) == float("inf"):
        return text if len(text) <= room else None
    for form in (".3g", ".2g", ".1g", ".0e"):
        text = f"{value:{form}}".replace("e-0", "e-").replace("e+0", "e").replace("e+", "e")
        if len(text) <= room:
            return text
    return None


def torch_format(array: Array) -> Callable[[Any], str]:
    """The format that PyTorch's print would choose for all numbers of the array."""
    if array.dtype.kind == "b":
        return lambda value: str(bool(value))
    if array.dtype.kind in "iu":
        return lambda value: str(int(value))
    if array.dtype.kind == "c":
        return lambda value: f"{complex(value):.4f}"
    finite = np.abs(array[np.isfinite(array) & (array != 0)].astype(np.float64))
    if not finite.size:
        return lambda value: _special(value) or f"{value:.0f}."
    low, high = float(finite.min()), float(finite.max())
    whole = bool(np.all(np.floor(finite) == finite))
    if high / low > 1000.0 or high > 1e8 or (not whole and low < 1e-4):
        return lambda value: _special(value) or f"{value:.4e}"
    if whole:
        return lambda value: _special(value) or f"{value:.0f}."
    return lambda value: _special(value) or f"{value:.4f}"


def _special(value: float) -> str:
    if value != value:
        return "nan"
    if value == float("inf"):
        return "inf"
    return "-inf" if value == float("-inf") else ""


def shape_text(shape: tuple[int, ...]) -> str:
    """A shape as PyTorch and the cards write it, "(4, 3)", or "scalar"."""
    return str(tuple(shape)) if shape else "scalar"

"""Numbers of any dtype in one that is wide enough to compute with."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


def widened(array: Array) -> Array:
    """In float64, or complex128 where they are complex."""
    return array.astype(np.complex128 if array.dtype.kind == "c" else np.float64)


def magnitudes(array: Array) -> Array:
    """Real numbers for a curve or a bar, in float64: of complex ones the magnitude."""
    return (np.abs(array) if array.dtype.kind == "c" else array).astype(np.float64)

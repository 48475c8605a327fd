"""Owned: how often Python counts an array that nobody else has, so that a leaf may take it over as its `.grad`.

Counted where such an array is at hand and not written down as numbers: not every Python counts what a call is given.
"""

from __future__ import annotations

from sys import getrefcount
from typing import Any

import numpy as np


def _counts(node: Any, cotangent: Any, create: bool) -> tuple[int, int]:
    """With the names that `firing.accumulate` has."""
    increment = cotangent
    base = increment.base
    return getrefcount(increment), getrefcount(base)


def _alone() -> tuple[int, int]:
    view = np.empty(2).reshape(2, 1)
    return _counts(None, view, False)


# Of an array that its function's caller, a parameter and one more name or list have; of the base of such a view, with a name of its own.
HELD, BASE_HELD = _alone()

"""Numbers that no op makes: running statistics, gradients that are clipped, random draws.

They are computed by a function that is told together with what it was given, so that a plan (`plan/`) can do again what it did.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import events
from ..random.generator import Generator

Array = np.ndarray[Any, Any]


def computed(function: Callable[..., Any], *given: Any) -> Array:
    """What `function` gives for the arrays of tensors, and for whatever else is `given`."""
    made = np.asarray(function(*(getattr(x, "_data", x) for x in given)))
    if events.computes is not None:
        events.computes(function, given, made, None)
    return made


def drawn(generator: Generator, function: Callable[..., Any], *given: Any) -> Any:
    """What `function` draws from a stream of random numbers, which it gets first."""
    made = function(generator, *(getattr(x, "_data", x) for x in given))
    if events.computes is not None:
        events.computes(function, given, made, generator)
    return made


__all__ = ["computed", "drawn"]

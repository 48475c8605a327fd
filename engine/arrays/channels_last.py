"""Pictures whose channels lie innermost in memory (torch.channels_last): what is made of them lies so, too."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np


def _innermost(shape: tuple[int, ...], strides: tuple[int, ...]) -> bool:
    """Whether strides are those of channels that lie innermost (c10/core/MemoryFormat.h, is_channels_last_strides)."""
    lowest = 0
    if not strides[1]:
        return False
    for d in (1, *range(len(shape) - 1, 1, -1), 0):
        if not shape[d] or strides[d] < lowest or (not d and lowest == strides[1]):
            return False
        lowest = strides[d] * max(shape[d], 1)
    return True


def are_pictures(x: Any) -> bool:
    """Whether the channels of an array lie innermost."""
    return x.ndim in (4, 5) and not x.flags.c_contiguous and _innermost(x.shape, x.strides)


def as_pictures(made: Any, wanted: bool) -> Any:
    """An array with its channels innermost, where that is wanted."""
    return np.moveaxis(np.ascontiguousarray(np.moveaxis(made, 1, -1)), -1, 1) if wanted and made.ndim in (4, 5) else made


def keeping_pictures(forward: Callable[..., Any], operands: int = 1) -> Callable[..., Any]:
    """A row's forward, whose results lie in memory as one of its first operands does."""

    @functools.wraps(forward)
    def kept(*args: Any, **params: Any) -> Any:
        made = forward(*args, **params)
        for x in args[:operands]:
            if x.ndim > 3 and not x.flags.c_contiguous and _innermost(x.shape, x.strides):
                return tuple(as_pictures(one, True) for one in made) if isinstance(made, tuple) else as_pictures(made, True)
        return made

    return kept

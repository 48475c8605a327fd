"""Parameters as one vector and back (torch.nn.utils)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from ...errors import ask, class_name
from ...naming.namespace import TORCH
from ...tensor import Tensor


def parameters_to_vector(parameters: Iterable[Any]) -> Any:
    """All parameters one after the other."""
    given = list(parameters)
    for each in given:
        ask(each, "device")
    return TORCH["cat"]([p.reshape(-1) for p in given])


def vector_to_parameters(vec: Any, parameters: Iterable[Any]) -> None:
    """Write the pieces of a vector into the parameters."""
    if not isinstance(vec, Tensor):
        raise TypeError(f"expected torch.Tensor, but got: {class_name(vec)}")
    at = 0
    for p in parameters:
        ask(p, "device")
        n = math.prod(p._data.shape)
        p.data = vec[at : at + n].view_as(p).data  # type: ignore[index]
        at += n

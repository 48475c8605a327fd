"""How a tensor lies in memory, by PyTorch's constants: torch.strided is a layout, torch.channels_last a memory format."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..arrays.channels_last import as_pictures
from ..dtypes import Spoken
from .places import empty_as


class _Constant:
    """A constant that prints as its name, and is one object however often it is copied or read from a file."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"torch.{self.name}"

    def __reduce__(self) -> tuple[Any, ...]:
        return (named, (self.name,))


class layout(_Constant, metaclass=Spoken):  # noqa: N801 - PyTorch's name
    """A layout: torch.strided."""

    __slots__ = ()


class memory_format(_Constant, metaclass=Spoken):  # noqa: N801 - PyTorch's name
    """A memory format: torch.channels_last."""

    __slots__ = ()


layout.__name__, memory_format.__name__ = "torch.layout", "torch.memory_format"
STRIDED = layout("strided")
CONTIGUOUS = memory_format("contiguous_format")
CHANNELS_LAST = memory_format("channels_last")
CHANNELS_LAST_3D = memory_format("channels_last_3d")
PRESERVE = memory_format("preserve_format")
CONSTANTS: dict[str, _Constant] = {
    c.name: c for c in (STRIDED, layout("sparse_coo"), CONTIGUOUS, CHANNELS_LAST, CHANNELS_LAST_3D, PRESERVE)
}


def named(name: str) -> _Constant:
    """The constant of a name."""
    return CONSTANTS[name]


def slowest_dimension_first(data: Any, wanted: Any) -> Any:
    """A view of an array whose last dimension is the one that lies innermost in a memory format."""
    if wanted not in (CHANNELS_LAST, CHANNELS_LAST_3D):
        return data
    rank = 4 if wanted is CHANNELS_LAST else 5
    if data.ndim != rank:
        raise RuntimeError(f"required rank {rank} tensor to use channels_last{'_3d' if rank == 5 else ''} format")
    return np.moveaxis(data, 1, -1)


def laid_out(data: Any, wanted: Any) -> Any:
    """The numbers of an array, which lies as numpy makes it, in a memory format."""
    if wanted is PRESERVE:
        raise RuntimeError("unsupported memory format Preserve")
    slowest_dimension_first(data, wanted)
    return as_pictures(data, wanted in (CHANNELS_LAST, CHANNELS_LAST_3D))


def empty_like(data: Any, dtype: Any, wanted: Any) -> Any:
    """Memory for as many elements: as they lie in the array, or in a memory format."""
    return empty_as(data, dtype) if wanted in (None, PRESERVE) else laid_out(np.empty(data.shape, dtype), wanted)

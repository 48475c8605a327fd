"""How a tensor lies in memory, by PyTorch's constants: torch.strided is a layout, torch.channels_last a memory format."""

from __future__ import annotations

from typing import Any

from ..dtypes import Spoken


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
CONSTANTS: dict[str, _Constant] = {
    c.name: c for c in (STRIDED, layout("sparse_coo"), CONTIGUOUS, CHANNELS_LAST, CHANNELS_LAST_3D, memory_format("preserve_format"))
}


def named(name: str) -> _Constant:
    """The constant of a name."""
    return CONSTANTS[name]

"""Padding layers (torch.nn)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from .. import functional
from .layer import REQUIRED, RowLayer, layer


class _Pad(RowLayer):
    """Pads the last n dimensions."""

    mode: ClassVar[str]
    n: ClassVar[int]

    def completed(self) -> None:
        given = self.padding
        self.padding = tuple(given) if isinstance(given, Iterable) else (given,) * (2 * self.n)

    def compute(self, *inputs: Any) -> Any:
        return functional.pad(inputs[0], self.padding, self.mode, self.value if self.mode == "constant" else None)


class _Zero(_Pad):
    value: ClassVar[float] = 0.0


class _Circular(_Pad):
    def compute(self, *inputs: Any) -> Any:
        have = inputs[0].dim()
        if have not in (self.n + 1, self.n + 2):
            raise ValueError(f"expected {self.n + 1}D or {self.n + 2}D input (got {have}D input)")
        return super().compute(*inputs)


_BASES: dict[str, type[_Pad]] = {"Zero": _Zero, "Circular": _Circular}


def _pad(kind: str, n: int) -> type[RowLayer]:
    """One layer: kind is "Constant", "Zero", "Reflection", "Replication" or "Circular"."""
    modes = {"Constant": "constant", "Zero": "constant", "Reflection": "reflect", "Replication": "replicate", "Circular": "circular"}
    options: dict[str, Any] = {"padding": REQUIRED} | ({"value": REQUIRED} if kind == "Constant" else {})
    shows = "padding={padding}, value={value}" if kind == "Constant" else "{padding}"
    made = layer(__name__, f"{kind}Pad{n}d", "pad", "Grows the borders.", options, shows=shows, base=_BASES.get(kind, _Pad))
    home = {"Zero": "Constant"}.get(kind, kind)  # the base of PyTorch's whose forward it has: it stands in Python's errors
    made.forward.__qualname__ = f"_{home}PadNd.forward"
    made.mode, made.n = modes[kind], n  # type: ignore[attr-defined]
    return made


ConstantPad1d, ConstantPad2d, ConstantPad3d = (_pad("Constant", n) for n in (1, 2, 3))
ZeroPad1d, ZeroPad2d, ZeroPad3d = (_pad("Zero", n) for n in (1, 2, 3))
ReflectionPad1d, ReflectionPad2d, ReflectionPad3d = (_pad("Reflection", n) for n in (1, 2, 3))
ReplicationPad1d, ReplicationPad2d, ReplicationPad3d = (_pad("Replication", n) for n in (1, 2, 3))
CircularPad1d, CircularPad2d, CircularPad3d = (_pad("Circular", n) for n in (1, 2, 3))

__all__ = [
    "CircularPad1d", "CircularPad2d", "CircularPad3d", "ConstantPad1d", "ConstantPad2d", "ConstantPad3d", "ReflectionPad1d", "ReflectionPad2d",
    "ReflectionPad3d", "ReplicationPad1d", "ReplicationPad2d", "ReplicationPad3d", "ZeroPad1d", "ZeroPad2d", "ZeroPad3d",
]  # fmt: skip

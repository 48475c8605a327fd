"""torch.signal.windows: symmetric or periodic windows, computed of torch's own functions, so that their numbers round as there."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from .. import dtypes
from ..creation.factories import tensor
from ..memory import formats
from ..naming.namespace import TORCH


def _checked(name: str, M: int, given: dict[str, Any]) -> None:
    """PyTorch's checks; fills in the default dtype."""
    given["dtype"] = given.get("dtype") or dtypes.get_default_dtype()
    layout = given.pop("layout", formats.CONSTANTS["strided"])
    if M < 0:
        raise ValueError(f"{name} requires non-negative window length, got M={M}")
    if layout is not formats.CONSTANTS["strided"]:
        raise ValueError(f"{name} is implemented for strided tensors only, got: {layout}")
    if given["dtype"] not in (dtypes.float32, dtypes.float64):
        raise ValueError(f"{name} expects float32 or float64 dtypes, got: {given['dtype']}")


def _line(start: Any, step: Any, M: int, given: dict[str, Any]) -> Any:
    return TORCH["linspace"](start=start * step, end=(start + (M - 1)) * step, steps=M, **given)


def _parts(M: int, sym: bool, least: int) -> float:
    """How many steps the whole window has: a periodic one leaves out its last."""
    return M if not sym and M > 1 else M - least


def exponential(M: int, *, center: float | None = None, tau: float = 1.0, sym: bool = True, **given: Any) -> Any:
    """Falls off by e each `tau` steps."""
    _checked("exponential", M, given)
    if tau <= 0:
        raise ValueError(f"Tau must be positive, got: {tau} instead.")
    if sym and center is not None:
        raise ValueError("Center must be None for symmetric windows")
    if M == 0:
        return TORCH["empty"]((0,), **given)
    middle = _parts(M, sym, 1) / 2.0 if center is None else center
    return (-_line(-middle, 1 / tau, M, given).abs()).exp()


def cosine(M: int, *, sym: bool = True, **given: Any) -> Any:
    """Half a wave of the sine."""
    _checked("cosine", M, given)
    if M == 0:
        return TORCH["empty"]((0,), **given)
    return _line(0.5, math.pi / (M + 1 if not sym and M > 1 else M), M, given).sin()


def gaussian(M: int, *, std: float = 1.0, sym: bool = True, **given: Any) -> Any:
    """The bell curve."""
    _checked("gaussian", M, given)
    if std <= 0:
        raise ValueError(f"Standard deviation must be positive, got: {std} instead.")
    if M == 0:
        return TORCH["empty"]((0,), **given)
    return (-(_line(-_parts(M, sym, 1) / 2.0, 1 / (std * math.sqrt(2)), M, given) ** 2)).exp()


def _short(M: int, given: dict[str, Any]) -> Any:
    return TORCH["ones" if M else "empty"]((M,), **given)


def kaiser(M: int, *, beta: float = 12.0, sym: bool = True, **given: Any) -> Any:
    """By the Bessel function i0; `beta` is how steep."""
    _checked("kaiser", M, given)
    if beta < 0:
        raise ValueError(f"beta must be non-negative, got: {beta} instead.")
    if M < 2:
        return _short(M, given)
    steep: Any = tensor(beta, dtype=given["dtype"])
    step = 2.0 * steep / (M - 1 if sym else M)
    end = TORCH["minimum"](steep, -steep + (M - 1) * step)
    k = TORCH["linspace"](start=-steep, end=end, steps=M, **given)
    return TORCH["i0"]((steep * steep - k**2).sqrt()) / TORCH["i0"](steep)


def bartlett(M: int, *, sym: bool = True, **given: Any) -> Any:
    """A triangle."""
    _checked("bartlett", M, given)
    if M < 2:
        return _short(M, given)
    step = 2 / (M - 1 if sym else M)
    return 1 - TORCH["linspace"](start=-1, end=-1 + (M - 1) * step, steps=M, **given).abs()


def general_cosine(M: int, *, a: Any, sym: bool = True, **given: Any) -> Any:
    """A sum of cosines, whose weights alternate in sign."""
    _checked("general_cosine", M, given)
    if M < 2:
        return _short(M, given)
    if not isinstance(a, Iterable):
        raise TypeError("Coefficients must be a list/tuple")
    if not a:
        raise ValueError("Coefficients cannot be empty")
    k = TORCH["linspace"](start=0, end=(M - 1) * (2 * math.pi / (M - 1 if sym else M)), steps=M, **given)
    wants = bool(given.get("requires_grad"))
    weights: Any = tensor([(-1) ** i * w for i, w in enumerate(a)], dtype=given["dtype"], requires_grad=wants)
    i = TORCH["arange"](len(weights), dtype=given["dtype"], requires_grad=wants)
    return (weights.unsqueeze(-1) * (i.unsqueeze(-1) * k).cos()).sum(0)


def general_hamming(M: int, *, alpha: float = 0.54, sym: bool = True, **given: Any) -> Any:
    """One cosine on a step of height `alpha`."""
    return general_cosine(M, a=[alpha, 1.0 - alpha], sym=sym, **given)


def hamming(M: int, *, sym: bool = True, **given: Any) -> Any:
    """general_hamming with 0.54."""
    return general_hamming(M, sym=sym, **given)


def hann(M: int, *, sym: bool = True, **given: Any) -> Any:
    """general_hamming with 0.5: both ends are 0."""
    return general_hamming(M, alpha=0.5, sym=sym, **given)


def blackman(M: int, *, sym: bool = True, **given: Any) -> Any:
    """Three cosines."""
    _checked("blackman", M, given)
    return general_cosine(M, a=[0.42, 0.5, 0.08], sym=sym, **given)


def nuttall(M: int, *, sym: bool = True, **given: Any) -> Any:
    """Four cosines."""
    return general_cosine(M, a=[0.3635819, 0.4891775, 0.1365995, 0.0106411], sym=sym, **given)


__all__ = [
    "bartlett", "blackman", "cosine", "exponential", "gaussian", "general_cosine", "general_hamming", "hamming", "hann", "kaiser", "nuttall",
]  # fmt: skip
